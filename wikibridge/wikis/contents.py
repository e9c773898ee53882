"""Which pages a selection means by what they hold, from the texts of all pages: for wikis that keep no such index.

Pure. Only what stands in a page's own text counts, not what templates on it would add.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from wikibridge.markup.parts import Dialect
from wikibridge.model import Selection
from wikibridge.wikis.base import normal_title

SUBCATEGORIES = 200
"""Categories that count for one selected category, itself included: category trees may be endless, or circles."""

_NOT_READ = re.compile(r"<!--.*?(?:-->|\Z)|<(nowiki|pre)\b[^>]*>.*?</\1\s*>", re.DOTALL | re.IGNORECASE)
_LINK = {"mediawiki": re.compile(r"\[\[([^\[\]|#<>{}\n]+)"), "tiki": re.compile(r"\(\(([^()|\n]+)")}


def links(text: str, dialect: Dialect) -> tuple[frozenset[str], frozenset[str]]:
    """The categories that a page is in, and the titles that it links to."""
    categories, titles = set(), set()
    for target in _LINK[dialect.NAME].findall(_NOT_READ.sub("", text)):
        title = normal_title(target.removeprefix(":"))
        if title.startswith("Category:") and not target.strip().startswith(":"):
            categories.add(title)
        else:
            titles.add(title)
    return frozenset(categories), frozenset(titles)


def tree(tops: Iterable[str], parents: Mapping[str, frozenset[str]]) -> frozenset[str]:
    """Categories and those below them. ``parents`` are the categories that each category page is in."""
    found: set[str] = set()
    for top in tops:
        below, todo = {top}, [top]
        while todo and len(below) < SUBCATEGORIES:
            parent = todo.pop(0)
            new = sorted(title for title, above in parents.items() if parent in above and title not in below)
            new = new[: SUBCATEGORIES - len(below)]
            below |= set(new)
            todo += new
        found |= below
    return frozenset(found)


def members(selection: Selection, texts: Mapping[str, str], dialect: Dialect) -> frozenset[str]:
    """The titles that the selection means by content, of the pages whose texts are given by title."""
    found: set[str] = set()
    if selection.categories:
        inside = {title: links(text, dialect)[0] for title, text in texts.items()}
        below = tree(selection.categories, {title: above for title, above in inside.items() if title.startswith("Category:")})
        found |= {title for title, above in inside.items() if above & below}
    if wanted := {title.casefold() for title in selection.templates}:
        found |= {title for title, text in texts.items()
                  if any(f"Template:{call.name}".casefold() in wanted for call in dialect.scan(text).calls)}
    for title in selection.lists:
        found |= links(texts.get(title, ""), dialect)[1] & texts.keys()
    return frozenset(found)
