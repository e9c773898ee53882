"""Telling people what became of runs: through a real mail server and real web addresses on loopback."""

from __future__ import annotations

import json
import logging
import os
import re
import subprocess
import sys
import tempfile
import traceback
from contextlib import closing
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from prometheus_client.parser import text_string_to_metric_families

from tests.post import PASSWORD, USER, certificate, hook, office, secret
from tests.test_cli import cli, told
from wikibridge import Session, Site, errors
from wikibridge.jobs.result import Result
from wikibridge.mirror.lock import hold
from wikibridge.tell_settings import Mail
from wikibridge.telling import after, metrics, texts, ways
from wikibridge.telling.after import telling

# The server's own: over TLS from the first byte it does not know that it is safe.
pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH")
START = datetime(2026, 11, 26, 9, 0, tzinfo=UTC)
BRUSSELS = ZoneInfo("Europe/Brussels")
CANARY = "canary-7f3a/secret"


def make(folder: Path, tell: str, wiki: str = "kind: folder", more: str = "") -> Site:
    folder.mkdir(exist_ok=True)
    (folder / "wikibridge.yml").write_text(
        f"wiki: {{{wiki}}}\nlanguages: [en]\ntime_zone: Europe/Brussels\ntell:\n{tell}{more}", encoding="utf-8")
    (folder / "participants.csv").write_text("name\nAna\n", encoding="utf-8")
    return Site(folder)


def mailing(port: int, security: str = "none", user: str = "", to: str = "a@example.org, b@example.org") -> str:
    return (f"  mail:\n    to: [{to}]\n    from: wikibridge@example.org\n    server: localhost\n    port: {port}\n"
            f"    security: {security}\n    user: '{user}'\n")


def text(letter: EmailMessage) -> str:
    """What a mail says."""
    return "\n".join(letter.get_content().splitlines())


# The ways

@pytest.fixture(scope="module")
def pem(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return certificate(tmp_path_factory.mktemp("tls"))


@pytest.mark.parametrize("security", ["starttls", "tls", "none"])
@pytest.mark.parametrize("login", [True, False])
def test_a_mail_arrives(tmp_path: Path, pem: Path, monkeypatch: pytest.MonkeyPatch, security: str, login: bool) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(pem))
    with office(security, pem, login) as server:
        site = make(tmp_path, mailing(server.port, security, USER if login else ""))
        secret(tmp_path, "mail-password", PASSWORD)
        message = texts.Message("test", "Échec : wiki", "Põe «isto»\n" + "long " * 300 + "\n.\nend")
        assert ways.send("mail", site, message) is None
    (letter,) = server.letters
    assert letter["subject"] == "Échec : wiki" and letter["to"] == "a@example.org, b@example.org"
    assert letter["from"] == "wikibridge <wikibridge@example.org>" and letter["auto-submitted"] == "auto-generated"
    assert letter["date"].datetime.utcoffset() == timedelta(0) and re.fullmatch(r"<[^<>\s]+@example\.org>", letter["message-id"])
    assert letter.get_content_type() == "text/plain" and letter.get_content_charset() == "utf-8"
    assert text(letter) == message.text
    assert server.envelopes[0].rcpt_tos == ["a@example.org", "b@example.org"]


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_mail_server_that_nobody_vouches_for_gets_neither_message_nor_password(tmp_path: Path, pem: Path, security: str) -> None:
    with office(security, pem, True) as server:
        site = make(tmp_path, mailing(server.port, security, USER))
        secret(tmp_path, "mail-password", PASSWORD)
        with pytest.raises(ways.NotSent, match="certificate"):
            ways.send("mail", site, texts.Message("test", "x", "x"))
    assert not server.letters


@pytest.mark.parametrize(("password", "words"), [(f"{PASSWORD}x", USER), ("plain", USER)])
def test_a_wrong_password_is_told_and_not_shown(
    tmp_path: Path, pem: Path, monkeypatch: pytest.MonkeyPatch, password: str, words: str,
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(pem))
    with office("starttls", pem, True) as server:
        site = make(tmp_path, mailing(server.port, "starttls", USER))
        secret(tmp_path, "mail-password", password)
        with pytest.raises(ways.NotSent, match=words) as caught:
            ways.send("mail", site, texts.Message("test", "x", "x"))
    assert caught.value.key == "tell-mail-login" and password not in "".join(traceback.format_exception(caught.value))


