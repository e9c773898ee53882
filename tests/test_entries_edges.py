"""Edges of what people type: each a text, and what a careful reader takes from it."""

from __future__ import annotations

from decimal import Decimal

import pytest

from wikibridge.entries import problems, values
from wikibridge.entries.faults import shown
from wikibridge.entries.fields import read_field
from wikibridge.entries.read import read
from wikibridge.entries.types import EntryField, of_site, shipped
from wikibridge.entries.units import Units
from wikibridge.entries.write import as_call
from wikibridge.errors import SettingsError
from wikibridge.i18n import LANGUAGES
from wikibridge.markup import tikitext, wikitext
from wikibridge.model import Problem, Quantity

SCHEMA = shipped()


def entries(text, language="en", dialect=wikitext):
    return [{name: value if isinstance(value, tuple) else str(value) for name, value in entry.fields.items()}
            for entry in read(text, SCHEMA, language, dialect).entries]


def problem_of(text, language="en"):
    (problem,) = read(text, SCHEMA, language).problems
    return problem


# Lists.

@pytest.mark.parametrize("text", [
    "== Choice: A ==\n; Date\n: 2020\n; Theme\n: food\n",
    "== Choice ==\n; Title\n: A\n; Date\n: 2020\n; Theme\n: food\n",
    "== Choice: A ==\n'''Date'''\n2020\n\n'''Theme'''\nfood\n",
    "== Choice: A ==\n'''Date'''\n\n2020\n\n'''Theme'''\n\nfood\n",
    "== Choice: A ==\n=== Date ===\n2020\n=== Theme ===\nfood\n",
])
def test_names_of_fields_may_stand_on_lines_of_their_own(text):
    assert entries(text) == [{"title": "A", "date": "2020", "theme": ("food",)}]


def test_an_empty_line_ends_a_list_and_what_follows_is_no_part_of_its_last_value():
    assert entries("== Choice: A ==\n* Theme: food\n* Date: 2020\n\nSome words\n") == [
        {"title": "A", "theme": ("food",), "date": "2020", "description": "Some words"}]


def test_the_text_above_a_list_is_its_body_and_not_the_text_below_it_too():
    assert entries("== Choice: A ==\nIntro words\n* Date: 2020\n* Theme: food\n\nAfter words\n") == [
        {"title": "A", "date": "2020", "theme": ("food",), "description": "Intro words"}]
    assert entries("== Choice: A ==\nIntro words\n* Date: 2020\n\nWords between\n* Theme: food\n\nAfter words\n") == [
        {"title": "A", "date": "2020", "theme": ("food",), "description": "Intro words"}]


def test_what_stands_in_a_region_of_ours_is_no_entry():
    assert entries("{{Choice|title=A}}\n<!-- wikibridge:begin x hash= -->\n== Choice: B ==\n* Date: 2020\n* Theme: food\n"
                   "<!-- wikibridge:end x -->\n") == [{"title": "A"}]


def test_a_table_below_a_list_is_no_part_of_its_last_value():
    found = read("== Choice: A ==\n* Theme: food\n* Date: 2020\n{|\n! x\n|-\n| y\n|}\n", SCHEMA, "en")
    assert [str(entry.fields["date"]) for entry in found.entries] == ["2020"] and not found.problems


@pytest.mark.parametrize(("lines", "found"), [
    ("* Title: A\n* Theme: food", [{"title": "A", "theme": ("food",)}]),
    ("* Title: A\n* Description: b", []),
    ("* Title: A\n* Date: 2020", []),
    ("* Title: A\n* Theme: whatever", []),
])
def test_below_any_heading_it_is_values_that_tell_an_entry(lines, found):
    assert entries(f"== My week ==\n{lines}\n") == found


def test_the_heading_of_a_table_of_several_is_the_title_of_none():
    assert entries("== My week ==\n{|\n! Date !! Theme\n|-\n| 2020 || food\n|-\n| 2021 || health\n|}") == [
        {"date": "2020", "theme": ("food",)}, {"date": "2021", "theme": ("health",)}]


# Calls.

def test_an_unclosed_call_is_read_once_and_keeps_the_first_letter_of_its_values():
    assert entries("{{Choice|Less meat|date=2020\n\nfoo") == [{"title": "Less meat", "date": "2020"}]


def test_a_call_with_one_brace_ends_with_it():
    text = "{Choice|title=A|date=2020}X"
    (entry,) = read(text, SCHEMA, "en").entries
    assert text[slice(*entry.span)] == text[:-1]


