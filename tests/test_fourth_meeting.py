"""The 4th International Meeting from its programme to the assessment after six months, on a real MediaWiki, as its people did it.

One story: what a test looks at, the one before it left there.
"""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from email import message_from_bytes, policy
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import vobject
from playwright.sync_api import Browser

from tests.assessed import figures, participation, people, within
from tests.meeting_2020 import SESSIONS, TITLES
from tests.reading import WIDTHS, look
from tests.test_assessment import BY, NOW, check_groups, check_indicators
from tests.test_cli import cli
from tests.test_meetings import PROGRAMMES, check_programme, make
from wikibridge import Session, Site
from wikibridge.demo.mediawiki_server import MediaWikiServer
from wikibridge.jobs.base import History
from wikibridge.jobs.result import Result
from wikibridge.model import Edit, Head
from wikibridge.wikis.base import Wiki

pytestmark = pytest.mark.live
CROWD = people(130, 48)
"""More than 5,000 entries."""
SIGN_UPS = """Nom;Courriel;Langue;Type;Sessions
Zoé Müller;zoe@example.org;français;citoyenne;Citoyens pour le climat, assembly
João Évora;joao@example.org;português;escola;Cidadãos pelo clima
Ann Lee;ann@example.org;English;;all
"""
CONCLUSIONS = (("climate", "Des jardins pour tous", "Chaque quartier a un jardin ouvert à tous.", "alimentation", "oui"),
               ("climate", "Des rues lentes", "On roule à 30 km/h là où l’on habite.", "transport", "oui"),
               ("authorities", "Écouter les jeunes", "Les jeunes sont entendus avant toute décision.", "jeunes", "oui"),
               ("authorities", "Encore à discuter", "Rien n’est décidé.", "", "non"))


@dataclass
class Story:
    """The site of the secretariat, the wiki as a citizen sees it, and what all titles begin with."""

    site: Site
    wiki: Wiki
    prefix: str

    def run(self, *jobs: str, day: int = 0) -> Result:
        """A run, ``day`` days from now."""
        with Session(self.site) as session:
            real = session.context.history

            def later(besides: Any) -> History:
                told = real(besides)
                return History(told.work, told.runs, told.day + timedelta(days=day))

            object.__setattr__(session.context, "history", later)
            made = session.run(jobs)
        assert (made.failed, made.refused, made.waiting) == ([], [], [])
        return made

    def text(self, title: str) -> str:
        (page,) = self.wiki.read(titles=[self.prefix + title])
        return page.text

    def approvals(self) -> str:
        """The page of the charter's results."""
        (page,) = self.wiki.read(titles=[f"Approbations : {self.prefix}{CHARTER}"])
        return page.text

    def type(self, title: str, change: Callable[[str], str]) -> None:
        """What a citizen does in a browser; a page that is not there is made."""
        page = next(self.wiki.read(titles=[self.prefix + title]), None)
        base = Head(page.id, page.title, page.revision) if page else None
        self.wiki.write(Edit(self.prefix + title, change(page.text if page else ""), "", base))

    def add(self, title: str, text: str) -> None:
        self.type(title, lambda old: f"{old}\n\n{text}".strip())

    def minutes(self, session: str) -> str:
        """The page of minutes of a session."""
        title = next(each[4] for each in SESSIONS if each[0] == session)
        return f"Compte rendu : {title} – {TITLES['fr']}".replace("\u00a0", " ")


@pytest.fixture(scope="module")
def story(
    mediawiki: MediaWikiServer, mediawiki_doors: Callable[[str], Wiki], tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Story]:
    """The secretariat has made its site, written down the meeting and who takes part, and run the jobs once."""
    prefix = f"Story {uuid.uuid4().hex[:8]}/"
    folder = tmp_path_factory.mktemp("story") / "site"
    made = make(folder, prefix=prefix, wiki=f"kind: mediawiki, address: '{mediawiki.address}api.php', account: {mediawiki.bot.name}")
    rows = "".join(f"{each.name},{each.kind},{each.language},{each.territory},{'Person19' if number == 19 else 'Citizen'}\n"
                   for number, each in enumerate(CROWD))
    (folder / "participants.csv").write_text(f"name,kind,language,territory,user\n{rows}", encoding="utf-8")
    secret = folder / "password"
    secret.touch(0o600)
    secret.write_text(mediawiki.bot.password)
    (folder / "sign-ups.csv").write_text(SIGN_UPS, encoding="utf-8")
    told = Story(Site(made.folder), mediawiki_doors("Citizen"), prefix)
    with Session(told.site) as session:
        assert session.run(many=True).failed == []
    yield told


def test_the_programme_in_three_languages(story: Story, mediawiki: MediaWikiServer, browser: Browser) -> None:
    check_programme(mediawiki.address, browser, story.prefix)
    assert story.run().changed == 0