def test_a_server_without_tls_gets_nothing(tmp_path: Path) -> None:
    with office("none") as server:
        site = make(tmp_path, mailing(server.port, "starttls"))
        with pytest.raises(ways.NotSent) as caught:
            ways.send("mail", site, texts.Message("test", "x", "x"))
    assert caught.value.key == "tell-mail-cannot" and not server.letters


def test_recipients_that_are_refused(tmp_path: Path) -> None:
    with office("none") as server:
        site = make(tmp_path, mailing(server.port))
        server.refuse = {"a@example.org"}
        warning = ways.send("mail", site, texts.Message("test", "x", "x"))
        assert warning and "a@example.org" in str(warning) and "b@example.org" not in str(warning) and len(server.letters) == 1
        server.refuse.add("b@example.org")
        with pytest.raises(ways.NotSent, match=r"b@example\.org"):
            ways.send("mail", site, texts.Message("test", "x", "x"))
        server.refuse, server.answer = set(), "554 5.7.1 the words of a server"
        with pytest.raises(ways.NotSent, match="554") as caught:
            ways.send("mail", site, texts.Message("test", "x", "x"))
    assert "words" not in str(caught.value)


MAIL = Mail.model_validate({"to": ["a@example.org"], "from": "w@example.org", "server": "x"})


@given(st.text(), st.text())
def test_no_subject_and_no_text_can_add_a_header(subject: str, body: str) -> None:
    written = ways.letter(MAIL, texts.Message("test", subject, body), START).as_bytes(policy=policy.SMTP)
    read = message_from_bytes(written, policy=policy.default)
    assert sorted(map(str.lower, read.keys())) == sorted([
        "from", "to", "subject", "date", "message-id", "auto-submitted", "content-type", "content-transfer-encoding", "mime-version"])
    assert read["to"] == "a@example.org" and written.isascii() and max(map(len, written.splitlines())) < 998


@pytest.mark.parametrize(("tell", "words"), [
    ("  mail: {to: [], from: a@b.org, server: x}\n", ("line 5", "tell.mail.to")),
    ("  mail: {to: ['a@b.org\\nBcc: c@d.org'], from: a@b.org, server: x}\n", ("tell.mail.to.0", "secretariat@example.org")),
    ('  mail: {to: ["a@b.org\\nBcc: c@d.org"], from: a@b.org, server: x}\n', ("tell.mail.to.0", "secretariat@example.org")),
    ("  mail: {to: [a@b.org], from: nobody, server: x}\n", ("tell.mail.from", "e-mail address")),
    ("  mail: {to: [a@b.org], from: a@b.org, server: 'x y'}\n", ("tell.mail.server", "mail.example.org")),
    ("  mail: {to: [a@b.org], from: a@b.org, server: x, security: ssl}\n", ("tell.mail.security", "tls")),
    ("  mail: {to: [a@b.org], from: a@b.org, server: mx.example.org, security: none, user: u}\n", ("tell.mail", "starttls")),
    (f"  webhook: https://example.org/{CANARY}\n", ("tell.webhook", "WIKIBRIDGE_WEBHOOK", "mode 600")),
    (f"  ping: https://example.org/{CANARY}\n", ("tell.ping", "WIKIBRIDGE_PING")),
    ("  digest: sometimes\n", ("tell.digest", "weekly Mon 06:00")),
    ("  failures: 0\n", ("tell.failures", "1")),
    ("  mial: {}\n", ("tell.mial", "mail")),
])
def test_mistakes_in_the_settings(tmp_path: Path, tell: str, words: tuple[str, ...]) -> None:
    with pytest.raises(errors.SettingsError) as caught:
        make(tmp_path, tell)
    for word in ("wikibridge.yml, line ", *words):
        assert word in str(caught.value)
    assert CANARY not in str(caught.value)


