"""The files of a new site folder: their texts, and writing them so that none is ever half there."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from wikibridge.entries.types import shipped
from wikibridge.errors import SettingsError
from wikibridge.jobs.participants import COLUMNS
from wikibridge.site import FILE

FOLDERS = ("jobs", "page_templates", "entries")
TABLE = "participants.csv"
Say = Callable[..., str]
"""A message by its key and parameters."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What a site's settings are made of. ``address`` and ``account`` are empty for a folder of pages."""

    kind: str
    address: str
    account: str
    contact: str
    languages: tuple[str, ...]
    time_zone: str
    participants: str
    language: str


def settings(facts: Facts, say: Say) -> str:
    """The text of ``wikibridge.yml``, with remarks for those who will change it."""
    def remark(key: str, indent: str = "") -> str:
        return "".join(f"{indent}# {line}\n" for line in say(key).split("\n"))

    lines = [remark("init-yml-head"), "wiki:\n", f"  kind: {facts.kind}\n"]
    if facts.kind == "folder":
        lines += ["  path: wiki\n"]
    else:
        lines += [f"  address: {_value(facts.address)}\n",
                  remark("init-yml-secret-tiki" if facts.kind == "tiki" else "init-yml-secret", "  "),
                  f"  account: {_value(facts.account)}\n",
                  remark("init-yml-contact", "  "), f"  contact: {_value(facts.contact)}\n"]
    lines += [remark("init-yml-languages"), f"languages: [{', '.join(facts.languages)}]\n",
              remark("init-yml-zone"), f"time_zone: {_value(facts.time_zone)}\n",
              remark("init-yml-participants"), f"participants: {_value(facts.participants)}\n",
              remark("init-yml-language"), f"language: {facts.language}\n", remark("init-yml-more")]
    return "".join(lines)


def _value(text: str) -> str:
    """A text as a value of YAML, in quotation marks unless it is plainly a word; JSON's are YAML's too, but for a few letters."""
    if re.fullmatch(r"[A-Za-z][A-Za-z0-9./_-]*", text) and text not in ("null", "true", "false"):
        return text
    return re.sub("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]", lambda found: f"\\u{ord(found[0]):04x}",
                  json.dumps(text, ensure_ascii=False))


def table(language: str) -> bytes:
    """``participants.csv`` with its header alone, as spreadsheets of that language save it."""
    fields = {field.name: field for field in shipped().types["participant"].fields}
    names = [fields[column].names[language][0] for column in COLUMNS]
    # With the mark in front, spreadsheets know that what is typed below is UTF-8.
    return (("," if language == "en" else ";").join(names) + "\r\n").encode("utf-8-sig")


def usable(folder: Path) -> None:
    """Raises SettingsError where a site folder cannot be made: said before anything is asked."""
    there = next(path for path in (folder, *folder.parents) if path.exists())
    if not there.is_dir() or not os.access(there, os.W_OK | os.X_OK):
        raise SettingsError("init-folder", folder)


def put(path: Path, data: bytes, mode: int = 0o644) -> None:
    """Write a file whole: whoever looks sees all of it or none. Raises SettingsError."""
    draft = path.with_name(f".{path.name}.new")
    try:
        draft.unlink(missing_ok=True)
        with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(draft, path)
    except OSError as error:
        raise SettingsError("file-unwritable", path, error.strerror or error) from error
    finally:
        with suppress(OSError):
            draft.unlink(missing_ok=True)


def make(folder: Path) -> None:
    """The folder itself and those in it, as far as they are not there. Raises SettingsError."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name in FOLDERS:
            (folder / name).mkdir(exist_ok=True)
    except OSError as error:
        raise SettingsError("file-unwritable", folder, error.strerror or error) from error


def fill(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write the files that are not there yet; the settings, without which a folder is no site, come last."""
    for name in sorted(files, key=lambda name: name == FILE):
        if not (folder / name).exists():
            put(folder / name, files[name], 0o600 if name == TABLE else 0o644)
