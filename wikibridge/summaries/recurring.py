"""What several people wrote in much the same words: the texts that are looked at, and which words of them say little."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any, Literal

import sqlalchemy as sa
import yaml

from wikibridge.entries.spelling import without_accents
from wikibridge.mirror.database import TooSlow
from wikibridge.mirror.facts import OWNER_NUMBER
from wikibridge.mirror.store import Mirror, unpack_fields
from wikibridge.mirror.tables import facts, pages
from wikibridge.summaries.question import Question
from wikibridge.summaries.select import Select, latest

LATEST = 10_000
"""The latest entries of a type, among which quotations are chosen, and is looked for what comes again."""
LENGTH = 2000
"""Characters of an entry's texts that are looked at."""
Role = Literal["empty", "turning", ""]
"""Whether a word holds a sentence together, turns round or measures what follows it, or says something by itself."""


@dataclass(frozen=True, slots=True)
class Recurring:
    """A word or phrase that comes again, or a title that several gave, as most of them spell it.

    ``entries`` and ``participants`` say how many have it; ``pages`` are titles of the latest pages where it stands, ``group``
    the key of its group. ``mean`` is that of the ``rated`` entries with a rating.
    """

    text: str
    entries: int
    participants: int
    pages: tuple[str, ...]
    group: str = ""
    language: str = ""
    mean: Decimal | None = None
    rated: int = 0


@dataclass(frozen=True, slots=True)
class Found:
    """What comes again: the rows shown, and how many more there are.

    ``cut``: longer texts were looked at in part; ``older``: there are older entries, which were not looked at.
    """

    rows: tuple[Recurring, ...] = ()
    more: int = 0
    cut: bool = False
    older: bool = False


NOTHING = Found()


@dataclass(frozen=True, slots=True)
class Said:
    """What an entry says in the texts that are looked at, in which language, on which page, in which groups."""

    page: int
    title: str
    language: str
    texts: tuple[str, ...]
    groups: tuple[str, ...]
    rating: Decimal | None
    cut: bool


def said(question: Question, mirror: Mirror) -> list[Said]:
    """The texts of the entries that a question means, the latest entries first. Raises TooSlow past the mirror's deadline."""
    select = Select(question.of, question.where, scope=latest(question.of, LATEST))
    entry, owner = select.driver, facts.alias()
    language = sa.select(sa.func.min(owner.c.term)).where(
        owner.c.page == entry.c.page, owner.c.number == OWNER_NUMBER, owner.c.field == "language").scalar_subquery()
    query = sa.select(entry.c.page, entry.c.number, entry.c.fields, pages.c.title, language.label("language")).select_from(
        select.joined.join(pages, pages.c.id == entry.c.page)).where(*select.where).order_by(
        entry.c.date.desc(), entry.c.page.desc(), entry.c.number.desc())
    with mirror.engine.connect() as connection:
        groups = _groups(question, connection)
        some = [_said(row, question, groups.get((row.page, row.number), ("",))) for row in connection.execute(query)]
    return _spoken(some)


def _spoken(some: list[Said]) -> list[Said]:
    """These, those of pages that say no language in the one that the page seems to be written in, else in that of most."""
    texts: dict[int, list[str]] = {}
    for each in some:
        if not each.language:
            texts.setdefault(each.page, []).extend(each.texts)
    found = {page: guessed(" ".join(parts)) for page, parts in texts.items()}
    known = Counter(each.language or found[each.page] for each in some)
    most = min(known, key=lambda language: (language == "", -known[language], language), default="")
    return [replace(each, language=found[each.page] or most) if each.page in found else each for each in some]


