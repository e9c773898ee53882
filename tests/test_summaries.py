"""Answers against a slow count by hand, and how they look in each language."""

from __future__ import annotations

import html
import re
from collections import Counter
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wikibridge.demo.people import choices, people
from wikibridge.entries.read import read
from wikibridge.entries.spelling import fold
from wikibridge.entries.types import shipped
from wikibridge.markup import wikitext
from wikibridge.mirror.store import Mirror
from wikibridge.model import Page, PartialDate
from wikibridge.summaries.compute import OTHER, UNSAID, Answer, answer
from wikibridge.summaries.grammar import parse
from wikibridge.summaries.paint import paint
from wikibridge.summaries.show import show
from wikibridge.summaries.tally import Tallies
from wikibridge.summaries.text import date_text, time_text

SCHEMA = shipped()
CROWD = people(60)


def filled(texts: list[str]) -> Mirror:
    mirror = Mirror(None)
    pages = [Page(n, f"Participants/{n:03}", n, text, datetime(2021, 1, 1, tzinfo=UTC)) for n, text in enumerate(texts, 1)]
    readings = [(page, read(page.text, SCHEMA, "en")) for page in pages]
    mirror.save(((page, reading.entries, reading.problems) for page, reading in readings), SCHEMA.units)
    return mirror


def ask(mirror: Mirror, min_group: int = 1, **question: str) -> Answer:
    return answer(parse({"of": "choice", **question}, SCHEMA, "en"), Tallies(mirror), SCHEMA, min_group)


def painted(mirror: Mirror, language: str = "en", zone: str = "UTC", **question: str) -> str:
    return paint(show(ask(mirror, **question), SCHEMA, language, zone), wikitext)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(CROWD), st.integers(0, 6)), max_size=12), st.sampled_from(["theme", "level", "status"]))
def test_groups_are_what_counting_by_hand_gives(some: list[tuple, int], by: str) -> None:  # type: ignore[type-arg]
    texts = ["\n\n".join(choices(person, number)) for person, number in some]
    entries, participants, total, writers = Counter[str](), Counter[str](), 0, 0
    for text in texts:
        found = read(text, SCHEMA, "en").entries
        total += len(found)
        writers += bool(found)
        terms = [term for entry in found if by in entry.fields
                 for term in ({entry.fields[by]} if isinstance(entry.fields[by], str) else set(entry.fields[by]))]  # type: ignore[arg-type]
        entries.update(terms)
        participants.update(set(terms))
    given_ = ask(filled(texts), by=by)
    rows = [row for row in given_.rows if row.keys != (UNSAID,)]
    assert {row.keys[0]: (row.entries, row.participants) for row in rows} == {
        fold(t): (entries[t], participants[t]) for t in entries}
    assert [row.entries for row in rows] == sorted(entries.values(), reverse=True)
    assert (given_.total.entries, given_.total.participants) == (total, writers)


def test_the_latest_come_first_and_the_undated_last() -> None:
    dates = ("2020", "3 nov. 2020", "", "nov. 2020", "2019-12-31", "5 nov. 2020")
    mirror = filled(["\n".join(f"{{{{Choix|titre={date or 'undated'}|date={date}}}}}" for date in dates)])
    assert [item.fields["title"] for item in ask(mirror, **{"as": "list"}).items] == [
        "5 nov. 2020", "3 nov. 2020", "nov. 2020", "2020", "2019-12-31", "undated"]


@pytest.mark.parametrize(("language", "words"), [
    ("en", ("Theme", "| Choices", "| Participants", "Comparison", "| Food", "Choices: 2. Participants: 1. Data as of 1 January 2021, 01:00 (UTC+1).")),
    ("fr", ("Thème", "| Choix", "| Participants", "Comparaison", "| Alimentation", "Choix : 2. Participants : 1. Données au 1er janvier 2021, 01:00 (UTC+1).")),
    ("pt", ("Tema", "| Escolhas", "| Participantes", "Comparação", "| Alimentação", "Escolhas: 2. Participantes: 1. Dados à data de 1 de janeiro de 2021, 01:00 (UTC+1).")),
])
def test_an_answer_in_each_language(language: str, words: tuple[str, ...]) -> None:
    mirror = filled(["{{Choice|title=A|theme=food}}{{Escolha|título=B|tema=Alimentação, saúde}}"])
    shown = html.unescape(re.sub("<[^<>]*>", "", painted(mirror, language, "Europe/Brussels", by="theme", **{"as": "bars"})))
    shown = shown.replace("\xa0", " ")
    for word in words:
        assert word in shown, shown


