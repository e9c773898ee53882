"""Meetings on a wiki: programmes, minutes, groups. On a folder in both dialects, and on a real MediaWiki."""

from __future__ import annotations

from contextlib import closing
from datetime import date, datetime, time
from html import unescape
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Browser

from tests.meeting_2020 import SESSIONS, TITLES, ZONES, meetings_yml
from tests.places import Place
from tests.reading import WIDTHS, look
from tests.test_cli import cli, told
from tests.test_problems import put, text
from wikibridge import Session, Site
from wikibridge.jobs.result import Result
from wikibridge.resources import shipped
from wikibridge.wikis.folder import FolderWiki

JOB = """kind: meetings
pages: ['{0}Our meeting']
zones: [{1}]
page: {{en: '{0}Programme: $1', fr: '{0}Programme : $1', pt: '{0}Programa: $1'}}
minutes: {{en: '{0}Minutes: ', fr: '{0}Compte rendu : ', pt: '{0}Ata: '}}
groups: {{en: '{0}Groups: $1', fr: '{0}Groupes : $1', pt: '{0}Grupos: $1'}}
contact: 'User talk:Secretariat'
"""
PROGRAMMES = {"en": "Programme: ", "fr": "Programme : ", "pt": "Programa: "}
MINUTES = "Compte rendu : Citoyens pour le climat – 4e Rencontre internationale"


def make(folder: Path, dialect: str = "mediawiki", people: int = 2, prefix: str = "", wiki: str = "") -> Site:
    (folder / "jobs").mkdir(parents=True)
    (folder / "wikibridge.yml").write_text(
        f"wiki: {{{wiki or f'kind: folder, dialect: {dialect}'}}}\nlanguages: [en, fr, pt]\ntime_zone: Europe/Brussels\n"
        f"participants: '{prefix}P/'\n", encoding="utf-8")
    rows = "\n".join(f"Person {n:02},citizen,{'fr' if n % 2 else 'pt'}" for n in range(people))
    (folder / "participants.csv").write_text(f"name,kind,language\n{rows}\n", encoding="utf-8")
    for job in shipped("jobs").glob("*.yml"):
        if job.stem != "participants":
            (folder / "jobs" / job.name).write_text("# not here\n")
    (folder / "jobs" / "meetings.yml").write_text(JOB.format(prefix, ", ".join(ZONES)), encoding="utf-8")
    (folder / "meetings.yml").write_text(meetings_yml(), encoding="utf-8")
    return Site(folder)


def run(site: Site) -> Result:
    with Session(site) as session:
        return session.run()


def page(site: Site, title: str) -> str:
    with closing(FolderWiki(site.folder / "wiki", dialect=site.settings.wiki.dialect)) as wiki:
        return text(wiki, title)


def citizen(site: Site, title: str, words: str) -> None:
    with closing(FolderWiki(site.folder / "wiki", user="citizen", dialect=site.settings.wiki.dialect)) as wiki:
        put(wiki, title, words)


@pytest.mark.parametrize("dialect", ["mediawiki", "tiki"])
def test_programmes_and_minutes_are_made_and_a_second_run_writes_nothing(tmp_path: Path, dialect: str) -> None:
    site = make(tmp_path / "site", dialect)
    made = run(site)
    assert not made.failed and not made.refused and made.created == 2 + len(SESSIONS) + 3
    assert (made.problems, made.entries) == (0, 2), "a fresh page of minutes is no entry and has no mistake"
    again = run(site)
    assert (again.created, again.changed, again.failed) == (0, 0, [])
    for language, title in TITLES.items():
        shown = page(site, PROGRAMMES[language] + title)
        assert all(words in unescape(shown) for words in ("10:00–11:00", "09:00–10:00", "08:00–09:00", "06:00–07:00"))
        assert "rooms.example.org" not in shown, "the link is for those who signed up"
    minutes = page(site, MINUTES)
    assert "wikibridge:session fourth/climate" in minutes
    assert "lundi 2 novembre 2020, 15:00–17:00 (Bruxelles)" in site.dialect.plain(minutes)


@pytest.mark.parametrize("dialect", ["mediawiki", "tiki"])
def test_conclusions_are_read_where_people_write_them_and_what_they_write_stays(tmp_path: Path, dialect: str) -> None:
    site = make(tmp_path / "site", dialect)
    run(site)
    call = ("{{Conclusion|titre=Des jardins pour tous|thème=alimentation|pour la charte=oui}}" if dialect == "mediawiki" else
            '{CONCLUSION(titre="Des jardins pour tous" thème="alimentation" pour la charte="oui")/}')
    citizen(site, MINUTES, f"{page(site, MINUTES)}\nWe talked a lot.\n\n{call}\n")
    edited = page(site, MINUTES)
    assert run(site).changed == 3
    assert page(site, MINUTES) == edited
    assert "1 conclusion" in page(site, "Programme: 4th International Meeting")
    with Session(site) as session:
        session.sync()
        (found,) = [entry for each in session.mirror.pages([MINUTES]) for _, _, entry in session.mirror.entries(each.id)]
    assert found.type == "conclusion" and found.fields["title"] == "Des jardins pour tous"
    assert dialect == "tiki" or found.fields["charter"] is True
    assert run(site).changed == 0


