"""What a page's markup consists of, the same for every dialect. Places are offsets in characters."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from typing import NamedTuple, Protocol


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


class Dialect(Hashable, Protocol):
    """What reading entries needs of a dialect; its module is one."""

    NAME: str
    BAR: str
    """How a bar is typed where it must not separate."""

    def scan(self, text: str, tags: frozenset[str] = ..., /) -> Scan:
        """All that one pass over a page finds. Linear time; never raises."""

    def plain(self, value: str, /) -> str:
        """The text that a reader would see of a value."""

    def aimed(self, value: str, /) -> str:
        """A value with the targets of its links in place of their labels."""

    def tables(self, text: str, /) -> tuple[Table, ...]:
        """The tables of a page in which what is no text was blanked out."""

    def narrow(self, text: str, /) -> str:
        """The page with the signs that were meant, such as ordinary ones for full-width ones, as long as before."""

    def marks(self, name: str, /) -> tuple[str, str]:
        """How a call begins and ends, to tell people what is missing."""

    def damaged(self, text: str, blanked: str, /) -> Iterable[Call]:
        """Calls of which a brace is missing, in the part of the page that was not blanked out."""
