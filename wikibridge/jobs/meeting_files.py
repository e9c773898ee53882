"""The files of meetings, made as bytes: calendars, lists of sign-ups, drafts of invitations. Who calls writes them.

All lie in the site folder and none on the wiki: ``calendars/``, ``sign-ups/`` and ``invitations/``.
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from wikibridge.entries.types import Schema
from wikibridge.errors import SettingsError
from wikibridge.export.formats import guarded
from wikibridge.i18n import message
from wikibridge.jobs import signups
from wikibridge.jobs.drafts import Draft, letter
from wikibridge.jobs.signups import SignUp
from wikibridge.meetings import calendar, zones
from wikibridge.meetings.calendar import Calendars
from wikibridge.meetings.file import slug
from wikibridge.meetings.values import Meeting, Session
from wikibridge.summaries.text import weekday_text

CALENDARS, LISTS, INVITATIONS = "calendars", "sign-ups", "invitations"
_COLUMNS = ("name", "language", "kind", "territory", "comment")


def calendar_name(meeting: Meeting, language: str, session: str = "") -> str:
    """The name of the file with a meeting's calendar in a language, or with that of one session."""
    return f"{meeting.id}{f'.{session}' if session else ''}.{language}.ics"


def calendars(
    meeting: Meeting, languages: Iterable[str], wiki: str, before: Mapping[str, bytes], now: datetime,
) -> dict[str, Calendars]:
    """The calendars of a meeting by language. ``before`` are the files that there are, by name; ``wiki`` is its address.

    Raises SettingsError where one of these is no calendar any more, or icalendar is not installed.
    """
    made = {}
    for language in languages:
        name = calendar_name(meeting, language)
        try:
            made[language] = calendar.calendars(meeting, language, wiki, before.get(name, b""), now)
        except (ValueError, KeyError, IndexError) as error:
            raise SettingsError("meetings-calendar-broken", f"{CALENDARS}/{name}") from error
    return made


def listed(session: Session, meeting: Meeting, people: Iterable[SignUp], schema: Schema, language: str) -> bytes:
    """Those who signed up for a session as a CSV file that spreadsheet programs open as it is."""
    fields = schema.types["sign_up"].by_name
    out = io.StringIO(newline="")
    rows = csv.writer(out)
    rows.writerow([fields[name].names[language][0] for name in _COLUMNS] + ["e-mail"])
    for each in signups.of(session, meeting, people):
        kind = schema.label("kind", each.kind, language) if each.kind else ""
        said = (each.name, schema.label("language", each.language, language), kind, each.territory, each.comment, each.mail)
        rows.writerow([guarded(cell) for cell in said])
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def invitation(
    person: SignUp, meeting: Meeting, calendars: Mapping[str, Calendars], sender: str, languages: Sequence[str],
) -> Draft | None:
    """The invitation of somebody to their sessions of a meeting, in their language; None without an address or a session."""
    sessions = [each for each in meeting.sessions if (meeting.id, each.id) in person.sessions]
    if not person.mail or not sessions:
        return None
    language = person.language if person.language in languages else languages[0]
    title = meeting.title(language)
    lines = [message("invitation-hello", language, person.name), "",
             message("invitation-text", language, title, zones.city(meeting.zone, language)), ""]
    for session in sessions:
        clock = zones.span(meeting, session, meeting.zone, language) or message("programme-no-time", language)
        lines.append(f"- {weekday_text(session.day, language)}, {clock}")
        cancelled = f" ({message('invitation-cancelled', language)})" if session.cancelled else ""
        lines.append(f"  {session.title(language)}{cancelled}")
        lines += [f"  {each}" for each in (session.room, session.link) if each]
    lines += ["", message("invitation-end", language), ""]
    of_language = calendars[language]
    links = {calendar.name_of(of_language.sessions[each.id]): each.link for each in sessions}
    data = calendar.chosen(of_language.meeting, title, language, links)
    mail = letter(sender, person.name, person.mail, message("invitation-subject", language, title), lines)
    mail.add_attachment(data.decode(), subtype="calendar", filename=f"{meeting.id}.ics", params={"method": "PUBLISH"},
                        cte="base64")
    # The same mail has the same bytes every time.
    mail.set_boundary(f"=_{hashlib.sha256(data + person.mail.encode()).hexdigest()[:32]}")
    mark = hashlib.sha256(person.mail.casefold().encode()).hexdigest()[:8]
    return Draft(f"{meeting.id}.{slug(person.name, 'person')}.{mark}.eml", mail)
