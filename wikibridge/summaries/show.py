"""Answers as wiki markup, in a language. Everything that people typed is escaped on the way."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_skeleton, format_time
from babel.numbers import format_decimal

from wikibridge.entries.types import EntryType, Schema
from wikibridge.i18n import message
from wikibridge.markup import wikitext
from wikibridge.model import PartialDate, Period, Value
from wikibridge.summaries.compute import Answer
from wikibridge.summaries.question import Question

BAR = 10
"""Characters of the longest bar: most of it fits beside its numbers on a phone."""


TITLE = 150
"""Characters of an entry's title that a list shows: nobody's entry may fill a page that is not theirs."""
_LOCALES = {"en": "en_GB"}
"""The day comes before the month in the English of most participants, as in the other languages."""


def _day(value: date, width: Literal["medium", "long"], language: str) -> str:
    text = str(format_date(value, width, locale=_LOCALES.get(language, language)))
    # The French first of the month is an ordinal, which CLDR's patterns cannot say.
    return f"1er{text[1:]}" if language == "fr" and value.day == 1 else text


def date_text(value: PartialDate | Period, language: str) -> str:
    """A date or period as the language writes it; only what is known of it. An arrow stands for the open end of a period."""
    if isinstance(value, Period):
        start, end = (date_text(each, language) if each else "→" for each in (value.start, value.end))
        return f"{start} {end}" if "→" in (start, end) else f"{start} – {end}"
    locale = _LOCALES.get(language, language)
    if value.month is None:
        return str(value.year)
    if value.month > 12:
        return message(f"season-{value.month}", language, value.year)
    if value.day is None:
        return str(format_skeleton("yMMM", date(value.year, value.month, 1), locale=locale))
    return _day(date(value.year, value.month, value.day), "medium", language)


def time_text(moment: datetime, language: str, zone: str) -> str:
    """A moment in a time zone, to the minute, with its distance from UTC: ``3 November 2020, 10:00 (UTC+1)``."""
    local = moment.astimezone(ZoneInfo(zone))
    locale = _LOCALES.get(language, language)
    distance = int((local.utcoffset() or timedelta()).total_seconds()) // 60
    hours, minutes = divmod(abs(distance), 60)
    offset = f"{'+' if distance > 0 else '−'}{hours}{f':{minutes:02}' if minutes else ''}" if distance else ""
    return f"{_day(local.date(), 'long', language)}, {format_time(local, 'short', locale=locale)} (UTC{offset})"


def _number(value: int, language: str) -> str:
    return str(format_decimal(value, locale=language))


def _first(value: Value | None) -> str:
    text = value if isinstance(value, str) else ""
    return text if len(text) <= TITLE else text[:TITLE].rstrip() + "…"


def foot(found: Answer, kind: EntryType, language: str, zone: str) -> str:
    """What an answer rests on: entries, participants, what could not be read, and the time of the data."""
    if found.time is None:
        return message("summary-none", language)
    text = message(
        "summary-foot", language, kind.plural[language], _number(found.entries, language),
        _number(found.participants, language), time_text(found.time, language, zone))
    if found.problems:
        text += " " + message("summary-problems", language, _number(found.problems, language))
    return f"''{text}''"


def show(found: Answer, question: Question, schema: Schema, language: str, zone: str) -> str:
    """An answer as markup: a table, bars beside the numbers, or a list with links to the sources."""
    lines = ""
    of = schema.types[question.of]
    if question.by and found.groups:
        kind = of.by_name[question.by]
        most = max(group.entries for group in found.groups)
        header = [kind.names[language][0].capitalize(), of.plural[language], message("column-participants", language)]
        bars = question.shown_as == "bars"
        header += [message("column-bar", language)] if bars else []
        rows = []
        for group in found.groups:
            label = schema.label(kind.vocabulary, group.term, language) if kind.vocabulary else group.term
            row = [wikitext.escape(label[:1].upper() + label[1:]), _number(group.entries, language),
                   _number(group.participants, language)]
            if bars:
                # Last, so that a narrow screen cuts nothing but the end of a bar.
                row.append(f'<span aria-hidden="true">{"█" * max(1, round(BAR * group.entries / most))}</span>')
            rows.append(tuple(row))
        lines = wikitext.table(tuple(map(wikitext.escape, header)), tuple(rows), frozenset({1, 2})) + "\n"
    # A word without an end does not make the page wider than a screen.
    lines += '<div style="overflow-wrap:anywhere">\n' if found.items else ""
    for item in found.items:
        date = item.fields.get("date")
        when = f"{wikitext.escape(date_text(date, language))} – " if isinstance(date, (PartialDate, Period)) else ""
        title = wikitext.escape(_first(item.fields.get("title"))) or wikitext.escape(message("untitled", language))
        name = item.title.rpartition("/")[2]
        lines += f"* {when}<bdi>{title}</bdi> ({wikitext.link(item.title, name)})\n"
    lines += "</div>\n" if found.items else ""
    return lines + "\n" + foot(found, of, language, zone)
