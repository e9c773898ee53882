"""The catalogue as markup, region by region. Everything that people typed is escaped on the way."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from wikibridge.catalogue.tools import Contents, Listed, Proposal, Tool
from wikibridge.entries.types import EntryType, Schema
from wikibridge.i18n import message
from wikibridge.markup.parts import Dialect
from wikibridge.mirror.facts import key
from wikibridge.model import PartialDate, Period
from wikibridge.summaries.paint import foot, grid, line
from wikibridge.summaries.show import Cell, Shown, called, shortened, show
from wikibridge.summaries.text import capital, date_text, number_text

STATES = "proposal_status"
"""The vocabulary of the states of proposals, where it is the shipped one."""
_DESCRIPTION = 400
"""Characters of what a tool or a proposal is for."""


def regions(
    catalogue: Contents, schema: Schema, language: str, zone: str, min_group: int, dialect: Dialect,
) -> dict[str, str]:
    """The regions of the page in a language, by name; times in ``zone``, figures as summaries show them."""
    return _Painter(catalogue, schema, language, zone, min_group, dialect).regions()


@dataclass(frozen=True)
class _Painter:
    catalogue: Contents
    schema: Schema
    language: str
    zone: str
    min_group: int
    dialect: Dialect

    def regions(self) -> dict[str, str]:
        return {"themes": self.by("theme"), "levels": self.by("level"), "tools": self.tools(), "proposals": self.proposals(),
                "other-names": self.other_names()}

    # Words

    def say(self, name: str, *params: object) -> str:
        return message(name, self.language, *params)

    @property
    def tool(self) -> EntryType:
        return self.schema.types["tool"]

    def head(self, name: str) -> str:
        return capital(self.tool.by_name[name].names[self.language][0])

    def labels(self, name: str, terms: Iterable[str]) -> str:
        field = self.tool.by_name.get(name)
        vocabulary = (field.vocabulary or field.kind) if field else ""
        return ", ".join(self.schema.label(vocabulary, term, self.language) for term in terms if field)

    def link(self, tool: Tool) -> Cell:
        told = tool.told(self.language)
        return Cell(self.titled(told.title), told.page)

    def titled(self, title: str) -> str:
        """A title as far as there is anything of it to be seen."""
        return text if self.dialect.escape(text := shortened(title)) else self.say("untitled")

    def strong(self, text: str) -> str:
        return f"{self.dialect.STRONG}{text}{self.dialect.STRONG}"

    def fact(self, name: str, text: str) -> str:
        return self.say("catalogue-fact", self.dialect.escape(name), self.dialect.escape(text))

    def vocabulary(self) -> str:
        """That of the states of proposals, also where the site's own type of proposals says none."""
        status = self.schema.types["proposal"].by_name.get("status")
        return status.vocabulary if status else STATES

    # Figures

    def shown(self, listed: Listed) -> Shown:
        return show(listed.used, self.schema, self.language, self.zone, self.min_group)

    def figures(self, listed: Listed) -> tuple[str, ...]:
        """Choices, participants and mean rating as any answer tells them."""
        figures = tuple(figure for _, figure in self.shown(listed).figures)
        return figures or ("0", "0", "")[: len(self.figure_heads())]

    def figure_heads(self) -> tuple[str, ...]:
        choice = self.schema.types["choice"]
        rating = choice.by_name.get("rating")
        mean = [capital(self.say("measure-mean", rating.names[self.language][0]))] if rating else []
        return choice.plural[self.language], self.say("column-participants"), *mean

    def below(self) -> str:
        """What the figures rest on, and what the sign means that stands for one of too few people."""
        if not self.catalogue.all.total.entries:
            return f"{self.dialect.SLANTED}{self.say('catalogue-no-choices')}{self.dialect.SLANTED}"
        total = show(self.catalogue.all, self.schema, self.language, self.zone, self.min_group)
        notes = dict.fromkeys(note for each in self.catalogue.listed for note in self.shown(each).notes)
        if self.catalogue.more:
            notes[self.say("summary-more", number_text(self.catalogue.more, self.language))] = None
        return foot((*notes,), total, self.dialect)

    # Regions

    def by(self, name: str) -> str:
        """A table of tools for each term of a field, a tool in each of its own; those that say none come last."""
        if not self.catalogue.listed:
            return self.say("catalogue-no-tools")
        field = self.tool.by_name.get(name)
        terms = self.schema.vocabularies[field.vocabulary] if field else ()
        said = [(each, each.tool.terms(name)) for each in self.catalogue.listed]
        parts = []
        for term in (*terms, ""):
            those = [each for each, own in said if (term in own if term else not own)]
            if those:
                label = self.labels(name, [term]) if term else self.say("group-unsaid")
                parts += [self.dialect.heading(self.dialect.escape(capital(label)), 3), "", self.table(those), ""]
        return "\n".join([*parts, self.below()])

    def table(self, listed: Sequence[Listed]) -> str:
        heads = self.figure_heads()
        # A site's own type of tools may be without them.
        also = [name for name in ("offered_by", "language") if name in self.tool.by_name]
        header = (Cell(self.tool.label[self.language]), *(Cell(head, number=True) for head in heads),
                  *(Cell(self.head(name)) for name in also))
        rows = []
        for each in self.ordered(listed):
            said = {"offered_by": shortened(each.tool.text("offered_by", self.language)),
                    "language": self.labels("language", each.tool.terms("language"))}
            rows.append((self.link(each.tool), *(Cell(figure, number=True) for figure in self.figures(each)),
                         *(Cell(said[name]) for name in also)))
        return grid(header, rows, self.dialect)

    def ordered(self, listed: Iterable[Listed]) -> list[Listed]:
        return sorted(listed, key=lambda each: (key(each.tool.title(self.language)), each.tool.told(self.language).page))

    def tools(self) -> str:
        """Each tool with what it is for, figures, results of choices that use it, open proposals."""
        if not self.catalogue.listed:
            return self.say("catalogue-no-tools")
        each = (self.dialect.wrapped(self.one(listed)) for listed in self.ordered(self.catalogue.listed))
        return "\n\n".join([*each, self.below()])

    def one(self, listed: Listed) -> str:
        tool, dialect = listed.tool, self.dialect
        link = self.link(tool)
        # No heading: the table of contents would hold all tools, and be as wide as their longest word.
        lines = [self.strong(dialect.link(link.page, link.text)), ""]
        if said := shortened(tool.text("description", self.language), _DESCRIPTION):
            lines += [dialect.escape(said), ""]
        facts = [("offered_by", shortened(tool.text("offered_by", self.language)))]
        facts += [(name, self.labels(name, tool.terms(name))) for name in ("language", "use")]
        lines += [f"* {self.fact(self.head(name), text)}" for name, text in facts if text]
        figures = zip(self.figure_heads(), self.figures(listed), strict=True)
        lines.append("* " + " · ".join(self.fact(head, figure) for head, figure in figures if figure))
        others = [each.page for each in tool.described if each.page != link.page]
        if others:
            links = ", ".join(dialect.link(page, called(page)) for page in dict.fromkeys(others))
            lines.append(f"* {self.say('catalogue-fact', self.say('catalogue-pages'), links)}")
        quotes = show(listed.results, self.schema, self.language, self.zone, self.min_group).lines
        if quotes:
            lines += [f"* {self.say('catalogue-results')}", *(f"*{line(each, dialect)}" for each in quotes)]
        if open_ := [each for each in listed.proposals if each.open]:
            lines += [f"* {self.say('catalogue-open')}", *(f"*{self.proposal(each, state=True)}" for each in open_)]
        return "\n".join(lines)

    def proposals(self) -> str:
        """Proposals for new tools, then those for each tool, by what has become of them."""
        parts: list[str] = []
        if self.catalogue.new:
            parts += [self.dialect.heading(self.say("catalogue-new"), 3), "", *self.states(self.catalogue.new)]
        improved = [each for each in self.ordered(self.catalogue.listed) if each.proposals]
        if improved:
            parts += [self.dialect.heading(self.say("catalogue-improvements"), 3), ""]
        for each in improved:
            link = self.link(each.tool)
            parts += [self.strong(self.dialect.link(link.page, link.text)), "", *self.states(each.proposals)]
        return self.dialect.wrapped("\n".join(parts).rstrip("\n")) if parts else self.say("catalogue-no-proposals")

    def states(self, proposals: Sequence[Proposal]) -> Iterable[str]:
        vocabulary, slanted = self.vocabulary(), self.dialect.SLANTED
        for state in dict.fromkeys([*self.schema.vocabularies.get(vocabulary, ()), *(each.state for each in proposals)]):
            lines = [self.proposal(each) for each in proposals if each.state == state]
            if lines:
                label = capital(self.schema.label(vocabulary, state, self.language))
                yield from (f"{slanted}{self.dialect.escape(label)}{slanted}", "", *lines, "")

    def proposal(self, proposal: Proposal, state: bool = False) -> str:
        """A line: the title, which leads to where it stands, who proposed it, when; its state, or what it says besides."""
        dialect = self.dialect
        told = [dialect.link(proposal.page, self.titled(proposal.title))]
        if proposal.about and not proposal.tool:
            told[0] += f" ({dialect.escape(shortened(proposal.about))})"
        if proposal.by:
            name = shortened(proposal.by)
            who = dialect.link(proposal.by_page, name) if proposal.by_page else dialect.escape(name)
            told.append(self.say("catalogue-by", who))
        if isinstance(proposal.date, (PartialDate, Period)):
            told.append(dialect.escape(date_text(proposal.date, self.language)))
        if state:
            told.append(dialect.escape(self.schema.label(self.vocabulary(), proposal.state, self.language)))
        elif proposal.description:
            told.append(dialect.escape(shortened(proposal.description, _DESCRIPTION)))
        return f"* {' – '.join(told)}"

    def other_names(self) -> str:
        """Names in choices that no tool of the catalogue has, with the tool that each may mean."""
        if not self.catalogue.others:
            return self.say("catalogue-no-other-names")
        choices, participants, *_ = self.figure_heads()
        header = (Cell(self.say("catalogue-name")), Cell(choices, number=True), Cell(participants, number=True),
                  Cell(self.say("catalogue-near")))
        rows = [(Cell(shortened(each.name)), Cell(number_text(each.choices, self.language), number=True),
                 Cell(number_text(each.participants, self.language), number=True),
                 self.link(each.near) if each.near else Cell("")) for each in self.catalogue.others]
        note = [self.say("catalogue-small", self.min_group)] if self.min_group > 1 else []
        return "\n".join([grid(header, rows, self.dialect), *note])
