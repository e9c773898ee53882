"""Tools as values: what several pages say of one tool, by its names; proposals, by what they are about."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from wikibridge.mirror.facts import key
from wikibridge.model import Value
from wikibridge.summaries.compute import Answer

CLOSED = ("declined", "done")
"""The states of proposals of which nothing is to be expected any more. All others are open, and so is one without a state."""
PROPOSED = "proposed"
"""The state of a proposal that says none."""
_LIKE = 85
"""From 0 to 100: how like the name of a tool another name must be to be taken for a slip (rapidfuzz's ratio of the folded)."""


def several(fields: Mapping[str, Value], name: str) -> tuple[str, ...]:
    """The values of a field, as a tuple also where there is one or none."""
    value = fields.get(name, ())
    return tuple(map(str, value)) if isinstance(value, tuple) else (str(value),)


@dataclass(frozen=True, slots=True)
class Described:
    """A tool as one page describes it. ``page`` is its title or the address of an item; ``language`` that of the page."""

    page: str
    language: str
    fields: Mapping[str, Value]

    @property
    def title(self) -> str:
        """What the page calls the tool."""
        return str(self.fields.get("title", ""))

    @property
    def keys(self) -> frozenset[str]:
        """All names that the page gives the tool, folded."""
        return frozenset(map(key, (self.title, *several(self.fields, "other_names"))))


@dataclass(frozen=True, slots=True)
class Tool:
    """A tool: its names folded, and what is said of it, in the order of pages."""

    keys: frozenset[str]
    described: tuple[Described, ...]

    def told(self, language: str) -> Described:
        """What the page in a language says, or the first of all."""
        return next((each for each in self.described if each.language == language), self.described[0])

    def title(self, language: str) -> str:
        """What it is called in a language, as far as a page in that language says."""
        return self.told(language).title

    def text(self, name: str, language: str) -> str:
        """A field as the page in a language says it, else as the first page that says anything."""
        texts = (str(each.fields.get(name, "")) for each in (self.told(language), *self.described))
        return next(filter(None, texts), "")

    def terms(self, name: str) -> tuple[str, ...]:
        """The values of a field on all pages, each once."""
        return tuple(dict.fromkeys(value for each in self.described for value in several(each.fields, name)))


def merge(described: Iterable[Described], same: Iterable[Collection[str]] = ()) -> tuple[Tool, ...]:
    """The tools: what has the same title is one, and what another one says that it is called besides. ``same`` are titles known
    to be those of one tool.

    A name that several tools give as another of theirs ("none") tells nothing, and is no name of any. The same pages in any order
    make the same tools.
    """
    ordered = sorted((each for each in described if each.title), key=lambda each: (each.page, each.title))
    groups: list[_Group] = []
    for added in (*(_Group({key(each.title)}, set(each.keys), [each]) for each in ordered),
                  *(_Group(titles := set(map(key, each)), titles, []) for each in same)):
        joined = [group for group in groups if group.titles & added.keys or group.keys & added.titles]
        groups = [group for group in groups if group not in joined]
        groups.append(_Group(added.titles.union(*(group.titles for group in joined)), added.keys.union(
            *(group.keys for group in joined)), [each for group in joined for each in group.described] + added.described))
    claims = Counter(name for group in groups for name in group.keys)
    tools = [Tool(frozenset(name for name in group.keys if name in group.titles or claims[name] == 1),
                  tuple(sorted(group.described, key=ordered.index))) for group in groups if group.described]
    return tuple(sorted(tools, key=lambda tool: ordered.index(tool.described[0])))


@dataclass(frozen=True)
class _Group:
    titles: set[str]
    keys: set[str]
    described: list[Described]


def named(name: str, tools: Sequence[Tool]) -> Tool | None:
    """The tool of a name, however it is spelt; None where no tool is called so."""
    return next((tool for tool in tools if key(name) in tool.keys), None) if name else None


def near(name: str, tools: Sequence[Tool]) -> Tool | None:
    """The tool that a name may mean which is almost one of its own. Nothing is counted by it: somebody has to look."""
    from rapidfuzz import fuzz, process

    known = {each: tool for tool in tools for each in sorted(tool.keys)}
    found = process.extractOne(key(name)[:80], list(known), scorer=fuzz.ratio, score_cutoff=_LIKE)
    return known[str(found[0])] if found else None


@dataclass(frozen=True, slots=True)
class Proposal:
    """A proposal: where it stands, what it says, who makes it: ``by`` a name, ``by_page`` that participant's page, where known.

    ``about`` is the tool as it was typed, ``tool`` the one of that name; without it the proposal is for a new one.
    """

    page: str
    title: str
    description: str
    state: str
    date: Value | None
    by: str
    by_page: str
    about: str
    tool: Tool | None

    @property
    def open(self) -> bool:
        """Whether something is still to be expected of it."""
        return self.state not in CLOSED


@dataclass(frozen=True, slots=True)
class Listed:
    """A tool with how much choices use it, what is quoted of their results, and the proposals about it."""

    tool: Tool
    used: Answer
    results: Answer
    proposals: tuple[Proposal, ...] = ()


@dataclass(frozen=True, slots=True)
class OtherName:
    """A name in choices that no tool has; ``near`` is the tool that it may mean."""

    name: str
    choices: int
    participants: int
    near: Tool | None = None


@dataclass(frozen=True, slots=True)
class Contents:
    """All that the catalogue tells. ``new`` are proposals for tools that are not there; ``all`` is what the figures rest on."""

    listed: tuple[Listed, ...]
    new: tuple[Proposal, ...]
    others: tuple[OtherName, ...]
    all: Answer
    more: int = 0
