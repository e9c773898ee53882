"""The log of runs: a file in the site's state folder, as text or as JSON lines, that never grows beyond a few megabytes."""

from __future__ import annotations

import json
import logging
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Literal

from wikibridge.errors import SettingsError

LOG = logging.getLogger("wikibridge")
"""Whatever is told of runs goes through this one; who uses wikibridge as a library may listen to it."""
LOG.addHandler(logging.NullHandler())
FOLDER, FILE = "logs", "wikibridge.log"
_BYTES, _FILES = 1_000_000, 5


def _time(record: logging.LogRecord) -> str:
    return datetime.fromtimestamp(record.created, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


class _Text(logging.Formatter):
    """A line a record, whatever it holds; the lines of a traceback begin with a blank."""

    def format(self, record: logging.LogRecord) -> str:
        words = re.sub(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]", " ", record.getMessage())
        line = f"{_time(record)} {record.levelname} run {getattr(record, 'run', 0)}: {words}"
        if record.exc_info:
            line += "\n " + self.formatException(record.exc_info).replace("\n", "\n ")
        return line


class _Lines(logging.Formatter):
    """A JSON object a line: ``time``, ``level``, ``run``, ``message``, and what else the record tells."""

    def format(self, record: logging.LogRecord) -> str:
        facts = {"time": _time(record), "level": record.levelname.lower(), "run": getattr(record, "run", 0),
                 "message": record.getMessage(), **getattr(record, "facts", {})}
        if record.exc_info:
            facts["traceback"] = self.formatException(record.exc_info)
        # Line ends of Unicode too: some who read lines take them for such.
        return re.sub("[\x85\u2028\u2029]", lambda sign: f"\\u{ord(sign[0]):04x}", json.dumps(facts, ensure_ascii=False))


class _Private(RotatingFileHandler):
    """A log that holds names of people is its owner's to read."""

    def _open(self):  # type: ignore[no-untyped-def]
        file = super()._open()
        os.chmod(self.baseFilename, 0o600)
        return file


@contextmanager
def logged(state: Path, form: Literal["text", "json"], run: int) -> Iterator[None]:
    """Whatever is told within goes into the log too, with the number of the run. Raises SettingsError where it cannot be."""
    folder = state / FOLDER
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        handler = _Private(folder / FILE, maxBytes=_BYTES, backupCount=_FILES, encoding="utf-8", errors="backslashreplace")
    except OSError as error:
        raise SettingsError("state-broken", folder, error.strerror or error) from error

    def numbered(record: logging.LogRecord) -> bool:
        record.run = run
        return True

    handler.setFormatter(_Text() if form == "text" else _Lines())
    handler.addFilter(numbered)
    # A full disk is told by what needs it, not by the log.
    handler.handleError = lambda record: None  # type: ignore[method-assign]
    level = LOG.level
    LOG.addHandler(handler)
    LOG.setLevel(min(level or logging.INFO, logging.INFO))
    try:
        yield
    finally:
        LOG.setLevel(level)
        LOG.removeHandler(handler)
        handler.close()
