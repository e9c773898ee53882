"""Finding pages on a Tiki: by name, by time of change, or all of them; each with its source, which every list gives.

https://doc.tiki.org/API; what was seen of it: docs/tiki.md
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime

from wikibridge.model import Head, Page
from wikibridge.wikis import tiki_text
from wikibridge.wikis.base import normal
from wikibridge.wikis.tiki_api import Row, TikiApi

CHUNK = 1000
"""Pages that one request for all of them gives. The server reads from the first page on each time."""
_SINGLE = 10
"""Pages that are asked for one by one, a thousand pages of the wiki; more are picked from the list of all."""
_STEPS = (10, 100, 1000)
"""How many of the latest pages are asked for beside those known: more only when all of them are new."""
_ALIKE = 50


def revision(found: Row) -> int:
    """What identifies a page's present text: its version, and a hash of the text since two saves may share a version.

    The page's id comes first, so that no two pages have a revision in common; 24, 17 and 22 bits.
    """
    mark = int.from_bytes(hashlib.sha256(found.data.encode(errors="surrogatepass")).digest()[:4]) >> 10
    return (found.id & 0xFFFFFF) << 39 | (found.version & 0x1FFFF) << 22 | mark


def of_revision(number: int) -> tuple[int, int]:
    """The page and the version that a revision is of."""
    return number >> 39, number >> 22 & 0x1FFFF


def version(number: int) -> int:
    """What a wiki itself calls a revision: of a Tiki the version of the page, of others the number as it is."""
    of, its = of_revision(number)
    return its if of else number


def head(found: Row) -> Head:
    """The head of a page."""
    return Head(found.id, found.name, revision(found))


def moment(found: Row) -> datetime:
    """When a page was changed last."""
    return datetime.fromtimestamp(found.time, UTC)


def page(found: Row) -> Page:
    """A page with its text in its normal form: browsers leave carriage returns in it."""
    return Page(found.id, found.name, revision(found), normal(found.data), moment(found), found.user)


class Pages:
    """The pages of a Tiki. ``names`` are those seen so far, by id."""

    def __init__(self, api: TikiApi) -> None:
        self.api = api
        self.names: dict[int, str] = {}
        self.total = 0

    def rows(self, **params: str) -> tuple[list[Row], int]:
        """The rows of a list, and how many pages fit it."""
        rows, total = self.api.rows(**params)
        self.names |= {found.id: found.name for found in rows}
        return rows, total

    def every(self) -> Iterator[Row]:
        """All pages by id, a thousand a request; each once, whatever is made and deleted meanwhile."""
        seen = last = 0
        back = 1
        while True:
            offset = max(0, seen - back)
            rows, self.total = self.rows(sortMode="page_id_asc", offset=str(offset), maxRecords=str(CHUNK))
            if offset and (not rows or rows[0].id > last):
                # Pages were deleted, and the rest has moved up.
                back *= 10
                continue
            yield from (found for found in rows if found.id > last)
            if len(rows) < CHUNK:
                return
            seen, last, back = offset + len(rows), max(found.id for found in rows), 1

    def find(self, title: str) -> Row | None:
        """The page of a title, or the one that Tiki takes for it, which tells titles apart neither by accents nor by capitals."""
        alike: Row | None = None
        offset = 0
        while True:
            rows, _ = self.rows(find=tiki_text.pattern(title), exactMatch="1", maxRecords=str(_ALIKE), offset=str(offset))
            for found in rows:
                if found.name == title:
                    return found
                if tiki_text.key(found.name) == tiki_text.key(title):
                    alike = alike or found
            offset += len(rows)
            if len(rows) < _ALIKE:
                return alike

    def latest(self, since: datetime, known: int = 0) -> tuple[list[Row], int, bool]:
        """Pages by time of change, latest first; how many pages there are; whether all those since a time are among them.

        ``known`` is how many are expected from then on: they are asked for at once with a few more.
        """
        for most in (known + step for step in _STEPS):
            rows, total = self.rows(sortMode="lastModif_desc", maxRecords=str(most))
            whole = len(rows) < most or moment(rows[-1]) < since
            if whole:
                break
        self.total = total
        return rows, total, whole

    @property
    def few(self) -> int:
        """How many pages cost less to ask for one by one than to pick from the list of all."""
        return _SINGLE * max(1, -(-self.total // CHUNK))
