"""Two machines on one state, killed at any moment: nothing is written twice, and nothing is left out."""

from __future__ import annotations

import os
import random
import signal
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from tests.places import make_corner, with_state
from tests.postgres import Cluster
from tests.torture.conftest import LONG, PHASES, TALLY, Runs, Trial, Undisturbed, check
from wikibridge import Site
from wikibridge.wikis.folder import FolderWiki

pytestmark = pytest.mark.live
ROUNDS = int(os.environ.get("WIKIBRIDGE_SHARED", 0)) or (40 if LONG else 1)
"""So many lives of a wiki; WIKIBRIDGE_SHARED sets another number."""


@pytest.fixture(scope="module")
def machines(postgres: Cluster) -> Iterator[tuple[Runs, Runs]]:
    password = {"WIKIBRIDGE_STATE_PASSWORD": postgres.password}
    with closing(Runs(password)) as one, closing(Runs(password)) as other:
        yield one, other


@contextmanager
def shared_corner(folder: Path, address: str) -> Iterator[tuple[Trial, Site]]:
    """A new wiki in a folder, and the site folders of two machines, with the same files but for what each keeps."""
    site = with_state(make_corner(folder / "one", "kind: folder", "Corner/"), address)
    (folder / "other").mkdir()
    for name in ("wikibridge.yml", "participants.csv", "jobs", "page_templates", "wiki"):
        (folder / "other" / name).symlink_to(site.folder / name)
    (site.folder / "wiki").mkdir()
    with closing(FolderWiki(site.folder / "wiki", user="citizen")) as citizen:
        yield Trial(site, "Corner/", citizen), Site(folder / "other")


@pytest.fixture(scope="module")
def undisturbed(
    timeless: None, postgres: Cluster, machines: tuple[Runs, Runs], tmp_path_factory: pytest.TempPathFactory,
) -> Undisturbed:
    steps: dict[str, int] = {}
    folder = tmp_path_factory.mktemp("twin")
    with pytest.MonkeyPatch.context() as patch, shared_corner(folder, postgres.shared) as (twin, _):
        patch.setenv("WIKIBRIDGE_STATE_PASSWORD", postgres.password)

        def count(phase: str, command: tuple[str, ...]) -> None:
            machines[0].start(twin.site, *command, count=str(folder / "count"))
            assert machines[0].end() == 0
            steps[phase] = int((folder / "count").read_text())

        return Undisturbed(dict(twin.live(count)), steps)


@pytest.mark.parametrize("seed", range(ROUNDS))
def test_two_machines_killed_at_any_step(
    tmp_path: Path, postgres: Cluster, machines: tuple[Runs, Runs], undisturbed: Undisturbed, monkeypatch: pytest.MonkeyPatch, seed: int,
) -> None:
    monkeypatch.setenv("WIKIBRIDGE_STATE_PASSWORD", postgres.password)
    moments = random.Random(seed)
    ends: list[int] = []

    def disturb(phase: str, command: tuple[str, ...]) -> None:
        most = undisturbed.steps[phase]
        for _ in range(3):
            TALLY["trials"] += 1
            # Both at once, killed at any step of their own. Those after the first have less and less left to do.
            for machine, site in zip(machines, sites, strict=True):
                machine.start(site, *command, kill=moments.randint(1, most))
            most = max(3, most // 2)
            ends.extend(machine.end() for machine in machines)
        # Whoever was killed holding the lease goes on at once when it is called again.
        for machine, site in zip(machines, sites, strict=True):
            machine.start(site, *command)
            ends.append(machine.end())

    with shared_corner(tmp_path, postgres.shared) as (trial, there):
        sites = (trial.site, there)
        for phase, state in trial.live(disturb):
            check(phase, state, undisturbed.states[phase])
    killed = ends.count(-signal.SIGKILL)
    TALLY["kills"] += killed
    # 4: the other one holds the lease. 3: of what was taken back twice nothing is left to take back.
    assert killed >= len(PHASES) and set(ends) <= {0, 3, 4, -signal.SIGKILL}, ends
