"""The account's password goes to its wiki and nowhere else: not on a screen, into no file, to no other machine."""

from __future__ import annotations

import http.server
import json
import logging
import os
import ssl
import subprocess
import sys
import threading
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import parse_qs, quote_plus

import pytest

from tests.test_cli import cli
from tests.test_mediawiki_faults import Answer, door, relay, reply, serving
from wikibridge import Session, Site, errors
from wikibridge.demo.mediawiki_server import Account, MediaWikiServer

CANARY = "canary/+ \"é&<bird>"
TOKEN = '{"batchcomplete": true, "query": {"tokens": {"logintoken": "abc+\\\\"}}}'


@pytest.fixture
def folder(tmp_path: Path) -> Callable[[str, str, str], Path]:
    def make(address: str, account: str, password: str) -> Path:
        (tmp_path / "wikibridge.yml").write_text(
            f"wiki: {{kind: mediawiki, address: '{address}', account: '{account}', timeout: 20}}\nlanguages: [en]\nparticipants: Secrets/\n")
        (tmp_path / "participants.csv").write_text("name\nAna\n")
        (tmp_path / "password").write_text(password, encoding="utf-8")
        (tmp_path / "password").chmod(0o600)
        return tmp_path

    return make


@pytest.fixture(scope="module")
def canary(mediawiki: MediaWikiServer) -> Account:
    return mediawiki.bot_password(mediawiki.user("Keeper", ("bot",)).name, "canary")


def nowhere(folder: Path, password: str, *said: str) -> None:
    """The password is in none of these texts and in no file of the folder but its own."""
    assert password
    for text in said:
        assert password not in text and quote_plus(password) not in text, text
    for path in folder.rglob("*"):
        if path.is_file() and path != folder / "password":
            data = path.read_bytes()
            assert password.encode() not in data and quote_plus(password).encode() not in data, path


