"""Numbers, quantities and ratings as people type them, in English, French and Portuguese. Pure.

Of ``1,234`` and ``1.234`` the language tells which is a thousand; all other marks tell it themselves.
"""

from __future__ import annotations

import re
from decimal import Decimal
from functools import lru_cache

from wikibridge.entries.faults import Fault, shown
from wikibridge.entries.spelling import fold
from wikibridge.entries.units import Units
from wikibridge.model import Quantity

_LONGEST = 150
_LONGEST_UNIT = 60
_NAMES = {
    fold(word): number
    for row in (
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen"
        " nineteen twenty",
        "zéro un deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize dix-sept dix-huit dix-neuf"
        " vingt",
        "zero um dois três quatro cinco seis sete oito nove dez onze doze treze catorze quinze dezasseis dezassete dezoito"
        " dezanove vinte",
    )
    for number, word in enumerate(row.split())
} | {"une": 1, "uma": 1, "duas": 2, "dezesseis": 16, "dezessete": 17, "dezenove": 19}
_TIMES = {
    word: zeros
    for words, zeros in (("mil mille milliers millier milhar milhares thousand thousands", 3),
                         ("million millions milhao milhoes", 6))
    for word in words.split()
}
_REFUSED = frozenset(fold(word) for row in (
    "hundred hundreds cent cents cem centena centenas dozen dozens douzaine douzaines dúzia dúzias dizaine dizaines",
    "dezena dezenas billion billions milliard milliards bilhão bilhões",
    "peu pouco poucos poucas few couple or ou to and et e plus até",
) for word in row.split())
"""Words after a number that make it another number, or more than one."""
_ABOUT = re.compile(
    r"(?:[~≈±]|(?:env(?:iron)?\b|ca\b|c\.|approx(?:imately)?\b|approximativement|aproximadamente|about|around|circa|roughly|nearly"
    r"|almost|presque|quase|cerca de|por volta de|mais ou menos|plus ou moins|[àa] peu près|more or less)\.?) ?", re.IGNORECASE)
_ABOUT_AFTER = re.compile(
    r"[ ,(]+(?:environ|env\.|approx\.?|approximately|aproximadamente|mais ou menos|à peu près|or so)\)?$", re.IGNORECASE)
_FIGURES = re.compile(r"([+\-−]?)([0-9][0-9 .,'’]*)")
_UNIT_FIGURES = re.compile(r"co2|[a-z]?m[23](?![0-9])|100 ?km|pm ?(?:10|2[.,]5)|ch4|n2o", re.IGNORECASE)
"""Units that are written with figures."""
_SIGN = re.compile(r"[A-Za-z]{0,3}[€$£¥]|[A-Z]{3}(?= ?[0-9])")
"""What may stand before a number and is its unit."""


def _plain(figures: str, language: str) -> str | None:
    """Figures with a full stop before the decimals and no other mark; None when they are no number."""
    if re.search(r"[ '’]", figures):
        if not re.fullmatch(r"[0-9]{1,3}([ '’][0-9]{3})+([.,][0-9]+)?", figures):
            return None
        figures = re.sub(r"[ '’]", "", figures).replace(",", ".")
    else:
        thousands = "," if language == "en" else "."
        if re.fullmatch(r"[1-9][0-9]{0,2}([.,])[0-9]{3}(\1[0-9]{3})+", figures):
            figures = re.sub("[.,]", "", figures)
        elif grouped := re.fullmatch(r"([0-9]{1,3}(?:([.,])[0-9]{3})(?:\2[0-9]{3})*)(?!\2)[.,]([0-9]+)", figures):
            figures = re.sub("[.,]", "", grouped[1]) + "." + grouped[3]
        elif re.fullmatch(rf"[1-9][0-9]{{0,2}}\{thousands}[0-9]{{3}}", figures):
            figures = figures.replace(thousands, "")
        else:
            figures = figures.replace(",", ".")
    return figures if re.fullmatch(r"[0-9]+(\.[0-9]+)?", figures) else None


def _start(text: str, language: str) -> tuple[str, str] | None:
    """The number that a text begins with, in plain figures, and what follows; None when it begins with none."""
    if m := _FIGURES.match(text):
        rest, figures = text[m.end() :], m[2].strip()
        plain = _plain(figures.rstrip(".,"), language) if len(figures) <= 40 else None
        return None if plain is None else (("-" if m[1] in ("-", "−") else "") + plain, rest)
    if m := re.match(r"[^\W\d_]+(?:-[^\W\d_]+)?", text):
        word = fold(m[0])
        if word in _NAMES:
            return str(_NAMES[word]), text[m.end() :].strip()
        if word in _TIMES:
            return "1", text
    return None


