"""What a reader of values returns in place of a value."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a value could not be read: a problem's code, parameters and suggestion."""

    code: str
    params: tuple[str, ...]
    suggestion: str = ""


def shown(text: str) -> str:
    """The text as a message shows it: on one line, and the beginning of it only."""
    line = " ".join(text[:1000].split())
    return line if len(line) <= 80 else line[:79] + "…"
