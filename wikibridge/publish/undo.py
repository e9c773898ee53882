"""Taking back what a run wrote: page by page, without touching what others wrote since. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from wikibridge.mirror.journal import SAVED, Write
from wikibridge.model import Action, Page, Step, WantedPage
from wikibridge.publish.merge import three_way
from wikibridge.wikis.base import normal

JOB = "undo"


@dataclass(frozen=True, slots=True)
class Taken:
    """What a run did to one page: the last write to it, its text before (None: the run created it) and after."""

    write: Write
    before: str | None
    after: str


def spans(writes: Iterable[Write]) -> dict[int, tuple[Write, Write]]:
    """The first and the last saved write of a run to each page, by the page's id."""
    found: dict[int, tuple[Write, Write]] = {}
    for write in writes:
        if write.outcome == SAVED and write.page and write.revision != write.base:
            found[write.page] = (found[write.page][0] if write.page in found else write, write)
    return found


def step(wanted: WantedPage, page: Page | None, taken: Taken) -> Step:
    """What to do with one page. ``wanted.text`` stands in place of the text of a page that the run created."""
    if page is None:
        return Step(Action.REFUSED, wanted, None, "", ("undo-gone", wanted.title))
    now, after = normal(page.text), normal(taken.after)
    before = normal(wanted.text if taken.before is None else taken.before)
    if now == before:
        return Step(Action.NOTHING, wanted, page, page.text)
    if now == after:
        return Step(Action.UPDATE, wanted, page, before)
    merged = None if taken.before is None else three_way(after, now, before)
    if merged is None or not merged:
        return Step(Action.REFUSED, wanted, page, page.text, ("undo-edited", page.title))
    return Step(Action.NOTHING if merged == now else Action.UPDATE, wanted, page, merged)


def plan(
    taken: Mapping[int, Taken], present: Mapping[int, Page], summary: str, instead: str,
) -> tuple[Step, ...]:
    """The steps that take back writes, the latest first. Pages are known by their ids; ``instead`` stands on those that
    the run created.
    """
    steps = []
    for number, one in sorted(taken.items(), key=lambda item: -item[1].write.id):
        page = present.get(number)
        title = page.title if page else one.write.title
        steps.append(step(WantedPage(title, instead, JOB, summary, undoes=one.write.id), page, one))
    return tuple(steps)
