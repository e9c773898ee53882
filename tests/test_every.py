"""When things are due: slots of time, right across changes of clocks."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wikibridge.every import Every, read

ZONES = [ZoneInfo(name) for name in ("UTC", "Europe/Brussels", "America/Sao_Paulo", "Australia/Lord_Howe", "Asia/Kathmandu")]
BRUSSELS = ZONES[1]
moments = st.datetimes(datetime(2015, 1, 1), datetime(2030, 1, 1)).map(lambda moment: moment.replace(tzinfo=UTC))
ways = st.one_of(
    st.integers(1, 1440).map(lambda minutes: read(f"{minutes} min")), st.integers(1, 100).map(lambda hours: read(f"{hours} h")),
    st.times().map(lambda time: read(f"daily {time:%H:%M}")),
    st.tuples(st.sampled_from(["Mon", "tuesday", "Wed", "thu", "Fri", "sat", "Sunday"]), st.times()).map(
        lambda both: read(f"weekly {both[0]} {both[1]:%H:%M}")))


@given(ways, moments, st.sampled_from(ZONES))
def test_every_moment_is_in_one_slot(every: Every, now: datetime, zone: ZoneInfo) -> None:
    slot, following = every.slot(now, zone), every.next(now, zone)
    assert slot <= now < following
    assert every.slot(slot, zone) == slot and every.slot(following, zone) == following
    assert every.slot(following - timedelta(microseconds=1), zone) == slot
    assert every.next(slot, zone) == following


@given(ways)
def test_written_out_it_reads_the_same(every: Every) -> None:
    assert read(str(every)) == every


@given(st.times(), st.dates(date(2015, 1, 1), date(2030, 1, 1)), st.sampled_from(ZONES))
def test_daily_is_once_a_day_at_that_time_of_the_clock(time: object, day: date, zone: ZoneInfo) -> None:
    every = read(f"daily {time:%H:%M}")
    assert every is not None
    first = every.next(datetime.combine(day, datetime.min.time(), zone) - timedelta(microseconds=1), zone)
    days = []
    for _ in range(370):
        local = first.astimezone(zone)
        days.append(local.date())
        # But for an hour that is left out, of which nobody's clock shows a minute.
        there = local.replace(hour=every.at.hour, minute=every.at.minute, fold=0)
        assert local.time() == every.at or there.astimezone(UTC).astimezone(zone) != there
        first = every.next(first, zone)
    assert days == [days[0] + timedelta(number) for number in range(370)]


@pytest.mark.parametrize(("text", "now", "slot"), [
    ("15 min", "2026-11-26T22:59:59Z", "2026-11-26T22:45:00Z"), ("1 h", "2026-03-29T01:30:00Z", "2026-03-29T01:00:00Z"),
    ("daily 03:30", "2026-11-26T02:29:00Z", "2026-11-25T02:30:00Z"), ("daily 03:30", "2026-11-26T02:30:00Z", "2026-11-26T02:30:00Z"),
    # Clocks go from 2 to 3, and in autumn twice through the hour between.
    ("daily 02:30", "2026-03-29T01:30:00Z", "2026-03-29T01:30:00Z"), ("daily 02:30", "2026-03-29T01:29:00Z", "2026-03-28T01:30:00Z"),
    ("daily 02:30", "2026-10-25T00:30:00Z", "2026-10-25T00:30:00Z"), ("daily 02:30", "2026-10-25T01:30:00Z", "2026-10-25T00:30:00Z"),
    ("weekly Mon 06:00", "2026-11-26T12:00:00Z", "2026-11-23T05:00:00Z"), ("weekly sunday 6:00", "2026-11-22T05:00:00Z", "2026-11-22T05:00:00Z"),
])
def test_slots_in_brussels(text: str, now: str, slot: str) -> None:
    every = read(text)
    assert every is not None and every.slot(datetime.fromisoformat(now), BRUSSELS) == datetime.fromisoformat(slot)


@pytest.mark.parametrize("text", ["often", "0 min", "-5 min", "15", "daily", "daily 24:00", "daily 3", "weekly 06:00", "weekly Mo 6:00",
                                  "weekly Noday 06:00", "200 h", "1,5 h", "daily 03:60", 15])
def test_what_is_no_time_tells_the_forms(text: object) -> None:
    with pytest.raises(ValueError, match=r"15 min, 2 h, daily 03:30, weekly Mon 06:00"):
        read(text)


def test_nothing_is_never() -> None:
    assert read("") is None and read(None) is None
