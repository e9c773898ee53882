"""Trackers as a source of entries, on Tikis of several versions, by each way in which an account may read items."""

from __future__ import annotations

import time
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.tikis import SETUPS
from wikibridge import Session, Site, resources
from wikibridge.cli.report import source
from wikibridge.demo.tiki import TikiServer
from wikibridge.demo.tiki.trackers import Item, Tracker
from wikibridge.entries.read import hide
from wikibridge.entries.types import shipped
from wikibridge.errors import SettingsError
from wikibridge.jobs.result import Result
from wikibridge.markup import tikitext
from wikibridge.mirror.items import Part
from wikibridge.mirror.sync import Reader
from wikibridge.mirror.trackers import as_entry
from wikibridge.model import Page, Selection, TrackerField
from wikibridge.report.choices import page as report

WAYS: dict[str, frozenset[str]] = {"list": frozenset({"admin_trackers"}), "csv": frozenset({"export_tracker"}), "search": frozenset()}
"""The rights that open each way of reading items, beside that of seeing the tracker."""
FIELDS = {"wbTitle": "t", "wbDate": "f", "wbTheme": "M", "wbLevel": "d", "wbText": "a", "wbStars": "n", "wbWho": "u"}
SOURCE = """
sources:
  trackers:
    - id: 1
      participant: wbWho
      fields: {wbTitle: title, wbDate: date, wbTheme: theme, wbLevel: level, wbText: description, wbStars: rating}
"""
BIKE = {"wbTitle": "By bike", "wbDate": "1604361600", "wbTheme": "1,2", "wbLevel": "family", "wbText": 'Up the "hill"\r\nand p < 0.05',
        "wbStars": "4", "wbWho": "ana"}


@dataclass
class Town:
    """A site on a Tiki with a tracker. ``tick`` is what the Tiki's clock has moved by hand."""

    server: TikiServer
    folder: Path
    tick: list[int]
    tracker: Tracker
    items: dict[str, Item] = field(default_factory=dict)

    def run(self, *names: str) -> Result:
        self.tick[0] += 60
        with Session(Site(self.folder)) as session:
            return session.run(names)

    def put(self, values: Mapping[str, str], name: str = "", status: str = "o") -> Item:
        """What somebody fills in, in a new item or in one that is there."""
        self.tick[0] += 60
        made = self.server.trackers.put(self.tracker, values, "ann", self.items.get(name), status)
        if name:
            self.items[name] = made
        return made

    def remove(self, name: str) -> None:
        self.tick[0] += 60
        self.server.trackers.take_away(self.tracker, self.items.pop(name))

    def type(self, title: str, text: str) -> None:
        self.tick[0] += 60
        self.server.edit(title, text, "ann")

    def texts(self) -> dict[str, str]:
        return {page.name: page.text for page in self.server.pages}

    def settings(self, sources: str = SOURCE, more: str = "min_group: 1") -> None:
        (self.folder / "wikibridge.yml").write_text(
            f"wiki: {{kind: tiki, address: '{self.server.address}HomePage', account: Bot, quiet_minutes: 0}}\n"
            f"languages: [en]\n{more}\n{sources}", encoding="utf-8")


def town_of(setup: str, way: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Town]:
    tick = [0]
    with TikiServer(SETUPS[setup], lambda: time.time() - 360_000 + tick[0]) as server:
        monkeypatch.setenv("WIKIBRIDGE_TOKEN", server.people.token("Bot"))
        server.people.groups["Registered"] |= WAYS[way]
        tracker = server.trackers.add("Choices", FIELDS)
        named = {each.perm_name: each for each in tracker.fields}
        named["wbTheme"].options = {"options": "1=Transport,2=health"}
        named["wbLevel"].options = {"options": "family,individual"}
        made = Town(server, folder, tick, tracker)
        made.settings()
        (folder / "jobs").mkdir()
        for job in resources.shipped("jobs").iterdir():
            if job.stem not in ("participants", "summaries", "summary-latest", "problems"):
                (folder / "jobs" / job.name).write_text("", encoding="utf-8")
        (folder / "participants.csv").write_text("name,language,user\nAna,English,ana\nBob,English,\n", encoding="utf-8")
        yield made


@pytest.fixture(params=[(setup, way) for setup in SETUPS for way in WAYS], ids=lambda each: " ".join(each))
def town(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Town]:
    yield from town_of(*request.param, tmp_path, monkeypatch)


