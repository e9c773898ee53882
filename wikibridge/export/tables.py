"""What an export holds: tables, their columns, and their rows as they stream out of the mirror.

Only what was read from the wiki: ``participants.csv`` of the secretariat is never looked at. E-mail addresses and telephone
numbers were taken out of the values when they were read; titles of pages lose theirs here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from wikibridge.entries.problems import sentence
from wikibridge.entries.read import hide
from wikibridge.entries.types import EntryField, EntryType, Schema
from wikibridge.i18n import LANGUAGES, message
from wikibridge.mirror.store import Mirror, in_order, unpack_fields
from wikibridge.mirror.tables import entries, pages, problems
from wikibridge.model import Problem, Value

PARTICIPANTS, PROBLEMS = "participants", "problems"
_ROWS = 500
"""Rows that are in memory at a time."""

Cell = Value | int | datetime | dict[str, str] | None
Row = tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Column:
    """A column; ``kind`` is that of a field, or ``integer``, ``time``, ``object``. Texts are by language.

    ``terms`` are the labels of the ids that may stand in it, by language, by id; where it is ``open``, other texts may too.
    """

    name: str
    kind: str
    several: bool = False
    label: Mapping[str, str] = field(default_factory=dict)
    help: Mapping[str, str] = field(default_factory=dict)
    example: Mapping[str, str] = field(default_factory=dict)
    terms: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    open: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """A table: its name, which is that of its file, what it is called, its columns, those that tell rows apart."""

    name: str
    label: Mapping[str, str]
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    rows: Callable[[], Iterator[Row]]


def tables(mirror: Mirror, schema: Schema, prefix: str) -> list[Table]:
    """A table for each entry type, then those of participants and of problems.

    ``prefix`` is what the titles of participants' pages begin with.
    """
    made = [Table(_name(name), kind.plural, _entry_columns(kind, schema), ("page_id", "key"), _entries(mirror, name, kind))
            for name, kind in sorted(schema.types.items()) if name != "participant"]
    person = schema.types["participant"]
    columns = (*_own("page_id", "page"), *_fields(person, schema, {"page_id", "page", "entries", "problems", "edited"}),
               *_own("entries", "problems", "edited"))
    made.append(Table(PARTICIPANTS, person.plural, columns, ("page_id",), _participants(mirror, person, prefix)))
    told = {language: message("data-problems-label", language) for language in LANGUAGES}
    columns = _own("page_id", "page", "line", "column", "code", "message", "excerpt", "suggestion")
    return [*made, Table(PROBLEMS, told, columns, (), _problems(mirror))]


def _name(type_: str) -> str:
    """The name of the table of an entry type; a site may call a type as it likes."""
    plain = re.sub(r"[^a-z0-9_-]", "-", type_.casefold())
    return plain if plain == type_ and type_ not in (PARTICIPANTS, PROBLEMS) else f"entries-{plain}"


_KINDS = {"page_id": "integer", "line": "integer", "column": "integer", "entries": "integer", "problems": "integer",
          "seen": "time", "edited": "time", "unknown": "object"}
_OWN = {
    "page_id": "data-page-id", "page": "data-page", "section": "data-section", "line": "data-line", "column": "data-column",
    "key": "data-key", "seen": "data-seen", "unknown": "data-unknown", "entries": "data-entries", "problems": "data-problems",
    "edited": "data-edited", "code": "data-code", "message": "data-message", "excerpt": "data-excerpt",
    "suggestion": "data-suggestion",
}
"""The columns that no entry type names, with the messages that tell what they hold."""


def _own(*names: str) -> tuple[Column, ...]:
    return tuple(Column(name, _KINDS.get(name, "text"), label=dict.fromkeys(LANGUAGES, name),
                        help={language: message(_OWN[name], language) for language in LANGUAGES}) for name in names)


def _fields(kind: EntryType, schema: Schema, taken: set[str]) -> tuple[Column, ...]:
    """The columns of an entry type's fields; one whose name is taken by a column of ours is called ``field_...``."""
    return tuple(
        _column(each, kind, schema, f"field_{each.name}" if each.name in taken else each.name) for each in kind.fields)


def _column(each: EntryField, kind: EntryType, schema: Schema, name: str) -> Column:
    vocabulary = schema.vocabularies.get(each.vocabulary, {})
    return Column(
        name, each.kind, each.several, {language: names[0] for language, names in each.names.items()}, each.help, each.example,
        {key: {language: term.label(key, language) for language in LANGUAGES} for key, term in vocabulary.items()},
        each.name == kind.classes[0])


_BEFORE = ("page_id", "page", "section", "line", "key", "seen")


def _entry_columns(kind: EntryType, schema: Schema) -> tuple[Column, ...]:
    return (*_own(*_BEFORE), *_fields(kind, schema, {*_BEFORE, "unknown"}), *_own("unknown"))


def _rows(mirror: Mirror, query: sa.Select[Any]) -> Iterator[sa.Row[Any]]:
    with mirror.engine.connect() as connection:
        yield from connection.execute(query.execution_options(yield_per=_ROWS))


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def _entries(mirror: Mirror, type_: str, kind: EntryType) -> Callable[[], Iterator[Row]]:
    query = sa.select(
        entries.c.page, pages.c.title, entries.c.section, entries.c.line, entries.c.key, entries.c.seen, entries.c.fields,
        entries.c.unknown,
    ).join(pages, pages.c.id == entries.c.page).where(entries.c.type == type_).order_by(entries.c.page, entries.c.number)

    def rows() -> Iterator[Row]:
        for row in _rows(mirror, query):
            found = unpack_fields(row.fields)
            yield (row.page, hide(row.title), row.section, row.line, row.key, _time(row.seen),
                   *(found.get(each.name) for each in kind.fields), json.loads(row.unknown) or None)

    return rows


def _participants(mirror: Mirror, kind: EntryType, prefix: str) -> Callable[[], Iterator[Row]]:
    """Their pages, with what the first entry about a participant says on each."""
    about = entries.alias("about")
    first = sa.select(sa.func.min(entries.c.number)).where(
        entries.c.page == pages.c.id, entries.c.type == "participant").scalar_subquery()
    others = sa.select(sa.func.count()).where(entries.c.page == pages.c.id, entries.c.type != "participant").scalar_subquery()
    wrong = sa.select(sa.func.count()).where(problems.c.page == pages.c.id).scalar_subquery()
    query = sa.select(
        pages.c.id, pages.c.title, pages.c.time, about.c.fields, others.label("others"), wrong.label("wrong"),
    ).select_from(pages.outerjoin(about, (about.c.page == pages.c.id) & (about.c.number == first))).where(
        about.c.fields.is_not(None) | (sa.func.substr(pages.c.title, 1, len(prefix)) == prefix)).order_by(pages.c.id)

    def rows() -> Iterator[Row]:
        for row in _rows(mirror, query):
            found = unpack_fields(row.fields or "{}")
            yield (row.id, hide(row.title), *(found.get(each.name) for each in kind.fields), row.others, row.wrong,
                   _time(row.time))

    return rows


def _problems(mirror: Mirror) -> Callable[[], Iterator[Row]]:
    query = sa.select(pages.c.title, problems).join(pages, pages.c.id == problems.c.page).order_by(
        problems.c.page, *in_order())

    def rows() -> Iterator[Row]:
        for row in _rows(mirror, query):
            problem = Problem(row.code, row.line, row.column, tuple(json.loads(row.params)), row.excerpt, row.suggestion)
            yield (row.page, hide(row.title), row.line, row.column, row.code, sentence(problem, "en"), row.excerpt or None,
                   row.suggestion or None)

    return rows
