"""What PHP, Tiki's input filters and the database do to a request before anything is done with it.

Every rule was observed on Tiki 24.1 or read as behaviour; nothing here is Tiki's own code.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from itertools import islice

Param = str | dict[str, "Param"]
"""A parameter as PHP hands it on: a text, or an array of named or numbered values."""
Params = dict[str, Param]

MOST = 1000
"""Parameters that PHP takes from a query or a form; it drops the others without a word."""
_NAME = re.compile(r"([^\[]+)((?:\[[^\[\]]*\])*)")


def nested(pairs: Iterable[tuple[str, str]]) -> Params:
    """Pairs of a query or a form as PHP nests them: ``items[]=a`` is {"items": {"0": "a"}}, ``filter~lang=en`` a map."""
    params: Params = {}
    for name, value in islice(pairs, MOST):
        match = _NAME.fullmatch(name)
        if match is None:
            continue
        base, keys = re.sub(r"[. ]", "_", match[1]), re.findall(r"\[([^\]]*)\]", match[2])
        if "~" in base and not keys:
            base, _, inner = base.partition("~")
            keys = [inner]
        here = params
        key = base
        for inner in keys:
            deeper = here.get(key)
            if not isinstance(deeper, dict):
                deeper = here[key] = {}
            here, key = deeper, inner or str(_next(deeper))
        here[key] = value
    return params


def _next(array: Mapping[str, Param]) -> int:
    return max((int(key) for key in array if key.isdecimal()), default=-1) + 1


def from_json(value: object) -> Param:
    """A value of a JSON body as a parameter; of numbers and truth values their text."""
    if isinstance(value, dict):
        return {str(key): from_json(each) for key, each in value.items()}
    if isinstance(value, list):
        return {str(number): from_json(each) for number, each in enumerate(value)}
    return "" if value is None or value is False else "1" if value is True else str(value)


def filtered(value: Param, rule: Callable[[str], str]) -> Param:
    """The value with a rule applied to every text in it."""
    return rule(value) if isinstance(value, str) else {key: filtered(each, rule) for key, each in value.items()}


def number(text: Param | None, default: int = 0) -> int:
    """A text as PHP reads a number: its leading digits, or 0."""
    match = re.match(r"\s*([+-]?\d+)", text) if isinstance(text, str) else None
    return int(match[1]) if match else 0 if text is not None else default


def true(text: Param | None) -> bool:
    """Whether a value counts as true: also "n" and "false", all but nothing, "" and "0"."""
    return text not in (None, "", "0", {})


# Filters.

_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x19]")
_REFERENCE = re.compile(r"&#(?:[xX]0*([2-7][0-9a-fA-F])|0*(1[0-2]\d|[3-9]\d));?")
"""The ";" may be missing: the beginning of a longer number is taken for a letter, "&#8364;" is "S64;"."""
_KEPT = "<>,. "

_BETWEEN = r"""&#x0{0,8}[9ab];?|&#0{0,8}(?:9|10|13);?|/\*.{0,99}?\*/|<!--.{0,99}?-->|<!\[CDATA\[|\]\]>|\\"""
"""What may stand between the letters of a risky word without hiding it."""
_EVENTS = """abort activate after before begin blur change click close copy cut data dblclick drag drop end error focus input
keydown keypress keyup load media message mouse move over page paste pause pointer progress repeat reset resize scroll search
seek select show start stop storage submit toggle touch undo unload wheel"""
_ATTRIBUTES = [*(f"on{event}" for event in _EVENTS.split()), "codebase", "dynsrc", "lowsrc", "xmlns"]
_TAGS = ("style", "script", "embed", "object", "applet", "meta", "iframe", "frame", "ilayer", "layer", "bgsound", "base", "xml",
         "import", "link", "audio", "video")


def _risky(before: str, words: Iterable[str], behind: str = "", blanks: str = "") -> re.Pattern[str]:
    """Words with what must stand before and behind them, also where something stands between their letters."""
    gap = f"(?:{_BETWEEN}{blanks})*+"
    first = before and rf"{before}\s*+{gap}"
    return re.compile(rf"({first})({'|'.join(gap.join(word) for word in words)}){behind}", re.IGNORECASE | re.DOTALL)


