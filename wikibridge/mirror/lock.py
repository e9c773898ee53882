"""The lock of a site: one run at a time on this machine, free by itself when its owner dies, and telling who holds it."""

from __future__ import annotations

import fcntl
import json
import os
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from wikibridge.errors import LockHeld, SettingsError


@dataclass(frozen=True, slots=True)
class Owner:
    """Who holds a lock: the number of the process, the name of its machine, and since when."""

    process: int
    machine: str
    since: str

    @property
    def age(self) -> float:
        """Seconds for which it has been held; 0 where that is not known."""
        try:
            return max(0.0, (datetime.now(UTC) - datetime.fromisoformat(self.since)).total_seconds())
        except ValueError:
            return 0.0


def me() -> Owner:
    """This process, from now on."""
    return Owner(os.getpid(), socket.gethostname(), datetime.now(UTC).isoformat(timespec="seconds"))


def owner(path: Path) -> Owner | None:
    """Who holds the lock of this file; None when nobody does. Raises SettingsError when it cannot be read."""
    try:
        with open(path, "a+", encoding="utf-8") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return _written(path)
    except OSError as error:
        raise SettingsError("state-broken", path, error.strerror or error) from error
    return None


def _written(path: Path) -> Owner:
    try:
        return Owner(**json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        # Taken in this moment, and not written yet.
        return Owner(0, "?", "")


@contextmanager
def hold(path: Path, folder: Path) -> Iterator[None]:
    """Hold the lock of this file, for the site of a folder. Raises LockHeld with its owner, or SettingsError.

    The system lets go of it when the process ends, however it ends: https://man7.org/linux/man-pages/man2/flock.2.html
    """
    with ExitStack() as stack:
        try:
            file = stack.enter_context(open(path, "a+", encoding="utf-8"))
        except OSError as error:
            raise SettingsError("state-broken", path, error.strerror or error) from error
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            other = _written(path)
            held = LockHeld("lock-held", folder, other.process or "?", other.machine, other.since or "?")
            held.age = other.age
            raise held from error
        file.truncate(0)
        file.write(json.dumps(asdict(me())))
        file.flush()
        yield
