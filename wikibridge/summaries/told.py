"""What an entry says, field by field, in words of a language."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal

from wikibridge.entries.types import EntryField, EntryType, Schema
from wikibridge.i18n import message
from wikibridge.model import PartialDate, Period, Quantity, Value
from wikibridge.summaries.text import date_text, number_text


def told(fields: Mapping[str, Value], kind: EntryType, schema: Schema, language: str) -> Iterator[tuple[EntryField, str]]:
    """The fields of an entry that say something, in the order of its type, each with its value as the language writes it."""
    for field in kind.fields:
        if field.name in fields and (text := value_text(fields[field.name], field, schema, language)):
            yield field, text


def value_text(value: Value, field: EntryField, schema: Schema, language: str) -> str:
    """A value as the language writes it; of several, with commas between."""
    if isinstance(value, tuple):
        return ", ".join(value_text(each, field, schema, language) for each in value)
    if isinstance(value, bool):
        return message("yes" if value else "no", language)
    if isinstance(value, (PartialDate, Period)):
        return date_text(value, language)
    if isinstance(value, Quantity):
        return f"{number_text(value.amount, language)} {value.unit}".strip()
    if isinstance(value, Decimal):
        return number_text(value, language)
    return schema.label(field.vocabulary, value, language) if field.vocabulary in schema.vocabularies else value
