"""Sums over entries that are kept and brought up to date by what has changed, so that a change costs what it is, not the wiki.

A tally adds up, by groups, entries and the pages they stand on, numbers by their unit, or problems. All of these can be
taken away again page by page: a tally kept earlier, less what its changed pages said then, plus what they say now, is the
tally of now. The mirror remembers what they said (``past_*`` in mirror/tables.py).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Literal

import sqlalchemy as sa

from wikibridge.mirror.facts import MICRO
from wikibridge.mirror.store import Mirror
from wikibridge.mirror.tables import metadata, past_pages, past_problems, problems, tallies
from wikibridge.summaries.question import Condition, Grouping
from wikibridge.summaries.select import ALL, NOW, THEN, Scope, Select

Sums = dict[tuple[str, ...], tuple[int, ...]]
"""By keys: of counts, entries and pages; of numbers, by keys and unit, how many, wholes and millionths; of problems, how many."""


@dataclass(frozen=True, slots=True)
class Tally:
    """Which sums: ``counts``, ``numbers`` of a field, or ``problems``; ``rest``: of what does not meet the conditions."""

    what: Literal["counts", "numbers", "problems"]
    of: str
    where: tuple[Condition, ...] = ()
    keys: tuple[Grouping, ...] = ()
    field: str = ""
    rest: bool = False

    @property
    def name(self) -> str:
        """The key under which it is kept: of all that its sums depend on."""
        return hashlib.sha256(repr(self).encode()).hexdigest()

    def sums(self, connection: sa.Connection, scope: Scope = ALL) -> Sums:
        """The sums over the entries of a scope."""
        select = Select(self.of, self.where, self.keys, self.field, scope, self.rest)
        width = len(self.keys)
        if self.what == "problems":
            table = past_problems if scope is THEN else problems
            found = connection.scalar(sa.select(sa.func.count()).select_from(table).where(
                table.c.page.in_(sa.select(select.driver.c.page).select_from(select.joined).where(*select.where))))
            return {(): (found or 0,)} if found else {}
        if self.what == "numbers":
            assert select.fact is not None
            micro, unit = select.fact.c.micro, select.fact.c.unit
            query = select.grouped(unit, sa.func.count(micro), sa.func.sum(micro // MICRO), sa.func.sum(micro % MICRO))
            query = query.where(micro.is_not(None)).group_by(unit)
            return {tuple(row[: width + 1]): tuple(row[width + 1 :]) for row in connection.execute(query)}
        # Page by page first, in the order of the index: counting distinct pages of each group would sort them all.
        each = select.grouped(sa.func.count().label("entries")).group_by(select.driver.c.page).subquery()
        names = [each.c[f"k{number}"] for number in range(width)]
        query = sa.select(*names, sa.func.sum(each.c.entries), sa.func.count()).group_by(*names)
        rows = connection.execute(query if names else sa.select(sa.func.sum(each.c.entries), sa.func.count()).select_from(each))
        return {tuple(row[:width]): tuple(row[width:]) for row in rows if row[width]}


def _added(first: Sums, second: Sums, sign: int) -> Sums:
    made = dict(first)
    for key, values in second.items():
        before = made.get(key, (0,) * len(values))
        made[key] = tuple(a + sign * b for a, b in zip(before, values, strict=True))
    return {key: values for key, values in made.items() if any(values)}


class Tallies:
    """The sums of a mirror as it stands; each is computed once. ``asked`` takes note of what was asked."""

    def __init__(self, mirror: Mirror, asked: set[Tally] | None = None) -> None:
        self.mirror = mirror
        self.asked = set() if asked is None else asked
        self._known: dict[Tally, Sums] = {}

    def get(self, tally: Tally) -> Sums:
        """The sums of a tally."""
        if tally not in self._known:
            self.asked.add(tally)
            with self.mirror.engine.connect() as connection:
                self._known[tally] = _now(connection, tally)
        return self._known[tally]


def _now(connection: sa.Connection, tally: Tally) -> Sums:
    kept = connection.scalar(sa.select(tallies.c.value).where(tallies.c.key == tally.name))
    if kept is None:
        return tally.sums(connection)
    sums: Sums = {tuple(key): tuple(values) for key, values in json.loads(kept)}
    if connection.scalar(sa.select(sa.exists().select_from(past_pages))):
        sums = _added(_added(sums, tally.sums(connection, THEN), -1), tally.sums(connection, NOW), 1)
    return sums


def keep(mirror: Mirror, asked: Collection[Tally]) -> None:
    """Keep the sums that were asked for, as of now; forget all others."""
    with mirror.engine.begin() as connection:
        known = set(connection.scalars(sa.select(tallies.c.key)))
        if known == {tally.name for tally in asked} and not connection.scalar(sa.select(sa.exists().select_from(past_pages))):
            return
        rows: list[dict[str, Any]] = [
            {"key": tally.name, "value": json.dumps(list(_now(connection, tally).items()))} for tally in asked]
        for table in metadata.tables.values():
            if table is tallies or table.name.startswith("past_"):
                connection.execute(table.delete())
        if rows:
            connection.execute(tallies.insert(), rows)
