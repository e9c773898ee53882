"""Answers to questions, computed in the mirror's database: of entries never more than the rows shown are in memory."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from wikibridge.entries.types import Schema
from wikibridge.entries.units import Units
from wikibridge.mirror.facts import MICRO, OWNER, OWNER_NUMBER
from wikibridge.mirror.functions import said
from wikibridge.mirror.store import unpack_fields
from wikibridge.mirror.tables import facts, pages
from wikibridge.model import Quantity, Value
from wikibridge.summaries.question import Condition, Grouping, Measure, Question
from wikibridge.summaries.recurring import LATEST, NOTHING, Found
from wikibridge.summaries.select import ALL, Select, latest
from wikibridge.summaries.similar import similar
from wikibridge.summaries.tally import Slice, Tallies, Tally
from wikibridge.summaries.words import recurring

OTHER = "\0other"
"""The key of the groups that are too small to be shown each by itself."""
_SPELLINGS = 100
"""Entries that are looked at for how most people spell a word."""
UNSAID = ""
"""The key of the entries that do not say by what they are grouped."""


@dataclass(frozen=True, slots=True)
class Amount:
    """A figure in a unit, and how many entries it is of."""

    value: Decimal
    unit: str
    of: int


Groups = Mapping[tuple[str, ...], tuple[int, ...]]
"""How many entries and pages, by the keys of a group."""
Figure = int | Decimal | str | tuple[Amount, ...] | None
"""A number, a share of 1, a date in ISO 8601, amounts (one a unit that converts to no other), or None: not to be shown."""


@dataclass(frozen=True, slots=True)
class Row:
    """A group: its keys, one a grouping; how many entries, on how many participants' pages; a figure a measure."""

    keys: tuple[str, ...]
    entries: int
    participants: int
    figures: tuple[Figure, ...] = ()


@dataclass(frozen=True, slots=True)
class Item:
    """One entry of a list: the page it stands on, the heading above it, what it says; ``source`` as the entry's."""

    title: str
    section: str
    fields: dict[str, Value]
    source: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """The rows of an answer and what they rest on.

    ``margins`` are, of a matrix, the rows of each grouping by itself; ``labels`` the words of keys, for each grouping;
    ``found`` what recurs; ``more`` how many rows the limit cut off. ``problems`` counts what could not be read on the pages
    that the answer rests on, ``time`` is that of the newest of all pages with such entries.
    """

    question: Question
    total: Row
    rows: tuple[Row, ...] = ()
    margins: tuple[tuple[Row, ...], ...] = ()
    labels: tuple[Mapping[str, str], ...] = ()
    items: tuple[Item, ...] = ()
    found: Found = NOTHING
    more: int = 0
    problems: int = 0
    time: datetime | None = None


def answer(question: Question, tallies: Tallies | Slice, schema: Schema, min_group: int = 1) -> Answer:
    """The answer as the mirror stands. Groups of fewer than ``min_group`` participants are one row, with no figures.

    Rows of equal rank are in the order of their keys; lists begin with the latest date, undated entries come last.
    """
    time = tallies.time(question.of)
    if time is None:
        return _nothing(question)
    return replace(_Answers(question.at(time.date()), tallies, schema, min_group).answer(), time=time)


def _nothing(question: Question) -> Answer:
    return Answer(question, Row((), 0, 0, no_figures(question)))


def no_figures(question: Question) -> tuple[Figure, ...]:
    """The figures of no entry at all: a count is 0, of anything else there is none."""
    return tuple(0 if each.kind in ("count", "participants") else None for each in question.show)


