"""The mirror: what the wiki held when last seen, and the entries read from it. A cache: delete it and it is rebuilt."""

from __future__ import annotations

import hashlib
import json
import re
import zlib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from wikibridge.entries.identity import Known, keys
from wikibridge.entries.spelling import fold
from wikibridge.entries.units import Units
from wikibridge.errors import SettingsError
from wikibridge.mirror.database import Deadline, Fenced, Place, Rehearsal, engine
from wikibridge.mirror.facts import OWNER, OWNER_NUMBER
from wikibridge.mirror.facts import rows as fact_rows
from wikibridge.mirror.postgresql import SERVER, Server, alone
from wikibridge.mirror.tables import (
    asking,
    entries,
    facts,
    folds,
    items,
    meta,
    metadata,
    pages,
    past_entries,
    past_facts,
    past_folds,
    past_pages,
    past_problems,
    pasts,
    present,
    problems,
)
from wikibridge.model import Entry, Head, Page, PartialDate, Period, Problem, Quantity, Term, Value
from wikibridge.wikis.base import batches, normal_title

VERSION = 6
"""Of the tables below. A mirror of an older version is changed by ``_MIGRATIONS``, any other is emptied and filled again."""

def text_hash(text: str) -> str:
    """The hash by which a text is known again."""
    return hashlib.sha256(text.encode()).hexdigest()


def _add_hash(connection: sa.Connection) -> None:
    connection.execute(sa.text("ALTER TABLE pages ADD COLUMN hash TEXT NOT NULL DEFAULT ''"))
    for row in connection.execute(sa.select(pages.c.id, pages.c.text)).all():
        connection.execute(pages.update().where(pages.c.id == row.id).values(hash=text_hash(zlib.decompress(row.text).decode())))


def _add_identity(connection: sa.Connection) -> None:
    for column in ("section", "key", "seen"):
        connection.execute(sa.text(f"ALTER TABLE entries ADD COLUMN {column} TEXT NOT NULL DEFAULT ''"))


def _add_facts(connection: sa.Connection) -> None:
    # The entries of older mirrors are read anew in any case, from the texts that they hold.
    for statement in ("DROP TABLE IF EXISTS terms", "DROP INDEX IF EXISTS ix_entries_type"):
        connection.execute(sa.text(statement))
    metadata.create_all(connection, present(connection))
    for index in (*entries.indexes, *pages.indexes):
        index.create(connection, checkfirst=True)


def _add_sources(connection: sa.Connection) -> None:
    for table in (entries, problems, past_entries, past_problems):
        if "source" not in {each["name"] for each in sa.inspect(connection).get_columns(table.name)}:
            connection.execute(sa.text(f"ALTER TABLE {table.name} ADD COLUMN source TEXT NOT NULL DEFAULT ''"))
    items.create(connection, checkfirst=True)


def _add_times(connection: sa.Connection) -> None:
    pasts.create(connection, checkfirst=True)
    for table, column in ((pages, "theirs"), (entries, "changed"), (past_entries, "changed")):
        if column not in {each["name"] for each in sa.inspect(connection).get_columns(table.name)}:
            connection.execute(sa.text(f"ALTER TABLE {table.name} ADD COLUMN {column} TEXT NOT NULL DEFAULT ''"))
    connection.execute(entries.update().values(changed=entries.c.seen))


_MIGRATIONS = {1: _add_hash, 2: _add_identity, 3: _add_facts, 4: _add_sources, 5: _add_times}
"""What makes the tables of a version those of the next one."""


def _pack(value: Value) -> Any:
    if isinstance(value, Decimal):
        return {"number": str(value)}
    if isinstance(value, PartialDate):
        return {"date": str(value)}
    if isinstance(value, Period):
        return {"period": str(value)}
    if isinstance(value, Quantity):
        return {"amount": str(value.amount), "unit": value.unit}
    if isinstance(value, Term):
        return {"term": str(value)}
    return list(value) if isinstance(value, tuple) else value


def _unpack(value: Any) -> Any:
    if isinstance(value, dict):
        if "number" in value:
            return Decimal(value["number"])
        if "term" in value:
            return Term(value["term"])
        if "amount" in value:
            return Quantity(Decimal(value["amount"]), value["unit"])
        if "period" in value:
            return Period(*(None if part == ".." else _date(part) for part in value["period"].split("/")))
        return _date(value["date"])
    return tuple(value) if isinstance(value, list) else value


def _date(text: str) -> PartialDate:
    return PartialDate(*map(int, text.split("-")))


def unpack_fields(text: str) -> dict[str, Value]:
    """The fields of an entry as the mirror keeps them, as values again."""
    return {name: _unpack(value) for name, value in json.loads(text).items()}