@pytest.fixture(params=WAYS)
def small(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Town]:
    yield from town_of("24.1", request.param, tmp_path, monkeypatch)


@pytest.fixture
def exported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Town]:
    yield from town_of("24.1", "csv", tmp_path, monkeypatch)


def test_the_life_of_an_item(town: Town) -> None:
    town.put(BIKE, "bike")
    first = town.run()
    assert (first.entries, first.problems, first.failed) == (3, 0, []), first
    after = town.texts()
    link = f"[tiki-view_tracker_item.php?itemId={town.items['bike'].id}|Ana]"
    assert f"* 3 Nov 2020 – By bike – {link}" in after["Latest choices"]
    assert "Health|1|1|██████████\nTransport|1|1|██████████" in after["Summary of choices"]
    # Ana is one participant, on her page and in the tracker; her page is as it was.
    town.type("Participants/Ana", after["Participants/Ana"] + '\n{CHOICE(title="Less meat" theme="transport")/}')
    town.run()
    assert "Transport|2|1|" in town.texts()["Summary of choices"]
    assert [page.name for page in town.server.pages if "By bike" in page.text and page.name.startswith("Participants/")] == []
    quiet = town.run()
    assert (quiet.created, quiet.changed, quiet.requests) == (0, 0, 2)
    # Another title changes the pages that show titles, and no other one.
    before = town.texts()
    town.put({"wbTitle": "On foot"}, "bike")
    town.run()
    changed = {name for name, text in town.texts().items() if before[name] != text}
    assert "Latest choices" in changed and all("By bike" in before[name] for name in changed)
    town.remove("bike")
    last = town.run()
    assert last.entries == 3 and not any("On foot" in text for text in town.texts().values())
    assert town.run().requests == 2


def test_what_an_item_says(town: Town) -> None:
    town.put(BIKE, "bike")
    town.run()
    with Session(Site(town.folder)) as session:
        (page,) = session.mirror.pages(["Participants/Ana"])
        entry = next(entry for _, _, entry in session.mirror.entries(page.id) if entry.type == "choice")
    assert {name: str(value) for name, value in entry.fields.items()} == {
        "title": "By bike", "date": "2020-11-03", "theme": "('transport', 'health')", "level": "family", "rating": "4",
        "description": 'Up the "hill"\nand p < 0.05'}
    assert entry.source == f"tiki-view_tracker_item.php?itemId={town.items['bike'].id}"


def test_who_has_no_page_has_the_tracker_in_its_place(small: Town) -> None:
    small.put({"wbTitle": "Walk", "wbWho": "Zoé"})
    small.put({"wbTitle": "Swim", "wbWho": "zoe"}, "swim")
    small.run()
    with Session(Site(small.folder)) as session:
        assert session.ask("of=choice|by=participant|show=count").rows[0].entries == 2
    # A page is made for her, and the items are hers there.
    (small.folder / "participants.csv").write_text("name,language\nAna,en\nBob,en\nZoé,en\n", encoding="utf-8")
    made = small.run()
    assert made.created == 1 and (small.run().created, small.run().changed) == (0, 0)
    with Session(Site(small.folder)) as session:
        (row,) = session.ask("of=choice|by=participant|show=count").rows
        assert (row.entries, session.mirror.counts()["pages"]) == (2, len(session.mirror.heads()))
    (page,) = (page for page in small.server.pages if page.name == "Participants/Zoé")
    small.server.pages.delete(page)
    small.run("summaries")
    with Session(Site(small.folder)) as session:
        assert session.ask("of=choice|by=participant|show=count").rows[0].entries == 2


def test_items_without_a_participant_are_one_participants(small: Town) -> None:
    small.settings(SOURCE.replace("      participant: wbWho\n", ""), "min_group: 3")
    for number in range(5):
        small.put({"wbTitle": f"Choice {number}", "wbTheme": "2", "wbWho": f"person{number}"})
    small.run()
    assert "Health" not in small.texts()["Summary of choices"]
    with Session(Site(small.folder)) as session:
        assert (answer := session.ask("of=choice|by=theme")).total.participants == 1, answer
    small.settings(SOURCE, "min_group: 3")
    small.run()
    assert "Health|5|5" in small.texts()["Summary of choices"]


