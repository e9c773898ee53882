"""What went wrong in a run, by its causes, and what of it is to be told when. Pure: reads nothing, sends nothing.

A cause is the key of an error's message and its place (the first parameter that is no number: a page, a file, an address), so
that the same fault is known again whatever its figures. Places may be people's names: causes hold their digests.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from wikibridge.errors import LockHeld, Sentence, WikibridgeError
from wikibridge.jobs.result import Result
from wikibridge.mirror.told import Told, Trouble

PATIENCE = timedelta(hours=1)
"""For so long what may pass by itself is nobody's business: a server that restarts, a wiki that is read-only meanwhile."""
STUCK = timedelta(hours=6)
"""A lock that is held for longer is told."""
APART = timedelta(hours=12)
"""Between two messages on the same cause, so that those of two days do not come around midnight."""
AWAY = "away"
"""The cause for a wiki that cannot be spoken to at present: one, whatever words it finds for it."""
_PASSING = frozenset({"edit-conflict", "unsure", "page-busy"})
"""What befalls single pages and is tried again by the next run."""
_NUMBER = re.compile(r"[\d\s.,:+−-]*")


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that went wrong: its cause, what is told of it, and whether it may pass by itself."""

    cause: str
    sentence: str
    passing: bool = False


@dataclass(frozen=True, slots=True)
class Ended:
    """How a run ended: what went wrong, the jobs that were done (None where an error cut the run off), those of which
    something was left, and the exit code.
    """

    faults: tuple[Fault, ...]
    done: frozenset[str] | None
    failed: frozenset[str]
    exit_code: int


def cause(sentence: str) -> str:
    """The cause that a sentence tells of."""
    key, params = (sentence.key, sentence.params) if isinstance(sentence, Sentence) else ("", (re.sub(r"\d+", "", sentence),))
    place = next((text for text in map(str, params) if not _NUMBER.fullmatch(text)), "")
    return f"{key} {hashlib.sha256(place.encode(errors='replace')).hexdigest()[:16]}"


def done(result: Result, failed: Collection[str]) -> Ended:
    """How a run ended that came to its end; ``failed`` are the jobs of which something was not written."""
    faults = tuple(Fault(cause(each), each, isinstance(each, Sentence) and each.key in _PASSING) for each in result.failed)
    broken = frozenset(name for name, what in result.jobs.items() if what == "failed")
    return Ended(faults, frozenset(result.jobs) - broken, broken | frozenset(failed), result.exit_code)


def broken(error: WikibridgeError, language: str) -> Ended | None:
    """How a run ended that an error cut off. None for one of which nothing is to be thought: another run is at work."""
    if isinstance(error, LockHeld) and error.age < STUCK.total_seconds():
        return None
    sentence = error.say(language)
    passing = error.exit_code == 75
    return Ended((Fault(AWAY if passing else cause(sentence), sentence, passing),), None, frozenset(), error.exit_code)


def mistake(error: Exception, language: str) -> Ended:
    """How a run ended that a mistake in the program cut off."""
    sentence = Sentence("program-mistake", language, type(error).__name__)
    return Ended((Fault(cause(sentence), sentence),), None, frozenset(), 1)


def judge(before: Mapping[str, Trouble], ended: Ended, jobs: Collection[str], now: datetime) -> dict[str, Trouble]:
    """What goes wrong after a run, ``before`` being what went wrong before it; ``jobs`` are those that the site has.

    What a run did not meet is over when the jobs in question were done, by this run or by several.
    """
    found: dict[str, Trouble] = {}
    for name, trouble in before.items():
        if ended.done is None:
            found[name] = trouble
        elif left := trouble.jobs & frozenset(jobs) - ended.done:
            found[name] = Trouble(trouble.since, trouble.runs, left)
    present = _text(now)
    for fault in ended.faults:
        old = before.get(fault.cause)
        # A clock that was set back makes nothing wait for years.
        since = min(old.since, present) if old else present
        found[fault.cause] = Trouble(since, old.runs + 1 if old else 1, (old.jobs if old else frozenset()) | ended.failed)
    return found


def ripe(faults: Iterable[Fault], troubles: Mapping[str, Trouble], failures: int, now: datetime) -> tuple[Fault, ...]:
    """Those faults that are a person's business by now, each cause once."""
    found: dict[str, Fault] = {}
    for fault in faults:
        trouble = troubles[fault.cause]
        lasts = now - datetime.fromisoformat(trouble.since) >= PATIENCE
        if trouble.runs >= failures and (lasts or not fault.passing):
            found.setdefault(fault.cause, fault)
    return tuple(found.values())


def may(told: Told | None, now: datetime, zone: ZoneInfo) -> bool:
    """Whether a cause may be told now: once a day, and not twice around midnight."""
    if told is None:
        return True
    time = datetime.fromisoformat(told.time)
    # Told in the future: the clock was wrong then.
    return time > now or (time.astimezone(zone).date() != now.astimezone(zone).date() and now - time >= APART)


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds")
