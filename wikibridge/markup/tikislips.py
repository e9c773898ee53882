"""What people plainly meant where they typed a Tiki plugin wrong: the same page with the right signs, as long as before.

Tiki itself shows such a plugin as text, or swallows the page up to the next quotation mark.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from itertools import pairwise

_CURLY = "“”„«»″"
_MEANT = re.compile(
    rf"(=[ \xa0]?)([\"{_CURLY}])([^{{}}\\]{{0,300}}?)([\"{_CURLY}])"
    rf"(?=\s*+(?:,?\s*+[^\W\d_][^\n=(){{}}\"{_CURLY}]{{0,40}}=[ \xa0]?[\"{_CURLY}]|\)?\s*+/?\}}))")
_NAME = re.compile(r"\{ ?/?([^\W\d_]{3,49})(?= ?[(}])|\{(?P<bare>[A-Z]{3,49})(?=[ \xa0]+[^\W\d_]\w{0,30}=)")
_OPENING = re.compile(r"\{([A-Za-z0-9]{2,49})\((?=[^(){}])")
_END = re.compile(r"\)\s*+(/?)\}|\n[ \t\r]*\n")
_CLOSING = re.compile(r"\{ ?/? ?([A-Za-z0-9]{2,49})(?:\( ?\))? ?/? ?\}")
_COLON = re.compile(r"(?<=[\w\xa0 ])[:：](?=\s{0,2}\")")
_NO_END = re.compile(r"(=\s?\"(?![ ,)])[^\"{}=]*[^\"{}=\s,])[ ,\n](?=\s*[^\W\d_]\w{0,30}=\s?\")")
_NO_START = re.compile(r"=([^\"{}=\s][^\"{}=]*)\"( ?)(?=\s*(?:[^\W\d_]\w{0,30}=|\)))")
_LAST = re.compile(r"(?<![\s,])[ ,\n](\s*+[^\W\d_]\w{0,30}=\s?\"[^\"{}=]*)(\)\s*/?\})$")


def mend(text: str) -> str:
    """The page as it was meant; what is right stays as it is."""
    if "{" not in text or ("(" not in text and "=" not in text):
        return text
    out = _NAME.sub(_name, text)
    if any(sign in out for sign in _CURLY):
        out = _MEANT.sub(r'\1"\3"', out)
    return _closings(_arguments(out))


def _name(match: re.Match[str]) -> str:
    """Without accents, as no plugin's name has any; in small letters where Tiki wants no bracket."""
    if match["bare"]:
        return match[0].lower()
    plain = unicodedata.normalize("NFKD", match[0]).encode("ascii", "ignore").decode()
    return plain if len(plain) == len(match[0]) else match[0]


def _openings(text: str) -> Iterator[tuple[re.Match[str], re.Match[str], int]]:
    """The plugins with arguments: their beginning, the end of their arguments, and where the next one begins."""
    for match, other in pairwise([*_OPENING.finditer(text), None]):
        following = other.start() if other else len(text)
        end = _END.search(text, match.end(), min(following, match.end() + 5000)) if match else None
        if match and end and end[0][0] == ")":
            yield match, end, following


def _arguments(text: str) -> str:
    """With quotation marks and equals signs in the arguments of plugins where one is missing."""
    pieces, at = [], 0
    for match, end, _ in _openings(text):
        inner = text[match.end() : end.end()]
        if "=" not in inner:
            meant = _COLON.sub("=", inner)
        elif inner.count('"') % 2 and "\\" not in inner:
            meant = _NO_END.sub(r'\1"', inner)
            if meant.count('"') % 2:
                meant = _NO_START.sub(lambda m: f'="{m[1]}"' if m[2] else f"={m[1]} ", meant)
            if meant.count('"') % 2:
                meant = _LAST.sub(r'\1"\2', meant)
        else:
            continue
        if len(meant) == len(inner) and meant.count('"') % 2 == 0:
            pieces += [text[at : match.end()], meant]
            at = end.end()
    return "".join([*pieces, text[at:]])


def _closings(text: str) -> str:
    """With end tags as Tiki wants them where they are nearly so: ``{/CHOICE}``, ``{choice}``, ``{CHIOCE}``."""
    pieces, at = [], 0
    for match, end, following in _openings(text):
        name = match[1].upper()
        closing = None if end[1] else _closing(text, name, end.end(), following)
        if closing and (closing[0] != f"{{{name}}}" or match[1] != name) and len(closing[0]) >= len(name) + 2:
            pieces += [text[at : match.start(1)], name, text[match.end(1) : closing.start()]]
            pieces.append(f"{{{name}}}".ljust(len(closing[0])))
            at = closing.end()
    return "".join([*pieces, text[at:]])


def _closing(text: str, name: str, start: int, stop: int) -> re.Match[str] | None:
    """The first sign between two places that is, or is nearly, the end tag of a plugin."""
    for closing in _CLOSING.finditer(text, start, stop):
        if closing[1].upper() == name:
            return closing
        from rapidfuzz import fuzz

        if fuzz.ratio(closing[1].upper(), name) >= 75:
            return closing
    return None
