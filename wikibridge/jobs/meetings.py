"""Job kind ``meetings``: a programme page a language with times in every zone, a page for the minutes of each session, groups.

Meetings stand in ``meetings.yml`` and on the pages that the job file names. Minutes and groups are proposed once; they are
people's from then on. A page of minutes says in a comment which session it is of: a session that gets another title keeps it.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from wikibridge.entries.types import Language
from wikibridge.i18n import message
from wikibridge.jobs.base import Context, Job, JobOptions, SiteJob
from wikibridge.meetings import file, pages, zones
from wikibridge.meetings.file import Zone
from wikibridge.meetings.groups import Group, Person, main_theme, propose
from wikibridge.meetings.programme import programme, your_time
from wikibridge.meetings.values import Meeting, Session, named
from wikibridge.mirror.store import Mirror
from wikibridge.model import Entry, Selection, WantedPage
from wikibridge.pages.render import Markup
from wikibridge.site import read_text
from wikibridge.summaries.text import weekday_text

PROGRAMME, TIMES = "programme", "your-time"
_MARK = re.compile(r"wikibridge:session ([^\s/]+)/([^\s/]+)")
PAGE: dict[Language, str] = {"en": "Programme: $1", "fr": "Programme : $1", "pt": "Programa: $1"}
MINUTES: dict[Language, str] = {"en": "Minutes: ", "fr": "Compte rendu : ", "pt": "Ata: "}
GROUPS: dict[Language, str] = {"en": "Proposed groups: $1", "fr": "Groupes proposés : $1", "pt": "Grupos propostos: $1"}


def _each_its_own(page: dict[Language, str]) -> dict[Language, str]:
    if wrong := [title for title in page.values() if "$1" not in title]:
        raise ValueError(f"titles with $1 for the title of the meeting (not “{wrong[0]}”)")
    if len(set(page.values())) < len(page):
        raise ValueError("another title in each language")
    return page


Titles = Annotated[dict[Language, str], AfterValidator(_each_its_own)]


class Options(JobOptions):
    """Meetings: a programme in each language with times in every zone, pages for minutes, proposed groups: docs/meetings.md"""

    kind: Literal["meetings"]
    """The kind of job."""
    pages: tuple[Annotated[str, Field(min_length=1)], ...] = ()
    """Pages with a meeting and its sessions as entries, beside those in ``meetings.yml``."""
    zones: tuple[Zone, ...] = ()
    """The time zones in which people live who take part, by their names in the tz database."""
    page: Titles = PAGE
    """The title of the programme in each language; ``$1`` is the title of the meeting."""
    minutes: dict[Language, Annotated[str, Field(min_length=1)]] = MINUTES
    """What the titles of minutes begin with in each language; ``{}`` for no minutes."""
    groups: Titles = GROUPS
    """The title of the proposal of groups in each language, with ``$1``; ``{}`` for none."""
    least: Annotated[int, Field(ge=2)] = 8
    """The least number of people in a proposed group."""
    most: Annotated[int, Field(ge=2)] = 12
    """The largest number of people in a proposed group."""
    contact: str = ""
    """The page of whom to ask, or a few words."""

    @model_validator(mode="after")
    def _sizes(self) -> Options:
        if self.most < self.least:
            raise ValueError("most to be no less than least")
        return self


class Meetings(SiteJob):
    """The job."""

    model = Options
    order = 15
    options: Options

    def _planned(self, context: Context) -> tuple[Meeting, ...]:
        path = context.site.folder / file.FILE
        if not path.is_file():
            return ()
        return file.read(read_text(path), context.site.settings.time_zone, context.schema)

    def _titles(self, context: Context, page: Mapping[Language, str], called: Mapping[str, str]) -> dict[Language, str]:
        parts = {each: context.title_part(named(called, each)) for each in page}
        return context.titles({each: title.replace("$1", parts[each]) for each, title in page.items()})

    def selection(self, context: Context) -> Selection:
        """The programmes and the proposals of groups."""
        called = [*(each.titles for each in self._planned(context)), *({"": page} for page in self.options.pages)]
        return Selection(titles=frozenset(
            title for each in called for page in (self.options.page, self.options.groups)
            for title in self._titles(context, page, each).values()))

    def hosts(self, context: Context) -> Selection:
        """The pages of meetings, and all minutes."""
        minutes = context.titles(self.options.minutes)
        return Selection(tuple(minutes.values()), frozenset(map(context.title, self.options.pages)))

    def files(self, context: Context) -> tuple[Path, ...]:
        """The meetings that the secretariat plans."""
        return (context.site.folder / file.FILE,)

    def meetings(self, context: Context, mirror: Mirror) -> list[tuple[Meeting, Mapping[str, str]]]:
        """All meetings, each with the titles that its pages are called by."""
        settings = context.site.settings
        found: dict[str, tuple[Meeting, Mapping[str, str]]] = {}
        for each in self._planned(context):
            found[each.id] = each, each.titles
        for page in mirror.pages(map(context.title, self.options.pages)):
            entries = ((key, entry) for key, _, entry in mirror.entries(page.id))
            made = pages.read(page.title, entries, settings.languages[0], settings.time_zone, context.note)
            if made and made.id not in found:
                found[made.id] = made, {"": page.title}
        return list(found.values())

    def programmes(self, context: Context, called: Mapping[str, str]) -> dict[Language, str]:
        """The titles of the programme of a meeting by language."""
        return self._titles(context, self.options.page, called)

    def wanted(self, context: Context, mirror: Mirror) -> list[WantedPage]:
        """The programme of each meeting in each language, the minutes of each session, the groups."""
        written = self._written(context, mirror)
        return [page for meeting, called in self.meetings(context, mirror)
                for page in self._pages(context, mirror, meeting, called, written)]

    def conclusions(self, context: Context, mirror: Mirror, meeting: str, sessions: Container[str]) -> list[Entry]:
        """The conclusions in the minutes of some sessions of a meeting, by their ids."""
        written = self._written(context, mirror).items()
        minutes = [title for (of, session), title in written if of == meeting and session in sessions]
        return [entry for page in mirror.pages(minutes) for _, _, entry in mirror.entries(page.id) if entry.type == "conclusion"]

    def _pages(
        self, context: Context, mirror: Mirror, meeting: Meeting, called: Mapping[str, str],
        written: Mapping[tuple[str, str], str],
    ) -> Iterator[WantedPage]:
        minutes: dict[str, str] = {}
        titles = self.programmes(context, called)
        for session in meeting.sessions:
            language = self._spoken(context, session)
            title = written.get((meeting.id, session.id), "")
            if not title and language in self.options.minutes:
                parts = context.title_part(session.title(language)), context.title_part(named(called, language))
                title = context.title(f"{self.options.minutes[language]}{parts[0]} – {parts[1]}")
            if len(title.encode()) > 255:
                said = session.title(context.language)[:60]
                context.note("meeting-long-title", meeting.title(context.language)[:60], f"{said}…")
            elif title:
                minutes[session.id] = title
                yield self._minutes(context, meeting, session, title, titles.get(language, ""), language)
        counts = _conclusions(mirror, minutes)
        for language, title in titles.items():
            filled = {
                PROGRAMME: programme(meeting, self.options.zones, minutes, counts, language, context.schema, context.dialect),
                TIMES: your_time(meeting, self.options.zones, language, context.dialect)}
            others = context.others(titles, language)
            text = context.render("programme", language, {
                "meeting": meeting.title(language), "others": others, "place": meeting.place,
                "city": zones.city(meeting.zone, language), "contact": self._contact(context),
                "regions": {name: Markup(context.region(name, content)) for name, content in filled.items()}})
            yield WantedPage(title, text, self.name, message("edit-programme", language), filled)
        yield from self._groups(context, mirror, meeting, called)

    def _contact(self, context: Context) -> Markup:
        return Markup(context.dialect.link(self.options.contact, self.options.contact) if self.options.contact else "")

    def _spoken(self, context: Context, session: Session) -> Language:
        """The language of a session's minutes: the first that is spoken there and that the site has."""
        languages = context.site.settings.languages
        return next((each for each in languages if each in session.languages[:1]), next(
            (each for each in languages if each in session.languages), languages[0]))

    def _written(self, context: Context, mirror: Mirror) -> dict[tuple[str, str], str]:
        """The titles of the minutes that there are, by meeting and session."""
        prefixes = self.hosts(context).prefixes
        names = [title for title in mirror.titles() if prefixes and title.startswith(prefixes)]
        return {(mark[1], mark[2]): page.title for page in mirror.pages(names) if (mark := _MARK.search(page.text))}

    def _minutes(
        self, context: Context, meeting: Meeting, session: Session, title: str, back: str, language: Language,
    ) -> WantedPage:
        begin, end = context.dialect.COMMENT
        day, clock = weekday_text(session.day, language), zones.span(meeting, session, meeting.zone, language)
        when = f"{day}, {clock} ({zones.city(meeting.zone, language)})" if clock else day
        text = context.render("minutes", language, {
            "mark": Markup(f"{begin} wikibridge:session {meeting.id}/{session.id} {end}"), "title": session.title(language),
            "when": when, "facilitators": ", ".join(session.facilitators),
            "back": Markup(context.dialect.link(back, meeting.title(language)))})
        return WantedPage(title, text, self.name, message("edit-minutes", language))

    # Groups

    def _groups(self, context: Context, mirror: Mirror, meeting: Meeting, called: Mapping[str, str]) -> Iterator[WantedPage]:
        titles = self._titles(context, self.options.groups, called)
        there = {page.title for page in mirror.pages(titles.values())}
        if not titles or there == set(titles.values()):
            return  # people edit them: nothing to compute
        groups, left = propose(_people(mirror), self.options.least, self.options.most)
        if not groups:
            return
        for language, title in titles.items():
            shown = [{"heading": self._heading(context, group, language), "members": _links(context, group.members)}
                     for group in groups]
            rest = _links(context, left)
            text = context.render("groups", language, {"meeting": meeting.title(language), "groups": shown, "left": rest})
            yield WantedPage(title, text, self.name, message("edit-groups", language))

    def _heading(self, context: Context, group: Group, language: str) -> str:
        label = context.schema.label
        parts = [label("theme", group.theme, language) if group.theme else message("groups-themes", language),
                 label("language", group.language, language),
                 label("kind", group.kind, language) if group.kind else message("groups-kinds", language)]
        return " · ".join([*parts, *filter(None, [group.slot])])


