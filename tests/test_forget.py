"""A person's rights: to be forgotten, so that no byte of the state names them, and to be told what is held."""

from __future__ import annotations

import csv
import json
import os
import re
import sqlite3
import time
import unicodedata
import zlib
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

import pytest
import requests
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.admin import Admin
from tests.places import CHOICES, Place, make_corner
from tests.test_cli import cli, told
from tests.tikis import SETUPS
from wikibridge import Session, Site
from wikibridge.demo.mediawiki_server import MediaWikiServer
from wikibridge.demo.tiki import TikiServer
from wikibridge.entries.naming import Naming
from wikibridge.errors import SettingsError
from wikibridge.jobs import forgetting, own_files
from wikibridge.jobs.forget import Held, forget, held
from wikibridge.jobs.result import Result
from wikibridge.jobs.tables import without_rows
from wikibridge.mirror import scrub
from wikibridge.publish.plan_file import PlanFile
from wikibridge.wikis.base import Wiki
from wikibridge.wikis.folder import FolderWiki

ECOLE, BO = "École verte", "D'Arcy \"Bo\" O'Neil & Sons - Ltd"


def ways(name: str) -> set[str]:
    """How a program may have written a name."""
    found = set()
    for plain in (unicodedata.normalize(form, name) for form in ("NFC", "NFD")):
        for each in (plain, plain.replace(" ", "_")):
            small = re.sub("%[0-9A-F]{2}", lambda code: code[0].lower(), quote(each))
            found |= {each, quote(each), quote(each, safe=""), small, json.dumps(each)[1:-1], json.dumps(each, ensure_ascii=False)[1:-1]}
    return found


def blobs(data: bytes) -> Iterator[bytes]:
    """Bytes, and all that is packed in them."""
    yield data
    for found in re.finditer(rb"\x78[\x01\x5e\x9c\xda]", data):
        try:
            yield zlib.decompressobj().decompress(data[found.start():])
        except zlib.error:
            continue


def cells(path: Path) -> Iterator[bytes]:
    """What the tables of a database hold: a value of many pages of the file is in one piece here."""
    with closing(sqlite3.connect(path)) as database:
        database.text_factory = bytes
        for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
            for row in database.execute(f'SELECT * FROM "{name.decode()}"'):
                for value in row:
                    if isinstance(value, bytes):
                        yield from blobs(value)


def holding(folder: Path, name: str) -> list[str]:
    """The files of a folder in which a name stands, in whichever way."""
    wanted = [each.encode(coding) for each in ways(name) for coding in ("utf-8", "utf-16-le", "utf-16-be")]
    found = []
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            texts = [*blobs(path.read_bytes()), *(cells(path) if path.suffix == ".db" else ())]
            if any(each in text for each in wanted for text in texts):
                found.append(path.name)
    return found


def filled(place: Place) -> None:
    place.run()
    for name, text in CHOICES.items():
        place.type(f"{place.prefix}P/{name}", lambda old, text=text: f"{old}\n\n{text}")  # type: ignore[misc]
    until(place, lambda: "potager" in place.page(place.summary()).text)


def until(place: Place, done: Callable[[], bool]) -> None:
    """Run until it shows: a server's list of changes follows the answer to an edit by a moment."""
    for _ in range(20):
        place.run()
        if done():
            return
    raise AssertionError("it never came")


def forgotten(site: Site, participant: str) -> Held:
    with Session(site) as session, session.lock():
        session.sync()
        found = held(session, participant)
        forget(session, found)
        return found


def run(site: Site, **options: int) -> Result:
    with Session(site) as session:
        return session.undo(options["undo"]) if options else session.run()


