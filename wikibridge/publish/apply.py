"""The one place that writes to a wiki: each edit bound to the revision it was planned on, journalled before and after."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from threading import Event

from wikibridge.errors import (
    EditConflict,
    Interrupted,
    NoUploads,
    Overwrote,
    PageError,
    PageExists,
    PageMissing,
    Stopped,
    Unprotected,
    Unreachable,
    Unsure,
    WikibridgeError,
)
from wikibridge.mirror.journal import LOST, SAVED, Journal
from wikibridge.model import PLANNED, Action, Edit, FileStep, Head, Page, Saved, Step, Upload, WantedPage
from wikibridge.publish.files import without
from wikibridge.publish.plan import wish
from wikibridge.wikis.base import Files, Protects, Wiki, normal

TRIES = 3
LOOK_EVERY = 100
"""Edits between two looks at the stop page: m edits cost m requests and a hundredth more."""
_SUMMARY = 450
"""Characters of an edit summary, so that its mark is within the 500 that MediaWiki keeps."""
_MARK = "(wikibridge "
_SKEW = timedelta(hours=1)
"""By how much the clock of this machine may be ahead of the wiki's."""
_LATE = timedelta(hours=1)
"""For so long a request whose sender has given it up may still arrive."""

Replan = Callable[[Step, Page | None], Step]
"""What to do for a step, its page being found otherwise than it was planned on."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one step: the page as it now stands, or the error that kept it from being written.

    Both, when it was written and somebody else's edit was replaced by it. ``file`` is the one of its files that
    this tells of, in place of the page.
    """

    step: Step
    page: Page | None = None
    error: PageError | None = None
    file: FileStep | None = None


def stopped(page: Page | None) -> None:
    """Raises Stopped when the stop page holds anything."""
    if page and page.text.strip():
        raise Stopped("stopped-by-page", page.title, page.editor, " ".join(page.text.split())[:200])


