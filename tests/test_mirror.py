"""The mirror as a file: what it keeps, how an older one is taken over, what happens to a broken one."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
import sqlalchemy as sa

from wikibridge.errors import SettingsError
from wikibridge.mirror.database import TooSlow
from wikibridge.mirror.store import REMEMBER, VERSION, Mirror, text_hash
from wikibridge.model import Entry, Page, PartialDate, Problem, Term, Value

TIME = datetime(2020, 11, 3, 10, 30, tzinfo=UTC)
FIELDS: dict[str, Value] = {
    "title": "Moins de viande", "date": PartialDate(2020, 11), "theme": ("food", "health"), "level": Term("family"), "before": Decimal("7.50")}
PAGE = Page(7, "P/Ana", 12, "text 🌱", TIME, "Ana")
ENTRY = Entry("choice", 1, 3, (10, 20), FIELDS, {"x": "y"})
PROBLEM = Problem("date-impossible", 3, 7, ("31/02/2020",), "excerpt", "")


def test_what_is_kept_comes_back(tmp_path: Path) -> None:
    with closing(Mirror(tmp_path / "m.db")) as mirror:
        mirror.save([(PAGE, (ENTRY,), (PROBLEM,))])
    with closing(Mirror(tmp_path / "m.db")) as mirror:
        assert list(mirror.every()) == mirror.pages(["P/Ana"]) == mirror.pages(ids=[7]) == [PAGE]
        assert mirror.fields("choice") == {"P/Ana": FIELDS} and mirror.problems() == [("P/Ana", PROBLEM)]
        assert isinstance(mirror.fields("choice")["P/Ana"]["level"], Term)
        mirror.forget([7])
        assert not any(mirror.counts().values())


def test_of_a_page_that_comes_twice_the_last_one_counts(make_mirror: Callable[[], Mirror]) -> None:
    mirror = make_mirror()
    mirror.save([(PAGE, (ENTRY,), ()), (Page(7, "P/Ana", 13, "newer", TIME), (), ())])
    assert [page.text for page in mirror.every()] == ["newer"] and mirror.fields("choice") == {}


def test_a_mirror_of_the_first_version_is_taken_over(tmp_path: Path) -> None:
    with closing(Mirror(tmp_path / "m.db")) as mirror:
        mirror.save([(PAGE, (ENTRY,), ())])
        mirror.put({"cursor": "kept"})
    with closing(sqlite3.connect(tmp_path / "m.db")) as database:
        database.execute("ALTER TABLE pages DROP COLUMN hash")
        for column in ("section", "key", "seen"):
            database.execute(f"ALTER TABLE entries DROP COLUMN {column}")
        database.execute("UPDATE meta SET value = '1' WHERE key = 'version'")
        database.commit()
    with closing(Mirror(tmp_path / "m.db")) as mirror:
        assert list(mirror.every()) == [PAGE] and mirror.get("cursor") == "kept" and mirror.get("version") == str(VERSION)
    with closing(sqlite3.connect(tmp_path / "m.db")) as database:
        assert database.execute("SELECT hash FROM pages").fetchall() == [(text_hash(PAGE.text),)]


def test_a_mirror_from_before_trackers_is_taken_over_with_its_entries(tmp_path: Path) -> None:
    path = tmp_path / "mirror.db"
    with closing(Mirror(path)) as mirror:
        mirror.save([(PAGE, (Entry("choice", 1, 1, (0, 5), {"title": "Bike"}),), (Problem("date", 1, 1),))])
    with closing(sqlite3.connect(path)) as database:
        for table in ("entries", "problems", "past_entries", "past_problems"):
            database.execute(f"ALTER TABLE {table} DROP COLUMN source")
        database.execute("DROP TABLE items")
        database.execute("UPDATE meta SET value = '4' WHERE key = 'version'")
        database.commit()
    with closing(Mirror(path)) as mirror:
        assert mirror.get("version") == str(VERSION)
        assert [entry.fields for _, _, entry in mirror.entries(PAGE.id)] == [{"title": "Bike"}]
        assert mirror.problems() == [(PAGE.title, Problem("date", 1, 1))]
        mirror.put({REMEMBER: "1"})
        mirror.save([(PAGE, (Entry("choice", 1, 1, (0, 5), {"title": "Walk"}, source="x"),), ())])
        assert [entry.source for _, _, entry in mirror.entries(PAGE.id)] == ["x"]


def test_a_mirror_from_before_feeds_is_taken_over_with_its_times(tmp_path: Path) -> None:
    path = tmp_path / "mirror.db"
    with closing(Mirror(path)) as mirror:
        mirror.save([(PAGE, (ENTRY,), ())])
    with closing(sqlite3.connect(path)) as database:
        for table, column in (("pages", "theirs"), ("entries", "changed"), ("past_entries", "changed")):
            database.execute(f"ALTER TABLE {table} DROP COLUMN {column}")
        database.execute("UPDATE meta SET value = '5' WHERE key = 'version'")
        database.commit()
    with closing(Mirror(path, "bot")) as mirror:
        mirror.put({REMEMBER: "1"})
        later = replace(PAGE, time=PAGE.time + timedelta(days=1), editor="Bot")
        mirror.save([(later, (ENTRY,), ())])
    with closing(sqlite3.connect(path)) as database:
        first = PAGE.time.isoformat()
        assert database.execute("SELECT seen, changed FROM entries").fetchall() == [(first, first)]
        assert database.execute("SELECT theirs FROM pages").fetchall() == [("",)], "who edited it before is not known"


def test_when_people_edited_a_page_is_known_whatever_we_write_on_it(make_mirror: Callable[[], Mirror]) -> None:
    mirror = make_mirror()
    mirror.account = "Our bot"
    times = [PAGE.time + timedelta(days=day) for day in range(4)]
    told = []
    for time, editor, fields in zip(times, ("our_bot", "Ana", "Our bot", "Rui"), ({"title": "A"}, {"title": "A"}, {"title": "A", "x": "1"}, {}), strict=True):
        mirror.save([(replace(PAGE, time=time, editor=editor), (replace(ENTRY, fields={"title": "A", **fields}),), ())])
        with mirror.engine.connect() as connection:
            told.append(connection.execute(sa.text("SELECT theirs, seen, changed FROM pages JOIN entries ON page = id")).one())
    stamps = [time.isoformat() for time in times]
    assert [tuple(each) for each in told] == [
        ("", stamps[0], stamps[0]), (stamps[1], stamps[0], stamps[0]), (stamps[1], stamps[0], stamps[2]), (stamps[3], stamps[0], stamps[3])]


@pytest.mark.parametrize("version", ["99", "0"])
def test_a_mirror_of_an_unknown_version_is_emptied(tmp_path: Path, version: str) -> None:
    with closing(Mirror(tmp_path / "m.db")) as mirror:
        mirror.save([(PAGE, (), ())])
        mirror.put({"version": version, "cursor": "x"})
    with closing(Mirror(tmp_path / "m.db")) as mirror:
        assert not list(mirror.every()) and mirror.get("cursor") is None


def test_a_broken_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "m.db").write_bytes(b"not a database" * 100)
    with pytest.raises(SettingsError, match=r"m\.db"):
        Mirror(tmp_path / "m.db")


def test_a_question_that_takes_too_long_is_cut_off_and_the_next_one_is_not(make_mirror: Callable[[], Mirror]) -> None:
    mirror = make_mirror()
    endless = sa.text("WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT count(*) FROM n")
    with pytest.raises(TooSlow, match="takes too long"), mirror.deadline.within(0.05), mirror.engine.connect() as connection:
        connection.execute(endless)
    with mirror.rehearsal():
        mirror.save([(PAGE, (ENTRY,), (PROBLEM,))])
        with pytest.raises(TooSlow), mirror.deadline.within(0.05), mirror.engine.connect() as connection:
            connection.execute(endless)
        assert mirror.counts()["pages"] == 1
    assert mirror.counts()["pages"] == 0
