"""From what people type to values: dates, numbers, ratings, terms. Pure; what cannot be read becomes a Fault."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache, lru_cache

from wikibridge.entries.types import Schema, fold, without_accents
from wikibridge.model import PartialDate, Term, Value


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a value could not be read: a problem's code, parameters and suggestion."""

    code: str
    params: tuple[str, ...]
    suggestion: str = ""


_RELATIVE = frozenset((
    "yesterday", "today", "tomorrow", "last week", "last month", "last year", "this week", "this month", "this year",
    "next week", "next month", "next year", "recently", "now",
    "hier", "demain", "aujourd hui", "avant hier", "apres demain", "la semaine derniere", "semaine derniere",
    "le mois dernier", "mois dernier", "l annee derniere", "l an dernier", "cette semaine", "ce mois", "ce mois ci",
    "cette annee", "recemment", "maintenant", "la semaine prochaine", "le mois prochain",
    "ontem", "hoje", "amanha", "anteontem", "semana passada", "a semana passada", "na semana passada", "mes passado",
    "o mes passado", "no mes passado", "ano passado", "o ano passado", "no ano passado", "esta semana", "este mes",
    "este ano", "agora", "recentemente", "na proxima semana",
))
_WEEKDAY = (
    r"(?:mon|tues?|wednes|wed|thurs?|fri|satur|sat|sun)(?:day)?|lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche"
    r"|(?:segunda|terca|quarta|quinta|sexta)(?: feira)?|sabado|domingo"
)
_BEFORE = re.compile(rf"(?:on |le |la |a |em |no |na |the )?(?:(?:{_WEEKDAY}) )?(?:the |le |dia )?(?=.*\d)")
_DAY_MONTH = re.compile(r"(\d{1,2})(?:er|st|nd|rd|th|o)? (?:de |of )?([a-z]+) (?:de )?(\d{4})")
_MONTH_DAY = re.compile(r"([a-z]+) (\d{1,2})(?:st|nd|rd|th)? (\d{4})")
_NUMERIC = re.compile(r"(?:([0-9]{1,2}) ?[-/. ] ?)?([0-9]{1,2}) ?[-/. ] ?([0-9]{4})")
_ISO = re.compile(r"([0-9]{4})(?:[-/.]([0-9]{1,2})(?:[-/.]([0-9]{1,2}))?)?")


@cache
def _months() -> dict[str, int]:
    # Babel takes a moment to load: only when the first month in words turns up.
    from babel import Locale

    found = {"sept": 9, "fev": 2, "juill": 7}
    for language in ("en", "fr", "pt"):
        for context in Locale.parse(language).months.values():
            for width in ("wide", "abbreviated"):
                found.update({fold(name): number for number, name in context.get(width, {}).items()})
    return found


def _make(text: str, year: str, month: int | None, day: str | None) -> Value | Fault:
    try:
        date(int(year), 1 if month is None else month, 1 if day is None else int(day))
    except ValueError:
        return Fault("date-impossible", (text,))
    return PartialDate(int(year), month, None if day is None else int(day))


@lru_cache(maxsize=4096)
def read_date(text: str) -> Value | Fault:
    """A date, or its month or year. Faults: date-impossible, date-relative, date-unreadable."""
    text = " ".join(text.split())
    bare = fold(text)
    if bare in _RELATIVE:
        return Fault("date-relative", (text,))
    # What may stand around a date and does not change it: a weekday, an article, a full stop, an hour.
    plain = re.sub(r"[ T,]+\d{1,2}[:h]\d{0,2}(?::\d{2})?Z?$", "", text.rstrip(" .,;"))
    plain = re.sub(rf"^(?:(?:{_WEEKDAY}|le|em|en|in|on|the|dia|o) ?,? ?)+(?=[0-9])", "", without_accents(plain).casefold())
    if m := _ISO.fullmatch(plain):
        return _make(text, m[1], int(m[2]) if m[2] else None, m[3])
    if m := _NUMERIC.fullmatch(plain):
        return _make(text, m[3], int(m[2]), m[1])
    if bare.isascii() and not re.search(r"\d ?[-–/] ?\d", text):
        rest = bare[m.end():] if (m := _BEFORE.match(bare)) else bare
        if (m := _DAY_MONTH.fullmatch(rest)) and m[2] in _months():
            return _make(text, m[3], _months()[m[2]], m[1])
        if (m := _MONTH_DAY.fullmatch(rest)) and m[1] in _months():
            return _make(text, m[3], _months()[m[1]], m[2])
        if (m := re.fullmatch(r"(?:en |in |em )?([a-z]+) (?:de |of )?(\d{4})", rest)) and m[1] in _months():
            return _make(text, m[2], _months()[m[1]], None)
    return Fault("date-unreadable", (text,))


_TIMES = re.compile(r"(?:k|mil|mille|millions?|milhao|milhoes|thousand|hundred|dozen|douzaine|duzia)\b")
"""Words after a number that make it another number."""
_WITH_FIGURES = re.compile(r"\w{0,3}\W?(?:co2|m[23])")
"""The beginnings of units that are written with figures."""


