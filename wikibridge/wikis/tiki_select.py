"""Which pages of a Tiki a selection means by what they hold.

A "template" is a plugin that the page calls; a list page links with ``((Page))``; categories are not part of a page's text
and are asked for. https://doc.tiki.org/PluginListPages, https://doc.tiki.org/API
"""

from __future__ import annotations

from dataclasses import dataclass

from wikibridge.errors import NotSuchAWiki, WikibridgeError
from wikibridge.markup import tikitext
from wikibridge.model import Selection
from wikibridge.wikis import contents, tiki_text
from wikibridge.wikis.base import namespace_of
from wikibridge.wikis.tiki_api import Row, sense
from wikibridge.wikis.tiki_pages import CHUNK, Pages


def links(text: str) -> frozenset[str]:
    """What the titles that a page links to have in common with all spellings of them (``tiki_text.key``)."""
    shown, at = "", 0
    for start, end in tikitext.scan(text).hidden:
        shown, at = shown + text[at:start], end
    return frozenset(map(tiki_text.key, contents.links(shown + text[at:], tikitext)[1]))


@dataclass(frozen=True, slots=True)
class Chosen:
    """A selection with what it takes to tell a page's part in it: keys of titles linked to, ids of pages in the categories.

    ``unknown`` are the selected categories that there are not, or that the account may not see.
    """

    selection: Selection
    linked: frozenset[str] = frozenset()
    members: frozenset[int] = frozenset()
    unknown: tuple[str, ...] = ()

    def holds(self, found: Row) -> bool:
        """Whether a page is selected."""
        if self.selection.holds(found.name, found.id, namespace_of(found.name)) or found.id in self.members:
            return True
        if self.linked and tiki_text.key(found.name) in self.linked:
            return True
        plugins = {tikitext.plugin_name(title.removeprefix("Template:")) for title in self.selection.templates}
        return bool(plugins) and "{" in found.data and any(call.name in plugins for call in tikitext.scan(found.data).calls)


def chosen(pages: Pages, selection: Selection, latest: int = 0) -> Chosen:
    """What a selection means now; of pages in categories only so many that were changed last, unless 0.

    One request for each list page, one or two for categories. Raises NotSuchAWiki where categories are switched off.
    """
    linked = frozenset[str]()
    for title in selection.lists:
        found = pages.find(title)
        linked |= links(found.data) if found else frozenset()
    members: set[int] = set()
    ids, unknown = _categories(pages, selection) if selection.categories else ([], ())
    if ids:
        wanted = {f"filter[categId][{place}]": str(number) for place, number in enumerate(ids)}
        offset = 0
        while True:
            rows, _ = pages.rows(sortMode="lastModif_desc" if latest else "page_id_asc", offset=str(offset),
                                 maxRecords=str(latest or CHUNK), **wanted)
            members |= {found.id for found in rows}
            offset += len(rows)
            if latest or len(rows) < CHUNK:
                break
    return Chosen(selection, linked, frozenset(members), unknown)


def _categories(pages: Pages, selection: Selection) -> tuple[list[int], tuple[str, ...]]:
    """The ids of the selected categories and of those below them, and the names of those that are not there."""
    try:
        data = pages.api.ask("categories", {"type": "all"}).data
    except WikibridgeError as error:
        raise NotSuchAWiki("tiki-categories", pages.api.address, error.params[-1]) from error
    with sense(pages.api.address, "categories"):
        every = {int(each["categId"]): each for each in (data.values() if isinstance(data, dict) else data)}
        names = {tiki_text.key(name): name for name in (title.removeprefix("Category:") for title in selection.categories)}
        known = {tiki_text.key(str(each["name"])) for each in every.values()}
        found = [number for number, each in every.items() if tiki_text.key(str(each["name"])) in names]
        for top in found:
            if len(found) >= contents.SUBCATEGORIES * len(names):
                break
            found += [number for number, each in every.items() if int(each["parentId"] or 0) == top and number not in found]
    return found, tuple(name for key, name in names.items() if key not in known)
