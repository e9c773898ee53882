"""Sums over entries that are kept and brought up to date by what has changed, so that a change costs what it is, not the wiki.

A tally adds up, by groups, entries and the pages they stand on, numbers by their unit, or problems. All of these can be
taken away again page by page: a tally kept earlier, less what its changed pages said then, plus what they say now, is the
tally of now. The mirror remembers what they said (``past_*`` in mirror/tables.py).
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal

import sqlalchemy as sa

from wikibridge.mirror.facts import MICRO
from wikibridge.mirror.store import REMEMBER, Mirror
from wikibridge.mirror.tables import entries, pages, past_pages, past_problems, present, problems, tallies
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
            each = select.grouped(select.driver.c.page.label("page")).group_by(select.driver.c.page).subquery()
            names = [each.c[f"k{number}"] for number in range(width)]
            found: Any = sa.select(*names, sa.func.count()).select_from(table.join(each, each.c.page == table.c.page))
            rows = connection.execute(found.group_by(*names) if names else found)
            return {tuple(row[:width]): (row[width],) for row in rows if row[width]}
        if self.what == "numbers":
            assert select.fact is not None
            micro, unit = select.fact.c.micro, select.fact.c.unit
            query = select.grouped(unit, sa.func.count(micro), sa.func.sum(micro // MICRO), sa.func.sum(micro % MICRO))
            query = query.where(micro.is_not(None)).group_by(unit)
            return {tuple(row[: width + 1]): tuple(map(int, row[width + 1 :])) for row in connection.execute(query)}
        # Page by page first, in the order of the index: counting distinct pages of each group would sort them all.
        each = select.grouped(sa.func.count().label("entries")).group_by(select.driver.c.page).subquery()
        names = [each.c[f"k{number}"] for number in range(width)]
        query = sa.select(*names, sa.func.sum(each.c.entries), sa.func.count()).group_by(*names)
        rows = connection.execute(query if names else sa.select(sa.func.sum(each.c.entries), sa.func.count()).select_from(each))
        # PostgreSQL's sums are decimals.
        return {tuple(row[:width]): tuple(map(int, row[width:])) for row in rows if row[width]}


def _added(first: Sums, second: Sums, sign: int) -> Sums:
    made = dict(first)
    for key, values in second.items():
        before = made.get(key, (0,) * len(values))
        made[key] = tuple(a + sign * b for a, b in zip(before, values, strict=True))
    return {key: values for key, values in made.items() if any(values)}


Kept = dict[Tally, Sums]
"""Sums as they were when the mirror began to remember what changed."""


class Tallies:
    """The sums of a mirror as it stands; each is computed once. ``kept`` takes in those that have to be computed anew."""

    def __init__(self, mirror: Mirror, kept: Kept | None = None) -> None:
        self.mirror = mirror
        self.kept: Kept = {} if kept is None else kept
        self._known: Kept = {}
        self._times: dict[str, datetime | None] = {}

    def time(self, of: str) -> datetime | None:
        """The time of the newest of all pages with entries of a type; None when there are none."""
        if of not in self._times:
            found = sa.exists().where(entries.c.page == pages.c.id, entries.c.type == of)
            with self.mirror.engine.connect() as connection:
                newest = connection.scalar(sa.select(pages.c.time).where(found).order_by(pages.c.time.desc()).limit(1))
            self._times[of] = datetime.fromisoformat(newest) if newest else None
        return self._times[of]

    def get(self, tally: Tally) -> Sums:
        """The sums of a tally."""
        if tally not in self._known:
            with self.mirror.engine.connect() as connection:
                self._known[tally] = _now(connection, tally, self.kept)
        return self._known[tally]


@dataclass(frozen=True)
class Slice:
    """The sums of the entries that have one term of a field, from those that are grouped by all of its terms."""

    whole: Tallies
    condition: Condition

    @property
    def mirror(self) -> Mirror:
        """The mirror that is asked."""
        return self.whole.mirror

    def time(self, of: str) -> datetime | None:
        """The time of the newest of all pages with entries of a type."""
        return self.whole.time(of)

    def get(self, tally: Tally) -> Sums:
        """The sums of a tally of which this is one of the conditions."""
        if self.condition not in tally.where or tally.rest:
            return self.whole.get(tally)
        where = tuple(each for each in tally.where if each != self.condition)
        (term,) = self.condition.terms
        sums = self.whole.get(replace(tally, where=where, keys=(Grouping(self.condition.field), *tally.keys)))
        return {key[1:]: values for key, values in sums.items() if key[0] == term}


def _now(connection: sa.Connection, tally: Tally, kept: Kept) -> Sums:
    moved = connection.scalar(sa.select(sa.exists().select_from(past_pages)))
    then, now = (tally.sums(connection, THEN), tally.sums(connection, NOW)) if moved else ({}, {})
    if tally not in kept:
        stored = connection.scalar(sa.select(tallies.c.value).where(tallies.c.key == tally.name))
        if stored is None:
            sums = tally.sums(connection)
            kept[tally] = _added(_added(sums, now, -1), then, 1)
            return sums
        kept[tally] = {tuple(key): tuple(values) for key, values in json.loads(stored)}
    return _added(_added(kept[tally], then, -1), now, 1)


def begin(mirror: Mirror) -> None:
    """From now on the mirror remembers what the pages that change said before."""
    if mirror.get(REMEMBER) is None:
        mirror.put({REMEMBER: "yes"})


def keep(mirror: Mirror, kept: Kept) -> None:
    """Store the sums that were asked for, as of now; forget all others, and what has changed until now."""
    with mirror.engine.begin() as connection:
        known = set(connection.scalars(sa.select(tallies.c.key)))
        moved = connection.scalar(sa.select(sa.exists().select_from(past_pages)))
        if known == {tally.name for tally in kept} and not moved:
            return
        for tally in kept:
            kept[tally] = _now(connection, tally, kept)
        for table in present(connection):
            if table is tallies or table.name.startswith("past_"):
                connection.execute(table.delete())
        rows: list[dict[str, Any]] = [
            {"key": tally.name, "value": json.dumps(list(sums.items()))} for tally, sums in kept.items()]
        if rows:
            connection.execute(tallies.insert(), rows)
