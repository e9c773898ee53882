"""Times of the day as people type them: ``10:00-11:00``, ``14h30``, ``9 h``, ``7 pm``, ``matin``."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import time

from wikibridge.entries.spelling import fold
from wikibridge.i18n import LANGUAGES, message
from wikibridge.meetings.values import PARTS, Part

_TIME = r"(\d{1,2})\s*(?:(?:[:.h]|hrs?|heures?|horas?|uhr)\s*(\d{2})?)?\s*(?:min|m)?\s*(am|pm|a\.m\.|p\.m\.)?"
_TO = r"(?:-|–|—|to|until|à|au|às|as|a|até|jusqu.à)"
_SPAN = re.compile(rf"(?:from|de|das|à|às|at|a)?\s*{_TIME}(?:\s*{_TO}\s*{_TIME})?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Span:
    """From when to when, as far as it is known; ``part`` where only the part of the day is."""

    start: time | None = None
    end: time | None = None
    part: Part | None = None


def read(text: str) -> Span:
    """The time or times that a text gives. Raises ValueError where it gives none."""
    text = text.strip()
    if not text:
        return Span()
    for part in PARTS:
        words = {part, *(message(f"part-{part}", language) for language in LANGUAGES)}
        if fold(text) in {fold(word) for word in words} | _MORE[part]:
            return Span(part=part)
    found = _SPAN.fullmatch(text)
    if not found:
        raise ValueError(text)
    if found[4] and bool(found[3]) != bool(found[6]):
        raise ValueError(text)  # "2-4 pm" may be meant in two ways
    later = _time(found[4], found[5], found[6], last=True) if found[4] else None
    return Span(_time(found[1], found[2], found[3]), later)


_MORE: dict[Part, set[str]] = {
    "morning": set(map(fold, ("am", "in the morning", "le matin", "matinée", "de manhã", "pela manhã"))),
    "afternoon": set(map(fold, ("pm", "in the afternoon", "l’après-midi", "après midi", "à tarde", "de tarde"))),
    "evening": set(map(fold, ("in the evening", "le soir", "soirée", "à noite", "ao serão", "serão"))),
}


def _time(hour: str, minute: str | None, half: str | None, last: bool = False) -> time:
    number = int(hour)
    if half:
        if not 1 <= number <= 12:
            raise ValueError(hour)
        number = number % 12 + (12 if half.casefold().startswith("p") else 0)
    # The end of a day is typed 24:00.
    return time(0 if last and number == 24 and not int(minute or 0) else number, int(minute or 0))
