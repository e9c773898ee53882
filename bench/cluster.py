"""Filling a mirror from a dump: in one process, and with two workers of a Dask cluster on the same machine; the ratio.

The dump is made up: so many pages of five choices. Both fill a mirror on disk; the cluster runs before the clock starts.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from distributed import LocalCluster
from measure import median, report, task
from rich.console import Console
from rich.table import Table

from wikibridge.demo.people import choices, people
from wikibridge.entries.types import shipped
from wikibridge.mirror import dumps
from wikibridge.mirror.cluster import Cluster
from wikibridge.mirror.store import Mirror
from wikibridge.mirror.sync import Reader
from wikibridge.model import Page, Selection

PAGES = 5000
REPEATS = 3
TIME = datetime(2020, 11, 3, tzinfo=UTC)


def work(dump: str, address: str) -> Callable[[], dict[str, float]]:
    """Fill a mirror: through the cluster at an address, or in this process where there is none."""
    mirror = Mirror(Path(tempfile.mkdtemp()) / "mirror.db")
    reader = Reader(shipped(), "en", Selection())

    def fill(reads: dumps.Reads) -> dict[str, float]:
        return {"pages": dumps.fill(mirror, Path(dump), Selection(("P/",)), reader, reads=reads).taken}

    def on_cluster() -> dict[str, float]:
        with Cluster(address) as cluster:
            return fill(cluster.read)

    return on_cluster if address else lambda: fill(dumps.here)


def main() -> None:
    """The table."""
    crowd = people(300)
    dump = Path(tempfile.mkdtemp()) / "dump.xml"
    pages = (Page(n, f"P/{n}", n, "\n\n".join(choices(crowd[n % 300], 5, seed=n)), TIME) for n in range(1, PAGES + 1))
    dumps.write(pages, dump, "x")
    table = Table("who reads", "pages/s", "seconds", "ratio", "peak MB of the process that keeps them")
    with LocalCluster(n_workers=2, threads_per_worker=1, processes=True, dashboard_address="127.0.0.1:0",
                      host="127.0.0.1") as two:
        ways = ("", two.scheduler_address)
        alone, spread = (median([task(__file__, dump, address) for _ in range(REPEATS)]) for address in ways)
    for name, one in (("one process", alone), ("two workers of a cluster", spread)):
        assert one.facts["pages"] == PAGES
        table.add_row(name, f"{PAGES / one.seconds:.0f}", f"{one.seconds:.1f}", f"{alone.seconds / one.seconds:.2f}",
                      f"{one.memory:.0f}")
    Console().print(table)


if __name__ == "__main__":
    if len(sys.argv) > 1:
        report(work(*sys.argv[1:]))
    else:
        main()
