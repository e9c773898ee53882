"""When something is due: "15 min", "2 h", "daily 03:30", "weekly Mon 06:00".

Each way of being due divides time into slots; something is due when it was not yet done in the slot that now is in. So
a machine that was off makes up for what it missed, once, and a late start moves nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

FORMS = "15 min, 2 h, daily 03:30, weekly Mon 06:00"
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_INTERVAL = re.compile(r"(\d{1,4}) ?(min|h)\.?", re.IGNORECASE)
_CLOCK = re.compile(r"(?:daily|weekly ([a-z]{3,9})) (\d{1,2}):(\d\d)", re.IGNORECASE)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Every:
    """An ``interval``, or a time of the day (``at``), of each day or of one ``day`` of the week (0 is Monday).

    Intervals begin at round hours of UTC: every 15 minutes is at 0, 15, 30 and 45.
    """

    interval: timedelta = timedelta()
    at: time = time()
    day: int | None = None

    def __str__(self) -> str:
        if minutes := int(self.interval.total_seconds()) // 60:
            return f"{minutes} min" if minutes % 60 else f"{minutes // 60} h"
        return f"daily {self.at:%H:%M}" if self.day is None else f"weekly {_DAYS[self.day][:3].capitalize()} {self.at:%H:%M}"

    def slot(self, now: datetime, zone: ZoneInfo) -> datetime:
        """The beginning of the slot that a moment is in, in UTC."""
        if self.interval:
            return now - (now - _EPOCH) % self.interval
        return next(moment for moment in self._moments(now, zone, -1) if moment <= now)

    def next(self, now: datetime, zone: ZoneInfo) -> datetime:
        """The beginning of the slot after the one that a moment is in, in UTC."""
        if self.interval:
            return self.slot(now, zone) + self.interval
        return next(moment for moment in self._moments(now, zone, 1) if moment > now)

    def _moments(self, now: datetime, zone: ZoneInfo, step: int) -> Iterator[datetime]:
        """When it is that time, day by day from the day of a moment (or the one beside it) on, or back.

        An hour that a change of clocks leaves out is the one after it; of one that comes twice the first counts (PEP 495).
        """
        today = now.astimezone(zone).date() - timedelta(step)
        for number in range(10):
            each: date = today + timedelta(step * number)
            if self.day in (None, each.weekday()):
                yield datetime.combine(each, self.at, zone).astimezone(UTC)


def read(text: object) -> Every | None:
    """What a text such as "daily 03:30" means; None for an empty one. Raises ValueError with the forms that there are."""
    words = " ".join(str(text or "").split())
    if not words or isinstance(text, Every):
        return text if isinstance(text, Every) else None
    if found := _INTERVAL.fullmatch(words):
        number = int(found[1])
        interval = timedelta(hours=number) if found[2].casefold() == "h" else timedelta(minutes=number)
        if timedelta(0) < interval <= timedelta(days=7):
            return Every(interval)
    elif found := _CLOCK.fullmatch(words):
        days = [number for number, name in enumerate(_DAYS) if found[1] and name.startswith(found[1].casefold())]
        hour, minute = int(found[2]), int(found[3])
        if hour < 24 and minute < 60 and (days or not found[1]):
            return Every(at=time(hour, minute), day=days[0] if days else None)
    raise ValueError(f"a time such as {FORMS}")