@dataclass
class Writer:
    """Writes the steps of the plans of one run.

    ``account`` is ours, ``stop`` the title of the page that stops us when it is not empty, ``pause`` the seconds between
    the beginnings of two edits. Once ``halt`` is set nothing is written any more. ``unkept`` tells pages of
    which the text that is overwritten is not kept.
    """

    wiki: Wiki
    journal: Journal
    run: int
    account: str
    stop: str = ""
    pause: float = 0
    halt: Event = field(default_factory=Event)
    unkept: Callable[[int], bool] = lambda page: False
    _edits: int = 0
    _looked: int = 0
    _refused: set[str] = field(default_factory=set)
    _made: dict[str, Page] = field(default_factory=dict)
    _next: float = 0

    def apply(self, steps: tuple[Step, ...], replan: Replan, told: Callable[[Outcome, int, int], None]) -> None:
        """Write all creates and updates of a plan, in order, telling of each outcome as it comes.

        Errors that concern one page are its outcome; errors that concern the whole wiki or the account are raised.
        """
        todo = [step for step in steps if step.writes or step.uploads]
        for number, step in enumerate(todo, 1):
            if self.stop and self._edits - self._looked >= LOOK_EVERY:
                self._looked = self._edits
                stopped(next(iter(self.wiki.read(titles=[self.stop])), None))
            if planned := step.page is not None and step.page.revision == PLANNED:
                # An earlier step made the page, or could not.
                step = replace(replan(step, self._made.get(step.wanted.title)), files=step.files)
            for file in step.uploads if step.action is not Action.REFUSED else ():
                kind = file.wanted.name.rpartition(".")[2]
                if kind not in self._refused:
                    error = self._file(file, step)
                    told(Outcome(step, error=error, file=file), number, len(todo))
                    if error is None:
                        continue
                    if isinstance(error, NoUploads):
                        # Told once: the wiki takes none of the others either.
                        self._refused.add(kind)
                if file.wanted.markup:
                    # The page does without.
                    step = replan(replace(step, wanted=without(step.wanted, file.wanted)), step.page)
            if not step.writes:
                told(Outcome(step, step.page if planned else None), number, len(todo))
                continue
            outcome = self._step(step, replan)
            if outcome.page:
                self._made[step.wanted.title] = outcome.page
            told(outcome, number, len(todo))

    def _file(self, step: FileStep, page: Step) -> PageError | None:
        """Upload a file, or let an earlier version of it count again; the error when that could not be."""
        assert isinstance(self.wiki, Files), "no file is planned for a wiki that takes none"
        self._pace()
        wanted = step.wanted
        sent = self.journal.intend_upload(self.run, wanted.name, page.wanted.title, step.base, wanted.sha1, job=page.wanted.job,
                                          undoes=wanted.undoes)
        comment = f"{page.wanted.summary[:_SUMMARY]} {self.journal.mark(sent)}".lstrip()
        try:
            if wanted.restores:
                self.wiki.restore(wanted.name, step.base, wanted.restores, comment)
            else:
                self.wiki.upload(Upload(wanted.name, wanted.data, wanted.text, comment, step.base))
        except PageError as error:
            self.journal.sent(sent, type(error).__name__)
            return error
        except WikibridgeError as error:
            self.journal.sent(sent, Unsure.__name__ if isinstance(error, Unreachable) else type(error).__name__)
            raise
        self.journal.sent(sent, SAVED)
        return None

    def _pace(self) -> None:
        """Count a write, and wait for its turn. Raises Interrupted when it is not to come."""
        self._edits += 1
        if self.halt.wait(max(0.0, self._next - time.monotonic()) if self.pause else 0):
            raise Interrupted("interrupted")
        self._next = time.monotonic() + self.pause

    def _step(self, step: Step, replan: Replan) -> Outcome:
        """Write one step. After a conflict the page is read and planned anew, at most three times."""
        for _ in range(TRIES):
            try:
                saved = self._write(step)
            except (EditConflict, PageExists, PageMissing) as error:
                found = next(iter(self.wiki.read(ids=[step.page.id]) if step.page else
                                  self.wiki.read(titles=[step.wanted.title])), None)
                last: PageError = error
                step = replan(step, found)
                if not step.writes:
                    return Outcome(step, found)
                continue
            except PageError as error:
                return Outcome(step, error=error)
            if saved.merged:
                return Outcome(step, next(iter(self.wiki.read(ids=[saved.head.id])), None))
            head = saved.head
            lost: PageError | None = Overwrote("overwrote", head.title, saved.overwrote) if saved.overwrote else None
            if step.wanted.protect and isinstance(self.wiki, Protects):
                lost = self._protect(step.wanted, head.title) or lost
            return Outcome(step, Page(head.id, head.title, head.revision, normal(step.text), saved.time, self.account), lost)
        return Outcome(step, error=last)

    def _protect(self, wanted: WantedPage, title: str) -> PageError | None:
        """Protect a page that was just written; the error when that could not be."""
        assert isinstance(self.wiki, Protects)
        self._pace()
        try:
            self.wiki.protect(title, wanted.summary)
        except (PageError, Unreachable) as error:
            return Unprotected("unprotected", title, error.say())
        return None

    def _write(self, step: Step) -> Saved:
        base = Head(step.page.id, step.page.title, step.page.revision) if step.page else None
        wanted = step.wanted
        self._pace()
        write = self.journal.intend(
            self.run, wanted.title, base, wish(wanted), job=wanted.job, undoes=wanted.undoes,
            regions=wanted.regions if wanted.place == "end" else ())
        summary = f"{wanted.summary[:_SUMMARY]} {self.journal.mark(write)}".lstrip()
        own = not self.wiki.guarantees.history
        if own and base and step.page and not self.unkept(base.id):
            # Before it is overwritten: the wiki may never give it back.
            self.journal.keep(base.revision, step.page.text)
        try:
            saved = self.wiki.write(Edit(base.title if base else wanted.title, step.text, summary, base))
        except Unreachable:
            # The way to the wiki broke down during a write: what became of it, the next run finds out.
            self.journal.outcome(write, Unsure.__name__)
            raise
        except WikibridgeError as error:
            self.journal.outcome(write, type(error).__name__)
            raise
        skeleton = wanted.text if base is None or wanted.upgrade else ""
        self.journal.outcome(write, SAVED, saved.head, skeleton, saved.parent)
        if own:
            self.journal.keep(saved.head.revision, normal(step.text))
        return saved


def settle(wiki: Wiki, journal: Journal) -> None:
    """Find out what became of writes whose answer was lost, by the marks in the edit summaries of the wiki's history.

    A page that we created and that is gone by now counts as created, so that it is not created again. What was not there
    is looked for again for a while.
    """
    _settle_files(wiki, journal)
    unknown = journal.writes(unknown_since=datetime.now(UTC) - _LATE)
    if not unknown:
        return
    created = journal.created()
    times = {write.id: datetime.fromisoformat(write.time) - _SKEW for write in unknown}
    marked = {_MARK + edit.summary.rpartition(_MARK)[2]: edit for edit in wiki.contributions(min(times.values()))}
    for write in unknown:
        edit = marked.get(journal.mark(write))
        edit = edit if edit and (edit.page == write.page if write.base else edit.parent == 0) else None
        if edit:
            journal.outcome(write, SAVED, Head(edit.page, edit.title, edit.revision), parent=edit.parent)
        elif write.base == 0 and write.title not in created and wiki.removed(write.title, times[write.id]):
            journal.outcome(replace(write, page=0), SAVED)
        elif write.outcome != LOST:
            journal.outcome(write, LOST)


def _settle_files(wiki: Wiki, journal: Journal) -> None:
    """Find out what became of uploads whose answer was lost. One that arrives later is found when the file is wanted again."""
    unknown = journal.uploads(unknown=True)
    if unknown and isinstance(wiki, Files):
        there = wiki.files(each.name for each in unknown)
        for each in unknown:
            found = there.get(each.name)
            journal.sent(each, SAVED if found and found.ours and found.sha1 == each.sha1 else LOST)
