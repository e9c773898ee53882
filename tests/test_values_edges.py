"""Edges of values: where a little less or more would be read otherwise."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from wikibridge.entries import values
from wikibridge.entries.faults import Fault, shown
from wikibridge.entries.read import read
from wikibridge.entries.types import shipped
from wikibridge.entries.units import Units
from wikibridge.entries.values import read_date, read_language, read_number, read_terms, read_url, split_several
from wikibridge.entries.write import as_call, as_list
from wikibridge.markup import wikitext
from wikibridge.markup.dialects import DIALECTS
from wikibridge.model import PartialDate, Quantity

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


def test_codes_of_languages_in_any_case_and_points_alone() -> None:
    assert [read_language(text) for text in ("XH", " XH. ", "Pt-BR")] == ["xh", "xh", "pt"]
    assert read_language(" ., ") == Fault("language-unknown", (".,",))


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


def test_terms_that_a_vocabulary_lost_show_their_id() -> None:
    assert SCHEMA.label("theme", "gone", "en") == "gone" and SCHEMA.label("theme", "food", "fr") == "alimentation"


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


def test_long_texts_are_shown_shortened():
    assert shown("x" * 80) == "x" * 80 and shown("x" * 81) == "x" * 79 + "…"
    (problem,) = read("{{Choice|title=A|date=2020|description=a|" + "x" * 100 + "}}", SCHEMA, "en").problems
    assert problem.code == "bar-in-value" and problem.params == ("x" * 60,)


def test_a_term_that_is_gone_is_its_own_label():
    assert SCHEMA.label("theme", "gone", "fr") == "gone"


@pytest.mark.parametrize(("text", "read_as"), [
    ("2020.11", "2020-11"), ("2020, 4th quarter", "2020-10/2020-12"), ("2020 Nov 3", "2020-11-03"), ("2020 3 11", "2020-03-11"),
    ("trois mars 2021", "2021-03-03"), ("2 novembro 2020", "2020-11-02"), ("Nov 3 2020", "2020-11-03"), ("Nov 2020", "2020-11"),
    ("3/11/70", "1970-11-03"), ("3/11/69", "2069-11-03"), ("3 Nov 70", "1970-11-03"), ("3 Nov 69", "2069-11-03"),
    ("summer 2020-21", "2020-22"), ("2020-2021 winter", "2020-24"),
    ("2020 Nov", "2020-11"), ("11 2020", "2020-11"), ("2020 11", "2020-11"), ("3-11 Nov 20", "2020-11-03/2020-11-11"),
])
def test_dates(text, read_as):
    assert str(read_date(text)) == read_as


@pytest.mark.parametrize(("text", "code", "suggestion"), [
    ("Monday to today", "date-relative", ""), ("2 to today", "date-relative", ""), ("2019-2150", "date-impossible", ""), ("2025–25", "date-impossible", ""),
    ("3/11", "date-no-year", ""), ("13/20", "date-no-year", ""), ("12/13", "date-no-year", "12/2013"),
    ("3 marss 2020", "date-unreadable", "3 mars 2020"), ("há algumas semanas", "date-relative", ""),
    ("spring 2020-2021", "date-unreadable", ""), ("autumn 2020/21", "date-unreadable", ""),
    ("il y a quelques jours", "date-relative", ""), ("a few days ago", "date-relative", ""),
])
def test_what_is_no_date(text, code, suggestion):
    found = read_date(text)
    assert isinstance(found, values.Fault) and (found.code, found.suggestion) == (code, suggestion)


@pytest.mark.parametrize("text", ["2020-11/2020-11-01", "2020-21/2020-01", "2020-12/2020-21"])
def test_a_period_may_end_where_it_begins(text):
    assert str(values.read_edtf(text)) == text


def test_signs_that_belong_to_a_value_stay_with_it():
    assert split_several("C#; F#", "text") == ("C#", "F#")
    assert split_several("Ann, Bob / Cy & Dee et Eve; [[User:F, G]]", "user") == (
        "Ann", "Bob", "Cy", "Dee", "Eve", "[[User:F, G]]")
    for typed in ("https://example.org/AX", "<https://example.org/AX>;", "https://example.org/AX."):
        assert read_url(typed) == "https://example.org/AX"


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
    assert {word: read_language(word) for word in words.split(", ")} == {word: code for word in words.split(", ")}


@pytest.mark.parametrize(("number", "words"), [
    (1, "one un une um uma"), (2, "two deux dois duas"), (16, "sixteen seize dezasseis dezesseis"),
    (17, "seventeen dix-sept dezassete dezessete"), (18, "eighteen dix-huit dezoito"), (19, "nineteen dix-neuf dezanove dezenove"),
    (20, "twenty vingt vinte")])
def test_numbers_in_words(number, words):
    assert {word: read_number(word, "en") for word in words.split()} == {word: number for word in words.split()}


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


def test_only_the_sign_of_a_plural_is_taken_from_a_term():
    assert read_terms("foods, foodx", "theme", SCHEMA, "en") == (("food",), [])
    assert read_terms("foodd", "theme", SCHEMA, "en") == ((), [Fault("term-unknown", ("foodd",), "food")])


@pytest.mark.parametrize("text", ["2020-13", "2020-02-30", "2021/2020", "2020-11-03/2020-13"])
def test_a_date_as_we_write_it_that_does_not_exist_is_none(text):
    assert values.read_edtf(text) is None


def test_blanks_around_a_title_are_no_part_of_its_length():
    assert values.read_page(f"A{' ' * 3000}b") == "A b"
    for letters, fits in ((255, True), (256, False)):
        assert (values.read_page("a" * letters) == "a" * letters) is fits


def test_a_title_that_no_page_can_have_is_not_suggested():
    found = values.read_page("https://example.org/wiki/A%5BB")
    assert isinstance(found, values.Fault) and found.suggestion == ""