def test_a_list_in_a_call_with_one_brace_is_no_entry_of_its_own():
    assert entries("{Choice|title=A|description=x\n* Date: 2020\n* Theme: food}") == [
        {"title": "A", "description": "x\n* Date: 2020\n* Theme: food"}]


def test_a_call_in_full_width_signs_is_as_long():
    text = "｛｛Choice｜title＝A｜date＝2020｝｝"
    assert wikitext.narrow(text) == "{{Choice|title=A|date=2020}}"
    found = read(f"{text} {{{{Choice|title=B|date=99}}}}", SCHEMA, "en")
    assert [entry.span for entry in found.entries] == [(0, 28), (29, 55)]
    assert [(problem.code, problem.column) for problem in found.problems] == [("full-width", 1), ("date-unreadable", 52)]


def test_numbers_name_the_fields_in_their_order():
    assert entries("{{Choice|1=Less meat|2=2020}}") == [{"title": "Less meat", "date": "2020"}]
    for number in ("0", "00215", "99", "፩", "1" * 5000):
        assert entries(f"{{{{Choice|title=A|{number}=x}}}}") == [{"title": "A"}], number


def test_of_a_field_typed_twice_the_last_value_counts():
    for second, read_as in (("B '''c'''", "B c"), ("B [[c]] (d)", "B c (d)"), ("B" * 100, "B" * 100)):
        found = read(f"{{{{Choice|title=A|title={second}}}}}", SCHEMA, "en")
        assert found.entries[0].fields == {"title": read_as} and [problem.code for problem in found.problems] == ["field-twice"]


def test_only_the_first_equals_sign_ends_a_name():
    (call,) = wikitext.calls("{{a|links=http://x?a=b [[c]]}}")
    assert [(argument.name, argument.value) for argument in call.arguments] == [("links", "http://x?a=b [[c]]")]


def test_what_an_open_includeonly_holds_is_no_entry():
    assert entries("{{Choice|title=A}}\n<includeonly>\n== Choice: B ==\n* Date: 2020\n* Theme: food\n") == [{"title": "A"}]


def test_comments_behind_a_heading_anywhere_on_a_page():
    found = wikitext.headings("x\n== A == <!-- c --> <!-- d -->\ny\n== B == <!-- e -->")
    assert [(heading.level, heading.text) for heading in found] == [(2, "A"), (2, "B")]


def test_an_equals_sign_at_the_start_of_a_line_is_no_heading_in_a_call():
    assert entries("{{Choice|title\n=A [[B]]|date=2020}}") == [{"title": "A B", "date": "2020"}]


def test_a_dash_before_a_call():
    for value in ("A", "[[A]]"):
        text = f"-{{{{Choice|title={value}}}}}"
        assert entries(text) == [{"title": "A"}] and not read(text, SCHEMA, "en").problems


def test_only_one_word_for_templates_at_the_beginning_is_no_part_of_a_name():
    names = [call.name for call in wikitext.calls("{{template: choice}}{{Template:Template:Choice}}{{My template:choice}}")]
    assert names == ["Choice", "Template:Choice", "My template:choice"]


@pytest.mark.parametrize("inner", ["x", "{{b}}", "{{b|[[c]]}}"])
def test_calls_in_calls_are_looked_at_to_a_depth(inner):
    names = [call.name for call in wikitext.calls("{{a|" * (wikitext.DEPTH + 5) + inner + "}}" * (wikitext.DEPTH + 5))]
    assert names == ["A"] * wikitext.DEPTH
    assert len(wikitext.calls("{{a|" * (wikitext.DEPTH - 1) + inner + "}}" * (wikitext.DEPTH - 1))) == (
        wikitext.DEPTH - (inner == "x"))


def test_a_heading_in_the_name_of_a_call_hides_its_braces():
    text = "{{Choice\n=x|title=[[A]]}}\n}}"
    assert [(call.start, call.end) for call in wikitext.calls(text)] == [(0, len(text))]


def test_full_width_equals_signs_alone_are_read_too():
    assert wikitext.narrow("＝{{Choice|title＝b}}") == "＝{{Choice|title=b}}"


def test_a_signature_is_no_part_of_a_value():
    assert entries("{{Choice|title=A -- [[User:X|X]] 12:30, 3 Nov 2020 (UTC)|date=2020}}") == [{"title": "A", "date": "2020"}]


@pytest.mark.parametrize("tag", [
    "nowiki", "pre", "gallery", "indicator", "langconvert", "ref", "references", "templatedata"])
