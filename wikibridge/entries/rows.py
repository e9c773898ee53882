"""Entries typed as the rows of a table whose first row names the fields, or as its columns when the first column does."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator

from wikibridge.entries.found import Found, Source
from wikibridge.entries.spelling import fold
from wikibridge.entries.types import EntryType
from wikibridge.markup.parts import Argument, Cell, Table


def find(source: Source, tables: tuple[Table, ...]) -> Iterator[Found]:
    """One entry a row (or column); cells without text are left out. Tables that name fewer than two fields are none."""
    heads = source.scan.headings
    starts = [head.start for head in heads]
    for table in tables:
        at = bisect_right(starts, table.start) - 1
        caption = source.typed(source.dialect.plain(_BLANKED.sub("", table.caption)))
        typed = caption or (source.typed(heads[at].text) if at >= 0 else None)
        rows: tuple[tuple[Cell, ...], ...] = table.rows
        if len(rows) < 1:
            continue
        names = [source.dialect.plain(_typed(source, cell)) for cell in rows[0]]
        kind = _kind(source, typed, names)
        if not kind:
            width = max(map(len, rows))
            columns = tuple(tuple(row[i] for row in rows if i < len(row)) for i in range(width))
            if any(len(row) != width for row in rows) or width > 20:
                continue
            names = [source.dialect.plain(_typed(source, cell)) for cell in columns[0]]
            kind = _kind(source, typed, names)
            rows = columns
        if not kind:
            continue
        language = typed[1] if typed and typed[0] == kind and typed[2] else source.spoken(kind, names)
        alone = len(rows) == 2
        title = caption[2] if caption and alone else ""
        for row in rows[1:]:
            # A row of calls alone lays out entries that are read by themselves.
            if any(_BLANKED.sub("", cell.text).strip() or ("\x01" not in cell.text and source.dialect.plain(_typed(source, cell)))
                   for cell in row):
                fields = tuple(Argument(name, _typed(source, cell), cell.start) for name, cell in zip(names, row, strict=False)
                               if name and cell.text.strip())
                # More cells than names: a bar within a cell, most of the time.
                fields += tuple(Argument(None, _typed(source, cell), cell.start) for cell in row[len(names) :])
                if not fields:
                    continue
                start, end = row[0].start, max(cell.start + len(cell.text) for cell in row)
                yield Found(kind, language, title, fields, start, end, alone=alone)


_BLANKED = re.compile("[\x00\x01]+")


def _typed(source: Source, cell: Cell) -> str:
    """What stands in a cell, with the comments, templates and their like that were blanked out to find its borders."""
    return source.text[cell.start : cell.start + len(cell.text)]


def _kind(source: Source, typed: tuple[str, str, str] | None, names: list[str]) -> str:
    """The type whose fields a row or column names; empty when it names none."""
    if typed and _known(source.schema.types[typed[0]], names) >= 2:
        return typed[0]
    return source.voted(names)


def _known(kind: EntryType, names: list[str]) -> int:
    return len({kind.lookup[fold(name)] for name in names if fold(name) in kind.lookup})
