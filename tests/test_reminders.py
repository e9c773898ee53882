"""Reminders: notices on pages and drafts of mails. On folders in both dialects, and on a real MediaWiki."""

from __future__ import annotations

import email
import stat
import tempfile
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email import policy
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from playwright.sync_api import Browser

from tests.places import Place
from tests.post import office
from tests.reading import WIDTHS, opened
from tests.test_cli import cli
from tests.test_feeds import call, write
from tests.test_meeting_files import done
from tests.test_meetings import citizen, make, page, run
from tests.test_status import Clock
from wikibridge import Session, Site
from wikibridge.demo.mediawiki_server import MediaWikiServer
from wikibridge.jobs import runner
from wikibridge.jobs.imports import Import
from wikibridge.jobs.notices import declined, region_name
from wikibridge.markup import regions, tikitext, wikitext
from wikibridge.model import Edit, Head
from wikibridge.wikis import folder

STATE_ON_POSTGRESQL = True
WORDS = {"en": "It has been quiet here", "fr": "Rien de nouveau ici", "pt": "Há algum tempo"}
WORDS = {"en": "It has been quiet here", "fr": "Cette page est bien calme", "pt": "Esta página tem estado"}
WORD = {"en": "no reminders", "fr": "sans rappel", "pt": "sem lembretes"}


def today() -> datetime:
    return datetime.now(UTC).replace(hour=12, minute=0, second=0, microsecond=0)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> type[Clock]:
    """The time of runs, and of what is written into folders; it begins today at noon, when it is the same day in Brussels."""
    monkeypatch.setattr(runner, "datetime", Clock)
    monkeypatch.setattr(folder, "datetime", Clock)
    Clock.present = today()
    return Clock


def site_with(path: Path, dialect: str = "mediawiki", people: int = 2, job: str = "", more: str = "", wiki: str = "", prefix: str = "") -> Site:
    site = make(path, dialect, people, prefix, wiki)
    (site.folder / "jobs" / "meetings.yml").unlink()
    (site.folder / "meetings.yml").unlink()
    (site.folder / "jobs" / "reminders.yml").write_text(f"kind: reminders\n{job}", encoding="utf-8")
    with open(site.folder / "wikibridge.yml", "a", encoding="utf-8") as file:
        file.write(more)
    return Site(site.folder)


def notice(site: Site, title: str) -> str:
    """What the notice on a page says; empty where there is none, or nothing in it."""
    text = page(site, title)
    return next((each.content for each in regions.find(text, site.dialect)[0] if each.name.startswith("reminder")), "")


def add(site: Site, title: str, text: str) -> None:
    """Somebody writes below what is on a page, at the time of the clock."""
    write(site, title, f"{page(site, title)}\n\n{text}", Clock.present)


def theirs(site: Site, title: str) -> str:
    return regions.without(page(site, title), site.dialect).strip()


@pytest.mark.parametrize("dialect", ["mediawiki", "tiki"])
def test_one_notice_for_each_silence(tmp_path: Path, clock: type[Clock], dialect: str) -> None:
    site = site_with(tmp_path / "site", dialect)
    first = run(site)
    clock.present += timedelta(days=59)
    assert run(site).changed == 0
    before = theirs(site, "P/Person 00"), theirs(site, "P/Person 01")
    clock.present += timedelta(days=2)
    made = run(site)
    assert (made.changed, made.failed, made.refused) == (2, [], [])
    assert (made.entries, made.problems) == (first.entries, first.problems), "a notice is no entry"
    for title, language in (("P/Person 00", "pt"), ("P/Person 01", "fr")):
        said = notice(site, title)
        assert said.count(WORDS[language]) == 1 and WORD[language] in said.replace("&nbsp;", " "), said
        assert ("preload=Template:" if dialect == "mediawiki" else "tiki-editpage.php?page=P%2FPerson") in said
        assert page(site, title).index(WORDS[language]) < page(site, title).index("Person 0")
    assert (theirs(site, "P/Person 00"), theirs(site, "P/Person 01")) == before
    for _ in range(3):
        clock.present += timedelta(days=100)
        assert run(site).changed == 0
    add(site, "P/Person 00", call("Less meat", dialect))
    assert run(site).changed == 1 and notice(site, "P/Person 00") == "" and notice(site, "P/Person 01")
    assert run(site).changed == 0
    clock.present += timedelta(days=59)
    assert run(site).changed == 0
    clock.present += timedelta(days=2)
    assert run(site).changed == 1 and WORDS["pt"] in notice(site, "P/Person 00")


