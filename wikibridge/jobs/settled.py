"""What was found to need nothing: jobs whose inputs are those of a run that wrote nothing need not be computed again."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from wikibridge.mirror.store import Mirror

KEY = "settled"
Told = tuple[list[str], list[str]]
"""The notes and the refusals of such a run, which are told again."""


@dataclass(frozen=True, slots=True)
class Settled:
    """Sets of jobs that need nothing while their inputs stay what they are, kept in the mirror."""

    mirror: Mirror

    def _all(self, inputs: Sequence[str]) -> list[tuple[list[str], Told]]:
        found = json.loads(self.mirror.get(KEY) or "{}")
        return found["sets"] if found.get("inputs") == list(inputs) and "sets" in found else []

    def get(self, jobs: Collection[str], inputs: Sequence[str]) -> Told | None:
        """What was told when these jobs, or more, needed nothing; None when that is not known."""
        for names, told in self._all(inputs):
            if set(jobs) <= set(names):
                return told
        return None

    def put(self, jobs: Collection[str], inputs: Sequence[str], told: Told) -> None:
        """Remember that these jobs need nothing. What was known for other inputs is forgotten."""
        sets = [each for each in self._all(inputs) if not set(each[0]) <= set(jobs)]
        self.mirror.put({KEY: json.dumps({"inputs": list(inputs), "sets": [*sets, (list(jobs), told)]})})