def test_no_byte_of_the_state_names_the_person_afterwards(place: Place) -> None:
    filled(place)
    state, table = place.site.folder / ".wikibridge", place.site.folder / "participants.csv"
    before = table.read_text(encoding="utf-8").splitlines(keepends=True)
    assert {"mirror.db", "journal.db", "wikibridge.log"} <= set(holding(state, ECOLE))
    text = place.page(f"{place.prefix}P/{ECOLE}").text
    found = forgotten(place.site, ECOLE)
    assert holding(state, ECOLE) == []
    assert table.read_text(encoding="utf-8").splitlines(keepends=True) == [line for line in before if ECOLE not in line]
    # The wiki is the administrator's; what is to be done there is named.
    assert place.page(f"{place.prefix}P/{ECOLE}").text == text
    assert [each.title for each in found.to_remove if each.what == "page"] == [f"{place.prefix}P/{ECOLE}"]
    named = {each.title: each for each in found.to_remove if each.what == "revisions"}
    assert place.summary() in named and named[place.summary()].now
    # The next run computes the summaries without the person, though the wiki holds the page still, and then rests.
    again = run(place.site)
    assert not again.failed and again.created == 0
    assert ECOLE not in place.page(place.summary()).text and "Menos carne" in place.page(place.summary()).text
    assert holding(state, ECOLE) == []
    until(place, lambda: place.run().changed == 0)
    assert holding(state, ECOLE) == []


def test_what_was_hidden_and_deleted_stays_so(place: Place) -> None:
    filled(place)
    with Session(place.site) as session:
        wrote = [number for number, _, result in session.journal.runs() if result and result["changed"]]
    forgotten(place.site, ECOLE)
    cleaned = run(place.site)
    assert cleaned.changed
    for number in [cleaned.run, *wrote]:
        result = run(place.site, undo=number)
        assert ECOLE not in place.page(place.summary()).text, number
        assert any(place.summary() in note for note in result.notes), result
    assert holding(place.site.folder / ".wikibridge", ECOLE) == []
    # Somebody signs up under that name again: told, not done, and not by name.
    with open(place.site.folder / "participants.csv", "a", encoding="utf-8") as table:
        table.write(f"{ECOLE},école,français,Namur,,\n")
    result = run(place.site)
    assert result.created == 0 and any("row 5" in note for note in result.notes) and not any(ECOLE in note for note in result.notes)
    assert holding(place.site.folder / ".wikibridge", ECOLE) == []


@pytest.mark.parametrize("stage", ["apply", "from_mirror", "from_journal", "sweep"])
@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("by", ["run", "forget"])
def test_cut_off_anywhere_it_is_finished_by_what_comes_next(
        tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stage: str, after: bool, by: str) -> None:
    site = make_corner(tmp_path / "site", "kind: folder", "Corner/")
    filled(Place(site, FolderWiki(site.folder / "wiki", user="citizen"), "Corner/"))
    room = own_files if stage == "apply" else scrub
    real = getattr(room, stage)

    def cut(*args: object) -> None:
        if after:
            real(*args)
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(room, stage, cut)
        with pytest.raises(KeyboardInterrupt):
            forgotten(site, ECOLE)
    if by == "run":
        assert not run(site).failed
    else:
        with Session(site) as session, session.lock():
            assert forgetting.finish(session) == 1
            assert forgetting.finish(session) == 0
    assert holding(site.state, ECOLE) == [] and ECOLE not in (site.folder / "participants.csv").read_text(encoding="utf-8")


def test_forgotten_twice_is_forgotten_once_and_says_what_is_left(place: Place) -> None:
    filled(place)
    first = forgotten(place.site, ECOLE)
    before = (place.site.folder / "participants.csv").read_bytes()
    second = forgotten(place.site, ECOLE)
    assert second.again and not second.rows and second.writes == 0
    assert [each for each in second.to_remove if each.what == "page"] == [each for each in first.to_remove if each.what == "page"]
    assert (place.site.folder / "participants.csv").read_bytes() == before and holding(place.site.folder / ".wikibridge", ECOLE) == []


def test_a_plan_of_before_writes_nothing_on_the_page(tmp_path: Path) -> None:
    place = town(tmp_path)
    with open(place.site.folder / "participants.csv", "a", encoding="utf-8") as table:
        table.write("Zoé Fresh;fr;Namur\n")
    with Session(place.site) as session:
        session.sync()
        planned = PlanFile(session.wiki.identity, session.plan())
    assert [step.title for step in planned.steps if step.writes] == ["P/Zoé Fresh"]
    forgotten(place.site, "Zoé Fresh")
    with Session(place.site) as session:
        result = session.apply(planned)
    assert result.created == 0 and len(result.refused) == 1 and holding(place.site.state, "Zoé Fresh") == []


