"""What recurs: words and phrases of several people, and titles that say the same."""

from __future__ import annotations

import html
import json
import re
import sys
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.places import Place
from tests.test_answers import answers, begin, settle
from tests.test_cli import cli
from wikibridge import Session, Site, resources
from wikibridge.entries.read import read
from wikibridge.entries.types import shipped
from wikibridge.markup import regions, tikitext, wikitext
from wikibridge.mirror.database import TooSlow
from wikibridge.mirror.store import Mirror
from wikibridge.model import Edit, Page
from wikibridge.report.paint import html as web
from wikibridge.summaries import compute, recurring
from wikibridge.summaries import show as shower
from wikibridge.summaries.compute import Answer, answer
from wikibridge.summaries.grammar import QuestionError, parse, split
from wikibridge.summaries.paint import paint
from wikibridge.summaries.show import show
from wikibridge.summaries.similar import core, grouped
from wikibridge.summaries.tally import Tallies
from wikibridge.summaries.words import phrases

SCHEMA = shipped()
ATTACKS = [each for each in yaml.safe_load((Path(__file__).parent / "attacks.yml").read_text(encoding="utf-8"))["effective"]
           if isinstance(each, str)]


def filled(texts: list[str], languages: list[str] | None = None, order: Random | None = None) -> Mirror:
    """A mirror of a page a text, saved in any order."""
    mirror = Mirror(None)
    pages = []
    for number, text in enumerate(texts, 1):
        person = f"{{{{Participant|name=P{number}|language={languages[number - 1]}}}}}\n" if languages else ""
        pages.append(Page(number, f"Participants/{number:03}", number, person + text, datetime(2021, 1, 1, tzinfo=UTC)))
    if order:
        order.shuffle(pages)
    for page in pages:
        reading = read(page.text, SCHEMA, "en")
        mirror.save([(page, reading.entries, reading.problems)], SCHEMA.units)
    return mirror


def ask(mirror: Mirror, text: str, min_group: int = 2) -> Answer:
    return answer(parse(split(text), SCHEMA, "en"), Tallies(mirror), SCHEMA, min_group)


def rows(mirror: Mirror, text: str, min_group: int = 2) -> dict[str, tuple[int, int]]:
    return {row.text: (row.entries, row.participants) for row in ask(mirror, text, min_group).found.rows}


def choices(*difficulties: str) -> str:
    return "\n".join(f"{{{{Choice|title=T|difficulties={text}}}}}" for text in difficulties)


WORDS = "of=choice|as=words|show=difficulties"


def test_words_and_phrases_as_most_people_spell_them_with_who_uses_them_and_where() -> None:
    mirror = filled([choices("Lack of time!", "Nothing else"), choices("lack of time; and the rain"), choices("A lack of Time.", "lack of time"),
                     choices("the RAIN, mostly"), choices("Slugs")])
    found = ask(mirror, WORDS, 2).found
    assert [(row.text, row.entries, row.participants, row.pages) for row in found.rows] == [
        ("lack of time", 4, 3, ("Participants/003", "Participants/002", "Participants/001")),
        ("rain", 2, 2, ("Participants/004", "Participants/002"))]
    assert rows(mirror, WORDS, 3) == {"lack of time": (4, 3)}
    # What one person says again and again recurs with them only.
    assert rows(filled([choices("rain", "rain", "rain")]), WORDS, 1) == {}


@pytest.mark.parametrize(("text", "language", "found"), [
    ("Manque de temps, pas assez d’argent", "fr", {"manque", "manque de temps", "temps", "assez d argent", "argent"}),
    ("Falta de tempo e de dinheiro", "pt", {"falta", "falta de tempo", "tempo", "dinheiro"}),
    ("No time for my car", "en", {"no time", "time", "car"}),
    ("The children: they told us. Less meat", "en", {"children", "less meat", "meat"}),
    ("On m’a dit que non", "fr", set()), ("Não há mais nada", "pt", set()),
    # The empty words of all three, whatever the language; "car" is "because" in French, but a car in English.
    ("the house de la maison que da casa", "fr", {"house", "maison", "casa"}),
    ("see https://example.org/soup or www.example.org, 25 soups", "en", {"soups"}),
    ("时间不够。天气", "", {"时间不够", "天气"}), ("समय की कमी", "", {"समय", "समय की", "समय की कमी", "की", "की कमी", "कमी"}),
    ("x" * 500 + " soup", "", {"soup"}), ("١٢٣ — … !!", "", set()),
])
def test_what_is_a_word_or_a_phrase(text: str, language: str, found: set[str]) -> None:
    assert {key for key, _ in phrases(text, language)} == found