def test_a_session_that_gets_another_title_keeps_its_minutes(tmp_path: Path) -> None:
    site = make(tmp_path / "site")
    run(site)
    (site.folder / "meetings.yml").write_text(meetings_yml().replace("Citoyens pour le climat", "Climat et citoyens"), encoding="utf-8")
    again = run(Site(site.folder))
    assert again.created == 0 and again.changed == 1
    assert f"[[:{MINUTES}|Climat et citoyens]]" in page(site, "Programme : 4e Rencontre internationale")


MEETING = """{{Meeting|title=Autumn <b>talks</b>|time zone=Atlantic/Cape_Verde|place=Praia}}
{{Session|title=Seeds [[x]]|date=4 November 2021|time=22h30-1h|languages=Portuguese|theme=food|room=Sala 2}}
{{Session|title=Second|date=5 November 2021|time=soon}}
{{Sessão|título=Terceira|dia=5 nov. 2021|hora=manhã|cancelada=sim}}
{{Session|title=Vague|date=November 2021}}
"""


def test_a_meeting_may_stand_on_a_page(tmp_path: Path) -> None:
    site = make(tmp_path / "site")
    (site.folder / "meetings.yml").unlink()
    citizen(site, "Our meeting", MEETING)
    made = run(site)
    shown = unescape(source := page(site, "Programme: Our meeting"))
    assert "22:30–01:00 (+1)" in shown and "00:30 (+1)–03:00 (+1)" in shown
    assert "<b>" not in source and "[[x]]" not in source and "cancelled" in shown and "morning" in shown
    assert any("“soon” is no time" in note for note in made.notes) and any("“Vague”" in note for note in made.notes)
    assert made.created == 2 + 3 + 3
    assert run(site).changed == 0


@pytest.mark.parametrize("dialect", ["mediawiki", "tiki"])
def test_documents_are_pages_or_web_addresses_and_countries_stand_in_their_order(tmp_path: Path, dialect: str) -> None:
    site = make(tmp_path / "site", dialect)
    (site.folder / "meetings.yml").write_text("""meetings:
  - id: talks
    title: {en: Talks}
    sessions:
      - {title: Seeds, day: 2021-11-04, documents: [Draft charter, "https://example.org/a'b~~~~{x}|c.pdf?d=1&e=é"]}
""", encoding="utf-8")
    run(site)
    shown = page(site, "Programa: Talks")
    page_link = "[[:Draft charter|Draft charter]]" if dialect == "mediawiki" else "((Draft charter))"
    assert f"{page_link}, [https://example.org/a%27b%7E%7E%7E%7E%7Bx%7D%7Cc.pdf?d=1&e=%C3%A9{' ' if dialect == 'mediawiki' else '|'}" in shown
    said_of_time = shown[: shown.index("wikibridge:end your-time")]
    assert 0 < said_of_time.index("Bélgica") < said_of_time.index("Brasil")


def test_a_session_whose_minutes_cannot_have_a_page_is_told(tmp_path: Path) -> None:
    site = make(tmp_path / "site")
    long = "long " * 60
    (site.folder / "meetings.yml").write_text(
        f"meetings:\n  - id: talks\n    title: {{en: Talks}}\n    sessions:\n      - {{title: {long}, day: 2021-11-04}}\n")
    assert [note for note in run(site).notes if "“Talks”: there is no page for the minutes of the session “long long" in note]
    assert "long long" in page(site, "Programme: Talks")


def test_without_a_meeting_nothing_is_made(tmp_path: Path) -> None:
    site = make(tmp_path / "site", people=30)
    (site.folder / "meetings.yml").unlink()
    assert run(site).created == 30


def test_a_plan_foresees_all_pages_that_jobs_make_on_a_new_wiki(tmp_path: Path) -> None:
    site = make(tmp_path / "site", people=20)
    (site.folder / "jobs" / "status.yml").write_text("kind: status\npage: {en: State}\n")
    with Session(site) as session:
        with session.lock():
            session.sync()
            steps = {step.title: step for step in session.plan()}
        assert "Participants: 20." in steps["State"].text and len(steps) == 20 + len(SESSIONS) + 3 + 3 + 1
        session.run()
        assert "Participants: 20." in session.mirror.pages(["State"])[0].text


