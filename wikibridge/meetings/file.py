"""``meetings.yml``: the meetings that the secretariat plans. docs/meetings.md"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import date
from functools import partial
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator, Field

from wikibridge.entries.spelling import fold
from wikibridge.entries.types import Language, Schema
from wikibridge.errors import SettingsError
from wikibridge.meetings import clock
from wikibridge.meetings.clock import Span
from wikibridge.meetings.values import Meeting, Session, exists
from wikibridge.yaml_text import Document, Strict, checked, load

FILE = "meetings.yml"
_URL = re.compile(r"https?://[^\s<>\"\[\]{}|]+")


def _titles(value: object) -> object:
    return {"": value} if isinstance(value, str) and value.strip() else value


def _day(value: object) -> date:
    try:
        return date.fromisoformat(str(value))
    except ValueError as error:
        raise ValueError("a day such as 2020-10-31") from error


def _time(value: object) -> Span:
    try:
        return clock.read(str(value))
    except ValueError as error:
        raise ValueError("a time such as 10:00, 10:00-12:00, or morning, afternoon, evening") from error


def _zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (KeyError, ValueError, OSError) as error:
        raise ValueError("a time zone such as Europe/Brussels") from error
    return value


def _several(value: object) -> object:
    return [part.strip() for part in re.split(r"[,;]", value) if part.strip()] if isinstance(value, str) else value


def _url(value: str) -> str:
    if value and not _URL.fullmatch(value):
        raise ValueError("an address such as https://meet.example.org/room")
    return value


Titles = Annotated[dict[Literal["", "en", "fr", "pt"], Annotated[str, Field(min_length=1)]], BeforeValidator(_titles),
                   Field(min_length=1)]
List = Annotated[tuple[str, ...], BeforeValidator(_several)]
Zone = Annotated[str, AfterValidator(_zone)]
Id = Annotated[str, Field(pattern=r"^[a-z0-9-]{1,40}$")]


class SessionText(Strict):
    """A session as it stands in the file. ``id`` makes it the same in calendars when title, day and time change."""

    id: Id = ""
    title: Titles
    day: Annotated[Any, BeforeValidator(_day)]
    time: Annotated[Any, BeforeValidator(_time)] = Span()
    start: Annotated[Any, BeforeValidator(_time)] = Span()
    end: Annotated[Any, BeforeValidator(_time)] = Span()
    languages: Annotated[tuple[Language, ...], BeforeValidator(_several)] = ()
    theme: List = ()
    kind: List = ()
    room: str = ""
    link: Annotated[str, AfterValidator(_url)] = ""
    facilitator: List = ()
    documents: List = ()
    conclusions: str = ""
    cancelled: bool = False


class MeetingText(Strict):
    """A meeting as it stands in the file; without ``zone`` its times are those of the site."""

    id: Id
    title: Titles
    zone: Zone | None = None
    place: str = ""
    sessions: Annotated[tuple[SessionText, ...], Field(min_length=1)]


class Meetings(Strict):
    """The file."""

    meetings: tuple[MeetingText, ...] = ()


def slug(text: str, otherwise: str = "session") -> str:
    """A text as a part of a file's name and of an identifier; ``otherwise`` where it has no letter that can stand there."""
    return re.sub(r"[^a-z0-9]+", "-", fold(text)).strip("-")[:40].strip("-") or otherwise


def read(text: str, zone: str, schema: Schema) -> tuple[Meeting, ...]:
    """The meetings of the file. ``zone`` is the site's. Raises SettingsError with line and remedy."""
    document = load(text, FILE)
    made: list[Meeting] = []
    for number, meeting in enumerate(checked(Meetings, text, FILE).meetings):
        place: tuple[str | int, ...] = ("meetings", number)
        if any(meeting.id == other.id for other in made):
            raise SettingsError("settings-wrong", FILE, document.line((*place, "id")), "id", f"each meeting once ({meeting.id})")
        sessions: list[Session] = []
        for index, session in enumerate(meeting.sessions):
            inner = (*place, "sessions", index)
            one = _session(session, schema, partial(_line, document, inner))
            line = document.line(inner)
            if any(one.id == other.id for other in sessions):
                raise SettingsError("settings-wrong", FILE, line, "id", f"an id of its own (“{one.id}” is there twice)")
            if one.start and not exists(one.day, one.start, meeting.zone or zone):
                raise SettingsError("meeting-skipped", FILE, line, f"{one.start:%H:%M}", one.day, meeting.zone or zone)
            sessions.append(one)
        made.append(Meeting(meeting.id, {str(each): title for each, title in meeting.title.items()}, meeting.zone or zone,
                            tuple(sorted(sessions, key=lambda each: each.order)), meeting.place))
    return tuple(made)


def _line(document: Document, place: tuple[str | int, ...], key: str) -> int:
    return document.line((*place, key))


Line = Callable[[str], int]


def _session(text: SessionText, schema: Schema, line: Line) -> Session:
    time: Span = text.time if text.time != Span() else text.start
    end = time.end or text.end.start
    if end and not time.start:
        raise SettingsError("settings-wrong", FILE, line("end"), "end", "a start too")
    titles = {str(language): title for language, title in text.title.items()}
    return Session(
        text.id or slug(next(iter(titles.values()))), titles, text.day, time.start, end, time.part, text.languages,
        _terms(text.theme, "theme", schema, line), _terms(text.kind, "kind", schema, line), text.room, text.link,
        text.facilitator, text.documents, text.conclusions, text.cancelled)


def _terms(words: Sequence[str], vocabulary: str, schema: Schema, line: Line) -> tuple[str, ...]:
    lookup = schema.lookups[vocabulary]
    for word in words:
        if fold(word) not in lookup:
            raise SettingsError("settings-wrong", FILE, line(vocabulary), vocabulary,
                                f"one of {', '.join(schema.vocabularies[vocabulary])} (not “{word}”)")
    return tuple(dict.fromkeys(lookup[fold(word)] for word in words))