def test_no_language_drowns_another() -> None:
    texts = [choices("la pluie, le vent, le froid, la neige, la grêle")] * 9 + [choices("a chuva, o sol")] * 3
    mirror = filled(texts, ["fr"] * 9 + ["pt"] * 3)
    found = ask(mirror, f"{WORDS}|limit=4").found
    assert [(row.language, row.text) for row in found.rows] == [("fr", "froid"), ("fr", "grêle"), ("pt", "chuva"), ("pt", "sol")]
    assert found.more == 3
    text = paint(show(ask(mirror, f"{WORDS}|limit=4"), SCHEMA, "fr", "UTC", 2), wikitext)
    assert "| Portugais" in text and "| Français" in text and "Langue" in text
    # The same letters in two languages are two words.
    both = filled([choices("transport")] * 4, ["en", "en", "fr", "fr"])
    assert [(row.language, row.participants) for row in ask(both, WORDS).found.rows] == [("en", 2), ("fr", 2)]
    # Who does not say a language is taken to write the one whose small words they use, else the one of most.
    silent = filled([choices("a chuva não para"), choices("com chuva e sem sol")] + [choices("chuva")] * 3)
    assert [(row.language, row.text, row.participants) for row in ask(silent, WORDS).found.rows] == [("pt", "chuva", 5)]


def test_groups_show_what_tells_them_apart() -> None:
    def choice(theme: str, text: str) -> str:
        return f"{{{{Choice|title=T|theme={theme}|description={text}}}}}"

    mirror = filled([choice("food", "bread, habit, bread") + choice("health", "sleep, habit") + "{{Choice|title=T|description=nowhere}}"] * 3)
    found = ask(mirror, "of=choice|as=words|show=description|by=theme", 3).found
    assert [(row.group, row.text) for row in found.rows] == [("food", "bread"), ("food", "habit"), ("health", "sleep"), ("health", "habit"), ("", "nowhere")]
    text = paint(show(ask(mirror, "of=choice|as=words|by=theme|show=description", 3), SCHEMA, "en", "UTC", 3), wikitext)
    assert "| Food" in text and "| Not stated" in text and "[[:Participants/001|001]]" in text
    assert ask(mirror, "of=choice|as=words|by=month|show=description", 3).found.rows[0].group == ""


VOCABULARY = ["soup", "bread", "rain", "wind", "Soup", "manque", "de", "the"]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(st.lists(st.sampled_from(VOCABULARY), min_size=1, max_size=4), max_size=3), min_size=1, max_size=7), st.integers(1, 4), st.randoms())
def test_counts_are_those_by_hand_whatever_the_order_of_the_pages(people: list[list[list[str]]], least: int, order: Random) -> None:
    texts = [choices(*(", ".join(words) for words in person)) for person in people]
    entries, participants = Counter[str](), Counter[str]()
    for person in people:
        said = [{word.lower() for word in words} - {"de", "the"} for words in person]
        entries.update(word for words in said for word in words)
        participants.update(set().union(*said))
    found = ask(filled(texts, ["en"] * len(texts)), f"{WORDS}|limit=500", least)
    assert {row.text.lower(): (row.entries, row.participants) for row in found.found.rows} == {
        word: (entries[word], count) for word, count in participants.items() if count >= max(2, least)}
    for question in (WORDS, "of=choice|as=words|by=participant", "of=choice|as=similar|show=difficulties"):
        assert ask(filled(texts, ["en"] * len(texts), order), question, least) == ask(filled(texts, ["en"] * len(texts)), question, least)


