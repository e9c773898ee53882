"""MediaWiki's XML dumps: filling the mirror from one, and writing one that MediaWiki's importDump takes.

Both stream: memory does not grow with the dump. https://www.mediawiki.org/wiki/Help:Export
"""

from __future__ import annotations

import bz2
import gzip
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any
from xml.etree.ElementTree import Element, ParseError
from xml.sax.saxutils import XMLGenerator, unescape

from wikibridge.entries.read import Reading
from wikibridge.errors import SettingsError
from wikibridge.markup import wikitext
from wikibridge.mirror.store import Mirror
from wikibridge.mirror.sync import BATCH, Progress, Reader, keep, settle, silent
from wikibridge.model import Head, Page, Selection
from wikibridge.wikis import contents
from wikibridge.wikis.mediawiki_changes import NAMESPACES, title

NAMESPACE = "http://www.mediawiki.org/xml/export-0.11/"
_NUMBERS = {name: number for number, name in NAMESPACES.items()}
_SHOWN = 200
"""Pages after which progress is told."""
_SIZE = 1_000_000
"""Characters of text that make a batch full, however few its pages are."""


class _Counted:
    """A stream that knows how many bytes it gave."""

    def __init__(self, stream: IO[bytes]) -> None:
        self.stream = stream
        self.given = 0

    def read(self, size: int = -1) -> bytes:
        data = self.stream.read(size)
        self.given += len(data)
        return data


def _open(path: Path, mode: str) -> IO[bytes]:
    opener: Any = {".gz": gzip.open, ".bz2": bz2.open}.get(path.suffix, open)
    if path.suffix == ".7z":
        raise SettingsError("dump-packed", path)
    try:
        stream: IO[bytes] = opener(path, mode)
    except OSError as error:
        raise SettingsError("file-unreadable", path, error.strerror or error) from error
    return stream


def ours(path: Path) -> str:
    """The name of the site in a dump that ``write`` made; empty for any other file. Raises OSError, EOFError for a broken one."""
    with _open(path, "rb") as file:
        head = file.read(2000).decode(errors="replace")
    found = re.search(r"<sitename>(.*?)</sitename><generator>wikibridge</generator>", head, re.DOTALL)
    return unescape(found[1]) if found else ""


def _local(element: Element) -> str:
    return str(element.tag).rpartition("}")[2]


def _child(element: Element, name: str) -> str:
    found = element.find(f"{{*}}{name}")
    return "" if found is None else found.text or ""


def _elements(stream: _Counted) -> Iterator[Element]:
    """The pages' and revisions' elements, each when it ends; what was given is forgotten."""
    from defusedxml.ElementTree import iterparse

    trail: list[Element] = []
    for event, element in iterparse(stream, events=("start", "end"), forbid_dtd=True):
        if event == "start":
            if not trail and _local(element) != "mediawiki":
                raise ValueError("not a MediaWiki dump")
            trail.append(element)
            continue
        trail.pop()
        if _local(element) in ("page", "revision"):
            yield element
            # Out of its parent too: an empty element for each of a million pages would add up.
            trail[-1].remove(element)


def read(path: Path) -> Iterator[Page]:
    """The pages of a dump, each at its newest revision; those without a text (hidden, deleted) are left out.

    Raises SettingsError with the place in the (unpacked) file where it is broken; what came before was given already.
    """
    from defusedxml.common import DefusedXmlException

    with _open(path, "rb") as file:
        stream = _Counted(file)
        newest: tuple[str, int, str, str] | None = None
        try:
            for element in _elements(stream):
                if _local(element) == "revision":
                    text, contributor = element.find("{*}text"), element.find("{*}contributor")
                    if text is None or text.get("deleted") is not None:
                        continue
                    editor = "" if contributor is None else _child(contributor, "username") or _child(contributor, "ip")
                    revision = (_child(element, "timestamp"), int(_child(element, "id")), text.text or "", editor)
                    if newest is None or revision[:2] > newest[:2]:
                        newest = revision
                    continue
                if newest is not None:
                    time, number, words, editor = newest
                    name = title({"title": _child(element, "title"), "ns": _child(element, "ns") or 0})
                    when = datetime.fromisoformat(time).astimezone(UTC)
                    yield Page(int(_child(element, "id")), name, number, words, when, editor)
                newest = None
        except DefusedXmlException as error:
            raise SettingsError("dump-broken", path, stream.given, "DOCTYPE") from error
        except (ParseError, ValueError, EOFError, OSError) as error:
            raise SettingsError("dump-broken", path, stream.given, error) from error


