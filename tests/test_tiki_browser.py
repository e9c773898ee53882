"""What people see of the Tiki server with a browser, and what programs find in its trackers and files."""

from __future__ import annotations

import pytest
import requests
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.tiki_client import StartTiki, Tiki
from wikibridge.demo.tiki.render import render

# Trackers and files.


def test_trackers_are_listed_for_administrators_only(tiki: Tiki) -> None:
    tracker = tiki.server.trackers.add("Entries", {"id": "t", "text": "a"})
    made = tiki.ann.call("POST", f"trackers/{tracker.id}/items", {"fields[id]": "E1", "fields[text]": "p < 0.05 onclick=1"}).json()
    assert made["itemId"] == 1 and made["fields"] == {"id": "E1", "text": "p < 0.05 on<x>click=1"}
    assert tiki.ann.call("GET", f"trackers/{tracker.id}").status_code == 403
    listed = tiki.admin.get(f"trackers/{tracker.id}", format="raw")
    assert listed["result"] == [{"itemId": 1, "status": "o", "fields": {"id": "E1", "text": "p < 0.05 on<x>click=1"}}]
    assert tiki.ann.get("search/lookup", **{"filter[type]": "trackeritem", "filter[tracker_id]": tracker.id, "format": "{tracker_field_id}"})[
        "resultset"]["result"][0]["title"] == "E1"


def test_what_a_tracker_refuses_is_400_for_new_items_and_200_for_old_ones(tiki: Tiki) -> None:
    tracker = tiki.server.trackers.add("Entries", {"id": "t", "number": "n", "when": "f"}, mandatory=frozenset({"id"}))
    route = f"trackers/{tracker.id}/items"
    assert tiki.ann.call("POST", route, {"fields[number]": "1"}).status_code == 400
    form = tiki.ann.call("POST", route, {"fields[nothing]": "1"})
    assert form.status_code == 200 and not form.json()["itemId"], "no field recognised: a form, and nothing is made"
    item = tiki.ann.call("POST", route, {"fields[id]": "E1", "fields[number]": "1"}).json()["itemId"]
    for wrong in ({"fields[id]": ""}, {"fields[number]": "abc"}):
        answer = tiki.ann.call("POST", f"{route}/{item}", wrong)
        assert answer.status_code == 200 and answer.json()["feedback"] is False
        assert (answer.json()["fields"]["id"], answer.json()["fields"]["number"]) == ("E1", "1")
    changed = tiki.ann.call("POST", f"{route}/{item}", {"fields[when]": "1600000000", "fields[number]": "2"}).json()["fields"]
    assert changed["number"] == "2" and changed["when"] != "1600000000", "a date as a number is ignored, none at all is now"
    assert tiki.ann.call("POST", f"{route}/{item}", {"forced[when]": "1600000000"}).json()["fields"]["when"] == "1600000000"


def test_a_new_tracker_without_an_order_of_attachments_breaks_php(tiki: Tiki) -> None:
    broken = tiki.admin.call("POST", "trackers", {"name": "T"})
    assert (broken.status_code, broken.content) == (500, b"")
    assert tiki.admin.call("POST", "trackers", {"name": "T", "orderAttachments[]": "x"}).json()["trackerId"] == "1"
    assert tiki.admin.call("POST", "trackers", {"orderAttachments[]": "x"}).status_code == 409


def test_items_as_csv_lose_their_line_breaks(tiki: Tiki) -> None:
    tracker = tiki.server.trackers.add("Entries", {"text": "a"})
    tiki.server.trackers.put(tracker, {"text": 'a\r\nb "c"'}, "ann")
    dump = tiki.admin.call("GET", f"trackers/{tracker.id}/dump")
    assert dump.headers["content-type"].startswith("text/comma-separated-values") and '"a%%%b \\"c\\"",' in dump.text


