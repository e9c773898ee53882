"""Who signed up for which sessions: ``sign-ups.csv`` of the site folder, and entries on pages. For the secretariat alone.

Nothing of this goes onto the wiki: the table holds addresses, and who comes to what is nobody else's business.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

from wikibridge.entries.fields import read_field
from wikibridge.entries.spelling import fold
from wikibridge.entries.values import read_term
from wikibridge.errors import SettingsError
from wikibridge.i18n import message
from wikibridge.jobs import mail_addresses
from wikibridge.jobs.base import Context
from wikibridge.jobs.tables import HIDDEN, csv_rows
from wikibridge.meetings.values import Meeting, Session
from wikibridge.mirror.store import Mirror
from wikibridge.tell_settings import is_mail_address

FILE = "sign-ups.csv"
_ALL = frozenset(map(fold, ("all", "all sessions", "toutes", "tout", "todas", "tudo", "todas as sessões", "toutes les sessions")))


@dataclass(frozen=True, slots=True)
class SignUp:
    """Somebody and the sessions that they named, as ids of sessions by id of the meeting. ``mail`` may be empty."""

    name: str
    mail: str
    language: str
    kind: str
    territory: str
    comment: str
    sessions: frozenset[tuple[str, str]]


def read(data: bytes | None, meetings: Sequence[Meeting], context: Context, mirror: Mirror) -> list[SignUp]:
    """All sign-ups, those of the table first; of several with one address, or else one name, the sessions are put together.

    What is not understood is told. Raises SettingsError where the table is none, or has no column of names.
    """
    found: dict[str, SignUp] = {}
    for each in chain(_table(data, meetings, context) if data else (), _entries(meetings, context, mirror)):
        key = each.mail.casefold() or fold(each.name)
        # Who wrote a mail and an entry too is one person where the name is the same.
        alike = (one for one in found if not each.mail and fold(found[one].name) == fold(each.name))
        key = key if key in found else next(alike, key)
        same = found.get(key)
        if same is None:
            found[key] = each
        else:
            found[key] = SignUp(same.name, same.mail, same.language, same.kind or each.kind, same.territory or each.territory,
                                 same.comment or each.comment, same.sessions | each.sessions)
    return list(found.values())


def _table(data: bytes, meetings: Sequence[Meeting], context: Context) -> Iterable[SignUp]:
    rows = csv_rows(data, FILE, context)
    if not rows:
        return
    lookup = context.schema.types["sign_up"].lookup
    known = _names(meetings)
    header = ["mail" if fold(cell) in mail_addresses.COLUMN else lookup.get(fold(cell), "") for cell in rows[0]]
    if "name" not in header or "session" not in header:
        raise SettingsError("sign-ups-columns", FILE, ", ".join(rows[0])[:80])
    for number, row in enumerate(rows[1:], 2):
        said: dict[str, str] = {}
        for column, cell in zip(header, row, strict=False):
            said[column] = said.get(column) or " ".join(HIDDEN.sub("", cell).split())
        if not any(said.values()):
            continue
        place = message("sign-ups-row", context.language, FILE, number)
        mail = said.get("mail", "")
        if mail and not is_mail_address(mail):
            context.note("sign-ups-mail", FILE, number, mail[:60])
            mail = ""
        schema, first = context.schema, context.site.settings.languages[0]
        language = read_term(said.get("language", ""), "language", schema, first) if said.get("language") else first
        kind = read_term(said.get("kind", ""), "kind", schema, first) if said.get("kind") else ""
        whole = said.get("session", "")
        words, _ = read_field(whole, schema.types["sign_up"].by_name["session"], schema, first)
        if fold(whole) in known:
            words = (whole,)  # a title may hold a comma itself
        yield SignUp(
            said.get("name") or mail, mail, language if isinstance(language, str) else first,
            kind if isinstance(kind, str) else "", said.get("territory", ""), said.get("comment", ""),
            _named(words if isinstance(words, tuple) else (), meetings, context, place))


def _entries(meetings: Sequence[Meeting], context: Context, mirror: Mirror) -> Iterable[SignUp]:
    about = mirror.fields("participant")
    for page in mirror.pages(mirror.fields("sign_up")):
        mine = about.get(page.title, {})
        for _, _, entry in mirror.entries(page.id):
            if entry.type == "sign_up":
                words = entry.fields.get("session", ())
                said = {**mine, **entry.fields}
                yield SignUp(
                    str(said.get("name", page.title)), "", str(said.get("language", context.site.settings.languages[0])),
                    str(said.get("kind", "")), str(said.get("territory", "")), str(entry.fields.get("comment", "")),
                    _named(words if isinstance(words, tuple) else (str(words),), meetings, context, page.title))


def _named(words: Iterable[str], meetings: Sequence[Meeting], context: Context, place: str) -> frozenset[tuple[str, str]]:
    """The sessions that words name: by id, by title in any language, or all of them; what names none is told."""
    known = _names(meetings)
    found: set[tuple[str, str]] = set()
    for word in words:
        if fold(word) in _ALL:
            found |= {(meeting.id, session.id) for meeting in meetings for session in meeting.sessions}
        elif fold(word) in known:
            found |= known[fold(word)]
        else:
            context.note("sign-ups-session", place, word[:80])
    return frozenset(found)


def _names(meetings: Sequence[Meeting]) -> Mapping[str, set[tuple[str, str]]]:
    found: dict[str, set[tuple[str, str]]] = {}
    for meeting in meetings:
        for title in meeting.titles.values():
            found.setdefault(fold(title), set()).update((meeting.id, each.id) for each in meeting.sessions)
    for meeting in meetings:
        for session in meeting.sessions:
            for name in {session.id, *session.titles.values()}:
                found.setdefault(fold(name), set()).add((meeting.id, session.id))
    return found


def of(session: Session, meeting: Meeting, people: Iterable[SignUp]) -> list[SignUp]:
    """Those who signed up for a session, by name."""
    those = [each for each in people if (meeting.id, session.id) in each.sessions]
    return sorted(those, key=lambda each: (fold(each.name), each.mail))
