"""Pages of territories and groups: on a folder in both dialects, and on a real MediaWiki."""

from __future__ import annotations

import random
import re
import uuid
from collections import Counter
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from playwright.sync_api import Browser

from tests.reading import WIDTHS, look
from tests.test_catalogue import call, everything, region
from tests.test_cli import cli, told
from tests.test_meetings import citizen, page, run
from wikibridge import Session, Site
from wikibridge.demo.mediawiki_server import MediaWikiServer
from wikibridge.doctor.examine import examine
from wikibridge.errors import InvalidTitle
from wikibridge.mirror.facts import key
from wikibridge.model import Edit
from wikibridge.resources import shipped
from wikibridge.summaries.text import number_text
from wikibridge.wikis.base import Wiki, checked_title, title_part

TERRITORIES = """kind: groups
each: territory
page: {{en: '{0}Territory: $1', fr: '{0}Territoire : $1', pt: '{0}Território: $1'}}
"""
LISTED = """kind: groups
what: coordination_group
page: {{en: '{0}Group: $1', fr: '{0}Groupe : $1', pt: '{0}Grupo: $1'}}
groups:
  - title: {{en: Steering group, fr: Comité de pilotage}}
    members: [Ana Silva, '{0}P/Person 1', Nobody at all, Anna Silwa]
  - title: {{en: Schools of Namur}}
    where: 'kind: school; territory: Namur'
blocks:
  - {{name: figures, heading: {{en: Figures of $1}}, show: 'count, participants, mean rating', as: number}}
  - {{name: criteria, heading: {{en: Criteria}}, of: criterion, as: list}}
"""


def make(folder: Path, job: str, dialect: str = "mediawiki", prefix: str = "", wiki: str = "") -> Site:
    (folder / "jobs").mkdir(parents=True)
    (folder / "wikibridge.yml").write_text(
        f"wiki: {{{wiki or f'kind: folder, dialect: {dialect}'}}}\nlanguages: [en, fr, pt]\nparticipants: '{prefix}P/'\n", encoding="utf-8")
    (folder / "participants.csv").write_text("name,language\n", encoding="utf-8")
    for each in shipped("jobs").glob("*.yml"):
        if each.stem != "participants":
            (folder / "jobs" / each.name).write_text("# not here\n")
    (folder / "jobs" / "groups.yml").write_text(job.format(prefix), encoding="utf-8")
    return Site(folder)


PLACES = ["Namur", "namur ", "Praia", "Covilhã", "COVILHA", "Covilhã"]


def crowd(dialect: str, number: int = 14) -> dict[str, str]:
    """Pages of people of three territories, spelt in several ways, by chance but always the same."""
    chance = random.Random(3)
    pages = {}
    for each in range(number):
        place = chance.choice(PLACES) if each else "Cork"
        said = [call(dialect, "Participant", name=f"Person {each}", kind="school" if each % 3 else "citizen", language="en", territory=place,
                     group=chance.choice(["Young people", "Elders"]))]
        said += [call(dialect, "Choice", title=f"Choice {each}.{one}", theme=chance.choice(["food", "health", "transport"]),
                      rating=str(chance.randint(1, 5)), result=f"Result {each}.{one}", date=f"{one + 1} March 2021") for one in range(3)]
        pages[f"P/Person {each}"] = "\n\n".join(said)
    return pages


@pytest.mark.parametrize("dialect", ["mediawiki", "tiki"])
def test_each_territory_has_a_page_with_members_and_figures_of_its_own(tmp_path: Path, dialect: str) -> None:
    site = make(tmp_path / "site", TERRITORIES, dialect)
    for title, words in crowd(dialect).items():
        citizen(site, title, words)
    made = run(site)
    assert not made.failed and not made.refused and not made.notes
    assert run(site).changed == 0 and run(site).created == 0
    found = everything(site)
    of = {title: key(str(entry.fields["territory"])) for title, entry in found if entry.type == "participant"}
    large = {place for place in of.values() if list(of.values()).count(place) >= 3}
    assert made.created == 3 * len(large) and len(large) >= 2 and "cork" not in large
    for place in large:
        spelling = Counter(str(entry.fields["territory"]) for _, entry in found if entry.type == "participant" and key(str(entry.fields["territory"])) == place)
        spelt = min(spelling, key=lambda each: (-spelling[each], each))
        members = {title for title, each in of.items() if each == place}
        shown = region(site, f"Territory: {spelt}", "members")
        assert f"{len(members)} members" in shown
        assert {title for title in of if site.dialect.link(title, title.partition("/")[2]) in shown} == members
        assert "Elders" in shown and "Young people" in shown, "a territory tells its groups"
        using = [(title, entry) for title, entry in found if entry.type == "choice" and title in members]
        ratings = [entry.fields["rating"] for _, entry in using]
        mean = sum(each for each in ratings if isinstance(each, Decimal)) / len(ratings)
        plain = site.dialect.plain(region(site, f"Territoire : {spelt}", "overview")).replace("\u00a0", " ").replace("'''", "").replace("__", "")
        assert f"Choix : {len(using)} · Participants : {len(members)} · Évaluation (moyenne) : {number_text(mean, 'fr')} ({len(ratings)})" in plain
        with Session(site) as session:
            asked = session.ask(f"of=choice|where=participant.territory: {place}|show=count, participants, mean rating")
        assert asked.total.figures[:2] == (len(using), len(members))
        latest = region(site, f"Território: {spelt}", "latest")
        assert {int(each.partition(".")[0]) for each in re.findall(r"Choice (\d+\.\d)", latest)} == {
            int(title.rpartition(" ")[2]) for title in members}


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\ufffe\uffff"), max_size=40))
def test_whatever_people_type_can_be_a_part_of_a_title(words: str) -> None:
    assert checked_title(f"Territory: {title_part(words)}")


