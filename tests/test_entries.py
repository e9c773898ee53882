from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wikibridge.entries.read import read
from wikibridge.entries.types import of_site, shipped
from wikibridge.errors import SettingsError
from wikibridge.i18n import LANGUAGES
from wikibridge.model import Quantity

PAGE = "== Mes choix ==\n{{Choix|titre=Moins|date=3 nov. 2020|thème=Santé|avnt=7 repas|foo=x}}\n{{Choix}}\n"


def test_page():
    found = read(PAGE, shipped(), "fr")
    assert [e.fields["title"] for e in found.entries] == ["Moins"]
    assert {p.code for p in found.problems} >= {"field-unknown", "entry-empty"}


@given(st.text(), st.integers(0, len(PAGE)), st.integers(0, 20))
def test_never_raises(noise, at, cut):
    for text in (noise, PAGE[:at] + noise + PAGE[at + cut:]):
        for entry in read(text, shipped(), "fr").entries:
            assert 0 <= entry.span[0] <= entry.span[1] <= len(text)


def codes(text, language="en"):
    found = read(text, shipped(), language)
    return [entry.type for entry in found.entries], {problem.code for problem in found.problems}


def test_a_misspelt_template_is_read_and_told():
    for text in ("{{Choices|title=A|date=2020}}", "{{Choise|title=A|date=2020}}", "{{Escolhas|título=A|data=2020}}"):
        assert codes(text) == (["choice"], {"entry-misspelt"}), text
    for text in ("{{Choose|a=b}}", "{{:Choice|title=A}}", "{{Voice|language=fr}}", "{{Invoice|title=A|date=2020}}", "{{Choices}}"):
        assert codes(text)[0] == [], text


def test_a_value_that_is_only_a_template_is_told():
    assert codes("{{Choice|title=A|date={{date|3|11|2020}}}}") == (["choice"], {"value-template"})


def test_suggestions_come_in_the_language_of_the_entry():
    (problem,) = read("{{Escolha|título=A|tema=alimetnação}}", shipped(), "en").problems
    assert problem.suggestion == "alimentação"


def test_hostile_pages_are_read_in_time_and_without_end():
    for text in ("== A ==" + " <!-- x -->" * 3000 + " b", "{{Choice|title=" + "{{{" * 600 + "}}}" * 600 + "}}", "{{Choice|title=x&#xD800;}}",
                 "{{Choice|title=" * 400 + "x" + "}}" * 400, "{{a|" * 20000 + "}}" * 20000, "<ref " * 80000, "=" * 200000, "== a " * 20000 + "=="):
        for entry in read(text, shipped(), "en").entries:
            str(entry.fields).encode()


@pytest.mark.parametrize("text", ["{{Choice|title=A}}\n" * 20_010, "{|\n! Title !! Date\n" + "|-\n| A || 2020\n" * 20_010 + "|}"])
def test_a_page_of_more_entries_than_anyone_types_is_read_in_part_and_says_so(text):
    found = read(text, shipped(), "en")
    (problem,) = found.problems
    assert (problem.code, len(found.entries)) == ("entry-too-many", 20_000)
    assert problem.line == found.entries[-1].line + (2 if "-" in text else 1)


def test_letters_are_composed():
    (entry,) = read("{{Choice|title=Cafe&#769; solidaire}}", shipped(), "en").entries
    assert entry.fields["title"] == "Café solidaire"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", sorted(shipped().types))
def test_every_example_of_the_shipped_types_is_read_whole(name, language):
    kind = shipped().types[name]
    text = "{{" + kind.names[language][0] + "".join(f"\n|{f.names[language][0]}={f.example[language]}" for f in kind.fields) + "\n}}"
    found = read(text, shipped(), language)
    assert found.problems == () and [entry.type for entry in found.entries] == [name]
    assert set(found.entries[0].fields) == set(kind.by_name) and not found.entries[0].unknown


def test_a_site_adds_types_words_and_units_of_its_own():
    own = {"garden.yml": "names: {en: [Garden], fr: [Jardin], pt: [Horta]}\nlabel: {en: G, fr: J, pt: H}\nplural: {en: G, fr: J, pt: H}\n"
           "fields:\n  - name: plant\n    kind: term\n    vocabulary: plant\n    names: {en: [plant], fr: [plante], pt: [planta]}\n"
           "    help: {en: a, fr: b, pt: c}\n    example: {en: bean, fr: haricot, pt: feijão}\n"
           "  - name: size\n    kind: quantity\n    names: {en: [size], fr: [taille], pt: [tamanho]}\n"
           "    help: {en: a, fr: b, pt: c}\n    example: {en: 1 row, fr: 1 rang, pt: 1 fila}\n",
           "vocabularies.yml": "plant:\n  bean: {en: bean, fr: haricot, pt: feijão}\n", "units.yml": "row: {names: [rang, fila], pt: x, pint: row}\n"}
    with pytest.raises(SettingsError) as error:
        of_site(own, True)
    assert "units.yml" in error.value.say("en")
    schema = of_site({**own, "units.yml": "row: {names: [rang, fila], pint: row}\n"}, True)
    (garden, choice) = read("{{Jardin|plante=haricots|taille=2 rangs}} {{Choix|titre=A|thème=santé}}", schema, "fr").entries
    assert garden.fields == {"plant": "bean", "size": Quantity(Decimal(2), "row")} and choice.fields["theme"] == ("health",)


def test_the_month_comes_first_where_the_site_says_so():
    (entry,) = read("{{Choice|title=A|date=11/3/2020}}", of_site({}, False), "en").entries
    assert str(entry.fields["date"]) == "2020-11-03"


@pytest.mark.parametrize(("typed", "shown"), [
    ("ring 087 123 4567", "ring …"), ("081/22.33.44", "…"), ("0470 12 34 56", "…"), ("912 345 678", "…"), ("tel. 275 123 456", "tel. …"),
    ("le 03.11.2020 18.30", None), ("1 912 345 678 kg", None), ("03/11/2020 – 10/11/2020", None), ("01 234 567 people", None),
])
def test_telephone_numbers_are_left_out_and_dates_are_not(typed, shown):
    (entry,) = read("{{Choice|title=A|description=" + typed + "}}", shipped(), "en").entries
    assert entry.fields["description"] == (shown or typed)


def test_a_call_of_more_fields_than_anyone_types_is_read_in_part_and_says_so():
    found = read("{{Choice|title=A|" + "word=1|" * 5000 + "}}", shipped(), "en")
    assert [entry.fields["title"] for entry in found.entries] == ["A"]
    assert len(found.problems) <= 1001 and found.problems[-1].code == "text-without-field"
