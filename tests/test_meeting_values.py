"""Meetings as values: times as people type them, what clocks show elsewhere, the file, calendars, groups. No wiki."""

from __future__ import annotations

import sys
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
import vobject
from hypothesis import example, given
from hypothesis import strategies as st

from tests.meeting_2020 import SESSIONS, ZONES, meetings_yml
from wikibridge.entries.types import shipped
from wikibridge.errors import SettingsError
from wikibridge.markup import tikitext, wikitext
from wikibridge.markup.parts import Dialect
from wikibridge.meetings import clock, file, zones
from wikibridge.meetings.calendar import calendars, chosen
from wikibridge.meetings.clock import Span
from wikibridge.meetings.groups import Person, propose
from wikibridge.meetings.programme import programme
from wikibridge.meetings.values import Meeting, Session

MANY = (*ZONES, "America/New_York", "Asia/Kolkata", "Pacific/Auckland", "Pacific/Honolulu", "Asia/Kathmandu")


def meeting(*sessions: Session, zone: str = "Europe/Brussels") -> Meeting:
    return Meeting("m", {"": "Meeting"}, zone, tuple(sorted(sessions, key=lambda each: each.order)))


def session(day: date, start: time | None = None, end: time | None = None, name: str = "s") -> Session:
    return Session(name, {"": name}, day, start, end)


@pytest.mark.parametrize(("typed", "start", "end"), [
    ("10:00-11:00", time(10), time(11)), ("10:00 – 11:30", time(10), time(11, 30)), ("14h30", time(14, 30), None), ("9 h", time(9), None),
    ("de 10h à 12h", time(10), time(12)), ("das 10h às 12h", time(10), time(12)), ("from 9 am to 5 pm", time(9), time(17)),
    ("12 am", time(0), None), ("22:00-24:00", time(22), time(0)), ("22:00-01:00", time(22), time(1)), ("7", time(7), None),
])
def test_times_as_people_type_them(typed: str, start: time, end: time | None) -> None:
    assert clock.read(typed) == Span(start, end)


@pytest.mark.parametrize(("typed", "part"), [
    ("morning", "morning"), ("Matin", "morning"), ("de manhã", "morning"), ("après-midi", "afternoon"), ("À tarde", "afternoon"), ("soirée", "evening")])
def test_a_part_of_the_day_is_a_time_too(typed: str, part: str) -> None:
    assert clock.read(typed).part == part


@pytest.mark.parametrize("typed", ["soon", "25:00", "10:75", "2-4 pm", "13 pm", "10:00-11:00-12:00", "24:00", "10:00 or 11:00"])
def test_what_is_no_time_or_may_be_two_is_refused(typed: str) -> None:
    with pytest.raises(ValueError):
        clock.read(typed)


def test_the_file_of_the_real_meeting() -> None:
    (made,) = file.read(meetings_yml(), "UTC", shipped())
    assert [each.id for each in made.sessions] == [row[0] for row in SESSIONS]
    by_id = {each.id: each for each in made.sessions}
    assert by_id["food"].part == "morning" and by_id["food"].start is None and made.begins(by_id["food"]) is None
    assert by_id["closing"].end is None and by_id["young"].languages == ()
    assert made.begins(by_id["opening"]) == datetime(2020, 10, 31, 9, tzinfo=UTC)


@pytest.mark.parametrize(("change", "words"), [
    (("day: 2020-11-02", "day: 2020-11-31"), ("a day such as 2020-10-31",)),
    (("15:00-17:00", "3 to 5 pm"), ("a time such as 10:00",)),
    (("Europe/Brussels", "Europe/Bruxelles"), ("line 4", "zone", "a time zone such as Europe/Brussels")),
    (("id: climate", "id: food"), ("“food” is there twice",)),
    (("link: https://rooms.example.org/food", "link: rooms"), ("an address such as",)),
    (("        day: 2020-11-02", "        them: food\n        day: 2020-11-02"), ("them", "theme")),
    (("        day: 2020-11-02", "        theme: fodo\n        day: 2020-11-02"), ("line 45", "not “fodo”")),
    (('time: "19:00"', 'end: "19:00"'), ("a start too",)),
    (("day: 2020-10-31\n        time: \"10:00-11:00\"", "day: 2020-03-29\n        time: \"02:30\""), ("never show 02:30 on 2020-03-29",)),
])
def test_a_mistake_in_the_file_is_told_with_its_line_and_the_remedy(change: tuple[str, str], words: tuple[str, ...]) -> None:
    text = meetings_yml()
    assert change[0] in text
    with pytest.raises(SettingsError) as caught:
        file.read(text.replace(*change, 1), "UTC", shipped())
    assert all(word in str(caught.value) for word in ("meetings.yml, line ", *words)), str(caught.value)


