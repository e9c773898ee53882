"""What was written elsewhere, in a workshop without computers say, put on the participants' pages from a table.

A job made for one file. Each row becomes an entry in a region of its own at the end of the participant's page. The name of
the region is a hash of what the row says: a row that was there once, whatever its participant has made of it since, is not put
there again. Rows with anything that cannot be read are left out whole, so that they come in once, when they are mended.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from wikibridge.entries.faults import Fault
from wikibridge.entries.fields import read_field
from wikibridge.entries.found import near_field
from wikibridge.entries.problems import sentence
from wikibridge.entries.read import hide, read
from wikibridge.entries.spelling import fold
from wikibridge.entries.types import EntryType, Schema
from wikibridge.entries.write import as_call, typed
from wikibridge.errors import SettingsError
from wikibridge.i18n import message
from wikibridge.jobs import tables
from wikibridge.jobs.base import Context
from wikibridge.jobs.people import People
from wikibridge.jobs.tables import Cell, Row
from wikibridge.markup import regions
from wikibridge.mirror.store import Mirror
from wikibridge.model import Problem, Quantity, Selection, Value, WantedPage

DEFAULT = "choice"
"""The type of rows that say none, where the columns are as much of it as of any other."""
_GROUP = "group"
"""The field that says whose an entry is where no column names a participant, as in tables of criteria by group."""
_TYPE = frozenset(map(fold, ("type", "entry type", "type of entry", "type d’entrée", "tipo", "tipo de entrada")))
_PERSON = frozenset(("participant", "sign_up"))
"""Types that a table does not bring in: participants come from their own list, or sign up themselves."""
_TITLES = 10
"""Rows at the top among which the names of the columns are looked for."""


@dataclass(frozen=True, slots=True)
class _Columns:
    """Which column is what; ``fields`` are the others by number, as they are headed."""

    participant: int
    type: int | None
    fields: Mapping[int, str]


@dataclass(frozen=True, slots=True)
class _Typed:
    """What a row says: whose page, of which type, with which values."""

    title: str
    type: str
    fields: Mapping[str, Value]

    @property
    def region(self) -> str:
        """The name of the region that holds it."""
        said = "\0".join((self.type, *(f"{name}={_plain(value)}" for name, value in sorted(self.fields.items()))))
        return regions.TYPED + hashlib.sha256(said.encode("utf-8", "surrogatepass")).hexdigest()[:12]


def _plain(value: Value) -> str:
    """A value as a text that stays the same whatever the file was: "7" of a CSV and 7.0 of a spreadsheet."""
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    if isinstance(value, Quantity):
        return f"{_plain(value.amount)} {value.unit}"
    return "\x01".join(value) if isinstance(value, tuple) else str(value)


class Import:
    """The job for one file."""

    name = "import"

    def __init__(self, file: Path) -> None:
        self.file = file

    def selection(self, context: Context) -> Selection:
        """Nothing more: all participants' pages are read in any case."""
        return Selection()

    def files(self, context: Context) -> tuple[Path, ...]:
        """The table."""
        return (self.file,)

    def wanted(self, context: Context, mirror: Mirror) -> list[WantedPage]:
        """Each participant's page with the regions that are not on it yet.

        Raises SettingsError when the file is no table, or has no column for the participant or none for a field.
        """
        rows = tables.read(self.file, context)
        if not rows:
            context.note("import-empty", self.file.name)
            return []
        people = People(mirror, context.title(context.site.settings.participants))
        taken: dict[tuple[str, str], int] = {}
        found: dict[str, dict[str, _Typed]] = {}
        for number, said in _Reader(self.file.name, context, people).run(rows):
            first = taken.setdefault((said.title, said.region), number)
            if first == number:
                found.setdefault(said.title, {})[said.region] = said
            else:
                context.note("import-row-twice", self.file.name, number, first)
        pages = {page.title: page.text for page in mirror.pages(found)}
        return [self._page(context, title, pages[title], said, people.language(title, context))
                for title, said in found.items()]

    def _page(
        self, context: Context, title: str, text: str, said: Mapping[str, _Typed], language: str,
    ) -> WantedPage:
        there, broken = regions.find(text, context.dialect)
        known = {region.name for region in there} | broken
        new = {name: as_call(context.schema.types[each.type], each.fields, context.schema, language, context.dialect)
               for name, each in said.items() if name not in known}
        return WantedPage(title, "", self.name, message("edit-import", language, len(new)), new, "end")