@dataclass
class _Answers:
    question: Question
    tallies: Tallies | Slice
    schema: Schema
    min_group: int

    def answer(self) -> Answer:
        question = self.question
        counted = self._counts().get((), (0, 0))
        if not counted[0]:
            return _nothing(question)
        problems = self.tallies.get(Tally("problems", question.of, question.where)).get((), (0,))[0]
        total = self._rows((), {(): counted})[0]
        made = Answer(question, total, problems=problems)
        if question.shape in ("words", "similar"):
            return self._recurring(made)
        if question.shape in ("list", "quotes") or not question.by:
            listed = question.shape in ("list", "quotes")
            return replace(made, items=self._items(), more=max(0, total.entries - question.limit)) if listed else made
        rows = self._sorted(self._rows(question.by, self._groups(question.by)[0]), question.by)
        margins: tuple[tuple[Row, ...], ...] = ()
        if len(question.by) == 2:
            sides = [self._groups((grouping,))[0] for grouping in question.by]
            down, across = (tuple(row for row in self._sorted(self._rows((by,), side), (by,)) if row.keys != (UNSAID,))
                            for by, side in zip(question.by, sides, strict=True))
            pair = question.shape == "comparison"
            margins = (down[: question.limit], self._compared(across) if pair else across[: question.limit])
            shown = [{row.keys[0] for row in side} for side in margins]
            rows = self._hidden([row for row in rows if all(key in keys for key, keys in zip(row.keys, shown, strict=True))])
            more = max(0, len(sides[0]) - question.limit)
        else:
            more = max(0, len(rows) - question.limit)
            rows = rows[: question.limit]
        return replace(made, rows=tuple(rows), margins=margins, labels=self._labels(rows, margins), more=more)

    def _compared(self, across: tuple[Row, ...]) -> tuple[Row, ...]:
        """The two columns that are compared: the latest periods, or the groups that come first."""
        named = {row.keys: row for row in across if row.keys != (OTHER,)}
        grouping = self.question.by[1]
        if grouping.ranges:
            # What was asked for by name is there, if only to say that nothing is in it.
            empty = Row((), 0, 0, no_figures(self.question))
            named = {(str(number),): named.get((str(number),), replace(empty, keys=(str(number),)))
                     for number in range(len(grouping.ranges))}
        columns = tuple(named.values())
        return columns[-2:] if grouping.ordered else columns[:2]

    def _recurring(self, made: Answer) -> Answer:
        look = recurring if self.question.shape == "words" else similar
        found = look(self.question, self.tallies.mirror, self.min_group)
        found = replace(found, older=self.tallies.get(Tally("counts", self.question.of))[()][0] > LATEST)
        groups = [Row((group,), 0, 0) for group in dict.fromkeys(row.group for row in found.rows)]
        return replace(made, found=found, labels=self._labels(groups, ()), more=found.more)

    def _counts(self, keys: tuple[Grouping, ...] = (), also: Condition | None = None, rest: bool = False) -> Groups:
        where = (*self.question.where, also) if also else self.question.where
        return self.tallies.get(Tally("counts", self.question.of, where, keys, rest=rest))

    def _groups(self, by: tuple[Grouping, ...]) -> tuple[Groups, set[str]]:
        """Entries and participants of each group, the small ones together, those that say nothing last."""
        counts = dict(self._counts(by))
        if len(by) == 2:
            return self._matrix(counts, by), set()
        (grouping,) = by
        small = self._small(grouping, counts)
        if small:
            for key in small:
                counts.pop((key,))
            also = Condition(grouping.field, terms=tuple(sorted(small)))
            counts[(OTHER,)] = self._counts(also=also).get((), (0, 0))
        if grouping.field.name:
            unsaid = self._counts(also=Condition(grouping.field, given=False)).get((), (0, 0))
            if unsaid[0]:
                counts[(UNSAID,)] = unsaid
        return counts, small

    def _small(self, grouping: Grouping, counts: Groups) -> set[str]:
        """The groups that would single somebody out: few people, or few that the question's conditions leave out of one.

        Of when and how much nobody is known; who is grouped by participant is asked for by name. Never one group alone:
        taken from the total it could be told.
        """
        if self.min_group < 2 or grouping.ordered or not grouping.field.name:
            return set()
        small = {key[0] for key, (_, people) in counts.items() if people < self.min_group}
        small |= self._left_few(grouping, counts)
        others = sorted((people, key[0]) for key, (_, people) in counts.items() if key[0] not in small)
        while small and others and self._people(grouping, small) < self.min_group:
            small.add(others.pop(0)[1])
        return small

    def _left_few(self, grouping: Grouping, counts: Groups) -> set[str]:
        """The groups of which the conditions leave out a few people. Mostly the sums of all say that it cannot be so few."""
        if not self.question.where:
            return set()
        whole = self.tallies.get(Tally("counts", self.question.of, (), (grouping,)))
        unsure = [key for key, (found, people) in counts.items()
                  if whole[key][0] > found and whole[key][1] - people < self.min_group]
        rest = self._counts((grouping,), rest=True) if unsure else {}
        return {key[0] for key in unsure if 0 < rest.get(key, (0, 0))[1] < self.min_group}

    def _people(self, grouping: Grouping, keys: Iterable[str]) -> int:
        found = self._counts(also=Condition(grouping.field, terms=tuple(sorted(keys))))
        return found.get((), (0, 0))[1]

    def _matrix(self, counts: Groups, by: tuple[Grouping, ...]) -> Groups:
        """The cells, those of small groups taken together with the others of their row or column."""
        folds = [self._groups((grouping,))[1] for grouping in by]
        cells: dict[tuple[str, ...], tuple[int, ...]] = {}
        for keys, (found, people) in counts.items():
            place = tuple(OTHER if key in small else key for key, small in zip(keys, folds, strict=True))
            # People of several small groups are counted once or more: at most so many, and never shown.
            before = cells.get(place, (0, 0))
            cells[place] = (before[0] + found, before[1] + people)
        return cells

    def _hidden(self, cells: Sequence[Row]) -> list[Row]:
        """Cells of few people have no figures; nor has a second one of the row or column, from which they could be told."""
        if self.min_group < 2 or any(each.ordered for each in self.question.by):
            return list(cells)
        hidden = {row.keys for row in cells if row.participants < self.min_group or OTHER in row.keys}
        changed = True
        while changed:
            changed = False
            for axis in (0, 1):
                lines: dict[str, list[Row]] = {}
                for row in cells:
                    lines.setdefault(row.keys[axis], []).append(row)
                for line in lines.values():
                    shown = sorted((row for row in line if row.keys not in hidden), key=lambda row: (row.participants, row.keys))
                    if len(line) - len(shown) == 1 and shown:
                        hidden.add(shown[0].keys)
                        changed = True
        return [replace(row, figures=tuple(None for _ in row.figures)) if row.keys in hidden else row for row in cells]

    # Figures

    def _rows(self, by: tuple[Grouping, ...], counts: Groups) -> list[Row]:
        whole = self._counts().get((), (0, 0))[0]
        columns = [self._figures(measure, by, counts, whole) for measure in self.question.show]
        return [Row(key, found, people, tuple(column.get(key) for column in columns)) for key, (found, people) in counts.items()]

    def _figures(
        self, measure: Measure, by: tuple[Grouping, ...], counts: Groups, whole: int,
    ) -> dict[tuple[str, ...], Figure]:
        if measure.kind == "count":
            return {key: found for key, (found, _) in counts.items()}
        if measure.kind == "participants":
            return {key: people for key, (_, people) in counts.items()}
        if measure.kind == "share":
            return {key: Decimal(found) / whole if whole else None for key, (found, _) in counts.items()}
        figures = self._of_field(measure, by)
        for key, (_, people) in counts.items():
            if people < self.min_group and (not by or self._who(by)):
                figures.pop(key, None)
            elif key in ((UNSAID,), (OTHER,)):
                figures[key] = self._together(measure, by[0], key[0])
        return {key: self._enough(figure) for key, figure in figures.items()}

    def _enough(self, figure: Figure) -> Figure:
        """No mean or sum over fewer entries than there must be participants."""
        if not isinstance(figure, tuple):
            return figure
        return tuple(amount for amount in figure if amount.of >= self.min_group) or None

    def _together(self, measure: Measure, grouping: Grouping, key: str) -> Figure:
        """The figure of the entries that say nothing, or of the groups that are one row."""
        small = self._small(grouping, self._counts((grouping,))) if key == OTHER else set()
        condition = Condition(grouping.field, terms=tuple(sorted(small)), given=None if small else False)
        question = replace(self.question, where=(*self.question.where, condition))
        return replace(self, question=question)._of_field(measure, ()).get(())

    def _who(self, by: tuple[Grouping, ...]) -> bool:
        return not all(each.ordered for each in by)

    def _of_field(self, measure: Measure, by: tuple[Grouping, ...]) -> dict[tuple[str, ...], Figure]:
        if measure.kind in ("first", "latest"):
            return self._dates(measure, by)
        if measure.kind in ("sum", "mean", "change"):
            sums = self.tallies.get(Tally("numbers", self.question.of, self.question.where, by, measure.field))
            totals: dict[tuple[str, ...], list[Amount]] = {}
            for (*key, unit), (count, wholes, millionths) in sums.items():
                totals.setdefault(tuple(key), []).append(Amount(Decimal(wholes) + Decimal(millionths) / MICRO, unit, count))
            return {key: tuple(_mean(each) if measure.kind != "sum" else each for each in together(amounts, self.schema.units))
                    for key, amounts in totals.items()}
        found: dict[tuple[str, ...], dict[str, list[Amount]]] = {}
        for place, unit, values in self._values(measure, by):
            found.setdefault(place, {})[unit] = values
        return {key: tuple(_of_sorted(measure, units, self.schema.units)) for key, units in found.items()}

    def _values(self, measure: Measure, by: tuple[Grouping, ...]) -> list[tuple[tuple[str, ...], str, list[Amount]]]:
        """The different values of a field with how often each is given, by group and unit; the ends only where these suffice."""
        select = Select(self.question.of, self.question.where, by, measure.field)
        assert select.fact is not None
        micro, unit, width = select.fact.c.micro, select.fact.c.unit, len(by)
        if measure.kind == "median":
            query = select.grouped(unit, micro, sa.func.count()).group_by(unit, micro)
        else:
            end = sa.func.min(micro) if measure.kind == "min" else sa.func.max(micro)
            query = select.grouped(unit, end, sa.func.count(micro)).group_by(unit)
        found: dict[tuple[tuple[str, ...], str], list[Amount]] = {}
        with self.tallies.mirror.engine.connect() as connection:
            for row in connection.execute(query.where(micro.is_not(None))):
                key, symbol = tuple(row[:width]), row[width]
                found.setdefault((key, symbol), []).append(Amount(Decimal(row[width + 1]) / MICRO, symbol, row[width + 2]))
        return [(key, symbol, amounts) for (key, symbol), amounts in sorted(found.items())]

    def _dates(self, measure: Measure, by: tuple[Grouping, ...]) -> dict[tuple[str, ...], Figure]:
        select = Select(self.question.of, self.question.where, by, measure.field)
        assert select.fact is not None
        end = (sa.func.min if measure.kind == "first" else sa.func.max)(select.fact.c.term)
        width = len(by)
        with self.tallies.mirror.engine.connect() as connection:
            rows = connection.execute(select.grouped(end).where(select.fact.c.first != ""))
            return {tuple(row[:width]): row[width] for row in rows if row[width]}

    # Rows and their words

    def _sorted(self, rows: Iterable[Row], by: tuple[Grouping, ...]) -> list[Row]:
        question = self.question
        natural = by[0].ordered and question.sort == 0

        def rank(row: Row) -> tuple[object, ...]:
            last = row.keys == (UNSAID,), row.keys == (OTHER,)
            if question.sort is None or natural or not row.figures:
                return (*last, 0, tuple(_natural(key, each) for key, each in zip(row.keys, by, strict=True)))
            figure = row.figures[question.sort]
            number = _number(figure)
            return (*last, number is None, (number or Decimal(0)) * (-1 if question.descending else 1), row.keys)

        made = sorted(rows, key=rank)
        if (question.sort is None or natural) and question.descending and question.sort is None:
            made.reverse()
        return made

    def _labels(self, rows: Sequence[Row], margins: Sequence[Sequence[Row]]) -> tuple[dict[str, str], ...]:
        found = []
        for axis, grouping in enumerate(self.question.by):
            keys = {row.keys[axis] for row in rows} | ({row.keys[0] for row in margins[axis]} if margins else set())
            of = self.schema.types["participant" if grouping.field.owner else self.question.of].by_name.get(grouping.field.name)
            known = self.schema.lookups[of.vocabulary].keys() if of and of.vocabulary else set()
            found.append(self._words(grouping, sorted(keys - {OTHER, UNSAID} - known)))
        return tuple(found)

    def _words(self, grouping: Grouping, keys: Sequence[str]) -> dict[str, str]:
        """What people typed most often for each key, on the first pages; of participants the titles of their pages."""
        if grouping.ordered:
            return {}
        words: dict[str, str] = {}
        with self.tallies.mirror.engine.connect() as connection:
            for begin in range(0, len(keys), 500):
                part = keys[begin : begin + 500]
                if not grouping.field.name:
                    ids = [int(key) for key in part]
                    words |= {str(row.id): row.title for row in connection.execute(
                        sa.select(pages.c.id, pages.c.title).where(pages.c.id.in_(ids)))}
                    continue
                words |= {key: self._spelt(connection, grouping, key) for key in part}
        return words

    def _spelt(self, connection: sa.Connection, grouping: Grouping, key: str) -> str:
        type_ = OWNER if grouping.field.owner else self.question.of
        some = sa.select(facts.c.label).where(
            facts.c.type == type_, facts.c.field == grouping.field.name, facts.c.term == key).order_by(
            facts.c.page, facts.c.number).limit(_SPELLINGS).subquery()
        often = connection.execute(
            sa.select(some.c.label).group_by(some.c.label).order_by(sa.func.count().desc(), some.c.label).limit(1))
        return str(often.scalar() or key)

    def _items(self) -> tuple[Item, ...]:
        question = self.question
        select = Select(question.of, question.where, scope=latest(question.of, LATEST) if question.quotes else ALL)
        entry = select.driver
        # A month is before its days, so that "2020-11" does not pass for the latest day of it. In the order of the index.
        order = (entry.c.date.desc(), entry.c.page.desc(), entry.c.number.desc())
        query = sa.select(entry.c.fields, entry.c.section, entry.c.source, pages.c.title).select_from(
            select.joined.join(pages, pages.c.id == entry.c.page)).where(*select.where)
        query = _balanced(query, question, entry) if question.quotes else query.order_by(*order)
        with self.tallies.mirror.engine.connect() as connection:
            rows = connection.execute(query.limit(question.limit))
            return tuple(Item(row.title, row.section, unpack_fields(row.fields), row.source) for row in rows)