def town(tmp_path: Path, people: str = "name;language;territory\nAna;pt;Praia\nAnabela;pt;Porto\nAna Silva;pt;Faro\nRui;pt;Évora\n") -> Place:
    site = make_corner(tmp_path / "site", "kind: folder", "")
    (site.folder / "participants.csv").write_text(people, encoding="utf-8")
    place = Place(site, FolderWiki(site.folder / "wiki", user="citizen"), "")
    place.run()
    return place


def test_anabela_and_ana_silva_stay_when_ana_goes(tmp_path: Path) -> None:
    place = town(tmp_path)
    for name in ("Ana", "Anabela", "Ana Silva"):
        place.type(f"P/{name}", lambda old, name=name: f"{old}\n\n{{{{Escolha|título=Escolha da casa de {name}|data=2021}}}}")  # type: ignore[misc]
    place.type("P/Rui", lambda old: f"{old}\n\nVou com a Ana,\ncom a Anabela e com Ana Silva.")
    place.run()
    with Session(place.site) as session:
        kept = {title: session.mirror.entries(page.id) for title in ("P/Anabela", "P/Ana Silva", "P/Rui")
                for page in session.mirror.pages([title])}
        writes = {title: [write for write in session.journal.writes() if write.title == title] for title in kept}
    log = (place.site.state / "logs/wikibridge.log").read_text(encoding="utf-8")
    found = forgotten(place.site, "Ana")
    assert found.title == "P/Ana" and [(each.title, each.line) for each in found.mentions] == [("P/Rui", found.mentions[0].line)]
    with Session(place.site) as session:
        assert session.mirror.pages(["P/Ana"]) == []
        for title, entries in kept.items():
            (page,) = session.mirror.pages([title])
            assert session.mirror.entries(page.id) == entries
            assert [write for write in session.journal.writes() if write.title == title] == writes[title]
    after = (place.site.state / "logs/wikibridge.log").read_text(encoding="utf-8")
    for name in ("Anabela", "Ana Silva"):
        assert after.count(f"P/{name}:") == log.count(f"P/{name}:") > 0
    assert "P/Ana:" in log and "P/Ana:" not in after
    table = (place.site.folder / "participants.csv").read_text(encoding="utf-8")
    assert table == "name;language;territory\nAnabela;pt;Porto\nAna Silva;pt;Faro\nRui;pt;Évora\n"
    run(place.site)
    summary = place.page("Summary en").text
    assert "P/Anabela|" in summary and "P/Ana Silva|" in summary and "P/Ana|" not in summary


def test_of_two_with_one_name_only_the_page_that_is_named_goes(place: Place) -> None:
    filled(place)
    with Session(place.site) as session, session.lock(), pytest.raises(SettingsError) as several:
        held(session, "Ana Silva")
    assert several.value.key == "forget-several" and "Ana Silva (Praia)" in str(several.value)
    found = forgotten(place.site, f"{place.prefix}P/Ana Silva")
    assert [cells[3] for _, _, cells in found.rows] == ["Covilhã"]
    result = run(place.site)
    assert result.created == 0 and not any("forgotten" in note for note in result.notes)
    text = place.page(place.summary()).text
    assert "Ana Silva (Praia)" in text and "P/Ana Silva|" not in text