def test_what_an_extension_takes_is_no_entry(tag):
    assert entries(f"<{tag}>{{{{Choice|title=A}}}}</{tag}>{{{{Choice|title=B}}}}") == [{"title": "B"}]


# Problems.

def test_an_unclosed_call_is_told_with_its_marks():
    problem = problem_of("{{Choice|title=A")
    assert (problem.code, problem.params) == ("entry-unclosed", ("{{Choice", "}}"))


def test_of_several_values_each_that_cannot_be_read_is_told():
    problem = problem_of("{{Choice|title=A|theme=food, xyzzyq|date=2020}}")
    assert (problem.code, problem.params) == ("term-unknown", ("xyzzyq",))
    sample = SCHEMA.types["choice"].by_name["level"]
    field = EntryField.model_validate({"name": "x", "kind": "date", "several": True, "names": dict(sample.names),
                                       "help": dict(sample.help), "example": dict(sample.example)})
    value, faults = read_field("2020; soon-ish; 2021", field, SCHEMA, "en")
    assert value == ("2020", "2021") and [fault.code for fault in faults] == ["date-unreadable"]


def test_a_value_behind_a_colon_keeps_its_place():
    found = read("{{Choice\n|Less\n|date: 99/99/2020\n}}", SCHEMA, "en").problems
    assert [(problem.code, problem.line, problem.column) for problem in found] == [
        ("colon-for-equals", 3, 2), ("date-impossible", 3, 8)]


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_may_have_been_meant_is_said(language):
    problem = Problem("term-unknown", 1, 1, ("fod",), "fod", "food")
    assert "food" in problems.sentence(problem, language)
    assert "food" not in problems.sentence(Problem("term-unknown", 1, 1, ("fod",), "fod", ""), language)


def test_long_texts_are_shown_shortened():
    assert shown("x" * 80) == "x" * 80 and shown("x" * 81) == "x" * 79 + "…"
    problem = problem_of("{{Choice|title=A|date=2020|description=a|" + "x" * 100 + "}}")
    assert problem.code == "bar-in-value" and problem.params == ("x" * 60,)


def test_an_excerpt_ends_where_the_place_is_no_more():
    problem = problem_of("{{Choice|title=A|fooo=1" + " " * 80 + "tail}}")
    assert (problem.code, problem.excerpt) == ("field-unknown", "1")


def test_a_term_that_is_gone_is_its_own_label():
    assert SCHEMA.label("theme", "gone", "fr") == "gone"


# Values.

@pytest.mark.parametrize(("text", "read_as"), [
    ("2020.11", "2020-11"), ("2020, 4th quarter", "2020-10/2020-12"), ("2020 Nov 3", "2020-11-03"), ("2020 3 11", "2020-03-11"),
    ("trois mars 2021", "2021-03-03"), ("2 novembro 2020", "2020-11-02"), ("Nov 3 2020", "2020-11-03"), ("Nov 2020", "2020-11"),
    ("3/11/70", "1970-11-03"), ("3/11/69", "2069-11-03"), ("3 Nov 70", "1970-11-03"), ("3 Nov 69", "2069-11-03"),
    ("2020 Nov", "2020-11"), ("11 2020", "2020-11"), ("2020 11", "2020-11"), ("3-11 Nov 20", "2020-11-03/2020-11-11"),
])
def test_dates(text, read_as):
    assert str(values.read_date(text)) == read_as


@pytest.mark.parametrize(("text", "code", "suggestion"), [
    ("Monday to today", "date-relative", ""), ("2 to today", "date-relative", ""), ("2019-2150", "date-impossible", ""), ("2025–25", "date-impossible", ""),
    ("3/11", "date-no-year", ""), ("13/20", "date-no-year", ""), ("12/13", "date-no-year", "12/2013"),
    ("3 marss 2020", "date-unreadable", "3 mars 2020"), ("há algumas semanas", "date-relative", ""),
    ("il y a quelques jours", "date-relative", ""), ("a few days ago", "date-relative", ""),
])
def test_what_is_no_date(text, code, suggestion):
    found = values.read_date(text)
    assert isinstance(found, values.Fault) and (found.code, found.suggestion) == (code, suggestion)


@pytest.mark.parametrize("text", ["2020-11/2020-11-01", "2020-21/2020-01", "2020-12/2020-21"])
def test_a_period_may_end_where_it_begins(text):
    assert str(values.read_edtf(text)) == text