def _split(text: str, language: str) -> tuple[Decimal, str] | None:
    """A number and the text of its unit; None when the text does not begin with one number, or has another one in it."""
    text = _ABOUT_AFTER.sub("", _ABOUT.sub("", text, count=1) if _ABOUT.match(text) else text)
    sign = _SIGN.match(text)
    start = _start(_ABOUT.sub("", text[sign.end() :].lstrip(), count=1) if sign else text, language)
    if start is None:
        return None
    figures, rest = start
    zeros = 0
    if m := re.match(r"k(?![^\W\d_])|(?: ?[kM])(?=[€$£])", rest, re.IGNORECASE):
        zeros, rest = 3 if m[0].strip() in "kK" else 6, rest[m.end() :]
    elif (m := re.match(r"\s*([^\W\d_]+)", rest)) and (word := fold(m[1])) in _TIMES:
        zeros, rest = _TIMES[word], re.sub(r"^\s*(?:de |d['’]|of )", "", rest[m.end() :], flags=re.IGNORECASE)
    rest = rest.strip()
    words = fold(rest).split()
    if words and (words[0] in _REFUSED or words[0] in _TIMES or words[0] in _NAMES):
        return None
    if rest and not re.match(r"[^\W\d_]|[%€$£¥°/]|[µμ]", rest):
        return None
    if re.search(r"[\d½¼¾]", _UNIT_FIGURES.sub("", rest.translate(_LOW))) or re.match(r"(?:à|a) \d", rest):
        # "2h30", "2 à 3 fois": not the number that it begins with.
        return None
    amount = Decimal(f"{figures}E{zeros}" if zeros else figures)
    if zeros and amount == int(amount):
        amount = Decimal(int(amount))
    return amount, f"{sign[0]} {rest}".strip() if sign else rest


_LOW = str.maketrans("₂₃₄", "234")


def read_number(text: str, language: str, unit: bool = False) -> Decimal | Fault:
    """A number with the marks of any language, in figures or, to twenty, in words; ``unit`` lets words follow it.

    "about" in its many forms is passed over; "thousand" and "million" count, and a k that touches the figures. More than one
    number is none. Fault: number-unreadable.
    """
    line = " ".join(text.split())
    return _number(line, language, unit) if len(line) <= _LONGEST else Fault("number-unreadable", (shown(line),))


@lru_cache(maxsize=4096)
def _number(text: str, language: str, unit: bool) -> Decimal | Fault:
    found = _split(text, language)
    if found is None or (found[1] and not unit):
        return Fault("number-unreadable", (shown(text),))
    return found[0]


def read_quantity(text: str, language: str, units: Units) -> Quantity | Fault:
    """A number and its unit, named as ``units.name`` does; a sign of money may stand before. Fault: number-unreadable."""
    line = " ".join(text.split())
    return _quantity(line, language, units) if len(line) <= _LONGEST else Fault("number-unreadable", (shown(line),))


@lru_cache(maxsize=4096)
def _quantity(text: str, language: str, units: Units) -> Quantity | Fault:
    found = _split(text, language)
    if found is None or len(found[1]) > _LONGEST_UNIT or (found[1].startswith("/") and not units.name(found[1]).startswith("/")):
        return Fault("number-unreadable", (shown(text),))
    unit = re.sub(r"^(?:de |d['’]|of )", "", found[1].rstrip(" .,;"), flags=re.IGNORECASE)
    return Quantity(found[0], units.name(unit) if unit else "")


_OUT_OF = re.compile(r"(.+?)(?: ?/ ?| (?:sur|out of|em|de|sobre|of) )([0-9]{1,3}|[a-zç]{3,5})", re.IGNORECASE)
_STARS = re.compile(r"(.+?) ?(?:[★⭐*]|stars?|[eé]toiles?|estrelas?|points?|pontos?)", re.IGNORECASE)


def _small(text: str) -> Decimal | None:
    """A number of a rating, in figures or in a word."""
    if m := re.fullmatch(r"[0-9]{1,3}(?:[.,][0-9]{1,2})?", text):
        return Decimal(m[0].replace(",", "."))
    return Decimal(_NAMES[fold(text)]) if fold(text) in _NAMES else None


@lru_cache(maxsize=4096)
def _rating(text: str) -> Decimal | Fault:
    number, best = None, Decimal(5)
    if re.fullmatch(r"[★⭐*🌟]+[☆✩]*", bare := re.sub(r"[ \ufe0e\ufe0f]", "", text)):
        number = Decimal(len(bare.rstrip("☆✩")))
        best = Decimal(5 if len(bare) <= 5 else 0)
    else:
        if text.endswith("%"):
            text = text[:-1].rstrip() + "/100"
        if (m := _OUT_OF.fullmatch(text)) and (most := _small(m[2])) is not None:
            text, best = m[1].strip(), most
        if m := _STARS.fullmatch(text):
            text = m[1]
        number = _small(text)
    if number is not None and best > 0:
        rating = number * 5 / best
        if rating == int(rating) and 1 <= rating <= 5:
            return Decimal(int(rating))
    return Fault("rating-range", (shown(text),))


def read_rating(text: str) -> Decimal | Fault:
    """A whole rating from 1 to 5 in figures, stars or words; ``8/10`` is 4. Fault: rating-range."""
    line = " ".join(text.split())
    found = _rating(line) if len(line) <= 60 else None
    return found if isinstance(found, Decimal) else Fault("rating-range", (shown(line),))
