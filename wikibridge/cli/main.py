"""The entry point. Exit codes: 0 done, 1 failed, 2 usage, 3 done in part, 4 lock held, 75 try later."""

from __future__ import annotations

import io
import sys

from wikibridge.cli import assessment, carrying, looking, meetings, reminders, rights, setting_up, shells, telling, writing
from wikibridge.cli.base import cli

__all__ = ["assessment", "carrying", "cli", "looking", "main", "meetings", "reminders", "rights", "setting_up", "shells",
           "telling", "writing"]


def main() -> None:
    """The entry point."""
    for stream in (sys.stdout, sys.stderr):
        # A terminal that cannot show a letter shows its code.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    cli(prog_name="wikibridge")
