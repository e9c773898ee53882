"""The journal: what was written and when, and which pages are ours. Not a cache: it is kept, and flushed to the disk."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from wikibridge.mirror.database import engine
from wikibridge.model import Head

metadata = sa.MetaData()
runs = sa.Table(
    "runs", metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("started", sa.Text, nullable=False),
    sa.Column("result", sa.Text, nullable=False),
    sqlite_autoincrement=True,
)
writes = sa.Table(
    "writes", metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("run", sa.Integer, nullable=False),
    sa.Column("wiki", sa.Text, nullable=False),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("base", sa.Integer, nullable=False),
    sa.Column("hash", sa.Text, nullable=False),
    sa.Column("outcome", sa.Text, nullable=False),
    sa.Column("revision", sa.Integer, nullable=False),
)
created = sa.Table(
    "created", metadata,
    sa.Column("wiki", sa.Text, primary_key=True),
    sa.Column("title", sa.Text, primary_key=True),
    sa.Column("page", sa.Integer, nullable=False),
)

INTENT = "intent"


class Journal:
    """The journal in an SQLite file (or in memory, for ``None``), as it concerns one wiki.

    ``wiki`` is the wiki's identity: page ids mean nothing on another one, such as the rehearsal before the real wiki.
    """

    def __init__(self, path: Path | None, wiki: str = "") -> None:
        self.wiki = wiki
        self.engine = engine(path, "FULL")
        metadata.create_all(self.engine)

    def close(self) -> None:
        """Let go of the file."""
        self.engine.dispose()

    def begin(self, started: str) -> int:
        """A new run; its number."""
        with self.engine.begin() as connection:
            result = connection.execute(runs.insert().values(started=started, result=""))
            return int(result.lastrowid)

    def end(self, run: int, result: Mapping[str, object]) -> None:
        """What a run came to."""
        with self.engine.begin() as connection:
            connection.execute(runs.update().where(runs.c.id == run).values(result=json.dumps(result, ensure_ascii=False)))

    def last(self) -> tuple[int, str, dict[str, Any] | None] | None:
        """Number, start and result of the latest run; the result is None when it was cut off."""
        with self.engine.connect() as connection:
            row = connection.execute(sa.select(runs).order_by(runs.c.id.desc()).limit(1)).first()
        return None if row is None else (row.id, row.started, json.loads(row.result) if row.result else None)

    def intend(self, run: int, title: str, base: int, text_hash: str) -> int:
        """Record a write before it is tried; its number."""
        with self.engine.begin() as connection:
            result = connection.execute(writes.insert().values(
                run=run, wiki=self.wiki, title=title, base=base, hash=text_hash, outcome=INTENT, revision=0))
            return int(result.lastrowid)

    def outcome(self, write: int, outcome: str, head: Head | None = None, *, creation: bool = False) -> None:
        """Record what became of a write: ``saved``, or the kind of error."""
        with self.engine.begin() as connection:
            connection.execute(writes.update().where(writes.c.id == write).values(
                outcome=outcome, revision=head.revision if head else 0))
            if creation and head:
                title = connection.scalar(sa.select(writes.c.title).where(writes.c.id == write))
                connection.execute(created.delete().where(created.c.wiki == self.wiki, created.c.title == title))
                connection.execute(created.insert().values(wiki=self.wiki, title=title, page=head.id))

    def open_writes(self) -> list[tuple[int, str, str, int]]:
        """Writes of which the outcome was never known: number, title, hash of the text, base revision (0: creation)."""
        query = sa.select(writes).where(
            writes.c.wiki == self.wiki, writes.c.outcome.in_([INTENT, "Unsure"])).order_by(writes.c.id)
        with self.engine.connect() as connection:
            return [(row.id, row.title, row.hash, row.base) for row in connection.execute(query)]

    def created(self) -> dict[str, int]:
        """Ids of the pages that we created, by the title under which we did."""
        with self.engine.connect() as connection:
            return {row.title: row.page for row in connection.execute(sa.select(created).where(created.c.wiki == self.wiki))}
