"""A meeting's programme and its "your time" table as markup."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import groupby

from wikibridge.entries.spelling import fold
from wikibridge.entries.types import Schema
from wikibridge.i18n import message
from wikibridge.markup.parts import Dialect
from wikibridge.meetings import zones
from wikibridge.meetings.values import Meeting, Session
from wikibridge.summaries.text import capital, weekday_text

_WEB = re.compile(r"https?://\S+", re.IGNORECASE)


def programme(
    meeting: Meeting, zone_names: Sequence[str], minutes: Mapping[str, str], counts: Mapping[str, int], language: str,
    schema: Schema, dialect: Dialect,
) -> str:
    """A heading a day, and below it a table for the morning and one for the afternoon.

    ``minutes`` are pages by session id, ``counts`` how many conclusions stand there.
    """
    columns = zones.columns(meeting, zone_names)
    clocks = [dialect.escape(", ".join(zones.city(zone, language) for zone in each)) for each in columns]
    # What everybody looks for first stands where a phone shows it without scrolling.
    header = (clocks[0], message("programme-session", language), message("programme-languages", language), *clocks[1:])
    lines: list[str] = []
    for day, of_day in groupby(meeting.sessions, lambda each: each.day):
        lines += [dialect.heading(dialect.escape(capital(weekday_text(day, language))), 3), ""]
        for key, of_half in groupby(of_day, _half):
            rows = []
            for session in of_half:
                first, *others = (_cell(meeting, session, each[0], language, dialect) for each in columns)
                about = _about(session, minutes.get(session.id, ""), counts.get(session.id, 0), language, schema, dialect)
                spoken = ", ".join(schema.label("language", each, language) for each in session.languages)
                rows.append((first, about, dialect.escape(spoken), *others))
            lines += [f"{dialect.STRONG}{capital(message(key, language))}{dialect.STRONG}", "",
                      dialect.scrolled(dialect.table(header, tuple(rows))), ""]
    return "\n".join(lines).rstrip("\n")


def _half(session: Session) -> str:
    if not session.timed:
        return "programme-no-time"
    return "part-afternoon" if session.afternoon else "part-morning"


def _cell(meeting: Meeting, session: Session, zone: str, language: str, dialect: Dialect) -> str:
    # A cell without a text would be narrower than its fellows; and a reader of "?" knows that it is not known.
    return dialect.escape(zones.span(meeting, session, zone, language) or "?")


def _about(session: Session, minutes: str, conclusions: int, language: str, schema: Schema, dialect: Dialect) -> str:
    title = dialect.link(minutes, session.title(language)) if minutes else dialect.escape(session.title(language))
    if session.cancelled:
        title = f"{title} {dialect.STRONG}({message('programme-cancelled', language)}){dialect.STRONG}"
    told = [title]
    for key, words in (
            ("session-theme", [schema.label("theme", each, language) for each in session.themes]),
            ("session-kind", [schema.label("kind", each, language) for each in session.kinds]),
            ("session-facilitator", session.facilitators), ("session-room", [session.room] if session.room else [])):
        if words:
            told.append(f"{message(key, language)} {dialect.escape(', '.join(words))}")
    if session.documents:
        links = ", ".join(
            dialect.web_link(each) if _WEB.fullmatch(each) else dialect.link(each, each) for each in session.documents)
        told.append(f"{message('session-documents', language)} {links}")
    if conclusions:
        told.append(dialect.link(minutes, message("programme-conclusions", language, conclusions)))
    if session.conclusions:
        told.append(dialect.escape(session.conclusions))
    return dialect.BREAK.join(told)


def your_time(meeting: Meeting, zone_names: Sequence[str], language: str, dialect: Dialect) -> str:
    """By how much people of each country move the programme's times; from which day on, where a clock change falls within."""
    rows = []
    for zone in dict.fromkeys((meeting.zone, *zone_names)):
        # Numbers and words of ours: nothing to escape, which would take their no-break blanks.
        rows.append((zones.country(zone, language), _moved(meeting, zone, language)))
    header = (message("your-time-country", language), message("your-time-hours", language))
    # By the letters alone: “Bélgica” comes before “Brasil”.
    rows.sort(key=lambda row: (fold(row[0]), *row))
    return dialect.scrolled(dialect.table(header, tuple((dialect.escape(country), moved) for country, moved in rows)))


def _moved(meeting: Meeting, zone: str, language: str) -> str:
    parts = []
    for number, each in enumerate(zones.differences(meeting, zone)):
        shown = zones.hours(each.minutes, language)
        if number:
            day = weekday_text(each.since.date(), language)
            since = f"{day}, {zones.clock(each.since.time(), language)}" if each.within else day
            shown = message("your-time-from", language, since, shown)
        parts.append(shown)
    return "; ".join(parts)