def _groups(question: Question, connection: sa.Connection) -> Mapping[tuple[int, int], tuple[str, ...]]:
    """The keys of the groups of each entry, by its page and number."""
    found: dict[tuple[int, int], tuple[str, ...]] = {}
    if not question.by:
        return found
    select, some = Select(question.of, (), question.by), latest(question.of, LATEST).some
    assert some is not None
    entry = select.driver
    # A list, not a join: SQLite would look through the latest entries for each one anew.
    among = sa.tuple_(entry.c.page, entry.c.number).in_(sa.select(some.c.page, some.c.number))
    query = sa.select(entry.c.page, entry.c.number, select.keys[0].label("key")).select_from(select.joined).where(
        *select.where, among)
    for row in connection.execute(query):
        place = (row.page, row.number)
        found[place] = tuple(sorted({*found.get(place, ()), str(row.key)}))
    return found


def _said(row: Any, question: Question, groups: tuple[str, ...]) -> Said:
    fields = unpack_fields(row.fields)
    texts: list[str] = []
    for name in question.quotes:
        value = fields.get(name)
        texts += [value] if isinstance(value, str) else [each for each in value if each] if isinstance(value, tuple) else []
    left, kept = LENGTH, []
    for text in texts:
        kept.append(text[:left])
        left -= len(kept[-1])
    rating = fields.get("rating")
    return Said(row.page, row.title, row.language or "", tuple(filter(None, kept)), groups,
                rating if isinstance(rating, Decimal) else None, sum(map(len, texts)) > LENGTH)


def in_time(mirror: Mirror, some: list[Said]) -> Iterator[Said]:
    """These, as long as the mirror's deadline is not past. Raises TooSlow."""
    for each in some:
        if time.monotonic() > mirror.deadline.end:
            raise TooSlow("question-slow")
        yield each


def commonest(spellings: Mapping[str, int]) -> str:
    """The spelling that most have, of equal ones that with fewer capitals."""
    return min(spellings, key=lambda text: (-spellings[text], sum(map(str.isupper, text)), text))


# Words that say little

@cache
def _lists() -> dict[str, dict[str, frozenset[str]]]:
    data: dict[str, dict[str, str]] = yaml.safe_load((files(__package__) / "stop_words.yml").read_text(encoding="utf-8"))
    return {language: {name: frozenset(map(bare, words.split())) for name, words in lists.items()}
            for language, lists in data.items()}


@lru_cache(maxsize=16_384)
def bare(word: str) -> str:
    """What two spellings of a word have in common: no accents, no capitals."""
    return without_accents(word).casefold()


@lru_cache(maxsize=16_384)
def role(word: str, language: str) -> Role:
    """The role of a word, ``bare``, in a text of a language; "" of one that is not known.

    Empty words of the other languages are left out too, save those that mean something in this one.
    """
    lists = _lists()
    own = lists.get(language, {})
    if word in own.get("turning", ()):
        return "turning"
    if word in own.get("empty", ()):
        return "empty"
    if word in own.get("meaning", ()):
        return ""
    every: tuple[Role, ...] = ("empty", "turning") if own else ("turning", "empty")
    return next((name for name in every if any(word in each[name] for each in lists.values())), "")


@lru_cache(maxsize=16_384)
def small(word: str, language: str) -> bool:
    """Whether a word, ``bare``, adds nothing to a title of a language. What could turn it round in another one is kept."""
    lists = _lists()
    own = lists.get(language, {})
    if any(word in own.get(name, ()) for name in ("linking", "light")):
        return True
    if word in own.get("meaning", ()) or any(word in each["turning"] for each in lists.values()):
        return False
    return any(word in each[name] for each in lists.values() for name in ("linking", "light"))


@lru_cache(maxsize=4096)
def links(word: str) -> bool:
    """Whether an empty word, ``bare``, may stand within a phrase: "lack of time", not "told us why"."""
    return any(word in each["linking"] for each in _lists().values())


def guessed(text: str) -> str:
    """The language of which a text has most of the empty words, and two at least; "" where there is none."""
    words = [bare(word) for word in text.split()]
    counts = Counter({language: sum(word in lists["empty"] for word in words) for language, lists in _lists().items()})
    (first, most), (_, next_) = counts.most_common(2)
    return first if most > max(1, next_) else ""
