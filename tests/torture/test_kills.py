"""Runs killed at any moment, again and again, until one comes to its end: as if none had been killed."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest

from tests.places import make_corner
from tests.torture.conftest import LONG, TALLY, Trial
from tests.torture.test_faults import CHOICE, check
from wikibridge import Session
from wikibridge.model import Edit, Head
from wikibridge.wikis.folder import FolderWiki

ROUNDS = 40 if LONG else 2


def start(folder: Path, *command: str) -> subprocess.Popen[bytes]:
    """``wikibridge`` in a process of its own."""
    return subprocess.Popen([sys.executable, "-m", "wikibridge", "--site", str(folder), *command],
                            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def kill_at(trial: Trial, step: int, *command: str) -> bool:
    """Run until the step-th request reaches the wiki (or, for a negative one, has been answered by it); whether it was killed."""
    trial.proxy.reset()
    begun: list[subprocess.Popen[bytes]] = []

    def seen(number: int) -> None:
        if number == step and begun:
            os.kill(begun[0].pid, signal.SIGKILL)

    trial.proxy.seen = seen
    begun.append(start(trial.site.folder, *command))
    code = begun[0].wait(120)
    trial.proxy.seen = lambda number: None
    TALLY["kills"] += code == -signal.SIGKILL
    return code == -signal.SIGKILL


@pytest.mark.live
@pytest.mark.parametrize("seed", range(ROUNDS))
def test_runs_killed_at_any_request(trial: Trial, seed: int) -> None:
    moments = random.Random(seed)
    # The first one has the log-in before it; those after it have less and less left to write.
    killed = kill_at(trial, moments.choice((1, -1)) * moments.randint(6, 12), "run")
    killed += sum(kill_at(trial, moments.choice((1, -1)) * moments.randint(1, 4), "run") for _ in range(5))
    trial.settle()
    check(trial)
    trial.type(f"{trial.prefix}P/Ana Silva", CHOICE)
    killed += sum(kill_at(trial, moments.choice((1, -1)) * moments.randint(1, 4), "run") for _ in range(3))
    trial.settle()
    check(trial, "Walking")
    assert killed >= 3


@pytest.mark.parametrize("seed", range(ROUNDS))
def test_runs_on_a_folder_killed_at_any_time(tmp_path: Path, seed: int) -> None:
    moments = random.Random(seed)
    site = make_corner(tmp_path / "site", "kind: folder", "Corner/")
    wiki = FolderWiki(site.folder / "wiki", user="citizen")
    for _ in range(5):
        process = start(site.folder, "run")
        try:
            process.wait(moments.uniform(0.3, 1.3))
        except subprocess.TimeoutExpired:
            process.kill()
            TALLY["kills"] += 1
        process.wait()
        # A citizen writes on whatever is there by now.
        for page in list(wiki.read(titles=["Corner/P/Ana Silva"])):
            wiki.write(Edit(page.title, page.text + CHOICE.replace("Walking", f"Walking {moments.random()}"), "",
                            Head(page.id, page.title, page.revision)))
    with Session(site) as session:
        assert not session.run().failed
    with Session(site) as session:
        last = session.run()
        assert (last.created, last.changed, last.failed) == (0, 0, [])
    for title in ("Ana Silva", "Ana Silva (Praia)", "École verte"):
        ours = [text for _, editor, _, text in wiki.history(f"Corner/P/{title}") if editor == "wikibridge"]
        assert len(ours) == 1
    summary = [text for _, editor, _, text in wiki.history("Corner/Summary en") if editor == "wikibridge"]
    assert all(one != other for one, other in pairwise(summary))
    wiki.close()
