"""Bringing the mirror up to date with the wiki: what changed since the cursor, or everything when that is not known."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from wikibridge.entries.read import Reading, read
from wikibridge.entries.types import Schema
from wikibridge.mirror.store import Mirror
from wikibridge.model import Head, Page, Selection
from wikibridge.wikis.base import Wiki

BATCH = 100
Progress = Callable[[str, int, int], None]
"""Told of progress: what is being done (a message key), how much of it is done, out of how much."""


def silent(what: str, done: int, total: int) -> None:
    """Progress that nobody looks at."""


@dataclass(frozen=True, slots=True)
class Synced:
    """What a sync did: pages read and pages dropped."""

    read: int
    dropped: int


@dataclass(frozen=True, slots=True)
class Reader:
    """How entries are read: by which entry types, in which language where a page does not tell, from which pages.

    Pages that do not hold people's entries (forms, help, summaries) are mirrored without any.
    """

    schema: Schema
    language: str
    sources: Selection

    def read(self, page: Page) -> Reading:
        """The entries and problems of a page."""
        if not self.sources.holds(page.title, page.id):
            return Reading((), ())
        return read(page.text, self.schema, self.language)


def take(mirror: Mirror, pages: Iterable[Page], reader: Reader) -> int:
    """Read the entries of pages and keep both, a batch a transaction. Answers how many pages there were."""
    batch, count = [], 0
    for page in pages:
        reading = reader.read(page)
        batch.append((page, reading.entries, reading.problems))
        count += 1
        if len(batch) >= BATCH:
            mirror.save(batch)
            batch = []
    mirror.save(batch)
    return count


def sync(wiki: Wiki, mirror: Mirror, selection: Selection, reader: Reader, progress: Progress = silent) -> Synced:
    """Make the mirror hold what the wiki holds of the selection. The cursor moves only after all was taken in."""
    known = mirror.revisions()
    picture = "\n".join([*selection.prefixes, "", *sorted(selection.titles), "", *map(str, sorted(selection.ids))])
    cursor = mirror.get("cursor") if mirror.get("selection") == picture else None
    changes = wiki.changes(cursor, selection)
    heads: Iterable[Head]
    if changes.complete:
        heads, gone = changes.touched, set(changes.gone)
    else:
        heads = list(wiki.list(selection))
        gone = set(known) - {head.id for head in heads}
    stale = [head.id for head in heads if known.get(head.id) != (head.revision, head.title)]
    mirror.forget(gone & set(known))

    def told() -> Iterable[Page]:
        for number, page in enumerate(wiki.read(ids=stale), 1):
            progress("progress-read", number, len(stale))
            yield page

    count = take(mirror, told(), reader) if stale else 0
    if mirror.get("schema") != reader.schema.version:
        if known:
            take(mirror, mirror.pages(), reader)
        mirror.put({"schema": reader.schema.version})
    if cursor != changes.cursor:
        mirror.put({"cursor": changes.cursor, "selection": picture})
    return Synced(count, len(gone & set(known)))
