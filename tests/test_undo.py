"""Watched before and taken back after: limits, plans that are looked at, undo, template upgrades, on both wikis."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from threading import Event

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.admin import Admin
from tests.places import PEOPLE, Place
from wikibridge import Session
from wikibridge.errors import LimitExceeded, SettingsError, Stopped, Unreachable
from wikibridge.markup.regions import region
from wikibridge.mirror.journal import created
from wikibridge.model import Action, Edit, Saved
from wikibridge.publish import plan_file
from wikibridge.publish.exclusion import excluded
from wikibridge.publish.merge import three_way
from wikibridge.wikis.folder import FolderWiki

STATE_ON_POSTGRESQL = True
CHOICE = "\n\n{{Choice|title=Walking|date=2021|theme=transport}}"
TEMPLATE = "{{Participant\n|name=<< name >>\n|territory=<< territory >>\n|words=\n}}\n\nFirst line.\n\nLast line."


def settings(place: Place, more: str) -> None:
    path = place.site.folder / "wikibridge.yml"
    path.write_text(path.read_text(encoding="utf-8") + more + "\n", encoding="utf-8")
    place.site = type(place.site)(place.site.folder)


def until(place: Place, done: Callable[[], bool]) -> None:
    """Run until it shows: a server's list of changes follows the answer to an edit by a moment."""
    for _ in range(20):
        place.run()
        if done():
            return
    raise AssertionError("it never came")


def ana(place: Place) -> str:
    return f"{place.prefix}P/Ana Silva"


def with_a_choice(place: Place) -> int:
    """A site whose second writing run put a choice into the summaries; the number of that run."""
    place.run()
    place.type(ana(place), lambda text: text + CHOICE)
    until(place, lambda: "Walking" in place.page(place.summary()).text)
    with Session(place.site) as session:
        return next(number for number, _, result in session.journal.runs() if result and result["changed"])


# Looking before


def test_the_plan_shows_the_whole_run_and_the_run_does_just_that(place: Place) -> None:
    with Session(place.site) as session:
        session.sync()
        planned = session.plan()
        assert session.mirror.counts()["pages"] == 0
    assert place.run().created == sum(step.action is Action.CREATE for step in planned) == 4 + 3
    for step in planned:
        if step.action is Action.CREATE:
            # Summaries tell the time of the newest page: that of the rehearsal is another minute at most.
            there, thought = (text.splitlines() for text in (place.page(step.title).text, step.text))
            assert len(there) == len(thought) and sum(a != b for a, b in zip(there, thought, strict=True)) <= 8


@pytest.mark.parametrize(("limits", "said"), [
    ("{created: 6}", "7"), ("{created: 0}", "limits.created"),
])
def test_a_run_over_a_limit_writes_nothing_and_says_how_to_lift_it(place: Place, limits: str, said: str) -> None:
    settings(place, f"limits: {limits}")
    with pytest.raises(LimitExceeded, match=said), Session(place.site) as session:
        session.run()
    assert not list(place.citizen.read(titles=[ana(place), place.summary()]))
    with Session(place.site) as session:
        assert session.journal.writes() == []
        assert session.run(many=True).created == 7


def test_changed_and_removed_characters_have_limits_too(place: Place) -> None:
    place.run()
    place.type(ana(place), lambda text: text + CHOICE.replace("Walking", "Walking " * 40))
    until(place, lambda: "Walking" in place.page(place.summary()).text)
    place.type(ana(place), lambda text: text.partition("\n\n{{Choice")[0])
    path = place.site.folder / "wikibridge.yml"
    unlimited = path.read_text(encoding="utf-8")

    def over(limit: str) -> bool:
        try:
            place.run()
        except LimitExceeded as error:
            assert limit in str(error)
            return True
        return False

    for limit, value in {"changed": 0, "removed": 100, "removed_percent": 10}.items():
        path.write_text(unlimited, encoding="utf-8")
        settings(place, f"limits: {{{limit}: {value}}}")
        before = place.page(place.summary()).revision
        assert any(over(f"limits.{limit} ") for _ in range(20))
        assert place.page(place.summary()).revision == before
    path.write_text(unlimited, encoding="utf-8")
    settings(place, "")
    until(place, lambda: "Walking" not in place.page(place.summary()).text)


