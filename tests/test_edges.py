"""Edges of what is read: where a little less or more would be read otherwise."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from wikibridge.entries.faults import Fault, shown
from wikibridge.entries.identity import Known, keys
from wikibridge.entries.read import read
from wikibridge.entries.types import load, shipped
from wikibridge.entries.values import read_date, read_language, read_number, read_terms, read_url, split_several
from wikibridge.entries.write import as_call, as_list
from wikibridge.errors import SettingsError
from wikibridge.markup import tikitext, wikitext
from wikibridge.markup.dialects import DIALECTS
from wikibridge.mirror.store import Mirror
from wikibridge.model import Page, PartialDate, Period, Quantity

SCHEMA = shipped()


@pytest.mark.parametrize(("text", "value"), [
    ("2020/3", "2020-03"), ("2020.11", "2020-11"), ("3/2020", "2020-03"), ("2009–11", "2009/2011"), ("2009—11", "2009/2011"),
    ("2011–13", "2011/2013"), ("2020/2022", "2020/2022"), ("the fourth quarter of 2020", "2020-10/2020-12"),
    ("3/11/69", "2069-11-03"), ("3/11/70", "1970-11-03"), ("3 nov 69", "2069-11-03"), ("3 nov 70", "1970-11-03"),
    ("2020 → 2021", "2020/2021"), ("2020 => 2021", "2020/2021"), ("2020 -> 2021", "2020/2021"), ("2020 — 2021", "2020/2021"),
    ("2020 ⇒ 2021", "2020/2021"), ("nov 2020 – jan 2021", "2020-11/2021-01"), ("30/11/2020 - 11/2020", "2020-11-30/2020-11"),
    ("since the fourth quarter of 2020", "2020-10/.."), ("November 3-10, 2020", "2020-11-03/2020-11-10"),
])
def test_dates_in_rare_shapes(text: str, value: str) -> None:
    assert str(read_date(text)) == value


@pytest.mark.parametrize(("text", "code", "suggestion"), [
    ("2020/2150", "date-impossible", ""), ("31/02/2020", "date-impossible", ""), ("45/45/2020", "date-impossible", ""),
    ("3/13/2020", "date-impossible", "13/3/2020"), ("3/11/2020 - 31/2/2021", "date-impossible", ""), ("10 to now", "date-relative", ""),
    ("3 marrs 2020", "date-unreadable", "3 mars 2020"), ("3 nov", "date-no-year", ""), ("from 3 nov", "date-no-year", ""),
    ("5/20", "date-no-year", "5/2020"), ("la nuit", "date-unreadable", ""), ("2020 - 2019", "date-backwards", ""),
    ("3 xyzzyx plughp 2020", "date-unreadable", ""),
])
def test_dates_that_are_none(text: str, code: str, suggestion: str) -> None:
    found = read_date(text)
    assert isinstance(found, Fault) and (found.code, found.suggestion) == (code, suggestion)


def test_month_first_is_meant_where_the_site_says_so() -> None:
    assert str(read_date("3/11/2020", day_first=False)) == "2020-03-11"
    found = read_date("13/3/2020", day_first=False)
    assert isinstance(found, Fault) and found.suggestion == "3/13/2020"


def test_long_texts_are_no_numbers_and_shown_in_part() -> None:
    found = read_number("1 " * 500, "en")
    assert isinstance(found, Fault) and found.code == "number-unreadable" and len(found.params[0]) == 80
    assert shown("x" * 80) == "x" * 80 and shown("x" * 81) == "x" * 79 + "…"


@pytest.mark.parametrize(("text", "value"), [
    ("five km", "5"), ("about 7", "7"), ("7 or so", "7"), ("3k€", "3000"), ("2.5 million", "2500000"), ("-4", "-4"), ("−4", "-4"),
    ("9" * 40, "9" * 40), ("9" * 41, None), ("2h30", None), ("12 ½", None), ("1 à 3", None),
])
def test_numbers_with_words(text: str, value: str | None) -> None:
    found = read_number(text, "en", unit=True)
    assert isinstance(found, Fault) if value is None else found == Decimal(value)


def test_several_values_lose_their_bullets_where_these_are_none_of_them() -> None:
    assert split_several("* https://a.example/x\n# https://b.example/y;", "url") == ("https://a.example/x", "https://b.example/y")
    assert split_several("C#; F#", "text") == ("C#", "F#")


def test_languages_of_few_letters_are_not_guessed() -> None:
    for text in ("frx", "zzz", "po"):
        found = read_language(text)
        assert isinstance(found, Fault) and found.suggestion == ""
    found = read_language("portugees")
    assert isinstance(found, Fault) and found.suggestion.startswith("port")


def test_files_are_no_addresses() -> None:
    for text in ("report.pdf", "photo.JPG"):
        assert isinstance(read_url(text), Fault)
    assert read_url("<example.org/report.pdf>.") == "https://example.org/report.pdf"


def test_terms_in_a_row_with_unknown_ones() -> None:
    found, faults = read_terms("food, xyzzy; transport & food", "theme", SCHEMA, "en")
    assert found == ("food", "transport") and [fault.params for fault in faults] == [("xyzzy",)]


@pytest.mark.parametrize("dialect", list(DIALECTS.values()), ids=list(DIALECTS))
@pytest.mark.parametrize("language", ["en", "fr", "pt"])
@pytest.mark.parametrize("month", [21, 22, 23, 24])
def test_seasons_read_back(dialect: Any, language: str, month: int) -> None:
    kind, fields = SCHEMA.types["choice"], {"title": "A", "date": PartialDate(2021, month)}
    for text in (as_call(kind, fields, SCHEMA, language, dialect), as_list(kind, fields, SCHEMA, language, dialect)):
        (found,) = read(text, SCHEMA, language, dialect).entries
        assert found.fields["date"] == PartialDate(2021, month)


def test_numbered_parameters_are_the_fields_in_their_order() -> None:
    kind = SCHEMA.types["choice"]
    first, second = kind.fields[0].name, kind.fields[1].name
    (entry,) = read("{{Choice|1=Walking|2=2021}}", SCHEMA, "en").entries
    assert entry.fields == {first: "Walking", second: PartialDate(2021)}
    for wrong in ("0", str(len(kind.fields) + 1), "99"):
        found = read(f"{{{{Choice|title=A|{wrong}=x}}}}", SCHEMA, "en")
        assert [problem.code for problem in found.problems] == ["field-unknown"] and found.entries[0].unknown == {wrong: "x"}


def test_entries_are_numbered_and_their_lines_counted() -> None:
    found = read("a\n\n{{Choice|title=A}}\n{{Choice|title=B}} {{Choice|title=C}}", SCHEMA, "en").entries
    assert [(entry.number, entry.line) for entry in found] == [(1, 3), (2, 4), (3, 4)]


def test_addresses_in_values_are_hidden_in_short_ones_too() -> None:
    found = read("{{Choice|title=Write to ana@example.org|date=2021}}", SCHEMA, "en")
    assert found.entries[0].fields["title"] == "Write to …" and [problem.code for problem in found.problems] == ["private-data"]
    assert read("{{Choice|title=100 200 300|date=2021}}", SCHEMA, "en").entries[0].fields["title"] == "100 200 300"


def test_a_plain_heading_of_the_page_is_a_section_of_entries() -> None:
    text = "== My choices ==\n* Title: A\n* Date: 2021\n* Theme: food\n\n* Title: B\n* Date: 2020"
    assert [entry.fields["title"] for entry in read(text, SCHEMA, "en").entries] == ["A", "B"]


def test_a_section_proves_itself_by_more_than_a_date() -> None:
    assert not read("== Report ==\n* Date: 2021\n* Note: good\n", SCHEMA, "en").entries
    assert not read("== Report ==\n* Colour: 2021\n* Theme of all: x\n", SCHEMA, "en").entries
    assert read("== Garden ==\n* Date: 2021\n* Theme: food\n", SCHEMA, "en").entries


def test_an_entry_keeps_its_key_by_its_title_or_name() -> None:
    def known(**fields: object) -> Known:
        return Known("", "participant" if "name" in fields else "choice", fields)

    before = [known(title="A", date="1"), known(title="B", date="2"), known(name="Ana", group="x"), known(name="Bo", group="y")]
    first = keys([], before)
    old = [Known(key, one.type, one.fields) for key, one in zip(first, before, strict=True)]
    after = [known(title="B", date="9"), known(name="Bo", group="q"), known(name="Ana", group="w"), known(title="A", date="8")]
    assert keys(old, after) == [first[1], first[3], first[2], first[0]]


def test_terms_that_a_vocabulary_lost_show_their_id() -> None:
    assert SCHEMA.label("theme", "gone", "en") == "gone" and SCHEMA.label("theme", "food", "fr") == "alimentation"


def test_two_types_of_one_name_are_refused_with_both_files() -> None:
    text = ("names: {en: [Choice], fr: [X], pt: [Y]}\nlabel: {en: G, fr: J, pt: H}\nplural: {en: G, fr: J, pt: H}\n"
            "fields:\n  - name: plant\n    kind: text\n    names: {en: [plant], fr: [plante], pt: [planta]}\n"
            "    help: {en: a, fr: b, pt: c}\n    example: {en: bean, fr: haricot, pt: feijão}\n")
    with pytest.raises(SettingsError, match=r"garden\.yml.*choice"):
        load({"garden.yml": text}, SCHEMA)


# What stands around entries


@pytest.mark.parametrize(("text", "heads"), [
    ("== A ==", ["A"]), ("=A", []), ("== A =", ["= A"]), ("== A == <!-- x -->", ["A"]), ("<!-- x -->\n== A ==", ["A"]),
    ("{{x|\n== A ==\n}}", []), ("== A ==\n=== B ===", ["A", "B"]), ("a == b ==", []), ("=", []), ("===", ["="]),
])
def test_headings(text: str, heads: list[str]) -> None:
    assert [head.text for head in wikitext.headings(text)] == heads


def test_unclosed_calls_end_at_their_paragraph_and_take_a_lone_brace_along() -> None:
    (call,) = wikitext.unclosed("{{Choice|title=A}\n\nmore")
    assert (call.name, [argument.value for argument in call.arguments]) == ("Choice", ["A"])
    assert "{{Choice|title=A}\n\nmore"[call.start : call.end] == "{{Choice|title=A}"


def test_ends_of_tags_are_looked_for_once() -> None:
    assert [call.name for call in wikitext.calls("<nowiki> {{A}} <nowiki/> {{B}} <nowiki>{{C}}</nowiki> {{D}}")] == ["D"]
    assert [call.name for call in wikitext.calls("<nowiki> {{A}} < {{B}}")] == ["A", "B"]


@pytest.mark.parametrize(("value", "shown_"), [
    ("~np~__a__~/np~", "__a__"), ("~pp~a b~/pp~", "a b"), ("__a__ ''b'' ===c===", "a b c"), ("((Page|shown))", "shown"),
    ("((Page))", "Page"), ("[https://a.example|text]", "text"), ("[https://a.example]", "https://a.example"), ("a%%%b", "a\nb"),
    ("{COLOR(x)}red{COLOR} and blue", "and blue"), ("~tc~ no ~/tc~yes", "yes"), ("&lt;b&gt;", "<b>"), ("~126~", "~"), ("a  b", "a b"),
])
def test_what_a_reader_sees_of_tikis_markup(value: str, shown_: str) -> None:
    assert tikitext.plain(value) == shown_


@pytest.mark.parametrize("text", ["<", ">", "{", "a{b}c", "__x__", "~np~", "%%%", "((", "&amp;", "WikiWord", "-", "!x", "a-+b", "x<y>z"])
def test_tikis_escaped_text_is_plain_again(text: str) -> None:
    assert tikitext.plain(tikitext.escape(text)) == text
    assert not tikitext.scan(tikitext.escape(text)).calls


def test_a_broken_period_in_the_mirror_does_not_stand_alone() -> None:
    mirror = Mirror(None)
    text = "{{Choice|title=A|date=since March 2020}}"
    page = Page(1, "P", 1, text, datetime(2020, 11, 3, tzinfo=UTC))
    found = read(text, SCHEMA, "en")
    mirror.save([(page, found.entries, found.problems)])
    ((_, _, entry),) = mirror.entries(1)
    assert entry.fields["date"] == Period(PartialDate(2020, 3), None)
    mirror.close()


@pytest.mark.parametrize("row", [
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen"
    " nineteen twenty",
    "zéro un deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize dix-sept dix-huit dix-neuf vingt",
    "zero um dois três quatro cinco seis sete oito nove dez onze doze treze catorze quinze dezasseis dezassete dezoito dezanove vinte",
])
def test_number_words(row: str) -> None:
    for number, word in enumerate(row.split()):
        assert read_number(word, "en") == number, word
    for word, number in {"une": 1, "uma": 1, "duas": 2, "dezesseis": 16, "dezessete": 17, "dezenove": 19}.items():
        assert read_number(word, "pt") == number


def test_languages_by_the_words_around_them() -> None:
    for text, code in {"in English": "en", "en français": "fr", "em português": "pt", "English language": "en",
                       "langue française": "fr", "língua portuguesa": "pt", "o português": "pt", "l'anglais": "en"}.items():
        assert read_language(text) == code, text


def test_numbers_are_written_with_the_languages_mark() -> None:
    kind = SCHEMA.types["choice"]
    for language, text in {"en": "2.5", "fr": "2,5", "pt": "2,5"}.items():
        assert f"={text}" in as_call(kind, {"title": "A", "rating": Decimal("2.5")}, SCHEMA, language, wikitext)


def test_units_are_divided_in_their_order() -> None:
    units = SCHEMA.units
    found = units.convert(Quantity(Decimal(12), "kg/year"), "kg/month")
    assert isinstance(found, Quantity) and found.unit == units.find("kg/month") and abs(found.amount - 1) < Decimal("0.01")
    assert units.find("kg per year") == units.find("kg/year") and units.find("kg par an") == units.find("kg/an")
    assert isinstance(units.convert(Quantity(Decimal(1), "kg"), "km"), Fault)


def test_what_stands_in_our_own_regions_nobody_typed() -> None:
    inside = "{{Choice|title=A}}\n\n== Choice: B ==\n* Date: 2021\n* Theme: food\n\n{|\n! Title !! Date\n|-\n| C || 2021\n|}"
    text = f"<!-- wikibridge:begin a hash=1 -->\n{inside}\n<!-- wikibridge:end a -->"
    assert read(text, SCHEMA, "en").entries == ()
    assert len(read(inside, SCHEMA, "en").entries) == 3


def test_choices_come_before_other_types_of_the_same_fields() -> None:
    assert list(SCHEMA.types)[:2] == ["choice", "participant"]


@pytest.mark.parametrize("body", ["nothing", "title"])
def test_a_body_is_a_long_text_of_the_type(body: str) -> None:
    text = (f"names: {{en: [Garden], fr: [Jardin], pt: [Horta]}}\nlabel: {{en: G, fr: J, pt: H}}\nplural: {{en: G, fr: J, pt: H}}\nbody: {body}\n"
            "fields:\n  - name: title\n    kind: text\n    names: {en: [title], fr: [titre], pt: [título]}\n"
            "    help: {en: a, fr: b, pt: c}\n    example: {en: bean, fr: haricot, pt: feijão}\n")
    with pytest.raises(SettingsError, match="body"):
        load({"garden.yml": text}, SCHEMA)


def test_a_name_of_forty_letters_is_no_field() -> None:
    for letters, known in ((38, True), (41, False)):
        found = read(f"== Choice: A ==\n* Date: 2021\n* {'x' * letters}: y\n", SCHEMA, "en")
        assert bool(found.entries[0].unknown) is known


def test_a_field_named_with_a_figure_of_another_script_breaks_nothing() -> None:
    for name in ("፩", "00215"):
        found = read(f"{{{{Choice|title=A|{name}=x}}}}", SCHEMA, "en")
        assert [entry.fields["title"] for entry in found.entries] == ["A"] and len(found.entries[0].fields) == 1