def test_a_few_words_that_are_no_entry_are_enough(tmp_path: Path, clock: type[Clock]) -> None:
    site = site_with(tmp_path / "site")
    run(site)
    clock.present += timedelta(days=61)
    run(site)
    add(site, "P/Person 00", "Olá!")
    assert run(site).changed == 1 and notice(site, "P/Person 00") == ""
    for _ in range(3):
        clock.present += timedelta(days=1)
        assert run(site).changed == 0, "that we took the notice away is not what somebody wrote"
    clock.present += timedelta(days=61)
    assert run(site).changed == 1
    write(site, "P/Person 00", theirs(site, "P/Person 00"), clock.present)
    assert run(site).changed == 0 and notice(site, "P/Person 00") == "", "who deletes the notice has seen it"


@pytest.mark.parametrize("words", ["no reminders", "No reminders!", "noreminders", "SEM LEMBRETES", "sans rappels, merci", "Sans-rappel"])
def test_whoever_wants_none_writes_so_anywhere(tmp_path: Path, clock: type[Clock], words: str) -> None:
    site = site_with(tmp_path / "site", job="after: 8 weeks\n")
    run(site)
    add(site, "P/Person 00", f"Olá. {words}")
    clock.present += timedelta(days=60)
    assert run(site).changed == 1 and notice(site, "P/Person 00") == "" and notice(site, "P/Person 01")
    add(site, "P/Person 01", words)
    assert run(site).changed == 1 and notice(site, "P/Person 01") == ""
    clock.present += timedelta(days=600)
    assert run(site).changed == 0


@pytest.mark.parametrize("dialect", [wikitext, tikitext])
def test_what_declines_and_what_does_not(dialect: Any) -> None:
    hidden = f"{dialect.COMMENT[0]} no reminders {dialect.COMMENT[1]}"
    ours = regions.region("reminder-x", "write “no reminders” anywhere", dialect)
    for text in ("", hidden, ours, "no reminder of the past", "We have no time. Reminders help.", f"A {ours} B {hidden}"):
        assert declined(text, dialect) is (text == "no reminder of the past"), text
    assert declined(f"{ours}\nno reminders", dialect) and declined("No\nreminders", dialect)
    assert not declined("piano reminders, casino reminder, sans rappeler", dialect)


@pytest.mark.parametrize(("job", "more", "counts"), [
    ("at_most: 10\n", "", [10, 10, 5, 0]), ("", "limits: {changed: 7}\n", [7, 7, 7, 4, 0]), ("", "limits: {removed: 0}\n", [20, 5, 0])])
def test_never_more_than_a_run_may_write(tmp_path: Path, clock: type[Clock], job: str, more: str, counts: list[int]) -> None:
    site = site_with(tmp_path / "site", people=25, job=job, more=more)
    run(site)
    clock.present += timedelta(days=61)
    assert [run(site).changed for _ in counts] == counts
    assert all(notice(site, f"P/Person {number:02}") for number in range(25))


def test_other_jobs_go_first(tmp_path: Path, clock: type[Clock]) -> None:
    site = site_with(tmp_path / "site", people=4, more="limits: {changed: 3}\n")
    (site.folder / "jobs" / "summaries.yml").write_text(
        "kind: summaries\npage: {en: One, fr: Deux}\nblocks: [{name: a, heading: {en: A}, of: choice}]\n")
    run(site)
    add(site, "P/Person 00", call("Cook"))
    run(site)
    clock.present += timedelta(days=61)
    add(site, "P/Person 00", call("Walk"))
    made = run(site)
    assert made.changed == 3 and "Walk" in page(site, "One") and "Walk" in page(site, "Deux") and not made.failed
    assert sum(bool(notice(site, f"P/Person {number:02}")) for number in range(4)) == 1, "two pages of a summary, one notice"
    assert [run(site).changed for _ in range(2)] == [2, 0]


