"""SQLite files through SQLAlchemy, what the disk refuses turned into a sentence."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from wikibridge.entries.spelling import fold
from wikibridge.errors import SettingsError, WikibridgeError


class TooSlow(WikibridgeError):
    """A question to the database takes longer than it was given."""


@dataclass
class Deadline:
    """Until when questions to a database may take, on the monotonic clock."""

    end: float = math.inf

    @contextmanager
    def within(self, seconds: float) -> Iterator[None]:
        """What is asked within takes no longer than this, or raises TooSlow."""
        self.end = time.monotonic() + seconds
        try:
            yield
        finally:
            self.end = math.inf


def engine(path: Path | None, synchronous: str, deadline: Deadline | None = None) -> sa.Engine:
    """An engine for an SQLite file in WAL mode (in memory, for None), flushed as often as ``synchronous`` says.

    Whatever is done with it raises SettingsError when the file is broken, the disk full or the folder somebody else's.
    https://www.sqlite.org/pragma.html#pragma_synchronous
    """
    made = sa.create_engine("sqlite://" if path is None else f"sqlite:///{path}")

    @sa.event.listens_for(made, "connect")
    def _prepare(connection: Any, _: Any) -> None:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute(f"PRAGMA synchronous={synchronous}")
        # What people deleted is not to be found in the file's free space: https://www.sqlite.org/pragma.html#pragma_secure_delete
        connection.execute("PRAGMA secure_delete=ON")
        if deadline:
            connection.set_progress_handler(lambda: time.monotonic() > deadline.end, 100_000)
        connection.create_function("wikibridge_fold", 1, lambda text: text and fold(text), deterministic=True)

    @sa.event.listens_for(made, "handle_error")
    def _told(context: sa.ExceptionContext) -> None:
        if str(context.original_exception) == "interrupted":
            raise TooSlow("question-slow") from context.original_exception
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
