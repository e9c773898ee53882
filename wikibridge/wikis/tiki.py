"""The door to a Tiki (24 and later), through its REST API.

Tiki's API takes no revision that an edit was computed from: of two that save at the same moment one may lose its text, even from
the history. So the door reads right before it writes, leaves alone what somebody edited a short while ago, looks at what the
write made of the page, and says so when somebody came between. Not every text survives the way: what would be changed is
refused. Past revisions cannot be read. ``guarantees`` names all of this. docs/tiki.md
"""

from __future__ import annotations

import hashlib
import json
import unicodedata
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import quote, urlsplit

from wikibridge.errors import Rejected, TooLong, WikibridgeError
from wikibridge.markup.tikitext import address_of
from wikibridge.model import (
    Changes,
    Contribution,
    Edit,
    Head,
    Page,
    Saved,
    Selection,
    Tracker,
    TrackerField,
    TrackerItem,
    TrackerItems,
    WikiInfo,
)
from wikibridge.wikis import tiki_text
from wikibridge.wikis.base import Account, Guarantees, Right, normal
from wikibridge.wikis.tiki_api import Row, TikiApi
from wikibridge.wikis.tiki_pages import CHUNK, Pages, head, moment, of_revision, page, revision
from wikibridge.wikis.tiki_select import Chosen, chosen
from wikibridge.wikis.tiki_trackers import TrackersDoor
from wikibridge.wikis.tiki_write import TITLE, WINDOW, Writing

QUIET = timedelta(minutes=10)
"""For so long a page is left alone after somebody edited it."""
OVERLAP = timedelta(minutes=10)
"""How far before the latest change changes are looked at again: a save bears the time at which it began."""
FULL_EVERY = timedelta(days=1)
"""How often everything is compared all the same: pages moved, or turned back to an older version, show no other way."""
_TEXT = 2_097_152
"""Bytes: as a form, three times as long, it is within the 8 MB that PHP takes by default."""
_STASH = 32_000_000
"""Bytes of packed texts that a listing keeps for the reading that follows it."""


@dataclass(frozen=True, slots=True)
class _Cursor:
    """Up to where a wiki was read. ``time`` is that of its latest change, ``full`` when all was compared last.

    ``count`` is how many pages there were, ``last`` the highest id among them; ``seen`` tells the pages changed in the last
    ``OVERLAP`` before ``time``, as ``_mark`` has them.
    """

    wiki: str = ""
    time: int = 0
    full: int = 0
    count: int = 0
    last: int = 0
    seen: tuple[str, ...] = ()

    def __str__(self) -> str:
        return json.dumps({name: getattr(self, name) for name in self.__slots__}, ensure_ascii=False)


def _cursor(text: str | None) -> _Cursor:
    """The cursor that a text says; one of no wiki for a text that says nothing to us."""
    try:
        data = json.loads(text or "")
        known = _Cursor(str(data["wiki"]), int(data["time"]), int(data["full"]), int(data["count"]), int(data["last"]),
                        tuple(map(str, data["seen"])))
        _when(known.time)
    except (ValueError, KeyError, TypeError, OSError, OverflowError):
        return _Cursor()
    return known