def of(jobs: Iterable[Job]) -> list[Meetings]:
    """Those of some jobs that are of this kind; where there is none, one that looks at ``meetings.yml``."""
    return [job for job in jobs if isinstance(job, Meetings)] or [Meetings("meetings", Options(kind="meetings"))]


def _links(context: Context, titles: Iterable[str]) -> list[Markup]:
    return [Markup(context.dialect.link(title, title.rpartition("/")[2] or title)) for title in titles]


def _conclusions(mirror: Mirror, minutes: Mapping[str, str]) -> dict[str, int]:
    """How many conclusions stand in the minutes of each session."""
    sessions = {title: session for session, title in minutes.items()}
    found = {}
    for page in mirror.pages(sessions):
        count = sum(1 for _, _, entry in mirror.entries(page.id) if entry.type == "conclusion")
        if count:
            found[sessions[page.title]] = count
    return found


def _people(mirror: Mirror) -> Iterator[Person]:
    """Those who have a page, with what they write of most. Nothing of a private sign-up is looked at."""
    about = mirror.fields("participant")
    signed = mirror.fields("sign_up")
    for page in mirror.pages(about):
        said = about[page.title]
        choices = [entry for _, _, entry in mirror.entries(page.id) if entry.type == "choice"]
        themes = (theme for entry in choices for theme in _several(entry))
        slots = signed.get(page.title, {}).get("availability", ())
        yield Person(page.title, str(said.get("language", "")), str(said.get("kind", "")), main_theme(themes),
                     frozenset(slots if isinstance(slots, tuple) else (str(slots),)))


def _several(entry: Entry) -> tuple[str, ...]:
    value = entry.fields.get("theme", ())
    return value if isinstance(value, tuple) else (str(value),)
