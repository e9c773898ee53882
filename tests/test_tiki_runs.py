"""Whole runs on Tikis of several versions: pages made, choices read, summaries written, taken back; people's bytes untouched."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.meeting_2020 import SESSIONS, ZONES, meetings_yml
from tests.test_tiki_site import TYPED
from tests.tikis import SETUPS
from wikibridge import Session, Site
from wikibridge.demo.tiki import TikiServer
from wikibridge.errors import Stopped
from wikibridge.jobs.result import Result


@dataclass
class Town:
    """A site on a Tiki, and that Tiki, whose saves are of so many minutes ago."""

    server: TikiServer
    folder: Path
    ago: list[int]

    def run(self, *names: str, undo: int = 0) -> Result:
        with Session(Site(self.folder)) as session:
            return session.undo(undo) if undo else session.run(names)

    def text(self, title: str) -> str:
        page = self.server.pages.get(title)
        assert page is not None, title
        return page.text

    def type(self, title: str, text: str, minutes_ago: int = 0) -> None:
        self.ago[0] = minutes_ago
        self.server.edit(title, text, "ann")
        self.ago[0] = 0


@pytest.fixture(params=list(SETUPS))
def town(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Town]:
    ago = [60]
    with TikiServer(SETUPS[request.param], lambda: time.time() - 60 * ago[0]) as server:
        monkeypatch.setenv("WIKIBRIDGE_TOKEN", server.people.token("Bot"))
        (tmp_path / "wikibridge.yml").write_text(
            f"wiki: {{kind: tiki, address: '{server.address}HomePage', account: Bot}}\nmin_group: 1\n", encoding="utf-8")
        (tmp_path / "participants.csv").write_text(
            "name,kind,language,territory\nAna,citizen,English,Lisbon\nÉcole de Ville,école,fr,Namur\nJoão,,pt,Praia\n", encoding="utf-8")
        yield Town(server, tmp_path, ago)


ANA, SUMMARY = "Participants/Ana", "Summary of choices"


def test_a_year_in_the_life_of_a_tiki(town: Town) -> None:
    assert not town.run("install").failed
    first = town.run()
    assert not first.failed and town.text("Participants/João")
    quiet = town.run()
    assert (quiet.created, quiet.changed) == (0, 0)
    assert town.run().requests == 1
    # Ann writes with a browser, whose lines end in CR LF.
    typed = town.text(ANA) + "\n\n" + TYPED
    before = typed.replace("\n", "\r\n")
    town.type(ANA, before, minutes_ago=11)
    second = town.run()
    assert not second.waiting, second
    assert second.entries >= 2 and not second.failed and "By bike" in "".join(page.text for page in town.server.pages)
    # Her questions are answered behind them, and every line of hers is there byte for byte.
    after = town.text(ANA)
    assert "wikibridge:begin answer-" in after and "\n" not in after.replace("\r\n", "")
    lines = iter(after.split("\r\n"))
    assert all(line in lines for line in before.split("\r\n"))
    settled = town.run()
    assert (settled.created, settled.changed) == (0, 0)
    with_choices = town.text(SUMMARY)
    undone = town.run(undo=second.run)
    assert not undone.failed and town.text(ANA).rstrip() == before.rstrip() and town.text(SUMMARY) != with_choices


def test_a_page_that_ann_is_writing_on_waits_and_is_written_later(town: Town) -> None:
    town.run("install")
    town.run()
    before = town.text(ANA) + '\r\n{WIKIBRIDGE(of="choice" by="theme")/}\r\n'
    town.type(ANA, before)
    held = town.run()
    assert town.text(ANA) == before and ANA in held.waiting[0] and held.exit_code == 0
    page = town.server.pages.get(ANA)
    assert page is not None
    page.modified -= 601
    assert not town.run().waiting and "wikibridge:begin answer-" in town.text(ANA)


def test_ann_can_stop_it_with_a_page_that_a_browser_can_create(town: Town) -> None:
    town.run("install")
    town.server.edit("Stop Bot", "please", "ann")
    with pytest.raises(Stopped, match="please"):
        town.run()


def test_a_renamed_page_is_renamed_in_links_by_tiki_itself_which_is_nobodys_edit(town: Town) -> None:
    town.run()
    town.type(ANA, f"{town.text(ANA)}\n\n!! Choice: By bike\n* Theme: transport\n* Date: May 2021\n", minutes_ago=11)
    town.run()
    page = town.server.pages.get(ANA)
    assert page is not None and "((Participants/Ana|Ana))" in town.text("Latest choices")
    town.server.pages.rename(page, "Participants/Ana Silva")
    assert "((Participants/Ana Silva|Ana))" in town.text("Latest choices")
    town.type("Participants/Ana Silva", town.text("Participants/Ana Silva").replace("By bike", "On foot"), minutes_ago=11)
    done = town.run()
    assert done.changed and not done.refused and "On foot" in town.text("Latest choices")
    town.server.edit("Latest choices", town.text("Latest choices").replace("On foot", "By car"), "ann")
    town.type("Participants/Ana Silva", town.text("Participants/Ana Silva").replace("On foot", "By train"), minutes_ago=11)
    assert any("somebody edited" in each for each in town.run().refused), "what people change is theirs"


def test_a_page_that_would_lose_text_is_left_alone_and_named(town: Town) -> None:
    town.run("install")
    town.run()
    before = town.text(ANA) + '\r\nif a < b then\r\n{WIKIBRIDGE(of="choice" by="theme")/}\r\n'
    town.type(ANA, before, minutes_ago=11)
    held = town.run()
    assert town.text(ANA) == before and any(ANA in line and "< b then" in line for line in held.failed)


MINUTES = "Compte rendu : Citoyens pour le climat – 4e Rencontre internationale"


def test_a_meeting_on_a_tiki(town: Town) -> None:
    (town.folder / "jobs").mkdir()
    (town.folder / "jobs" / "meetings.yml").write_text(f"kind: meetings\nzones: [{', '.join(ZONES)}]\n", encoding="utf-8")
    (town.folder / "meetings.yml").write_text(meetings_yml(), encoding="utf-8")
    made = town.run("meetings")
    assert not made.failed and made.created == len(SESSIONS) + 3
    assert town.run("meetings").changed == 0
    shown = town.text("Programme: 4th International Meeting")
    assert "15:00–17:00" in shown and "11:00–13:00" in shown and f"(({MINUTES}|Citizens for the climate))" in shown
    written = f"{town.text(MINUTES)}\n\n!! Conclusion : Des jardins pour tous\n* Pour la charte : oui\n"
    town.type(MINUTES, written, minutes_ago=30)
    assert town.run("meetings").changed == 3
    assert "1 conclusion" in town.text("Programme: 4th International Meeting") and town.text(MINUTES).strip() == written.strip()
