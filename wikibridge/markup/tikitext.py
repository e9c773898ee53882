"""Tiki's dialect: what a page says, and how to say things on a page.

How plugins are found is in ``tikiplugins``; the rest follows the order in which Tiki's own parser works (24.1).
"""

from __future__ import annotations

import html
import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise
from urllib.parse import quote, unquote

from wikibridge.markup import tikislips
from wikibridge.markup.parts import Call, Cell, Comment, Heading, Scan, Table, harmless
from wikibridge.markup.tikiplugins import COMMENT as NOT_SHOWN
from wikibridge.markup.tikiplugins import Brace, apart, arguments_of, body_of, layers, match_plugins, outside, spans_of

NAME = "tiki"
BAR = "~124~"
BREAK = "%%%"
STRONG, SLANTED = "__", "''"
COMMENT = ("~tc~", "~/tc~")

DEPTH = 20
"""Plugins in plugins beyond this depth are not looked at: their bodies would be copied that often."""

TAGS: frozenset[str] = frozenset()
"""Extension tags: Tiki has none."""

_KEPT = "\ufdd0"
"""Stands, twice with a number between, for what is not parsed; no character, so on no page."""
_PLACE = re.compile(f"{_KEPT}([0-9]+){_KEPT}")

_HEADING = re.compile(r"^(!{1,6})(?:[-+]#?|#[-+]?)?([^\n]*)", re.MULTILINE)


@lru_cache(maxsize=8)
def scan(text: str, tags: frozenset[str] = TAGS) -> Scan:
    """Calls, headings, comments and unclosed calls of a page, in the order of their starts; never raises.

    The time grows with the length of the text (times its logarithm); ``STEPS`` and ``DEPTH`` keep it so. A call's name
    is in capitals, as Tiki does not tell them apart. Values are as Tiki hands them to the plugin; a body that is not
    blank is the last argument, named "". Plugins in bodies are found, those in arguments are only text, as for Tiki.
    """
    shown, comments, hidden = layers(text)
    braces = match_plugins(shown)
    starts = [brace.start for brace in braces]
    found: list[Call] = []
    lost: list[Call] = []
    code: list[tuple[int, int]] = []
    quiet: list[tuple[int, int]] = []
    regions = [(0, len(text) + 1, 1)]
    while regions:
        at, bound, depth = regions.pop()
        while at < len(braces) and (brace := braces[at]).start < bound:
            if brace.close < 0 or brace.close >= bound or brace.end < 0:
                if brace.long:
                    lost.append(_unclosed(text, shown, brace, hidden))
                at += 1
                continue
            at = brace.next
            stop = brace.close - (brace.long and not brace.bodied)
            arguments = arguments_of(text, brace.inside, stop, hidden)
            quiet.append((brace.start, brace.close))
            if brace.bodied:
                arguments += body_of(text, brace.close + 1, brace.body_end)
                if brace.name == "CODE":
                    code.append((brace.close + 1, brace.body_end))
                elif depth < DEPTH:
                    regions.append((bisect_left(starts, brace.close + 1), brace.end - 1, depth + 1))
            found.append(Call(brace.name, arguments, brace.start, brace.end))
    hidden = apart(hidden + code)
    quiet = apart(quiet + hidden)
    heads = []
    for match in _HEADING.finditer(shown):
        place = bisect_right(quiet, (match.start(), len(text) + 1)) - 1
        if place < 0 or quiet[place][1] <= match.start():
            words = plain(text[match.start(2) : match.end()])
            heads.append(Heading(len(match[1]), words, match.start(), match.end()))
    return Scan(
        tuple(sorted(found, key=lambda call: call.start)),
        tuple(heads),
        tuple(Comment(*span) for span in comments),
        tuple(sorted(lost, key=lambda call: call.start)),
        tuple(hidden),
    )


_PARAGRAPH = re.compile(r"\n[ \t\r]*+\n|\n!|\{[A-Z0-9]{1,49}+[(}]")
_ARGUMENTS_END = re.compile(r"\)\s*+/?\}|(?<!\s)\s*+/?\}")


