"""The values that travel between the rooms. All immutable; none knows a network, a disk or a clock."""

from __future__ import annotations

import hashlib
from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Literal


@dataclass(frozen=True, slots=True)
class Head:
    """A page without its text. ``id`` is its identity: it survives renaming; titles do not."""

    id: int
    title: str
    revision: int


@dataclass(frozen=True, slots=True)
class Page:
    """A page as it stood at one revision. ``time`` is that revision's, in UTC; ``editor`` who made it."""

    id: int
    title: str
    revision: int
    text: str
    time: datetime
    editor: str = ""


@dataclass(frozen=True, slots=True)
class Selection:
    """Which pages are of interest: any of what follows.

    By name: titles that start with a prefix, titles named, pages known by id, all of a namespace (``""`` is the main one).
    By content: members of a category (and of its subcategories, a few levels deep), pages that call a template, pages
    that a list page links to. Categories, templates and lists are full titles.
    """

    prefixes: tuple[str, ...] = ()
    titles: frozenset[str] = frozenset()
    ids: frozenset[int] = frozenset()
    namespaces: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    templates: tuple[str, ...] = ()
    lists: tuple[str, ...] = ()

    @property
    def by_content(self) -> bool:
        """Whether names alone do not tell which pages are selected."""
        return bool(self.categories or self.templates or self.lists)

    def holds(self, title: str, page_id: int, namespace: str | None = None) -> bool:
        """Whether a page is selected by its name. ``namespace`` is the page's, where the wiki told it."""
        return (title in self.titles or page_id in self.ids or title.startswith(self.prefixes)
                or (namespace is not None and namespace in self.namespaces))

    def __or__(self, other: Selection) -> Selection:
        def both(name: str) -> tuple[str, ...]:
            return tuple(sorted({*getattr(self, name), *getattr(other, name)}))

        return Selection(both("prefixes"), self.titles | other.titles, self.ids | other.ids, both("namespaces"),
                         both("categories"), both("templates"), both("lists"))


@dataclass(frozen=True, slots=True)
class Changes:
    """What happened since a cursor: heads that may be new to the reader, ids that are gone, and the next cursor.

    ``complete`` is False when the wiki no longer knows what happened since then: list everything. ``pages`` are texts
    that came along with the answer, of some of the pages touched.
    """

    touched: tuple[Head, ...]
    gone: frozenset[int]
    cursor: str
    complete: bool = True
    pages: tuple[Page, ...] = ()


@dataclass(frozen=True, slots=True)
class PartialDate:
    """A date of which the day, or the month too, may be unknown. ISO text: ``2020``, ``2020-11``, ``2020-11-03``.

    Months 21 to 24 are spring, summer, autumn and winter, of whichever half of the earth: ``2021-22`` is a summer. That is
    the Extended Date/Time Format of ISO 8601-2 (https://www.loc.gov/standards/datetime/).
    """

    year: int
    month: int | None = None
    day: int | None = None

    def __str__(self) -> str:
        return "-".join([f"{self.year:04d}", *(f"{part:02d}" for part in (self.month, self.day) if part is not None)])

    def days(self) -> tuple[str, str]:
        """The first and the last day in ISO 8601; of a season only the year is sure, north and south differing."""
        month = self.month if self.month and self.month <= 12 else None
        last = self.day or monthrange(self.year, month or 12)[1]
        return f"{self.year:04d}-{month or 1:02d}-{self.day or 1:02d}", f"{self.year:04d}-{month or 12:02d}-{last:02d}"


@dataclass(frozen=True, slots=True)
class Period:
    """From one date to another, both included; None where it is open. As ISO 8601-2: ``2020-11/2021-02``, ``2020-03/..``."""

    start: PartialDate | None
    end: PartialDate | None

    def __str__(self) -> str:
        return f"{self.start or '..'}/{self.end or '..'}"


@dataclass(frozen=True, slots=True)
class Quantity:
    """An amount of something. ``unit`` is the symbol of a known unit, or what people count, as they typed it; or empty."""

    amount: Decimal
    unit: str = ""


