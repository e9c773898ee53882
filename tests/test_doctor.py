"""``wikibridge doctor``: each thing that can be wrong is found, told with its remedy, and leaves the other checks."""

from __future__ import annotations

import http.server
import json
import os
import sqlite3
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from tests.places import make_corner, with_state
from tests.postgres import Cluster
from tests.test_cli import cli
from tests.test_finding import facts
from tests.test_finding import site as pages_of
from tests.test_mediawiki_faults import Answer, reply, serving
from tests.tiki_client import StartTiki
from wikibridge import Session, Site
from wikibridge.demo.mediawiki_server import Account, MediaWikiServer
from wikibridge.doctor import of_state
from wikibridge.doctor.examine import CHECKS, examine, exit_code
from wikibridge.doctor.patient import Finding
from wikibridge.errors import NotSuchAWiki
from wikibridge.mirror.journal import Journal
from wikibridge.mirror.lock import hold
from wikibridge.model import Edit, Head
from wikibridge.wikis.folder import FolderWiki

NAMES = [check.name for check in CHECKS]


class Looked:
    """What the doctor found in a folder."""

    def __init__(self, folder: Path, scheduled: Callable[[Path], str | None] = lambda folder: f"*/15 * * * * {folder}") -> None:
        self.found = list(examine(folder, "en", scheduled))
        self.code = exit_code([finding for _, finding in self.found])

    def of(self, check: str) -> list[Finding]:
        return [finding for name, finding in self.found if name == check]

    def states(self, check: str) -> set[str]:
        return {finding.state for finding in self.of(check)}

    def only(self, check: str, state: str, *words: str) -> Looked:
        """The check found this, in these words, and no check but this one and those that need it is in that state or worse."""
        said = [f"{finding.sentence} {finding.remedy}" for finding in self.of(check) if finding.state == state]
        assert any(all(word in each for word in words) for each in said), (words, self.found)
        assert {name for name, finding in self.found if finding.state == "error"} <= {check}, self.found
        return self


def everything_looked_at(looked: Looked) -> None:
    """Every check is there, in the order in which they are made."""
    assert list(dict.fromkeys(name for name, _ in looked.found)) == [name for name in NAMES if looked.of(name)]


@pytest.fixture
def folder(make_site: Callable[..., Site]) -> Path:
    """A site with a folder for a wiki, installed and run once."""
    site = make_site("name\nAna\n", wiki="kind: folder, path: wiki")
    with Session(site) as session:
        session.run(("install",))
        session.run()
    return site.folder


@pytest.fixture
def remote(tmp_path: Path) -> Callable[..., Path]:
    def make(address: str, account: str = "K@b", password: str = "secret-canary", more: str = "") -> Path:
        (tmp_path / "wikibridge.yml").write_text(
            f"wiki: {{kind: mediawiki, address: '{address}', account: '{account}', timeout: 20{more}}}\nlanguages: [en]\nparticipants: Doctor/\n")
        (tmp_path / "participants.csv").write_text("name\nAna\n")
        (tmp_path / "password").write_text(password)
        (tmp_path / "password").chmod(0o600)
        return tmp_path

    return make


@pytest.fixture(scope="module")
def keeper(mediawiki: MediaWikiServer) -> Account:
    return mediawiki.bot_password(mediawiki.user("Doctor", ("bot",)).name, "doctor")


# All well


def test_all_well_on_a_folder(folder: Path) -> None:
    looked = Looked(folder)
    assert looked.code == 0 and {finding.state for _, finding in looked.found} == {"ok"}, looked.found
    assert not {"tls", "clock", "secret", "account", "rights"} & {name for name, _ in looked.found}, "a folder has none of these"
    everything_looked_at(looked)


