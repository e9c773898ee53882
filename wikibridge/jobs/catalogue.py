"""Job kind ``catalogue``: tools by theme and level with how choices use them, and proposals with what has become of them.

A tool is whatever an entry ``tool`` describes, on whichever page. Pages whose titles begin as ``tool_pages`` says are there for
such entries; the job makes one for each tool that its file lists, and a page for proposals: people's from then on.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from wikibridge.catalogue.pages import regions
from wikibridge.catalogue.tools import PROPOSED, Contents, Described, Listed, OtherName, Proposal, Tool, merge, named, near
from wikibridge.entries.types import Language
from wikibridge.i18n import LANGUAGES, message
from wikibridge.jobs.base import Context, JobOptions, SiteJob
from wikibridge.jobs.people import People
from wikibridge.mirror.store import Mirror
from wikibridge.model import Selection, WantedPage
from wikibridge.pages.render import Markup
from wikibridge.summaries.compute import OTHER, UNSAID, Answer, Item, answer
from wikibridge.summaries.grammar import parse
from wikibridge.summaries.question import ROWS, Asked, Condition, Question
from wikibridge.summaries.show import called
from wikibridge.summaries.tally import Slice, Tallies

Title = Annotated[str, Field(min_length=1)]
PAGE: dict[Language, str] = {"en": "Catalogue of tools", "fr": "Catalogue des outils", "pt": "Catálogo de ferramentas"}
TOOL_PAGES: dict[Language, str] = {"en": "Tool – ", "fr": "Outil – ", "pt": "Ferramenta – "}
PROPOSALS: dict[Language, str] = {
    "en": "Proposals for tools", "fr": "Propositions d’outils", "pt": "Propostas de ferramentas"}


def _everywhere(title: object) -> object:
    """A title alone is that in every language."""
    return dict.fromkeys(LANGUAGES, title) if isinstance(title, str) else title


class Options(JobOptions):
    """A catalogue of tools: how choices use each, what came of it, what is proposed: docs/catalogue.md"""

    kind: Literal["catalogue"]
    """The kind of job."""
    page: dict[Language, Title] = PAGE
    """The title of the catalogue in each language."""
    tool_pages: dict[Language, Title] = TOOL_PAGES
    """What the titles of pages about tools begin with in each language."""
    tools: tuple[Annotated[dict[Language, Title], BeforeValidator(_everywhere)], ...] = ()
    """Tools for which a page is made in each language, by their titles: one title, or one a language."""
    proposals: dict[Language, Title] = PROPOSALS
    """The page in each language on which anybody can make a proposal; ``{}`` for none."""
    quotes: Annotated[int, Field(ge=0, le=20)] = 3
    """How many results are quoted of a tool."""


class Catalogue(SiteJob):
    """The job."""

    model = Options
    order = 19
    options: Options

    def selection(self, context: Context) -> Selection:
        """The catalogues."""
        return Selection(titles=frozenset(context.titles(self.options.page).values()))

    def hosts(self, context: Context) -> Selection:
        """The pages about tools, and those for proposals."""
        prefixes = context.titles(self.options.tool_pages)
        return Selection(tuple(prefixes.values()), frozenset(context.titles(self.options.proposals).values()))

    def wanted(self, context: Context, mirror: Mirror) -> list[WantedPage]:
        """The pages of the tools listed, the pages for proposals, the catalogue of each language.

        A site whose choices have no tools gets none, as long as its job file lists none.
        """
        if not self.options.tools and "tool" not in context.schema.types["choice"].by_name:
            return []
        return [*self._starters(context), *self._catalogues(context, mirror)]

    # Pages for people

    def _titles(self, context: Context, tool: Mapping[Language, str]) -> dict[Language, str]:
        return context.titles({language: begin + context.title_part(tool[language])
                               for language, begin in self.options.tool_pages.items() if language in tool})

    def _starters(self, context: Context) -> Iterator[WantedPage]:
        catalogues = context.titles(self.options.page)
        for tool in self.options.tools:
            for language, title in self._titles(context, tool).items():
                back = _link(context, catalogues.get(language))
                text = context.render("tool", language, {"title": tool[language], "back": back})
                yield WantedPage(title, text, self.name, message("edit-tool", language))

    def _listed(self, context: Context, mirror: Mirror, found: Sequence[Described]) -> list[Described]:
        """The tools whose pages this very run makes, as they will be read from there. A page that somebody has deleted is
        listed too: its red link tells that the job file still names it.
        """
        wanted = [(title, language, tool[language])
                  for tool in self.options.tools for language, title in self._titles(context, tool).items()]
        known = {page.title for page in mirror.pages(title for title, _, _ in wanted)}
        missing = (Described(title, language, {"title": name}) for title, language, name in wanted if title not in known)
        # Of a page that was renamed the tool is known from where it stands now; a participant's page is no such page.
        people = context.title(context.site.settings.participants)
        renamed = [each for each in found if not each.page.startswith(people)]
        return [each for each in missing if not any(each.language == one.language and each.keys & one.keys for one in renamed)]

    # What there is

    def _catalogues(self, context: Context, mirror: Mirror) -> Iterator[WantedPage]:
        tallies = context.tallies(mirror)
        catalogue = self._catalogue(context, mirror, tallies)
        titles, settings = context.titles(self.options.page), context.site.settings
        if not catalogue.listed and not catalogue.new and not mirror.pages(titles.values()):
            return  # pages are made when there is something to tell
        proposals = context.titles(self.options.proposals)
        for language, title in proposals.items():
            text = context.render("proposals", language, {"back": _link(context, titles.get(language))})
            yield WantedPage(title, text, self.name, message("edit-proposals", language))
        for language, title in titles.items():
            filled = regions(catalogue, context.schema, language, settings.time_zone, settings.min_group, context.dialect)
            others = context.others(titles, language)
            text = context.render("catalogue", language, {
                "others": others, "propose": _link(context, proposals.get(language)),
                "regions": {name: Markup(context.region(name, content)) for name, content in filled.items()}})
            yield WantedPage(title, text, self.name, message("edit-catalogue", language), filled)

    def _catalogue(self, context: Context, mirror: Mirror, tallies: Tallies) -> Contents:
        said = self._ask(context, tallies, {"as": "list", "limit": str(ROWS)}, "tool")
        asked = self._ask(context, tallies, {"as": "list", "limit": str(ROWS)}, "proposal")
        found = self._described(context, mirror, said.items)
        tools = merge([*found, *self._listed(context, mirror, found)], (tool.values() for tool in self.options.tools))
        proposals = self._proposed(context, mirror, asked.items, tools)
        listed = [self._used(context, tallies, tool, tuple(each for each in proposals if each.tool is tool)) for tool in tools]
        everything = self._ask(context, tallies, {"where": "tool: any", "as": "number"})
        return Contents(tuple(listed), tuple(each for each in proposals if each.tool is None),
                         self._others(context, tallies, tools), everything, said.more + asked.more)

    @staticmethod
    def _ask(context: Context, tallies: Tallies, parts: Mapping[str, str], of: str = "choice", least: int = 0) -> Answer:
        question = parse({"of": of, **parts}, context.schema, "en")
        return answer(question, tallies, context.schema, least or context.site.settings.min_group)

    def _described(self, context: Context, mirror: Mirror, items: Sequence[Item]) -> list[Described]:
        """What entries say of tools, each with the language of its page: by its title, or else its participant's."""
        spoken = context.spoken(mirror, context.site.settings.languages)
        prefixes = context.titles(self.options.tool_pages)
        return [Described(item.source or item.title,
                          next((each for each, begin in prefixes.items() if item.title.startswith(begin)), spoken(item.title)),
                          item.fields) for item in items]

    def _used(self, context: Context, tallies: Tallies, tool: Tool, proposals: tuple[Proposal, ...]) -> Listed:
        """A tool with the same figures that a question has which names it."""
        condition = Condition(Asked("tool", text=True), terms=tuple(sorted(tool.keys)))
        # Of a tool with one name, from the sums by tool that all of them share.
        sums = Slice(tallies, condition) if len(tool.keys) == 1 else tallies

        def told(parts: Mapping[str, str]) -> Question:
            return replace(parse({"of": "choice", **parts}, context.schema, "en"), where=(condition,))

        least = context.site.settings.min_group
        has = context.schema.types["choice"].by_name  # a site's own type of choices may be without them
        mean = ", mean rating" if "rating" in has else ""
        used = answer(told({"show": f"count, participants{mean}", "as": "number"}), sums, context.schema, least)
        if not self.options.quotes or "result" not in has:
            return Listed(tool, used, used, proposals)
        quoted = told({"show": "result", "as": "quotes", "limit": str(self.options.quotes)})
        return Listed(tool, used, answer(quoted, sums, context.schema, least), proposals)

    def _others(self, context: Context, tallies: Tallies, tools: Sequence[Tool]) -> tuple[OtherName, ...]:
        """Names that enough participants use, as summaries have it, and those that may be a tool's: these are to be looked at."""
        asked = {"where": "tool: any", "by": "tool", "limit": str(ROWS)}
        shown = {row.keys for row in self._ask(context, tallies, asked).rows}
        every = self._ask(context, tallies, asked, least=1)
        found = []
        for row in every.rows:
            (name,) = row.keys
            if name in (OTHER, UNSAID) or any(name in tool.keys for tool in tools):
                continue
            spelt = every.labels[0].get(name, name)
            meant = near(spelt, tools)
            if meant or row.keys in shown:
                found.append(OtherName(spelt, row.entries, row.participants, meant))
        return tuple(found)

    def _proposed(self, context: Context, mirror: Mirror, items: Sequence[Item], tools: Sequence[Tool]) -> list[Proposal]:
        """All proposals, the latest first. One on a page about a single tool is about that one unless it says otherwise."""
        people = People(mirror, context.title(context.site.settings.participants))
        prefixes = tuple(context.titles(self.options.tool_pages).values())
        made = []
        for item in items:
            said = {name: str(item.fields.get(name, "")) for name in ("title", "description", "status", "tool", "proposed_by")}
            tool = named(said["tool"], tools)
            if not said["tool"] and item.title.startswith(prefixes):
                here = [each for each in tools if any(one.page == item.title for one in each.described)]
                tool = here[0] if len(here) == 1 else None
            by, page = self._by(people, said["proposed_by"], item.title)
            made.append(Proposal(
                item.source or item.title, said["title"], said["description"], said["status"] or PROPOSED,
                item.fields.get("date"), by, page, said["tool"], tool))
        return made

    @staticmethod
    def _by(people: People, name: str, page: str) -> tuple[str, str]:
        """Who proposes, and that participant's page: as the proposal says, or whose page it stands on."""
        if name:
            meant = people.find(name)
            return name, meant[0] if len(meant) == 1 else ""
        own = page.startswith(people.prefix) or page in people.said
        return (called(page), page) if own else ("", "")


def _link(context: Context, title: str | None) -> Markup:
    return Markup(context.dialect.link(title, title) if title else "")
