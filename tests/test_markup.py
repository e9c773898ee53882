"""The scanner, escaping and managed regions, seen from outside."""

from __future__ import annotations

import mwparserfromhell
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wikibridge.markup import regions, wikitext
from wikibridge.wikis.base import normal

NASTY = {
    "comment in the name": ("{{Choice<!-- x -->|id=a}}", ["Choice"]),
    "unclosed comment hides the rest": ("{{A}} <!-- {{Choice}}", ["A"]),
    "nowiki": ("<nowiki>{{Choice}}</nowiki>{{B}}", ["B"]),
    "unclosed nowiki hides nothing": ("<nowiki>{{Choice}}", ["Choice"]),
    "self-closing nowiki": ("<nowiki/>{{Choice}}", ["Choice"]),
    "includeonly does not count on the page": ("<includeonly>{{A}}</includeonly>{{B}}", ["B"]),
    "noinclude and onlyinclude do": ("<noinclude>{{A}}</noinclude><onlyinclude>{{B}}</onlyinclude>", ["A", "B"]),
    "link protects a bar": ("{{Choice|a=[[x|y]]|b=c}}", ["Choice"]),
    "unclosed link breaks the call": ("{{Choice|[[x}}", []),
    "parameter is no call": ("{{{Choice|x}}}", []),
    "four braces are a parameter of nothing": ("{{{{Choice}}}}", []),
    "five braces are a call of a parameter": ("{{{{{Choice}}}|a}}", ["{{{Choice}}}"]),
    "variant protects bars": ("{{Choice|a=-{x|y}-|b=c}}", ["Choice"]),
    "nested": ("{{A|{{B|{{C}}}}}}", ["A", "B", "C"]),
    "prefix and underscore": ("{{template:_my_choice |x}}", ["My choice"]),
    "heading line swallows braces": ("{{A|x=1\n== y }}", []),
    "in a heading": ("== {{A}} ==\n{{B}}", ["A", "B"]),
    "tag in a name stays open": ("<pre>{{A}}</pre >{{B}}", ["B"]),
}


@pytest.mark.parametrize(("text", "names"), NASTY.values(), ids=NASTY)
def test_calls_are_what_the_preprocessor_sees(text: str, names: list[str]) -> None:
    assert [call.name for call in wikitext.calls(text)] == names


def test_arguments_keep_their_place() -> None:
    text = "x {{Choix|titre= Moins [[de|viande]] |un = {{n|a=b}}|libre}}"
    call = wikitext.calls(text)[0]
    assert [(a.name, a.value) for a in call.arguments] == [
        ("titre", " Moins [[de|viande]] "), ("un", " {{n|a=b}}"), (None, "libre")]
    assert all(text[a.start : a.start + len(a.value)] == a.value for a in call.arguments)
    assert text[call.start : call.end].startswith("{{Choix") and call.end == len(text)


MARKS = ["{{", "}}", "{{{", "}}}", "[[", "]]", "|", "=", "\n", "==", "<!--", "-->", "<nowiki>", "</nowiki>", "-{", "}-",
         "Choice", "a", " ", "<pre>", "</pre>", "<includeonly>", "{{Choice|title=x}}"]


@given(st.lists(st.sampled_from(MARKS), max_size=40).map("".join))
@settings(max_examples=500)
def test_any_text_is_scanned_and_spans_are_calls(text: str) -> None:
    found = wikitext.scan(text)
    for call in found.calls:
        assert text[call.start :].startswith("{{") and text[: call.end].endswith("}}")


def test_hostile_text_is_scanned_in_linear_steps() -> None:
    for text in ("{" * 200_000, "{{a|" * 50_000, "[[" * 50_000, "<nowiki>" * 20_000, "\n=" * 50_000, "<!--" * 50_000):
        wikitext.scan(text)


@given(st.text())
@settings(max_examples=300)
def test_escaped_text_holds_no_markup(text: str) -> None:
    shown = wikitext.escape(text)
    assert not set("<>[]{}|~\n") & set(shown)
    code = mwparserfromhell.parse(shown)
    assert not code.filter_templates() and not code.filter_tags() and not code.filter_wikilinks()


def test_plain_is_what_a_reader_sees() -> None:
    assert wikitext.plain("''l'eau'' de [[la|ma]] [https://a.org source]<ref>x</ref> &nbsp;<!-- n -->") == "l'eau de ma source"


def test_a_regions_hash_fits_what_the_wiki_stores() -> None:
    stored = normal(regions.region("a", "Cafe\u0301 \x07\r\nend"))
    assert regions.find(stored)[0][0].ours


def test_a_link_to_no_title_is_its_label() -> None:
    for title in ("a]]{{Evil}}[[b", "<b>", "a|b", "~~~~", ""):
        assert wikitext.link(title, "label") == "label"


def test_headings_with_comments_and_without_text() -> None:
    found = wikitext.scan("== A == <!-- x --> <!-- y -->\n=== <!-- z --> B ===\n====\n= = =\n== no\n==== C ==").headings
    assert [(head.level, head.text) for head in found] == [(2, "A"), (3, "B"), (1, "=="), (1, "="), (2, "== C")]


def test_region_round_trip_and_hand_back() -> None:
    text = "before\n" + regions.region("a", "one") + "\nafter  \n"
    (found,), broken = regions.find(text)
    assert (found.content, found.ours, broken) == ("one", True, frozenset())
    edited = text.replace("one", "mine")
    assert not regions.find(edited)[0][0].ours
    assert regions.find(text.replace("one", ""))[0][0].ours
    assert regions.find(edited.replace(f" hash={regions.content_hash('one')}", ""))[0][0].ours


@given(st.text(), st.text(), st.text())
def test_text_outside_a_region_never_changes(before: str, content: str, after: str) -> None:
    text = before + "\n" + regions.region("a", "old") + "\n" + after
    found, _ = regions.find(text)
    if [r.name for r in found] != ["a"]:
        return
    new = regions.replace(text, {"a": content})
    assert new.startswith(text[: found[0].start]) and new.endswith(text[found[0].end :])


def test_doubled_crossed_and_half_markers_are_broken() -> None:
    one, two = regions.region("a", "x"), regions.region("b", "y")
    assert regions.find(one + "\n" + one)[1] == {"a"}
    assert regions.find(one.rsplit("\n", 1)[0])[1] == {"a"}
    assert regions.find(one.replace("x", two))[1] == {"a", "b"}
    assert regions.find(f"<nowiki>{one}</nowiki>") == ((), frozenset())
