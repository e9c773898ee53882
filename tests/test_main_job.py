"""The main job from end to end, on the embedded wiki and on a real MediaWiki: pages, entries, summaries, and nothing twice."""

from __future__ import annotations

import shutil
import uuid
from contextlib import closing
from pathlib import Path

import pytest

from tests.places import CHOICES, PEOPLE, Place, make_corner
from wikibridge import Session, Site
from wikibridge.demo.mediawiki_server import MediaWikiServer
from wikibridge.errors import LockHeld, SettingsError
from wikibridge.jobs.result import Result
from wikibridge.model import Action, Edit
from wikibridge.wikis.mediawiki import MediaWikiWiki

STATE_ON_POSTGRESQL = True


def test_the_whole_round_trip_and_a_second_run_writes_nothing(place: Place) -> None:
    first = place.run()
    assert (first.created, first.changed, first.failed, first.refused) == (4 + 3, 0, [], [])
    assert place.page(f"{place.prefix}P/Ana Silva (Praia)").text.startswith("{{Participante\n|nome=Ana Silva\n")
    assert "|langue=français" in place.page(f"{place.prefix}P/École verte").text
    assert "Nothing has been written yet" in place.page(place.summary()).text

    for name, text in CHOICES.items():
        place.type(f"{place.prefix}P/{name}", lambda old, text=text: f"{old}\n\n{text}")
    # A server's list of changes follows the answer to an edit by a moment.
    second = Result()
    for _ in range(20):
        once = place.run()
        assert not once.failed
        second.created += once.created
        second.changed += once.changed
        if once.entries == 8:
            break
    assert once.entries == 8 and second.changed >= 3 and second.created == 1
    summary = place.page(place.summary()).text
    for shown in ("| Food\n", "| Transport\n", "Choices: 4. Participants: 4.", "3 Nov 2020 – <bdi>Menos carne</bdi>", "Le potager",
                  "<bdi>Fewer flights x</bdi>"):
        assert shown in summary, summary
    assert "Escolhas: 4. Participantes: 4." in place.page(place.summary("pt")).text

    problems = place.page(f"{place.prefix}Problems pt").text
    assert "«ontem» depende" in problems and "action=edit&section=1}} editar esta secção]" in problems

    third = place.run()
    # Two to log in, one for the changes, one more when other pages of the wiki were moved or deleted of late.
    assert (third.created, third.changed, third.pages_read, third.requests <= 4) == (0, 0, 0, True)


def test_what_people_write_on_a_summary_page_stays(place: Place) -> None:
    place.run()
    place.type(place.summary(), lambda text: f"My preface.\n{text}\n\nMy conclusion  \n* and a list")
    place.type(f"{place.prefix}P/Ana Silva", lambda text: f"{text}\n{CHOICES['Ana Silva']}")
    for _ in range(20):
        if place.run().entries == 5:
            break
    text = place.page(place.summary()).text
    assert text.startswith("My preface.\nWhat participants") and text.endswith("\n\nMy conclusion  \n* and a list")
    assert "Choices: 1." in text


def test_an_edited_region_is_left_alone_and_told_until_it_is_handed_back(place: Place) -> None:
    place.run()
    place.type(place.summary(), lambda text: text.replace("Nothing has been", "NOTHING has been", 1))
    place.type(f"{place.prefix}P/Ana Silva", lambda text: f"{text}\n{CHOICES['Ana Silva']}")
    for _ in range(20):
        result = place.run()
        if result.entries == 5:
            break
    assert any("overview" in line for line in result.refused) and result.exit_code == 0
    text = place.page(place.summary()).text
    assert "NOTHING has been" in text and text.count("Choices: 1.") == 4
    place.type(place.summary(), lambda text: text.replace("''NOTHING has been written yet.''", "").replace("NOTHING has been written yet.", ""))
    for _ in range(20):
        result = place.run()
        if not result.refused:
            break
    assert place.page(place.summary()).text.count("Choices: 1.") == 5


def test_pages_that_exist_are_never_overwritten(place: Place) -> None:
    mine = f"{place.prefix}P/École verte"
    place.citizen.write(Edit(mine, "What we wrote before anybody came.", "", None))
    place.citizen.write(Edit(place.summary("fr"), "Our own page.", "", None))
    result = place.run()
    assert place.page(mine).text == "What we wrote before anybody came."
    assert place.page(place.summary("fr")).text == "Our own page."
    assert result.created == 3 + 2 and any("no part" in line for line in result.refused)


def test_plan_writes_nothing_and_run_does_what_it_said(place: Place) -> None:
    with Session(place.site) as session:
        session.sync()
        steps = session.plan()
        assert [step.action for step in steps] == [Action.CREATE] * 7
        assert not list(place.citizen.read(titles=[step.wanted.title for step in steps]))
        session.run()
        assert {page.title: page.text for page in place.citizen.read(titles=[step.wanted.title for step in steps[:4]])} == {
            step.wanted.title: step.text for step in steps[:4]}


