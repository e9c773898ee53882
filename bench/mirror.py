"""A mirror of many pages without a wiki: time and memory to fill it, its size, and a quiet run as it grows (must be flat)."""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from measure import median, report, task
from rich.console import Console
from rich.table import Table

from wikibridge.demo.people import Person, choices, people
from wikibridge.entries.types import shipped
from wikibridge.mirror.store import Mirror
from wikibridge.mirror.sync import Reader, sync
from wikibridge.model import Changes, Edit, Head, Page, Saved, Selection, WikiInfo

SIZES = (1_000, 10_000, 100_000)
SELECTION = Selection(("Participants/",))
TIME = datetime(2020, 11, 3, tzinfo=UTC)


class Generated:
    """A wiki of so many pages that are made up when they are read. ``changed`` of them are edited at each look."""

    identity = "generated"
    requests = 0
    unreadable = ()

    def __init__(self, size: int, changed: int = 0) -> None:
        self.size, self.changed = size, changed
        self.crowd: tuple[Person, ...] = people(300)

    def info(self) -> WikiInfo:
        return WikiInfo("generated", "1", "bench", "mediawiki")

    def title(self, text: str) -> str:
        return text

    def head(self, number: int) -> Head:
        return Head(number, f"Participants/{number}", number * 2 + (number <= self.changed))

    def changes(self, since: str | None, selection: Selection) -> Changes:
        if not since:
            return Changes((), frozenset(), "now", complete=False)
        return Changes(tuple(map(self.head, range(1, self.changed + 1))), frozenset(), f"after {self.changed}")

    def list(self, selection: Selection) -> Iterator[Head]:
        return map(self.head, range(1, self.size + 1))

    def read(self, ids: Iterable[int] = (), titles: Iterable[str] = ()) -> Iterator[Page]:
        for number in ids:
            head = self.head(number)
            yield Page(number, head.title, head.revision, "\n\n".join(choices(self.crowd[number % 300], 5, seed=number)), TIME)

    def write(self, edit: Edit) -> Saved:
        raise NotImplementedError

    def close(self) -> None:
        pass


def work(size: int, changed: int, path: Path) -> Callable[[], dict[str, float]]:
    def done() -> dict[str, float]:
        mirror = Mirror(path)
        read = sync(Generated(size, changed), mirror, SELECTION, Reader(shipped(), "en", Selection())).read
        mirror.close()
        return {"pages": read}

    return done


def main() -> None:
    """The table: a first fill, a quiet sync, a sync after twenty changes, for each size."""
    columns = ("pages", "first fill", "pages/s", "MB memory", "MB on disk", "nothing new (ms)", "20 changes (ms)")
    table = Table(*columns, title="mirror")
    with tempfile.TemporaryDirectory() as temporary:
        for size in SIZES:
            path = Path(temporary) / f"{size}.db"
            first = task(__file__, "--size", size, "--changed", 0, "--path", path)
            quiet = median([task(__file__, "--size", size, "--changed", 0, "--path", path) for _ in range(5)])
            twenty = median([task(__file__, "--size", size, "--changed", 20, "--path", path)])
            table.add_row(f"{size:,}", f"{first.seconds:.1f} s", f"{size / first.seconds:.0f}", f"{first.memory:.0f}",
                          f"{path.stat().st_size / 1e6:.0f}", f"{quiet.seconds * 1000:.0f}", f"{twenty.seconds * 1000:.0f}")
    Console(width=120).print(table)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--size", type=int)
    parser.add_argument("--changed", type=int)
    parser.add_argument("--path", type=Path)
    given = parser.parse_args()
    if given.size:
        report(work(given.size, given.changed, given.path))
    else:
        main()