@pytest.mark.live
def test_a_run_keeps_its_password_to_itself(mediawiki: MediaWikiServer, canary: Account, folder: Callable[..., Path]) -> None:
    arrived, seen = threading.Event(), threading.Event()
    sent: list[bytes] = []

    def cut(request: bytes) -> str:
        sent.append(request)
        if b"siteinfo" in request:
            arrived.set()
            seen.wait(60)
        return ""

    with relay(mediawiki, cut) as address:
        site = folder(address, canary.name, canary.password)
        process = subprocess.Popen([sys.executable, "-m", "wikibridge", "--debug", "run"], cwd=site, text=True,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        try:
            assert arrived.wait(60)
            listed = Path(f"/proc/{process.pid}/cmdline").read_bytes().decode()
        finally:
            seen.set()
            out, err = process.communicate(timeout=120)
        assert process.returncode == 0, err
        assert any(canary.password.encode() in request for request in sent), "it did log in"
        assert not any(canary.password.encode() in request.partition(b" ")[0] for request in sent), "it was in an address"
        (site / ".wikibridge" / "session.json").unlink()
        made = cli("--debug", "plan", "--json", "--html", "plan.html", folder=site)
        (site / "plan.json").write_text(made.stdout)
        assert made.returncode == 0 and json.loads(made.stdout)["steps"]
    assert "run" in listed
    nowhere(site, canary.password, listed, out, err, made.stdout, made.stderr)
    names = {path.name for path in site.rglob("*")}
    assert {"journal.db", "mirror.db", "session.json", "plan.html"} <= names


@pytest.mark.live
def test_a_wrong_password_and_a_mistake_of_the_program_do_not_tell_it(
    mediawiki: MediaWikiServer, canary: Account, folder: Callable[..., Path]
) -> None:
    site = folder(mediawiki.address + "api.php", canary.name, CANARY)
    done = cli("--debug", "run", folder=site)
    assert done.returncode == 1 and "LoginFailed" in done.stderr
    nowhere(site, CANARY, done.stdout, done.stderr)
    (site / "password").write_text(canary.password)
    code = ("import sys; from wikibridge.cli.main import main; from wikibridge.wikis.mediawiki import MediaWikiWiki\n"
            "def broken(self, edit): raise RuntimeError(f'broken at {edit.title}')\n"
            "MediaWikiWiki.write = broken; sys.argv = ['wikibridge', '--debug', 'run']; main()")
    (site / "participants.csv").write_text("name\nAna\nNobody yet\n")
    broken = subprocess.run([sys.executable, "-c", code], cwd=site, text=True, capture_output=True, timeout=120, check=False)
    assert broken.returncode == 1 and "RuntimeError: broken at Secrets/" in broken.stderr
    nowhere(site, canary.password, broken.stdout, broken.stderr)


def _sent(body: bytes) -> str:
    return parse_qs(body.decode()).get("lgpassword", [""])[0]


ECHOES: dict[str, Callable[[bytes], tuple[int, str, dict[str, str]]]] = {
    "an error page": lambda body: (500, f"<html>{body.decode()} {_sent(body)}</html>", {}),
    "an error page in place of an answer": lambda body: (200, f"<html>{body.decode()} {_sent(body)}</html>", {}),
    "a busy server": lambda body: (503, _sent(body), {"retry_after": "0"}),
    "an error of the API": lambda body: (200, json.dumps({"error": {"code": "internal_api_error", "info": f"{body.decode()} {_sent(body)}"}}), {}),
    "an error's code": lambda body: (200, json.dumps({"error": {"code": _sent(body), "info": "x"}}), {}),
    "a refusal": lambda body: (200, json.dumps({"login": {"result": "Failed", "reason": f"{body.decode()} {_sent(body)}"}}), {}),
    "a result": lambda body: (200, json.dumps({"login": {"result": _sent(body)}}), {}),
    "a wait": lambda body: (200, json.dumps({"login": {"result": "Throttled", "wait": _sent(body)}}), {}),
    "a word in place of an answer": lambda body: (200, json.dumps({"login": _sent(body)}), {}),
    "a wrong encoding": lambda body: (200, json.dumps({"login": {"reason": _sent(body)}}, ensure_ascii=False), {"content_type": "text/html"}),
    "a redirect": lambda body: (307, "", {"location": f"https://evil.example/{body.decode()}/{quote_plus(_sent(body))}?{body.decode()}"}),
    "a block": lambda body: (200, json.dumps({"error": {"code": "blocked", "info": _sent(body), "blockinfo": {"blockreason": _sent(body)}}}), {}),
}


def echoing(echo: Callable[[bytes], tuple[int, str, dict[str, str]]]) -> Answer:
    """A server that gives a token and then sends back what it was sent."""

    def answer(handler: http.server.BaseHTTPRequestHandler, body: bytes) -> None:
        if b"lgpassword" not in body:
            reply(handler, TOKEN.encode(), ["session=1"])
            return
        assert _sent(body) == CANARY
        status, text, headers = echo(body)
        # The words beside the number are the server's as well.
        handler.responses = {**handler.responses, status: (quote_plus(_sent(body)), "")}  # type: ignore[dict-item]
        reply(handler, text.encode("latin-1", "replace"), [], status, **headers)

    return answer


@pytest.mark.parametrize("echo", ECHOES)
def test_what_a_server_sends_back_is_not_told(echo: str, folder: Callable[..., Path], caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with serving(echoing(ECHOES[echo])) as address:
        site = Site(folder(address, "Keeper@canary", CANARY))
        with Session(site) as session, pytest.raises(errors.WikiError) as caught:
            session.run()
    shown = "".join(traceback.format_exception(caught.value))
    nowhere(site.folder, CANARY, shown, str(caught.value), repr(caught.value), caplog.text)


def test_what_a_server_sends_back_is_not_told_by_the_command(folder: Callable[..., Path]) -> None:
    with serving(echoing(ECHOES["an error of the API"])) as address:
        site = folder(address, "Keeper@canary", CANARY)
        done = cli("--debug", "run", folder=site)
    assert done.returncode == 1 and "internal_api_error" in done.stderr
    nowhere(site, CANARY, done.stdout, done.stderr, cli("status", folder=site).stdout)


def test_a_server_that_is_away(folder: Callable[..., Path]) -> None:
    site = folder("http://127.0.0.1:9/w/api.php", "Keeper@canary", CANARY)
    done = cli("--debug", "run", folder=site)
    assert done.returncode == 1 and "Unreachable" in done.stderr
    nowhere(site, CANARY, done.stdout, done.stderr)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("when", ["before", "at the log-in"])
def test_no_redirect_is_followed(status: int, when: str) -> None:
    elsewhere: list[bytes] = []

    def other(handler: http.server.BaseHTTPRequestHandler, body: bytes) -> None:
        elsewhere.append(body)
        reply(handler, TOKEN.encode(), [])

    with serving(other) as target:
        def answer(handler: http.server.BaseHTTPRequestHandler, body: bytes) -> None:
            if when == "before" or b"lgpassword" in body:
                reply(handler, b"", ["session=1"], status, location=target.replace("127.0.0.1", "localhost"))
            else:
                reply(handler, TOKEN.encode(), [])

        with serving(answer) as address, pytest.raises(errors.NotSuchAWiki) as caught:
            door(address, "Keeper@canary", CANARY).info()
    assert caught.value.key == "redirected" and "localhost" in str(caught.value)
    assert not elsewhere


@pytest.mark.parametrize(("address", "refused"), [
    ("http://wiki.example.org/w/api.php", True), ("HTTP://wiki.example.org/w/api.php", True), ("http://10.0.0.1/api.php", True),
    ("http://localhost.example.org/api.php", True), ("http://127.0.0.1.example.org/api.php", True), ("http://[2001:db8::1]/api.php", True),
    ("https://wiki.example.org/w/api.php", False), ("http://127.0.0.1:8080/api.php", False), ("http://[::1]/api.php", False),
    ("http://localhost/w/api.php", False),
])
def test_plain_http_is_for_this_machine_only(tmp_path: Path, address: str, refused: bool) -> None:
    settings = "languages: [en]\nwiki:\n  kind: mediawiki\n  account: Keeper@canary\n  address: '{}'\n  insecure_http: {}\n"
    (tmp_path / "wikibridge.yml").write_text(settings.format(address, "false"))
    if refused:
        with pytest.raises(errors.SettingsError) as caught:
            Site(tmp_path)
        assert caught.value.exit_code == 2
        for word in ("wikibridge.yml, line 5, wiki.address", "https", "insecure_http: true"):
            assert word in str(caught.value)
        with pytest.raises(errors.NotSuchAWiki):
            door(address)
    else:
        Site(tmp_path)
        door(address)
    (tmp_path / "wikibridge.yml").write_text(settings.format(address, "true"))
    Site(tmp_path)
    door(address, insecure_http=True)


@pytest.mark.parametrize("address", ["https://me:{}@wiki.example.org/api.php", "http://me:{}@wiki.example.org/api.php", "ftp://me:{}@x/api.php",
                                     "me:{}@wiki.example.org/api.php", "https://me:{}@wiki.example.org:x/api.php", "//{}@x"])
def test_an_address_with_a_password_is_not_shown(address: str) -> None:
    with pytest.raises(errors.NotSuchAWiki) as caught:
        door(address.format("canary"))
    assert caught.value.key == "address-secret" and "canary" not in str(caught.value)


@pytest.fixture
def unknown(tmp_path: Path) -> Iterator[tuple[str, list[bytes]]]:
    """A server whose certificate nobody vouches for, and what it was sent."""
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
                    "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout", tmp_path / "key.pem", "-out", tmp_path / "cert.pem"],
                   check=True, capture_output=True)
    sent: list[bytes] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            sent.append(self.rfile.read(int(self.headers.get("content-length", 0))))
            reply(self, TOKEN.encode(), [])

        do_POST = do_GET

        def log_message(self, format: str, *args: object) -> None:
            pass

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "cert.pem", tmp_path / "key.pem")
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield f"https://localhost:{server.server_port}/w/api.php", sent
    server.shutdown()
    server.server_close()


