"""What is written reads back equal: every type, field kind and spelling, whatever the texts hold."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wikibridge.entries.read import read
from wikibridge.entries.types import EntryField, EntryType, shipped
from wikibridge.entries.write import as_call, as_list, as_table
from wikibridge.markup import tikitext, wikitext
from wikibridge.model import PartialDate, Period, Quantity, Term, Value

SCHEMA = shipped()
AWKWARD = ["|", "}}", "{{", "=", "'''", "''", "<b>", "</nowiki>", "[[a|b]]", "]]", "-{", "~~~~", "&amp;", "<!--", ":", "* ", "# ", ";", "==",
           "\\", "مرحبا", "日本", "é", "ש", "🙂", '"', "{|", "|}", "!!", "__TOC__", "//", "%"]


def _text(pieces: list[str]) -> str:
    return " ".join(unicodedata.normalize("NFC", "".join(pieces)).split())


LETTERS = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cf", "Cs", "Zl", "Zp", "Co", "Cn", "Zs")), max_size=6)
TEXTS = st.lists(st.sampled_from(AWKWARD) | LETTERS | st.just(" x"), min_size=1, max_size=8).map(_text).filter(
    lambda text: bool(text) and wikitext.plain(wikitext.escape(text)) == text)
LONG = st.lists(TEXTS, min_size=1, max_size=3).map("\n".join)
YEARS = st.integers(1900, 2100)
DATES = st.one_of(st.builds(PartialDate, YEARS), st.builds(PartialDate, YEARS, st.integers(1, 12)),
                  st.builds(PartialDate, YEARS, st.integers(1, 12), st.integers(1, 28)), st.builds(PartialDate, YEARS, st.integers(21, 24)),
                  st.builds(Period, st.builds(PartialDate, st.integers(1900, 2000), st.integers(1, 12)), st.builds(PartialDate, st.integers(2001, 2100))),
                  st.builds(Period, st.builds(PartialDate, YEARS, st.integers(1, 12)), st.none()))
AMOUNTS = st.decimals(min_value=0, max_value=10**7, places=2).map(lambda d: d.normalize()).map(lambda d: Decimal(f"{d:f}"))
VALUES: dict[str, st.SearchStrategy[Value]] = {
    "text": TEXTS, "long_text": LONG, "date": DATES, "number": AMOUNTS,
    "quantity": st.builds(Quantity, AMOUNTS, st.sampled_from(["", "km", "kg"])), "rating": st.integers(1, 5).map(Decimal),
    "yes_no": st.booleans(), "page": st.sampled_from(["Main Page", "Café & co"]), "user": st.sampled_from(["Ana Silva", "Bo"]),
    "url": st.sampled_from(["https://example.org/a?b=c&d=e", "http://example.org/x_(y)"]), "language": st.sampled_from(["fr", "pt", "de"]),
}
PRIVATE = ("@", "+", "00", "01", "02", "03", "04", "05", "06", "07", "08", "09")


def value_of(field: EntryField) -> st.SearchStrategy[Value]:
    if field.vocabulary:
        words = st.sampled_from(sorted(SCHEMA.vocabularies[field.vocabulary]))
        return st.lists(words, min_size=1, max_size=3, unique=True).map(tuple) if field.several else words.map(Term)
    if field.several and field.kind == "text":
        plain = st.sampled_from(["Agenda partagé", "A | B", "{{x}}", "=", "مرحبا"])
        return st.lists(plain, min_size=2, max_size=3, unique=True).map(tuple)
    one = VALUES[field.kind]
    return st.lists(one, min_size=1, max_size=2, unique=True).map(tuple) if field.several else one


def classed(fields: dict[str, Value]) -> dict[str, Value]:
    """A component says the dimension."""
    return {**fields, "dimension": Term(SCHEMA.dimension(str(fields["component"])))} if "component" in fields else fields


def entries(kind: EntryType) -> st.SearchStrategy[dict[str, Value]]:
    required = {field.name: value_of(field) for field in kind.fields if field.required}
    optional = {field.name: value_of(field) for field in kind.fields if not field.required}
    return st.fixed_dictionaries(required, optional=optional).map(classed).filter(
        lambda fields: bool(fields) and not any(mark in str(value) for value in fields.values() if isinstance(value, str) for mark in PRIVATE))


def same(text: str, kind: str, language: str, dialect: Any, expected: list[Mapping[str, Value]]) -> None:
    found = read(text, SCHEMA, language, dialect)
    assert [(entry.type, dict(entry.fields), dict(entry.unknown)) for entry in found.entries] == [
        (kind, dict(fields), {}) for fields in expected], text


@pytest.mark.parametrize("language", ["en", "fr", "pt"])
@pytest.mark.parametrize("name", sorted(SCHEMA.types))
@pytest.mark.parametrize("dialect", [wikitext, tikitext], ids=["mediawiki", "tiki"])
@settings(max_examples=20, deadline=None)
@given(data=st.data())
def test_any_entry_reads_back(dialect: Any, name: str, language: str, data: st.DataObject) -> None:
    kind = SCHEMA.types[name]
    fields = data.draw(entries(kind))
    same(as_call(kind, fields, SCHEMA, language, dialect), name, language, dialect, [fields])
    same(as_list(kind, fields, SCHEMA, language, dialect), name, language, dialect, [fields] if set(fields) - {"title"} else [])
    several = [fields, data.draw(entries(kind))]
    if len({*several[0], *several[1]}) > 1:
        same(as_table(kind, several, SCHEMA, language, dialect), name, language, dialect, several)
