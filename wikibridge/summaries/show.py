"""An answer in words of a language: a grid, lines, quotes and notes, in no markup yet. paint.py puts them into one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

from wikibridge.entries.types import EntryField, EntryType, Schema
from wikibridge.i18n import message
from wikibridge.markup import tikitext
from wikibridge.mirror.facts import CHANGE, MICRO
from wikibridge.model import PartialDate, Period, Value
from wikibridge.summaries.compute import OTHER, UNSAID, Amount, Answer, Figure, Row, no_figures
from wikibridge.summaries.question import Grouping, Measure
from wikibridge.summaries.recurring import LATEST, LENGTH
from wikibridge.summaries.text import capital, date_text, number_text, part_text, range_text, share_text, time_text

TITLE = 150
"""Characters of an entry's title that a list shows: nobody's entry may fill a page that is not theirs."""
QUOTE = 400
"""Characters of a text that is quoted."""
HIDDEN = "·"
"""Stands for a figure of too few people to be shown."""
_UNITS = 4
"""Units, those of most entries first, in which one figure is told."""
_GAPS = 200
"""Months or weeks without entries that a trend fills in: between two dates of which one is wrong there may be thousands."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A piece of text, to be escaped. ``page`` makes it a link; ``bar`` (0 to 1) a bar; ``shade`` (0 to 1) colours it.

    ``several`` are pieces that stand in its place, with commas between.
    """

    text: str
    page: str = ""
    number: bool = False
    strong: bool = False
    bar: float | None = None
    shade: float = 0.0
    several: tuple[Cell, ...] = ()


@dataclass(frozen=True, slots=True)
class Line:
    """An entry of a list, or a quotation between its ``marks``, with the page it stands on.

    ``instead`` is told where nothing of the text can be seen.
    """

    text: str
    source: Cell
    date: str = ""
    marks: tuple[str, str] = ("", "")
    instead: str = ""

    @property
    def words(self) -> str:
        """The text between its marks."""
        return f"{self.marks[0]}{self.text or self.instead}{self.marks[1]}"


@dataclass(frozen=True, slots=True)
class Shown:
    """What there is to see: a grid with its header, or lines, or figures in a row; notes; the foot, its time apart.

    ``foot`` holds ``{time}`` where the time of the data stands.
    """

    title: str = ""
    header: tuple[Cell, ...] = ()
    rows: tuple[tuple[Cell, ...], ...] = ()
    lines: tuple[Line, ...] = ()
    figures: tuple[tuple[str, str], ...] = ()
    colon: str = ": "
    notes: tuple[str, ...] = ()
    foot: str = ""
    time: str = ""


def show(found: Answer, schema: Schema, language: str, zone: str, min_group: int = 1) -> Shown:
    """An answer in a language, times in a time zone."""
    return _Shower(found, schema, language, zone, min_group).shown()


@dataclass
class _Shower:
    found: Answer
    schema: Schema
    language: str
    zone: str
    min_group: int
    kind: EntryType = field(init=False)

    def __post_init__(self) -> None:
        self.kind = self.schema.types[self.found.question.of]

    def say(self, key: str, *params: object) -> str:
        return message(key, self.language, *params)

    def shown(self) -> Shown:
        found, question = self.found, self.found.question
        title = question.title
        if found.time is None or not found.total.entries:
            return Shown(title, foot=self.say("summary-none" if found.time is None else "summary-none-such"))
        made = Shown(title, notes=tuple(self.notes()), foot=self.foot(), time=time_text(found.time, self.language, self.zone))
        if question.shape in ("words", "similar"):
            return replace(made, header=tuple(self.recurring_header()), rows=tuple(self.recurring()))
        if question.shape in ("list", "quotes"):
            return replace(made, lines=tuple(self.lines()))
        if not question.by:
            figures = zip(question.show, found.total.figures, strict=True)
            pairs = tuple((self.head(measure), self.figure(measure, value)) for measure, value in figures)
            return replace(made, figures=pairs, colon="\u00a0: " if self.language == "fr" else ": ")
        if question.shape == "comparison" and len(found.margins[1]) == 2:
            return replace(made, header=self.comparison_header(), rows=tuple(self.comparison()))
        if question.shape in ("matrix", "comparison"):
            return replace(made, header=self.matrix_header(), rows=tuple(self.matrix()))
        return replace(made, header=self.header(), rows=tuple(self.table()))

    # What an answer rests on

    def foot(self) -> str:
        total = self.found.total
        text = self.say("summary-foot", self.kind.plural[self.language], number_text(total.entries, self.language),
                        number_text(total.participants, self.language), "{time}")
        if self.found.problems:
            text += " " + self.say("summary-problems", number_text(self.found.problems, self.language))
        return text

    def notes(self) -> Iterable[str]:
        question = self.found.question
        if self.found.more:
            yield self.say("summary-more", number_text(self.found.more, self.language))
        if question.shape in ("words", "similar"):
            yield from self.recurring_notes()
        hidden = any(figure is None and row.participants < self.min_group
                     for row in (*self.found.rows, self.found.total) for figure in row.figures)
        if hidden:
            yield self.say("summary-hidden", HIDDEN, self.min_group)
        several = [each for each in question.by if each.field.name and not each.field.owner and self.field(each).several]
        if several:
            yield self.say("summary-several", self.name(several[0]))

    # Words

    def field(self, grouping: Grouping) -> EntryField:
        of = self.schema.types["participant"] if grouping.field.owner else self.kind
        return of.by_name[grouping.field.name]

    def name(self, grouping: Grouping) -> str:
        if not grouping.field.name:
            return self.say("column-participant")
        if grouping.part:
            return self.say(f"part-{grouping.part}")
        return capital(self.field(grouping).names[self.language][0])

    def label(self, axis: int, key: str) -> str:
        grouping = self.found.question.by[axis]
        if key == OTHER:
            return self.say("group-other")
        if key == UNSAID:
            return self.say("group-unsaid")
        if grouping.part:
            return part_text(key, grouping.part, self.language)
        if grouping.ranges:
            return range_text(grouping.ranges[int(key)], self.language)
        if grouping.numeric:
            return number_text(Decimal(key) / MICRO, self.language)
        if not grouping.field.name:
            return called(self.found.labels[axis].get(key, key))
        kind = self.field(grouping)
        if kind.kind == "term":
            term = self.schema.lookups[kind.vocabulary].get(key) or self.found.labels[axis].get(key, key)
            return capital(self.schema.label(kind.vocabulary, term, self.language))
        if kind.kind == "yes_no":
            return self.say("yes" if key == "true" else "no")
        return self.found.labels[axis].get(key, key)[:TITLE]

    def link(self, axis: int, key: str) -> str:
        by = self.found.question.by[axis]
        return "" if by.field.name or key in (OTHER, UNSAID) else self.found.labels[axis].get(key, "")

    def head(self, measure: Measure) -> str:
        if measure.kind == "count":
            return self.kind.plural[self.language]
        if measure.kind in ("participants", "share"):
            return self.say(f"column-{measure.kind}")
        name = self.say("change") if measure.field == CHANGE else self.kind.by_name[measure.field].names[self.language][0]
        if measure.kind == "change":
            return self.say("measure-change")
        return capital(self.say(f"measure-{measure.kind}", name))

    def figure(self, measure: Measure, value: Figure) -> str:
        if value is None:
            return HIDDEN if self.min_group > 1 else "–"
        if isinstance(value, int):
            return number_text(value, self.language)
        if isinstance(value, str):
            return date_text(PartialDate(*map(int, value.split("-"))), self.language)
        if isinstance(value, Decimal):
            return share_text(value, self.language)
        made = "; ".join(self.amount(measure, each) for each in value[:_UNITS])
        return made if len(value) <= _UNITS else f"{made}; …"

    def amount(self, measure: Measure, amount: Amount) -> str:
        signed = measure.field == CHANGE
        text = f"{number_text(amount.value, self.language, signed)} {amount.unit}".strip()
        return self.say("amount-of", text, number_text(amount.of, self.language))

    # Grids

    def header(self) -> tuple[Cell, ...]:
        question = self.found.question
        names = [Cell(self.name(each)) for each in question.by]
        names += [Cell(self.head(each), number=True) for each in question.show]
        return (*names, Cell(self.say("column-bar"))) if question.shape in ("bars", "trend") else tuple(names)

    def table(self) -> Iterable[tuple[Cell, ...]]:
        question = self.found.question
        rows = list(self.found.rows)
        if question.shape == "trend":
            rows = self.filled(rows)
        named = [row for row in rows if row.keys[0] not in (UNSAID, OTHER)] if question.shape == "trend" else rows
        most = max((_size(row.figures[0]) for row in named), default=0)
        for row in rows:
            cells = [Cell(self.label(axis, key), self.link(axis, key)) for axis, key in enumerate(row.keys)]
            figures = zip(question.show, row.figures, strict=True)
            cells += [Cell(self.figure(measure, value), number=True) for measure, value in figures]
            if question.shape in ("bars", "trend"):
                cells.append(Cell("", bar=_size(row.figures[0]) / most if most and row in named else 0.0))
            yield tuple(cells)
        if len(rows) > 1 and question.shape == "table":
            total = [Cell(self.say("group-all"), strong=True), *[Cell("") for _ in question.by[1:]]]
            yield (*total, *(Cell(self.figure(measure, value), number=True, strong=True)
                             for measure, value in zip(question.show, self.found.total.figures, strict=True)))

    def filled(self, rows: Sequence[Row]) -> list[Row]:
        """A trend with the months, weeks, quarters or years in which nothing was written."""
        part = self.found.question.by[0].part
        by_key = {row.keys[0]: row for row in rows}
        keys = sorted(key for key in by_key if key not in (OTHER, UNSAID) and (part == "year" or len(key) > 4))
        nothing = no_figures(self.found.question)
        between = [key for key in _between(keys[0], keys[-1], part) if key not in by_key] if keys else []
        if len(between) > _GAPS:
            between = []
        empty = (Row((key,), 0, 0, nothing) for key in between)
        return sorted((*rows, *empty), key=lambda row: (row.keys[0] in (UNSAID, OTHER), row.keys))

    def matrix_header(self) -> tuple[Cell, ...]:
        across = self.found.margins[1]
        names = " / ".join(self.name(each) for each in self.found.question.by)
        return (Cell(names), *(Cell(self.label(1, row.keys[0]), number=True) for row in across),
                Cell(self.say("group-all"), number=True, strong=True))

    def matrix(self) -> Iterable[tuple[Cell, ...]]:
        """The first measure only: a cell has room for one figure."""
        measure = self.found.question.show[0]
        cells = {row.keys: row for row in self.found.rows}
        down, across = self.found.margins
        most = max((_size(row.figures[0]) for row in cells.values()), default=0)
        for row in down:
            made = [Cell(self.label(0, row.keys[0]), self.link(0, row.keys[0]))]
            for column in across:
                cell = cells.get((row.keys[0], column.keys[0]))
                if cell is None:
                    made.append(Cell("", number=True))
                else:
                    size = _size(cell.figures[0])
                    made.append(Cell(self.figure(measure, cell.figures[0]), number=True, shade=size / most if most else 0.0))
            yield (*made, Cell(self.figure(measure, row.figures[0]), number=True, strong=True))
        yield (Cell(self.say("group-all"), strong=True),
               *(Cell(self.figure(measure, row.figures[0]), number=True, strong=True) for row in across),
               Cell(self.figure(measure, self.found.total.figures[0]), number=True, strong=True))

    def comparison_header(self) -> tuple[Cell, ...]:
        heads = [*(self.label(1, row.keys[0]) for row in self.found.margins[1]), self.say("column-difference")]
        return (Cell(self.name(self.found.question.by[0])), *(Cell(head, number=True) for head in heads))

    def comparison(self) -> Iterable[tuple[Cell, ...]]:
        """The first measure in two groups, and by how much the second is more."""
        cells = {row.keys: row.figures[0] for row in self.found.rows}
        nothing = no_figures(self.found.question)[0]
        down, across = self.found.margins
        wholes = [column.figures[0] for column in across]
        for row in down:
            keys = [(row.keys[0], column.keys[0]) for column in across]
            if cells.keys().isdisjoint(keys):
                continue  # in neither of the two
            pair = [cells.get(key, nothing) for key in keys]
            yield (Cell(self.label(0, row.keys[0]), self.link(0, row.keys[0])), *self.compared(pair, wholes))
        yield (Cell(self.say("group-all"), strong=True), *(replace(cell, strong=True) for cell in self.compared(wholes, wholes)))

    def compared(self, pair: Sequence[Figure], wholes: Sequence[Figure]) -> Iterable[Cell]:
        """Groups differ in size: counts are compared by the share that they have of their column."""
        measure = self.found.question.show[0]
        texts = [self.figure(measure, figure) for figure in pair]
        shares = [Decimal(part) / whole if isinstance(part, int) and isinstance(whole, int) and whole else part
                  for part, whole in zip(pair, wholes, strict=True)]
        first, second = shares
        difference = ""
        if isinstance(first, Decimal) and isinstance(second, Decimal):
            if measure.kind != "share":
                texts = [self.say("count-share", text, share_text(share, self.language))
                         for text, share in zip(texts, (first, second), strict=True)]
            points = ((second - first) * 100).quantize(Decimal("0.1"))
            difference = self.say("points", number_text(points, self.language, signed=True)) if points else ""
        elif isinstance(first, tuple) and isinstance(second, tuple) and len(first) == len(second) == 1:
            (before,), (after,) = first, second
            if before.unit == after.unit:
                difference = f"{number_text(after.value - before.value, self.language, signed=True)} {after.unit}".strip()
        return (Cell(text, number=True) for text in (*texts, difference))

    # What recurs

    def recurring_notes(self) -> Iterable[str]:
        found, least = self.found.found, max(2, self.min_group)
        yield self.say("summary-recurring" if found.rows else "summary-no-recurring", least)
        if found.older:
            yield self.say("summary-older", number_text(LATEST, self.language))
        if found.cut:
            yield self.say("summary-cut", number_text(LENGTH, self.language))

    def spoken(self) -> bool:
        """Whether to say in which language a word is."""
        by = self.found.question.by
        return self.found.question.shape == "words" and not (by and by[0].field.name == "language") and len(
            {row.language for row in self.found.found.rows}) > 1

    def rated(self) -> bool:
        return any(row.mean is not None for row in self.found.found.rows)

    def recurring_header(self) -> Iterable[Cell]:
        question = self.found.question
        yield from (Cell(self.name(each)) for each in question.by)
        yield Cell(self.say(f"column-{question.shape}"))
        if self.spoken():
            yield Cell(capital(self.schema.types["participant"].by_name["language"].names[self.language][0]))
        yield Cell(self.kind.plural[self.language], number=True)
        yield Cell(self.say("column-participants"), number=True)
        if self.rated():
            yield Cell(self.head(Measure("mean", "rating")), number=True)
        yield Cell(self.say("column-pages"))

    def recurring(self) -> Iterable[tuple[Cell, ...]]:
        for row in self.found.found.rows:
            cells = [Cell(self.label(axis, row.group), self.link(axis, row.group))
                     for axis, _ in enumerate(self.found.question.by)]
            cells.append(Cell(row.text if len(row.text) <= TITLE else row.text[:TITLE].rstrip() + "…"))
            if self.spoken():
                cells.append(Cell(capital(self.schema.label("language", row.language, self.language)) if row.language else ""))
            cells += [Cell(number_text(number, self.language), number=True) for number in (row.entries, row.participants)]
            if self.rated():
                mean = None if row.mean is None else (Amount(row.mean, "", row.rated),)
                cells.append(Cell(self.figure(Measure("mean", "rating"), mean), number=True))
            pages = [Cell(called(title), title) for title in row.pages]
            rest = [Cell("…")] if self.found.question.shape == "similar" and row.participants > len(pages) else []
            yield (*cells, Cell("", several=(*pages, *rest)))

    # Lists

    def lines(self) -> Iterable[Line]:
        quotes = self.found.question.shape == "quotes"
        for item in self.found.items:
            when = item.fields.get("date")
            dated = date_text(when, self.language) if isinstance(when, (PartialDate, Period)) else ""
            source = Cell(called(item.title), item.source or item.title)
            if quotes:
                said = next(filter(None, (shortened(item.fields.get(name), QUOTE) for name in self.found.question.quotes)), "")
                before, _, after = self.say("quoted", "\0").partition("\0")
                yield Line(said, source, dated, (before, after))
            else:
                title = shortened(item.fields.get(self.kind.fields[0].name), TITLE)
                yield Line(title, source, dated, instead=self.say("untitled"))


def called(title: str) -> str:
    """What a participant is called, by the title of the page."""
    return tikitext.label_of(title) or title.rpartition("/")[2]


def shortened(value: Value | None, length: int = TITLE) -> str:
    """A text on one line, cut with a sign of it where it is longer; empty for what is none."""
    text = " ".join(value.split()) if isinstance(value, str) else ""
    return text if len(text) <= length else text[:length].rstrip() + "…"


def _size(figure: Figure) -> float:
    """What a bar or shade is as large as."""
    if isinstance(figure, tuple):
        return float(abs(figure[0].value)) if figure else 0.0
    return float(figure) if isinstance(figure, (int, Decimal)) else 0.0


def _between(first: str, last: str, part: str) -> list[str]:
    """The keys of a part of the date from one to another; what is known to the year only is one of years."""
    made: list[str] = []
    if part == "year":
        made = [str(year) for year in range(int(first[:4]), int(last[:4]) + 1)]
    elif part == "week":
        days = [key for key in (first, last) if len(key) == 10]
        if len(days) == 2:
            begin, end = (date.fromisoformat(day).toordinal() for day in days)
            made = [date.fromordinal(day).isoformat() for day in range(begin, min(end, begin + 7 * _GAPS) + 1, 7)]
    else:
        step = 3 if part == "quarter" else 1
        for year in range(int(first[:4]), min(int(last[:4]), int(first[:4]) + _GAPS) + 1):
            names = [f"{year:04d}-Q{n}" for n in range(1, 5)] if step == 3 else [f"{year:04d}-{n:02d}" for n in range(1, 13)]
            made += [name for name in names if first <= name <= last]
    return made
