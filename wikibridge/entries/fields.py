"""From the text of a field to its value, by the kind of the field."""

from __future__ import annotations

from wikibridge.entries import values
from wikibridge.entries.types import EntryField, Schema
from wikibridge.model import Value

_QUOTES = " \"“”„«»‘’\u00a0"
"""Marks that people put around a value, or that a word processor made of plain ones."""

_NARROW = str.maketrans("０１２３４５６７８９．，／－＋％", "0123456789.,/-+%")
"""Full-width figures, as keyboards of other scripts write them."""


def read_field(text: str, field: EntryField, schema: Schema, language: str) -> tuple[Value | None, list[values.Fault]]:
    """The value of a field, None when there is none, and a fault for each part that could not be read."""
    if field.kind not in ("text", "long_text"):
        text = text.strip(_QUOTES)
    read: Value | values.Fault
    faults: list[values.Fault] = []
    if field.kind == "term" and field.several:
        read, faults = values.read_terms(text, field.vocabulary, schema, language)
    elif field.several:
        found = [_one(part, field, schema, language) for part in values.split_several(text, field.kind)]
        faults = [one for one in found if isinstance(one, values.Fault)]
        read = tuple(str(one) for one in found if not isinstance(one, values.Fault))
    else:
        read = _one(text, field, schema, language)
    if isinstance(read, values.Fault):
        return None, [*faults, read]
    return (None if read in ("", ()) else read), faults


def _one(text: str, field: EntryField, schema: Schema, language: str) -> Value | values.Fault:
    if field.kind in ("number", "quantity", "rating"):
        text = text.translate(_NARROW)
    match field.kind:
        case "date":
            return values.read_date(text, schema.day_first)
        case "number":
            return values.read_number(text, language, unit=True)
        case "quantity":
            return values.read_quantity(text, language, schema.units)
        case "rating":
            return values.read_rating(text)
        case "yes_no":
            return values.read_yes_no(text)
        case "term":
            return values.read_term(text, field.vocabulary, schema, language)
        case "page":
            return values.read_page(text)
        case "user":
            return values.read_user(text)
        case "url":
            return values.read_url(text)
        case "language":
            return values.read_language(text)
        case "long_text":
            return text
        case _:
            return " ".join(text.split())
