"""A folder of tables with all that is needed to understand them: a Frictionless data package and dictionaries in words.

https://specs.frictionlessdata.io/tabular-data-package/
"""

from __future__ import annotations

import csv
import hashlib
import json
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from wikibridge.errors import SettingsError
from wikibridge.export import formats
from wikibridge.export.formats import FORMATS, flat
from wikibridge.export.tables import Column, Table
from wikibridge.i18n import LANGUAGES, message

PACKAGE = "datapackage.json"
_HEADER = ("table", "column", "value", "label", "description", "example")
_TYPES = {"integer": "integer", "number": "number", "rating": "number", "yes_no": "boolean", "time": "datetime",
          "object": "object"}


def write(folder: Path, tables: Iterable[Table], source: str, format_: str = "csv", bom: bool = False) -> dict[str, int]:
    """Write tables into a folder, made if need be; answers how many rows each file has, by its name.

    ``source`` is the address or name of the wiki. The files appear all at the end, each in place of one of its name: none
    is ever half written. Raises SettingsError for the disk's errors, and for what a format needs and is not installed.
    """
    formats.ready(format_)
    counts: dict[str, int] = {}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".export-", dir=folder) as name:
            made, resources = Path(name), []
            tables = list(tables)
            for table in tables:
                path = made / f"{table.name}.{format_}"
                counts[path.name] = formats.write(path, table, format_, bom)
                resources.append(_resource(path, table.name, table.label["en"], _schema(table, format_)))
            for language in LANGUAGES:
                path = made / f"dictionary.{language}.csv"
                _dictionary(path, tables, language, format_, bom)
                title = message("data-dictionary", language)
                fields = [{"name": column, "type": "string"} for column in _HEADER]
                resources.append(_resource(path, f"dictionary.{language}", title, {"fields": fields}))
            kind = "tabular-data-package" if format_ == "csv" else "data-package"
            package = {"profile": kind, "name": "wikibridge-export", "title": message("data-title", "en"),
                       "sources": [_source(source)], "resources": resources}
            (made / PACKAGE).write_text(json.dumps(package, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
            for path in [*sorted(made.glob("*.csv")), *sorted(made.glob(f"*.{format_}")), made / PACKAGE]:
                if path.exists():
                    path.replace(folder / path.name)
    except OSError as error:
        raise SettingsError("file-unwritable", error.filename or folder, error.strerror or "?") from error
    return counts


def _source(wiki: str) -> dict[str, str]:
    return {"title": wiki, "path": wiki} if wiki.startswith(("http://", "https://")) else {"title": wiki}


def _resource(path: Path, name: str, title: str, schema: dict[str, Any]) -> dict[str, Any]:
    format_ = path.suffix.removeprefix(".")
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    text = {} if format_ == "parquet" else {"encoding": "utf-8"}
    return {
        "name": name, "path": path.name, "profile": "tabular-data-resource" if format_ == "csv" else "data-resource",
        "title": title, "format": format_, "mediatype": FORMATS[format_], **text, "bytes": path.stat().st_size,
        "hash": f"sha256:{digest}", "schema": schema}


def _schema(table: Table, format_: str) -> dict[str, Any]:
    columns = [(each.name, each, "") for each in table.columns] if format_ == "jsonl" else flat(table.columns)
    key = {"primaryKey": list(table.key)} if table.key else {}
    return {"fields": [_field(name, column, part, format_) for name, column, part in columns], **key}


def _field(name: str, column: Column, part: str, format_: str) -> dict[str, Any]:
    if column.several:
        kind = "string" if format_ == "csv" else "array"
    elif column.kind == "quantity":
        kind = {"amount": "number", "unit": "string"}.get(part, "object")
    else:
        kind = _TYPES.get(column.kind, "string")
    limits: dict[str, Any] = {}
    if column.terms and not column.several and not column.open:
        limits = {"enum": list(column.terms)}
    elif column.kind == "rating" and not column.several:
        limits = {"minimum": 1, "maximum": 5}
    described = {"title": column.label["en"], "description": _description(column, part, "en", format_)}
    return {"name": name, "type": kind, **described, **({"constraints": limits} if limits else {})}


def _description(column: Column, part: str, language: str, format_: str) -> str:
    """What a column holds, and how that is written."""
    if part == "unit":
        return message("data-unit", language, column.label[language])
    words = [column.help[language]]
    if column.kind == "date":
        words.append(message("data-date", language))
    if column.kind == "time":
        words.append(message("data-time", language))
    if column.several and format_ == "csv":
        words.append(message("data-several", language))
    return " ".join(words)


def _dictionary(path: Path, tables: Iterable[Table], language: str, format_: str, bom: bool) -> None:
    """A row a column, and one below it for each id that may stand there."""
    with path.open("w", encoding="utf-8-sig" if bom else "utf-8", newline="") as file:
        out = csv.writer(file, lineterminator="\r\n")
        out.writerow(_HEADER)
        for table in tables:
            out.writerow([table.name, "", "", table.label[language], "", ""])
            for row in _lines(table, language, format_):
                out.writerow(map(formats.guarded, (table.name, *row)))


def _lines(table: Table, language: str, format_: str) -> Iterator[tuple[str, str, str, str, str]]:
    columns = [(each.name, each, "") for each in table.columns] if format_ == "jsonl" else flat(table.columns)
    for name, column, part in columns:
        label = name if part == "unit" else column.label[language]
        example = "" if part == "unit" else column.example.get(language, "")
        yield name, "", label, _description(column, part, language, format_), example
        if part != "unit":
            for term, labels in column.terms.items():
                yield name, term, labels[language], "", ""
