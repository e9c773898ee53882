"""Three-way merge of page texts: what two sides made of one base, together. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence

from wikibridge.markup import regions
from wikibridge.wikis.base import normal

_PLACE = re.compile(r"\n\x00([\w-]+)\n")
"""The line that stands for a managed region, as on no page."""


def three_way(base: str, theirs: str, ours: str) -> str | None:
    """The base with the changes of both sides; None where both changed the same lines, each in another way.

    Managed regions count as one line each, and are taken as they are in ``theirs``: what we fill in comes anew with the
    next run. Lines next to each other may be changed by one side each, so that fields on lines of their own do not get
    into each other's way.
    """
    kept = {region.name: theirs[region.start : region.end] for region in regions.find(theirs)[0]}
    kept = {region.name: ours[region.start : region.end] for region in regions.find(ours)[0]} | kept
    merged = _lines(*map(_bare, (base, theirs, ours)))
    if merged is None:
        return None
    return normal(_PLACE.sub(lambda match: kept[match[1]], "\n".join(merged)))


def _bare(text: str) -> list[str]:
    """The lines of a text, a managed region being one line."""
    for region in reversed(regions.find(text)[0]):
        text = f"{text[: region.start]}\n\x00{region.name}\n{text[region.end :]}"
    return text.split("\n")


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
