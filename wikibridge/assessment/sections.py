"""An assessment in words of a language: sections of tables, figures and quotations, in no markup yet.

The sections are the same whatever there is to tell, so that a page has a place for what comes later; some may be empty.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

from wikibridge.assessment.values import Assessment, Chartered, Held, Participation
from wikibridge.entries.types import Schema
from wikibridge.i18n import message
from wikibridge.meetings.values import named
from wikibridge.model import PartialDate, Period
from wikibridge.summaries.compute import OTHER, UNSAID, Answer
from wikibridge.summaries.period import Span
from wikibridge.summaries.show import Cell, Shown, show
from wikibridge.summaries.text import date_text, day_text, number_text, share_text

_TABLES = {
    "choices": ("status", "month"),
    "by": ("theme", "level", "kind", "territory", "language", "done"),
    "results": ("indicator", "result"),
    "learnt": ("difficulties", "words", "proposals", "proposed"),
    "methods": ("tool", "criteria"),
    "then": ("then-choices", "then-status", "then-theme", "then-level", "then-indicator")}
"""The questions of each section, in their order."""
_MISSING = ("undated", "no-theme", "no-level", "no-status", "no-rating", "no-result", "no-indicator")
_APART = ("indicator", "then-indicator")
_GROUPED = ("table", "bars", "trend")
_LIMITS = ("period", "day", "undated", "own-words", "several", "brackets", "now")


@dataclass(frozen=True, slots=True)
class Part:
    """What is shown of one thing, under a heading of its own (empty: none). ``found`` is the answer shown, where it is one."""

    name: str
    heading: str
    shown: Shown
    found: Answer | None = None


@dataclass(frozen=True, slots=True)
class Section:
    """A section: sentences, then parts. ``name`` is the same in all languages: small letters and hyphens."""

    name: str
    heading: str
    points: tuple[str, ...] = ()
    parts: tuple[Part, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.points or self.parts)


def sections(assessment: Assessment, schema: Schema, language: str, zone: str, min_group: int = 1) -> tuple[Section, ...]:
    """The sections in their order, times in a time zone."""
    return tuple(_Teller(assessment, schema, language, zone, min_group).sections())


@dataclass
class _Teller:
    made: Assessment
    schema: Schema
    language: str
    zone: str
    min_group: int
    foot: str = field(init=False)

    def __post_init__(self) -> None:
        self.foot = show(self.made.answers["choices"], self.schema, self.language, self.zone, self.min_group).foot

    def say(self, key: str, *params: object) -> str:
        return message(f"assessment-{key}", self.language, *params)

    def count(self, value: int) -> str:
        return number_text(value, self.language)

    def number(self, value: int) -> Cell:
        return Cell(self.count(value), number=True)

    def sections(self) -> Iterator[Section]:
        yield self.overview()
        for name, questions in _TABLES.items():
            parts = tuple(part for each in questions if (part := self.part(each)))
            if name == "then" and self.made.before:
                parts = (self.joined(self.made.before), *parts)
            yield Section(name, self.say(name), self.points(name) if parts else (), parts)
            if name == "methods":
                yield self.together()
        yield self.quality()
        yield Section("limits", self.say("limits"), tuple(self.limits()))

    def points(self, name: str) -> tuple[str, ...]:
        if name == "then" and self.made.previous:
            return (self.say("then-periods", self.made.span.words(self.language), self.made.previous.words(self.language)),)
        return (self.say("results-intro"),) if name == "results" else ()

    def part(self, name: str) -> Part | None:
        """A question's part; None where its answer says nothing."""
        found = self.made.answers.get(name)
        if found is None or not _says(found):
            return None
        if name in _APART:
            # What several indicators have in common means nothing; of one that nobody measured there is nothing to tell.
            rows = tuple(row for row in found.rows if OTHER not in row.keys and row.figures[-1] is not None)
            kept = {row.keys[0] for row in rows}
            margins = (tuple(row for row in found.margins[0] if row.keys[0] in kept), found.margins[1]) if found.margins else ()
            found = replace(found, rows=rows, margins=margins)
            if not rows:
                return None
        shown = show(found, self.schema, self.language, self.zone, self.min_group)
        if name in (*_APART, "then-choices"):
            # Nor do two periods make one.
            shown = replace(shown, rows=tuple(row for row in shown.rows if not row[0].strong))
        # What all rests on is told once.
        return Part(name, self.say(f"part-{name}"), replace(shown, foot="") if shown.foot == self.foot else shown, found)

    # What no question asks

    def grid(self, heads: Iterable[str], rows: Iterable[tuple[Cell, ...]], words: int = 1) -> Shown:
        """A table of which all columns but the first so many hold numbers."""
        header = tuple(Cell(head, number=place >= words) for place, head in enumerate(heads))
        return Shown(header=header, rows=tuple(rows))

    def overview(self) -> Section:
        """Who took part, and how much was chosen."""
        took = self.made.participation
        counts = {"pages": took.pages, "active": took.active, "new": took.new, "silent": took.silent, "mute": took.mute}
        people = self.grid(("", self.say("number")), (
            (Cell(self.say(f"people-{name}")), self.number(count)) for name, count in counts.items()))
        found = self.made.answers["choices"]
        shown = show(found, self.schema, self.language, self.zone, self.min_group)
        return Section("overview", self.say("overview"), (self.say("period", self.made.span.words(self.language)),),
                       (Part("people", self.say("part-people"), people), Part("choices", self.say("part-choices"), shown, found)))

    def joined(self, before: Participation) -> Part:
        """Who took part now and before."""
        took = self.made.participation
        rows = []
        for name, now, then in (("active", took.active, before.active), ("new", took.new, before.new)):
            change = Cell(number_text(now - then, self.language, signed=True), number=True)
            rows.append((Cell(self.say(f"people-{name}")), self.number(now), self.number(then), change))
        heads = ("", *(message(f"report-{name}", self.language) for name in ("now", "before", "difference")))
        return Part("then-people", self.say("part-people"), self.grid(heads, rows))

    def together(self) -> Section:
        """Meetings held, and charters."""
        parts = []
        if self.made.meetings:
            heads = ("meeting", "days", "sessions", "cancelled", "conclusions", "chosen")
            parts.append(Part("meetings", self.say("part-meetings"), self.grid(
                (self.say(f"column-{name}") for name in heads), map(self.meeting, self.made.meetings), 2)))
        if self.made.charters:
            columns = ("charter", "state", "articles", "voters")
            parts.append(Part("charters", self.say("part-charters"), self.grid(
                (self.say(f"column-{name}") for name in columns), map(self.charter, self.made.charters), 2)))
        return Section("together", self.say("together"), (), tuple(parts))

    def meeting(self, held: Held) -> tuple[Cell, ...]:
        title = Cell(named(held.titles, self.language), held.pages.get(self.language, ""))
        first, last = (PartialDate(*map(int, day.split("-"))) for day in held.days)
        days = Cell(date_text(first if first == last else Period(first, last), self.language))
        return title, days, *map(self.number, (held.sessions, held.cancelled, held.conclusions, held.chosen))

    def charter(self, each: Chartered) -> tuple[Cell, ...]:
        opened = "charter-open-until" if each.until else "charter-open"
        keys = {"open": opened, "adopted": "charter-passed", "failed": "charter-failed"}
        day = day_text(date.fromisoformat(each.until), self.language) if each.until else ""
        state = Cell(message(keys[each.state], self.language, day))
        return Cell(each.page, each.page), state, self.number(each.articles), self.number(each.voters)

    def quality(self) -> Section:
        """What is missing in what was written, and what could not be read."""
        whole, rows = self.made.answers["choices"].total.entries, []
        for name in _MISSING:
            if found := self.made.answers.get(name):
                count = found.total.entries
                share = share_text(Decimal(count) / whole, self.language) if whole and name != "undated" else "–"
                rows.append((Cell(self.say(f"part-{name}")), self.number(count), Cell(share, number=True)))
        shown = self.grid((self.say("column-missing"), self.say("number"), self.say("column-share")), rows)
        points = [self.say("unread", self.count(self.made.problems), self.count(self.made.damaged))]
        if found := self.made.answers.get("measured"):
            indicated = whole - self.made.answers["no-indicator"].total.entries
            points.append(self.say("measured", self.count(indicated), self.count(found.total.entries)))
        return Section("quality", self.say("quality"), tuple(points), (Part("missing", "", shown),))

    def limits(self) -> Iterator[str]:
        """What these figures cannot say."""
        undated = self.made.answers.get("undated")
        params = {"period": self.made.span.words(self.language), "undated": self.count(undated.total.entries if undated else 0)}
        for name in _LIMITS:
            yield self.say(f"limit-{name}", *filter(None, [params.get(name)]))
        if self.min_group > 1:
            yield self.say("limit-small", self.min_group)


def title(span: Span, language: str) -> str:
    """A period that is closed on both sides, as a part of a title: ``6 November 2020 to 6 May 2021``."""
    return message("assessment-span", language, *(day_text(day, language) for day in (span.first, span.last) if day))


def _says(found: Answer) -> bool:
    """Whether an answer has more to tell than that nobody said anything."""
    if found.question.shape in _GROUPED:
        return any(row.keys[0] != UNSAID for row in found.rows)
    return bool(found.rows or found.items or found.found.rows)