def test_a_lost_mirror_is_rebuilt_and_writes_nothing(place: Place) -> None:
    place.run()
    place.lose_mirror()
    again = place.run()
    assert (again.created, again.changed, again.failed) == (0, 0, []) and again.entries == 4


def test_rows_sorted_anew_make_no_new_pages(place: Place) -> None:
    place.run()
    head, *rows = PEOPLE.splitlines()
    (place.site.folder / "participants.csv").write_text("\n".join([head, *reversed(rows)]), encoding="utf-8")
    assert place.run().created == 0


def test_whatever_changes_is_seen_though_nothing_is_computed_when_nothing_did(place: Place) -> None:
    place.run()
    place.run()
    notes = place.run().notes
    assert place.run().notes == notes and "cannot be a page title" in notes[0]
    with open(place.site.folder / "participants.csv", "a", encoding="utf-8") as file:
        file.write("Late Comer,citizen,en,,,\n")
    assert place.run().created == 1
    job = place.site.folder / "jobs" / "summaries.yml"
    job.write_text(job.read_text(encoding="utf-8").replace("limit: 20", "limit: 1"), encoding="utf-8")
    place.run()
    template = place.site.folder / "page_templates" / "mediawiki" / "en" / "participant.wiki"
    template.parent.mkdir(parents=True)
    template.write_text("<< nothing.such >>")
    assert place.run().created == 0
    with open(place.site.folder / "participants.csv", "a", encoding="utf-8") as file:
        file.write("Later Comer,citizen,en,,,\n")
    done = place.run()
    assert (done.created, done.exit_code, done.jobs["participants"]) == (0, 3, "failed") and "line 1" in done.failed[0]


def test_two_runs_at_once(place: Place) -> None:
    with Session(place.site) as one, Session(place.site) as other, one.lock(), pytest.raises(LockHeld) as caught:
        other.run()
    assert caught.value.exit_code == 4


def test_a_job_that_is_not_there(place: Place) -> None:
    with pytest.raises(SettingsError, match="participants, summaries"):
        place.run("sumaries")


def test_a_page_that_two_jobs_want_is_written_by_the_first(place: Place) -> None:
    job = place.site.folder / "jobs" / "summaries.yml"
    (place.site.folder / "jobs" / "other.yml").write_text(job.read_text(encoding="utf-8").replace("limit: 20", "limit: 1"), encoding="utf-8")
    place.run()
    for _ in range(3):
        again = place.run()
        assert (again.created, again.changed) == (0, 0) and len([line for line in again.refused if "twice" in line]) == 3


def test_a_rehearsal_on_another_wiki_leaves_no_traces(place: Place) -> None:
    settings = (place.site.folder / "wikibridge.yml").read_text(encoding="utf-8")
    (place.site.folder / "wikibridge.yml").write_text(
        "wiki: {kind: folder, path: rehearsal}\n" + settings.partition("\n")[2], encoding="utf-8")
    rehearsal = Place(Site(place.site.folder), place.citizen, place.prefix)
    assert rehearsal.run().created == 7 and rehearsal.run().created == 0
    (place.site.folder / "wikibridge.yml").write_text(settings, encoding="utf-8")
    assert place.run().created == 7
    again = place.run()
    assert (again.created, again.changed, again.refused) == (0, 0, [])


