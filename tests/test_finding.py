"""From any address of a wiki to its API; and what a server may do to somebody who only typed an address."""

from __future__ import annotations

import gzip
import http.server
import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.test_mediawiki_faults import Answer, reply, serving
from tests.tiki_client import StartTiki
from wikibridge import errors
from wikibridge.demo.mediawiki_server import MediaWikiServer
from wikibridge.wikis.finding import _clues, completed, find, identify
from wikibridge.wikis.web import Visit, Visitor, related

GENERAL = {"generator": "MediaWiki 1.43.0", "sitename": "A wiki", "lang": "fr", "server": "http://w", "scriptpath": "/w", "wikiid": "one"}
EDIT_URI = '<link rel="EditURI" type="application/rsd+xml" href="{}?action=rsd"/>'
Pages = Mapping[str, str | dict[str, object]]


def facts(**more: str) -> dict[str, object]:
    return {"query": {"general": GENERAL | more}}


def site(pages: Pages) -> Answer:
    """A server with these pages: a text is a page's head, anything else the JSON of an API."""

    def answer(handler: http.server.BaseHTTPRequestHandler, body: bytes) -> None:
        found = pages.get(handler.path.partition("?")[0])
        if found is None:
            reply(handler, b"<html><title>Not here</title>", [], 404, content_type="text/html")
        elif isinstance(found, str):
            page = f"<!DOCTYPE html><html lang='fr'><head><title>Some page</title>{found}</head><body>Hello</body></html>"
            reply(handler, page.encode(), [], content_type="text/html; charset=UTF-8")
        else:
            reply(handler, json.dumps(found).encode(), [], content_type="application/json")

    return answer


@contextmanager
def at(pages: Pages) -> Iterator[str]:
    with serving(site(pages)) as address:
        yield address.removesuffix("w/api.php")


@pytest.mark.parametrize(("pages", "typed"), [
    ({"/wiki/Home": EDIT_URI.format("/w/api.php")}, "wiki/Home"),
    ({"/wiki/Home": "<LINK href='/w/api.php?action=rsd' REL=EditURI>"}, "wiki/Home#top"),
    ({"/wiki/Home": '<link rel="stylesheet" href="/w/load.php?lang=fr&amp;modules=site.styles"/>'}, "wiki/Home"),
    ({"/wiki/Home": '<link rel="search" href="/w/rest.php/v1/search"/>'}, "wiki/Home"),
    ({"/wiki/Home": '<link rel="search" href="/w/opensearch_desc.php"/>'}, "wiki/Home"),
    ({"/wiki/Home": '<script>RLCONF={"wgScriptPath":"/w"}</script>'}, "wiki/Home"),
    ({}, "w/api.php"), ({}, "w/api.php?action=help"), ({}, "w/index.php?title=Home"), ({}, "w/index.php/Home"),
    ({}, "wiki/Nobody_wrote_this"), ({"/": "A front page"}, ""),
])
def test_from_any_address_of_a_mediawiki(pages: Pages, typed: str) -> None:
    with at({"/w/api.php": facts(), **pages}) as address:
        found = find(address + typed)
        assert (found.kind, found.address) == ("mediawiki", address + "w/api.php")
        assert (found.name, found.version, found.language, found.read_only) == ("A wiki", "MediaWiki 1.43.0", "fr", "")
        assert find(f"  <{address.removeprefix('http://')}{typed}> ").address == found.address, "as pasted, without http://"


def test_a_wiki_in_a_folder_of_a_folder() -> None:
    with at({"/town/assembly/w/api.php": facts(), "/town/assembly/Home": "nothing in its head"}) as address:
        assert find(address + "town/assembly/Home").address == address + "town/assembly/w/api.php"


def test_a_wiki_for_members_only_is_one_too() -> None:
    denied = {"error": {"code": "readapidenied", "info": "no"}}
    with at({"/w/api.php": denied, "/wiki/Login": EDIT_URI.format("/w/api.php")}) as address:
        found = find(address + "wiki/Login")
    assert (found.kind, found.version, found.language) == ("mediawiki", "MediaWiki", "")


def test_of_several_wikis_none_is_chosen_unless_the_page_says_which() -> None:
    two = {"/w/api.php": facts(), "/wiki/api.php": facts(wikiid="two"), "/": "A front page", "/wiki/Home": EDIT_URI.format("/wiki/api.php")}
    with at(two) as address:
        with pytest.raises(errors.NotSuchAWiki) as caught:
            find(address)
        assert caught.value.key == "find-several"
        assert f"{address}w/api.php" in str(caught.value) and f"{address}wiki/api.php" in str(caught.value)
        assert find(address + "wiki/Home").address == address + "wiki/api.php"
        assert find(address + "w/api.php").address == address + "w/api.php"
    with at({**two, "/wiki/api.php": facts()}) as address:
        assert find(address).address == address + "w/api.php", "one wiki with two addresses"


