"""Job kind ``reminders``: a gentle word to participants who have not written for a while, on their page or as a draft of a mail.

One for each silence: it says nothing that changes from day to day, goes when they write again, and never comes where somebody
wrote that none is wanted.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterator
from datetime import date
from email.message import EmailMessage
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field

from wikibridge.entries.spelling import fold
from wikibridge.i18n import message
from wikibridge.jobs import signups
from wikibridge.jobs.base import Context, JobOptions, LocalFiles, SiteJob
from wikibridge.jobs.drafts import Draft, letter
from wikibridge.jobs.folders import read_all
from wikibridge.jobs.mail_addresses import addresses
from wikibridge.jobs.notices import declined, region_name
from wikibridge.markup import regions
from wikibridge.meetings.file import slug
from wikibridge.mirror.activity import Activity, activity
from wikibridge.mirror.store import Mirror
from wikibridge.model import Page, WantedPage
from wikibridge.pages.render import Markup
from wikibridge.publish.exclusion import excluded
from wikibridge.summaries.question import Relative, earlier
from wikibridge.summaries.show import called
from wikibridge.summaries.text import day_text

FOLDER = "reminders"
PEOPLE = "participants.csv"
_FIRST_WIKI = date(1995, 3, 25)
"""Nobody can have been silent for longer: so long a time means that nobody is to be reminded, and no notice is to stand."""
_AFTER = re.compile(r"([1-9][0-9]{0,3}) (day|week|month|year)s?")


def _span(text: str) -> Relative:
    found = _AFTER.fullmatch(" ".join(text.split()))
    if not found:
        raise ValueError("a time such as 60 days, 8 weeks or 3 months")
    return Relative(int(found[1]), found[2])  # type: ignore[arg-type]


def _is_span(text: str) -> str:
    _span(text)
    return text


class Options(JobOptions):
    """A gentle word to participants who have not written for a while, on their page or as a draft of a mail: docs/reminders.md"""

    kind: Literal["reminders"]
    """The kind of job."""
    after: Annotated[str, AfterValidator(_is_span)] = "60 days"
    """How long somebody has not written: ``60 days``, ``8 weeks``, ``3 months``."""
    by: Literal["page", "mail"] = "page"
    """How they are reminded: by a notice on top of their page, or by the draft of a mail in the site folder, for those whose
    address stands in ``participants.csv`` or ``sign-ups.csv``."""
    at_most: Annotated[int, Field(ge=1, le=1000)] = 20
    """How many reminders a run makes at most; the others wait for the next run."""


class Reminders(SiteJob):
    """The job."""

    model = Options
    order = 45
    options: Options

    @property
    def at_most(self) -> int:
        """Reminders can wait: no run writes more, and none comes to a limit of the site because of them."""
        return self.options.at_most

    @property
    def region(self) -> str:
        """What its notices are called on pages."""
        return region_name("reminder", self.name)

    def files(self, context: Context) -> tuple[Path, ...]:
        """The tables with addresses and the drafts that there are; none where reminders are on pages."""
        folder = context.site.folder
        drafts = sorted((folder / FOLDER).glob("*.eml"))
        return (folder / signups.FILE, folder / PEOPLE, *drafts) if self.options.by == "mail" else ()

    def wanted(self, context: Context, mirror: Mirror) -> list[WantedPage]:
        """The notices: first those that are over, then those of who has been silent longest."""
        spoken = context.spoken(mirror, context.site.settings.languages)
        silent = {each.page for each in self._silent(context, mirror)} if self.options.by == "page" else set()
        known = {each.page: each for each in activity(mirror)}
        stopped = self._last_day(context) < _FIRST_WIKI
        over, due = [], []
        for page in mirror.every():
            stands = regions.stands(page.text, self.region)
            if not (stands or page.id in silent) or excluded(page.text, context.site.settings.wiki.account, context.dialect):
                continue
            language = spoken(page.title)
            # Where it is not known whether they wrote, as in a mirror that was filled anew, a notice that stands may be right.
            unsure = stands and page.id in known and known[page.id].latest is None and self.options.by == "page" and not stopped
            if (page.id in silent or unsure) and not declined(page.text, context.dialect):
                text = context.render("reminder", language, {
                    "edit": Markup(context.dialect.edit_link(page.title, None, message("reminder-edit", language))),
                    "word": message("reminder-word", language)})
                due.append((known[page.id], self._notice(page, text, language)))
            else:
                over.append(self._notice(page, "", language))
        due.sort(key=lambda each: (each[0].latest or each[0].begun, each[1].title))
        return [*over, *(want for _, want in due)]

    def _notice(self, page: Page, text: str, language: str) -> WantedPage:
        return WantedPage(page.title, text, self.name, message("edit-reminder", language), {self.region: text}, "top")

    def _last_day(self, context: Context) -> date:
        """The day since which somebody must not have written, to be reminded."""
        try:
            return earlier(_span(self.options.after), context.history(()).day)
        except (ValueError, OverflowError):
            return date.min  # before our era

    def _silent(self, context: Context, mirror: Mirror) -> list[Activity]:
        """The participants who have not written for so long, those first who are silent longest."""
        zone = ZoneInfo(context.site.settings.time_zone)
        last = self._last_day(context)
        found = [each for each in activity(mirror) if (each.latest or each.begun).astimezone(zone).date() <= last]
        return sorted(found, key=lambda each: (each.latest or each.begun, each.title))

    # Mails

    def local_files(self, context: Context, mirror: Mirror) -> tuple[LocalFiles, ...]:
        """The drafts; those of people who wrote again are removed."""
        if self.options.by == "page":
            return ()
        files: dict[str, bytes | None] = dict.fromkeys(self._before(context))
        return (LocalFiles(FOLDER, files | {each.name: each.data for each in self.drafts(context, mirror)}, private=True),)

    def _before(self, context: Context) -> list[str]:
        """The drafts of the job that there are, by their names."""
        begin = f"{slug(self.name, 'reminders')}."
        return [name for name in read_all(context.site.folder / FOLDER) if name.startswith(begin) and name.endswith(".eml")]

    def drafts(self, context: Context, mirror: Mirror) -> list[Draft]:
        """The drafts that there are to be: those of before, and ``at_most`` new ones."""
        before = self._before(context)
        left = self.options.at_most
        made = []
        for draft in self._letters(context, mirror):
            if draft.name not in before and not left:
                continue
            left -= draft.name not in before
            made.append(draft)
        return made

    def _letters(self, context: Context, mirror: Mirror) -> Iterator[Draft]:
        found = addresses((PEOPLE, signups.FILE), context)
        settings = context.site.settings
        sender = settings.tell.mail.sender if settings.tell.mail else settings.wiki.contact
        spoken, zone = context.spoken(mirror, settings.languages), ZoneInfo(settings.time_zone)
        names = {title: str(said.get("name") or called(title)) for title, said in mirror.fields("participant").items()}
        often = Counter(map(fold, names.values()))
        silent = self._silent(context, mirror)
        pages = {page.id: page for page in mirror.pages(ids=[each.page for each in silent])}
        for each in silent:
            name, text = names[each.title], pages[each.page].text
            mail = found.get(fold(name), "")
            if not mail or declined(text, context.dialect) or excluded(text, settings.wiki.account, context.dialect):
                continue
            if often[fold(name)] > 1:
                context.note("reminders-same-name", name)
                continue
            day = (each.latest or each.begun).astimezone(zone).date()
            mark = hashlib.sha256(f"{each.page} {mail.casefold()}".encode()).hexdigest()[:8]
            yield Draft(f"{slug(self.name, 'reminders')}.{slug(name, 'person')}.{mark}.eml", _mail(
                sender, name, mail, day, context.address(each.title) or each.title, spoken(each.title)),
                f"{each.page} {day}")


def _mail(sender: str, name: str, mail: str, day: date, place: str, language: str) -> EmailMessage:
    lines = [message("invitation-hello", language, name), "",
             message("reminder-mail", language, day_text(day, language)), "", place, "",
             message("reminder-mail-end", language, message("reminder-word", language)), ""]
    return letter(sender, name, mail, message("reminder-subject", language), lines)
