"""Where state is kept, through SQLAlchemy: SQLite files, or a PostgreSQL (mirror/postgresql.py). What either refuses is told
in a sentence.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from wikibridge.entries.spelling import fold
from wikibridge.errors import SettingsError, WikibridgeError
from wikibridge.mirror.postgresql import SERVER, Server, server_engine

Place = Path | Server | None
"""An SQLite file, a schema on a PostgreSQL, or None: in memory."""
TEXT = sa.Text().with_variant(sa.Text(collation="C"), SERVER)
"""Text in the order of its code points everywhere: not in that of the language in which a server was set up."""
NUMBER = sa.Integer().with_variant(sa.BigInteger(), SERVER)
"""Ids: those of pages that stand for one (mirror/items.py) need more than the 32 bits of PostgreSQL's integers."""


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

    @property
    def left(self) -> float:
        """Seconds."""
        return self.end - time.monotonic()


def engine(place: Place, synchronous: str, deadline: Deadline | None = None) -> sa.Engine:
    """An engine for a place. An SQLite file is in WAL mode, flushed as often as ``synchronous`` says.

    Whatever is done with it raises SettingsError when the file is broken, the disk full or the folder somebody else's; on a
    server SettingsError for what the settings or its administrator must change, StateUnreachable for what passes by itself.
    https://www.sqlite.org/pragma.html#pragma_synchronous
    """
    if isinstance(place, Server):
        return server_engine(place, (lambda: deadline.left) if deadline else None, lambda: TooSlow("question-slow"))
    made = sa.create_engine("sqlite://" if place is None else f"sqlite:///{place}")

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
            raise SettingsError("state-broken", place, context.original_exception) from context.original_exception

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


class Fenced:
    """Stands in for an engine: every transaction that writes begins with a check, which raises when it must not."""

    def __init__(self, engine: sa.Engine, check: Callable[[sa.Connection], None]) -> None:
        self._engine = engine
        self._check = check
        self.connect = engine.connect

    @contextmanager
    def begin(self) -> Iterator[sa.Connection]:
        """A transaction for writing."""
        with self._engine.begin() as connection:
            self._check(connection)
            yield connection
