"""Reading what became of the pages that a job follows: from the wiki's history, where it has one that can be read.

Only pages that have changed since are read again, and of these only what is new. Where a wiki tells of no history, what the
mirror has seen of a page since it is followed is all that is known.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Protocol

from wikibridge.jobs.base import Context, Followed, SiteJob
from wikibridge.mirror import pasts
from wikibridge.mirror.forgotten import Forgotten
from wikibridge.mirror.journal import Journal
from wikibridge.mirror.pasts import Known, Version
from wikibridge.mirror.store import Mirror
from wikibridge.mirror.sync import Reader
from wikibridge.model import Entry, Page
from wikibridge.wikis.base import Histories, Wiki


class Follower(Protocol):
    """A session, as far as it knows what became of pages."""

    wiki: Wiki
    mirror: Mirror
    journal: Journal
    context: Context
    forgotten: Forgotten

    def progress(self, what: str, done: int, total: int) -> None:
        """Tell how far it is."""
        ...


def follow(session: Follower, job: SiteJob, reader: Reader) -> None:
    """Bring the pasts of the pages that a job follows up to date with the mirror; nothing is done where that is as it was."""
    wiki, mirror = session.wiki, session.mirror
    history = wiki if wiki.guarantees.history and isinstance(wiki, Histories) else None
    reading = f"{reader.schema.version} {reader.language}"
    key, state = f"followed {job.name}", f"{mirror.get('changed')} {reading} {job.options!r}"
    if mirror.get(key) == state:
        return
    followed = job.followed(session.context, mirror, history is not None)
    for wanted in followed:
        _follow(session, wanted, reader, history, f"{reading} {wanted.reading}")
    if followed:
        mirror.put({key: state})


def _follow(session: Follower, wanted: Followed, reader: Reader, history: Histories | None, reading: str) -> None:
    mirror, made = session.mirror, session.journal.created()
    ours = mirror.heads({made[title] for title in wanted.titles if title in made})
    heads = ours | mirror.heads((), [title for title in wanted.titles if made.get(title) not in ours])
    known = pasts.of(mirror, wanted.what)
    pasts.drop(mirror, wanted.what, known.keys() - heads.keys())
    stale = [number for number, head in heads.items() if not (
        number in known and known[number].revision == head.revision and known[number].reading == reading)]
    for count, page in enumerate(mirror.pages(ids=stale), 1):
        session.progress("progress-history", count, len(stale))
        was = known.get(page.id, Known(0, reading, ()))
        if was.reading != reading and history is not None:
            was = Known(0, reading, ())
        found = (_seen(mirror, page, was, wanted) if history is None else
                 _since(history, page, was.revision, wanted, reader, session.forgotten.name))
        pasts.keep(mirror, wanted.what, page.id, Known(page.revision, reading, pasts.grown(was.past, found)))


def _since(
    wiki: Histories, page: Page, revision: int, wanted: Followed, reader: Reader, unnamed: Callable[[str], bool],
) -> Iterable[Version]:
    """The versions of a page after a revision, the oldest first."""
    found = []
    for each in wiki.all_revisions(page.id):
        if each.revision > page.revision:
            continue  # the mirror has not seen it yet
        if each.revision > revision:
            marks = tuple(wanted.marks(each.text, reader.read(each).entries))
            found.append(Version(each.revision, each.time, "" if unnamed(each.editor) else each.editor, marks))
        elif found:
            break  # a wiki that tells the latest first has no more
    return sorted(found, key=lambda version: version.order)


def _seen(mirror: Mirror, page: Page, was: Known, wanted: Followed) -> Iterator[Version]:
    """The version that the mirror has. Who made what a page held when it was first looked at is not known."""
    entries: Sequence[Entry] = [entry for _, _, entry in mirror.entries(page.id)]
    yield Version(page.revision, page.time, page.editor if was.past else "", tuple(wanted.marks(page.text, entries)))
