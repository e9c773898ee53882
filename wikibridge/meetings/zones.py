"""What clocks show elsewhere, computed from the time-zone database for the very days; no offset is typed anywhere."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from babel import Locale
from babel.core import get_global
from babel.dates import format_time, get_timezone_location

from wikibridge.i18n import message
from wikibridge.meetings.values import NOON, Meeting, Session, moment
from wikibridge.summaries.text import locale


@dataclass(frozen=True, slots=True)
class Difference:
    """How many minutes a clock is ahead of the meeting's from a moment on: the begin of a session, in the meeting's zone.

    ``within`` tells that another session of the same day began before.
    """

    since: datetime
    minutes: int
    within: bool = False


def instants(meeting: Meeting) -> list[datetime]:
    """The begin of every session in UTC, noon where it is not known."""
    return [meeting.begins(each) or moment(each.day, NOON, meeting.zone) for each in meeting.sessions]


def ahead(when: datetime, zone: str, reference: str) -> int:
    """How many minutes the clocks of a zone are ahead of another's at a moment."""
    offsets = [when.astimezone(ZoneInfo(each)).utcoffset() or timedelta() for each in (zone, reference)]
    return round((offsets[0] - offsets[1]).total_seconds() / 60)


def differences(meeting: Meeting, zone: str) -> list[Difference]:
    """How far a zone is ahead during the meeting; more than one where a clock change falls within."""
    found: list[Difference] = []
    last = None
    for when in instants(meeting):
        minutes, local = ahead(when, zone, meeting.zone), when.astimezone(ZoneInfo(meeting.zone))
        if not found or found[-1].minutes != minutes:
            found.append(Difference(local, minutes, last == local.date()))
        last = local.date()
    return found


def columns(meeting: Meeting, zones: Sequence[str]) -> list[tuple[str, ...]]:
    """The zones, that of the meeting first; those whose clocks show the same for all its sessions are one."""
    found: dict[tuple[tuple[int, datetime], ...], list[str]] = {}
    for zone in dict.fromkeys((meeting.zone, *zones)):
        shown = tuple((each.minutes, each.since) for each in differences(meeting, zone))
        found.setdefault(shown, []).append(zone)
    return [tuple(each) for each in found.values()]


# In words

def _locale(language: str) -> str:
    return "pt_PT" if language == "pt" else locale(language)


def city(zone: str, language: str) -> str:
    """What a zone is called by: its city, in a language."""
    return str(get_timezone_location(ZoneInfo(zone), locale=_locale(language), return_city=True))


def country(zone: str, language: str) -> str:
    """The country of a zone, with the city where it has several zones; the zone's own name where it is of no country."""
    territory = str(get_global("zone_territories").get(zone, ""))
    name = Locale.parse(_locale(language)).territories.get(territory)
    if not name:
        return city(zone, language)
    several = len(get_global("territory_zones").get(territory, ())) > 1
    return f"{name} ({city(zone, language)})" if several else str(name)


def clock(value: time, language: str) -> str:
    """A time of the day as the language writes it."""
    return str(format_time(value, "short", locale=locale(language)))


def _there(when: datetime, day: date, zone: str, language: str) -> str:
    local = when.astimezone(ZoneInfo(zone))
    days = (local.date() - day).days
    shift = f" ({'+' if days > 0 else '−'}{abs(days)})" if days else ""
    return f"{clock(local.time(), language)}{shift}"


def span(meeting: Meeting, session: Session, zone: str, language: str) -> str:
    """From when to when a session is on the clock of a zone: ``10:00–12:00``, with (+1) or (−1) behind a time of another day
    than that of the meeting. The part of the day where no more is known; empty in other zones than the meeting's then.
    """
    start, end = meeting.begins(session), meeting.ends(session)
    if start is None:
        return message(f"part-{session.part}", language) if session.part and zone == meeting.zone else ""
    shown = _there(start, session.day, zone, language)
    return f"{shown}–{_there(end, session.day, zone, language)}" if end else shown


def hours(minutes: int, language: str) -> str:
    """By how much to move a clock: ``−1 h``, ``+5 h 30``; words for none."""
    if not minutes:
        return message("zone-same", language)
    whole, rest = divmod(abs(minutes), 60)
    more = f"\u00a0{rest:02}" if rest else ""
    return f"{'+' if minutes > 0 else '−'}{whole}\u00a0h{more}"
