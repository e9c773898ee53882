"""Managed regions: the part of a page that is ours, between two comments, with the hash of what we last wrote.

``<!-- wikibridge:begin NAME hash=H -->`` ... ``<!-- wikibridge:end NAME -->``, in Tiki ``~tc~ ... ~/tc~``.

If the text between them no longer has that hash, somebody edited it: it is left alone. Deleting the text, or the
hash, hands the region back. Nothing outside the markers is ever touched. The hash leaves out what the wiki itself changes
when it renames a page.

Regions called ``import-...`` hold what people typed elsewhere, such as choices from a workshop: they are put on a page once,
read as anything on it is, and left to its editors from then on.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass

from wikibridge.markup import wikitext
from wikibridge.markup.parts import Dialect
from wikibridge.wikis.base import normal

_BEGIN = re.compile(r"\s*wikibridge:begin\s+([\w-]+)(?:\s+hash=([0-9a-f]*))?\s*")
_END = re.compile(r"\s*wikibridge:end\s+([\w-]+)\s*")
TYPED = "import-"
"""How the names of regions begin that hold what people typed."""


@dataclass(frozen=True, slots=True)
class Region:
    """A region found on a page. ``start`` to ``end`` is what the markers enclose and themselves."""

    name: str
    content: str
    ours: bool
    start: int
    end: int


_TIME = re.compile(r'<time class="wikibridge">[^<>\n]*</time>|~tc~time~/tc~[^\n]*?~tc~/time~/tc~')


def timed(text: str, dialect: Dialect) -> str:
    """A part of a region, in plain text, for the sake of which alone the region is not written again: the time of its data."""
    return f'<time class="wikibridge">{text}</time>' if dialect is wikitext else f"~tc~time~/tc~{text}~tc~/time~/tc~"


def timeless(content: str) -> str:
    """The content without the time of its data: what says the same as of another time need not be written again."""
    return _TIME.sub("", normal(content.strip()))


def content_hash(content: str) -> str:
    """The hash of a content without white space around it."""
    return hashlib.sha256(normal(content.strip()).encode(errors="replace")).hexdigest()[:16]


def hashes(content: str, dialect: Dialect) -> tuple[str, str]:
    """The hash that a marker of this content carries, and the one that it carried before renamed pages were thought of."""
    return content_hash(dialect.steady(content)), content_hash(content)


def region(name: str, content: str, dialect: Dialect = wikitext) -> str:
    """A region with its markers. The content may not hold markers itself: they are made harmless."""
    # In the form in which the wiki stores it: the hash must fit what is read back.
    content = normal(content.strip().replace(f"{dialect.COMMENT[0]} wikibridge:", f"{dialect.COMMENT[0]} wikibridge "))
    made = _marked(name, content, dialect)
    # A comment that is never closed would take the second marker with it.
    return made if find(made, dialect)[0] else _marked(name, dialect.uncovered(content), dialect)


def _marked(name: str, content: str, dialect: Dialect) -> str:
    begin, end = dialect.COMMENT
    return (f"{begin} wikibridge:begin {name} hash={hashes(content, dialect)[0]} {end}\n{content}\n"
            f"{begin} wikibridge:end {name} {end}")


def find(text: str, dialect: Dialect = wikitext) -> tuple[tuple[Region, ...], frozenset[str]]:
    """The regions of a page, and the names whose markers are doubled, crossed or half gone (left alone, reported)."""
    regions: dict[str, Region] = {}
    broken: set[str] = set()
    opened: tuple[str, str | None, int, int] | None = None
    first, last = dialect.COMMENT
    for note in dialect.scan(text).comments if "wikibridge:" in text else ():
        if not text.endswith(last, note.start, note.end):
            continue  # nothing closes it
        source = text[note.start + len(first) : note.end - len(last)]
        begin, end = _BEGIN.fullmatch(source), _END.fullmatch(source)
        if begin:
            if opened:
                broken |= {opened[0], begin[1]}
            opened = (begin[1], begin[2], note.start, note.end)
        elif end:
            if opened is None or opened[0] != end[1] or end[1] in regions:
                broken.add(end[1])
                if opened:
                    broken.add(opened[0])
            else:
                name, mark, start, inner = opened
                content = text[inner : note.start].strip()
                ours = not mark or not content or mark in hashes(content, dialect)
                regions[name] = Region(name, content, ours, start, note.end)
            opened = None
    if opened:
        broken.add(opened[0])
    return tuple(r for r in regions.values() if r.name not in broken), frozenset(broken)


def stands(text: str, name: str) -> bool:
    """Whether a page seems to have a region of this name: a quick look."""
    return f"wikibridge:begin {name} " in text


def without(text: str, dialect: Dialect = wikitext) -> str:
    """The page without its regions, but for those that hold what people typed: what is theirs on it."""
    for found in sorted(find(text, dialect)[0], key=lambda r: -r.start):
        if not found.name.startswith(TYPED):
            text = text[: found.start] + text[found.end :]
    return text


def replace(text: str, wanted: dict[str, str], dialect: Dialect = wikitext) -> str:
    """The page with the regions in ``wanted`` filled anew; each must be on the page. Nothing else changes by a byte."""
    regions, _ = find(text, dialect)
    for found in sorted(regions, key=lambda r: -r.start):
        if found.name in wanted:
            text = text[: found.start] + region(found.name, wanted[found.name], dialect) + text[found.end :]
    return text