def test_a_plan_is_written_as_it_was_looked_at_and_what_changed_since_is_left_alone(place: Place, tmp_path: Path) -> None:
    with Session(place.site) as session:
        session.sync()
        plan = plan_file.PlanFile(session.wiki.identity, session.plan())
    file = tmp_path / "plan.json"
    file.write_text(plan_file.dumps(plan), encoding="utf-8")
    assert plan_file.load(file) == plan_file.load(file)
    place.citizen.write(Edit(ana(place), "I was first.", "", None))
    with Session(place.site) as session:
        result = session.apply(plan_file.load(file))
        assert (result.created, len(result.failed)) == (6, 0) and any("Ana Silva" in line for line in result.refused)
        again = session.apply(plan_file.load(file))
        assert (again.created, again.changed) == (0, 0)
    assert place.page(ana(place)).text == "I was first."
    for step in plan.steps:
        if step.writes and step.title != ana(place):
            assert place.page(step.title).text == step.text


def test_plans_for_another_wiki_and_files_that_are_no_plan_are_refused(place: Place, tmp_path: Path) -> None:
    file = tmp_path / "plan.json"
    with Session(place.site) as session, pytest.raises(SettingsError, match="another wiki"):
        session.apply(plan_file.PlanFile("elsewhere", ()))
    for text in ("", "[]", "{}", '{"format": 2, "wiki": "w", "steps": []}', '{"format": 1, "wiki": "w", "steps": [{}]}',
                 '{"format": 1, "wiki": "w", "steps": [{"wanted": {"title": []}}]}', "\ufeff{"):
        file.write_text(text, encoding="utf-8")
        with pytest.raises(SettingsError, match=r"plan\.json"):
            plan_file.load(file)
    with pytest.raises(SettingsError, match="missing"):
        plan_file.load(tmp_path / "missing.json")


# Stopping


def test_the_stop_page_stops_before_the_first_write_until_it_is_emptied(place: Place) -> None:
    stop = f"{place.prefix}Stop"
    settings(place, f"stop_page: '{stop}'")
    page = place.citizen.write(Edit(stop, "Please stop: wrong names!", "", None)).head
    with pytest.raises(Stopped, match="wrong names"), Session(place.site) as session:
        session.run()
    assert not list(place.citizen.read(titles=[ana(place)]))
    place.citizen.write(Edit(stop, "<!-- -->", "", page))
    with pytest.raises(Stopped), Session(place.site) as session:
        session.run()


