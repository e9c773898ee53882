"""From the text of a field to its value, by the kind of the field."""

from __future__ import annotations

import re

from wikibridge.entries import values
from wikibridge.entries.types import EntryField, Schema
from wikibridge.model import Value


def read_field(text: str, field: EntryField, schema: Schema, language: str) -> tuple[Value | None, list[values.Fault]]:
    """The value of a field, None when there is none, and a fault for each part that could not be read."""
    if field.kind == "long_text" and not field.several:
        return text, []
    read: Value | values.Fault
    faults: list[values.Fault] = []
    if field.kind == "date":
        read = values.read_date(text)
    elif field.kind in ("number", "quantity"):
        read = values.read_number(text, language, unit=True)
    elif field.kind == "rating":
        read = values.read_rating(text)
    elif field.kind == "term" and field.several:
        read, faults = values.read_terms(text, field.vocabulary, schema, language)
    elif field.kind == "term":
        read = values.read_term(text, field.vocabulary, schema, language)
    elif field.several:
        read = tuple(part.strip(" *#") for part in re.split(r"[;\n]", text) if part.strip(" *#"))
    else:
        read = text if field.kind == "long_text" else " ".join(text.split())
    if isinstance(read, values.Fault):
        return None, [*faults, read]
    return (read if read or read in (0, False) else None), faults
