"""Requests, seconds and peak memory of the main job, on the embedded wiki and on a real MediaWiki: ``make bench``.

Each run is a process of its own, so that its memory is its own and its start-up counts. Quiet runs: the median of five.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from wikibridge import Session, Site
from wikibridge.demo import mediawiki_server
from wikibridge.demo.people import choices, people
from wikibridge.demo.show import make_site, type_pages
from wikibridge.mirror.sync import silent
from wikibridge.wikis.base import Wiki
from wikibridge.wikis.folder import FolderWiki
from wikibridge.wikis.mediawiki import MediaWikiWiki

PEOPLE = 300
CHOICES = 5
QUIET = 5


@dataclass(frozen=True)
class Measured:
    """What one run took. ``seconds`` are the run's own, ``whole`` those with the start of the program; memory in MB."""

    requests: int
    pages_read: int
    written: int
    seconds: float
    whole: float
    memory: float


def run(site: Path) -> Measured:
    """One run of all jobs in a new process."""
    begun = time.perf_counter()
    done = subprocess.run([sys.executable, __file__, "--run", str(site)], capture_output=True, text=True, check=True)
    return Measured(whole=time.perf_counter() - begun, **json.loads(done.stdout))


def one_run(folder: Path) -> None:
    """What the process does: a run, and its figures as JSON."""
    with Session(Site(folder)) as session:
        result = session.run()
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"requests": result.requests, "pages_read": result.pages_read, "written": result.created + result.changed,
                      "seconds": result.seconds, "memory": memory}))


def story(site: Site, citizen: Wiki) -> dict[str, Measured]:
    """First run, the reading of what people typed, and quiet runs."""
    crowd = people(PEOPLE)
    found = {f"first run: {PEOPLE} pages made": run(site.folder)}
    type_pages(citizen, crowd, lambda who, text: text + "\n\n" + "\n\n".join(choices(who, CHOICES)), silent)
    found[f"{PEOPLE * CHOICES} choices read, summaries written"] = run(site.folder)
    run(site.folder)
    quiet = [run(site.folder) for _ in range(QUIET)]
    assert not any(each.written for each in quiet)
    found["nothing new"] = sorted(quiet, key=lambda each: each.whole)[len(quiet) // 2]
    assert found["nothing new"].whole == statistics.median(each.whole for each in quiet)
    return found


def show(title: str, found: dict[str, Measured]) -> None:
    """The figures as a table."""
    table = Table("run", "requests", "per page read", "per page written", "seconds", "with start", "MB", title=title)
    for name, one in found.items():
        table.add_row(
            name, str(one.requests), f"{one.requests / one.pages_read:.3f}" if one.pages_read else "",
            f"{one.requests / one.written:.3f}" if one.written and not one.pages_read else "",
            f"{one.seconds:.2f}", f"{one.whole:.2f}", f"{one.memory:.0f}")
    Console(width=130).print(table)


def main() -> None:
    """Both wikis, one after the other."""
    with tempfile.TemporaryDirectory() as temporary:
        site = make_site(Path(temporary) / "folder", "wiki:\n  kind: folder\n  path: wiki\n", people(PEOPLE))
        with closing(FolderWiki(site.folder / "wiki", user="A citizen")) as citizen:
            show("embedded wiki", story(site, citizen))
        with mediawiki_server.start(Path(temporary) / "server") as server:
            api = server.address + "api.php"
            os.environ["WIKIBRIDGE_PASSWORD"] = server.bot.password
            wiki = f"wiki:\n  kind: mediawiki\n  address: {api}\n  account: {server.bot.name}\n"
            site = make_site(Path(temporary) / "remote", wiki, people(PEOPLE))
            server.user("Citizen")
            account = server.bot_password("Citizen")
            with closing(MediaWikiWiki(api, account.name, account.password)) as remote:
                show("a real MediaWiki", story(site, remote))


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--run", type=Path)
    folder = parser.parse_args().run
    one_run(folder) if folder else main()
