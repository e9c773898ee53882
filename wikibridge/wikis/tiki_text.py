"""Which texts survive a way through Tiki's API, and how a new text keeps the lines of the old one. Pure.

Every value that is sent passes two filters (24.1): one against scripts, which writes some words and character references anew,
and one that drops what looks like a tag: at a "<" all that follows up to the next ">", or the rest of the page. What they
would change is not sent. Some links are written anew on their way too. docs/tiki.md
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher

from wikibridge.wikis.base import normal

# Numeric references of most printable ASCII are decoded, as the beginnings of longer ones are: "&#8217;" becomes "R17;".
_DECODED = sorted(set(range(33, 127)) - set(map(ord, ",.<>")))
_ATTRIBUTES = (
    "abort activate after before begin blur bounce broadcast cellchange change click close command contextmenu"
    " controlselect copy cut data dblclick deactivate drag drop end error filter finish focus gotpointer hashchange help"
    " input keydown keypress keyup layoutcomplete load losecapture lostpointer media message mouse move offline online"
    " outofsync over page paste pause pointer popstate progress propertychange readystate redo repeat reset resize resume"
    " reverse row scroll seek search select start show stop storage syncrestored submit timeerror toggle touch track under"
    " undo unload urlflip wheel popup")
_WORDS = [*(f"on{name}" for name in _ATTRIBUTES.split()), "codebase", "dynsrc", "lowsrc", "xmlns"]
"""What the filter takes for an attribute that runs a script, when it follows a blank, a slash or a quotation mark."""

_WIDE = r"[\\\s]*+"
_SCRIPTS: tuple[tuple[list[str], re.Pattern[str], frozenset[str]], ...] = (
    # As they are, these words come back unchanged; with a capital or something between their letters they do not.
    (_WORDS, re.compile("|".join(r"\\*+".join(word) for word in _WORDS), re.IGNORECASE), frozenset(" \t\r\n/\"'")),
    (["vbscript", "eval"], re.compile(rf"(?:{_WIDE.join('vbscript')}|{_WIDE.join('eval')})(?!\s*+[a-z0-9])", re.IGNORECASE),
     frozenset(".\\+*?[^]$(){}=!|:;-/`#\"'")),
    (["javascript:"], re.compile(_WIDE.join("javascript:"), re.IGNORECASE), frozenset()),
)
"""Words that the filter looks for, in which spellings, and after which characters (after any, where none is named)."""

_CHANGED = re.compile(
    "[<>\x00-\x08\x0b\x0c\x0e-\x19\ud800-\udfff]"
    rf"|&#0*(?:{'|'.join(map(str, _DECODED))})"
    rf"|(?i:&#x0*(?:{'|'.join(f'{code:x}' for code in _DECODED)}))"
    # A link to what it says: only one of the two is kept.
    r"|\[([^|\[\]]{1,500})\|\1\]|\(\(([^|()]{1,200})\|\2\)\)")


@dataclass(frozen=True, slots=True)
class Fault:
    """Where a text would not survive: the line, from 1, and what stands there."""

    line: int
    excerpt: str


def fault(text: str) -> Fault | None:
    """The first place at which Tiki's API would change the text, if any."""
    places = [match.start() for match in (_CHANGED.search(text),) if match]
    for words, spelt, before in _SCRIPTS:
        for match in spelt.finditer(text):
            if match[0] not in words and (not before or _before(text, match.start(), before)):
                places.append(match.start())
                break
    return _fault(text, min(places)) if places else None


def _fault(text: str, at: int) -> Fault:
    return Fault(len(_END.findall(text, 0, at)) + 1, _END.split(text[at : at + 40])[0] or " ")


_ITEM_CHANGED = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x19\ud800-\udfff]"
    rf"|&#0*(?:{'|'.join(map(str, _DECODED))})"
    rf"|(?i:&#x0*(?:{'|'.join(f'{code:x}' for code in _DECODED)}))"
    r"|(?i:<\s*(?:applet|base|bgsound|blink|embed|frame|iframe|ilayer|layer|link|meta|object|script|style|title|xml)\b)")


def item_fault(text: str) -> Fault | None:
    """The first place at which Tiki's API would change a value of a tracker item, if any.

    Tags pass the one filter that such values go through; the words that it breaks up stay broken, whatever their capitals.
    """
    places = [match.start() for match in (_ITEM_CHANGED.search(text),) if match]
    for _, spelt, before in _SCRIPTS:
        places += [match.start() for match in spelt.finditer(text)
                   if not before or _before(text, match.start(), before | {"<", ">"})][:1]
    return _fault(text, min(places)) if places else None