SAME = [
    ("Less meat", "less meat!", "Eat less meat", "LESS  MEAT"), ("Moins de viande", "Manger moins de viande"), ("Menos carne", "Comer menos carne"),
    ("School garden", "A school garden", "The garden of our school"), ("Walking bus to school", "Walking bus to the school"),
    ("Composting at home", "Compostng at home"), ("Le potager de l’école", "Potager à l'ecole"), ("Horta na escola", "A horta da escola"),
    ("Repair café", "Repair cafe"), ("Hortas comunitárias", "Horta comunitárias"), ("Covoiturage", "Co-voiturage"), ("少吃肉", "少吃肉！")]
OTHER = [
    ("Less meat", "More meat"), ("Less meat", "Less heat"), ("Walk to school", "Walk to work"), ("Moins de viande", "Moins de voiture"),
    ("Plastic", "No plastic"), ("Sans voiture", "Voiture"), ("Car-free Sundays", "Car-free Mondays"), ("Buy local food", "Buy local"),
    ("Plant trees", "Plant fruit trees"), ("Vendre la voiture", "Rendre la voiture"), ("Menos açúcar", "Menos carne"), ("Horta da escola", "Festa da escola"),
    ("Dia sem carro", "Dia sem carne"), ("Unplugged evenings", "Plugged evenings"), ("One car for three houses", "One car for two houses"), ("Before school", "After school"), ("No plastic", "On plastic"),
    ("Refill shelf in the shop", "Refill shelf in the school"), ("Un repas sans viande", "Un repas avec viande"), ("Heating at 19", "Heating at 18"),
    ("Mais legumes", "Menos legumes"), ("See https://example.org/a", "See https://example.org/b"), ("…", "!!"), ("少吃肉", "多吃肉")]


@pytest.mark.parametrize("titles", SAME)
def test_titles_that_say_the_same(titles: tuple[str, ...]) -> None:
    assert len(set(grouped([core(title, "") for title in titles]).values())) == 1


@pytest.mark.parametrize("titles", OTHER)
def test_titles_that_do_not(titles: tuple[str, str]) -> None:
    assert len(set(grouped([core(title, "") for title in titles]).values())) == 2


LETTERS = st.lists(st.sampled_from(["garden", "gardens", "gardn", "gardening", "school", "schools", "shcool", "less", "meat", "meet", "a"]),
                   min_size=1, max_size=3).map(lambda words: core(" ".join(words), "en"))


@settings(max_examples=300, deadline=None)
@given(st.lists(LETTERS, max_size=14), st.randoms())
def test_groups_of_titles_do_not_depend_on_their_order(titles: list[tuple[str, ...]], order: Random) -> None:
    found = grouped(titles)
    mixed = list(titles)
    order.shuffle(mixed)
    assert grouped(mixed) == found and found.keys() == set(titles)
    # Each leads itself or is led by one that nobody else leads, as frequent at least.
    assert all(found[leader] == leader and titles.count(leader) >= titles.count(each) for each, leader in found.items())


def test_choices_that_say_the_same_with_their_ratings_and_pages() -> None:
    mirror = filled([*(f"{{{{Choice|title={title}|rating={rating}}}}}" for title, rating in (
        ("Less meat", 4), ("less meat!", 5), ("Eat less meat", ""), ("Less meat", 2), ("Less heat", 1))), "{{Choice|title=Less meat}}" * 2])
    (row,) = ask(mirror, "of=choice|as=similar", 3).found.rows
    assert (row.text, row.entries, row.participants, row.rated) == ("Less meat", 6, 5, 3) and abs(float(row.mean or 0) - 11 / 3) < 1e-9
    shown = show(ask(mirror, "of=choice|as=similar", 3), SCHEMA, "en", "UTC", 3)
    assert [cell.text for cell in shown.rows[0]][:4] == ["Less meat", "6", "5", "3.67 (3)"]
    # Fewer than there must be are not shown, nor is a mean of fewer entries.
    assert ask(mirror, "of=choice|as=similar", 6).found.rows == () and "No" not in paint(shown, wikitext)
    assert ask(mirror, "of=choice|as=similar", 4).found.rows[0].mean is None
    assert "at least 6 participants" in paint(show(ask(mirror, "of=choice|as=similar", 6), SCHEMA, "en", "UTC", 6), wikitext)


