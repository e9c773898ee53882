"""What the journal tells of runs, as facts and as lines."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from wikibridge.errors import SettingsError
from wikibridge.i18n import message
from wikibridge.mirror.journal import SAVED, Journal

MOST = 20
"""Runs that are listed."""


def runs(journal: Journal) -> list[dict[str, Any]]:
    """The latest runs that wrote something or could not, the newest first.

    ``{"run", "started", "cut_off", "created", "changed", "failed"}``; a run that never came to its end was cut off.
    """
    found = []
    for number, started, result in journal.runs():
        facts = result or {}
        if result is None or facts["created"] or facts["changed"] or facts["failed"]:
            found.append({"run": number, "started": started, "cut_off": result is None, "created": facts.get("created", 0),
                          "changed": facts.get("changed", 0), "failed": facts.get("failed", [])})
        if len(found) == MOST:
            break
    return found


def pages(journal: Journal, run: int, address: Callable[[int], str]) -> list[dict[str, Any]]:
    """What a run wrote: ``{"title", "job", "outcome", "created", "revision", "diff"}`` a page.

    Raises SettingsError when there was no such run.
    """
    if not journal.has(run):
        raise SettingsError("run-unknown", run)
    files = [{
        "title": f"File:{sent.name}", "job": sent.job, "outcome": sent.outcome, "created": not sent.base,
        "revision": 0, "diff": "",
    } for sent in journal.uploads(run=run)]
    return [*files, *({
        "title": write.title, "job": write.job, "outcome": write.outcome, "created": write.base == 0,
        "revision": write.revision, "diff": address(write.revision) if write.outcome == SAVED and write.revision else "",
    } for write in journal.writes(run=run))]


def told(facts: list[dict[str, Any]], language: str, one: bool) -> Iterator[str]:
    """The facts as lines: of one run's pages, or of runs."""
    if not facts:
        yield message("log-none", language)
    for fact in facts:
        if one:
            what = "log-failed" if fact["outcome"] != SAVED else "log-created" if fact["created"] else "log-changed"
            yield message(what, language, fact["title"], fact["outcome"]) + (f"  {fact['diff']}" if fact["diff"] else "")
        else:
            yield message("status-cut" if fact["cut_off"] else "log-run", language, fact["run"], fact["started"],
                          fact["created"], fact["changed"])
            for line in fact["failed"]:
                yield f"  {message('not-written', language, line)}"
