"""Job kind ``participants``: a page of their own for everybody in ``participants.csv``. A page that exists is left alone."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from wikibridge.entries.types import Schema, fold
from wikibridge.errors import SettingsError
from wikibridge.i18n import message
from wikibridge.jobs.base import Context
from wikibridge.mirror.store import Mirror
from wikibridge.model import Selection, WantedPage
from wikibridge.wikis.base import normal_title
from wikibridge.yaml_text import Strict

COLUMNS = ("name", "kind", "language", "territory", "group", "user")
_REPLACED = str.maketrans({"[": "(", "]": ")", "{": "(", "}": ")", "|": "-", "/": "-", "<": None, ">": None, "#": None})
_HIDDEN = re.compile("[\u0000-\u001f\u007f-\u009f\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufffd]")


class Options(Strict):
    """The job file. ``source`` is the CSV file, ``every`` when the job is due."""

    kind: Literal["participants"]
    title: str = ""
    every: str = ""
    source: str = "participants.csv"


@dataclass(frozen=True, slots=True)
class Person:
    """One row of the CSV; ``row`` as the spreadsheet counts it (the header is row 1)."""

    row: int
    values: Mapping[str, str]


def read_csv(data: bytes, name: str, schema: Schema) -> list[Person]:
    """The rows of a CSV file as Excel, LibreOffice or a person write it: UTF-8 or Windows-1252, ``,`` ``;`` or tab.

    Column names may be in any of the languages. Raises SettingsError if there is no name column.
    """
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        if data.startswith((b"\xff\xfe", b"\xfe\xff")):
            text = data.decode("utf-16", "replace")
        else:
            text = data.decode("cp1252", "replace")
    first = text.split("\n", 1)[0]
    separator = max(";,\t", key=first.count)
    rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=separator))
    if not rows:
        return []
    header = [schema.types["participant"].lookup.get(fold(cell), fold(cell)) for cell in rows[0]]
    if "name" not in header:
        raise SettingsError("csv-no-name", name, ", ".join(rows[0])[:80], ", ".join(COLUMNS))
    people = []
    for number, row in enumerate(rows[1:], 2):
        values = {column: " ".join(_HIDDEN.sub("", cell).split()) for column, cell in zip(header, row, strict=False)}
        people.append(Person(number, {column: values.get(column, "") for column in COLUMNS}))
    return people


def titles(people: list[Person], prefix: str, context: Context) -> list[tuple[str, Person]]:
    """A title for each person. Of several with one name, the first has the plain one, others add territory or group."""
    taken: dict[str, Person] = {}
    chosen = []
    for person in people:
        if not any(person.values.values()):
            continue
        name = " ".join(person.values["name"].translate(_REPLACED).split()).strip(" ._")
        if not name:
            context.note("csv-row-no-name", person.row)
            continue
        if name != person.values["name"]:
            context.note("csv-row-renamed", person.row, person.values["name"], name)
        options = [name, *(f"{name} ({extra.translate(_REPLACED)})"
                           for extra in (person.values["territory"], person.values["group"]) if extra)]
        first = taken.get(normal_title(prefix + name))
        if first is not None and first.values == person.values:
            context.note("csv-row-twice", person.row, first.row)
            continue
        title = next((t for t in (normal_title(prefix + o) for o in options) if t not in taken), None)
        if title is None:
            context.note("csv-row-same-name", person.row, name)
        elif len(title.encode()) > 255:
            context.note("csv-row-long", person.row, name[:40])
        else:
            taken[title] = person
            chosen.append((title, person))
    return chosen


class Participants:
    """The job."""

    def __init__(self, name: str, options: Options) -> None:
        self.name = name
        self.options = options

    @cached_property
    def _people(self) -> dict[int, list[tuple[str, Person]]]:
        return {}

    def _chosen(self, context: Context) -> list[tuple[str, Person]]:
        if id(context) not in self._people:
            path = context.site.folder / self.options.source
            try:
                data = path.read_bytes()
            except OSError:
                context.note("csv-missing", self.options.source)
                data = b""
            people = read_csv(data, self.options.source, context.schema)
            self._people[id(context)] = titles(people, context.site.settings.participants, context)
        return self._people[id(context)]

    def selection(self, context: Context) -> Selection:
        """The titles of all participants' pages."""
        return Selection(titles=frozenset(title for title, _ in self._chosen(context)))

    def wanted(self, context: Context, mirror: Mirror) -> list[WantedPage]:
        """A page for each person, in the person's language."""
        settings = context.site.settings
        kinds = {fold(str(term)) for term in settings.languages}
        pages = []
        for title, person in self._chosen(context):
            language = person.values["language"].lower()
            if fold(language) not in kinds:
                if language:
                    context.note("csv-row-language", person.row, language, settings.languages[0])
                language = settings.languages[0]
            text = context.templates.render(f"mediawiki/{language}/participant.wiki", {**person.values, "language": language})
            pages.append(WantedPage(title, text, self.name, message("edit-participant", language)))
        return pages