@dataclass(frozen=True, slots=True)
class Filled:
    """What filling the mirror did: pages in the dump, pages taken from it."""

    read: int
    taken: int


Reads = Callable[[Iterable[list[Page]], Reader], Iterator[list[tuple[Page, Reading]]]]
"""Reads the entries of batches of pages: answers each batch with what was read, in the same order, as far as they come."""


def here(pages: Iterable[list[Page]], reader: Reader) -> Iterator[list[tuple[Page, Reading]]]:
    """Read pages in this process. mirror/cluster.py reads them on others."""
    for batch in pages:
        yield [(page, reader.read(page)) for page in batch]


def fill(
    mirror: Mirror, path: Path, selection: Selection, reader: Reader, progress: Progress = silent, reads: Reads = here,
) -> Filled:
    """Take the selected pages of a dump into the mirror, save those that it knows at this revision or a newer one.

    Everything is compared with the wiki at the next sync, which reads only what differs.
    """
    seen = taken = 0
    # Forgotten first: whatever becomes of this, the next sync compares all.
    mirror.put({"cursor": ""})
    reader = reader.with_learned(mirror.get("learned"))

    def selected() -> Iterator[Page]:
        nonlocal seen
        for page in read(path):
            seen += 1
            if seen % _SHOWN == 0:
                progress("progress-read", seen, 0)
            if _selected(page, selection) and not reader.forgotten(page.id, page.title):
                yield page

    def wanted() -> Iterator[list[Page]]:
        for pages in _batches(selected()):
            known = mirror.heads(page.id for page in pages)
            if new := [page for page in pages if _newer(page, known)]:
                yield new

    for batch in reads(wanted(), reader.travelling()):
        # Asked again: where several batches are under way, one before may have brought the same page.
        known = mirror.heads(page.id for page, _ in batch)
        if new := [(page, found) for page, found in batch if _newer(page, known)]:
            keep(mirror, new, reader)
            taken += len({page.id for page, _ in new})
            if reader.people:
                settle(mirror, reader)
    return Filled(seen, taken)


def _batches(pages: Iterable[Page]) -> Iterator[list[Page]]:
    """The pages in lists of bounded number and size, also those that come before an error in the dump, which is raised after."""
    batch: list[Page] = []
    size = 0
    broken: SettingsError | None = None
    try:
        for page in pages:
            batch.append(page)
            size += len(page.text)
            if len(batch) == BATCH or size >= _SIZE:
                yield batch
                batch, size = [], 0
    except SettingsError as error:
        broken = error
    if batch:
        yield batch
    if broken:
        raise broken


def _newer(page: Page, known: Mapping[int, Head]) -> bool:
    return page.id not in known or known[page.id].revision < page.revision


def _selected(page: Page, selection: Selection) -> bool:
    space = page.title.partition(":")[0] if ":" in page.title else ""
    return selection.holds(page.title, page.id, space if space in _NUMBERS else "") or (
        selection.by_content and bool(contents.members(selection, {page.title: page.text}, wikitext)))


@contextmanager
def _element(out: XMLGenerator, name: str, attributes: dict[str, str] | None = None) -> Iterator[None]:
    out.startElement(name, attributes or {})  # type: ignore[arg-type]
    yield
    out.endElement(name)


def write(pages: Iterable[Page], path: Path, site: str) -> int:
    """Write pages as a dump (``.gz`` and ``.bz2`` packed); answers how many there were. Raises SettingsError for the disk's."""
    count = 0
    with _open(path, "wb") as file:
        out = XMLGenerator(file, "utf-8", short_empty_elements=True)

        def leaf(name: str, text: object, attributes: dict[str, str] | None = None) -> None:
            with _element(out, name, attributes):
                out.characters(str(text))

        out.startDocument()
        with _element(out, "mediawiki", {"xmlns": NAMESPACE, "version": "0.11", "xml:lang": "en"}):
            with _element(out, "siteinfo"):
                leaf("sitename", site)
                leaf("generator", "wikibridge")
            for page in pages:
                count += 1
                with _element(out, "page"):
                    leaf("title", page.title)
                    leaf("ns", _NUMBERS.get(page.title.partition(":")[0], 0) if ":" in page.title else 0)
                    leaf("id", page.id)
                    with _element(out, "revision"):
                        leaf("id", page.revision)
                        leaf("timestamp", page.time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"))
                        with _element(out, "contributor"):
                            leaf("username", page.editor or "unknown")
                        leaf("model", "wikitext")
                        leaf("format", "text/x-wiki")
                        leaf("text", page.text, {"bytes": str(len(page.text.encode())), "xml:space": "preserve"})
        out.endDocument()
    return count
