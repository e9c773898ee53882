"""Job kind ``summaries``: pages of answers to questions, one page a language, each answer in a managed region."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from babel import Locale
from pydantic import AfterValidator, Field

from wikibridge.entries.types import Language
from wikibridge.errors import SettingsError
from wikibridge.i18n import message
from wikibridge.jobs.base import Context
from wikibridge.markup import regions, wikitext
from wikibridge.mirror.store import Mirror
from wikibridge.model import Selection, WantedPage
from wikibridge.pages.render import Markup
from wikibridge.summaries.compute import answer
from wikibridge.summaries.question import Question
from wikibridge.summaries.show import show
from wikibridge.yaml_text import Strict


class Block(Question):
    """A question with a heading in each language."""

    heading: dict[Language, str]


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
        for block in self.options.blocks:
            known = context.schema.types.get(block.of)
            fields = {f.name for f in known.fields if f.vocabulary} if known else set()
            if known is None:
                raise SettingsError("question-type", self.name, block.name, block.of, ", ".join(context.schema.types))
            if block.by and block.by not in fields:
                raise SettingsError("question-field", self.name, block.name, block.by, ", ".join(sorted(fields)))
        titles = context.titles(self.options.page)
        answers = {block.name: answer(mirror, block) for block in self.options.blocks}
        zone = context.site.settings.time_zone
        pages = []
        for language, title in titles.items():
            filled = {b.name: show(answers[b.name], b, context.schema, language, zone) for b in self.options.blocks}
            blocks = [
                {"heading": b.heading.get(language) or b.name, "region": Markup(regions.region(b.name, filled[b.name]))}
                for b in self.options.blocks
            ]
            others = [Markup(wikitext.link(other, _own_name(code))) for code, other in titles.items() if code != language]
            text = context.templates.render(f"mediawiki/{language}/summary.wiki", {"blocks": blocks, "others": others})
            pages.append(WantedPage(title, text, self.name, message("edit-summary", language), filled))
        return pages
