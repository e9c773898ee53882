"""Meetings as calendars that programs read: https://www.rfc-editor.org/rfc/rfc5545

The file of before is the memory: an event that changed since gets the next SEQUENCE, one that is gone stays, cancelled. Times
are in UTC, which every program shows on its own user's clock.
"""

from __future__ import annotations

import hashlib
import re
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from wikibridge.errors import SettingsError
from wikibridge.i18n import message
from wikibridge.meetings import zones
from wikibridge.meetings.values import Meeting, Session

_MOVING = ("SEQUENCE", "DTSTAMP")
"""What tells versions of an event apart, and is no part of what it says."""
_LINK = "X-WIKIBRIDGE-LINK"
"""A digest of the link to the online room, which is for those who signed up: a change of it is one of the event."""


@dataclass(frozen=True, slots=True)
class Calendars:
    """A meeting's calendar in a language, and that of each of its sessions by the session's id."""

    meeting: bytes
    sessions: Mapping[str, bytes]


def _library() -> Any:
    try:
        import icalendar
    except ImportError as error:
        raise SettingsError("extra-missing", "icalendar", "calendar") from error
    return icalendar


def uid(wiki: str, meeting: str, session: str) -> str:
    """The name of a session in all calendars of the world: the same for the same wiki, meeting and session."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"{wiki}#{meeting}/{session}"))


def calendars(meeting: Meeting, language: str, wiki: str, before: bytes, now: datetime) -> Calendars:
    """The calendars of a meeting. ``before`` is its calendar as it was written last (empty: never); ``now`` is in UTC.

    Raises SettingsError where icalendar is not installed, ValueError where ``before`` is no calendar.
    """
    old = {str(each["UID"]): each for each in (_library().Calendar.from_ical(before).walk("VEVENT") if before else ())}
    new = {uid(wiki, meeting.id, each.id): (each, _event(meeting, each, language)) for each in meeting.sessions}
    events: dict[str, Any] = {}
    mine: dict[str, str] = {}
    for name, (session, event) in new.items():
        name = name if name in old else _renamed(event, old, new) or name
        event.add("uid", name)
        events[name] = _numbered(event, old.get(name), now)
        mine[session.id] = name
    for name, event in old.items():
        if name not in events:
            gone = event.copy()
            gone.subcomponents = list(event.subcomponents)
            gone.pop("STATUS", None)
            gone.add("status", "CANCELLED")
            events[name] = _numbered(gone, event, now)
    whole = _calendar(meeting.title(language), language, sorted(events.values(), key=_order))
    return Calendars(whole, {
        each.id: _calendar(each.title(language), language, [events[mine[each.id]]]) for each in meeting.sessions})


def chosen(data: bytes, title: str, language: str, links: Mapping[str, str]) -> bytes:
    """The events of a calendar that are named, as a calendar of its own, each with its link unless that is empty."""
    events = [each for each in _library().Calendar.from_ical(data).walk("VEVENT") if str(each["UID"]) in links]
    for event in events:
        event.pop(_LINK, None)
        if link := links[str(event["UID"])]:
            event.add("url", link)
    return _calendar(title, language, events)


def name_of(data: bytes) -> str:
    """The name of the one event of a session's calendar."""
    (event,) = _library().Calendar.from_ical(data).walk("VEVENT")
    return str(event["UID"])


def _plain(text: str) -> str:
    """What somebody typed as icalendar gives it back from a file: it takes a backslash before some letters for another sign.

    An event that is not read as it was written would be another one in each run, and its invitations would be sent again.
    """
    return " ".join(re.sub(r"\\(?=[n,;\\])", "/", text, flags=re.IGNORECASE).split())


def _event(meeting: Meeting, session: Session, language: str) -> Any:
    library = _library()
    event = library.Event()
    event.add("summary", _plain(session.title(language)))
    start, end = meeting.begins(session), meeting.ends(session)
    about = [_plain(meeting.title(language))]
    if start is None:
        # A whole day that blocks nobody's calendar: the hour is not known yet.
        event.add("dtstart", session.day)
        event.add("dtend", session.day + timedelta(days=1))
        event.add("transp", "TRANSPARENT")
        part = message(f"part-{session.part}", language) if session.part else ""
        about.append(message("calendar-no-time", language) + (f" ({part})" if part else ""))
    else:
        event.add("dtstart", start)
        if end:
            event.add("dtend", end)
        clock = zones.span(meeting, session, meeting.zone, language)
        about.append(f"{clock} ({zones.city(meeting.zone, language)})")
    if session.facilitators:
        about.append(f"{message('session-facilitator', language)} {_plain(', '.join(session.facilitators))}")
    event.add("description", "\n".join(about))
    if session.room or meeting.place:
        event.add("location", _plain(session.room or meeting.place))
    if session.link:
        event.add(_LINK, hashlib.sha256(session.link.encode()).hexdigest()[:12])
    event.add("status", "CANCELLED" if session.cancelled else "CONFIRMED" if start else "TENTATIVE")
    return event


def _said(event: Any) -> bytes:
    bare = event.copy()
    for name in _MOVING:
        bare.pop(name, None)
    return bytes(bare.to_ical())


def _numbered(event: Any, before: Any, now: datetime) -> Any:
    same = before is not None and _said(event) == _said(before)
    number = 0 if before is None else int(before.get("SEQUENCE", 0)) + (not same)
    for name in _MOVING:
        event.pop(name, None)
    event.add("sequence", number)
    event.add("dtstamp", before["DTSTAMP"].dt if same else now.replace(microsecond=0))
    return event


def _renamed(event: Any, old: Mapping[str, Any], new: Mapping[str, Any]) -> str:
    """The name of the event that this one was, where it alone of those that are gone began then: its title changed."""
    gone = [name for name, each in old.items() if name not in new and each["DTSTART"].dt == event["DTSTART"].dt
            and str(each.get("STATUS", "")) != "CANCELLED"]
    rivals = [each for name, (_, each) in new.items() if name not in old and each["DTSTART"].dt == event["DTSTART"].dt]
    return gone[0] if len(gone) == 1 and len(rivals) == 1 else ""


def _order(event: Any) -> tuple[str, str]:
    return event["DTSTART"].to_ical().decode(), str(event["UID"])


def _calendar(title: str, language: str, events: Iterable[Any]) -> bytes:
    made = _library().Calendar()
    made.add("prodid", f"-//wikibridge//{language}")
    made.add("version", "2.0")
    made.add("method", "PUBLISH")
    made.add("x-wr-calname", _plain(title))
    for event in events:
        made.add_component(event)
    return bytes(made.to_ical())
