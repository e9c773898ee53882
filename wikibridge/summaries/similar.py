"""Titles that say the same, but for their spelling: ``Less meat``, ``less meat!``, ``Eat less meat``.

Two titles are alike when they have the same words, in any order, save those that add nothing and one word that is spelt a
little otherwise. Scores over whole titles (rapidfuzz's ``token_sort_ratio``, ``WRatio``) were tried and take
"One car for three houses" for "One car for two houses" before they see that "Eat less meat" is "Less meat".
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal

from wikibridge.mirror.store import Mirror
from wikibridge.summaries.question import Question
from wikibridge.summaries.recurring import Found, Recurring, Said, bare, commonest, in_time, said, small
from wikibridge.summaries.words import WORD

NEAR = 85
"""How alike two spellings of a word are, of 100 (rapidfuzz's ratio): "garden" and "gardens", not "meat" and "heat"."""
SHORTEST = 4
"""Letters of a word that may be spelt otherwise."""
PAGES = 5
"""Pages that are named of each group."""
Words = tuple[str, ...]


def similar(question: Question, mirror: Mirror, min_group: int) -> Found:
    """Titles that at least ``min_group`` participants, and at least two, gave in much the same words, those of most first.

    The mean of their ratings is over at least ``min_group`` entries. Raises TooSlow past the mirror's deadline.
    """
    some = [each for each in said(question, mirror) if each.texts]
    words = [core(each.texts[0], each.language) for each in in_time(mirror, some)]
    leaders = grouped(words)
    groups: dict[Words, list[Said]] = {}
    for each, found in zip(some, words, strict=True):
        groups.setdefault(leaders[found], []).append(each)
    rows = [_row(group, min_group) for group in groups.values() if len({each.page for each in group}) >= max(2, min_group)]
    rows.sort(key=lambda row: (-row.participants, -row.entries, row.text))
    return Found(tuple(rows[: question.limit]), max(0, len(rows) - question.limit), any(each.cut for each in some))


def _row(group: Sequence[Said], min_group: int) -> Recurring:
    spellings = Counter(" ".join(each.texts[0].split()) for each in group)
    pages = {each.page: each.title for each in group}
    ratings = [each.rating for each in group if each.rating is not None]
    mean = sum(ratings, Decimal(0)) / len(ratings) if len(ratings) >= max(1, min_group) else None
    return Recurring(commonest(spellings), len(group), len(pages), tuple(pages.values())[:PAGES], mean=mean, rated=len(ratings))


def core(title: str, language: str) -> Words:
    """The words of a title that say something, sorted; all of them where none does."""
    tokens = [bare(word) for word in WORD.findall(unicodedata.normalize("NFC", title))]
    full = [word for word in tokens if not small(word, language)]
    return tuple(sorted(set(full or tokens))) or (bare(" ".join(title.split())),)


def grouped(titles: Iterable[Words]) -> dict[Words, Words]:
    """For the words of each title those that lead its group: the most frequent ones that are alike, of equal ones the first.

    The order of the titles changes nothing.
    """
    counts = Counter(titles)
    leaders: dict[Words, Words] = {}
    places: dict[tuple[Words, str], dict[str, Words]] = {}
    joined: dict[str, Words] = {}
    for words in sorted(counts, key=lambda words: (-counts[words], words)):
        leader = joined.get("".join(words)) or _near(words, places) or words
        leaders[words] = leader
        if leader == words:
            joined["".join(words)] = words
            for place, word in _without_one(words):
                places.setdefault(place, {})[word] = words
    return leaders


def _near(words: Words, places: dict[tuple[Words, str], dict[str, Words]]) -> Words | None:
    """The leader that has all of the words but one, and that one nearly."""
    from rapidfuzz import fuzz, process

    found: list[tuple[float, Words]] = []
    for place, word in _without_one(words):
        best = process.extractOne(word, list(places.get(place, ())), scorer=fuzz.ratio, score_cutoff=NEAR)
        if best is not None:
            found.append((-best[1], places[place][best[0]]))
    return min(found)[1] if found else None


def _without_one(words: Words) -> Iterator[tuple[tuple[Words, str], str]]:
    """Where to look for what differs in one word: the other words and its first letter; and that word."""
    for number, word in enumerate(words):
        if len(word) >= SHORTEST and not any(map(str.isdigit, word)):
            yield ((*words[:number], *words[number + 1 :]), word[0]), word