def test_signs_that_belong_to_a_value_stay_with_it():
    assert values.split_several("C#; F#", "text") == ("C#", "F#")
    assert values.split_several("Ann, Bob / Cy & Dee et Eve; [[User:F, G]]", "user") == (
        "Ann", "Bob", "Cy", "Dee", "Eve", "[[User:F, G]]")
    for typed in ("https://example.org/AX", "<https://example.org/AX>;", "https://example.org/AX."):
        assert values.read_url(typed) == "https://example.org/AX"


@pytest.mark.parametrize(("words", "meant"), [
    ("yes, y, Yeah, yep, true, T, x, 1, on, OK, okay, agreed, of course, oui, O, ouais, vrai, si, d’accord, bien sûr, sim, s, v,"
     " verdade, verdadeiro, claro, claro que sim, de acordo, concordo, ✓, ✔, ☑, ✅, 👍", True),
    ("no, N, nope, false, f, 0, off, of course not, non, faux, pas d’accord, não, falso, claro que não, ✗, ✘, ❌, ☐, 👎", False),
])
def test_every_word_for_yes_and_no(words, meant):
    assert {word: values.read_yes_no(word) for word in words.split(", ")} == {word: meant for word in words.split(", ")}


@pytest.mark.parametrize(("code", "words"), {
    "fr": "française, francesa, langue française, French", "en": "anglaise, inglesa, English", "pt": "portugaise, portuguesa, brasileiro, português do Brasil, português brasileiro,"
    " português de Portugal, portugais du Brésil",
    "es": "espagnole, espanhola, castillan, castelhano", "nl": "flamand, néerlandais", "kea": "kriolu", "zh": "mandarin, mandarim",
    "fsl": "LSF", "bzs": "Libras"}.items())
def test_languages_by_more_words(code, words):
    assert {word: values.read_language(word) for word in words.split(", ")} == {word: code for word in words.split(", ")}


@pytest.mark.parametrize(("number", "words"), [
    (1, "one un une um uma"), (2, "two deux dois duas"), (16, "sixteen seize dezasseis dezesseis"),
    (17, "seventeen dix-sept dezassete dezessete"), (18, "eighteen dix-huit dezoito"), (19, "nineteen dix-neuf dezanove dezenove"),
    (20, "twenty vingt vinte")])
def test_numbers_in_words(number, words):
    assert {word: values.read_number(word, "en") for word in words.split()} == {word: number for word in words.split()}


@pytest.mark.parametrize(("symbol", "words"), {
    "h": "hour hours hr h heure heures hora horas", "day": "d day days jour jours j journée dia dias",
    "week": "week weeks wk semaine semaines sem semana", "month": "month months mois mês meses",
    "year": "year years yr annum an ans année années ano anos"}.items())
@pytest.mark.parametrize("units", [SCHEMA.units, Units({})], ids=["shipped", "bare"])
def test_every_word_for_a_time(units, symbol, words):
    assert {word: units.name(f"x/{word}") for word in words.split()} == {word: f"x/{symbol}" for word in words.split()}


@pytest.mark.parametrize(("typed", "name"), [
    ("repas par l’an", "repas/year"), ("refeições por ao dia", "refeições/day"), ("meals a week", "meals/week"),
    ("euros à l'heure", "€/h"), ("km à l’heure", "km/h")])
def test_rates(typed, name):
    assert SCHEMA.units.name(typed) == name


@pytest.mark.parametrize(("language", "typed"), [("en", "2.5 kg"), ("fr", "2,5 kg"), ("pt", "2,5 kg")])
def test_a_number_is_written_with_the_marks_of_the_language(language, typed):
    kind = SCHEMA.types["choice"]
    written = as_call(kind, {"before": Quantity(Decimal("2.5"), "kg")}, SCHEMA, language, wikitext)
    assert f"={typed}\n" in written


@pytest.mark.parametrize(("amount", "unit", "to"), [(24, "L/day", "L/h"), (7, "L/week", "L/day"), (12, "L/year", "L/month")])
def test_times_convert(amount, unit, to):
    assert SCHEMA.units.convert(Quantity(Decimal(amount), unit), to) == Quantity(Decimal(1), to)
    unit, to = unit.replace("L", "x"), to.replace("L", "x")
    assert Units({}).convert(Quantity(Decimal(amount), unit), to) == Quantity(Decimal(1), to)


def test_a_title_that_no_page_can_have_is_not_suggested():
    found = values.read_page("https://example.org/wiki/A%5BB")
    assert isinstance(found, values.Fault) and found.suggestion == ""


