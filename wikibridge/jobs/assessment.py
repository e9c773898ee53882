"""Job kind ``assessment``: a page a language of what came of a period, each section in a managed region."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Annotated, Literal

from pydantic import Field, model_validator

from wikibridge.assessment.compute import assess
from wikibridge.assessment.sections import Section, sections
from wikibridge.assessment.sections import title as title_of
from wikibridge.assessment.values import Assessment, Held
from wikibridge.entries.types import Language
from wikibridge.errors import SettingsError
from wikibridge.i18n import message
from wikibridge.jobs import meetings
from wikibridge.jobs.base import Context, JobOptions, SiteJob
from wikibridge.jobs.charters import Charters
from wikibridge.markup.parts import Dialect
from wikibridge.mirror.store import Mirror
from wikibridge.model import Selection, WantedPage
from wikibridge.pages.render import Markup
from wikibridge.summaries.grammar import QuestionError
from wikibridge.summaries.paint import paint
from wikibridge.summaries.period import Span
from wikibridge.summaries.words import installed
from wikibridge.yaml_text import Strict

DATA_KIND = "wikibridge-assessment"
"""What files of data say first, by which they are known again."""
PAGE: dict[Language, str] = {"en": "Assessment: $1", "fr": "Bilan du $1", "pt": "Balanço de $1"}


class Days(Strict):
    """From one day to another, both included."""

    first: Annotated[date, Field(alias="from")]
    """The first day."""
    last: Annotated[date, Field(alias="to")]
    """The last day."""

    @model_validator(mode="after")
    def _forwards(self) -> Days:
        if self.last < self.first:
            raise ValueError("“to” to be no earlier than “from”")
        return self

    @property
    def span(self) -> Span:
        """The same as a period."""
        return Span(self.first, self.last)


class Options(JobOptions, Days):
    """What came of a period, as a page in each language: docs/assessment.md"""

    kind: Literal["assessment"]
    """The kind of job."""
    previous: Days | None = None
    """The period to compare with; as long a one before, if empty."""
    page: dict[Language, str] = PAGE
    """The title of the page in each language; ``$1`` is the period."""


class AssessmentJob(SiteJob):
    """The job."""

    model = Options
    order = 60
    options: Options
    kept = True
    """Whether runs keep the pages up to date; those that the command publishes are as they were made."""

    def heading(self, language: Language) -> str:
        """What the assessment is called in a language."""
        title = self.options.page.get(language) or PAGE[language]
        return title.replace("$1", title_of(self.options.span, language))

    def _titles(self, context: Context) -> dict[Language, str]:
        period = {language: context.title_part(title_of(self.options.span, language)) for language in self.options.page}
        return context.titles({language: title.replace("$1", period[language]) for language, title in self.options.page.items()})

    def selection(self, context: Context) -> Selection:
        """The pages."""
        return Selection(titles=frozenset(self._titles(context).values()))

    def assessment(self, context: Context, mirror: Mirror) -> Assessment:
        """What came of the period. Raises SettingsError where choices have no date."""
        settings, span = context.site.settings, self.options.span
        previous = self.options.previous.span if self.options.previous else span.before()
        if not installed():
            context.note("assessment-words-left")
        try:
            return assess(
                mirror, context.schema, span, previous, context.tallies(mirror), people=context.title(settings.participants),
                min_group=settings.min_group, words=installed(), meetings=_held(context, mirror, span),
                charters=filter(None, (job.stands(context, mirror) for job in context.jobs() if isinstance(job, Charters))))
        except QuestionError as error:
            raise SettingsError("question-in-job", self.name, "choices", error.say()) from error

    def sections(self, context: Context, made: Assessment, language: Language) -> tuple[Section, ...]:
        """The assessment in a language."""
        settings = context.site.settings
        return sections(made, context.schema, language, settings.time_zone, settings.min_group)

    def wanted(self, context: Context, mirror: Mirror) -> list[WantedPage]:
        """The page of each language of the site."""
        made = self.assessment(context, mirror)
        titles = self._titles(context)
        wanted = []
        for language, title in titles.items():
            if not (made.participation.active or made.meetings or made.charters or mirror.pages([title])):
                continue  # a page is made when there is something to tell
            told = self.sections(context, made, language)
            nothing = message("summary-none-such", language)
            filled = {section.name: _painted(section, context.dialect) or nothing for section in told}
            blocks = [{"heading": section.heading, "region": Markup(context.region(section.name, filled[section.name]))}
                      for section in told]
            others = context.others(titles, language)
            text = context.render("assessment", language, {"blocks": blocks, "others": others, "kept": self.kept})
            wanted.append(WantedPage(title, text, self.name, message("edit-assessment", language), filled))
        return wanted


def _painted(section: Section, dialect: Dialect) -> str:
    pieces = ["\n".join(f"* {point}" for point in section.points)] if section.points else []
    for part in section.parts:
        heading = f"{dialect.heading(dialect.escape(part.heading), 3)}\n\n" if part.heading else ""
        pieces.append(f"{heading}{paint(part.shown, dialect)}")
    return "\n\n".join(pieces)


def _held(context: Context, mirror: Mirror, span: Span) -> Iterator[Held]:
    """The meetings of the site with sessions in a period, by their first day."""
    found = {}
    for job in meetings.of(context.jobs()):
        for meeting, called in job.meetings(context, mirror):
            sessions = [each for each in meeting.sessions if span.first and span.last and span.first <= each.day <= span.last]
            if not sessions or meeting.id in found:
                continue
            conclusions = job.conclusions(context, mirror, meeting.id, {each.id for each in sessions})
            days = sorted(each.day.isoformat() for each in sessions)
            cancelled = sum(each.cancelled for each in sessions)
            chosen = sum(entry.fields.get("charter") is True for entry in conclusions)
            programmes: dict[str, str] = {code: title for code, title in job.programmes(context, called).items()}
            found[meeting.id] = Held(meeting.titles, programmes, (days[0], days[-1]),
                                     len(sessions) - cancelled, cancelled, len(conclusions), chosen)
    yield from sorted(found.values(), key=lambda held: (held.days, sorted(held.titles.items())))
