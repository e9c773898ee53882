"""What the Tiki server makes of what it is sent: parameters, filters, and names that the database takes for the same."""

from __future__ import annotations

import json
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.tiki_client import StartTiki, Tiki
from wikibridge.demo.tiki.php import against_scripts, nested, same, without_tags

VERSIONS = ("24.1", "mid", "new")


# How parameters arrive.


def test_a_parameter_wins_over_the_path(tiki: Tiki) -> None:
    tiki.bot.create("Real/Name")
    assert tiki.bot.call("POST", "wiki/page/_", {"page": "Real/Name", "data": "x", "is_minor": "y"}).json()["info"]["pageName"] == "Real/Name"
    assert tiki.bot.call("GET", "wiki/page/_", params={"page": "Real/Name"}).status_code == 200


def test_slashes_are_in_no_path_however_they_are_written(tiki: Tiki) -> None:
    tiki.bot.create("A/B")
    for path in ("wiki/page/A/B", "wiki/page/A%2FB"):
        assert tiki.bot.call("GET", path).status_code == 404


@pytest.mark.parametrize(("twice", "path", "found"), [
    (False, "100%25%20x", True), (False, "100%2525%20x", False), (True, "100%2525%20x", True), (True, "Plus+%C3%A9", True)])
def test_paths_are_decoded_by_tiki_and_by_some_web_servers_before(start_tiki: StartTiki, twice: bool, path: str, found: bool) -> None:
    tiki = start_tiki(decodes_twice=twice)
    tiki.bot.create("100% x")
    tiki.bot.create("Plus+é")
    assert (tiki.bot.call("GET", f"wiki/page/{path}").status_code == 200) == found


def test_json_bodies_count_on_the_newest_version_only(start_tiki: StartTiki) -> None:
    for name in VERSIONS:
        answer = start_tiki(name).bot.call("POST", "wiki", json.dumps({"pageName": "J", "data": "x"}), headers={"Content-Type": "application/json"})
        assert (answer.status_code, answer.json().get("code")) == ((200, None) if name == "new" else (403, 0))


def test_forms_in_parts_count_as_well(tiki: Tiki) -> None:
    made = tiki.bot.call("POST", "wiki", files={"pageName": (None, "Parts"), "data": (None, "é\r\nx")})
    assert made.json()["info"]["data"] == "é\r\nx"


def test_parameters_beyond_the_thousandth_are_dropped(tiki: Tiki) -> None:
    pairs = [("items[]", f"P{number}") for number in range(1000)] + [("pageName", "Late")]
    assert tiki.bot.call("POST", "wiki", pairs).json()["code"] == 0 and tiki.bot.row("Late") is None


def test_parameters_nest_as_in_php() -> None:
    assert nested([("a[]", "1"), ("a[]", "2"), ("f[x]", "3"), ("g~y", "4"), ("b", "5"), ("b", "6"), ("c.d", "7")]) == {
        "a": {"0": "1", "1": "2"}, "f": {"x": "3"}, "g": {"y": "4"}, "b": "6", "c_d": "7"}


@pytest.mark.parametrize("profile", ["24.1", "mid"])
@pytest.mark.parametrize(("sent", "stored"), [
    ("p < 0.05 and all following", "p "), ("a > b, x -> y", "a  b, x - y"), ("text <b>bold</b> end", "text bold end"),
    ("{CODE()}if a<b and c>d{CODE}", "{CODE()}if ad{CODE}"), ("a<!-- b > c -->d", "ad"), ("a<!-- b", "a"),
    ("~lt~ &lt; &gt; ~60~ &#60; &#62;", "~lt~ &lt; &gt; ~60~ &#60; &#62;"), (" onclick and javascript:", " onclick and javascript:"),
    ("&#64; &#x27; &#8364; &#228;", "@ ' S64; &#228;"), ("a\x01b\tc\r\nd", "ab\tc\r\nd"), ("JavaScript : ONCLICK", "javascript: onclick"),
    ("[http://a.b|http://a.b] ((A|A)) ((A|b))", "[http://a.b] ((A)) ((A|b))")])
def test_what_is_sent_and_what_is_stored(start_tiki: StartTiki, profile: str, sent: str, stored: str) -> None:
    tiki = start_tiki(profile)
    assert tiki.bot.create("A", sent, comment=sent, description=sent).json()["info"]["data"] == stored
    assert tiki.bot.update("A", sent + "!").json()["info"]["data"] in (stored + "!", stored)
    row = tiki.bot.row("A")
    assert row is not None and row["comment"] is None and "<b>" not in row["description"]


def test_the_newest_version_is_taken_not_to_strip_tags(start_tiki: StartTiki) -> None:
    assert start_tiki("new").bot.create("A", "a <b> c").json()["info"]["data"] == "a <b> c"


