"""Every mistake in the site folder is told with file, line, key and remedy."""

from __future__ import annotations

from pathlib import Path

import pytest

from wikibridge.errors import SettingsError
from wikibridge.markup import wikitext
from wikibridge.pages.render import Templates
from wikibridge.site import Site, open_wiki

CASES = {
    "misspelt key": ("wiki:\n  kind: folder\n  pfad: x\n", ("line 3", "wiki.pfad")),
    "near key": ("wiki:\n  kind: folder\nlangages: [en]\n", ("line 3", "languages")),
    "wrong kind": ("wiki:\n  kind: mediawikki\n", ("line 2", "mediawiki")),
    "missing key": ("languages: [en]\n", ("wiki", "missing")),
    "wrong zone": ("wiki: {kind: folder}\ntime_zone: Brussels\n", ("line 2", "Europe/Brussels")),
    "twice": ("wiki: {kind: folder}\nwiki: {kind: folder}\n", ("line 2", "twice")),
    "alias": ("wiki: &a {kind: folder}\nx: *a\n", ("line 1", "not allowed")),
    "not YAML": ("wiki: {kind: folder\n", ("line",)),
    "a tag": ("wiki: !!python/object:os.system {kind: folder}\nlanguages: 3\n", ("languages",)),
    "no address": ("wiki: {kind: mediawiki}\n", ("wiki.address", "missing")),
    "no address of a Tiki": ("wiki: {kind: tiki}\n", ("wiki.address", "missing")),
    "a Tiki over plain http": ("wiki:\n  kind: tiki\n  address: http://w.example/\n", ("line 3", "https")),
    "a quiet time that never ends": ("wiki:\n  kind: tiki\n  quiet_minutes: 5000\n", ("line 3", "quiet_minutes")),
    "no mapping": ("- a\n", ("line 1",)),
}


@pytest.mark.parametrize(("text", "told"), CASES.values(), ids=CASES)
def test_mistakes_name_file_line_and_remedy(tmp_path: Path, text: str, told: tuple[str, ...]) -> None:
    (tmp_path / "wikibridge.yml").write_text(text)
    with pytest.raises(SettingsError) as caught:
        Site(tmp_path)
    assert caught.value.exit_code == 2
    assert all(word in str(caught.value) for word in ("wikibridge.yml", *told)), str(caught.value)


def test_words_that_other_yaml_readers_twist_stay_words(tmp_path: Path) -> None:
    (tmp_path / "wikibridge.yml").write_text("wiki: {kind: folder, account: no, contact: 2020-11-03}\n")
    settings = Site(tmp_path).settings
    assert (settings.wiki.account, settings.wiki.contact) == ("no", "2020-11-03")


def test_password_file_that_others_can_read_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("WIKIBRIDGE_PASSWORD", raising=False)
    (tmp_path / "wikibridge.yml").write_text("wiki: {kind: mediawiki, address: 'https://w.example/api.php'}\n")
    site = Site(tmp_path)
    with pytest.raises(SettingsError, match="missing"):
        site.password()
    (tmp_path / "password").write_text("secret\n")
    (tmp_path / "password").chmod(0o644)
    with pytest.raises(SettingsError, match="chmod 600"):
        site.password()
    (tmp_path / "password").chmod(0o600)
    assert site.password() == "secret"


def test_the_token_of_a_tiki_is_kept_as_passwords_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("WIKIBRIDGE_TOKEN", raising=False)
    monkeypatch.setenv("WIKIBRIDGE_PASSWORD", "that of another wiki")
    (tmp_path / "wikibridge.yml").write_text("wiki: {kind: tiki, address: 'https://w.example/', account: Bot, quiet_minutes: 30}\n")
    site = Site(tmp_path)
    with pytest.raises(SettingsError, match="WIKIBRIDGE_TOKEN"):
        site.password()
    (tmp_path / "token").write_text("abc\n")
    (tmp_path / "token").chmod(0o644)
    with pytest.raises(SettingsError, match="chmod 600"):
        site.password()
    (tmp_path / "token").chmod(0o600)
    assert site.password() == "abc"
    wiki = open_wiki(site)
    assert wiki.identity == "https://w.example/" and not wiki.guarantees.atomic and wiki.requests == 0


@pytest.mark.parametrize(("text", "line"), [("a\n<< nobody >>\n", "line 2"), ("<% if %>", "line 1"), ("x\n\n<< 1 / 0 >>", "line 3"),
                                            ("<< ''.__class__.__mro__ >>", "line 1")])
def test_template_mistake_names_file_and_line(tmp_path: Path, text: str, line: str) -> None:
    (tmp_path / "t.wiki").write_text(text)
    with pytest.raises(SettingsError, match=rf"t\.wiki, {line}"):
        Templates((tmp_path,), wikitext.escape).render("t.wiki", {})


def test_template_values_are_escaped(tmp_path: Path) -> None:
    (tmp_path / "t.wiki").write_text("{{A|x=<< x >>}}")
    assert Templates((tmp_path,), wikitext.escape).render("t.wiki", {"x": "}}{{evil|"}) == "{{A|x=&#125;&#125;&#123;&#123;evil&#124;}}"
