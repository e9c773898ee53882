"""The table of components: what is shipped, what is read by it, and how a site puts its own in its place."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from wikibridge.entries.components import FILE
from wikibridge.entries.problems import sentence
from wikibridge.entries.read import read
from wikibridge.entries.types import Schema, of_site, shipped
from wikibridge.entries.write import as_call
from wikibridge.errors import SettingsError
from wikibridge.i18n import LANGUAGES
from wikibridge.jobs.install import help_page
from wikibridge.markup import wikitext
from wikibridge.model import Term

HERE = Path(__file__).parent.parent
PAGE = (HERE / "docs" / "criteria.md").read_text(encoding="utf-8")
TABLE: dict[str, Any] = yaml.safe_load((HERE / "wikibridge" / "entries" / FILE).read_text(encoding="utf-8"))
SOURCE = 'sources: {s: {title: T, publisher: P, year: 2015, where: "p. 3"}}\n'
NINE = "dimension:\n" + "".join(
    f"  d{letter}: {{en: {letter} en, fr: {letter} fr, pt: {letter} pt, aliases: [{letter}]}}\n" for letter in "ABCDEFGHI")


def of(schema: Schema, text: str, language: str = "en") -> tuple[dict[str, str], list[tuple[str, str]]]:
    """The component and dimension of a criterion, and what is told."""
    found = read("{{Criterion|text=x|" + text + "}}", schema, language)
    fields = {name: str(value) for name, value in found.entries[0].fields.items() if name != "title"}
    return fields, [(problem.code, problem.suggestion) for problem in found.problems]


def rows(heading: str) -> list[list[str]]:
    """The cells of the first table below a heading of the page."""
    lines = PAGE.partition(heading)[2].partition("|---|")[2].splitlines()[1:]
    table = lines[: next(i for i, line in enumerate(lines) if not line.startswith("|"))]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table]


def test_every_name_says_where_it_was_read_and_every_source_where_it_is() -> None:
    for code, component in TABLE["components"].items():
        names = [component[language] for language in LANGUAGES if language in component]
        assert names, code
        assert all(name["name"] and name["source"] in TABLE["sources"] for name in names), code
    for source in TABLE["sources"].values():
        assert set(source) == {"title", "publisher", "year", "where"} and all(source.values())
    used = {component[language]["source"] for component in TABLE["components"].values() for language in LANGUAGES if language in component}
    assert used == set(TABLE["sources"])


def test_the_shipped_table_is_valid_and_each_of_its_codes_belongs_to_a_dimension() -> None:
    schema = shipped()
    assert set(schema.vocabularies["component"]) == set(TABLE["components"])
    assert all(schema.dimension(code) in schema.vocabularies["dimension"] for code in TABLE["components"])


def test_the_page_shows_the_shipped_table_as_it_is() -> None:
    assert {row[0]: [re.sub(" [¹²]$", "", cell) for cell in row[1:]] for row in rows("## The shipped table")} == {
        code: [component.get(language, {}).get("name", "") for language in LANGUAGES]
        for code, component in TABLE["components"].items()}
    assert f"**{len(TABLE['components'])} of 67**" in PAGE


@pytest.mark.parametrize("row", rows("## What is read as a component"), ids=lambda row: row[0])
def test_components_are_read_as_the_page_says(row: list[str]) -> None:
    typed, language, value, told = row
    fields, problems = of(shipped(), f"component={typed.strip('`')}", language)
    assert fields["component"] == value.strip("`")
    assert [code for code, _ in problems] == ([told.strip("`")] if told else [])


@pytest.mark.parametrize("typed", ["A1", "a01", "a-01", "Ａ０１", "A.1", "ALIMENTATION", "access to food", "drink", "« A01 »"])
def test_spellings_of_a_component(typed: str) -> None:
    assert of(shipped(), f"component={typed}", "fr") == ({"component": "A01", "dimension": "means"}, [])


@pytest.mark.parametrize("typed", ["a 20 minutes", "A", "A100", "AB1", "bonheur", "1", "OO"])
def test_what_is_no_component_is_kept_as_typed_and_not_counted(typed: str) -> None:
    (entry,) = read(f"{{{{Criterion|text=x|component={typed}}}}}", shipped(), "fr").entries
    assert entry.fields["component"] == typed and not isinstance(entry.fields["component"], Term)
    assert "dimension" not in entry.fields
    assert [code for code, _ in of(shipped(), f"component={typed}")[1]] == ["component-unknown"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_near_name_is_suggested_so_that_it_can_be_typed(language: str) -> None:
    (problem,) = read("{{Criterion|text=x|component=Houssing}}", shipped(), language).problems
    assert problem.suggestion == "A03 Housing / furniture" and problem.suggestion in sentence(problem, language)
    assert of(shipped(), f"component={problem.suggestion}")[0]["component"] == "A03"


def test_the_dimension_follows_from_the_component_where_none_was_read() -> None:
    assert of(shipped(), "component=B02") == ({"component": "B02", "dimension": "environment"}, [])
    assert of(shipped(), "component=C03")[0]["dimension"] == "institutions"
    assert of(shipped(), "component=I02") == ({"component": "I02"}, [])
    fields, problems = of(shipped(), "component=B02|dimension=xyz")
    assert fields["dimension"] == "environment" and problems == [("term-unknown", "")]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_component_of_another_dimension_than_the_typed_one_is_told_and_both_stay(language: str) -> None:
    text = "{{Criterion\n|text=x\n|dimension=B\n|component=A01\n}}"
    found = read(text, shipped(), language)
    assert {"component": "A01", "dimension": "environment"}.items() <= found.entries[0].fields.items()
    (problem,) = found.problems
    assert (problem.code, problem.line) == ("component-dimension", 4)
    told = sentence(problem, language)
    assert "A01" in told and "$" not in told
    assert of(shipped(), "component=A01|dimension=A")[1] == []


def test_a_table_of_components_proves_no_section_to_be_a_criterion() -> None:
    assert not read("== Amplifier ==\n* Component: C03\n* Date: 2021\n", shipped(), "en").entries


def test_labels_fall_back_to_another_language_and_then_to_the_code() -> None:
    schema = of_site({FILE: SOURCE + "components:\n  A01: {pt: {name: Alimentação, source: s}}\n  A02: {}\n"}, True)
    assert [schema.label("component", "A01", language) for language in LANGUAGES] == ["A01 Alimentação"] * 3
    assert schema.label("component", "A02", "fr") == "A02" and schema.label("component", "A99", "fr") == "A99"
    for code in ("A01", "A02"):
        fields = {"title": "x", "component": Term(code), "dimension": Term("means")}
        text = as_call(schema.types["criterion"], fields, schema, "fr", wikitext)
        assert dict(read(text, schema, "fr").entries[0].fields) == fields


def test_a_table_of_the_site_takes_the_place_of_the_whole_shipped_one() -> None:
    own = "components:\n  A01: {en: {name: Bread, source: s}}\n  A12: {fr: {name: Eau, source: s, page: 7, verified: true}}\n  I01: {}\n"
    schema = of_site({FILE: SOURCE + own, "vocabularies.yml": NINE}, True)
    assert list(schema.vocabularies["component"]) == ["A01", "A12", "I01"]
    assert of(schema, "component=bread") == ({"component": "A01", "dimension": "dA"}, [])
    assert of(schema, "component=i1") == ({"component": "I01", "dimension": "dI"}, [])
    assert of(schema, "component=Housing")[1] == [("component-unknown", "")]
    # It is complete: a code that is not in it is a mistake.
    assert of(schema, "component=A13") == ({"component": "A13"}, [("component-unknown", "A12 Eau")])
    assert of(schema, "component=B00")[1][0][0] == "component-unknown"
    assert of(of_site({FILE: SOURCE + "complete: false\n" + own, "vocabularies.yml": NINE}, True), "component=a13")[1] == []


def test_of_several_codes_that_are_as_near_none_is_suggested() -> None:
    schema = of_site({FILE: "components: {A01: {}, A02: {}}"}, True)
    assert of(schema, "component=A03")[1] == [("component-unknown", "")]


@pytest.mark.parametrize("own", ["", "components: {}\n"])
def test_without_a_table_every_code_is_taken(own: str) -> None:
    schema = of_site({FILE: own}, True)
    assert of(schema, "component=h 7") == ({"component": "H07", "dimension": "attitudes"}, [])
    assert of(schema, "component=food")[1] == [("component-unknown", "")]


def test_dimensions_of_the_site_go_with_the_shipped_components() -> None:
    assert of(of_site({"vocabularies.yml": NINE}, True), "component=housing")[0] == {"component": "A03", "dimension": "dA"}
    other = NINE.replace("aliases: [A]", "aliases: [Z]")
    assert of(of_site({"vocabularies.yml": other}, True), "component=housing") == ({"component": "A03"}, [])


def test_the_examples_of_the_page_are_a_site_s_files() -> None:
    blocks = dict(re.findall(r"```yaml\n# entries/(\S+)\n(.*?)```", PAGE, re.DOTALL))
    schema = of_site(blocks, True)
    assert of(schema, "component=alimentação")[0] == {"component": "A01", "dimension": "means"}
    assert of(schema, "component=médicos")[0]["component"] == "A02" and of(schema, "component=I1")[0]["dimension"] == "ninth"


WRONG = {
    "code": ("components:\n  A1: {}\n", 2, "a capital letter and two figures"),
    "letter": ("components:\n  A01: {}\n  Z01: {}\n", 3, "dimension"),
    "source missing": ("components:\n  A01:\n    en: {name: x}\n", 3, "components.A01.en.source"),
    "source unknown": (SOURCE + "components:\n  A01:\n    en: {name: x, source: t}\n", 4, "one of the sources of this file: s"),
    "no source": ("components:\n  A01:\n    en: {name: x, source: t}\n", 3, "none yet"),
    "source without a year": ("sources:\n  s: {title: a, publisher: b, where: c}\n", 2, "sources.s.year"),
    "name twice": (SOURCE + "components:\n  A01: {en: {name: Food, source: s}}\n  A02:\n    aliases: [x, food]\n", 5, "A01 and A02"),
    "code as a name": ("components:\n  A01: {}\n  A02: {aliases: [a01]}\n", 3, "A01 and A02"),
    "code twice": ("components:\n  A01: {}\n  A01: {}\n", 3, "twice"),
    "empty name": (SOURCE + "components:\n  A01:\n    pt: {name: '', source: s}\n", 4, "components.A01.pt.name"),
    "key": ("complet: true\n", 1, "complete"),
    "language": (SOURCE + "components:\n  A01:\n    de: {name: x, source: s}\n", 4, "components.A01.de"),
    "verified": (SOURCE + "components:\n  A01:\n    en: {name: x, source: s, verified: perhaps}\n", 4, "verified"),
}


@pytest.mark.parametrize(("text", "line", "told"), WRONG.values(), ids=WRONG)
def test_mistakes_in_the_table_name_file_line_and_what_is_expected(text: str, line: int, told: str) -> None:
    with pytest.raises(SettingsError) as caught:
        of_site({FILE: text}, True)
    said = caught.value.say("en")
    assert FILE in said and f"line {line}" in said and told in said, said


def test_components_among_the_vocabularies_are_shown_the_way() -> None:
    with pytest.raises(SettingsError) as caught:
        of_site({"vocabularies.yml": "plant:\n  bean: {en: a, fr: b, pt: c}\ncomponent:\n  A01: {en: a, fr: b, pt: c}\n"}, True)
    assert "line 3" in str(caught.value) and FILE in str(caught.value)


def test_the_help_page_names_the_components_or_none() -> None:
    class Place:
        schema, dialect = shipped(), wikitext

    place: Any = Place()
    assert "A02 Healthcare and medicine" in help_page(place, "fr")
    place.schema = of_site({FILE: ""}, True)
    assert "Understood: ." not in help_page(place, "en")