_RISKY = (
    _risky(r"<\??", _TAGS), _risky(r"""(?:(?<!\s)\s|[/"'])""", _ATTRIBUTES),
    _risky(r"""[.\\+*?\[^\]$(){}=!<|:;\-/`#"']""", ("vbscript", "eval"), r"(?!\s*[a-z0-9])", r"|\s"),
    _risky("", ("javascript",), rf"(?:{_BETWEEN}|\s)*+(:)", r"|\s"),
)
_GAP = re.compile(rf"(?:{_BETWEEN}|\s)", re.IGNORECASE | re.DOTALL)


def against_scripts(text: str) -> str:
    """What every value of every request passes: controls go, encoded letters are decoded, ``<x>`` is put into risky words."""
    before = None
    while text != before:
        before = text
        text = _REFERENCE.sub(_letter, _CONTROLS.sub("", text))
        for pattern in _RISKY:
            text = pattern.sub(_nerved, text)
    return text


def _nerved(match: re.Match[str]) -> str:
    word = _GAP.sub("", match[2]).lower()
    return f"{match[1]}{word[:2]}<x>{word[2:]}" + (match[3] if match.re.groups > 2 else "")


def _letter(match: re.Match[str]) -> str:
    code = int(match[1], 16) if match[1] else int(match[2])
    return chr(code) if 0x20 < code < 0x7F and chr(code) not in _KEPT else match[0]


def without_tags(text: str) -> str:
    """What names, page texts, comments and descriptions pass besides, up to Tiki 29 or so: nothing between < and > is left.

    A "<" that no ">" follows takes the rest of the text along.
    """
    text = re.sub(r"<!--.*?(?:-->|\Z)", "", text, flags=re.DOTALL)
    return re.sub(r"<[^>]*(?:>|\Z)", "", text).replace(">", "")


# Names.

_OWN_LETTERS = frozenset("йѓїќў¨¯´¸")
"""Letters with a mark that count as others, and marks that stand alone."""


@lru_cache(maxsize=4096)
def _weight(char: str) -> str:
    """What a letter counts as: without case and accents, "ss" for "ß"; all beyond the first 65,536 are one."""
    if char > "\uffff":
        return "\ufffd"
    if unicodedata.category(char) == "Cc" and char not in "\t\n\v\f\r":
        return ""
    if char.lower() in _OWN_LETTERS or "가" <= char <= "힣":
        return char.lower()
    decomposed = unicodedata.normalize("NFD", unicodedata.normalize("NFKD", char).casefold())
    return "".join(each for each in decomposed if not unicodedata.combining(each))


@lru_cache(maxsize=65_536)
def same(name: str) -> str:
    """Names with the same key are one name for the database (utf8mb4_unicode_ci): case, accents, blanks behind do not count."""
    return "".join(map(_weight, name)).rstrip(" ")


@lru_cache(maxsize=65_536)
def _letters(text: str) -> str:
    """The text letter by letter as LIKE compares it: "ß" is not "ss" here, and one emoji is not another."""
    return "".join(_weight(char) if char <= "\uffff" and len(_weight(char)) == 1 else char for char in text)


@lru_cache(maxsize=1024)
def _pattern(like: str) -> re.Pattern[str]:
    pieces, escaped = [], False
    for char in like:
        if escaped or char not in "%_\\":
            pieces.append(re.escape(_letters(char)))
        elif char != "\\":
            pieces.append(".*" if char == "%" else ".")
        escaped = char == "\\" and not escaped
    return re.compile("".join(pieces), re.DOTALL)


def like(name: str, pattern: str) -> bool:
    """Whether a name is LIKE a pattern: "_" is any letter, "%" any letters."""
    return _pattern(pattern).fullmatch(_letters(name)) is not None


def unaccented(text: str) -> str:
    """The text without accents, in its own case."""
    return "".join(char for char in unicodedata.normalize("NFD", text) if not unicodedata.combining(char))