class Term(str):
    """The id of a term of a vocabulary; a text in all else."""

    __slots__ = ()


Value = str | bool | Decimal | PartialDate | Period | Quantity | tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """One structured entry as read from a page.

    ``fields`` holds what could be read, by canonical field name: text as str, numbers and ratings as Decimal, dates as
    PartialDate or Period, one vocabulary term as its id (a Term), several as a tuple of ids. ``unknown`` keeps what no
    field claims. ``number`` counts the entries of the page from 1; ``line`` counts lines from 1; ``span`` is in
    characters; ``section`` is the text of the heading above, empty at the top of the page. ``source`` is the address, within
    the wiki, of the tracker item that it was read from; empty for what stands on the page itself.
    """

    type: str
    number: int
    line: int
    span: tuple[int, int]
    fields: Mapping[str, Value]
    unknown: Mapping[str, str] = field(default_factory=dict)
    section: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class Problem:
    """Something on a page that could not be read, told in words by the message ``problem-<code>`` and its parameters.

    ``suggestion`` is what to type in its place, where that is known. ``line`` and ``column`` count from 1. ``source`` as an
    entry's.
    """

    code: str
    line: int
    column: int
    params: tuple[str, ...] = ()
    excerpt: str = ""
    suggestion: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class Tracker:
    """A tracker of a Tiki: a table that people fill in. How many items it has, and when one of them changed last: seconds
    since 1970, deletions count; 0 for so short a while ago that another change may follow in the same second.
    """

    id: int
    name: str
    items: int
    changed: int


@dataclass(frozen=True, slots=True)
class TrackerField:
    """A field of a tracker by its permanent name. ``type`` is Tiki's letter for it; ``options`` are labels by stored value."""

    id: int
    name: str
    type: str
    options: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TrackerItem:
    """An item: its values by the permanent names of fields, as the wiki stores them (``""`` where nothing is).

    ``status`` is o (open), p (pending) or c (closed); ``time`` that of its latest change as far as it is known, in seconds
    since 1970. ``mark`` tells this state of the item from others, where the wiki gave anything to tell it by.
    """

    id: int
    tracker: int
    status: str
    values: Mapping[str, str]
    time: int = 0
    mark: str = ""


@dataclass(frozen=True, slots=True)
class TrackerItems:
    """The items that may be new to the reader, and the ids of all that are there; unless ``whole``, also of deleted ones."""

    read: tuple[TrackerItem, ...]
    ids: frozenset[int]
    whole: bool = True


def sha1(data: bytes) -> str:
    """The digest by which wikis know a version of a file, in hexadecimal digits."""
    return hashlib.sha1(data, usedforsecurity=False).hexdigest()


@dataclass(frozen=True, slots=True)
class File:
    """A file that a wiki holds: the SHA-1 of its bytes in hexadecimal digits, and who uploaded this version of it.

    ``ours`` tells that it was our account.
    """

    name: str
    sha1: str
    editor: str
    ours: bool


@dataclass(frozen=True, slots=True)
class WantedFile:
    """A file that a page is to show, by its name without namespace: ``Wikibridge Themes themes en.svg``.

    ``text`` is the page that describes it, if it must be created. ``markup`` is what shows it, in lines of its own of a
    region of the page: taken out where the wiki does not take the file. ``restores``, unless empty, is the digest of the earlier
    version that is to count again, in place of ``data``; ``undoes`` the number of the upload that this takes back.
    """

    name: str
    data: bytes
    text: str = ""
    markup: str = ""
    restores: str = ""
    undoes: int = 0

    @property
    def sha1(self) -> str:
        """The digest of what the wiki is to hold."""
        return self.restores or sha1(self.data)


@dataclass(frozen=True, slots=True)
class Upload:
    """One upload. ``base`` is the digest of the version that it takes the place of; empty: there is to be none yet."""

    name: str
    data: bytes
    text: str
    comment: str
    base: str


