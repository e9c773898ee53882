"""Runs in a row, as "run --watch" makes them: memory, open files and the state folder must not grow with their number.

    python bench/soak.py [RUNS]        2,000 by default

An embedded wiki of 50 participants, opened anew for each run; before every tenth run somebody edits a page, so that summaries
are written. Everything is due each time.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from pathlib import Path

from wikibridge.jobs.runner import Session
from wikibridge.site import Site

EVERY = 10


def memory() -> float:
    """Megabytes that this process holds at the moment."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def size(folder: Path) -> float:
    """Megabytes in the files of a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6


def main(runs: int) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "wikibridge.yml").write_text("wiki: {kind: folder}\nlanguages: [en, fr, pt]\n", encoding="utf-8")
        people = [f"Person {number},{('en', 'fr', 'pt')[number % 3]}" for number in range(50)]
        (folder / "participants.csv").write_text("name,language\n" + "\n".join(people) + "\n", encoding="utf-8")
        site = Site(folder)
        print("| runs | s | memory, MB | open files | files in the state folder | their MB | journal, MB | pages written |")
        print("|---|---|---|---|---|---|---|---|")
        begun, written = time.monotonic(), 0
        for number in range(1, runs + 1):
            if number % EVERY == 2:
                page = folder / "wiki" / "Participants" / f"Person {number // EVERY % 50}.wiki"
                text = page.read_text(encoding="utf-8").partition("\n{{Choice")[0]
                choice = f"{{{{Choice|title=Walking {number}|theme=transport|date=2021-0{number % 9 + 1}}}}}"
                page.write_text(f"{text}\n{choice}\n", encoding="utf-8")
            with Session(site) as session:
                result = session.run()
            written += result.created + result.changed
            assert not result.failed, result.failed
            if number in (10, 100, runs // 4, runs // 2, runs):
                files = [path for path in site.state.rglob("*") if path.is_file()]
                handles = len(os.listdir("/proc/self/fd"))
                figures = (number, f"{time.monotonic() - begun:.0f}", f"{memory():.0f}", handles, len(files),
                           f"{size(site.state):.2f}", f"{(site.state / 'journal.db').stat().st_size / 1e6:.2f}", written)
                print(f"| {' | '.join(map(str, figures))} |", flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 2000)
