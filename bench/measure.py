"""What the benches share: one task in a process of its own, its seconds and its peak memory."""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Measured:
    """``seconds`` of the task alone, ``whole`` with the start of the program; ``memory`` its peak in MB."""

    seconds: float
    whole: float
    memory: float
    facts: dict[str, float]


def task(script: str, *arguments: object) -> Measured:
    """Run ``script`` with arguments in a new process, which ends with ``report``."""
    begun = time.perf_counter()
    command = [sys.executable, script, *map(str, arguments)]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=True)
    whole = time.perf_counter() - begun
    said = json.loads(done.stdout.splitlines()[-1])
    return Measured(said.pop("seconds"), whole, said.pop("memory"), said)


def report(work: Callable[[], dict[str, float]]) -> None:
    """Do the work and print its figures, as ``task`` reads them."""
    begun = time.perf_counter()
    facts = work()
    seconds = time.perf_counter() - begun
    # Not ru_maxrss, which a new process inherits from the one that started it.
    peak = re.search(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text())
    memory = int(peak[1]) / 1024 if peak else 0.0
    print(json.dumps({"seconds": seconds, "memory": memory, **facts}))


def median(several: list[Measured]) -> Measured:
    """The one in the middle by seconds."""
    return sorted(several, key=lambda one: one.seconds)[len(several) // 2]


def of_tools(tools: Mapping[str, Any], main: Callable[[], None]) -> None:
    """The entry point of a bench: one tool's task, which ``main`` starts in a process of its own, or the whole table."""
    parser = argparse.ArgumentParser()
    for option in ("--tool", "--task", "--state"):
        parser.add_argument(option)
    given = parser.parse_args()
    if given.tool:
        report(tools[given.tool](json.loads(Path(given.state).read_text()), given.task))
    else:
        main()
