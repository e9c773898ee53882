"""Dates and periods as people type them, in English, French and Portuguese at once. Pure.

A text becomes a row of tokens, each of one letter for its kind; a date is then a row of kinds that is known (``nmy``: number,
month, year), a period two of them around a word or dash that joins them. All else is a Fault.
"""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from functools import lru_cache

from wikibridge.entries.faults import Fault, shown
from wikibridge.entries.spelling import without_accents
from wikibridge.model import PartialDate, Period

FIRST_YEAR, LAST_YEAR = 1900, 2100
_LONGEST = 150

_MONTHS = (
    "january jan janvier janv janeiro", "february feb fevrier fevr fev fevereiro", "march mar mars marco",
    "april apr avril avr abril abr",
    "may mai maio", "june jun juin junho", "july jul juillet juil juill julho", "august aug aout agosto ago agost",
    "september sep sept septembre setembro set setem", "october oct octobre outubro out", "november nov novembre novembro",
    "december dec decembre dezembro dez",
)
_SEASONS = ("spring printemps primavera", "summer ete verao", "autumn fall automne outono", "winter hiver inverno")
_WORDS: dict[str, tuple[str, int]] = {
    word: (kind, 0)
    for kind, words in {
        # Around a date and no part of it.
        "": "of de du do da d le la les l o os the dia em en in on no na nos nas er school scolaire letivo lectivo"
            " academic academique universitaire academico",
        # Vague: the month or year counts.
        "~": "early late mid beginning start end middle debut fin mi milieu courant inicio inicios fim fins final"
             " finais meados principio principios comeco environ env vers circa ca c about around approx aprox cerca durante"
             " during pendant",
        "W": "monday mon tuesday tue tues wednesday wed thursday thu thur thurs friday fri saturday sat sunday sun lundi lun"
             " mardi mercredi mer jeudi jeu vendredi ven samedi sam dimanche dim segunda seg terca ter quarta qua quinta qui"
             " sexta sex sabado sab domingo dom feira",
        "Q": "trimestre trim quarter", "H": "semestre semester half metade moitie",
        # Joins: to, until; and after "between".
        "T": "to a au aux ao aos through thru", "U": "until till jusqu jusque ate", "&": "and et e",
        # Before the only date: since, until, between.
        "S": "since depuis desde from des after apres depois starting", "V": "before avant antes", "B": "between entre",
        # Open: the end is not known yet.
        "O": "onward onwards",
        "P": "present now today aujourdhui hoje maintenant agora presente ongoing",
        # Depending on the day of writing.
        "R": "yesterday tomorrow tonight last next previous past this recently lately currently soon hier demain"
             " dernier derniere derniers dernieres prochain prochaine prochains passe passee ce cet cette ci recemment bientot"
             " actuellement ontem amanha anteontem passado passada passados passadas proximo proxima este esta neste nesta"
             " ha atras daqui recentemente atualmente breve ultimo ultima ultimos ultimas long longtemps muito tempo",
        "u": "year annee ano an month mois mes",
        "t": "years annees anos ans months meses week weeks semaine semaines semana semanas day days jour jours dias weekend",
    }.items() for word in words.split()
} | {
    word: ("m", number)
    for rows, first in ((_MONTHS, 1), (_SEASONS, 21)) for number, row in enumerate(rows, first) for word in row.split()
} | {
    word: ("n", number)
    for number, row in enumerate((
        "first premier premiere primeiro primeira", "second deuxieme seconde segundo", "third troisieme terceiro",
        "fourth quatrieme quarto"), 1) for word in row.split()
} | {
    word: ("w", number)
    for row in ("one two three four five six seven eight nine ten", "un deux trois quatre cinq six sept huit neuf dix",
                "um dois tres quatro cinco seis sete oito nove dez", "i ii iii iv")
    for number, word in enumerate(row.split(), 1) if word not in ("sept", "dez")
} | {word: ("w", 1) for word in ("une", "uma", "quelques", "few", "couple", "alguns", "algumas")}
_PHRASES = (
    (r"\b(?:a (?:partir|contar|compter)|as (?:of|from)|starting from)\b", " since "),
    (r"\b(?:em diante|and (?:after|later|on)|et (?:apres|plus tard)|e depois|a nos jours|to date)\b", " onwards "),
    (r"\b(?:aujourd ?'? ?hui|ce jour)\b", " today "), (r"\bavant[ -]hier\b", " hier "), (r"\bapres[ -]demain\b", " demain "),
    (r"\bil y a\b|\bdans\b|\bque vem\b|(?<=[yskhr]) ago\b", " last "),
    (r"\bpor volta\b|\bplus ou moins\b|\bmais ou menos\b", " about "),
    (r"\b[2-6]a[ -]?feira\b", " monday "), (r"\bsegunda metade\b", " second half "), (r"\bup (?=to\b)", " until "),
    (r"\bem breve\b", " soon "), (r"\bfin[s]? de semana\b|\bfim de semana\b", " weekend "),
    (r"(?<![a-z0-9])'([0-9]{2})\b", r" 20\1 "),
)
_PHRASE = tuple((re.compile(pattern), to) for pattern, to in _PHRASES)
_CLOCK = (r"[0-2]?[0-9](?::[0-5]?[0-9]?(?::[0-5][0-9](?:\.[0-9]{1,6})?)?| ?h(?:(?:eures?|oras?|rs)\b|(?![a-z])) ?(?:[0-5][0-9])?"
          r"| ?[ap]\.?m\b\.?)")
