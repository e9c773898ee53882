"""Files that pages of a wiki in a folder show: below ``Files/``, their versions in the history beside the pages' own."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from wikibridge.errors import FileChanged, PageProtected, Rejected, TooLong
from wikibridge.model import File, Upload, sha1
from wikibridge.wikis.base import checked_title, no_kind
from wikibridge.wikis.file_names import file_name
from wikibridge.wikis.folder_disk import put_whole

ENDINGS = frozenset({"png", "svg"})
FOLDER = "Files"
BY_HAND = "by hand"
"""The editor of what was found on the disk and not written through a door."""
_LIMIT = 10_485_760
TABLES = """
CREATE TABLE IF NOT EXISTS files (
    id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL, sha1 TEXT NOT NULL, editor TEXT NOT NULL, comment TEXT NOT NULL,
    time TEXT NOT NULL, data BLOB NOT NULL);
CREATE INDEX IF NOT EXISTS files_by_name ON files (name);
"""


class Shelf:
    """The files of the folder ``path``; ``db`` is its history, ``account`` ours. Methods are called with the history locked."""

    def __init__(self, path: Path, db: sqlite3.Connection, account: str) -> None:
        self._path = path / FOLDER
        self._db = db
        self._account = account

    def find(self, name: str) -> File | None:
        """A file as it lies on the disk; a version that no door wrote is by hand."""
        try:
            found = sha1((self._path / file_name(name, "")).read_bytes())
        except FileNotFoundError:
            return None
        rows = self._db.execute("SELECT sha1, editor FROM files WHERE name = ? ORDER BY id DESC", (name,)).fetchall()
        editor = next((editor for digest, editor in rows if digest == found), BY_HAND)
        return File(name, found, editor, editor == self._account)

    def files(self, names: Iterable[str]) -> dict[str, File]:
        """Those of these files that are there."""
        return {name: file for name in dict.fromkeys(names) if (file := self.find(name))}

    def check(self, upload: Upload) -> None:
        """Raises what would keep an upload from being taken."""
        ending = upload.name.rpartition(".")[2].casefold()
        checked_title(f"File:{upload.name}")
        if ending not in ENDINGS:
            raise no_kind(ending)
        if len(upload.data) > _LIMIT:
            raise TooLong("file-too-large", upload.name, f"{_LIMIT // 1024:,} KB")
        there = self.find(upload.name)
        if (there.sha1 if there else "") != upload.base or (there and not there.ours):
            raise FileChanged("file-changed", upload.name)

    def announce(self, upload: Upload) -> None:
        """Put a version into the history before the disk: of a program killed between the two, the file is known all the same."""
        self._db.execute(
            "INSERT INTO files (name, sha1, editor, comment, time, data) VALUES (?, ?, ?, ?, ?, ?)",
            (upload.name, sha1(upload.data), self._account, upload.comment, datetime.now(UTC).isoformat(timespec="seconds"),
             upload.data))

    def put(self, upload: Upload) -> None:
        """Write the file: at any moment the disk holds the old version or the new one, whole."""
        path = self._path / file_name(upload.name, "")
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.parent.resolve().is_relative_to(self._path.parent) or (path.exists() and not os.stat(path).st_mode & 0o222):
            raise PageProtected("file-protected", upload.name)
        put_whole(path, upload.data, 0o644)

    def version(self, name: str, digest: str) -> bytes:
        """The bytes of an earlier version. Raises Rejected when the history has it no more."""
        row = self._db.execute("SELECT data FROM files WHERE name = ? AND sha1 = ?", (name, digest)).fetchone()
        if row is None:
            raise Rejected("file-no-version", name)
        return bytes(row[0])
