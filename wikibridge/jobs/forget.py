"""Whom somebody means who is to be forgotten, what is held about them, and what only an administrator of the wiki can remove.

By the identity of pages, not by a search for the name: “Anabela” stays when “Ana” goes. Where texts of other people name the
person, that is told and left: people's text is theirs.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from wikibridge.entries.naming import Naming
from wikibridge.entries.spelling import fold
from wikibridge.errors import SettingsError
from wikibridge.jobs import own_files
from wikibridge.jobs.forgetting import finish
from wikibridge.jobs.participants import Participants, read_csv, titles
from wikibridge.jobs.people import People
from wikibridge.jobs.runner import Session
from wikibridge.jobs.tables import csv_rows
from wikibridge.mirror.forgotten import Doing
from wikibridge.mirror.journal import SAVED
from wikibridge.model import Page, Selection
from wikibridge.wikis.base import Histories, Removals, talk_title
from wikibridge.wikis.tiki_pages import version


@dataclass(frozen=True, slots=True)
class ToRemove:
    """What an administrator of the wiki removes: a page with all its versions, or ``revisions`` of a page of ours that name the
    person. ``address`` is where, empty for a wiki without web pages; ``now`` tells that the page names the person still.
    """

    what: Literal["page", "revisions"]
    title: str
    address: str
    revisions: tuple[int, ...] = ()
    now: bool = False


@dataclass(frozen=True, slots=True)
class Mention:
    """A line of a page of somebody else that names the person."""

    title: str
    line: int


@dataclass(frozen=True, slots=True)
class Held:
    """All that is held about a person. ``title`` is that of the page, or the name of somebody who has none.

    ``pages`` are those of the person as the mirror has them; ``rows`` of tables of sign-ups, by file and number of the row;
    ``writes`` how many were journalled; ``files`` what becomes of files, True for those that are removed whole.
    """

    title: str
    doing: Doing
    pages: tuple[Page, ...] = ()
    rows: tuple[tuple[str, int, tuple[str, ...]], ...] = ()
    writes: int = 0
    files: tuple[tuple[Path, bool], ...] = ()
    mentions: tuple[Mention, ...] = ()
    to_remove: tuple[ToRemove, ...] = ()
    again: bool = False


def held(session: Session, participant: str) -> Held:
    """What is held about a participant, by the title of the page or the name. The mirror is up to date, the lock held.

    Raises SettingsError for a name that nobody bears, or several do.
    """
    people = People(session.mirror, session.prefix)
    signed = _signed(session)
    found = people.exactly(participant, session.wiki.title)
    if not found:
        wanted = {session.wiki.title(participant), session.wiki.title(session.prefix + participant)}
        found = tuple(sorted({title for _, _, title, _ in signed if title in wanted}))
    if len(found) > 1:
        raise SettingsError("forget-several", participant, ", ".join(found))
    if found:
        return _Look(session, people, signed, found[0]).held()
    known = {session.wiki.title(participant), session.wiki.title(session.prefix + participant)}
    who = next((who for title in sorted(known) if (who := session.forgotten.who(title=title))), "") or session.forgotten.who(
        name=participant)
    if who:
        look = _Look(session, people, signed, session.wiki.title(session.prefix + participant), who)
        return replace(look.held(), again=True)
    if fold(participant) in _owners(session):
        return _Look(session, people, signed, participant).held()
    near = people.nearest(participant)
    if near:
        raise SettingsError("forget-near", participant, ", ".join(near))
    raise SettingsError("forget-unknown", participant)


def forget(session: Session, found: Held) -> None:
    """Forget somebody, as ``held`` found them. The lock is held by who calls."""
    # Of those that stay: the numbers of the latest ones, if they go, are given again.
    naming = Naming(found.doing.titles, found.doing.others)
    latest = max((write.id for write in session.journal.writes()
                  if write.page not in found.doing.ids and write.title not in naming), default=0)
    session.forgotten.remember(found.doing, latest)
    finish(session)


Signed = tuple[str, int, str, tuple[str, ...]]
"""Somebody in a table of sign-ups: the file, the number of the row, the title of the page, the row as it stands."""


def _signed(session: Session) -> list[Signed]:
    """Everybody in the tables of sign-ups who has a page, or is to have one."""
    context = replace(session.context, notes=[], left=[], forgotten=lambda title: False)
    existing: dict[str, dict[str, object]] = {title: {} for title in session.mirror.titles()}
    existing |= {title: dict(said) for title, said in session.mirror.fields("participant").items()}
    found: list[Signed] = []
    for source in dict.fromkeys(job.options.source for job in session.jobs.values() if isinstance(job, Participants)):
        try:
            data = (session.site.folder / source).read_bytes()
        except FileNotFoundError:
            continue
        except OSError as error:
            raise SettingsError("file-unreadable", source, error.strerror or "?") from error
        persons = read_csv(data, source, context)
        rows = csv_rows(data, source, context)
        chosen = titles(persons, session.site.settings.participants, existing, context)
        by_values = {tuple(person.values.values()): title for title, person in chosen}
        # Whoever is there twice goes twice.
        for person in persons:
            if title := by_values.get(tuple(person.values.values())):
                found.append((source, person.row, title, tuple(rows[person.row - 1])))
    return found


def _owners(session: Session) -> set[str]:
    """The folded names of those whose items of trackers are known."""
    from wikibridge.mirror import items

    return items.owners(session.mirror)


class _Look:
    """Looks through all that is held for one person, by the title of the page; ``who`` is whom it was forgotten as before."""

    def __init__(self, session: Session, people: People, signed: Sequence[Signed], title: str, who: str = "") -> None:
        self.session, self.people, self.title, self.who = session, people, title, who
        self.pages = self._pages()
        ids = {page.id for page in self.pages} | set(session.forgotten.pages(who) if who else ())
        journal = session.journal
        self.writes = [write for write in journal.writes(pages=ids) if write.page]
        made = {title for title, page in journal.created().items() if page in ids}
        self.titles = {title, *(page.title for page in self.pages), *(write.title for write in self.writes), *made}
        self.main = {title, *(each for each in self.titles if each.startswith(session.prefix) and not self._below(each))}
        self.rows = [each for each in signed if each[2] in self.titles]
        names = {each.removeprefix(session.prefix) for each in self.main if each.startswith(session.prefix)}
        names |= {str(self.people.said.get(title, {}).get(field, "")) for field in ("name", "user")} - {""}
        others = self._others()
        others |= {each[2] for each in signed if each[2] not in self.titles}
        others |= {each.removeprefix(session.prefix) for each in others}
        self.naming = Naming((*self.titles, *names), others)
        mine = tuple(each for each in self.naming.own if each not in self.titles)
        theirs = {fold(each) or each for each in others}
        owners = {fold(each) or each for each in (*mine, *self.main)} - theirs
        self.doing = Doing(
            tuple(sorted(ids)), tuple(sorted(self.titles)), mine,
            tuple(sorted(each for each in others if any(own in each for own in self.naming.own))),
            tuple(dict.fromkeys((source, cells) for source, _, _, cells in self.rows)), tuple(sorted(owners)))

    def _below(self, title: str) -> bool:
        return any(title.startswith(f"{other}/") for other in self.titles)

    def _pages(self) -> tuple[Page, ...]:
        """The person's page, those below it, where they are talked about, and what leads there."""
        wiki = self.session.wiki
        ids = set(self.session.forgotten.pages(self.who)) if self.who else set()
        ids |= {head.id for head in wiki.list(Selection((f"{self.title}/",)))}
        wanted = [self.title, *wiki.redirects([self.title])]
        found = {page.id: page for page in wiki.read(ids=sorted(ids), titles=wanted)}
        if self.session.site.dialect.NAME == "mediawiki":
            talk = [talk_title(page.title) for page in found.values()]
            found |= {page.id: page for page in wiki.read(titles=talk)}
        return tuple(sorted(found.values(), key=lambda page: (page.title != self.title, page.title)))

    def _others(self) -> set[str]:
        """What all other participants are called."""
        found = {title for title in self.people.titles | self.people.said.keys() if title not in self.titles}
        for title in tuple(found):
            said = self.people.said.get(title, {})
            found |= {str(said[field]) for field in ("name", "user") if said.get(field)}
        return found

    def held(self) -> Held:
        """All of it."""
        session = self.session
        mentions, ours = self._mentions()
        revisions = dict(self._revisions(ours))
        now = {page.id for page in ours if page.text in self.naming}
        others = session.others()
        naming = {number for number, (_, named) in revisions.items() if named} | now
        again = {page.id for page in ours if page.id in now and others.holds(page.title, page.id)}
        doing = replace(self.doing, naming=tuple(sorted(naming)), again=tuple(sorted(again)))
        tables = {session.site.folder / source for source, _ in doing.rows}
        files = tuple((change.path, change.data is None) for change in own_files.changes(session.site, doing)
                      if change.path not in tables)
        return Held(
            self.title, doing, self.pages, tuple((source, row, cells) for source, row, _, cells in self.rows), len(self.writes),
            files, tuple(mentions), tuple(self._to_remove(revisions, now)))

    def _mentions(self) -> tuple[list[Mention], list[Page]]:
        """Lines of other people's pages that name the person, and the pages on which we write."""
        session = self.session
        others = session.others()
        wrote = {write.page for write in session.journal.writes()
                 if write.outcome == SAVED and not (write.base == 0 and write.title.startswith(session.prefix))}
        mentions: list[Mention] = []
        ours: list[Page] = []
        for page in session.mirror.every():
            if page.id in self.doing.ids:
                continue
            generated = others.holds(page.title, page.id)
            if generated or page.id in wrote:
                ours.append(page)
            if not generated:
                mentions += [Mention(page.title, line) for line in self.naming.lines(page.text)]
        return mentions, ours

    def _revisions(self, ours: Sequence[Page]) -> Iterator[tuple[int, tuple[str, tuple[int, ...]]]]:
        """The revisions of our pages that name the person, by the page's id, as far as the wiki or the journal tells."""
        wiki, journal = self.session.wiki, self.session.journal
        for number, page in enumerate(ours):
            self.session.progress("progress-history", number, len(ours))
            if isinstance(wiki, Histories):
                texts = {each.revision: each.text for each in wiki.all_revisions(page.id)}
            else:
                known = [each for write in journal.writes(pages=[page.id]) for each in (write.base, write.revision) if each]
                texts = {**journal.texts(known), page.revision: page.text}
            named = tuple(sorted(revision for revision, text in texts.items() if text in self.naming))
            if named:
                yield page.id, (page.title, named)

    def _to_remove(self, revisions: dict[int, tuple[str, tuple[int, ...]]], now: set[int]) -> Iterator[ToRemove]:
        wiki = self.session.wiki
        door = wiki if isinstance(wiki, Removals) else None
        for page in self.pages:
            yield ToRemove("page", page.title, door.delete_address(page.title) if door else "")
        sent = [each.name for each in self.session.journal.uploads() if each.page in self.titles]
        for name in dict.fromkeys(sent):
            title = f"File:{name}"
            yield ToRemove("page", title, door.delete_address(title) if door else "")
        for number, (title, named) in sorted(revisions.items(), key=lambda each: each[1][0]):
            address = door.hide_address(title, named) if door else ""
            yield ToRemove("revisions", title, address, tuple(map(version, named)), number in now)
