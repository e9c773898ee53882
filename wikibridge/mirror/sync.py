"""Bringing the mirror up to date with the wiki: what changed since the cursor, or everything when that is not known."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from wikibridge.entries.read import Reading, read
from wikibridge.entries.types import Schema
from wikibridge.markup import wikitext
from wikibridge.markup.parts import Dialect
from wikibridge.mirror import items
from wikibridge.mirror.items import Part
from wikibridge.mirror.store import Mirror
from wikibridge.model import Entry, Head, Page, Problem, Selection
from wikibridge.wikis.base import Wiki, batches

BATCH = 100
Progress = Callable[[str, int, int], None]
"""Told of progress: what is being done (a message key), how much of it is done, out of how much."""


def _nobody(*_: object) -> bool:
    return False


def silent(what: str, done: int, total: int) -> None:
    """Progress that nobody looks at."""


@dataclass(frozen=True, slots=True)
class Synced:
    """What a sync did: pages read and pages dropped."""

    read: int
    dropped: int


@dataclass(frozen=True, slots=True)
class Reader:
    """How entries are read: by which entry types, in which language where a page does not tell.

    ``dialect`` is that of the wiki; ``others`` are mirrored pages that hold no entries of people: forms, help, summaries.
    ``learned`` is what the wiki itself adds: its extension tags, and templates that redirect to those of entries. ``people``
    is what titles of participants' pages begin with: items of trackers are read as parts of them. ``forgotten`` tells, by id and
    title, pages that are not to be taken in, ``unnamed`` names and accounts that are not to be kept.
    """

    schema: Schema
    language: str
    others: Selection
    dialect: Dialect = wikitext
    learned: str = ""
    tags: frozenset[str] = wikitext.TAGS
    people: str = ""
    forgotten: Callable[[int, str], bool] = _nobody
    unnamed: Callable[[str], bool] = _nobody

    def travelling(self) -> Reader:
        """The same without what this process alone can tell, for those who read elsewhere."""
        return replace(self, forgotten=_nobody, unnamed=_nobody)

    def with_learned(self, learned: str | None) -> Reader:
        """The same reader on a wiki of which this is known, as ``learn`` told it."""
        if not learned or learned == self.learned:
            return self
        known = json.loads(learned)
        return replace(self, learned=learned, tags=frozenset(known["tags"]), schema=self.schema.also(known["names"]))

    def read(self, page: Page) -> Reading:
        """The entries and problems of what stands on a page."""
        return Reading((), ()) if self.others.holds(page.title, page.id) else self._read(page.text)

    def joined(self, found: Reading, parts: Sequence[Part]) -> Reading:
        """What was read from a page, and besides that from the items that are parts of it."""
        for part in parts:
            more = self._read(part.text)
            entries = (replace(each, number=number, source=part.source)
                       for number, each in enumerate(more.entries, len(found.entries) + 1))
            problems = (replace(each, source=part.source) for each in more.problems)
            found = Reading((*found.entries, *entries), (*found.problems, *problems))
        return found

    def _read(self, text: str) -> Reading:
        return read(text, self.schema, self.language, self.dialect, self.tags)

    @property
    def version(self) -> str:
        """Changes when the same pages would be read otherwise. Ids are left out: they are of pages that we just made."""
        return " ".join([self.schema.version, self.language, self.dialect.NAME, *sorted(self.tags), *sorted(self.others.titles)])


def learn(wiki: Wiki, reader: Reader) -> str:
    """What a wiki says that changes how its pages are read. Its first question: nothing else need have been asked."""
    titles = {f"Template:{words[0]}" for kind in reader.schema.types.values() for words in kind.names.values()}
    names = wiki.redirects(sorted(titles)[:50])
    bare = {name.removeprefix("Template:"): target.removeprefix("Template:") for name, target in names.items()}
    tags = sorted(wiki.info().tags or reader.dialect.TAGS)
    return json.dumps({"tags": tags, "names": bare}, sort_keys=True, ensure_ascii=False)


def take(mirror: Mirror, pages: Iterable[Page], reader: Reader) -> set[int]:
    """Read the entries of pages and keep both, a batch a transaction. Answers the ids of the pages."""
    taken = _take(mirror, pages, reader)
    if taken and reader.people:
        settle(mirror, reader)
    return taken


def _take(mirror: Mirror, pages: Iterable[Page], reader: Reader) -> set[int]:
    taken: set[int] = set()
    reader = reader.with_learned(mirror.get("learned"))
    for batch in batches((page for page in pages if not reader.forgotten(page.id, page.title)), BATCH):
        keep(mirror, [(page, reader.read(page)) for page in batch], reader)
        taken |= {page.id for page in batch}
    return taken


def keep(mirror: Mirror, batch: Sequence[tuple[Page, Reading]], reader: Reader) -> None:
    """Keep pages with what was read from each, and the items that are parts of them, in one transaction."""
    parts = items.of_pages(mirror, [page.id for page, _ in batch]) if reader.people else {}
    mirror.save([_whole(page, found, parts.get(page.id, ()), reader) for page, found in batch], reader.schema.units)


def _whole(
    page: Page, found: Reading, parts: Sequence[Part], reader: Reader,
) -> tuple[Page, tuple[Entry, ...], tuple[Problem, ...]]:
    reading = reader.joined(found, parts)
    # What summaries tell the time of is as new as the newest that they rest on.
    newest = max([page.time, *(part.time for part in parts)])
    editor = "" if reader.unnamed(page.editor) else page.editor
    same = (newest, editor) == (page.time, page.editor)
    return page if same else replace(page, time=newest, editor=editor), reading.entries, reading.problems


def settle(mirror: Mirror, reader: Reader, concerned: Iterable[int] = ()) -> None:
    """Read items of trackers as parts of the pages whose they are now; ``concerned`` are pages that lost or changed some."""
    ids = set(concerned) | (items.share_out(mirror, reader.people) if reader.people and items.there(mirror) else set())
    if not ids:
        return
    made, over = items.stand_ins(mirror, ids)
    if over:
        mirror.forget(over)
    _take(mirror, [*mirror.pages(ids=filter(items.wiki_has, ids)), *made], reader)


def _picture(selection: Selection) -> str:
    """A selection as text. Without ids: pages known by id are ones that we made, and mirrored when we did."""
    return "\n".join(f"{name} {value}" for name in ("prefixes", "titles", "namespaces", "categories", "templates", "lists")
                     for value in sorted(getattr(selection, name)))


def sync(wiki: Wiki, mirror: Mirror, selection: Selection, reader: Reader, progress: Progress = silent) -> Synced:
    """Make the mirror hold what the wiki holds of the selection. The cursor moves only after all was taken in."""
    picture = _picture(selection)
    cursor = mirror.get("cursor") if mirror.get("selection") == picture else None
    learned = mirror.get("learned") if cursor else learn(wiki, reader)
    changes = wiki.changes(cursor, selection)
    if changes.complete:
        heads = {head.id: head for head in changes.touched if not reader.forgotten(head.id, head.title)}
        known = mirror.heads([*heads, *changes.gone], [head.title for head in heads.values()])
        # A title belongs to one page: whoever had it before without being touched since was overwritten by a move.
        others = {head.id for head in known.values() if head.id not in heads
                  and head.title in {new.title for new in heads.values()}}
        gone = (set(changes.gone) | others) & known.keys()
    else:
        learned = learn(wiki, reader) if cursor else learned
        heads = {head.id: head for head in wiki.list(selection) if not reader.forgotten(head.id, head.title)}
        known = mirror.heads()
        gone = known.keys() - heads.keys()
    if gone:
        mirror.forget(sorted(gone))
    # Kept before anything is read by it: ``take`` reads by what the mirror knows.
    if learned and learned != mirror.get("learned"):
        mirror.put({"learned": learned})
    reader = reader.with_learned(learned)
    if mirror.get("reader") != reader.version:
        take(mirror, mirror.every(), reader)
        settle(mirror, reader, items.standing(mirror))
        mirror.put({"reader": reader.version})
    stale = [page for page, head in heads.items() if known.get(page) != head]
    along = {page.id: page for page in changes.pages if heads.get(page.id) == Head(page.id, page.title, page.revision)}

    def told() -> Iterator[Page]:
        yield from (along[page] for page in stale if page in along)
        rest = [page for page in stale if page not in along]
        for number, page in enumerate(wiki.read(ids=rest) if rest else (), 1):
            progress("progress-read", number, len(stale))
            yield page

    taken = take(mirror, told(), reader)
    # What was listed and cannot be read was deleted meanwhile, or its text is hidden: not to be shown either way.
    lost = known.keys() & set(stale) - taken
    if lost:
        mirror.forget(sorted(lost))
    if reader.people and (gone or lost):
        settle(mirror, reader)
    if cursor != changes.cursor:
        mirror.put({"cursor": changes.cursor, "selection": picture})
    return Synced(len(taken), len(gone) + len(lost))
