"""What can be counted in entries, a row a value: terms, short texts, numbers and dates, as the database compares them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import ROUND_HALF_EVEN, Decimal

from wikibridge.entries.spelling import fold
from wikibridge.entries.units import Units
from wikibridge.model import PartialDate, Period, Quantity, Term, Value

MICRO = 1_000_000
"""Numbers are kept in millionths, as whole numbers: the database adds them up without an error of rounding."""
OWNER = ""
"""The type under which the first participant entry of a page is kept besides: what its other entries are asked by."""
_LONGEST = 100
_LARGEST = Decimal(10) ** 12
CHANGE = "change"
"""The field that holds by how much a choice changed its indicator: after less before, in the unit of before."""

Row = dict[str, object]


def rows(fields: Mapping[str, Value], units: Units | None) -> Iterator[Row]:
    """The facts of an entry. Texts of more than 100 characters are none, nor are numbers of 10 to the 12th and more."""
    for name, value in fields.items():
        yield from _facts(name, value)
    before, after = fields.get("before"), fields.get("after")
    if isinstance(before, Quantity) and isinstance(after, Quantity):
        same = after if after.unit == before.unit else units.convert(after, before.unit) if units else None
        if isinstance(same, Quantity):
            yield from _number(CHANGE, same.amount - before.amount, before.unit)


def _facts(name: str, value: Value) -> Iterator[Row]:
    if isinstance(value, bool):
        yield _row(name, "true" if value else "false")
    elif isinstance(value, Decimal):
        yield from _number(name, value, "")
    elif isinstance(value, Quantity):
        yield from _number(name, value.amount, value.unit)
    elif isinstance(value, (PartialDate, Period)):
        first = value if isinstance(value, PartialDate) else value.start
        yield _row(name, str(first or ".."), first=first.days()[0] if first else "")
    else:
        labels: dict[str, str] = {}
        for text in (value,) if isinstance(value, str) else value:
            if 0 < len(text) <= _LONGEST:
                labels.setdefault(key(text), "" if isinstance(value, Term) else text)
        for term, label in labels.items():
            yield _row(name, term, label=label)


def key(text: str) -> str:
    """What spellings of a text have in common, by which they are one group; of a term, its id folded."""
    return fold(text) or text.casefold()


def millionths(amount: Decimal) -> int:
    """A number as it is kept."""
    return int((amount * MICRO).to_integral_value(ROUND_HALF_EVEN))


def _number(name: str, amount: Decimal, unit: str) -> Iterator[Row]:
    if abs(amount) < _LARGEST:
        yield _row(name, "", number=millionths(amount), unit=unit)


def _row(name: str, term: str, *, first: str = "", number: int | None = None, unit: str = "", label: str = "") -> Row:
    return {"field": name, "term": term, "first": first, "micro": number, "unit": unit, "label": label}
