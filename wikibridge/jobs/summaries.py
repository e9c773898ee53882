"""Job kind ``summaries``: pages of answers to questions, one page a language, each answer in a managed region."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Literal, cast

from pydantic import AfterValidator, Field

from wikibridge.entries.types import Language, Schema
from wikibridge.errors import SettingsError
from wikibridge.i18n import message
from wikibridge.jobs.base import Context, JobOptions, SiteJob
from wikibridge.mirror.facts import key
from wikibridge.mirror.store import Mirror
from wikibridge.model import Selection, WantedFile, WantedPage
from wikibridge.pages.render import Markup
from wikibridge.summaries.chart import can_be_drawn, draw
from wikibridge.summaries.compute import Answer, answer
from wikibridge.summaries.grammar import QuestionError, parse
from wikibridge.summaries.paint import paint, picture
from wikibridge.summaries.question import Asked, Condition, Grouping, Question
from wikibridge.summaries.show import show
from wikibridge.summaries.tally import Slice, Tallies
from wikibridge.summaries.words import NEEDS, installed
from wikibridge.wikis.base import normal, title_part
from wikibridge.yaml_text import Strict


class Block(Strict):
    """A question with a heading in each language. Its words are those that serve on wiki pages: docs/questions.md"""

    name: Annotated[str, Field(pattern=r"^[a-z0-9-]{1,40}$")]
    """The name of the region on the page: small letters, digits, hyphens. Another name is another region."""
    heading: dict[Language, str]
    """What stands above the answer, in each language."""
    of: str = "choice"
    """What the answer is about."""
    where: str = ""
    """Conditions."""
    by: str = ""
    """One or two fields to group by."""
    show: str = ""
    """What to tell of each group."""
    sort: str = ""
    """One of the things shown, or ``name``."""
    limit: int | str = ""
    """Rows, at most 500."""
    shape: Annotated[str, Field(alias="as")] = ""
    """The form of the answer."""
    chart: Literal["", "svg", "png"] = ""
    """A picture above the table, as a file of this kind."""

    def question(self, job: str, schema: Schema) -> Question:
        """The question. Raises SettingsError naming job and block, also where its answer cannot have the chart asked for."""
        parts = {"of": self.of, "where": self.where, "by": self.by, "show": self.show, "sort": self.sort,
                 "limit": str(self.limit), "as": self.shape}
        try:
            made = parse(parts, schema, "en")
        except QuestionError as error:
            raise SettingsError("question-in-job", job, self.name, error.say()) from error
        if self.chart and not can_be_drawn(made):
            raise SettingsError("chart-in-job", job, self.name)
        return made


def names_once(blocks: tuple[Block, ...]) -> tuple[Block, ...]:
    """Blocks of which no two have the same name. Raises ValueError otherwise."""
    names = [block.name for block in blocks]
    twice = [name for name in names if names.count(name) > 1]
    if twice:
        raise ValueError(f"each block to have a name of its own (“{twice[0]}” is there twice)")
    return blocks


class Options(JobOptions):
    """Pages of answers to questions, one page a language, each answer in a marked region; the rest is free for editors."""

    kind: Literal["summaries"]
    """The kind of job."""
    page: dict[Language, str]
    """The title of the summary page in each language."""
    each: str = ""
    """A vocabulary, such as ``theme``: then there is a page for each of its words. ``$1`` in titles and headings is the word, and
    each question is of entries with that word only."""
    least: Annotated[int, Field(ge=0)] = 1
    """A page is made as soon as so many entries are there."""
    blocks: Annotated[tuple[Block, ...], Field(min_length=1), AfterValidator(names_once)]
    """The questions that the page answers, from top to bottom."""


_LONG = 200
"""Bytes of the name of a file: MediaWiki takes 240, and disks hold 255."""


def picture_name(page: str, block: str, language: str, ending: str) -> str:
    """The name of the file with a block's chart: the same as long as page and block are called so, and no other page's.

    What no name of a file can hold is left out of the page's title; then, or where it is too long, a hash stands for it besides.
    """
    part = title_part(page.replace(":", "-").replace("\\", "-"))
    name = f"Wikibridge {part} {block} {language}.{ending}"
    if part == page and len(name.encode()) <= _LONG:
        return name
    mark = hashlib.sha256(page.encode()).hexdigest()[:8]
    rest = f" {mark} {block} {language}.{ending}"
    room = _LONG - len(f"Wikibridge {rest}".encode())
    return " ".join(f"Wikibridge {part.encode()[:room].decode(errors='ignore')}{rest}".split())


Answers = list[tuple[Block, Answer]]
"""Blocks with the answers to their questions."""


def answered(
    context: Context, job: str, blocks: Sequence[Block], tallies: Tallies, also: Callable[[str], tuple[Condition, ...]],
    whole: dict[str, Answer],
) -> Answers:
    """The answers to the questions of blocks, each under further conditions, by the type that it is of.

    ``whole`` takes in the words of all entries, by the name of the block: pages that are told from each other by one term
    look for them once. Raises SettingsError naming job and block.
    """
    asked = [(block, block.question(job, context.schema)) for block in blocks]
    if not installed() and any(question.shape == "words" for _, question in asked):
        context.note("summary-words-left", *NEEDS)
        asked = [(block, question) for block, question in asked if question.shape != "words"]
    made = []
    for block, question in asked:
        conditions = also(question.of)
        question = replace(question, where=(*question.where, *conditions))
        sums = Slice(tallies, conditions[0]) if len(conditions) == 1 and _one_term(conditions[0]) else tallies
        made.append((block, _answer(context, block, question, sums, whole)))
    return made


def _one_term(condition: Condition) -> bool:
    """Whether a condition is one term of a field, by which all entries can be grouped at once."""
    alone = condition == Condition(condition.field, terms=condition.terms)
    return alone and len(condition.terms) == 1 and bool(condition.field.name)


def _answer(
    context: Context, block: Block, question: Question, sums: Tallies | Slice, whole: dict[str, Answer],
) -> Answer:
    """The answer to a question of a block; of words on a page a term, those that tell it from the other terms."""
    least = context.site.settings.min_group
    if question.shape != "words" or question.by or not isinstance(sums, Slice):
        return answer(question, sums, context.schema, least)
    if block.name not in whole:
        where = tuple(each for each in question.where if each != sums.condition)
        of_all = replace(question, where=where, by=(Grouping(sums.condition.field),))
        whole[block.name] = answer(of_all, sums.whole, context.schema, least)
    found = whole[block.name].found
    (term,) = sums.condition.terms
    found = replace(found, rows=tuple(row for row in found.rows if row.group == term))
    return replace(answer(replace(question, shape="number"), sums, context.schema, least), question=question, found=found)


@dataclass(frozen=True, slots=True)
class Filled:
    """Answers as a page in a language shows them: headings and regions by the names of blocks, and pictures."""

    headings: Mapping[str, str]
    regions: Mapping[str, str]
    pictures: tuple[WantedFile, ...]

    def blocks(self, context: Context) -> list[dict[str, object]]:
        """What a page template is given of them."""
        return [{"heading": heading, "region": Markup(context.region(name, self.regions[name]))}
                for name, heading in self.headings.items()]


def fill(context: Context, answers: Answers, label: str, language: str, page: str) -> Filled:
    """Answers in a language, for the page of that title; ``label`` is what the page is about, where each thing has one."""
    settings = context.site.settings
    headings: dict[str, str] = {}
    filled: dict[str, str] = {}
    pictures = []
    for block, found in answers:
        headings[block.name] = heading = (block.heading.get(cast("Language", language)) or block.name).replace("$1", label)
        shown = show(found, context.schema, language, settings.time_zone, settings.min_group)
        filled[block.name] = paint(shown, context.dialect)
        about = f"{heading} ({label})" if label not in heading else heading
        if block.chart and (made := _picture(context, block, found, language, page, about)):
            pictures.append(made)
            filled[block.name] = f"{made.markup}\n{filled[block.name]}" if made.markup else filled[block.name]
    return Filled(headings, filled, tuple(pictures))


def _picture(
    context: Context, block: Block, found: Answer, language: str, page: str, about: str,
) -> WantedFile | None:
    """The chart of an answer, which stands above its table; none where there is nothing to draw, or no letters for it."""
    chart = draw(found, context.schema, language, about, context.site.settings.min_group)
    if chart is None:
        return None
    name = picture_name(page, block.name, language, block.chart)
    data = chart.svg.encode()
    if block.chart == "png":
        from wikibridge.summaries.png import NoLetters, png

        try:
            data = png(chart.svg, name)
        except NoLetters as error:
            context.leave(error.key, *error.params)
            return None
    text = message("chart-page", language, context.dialect.link(page, page))
    # In the form in which the wiki stores it, by which it is found again on the page.
    return WantedFile(name, data, text, normal(picture(name, chart.width, chart.about, context.dialect)))


class Summaries(SiteJob):
    """The job."""

    model = Options
    order = 20
    options: Options

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
        return context.titles({language: title.replace("$1", context.title_part(self._label(context, term, language)))
                               for language, title in self.options.page.items()})

    def selection(self, context: Context) -> Selection:
        """The summary pages."""
        return Selection(titles=frozenset(
            title for term in self._terms(context) for title in self._titles(context, term).values()))

    def wanted(self, context: Context, mirror: Mirror) -> list[WantedPage]:
        """The summary page of each language of the site, of each term where each has one."""
        tallies = context.tallies(mirror)
        whole: dict[str, Answer] = {}
        return [page for term in self._terms(context) for page in self._pages(context, mirror, tallies, term, whole)]

    def _pages(
        self, context: Context, mirror: Mirror, tallies: Tallies, term: str, whole: dict[str, Answer],
    ) -> Iterator[WantedPage]:
        also = (Condition(Asked(self.options.each), terms=(key(term),)),) if term else ()
        answers = answered(context, self.name, self.options.blocks, tallies, lambda _: also, whole)
        if not answers:
            return
        titles = self._titles(context, term)
        enough = max(found.total.entries for _, found in answers) >= self.options.least
        for language, title in titles.items():
            if not enough and not mirror.pages([title]):
                continue  # a page is made when there is something to tell
            made = fill(context, answers, self._label(context, term, language), language, title)
            others = context.others(titles, language)
            text = context.render("summary", language, {"blocks": made.blocks(context), "others": others})
            yield WantedPage(title, text, self.name, message("edit-summary", language), made.regions, pictures=made.pictures)