def _when(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def _mark(found: Row) -> str:
    """What tells a page as it is from what it was: its revision and its name, as it may have been moved."""
    # The name itself is nothing to keep in a cursor: somebody may be forgotten.
    return f"{revision(found)} {hashlib.sha256(found.name.encode(errors='surrogatepass')).hexdigest()[:12]}"


class TikiWiki:
    """The door to the Tiki at ``address``, any address of the site, as ``account`` whose API token is ``token``.

    Pages that somebody else edited within ``quiet`` are not written. ``timeout`` is in seconds; reads are tried again
    ``retries`` times with a growing ``pause`` (seconds). At most ``window`` seconds pass between reading a page and writing it.
    ``kept`` is a file that keeps what was found out about the wiki between runs. Nothing is sent before the first question.
    Raises NotSuchAWiki for an address that cannot be one.
    """

    def __init__(
        self, address: str, account: str, token: str, *,
        contact: str = "", quiet: timedelta = QUIET, timeout: float = 30, retries: int = 3, pause: float = 2,
        window: float = WINDOW, kept: Path | None = None, insecure_http: bool = False,
    ) -> None:
        self._account = account
        self._api = TikiApi(address, token, contact=contact or account, timeout=timeout, retries=retries, pause=pause, kept=kept,
                            insecure_http=insecure_http)
        self._pages = Pages(self._api)
        self._writing = Writing(self._pages, account, quiet, window)
        self._trackers = TrackersDoor(self._api, account)
        self._stash: dict[int, tuple[Page, bytes]] = {}
        self._unreadable: tuple[WikibridgeError, ...] = ()

    @property
    def requests(self) -> int:
        """Requests sent so far, the search for the API and repeats included."""
        return self._api.requests

    @property
    def slowest(self) -> float:
        """The longest time, in seconds, that has passed between asking for a page and sending what replaced it."""
        return self._writing.slowest

    def close(self) -> None:
        """Let go of the connection."""
        self._api.close()

    @property
    def identity(self) -> str:
        """The address of the site, as far as the one given tells."""
        return self._api.address

    @property
    def guarantees(self) -> Guarantees:
        """None of those that need the wiki's help."""
        return Guarantees(atomic=False, any_text=False, history=False, exact_titles=False, all_changes=False, redirects=False)

    @property
    def unreadable(self) -> tuple[WikibridgeError, ...]:
        """Selected categories that are not there, or not for us."""
        return self._unreadable

    def info(self) -> WikiInfo:
        """What is known of the wiki. Whose token we have, Tiki tells with the first write only."""
        known = self._api.abilities
        return WikiInfo(urlsplit(known.root).netloc, f"Tiki {known.version}".strip(), self._account, "tiki", batch=CHUNK,
                        text_limit=_TEXT, title_limit=TITLE)

    def account(self) -> Account:
        """What can be told of our account without writing: whether its token is taken, and what its pages say of editing them.

        Whose token it is, Tiki tells with the first write only.
        """
        rows, _ = self._pages.rows(maxRecords="20")
        edit: Right = "unknown" if not rows else "yes" if any(found.editable for found in rows) else "no"
        return Account(self._account, (), {"edit": edit})

    def title(self, text: str) -> str:
        """The title as we would have it: Tiki keeps titles as they come."""
        return tiki_text.title(text)

    # Reading

    def read(self, ids: Iterable[int] = (), titles: Iterable[str] = ()) -> Iterator[Page]:
        """Pages with text: a few by name, one a request; many, and those whose names are not known, from the list of all."""
        stash, self._stash = self._stash, {}
        wanted, names = set(ids), [each.strip() for each in dict.fromkeys(titles)]
        for number in sorted(wanted & stash.keys()):
            bare, packed = stash[number]
            yield Page(bare.id, bare.title, bare.revision, zlib.decompress(packed).decode(), bare.time, bare.editor)
        wanted -= stash.keys()
        if len(wanted) + len(names) <= self._pages.few and wanted <= self._pages.names.keys():
            for number in sorted(wanted):
                found = self._pages.find(self._pages.names[number])
                if found and found.id == number:
                    wanted.discard(number)
                    yield page(found)
            for name in names:
                composed = unicodedata.normalize("NFC", name)
                found = self._pages.find(name) or (self._pages.find(composed) if composed != name else None)
                if found:
                    yield page(found)
            # What has another name by now is picked by its id.
            names = []
        if wanted or names:
            keys = {tiki_text.key(name) for name in names}
            for found in self._pages.every():
                if found.id in wanted or tiki_text.key(found.name) in keys:
                    yield page(found)

    def list(self, selection: Selection) -> Iterator[Head]:
        """The heads of all selected pages. Their texts come with them, and are kept for the reading that follows."""
        self._stash = {}
        size = 0
        meant = chosen(self._pages, selection)
        self._unreadable = tuple(Rejected("tiki-category", name) for name in meant.unknown)
        for found in self._pages.every():
            if meant.holds(found):
                if size < _STASH:
                    packed = zlib.compress(normal(found.data).encode(), 1)
                    size += len(packed)
                    self._stash[found.id] = (
                        Page(found.id, found.name, revision(found), "", moment(found), found.user), packed)
                yield head(found)

    def changes(self, since: str | None, selection: Selection) -> Changes:
        """What happened since a cursor, with the texts: one request when less than ten pages changed.

        Deletions show by the number of pages; everything is compared when it is not the one expected.
        """
        self._stash = {}
        known = _cursor(since)
        begin = _when(known.time) - OVERLAP if known.wiki == self.identity else datetime.max.replace(tzinfo=UTC)
        rows, total, whole = self._pages.latest(begin, len(known.seen))
        now = int(self._api.clock.timestamp())
        newest = max((found.time for found in rows), default=0)
        fresh = [found for found in rows if moment(found) >= begin and _mark(found) not in known.seen]
        lists = set(map(tiki_text.key, selection.lists))
        complete = (
            known.wiki == self.identity and whole and newest >= known.time
            and 0 <= now - known.full <= FULL_EVERY.total_seconds()
            and total == known.count + sum(found.id > known.last for found in fresh)
            and not any(tiki_text.key(found.name) in lists for found in fresh))
        last, full = max([known.last, *(found.id for found in rows)]), known.full
        if not complete:
            # The newest page need not be among those changed last.
            last, full = max((found.id for found in self._pages.rows(sortMode="page_id_desc", maxRecords="1")[0]), default=0), now
        cursor = _Cursor(
            self.identity, newest, full, total, last,
            tuple(_mark(found) for found in rows if found.time >= newest - OVERLAP.total_seconds()))
        if not complete:
            return Changes((), frozenset(), str(cursor), complete=False)
        meant = Chosen(selection)
        if selection.by_content and not all(map(meant.holds, fresh)):
            meant = chosen(self._pages, selection, len(rows))
        kept = [found for found in fresh if meant.holds(found)]
        gone = frozenset(found.id for found in fresh) - {found.id for found in kept}
        return Changes(tuple(map(head, kept)), gone, str(cursor), pages=tuple(map(page, kept)))

    def redirects(self, titles: Sequence[str]) -> dict[str, str]:
        """None: plugins have no other names."""
        return {}

    def revisions(self, ids: Iterable[int]) -> Iterator[Page]:
        """None: the API does not give past revisions."""
        return iter(())

    def contributions(self, since: datetime) -> Iterator[Contribution]:
        """Our edits that nobody has edited over, latest first."""
        rows, *_ = self._pages.latest(since)
        return (Contribution(found.id, found.name, revision(found), 0, found.comment) for found in rows
                if found.user == self._account and moment(found) >= since)

    def removed(self, title: str, since: datetime) -> bool:
        """Never: the API does not tell of deletions."""
        return False

    def diff_address(self, revision: int) -> str:
        """The difference in the page's history; the page itself, where its name is not known yet."""
        known = self._api.known
        number, version = of_revision(revision)
        name = self._pages.names.get(number)
        if known is None:
            return ""
        if name is None or version < 2:
            return f"{known.root}tiki-index.php?page_id={number}"
        return f"{known.root}tiki-pagehistory.php?page={quote(name)}&compare=1&oldver={version - 1}&newver={version}"

    def page_address(self, title: str) -> str:
        """The web address of a page by its title, or of the tracker or item that stands for one."""
        return self._api.abilities.root + (address_of(title) or f"tiki-index.php?page={quote(title, errors='replace')}")

    def delete_address(self, title: str) -> str:
        """The page itself: it has the button that removes it with all its versions."""
        return self.page_address(title)

    def hide_address(self, title: str, revisions: Sequence[int]) -> str:
        """The history of a page, where single versions are removed."""
        return f"{self._api.abilities.root}tiki-pagehistory.php?page={quote(title, errors='replace')}"

    def hides_pages(self) -> bool:
        """Whether lists leave out pages that are in no category, as 24.1 does by default once there is a category."""
        lone, _ = self._pages.rows(maxRecords="1", **{"filter[noCateg]": "1"})
        return bool(lone) and self._pages.find(lone[0].name) is None

    def write(self, edit: Edit) -> Saved:
        """Create a page or change the one that the edit was computed from, in two requests; a third where more is to be known."""
        self._stash = {}
        text = normal(edit.text)
        if not text:
            raise Rejected("text-empty", edit.title)
        if len(text.encode(errors="surrogatepass")) > _TEXT:
            raise TooLong("text-too-long", edit.title, _TEXT)
        with self._api.discreetly():
            if edit.base is None:
                return self._writing.create(edit.title, text, edit.summary)
            return self._writing.change(edit.base, text, edit.summary)

    # Trackers: ``wikis/tiki_trackers.py`` says what these raise.

    def trackers(self) -> dict[int, Tracker]:
        """The trackers that the account may see, by id: one request."""
        return self._trackers.trackers()

    def fields(self, tracker: int) -> dict[str, TrackerField]:
        """The fields of a tracker by their permanent names."""
        return self._trackers.fields(tracker)

    def items(self, tracker: int, known: Mapping[int, str] | None = None, since: int = 0) -> TrackerItems:
        """The items of a tracker; of those that the reader knows by their marks only what has changed, as far as can be."""
        return self._trackers.items(tracker, known, since)

    def item(self, tracker: int, item: int) -> TrackerItem:
        """One item."""
        return self._trackers.item(tracker, item)

    def add_item(self, tracker: int, values: Mapping[str, str], status: str = "o") -> TrackerItem:
        """Make an item."""
        return self._trackers.add_item(tracker, values, status)

    def change_item(self, item: TrackerItem, values: Mapping[str, str]) -> TrackerItem:
        """Put values into an item that is still as it was read; the others stay."""
        return self._trackers.change_item(item, values)
