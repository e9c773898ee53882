"""``wikibridge`` in processes of its own, each a fork of one that has read the program already: many can be killed in a minute.

Reads one job a line, ``{"arguments": [...], "kill": 0, "count": ""}``, and answers with the process number, then its status.
A ``kill`` of k ends it by SIGKILL before its k-th step on the disk: a statement in a database, or a file made, linked,
exchanged or removed. ``count`` names a file for the number of steps of a run that came to its end.
"""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import sqlite3.dbapi2
import sys
from pathlib import Path
from typing import Any

import wikibridge.jobs.runner
import wikibridge.summaries.show
import wikibridge.wikis.folder_disk
import wikibridge.wikis.mediawiki
from wikibridge.cli.main import cli

STEPS = ("os.link", "os.rename", "os.remove", "os.chmod", "os.mkdir", "tempfile.mkstemp")


class Steps:
    """Counts what is done to the disk, and ends the process before the chosen step."""

    def __init__(self, last: int) -> None:
        self.last = last
        self.done = 0
        real, exchange = sqlite3.dbapi2.connect, wikibridge.wikis.folder_disk.exchange

        def connect(*args: Any, **kwargs: Any) -> sqlite3.Connection:
            connection = real(*args, **kwargs)
            connection.set_trace_callback(self.step)
            return connection

        def exchanged(one: Path, other: Path) -> None:
            self.step()
            exchange(one, other)
            self.step()

        sqlite3.connect = sqlite3.dbapi2.connect = connect  # type: ignore[assignment]
        wikibridge.wikis.folder_disk.exchange = exchanged
        sys.addaudithook(lambda event, _: self.step() if event in STEPS else None)

    def step(self, _: str = "") -> None:
        self.done += 1
        if self.done == self.last:
            os.kill(os.getpid(), signal.SIGKILL)


def child(job: dict[str, Any]) -> int:
    steps = Steps(job["kill"]) if job["kill"] or job["count"] else None
    code = 1
    try:
        cli(job["arguments"], prog_name="wikibridge")
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 1
    if steps and job["count"]:
        Path(job["count"]).write_text(str(steps.done), encoding="utf-8")
    return code


def serve() -> None:
    # As in the tests themselves: see ``timeless`` there.
    wikibridge.summaries.show.time_text = lambda *_: "now"
    nothing = os.open(os.devnull, os.O_RDWR)
    for line in sys.stdin:
        number = os.fork()
        if number == 0:
            code = 1
            try:
                for stream in (0, 1, 2):
                    os.dup2(nothing, stream)
                code = child(json.loads(line))
            finally:
                os._exit(code)
        print(number, flush=True)
        print(os.waitstatus_to_exitcode(os.waitpid(number, 0)[1]), flush=True)


if __name__ == "__main__":
    serve()