def test_closed_and_pending_items_count_for_nothing(small: Town) -> None:
    small.server.people.groups["Registered"] |= {"view_trackers_pending", "view_trackers_closed"}
    small.put(BIKE, "bike")
    small.put({**BIKE, "wbTitle": "Secret"}, "secret", "p")
    assert small.run().entries == 3
    assert not any("Secret" in text for text in small.texts().values())
    small.put({}, "bike", "c")
    assert small.run().entries == 2
    small.put({}, "bike", "o")
    assert small.run().entries == 3 and small.run().requests == 2


def test_what_cannot_be_read_is_told_with_the_item(small: Town) -> None:
    small.settings(more="min_group: 1")
    (small.folder / "jobs" / "problems.yml").write_text(
        "kind: problems\npage: {en: Pages that need a hand}\nnotice: page\n", encoding="utf-8")
    wrong = small.put({**BIKE, "wbLevel": "galaxy", "wbWho": "Zoé", "wbText": "Call me: zoe@example.org"}, "wrong")
    small.run()
    before = {page.name for page in small.server.pages}
    told = small.texts()["Pages that need a hand"]
    assert "[tiki-view_tracker.php?trackerId=1|Zoé]" in told and f"[tiki-view_tracker_item.php?itemId={wrong.id}|" in told
    assert "galaxy" in told and "zoe@" not in "".join(small.texts().values())
    with Session(Site(small.folder)) as session:
        text = report(session.mirror, session.schema, "en", source=source(session))
    assert f'href="{small.server.address}tiki-view_tracker.php?trackerId=1"' in text
    assert f'href="{small.server.address}tiki-view_tracker_item.php?itemId={wrong.id}"' in text and "<bdi>Zoé</bdi>" in text
    assert not small.run().failed and {page.name for page in small.server.pages} == before
    assert not any(name.startswith("tiki-") for name in before)
    small.put({"wbLevel": "family", "wbText": ""}, "wrong")
    small.run()
    assert "galaxy" not in small.texts()["Pages that need a hand"]


def test_without_the_setting_nothing_is_left(small: Town) -> None:
    small.put(BIKE)
    small.put({**BIKE, "wbWho": "Zoé"})
    assert small.run().entries == 4
    small.settings("")
    assert small.run().entries == 2
    with Session(Site(small.folder)) as session:
        assert session.mirror.counts()["pages"] == len(session.mirror.heads())
    assert small.run().requests == 1


def test_a_new_mirror_and_new_settings_read_everything_anew(small: Town) -> None:
    small.put(BIKE)
    small.put({**BIKE, "wbWho": "Zoé", "wbTitle": "Walk"})
    small.run()
    shown = small.texts()["Latest choices"]
    (small.folder / ".wikibridge" / "mirror.db").unlink()
    again = small.run()
    assert (again.created, again.changed, small.texts()["Latest choices"]) == (0, 0, shown)
    small.settings(SOURCE.replace("wbTitle: title, ", ""))
    small.run()
    assert "Walk" not in small.texts()["Latest choices"]
    # Entry types of the site's own: what stands in items is read by them too.
    small.settings()
    own = small.folder / "entries"
    own.mkdir()
    (own / "vocabularies.yml").write_text(
        "level:\n  household: {en: Household, fr: Ménage, pt: Agregado, aliases: [family]}\n", encoding="utf-8")
    assert small.run().entries == 4
    with Session(Site(small.folder)) as session:
        assert {said["level"] for said in session.mirror.fields("choice").values()} == {"household"}


def test_items_that_are_deleted_and_made_at_once_are_told_apart(small: Town) -> None:
    for number in range(3):
        small.put({"wbTitle": f"Choice {number}"}, str(number))
    small.run()
    small.remove("1")
    small.put({"wbTitle": "Choice new"}, "new")
    small.run()
    text = small.texts()["Latest choices"]
    assert "Choice new" in text and "Choice 1" not in text and "Choice 0" in text