def _before(text: str, at: int, wanted: frozenset[str]) -> bool:
    """Whether one of these characters stands before a place, blanks and backslashes apart."""
    near = text[max(0, at - 50) : at]
    return bool({near[-1:], near.rstrip(" \t\r\n\\")[-1:]} & wanted)


_END = re.compile(r"\r\n|\r|\n")
_LINE = re.compile(r"([^\r\n]*)(\r\n|\r|\n|\Z)")
_BLANK = " \t\r\n"
_MANY = 3000
"""Lines between the first and the last difference up to which lines that stay are looked for among them."""


def _lines(text: str) -> list[tuple[str, str]]:
    """The lines of a text with their ends; the last has none."""
    found = []
    for match in _LINE.finditer(text):
        found.append((match[1], match[2]))
        if not match[2]:
            break
    return found


def fitted(text: str, old: str) -> str:
    """A text in its normal form as it is to be sent in place of ``old``, the page's source.

    Every line that stays is sent byte for byte as it was: its end, its composed or decomposed letters; new lines end as most
    lines of the page do, and the blanks at the end of the page stay. Read back, it is ``text`` again.
    """
    body = old.rstrip(_BLANK)
    tail = old[len(body) :]
    theirs = _lines(body)
    ends = Counter(end for _, end in _lines(old) if end)
    usual = ends.most_common(1)[0][0] if ends else "\n"
    if len(ends) <= 1 and normal(body) == _END.sub("\n", body):
        return text.replace("\n", usual) + tail
    ours = text.split("\n")
    made: list[tuple[str, str]] = []
    for same, (begin, end), (first, last) in _differences([normal(line + "x")[:-1] for line, _ in theirs], ours):
        made += theirs[begin:end] if same else [(line, usual) for line in ours[first:last]]
    *lines, (final, _) = made
    whole = "".join(line + (end or usual) for line, end in lines) + final + tail
    # A line that ends in a carriage return alone would make one end of it with an empty line behind.
    return whole if normal(whole) == text else text.replace("\n", usual) + tail


def _differences(old: list[str], new: list[str]) -> Iterator[tuple[bool, tuple[int, int], tuple[int, int]]]:
    """Which lines stay and which are replaced by which, in order."""
    most = min(len(old), len(new))
    head = next((at for at in range(most) if old[at] != new[at]), most)
    foot = next((at for at in range(most - head) if old[-1 - at] != new[-1 - at]), most - head)
    yield True, (0, head), (0, head)
    middle = old[head : len(old) - foot], new[head : len(new) - foot]
    if max(map(len, middle)) > _MANY:
        yield False, (head, len(old) - foot), (head, len(new) - foot)
    else:
        for what, begin, end, first, last in SequenceMatcher(None, *middle, autojunk=False).get_opcodes():
            yield what == "equal", (head + begin, head + end), (head + first, head + last)
    yield True, (len(old) - foot, len(old)), (len(new) - foot, len(new))


_MARKDOWN = re.compile(r"\s*\{syntax\b[^}]*\btype\s*=\s*[\"']?markdown", re.IGNORECASE)


def markdown(source: str) -> bool:
    """Whether a page says of itself that it is written in Markdown."""
    return _MARKDOWN.match(source) is not None


SUMMARY = 200
"""Characters of an edit summary that Tiki keeps."""


def summary(text: str) -> str:
    """An edit summary that survives. Its end is kept, since it may hold a mark."""
    text = " ".join(text.encode(errors="replace").decode().replace("<", "‹").replace(">", "›").split())
    return text if len(text) <= SUMMARY else f"{text[: SUMMARY // 2 - 1]}…{text[-SUMMARY // 2 :]}"


def key(name: str) -> str:
    """What names of pages that Tiki takes for the same have in common: neither accents nor capitals count.

    As MySQL compares (utf8mb4_unicode_ci, seen on 24.1), which knows no difference between characters beyond U+FFFF.
    """
    bare = "".join(char for char in unicodedata.normalize("NFKD", name) if not unicodedata.combining(char))
    return "".join(char if char < "\U00010000" else "\ufffd" for char in bare.casefold()).rstrip(" ")


def pattern(name: str) -> str:
    """What to look for so as to find a name: a pattern of SQL's LIKE that the name, and perhaps others, fit."""
    return re.sub("[\\\\<>&\ud800-\udfff]", "_", name) if name != "0" else "_"


def title(text: str) -> str:
    """A title as we would have it: composed, with single blanks. Tiki keeps titles as they come."""
    return " ".join(unicodedata.normalize("NFC", text).replace("\u200e", "").replace("\u200f", "").split())