def test_files_that_were_made_from_the_person_lose_them(tmp_path: Path) -> None:
    place = town(tmp_path)
    place.type("P/Ana", lambda old: f"{old}\n\n{{{{Escolha|título=Menos carne|data=2021|tema=alimentação}}}}")
    place.type("P/Rui", lambda old: f"{old}\n\n{{{{Escolha|título=A pé|data=2021}}}}")
    site = place.site.folder
    place.run()
    place.type("P/Ana", lambda old: f"{old}\n\n{{{{Escolha|título=Mais fruta|data=2021}}}}")
    for form in ("csv", "jsonl", "parquet"):
        assert cli("export", f"out/{form}", "--format", form, folder=site).returncode == 0
    assert cli("export", "pages.xml.gz", folder=site).returncode == 0
    assert cli("report", "report.html", "--language", "pt", folder=site).returncode == 0
    assert cli("export", "mine", "--about", "Ana", folder=site).returncode == 0
    (site / "plan.json").write_text(cli("plan", "--json", folder=site).stdout, encoding="utf-8")
    assert cli("plan", "--html", "plan.html", folder=site).returncode == 0
    (site / "notes.txt").write_text("Ana called.\n", encoding="utf-8")
    others = (site / "out/csv/choice.csv").read_text(encoding="utf-8").splitlines()
    done = cli("forget", "Ana", "--yes", "--json", folder=site)
    assert done.returncode == 0, done.stderr
    facts = json.loads(done.stdout)
    for path in ("plan.json", "plan.html", "mine/about.json"):
        assert not (site / path).exists() and {"file": str(site / path), "whole": True} in facts["removed"]["files"]
    after = (site / "out/csv/choice.csv").read_text(encoding="utf-8").splitlines()
    assert after == [line for line in others if "P/Ana," not in line] and len(after) < len(others)
    described = json.loads((site / "out/csv/datapackage.json").read_text(encoding="utf-8"))
    assert {each["path"]: each["bytes"] for each in described["resources"]}["choice.csv"] == (site / "out/csv/choice.csv").stat().st_size
    assert "P/Ana\"" not in (site / "out/jsonl/choice.jsonl").read_text(encoding="utf-8")
    import pyarrow.parquet as pq

    assert set(pq.read_table(site / "out/parquet/participants.parquet")["page"].to_pylist()) == {"P/Anabela", "P/Ana Silva", "P/Rui"}
    from wikibridge.mirror import dumps

    assert "P/Ana" not in {page.title for page in dumps.read(site / "pages.xml.gz")}
    # What is not ours is left, and so is the wiki.
    assert (site / "notes.txt").read_text(encoding="utf-8") == "Ana called.\n" and place.page("P/Ana").text
    lines = (site / ".wikibridge/logs/wikibridge.log").read_text(encoding="utf-8")
    assert not re.search(r"P/Ana\b(?! Silva)", lines)


def test_json_logs_stay_json(tmp_path: Path) -> None:
    site = make_corner(tmp_path / "site", "kind: folder", "")
    with open(site.folder / "wikibridge.yml", "a", encoding="utf-8") as file:
        file.write("log: json\n")
    site = Site(site.folder)
    run(site)
    log = site.state / "logs/wikibridge.log"
    before = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]
    forgotten(site, BO)
    after = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]
    assert [line["time"] for line in after] == [line["time"] for line in before] and holding(site.state, BO) == []
    assert [line for line in after if "École" in json.dumps(line, ensure_ascii=False)]


def test_asked_for_it_says_what_it_will_do_and_takes_no_for_an_answer(tmp_path: Path) -> None:
    place = town(tmp_path)
    state = holding(place.site.state, "Rui")
    done = cli("forget", "Rui", folder=place.site.folder)
    assert done.returncode == 1 and "participants.csv, row 5: Rui; pt; Évora" in done.stdout and "Nothing was removed." in done.stdout
    assert holding(place.site.state, "Rui") == state != []
    done = cli("forget", "P/Rui", "--yes", folder=place.site.folder, LANG="fr_FR.UTF-8")
    assert done.returncode == 0 and "supprimer la page" in done.stdout and holding(place.site.state, "Rui") == []
    told(cli("forget", "Annabela", folder=place.site.folder), 2, "Anabela", "Did you mean")
    told(cli("forget", "Xyzzy Quux", folder=place.site.folder), 2, "Nobody is called")
    told(cli("forget", "Ana silva", folder=place.site.folder), 2, "Ana Silva")