def _folds(fields: Mapping[str, Any]) -> str:
    """The texts of an entry folded, by field, as SQLite folds them in a query: of several values their JSON."""
    return json.dumps({name: fold(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))
                       for name, value in fields.items() if not isinstance(value, bool)}, ensure_ascii=False)


def in_order() -> tuple[sa.ColumnElement[Any], ...]:
    """Problems of a page in their order, which no two share unless they say the same."""
    return (problems.c.line, problems.c.column, problems.c.code, problems.c.params, problems.c.excerpt, problems.c.source)


_ASKING = re.compile(r"\{\s*(?:template:)?wikibridge\s*[|}(\n]|wikibridge:begin answer-", re.IGNORECASE)
REMEMBER = "remember"
"""The word that is there while what changed pages said before is kept, for sums that are brought up to date by it."""
_PART = 500
"""Rows of one query: SQLite takes 32,766 values, older ones 999."""


def _page(row: Any) -> Page:
    return Page(row.id, row.title, row.revision, zlib.decompress(row.text).decode(), datetime.fromisoformat(row.time), row.editor)


def _remember(connection: sa.Connection, ids: Collection[int]) -> None:
    """Keep what was read from pages when tallies were kept, as these are brought up to date by what has changed since."""
    known = set(connection.scalars(sa.select(past_pages.c.id).where(past_pages.c.id.in_(ids))))
    if fresh := [number for number in ids if number not in known]:
        there = present(connection)
        for table, past in ((entries, past_entries), (facts, past_facts), (folds, past_folds), (problems, past_problems)):
            if table not in there:
                continue
            connection.execute(past.insert().from_select(table.c.keys(), sa.select(table).where(table.c.page.in_(fresh))))
        rows = connection.execute(sa.select(pages.c.id, pages.c.title).where(pages.c.id.in_(fresh)))
        titles = {row.id: row.title for row in rows}
        connection.execute(past_pages.insert(), [{"id": number, "title": titles.get(number, "")} for number in fresh])


