"""Web addresses of pages, as browsers open them."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import quote

from wikibridge.markup.parts import Dialect
from wikibridge.markup.tikitext import NAME as TIKI
from wikibridge.markup.tikitext import address_of
from wikibridge.wikis.base import Addresses, Wiki

Address = Callable[[str], str]
"""The web address of a page by its title, that of the wiki for ``""``; empty where there is none."""


def nowhere(title: str) -> str:
    """No address: the wiki has no web pages."""
    return ""


def addresses(wiki: Wiki, address: str, dialect: Dialect) -> Address:
    """The addresses of a wiki's pages. ``address`` is the one in the settings: of a folder, that of the wiki it is a copy of."""
    if isinstance(wiki, Addresses):
        return wiki.page_address
    if not address.casefold().startswith(("https://", "http://")):
        return nowhere
    if dialect.NAME == TIKI:
        root = address[: address.rfind("/") + 1]
        return lambda title: root + (address_of(title) or f"tiki-index.php?page={quote(title, errors='replace')}")
    index = f"{address.removesuffix('api.php')}index.php"
    return lambda title: (
        f"{index}?title={quote(title.replace(' ', '_'), safe='/:', errors='replace')}" if title else index)