def test_somebody_who_signed_up_and_has_no_page_yet(tmp_path: Path) -> None:
    place = town(tmp_path)
    with open(place.site.folder / "participants.csv", "a", encoding="utf-8") as table:
        table.write("Zoé Fresh;fr;Namur\n")
    found = forgotten(place.site, "Zoé Fresh")
    assert [cells[0] for _, _, cells in found.rows] == ["Zoé Fresh"]
    assert "Zoé" not in (place.site.folder / "participants.csv").read_text(encoding="utf-8")
    assert run(place.site).created == 0


def test_a_page_that_was_renamed_is_known_by_its_number(tmp_path: Path) -> None:
    place = town(tmp_path)
    (place.site.folder / "wiki/P/Rui.wiki").rename(place.site.folder / "wiki/P/Rui Costa.wiki")
    place.run()
    found = forgotten(place.site, "P/Rui Costa")
    assert set(found.doing.titles) == {"P/Rui", "P/Rui Costa"} and len(found.rows) == 1
    (place.site.folder / "wiki/P/Rui Costa.wiki").rename(place.site.folder / "wiki/P/Someone.wiki")
    run(place.site)
    assert holding(place.site.state, "Rui") == [] and holding(place.site.state, "P/Someone") == []


def test_a_person_is_given_all_that_is_theirs_and_nothing_of_others(place: Place) -> None:
    filled(place)
    place.type(f"{place.prefix}P/Ana Silva", lambda old: f"{old}\n\nSecret words of Ana on {ECOLE}.")
    until(place, lambda: True)
    secret = {name: value for name, value in os.environ.items() if name == "WIKIBRIDGE_PASSWORD"}
    done = cli("export", "mine", "--about", ECOLE, folder=place.site.folder, **secret)
    assert done.returncode == 0, done.stderr
    folder = place.site.folder / "mine"
    data = json.loads((folder / "about.json").read_text(encoding="utf-8"))
    assert [row["values"]["territory"] for row in data["sign_ups"]] == ["Namur"]
    assert data["pages"][0]["text"] == place.page(f"{place.prefix}P/{ECOLE}").text
    assert data["language"] == "fr" and any(row["fields"].get("thème") for row in data["entries"]) and data["writes"]
    assert [row["page"] for row in data["places"] if row["line"]] == [f"{place.prefix}P/Ana Silva"]
    page = (folder / "about.html").read_text(encoding="utf-8")
    assert '<html lang="fr">' in page and "Le potager" in page and "<script" not in page
    for path in folder.iterdir():
        held_there = path.read_text(encoding="utf-8-sig")
        assert "Menos carne" not in held_there and "Secret words" not in held_there and "Covilhã" not in held_there
    with open(folder / "sign_ups.csv", encoding="utf-8-sig", newline="") as table:
        assert next(iter(csv.DictReader(table)))["name"] == ECOLE
    (folder / "more.txt").write_text("x", encoding="utf-8")
    told(cli("export", "mine", "--about", ECOLE, folder=place.site.folder, **secret), 2, "more.txt")
    told(cli("export", "other", "--about", ECOLE, "--bom", folder=place.site.folder, **secret), 2, "--bom")


# What is left to an administrator


@pytest.mark.live
def test_the_addresses_open_the_forms_of_a_mediawiki_and_what_is_hidden_there_is_gone(
        tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mediawiki: MediaWikiServer, mediawiki_doors: Callable[[str], Wiki]) -> None:
    mediawiki.settings("hiding", "$wgGroupPermissions['sysop']['deleterevision'] = true;")
    monkeypatch.setenv("WIKIBRIDGE_PASSWORD", mediawiki.bot.password)
    site = make_corner(tmp_path / "site", f"kind: mediawiki, address: '{mediawiki.address}api.php', account: {mediawiki.bot.name}", "Hide & seek/")
    place = Place(site, mediawiki_doors("Citizen"), "Hide & seek/")
    filled(place)
    page, admin = f"{place.prefix}P/{ECOLE}", Admin(mediawiki)
    admin.edit(f"{page}/Notes", "Notes.")
    admin.edit(f"Talk:{page}", "Hello.")
    forgotten(site, ECOLE)
    until(place, lambda: ECOLE not in place.page(place.summary()).text)
    found = forgotten(site, ECOLE)
    pages = {each.title: each for each in found.to_remove if each.what == "page"}
    assert set(pages) == {page, f"{page}/Notes", f"Talk:{page}"}
    for each in found.to_remove:
        shown = admin.site.connection.get(each.address, timeout=30)
        assert shown.status_code == 200, each
        if each.what == "page":
            assert "deleteconfirm" in shown.text, each
        else:
            assert not each.now and "wpHidePrimary" in shown.text, each
            for revision in each.revisions:
                assert f"oldid={revision}" in shown.text or f"diff={revision}" in shown.text, (each, revision)
                admin.hide(each.title, revision)
    for title in pages:
        admin.delete(title)
    # Asked once more, nothing is left to do.
    assert forgotten(site, ECOLE).to_remove == () and holding(site.state, ECOLE) == []
    assert run(site).created == 0


