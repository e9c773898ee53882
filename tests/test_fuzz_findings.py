"""What random and hostile pages brought to light: each was read wrong, too slowly, or not at all."""

from __future__ import annotations

import time
from types import ModuleType

import mwparserfromhell
import pytest
from mwparserfromhell.parser import ParserError

from wikibridge.entries.read import read
from wikibridge.entries.types import shipped
from wikibridge.markup import regions, tikitext, wikitext

SCHEMA = shipped()

# A parser of values took seconds to centuries for markup that nothing closes: text, dialect.
SLOW = {
    "tags without an end: the square of their number": ("{{Choice|title=A|before=" + "<b " * 3000 + "}}", wikitext),
    "links without an end": ("{{Choice|title=A|description=" + "<div [[a|" * 2100 + "}}", wikitext),
    "footnotes, each taken out alone": ("{{Choice|title=A|description=" + "<ref/><x>a</x>" * 1200 + "}}", wikitext),
    "blanks as entities, each with a semicolon": ("!Choice: A\n* Date: 2020\n* Theme: food" + "&#160;" * 16_000, tikitext),
    "tags that nothing ends, each with the rest of the page to look through": ("<nowiki>a" * 60_000, wikitext),
    "attributes of a cell that could be parted in many ways: twice the time for each": (
        "{|\n! Title !! Date\n|-\n|" + "level=‘" * 40 + " || 2020\n|}", wikitext),
    "blanks as entities, by name": ("== Choice: A ==\n* Date: 2020\n* Theme: food" + "&nbsp;" * 16_000, wikitext),
}


@pytest.mark.parametrize(("text", "dialect"), SLOW.values(), ids=SLOW)
def test_no_page_takes_longer_than_its_length(text: str, dialect: ModuleType) -> None:
    start = time.process_time()
    read(text, SCHEMA, "en", dialect)
    assert time.process_time() - start < 2


def test_a_table_in_a_broken_template_does_not_double_the_time() -> None:
    # Of 40 of them, 500 characters, nobody would have seen the end.
    start = time.process_time()
    wikitext.plain("}}{{Choice|\n{|" * 22)
    wikitext.plain("}}{{Choice|\n{|" * 1000)
    assert time.process_time() - start < 1


def test_a_value_that_the_parser_stumbles_over_is_shown_as_typed(monkeypatch: pytest.MonkeyPatch) -> None:
    # "This is a bug and should be reported": with it the whole run ended.
    def stumble(text: str) -> None:
        raise ParserError(text)

    monkeypatch.setattr(mwparserfromhell, "parse", stumble)
    assert wikitext.plain("a {{b}} [[c|d]]") == "a {{b}} d"


def test_markup_left_open_is_text_and_all_else_is_read_as_before() -> None:
    assert wikitext.plain("less than <3 km, [[Cork|home]] <ref>x</ref>and '''l''''eau''") == "less than <3 km, home and l'eau"
    assert wikitext.plain(" ".join("[[a|b]] [https://x.example c]{{d|e}}<ref name=\"f\">g</ref>" for _ in range(50))) == " ".join(["b c"] * 50)


@pytest.mark.parametrize(("text", "dialect"), [
    ("||n|region|title\n\ud800", tikitext), ("{{Choice|title=A|c\udfff=x|date=\ud800}}", wikitext), ("== \ud800 ==\n{{Choice|date=2020}}", wikitext)])
def test_half_a_letter_never_gets_out_of_a_page(text: str, dialect: ModuleType) -> None:
    # Excerpts and names of fields had it, and no database, file or terminal takes it.
    found = read(text, SCHEMA, "en", dialect)
    for each in (*found.entries, *found.problems):
        "".join(map(str, (getattr(each, name) for name in each.__slots__))).encode()
    assert found.entries and "\ud800" not in repr(found) and "\udfff" not in repr(found)


@pytest.mark.parametrize("text", [
    "{{Choice|title=A|description: ana@example.org}}", "{{Choice|title=A|description: call 0470 12 34 56}}",
    "{{Choice|title=A|ana@example.org=x}}", "== Choice: 0470 12 34 56 ==\n* Date: 2020\n* Theme: food", "== ana@example.org ==\n{{Choice|date=2020}}"])
