"""Pages as a Tiki exports them, and sources pasted into files: reading both. Pure.

An export is what ``tiki-export_wiki_pages.php?page=...`` shows: MIME, one part, or with ``&all=1`` one for each version, the
newest first and usually twice. Its parameters are percent-encoded, its lines have lost the blanks at their ends; a line of the
page may look like the boundary. Source: lib/ziplib.php and lib/wiki/exportlib.php of Tiki, exports of a running 24.1.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import unquote

from wikibridge.errors import SettingsError
from wikibridge.wikis.base import normal, normal_title

ENDINGS = (".txt", ".wiki", ".tiki")
"""How the names of files with pasted sources end."""

_MANY = re.compile(rb"Content-Type:[ \t]*multipart/mixed;\s*boundary=\"?([^\"\r\n]{1,200})\"?", re.IGNORECASE)
_ONE = re.compile(rb"Content-Type:[ \t]*application/x-tikiwiki\b", re.IGNORECASE)
_HEAD = re.compile(rb"(?:[\w-]{1,40}:[^\r\n]*(?:\r?\n[ \t][^\r\n]*)*\r?\n)+")
_PARAMETER = re.compile(rb";\s*([\w-]+)=(\"[^\"]*\"|[^;\s]*)")
_DATE = re.compile(rb"^Date:\s*\w+,\s*(\d{1,2} \w{3} \d{4} \d\d:\d\d:\d\d)(?:\s+%?([+-]\d{4}))?\s*$", re.MULTILINE)
_WEB = re.compile(rb"\s*<(?:!doctype\s+html|html|\?xml)\b", re.IGNORECASE)
_BLANKS = re.compile(r"[ \t]+$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Source:
    """A page of the Tiki at one version, as a file gives it. ``name`` is the page's there, ``title`` the same in its normal form.

    ``modified`` is the time of that version and ``version`` its number; None and 0 where only the text is known.
    ``seen`` is the latest time at which the Tiki is known to have shown it.
    """

    name: str
    title: str
    text: str
    seen: datetime
    modified: datetime | None = None
    version: int = 0
    author: str = ""
    summary: str = ""


def cut(text: str) -> str:
    """A text as it looks after a way through an export: without blanks at the ends of lines."""
    return _BLANKS.sub("", normal(text))


def is_export(data: bytes) -> bool:
    """Whether a file, of which this is the beginning at least, says that it is an export of Tiki's pages."""
    head = _HEAD.match(data.removeprefix(b"\xef\xbb\xbf").lstrip())
    return head is not None and any(pattern.search(head[0]) for pattern in (_MANY, _ONE))


def read(data: bytes, file: str, saved: datetime) -> tuple[Source, ...]:
    """The versions in an export, the oldest first, each once.

    ``file`` is its name and ``saved`` its time on the disk. Raises SettingsError for a file that is none, is cut off or is
    not in UTF-8.
    """
    data = data.removeprefix(b"\xef\xbb\xbf").lstrip()
    head = _HEAD.match(data)
    if head is None or not is_export(data):
        raise SettingsError("export-none", file)
    if not (many := _MANY.search(head[0])):
        found = [_part(data, file, 1, min(saved, _date(head[0]) or saved))]
    else:
        border = re.escape(many[1].strip())
        body = data[head.end() :].rstrip()
        end = re.search(rb"\r?\n--" + border + rb"--\Z", body)
        if end is None:
            raise SettingsError("export-cut-off", file)
        # A line of a page that looks like the boundary is not followed by a header.
        parts = re.split(rb"(?:\A|\r?\n)--" + border + rb"\r?\n(?=Content-Type:)", body[: end.start()])
        if len(parts) < 2 or parts[0].strip():
            raise SettingsError("export-broken", file, 1)
        seen = min(saved, _date(head[0]) or saved)
        found = [_part(part, file, number, seen) for number, part in enumerate(parts[1:], 1)]
    once = {(each.name, each.modified, each.version): each for each in reversed(found)}
    return tuple(sorted(once.values(), key=lambda each: (each.modified or each.seen, each.version)))


def _date(head: bytes) -> datetime | None:
    """When the export was made, if its header says so in a way that can be read."""
    match = _DATE.search(head)
    if match is None or match[2] is None:
        return None
    try:
        return datetime.strptime(f"{match[1].decode()} {match[2].decode()}", "%d %b %Y %H:%M:%S %z").astimezone(UTC)
    except ValueError:
        return None


def _part(data: bytes, file: str, number: int, seen: datetime) -> Source:
    """One version. ``number`` is that of the part, from 1."""
    head = _HEAD.match(data)
    if head is None or not _ONE.search(head[0]):
        raise SettingsError("export-broken", file, number)
    try:
        said = {match[1].decode().casefold(): unquote(match[2].strip(b'"').decode("ascii"), errors="strict")
                for match in _PARAMETER.finditer(head[0])}
        if said.get("charset", "utf-8").casefold() not in ("utf-8", "utf8"):
            raise SettingsError("export-charset", file, number, said["charset"][:40])
        body = data[head.end() :]
        first = re.match(rb"\r?\n", body)
        if first is None and body:
            raise SettingsError("export-broken", file, number)
        text = cut(body[first.end() if first else 0 :].decode())
    except UnicodeDecodeError as error:
        raise SettingsError("export-charset", file, number, "?") from error
    if not said.get("pagename"):
        raise SettingsError("export-no-page", file)
    try:
        version, modified = int(said["version"]), datetime.fromtimestamp(int(said["lastmodified"]), UTC)
    except (KeyError, ValueError, OverflowError, OSError) as error:
        raise SettingsError("export-broken", file, number) from error
    return Source(said["pagename"], normal_title(said["pagename"]), text, max(seen, modified), modified, version,
                  said.get("author", ""), said.get("summary", ""))


def pasted(data: bytes, path: str, file: str, saved: datetime) -> Source:
    """A source that somebody pasted into a file whose name is the page's. ``path`` is below the folder given, with its ending.

    Raises SettingsError for a file that is no text in UTF-8, or a web page.
    """
    if _WEB.match(data):
        raise SettingsError("export-none", file)
    try:
        text = cut(data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise SettingsError("export-charset", file, 1, "?") from error
    bare = next((path[: -len(ending)] for ending in ENDINGS if path.casefold().endswith(ending)), path)
    # As in a wiki in a folder: wikibridge.wikis.file_names.
    name = " ".join(unquote(unicodedata.normalize("NFC", bare).replace("%/", ""), errors="replace").split())
    return Source(name, normal_title(name), text, saved)