@lru_cache(maxsize=4096)
def read_number(text: str, language: str, unit: bool = False) -> Value | Fault:
    """A number with the marks of any language; ``unit`` lets words follow it. Fault: number-unreadable."""
    shown = " ".join(text.split())
    m = re.fullmatch(r"([+\-−]?)([0-9][0-9 .,'’]*)(.*)", shown)
    if not m or (m[3] and (not unit or not re.match(r"[^\W\d_]|[%€$£°]", m[3]))) or len(m[2]) > 40:
        return Fault("number-unreadable", (shown,))
    rest = fold(m[3])
    if _TIMES.match(rest) or (re.search(r"[\d½¼¾]", m[3]) and not _WITH_FIGURES.match(rest)):
        # "5 or 6", "2h30", "2 millions": not the number that it begins with.
        return Fault("number-unreadable", (shown,))
    digits = m[2].strip().rstrip(".,") if m[3] else m[2].strip()
    if re.search(r"[ '’]", digits):
        if not re.fullmatch(r"[0-9]{1,3}([ '’][0-9]{3})+([.,][0-9]+)?", digits):
            return Fault("number-unreadable", (shown,))
        digits = re.sub(r"[ '’]", "", digits).replace(",", ".")
    else:
        thousands = "," if language == "en" else "."
        if re.fullmatch(r"[1-9][0-9]{0,2}([.,])[0-9]{3}(\1[0-9]{3})+", digits):
            digits = re.sub("[.,]", "", digits)
        elif grouped := re.fullmatch(r"([0-9]{1,3}(?:([.,])[0-9]{3})(?:\2[0-9]{3})*)(?!\2)[.,]([0-9]+)", digits):
            digits = re.sub("[.,]", "", grouped[1]) + "." + grouped[3]
        elif re.fullmatch(rf"[1-9][0-9]{{0,2}}\{thousands}[0-9]{{3}}", digits):
            digits = digits.replace(thousands, "")
        else:
            digits = digits.replace(",", ".")
    if not re.fullmatch(r"[0-9]+(\.[0-9]+)?", digits):
        return Fault("number-unreadable", (shown,))
    return Decimal(("-" if m[1] in ("-", "−") else "") + digits)


_RATINGS = {
    word: n
    for words in ("one two three four five", "un deux trois quatre cinq", "um dois tres quatro cinco")
    for n, word in enumerate(words.split(), 1)
} | {"une": 1, "uma": 1, "duas": 2}


_OUT_OF_FIVE = re.compile(r"([0-9]{1,3})(?:[.,]0)?(?: ?/ ?5| (?:sur|out of|em|de|sobre) 5| stars?| étoiles?| estrelas?)?")


def read_rating(text: str) -> Value | Fault:
    """A rating from 1 to 5 in figures, stars or words. Fault: rating-range."""
    shown = " ".join(text.split())
    number = _RATINGS.get(fold(shown), 0)
    if m := _OUT_OF_FIVE.fullmatch(shown):
        number = int(m[1])
    elif re.fullmatch(r"[★⭐*]+[☆]*", bare := shown.replace(" ", "").replace("\ufe0f", "")):
        number = len(bare.rstrip("☆"))
    return Decimal(number) if 1 <= number <= 5 else Fault("rating-range", (shown,))


_ARTICLE = re.compile(r"(?:the|les|le|la|l|os|as|o|a) ")


@lru_cache(maxsize=4096)
def read_term(text: str, vocabulary: str, schema: Schema, language: str) -> Term | Fault:
    """The id of one term. Fault: term-unknown, with the nearest label as suggestion."""
    lookup = schema.lookups[vocabulary]
    bare = fold(text)
    for word in (bare, _ARTICLE.sub("", bare, count=1) if _ARTICLE.match(bare) else bare):
        for form in (word, word[:-1] if word[-1:] in ("s", "x") else word, word + "s", word + "x"):
            if form in lookup:
                return Term(lookup[form])
    from rapidfuzz import fuzz, process

    near = process.extractOne(bare[:80], list(lookup), scorer=fuzz.ratio, score_cutoff=75)
    # What is near to a negation is the opposite of it.
    negated = re.match(r"not?\b|non\b|nao\b|pas\b|un(?=[a-z]{3})", bare)
    suggestion = schema.label(vocabulary, lookup[near[0]], language) if near and not negated else ""
    return Fault("term-unknown", (" ".join(text.split()),), suggestion)


def read_terms(text: str, vocabulary: str, schema: Schema, language: str) -> tuple[tuple[str, ...], list[Fault]]:
    """The ids of several terms, and a fault for each that is unknown."""
    found: dict[str, None] = {}
    faults: list[Fault] = []
    for part in filter(fold, re.split(r"[,;\n+•·#]", text)):
        whole = read_term(part, vocabulary, schema, language)
        pieces = [part] if isinstance(whole, str) else re.split(r"/|&| (?:and|et|e) ", part)
        for piece in filter(fold, pieces):
            term = read_term(piece, vocabulary, schema, language)
            if isinstance(term, str):
                found[term] = None
            else:
                faults.append(term)
    return tuple(found), faults
