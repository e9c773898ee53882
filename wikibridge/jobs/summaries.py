"""Job kind ``summaries``: pages of answers to questions, one page a language, each answer in a managed region."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from babel import Locale
from pydantic import AfterValidator, Field

from wikibridge.entries.types import Language, Schema
from wikibridge.errors import SettingsError
from wikibridge.i18n import message
from wikibridge.jobs.base import Context
from wikibridge.markup import regions, wikitext
from wikibridge.mirror.store import Mirror
from wikibridge.model import Selection, WantedPage
from wikibridge.pages.render import Markup
from wikibridge.summaries.compute import answer
from wikibridge.summaries.grammar import QuestionError, parse
from wikibridge.summaries.paint import wiki
from wikibridge.summaries.question import Question
from wikibridge.summaries.show import show
from wikibridge.yaml_text import Strict


class Block(Strict):
    """A question with a heading in each language. Its words are those that serve on wiki pages: docs/questions.md"""

    name: Annotated[str, Field(pattern=r"^[a-z0-9-]{1,40}$")]
    heading: dict[Language, str]
    of: str = "choice"
    where: str = ""
    by: str = ""
    show: str = ""
    sort: str = ""
    limit: int | str = ""
    shape: Annotated[str, Field(alias="as")] = ""

    def question(self, job: str, schema: Schema) -> Question:
        """The question. Raises SettingsError naming job and block."""
        parts = {"of": self.of, "where": self.where, "by": self.by, "show": self.show, "sort": self.sort,
                 "limit": str(self.limit), "as": self.shape}
        try:
            return parse(parts, schema, "en")
        except QuestionError as error:
            raise SettingsError("question-in-job", job, self.name, error.say()) from error


def _names_once(blocks: tuple[Block, ...]) -> tuple[Block, ...]:
    names = [block.name for block in blocks]
    twice = [name for name in names if names.count(name) > 1]
    if twice:
        raise ValueError(f"each block to have a name of its own (“{twice[0]}” is there twice)")
    return blocks


class Options(Strict):
    """The job file: ``page`` is the title of the summary page in each language."""

    kind: Literal["summaries"]
    title: str = ""
    every: str = ""
    page: dict[Language, str]
    blocks: Annotated[tuple[Block, ...], Field(min_length=1), AfterValidator(_names_once)]


def _own_name(language: str) -> str:
    """A language's name in itself, as a reader looks for it."""
    return str(Locale(language).display_name).capitalize()


class Summaries:
    """The job."""

    def __init__(self, name: str, options: Options) -> None:
        self.name = name
        self.options = options

    def selection(self, context: Context) -> Selection:
        """The summary pages."""
        return Selection(titles=frozenset(context.titles(self.options.page).values()))

    def files(self, context: Context) -> tuple[Path, ...]:
        """None."""
        return ()

    def wanted(self, context: Context, mirror: Mirror) -> list[WantedPage]:
        """The summary page of each language of the site."""
        settings, tallies = context.site.settings, context.tallies(mirror)
        questions = {block.name: block.question(self.name, context.schema) for block in self.options.blocks}
        answers = {name: answer(question, tallies, context.schema, settings.min_group) for name, question in questions.items()}
        titles = context.titles(self.options.page)
        pages = []
        for language, title in titles.items():
            filled = {name: wiki(show(found, context.schema, language, settings.time_zone, settings.min_group))
                      for name, found in answers.items()}
            blocks = [
                {"heading": b.heading.get(language) or b.name, "region": Markup(regions.region(b.name, filled[b.name]))}
                for b in self.options.blocks
            ]
            others = [Markup(wikitext.link(other, _own_name(code))) for code, other in titles.items() if code != language]
            text = context.templates.render(f"mediawiki/{language}/summary.wiki", {"blocks": blocks, "others": others})
            pages.append(WantedPage(title, text, self.name, message("edit-summary", language), filled))
        return pages
