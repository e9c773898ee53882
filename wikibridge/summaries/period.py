"""The period that a report or an assessment is about, and the one before it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from wikibridge.entries.dates import FIRST_YEAR
from wikibridge.entries.faults import Fault
from wikibridge.entries.values import read_date
from wikibridge.errors import SettingsError
from wikibridge.model import PartialDate, Period
from wikibridge.summaries.text import date_text

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Span:
    """From one day to another, both included; None is open."""

    first: date | None = None
    last: date | None = None

    def __bool__(self) -> bool:
        return bool(self.first or self.last)

    @property
    def condition(self) -> str:
        """The same as a condition of a question; empty when it is open on both sides."""
        return f"date: {self.first or ''}..{self.last or ''}" if self else ""

    def words(self, language: str) -> str:
        """The same in words."""
        ends = [PartialDate(day.year, day.month, day.day) if day else None for day in (self.first, self.last)]
        return date_text(Period(*ends), language)

    def until(self, day: date) -> Span:
        """The same, its open end at a day."""
        return self if self.last or self.first is None or self.first > day else Span(self.first, day)

    def before(self) -> Span | None:
        """The period of the same length before: of whole months as many months, else as many days. None where one is open."""
        if self.first is None or self.last is None:
            return None
        first, last = self.first, self.last
        if first.day == 1 and (last + _DAY).day == 1:
            begin = months(first, first.year * 12 + first.month - last.year * 12 - last.month - 1)
        else:
            begin = first - (last - first) - _DAY
        return Span(begin, first - _DAY) if begin.year >= FIRST_YEAR else None


def months(day: date, number: int) -> date:
    """The first day of the month that many months later."""
    count = day.year * 12 + day.month - 1 + number
    return date(count // 12, count % 12 + 1, 1)


def read(begin: str | None, end: str | None, day_first: bool = True) -> Span:
    """The period from and to dates as people type them. Raises SettingsError for what is no date."""
    first, last = _ends(begin, day_first)[0], _ends(end, day_first)[1]
    if first and last and first > last:
        raise SettingsError("question-backwards", f"{begin} – {end}")
    return Span(first, last)


def _ends(typed: str | None, day_first: bool) -> tuple[date | None, date | None]:
    """The first and last day of a date or period."""
    if typed is None:
        return None, None
    found = read_date(typed, day_first)
    if isinstance(found, Period):
        dates = (found.start, found.end)
    else:
        dates = (found, found) if isinstance(found, PartialDate) else (None, None)
    if dates[0] is None or dates[1] is None:
        fault = found if isinstance(found, Fault) else Fault("date-unreadable", (typed,))
        raise SettingsError(f"problem-{fault.code}", *fault.params)
    return date.fromisoformat(dates[0].days()[0]), date.fromisoformat(dates[1].days()[1])
