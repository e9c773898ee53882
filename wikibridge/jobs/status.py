"""Job kind ``status``: a page a language that says in plain words whether wikibridge is at work, and what it did last.

What it tells is of the latest run that wrote something else than such a page, and of a day: the page is written after such runs,
and once a day besides, so that readers see that somebody is at work. A run that finds nothing new leaves it as it is.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Literal

from wikibridge.entries.types import Language
from wikibridge.i18n import message
from wikibridge.jobs.base import Context, History, JobOptions, SiteJob
from wikibridge.markup import regions
from wikibridge.mirror.past import figures
from wikibridge.mirror.store import Mirror
from wikibridge.model import Selection, WantedPage
from wikibridge.pages.render import Markup
from wikibridge.site import Site
from wikibridge.summaries.text import day_text, number_text, time_text
from wikibridge.yaml_text import load

REGION = "status"


class Options(JobOptions):
    """A page a language that says in plain words whether wikibridge is at work, and what it did last: docs/telling.md"""

    kind: Literal["status"]
    """The kind of job."""
    page: dict[Language, str]
    """The title of the page in each language."""
    contact: str = ""
    """The page of whom to ask, or a few words."""


class Status(SiteJob):
    """The job."""

    model = Options
    order = 90
    options: Options

    def selection(self, context: Context) -> Selection:
        """The pages."""
        return Selection(titles=frozenset(context.titles(self.options.page).values()))

    def wanted(self, context: Context, mirror: Mirror) -> list[WantedPage]:
        """The page of each language."""
        history = context.history(_such(context.site))
        people, entries = figures(mirror)
        counts = people, entries, mirror.counts()["problems"]
        wanted = []
        for language, title in context.titles(self.options.page).items():
            filled = self._told(context, history, counts, language)
            text = context.render("status", language, {"region": Markup(context.region(REGION, filled))})
            wanted.append(WantedPage(title, text, self.name, message("edit-status", language), {REGION: filled}))
        return wanted

    def _told(self, context: Context, history: History, counts: tuple[int, int, int], language: Language) -> str:
        people, entries, problems = (number_text(count, language) for count in counts)
        dialect, work = context.dialect, history.work
        runs = regions.timed(number_text(history.runs, language), dialect)
        lines = [message("status-page-day", language, day_text(history.day, language), runs)]
        if work is None:
            lines.append(message("status-page-nothing", language))
        else:
            when = time_text(datetime.fromisoformat(work.time), language, context.site.settings.time_zone)
            written = (number_text(count, language) for count in (work.created, work.changed, work.uploaded))
            lines.append(message("status-page-work", language, when, *written))
        lines += [message("status-page-entries", language, people, entries), message("summary-problems", language, problems)]
        if self.options.contact:
            lines.append(message("status-page-contact", language, dialect.link(self.options.contact, self.options.contact)))
        return "\n".join(f"* {line}" for line in lines)


def _such(site: Site) -> Collection[str]:
    """The jobs of this kind: what they write is not told, or two of them would give each other something to tell for ever."""
    return {name for name, text in site.job_files().items()
            if isinstance(data := load(text, name).data, dict) and data.get("kind") == "status"}
