"""Entries from a table: on the right pages, once, readable, to be looked at before and taken back after; each fault in a sentence."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from tests.places import Place
from tests.test_write import SCHEMA, entries
from wikibridge import Session, Site
from wikibridge.cli.main import cli
from wikibridge.entries.write import typed
from wikibridge.errors import SettingsError
from wikibridge.jobs import tables
from wikibridge.jobs.imports import Import
from wikibridge.markup import regions
from wikibridge.model import Action, Entry, PartialDate, Quantity, Value

PEOPLE = "name,language,territory\nAna,pt,Faro\nZoé Lefèvre,fr,Namur\nBo,en,Cork\n"
GOOD = """\
Participant;Titre;Date;Thème;Niveau;Avant;Après
ana;Menos carne;3/11/2020;alimentation, santé;famille;7 repas;3
Zoe Lefevre;Vélo;mars 2021;transports;citoyen;1.234,5;2
Participants/Bo;Garden;2020;food;family;;
"""


@pytest.fixture
def site(make_site: Callable[..., Site]) -> Site:
    """A site whose three participants have their pages."""
    site = make_site(PEOPLE)
    with Session(site) as session:
        session.run()
    return site


def call(site: Site, *args: str, **more: str) -> Result:
    plain = {"LC_ALL": "en_GB.UTF-8", **more}
    return CliRunner().invoke(cli, ["--site", str(site.folder), *args], env=plain)


def bring(site: Site, text: str, name: str = "workshop.csv", **more: str) -> Result:
    (site.folder / name).write_text(text, encoding="utf-8")
    return call(site, "import", str(site.folder / name), **more)


def page(site: Site, name: str) -> Path:
    return site.folder / "wiki" / "Participants" / f"{name}.wiki"


def choices(site: Site) -> dict[str, list[dict[str, Value]]]:
    """The choices of each participant, as the mirror reads them from the wiki."""
    with Session(site) as session:
        session.sync()
        found: dict[str, list[dict[str, Value]]] = {}
        for head in session.mirror.heads().values():
            for _, _, entry in session.mirror.entries(head.id):
                if entry.type != "participant":
                    found.setdefault(head.title.removeprefix("Participants/"), []).append(dict(entry.fields))
        return found


def test_rows_become_entries_on_their_pages_once(site: Site) -> None:
    done = bring(site, GOOD)
    assert done.exit_code == 0 and "0 pages created, 3 changed" in done.output, done.output
    assert choices(site) == {
        "Ana": [{"title": "Menos carne", "date": PartialDate(2020, 11, 3), "theme": ("food", "health"), "level": "family",
                 "before": Quantity(Decimal(7), "repas"), "after": Quantity(Decimal(3))}],
        "Zoé Lefèvre": [{"title": "Vélo", "date": PartialDate(2021, 3), "theme": ("transport",), "level": "citizen",
                         "before": Quantity(Decimal("1234.5")), "after": Quantity(Decimal(2))}],
        "Bo": [{"title": "Garden", "date": PartialDate(2020), "theme": ("food",), "level": "family"}]}
    text = page(site, "Ana").read_text(encoding="utf-8")
    assert "== As minhas escolhas ==" in text and "{{Escolha\n|título=Menos carne\n|data=2020-11-03" in text.partition("== As")[2]
    before = {path.name: path.read_bytes() for path in page(site, "Ana").parent.iterdir()}
    again = bring(site, GOOD)
    assert again.exit_code == 0 and "0 pages created, 0 changed" in again.output
    assert {path.name: path.read_bytes() for path in page(site, "Ana").parent.iterdir()} == before
    assert "0 pages created, 0 changed" not in call(site, "run").output  # the summaries count them
    assert "0 pages created, 0 changed" in call(site, "run").output


def test_on_an_embedded_wiki_and_a_real_one(place: Place) -> None:
    place.run()
    path = place.site.folder / "w.csv"
    path.write_text("participante;título;data;descrição\nAna Silva;Menos carne;3/11/2020;\"a\n* {{b}} | c\"\n"
                    "Ana Silva (Praia);A pé;2021;\n", encoding="utf-8")
    with pytest.raises(SettingsError, match="CSV UTF-8"), Session(place.site) as session:
        session.run((Import(path.with_suffix(".ods")),))
    with Session(place.site) as session:
        session.sync()
        assert [step.action for step in session.plan((Import(path),))] == [Action.UPDATE]
        done = session.run((Import(path),))
        assert (done.created, done.changed, len(done.failed)) == (0, 1, 1)
    path.write_text(path.read_text(encoding="utf-8").replace("\nAna Silva;", f"\n{place.prefix}P/Ana Silva;"), encoding="utf-8")
    with Session(place.site) as session:
        assert session.run((Import(path),)).changed == 1
        assert session.run((Import(path),)).changed == 0
        (head,) = session.mirror.heads((), [f"{place.prefix}P/Ana Silva"]).values()
        assert [dict(entry.fields) for _, _, entry in session.mirror.entries(head.id)][1:] == [
            {"title": "Menos carne", "date": PartialDate(2020, 11, 3), "description": "a\n* {{b}} | c"}]
    text = place.page(f"{place.prefix}P/Ana Silva").text
    assert text.count("wikibridge:begin import-") == 1 and regions.find(text)[0][0].ours


def test_the_table_of_the_documentation(site: Site) -> None:
    text = (Path(__file__).parent.parent / "docs" / "data.md").read_text(encoding="utf-8")
    assert bring(site, text.partition("```csv\n")[2].partition("```")[0]).exit_code == 0
    assert {name: [each["title"] for each in found] for name, found in choices(site).items()} == {
        "Ana": ["À pied"], "Zoé Lefèvre": ["Moins de viande"]}


def test_a_longer_file_adds_its_new_rows_only(site: Site) -> None:
    bring(site, GOOD)
    done = bring(site, GOOD + "Ana;Horta;2021;food;family;;\n", "second.csv")
    assert "0 pages created, 1 changed" in done.output
    assert [each["title"] for each in choices(site)["Ana"]] == ["Menos carne", "Horta"]


def test_what_a_participant_makes_of_it_stays(site: Site) -> None:
    bring(site, GOOD)
    path = page(site, "Ana")
    edited = path.read_text(encoding="utf-8").replace("Menos carne", "Muito menos carne") + "\nMy words."
    path.write_text(edited, encoding="utf-8")
    assert "0 pages created, 0 changed" in bring(site, GOOD).output
    assert path.read_text(encoding="utf-8") == edited and choices(site)["Ana"][0]["title"] == "Muito menos carne"
    path.write_text(edited.replace(edited.partition("hash=")[2].partition("-->\n")[2].partition("\n<!--")[0], ""), encoding="utf-8")
    assert "0 pages created, 0 changed" in bring(site, GOOD).output and "Ana" not in choices(site)


def test_what_a_participant_deleted_stays_deleted(site: Site) -> None:
    before = page(site, "Ana").read_text(encoding="utf-8")
    bring(site, GOOD)
    page(site, "Ana").write_text(before, encoding="utf-8")
    done = bring(site, GOOD + "Ana;Horta;2021;food;family;;\n")
    assert "1 changed" in done.output and [each["title"] for each in choices(site)["Ana"]] == ["Horta"]
    page(site, "Ana").write_text(before, encoding="utf-8")
    assert "0 changed" in bring(site, GOOD + "Ana;Horta;2021;food;family;;\n").output and "Ana" not in choices(site)


def test_it_is_looked_at_before_written_and_taken_back(site: Site) -> None:
    (site.folder / "w.csv").write_text(GOOD, encoding="utf-8")
    shown = call(site, "plan", "--import", str(site.folder / "w.csv"))
    assert "To change: 3" in shown.output and "+{{Escolha" in shown.output and not choices(site)
    (site.folder / "plan.json").write_text(call(site, "plan", "--import", str(site.folder / "w.csv"), "--json").stdout, encoding="utf-8")
    assert "3 changed" in call(site, "apply", str(site.folder / "plan.json")).output and len(choices(site)) == 3
    number = json.loads(call(site, "log", "--json").stdout)[0]["run"]
    page(site, "Bo").write_text(page(site, "Bo").read_text(encoding="utf-8") + "\nMy words.\n", encoding="utf-8")
    assert "3 changed" in call(site, "undo", str(number)).output and not choices(site)
    assert page(site, "Bo").read_text(encoding="utf-8").rstrip().endswith("== My choices ==\n\nMy words.")
    again = call(site, "import", str(site.folder / "w.csv"))
    assert "3 changed" in again.output and len(choices(site)) == 3  # asked for again is written again


def test_an_undo_leaves_what_a_participant_edited(site: Site) -> None:
    bring(site, GOOD)
    number = json.loads(call(site, "log", "--json").stdout)[0]["run"]
    path = page(site, "Ana")
    path.write_text(path.read_text(encoding="utf-8").replace("Menos carne", "Muito menos carne"), encoding="utf-8")
    done = call(site, "undo", str(number))
    assert "2 changed" in done.output and "Participants/Ana” was edited since" in done.output
    assert list(choices(site)) == ["Ana"] and choices(site)["Ana"][0]["title"] == "Muito menos carne"


def test_limits_hold_and_are_lifted_for_once(site: Site) -> None:
    with (site.folder / "wikibridge.yml").open("a", encoding="utf-8") as file:
        file.write("limits: {changed: 2}\n")
    site = Site(site.folder)
    done = bring(site, GOOD)
    assert done.exit_code == 1 and "limits.changed" in done.output and not choices(site)
    assert call(site, "import", str(site.folder / "workshop.csv"), "--yes-many").exit_code == 0 and len(choices(site)) == 3


@pytest.mark.parametrize(("row", "words"), [
    ("Zoe Lefevra;A;;", ("row 2", "“Zoe Lefevra” has no page", "Did you mean “Zoé Lefèvre”")),
    ("Xavier;A;;", ("row 2", "“Xavier” has no page", "participants.csv")),
    (";A;;", ("row 2", "no participant")),
    ("Ana;A;31/02/2020;", ("row 2, column “date”", "31/02/2020", "does not exist")),
    ("Ana;A;;foood", ("row 2, column “theme”", "foood", "Did you mean “food”")),
    ("Ana;A;;food, gardening", ("row 2, column “theme”", "gardening")),
    ("Ana;;2020;", ("row 2", "“title” is missing")),
    ("Ana;A;2020;food;more", ("row 2", "“more”", "quotation marks")),
    ("Ana;Write to ana@example.org;;", ("row 2, column “title”", "e-mail", "public")),
])
def test_a_row_that_cannot_be_read_is_told_and_the_others_come_in(site: Site, row: str, words: tuple[str, ...]) -> None:
    done = bring(site, f"participant;title;date;theme\n{row}\nBo;Garden;2020;food\n")
    assert done.exit_code == 3 and "not written: workshop.csv, row 2" in done.output, done.output
    for word in words:
        assert word in done.output, done.output
    assert {name: [each["title"] for each in found] for name, found in choices(site).items()} == {"Bo": ["Garden"]}
    mended = bring(site, "participant;title;date;theme\nAna;A;2020;food\nBo;Garden;2020;food\n")
    assert mended.exit_code == 0 and "1 changed" in mended.output and len(choices(site)) == 2


@pytest.mark.parametrize(("text", "code", "words"), [
    ("title;date\nA;2020\n", 2, ("row 1", "no column “participant”", "title, date")),
    ("participant;colour\nAna;red\n", 2, ("row 1", "no column is named like a field", "title, date")),
    ("participant;theme;thèmes\nAna;food;health\n", 2, ("row 1", "“theme” and “thèmes”")),
    ("participant;title;tehme\nAna;A;food\n", 3, ("row 2, column “tehme”", "Did you mean “theme”")),
    ("participant;title;colour\nAna;A;red\n", 0, ("row 1", "no field “colour”", "left out")),
    ("participant;title\nAna;A\nAna;A\n", 0, ("row 3: the same as row 2",)),
    ("", 0, ("no rows",)),
    ('participant;title\n"Ana;A\n', 2, ("line",)),
    ("participant;type;title\nAna;choise;A\n", 3, ("row 2", "no entry type “choise”", "Choice")),
    ("participant;type;title\nAna;participant;A\n", 3, ("row 2", "no entry type “participant”")),
])
def test_a_table_with_a_fault_is_told(site: Site, text: str, code: int, words: tuple[str, ...]) -> None:
    done = bring(site, text)
    assert done.exit_code == code and "Traceback" not in done.output, done.output
    for word in ("workshop.csv", *words):
        assert word in done.output, done.output


@pytest.mark.parametrize(("language", "words"), [
    ("fr_BE.UTF-8", "non écrit\u00a0: workshop.csv, ligne 2, colonne «\u00a0date\u00a0»\u00a0: "), ("pt_PT.UTF-8", "não escrito: workshop.csv, linha 2, coluna «date»: "),
])
def test_faults_are_told_in_the_secretariats_language(site: Site, language: str, words: str) -> None:
    assert words in bring(site, "participant;title;date\nAna;A;31/02/2020\n", LC_ALL=language).output


@pytest.mark.parametrize("header", [
    "participant,title,date,theme", "Nom,Titre,Date,Thème", "NOME,título,DATA,tema", "Participante,TITULO,data,Temas", "Full name,Choice,when,topics", "Participant(e),titre,Date,Thématique",
])
def test_columns_in_any_language(site: Site, header: str) -> None:
    done = bring(site, f"{header}\nAna,Garden,2020,food\n")
    assert done.exit_code == 0, done.output
    assert choices(site) == {"Ana": [{"title": "Garden", "date": PartialDate(2020), "theme": ("food",)}]}


def test_several_types_in_one_table(site: Site) -> None:
    done = bring(site, "participant;type;title;date;rating;use\nAna;Outil;Calendar;;;learn\nBo;;Garden;2020;4;\nBo;proposta;Meet;2021;;\n")
    assert done.exit_code == 0, done.output
    assert choices(site) == {"Ana": [{"title": "Calendar", "use": ("learn",)}], "Bo": [
        {"title": "Garden", "date": PartialDate(2020), "rating": Decimal(4)}, {"title": "Meet", "date": PartialDate(2021)}]}


def test_a_criterion_gets_its_dimension(site: Site) -> None:
    done = bring(site, "participant;type;title;component\nAna;criterion;Work;A06\nBo;criterion;Rest;something else\n")
    assert done.exit_code == 3 and "row 3, column “component”" in done.output
    assert choices(site) == {"Ana": [{"title": "Work", "component": "A06", "dimension": "means"}]}


def test_a_table_of_criteria_by_group_needs_neither_type_nor_participant(make_site: Callable[..., Site]) -> None:
    site = make_site("name,kind,territory\nJeunes,groupe,Namur\nAînés,groupe,Namur\n")
    with Session(site) as session:
        session.run()
    done = bring(site, "Groupe homogène;Critère;Question;Dimension;Composante;Situation\nJeunes;Avoir un logement;1;A;A05;mauvaise\n"
                       "aines;Être écouté;bien-être;E;;très bonne\nInconnus;Rien;1;A;;bonne\n")
    assert done.exit_code == 3 and "Inconnus" in done.output
    assert [(name, each["text" if "text" in each else "title"], each["group"], each["situation"])
            for name, found in sorted(choices(site).items()) for each in found] == [
        ("Aînés", "Être écouté", "aines", "very_good"), ("Jeunes", "Avoir un logement", "Jeunes", "bad")]


def test_two_people_of_one_name(make_site: Callable[..., Site]) -> None:
    site = make_site("name,territory\nAna,Faro\nAna,Praia\n")
    with Session(site) as session:
        session.run()
    done = bring(site, "participant;title\nAna;A\nAna (Praia);B\nParticipants/Ana;C\n")
    assert done.exit_code == 3 and "row 2: several pages are called “Ana”: Participants/Ana, Participants/Ana (Praia)" in done.output
    assert {name: [each["title"] for each in found] for name, found in choices(site).items()} == {"Ana": ["C"], "Ana (Praia)": ["B"]}


def test_a_page_that_was_renamed_keeps_its_person_and_its_old_title_may_be_anothers(site: Site) -> None:
    page(site, "Ana").rename(page(site, "Ana Silva"))
    page(site, "Ana").write_text("{{Participant|name=Ana|language=English}}\n", encoding="utf-8")
    with Session(site) as session:
        session.sync()
    done = bring(site, "participant;title\nParticipants/Ana;A\nAna Silva;B\n")
    assert done.exit_code == 0, done.output
    assert {name: [each["title"] for each in found] for name, found in choices(site).items()} == {"Ana": ["A"], "Ana Silva": ["B"]}


def test_pages_that_cannot_take_it_are_left_alone(site: Site) -> None:
    for name, text in {"Ana": "<!-- open", "Bo": "{{nobots}}"}.items():
        page(site, name).write_text(page(site, name).read_text(encoding="utf-8") + "\n" + text, encoding="utf-8")
    done = bring(site, GOOD)
    assert "never closed" in done.output and "stay away" in done.output and "1 changed" in done.output
    assert list(choices(site)) == ["Zoé Lefèvre"]


def test_a_page_with_half_a_region_is_left_alone_and_told(site: Site) -> None:
    bring(site, "participant;title\nAna;A\n")
    path = page(site, "Ana")
    path.write_text(path.read_text(encoding="utf-8").rpartition("<!--")[0], encoding="utf-8")
    done = bring(site, "participant;title\nAna;A\nAna;B\n")
    assert "0 changed" in done.output and "there twice, or one of them is missing" in done.output
    assert [each["title"] for each in choices(site)["Ana"]] == ["A"]


def test_below_an_entry_of_the_participants_own_both_are_read(site: Site) -> None:
    page(site, "Bo").write_text("{{Participant|name=Bo}}\n== Choice: Less meat ==\n* Date: 2020\n\nWe eat lentils.", encoding="utf-8")
    bring(site, "participant;title\nBo;Garden\n")
    assert choices(site)["Bo"] == [
        {"title": "Less meat", "date": PartialDate(2020), "description": "We eat lentils."}, {"title": "Garden"}]


def test_what_the_cells_hold_is_text_on_the_page(site: Site) -> None:
    evil = "{{Evil}} [[File:x]] ~~~~ <script> <!-- wikibridge:end import-1 --> |x=y }}"
    done = bring(site, f'participant;title;description\nAna;"{evil}";"* one\r\n== two ==\n\u202ethree"\n')
    assert done.exit_code == 0, done.output
    assert choices(site)["Ana"] == [{"title": evil, "description": "* one\n== two ==\nthree"}]


def test_a_dump_is_still_a_dump(site: Site) -> None:
    done = call(site, "import", str(site.folder / "none.xml"))
    assert done.exit_code == 2 and "none.xml cannot be read" in done.output


# The law: what is written in a table is what is read from the wiki.


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(found=st.lists(entries(SCHEMA.types["choice"]), min_size=1, max_size=2), language=st.sampled_from(["en", "fr", "pt"]))
def test_any_choice_comes_through_a_table(site: Site, found: list[dict[str, Value]], language: str) -> None:
    for name in ("Ana", "Zoé Lefèvre", "Bo"):
        page(site, name).write_text(f"{{{{Participant|name={name}|language={language}}}}}", encoding="utf-8")
    for path in site.state.glob("journal.db*"):
        path.unlink()  # what an example before this one put there and was deleted would stay deleted
    kind = SCHEMA.types["choice"]
    names = [field.name for field in kind.fields]
    out = io.StringIO()
    table = csv.writer(out)
    table.writerow(["participant", *(kind.by_name[name].names[language][0] for name in names)])
    for fields in found:
        table.writerow(["Bo", *(cell(fields[name], language) if name in fields else "" for name in names)])
    done = bring(site, out.getvalue())
    assume("could not be read as it is meant" not in done.output)
    assert done.exit_code == 0, done.output
    assert choices(site)["Bo"] == [fields for i, fields in enumerate(found) if fields not in found[:i]]


def cell(value: Value, language: str) -> str:
    return "; ".join(value) if isinstance(value, tuple) else typed(value, language)


# XLSX


def xlsx(path: Path, rows: list[list[Any]], shown: dict[str, str] | None = None) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    for place, form in (shown or {}).items():
        book.active[place].number_format = form
    book.save(path)


def test_a_spreadsheet_with_dates_and_numbers(site: Site) -> None:
    xlsx(site.folder / "w.xlsx", [
        ["Faro, 2021"], ["Participante", "Título", "Data", "Antes", "Avaliação"], ["Ana", "Dia", date(2020, 11, 3), 1.234, 4], [],
        ["Ana", "Mês", date(2020, 11, 1), 7, 5.0], ["Ana", "Ano", 2021, 0.01234, None]],
        {"C3": "dd/mm/yyyy", "C5": "mmm yyyy", "D6": "0%"})
    done = call(site, "import", str(site.folder / "w.xlsx"))
    assert done.exit_code == 0, done.output
    assert choices(site)["Ana"] == [
        {"title": "Dia", "date": PartialDate(2020, 11, 3), "before": Quantity(Decimal("1.234")), "rating": Decimal(4)},
        {"title": "Mês", "date": PartialDate(2020, 11), "before": Quantity(Decimal(7)), "rating": Decimal(5)},
        {"title": "Ano", "date": PartialDate(2021), "before": Quantity(Decimal("1.234"), "%")}]
    as_csv = "participant;title;date;before;rating\nAna;Dia;3/11/2020;1.2340;4\nAna;Mês;Nov 2020;7;5\nAna;Ano;2021;1.2340 %;\n"
    assert "0 changed" in bring(site, as_csv).output  # the same rows, whatever the file


def test_formulas_and_errors_of_a_spreadsheet(site: Site) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    for row in (["participant", "title", "after"], ["Ana", "A", "=1+1"], ["Ana", "B", "#REF!"], ["Bo", "C", 3]):
        book.active.append(row)
    book["Sheet"]["C3"].data_type = "e"
    book.create_sheet("More")
    book.save(site.folder / "w.xlsx")
    done = call(site, "import", str(site.folder / "w.xlsx"))
    assert done.exit_code == 3 and "only the first sheet, “Sheet”" in done.output
    assert "row 2, column “after”: the formula has not been calculated" in done.output
    assert "row 3, column “after”: the cell shows the error #REF!" in done.output
    assert list(choices(site)) == ["Bo"]
    # As a spreadsheet program saves it: with what the formula gave.
    calculated(site.folder / "w.xlsx", "1+1", "2")
    assert call(site, "import", str(site.folder / "w.xlsx")).exit_code == 3
    assert choices(site)["Ana"] == [{"title": "A", "after": Quantity(Decimal(2))}]


def calculated(path: Path, formula: str, value: str) -> None:
    from zipfile import ZipFile

    with ZipFile(path) as package:
        parts = {name: package.read(name) for name in package.namelist()}
    sheet = parts["xl/worksheets/sheet1.xml"].decode()
    assert f"<f>{formula}</f>" in sheet
    sheet = sheet.replace(f"<f>{formula}</f><v></v>", f"<f>{formula}</f><v>{value}</v>").replace(
        f"<f>{formula}</f><v />", f"<f>{formula}</f><v>{value}</v>").replace(f"<f>{formula}</f><v/>", f"<f>{formula}</f><v>{value}</v>")
    assert f"<v>{value}</v>" in sheet
    with ZipFile(path, "w") as package:
        for name, data in {**parts, "xl/worksheets/sheet1.xml": sheet.encode()}.items():
            package.writestr(name, data)


@pytest.mark.parametrize("data", [b"", b"hello", b"PK\x03\x04broken"])
def test_a_spreadsheet_that_is_none(site: Site, data: bytes) -> None:
    pytest.importorskip("openpyxl")
    (site.folder / "w.xlsx").write_bytes(data)
    done = call(site, "import", str(site.folder / "w.xlsx"))
    assert done.exit_code == 2 and "w.xlsx cannot be read as a spreadsheet" in done.output


def test_what_a_spreadsheet_needs_is_told(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "openpyxl", None)
    (site.folder / "w.xlsx").write_bytes(b"PK")
    done = call(site, "import", str(site.folder / "w.xlsx"))
    assert done.exit_code == 2 and 'pip install "wikibridge[xlsx]"' in done.output
    for name in ("w.xls", "w.ods"):
        assert "Save it as CSV UTF-8" in call(site, "import", str(site.folder / name)).output
    assert "none.csv cannot be read" in call(site, "import", "none.csv").output


@pytest.mark.parametrize(("shown", "found"), [
    ("dd/mm/yyyy", "2020-11-01"), ("mmm-yy", "2020-11"), ("yyyy", "2020"), ("General", "2020-11-01"), ('[$-816]mmmm" de "yyyy', "2020-11"),
    ("yyyy-mm-dd h:mm:ss", "2020-11-01"),
])
def test_a_date_is_as_precise_as_its_cell_shows_it(shown: str, found: str) -> None:
    assert str(tables._date(date(2020, 11, 1), shown)) == found


def test_entries_in_other_regions_are_not_read() -> None:
    from wikibridge.entries.read import read
    from wikibridge.markup.regions import region

    call = "{{Choice|title=A}}"
    assert read(region("by-theme", call), SCHEMA, "en").entries == ()
    found: tuple[Entry, ...] = read(region("import-0123456789ab", call), SCHEMA, "en").entries
    assert [entry.fields for entry in found] == [{"title": "A"}]