def test_the_calendar_holds_the_programme(story: Story) -> None:
    assert cli("meetings", folder=story.site.folder).returncode == 0
    calendar = vobject.readOne((story.site.folder / "calendars" / "fourth.fr.ics").read_text(encoding="utf-8"))
    events = {event.summary.value.replace("\u00a0", " "): event for event in calendar.vevent_list}
    for _, day, hours, _, title, *_ in SESSIONS:
        event = events[title.replace("\u00a0", " ")]
        if ":" in hours:
            begin = datetime.fromisoformat(f"{day}T{hours.split('-')[0]}").replace(tzinfo=ZoneInfo("Europe/Brussels"))
            assert event.dtstart.value == begin, title
        assert "rooms.example.org" not in event.serialize()


def test_who_signed_up_is_invited_and_nobody_else_reads_of_it(story: Story) -> None:
    letters = [message_from_bytes(path.read_bytes(), policy=policy.default) for path in (story.site.folder / "invitations").iterdir()]
    assert sorted(str(each["To"].addresses[0].addr_spec) for each in letters) == ["ann@example.org", "joao@example.org", "zoe@example.org"]
    assert all(any(part.get_content_type() == "text/calendar" for part in each.iter_attachments()) for each in letters)
    listed = (story.site.folder / "sign-ups" / "fourth.climate.csv").read_text(encoding="utf-8-sig")
    assert all(name in listed for name in ("Zoé Müller", "João Évora", "Ann Lee"))
    assert not [page.title for page in story.wiki.read(titles=[f"{story.prefix}{PROGRAMMES[each]}{TITLES[each]}" for each in TITLES])
                if "Müller" in page.text or "@" in page.text]


CHARTER = "Charte de la Rencontre"


def test_conclusions_become_a_charter(story: Story, mediawiki: MediaWikiServer) -> None:
    for session, title, text, theme, chosen in CONCLUSIONS:
        story.add(story.minutes(session), f"{{{{Conclusion|titre={title}|texte={text}|thème={theme}|pour la charte={chosen}}}}}")
    (story.site.folder / "jobs" / "charters.yml").write_text(
        f"kind: charters\npage: '{story.prefix}{CHARTER}'\nlanguage: fr\nquorum: 10\n",
        encoding="utf-8")
    story.run()
    text = story.text(CHARTER)
    assert [f"Article {n}" in text for n in (1, 2, 3, 4)] == [True, True, True, False]
    assert "Encore à discuter" not in text and all(each[2] in text for each in CONCLUSIONS[:3])
    assert story.text(PROGRAMMES["en"] + TITLES["en"]).count("2 conclusions]]") == 2
    assert story.run().changed == 0


YES, RESERVED, NO = "oui", "oui avec réserve", "non"
VOTES = {**{n: [("1", YES)] for n in range(12)}, **{n: [("1", RESERVED)] for n in (12, 13, 14)}, **{n: [("1", NO)] for n in (15, 16)},
         **{n: [("2", YES)] for n in range(20, 30)}, **{n: [("2", NO)] for n in (30, 31)}, **{n: [("3", YES)] for n in range(32, 36)}}
"""What those of a number say of which article: 33 votes of which each counts."""
VOID = {17: [("1", YES), ("1", NO)], 18: [("99", YES)], 19: [("1", NO)], 36: [("2", "peut-être")]}
"""Twice, of which the lower counts; on an article that is not there; typed by somebody else; no answer. Two more: on a page that is
no participant's, and with a code of no wording."""


def vote(story: Story, article: str, answer: str, more: str = "") -> str:
    said = "|commentaire=Si les écoles sont <b>entendues</b>." if answer == RESERVED else ""
    return f"{{{{Approbation|charte={story.prefix}{CHARTER}|article={article}|vote={answer}{said}{more}}}}}"


def results(story: Story) -> dict[tuple[str, str], list[str]]:
    """The rows of the table of results, by article and kind of actor."""
    rows = re.findall(r"^\|-\n((?:\| .*\n)+)", story.approvals(), re.MULTILINE)
    cells = [[line[2:].rpartition(" | ")[2].strip("' ") for line in row.splitlines()] for row in rows]
    return {(re.findall(r"\d+", row[0])[0], row[1]): row[2:] for row in cells}