@pytest.mark.live
def test_a_certificate_that_nobody_vouches_for_is_refused(unknown: tuple[str, list[bytes]], folder: Callable[..., Path], tmp_path: Path) -> None:
    address, sent = unknown
    site = folder(address, "Keeper@canary", CANARY)
    done = cli("run", folder=site, REQUESTS_CA_BUNDLE="", CURL_CA_BUNDLE="")
    assert done.returncode == 75 and done.stderr.startswith(f"wikibridge: No answer from {address}") and "certificate" in done.stderr
    assert done.stderr.count("\n") == 1 and not sent
    trusted = cli("--debug", "run", folder=site, REQUESTS_CA_BUNDLE=str(tmp_path / "cert.pem"))
    assert sent and trusted.returncode == 1, "with its certificate known it is spoken to"
    nowhere(site, CANARY, done.stdout, done.stderr, trusted.stdout, trusted.stderr)


def test_the_password_file_is_for_its_owner(folder: Callable[..., Path]) -> None:
    site = Site(folder("https://wiki.example.org/w/api.php", "Keeper@canary", CANARY))
    for mode in (0o640, 0o604, 0o620):
        (site.folder / "password").chmod(mode)
        with pytest.raises(errors.SettingsError, match="chmod 600"):
            site.password()
    assert os.stat(site.state).st_mode & 0o077 == 0
