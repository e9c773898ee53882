"""Sums that are brought up to date by what has changed equal those that are computed anew, whatever happens to the pages."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from wikibridge.entries.read import read
from wikibridge.entries.types import shipped
from wikibridge.mirror.store import Mirror
from wikibridge.model import Page
from wikibridge.summaries.compute import Answer, answer
from wikibridge.summaries.grammar import parse, split
from wikibridge.summaries.tally import Kept, Tallies, begin, keep

SCHEMA = shipped()
LONG = os.environ.get("WIKIBRIDGE_TORTURE") == "1"
QUESTIONS = [parse(split(text), SCHEMA, "en") for text in (
    "of=choice|by=theme|show=count, participants, share, mean rating, change, sum after, median before, min before, latest",
    "of=choice|by=theme, level", "of=choice|by=level; date: 2020, 2021|as=comparison", "of=choice|where=theme: food; date: 2020..2021|by=month|as=trend",
    "of=choice|where=participant.kind: school or citizen|show=count, mean rating", "of=choice|by=territory",
    "of=choice|where=participant: P3|by=participant", "of=choice|where=theme: not food|by=kind",
    "of=choice|where=rating: 3..; result: any|by=rating", "of=choice", "of=choice|as=quotes", "of=participant|by=kind")]


@st.composite
def texts(draw: st.DrawFn) -> str:
    kind = draw(st.sampled_from(["school", "citizen", "family", ""]))
    found = [f"{{{{Participant|name=X|kind={kind}|territory={draw(st.sampled_from(['Namur', 'namur', 'Cork', '']))}}}}}"]
    for number in range(draw(st.integers(0, 3))):
        values = {
            "title": [f"T{number}"], "theme": ["food", "health", "food, health", "", "nonsense"], "level": ["family", "citizen", ""],
            "date": ["2020", "2020-11-03", "2021-02", "", "32/13/2020"], "rating": ["", "2", "4", "5"],
            "before": ["", "10 kg", "2.5 km", "7"], "after": ["", "8 kg", "500 g", "1 km", "6"], "result": ["", "It went well"]}
        fields = "|".join(f"{name}={draw(st.sampled_from(some))}" for name, some in values.items())
        found.append(f"{{{{Choice|{fields}}}}}")
    return "\n".join(draw(st.permutations(found)))


def page(number: int, text: str, revision: int) -> Page:
    return Page(number, f"Participants/P{number}", revision, text, datetime(2021, 5, 1, tzinfo=UTC) + timedelta(minutes=revision))


def take(mirror: Mirror, *pages: Page) -> None:
    readings = [(one, read(one.text, SCHEMA, "en")) for one in pages]
    mirror.save([(one, reading.entries, reading.problems) for one, reading in readings], SCHEMA.units)


def answers(mirror: Mirror, kept: Kept) -> list[Answer]:
    tallies = Tallies(mirror, kept)
    return [answer(question, tallies, SCHEMA, least) for question in QUESTIONS for least in (1, 3)]


@settings(max_examples=60 if LONG else 8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(texts(), min_size=1, max_size=6), st.lists(st.one_of(
    st.tuples(st.just("save"), st.integers(1, 7), texts()), st.tuples(st.just("forget"), st.integers(1, 7), st.just("")),
    st.tuples(st.just("keep"), st.just(0), st.just("")), st.tuples(st.just("rehearse"), st.integers(1, 7), texts())), max_size=6))
def test_sums_that_were_kept_follow_every_change(
    make_mirror: Callable[[], Mirror], first: list[str], events: list[tuple[str, int, str]],
) -> None:
    mirror, now, kept = make_mirror(), {}, Kept()
    take(mirror, *(now.setdefault(number, page(number, text, number)) for number, text in enumerate(first, 1)))
    begin(mirror)
    before = answers(mirror, kept)
    keep(mirror, kept)
    assert answers(mirror, kept) == before
    for revision, (event, number, text) in enumerate(events, 100):
        if event == "save":
            take(mirror, now.setdefault(number, page(number, "", 0)), now.update({number: page(number, text, revision)}) or now[number])
        elif event == "forget":
            now.pop(number, None)
            mirror.forget([number])
        elif event == "keep":
            keep(mirror, kept)
        else:
            with mirror.rehearsal():
                take(mirror, page(number, text, revision))
                answers(mirror, kept)
        # In memory, whatever the other is kept in: both kinds of databases say the same.
        fresh = Mirror(None)
        take(fresh, *now.values())
        assert answers(mirror, kept) == answers(fresh, {})
