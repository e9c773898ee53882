"""Recurring words and phrases: those that several people use, and of groups those that tell one from the others.

What recurs is counted and weighed by scikit-learn (TF-IDF, the groups being its documents), which is installed with
``wikibridge[text]``.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator
from importlib.util import find_spec
from itertools import zip_longest
from typing import NamedTuple, TypeVar

from wikibridge.mirror.store import Mirror
from wikibridge.summaries.grammar import QuestionError
from wikibridge.summaries.question import Question
from wikibridge.summaries.recurring import Found, Recurring, Said, bare, commonest, in_time, links, role, said

NEEDS = ("scikit-learn", "text")
"""The package that counts and weighs, and the extra with which it is installed."""
WORDS = 3
"""Words of the longest phrase."""
PAGES = 3
"""Pages that are named of each."""
MOST = 200
"""Rows of an answer in groups: each has ``limit`` of its own."""
_LONGEST = 30
"""Letters of a word. What is longer is an address, or a sentence in a script without blanks."""
_ADDRESS = re.compile(r"\S*(?:://|@|www\.)\S*")
# Not \w, which leaves out the vowels of Indian scripts.
_APART = (r"\s_!-/:-@\[-`{-¿×÷\u0964\u0965\u2000-\u206f\u20a0-\u2bff\u2e00-\u2e7f\u3000-\u303f\uff01-\uff0f\uff1a-\uff20"
          r"\uff3b-\uff40\uff5b-\uff65\ufffd\U0001f000-\U0001faff")
WORD = re.compile(rf"[^{_APART}]+")
_JOINED = re.compile(r"[ \t\u00a0\u202f]*['’ʼ\-\u2010\u2011]?[ \t\u00a0\u202f]*")
"""What may stand between the words of a phrase."""


T = TypeVar("T")


class Token(NamedTuple):
    """A word of a text: its place, what its spellings have in common, whether it says something by itself."""

    start: int
    end: int
    word: str
    role: str


def installed() -> bool:
    """Whether there is what counts and weighs."""
    return find_spec("sklearn") is not None


def ready() -> None:
    """Raises QuestionError that says what to install."""
    if not installed():
        raise QuestionError("extra-missing", *NEEDS)


def cleaned(text: str) -> str:
    """A text without addresses of the web, each letter with its accent one sign."""
    return unicodedata.normalize("NFC", _ADDRESS.sub(" … ", text))


def runs(text: str, language: str) -> Iterator[list[Token]]:
    """The words of a text that stand together, no mark between them."""
    run: list[Token] = []
    last = 0
    for match in WORD.finditer(text):
        start, end = match.span()
        word = bare(match[0])
        between = text[last:start]
        if run and (len(word) > _LONGEST or (between != " " and not _JOINED.fullmatch(between))):
            yield run
            run = []
        last = end
        if len(word) <= _LONGEST:
            alone = word.isnumeric() or (len(word) == 1 and word.isascii())
            run.append(Token(start, end, word, "empty" if alone else role(word, language)))
    if run:
        yield run


def phrases(text: str, language: str, known: Collection[str] | None = None) -> Iterator[tuple[str, str]]:
    """Words and phrases of a text, each by what its spellings have in common and as it is spelt here.

    With ``known``, only those whose full words are among these.
    """
    text = cleaned(text)
    for run in runs(text, language):
        for place, first in enumerate(run):
            if first.role == "empty":
                continue
            phrase = ""
            for token in run[place : place + WORDS]:
                phrase = f"{phrase} {token.word}" if phrase else token.word
                if not token.role and known is not None and token.word not in known:
                    break
                if not token.role:
                    yield phrase, text[first.start : token.end]
                elif token.role == "empty" and not links(token.word):
                    break


def recurring(question: Question, mirror: Mirror, min_group: int) -> Found:
    """The words and phrases that at least ``min_group`` participants, and at least two, use, the most telling of each group.

    Languages take turns, so that none drowns another; so do groups where not all have room. Rows are by group, language and
    how telling they are. Raises QuestionError where scikit-learn is not installed, TooSlow past the mirror's deadline.
    """
    ready()
    some = said(question, mirror)
    uses = _uses(some, mirror, max(2, min_group))
    groups = {group: _ranked(terms) for group, terms in _weighed(uses, max(2, min_group)).items()}
    ordered = _ordered(groups, uses, question)
    lists = [[(group, term) for term in groups[group][: question.limit]] for group in ordered]
    shown = _in_turns(lists)[:MOST]
    places = {(group, term): (ordered.index(group), _language(term), groups[group].index(term)) for group, term in shown}
    rows = _rows(uses, sorted(shown, key=places.__getitem__))
    return Found(tuple(rows), sum(map(len, groups.values())) - len(shown), any(each.cut for each in some))


class _Uses(NamedTuple):
    """Which terms each entry has, a term being a phrase with its language; how often each is spelt how."""

    entries: list[tuple[Said, tuple[str, ...]]]
    spellings: defaultdict[str, Counter[str]]


def _term(language: str, phrase: str) -> str:
    return f"{language}\0{phrase}"


def _language(term: str) -> str:
    return term.partition("\0")[0]


def _uses(some: list[Said], mirror: Mirror, least: int) -> _Uses:
    """Of phrases only those of which every word by itself recurs: no other one can."""
    words: dict[str, Counter[str]] = {}
    by_page: dict[int, list[Said]] = {}
    for each in some:
        by_page.setdefault(each.page, []).append(each)
    for of_page in by_page.values():
        found = {(each.language, bare(word)) for each in in_time(mirror, of_page) for text in each.texts
                 for word in WORD.findall(unicodedata.normalize("NFC", text))}
        for language, word in found:
            words.setdefault(language, Counter())[word] += 1
    known = {language: {word for word, people in counts.items() if people >= least} for language, counts in words.items()}
    uses = _Uses([], defaultdict(Counter))
    for each in in_time(mirror, some):
        spelt: dict[str, str] = {}
        for text in each.texts:
            for phrase, as_typed in phrases(text, each.language, known.get(each.language, ())):
                spelt.setdefault(_term(each.language, phrase), as_typed)
        for term, as_typed in spelt.items():
            uses.spellings[term][as_typed] += 1
        uses.entries.append((each, tuple(spelt)))
    return uses


def _weighed(uses: _Uses, least: int) -> dict[str, list[tuple[float, int, str]]]:
    """The terms that recur in each group: weight, participants, term. What recurs in few groups weighs more than elsewhere too.

    https://scikit-learn.org/stable/modules/feature_extraction.html#tfidf-term-weighting
    """
    from scipy.sparse import csr_array
    from sklearn.feature_extraction.text import CountVectorizer, TfidfTransformer

    people: dict[tuple[str, int], set[str]] = {}
    for each, terms in uses.entries:
        for group in each.groups:
            people.setdefault((group, each.page), set()).update(terms)
    if not any(people.values()):
        return {}
    groups = sorted({group for group, _ in people})
    vectors = CountVectorizer(analyzer=sorted, binary=True)
    used = vectors.fit_transform(people.values())
    member = csr_array(([1] * len(people), ([groups.index(group) for group, _ in people], range(len(people)))))
    counts = csr_array(member @ used)
    counts.data[counts.data < least] = 0
    counts.eliminate_zeros()
    counts.sort_indices()
    weights = TfidfTransformer(norm=None).fit_transform(counts)
    names = vectors.get_feature_names_out()
    found: dict[str, list[tuple[float, int, str]]] = {group: [] for group in groups}
    for number, place, weight, count in zip(*counts.nonzero(), weights.data, counts.data, strict=True):
        found[groups[number]].append((float(weight), int(count), str(names[place])))
    return found


def _ranked(terms: list[tuple[float, int, str]]) -> list[str]:
    """Terms of a group, the most telling first, languages in turns; none that is nearly always part of a longer one."""
    people = {term: count for _, count, term in terms}
    parts = {part for term, count in people.items() for part in _parts(term) if part in people and count * 4 >= people[part] * 3}
    ranked = sorted((-round(weight, 6), -count, term) for weight, count, term in terms if term not in parts)
    spoken = sorted({_language(term) for _, _, term in ranked})
    return _in_turns([[term for _, _, term in ranked if _language(term) == language] for language in spoken])


def _parts(term: str) -> Iterator[str]:
    """The shorter phrases within a phrase."""
    language, _, phrase = term.partition("\0")
    words = phrase.split(" ")
    for length in range(1, len(words)):
        for begin in range(len(words) - length + 1):
            yield _term(language, " ".join(words[begin : begin + length]))


def _ordered(groups: Iterable[str], uses: _Uses, question: Question) -> list[str]:
    """Groups of when and how much in their order, others by how many participants they have; what says nothing is last."""
    people = Counter(group for group, _ in {(group, each.page) for each, _ in uses.entries for group in each.groups})

    def place(group: str) -> tuple[object, ...]:
        ordered = bool(question.by) and question.by[0].ordered
        number = int(group) if ordered and group.lstrip("-").isdecimal() else 0
        return (group == "", number if ordered else -people[group], group)

    return sorted(groups, key=place)


def _in_turns(lists: Iterable[list[T]]) -> list[T]:
    """The first of each list, then the second of each, and so on."""
    return [each for turn in zip_longest(*lists) for each in turn if each is not None]


def _rows(uses: _Uses, wanted: list[tuple[str, str]]) -> Iterator[Recurring]:
    entries = dict.fromkeys(wanted, 0)
    titles: dict[tuple[str, str], dict[int, str]] = {one: {} for one in wanted}
    for each, terms in uses.entries:
        for group in each.groups:
            for term in terms:
                if (one := (group, term)) in entries:
                    entries[one] += 1
                    titles[one].setdefault(each.page, each.title)
    for group, term in wanted:
        of = titles[(group, term)]
        yield Recurring(commonest(uses.spellings[term]), entries[(group, term)], len(of), tuple(of.values())[:PAGES], group,
                        _language(term))