@pytest.mark.parametrize("setup", list(SETUPS))
def test_a_tiki_whose_history_nobody_can_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, setup: str) -> None:
    with TikiServer(SETUPS[setup], lambda: time.time() - 3600) as server:
        monkeypatch.setenv("WIKIBRIDGE_TOKEN", server.people.token("Bot"))
        server.people.groups["Lists"] = {"admin_trackers"}
        server.people.add("Bot", {"Lists"})
        tracker = server.trackers.add("Choices", {"wbTitle": "t", "wbWho": "t"})
        for title, who in (("By bike", "Zélia Ünique"), ("On foot", "João"), ("No car", "Quim Tracker")):
            server.trackers.put(tracker, {"wbTitle": title, "wbWho": who}, "ann")
        (tmp_path / "wikibridge.yml").write_text(
            f"wiki: {{kind: tiki, address: '{server.address}HomePage', account: Bot}}\nmin_group: 1\nsources:\n  trackers:\n"
            f"    - {{id: {tracker.id}, type: choice, fields: {{wbTitle: title}}, participant: wbWho}}\n", encoding="utf-8")
        (tmp_path / "participants.csv").write_text("name,kind,language\nZélia Ünique,citizen,en\nJoão,,pt\n", encoding="utf-8")
        site = Site(tmp_path)
        run(site)
        server.edit("Participants/Zélia Ünique", "{CHOICE(title=\"Less meat\" date=\"2021\")/}", "ann")
        second = run(site)
        assert second.changed and {"journal.db", "mirror.db"} <= set(holding(site.state, "Zélia Ünique"))
        found = forgotten(site, "Zélia Ünique")
        assert holding(site.state, "Zélia Ünique") == []
        forgotten(site, "Quim Tracker")
        assert holding(site.state, "Quim Tracker") == []
        addresses = {each.title: each.address for each in found.to_remove}
        assert addresses["Participants/Zélia Ünique"] == f"{server.address}tiki-index.php?page=Participants/Z%C3%A9lia%20%C3%9Cnique"
        assert addresses["Summary of choices"] == f"{server.address}tiki-pagehistory.php?page=Summary%20of%20choices"
        assert all(0 < number < 10 for each in found.to_remove for number in each.revisions), "as its history shows them"
        for address in addresses.values():
            assert requests.get(address, timeout=20).status_code == 200
        third = run(site)
        assert third.changed and not third.failed
        server.trackers.put(tracker, {"wbTitle": "Again", "wbWho": "Quim Tracker"}, "ann")
        assert not run(site).failed
        for name in ("Zélia Ünique", "Quim Tracker"):
            assert holding(site.state, name) == []
        summary = server.pages.get("Summary of choices")
        assert summary and "Less meat" not in summary.text and "By bike" not in summary.text and "No car" not in summary.text
        assert "On foot" in summary.text
        run(site, undo=third.run)
        run(site, undo=second.run)
        summary = server.pages.get("Summary of choices")
        assert summary and "Less meat" not in summary.text


# Names