def _balanced(query: sa.Select[Any], question: Question, entry: Any) -> sa.Select[Any]:
    """Of the latest texts, in turns: one of each participant before a second, and within a turn one of each kind of them."""
    anything = sa.or_(*(said(entry.c.fields, name).is_not(None) for name in question.quotes))
    texts = query.where(anything).add_columns(entry.c.page, entry.c.date, entry.c.number).subquery()
    owner = facts.alias()
    kind = sa.select(sa.func.min(owner.c.term)).where(
        owner.c.page == texts.c.page, owner.c.number == OWNER_NUMBER, owner.c.field == "kind").scalar_subquery().label("kind")
    by_date = (texts.c.date.desc(), texts.c.page.desc(), texts.c.number.desc())
    turn = sa.func.row_number().over(partition_by=texts.c.page, order_by=by_date).label("turn")
    each = sa.select(texts, turn, kind).subquery()
    place = sa.func.row_number().over(partition_by=(each.c.turn, each.c.kind), order_by=(each.c.date.desc(), each.c.title))
    chosen = sa.select(each, place.label("place")).subquery()
    return sa.select(chosen).order_by(
        chosen.c.turn, chosen.c.place, chosen.c.kind.nulls_first(), chosen.c.title)


def _natural(key: str, by: Grouping) -> tuple[int, str]:
    return (int(key), "") if key and (by.numeric or by.ranges) else (0, key)


