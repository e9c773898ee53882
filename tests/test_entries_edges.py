"""Edges of entries and markup: each a text, and what a careful reader takes from it."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from wikibridge.entries import problems
from wikibridge.entries.fields import read_field
from wikibridge.entries.identity import Known, keys
from wikibridge.entries.read import read
from wikibridge.entries.types import EntryField, load, shipped
from wikibridge.errors import SettingsError
from wikibridge.i18n import LANGUAGES
from wikibridge.markup import tikitext, wikitext
from wikibridge.mirror.store import Mirror
from wikibridge.model import Page, PartialDate, Period, Problem, Quantity

SCHEMA = shipped()


def entries(text, language="en", dialect=wikitext):
    return [{name: value if isinstance(value, tuple) else str(value) for name, value in entry.fields.items()}
            for entry in read(text, SCHEMA, language, dialect).entries]


def problem_of(text, language="en"):
    (problem,) = read(text, SCHEMA, language).problems
    return problem


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


def test_two_types_of_one_name_are_refused_with_both_files() -> None:
    text = ("names: {en: [Choice], fr: [X], pt: [Y]}\nlabel: {en: G, fr: J, pt: H}\nplural: {en: G, fr: J, pt: H}\n"
            "fields:\n  - name: plant\n    kind: text\n    names: {en: [plant], fr: [plante], pt: [planta]}\n"
            "    help: {en: a, fr: b, pt: c}\n    example: {en: bean, fr: haricot, pt: feijão}\n")
    with pytest.raises(SettingsError, match=r"garden\.yml.*choice"):
        load({"garden.yml": text}, SCHEMA)


@pytest.mark.parametrize(("text", "heads"), [
    ("== A ==", ["A"]), ("=A", []), ("== A =", ["= A"]), ("== A == <!-- x -->", ["A"]), ("<!-- x -->\n== A ==", ["A"]),
    ("{{x|\n== A ==\n}}", []), ("== A ==\n=== B ===", ["A", "B"]), ("a == b ==", []), ("=", []), ("===", ["="]),
    ("=X a==", ["X a="]), ("==a X=", ["=a X"]), ("= A =\n== B [c] ==", ["A", "B [c]"]), ("== A =={{b}}", []),
])
def test_headings(text: str, heads: list[str]) -> None:
    assert [head.text for head in wikitext.scan(text).headings] == heads


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
    found = wikitext.scan("x\n== A == <!-- c --> <!-- d -->\ny\n== B == <!-- e -->").headings
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


def test_an_excerpt_ends_where_the_place_is_no_more():
    problem = problem_of("{{Choice|title=A|fooo=1" + " " * 80 + "tail}}")
    assert (problem.code, problem.excerpt) == ("field-unknown", "1")


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


@pytest.mark.parametrize(("page", "lines", "amount"), [
    ("fr", "* Before: 1,234 kg\n* Date: 2020", "1234"), ("en", "* Avant: 1,234 kg\n* Après: 2 kg", "1.234"),
    ("fr", "* Before: 1,234 kg\n* Après: 2 kg", "1.234"), ("en", "* Before: 1,234 kg\n* Après: 2 kg", "1234"),
    ("pt", "* Before: 1,234 kg\n* Après: 2 kg", "1234"),
])
def test_numbers_are_of_the_language_of_most_names_and_of_the_page_in_a_draw(page, lines, amount):
    (entry,) = read(f"== My week ==\n* Theme: food\n{lines}\n", SCHEMA, page).entries
    assert entry.fields["before"] == Quantity(Decimal(amount), "kg")


@pytest.mark.parametrize(("depth", "taken_out"), [(1, True), (3, True), (4, False), (5, False)])
def test_many_templates_are_taken_out_to_a_depth(depth, taken_out):
    value = ("{{a|" * depth + "[[A|x]]" + "}}" * depth + " [[B|y]] ") * 7
    assert ("{{a" not in wikitext.plain(value)) is taken_out and "y" in wikitext.plain(value)


def test_tiki_reads_a_reference_by_its_number_where_a_character_has_it():
    for number in (9, 10, 13, 32, 126, 160, 0xD7FF, 0xE000, 0x10FFFF):
        (call,) = tikitext.scan(f'{{CHOICE(title="a&#{number};b&#x{number:x};c")/}}').calls
        assert call.arguments[0].value == f"a{chr(number)}b{chr(number)}c", number
    for number in (8, 11, 14, 31, 127, 159, 0xD800, 0xDFFF, 0x110000):
        (call,) = tikitext.scan(f'{{CHOICE(title="a&#{number};b")/}}').calls
        assert call.arguments[0].value == f"a&#{number};b", number


def test_tiki_keeps_what_is_not_parsed_behind_a_reference():
    (call,) = tikitext.scan('{CHOICE(title="a &amp; ~np~b~/np~ &lt; ~pp~c~/pp~" date="~np~2020~/np~")/}').calls
    assert [argument.value for argument in call.arguments] == ["a & ~np~b~/np~ < ~pp~c~/pp~", "~np~2020~/np~"]


def test_an_equals_sign_in_a_value_stays_where_a_quotation_mark_is_missing_elsewhere():
    found = read('{CHOICE(title="A date="2020" links="https://example.org/?a=b" theme="food")/}', SCHEMA, "en", tikitext)
    assert [problem.code for problem in found.problems] == ["quote-missing"]
    assert entries('{CHOICE(title="A date="2020" links="https://example.org/?a=b" theme="food")/}', dialect=tikitext) == [
        {"title": "A", "date": "2020", "links": ("https://example.org/?a=b",), "theme": ("food",)}]


def test_tiki_makes_no_link_of_a_word_with_a_capital_in_it():
    assert tikitext.escape("WikiWord x1Y a-B a_B ABC Ab") == "Wiki~87~ord x1~89~ a-~66~ a_~66~ ABC Ab"


def test_tiki_tables_end_with_their_bars_and_the_next_may_begin_there():
    text = "||a|b||||c|d||\n||e|f\ng|h||. i"
    assert [text[table.start : table.end] for table in tikitext.tables(text)] == ["||a|b||", "||c|d||", "||e|f\ng|h||"]
