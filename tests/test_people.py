from hypothesis import given, settings
from hypothesis import strategies as st
from pytest import mark, raises

from wikibridge.demo.people import LANGUAGES, Person, choices, edits, people
from wikibridge.entries.read import read
from wikibridge.entries.spelling import fold
from wikibridge.entries.types import shipped
from wikibridge.markup import regions

CROWD = people(300)
persons = st.sampled_from(CROWD)
seeds = st.integers(0, 10_000)


def page(person: Person, number: int = 5) -> str:
    return "\n\n".join(choices(person, number))


@mark.parametrize("count", [0, 1, 7, 300, 5000])
def test_names_are_unique_and_presentable(count):
    crowd = people(count)
    assert len(crowd) == count == len({(person.name, person.territory) for person in crowd})
    assert not any(set(person.name) & set("#<>[]|{}_/:0123456789") for person in crowd)
    assert all(person.name == person.name.strip() and person.name[0].isupper() for person in crowd)


def test_same_seed_same_people_and_texts():
    assert people(300) == CROWD == people(5000)[:300]
    assert people(300, seed=2) != CROWD
    for person in CROWD[:30]:
        assert choices(person, 5) == choices(person, 5) != choices(person, 5, seed=2)


def test_languages_take_turns_and_most_are_citizens():
    assert [person.language for person in CROWD[:6]] == [*LANGUAGES, *LANGUAGES]
    kinds = [shipped().lookups["kind"][fold(person.kind)] for person in CROWD]
    assert kinds.count("citizen") > 180
    assert {"family", "association", "school", "company", "local_authority"} <= set(kinds)
    assert all(person.kind == shipped().label("kind", kind, person.language) for person, kind in zip(CROWD, kinds, strict=True))
    assert sum(not person.user for person in CROWD) > 200


def test_person_is_frozen():
    with raises(AttributeError):
        CROWD[0].name = "x"


def test_every_choice_is_read_and_one_in_ten_has_a_mistake():
    wrong, codes = 0, set()
    for person in CROWD:
        pieces = choices(person, 5)
        assert len(pieces) == 5
        for piece in pieces:
            reading = read(piece, shipped(), person.language)
            assert len(reading.entries) == 1, piece
            wrong += bool(reading.problems)
            codes |= {problem.code for problem in reading.problems}
        assert len(read("\n\n".join(pieces), shipped(), person.language).entries) == 5
    assert 0.05 < wrong / (5 * len(CROWD)) < 0.2
    assert codes >= {
        "date-impossible", "date-relative", "date-unreadable", "term-unknown", "rating-range", "number-unreadable",
        "field-misspelt", "field-unknown", "title-missing", "entry-unclosed", "private-data",
    }


def test_only_the_last_piece_is_left_open():
    for person in CROWD:
        for piece in choices(person, 5)[:-1]:
            assert "}}" in piece


@settings(deadline=None)
@given(persons, st.integers(0, 70))
def test_any_number_of_choices(person, number):
    assert len(choices(person, number)) == number


@settings(deadline=None)
@given(persons, seeds)
def test_edits_change_the_page_and_break_nothing(person, seed):
    before = page(person)
    after = edits(person, before, seed)
    assert after != before
    assert after == edits(person, before, seed)
    old, new = (read(text, shipped(), person.language) for text in (before, after))
    assert len(new.entries) in (5, 6)
    assert len(new.problems) <= len(old.problems)


@settings(deadline=None)
@given(persons, st.text(), seeds)
def test_edits_keep_what_others_wrote(person, noise, seed):
    assert edits(person, noise, seed).startswith(noise)
    note = "Well done! (a neighbour, {{Thanks|a=b}})"
    managed = regions.region("list", "{{Choix|titre=x|état=prévu}}")
    after = edits(person, f"{note}\n\n{managed}\n\n{page(person, 3)}", seed)
    assert note in after and managed in after


@settings(deadline=None)
@given(persons, st.lists(seeds, min_size=10, max_size=10))
def test_coming_back_again_and_again(person, several):
    text = page(person, 2)
    for seed in several:
        text, before = edits(person, text, seed), text
        assert text != before
        assert read(text, shipped(), person.language).entries


def test_an_empty_form_is_filled_in():
    person = next(person for person in CROWD if person.language == "fr")
    form = "{{Choix\n|titre=Le pain\n|date=\n|état=\n|résultat=\n}}"
    found = {seed: read(edits(person, form, seed), shipped(), "fr") for seed in range(40)}
    assert not any(reading.problems for reading in found.values())
    assert {name for reading in found.values() for name in reading.entries[0].fields} >= {"date", "status", "result"}
