"""Runs killed at any moment, again and again, until one comes to its end: as if none had been killed."""

from __future__ import annotations

import os
import random
import signal
import threading
from pathlib import Path

import pytest

from tests.torture.conftest import LONG, PHASES, TALLY, LiveTrial, Runs, Trial, Undisturbed, check, folder_corner

ROUNDS = 40 if LONG else 2
PARTS = 40 if LONG else 2
"""In so many tests are the steps of a folder's phases tried."""


def kill_at(trial: LiveTrial, runs: Runs, step: int, *command: str) -> bool:
    """Run until the step-th request reaches the wiki (or, for a negative one, has been answered by it); whether it was killed."""
    trial.proxy.reset()
    number = 0
    known = threading.Event()

    def seen(request: int) -> None:
        if request == step:
            known.wait()
            os.kill(number, signal.SIGKILL)

    trial.proxy.seen = seen
    number = runs.start(trial.site, *command)
    known.set()
    killed = runs.end() == -signal.SIGKILL
    TALLY["kills"] += killed
    return killed


@pytest.mark.live
@pytest.mark.parametrize("seed", range(ROUNDS))
def test_runs_killed_at_any_request(trial: LiveTrial, live_runs: Runs, undisturbed: Undisturbed, seed: int) -> None:
    moments = random.Random(seed)
    killed = 0

    def disturb(phase: str, command: tuple[str, ...]) -> None:
        nonlocal killed
        # Those after the first one have less and less left to write; a create has the log-in before it.
        most = undisturbed.steps[phase]
        for _ in range(4 if phase == "create" else 3):
            TALLY["trials"] += 1
            killed += kill_at(trial, live_runs, moments.choice((1, -1)) * moments.randint(1, most), *command)
            most = max(3, most // 2)

    for phase, state in trial.live(disturb):
        check(phase, state, undisturbed.states[phase])
    assert killed >= len(PHASES)


@pytest.fixture(scope="module")
def undisturbed_folder(timeless: None, runs: Runs, tmp_path_factory: pytest.TempPathFactory) -> Undisturbed:
    steps: dict[str, int] = {}
    folder = tmp_path_factory.mktemp("twin")
    with folder_corner(folder / "site") as twin:
        def count(phase: str, command: tuple[str, ...]) -> None:
            runs.start(twin.site, *command, count=str(folder / "count"))
            assert runs.end() == 0
            steps[phase] = int((folder / "count").read_text())

        return Undisturbed(dict(twin.live(count)), steps)


@pytest.mark.parametrize("part", range(PARTS))
def test_runs_on_a_folder_killed_at_any_step(tmp_path: Path, runs: Runs, undisturbed_folder: Undisturbed, part: int) -> None:
    killed = 0

    def disturb(phase: str, command: tuple[str, ...]) -> None:
        nonlocal killed
        for number in range(3):
            TALLY["trials"] += 1
            # Spread over all steps of the run; those that are killed one after the other, too.
            step = 1 + (part * 3 + number) * undisturbed_folder.steps[phase] // (PARTS * 3)
            runs.start(trial.site, *command, kill=step)
            killed += runs.end() == -signal.SIGKILL

    trial: Trial
    with folder_corner(tmp_path / "site") as trial:
        for phase, state in trial.live(disturb):
            check(phase, state, undisturbed_folder.states[phase])
    TALLY["kills"] += killed
    assert killed >= len(PHASES)
