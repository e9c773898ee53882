"""Three-way merge of page texts: what two sides made of one base, together. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from wikibridge.markup import regions, wikitext
from wikibridge.markup.parts import Dialect
from wikibridge.wikis.base import normal

_PLACE = re.compile(r"\n\x00([\w-]+)\n")
"""The line that stands for a managed region, as on no page."""


_FIELD = re.compile(r"([ \t]*\|[^=|{}\[\]]{0,80}=|[*#;:]+[^:|{}\[\]]{1,80}:)(.*)")
"""A field on a line of its own: ``|name=value`` or ``* Name: value``."""
_VALUE = "\x01"


def three_way(base: str, theirs: str, ours: str, dialect: Dialect = wikitext) -> str | None:
    """The base with the changes of both sides; None where both changed the same lines, each in another way.

    Managed regions are merged each as a whole, and count as one line for what is around them. Lines next to each other may
    be changed by one side each. The name of a field and its value count as two lines: a new field beside one that somebody
    filled in is no conflict. White space at the end of the page counts for nothing.

    A region that ours no longer has goes where nobody has edited it, whatever was written next to it.
    """
    base, theirs, ours = map(normal, (base, theirs, ours))
    before, their, our = (
        {each.name: text[each.start : each.end] for each in regions.find(text, dialect)[0]} for text in (base, theirs, ours))
    gone = {name for name in before if name in their and name not in our}
    if any(their[name] != before[name] for name in gone):
        return None
    merged = _lines(*(_bare(text, dialect) for text in (_without(base, gone, dialect), _without(theirs, gone, dialect), ours)))
    if merged is None:
        return None
    kept: dict[str, str] = {}
    for name in their | our:
        options = [side[name] for side in (their, our) if name in side and side[name] != before.get(name)]
        if len(set(options)) > 1:
            return None
        kept[name] = options[0] if options else before[name]
    text = _joined(merged)
    return None if text is None else normal(_PLACE.sub(lambda match: kept[match[1]], text))


def _without(text: str, names: Collection[str], dialect: Dialect) -> str:
    """The text without these regions and the blank lines that set them apart."""
    for region in reversed(regions.find(text, dialect)[0] if names else ()):
        if region.name in names:
            above, below = text[: region.start].rstrip("\n"), text[region.end :]
            text = above + below if above else below.lstrip("\n")
    return text


def _bare(text: str, dialect: Dialect) -> list[str]:
    """The lines of a text, a managed region being one line."""
    for region in reversed(regions.find(text, dialect)[0]):
        text = f"{text[: region.start]}\n\x00{region.name}\n{text[region.end :]}"
    lines: list[str] = []
    for line in text.split("\n"):
        field = _FIELD.fullmatch(line)
        lines += [field[1], f"{_VALUE}{field[1]}{_VALUE}{field[2]}"] if field else [line]
    return lines


def _joined(lines: list[str]) -> str | None:
    """The text of lines, fields put together again; None when a value has lost its field or a field its value."""
    whole: list[str] = []
    field = ""
    for line in lines:
        mark, name, value = line.split(_VALUE, 2) if line.startswith(_VALUE) else (line, "", "")
        if name != field:
            return None
        if name:
            whole[-1] += value
        else:
            whole.append(mark)
        field = line if not name and _FIELD.fullmatch(line) else ""
    return None if field else "\n".join(whole)


def _lines(base: Sequence[str], theirs: Sequence[str], ours: Sequence[str]) -> list[str] | None:
    from merge3 import Merge3

    merged: list[str] = []
    for what, *sides in Merge3(base, theirs, ours).merge_groups():
        if what != "conflict":
            merged += sides[0]
            continue
        if len({*map(len, sides)}) > 1:
            return None
        for before, their, our in zip(*sides, strict=True):
            if before not in (their, our) and their != our:
                return None
            merged.append(our if their == before else their)
    return merged