@pytest.mark.parametrize("typed", ["", "tiki-index.php", "tiki-index.php?page=HomePage", "HomePage", "api/", "tiki-api.php?route=version"])
@pytest.mark.parametrize("rewrite", [True, False])
def test_from_any_address_of_a_tiki(start_tiki: StartTiki, typed: str, rewrite: bool) -> None:
    tiki = start_tiki("24.1", rewrite=rewrite, language="pt")
    tiki.server.edit("HomePage", "Hello")
    found = find(tiki.server.address + typed)
    assert (found.kind, found.address, found.version) == ("tiki", tiki.server.address, "Tiki 24.1")
    if typed in ("", "HomePage", "tiki-index.php") and rewrite:
        assert found.language == "pt"


def test_a_tiki_without_its_api(start_tiki: StartTiki) -> None:
    with pytest.raises(errors.NotSuchAWiki) as caught:
        find(start_tiki("off").server.address)
    assert caught.value.key == "tiki-off" and "auth_api_tokens" in str(caught.value)
    old = '<meta name="generator" content="Tiki Wiki CMS Groupware - https://tiki.org">'
    with at({"/": old, "/w/api.php": facts()}) as address, pytest.raises(errors.NotSuchAWiki) as caught:
        find(address)
    assert caught.value.key == "not-a-tiki", "the page says what made it: another wiki beside it is not meant"


def test_another_program_that_tells_its_version_is_no_tiki() -> None:
    with at({"/": "x", "/api/version": {"version": "0.5"}, "/api/wiki": {"error": "?"}}) as address, pytest.raises(errors.NotSuchAWiki):
        find(address)


def test_what_answered_in_place_of_a_wiki_is_told() -> None:
    with at({"/shop": "A shop"}) as address:
        with pytest.raises(errors.NotSuchAWiki) as caught:
            find(address + "shop")
        assert caught.value.key == "find-nothing" and caught.value.exit_code == 2
        assert all(word in str(caught.value) for word in (f"{address}shop", "HTTP 200", "text/html", "Some page"))
        with pytest.raises(errors.NotSuchAWiki, match="HTTP 404, text/html, “Not here”"):
            find(address + "shpo")


def test_an_api_that_is_switched_off_and_a_server_that_asks_for_a_password() -> None:
    with at({"/wiki/Home": EDIT_URI.format("/w/api.php")}) as address, pytest.raises(errors.NotSuchAWiki) as caught:
        find(address + "wiki/Home")
    assert caught.value.key == "find-api-closed" and f"{address}w/api.php" in str(caught.value) and "HTTP 404" in str(caught.value)
    with serving(lambda handler, _: reply(handler, b"no", [], 401)) as address, pytest.raises(errors.NotSuchAWiki) as caught:
        find(address)
    assert caught.value.key == "find-basic"


def test_nothing_listens() -> None:
    with at({}) as address:
        pass
    with pytest.raises(errors.Unreachable) as caught:
        find(address)
    assert caught.value.exit_code == 75 and "refused" in str(caught.value)


@pytest.mark.parametrize("typed", ["", "   ", "file:///etc/passwd", "javascript://x", "ftp://wiki.example.org/", "https://", "http://[", "https://wiki.example.org:x/"])
def test_what_is_no_address(typed: str) -> None:
    with pytest.raises(errors.NotSuchAWiki) as caught:
        find(typed)
    assert caught.value.key == "address-wrong"


def test_an_address_with_a_password_is_not_repeated() -> None:
    with pytest.raises(errors.NotSuchAWiki) as caught:
        find("https://me:canary@wiki.example.org/")
    assert caught.value.key == "address-secret" and "canary" not in str(caught.value)


def test_https_is_tried_first() -> None:
    assert completed("wiki.example.org/Home") == ["https://wiki.example.org/Home", "http://wiki.example.org/Home"]
    assert completed("http://wiki.example.org/Home") == ["https://wiki.example.org/Home", "http://wiki.example.org/Home"]
    assert completed("https://wiki.example.org/a#b") == ["https://wiki.example.org/a"]
    assert completed("localhost:8080/x") == ["http://localhost:8080/x"]


