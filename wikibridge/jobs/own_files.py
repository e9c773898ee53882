"""Files that wikibridge made, and the tables of sign-ups, without one person: what becomes of each.

Folders and files are known by what they hold, wherever in the site folder they are and however they are called. What can be
made anew by one command is removed as a whole; what cannot (tables of an export, logs) loses what is the person's.
"""

from __future__ import annotations

import csv
import gzip
import hashlib
import json
import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from email import message_from_bytes
from email.policy import default
from html import unescape
from pathlib import Path
from typing import Any

from wikibridge.entries.naming import Naming
from wikibridge.entries.spelling import fold
from wikibridge.errors import SettingsError
from wikibridge.export.package import PACKAGE
from wikibridge.feeds import atom
from wikibridge.jobs import meeting_files, reminders, signups
from wikibridge.jobs.assessment import DATA_KIND
from wikibridge.jobs.tables import without_rows
from wikibridge.mirror import dumps
from wikibridge.mirror.forgotten import Doing
from wikibridge.report.checklist import MARK
from wikibridge.site import STATE, Site
from wikibridge.wikis.folder_disk import put_whole

ABOUT = "about.json"
"""The file by which the folder of ``wikibridge export --about`` is known."""
ABOUT_KIND, PACKAGE_NAME = "wikibridge-about", "wikibridge-export"
_HEAD = 4096
_GENERATOR = '<meta name="generator" content="wikibridge">'
_DATABASES = ("mirror.db", "journal.db", "lock")
_NOT_OURS = frozenset({"page_templates", "entries", "jobs"})


@dataclass(frozen=True, slots=True)
class Change:
    """A file that is removed (``data`` is None), or rewritten."""

    path: Path
    data: bytes | None


def changes(site: Site, doing: Doing) -> Iterator[Change]:
    """What becomes of files, each when it is asked for. Raises SettingsError for one that cannot be read."""
    naming = Naming((*doing.titles, *doing.names), doing.others)
    try:
        yield from _sign_ups(site, doing)
        yield from _by_name(site, doing)
        for folder, files in _folders(site):
            yield from _in_folder(folder, files, doing, naming)
        for path in sorted((site.folder / STATE).rglob("*")):
            if path.is_file() and not path.is_symlink() and not path.name.startswith(_DATABASES):
                yield from _told(path, naming)
    except OSError as error:
        raise SettingsError("file-unreadable", error.filename or site.folder, error.strerror or "?") from error


def apply(site: Site, doing: Doing) -> None:
    """Change the files: each at once, the rest of it as it was. Raises SettingsError where the disk does not let us."""
    for change in changes(site, doing):
        path = change.path.resolve()
        try:
            if change.data is None:
                path.unlink(missing_ok=True)
            else:
                put_whole(path, change.data, path.stat().st_mode & 0o777)
        except OSError as error:
            raise SettingsError("file-unwritable", path, error.strerror or "?") from error


def _sign_ups(site: Site, doing: Doing) -> Iterator[Change]:
    for source in dict.fromkeys(name for name, _ in doing.rows):
        path = site.folder / source
        rows = {cells for name, cells in doing.rows if name == source}
        with suppress(FileNotFoundError):
            try:
                data, gone = without_rows(path.read_bytes(), lambda row, rows=rows: tuple(row) in rows)  # type: ignore[misc]
            except csv.Error as error:
                raise SettingsError("csv-broken", source, 1, error) from error
            if gone:
                yield Change(path, data)


def _by_name(site: Site, doing: Doing) -> Iterator[Change]:
    """Sign-ups for sessions, the lists made of them, drafts of mails, by the name of whose they are."""
    names = {fold(name) for name in doing.names}

    def theirs(row: Sequence[str]) -> bool:
        return any(fold(cell) in names for cell in row)

    for path in (site.folder / signups.FILE, *sorted((site.folder / meeting_files.LISTS).glob("*.csv"))):
        if path.is_file():
            try:
                data, gone = without_rows(path.read_bytes(), theirs)
            except csv.Error as error:
                raise SettingsError("csv-broken", path.name, 1, error) from error
            if gone:
                yield Change(path, data)
    drafts = (path for folder in (meeting_files.INVITATIONS, reminders.FOLDER) for path in (site.folder / folder).glob("*.eml"))
    for path in sorted(drafts):
        to = message_from_bytes(path.read_bytes(), policy=default)["To"]
        if to is not None and any(fold(each.display_name) in names for each in to.addresses):
            yield Change(path, None)


def _folders(site: Site) -> Iterator[tuple[Path, list[str]]]:
    """The folders of the site in which files of ours may be, with the names of their files: not the wiki in a folder."""
    wiki = (site.folder / site.settings.wiki.path).resolve() if site.settings.wiki.kind == "folder" else None
    for place, below, files in os.walk(site.folder):
        folder = Path(place)
        below[:] = sorted(name for name in below if not name.startswith(".") and (folder / name).resolve() != wiki
                          and not (folder == site.folder and name in _NOT_OURS))
        yield folder, sorted(name for name in files if not (folder / name).is_symlink())


