"""Entries as they are found on a page, before their values are read: of which type, where, with which raw fields."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import NamedTuple

from wikibridge.entries.spelling import fold
from wikibridge.entries.types import EntryType, Schema
from wikibridge.markup.parts import Argument, Call, Dialect, Scan


class Found(NamedTuple):
    """An entry with its fields as they were typed. ``call`` is True when it is a template call or plugin; ``alone`` when it is
    the only one of a table: the heading above may then be its title.
    """

    type: str
    language: str
    title: str
    fields: tuple[Argument, ...]
    start: int
    end: int
    call: bool = False
    alone: bool = False


class Source:
    """A page's text as the finders look at it."""

    def __init__(self, text: str, schema: Schema, language: str, dialect: Dialect, scan: Scan) -> None:
        self.text, self.schema, self.language, self.dialect, self.scan = text, schema, language, dialect, scan

    def blanked(self, calls: Iterable[Call]) -> str:
        """The text, as long as before, without what is no text of the page itself: these calls (``\\x01`` in their place),
        comments, nowiki and their like (``\\x00``).
        """
        out, at = [], 0
        for start, end, filler in sorted([*((*span, "\x00") for span in self.scan.hidden),
                                          *((call.start, call.end, "\x01") for call in calls)]):
            if end > at:
                out += [self.text[at:start], filler * (end - max(at, start))]
                at = end
        return "".join([*out, self.text[at:]]) if out else self.text

    def typed(self, words: str) -> tuple[str, str, str] | None:
        """Type, language and title that a heading or caption says: ``Choice: Less meat``, ``Choix n° 2``, ``My choices``."""
        for edge in (*islice(_EDGE.finditer(words, 0, 60), 3), None):
            head, title = (words[: edge.start()], words[edge.end():]) if edge else (words, "")
            known = self.schema.names.get(fold(unnumbered(head)))
            if known:
                return known[0], self.language_of(known, unnumbered(head)), title.strip()
        plain = self.schema.plain_headings.get(fold(words))
        return (plain, self.language, "") if plain else None

    def language_of(self, known: tuple[str, str], name: str) -> str:
        """The language of a type's name, from its type and first language; the page's where languages share it."""
        return self.language if fold(name) in self.schema.words.get((known[0], self.language), ()) else known[1]

    def voted(self, names: Iterable[str]) -> str:
        """The type that most of these field names belong to, at least two; empty when there is none.

        The first type wins a draw: of a choice is spoken most.
        """
        folded = {fold(name) for name in names}
        best, most = "", 1
        for name, kind in self.schema.types.items():
            count = len({kind.lookup[word] for word in folded if word in kind.lookup})
            if count > most:
                best, most = name, count
        return best

    def spoken(self, type_: str, names: Iterable[str]) -> str:
        """The language that most of these field names are of; the page's when that is not clear."""
        counts = Counter(language for name in names for language in self.schema.types[type_].spoken.get(fold(name), ()))
        most = max(counts.values(), default=0)
        return self.language if counts[self.language] == most else max(sorted(counts), key=lambda each: counts[each])


_EDGE = re.compile(r"\s*[:：]\s*|\s+[-–—]\s+")
_NUMBER = re.compile(r"[\s.]*(?:n\s?(?:\.\s?[°ºo]|[°ºo.])\.?\s*|#\s*)?\d{1,3}\s*[.)]?\s*$", re.IGNORECASE)


def unnumbered(name: str) -> str:
    """The name of a type without its number: ``Choix n° 2``, ``Choice 3``."""
    return _NUMBER.sub("", name)


def near_field(typed: str, kind: EntryType) -> str:
    """The name of the field that a misspelt name means; empty when none is near."""
    from rapidfuzz import fuzz, process

    bare = fold(typed)[:80]
    near = process.extractOne(bare, list(kind.lookup), scorer=fuzz.ratio, score_cutoff=85)
    return str(near[0]) if near else next((word for word in _swapped(bare) if word in kind.lookup), "")


def _swapped(word: str) -> Iterator[str]:
    """The words with two neighbouring letters changed, which in a short word is a great part of it: "dtae", "tilte"."""
    for at in range(len(word) - 1 if len(word) >= 4 else 0):
        yield f"{word[:at]}{word[at + 1]}{word[at]}{word[at + 2:]}"