def test_bytes_that_are_no_text_are_refused_and_halves_of_characters_poison_lists(start_tiki: StartTiki) -> None:
    tiki = start_tiki()
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    refused = tiki.bot.call("POST", "wiki", "pageName=Latin&data=a%E4b", headers=form)
    assert (refused.status_code, refused.json()["code"]) == (403, 0) and tiki.bot.row("Latin") is None
    tiki.bot.create("Good")
    tiki.bot.call("POST", "wiki", "pageName=Bad&data=a%ED%A0%BDb", headers=form)
    answer = tiki.bot.call("GET", "wiki")
    assert (answer.status_code, answer.json()["code"]) == (403, 0) and tiki.bot.row("Good") is not None
    lenient = start_tiki(strict_sql=False).bot
    assert lenient.call("POST", "wiki", "pageName=Latin&data=a%E4b", headers=form).json()["info"]["data"] == "a"


def _stripped(text: str) -> str:
    """The model of the filter in words: comments first, then letter by letter."""
    while (start := text.find("<!--")) >= 0:
        end = text.find("-->", start + 4)
        text = text[:start] + (text[end + 3 :] if end >= 0 else "")
    kept, inside = "", False
    for char in text:
        if char == "<" and not inside:
            inside = True
        elif char == ">":
            inside = False
        elif not inside:
            kept += char
    return kept


@settings(max_examples=300)
@given(st.text(alphabet="<>!-ab "))
def test_tags_go_as_the_model_says(text: str) -> None:
    assert without_tags(text) == _stripped(text)


@settings(max_examples=300)
@given(st.text(alphabet=" oncliksrptjav:<>&#x2;/\\\n\x00"))
def test_the_filter_against_scripts_comes_to_rest(text: str) -> None:
    assert against_scripts(against_scripts(text)) == against_scripts(text)


# What names are the same.


@pytest.mark.parametrize(("one", "other"), [("Äpfel", "apfel"), ("Straße", "STRASSE"), ("Emoji 😀", "emoji 🎉"), ("Café", "Cafe\u0301"), ("A", "A ")])
def test_one_name_for_the_database(tiki: Tiki, one: str, other: str) -> None:
    tiki.bot.create(one, "v1")
    again = tiki.bot.create(other.strip(), "v2")
    assert (again.status_code, again.json()["code"]) == (403, 0)
    changed = tiki.bot.update(other, "v3").json()["info"]
    assert (changed["pageName"], changed["data"], changed["version"]) == (one, "v3", 2)


@pytest.mark.parametrize(("one", "other"), [("Ø", "O"), ("Æon", "AEon"), ("Й", "И"), ("E", "E 😀"), ("A B", "A  B")])
def test_two_names_for_the_database(tiki: Tiki, one: str, other: str) -> None:
    assert tiki.bot.create(one).status_code == tiki.bot.create(other).status_code == 200


def test_exact_search_compares_letter_by_letter_and_knows_wildcards(tiki: Tiki) -> None:
    for name in ("My_Page", "MyXPage", "My Page", "Straße", "Äpfel", "100% x", "100y x"):
        tiki.bot.create(name)

    def found(find: str, exact: str = "1") -> set[str]:
        return {row["pageName"] for row in tiki.bot.get("wiki", find=find, exactMatch=exact)["data"]}

    assert found("my_page") == {"My_Page", "MyXPage", "My Page"}
    assert found("My\\_Page") == {"My_Page"}
    assert found("100% x") == {"100% x", "100y x"}
    assert found("Strasse") == set() and found("apfel") == {"Äpfel"}
    assert found("my", "n") == found("my", "false") == set(), 'also "n" and "false" are true'
    assert found("page my", "0") == found("page my", "") == {"My_Page", "MyXPage", "My Page"}, "words, in any order"


def test_prefixes_with_accents_find_nothing_though_they_count(tiki: Tiki) -> None:
    for name in ("Äpfel", "Apfelmus", "Birne"):
        tiki.bot.create(name)
    assert [row["pageName"] for row in tiki.bot.get("wiki", initial="ap")["data"]] == ["Äpfel", "Apfelmus"]
    assert tiki.bot.get("wiki", initial="Ä") == {"data": [], "cant": 2}


@given(st.text(st.characters(min_codepoint=0x20, max_codepoint=0xFF, blacklist_categories=["Cc"])))
def test_case_accents_and_blanks_behind_make_no_other_name(name: str) -> None:
    assert same(name) == same(name.upper()) == same(name + "  ")
    if not set(name) & set("¨¯´¸"):
        assert same(name) == same(unicodedata.normalize("NFD", name))