def test_files_from_27_on(start_tiki: StartTiki) -> None:
    assert start_tiki().admin.call("GET", "galleries").status_code == 404
    for profile in ("mid", "new"):
        tiki = start_tiki(profile)
        sent = tiki.ann.call("POST", "galleries/upload", {"galleryId": "1", "title": "T"}, files={"data": ("a.txt", b"abc", "text/plain")}).json()
        assert (sent["name"], sent["title"], sent["size"]) == ("a.txt", "T", 3) and ("info" in sent) == (profile == "new")
        assert tiki.ann.call("GET", f"galleries/{sent['fileId']}/download").content == b"abc"
        assert tiki.ann.call("POST", "galleries/upload", {"data": "YWJj", "name": "b.txt"}).json()["size"] == 3


# For people with a browser.


def test_people_read_edit_and_look_back(tiki: Tiki) -> None:
    tiki.server.people.add("eve", password="secret")
    browser = requests.Session()
    assert browser.get(f"{tiki.server.address}tiki-editpage.php?page=New", timeout=20).status_code == 403
    wrong = browser.post(f"{tiki.server.address}tiki-login.php", {"user": "eve", "pass": "guess", "login": "1"}, timeout=20)
    assert wrong.url.endswith("login.php")
    browser.post(f"{tiki.server.address}tiki-login.php", {"user": "eve", "pass": "secret", "login": "1"}, timeout=20)
    form = {"page": "New", "edit": "p < 0.05\r\n__b__", "comment": "first", "save": "Save"}
    shown = browser.post(f"{tiki.server.address}tiki-editpage.php?page=New", form, timeout=20)
    assert shown.url.endswith("page=New") and "p &lt; 0.05<br><strong>b</strong>" in shown.text
    row = tiki.bot.row("New")
    assert row is not None and (row["data"], row["user"], row["comment"]) == ("p < 0.05\r\n__b__", "eve", "first"), "no tags are taken"
    assert "p &lt; 0.05" in browser.get(f"{tiki.server.address}tiki-editpage.php?page=New", timeout=20).text
    browser.post(f"{tiki.server.address}tiki-editpage.php?page=Filtered", {"edit": "a JavaScript : b &#64;", "save": "1"}, timeout=20)
    row = tiki.bot.row("Filtered")
    assert row is not None and row["data"] == "a javascript: b @", "but what is risky passes the same filter"
    history = browser.get(f"{tiki.server.address}tiki-pagehistory.php?page=New", timeout=20).text
    assert "first" in history and "source=1" in history
    assert "p &lt; 0.05" in browser.get(f"{tiki.server.address}tiki-pagehistory.php?page=New&source=1", timeout=20).text
    assert "New" in browser.get(f"{tiki.server.address}tiki-listpages.php", timeout=20).text
    assert browser.get(f"{tiki.server.address}New", timeout=20).status_code == 200


def test_the_form_keeps_what_the_browser_does_not_show(tiki: Tiki) -> None:
    tiki.server.people.add("bot", password="secret")
    tiki.bot.create("A", "\n<x", lang="fr", lock_it="y", description="d")
    browser = requests.Session()
    browser.post(f"{tiki.server.address}tiki-login.php", {"user": "bot", "pass": "secret"}, timeout=20)
    page = browser.get(f"{tiki.server.address}tiki-editpage.php?page=A", timeout=20).text
    assert all(f'name="{name}" value="{value}"' in page for name, value in (("lang", "fr"), ("lock_it", "on"), ("description", "d")))


def test_a_page_that_somebody_edits_is_kept_from_others(tiki: Tiki) -> None:
    tiki.bot.create("A", "source of A")
    browsers = []
    for name in ("eve", "bob"):
        tiki.server.people.add(name, password=name)
        browsers.append(requests.Session())
        browsers[-1].post(f"{tiki.server.address}tiki-login.php", {"user": name, "pass": name}, timeout=20)
    address = f"{tiki.server.address}tiki-editpage.php?page=A"
    assert "source of A" in browsers[0].get(address, timeout=20).text
    assert "source of A" not in browsers[1].get(address, timeout=20).text
    assert "source of A" in browsers[1].get(f"{address}&conflictoverride=y", timeout=20).text


