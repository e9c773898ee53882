"""Rows as files: CSV, JSON Lines, Parquet. Each is written row by row, and the same rows give the same bytes."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from importlib.util import find_spec
from itertools import islice
from pathlib import Path
from typing import Any

from wikibridge.errors import SettingsError
from wikibridge.export.tables import Cell, Column, Row, Table
from wikibridge.model import Quantity

FORMATS: Mapping[str, str] = {
    "csv": "text/csv", "jsonl": "application/jsonl", "parquet": "application/vnd.apache.parquet"}
"""The media type of each format, by its name, which is how its files end."""
SEPARATOR = ";"
"""Between several values in one cell of a CSV; within a value (an address, a title) it is written ``%3B``."""
_GROUP = 5000
"""Rows of a Parquet file that stand together."""
_NUMBERS = ("number", "rating", "quantity")

_FORMULA = re.compile("'*[=+\\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")
_NUMBER = re.compile(r"[+-]?[0-9]+(?:[.,][0-9]+)?")


def guarded(text: str) -> str:
    """A text for a cell, so that no spreadsheet program takes it for a formula: an apostrophe in front, save for numbers.

    What begins with apostrophes before such a sign gets one more, so that taking one away gives the text back.
    """
    return f"'{text}" if _FORMULA.match(text) and not _NUMBER.fullmatch(text) else text


def flat(columns: Iterable[Column]) -> list[tuple[str, Column, str]]:
    """The columns of a flat file, with the part of a quantity that stands there: ``amount``, ``unit``, or nothing."""
    found: list[tuple[str, Column, str]] = []
    taken = {column.name for column in columns}
    for column in columns:
        if column.kind == "quantity" and not column.several:
            unit = f"{column.name}_unit"
            found += [(column.name, column, "amount"), (f"field_{unit}" if unit in taken else unit, column, "unit")]
        else:
            found.append((column.name, column, ""))
    return found


def _parts(columns: tuple[Column, ...]) -> Callable[[Row], Iterator[Cell]]:
    """What makes the cells of a flat row."""
    pairs = [column.kind == "quantity" and not column.several for column in columns]

    def parts(row: Row) -> Iterator[Cell]:
        for cell, pair in zip(row, pairs, strict=True):
            if not pair:
                yield cell
            elif isinstance(cell, Quantity):
                yield cell.amount
                yield cell.unit
            else:
                yield from (None, None)

    return parts


def time_text(time: datetime) -> str:
    """A time in UTC, as ISO 8601 has it."""
    return f"{time:%Y-%m-%dT%H:%M:%SZ}"


def _text(cell: Cell) -> str:
    """A cell of a CSV."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, Decimal):
        return f"{cell:f}"
    if isinstance(cell, int):
        return str(cell)
    if isinstance(cell, datetime):
        return time_text(cell)
    if isinstance(cell, tuple):
        return guarded(SEPARATOR.join(each.replace(SEPARATOR, "%3B") for each in cell))
    if isinstance(cell, dict):
        return json.dumps(cell, ensure_ascii=False, sort_keys=True)
    return guarded(str(cell))


def _csv(path: Path, table: Table, bom: bool) -> int:
    parts, count = _parts(table.columns), 0
    with path.open("w", encoding="utf-8-sig" if bom else "utf-8", errors="replace", newline="") as file:
        out = csv.writer(file, lineterminator="\r\n")
        out.writerow([name for name, _, _ in flat(table.columns)])
        for row in table.rows():
            count += 1
            out.writerow(map(_text, parts(row)))
    return count


def _json(cell: Cell) -> str:
    """A cell of JSON Lines; numbers with all their figures, which a float would round."""
    if isinstance(cell, Decimal):
        return f"{cell:f}"
    if isinstance(cell, Quantity):
        return f'{{"amount": {cell.amount:f}, "unit": {json.dumps(cell.unit, ensure_ascii=False)}}}'
    if isinstance(cell, datetime):
        cell = time_text(cell)
    plain = cell if cell is None or isinstance(cell, (bool, int, dict)) else list(cell) if isinstance(cell, tuple) else str(cell)
    return json.dumps(plain, ensure_ascii=False, sort_keys=True)


def _jsonl(path: Path, table: Table, bom: bool) -> int:
    names, count = [json.dumps(column.name) for column in table.columns], 0
    with path.open("w", encoding="utf-8", errors="replace", newline="\n") as file:
        for row in table.rows():
            count += 1
            file.write(f"{{{', '.join(f'{name}: {_json(cell)}' for name, cell in zip(names, row, strict=True))}}}\n")
    return count


def _arrow_type(arrow: Any, column: Column, part: str) -> Any:
    if column.several:
        return arrow.list_(arrow.string())
    if part != "unit" and column.kind in _NUMBERS:
        return arrow.float64()
    return {"integer": arrow.int64(), "yes_no": arrow.bool_(), "time": arrow.timestamp("s", "UTC")}.get(
        column.kind, arrow.string())


def _arrow(cell: Cell) -> Any:
    """A cell as pyarrow takes it."""
    if isinstance(cell, Decimal):
        return float(cell)
    if cell is None or isinstance(cell, (bool, int, datetime)):
        return cell
    if isinstance(cell, dict):
        return json.dumps(cell, ensure_ascii=False, sort_keys=True)
    return list(cell) if isinstance(cell, tuple) else str(cell)


def _parquet(path: Path, table: Table, bom: bool) -> int:
    import pyarrow
    from pyarrow import parquet

    columns = flat(table.columns)
    schema = pyarrow.schema([(name, _arrow_type(pyarrow, column, part)) for name, column, part in columns])
    parts, count = _parts(table.columns), 0
    rows = table.rows()
    with parquet.ParquetWriter(path, schema) as out:
        while group := [[*map(_arrow, parts(row))] for row in islice(rows, _GROUP)]:
            count += len(group)
            values = zip(*group, strict=True)
            out.write_table(pyarrow.Table.from_arrays(
                [pyarrow.array(each, type=kind) for each, kind in zip(values, schema.types, strict=True)], schema=schema))
    return count


_WRITERS = {"csv": _csv, "jsonl": _jsonl, "parquet": _parquet}


def ready(format_: str) -> None:
    """Raises SettingsError that says what to install when a format needs what is not there."""
    if format_ == "parquet" and find_spec("pyarrow") is None:
        raise SettingsError("extra-missing", "pyarrow", "parquet")


def write(path: Path, table: Table, format_: str, bom: bool = False) -> int:
    """Write a table into a file; answers how many rows there were. ``bom`` is for a CSV."""
    return _WRITERS[format_](path, table, bom)
