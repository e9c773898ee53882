"""The assessment of a period: every figure against the truth behind what was typed; pages, web pages, data; mistakes."""

from __future__ import annotations

import json
from collections.abc import Iterable
from contextlib import closing
from fractions import Fraction
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from tests.assessed import Choice, Person, changes, figures, grouped, participation, people, within
from tests.meeting_2020 import meetings_yml
from tests.test_catalogue import own_type
from tests.test_cli import cli, told
from wikibridge import Session, Site
from wikibridge.i18n import message
from wikibridge.model import Edit
from wikibridge.resources import shipped
from wikibridge.wikis.folder import FolderWiki

NOW, BEFORE = ("2020-11-06", "2021-05-06"), ("2020-05-08", "2020-11-05")
CROWD = people(840, 7)
"""More than 5,000 entries."""
FEW = people(40, 4)


def make(folder: Path, crowd: Iterable[Person], least: int = 1, dialect: str = "mediawiki", job: str = "") -> Site:
    """A site on an embedded wiki on which the pages of a crowd stand already."""
    (folder / "jobs").mkdir(parents=True)
    (folder / "wikibridge.yml").write_text(
        f"wiki: {{kind: folder, dialect: {dialect}}}\nlanguages: [en, fr, pt]\ntime_zone: Europe/Brussels\nparticipants: P/\n"
        f"min_group: {least}\n", encoding="utf-8")
    for each in shipped("jobs").glob("*.yml"):
        (folder / "jobs" / each.name).write_text("# not here\n")
    if job:
        (folder / "jobs" / "assessment.yml").write_text(job)
    with closing(FolderWiki(folder / "wiki", user="citizen", dialect=dialect)) as wiki:
        for person in crowd:
            wiki.write(Edit(f"P/{person.name}", person.text, "", None))
    return Site(folder)


def does(folder: Path, *arguments: str) -> str:
    """The command does what it is asked; what it says."""
    done = cli("assessment", *arguments, folder=folder)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


