"""Meetings that stand on pages: an entry ``meeting`` and, on the same page, its entries ``session``."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from zoneinfo import ZoneInfo

from wikibridge.meetings import clock
from wikibridge.meetings.clock import Span
from wikibridge.meetings.file import slug
from wikibridge.meetings.values import Meeting, Session, exists
from wikibridge.model import Entry, PartialDate

Tell = Callable[..., None]
"""Told of what cannot be used: the key of a message and its parameters."""


def read(page: str, entries: Iterable[tuple[str, Entry]], language: str, zone: str, tell: Tell) -> Meeting | None:
    """The meeting of a page, whose entries come with the keys by which they stay the same; None where it holds no session.

    ``language`` is what titles are in, ``zone`` that of a meeting that says none. What cannot be used is told, and left out.
    """
    found = list(entries)
    about = next((entry for _, entry in found if entry.type == "meeting"), None)
    said = str(about.fields.get("zone", "")) if about else ""
    if said and not _known(said):
        tell("meeting-zone", page, said, zone)
    zone = said if said and _known(said) else zone
    read_ = (_session(page, key, entry, language, zone, tell) for key, entry in found if entry.type == "session")
    sessions = [each for each in read_ if each is not None]
    if not sessions:
        return None
    title = str(about.fields.get("title", "")) if about else ""
    place = str(about.fields.get("place", "")) if about else ""
    return Meeting(slug(page), {language: title or page}, zone, tuple(sorted(sessions, key=lambda each: each.order)), place)


def _known(zone: str) -> bool:
    try:
        ZoneInfo(zone)
    except (KeyError, ValueError, OSError):
        return False
    return True


def _session(page: str, key: str, entry: Entry, language: str, zone: str, tell: Tell) -> Session | None:
    fields = entry.fields
    title, day = str(fields.get("title", "")), fields.get("date")
    if not title or not isinstance(day, PartialDate) or day.day is None:
        tell("meeting-no-day", page, entry.line, title)
        return None
    on = _date(day)
    time, end = (_clock(page, entry, name, tell) for name in ("time", "end"))
    start, stop = time.start, time.end or end.start
    if start and not exists(on, start, zone):
        tell("meeting-skipped", page, entry.line, f"{start:%H:%M}", on, zone)
        start = None
    return Session(
        key, {language: title}, on, start, stop if start else None, time.part,
        languages=_several(entry, "language"), themes=_several(entry, "theme"), kinds=_several(entry, "kind"),
        room=str(fields.get("room", "")), facilitators=_several(entry, "facilitator"), documents=_several(entry, "documents"),
        conclusions=str(fields.get("conclusions", "")), cancelled=fields.get("cancelled") is True)


def _date(day: PartialDate) -> date:
    return date(day.year, day.month or 1, day.day or 1)


def _clock(page: str, entry: Entry, name: str, tell: Tell) -> Span:
    said = str(entry.fields.get(name, ""))
    try:
        return clock.read(said)
    except ValueError:
        tell("meeting-time", page, entry.line, said)
        return Span()


def _several(entry: Entry, name: str) -> tuple[str, ...]:
    value = entry.fields.get(name, ())
    return value if isinstance(value, tuple) else (str(value),)
