"""A Tiki without its API, at the command line: pages brought in from files, and written as files to paste."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from wikibridge.errors import SettingsError, WikibridgeError
from wikibridge.jobs.offline import Brought, Copy, copy_of, is_pages, sources, to_paste
from wikibridge.jobs.runner import Session
from wikibridge.model import Step
from wikibridge.report.checklist import MARK, PAGE, files

_SPARE = f"{MARK}.tmp"
"""What a file is called until it is whole."""


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import came to, in numbers of pages and in sentences."""

    figures: Mapping[str, int]
    notes: Sequence[str]
    left: Sequence[str]


@dataclass(frozen=True, slots=True)
class Written:
    """A checklist: how many pages it has, where it is, and sentences on what it lacks."""

    count: int
    checklist: Path
    left: Sequence[str]


def all_pages(paths: Sequence[Path], session: Session) -> bool:
    """Whether these files are pages to bring in, not a table or a dump. Raises SettingsError for some of both."""
    from wikibridge.jobs.tables import SUFFIXES

    wiki = session.site.settings.wiki
    offline = wiki.kind == "folder" and wiki.dialect == "tiki"

    def meant(path: Path) -> bool:
        other = path.suffix.casefold() in {*SUFFIXES, ".xml", ".gz", ".bz2", ".7z"}
        # On any other wiki a text may be a table; on this one whatever is neither a table nor a dump is meant as a page.
        return is_pages(path) or not other if offline else not other and is_pages(path)

    kinds = [meant(path) for path in paths]
    if len(paths) > 1 and not all(kinds):
        raise SettingsError("import-one", paths[kinds.index(False)])
    return all(kinds)


def bring(paths: Sequence[Path], session: Session) -> Imported:
    """Bring exported pages and pasted sources into the folder. Raises SettingsError when the only file is none of these."""
    brought = Brought()
    with session.lock():
        copy = Copy(copy_of(session))
        found = list(sources(paths, brought))
        if not found and len(brought.left) == 1:
            raise SettingsError(*brought.left[0])
        copy.bring(found, session.site.dialect, brought)
        session.sync()
    say = session.language
    return Imported({"new": brought.new, "changed": brought.changed, "same": brought.same},
                    [WikibridgeError(*each).say(say) for each in brought.notes],
                    [WikibridgeError(*each).say(say) for each in brought.left])


def write(folder: Path, session: Session, steps: Sequence[Step], language: str) -> Written:
    """Write what is to be pasted into a folder, in place of an earlier checklist; nothing else is ever overwritten.

    Raises SettingsError for a folder that holds something else or cannot be written.
    """
    with session.lock():
        pastes, left = to_paste(session, steps)
    settings = session.site.settings
    made = files(pastes, settings.wiki.address, language, settings.time_zone)
    data = {name: text.encode(errors="replace") for name, text in made.items()}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _replace(folder, data)
    except OSError as error:
        raise SettingsError("file-unwritable", folder, error.strerror or "?") from error
    return Written(len(pastes), folder / PAGE, [WikibridgeError(*each).say(language) for each in left])


def _replace(folder: Path, data: Mapping[str, bytes]) -> None:
    """The files in place of those of an earlier checklist. Cut off at any moment, the next one knows all as its own."""
    old = _own(folder)
    new = {name: {_digest(each)} for name, each in data.items()}
    both = {name: old.get(name, set()) | new.get(name, set()) for name in (*old, *new)}
    _put(folder / MARK, _listed(both))
    for name in old.keys() - new.keys():
        with suppress(FileNotFoundError):
            (folder / name).unlink()
    for name, each in data.items():
        _put(folder / name, each)
    _put(folder / MARK, _listed(new))


def _own(folder: Path) -> dict[str, set[str]]:
    """The files of an earlier checklist, and the digests that they may have. Raises SettingsError for anybody else's files."""
    listed: dict[str, set[str]] = {}
    try:
        if (folder / MARK).is_file():
            listed = {str(name): set(map(str, each)) for name, each in json.loads((folder / MARK).read_bytes()).items()}
    except (ValueError, AttributeError, TypeError) as error:
        raise SettingsError("paste-foreign", folder, MARK) from error
    for path in sorted(folder.iterdir()):
        if path.name in (MARK, _SPARE):
            continue
        if path.is_symlink() or not path.is_file() or _digest(path.read_bytes()) not in listed.get(path.name, ()):
            raise SettingsError("paste-edited" if path.name in listed else "paste-foreign", folder, path.name)
    # A list that somebody wrote names no file elsewhere.
    return {name: each for name, each in listed.items() if Path(name).name == name}


def _listed(names: Mapping[str, set[str]]) -> bytes:
    return json.dumps({name: sorted(each) for name, each in names.items()}, indent=0).encode()


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _put(path: Path, data: bytes) -> None:
    spare = path.with_name(_SPARE)
    spare.unlink(missing_ok=True)
    spare.write_bytes(data)
    os.replace(spare, path)