def test_a_title_that_no_page_can_have_is_told_with_what_to_do() -> None:
    with pytest.raises(InvalidTitle) as error:
        checked_title("Charter | of [Cork]")
    assert "another title" in error.value.say("en") and "autre titre" in error.value.say("fr") and "outro título" in error.value.say("pt")


def test_what_no_title_can_hold_is_left_out_of_that_of_a_group(tmp_path: Path) -> None:
    site = make(tmp_path / "site", TERRITORIES + "least: 1\n")
    citizen(site, "P/Ana", "{{Participant|name=Ana|territory=Na\x7fmur\ufffd}}")
    made = run(site)
    assert (made.created, made.failed) == (3, []) and "1 member" in page(site, "Territory: Namur")


def test_a_page_stays_that_of_its_territory_however_it_is_spelt_and_is_emptied_when_nobody_is_left(tmp_path: Path) -> None:
    site = make(tmp_path / "site", TERRITORIES + "least: 2\n")
    for name in "AB":
        citizen(site, f"P/{name}", f"{{{{Participant|name={name}|territory=praia}}}}{{{{Choice|title=Walks of {name}}}}}")
    assert run(site).created == 3
    for name in "CDE":
        citizen(site, f"P/{name}", f"{{{{Participant|name={name}|territory=Praia}}}}{{{{Choice|title=Walks of {name}}}}}")
    again = run(site)
    assert (again.created, again.changed) == (0, 3) and "5 members" in page(site, "Territory: praia")
    for name in "ABCDE":
        citizen(site, f"P/{name}", f"{{{{Participant|name={name}|territory=Namur}}}}")
    moved = run(site)
    assert (moved.created, moved.changed) == (3, 3)
    assert "There is nothing to show" in page(site, "Territory: praia") and "Walks of" not in page(site, "Territory: praia")
    assert run(site).changed == 0


def test_few_have_members_and_no_means(tmp_path: Path) -> None:
    site = make(tmp_path / "site", TERRITORIES + "least: 2\n")
    for name in "AB":
        citizen(site, f"P/{name}", f"{{{{Participant|name={name}|territory=Praia}}}}{{{{Choice|title=Walks of {name}|rating=5|theme=food}}}}")
    run(site)
    shown = page(site, "Territory: Praia")
    assert "2 members" in shown and "[[:P/A|A]]" in shown and "Walks of B" in shown
    assert "Rating (mean): '''·'''" in shown and "Food" not in shown


@pytest.mark.parametrize("dialect", ["mediawiki", "tiki"])
def test_groups_that_the_job_file_lists(tmp_path: Path, dialect: str) -> None:
    site = make(tmp_path / "site", LISTED, dialect)
    for title, words in crowd(dialect).items():
        citizen(site, title, words)
    citizen(site, "P/Ana", "\n\n".join([call(dialect, "Participant", name="Ana Silva"), call(dialect, "Choice", title="A", rating="5"),
                                        call(dialect, "Criterion", text="Time to talk", group="Elders")]))
    made = run(site)
    assert any("called “Nobody at all”. Write the name" in note for note in made.notes) and made.created == 6
    assert any("called “Anna Silwa”. Did you mean: Ana Silva" in note for note in made.notes)
    found = everything(site)
    steering = {"P/Ana", "P/Person 1"}
    schools = {title for title, entry in found if entry.type == "participant" and key(str(entry.fields.get("territory", ""))) == "namur"
               and entry.fields.get("kind") == "school"}
    for name, members in (("Steering group", steering), ("Schools of Namur", schools)):
        count = len([title for title, entry in found if entry.type == "choice" and title in members])
        assert len(members) > 1 and f"Choices: {count} · Participants: {len(members)} · " in re.sub(
            "'''|__", "", region(site, f"Group: {name}", "figures"))
        shown = region(site, f"Group: {name}", "members")
        assert all(title in shown for title in members) and shown.count("P/") == len(members)
    assert "Figures of Steering group" in page(site, "Group: Steering group")
    assert "Time to talk" in page(site, "Groupe : Comité de pilotage") and "Coordination group" in page(site, "Group: Schools of Namur")
    again = run(site)
    assert (again.created, again.changed) == (0, 0)


