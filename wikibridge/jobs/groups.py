"""Job kind ``groups``: a page a language for each group of participants, with its members and summaries of its own.

A group is what participants say on their pages (each territory, each homogeneous group), or one that the job file lists:
coordination groups, multi-stakeholder platforms.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from wikibridge.entries.types import Language, Schema
from wikibridge.errors import SettingsError
from wikibridge.i18n import message
from wikibridge.jobs.base import Context, JobOptions, SiteJob
from wikibridge.jobs.people import People
from wikibridge.jobs.summaries import Block, answered, fill, names_once
from wikibridge.mirror.facts import key
from wikibridge.mirror.store import Mirror
from wikibridge.model import Page, Selection, Value, WantedPage
from wikibridge.pages.render import Markup
from wikibridge.summaries.compute import Answer, answer
from wikibridge.summaries.grammar import QuestionError, parse
from wikibridge.summaries.question import ROWS, Asked, Condition, Question
from wikibridge.summaries.show import called, shortened
from wikibridge.summaries.tally import Tallies
from wikibridge.yaml_text import Strict

MEMBERS = "members"
_MARK = re.compile(r"wikibridge:group ([0-9a-f]{8}-[0-9a-f]{12})")
_WITHIN = {"territory": "group", "group": "territory"}
"""The other field by which the members of a territory, or of a homogeneous group, are set out."""
PAGE: dict[Language, str] = {"en": "Group: $1", "fr": "Groupe : $1", "pt": "Grupo: $1"}
Title = Annotated[str, Field(min_length=1)]


def _each_its_own(page: dict[Language, str]) -> dict[Language, str]:
    for title in page.values():
        if len(title.partition("$1")[0].strip()) < 3 or "$1" not in title:
            raise ValueError(f"titles of a few letters and then $1 for the name of the group (not “{title}”)")
    if len(set(page.values())) < len(page):
        raise ValueError("another title in each language")
    return page


class Listed(Strict):
    """A group that the job file lists, its members by name or by what they have in common."""

    title: Annotated[dict[Language, Title], Field(min_length=1)]
    """What the group is called in each language; the first of these where there is none."""
    members: Annotated[tuple[Title, ...], Field(max_length=300)] = ()
    """Participants, by their names or the titles of their pages."""
    where: str = ""
    """In place of members: what they say of themselves, such as ``kind: school; territory: Namur``."""

    @model_validator(mode="after")
    def _one_of_both(self) -> Listed:
        if bool(self.members) == bool(self.where):
            raise ValueError("either members or where")
        return self


BLOCKS = tuple(Block.model_validate(each) for each in (
    {"name": "overview", "heading": {"en": "Overview", "fr": "Vue d’ensemble", "pt": "Visão geral"},
     "show": "count, participants, mean rating", "as": "number"},
    {"name": "themes", "heading": {"en": "Themes", "fr": "Thèmes", "pt": "Temas"}, "by": "theme", "as": "bars"},
    {"name": "results", "heading": {"en": "What came of it", "fr": "Ce qui en résulte", "pt": "O que daí resultou"},
     "where": "result: any", "show": "result", "as": "quotes", "limit": 5},
    {"name": "difficulties", "heading": {"en": "Difficulties", "fr": "Difficultés", "pt": "Dificuldades"},
     "where": "difficulties: any", "show": "difficulties", "as": "quotes", "limit": 5},
    {"name": "latest", "heading": {"en": "Latest choices", "fr": "Derniers choix", "pt": "Escolhas mais recentes"},
     "as": "list", "limit": 30}))
"""The questions that the page of a group answers where its job file asks none."""


def _no_members(blocks: tuple[Block, ...]) -> tuple[Block, ...]:
    if MEMBERS in (block.name for block in blocks):
        raise ValueError(f"another name than “{MEMBERS}”")
    return blocks


class Options(JobOptions):
    """Pages of groups and territories, one a language, with their members and summaries of their own: docs/groups.md"""

    kind: Literal["groups"]
    """The kind of job."""
    what: Literal["", "territory", "homogeneous_group", "coordination_group", "platform"] = ""
    """What these groups are, for the words on their pages; by itself as ``each`` says."""
    page: Annotated[dict[Language, str], AfterValidator(_each_its_own)] = PAGE
    """The title of the page of a group in each language; ``$1`` is the group."""
    each: str = ""
    """A field of participants, such as ``territory`` or ``group``: then whoever says the same there is a group."""
    least: Annotated[int, Field(ge=1)] = 3
    """With ``each``: a page is made as soon as a group has so many members."""
    most: Annotated[int, Field(ge=1, le=1000)] = 100
    """With ``each``: so many groups have pages, the largest first."""
    groups: tuple[Listed, ...] = ()
    """Groups by name; more than what ``each`` finds."""
    blocks: Annotated[tuple[Block, ...], AfterValidator(names_once), AfterValidator(_no_members)] = ()
    """The questions that each page answers, of what the group's members write; ``$1`` in headings is the group. If empty: an
    overview, themes, results, difficulties, the latest choices."""


@dataclass(frozen=True, slots=True)
class Group:
    """A group: its names by language, its members' pages, what tells them from others as conditions on a participant, and a mark
    by which its pages are known.
    """

    names: Mapping[Language, str]
    members: tuple[str, ...]
    where: tuple[Condition, ...]
    mark: str

    def name(self, language: str) -> str:
        """What it is called in a language."""
        return next((name for each, name in self.names.items() if each == language), next(iter(self.names.values())))

    def about(self, schema: Schema, of: str) -> tuple[Condition, ...]:
        """The conditions on entries of a type: what a participant says counts, unless the entry has that very field itself."""
        participant = schema.types["participant"].by_name

        def own(asked: Asked) -> bool:
            theirs, mine = participant.get(asked.name), schema.types[of].by_name.get(asked.name)
            return bool(theirs and mine and (theirs.kind, theirs.vocabulary, mine.several) == (mine.kind, mine.vocabulary, False))

        return tuple(replace(each, field=replace(each.field, owner=not own(each.field))) for each in self.where)


@dataclass(frozen=True)
class _Work:
    """What a run needs to know once: what participants say of themselves, and the pages that there are by group and language.

    ``whole`` takes in the words of all entries, ``taken`` the titles that groups have.
    """

    context: Context
    mirror: Mirror
    tallies: Tallies
    said: Mapping[str, Mapping[str, Value]]
    written: Mapping[tuple[str, str], Page]
    whole: dict[str, Answer] = field(default_factory=dict)
    taken: set[str] = field(default_factory=set)


class Groups(SiteJob):
    """The job."""

    model = Options
    order = 22
    options: Options

    @property
    def blocks(self) -> tuple[Block, ...]:
        """The questions that each page answers."""
        return self.options.blocks or BLOCKS

    def selection(self, context: Context) -> Selection:
        """All pages of groups, by what their titles begin with."""
        return Selection(tuple(self._begin(context).values()))

    def _begin(self, context: Context) -> dict[Language, str]:
        return context.titles({language: title.partition("$1")[0] for language, title in self.options.page.items()})

    def wanted(self, context: Context, mirror: Mirror) -> list[WantedPage]:
        """The page of each group in each language, the largest groups first."""
        work = _Work(context, mirror, context.tallies(mirror), mirror.fields("participant"), self._written(context, mirror))
        groups = [*self._found(work), *self._listed(work)]
        pages = [page for group in groups for page in self._pages(work, group)]
        return [*pages, *self._left(work, {group.mark for group in groups})]

    # Groups

    def _mark(self, name: str) -> str:
        """What the pages of a group are known by; what it begins with is that of all groups of this job."""
        job, group = (hashlib.sha256(each.encode()).hexdigest() for each in (self.name, name))
        return f"{job[:8]}-{group[:12]}"

    def _found(self, work: _Work) -> Iterator[Group]:
        """The groups of those who say the same in a field, called as most of them spell it."""
        each, context = self.options.each, work.context
        if not each:
            return
        fields = {name: one for name, one in context.schema.types["participant"].by_name.items()
                  if one.kind in ("text", "term") and not one.several and name not in ("name", "user")}
        if each not in fields:
            raise SettingsError("groups-each", self.name, each, ", ".join(fields))
        said: dict[str, list[tuple[str, str]]] = {}
        for title, participant in work.said.items():
            value = participant.get(each, "")
            # Of longer texts there are no facts: no question could find them.
            if isinstance(value, str) and 0 < len(value) <= 100:
                said.setdefault(key(value), []).append((title, value))
        enough = sorted((-len(those), term) for term, those in said.items() if len(those) >= self.options.least)
        if len(enough) > self.options.most:
            context.note("groups-many", self.name, len(enough) - self.options.most)
        vocabulary = fields[each].vocabulary
        for _, term in enough[: self.options.most]:
            spelt = Counter(value for _, value in said[term])
            name = _commonest(spelt)
            names = {language: context.schema.label(vocabulary, name, language) if vocabulary else name
                     for language in context.site.settings.languages}
            asked = Asked(each, text=not vocabulary)
            members = tuple(sorted(title for title, _ in said[term]))
            yield Group(names, members, (Condition(asked, terms=(term,)),), self._mark(term))

    def _listed(self, work: _Work) -> Iterator[Group]:
        if not self.options.groups:
            return
        context = work.context
        people = People(work.mirror, context.title(context.site.settings.participants))
        for listed in self.options.groups:
            mark = self._mark(key(next(iter(listed.title.values()))))
            if listed.where:
                question = self._question(listed, context.schema)
                items = answer(question, work.tallies, context.schema).items
                members = tuple(sorted({item.title for item in items}))
                yield Group(listed.title, members, question.where, mark)
            else:
                found = tuple(sorted({title for name in listed.members for title in self._member(context, people, listed, name)}))
                yield Group(listed.title, found, (Condition(Asked("", owner=True), terms=found),), mark)

    def _question(self, listed: Listed, schema: Schema) -> Question:
        try:
            return parse({"of": "participant", "where": listed.where, "as": "list", "limit": str(ROWS)}, schema, "en")
        except QuestionError as error:
            raise SettingsError("groups-where", self.name, next(iter(listed.title.values())), error.say()) from error

    def _member(self, context: Context, people: People, listed: Listed, name: str) -> tuple[str, ...]:
        """The page of a member; none for a name that nobody or that several have, which is told."""
        found = people.find(context.title(name)) or people.find(name)
        if len(found) == 1:
            return found
        group = next(iter(listed.title.values()))
        if not people.exact:
            return ()  # no page has been read yet, as when a site is only looked over: every name would be told as wrong
        if found:
            context.note("groups-several", self.name, group, name, ", ".join(found[:5]))
        else:
            near = ", ".join(people.nearest(name))
            context.note("groups-nobody-near" if near else "groups-nobody", self.name, group, name, near)
        return ()

    # Pages

    def _written(self, context: Context, mirror: Mirror) -> dict[tuple[str, str], Page]:
        """The pages of groups that there are, by group and language."""
        found: dict[tuple[str, str], Page] = {}
        titles = mirror.titles()
        for language, begin in self._begin(context).items():
            for page in mirror.pages(title for title in titles if title.startswith(begin)):
                if mark := _MARK.search(page.text):
                    found.setdefault((mark[1], language), page)
        return found

    def _titles(self, work: _Work, group: Group) -> dict[Language, str]:
        """The titles of a group's pages; those that it has already, however it is spelt now."""
        context = work.context
        titles = context.titles({language: title.replace("$1", context.title_part(group.name(language)))
                                 for language, title in self.options.page.items()})
        there = {page.title for page in work.mirror.pages(titles.values())}
        old = {language: page.title for language in titles if (page := work.written.get((group.mark, language)))}
        return {language: title if title in there else old.get(language, title) for language, title in titles.items()}

    def _pages(self, work: _Work, group: Group) -> Iterator[WantedPage]:
        context = work.context
        titles = self._titles(work, group)
        if not group.members and not work.mirror.pages(titles.values()):
            return  # a page is made when there is something to tell
        about = partial(group.about, context.schema)
        answers = answered(context, self.name, self.blocks, work.tallies, about, work.whole)
        begin, end = context.dialect.COMMENT
        for language, title in titles.items():
            if len(title.encode()) > 255 or title in work.taken:
                context.note("groups-title", self.name, title)
                continue
            work.taken.add(title)
            made = fill(context, answers, group.name(language), language, title)
            members = self._members(work, group, language)
            others = context.others(titles, language)
            text = context.render("group", language, {
                "mark": Markup(f"{begin} wikibridge:group {group.mark} {end}"), "what": self._what(language),
                "name": group.name(language), "field": self._field(context, language), "others": others,
                "members": Markup(context.region(MEMBERS, members)), "blocks": made.blocks(context)})
            regions = {MEMBERS: members, **made.regions}
            yield WantedPage(title, text, self.name, message("edit-group", language), regions, pictures=made.pictures)

    def _left(self, work: _Work, marks: set[str]) -> Iterator[WantedPage]:
        """Pages of groups that are none any more: what they showed of people is taken away."""
        mine = self._mark("")[:9]
        for (mark, language), page in work.written.items():
            if mark in marks or not mark.startswith(mine) or page.title in work.taken:
                continue
            regions = [name for name in (MEMBERS, *(block.name for block in self.blocks))
                       if f"wikibridge:begin {name} " in page.text]
            empty = dict.fromkeys(regions, message("group-none", language))
            yield WantedPage(page.title, "", self.name, message("edit-group", language), empty)

    def _what(self, language: str) -> str:
        what = self.options.what or {"territory": "territory", "group": "homogeneous_group"}.get(self.options.each, "")
        words = {"territory": "group-territory", "homogeneous_group": "group-homogeneous", "platform": "group-platform",
                 "coordination_group": "group-coordination"}
        return message(words.get(what, "group-any"), language)

    def _field(self, context: Context, language: str) -> str:
        """The field by which one belongs to the group, as it is called on pages; empty where the job file says who does."""
        each = context.schema.types["participant"].by_name.get(self.options.each)
        return each.names[language][0] if each else ""

    def _members(self, work: _Work, group: Group, language: str) -> str:
        """How many there are and who, each a link; those of a territory by group, those of a group by territory."""
        said, dialect = work.said, work.context.dialect
        within = _WITHIN.get(self.options.each, "")
        sorted_ = sorted(group.members, key=lambda title: (key(_named(title, said)), title))
        parts: dict[str, list[str]] = {}
        for title in sorted_[:ROWS]:
            value = said.get(title, {}).get(within, "") if within else ""
            parts.setdefault(key(value) if isinstance(value, str) and value else "", []).append(title)
        lines = [message("group-members", language, len(group.members)), ""]
        for part in sorted(parts, key=lambda each: (not each, each)):
            if within and len(parts) > 1:
                spelt = Counter(str(said[title][within]) for title in parts[part]) if part else Counter()
                name = _commonest(spelt) or message("group-unsaid", language)
                lines += [f"{dialect.STRONG}{dialect.escape(shortened(name))}{dialect.STRONG}", ""]
            lines += [f"* {dialect.link(title, _named(title, said))}" for title in parts[part]]
            lines.append("")
        if len(sorted_) > ROWS:
            lines.append(message("summary-more", language, len(sorted_) - ROWS))
        return dialect.wrapped("\n".join(lines).rstrip("\n"))


def _commonest(spelt: Counter[str]) -> str:
    """What most people type, the first in the alphabet of several; empty for nothing."""
    return min(spelt, key=lambda each: (-spelt[each], each), default="")


def _named(title: str, said: Mapping[str, Mapping[str, object]]) -> str:
    """What a participant is called: as the page says, or its title."""
    return shortened(str(said.get(title, {}).get("name", ""))) or called(title)