class Mirror:
    """The mirror in an SQLite file (in memory, for ``None``), or in a schema on a PostgreSQL.

    ``account`` is ours on the wiki, whose edits are not people's.
    """

    def __init__(self, place: Place, account: str = "") -> None:
        self.place = place
        self.account = normal_title(account)
        self.deadline = Deadline()
        self.engine: sa.Engine | Rehearsal | Fenced = engine(place, "NORMAL", self.deadline)
        self._real: sa.Engine = self.engine
        with self.engine.begin() as connection:
            alone(connection, place)
            meta.create(connection, checkfirst=True)
        version = int(self.get("version") or 0)
        if version > VERSION and isinstance(place, Server):
            # Another machine's, which would empty it in its turn.
            raise SettingsError("journal-newer", place)
        self._upgrade(version)

    def _upgrade(self, version: int) -> None:
        while version in _MIGRATIONS:
            with self.engine.begin() as connection:
                _MIGRATIONS[version](connection)
                version += 1
                self._put(connection, {"version": str(version)})
        if version != VERSION:
            self.empty()

    @contextmanager
    def rehearsal(self) -> Iterator[None]:
        """What is kept within is forgotten at the end: the mirror as it will be, to plan by."""
        real = self.engine
        with self._real.connect() as connection:
            self.engine = Rehearsal(connection)
            try:
                yield
            finally:
                self.engine = real
                connection.rollback()

    def empty(self) -> None:
        """Forget everything."""
        with self.engine.begin() as connection:
            alone(connection, self.place)
            self._empty(connection)

    def _empty(self, connection: sa.Connection) -> None:
        tables = present(connection)
        metadata.drop_all(connection, tables)
        metadata.create_all(connection, tables)
        self._put(connection, {"version": str(VERSION)})

    def belong(self, wiki: str) -> None:
        """Be the mirror of this wiki, by its identity: one of another is emptied."""
        if self.get("wiki") == wiki:
            return
        with self.engine.begin() as connection:
            alone(connection, self.place)
            # Another machine may have done so in this moment, and be filling it.
            if connection.scalar(sa.select(meta.c.value).where(meta.c.key == "wiki")) != wiki:
                self._empty(connection)
                self._put(connection, {"wiki": wiki})

    def close(self) -> None:
        """Let go of the file, or the server."""
        self._real.dispose()

    @contextmanager
    def fenced(self, check: Callable[[sa.Connection], None]) -> Iterator[None]:
        """Every transaction within that writes begins with a check, which raises when it must not."""
        self.engine = Fenced(self._real, check)
        try:
            yield
        finally:
            self.engine = self._real

    def get(self, key: str) -> str | None:
        """A remembered word: the cursor, the version of the entry types, what is selected."""
        with self.engine.connect() as connection:
            return connection.scalar(sa.select(meta.c.value).where(meta.c.key == key))

    def put(self, words: Mapping[str, str]) -> None:
        """Remember words."""
        with self.engine.begin() as connection:
            self._put(connection, words)

    @staticmethod
    def _put(connection: sa.Connection, words: Mapping[str, str]) -> None:
        connection.execute(meta.delete().where(meta.c.key.in_(words)))
        connection.execute(meta.insert(), [{"key": key, "value": value} for key, value in words.items()])

    def heads(self, ids: Iterable[int] | None = None, titles: Iterable[str] = ()) -> dict[int, Head]:
        """The heads of mirrored pages of these ids and titles, by id; of all that the wiki has when no ids are named."""
        columns = sa.select(pages.c.id, pages.c.title, pages.c.revision)
        queries = [columns.where(pages.c.id >= 0).order_by(pages.c.id)] if ids is None else [
            columns.where(column.in_(part)) for column, values in ((pages.c.id, ids), (pages.c.title, titles))
            for part in batches(values, _PART)]
        with self.engine.connect() as connection:
            return {row.id: Head(row.id, row.title, row.revision) for query in queries for row in connection.execute(query)}

    def titles(self) -> list[str]:
        """The titles of all mirrored pages."""
        with self.engine.connect() as connection:
            return list(connection.scalars(sa.select(pages.c.title).order_by(pages.c.title)))

    def fields(self, type_: str) -> dict[str, dict[str, Value]]:
        """What the first entry of a type says on each page that has one, by the page's title."""
        query = sa.select(pages.c.title, entries.c.fields).join(pages, pages.c.id == entries.c.page).where(
            entries.c.type == type_).order_by(entries.c.number.desc(), entries.c.page)
        with self.engine.connect() as connection:
            return {row.title: unpack_fields(row.fields) for row in connection.execute(query)}

    def pages(self, titles: Iterable[str] = (), ids: Iterable[int] = ()) -> list[Page]:
        """Mirrored pages of these titles and ids, by title."""
        found: dict[int, Page] = {}
        for column, values in ((pages.c.title, titles), (pages.c.id, ids)):
            for part in batches(values, _PART):
                with self.engine.connect() as connection:
                    found |= {row.id: _page(row) for row in connection.execute(sa.select(pages).where(column.in_(part)))}
        return sorted(found.values(), key=lambda page: page.title)

    def asking(self) -> list[Page]:
        """Pages with questions, or with answers to questions that are gone, by title."""
        with self.engine.connect() as connection:
            rows = connection.execute(sa.select(pages).join(asking, asking.c.page == pages.c.id).order_by(pages.c.title))
            return [_page(row) for row in rows]

    def every(self) -> Iterator[Page]:
        """All mirrored pages of the wiki by id, a few at a time; what is saved or forgotten meanwhile does no harm."""
        last = -1
        while True:
            with self.engine.connect() as connection:
                rows = connection.execute(sa.select(pages).where(pages.c.id > last).order_by(pages.c.id).limit(_PART)).all()
            if not rows:
                return
            last = rows[-1].id
            yield from map(_page, rows)

    def save(
        self, batch: Iterable[tuple[Page, tuple[Entry, ...], tuple[Problem, ...]]], units: Units | None = None,
    ) -> None:
        """Take in pages with what was read from them, in one transaction. ``units`` tell by how much a quantity changed."""
        # Of a page that came twice the last one counts.
        latest = {page.id: (page, found, wrong) for page, found, wrong in batch}
        known = self._known(latest)
        rows: dict[sa.Table, list[dict[str, object]]] = {pages: [], entries: [], facts: [], folds: [], problems: [], asking: []}
        theirs = self._theirs(latest)
        server = self._real.dialect.name == SERVER
        owned = None
        for page, found, wrong in latest.values():
            time = page.time.astimezone(UTC).isoformat()
            rows[pages].append({
                "id": page.id, "title": page.title, "revision": page.revision, "editor": page.editor,
                "time": time, "text": zlib.compress(page.text.encode(), 1),
                "hash": text_hash(page.text),
                "theirs": theirs.get(page.id, "") if self.ours(page) else time})
            if _ASKING.search(page.text):
                rows[asking].append({"page": page.id})
            packed = [{name: _pack(value) for name, value in entry.fields.items()} for entry in found]
            before = known.get(page.id, [])
            old = {was.key: (was.fields, seen, changed) for was, seen, changed in before}
            given = keys([was for was, *_ in before], [
                Known("", each.type, fields) for each, fields in zip(found, packed, strict=True)])
            for entry, fields, key in zip(found, packed, given, strict=True):
                place = {"page": page.id, "number": entry.number}
                said, seen, changed = old.get(key, (fields, time, time))
                rows[entries].append({
                    **place, "type": entry.type, "line": entry.line, "begin": entry.span[0], "end": entry.span[1],
                    "date": str(entry.fields.get("date", "")), "unknown": json.dumps(dict(entry.unknown), ensure_ascii=False),
                    "fields": json.dumps(fields, ensure_ascii=False), "section": entry.section, "key": key,
                    "seen": seen, "changed": changed if said == fields else time, "source": entry.source})
                if server:
                    rows[folds].append({**place, "texts": _folds(fields)})
                found_facts = list(fact_rows(entry.fields, units))
                rows[facts] += [{**place, "type": entry.type, **row} for row in found_facts]
                if entry.type == "participant" and owned != page.id:
                    owned = page.id
                    rows[facts] += [{"page": page.id, "number": OWNER_NUMBER, "type": OWNER, **row} for row in found_facts]
            rows[problems] += [
                {"page": page.id, "code": one.code, "line": one.line, "column": one.column, "params": json.dumps(one.params),
                 "excerpt": one.excerpt, "suggestion": one.suggestion, "source": one.source} for one in wrong]
        with self.engine.begin() as connection:
            self._count(connection)
            self._forget(connection, latest)
            for table, values in rows.items():
                if values:
                    connection.execute(table.insert(), values)

    def ours(self, page: Page) -> bool:
        """Whether our account made this revision of a page."""
        return bool(self.account) and normal_title(page.editor) == self.account

    def _theirs(self, ids: Iterable[int]) -> dict[int, str]:
        """When people last edited pages, as far as it is known."""
        with self.engine.connect() as connection:
            return {row.id: row.theirs for part in batches(ids, _PART) for row in connection.execute(
                sa.select(pages.c.id, pages.c.theirs).where(pages.c.id.in_(part)))}

    def _known(self, ids: Iterable[int]) -> dict[int, list[tuple[Known, str, str]]]:
        """The entries that pages had, with the times since when they are there, and since when they say what they say."""
        found: dict[int, list[tuple[Known, str, str]]] = {}
        columns = (entries.c.page, entries.c.key, entries.c.type, entries.c.fields, entries.c.seen, entries.c.changed)
        with self.engine.connect() as connection:
            for part in batches(ids, _PART):
                for row in connection.execute(
                        sa.select(*columns).where(entries.c.page.in_(part)).order_by(entries.c.page, entries.c.number)):
                    found.setdefault(row.page, []).append(
                        (Known(row.key, row.type, json.loads(row.fields)), row.seen, row.changed))
        return found

    def entries(self, page: int) -> list[tuple[str, datetime, Entry]]:
        """The entries of a page in their order: key, time of the revision in which each was first seen, and the entry.

        The key stays the same when the entry is changed or moved on its page.
        """
        query = sa.select(entries).where(entries.c.page == page).order_by(entries.c.number)
        with self.engine.connect() as connection:
            return [
                (row.key, datetime.fromisoformat(row.seen),
                 Entry(row.type, row.number, row.line, (row.begin, row.end), unpack_fields(row.fields),
                       json.loads(row.unknown), row.section, row.source))
                for row in connection.execute(query)
            ]

    def forget(self, ids: Iterable[int]) -> None:
        """Drop pages and all that was read from them."""
        with self.engine.begin() as connection:
            self._count(connection)
            gone = list(ids)
            self._forget(connection, gone)
            for part in batches(gone, _PART):
                connection.execute(pasts.delete().where(pasts.c.page.in_(part)))

    @staticmethod
    def _forget(connection: sa.Connection, ids: Iterable[int]) -> None:
        kept = connection.scalar(sa.select(sa.exists().where(meta.c.key == REMEMBER)))
        there = set(present(connection))
        for part in batches(ids, _PART):
            if kept:
                _remember(connection, part)
            connection.execute(pages.delete().where(pages.c.id.in_(part)))
            for table in {entries, facts, folds, problems, asking} & there:
                connection.execute(table.delete().where(table.c.page.in_(part)))

    def _count(self, connection: sa.Connection) -> None:
        number = connection.scalar(sa.select(meta.c.value).where(meta.c.key == "changed"))
        self._put(connection, {"changed": str(int(number or 0) + 1)})

    def counts(self) -> dict[str, int]:
        """How many pages, entries and problems the mirror holds."""
        with self.engine.connect() as connection:
            return {
                table.name: connection.scalar(sa.select(sa.func.count()).select_from(table)) or 0
                for table in (pages, entries, problems)
            }

    def problems(self) -> list[tuple[str, Problem]]:
        """All problems with the titles of their pages, in the order of pages and lines."""
        query = sa.select(pages.c.title, problems).join(pages, pages.c.id == problems.c.page).order_by(
            pages.c.title, *in_order())
        with self.engine.connect() as connection:
            return [
                (r.title, Problem(r.code, r.line, r.column, tuple(json.loads(r.params)), r.excerpt, r.suggestion, r.source))
                for r in connection.execute(query)
            ]
