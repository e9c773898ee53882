"""Taking back what a run wrote: page by page, without touching what others wrote since. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from wikibridge.markup import wikitext
from wikibridge.markup.parts import Dialect
from wikibridge.mirror.journal import SAVED, Write
from wikibridge.model import Action, Page, Step, WantedPage
from wikibridge.publish.merge import three_way
from wikibridge.wikis.base import normal

JOB = "undo"


@dataclass(frozen=True, slots=True)
class Taken:
    """What a run did to one page: its last write there, and the texts before and after each write, the latest first.

    The text before is None where the run created the page.
    """

    write: Write
    changes: tuple[tuple[str | None, str], ...]


def by_page(writes: Iterable[Write]) -> dict[int, tuple[Write, ...]]:
    """The saved writes of a run to each page, the latest first, by the page's id."""
    found: dict[int, tuple[Write, ...]] = {}
    for write in writes:
        if write.outcome == SAVED and write.page and write.revision != write.base:
            found[write.page] = (write, *found.get(write.page, ()))
    return found


def step(wanted: WantedPage, page: Page | None, taken: Taken, dialect: Dialect = wikitext) -> Step:
    """What to do with one page. ``wanted.text`` stands in place of the text of a page that the run created.

    Each write is taken back by itself: what others wrote between two of them stays.
    """
    if page is None:
        return Step(Action.REFUSED, wanted, None, "", ("undo-gone", wanted.title))
    text = normal(page.text)
    for before, after in taken.changes:
        if before is None:
            undone = normal(wanted.text) if text in (normal(after), normal(wanted.text)) else None
        else:
            undone = three_way(after, text, before, dialect)
        if not undone:
            return Step(Action.REFUSED, wanted, page, page.text, ("undo-edited", page.title))
        text = undone
    return Step(Action.NOTHING if text == normal(page.text) else Action.UPDATE, wanted, page, text)


def plan(
    taken: Mapping[int, Taken], present: Mapping[int, Page], summary: str, instead: str, dialect: Dialect = wikitext,
) -> tuple[Step, ...]:
    """The steps that take back writes, the latest first. Pages are known by their ids; ``instead`` stands on those that
    the run created.
    """
    steps = []
    for number, one in sorted(taken.items(), key=lambda item: -item[1].write.id):
        page = present.get(number)
        title = page.title if page else one.write.title
        steps.append(step(WantedPage(title, instead, JOB, summary, undoes=one.write.id), page, one, dialect))
    return tuple(steps)
