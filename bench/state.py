"""The same mirror in an SQLite file and on a PostgreSQL on this machine: filled, summed up anew, and after 20 pages changed."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from measure import report, task
from rich.console import Console
from rich.table import Table
from summaries import run

from wikibridge.mirror.postgresql import Server

sys.path.insert(0, str(Path(__file__).parents[1]))


def main(size: int) -> None:
    """The table."""
    from tests.postgres import started

    with started() as cluster:
        file = task(__file__, "--size", size)
        server = task(__file__, "--size", size, "--address", cluster.shared, "--password", cluster.password)
    table = Table(f"{size:,} entries", "SQLite s", "PostgreSQL s", "ratio", title="state")
    for name in ("fill", "anew", "changed", "again"):
        one, other = file.facts[name], server.facts[name]
        table.add_row(name, f"{one:.2f}", f"{other:.2f}", f"{other / one:.2f}")
    Console(width=100).print(table)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--size", type=int)
    parser.add_argument("--address")
    parser.add_argument("--password", default="")
    parser.add_argument("entries", nargs="?", type=int, default=10_000)
    given = parser.parse_args()
    if given.size:
        place = Server(given.address, "wikibridge_bench", given.password) if given.address else None
        report(lambda: run(given.size, place))
    else:
        main(given.entries)
