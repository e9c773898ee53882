"""Job kind ``answers``: an answer behind every question that anybody put on a page, in a managed region.

A question is a call of Template:Wikibridge: ``{{Wikibridge|of=choice|by=theme}}``. docs/questions.md

In Tiki, where a page that people edit had better not be written often, each answer is a page of its own that is shown there.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from typing import Annotated, Literal

from pydantic import Field

from wikibridge.entries.spelling import fold
from wikibridge.entries.types import Language
from wikibridge.errors import WikibridgeError
from wikibridge.i18n import message
from wikibridge.jobs.base import Context, JobOptions, SiteJob
from wikibridge.markup import tikitext
from wikibridge.markup.parts import Call, Dialect
from wikibridge.mirror.database import TooSlow
from wikibridge.mirror.store import Mirror
from wikibridge.model import Page, Selection, WantedPage
from wikibridge.publish.answers import PREFIX
from wikibridge.summaries.compute import answer
from wikibridge.summaries.grammar import QuestionError, language_of, parse
from wikibridge.summaries.paint import paint
from wikibridge.summaries.show import called, show
from wikibridge.summaries.tally import Tallies

NAME = "wikibridge"
"""The name of the calls, whatever their capitals."""
_ANSWER = "answer"
"""The region of a page that holds nothing but an answer."""
_ASKER = 80
"""Bytes of a title that stand in the title of such a page: a Tiki takes 158 in all."""
_LARGEST = 60_000
"""Characters of an answer."""


class Options(JobOptions):
    """An answer behind every question that anybody put on a page of the wiki."""

    kind: Literal["answers"]
    """The kind of job."""
    on_page: Annotated[int, Field(ge=1, le=100)] = 10
    """Questions that are answered on one page."""
    in_all: Annotated[int, Field(ge=1, le=10_000)] = 500
    """Questions that are answered on all pages together."""
    seconds: Annotated[float, Field(gt=0, le=600)] = 10
    """Time for one answer."""


class Answers(SiteJob):
    """The job."""

    model = Options
    order = 30
    options: Options

    def selection(self, context: Context) -> Selection:
        """The pages that hold a question, wherever they are; in a Tiki those of the answers too."""
        apart = tuple(map(_apart_prefix, context.site.settings.languages)) if context.dialect is tikitext else ()
        return Selection(apart, templates=("Template:Wikibridge",))

    def wanted(self, context: Context, mirror: Mirror) -> list[WantedPage]:
        """The answers of each page, by the order of titles."""
        asking = mirror.asking()
        if not asking:
            return []
        spoken = context.spoken(mirror, context.site.settings.languages)
        tallies, left = context.tallies(mirror), self.options.in_all
        wanted: list[WantedPage] = []
        for page in asking:
            if page.title.startswith("Template:"):
                continue
            language = spoken(page.title)
            filled, calls = {}, {}
            seen = Counter[str]()
            for number, call in enumerate(_top(context.dialect.scan(page.text).calls)):
                source = page.text[call.start : call.end]
                seen[source] += 1
                name = f"{PREFIX}{hashlib.sha256(source.encode()).hexdigest()[:8]}"
                name += f"-{seen[source]}" if seen[source] > 1 else ""
                over = number >= self.options.on_page or left <= 0
                left -= not over
                text = (_told(WikibridgeError("question-blocks", self.options.on_page), language, context.dialect)
                        if over else self._answer(context, mirror, tallies, call, page, language))
                if context.dialect is tikitext:
                    shown = self._apart(context, page, name, text, language)
                    wanted.append(shown)
                    text = tikitext.include(shown.title)
                filled[name] = text
                calls[name] = source
            wanted.append(WantedPage(page.title, "", self.name, message("edit-summary", language), filled, calls=calls))
        return wanted

    def _apart(self, context: Context, page: Page, name: str, text: str, language: Language) -> WantedPage:
        """An answer on a page of its own. The title tells whose question it is, as far as there is room."""
        asker = called(page.title).encode()[:_ASKER].decode(errors="ignore").strip()
        title = context.title(f"{_apart_prefix(language)}{asker} {name.removeprefix(PREFIX)}")
        return WantedPage(title, context.region(_ANSWER, text), self.name, message("edit-summary", language), {_ANSWER: text})

    def _answer(self, context: Context, mirror: Mirror, tallies: Tallies, call: Call, page: Page, language: str) -> str:
        settings = context.site.settings
        parts = {argument.name: context.dialect.plain(argument.value) for argument in call.arguments if argument.name}
        language = language_of(parts, context.schema) or language
        try:
            question = parse(parts, context.schema, language, page.title)
            with mirror.deadline.within(self.options.seconds):
                found = answer(question, tallies, context.schema, settings.min_group)
            language = question.language or language
            text = paint(show(found, context.schema, language, settings.time_zone, settings.min_group), context.dialect)
            return text if len(text) <= _LARGEST else _told(WikibridgeError("question-large"), language, context.dialect)
        except (QuestionError, TooSlow) as error:
            return _told(error, language, context.dialect)


def _apart_prefix(language: Language) -> str:
    """How the titles of pages begin that hold an answer. With a slash nobody could create them in a browser."""
    return f"{message('answer-title', language)} - "


def _top(calls: tuple[Call, ...]) -> list[Call]:
    """The questions that stand in no other call: an answer within one could be a part of its arguments."""
    found, end = [], 0
    for call in calls:
        if call.start >= end:
            end = call.end
            if fold(call.name) == NAME:
                found.append(call)
    return found


def _told(error: WikibridgeError, language: str, dialect: Dialect) -> str:
    return f"{dialect.STRONG}{message('question-wrong', language)}{dialect.STRONG} {dialect.escape(error.say(language))}"