_HOURS = re.compile(
    rf"(?:[ ,]+(?:[-–] )?(?:(?:at|a|as|de|das|vers|from|entre|between|@) )?|(?<=[0-9])t){_CLOCK}"
    rf"(?: ?(?:-|–|a|as|to|et|and|e|until|ate) ?{_CLOCK})?(?: ?(?:z|utc|gmt|[+-][0-9]{{2}}:?[0-9]{{2}}))?$")
_EDTF_DATE = re.compile(r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2}))?)?")
_TOKEN = re.compile(
    r"(?P<iso>(?<![0-9])(?P<y1>[0-9]{4})(?P<s1>[-/.])(?P<m1>[0-9]{1,2})(?P=s1)(?P<d1>[0-9]{1,2})(?![0-9]))"
    r"|(?P<dmy>(?<![0-9])(?P<d2>[0-9]{1,2})(?P<s2> ?[-/.] ?)(?P<m2>[0-9]{1,2})(?P=s2)(?P<y2>[0-9]{4}|[0-9]{2})(?![0-9]))"
    r"|(?P<yy>(?<![0-9])(?P<y3>[0-9]{4}) ?(?P<s3>[-/–—]) ?(?P<z3>[0-9]{4}|[0-9]{2})(?![0-9]|[-/.][0-9]{1,2}(?![0-9])))"
    r"|(?P<ym>(?<![0-9])(?P<y4>[0-9]{4})[-/.](?P<m4>[0-9]{1,2})(?![0-9]))"
    r"|(?P<my>(?<![0-9])(?P<m5>[0-9]{1,2}) ?[-/.] ?(?P<y5>[0-9]{4})(?![0-9]))"
    r"|(?P<dm>(?<![0-9])(?P<d6>[0-9]{1,2})[/.](?P<m6>[0-9]{1,2})(?![0-9]))"
    r"|(?P<quarter>(?<![a-z])[qt][1-4](?![0-9])|(?<![0-9])[1-4](?:[oº])?[qt](?![a-z]))"
    r"|(?P<half>(?<![a-z])[sh][12](?![0-9])|(?<![0-9])[12]s(?![a-z]))"
    r"|(?P<number>(?P<digits>[0-9]+)(?:(?:er|ere|re|e|eme|ieme|st|nd|rd|th|o|a)\b)?)"
    r"|(?P<word>[a-z]+)|(?P<arrow>[-=]>)|(?P<mark>\S)")


@dataclass(frozen=True, slots=True)
class _Token:
    """One part of a text: the letter of its kind, its number, or the date or fault that it is by itself."""

    kind: str
    number: int = 0
    value: PartialDate | Period | Fault | None = None
    typed: str = ""


def read_edtf(text: str) -> PartialDate | Period | None:
    """Exactly what ``str`` of a date or period writes; None for all else, dates that do not exist too."""
    found = _edtf(text)
    return None if isinstance(found, Fault) else found


def _edtf(text: str) -> PartialDate | Period | Fault | None:
    if not 4 <= len(text) <= 21:
        return None
    found: list[PartialDate | None] = []
    for part in text.split("/"):
        if m := _EDTF_DATE.fullmatch(part):
            date = _make(text, int(m[1]), int(m[2]) if m[2] else None, int(m[3]) if m[3] else None)
            if isinstance(date, Fault):
                return None
            found.append(date)
        elif part == "..":
            found.append(None)
        else:
            return None
    if len(found) != 2:
        return found[0] if len(found) == 1 else None
    return _period(text, *found)


