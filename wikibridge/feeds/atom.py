"""Feeds as files that readers subscribe to: https://www.rfc-editor.org/rfc/rfc4287

The file of before is the memory of what it told: an entry that says the same keeps its times, and its name, also when the mirror
was filled anew. So the same news are the same bytes.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from wikibridge.feeds.values import Feed, Item
from wikibridge.markup.wikitext import one_line

ATOM, XHTML = "http://www.w3.org/2005/Atom", "http://www.w3.org/1999/xhtml"
GENERATOR = "wikibridge"
"""By what our files are known."""


@dataclass(frozen=True, slots=True)
class _Old:
    """An entry of the file of before. ``place`` is its link and title, ``said`` all of it but its name and times."""

    published: datetime
    updated: datetime
    place: tuple[str, str]
    said: str


def atom(feed: Feed, before: bytes = b"") -> bytes:
    """The file of a feed, the latest first. ``before`` is the file as it is, empty where there is none.

    It is always well-formed, whatever people typed.
    """
    updated, old = _read(before)
    items = [_remembered(item, old) for item in _named(feed.items, old)]
    items.sort(key=lambda item: (item.updated, item.published, item.id), reverse=True)
    times = [*(item.updated for item in items), *([updated] if updated else [])]
    return _file(replace(feed, items=tuple(items)), max(times, default=datetime.fromtimestamp(0, UTC)))


def title(before: bytes) -> str:
    """What a feed is called in its file; empty for a file that is no feed of ours."""
    try:
        root = fromstring(before)
    except (ET.ParseError, DefusedXmlException, ValueError):
        return ""
    return _text(root, "title") if root.tag == f"{{{ATOM}}}feed" and _text(root, "generator") == GENERATOR else ""


# Reading

def _text(element: ET.Element, name: str) -> str:
    return element.findtext(f"{{{ATOM}}}{name}") or ""


def _read(before: bytes) -> tuple[datetime | None, dict[str, _Old]]:
    """When a feed was updated, and its entries by their names; nothing of what is no feed."""
    try:
        root = fromstring(before) if before else None
        if root is None or root.tag != f"{{{ATOM}}}feed":
            return None, {}
        return (datetime.fromisoformat(_text(root, "updated")),
                {_text(entry, "id"): _entry(entry) for entry in root.iter(f"{{{ATOM}}}entry")})
    except (ET.ParseError, DefusedXmlException, ValueError):
        return None, {}  # somebody wrote in it: it is made anew


def _entry(entry: ET.Element) -> _Old:
    published, updated = (datetime.fromisoformat(_text(entry, name)) for name in ("published", "updated"))
    link = entry.find(f"{{{ATOM}}}link")
    place = link.get("href", "") if link is not None else "", _text(entry, "title")
    entry.tail = ""
    for name in ("id", "published", "updated"):
        entry.remove(entry.find(f"{{{ATOM}}}{name}"))  # type: ignore[arg-type]
    return _Old(published, updated, place, ET.tostring(entry, "unicode"))


def _named(items: tuple[Item, ...], old: Mapping[str, _Old]) -> list[Item]:
    """The items, those under the names that they have in the file which are on the same page under the same title."""
    known = {item.id for item in items}
    free = {each.place: name for name, each in old.items() if name not in known}
    return [item if item.id in old else replace(item, id=free.pop((one_line(item.link), _title(item)), item.id))
            for item in items]


def _remembered(item: Item, old: Mapping[str, _Old]) -> Item:
    was = old.get(item.id)
    if was is None:
        return replace(item, published=_second(item.published), updated=_second(max(item.updated, item.published)))
    # As it would be read back.
    built = _built(item)
    built.set("xmlns", ATOM)
    now = _entry(fromstring(ET.tostring(built)))
    updated = was.updated if now.said == was.said else max(was.updated, _second(item.updated))
    return replace(item, published=was.published, updated=updated)


def _second(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(microsecond=0)


# Writing

def _title(item: Item) -> str:
    return one_line(item.title) or one_line(item.page) or "–"


def _add(parent: ET.Element, name: str, text: str = "", **attributes: str) -> ET.Element:
    """An element in its parent. No control that XML forbids gets into it, none that turns the direction of what follows."""
    made = ET.SubElement(parent, name, {key.replace("_", ":"): one_line(value) for key, value in attributes.items()})
    made.text = one_line(text)
    return made


def _file(feed: Feed, updated: datetime) -> bytes:
    root = ET.Element("feed", {"xmlns": ATOM, "xml:lang": feed.language})
    _add(root, "id", feed.id)
    _add(root, "title", feed.title)
    _add(root, "updated", updated.isoformat())
    _add(_add(root, "author"), "name", feed.author)
    if feed.home:
        _add(root, "link", rel="alternate", href=feed.home)
    if feed.address:
        _add(root, "link", rel="self", type="application/atom+xml", href=feed.address)
    _add(root, "generator", GENERATOR)
    root.extend(map(_built, feed.items))
    root.text = "\n"
    for each in root:
        each.tail = "\n"
    return bytes(ET.tostring(root, "utf-8", xml_declaration=True)) + b"\n"


def _built(item: Item) -> ET.Element:
    entry = ET.Element("entry")
    tongue = {"xml_lang": item.language} if item.language else {}
    _add(entry, "id", item.id)
    _add(entry, "title", _title(item), **tongue)
    _add(entry, "published", item.published.isoformat())
    _add(entry, "updated", item.updated.isoformat())
    if one_line(item.author):
        _add(_add(entry, "author"), "name", item.author)
    if item.link:
        _add(entry, "link", rel="alternate", href=item.link)
    for term, label in item.themes:
        _add(entry, "category", term=term, label=label)
    division = _add(_add(entry, "content", type="xhtml"), "div", xmlns=XHTML)
    for said in item.said:
        lines = list(filter(None, map(one_line, said.text.splitlines())))
        if not lines:
            continue  # a reader of HTML takes an empty element for one that is never closed
        paragraph = _add(division, "p")
        if said.label:
            _add(paragraph, "strong", said.label).tail = " "
        words = _add(paragraph, "span", **(tongue if said.typed else {}))
        first, *rest = lines
        words.text = first
        for text in rest:
            _add(words, "br").tail = text
    return entry
