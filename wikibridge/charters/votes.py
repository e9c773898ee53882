"""Votes and what becomes of each: it counts, was given to an earlier wording, or does not count for a reason. Pure.

A ballot is a vote on one article. It holds for the exact wording that it names by a code, or that was in force when the vote in
its present form first stood on the participant's page.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import takewhile
from typing import Literal
from zoneinfo import ZoneInfo

from wikibridge.charters.articles import CODE, Article, Draft
from wikibridge.entries.spelling import fold
from wikibridge.mirror.pasts import Past

Answer = Literal["yes", "yes_with_reservation", "no"]
ANSWERS: tuple[Answer, ...] = ("yes", "yes_with_reservation", "no")
Reason = Literal[
    "charter", "elsewhere", "unreadable", "stranger", "late", "before", "article", "removed", "wording", "twice", "replaced"]
"""Why a ballot does not count: it names no charter that there is; not on a participant's page; the answer could not be read;
written by somebody else than the page's owner; after the last day; before there was a charter; no such article; an article that
was taken out; a code of no wording; the same participant voted again on that article: on the same words, or on later ones."""
_NUMBERS = re.compile(
    r"(?:articles?|artigos?|arts?|nos?|n)?[\s.:]*((?:\d{1,4}|\band\b|\bet\b|\be\b|[\s,;&+–-])+)[\s.]*", re.IGNORECASE)
_ORDINAL = str.maketrans("º°", "..")
_RANGE = re.compile(r"(\d{1,4})\s*[–-]\s*(\d{1,4})|(\d{1,4})")
_MOST = 200
"""Articles that one vote may name by a range."""


@dataclass(frozen=True, slots=True)
class Origin:
    """When a vote in its present form was written, and by whom; an empty editor is not known."""

    revision: int
    time: datetime
    editor: str = ""

    @property
    def order(self) -> tuple[datetime, int]:
        """What tells earlier from later."""
        return self.time, self.revision


@dataclass(frozen=True, slots=True)
class Vote:
    """A vote as it stands on a page: ``number`` is its place among the page's entries; ``article``, ``answer``, ``comment`` and
    ``wording`` what it says, empty where it says nothing that can be read. ``named`` tells that it names this charter.
    """

    page: str
    number: int
    article: str
    answer: str
    comment: str
    wording: str
    origin: Origin
    named: bool = True


@dataclass(frozen=True, slots=True)
class Voter:
    """A participant by the title of the page. ``owner`` is the wiki user whose page it is, in normal form; empty: not known."""

    page: str
    kind: str = ""
    owner: str = ""


@dataclass(frozen=True, slots=True)
class Standing:
    """A charter's text since a moment: ``revision`` is the first that had it, ``last`` the last."""

    draft: Draft
    revision: int
    time: datetime
    last: int = 0

    @property
    def order(self) -> tuple[datetime, int]:
        """What tells earlier from later."""
        return self.time, self.revision


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of one ballot. ``article`` is the number that the article keeps, 0 where the vote names none that there was.

    ``digest`` is that of the wording that it was given to; ``checked`` tells that its writer is known to be the page's owner.
    """

    vote: Vote
    article: int
    state: Literal["counts", "earlier", "void"]
    reason: Reason | Literal[""] = ""
    digest: str = ""
    checked: bool = True


@dataclass(frozen=True, slots=True)
class Rules:
    """Until when votes count, both days included, on the clock of a zone; None: without an end."""

    until: date | None = None
    zone: str = "UTC"

    def late(self, moment: datetime) -> bool:
        """Whether a moment is after the last day."""
        return self.until is not None and moment.astimezone(ZoneInfo(self.zone)).date() > self.until


def user_name(name: str) -> str:
    """A name of a wiki user in its normal form, without the namespace: ``_`` is a blank, the first letter a capital."""
    name = " ".join(name.rpartition(":")[2].replace("_", " ").split())
    return name[:1].upper() + name[1:]


def written(past: Past, mark: str, owner: str) -> Origin | None:
    """When the vote of a mark was written, and by whom. None where the past does not hold it.

    Of a known owner it is the latest version of theirs in which the vote is new, provided that they did not take it away
    after that: whoever puts back what the owner once wrote has not written it. Otherwise it is the version since which it stands.
    """
    since = next((number for number in range(len(past) - 1, -1, -1) if mark not in past[number].marks), -1) + 1
    if since >= len(past):
        return None
    origin = Origin(past[since].revision, past[since].time, past[since].editor)
    if owner and user_name(origin.editor) != owner:
        theirs = [number for number, each in enumerate(past) if owner in map(user_name, each.editors)]
        new = [number for number in range(since) if user_name(past[number].editor) == owner and mark in past[number].marks
               and (number == 0 or mark not in past[number - 1].marks)]
        if new and mark in past[theirs[-1]].marks and all(mark in past[number].marks for number in theirs if number >= new[-1]):
            return Origin(past[new[-1]].revision, past[new[-1]].time, past[new[-1]].editor)
    return origin


def verdicts(
    votes: Iterable[Vote], voters: Mapping[str, Voter], standings: Sequence[Standing], rules: Rules,
) -> tuple[Verdict, ...]:
    """What becomes of each ballot, by page, place on it and article.

    ``standings`` are the charter's texts in their order, the last of them as it is now.
    """
    found = [verdict for vote in votes for verdict in _verdicts(vote, voters.get(vote.page), standings, rules)]
    latest: dict[tuple[str, int], Verdict] = {}
    for each in found:
        if each.state != "void":
            place = each.vote.page, each.article
            if place not in latest or _rank(each) > _rank(latest[place]):
                latest[place] = each
    kept = set(map(id, latest.values()))
    return tuple(sorted(
        (each if each.state == "void" or id(each) in kept else _outdone(each) for each in found),
        key=lambda each: (each.vote.page, each.vote.number, each.article)))


def _outdone(verdict: Verdict) -> Verdict:
    """One that a later vote of the same participant stands in place of."""
    return replace(verdict, state="void", reason="replaced" if verdict.state == "earlier" else "twice")


def _rank(verdict: Verdict) -> tuple[datetime, int, bool, int]:
    """Of two votes on one article the later counts; of one moment, that on the article alone; else the lower on the page."""
    return (*verdict.vote.origin.order, bool(verdict.vote.article.strip()), verdict.vote.number)


def _verdicts(vote: Vote, voter: Voter | None, standings: Sequence[Standing], rules: Rules) -> list[Verdict]:
    reason: Reason | Literal[""] = ""
    if not vote.named:
        reason = "charter"
    elif voter is None:
        reason = "elsewhere"
    elif vote.answer not in ANSWERS:
        reason = "unreadable"
    elif voter.owner and vote.origin.editor and user_name(vote.origin.editor) != voter.owner:
        reason = "stranger"
    elif rules.late(vote.origin.time):
        reason = "late"
    if reason:
        return [Verdict(vote, 0, "void", reason)]
    checked = bool(voter and voter.owner and vote.origin.editor)
    before = [each for each in standings if each.order <= vote.origin.order]
    if not before and not vote.wording.strip():
        return [Verdict(vote, 0, "void", "before", checked=checked)]
    named = _named(vote, before, standings)
    if isinstance(named, str):
        return [Verdict(vote, 0, "void", named, checked=checked)]
    now = standings[-1].draft.by_id
    made = []
    for article in named:
        if article.id not in now:
            made.append(Verdict(vote, article.id, "void", "removed", article.digest, checked))
        else:
            state: Literal["counts", "earlier"] = "counts" if now[article.id].digest == article.digest else "earlier"
            made.append(Verdict(vote, article.id, state, "", article.digest, checked))
    return made


def _named(vote: Vote, before: Sequence[Standing], every: Sequence[Standing]) -> list[Article] | Reason:
    """The articles that a vote is on, in the wording that it holds for; or why there are none."""
    code = vote.wording.strip().casefold()
    whole = not vote.article.strip()
    if not code:
        ids = [each.id for each in before[-1].draft.articles] if whole else refers(vote.article, before[-1].draft)
        return [before[-1].draft.by_id[number] for number in ids] or "article"
    if not re.fullmatch(rf"[0-9a-f]{{{CODE},32}}", code):
        return "wording"
    # The latest text that the voter can have seen; one that the clock of another server puts after the vote is taken too.
    for standing in [*reversed(before), *every[len(before) :]]:
        if whole and standing.draft.digest.startswith(code):
            return list(standing.draft.articles)
        alike = [article for article in standing.draft.articles if article.digest.startswith(code)]
        ids = [article.id for article in alike] if whole else refers(vote.article, standing.draft)
        found = [article for article in alike if article.id in ids]
        if found and (whole or len(ids) == 1):
            return found[:1]
    return "wording" if whole or any(refers(vote.article, each.draft) for each in every) else "article"


def refers(words: str, draft: Draft) -> list[int]:
    """The articles that words mean: numbers as the headings show them, ``3``, ``1, 2 and 4``, ``2-5``, or a title."""
    found = _NUMBERS.fullmatch(words[:200].translate(_ORDINAL).strip())
    if found and any(letter.isdigit() for letter in found[1]):
        asked: list[int] = []
        for first, last, single in _RANGE.findall(found[1]):
            low, high = int(first or single), int(last or single)
            asked += range(low, min(high, low + _MOST) + 1)
        shown = {article.number: article.id for article in reversed(draft.articles)}
        return list(dict.fromkeys(shown[number] for number in asked if number in shown)) if (
            all(number in shown for number in asked)) else []
    wanted = fold(words)
    titles = [article.id for article in draft.articles if wanted and fold(article.title) == wanted]
    return titles if len(titles) == 1 else []


def between(standings: Sequence[Standing], number: int, digest: str) -> tuple[int, int] | None:
    """The last revision that had a wording of an article, and the one since which the article is as it is now.

    An empty digest stands for an article that there was not. None where they are not known, or nothing has changed.
    """
    old = next((each.last for each in reversed(standings) if _digest(each, number) == digest), 0)
    new = since(standings, number).revision
    return (old, new) if old and new and old < new else None


def since(standings: Sequence[Standing], number: int) -> Standing:
    """The text since which an article is as it is now."""
    now = _digest(standings[-1], number)
    return list(takewhile(lambda each: _digest(each, number) == now, reversed(standings)))[-1]


def _digest(standing: Standing, number: int) -> str:
    article = standing.draft.by_id.get(number)
    return article.digest if article else ""
