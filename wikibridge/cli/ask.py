"""``wikibridge ask``: an answer on the terminal, or as data."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from rich.table import Table
from rich.text import Text

from wikibridge.cli.check import plain
from wikibridge.entries.types import Schema
from wikibridge.summaries.compute import OTHER, Amount, Answer, Figure, Row
from wikibridge.summaries.question import Grouping
from wikibridge.summaries.recurring import Recurring
from wikibridge.summaries.show import Cell, Shown
from wikibridge.summaries.text import range_text


def data(found: Answer, schema: Schema) -> dict[str, Any]:
    """The answer as ``--json`` prints it: terms by their ids, null for what says nothing, "other" for small groups."""
    shown = [" ".join(dict.fromkeys(filter(None, (each.kind, each.field)))) for each in found.question.show]

    def key(typed: str, by: Grouping) -> str | None:
        return None if typed == "" else "other" if typed == OTHER else _id(typed, by, found.question.of, schema)

    def row(one: Row) -> dict[str, Any]:
        groups = [key(each, by) for each, by in zip(one.keys, found.question.by, strict=False)]
        figures = {name: _figure(figure) for name, figure in zip(shown, one.figures, strict=True)}
        return {"groups": groups, "entries": one.entries, "participants": one.participants, "figures": figures}

    def recurrence(one: Recurring) -> dict[str, Any]:
        return {"text": one.text, "groups": [key(one.group, by) for by in found.question.by], "language": one.language,
                "entries": one.entries, "participants": one.participants,
                "mean": None if one.mean is None else plain(one.mean), "rated": one.rated, "pages": list(one.pages)}

    return {
        "of": found.question.of, "entries": found.total.entries, "participants": found.total.participants,
        "problems": found.problems, "time": found.time.isoformat() if found.time else None, "total": row(found.total),
        "rows": [row(one) for one in found.rows], "labels": [dict(labels) for labels in found.labels], "more": found.more,
        "items": [{"page": item.title, "fields": {name: plain(value) for name, value in item.fields.items()}}
                  for item in found.items],
        "recurring": [recurrence(one) for one in found.found.rows]}


def _id(key: str, by: Grouping, of: str, schema: Schema) -> str:
    if by.ranges:
        return range_text(by.ranges[int(key)], "en")
    kind = schema.types["participant" if by.field.owner else of].by_name.get(by.field.name)
    return schema.lookups[kind.vocabulary].get(key, key) if kind and kind.vocabulary else key


def _figure(figure: Figure) -> Any:
    if isinstance(figure, tuple):
        return [_amount(amount) for amount in figure]
    return float(figure) if isinstance(figure, Decimal) else figure


def _amount(amount: Amount) -> dict[str, Any]:
    return {"amount": plain(amount.value), "unit": amount.unit, "of": amount.of}


def table(shown: Shown, safe: Callable[[str], str]) -> Table | None:
    """The grid, if the answer has one, each text made ``safe`` for a terminal."""
    if not shown.rows:
        return None
    made = Table(title=Text(safe(shown.title)) if shown.title else None)
    for cell in shown.header:
        made.add_column(Text(cell.text), justify="right" if cell.number else "left")
    for row in shown.rows:
        made.add_row(*(Text(safe(_text(cell))) for cell in row))
    return made


def _text(cell: Cell) -> str:
    if cell.several:
        return ", ".join(map(_text, cell.several))
    return "█" * round(20 * cell.bar) if cell.bar is not None else cell.text


def lines(shown: Shown) -> list[str]:
    """All but the grid."""
    made = [f"{name}{shown.colon}{figure}" for name, figure in shown.figures]
    made += [" – ".join(filter(None, (line.date, f"{line.words} ({line.source.text})"))) for line in shown.lines]
    return [*made, *shown.notes, shown.foot.replace("{time}", shown.time)]
