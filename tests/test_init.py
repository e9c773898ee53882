"""``wikibridge init`` as a secretariat meets it: an address is pasted, an account tried, a folder written, nothing asked twice."""

from __future__ import annotations

import http.server
import json
import os
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import parse_qs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.terminal import talk
from tests.test_cli import cli, told
from tests.test_finding import EDIT_URI, facts
from tests.test_finding import site as pages_of
from tests.test_mediawiki_faults import reply, serving
from tests.tiki_client import StartTiki
from wikibridge import Site
from wikibridge.demo.mediawiki_server import Account, MediaWikiServer
from wikibridge.i18n import LANGUAGES, message
from wikibridge.setup import folder as folders
from wikibridge.setup import guess
from wikibridge.setup.folder import Facts
from wikibridge.site import Settings
from wikibridge.yaml_text import checked

SHOWN = {".": {"wikibridge.yml", "participants.csv", "jobs", "page_templates", "entries"}}


def files(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture(scope="module")
def secretariat(mediawiki: MediaWikiServer) -> Account:
    return mediawiki.bot_password(mediawiki.user("Secretariat", ("bot",)).name, "wikibridge")


# At a terminal


@pytest.mark.live
def test_a_newcomer_at_a_terminal(mediawiki: MediaWikiServer, secretariat: Account, tmp_path: Path) -> None:
    said = talk(["init", "my-wiki"], [
        ("Address of any page", "127.0.0.1:9"), ("Address of any page", mediawiki.address + "index.php/Main_Page"),
        ("Account", secretariat.name), ("Bot password", secretariat.password),
        ("Languages", "en, de"), ("Languages", "pt en"), ("Time zone", "Lisbon"), ("Time zone", "Europe/Lisbon"),
        ("titles", "[x]"), ("titles", ""), ("e-mail", "me@example.org"),
    ], tmp_path)
    assert said.code == 0, said.text
    assert secretariat.password not in said.text, "it is not shown, not even as it is typed"
    for words in ("Connection refused", "MediaWiki 1.", f"{mediawiki.address}index.php?title=Special:BotPasswords", "Secretariat",
                  "✓ edit pages", "✓ read 500 pages", "en, fr, pt", "Europe/Brussels", "--participants: expected"):
        assert words in said.text, (words, said.text)
    folder = tmp_path / "my-wiki"
    site = Site(folder)
    assert site.settings.wiki.address == mediawiki.address + "api.php" and site.settings.wiki.contact == "me@example.org"
    assert (site.settings.languages, site.settings.time_zone, site.settings.participants) == (("pt", "en"), "Europe/Lisbon", "Participantes/")
    assert site.password() == secretariat.password and stat.S_IMODE((folder / "password").stat().st_mode) == 0o600
    assert {path.name for path in folder.iterdir()} == {*SHOWN["."], "password"}
    assert not any(list((folder / name).iterdir()) for name in ("jobs", "page_templates", "entries"))
    before = files(folder)
    again = talk(["init", "my-wiki"], [], tmp_path)
    assert again.code == 0 and "nothing in it is changed" in again.text and files(folder) == before
    (folder / "password").unlink()
    last = talk(["init"], [("Bot password", secretariat.password)], folder)
    assert last.code == 0 and "Only the account’s secret" in last.text and "Address of any" not in last.text
    assert files(folder) == before


@pytest.mark.live
def test_a_wrong_password_is_tried_once_and_then_only_when_somebody_says_so(
    mediawiki: MediaWikiServer, secretariat: Account, tmp_path: Path
) -> None:
    said = talk(["init", "--wiki", mediawiki.address, "--languages", "en", "--time-zone", "UTC", "--participants", "P/", "--contact", "x@example.org"], [
        ("Account", secretariat.name), ("Bot password", "swordfish"), ("Try another", "y"),
        ("Account", ""), ("Bot password", secretariat.password)], tmp_path)
    assert said.code == 0 and said.text.count("refused the account") == 1, said.text
    assert Site(tmp_path).password() == secretariat.password
    no = talk(["init", "b", "--wiki", mediawiki.address], [("Account", secretariat.name), ("Bot password", "swordfish"), ("Try another", "")], tmp_path)
    assert no.code == 1 and "Special:BotPasswords" in no.text and not (tmp_path / "b").exists()


@pytest.mark.live
@pytest.mark.parametrize("question", ["Address of any page", "Account", "Bot password", "Languages", "Time zone"])
def test_stopped_at_any_question_nothing_is_left(mediawiki: MediaWikiServer, secretariat: Account, tmp_path: Path, question: str) -> None:
    answers = [("Address of any page", mediawiki.address), ("Account", secretariat.name), ("Bot password", secretariat.password),
               ("Languages", "en"), ("Time zone", "")]
    place = [asked for asked, _ in answers].index(question)
    said = talk(["init", "my-wiki"], [*answers[:place], (question, "^C")], tmp_path)
    assert said.code == 130 and "stopped" in said.text and "Traceback" not in said.text
    assert not list(tmp_path.iterdir())


# Scripts


@pytest.mark.live
def test_a_script_gives_all_as_options(mediawiki: MediaWikiServer, secretariat: Account, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text(secretariat.password + "\n")
    done = cli("init", "site", "--yes", "--wiki", mediawiki.address, "--account", secretariat.name, "--password-file", "secret",
               "--languages", "fr,en", "--time-zone", "Europe/Brussels", "--participants", "Acteurs/", folder=tmp_path, LANG="fr_BE.UTF-8")
    assert done.returncode == 0 and not done.stderr, done
    settings = Site(tmp_path / "site").settings
    assert (settings.languages, settings.time_zone, settings.participants, settings.language) == (("fr", "en"), "Europe/Brussels", "Acteurs/", "fr")
    assert "Les langues des pages" in (tmp_path / "site" / "wikibridge.yml").read_text()
    assert (tmp_path / "site" / "participants.csv").read_text(encoding="utf-8-sig").split("\n")[0] == "nom;type;langue;territoire;groupe;utilisateur"
    run = cli("plan", folder=tmp_path / "site", LANG="C")
    assert run.returncode == 0, run.stderr
    guessed = cli("init", "other", "--yes", "--wiki", mediawiki.address, "--account", secretariat.name, folder=tmp_path,
                  LANG="pt_PT.UTF-8", TZ="Atlantic/Azores", WIKIBRIDGE_PASSWORD=secretariat.password)
    assert guessed.returncode == 0, guessed
    settings = Site(tmp_path / "other").settings
    assert (settings.languages, settings.time_zone) == (("en", "pt"), "Atlantic/Azores"), "the wiki's language, and the secretariat's"
    assert (tmp_path / "other" / "password").read_text().strip() == secretariat.password, "cron has no such variable"


@pytest.mark.live
def test_rights_that_are_missing_are_told_with_who_can_give_them(mediawiki: MediaWikiServer, tmp_path: Path) -> None:
    mediawiki.user("Halfway", ("bot",))
    weak = Account("Halfway@weak", "w" * 32)
    mediawiki.maintenance("createBotPassword", "--appid", "weak", "--grants", "basic,editpage", "--", "Halfway", weak.password)
    plain = mediawiki.bot_password(mediawiki.user("Citizen Init").name, "plain")
    for account, words in (
            (weak, ("✗ create pages", "Create, edit, and move pages", "! edit as a bot", "High-volume", "Special:BotPasswords")),
            (plain, ("✓ create pages", "! edit as a bot", "into the group “bot”", "Special:UserRights"))):
        done = cli("init", account.name, "--yes", "--wiki", mediawiki.address, "--account", account.name, folder=tmp_path, WIKIBRIDGE_PASSWORD=account.password)
        assert done.returncode == 0 and all(word in done.stdout for word in words), done.stdout
        assert account.password not in done.stdout


MISSING = {
    "--wiki": ["--account", "A@b"],
    "--account": ["--wiki", "{}"],
    "--password-file": ["--wiki", "{}", "--account", "A@b"],
}


@pytest.mark.parametrize("option", MISSING)
def test_a_script_that_forgets_something_is_told_which_option(option: str, tmp_path: Path) -> None:
    with serving(pages_of({"/w/api.php": facts()})) as address:
        told(cli("init", "site", "--yes", *(each.format(address) for each in MISSING[option]), folder=tmp_path), 2, option)
    assert not (tmp_path / "site").exists()


WRONG = {"--languages": "en,de", "--time-zone": "Brussels", "--participants": "{{x}}"}


@pytest.mark.parametrize("option", WRONG)
def test_an_option_that_cannot_be_is_told(option: str, tmp_path: Path) -> None:
    told(cli("init", "site", "--yes", "--wiki", "folder", option, WRONG[option], folder=tmp_path), 2, option)
    assert not (tmp_path / "site").exists()


def test_exit_codes_of_what_answers(tmp_path: Path) -> None:
    with serving(pages_of({"/": "A shop"})) as address:
        told(cli("init", "--yes", "--wiki", address.removesuffix("w/api.php"), "--account", "A@b", folder=tmp_path), 2, "HTTP 200", "Some page")
    told(cli("init", "--yes", "--wiki", address, "--account", "A@b", folder=tmp_path), 75, "refused")
    assert not list(tmp_path.iterdir())


def test_a_folder_to_rehearse_in(tmp_path: Path) -> None:
    done = cli("init", "site", "--yes", "--wiki", "folder", folder=tmp_path)
    assert done.returncode == 0 and not done.stderr
    folder = tmp_path / "site"
    assert {path.name for path in folder.iterdir()} == SHOWN["."], "no secret, and nothing needless"
    with open(folder / "participants.csv", "a", encoding="utf-8") as file:
        file.write("Ana\r\n")
    assert cli("run", folder=folder).returncode == 0 and any("Ana" in name for name in files(folder / "wiki"))
    before = files(folder)
    assert cli("init", "--yes", "--wiki", "https://wiki.example.org/", "--languages", "pt", folder=folder).returncode == 0
    assert files(folder) == before


@pytest.mark.parametrize("typed", ["", "HomePage", "tiki-index.php?page=HomePage"])
def test_a_tiki(start_tiki: StartTiki, tmp_path: Path, typed: str) -> None:
    tiki = start_tiki("24.1", language="fr")
    tiki.server.edit("HomePage", "Hello")
    token = tiki.server.people.token("Secretariat")
    done = cli("init", "site", "--yes", "--wiki", tiki.server.address + typed, "--account", "Secretariat", folder=tmp_path, WIKIBRIDGE_TOKEN=token)
    assert done.returncode == 0 and "Tiki 24.1" in done.stdout and "✓ edit pages" in done.stdout, done
    assert token not in done.stdout + done.stderr
    site = Site(tmp_path / "site")
    assert (site.settings.wiki.kind, site.settings.wiki.address, site.password()) == ("tiki", tiki.server.address, token)
    assert stat.S_IMODE((site.folder / "token").stat().st_mode) == 0o600


def test_a_tiki_that_refuses_the_token_or_lets_it_only_read(start_tiki: StartTiki, tmp_path: Path) -> None:
    tiki = start_tiki("24.1")
    tiki.server.edit("HomePage", "Hello")
    options = ["init", "site", "--yes", "--wiki", tiki.server.address, "--account", "Reader"]
    told(cli(*options, folder=tmp_path, WIKIBRIDGE_TOKEN="0" * 64), 1, "token")
    assert not (tmp_path / "site").exists()
    tiki.server.people.groups["Registered"] = {"view"}
    done = cli(*options, folder=tmp_path, WIKIBRIDGE_TOKEN=tiki.server.people.token("Reader"))
    assert done.returncode == 0 and "✗ edit pages" in done.stdout and "tiki_p_edit" in done.stdout


# What must not happen


def _wiki(sent: list[str], login: str = "Success") -> Callable[[http.server.BaseHTTPRequestHandler, bytes], None]:
    """Just enough of a MediaWiki to log in to."""
    def answer(handler: http.server.BaseHTTPRequestHandler, body: bytes) -> None:
        sent.append(handler.path + " " + body.decode())
        asked = parse_qs(handler.path.partition("?")[2]) | parse_qs(body.decode())
        if "lgpassword" in asked:
            found: dict[str, object] = {"login": {"result": login, "lgusername": "Keeper", "reason": f"no {asked['lgpassword'][0]}"}}
        elif "login" in asked.get("type", []):
            found = {"query": {"tokens": {"logintoken": "abc+\\"}}}
        elif "userinfo" in asked.get("meta", [""])[0]:
            found = {"query": {"userinfo": {"name": "Keeper", "groups": ["*", "user"], "rights": ["edit"]},
                               "usergroups": [{"name": "user", "rights": ["edit", "createpage"]}]}}
        else:
            found = facts()
        reply(handler, json.dumps(found).encode(), [])

    return answer


@pytest.fixture
def elsewhere() -> Iterator[tuple[str, list[str]]]:
    """A wiki of other people, and what it was sent."""
    sent: list[str] = []
    with serving(_wiki(sent)) as address:
        yield address.replace("127.0.0.1", "localhost"), sent


@pytest.mark.parametrize("way", ["link", "redirect"])
def test_the_password_goes_to_no_server_that_nobody_named(way: str, elsewhere: tuple[str, list[str]], tmp_path: Path) -> None:
    to, sent = elsewhere
    lead = pages_of({"/": EDIT_URI.format(to)}) if way == "link" else lambda handler, _: reply(handler, b"", [], 302, location=to)
    with serving(lead) as address:
        home = address.removesuffix("w/api.php")
        told(cli("init", "site", "--yes", "--wiki", home, "--account", "K@b", folder=tmp_path, WIKIBRIDGE_PASSWORD="secret-canary"), 2, "localhost", home)
        assert not sent and not (tmp_path / "site").exists()
        no = talk(["init", "site", "--account", "K@b"], [("Address of any", home), ("Is that your wiki?", "n"), ("Address of any", "^C")], tmp_path)
        assert no.code == 130 and not sent
        yes = talk(["init", "site", "--account", "K@b", "--languages", "en", "--time-zone", "UTC", "--participants", "P/", "--contact", ""], [
            ("Address of any", home), ("Is that your wiki?", "y"), ("Bot password", "secret-canary")], tmp_path)
    assert yes.code == 0 and Site(tmp_path / "site").settings.wiki.address == to
    assert any("secret-canary" in each for each in sent) and "secret-canary" not in yes.text


def test_a_wiki_that_sends_the_password_back_does_not_make_it_shown(tmp_path: Path) -> None:
    sent: list[str] = []
    with serving(_wiki(sent, "Failed")) as address:
        done = cli("--debug", "init", "site", "--yes", "--wiki", address, "--account", "K@b", folder=tmp_path, WIKIBRIDGE_PASSWORD="secret-canary")
    assert done.returncode == 1 and "LoginFailed" in done.stderr and "secret-canary" not in done.stderr + done.stdout
    assert sum("secret-canary" in each for each in sent) == 1, "tried once"


def test_the_name_of_a_wiki_does_not_steer_the_terminal(tmp_path: Path) -> None:
    with serving(pages_of({"/w/api.php": facts(sitename="A\x1b[2J\u202ewiki")})) as address:
        done = cli("init", "--yes", "--wiki", address, "--account", "K@b", folder=tmp_path)
    assert "\x1b" not in done.stdout and "\u202e" not in done.stdout and "\\u001b[2J" in done.stdout


def test_a_password_cannot_be_given_on_the_command_line(tmp_path: Path) -> None:
    assert cli("init", "--password", "secret", folder=tmp_path).returncode == 2
    assert "--password-file" in cli("init", "--help", folder=tmp_path).stdout


@pytest.mark.parametrize("secret", ["", "two\nlines", "  "])
def test_what_is_no_password(secret: str, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text(secret)
    with serving(pages_of({"/w/api.php": facts()})) as address:
        done = cli("init", "site", "--yes", "--wiki", address, "--account", "K@b", "--password-file", "secret", folder=tmp_path)
    assert done.returncode == 2 and not (tmp_path / "site").exists()


def test_a_file_in_the_way_is_told_before_anything_is_asked(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    for name in ("file", "file/below"):
        told(cli("init", name, "--yes", folder=tmp_path), 2, name, "cannot be a site folder")


def test_what_is_in_the_folder_already_stays(tmp_path: Path) -> None:
    (tmp_path / "participants.csv").write_text("name\nAna\n")
    (tmp_path / "jobs").mkdir()
    (tmp_path / "jobs" / "mine.yml").write_text("kind: problems\n")
    assert cli("init", "--yes", "--wiki", "folder", folder=tmp_path).returncode == 0
    assert (tmp_path / "participants.csv").read_text() == "name\nAna\n" and (tmp_path / "jobs" / "mine.yml").exists()


KILLED = """
import os, sys
from wikibridge.cli.main import main
from wikibridge.setup import folder
whole = folder.put
def put(path, data, mode=0o644):
    if path.name == os.environ["KILLED"]:
        os._exit(9)
    whole(path, data, mode)
folder.put = put
main()
"""


def test_killed_before_the_settings_the_folder_is_no_site_and_the_next_time_finishes_it(tmp_path: Path) -> None:
    with serving(_wiki([])) as address:
        options = ["init", "site", "--yes", "--wiki", address, "--account", "K@b"]
        for name in ("password", "participants.csv", "wikibridge.yml"):
            done = subprocess.run([sys.executable, "-c", KILLED, *options], cwd=tmp_path, capture_output=True, timeout=60, check=False,
                                  env={**os.environ, "KILLED": name, "WIKIBRIDGE_PASSWORD": "secret-canary"})
            assert done.returncode == 9, done.stderr
            assert not (tmp_path / "site" / "wikibridge.yml").exists() and not list((tmp_path / "site").glob(".*.new"))
        # The password is there from before: it is not asked for.
        assert (tmp_path / "site" / "password").read_text() == "secret-canary\n"
        assert cli(*options, folder=tmp_path).returncode == 0 and Site(tmp_path / "site")


# What is written, and what is guessed


ODD = st.text(st.characters(blacklist_categories=("Cs", "Cc")), min_size=1, max_size=40)


@given(ODD, ODD, ODD, st.sampled_from(LANGUAGES), st.sampled_from(["mediawiki", "tiki", "folder"]))
def test_whatever_is_answered_is_what_the_settings_say(address: str, account: str, contact: str, language: str, kind: str) -> None:
    said = Facts(kind, address, account, contact, ("pt", "en"), "Europe/Lisbon", "Gente: a/", language)
    read = checked(Settings, folders.settings(said, lambda key, *params: message(key, language, *params)), "x")
    assert (read.languages, read.time_zone, read.participants, read.language) == (("pt", "en"), "Europe/Lisbon", "Gente: a/", language)
    if kind != "folder":
        assert (read.wiki.kind, read.wiki.address, read.wiki.account, read.wiki.contact) == (kind, address, account, contact)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_table_has_all_columns_in_the_secretariats_language(language: str, make_site: Callable[..., Site]) -> None:
    site = make_site()
    (site.folder / "participants.csv").write_bytes(folders.table(language) + ("," if language == "en" else ";").join(["Ana", "", "pt", "Faro", "", ""]).encode())
    done = cli("plan", folder=site.folder)
    assert done.returncode == 0 and "Ana" in done.stdout and "Faro" in done.stdout and "not known" not in done.stdout, done.stdout


def test_the_time_zone_is_that_of_the_machine(tmp_path: Path) -> None:
    assert guess.time_zone({}, tmp_path) == "UTC"
    (tmp_path / "timezone").write_text("America/Sao_Paulo\n")
    assert guess.time_zone({}, tmp_path) == "America/Sao_Paulo"
    (tmp_path / "localtime").symlink_to("/usr/share/zoneinfo/Europe/Lisbon")
    assert guess.time_zone({}, tmp_path) == "Europe/Lisbon"
    assert guess.time_zone({"TZ": ":Europe/Paris"}, tmp_path) == "Europe/Paris"
    assert guess.time_zone({"TZ": "CET-1CEST"}, tmp_path) == guess.time_zone({"TZ": "../../etc/passwd"}, tmp_path) == "Europe/Lisbon"


def test_the_languages_are_those_of_the_wiki_and_of_the_secretariat() -> None:
    assert guess.languages("pt-br", "en") == ("pt", "en") and guess.languages("fr", "fr") == ("fr",)
    assert guess.languages("de", "fr") == ("fr",) and guess.languages("de", "") == LANGUAGES
