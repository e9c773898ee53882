"""From what people type to values: the readers of all kinds of field. Pure; what cannot be read becomes a Fault.

Dates are read in ``dates``, numbers, quantities and ratings in ``numbers``; yes and no, terms, languages, addresses, names of
pages and people here, and texts that hold several values are split here.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from urllib.parse import unquote

from wikibridge.entries import components
from wikibridge.entries.dates import read_date, read_edtf
from wikibridge.entries.faults import Fault, shown
from wikibridge.entries.numbers import read_number, read_quantity, read_rating
from wikibridge.entries.spelling import fold
from wikibridge.entries.types import Schema
from wikibridge.model import Term

__all__ = [
    "Fault", "read_date", "read_edtf", "read_language", "read_number", "read_page", "read_quantity", "read_rating", "read_term",
    "read_terms", "read_url", "read_user", "read_yes_no", "shown", "split_several",
]

_ARTICLE = re.compile(r"(?:the|les|le|la|l|os|as|o|a) ")


@lru_cache(maxsize=4096)
def read_term(text: str, vocabulary: str, schema: Schema, language: str) -> Term | Fault:
    """The id of one term. Fault: term-unknown or, of components, component-unknown, with the nearest label as suggestion."""
    lookup = schema.lookups[vocabulary]
    bare = fold(text)
    coded = components.code(bare) if vocabulary == components.VOCABULARY else ""
    if coded and (coded in schema.components.components or not schema.components.closed):
        return Term(coded)
    for word in (bare, _ARTICLE.sub("", bare, count=1) if _ARTICLE.match(bare) else bare):
        for form in (word, word[:-1] if word[-1:] in ("s", "x") else word, word + "s", word + "x"):
            if form in lookup:
                return Term(lookup[form])
    from rapidfuzz import fuzz, process
    from rapidfuzz.distance import OSA

    if coded:
        # One sign is wrong, or two have changed places; where several codes are as near, none is meant more than another.
        close = process.extract(coded, list(schema.components.components), scorer=OSA.distance, score_cutoff=1, limit=2)
        meant = schema.label(vocabulary, close[0][0], language) if len(close) == 1 else ""
        return Fault("component-unknown", (shown(text),), meant)
    near = process.extractOne(bare[:80], list(lookup), scorer=fuzz.ratio, score_cutoff=75)
    # What is near to a negation is the opposite of it.
    negated = re.match(r"(?:not?|non|nao|pas|nem|sem|sans|without)\b|un(?=[a-z]{3})", bare)
    suggestion = schema.label(vocabulary, lookup[near[0]], language) if near and not negated else ""
    code = "component-unknown" if vocabulary == components.VOCABULARY else "term-unknown"
    return Fault(code, (" ".join(text.split()),), suggestion)


_MOST = 100
"""More terms than a field is read for."""


def read_terms(text: str, vocabulary: str, schema: Schema, language: str) -> tuple[tuple[str, ...], list[Fault]]:
    """The ids of several terms, and a fault for each that is unknown."""
    found: dict[str, None] = {}
    faults: list[Fault] = []
    for part in list(filter(fold, re.split(r"[,;\n+•·#]", text)))[:_MOST]:
        whole = read_term(part, vocabulary, schema, language)
        pieces = [part] if isinstance(whole, str) else re.split(r"/|&| (?:and|et|e) ", part)
        for piece in list(filter(fold, pieces))[:_MOST]:
            term = read_term(piece, vocabulary, schema, language)
            if isinstance(term, str):
                found[term] = None
            else:
                faults.append(term)
    return tuple(found), faults


_YES = frozenset((
    "yes", "y", "yeah", "yep", "true", "t", "x", "1", "on", "ok", "okay", "agreed", "of course", "oui", "o", "ouais", "vrai",
    "si", "d accord", "bien sur", "sim", "s", "v", "verdade", "verdadeiro", "claro", "claro que sim", "de acordo", "concordo",
    "✓", "✔", "☑", "✅", "👍",
))
_NO = frozenset((
    "no", "n", "nope", "false", "f", "0", "off", "of course not", "non", "faux", "pas d accord", "nao", "falso", "claro que nao",
    "✗", "✘", "❌", "☐", "👎",
))


def read_yes_no(text: str) -> bool | Fault:
    """Yes or no, in words, letters or signs of the three languages. Fault: yes-no-unreadable."""
    sign = text[:60].strip().rstrip("\ufe0e\ufe0f")
    for word in (sign, fold(sign)) if len(text) <= 60 else ():
        if word in _YES or word in _NO:
            return word in _YES
    return Fault("yes-no-unreadable", (shown(text),))


_LANGUAGE_WORDS = re.compile(r"(?:en|in|em|langue|lingua|idioma|a lingua|la langue|le|l|o|the) | (?:language|langue|lingua)$")
_MORE_LANGUAGES = {
    "kriolu": "kea", "crioulo de cabo verde": "kea", "crioulo da guine bissau": "pov", "brasileiro": "pt", "castelhano": "es",
    "castillan": "es", "castilian": "es", "castellano": "es", "mandarin": "zh", "mandarim": "zh", "flamand": "nl",
    "francaise": "fr", "anglaise": "en", "portugaise": "pt", "espagnole": "es", "francesa": "fr", "inglesa": "en",
    "portuguesa": "pt", "espanhola": "es", "lsf": "fsl", "libras": "bzs",
    "portugues do brasil": "pt", "portugues brasileiro": "pt", "portugues de portugal": "pt", "portugais du bresil": "pt",
}


@cache
def _languages(own: bool) -> dict[str, tuple[str, str]]:
    """Code and name by folded name: in English, French and Portuguese, or as each language calls itself."""
    from babel import Locale, localedata

    found = {name: (code, name) for name, code in _MORE_LANGUAGES.items()}
    if own:
        for code in localedata.locale_identifiers():
            if re.fullmatch("[a-z]{2,3}", code) and (name := Locale(code).languages.get(code, "")):
                found.setdefault(fold(name), (code, name))
    else:
        for of in ("en", "fr", "pt"):
            # Sorted, "pt" is before "pt_BR"; both are Portuguese.
            for code, name in sorted(Locale(of).languages.items()):
                if (known := re.match("[a-z]{2,3}", code)) and known[0] not in ("mul", "und", "zxx", "mis"):
                    found.setdefault(fold(name), (known[0], name))
    return found


@cache
def _codes() -> frozenset[str]:
    return frozenset(code for code, _ in _languages(False).values())


@lru_cache(maxsize=4096)
def _language(text: str) -> str | Fault:
    from babel.core import get_global

    if code := re.fullmatch(r"([a-z]{2,3})(?:[-_](?:[a-z]{4}|[a-z]{2}|[0-9]{3})){0,2}", text.casefold()):
        short = str(get_global("language_aliases").get(code[1], code[1]))
        if short in _codes():
            return short
    bare = fold(text)
    stripped = _LANGUAGE_WORDS.sub("", bare, count=1)
    for own in (False, True):
        for name in filter(None, (bare, stripped)):
            if name in _languages(own):
                return _languages(own)[name][0]
    from rapidfuzz import fuzz, process

    known = _languages(False)
    near = process.extractOne(stripped, list(known), scorer=fuzz.ratio, score_cutoff=82) if len(stripped) > 3 else None
    return Fault("language-unknown", (shown(text),), known[near[0]][1] if near else "")


def read_language(text: str) -> str | Fault:
    """The ISO code of a language from its code (``pt-BR`` is ``pt``) or its name, in English, French, Portuguese or itself.

    Fault: language-unknown, with the name that is nearest as suggestion.
    """
    line = " ".join(text.split()).strip(" .,;")
    return _language(line) if 0 < len(line) <= 60 else Fault("language-unknown", (shown(text),))


_LONGEST_URL = 2000
_HOST = r"(?:[\w-]{1,63}\.){1,10}(?:[^\W\d_]{2,24}|xn--[a-z0-9-]{2,50})\.?"
_REST = r"(?::[0-9]{1,5})?(?:[/?#][^\s<>\"{}|\\^`]*)?"
_URL = re.compile(rf"https?://((?:{_HOST}|localhost|[0-9]{{1,3}}(?:\.[0-9]{{1,3}}){{3}}){_REST})", re.IGNORECASE)
_BARE = re.compile(rf"(?://)?(({_HOST}){_REST})", re.IGNORECASE)
_ALMOST = re.compile(rf"h?t{{1,2}}ps?[:;]?/{{0,3}}({_HOST}{_REST})", re.IGNORECASE)
_FILE = re.compile(
    r"[^/?#]*\.(?:jpe?g|png|gif|svg|webp|pdf|docx?|odt|xlsx?|ods|pptx?|odp|txt|csv|mp[34]|zip|html?|php)", re.IGNORECASE)


def _address(text: str) -> str | None:
    if m := _URL.fullmatch(text):
        return text[: text.index("://")].lower() + "://" + m[1]
    if (m := _BARE.fullmatch(text)) and not _FILE.fullmatch(m[1]):
        # "S.Paulo" is none.
        likely = m[2].islower() or m[1] != m[2] or m[1].lower().startswith("www.")
        return "https://" + m[1] if likely else None
    return None


def read_url(text: str) -> str | Fault:
    """A web address; one without http:// or https:// gets https://. Fault: url-unreadable, with the address that may be meant."""
    bare = text.strip().rstrip(".,;").strip("<>")
    if not bare or len(bare) > _LONGEST_URL:
        return Fault("url-unreadable", (shown(text),))
    if found := _address(bare):
        return found
    suggestion = ""
    if m := _ALMOST.fullmatch(bare):
        suggestion = "https://" + m[1]
    else:
        near = [found for word in bare.split()[:50] if (found := _address(word.strip("().,;<>")))]
        suggestion = near[0] if len(near) == 1 else _address(bare.replace("www,", "www.").replace(" ", "")) or ""
    return Fault("url-unreadable", (shown(text),), suggestion)


