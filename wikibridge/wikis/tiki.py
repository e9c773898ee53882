"""The door to a Tiki (24 and later), through its REST API.

Tiki's API takes no revision that an edit was computed from: of two that save at the same moment one may lose its text, even from
the history. So the door reads right before it writes, leaves alone what somebody edited a short while ago, looks at what the
write made of the page, and says so when somebody came between. Not every text survives the way: what would be changed is
refused. Past revisions cannot be read. ``guarantees`` names all of this. docs/tiki.md
"""

from __future__ import annotations

import json
import unicodedata
import zlib
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import quote, urlsplit

from wikibridge.errors import Rejected, TooLong, WikibridgeError
from wikibridge.model import Changes, Contribution, Edit, Head, Page, Saved, Selection, WikiInfo
from wikibridge.wikis import tiki_text
from wikibridge.wikis.base import Guarantees, namespace_of, normal
from wikibridge.wikis.tiki_api import Row, TikiApi
from wikibridge.wikis.tiki_pages import CHUNK, Pages, head, moment, of_revision, page, revision
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
        self._stash: dict[int, tuple[Page, bytes]] = {}

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
        """Nothing: what is hidden from us is not ours to tell of."""
        return ()

    def info(self) -> WikiInfo:
        """What is known of the wiki. Whose token we have, Tiki tells with the first write only."""
        known = self._api.abilities
        return WikiInfo(urlsplit(known.root).netloc, f"Tiki {known.version}".strip(), self._account, "tiki", batch=CHUNK,
                        text_limit=_TEXT, title_limit=TITLE)

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
        for found in self._pages.every():
            if self._selected(found, selection):
                if size < _STASH:
                    packed = zlib.compress(normal(found.data).encode(), 1)
                    size += len(packed)
                    self._stash[found.id] = (
                        Page(found.id, found.name, revision(found), "", moment(found), found.user), packed)
                yield head(found)

    def _selected(self, found: Row, selection: Selection) -> bool:
        return selection.holds(found.name, found.id, namespace_of(found.name))

    def changes(self, since: str | None, selection: Selection) -> Changes:
        """What happened since a cursor, with the texts: one request when less than ten pages changed.

        Deletions show by the number of pages; everything is compared when it is not the one expected.
        """
        self._stash = {}
        try:
            data = json.loads(since or "")
            wiki = str(data["wiki"])
            then, full, count, last, near = (int(data[name]) for name in ("time", "full", "count", "last", "near"))
            begin = datetime.fromtimestamp(then, UTC) - OVERLAP
        except (ValueError, KeyError, TypeError, OSError, OverflowError):
            wiki, begin = "", datetime.max.replace(tzinfo=UTC)
            then = full = count = last = near = 0
        rows, total, whole = self._pages.latest(begin, min(near, CHUNK))
        now = int(self._api.clock.timestamp())
        newest = max((found.time for found in rows), default=0)
        fresh = [found for found in rows if moment(found) >= begin]
        complete = (wiki == self.identity and whole and newest >= then and 0 <= now - full <= FULL_EVERY.total_seconds()
                    and total == count + sum(found.id > last for found in fresh))
        cursor = json.dumps({
            "wiki": self.identity, "time": newest, "full": full if complete else now, "count": total,
            "last": max([last, *(found.id for found in rows)]),
            # So many come again the next time.
            "near": sum(found.time >= newest - OVERLAP.total_seconds() for found in rows)})
        if not complete:
            return Changes((), frozenset(), cursor, complete=False)
        kept = [found for found in fresh if self._selected(found, selection)]
        gone = frozenset(found.id for found in fresh) - {found.id for found in kept}
        return Changes(tuple(map(head, kept)), gone, cursor, pages=tuple(map(page, kept)))

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
        if edit.base is None:
            return self._writing.create(edit.title, text, edit.summary)
        return self._writing.change(edit.base, text, edit.summary)
