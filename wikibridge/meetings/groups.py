"""Discussion groups that might be: people of one language who write about one theme, of one kind where they suffice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from math import ceil


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with a page: ``theme`` is the one that they write of most, ``slots`` when they can talk (empty: at any time)."""

    page: str
    language: str
    kind: str = ""
    theme: str = ""
    slots: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Group:
    """A group: what its members have in common (``""`` where they differ), and their pages in order."""

    language: str
    theme: str
    kind: str
    slot: str
    members: tuple[str, ...]


def main_theme(themes: Iterable[str]) -> str:
    """The theme that stands there most often, the first by name of several; empty where there is none."""
    counts = Counter(themes)
    return min(counts, key=lambda each: (-counts[each], each), default="")


Key = Callable[[Person], tuple[str, str, str] | None]
_KEYS: tuple[Key, ...] = (
    lambda each: (each.language, each.theme, each.kind) if each.theme and each.kind else None,
    lambda each: (each.language, each.theme, "") if each.theme else None,
    lambda each: (each.language, "", ""),
)
"""What a group has in common: all, or less where too few have all; never without a language."""


def propose(people: Iterable[Person], least: int, most: int) -> tuple[tuple[Group, ...], tuple[str, ...]]:
    """Groups of ``least`` to ``most`` people, and those for whom there is none. The same people in any order make the same."""
    left = sorted((each for each in people if each.language), key=lambda each: each.page)
    groups: list[Group] = []
    for key in _KEYS:
        shared: dict[tuple[str, str, str], list[Person]] = {}
        for each in left:
            if (common := key(each)) is not None:
                shared.setdefault(common, []).append(each)
        for (language, theme, kind), those in sorted(shared.items()):
            groups += [Group(language, theme, kind, slot, tuple(sorted(each.page for each in members)))
                       for slot, members in _form(those, least, most)]
        placed = {page for group in groups for page in group.members}
        left = [each for each in left if each.page not in placed]
    return tuple(sorted(groups, key=lambda each: (each.language, each.theme, each.kind, each.members))), tuple(
        each.page for each in left)


def _form(people: Sequence[Person], least: int, most: int) -> list[tuple[str, Sequence[Person]]]:
    """Groups that can talk at the same time: the time that suits most comes first."""
    found: list[tuple[str, Sequence[Person]]] = []
    left = list(people)
    while len(left) >= least:
        counts = Counter(slot for each in left for slot in each.slots)
        slot = min(counts, key=lambda each: (-counts[each], each), default="")
        # Those who named this time come before those to whom any suits.
        able = [each for each in left if slot in each.slots or not each.slots]
        able.sort(key=lambda each: (not each.slots, each.page))
        parts = _parts(len(able), least, most)
        if not parts:
            break
        for size in parts:
            found.append((slot, able[:size]))
            left = [each for each in left if each not in able[:size]]
            able = able[size:]
    return found


def _parts(count: int, least: int, most: int) -> list[int]:
    """Sizes of groups of so many people, as even as can be; where all cannot be placed, full groups and a rest."""
    if count < least:
        return []
    number = ceil(count / most)
    if count // number < least:
        return [most] * (count // most) or [count]
    return [count // number + (index < count % number) for index in range(number)]
