"""``wikibridge export --about``: what is held about a person, into a folder to give to that person."""

from __future__ import annotations

import csv
import io
import json
from contextlib import suppress
from pathlib import Path
from typing import Any

from wikibridge.errors import SettingsError
from wikibridge.export.formats import guarded
from wikibridge.jobs.about import about, language
from wikibridge.jobs.forget import held
from wikibridge.jobs.own_files import ABOUT, ABOUT_KIND
from wikibridge.jobs.runner import Session
from wikibridge.report.about import PARTS, html
from wikibridge.wikis.folder_disk import put_whole

PAGE = "about.html"


def write(folder: Path, session: Session, participant: str) -> str:
    """Write the folder, in place of an earlier one for anybody; answers whom it is about. The mirror is up to date.

    Raises SettingsError for a folder that holds something else or cannot be written, and for a name that is nobody's.
    """
    found = held(session, participant)
    spoken = language(session, found)
    data = about(session, found, spoken)
    made = {f"{part}.csv": _table(data[part]) for part in PARTS if data[part]}
    made[PAGE] = html(data, spoken).encode(errors="replace")
    data["files"] = sorted(made)
    made[ABOUT] = json.dumps(data, ensure_ascii=False, indent=1).encode(errors="replace")
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for name in _earlier(folder) - made.keys():
            with suppress(FileNotFoundError):
                (folder / name).unlink()
        for name, content in made.items():
            put_whole(folder / name, content)
    except OSError as error:
        raise SettingsError("file-unwritable", error.filename or folder, error.strerror or "?") from error
    return found.title


def _earlier(folder: Path) -> set[str]:
    """The files of an earlier such folder. Raises SettingsError where anybody else's files are."""
    there = {path.name for path in folder.iterdir()}
    if not there:
        return set()
    try:
        data = json.loads((folder / ABOUT).read_bytes())
        listed = {ABOUT, *map(str, data["files"])} if data["kind"] == ABOUT_KIND else set()
    except (OSError, ValueError, KeyError, TypeError):
        listed = set()
    if not there <= listed:
        raise SettingsError("about-foreign", folder, min(there - listed))
    return there


def _table(rows: list[dict[str, Any]]) -> bytes:
    """Rows as a CSV, what is within a cell with its own names in columns of their own."""
    flat = [{name: cell for key, value in row.items()
             for name, cell in (value.items() if isinstance(value, dict) else ((key, value),))} for row in rows]
    names = list(dict.fromkeys(name for row in flat for name in row))
    file = io.StringIO(newline="")
    out = csv.writer(file, lineterminator="\r\n")
    out.writerow(map(guarded, names))
    for row in flat:
        out.writerow(guarded(str(row.get(name, ""))) for name in names)
    return file.getvalue().encode("utf-8-sig", errors="replace")
