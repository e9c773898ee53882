"""The journal: what was written and when, and which pages are ours. Not a cache: it is kept, and flushed to the disk."""

from __future__ import annotations

import json
import secrets
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from wikibridge.errors import SettingsError
from wikibridge.mirror.database import NUMBER, TEXT, Place, engine
from wikibridge.mirror.lease import Lease
from wikibridge.mirror.postgresql import SERVER, Server, alone
from wikibridge.model import Head
from wikibridge.wikis.base import batches

VERSION = 2
"""Of the tables below: a journal of an older version is changed by ``_MIGRATIONS``, never emptied."""

metadata = sa.MetaData()
runs = sa.Table(
    "runs", metadata,
    sa.Column("id", NUMBER, primary_key=True),
    sa.Column("started", TEXT, nullable=False),
    sa.Column("result", TEXT, nullable=False),
    sqlite_autoincrement=True,
)
writes = sa.Table(
    "writes", metadata,
    sa.Column("id", NUMBER, primary_key=True),
    sa.Column("run", NUMBER, nullable=False),
    sa.Column("wiki", TEXT, nullable=False),
    sa.Column("title", TEXT, nullable=False),
    sa.Column("base", NUMBER, nullable=False),
    sa.Column("hash", TEXT, nullable=False),
    sa.Column("outcome", TEXT, nullable=False),
    sa.Column("revision", NUMBER, nullable=False),
    sa.Column("page", NUMBER, nullable=False),
    sa.Column("time", TEXT, nullable=False),
    sa.Column("job", TEXT, nullable=False),
    sa.Column("undoes", NUMBER, nullable=False),
)
meta = sa.Table("meta", metadata, sa.Column("name", TEXT, primary_key=True))
"""One row: the name of this journal, since another site, or the same one after its journal was lost, counts from 1 too."""
created = sa.Table(
    "created", metadata,
    sa.Column("wiki", TEXT, primary_key=True),
    sa.Column("title", TEXT, primary_key=True),
    sa.Column("page", NUMBER, nullable=False),
    sa.Column("skeleton", sa.LargeBinary, nullable=False),
)
added = sa.Table(
    "added", metadata,
    sa.Column("write", NUMBER, nullable=False, index=True),
    sa.Column("region", TEXT, nullable=False),
)
"""The regions that a write put at the end of a page."""

kept = sa.Table(
    "kept", metadata,
    sa.Column("wiki", TEXT, primary_key=True),
    sa.Column("revision", NUMBER, primary_key=True),
    sa.Column("text", sa.LargeBinary, nullable=False),
)
"""Texts that we wrote and overwrote, of wikis whose own history cannot be read."""

uploads = sa.Table(
    "uploads", metadata,
    sa.Column("id", NUMBER, primary_key=True),
    sa.Column("run", NUMBER, nullable=False),
    sa.Column("wiki", TEXT, nullable=False),
    sa.Column("name", TEXT, nullable=False),
    sa.Column("page", TEXT, nullable=False),
    sa.Column("base", TEXT, nullable=False),
    sa.Column("sha1", TEXT, nullable=False),
    sa.Column("outcome", TEXT, nullable=False),
    sa.Column("time", TEXT, nullable=False),
    sa.Column("job", TEXT, nullable=False),
    sa.Column("undoes", NUMBER, nullable=False),
)
"""Files: a table that journals made before it get when they are opened."""

schedule = sa.Table(
    "schedule", metadata,
    sa.Column("wiki", TEXT, primary_key=True),
    sa.Column("job", TEXT, primary_key=True),
    sa.Column("slot", TEXT, nullable=False),
    sa.Column("run", NUMBER, nullable=False),
)
"""The latest slot (wikibridge/every.py) in which each job was done, and the run that did it."""

versions = sa.Table("versions", sa.MetaData(), sa.Column("version", NUMBER, primary_key=True, autoincrement=False))
"""One row, on a server only: the version of the tables. A file has a place for it."""

INTENT, SAVED, LOST = "intent", "saved", "lost"
_UNKNOWN = (INTENT, "Unsure")
_PRUNE_EVERY = 100
_QUIET_KEPT = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Write:
    """One write as journalled. ``base`` is the revision before it (0: it created the page), ``revision`` the one it made
    (0: none), ``hash`` that of its text, ``undoes`` the number of the write that it takes back (0: none).
    ``page`` is 0 where a creation has not been seen to succeed.
    """

    id: int
    run: int
    title: str
    base: int
    hash: str
    outcome: str
    revision: int
    page: int
    time: str
    job: str
    undoes: int


@dataclass(frozen=True, slots=True)
class Sent:
    """One upload as journalled: the file's name, the title of the page that it is for, the digests of the version before it
    (empty: there was none) and of its own. ``undoes`` is the number of the upload that it takes back (0: none).
    """

    id: int
    run: int
    name: str
    page: str
    base: str
    sha1: str
    outcome: str
    time: str
    job: str
    undoes: int