@dataclass(frozen=True, slots=True)
class WantedPage:
    """What a job wants a page to be.

    ``text`` is the whole page if it must be created. Of a page that exists only the managed regions named in
    ``regions`` are ours: each is to hold the text given. With no regions an existing page is left as it is. Where a
    region is not there yet, it is put at the ``place`` named, or refused when none is. At the "end" goes what people typed
    elsewhere (``regions.TYPED``), once, as somebody asked for it just now: that it was taken back once does not count.
    ``calls``, unless None, says behind which call of the page each region stands, by the call as it is typed:
    publish/answers.py. ``upgrade`` asks that a page which we created follows: what has changed in ``text`` since is merged
    into it. ``undoes`` is the number of the write that this takes back. ``pictures`` are files that its regions show.
    ``protect`` asks that from this write on administrators alone edit the page, where the wiki lets us.
    """

    title: str
    text: str
    job: str
    summary: str
    regions: Mapping[str, str] = field(default_factory=dict)
    place: Literal["", "top", "end"] = ""
    upgrade: bool = False
    undoes: int = 0
    calls: Mapping[str, str] | None = None
    pictures: tuple[WantedFile, ...] = ()
    protect: bool = False


@dataclass(frozen=True, slots=True)
class Edit:
    """One write. ``base`` is the page it was computed from; None creates the page and never changes one."""

    title: str
    text: str
    summary: str
    base: Head | None


@dataclass(frozen=True, slots=True)
class Saved:
    """What a write became. ``merged`` tells that the server put somebody else's change into the same text: read again.

    ``parent`` is the revision before the one made (0: none): not the one that the edit was computed from when merged.
    ``overwrote`` is the number, in the page's own history, of a version that somebody saved in the very moment of the
    write and that it replaced (0: none).
    """

    head: Head
    time: datetime
    merged: bool = False
    parent: int = 0
    overwrote: int = 0


@dataclass(frozen=True, slots=True)
class Contribution:
    """An edit that our account made: on which page, as it is called now.

    ``parent`` is the revision before it (0: none, or none that the wiki names).
    """

    page: int
    title: str
    revision: int
    parent: int
    summary: str


@dataclass(frozen=True, slots=True)
class WikiInfo:
    """What a wiki says of itself and of our account. Limits are in bytes; ``tags`` are the names of its extension tags.

    ``files`` are the endings of the files that we may upload, in small letters; ``no_files`` is the message that says why there
    are none. ``protects`` tells that we may protect pages.
    """

    name: str
    version: str
    account: str
    dialect: str
    bot: bool = False
    batch: int = 50
    text_limit: int = 2_097_152
    title_limit: int = 255
    tags: frozenset[str] = frozenset()
    files: frozenset[str] = frozenset()
    no_files: str = "files-none"
    protects: bool = False


PLANNED = -1
"""The revision of a page as a plan will have made it."""


class Action(StrEnum):
    """What a plan does with a page."""

    CREATE = "create"
    UPDATE = "update"
    NOTHING = "nothing"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class FileStep:
    """One file of a plan. ``base`` is the digest of what the wiki holds under its name; empty where it holds nothing."""

    action: Action
    wanted: WantedFile
    base: str = ""
    reason: tuple[str, ...] = ()

    @property
    def writes(self) -> bool:
        """Whether the step changes the wiki."""
        return self.action in (Action.CREATE, Action.UPDATE)


@dataclass(frozen=True, slots=True)
class Step:
    """One page of a plan: what is wanted, what is there, what will be done; ``reason`` is a message key and parameters.

    ``page.revision`` is ``PLANNED`` where an earlier step of the same plan makes the page what it is here. ``files`` are those
    that the page shows: they are uploaded before it is written.
    """

    action: Action
    wanted: WantedPage
    page: Page | None
    text: str
    reason: tuple[str, ...] = ()
    files: tuple[FileStep, ...] = ()

    @property
    def writes(self) -> bool:
        """Whether the step changes the page."""
        return self.action in (Action.CREATE, Action.UPDATE)

    @property
    def uploads(self) -> tuple[FileStep, ...]:
        """Those of its files that change the wiki."""
        return tuple(file for file in self.files if file.writes)

    @property
    def title(self) -> str:
        """The title of the page as it is called now."""
        return self.page.title if self.page else self.wanted.title
