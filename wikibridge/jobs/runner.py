"""The runner: one lock, one sync, the jobs in order of need, one plan, one apply."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from wikibridge.entries.types import Schema, of_site
from wikibridge.errors import (
    Interrupted,
    JobFailed,
    LimitExceeded,
    PageBusy,
    SettingsError,
    StateError,
    WikibridgeError,
    WikiError,
)
from wikibridge.jobs import install
from wikibridge.jobs.base import Context, History, Job, SiteJob
from wikibridge.jobs.due import due, next_due
from wikibridge.jobs.folders import write_local
from wikibridge.jobs.following import follow
from wikibridge.jobs.forgetting import finish
from wikibridge.jobs.kinds import load_jobs
from wikibridge.jobs.logs import LOG, logged
from wikibridge.jobs.planning import Planner, fitting
from wikibridge.jobs.result import Result
from wikibridge.jobs.settled import Settled
from wikibridge.jobs.status import Status
from wikibridge.jobs.undoing import undoing
from wikibridge.mirror import trackers
from wikibridge.mirror.dumps import Filled, fill, here
from wikibridge.mirror.forgotten import Forgotten
from wikibridge.mirror.lock import hold
from wikibridge.mirror.past import count_since, latest_work
from wikibridge.mirror.state import open_journal, open_mirror
from wikibridge.mirror.sync import Progress, Reader, silent, sync, take
from wikibridge.model import PLANNED, Action, Page, Selection, Step
from wikibridge.pages.render import Templates
from wikibridge.publish.apply import Outcome, Replan, Writer, settle, stopped
from wikibridge.publish.limits import exceeded
from wikibridge.publish.plan import taken as titles_taken
from wikibridge.publish.plan_file import PlanFile, as_planned, current
from wikibridge.site import Site, open_wiki
from wikibridge.summaries.compute import Answer, answer
from wikibridge.summaries.grammar import language_of, parse, split
from wikibridge.summaries.tally import Tallies, begin, keep
from wikibridge.summaries.words import NEEDS, installed
from wikibridge.wikis.addresses import addresses
from wikibridge.wikis.base import Wiki

if TYPE_CHECKING:
    from wikibridge.mirror.cluster import Cluster

_DAY = timedelta(days=1)
Names = tuple[str | Job, ...]
"""Jobs of the site by name, and jobs made for the occasion, which come last; none: all of the site."""


class Session:
    """A site opened for work: its wiki, mirror, journal and jobs. Use as a context manager.

    ``wiki`` is opened from the site's settings when none is given; ``language`` is that of the sentences in results. ``halt``,
    once it is set, ends whatever is under way: the write of the moment is finished, nothing is begun after it.
    """

    def __init__(
        self, site: Site, *, wiki: Wiki | None = None, progress: Progress = silent, language: str = "en",
        halt: Event | None = None,
    ) -> None:
        self.site = site
        self.language = language
        self.halt = halt or Event()
        self.shown = progress
        self.schema: Schema = of_site(site.entry_files(), site.settings.day_first)
        self.jobs = load_jobs(site)
        self.wiki = wiki or open_wiki(site)
        self.mirror = open_mirror(site, self.wiki.identity)
        self.journal = open_journal(site, self.wiki.identity)
        self.forgotten = Forgotten(self.journal)
        self.mirror.belong(self.wiki.identity)
        self.held: dict[str, str] = json.loads(self.mirror.get("files") or "{}")
        """The digests of our files on the wiki, by name, as far as they are known."""
        templates = Templates(site.template_folders(), site.dialect.escape)
        self.failures: dict[str, WikibridgeError] = {}
        """The jobs that could not be done, by name, and why."""
        self.context = Context(site, self.schema, templates, self.wiki.info, self.wiki.title, language=language,
                               history=self._history, forgotten=self.forgotten.title, jobs=self.jobs.values,
                               address=addresses(self.wiki, site.settings.wiki.address, site.dialect))
        self.planner = Planner(self.context, self.wiki, self.mirror, self.journal, self.held)
        if self.journal.carried:
            self.context.note("journal-carried", self.journal.carried, site.settings.state)

    def __enter__(self) -> Session:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the wiki and the files."""
        self.wiki.close()
        self.mirror.close()
        self.journal.close()

    def progress(self, what: str, done: int, total: int) -> None:
        """Tell how far something is, between two steps of it. Raises Interrupted when an end was asked for."""
        self.shown(what, done, total)
        if self.halt.is_set():
            raise Interrupted("interrupted")

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Hold the site's lock, and the wiki's lease where machines share its state. Raises LockHeld.

        A lock whose owner died is free by itself, a lease after a while (mirror/lease.py).
        """
        with ExitStack() as stack:
            stack.enter_context(hold(self.site.state / "lock", self.site.folder))
            if lease := self.journal.lease:
                stack.enter_context(lease.hold(self.site.folder, self.site.state / "lease"))
                stack.enter_context(self.mirror.fenced(lease.check))
                # Another machine may have written since it was read.
                self.held.clear()
                self.held.update(json.loads(self.mirror.get("files") or "{}"))
            yield

    def _chosen(self, names: Names) -> list[Job]:
        if names == ("install",):
            return [install.Install()]
        made = [job for job in names if not isinstance(job, str)]
        unknown = [name for name in names if isinstance(name, str) and name not in self.jobs and name not in self.failures]
        if unknown:
            raise SettingsError("job-unknown", unknown[0], ", ".join(self.jobs))
        return [*(job for name, job in self.jobs.items() if not names or name in names), *made]

    @property
    def prefix(self) -> str:
        """What titles of participants' pages begin with."""
        return self.wiki.title(self.site.settings.participants)

    def others(self) -> Selection:
        """Pages that hold no entries: those that the jobs want, and those that we made elsewhere, however called since."""
        titles = Selection(titles=frozenset({self.stop_page}))
        titles |= install.Install().selection(self.context)
        for job in tuple(self.jobs.values()):
            own = None
            with self._contained(job):
                own = job.selection(self.context)
            if own is None:
                # What it wants to read is not known: it is left out until it can tell.
                del self.jobs[job.name]
            else:
                titles |= own
        made, hosts = self.journal.created().items(), self._hosts()
        return titles | Selection(ids=frozenset(
            page for title, page in made if not title.startswith(self.prefix) and not hosts.holds(title, 0)))

    def _hosts(self) -> Selection:
        """Pages that jobs make, or name, for people to write entries on."""
        found = Selection()
        for job in self.jobs.values():
            found |= job.hosts(self.context)
        return found

    def _reader(self) -> Reader:
        return Reader(self.schema, self.site.settings.languages[0], self.others(), self.site.dialect, people=self.prefix,
                      forgotten=self.forgotten.page, unnamed=self.forgotten.name)

    def _selection(self) -> Selection:
        """The pages to mirror, the same whichever jobs are run, so that one cursor serves all.

        Participants' pages, other sources of entries, the pages that jobs want, and all that we made, whatever their
        titles are now.
        """
        return (Selection((self.prefix,), ids=frozenset(self.journal.created().values()))
                | self.site.settings.sources.selection() | self._hosts() | self.others())

    def sync(self) -> int:
        """Bring the mirror up to date; answers how many pages were read."""
        reader = self._reader()
        read = sync(self.wiki, self.mirror, self._selection(), reader, self.progress).read
        trackers.sync(self.wiki, self.mirror, self.site, reader, self.progress)
        for job in tuple(self.jobs.values()):
            with self._contained(job):
                follow(self, job, reader.with_learned(self.mirror.get("learned")))
        return read

    def fill(self, dump: Path, cluster: Cluster | None = None) -> Filled:
        """Fill the mirror from an XML dump of the wiki; the next sync reads only what has changed since.

        With a ``cluster`` (mirror/cluster.py) its workers read the pages; what comes of it is the same.
        """
        reads = cluster.read if cluster else here
        return fill(self.mirror, dump, self._selection(), self._reader(), self.progress, reads)

    def _rehearse(self, names: Names) -> list[tuple[Job, tuple[Step, ...]]]:
        """What each job would write, what the jobs before it write being there already: participants' pages, for summaries."""
        found: list[tuple[Job, tuple[Step, ...]]] = []
        taken: set[str] = set()
        now = datetime.now(UTC)
        ids = count(-(1 << 39))  # no wiki has pages with negative ids; those of items are below (mirror/items.py)
        chosen = self._chosen(names)
        for name in names:
            if isinstance(name, str) and name in self.failures and not chosen:
                raise self.failures[name]
        with self.mirror.rehearsal():
            for job in chosen:
                self.progress("progress-plan", len(found), len(chosen))
                with self._contained(job):
                    steps = self.planner.steps(job, taken)
                if job.name in self.failures:
                    continue
                taken |= titles_taken(steps)
                found.append((job, steps))
                take(self.mirror, [
                    Page(step.page.id if step.page else next(ids), step.title, PLANNED, step.text, now, self.mirror.account)
                    for step in steps if step.writes], self._reader())
        if chosen and not found:
            raise self.failures[chosen[0].name]
        return [(job, fitting(job, steps, found, self.site.settings.limits)) for job, steps in found]

    @contextmanager
    def _contained(self, job: Job) -> Iterator[None]:
        """What goes wrong within fails this job, not the others. What concerns the whole wiki, or all we do, is raised."""
        try:
            yield
        except (WikiError, StateError, Interrupted):
            raise
        except WikibridgeError as error:
            self.failures[job.name] = error
        except Exception as error:
            LOG.exception("%s", job.name)
            self.failures[job.name] = JobFailed("job-broken", job.name, type(error).__name__)
            self.failures[job.name].__cause__ = error
        if job.name in self.failures:
            self.context.leave("job-failed", job.name, self.failures[job.name].say(self.language))

    def ask(self, question: str | Mapping[str, str]) -> Answer:
        """The answer to a question in words, ``"of=choice|by=theme"`` or its parts, from the mirror as it stands.

        Raises QuestionError where the question cannot be understood.
        """
        parts = split(question) if isinstance(question, str) else question
        settings = self.site.settings
        understood = parse(parts, self.schema, language_of(parts, self.schema) or self.language)
        return answer(understood, Tallies(self.mirror), self.schema, settings.min_group)

    def plan(self, names: Names = ()) -> tuple[Step, ...]:
        """What the jobs would write, computed from the mirror as it stands."""
        return tuple(step for _, steps in self._rehearse(names) for step in steps)

    def plan_undo(self, run: int, title: str | None = None) -> tuple[Step, ...]:
        """What taking back a run would write, or what it wrote to one page. Raises SettingsError when there is no such run."""
        return undoing(self.wiki, self.journal, self.forgotten, self.context, run, title)[0]

    @property
    def stop_page(self) -> str:
        """The page that stops us when it holds anything."""
        return self.wiki.title(self.site.stop_page)

    # Writing

    @contextmanager
    def _running(self, many: bool, slots: Mapping[str, str] | None = None) -> Iterator[_Run]:
        """A run: in the journal from its begin to its end, however it ends. The lock is held by who calls.

        Raises errors that concern the whole wiki; those of single jobs and pages stand in the result. ``many`` lifts the limits;
        ``slots`` are those in which the jobs that are done now count as done.
        """
        finish(self)
        result = Result()
        begun, requests = time.monotonic(), self.wiki.requests
        result.run = self.journal.begin(datetime.now(UTC).isoformat(timespec="seconds"))

        def end() -> None:
            if (held := json.dumps(self.held, sort_keys=True)) != (self.mirror.get("files") or "{}"):
                self.mirror.put({"files": held})
            counts = self.mirror.counts()
            result.entries, result.problems = counts["entries"], counts["problems"]
            result.requests = self.wiki.requests - requests
            result.seconds = round(time.monotonic() - begun, 3)
            for name in self.failures:
                result.jobs[name] = "failed"
            done = {name: slot for name, slot in (slots or {}).items() if result.jobs.get(name) == "done"}
            self.journal.end(result.run, result.__dict__, done)
            facts = {name: value for name, value in result.__dict__.items() if isinstance(value, int | float) and name != "run"}
            LOG.info("end: %s", ", ".join(f"{name} {value}" for name, value in facts.items()), extra={"facts": facts})

        with logged(self.site.state, self.site.settings.log, result.run):
            try:
                result.pages_read = self.sync()
                stopped(next(iter(self.mirror.pages([self.stop_page])), None))
                settle(self.wiki, self.journal)
                yield _Run(self, result, many)
                result.notes += self._notes()
                result.failed += [self._say(each) for each in dict.fromkeys(self.context.left)]
                result.notes += [error.say(self.language) for error in self.wiki.unreadable]
            except WikibridgeError as error:
                result.failed.append(error.say(self.language))
                LOG.error("%s", error.say(self.language))
                # The first error is the one to tell, also when the disk takes no more.
                with suppress(SettingsError, StateError):
                    end()
                raise
            for level, lines in ((logging.WARNING, result.failed), (logging.INFO, result.refused + result.waiting)):
                for line in lines:
                    LOG.log(level, "%s", line)
            end()

    def run(self, names: Names = (), *, many: bool = False) -> Result:
        """Sync, plan, write. Raises LimitExceeded before the first write when the plan is over a limit, unless ``many``.

        A job that cannot be done leaves the others; when none can, the error of the first is raised.
        """
        with self.lock():
            return self._do(names, many)

    def due(self, names: Names = ()) -> dict[str, str]:
        """The jobs that are due, of these or of all, with the slots that they are due in (wikibridge/every.py)."""
        return due(self._named(names), self.site.settings, self.journal.scheduled(), datetime.now(UTC))

    def next_due(self, names: Names = ()) -> datetime | None:
        """When the next of these jobs, or of all, is due, in UTC: now or later. None when none of them ever is."""
        return next_due(self._named(names), self.site.settings, self.journal.scheduled(), datetime.now(UTC))

    def _named(self, names: Names) -> dict[str, SiteJob]:
        chosen = {job.name for job in self._chosen(names)}
        return {name: job for name, job in self.jobs.items() if name in chosen}

    def run_due(self, names: Names = (), *, many: bool = False) -> Result | None:
        """Run the jobs that are due, as ``run`` does; None when none is, the wiki being asked for nothing.

        A job counts as done in its slot when it came to its end and no page of it waits.
        """
        if not self.due(names):
            return None
        with self.lock():
            slots = self.due(names)
            if not slots:
                return None
            return self._do(() if slots.keys() == self.jobs.keys() else tuple(slots), many, slots)

    def _do(self, names: Names, many: bool, slots: Mapping[str, str] | None = None) -> Result:
        with self._running(many, slots) as run:
            inputs = self._inputs()
            settled = Settled(self.mirror)
            chosen = [job.name for job in self._chosen(names)]
            before = settled.get(chosen, inputs)
            if before:
                run.result.notes, run.result.refused = before
                run.result.jobs = dict.fromkeys(chosen, "done")
            else:
                self._run(names, run)
                done = run.result
                wrote = done.created or done.changed or done.uploaded
                if not (wrote or done.failed or done.waiting or self.context.left):
                    settled.put(chosen, inputs, (self._notes(), run.result.refused))
        return run.result

    def _run(self, names: Names, run: _Run) -> None:
        begin(self.mirror)
        self.context.kept.clear()
        jobs = self._rehearse(names)
        run.check(step for _, steps in jobs for step in steps)
        taken: set[str] = set()
        wrote, others = False, self.others()
        for job, steps in jobs:
            # What one job writes on pages with entries, the next one reads: the rehearsal foresaw all but the times. A page of
            # status tells of this very run: otherwise the next one would.
            with self._contained(job):
                steps = self.planner.steps(job, taken) if wrote or isinstance(job, Status) else steps
            if job.name in self.failures:
                continue
            steps = fitting(job, steps, jobs, self.site.settings.limits)
            taken |= titles_taken(steps)
            waiting = len(run.result.waiting)
            run.write(steps, self.planner.again)
            with self._contained(job):
                if written := write_local(job, self.context, self.mirror):
                    LOG.info("files: %s (%s)", written, job.name, extra={"facts": {"files": written, "job": job.name}})
            run.result.jobs[job.name] = "waiting" if len(run.result.waiting) > waiting else "done"
            wrote = wrote or any(step.writes and not others.holds(step.title, step.page.id if step.page else 0) for step in steps)
        if not names:
            keep(self.mirror, self.context.kept)

    def undo(self, number: int, title: str | None = None, *, many: bool = False) -> Result:
        """Take back what a run wrote, or what it wrote to one page. Raises as ``run`` and ``plan_undo`` do."""
        with self.lock(), self._running(many) as run:
            steps, again = undoing(self.wiki, self.journal, self.forgotten, self.context, number, title)
            run.check(steps)
            run.write(steps, again)
        return run.result

    def apply(self, planned: PlanFile, *, many: bool = False) -> Result:
        """Write a plan that somebody looked at; steps whose page has changed since are refused."""
        if planned.wiki != self.wiki.identity:
            raise SettingsError("plan-other-wiki", planned.wiki, self.wiki.identity)
        with self.lock(), self._running(many) as run:
            ids = [step.page.id for step in planned.steps if step.page]
            titles = [step.wanted.title for step in planned.steps if not step.page]
            found = list(self.wiki.read(ids, titles)) if planned.steps else []
            steps = current(planned.steps, {page.id: page for page in found}, {page.title: page for page in found})
            steps = tuple(replace(step, action=Action.REFUSED, reason=("refused-forgotten",), files=())
                          if self.forgotten.page(step.page.id if step.page else 0, step.title) else step for step in steps)
            run.check(steps)
            run.write(steps, as_planned)
        return run.result

    def _inputs(self) -> list[str]:
        """What the wanted pages are computed from. The same as when a run had nothing to write: nothing to compute either."""
        files = [path for job in self.jobs.values() for path in self._read_by(job)]
        # Periods such as "last month" move with the day.
        today = datetime.now(ZoneInfo(self.site.settings.time_zone)).date().isoformat()
        return [self.site.fingerprint(files), self.schema.version, self.language, self.mirror.get("changed") or "", today,
                *(NEEDS if installed() else ())]

    def _read_by(self, job: Job) -> tuple[Path, ...]:
        with self._contained(job):
            return job.files(self.context)
        return ()

    def _history(self, besides: Collection[str]) -> History:
        now = datetime.now(UTC)
        return History(latest_work(self.journal, besides), count_since(self.journal, (now - _DAY).isoformat(timespec="seconds")),
                       now.astimezone(ZoneInfo(self.site.settings.time_zone)).date())

    def _say(self, note: tuple[str, ...]) -> str:
        return WikibridgeError(*note).say(self.language)

    def _notes(self) -> list[str]:
        return [self._say(note) for note in dict.fromkeys(self.context.notes)]