def test_groups_are_proposed_once(tmp_path: Path) -> None:
    site = make(tmp_path / "site", people=22)
    for number in range(22):
        kind, language = "citizen" if number < 18 else "school", "fr" if number < 11 else "pt"
        citizen(site, f"P/Person {number:02}",
                f"{{{{Participant|name=Person {number:02}|kind={kind}|language={language}}}}}\n{{{{Choice|title=A|theme=food}}}}")
    run(site)
    shown = page(site, "Groupes : 4e Rencontre internationale")
    assert "== Groupe 1 : alimentation · français · citoyen ==" in shown.replace("\u00a0", " ")
    assert shown.count("* [[:P/Person") == 22 and "plusieurs types d" in shown
    citizen(site, "Groupes : 4e Rencontre internationale", "Ours now.")
    citizen(site, "P/Person 00", "{{Participant|name=Person 00|language=pt}}")
    assert run(site).changed == 0 and page(site, "Groupes : 4e Rencontre internationale") == "Ours now."


@pytest.mark.parametrize(("change", "words"), [
    (("zones: [", "zones: [Europe/Bruxelles, "), ("jobs/meetings.yml, line 3", "a time zone such as Europe/Brussels")),
    (("$1', fr: 'Groupes", "1', fr: 'Groupes"), ("line 6", "$1 for the title of the meeting")),
    (("contact:", "least: 20\ncontact:"), ("most to be no less than least",)),
])
def test_a_mistake_in_the_job_file_is_told(tmp_path: Path, change: tuple[str, str], words: tuple[str, ...]) -> None:
    site = make(tmp_path / "site")
    path = site.folder / "jobs" / "meetings.yml"
    path.write_text(path.read_text(encoding="utf-8").replace(*change), encoding="utf-8")
    told(cli("run", folder=site.folder), 2, *words)


def test_on_a_wiki(place: Place) -> None:
    folder = place.site.folder
    (folder / "jobs" / "meetings.yml").write_text(JOB.format(place.prefix, ", ".join(ZONES)), encoding="utf-8")
    (folder / "meetings.yml").write_text(meetings_yml(), encoding="utf-8")
    assert place.run("participants", "meetings").failed == []
    minutes = place.prefix + MINUTES
    place.type(minutes, lambda text: f"{text}\n\n{{{{Conclusion|titre=Des jardins|pour la charte=oui}}}}\n")
    assert place.run().changed >= 3
    assert "1 conclusion]]" in place.page(f"{place.prefix}Programme: 4th International Meeting").text
    assert place.run().changed == 0


CITIES = {"en": ("Brussels, Libreville", "Lisbon", "Cape Verde", "Sao Paulo"), "fr": ("Bruxelles, Libreville", "Lisbonne", "Cap-Vert", "São Paulo"),
          "pt": ("Bruxelas, Libreville", "Lisboa", "Cabo Verde", "São Paulo")}
COLUMNS = ("Europe/Brussels", "Europe/Lisbon", "Atlantic/Cape_Verde", "America/Sao_Paulo")
MORNING = {"en": "morning", "fr": "matin", "pt": "manhã"}
DAYS = {"en": "Saturday 31 October 2020", "fr": "Samedi 31 octobre 2020", "pt": "Sábado, 31 de outubro de 2020"}


def expected(day: str, hours: str, zone: str, language: str) -> str:
    """What a cell must hold, computed from the time-zone database alone."""
    if hours == "morning":
        return MORNING[language] if zone == "Europe/Brussels" else "?"
    moments = [datetime.combine(date.fromisoformat(day), time.fromisoformat(each), ZoneInfo("Europe/Brussels")).astimezone(ZoneInfo(zone))
               for each in hours.split("-")]
    return "–".join(f"{each:%H:%M}" for each in moments)


def check_programme(address: str, browser: Browser, prefix: str) -> None:
    """The programme of the real meeting in a browser: each cell of each language, on a phone and at a desk; and a page of minutes."""
    for width in WIDTHS:
        for number, language in enumerate(("en", "fr", "pt"), 3):
            title = f"{prefix}{PROGRAMMES[language]}{TITLES[language]}"
            seen = look(browser, address, title, width, f"programme-{language}")
            countries, *days = seen.parts
            hours = {country: moved for country, moved in countries[1:]}
            assert [moved for country, moved in sorted(hours.items()) if country.startswith(("Port", "Cab", "Cap"))] == ["−2\u00a0h", "−1\u00a0h"]
            assert days[0] == DAYS[language]
            rows = [row for each in days if isinstance(each, list) for row in each[1:]]
            for header in (each[0] for each in days if isinstance(each, list)):
                assert (header[0], *header[3:]) == CITIES[language]
            assert len(rows) == len(SESSIONS)
            by_title = {row[1].replace("\u00a0", " "): row for row in rows}
            for session in SESSIONS:
                row = by_title[session[number].replace("\u00a0", " ")]
                assert [row[0], *row[3:]] == [expected(session[1], session[2], zone, language) for zone in COLUMNS], session
        look(browser, address, f"{prefix}{MINUTES}", width, "minutes")