def read_date(text: str, day_first: bool = True) -> PartialDate | Period | Fault:
    """A date, its month, season or year, or a period.

    Dates in figures begin with the day, or with the month where ``day_first`` is False; four figures first are a year. Years of
    two figures stand last, after day and month: 00 to 69 are of this century. Years are 1900 to 2100.

    ``2020-11`` is a month and ``2019-22`` a summer, as ``str`` writes them, but ``2021-22`` is a school year, since that is what
    people mean by it: for such a summer read with ``read_edtf``. ``2011/12`` may be both and is refused.

    Faults: date-impossible (with the part that is wrong), date-backwards, date-no-year, date-relative, date-unreadable.
    """
    line = " ".join(text.split())
    return _read(line, day_first) if len(line) <= _LONGEST else Fault("date-unreadable", (shown(line),))


@lru_cache(maxsize=4096)
def _read(text: str, day_first: bool) -> PartialDate | Period | Fault:
    school = re.fullmatch(r"[0-9]{2}([0-9]{2})-([0-9]{2})", text)
    if not (school and int(school[2]) > 12) and (found := _edtf(text)):
        return found
    tokens = _tokens(text, day_first)
    if tokens is None:
        return Fault("date-unreadable", (text,), _respelt(text, day_first))
    value = _whole(text, tokens, day_first)
    if value is not None:
        return value
    kinds = {token.kind for token in tokens}
    dated = kinds & set("yfp")
    ago = kinds & set("RP") or ("W" in kinds and not kinds & set("mnd")) or (kinds & set("S~T") and kinds & set("tu"))
    if ago and not dated:
        return Fault("date-relative", (text,))
    if not dated and kinds & set("mdqh"):
        second = next((token for token in tokens if token.kind == "d"), None)
        return Fault("date-no-year", (text,), second.typed if second and len(tokens) == 1 else "")
    return Fault("date-unreadable", (text,))


def _respelt(text: str, day_first: bool) -> str:
    """The text with its one misspelt word put right, where that makes it a date."""
    from rapidfuzz import fuzz, process

    strange = [word for word in re.findall(r"[^\W\d_]{4,20}", text) if without_accents(word).casefold() not in _WORDS]
    if len(strange) != 1:
        return ""
    names = [word for word, (kind, _) in _WORDS.items() if kind == "m" and len(word) > 3]
    near = process.extractOne(without_accents(strange[0]).casefold(), names, scorer=fuzz.ratio, score_cutoff=80)
    right = text.replace(strange[0], near[0]) if near else ""
    return right if right and not isinstance(_read(right, day_first), Fault) else ""


def _make(text: str, year: int, month: int | None = None, day: int | None = None, swapped: str = "") -> PartialDate | Fault:
    wrong: int | None = None
    if not FIRST_YEAR <= year <= LAST_YEAR:
        wrong = year
    elif month is not None and not (1 <= month <= 12 or (21 <= month <= 24 and day is None)):
        wrong = month
    elif month is not None and day is not None and not 1 <= day <= monthrange(year, month)[1]:
        wrong = day
    if wrong is not None:
        return Fault("date-impossible", (text, str(wrong)), swapped)
    return PartialDate(year, month, day)


def _period(text: str, start: PartialDate | Period | Fault | None, end: PartialDate | Period | Fault | None) -> Period | Fault:
    if isinstance(start, Fault):
        return start
    if isinstance(end, Fault):
        return end
    first, last = start.start if isinstance(start, Period) else start, end.end if isinstance(end, Period) else end
    if first and last:
        # A season may be anywhere in its year: it depends on the half of the earth.
        early = (first.year, first.month if (first.month or 21) < 21 else 1, first.day or 1)
        late = (last.year, last.month if (last.month or 21) < 21 else 12, last.day or 31)
        if late < early:
            return Fault("date-backwards", (text,))
    return Period(first, last)


