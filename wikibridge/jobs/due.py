"""Which jobs are due, and when the next ones are. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from wikibridge.jobs.base import SiteJob
from wikibridge.site import Settings


def due(
    jobs: Mapping[str, SiteJob], settings: Settings, done: Mapping[str, tuple[str, int]], now: datetime,
) -> dict[str, str]:
    """Of these jobs those that are due, with the slots that they are due in (wikibridge/every.py).

    ``done`` are the latest slots in which jobs were done, as the journal has them.
    """
    found: dict[str, str] = {}
    for name, job in jobs.items():
        every = job.options.every or settings.every
        if every:
            slot = every.slot(now, ZoneInfo(settings.time_zone)).isoformat()
            # One done in the future was done before the clock was set back.
            if not slot <= done.get(name, ("", 0))[0] <= now.isoformat():
                found[name] = slot
    return found


def next_due(
    jobs: Mapping[str, SiteJob], settings: Settings, done: Mapping[str, tuple[str, int]], now: datetime,
) -> datetime | None:
    """When the next of these jobs is due, in UTC: now or later. None when none of them ever is."""
    if due(jobs, settings, done, now):
        return now
    ways = [job.options.every or settings.every for job in jobs.values()]
    return min((every.next(now, ZoneInfo(settings.time_zone)) for every in ways if every), default=None)