def test_a_webhook_gets_text_and_facts(tmp_path: Path, pem: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(pem))
    with hook(pem) as server:
        site = make(tmp_path, "  webhook: true\n")
        monkeypatch.setenv("WIKIBRIDGE_WEBHOOK", f"{server.address}/{CANARY}?x=1")
        ways.send("webhook", site, texts.Message("failed", "Failed: é", "“@all” <!channel>", {"exit_code": 1}))
    assert server.paths == [f"POST /{CANARY}?x=1"]
    (body,) = server.bodies
    assert next(iter(body)) == "text" and body["text"] == "Failed: é\n\n“@\u200ball” <\u200b!channel>"
    assert (body["event"], body["subject"], body["exit_code"], body["wiki"]) == ("failed", "Failed: é", 1, "wiki")


@pytest.mark.parametrize("address", [
    f"http://example.org/{CANARY}", f"file:///etc/{CANARY}", f"https:///{CANARY}", f"ftp://localhost/{CANARY}", CANARY, f"https://[/{CANARY}",
    f"https://é.example.org/{CANARY}", f"https://localhost:x/{CANARY}", f"https://localhost:1/{CANARY} y\n", f"https://localhost:1/{CANARY}",
])
def test_an_address_that_cannot_be_is_not_shown(address: str) -> None:
    with pytest.raises(ways.NotSent) as caught:
        ways.ping(address, True)
    assert "tell.ping" in str(caught.value) and "canary" not in "".join(traceback.format_exception(caught.value))


