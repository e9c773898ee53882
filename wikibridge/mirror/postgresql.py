"""State on a PostgreSQL: a schema for each wiki's mirror, one for its journal. What the server refuses is told in a sentence."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NoReturn

import sqlalchemy as sa

from wikibridge.errors import SettingsError, StateUnreachable, WikibridgeError

SERVER = "postgresql"
_PATIENCE = {"connect_timeout": 10, "keepalives_idle": 30, "tcp_user_timeout": 60_000}
"""Seconds, seconds and milliseconds after which no answer is one. https://www.postgresql.org/docs/current/libpq-connect.html"""
_LATER = ("08", "25006", "25P03", "40", "53", "55P03", "57P")
"""SQLSTATEs, by their beginnings, of what passes by itself: the way to the server, a standby, deadlocks, too little of something
there, a server that starts or stops. https://www.postgresql.org/docs/current/errcodes-appendix.html
"""
_CANCELLED, _NO_RIGHT = "57014", "42501"
_NOT_YET = ("starting up", "shutting down", "too many", "reserved", "recovery", "connection slots")
"""Words of refusals to connect that pass by themselves: of these libpq tells no SQLSTATE."""


@dataclass(frozen=True, slots=True)
class Server:
    """A schema in a database. ``address`` is as in the settings; an empty ``password`` leaves it to libpq to find one."""

    address: str
    schema: str
    password: str = field(default="", repr=False)

    def __str__(self) -> str:
        return self.address

    @property
    def key(self) -> int:
        """The number of the advisory lock under which tables are made."""
        return int.from_bytes(hashlib.sha256(self.schema.encode()).digest()[:8], signed=True)


def schemas(wiki: str) -> tuple[str, str]:
    """The names of the schemas of a wiki's mirror and journal, by the wiki's identity."""
    name = f"wikibridge_{hashlib.sha256(wiki.encode()).hexdigest()[:12]}"
    return name, f"{name}_journal"


def server_engine(server: Server, left: Callable[[], float] | None, slow: Callable[[], WikibridgeError]) -> sa.Engine:
    """An engine for a schema, which is made where there is none.

    ``left`` tells the seconds that the next question may take; ``slow`` makes the error for one that takes longer.
    """
    try:
        made = sa.create_engine(
            sa.make_url(server.address).set(drivername=f"{SERVER}+psycopg"), connect_args={
                **_PATIENCE, "application_name": "wikibridge", "options": f"-c search_path={server.schema}",
                **({"password": server.password} if server.password else {})})
    except ModuleNotFoundError as error:
        raise SettingsError("postgresql-missing") from error
    except (sa.exc.ArgumentError, ValueError, TypeError) as error:
        raise SettingsError("state-refused", server, error) from error

    @sa.event.listens_for(made, "handle_error")
    def _told(context: sa.ExceptionContext) -> None:
        if getattr(context.original_exception, "sqlstate", "") == _CANCELLED and context.connection is not None:
            _run(context.connection, "ROLLBACK TO SAVEPOINT question")
            raise slow() from context.original_exception
        if isinstance(context.sqlalchemy_exception, sa.exc.DBAPIError):
            _raise(server, context.original_exception)

    if left:
        _time(made, left)
    with made.begin() as connection:
        if not connection.scalar(sa.text("SELECT 1 FROM pg_namespace WHERE nspname = :name"), {"name": server.schema}):
            alone(connection, server)
            connection.execute(sa.schema.CreateSchema(server.schema, if_not_exists=True))
    return made


def alone(connection: sa.Connection, place: object) -> None:
    """Until the end of the transaction nobody else makes tables in the same schema. In a file nobody does in any case."""
    if isinstance(place, Server):
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(sa.cast(place.key, sa.BigInteger))))


def _time(engine: sa.Engine, left: Callable[[], float]) -> None:
    """Let the server cut off what takes longer than it may. A savepoint keeps that from spoiling the whole transaction."""

    @sa.event.listens_for(engine, "before_cursor_execute")
    def _begin(connection: sa.Connection, *_: Any) -> None:
        seconds = left()
        connection.info["timed"] = seconds < float("inf")
        if connection.info["timed"]:
            _run(connection, f"SAVEPOINT question; SET LOCAL statement_timeout = {max(1, int(seconds * 1000))}")

    @sa.event.listens_for(engine, "after_cursor_execute")
    def _end(connection: sa.Connection, *_: Any) -> None:
        if connection.info.pop("timed", False):
            _run(connection, "SET LOCAL statement_timeout = 0; RELEASE SAVEPOINT question")


def _run(connection: sa.Connection, statements: str) -> None:
    """Statements beside those that are timed."""
    cursor = connection.connection.cursor()
    cursor.execute(statements)
    cursor.close()


def _raise(server: Server, error: BaseException) -> NoReturn:
    state, words = getattr(error, "sqlstate", None) or "", " ".join(str(error).split())
    if state == _NO_RIGHT:
        raise SettingsError("state-no-right", server, words) from error
    if state:
        kind: type[WikibridgeError] = StateUnreachable if state.startswith(_LATER) else SettingsError
    elif "no password supplied" in words:
        raise SettingsError("state-password-missing", server) from error
    else:
        # Where the server answered, and with a refusal, somebody must do something.
        refused = "FATAL" in words and not any(each in words for each in _NOT_YET)
        kind = SettingsError if refused else StateUnreachable
    raise kind("state-refused" if kind is SettingsError else "state-unreachable", server, words) from error
