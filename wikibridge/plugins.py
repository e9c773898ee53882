"""Kinds of jobs and doors to wikis that other packages bring, by entry points. Looked up only for what is not shipped.

https://packaging.python.org/en/latest/specifications/entry-points/
"""

from __future__ import annotations

from importlib.metadata import EntryPoint, entry_points
from typing import Any

from wikibridge.errors import SettingsError

JOBS, WIKIS = "wikibridge.jobs", "wikibridge.wikis"
"""The groups: an entry point's name is the kind."""


def names(group: str) -> list[str]:
    """The kinds that installed packages bring."""
    return sorted({each.name for each in entry_points(group=group)})


def load(group: str, kind: str) -> Any:
    """What a package brings for a kind; None when none does.

    Raises SettingsError, naming the package, when it cannot be loaded or when several bring that kind.
    """
    found = [each for each in entry_points(group=group) if each.name == kind]
    if not found:
        return None
    if len({each.value for each in found}) > 1:
        raise SettingsError("plugin-twice", kind, ", ".join(sorted(map(origin, found))))
    try:
        return found[0].load()
    except Exception as error:
        # Whatever the code of a package does when it is imported.
        raise SettingsError("plugin-broken", kind, origin(found[0]), f"{type(error).__name__}: {error}") from error


def origin(entry: EntryPoint) -> str:
    """The package that an entry point is from, as far as it says so, else what it names."""
    return entry.dist.name if entry.dist else entry.value
