"""The kinds of jobs, and the site's jobs in the order in which they need each other."""

from __future__ import annotations

from pydantic import BaseModel

from wikibridge import plugins
from wikibridge.errors import SettingsError
from wikibridge.jobs.answers import Answers
from wikibridge.jobs.assessment import AssessmentJob
from wikibridge.jobs.base import JobOptions, SiteJob
from wikibridge.jobs.catalogue import Catalogue
from wikibridge.jobs.charters import Charters
from wikibridge.jobs.feeds import Feeds
from wikibridge.jobs.groups import Groups
from wikibridge.jobs.meetings import Meetings
from wikibridge.jobs.participants import Participants
from wikibridge.jobs.problems import Problems
from wikibridge.jobs.reminders import Reminders
from wikibridge.jobs.status import Status
from wikibridge.jobs.summaries import Summaries
from wikibridge.site import Site
from wikibridge.yaml_text import checked, load

KINDS: dict[str, type[SiteJob]] = {
    "participants": Participants,
    "meetings": Meetings,
    "charters": Charters,
    "summaries": Summaries,
    "groups": Groups,
    "catalogue": Catalogue,
    "feeds": Feeds,
    "answers": Answers,
    "problems": Problems,
    "reminders": Reminders,
    "assessment": AssessmentJob,
    "status": Status,
}
"""The shipped ones."""


def kind_of(name: str, file: str) -> type[SiteJob]:
    """A kind of jobs by its name: a shipped one, or what an installed package brings.

    Raises SettingsError when there is none, or when what a package brings is none.
    """
    if name in KINDS:
        return KINDS[name]
    found = plugins.load(plugins.JOBS, name)
    if found is None:
        raise SettingsError("job-kind", file, name, ", ".join([*KINDS, *plugins.names(plugins.JOBS)]))
    if not (isinstance(found, type) and issubclass(found, SiteJob) and isinstance(found.model, type)
            and issubclass(found.model, JobOptions)):
        raise SettingsError("plugin-no-job", name, getattr(found, "__module__", "?"))
    return found


class _Kind(BaseModel):
    kind: str


def load_job(name: str, text: str) -> SiteJob | None:
    """The job that a file of this name (without its ending) describes. Raises SettingsError on a wrong job file.

    None for an empty file in place of a shipped one: the site does not want it.
    """
    file = f"jobs/{name}.yml"
    if not load(text, file).data:
        return None
    made = kind_of(checked(_Kind, text, file).kind, file)
    return made(name, checked(made.model, text, file))


def load_jobs(site: Site) -> dict[str, SiteJob]:
    """The site's jobs by name, in the order in which they need each other. Raises SettingsError on a wrong job file."""
    jobs = [job for name, text in site.job_files().items() if (job := load_job(name, text))]
    return {job.name: job for job in sorted(jobs, key=lambda job: (job.order, job.name))}
