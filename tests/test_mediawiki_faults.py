"""What a citizen's or an administrator's wiki can answer that is not a success: one sentence each, nothing lost."""

from __future__ import annotations

import contextlib
import http.server
import json
import re
import sqlite3
import threading
import time
import urllib.request
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from wikibridge import errors
from wikibridge.demo.mediawiki_server import MediaWikiServer
from wikibridge.entries.types import shipped
from wikibridge.mirror.store import Mirror
from wikibridge.mirror.sync import Reader, sync
from wikibridge.model import Edit, Selection
from wikibridge.wikis.mediawiki import MediaWikiWiki

Answer = Callable[[http.server.BaseHTTPRequestHandler, bytes], None]


@contextmanager
def serving(answer: Answer) -> Iterator[str]:
    """A server on loopback that answers as told; its address as that of an API."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            answer(self, self.rfile.read(int(self.headers.get("content-length", 0))))

        do_POST = do_GET

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/w/api.php"
    finally:
        server.shutdown()
        server.server_close()


def saying(status: int, body: str, **headers: str) -> Answer:
    return lambda handler, _: reply(handler, body.encode(), [], status, **headers)


def door(address: str, account: str = "Bot@app", password: str = "secret", **options: float) -> MediaWikiWiki:
    return MediaWikiWiki(address, account, password, **{"pause": 0, "timeout": 20, **options})  # type: ignore[arg-type]


@pytest.mark.parametrize(("address", "key"), [
    ("wiki.example.org/api.php", "not-a-mediawiki"),
    ("https://wiki.example.org/index.php", "not-a-mediawiki"),
    ("https://wiki.example.org:x/api.php", "not-a-mediawiki"),
    ("https://[/api.php", "not-a-mediawiki"),
    ("ftp://wiki.example.org/api.php", "not-a-mediawiki"),
    ("http://wiki.example.org/api.php", "plain-http"),
    ("https://me:secret@wiki.example.org/api.php", "address-secret"),
])
def test_addresses_that_cannot_be_right(address: str, key: str) -> None:
    with pytest.raises(errors.NotSuchAWiki) as caught:
        door(address)
    assert caught.value.key == key and caught.value.exit_code == 2 and "secret@" not in str(caught.value)


@pytest.mark.parametrize(("answer", "kind", "key"), [
    (saying(200, "<html>A page</html>"), errors.NotSuchAWiki, "not-a-mediawiki"),
    (saying(200, "[1, 2]"), errors.NotSuchAWiki, "not-a-mediawiki"),
    (saying(200, '{"query": {}}'), errors.NotSuchAWiki, "not-a-mediawiki"),
    (saying(404, "nothing"), errors.NotSuchAWiki, "not-a-mediawiki"),
    (saying(403, "no"), errors.Unreachable, "unreachable"),
    (saying(503, "down"), errors.Unreachable, "unreachable"),
    (saying(429, "slow"), errors.RateLimited, "rate-limited"),
    (saying(301, "", location="https://elsewhere.example.org/api.php"), errors.NotSuchAWiki, "redirected"),
    (saying(200, '{"error": {"code": "maxlag", "info": "lagged"}}', x_database_lag="9", retry_after="0"), errors.RateLimited, "rate-limited"),
])
def test_what_else_may_answer_at_the_address(answer: Answer, kind: type[errors.WikibridgeError], key: str) -> None:
    with serving(answer) as address, pytest.raises(kind) as caught:
        door(address).info()
    assert caught.value.key == key
    assert address in str(caught.value) and "secret" not in str(caught.value)


def test_nothing_listens() -> None:
    with serving(saying(200, "")) as address:
        pass
    with pytest.raises(errors.Unreachable) as caught:
        door(address).info()
    assert caught.value.exit_code == 75 and "refused" in str(caught.value)


def test_no_answer_in_time() -> None:
    done = threading.Event()
    with serving(lambda handler, _: done.wait(30) and None) as address:
        with pytest.raises(errors.Unreachable) as caught:
            door(address, timeout=0.2, retries=1).info()
        done.set()
    assert caught.value.key == "timeout" and "0.2" in str(caught.value)


# From here on, a real MediaWiki answers.


@pytest.mark.live
def test_a_wrong_password_is_tried_once(mediawiki: MediaWikiServer) -> None:
    wiki = door(mediawiki.address + "api.php", mediawiki.bot.name, "swordfish")
    with pytest.raises(errors.LoginFailed) as caught:
        wiki.info()
    assert wiki.requests == 2 and mediawiki.bot.name in str(caught.value) and "swordfish" not in str(caught.value)


@pytest.mark.live
def test_a_throttled_login_says_how_long(mediawiki: MediaWikiServer) -> None:
    mediawiki.settings("throttle", "$wgPasswordAttemptThrottle = [ [ 'count' => 1, 'seconds' => 300 ] ];")
    try:
        found = []
        for _ in range(3):
            with pytest.raises(errors.LoginFailed) as caught:
                door(mediawiki.address + "api.php", "Nobody@app", "wrong").info()
            found.append(caught.value)
    finally:
        mediawiki.settings("throttle", None)
    assert all("Nobody@app" in str(error) for error in found)


@pytest.mark.live
def test_a_read_only_wiki_is_read_and_not_written(mediawiki: MediaWikiServer) -> None:
    wiki = door(mediawiki.address + "api.php", mediawiki.bot.name, mediawiki.bot.password)
    wiki.info()
    mediawiki.settings("readonly", "$wgReadOnly = 'The database is being moved';")
    try:
        assert list(wiki.read(titles=["Main Page"]))
        with pytest.raises(errors.ReadOnly) as caught:
            wiki.write(Edit("Read only", "text", "", None))
    finally:
        mediawiki.settings("readonly", None)
    assert "The database is being moved" in str(caught.value) and caught.value.exit_code == 75
    assert not list(wiki.read(titles=["Read only"]))


@pytest.mark.live
def test_a_blocked_account_is_told_why(mediawiki: MediaWikiServer) -> None:
    user = mediawiki.user("Blocked one")
    account = mediawiki.bot_password(user.name)
    listed = mediawiki.folder / "blocked.txt"
    listed.write_text(user.name + "\n")
    mediawiki.maintenance("blockUsers", "--performer", "Admin", "--reason", "Tests on the live wiki", "--disable-autoblock", str(listed))
    wiki = door(mediawiki.address + "api.php", account.name, account.password)
    assert wiki.info().account == user.name
    with pytest.raises(errors.Blocked) as caught:
        wiki.write(Edit("Blocked", "text", "", None))
    assert "Tests on the live wiki" in str(caught.value) and user.name in str(caught.value)


@pytest.mark.live
def test_a_captcha_is_no_success(mediawiki: MediaWikiServer, mediawiki_doors: Callable[[str], MediaWikiWiki]) -> None:
    wiki = mediawiki_doors("Captcha one")
    wiki.info()
    mediawiki.settings("captcha", r"""
