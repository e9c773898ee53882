"""Questions in words: what is understood in each language, and what is said about what is not."""

from __future__ import annotations

import re
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wikibridge.entries.spelling import fold
from wikibridge.entries.types import shipped
from wikibridge.i18n import LANGUAGES
from wikibridge.summaries.grammar import QuestionError, _spellings, _words, language_of, parse, split
from wikibridge.summaries.question import Asked, Condition, Grouping, Measure, Range, Relative

SCHEMA = shipped()
DOC = Path(__file__).parents[1] / "docs" / "questions.md"
COUNT, PEOPLE = Measure("count"), Measure("participants")


def ask(text: str, language: str = "en", page: str = ""):  # type: ignore[no-untyped-def]
    return parse(split(text), SCHEMA, language, page)


@pytest.mark.parametrize("same", [
    ("of=choice|where=theme: food|by=level|show=count", "de=choix|où=thème : alimentation|par=niveau|montrer=nombre",
     "de=escolhas|onde=tema: alimentação|por=nível|mostrar=número", "OF = Choices | Where = THEME: Food | by = levels | show = Count"),
    ("of=choice|by=month|as=trend", "de=choix|par=mois|comme=tendance", "de=escolha|por=mês|como=tendência"),
    ("of=choice|where=date: last 6 months", "de=choix|où=date : 6 derniers mois", "de=escolha|onde=data: últimos 6 meses",
     "of=choice|where=date: the past six months", "de=choix|où=date : les six derniers mois"),
    ("of=choice|where=date: previous 6 months", "de=choix|où=date : 6 mois précédents", "de=escolha|onde=data: 6 meses anteriores",
     "of=choice|where=date: the previous six months", "de=choix|où=date : les six mois précédents"),
    ("of=choice|by=theme, year|as=comparison", "de=choix|par=thème, année|comme=comparaison", "de=escolha|por=tema, ano|como=comparação"),
    ("of=choice|where=theme: not food", "de=choix|où=thème : sauf alimentation", "de=escolha|onde=tema: exceto alimentação"),
    ("of=choice|where=theme: food or health", "of=choice|where=theme: food, health", "de=choix|où=thème : alimentation ou santé"),
    ("of=choice|show=mean rating, change", "de=choix|montrer=moyenne de la note, évolution", "de=escolha|mostrar=média da avaliação, variação"),
    ("of=choice|where=participant.kind: school", "de=choix|où=participant.type : école", "de=escolha|onde=participante.tipo: escola"),
    ("of=choice|where=result: any", "de=choix|où=résultat : renseigné", "de=escolha|onde=resultado: preenchido"),
    ("of=choice|as=words|show=difficulties|by=theme", "de=choix|comme=mots|montrer=difficultés|par=thème", "de=escolhas|como=palavras|mostrar=dificuldades|por=tema"),
    ("of=choice|as=similar", "de=choix|comme=semblables", "de=escolhas|como=semelhantes", "of=choice|as=alike|show=title"),
    ("of=choice|by=theme, level", "of=choice|by=theme; level", "of=choice|by=theme,level|as=matrix"),
])
def test_the_same_question_in_other_words(same: tuple[str, ...]) -> None:
    first = ask(same[0])
    for other in same[1:]:
        assert ask(other, "fr" if "=choi" in other and "par" in other else "en") == first, other


@pytest.mark.parametrize(("where", "conditions"), [
    ("theme: food; level: family", (Condition(Asked("theme"), ("food",)), Condition(Asked("level"), ("family",)))),
    ("kind: school", (Condition(Asked("kind", True), ("school",)),)),
    ("date: 2020-11..2021-04", (Condition(Asked("date"), ranges=(Range("2020-11-01", "2021-04-30", text="2020-11..2021-04"),)),)),
    ("date: 2020", (Condition(Asked("date"), ranges=(Range("2020-01-01", "2020-12-31", text="2020"),)),)),
    ("date: ..3 Nov 2020 or 2022..", (Condition(Asked("date"), ranges=(
        Range(None, "2020-11-03", text="..3 Nov 2020"), Range("2022-01-01", None, text="2022.."))),)),
    ("date: previous month", (Condition(Asked("date"), ranges=(Relative(1, "month", True),)),)),
    ("date: last week or last 2 years", (Condition(Asked("date"), ranges=(Relative(1, "week"), Relative(2, "year"))),)),
    ("rating: 4..", (Condition(Asked("rating"), ranges=(Range(4_000_000, None, text="4.."),)),)),
    ("rating: 3…5", (Condition(Asked("rating"), ranges=(Range(3_000_000, 5_000_000, text="3…5"),)),)),
    ("before: 10..20 km", (Condition(Asked("before"), ranges=(Range(10_000_000, 20_000_000, "km", "10..20 km"),)),)),
    ("result: none", (Condition(Asked("result", text=True), given=False),)),
    ("result: not none", (Condition(Asked("result", text=True), given=True),)),
    ("title: ~Vélo", (Condition(Asked("title", text=True), texts=("velo",)),)),
    ("description: bus", (Condition(Asked("description", text=True), texts=("bus",)),)),
    ("participant: this page", (Condition(Asked("", True), ("Participants/Ana",)),)),
    ("participant: Ana Silva or Rui", (Condition(Asked("", True), ("Ana Silva", "Rui")),)),
    ("theme: not (food or health)", (Condition(Asked("theme"), ("food", "health"), negated=True),)),
])
def test_conditions(where: str, conditions: tuple[Condition, ...]) -> None:
    assert ask(f"of=choice|where={where}", page="Participants/Ana").where == conditions