def test_a_page_may_have_a_problem_too_and_follow_its_template(tmp_path: Path, clock: type[Clock]) -> None:
    site = site_with(tmp_path / "site")
    (site.folder / "jobs" / "participants.yml").write_text("kind: participants\nupgrade: true\n")
    (site.folder / "jobs" / "problems.yml").write_text("kind: problems\npage: {en: Mend, pt: Rever}\nnotice: page\n")
    run(site)
    add(site, "P/Person 00", "{{Escolha|título=Andar|data=31/02/2020}}")
    clock.present += timedelta(days=61)
    made = run(site)
    assert (made.failed, made.refused) == ([], [])
    text = page(site, "P/Person 00")
    assert WORDS["pt"] in text and "não existe" in text
    # The lines that the notice of problems names have moved.
    run(site)
    assert run(site).changed == 0
    (site.folder / "participants.csv").write_text("name,kind,language,territory\nPerson 00,citizen,pt,Covilhã\nPerson 01,citizen,fr,Namur\n", encoding="utf-8")
    upgraded = run(site)
    assert (upgraded.failed, upgraded.refused) == ([], [])
    assert "Covilhã" in page(site, "P/Person 00") and "Namur" in page(site, "P/Person 01")
    assert WORDS["pt"] in page(site, "P/Person 00"), "that the table says more is not what somebody wrote"


@pytest.mark.parametrize("prose", [False, True])
def test_a_mirror_filled_anew_changes_nothing(tmp_path: Path, clock: type[Clock], prose: bool) -> None:
    site = site_with(tmp_path / "site")
    run(site)
    if prose:
        add(site, "P/Person 00", f"Olá.\n{call('Walk')}")
    clock.present += timedelta(days=61)
    assert run(site).changed == 2
    for _ in range(2):
        for path in site.state.glob("mirror.db*"):
            path.unlink()
        assert [run(site).changed for _ in range(2)] == [0, 0]
        clock.present += timedelta(days=40)
    add(site, "P/Person 00", "Olá.")
    assert run(site).changed == 1 and notice(site, "P/Person 00") == ""


@pytest.mark.parametrize("after", ["99 years", "9999 years", "9999 weeks"])
def test_so_long_a_time_takes_all_notices_away(tmp_path: Path, clock: type[Clock], after: str) -> None:
    site = site_with(tmp_path / "site")
    run(site)
    clock.present += timedelta(days=61)
    assert run(site).changed == 2, "nobody has written yet"
    (site.folder / "jobs" / "reminders.yml").write_text(f"kind: reminders\nafter: {after}\n")
    made = run(Site(site.folder))
    assert (made.changed, made.failed, notice(site, "P/Person 00"), notice(site, "P/Person 01")) == (2, [], "", "")
    assert run(site).changed == 0


def test_choices_from_a_workshop_count_as_written(tmp_path: Path, clock: type[Clock]) -> None:
    site = site_with(tmp_path / "site")
    run(site)
    clock.present += timedelta(days=40)
    table = tmp_path / "workshop.csv"
    table.write_text("participant,title,date\nPerson 00,Less meat,2026-11-02\n", encoding="utf-8")
    with Session(site) as session:
        assert session.run((Import(table),)).changed == 1
    clock.present += timedelta(days=30)
    assert run(site).changed == 1 and notice(site, "P/Person 01")
    clock.present += timedelta(days=30)
    assert run(site).changed == 1 and notice(site, "P/Person 00")


def test_pages_that_keep_bots_away_are_left_alone(tmp_path: Path, clock: type[Clock]) -> None:
    site = site_with(tmp_path / "site", job="at_most: 1\n")
    run(site)
    add(site, "P/Person 00", "{{nobots}}")
    clock.present += timedelta(days=61)
    made = run(site)
    assert (made.changed, made.refused) == (1, []) and notice(site, "P/Person 01")


