"""Files of a folder read and written whole: a reader never sees half of one, and what is the same is not touched."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from wikibridge.errors import SettingsError
from wikibridge.jobs.base import Context, Job, SiteJob
from wikibridge.mirror.store import Mirror
from wikibridge.wikis.folder_disk import put_whole


def read_all(folder: Path) -> dict[str, bytes]:
    """The files of a folder by name; none where there is no such folder. Raises SettingsError where one cannot be read."""
    try:
        return {path.name: path.read_bytes() for path in sorted(folder.glob("[!.]*")) if path.is_file()}
    except OSError as error:
        raise SettingsError("file-unreadable", error.filename or folder, error.strerror or "?") from error


def write_all(folder: Path, files: Mapping[str, bytes | None], private: bool = False) -> int:
    """Write those files that are not there as they are to be, and remove those that are None; answers how many.

    Others of the folder are left alone. ``private`` ones are for their owner alone to read. Raises SettingsError where they
    cannot be written.
    """
    count = 0
    try:
        if any(data is not None for data in files.values()):
            folder.mkdir(mode=0o700 if private else 0o755, parents=True, exist_ok=True)
        for name, data in files.items():
            path = folder / name
            if data is None:
                count += path.exists()
                path.unlink(missing_ok=True)
                continue
            with suppress(FileNotFoundError):
                if path.read_bytes() == data:
                    continue
            put_whole(path, data, 0o600 if private else 0o644)
            count += 1
    except OSError as error:
        raise SettingsError("file-unwritable", error.filename or folder, error.strerror or "?") from error
    return count


def write_local(job: Job, context: Context, mirror: Mirror) -> int:
    """Write the files that a job wants beside the wiki; answers how many were new or changed. Raises as ``write_all`` does."""
    found = job.local_files(context, mirror) if isinstance(job, SiteJob) else ()
    return sum(write_all(context.site.folder / each.folder, each.files, each.private) for each in found)
