"""The commands as the secretariat meets them: a sentence on stderr, an exit code, never a traceback."""

from __future__ import annotations

import http.server
import json
import os
import re
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from wikibridge import Site
from wikibridge.demo.mediawiki_server import MediaWikiServer
from wikibridge.entries.types import shipped
from wikibridge.jobs.boxes import form_title, intro_title
from wikibridge.wikis.folder import FolderWiki

SETTINGS = "wiki: {{kind: mediawiki, address: '{}', account: '{}', timeout: 2}}\nlanguages: [en]\n"


def cli(*args: str, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    plain = {k: v for k, v in os.environ.items() if not k.startswith(("LC_", "LANG", "WIKIBRIDGE"))}
    return subprocess.run(
        [sys.executable, "-m", "wikibridge", *args], cwd=folder, env={**plain, "PYTHONUTF8": "1", **environment}, text=True,
        capture_output=True, timeout=120, check=False)


def told(done: subprocess.CompletedProcess[str], code: int, *words: str) -> None:
    """One line that says what, where and what to do; nothing else on stderr."""
    assert done.returncode == code, done
    assert done.stderr.startswith("wikibridge: ") and done.stderr.count("\n") == 1, done.stderr
    for word in words:
        assert word in done.stderr, done.stderr
    assert "Traceback" not in done.stderr + done.stdout and "secret-canary" not in done.stderr + done.stdout


@pytest.fixture
def remote(tmp_path: Path) -> Callable[..., Path]:
    def make(address: str, account: str = "Bot@app", password: str = "secret-canary") -> Path:
        (tmp_path / "wikibridge.yml").write_text(SETTINGS.format(address, account), encoding="utf-8")
        (tmp_path / "participants.csv").write_text("name\nAna\n", encoding="utf-8")
        (tmp_path / "password").write_text(password, encoding="utf-8")
        (tmp_path / "password").chmod(0o600)
        return tmp_path

    return make


@pytest.fixture
def page() -> Iterator[str]:
    """The address of a web page that is no wiki."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"<html>Hello")

        do_POST = do_GET

        def log_message(self, format: str, *args: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


def test_help_names_every_command(tmp_path: Path) -> None:
    done = cli("--help", folder=tmp_path)
    assert done.returncode == 0 and all(name in done.stdout for name in ("demo", "install", "plan", "run", "status"))


def test_no_site_folder(tmp_path: Path) -> None:
    told(cli("run", folder=tmp_path), 2, str(tmp_path), "wikibridge.yml", "--site")


def test_a_mistake_in_the_settings(tmp_path: Path) -> None:
    (tmp_path / "wikibridge.yml").write_text("wiki:\n  kind: folder\nlangages: [en]\n")
    told(cli("plan", folder=tmp_path), 2, "wikibridge.yml, line 3", "langages", "languages")


@pytest.mark.parametrize(("text", "words"), [
    ("kind: sumaries\n", ("jobs/x.yml", "sumaries", "summaries")),
    ("kind: summaries\npage: {en: S}\nblocks:\n  - name: a\n    heading: {en: A}\n    bye: theme\n", ("jobs/x.yml, line 6", "bye", "by")),
    ("kind: summaries\npage: {en: S}\nblocks:\n  - {name: a, heading: {en: A}, by: tehmes}\n", ("jobs/x.yml", "“a”", "tehmes", "theme")),
    ("kind: summaries\npage: {en: S}\nblocks:\n  - {name: a, heading: {en: A}, of: chioce}\n", ("x", "chioce", "choice")),
    ("kind: summaries\npage: {en: S}\nblocks:\n  - {name: a, heading: {en: A}, limit: lots}\n", ("jobs/x.yml", "“a”", "lots", "500")),
    ("kind: summaries\npage: {en: S}\nblocks:\n  - {name: a, heading: {en: A}}\n  - {name: a, heading: {en: B}}\n", ("jobs/x.yml, line 3", "“a” is there twice")),
])
def test_a_mistake_in_a_job_file(make_site: Callable[..., Site], text: str, words: tuple[str, ...]) -> None:
    told(cli("run", "x", folder=make_site("name\nAna\n", files={"jobs/x.yml": text}).folder), 2, *words)


def test_a_job_and_a_command_that_are_not_there(make_site: Callable[..., Site]) -> None:
    folder = make_site().folder
    told(cli("run", "sumaries", folder=folder), 2, "sumaries", "summaries")
    assert cli("rum", folder=folder).returncode == 2


def test_a_template_with_a_mistake(make_site: Callable[..., Site]) -> None:
    site = make_site("name\nAna\n", files={"page_templates/mediawiki/en/participant.wiki": "a\n\n<< nmae >>"})
    told(cli("run", "participants", folder=site.folder), 2, "mediawiki/en/participant.wiki, line 3", "nmae")
    assert not list((site.folder / "wiki").rglob("*.wiki"))


def test_errors_speak_the_secretariats_language(tmp_path: Path) -> None:
    told(cli("run", folder=tmp_path, LANG="fr_BE.UTF-8"), 2, "n’est pas un dossier de site")
    told(cli("run", folder=tmp_path, LC_ALL="pt_PT.UTF-8"), 2, "não é")


def test_debug_shows_the_traceback(tmp_path: Path) -> None:
    assert "Traceback" in cli("--debug", "run", folder=tmp_path).stderr


def test_run_plan_and_status(make_site: Callable[..., Site]) -> None:
    folder = make_site("name\nAna\n").folder
    assert cli("status", folder=folder).stdout == "No run yet.\n"
    planned = cli("plan", folder=folder).stdout
    assert "Create “Participants/Ana”" in planned and "+|name=Ana" in planned and "To create: 4." in planned
    assert not list((folder / "wiki").rglob("*.wiki"))
    facts = json.loads(cli("run", "--json", folder=folder).stdout)
    assert facts["created"] == 4 and set(facts) >= {"requests", "pages_read", "entries", "problems", "changed", "refused", "seconds"}
    again = cli("run", folder=folder)
    assert "0 pages created, 0 changed" in again.stdout and again.returncode == 0
    assert json.loads(cli("status", "--json", folder=folder).stdout)["created"] == 0
    (folder / "wiki" / "Participants" / "Ana.wiki").write_text("{{Choice|title=X\x1b]0;evil\x07|date=31/02/2020}}")
    assert cli("run", "--quiet", folder=folder).stdout == ""
    said = cli("status", folder=folder).stdout
    assert "“Participants/Ana”, line 1: the date “31/02/2020” does not exist." in said and "\x1b" not in said


def installed() -> int:
    """Templates and categories by the names of each type, forms and their introductions, help and guide a language, questions."""
    languages, pages = ("en", "fr", "pt"), set[str]()
    for kind in shipped().types.values():
        for language in languages:
            name = kind.names[language][0]
            pages |= {name, form_title(kind, language), intro_title(kind, language)}
    categories = sum(len({words[0] for words in kind.names.values()}) for kind in shipped().types.values())
    return len(pages) + categories + 2 * len(languages) + len(["Template:Wikibridge"])


def test_install_twice_writes_once(make_site: Callable[..., Site]) -> None:
    folder = make_site().folder
    assert json.loads(cli("install", "--json", folder=folder).stdout)["created"] == installed()
    again = json.loads(cli("install", "--json", folder=folder).stdout)
    assert (again["created"], again["changed"]) == (0, 0)


def test_what_stands_above_a_form_speaks_of_that_form_in_each_language_that_opens_it(make_site: Callable[..., Site]) -> None:
    site = make_site()
    cli("install", folder=site.folder)
    with closing(FolderWiki(site.folder / "wiki")) as wiki:
        shown = {each.title: each.text for each in wiki.read(titles=[
            "Template:Choice/introduction", "Template:Conclusion/introduction", "Template:Sign-up/introduction"])}
    choice, conclusion, sign_up = (shown[title] for title in sorted(shown))
    assert "title of your choice" in choice and "case" not in choice
    assert "Write a title in the first box." in conclusion and "Écrivez un titre dans la première case." in conclusion
    assert "may leave the first box empty" in sign_up and "choice" not in sign_up.replace("Help:Choices", "")


def test_a_run_that_was_cut_off_is_told(make_site: Callable[..., Site]) -> None:
    site = make_site("name\nAna\n")
    killed = "import os; from wikibridge.wikis.folder import FolderWiki; FolderWiki.write = lambda *_: os._exit(9)\n"
    code = killed + "from wikibridge import Session, Site; from pathlib import Path; Session(Site(Path('.'))).run()"
    assert subprocess.run([sys.executable, "-c", code], cwd=site.folder, check=False).returncode == 9
    assert "cut off" in cli("status", folder=site.folder).stdout
    assert json.loads(cli("run", "--json", folder=site.folder).stdout)["created"] == 4


def test_a_read_only_site_folder(make_site: Callable[..., Site]) -> None:
    folder = make_site("name\nAna\n").folder
    (folder / ".wikibridge").write_text("a file where a folder should be")
    told(cli("run", folder=folder), 2, ".wikibridge", "exists")


def test_a_broken_mirror(make_site: Callable[..., Site]) -> None:
    site = make_site("name\nAna\n")
    (site.state / "mirror.db").write_text("not a database, for " + "sure " * 300)
    told(cli("run", folder=site.folder), 2, "mirror.db", "deleted")


def test_a_password_that_is_missing_or_open(remote: Callable[..., Path]) -> None:
    folder = remote("https://wiki.example.org/w/api.php")
    (folder / "password").chmod(0o644)
    told(cli("run", folder=folder), 2, "chmod 600")
    (folder / "password").unlink()
    told(cli("run", folder=folder), 2, "password", "WIKIBRIDGE_PASSWORD")


def test_an_address_that_is_no_wiki(remote: Callable[..., Path], page: str) -> None:
    told(cli("run", folder=remote(page + "api.php")), 2, page, "api.php", "Special:Version")
    told(cli("run", folder=remote(page + "index.php")), 2, page, "api.php")


def test_nothing_answers(remote: Callable[..., Path]) -> None:
    told(cli("run", folder=remote("http://127.0.0.1:9/w/api.php")), 75, "127.0.0.1:9", "refused")
    told(cli("run", folder=remote("https://no-such-wiki.invalid/w/api.php")), 75, "no-such-wiki.invalid")


@pytest.mark.live
def test_a_wrong_password(remote: Callable[..., Path], mediawiki: MediaWikiServer) -> None:
    folder = remote(mediawiki.address + "api.php", mediawiki.bot.name)
    told(cli("run", folder=folder), 1, mediawiki.bot.name, "bot password", "Special:BotPasswords")


@pytest.mark.live
def test_a_read_only_wiki(remote: Callable[..., Path], mediawiki: MediaWikiServer) -> None:
    folder = remote(mediawiki.address + "api.php", mediawiki.bot.name, mediawiki.bot.password)
    mediawiki.settings("readonly", "$wgReadOnly = 'Moving house';")
    try:
        told(cli("run", folder=folder), 75, "Moving house", "later")
    finally:
        mediawiki.settings("readonly", None)
    assert "Moving house" in cli("status", folder=folder).stdout


@pytest.mark.parametrize("participants", ['" "', '"[x]/"', '"#/"', '""'])
def test_a_prefix_that_no_title_can_have(tmp_path: Path, participants: str) -> None:
    (tmp_path / "wikibridge.yml").write_text(f"wiki: {{kind: folder}}\nparticipants: {participants}\n")
    told(cli("run", folder=tmp_path), 2, "wikibridge.yml, line 2", "Participants/")


def test_an_account_with_letters_that_no_header_can_hold(remote: Callable[..., Path], page: str) -> None:
    told(cli("run", folder=remote(page + "api.php", "Łukasz – 日本@app")), 2, page)


def test_a_broken_journal_and_a_full_disk(make_site: Callable[..., Site]) -> None:
    site = make_site("name\nAna\n")
    (site.state / "journal.db").write_text("not a database, for " + "sure " * 300)
    for command in ("run", "status"):
        told(cli(command, folder=site.folder), 2, "journal.db")


def test_a_lock_that_is_somebody_elses(make_site: Callable[..., Site]) -> None:
    site = make_site("name\nAna\n")
    (site.state / "lock").mkdir()
    told(cli("run", folder=site.folder), 2, "lock")


def test_letters_that_the_terminal_cannot_show(make_site: Callable[..., Site]) -> None:
    done = cli("run", folder=make_site("name\n日本|x\n").folder, PYTHONUTF8="0", PYTHONIOENCODING="latin-1")
    assert done.returncode == 0 and "\\u65e5" in done.stdout


def test_files_that_cannot_be_read_are_told(make_site: Callable[..., Site]) -> None:
    site = make_site("name\nAna\n")
    cli("run", folder=site.folder)
    with open(site.folder / "wiki" / "Participants" / "Ana.wiki", "ab") as file:
        file.write("é".encode("latin-1"))
    assert "Ana.wiki is not UTF-8" in cli("run", folder=site.folder).stdout


def test_a_plan_is_looked_at_written_and_taken_back_from_the_command_line(make_site: Callable[..., Site], tmp_path: Path) -> None:
    folder = make_site("name,language\nAna,pt\n").folder
    done = cli("plan", "--html", "plan.html", folder=folder)
    assert done.returncode == 0 and "plan.html" in done.stdout and "To create: 4" in done.stdout
    assert "Participants/Ana" in (folder / "plan.html").read_text(encoding="utf-8")
    (folder / "plan.json").write_text(cli("plan", "--json", folder=folder).stdout, encoding="utf-8")
    assert "4 pages created" in cli("apply", "plan.json", folder=folder).stdout
    assert re.search(r"^ *1 .* 4 +0 .*done", cli("log", folder=folder).stdout, re.MULTILINE)
    assert "created: Participants/Ana" in cli("log", "1", folder=folder).stdout
    assert "Leave" not in (shown := cli("plan", "--undo", "1", folder=folder).stdout) and "To change: 4" in shown
    assert "1 changed" in cli("undo", "1", "--page", "Participants/Ana", folder=folder).stdout
    assert json.loads(cli("log", "2", "--json", folder=folder).stdout)[0]["title"] == "Participants/Ana"
    assert "0 pages created, 0 changed" in cli("run", folder=folder).stdout
    told(cli("undo", "9", folder=folder), 2, "run 9", "wikibridge log")
    told(cli("plan", "--html", "nowhere/plan.html", folder=folder), 2, "nowhere/plan.html")
    told(cli("apply", "password", folder=folder), 2, "password")


def test_a_run_over_a_limit_ends_with_one_and_is_lifted_for_once(make_site: Callable[..., Site]) -> None:
    folder = make_site("name\nAna\nBo\n").folder
    with (folder / "wikibridge.yml").open("a", encoding="utf-8") as file:
        file.write("limits: {created: 1}\n")
    told(cli("run", folder=folder), 1, "limits.created", "--yes-many")
    assert "pages created" in cli("run", "--yes-many", folder=folder).stdout
    with (folder / "wikibridge.yml").open("a", encoding="utf-8") as file:
        file.write("stop_page: Participants/Ana\n")
    told(cli("run", folder=folder), 1, "Participants/Ana", "empty")


def test_a_journal_of_a_newer_version_is_not_touched(make_site: Callable[..., Site]) -> None:
    site = make_site("name\nAna\n")
    assert cli("run", folder=site.folder).returncode == 0
    with closing(sqlite3.connect(site.state / "journal.db")) as database:
        database.execute("PRAGMA user_version = 99")
    told(cli("run", folder=site.folder), 2, "journal.db", "newer")


def test_a_journal_of_the_first_version_is_taken_over(make_site: Callable[..., Site]) -> None:
    site = make_site("name\nAna\n")
    assert cli("run", folder=site.folder).returncode == 0
    with closing(sqlite3.connect(site.state / "journal.db")) as database:
        for table, column in (("writes", "page"), ("writes", "time"), ("writes", "job"), ("writes", "undoes"),
                              ("created", "skeleton")):
            database.execute(f"ALTER TABLE {table} DROP COLUMN {column}")
        database.execute("DROP TABLE meta")
        database.execute("PRAGMA user_version = 0")
    next(site.folder.rglob("Ana.wiki")).unlink()
    done = cli("run", folder=site.folder)
    assert done.returncode == 0 and "0 pages created" in done.stdout and "deleted" in done.stdout