class _Run:
    """A run under way. ``many`` lifts the limits."""

    def __init__(self, session: Session, result: Result, many: bool) -> None:
        self.session = session
        self.result = result
        self.many = many
        self.writer: Writer | None = None

    def check(self, steps: Iterable[Step]) -> None:
        """Raises LimitExceeded when a plan is over a limit."""
        over = None if self.many else exceeded(steps, self.session.site.settings.limits)
        if over:
            raise LimitExceeded(*over)

    def write(self, steps: tuple[Step, ...], again: Replan) -> None:
        """Write what a plan wants written, into the mirror too. ``again`` plans a step on a page that was edited meanwhile."""
        session, result = self.session, self.result
        reasons = (reason for step in steps for reason in (step.reason, *(file.reason for file in step.files)))
        result.refused += map(session._say, filter(None, reasons))
        saved: list[Page] = []

        def told(outcome: Outcome, number: int, total: int) -> None:
            self._log(outcome)
            session.shown("progress-write", number, total)
            action = outcome.step.action
            if isinstance(outcome.error, PageBusy):
                result.waiting.append(outcome.error.say(session.language))
            elif outcome.error:
                result.failed.append(outcome.error.say(session.language))
            if outcome.file:
                result.uploaded += session.planner.took(outcome.file, outcome.error is None)
            elif action is Action.REFUSED:
                result.refused.append(session._say(outcome.step.reason))
            elif outcome.step.writes and outcome.page:
                result.created += action is Action.CREATE
                result.changed += action is Action.UPDATE
            if outcome.page:
                saved.append(outcome.page)

        if not any(step.writes or step.uploads for step in steps):
            return
        if self.writer is None:
            pace = session.site.settings.limits.edits_per_minute
            self.writer = Writer(session.wiki, session.journal, result.run, session.wiki.info().account, session.stop_page,
                                 60 / pace if pace else 0, session.halt, session.forgotten.unkept)
        try:
            self.writer.apply(steps, again, told)
        finally:
            take(session.mirror, saved, session._reader())

    def _log(self, outcome: Outcome) -> None:
        """A line in the log for what became of a page or a file; sentences on what was not written stand at the run's end."""
        step = outcome.step
        title = f"File:{outcome.file.wanted.name}" if outcome.file else outcome.page.title if outcome.page else step.title
        what = type(outcome.error).__name__ if outcome.error else "uploaded" if outcome.file else step.action.value
        LOG.info("%s: %s (%s)", title, what, step.wanted.job, extra={"facts": {
            "title": title, "outcome": what, "job": step.wanted.job, "revision": outcome.page.revision if outcome.page else 0}})
