"""The figures of an assessment from the mirror. All but who took part are answers to questions, which anybody can ask too."""

from __future__ import annotations

from collections.abc import Iterable

import sqlalchemy as sa

from wikibridge.assessment.values import Assessment, Chartered, Held, Participation
from wikibridge.entries.types import Schema
from wikibridge.mirror.facts import OWNER
from wikibridge.mirror.store import Mirror
from wikibridge.mirror.tables import entries, facts, pages, problems
from wikibridge.summaries.compute import Answer, answer
from wikibridge.summaries.grammar import QuestionError, parse, split
from wikibridge.summaries.period import Span
from wikibridge.summaries.tally import Tallies

_GROUPS = "count, participants, share, mean rating"
_MEASURED = "count, mean before, mean after, change, min change, max change"
_DATED = "of=choice|where={now}"
_BOTH = "of=choice|where={both}"
QUESTIONS = {
    "choices": f"{_DATED}|show=count, participants, mean rating",
    "status": f"{_DATED}|by=status|show=count, participants, share|as=bars",
    "month": f"{_DATED}|by=month|show=count, participants|as=trend|limit=500",
    "indicator": f"{_DATED}; indicator: any|by=indicator|show={_MEASURED}|limit=500",
    "theme": f"{_DATED}|by=theme|show={_GROUPS}|limit=500",
    "level": f"{_DATED}|by=level|show={_GROUPS}|limit=500",
    "kind": f"{_DATED}|by=participant.kind|show={_GROUPS}|limit=500",
    "territory": f"{_DATED}|by=participant.territory|show={_GROUPS}|limit=500",
    "language": f"{_DATED}|by=participant.language|show={_GROUPS}|limit=500",
    "done": f"{_DATED}|by=theme; status|show=count|as=matrix|limit=500",
    "result": f"{_DATED}; result: any|show=result|as=quotes|limit=12",
    "difficulties": f"{_DATED}; difficulties: any|show=difficulties|as=quotes|limit=12",
    "words": f"{_DATED}; difficulties: any|show=difficulties|as=words|limit=15",
    "tool": f"{_DATED}; tool: any|by=tool|show=count, participants, mean rating|limit=500",
    "proposals": "of=proposal|where={now}|by=status|show=count, participants",
    "proposed": "of=proposal|where={now}|show=description, title|as=quotes|limit=12",
    "criteria": "of=criterion|where={now}|by=dimension; situation|show=count|as=matrix|limit=500",
    "then-choices": f"{_BOTH}|by=date: {{ranges}}|show=count, participants, mean rating|sort=name",
    "then-status": f"{_BOTH}|by=status; date: {{ranges}}|show=count|as=comparison|limit=500",
    "then-theme": f"{_BOTH}|by=theme; date: {{ranges}}|show=count|as=comparison|limit=500",
    "then-level": f"{_BOTH}|by=level; date: {{ranges}}|show=count|as=comparison|limit=500",
    "then-indicator": f"{_BOTH}; indicator: any|by=indicator; date: {{ranges}}|show=change|as=comparison|limit=500",
    "undated": "of=choice|where=date: none|show=count",
    "no-theme": f"{_DATED}; theme: none|show=count",
    "no-level": f"{_DATED}; level: none|show=count",
    "no-status": f"{_DATED}; status: none|show=count",
    "no-rating": f"{_DATED}; rating: none|show=count",
    "no-result": f"{_DATED}; result: none|show=count",
    "no-indicator": f"{_DATED}; indicator: none|show=count",
    "measured": f"{_DATED}; indicator: any; before: any; after: any|show=count",
}
"""What is asked, by name. ``now`` is the condition of the period; ``both`` and ``ranges`` are of it and of the one before."""


def assess(
    mirror: Mirror, schema: Schema, span: Span, previous: Span | None, tallies: Tallies, *, people: str, min_group: int = 1,
    words: bool = True, meetings: Iterable[Held] = (), charters: Iterable[Chartered] = (),
) -> Assessment:
    """The assessment of a period that is closed on both sides, compared with a ``previous`` one if anything is dated within it.

    ``people`` is what the titles of participants' pages begin with; ``words`` says whether recurring words can be looked for.
    Raises QuestionError where the site's own type of choices has no date.
    """
    pages_of = _pages(mirror, people)
    before = _participation(mirror, previous, *pages_of) if previous else None
    if before is None or not before.active:
        previous = before = None
    with mirror.engine.connect() as connection:
        found, damaged = connection.execute(
            sa.select(sa.func.count(), sa.func.count(sa.distinct(problems.c.page))).select_from(problems)).one()
    answers: dict[str, Answer] = {}
    for name, question in asked(span, previous, schema).items():
        if name == "words" and not words:
            continue
        try:
            understood = parse(split(question), schema, "en")
        except QuestionError:
            if name == "choices":
                raise  # all rests on it
            continue  # the site's own types of entries know no such field
        answers[name] = answer(understood, tallies, schema, min_group)
    return Assessment(span, previous, _participation(mirror, span, *pages_of), before, answers, tuple(meetings), tuple(charters),
                      found, damaged)


def asked(span: Span, previous: Span | None, schema: Schema) -> dict[str, str]:
    """The questions about a period by name, in the words that ``wikibridge ask`` takes; of ratings where choices have them."""
    periods = [each.condition.removeprefix("date: ") for each in (previous, span) if each]
    filled = {"now": span.condition, "both": f"date: {' or '.join(periods)}", "ranges": ", ".join(periods)}
    rated = "rating" in schema.types["choice"].by_name
    questions = {name: question if rated else question.replace(", mean rating", "") for name, question in QUESTIONS.items()}
    return {name: question.format(**filled) for name, question in questions.items() if previous or "{both}" not in question}


def _pages(mirror: Mirror, people: str) -> tuple[set[int], int]:
    """The pages of participants, and on how many of them no entry stands but their own."""
    with mirror.engine.connect() as connection:
        those = set(connection.scalars(sa.select(entries.c.page).where(entries.c.type == "participant").distinct()))
        those |= {row.id for row in connection.execute(sa.select(pages.c.id, pages.c.title)) if row.title.startswith(people)}
        wrote = set(connection.scalars(sa.select(entries.c.page).where(entries.c.type != "participant").distinct()))
    return those, len(those - wrote)


def _participation(mirror: Mirror, span: Span, those: set[int], mute: int) -> Participation:
    """Who of those with a page took part in a period that is closed on both sides."""
    first, last = str(span.first), str(span.last)
    dated = sa.and_(facts.c.field == "date", facts.c.first != "", facts.c.type.not_in([OWNER, "participant"]))
    within = sa.case((sa.and_(facts.c.first >= first, facts.c.first <= last), 1), else_=0)
    with mirror.engine.connect() as connection:
        rows = connection.execute(sa.select(
            facts.c.page, sa.func.min(facts.c.first).label("first"), sa.func.max(within).label("within")).where(
                dated).group_by(facts.c.page)).all()
    active = [row for row in rows if row.within and row.page in those]
    return Participation(len(those), len(active), sum(1 for row in active if row.first >= first), mute)
