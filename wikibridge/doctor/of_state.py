"""Checks of what wikibridge keeps and does by itself: mirror, journal, lock, disk, the last runs, the schedule."""

from __future__ import annotations

import os
import shutil
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import quote
from zoneinfo import ZoneInfo

from wikibridge.doctor.patient import Finding, Patient
from wikibridge.errors import SettingsError
from wikibridge.jobs.kinds import load_jobs
from wikibridge.mirror import journal as journals
from wikibridge.mirror import store
from wikibridge.mirror.lock import Owner, owner
from wikibridge.mirror.state import JOURNAL, MIRROR, open_mirror
from wikibridge.site import STATE, open_wiki

_LONG = 6 * 3600.0
"""Seconds after which a run at work is told of: even a first one on a large wiki takes less."""
_LITTLE, _NOTHING = 500_000_000, 50_000_000
"""Bytes free on the disk below which it is told, and below which it is an error."""
_LATEST = 5


def _file(patient: Patient, name: str) -> Path:
    return patient.site.folder / STATE / name


def mirror(patient: Patient) -> Iterator[Finding]:
    """Whether the mirror is whole. It may always be deleted."""
    if patient.site.settings.state:
        with closing(open_mirror(patient.site)) as opened:
            counts = opened.counts()
        yield patient.ok("doctor-mirror-server", counts["pages"], counts["entries"])
        return
    path = _file(patient, MIRROR)
    if not path.is_file():
        yield patient.ok("doctor-mirror-none")
        return
    remedy = ("doctor-mirror-remedy", path)
    try:
        with closing(_opened(path)) as connection:
            broken = _broken(connection)
            if broken:
                yield patient.error("doctor-broken", path, broken, remedy=remedy)
                return
            version = int(connection.execute("SELECT value FROM meta WHERE key = 'version'").fetchone()[0])
            pages, entries = (connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in ("pages", "entries"))
    except (sqlite3.Error, TypeError, ValueError) as error:
        yield patient.error("doctor-broken", path, error, remedy=remedy)
        return
    if version > store.VERSION:
        yield patient.warning("doctor-mirror-newer", path)
    else:
        yield patient.ok("doctor-mirror", pages, entries, f"{path.stat().st_size / 1e6:.1f}")


def journal(patient: Patient) -> Iterator[Finding]:
    """Whether the journal is whole, and what runs left open."""
    path = _file(patient, JOURNAL)
    if not patient.site.settings.state and path.is_file():
        damage = _damage(patient, path)
        if damage:
            yield damage
            return
    opened = patient.journal()
    if opened is None:
        yield patient.ok("doctor-journal-none")
        return
    with closing(opened):
        runs, unknown = opened.runs(_LATEST), opened.unsettled()
    busy = _holder(patient)
    if runs and runs[0][2] is None and busy is None:
        yield patient.warning("status-cut", runs[0][0], patient.time(runs[0][1]))
    if unknown and busy is None:
        yield patient.warning("doctor-unknown", unknown, remedy=("doctor-unknown-remedy",))
    number = runs[0][0] if runs else 0
    if patient.site.settings.state:
        yield patient.ok("doctor-journal-server", number)
    else:
        yield patient.ok("doctor-journal", number, f"{path.stat().st_size / 1e6:.1f}")


def _damage(patient: Patient, path: Path) -> Finding | None:
    """What makes the file of a journal one that cannot be used."""
    try:
        with closing(_opened(path)) as connection:
            broken = _broken(connection)
            version = connection.execute("PRAGMA user_version").fetchone()[0]
    except sqlite3.Error as error:
        broken, version = str(error), 0
    if broken:
        return patient.error("doctor-broken", path, broken, remedy=("doctor-journal-remedy", path))
    return patient.failed(SettingsError("journal-newer", path)) if version > journals.VERSION else None


def _opened(path: Path) -> sqlite3.Connection:
    """A database to look at; nothing is made or changed."""
    return sqlite3.connect(f"file:{quote(str(path))}?mode=ro", uri=True, timeout=30)


def _broken(connection: sqlite3.Connection) -> str:
    """What is wrong with a database; empty for nothing. https://www.sqlite.org/pragma.html#pragma_integrity_check"""
    said = [str(row[0]) for row in connection.execute("PRAGMA integrity_check(3)")]
    return "" if said == ["ok"] else " ".join("; ".join(said).split())[:200]


