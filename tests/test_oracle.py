"""Every figure of a summary against DuckDB on the export of the same entries: equal to the last digit."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.test_tallies import SCHEMA, page, take, texts
from wikibridge.entries.spelling import fold
from wikibridge.export import package
from wikibridge.export.tables import tables
from wikibridge.mirror.store import Mirror
from wikibridge.summaries.compute import UNSAID, answer
from wikibridge.summaries.grammar import parse, split
from wikibridge.summaries.tally import Tallies

TEXTS = st.lists(texts(), min_size=1, max_size=8)
FACTOR = "CASE before_unit WHEN 'g' THEN 0.001::DECIMAL(18,6) ELSE 1 END"
CHOICES = """
CREATE TABLE choice AS SELECT c.*, p.kind AS owner_kind, p.territory AS owner_territory FROM read_csv('{folder}/choice.csv', all_varchar=true) c
LEFT JOIN (SELECT page_id, first(kind) AS kind, first(territory) AS territory FROM read_csv('{folder}/participants.csv', all_varchar=true)
GROUP BY page_id) p USING (page_id)"""


def exported(mirror: Mirror, some: list[str], folder: str) -> Any:
    take(mirror, *(page(number, text, number) for number, text in enumerate(some, 1)))
    package.write(Path(folder), tables(mirror, SCHEMA, "Participants/"), "test")
    database = duckdb.connect()
    database.execute(CHOICES.format(folder=folder))
    return database


def ours(mirror: Mirror, question: str) -> dict[tuple[str, ...], tuple[Any, ...]]:
    found = answer(parse(split(question), SCHEMA, "en"), Tallies(mirror), SCHEMA)
    rows = found.rows or ((found.total,) if not found.question.by else ())
    return {row.keys: row.figures for row in rows if UNSAID not in row.keys}


def amounts(figure: Any) -> dict[str, tuple[Decimal, int]]:
    return {each.unit: (each.value, each.of) for each in figure or ()}


COUNTS = [
    ("of=choice|show=count, participants", "SELECT count(*), count(DISTINCT page_id) FROM choice"),
    ("of=choice|by=level|show=count, participants", "SELECT level, count(*), count(DISTINCT page_id) FROM choice WHERE level IS NOT NULL GROUP BY 1"),
    ("of=choice|by=theme|show=count, participants",
     "SELECT t, count(*), count(DISTINCT page_id) FROM (SELECT unnest(string_split(theme, ';')) AS t, * FROM choice WHERE theme IS NOT NULL) GROUP BY 1"),
    ("of=choice|by=theme, level|show=count, participants",
     "SELECT t, level, count(*), count(DISTINCT page_id) FROM (SELECT unnest(string_split(theme, ';')) AS t, * FROM choice WHERE theme IS NOT NULL)"
     " WHERE level IS NOT NULL GROUP BY 1, 2"),
    ("of=choice|by=year|show=count, participants", "SELECT date[1:4], count(*), count(DISTINCT page_id) FROM choice WHERE date IS NOT NULL GROUP BY 1"),
    ("of=choice|by=date: 2020, 2021-03..|show=count, participants",
     "SELECT CASE WHEN date[1:4] = '2020' THEN '0' ELSE '1' END, count(*), count(DISTINCT page_id) FROM choice"
     " WHERE date[1:4] = '2020' OR date >= '2021-03' GROUP BY 1"),
    ("of=choice|by=month|show=count, participants", "SELECT date[1:7], count(*), count(DISTINCT page_id) FROM choice WHERE date IS NOT NULL GROUP BY 1"),
    ("of=choice|by=participant.kind|show=count, participants",
     "SELECT owner_kind, count(*), count(DISTINCT page_id) FROM choice WHERE owner_kind IS NOT NULL GROUP BY 1"),
    ("of=choice|by=territory|show=count, participants",
     "SELECT lower(owner_territory), count(*), count(DISTINCT page_id) FROM choice WHERE owner_territory IS NOT NULL GROUP BY 1"),
    ("of=choice|where=theme: food; date: 2020-06..2021; rating: 2..4|show=count, participants",
     "SELECT count(*), count(DISTINCT page_id) FROM choice WHERE list_contains(string_split(theme, ';'), 'food')"
     " AND rating::DOUBLE BETWEEN 2 AND 4 AND date > '2020-06' AND date < '2022'"),
    ("of=choice|where=theme: not food; result: none|show=count, participants",
     "SELECT count(*), count(DISTINCT page_id) FROM choice WHERE NOT coalesce(list_contains(string_split(theme, ';'), 'food'), false) AND result IS NULL"),
    ("of=choice|where=participant.kind: school or citizen; result: ~WENT|show=count, participants",
     "SELECT count(*), count(DISTINCT page_id) FROM choice WHERE owner_kind IN ('school', 'citizen') AND lower(result) LIKE '%went%'"),
]


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(TEXTS)
def test_counts(make_mirror: Callable[[], Mirror], some: list[str]) -> None:
    with TemporaryDirectory() as folder:
        mirror = make_mirror()
        database = exported(mirror, some, folder)
        for question, query in COUNTS:
            wanted = {tuple(fold(key) if not key[:4].isdecimal() else key for key in row[:-2]): tuple(row[-2:])
                      for row in database.execute(query).fetchall()}
            assert ours(mirror, question) == wanted, question


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(TEXTS)
def test_figures_of_ratings_and_quantities(make_mirror: Callable[[], Mirror], some: list[str]) -> None:
    with TemporaryDirectory() as folder:
        mirror = make_mirror()
        database = exported(mirror, some, folder)
        found = ours(mirror, "of=choice|by=level|show=sum rating, mean rating, median rating, min rating, max rating")
        rows = database.execute(
            "SELECT level, sum(r), count(r), median(r), min(r), max(r) FROM (SELECT level, rating::DECIMAL(18,6) AS r FROM choice)"
            " WHERE level IS NOT NULL GROUP BY 1").fetchall()
        for level, total, count, middle, least, most in rows:
            sum_, mean, median, low, high = found[(fold(level),)]
            if not count:
                assert (sum_, mean, median, low, high) == (None,) * 5
                continue
            assert amounts(sum_) == {"": (total, count)} and amounts(mean) == {"": (Decimal(total) / count, count)}
            assert amounts(median) == {"": (Decimal(str(middle)), count)}
            assert amounts(low) == {"": (least, count)} and amounts(high) == {"": (most, count)}

        # Grams are told in kilograms where most are; kilograms and kilometres stay apart.
        found = ours(mirror, "of=choice|show=sum after, change")
        rows = database.execute(
            "SELECT CASE after_unit WHEN 'g' THEN 'kg' ELSE coalesce(after_unit, '') END, sum(after::DECIMAL(18,6) * CASE after_unit WHEN 'g'"
            " THEN 0.001 ELSE 1 END), count(*) FROM choice WHERE after IS NOT NULL GROUP BY 1").fetchall()
        assert {_unit(unit): (_kilo(value, unit), of) for unit, (value, of) in amounts(found[()][0]).items()} == {
            unit: (Decimal(value), of) for unit, value, of in rows}
        rows = database.execute(
            "SELECT coalesce(before_unit, ''), sum(after::DECIMAL(18,6) * CASE WHEN after_unit = 'g' THEN 0.001 ELSE 1 END - before::DECIMAL(18,6)),"
            " count(*) FROM choice WHERE before IS NOT NULL AND after IS NOT NULL AND"
            " coalesce(before_unit, '') = CASE after_unit WHEN 'g' THEN 'kg' ELSE coalesce(after_unit, '') END GROUP BY 1").fetchall()
        assert amounts(found[()][1]) == {unit: (Decimal(value) / of, of) for unit, value, of in rows}


def _unit(unit: str) -> str:
    return "kg" if unit == "g" else unit


def _kilo(value: Decimal, unit: str) -> Decimal:
    return value / 1000 if unit == "g" else value


@pytest.mark.parametrize("question", ["of=choice|by=theme|show=share", "of=choice|by=level|show=share"])
def test_shares_are_of_all_entries(make_mirror: Callable[[], Mirror], question: str) -> None:
    mirror = make_mirror()
    take(mirror, page(1, "{{Choice|title=A|theme=food, health|level=family}}{{Choice|title=B|theme=food}}", 1))
    assert {key[0]: figures[0] for key, figures in ours(mirror, question).items()} == (
        {"food": Decimal(1), "health": Decimal("0.5")} if "theme" in question else {"family": Decimal("0.5")})
