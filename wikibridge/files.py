"""Files of a folder read and written whole: a reader never sees half of one, and what is the same is not touched."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from wikibridge.errors import SettingsError


def read_all(folder: Path) -> dict[str, bytes]:
    """The files of a folder by name; none where there is no such folder. Raises SettingsError where one cannot be read."""
    found = {}
    if folder.is_dir():
        for path in sorted(folder.iterdir()):
            if path.is_file() and not path.name.startswith("."):
                try:
                    found[path.name] = path.read_bytes()
                except OSError as error:
                    raise SettingsError("file-unreadable", path, error.strerror or "?") from error
    return found


def write_all(folder: Path, files: Mapping[str, bytes], private: bool = False) -> int:
    """Write those files that are not there as they are to be; answers how many. Others of the folder are left alone.

    ``private`` ones are for their owner alone to read. Raises SettingsError where they cannot be written.
    """
    count = 0
    try:
        if files:
            folder.mkdir(mode=0o700 if private else 0o755, exist_ok=True)
        for name, data in files.items():
            path = folder / name
            with suppress(FileNotFoundError):
                if path.read_bytes() == data:
                    continue
            spare = folder / f".{name}.new"
            spare.unlink(missing_ok=True)
            with open(os.open(spare, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600 if private else 0o644), "wb") as out:
                out.write(data)
            os.replace(spare, path)
            count += 1
    except OSError as error:
        raise SettingsError("file-unwritable", folder, error.strerror or "?") from error
    return count
