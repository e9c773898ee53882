"""Every kind of fault at every step of a run: what an undisturbed run would have brought is there in the end, once."""

from __future__ import annotations

import random

import pytest

from tests.torture.conftest import LONG, TALLY, LiveTrial, Undisturbed, check
from tests.torture.proxy import KINDS
from wikibridge.errors import WikibridgeError

pytestmark = pytest.mark.live
STEPS = 16
"""At least as many as the requests of the longest phase."""
SEEDS = 40 if LONG else 2
CASES = [*((f"seed {number}", 0) for number in range(SEEDS)), *((kind, step) for kind in KINDS for step in range(1, STEPS + 1) if LONG)]


def disturbed(trial: LiveTrial, command: tuple[str, ...], plan: dict[int, str]) -> None:
    """A command with faults; it ends well, or with an error that has a sentence."""
    trial.proxy.reset(plan)
    trial.proxy.release.clear()
    try:
        trial.do(command, 0.5 if "late" in plan.values() else 30)
    except WikibridgeError as error:
        assert len(error.say("fr")) > 10
    finally:
        trial.proxy.release.set()


class Faults:
    """Which faults to put where: one kind at one step of each phase, or (step 0) many, by a seed."""

    def __init__(self, kind: str, step: int) -> None:
        self.kind, self.step = kind, step
        self.chance = random.Random(kind)
        self.kinds: list[str] = []

    def next(self, length: int) -> dict[int, str]:
        assert length <= STEPS
        if self.step:
            return {(self.step - 1) % length + 1: self.kind}
        plan = {}
        for step in self.chance.sample(range(1, length + 1), 3):
            # Each kind comes once before any comes again.
            self.kinds = self.kinds or self.chance.sample(KINDS, len(KINDS))
            plan[step] = self.kinds.pop()
        return plan


@pytest.mark.parametrize(("kind", "step"), CASES)
def test_faults_leave_no_trace(trial: LiveTrial, undisturbed: Undisturbed, kind: str, step: int) -> None:
    faults = Faults(kind, step)

    def disturb(phase: str, command: tuple[str, ...]) -> None:
        TALLY["trials"] += 1
        disturbed(trial, command, faults.next(undisturbed.steps[phase]))

    for phase, state in trial.live(disturb):
        check(phase, state, undisturbed.states[phase])
