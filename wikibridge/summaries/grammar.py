"""From the words of a question to the question: tolerant of languages, accents and case; else a sentence that helps."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Any, get_args

import yaml

from wikibridge.entries.faults import Fault, shown
from wikibridge.entries.fields import read_field
from wikibridge.entries.spelling import fold
from wikibridge.entries.types import EntryField, EntryType, Language, Schema
from wikibridge.entries.values import read_date, read_language, read_number, read_term, read_yes_no
from wikibridge.errors import WikibridgeError
from wikibridge.i18n import LANGUAGES
from wikibridge.mirror.facts import CHANGE, key, millionths
from wikibridge.model import PartialDate, Period
from wikibridge.summaries.question import ROWS, Asked, Condition, Grouping, Measure, Question, Range, Relative, Shape

OWNER_TYPE = "participant"
_NUMBERS = ("number", "quantity", "rating")
_COUNTED = (*_NUMBERS, "date", "term", "yes_no", "language")
_OF_TEXTS = ("quotes", "words", "similar")
"""Forms of which ``show`` names the texts that they are of."""
_MOST = 20
"""Conditions, values, ranges or measures of one question: people type no more."""
_LONGEST = 2000
"""Characters of a question."""


class QuestionError(WikibridgeError):
    """A question that cannot be answered as it is typed: which word, and what to type in its place."""

    exit_code = 2


@cache
def _spellings() -> dict[str, dict[str, dict[str, list[str]]]]:
    """The words of words.yml by part, canonical word and language; in English the canonical one is the first."""
    source = (files(__package__) / "words.yml").read_text(encoding="utf-8")
    data: dict[str, dict[str, dict[str, list[str]]]] = yaml.safe_load(source)
    return {part: {name: {**some, "en": [name, *some["en"]]} for name, some in words.items()} for part, words in data.items()}


@cache
def _words() -> dict[str, dict[str, str]]:
    """The canonical word by any folded one, for each part of the grammar."""
    return {part: {_fold(word): name for name, some in words.items() for each in some.values() for word in each}
            for part, words in _spellings().items()}


def parts() -> dict[str, list[str]]:
    """The words for each part of a question, the canonical one first."""
    return {name: list(dict.fromkeys(word for each in (some["en"], some["fr"], some["pt"]) for word in each))
            for name, some in _spellings()["keys"].items()}


def _fold(text: str) -> str:
    return fold(text) or text.strip()


def _near(typed: str, known: Mapping[str, str] | list[str]) -> str:
    from rapidfuzz import fuzz, process

    found = process.extractOne(_fold(typed)[:60], list(known), scorer=fuzz.ratio, score_cutoff=60)
    return str(found[0]) if found else ""


def _word(part: str, typed: str, code: str, language: str) -> str:
    words = _words()[part]
    if (bare := _fold(typed)) in words:
        return words[bare]
    raise _unknown(part, typed, typed, code, language)


def _unknown(part: str, typed: str, word: str, code: str, language: str) -> QuestionError:
    """No ``word`` of this part, in what was typed: the words that there are, as people write them in that language."""
    words, spoken = _words()[part], {name: some[language][0] for name, some in _spellings()[part].items()}
    meant = words.get(_near(word, words), next(iter(spoken)))
    return QuestionError(code, shown(typed), spoken[meant], ", ".join(spoken.values()))


def split(text: str) -> dict[str, str]:
    """The parts of a question typed in one line: ``of=choice|by=theme``. Raises QuestionError."""
    parts = {}
    for piece in filter(str.strip, text.split("|")):
        name, sign, value = piece.partition("=")
        if not sign:
            raise QuestionError("question-no-equals", shown(piece))
        parts[name.strip()] = value.strip()
    return parts


def parse(parts: Mapping[str, str], schema: Schema, language: str, page: str = "") -> Question:
    """The question that these parts say. ``page`` is the title of the page where it stands, for ``participant: this page``.

    Raises QuestionError for the first thing that cannot be understood, with what may have been meant.
    """
    said: dict[str, str] = {}
    for typed, value in parts.items():
        if len(value) > _LONGEST:
            raise QuestionError("question-long", _LONGEST)
        name = _word("keys", typed, "question-key", language)
        if value.strip():
            said[name] = " ".join(value.split())
    if "of" not in said:
        raise QuestionError("question-no-of", ", ".join(kind.label[language].lower() for kind in schema.types.values()))
    return _Parser(schema, language, page, *_type(said["of"], schema, language)).question(said)


def language_of(parts: Mapping[str, str], schema: Schema) -> Language | None:
    """The language in which a question names what it is of; None where the word is of several."""
    words = _words()["keys"]
    of = next((_fold(value) for name, value in parts.items() if words.get(_fold(name)) == "of"), "")
    spoken: list[Any] = [language for language in LANGUAGES if any(
        of in map(_fold, (*kind.names[language], kind.label[language], kind.plural[language])) for kind in schema.types.values())]
    return spoken[0] if len(spoken) == 1 else None


def _type(typed: str, schema: Schema, language: str) -> tuple[str, EntryType]:
    bare = _fold(typed)
    spelt = {**{_fold(kind.plural[each]): name for name, kind in schema.types.items() for each in kind.plural},
             **{word: found[0] for word, found in schema.names.items()}, **{_fold(name): name for name in schema.types}}
    if bare not in spelt:
        names = [kind.label[language].lower() for kind in schema.types.values()]
        near = _near(typed, spelt)
        raise QuestionError("question-of", shown(typed), schema.types[spelt[near]].label[language].lower() if near else names[0],
                            ", ".join(names))
    return spelt[bare], schema.types[spelt[bare]]


_OR = re.compile(r",|\s(?:or|ou)\s", re.IGNORECASE)
_NOT = re.compile(r"(?:not|non|não|nao|sauf|except|exceto|pas)(?:\s+|(?=\())", re.IGNORECASE)
_RANGE = re.compile(r"\s*(?:\.{2,3}|…)\s*")
_OWNER = re.compile(r"participante?\s*\.\s*(?=\S)|participant[’']s\s+", re.IGNORECASE)
_UNITS = {
    "day": "days? jours? dias?", "week": "weeks? semaines? semanas?", "month": "months? mois m[eê]s(?:es)?",
    "year": "years? ann[eé]es? ans? anos?"}
_UNIT = "|".join(word for words in _UNITS.values() for word in words.split())
_LAST = r"(?:the |les |l[ae] |o |os |a |as )?"
_PREVIOUS = r"previous|pr[eé]c[eé]dente?s?|anterior(?:es)?"
_PAST = rf"(?:last|past|derniers?|derni[eè]res?|[uú]ltim[oa]s?|{_PREVIOUS})"
_RELATIVE = re.compile(
    rf"{_LAST}(?:{_PAST} (?:(?P<n1>\w+) )?(?P<u1>{_UNIT})|(?P<n2>\w+) {_PAST} (?P<u2>{_UNIT})"
    rf"|(?:(?P<n3>\w+) )?(?P<u3>{_UNIT}) {_PAST})",
    re.IGNORECASE)


@dataclass
class _Parser:
    schema: Schema
    language: str
    page: str
    of: str
    kind: EntryType

    def question(self, said: dict[str, str]) -> Question:
        where = tuple(self.condition(part) for part in self.several(said.get("where", ""), ";"))
        by = self.groupings(said.get("by", ""))
        wanted = self.several(said.get("show", ""), ",")
        form = _words()["shapes"].get(_fold(said.get("as", "")), "")
        quotes = form in _OF_TEXTS
        show = () if quotes else tuple(map(self.measure, wanted))
        shape = self.shape(said.get("as", ""), by, show)
        if not show:
            alone = shape in ("matrix", "comparison", "trend") or any(not each.field.name for each in by)
            show = (Measure("count"),) if alone else (Measure("count"), Measure("participants"))
        sort, descending = self.sort(said.get("sort", ""), show)
        return Question(
            self.of, where, by, show, sort, descending, self.limit(said.get("limit", "")), shape,
            self.quotes(wanted, form) if quotes else (), said.get("title", "")[:200], self.spoken(said.get("language", "")))

    def quotes(self, wanted: list[str], form: str) -> tuple[str, ...]:
        title = list(self.kind.fields[:1])
        long = [each for each in self.kind.fields if each.kind == "long_text"]
        texts = title if form == "similar" else [*title, *long] if form == "words" else long or title
        found = []
        for typed in wanted:
            asked, kind = self.field(typed)
            if kind is None or asked.owner or kind.kind not in ("text", "long_text"):
                raise QuestionError("question-quotes", shown(typed), ", ".join(each.names[self.language][0] for each in texts))
            found.append(asked.name)
        return tuple(found) or tuple(each.name for each in texts)

    def several(self, text: str, mark: str) -> list[str]:
        found = [part.strip() for part in text.split(mark) if part.strip()]
        if len(found) > _MOST:
            raise QuestionError("question-many", _MOST)
        return found

    def field(self, typed: str) -> tuple[Asked, EntryField | None]:
        """The field of a name; no EntryField for the participant themselves."""
        bare, owner = _fold(typed), self.schema.types[OWNER_TYPE]
        match = _OWNER.match(typed)
        kinds: tuple[tuple[EntryType, bool], ...]
        if match:
            kinds = ((owner, True),)
            bare = _fold(typed[match.end():])
        elif _words()["parts"].get(bare) == "participant":
            return Asked("", True), None
        else:
            kinds = ((self.kind, False), (owner, True)) if self.of != OWNER_TYPE else ((self.kind, False),)
        for kind, owned in kinds:
            if bare in kind.lookup:
                found = kind.by_name[kind.lookup[bare]]
                return Asked(found.name, owned, found.kind not in _COUNTED), found
        names = [each.names[self.language][0] for kind, _ in kinds for each in kind.fields if each.kind != "long_text"]
        spelt = {word: kind.by_name[name] for kind, _ in reversed(kinds) for word, name in kind.lookup.items()}
        near = _near(typed, list(spelt))
        meant = spelt[near].names[self.language][0] if near else names[0]
        raise QuestionError("question-field", shown(typed), meant, ", ".join(dict.fromkeys(names)))

    # Conditions

    def condition(self, text: str) -> Condition:
        head, colon, rest = text.partition(":")
        if colon and _fold(head) in ("participant", "participante") and ":" in rest:
            head, rest = f"{head}.{rest.partition(':')[0]}", rest.partition(":")[2]
        if not colon or not rest.strip():
            raise QuestionError("question-no-colon", shown(text))
        asked, kind = self.field(head.strip())
        rest = rest.strip()
        negated = bool(match := _NOT.match(rest))
        rest = rest[match.end():] if match else rest
        rest = rest[1:-1] if rest.startswith("(") and rest.endswith(")") else rest
        special = _words()["values"].get(_fold(rest))
        if special in ("any", "none"):
            return Condition(asked, given=(special == "any") != negated)
        if kind is None:
            title = self.page if special == "this page" else ""
            return Condition(asked, terms=tuple(title or part.strip() for part in _OR.split(rest)), negated=negated)
        made = Condition(asked, negated=negated)
        # A comma may be a part of a number or date; between values of other kinds it is an "or".
        parts = re.split(r"\s(?:or|ou)\s", rest) if kind.kind in (*_NUMBERS, "date") else _OR.split(rest)
        if len(parts) > _MOST:
            raise QuestionError("question-many", _MOST)
        for part in filter(None, map(str.strip, parts)):
            made = self.value(made, kind, part, head.strip())
        return made

    def value(self, made: Condition, kind: EntryField, text: str, name: str) -> Condition:
        if text.startswith(("~", "∼", "˜", "～")):
            return replace(made, texts=(*made.texts, _fold(text[1:])))
        if kind.kind == "date":
            return replace(made, ranges=(*made.ranges, self.period(text)))
        if kind.kind in _NUMBERS:
            return replace(made, ranges=(*made.ranges, self.numbers(text)))
        if kind.kind == "long_text":
            return replace(made, texts=(*made.texts, _fold(text)))
        if kind.kind == "term":
            term = read_term(text, kind.vocabulary, self.schema, self.language)
            if isinstance(term, Fault):
                known = [str(getattr(each, self.language)) for each in self.schema.vocabularies[kind.vocabulary].values()]
                raise QuestionError("question-value", shown(text), name, term.suggestion or known[0], ", ".join(known[:40]))
            return replace(made, terms=(*made.terms, key(term)))
        if kind.kind == "yes_no":
            answer = read_yes_no(text)
            if isinstance(answer, Fault):
                raise QuestionError("question-yes-no", shown(text), name)
            return replace(made, terms=(*made.terms, "true" if answer else "false"))
        read, faults = read_field(text, kind, self.schema, self.language)
        typed = text if faults or read is None else read
        return replace(made, terms=(*made.terms, *map(key, (typed,) if isinstance(typed, str) else map(str, typed))))  # type: ignore[arg-type]

    def period(self, text: str) -> Range | Relative:
        if match := _RELATIVE.fullmatch(text):
            number, unit = match["n1"] or match["n2"] or match["n3"] or "1", match["u1"] or match["u2"] or match["u3"]
            read = read_number(number, self.language)
            name: Any = next(name for name, words in _UNITS.items() if re.fullmatch("|".join(words.split()), unit, re.IGNORECASE))
            if isinstance(read, Decimal) and read == int(read) and 0 < read <= 1000:
                return Relative(int(read), name, bool(re.search(_PREVIOUS, text, re.IGNORECASE)))
            raise QuestionError("question-date", shown(text))
        ends = [self.day(part) if part else None for part in _RANGE.split(text)]
        if len(ends) == 1 and ends[0]:
            return Range(*ends[0], text=text)
        if len(ends) != 2 or ends == [None, None]:
            raise QuestionError("question-date", shown(text))
        low, high = ends
        if low and high and low[0] > high[1]:
            raise QuestionError("question-backwards", shown(text))
        return Range(low and low[0], high and high[1], text=text)

    def day(self, text: str) -> tuple[str, str]:
        read = read_date(text, self.schema.day_first)
        if isinstance(read, PartialDate):
            return read.days()
        if isinstance(read, Period) and read.start and read.end:
            return read.start.days()[0], read.end.days()[1]
        raise QuestionError("question-date", shown(text))

    def numbers(self, text: str) -> Range:
        ends = _RANGE.split(text)
        if len(ends) > 2:
            raise QuestionError("question-number", shown(text))
        # Of "10..20 km" the unit is that of both.
        match = _WITH_UNIT.fullmatch(ends[-1])
        unit = self.schema.units.name(match[2]) if match and not _STARS.fullmatch(match[2]) else ""
        bounds: list[int | None] = []
        for end in (*ends[:-1], match[1] if match else ends[-1]):
            read = read_number(end, self.language) if end else None
            if isinstance(read, Fault):
                raise QuestionError("question-number", shown(text))
            bounds.append(None if read is None else millionths(read))
        low, high = bounds[0], bounds[-1]
        if low is None and high is None:
            raise QuestionError("question-number", shown(text))
        if low is not None and high is not None and low > high:
            raise QuestionError("question-backwards", shown(text))
        return Range(low, high, unit, text)

    # Groups, figures, shape

    def groupings(self, text: str) -> tuple[Grouping, ...]:
        found = [self.grouping(part) for part in self.several(text, ";" if ";" in text or ":" in text else ",")]
        if len(found) > 2:
            raise QuestionError("question-by-many")
        return tuple(found)

    def grouping(self, text: str) -> Grouping:
        head, colon, rest = text.partition(":")
        if colon and _OWNER.match(text):
            head, colon, rest = text, "", ""
        part: Any = _words()["parts"].get(_fold(head))
        if part and part != "participant" and _fold(head) not in self.kind.lookup:
            dated = next((each for each in self.kind.fields if each.kind == "date"), None)
            if dated is None:
                raise QuestionError("question-no-date", self.kind.label[self.language])
            return Grouping(Asked(dated.name), part)
        asked, kind = self.field(head.strip())
        if kind is None:
            return Grouping(asked)
        if kind.kind == "long_text":
            raise QuestionError("question-by-text", shown(head))
        if kind.kind == "date":
            periods = tuple(self.period(each) for each in self.several(rest, ","))
            return Grouping(asked, "" if periods else "year", periods)
        if colon and kind.kind not in _NUMBERS:
            raise QuestionError("question-by-values", shown(head))
        ranges = tuple(self.numbers(each) for each in self.several(rest, ","))
        return Grouping(asked, "", ranges, kind.kind in _NUMBERS)

    def measure(self, text: str) -> Measure:
        words = _words()["measures"]
        names = _fold(text).split() if fold(text) else [text.strip()]
        for cut in range(len(names), 0, -1):
            word = " ".join(names[:cut])
            if word in words:
                return self.of_field(words[word], " ".join(names[cut:]), text)
            # "note moyenne", "avaliação média": the adjective comes last.
            if (word := " ".join(names[-cut:])) in words:
                return self.of_field(words[word], " ".join(names[:-cut]), text)
        raise _unknown("measures", text, names[0], "question-show", self.language)

    def of_field(self, measure: Any, name: str, text: str) -> Measure:
        while (shorter := re.sub(r"^(?:of|in|de|do|da|du|des|la|le|les|l|the|a|o|d)\s", "", name)) != name:
            name = shorter
        if measure in ("count", "participants", "share"):
            return Measure(measure)
        if measure == CHANGE:
            if "before" not in self.kind.by_name or "after" not in self.kind.by_name:
                raise QuestionError("question-no-change", self.kind.label[self.language])
            return Measure("change", CHANGE)
        wanted = ("date",) if measure in ("first", "latest") else _NUMBERS
        fields = [each for each in self.kind.fields if each.kind in wanted]
        if not name and measure in ("first", "latest") and fields:
            return Measure(measure, fields[0].name)
        labels = ", ".join(each.names[self.language][0] for each in fields)
        if name in ("change", "changement", "variation", "variacao", "mudanca") and "after" in self.kind.by_name:
            return Measure(measure, CHANGE)
        if not name:
            raise QuestionError("question-measure-of", shown(text), labels)
        asked, kind = self.field(name)
        if kind is None or asked.owner or kind.kind not in wanted:
            raise QuestionError("question-measure-field", shown(text), name, labels)
        return Measure(measure, asked.name)

    def shape(self, typed: str, by: tuple[Grouping, ...], show: tuple[Measure, ...]) -> Shape:
        if not typed:
            return "matrix" if len(by) == 2 else "table" if by else "number" if show else "list"
        word: Any = _word("shapes", typed, "question-shape", self.language)
        assert word in get_args(Shape)
        needs = {"matrix": 2, "comparison": 2, "bars": 1, "trend": 1, "table": 1, "list": 0, "number": 0, "similar": 0}.get(word)
        if needs is not None and len(by) != needs and not (word == "table" and by):
            raise QuestionError(f"question-shape-{needs}", shown(typed))
        if word == "words" and len(by) > 1:
            raise QuestionError("question-shape-one", shown(typed))
        if word == "trend" and not by[0].part:
            raise QuestionError("question-trend", shown(typed))
        return word  # type: ignore[no-any-return]

    def sort(self, typed: str, show: tuple[Measure, ...]) -> tuple[int | None, bool]:
        if not typed:
            return 0, True
        descending = not typed.startswith("+")
        bare = typed.lstrip("+-− ")
        if _fold(bare) in ("name", "nom", "nome", "label", "order", "ordre", "ordem", "date", "data", "time"):
            return None, typed.startswith(("-", "−"))
        wanted = self.measure(bare)
        if wanted not in show:
            raise QuestionError("question-sort", shown(typed))
        return show.index(wanted), descending

    def limit(self, typed: str) -> int:
        if not typed:
            return 50
        if not re.fullmatch(r"[0-9]{1,4}", typed) or not 1 <= int(typed) <= ROWS:
            raise QuestionError("question-limit", shown(typed), ROWS)
        return int(typed)

    def spoken(self, typed: str) -> str:
        if not typed:
            return ""
        read = read_language(typed)
        if isinstance(read, Fault) or read not in ("en", "fr", "pt"):
            raise QuestionError("question-language", shown(typed))
        return read


_WITH_UNIT = re.compile(r"([+−-]?[0-9][0-9.,’'\s]*?)\s*([^0-9.,’'\s].*)")
_STARS = re.compile(r"[★⭐*]+|stars?|[eé]toiles?|estrelas?")
