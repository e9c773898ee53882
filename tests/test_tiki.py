"""What a Tiki can answer, and what people can do while it is written to: nothing lost, one sentence each."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.test_mediawiki_faults import saying, serving
from tests.tikis import SETUPS, TikiPlace
from wikibridge import errors
from wikibridge.demo.tiki import PROFILES, Fault, Profile, TikiServer
from wikibridge.mirror.journal import Journal
from wikibridge.mirror.store import Mirror
from wikibridge.model import Action, Edit, Head, Page, Saved, Selection, Step, WantedPage
from wikibridge.publish.apply import Outcome, Writer, settle
from wikibridge.wikis import tiki_pages
from wikibridge.wikis.tiki import TikiWiki

Hook = Callable[[], object]
PLAIN = SETUPS["24.1"]


@pytest.fixture(params=list(SETUPS))
def tiki(request: pytest.FixtureRequest) -> Iterator[TikiServer]:
    with TikiServer(SETUPS[request.param]) as server:
        yield server


@pytest.fixture
def place(tiki: TikiServer) -> Iterator[TikiPlace]:
    with TikiPlace.of(tiki) as place:
        yield place


def on(server: TikiServer, point: str, route: str, act: Hook) -> None:
    """Do something once at a point of the next request to a route."""
    def between(at: str, request: Any) -> None:
        if at == point and str(request).startswith(route):
            server.between = None
            act()

    server.between = between


def base(wiki: TikiWiki, title: str) -> Head:
    (page,) = wiki.read(titles=[title])
    return Head(page.id, page.title, page.revision)


def text(server: TikiServer, title: str) -> str:
    page = server.pages.get(title)
    assert page is not None
    return page.text


UPDATE = "POST wiki/page"


# Finding the API.

@pytest.mark.parametrize("rewrite", [True, False])
@pytest.mark.parametrize("below", ["", "HomePage", "tiki-index.php?page=A+B", "tiki-editpage.php?page=A#x", "api", "api/wiki", "Some/Deep/Page", "index.php"])
def test_the_api_is_found_from_any_page_of_the_site(below: str, rewrite: bool) -> None:
    with TikiServer(replace(PLAIN, rewrite=rewrite)) as server:
        wiki = TikiWiki(server.address + below, "bot", server.people.token("bot"), pause=0)
        assert wiki.info().version == "Tiki 24.1" and wiki.info().dialect == "tiki"
        assert all("authorization" not in request.headers for request in server.requests if "version" in str(request))


@pytest.mark.parametrize(("profile", "key", "code"), [
    (PROFILES["off"], "tiki-off", 2), (PROFILES["23"], "not-a-tiki", 2), (replace(PLAIN, closed=True), "read-only", 75)])
def test_a_tiki_without_an_api(profile: Profile, key: str, code: int) -> None:
    with TikiServer(profile) as server, pytest.raises(errors.WikiError) as caught:
        TikiWiki(server.address, "bot", server.people.token("bot"), pause=0).info()
    assert (caught.value.key, caught.value.exit_code) == (key, code)


@pytest.mark.parametrize(("status", "body", "key"), [
    (200, "<html>A page</html>", "not-a-tiki"), (200, "[1]", "not-a-tiki"), (404, "", "not-a-tiki"), (500, "", "not-a-tiki"), (429, "", "rate-limited")])
def test_what_else_may_answer_at_the_address(status: int, body: str, key: str) -> None:
    with serving(saying(status, body)) as address, pytest.raises(errors.WikiError) as caught:
        TikiWiki(address, "bot", "secret", pause=0).info()
    assert caught.value.key == key and "secret" not in str(caught.value)


@pytest.mark.parametrize(("address", "key"), [
    ("wiki.example.org", "not-a-tiki"), ("ftp://wiki.example.org/", "not-a-tiki"), ("http://wiki.example.org/", "plain-http"),
    ("https://me:secret@wiki.example.org/", "address-secret")])
def test_addresses_that_cannot_be_right(address: str, key: str) -> None:
    with pytest.raises(errors.NotSuchAWiki) as caught:
        TikiWiki(address, "bot", "x")
    assert caught.value.key == key and "secret@" not in str(caught.value)


def test_what_was_found_is_kept_without_the_token(tmp_path: Path) -> None:
    kept = tmp_path / "tiki.json"
    with TikiServer(replace(PLAIN, rewrite=False)) as server, TikiPlace.of(server) as place:
        token = place.tokens["bot"][1]
        first = place.door("bot", kept=kept)
        head = first.write(Edit("Page", "one", "", None)).head
        first.write(Edit("Page", "two", "", head))
        assert token not in kept.read_text() and json.loads(kept.read_text())["minor"] is True
        second = place.door("bot", kept=kept)
        second.changes(None, Selection())
        assert second.requests == 2
        server.profile = replace(server.profile, rewrite=True)
        kept.write_text(kept.read_text().replace("tiki-api.php?route=", "elsewhere/api/"))
        moved = place.door("bot", kept=kept)
        assert base(moved, "Page")
        kept.write_text("broken")
        assert base(place.door("bot", kept=kept), "Page")


# Who we are.

def test_a_wrong_token_is_told_and_not_shown(place: TikiPlace) -> None:
    for token in ("deadbeef" * 8, "a.b.c"):
        with pytest.raises(errors.LoginFailed) as caught:
            TikiWiki(place.address, "bot", token, pause=0).changes(None, Selection())
        assert caught.value.key == "tiki-refused" and token not in str(caught.value)


def test_no_error_shows_the_token_even_if_the_wiki_does(tmp_path: Path) -> None:
    body = json.dumps({"code": 403, "errortitle": "x", "message": "no such token: s3cr3tt0ken"})
    with serving(saying(403, body)) as address:
        kept = tmp_path / "kept.json"
        site = address.removesuffix("api.php")
        kept.write_text(json.dumps({"address": site, "base": f"{site}api/", "version": "24.1", "minor": False, "refused": {}}))
        wiki = TikiWiki(site, "bot", "s3cr3tt0ken", pause=0, kept=kept)
        for ask in (lambda: wiki.changes(None, Selection()), lambda: wiki.write(Edit("Page", "x", "", None))):
            with pytest.raises(errors.LoginFailed) as caught:
                ask()
            assert "no such token: …" in str(caught.value)


def test_a_server_that_drops_the_header_is_noticed() -> None:
    with TikiServer(replace(PLAIN, drops_authorization=True)) as server, TikiPlace.of(server) as place:
        wiki = place.door("bot")
        with pytest.raises(errors.LoginFailed) as caught:
            wiki.write(Edit("Page", "x", "", None))
        assert caught.value.key == "tiki-no-right" and "Authorization" in str(caught.value)
        server.people.groups["Anonymous"] |= {"edit"}
        with pytest.raises(errors.LoginFailed) as caught:
            wiki.write(Edit("Page", "x", "", None))
        assert caught.value.key == "tiki-anonymous"
        server.edit("Other", "one", "ann")
        with pytest.raises(errors.LoginFailed) as caught:
            place.door("bot", quiet=timedelta()).write(Edit("Other", "two", "", base(wiki, "Other")))
        assert caught.value.key == "tiki-anonymous"


def test_a_token_of_another_account_is_noticed(place: TikiPlace) -> None:
    with pytest.raises(errors.LoginFailed) as caught:
        TikiWiki(place.address, "ann", place.tokens["bot"][1], pause=0).write(Edit("Page", "x", "", None))
    assert caught.value.key == "tiki-account" and "bot" in str(caught.value)


# What people do.

def test_a_page_that_somebody_edited_just_now_is_left_alone(place: TikiPlace, tiki: TikiServer) -> None:
    tiki.edit("Page", "ann's", "ann")
    wiki = place.door("bot")
    with pytest.raises(errors.PageBusy) as caught:
        wiki.write(Edit("Page", "ours", "", base(wiki, "Page")))
    assert "10" in str(caught.value) and text(tiki, "Page") == "ann's"
    page = tiki.pages.get("Page")
    assert page is not None
    page.modified -= 601
    head = wiki.write(Edit("Page", "ours", "", base(wiki, "Page"))).head
    # Our own edit is nobody's.
    wiki.write(Edit("Page", "ours again", "", head))


def test_who_saves_before_the_write_is_read_first(place: TikiPlace, tiki: TikiServer) -> None:
    wiki = place.door("bot", quiet=timedelta())
    head = wiki.write(Edit("Page", "one", "", None)).head
    on(tiki, "before", "GET wiki", lambda: tiki.edit("Page", "ann's", "ann"))
    with pytest.raises(errors.EditConflict):
        wiki.write(Edit("Page", "ours", "", head))
    assert text(tiki, "Page") == "ann's"


def test_who_saves_between_reading_and_writing_is_told_of(place: TikiPlace, tiki: TikiServer) -> None:
    wiki = place.door("bot", quiet=timedelta())
    head = wiki.write(Edit("Page", "one", "", None)).head
    wiki.write(Edit("Page", "warm", "", head))
    on(tiki, "before", UPDATE, lambda: tiki.edit("Page", "ann's", "ann"))
    saved = wiki.write(Edit("Page", "ours", "", base(wiki, "Page")))
    page = tiki.pages.get("Page")
    assert page is not None and page.text == "ours"
    assert [old.data for old in page.history if old.number == saved.overwrote] == ["ann's"]


@pytest.mark.parametrize("point", ["saved", "after"])
def test_who_saves_over_ours_wins(place: TikiPlace, tiki: TikiServer, point: str) -> None:
    wiki = place.door("bot", quiet=timedelta())
    head = wiki.write(Edit("Page", "one", "", None)).head
    head = wiki.write(Edit("Page", "warm", "", head)).head
    on(tiki, point, UPDATE, lambda: tiki.edit("Page", "ann's", "ann"))
    if point == "after":
        # The answer was made before: the next look tells.
        saved = wiki.write(Edit("Page", "ours", "", head))
        with pytest.raises(errors.EditConflict):
            wiki.write(Edit("Page", "ours 2", "", saved.head))
    else:
        with pytest.raises(errors.EditConflict):
            wiki.write(Edit("Page", "ours", "", head))
    assert text(tiki, "Page") == "ann's"


def test_a_deletion_in_the_moment_of_the_write_stays_one(place: TikiPlace, tiki: TikiServer) -> None:
    wiki = place.door("bot")
    head = wiki.write(Edit("Page", "one", "", None)).head
    on(tiki, "before", UPDATE, lambda: place.delete("Page"))
    with pytest.raises(errors.PageMissing):
        wiki.write(Edit("Page", "two", "", head))
    assert tiki.pages.get("Page") is None


def test_a_page_made_by_somebody_in_the_moment_of_the_creation_is_theirs(place: TikiPlace, tiki: TikiServer) -> None:
    on(tiki, "before", "POST wiki", lambda: tiki.edit("Page", "ann's", "ann"))
    with pytest.raises(errors.PageExists):
        place.door("bot").write(Edit("Page", "ours", "", None))
    assert text(tiki, "Page") == "ann's"


def test_a_tiki_that_would_overwrite_is_not_asked_to_create() -> None:
    with TikiServer(replace(PLAIN, overwrites=True)) as server, TikiPlace.of(server) as place:
        server.edit("Élan", "ann's", "ann")
        with pytest.raises(errors.PageExists):
            place.door("bot").write(Edit("elan", "ours", "", None))
        assert text(server, "Élan") == "ann's" and server.count("POST") == 0


def test_a_slow_server_is_not_written_to(place: TikiPlace, tiki: TikiServer) -> None:
    wiki = place.door("bot", window=-1.0)
    head = wiki.write(Edit("Page", "one", "", None)).head
    with pytest.raises(errors.RateLimited) as caught:
        wiki.write(Edit("Page", "two", "", head))
    assert caught.value.key == "tiki-slow" and text(tiki, "Page") == "one"


# What the text and the page must keep.

def test_what_belongs_to_the_page_stays(place: TikiPlace, tiki: TikiServer) -> None:
    tiki.profile = replace(tiki.profile, page_comments=True)
    tiki.edit("Page", "one\r\ntwo\r\n", "ann")
    page = tiki.pages.get("Page")
    assert page is not None
    page.lang, page.description, page.authors_style, page.comments_enabled = "pt", "uma página", "business", "y"
    wiki = place.door("bot", quiet=timedelta())
    wiki.write(Edit("Page", "one\nNEW\ntwo", "why", base(wiki, "Page")))
    assert page.data == "one\r\nNEW\r\ntwo\r\n" and page.comment == "why"
    assert (page.lang, page.description, page.authors_style, page.comments_enabled) == ("pt", "uma página", "business", "y")
    assert not page.locked and not page.is_html


@pytest.mark.parametrize(("change", "kind", "key"), [
    ({"locked": True}, errors.PageProtected, "page-locked"), ({"is_html": 1}, errors.Rejected, "tiki-markup"),
    ({"data": '{syntax type="markdown"}\nx'}, errors.Rejected, "tiki-markup"), ({"description": "a <b>"}, errors.Rejected, "tiki-name"),
    ({"data": "if a < b"}, errors.Rejected, "tiki-text"), ({"data": "it&#8217;s"}, errors.Rejected, "tiki-text")])
def test_pages_that_would_suffer_are_left_alone(place: TikiPlace, tiki: TikiServer, change: dict[str, object], kind: type[errors.PageError], key: str) -> None:
    page = tiki.edit("Page", "text", "ann")
    for name, value in change.items():
        setattr(page, name, value)
    before = page.text
    wiki = place.door("bot", quiet=timedelta())
    with pytest.raises(kind) as caught:
        wiki.write(Edit("Page", f"{before}\nours", "", base(wiki, "Page")))
    assert caught.value.key == key and page.text == before and tiki.count("POST") == 0


def test_a_page_that_we_may_not_edit_is_left_alone(place: TikiPlace, tiki: TikiServer) -> None:
    tiki.edit("Page", "text", "ann")
    tiki.people.allow("wiki page", "Page", {"Registered": ["view"]})
    wiki = place.door("bot", quiet=timedelta())
    with pytest.raises(errors.PageProtected):
        wiki.write(Edit("Page", "ours", "", base(wiki, "Page")))


def test_a_text_that_comes_back_otherwise_is_taken_back_and_not_sent_again(place: TikiPlace, tiki: TikiServer, tmp_path: Path) -> None:
    page = tiki.edit("Page", "ann's\r\nwords", "ann")
    wiki = place.door("bot", quiet=timedelta(), kept=tmp_path / "kept.json")

    def spoil() -> None:
        page.data = page.text.replace("http://own.example/A", "((A))")

    on(tiki, "saved", UPDATE, spoil)
    if PROFILES["24.1"].boolean_minor and tiki.profile.strict_sql:
        wiki._api.learn(minor=True)
    with pytest.raises(errors.Rejected) as caught:
        wiki.write(Edit("Page", "ann's\nwords\n[http://own.example/A]", "", base(wiki, "Page")))
    assert caught.value.key == "tiki-changed" and page.data == "ann's\r\nwords"
    posts = tiki.count("POST")
    again = place.door("bot", quiet=timedelta(), kept=tmp_path / "kept.json")
    with pytest.raises(errors.Rejected) as caught:
        again.write(Edit("Page", "ann's\nwords\n[http://own.example/A]", "", base(again, "Page")))
    assert caught.value.key == "tiki-again" and tiki.count("POST") == posts


def test_a_new_page_that_comes_back_otherwise_is_not_left_behind(place: TikiPlace, tiki: TikiServer) -> None:
    wiki = place.door("bot")

    def spoil() -> None:
        page = tiki.pages.get("Page")
        assert page is not None
        page.data = "spoilt"

    on(tiki, "saved", "POST wiki", spoil)
    with pytest.raises(errors.Rejected) as caught:
        wiki.write(Edit("Page", "fine", "", None))
    assert caught.value.key == "tiki-changed" and tiki.pages.get("Page") is None


# What the network and the server can do.

@pytest.mark.parametrize("creating", [True, False])
@pytest.mark.parametrize("fault", [Fault(), Fault(status=500), Fault(status=429)])
def test_a_write_that_was_not_done_and_not_answered_is_unsure(place: TikiPlace, tiki: TikiServer, fault: Fault, creating: bool) -> None:
    wiki = place.door("bot")
    head = None if creating else wiki.write(Edit("Page", "one", "", None)).head
    tiki.fail(fault, "POST")
    with pytest.raises(errors.Unsure):
        wiki.write(Edit("Page", "two", "", head))
    page = tiki.pages.get("Page")
    assert (page is None) if creating else (page is not None and page.text == "one")


@pytest.mark.parametrize("creating", [True, False])
@pytest.mark.parametrize("fault", [Fault(acts=True), Fault(acts=True, status=500), Fault(cut=True)])
def test_a_write_that_was_done_and_not_answered_is_found(place: TikiPlace, tiki: TikiServer, fault: Fault, creating: bool) -> None:
    wiki = place.door("bot")
    head = None if creating else wiki.write(Edit("Page", "one", "", None)).head
    if tiki.profile.strict_sql:
        wiki._api.learn(minor=True)
    tiki.fail(fault, "POST")
    saved = wiki.write(Edit("Page", "two", "", head))
    assert saved.head == base(wiki, "Page") and text(tiki, "Page") == "two"


@pytest.mark.parametrize("fault", [Fault(), Fault(status=502), Fault(cut=True), Fault(status=429, headers={"Retry-After": "0"})])
def test_reading_is_tried_again(place: TikiPlace, tiki: TikiServer, fault: Fault) -> None:
    tiki.edit("Page", "one", "ann")
    wiki = place.door("bot", retries=2)
    wiki.info()
    tiki.fail(fault, "GET wiki", 2)
    assert [page.text for page in wiki.read(titles=["Page"])] == ["one"]
    tiki.fail(fault, "GET wiki", 3)
    with pytest.raises(errors.WikiError) as caught:
        list(wiki.read(titles=["Page"]))
    assert caught.value.exit_code == 75


def test_database_errors_as_web_pages_are_survived() -> None:
    with TikiServer(replace(PLAIN, html_errors=True)) as server, TikiPlace.of(server) as place:
        wiki = place.door("bot")
        head = wiki.write(Edit("Page", "one", "", None)).head
        with pytest.raises((errors.Unsure, errors.Rejected)):
            wiki.write(Edit("Page", "two", "", head))
        assert text(server, "Page") == "one"


def test_a_closed_site_is_read_only(place: TikiPlace, tiki: TikiServer) -> None:
    wiki = place.door("bot")
    head = wiki.write(Edit("Page", "one", "", None)).head
    tiki.profile = replace(tiki.profile, closed=True)
    with pytest.raises(errors.WikiError) as caught:
        wiki.write(Edit("Page", "two", "", head))
    assert caught.value.exit_code == 75


# Names.

def test_names_with_wildcards_are_told_apart(place: TikiPlace, tiki: TikiServer) -> None:
    for name in ("My_Page", "MyXPage", "100%", "100 % of it", "Back\\slash", "0"):
        tiki.edit(name, name, "ann")
    wiki = place.door("bot")
    for name in ("My_Page", "MyXPage", "100%", "Back\\slash", "0"):
        assert [(page.title, page.text) for page in wiki.read(titles=[name])] == [(name, name)]
    assert not list(wiki.read(titles=["My_age"]))
    assert [page.title for page in wiki.read(titles=["mYxpÀge"])] == ["MyXPage"]


def test_among_many_that_fit_the_pattern_the_page_is_found(place: TikiPlace, tiki: TikiServer) -> None:
    for number in range(120):
        tiki.edit(f"P{number:03}", "x", "ann")
    tiki.edit("P___", "this", "ann")
    assert [page.text for page in place.door("bot").read(titles=["P___"])] == ["this"]


# Reading what changed.

def test_a_quiet_run_is_one_request_and_changes_bring_their_texts(place: TikiPlace, tiki: TikiServer) -> None:
    for number in range(300):
        tiki.edit(f"P/{number}", "x", "ann").modified -= 3600 * (number + 1)
    wiki = place.door("bot")
    selection = Selection(("P/",))
    cursor = wiki.changes(None, selection).cursor
    before = wiki.requests
    assert len(list(wiki.read(ids=[head.id for head in wiki.list(selection)]))) == 300 and wiki.requests - before == 1
    for changed, requests in ((0, 1), (9, 1), (90, 2), (200, 3), (0, 1)):
        for number in range(changed):
            tiki.edit(f"P/{number}", f"changed {changed}", "ann")
        before = wiki.requests
        changes = wiki.changes(cursor, selection)
        assert changes.complete and wiki.requests - before <= requests
        assert {page.text for page in changes.pages} == ({f"changed {changed}"} if changed else set())
        assert len(changes.touched) == len(changes.pages) == changed
        cursor = changes.cursor
        assert "127.0.0.1" not in cursor.replace(wiki.identity, "")


def test_every_change_of_a_second_is_seen(place: TikiPlace, tiki: TikiServer) -> None:
    tiki.edit("P/a", "one", "ann")
    wiki = place.door("bot")
    cursor = wiki.changes(None, Selection(("P/",))).cursor
    for number in range(5):
        tiki.edit("P/a", f"two {number}", "ann")
        changes = wiki.changes(cursor, Selection(("P/",)))
        assert [page.text for page in changes.pages] == [f"two {number}"]
        cursor = changes.cursor


def test_a_list_is_whole_when_pages_are_deleted_meanwhile(place: TikiPlace, tiki: TikiServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tiki_pages, "CHUNK", 10)
    for number in range(60):
        tiki.edit(f"P/{number:02}", "x", "ann")
    wiki = place.door("bot")
    seen = []
    for found in wiki._pages.every():
        seen.append(found.name)
        if found.name == "P/24":
            for number in range(20):
                place.delete(f"P/{number:02}")
    assert sorted(seen) == [f"P/{number:02}" for number in range(60)]


@pytest.mark.parametrize("jail", [True, False])
def test_pages_hidden_by_categories_are_detected(jail: bool) -> None:
    with TikiServer(replace(PLAIN, category_jail=jail)) as server, TikiPlace.of(server) as place:
        server.edit("Page", "x", "ann")
        wiki = place.door("bot")
        assert not wiki.hides_pages()
        server.categories.add("Choices")
        assert wiki.hides_pages() is jail


def test_a_category_that_is_not_there_is_told(place: TikiPlace, tiki: TikiServer) -> None:
    tiki.edit("Page", "x", "ann")
    wiki = place.door("bot")
    assert not list(wiki.list(Selection(categories=("Category:Choices",)))) and "Choices" in str(wiki.unreadable[0])
    category = tiki.categories.add("Choices")
    tiki.categories.put("wiki page", "Page", {category.id})
    assert [head.title for head in wiki.list(Selection(categories=("Category:choices",)))] == ["Page"] and not wiki.unreadable


def test_categories_that_are_switched_off_are_told(place: TikiPlace, tiki: TikiServer) -> None:
    wiki = place.door("bot")
    wiki.info()
    tiki.fail(Fault(status=403), "GET categories", 10)
    with pytest.raises(errors.NotSuchAWiki, match="feature_categories"):
        list(wiki.list(Selection(categories=("Category:X",))))


# With the journal.

def writer(wiki: TikiWiki, journal: Journal) -> Writer:
    return Writer(wiki, journal, journal.begin("now"), "bot")


def step(page: Page | None, text: str) -> Step:
    title = page.title if page else "Page"
    return Step(Action.UPDATE if page else Action.CREATE, WantedPage(title, text, "job", "edit", {}), page, text)


def apply(wiki: TikiWiki, journal: Journal, one: Step) -> Outcome:
    told: list[Outcome] = []
    writer(wiki, journal).apply((one,), lambda again, page: replace(again, action=Action.REFUSED, page=page), lambda *each: told.append(each[0]))
    return told[0]


def test_the_journal_keeps_what_is_overwritten_even_when_the_answer_is_lost(place: TikiPlace, tiki: TikiServer) -> None:
    wiki, journal = place.door("bot", quiet=timedelta()), Journal(None, "w")
    tiki.edit("Page", "ann's\r\nwords", "ann")
    (page,) = wiki.read(titles=["Page"])
    tiki.fail(Fault(), "POST")
    assert isinstance(apply(wiki, journal, step(page, "ours")).error, errors.Unsure)
    assert journal.texts([page.revision]) == {page.revision: "ann's\nwords"}
    made = apply(wiki, journal, step(page, "ours")).page
    assert made is not None and journal.texts([page.revision, made.revision, 1]) == {page.revision: "ann's\nwords", made.revision: "ours"}


def test_an_edit_that_was_replaced_is_an_outcome_of_its_own(place: TikiPlace, tiki: TikiServer) -> None:
    wiki, journal = place.door("bot", quiet=timedelta()), Journal(None, "w")
    tiki.edit("Page", "ann's", "ann")
    (page,) = wiki.read(titles=["Page"])
    if tiki.profile.strict_sql:
        wiki._api.learn(minor=True)
    on(tiki, "before", UPDATE, lambda: tiki.edit("Page", "ann's other", "ann"))
    outcome = apply(wiki, journal, step(page, "ours"))
    assert isinstance(outcome.error, errors.Overwrote) and outcome.page is not None and outcome.page.text == "ours"
    assert journal.writes()[0].outcome == "saved"


@pytest.mark.parametrize("creating", [True, False])
def test_a_lost_answer_is_settled_by_the_next_run(place: TikiPlace, tiki: TikiServer, creating: bool) -> None:
    wiki, journal = place.door("bot", quiet=timedelta(), retries=0), Journal(None, "w")
    page = None
    if not creating:
        tiki.edit("Page", "ann's", "ann")
        (page,) = wiki.read(titles=["Page"])
    if tiki.profile.strict_sql:
        wiki._api.learn(minor=True)

    def gone() -> None:
        # From here on nothing answers, not even whether it was saved.
        tiki.fail(Fault(), "GET", 1)

    tiki.fail(Fault(acts=True), "POST")
    on(tiki, "saved", "POST", gone)
    with pytest.raises(errors.Unreachable):
        apply(wiki, journal, step(page, "ours"))
    (write,) = journal.writes()
    assert write.outcome == "Unsure"
    settle(wiki, journal)
    (write,) = journal.writes()
    assert write.outcome == "saved" and write.revision == base(wiki, "Page").revision


def test_nothing_private_of_a_row_reaches_the_mirror(place: TikiPlace, tiki: TikiServer, tmp_path: Path) -> None:
    from wikibridge.entries.types import shipped
    from wikibridge.mirror.sync import Reader, sync

    tiki.edit("P/a", "one", "ann")
    wiki, mirror = place.door("bot"), Mirror(tmp_path / "mirror.db")
    synced = sync(wiki, mirror, Selection(("P/",)), Reader(shipped(), "en", Selection()))
    assert synced.read == 1 and mirror.pages(["P/a"])[0].text == "one"
    tiki.edit("P/a", "two", "ann")
    before = wiki.requests
    assert sync(wiki, mirror, Selection(("P/",)), Reader(shipped(), "en", Selection())).read == 1 and wiki.requests - before == 1
    assert mirror.pages(["P/a"])[0].text == "two"
    place.delete("P/a")
    assert sync(wiki, mirror, Selection(("P/",)), Reader(shipped(), "en", Selection())).dropped == 1
    mirror.close()
    assert b"127.0.0.1\"" not in (tmp_path / "mirror.db").read_bytes().replace(wiki.identity.encode(), b"")


def test_two_doors_at_once_agree_on_what_was_saved(place: TikiPlace) -> None:
    bot, citizen = place.door("bot", quiet=timedelta()), place.door("citizen", quiet=timedelta())
    head = bot.write(Edit("Page", "one", "", None)).head
    saved: Saved = citizen.write(Edit("Page", "two", "", head))
    with pytest.raises(errors.EditConflict):
        bot.write(Edit("Page", "three", "", head))
    assert bot.write(Edit("Page", "three", "", saved.head)).parent == saved.head.revision