def test_the_hours_of_the_real_meeting() -> None:
    (made,) = file.read(meetings_yml(), "UTC", shipped())
    ahead = {zone: [each.minutes for each in zones.differences(made, zone)] for zone in ZONES}
    assert ahead == {"Europe/Brussels": [0], "Europe/Lisbon": [-60], "Atlantic/Cape_Verde": [-120], "Africa/Libreville": [0], "America/Sao_Paulo": [-240]}
    assert zones.columns(made, ZONES)[0] == ("Europe/Brussels", "Africa/Libreville")
    # The United States put their clocks back on the night to 1 November, within the meeting.
    new_york = zones.differences(made, "America/New_York")
    assert [(each.minutes, each.since.date()) for each in new_york] == [(-300, date(2020, 10, 31)), (-360, date(2020, 11, 1))]


def test_a_clock_change_between_two_sessions_of_a_day_is_told_with_its_hour() -> None:
    day = date(2020, 11, 1)
    made = meeting(session(day, time(6), name="a"), session(day, time(8), name="b"))
    first, second = zones.differences(made, "America/New_York")
    assert (first.minutes, second.minutes, second.within, second.since.hour) == (-300, -360, True, 8)


@pytest.mark.parametrize(("dialect", "links"), [
    (wikitext, "[[:Notes|Notes]], [https://example.org/a?b=c&d=e%7Ef https&#58;//example.org/a?b&#61;c&#38;d&#61;e&#126;f]"),
    (tikitext, "((Notes)), [https://example.org/a?b=c&d=e%7Ef|https~58~//example.org/a?b=c~38~d=e~126~f]")])
def test_documents_are_pages_or_addresses_of_the_web(dialect: Dialect, links: str) -> None:
    told = Session("s", {"": "s"}, date(2020, 11, 2), documents=("Notes", "https://example.org/a?b=c&d=e~f"))
    assert links in programme(meeting(told), (), {}, {}, "en", shipped(), dialect)


@pytest.mark.parametrize(("zone", "language", "shown"), [
    ("America/Sao_Paulo", "fr", "Brésil (São Paulo)"), ("Africa/Libreville", "pt", "Gabão"), ("Atlantic/Cape_Verde", "fr", "Cap-Vert"),
    ("Europe/Lisbon", "en", "Portugal (Lisbon)"), ("Europe/Brussels", "pt", "Bélgica"), ("UTC", "en", "UTC")])
def test_countries_are_called_as_the_language_calls_them(zone: str, language: str, shown: str) -> None:
    assert zones.country(zone, language) == shown


@pytest.mark.parametrize(("minutes", "shown"), [(-60, "−1\u00a0h"), (330, "+5\u00a0h\u00a030"), (0, "same time")])
def test_hours_to_add(minutes: int, shown: str) -> None:
    assert zones.hours(minutes, "en") == shown


@given(day=st.dates(date(2000, 1, 1), date(2037, 12, 30)), start=st.times(), length=st.integers(1, 1439), zone=st.sampled_from(MANY), there=st.sampled_from(MANY))
def test_what_a_clock_shows_elsewhere_is_that_moment(day: date, start: time, length: int, zone: str, there: str) -> None:
    start = start.replace(second=0, microsecond=0)
    end = (datetime.combine(day, start) + timedelta(minutes=length)).time()
    made = meeting(one := session(day, start, end), zone=zone)
    begins = made.begins(one)
    assert begins is not None
    shown = zones.span(made, one, there, "en").split("–")[0]
    words = shown.split(" ")
    shift = int(words[1].strip("()").replace("−", "-")) if len(words) > 1 else 0
    local = datetime.combine(day + timedelta(days=shift), time.fromisoformat(words[0].zfill(5)))
    assert local == begins.astimezone(ZoneInfo(there)).replace(tzinfo=None)