def _add_undo(connection: sa.Connection) -> None:
    # Those that were never settled bear no mark by which they could be.
    connection.execute(writes.update().where(writes.c.outcome.in_(_UNKNOWN)).values(outcome=LOST))
    for table, column in (
            ("writes", "page INTEGER NOT NULL DEFAULT 0"), ("writes", "time TEXT NOT NULL DEFAULT ''"),
            ("writes", "job TEXT NOT NULL DEFAULT ''"), ("writes", "undoes INTEGER NOT NULL DEFAULT 0"),
            ("created", "skeleton BLOB NOT NULL DEFAULT x''")):
        # Cut off in the middle, it goes on where it was.
        if column.split()[0] not in {each["name"] for each in sa.inspect(connection).get_columns(table)}:
            connection.execute(sa.text(f"ALTER TABLE {table} ADD COLUMN {column}"))


_MIGRATIONS = {1: _add_undo}
"""What makes the tables of a version those of the next one."""


def _version(connection: sa.Connection) -> int:
    if connection.dialect.name == SERVER:
        versions.create(connection, checkfirst=True)
        return connection.scalar(sa.select(versions.c.version)) or VERSION
    # The first version did not write its number down.
    return connection.scalar(sa.text("PRAGMA user_version")) or (1 if sa.inspect(connection).has_table("writes") else VERSION)


def _write_version(connection: sa.Connection) -> None:
    if connection.dialect.name == SERVER:
        connection.execute(versions.delete())
        connection.execute(versions.insert().values(version=VERSION))
    else:
        connection.execute(sa.text(f"PRAGMA user_version={VERSION}"))


def _number(result: sa.CursorResult[Any]) -> int:
    """The number that a new row was given."""
    (number,) = result.inserted_primary_key or (0,)
    return int(number)


