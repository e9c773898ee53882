"""Tables out of the mirror: what they hold is what was read, no cell is a formula, nothing private is in them."""

from __future__ import annotations

import csv
import json
import re
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.test_write import SCHEMA, entries
from wikibridge import Session, Site
from wikibridge.cli.main import cli
from wikibridge.errors import SettingsError
from wikibridge.export import formats, package
from wikibridge.export.tables import tables
from wikibridge.i18n import LANGUAGES
from wikibridge.mirror.store import Mirror
from wikibridge.model import Entry, Page, PartialDate, Period, Quantity, Value

TIME = datetime(2021, 3, 4, 5, 6, 7, tzinfo=UTC)
CHOICES = """
== My choices ==
{{Choice|title==HYPERLINK("http://x","y")|date=3 Nov 2020|theme=food, health|level=family|before=7 km|after=-2|rating=4|tool=+1;@b|colour=red}}
{{Choice|title=Bike|date=yesterday|description=one<br>two, "three"}}
{{Tool|title=Calendar|theme=food|links=https://example.org/a}}
"""


def written(site: Site, text: str = CHOICES, title: str = "Ana") -> Site:
    """The site after a run and an edit of a participant's page."""
    with Session(site) as session:
        session.run()
    path = site.folder / "wiki" / "Participants" / f"{title}.wiki"
    path.write_text(path.read_text(encoding="utf-8") + text, encoding="utf-8")
    return site


def export(site: Site, *options: str) -> Path:
    folder = site.folder / "out"
    done = CliRunner().invoke(cli, ["--site", str(site.folder), "export", str(folder), *options])
    assert done.exit_code == 0, done.output
    return folder


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, strict=True))


def test_a_folder_of_tables(make_site: Callable[..., Site]) -> None:
    folder = export(written(make_site("name,language,territory,email\nAna,en,Cork,ana@example.org\n")))
    first, second = rows(folder / "choice.csv")
    assert first["page"] == "Participants/Ana" and first["section"] == "My choices" and first["page_id"].isdigit()
    assert first["title"] == '\'=HYPERLINK("http://x","y")' and first["tool"] == "'+1;@b"
    assert (first["date"], first["theme"], first["level"], first["rating"]) == ("2020-11-03", "food;health", "family", "4")
    assert (first["before"], first["before_unit"], first["after"], first["after_unit"]) == ("7", "km", "-2", "")
    assert json.loads(first["unknown"]) == {"colour": "red"} and re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", first["seen"])
    assert second["description"] == 'one\ntwo, "three"' and second["date"] == ""
    assert (folder / "choice.csv").read_bytes().count(b"\r\n") == 3
    assert [row["title"] for row in rows(folder / "tool.csv")] == ["Calendar"] and rows(folder / "meeting.csv") == []
    (person,) = rows(folder / "participants.csv")
    assert (person["name"], person["language"], person["territory"], person["entries"], person["problems"]) == ("Ana", "en", "Cork", "3", "2")
    assert {row["code"] for row in rows(folder / "problems.csv")} == {"date-relative", "field-unknown"}
    assert all(row["message"] for row in rows(folder / "problems.csv"))
    assert not list(folder.glob(".export-*"))


def test_the_same_bytes_twice_and_for_a_mirror_filled_anew(make_site: Callable[..., Site]) -> None:
    site = written(make_site("name\nAna\nBo\n"))

    def bytes_of() -> dict[str, bytes]:
        return {path.name: path.read_bytes() for path in export(site, "--bom").iterdir()}

    first = bytes_of()
    assert first["choice.csv"].startswith(b"\xef\xbb\xbfpage_id,") and bytes_of() == first
    (site.folder / ".wikibridge" / "mirror.db").unlink()
    assert bytes_of() == first