def test_forty_votes_of_which_some_are_void(story: Story) -> None:
    for number, some in {**VOTES, **VOID}.items():
        story.add(f"P/{CROWD[number].name}", "\n".join(vote(story, *each) for each in some))
    story.add(f"P/{CROWD[37].name}", vote(story, "1", YES, "|version=00000000"))
    story.add(story.minutes("climate"), vote(story, "1", YES))
    assert sum(map(len, VOTES.values())) + sum(map(len, VOID.values())) + 2 == 40
    story.run()
    found = results(story)
    assert found["1", "Ensemble"][:3] == ["12", "3", "3"] and found["2", "Ensemble"][:3] == ["10", "0", "2"]
    assert found["3", "Ensemble"][:3] == ["4", "0", "0"]
    kinds = [CROWD[number].kind for number in range(12)]
    for kind, name in (("citizen", "Citoyen"), ("family", "Famille"), ("company", "Entreprise")):
        assert found["1", name][0] == str(kinds.count(kind)), name
    assert ("1", "Autorité locale") not in found, "those of a small group are not told by themselves"
    text = story.approvals()
    void = text[text.index("Réponses qui ne comptent pas") :]
    assert all(CROWD[number].name in void for number in (17, 18, 19, 36, 37)) and "Compte rendu" in void
    assert text.count("Si les écoles sont") == 3 and "<b>" not in text
    assert story.run().changed == 0


def test_an_article_that_changes_is_voted_on_again(story: Story) -> None:
    story.type(CHARTER, lambda old: old.replace("un jardin ouvert à tous", "un jardin ouvert à toutes et à tous"))
    story.run()
    found = results(story)
    assert found["1", "Ensemble"][:4] == ["0", "0", "0", "18"] and found["2", "Ensemble"][:3] == ["10", "0", "2"]
    text = story.approvals()
    (old, new), *_ = re.findall(r"Special:Diff/(\d+)/(\d+)", text)
    before, after = story.wiki.revisions([int(old)]), story.wiki.revisions([int(new)])
    assert "ouvert à tous" in next(before).text and "à toutes et à tous" in next(after).text
    code = re.search(r"article=1\|.*?([0-9a-f]{8})", story.text(CHARTER))
    assert code
    for number in range(12):
        story.type(f"P/{CROWD[number].name}", lambda old: f"{old}\n\n{vote(story, '1', YES, f'|version={code[1]}')}")
    story.run()
    assert results(story)["1", "Ensemble"][:4] == ["12", "0", "0", "6"]
    assert story.run().changed == 0


def test_the_charter_is_adopted_and_later_changes_are_told(story: Story, mediawiki: MediaWikiServer, browser: Browser) -> None:
    job = story.site.folder / "jobs" / "charters.yml"
    today = datetime.now(ZoneInfo("Europe/Brussels")).date()
    job.write_text(job.read_text(encoding="utf-8").replace("quorum: 10", f"quorum: 4\nuntil: {today}"), encoding="utf-8")
    story.run()
    for width in WIDTHS:
        look(browser, mediawiki.address, story.prefix + CHARTER, width, "charter-of-the-meeting")
        look(browser, mediawiki.address, f"Approbations : {story.prefix}{CHARTER}", width, "approvals-of-the-meeting")
    story.run(day=1)
    text = story.text(CHARTER)
    assert "Adoptée à l’issue du vote clos le" in text and story.run(day=2).changed == 0
    story.type(CHARTER, lambda old: old.replace("30 km/h", "50 km/h"))
    changed = story.run(day=2)
    assert any("l’article 2 a été modifié" in note or "article 2" in note for note in changed.notes)
    assert "Modifiée depuis son adoption" in story.text(CHARTER)


def test_the_assessment_after_six_months(story: Story, mediawiki: MediaWikiServer, browser: Browser) -> None:
    assert sum(len(person.choices) + len(person.proposals) for person in CROWD) > 5000
    for person in CROWD:
        if person.typed:
            story.add(f"P/{person.name}", person.typed)
    titles = {"en": "Assessment: $1", "fr": "Bilan du $1", "pt": "Balanço de $1"}
    page = ", ".join(f"{code}: '{story.prefix}{title}'" for code, title in titles.items())
    (story.site.folder / "jobs" / "assessment.yml").write_text(
        f"kind: assessment\nfrom: {NOW[0]}\nto: {NOW[1]}\npage: {{{page}}}\n", encoding="utf-8")
    story.run(day=2)
    assert cli("assessment", "--from", NOW[0], "--to", NOW[1], folder=story.site.folder).returncode == 0
    data = json.loads((story.site.folder / "assessments" / f"{NOW[0]}_{NOW[1]}.json").read_bytes())
    for name in BY:
        check_groups(name, data, CROWD, 3)
    check_indicators(data, CROWD, 3)
    assert {**data["participation"], "mute": None} == {**participation(CROWD, *NOW), "mute": None}
    assert data["participation_before"] is not None and data["problems"] == 1
    (charter,) = data["charters"]
    assert (charter["articles"], charter["voters"]) == (3, 34)
    shown = figures(within(CROWD, *NOW))
    assert f"Choix\u00a0: '''{shown['count']:,}'''".replace(",", " ") in story.text("Bilan du 6 novembre 2020 au 6 mai 2021")
    for width in WIDTHS:
        look(browser, mediawiki.address, f"{story.prefix}Bilan du 6 novembre 2020 au 6 mai 2021", width, "assessment")
    assert story.run(day=2).changed == 0
