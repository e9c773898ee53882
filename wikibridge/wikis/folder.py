"""A wiki in a folder: one text file a page, and the history of all pages beside them in an SQLite file.

The embedded wiki of the demo, of rehearsals, archives and tests. It gives what a server gives: page ids, revision
numbers, conflicts. Files may be changed, added, renamed and deleted with any editor at any time: what is found changed
becomes a revision by ``by hand``. Several programs may work on one folder at once.
"""

from __future__ import annotations

import contextlib
import os
import re
import sqlite3
import uuid
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from wikibridge.errors import (
    EditConflict,
    InvalidTitle,
    PageExists,
    PageMissing,
    PageProtected,
    ReadOnly,
    Rejected,
    TooLong,
    Unreachable,
    WikibridgeError,
)
from wikibridge.markup.dialects import DIALECTS
from wikibridge.model import Changes, Contribution, Edit, File, Head, Page, Saved, Selection, Upload, WikiInfo
from wikibridge.wikis import contents
from wikibridge.wikis.base import Guarantees, batches, checked_title, namespace_of, normal, normal_title
from wikibridge.wikis.file_names import file_name, title_of
from wikibridge.wikis.folder_disk import TextFile, load, put, text_hash
from wikibridge.wikis.folder_files import BY_HAND, ENDINGS, TABLES, Shelf

_ENDINGS = {"mediawiki": ".wiki", "tiki": ".tiki"}
_HISTORY = ".history.db"
_REDIRECT = re.compile(r"\s*#REDIRECT(?:ION|ECIONAMENTO)?\s*:?\s*\[\[:?([^\[\]|#]+)", re.IGNORECASE)
_LIMIT = 2_097_152
_BATCH = 500
# A file changed within this time of being read may be changed again without its time showing it (FAT has 2 seconds).
_RACY = 2_000_000_000
_TABLES = """
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS pages (
    id INTEGER PRIMARY KEY AUTOINCREMENT, title TEXT UNIQUE NOT NULL, file TEXT UNIQUE NOT NULL, revision INTEGER NOT NULL,
    mtime INTEGER NOT NULL, size INTEGER NOT NULL, inode INTEGER NOT NULL, seen INTEGER NOT NULL, hash TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS revisions (
    id INTEGER PRIMARY KEY AUTOINCREMENT, page INTEGER NOT NULL, title TEXT NOT NULL, time TEXT NOT NULL,
    editor TEXT NOT NULL, summary TEXT NOT NULL, text BLOB NOT NULL);
CREATE INDEX IF NOT EXISTS revisions_by_page ON revisions (page);
CREATE TABLE IF NOT EXISTS events (id INTEGER PRIMARY KEY AUTOINCREMENT, page INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS announced (
    file TEXT NOT NULL, hash TEXT NOT NULL, editor TEXT NOT NULL, summary TEXT NOT NULL, PRIMARY KEY (file, hash));
"""


class _Sign(NamedTuple):
    """Who made an edit, with which summary, and when, where that is not now."""

    editor: str
    summary: str
    time: datetime | None = None


def _page(row: tuple[int, str, int, bytes, str, str]) -> Page:
    page, title, revision, text, moment, editor = row
    return Page(page, title, revision, zlib.decompress(text).decode(), datetime.fromisoformat(moment), editor)


