"""SQLite files through SQLAlchemy, what the disk refuses turned into a sentence."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from wikibridge.errors import SettingsError


def engine(path: Path | None, synchronous: str) -> sa.Engine:
    """An engine for an SQLite file in WAL mode (in memory, for None), flushed as often as ``synchronous`` says.

    Whatever is done with it raises SettingsError when the file is broken, the disk full or the folder somebody else's.
    https://www.sqlite.org/pragma.html#pragma_synchronous
    """
    made = sa.create_engine("sqlite://" if path is None else f"sqlite:///{path}")

    @sa.event.listens_for(made, "connect")
    def _prepare(connection: Any, _: Any) -> None:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute(f"PRAGMA synchronous={synchronous}")

    @sa.event.listens_for(made, "handle_error")
    def _told(context: sa.ExceptionContext) -> None:
        if isinstance(context.sqlalchemy_exception, sa.exc.DatabaseError):
            raise SettingsError("state-broken", path, context.original_exception) from context.original_exception

    return made


class Rehearsal:
    """Stands in for an engine: all that is done through it is one transaction, which is never committed."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    @contextmanager
    def begin(self) -> Iterator[sa.Connection]:
        """The connection, for writing."""
        yield self._connection

    connect = begin