def _unclosed(text: str, shown: str, brace: Brace, hidden: list[tuple[int, int]]) -> Call:
    """The best reading of a plugin that nothing closes: to the end of its paragraph, the next plugin or end tag."""
    stop = _PARAGRAPH.search(shown, brace.inside)
    end = stop.start() if stop else len(text)
    # Where the arguments do not end either, people forgot one of ")", "}" and a quote.
    close = _ARGUMENTS_END.search(shown, brace.inside, end)
    if 0 <= brace.close < end and brace.close > brace.inside:
        middle, body = brace.close, brace.close + 1
    else:
        middle, body = close.span() if close else (end, end)
    if text[body - 2 : body] == "/}":
        end = body  # it has none
    return Call(brace.name, arguments_of(text, brace.inside, middle, hidden) + body_of(text, body, end), brace.start, end)


def narrow(text: str) -> str:
    """The page with plugins as they were meant, as long as before."""
    return tikislips.mend(text)


def marks(name: str) -> tuple[str, str]:
    """How a plugin begins and ends."""
    return f"{{{name}(", f"{{{name}}}"


def damaged(text: str, blanked: str) -> Iterator[Call]:
    """None: a plugin has one brace only, and what is missing of it shows as unclosed."""
    yield from ()


_LINKED = re.compile(r"\(\([^()\n]*\)\)|\[[^\[\]\n]*\]")
_EMPTY_LINE = re.compile(r"\n[ \t\r]*\n")


def tables(text: str) -> tuple[Table, ...]:
    """Tables between two double bars: a line is a row, a bar parts two cells; those of links do not count.

    One that begins a line and that nothing closes ends at an empty line.
    """
    found = []
    shown = _LINKED.sub(lambda match: "\x00" * len(match[0]), text) if "||" in text else ""
    at = 0
    while (start := shown.find("||", at)) >= 0:
        inside = start + 2
        end = shown.find("||", inside + 1)
        stop, at = end, end + 2
        if end < 0 or (shown[end - 1] == "\n" and shown[end + 2 : end + 3] not in ("", "\n", "\r")):
            # The next double bar, if any, begins a table, as this one may.
            empty = _EMPTY_LINE.search(shown, inside, end if end >= 0 else len(shown))
            first = not start or shown[start - 1] == "\n"
            if empty or end < 0 or not first:
                stop = at = empty.start() if empty else len(text)
                if not first or shown.count("\n", inside, stop) < 1 or "|" not in shown[inside:stop]:
                    at = inside
                    continue
        rows, place = [], inside
        for line in shown[inside:stop].split("\n"):
            row = []
            for cell in line.split("|"):
                row.append(Cell(text[place : place + len(cell)], place))
                place += len(cell) + 1
            rows.append(tuple(row))
        found.append(Table("", tuple(row for row in rows if any(cell.text.strip() for cell in row)), start, at))
    return tuple(found)


# What a reader sees.

_OTHER = re.compile(r"[^ -~\n]|[&<>\[\]{}~]|\(\w*\(|--|''|__|===|%%%|  |\S\s*\n\s*\S")
"""What a value holds that is not plain text on one line already."""
_BREAK = re.compile(r"<br\s*+/?>|%%%", re.IGNORECASE)
_TAG = re.compile(r"</?[A-Za-z][^<>]*+>")
_PAGE_LINK = re.compile(r"\(\w{0,20}+\(((?:(?!\)\)|\(\w{0,20}+\().)++)\)\)")
_LINK = re.compile(r"(?<!\[)\[([^\[\]\n|]++)(?:\|([^\[\]\n|]*+)[^\[\]\n]*+)?\]")
_STYLES = (
    re.compile(r"__(.+?)__"), re.compile(r"''(.+?)''"), re.compile(r"===(.+?)==="), re.compile(r"--([^\s>-].*?)--"),
    re.compile(r"~~[^~:,\n]++(?:,[^~:\n]++)?:([^~\n]*+)~~"),
)
_STRAY = re.compile(r"^(?:__|'')|(?:__|'')$")
"""Half of a style, whose other half stands outside the value: ``__Choice: By bike__``."""
_CODES = {"lt": "<", "gt": ">", "amp": "&", "bs": "\\", "hs": " ", "ldq": "“", "rdq": "”", "lsq": "‘", "rsq": "’", "c": "©",
          "--": "—"}
