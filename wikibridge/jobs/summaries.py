"""Job kind ``summaries``: pages of answers to questions, one page a language, each answer in a managed region."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Literal

from babel import Locale
from pydantic import AfterValidator, Field

from wikibridge.entries.types import Language, Schema
from wikibridge.errors import SettingsError
from wikibridge.i18n import message
from wikibridge.jobs.base import Context
from wikibridge.mirror.facts import key
from wikibridge.mirror.store import Mirror
from wikibridge.model import Selection, WantedPage
from wikibridge.pages.render import Markup
from wikibridge.summaries.compute import answer
from wikibridge.summaries.grammar import QuestionError, parse
from wikibridge.summaries.paint import paint
from wikibridge.summaries.question import Asked, Condition, Question
from wikibridge.summaries.show import show
from wikibridge.summaries.tally import Slice, Tallies
from wikibridge.wikis.base import title_part
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
    """The job file: ``page`` is the title of the summary page in each language.

    With ``each``, a vocabulary of a field such as theme, there is a page for each of its terms: ``$1`` in titles and headings
    is the term, and each question is of entries with that term only. A page is made as soon as ``least`` entries are there.
    """

    kind: Literal["summaries"]
    title: str = ""
    every: str = ""
    page: dict[Language, str]
    each: str = ""
    least: Annotated[int, Field(ge=0)] = 1
    blocks: Annotated[tuple[Block, ...], Field(min_length=1), AfterValidator(_names_once)]


def _own_name(language: str) -> str:
    """A language's name in itself, as a reader looks for it."""
    return str(Locale(language).display_name).capitalize()


class Summaries:
    """The job."""

    def __init__(self, name: str, options: Options) -> None:
        self.name = name
        self.options = options

    def _terms(self, context: Context) -> list[str]:
        """The terms of which each has a page; one empty one where there is a single page."""
        if not self.options.each:
            return [""]
        known = context.schema.vocabularies.get(self.options.each)
        if known is None:
            raise SettingsError("summary-each", self.name, self.options.each, ", ".join(context.schema.vocabularies))
        if missing := [title for title in self.options.page.values() if "$1" not in title]:
            raise SettingsError("summary-each-title", self.name, missing[0], "$1")
        return list(known)

    def _label(self, context: Context, term: str, language: str) -> str:
        return context.schema.label(self.options.each, term, language) if term else ""

    def _titles(self, context: Context, term: str) -> dict[Language, str]:
        return context.titles({language: title.replace("$1", title_part(self._label(context, term, language)))
                               for language, title in self.options.page.items()})

    def selection(self, context: Context) -> Selection:
        """The summary pages."""
        return Selection(titles=frozenset(
            title for term in self._terms(context) for title in self._titles(context, term).values()))

    def files(self, context: Context) -> tuple[Path, ...]:
        """None."""
        return ()

    def wanted(self, context: Context, mirror: Mirror) -> list[WantedPage]:
        """The summary page of each language of the site, of each term where each has one."""
        tallies = context.tallies(mirror)
        return [page for term in self._terms(context) for page in self._pages(context, mirror, tallies, term)]

    def _pages(self, context: Context, mirror: Mirror, tallies: Tallies, term: str) -> Iterator[WantedPage]:
        settings = context.site.settings
        questions = [(block, block.question(self.name, context.schema)) for block in self.options.blocks]
        sums: Tallies | Slice = tallies
        if term:
            also = Condition(Asked(self.options.each), terms=(key(term),))
            questions = [(block, replace(question, where=(*question.where, also))) for block, question in questions]
            sums = Slice(tallies, also)
        answers = [(block, answer(question, sums, context.schema, settings.min_group)) for block, question in questions]
        titles = self._titles(context, term)
        enough = max(found.total.entries for _, found in answers) >= self.options.least
        for language, title in titles.items():
            if not enough and not mirror.pages([title]):
                continue  # a page is made when there is something to tell
            label = self._label(context, term, language)
            shown = ((block.name, show(found, context.schema, language, settings.time_zone, settings.min_group))
                     for block, found in answers)
            filled = {name: paint(one, context.dialect) for name, one in shown}
            blocks = [{"heading": (block.heading.get(language) or block.name).replace("$1", label),
                       "region": Markup(context.region(block.name, filled[block.name]))} for block, _ in answers]
            others = [Markup(context.dialect.link(other, _own_name(code))) for code, other in titles.items() if code != language]
            text = context.render("summary", language, {"blocks": blocks, "others": others})
            yield WantedPage(title, text, self.name, message("edit-summary", language), filled)