_LINK = re.compile(r"\[\[:?([^\[\]|]*)(?:\|[^\[\]]*)?\]\]")
_NO_TITLE = re.compile(r"[<>\[\]{}|#\x00-\x1f\x7f\ufffd]")
_USER = re.compile(
    r":?(?:user|utilisat(?:eur|rice|eur\(rice\)|eur·rice)|utilizador(?:a|\(a\))?|usu[áa]ri(?:o|a|o\(a\))) ?: ?", re.IGNORECASE)


def _title(text: str) -> str | Fault:
    bare = text[:2000].strip()
    if m := _LINK.fullmatch(bare):
        bare = m[1]
    title = " ".join(bare.replace("_", " ").split())
    if title and len(text) <= 2000 and len(title.encode("utf-8", "replace")) <= 255 and not _NO_TITLE.search(title):
        if not re.match(r"https?:/", title, re.IGNORECASE):
            return title
        # The address of a page in place of its title.
        page = re.search(r"(?:/wiki/|[?&]title=|/index\.php/|/tiki-index\.php\?page=)([^?&#]+)", bare)
        name = " ".join(unquote(page[1]).replace("_", " ").split()) if page else ""
        return Fault("title-unreadable", (shown(text),), "" if _NO_TITLE.search(name) else name)
    before = title.partition("#")[0].strip() if "#" in title and len(title) <= 255 else ""
    return Fault("title-unreadable", (shown(text),), "" if _NO_TITLE.search(before) else before)