_CODE = re.compile(rf"~([0-9]{{1,7}}|{'|'.join(_CODES)})~|&#?[A-Za-z0-9]{{1,31}}+;", re.IGNORECASE)
_LONG = 20_000
"""Characters of a value up to which plugins in it are not shown: each level of nested bodies is looked at anew."""
_UNSEEN = re.compile("[\xad\u200b\u200e\u200f\u2060\ufeff]")
_SURROGATES = re.compile("[\ud800-\udfff]")


def _code(match: re.Match[str]) -> str:
    if match[1] is None:
        return html.unescape(match[0])
    return html.unescape(f"&#{match[1]};") if match[1].isdigit() else _CODES[match[1].lower()]


def plain(value: str) -> str:
    """The text that a reader would see of a value: no comments, tags, styles or plugins; links show their label."""
    if _OTHER.search(value) is None:
        return value.strip()
    value = value.replace(_KEPT, "\ufffd")
    shown, _, hidden = layers(value)
    looked = "{" in shown and len(value) <= _LONG
    plugins = [(brace.start, brace.end) for brace in _outermost(shown)] if looked else []
    pieces: list[str] = []
    kept: list[str] = []
    at = 0
    for start, end in apart(hidden + plugins):
        pieces.append(value[at:start])
        if value.startswith(("~np~", "~pp~"), start):
            pieces.append(f"{_KEPT}{len(kept)}{_KEPT}")
            inner = value[start + 4 : end - 5]
            kept.append("".join(outside(inner, spans_of(inner, *NOT_SHOWN))))
        at = end
    text = "".join([*pieces, value[at:]])
    text = _TAG.sub("", _BREAK.sub("\n", text))
    text = _PAGE_LINK.sub(lambda match: match[1].rsplit("|", 1)[-1], text)
    text = _LINK.sub(lambda match: match[2] or match[1], text).replace("[[", "[")
    for style in _STYLES:
        text = style.sub(r"\1", text)
    text = _STRAY.sub("", text.strip())
    text = _CODE.sub(_code, text)
    text = _PLACE.sub(lambda match: kept[int(match[1])], text)
    if not text.isascii():
        text = _UNSEEN.sub("", unicodedata.normalize("NFC", _SURROGATES.sub("\ufffd", text)))
    return "\n".join(" ".join(line.split()) for line in text.split("\n")).strip()


def aimed(value: str) -> str:
    """A value with the targets of its links in place of their labels; the title of a page that is linked by its address."""
    value = _PAGE_LINK.sub(lambda match: match[1].partition("|")[0], value)
    return _LINK.sub(lambda match: unquote(match[1].removeprefix(_PAGE)) if match[1].startswith(_PAGE) else match[1], value)


_PAGE = "tiki-index.php?page="
_TARGET = re.compile(r"(?<=\(\()(?:(?!\)\))[^|\n])+")


def steady(text: str) -> str:
    """Markup without the titles in links: where somebody renames a page, Tiki changes those on all other pages."""
    return _TARGET.sub("", text)


def _outermost(text: str) -> Iterator[Brace]:
    """The plugins of a text that are in no other."""
    braces, at = match_plugins(text), 0
    while at < len(braces):
        brace = braces[at]
        if brace.end >= 0:
            yield brace
        at = brace.next if brace.end >= 0 else at + 1


# Writing. What people typed passes through ``escape`` wherever it is shown again.

