"""What the journal tells of runs, as facts, as a table and as lines."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from rich.table import Table

from wikibridge.errors import SettingsError
from wikibridge.i18n import message
from wikibridge.mirror.journal import SAVED, Journal

MOST = 20
"""Runs that are listed."""
_FIGURES = ("seconds", "requests", "pages_read", "created", "changed", "uploaded", "problems")
_SENTENCES = ("failed", "refused", "waiting")


def runs(journal: Journal) -> list[dict[str, Any]]:
    """The latest runs that wrote something or could not, the newest first.

    ``{"run", "started", "cut_off", figures, sentences}`` as in jobs/result.py; a run that never came to its end was cut off.
    """
    found = []
    for number, started, result in journal.runs():
        facts = result or {}
        told = {**{name: facts.get(name, 0) for name in _FIGURES}, **{name: facts.get(name, []) for name in _SENTENCES}}
        if result is None or told["created"] or told["changed"] or told["uploaded"] or told["failed"]:
            found.append({"run": number, "started": started, "cut_off": result is None, **told})
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


def told(facts: list[dict[str, Any]], language: str) -> Iterator[str]:
    """The facts on the pages of one run, as lines."""
    if not facts:
        yield message("log-nothing", language)
    for fact in facts:
        what = "log-failed" if fact["outcome"] != SAVED else "log-created" if fact["created"] else "log-changed"
        yield message(what, language, fact["title"], fact["outcome"]) + (f"  {fact['diff']}" if fact["diff"] else "")


def when(moment: str, zone: str) -> str:
    """A moment as the journal has it, on the clock of the site: "2026-11-26 22:15"."""
    return datetime.fromisoformat(moment).astimezone(ZoneInfo(zone)).strftime("%Y-%m-%d %H:%M")


def grid(headings: list[tuple[str, bool]], language: str) -> Table:
    """An empty table with these columns: keys of messages, and whether figures stand below."""
    made = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0), header_style="bold")
    for key, figures in headings:
        made.add_column(message(key, language), justify="right" if figures else "left", no_wrap=True)
    return made


def table(facts: list[dict[str, Any]], language: str, zone: str) -> Table:
    """The facts on runs, a row each."""
    files = any(fact["uploaded"] for fact in facts)
    shown = [name for name in _FIGURES[1:] if files or name != "uploaded"]
    made = grid([("run-col-run", True), ("run-col-time", False), ("run-col-seconds", True), ("run-col-requests", True),
                 ("run-col-read", True), ("run-col-created", True), ("run-col-changed", True),
                 *([("run-col-files", True)] if files else []), ("run-col-problems", True), ("run-col-state", False)], language)
    for fact in facts:
        state, colour = (("run-state-cut", "red") if fact["cut_off"] else ("run-state-part", "red") if fact["failed"] else
                         ("run-state-waits", "yellow") if fact["waiting"] else ("run-state-done", "green"))
        figures = [f"{fact['seconds']:.1f} s", *(str(fact[name]) for name in shown)]
        made.add_row(str(fact["run"]), when(fact["started"], zone), *([""] * len(figures) if fact["cut_off"] else figures),
                     f"[{colour}]{message(state, language)}[/]")
    return made


def sentences(facts: list[dict[str, Any]], language: str) -> Iterator[str]:
    """What was not done in these runs, as lines; what several runs tell stands once, under the latest."""
    seen: set[str] = set()
    for fact in facts:
        if fact["cut_off"]:
            yield message("status-cut", language, fact["run"], fact["started"])
        for line in fact["failed"]:
            if line not in seen:
                seen.add(line)
                yield message("log-not-done", language, fact["run"], line)