def _in_folder(folder: Path, files: list[str], doing: Doing, naming: Naming) -> Iterator[Change]:
    whole: set[str] = set()
    if MARK in files:
        whole = {MARK, *_listed(folder / MARK)} & set(files)
        if any(_text(folder / name) in naming for name in whole):
            yield from (Change(folder / name, None) for name in sorted(whole - {MARK}))
            yield Change(folder / MARK, None)
    if ABOUT in files and (found := _json(folder / ABOUT)).get("kind") == ABOUT_KIND:
        whole |= {ABOUT, *map(str, found.get("files", ()))} & set(files)
        if set(found.get("page_ids", ())) & set(doing.ids) or str(found.get("participant", "")) in naming:
            yield from (Change(folder / name, None) for name in sorted(whole - {ABOUT}))
            yield Change(folder / ABOUT, None)
    if PACKAGE in files and (found := _json(folder / PACKAGE)).get("name") == PACKAGE_NAME:
        whole |= {PACKAGE, *(str(each.get("path", "")) for each in found["resources"])}
        yield from _package(folder, found, doing)
    for name in files:
        if name not in whole:
            yield from _single(folder / name, doing, naming)


def _listed(path: Path) -> set[str]:
    return set(_json(path))


def _json(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_bytes())
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _text(path: Path) -> str:
    return path.read_bytes().decode("utf-8", "replace")


def _single(path: Path, doing: Doing, naming: Naming) -> Iterator[Change]:
    """A plan, a report, an assessment, a feed or a dump."""
    with open(path, "rb") as file:
        head = file.read(_HEAD)
    if path.suffix == ".atom":
        # The next run makes it anew.
        if atom.title(path.read_bytes()) and unescape(_text(path)) in naming:
            yield Change(path, None)
    elif path.suffix in (".gz", ".bz2", ".xml"):
        with suppress(SettingsError, EOFError, gzip.BadGzipFile, OSError):
            yield from _dump(path, doing)
    elif (_GENERATOR.encode() in head or DATA_KIND.encode() in head[:40] or (
            b'"format": 1' in head[:40] and b'"steps"' in head)) and (
            naming.without_json(_text(path)) != _text(path)):
        yield Change(path, None)


def _dump(path: Path, doing: Doing) -> Iterator[Change]:
    """A dump of ours without the pages of the person, and those that named the person."""
    if not dumps.ours(path):
        return
    drop = {*doing.ids, *doing.again}
    if any(page.id in drop for page in dumps.read(path)):
        part = path.with_name(f".{path.name}")
        try:
            dumps.write((page for page in dumps.read(path) if page.id not in drop), part, dumps.ours(path))
            yield Change(path, part.read_bytes())
        finally:
            part.unlink(missing_ok=True)


def _package(folder: Path, found: dict[str, Any], doing: Doing) -> Iterator[Change]:
    """The tables of an export without the rows of the person's pages, and their description with the new sizes and digests."""
    ids = set(map(str, doing.ids))
    changed = False
    for each in found["resources"]:
        path = folder / str(each.get("path", ""))
        if path.parent != folder or not path.is_file():
            continue
        data = _rows(path, ids)
        if data is not None:
            changed = True
            each |= {"bytes": len(data), "hash": f"sha256:{hashlib.sha256(data).hexdigest()}"}
            yield Change(path, data)
    if changed:
        yield Change(folder / PACKAGE, (json.dumps(found, ensure_ascii=False, indent=1) + "\n").encode())


def _rows(path: Path, ids: set[str]) -> bytes | None:
    """A table without the rows of these pages; None where it has none of them."""
    data = path.read_bytes()
    if path.suffix == ".jsonl":
        lines = data.splitlines(keepends=True)
        kept = [line for line in lines if str(json.loads(line).get("page_id")) not in ids]
        return b"".join(kept) if kept != lines else None
    if path.suffix == ".parquet":
        return _parquet(path, ids)
    if path.suffix != ".csv":
        return None
    names = next(csv.reader(data.decode("utf-8-sig").splitlines()[:1]), [])
    if "page_id" not in names:
        return None
    column = names.index("page_id")
    made, gone = without_rows(data, lambda row: len(row) > column and row[column] in ids)
    return made if gone else None


def _parquet(path: Path, ids: set[str]) -> bytes | None:
    try:
        import pyarrow as pa
        import pyarrow.compute as pc
        import pyarrow.parquet as pq
    except ImportError as error:
        raise SettingsError("extra-missing", "pyarrow", "parquet") from error
    table = pq.read_table(path)
    if "page_id" not in table.column_names:
        return None
    kept = table.filter(pc.invert(pc.is_in(table["page_id"], value_set=pa.array(sorted(map(int, ids)), table["page_id"].type))))
    if kept.num_rows == table.num_rows:
        return None
    sink = pa.BufferOutputStream()
    pq.write_table(kept, sink)
    return bytes(sink.getvalue())


def _told(path: Path, naming: Naming) -> Iterator[Change]:
    """Logs and whatever else is kept as text: line by line, as data where it is that."""
    data = path.read_bytes()
    text = data.decode("utf-8", "surrogateescape")
    made = naming.without_json(text) if path.suffix == ".json" else "".join(
        naming.without_json(line.rstrip("\r\n")) + line[len(line.rstrip("\r\n")):] for line in text.splitlines(keepends=True))
    if made != text:
        yield Change(path, made.encode("utf-8", "surrogateescape"))
