"""``wikibridge check``: what is read from a page, and what is wrong with it, as a compiler would tell it."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

from wikibridge.entries.problems import sentence
from wikibridge.entries.read import Reading
from wikibridge.model import Quantity, Value


def plain(value: Value) -> Any:
    """A value as JSON knows it: dates as ISO text, a term as its id, several values as a list."""
    if isinstance(value, Quantity):
        return {"amount": plain(value.amount), "unit": value.unit}
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() and abs(value) < 10**15 else float(value)
    if isinstance(value, (bool, str)):
        return value
    return list(value) if isinstance(value, tuple) else str(value)


def facts(reading: Reading, language: str) -> dict[str, Any]:
    """The reading of a page as ``--json`` prints it."""
    return {
        "entries": [
            {"type": entry.type, "line": entry.line, "fields": {name: plain(value) for name, value in entry.fields.items()},
             "unknown": dict(entry.unknown)} for entry in reading.entries],
        "problems": [
            {"line": problem.line, "column": problem.column, "code": problem.code, "message": sentence(problem, language),
             "suggestion": problem.suggestion} for problem in reading.problems],
    }


def told(reading: Reading, name: str, language: str) -> list[str]:
    """A line a problem: ``name:line:column: sentence``."""
    return [f"{name}:{problem.line}:{problem.column}: {sentence(problem, language)}" for problem in reading.problems]


def file_text(path: Path) -> str:
    """The text of a file; letters that are no UTF-8 are read as those of Windows, which most are; lines end as on a wiki."""
    data = path.read_bytes().replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")
