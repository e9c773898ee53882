"""Prose written once, in Markdown, as a page of a wiki: headings, paragraphs, lists, code, emphasis, links to pages. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import unquote

from markdown_it import MarkdownIt
from markdown_it.token import Token

from wikibridge.markup.parts import Dialect

_MARKUP = re.compile(r"[\[\]{}<>|~&`^]|''|__|--|==|%%|^[*#:;!=+-]|[a-z0-9]\w*?[A-Z]")
"""What one of the dialects might read as more than a letter. Our own prose hardly ever has it, and stays legible as source."""
_LISTS = {"bullet_list_open": "*", "ordered_list_open": "#"}
_PUNCTUATION = re.compile(r"([\\`*_{}\[\]()<>#+!|~&-])")


def literal(text: str) -> str:
    """Text that Markdown shows as it is."""
    return _PUNCTUATION.sub(r"\\\1", text)


def _words(text: str, dialect: Dialect) -> str:
    core = text.strip(" ")
    if not core:
        return text and " "
    shown = dialect.escape(core) if _MARKUP.search(core) else core
    return f"{' ' * text.startswith(' ')}{shown}{' ' * text.endswith(' ')}"


def _line(tokens: Iterable[Token], dialect: Dialect) -> str:
    """What stands within a line. A link's target is the title of a page, its label is plain text."""
    found, target, label = [], "", ""
    for token in tokens:
        if token.type == "link_open":
            target, label = unquote(str(token.attrs["href"])), ""
        elif token.type == "link_close":
            found.append(dialect.link(target, label))
            target = ""
        elif target:
            label += token.content
        elif token.type in ("strong_open", "strong_close"):
            found.append(dialect.STRONG)
        elif token.type in ("em_open", "em_close"):
            found.append(dialect.SLANTED)
        elif token.type == "code_inline":
            found.append(dialect.typed(token.content))
        else:
            found.append(_words(" " if token.type == "softbreak" else token.content, dialect))
    return "".join(found)


def painted(markdown: str, dialect: Dialect) -> str:
    """A Markdown text as a page of a wiki of this dialect."""
    found: list[str] = []
    lists, before = "", ""
    for token in MarkdownIt("commonmark").parse(markdown):
        if token.type in _LISTS:
            lists += _LISTS[token.type]
        elif token.type in ("bullet_list_close", "ordered_list_close"):
            lists = lists[:-1]
        elif token.type == "heading_open":
            before = token.tag
        elif token.type == "inline":
            line = _line(token.children or (), dialect)
            if before:
                found += ["", dialect.heading(line, int(before[1:]))]
            else:
                found += [f"{lists} {line}"] if lists else ["", line]
            before = ""
        elif token.type == "fence":
            found += ["", dialect.code(token.content.rstrip("\n"))]
        # Between a list and what follows it, a paragraph's empty line ends the list.
    return "\n".join(found).strip("\n")
