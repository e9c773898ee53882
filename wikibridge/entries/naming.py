"""Where a text names a person: by whole names, never by a part of somebody else's. Pure."""

from __future__ import annotations

import html
import json
import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator
from functools import cache
from typing import Any
from urllib.parse import quote, quote_plus

GONE = "…"
"""What stands where a name was."""
_UNSPACED = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1100-\u11ff\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7ff\uf900-\ufaff"
                       "\U00020000-\U0003ffff]")
"""Letters of scripts that put no blanks between words, or hang endings on names (Thai to Burmese, Chinese, Japanese, Korean)."""


@cache
def _within() -> str:
    """What a word goes on with, as the inside of a class of a pattern: letters, digits, and the marks that stand on letters."""
    found, begin, last = [], -2, -2
    for code in range(0x300, 0x20000):
        if unicodedata.category(chr(code))[0] == "M":
            if code != last + 1:
                found.append(f"{chr(begin)}-{chr(last)}" if begin > 0 else "")
                begin = code
            last = code
    return r"\w" + "".join(found) + f"{chr(begin)}-{chr(last)}\u200c\u200d"


def forms(name: str) -> frozenset[str]:
    """The ways in which a name may be written: composed or not, and as addresses, HTML and JSON spell it."""
    found: set[str] = set()
    for plain in {name, *(unicodedata.normalize(form, name) for form in ("NFC", "NFD"))}:
        spelt = {plain, plain.replace(" ", "_")}
        coded = {way(each, safe=safe, errors="replace")
                 for each in spelt for way in (quote, quote_plus) for safe in ("", "/:", "/:'()!*,@;")}
        small = {re.sub("%[0-9A-F]{2}", lambda each: each[0].lower(), each) for each in coded}
        written = {json.dumps(each, ensure_ascii=ascii_)[1:-1] for each in spelt for ascii_ in (True, False)}
        shown = {html.escape(plain), html.escape(plain).replace("&#x27;", "&#39;").replace("&quot;", "&#34;"),
                 html.escape(plain, quote=False)}
        found |= spelt | coded | small | written | shown
    return frozenset(found - {""})


class Naming:
    """The names of one person among those of ``others``.

    Where a name of somebody else is longer, it is theirs: “Ana” is not named in “Ana Silva” nor in “Anabela”. A name that
    somebody else bears too tells nothing, and is left out.
    """

    def __init__(self, own: Iterable[str], others: Iterable[str] = ()) -> None:
        theirs = {unicodedata.normalize("NFC", each) for each in others}
        composed = {unicodedata.normalize("NFC", name).strip() for name in own}
        self.own: Collection[str] = sorted(composed - theirs - {""})
        mine = frozenset().union(*map(forms, self.own))
        longer = {each for each in theirs if any(name in each for name in self.own)}
        not_mine = frozenset().union(*map(forms, longer)) - mine
        self._mine = mine
        every = sorted(mine | not_mine, key=lambda each: (-len(each), each))
        self._pattern = re.compile("|".join(map(_bounded, every))) if mine else None

    def spans(self, text: str) -> Iterator[tuple[int, int]]:
        """Where a text names the person, in characters."""
        if self._pattern and any(name in text for name in self._mine):
            for found in self._pattern.finditer(text):
                if found[0] in self._mine:
                    yield found.span()

    def __contains__(self, text: str) -> bool:
        return next(self.spans(text), None) is not None

    def lines(self, text: str) -> list[int]:
        """The numbers, from 1, of the lines that name the person."""
        return sorted({text.count("\n", 0, begin) + 1 for begin, _ in self.spans(text)})

    def without(self, text: str) -> str:
        """The text without the names."""
        made, last = [], 0
        for begin, end in self.spans(text):
            made += [text[last:begin], GONE]
            last = end
        return "".join([*made, text[last:]])

    def without_in(self, data: Any) -> Any:
        """Data as JSON knows it, all texts in it without the names."""
        if isinstance(data, str):
            return self.without(data)
        if isinstance(data, list):
            return [self.without_in(each) for each in data]
        if isinstance(data, dict):
            return {self.without(key): self.without_in(each) for key, each in data.items()}
        return data

    def without_json(self, text: str) -> str:
        """A text that may be JSON, without the names; where it names nobody, as it is to the byte."""
        try:
            data = json.loads(text)
        except ValueError:
            return self.without(text)
        made = self.without_in(data)
        return text if made == data else json.dumps(made, ensure_ascii=False)


def _bounded(form: str) -> str:
    """A pattern for a form of a name that is not a part of a longer word."""
    # A letter of an address may stand before it, and must not go on behind it.
    before = "" if _UNSPACED.match(form[0]) else f"(?:(?<![{_within()}])|(?<=%[0-9A-Fa-f][0-9A-Fa-f])|(?<=_))"
    after = "" if _UNSPACED.match(form[-1]) else f"(?![^\\W_]|[{_within()[2:]}]|%[89A-Fa-f][0-9A-Fa-f])"
    return f"{before}{re.escape(form)}{after}"