# Calendars, read back by a reader that is not the writer's.

NOW = datetime(2020, 10, 1, 8, tzinfo=UTC)


def events(data: bytes) -> dict[str, dict[str, object]]:
    """The events of a calendar by summary, as vobject reads them."""
    calendar = vobject.readOne(data.decode())
    return {event.summary.value: {name: each[0].value for name, each in event.contents.items()} for event in calendar.vevent_list}


def the_meeting(text: str | None = None) -> Meeting:
    (made,) = file.read(text or meetings_yml(), "UTC", shipped())
    return made


@pytest.mark.parametrize(("language", "title"), [("en", 3), ("fr", 4), ("pt", 5)])
def test_a_calendar_is_read_back_by_another_program(language: str, title: int) -> None:
    made = calendars(the_meeting(), language, "https://wiki.example.org", b"", NOW)
    found = events(made.meeting)
    assert len(found) == len(SESSIONS) == len(made.sessions)
    for row in SESSIONS:
        event = found[row[title]]
        day = date.fromisoformat(row[1])
        if row[2] == "morning":
            assert (event["dtstart"], event["status"], event["transp"]) == (day, "TENTATIVE", "TRANSPARENT")
            continue
        start, _, end = row[2].partition("-")
        begins = datetime.combine(day, time.fromisoformat(start), ZoneInfo("Europe/Brussels"))
        assert event["dtstart"] == begins and event["status"] == "CONFIRMED" and event["sequence"] == "0"
        assert ("dtend" in event) == bool(end)
        if end:
            assert event["dtend"] == datetime.combine(day, time.fromisoformat(end), ZoneInfo("Europe/Brussels"))
    (one,) = events(made.sessions["climate"]).values()
    assert one == found[SESSIONS[7][title]] and b"rooms.example.org" not in made.meeting
    sent = chosen(made.meeting, "Mine", language, {str(one["uid"]): "https://rooms.example.org/climate"})
    assert [each["url"] for each in events(sent).values()] == ["https://rooms.example.org/climate"]


def test_what_did_not_change_is_written_as_before_at_any_later_time() -> None:
    first = calendars(the_meeting(), "en", "w", b"", NOW)
    assert calendars(the_meeting(), "en", "w", first.meeting, NOW + timedelta(days=9)) == first


@given(st.text(st.characters(exclude_categories=["Cs"])))
@example(r"a \n b\\; c\, d\N")
@example("a\r\nb\u2028c\x85d")
def test_whatever_a_title_holds_an_event_is_read_as_it_was_written(words: str) -> None:
    made = Meeting("m", {"": words}, "Europe/Brussels", (replace(
        session(date(2020, 11, 2), time(10)), titles={"": words}, room=words, facilitators=(words,)),), words)
    first = calendars(made, "en", "w", b"", NOW)
    assert calendars(made, "en", "w", first.meeting, NOW + timedelta(days=9)) == first


def test_a_change_raises_the_number_of_that_event_alone() -> None:
    first = calendars(the_meeting(), "en", "w", b"", NOW)
    moved = calendars(the_meeting(meetings_yml().replace("15:00-17:00", "15:30-17:30")), "en", "w", first.meeting, NOW + timedelta(days=1))
    before, after = events(first.meeting), events(moved.meeting)
    assert {name for name in after if after[name] != before[name]} == {"Citizens for the climate"}
    changed = after["Citizens for the climate"]
    assert changed["sequence"] == "1" and changed["uid"] == before["Citizens for the climate"]["uid"]
    assert changed["dtstamp"] == NOW + timedelta(days=1)


def test_another_link_is_a_change_although_the_calendar_does_not_hold_it() -> None:
    first = calendars(the_meeting(), "en", "w", b"", NOW)
    second = calendars(the_meeting(meetings_yml().replace("example.org/climate", "example.org/other")), "en", "w", first.meeting, NOW)
    assert [name for name, event in events(second.meeting).items() if event["sequence"] == "1"] == ["Citizens for the climate"]