def test_the_package_describes_every_file_and_column(make_site: Callable[..., Site]) -> None:
    folder = export(written(make_site("name\nAna\n")))
    described = json.loads((folder / package.PACKAGE).read_text(encoding="utf-8"))
    assert described["profile"] == "tabular-data-package"
    assert {each["path"] for each in described["resources"]} == {path.name for path in folder.glob("*.csv")}
    for each in described["resources"]:
        path = folder / each["path"]
        assert each["bytes"] == path.stat().st_size
        with path.open(encoding="utf-8", newline="") as file:
            assert next(csv.reader(file)) == [field["name"] for field in each["schema"]["fields"]]
        assert each["path"].startswith("dictionary") or all(field["description"] for field in each["schema"]["fields"])
    (choice,) = [each["schema"] for each in described["resources"] if each["name"] == "choice"]
    kinds = {field["name"]: field["type"] for field in choice["fields"]}
    assert (kinds["page_id"], kinds["before"], kinds["before_unit"], kinds["seen"], kinds["unknown"]) == (
        "integer", "number", "string", "datetime", "object")
    assert choice["primaryKey"] == ["page_id", "key"]
    assert "family" in next(field for field in choice["fields"] if field["name"] == "level")["constraints"]["enum"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_dictionary_tells_fields_and_terms_in_each_language(make_site: Callable[..., Site], language: str) -> None:
    lines = rows(export(make_site()) / f"dictionary.{language}.csv")
    field, term = SCHEMA.types["choice"].by_name["theme"], SCHEMA.vocabularies["theme"]["food"]
    found = {(line["table"], line["column"], line["value"]): line for line in lines}
    assert found["choice", "theme", ""]["label"] == field.names[language][0]
    assert found["choice", "theme", ""]["description"].startswith(field.help[language])
    assert found["choice", "theme", "food"]["label"] == getattr(term, language)
    assert ("choice", "before_unit", "") in found and found["choice", "", ""]["label"] == SCHEMA.types["choice"].plural[language]
    assert all(line["description"] for line in lines if line["column"] and not line["value"])


PRIVATE = ("ana.silva@example.org", "+351 912 345 678", "0478 12 34 56", "secretary-note")


@pytest.mark.parametrize("format_", ["csv", "jsonl", "parquet"])
def test_nothing_private_is_in_any_file(make_site: Callable[..., Site], format_: str) -> None:
    if format_ == "parquet":
        pytest.importorskip("pyarrow")
    mail, phone, other, note = PRIVATE
    site = make_site(f"name,user,email,phone,note\nAna,,{mail},{phone},{note}\n")
    text = f"\n\n== Write to {mail} ==\n" + "".join(
        f"{{{{Choice|title={'x' * length} {mail}|date={mail}|theme={phone}|links={mail}; {other}|{mail}=1|colour={phone}|rest}}}}\n"
        for length in range(1, 60, 3)) + f"{{{{Choise|title={mail}|before={phone}|level={other}|description={{{{Mail {mail}}}}}}}}}\n"
    folder = export(written(site, text), "--format", format_)
    with closing(Mirror(site.folder / ".wikibridge" / "mirror.db")) as mirror:
        assert mirror.counts()["entries"] == 22 and mirror.counts()["problems"] > 60
    for path in folder.iterdir():
        if path.suffix == ".parquet":
            from pyarrow import parquet

            said = repr(parquet.read_table(path).to_pylist())
        else:
            said = path.read_text(encoding="utf-8")
        found = [word for word in (*PRIVATE, "ana.silva", "@exam", "912 345", "12 34 5") if word in said]
        assert not found, (path.name, found)


def test_a_title_with_an_address_loses_it(make_site: Callable[..., Site]) -> None:
    with closing(Mirror(None)) as mirror:
        mirror.save([(Page(1, "Participants/ana@example.org", 1, "", TIME), (), ())])
        table = {each.name: each for each in tables(mirror, SCHEMA, "Participants/")}["participants"]
        assert [row[:2] for row in table.rows()] == [(1, "Participants/…")]


# The law: what is parsed back is what the mirror holds.

SIGNS = ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠", "'", "'=", "''@", "1", "-1", "+1.5", "-1+1", "é", ",", '"', ";", " "]
FORMULAS = st.lists(st.sampled_from(SIGNS), min_size=1, max_size=5).map("".join)


@given(FORMULAS)
@example("-1")
@example("'-1")
def test_no_cell_is_a_formula_and_the_guard_comes_off(text: str) -> None:
    cell = formats.guarded(text)
    assert re.fullmatch(r"[+-]?\d+(\.\d+)?", cell) or cell[0] not in "=+-@\t\r\n＝＋－＠"
    assert unguarded(cell) == text


def unguarded(cell: str) -> str:
    return cell[1:] if re.match("'+[=+\\-@\t\r\n＝＋－＠]", cell) else cell


def date(text: str) -> PartialDate | Period:
    if "/" in text:
        start, end = (None if part == ".." else PartialDate(*map(int, part.split("-"))) for part in text.split("/"))
        return Period(start, end)
    return PartialDate(*map(int, text.split("-")))


def from_csv(row: dict[str, str], type_: str) -> dict[str, Value]:
    found: dict[str, Value] = {}
    for field in SCHEMA.types[type_].fields:
        cell = row[field.name]
        if not cell:
            continue
        if field.several:
            found[field.name] = tuple(each.replace("%3B", ";") for each in unguarded(cell).split(";"))
        else:
            readers: dict[str, Callable[[str], Value]] = {
                "date": date, "number": Decimal, "rating": Decimal, "yes_no": lambda text: {"true": True, "false": False}[text],
                "quantity": lambda text, name=field.name: Quantity(Decimal(text), unguarded(row[f"{name}_unit"]))}  # type: ignore[misc]
            found[field.name] = readers.get(field.kind, unguarded)(cell)
    return found


def from_json(row: dict[str, Any], type_: str) -> dict[str, Value]:
    found: dict[str, Value] = {}
    for field in SCHEMA.types[type_].fields:
        value = row[field.name]
        if value is None:
            continue
        if isinstance(value, dict):
            value = Quantity(value["amount"], value["unit"])
        elif isinstance(value, list):
            value = tuple(value)
        elif field.kind == "date":
            value = date(value)
        found[field.name] = value
    return found


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("law")


TYPES = sorted(set(SCHEMA.types) - {"participant"})


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(type_=st.sampled_from(TYPES), data=st.data())
def test_what_is_parsed_back_is_what_the_mirror_holds(folder: Path, type_: str, data: st.DataObject) -> None:
    texts = [field.name for field in SCHEMA.types[type_].fields if field.kind in ("text", "long_text") and not field.several]
    awkward = st.fixed_dictionaries({}, optional={name: FORMULAS for name in texts})
    found = data.draw(st.lists(st.tuples(entries(SCHEMA.types[type_]), awkward).map(lambda pair: {**pair[0], **pair[1]}), max_size=3))
    found = [{name: value for name, value in fields.items() if value != ""} for fields in found]
    with closing(Mirror(None)) as mirror:
        made = tuple(Entry(type_, number, 1, (0, 1), fields) for number, fields in enumerate(found, 1))
        mirror.save([(Page(7, "P/A", 1, "", TIME), made, ())])
        held = [dict(entry.fields) for _, _, entry in mirror.entries(7)]
        for format_ in ("csv", "jsonl"):
            package.write(folder, tables(mirror, SCHEMA, "P/"), "wiki", format_)
    assert [from_csv(row, type_) for row in rows(folder / f"{type_}.csv")] == held
    lines = (folder / f"{type_}.jsonl").read_text(encoding="utf-8").splitlines() if held else []
    parsed = [json.loads(line, parse_float=Decimal, parse_int=Decimal) for line in lines]
    assert [from_json(row, type_) for row in parsed] == held


def test_a_separator_within_an_address_is_written_as_a_code(folder: Path) -> None:
    with closing(Mirror(None)) as mirror:
        fields = {"title": "x", "links": ("https://a.org/x;y", "https://b.org")}
        mirror.save([(Page(7, "P/A", 1, "", TIME), (Entry("tool", 1, 1, (0, 1), fields),), ())])
        package.write(folder, tables(mirror, SCHEMA, "P/"), "wiki")
    assert rows(folder / "tool.csv")[0]["links"] == "https://a.org/x%3By;https://b.org"


def test_parquet_has_types(make_site: Callable[..., Site]) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    table = parquet.read_table(export(written(make_site("name\nAna\n")), "--format", "parquet") / "choice.parquet")
    kinds = {field.name: str(field.type) for field in table.schema}
    assert (kinds["page_id"], kinds["before"], kinds["theme"], kinds["seen"]) == (
        "int64", "double", "list<element: string>", "timestamp[s, tz=UTC]") or kinds["theme"].startswith("list<")
    first, second = table.to_pylist()
    assert first["theme"] == ["food", "health"] and (first["after"], first["after_unit"]) == (-2.0, "") and second["before"] is None
    assert first["title"].startswith("=HYPERLINK") and isinstance(first["seen"], datetime)


def test_what_parquet_needs_is_told_when_it_is_missing(make_site: Callable[..., Site], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(formats, "find_spec", lambda name: None)
    site = make_site("name\nAna\n")
    done = CliRunner().invoke(cli, ["--site", str(site.folder), "export", "out", "--format", "parquet"])
    assert done.exit_code == 2 and 'pip install "wikibridge[parquet]"' in done.output
    done = CliRunner().invoke(cli, ["--site", str(site.folder), "export", "out", "--format", "jsonl", "--bom"])
    assert done.exit_code == 2 and "--format csv" in done.output


def test_a_folder_that_cannot_be_written_leaves_nothing_half_done(make_site: Callable[..., Site]) -> None:
    site = written(make_site("name\nAna\n"))
    (site.folder / "out").write_text("a file", encoding="utf-8")
    done = CliRunner().invoke(cli, ["--site", str(site.folder), "export", str(site.folder / "out")])
    assert done.exit_code == 2 and "cannot be written" in done.output
    assert (site.folder / "out").read_text(encoding="utf-8") == "a file"


def test_files_are_there_whole_or_as_before(make_site: Callable[..., Site], monkeypatch: pytest.MonkeyPatch) -> None:
    folder = export(written(make_site("name\nAna\n")))
    before = {path.name: path.read_bytes() for path in folder.iterdir()}

    def full(*_: object) -> int:
        raise OSError(28, "No space left on device")

    with closing(Mirror(None)) as mirror:
        monkeypatch.setattr(package, "_dictionary", full)
        with pytest.raises(SettingsError, match="No space left"):
            package.write(folder, tables(mirror, SCHEMA, "Participants/"), "wiki")
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_a_sites_own_types_and_fields_of_taken_names(make_site: Callable[..., Site]) -> None:
    def field(name: str, kind: str) -> str:
        words = f"{{en: [{name}], fr: [{name}], pt: [{name}]}}"
        return f"  - {{name: {name}, kind: {kind}, names: {words}, help: {{en: h, fr: h, pt: h}}, example: {{en: e, fr: e, pt: e}}}}\n"

    own = "names: {en: [Trouble], fr: [Ennui], pt: [Maçada]}\nlabel: {en: T, fr: T, pt: T}\nplural: {en: T, fr: T, pt: T}\nfields:\n"
    site = make_site("name\nAna\n", files={"entries/problems.yml": own + field("page", "page") + field("cost", "quantity") + field("cost_unit", "text")})
    folder = export(written(site, "\n{{Trouble|page=Main|cost=3 €|cost_unit=x}}\n"))
    (row,) = rows(folder / "entries-problems.csv")
    assert (row["page"], row["field_page"], row["cost"], row["field_cost_unit"], row["cost_unit"]) == (
        "Participants/Ana", "Main", "3", "€", "x")
    assert "code" in (folder / "problems.csv").read_text(encoding="utf-8")


def test_memory_stays_flat(folder: Path) -> None:
    def pages(count: int) -> Iterator[tuple[Page, tuple[Entry, ...], tuple[()]]]:
        for number in range(count):
            yield Page(number, f"P/{number}", 1, "", TIME), tuple(
                Entry("choice", each, 1, (0, 1), {"title": f"{number} {each} " + "word " * 50}) for each in range(1, 11)), ()

    def peak(count: int) -> int:
        with closing(Mirror(None)) as mirror:
            mirror.save(pages(count))
            tracemalloc.start()
            counts = package.write(folder, tables(mirror, SCHEMA, "P/"), "wiki")
            most = tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()
        assert counts["choice.csv"] == 10 * count
        return most

    peak(10)
    assert peak(1000) < 1.5 * peak(100)


def test_a_dump_is_written_where_a_file_is_named(make_site: Callable[..., Site]) -> None:
    site = make_site("name\nAna\n")
    done = CliRunner().invoke(cli, ["--site", str(site.folder), "export", str(site.folder / "pages.xml")])
    assert done.exit_code == 0 and (site.folder / "pages.xml").read_text(encoding="utf-8").startswith("<?xml")
