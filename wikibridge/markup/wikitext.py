"""MediaWiki's dialect: what a page says, and how to say things on a page.

Reading follows the rules of MediaWiki's own preprocessor (includes/parser/Preprocessor_Hash.php, 1.39) in one linear
pass, because Python's parsers differ from it on comments in names, unclosed links and tags that hide their content.
mwparserfromhell serves inside values only, where a difference costs a comma and not an entry.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from functools import lru_cache

from wikibridge.markup.parts import Argument, Call, Cell, Comment, Heading, Scan, Table, harmless

NAME = "mediawiki"
BAR = "{{!}}"
BREAK = "<br>"
STRONG, SLANTED = "'''", "''"
COMMENT = ("<!--", "-->")

DEPTH = 20
"""Nested calls beyond this depth are not looked at: MediaWiki itself stops at 100, and people at three. Each level is read whole,
so the time of a hostile page grows with it."""

TAGS = frozenset({"nowiki", "pre", "gallery", "indicator", "langconvert", "ref", "references", "templatedata"})
"""Extension tags of a plain MediaWiki and of the extensions it is shipped with: what stands between them is hidden."""


@dataclass(slots=True)
class _Piece:
    """Something opened and not yet closed. ``parts`` are [start, place of the first "=" or -1]."""

    open: str
    start: int
    count: int
    parts: list[list[int]] = field(default_factory=list)


_CLOSE = {"{": "}", "[": "]", "-{": "}-", "\n": "\n"}
_PATTERNS = {
    None: re.compile(r"<|\{\{+|\[\[+|-\{|\n=+"),
    "{": re.compile(r"<|\{\{+|\[\[+|-\{|\}{2,3}|\||=|\n=+"),
    "[": re.compile(r"<|\{\{+|\[\[+|-\{|\]{2}|\n=+"),
    "-{": re.compile(r"<|\{\{+|\[\[+|-\{|\}-|\||\n=+"),
    "\n": re.compile(r"<|\{\{+|\[\[+|-\{|\n"),
}
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_PREFIX = re.compile(r"(?:template|modèle|predefinição)\s*:\s*", re.IGNORECASE)


@lru_cache(maxsize=1024)
def _call_name(raw: str) -> str:
    name = " ".join(_COMMENT.sub("", raw).replace("_", " ").split())
    name = _PREFIX.sub("", name, count=1) if _PREFIX.match(name) else name
    return name[:1].upper() + name[1:]


# A call without others, links and tags in it, and a heading without them: nearly all that people type.
_SIMPLE_CALL = re.compile(r"\{\{([^{}<\[]*(?:\[(?!\[)[^{}<\[]*)*)\}\}")
_SIMPLE_HEADING = re.compile(r"\n=+[^\n<{\[]*(?=\n|\Z)")


def _simple_call(inside: str, start: int, end: int) -> Call:
    name, *parts = inside.split("|")
    arguments, at = [], start + len(name) + 3
    for part in parts:
        label, equals, value = part.partition("=")
        arguments.append(Argument(label.strip(), value, at + len(label) + 1) if equals else Argument(None, label, at))
        at += len(part) + 1
    return Call(_call_name(name), tuple(arguments), start, end)


@lru_cache(maxsize=64)
def _element(tags: frozenset[str]) -> re.Pattern[str]:
    names = "|".join(sorted(map(re.escape, tags | {"includeonly", "noinclude", "onlyinclude"})))
    return re.compile(rf"(/?)({names})(?=\s|/>|>)", re.IGNORECASE)


def _make_call(text: str, piece: _Piece, start: int, end: int, inner_end: int) -> Call:
    bounds = [part[0] for part in piece.parts[1:]] + [inner_end + 1]
    arguments = []
    for (begin, equals), stop in zip(piece.parts[1:], bounds[1:], strict=True):
        if equals >= 0:
            name = _COMMENT.sub("", text[begin:equals]).strip()
            arguments.append(Argument(name, text[equals + 1 : stop - 1], equals + 1))
        else:
            arguments.append(Argument(None, text[begin : stop - 1], begin))
    name_end = piece.parts[1][0] - 1 if len(piece.parts) > 1 else inner_end
    return Call(_call_name(text[piece.parts[0][0] : name_end]), tuple(arguments), start, end)


@lru_cache(maxsize=8)
def scan(text: str, tags: frozenset[str] = TAGS) -> Scan:
    """Calls, headings, comments and unclosed calls of a page, in the order of their starts. Linear time; never raises."""
    found: list[Call] = []
    heads: list[Heading] = []
    comments: list[Comment] = []
    hidden: list[tuple[int, int]] = []
    stack: list[_Piece] = []
    element = _element(tags)
    never_closed: set[str] = set()
    last_greater = text.rfind(">")
    at, length = 0, len(text)

    def take_heading(start: int, stop: int) -> None:
        end = len(text[start:stop].rstrip()) + start
        for note in reversed(comments):
            if note.end != end or note.start < start:
                break
            end = len(text[start : note.start].rstrip(" \t")) + start
        line = text[start:end]
        before, after = len(line) - len(line.lstrip("=")), len(line) - len(line.rstrip("="))
        level = min(6, (before - 1) // 2 if before == len(line) else min(before, after))
        if level > 0 and not stack:
            heads.append(Heading(level, plain(line[level:-level]), start, stop))

    def heading_ends(stop: int) -> None:
        take_heading(stack.pop().start, stop)

    def opens_heading(begin: int, equals: int) -> None:
        stack.append(_Piece("\n", begin, equals))

    if text.startswith("="):
        opens_heading(0, len(text) - len(text.lstrip("=")))
        at = stack[-1].count
    while True:
        top = stack[-1] if stack else None
        match = _PATTERNS[top.open if top else None].search(text, at)
        if match is None:
            if top is not None and top.open == "\n":
                heading_ends(length)
                at = length
                continue
            break
        token, begin = match[0], match.start()
        at = match.end()
        first = token[0]
        if first == "<":
            if text.startswith("<!--", begin):
                end = text.find("-->", begin + 4)
                at = length if end < 0 else end + 3
                comments.append(Comment(begin, at))
                hidden.append((begin, at))
                continue
            tag = element.match(text, begin + 1)
            if tag is None:
                continue
            name = tag[2].lower()
            greater = text.find(">", tag.end()) if tag.end() <= last_greater else -1
            if greater < 0 or name in ("noinclude", "onlyinclude") or tag[1]:
                at = tag.end() if greater < 0 else greater + 1
                continue
            if text[greater - 1] == "/":
                at = greater + 1
                continue
            close = None if name in never_closed else re.compile(rf"</{name}\s*>", re.IGNORECASE).search(text, greater)
            if close is not None:
                at = close.end()
                hidden.append((begin, at))
            elif name == "includeonly":
                at = length
                hidden.append((begin, at))
            else:
                never_closed.add(name)
        elif first == "\n":
            if top is None and (simple := _SIMPLE_HEADING.match(text, begin)):
                at = simple.end()
                take_heading(begin + 1, at)
            elif top is not None and top.open == "\n":
                heading_ends(begin)
                at = begin  # the same line break may begin the next heading
            elif len(token) == 2 and top is not None and top.open == "{" and len(top.parts) > 1 and top.parts[-1][1] < 0:
                top.parts[-1][1] = begin + 1  # a lone "=" at the start of a line separates name and value
            else:
                opens_heading(begin + 1, len(token) - 1)
        elif token == "|":
            assert top is not None
            top.parts.append([at, -1])
        elif token == "=":
            assert top is not None
            if len(top.parts) > 1 and top.parts[-1][1] < 0:
                top.parts[-1][1] = begin
        elif token == "-{":
            if text.startswith("{", at):
                at = begin + 1  # "-{{" is a dash before a call
                opening = re.compile(r"\{+").match(text, at)
                assert opening is not None
                at = opening.end()
                stack.append(_Piece("{", begin + 1, len(opening[0]), [[at, -1]]))
            else:
                stack.append(_Piece("-{", begin, 1, [[at, -1]]))
        elif token == "{{" and (simple := _SIMPLE_CALL.match(text, begin)) and "\n=" not in simple[1]:
            at = simple.end()
            if len(stack) < DEPTH:
                found.append(_simple_call(simple[1], begin, at))
        elif first in "{[":
            stack.append(_Piece(first, begin, len(token), [[at, -1]]))
        elif token == "}-":
            stack.pop()
        else:
            assert top is not None
            count = min(len(token), top.count, 3 if first == "}" else 2)
            at = begin + count
            if first == "}" and count == 2 and len(stack) <= DEPTH:
                found.append(_make_call(text, top, top.start + top.count - 2, at, begin))
            top.count -= count
            if top.count >= 2:
                top.parts = [[top.start + top.count, -1]]
            else:
                stack.pop()
    unclosed = [_loose(text, piece.start + piece.count - 2, piece.start + piece.count) for piece in stack if piece.open == "{"]
    return Scan(tuple(sorted(found, key=lambda c: c.start)), tuple(heads), tuple(comments), tuple(unclosed), tuple(hidden))


_PARAGRAPH = re.compile(r"\n\s*\n|\n=|\{|\}|<!-- wikibridge:")
_ARGUMENT = re.compile(r"\s*([^\n|=\[\]{}<>]{1,60})=")
_HALF = re.compile(r"\{\s*[^\W\d_][^\n|{}\x00]{0,60}\s*\|")


def _loose(text: str, start: int, begin: int) -> Call:
    """The best reading of a call that nothing closes: up to a brace, the end of its paragraph or the next call."""
    stop = _PARAGRAPH.search(text, begin)
    end = stop.start() if stop else len(text)
    name, *parts = text[begin:end].rstrip().split("|")
    arguments, at = [], begin + len(name) + 1
    for part in parts:
        named = _ARGUMENT.match(part)
        shift = named.end() if named else 0
        arguments.append(Argument(named[1].strip() if named else None, part[shift:], at + shift))
        at += len(part) + 1
    return Call(_call_name(name), tuple(arguments), start, end + len(text[end : end + 2]) - len(text[end : end + 2].lstrip("}")))


_WIDE = re.compile(r"｜(?=\s*[^\s|｜=＝{}][^|｜=＝{}]{0,40}[=＝])|｛｛|｝｝")
_WIDE_EQUALS = re.compile(r"(\|\s*[^\s|=＝{}][^|=＝{}]{0,40}?)＝")
_NARROW = {"｜": "|", "｛｛": "{{", "｝｝": "}}"}


def narrow(text: str) -> str:
    """The page with ordinary bars, braces and equals signs where full-width ones stand for them, as long as before.

    They come from keyboards of other scripts.
    """
    if "｜" not in text and "＝" not in text and "｛" not in text:
        return text
    return _WIDE_EQUALS.sub(r"\1=", _WIDE.sub(lambda m: _NARROW[m[0]], text))


def marks(name: str) -> tuple[str, str]:
    """How a call begins and ends."""
    return f"{{{{{name}", "}}"


def damaged(text: str, blanked: str) -> Iterator[Call]:
    """Calls with one brace where two should be."""
    for half in _HALF.finditer(blanked):
        yield _loose(text, half.start(), half.start() + 1)


def calls(text: str) -> tuple[Call, ...]:
    """All closed template calls of a page, nested ones too."""
    return scan(text).calls


def unclosed(text: str) -> tuple[Call, ...]:
    """Calls that were opened and never closed."""
    return scan(text).unclosed


_SPECIAL = re.compile(r"[\[\]{}<>&]")
_HIDDEN = re.compile("[\xad\u200b\u200e\u200f\u2060\ufeff]")
_SURROGATES = re.compile("[\ud800-\udfff]")
_BREAK = re.compile(r"<br\s*/?>|</?(?:p|li|ul|ol|div)\b[^<>]*>", re.IGNORECASE)
_QUOTES = re.compile("(?<!')'{3}(')(?!')|'{2,5}")
_MARKS = re.compile(r"^(?=[*#:;])", re.MULTILINE)
_BARE_LINK = re.compile(r"(?<!\[)\[(https?://[^\s\[\]<>]+)\]", re.IGNORECASE)
_LABEL = re.compile(r"\[\[(?:[^\[\]|\n]*\|)?([^\[\]|\n]*)\]\]")
_LONG = 20_000
"""Characters of a value up to which a parser takes it apart: its time may grow faster than the text."""
_OPEN = 6
"""Links, templates, tables and tags left open up to which it does: each may double its time, and its memory."""
_MANY = 300
"""All of them, whole or not, up to which it does: each that is taken out costs a look at all."""
_OPENING = re.compile(r"<|\[\[?|\{[{|]")
_ATTRIBUTE = r"""(?:\s(?:[^<>{}\[\]"'/]|"[^<>{}\[\]"]*+"|'[^<>{}\[\]']*+')*+)?"""
_WHOLE = re.compile(
    r"\[\[[^\[\]{}<>\n]*+\]\]|\{\{[^{}\[\]<>\n|]++(?:\|[^{}\[\]<>]*+)?\}\}|\[(?:https?:)?//[^\[\]{}<>\s][^\[\]{}<>\n]*+\]"
    rf"|<(\w++){_ATTRIBUTE}>[^<>{{}}\[\]]*+</\1>|<\w++{_ATTRIBUTE}/>")
_NO_TAG = re.compile(r"<(?=[^<>]*+(?:<|\Z))")
_NO_TAG_MARK = "\udc3c"
"""Stands for a "<" that is none of a tag; half a letter, so on no page."""
_LOOK = re.compile(r"</?(?:b|strong|i|em|u|s|big|small|span|font|center|sup|sub|o:p)\b[^<>]*>", re.IGNORECASE)
"""Tags that change the look only, as word processors leave them by the dozen, often without their other half."""


def _simple(text: str) -> bool:
    """Whether a parser can take a text apart in no time: nearly all that is opened in it is closed."""
    openings = len(_OPENING.findall(text))
    for _ in range(4):  # what is whole stands in what is whole a few times at most
        if openings <= _OPEN or openings > _MANY:
            break
        text = _WHOLE.sub(" ", text)
        openings = len(_OPENING.findall(text))
    return openings <= _OPEN


def _shown(text: str) -> str | None:
    """The text without links, tags and templates; None when no person typed it: so long, deep or broken it is."""
    if len(text) > _LONG or not _simple(text):
        return None
    import mwparserfromhell
    from mwparserfromhell.parser import ParserError

    try:
        # The marks of lists are kept, as they are where no link or tag makes a parser necessary.
        code = mwparserfromhell.parse(_MARKS.sub("\x02", text))
        for tag in code.filter_tags(matches=lambda node: str(node.tag).lower() in ("ref", "references")):
            with suppress(ValueError):  # it stood inside one that is gone already
                code.remove(tag)
        return str(code.strip_code(normalize=False, collapse=False)).replace("\x02", "")
    except (RecursionError, ParserError):
        return None


def plain(value: str) -> str:
    """The text that a reader would see of a value: no comments, tags, quotes or templates; links show their label."""
    value = value.strip()
    if _SPECIAL.search(value) or "''" in value:
        bare = _LOOK.sub("", _BREAK.sub("\n", _COMMENT.sub("", value))) if "<" in value else value
        bare = _BARE_LINK.sub(r"\1", bare) if "[" in bare else bare
        # What opens bold and is never closed is not seen either; of four marks one is an apostrophe.
        bare = _QUOTES.sub(lambda match: match[1] or "", bare) if "''" in bare else bare
        bare = _NO_TAG.sub(_NO_TAG_MARK, bare.replace(_NO_TAG_MARK, "\ufffd"))
        shown = _shown(bare)
        # Else nearly as it was typed.
        bare = _LABEL.sub(r"\1", bare) if shown is None else shown
        value = html.unescape(bare.replace(_NO_TAG_MARK, "<"))
    elif value.isprintable() and "  " not in value and (value.isascii() or unicodedata.is_normalized("NFC", value)):
        return value  # as nearly all values are
    if not value.isascii():
        value = _HIDDEN.sub("", unicodedata.normalize("NFC", _SURROGATES.sub("\ufffd", value)))
    if "\n" not in value:
        return " ".join(value.split())
    return "\n".join(" ".join(line.split()) for line in value.split("\n")).strip()


_AIM = re.compile(
    r"\[\[ *:?([^\[\]|\n]*)(?:\|[^\[\]\n]*)?\]\]|\[((?:https?:)?//[^\s\[\]<>]+)(?:[ \t\xa0][^\[\]\n]*)?\]", re.IGNORECASE)


def aimed(value: str) -> str:
    """A value with the targets of its links in place of their labels."""
    return _AIM.sub(lambda match: match[2] or match[1] or "", value)


_ROW = re.compile(r"[ \t:*#;\x00]*(\{\||\|\}|\|-|\|\+|[|!])")
_ATTRIBUTES = re.compile(r"(?:\s*+[\w:-]++\s*+=\s*+(?:\"[^\"|\n]*+\"|'[^'|\n]*+'|[^\s|\"']++))++\s*+\|(?!\|)")
_LINKED = re.compile(r"\[\[[^\[\]\n]*\]\]")


def tables(text: str) -> tuple[Table, ...]:
    """The tables of a page in which calls, comments and their like were blanked out; tables within a cell are text of it.

    https://www.mediawiki.org/wiki/Help:Tables
    """
    found: list[Table] = []
    depth = start = 0
    caption, rows = "", [list[Cell]()]
    at = 0
    for line in text.split("\n") if "{|" in text else ():
        mark = _ROW.match(line)
        kind = mark[1] if mark else ""
        inside = at + (mark.end() if mark else 0)
        if kind == "{|":
            depth += 1
            if depth == 1:
                start, caption, rows = at, "", [[]]
        elif kind == "|}" and depth:
            depth -= 1
            if depth == 0:
                found.append(Table(caption, tuple(tuple(row) for row in rows if row), start, inside))
        elif depth == 1 and kind == "|-":
            rows.append([])
        elif depth == 1 and kind == "|+":
            caption = line[inside - at :]
        elif depth == 1 and kind:
            # The bars of a link are no borders of cells.
            bars = _LINKED.sub(lambda m: "\x00" * len(m[0]), line)
            edges = [(m.start(), m.end()) for m in re.finditer(r"\|\||!!" if kind == "!" else r"\|\|", bars)]
            begins = [inside - at, *(end for _, end in edges)]
            for begin, end in zip(begins, [*(begin for begin, _ in edges), len(line)], strict=True):
                styled = _ATTRIBUTES.match(bars, begin, end)
                begin = styled.end() if styled else begin
                rows[-1].append(Cell(line[begin:end], at + begin))
        elif depth and rows[-1]:
            last = rows[-1][-1]
            rows[-1][-1] = Cell(text[last.start : at + len(line)], last.start)
        at += len(line) + 1
    return tuple(found)


# Writing. What people typed passes through ``escape`` wherever it is shown again.

_ALWAYS = set("&<>[]{}|~=*#\\:：｜＝｛｝")
_BIDI = re.compile("[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufffe\uffff]")
_MAGIC = re.compile(
    r"(R)(?=FC\s)|(P)(?=MID\s)|(I)(?=SBN[\s-])|(?<![^_])(_)|(_)(?=_)|(')(?='|$)|^([';:!+_-])|(?<=')(')|(!)(?=!)"
)
_BLANKS = re.compile(r"[^\S\u00a0\u202f]+")


def one_line(text: str) -> str:
    """The text on one line, without controls that would change the direction of what follows; no-break blanks stay."""
    return _BLANKS.sub(" ", _BIDI.sub("", _SURROGATES.sub("\ufffd", text))).strip()


def escape(text: str) -> str:
    """Text that MediaWiki shows just as it is: no template, link, HTML, magic word, signature, list or table in it.

    Line breaks become blanks, no-break blanks too (MediaWiki itself keeps French punctuation from breaking off); controls that
    change the direction of what follows are dropped.
    """
    text = " ".join(one_line(text).split())
    text = _MAGIC.sub(lambda m: "\x00" + m[0], text)
    out, mark = [], False
    for char in text:
        if char == "\x00":
            mark = True
            continue
        out.append(f"&#{ord(char)};" if mark or char in _ALWAYS else char)
        mark = False
    return "".join(out)


def call(name: str, arguments: dict[str, str]) -> str:
    """A template call over several lines; the values are raw wikitext."""
    return "{{" + name + "".join(f"\n|{key}={value}" for key, value in arguments.items()) + "\n}}"


def link(title: str, label: str) -> str:
    """A link to a page of this wiki; the leading colon keeps categories, files and languages from taking effect.

    The label alone where no page can have the title.
    """
    if not title or set(title) & set("[]{}|<>#\n") or "~~~" in title:
        return escape(label)
    # Without any label MediaWiki would put one in when it saves the page, and the text would not be ours any more.
    return f"[[:{title}|{escape(label) or escape(title)}]]"


def steady(text: str) -> str:
    """The same text: MediaWiki changes no other page when one is renamed."""
    return text


def web_link(address: str) -> str:
    """A link to a web address that somebody typed, which is its own label."""
    return f"[{harmless(address)} {escape(address)}]"


def titled(text: str) -> str:
    """A part of a title; what no title can hold is another matter."""
    return text


def edit_link(title: str, section: int | None, label: str) -> str:
    """A link that opens a section for editing, counted as MediaWiki does: 0 is what stands above the first heading.

    None is a new one at the end: whoever is to write something need not find a place for it.
    """
    number = "new" if section is None else section
    return f'<span class="plainlinks">[{{{{fullurl:{title}|action=edit&section={number}}}}} {escape(label)}]</span>'


def heading(text: str, level: int) -> str:
    """A heading on a line of its own; ``text`` is markup."""
    return f"{'=' * level} {text} {'=' * level}"


def comment(text: str) -> str:
    """A comment for those who edit the page."""
    return f"<!-- {text.replace('--', '- -')} -->"


def table(header: tuple[str, ...], rows: tuple[tuple[str, ...], ...], numbers: frozenset[int] = frozenset()) -> str:
    """A sortable table from cells of wikitext; ``numbers`` are the columns to align to the right."""
    right = 'style="text-align:right" | '
    lines = ['{| class="wikitable sortable"', "! " + " !! ".join(header)]
    for row in rows:
        lines += ["|-", *(f"| {right if i in numbers else ''}{cell}" for i, cell in enumerate(row))]
    return "\n".join([*lines, "|}"])


def uncovered(text: str) -> str:
    """Markup in which nothing hides what stands behind it: no comment is left open."""
    return text.replace("<", "&lt;")


def wrapped(text: str) -> str:
    """Lines in which a word without an end does not make the page wider than a screen."""
    return f'<div style="overflow-wrap:anywhere">\n{text}\n</div>'


def scrolled(text: str) -> str:
    """A table that scrolls by itself where it is wider than the screen."""
    return f'<div style="overflow-x:auto">\n{text}\n</div>'


def code(text: str) -> str:
    """Markup that is shown as it is typed."""
    return f"<pre>\n{text}\n</pre>"


def typed(text: str) -> str:
    """Markup that is shown as it is typed, within a line."""
    return f"<code>{escape(text)}</code>"