def test_neither_a_redirect_is_followed_nor_what_a_server_says_told(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with hook() as other, hook() as server:
        server.status, server.location = 302, f"{other.address}/{CANARY}"
        with pytest.raises(ways.NotSent, match="302") as caught:
            ways.post(f"{server.address}/{CANARY}", {"text": "x"})
        server.status = 500
        with pytest.raises(ways.NotSent, match="500") as second:
            ways.post(f"{server.address}/{CANARY}", {"text": "x"})
    assert not other.paths and "canary" not in f"{caught.value}{second.value}{caplog.text}"


def test_a_ping_says_whether_all_is_well() -> None:
    with hook() as server:
        ways.ping(f"{server.address}/abc?rid=1", True)
        ways.ping(f"{server.address}/abc?rid=1", False)
        ways.ping(f"{server.address}/abc/", False)
    assert server.paths == ["GET /abc?rid=1", "GET /abc/fail?rid=1", "GET /abc/fail"]


# Metrics

@given(st.text(), st.dictionaries(st.sampled_from(sorted(metrics._METRICS)), st.floats(0, 2e9) | st.integers(0, 10**9)))
def test_metrics_are_what_prometheus_reads(site: str, values: dict[str, float]) -> None:
    read = {family.name: family for family in text_string_to_metric_families(metrics.text(values, site))}
    assert read.keys() == {f"wikibridge_{name}" for name in values}
    for name, value in values.items():
        family = read[f"wikibridge_{name}"]
        (sample,) = family.samples
        assert family.type == "gauge" and family.documentation and sample.labels == {"site": site}
        assert sample.value == pytest.approx(value, rel=1e-14)


# Whole runs

def at(site: Site, moment: datetime, what: Result | Exception | None, language: str = "en") -> None:
    """A run that ends like this at this moment."""
    try:
        with telling(site, language, lambda: moment) as tell:
            if isinstance(what, Exception):
                raise what
            tell(what)
    except Exception as error:
        assert error is what


def away() -> errors.WikibridgeError:
    return errors.Unreachable("unreachable", "https://wiki.example.org/w/api.php", "refused")


def protected(*titles: str) -> Result:
    result = Result(failed=[errors.PageProtected("page-protected", title).say() for title in titles])
    result.jobs = {"summaries": "done"}
    return result


def well() -> Result:
    return Result(jobs={"summaries": "done"})


def test_one_message_when_something_fails_and_one_when_it_works_again(tmp_path: Path) -> None:
    with office("none") as server:
        site = make(tmp_path / "site", mailing(server.port))
        (tmp_path / "site" / "jobs").mkdir()
        job = tmp_path / "site" / "jobs" / "mine.yml"
        assert cli("run", folder=site.folder).returncode == 0
        job.write_text("kind: sumaries\n")
        assert not server.letters
        told(cli("run", folder=site.folder), 2, "jobs/mine.yml")
        assert cli("run", folder=site.folder).returncode == 2
        (letter,) = server.letters
        said = text(letter)
        assert letter["subject"] == "Failed: site" and "jobs/mine.yml: there is no kind of job “sumaries”. Known: " in said
        assert f"wikibridge --site {site.folder} log\n" in said and "doctor" in said and "once a day" in said
        job.unlink()
        for _ in range(3):
            assert cli("run", folder=site.folder, LANG="fr_FR.UTF-8").returncode == 0
        assert [each["subject"] for each in server.letters] == ["Failed: site", "De nouveau en marche : site"]


def test_runs_that_are_due_and_those_without_a_cron_are_told_too(tmp_path: Path) -> None:
    with office("none") as server:
        site = make(tmp_path / "site", mailing(server.port))
        (tmp_path / "site" / "jobs").mkdir()
        job = tmp_path / "site" / "jobs" / "mine.yml"
        job.write_text("kind: sumaries\n")
        watching = subprocess.Popen([sys.executable, "-m", "wikibridge", "run", "--watch"], cwd=site.folder, text=True,
                                    stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        try:
            assert server.arrived.wait(60)
        finally:
            watching.terminate()
            watching.communicate(timeout=60)
        assert watching.returncode == 0
        assert cli("run", "--due", folder=site.folder).returncode == 2
        job.unlink()
        for _ in range(2):
            assert cli("run", "--due", "--quiet", folder=site.folder).returncode == 0
    assert [each["subject"] for each in server.letters] == ["Failed: site", "Works again: site"]


def test_what_is_done_in_part_is_told_with_its_pages(tmp_path: Path) -> None:
    with office("none") as server:
        site = make(tmp_path, mailing(server.port))
        at(site, START, protected("Résumé", "me@example.org"))
        at(site, START + timedelta(hours=1), protected("Résumé"))
        at(site, START + timedelta(hours=2), protected("Résumé", "Other"))
        at(site, START + timedelta(hours=25), protected("Résumé", "Other"))
        at(site, START + timedelta(hours=26), well())
    first, second, third, last = server.letters
    assert first["subject"] == f"Not all done: {tmp_path.name}"
    assert "“Résumé” is protected: the account may not edit it. Ask an administrator" in text(first)
    assert "me@example.org" not in text(first) and "“…” is protected" in text(first)
    assert "Other" in text(second) and "Résumé" not in text(second) and "1 other thing" in text(second)
    assert "Résumé" in text(third) and "(Since 26 November 2026, 10:00 (UTC+1), in 4 runs.)" in text(third)
    assert "since 26 November 2026, 10:00 (UTC+1)" in text(last)


def test_a_wiki_that_is_away_for_less_than_an_hour_wakes_nobody(tmp_path: Path) -> None:
    with office("none") as server, hook() as watch:
        site = make(tmp_path, mailing(server.port) + "  ping: true\n")
        secret(tmp_path, "ping", f"{watch.address}/abc")
        at(site, START, well())
        for minute in range(10, 60, 5):
            at(site, START + timedelta(minutes=minute), errors.ReadOnly("read-only", "https://wiki.example.org", "maintenance"))
        at(site, START + timedelta(minutes=61), well())
        assert not server.letters and watch.paths == ["GET /abc", "GET /abc"]
        for minute in range(70, 140, 5):
            at(site, START + timedelta(minutes=minute), away() if minute % 10 else errors.RateLimited("rate-limited", "x"))
        assert len(server.letters) == 1 and set(watch.paths[2:]) == {"GET /abc/fail"}
        assert "(Since 26 November 2026, 11:10 (UTC+1), in 13 runs.)" in text(server.letters[0])


def test_failures_says_how_many_runs_must_fail(tmp_path: Path) -> None:
    with office("none") as server:
        site = make(tmp_path, mailing(server.port) + "  failures: 3\n")
        for minute in range(2):
            at(site, START + timedelta(minutes=minute), errors.LoginFailed("login-failed", "Bot", "wiki", "no"))
        at(site, START + timedelta(minutes=2), well())
        assert not server.letters
        for minute in range(3, 8):
            at(site, START + timedelta(minutes=minute), errors.LoginFailed("login-failed", "Bot", "wiki", "no"))
    assert len(server.letters) == 1 and "in 3 runs" in text(server.letters[0])


def test_all_is_well_only_when_the_job_that_failed_was_done(tmp_path: Path) -> None:
    with office("none") as server:
        site = make(tmp_path, mailing(server.port))
        failed = Result(failed=[errors.JobFailed("job-failed", "summaries", "why").say()], jobs={"summaries": "failed", "problems": "done"})
        at(site, START, failed)
        at(site, START + timedelta(minutes=15), Result(jobs={"problems": "done"}))
        assert len(server.letters) == 1
        at(site, START + timedelta(minutes=30), well())
    assert [each["subject"].split(":")[0] for each in server.letters] == ["Not all done", "Works again"]


def test_a_lock_is_told_when_it_is_held_for_long(tmp_path: Path) -> None:
    with office("none") as server:
        site = make(tmp_path, mailing(server.port))
        with hold(site.state / "lock", site.folder):
            assert cli("run", folder=tmp_path).returncode == 4
            assert not server.letters
            owner = json.loads((site.state / "lock").read_text())
            owner["since"] = (datetime.now(UTC) - timedelta(hours=7)).isoformat()
            (site.state / "lock").write_text(json.dumps(owner))
            assert cli("run", folder=tmp_path).returncode == 4
            assert cli("run", folder=tmp_path).returncode == 4
    assert len(server.letters) == 1 and "Another run is at work" in text(server.letters[0])


def test_a_person_who_ends_a_run_is_told_nothing(tmp_path: Path) -> None:
    with office("none") as server:
        site = make(tmp_path, mailing(server.port))
        at(site, START, errors.Interrupted("interrupted"))
        at(site, START, BrokenPipeError())
        with pytest.raises(KeyboardInterrupt), telling(site, "en"):
            raise KeyboardInterrupt
        at(site, START, None)
    assert not server.letters


def test_a_mistake_in_the_program_is_told(tmp_path: Path) -> None:
    with office("none") as server:
        at(make(tmp_path, mailing(server.port)), START, ZeroDivisionError("with a secret"))
    assert "a mistake in the program (ZeroDivisionError)" in text(server.letters[0]) and "secret" not in text(server.letters[0])


def test_what_cannot_be_kept_is_told_once_a_day_all_the_same(tmp_path: Path) -> None:
    with office("none") as server, hook() as watch:
        site = make(tmp_path, mailing(server.port) + "  ping: true\n")
        secret(tmp_path, "ping", f"{watch.address}/abc")
        (site.state / "journal.db").write_bytes(b"no database at all " * 100)
        error = errors.SettingsError("state-broken", "journal.db", "file is not a database")
        for hour in (0, 1, 2, 24, 25):
            at(site, START + timedelta(hours=hour), error)
    assert len(server.letters) == 2 and "journal.db cannot be used" in text(server.letters[0])
    assert watch.paths == ["GET /abc/fail"] * 5


def test_what_could_not_be_sent_is_sent_by_the_next_run_by_that_way_alone(tmp_path: Path) -> None:
    with office("none") as server, hook() as web:
        site = make(tmp_path, mailing(server.port) + "  webhook: true\n")
        secret(tmp_path, "webhook", f"{web.address}/{CANARY}")
        server.answer = "451 not now"
        at(site, START, protected("A"))
        assert len(web.bodies) == 1 and not server.letters
        log = (site.state / "logs" / "wikibridge.log").read_text()
        assert "451" in log and "canary" not in log
        server.answer, web.status = "250 OK", 500
        at(site, START + timedelta(minutes=15), protected("A"))
        assert len(web.bodies) == 1 and len(server.letters) == 1
        at(site, START + timedelta(minutes=30), well())
        web.status = 200
        at(site, START + timedelta(minutes=45), well())
        at(site, START + timedelta(minutes=60), well())
    assert [each["subject"].split(":")[0] for each in server.letters] == ["Not all done", "Works again"]
    # The answer 500 told that the first message on the end did not arrive.
    assert [body["event"] for body in web.bodies] == ["failed", "again", "again"]


def test_nothing_that_goes_wrong_in_telling_breaks_a_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError(CANARY)

    site = make(tmp_path, mailing(1) + "  webhook: true\n  ping: true\n  metrics: nowhere/m.prom\n")
    at(site, START, protected("A"))
    log = site.state / "logs" / "wikibridge.log"
    assert log.read_text().count("WARNING") == 4, "a server that is away, two secrets that are missing, a folder that is not there"
    monkeypatch.setattr(after, "judge", broken)
    at(site, START, protected("A"))
    assert "RuntimeError" in log.read_text() and "canary" not in log.read_text()


def test_secrets_are_nowhere_but_in_their_files(tmp_path: Path, pem: Path) -> None:
    with office("starttls", pem, True) as server, hook(pem) as web:
        make(tmp_path, mailing(server.port, "starttls", USER) + "  webhook: true\n  ping: true\n  metrics: m.prom\n")
        secret(tmp_path, "mail-password", PASSWORD)
        secret(tmp_path, "webhook", f"{web.address}/{CANARY}/hook")
        secret(tmp_path, "ping", f"{web.address}/{CANARY}/ping")
        (tmp_path / "jobs").mkdir()
        (tmp_path / "jobs" / "mine.yml").write_text("kind: sumaries\n")
        done = []
        for trust in (str(pem), ""):
            for command in (["run"], ["--debug", "tell", "--test"], ["tell"]):
                done.append(cli(*command, folder=tmp_path, SSL_CERT_FILE=trust))
            web.status = 403
        assert server.letters and web.bodies and [each.returncode for each in done] == [2, 0, 0, 2, 1, 0]
    names = ("canary", PASSWORD)
    assert not [each for each in done for name in names if name in each.stdout + each.stderr]
    for path in tmp_path.rglob("*"):
        if path.is_file() and path.name not in ("webhook", "ping", "mail-password"):
            assert not [name for name in names if name.encode() in path.read_bytes()], path
    assert not [name for name in names for letter in server.letters if name in letter.as_string() + text(letter)]


@pytest.mark.parametrize("name", ["mail-password", "webhook", "ping"])
def test_a_secret_is_for_its_owner_and_not_empty(tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    site = make(tmp_path, "  failures: 1\n")
    with pytest.raises(errors.SettingsError, match=f"(?s){name}.*WIKIBRIDGE_{name.upper().replace('-', '_')}"):
        site.secret(name)
    secret(tmp_path, name, "x", 0o640)
    with pytest.raises(errors.SettingsError, match="chmod 600"):
        site.secret(name)
    secret(tmp_path, name, "\n")
    with pytest.raises(errors.SettingsError, match="is missing"):
        site.secret(name)
    monkeypatch.setenv(f"WIKIBRIDGE_{name.upper().replace('-', '_')}", "given")
    assert site.secret(name) == "given"


def test_metrics_of_runs(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    make(tmp_path, "  metrics: out/wikibridge.prom\n")
    path = tmp_path / "out" / "wikibridge.prom"

    def read() -> dict[str, float]:
        families = text_string_to_metric_families(path.read_text())
        assert (os.stat(path).st_mode & 0o777, os.listdir(path.parent)) == (0o644, [path.name])
        return {sample.name: sample.value for family in families for sample in family.samples if sample.labels == {"site": str(tmp_path)}}

    assert cli("run", folder=tmp_path).returncode == 0
    first = read()
    assert first["wikibridge_exit_code"] == 0 and first["wikibridge_pages_created"] > 0 and first["wikibridge_entries"] == 1
    assert first["wikibridge_last_run_timestamp_seconds"] == first["wikibridge_last_success_timestamp_seconds"] > 1.7e9
    (tmp_path / "jobs").mkdir()
    (tmp_path / "jobs" / "mine.yml").write_text("kind: sumaries\n")
    assert cli("run", folder=tmp_path).returncode == 2
    second = read()
    assert second["wikibridge_exit_code"] == 2 and "wikibridge_requests" not in second
    assert first["wikibridge_last_success_timestamp_seconds"] - second["wikibridge_last_success_timestamp_seconds"] < 60
    assert second["wikibridge_last_run_timestamp_seconds"] > first["wikibridge_last_run_timestamp_seconds"]
    before = path.read_bytes()
    assert "works" in cli("tell", "--test", folder=tmp_path).stdout and path.read_bytes() == before


def test_a_digest_says_what_happened_since_the_last_one(tmp_path: Path) -> None:
    with office("none") as server:
        site = make(tmp_path, mailing(server.port) + "  digest: daily 08:00\n")
        now = datetime.now(UTC)
        with telling(site, "en", lambda: now - timedelta(days=2)) as tell, Session(site) as session:
            tell(session.run())
        assert not server.letters, "the first run begins to count"
        at(site, now, protected("A"))
        at(site, now + timedelta(minutes=1), protected("A"))
        at(site, now + timedelta(days=1), well(), "pt")
    letters = [each for each in server.letters if "written" in each["subject"] or "escrit" in each["subject"]]
    said = text(letters[0])
    assert len(letters) == 2 and re.match(rf"{tmp_path.name}: [1-9]\d* pages written, 0 new entries", letters[0]["subject"])
    assert "- Runs: 1\n" in said and re.search(r"- Pages created: [1-9]", said) and "- “A” is protected" in said
    assert "Nada está à espera de ninguém." in text(letters[1])


def test_trying_every_way(tmp_path: Path) -> None:
    told(cli("tell", "--test", folder=make(tmp_path, "  failures: 1\n").folder), 2, "docs/telling.md")
    with office("none") as server, hook() as web:
        make(tmp_path, mailing(server.port) + "  webhook: true\n  ping: true\n  metrics: m.prom\n")
        secret(tmp_path, "webhook", f"{web.address}/hook")
        done = cli("tell", "--test", folder=tmp_path)
        assert done.returncode == 1 and done.stderr == ""
        lines = done.stdout.splitlines()
        assert lines[:2] == ["mail (a@example.org, b@example.org): works", "webhook: works"]
        assert lines[2].startswith("ping: does not work. ") and "WIKIBRIDGE_PING" in lines[2]
        assert lines[3] == f"metrics ({tmp_path / 'm.prom'}): works" and len(lines) == 4
        assert server.letters[0]["subject"] == f"Test: {tmp_path.name}" and web.bodies[0]["event"] == "test"
    assert "Runs: 0" in cli("tell", folder=tmp_path).stdout


# Laws

FAULTS = {name: (lambda name=name: protected(name)) for name in ("A", "B", "A 1")} | {  # type: ignore[misc]
    "both": lambda: protected("A", "B"), "away": away,
    "limit": lambda: errors.LimitExceeded("limit-created", 5, 4),
    "conflict": lambda: Result(failed=[errors.EditConflict("edit-conflict", "C").say()], jobs={"summaries": "done"}),
    "well": well, "stopped": lambda: errors.Interrupted("interrupted"),
}
WORDS = {"A": "“A” is", "B": "“B” is", "A 1": "“A 1” is", "away": "No answer", "limit": "Nothing was written", "conflict": "“C” was"}


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(runs=st.lists(st.tuples(st.sampled_from(sorted(FAULTS)), st.integers(1, 60 * 30), st.booleans()), max_size=25))
def test_no_cause_is_told_twice_a_day_and_every_one_is_told(
    monkeypatch: pytest.MonkeyPatch, runs: list[tuple[str, int, bool]],
) -> None:
    sent: list[tuple[datetime, texts.Message]] = []
    now, works = START, True

    def send(way: str, site: Site, message: texts.Message) -> None:
        if not works:
            raise ways.NotSent("tell-mail-failed", "x", "y")
        sent.append((now, message))

    monkeypatch.setattr(ways, "send", send)
    with tempfile.TemporaryDirectory() as folder:
        site = make(Path(folder), mailing(1))
        last: dict[str, datetime] = {}
        owed = 0
        for name, minutes, works in runs:
            now += timedelta(minutes=minutes)
            count = len(sent)
            at(site, now, FAULTS[name]())
            new = [message for _, message in sent[count:]]
            assert not new or name != "stopped"
            for message in new:
                if message.event == "again":
                    assert name == "well" and owed, "it was told that it was not well, and not yet that it is again"
                    owed = 0
                    continue
                met = [each for each, words in WORDS.items() if words in message.text]
                assert met
                for each in met:
                    if each in last:
                        assert last[each].astimezone(BRUSSELS).date() != now.astimezone(BRUSSELS).date()
                        assert now - last[each] >= timedelta(hours=12)
                    last[each] = now
                owed += 1
            # What is not to pass by itself is told at once, unless it was today.
            for each in {"both": ["A", "B"]}.get(name, [name]):
                if works and each in ("A", "B", "A 1", "limit"):
                    assert each in last and now - last[each] < timedelta(hours=24 + 12)
        log = site.state / "logs" / "wikibridge.log"
        assert not log.exists() or "telling: " not in log.read_text(), "a mistake of the program, which breaks no run"


def test_two_runs_at_once_tell_a_cause_once(tmp_path: Path) -> None:
    """Both have seen that it was not told yet; as two machines with one database do."""
    from wikibridge.mirror.journal import Journal
    from wikibridge.mirror.told import Memory, Told

    site = make(tmp_path, "  failures: 1\n")
    with closing(Journal(site.state / "journal.db")) as one, closing(Journal(site.state / "journal.db")) as two:
        first, second = Memory(one.engine, "w"), Memory(two.engine, "w")
        new = Told("2026-11-26T09:00:00+00:00", "2026-11-26T08:00:00+00:00")
        assert [memory.claim("mail", "c", None, new) for memory in (first, second)] == [True, False]
        later = Told("2026-11-27T09:00:00+00:00")
        assert [memory.claim("mail", "c", new, later) for memory in (second, first)] == [True, False]
        second.release("mail", "c", new)
        assert first.told("mail") == {"c": new} and not first.told("webhook")


@pytest.mark.parametrize("language", ["en", "fr", "pt"])
def test_the_messages_in_every_language_hold_no_gap(tmp_path: Path, language: str, monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[texts.Message] = []
    monkeypatch.setattr(ways, "send", lambda way, site, message: sent.append(message))
    site = make(tmp_path, mailing(1) + "  digest: 1 h\n", "kind: mediawiki, address: 'https://wiki.example.org/w/api.php'")
    for hour, what in enumerate((well(), protected("A"), protected("A", "B"), well())):
        at(site, START + timedelta(hours=hour), what, language)
    assert [message.event for message in sent] == ["failed", "digest", "failed", "digest", "again", "digest"]
    for message in sent:
        assert "wiki.example.org" in message.subject and not re.search(r"\$\d|\{\{|⧼", message.subject + message.text)
        assert len(message.subject) < 78


def test_the_page_that_stops_us_is_named_without_its_text(tmp_path: Path) -> None:
    with office("none") as server:
        site = make(tmp_path, mailing(server.port))
        at(site, START, errors.Stopped("stopped-by-page", "User:Bot/Stop", "Angry Ana", "my private reasons"))
    said = text(server.letters[0])
    assert "User:Bot/Stop" in said and "Ana" not in said and "private" not in said


def test_no_name_of_a_page_is_in_the_memory(tmp_path: Path) -> None:
    site = make(tmp_path, mailing(1))
    at(site, START, protected("Participants/Zoé Unique"))
    with closing(after.Journal(site.state / "journal.db")) as journal:
        rows = "".join(after.Memory(journal.engine, after.name(site)).troubles())
    assert rows and "Unique" not in rows
    assert b"Zo\xc3\xa9 Unique" not in b"".join(path.read_bytes() for path in site.state.glob("journal*"))


def test_help_starts_without_mail_or_web(tmp_path: Path) -> None:
    code = "import sys; import wikibridge.cli.main; print([m for m in ('smtplib', 'sqlalchemy', 'pydantic') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout == "[]\n"