def test_a_tracker_that_lists_hide_is_read_each_time(small: Town) -> None:
    """Once a category exists, 24.1 lists only trackers that are in one."""
    small.server.profile = replace(small.server.profile, category_jail=True)
    small.server.categories.add("Any")
    item = small.put(BIKE, "bike")
    for title in ("By bike", "On foot"):
        small.tick[0] += 60
        small.put({"wbTitle": title}, "bike")
        with Session(Site(small.folder)) as session:
            session.sync()
            assert [said["title"] for said in session.mirror.fields("choice").values()] == [title]
    small.remove("bike")
    with Session(Site(small.folder)) as session:
        session.sync()
        assert session.mirror.counts()["entries"] == 0, item


SETTINGS = "sources:\n  trackers:\n"
ITEM = "    - id: 1\n      fields: {wbTitle: title}\n"


@pytest.mark.parametrize(("sources", "line", "told"), [
    (ITEM.replace("id: 1", "id: 7"), 6, "no tracker 7. Those that the account may see: 1 (Choices)."),
    (ITEM.replace("wbTitle", "wbTitel"), 7, "no field with the permanent name “wbTitel”. Did you mean “wbTitle”?"),
    (ITEM.replace("wbTitle", "nothing"), 7, "Its fields: wbTitle, wbDate"),
    (ITEM.replace("title", "titel"), 7, "“titel” is no field of the type “choice”. Its fields are: title, date"),
    (ITEM + "      type: choise\n", 8, "no type of entry “choise”. There are: choice, participant"),
    (ITEM + "      participant: whoever\n", 8, "“whoever”"),
    (ITEM + "      participant: wbItem\n", 8, "is of a type (r) whose values say nothing by themselves"),
    (ITEM + ITEM, 5, "each tracker once (1 is there twice)"),
    (ITEM.replace("}", ", wbText: title}"), 7, "each field of the entry once (“title” is there twice"),
])
def test_mistakes_are_told_with_their_place(exported: Town, sources: str, line: int, told: str) -> None:
    exported.server.trackers._by_id[1].fields.append(type(exported.tracker.fields[0])(99, "wbItem", "wbItem", "r"))
    exported.settings(SETTINGS + sources)
    with pytest.raises(SettingsError) as caught:
        exported.run()
    assert told in str(caught.value) and str(caught.value).startswith(f"wikibridge.yml, line {line}")
    assert not any(page.name.startswith("Summary") for page in exported.server.pages)


def test_an_account_without_any_right_is_told_which_to_ask_for(small: Town) -> None:
    small.server.people.allow("tracker", "1", {"Admins": ["view_trackers"]})
    small.server.people.groups["Registered"] -= {"admin_trackers"}
    with pytest.raises(SettingsError, match=r"the account Bot may not read the items of tracker 1\. .*tiki_p_export_tracker"):
        small.run()


@given(title=st.text(alphabet=st.characters(exclude_categories=["C"]), min_size=1, max_size=60), text=st.text(max_size=100))
@example('{CHOICE(title="x")}y{CHOICE}', "{CHOICE(title=z)}")
@example("~tc~ wikibridge:begin x ~/tc~ a@b.org", "|| a | b ||\n!! Choice: more")
def test_whatever_an_item_says_is_one_entry_and_no_markup(title: str, text: str) -> None:
    """A text field holds no markup in Tiki: it is read as it stands, save what must not be shown; a text area as on a page."""
    schema = shipped()
    reader = Reader(schema, "en", Selection(), tikitext)
    call = as_entry({"wbTitle": title, "wbText": text}, {"wbTitle": "title", "wbText": "description"},
                    {"wbTitle": TrackerField(1, "Title", "t"), "wbText": TrackerField(2, "Text", "a")}, "choice", reader, ZoneInfo("UTC"))
    reading = reader.joined(reader.read(Page(1, "X", 1, "", datetime.now(UTC))), [Part(call, "address", datetime.now(UTC))])
    shown = " ".join(title.replace("<x>", "").split())
    assert len(reading.entries) == 1 or not (shown or text.strip())
    for entry in reading.entries:
        assert entry.source == "address" and entry.type == "choice"
        if hide(shown) == shown and "\\" not in title:
            assert entry.fields.get("title", "") == unicodedata.normalize("NFC", shown)


def test_other_wikis_have_no_trackers(tmp_path: Path) -> None:
    (tmp_path / "wikibridge.yml").write_text(f"wiki: {{kind: folder}}\n{SETTINGS}{ITEM}", encoding="utf-8")
    with Session(Site(tmp_path)) as session, pytest.raises(SettingsError, match="line 3: only a Tiki has trackers"):
        session.run()
