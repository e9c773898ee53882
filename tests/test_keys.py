"""The system's keyring: found where it is, never waited for, never in the way where it is not needed."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from wikibridge import Site, keys
from wikibridge.errors import SettingsError

BACKENDS = '''
import json, os, sys, time
from keyring.backend import KeyringBackend
from keyring.errors import KeyringLocked

PLACE = os.path.join(os.path.dirname(__file__), "kept.json")


class Keeps(KeyringBackend):
    priority = 1

    def _all(self):
        return json.load(open(PLACE)) if os.path.exists(PLACE) else {}

    def get_password(self, service, username):
        print("what a backend says")
        return self._all().get(f"{service}|{username}")

    def set_password(self, service, username, password):
        kept = {**self._all(), f"{service}|{username}": password}
        json.dump(kept, open(PLACE, "w"))


class Locked(Keeps):
    def get_password(self, service, username):
        raise KeyringLocked("the collection is locked")

    set_password = get_password


class Asks(Keeps):
    def get_password(self, service, username):
        return input("Password of the keyring: ") + open("/dev/tty").read()


class Hangs(Keeps):
    def get_password(self, service, username):
        time.sleep(600)


class Forgets(Keeps):
    def set_password(self, service, username, password):
        pass
'''
ADDRESS, ACCOUNT = "https://wiki.example.org/w/api.php", "Keeper@app"


@pytest.fixture
def backend(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> object:
    """Chooses the keyring of this test."""
    (tmp_path / "keyrings_of_test.py").write_text(BACKENDS)
    monkeypatch.delenv("WIKIBRIDGE_PASSWORD", raising=False)

    def choose(name: str) -> None:
        monkeypatch.setenv("PYTHONPATH", str(tmp_path))
        monkeypatch.setenv("PYTHON_KEYRING_BACKEND", f"keyrings_of_test.{name}" if "." not in name else name)

    return choose


@pytest.fixture
def site(tmp_path: Path) -> Site:
    folder = tmp_path / "site"
    folder.mkdir()
    (folder / "wikibridge.yml").write_text(f"wiki: {{kind: mediawiki, address: '{ADDRESS}', account: {ACCOUNT}}}\n")
    return Site(folder)


def test_what_is_put_into_a_keyring_comes_out_again(backend: object, site: Site) -> None:
    backend("Keeps")  # type: ignore[operator]
    secret = "é \"x\" \\ 🔑"
    assert keys.put(ADDRESS, ACCOUNT, secret)
    assert site.password() == secret
    assert keys.get(ADDRESS, "Somebody@app", Path("x")) == keys.get("https://other.example/", ACCOUNT, Path("x")) == ""
    assert not (site.folder / "password").exists()


def test_variable_and_file_come_first_and_the_keyring_is_not_asked(backend: object, site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    backend("Hangs")  # type: ignore[operator]
    monkeypatch.setattr(keys, "_asked", lambda *_: pytest.fail("asked"))
    (site.folder / "password").write_text("of the file\n")
    (site.folder / "password").chmod(0o600)
    assert site.password() == "of the file"
    monkeypatch.setenv("WIKIBRIDGE_PASSWORD", "of the variable")
    assert site.password() == "of the variable"
    assert "keyring" not in sys.modules


@pytest.mark.parametrize(("name", "words"), [("Locked", "the collection is locked"), ("Asks", ""), ("Hangs", "no answer within")])
def test_a_keyring_that_does_not_answer_leads_to_a_sentence(
    backend: object, site: Site, name: str, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    backend(name)  # type: ignore[operator]
    monkeypatch.setattr(keys, "PATIENCE", 2 if name == "Hangs" else 20)
    with pytest.raises(SettingsError) as caught:
        site.password()
    assert caught.value.key == "keyring-broken" and words in str(caught.value) and str(site.folder / "password") in str(caught.value)
    assert not keys.put(ADDRESS, ACCOUNT, "x")


@pytest.mark.parametrize("name", ["keyring.backends.fail.Keyring", "keyring.backends.null.Keyring"])
def test_no_keyring_is_no_error(backend: object, site: Site, name: str) -> None:
    backend(name)  # type: ignore[operator]
    assert not keys.put(ADDRESS, ACCOUNT, "x")
    with pytest.raises(SettingsError) as caught:
        site.password()
    assert caught.value.key == "password-missing" and "wikibridge init" in str(caught.value)


def test_a_keyring_that_forgets_what_it_was_given_is_none(backend: object) -> None:
    backend("Forgets")  # type: ignore[operator]
    assert not keys.put(ADDRESS, ACCOUNT, "x")


def test_a_file_called_keyring_in_the_folder_of_a_run_is_not_the_keyring(
    backend: object, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    backend("Keeps")  # type: ignore[operator]
    (site.folder / "keyring.py").write_text("raise SystemExit('taken in')")
    (site.folder / "json.py").write_text("raise SystemExit('taken in')")
    monkeypatch.chdir(site.folder)
    assert keys.put(ADDRESS, ACCOUNT, "x") and site.password() == "x"