def test_nothing_yet() -> None:
    assert painted(filled([]), "fr", by="theme").strip() == "''Rien n’a encore été écrit.''"


def test_a_title_without_end_is_cut() -> None:
    mirror = filled(["{{Choice|title=" + "très long " * 5000 + "}}"])
    shown = painted(mirror)
    assert len(shown) < 450 and "…</bdi>" in shown


def test_private_details_stay_on_their_page() -> None:
    mirror = filled(["{{Choice|title=Call me on +32 475 12 34 56 or ana@example.org|date=2020}}"])
    shown = painted(mirror)
    assert "Call me on" in shown and not re.search(r"475|example", shown)


@pytest.mark.parametrize(("date", "language", "text"), [
    (PartialDate(2020), "en", "2020"), (PartialDate(2020, 11), "en", "Nov 2020"), (PartialDate(2020, 11, 3), "en", "3 Nov 2020"),
    (PartialDate(2020, 11), "fr", "nov. 2020"), (PartialDate(2020, 11, 3), "fr", "3 nov. 2020"), (PartialDate(2020, 11, 3), "pt", "3 de nov. de 2020"),
])
def test_dates_as_the_language_writes_them(date: PartialDate, language: str, text: str) -> None:
    assert date_text(date, language) == text


@pytest.mark.parametrize(("zone", "text"), [
    ("UTC", "12:30 (UTC)"), ("Europe/Brussels", "14:30 (UTC+2)"), ("America/Sao_Paulo", "09:30 (UTC−3)"), ("Asia/Kolkata", "18:00 (UTC+5:30)"),
    ("America/St_Johns", "10:00 (UTC−2:30)"),
])
def test_times_say_their_distance_from_utc(zone: str, text: str) -> None:
    assert time_text(datetime(2021, 7, 1, 12, 30, tzinfo=UTC), "en", zone) == f"1 July 2021, {text}"


PEOPLE = st.lists(st.lists(st.tuples(st.sampled_from(["food", "health", "time", "work", "housing"]), st.sampled_from(["family", "citizen", "company"])),
                           max_size=3), min_size=1, max_size=14)


def crowd(some: list[list[tuple[str, str]]]) -> Mirror:
    return filled(["\n".join(f"{{{{Choice|title=T|theme={theme}|level={level}|rating=3}}}}" for theme, level in person) for person in some])


@settings(max_examples=60, deadline=None)
@given(PEOPLE, st.sampled_from(["", "level: family", "level: not family"]))
def test_no_row_tells_of_fewer_people_than_the_site_wants(some: list[list[tuple[str, str]]], where: str) -> None:
    mirror = crowd(some)
    found, whole = (ask(mirror, least, by="theme", where=where, show="count, mean rating") for least in (3, 1))
    shown = [row for row in found.rows if row.keys not in ((UNSAID,), (OTHER,))]
    together = [row for row in found.rows if row.keys == (OTHER,)]
    real = {row.keys: row for row in whole.rows}
    assert all(row.participants >= 3 and row.entries == real[row.keys].entries for row in shown)
    # One group alone, taken from the total, is told by it: never fewer people together either, unless nobody is shown.
    assert all(row.participants >= 3 for row in together) or not shown
    assert sum(row.entries for row in found.rows) == sum(row.entries for row in whole.rows) == found.total.entries
    if where:
        rest = {row.keys: row.participants for row in ask(mirror, by="theme", where="level: not family" if where == "level: family" else "level: family").rows}
        assert all(rest.get(row.keys, 0) == 0 or rest[row.keys] >= 3 for row in shown)


@settings(max_examples=60, deadline=None)
@given(PEOPLE)
def test_no_hidden_cell_of_a_matrix_can_be_worked_out(some: list[list[tuple[str, str]]]) -> None:
    mirror = crowd(some)
    found, whole = (ask(mirror, least, by="theme, level") for least in (3, 1))
    real = {row.keys: row for row in whole.rows}
    assert all(row.figures == (None,) or (real[row.keys].participants >= 3 and row.entries == real[row.keys].entries) for row in found.rows)
    for axis in (0, 1):
        for key in {row.keys[axis] for row in found.rows}:
            line = [row for row in found.rows if row.keys[axis] == key]
            hidden = [row for row in line if row.figures == (None,)]
            assert len(hidden) != 1 or len(line) == 1


