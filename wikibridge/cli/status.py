"""``wikibridge status``: the jobs with their times, the last run, and what waits for a person."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from rich.table import Table

from wikibridge.cli.log import grid, when
from wikibridge.i18n import message
from wikibridge.jobs.base import SiteJob
from wikibridge.jobs.due import next_due
from wikibridge.mirror.journal import Journal
from wikibridge.site import Site


def last(journal: Journal) -> dict[str, Any]:
    """The last run as facts: ``{"run", "started", "cut_off", ...}`` and what stands in jobs/result.py; empty before the first."""
    for number, started, figures in journal.runs(1):
        return {"run": number, "started": started, "cut_off": figures is None, **(figures or {})}
    return {}


def schedule(site: Site, jobs: Mapping[str, SiteJob], journal: Journal) -> list[dict[str, Any]]:
    """When each job was done and will be due: ``{"job", "kind", "every", "run", "done", "next"}``, times in UTC.

    ``run`` and ``done`` are 0 and None before the first time by schedule, ``next`` is None where it is never due by itself.
    """
    now = datetime.now(UTC)
    done = journal.scheduled()
    found: list[dict[str, Any]] = []
    for name, job in jobs.items():
        every = job.options.every or site.settings.every
        slot, run = done.get(name, ("", 0))
        due = next_due({name: job}, site.settings, done, now)
        found.append({"job": name, "kind": job.options.kind, "every": str(every or ""), "run": run, "done": slot or None,
                      "next": due.isoformat(timespec="seconds") if due else None})
    return found


def table(facts: list[dict[str, Any]], states: Mapping[str, str], language: str, zone: str) -> Table:
    """The jobs, a row each; ``states`` are those of the last run."""
    made = grid([("job-col-job", False), ("job-col-every", False), ("job-col-done", False), ("job-col-next", False),
                 ("run-col-state", False)], language)
    colours = {"done": "green", "failed": "red", "waiting": "yellow"}
    names = {"done": "run-state-done", "failed": "run-state-failed", "waiting": "run-state-waits"}
    now = datetime.now(UTC).isoformat()
    for fact in facts:
        state = states.get(fact["job"], "")
        due = "" if not fact["next"] else message("job-now", language) if fact["next"] <= now else when(fact["next"], zone)
        made.add_row(fact["job"], fact["every"] or "–", when(fact["done"], zone) if fact["done"] else "–", due or "–",
                     f"[{colours[state]}]{message(names[state], language)}[/]" if state else "")
    return made