_DROPPED = re.compile("[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufdd0\ufffe\uffff]")
_FACES = r"(?<!\S)(?:[:=!](?=[-'_]?[()DSs])|[8Bi](?=-?\)|-[Oo])|L(?=OL(?!\S)))|\((?=:)"
"""What becomes a picture of a face behind a blank, a colon and an S included: " :suite"."""
_MARKS = re.compile(
    r"[&<>\[\]{}|~\\^@§≤]|([_'():=,+-])\1+|\+-|-\+|=-|-=|%(?=[\w%])|(?<=\w):(?=//)|(?<=www)\."
    rf"|{_FACES}"
)
_EDGES = set("_'():=,+-!*#;%")
_WRITTEN = {"<": "~lt~", ">": "~gt~"}
_READ_AS_CODE = re.compile(r"/?[A-Za-z]{1,3}")
_UNPARSED = re.compile(r"~(?=/?(?:tc|np|pp|hc)~)")
_REFERENCE = re.compile(r"&(?=#?\w+;)", re.ASCII)
_UNTITLED = re.compile(r"[\[\]{}|<>\n\r\t]|^\s|\s$|^$")
_UNLINKED = re.compile(r"[&?+#%\"^~§≤]|([_'():=,-])\1|-=|=-|^[(:)]|[(:)]$|\.[A-Za-z]{2,5}$|" + _FACES)
"""Where a title has these, ``((title))`` is no link or one that leads elsewhere: Tiki reads markup in it, and does not encode it
in addresses."""
_NOT_IN_TITLES = str.maketrans({"&": "-", '"': "'", "?": None, "+": None, "^": None})


def escape(text: str, also: str = "") -> str:
    """Text that Tiki shows just as it is: no plugin, link, style, code, table, heading or list in it.

    Line breaks become blanks; controls that change the direction of what follows are dropped. ``also`` are more characters
    to write as codes.
    """
    text = " ".join(_DROPPED.sub("", _SURROGATES.sub("\ufffd", text)).split())
    marked = {at for match in _MARKS.finditer(text) for at in range(*match.span())}
    marked |= {at for at in (0, len(text) - 1) if text[at : at + 1] in _EDGES}
    marked |= {at for at, char in enumerate(text) if char in also}
    # A capital behind a small letter, a digit or a dash makes a WikiWord.
    marked |= {
        at + 1 for at, (one, two) in enumerate(pairwise(text))
        if two.isupper() and (one.islower() or one.isdigit() or one in "_-")
    }
    pieces: list[str] = []
    begin = 0
    for at in sorted(marked):
        # Between two codes the "~" of both would make a third one of a short word.
        if begin < at:
            word = text[begin:at]
            pieces.append("".join(map(_number, word)) if begin and _READ_AS_CODE.fullmatch(word) else word)
        pieces.append(_WRITTEN.get(text[at]) or _number(text[at]))
        begin = at + 1
    return "".join([*pieces, text[begin:]])


def _number(char: str) -> str:
    return f"~{ord(char)}~"


def plugin_name(text: str) -> str:
    """The name of a plugin: capitals and digits, without accents."""
    return re.sub("[^A-Z0-9]", "", unicodedata.normalize("NFKD", text).upper())


def call(name: str, arguments: dict[str, str]) -> str:
    """A plugin call; the values are raw and read back the same, save two things that Tiki cannot carry.

    A value that ends in a backslash gets a blank, and the "~" that hides or shows what follows is written as a code.
    The value named "" is the body. It is shown as plain text where, as it is, it would break the call.
    """
    name = plugin_name(name)
    pairs = []
    for key, value in arguments.items():
        if key:
            value = _REFERENCE.sub("&amp;", _UNPARSED.sub("~126~", value)).replace('"', '\\"')
            value = value.replace("<", "&lt;").replace(">", "&gt;") + (" " if value.endswith("\\") else "")
            pairs.append(f'{key}="{value}"')
    opening, body = "{" + name + "(" + " ".join(pairs) + ")", arguments.get("", "")
    if not body.strip():
        return opening + "/}"
    for inner in (body.replace("<", "~lt~").replace(">", "~gt~"), escape(body)):
        written = opening + "}" + inner + "{" + name + "}"
        outer = [(brace.start, brace.end) for brace in _outermost(layers(written)[0])]
        if outer == [(0, len(written))] and "~/np~" not in layers(written)[0]:
            break
    return written


_TRACKER = re.compile(r"(tiki-view_tracker(?:_item)?\.php\?(?:trackerId|itemId)=[0-9]{1,12})(?:#(.*))?\Z", re.DOTALL)


def item_address(item: int) -> str:
    """The address of a tracker item within the site."""
    return f"tiki-view_tracker_item.php?itemId={item}"


