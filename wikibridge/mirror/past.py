"""What the journal tells of runs, in sums: what was left unwritten, what was done last, what happened since a time."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from wikibridge.mirror.journal import SAVED, Journal, runs, uploads, writes
from wikibridge.mirror.store import Mirror
from wikibridge.mirror.tables import entries


@dataclass(frozen=True, slots=True)
class Work:
    """What a run that wrote something wrote: its number, when it began (UTC), pages created and changed, files uploaded."""

    run: int
    time: str
    created: int
    changed: int
    uploaded: int


def left(journal: Journal, run: int) -> frozenset[str]:
    """The jobs of which a run could not write something."""
    with journal.engine.connect() as connection:
        return frozenset(job for table in (writes, uploads) for job in connection.scalars(
            sa.select(table.c.job).where(table.c.run == run, table.c.outcome != SAVED)))


def latest_work(journal: Journal, besides: Collection[str]) -> Work | None:
    """What the latest run wrote that wrote something for other jobs than these; None when none has yet."""
    def saved(table: sa.Table) -> sa.ColumnElement[bool]:
        return sa.and_(table.c.wiki == journal.wiki, table.c.outcome == SAVED, table.c.job.not_in(list(besides)))

    with journal.engine.connect() as connection:
        latest = (connection.scalar(sa.select(sa.func.max(table.c.run)).where(saved(table))) for table in (writes, uploads))
        run = max(number or 0 for number in latest)
        if not run:
            return None
        made = connection.execute(sa.select(writes.c.page, sa.func.min(writes.c.base).label("base")).where(
            saved(writes), writes.c.run == run).group_by(writes.c.page)).all()
        sent = connection.scalar(sa.select(sa.func.count()).select_from(uploads).where(saved(uploads), uploads.c.run == run))
        started = connection.scalar(sa.select(runs.c.started).where(runs.c.id == run))
    created = sum(1 for row in made if row.base == 0)
    return Work(run, str(started or ""), created, len(made) - created, int(sent or 0))


def since(journal: Journal, time: str) -> list[dict[str, Any] | None]:
    """The results of the runs that began at a time or later, the newest first; None for one that was cut off."""
    with journal.engine.connect() as connection:
        rows = connection.scalars(sa.select(runs.c.result).where(runs.c.started >= time).order_by(runs.c.id.desc())).all()
    return [json.loads(row) if row else None for row in rows]


def count_since(journal: Journal, time: str) -> int:
    """How many runs began at a time or later."""
    with journal.engine.connect() as connection:
        return int(connection.scalar(sa.select(sa.func.count()).select_from(runs).where(runs.c.started >= time)) or 0)


def figures(mirror: Mirror, since: str = "") -> tuple[int, int]:
    """How many participants there are, by what their pages say, and how many other entries; or were first seen since a time."""
    with mirror.engine.connect() as connection:
        people, others = (connection.scalar(sa.select(sa.func.count()).select_from(entries).where(
            condition, entries.c.seen >= since)) or 0 for condition in (
                entries.c.type == "participant", entries.c.type != "participant"))
    return int(people), int(others)