def test_forms_of_other_sites_are_refused(tiki: Tiki) -> None:
    tiki.server.people.groups["Anonymous"].add("edit")
    form = {"page": "A", "edit": "x", "save": "1"}
    address = f"{tiki.server.address}tiki-editpage.php?page=A"
    assert requests.post(address, form, headers={"Origin": "http://elsewhere.example"}, timeout=20).status_code == 403
    assert requests.post(address, form, headers={"Origin": tiki.server.address.rstrip("/")}, timeout=20).status_code == 200
    assert tiki.bot.row("A") is not None


def test_the_export_has_the_whole_history(start_tiki: StartTiki) -> None:
    off = requests.get(f"{start_tiki().server.address}tiki-export_wiki_pages.php?page=A", timeout=20)
    assert off.status_code == 403
    tiki = start_tiki(wiki_export=True)
    tiki.bot.create("A", "v1 \nx")
    tiki.bot.update("A", "v2", comment="é")
    address = f"{tiki.server.address}tiki-export_wiki_pages.php?page=A"
    last, every = (requests.get(address + more, timeout=20).content.decode() for more in ("", "&all=1"))
    assert "v2" in last and "v1" not in last and "summary=%C3%A9" in last
    assert "v1\r\nx" in every and "v2" in every and every.count("application/x-tikiwiki") == 2


@pytest.mark.parametrize(("markup", "html"), [
    ("!One\n!!Two", "<h2>One</h2>"), ("__a__ ''b''", "<strong>a</strong> <em>b</em>"), ("* a\n** b\n# c", "<ul>\n<li>a</li>\n<ul>"),
    ("||a|b\nc|d||", "<tr><td>a</td><td>b</td></tr><tr><td>c</td>"), ("((A|see))", '>see</a>'), ("[https://e.org/|x]", '<a href="https://e.org/">x</a>'),
    ('{FANCYTABLE(head="a|b")}1|((A|x)){FANCYTABLE}', "<tr><th>a</th><th>b</th></tr><tr><td>1</td>"), ("~np~__x__~/np~", "__x__"),
    ("a ~lt~ b ~124~", "a &lt; b |"), ('{CHOICE(title="A" date="2020")}text{CHOICE}', "<dt>title</dt><dd>A</dd>"),
    ('{INCLUDE(page="A")/}', "text of A"), ("{CODE()}<b>__x__{CODE}", "<pre>&lt;b&gt;__x__</pre>"), ("---", "<hr>"), (";a:b", "<dt>a</dt><dd>b</dd>")])
def test_pages_look_like_pages(markup: str, html: str) -> None:
    assert html in render(markup, {"A": "text of A"}.get)


def test_comments_are_not_shown_and_what_includes_itself_ends() -> None:
    assert "secret" not in render("a ~tc~ secret ~/tc~ b", {}.get)
    assert len(render('{INCLUDE(page="A")/}', {"A": 'x {INCLUDE(page="A")/}'}.get)) < 1000


@settings(max_examples=300)
@given(st.text(alphabet="<>&\"'|[]({})~!*_=-#:;%\n\\ ab1\ufdd1"), st.sampled_from(["{}", "||{}||", "(({}))", "[http://{}]", '{{BOX(title="{}")}}{}{{BOX}}']))
def test_nothing_that_people_type_becomes_markup_of_theirs(text: str, around: str) -> None:
    shown = render(around.format(text + '<script>"\'', text), {}.get)
    assert "<script" not in shown.lower() and "\ufdd1" not in shown


@pytest.mark.parametrize("address", ["javascript:alert(1)", "data:text/html,x", "JAVASCRIPT:x"])
def test_links_lead_to_the_web_only(address: str) -> None:
    assert "<a" not in render(f"[{address}|x]", {}.get)
