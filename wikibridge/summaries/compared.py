"""A period beside the one before it: now, before, difference. All three are of answers; what these hide stays hidden."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from wikibridge.i18n import message
from wikibridge.summaries.compute import OTHER, UNSAID, Answer, Figure
from wikibridge.summaries.show import HIDDEN, Cell, Shown
from wikibridge.summaries.text import number_text

_CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Side:
    """The answer of a period, and what is shown of it."""

    found: Answer
    shown: Shown


def figures(now: Side, before: Side, language: str) -> Shown:
    """The figures of two answers without groups."""
    rows = []
    pairs = zip(now.shown.figures, before.shown.figures, now.found.total.figures, before.found.total.figures, strict=True)
    for (head, new), (_, old), *values in pairs:
        rows.append((Cell(head), Cell(new, number=True), Cell(old, number=True), _difference(values[0], values[1], language)))
    return Shown(header=_header("", language), rows=tuple(rows))


def groups(now: Side, before: Side, language: str) -> Shown:
    """The first figure of two answers with the same groups."""
    sides = [{row.keys[0]: (cells, row.figures[0]) for row, cells in zip(side.found.rows, side.shown.rows, strict=False)}
             for side in (now, before)]
    keys = sorted({**sides[0], **sides[1]}, key=lambda key: (key == UNSAID, key == OTHER))
    return Shown(header=_header(now.shown.header[0].text, language), rows=tuple(_rows(keys, sides, (now, before), language)))


def _rows(
    keys: list[str], sides: list[dict[str, tuple[tuple[Cell, ...], Figure]]], whole: tuple[Side, Side], language: str,
) -> Iterator[tuple[Cell, ...]]:
    for key in keys:
        label = next(side[key][0][0] for side in sides if key in side)
        values: list[Figure] = []
        cells = []
        for side, of in zip(sides, whole, strict=True):
            if key in side:
                values.append(side[key][1])
                cells.append(Cell(side[key][0][1].text, number=True))
                continue
            # It may be one of the small groups, or of the rows that the limit cut off; else there is none of it.
            unknown = key != UNSAID and (OTHER in side or of.found.more)
            values.append(None if unknown else 0)
            cells.append(Cell(HIDDEN if unknown else number_text(0, language), number=True))
        if key == OTHER:
            # Other groups are small in one period than in the other.
            values = [None, None]
        yield (label, *cells, _difference(values[0], values[1], language))


def _header(first: str, language: str) -> tuple[Cell, ...]:
    return (Cell(first), *(Cell(message(f"report-{name}", language), number=True) for name in ("now", "before", "difference")))


def _difference(now: Figure, before: Figure, language: str) -> Cell:
    new, old = _number(now), _number(before)
    return Cell(HIDDEN if new is None or old is None else number_text(new - old, language, signed=True), number=True)


def _number(figure: Figure) -> Decimal | None:
    """The figure as it is shown, so that a reader who subtracts gets the same."""
    if isinstance(figure, tuple):
        return figure[0].value.quantize(_CENT) if len(figure) == 1 else None
    return Decimal(figure) if isinstance(figure, (int, Decimal)) else None
