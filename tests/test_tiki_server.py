"""The Tiki server in memory, over HTTP: each way in which a real Tiki surprises its clients, with the switch that makes it."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable

import pytest
import requests

from tests.tiki_client import Client, StartTiki, Tiki
from wikibridge.demo.tiki import Fault
from wikibridge.demo.tiki.messages import LANGUAGES

VERSIONS = ("24.1", "mid", "new")


# Where the API is, and whether.


@pytest.mark.parametrize("form", ["api", "php"])
def test_both_forms_of_addresses_lead_to_the_same(tiki: Tiki, form: str) -> None:
    assert tiki.bot.call("GET", "version", form=form).json() == {"version": "24.1"}
    assert tiki.bot.call("POST", "wiki", {"pageName": "A B", "data": "x"}, form=form).json()["info"]["version"] == 1
    assert tiki.bot.call("GET", "wiki", form=form, params={"find": "A B", "exactMatch": "1"}).json()["cant"] == 1


def test_the_first_version_does_not_call_its_version_json(start_tiki: StartTiki) -> None:
    kinds = {name: start_tiki(name).bot.call("GET", "version").headers["content-type"].partition(";")[0] for name in VERSIONS}
    assert kinds == {"24.1": "text/html", "mid": "application/json", "new": "application/json"}


def test_without_rewriting_only_the_long_form_is_there(start_tiki: StartTiki) -> None:
    tiki = start_tiki(rewrite=False)
    refused = tiki.bot.call("GET", "version")
    assert refused.status_code == 404 and "html" in refused.headers["content-type"]
    assert tiki.bot.call("GET", "version", form="php").status_code == 200


def test_an_api_that_is_off_says_so_to_everybody(start_tiki: StartTiki) -> None:
    tiki = start_tiki("off")
    for answer in (tiki.nobody.call("GET", "version"), tiki.bot.call("GET", "wiki"), tiki.bot.call("GET", "nothing", form="php")):
        assert answer.status_code == 403 and answer.json()["code"] == 403 and answer.json()["message"] == "Service not enabled."


def test_before_24_there_are_pages_and_no_api(start_tiki: StartTiki) -> None:
    tiki = start_tiki("23")
    tiki.server.edit("HomePage", "Welcome")
    for form in ("api", "php"):
        answer = tiki.bot.call("GET", "version", form=form)
        assert answer.status_code == 404 and "html" in answer.headers["content-type"]
    assert "Welcome" in requests.get(tiki.server.address, timeout=20).text


def test_documentation_lists_the_paths_of_the_version(start_tiki: StartTiki) -> None:
    docs = {name: start_tiki(name).nobody.call("GET", "docs/index.yaml").text for name in VERSIONS}
    assert [name for name in VERSIONS if "/wiki/preview" in docs[name]] == ["mid"]
    assert [name for name in VERSIONS if "/galleries" in docs[name]] == ["mid", "new"]
    assert [name for name in VERSIONS if "patch" in docs[name]] == ["new"]


def test_unknown_routes_and_wrong_methods(tiki: Tiki) -> None:
    unknown = tiki.bot.call("GET", "wiki/")
    assert unknown.status_code == 404 and unknown.json()["page"] == "API" and unknown.json()["message"].endswith(" (404)")
    for method in ("PUT", "DELETE", "PATCH"):
        wrong = tiki.bot.call(method, "wiki/page/X")
        assert wrong.status_code == 400 and wrong.headers["content-type"].startswith("text/html")


def test_a_closed_site_answers_200_with_an_error_or_nothing_at_all(start_tiki: StartTiki) -> None:
    tiki = start_tiki(closed=True)
    said = tiki.bot.call("GET", "version")
    assert said.status_code == 200 and set(said.json()) == {"error", "title"}
    assert (tiki.bot.call("GET", "wiki").status_code, tiki.bot.call("GET", "wiki").content) == (500, b"")
    assert tiki.admin.get("wiki") == {"data": [], "cant": 0}


# Who asks.


def test_without_a_token_one_is_anonymous_not_refused(tiki: Tiki) -> None:
    tiki.bot.create("A")
    assert [row["pageName"] for row in tiki.nobody.get("wiki")["data"]] == ["A"]
    assert tiki.nobody.create("B").status_code == 403
    for header in ("Basic abc", "Bearer ", "Bearer", f"Token {tiki.bot.token}", str(tiki.bot.token)):
        answer = tiki.nobody.call("POST", "wiki", {"pageName": "B"}, headers={"Authorization": header})
        assert answer.status_code == 403 and answer.json()["code"] == 403


def test_a_wrong_or_old_token_is_refused_everywhere(start_tiki: StartTiki) -> None:
    time = [1000.0]
    tiki = start_tiki(clock=lambda: time[0])
    tiki.bot.token = tiki.server.people.token("bot", expires=2000)
    assert tiki.bot.call("GET", "version").status_code == 200
    time[0] = 2000
    for client in (tiki.bot, Client(tiki.server, "0" * 64)):
        for route in ("version", "wiki", "nothing"):
            answer = client.call("GET", route)
            assert answer.status_code == 403 and answer.json()["code"] == 403 and "WWW-Authenticate" not in answer.headers


def test_the_scheme_and_the_token_have_no_case(tiki: Tiki) -> None:
    for number, header in enumerate((f"bearer {tiki.bot.token}", f"BEARER  {str(tiki.bot.token).upper()} ")):
        made = tiki.nobody.call("POST", "wiki", {"pageName": f"P{number}"}, headers={"Authorization": header})
        assert made.json()["info"]["user"] == "bot"


def test_a_server_that_drops_the_header_makes_everybody_anonymous(start_tiki: StartTiki) -> None:
    tiki = start_tiki(drops_authorization=True)
    assert tiki.bot.create("A").status_code == 403
    assert Client(tiki.server, "wrong").call("GET", "wiki").status_code == 200


# Lists.


@pytest.mark.parametrize("profile", VERSIONS)
def test_rows_and_infos_say_the_same_in_two_ways(start_tiki: StartTiki, profile: str) -> None:
    tiki = start_tiki(profile)
    info = tiki.bot.create("A", "é", lock_it="y", lang="fr", description="d", comment="c").json()["info"]
    row = tiki.bot.row("A")
    assert row is not None and (row["data"], row["len"], row["flag"], row["lang"]) == ("é", 2, "locked", "fr")
    assert (info["data"], info["page_size"], info["flag"], info["namespace"]) == ("é", 2, "L", False)
    assert row["perms"]["tiki_p_view"] == "y" and "perms" not in info and "page_size" not in row
    assert ("count" if profile == "new" else "cant") in tiki.bot.get("wiki")


def test_hidden_pages_are_in_the_total_and_not_in_the_rows(tiki: Tiki) -> None:
    for number in range(6):
        tiki.bot.create(f"P{number}")
    tiki.server.people.allow("wiki page", "P0", {"Admins": {"view"}})
    tiki.server.people.allow("wiki page", "P3", {"Admins": {"view"}})
    answer = tiki.bot.get("wiki")
    assert (answer["cant"], [row["pageName"] for row in answer["data"]]) == (6, ["P1", "P2", "P4", "P5"])
    pages = [[row["pageName"] for row in tiki.bot.get("wiki", maxRecords=2, offset=offset)["data"]] for offset in (0, 2, 4)]
    assert pages == [["P1", "P2"], ["P4", "P5"], []], "pages are filled up, and offsets count what is seen"
    assert len(tiki.admin.get("wiki")["data"]) == 6


def test_only_later_versions_look_at_the_right_to_view(start_tiki: StartTiki) -> None:
    for name in VERSIONS:
        tiki = start_tiki(name)
        tiki.bot.create("A", "secret")
        tiki.server.people.allow("wiki page", "A", {"Admins": {"view"}})
        answer = tiki.ann.call("GET", "wiki/page/A")
        assert (answer.status_code, "secret" in answer.text) == ((200, True) if name == "24.1" else (403, False))
        tiki.server.people.groups["Anonymous"].clear()
        listed = tiki.nobody.call("GET", "wiki")
        assert listed.status_code == (200 if name == "24.1" else 403)


def test_order_and_languages(tiki: Tiki) -> None:
    for name, lang in (("b", "fr"), ("Ä", "en"), ("c", "fr")):
        tiki.bot.create(name, lang=lang)

    def names(**params: str) -> list[str]:
        return [row["pageName"] for row in tiki.bot.get("wiki", **params)["data"]]

    assert names() == ["b", "Ä", "c"] and names(sortMode="pageName_asc") == ["Ä", "b", "c"]
    assert names(sortMode="page_id_desc") == ["c", "Ä", "b"] and names(sortMode="lang_asc,pageName_desc") == ["Ä", "c", "b"]
    assert names(**{"filter[lang]": "fr"}) == names(**{"filter~lang": "FR"}) == ["b", "c"] and len(names(**{"filter[lang]": ""})) == 3
    assert tiki.bot.get("wiki", onlyCant="y") == {"data": [], "cant": 3}


@pytest.mark.parametrize(("html", "status"), [(False, 200), (True, 500)])
def test_an_error_of_the_database_in_a_list_is_a_page(start_tiki: StartTiki, html: bool, status: int) -> None:
    answer = start_tiki(html_errors=html).bot.call("GET", "wiki", params={"sortMode": "nothing_asc"})
    assert answer.status_code == status and answer.headers["content-type"].startswith("text/html") and "System error" in answer.text


def test_once_there_is_a_category_lists_show_only_what_is_in_one(start_tiki: StartTiki) -> None:
    for jail in (True, False):
        tiki = start_tiki(category_jail=jail)
        tiki.bot.create("In")
        tiki.bot.create("Out")
        assert tiki.bot.get("wiki")["cant"] == 2
        category = tiki.admin.call("POST", "categories", {"name": "Books"}).json()
        put = tiki.admin.call("POST", "categorize", {"categId": category["categId"], "objects[]": ["wiki page:In"]}).json()
        assert put["objects"][0]["id"] == "In"
        again = tiki.admin.call("POST", "categorize", {"categId": category["categId"], "objects[]": ["wiki page:In"]}).json()
        assert again["count"] == "unchanged"
        shown = [row["pageName"] for row in tiki.bot.get("wiki")["data"]]
        assert shown == (["In"] if jail else ["In", "Out"])
        assert [row["pageName"] for row in tiki.bot.get("wiki", **{"filter[categId]": category["categId"]})["data"]] == ["In"]
        assert [row["pageName"] for row in tiki.bot.get("wiki", **{"filter[noCateg]": "1"})["data"]] == ["Out"]
        assert tiki.bot.get("categories", type="all")["1"]["name"] == "Books"


# Single pages.


def test_a_page_is_html_and_its_source_comes_with_the_newest_version(start_tiki: StartTiki) -> None:
    for name in VERSIONS:
        tiki = start_tiki(name)
        tiki.bot.create("A", "__bold__")
        plain, raw = (tiki.bot.call("GET", "wiki/page/A", params=params).json() for params in ({}, {"raw": "1"}))
        assert "<strong>bold</strong>" in plain["data"] and (raw["data"] == "__bold__") == (name == "new")
        assert ("version" in plain) == (name != "24.1")
        assert tiki.bot.call("GET", "wiki/page/B").json()["page"] is None


# Creating.


@pytest.mark.parametrize("language", LANGUAGES)
def test_creating_what_exists_is_told_as_any_mistake_in_any_language(start_tiki: StartTiki, language: str) -> None:
    tiki = start_tiki(language=language)
    tiki.bot.create("A", "first")
    answers = [tiki.bot.create("A", "second"), tiki.bot.create("")]
    assert [(answer.status_code, answer.json()["code"]) for answer in answers] == [(403, 0), (403, 0)]
    row = tiki.bot.row("A")
    assert row is not None and (row["data"], row["version"]) == ("first", 1)


def test_messages_are_those_of_the_sites_language(start_tiki: StartTiki) -> None:
    said = {language: start_tiki(language=language).bot.create("").json()["message"] for language in LANGUAGES}
    assert len(set(said.values())) == len(LANGUAGES)


def test_creating_what_exists_may_overwrite_it_silently(start_tiki: StartTiki) -> None:
    tiki = start_tiki(overwrites=True)
    tiki.bot.create("A", "first")
    info = tiki.bot.create("A", "second").json()["info"]
    assert (info["data"], info["version"]) == ("second", 2)


def test_names_too_long_and_with_blanks_outside(tiki: Tiki) -> None:
    assert tiki.bot.create("é" * 79).status_code == 200
    assert (tiki.bot.create("é" * 80).status_code, tiki.bot.create("é" * 80).json()["code"]) == (403, 0)
    assert tiki.bot.create(" Blank").json() == {"info": False} and tiki.bot.row("Blank") is not None
    assert tiki.bot.create("Behind ").json()["info"]["pageName"] == "Behind"
    assert tiki.bot.create("0").json()["code"] == 0, "a name that PHP takes for nothing"


def test_a_list_in_place_of_a_text_breaks_php(tiki: Tiki) -> None:
    answer = tiki.bot.call("POST", "wiki", {"pageName": "A", "data[]": "x"})
    assert (answer.status_code, answer.content) == (500, b"") and tiki.bot.row("A") is None


# Updating.


def test_what_an_update_does_not_name_is_reset(start_tiki: StartTiki) -> None:
    tiki = start_tiki(page_comments=True)
    tiki.bot.create("A", "v1", lang="fr", comment="c", wiki_authors_style="s", lock_it="y", comments_enabled="y", description="d")
    info = tiki.bot.update("A", "v2").json()["info"]
    assert (info["lang"], info["comment"], info["wiki_authors_style"], info["flag"], info["comments_enabled"]) == (None, None, None, "", "n")
    assert (info["description"], info["is_html"]) == ("d", 0)
    kept = tiki.bot.update("A", "v3", lang="fr", comment="c", wiki_authors_style="s", lock_it="y", comments_enabled="y").json()["info"]
    assert (kept["lang"], kept["comment"], kept["wiki_authors_style"], kept["flag"], kept["comments_enabled"]) == ("fr", "c", "s", "L", "y")
    assert tiki.bot.update("A", None).json()["info"]["data"] is None


def test_a_strict_database_takes_updates_of_24_1_only_when_they_are_minor(start_tiki: StartTiki) -> None:
    for strict, profile in ((True, "24.1"), (False, "24.1"), (True, "mid")):
        tiki = start_tiki(profile, strict_sql=strict)
        tiki.bot.create("A", "v1")
        statuses = [tiki.bot.call("POST", "wiki/page/_", {"page": "A", "data": "v2", **more}).status_code
                    for more in ({}, {"is_minor": "1"}, {"is_minor": "y"})]
        row = tiki.bot.row("A")
        assert statuses == ([403, 403, 200] if strict and profile == "24.1" else [200, 200, 200])
        assert row is not None and row["version"] == 2 and row["data"] == "v2"


def test_a_strict_database_refuses_what_does_not_fit_and_a_lenient_one_cuts_it(start_tiki: StartTiki) -> None:
    strict, lenient = start_tiki().bot, start_tiki(strict_sql=False).bot
    refused = strict.create("A", comment="c" * 256)
    assert (refused.status_code, refused.json()["code"]) == (403, 0) and strict.row("A") is None
    assert strict.create("A", comment="c" * 255, description="d" * 200).status_code == 200
    info = lenient.create("A", comment="c" * 300, description="d" * 300).json()["info"]
    assert (len(info["comment"]), len(info["description"])) == (255, 200)


def test_the_version_grows_only_when_something_changes(start_tiki: StartTiki) -> None:
    time = [1000.0]
    tiki = start_tiki(clock=lambda: time[0])
    tiki.bot.create("A", "v1", comment="c", description="d")
    time[0] = 1001.7
    same_ = tiki.ann.update("A", "v1", comment="c").json()["info"]
    assert (same_["version"], same_["user"], same_["lastModif"]) == (1, "ann", 1001), "who and when change all the same, in whole seconds"
    assert tiki.ann.update("A", "v1", comment="other").json()["info"]["version"] == 2
    assert tiki.ann.update("A", "v1", comment="other", description="other").json()["info"]["version"] == 3


def test_a_lock_stops_no_update(tiki: Tiki) -> None:
    tiki.bot.create("A", "v1", lock_it="y")
    info = tiki.ann.update("A", "v2", lock_it="y").json()["info"]
    assert (info["data"], info["flag"], info["lockedby"]) == ("v2", "L", "bot"), "locked by whoever edited before"
    assert tiki.ann.update("A", "v3", lock_it="1").json()["info"]["flag"] == "L"
    assert tiki.ann.update("A", "v4").json()["info"]["flag"] == ""


def test_updates_need_the_page_and_the_right_to_edit_it(tiki: Tiki) -> None:
    missing = tiki.bot.update("Nothing")
    assert missing.status_code == 404 and missing.json()["code"] == 404 and missing.json()["page"] is None
    tiki.bot.create("A")
    tiki.server.people.allow("wiki page", "A", {"Admins": {"view", "edit"}, "Anonymous": {"view"}})
    assert tiki.bot.update("A").status_code == 403 and tiki.admin.update("A").status_code == 200


# Other people at the same time.


def _history(tiki: Tiki, name: str) -> dict[int, str | None]:
    page = tiki.server.pages.get(name)
    assert page is not None
    return {old.number: old.data for old in page.history}


def _interrupt(tiki: Tiki, point: str, route: str, do: Callable[[], object]) -> None:
    """Let something happen once, at a point of the next request whose method and route begin so."""
    left = [do]

    def between(now: str, request: object) -> None:
        if now == point and str(request).startswith(route) and left:
            left.pop()()

    tiki.server.between = between


@pytest.mark.parametrize(("point", "head", "versions"), [
    ("before", ("bot", 3), {1: "v1", 2: "ann", 3: "bot"}),
    ("numbered", ("bot", 2), {1: "v1", 2: "ann"}),
    ("written", ("ann", 3), {1: "v1", 3: "ann"}),
    ("saved", ("ann", 3), {1: "v1", 2: "bot", 3: "ann"}),
    ("after", ("ann", 3), {1: "v1", 2: "bot", 3: "ann"})])
def test_an_edit_by_somebody_at_every_point_of_a_write(tiki: Tiki, point: str, head: tuple[str, int], versions: dict[int, str]) -> None:
    tiki.bot.create("A", "v1")
    _interrupt(tiki, point, "POST wiki/page", lambda: tiki.server.edit("A", "ann"))
    info = tiki.bot.update("A", "bot").json()["info"]
    page = tiki.server.pages.get("A")
    assert page is not None and (page.data, page.version) == head and _history(tiki, "A") == versions
    assert (info["data"], info["version"]) == (("bot", 2) if point == "after" else head), "the answer tells what it finds at its end"


def test_a_server_that_loses_nothing_has_all_versions(start_tiki: StartTiki) -> None:
    tiki = start_tiki(loses_history=False)
    tiki.bot.create("A", "v1")
    _interrupt(tiki, "before", "POST wiki/page", lambda: tiki.server.edit("A", "ann"))
    assert tiki.bot.update("A", "bot").json()["info"]["version"] == 3
    assert _history(tiki, "A") == {1: "v1", 2: "ann", 3: "bot"}


def test_a_page_that_is_deleted_meanwhile_is_no_info(tiki: Tiki) -> None:
    tiki.bot.create("A", "v1")
    page = tiki.server.pages.get("A")
    assert page is not None
    _interrupt(tiki, "numbered", "POST wiki/page", lambda: tiki.server.pages.delete(page))
    assert tiki.bot.update("A").json() == {"info": False} and tiki.bot.row("A") is None


def test_two_programs_create_one_page_once(tiki: Tiki) -> None:
    barrier, statuses = threading.Barrier(2), []

    def create(client: Client) -> None:
        barrier.wait()
        statuses.append(client.create("A").status_code)

    threads = [threading.Thread(target=create, args=(client,)) for client in (tiki.bot, tiki.ann)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [200, 403] and _history(tiki, "A") == {1: "text"}


# Deleting and locking.


def test_deleting_is_a_success_whatever_it_did(tiki: Tiki) -> None:
    for name in ("A", "B", "C"):
        tiki.bot.create(name)
    assert tiki.ann.items("delete", "A").json()["feedback"]["action"][0] | {"mes": "", "title": ""} == {
        "type": "feedback", "icon": "success", "title": "", "mes": "", "items": []}
    assert tiki.bot.row("A") is not None, "without the right nothing happens"
    assert tiki.bot.items("delete", "a").json()["feedback"]["action"][0]["items"] == ["a"] and tiki.bot.row("A") is None
    missing = tiki.bot.items("delete", "A")
    assert (missing.status_code, missing.headers["location"], missing.content) == (302, "/tiki-index.php", b"")
    mixed = tiki.bot.items("delete", "B", "A")
    assert mixed.status_code == 200 and mixed.json()["feedback"]["action"][0]["type"] == "error" and tiki.bot.row("B") is None
    assert tiki.bot.call("POST", "wiki/delete", {"items[]": "C"}, headers={"Referer": f"{tiki.server.address}C"}).status_code == 302


def test_a_page_made_anew_begins_at_version_1_with_another_id(tiki: Tiki) -> None:
    first = tiki.bot.create("A").json()["info"]
    tiki.bot.update("A", "v2")
    tiki.bot.items("delete", "A")
    again = tiki.bot.create("A").json()["info"]
    assert again["version"] == 1 and again["page_id"] != first["page_id"]


def test_deleting_with_a_redirect_leaves_an_alias(tiki: Tiki) -> None:
    tiki.bot.create("A")
    tiki.bot.create("B", "b")
    assert tiki.bot.items("delete", "A", create_redirect="y", destpage="B").json()["feedback"]["link"][0]["items"] == "B"
    row = tiki.bot.row("B")
    assert row is not None and row["data"] == "b\r\n~tc~ (alias(A)) ~/tc~"


def test_deleting_versions(start_tiki: StartTiki) -> None:
    for profile, route in (("24.1", "wiki/A/delete"), ("new", "wiki/page/A/delete")):
        tiki = start_tiki(profile)
        tiki.bot.create("A", "v1")
        tiki.bot.update("A", "v2")
        tiki.bot.update("A", "v3")
        assert tiki.ann.call("POST", route, {"items[]": "1"}).status_code == 403
        assert tiki.bot.call("POST", route, {"items[]": "1"}).json()["feedback"]["action"][0]["type"] == "feedback"
        assert _history(tiki, "A") == {2: "v2", 3: "v3"}
        tiki.bot.items("lock", "A")
        said = tiki.bot.call("POST", route, {"items[]": "2"}).json()["feedback"]["action"][0]["type"]
        assert said == ("error" if profile == "new" else "feedback") and 2 in _history(tiki, "A")


def test_locks_make_versions_without_a_time(start_tiki: StartTiki) -> None:
    time = [1000.0]
    tiki = start_tiki(clock=lambda: time[0])
    tiki.bot.create("A")
    time[0] = 2000
    assert tiki.bot.items("lock", "A").json()["feedback"]["action"][0]["items"] == ["A"]
    row = tiki.bot.row("A")
    assert row is not None and (row["flag"], row["version"], row["lastModif"], row["lockedby"]) == ("locked", 2, 1000, "bot")
    assert tiki.ann.items("unlock", "A").json() == {"feedback": False}
    assert tiki.bot.items("unlock", "A").json()["feedback"]["action"][0]["type"] == "feedback"
    assert tiki.nobody.items("lock", "A").status_code == 200
    row = tiki.bot.row("A")
    assert row is not None and (row["flag"], row["version"]) == ("locked", 3), "anybody who may view locks, without a version"


def test_locking_nothing_succeeds_once(tiki: Tiki) -> None:
    assert tiki.bot.items("lock", "Nothing").json()["feedback"]["action"][0]["items"] == ["Nothing"]
    assert "System error" in tiki.bot.items("lock", "Nothing").text


def test_locking_depends_on_the_version_and_a_preference(start_tiki: StartTiki) -> None:
    assert start_tiki(locks=False).bot.items("lock", "A").json()["code"] == 403
    tiki = start_tiki("new")
    tiki.bot.create("A")
    tiki.nobody.items("lock", "A")
    row = tiki.bot.row("A")
    assert row is not None and row["flag"] == "unlocked" and tiki.bot.items("lock").status_code == 400


def test_features_that_are_off(start_tiki: StartTiki) -> None:
    for feature, route in (("wiki", "wiki"), ("trackers", "trackers"), ("categories", "categories")):
        answer = start_tiki(**{feature: False}).admin.call("GET", route)
        assert answer.status_code == 403 and f"feature_{feature}" in answer.json()["message"]


def test_telling_about_a_page_on_the_newest_version(start_tiki: StartTiki) -> None:
    tiki = start_tiki("new")
    tiki.bot.create("A", "text")
    category = tiki.server.categories.add("Books")
    answer = tiki.bot.call("PATCH", "wiki/page/A", json.dumps({"categories": [category.id], "tags": ["t"], "seo_title": "s"}),
                           headers={"Content-Type": "application/json"}).json()
    assert answer == {"status": "success", "page": "A", "updated_fields": ["seo_title", "categories", "tags"]}
    row = tiki.bot.row("A")
    assert row is not None and row["data"] == "text" and tiki.server.categories.of("wiki page", "A") == {category.id}


# The machine.


def test_numbers_may_be_text(start_tiki: StartTiki) -> None:
    tiki = start_tiki(text_numbers=True)
    tiki.bot.create("A")
    answer = tiki.bot.get("wiki")
    assert (answer["cant"], answer["data"][0]["version"], answer["data"][0]["is_html"]) == ("1", "1", "0")
    assert tiki.bot.create("A").json()["code"] == 0 and tiki.bot.create(" B").json() == {"info": False}


def test_warnings_may_stand_before_the_json(start_tiki: StartTiki) -> None:
    tiki = start_tiki(noise=True)
    answer = tiki.bot.create("A")
    assert answer.text.startswith("<br") and json.loads(answer.text[answer.text.index("{\"") :])["info"]["version"] == 1


@pytest.mark.parametrize(("fault", "written"), [(Fault(), False), (Fault(acts=True), True), (Fault(cut=True), True)])
def test_connections_end_before_and_after_the_work_is_done(tiki: Tiki, fault: Fault, written: bool) -> None:
    tiki.server.fail(fault, on="POST wiki")
    with pytest.raises((requests.ConnectionError, requests.exceptions.ChunkedEncodingError)):
        tiki.bot.create("A")
    assert (tiki.bot.row("A") is not None) == written, "only one request was to fail"


def test_errors_of_the_web_server(tiki: Tiki) -> None:
    tiki.server.fail(Fault(status=503, headers={"Retry-After": "3"}), on="GET", times=2)
    tiki.server.fail(Fault(status=500, acts=True), on="POST")
    answers = [tiki.bot.call("GET", "wiki") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [503, 503, 200] and answers[0].headers["retry-after"] == "3"
    assert tiki.bot.create("A").status_code == 500 and tiki.bot.row("A") is not None


def test_slow_answers_outlast_the_patience_of_a_client_and_not_the_server(tiki: Tiki) -> None:
    tiki.server.fail(Fault(seconds=3600), on="GET version")
    with pytest.raises(requests.Timeout):
        requests.get(f"{tiki.server.address}api/version", timeout=0.2)


def test_requests_are_counted_and_kept(tiki: Tiki) -> None:
    tiki.bot.create("A")
    tiki.bot.call("GET", "wiki", form="php")
    assert [str(request) for request in tiki.server.requests] == ["POST wiki", "GET wiki"]
    assert (tiki.server.count(), tiki.server.count("POST")) == (2, 1) and tiki.server.requests[0].form["pageName"] == "A"
