"""The lease of a wiki: of the machines that share its state one writes, as a row in their database tells.

A lock ends with its owner's process. A lease ends by the database's clock when it is no longer renewed: nobody else knows whether
a machine that is silent will ever speak again. One that does, such as a laptop that slept, finds another token in the row: each
transaction that must be its owner's looks, and keeps the row from being taken until it ends.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from threading import Event, Thread

import sqlalchemy as sa

from wikibridge.errors import LeaseLost, LockHeld, SettingsError, WikibridgeError
from wikibridge.mirror import lock

SECONDS = 120.0
"""How long a lease lasts that is not renewed."""


class Lease:
    """The lease of a wiki in the schema of its journal, which ``engine`` leads to."""

    def __init__(self, engine: sa.Engine, schema: str, wiki: str) -> None:
        self.engine = engine
        self.wiki = wiki
        self._token = ""
        time = sa.DateTime(timezone=True)
        self.table = sa.Table(
            "leases", sa.MetaData(schema=schema), sa.Column("wiki", sa.Text, primary_key=True),
            sa.Column("token", sa.Text, nullable=False), sa.Column("machine", sa.Text, nullable=False),
            sa.Column("process", sa.Integer, nullable=False), sa.Column("since", time, nullable=False),
            sa.Column("until", time, nullable=False))
        self._row = self.table.c.wiki == wiki

    @contextmanager
    def hold(self, folder: Path, left: Path) -> Iterator[None]:
        """Hold the lease for a site folder, whose lock is held. Raises LockHeld with its owner.

        The token stands in the file ``left`` meanwhile. A process of this folder that was killed leaves it there: its lease
        need not be waited for, since the lock says that it is gone.
        """
        token = secrets.token_hex(8)
        self._take(token, folder, left)
        ended = Event()
        renewing = Thread(target=self._renew, args=(token, ended), daemon=True)
        renewing.start()
        self._token = token
        try:
            yield
        finally:
            self._token = ""
            ended.set()
            renewing.join()
            # Where the server is away, time ends it.
            with suppress(WikibridgeError), self.engine.begin() as connection:
                connection.execute(self.table.delete().where(self._row, self.table.c.token == token))

    def check(self, connection: sa.Connection) -> None:
        """Nobody takes the lease until this transaction ends. Raises LeaseLost when somebody has. Nothing where none is held."""
        if self._token and connection.scalar(
                sa.select(self.table.c.token).where(self._row).with_for_update(read=True)) != self._token:
            raise LeaseLost("lease-lost")

    def owner(self) -> lock.Owner | None:
        """Who holds the lease; None when nobody does, or it has run out."""
        columns = self.table.c
        with self.engine.connect() as connection:
            row = connection.execute(sa.select(columns.process, columns.machine, columns.since).where(
                self._row, columns.until >= sa.func.clock_timestamp())).one_or_none()
        return lock.Owner(row.process, row.machine, row.since.isoformat(timespec="seconds")) if row else None

    def _take(self, token: str, folder: Path, left: Path) -> None:
        before = _read(left)
        columns, now = self.table.c, sa.func.clock_timestamp()
        me = lock.me()
        values = {"token": token, "machine": me.machine, "process": me.process, "since": now, "until": self._until()}
        with self.engine.begin() as connection:
            # Who is about to write by it has the row locked: then it is not free, whatever the time.
            row = connection.execute(sa.select(columns.token, columns.until < now, columns.machine).where(
                self._row).with_for_update(skip_locked=True)).one_or_none()
            # What a process of this folder left that was killed; a copy of the folder on another machine is none.
            free = row is not None and (row[1] or (row.token == before and row.machine == me.machine))
            if free:
                _write(left, token)
                connection.execute(self.table.update().where(self._row).values(values))
            elif row is None:
                _write(left, token)
                names = ("wiki", *values)
                # Of two at once one waits here for the other, and then finds its row.
                free = connection.execute(
                    _insert_new(self.table).values(wiki=self.wiki, **values).returning(*(columns[name] for name in names))
                ).one_or_none() is not None
            other = None if free else connection.execute(sa.select(
                columns.process, columns.machine, columns.since, sa.extract("epoch", now - columns.since).label("age")).where(
                    self._row)).one_or_none()
        if not free:
            _write(left, before)
            since = other.since.isoformat(timespec="seconds") if other else "?"
            held = LockHeld("lock-held", folder, other.process if other else "?", other.machine if other else "?", since)
            held.age = max(0.0, float(other.age)) if other else 0.0
            raise held

    def _renew(self, token: str, ended: Event) -> None:
        while not ended.wait(SECONDS / 4):
            # What is not reached now may be the next time; whoever writes looks in any case.
            with suppress(WikibridgeError), self.engine.begin() as connection:
                connection.execute(
                    self.table.update().where(self._row, self.table.c.token == token).values(until=self._until()))

    @staticmethod
    def _until() -> sa.ColumnElement[object]:
        return sa.func.clock_timestamp() + sa.literal(timedelta(seconds=SECONDS), sa.Interval)


def _insert_new(table: sa.Table) -> sa.Insert:
    from sqlalchemy.dialects.postgresql import insert

    return insert(table).on_conflict_do_nothing()


def _read(left: Path) -> str:
    try:
        return left.read_text(encoding="ascii")
    except (OSError, UnicodeDecodeError):
        return ""


def _write(left: Path, token: str) -> None:
    try:
        left.write_text(token, encoding="ascii")
    except OSError as error:
        raise SettingsError("state-broken", left, error.strerror or error) from error
