"""Answers to questions, computed in the mirror's database."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from wikibridge.mirror.store import Mirror, entries, pages, problems, terms, unpack_fields
from wikibridge.model import Value
from wikibridge.summaries.question import Question


@dataclass(frozen=True, slots=True)
class Group:
    """One row of a grouped answer: a term's id, how many entries carry it, on how many participants' pages."""

    term: str
    entries: int
    participants: int


@dataclass(frozen=True, slots=True)
class Item:
    """One entry of a list: the page it stands on and what it says."""

    title: str
    fields: dict[str, Value]


@dataclass(frozen=True, slots=True)
class Answer:
    """The rows of an answer and what they rest on. ``time`` is that of the newest page with entries of the type."""

    groups: tuple[Group, ...]
    items: tuple[Item, ...]
    entries: int
    participants: int
    problems: int
    time: datetime | None


def answer(mirror: Mirror, question: Question) -> Answer:
    """The answer as the mirror stands. Groups by size, then by term; lists by date, latest first, undated last."""
    of = entries.c.type == question.of
    groups: tuple[Group, ...] = ()
    items: tuple[Item, ...] = ()
    with mirror.engine.connect() as connection:
        total = connection.execute(
            sa.select(sa.func.count(), sa.func.count(sa.distinct(entries.c.page)), sa.func.max(pages.c.time))
            .select_from(entries.join(pages, pages.c.id == entries.c.page)).where(of)
        ).one()
        wrong = connection.scalar(
            sa.select(sa.func.count()).select_from(problems)
            .where(problems.c.page.in_(sa.select(entries.c.page).where(of)))
        )
        if question.by:
            count = sa.func.count().label("entries")
            joined = terms.join(entries, (terms.c.page == entries.c.page) & (terms.c.number == entries.c.number))
            rows = connection.execute(
                sa.select(terms.c.term, count, sa.func.count(sa.distinct(terms.c.page)).label("participants"))
                .select_from(joined).where(of, terms.c.field == question.by)
                .group_by(terms.c.term).order_by(count.desc(), terms.c.term).limit(question.limit)
            )
            groups = tuple(Group(row.term, row.entries, row.participants) for row in rows)
        else:
            # A month is before its days, so that "2020-11" does not pass for the latest day of it.
            rows = connection.execute(
                sa.select(entries.c.fields, pages.c.title)
                .select_from(entries.join(pages, pages.c.id == entries.c.page)).where(of)
                .order_by(entries.c.date.desc(), pages.c.title, entries.c.number).limit(question.limit)
            )
            items = tuple(Item(row.title, unpack_fields(row.fields)) for row in rows)
    time = datetime.fromisoformat(total[2]) if total[2] else None
    return Answer(groups, items, total[0], total[1], wrong or 0, time)
