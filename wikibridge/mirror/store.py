"""The mirror: what the wiki held when last seen, and the entries read from it. A cache: delete it and it is rebuilt."""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from wikibridge.entries.identity import Known, keys
from wikibridge.mirror.database import Rehearsal, engine
from wikibridge.model import Entry, Head, Page, PartialDate, Period, Problem, Quantity, Term, Value
from wikibridge.wikis.base import batches

VERSION = 3
"""Of the tables below. A mirror of an older version is changed by ``_MIGRATIONS``, any other is emptied and filled again."""

metadata = sa.MetaData()
pages = sa.Table(
    "pages", metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("title", sa.Text, nullable=False, index=True),
    sa.Column("revision", sa.Integer, nullable=False),
    sa.Column("time", sa.Text, nullable=False),
    sa.Column("editor", sa.Text, nullable=False),
    sa.Column("text", sa.LargeBinary, nullable=False),
    sa.Column("hash", sa.Text, nullable=False),
)
entries = sa.Table(
    "entries", metadata,
    sa.Column("page", sa.Integer, primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("type", sa.Text, nullable=False, index=True),
    sa.Column("line", sa.Integer, nullable=False),
    sa.Column("begin", sa.Integer, nullable=False),
    sa.Column("end", sa.Integer, nullable=False),
    sa.Column("date", sa.Text, nullable=False),
    sa.Column("fields", sa.Text, nullable=False),
    sa.Column("unknown", sa.Text, nullable=False),
    sa.Column("section", sa.Text, nullable=False),
    sa.Column("key", sa.Text, nullable=False),
    sa.Column("seen", sa.Text, nullable=False),
)
terms = sa.Table(
    "terms", metadata,
    sa.Column("page", sa.Integer, nullable=False),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("field", sa.Text, nullable=False),
    sa.Column("term", sa.Text, nullable=False),
    sa.Index("terms_by_field", "field", "term"),
    sa.Index("terms_by_page", "page", "number"),
)
problems = sa.Table(
    "problems", metadata,
    sa.Column("page", sa.Integer, nullable=False, index=True),
    sa.Column("code", sa.Text, nullable=False),
    sa.Column("line", sa.Integer, nullable=False),
    sa.Column("column", sa.Integer, nullable=False),
    sa.Column("params", sa.Text, nullable=False),
    sa.Column("excerpt", sa.Text, nullable=False),
    sa.Column("suggestion", sa.Text, nullable=False),
)
meta = sa.Table("meta", metadata, sa.Column("key", sa.Text, primary_key=True), sa.Column("value", sa.Text, nullable=False))


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


_MIGRATIONS = {1: _add_hash, 2: _add_identity}
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


_PART = 500
"""Rows of one query: SQLite takes 32,766 values, older ones 999."""


def _page(row: Any) -> Page:
    return Page(row.id, row.title, row.revision, zlib.decompress(row.text).decode(), datetime.fromisoformat(row.time), row.editor)


class Mirror:
    """The mirror in an SQLite file (or in memory, for ``None``)."""

    def __init__(self, path: Path | None) -> None:
        self.engine: sa.Engine | Rehearsal = engine(path, "NORMAL")
        with self.engine.begin() as connection:
            meta.create(connection, checkfirst=True)
        self._upgrade(int(self.get("version") or 0))

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
        with real.connect() as connection:
            self.engine = Rehearsal(connection)
            try:
                yield
            finally:
                self.engine = real
                connection.rollback()

    def empty(self) -> None:
        """Forget everything."""
        with self.engine.begin() as connection:
            metadata.drop_all(connection)
            metadata.create_all(connection)
        self.put({"version": str(VERSION)})

    def close(self) -> None:
        """Let go of the file."""
        if isinstance(self.engine, sa.Engine):
            self.engine.dispose()

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
        """The heads of mirrored pages of these ids and titles, by id; of all of them when no ids are named."""
        columns = sa.select(pages.c.id, pages.c.title, pages.c.revision)
        queries = [columns] if ids is None else [
            columns.where(column.in_(part)) for column, values in ((pages.c.id, ids), (pages.c.title, titles))
            for part in batches(values, _PART)]
        with self.engine.connect() as connection:
            return {row.id: Head(row.id, row.title, row.revision) for query in queries for row in connection.execute(query)}

    def titles(self) -> list[str]:
        """The titles of all mirrored pages."""
        with self.engine.connect() as connection:
            return list(connection.scalars(sa.select(pages.c.title)))

    def fields(self, type_: str) -> dict[str, dict[str, Value]]:
        """What the first entry of a type says on each page that has one, by the page's title."""
        query = sa.select(pages.c.title, entries.c.fields).join(pages, pages.c.id == entries.c.page).where(
            entries.c.type == type_).order_by(entries.c.number.desc())
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

    def every(self) -> Iterator[Page]:
        """All mirrored pages by id, a few at a time; what is saved or forgotten meanwhile does no harm."""
        last = -1
        while True:
            with self.engine.connect() as connection:
                rows = connection.execute(sa.select(pages).where(pages.c.id > last).order_by(pages.c.id).limit(_PART)).all()
            if not rows:
                return
            last = rows[-1].id
            yield from map(_page, rows)

    def save(self, batch: Iterable[tuple[Page, tuple[Entry, ...], tuple[Problem, ...]]]) -> None:
        """Take in pages with what was read from them, in one transaction."""
        # Of a page that came twice the last one counts.
        latest = {page.id: (page, found, wrong) for page, found, wrong in batch}
        known = self._known(latest)
        rows: dict[sa.Table, list[dict[str, object]]] = {pages: [], entries: [], terms: [], problems: []}
        for page, found, wrong in latest.values():
            time = page.time.astimezone(UTC).isoformat()
            rows[pages].append({
                "id": page.id, "title": page.title, "revision": page.revision, "editor": page.editor,
                "time": time, "text": zlib.compress(page.text.encode(), 1),
                "hash": text_hash(page.text)})
            packed = [{name: _pack(value) for name, value in entry.fields.items()} for entry in found]
            before = known.get(page.id, [])
            seen = {was.key: since for was, since in before}
            given = keys([was for was, _ in before], [Known("", e.type, fields) for e, fields in zip(found, packed, strict=True)])
            for entry, fields, key in zip(found, packed, given, strict=True):
                place = {"page": page.id, "number": entry.number}
                rows[entries].append({
                    **place, "type": entry.type, "line": entry.line, "begin": entry.span[0], "end": entry.span[1],
                    "date": str(entry.fields.get("date", "")), "unknown": json.dumps(dict(entry.unknown), ensure_ascii=False),
                    "fields": json.dumps(fields, ensure_ascii=False), "section": entry.section, "key": key,
                    "seen": seen.get(key, time)})
                rows[terms] += [
                    {**place, "field": name, "term": term}
                    for name, value in entry.fields.items() if isinstance(value, (Term, tuple))
                    for term in ({value} if isinstance(value, Term) else set(value)) if len(term) <= 100]
            rows[problems] += [
                {"page": page.id, "code": one.code, "line": one.line, "column": one.column, "params": json.dumps(one.params),
                 "excerpt": one.excerpt, "suggestion": one.suggestion} for one in wrong]
        with self.engine.begin() as connection:
            self._count(connection)
            self._forget(connection, latest)
            for table, values in rows.items():
                if values:
                    connection.execute(table.insert(), values)

    def _known(self, ids: Iterable[int]) -> dict[int, list[tuple[Known, str]]]:
        """The entries that pages had, with the times since when."""
        found: dict[int, list[tuple[Known, str]]] = {}
        columns = (entries.c.page, entries.c.key, entries.c.type, entries.c.fields, entries.c.seen)
        with self.engine.connect() as connection:
            for part in batches(ids, _PART):
                for row in connection.execute(
                        sa.select(*columns).where(entries.c.page.in_(part)).order_by(entries.c.page, entries.c.number)):
                    found.setdefault(row.page, []).append((Known(row.key, row.type, json.loads(row.fields)), row.seen))
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
                       json.loads(row.unknown), row.section))
                for row in connection.execute(query)
            ]

    def forget(self, ids: Iterable[int]) -> None:
        """Drop pages and all that was read from them."""
        with self.engine.begin() as connection:
            self._count(connection)
            self._forget(connection, ids)

    @staticmethod
    def _forget(connection: sa.Connection, ids: Iterable[int]) -> None:
        for part in batches(ids, _PART):
            connection.execute(pages.delete().where(pages.c.id.in_(part)))
            for table in (entries, terms, problems):
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
            pages.c.title, problems.c.line, problems.c.column)
        with self.engine.connect() as connection:
            return [
                (r.title, Problem(r.code, r.line, r.column, tuple(json.loads(r.params)), r.excerpt, r.suggestion))
                for r in connection.execute(query)
            ]