def test_private_data_is_left_out_wherever_it_stands(text: str) -> None:
    # Behind a colon in place of the equals sign, as a field's name, in the heading above.
    found = read(text, SCHEMA, "en")
    assert len(found.entries) == 1 and "example.org" not in repr(found) and "0470" not in repr(found)


@pytest.mark.parametrize(("text", "dialect"), [
    ("{|\n! Title<!-- y --> !! Date !! Description\n|-\n| Less meat <!-- x --> || 2020 || {{nowrap|some}}soup<ref>x|y</ref>\n|}", wikitext),
    ("{|\n! Title !! Date !! Description\n|-\n| <nowiki>Less meat</nowiki> || <nowiki>2020</nowiki> || <nowiki>soup</nowiki>\n|}", wikitext),
    ("||Title|Date|Description\nLess ~tc~ x ~/tc~meat|2020|{img src=x}soup||", tikitext),
    ("||Title|Date|Description\nLess ~np~meat~/np~|2020|soup||", tikitext)])
def test_what_is_no_text_leaves_no_traces_in_the_cells_of_a_table(text: str, dialect: ModuleType) -> None:
    # Comments, templates and nowiki came out as rows of control characters.
    (entry,) = read(text, SCHEMA, "en", dialect).entries
    assert {name: str(value) for name, value in entry.fields.items()} == {"title": "Less meat", "date": "2020", "description": "soup"}


def test_a_row_of_entries_is_no_entry_itself() -> None:
    found = read("{|\n! Title !! Date\n|-\n| {{Choice|title=A|date=2020}} || {{Choice|title=B|date=2020}}\n|}", SCHEMA, "en")
    assert [entry.fields["title"] for entry in found.entries] == ["A", "B"] and found.problems == ()


@pytest.mark.parametrize("broken", [
    '{CHOICE(title="A" date="2020"', '{CHOICE(title="A" date="2020', '{CHOICE(title="A" date="2020" theme', "A brace {in the text"])
@pytest.mark.parametrize("between", ["\n\n", "\n\n!Next\n"])
def test_what_tiki_plugin_was_not_ended_does_not_swallow_the_next(broken: str, between: str) -> None:
    # All up to its end were arguments of the first: one entry with the fields of both.
    found = read(f'{broken}{between}{{CHOICE(title="B" date="2021")/}}\n', SCHEMA, "en", tikitext)
    assert [(entry.fields["title"], str(entry.fields["date"])) for entry in found.entries] == [("A", "2020"), ("B", "2021")][broken[0] == "A" :]


def test_half_a_letter_in_a_region_or_value_is_borne() -> None:
    # The hash of a region's content raised an error.
    text = "<!-- wikibridge:begin a hash=0 -->\n\ud800\n<!-- wikibridge:end a -->"
    assert not regions.find(text)[0][0].ours
    assert wikitext.plain("&lt;\udc3c\ufdd0 <3") == "<\ufffd\ufdd0 <3"


def test_a_comment_that_nobody_closed_does_not_take_the_end_of_a_region_along() -> None:
    page = regions.replace(f"before {regions.region('a', 'x')} after", {"a": "y <!-- z"})
    assert [(found.name, found.content, found.ours) for found in regions.find(page)[0]] == [("a", "y &lt;!-- z", True)]
    assert page.startswith("before ") and page.endswith(" after")


def test_a_name_that_tiki_does_not_parse_is_told_as_it_was_typed() -> None:
    found = read('{CHOICE(~np~title~/np~="a" date="~np~2020~/np~")/}', SCHEMA, "en", tikitext)
    assert dict(found.entries[0].unknown) == {"~np~title~/np~": "a"} and str(found.entries[0].fields["date"]) == "2020"


@pytest.mark.parametrize("text", [
    '{|\n! Choix !! Date !! Thème\n|-\n| Moins de viande || 2020 || alimentation\n|}',
    "{{Choix|choix=Moins de viande|date=2020|thème=alimentation}}",
    "== Choix ==\n* Titre :\n** Moins de viande\n* Date : 2020\n* Thème : alimentation"])
def test_a_title_named_by_the_type_or_below_its_name(text: str) -> None:
    found = read(text, SCHEMA, "fr")
    (entry,) = found.entries
    assert (entry.fields["title"], str(entry.fields["date"]), entry.fields["theme"]) == ("Moins de viande", "2020", ("food",))
    assert not found.problems and not entry.unknown
