"""A meeting and its sessions. What is not known is empty: a session may lack a time, an end or languages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

Part = Literal["morning", "afternoon", "evening"]
PARTS: dict[Part, time] = {"morning": time(9), "afternoon": time(14), "evening": time(18)}
"""Parts of a day, and the hour by which a session of which no more is known is put among the others."""
NOON = time(12)


@dataclass(frozen=True, slots=True)
class Session:
    """One session. ``titles`` by language, ``""`` being that of all others; times are on the clock of the meeting's zone.

    ``part`` is what is known where there is no ``start``. An ``end`` that is not after the start is on the next day.
    ``link`` is for those who signed up; ``room`` for everybody. ``themes`` and ``kinds`` are terms of vocabularies.
    """

    id: str
    titles: Mapping[str, str]
    day: date
    start: time | None = None
    end: time | None = None
    part: Part | None = None
    languages: tuple[str, ...] = ()
    themes: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    room: str = ""
    link: str = ""
    facilitators: tuple[str, ...] = ()
    documents: tuple[str, ...] = ()
    conclusions: str = ""
    cancelled: bool = False

    def title(self, language: str) -> str:
        """The title in a language, or in any that it has."""
        return named(self.titles, language)

    @property
    def order(self) -> tuple[date, time, str]:
        """What sessions are sorted by."""
        return self.day, self.start or PARTS[self.part or "morning"], self.id

    @property
    def afternoon(self) -> bool:
        """Whether it begins at noon or later, as far as that is known."""
        return self.order[1] >= NOON

    @property
    def timed(self) -> bool:
        """Whether anything is known of when in the day it is."""
        return bool(self.start or self.part)


@dataclass(frozen=True, slots=True)
class Meeting:
    """A meeting: its sessions in order, and the zone on whose clock their times are (a name of the tz database)."""

    id: str
    titles: Mapping[str, str]
    zone: str
    sessions: tuple[Session, ...]
    place: str = ""

    def title(self, language: str) -> str:
        """The title in a language, or in any that it has."""
        return named(self.titles, language)

    def begins(self, session: Session) -> datetime | None:
        """When a session begins, in UTC; None where that is not known."""
        return moment(session.day, session.start, self.zone) if session.start else None

    def ends(self, session: Session) -> datetime | None:
        """When a session ends, in UTC; None where that is not known."""
        if session.end is None or session.start is None:
            return None
        return moment(session.day + timedelta(days=session.end <= session.start), session.end, self.zone)


def named(titles: Mapping[str, str], language: str) -> str:
    """The title in a language: that for all languages where it has none of its own, else any."""
    return titles.get(language) or titles.get("") or next(iter(titles.values()), "")


def moment(day: date, clock: time, zone: str) -> datetime:
    """A time on the clock of a zone, in UTC. Of an hour that there is twice, the first."""
    return datetime.combine(day, clock, ZoneInfo(zone)).astimezone(UTC)


def exists(day: date, clock: time, zone: str) -> bool:
    """Whether the clocks of a zone show that time on that day: the hour that they skip in spring they do not."""
    return moment(day, clock, zone).astimezone(ZoneInfo(zone)).replace(tzinfo=None) == datetime.combine(day, clock)