def test_a_matrix_with_its_totals_and_its_shades() -> None:
    mirror = crowd([[("food", "family"), ("food", "citizen")], [("food", "family")], [("health", "family")]])
    text = painted(mirror, by="theme, level")
    rows = [re.sub(r'style="[^"]*" \| |<[^<>]*>', "", row).strip().replace("\n", " ") for row in text.split("|-")[1:]]
    assert rows[0].startswith("| Food | 2 | 1 | '''3'''") and rows[1].startswith("| Health | 1 |  | '''1'''")
    assert "| '''All''' | '''3''' | '''1''' | '''4'''" in rows[2]
    shades = re.findall(r"background:#(..)....;color:#000\" \| (\d)", text)
    assert shades[0][1] == "2" and int(shades[0][0], 16) < int(shades[1][0], 16)


def rows(text: str) -> list[str]:
    return [" ".join(re.sub(r'style="[^"]*" \| |<[^<>]*>|\'\'\'', "", row).split()) for row in html.unescape(text).split("|-")[1:]]


def test_two_groups_are_compared_by_their_shares_and_other_figures_by_how_much_they_differ() -> None:
    mirror = filled(["".join(f"{{{{Choice|title=T|theme={theme}|level={level}|date={date}|rating={rating}}}}}" for theme, level, date, rating in (
        ("food", "family", "2020-03", 2), ("food", "family", "2021-05", 4), ("food", "citizen", "2021-06", 5),
        ("health", "citizen", "2019", 1), ("health", "family", "2021-07", 3), ("health", "family", "2021-08", 2)))])
    text = painted(mirror, by="theme, level", **{"as": "comparison"})
    assert "! Theme !! style=\"text-align:right\" | Family !! style=\"text-align:right\" | Citizen" in text
    assert rows(text)[:2] == ["| Food | 2 (50%) | 1 (50%) |", "| Health | 2 (50%) | 1 (50%) |"]
    found = rows(painted(mirror, by="theme; date: 2020, 2021", show="mean rating", **{"as": "comparison"}))
    assert found[0] == "| Food | 2 (1) | 4.5 (2) | +2.5" and found[1].startswith("| Health | – | 2.5 (2) |")
    # Of the years the two latest.
    assert "! Theme !! style=\"text-align:right\" | 2020 !! style=\"text-align:right\" | 2021" in painted(
        mirror, by="theme, year", **{"as": "comparison"})
    # Periods in which nobody wrote have nothing, and no row tells of what is in neither.
    (only,) = rows(painted(mirror, by="theme; date: 2010, 2011", **{"as": "comparison"}))
    assert "| All | 0 | 0 | |}" in only
    # With one group only there is nothing to compare.
    assert "Difference" not in painted(mirror, where="level: family", by="theme, level", **{"as": "comparison"})


def test_a_trend_fills_the_months_in_which_nobody_wrote() -> None:
    mirror = filled(["{{Choice|title=A|date=2020-11}}{{Choice|title=B|date=2021-02-03}}{{Choice|title=C|date=2020}}{{Choice|title=D}}"])
    rows = re.findall(r"\| ([^|\n]*)\n\| style=\"text-align:right\" \| (\d+)", painted(mirror, by="month", **{"as": "trend"}))
    assert rows == [("2020", "1"), ("Nov 2020", "1"), ("Dec 2020", "0"), ("Jan 2021", "0"), ("Feb 2021", "1"), ("Not stated", "1")]


def test_quotations_are_of_each_participant_before_a_second_of_any() -> None:
    texts = ["\n".join(f"{{{{Choice|title=T|date=2021-01-{10 * person + n}|difficulties=D{person}{n}}}}}" for n in range(3)) for person in (1, 2)]
    found = ask(filled(texts), **{"as": "quotes", "show": "difficulties", "limit": "4"})
    assert [item.fields["difficulties"] for item in found.items] == ["D22", "D12", "D21", "D11"]
    assert "<bdi>«\xa0D22\xa0»</bdi>" in painted(filled(texts), "fr", **{"as": "quotes", "show": "difficulties"})


def test_figures_are_told_in_one_unit_where_they_convert_and_side_by_side_where_not() -> None:
    mirror = filled(["".join(f"{{{{Choice|title=T|before={before}|after={after}}}}}" for before, after in (
        ("10 kg", "4 kg"), ("2 kg", "500 g"), ("3 km", "1 km"), ("5 repas", "2 kg")))])
    text = html.unescape(painted(mirror, show="change, sum after"))
    assert "Change: '''−3.75 kg (2); −2 km (1)'''" in text and "After (sum): '''6.5 kg (3); 1 km (1)'''" in text