def _tokens(text: str, day_first: bool) -> list[_Token] | None:
    """The parts of a text; None when one of them has no place in a date."""
    plain = without_accents(text).casefold().replace("’", "'").replace("‐", "-").replace("°", "o")
    for pattern, to in _PHRASE:
        plain = pattern.sub(to, plain)
    plain = _HOURS.sub("", plain)
    tokens: list[_Token] = []
    for m in _TOKEN.finditer(plain):
        kind = m.lastgroup or ""
        if kind == "word":
            if m[0] not in _WORDS:
                return None
            token = _Token(*_WORDS[m[0]], typed=m[0])
        elif kind == "number":
            if len(m["digits"]) not in (1, 2, 4):
                return None
            token = _Token("y" if len(m["digits"]) == 4 else "n", int(m["digits"]), typed=m[0])
        elif kind in ("mark", "arrow"):
            if m[0] not in ".,;:'\"()?~≈-/–—→⇒->=>":
                return None
            token = _Token(m[0] if m[0] in "-/" else "T" if m[0] in "–—→⇒->=>" else "")
        elif kind in ("quarter", "half"):
            token = _Token(kind[0], int(re.sub(r"\D", "", m[0])))
        else:
            token = _figures(kind, m, text, day_first)
        if token.kind:
            tokens.append(token)
    # "fourth quarter", "trimestre 4"
    for at in range(len(tokens) - 1):
        one, other = tokens[at], tokens[at + 1]
        for name, number in ((one, other), (other, one)):
            if name.kind in "QH" and number.kind in ("n", "w") and 1 <= number.number <= (4 if name.kind == "Q" else 2):
                tokens[at : at + 2] = [_Token(name.kind.lower(), number.number), _Token("~")]
                break
    return tokens


def _figures(kind: str, m: re.Match[str], text: str, day_first: bool) -> _Token:
    """The token of a date in figures."""
    if kind == "iso":
        return _Token("f", value=_make(text, int(m["y1"]), int(m["m1"]), int(m["d1"])))
    if kind == "dmy":
        day, month = map(int, (m["d2"], m["m2"]) if day_first else (m["m2"], m["d2"]))
        year = int(m["y2"]) + (0 if len(m["y2"]) == 4 else 2000 if int(m["y2"]) < 70 else 1900)
        swapped = m["s2"].join((m["m2"], m["d2"], m["y2"])) if 12 < month <= 31 and 1 <= day <= 12 else ""
        return _Token("f", value=_make(text, year, month, day, swapped))
    if kind == "ym":
        return _Token("f", value=_make(text, int(m["y4"]), int(m["m4"])))
    if kind == "my":
        return _Token("f", value=_make(text, int(m["y5"]), int(m["m5"])))
    if kind == "dm":
        day, month = map(int, (m["d6"], m["m6"]) if day_first else (m["m6"], m["d6"]))
        return _Token("d", month * 100 + day, typed=f"{m['d6']}/20{m['m6']}" if int(m["m6"]) > 12 >= int(m["d6"]) else "")
    year, mark, other = int(m["y3"]), m["s3"], int(m["z3"])
    if len(m["z3"]) == 4:
        return _Token("p", year, _period(text, _make(text, year), _make(text, other)))
    next_ = other == (year + 1) % 100
    if mark == "/" and next_ and other <= 12:
        return _Token("f", value=Fault("date-unreadable", (text,), f"{year}/{year + 1}"))
    if (next_ and other > 12) or (mark != "-" and other > max(12, year % 100)) or (mark in "–—" and other > year % 100):
        end = year + (other - year) % 100
        return _Token("p", year, _period(text, _make(text, year), _make(text, end)))
    several = f"{year}/{year - year % 100 + other}" if other > max(24, year % 100) else ""
    return _Token("f", value=_make(text, year, other, None, several))


_DAY_SHAPES = {
    "nmy": (2, 1, 0), "wmy": (2, 1, 0), "mny": (2, 0, 1), "ymn": (0, 1, 2), "ynn": (0, 1, 2),
    "my": (1, 0, None), "ym": (0, 1, None),
    "ny": (1, 0, None), "yn": (0, 1, None), "y": (0, None, None), "nmn": (2, 1, 0),
}
"""Where year, month and day stand in a row of tokens."""
_NO_YEAR = {"nm": (1, 0), "wm": (1, 0), "mn": (0, 1), "m": (0, None)}


def _shape(tokens: list[_Token]) -> tuple[str, list[_Token]]:
    """A row without what does not change the date: vague words, the weekday of a day, separators."""
    tokens = [token for token in tokens if token.kind not in "~-/"]
    kinds = "".join(token.kind for token in tokens)
    if re.search("[nwfd]", kinds):
        tokens = [token for token in tokens if token.kind != "W"]
    if re.search("[yfp]", kinds):
        tokens = [token for token in tokens if token.kind != "u"]
    kinds = "".join(token.kind for token in tokens)
    if kinds.startswith("mnm") and tokens[0].typed == "mar":
        return kinds[1:], tokens[1:]
    return kinds, tokens