def without(name: str) -> str:
    """The file without a session."""
    head, *sessions = meetings_yml().split("      - id: ")
    return "      - id: ".join([head, *(each for each in sessions if not each.startswith(name))])


def test_what_is_taken_out_stays_as_cancelled_and_comes_back_with_the_same_name() -> None:
    first = calendars(the_meeting(), "en", "w", b"", NOW)
    second = calendars(the_meeting(without("climate")), "en", "w", first.meeting, NOW)
    gone = events(second.meeting)["Citizens for the climate"]
    assert (gone["status"], gone["sequence"]) == ("CANCELLED", "1") and "climate" not in second.sessions
    assert calendars(the_meeting(without("climate")), "en", "w", second.meeting, NOW + timedelta(days=1)) == second
    back = events(calendars(the_meeting(), "en", "w", second.meeting, NOW).meeting)["Citizens for the climate"]
    assert (back["status"], back["sequence"], back["uid"]) == ("CONFIRMED", "2", gone["uid"])


def test_a_session_without_an_id_that_gets_another_title_is_the_same_event() -> None:
    text = meetings_yml().replace("      - id: climate\n        ", "      - ")
    first = calendars(the_meeting(text), "en", "w", b"", NOW)
    second = calendars(the_meeting(text.replace("Citizens for the climate", "Climate and citizens")), "en", "w", first.meeting, NOW)
    assert len(events(second.meeting)) == len(SESSIONS)
    assert events(second.meeting)["Climate and citizens"]["uid"] == events(first.meeting)["Citizens for the climate"]["uid"]


@given(title=st.text(min_size=1, max_size=60).filter(lambda text: text.strip() and text.isprintable()))
def test_whatever_a_title_holds_it_is_one_line_of_one_event(title: str) -> None:
    made = calendars(Meeting("m", {"": title}, "UTC", (Session("s", {"": title}, date(2020, 1, 1), time(9)),)), "en", "w", b"", NOW)
    assert list(events(made.meeting)) == [title] and len(made.sessions) == 1


# Groups

PEOPLE = st.lists(st.builds(
    Person, st.uuids().map(str), st.sampled_from(["fr", "pt", ""]), st.sampled_from(["citizen", "school", ""]), st.sampled_from(["food", "health", ""]),
    st.frozensets(st.sampled_from(["monday", "tuesday", "saturday"]), max_size=2)), max_size=80, unique_by=lambda each: each.page)


@given(people=PEOPLE, sizes=st.sampled_from([(8, 12), (2, 3), (5, 5)]), data=st.data())
def test_groups_have_their_size_and_something_in_common(people: list[Person], sizes: tuple[int, int], data: st.DataObject) -> None:
    groups, left = propose(people, *sizes)
    by_page = {each.page: each for each in people}
    placed = [page for group in groups for page in group.members]
    assert sorted([*placed, *left]) == sorted(each.page for each in people if each.language), "everybody once"
    for group in groups:
        members = [by_page[page] for page in group.members]
        assert sizes[0] <= len(members) <= sizes[1]
        assert {each.language for each in members} == {group.language}
        assert not group.theme or {each.theme for each in members} == {group.theme}
        assert not group.kind or {each.kind for each in members} == {group.kind}
        assert all(group.slot in each.slots for each in members if each.slots)
    assert propose(data.draw(st.permutations(people)), *sizes) == (groups, left)


@pytest.mark.parametrize(("count", "sizes"), [(7, []), (8, [8]), (12, [12]), (13, [12]), (16, [8, 8]), (20, [10, 10]), (25, [9, 8, 8]), (100, [12, *[11] * 8])])
def test_people_who_have_all_in_common_are_divided_evenly(count: int, sizes: list[int]) -> None:
    groups, left = propose([Person(f"{n:03}", "fr", "citizen", "food") for n in range(count)], 8, 12)
    assert sorted((len(each.members) for each in groups), reverse=True) == sizes and len(left) == count - sum(sizes)


def test_what_is_not_installed_is_told_with_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "icalendar", None)
    with pytest.raises(SettingsError, match=r"icalendar, which is not installed.*wikibridge\[calendar\]"):
        calendars(the_meeting(), "en", "w", b"", NOW)