@pytest.mark.parametrize(("text", "by", "show", "shape"), [
    ("", (), (COUNT, PEOPLE), "list"), ("|show=count", (), (COUNT,), "number"), ("|by=theme", (Grouping(Asked("theme")),), (COUNT, PEOPLE), "table"),
    ("|by=year", (Grouping(Asked("date"), "year"),), (COUNT, PEOPLE), "table"), ("|by=date", (Grouping(Asked("date"), "year"),), (COUNT, PEOPLE), "table"),
    ("|by=participant", (Grouping(Asked("", True)),), (COUNT,), "table"),
    ("|by=rating: 1..2, 3..5", (Grouping(Asked("rating"), ranges=(
        Range(1_000_000, 2_000_000, text="1..2"), Range(3_000_000, 5_000_000, text="3..5")), numeric=True),), (COUNT, PEOPLE), "table"),
    ("|by=theme; level", (Grouping(Asked("theme")), Grouping(Asked("level"))), (COUNT,), "matrix"),
    ("|by=date: previous month, last month, 2019", (Grouping(Asked("date"), ranges=(
        Relative(1, "month", True), Relative(1, "month"), Range("2019-01-01", "2019-12-31", text="2019"))),), (COUNT, PEOPLE), "table"),
    ("|show=latest, median of before, sum change", (), (Measure("latest", "date"), Measure("median", "before"), Measure("sum", "change")), "number"),
    ("|as=quotes|show=difficulties", (), (COUNT, PEOPLE), "quotes"),
])
def test_groups_and_what_is_shown(text: str, by: tuple[Grouping, ...], show: tuple[Measure, ...], shape: str) -> None:
    found = ask(f"of=choice{text}")
    assert (found.by, found.show, found.shape) == (by, show, shape)


@pytest.mark.parametrize(("text", "code", "words"), [
    ("by=theme", "question-no-of", "choice"), ("of=chioce", "question-of", "“choice”"), ("of=choice|wher=x", "question-key", "“where”"),
    ("choice", "question-no-equals", "choice"), ("of=choice|where=theme: fod", "question-value", "“food”"),
    ("of=choice|where=thme: food", "question-field", "“theme”"), ("of=choice|where=food", "question-no-colon", "food"),
    ("of=choice|where=date: yesterday", "question-date", "yesterday"), ("of=choice|where=date: 2021..2020", "question-backwards", "2021..2020"),
    ("of=choice|where=rating: many", "question-number", "many"), ("of=choice|where=rating: 5..3", "question-backwards", "5..3"),
    ("of=choice|by=theme, level, status", "question-by-many", "two"), ("of=choice|by=description", "question-by-text", "description"),
    ("of=choice|by=theme: food, health", "question-by-values", "theme"), ("of=tool|by=month", "question-no-date", "Tool"),
    ("of=choice|show=maen rating", "question-show", "“mean”"), ("of=choice|show=mean", "question-measure-of", "rating"),
    ("of=choice|show=mean theme", "question-measure-field", "rating"), ("of=participant|show=change", "question-no-change", "Participant"),
    ("of=choice|as=pie", "question-shape", "table"), ("of=choice|as=bars", "question-shape-1", "by="), ("of=choice|by=theme|as=comparison", "question-shape-2", "level"), ("of=choice|by=theme|as=matrix", "question-shape-2", "level"),
    ("of=choice|by=theme|as=list", "question-shape-0", "by="), ("of=choice|by=theme|as=trend", "question-trend", "month"),
    ("of=choice|by=theme|sort=rating mean", "question-sort", "rating mean"), ("of=choice|show=xyz rating", "question-show", "“count”"), ("of=choice|by=theme|sort=mean rating", "question-sort", "mean rating"),
    ("of=choice|limit=0", "question-limit", "500"), ("of=choice|limit=many", "question-limit", "many"), ("of=choice|language=de", "question-language", "de"),
    ("of=choice|as=quotes|show=rating", "question-quotes", "rating"), ("of=choice|as=words|show=rating", "question-quotes", "difficulties"),
    ("of=choice|as=words|by=theme, level", "question-shape-one", "by=theme"), ("of=choice|as=similar|by=theme", "question-shape-0", "by="),
    ("of=choice|as=similar|show=mean rating", "question-field", "mean rating"), ("of=choice|where=" + "x" * 3000, "question-long", "2000"),
    ("of=choice|where=" + "theme: food;" * 30, "question-many", "20"), ("of=proposal|where=theme: " + " or ".join(["food"] * 30), "question-many", "20"),
])
def test_what_is_not_understood_is_said_with_a_remedy(text: str, code: str, words: str) -> None:
    with pytest.raises(QuestionError) as error:
        ask(text)
    assert error.value.key == code and words in error.value.say("en").replace("2,000", "2000")
    for language in LANGUAGES:
        assert error.value.say(language)


