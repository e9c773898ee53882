"""Which entry of a page's new text is which of its old one: people move, mend and reorder what they wrote."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from wikibridge.entries.spelling import fold

_LIKE = 0.5
"""The share of equal fields from which on a changed entry is the same one still."""
_MANY = 10_000
"""Pairs to compare at most: beyond that, what has kept neither its text nor its title is new."""


class Known(NamedTuple):
    """An entry as content: its key (empty for one that has none yet), its type, its fields as plain data."""

    key: str
    type: str
    fields: Mapping[str, Any]


def keys(before: Sequence[Known], now: Sequence[Known]) -> list[str]:
    """A key for each entry of ``now``: that of the entry of ``before`` which it was, or a new one.

    Equal entries keep theirs first, wherever they stand now; then those of the same title; then the most alike. A new
    key is made from the content, so that a mirror that is filled anew gives unchanged entries the same keys.
    """
    found: dict[int, str] = {}
    left = {i: known for i, known in enumerate(before) if known.key}

    def match(name: Mapping[int, object], of: Mapping[int, object]) -> None:
        waiting: defaultdict[object, list[int]] = defaultdict(list)
        for i, what in name.items():
            if what is not None:
                waiting[what].append(i)
        for j, what in of.items():
            if what is not None and waiting[what]:
                found[j] = left.pop(waiting[what].pop(0)).key

    contents = list(map(_content, now))
    if not left:  # as on every page that is read for the first time
        taken: set[str] = set()
        return [_new(content, taken) for content in contents]
    match({i: _content(known) for i, known in left.items()}, dict(enumerate(contents)))
    rest = {j: entry for j, entry in enumerate(now) if j not in found}
    match({i: _title(known) for i, known in left.items()}, {j: _title(entry) for j, entry in rest.items()})
    rest = {j: entry for j, entry in rest.items() if j not in found}
    if len(rest) * len(left) <= _MANY:
        pairs = sorted((-_likeness(old, new), abs(i - j), i, j) for i, old in left.items() for j, new in rest.items())
        for unlike, _, i, j in pairs:
            if -unlike >= _LIKE and i in left and j not in found:
                found[j] = left.pop(i).key
    taken = {known.key for known in before} | set(found.values())
    return [found[j] if j in found else _new(content, taken) for j, content in enumerate(contents)]


def _content(known: Known) -> str:
    return known.type + json.dumps(known.fields, sort_keys=True, ensure_ascii=False)


def _title(known: Known) -> tuple[str, str] | None:
    title = known.fields.get("title") or known.fields.get("name")
    return (known.type, fold(title)) if isinstance(title, str) and fold(title) else None


def _likeness(old: Known, new: Known) -> float:
    """The share of fields that are equal, from 0 to 1; entries of two types are never alike."""
    names = old.fields.keys() | new.fields.keys()
    if old.type != new.type or not names:
        return 0.0
    return sum(bool(old.fields.get(name) == new.fields.get(name)) for name in names) / len(names)


def _new(content: str, taken: set[str]) -> str:
    for number in range(len(taken) + 1):
        key = hashlib.sha256(f"{number} {content}".encode()).hexdigest()[:12]
        if key not in taken:
            taken.add(key)
            return key
    raise AssertionError("one of so many numbers is free")
