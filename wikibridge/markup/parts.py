"""What a page's markup consists of, the same for every dialect. Places are offsets in characters."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from typing import NamedTuple, Protocol
from urllib.parse import quote


class Argument(NamedTuple):
    """One argument of a call; ``value`` is raw markup that starts at ``start``.

    ``name`` is None when the argument is positional, empty for free text: the body of a plugin.
    """

    name: str | None
    value: str
    start: int


class Call(NamedTuple):
    """A template call; ``name`` without comments, blanks and ``Template:``, first letter a capital."""

    name: str
    arguments: tuple[Argument, ...]
    start: int
    end: int


class Heading(NamedTuple):
    """A section heading; ``level`` 1 to 6."""

    level: int
    text: str
    start: int
    end: int


class Comment(NamedTuple):
    """An HTML comment that MediaWiki sees as one, ``<!--`` to ``-->``."""

    start: int
    end: int


class Scan(NamedTuple):
    """All that one pass over a page finds.

    ``hidden`` are the spans, in order, of what the wiki does not read as markup: comments, ``<nowiki>`` and its like.
    """

    calls: tuple[Call, ...]
    headings: tuple[Heading, ...]
    comments: tuple[Comment, ...]
    unclosed: tuple[Call, ...]
    hidden: tuple[tuple[int, int], ...] = ()


class Cell(NamedTuple):
    """A cell of a table: its markup and where that starts."""

    text: str
    start: int


class Table(NamedTuple):
    """A table with its caption and the cells of its rows; spans of cells over several rows or columns do not count."""

    caption: str
    rows: tuple[tuple[Cell, ...], ...]
    start: int
    end: int


def harmless(address: str) -> str:
    """A web address in which no character means anything to a wiki; what is coded already stays."""
    return quote(address, safe=":/?#&=%+,;@$", errors="replace").replace("~", "%7E").replace("__", "_%5F").replace("--", "-%2D")


class Dialect(Hashable, Protocol):
    """How a kind of wiki writes what pages consist of; the module of a dialect is one."""

    NAME: str
    BAR: str
    """How a bar is typed where it must not separate."""
    BREAK: str
    """A line break within a value."""
    STRONG: str
    SLANTED: str
    """What stands on both sides of such text."""
    COMMENT: tuple[str, str]
    """How a comment for those who edit the page begins and ends."""
    TAGS: frozenset[str]
    """Extension tags that every wiki of the kind has."""

    # Reading

    def scan(self, text: str, tags: frozenset[str] = ..., /) -> Scan:
        """All that one pass over a page finds. Linear time; never raises."""

    def plain(self, value: str, /) -> str:
        """The text that a reader would see of a value."""

    def aimed(self, value: str, /) -> str:
        """A value with the targets of its links in place of their labels."""

    def steady(self, text: str, /) -> str:
        """Markup without what the wiki itself changes in it when somebody renames a page."""

    def tables(self, text: str, /) -> tuple[Table, ...]:
        """The tables of a page in which what is no text was blanked out."""

    def narrow(self, text: str, /) -> str:
        """The page with the signs that were meant, such as ordinary ones for full-width ones, as long as before."""

    def marks(self, name: str, /) -> tuple[str, str]:
        """How a call begins and ends, to tell people what is missing."""

    def damaged(self, text: str, blanked: str, /) -> Iterable[Call]:
        """Calls of which a brace is missing, in the part of the page that was not blanked out."""

    # Writing

    def escape(self, text: str, /) -> str:
        """Text that is shown just as it is."""

    def uncovered(self, text: str, /) -> str:
        """Markup in which nothing hides what stands behind it: no comment is left open."""

    def call(self, name: str, arguments: dict[str, str], /) -> str:
        """A call over several lines."""

    def link(self, title: str, label: str, /) -> str:
        """A link to a page of this wiki; the label alone where no page can have the title."""

    def web_link(self, address: str, /) -> str:
        """A link to a web address that somebody typed, which is its own label."""

    def titled(self, text: str, /) -> str:
        """A part of a title without what this kind of wiki stumbles over."""

    def edit_link(self, title: str, section: int | None, label: str, /) -> str:
        """A link that opens a section of a page for editing, or a new one at its end."""

    def heading(self, text: str, level: int, /) -> str:
        """A heading on a line of its own."""

    def table(self, header: tuple[str, ...], rows: tuple[tuple[str, ...], ...], /) -> str:
        """A table."""

    def code(self, text: str, /) -> str:
        """Markup that is shown as it is typed."""

    def typed(self, text: str, /) -> str:
        """The same within a line."""

    def wrapped(self, text: str, /) -> str:
        """Lines in which a word without an end does not make the page wider than a screen."""

    def scrolled(self, text: str, /) -> str:
        """A table that scrolls by itself where it is wider than the screen."""
