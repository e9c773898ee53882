"""Questions as queries (SQLAlchemy Core): the entries that a question means, with the keys by which it groups them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from string import ascii_lowercase, ascii_uppercase
from typing import Any

import sqlalchemy as sa

from wikibridge.mirror.facts import OWNER_NUMBER
from wikibridge.mirror.functions import folded, said, thursday
from wikibridge.mirror.tables import entries, facts, folds, pages, past_entries, past_facts, past_folds, past_pages
from wikibridge.summaries.question import Asked, Condition, Grouping, Range

Column = sa.ColumnElement[Any]
_SMALL = str.maketrans(ascii_uppercase, ascii_lowercase)


@dataclass(frozen=True, slots=True)
class Scope:
    """Which entries are looked at: all; of the pages that changed since tallies were kept, those of then or those of now.

    ``some`` are those of the entries to begin with, where not all of them are.
    """

    entries: sa.Table = entries
    facts: sa.Table = facts
    folds: sa.Table = folds
    pages: sa.Table = pages
    moved: bool = False
    some: sa.Subquery | None = None


ALL, NOW, THEN = Scope(), Scope(moved=True), Scope(past_entries, past_facts, past_folds, past_pages)


def latest(of: str, limit: int) -> Scope:
    """The latest entries of a type: so many, in the order of the index."""
    order = (entries.c.date.desc(), entries.c.page.desc(), entries.c.number.desc())
    return Scope(some=sa.select(entries).where(entries.c.type == of).order_by(*order).limit(limit).subquery())


class Select:
    """The entries of a type that meet conditions, with their ``keys``; ``field`` joins a fact of each.

    ``rest`` are the entries of the type that do not meet the conditions.
    """

    def __init__(
        self, of: str, where: Sequence[Condition], keys: Sequence[Grouping] = (), field: str = "", scope: Scope = ALL,
        rest: bool = False,
    ) -> None:
        self.scope = scope
        facts = scope.facts
        own = [each for each in keys if each.field.name and not each.field.owner]
        begun = own[0].field.name if own else field
        self.driver: Any = facts.alias("g") if begun else (scope.entries if scope.some is None else scope.some).alias("e")
        self.joined: Any = self.driver
        # Of few pages, the database is to begin with these: an expression hides the type from its indexes.
        kind = self.driver.c.type + "" if scope.moved else self.driver.c.type
        self.where: list[Column] = [kind == of]
        if begun:
            self.where.append(self.driver.c.field == begun)
        self.keys: list[Column] = []
        for each in keys:
            if not each.field.name:
                self.keys.append(sa.cast(self.driver.c.page, sa.Text))
                continue
            fact = self.driver if own and each is own[0] else self._join(each.field)
            self.keys.append(_key(fact, each))
            if each.ranges:
                self.where.append(self.keys[-1].is_not(None))
            if each.part:
                self.where.append(fact.c.first != "")
        self.fact = (self._join(Asked(field)) if own else self.driver) if field else None
        # Whatever is grouped by a field of its own says something there.
        implied = [Condition(own[0].field, given=True)] if own and not rest else []
        conditions = [self._condition(each) for each in where if each not in implied]
        self.where += [sa.not_(sa.and_(*conditions))] if rest and conditions else conditions
        if scope.moved:
            self.where.append(self.driver.c.page.in_(sa.select(past_pages.c.id)))

    def _place(self, fact: Any, owner: bool) -> Column:
        number = fact.c.number == (OWNER_NUMBER if owner else self.driver.c.number)
        return sa.and_(fact.c.page == self.driver.c.page, number)

    def _join(self, field: Asked) -> Any:
        # Not by its type, although it says it: the database would begin at the wrong end.
        fact = self.scope.facts.alias()
        self.joined = self.joined.join(fact, sa.and_(self._place(fact, field.owner), fact.c.field == field.name))
        return fact

    def _condition(self, condition: Condition) -> Column:
        made = sa.or_(*self._alternatives(condition))
        return sa.not_(made) if condition.negated else made

    def _alternatives(self, condition: Condition) -> list[Column]:
        field = condition.field
        if condition.given is not None:
            fact = self.scope.facts.alias()
            found = (self._said(field) if field.text
                     else sa.exists().where(self._place(fact, field.owner), fact.c.field == field.name))
            return [found if condition.given else sa.not_(found)]
        if not field.name:
            page = self.scope.pages
            # Small and capital letters of ASCII are one, as they are to SQLite in any case.
            names: list[Column] = [sa.func.lower(page.c.title).endswith(f"/{title}".translate(_SMALL), autoescape=True)
                                   for title in condition.terms]
            names.append(page.c.title.in_(condition.terms))
            return [self.driver.c.page.in_(sa.select(page.c.id).where(sa.or_(*names)))]
        fact = self.scope.facts.alias()
        tests: list[Column] = [fact.c.term.in_(condition.terms)] if condition.terms else []
        tests += [_within(fact, each) for each in condition.ranges if isinstance(each, Range)]
        made: list[Column] = []
        if tests:
            made.append(sa.exists().where(self._place(fact, field.owner), fact.c.field == field.name, sa.or_(*tests)))
        return [*made, *(self._said(field, text) for text in condition.texts)]

    def _said(self, field: Asked, text: str | None = None) -> Column:
        """Whether an entry says anything in a field, or something that holds a folded text; long texts too."""
        if not field.owner and "fields" in self.driver.c:
            return self._holds(self.driver, field, text)
        first, other = self.scope.entries.alias(), self.scope.entries.alias()
        number: Any = self.driver.c.number
        if field.owner:
            number = sa.select(sa.func.min(first.c.number)).where(
                first.c.page == self.driver.c.page, first.c.type == "participant").correlate_except(first).scalar_subquery()
        return sa.exists().where(
            other.c.page == self.driver.c.page, other.c.number == number, self._holds(other, field, text))

    def _holds(self, entry: Any, field: Asked, text: str | None) -> Column:
        if text is None:
            return said(entry.c.fields, field.name).is_not(None)
        return folded(entry, self.scope.folds, field.name).contains(text, autoescape=True)

    def grouped(self, *columns: Column) -> sa.Select[Any]:
        """The columns of each group of keys."""
        named = [key.label(f"k{number}") for number, key in enumerate(self.keys)]
        return sa.select(*named, *columns).select_from(self.joined).where(*self.where).group_by(*named)


def _within(fact: Any, bounds: Range) -> Column:
    column = fact.c.first if isinstance(bounds.low, str) or isinstance(bounds.high, str) else fact.c.micro
    tests = [column != "" if column is fact.c.first else column.is_not(None)]
    if bounds.low is not None:
        tests.append(column >= bounds.low)
    if bounds.high is not None:
        tests.append(column <= bounds.high)
    if bounds.unit:
        tests.append(fact.c.unit == bounds.unit)
    return sa.and_(*tests)


def _key(fact: Any, grouping: Grouping) -> Column:
    """The key of a fact: of dates as far as known, ``2020``, ``2020-11``, ``2020-Q4``, of a week the day of its Thursday."""
    term = fact.c.term
    if grouping.ranges:
        ranges = [each for each in grouping.ranges if isinstance(each, Range)]
        return sa.case(*((_within(fact, each), str(number)) for number, each in enumerate(ranges)))
    if grouping.part == "year":
        return sa.func.substr(term, 1, 4)
    if grouping.part == "month":
        return sa.func.substr(term, 1, 7)
    if grouping.part == "quarter":
        month = sa.func.substr(term, 6, 2)
        quarter = sa.func.substr("111222333444", sa.cast(month, sa.Integer), 1)
        return sa.case((month.between("01", "12"), sa.func.substr(term, 1, 5) + "Q" + quarter), else_=sa.func.substr(term, 1, 7))
    if grouping.part == "week":
        return sa.case((sa.func.length(term) == 10, thursday(term)), else_=sa.func.substr(term, 1, 7))
    # A number has no term: each is a group of its own.
    return sa.case((fact.c.micro.is_not(None), sa.cast(fact.c.micro, sa.Text)), else_=term) if grouping.numeric else term
