"""What somebody who reads pages of a real MediaWiki sees of them, on a phone and at a desk."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from playwright.sync_api import Browser, Page

ARTEFACTS = Path(__file__).parent.parent / "test-artefacts"
WIDTHS = (390, 1280)
RAW = ("{{", "}}", "[[", "]]", "'''", "{|", "|}", "|-", "wikibridge:", "<!--", "&#", "<div", "$1", "⧼")
"""Markup that no reader is to see, unless somebody typed it."""
_LOOK = """() => {
    const content = document.querySelector('#mw-content-text');
    const all = (what) => [...content.querySelectorAll(what)];
    const rows = (table) => [...table.rows].map(row => [...row.cells].map(cell => cell.innerText.trim()));
    const head = (each) => each.innerText.split('[')[0].split(String.fromCharCode(10))[0].trim();
    return {
        width: document.documentElement.scrollWidth, text: content.innerText, heads: all('h2, h3').map(head),
        tables: all('table').map(rows), code: all('pre').map(each => each.innerText).join(''),
        parts: all('h3, table').map(each => each.tagName === 'H3' ? head(each) : rows(each)),
        red: all('a.new').map(each => each.innerText), points: all('li').map(each => each.querySelectorAll('a').length),
        links: all('a').map(each => each.href)};
}"""


@dataclass(frozen=True)
class Seen:
    """A page's text, headings (h2, h3), tables as rows of cells, and text shown as it is typed; ``parts`` are its headings (h3)
    and tables in their order, ``red`` the links to pages that are not there, ``points`` how many links each point of a list has,
    ``links`` all addresses.
    """

    width: int
    text: str
    heads: list[str]
    tables: list[list[list[str]]]
    code: str
    parts: list[Any]
    red: list[str]
    points: list[int]
    links: list[str]


@contextmanager
def opened(browser: Browser, address: str, title: str, width: int, name: str, typed: Collection[str] = ()) -> Iterator[tuple[Page, Seen]]:
    """A page of the wiki in a browser as wide as that. It is no wider, and shows no markup but what is ``typed``.

    A picture of it is kept as ``name``.
    """
    ARTEFACTS.mkdir(exist_ok=True)
    with browser.new_context(viewport={"width": width, "height": 900}, base_url=address) as context:
        shown = context.new_page()
        skin = "minerva" if width < 500 else "vector"
        shown.goto(f"index.php?title={quote(title.replace(' ', '_'), safe='/:')}&useskin={skin}")
        shown.screenshot(path=ARTEFACTS / f"{name}-{width}.png", full_page=True)
        seen = Seen(**shown.evaluate(_LOOK))
        assert seen.width <= width, title
        assert not [raw for raw in RAW if raw not in typed and raw in seen.text.replace(seen.code, "")], title
        yield shown, seen


def look(browser: Browser, address: str, title: str, width: int, name: str, typed: Collection[str] = ()) -> Seen:
    """What is seen of a page."""
    with opened(browser, address, title, width, name, typed) as (_, seen):
        return seen