def _number(figure: Figure) -> Decimal | None:
    """What a figure is sorted by."""
    if isinstance(figure, tuple):
        return figure[0].value if figure else None
    if isinstance(figure, str):
        return Decimal(figure.replace("-", "").ljust(8, "0"))
    return Decimal(figure) if isinstance(figure, int) else figure


def _mean(total: Amount) -> Amount:
    return replace(total, value=total.value / total.of)


def together(amounts: Sequence[Amount], units: Units) -> list[Amount]:
    """Amounts in as few units as can be: each kind in the unit of most entries; those that convert to none stay apart."""
    made: list[Amount] = []
    for amount in sorted(amounts, key=lambda each: (-each.of, each.unit)):
        for place, other in enumerate(made):
            same = units.convert(Quantity(amount.value, amount.unit), other.unit)
            if isinstance(same, Quantity):
                made[place] = Amount(other.value + same.amount, other.unit, other.of + amount.of)
                break
        else:
            made.append(amount)
    return made


def _of_sorted(measure: Measure, by_unit: Mapping[str, Sequence[Amount]], units: Units) -> list[Amount]:
    """The least, greatest or middle of values that are told in several units."""
    counts = [Amount(Decimal(0), unit, sum(each.of for each in values)) for unit, values in by_unit.items()]
    made = []
    left = dict(by_unit)
    for main in together(counts, units):
        values: list[tuple[Decimal, int]] = []
        for unit in sorted(left):
            same = [(units.convert(Quantity(each.value, unit), main.unit), each.of) for each in left[unit]]
            fitting = [(quantity.amount, of) for quantity, of in same if isinstance(quantity, Quantity)]
            if len(fitting) == len(same):
                values += fitting
                del left[unit]
        values.sort()
        made.append(Amount(_pick(measure, values), main.unit, sum(of for _, of in values)))
    return made


def _pick(measure: Measure, values: Sequence[tuple[Decimal, int]]) -> Decimal:
    if measure.kind != "median":
        return values[0 if measure.kind == "min" else -1][0]
    count = sum(of for _, of in values)
    middle = []
    for wanted in ((count - 1) // 2, count // 2):
        passed = 0
        for value, of in values:
            passed += of
            if passed > wanted:
                middle.append(value)
                break
    return (middle[0] + middle[1]) / 2