class _Reader:
    """Reads the rows of one file, and tells what is wrong with them."""

    def __init__(self, name: str, context: Context, people: People) -> None:
        self.name, self.context, self.people = name, context, people
        self.schema: Schema = context.schema
        self.default = DEFAULT
        self.wrong = False

    def run(self, rows: Sequence[Row]) -> Iterator[tuple[int, _Typed]]:
        """The good rows with their numbers."""
        # A title may stand above the names of the columns.
        first = next((i for i, row in enumerate(rows[:_TITLES]) if self._owners(_names(row))), 0)
        header, rest = rows[first], rows[first + 1 :]
        self.default = self._kind(_names(header))
        columns = self._columns(header)
        used = {type_ for row in rest if (type_ := self._type(row, columns, tell=False))} or {self.default}
        self._check(header.number, columns, [self.schema.types[type_] for type_ in sorted(used)])
        language = self._language(columns)
        for row in rest:
            self.wrong = False
            said = self._row(row, columns, language)
            if said and not self.wrong:
                yield row.number, said

    def _kind(self, names: Mapping[int, str]) -> str:
        """The type of which most columns are fields."""
        counts = {type_: sum(bool(_field(name, kind)) for name in names.values())
                  for type_, kind in self.schema.types.items() if type_ not in _PERSON}
        return max(counts, key=lambda type_: (counts[type_], type_ == DEFAULT))

    def _owners(self, names: Mapping[int, str]) -> list[int]:
        """The columns that may name the participant: "Participant" before "Name", and these before the group."""
        person, kind = self.schema.types["participant"], self.schema.types[self._kind(names)]
        called = {fold(word) for words in (*person.names.values(), ("participant·e",)) for word in words}
        return [i for i, name in names.items() if fold(name) in called] or [
            i for i, name in names.items() if person.lookup.get(fold(name)) == "name" and fold(name) not in kind.lookup] or [
            i for i, name in names.items() if kind.lookup.get(fold(name)) == _GROUP]

    def _columns(self, header: Row) -> _Columns:
        """Raises SettingsError when there is no column for the participant."""
        names = _names(header)
        owners = self._owners(names)
        if not owners:
            raise SettingsError("import-no-participant", self.name, header.number, ", ".join(filter(None, names.values()))[:80])
        known = self.schema.types[self.default].lookup
        type_ = next((i for i, name in names.items() if fold(name) in _TYPE and fold(name) not in known), None)
        told = {owners[0], type_} - {i for i in owners[:1] if known.get(fold(names[i])) == _GROUP}
        return _Columns(owners[0], type_, {i: name for i, name in names.items() if i not in told})

    def _check(self, number: int, columns: _Columns, kinds: list[EntryType]) -> None:
        """Tell columns that no type knows. Raises SettingsError when two are of one field, or none is of any."""
        for kind in kinds:
            first: dict[str, str] = {}
            for name in columns.fields.values():
                field = _field(name, kind)
                if field and field in first:
                    raise SettingsError("import-column-twice", self.name, number, first[field], name)
                first[field] = name
        unknown = [name for name in columns.fields.values() if name and not any(_field(name, kind) for kind in kinds)]
        if len(unknown) == len([name for name in columns.fields.values() if name]):
            known = dict.fromkeys(each.names[self.context.language][0] for kind in kinds for each in kind.fields)
            raise SettingsError("import-no-field", self.name, number, ", ".join(known))
        for name in unknown:
            if not self._near(name, kinds):
                self.context.note("import-column", self.name, number, name)

    def _near(self, name: str, kinds: Sequence[EntryType]) -> str:
        """The field that a misspelt column may mean, as it was typed."""
        return next((near for kind in kinds if (near := near_field(name, kind))), "")

    def _language(self, columns: _Columns) -> str:
        """The language in which most columns are named: it tells how "1.234" is meant. The site's first, in doubt."""
        languages = self.context.site.settings.languages
        spoken = self.schema.types[self.default].spoken
        counts = {each: sum(each in spoken.get(fold(name), ()) for name in columns.fields.values()) for each in languages}
        return max(languages, key=lambda each: counts[each])

    def _leave(self, key: str, *params: object) -> None:
        self.wrong = True
        self.context.leave(key, self.name, *params)

    def _type(self, row: Row, columns: _Columns, *, tell: bool = True) -> str:
        """The type of a row; empty when it says one that is unknown."""
        cell = row.cells[columns.type] if columns.type is not None and columns.type < len(row.cells) else ""
        if cell == "":
            return self.default
        name = self.schema.names.get(fold(str(cell)), ("", ""))[0] if isinstance(cell, str) else ""
        if name and name not in _PERSON:
            return name
        if tell:
            known = [kind.label[self.context.language] for each, kind in self.schema.types.items() if each not in _PERSON]
            self._leave("import-type", row.number, self._shown(cell), ", ".join(known))
        return ""

    def _row(self, row: Row, columns: _Columns, language: str) -> _Typed | None:
        type_ = self._type(row, columns)
        title = self._participant(row, columns)
        if not type_:
            return None
        kind = self.schema.types[type_]
        fields: dict[str, Value] = {}
        for i, cell in enumerate(row.cells):
            if cell == "" or (i in (columns.participant, columns.type) and i not in columns.fields):
                continue
            name = columns.fields.get(i, "")
            field = _field(name, kind)
            if field:
                value = self._value(row.number, name, cell, kind, field, language)
                if value is not None:
                    fields[field] = value
            elif not name:
                self._leave("import-no-heading", row.number, self._shown(cell))
            elif near := self._near(name, [kind]):
                self._leave("import-column-near", row.number, name, near)
        for field in kind.required:
            if field not in fields and not self.wrong:
                self._leave("import-missing", row.number, kind.by_name[field].names[self.context.language][0])
        if self.wrong or not title:
            return None
        written = self.people.language(title, self.context)
        call = as_call(kind, fields, self.schema, written, self.context.dialect)
        # More may be read than was typed: the dimension of a component.
        found = read(call, self.schema, written, self.context.dialect).entries
        if [(each.type, {**each.fields, **fields} == each.fields) for each in found] != [(type_, True)]:
            self._leave("import-unsure", row.number)
        return _Typed(title, type_, fields)

    def _participant(self, row: Row, columns: _Columns) -> str:
        cell = row.cells[columns.participant] if columns.participant < len(row.cells) else ""
        name = " ".join(self._shown(cell).split())
        if not name:
            self._leave("import-row-no-participant", row.number)
            return ""
        found = self.people.find(name)
        if len(found) == 1:
            return found[0]
        if found:
            self._leave("import-participants", row.number, name, ", ".join(found))
        elif near := self.people.near(name):
            self._leave("import-participant-near", row.number, name, near)
        else:
            self._leave("import-participant", row.number, name)
        return ""

    def _value(self, number: int, column: str, cell: Cell, kind: EntryType, name: str, language: str) -> Value | None:
        faults: list[Fault] = []
        value: Value | None = None
        if isinstance(cell, Fault):
            faults = [cell]
        else:
            text = typed(cell, language)
            value, faults = read_field(text, kind.by_name[name], self.schema, language)
            if hide(text) != text:
                faults = [Fault("cell-private", ())]
        for fault in faults:
            told = sentence(Problem(fault.code, number, 1, fault.params, "", fault.suggestion), self.context.language)
            self._leave("import-cell", number, column, told)
        return value

    def _shown(self, cell: Cell) -> str:
        """A cell as a message shows it."""
        return "…" if isinstance(cell, Fault) else typed(cell, self.context.language)[:80]


def _names(row: Row) -> dict[int, str]:
    """The names of columns, as a row gives them."""
    return {i: "" if isinstance(cell, Fault) else " ".join(typed(cell, "en").split()) for i, cell in enumerate(row.cells)}


def _field(name: str, kind: EntryType) -> str:
    """The canonical name of the field that a column is of; empty when it is of none."""
    folded = fold(name)
    return kind.lookup.get(folded) or ("title" if folded and folded in kind.called else "")
