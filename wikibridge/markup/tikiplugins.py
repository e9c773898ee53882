"""Tiki's plugins in a text: what hides them, where they begin and end, and their arguments.

These are the rules of Tiki's own parser (lib/core/WikiParser, 24.1), which were observed and are written here anew:
comments go first, then what is not parsed, then plugins are matched. Tiki tries for each opening every end tag behind
it and reads the body again for each; here every opening finds its end tag in one pass from the right.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from html.entities import name2codepoint

from wikibridge.markup.parts import Argument

STEPS = 200_000
"""What finding end tags may cost besides four steps for each brace. Pages need two for each; only plugins in the
arguments of plugins, hundreds deep, need more. When it is used up, what is left counts as never closed."""


@dataclass(slots=True)
class Brace:
    """A "{" that may mean something. The places are -1 where there is none."""

    start: int
    name: str
    long: bool
    """Written ``{NAME(``."""
    tag: bool
    """Written ``{NAME}``: an end tag, if it ends something."""
    inside: int = -1
    """Where the arguments begin."""
    close: int = -1
    """The "}" that ends the arguments."""
    bodied: bool = False
    """A body and an end tag must follow."""
    body_end: int = -1
    end: int = -1
    next: int = -1
    """The number of the first brace behind all of it."""


# What is hidden.

COMMENT = (re.compile(r"(?<!~np~)~tc~"), re.compile(r"(?=~/tc~(?!~/np~))"))
_UNPARSED = tuple((re.compile(f"~{kind}~"), re.compile(f"(?=~/{kind}~)")) for kind in ("np", "pp", "hc"))


def spans_of(text: str, opening: re.Pattern[str], closing: re.Pattern[str]) -> list[tuple[int, int]]:
    """From each opening to the first closing behind it; what is never closed opens nothing."""
    closings = [match.start() for match in closing.finditer(text)] if "~/" in text else []
    spans, at = [], 0
    for match in opening.finditer(text) if closings else ():
        if match.start() >= at:
            place = bisect_left(closings, match.end())
            if place == len(closings):
                break
            at = closings[place] + len("~/np~")
            spans.append((match.start(), at))
    return spans


def outside(text: str, spans: list[tuple[int, int]]) -> list[str]:
    """The pieces of the text that are in none of the spans."""
    ends = [0, *(end for _, end in spans)]
    return [text[end:start] for end, start in zip(ends, [*(start for start, _ in spans), len(text)], strict=True)]


def _hide(text: str, spans: list[tuple[int, int]]) -> str:
    """The text in the same length without what the spans hold."""
    pieces = outside(text, spans)
    return "".join(["\0" * (end - start) + piece for (start, end), piece in zip([(0, 0), *spans], pieces, strict=True)])


def apart(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The spans in order, those inside others left out; none crosses another."""
    outer: list[tuple[int, int]] = []
    for start, end in sorted(spans, key=lambda span: (span[0], -span[1])):
        if not outer or start >= outer[-1][1]:
            outer.append((start, end))
    return outer


def layers(text: str) -> tuple[str, list[tuple[int, int]], list[tuple[int, int]]]:
    """The text that plugins are looked for in, the comments, and all that is hidden from that.

    Tiki 18 hides plugins in ``~pp~`` as in ``~np~``, Tiki 24 runs them; here an example that is shown is no entry.
    """
    comments = spans_of(text, *COMMENT)
    shown, hidden = _hide(text, comments), list(comments)
    for pair in _UNPARSED:
        spans = spans_of(shown, *pair)
        shown = _hide(shown, spans)
        hidden += spans
        if pair is _UNPARSED[-1]:
            comments = sorted(comments + spans)
    return shown, comments, apart(hidden)


# Plugins.

_TOKEN = re.compile(r'\{(?!\$)|\}|(?<!\\)"')
# Tiki reads at most 50 letters for a name and drops what cannot be in one before it.
_WINDOW = 50
_NAME = re.compile(r"[ (}\n\r,]*+([A-Za-z0-9]++)(?![^ (}\n\r,])")
_BLANK = " \t\n\r\f\v"
_ANEW = re.compile(r"\n[ \t\r]*+\n(?:![^\n]*+\n[ \t\r\n]*+)?(?=\{[A-Z0-9]{2,49}\()")
"""Before a plugin that begins a paragraph, maybe below a heading."""


def _braces(text: str) -> list[Brace]:
    """The braces that open a plugin, look like it or are end tags; the ends of arguments are found, end tags not yet."""
    braces: list[Brace] = []
    closings: tuple[list[int], list[int]] = ([], [])
    parities: list[int] = []
    odd = 0
    anew = {match.end() for match in _ANEW.finditer(text)}
    begins: tuple[list[int], list[int]] = ([], [])
    for token in _TOKEN.finditer(text):
        start = token.start()
        if token[0] == '"':
            odd ^= 1
        elif token[0] == "}":
            closings[odd].append(start)
        elif (match := _NAME.match(text, start + 1, start + 1 + _WINDOW)) and (name := match[1]) != "0":
            inside = start + 1 + len(name)
            upper = name == name.upper()
            follows = text[inside : inside + 1] if len(name) < _WINDOW else ""
            long, tag = upper and follows == "(", upper and match.start(1) == start + 1 and follows == "}"
            if start in anew:
                begins[odd].append(start)
            if long or tag or not upper:
                braces.append(Brace(start, name.upper(), long, tag, inside))
                parities.append(odd)
    starts = [brace.start for brace in braces]
    forms: dict[int, tuple[bool, bool]] = {}
    for brace, parity in zip(braces, parities, strict=True):
        if brace.tag:
            continue
        # The first "}" with an even number of quotes before it.
        place = bisect_left(closings[parity], brace.inside)
        if place == len(closings[parity]):
            continue
        close = closings[parity][place]
        # Tiki takes all up to there for arguments; people forgot to end them where the next plugin begins outside quotes.
        other = bisect_left(begins[parity], brace.inside)
        if other < len(begins[parity]) and begins[parity][other] < close:
            continue
        if close not in forms:
            slash, end = text[close - 1] == "/", close
            end -= slash
            while text[end - 1] in _BLANK:
                end -= 1
            forms[close] = text[end - 1] == ")", slash
        right, slash = forms[close]
        if right or not brace.long:
            brace.close, brace.bodied = close, brace.long and not slash
            if not brace.bodied:
                brace.end, brace.next = close + 1, bisect_left(starts, close + 1)
    return braces


def match_plugins(text: str) -> list[Brace]:
    """The braces of a text, plugins with their ends.

    An end tag fits an opening when the body before it, read alone, leaves nothing open. Such tags are met on the way
    from the start of the body over all that is whole there; the way ends at what is never closed. Read alone, a body
    may cut the arguments of its last plugin: then that is no plugin, and the way leads through its arguments. Ways
    from the right are known before they are needed on the left, and each place of start is left only once.
    """
    braces = _braces(text)
    starts = [brace.start for brace in braces]
    left = STEPS + 4 * len(braces)

    def tags(at: int, bound: int) -> Iterator[Brace]:
        nonlocal left
        while at < len(braces) and left > 0:
            brace = braces[at]
            if brace.start >= bound:
                return
            left -= 1
            if brace.close < 0 or brace.close >= bound:
                if brace.tag:
                    yield brace
                at += 1
                continue
            # This deep at most three times: a "}" that the limit cuts off has only quoted ones before it.
            yield from tags(at + 1, brace.close)
            if brace.end < 0:
                return
            at = brace.next

    ways: dict[int, tuple[dict[str, Brace], Iterator[Brace]]] = {}
    known: set[str] = set()
    for brace in reversed(braces):
        if brace.tag:
            known.add(brace.name)
        if not brace.bodied or brace.name not in known:
            continue
        if brace.close not in ways:
            ways[brace.close] = ({}, tags(bisect_left(starts, brace.close + 1), len(text) + 1))
        met, way = ways[brace.close]
        while brace.name not in met and (tag := next(way, None)):
            met.setdefault(tag.name, tag)
        if tag := met.get(brace.name):
            brace.body_end, brace.end = tag.start, tag.start + len(tag.name) + 2
            brace.next = bisect_left(starts, brace.end)
    return braces


# Arguments.

_REFERENCE = re.compile(r"&(?:#([0-9]{1,7}+)|#[xX]([0-9a-fA-F]{1,6}+)|([A-Za-z][A-Za-z0-9]{1,7}+));|\ufdd0")
_CLOSING = {'"': re.compile(r'(?<!\\)"'), "'": re.compile(r"(?<!\\)'")}
_BLANKS = re.compile(r"[ \n\r\t\v\0]*+")
_NEXT = re.compile(r"[\s,]\w++=", re.ASCII)
_TRIMMED = " \n\r\t\v\0"
_KEPT = "\ufdd0"
"""Stands for what is not parsed, while the text around it is; no character, so on no page."""


def _letter(match: re.Match[str]) -> str:
    """What PHP makes of a character reference: those of HTML 4 with their semicolon, and numbers of real characters."""
    if match[3]:
        return chr(name2codepoint[match[3]]) if match[3] in name2codepoint else ""
    number = int(match[1]) if match[1] else int(match[2], 16)
    real = number in (9, 10, 13) or 32 <= number < 127 or 160 <= number < 0xD800 or 0xE000 <= number <= 0x10FFFF
    return chr(number) if real else ""


def arguments_of(text: str, start: int, end: int, hidden: list[tuple[int, int]]) -> tuple[Argument, ...]:
    """The arguments that stand between two places, read as Tiki reads them: references first, then names and quotes."""
    inner = text[start:end]
    if "=" not in inner and "&" not in inner:
        return ()
    start += len(inner) - len(inner.lstrip("() "))
    end = start + len(inner.strip("() "))
    pieces: list[str] = []
    kept: list[str] = []
    places = [(0, start)]
    size = 0

    def add(piece: str, behind: int) -> None:
        nonlocal size
        pieces.append(piece)
        size += len(piece)
        places.append((size, behind))

    def decode(begin: int, stop: int) -> None:
        for match in _REFERENCE.finditer(text, begin, stop):
            letter = _KEPT if match[0] == _KEPT else _letter(match)
            if letter:
                add(text[begin : match.start()], match.start())
                if letter == _KEPT:
                    kept.append(_KEPT)
                add(letter, match.end())
                begin = match.end()
        add(text[begin:stop], stop)

    def restored(piece: str, number: int) -> tuple[str, int]:
        first, *others = piece.split(_KEPT)
        return first + "".join(kept[number + i] + other for i, other in enumerate(others)), number + len(others)

    at = start
    for number in range(bisect_left(hidden, (start, 0)), len(hidden)):
        if hidden[number][0] >= end:
            break
        decode(at, hidden[number][0])
        at = hidden[number][1]
        comment = text.startswith("~tc~", hidden[number][0])
        if not comment:
            kept.append(text[hidden[number][0] : at])
        add("" if comment else _KEPT, at)
    decode(at, end)
    data = "".join(pieces).rstrip(_TRIMMED)
    found: list[Argument] = []
    used, counted, at = 0, 0, len(data) - len(data.lstrip(_TRIMMED))
    while (equals := data.find("=", at)) >= 0 and equals + 1 < len(data):
        name, began = data[at:equals].lstrip(", ").strip(_TRIMMED), at
        at = equals + 1 + (data[equals + 1] == ">")
        blanks = _BLANKS.match(data, at)
        at = blanks.end() if blanks else at
        quote = data[at : at + 1]
        closing = _CLOSING[quote].search(data, at + 1) if quote in _CLOSING else None
        if closing:
            at += 1
            value, behind = data[at : closing.start()].replace("\\" + quote, quote), closing.end()
        else:
            following = _NEXT.search(data, at)
            behind = following.start() if following else len(data)
            value = data[at:behind].rstrip(", ")
        if kept:
            used += data.count(_KEPT, counted, began)
            name, used = restored(name, used)
            value, used = restored(value, used)
            counted = behind
        if name:
            base, place = places[bisect_right(places, (at, len(text) + 1)) - 1]
            found.append(Argument(name, value, place + at - base))
        at = behind
    return tuple(found)


def body_of(text: str, start: int, end: int) -> tuple[Argument, ...]:
    """A body as the argument "", if there is something in it."""
    body = text[start:end]
    return (Argument("", body, start),) if body.strip() else ()