def _one(text: str, tokens: list[_Token], day_first: bool) -> PartialDate | Period | Fault | None:
    """The date that a row of tokens is; None when it is none."""
    kinds, tokens = _shape(tokens)
    numbers = [token.number for token in tokens]
    if kinds in ("f", "p"):
        return tokens[0].value
    if kinds in ("mp", "pm"):
        # "winter 2020-2021", or a summer in the south; no spring or autumn is of two years.
        month, years = (tokens if kinds == "mp" else tokens[::-1])[0].number, next(t.value for t in tokens if t.kind == "p")
        if month in (22, 24) and isinstance(years, Period) and years.start and years.end and (
                years.end.year == years.start.year + 1):
            return _make(text, years.start.year, month)
        return None
    if kinds in ("qy", "yq", "hy", "yh"):
        part, year = (numbers[0], numbers[1]) if kinds[1] == "y" else (numbers[1], numbers[0])
        months = 3 if "q" in kinds else 6
        return _period(text, _make(text, year, (part - 1) * months + 1), _make(text, year, part * months))
    if kinds == "nny":
        day, month = numbers[:2] if day_first else numbers[1::-1]
        return _make(text, numbers[2], month, day)
    if kinds not in _DAY_SHAPES or (kinds == "nmn" and len(tokens[2].typed) != 2):
        return None
    year_at, month_at, day_at = _DAY_SHAPES[kinds]
    year = numbers[year_at] + (0 if kinds != "nmn" else 2000 if numbers[year_at] < 70 else 1900)
    month_ = None if month_at is None else numbers[month_at]
    if kinds in ("ny", "yn", "ynn") and (month_ or 0) > 12:
        return Fault("date-impossible", (text, str(month_)))
    return _make(text, year, month_, None if day_at is None else numbers[day_at])


def _left(text: str, tokens: list[_Token], end: PartialDate | Period, day_first: bool) -> PartialDate | Period | Fault | None:
    """The start of a period, which may leave to the end to say its month and year."""
    if (whole := _one(text, tokens, day_first)) is not None:
        return whole
    kinds, tokens = _shape(tokens)
    last = end.end if isinstance(end, Period) else end
    if last is None or last.month is None:
        return None
    if kinds == "n" and last.day is not None:
        return _make(text, last.year, last.month, tokens[0].number)
    if kinds in ("q", "h"):
        return _one(text, [*tokens, _Token("y", last.year)], day_first)
    if kinds == "d":
        month, day = divmod(tokens[0].number, 100)
    elif kinds in _NO_YEAR:
        month_at, day_at = _NO_YEAR[kinds]
        month, day = tokens[month_at].number, 0 if day_at is None else tokens[day_at].number
    else:
        return None
    # "December to February 2021" began in 2020.
    earlier = month <= 12 and last.month <= 12 and month > last.month
    return _make(text, last.year - earlier, month, day or None)


def _whole(text: str, tokens: list[_Token], day_first: bool) -> PartialDate | Period | Fault | None:
    """The date or period that all tokens make; None when they make none."""
    kinds = "".join(token.kind for token in tokens)
    # What is said before the first date, and "and later" after the last one.
    m = re.match("[~TSVUBW]*", kinds)
    before = m[0] if m else ""
    since, until, between = "S" in before, bool(re.search("[UV]", before)), "B" in before
    body = [token for at, token in enumerate(tokens) if at >= len(before) or token.kind in "~W"]
    open_ = bool(body) and body[-1].kind == "O"
    body = body[:-1] if open_ else body
    row = "".join(token.kind for token in body)
    if row.startswith(("-", "/")) or row.endswith(("-", "/")):
        return None
    if not re.search("[TU&]", row):
        one = _one(text, body, day_first)
        if one is not None and (since or until or open_):
            return _period(text, None if until else one, one if until else None)
        if one is not None:
            return one
    for m in re.finditer(r"(?:[TU&][TU]*|-|/)", row):
        if ("&" in m[0] and not between) or until:
            continue
        value = _joined(text, body[: m.start()], m[0], body[m.end() :], day_first)
        if value is not None:
            return value
    return None


def _joined(text: str, left: list[_Token], mark: str, right: list[_Token], day_first: bool) -> Period | Fault | None:
    """The period between two rows of tokens; None when they make none."""
    if [token.kind for token in right if token.kind != "~"] == ["P"]:
        start = _one(text, left, day_first)
        return None if start is None else _period(text, start, None)
    if [token.kind for token in right] == ["n", "y"] and [token.kind for token in left] == ["m", "n"]:
        # "November 3-10, 2020"
        right = [left[0], *right]
    end = _one(text, right, day_first)
    if end is None or isinstance(end, Fault):
        return end
    before = "".join(token.kind for token in left if token.kind != "~")
    if (mark == "/" and before not in ("m", "my", "f")) or (mark == "-" and before == "p"):
        return None
    start = _left(text, left, end, day_first)
    return None if start is None else _period(text, start, end)