wfLoadExtension( 'ConfirmEdit' );
$wgCaptchaClass = 'MediaWiki\Extension\ConfirmEdit\SimpleCaptcha\SimpleCaptcha';
$wgCaptchaTriggers['create'] = $wgCaptchaTriggers['edit'] = true;
""")
    try:
        with pytest.raises(errors.Rejected) as caught:
            wiki.write(Edit("Captcha", "text", "", None))
    finally:
        mediawiki.settings("captcha", None)
    assert caught.value.key == "captcha" and not list(wiki.read(titles=["Captcha"]))


@pytest.mark.live
def test_a_filter_that_refuses_is_told_with_its_reason(mediawiki: MediaWikiServer, mediawiki_doors: Callable[[str], MediaWikiWiki]) -> None:
    wiki = mediawiki_doors("Captcha one")
    wiki.info()
    mediawiki.settings("spam", "$wgSpamRegex = '/buy now/';")
    try:
        with pytest.raises(errors.Rejected) as caught:
            wiki.write(Edit("Filtered", "buy now", "", None))
    finally:
        mediawiki.settings("spam", None)
    assert caught.value.key == "rejected" and not list(wiki.read(titles=["Filtered"]))


@pytest.mark.live
def test_too_fast_is_told_after_some_tries(mediawiki: MediaWikiServer) -> None:
    user = mediawiki.bot_password(mediawiki.user("Quick one").name)
    wiki = door(mediawiki.address + "api.php", user.name, user.password, retries=2)
    wiki.info()
    mediawiki.settings("pace", "$wgRateLimits = [ 'edit' => [ 'user' => [ 1, 3600 ], 'newbie' => [ 1, 3600 ] ] ];")
    try:
        wiki.write(Edit("Quick", "one", "", None))
        with pytest.raises(errors.RateLimited):
            wiki.write(Edit("Quick 2", "two", "", None))
    finally:
        mediawiki.settings("pace", None)
    assert not list(wiki.read(titles=["Quick 2"]))


@pytest.mark.live
def test_a_session_that_the_wiki_forgot_is_opened_again_once(mediawiki: MediaWikiServer) -> None:
    def forget() -> None:
        with contextlib.closing(sqlite3.connect(mediawiki.folder / "data" / "wikicache.sqlite", timeout=30)) as sessions:
            sessions.execute("DELETE FROM objectcache")
            sessions.commit()

    wiki = door(mediawiki.address + "api.php", mediawiki.bot.name, mediawiki.bot.password)
    first = wiki.write(Edit("Session", "one", "", None)).head
    forget()
    wiki.write(Edit("Session", "two", "", first))
    assert [page.text for page in wiki.read(titles=["Session"])] == ["two"]
    forget()
    before = wiki.requests
    assert [page.text for page in wiki.read(titles=["Session"])] == ["two"]
    assert wiki.requests - before == 4, "refused, two to log in, answered"


def forwarded(server: MediaWikiServer, handler: http.server.BaseHTTPRequestHandler, body: bytes) -> tuple[bytes, list[str]]:
    """What the real wiki answers to a request, and the cookies it sets."""
    passed = {k: v for k, v in handler.headers.items() if k.lower() in ("cookie", "content-type")}
    request = urllib.request.Request(
        server.address + handler.path.removeprefix("/w/"), body or None, passed, method=handler.command)
    with urllib.request.urlopen(request) as found:
        return found.read(), found.headers.get_all("set-cookie") or []


def reply(handler: http.server.BaseHTTPRequestHandler, data: bytes, cookies: list[str], status: int = 200, **headers: str) -> None:
    handler.send_response(status)
    for cookie in cookies:
        handler.send_header("set-cookie", cookie)
    for name, value in {**headers, "content-length": str(len(data))}.items():
        handler.send_header(name.replace("_", "-"), value)
    handler.end_headers()
    handler.wfile.write(data)


@contextmanager
def relay(server: MediaWikiServer, cut: Callable[[bytes], str]) -> Iterator[str]:
    """A way to the wiki that breaks for some requests: "before" they arrive, or "after", when only the answer is lost."""

    def answer(handler: http.server.BaseHTTPRequestHandler, body: bytes) -> None:
        where = cut(handler.path.encode() + b" " + body)
        data, cookies = forwarded(server, handler, body) if where != "before" else (b"", [])
        if where:
            handler.close_connection = True
            handler.connection.close()
        else:
            reply(handler, data, cookies)

    with serving(answer) as address:
        yield address


@contextmanager
def bending(server: MediaWikiServer, bend: Callable[[bytes, dict[str, Any]], Any]) -> Iterator[str]:
    """A wiki whose answers are bent: ``bend`` gets the request and the answer, and gives another one (bytes: not as JSON)."""

    def answer(handler: http.server.BaseHTTPRequestHandler, body: bytes) -> None:
        data, cookies = forwarded(server, handler, body)
        bent = bend(handler.path.encode() + b" " + body, json.loads(data))
        status, headers, bent = bent if isinstance(bent, tuple) else (200, {}, bent)
        reply(handler, bent if isinstance(bent, bytes) else json.dumps(bent).encode(), cookies, status, **headers)

    with serving(answer) as address:
        yield address


@pytest.mark.live
def test_a_lost_answer_of_a_saved_edit_is_found_out_and_not_sent_again(mediawiki: MediaWikiServer) -> None:
    with relay(mediawiki, lambda body: "after" if b"action=edit" in body else "") as address:
        wiki = door(address, mediawiki.bot.name, mediawiki.bot.password)
        made = wiki.write(Edit("Lost answer", "one", "", None)).head
        changed = wiki.write(Edit("Lost answer", "two", "", made)).head
    (page,) = door(mediawiki.address + "api.php", mediawiki.bot.name, mediawiki.bot.password).read(titles=["Lost answer"])
    assert (page.id, page.revision, page.text) == (changed.id, changed.revision, "two") and made.id == changed.id


@pytest.mark.live
def test_an_edit_that_never_arrived_is_sent_once_and_told_as_unsure(mediawiki: MediaWikiServer) -> None:
    sent: list[bytes] = []

    def cut(body: bytes) -> str:
        if b"action=edit" not in body:
            return ""
        sent.append(body)
        return "before"

    with relay(mediawiki, cut) as address:
        wiki = door(address, mediawiki.bot.name, mediawiki.bot.password)
        with pytest.raises(errors.Unsure) as caught:
            wiki.write(Edit("Never arrived", "text", "", None))
        assert "next run" in str(caught.value)
        assert not list(wiki.read(titles=["Never arrived"]))
    assert len(sent) == 1


@pytest.mark.live
def test_somebody_elses_change_far_away_is_merged_by_the_server_and_told(
    mediawiki: MediaWikiServer, mediawiki_doors: Callable[[str], MediaWikiWiki]
) -> None:
    bot, citizen = mediawiki_doors("bot"), mediawiki_doors("Citizen")
    lines = [f"line {n}" for n in range(12)]
    base = bot.write(Edit("Merging", "\n".join(lines), "", None)).head
    citizen.write(Edit("Merging", "\n".join(["mine", *lines[1:]]), "", base))
    saved = bot.write(Edit("Merging", "\n".join([*lines[:-1], "ours"]), "", base))
    (page,) = bot.read(ids=[base.id])
    assert saved.merged and page.text == "\n".join(["mine", *lines[1:-1], "ours"])


@pytest.mark.live
def test_requests_are_few(mediawiki: MediaWikiServer) -> None:
    wiki = door(mediawiki.address + "api.php", mediawiki.bot.name, mediawiki.bot.password)
    wiki.info()
    assert wiki.requests == 3 and wiki.info().bot and wiki.info().batch == 500
    for number in range(5):
        wiki.write(Edit(f"Few/{number}", "text", "", None))
    assert wiki.requests == 8
    cursor = wiki.changes(None, Selection(("Few/",))).cursor
    assert wiki.requests == 8
    assert wiki.changes(cursor, Selection(("Few/",))).complete


@pytest.mark.live
def test_edits_carry_bot_flag_summary_and_account(mediawiki: MediaWikiServer) -> None:
    wiki = door(mediawiki.address + "api.php", mediawiki.bot.name, mediawiki.bot.password)
    wiki.write(Edit("Flagged", "text", "why " * 200, None))
    row: dict[str, object] = {}
    for _ in range(100):
        query = "action=query&list=recentchanges&rctitle=Flagged&rcprop=flags|comment|user&format=json&formatversion=2"
        with urllib.request.urlopen(f"{mediawiki.address}api.php?{query}") as answer:
            rows = json.load(answer)["query"]["recentchanges"]
        if rows:
            row = rows[0]
            break
        time.sleep(0.05)
    assert row["bot"] and row["user"] == "Wikibridge" and str(row["comment"]).startswith("why why")


def _is_read(request: bytes) -> bool:
    return b"revisions" in request and b"generator" not in request


READ_FAULTS: dict[str, Callable[[bytes, dict[str, Any]], Any]] = {
    "truncated": lambda _, answer: json.dumps(answer).encode()[:-9],
    "not JSON": lambda _, answer: b"<html>maintenance</html>",
    "wrong encoding": lambda _, answer: json.dumps(answer).encode().replace(b"Main", b"M\xe9in"),
    "empty": lambda _, answer: b"",
    "429": lambda _, answer: (429, {"retry_after": "0"}, b"slow down"),
    "502": lambda _, answer: (502, {}, b"bad gateway"),
    "503 with Retry-After": lambda _, answer: (503, {"retry_after": "0"}, b"busy"),
}


@pytest.mark.live
@pytest.mark.parametrize("fault", READ_FAULTS)
def test_a_read_that_fails_once_is_repeated_and_one_that_always_fails_is_told(mediawiki: MediaWikiServer, fault: str) -> None:
    failing = 2

    def bend(request: bytes, answer: dict[str, Any]) -> Any:
        nonlocal failing
        if not _is_read(request) or not failing:
            return answer
        failing -= 1
        return READ_FAULTS[fault](request, answer)

    with bending(mediawiki, bend) as address:
        wiki = door(address, mediawiki.bot.name, mediawiki.bot.password, retries=3)
        assert [page.title for page in wiki.read(titles=["Main Page"])] == ["Main Page"]
        failing = 10**6
        with pytest.raises((errors.Unreachable, errors.RateLimited)) as caught:
            list(wiki.read(titles=["Main Page"]))
    assert caught.value.exit_code == 75 and address in str(caught.value)


@pytest.mark.live
def test_a_server_that_asks_for_hours_is_left_to_the_next_run(mediawiki: MediaWikiServer) -> None:
    with bending(mediawiki, lambda request, answer: (503, {"retry_after": "7200"}, b"busy") if _is_read(request) else answer) as address:
        wiki = door(address, mediawiki.bot.name, mediawiki.bot.password)
        wiki.info()
        before = wiki.requests
        with pytest.raises(errors.Unreachable):
            list(wiki.read(titles=["Main Page"]))
        assert wiki.requests == before + 1


LIES: dict[str, Callable[[dict[str, Any]], Any]] = {
    "a continuation in a circle": lambda answer: {**answer, "continue": {"rvcontinue": "1|1", "continue": "||"}},
    "a continuation that is a word": lambda answer: {**answer, "continue": "on"},
    "no time": lambda answer: {**answer, "query": {"pages": [{"pageid": 1, "title": "x", "revisions": [{"revid": 1, "slots": {"main": {"content": ""}}}]}]}},
    "no slots": lambda answer: {**answer, "query": {"pages": [{"pageid": 1, "title": "x", "revisions": [{"revid": 1}]}]}},
    "pages are a number": lambda answer: {**answer, "query": {"pages": 7}},
    "no query at all": lambda answer: {"query": None},
    "an error that is a word": lambda answer: {"error": "no"},
    "a list": lambda answer: [answer],
    "a time that is none": lambda answer: json.loads(re.sub(r'"timestamp": "[^"]*"', '"timestamp": "soon"', json.dumps(answer))),
}


@pytest.mark.live
@pytest.mark.parametrize("lie", LIES)
def test_a_wiki_that_lies_is_told_and_the_mirror_is_as_it_was(mediawiki: MediaWikiServer, mediawiki_doors: Callable[[str], MediaWikiWiki], lie: str) -> None:
    prefix = f"Lies {uuid.uuid4().hex[:8]}/"
    for number in range(3):
        mediawiki_doors("bot").write(Edit(f"{prefix}{number}", "text", "", None))
    mirror, reader, selection = Mirror(None), Reader(shipped(), "en", Selection()), Selection((prefix,))
    bent = True
    with bending(mediawiki, lambda request, answer: LIES[lie](answer) if bent and _is_read(request) else answer) as address:
        wiki = door(address, mediawiki.bot.name, mediawiki.bot.password, retries=1)
        with pytest.raises(errors.WikiError) as caught:
            sync(wiki, mirror, selection, reader)
        assert address in str(caught.value) and mirror.get("cursor") is None
        bent = False
        sync(wiki, mirror, selection, reader)
    assert len(mirror.heads()) == 3


@pytest.mark.live
def test_a_connection_cut_in_the_middle_of_many_batches_is_taken_up_again(
    mediawiki: MediaWikiServer, mediawiki_doors: Callable[[str], MediaWikiWiki]
) -> None:
    prefix = f"Cut {uuid.uuid4().hex[:8]}/"
    citizen = mediawiki_doors("Citizen")
    for number in range(120):
        citizen.write(Edit(f"{prefix}{number}", f"text {number}", "", None))
    account = mediawiki.bot_password("Citizen")
    mirror, reader, selection = Mirror(None), Reader(shipped(), "en", Selection()), Selection((prefix,))
    reads = 0

    def cut(body: bytes) -> str:
        nonlocal reads
        reads += b"revisions" in body and b"generator" not in body
        return "after" if reads == 2 and b"revisions" in body else ""

    with relay(mediawiki, cut) as address:
        wiki = door(address, account.name, account.password, retries=0)
        with pytest.raises(errors.Unreachable):
            sync(wiki, mirror, selection, reader)
    assert mirror.get("cursor") is None and 0 <= len(mirror.heads()) < 120
    sync(citizen, mirror, selection, reader)
    assert {page.text for page in mirror.every()} == {f"text {number}" for number in range(120)}


@pytest.mark.live
def test_a_text_that_is_hidden_is_no_empty_text(mediawiki: MediaWikiServer, mediawiki_doors: Callable[[str], MediaWikiWiki]) -> None:
    title = f"Hidden {uuid.uuid4().hex[:8]}"
    mediawiki_doors("bot").write(Edit(title, "words", "", None))
    hidden = False

    def bend(request: bytes, answer: dict[str, Any]) -> Any:
        for page in (answer.get("query") or {}).get("pages", ()) if hidden else ():
            for revision in page.get("revisions", ()):
                revision["slots"]["main"] = {"texthidden": True}
        return answer

    mirror, reader, selection = Mirror(None), Reader(shipped(), "en", Selection()), Selection((title,))
    with bending(mediawiki, bend) as address:
        wiki = door(address, mediawiki.bot.name, mediawiki.bot.password)
        sync(wiki, mirror, selection, reader)
        assert [page.text for page in mirror.every()] == ["words"]
        hidden = True
        mirror.put({"cursor": ""})
        sync(wiki, mirror, selection, reader)
        assert [page.text for page in mirror.every()] == ["words"], "nothing changed: nothing was asked for"
        assert not list(wiki.read(titles=[title]))


@pytest.mark.live
def test_pages_larger_than_one_answer_may_be(mediawiki: MediaWikiServer, mediawiki_doors: Callable[[str], MediaWikiWiki]) -> None:
    prefix = f"Large {uuid.uuid4().hex[:8]}/"
    bot = mediawiki_doors("bot")
    texts = {f"{prefix}{number}": f"{number} " + "x" * 2_000_000 for number in range(6)}
    for title, text in texts.items():
        bot.write(Edit(title, text, "", None))
    before = bot.requests
    assert {page.title: page.text for page in bot.read(titles=texts)} == texts
    assert bot.requests - before > 1
