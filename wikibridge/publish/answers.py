"""Answers behind the calls that ask for them. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from wikibridge.markup import regions, wikitext
from wikibridge.markup.parts import Dialect
from wikibridge.wikis.base import normal

PREFIX = "answer-"
"""How the names of such regions begin."""


def place(
    text: str, calls: Mapping[str, str], wanted: Mapping[str, str], dialect: Dialect = wikitext,
) -> tuple[str, list[tuple[str, bool]]]:
    """The page with each region right behind its call, those of calls that are gone taken away.

    ``calls`` are calls as typed, by the name of the region; of calls that are alike the first region belongs to the first.
    Answers too the regions left alone: edited inside (True), or their markers broken. Nothing else changes by a byte.
    """
    found, broken = regions.find(text, dialect)
    ours = {region.name: region for region in found if region.name.startswith(PREFIX)}
    left = [(name, False) for name in sorted(broken) if name.startswith(PREFIX)]
    left += [(region.name, True) for region in ours.values() if not region.ours]
    kept = {name for name, _ in left}
    edits: list[tuple[int, int, str]] = []
    stays = set(kept)
    sources = {name: source for name, source in calls.items() if name not in kept}
    for call in dialect.scan(text).calls:
        name = next((name for name, source in sources.items() if source == text[call.start : call.end]), None)
        if name is None:
            continue
        del sources[name]
        region = ours.get(name)
        if region and region.start >= call.end and not text[call.end : region.start].strip():
            stays.add(name)
            if regions.timeless(region.content) != regions.timeless(wanted[name]):
                edits.append((region.start, region.end, regions.region(name, wanted[name], dialect)))
        else:
            edits.append((call.end, call.end, "\n" + regions.region(name, wanted[name], dialect)))
    for region in ours.values():
        if region.name not in stays:
            # The line break before it came with it.
            edits.append((region.start - (text[region.start - 1 : region.start] == "\n"), region.end, ""))
    for start, end, piece in sorted(edits, reverse=True):
        text = text[:start] + piece + text[end:]
    return normal(text), left