class Journal:
    """The journal in an SQLite file (in memory, for ``None``) or in a schema on a PostgreSQL, as it concerns one wiki.

    ``wiki`` is the wiki's identity: page ids mean nothing on another one, such as the rehearsal before the real wiki. On a
    server whoever writes holds the ``lease``. ``carried``: so many runs were taken over from a file (mirror/state.py).
    """

    def __init__(self, place: Place, wiki: str = "") -> None:
        self.place = place
        self.wiki = wiki
        self.carried = 0
        self.engine = engine(place, "FULL")
        self.lease = Lease(self.engine, place.schema, wiki) if isinstance(place, Server) else None
        with self.engine.begin() as connection:
            alone(connection, place)
            version = _version(connection)
            if version > VERSION:
                raise SettingsError("journal-newer", place)
            for number in range(version, VERSION):
                _MIGRATIONS[number](connection)
            # Before the tables: after a power cut between the two they would pass for those of the first version.
            _write_version(connection)
            metadata.create_all(connection)
            if self.lease:
                self.lease.table.create(connection, checkfirst=True)
            name = connection.scalar(sa.select(meta.c.name))
            if name is None:
                name = secrets.token_hex(3)
                connection.execute(meta.insert().values(name=name))
            self.name = str(name)

    def close(self) -> None:
        """Let go of the file, or the server."""
        self.engine.dispose()

    def fenced(self, connection: sa.Connection) -> None:
        """In a transaction that only the writer of the wiki may do. Raises LeaseLost when that is another machine by now."""
        if self.lease:
            self.lease.check(connection)

    def begin(self, started: str) -> int:
        """A new run; its number."""
        with self.engine.begin() as connection:
            result = connection.execute(runs.insert().values(started=started, result=""))
            return _number(result)

    def end(self, run: int, result: Mapping[str, object], done: Mapping[str, str] | None = None) -> None:
        """What a run came to, and the slots in which it did jobs.

        Now and then runs that are long over and changed nothing are forgotten: a run every few minutes for years makes many.
        """
        with self.engine.begin() as connection:
            connection.execute(runs.update().where(runs.c.id == run).values(result=json.dumps(result, ensure_ascii=False)))
            if done:
                self.fenced(connection)
            for job, slot in (done or {}).items():
                connection.execute(schedule.delete().where(schedule.c.wiki == self.wiki, schedule.c.job == job))
                connection.execute(schedule.insert().values(wiki=self.wiki, job=job, slot=slot, run=run))
            if run % _PRUNE_EVERY == 0:
                old = (datetime.now(UTC) - _QUIET_KEPT).isoformat(timespec="seconds")
                connection.execute(runs.delete().where(
                    runs.c.started < old, ~sa.exists().where(writes.c.run == runs.c.id),
                    ~sa.exists().where(uploads.c.run == runs.c.id)))

    def scheduled(self) -> dict[str, tuple[str, int]]:
        """The latest slot in which each job was done, and the run that did it, by the job's name."""
        with self.engine.connect() as connection:
            return {row.job: (row.slot, row.run) for row in connection.execute(
                sa.select(schedule).where(schedule.c.wiki == self.wiki))}

    def has(self, run: int) -> bool:
        """Whether there is such a run."""
        with self.engine.connect() as connection:
            return connection.scalar(sa.select(runs.c.id).where(runs.c.id == run)) is not None

    def runs(self, most: int | None = None) -> list[tuple[int, str, dict[str, Any] | None]]:
        """Number, start and result of the latest runs, the newest first; the result is None when a run was cut off."""
        with self.engine.connect() as connection:
            rows = connection.execute(sa.select(runs).order_by(runs.c.id.desc()).limit(most)).all()
        return [(row.id, row.started, json.loads(row.result) if row.result else None) for row in rows]

    def intend(
        self, run: int, title: str, base: Head | None, text_hash: str, *, job: str = "", undoes: int = 0,
        regions: Iterable[str] = (),
    ) -> Write:
        """Record a write before it is tried. ``regions`` are those that it puts at the end of the page."""
        values: dict[str, Any] = {
            "run": run, "title": title, "base": base.revision if base else 0, "hash": text_hash, "outcome": INTENT,
            "revision": 0, "page": base.id if base else 0, "time": datetime.now(UTC).isoformat(timespec="seconds"),
            "job": job, "undoes": undoes}
        with self.engine.begin() as connection:
            self.fenced(connection)
            number = _number(connection.execute(writes.insert().values(wiki=self.wiki, **values)))
            for region in regions:
                connection.execute(added.insert().values(write=number, region=region))
            return Write(number, **values)

    def mark(self, write: Write | Sent) -> str:
        """What the edit summary of a write ends with, by which the edit is known again in the wiki's history."""
        return f"(wikibridge {self.name} {write.run}/{'f' if isinstance(write, Sent) else ''}{write.id})"

    def outcome(
        self, write: Write, outcome: str, head: Head | None = None, skeleton: str = "", parent: int = 0,
    ) -> None:
        """Record what became of a write: ``saved``, ``lost``, or the kind of error.

        ``parent`` is the revision before it where that is another than the one it was computed from: the server merged.
        ``skeleton`` is the text that the page began with, for a page that was created or given a new skeleton.
        """
        with self.engine.begin() as connection:
            connection.execute(writes.update().where(writes.c.id == write.id).values(
                outcome=outcome, revision=head.revision if head else 0, page=head.id if head else write.page,
                base=parent if parent and write.base else write.base))
            if outcome == SAVED and (write.base == 0 or skeleton):
                row = {"wiki": self.wiki, "title": write.title, "page": head.id if head else 0,
                       "skeleton": zlib.compress(skeleton.encode()) if skeleton else b""}
                connection.execute(created.delete().where(created.c.wiki == self.wiki, created.c.title == write.title))
                connection.execute(created.insert().values(row))

    def writes(
        self, *, run: int | None = None, pages: Iterable[int] | None = None, unknown_since: datetime | None = None,
    ) -> list[Write]:
        """Writes on this wiki in their order: of a run, to pages, or those of which the outcome was never known.

        ``unknown_since`` is the time from which on those found lost are among the latter: they may have come late.
        """
        query = sa.select(writes).where(writes.c.wiki == self.wiki).order_by(writes.c.id)
        if run is not None:
            query = query.where(writes.c.run == run)
        if pages is not None:
            query = query.where(writes.c.page.in_(list(pages)))
        if unknown_since is not None:
            since = unknown_since.astimezone(UTC).isoformat(timespec="seconds")
            query = query.where(writes.c.outcome.in_(_UNKNOWN) | ((writes.c.outcome == LOST) & (writes.c.time >= since)))
        with self.engine.connect() as connection:
            rows = connection.execute(query).mappings().all()
        return [Write(**{key: value for key, value in row.items() if key != "wiki"}) for row in rows]

    def unsettled(self) -> int:
        """How many writes and uploads there are, on whichever wiki, of which the outcome was never known."""
        with self.engine.connect() as connection:
            return sum(connection.scalar(sa.select(sa.func.count()).select_from(table).where(table.c.outcome.in_(_UNKNOWN))) or 0
                       for table in (writes, uploads))

    def keep(self, revision: int, text: str) -> None:
        """Keep the text of a revision, where the wiki's history cannot be read."""
        row = {"wiki": self.wiki, "revision": revision, "text": zlib.compress(text.encode(errors="surrogatepass"))}
        with self.engine.begin() as connection:
            same = kept.c.wiki == self.wiki, kept.c.revision == revision
            if connection.scalar(sa.select(kept.c.revision).where(*same)) is None:
                connection.execute(kept.insert().values(row))

    def texts(self, revisions: Iterable[int]) -> dict[int, str]:
        """The texts of these revisions, as far as they were kept."""
        with self.engine.connect() as connection:
            return {row.revision: zlib.decompress(row.text).decode(errors="surrogatepass") for part in batches(revisions, 500)
                    for row in connection.execute(
                        sa.select(kept.c.revision, kept.c.text).where(kept.c.wiki == self.wiki, kept.c.revision.in_(part)))}

    def undone(self) -> frozenset[tuple[str, str]]:
        """Title and wish of what was taken back: it is not written again by itself.

        It counts no more when the undo was undone, or when something else was written on the page since.
        """
        with self.engine.connect() as connection:
            pages = connection.scalars(sa.select(writes.c.page).where(writes.c.wiki == self.wiki, writes.c.undoes != 0)).all()
        saved = [write for write in self.writes(pages=set(pages)) if write.outcome == SAVED]
        undoing = {write.undoes: write for write in saved if write.undoes}
        latest = {write.page: write.id for write in saved if not write.undoes}
        return frozenset(
            (write.title, write.hash) for write in saved
            if write.id in undoing and undoing[write.id].id not in undoing and latest.get(write.page, 0) < undoing[write.id].id)

    def added(self) -> dict[int, set[str]]:
        """The regions that were once put at the end of pages, by the page's id, save those that an undo took back."""
        ours = writes.c.wiki == self.wiki, writes.c.outcome == SAVED
        with self.engine.connect() as connection:
            undoing = {row.undoes: row.id for row in connection.execute(
                sa.select(writes.c.undoes, writes.c.id).where(*ours, writes.c.undoes != 0).order_by(writes.c.id))}
            rows = connection.execute(sa.select(writes.c.id, writes.c.page, added.c.region).join(
                added, added.c.write == writes.c.id).where(*ours)).all()
        found: dict[int, set[str]] = {}
        for row in rows:
            if row.id not in undoing or undoing[row.id] in undoing:
                found.setdefault(row.page, set()).add(row.region)
        return found

    def created(self) -> dict[str, int]:
        """Ids of the pages that we created, by the title under which we did; 0 for one that was gone before it was seen."""
        with self.engine.connect() as connection:
            return {row.title: row.page for row in connection.execute(
                sa.select(created.c.title, created.c.page).where(created.c.wiki == self.wiki))}

    def skeletons(self, titles: Iterable[str]) -> dict[str, str]:
        """The texts that pages began with, by the titles under which we created them, as far as they were kept."""
        wanted = set(titles)
        with self.engine.connect() as connection:
            rows = connection.execute(sa.select(created.c.title, created.c.skeleton).where(created.c.wiki == self.wiki)).all()
        return {row.title: zlib.decompress(row.skeleton).decode() for row in rows if row.title in wanted and row.skeleton}

    # Files

    def intend_upload(self, run: int, name: str, page: str, base: str, sha1: str, *, job: str = "", undoes: int = 0) -> Sent:
        """Record an upload before it is tried."""
        values: dict[str, Any] = {
            "run": run, "name": name, "page": page, "base": base, "sha1": sha1, "outcome": INTENT,
            "time": datetime.now(UTC).isoformat(timespec="seconds"), "job": job, "undoes": undoes}
        with self.engine.begin() as connection:
            self.fenced(connection)
            return Sent(_number(connection.execute(uploads.insert().values(wiki=self.wiki, **values))), **values)

    def sent(self, upload: Sent, outcome: str) -> None:
        """Record what became of an upload: ``saved``, ``lost``, or the kind of error."""
        with self.engine.begin() as connection:
            connection.execute(uploads.update().where(uploads.c.id == upload.id).values(outcome=outcome))

    def uploads(self, *, run: int | None = None, unknown: bool = False) -> list[Sent]:
        """Uploads to this wiki in their order: all, those of a run, or those of which the outcome was never known."""
        query = sa.select(uploads).where(uploads.c.wiki == self.wiki).order_by(uploads.c.id)
        if run is not None:
            query = query.where(uploads.c.run == run)
        if unknown:
            query = query.where(uploads.c.outcome.in_(_UNKNOWN))
        with self.engine.connect() as connection:
            rows = connection.execute(query).mappings().all()
        return [Sent(**{key: value for key, value in row.items() if key != "wiki"}) for row in rows]

    def undone_files(self) -> frozenset[tuple[str, str]]:
        """Name and digest of the versions that were taken back, unless something else was uploaded since."""
        saved = [each for each in self.uploads() if each.outcome == SAVED]
        latest = {each.name: each for each in saved}
        return frozenset((each.name, each.sha1) for each in saved if each.id == latest[each.name].undoes)
