"""What became of pages: since when they have said what, and who wrote it. A cache of the wiki's history.

A job says what to look for in a page (jobs/following.py): the marks of a version are all that is kept of it.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from wikibridge.mirror.store import Mirror
from wikibridge.mirror.tables import pasts


@dataclass(frozen=True, slots=True)
class Version:
    """Revisions in a row in which a page held the same marks.

    ``revision``, ``time`` (UTC) and ``editor`` are those of the first one, ``last`` is the number of the last; ``editors`` are
    all who made one of them. An editor who is not known is empty.
    """

    revision: int
    time: datetime
    editor: str
    marks: tuple[str, ...]
    editors: frozenset[str] = frozenset()
    last: int = 0

    @property
    def order(self) -> tuple[datetime, int]:
        """What versions, of several pages too, are sorted by."""
        return self.time, self.revision


Past = tuple[Version, ...]


@dataclass(frozen=True, slots=True)
class Known:
    """The past of a page up to a revision. ``reading`` tells by which rules the marks were found."""

    revision: int
    reading: str
    past: Past


def grown(past: Past, more: Iterable[Version]) -> Past:
    """A past with versions after it, those in a row that hold the same marks put together."""
    found = list(past)
    for each in more:
        editors, last = each.editors | {each.editor}, each.last or each.revision
        if found and found[-1].marks == each.marks:
            found[-1] = replace(found[-1], editors=found[-1].editors | editors, last=last)
        else:
            found.append(replace(each, editors=editors, last=last))
    return tuple(found)


def of(mirror: Mirror, what: str) -> dict[int, Known]:
    """The pasts of pages that are followed for something, by the page's id."""
    query = sa.select(pasts).where(pasts.c.what == what).order_by(pasts.c.page)
    with mirror.engine.connect() as connection:
        return {row.page: Known(row.revision, row.reading, tuple(map(_version, json.loads(row.versions))))
                for row in connection.execute(query)}


def _version(row: list[Any]) -> Version:
    revision, time, editor, marks, editors, last = row
    return Version(revision, datetime.fromisoformat(time), editor, tuple(marks), frozenset(editors), last)


def keep(mirror: Mirror, what: str, page: int, known: Known) -> None:
    """Keep the past of a page."""
    rows = [[each.revision, each.time.astimezone(UTC).isoformat(), each.editor, list(each.marks), sorted(each.editors), each.last]
            for each in known.past]
    with mirror.engine.begin() as connection:
        connection.execute(pasts.delete().where(pasts.c.what == what, pasts.c.page == page))
        connection.execute(pasts.insert().values(
            what=what, page=page, revision=known.revision, reading=known.reading,
            versions=json.dumps(rows, ensure_ascii=False)))


def drop(mirror: Mirror, what: str, pages: Collection[int]) -> None:
    """Forget the pasts of pages that are not followed any more."""
    if pages:
        with mirror.engine.begin() as connection:
            for page in pages:
                connection.execute(pasts.delete().where(pasts.c.what == what, pasts.c.page == page))
