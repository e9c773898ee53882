"""From an entry to markup, in each of the spellings that are read: a call, a list below a heading, rows of a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from wikibridge.entries.types import EntryField, EntryType, Schema
from wikibridge.i18n import message
from wikibridge.markup.parts import Dialect
from wikibridge.model import PartialDate, Quantity, Value

_YES_NO = {"en": ("yes", "no"), "fr": ("oui", "non"), "pt": ("sim", "não")}


def as_call(kind: EntryType, fields: Mapping[str, Value], schema: Schema, language: str, dialect: Dialect) -> str:
    """The entry as a template call (or plugin), the fields by their labels in the order of the type."""
    return dialect.call(kind.names[language][0], dict(_cells(kind, fields, schema, language, dialect)))


def as_list(kind: EntryType, fields: Mapping[str, Value], schema: Schema, language: str, dialect: Dialect) -> str:
    """The entry as a heading and a list of fields."""
    title = str(fields["title"]) if "title" in fields else ""
    head = f"{kind.names[language][0]}: {dialect.escape(title)}" if title else kind.names[language][0]
    lines = [f"* {label}: {cell}" for label, cell in _cells(kind, fields, schema, language, dialect)
             if not title or label != kind.by_name["title"].names[language][0]]
    return "\n".join([dialect.heading(head, 2), *lines])


def as_table(kind: EntryType, several: Sequence[Mapping[str, Value]], schema: Schema, language: str, dialect: Dialect) -> str:
    """Entries of one type as the rows of a table below a heading that names the type."""
    columns = [field for field in kind.fields if any(field.name in fields for fields in several)]
    rows = tuple(tuple(_cell(fields[field.name], field, schema, language, dialect) if field.name in fields else " "
                       for field in columns) for fields in several)
    header = tuple(field.names[language][0] for field in columns)
    return dialect.heading(kind.names[language][0], 2) + "\n" + dialect.table(header, rows)


def _cells(
    kind: EntryType, fields: Mapping[str, Value], schema: Schema, language: str, dialect: Dialect,
) -> list[tuple[str, str]]:
    return [(field.names[language][0], _cell(fields[field.name], field, schema, language, dialect))
            for field in kind.fields if field.name in fields]


def _cell(value: Value, field: EntryField, schema: Schema, language: str, dialect: Dialect) -> str:
    """A value as people of the language would type it, so that nothing in it is markup."""
    if isinstance(value, tuple):
        return dialect.BREAK.join(_cell(each, field, schema, language, dialect) for each in value)
    text = schema.label(field.vocabulary, str(value), language) if field.vocabulary else typed(value, language)
    return dialect.BREAK.join(dialect.escape(line) for line in text.split("\n"))


def typed(value: Value, language: str) -> str:
    """A single value as people of the language type it."""
    if isinstance(value, bool):
        return _YES_NO[language][not value]
    if isinstance(value, Quantity):
        return f"{_number(value.amount, language)} {value.unit}".strip()
    if isinstance(value, Decimal):
        return _number(value, language)
    if isinstance(value, PartialDate) and value.month and value.month > 12:
        return message(f"season-{value.month}", language, value.year)  # "2021-22" is a school year where people type it
    return str(value)


def _number(value: Decimal, language: str) -> str:
    """Without marks between thousands, which every reader could take for something else."""
    text = f"{value:f}"
    return text if language == "en" else text.replace(".", ",")