@pytest.mark.parametrize("body", ["title", "nothing"])
def test_the_body_of_a_sites_type_must_be_a_field_of_long_text(body):
    three = "{en: a, fr: b, pt: c}"
    field = "\n    names: {en: [%s], fr: [%s], pt: [%s]}\n" + f"    help: {three}\n    example: {three}\n"
    text = (f"names: {{en: [Garden], fr: [Jardin], pt: [Horta]}}\nlabel: {three}\nplural: {three}\nbody: %s\nfields:\n"
            "  - name: title" + field % ("t", "u", "v") + "  - name: story\n    kind: long_text" + field % ("x", "y", "z"))
    assert of_site({"garden.yml": text % "story"}, True).types["garden"].body == "story"
    with pytest.raises(SettingsError) as error:
        of_site({"garden.yml": text % body}, True)
    assert f"“{body}”" in error.value.say("en")


# Markup.

def test_cells_go_on_over_lines_and_hold_tables():
    (table,) = wikitext.tables("\n| stray\n{|\n! Title !! Date\n|-\n| A\n| 2020\nand later\n|-\n| B\n{|\n| x || y\n|-\n! z\n|}\n| 2021\n|}\n")
    assert [[cell.text for cell in row] for row in table.rows] == [
        [" Title ", " Date"], [" A", " 2020\nand later"], [" B\n{|\n| x || y\n|-\n! z", " 2021"]]


def test_references_are_not_seen():
    assert wikitext.plain("a<references>b</references>c<ref>d</ref>") == "ac"


def test_tiki_escapes_what_would_begin_or_end_a_mark_and_drops_controls():
    assert tikitext.escape("a\u202eb") == "ab"
    for text in ("*a", "#a", ";a", "!a", "a*", "*"):
        assert not set(tikitext.escape(text)) & set(text) - {"a"}, text


def test_tiki_bodies_stay_as_typed_where_they_can_and_signs_of_tags_do_not():
    assert tikitext.call("choice", {"": "__bold__ [http://example.org x]"}) == (
        "{CHOICE()}__bold__ [http://example.org x]{CHOICE}")
    assert "~/np~" not in tikitext.call("choice", {"": "a ~/np~ b"})
    written = tikitext.call("choice", {"title": "<b> a"})
    assert not set("<>") & set(written)
    assert [argument.value for argument in tikitext.scan(written).calls[0].arguments] == ["<b> a"]


def test_tiki_names_of_plugins_have_capitals_and_figures_only():
    assert tikitext.call("Événement n° 2", {"a": "b"}) == '{EVENEMENTN2(a="b")/}'


def test_tiki_tables_may_end_on_a_line_of_their_own():
    found = tikitext.tables("||a|b\nc|d\n||\ntext\n\n||e|f||\n")
    assert [[[cell.text for cell in row] for row in table.rows] for table in found] == [[["a", "b"], ["c", "d"]], [["e", "f"]]]


def test_an_empty_line_in_a_tiki_table_that_is_closed_is_only_a_line():
    (table,) = tikitext.tables("||a|b\n\nc|d\n||\ntext\n")
    assert [[cell.text for cell in row] for row in table.rows] == [["a", "b"], ["c", "d"]]


def test_tiki_plugins_that_end_at_once_have_no_body_though_a_bracket_is_missing():
    assert entries('{CHOICE(title="A", date="2020" /}some text', dialect=tikitext) == [{"title": "A", "date": "2020"}]


def test_tiki_texts_that_no_reader_would_call_plain():
    assert tikitext.plain("a {X(b c") == "a {X(b c"
    assert tikitext.plain("~lsq~a~rsq~ ~ldq~b~rdq~ ~c~ ~--~ ~bs~ ~lt~ ~gt~ ~amp~") == "‘a’ “b” © — \\ < > &"
    assert tikitext.aimed("((A|b)) [http://example.org|c]") == "A http://example.org"
    (call,) = tikitext.scan('{CHOICE(title&#61;"A")/}').calls
    assert [(argument.name, argument.value) for argument in call.arguments] == [("title", "A")]


def test_tiki_says_how_a_plugin_begins_and_ends():
    (problem,) = read("{CHOICE(title=\"A\", date=\"2020\")}\nand more", SCHEMA, "en", tikitext).problems
    assert (problem.code, problem.params) == ("entry-unclosed", ("{CHOICE(", "{CHOICE}"))