def test_what_was_taken_back_does_not_keep_others_waiting(tmp_path: Path, clock: type[Clock]) -> None:
    site = site_with(tmp_path / "site", job="at_most: 1\n")
    run(site)
    clock.present += timedelta(days=61)
    made = run(site)
    with Session(site) as session:
        session.undo(made.run)
    assert [run(site).changed for _ in range(2)] == [1, 0]
    assert sum(bool(notice(site, f"P/Person {number:02}")) for number in range(2)) == 1


def test_two_jobs_leave_each_others_notices_alone_and_one_by_mail_has_none(tmp_path: Path, clock: type[Clock]) -> None:
    site = site_with(tmp_path / "site", people=1)
    (site.folder / "jobs" / "a year.yml").write_text("kind: reminders\nafter: 1 year\n")
    run(site)
    clock.present += timedelta(days=400)
    assert run(site).changed == 2 and page(site, "P/Person 00").count(WORDS["pt"]) == 2
    assert run(site).changed == 0
    (site.folder / "jobs" / "a year.yml").write_text("kind: reminders\nafter: 1 year\nby: mail\n")
    assert run(Site(site.folder)).changed == 1 and page(site, "P/Person 00").count(WORDS["pt"]) == 1
    assert run(site).changed == 0


def test_notices_of_each_job_have_a_name_of_their_own_that_a_marker_can_hold() -> None:
    jobs = ("a year", "a-year", "a.year", "a_year", "un été", "年", "x")
    names = [region_name("reminder", job) for job in jobs]
    assert len(set(names)) == len(jobs)
    for dialect in (wikitext, tikitext):
        assert [regions.find(regions.region(name, "x", dialect), dialect)[0][0].name for name in names] == names


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(st.tuples(
    st.integers(0, 90), st.sampled_from(["", "", "Olá.", call("Walk"), "sem lembretes", "want again"])), min_size=1, max_size=6))
def test_a_notice_stands_while_somebody_is_silent_and_nobody_declined(clock: type[Clock], steps: list[tuple[int, str]]) -> None:
    clock.present = today()
    with tempfile.TemporaryDirectory() as place:
        site = site_with(Path(place) / "site", people=1)
        run(site)
        title, wrote = "P/Person 00", clock.present
        for days, words in steps:
            clock.present += timedelta(days=days)
            if words:
                mine = theirs(site, title)
                mine = mine.replace("sem lembretes", "") if words == "want again" else f"{mine}\n\n{words} {days}"
                if mine.strip() != theirs(site, title):
                    write(site, title, page(site, title).replace(theirs(site, title), mine), clock.present)
                    wrote = clock.present
            run(site)
            silent = (clock.present.date() - wrote.date()).days
            assert bool(notice(site, title)) == (silent >= 60 and "sem lembretes" not in theirs(site, title))
            assert run(site).changed == 0


@pytest.mark.parametrize(("job", "words"), [
    ("after: soon\n", ("line 2", "a time such as 60 days, 8 weeks or 3 months")), ("after: 0 days\n", ("line 2",)),
    ("at_most: 0\n", ("line 2", "at_most")), ("by: post\n", ("line 2", "by"))])
def test_a_mistake_in_the_job_file_is_told(tmp_path: Path, job: str, words: tuple[str, ...]) -> None:
    site = site_with(tmp_path / "site", job=job)
    done(cli("run", folder=site.folder), 2, "jobs/reminders.yml", *words)


# Mails

PEOPLE = """\
name;kind;language;E-mail
Person 00;citizen;pt;joao@example.org
Person 01;citizen;fr;zoe@example.org
Person 02;citizen;en;
Person 03;citizen;en;bad@
"""