def test_a_wiki_by_plain_http_alone_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    def proxy(handler: http.server.BaseHTTPRequestHandler, body: bytes) -> None:
        # What a proxy is asked for is an address as a whole.
        handler.path = handler.path.removeprefix("http://wiki.example.org")
        site({"/w/api.php": facts(), "/wiki/Home": EDIT_URI.format("/w/api.php")})(handler, body)

    with serving(proxy) as address:
        monkeypatch.setenv("http_proxy", address.removesuffix("w/api.php"))
        monkeypatch.setenv("https_proxy", "http://127.0.0.1:9/")
        monkeypatch.delenv("no_proxy", raising=False)
        with pytest.raises(errors.NotSuchAWiki) as caught:
            find("wiki.example.org/wiki/Home")
        assert caught.value.key == "plain-http" and "https" in str(caught.value)
        assert identify("mediawiki", "http://wiki.example.org/w/api.php", insecure_http=True).name == "A wiki"


# Other people's servers


@pytest.mark.parametrize(("first", "second", "same"), [
    ("https://example.org/", "https://www.example.org/w/api.php", True), ("https://www.example.org/", "https://example.org/", True),
    ("http://example.org/", "https://example.org/", True), ("https://wiki.example.org/", "https://EXAMPLE.org./", True),
    ("https://a.example.org/", "https://b.example.org/", False), ("https://example.org/", "https://example.org.evil.net/", False),
    ("https://example.org/", "https://evilexample.org/", False), ("https://org/", "https://example.org/", False),
    ("http://127.0.0.1:1/", "http://127.0.0.1:2/", False), ("http://127.0.0.1/", "http://1.127.0.0.1/", False),
    ("https://example.org/", "https://example.org:8443/", False), ("https://example.org:8443/", "https://example.org:8443/x", True),
    ("http://[::1]/", "http://[::1]/w", True), ("https://example.org/", "http://169.254.169.254/", False),
])
def test_which_hosts_are_of_the_same_people(first: str, second: str, same: bool) -> None:
    assert related(first, second) is same


@pytest.fixture
def other() -> Iterator[tuple[str, list[str]]]:
    """Somebody else's wiki, and what it was asked for."""
    asked: list[str] = []

    def answer(handler: http.server.BaseHTTPRequestHandler, body: bytes) -> None:
        asked.append(handler.path)
        site({"/w/api.php": facts(sitename="Another"), "/wiki/Home": EDIT_URI.format("/w/api.php")})(handler, body)

    with serving(answer) as address:
        yield address.removesuffix("w/api.php").replace("127.0.0.1", "localhost"), asked


Leads = Callable[[str], Answer]


def _linked(to: str) -> Answer:
    return site({"/wiki/Home": EDIT_URI.format(f"{to}w/api.php")})


def _redirected(to: str) -> Answer:
    return lambda handler, _: reply(handler, b"", [], 302, location=f"{to}wiki/Home")


@pytest.mark.parametrize("lead", [_linked, _redirected])
def test_another_server_is_asked_only_when_somebody_says_so(lead: Leads, other: tuple[str, list[str]]) -> None:
    to, asked = other
    said: list[str] = []

    def agree(host: str) -> bool:
        said.append(host)
        return True

    with serving(lead(to)) as address:
        with pytest.raises(errors.NotSuchAWiki) as caught:
            find(address.replace("w/api.php", "wiki/Home"))
        assert caught.value.key == "other-host" and to.rstrip("/") in str(caught.value) and not asked
        assert find(address.replace("w/api.php", "wiki/Home"), agree).address == f"{to}w/api.php"
    assert said == [to.rstrip("/")], "shown, and asked once"


def test_what_somebody_wrote_on_a_page_is_no_clue(other: tuple[str, list[str]]) -> None:
    to, asked = other
    page = f"</head><body>{EDIT_URI.format(to + 'w/api.php')}<script>RLCONF={{\"wgScriptPath\":\"{to}w\"}}</script>"
    with at({"/wiki/Home": page, "/w/api.php": facts()}) as address:
        assert find(address + "wiki/Home", lambda host: pytest.fail(host)).address == address + "w/api.php"
    assert not asked


@pytest.mark.parametrize(("location", "key"), [
    ("file:///etc/passwd", "redirect-odd"), ("ftp://127.0.0.1/x", "redirect-odd"), ("/again", "redirect-many"),
    ("http://me:secret@127.0.0.1/", "address-secret"), ("http://[", "address-wrong"),
])
def test_redirects_that_are_not_followed(location: str, key: str) -> None:
    with serving(lambda handler, _: reply(handler, b"", [], 302, location=location)) as address:
        with pytest.raises(errors.NotSuchAWiki) as caught:
            find(address)
        assert caught.value.key == key and "secret@" not in str(caught.value)


