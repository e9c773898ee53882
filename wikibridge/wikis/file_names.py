"""Titles as file names and back. Pure; every title has one name that any disk can hold, and no name leads out of the folder.

``Participants/Ana Silva`` is ``Participants/Ana Silva.wiki``. What a disk somewhere cannot hold is percent-encoded as
in RFC 3986; a part that is too long for a disk goes on in a folder whose name ends in ``%``.
"""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import unquote

from wikibridge.wikis.base import normal_title

_PART = 200
"""Bytes of one part of a path; disks hold 255, and the file's ending must fit too."""

_FORBIDDEN = re.compile(r'[\x00-\x1f\x7f<>:"/\\|?*%]')
# Names that Windows keeps for devices, with or without an ending.
_DEVICE = re.compile(r"(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(?=\.|$)", re.IGNORECASE)


def _encode(found: re.Match[str]) -> str:
    return "".join(f"%{byte:02X}" for byte in found[0].encode())


def _part(text: str, ending: str, strict: bool) -> str:
    text = _FORBIDDEN.sub(_encode, text)
    if strict:
        # The capitals of "%2F" are left: disks that take "2f" for "2F" take it everywhere.
        text = re.sub(r"(%[0-9A-F]{2})|[^\W\d_]", lambda m: m[0] if m[1] or m[0].casefold() == m[0] else _encode(m), text)
    if text[:1] in (".", " ") or _DEVICE.match(text):
        text = re.sub("^.", _encode, text)
    # A page "A" is the file "A.wiki": the folder of a page "A.wiki/B" must be called something else.
    text = re.sub(rf"[. ]$|\.(?={ending[1:]}$)", _encode, text, flags=re.IGNORECASE)
    pieces, piece, size = [], "", 0
    for unit in re.findall(r"%[0-9A-F]{2}|.", text, re.DOTALL):
        if size + len(unit.encode()) > _PART:
            pieces.append(piece + "%")
            piece, size = "", 0
        piece += unit
        size += len(unit.encode())
    return "/".join([*pieces, piece])


def file_name(title: str, ending: str = ".wiki", *, strict: bool = False) -> str:
    """The path of a page's file in the folder, ``/`` between its parts.

    ``strict`` encodes capital letters, for a title that differs from another one only by them.
    """
    # A slash at an end, or beside another, makes no folder: it is encoded.
    return "/".join(_part(part, ending, strict) for part in re.split(r"(?<=[^/])/(?=[^/])", title)) + ending


def title_of(path: str, ending: str = ".wiki") -> str:
    """The title of the page that a file holds, whoever named the file."""
    bare = unicodedata.normalize("NFC", path.removesuffix(ending)).replace("%/", "")
    return normal_title(unquote(bare, errors="replace"))
