"""Dates, times, numbers and amounts as a language writes them, by the rules of the Unicode CLDR (through Babel)."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Literal
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_skeleton, format_time
from babel.numbers import format_decimal, format_percent

from wikibridge.i18n import message
from wikibridge.model import PartialDate, Period
from wikibridge.summaries.question import Range, Relative

_LOCALES = {"en": "en_GB"}
"""The day comes before the month in the English of most participants, as in the other languages."""


def capital(text: str) -> str:
    """The text with a capital at its beginning."""
    return text[:1].upper() + text[1:]


def locale(language: str) -> str:
    """The locale of a language."""
    return _LOCALES.get(language, language)


def own_name(language: str) -> str:
    """A language's name in itself, as a reader looks for it."""
    return capital(str(Locale(language).display_name))


def _day(value: date, width: Literal["medium", "long"], language: str) -> str:
    text = str(format_date(value, width, locale=locale(language)))
    # The French first of the month is an ordinal, which CLDR's patterns cannot say.
    return f"1er{text[1:]}" if language == "fr" and value.day == 1 else text


def day_text(value: date, language: str) -> str:
    """A day in full: ``3 November 2020``."""
    return _day(value, "long", language)


def weekday_text(value: date, language: str) -> str:
    """A day by which people find it in a calendar: ``Tuesday 3 November 2020``."""
    weekday = str(format_date(value, "EEEE", locale=locale(language)))
    return f"{weekday}{', ' if language == 'pt' else ' '}{day_text(value, language)}"


def date_text(value: PartialDate | Period, language: str) -> str:
    """A date or period as the language writes it; only what is known of it. An arrow stands for the open end of a period."""
    if isinstance(value, Period):
        start, end = (date_text(each, language) if each else "→" for each in (value.start, value.end))
        return f"{start} {end}" if "→" in (start, end) else f"{start} – {end}"
    if value.month is None:
        return str(value.year)
    if value.month > 12:
        return message(f"season-{value.month}", language, value.year)
    if value.day is None:
        return str(format_skeleton("yMMM", date(value.year, value.month, 1), locale=locale(language)))
    return _day(date(value.year, value.month, value.day), "medium", language)


def range_text(one: Range | Relative, language: str) -> str:
    """A range as it is a group: numbers as they were typed, days as a period."""
    if isinstance(one, Relative) or not (isinstance(one.low, str) or isinstance(one.high, str)):
        return "" if isinstance(one, Relative) else one.text
    low, high = (PartialDate(*map(int, end.split("-"))) if isinstance(end, str) else None for end in (one.low, one.high))
    # What is typed as one date, a month or a year, is told as that.
    return one.text if one.text and ".." not in one.text else date_text(Period(low, high), language)


def time_text(moment: datetime, language: str, zone: str) -> str:
    """A moment in a time zone, to the minute, with its distance from UTC: ``3 November 2020, 10:00 (UTC+1)``."""
    local = moment.astimezone(ZoneInfo(zone))
    distance = int((local.utcoffset() or timedelta()).total_seconds()) // 60
    hours, minutes = divmod(abs(distance), 60)
    offset = f"{'+' if distance > 0 else '−'}{hours}{f':{minutes:02}' if minutes else ''}" if distance else ""
    return f"{_day(local.date(), 'long', language)}, {format_time(local, 'short', locale=locale(language))} (UTC{offset})"


def number_text(value: int | Decimal, language: str, signed: bool = False) -> str:
    """A number with at most two decimals; ``signed`` shows a plus too."""
    text = str(format_decimal(value, format="#,##0.##", locale=locale(language)))
    return f"+{text}" if signed and value > 0 and text.strip("0.,") else text.replace("-", "−")


def share_text(value: Decimal, language: str) -> str:
    """A share of 1 as a percentage; one decimal below ten."""
    pattern = format_percent(value, locale=locale(language)) if value == 0 or value >= Decimal("0.0995") else None
    return str(pattern if pattern is not None else format_percent(value, format=_percent(language), locale=locale(language)))


def _percent(language: str) -> str:
    return str(Locale.parse(locale(language)).percent_formats[None].pattern).replace("0", "0.#", 1)


def part_text(key: str, part: str, language: str) -> str:
    """A year, quarter, month or week as ``Grouping`` makes them."""
    if "-Q" in key:
        year, _, quarter = key.partition("-Q")
        return str(format_skeleton("yQQQ", date(int(year), int(quarter) * 3, 1), locale=locale(language)))
    if part == "week" and len(key) == 10:
        found = date.fromisoformat(key).isocalendar()
        return message("week-of", language, found.week, found.year)
    return date_text(PartialDate(*map(int, key.split("-"))), language)
