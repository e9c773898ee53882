"""Tables as people make them in spreadsheet programs: CSV files of any kind, and XLSX files where openpyxl is installed."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from datetime import date, datetime, time
from decimal import Decimal
from itertools import zip_longest
from pathlib import Path
from typing import Any, NamedTuple

from wikibridge.entries.faults import Fault
from wikibridge.errors import SettingsError
from wikibridge.jobs.base import Context
from wikibridge.model import PartialDate, Quantity

HIDDEN = re.compile(
    "[\u0000-\u0008\u000e-\u001f\u007f-\u0084\u0086-\u009f\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufffd]")
"""Controls and invisible marks of direction; line breaks and tabs are not among them: they are blanks."""
SUFFIXES = frozenset((".csv", ".tsv", ".txt", ".xlsx", ".xlsm", ".xls", ".ods", ".numbers"))
"""How the names of tables end, those that have to be saved otherwise first included."""

Cell = str | bool | Decimal | PartialDate | Quantity | Fault


class Row(NamedTuple):
    """A row that is not empty; ``number`` as the spreadsheet counts it."""

    number: int
    cells: tuple[Cell, ...]


def read(path: Path, context: Context) -> list[Row]:
    """The rows of a file: texts from a CSV; numbers, dates, yes and no too from an XLSX, where a Fault stands for an error.

    Raises SettingsError when it cannot be read, is no table, or needs what is not installed.
    """
    suffix = path.suffix.casefold()
    if suffix in (".xls", ".ods", ".numbers"):
        raise SettingsError("table-kind", path.name, suffix)
    try:
        data = path.read_bytes()
    except OSError as error:
        raise SettingsError("file-unreadable", path, error.strerror or "?") from error
    rows: Iterable[Iterable[Cell]] = (
        _xlsx(data, path.name, context) if suffix in (".xlsx", ".xlsm") else csv_rows(data, path.name, context))
    found = (Row(number, tuple(_bare(cell) for cell in row)) for number, row in enumerate(rows, 1))
    return [row for row in found if any(cell != "" for cell in row.cells)]


def _bare(cell: Cell) -> Cell:
    return HIDDEN.sub("", cell.replace("\r\n", "\n").replace("\r", "\n")).strip() if isinstance(cell, str) else cell


# CSV


_CODINGS = {"UTF-8": "utf-8", "Windows-1252": "cp1252"}


def _decoded(data: bytes) -> tuple[str, str]:
    """The text of a spreadsheet's file and the name of its encoding."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace"), "UTF-16"
    try:
        return data.decode("utf-8-sig"), "UTF-8"
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace"), "Windows-1252"


def csv_rows(data: bytes, name: str, context: Context) -> list[list[str]]:
    """The rows of a CSV file as Excel, LibreOffice or a person write it: with ``,`` ``;`` or tab, in an encoding told if guessed.

    Raises SettingsError if it is no table.
    """
    text, encoding = _decoded(data)
    if encoding == "Windows-1252":
        context.note("csv-encoding", name, encoding)
    # Excel may name the separator in a first line of its own.
    text = re.sub(r"\Asep=.\r?\n", "", text)
    separator = max(";,\t", key=text.split("\n", 1)[0].count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    try:
        return list(reader)
    except csv.Error as error:
        raise SettingsError("csv-broken", name, reader.line_num, error) from error


def without_rows(data: bytes, which: Callable[[list[str]], bool]) -> tuple[bytes, int]:
    """A CSV file without some rows, all others to the byte, and how many rows went. The row of names always stays.

    Raises csv.Error if it is no table.
    """
    encoding = _decoded(data)[1]
    wide = encoding == "UTF-16"
    # Separators, quotes and line ends are the same bytes in UTF-8, Windows-1252 and Latin-1, which every byte is a letter of.
    coding = ("utf-16-le" if data.startswith(b"\xff\xfe") else "utf-16-be") if wide else "latin-1"
    end = len(data) - len(data) % 2 if wide else len(data)
    text = data[:end].decode(coding, "surrogatepass")
    mark = re.match("(?:\ufeff|\u00ef\u00bb\u00bf)?(?:sep=.\r?\n)?", text)
    begin = mark.end() if mark else 0
    lines = list(io.StringIO(text[begin:], newline=""))
    separator = max(";,\t", key="".join(lines).split("\n", 1)[0].count)
    reader = csv.reader(iter(lines), delimiter=separator, strict=True)
    kept, done, gone = [text[:begin]], 0, 0

    def cells(row: list[str]) -> list[str]:
        return row if wide else [cell.encode("latin-1").decode(_CODINGS[encoding], "replace") for cell in row]

    for number, row in enumerate(reader):
        raw, done = lines[done : reader.line_num], reader.line_num
        if number and which(cells(row)):
            gone += 1
        else:
            kept += raw
    return "".join(kept).encode(coding, "surrogatepass") + data[end:], gone


# XLSX


def _xlsx(data: bytes, name: str, context: Context) -> Iterator[list[Cell]]:
    """The rows of the first sheet that is shown. What a formula gave when the file was saved is its value."""
    try:
        from openpyxl import load_workbook
    except ImportError as error:
        raise SettingsError("extra-missing", "openpyxl", "xlsx") from error
    try:
        # Once with the values of formulas, once with the formulas, to tell those without a value from empty cells.
        with closing(load_workbook(io.BytesIO(data), read_only=True, data_only=True)) as book, closing(
                load_workbook(io.BytesIO(data), read_only=True)) as source:
            shown = [sheet.title for sheet in book.worksheets if sheet.sheet_state == "visible"]
            if not shown:
                return
            if shown[1:]:
                context.note("xlsx-sheets", name, shown[0], ", ".join(shown[1:]))
            for sheet in (book[shown[0]], source[shown[0]]):
                sheet.reset_dimensions()  # what a program wrote about the size may be wrong
            for values, typed in zip_longest(book[shown[0]].rows, source[shown[0]].rows, fillvalue=()):
                yield [_cell(value, formula) for value, formula in zip_longest(values, typed)]
    except SettingsError:
        raise
    except Exception as error:
        # A broken package raises whatever its parts do: of ZIP files, of XML, of openpyxl.
        raise SettingsError("xlsx-broken", name, f"{type(error).__name__}: {error}"[:200]) from error


def _cell(cell: Any, source: Any) -> Cell:
    value = None if cell is None else cell.value
    if value is None:
        return Fault("cell-uncalculated", ()) if source is not None and source.data_type == "f" else ""
    if cell.data_type == "e":
        return Fault("cell-error", (str(value),))
    if isinstance(value, bool):
        return value
    if isinstance(value, (int, float)):
        # Fifteen figures, as spreadsheets show: the others are the noise of binary fractions.
        number = Decimal(f"{value:.15g}")
        if "%" in (cell.number_format or ""):
            return Quantity(number * 100, "%")
        return Decimal(f"{number:f}")
    if isinstance(value, (date, datetime)):
        return _date(value, cell.number_format or "")
    if isinstance(value, time):
        return f"{value:%H:%M}"
    return str(value)


def _date(value: date, shown: str) -> PartialDate:
    """A date as precisely as the cell shows it: who types "Nov 2020" gets a cell that holds the first of November."""
    letters = re.sub(r'"[^"]*"|\\.|\[[^\]]*\]', "", shown).casefold()
    if "d" in letters or "y" not in letters:
        return PartialDate(value.year, value.month, value.day)
    return PartialDate(value.year, value.month) if "m" in letters else PartialDate(value.year)