@pytest.fixture(scope="module", params=[1, 3])
def assessed(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[int, dict[str, Any]]:
    """The least number of a group, and the data of the assessment of a large crowd."""
    folder = tmp_path_factory.mktemp("assessed") / "site"
    make(folder, CROWD, request.param)
    assert f"{NOW[0]}_{NOW[1]}.json" in does(folder, "--from", NOW[0], "--to", NOW[1])
    data = json.loads((folder / "assessments" / f"{NOW[0]}_{NOW[1]}.json").read_bytes())
    return request.param, data


def close(figure: Any, value: Fraction | int) -> bool:
    return abs(Fraction(figure) - value) < Fraction(1, 10**6)


def amount(figure: list[dict[str, Any]] | None) -> tuple[Any, int] | None:
    """The one amount of a figure, and how many entries it is of."""
    if figure is None:
        return None
    (one,) = figure
    return one["amount"], one["of"]


def test_it_rests_on_as_many_entries_as_were_written(assessed: tuple[int, dict[str, Any]]) -> None:
    assert sum(len(person.choices) + len(person.proposals) for person in CROWD) > 5000
    _, data = assessed
    assert data["answers"]["choices"]["entries"] == len(within(CROWD, *NOW)) and data["problems"] == 0
    assert data["answers"]["undated"]["entries"] == sum(not each.day for person in CROWD for each in person.choices)


def test_who_took_part(assessed: tuple[int, dict[str, Any]]) -> None:
    _, data = assessed
    assert data["participation"] == participation(CROWD, *NOW)
    assert data["participation_before"] == participation(CROWD, *BEFORE)
    assert (data["previous"]["from"], data["previous"]["to"]) == BEFORE


BY = {"theme": lambda _, each: each.themes, "level": lambda _, each: filter(None, [each.level]),
      "status": lambda _, each: filter(None, [each.status]), "kind": lambda person, _: [person.kind],
      "territory": lambda person, _: [person.territory], "language": lambda person, _: [person.language],
      "tool": lambda _, each: each.tools}


def check_groups(name: str, data: dict[str, Any], crowd: Iterable[Person], least: int) -> None:
    """The answer of a name in the data of an assessment against the truth: each row, what is put together, the total."""
    some = [(person, each) for person, each in within(crowd, *NOW) if name != "tool" or each.tools]
    groups = grouped(some, BY[name])
    answer = data["answers"][name]
    labels = answer["labels"][0]
    seen: set[str | None] = set()
    rest: list[dict[str, Any]] = []
    for row in answer["rows"]:
        (key,) = row["groups"]
        key = labels.get(key, key) if name in ("territory", "tool") else key
        if key == "other":
            rest.append(row)
            continue
        seen.add(key)
        check(row, groups[key], len(some), least)
        assert key is None or row["participants"] >= least
    others = {id(each): (person, each) for key, group in groups.items() if key not in seen for person, each in group}
    assert bool(others) == bool(rest), "what is not shown by itself is told together"
    for row in rest:
        check(row, list(others.values()), len(some), least)
    check(answer["total"], some, len(some), least)


@pytest.mark.parametrize("name", BY)
def test_groups(assessed: tuple[int, dict[str, Any]], name: str) -> None:
    least, data = assessed
    check_groups(name, data, CROWD, least)


def check(row: dict[str, Any], some: list[tuple[Person, Choice]], whole: int, least: int) -> None:
    """A row of an answer against the choices that it is of."""
    known, shown = figures(some), row["figures"]
    assert (shown["count"], shown["participants"]) == (known["count"], known["participants"])
    assert "share" not in shown or close(shown["share"], Fraction(known["count"], whole))
    if "mean rating" in shown:
        mean = amount(shown["mean rating"])
        assert (mean is None) == (known["rated"] < max(1, least))
        assert mean is None or (mean[1] == known["rated"] and close(mean[0], known["mean"]))


def check_indicators(data: dict[str, Any], crowd: Iterable[Person], least: int) -> None:
    """What changed by indicator against the truth."""
    some = [(person, each) for person, each in within(crowd, *NOW) if each.indicator]
    groups = grouped(some, lambda _, each: [each.indicator])
    answer = data["answers"]["indicator"]
    assert len(answer["rows"]) == len(groups) == 4
    names = {"mean before": "before", "mean after": "after", "change": "change", "min change": "min", "max change": "max"}
    for row in answer["rows"]:
        group = groups[answer["labels"][0][row["groups"][0]]]
        known = changes(group)
        assert row["figures"]["count"] == len(group) and known["change"][1] >= least
        for name, of in names.items():
            found = amount(row["figures"][name])
            assert found is not None and found[1] == known[of][1] and close(found[0], known[of][0]), name


def test_results_by_indicator(assessed: tuple[int, dict[str, Any]]) -> None:
    least, data = assessed
    check_indicators(data, CROWD, least)


def test_themes_and_states_in_one_table(assessed: tuple[int, dict[str, Any]]) -> None:
    least, data = assessed
    known = grouped(within(CROWD, *NOW), lambda _, each: [f"{theme} {each.status}" for theme in each.themes if each.status])
    rows = data["answers"]["done"]["rows"]
    shown = {" ".join(row["groups"]): row["figures"]["count"] for row in rows if row["figures"]["count"] is not None}
    assert shown == {key: len(group) for key, group in known.items() if key}
    assert least == 1 or all(row["participants"] >= least for row in rows)


def test_what_changed_since_the_period_before(assessed: tuple[int, dict[str, Any]]) -> None:
    least, data = assessed
    answers, old, new = data["answers"], within(CROWD, *BEFORE), within(CROWD, *NOW)
    both = answers["then-choices"]
    for row, some in zip(both["rows"], (old, new), strict=True):
        check(row, some, len(old) + len(new), least)
    for name, keys in (("then-status", BY["status"]), ("then-theme", BY["theme"]), ("then-level", BY["level"])):
        known = {(key, period): len(group) for period, some in enumerate((old, new)) for key, group in grouped(some, keys).items() if key}
        shown = {(row["groups"][0], int(row["groups"][1].startswith("6 Nov"))): row["figures"]["count"] for row in answers[name]["rows"]}
        assert shown == known, name
    for row in answers["then-indicator"]["rows"]:
        some = new if row["groups"][1].startswith("6 Nov") else old
        label = answers["then-indicator"]["labels"][0][row["groups"][0]]
        mean, of = changes([(person, each) for person, each in some if each.indicator == label])["change"]
        found = amount(row["figures"]["change"])
        assert found is not None and found[1] == of and close(found[0], mean)


def test_how_complete_the_data_are(assessed: tuple[int, dict[str, Any]]) -> None:
    _, data = assessed
    some = [each for _, each in within(CROWD, *NOW)]
    known = {"no-theme": sum(not each.themes for each in some), "no-level": sum(not each.level for each in some),
             "no-status": sum(not each.status for each in some), "no-rating": sum(each.rating is None for each in some),
             "no-result": sum(not each.result for each in some), "no-indicator": sum(not each.indicator for each in some),
             "measured": sum(None not in (each.before, each.after) for each in some)}
    assert {name: data["answers"][name]["entries"] for name in known} == known


def test_proposals_and_quotations(assessed: tuple[int, dict[str, Any]]) -> None:
    _, data = assessed
    made = [(person, status) for person in CROWD for day, status in person.proposals if NOW[0] <= day <= NOW[1]]
    rows = {row["groups"][0]: row["figures"] for row in data["answers"]["proposals"]["rows"]}
    assert {key: (row["count"], row["participants"]) for key, row in rows.items()} == {
        key: (len(some), len({person.name for person, status in some}))
        for key in {status for _, status in made} for some in [[each for each in made if each[1] == key]]}
    for name in ("result", "difficulties"):
        answer = data["answers"][name]
        assert answer["entries"] == sum(bool(getattr(each, name)) for _, each in within(CROWD, *NOW))
        assert len(answer["items"]) == 12 and all(item["fields"][name] for item in answer["items"])


# Pages


JOB = f"kind: assessment\nfrom: {NOW[0]}\nto: {NOW[1]}\n"
TITLES = ("Assessment: 6 November 2020 to 6 May 2021", "Bilan du 6 novembre 2020 au 6 mai 2021",
          "Balanço de 6 de novembro de 2020 a 6 de maio de 2021")


@pytest.mark.parametrize("dialect", ["mediawiki", "tiki"])
def test_pages_are_made_and_a_second_run_writes_nothing(tmp_path: Path, dialect: str) -> None:
    crowd = people(40, 4, tiki=dialect == "tiki")
    site = make(tmp_path / "site", crowd, dialect=dialect, job=JOB)
    with Session(site) as session:
        made = session.run()
    assert (made.failed, made.refused, made.created) == ([], [], 3)
    with Session(site) as session:
        again = session.run()
        assert (again.created, again.changed) == (0, 0)
        texts = {page.title: page.text for page in session.wiki.read(titles=TITLES)}
    assert list(texts) and set(texts) == set(TITLES)
    for language, title in zip(("en", "fr", "pt"), TITLES, strict=True):
        shown = site.dialect.plain(texts[title])
        assert all(message(f"assessment-{each}", language) in shown for each in ("overview", "quality", "limits"))
        assert "$1" not in shown and "⧼" not in shown
    counted, strong = figures(within(crowd, *NOW)), site.dialect.STRONG
    assert f"Choices: {strong}{counted['count']}{strong} · Participants: {strong}{counted['participants']}{strong}" in texts[TITLES[0]]


def test_an_edit_within_the_period_changes_the_pages_and_one_outside_does_not(tmp_path: Path) -> None:
    site = make(tmp_path / "site", FEW, job=JOB + "previous: {from: 2020-06-01, to: 2020-11-05}\n")
    with Session(site) as session:
        session.run()
    for day, changed in (("2022-03-01", 0), ("2021-01-03", 3)):
        with closing(FolderWiki(site.folder / "wiki", user="citizen")) as wiki:
            (page,) = wiki.read(titles=["P/Person 0001"])
            wiki.write(Edit(page.title, f"{page.text}\n\n{{{{Choice|title=New|date={day}|theme=food|level=family|status=done}}}}", "",
                            next(iter(wiki.list(_one(page.title))))))
        with Session(site) as session:
            assert session.run().changed == changed


def _one(title: str) -> Any:
    from wikibridge.model import Selection

    return Selection(titles=frozenset({title}))


def test_meetings_and_their_conclusions_are_told(tmp_path: Path) -> None:
    site = make(tmp_path / "site", FEW, job=JOB)
    (site.folder / "meetings.yml").write_text(meetings_yml().replace("2020-11-04", "2020-11-06"), encoding="utf-8")
    (site.folder / "jobs" / "meetings.yml").write_text("kind: meetings\ngroups: {}\n")
    with Session(Site(site.folder)) as session:
        session.run()
        minutes = next(title for title in session.mirror.titles() if title.startswith("Compte rendu : Conclusions"))
    with closing(FolderWiki(site.folder / "wiki", user="citizen")) as wiki:
        (page,) = wiki.read(titles=[minutes])
        calls = "{{Conclusion|titre=Un|pour la charte=oui}}\n{{Conclusion|titre=Deux}}"
        wiki.write(Edit(minutes, f"{page.text}\n\n{calls}", "", next(iter(wiki.list(_one(minutes))))))
    with Session(site) as session:
        session.run()
        (page,) = session.wiki.read(titles=TITLES[1:2])
    row = page.text[page.text.index("[[:Programme : 4e Rencontre internationale") :].split("|-")[0]
    assert [cell.rpartition("| ")[2].strip() for cell in row.splitlines()[1:6]] == ["6 nov. 2020", "3", "0", "2", "1"]


def test_publish_writes_the_pages_on_the_wiki(tmp_path: Path) -> None:
    site = make(tmp_path / "site", FEW)
    assert "3 pages created" in does(site.folder, "--from", "6 November 2020", "--to", "6 May 2021", "--publish")
    shown = (site.folder / "assessments" / f"{NOW[0]}_{NOW[1]}.fr.html").read_text(encoding="utf-8")
    assert TITLES[1] in unescape(shown) and "<script" not in shown
    with Session(site) as session:
        (once,) = session.wiki.read(titles=TITLES[1:2])
    assert "quand ce bilan a été fait" in once.text and "se mettent à jour" not in once.text, "no run keeps it up to date"
    (site.folder / "jobs" / "assessment.yml").write_text(f"kind: assessment\nfrom: {NOW[0]}\nto: {NOW[1]}\npage: {{fr: 'Suivi du $1'}}\n")
    with Session(site) as session:
        session.run()
        (kept,) = session.wiki.read(titles=[TITLES[1].replace("Bilan", "Suivi")])
    assert "se mettent à jour" in kept.text and "quand ce bilan" not in kept.text


def test_without_choices_it_says_so(tmp_path: Path) -> None:
    site = make(tmp_path / "site", [])
    does(site.folder, "--from", "2020", "--to", "2020")
    shown = (site.folder / "assessments" / "2020-01-01_2020-12-31.pt.html").read_text(encoding="utf-8")
    assert message("summary-none", "pt") in shown


@pytest.mark.parametrize(("job", "words"), [
    ("kind: assessment\nfrom: 2020-11-06\n", ("jobs/assessment.yml", "to")),
    ("kind: assessment\nfrom: 2021-11-06\nto: 2021-05-06\n", ("“to” to be no earlier than “from”",)),
    ("kind: assessment\nfrom: soon\nto: 2021-05-06\n", ("jobs/assessment.yml, line 2", "from")),
])
def test_a_mistake_in_the_job_file_is_told(tmp_path: Path, job: str, words: tuple[str, ...]) -> None:
    site = make(tmp_path / "site", [], job=job)
    told(cli("run", folder=site.folder), 2, *words)


def test_a_mistake_on_the_command_line_is_told(tmp_path: Path) -> None:
    site = make(tmp_path / "site", [])
    told(cli("assessment", "--from", "31/02/2020", folder=site.folder), 2, "31/02/2020")
    told(cli("assessment", "--from", "2021", "--to", "2020", folder=site.folder), 2, "2021")


def test_pages_begin_with_the_first_that_there_is_to_tell_and_have_room_for_the_rest(tmp_path: Path) -> None:
    quiet, busy = [person for person in FEW if not person.typed], [person for person in FEW if person.typed]
    site = make(tmp_path / "site", quiet, job=JOB)
    (site.folder / "jobs" / "meetings.yml").write_text("kind: meetings\ngroups: {}\nminutes: {}\n")
    with Session(site) as session:
        assert session.run().created == 0
    (site.folder / "meetings.yml").write_text(meetings_yml().replace("2020-11-04", "2020-11-06"), encoding="utf-8")
    with Session(Site(site.folder)) as session:
        assert session.run().created == 6
    with closing(FolderWiki(site.folder / "wiki", user="citizen")) as wiki:
        for person in busy:
            wiki.write(Edit(f"P/{person.name}", person.text, "", None))
    with Session(Site(site.folder)) as session:
        made = session.run()
        assert (made.refused, made.changed, made.created) == ([], 3, 0)
        (page,) = session.wiki.read(titles=TITLES[:1])
    assert f"Choices: '''{figures(within(FEW, *NOW))['count']}'''" in page.text
def test_choices_of_the_sites_own_without_ratings_are_assessed_those_without_dates_cannot_be(tmp_path: Path) -> None:
    site = make(tmp_path / "site", FEW)
    own_type(site, "choice", "rating")
    assert ".en.html" in does(site.folder, "--from", NOW[0], "--to", NOW[1])
    own_type(site, "choice", "date")
    done = cli("assessment", "--from", NOW[0], "--to", NOW[1], folder=site.folder)
    assert done.returncode == 2 and "There is no field “date”" in done.stderr


def test_files_that_quote_somebody_go_when_the_person_is_forgotten(tmp_path: Path) -> None:
    site = make(tmp_path / "site", FEW)
    does(site.folder, "--from", NOW[0], "--to", NOW[1])
    name = f"{NOW[0]}_{NOW[1]}.json"
    data = json.loads((site.folder / "assessments" / name).read_bytes())
    quoted = data["answers"]["result"]["items"][0]["page"]
    (site.folder / "assessments" / "mine.json").write_text(json.dumps({"who": quoted}))
    done = cli("forget", quoted, "--yes", folder=site.folder)
    assert done.returncode == 0, done
    assert [path.name for path in (site.folder / "assessments").iterdir()] == ["mine.json"]