def test_a_stop_in_the_middle_is_not_told_as_a_complete_run(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    with Session(place.site) as session:
        written = 0
        real = session.wiki.write

        def write(edit: Edit) -> object:
            nonlocal written
            written += 1
            if written == 3:
                raise KeyboardInterrupt
            return real(edit)

        monkeypatch.setattr(session.wiki, "write", write)
        with pytest.raises(KeyboardInterrupt):
            session.run()
        last = session.journal.runs(1)[0]
    assert last is not None and last[2] is None
    assert place.run().created == 7 - 2


def test_a_wiki_that_was_made_anew_gets_its_pages_again(tmp_path: Path) -> None:
    site = make_corner(tmp_path / "site", "kind: folder", "Corner/")
    for _ in range(2):
        with Session(site) as session:
            assert session.run().created == 7
        shutil.rmtree(site.folder / "wiki")


def test_entries_from_other_pages_too(place: Place) -> None:
    name = place.prefix.removesuffix("/")
    place.citizen.write(Edit(f"Elsewhere of {name}", f"{{{{Choice|title=Far away|theme=health}}}} [[Category:{name}]]", "", None))
    place.citizen.write(Edit(f"Listed by {name}", "{{Choice|title=In the list|theme=health}}", "", None))
    place.citizen.write(Edit(f"List of {name}", f"* [[Listed by {name}]]", "", None))
    with open(place.site.folder / "wikibridge.yml", "a", encoding="utf-8") as file:
        file.write(f"sources:\n  categories: [{name}]\n  lists: [List of {name}]\n")
    place.site = Site(place.site.folder)
    for _ in range(20):
        # Indexes of what pages hold follow the answer to an edit by a moment.
        with Session(place.site) as session:
            session.mirror.put({"cursor": ""})
            result = session.run()
        if result.entries == 6:
            break
    assert result.entries == 6
    place.run()
    assert "Choices: 2. Participants: 2." in place.page(place.summary()).text


@pytest.mark.live
def test_a_wiki_whose_namespaces_have_other_names(mediawiki: MediaWikiServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WIKIBRIDGE_PASSWORD", mediawiki.bot.password)
    prefix = f"Corner {uuid.uuid4().hex[:8]}/"
    site = make_corner(tmp_path / "site", f"kind: mediawiki, address: '{mediawiki.address}api.php', account: {mediawiki.bot.name}", prefix)
    for name in ("wikibridge.yml", "jobs/summaries.yml"):
        path = site.folder / name
        path.write_text(path.read_text(encoding="utf-8").replace(f'"{prefix}P/', f'"Utilisateur:{prefix}P/').replace(
            f"en: {prefix}", f"en: Wikibridge demo:{prefix}"), encoding="utf-8")
    site = Site(site.folder)
    # Without its parser cache: other tests' pages would keep the French namespaces of links.
    mediawiki.settings("language", "$wgLanguageCode = 'fr'; $wgParserCacheType = CACHE_NONE;")
    try:
        account = mediawiki.bot_password(mediawiki.user("Citoyenne").name)
        with closing(MediaWikiWiki(mediawiki.address + "api.php", account.name, account.password)) as citizen:
            citizen.write(Edit(f"Utilisateur:{prefix}P/Une voisine", "{{Choix|titre=Le potager|thème=santé}}", "", None))
        for _ in range(2):
            with Session(site) as session:
                session.run(("install",))
            with Session(site) as session:
                result = session.run()
                assert not result.failed and result.entries == 5
        with Session(site) as session:
            again = session.run(("install",))
            titles = {head.title for head in session.mirror.heads().values()}
        assert (again.created, again.changed) == (0, 0) == (result.created, result.changed)
        assert {f"User:{prefix}P/Une voisine", f"Project:{prefix}Summary en", "Template:Choix"} <= titles
    finally:
        mediawiki.settings("language", None)


def test_a_page_for_each_theme_once_enough_choices_have_it(place: Place) -> None:
    job = (f"kind: summaries\npage: {{en: '{place.prefix}On $1', fr: '{place.prefix}Sur $1'}}\neach: theme\nleast: 2\n"
           "blocks:\n  - {name: levels, heading: {en: 'Levels of $1'}, by: level}\n")
    (place.site.folder / "jobs" / "each.yml").write_text(job, encoding="utf-8")
    place.site = Site(place.site.folder)
    place.run()
    theme = "{{{{Choice|title=A|theme={}|level=family}}}}"
    place.type(f"{place.prefix}P/Ana Silva", lambda text: text + (theme.format("food") + theme.format("health")) + theme.format("food, time"))
    for _ in range(20):
        if place.run().entries == 7:
            break
    titles = {page.title for page in place.citizen.read(titles=[f"{place.prefix}{name}" for name in ("On food", "Sur alimentation", "On health", "On time")])}
    assert titles == {f"{place.prefix}On food", f"{place.prefix}Sur alimentation"}
    text = place.page(f"{place.prefix}On food").text
    assert "== Levels of food ==" in text and "| Family\n| style=\"text-align:right\" | 2\n" in text
    again = place.run()
    assert (again.created, again.changed) == (0, 0)


@pytest.mark.parametrize(("job", "words"), [
    ("each: themes", ("each", "“themes”", "theme")), ("each: theme", ("page", "“Summary”", "$1"))])
def test_a_mistake_in_a_job_of_pages_for_each_term(tmp_path: Path, job: str, words: tuple[str, ...]) -> None:
    site = make_corner(tmp_path / "site", "kind: folder", "Corner/")
    (site.folder / "jobs" / "each.yml").write_text(
        f"kind: summaries\npage: {{en: Summary}}\n{job}\nblocks:\n  - {{name: a, heading: {{en: A}}}}\n", encoding="utf-8")
    with Session(Site(site.folder)) as session, pytest.raises(SettingsError) as error:
        session.run(("each",))
    assert all(word in str(error.value) for word in ("jobs/each.yml", *words))
