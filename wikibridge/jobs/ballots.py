"""The votes on a charter as they stand on the pages of a site, and whose pages these are."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from wikibridge.charters.votes import Origin, Vote, Voter, user_name, written
from wikibridge.entries.spelling import fold
from wikibridge.errors import SettingsError
from wikibridge.jobs.base import Context
from wikibridge.jobs.participants import read_csv, titles
from wikibridge.markup import regions
from wikibridge.mirror.pasts import Past
from wikibridge.mirror.store import Mirror
from wikibridge.model import Entry
from wikibridge.wikis.base import namespace_of

ASKED = "asked again"
"""The mark of a page on which our notice stands."""
_VOTE, _USER = "vote ", "user "
_UNKNOWN = datetime(1970, 1, 1, tzinfo=UTC)
"""The time of votes of which it is only known that they were there before we wrote on the page."""
_NEAR = 85
"""From which likeness on (of 100) a title is taken for a misspelt one of the charter."""


def participants(context: Context, mirror: Mirror) -> dict[str, Mapping[str, object]]:
    """What the participants' pages say of themselves, by their titles."""
    prefix = context.title(context.site.settings.participants)
    return {title: said for title, said in mirror.fields("participant").items() if title.startswith(prefix)}


def marks(text: str, entries: Sequence[Entry], notice: str) -> tuple[str, ...]:
    """What is looked for in the past of participants' pages: the votes, the user that the page says to be of, our notice."""
    user = next((str(entry.fields.get("user", "")) for entry in entries if entry.type == "participant"), "")
    found = sorted({_mark(entry) for entry in entries if entry.type == "approval"})
    return (*([_USER + user_name(user)] if user else []), *found, *([ASKED] if regions.stands(text, notice) else []))


def _mark(entry: Entry) -> str:
    said = json.dumps({name: str(value) for name, value in entry.fields.items()}, sort_keys=True, ensure_ascii=False)
    return _VOTE + hashlib.sha256(said.encode(errors="surrogatepass")).hexdigest()[:24]


@dataclass(frozen=True, slots=True)
class Ballots:
    """Reads votes and voters. ``source`` is the table of participants, ``known`` the pasts of their pages by title."""

    context: Context
    mirror: Mirror
    source: str
    known: Mapping[str, Past]

    def _owners(self) -> dict[str, str]:
        """The users of participants as the table has them, by the titles of their pages."""
        context = self.context
        try:
            data = (context.site.folder / self.source).read_bytes()
        except FileNotFoundError:
            return {}
        except OSError as error:
            raise SettingsError("file-unreadable", self.source, error.strerror or "?") from error
        quiet = replace(context, notes=[], left=[])  # what is wrong in it, the job that makes the pages tells
        existing: dict[str, Mapping[str, object]] = {title: {} for title in self.mirror.titles()}
        existing |= self.mirror.fields("participant")
        chosen = titles(read_csv(data, self.source, quiet), context.site.settings.participants, existing, quiet)
        return {title: user_name(person.values["user"]) for title, person in chosen if person.values["user"]}

    def voters(self) -> dict[str, Voter]:
        """All participants. Whose page it is, the table says, or else the page itself, as it first did: later anybody may."""
        owners = self._owners()
        found = {}
        for title, said in participants(self.context, self.mirror).items():
            users = (mark for version in self.known.get(title, ()) for mark in version.marks if mark.startswith(_USER))
            owner = owners.get(title) or next(users, "").removeprefix(_USER) or str(said.get("user", ""))
            found[title] = Voter(title, str(said.get("kind", "")), user_name(owner))
        return dict(sorted(found.items()))

    def votes(self, called: Sequence[str], voters: Mapping[str, Voter]) -> Iterator[Vote]:
        """The approvals on all pages that name the charter, by one of the titles that it is called, or seem to mean it."""
        context, mirror = self.context, self.mirror
        names = {fold(name) for title in called for name in (title, title.removeprefix(f"{namespace_of(title)}:"))}
        there: set[str] | None = None
        for page in mirror.pages(mirror.fields("approval")):
            for _, seen, entry in mirror.entries(page.id):
                if entry.type != "approval":
                    continue
                said = str(entry.fields.get("charter", ""))
                named = fold(context.title(said)) in names
                if not named:
                    there = there if there is not None else set(mirror.titles())
                    if not said or (not _near(said, names) and context.title(said) in there):
                        continue  # another charter's
                owner = voters[page.title].owner if page.title in voters else ""
                past = self.known.get(page.title, ())
                origin = written(past, _mark(entry), owner)
                if origin and origin.revision == past[0].revision and ASKED in past[0].marks and not origin.editor:
                    # All that is known of it is a text into which we put our notice after the vote: it is older.
                    origin = replace(origin, time=_UNKNOWN)
                article, answer, comment, wording = (
                    str(entry.fields.get(name, "")) for name in ("article", "vote", "comment", "wording"))
                origin = origin or Origin(page.revision, seen)
                yield Vote(page.title, entry.number, article, answer, comment, wording, origin, named)


def _near(said: str, names: set[str]) -> bool:
    from rapidfuzz import fuzz

    return any(fuzz.ratio(fold(said[:200]), name) >= _NEAR for name in names)