@pytest.mark.live
def test_all_well_on_a_real_mediawiki(mediawiki: MediaWikiServer, keeper: Account, remote: Callable[..., Path], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("WIKIBRIDGE_PASSWORD", raising=False)
    folder = remote(mediawiki.address + "api.php", keeper.name, keeper.password)
    before = Looked(folder).only("installed", "warning", "wikibridge install").only("runs", "warning", "wikibridge run")
    assert before.code == 0 and not (folder / ".wikibridge").exists(), "who only looks makes nothing"
    with Session(Site(folder)) as session:
        session.run(("install",))
        session.run()
        edits = session.wiki.info().batch, sum(1 for _ in session.wiki.contributions(datetime(2000, 1, 1, tzinfo=UTC)))
    looked = Looked(folder)
    assert looked.code == 0 and {finding.state for _, finding in looked.found} == {"ok"}, looked.found
    assert list(dict.fromkeys(name for name, _ in looked.found)) == NAMES
    with Session(Site(folder)) as session:
        assert edits[1] == sum(1 for _ in session.wiki.contributions(datetime(2000, 1, 1, tzinfo=UTC))), "nothing is written on the wiki"
    done = cli("doctor", folder=folder, LANG="fr_BE.UTF-8")
    assert done.returncode == 0 and "\x1b" not in done.stdout and "réglages\u00a0: " in done.stdout and keeper.password not in done.stdout


def test_as_json(folder: Path) -> None:
    done = cli("doctor", "--json", folder=folder)
    data = json.loads(done.stdout)
    assert done.returncode == 0 and all(set(each) == {"check", "state", "sentence", "remedy"} for each in data)
    assert {each["state"] for each in data} <= {"ok", "warning", "error", "skipped"} and data[0]["check"] == "settings"


def test_all_well_on_a_tiki(start_tiki: StartTiki, tmp_path: Path) -> None:
    tiki = start_tiki("24.1", category_jail=False)
    tiki.server.edit("HomePage", "Hello")
    (tmp_path / "wikibridge.yml").write_text(f"wiki: {{kind: tiki, address: '{tiki.server.address}', account: Keeper}}\nlanguages: [en]\n")
    (tmp_path / "token").write_text(tiki.server.people.token("Keeper"))
    (tmp_path / "token").chmod(0o600)
    looked = Looked(tmp_path)
    assert looked.code == 0 and looked.states("rights") == looked.states("account") == {"ok"}, looked.found
    (tmp_path / "token").write_text("0" * 64)
    Looked(tmp_path).only("account", "error", "token")


# Settings and files


def test_no_site_and_all_mistakes_of_the_settings(tmp_path: Path) -> None:
    looked = Looked(tmp_path)
    assert looked.code == 2 and looked.states("settings") == {"error"} and looked.states("disk") == {"ok"}
    assert looked.states("jobs") == looked.states("account") == {"skipped"}
    (tmp_path / "wikibridge.yml").write_text("wiki: {kind: folder, accont: x}\nlangages: [en]\ntime_zone: Brussels\nmin_group: 0\n")
    looked = Looked(tmp_path)
    said = " ".join(finding.sentence for finding in looked.of("settings"))
    assert len(looked.of("settings")) == 4 and [said.find(f"line {number}") for number in (1, 2, 3, 4)] == sorted(said.find(f"line {number}") for number in (1, 2, 3, 4))
    assert "languages" in said and "Europe/Brussels" in said and looked.code == 2
    (tmp_path / "wikibridge.yml").write_text("wiki: {kind: mediawiki\n")
    assert Looked(tmp_path).code == 2
    (tmp_path / "wikibridge.yml").write_text("wiki: {kind: mediawiki, address: 'http://wiki.example.org/api.php'}\n")
    assert Looked(tmp_path).only("settings", "error", "https").code == 2


BROKEN = {
    "a job file": ("jobs/x.yml", "kind: sumaries\n", "jobs", ("jobs/x.yml", "sumaries")),
    "a question of a job": ("jobs/x.yml", "kind: summaries\npage: {en: S}\nblocks:\n  - {name: a, heading: {en: A}, by: tehmes}\n", "jobs", ("“a”", "theme")),
    "a page template": ("page_templates/mediawiki/en/participant.wiki", "a\n\n<< nmae >>", "templates", ("participant.wiki, line 3", "nmae")),
    "a template of summaries": ("page_templates/mediawiki/fr/summary.wiki", "<% for x in", "templates", ("fr/summary.wiki",)),
    "a vocabulary": ("entries/vocabularies.yml", "theme:\n  food: 3\n", "vocabularies", ("vocabularies.yml",)),
    "the table of participants": ("participants.csv", "nmae;town\nAna;Faro\n", "participants", ("participants.csv", "name")),
    "a table that is none": ("participants.csv", 'name\n"Ana\n', "participants", ("participants.csv", "table")),
}


@pytest.mark.parametrize("what", BROKEN)
def test_a_mistake_in_a_file_of_the_site(folder: Path, what: str) -> None:
    name, text, check, words = BROKEN[what]
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(text)
    looked = Looked(folder).only(check, "error", *words)
    assert looked.code == 2
    assert looked.states("mirror") == looked.states("journal") == looked.states("lock") == {"ok"}


def test_each_bad_job_file_is_told_and_the_good_ones_are_counted(folder: Path) -> None:
    (folder / "jobs").mkdir(exist_ok=True)
    for name in ("x", "y"):
        (folder / "jobs" / f"{name}.yml").write_text("kind: nothing\n")
    (folder / "jobs" / "summary-tools.yml").write_text("")
    looked = Looked(folder)
    assert [finding.state for finding in looked.of("jobs")] == ["error", "error", "ok", "ok"]
    assert "summary-tools" in looked.of("jobs")[3].sentence and "summary-tools" not in looked.of("jobs")[2].sentence


def test_remarks_on_the_table_and_templates_that_nothing_uses(folder: Path) -> None:
    (folder / "participants.csv").write_text("name,kind\nAna,school\nAna,school\n,school\n")
    (folder / "page_templates" / "mediawiki" / "en").mkdir(parents=True)
    (folder / "page_templates" / "mediawiki" / "en" / "partcipant.wiki").write_text("x")
    looked = Looked(folder).only("participants", "warning", "row 3", "the same").only("templates", "warning", "partcipant.wiki", "participant.wiki")
    assert looked.code == 0
    (folder / "participants.csv").unlink()
    Looked(folder).only("participants", "warning", "participants.csv")


def test_pages_on_the_wiki_that_are_gone_old_or_changed_by_somebody(folder: Path) -> None:
    with closing(FolderWiki(folder / "wiki", user="admin")) as wiki:
        page = next(iter(wiki.read(titles=["Help:Choices"])))
        wiki.write(Edit(page.title, page.text.replace("choice", "chooice"), "", Head(page.id, page.title, page.revision)))
    Looked(folder).only("installed", "warning", "Help:Choices")
    (folder / "entries").mkdir()
    (folder / "entries" / "vocabularies.yml").write_text(
        "theme:\n  bees: {en: bees, fr: abeilles, pt: abelhas, aliases: []}\n")
    Looked(folder).only("installed", "warning", "wikibridge install")


# The way to the wiki


def saying(**headers: str) -> Answer:
    """A wiki's facts, with other headers; the log-in is refused."""
    return lambda handler, body: reply(handler, json.dumps(facts()).encode(), [], **headers)


def test_an_address_where_nothing_or_something_else_answers(remote: Callable[..., Path]) -> None:
    with serving(pages_of({"/w/api.php": "<title>A shop</title>"})) as address:
        looked = Looked(remote(address)).only("address", "error", "HTTP 200")
        assert looked.code == 2 and looked.states("account") == looked.states("rights") == {"skipped"} and looked.states("jobs") == {"ok"}
        everything_looked_at(looked)
    assert Looked(remote(address)).only("address", "error", "refused").code == 75
    with serving(lambda handler, _: reply(handler, b"", [], 301, location=address)) as moved:
        assert Looked(remote(moved)).code in (2, 75)


@pytest.mark.parametrize(("seconds", "state", "words"), [
    (0, "ok", ("same time",)), (-300, "warning", ("ahead", "set-ntp")), (300, "warning", ("behind",)), (-7200, "error", ("ahead", "72")), (7200, "error", ("behind",)),
])
def test_clocks_that_differ(remote: Callable[..., Path], seconds: int, state: str, words: tuple[str, ...]) -> None:
    class Late(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            reply(self, json.dumps(facts()).encode(), [])

        do_POST = do_GET

        def date_time_string(self, timestamp: float | None = None) -> str:
            return format_datetime(datetime.now(UTC) + timedelta(seconds=seconds), usegmt=True)

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Late)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        looked = Looked(remote(f"http://127.0.0.1:{server.server_port}/w/api.php"))
    finally:
        server.shutdown()
        server.server_close()
    [finding] = looked.of("clock")
    assert finding.state == state and all(word in f"{finding.sentence} {finding.remedy}" for word in words), finding


@pytest.fixture
def encrypted(tmp_path: Path) -> Iterator[Callable[[int], tuple[str, Path]]]:
    """Starts a wiki by https whose certificate, which is its own authority, is valid for some days from now."""
    servers: list[http.server.ThreadingHTTPServer] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            reply(self, json.dumps(facts()).encode(), [])

        do_POST = do_GET

        def log_message(self, format: str, *args: object) -> None:
            pass

    def start(days: int) -> tuple[str, Path]:
        key, cert = tmp_path / "key.pem", tmp_path / "cert.pem"
        dates = [f"{datetime.now(UTC) + timedelta(days=shift):%Y%m%d%H%M%SZ}" for shift in (-30, days)]
        subprocess.run(["openssl", "req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj", "/CN=localhost",
                        "-addext", "subjectAltName=DNS:localhost", "-keyout", key, "-out", tmp_path / "req.pem"], check=True, capture_output=True)
        (tmp_path / "index.txt").write_text("")
        (tmp_path / "ca.cnf").write_text(
            f"[ca]\ndefault_ca=d\n[d]\ndatabase={tmp_path}/index.txt\nnew_certs_dir={tmp_path}\nrand_serial=yes\ndefault_md=sha256\npolicy=p\n"
            "copy_extensions=copy\nunique_subject=no\n[p]\ncommonName=supplied\n")
        subprocess.run(["openssl", "ca", "-batch", "-selfsign", "-config", tmp_path / "ca.cnf", "-keyfile", key, "-in", tmp_path / "req.pem",
                        "-startdate", dates[0], "-enddate", dates[1], "-out", cert, "-notext"], check=True, capture_output=True)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(cert, key)
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.socket = context.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        servers.append(server)
        return f"https://localhost:{server.server_port}/w/api.php", cert

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.mark.parametrize(("days", "trusted", "state", "words"), [
    (200, True, "ok", ("199 more days", "until 2")), (3, True, "warning", ("more days", "renews itself")),
    (-1, True, "error", ("expired",)), (200, False, "error", ("certificate", "REQUESTS_CA_BUNDLE")),
])
def test_certificates(
    encrypted: Callable[[int], tuple[str, Path]], remote: Callable[..., Path], monkeypatch: pytest.MonkeyPatch,
    days: int, trusted: bool, state: str, words: tuple[str, ...],
) -> None:
    address, cert = encrypted(days)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(cert) if trusted else "")
    monkeypatch.setenv("CURL_CA_BUNDLE", "")
    looked = Looked(remote(address))
    [finding] = looked.of("tls")
    assert finding.state == state and all(word in f"{finding.sentence} {finding.remedy}" for word in words), finding
    assert looked.states("address") == {"ok"}, "somebody answers there"
    if state == "error":
        assert looked.states("account") == looked.states("clock") == {"skipped"} and looked.code == 1


