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
from wikibridge.mirror.store import Mirror
from wikibridge.model import Page, PartialDate
from wikibridge.summaries.compute import UNSAID, Answer, answer
from wikibridge.summaries.grammar import parse
from wikibridge.summaries.paint import wiki
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
    return wiki(show(ask(mirror, **question), SCHEMA, language, zone))


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
