"""What votes come to, by article and kind of actor, and whether the charter is adopted. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from wikibridge.charters.articles import Draft
from wikibridge.charters.votes import Verdict, Voter

OTHER = "\x00"
"""The kind under which small groups are put together."""


@dataclass(frozen=True, slots=True)
class Tally:
    """How many participants said what; ``again`` are those whose approval was of an earlier wording, ``none`` said nothing."""

    yes: int = 0
    reservation: int = 0
    no: int = 0
    again: int = 0
    none: int = 0

    def __add__(self, other: Tally) -> Tally:
        return Tally(self.yes + other.yes, self.reservation + other.reservation, self.no + other.no, self.again + other.again,
                     self.none + other.none)

    @property
    def votes(self) -> int:
        """Those who voted on the present wording."""
        return self.yes + self.reservation + self.no

    @property
    def share(self) -> Decimal | None:
        """The share of yes, with reservation or without, among these; None where there are none."""
        return Decimal(self.yes + self.reservation) / self.votes if self.votes else None


_SAID = {"yes": Tally(yes=1), "yes_with_reservation": Tally(reservation=1), "no": Tally(no=1)}


def count(verdicts: Iterable[Verdict], voters: Mapping[str, Voter], draft: Draft) -> dict[int, dict[str, Tally]]:
    """For each article what each kind of actor said of it; each participant is in one figure of an article."""
    said: dict[tuple[int, str], Tally] = {}
    for each in verdicts:
        if each.state != "void":
            said[each.article, each.vote.page] = _SAID[each.vote.answer] if each.state == "counts" else Tally(again=1)
    found: dict[int, dict[str, Tally]] = {}
    for article in draft.articles:
        kinds: dict[str, Tally] = {}
        for page, voter in voters.items():
            kinds[voter.kind] = kinds.get(voter.kind, Tally()) + said.get((article.id, page), Tally(none=1))
        found[article.id] = kinds
    return found


def folded(kinds: Mapping[str, int], least: int) -> dict[str, str]:
    """Under which kind each is shown: those of fewer participants than ``least`` together, with the next smallest if need be."""
    small = {kind for kind, number in kinds.items() if number < least}
    while small and sum(kinds[kind] for kind in small) < least and small != kinds.keys():
        small.add(min((number, kind) for kind, number in kinds.items() if kind not in small)[1])
    return {kind: OTHER if kind in small else kind for kind in kinds}


@dataclass(frozen=True, slots=True)
class Terms:
    """What adoption takes: of each article the share of yes (``threshold``, of 1) and how many who voted (``quorum``)."""

    threshold: Decimal
    quorum: int = 0
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Shortfall:
    """An article that is not approved: too few votes, or too small a share of yes."""

    article: int
    why: Literal["votes", "share"]


def short(tallies: Mapping[int, Tally], terms: Terms) -> tuple[Shortfall, ...]:
    """The articles that are not approved, and why; one without any vote is not."""
    found = []
    for article, tally in tallies.items():
        if tally.votes < max(1, terms.quorum):
            found.append(Shortfall(article, "votes"))
        elif (tally.share or 0) < terms.threshold:
            found.append(Shortfall(article, "share"))
    return tuple(found)


State = Literal["open", "adopted", "failed"]


def state(draft: Draft, missing: Sequence[Shortfall], terms: Terms, today: date) -> State:
    """How the vote stands on a day: open to its last day, then adopted when there are articles and none falls short."""
    if terms.until is None or today <= terms.until:
        return "open"
    return "failed" if missing or not draft.articles else "adopted"
