"""Wanted pages compared with what is there: the plan. Pure: reads nothing, writes nothing."""

from __future__ import annotations

import difflib
import hashlib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from wikibridge.markup import regions, wikitext
from wikibridge.markup.parts import Dialect
from wikibridge.model import Action, Page, Step, WantedPage
from wikibridge.publish import answers
from wikibridge.publish.exclusion import excluded
from wikibridge.publish.merge import three_way
from wikibridge.wikis.base import normal


@dataclass(frozen=True, slots=True)
class Past:
    """What the journal knows that bears on a plan.

    ``created`` are the ids of pages we once created, by the title under which we did; ``skeletons`` the texts that they
    began with; ``undone`` the titles and wishes that somebody took back. ``account`` is ours, as pages may exclude it;
    ``dialect`` that of the wiki.
    ``added`` are the regions that we once put at the end of pages, by the page's id: one that is gone stays gone.
    """

    created: Mapping[str, int] = field(default_factory=dict)
    skeletons: Mapping[str, str] = field(default_factory=dict)
    undone: Collection[tuple[str, str]] = ()
    account: str = ""
    added: Mapping[int, Collection[str]] = field(default_factory=dict)
    dialect: Dialect = wikitext


def wish(wanted: WantedPage) -> str:
    """The hash of what is wanted, by which it is known again, of whichever time its data are."""
    filled = sorted((name, regions.timeless(content)) for name, content in wanted.regions.items())
    parts = [wanted.text if wanted.upgrade or not wanted.regions else "", *map(repr, filled)]
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()


def step(wanted: WantedPage, page: Page | None, past: Past = Past()) -> Step:
    """What to do for one wanted page. A page that we made once and that is gone now stays gone."""
    made = _step(wanted, page, past)
    if not made.writes:
        return made
    if wanted.place != "end" and (wanted.title, wish(wanted)) in past.undone:
        return Step(Action.REFUSED, wanted, page, page.text if page else "", ("refused-undone", wanted.title))
    if page and excluded(page.text, past.account, past.dialect):
        return Step(Action.REFUSED, wanted, page, page.text, ("refused-bots", page.title))
    return made


def _step(wanted: WantedPage, page: Page | None, past: Past) -> Step:
    if page is None:
        if wanted.title in past.created:
            return Step(Action.REFUSED, wanted, None, "", ("refused-deleted", wanted.title))
        if wanted.place == "end":
            return Step(Action.REFUSED, wanted, None, "", ("page-missing", wanted.title))
        return Step(Action.CREATE, wanted, None, normal(wanted.text))
    if wanted.upgrade:
        return _upgrade(wanted, page, past)
    if wanted.calls is not None:
        return _answered(wanted, page, past.dialect)
    if not wanted.regions:
        return Step(Action.NOTHING, wanted, page, page.text)
    found, broken = regions.find(page.text, past.dialect)
    by_name = {region.name: region for region in found}
    fresh: dict[str, str] = {}
    added = ""
    new: set[str] = set()
    reasons: list[tuple[str, ...]] = []
    for name, content in wanted.regions.items():
        region = by_name.get(name)
        typed = wanted.place == "end" and name.startswith(regions.TYPED)
        if typed and (region or name in past.added.get(page.id, ())):
            continue
        elif name in broken:
            reasons.append(("refused-broken", page.title, name))
        elif region is None and (typed or wanted.place == "top"):
            new.add(name)
            added += regions.region(name, content, past.dialect) + "\n\n" if content.strip() else ""
        elif region is None:
            reasons.append(("refused-no-region", page.title, name))
        elif not region.ours:
            reasons.append(("refused-edited", page.title, name))
        elif regions.timeless(region.content) != regions.timeless(content) or not _marked(page.text, region, past.dialect):
            fresh[name] = content
    if fresh or added:
        text = regions.replace(page.text, fresh, past.dialect)
        text = normal(f"{text.rstrip()}\n\n{added}" if wanted.place == "end" else added + text)
        if wanted.place == "end" and not new <= {region.name for region in regions.find(text, past.dialect)[0]}:
            reason = ("refused-broken", page.title, min(broken)) if broken else ("refused-comment", page.title)
            return Step(Action.REFUSED, wanted, page, page.text, reason)
        if text != normal(page.text):
            return Step(Action.UPDATE, wanted, page, text, reasons[0] if reasons else ())
    return Step(Action.REFUSED if reasons else Action.NOTHING, wanted, page, page.text, reasons[0] if reasons else ())


def _answered(wanted: WantedPage, page: Page, dialect: Dialect) -> Step:
    text, left = answers.place(page.text, wanted.calls or {}, wanted.regions, dialect)
    reason = ("refused-edited" if left[0][1] else "refused-broken", page.title, left[0][0]) if left else ()
    if text != normal(page.text):
        return Step(Action.UPDATE, wanted, page, text, reason)
    return Step(Action.REFUSED if reason else Action.NOTHING, wanted, page, page.text, reason)


def _upgrade(wanted: WantedPage, page: Page, past: Past) -> Step:
    """A page that we created, brought up to a newer skeleton; where that cannot be, it is left alone."""
    base = past.skeletons.get(wanted.title)
    if base is None or normal(base) == normal(wanted.text):
        return Step(Action.NOTHING, wanted, page, page.text)
    text = three_way(base, page.text, wanted.text, past.dialect)
    if text is None:
        return Step(Action.REFUSED, wanted, page, page.text, ("refused-upgrade", page.title))
    # Whose page says it all already need not be written; its skeleton stays the older one, which does no harm.
    return Step(Action.NOTHING if text == normal(page.text) else Action.UPDATE, wanted, page, text)


def _marked(text: str, region: regions.Region, dialect: Dialect) -> bool:
    """Whether the region carries the hash of what it holds."""
    marker = text[region.start : region.end].partition(dialect.COMMENT[1])[0]
    return any(f"hash={each} " in marker for each in regions.hashes(region.content, dialect))


def plan(
    wanted: Iterable[WantedPage], present: Mapping[str, Page], past: Past, taken: Collection[str] = (),
) -> tuple[Step, ...]:
    """The plan, in the order in which the pages are wanted; of two wishes for one title the second is refused.

    ``present`` are the wiki's pages by the title under which they are wanted (a page that we created and somebody
    renamed stands under its first title); ``taken`` titles that were wanted before. A region with a place of its own can be put
    on any page.
    """
    steps: dict[str, Step] = {}
    refused = []
    for want in wanted:
        first = steps.get(want.title)
        if first and first.action == Action.NOTHING and not first.wanted.regions and want.regions:
            # The one wants the page to exist, the other a region on it.
            steps[want.title] = step(want, present.get(want.title), past)
        elif first or (want.title in taken and not want.place):
            refused.append(Step(Action.REFUSED, want, None, "", ("refused-twice", want.title, want.job)))
        else:
            steps[want.title] = step(want, present.get(want.title), past)
    return (*steps.values(), *refused)


def taken(steps: Iterable[Step]) -> set[str]:
    """The titles that a plan takes: those of pages that are wanted for themselves, not as a place for a region."""
    return {step.wanted.title for step in steps if not step.wanted.place}


def diff(before: str, after: str, title: str) -> list[str]:
    """What would change, as the lines of a unified diff."""
    return list(difflib.unified_diff(before.splitlines(), after.splitlines(), title, title, lineterm="", n=2))