class FolderWiki:
    """The door to a wiki in a folder, which is made when it is missing.

    ``user`` signs what is written. ``unreadable`` lists what the last look at the disk had to leave out, as messages.
    Raises ReadOnly when the folder cannot be written, Unreachable when its history is broken.
    """

    def __init__(self, path: Path, *, user: str = "wikibridge", dialect: str = "mediawiki") -> None:
        self.path = path.resolve()
        self.requests = 0
        self.unreadable: tuple[WikibridgeError, ...] = ()
        self._ending = _ENDINGS[dialect]
        self._info = WikiInfo(self.path.name, "folder", user, dialect, bot=True, batch=_BATCH, text_limit=_LIMIT,
                              # No page of Tiki can show one.
                              files=ENDINGS if dialect == "mediawiki" else frozenset())
        with self._told():
            self.path.mkdir(parents=True, exist_ok=True)
            self._db = sqlite3.connect(self.path / _HISTORY, timeout=30, isolation_level=None)
            self._db.execute("PRAGMA journal_mode=WAL")
            # FULL: a revision number that was given must not be given again after a power cut.
            self._db.execute("PRAGMA synchronous=FULL")
            self._db.executescript(_TABLES + TABLES)
            self._db.execute("INSERT OR IGNORE INTO meta VALUES ('identity', ?)", (uuid.uuid4().hex,))
            self._shelf = Shelf(self.path, self._db, user)
            self._identity = str(self._db.execute("SELECT value FROM meta WHERE key = 'identity'").fetchone()[0])

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.OperationalError as error:
            raise ReadOnly("folder-unwritable", self.path, error) from error
        except sqlite3.DatabaseError as error:
            raise Unreachable("folder-broken", self.path / _HISTORY, error) from error
        except OSError as error:
            raise ReadOnly("folder-unwritable", self.path, error.strerror or error) from error

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """One writer at a time, all or nothing."""
        with self._told():
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")

    @contextmanager
    def _announced(self, name: str, text: str, sign: _Sign) -> Iterator[None]:
        """Write a file, having said so first: of a program killed between file and history, the next look knows whose it is."""
        key = (name, text_hash(text))
        with self._told():
            self._db.execute("INSERT OR REPLACE INTO announced VALUES (?, ?, ?, ?)", (*key, sign.editor, sign.summary))
        try:
            with self._writing():
                yield
                self._db.execute("DELETE FROM announced WHERE file = ? AND hash = ?", key)
        except WikibridgeError:
            with self._told():
                self._db.execute("DELETE FROM announced WHERE file = ? AND hash = ?", key)
            raise

    def _author(self, file: TextFile) -> _Sign:
        """Who wrote a file that was found changed, and the edit summary."""
        row: tuple[str, str] | None = self._db.execute(
            "DELETE FROM announced WHERE file = ? AND hash = ? RETURNING editor, summary", (file.path, file.hash)).fetchone()
        return _Sign(*row) if row else _Sign(BY_HAND, "", datetime.fromtimestamp(file.mtime / 1e9, UTC))

    # Looking at the disk

    def _files(self, unreadable: list[WikibridgeError]) -> Iterator[tuple[str, os.stat_result]]:
        """Paths of page files below the folder, and what the disk says of them. Links are not followed."""
        todo = [""]
        while todo:
            below = todo.pop()
            try:
                items = sorted(os.scandir(self.path / below), key=lambda i: i.name)
            except PermissionError as error:
                unreadable.append(Rejected("file-unreadable", self.path / below, error.strerror))
                continue
            for item in items:
                name = below + item.name
                if item.name.startswith(".") or item.is_symlink():
                    continue
                if item.is_dir():
                    todo.append(name + "/")
                elif item.name.endswith(self._ending):
                    try:
                        name.encode()
                        checked_title(title_of(name, self._ending))
                    except (UnicodeEncodeError, InvalidTitle):
                        shown = name.encode("utf-8", "backslashreplace").decode()
                        unreadable.append(Rejected("folder-no-title", self.path, shown))
                        continue
                    # A file may vanish while we look.
                    with contextlib.suppress(FileNotFoundError):
                        yield name, item.stat()

    def _scan(self) -> None:
        """Take in what happened to the files since the last look."""
        unreadable: list[WikibridgeError] = []
        with self._told():
            self.requests += 1
            known = {row[0]: row[1:] for row in self._db.execute("SELECT file, mtime, size, seen, hash FROM pages")}
            changed, present = [], set()
            for name, stat in self._files(unreadable):
                present.add(name)
                row = known.get(name)
                if row is None or row[:2] != (stat.st_mtime_ns, stat.st_size) or stat.st_mtime_ns > row[2] - _RACY:
                    try:
                        file = load(self.path, name)
                    except Rejected:
                        changed.append(name)
                        continue
                    if file is None:
                        present.discard(name)
                    elif row is None or row[:2] != (file.mtime, file.size) or row[3] != file.hash:
                        changed.append(name)
            gone = set(known) - present
        if changed or gone:
            with self._writing():
                unreadable += self._take(changed, gone)
        self.unreadable = tuple(unreadable)

    def _take(self, changed: list[str], gone: set[str]) -> list[WikibridgeError]:
        """Make revisions of changed files; a file that is gone and one that is new with its text are one page, renamed.

        The files are read now, with the history locked: another program may have written them since they were looked at.
        """
        unreadable: list[WikibridgeError] = []
        files = []
        for name in changed:
            try:
                file = load(self.path, name)
            except Rejected as error:
                unreadable.append(error)
                continue
            if file is not None:
                files.append(file)
        gone = {name for name in gone if not (self.path / name).exists()}
        known = {row[0]: row[1:] for row in self._db.execute("SELECT file, id, title, hash, inode FROM pages")}
        lost = {name: known[name] for name in sorted(gone) if name in known}
        for file in files:
            if file.path in known:
                page, title, text_hash, _ = known[file.path]
                if text_hash != file.hash:
                    self._revise(page, title, file, self._author(file))
                else:
                    self._db.execute("UPDATE pages SET mtime = ?, size = ?, inode = ?, seen = ? WHERE id = ?",
                                     (file.mtime, file.size, file.inode, file.seen, page))
                continue
            title = title_of(file.path, self._ending)
            origins = [name for name, row in lost.items() if row[2] == file.hash]
            origin = next((name for name in origins if lost[name][3] == file.inode), next(iter(origins), None))
            other = next((name for name, row in known.items() if row[1] == title), None)
            if not title or (other and other != origin and other not in lost):
                unreadable.append(Rejected("folder-same-title", self.path / file.path, title, other))
                continue
            if other and other != origin:
                self._forget(lost.pop(other)[0])
                del known[other]
            page = lost.pop(origin)[0] if origin else None
            if origin:
                del known[origin]
            head, _ = self._revise(page, title, file, self._author(file))
            known[file.path] = (head.id, title, file.hash, file.inode)
        for page, *_ in lost.values():
            self._forget(page)
        return unreadable

    def _forget(self, page: int) -> None:
        """Take a page out of the present; its history stays."""
        self._db.execute("DELETE FROM pages WHERE id = ?", (page,))
        self._db.execute("INSERT INTO events (page) VALUES (?)", (page,))

    def _revise(self, page: int | None, title: str, file: TextFile, sign: _Sign) -> tuple[Head, datetime]:
        """Add a revision: of a new page when ``page`` is None, else of that page, which is given the title and file."""
        now = datetime.now(UTC)
        moment = min(now, sign.time or now).replace(microsecond=0)
        revision = self._db.execute(
            "INSERT INTO revisions (page, title, time, editor, summary, text) VALUES (0, ?, ?, ?, ?, ?)",
            (title, moment.isoformat(), sign.editor, sign.summary, zlib.compress(file.text.encode(), 1))).lastrowid
        (number,) = self._db.execute(
            "INSERT INTO pages VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET title = excluded.title,"
            " file = excluded.file, revision = excluded.revision, mtime = excluded.mtime, size = excluded.size,"
            " inode = excluded.inode, seen = excluded.seen, hash = excluded.hash RETURNING id",
            (page, title, file.path, revision, file.mtime, file.size, file.inode, file.seen, file.hash)).fetchone()
        self._db.execute("UPDATE revisions SET page = ? WHERE id = ?", (number, revision))
        self._db.execute("INSERT INTO events (page) VALUES (?)", (number,))
        return Head(number, title, int(revision or 0)), moment

    # The protocol

    @property
    def guarantees(self) -> Guarantees:
        """All of them."""
        return Guarantees()

    @property
    def identity(self) -> str:
        """The name that the folder was given when it was made."""
        return self._identity

    def info(self) -> WikiInfo:
        """What the folder says of itself."""
        return self._info

    def title(self, text: str) -> str:
        """The normal form of a title."""
        return normal_title(text)

    def changes(self, since: str | None, selection: Selection) -> Changes:
        """What happened since a cursor, whoever did it. A cursor of another folder counts as none."""
        self._scan()
        with self._told():
            last = self._db.execute("SELECT coalesce(max(id), 0) FROM events").fetchone()[0]
            identity, _, after = (since or "").partition(":")
            cursor = f"{self._identity}:{last}"
            if identity != self._identity or not after.isdigit() or int(after) > last:
                return Changes((), frozenset(), cursor, complete=False)
            rows = self._db.execute(
                "SELECT DISTINCT events.page, title, revision FROM events LEFT JOIN pages ON pages.id = events.page"
                " WHERE events.id > ? AND events.id <= ?", (int(after), last)).fetchall()
        heads = tuple(Head(*row) for row in rows if row[1] is not None)
        if selection.by_content and (len(heads) < len(rows) or any(
                head.title in selection.lists or head.title.startswith("Category:") for head in heads)):
            # Which other pages are selected may have changed with these.
            return Changes((), frozenset(), cursor, complete=False)
        touched = self._selected(heads, selection)
        return Changes(touched, frozenset(row[0] for row in rows) - {head.id for head in touched}, cursor)

    def list(self, selection: Selection) -> Iterator[Head]:
        """The heads of all selected pages, by title."""
        self._scan()
        with self._told():
            rows = self._db.execute("SELECT id, title, revision FROM pages ORDER BY title").fetchall()
        return iter(self._selected(tuple(Head(*row) for row in rows), selection))

    def _selected(self, heads: tuple[Head, ...], selection: Selection) -> tuple[Head, ...]:
        """Those of the pages that are selected, by their names or by what they hold."""
        inside: frozenset[str] = frozenset()
        if selection.by_content and heads:
            with self._told():
                rows = self._db.execute(
                    "SELECT pages.title, text FROM pages JOIN revisions ON revisions.id = pages.revision").fetchall()
            inside = contents.members(
                selection, {title: zlib.decompress(text).decode() for title, text in rows}, DIALECTS[self._info.dialect])
        return tuple(head for head in heads
                     if head.title in inside or selection.holds(head.title, head.id, namespace_of(head.title)))

    def read(self, ids: Iterable[int] = (), titles: Iterable[str] = ()) -> Iterator[Page]:
        """Pages with text, as they lie on the disk now."""
        self._scan()
        for column, wanted in (("id", ids), ("title", map(normal_title, titles))):
            for part in batches(wanted, _BATCH):
                with self._told():
                    rows = self._db.execute(
                        "SELECT pages.id, pages.title, revision, text, time, editor FROM pages JOIN revisions ON"
                        f" revisions.id = pages.revision WHERE pages.{column} IN ({','.join('?' * len(part))})", part).fetchall()
                yield from map(_page, rows)

    def redirects(self, titles: Sequence[str]) -> dict[str, str]:
        """Pages that only lead on to one of these titles, and where each leads."""
        wanted = set(map(normal_title, titles))
        self._scan()
        with self._told():
            rows = self._db.execute(
                "SELECT pages.title, text FROM pages JOIN revisions ON revisions.id = pages.revision"
                " WHERE length(text) < 500").fetchall()
        found = {title: _REDIRECT.match(zlib.decompress(text).decode()) for title, text in rows}
        return {title: target for title, match in found.items()
                if match and (target := normal_title(match[1])) in wanted}

    def revisions(self, ids: Iterable[int]) -> Iterator[Page]:
        """Pages as they stood at these revisions; those of deleted pages are left out."""
        self.requests += 1
        for part in batches(ids, _BATCH):
            with self._told():
                rows = self._db.execute(
                    "SELECT pages.id, pages.title, revisions.id, text, time, editor FROM revisions JOIN pages ON"
                    f" pages.id = page WHERE revisions.id IN ({','.join('?' * len(part))})", part).fetchall()
            yield from map(_page, rows)

    def contributions(self, since: datetime) -> Iterator[Contribution]:
        """The edits that were made through doors of our name since a time."""
        self._scan()
        with self._told():
            rows = self._db.execute(
                "SELECT page, pages.title, revisions.id, coalesce((SELECT max(id) FROM revisions AS before WHERE"
                " before.page = revisions.page AND before.id < revisions.id), 0), summary FROM revisions JOIN pages ON"
                " pages.id = page WHERE editor = ? AND time >= ? ORDER BY revisions.id DESC",
                (self._info.account, since.astimezone(UTC).isoformat())).fetchall()
        return (Contribution(*row) for row in rows)

    def removed(self, title: str, since: datetime) -> bool:
        """Whether a page that had this title has it no more."""
        self._scan()
        with self._told():
            return self._db.execute(
                "SELECT 1 FROM revisions LEFT JOIN pages ON pages.id = page WHERE revisions.title = ? AND time >= ?"
                " AND coalesce(pages.title, '') != revisions.title",
                (normal_title(title), since.astimezone(UTC).isoformat())).fetchone() is not None

    def diff_address(self, revision: int) -> str:
        """None: a folder has no web pages."""
        return ""

    def history(self, title: str) -> tuple[tuple[int, str, str, str], ...]:
        """Revision, editor, edit summary and text of each revision of a page, oldest first."""
        self._scan()
        with self._told():
            rows = self._db.execute(
                "SELECT revisions.id, editor, summary, text FROM revisions JOIN pages ON pages.id = revisions.page"
                " WHERE pages.title = ? ORDER BY revisions.id", (normal_title(title),)).fetchall()
        return tuple((revision, editor, summary, zlib.decompress(text).decode()) for revision, editor, summary, text in rows)

    def all_revisions(self, page: int) -> Iterator[Page]:
        """All revisions of a page, oldest first."""
        self.requests += 1
        with self._told():
            rows = self._db.execute(
                "SELECT pages.id, pages.title, revisions.id, text, time, editor FROM revisions JOIN pages ON pages.id = page"
                " WHERE page = ? ORDER BY revisions.id", (page,)).fetchall()
        return map(_page, rows)

    def write(self, edit: Edit) -> Saved:
        """Create a page or change the revision that the edit was computed from; the same text again changes nothing."""
        self.requests += 1
        text = normal(edit.text)
        title = checked_title(edit.title)
        if not text:
            raise Rejected("text-empty", title)
        return self._save(edit.base, title, text, _Sign(self._info.account, edit.summary))

    def receive(self, title: str, text: str, *, editor: str, summary: str, time: datetime) -> Saved:
        """Take in a page as somebody left it elsewhere, on the wiki of which this folder is a copy, whatever it holds here.

        What it held here stays in its history. ``time`` is that of the edit there. Raises as ``write`` does.
        """
        title = checked_title(title)
        base = next((Head(page.id, page.title, page.revision) for page in self.read(titles=[title])), None)
        return self._save(base, title, normal(text), _Sign(editor, summary, time.astimezone(UTC)))

    def _save(self, base: Head | None, title: str, text: str, sign: _Sign) -> Saved:
        if len(text.encode()) > _LIMIT:
            raise TooLong("text-too-long", title, _LIMIT)
        return self._create(title, text, sign) if base is None else self._change(base, title, text, sign)

    def _create(self, title: str, text: str, sign: _Sign) -> Saved:
        row = self._db.execute("SELECT id FROM pages WHERE title = ?", (title,)).fetchone()
        if row:
            self._look(row[0])
        with self._told():
            name = file_name(title, self._ending)
            files = {row[0].casefold() for row in self._db.execute("SELECT file FROM pages WHERE title != ?", (title,))}
            if name.casefold() in files:
                name = file_name(title, self._ending, strict=True)
        with self._announced(name, text, sign):
            taken = self._db.execute("SELECT 1 FROM pages WHERE title = ?", (title,)).fetchone()
            if taken or (self.path / name).exists() or (self.path / name).is_symlink():
                raise PageExists("page-exists", title)
            return Saved(*self._revise(None, title, put(self.path, name, text, title, None), sign))

    def _change(self, base: Head, title: str, text: str, sign: _Sign) -> Saved:
        self._look(base.id)
        with self._told():
            row = self._db.execute("SELECT title, file FROM pages WHERE id = ?", (base.id,)).fetchone()
        if row is None:
            raise PageMissing("page-missing", title)
        title, name = row
        with self._announced(name, text, sign):
            row = self._db.execute("SELECT revision FROM pages WHERE id = ? AND file = ?", (base.id, name)).fetchone()
            if row is None:
                # Deleted or renamed this very moment.
                raise EditConflict("edit-conflict", title)
            (revision,) = row
            file = load(self.path, name)
            if file is None:
                raise PageMissing("page-missing", title)
            if file.text == text:
                return Saved(Head(base.id, title, revision), datetime.now(UTC).replace(microsecond=0))
            known = self._db.execute("SELECT hash FROM pages WHERE id = ?", (base.id,)).fetchone()[0]
            if revision != base.revision or known != file.hash:
                raise EditConflict("edit-conflict", title)
            if not os.stat(self.path / name).st_mode & 0o222:
                raise PageProtected("page-protected", title)
            return Saved(*self._revise(base.id, title, put(self.path, name, text, title, file), sign))

    def _look(self, page: int) -> None:
        """Take in what happened to one page's file by hand, so that a conflict with it is a conflict with a revision."""
        row = self._db.execute("SELECT file, hash FROM pages WHERE id = ?", (page,)).fetchone()
        if row:
            file = load(self.path, row[0])
            if file is None or file.hash != row[1]:
                self._scan()

    def files(self, names: Iterable[str]) -> dict[str, File]:
        """The files of these names, as they lie on the disk now."""
        self.requests += 1
        with self._told():
            return self._shelf.files(names)

    def upload(self, upload: Upload) -> None:
        """Put a file, or a new version of one of ours, below ``Files/``; a page describes it, as on a server."""
        self.requests += 1
        with self._writing():
            self._shelf.check(upload)
            self._shelf.announce(upload)
        with self._writing():
            self._shelf.put(upload)
        if not upload.base:
            with contextlib.suppress(PageExists):
                self._create(normal_title(f"File:{upload.name}"), normal(upload.text), _Sign(self._info.account, upload.comment))

    def restore(self, name: str, base: str, sha1: str, comment: str) -> None:
        """Let an earlier version of a file of ours count again."""
        with self._told():
            data = self._shelf.version(name, sha1)
        self.upload(Upload(name, data, "", comment, base))

    def close(self) -> None:
        """Let go of the history."""
        self._db.close()
