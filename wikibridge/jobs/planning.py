"""What a job would write: what it wants, compared with what the mirror, the journal and the wiki's history know."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from wikibridge.jobs.base import Context, Job, SiteJob
from wikibridge.mirror.journal import SAVED, Journal
from wikibridge.mirror.store import Mirror
from wikibridge.model import Action, FileStep, Page, Step, WantedFile, WantedPage
from wikibridge.publish import files
from wikibridge.publish.limits import within
from wikibridge.publish.plan import Past, plan
from wikibridge.publish.plan import step as replan
from wikibridge.site import Limits
from wikibridge.wikis.base import Files, Wiki


@dataclass(frozen=True, slots=True)
class Planner:
    """Plans for one site. ``held`` are the digests of our files on the wiki, by name, as far as they are known."""

    context: Context
    wiki: Wiki
    mirror: Mirror
    journal: Journal
    held: dict[str, str]

    def _present(self, wanted: list[WantedPage]) -> dict[str, Page]:
        created = self.journal.created()
        # What goes to the end of a page is for the page that is called so now.
        ours = {want.title: created[want.title] for want in wanted if want.title in created and want.place != "end"}
        found = self.mirror.pages([want.title for want in wanted], ours.values()) if wanted else []
        by_id = {page.id: page for page in found}
        by_title = {page.title: page for page in found}
        return {
            want.title: page for want in wanted
            if (page := by_id.get(ours.get(want.title, 0)) or by_title.get(want.title)) is not None
        }

    def _past(self, wanted: Collection[WantedPage] = ()) -> Past:
        """What the journal knows of these pages; skeletons that it did not keep are looked up in the wiki's history."""
        created = self.journal.created()
        added = self.journal.added() if any(want.place == "end" for want in wanted) else {}
        titles = [want.title for want in wanted if want.upgrade and want.title in created]
        skeletons = self.journal.skeletons(titles)
        firsts = {write.revision: write.title for write in self.journal.writes(
            pages=[created[title] for title in titles if title not in skeletons]) if write.base == 0 and write.revision}
        skeletons |= {firsts[page.revision]: page.text for page in self.wiki.revisions(firsts)} if firsts else {}
        account = self.context.site.settings.wiki.account
        return Past(created, skeletons, self.journal.undone(), account, added, self.context.dialect)

    def steps(self, job: Job, taken: Collection[str]) -> tuple[Step, ...]:
        """What a job would write, but for pages that are taken by jobs before it. Raises whatever the job does."""
        wanted = job.wanted(self.context, self.mirror)
        found = self._files([picture for want in wanted for picture in want.pictures])
        wanted = [files.shown(want, found) for want in wanted]
        steps = plan(wanted, self._present(wanted), self._past(wanted), taken)
        return tuple(files.carried(step, found) for step in steps)

    def _files(self, wanted: list[WantedFile]) -> dict[str, FileStep]:
        """What to do for files, by name. The wiki is asked for those alone of which it is not known what it holds."""
        if not wanted:
            return {}
        takes = isinstance(self.wiki, Files)
        asked = [file.name for file in wanted if file.name not in self.held]
        there = self.wiki.files(asked) if isinstance(self.wiki, Files) and asked else {}
        self.held.update((name, file.sha1) for name, file in there.items() if file.ours)
        held = files.Held(self.held, there, {each.name for each in self.journal.uploads() if each.outcome == SAVED},
                          self.journal.undone_files())
        steps = {file.name: files.step(file, held) for file in wanted}
        for name, step in steps.items():
            # Where nothing is to be uploaded the wiki need not be asked whether it may be.
            if step.writes and (reason := files.refused(step, self.wiki.info(), takes)):
                self.context.leave(*reason)
                steps[name] = FileStep(Action.REFUSED, step.wanted, step.base)
        return steps

    def again(self, step: Step, page: Page | None) -> Step:
        """What to do for a step, its page being found otherwise than it was planned on."""
        return replan(step.wanted, page, self._past([step.wanted]))

    def took(self, file: FileStep, uploaded: bool) -> bool:
        """Remember what became of an upload. What the wiki holds after an error is not known: it is asked."""
        self.held.pop(file.wanted.name, None)
        if uploaded:
            self.held[file.wanted.name] = file.wanted.sha1
        return uploaded


def fitting(
    job: Job, steps: tuple[Step, ...], planned: Iterable[tuple[Job, tuple[Step, ...]]], limits: Limits,
) -> tuple[Step, ...]:
    """The steps of a job for which a run has room beside what is planned for the other jobs: all, unless they can wait."""
    if not isinstance(job, SiteJob) or job.at_most is None:
        return steps
    return within(steps, (step for other, them in planned if other is not job for step in them), limits, job.at_most)