def test_only_the_latest_are_looked_at_and_the_answer_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (recurring, compute, shower):
        monkeypatch.setattr(module, "LATEST", 4)
    monkeypatch.setattr(recurring, "LENGTH", 10)
    texts = [f"{{{{Choice|title=Less meat|difficulties=rain {'x' * number} late|date=2021-0{number}}}}}" for number in range(1, 7)]
    mirror = filled(texts, ["en"] * 6)
    assert rows(mirror, WORDS) == {"rain": (4, 4), "rain xxxxx": (2, 2)} and rows(mirror, "of=choice|as=similar") == {"Less meat": (4, 4)}
    text = paint(show(ask(mirror, WORDS), SCHEMA, "en", "UTC", 2), wikitext)
    assert "Looked at: the latest 4 entries." in text and "characters" in text
    few = paint(show(ask(filled(texts[:2]), "of=choice|as=similar"), SCHEMA, "en", "UTC", 2), wikitext)
    assert "Looked at" not in few and "characters" not in few


def test_what_takes_too_long_is_told() -> None:
    mirror = filled([choices("rain")] * 2)
    for question in (WORDS, "of=choice|as=similar"):
        with mirror.deadline.within(-1), pytest.raises(TooSlow):
            ask(mirror, question)


@pytest.mark.parametrize("attack", ATTACKS)
def test_what_recurs_is_text_wherever_it_is_shown(attack: str) -> None:
    text = html.escape(attack, quote=False).replace("|", "&#124;").replace("{", "&#123;").replace("}", "&#125;").replace("=", "&#61;")
    mirror = filled([f"{{{{Choice|title={text}|description=<nowiki>{text}</nowiki>}}}}"] * 2)
    for question in ("of=choice|as=similar", "of=choice|as=words"):
        shown = show(ask(mirror, question, 2), SCHEMA, "en", "UTC", 2)
        for row in shown.rows:
            assert len(row) == len(shown.header)
        painted = paint(shown, wikitext)
        cells = re.sub(r"\[\[:Participants/00[12]\|00[12]\]\]|<div style=\"overflow-x:auto\">|</div>|<time class=\"wikibridge\">|</time>", "", painted)
        assert not re.search(r"\{\{|\[\[|\[//|<(?!/?(?:div|time))|~~~|__[A-Z]", cells), painted
        other = paint(shown, tikitext).replace('{DIV(class="table-responsive")}', "").replace("{DIV}", "")
        assert not re.search(r"[{}<]|\[|~np~", other) and "<script" not in web(shown), other


def test_without_scikit_learn_it_is_said_how_to_have_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sklearn", None)
    mirror = filled([choices("rain")] * 3)
    with pytest.raises(QuestionError) as error:
        ask(mirror, WORDS)
    for language in ("en", "fr", "pt"):
        assert 'pip install "wikibridge[text]"' in error.value.say(language)
    assert ask(mirror, "of=choice|as=similar").found.rows


