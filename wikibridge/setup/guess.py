"""What a machine and a wiki tell without being asked: the time zone, the languages."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from zoneinfo import ZoneInfo

from wikibridge.i18n import LANGUAGES


def time_zone(environment: Mapping[str, str] = os.environ, etc: Path = Path("/etc")) -> str:
    """The time zone of this machine by its name (``Europe/Brussels``): of TZ, /etc/localtime or /etc/timezone; else UTC.

    https://man7.org/linux/man-pages/man3/tzset.3.html, https://man7.org/linux/man-pages/man5/localtime.5.html
    """
    told = [environment.get("TZ", "").lstrip(":")]
    try:
        told.append(os.readlink(etc / "localtime"))
    except OSError:
        told.append("")
    try:
        told.append((etc / "timezone").read_text(encoding="utf-8").strip())
    except (OSError, ValueError):
        told.append("")
    return next((name for name in map(_zone, told) if name), "UTC")


def _zone(text: str) -> str:
    """The name of a zone, which may be that of its file; empty for anything else."""
    name = text.rpartition("zoneinfo/")[2]
    try:
        return ZoneInfo(name).key if name else ""
    except (KeyError, ValueError, OSError):
        return ""


def languages(*codes: str) -> tuple[str, ...]:
    """Those of the codes (``pt-br`` counts as ``pt``) that wikibridge speaks, each once; all it speaks where none is."""
    known = _spoken(code.replace("_", "-").partition("-")[0].casefold() for code in codes)
    return known or LANGUAGES


def _spoken(codes: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(code for code in codes if code in LANGUAGES))