LETTERS = st.one_of(
    st.text(st.characters(categories=["Lu", "Ll", "Lo"], max_codepoint=0x24F), min_size=1, max_size=6),
    st.text(st.sampled_from("абвгАБВ ёй"), min_size=1, max_size=6), st.text(st.sampled_from("محمدعلي "), min_size=1, max_size=6),
    st.text(st.sampled_from("αβγάΆ"), min_size=1, max_size=6), st.text(st.sampled_from("नमिता अजय"), min_size=1, max_size=6),
    st.sampled_from(["Ana", "Anabela", "O’Neil", "D'Arcy", "Jean-Luc", "Zoë", "e\u0301", "Nguyễn Thị", "A & B", '"Bo"', "100 %", "a_b", "José"]))
NAMES = st.lists(LETTERS.map(lambda each: " ".join(each.split())).filter(lambda each: any(c.isalnum() for c in each)), min_size=2, max_size=6,
                 unique_by=lambda each: unicodedata.normalize("NFC", each))


@settings(deadline=None)
@given(NAMES, st.sampled_from(["NFC", "NFD"]))
def test_a_name_goes_from_a_list_and_all_the_others_stay(names: list[str], form: str) -> None:
    own, others = names[0], names[1:]
    naming = Naming([f"P/{own}"], [f"P/{each}" for each in others])
    lines = [unicodedata.normalize(form, f"run 2: “P/{each}” written") for each in others]
    mine = unicodedata.normalize(form, f"run 2: “P/{own}” written")
    assert naming.without("\n".join([*lines, mine, *lines])) == "\n".join([*lines, "run 2: “…” written", *lines])
    assert naming.lines("\n".join([*lines, mine])) == [len(names)]
    for way in ways(f"P/{own}"):
        assert way not in naming.without(f"x [{way}] y")
    data = {"a": [f"P/{each}" for each in names], "b": 1}
    assert json.loads(naming.without_json(json.dumps(data))) == {"a": ["…", *(f"P/{each}" for each in others)], "b": 1}


@pytest.mark.parametrize(("text", "named"), [
    ("Ana", True), ("(Ana)", True), ("P/Ana", True), ("P%2FAna&x", True), ("Ana's", True), ("Anabela", False), ("Mariana", False),
    ("Ana\u0301", False), ("An\u00e1", False), ("Ana%C3%A9", False), ("Ana Silva", False), ("Ana_Silva", False), ("Ana Sousa", True), ("ana", False),
])
def test_where_a_name_begins_and_ends(text: str, named: bool) -> None:
    assert (text in Naming(["Ana"], ["Anabela", "Ana Silva"])) is named


def test_a_name_that_two_bear_tells_nothing() -> None:
    assert "P/Ana" in Naming(["P/Ana", "Ana"], ["Ana", "Q/Ana"]) and "Ana" not in Naming(["P/Ana", "Ana"], ["Ana"])
    assert "我和王去" in Naming(["王"], ["王伟"]) and "王伟" not in Naming(["王"], ["王伟"])


CELLS = st.text(st.sampled_from('aé"\n;,\r\t “x'), max_size=5)


@settings(deadline=None)
@given(st.lists(st.lists(CELLS, min_size=2, max_size=3), min_size=1, max_size=5), st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "cp1252"]),
       st.sampled_from(["\n", "\r\n"]), st.sampled_from([";", ",", "\t"]), st.integers(0, 5), st.booleans())
def test_a_table_loses_one_row_and_no_other_byte(
        rows: list[list[str]], encoding: str, end: str, separator: str, which: int, closed: bool) -> None:
    def line(row: list[str]) -> str:
        return separator.join('"' + cell.replace('"', '""') + '"' for cell in row)

    header = separator.join(["name", "kind", "more"])
    texts = [header, *map(line, rows)]
    data = (end.join(texts) + (end if closed else "")).encode(encoding)
    target = rows[which % len(rows)]
    made, gone = without_rows(data, lambda row: row == target)
    kept = [header, *(line(row) for row in rows if row != target)]
    expected = "".join(each + end for each in kept)
    if not closed and rows[-1] != target:
        expected = expected.removesuffix(end)
    assert (made, gone) == (expected.encode(encoding), rows.count(target))