def test_no_name_is_told_as_wrong_while_no_page_has_been_read(tmp_path: Path) -> None:
    site = make(tmp_path / "site", LISTED)
    assert run(site).notes == []
    assert not [each for each in examine(site.folder, "en", lambda folder: "") if "no participant is called" in each[1].sentence]


def test_what_people_type_does_nothing_on_the_page_of_a_group(tmp_path: Path) -> None:
    evil = "<b>x</b> &#91;&#91;Category:Bad]] &#123;&#123;Delete&#125;&#125; ~~~~ -->"
    for dialect in ("mediawiki", "tiki"):
        site = make(tmp_path / dialect, TERRITORIES + "least: 1\n", dialect)
        citizen(site, "P/Ana", call(dialect, "Participant", name=evil, territory=evil, group=evil) + "\n\n"
                + call(dialect, "Choice", title=evil, result=evil, difficulties=evil))
        made = run(site)
        assert made.failed == [] and made.created == 3
        with Session(site) as session:
            (title,) = [each for each in session.mirror.titles() if each.startswith("Territory")]
        shown = page(site, title)
        assert {each.name for each in site.dialect.scan(shown).calls} <= {"DIV", "Div"}
        assert "[[Category" not in shown and "~~~~" not in shown and "<b>" not in shown and run(site).changed == 0


def test_no_more_groups_than_asked_for_and_it_is_told(tmp_path: Path) -> None:
    site = make(tmp_path / "site", TERRITORIES + "least: 1\nmost: 2\n")
    for number in range(5):
        citizen(site, f"P/{number}", f"{{{{Participant|name=x|territory=Place {number // 2}}}}}")
    made = run(site)
    assert made.created == 6 and any("one more group" in note for note in made.notes)


@pytest.mark.parametrize(("job", "words"), [
    (TERRITORIES.replace("each: territory", "each: region"), ("jobs/groups.yml, each", "“region”", "territory, group")),
    (TERRITORIES.replace("Territory: $1", "$1"), ("jobs/groups.yml, line 3", "$1 for the name of the group")),
    (LISTED.replace("members: [", "where: 'kind: school'\n    members: ["), ("jobs/groups.yml", "either members or where")),
    (LISTED.replace("kind: school;", "kind: scool;"), ("group “Schools of Namur”", "scool", "school")),
    (LISTED.replace("name: figures", "name: members"), ("another name than “members”",)),
])
def test_a_mistake_in_the_job_file_is_told(tmp_path: Path, job: str, words: tuple[str, ...]) -> None:
    site = make(tmp_path / "site", job)
    told(cli("run", "groups", folder=site.folder), 2, *words)


@pytest.mark.live
def test_a_territory_on_a_real_wiki(
    mediawiki: MediaWikiServer, browser: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mediawiki_doors: Callable[..., Wiki],
) -> None:
    monkeypatch.setenv("WIKIBRIDGE_PASSWORD", mediawiki.bot.password)
    prefix = f"Corner {uuid.uuid4().hex[:8]}/"
    wiki = f"kind: mediawiki, address: '{mediawiki.address}api.php', account: {mediawiki.bot.name}"
    site = make(tmp_path / "site", TERRITORIES, prefix=prefix, wiki=wiki)
    (site.folder / "jobs" / "listed.yml").write_text(LISTED.format(prefix), encoding="utf-8")
    door = mediawiki_doors("Citizen")
    for title, words in crowd("mediawiki").items():
        door.write(Edit(f"{prefix}{title}", words, "", None))
    assert run(Site(site.folder)).failed == [] and run(Site(site.folder)).changed == 0
    for width in WIDTHS:
        for title in ("Territory: Covilhã", "Territoire : Covilhã", "Território: Covilhã", "Group: Schools of Namur"):
            name = f"group-{title.replace(' ', '').replace(':', '-')}"
            assert "Person" in look(browser, mediawiki.address, f"{prefix}{title}", width, name).text