# The account


@pytest.mark.live
def test_a_wrong_password_a_missing_one_and_one_that_others_can_read(
    mediawiki: MediaWikiServer, keeper: Account, remote: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("WIKIBRIDGE_PASSWORD", raising=False)
    folder = remote(mediawiki.address + "api.php", keeper.name, "swordfish")
    looked = Looked(folder).only("account", "error", "Special:BotPasswords")
    assert looked.code == 1 and looked.states("rights") == looked.states("installed") == {"skipped"}
    assert "swordfish" not in str(looked.found)
    (folder / "password").write_text(keeper.password)
    with Session(Site(folder)) as session:
        session.sync()
    (folder / "password").write_text("swordfish")
    assert Looked(folder).states("account") == {"error"}, "a session that is still open does not hide it"
    (folder / "password").chmod(0o644)
    assert Looked(folder).only("secret", "error", f"chmod 600 {folder / 'password'}").code == 2
    (folder / "password").unlink()
    assert Looked(folder).only("secret", "error", "wikibridge init").code == 2
    monkeypatch.setenv("WIKIBRIDGE_PASSWORD", keeper.password)
    assert "WIKIBRIDGE_PASSWORD" in Looked(folder).of("secret")[0].sentence


@pytest.mark.live
def test_what_the_account_lacks_and_a_wiki_that_takes_no_edits(mediawiki: MediaWikiServer, keeper: Account, remote: Callable[..., Path]) -> None:
    plain = mediawiki.bot_password(mediawiki.user("Doctor citizen").name, "plain")
    looked = Looked(remote(mediawiki.address + "api.php", plain.name, plain.password)).only("rights", "warning", "bot", "Special:UserRights")
    assert looked.code == 0
    folder = remote(mediawiki.address + "api.php", keeper.name, keeper.password)
    mediawiki.settings("doctor", "$wgReadOnly = 'moving house';")
    try:
        looked = Looked(folder).only("account", "error", "moving house")
        assert looked.code == 75 and looked.states("rights") == {"skipped"} and looked.states("jobs") == {"ok"}
        done = cli("init", "other", "--yes", "--wiki", mediawiki.address, "--account", keeper.name, folder=folder, WIKIBRIDGE_PASSWORD=keeper.password)
        assert done.returncode == 75 and "moving house" in done.stderr and not (folder / "other").exists()
        mediawiki.settings("doctor", "$wgRateLimits['edit']['user'] = [ 30, 60 ]; $wgGroupPermissions['bot']['noratelimit'] = false;"
                                     "$wgGrantPermissions['highvolume']['noratelimit'] = false;")
        looked = Looked(folder).only("limits", "warning", "30 edits a minute", "edits_per_minute: 30")
        (folder / "wikibridge.yml").write_text((folder / "wikibridge.yml").read_text() + "limits: {edits_per_minute: 20}\n")
        assert Looked(folder).states("limits") == {"ok"}
        mediawiki.settings("doctor", "$wgGroupPermissions['*']['edit'] = $wgGroupPermissions['user']['edit'] = false;")
        assert Looked(folder).only("rights", "error", "edit pages", "Doctor").code == 1
    finally:
        mediawiki.settings("doctor", None)


# State


def test_damaged_files_of_state(folder: Path) -> None:
    for name, words in (("mirror.db", ("rm ", "fills it again")), ("journal.db", ("backup",))):
        path = folder / ".wikibridge" / name
        whole = path.read_bytes()
        for part in (b"no database at all", whole[:100] + os.urandom(3000) + whole[3100:], whole[: len(whole) // 2]):
            path.write_bytes(part)
            looked = Looked(folder).only(name.partition(".")[0], "error", str(path), *words)
            assert looked.code == 1 and looked.states("disk") == {"ok"}
        path.write_bytes(whole)
    assert Looked(folder).code == 0


def test_a_journal_of_a_newer_version_and_no_state_at_all(folder: Path) -> None:
    with closing(sqlite3.connect(folder / ".wikibridge" / "journal.db")) as connection:
        connection.execute("PRAGMA user_version=999")
    looked = Looked(folder).only("journal", "error", "newer")
    assert looked.states("runs") == {"skipped"}
    for path in (folder / ".wikibridge").glob("*.db*"):
        path.unlink()
    looked = Looked(folder)
    assert looked.code == 0 and looked.states("mirror") == looked.states("journal") == {"ok"}
    assert not list((folder / ".wikibridge").glob("*.db*"))


def test_a_run_that_was_cut_off_and_writes_whose_outcome_nobody_knows(folder: Path) -> None:
    with closing(Journal(folder / ".wikibridge" / "journal.db", "w")) as journal:
        run = journal.begin(datetime.now(UTC).isoformat(timespec="seconds"))
        journal.intend(run, "Page", None, "hash")
    looked = Looked(folder).only("journal", "warning", f"Run {run}").only("journal", "warning", "1 write", "wikibridge run")
    with hold(folder / ".wikibridge" / "lock", folder):
        assert Looked(folder).states("journal") == {"ok"}, "that run is at work"
    assert looked.code == 0


@pytest.mark.live
def test_state_on_a_server(tmp_path: Path, postgres: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WIKIBRIDGE_STATE_PASSWORD", postgres.password)
    site = with_state(make_corner(tmp_path / "site", "kind: folder", "Corner/"), postgres.shared)
    with Session(site) as session:
        session.run(("install",))
        session.run()
    looked = Looked(site.folder)
    assert looked.code == 0 and {finding.state for _, finding in looked.found} <= {"ok", "warning"}, looked.found
    assert "database" in looked.of("mirror")[0].sentence and "run 2" in looked.of("journal")[0].sentence and looked.states("runs") == {"ok"}
    assert looked.states("installed") == {"ok"}
    with Session(site) as session, session.lock():
        # Another machine of the same state.
        (site.folder / ".wikibridge" / "lock").unlink()
        [finding] = Looked(site.folder).of("lock")
        assert finding.state == "ok" and str(os.getpid()) in finding.sentence
    assert "no run" in Looked(site.folder).of("lock")[0].sentence
    monkeypatch.setenv("WIKIBRIDGE_STATE_PASSWORD", "swordfish")
    looked = Looked(site.folder)
    assert looked.states("mirror") == looked.states("journal") == {"error"} and looked.states("runs") == looked.states("installed") == {"skipped"}
    assert looked.states("jobs") == {"ok"} and "swordfish" not in str(looked.found)


def test_a_run_at_work_and_one_that_takes_too_long(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with hold(folder / ".wikibridge" / "lock", folder):
        [finding] = Looked(folder).of("lock")
        assert finding.state == "ok" and str(os.getpid()) in finding.sentence
        monkeypatch.setattr(of_state, "_LONG", -1)
        looked = Looked(folder).only("lock", "warning", f"kill {os.getpid()}")
        assert looked.states("installed") == {"ok"}, "who only looks needs no lock"


def test_runs_that_fail_or_do_not_come(folder: Path) -> None:
    path = folder / ".wikibridge" / "journal.db"
    now = datetime.now(UTC)

    def ran(ago: timedelta, *failed: str) -> None:
        with closing(Journal(path)) as journal:
            journal.end(journal.begin((now - ago).isoformat(timespec="seconds")), {"failed": list(failed)})

    ran(timedelta(minutes=1), "No answer from the wiki.")
    Looked(folder).only("runs", "warning", "No answer from the wiki.", "wikibridge log")
    for _ in range(5):
        ran(timedelta(minutes=1), "No answer from the wiki.")
    assert Looked(folder).only("runs", "error", "No answer").code == 1
    ran(timedelta(minutes=1))
    assert Looked(folder).states("runs") == {"ok"}
    ran(timedelta(hours=2))
    Looked(folder).only("runs", "warning", "one was due", "wikibridge schedule")
    with open(folder / "wikibridge.yml", "a") as file:
        file.write("every: daily 03:30\n")
    assert Looked(folder).states("runs") == {"ok"}
    with open(folder / "wikibridge.yml", "a") as file:
        file.write('\n')
    text = (folder / "wikibridge.yml").read_text().replace("every: daily 03:30", 'every: ""')
    (folder / "wikibridge.yml").write_text(text)
    ran(timedelta(days=400))
    assert Looked(folder).states("runs") == {"ok"}, "nothing is ever due"


def test_a_secret_for_mails_that_others_can_read(folder: Path) -> None:
    (folder / "mail-password").write_text("x")
    (folder / "mail-password").chmod(0o644)
    assert Looked(folder).only("secret", "error", "chmod 600").code == 2


def test_little_room_and_state_that_others_can_read(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / ".wikibridge").chmod(0o755)
    Looked(folder).only("disk", "warning", f"chmod 700 {folder / '.wikibridge'}")
    (folder / ".wikibridge").chmod(0o700)
    monkeypatch.setattr(of_state, "_LITTLE", 10**18)
    assert Looked(folder).only("disk", "warning", "MB free").code == 0
    monkeypatch.setattr(of_state, "_NOTHING", 10**18)
    assert Looked(folder).only("disk", "error", "MB free").code == 1


def test_a_schedule_that_is_not_there(folder: Path) -> None:
    assert Looked(folder, lambda folder: None).only("schedule", "warning", "wikibridge schedule").code == 0


def test_a_check_that_blows_up_leaves_the_others(folder: Path) -> None:
    def broken(folder: Path) -> str:
        raise ZeroDivisionError("oh")

    assert Looked(folder, broken).only("schedule", "error", "ZeroDivisionError").code == 1


def test_findings_that_only_ask_for_patience_do_not_hide_those_that_do_not() -> None:
    error = NotSuchAWiki("address-wrong", "x")
    found = [Finding("error", "", "", 75), Finding("error", "", "", error.exit_code), Finding("warning", "")]
    assert exit_code(found) == 2 and exit_code(found[:1]) == 75 and exit_code([*found[:1], Finding("error", "", "", 1)]) == 1
    assert exit_code(found[2:]) == exit_code([]) == 0