def read_page(text: str) -> str | Fault:
    """The title of a page, without the brackets of a link. Fault: title-unreadable."""
    return _title(text)


def read_user(text: str) -> str | Fault:
    """The name of a user, without link, ``User:`` in any of the languages, ``@`` or subpage. Fault: title-unreadable."""
    title = _title(text)
    if isinstance(title, Fault):
        return title
    name = _USER.sub("", title, count=1) if _USER.match(title) else title
    name = name.removeprefix("@").partition("/")[0].strip()
    return name or Fault("title-unreadable", (shown(text),))


_LINES = r"[;\n\r•·‣▪]|(?:^|(?<=\n))[ \t]*(?:[*#]+|[+–—-]+[ \t])[ \t]*"
_AND = r"| (?:et|e|and) |&|\+"
_NUMBERS = _LINES + _AND + r"|,[ \t]"
_SPLIT = {kind: re.compile(pattern) for kind, pattern in {
    "long_text": _LINES, "text": _LINES, "date": _LINES + r"| (?:et|e|and|&|\+) ", "number": _NUMBERS, "quantity": _NUMBERS,
    "rating": _NUMBERS, "page": _LINES + "|,", "user": _LINES + _AND + r"|,| / ", "url": r"\s", "": _LINES + _AND + r"|[,/]",
}.items()}
_SPLIT["page"], _SPLIT["user"] = (re.compile(rf"\[\[[^\[\]]*\]\]|{_SPLIT[kind].pattern}") for kind in ("page", "user"))


def split_several(text: str, kind: str) -> tuple[str, ...]:
    """The texts of several values that stand in one field of a kind, none of them empty.

    Line breaks, bullets and ``;`` separate always. So do commas, ``/``, ``&``, ``+`` and the word "and", but where they may be
    part of one value: a stroke in dates, numbers and pages; "and" and ``&`` in pages and free texts; a comma in dates, in numbers
    when it touches the next figure, and between the brackets of a link. Commas separate free texts where nothing else does.
    Addresses are separated by blanks and line breaks.
    """
    pattern = _SPLIT.get(kind, _SPLIT[""])
    if kind == "date" and re.match(r"\s*(?:entre|between)\b", text, re.IGNORECASE):
        pattern = _SPLIT["text"]
    parts, at = [], 0
    for m in pattern.finditer(text):
        if not m[0].startswith("[["):
            parts.append(text[at : m.start()])
            at = m.end()
    parts.append(text[at:])
    if kind in ("text", "long_text") and len([part for part in parts if part.strip()]) == 1:
        parts = max(parts, key=len).split(",")
    edge = " \t\r\n,;*#•" if kind == "url" else " \t\r\n,;"
    return tuple(bare for part in parts if (bare := part.strip(edge)))
