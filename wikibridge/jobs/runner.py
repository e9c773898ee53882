"""The runner: one lock, one sync, the jobs in order of need, one plan, one apply."""

from __future__ import annotations

import fcntl
import json
import os
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from pydantic import BaseModel

from wikibridge.entries.types import Schema, of_site
from wikibridge.errors import LockHeld, SettingsError, WikibridgeError
from wikibridge.jobs import install, participants, problems, summaries
from wikibridge.jobs.base import Context, Job
from wikibridge.mirror.dumps import Filled, fill
from wikibridge.mirror.journal import Journal
from wikibridge.mirror.store import Mirror
from wikibridge.mirror.sync import Progress, Reader, silent, sync, take
from wikibridge.model import Action, Page, Selection, Step, WantedPage
from wikibridge.pages.render import Templates
from wikibridge.publish.apply import Outcome, apply, settle
from wikibridge.publish.plan import plan
from wikibridge.site import Site, open_wiki
from wikibridge.wikis.base import Wiki
from wikibridge.yaml_text import checked

KINDS: dict[str, tuple[type[BaseModel], Callable[..., Job]]] = {
    "participants": (participants.Options, participants.Participants),
    "summaries": (summaries.Options, summaries.Summaries),
    "problems": (problems.Options, problems.Problems),
}
ORDER = ("install", "participants", "summaries", "problems")


def load_jobs(site: Site) -> dict[str, Job]:
    """The site's jobs by name, in the order in which they need each other. Raises SettingsError on a wrong job file."""

    class Kind(BaseModel):
        kind: str

    jobs: dict[str, tuple[int, Job]] = {}
    for name, text in site.job_files().items():
        file = f"jobs/{name}.yml"
        kind = checked(Kind, text, file).kind
        if kind not in KINDS:
            raise SettingsError("job-kind", file, kind, ", ".join(KINDS))
        model, make = KINDS[kind]
        jobs[name] = (ORDER.index(kind), make(name, checked(model, text, file)))
    return {name: job for name, (_, job) in sorted(jobs.items(), key=lambda item: (item[1][0], item[0]))}


@dataclass
class Result:
    """What a run came to, as ``--json`` prints it. Counts are whole numbers; seconds a decimal one."""

    run: int = 0
    requests: int = 0
    pages_read: int = 0
    entries: int = 0
    problems: int = 0
    created: int = 0
    changed: int = 0
    refused: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def exit_code(self) -> int:
        """0 when all was done, 3 when something was not."""
        return 3 if self.failed else 0


