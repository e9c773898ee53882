"""The one place that writes to a wiki: each edit bound to the revision it was planned on, journalled before and after."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from wikibridge.errors import EditConflict, PageError, PageExists, PageMissing, Unreachable, Unsure, WikibridgeError
from wikibridge.mirror.journal import Journal
from wikibridge.model import Action, Edit, Head, Page, Saved, Step
from wikibridge.publish.plan import step as replan
from wikibridge.wikis.base import Wiki, normal

TRIES = 3


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one step: the page as it now stands, or the error that kept it from being written."""

    step: Step
    page: Page | None = None
    error: PageError | None = None


def text_hash(text: str) -> str:
    """The hash by which a text is known again after a crash."""
    return hashlib.sha256(normal(text).encode()).hexdigest()


def _write(wiki: Wiki, journal: Journal, run: int, step: Step) -> Saved:
    base = Head(step.page.id, step.page.title, step.page.revision) if step.page else None
    title = step.page.title if step.page else step.wanted.title
    number = journal.intend(run, step.wanted.title, base.revision if base else 0, text_hash(step.text))
    try:
        saved = wiki.write(Edit(title, step.text, step.wanted.summary, base))
    except Unreachable:
        # The way to the wiki broke down during a write: what became of it, the next run finds out.
        journal.outcome(number, Unsure.__name__)
        raise
    except WikibridgeError as error:
        journal.outcome(number, type(error).__name__)
        raise
    journal.outcome(number, "saved", saved.head, creation=base is None)
    return saved


def apply_step(wiki: Wiki, journal: Journal, run: int, step: Step, account: str) -> Outcome:
    """Write one step. After a conflict the page is read and planned anew, at most three times.

    Errors that concern one page are the outcome; errors that concern the whole wiki or the account are raised.
    """
    for _ in range(TRIES):
        try:
            saved = _write(wiki, journal, run, step)
        except (EditConflict, PageExists, PageMissing) as error:
            found = next(iter(wiki.read(titles=[step.wanted.title])), None)
            if step.page:
                found = next(iter(wiki.read(ids=[step.page.id])), None)
            last: PageError = error
            step = replan(step.wanted, found, created=step.page is not None)
            if step.action not in (Action.CREATE, Action.UPDATE):
                return Outcome(step, found)
            continue
        except PageError as error:
            return Outcome(step, error=error)
        if saved.merged:
            return Outcome(step, next(iter(wiki.read(ids=[saved.head.id])), None))
        head = saved.head
        return Outcome(step, Page(head.id, head.title, head.revision, normal(step.text), saved.time, account))
    return Outcome(step, error=last)


def apply(
    wiki: Wiki, journal: Journal, run: int, steps: tuple[Step, ...], account: str,
    told: Callable[[Outcome, int, int], None],
) -> None:
    """Write all creates and updates of a plan, in order, telling of each outcome as it comes."""
    todo = [step for step in steps if step.action in (Action.CREATE, Action.UPDATE)]
    for number, step in enumerate(todo, 1):
        told(apply_step(wiki, journal, run, step, account), number, len(todo))


def settle(wiki: Wiki, journal: Journal, present: Mapping[str, Page]) -> None:
    """Find out what became of writes whose answer was lost: by the text that now stands on the page.

    The plan that follows is computed from the page as it stands, so nothing is written twice either way.
    """
    for number, title, expected, base in journal.open_writes():
        page = present.get(title) or next(iter(wiki.read(titles=[title])), None)
        if page and text_hash(page.text) == expected:
            journal.outcome(number, "saved", Head(page.id, page.title, page.revision), creation=base == 0)
        else:
            journal.outcome(number, "lost")