def _holder(patient: Patient) -> Owner | None:
    """Who writes at present: on this machine, or on another one with which the state is shared."""
    path = _file(patient, "lock")
    here = owner(path) if path.is_file() else None
    if here or not patient.site.settings.state:
        return here
    with closing(open_wiki(patient.site)) as wiki:
        identity = wiki.identity
    opened = patient.journal(identity)
    if opened is None or opened.lease is None:
        return None
    with closing(opened):
        return opened.lease.owner()


def lock(patient: Patient) -> Iterator[Finding]:
    """Whether a run is at work, and for how long."""
    holder = _holder(patient)
    if holder is None:
        yield patient.ok("doctor-lock-free")
        return
    said = holder.process or "?", holder.machine, f"{holder.age / 60:.0f}"
    if holder.age > _LONG:
        yield patient.warning("doctor-lock", *said, remedy=("doctor-lock-remedy", holder.process or "?"))
    else:
        yield patient.ok("doctor-lock", *said)


def disk(patient: Patient) -> Iterator[Finding]:
    """Whether there is room, whether it can be written, and who else may read what is private."""
    folder, state = patient.folder, patient.folder / STATE
    closed = [path for path in (folder, state, *(state / name for name in (MIRROR, JOURNAL)))
              if path.exists() and not os.access(path, os.W_OK)]
    if state.exists() and not state.is_dir():
        closed.append(state)
    for path in closed:
        yield patient.error("doctor-closed", path, remedy=("doctor-closed-remedy",), code=2)
    free = shutil.disk_usage(folder).free
    room = f"{free / 1e6:.0f}"
    if free < _LITTLE:
        tell = patient.error if free < _NOTHING else patient.warning
        yield tell("doctor-disk", room, remedy=("doctor-disk-remedy",))
    elif not closed:
        yield patient.ok("doctor-disk", room)
    # Of secrets the check of their own tells.
    if state.is_dir() and (mode := stat.S_IMODE(state.stat().st_mode)) & 0o007:
        yield patient.warning("doctor-readable", state, f"{mode:o}", remedy=("doctor-readable-remedy", state))


def runs(patient: Patient) -> Iterator[Finding]:
    """Whether runs come as often as they should, and end well."""
    opened = patient.journal()
    latest = []
    if opened is not None:
        with closing(opened):
            latest = opened.runs(_LATEST)
    if not latest:
        yield patient.warning("status-none", remedy=("doctor-runs-none-remedy",))
        return
    number, started, result = latest[0]
    when = patient.time(started)
    failed = [bool(figures and figures.get("failed")) for *_, figures in latest]
    if failed[0] and result:
        # Once may be the network; each of the latest is not.
        tell = patient.error if all(failed) and len(failed) > 2 else patient.warning
        yield tell("doctor-run-failed", number, when, result["failed"][0], remedy=("doctor-run-failed-remedy", number))
    due = _due(patient)
    if due is not None and datetime.fromisoformat(started) < due:
        yield patient.warning("doctor-runs-late", number, when, remedy=("doctor-runs-late-remedy",))
    elif result is not None and not failed[0]:
        yield patient.ok("doctor-runs", number, when)


def _due(patient: Patient) -> datetime | None:
    """Since when a run should have begun: the beginning of the slot before the present one of the job that is due most often.

    None where no job is ever due by itself.
    """
    settings = patient.site.settings
    zone = ZoneInfo(settings.time_zone)
    try:
        found = [job.options.every or settings.every for job in load_jobs(patient.site).values()]
    except SettingsError:
        found = [settings.every]
    slots = [every.slot(every.slot(patient.now, zone) - timedelta(seconds=1), zone) for every in found if every]
    return max(slots, default=None)


def schedule(patient: Patient) -> Iterator[Finding]:
    """Whether something of this machine starts runs for this site folder."""
    place = patient.scheduled(patient.site.folder)
    if place:
        yield patient.ok("doctor-schedule", place)
    else:
        yield patient.warning("doctor-schedule-none", remedy=("doctor-schedule-remedy",))

