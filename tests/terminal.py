"""Somebody at a terminal: a command on a pseudo-terminal, read until it asks, and answered."""

from __future__ import annotations

import os
import pty
import re
import select
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

PATIENCE = 60


@dataclass
class Said:
    """What a command showed, and how it ended."""

    text: str
    code: int


def talk(
    args: Sequence[str], answers: Sequence[tuple[str, str]], folder: Path, environment: Mapping[str, str] | None = None,
) -> Said:
    """Run ``wikibridge`` and answer each question, known by words of it, in this order; "^C" is Ctrl-C."""
    ours, theirs = pty.openpty()
    plain = {k: v for k, v in os.environ.items() if not k.startswith(("LC_", "LANG", "WIKIBRIDGE"))}
    process = subprocess.Popen(
        [sys.executable, "-m", "wikibridge", *args], stdin=theirs, stdout=theirs, stderr=theirs, cwd=folder,
        env={**plain, "PYTHONUTF8": "1", "COLUMNS": "300", **(environment or {})}, start_new_session=True, preexec_fn=_own_terminal)
    os.close(theirs)
    shown, looked = "", 0
    waiting, interrupted = list(answers), False
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if not select.select([ours], [], [], 1)[0]:
            if interrupted:
                # It came in the moment before somebody listened.
                os.write(ours, b"\x03")
            continue
        try:
            part = os.read(ours, 65536)
        except OSError:
            break
        if not part:
            break
        shown += part.decode(errors="replace")
        if waiting and waiting[0][0] in shown[looked:]:
            looked = len(shown)
            interrupted = waiting[0][1] == "^C"
            os.write(ours, b"\x03" if interrupted else waiting[0][1].encode() + b"\n")
            del waiting[0]
    os.close(ours)
    code = process.wait(PATIENCE)
    assert not waiting, f"never asked: {waiting[0][0]!r}; shown: {shown}"
    return Said(re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", shown.replace("\r\n", "\n")), code)


def _own_terminal() -> None:
    import fcntl
    import termios

    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