def mail_site(path: Path, job: str = "", more: str = "") -> Site:
    """Four participants, silent for a hundred days."""
    site = site_with(path, people=0, job=f"by: mail\n{job}", more=more)
    (site.folder / "participants.csv").write_text(PEOPLE, encoding="utf-8")
    for number, language in enumerate(("pt", "fr", "en", "en")):
        write(site, f"P/Person {number:02}", f"{{{{Participant|name=Person {number:02}|language={language}}}}}",
              datetime(2026, 8, 3, 12, tzinfo=UTC))
    return site


def letters(site: Site) -> dict[str, Any]:
    found = [email.message_from_bytes(path.read_bytes(), policy=policy.default) for path in (site.folder / "reminders").glob("*.eml")]
    return {str(each["To"].addresses[0].addr_spec): each for each in found}


def test_drafts_for_those_whose_address_is_known(tmp_path: Path) -> None:
    site = mail_site(tmp_path / "site")
    made = run(site)
    assert (made.failed, made.notes, made.created, made.changed) == ([], [], 0, 0), "nothing on the wiki, no column that is not known"
    found = letters(site)
    assert set(found) == {"joao@example.org", "zoe@example.org"}
    said = found["zoe@example.org"].get_content().replace("\u00a0", " ")
    assert "Bonjour Person 01" in said and "3 août 2026" in said and "« sans rappel »" in said and "P/Person 01" in said
    assert found["joao@example.org"]["X-Unsent"] == "1" and "3 de agosto de 2026" in found["joao@example.org"].get_content()
    paths = list((site.folder / "reminders").iterdir())
    assert {stat.S_IMODE(path.stat().st_mode) for path in paths} == {0o600}
    before = {path: path.stat().st_mtime_ns for path in paths}
    run(site)
    run(site)
    assert {path: path.stat().st_mtime_ns for path in paths} == before
    citizen(site, "P/Person 00", page(site, "P/Person 00") + "\nOlá.")
    write(site, "P/Person 01", page(site, "P/Person 01") + "\nSans rappel, merci.", datetime(2026, 8, 4, tzinfo=UTC))
    run(site)
    assert letters(site) == {}
    wiki = b"".join(path.read_bytes() for path in (site.folder / "wiki").rglob("*") if path.is_file())
    assert b"example.org" not in wiki


def test_at_most_so_many_new_drafts_a_run(tmp_path: Path) -> None:
    site = mail_site(tmp_path / "site", job="at_most: 1\n")
    counts = []
    for _ in range(3):
        run(site)
        counts.append(len(letters(site)))
    assert counts == [1, 2, 2]


def test_whose_an_address_is_must_be_sure(tmp_path: Path) -> None:
    site = mail_site(tmp_path / "site")
    (site.folder / "sign-ups.csv").write_text("nom,courriel,session\nPerson 00,other@example.org,x\nPerson 02,ann@example.org,x\n")
    write(site, "P/Other", "{{Participant|name=person 01}}", datetime(2026, 8, 3, tzinfo=UTC))
    made = run(site)
    assert set(letters(site)) == {"ann@example.org"}
    assert any("several mail addresses in participants.csv" in note and "@" not in note for note in made.notes)
    assert any("Several participants are called" in note for note in made.notes)


def test_they_are_sent_when_asked_for_and_once_for_each_silence(tmp_path: Path) -> None:
    site = mail_site(tmp_path / "site")
    done(cli("reminders", "--send", folder=site.folder), 2, "under “tell” and “mail”", "“reminders”")
    with office("none") as server:
        with open(site.folder / "wikibridge.yml", "a", encoding="utf-8") as file:
            file.write(f"tell:\n  mail: {{to: [s@example.org], from: w@example.org, server: localhost, port: {server.port}, security: none}}\n")
        done(cli("reminders", folder=site.folder), 0, "Reminders: 2 (new, changed or removed: 2)", "Nothing is sent")
        assert server.letters == []
        server.refuse.add("zoe@example.org")
        done(cli("reminders", "--send", folder=site.folder), 3, "Sent: 1. Sent before: 0.", "zoe@example.org")
        server.refuse.clear()
        done(cli("reminders", "--send", folder=site.folder), 0, "Sent: 1. Sent before: 1.")
        done(cli("reminders", "--send", folder=site.folder), 0, "Sent: 0. Sent before: 2.")
        settings = site.folder / "wikibridge.yml"
        settings.write_text(settings.read_text(encoding="utf-8").replace("from: w@", "from: v@"), encoding="utf-8")
        done(cli("reminders", "--send", folder=site.folder), 0, "changed or removed: 2", "Sent: 0. Sent before: 2.")
        letter = next(each for each in server.letters if "zoe" in each["To"])
        assert letter["From"] == "w@example.org" and letter["X-Unsent"] is None and letter["Message-ID"]
        assert all(len(each.rcpt_tos) == 1 for each in server.envelopes)
        write(site, "P/Person 01", page(site, "P/Person 01") + "\nBonjour.", datetime(2026, 8, 30, tzinfo=UTC))
        done(cli("reminders", "--send", folder=site.folder), 0, "Sent: 1. Sent before: 1.")


