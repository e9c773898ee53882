"""The text files of a wiki in a folder, as they lie on the disk: read, and written whole or not at all."""

from __future__ import annotations

import ctypes
import hashlib
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from wikibridge.errors import EditConflict, PageExists, PageProtected, Rejected
from wikibridge.wikis.base import normal

_HERE, _EXCHANGE = -100, 2
"""AT_FDCWD and RENAME_EXCHANGE of Linux."""


@dataclass(frozen=True, slots=True)
class TextFile:
    """A file as it lies on the disk: times in nanoseconds, the hash of its text."""

    path: str
    mtime: int
    size: int
    inode: int
    seen: int
    hash: str
    text: str


def exchange(one: Path, other: Path) -> None:
    """Let two files change places, in one step where the system can: https://man7.org/linux/man-pages/man2/rename.2.html"""
    try:
        call = ctypes.CDLL(None, use_errno=True).renameat2
    except (AttributeError, OSError):
        call = None
    if call is None or call(_HERE, os.fsencode(one), _HERE, os.fsencode(other), _EXCHANGE) != 0:
        spare = one.with_suffix(".spare")
        os.link(other, spare)
        os.replace(one, other)
        os.replace(spare, one)


def text_hash(text: str) -> str:
    """The hash by which the text of a file is known again."""
    return hashlib.sha256(text.encode()).hexdigest()


def load(root: Path, name: str) -> TextFile | None:
    """The file of this name below ``root``, or None when it is gone. Raises Rejected when it holds no text."""
    seen = time.time_ns()
    try:
        stat = os.stat(root / name)
        data = (root / name).read_bytes()
        text = normal(data.decode("utf-8-sig"))
    except FileNotFoundError:
        return None
    except PermissionError as error:
        raise Rejected("file-unreadable", root / name, error.strerror) from error
    except UnicodeDecodeError as error:
        raise Rejected("folder-no-text", root / name) from error
    return TextFile(name, stat.st_mtime_ns, stat.st_size, stat.st_ino, seen, text_hash(text), text)


@contextmanager
def _draft(folder: Path, data: bytes) -> Iterator[Path]:
    """A file beside the one that it is to become, its bytes safe on the disk; gone at the end, unless it was moved."""
    handle, temporary = tempfile.mkstemp(prefix=".", suffix=".tmp", dir=folder)
    try:
        with open(handle, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        yield Path(temporary)
    finally:
        Path(temporary).unlink(missing_ok=True)


def put_whole(path: Path, data: bytes, mode: int = 0o600) -> None:
    """Write a file so that at any moment the disk holds the old bytes or the new ones. Raises OSError."""
    with _draft(path.parent, data) as draft:
        os.chmod(draft, mode)
        os.replace(draft, path)


def put(root: Path, name: str, text: str, title: str, replaced: TextFile | None) -> TextFile:
    """Write a file so that at any moment the disk holds the old text or the new one, whole.

    Raises EditConflict when the file did not hold what was to be replaced: it is put back as it was.
    ``title`` is that of the page, for what is told.
    """
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.parent.resolve().is_relative_to(root):
        raise PageProtected("page-protected", title)
    try:
        with _draft(path.parent, f"{text}\n".encode()) as draft:
            os.chmod(draft, 0o644 if replaced is None else os.stat(path).st_mode & 0o777)
            if replaced is None:
                os.link(draft, path)
            else:
                exchange(draft, path)
                if normal(draft.read_bytes().decode("utf-8-sig", "replace")) != replaced.text:
                    # Somebody saved it by hand a moment ago.
                    exchange(draft, path)
                    raise EditConflict("edit-conflict", title)
    except FileExistsError as error:
        raise PageExists("page-exists", title) from error
    stat = os.stat(path)
    return TextFile(name, stat.st_mtime_ns, stat.st_size, stat.st_ino, time.time_ns(), text_hash(text), text)