def test_the_stop_page_stops_a_run_under_way(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("wikibridge.publish.apply.LOOK_EVERY", 2)
    stop = f"{place.prefix}Stop"
    settings(place, f"stop_page: '{stop}'")

    def progress(what: str, done: int, total: int) -> None:
        if (what, done) == ("progress-write", 1):
            place.citizen.write(Edit(stop, "Stop!", "", None))

    with pytest.raises(Stopped), Session(place.site, progress=progress) as session:
        session.run()
    with Session(place.site) as session:
        assert len(session.journal.created()) == 2


def test_the_pace_is_kept(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    waited: list[float] = []

    class Halt(Event):
        def wait(self, timeout: float | None = None) -> bool:
            waited.append(timeout or 0)
            return False

    monkeypatch.setattr("wikibridge.jobs.runner.Event", Halt)
    settings(place, "limits: {edits_per_minute: 6}")
    assert place.run().created == 7
    assert len([seconds for seconds in waited if 5 < seconds <= 10]) == 6


def test_a_page_that_excludes_bots_is_left_alone(place: Place) -> None:
    place.run()
    place.type(place.summary(), lambda text: "{{nobots}}\n" + text)
    place.type(ana(place), lambda text: text + CHOICE)
    until(place, lambda: "Walking" in place.page(place.summary("fr")).text)
    assert "Walking" not in place.page(place.summary()).text
    assert any("bots" in line for line in place.run().refused)


@pytest.mark.parametrize(("text", "out"), [
    ("{{nobots}}", True), ("{{Bots|deny=all}}", True), ("{{bots|deny=Other, wikiBridge }}", True), ("{{bots|allow=none}}", True),
    ("{{bots|allow=Other}}", True), ("{{bots|deny=Other}}", False), ("{{bots}}", False), ("{{bots|allow=all}}", False),
    ("{{bots|allow=wikibridge}}", False), ("{{bots|deny=none}}", False), ("<nowiki>{{nobots}}</nowiki>", False),
    ("<!-- {{nobots}} -->", False), ("robots {{no}}", False), ("{{bots|allow=wikibridge|deny=all}}", False),
])
def test_which_bots_are_excluded(text: str, out: bool) -> None:
    assert excluded(text, "Wikibridge@app") is out


# Taking back


def test_undo_puts_the_page_back_and_the_next_run_leaves_it_so(place: Place) -> None:
    run = with_a_choice(place)
    with Session(place.site) as session:
        planned = session.plan_undo(run)
        result = session.undo(run)
        assert result.changed == len(planned) == 3 and not result.failed and not result.refused
        undoing = result.run
    assert "Walking" not in place.page(place.summary()).text
    assert "Walking" in place.page(ana(place)).text
    assert place.run().changed == 0 and "Walking" not in place.page(place.summary()).text
    with Session(place.site) as session:
        assert session.undo(undoing).changed == 3
    assert "Walking" in place.page(place.summary()).text
    assert place.run().changed == 0


def test_undo_keeps_what_others_wrote_since(place: Place) -> None:
    run = with_a_choice(place)
    place.type(place.summary(), lambda text: text + "\n\nA citizen's remark.")
    place.type(place.summary("fr"), lambda text: text.replace("Walking", "Marche"))
    with Session(place.site) as session:
        result = session.undo(run)
        assert result.changed == 2 and len(result.refused) == 1 and f"{place.prefix}Summary fr" in result.refused[0]
    text = place.page(place.summary()).text
    assert "A citizen's remark." in text and "Walking" not in text
    assert "Marche" in place.page(place.summary("fr")).text


def test_what_was_undone_is_written_again_after_something_else_was(place: Place) -> None:
    run = with_a_choice(place)
    with Session(place.site) as session:
        session.undo(run)
    place.type(ana(place), lambda text: text.replace("Walking", "Cycling"))
    until(place, lambda: "Cycling" in place.page(place.summary()).text)
    place.type(ana(place), lambda text: text.replace("Cycling", "Walking"))
    until(place, lambda: "Walking" in place.page(place.summary()).text)


def test_undo_follows_a_page_that_was_moved(place: Place, request: pytest.FixtureRequest) -> None:
    run = with_a_choice(place)
    moved = place.summary() + " moved"
    if isinstance(place.citizen, FolderWiki):
        (file,) = (place.site.folder / "wiki").rglob("Summary en.wiki")
        file.rename(file.with_name("Summary en moved.wiki"))
    else:
        Admin(request.getfixturevalue("mediawiki")).move(place.summary(), moved)
    with Session(place.site) as session:
        assert session.undo(run, moved).changed == 1
    assert "Walking" not in place.page(moved).text


def test_undo_keeps_what_was_written_between_the_reading_and_the_writing_of_the_run(
    place: Place, monkeypatch: pytest.MonkeyPatch,
) -> None:
    place.run()
    place.type(ana(place), lambda text: text + CHOICE)
    words = 0
    for _ in range(20):
        with Session(place.site) as session:
            real = session.wiki.write

            def write(edit: Edit, real: Callable[[Edit], Saved] = real) -> Saved:
                nonlocal words
                if edit.title == place.summary() and not words:
                    words += 1
                    # Far from what the run changes: MediaWiki merges the two without a word.
                    place.type(edit.title, lambda text: text + "\n\n\n\n\nA citizen's word.")
                return real(edit)

            monkeypatch.setattr(session.wiki, "write", write)
            run = session.run()
        if run.changed:
            break
    assert "A citizen's word." in place.page(place.summary()).text and "Walking" in place.page(place.summary()).text
    with Session(place.site) as session:
        session.undo(run.run)
    text = place.page(place.summary()).text
    assert "A citizen's word." in text and "Walking" not in text


def test_undo_of_one_page_only(place: Place) -> None:
    run = with_a_choice(place)
    with Session(place.site) as session:
        assert session.undo(run, place.summary("pt")).changed == 1
        with pytest.raises(SettingsError, match="wrote nothing on"):
            session.undo(run, "Nowhere")
        with pytest.raises(SettingsError, match="no run 999"):
            session.undo(999)
    assert "Walking" not in place.page(place.summary("pt")).text and "Walking" in place.page(place.summary("fr")).text


def test_a_created_page_is_taken_back_by_a_notice_unless_somebody_wrote_on_it(place: Place) -> None:
    run = place.run().run
    place.type(ana(place), lambda text: text + "\n\nMy words.")
    with Session(place.site) as session:
        result = session.undo(run)
        assert result.changed == 6 and len(result.refused) == 1 and not result.failed
    assert "My words." in place.page(ana(place)).text
    assert f"run {run}" in place.page(f"{place.prefix}P/École verte").text
    after = place.run()
    assert (after.created, after.changed) == (0, 0)


def test_the_log_tells_what_was_written_with_links(place: Place) -> None:
    from wikibridge.cli import log

    run = place.run().run
    with Session(place.site) as session:
        (first,) = log.runs(session.journal)
        assert (first["run"], first["created"], first["cut_off"]) == (run, 7, False)
        facts = log.pages(session.journal, run, session.wiki.diff_address)
        assert {fact["title"] for fact in facts} >= {ana(place), place.summary()} and all(fact["created"] for fact in facts)
        assert len(list(log.told(facts, "fr"))) == 7
        if not isinstance(session.wiki, FolderWiki):
            assert all("index.php?diff=" in fact["diff"] for fact in facts)
        json.dumps(facts)


# Crashes, settled from the wiki's history


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("then", ["nothing", "moved", "deleted"])
def test_a_creation_whose_answer_was_lost_is_settled(
    place: Place, when: str, then: str, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest,
) -> None:
    with Session(place.site) as session:
        real = session.wiki.write

        def write(edit: Edit) -> Saved:
            if edit.title == ana(place):
                if when == "after":
                    real(edit)
                raise Unreachable("unreachable", "x", "cut")
            return real(edit)

        monkeypatch.setattr(session.wiki, "write", write)
        with pytest.raises(Unreachable):
            session.run()
    if when == "after" and then != "nothing":
        if isinstance(place.citizen, FolderWiki):
            file = next((place.site.folder / "wiki").rglob("Ana Silva.wiki"))
            file.unlink() if then == "deleted" else file.rename(file.with_name("Ana Moved.wiki"))
        else:
            admin = Admin(request.getfixturevalue("mediawiki"))
            admin.delete(ana(place)) if then == "deleted" else admin.move(ana(place), ana(place) + " moved", redirect=False)
    result = place.run()
    assert not result.failed
    assert len(list(place.citizen.read(titles=[ana(place)]))) == (when == "before" or then == "nothing")
    with Session(place.site) as session:
        assert not {write.outcome for write in session.journal.writes()} & {"intent", "Unsure"}
    assert place.run().created == 0


# Template upgrades


@pytest.fixture
def upgraded(place: Place) -> Place:
    """Pages of a template of our own, which are to follow it."""
    (place.site.folder / "jobs" / "participants.yml").write_text("kind: participants\nupgrade: yes\n", encoding="utf-8")
    new_template(place, TEMPLATE)
    place.run()
    return place


def new_template(place: Place, text: str) -> None:
    for language in ("en", "fr", "pt"):
        path = place.site.folder / "page_templates" / "mediawiki" / language / "participant.wiki"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def test_an_improved_template_reaches_pages_and_what_people_wrote_stays(upgraded: Place) -> None:
    place = upgraded
    place.type(ana(place), lambda text: text.replace("|words=", "|words=Mine").replace("Last line.", "Last line.\n\nMy own words."))
    place.type(f"{place.prefix}P/École verte", lambda text: text.replace("First line.", "Quite another first line."))
    new_template(place, TEMPLATE.replace("First line.", "A better first line.").replace("|words=", "|email=\n|words="))
    until(place, lambda: "A better first line." in place.page(ana(place)).text)
    text = place.page(ana(place)).text
    assert "|email=\n|words=Mine" in text and text.endswith("Last line.\n\nMy own words.")
    assert "Quite another first line." in place.page(f"{place.prefix}P/École verte").text
    last = place.run()
    assert last.changed == 0 and any("École verte" in line for line in last.refused)


def test_pages_do_not_follow_a_template_when_nobody_asked(place: Place) -> None:
    place.run()
    new_template(place, TEMPLATE)
    assert place.run().changed == 0


def test_a_skeleton_that_was_not_kept_is_found_in_the_history(upgraded: Place) -> None:
    place = upgraded
    with Session(place.site) as session, session.journal.engine.begin() as connection:
        connection.execute(created.update().values(skeleton=b""))
    new_template(place, TEMPLATE.replace("Last line.", "The end."))
    until(place, lambda: "The end." in place.page(ana(place)).text)


def test_a_changed_row_of_the_table_reaches_its_page(upgraded: Place) -> None:
    place = upgraded
    (place.site.folder / "participants.csv").write_text(PEOPLE.replace("Namur", "Liège"), encoding="utf-8")
    until(place, lambda: "|territory=Liège" in place.page(f"{place.prefix}P/École verte").text)


LINES = st.lists(st.sampled_from(["a", "b", "c", "|x=1", "", "{{T"]), max_size=8).map("\n".join)


@given(LINES, LINES)
def test_a_merge_with_one_side_unchanged_is_the_other_side(base: str, other: str) -> None:
    assert three_way(base, other, base) == three_way(base, base, other) == other.rstrip()


@given(LINES, LINES, LINES)
def test_a_merge_loses_no_line_that_somebody_added(base: str, theirs: str, ours: str) -> None:
    merged = three_way(base, theirs, ours)
    if merged is not None:
        for side in (theirs, ours):
            for line in set(side.split("\n")) - set(base.split("\n")) - {""}:
                assert line in merged.split("\n")


def test_a_merge_of_what_no_wiki_keeps() -> None:
    assert three_way("a", "a\n\x00----\nb \x01", "a") == "a\n\ufffd----\nb \ufffd"


def test_regions_do_not_stand_in_the_way_of_a_merge() -> None:
    base = "one\n" + region("a", "old") + "\ntwo"
    assert three_way(base, base.replace(region("a", "old"), region("a", "new")), base.replace("two", "three")) == \
        "one\n" + region("a", "new") + "\nthree"
    filled, emptied = (base.replace(region("a", "old"), region("a", text)) for text in ("new", ""))
    assert three_way(base, filled + "\nmore", emptied) is None
    assert three_way(filled, filled + "\nmore", base) == base + "\nmore"
    assert three_way("one\ntwo", "top\n\n" + region("n", "x") + "\n\none\ntwo", "one\nthree") is not None


def test_a_region_that_goes_leaves_what_others_wrote_next_to_it() -> None:
    base, one = "words", region("import-1", "{{Choice}}")
    for others in ("words\n\n{}\n\nmore", "top\n\nwords\n\n{}", "words\n\n{}\nmore\n\n" + region("b", "x")):
        theirs = others.format(one)
        assert three_way(f"{base}\n\n{one}", theirs, base) == others.replace("\n\n{}", "")
    assert three_way(f"{one}\n\n{base}", f"{one}\n\nmore\n\n{base}", base) == f"more\n\n{base}"
    assert three_way(f"{base}\n\n{one}", f"{base}\n\n{one.replace('}}', '|x}}')}", base) is None