def test_without_a_job_of_that_kind_it_is_told(tmp_path: Path) -> None:
    site = site_with(tmp_path / "site")
    done(cli("reminders", folder=site.folder), 2, "with “by: mail”", "docs/reminders.md")


def test_whoever_is_forgotten_gets_no_reminder(tmp_path: Path) -> None:
    site = mail_site(tmp_path / "site")
    run(site)
    done(cli("forget", "P/Person 01", "--yes", folder=site.folder), 0)
    assert set(letters(site)) == {"joao@example.org"}
    run(site)
    assert set(letters(site)) == {"joao@example.org"}


# On real wikis

def test_on_a_wiki(place: Place, clock: type[Clock]) -> None:
    (place.site.folder / "jobs" / "reminders.yml").write_text("kind: reminders\n", encoding="utf-8")
    assert place.run().failed == [] and place.run().changed == 0
    title = f"{place.prefix}P/École verte"
    clock.present += timedelta(days=61)
    made = place.run()
    assert (made.failed, made.refused, made.changed) == ([], [], 4)
    assert "bien calme" in place.page(title).text and place.run().changed == 0
    place.type(title, lambda text: f"{text}\n\nBonjour !")
    # The wiki's own clock did not move: as if it had been written that day.
    clock.present -= timedelta(days=61)
    assert place.run().changed == 1 and "bien calme" not in place.page(title).text
    assert place.run().changed == 0


@pytest.mark.live
def test_how_it_looks(
    mediawiki: MediaWikiServer, browser: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, clock: type[Clock],
    mediawiki_doors: Callable[..., Any],
) -> None:
    monkeypatch.setenv("WIKIBRIDGE_PASSWORD", mediawiki.bot.password)
    prefix = f"Corner {uuid.uuid4().hex[:8]}/"
    site = site_with(tmp_path / "site", prefix=prefix, wiki=f"kind: mediawiki, address: '{mediawiki.address}api.php', account: {mediawiki.bot.name}")
    (site.folder / "participants.csv").write_text("name,kind,language\nAnn,citizen,en\nZoé,citizen,fr\nJoão,citizen,pt\n", encoding="utf-8")
    with Session(site) as session:
        session.run(("install",))
    run(site)
    clock.present += timedelta(days=61)
    assert run(site).changed == 3
    for name, language in (("Ann", "en"), ("Zoé", "fr"), ("João", "pt")):
        for width in WIDTHS:
            with opened(browser, mediawiki.address, f"{prefix}P/{name}", width, f"reminder-{language}") as (shown, seen):
                assert WORDS[language] in seen.text and WORD[language] in seen.text.replace("\u00a0", " ")
                links = shown.locator("#mw-content-text a[href*='preload=']")
                links.first.click()
                assert shown.locator("#wpTextbox1").input_value().startswith("{{"), "the form of a choice"
    door = mediawiki_doors("Citizen")
    (there,) = door.read(titles=[f"{prefix}P/Ann"])
    door.write(Edit(there.title, f"{there.text}\n\nHello.", "", Head(there.id, there.title, there.revision)))
    clock.present -= timedelta(days=61)
    assert run(site).changed == 1
