"""Job kind ``participants``: a page of their own for everybody in ``participants.csv``. A page that exists is left alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from wikibridge.entries.spelling import fold
from wikibridge.entries.values import read_term
from wikibridge.errors import SettingsError
from wikibridge.i18n import message
from wikibridge.jobs import mail_addresses
from wikibridge.jobs.base import Context, JobOptions, SiteJob
from wikibridge.jobs.tables import HIDDEN, csv_rows
from wikibridge.mirror.store import Mirror
from wikibridge.model import Selection, WantedPage
from wikibridge.wikis.base import title_part

COLUMNS = ("name", "kind", "language", "territory", "group", "user")


class Options(JobOptions):
    """A page of their own for everybody in a table, in each one's language. A page that exists is left alone."""

    kind: Literal["participants"]
    """The kind of job."""
    source: str = "participants.csv"
    """The table, a CSV file of the site folder."""
    upgrade: bool = False
    """Lets pages that wikibridge created follow the page template and the table when these change."""


@dataclass(frozen=True, slots=True, eq=False)
class Person:
    """One row of the CSV; ``row`` as the spreadsheet counts it (the header is row 1)."""

    row: int
    values: Mapping[str, str]


def read_csv(data: bytes, name: str, context: Context) -> list[Person]:
    """The people of a CSV file. Column names may be in any of the languages.

    Raises SettingsError if there is no name column, or if it is no table.
    """
    rows = csv_rows(data, name, context)
    if not rows:
        return []
    lookup = context.schema.types["participant"].lookup
    header = [lookup.get(fold(cell), "") for cell in rows[0]]
    if "name" not in header:
        raise SettingsError("csv-no-name", name, ", ".join(rows[0])[:80], ", ".join(COLUMNS))
    # Addresses serve elsewhere: nothing of them goes onto the wiki.
    unknown = [cell for cell, column in zip(rows[0], header, strict=True)
               if not column and cell.strip() and fold(cell) not in mail_addresses.COLUMN]
    if unknown:
        context.note("csv-column", name, ", ".join(unknown)[:80], ", ".join(COLUMNS))
    people = []
    for number, row in enumerate(rows[1:], 2):
        values: dict[str, str] = {}
        for column, cell in zip(header, row, strict=False):
            values[column] = values.get(column) or " ".join(HIDDEN.sub("", cell).split())
        people.append(Person(number, {column: values.get(column, "") for column in COLUMNS}))
    return people


def _says(page: Mapping[str, object], person: Person) -> bool:
    """Whether what a page says of its participant is what the row says."""
    return all(str(page.get(field, "")) == person.values[field] for field in ("territory", "group"))


def titles(
    people: list[Person], prefix: str, existing: Mapping[str, Mapping[str, object]], context: Context
) -> list[tuple[str, Person]]:
    """A title for each person. Of several with one name, the first has the plain one, others add territory or group.

    ``existing`` is what the pages that exist say of their participants, by title: of several people with one name each
    keeps the page that names their territory and group, however the rows are sorted.
    """
    seen: dict[tuple[str, ...], Person] = {}
    options: list[tuple[Person, list[str]]] = []
    for person in people:
        if not any(person.values.values()):
            continue
        name = context.title_part(person.values["name"]).strip(" .")
        if context.title(prefix + (older := title_part(person.values["name"]).strip(" ."))) in existing:
            name = older  # a page that was made when titles were less careful
        if not name:
            context.note("csv-row-no-name", person.row)
            continue
        if name != person.values["name"]:
            context.note("csv-row-renamed", person.row, person.values["name"], name)
        first = seen.setdefault(tuple(person.values.values()), person)
        if first is not person:
            context.note("csv-row-twice", person.row, first.row)
            continue
        longer = [f"{name} ({context.title_part(extra)})"
                  for extra in (person.values["territory"], person.values["group"]) if extra]
        options.append((person, [context.title(prefix + option) for option in (name, *longer)]))
    # Two pages whose titles differ by capitals only would be taken for one another, by people and by some wikis.
    shared = Counter(names[0].casefold() for _, names in options)
    chosen: dict[str, tuple[str, Person]] = {}
    for person, names in options:
        if shared[names[0].casefold()] > 1:
            mine = next((title for title in names if title in existing and _says(existing[title], person)), None)
            if mine is not None:
                chosen.setdefault(mine.casefold(), (mine, person))
    # Somebody who was forgotten gets no page again; somebody else of that name keeps the one that there is.
    settled = {person for _, person in chosen.values()}
    for person, names in options:
        if person in settled:
            continue
        free = [title for title in names if title.casefold() not in chosen]
        if shared[names[0].casefold()] > 1:
            # A page that says to be of somebody else is of somebody who is no longer in the file.
            free = [title for title in free if not existing.get(title)]
        if context.forgotten(names[0]):
            free = [title for title in free if title in existing and _says(existing[title], person)]
            if not free:
                context.note("csv-row-forgotten", person.row)
                continue
        title = next(iter(free), None)
        if title is None:
            context.note("csv-row-same-name", person.row, person.values["name"])
        elif len(title.encode()) > 255:
            context.note("csv-row-long", person.row, person.values["name"][:40])
        else:
            chosen[title.casefold()] = (title, person)
    return sorted(chosen.values(), key=lambda item: item[1].row)


class Participants(SiteJob):
    """The job."""

    model = Options
    order = 10
    options: Options

    def selection(self, context: Context) -> Selection:
        """Nothing more: all participants' pages are read in any case."""
        return Selection()

    def files(self, context: Context) -> tuple[Path, ...]:
        """The table of participants."""
        return (context.site.folder / self.options.source,)

    def wanted(self, context: Context, mirror: Mirror) -> list[WantedPage]:
        """A page for each person who has none yet, in the person's language."""
        try:
            data = self.files(context)[0].read_bytes()
        except FileNotFoundError:
            context.note("csv-missing", self.options.source)
            return []
        except OSError as error:
            raise SettingsError("file-unreadable", self.options.source, error.strerror or "?") from error
        people = read_csv(data, self.options.source, context)
        existing: dict[str, Mapping[str, object]] = {title: {} for title in mirror.titles()}
        existing |= mirror.fields("participant")
        chosen = titles(people, context.site.settings.participants, existing, context)
        return [self._page(context, title, person) for title, person in chosen if self.options.upgrade or title not in existing]

    def _page(self, context: Context, title: str, person: Person) -> WantedPage:
        schema, languages = context.schema, context.site.settings.languages
        said = person.values["language"]
        language = read_term(said, "language", schema, languages[0]) if said else languages[0]
        if language not in languages:
            context.note("csv-row-language", person.row, said, languages[0])
            language = languages[0]
        kind = read_term(person.values["kind"], "kind", schema, languages[0]) if person.values["kind"] else ""
        values = {**person.values, "language": schema.label("language", str(language), str(language))}
        if isinstance(kind, str) and kind:
            values["kind"] = schema.label("kind", kind, str(language))
        elif kind:
            context.note("csv-row-kind", person.row, person.values["kind"])
        text = context.render("participant", str(language), values)
        return WantedPage(title, text, self.name, message("edit-participant", str(language)), upgrade=self.options.upgrade)
