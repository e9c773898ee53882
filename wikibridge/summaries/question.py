"""A summary is a question, not a program: of which entries, where, grouped by what, showing what. docs/questions.md

The same words serve on a wiki page, in a job file, on the command line and in Python, in English, French and Portuguese.
"""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Literal

Shape = Literal["table", "matrix", "comparison", "list", "bars", "trend", "number", "quotes", "words", "similar"]
Part = Literal["", "year", "quarter", "month", "week"]
ROWS = 500
"""Rows that an answer may have."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A field that a question names. ``owner`` is that of the page's participant rather than of the entry itself.

    The name "" is the participant themselves: the page. ``text`` tells that it may hold more than can be counted.
    """

    name: str
    owner: bool = False
    text: bool = False


@dataclass(frozen=True, slots=True)
class Range:
    """From one bound to another, both included; None is open. Numbers in millionths, dates as days in ISO 8601."""

    low: int | str | None
    high: int | str | None
    unit: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class Relative:
    """The last ``number`` days, weeks, months or years before the time of the data; ``previous`` so many before these."""

    number: int
    unit: Literal["day", "week", "month", "year"]
    previous: bool = False


@dataclass(frozen=True, slots=True)
class Condition:
    """What an entry must be: any of ``terms``, ``ranges`` or holding one of ``texts``; ``given`` or not at all.

    ``negated`` turns it round: an entry without the field then meets it too.
    """

    field: Asked
    terms: tuple[str, ...] = ()
    ranges: tuple[Range | Relative, ...] = ()
    texts: tuple[str, ...] = ()
    given: bool | None = None
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Grouping:
    """What entries are grouped by: a field, a part of a date, or a number (``numeric``), each by itself or by ``ranges``."""

    field: Asked
    part: Part = ""
    ranges: tuple[Range | Relative, ...] = ()
    numeric: bool = False

    @property
    def ordered(self) -> bool:
        """Whether its groups are of when or how much, which have an order and tell nothing about who."""
        return bool(self.part or self.ranges or self.numeric)


@dataclass(frozen=True, slots=True)
class Measure:
    """What is shown of a group: how many entries, participants, their share; or of a field the sum, mean and so on."""

    kind: Literal["count", "participants", "share", "sum", "mean", "median", "min", "max", "first", "latest", "change"]
    field: str = ""


@dataclass(frozen=True, slots=True)
class Question:
    """One question, understood.

    ``sort`` is the place in ``show`` by which rows are sorted, None their natural order; ``quotes`` are the fields of which
    the first that says something is quoted, or where what recurs is looked for.
    """

    of: str
    where: tuple[Condition, ...] = ()
    by: tuple[Grouping, ...] = ()
    show: tuple[Measure, ...] = (Measure("count"), Measure("participants"))
    sort: int | None = None
    descending: bool = True
    limit: int = 50
    shape: Shape = "table"
    quotes: tuple[str, ...] = ()
    title: str = ""
    language: str = ""

    def at(self, day: date) -> Question:
        """The question with its relative periods fixed at a day."""
        def fixed(one: Range | Relative) -> Range:
            return _period(one, day) if isinstance(one, Relative) else one

        return replace(
            self, where=tuple(replace(each, ranges=tuple(map(fixed, each.ranges))) for each in self.where),
            by=tuple(replace(each, ranges=tuple(map(fixed, each.ranges))) for each in self.by))


def _period(relative: Relative, day: date) -> Range:
    # The last day counts, the one before the first does not.
    last = earlier(relative, day) if relative.previous else day
    return Range((earlier(relative, day, 1 + relative.previous) + timedelta(days=1)).isoformat(), last.isoformat())


def earlier(relative: Relative, day: date, times: int = 1) -> date:
    """The day so many of these periods before a day; the last of its month, where that is shorter."""
    number = relative.number * times
    if relative.unit in ("day", "week"):
        return day - timedelta(days=number * (7 if relative.unit == "week" else 1))
    months = day.year * 12 + day.month - 1 - number * (12 if relative.unit == "year" else 1)
    year, month = months // 12, months % 12 + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))
