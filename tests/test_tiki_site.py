"""The jobs on a wiki whose pages are written in Tiki's dialect: here a folder, the embedded wiki."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from wikibridge.demo.show import demo
from wikibridge.jobs.profile import TITLE
from wikibridge.jobs.result import Result
from wikibridge.jobs.runner import Session
from wikibridge.markup import regions, tikitext
from wikibridge.mirror.sync import silent
from wikibridge.site import Site

NASTY = 'Less <b>meat</b> -> more {CODE()}x{CODE} ((a|b)) [u|v] || ~tc~ wikibridge:begin by-theme ~/tc~ {$x} "q" __b__ %%% <!--'
TYPED = """
!! Choice: By bike
* Theme: transport
* Date: 3 November 2020
* Rating: 4

{CHOICE(title="Less meat" theme="food" date="2021" difficulties="No time" rating="2")}Good for me{CHOICE}

{WIKIBRIDGE(of="choice" by="theme")/}

{WIKIBRIDGE(of="choise")/}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "wikibridge.yml").write_text("wiki: {kind: folder, dialect: tiki}\nmin_group: 1\n", encoding="utf-8")
    (tmp_path / "participants.csv").write_text(
        "name,kind,language,territory\nAna,citizen,English,Lisbon\nÉcole de Ville,école,fr,Namur\nJoão,,pt,Praia\n", encoding="utf-8")
    return tmp_path


def run(folder: Path, *names: str) -> Result:
    with Session(Site(folder)) as session:
        return session.run(names)


def texts(folder: Path) -> dict[str, str]:
    with Session(Site(folder)) as session:
        session.sync()
        return {page.title: page.text for page in session.mirror.every()}


def type_(folder: Path, title: str, text: str) -> None:
    path = folder / "wiki" / f"{title}.tiki"
    path.write_text(path.read_text(encoding="utf-8") + text, encoding="utf-8")


def test_choices_typed_in_two_ways_are_summed_up_and_questions_answered(folder: Path) -> None:
    run(folder, "install")
    made = run(folder)
    assert made.problems == 0 and "Participants/João" in texts(folder)
    type_(folder, "Participants/Ana", TYPED)
    second = run(folder)
    assert (second.entries, second.problems, second.failed) == (5, 0, [])
    pages = texts(folder)
    assert "||__Theme__|__Choices__|__Participants__|__Comparison__\nFood|1|1|██████████\nTransport|1|1|██████████||" in pages["Summary of choices"]
    assert "* 2021 – Less meat – ((Participants/Ana|Ana))\n* 3 Nov 2020 – By bike – ((Participants/Ana|Ana))" in pages["Latest choices"]
    own = pages["Participants/Ana"]
    # Each answer has a page of its own: what people edit is written once, however often the answer changes.
    shown = [re.fullmatch(r'{INCLUDE\(page="([^"]+)"\)/}', each.content)[1] for each in regions.find(own, tikitext)[0]]  # type: ignore[index]
    first, wrong = (pages[title] for title in shown)
    assert shown[0].startswith("Answers - Ana ")
    assert "Food|1|1" in first and "Did you mean “choice”?" in wrong
    assert re.sub(r"\n~tc~ wikibridge:begin.*?wikibridge:end \S+ ~/tc~", "", own, flags=re.DOTALL).endswith(TYPED.rstrip())
    again = run(folder)
    assert (again.created, again.changed, again.refused) == (0, 0, [])
    type_(folder, "Participants/João", "\n!! Escolha: Horta\n* Tema: alimentação\n")
    run(folder)
    assert "Food|2|2" in texts(folder)[shown[0]] and texts(folder)["Participants/Ana"] == own


def test_what_people_type_changes_nothing_but_words_on_summary_pages(folder: Path) -> None:
    run(folder)
    quoted = NASTY.replace('"', '\\"')
    type_(folder, "Participants/Ana", f"\n!! Choice: {NASTY}\n* Theme: food\n\n{{CHOICE(title=\"{quoted}\" difficulties=\"{quoted}\")/}}\n")
    assert run(folder).failed == []
    for title, text in texts(folder).items():
        found, broken = regions.find(text, tikitext)
        if not title.startswith("Participants/"):
            assert not broken and all(each.ours for each in found), title
            assert "<" not in text and ">" not in text, title
            names = {call.name for call in tikitext.scan(text).calls}
            assert names <= {"DIV"}, (title, names)
            assert {heading.text for heading in tikitext.scan(text).headings}.isdisjoint({"x"})
    assert (again := run(folder)).created + again.changed == 0


def test_the_profile_makes_a_plugin_of_every_name_of_an_entry(folder: Path) -> None:
    made = run(folder, "install")
    assert any(TITLE in note for note in made.notes)
    text = texts(folder)[TITLE]
    assert "<" not in text and ">" not in text
    assert "://" not in text.partition("{CODE")[0], "a command with an address is no link"
    (call,) = (call for call in tikitext.scan(text).calls if call.name == "CODE")
    source = next(argument.value for argument in call.arguments if argument.name == "")
    objects = yaml.safe_load(source)["objects"]
    aliases = {each["data"]["name"]: each["data"] for each in objects if each["type"] == "plugin_alias"}
    forms = {each["data"]["name"]: each["data"]["content"] for each in objects if each["type"] == "template"}
    assert forms["Choice"].startswith("!!Choice: \n* Date:\n* Theme:\n")
    assert {"choice", "choix", "escolha", "aprovacao", "wikibridge"} <= aliases.keys()
    for name, alias in aliases.items():
        assert "card" not in alias["params"]["class"], "what is in a card is laid out piece by piece"
        if name != "wikibridge":
            tokens = set(re.findall(r"%([^%\n]+)%", alias["body"]["default"]))
            assert tokens == alias["body"]["params"].keys() and tokens - {"body"} == alias["description"]["params"].keys()


def test_titles_that_are_made_of_names_keep_to_what_a_tiki_links_to(folder: Path) -> None:
    with (folder / "participants.csv").open("a", encoding="utf-8") as rows:
        rows.write('Smith & Sons,company,en,\n"""A+"" Club?",company,en,\nAna,citizen,en,Cork\nAna,citizen,en,Namur\n')
    run(folder)
    pages = texts(folder)
    assert {"Participants/Smith - Sons", "Participants/'A' Club", "Participants/Ana (Cork)"} <= pages.keys()
    assert "* Name: Smith ~38~ Sons" in pages["Participants/Smith - Sons"]
    assert run(folder).created == 0


def test_undo_gives_the_pages_back(folder: Path) -> None:
    run(folder)
    type_(folder, "Participants/Ana", TYPED)
    before = texts(folder)["Participants/Ana"]
    made = run(folder)
    type_(folder, "Summary of choices", "\nA remark of somebody.")
    with Session(Site(folder)) as session:
        session.undo(made.run)
    after = texts(folder)
    assert after["Participants/Ana"] == before
    assert after["Summary of choices"].endswith("A remark of somebody.")


def test_the_whole_demo_on_a_server_that_answers_as_a_tiki(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
) -> None:
    def interrupted() -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("signal.pause", interrupted)
    demo(tmp_path / "demo", "tiki", 12, silent, "en")
    said = capsys.readouterr().out
    assert "12 participants typed 60 choices." in said and "All in" in said and "Ctrl-C ends it." in said
    assert not re.search(r"[1-9] (created|changed).*nothing to do|nothing to do +[1-9]", said)
