"""An assessment: its figures, in no language yet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from wikibridge.summaries.compute import Answer
from wikibridge.summaries.period import Span


@dataclass(frozen=True, slots=True)
class Participation:
    """Participants, by what they dated within a period: a choice or any other entry on their page.

    ``pages`` are all that have a page; ``new`` those of the active ones that had dated nothing earlier; ``mute`` those of the
    silent ones on whose page no entry stands at all.
    """

    pages: int
    active: int
    new: int
    mute: int

    @property
    def silent(self) -> int:
        """Those who have a page and dated nothing within the period."""
        return self.pages - self.active


@dataclass(frozen=True, slots=True)
class Held:
    """A meeting with sessions in the period. ``titles`` and ``pages`` (its programme) are by language.

    ``sessions`` were held, ``cancelled`` were not; ``conclusions`` stand in their minutes, ``chosen`` of them for a charter.
    ``days`` are its first and last day within the period, in ISO 8601.
    """

    titles: Mapping[str, str]
    pages: Mapping[str, str]
    days: tuple[str, str]
    sessions: int
    cancelled: int
    conclusions: int
    chosen: int


@dataclass(frozen=True, slots=True)
class Chartered:
    """A charter as it stands: its page, how many articles it has, how many participants voted on them.

    ``until`` is the last day to vote, in ISO 8601; empty where there is none.
    """

    page: str
    articles: int
    voters: int
    state: Literal["open", "adopted", "failed"]
    until: str = ""


@dataclass(frozen=True, slots=True)
class Assessment:
    """What came of a period, and what to compare it with (None: there is nothing before).

    ``answers`` are by the names of ``assessment.compute.QUESTIONS``; one whose fields the site's types do not have is missing.
    """

    span: Span
    previous: Span | None
    participation: Participation
    before: Participation | None
    answers: Mapping[str, Answer]
    meetings: tuple[Held, ...] = ()
    charters: tuple[Chartered, ...] = ()
    problems: int = 0
    damaged: int = 0
    """Details that could not be read on all pages, and how many pages have any."""