def test_the_answer_to_a_redirected_question(tmp_path: object) -> None:
    """A web server that leads api.php elsewhere and forgets what it was asked."""

    def answer(handler: http.server.BaseHTTPRequestHandler, body: bytes) -> None:
        if handler.path.startswith("/old/"):
            reply(handler, b"", [], 301, location="/w/api.php")
        elif "siteinfo" in handler.path:
            reply(handler, json.dumps(facts()).encode(), [])
        else:
            reply(handler, b"<html>Help of the API", [])

    with serving(answer) as address:
        assert find(address.replace("/w/", "/old/")).address == address
        with pytest.raises(errors.NotSuchAWiki) as caught:
            identify("mediawiki", address.replace("/w/", "/old/"))
        assert caught.value.key == "redirected", "what the settings name must be the address itself"


def test_a_page_without_end_is_not_read_to_its_end() -> None:
    sent = 0
    gone = threading.Event()

    def answer(handler: http.server.BaseHTTPRequestHandler, body: bytes) -> None:
        nonlocal sent
        handler.send_response(200)
        handler.end_headers()
        try:
            while sent < 200_000_000:
                handler.wfile.write(b"<p>" * 20_000)
                sent += 60_000
        except OSError:
            gone.set()

    with serving(answer) as address:
        with Visitor(address) as visitor:
            page = visitor.visit(address)
        assert len(page.text) == 2_000_000
        assert gone.wait(20) and sent < 50_000_000


def test_a_small_answer_that_unpacks_to_a_huge_one() -> None:
    bomb = gzip.compress(b"\0" * 300_000_000, 9)
    with serving(lambda handler, _: reply(handler, bomb, [], content_encoding="gzip")) as address, Visitor(address) as visitor:
        assert len(visitor.visit(address).text) == 2_000_000


@pytest.mark.parametrize("what", ["a header", "a body"])
def test_a_letter_at_a_time_does_not_hold_anybody_up(what: str) -> None:
    done = threading.Event()

    def answer(handler: http.server.BaseHTTPRequestHandler, body: bytes) -> None:
        handler.wfile.write(b"HTTP/1.0 200 OK\r\nx: " if what == "a header" else b"HTTP/1.0 200 OK\r\n\r\n")
        try:
            while not done.wait(0.05):
                handler.wfile.write(b"a")
        except OSError:
            pass

    with serving(answer) as address:
        with pytest.raises(errors.Unreachable) as caught:
            find(address, seconds=1)
        done.set()
    assert caught.value.key in ("timeout", "too-slow") and address.partition("/w/")[0] in str(caught.value)


def test_no_cookie_and_no_password_of_netrc_is_sent(tmp_path: object, monkeypatch: pytest.MonkeyPatch) -> None:
    from pathlib import Path

    netrc = Path(str(tmp_path)) / "netrc"
    netrc.write_text("machine 127.0.0.1 login me password canary\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    headers: list[str] = []

    def answer(handler: http.server.BaseHTTPRequestHandler, body: bytes) -> None:
        headers.append(str(handler.headers))
        reply(handler, json.dumps(facts()).encode(), ["session=1; Path=/"])

    with serving(answer) as address:
        find(address)
    assert len(headers) == 2 and not any("uthorization" in each or "ookie" in each for each in headers)


@given(st.text(alphabet=st.sampled_from("<>\"'=/ abchrefliknmtgeorEdURI[]:?#%&;\n\u2028é") | st.characters(), max_size=300),
       st.sampled_from(["<link rel='EditURI' href='{}'>", "<link rel=search href={}>", '"wgScriptPath":"{}"', "<meta name=generator content='{}'>", "{}"]))
def test_whatever_a_page_holds_is_read(text: str, form: str) -> None:
    clues = _clues(Visit("https://wiki.example.org/wiki/Home", 200, "text/html", form.replace("{}", text)))
    assert all(api.startswith(("https://", "http://")) and api.endswith("/api.php") for api in clues.apis)


@pytest.mark.live
@pytest.mark.parametrize("typed", ["", "index.php/Main_Page", "index.php?title=Special:Version", "index.php?title=Nobody&action=edit", "api.php", "load.php"])
def test_from_any_address_of_a_real_mediawiki(mediawiki: MediaWikiServer, typed: str) -> None:
    found = find(mediawiki.address + typed)
    assert (found.kind, found.address, found.language) == ("mediawiki", mediawiki.address + "api.php", "en")
    assert found.version.startswith("MediaWiki 1.") and found.page.moment
