"""Wanted pages compared with what is there: the plan. Pure: reads nothing, writes nothing."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable, Mapping

from wikibridge.markup import regions
from wikibridge.model import Action, Page, Step, WantedPage
from wikibridge.wikis.base import normal


def step(wanted: WantedPage, page: Page | None, created: bool = False) -> Step:
    """What to do for one wanted page. ``created`` tells that we made the page once: gone now, it stays gone."""
    if page is None:
        if created:
            return Step(Action.REFUSED, wanted, None, "", ("refused-deleted", wanted.title))
        return Step(Action.CREATE, wanted, None, normal(wanted.text))
    if not wanted.regions:
        return Step(Action.NOTHING, wanted, page, page.text)
    found, broken = regions.find(page.text)
    by_name = {region.name: region for region in found}
    fresh: dict[str, str] = {}
    added = ""
    reasons: list[tuple[str, ...]] = []
    for name, content in wanted.regions.items():
        region = by_name.get(name)
        if name in broken:
            reasons.append(("refused-broken", page.title, name))
        elif region is None and wanted.place == "top":
            added += regions.region(name, content) + "\n\n" if content.strip() else ""
        elif region is None:
            reasons.append(("refused-no-region", page.title, name))
        elif not region.ours:
            reasons.append(("refused-edited", page.title, name))
        elif normal(region.content) != normal(content.strip()) or not _marked(page.text, region):
            fresh[name] = content
    if fresh or added:
        text = normal(added + regions.replace(page.text, fresh))
        if text != normal(page.text):
            return Step(Action.UPDATE, wanted, page, text, reasons[0] if reasons else ())
    return Step(Action.REFUSED if reasons else Action.NOTHING, wanted, page, page.text, reasons[0] if reasons else ())


def _marked(text: str, region: regions.Region) -> bool:
    """Whether the region carries the hash of what it holds."""
    return f"hash={regions.content_hash(region.content)} " in text[region.start : region.end].partition("-->")[0]


def plan(
    wanted: Iterable[WantedPage], present: Mapping[str, Page], created: Mapping[str, int], taken: Collection[str] = (),
) -> tuple[Step, ...]:
    """The plan, in the order in which the pages are wanted; of two wishes for one title the second is refused.

    ``present`` are the wiki's pages by the title under which they are wanted (a page that we created and somebody
    renamed stands under its first title); ``created`` the ids of pages we once created, by that title; ``taken`` titles
    that were wanted before.
    """
    steps: dict[str, Step] = {}
    refused = []
    for want in wanted:
        first = steps.get(want.title)
        if first and first.action == Action.NOTHING and not first.wanted.regions and want.regions:
            # The one wants the page to exist, the other a region on it.
            steps[want.title] = step(want, present.get(want.title))
        elif first or want.title in taken:
            refused.append(Step(Action.REFUSED, want, None, "", ("refused-twice", want.title, want.job)))
        else:
            steps[want.title] = step(want, present.get(want.title), want.title in created)
    return (*steps.values(), *refused)


def diff(before: str, after: str, title: str) -> list[str]:
    """What would change, as the lines of a unified diff."""
    return list(difflib.unified_diff(before.splitlines(), after.splitlines(), title, title, lineterm="", n=2))