@pytest.mark.parametrize(("language", "text", "meant", "known"), [
    ("fr", "de=choix|montrr=nombre", "« montrer »", "de, où, par, montrer, trier"), ("pt", "de=escolhas|mostar=número", "«mostrar»", "de, onde, por"),
    ("fr", "de=choix|montrer=moyene note", "« moyenne »", "nombre, participants, part"), ("pt", "de=escolhas|como=tabla", "«tabela»", "tabela, matriz"),
    ("fr", "de=choix|où=thme : santé", "« thème »", "titre, date, thème"), ("en", "of=choice|show=numbr", "“count”", "count, participants"),
])
def test_the_words_that_there_are_are_told_in_the_language_of_the_reader(language: str, text: str, meant: str, known: str) -> None:
    with pytest.raises(QuestionError) as error:
        ask(text, language)
    assert meant in (said := error.value.say(language)) and known in said


@pytest.mark.parametrize(("language", "text"), [
    ("fr", "de=choix|montrer=note moyenne"), ("pt", "de=escolhas|mostrar=avaliação média"), ("fr", "de=choix|montrer=moyenne de la note"),
    ("en", "of=choice|show=average rating"),
])
def test_a_figure_is_named_as_people_say_it(language: str, text: str) -> None:
    assert ask(text, language).show == (Measure("mean", "rating"),)


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_word_means_one_thing_and_each_thing_has_a_word_in_each_language(language: str) -> None:
    for part, things in _spellings().items():
        meant: dict[str, str] = {}
        for name, some in things.items():
            assert some.keys() == {"en", "fr", "pt"} and some[language]
            assert all(meant.setdefault(fold(word) or word, name) == name for each in some.values() for word in each), part


@settings(deadline=None)
@given(st.text(max_size=80), st.text(max_size=80), st.sampled_from(["where", "by", "show", "sort", "limit", "as", "title", "language"]))
def test_whatever_is_typed_is_a_question_or_an_error_with_a_sentence(first: str, second: str, part: str) -> None:
    for parts in ({"of": first, part: second}, {"of": "choice", part: first}, {"of": "choice", part: f"theme: {second}"}, {first: second}):
        try:
            parse(parts, SCHEMA, "fr")
        except QuestionError as error:
            assert error.say("fr") and error.say("pt")


@pytest.mark.parametrize(("text", "day", "low"), [
    ("last month", date(2021, 3, 31), "2021-03-01"), ("last 6 months", date(2020, 12, 15), "2020-06-16"), ("last year", date(2024, 2, 29), "2023-03-01"),
    ("last 10 days", date(2021, 1, 5), "2020-12-27"), ("last 2 weeks", date(2021, 1, 15), "2021-01-02"),
])
def test_relative_periods_end_with_the_day_of_the_data(text: str, day: date, low: str) -> None:
    (condition,) = ask(f"of=choice|where=date: {text}").at(day).where
    assert condition.ranges == (Range(low, day.isoformat()),)


@given(st.integers(1, 40), st.sampled_from(["days", "weeks", "months", "years"]), st.dates(date(1900, 1, 1), date(2100, 1, 1)))
def test_a_previous_period_ends_the_day_before_the_last_one(number: int, unit: str, day: date) -> None:
    (where,) = ask(f"of=choice|where=date: previous {number} {unit} or last {number} {unit}").at(day).where
    (by,) = ask(f"of=choice|by=date: previous {number} {unit}, last {number} {unit}").at(day).by
    previous, last = where.ranges
    assert by.ranges == where.ranges and last.high == day.isoformat()
    assert previous.low <= previous.high < last.low and date.fromisoformat(last.low) - date.fromisoformat(previous.high) == timedelta(1)


@pytest.mark.parametrize(("of", "language"), [("choix", "fr"), ("choices", "en"), ("escolhas", "pt"), ("participant", None), ("???", None)])
def test_the_language_of_a_question(of: str, language: str | None) -> None:
    assert language_of({"de": of}, SCHEMA) == language


@pytest.mark.parametrize("text", re.findall(r"```questions\n(.*?)```", DOC.read_text(encoding="utf-8"), re.DOTALL)[0].splitlines())
def test_the_examples_of_the_documentation(text: str) -> None:
    assert ask(text, language_of(split(text), SCHEMA) or "en", "Participants/Ana")


def test_the_documentation_names_every_word() -> None:
    text = DOC.read_text(encoding="utf-8")
    missing = [word for part in ("keys", "measures", "shapes", "parts") for word in set(_words()[part].values()) if f"`{word}`" not in text]
    assert not missing