class Session:
    """A site opened for work: its wiki, mirror, journal and jobs. Use as a context manager.

    ``wiki`` is opened from the site's settings when none is given; ``language`` is that of the sentences in results.
    """

    def __init__(
        self, site: Site, *, wiki: Wiki | None = None, progress: Progress = silent, language: str = "en"
    ) -> None:
        self.site = site
        self.language = language
        self.progress = progress
        self.schema: Schema = of_site(site.entry_files(), site.settings.day_first)
        self.jobs = load_jobs(site)
        self.wiki = wiki or open_wiki(site)
        self.mirror = Mirror(site.state / "mirror.db")
        self.journal = Journal(site.state / "journal.db", self.wiki.identity)
        if self.mirror.get("wiki") != self.wiki.identity:
            self.mirror.empty()
            self.mirror.put({"wiki": self.wiki.identity})
        self.context = Context(site, self.schema, Templates(site.template_folders()), self.wiki.info, self.wiki.title)

    def __enter__(self) -> Session:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the wiki and the files."""
        self.wiki.close()
        self.mirror.close()
        self.journal.close()

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Hold the site's lock. Raises LockHeld; a lock whose owner died is free by itself."""
        path = self.site.state / "lock"
        with ExitStack() as stack:
            try:
                file = stack.enter_context(open(path, "a+"))
            except OSError as error:
                raise SettingsError("state-broken", path, error.strerror or error) from error
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                file.seek(0)
                raise LockHeld("lock-held", self.site.folder, file.read().strip() or "?") from error
            file.truncate(0)
            file.write(str(os.getpid()))
            file.flush()
            yield

    def _chosen(self, names: tuple[str, ...]) -> list[Job]:
        if names == ("install",):
            return [install.Install()]
        unknown = [name for name in names if name not in self.jobs]
        if unknown:
            raise SettingsError("job-unknown", unknown[0], ", ".join(self.jobs))
        return [job for name, job in self.jobs.items() if not names or name in names]

    @property
    def _prefix(self) -> str:
        return self.wiki.title(self.site.settings.participants)

    def _others(self) -> Selection:
        """Pages that hold no entries: those that the jobs want, and those that we made elsewhere, however called since."""
        titles: Selection = Selection()
        for job in (install.Install(), *self.jobs.values()):
            titles |= job.selection(self.context)
        made = self.journal.created().items()
        return titles | Selection(ids=frozenset(page for title, page in made if not title.startswith(self._prefix)))

    def _reader(self) -> Reader:
        return Reader(self.schema, self.site.settings.languages[0], self._others())

    def _selection(self) -> Selection:
        """The pages to mirror, the same whichever jobs are run, so that one cursor serves all.

        Participants' pages, other sources of entries, the pages that jobs want, and all that we made, whatever their
        titles are now.
        """
        return (Selection((self._prefix,), ids=frozenset(self.journal.created().values()))
                | self.site.settings.sources.selection() | self._others())

    def sync(self) -> int:
        """Bring the mirror up to date; answers how many pages were read."""
        return sync(self.wiki, self.mirror, self._selection(), self._reader(), self.progress).read

    def fill(self, dump: Path) -> Filled:
        """Fill the mirror from an XML dump of the wiki; the next sync reads only what has changed since."""
        return fill(self.mirror, dump, self._selection(), self._reader(), self.progress)

    def _present(self, wanted: list[WantedPage]) -> dict[str, Page]:
        created = self.journal.created()
        ours = {want.title: created[want.title] for want in wanted if want.title in created}
        found = self.mirror.pages([want.title for want in wanted], ours.values()) if wanted else []
        by_id = {page.id: page for page in found}
        by_title = {page.title: page for page in found}
        return {
            want.title: page for want in wanted
            if (page := by_id.get(ours.get(want.title, 0)) or by_title.get(want.title)) is not None
        }

    def plan(self, names: tuple[str, ...] = ()) -> tuple[Step, ...]:
        """What the jobs would write, computed from the mirror as it stands."""
        wanted = [want for job in self._chosen(names) for want in job.wanted(self.context, self.mirror)]
        return plan(wanted, self._present(wanted), self.journal.created())

    def run(self, names: tuple[str, ...] = ()) -> Result:
        """Sync, plan, apply. Raises errors that concern the whole wiki; those of single pages stand in the result."""
        result = Result()
        begun, requests = time.monotonic(), self.wiki.requests
        with self.lock():
            result.run = self.journal.begin(datetime.now(UTC).isoformat(timespec="seconds"))

            def end() -> None:
                counts = self.mirror.counts()
                result.entries, result.problems = counts["entries"], counts["problems"]
                result.requests = self.wiki.requests - requests
                result.seconds = round(time.monotonic() - begun, 3)
                self.journal.end(result.run, result.__dict__)

            try:
                self._run(names, result)
            except WikibridgeError as error:
                result.failed.append(error.say(self.language))
                # The first error is the one to tell, also when the disk takes no more.
                with suppress(SettingsError):
                    end()
                raise
            end()
        return result

    def _run(self, names: tuple[str, ...], result: Result) -> None:
        result.pages_read = self.sync()
        settle(self.wiki, self.journal, {page.title: page for page in self.mirror.pages(
            [title for _, title, _, _ in self.journal.open_writes()])})
        inputs = self._inputs()
        settled = json.loads(self.mirror.get("settled") or "{}")
        if not names and settled.get("inputs") == inputs:
            result.notes, result.refused = settled["notes"], settled["refused"]
        else:
            # Job by job: what one writes, the next one reads (participants' pages, then their summaries).
            taken: set[str] = set()
            for job in self._chosen(names):
                self._run_job(job, result, taken)
            result.notes = [self._say(note) for note in dict.fromkeys(self.context.notes)]
            if not names and not (result.created or result.changed or result.failed):
                self.mirror.put({"settled": json.dumps(
                    {"inputs": inputs, "notes": result.notes, "refused": result.refused})})
        result.notes = [*result.notes, *(error.say(self.language) for error in self.wiki.unreadable)]

    def _inputs(self) -> list[str]:
        """What the wanted pages are computed from. The same as when a run had nothing to write: nothing to compute either."""
        files = [path for job in self.jobs.values() for path in job.files(self.context)]
        return [self.site.fingerprint(files), self.schema.version, self.language, self.mirror.get("changed") or ""]

    def _say(self, note: tuple[str, ...]) -> str:
        return WikibridgeError(*note).say(self.language)

    def _run_job(self, job: Job, result: Result, taken: set[str]) -> None:
        """One job. ``taken`` are titles that jobs before it wanted: a page has one job only."""
        wanted = job.wanted(self.context, self.mirror)
        steps = plan(wanted, self._present(wanted), self.journal.created(), taken)
        taken |= {want.title for want in wanted}
        result.refused += [self._say(step.reason) for step in steps if step.reason]
        saved: list[Page] = []
        tally: Counter[Action] = Counter()

        def told(outcome: Outcome, number: int, total: int) -> None:
            self.progress("progress-write", number, total)
            if outcome.error:
                result.failed.append(outcome.error.say(self.language))
            elif outcome.page:
                saved.append(outcome.page)
                tally[outcome.step.action] += 1
                if outcome.step.action is Action.REFUSED:
                    result.refused.append(self._say(outcome.step.reason))

        try:
            if any(step.action in (Action.CREATE, Action.UPDATE) for step in steps):
                apply(self.wiki, self.journal, result.run, steps, self.wiki.info().account, told)
        finally:
            take(self.mirror, saved, self._reader())
            result.created += tally[Action.CREATE]
            result.changed += tally[Action.UPDATE]
