"""The kinds of jobs, and the site's jobs in the order in which they need each other."""

from __future__ import annotations

from collections.abc import Callable

from pydantic import BaseModel

from wikibridge.errors import SettingsError
from wikibridge.jobs import answers, participants, problems, status, summaries
from wikibridge.jobs.base import SiteJob
from wikibridge.site import Site
from wikibridge.yaml_text import checked, load

KINDS: dict[str, tuple[type[BaseModel], Callable[..., SiteJob]]] = {
    "participants": (participants.Options, participants.Participants),
    "summaries": (summaries.Options, summaries.Summaries),
    "answers": (answers.Options, answers.Answers),
    "problems": (problems.Options, problems.Problems),
    "status": (status.Options, status.Status),
}
ORDER = ("install", "participants", "summaries", "answers", "problems", "status")


def load_jobs(site: Site) -> dict[str, SiteJob]:
    """The site's jobs by name, in the order in which they need each other. Raises SettingsError on a wrong job file."""

    class Kind(BaseModel):
        kind: str

    jobs: dict[str, tuple[int, SiteJob]] = {}
    for name, text in site.job_files().items():
        file = f"jobs/{name}.yml"
        if not load(text, file).data:
            continue  # an empty file in place of a shipped one: the site does not want it
        kind = checked(Kind, text, file).kind
        if kind not in KINDS:
            raise SettingsError("job-kind", file, kind, ", ".join(KINDS))
        model, make = KINDS[kind]
        jobs[name] = (ORDER.index(kind), make(name, checked(model, text, file)))
    return {name: job for name, (_, job) in sorted(jobs.items(), key=lambda item: (item[1][0], item[0]))}