def test_a_page_with_a_question_of_words_without_scikit_learn(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    begin(place)
    monkeypatch.setitem(sys.modules, "sklearn", None)
    place.citizen.write(Edit(f"{place.prefix}Words", "{{Wikibridge|of=choice|as=words}} {{Wikibridge|of=choice|show=count}}", "", None))
    settle(place)
    text = place.page(f"{place.prefix}Words").text
    told, counted = (region.content for region in regions.find(text)[0])
    assert "wikibridge&#91;text&#93;" in told and "Choices" in counted and len(answers(place)) == 5


JOB = """\
kind: summaries
page: {en: Words}
blocks:
  - {name: often, heading: {en: Often}, as: words, show: difficulties}
  - {name: again, heading: {en: Again}, as: words}
  - {name: alike, heading: {en: Alike}, as: similar}
"""


def folder(tmp_path: Path) -> Path:
    """A site on an embedded wiki, on which three people wrote."""
    (tmp_path / "jobs").mkdir()
    for path in resources.shipped("jobs").glob("*.yml"):
        (tmp_path / "jobs" / path.name).write_text("# not here\n", encoding="utf-8")
    (tmp_path / "jobs" / "words.yml").write_text(JOB, encoding="utf-8")
    (tmp_path / "wikibridge.yml").write_text("wiki: {kind: folder, path: wiki}\nlanguages: [en]\nparticipants: \"P/\"\n", encoding="utf-8")
    with Session(Site(tmp_path)) as session:
        for name in "ABC":
            session.wiki.write(Edit(f"P/{name}", f"{{{{Choice|title=Less meat|theme=food|difficulties=Lack of time, {name}}}}}", "", None))
    return tmp_path


def test_summary_pages_leave_out_words_without_scikit_learn_and_the_run_says_so_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    site = Site(folder(tmp_path))
    monkeypatch.setitem(sys.modules, "sklearn", None)
    with Session(site) as session:
        result = session.run()
        (text,) = (page.text for page in session.mirror.pages(["Words"]))
    assert [note for note in result.notes if "wikibridge[text]" in note] == result.notes and len(result.notes) == 1
    assert "== Alike ==" in text and "Less meat" in text and "Often" not in text and not result.failed
    # A page that has no words yet gets them when the package is there and the page is made anew; the run says what to do.
    monkeypatch.undo()
    with Session(site) as session:
        result = session.run()
    assert not result.notes and "often" in result.refused[0]


def test_summary_pages_with_words_are_written_once(tmp_path: Path) -> None:
    site = Site(folder(tmp_path))
    with Session(site) as session:
        session.run()
        (text,) = (page.text for page in session.mirror.pages(["Words"]))
        assert "| Lack of time" in text and "== Alike ==" in text
        again = session.run()
    assert (again.created, again.changed) == (0, 0)


def test_a_page_a_theme_tells_what_is_its_own(tmp_path: Path) -> None:
    place = folder(tmp_path)
    (place / "jobs" / "words.yml").write_text(
        "kind: summaries\npage: {en: On $1}\neach: theme\nblocks:\n  - {name: w, heading: {en: W}, as: words, limit: 1, show: description}\n", encoding="utf-8")
    with Session(Site(place)) as session:
        for name in "DEF":
            session.wiki.write(Edit(f"P/{name}", "{{Choice|title=T|theme=food|description=habit, bread}}{{Choice|title=U|theme=health|description=habit, sleep}}"
                                    "{{Choice|title=V|theme=time|description=habit}}", "", None))
        session.run()
        pages = {page.title: page.text for page in session.mirror.pages(["On food", "On health", "On time"])}
    assert {title: re.findall(r"\n\| (bread|sleep|habit)\n", text) for title, text in pages.items()} == {
        "On food": ["bread"], "On health": ["sleep"], "On time": ["habit"]}
    assert "Choices: 6. Participants: 6." in pages["On food"]


def test_on_the_command_line(tmp_path: Path) -> None:
    site = folder(tmp_path)
    shown = cli("ask", WORDS, folder=site).stdout
    assert "Lack of time" in shown and "C, B, A" in shown
    found = json.loads(cli("ask", "of=choice|as=similar", "--json", folder=site).stdout)["recurring"]
    assert found == [{"text": "Less meat", "groups": [], "language": "", "entries": 3, "participants": 3, "mean": None, "rated": 0,
                      "pages": ["P/C", "P/B", "P/A"]}]
    found = json.loads(cli("ask", f"{WORDS}|by=theme", "--json", folder=site).stdout)["recurring"]
    assert [(each["text"], each["groups"]) for each in found] == [("Lack of time", ["food"])]