def tracker_title(tracker: int, label: str) -> str:
    """What stands for the title of a page where there is none but a tracker: its address, and a label. No browser makes such."""
    return f"tiki-view_tracker.php?trackerId={tracker}#{label}"


def address_of(title: str) -> str:
    """The address that stands for a title; empty for the title of a page."""
    found = _TRACKER.match(title)
    return found[1] if found else ""


def label_of(title: str) -> str:
    """The label of what stands for a title; empty for the title of a page."""
    found = _TRACKER.match(title)
    return found[2] or "" if found else ""


def page_address(title: str, script: str = "tiki-index.php") -> str:
    """The address of a page within the site, without any sign that Tiki reads as markup."""
    return f"{script}?page={_IN_ADDRESS.sub(lambda sign: f'%{ord(sign[0]):02X}', quote(title, safe=''))}"


_IN_ADDRESS = re.compile(r"[~_-]")


def titled(text: str) -> str:
    """A part of a title without the signs at which Tiki's own links go astray, such as the one after a page was saved; and
    without controls that would turn the direction of what follows.
    """
    return _DROPPED.sub("", text).translate(_NOT_IN_TITLES)


def link(title: str, label: str) -> str:
    """A link to a page of this wiki, or to a tracker or item; the label alone where no page can have the title."""
    shown = escape(label)
    if address := address_of(title):
        return f"[{address}|{shown}]"
    if _UNTITLED.search(title):
        return shown
    if _UNLINKED.search(title):
        return f"[{page_address(title)}|{shown}]"
    if shown == title:
        return f"(({title}))"  # as Tiki would write it itself
    return f"(({title}|{escape(label, '()')}))"


def web_link(address: str) -> str:
    """A link to a web address that somebody typed, which is its own label."""
    return f"[{harmless(address)}|{escape(address).replace(']', _number(']'))}]"


def include(title: str) -> str:
    """Another page, shown here."""
    return call("INCLUDE", {"page": title})


def edit_link(title: str, section: int | None, label: str) -> str:
    """A link that opens the page for editing: whether a Tiki lets sections be edited by themselves is a setting of it."""
    return f"[{page_address(title, 'tiki-editpage.php')}|{escape(label)}]"


def heading(text: str, level: int) -> str:
    """A heading on a line of its own; ``text`` is markup."""
    return "!" * level + text


def comment(text: str) -> str:
    """A comment for those who edit the page."""
    return f"~tc~ {re.sub('~(?=/tc~)', '~ ', text).replace('<', '~lt~').replace('>', '~gt~')} ~/tc~"


def table(header: tuple[str, ...], rows: tuple[tuple[str, ...], ...], numbers: frozenset[int] = frozenset()) -> str:
    """A table from cells of wiki text, its header in bold. Tiki aligns no column of it, so ``numbers`` changes nothing."""
    lines = [[f"__{cell}__" if cell.strip() else cell for cell in header], *rows]
    return "||" + "\n".join("|".join(map(_cell, line)) for line in lines) + "||"


def _cell(text: str) -> str:
    # What is shown as typed begins behind a blank, or not at all.
    return f"{' ' * text.startswith('-+')}{text}".replace("\n", BREAK) or " "


def uncovered(text: str) -> str:
    """Markup in which nothing hides what stands behind it: no comment or unparsed text is left open."""
    return _UNPARSED.sub("~126~", text)


def wrapped(text: str) -> str:
    """Lines in which a word without an end does not make the page wider than a screen, by a class of Tiki's style sheet."""
    return f'{{DIV(class="text-break")}}\n{text}\n{{DIV}}'


def scrolled(text: str) -> str:
    """A table that scrolls by itself where it is wider than the screen."""
    return f'{{DIV(class="table-responsive")}}\n{text}\n{{DIV}}'


def code(text: str) -> str:
    """Markup that is shown as it is typed."""
    return f"{{CODE()}}\n{text}\n{{CODE}}"


def typed(text: str) -> str:
    """Markup that is shown as it is typed, within a line. https://doc.tiki.org/Wiki-Syntax-Text"""
    return f"-+{escape(text)}+-"
