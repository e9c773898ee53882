"""What a run came to."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal


@dataclass
class Result:
    """What a run came to, as ``--json`` prints it. Counts are whole numbers; seconds a decimal one.

    ``jobs`` says what became of each: ``done``, ``failed``, or ``waiting`` where a page is not written because somebody edited
    it just now; ``waiting`` are sentences on these pages: a later run writes them.
    """

    run: int = 0
    requests: int = 0
    pages_read: int = 0
    entries: int = 0
    problems: int = 0
    created: int = 0
    changed: int = 0
    uploaded: int = 0
    refused: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    waiting: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    jobs: dict[str, Literal["done", "failed", "waiting"]] = field(default_factory=dict)
    seconds: float = 0.0

    @property
    def exit_code(self) -> int:
        """0 when all was done, 3 when something was not."""
        return 3 if self.failed else 0
