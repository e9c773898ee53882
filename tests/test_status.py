"""The page that says whether wikibridge is at work: on a folder in both dialects, and on a real MediaWiki."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from playwright.sync_api import Browser

from tests.places import Place
from tests.reading import ARTEFACTS
from tests.test_cli import cli, told
from tests.test_problems import put, text
from wikibridge import Session, Site
from wikibridge.jobs import runner
from wikibridge.jobs.result import Result
from wikibridge.resources import shipped
from wikibridge.wikis.folder import FolderWiki

JOB = "kind: status\npage: {{en: '{0}State', fr: '{0}État', pt: '{0}Estado'}}\ncontact: '{1}'\n"
MONDAY = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)


class Clock(datetime):
    """The time of runs in these tests."""

    present = MONDAY

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> Clock:
        return cls.fromtimestamp(cls.present.timestamp(), tz)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> type[Clock]:
    monkeypatch.setattr(runner, "datetime", Clock)
    Clock.present = MONDAY
    return Clock


def make(folder: Path, dialect: str = "mediawiki", *jobs: str) -> Site:
    (folder / "jobs").mkdir(parents=True)
    (folder / "wikibridge.yml").write_text(
        f"wiki: {{kind: folder, dialect: {dialect}}}\nlanguages: [en, fr, pt]\ntime_zone: Europe/Brussels\n", encoding="utf-8")
    (folder / "participants.csv").write_text("name,language\nAna,pt\nÉcole verte,fr\n", encoding="utf-8")
    for shipped_job in shipped("jobs").glob("summary-*.yml"):
        (folder / "jobs" / shipped_job.name).write_text("# not here\n")
    for name in jobs or ("status",):
        (folder / "jobs" / f"{name}.yml").write_text(JOB.format(f"{name} " if jobs else "", "User talk:Secretariat"), encoding="utf-8")
    return Site(folder)


def run(site: Site) -> Result:
    with Session(site) as session:
        return session.run()


def choose(site: Site, title: str) -> None:
    """Somebody writes a choice on their page."""
    dialect = site.settings.wiki.dialect
    call = "{{Choice|title=%s|date=2020}}" if dialect == "mediawiki" else '{CHOICE(title="%s" date="2020")}{CHOICE}'
    with closing(FolderWiki(site.folder / "wiki", user="citizen", dialect=dialect)) as wiki:
        put(wiki, "Participants/Ana", text(wiki, "Participants/Ana") + f"\n\n{call % title}\n")


def page(site: Site, title: str) -> str:
    with closing(FolderWiki(site.folder / "wiki", dialect=site.settings.wiki.dialect)) as wiki:
        return text(wiki, title)


@pytest.mark.parametrize("dialect", ["mediawiki", "tiki"])
def test_it_tells_of_the_run_that_writes_it_and_is_written_no_more(tmp_path: Path, clock: type[Clock], dialect: str) -> None:
    site = make(tmp_path / "site", dialect)
    first = run(site)
    state = page(site, "State")
    assert f"(pages created: {first.created - 3}, pages changed: 0, charts: 0)" in state and "23 November 2026, 10:30 (UTC+1)" in state
    assert "Participants: 2. Entries on their pages: 0." in state and "Secretariat" in state
    assert "23 novembre 2026" in page(site, "État") and "23 de novembro de 2026" in page(site, "Estado")
    clock.present += timedelta(minutes=15)
    assert (run(site).changed, page(site, "State")) == (0, state)
    clock.present += timedelta(minutes=15)
    choose(site, "Less meat")
    changed = run(site)
    assert f"pages changed: {changed.changed - 3}," in page(site, "State") and "11:00 (UTC+1)" in page(site, "State")
    assert "Entries on their pages: 1." in page(site, "State")
    assert re.search(r"24 hours before: .*\D3\D", page(site, "State"))
    assert not re.search(r"\$\d|⧼", page(site, "State") + page(site, "État") + page(site, "Estado"))
    clock.present += timedelta(minutes=15)
    assert run(site).changed == 0


def test_it_is_written_once_a_day_when_nothing_happens(tmp_path: Path, clock: type[Clock]) -> None:
    site = make(tmp_path / "site")
    run(site)
    written = []
    for _ in range(4 * 24):
        clock.present += timedelta(hours=1)
        if run(site).changed:
            written.append(clock.present)
    assert [(each.day, each.hour) for each in written] == [(23, 23), (24, 23), (25, 23), (26, 23)], "midnight in Brussels"
    state = page(site, "State")
    assert "* 27 November 2026: wikibridge is at work." in state and "changes on this wiki: 23 November 2026, 10:30" in state


def test_two_such_pages_do_not_keep_each_other_busy(tmp_path: Path, clock: type[Clock]) -> None:
    site = make(tmp_path / "site", "mediawiki", "one", "two")
    run(site)
    for days in range(3):
        clock.present += timedelta(days=min(days, 1))
        changed = [run(site).changed for _ in range(3)]
        assert changed == ([6, 0, 0] if days else [0, 0, 0])
    assert "23 November 2026, 10:30" in page(site, "one State") and "23 November 2026, 10:30" in page(site, "two State")


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(st.tuples(st.integers(0, 60 * 40), st.booleans()), max_size=4))
def test_run_twice_and_nothing_happens(clock: type[Clock], steps: list[tuple[int, bool]]) -> None:
    clock.present = MONDAY
    with tempfile.TemporaryDirectory() as folder:
        site = make(Path(folder) / "site")
        run(site)
        for number, (minutes, edited) in enumerate(steps):
            clock.present += timedelta(minutes=minutes)
            if edited:
                choose(site, f"Choice {number}")
            before = page(site, "State")
            assert bool(run(site).changed) == (page(site, "State") != before)
            assert run(site).changed == 0


def test_what_was_taken_back_stays_so_until_there_is_something_to_tell(tmp_path: Path, clock: type[Clock]) -> None:
    site = make(tmp_path / "site")
    run(site)
    clock.present += timedelta(days=1)
    beat = run(site)
    with Session(site) as session:
        session.undo(beat.run)
    assert "23 November 2026:" in page(site, "State")
    again = [run(site).changed for _ in range(3)]
    assert again[1:] == [0, 0]


def test_a_mistake_in_the_job_file_is_told(tmp_path: Path) -> None:
    site = make(tmp_path / "site")
    (site.folder / "jobs" / "status.yml").write_text("kind: status\npage: {en: State}\ncontcat: Ana\n")
    told(cli("run", folder=site.folder), 2, "jobs/status.yml, line 3", "contcat", "contact")


def test_words_in_place_of_a_page_are_shown_as_text(tmp_path: Path, clock: type[Clock]) -> None:
    site = make(tmp_path / "site")
    (site.folder / "jobs" / "status.yml").write_text(JOB.format("", "the {{Evil}} <b>office</b> [[x]] | 4th floor"), encoding="utf-8")
    run(site)
    said = page(site, "State")
    assert "office" in said and "{{Evil" not in said and "<b>" not in said and "[[x" not in said


def test_on_a_wiki(place: Place) -> None:
    (place.site.folder / "jobs" / "status.yml").write_text(JOB.format(place.prefix, "User talk:Secretariat"), encoding="utf-8")
    assert place.run().failed == []
    first = place.page(f"{place.prefix}State")
    assert place.run().changed == 0
    place.type(f"{place.prefix}P/École verte", lambda text: f"{text}\n\n{{{{Choix|titre=Un potager|date=2021}}}}")
    assert place.run().changed > 3
    second = place.page(f"{place.prefix}State")
    assert second.revision > first.revision and "Entries on their pages: 1." in second.text
    assert place.run().changed == 0 and place.page(f"{place.prefix}State").revision == second.revision


LOOK = """() => ({
    width: document.documentElement.scrollWidth,
    text: document.querySelector('#mw-content-text').innerText,
    points: document.querySelectorAll('#mw-content-text li').length,
    links: [...document.querySelectorAll('#mw-content-text li a')].map(link => link.innerText)
})"""


@pytest.mark.live
def test_how_it_looks(
    request: pytest.FixtureRequest, browser: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mediawiki_doors: Callable[..., object],
) -> None:
    server = request.getfixturevalue("mediawiki")
    monkeypatch.setenv("WIKIBRIDGE_PASSWORD", server.bot.password)
    folder = tmp_path / "site"
    site = make(folder)
    (folder / "wikibridge.yml").write_text(
        f"wiki: {{kind: mediawiki, address: '{server.address}api.php', account: {server.bot.name}}}\n"
        f"participants: 'Look/P/'\ntime_zone: Europe/Brussels\n", encoding="utf-8")
    (folder / "jobs" / "status.yml").write_text(JOB.format("Look/", "User talk:Secretariat"), encoding="utf-8")
    with Session(Site(site.folder)) as session:
        session.run(("participants", "status"))
    ARTEFACTS.mkdir(exist_ok=True)
    for title, words in (("State", "wikibridge is at work"), ("État", "wikibridge est à l’œuvre"), ("Estado", "o wikibridge está a trabalhar")):
        for width in (390, 1280):
            with browser.new_context(viewport={"width": width, "height": 800}, java_script_enabled=True) as context:
                shown = context.new_page()
                shown.goto(f"{server.address}index.php?title={quote('Look/' + title)}&uselang=en")
                seen = shown.evaluate(LOOK)
                shown.screenshot(path=ARTEFACTS / f"status-{title}-{width}.png", full_page=True)
            assert words in seen["text"] and seen["points"] == 5 and seen["links"] == ["User talk:Secretariat"]
            assert not [raw for raw in ("{{", "[[", "<time", "wikibridge:", "&#", "$1") if raw in seen["text"]]
            # MediaWiki's own skin is wider than a phone, with an empty page as well.
            assert width < 1280 or seen["width"] <= width
