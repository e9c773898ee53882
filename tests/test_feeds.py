"""Feeds: Atom files and lists on pages. On folders in both dialects, and on a real MediaWiki; read back with other programs."""

from __future__ import annotations

import re
import tempfile
import uuid
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import feedparser
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from playwright.sync_api import Browser

from tests.meeting_2020 import SESSIONS
from tests.places import Place
from tests.reading import WIDTHS, look
from tests.test_cli import cli
from tests.test_meeting_files import done
from tests.test_meetings import citizen, make, page, run
from wikibridge import Site
from wikibridge.demo.mediawiki_server import MediaWikiServer
from wikibridge.feeds.atom import atom
from wikibridge.feeds.values import Feed, Item, Said, identity
from wikibridge.model import Edit, Head
from wikibridge.wikis.folder import FolderWiki

STATE_ON_POSTGRESQL = True
SCHEMA = etree.RelaxNG(etree.parse(Path(__file__).parent / "atom.rng"))
NAMES = {"a": "http://www.w3.org/2005/Atom"}
JOB = """kind: feeds
feeds:
  - name: choices
    title: {en: Latest choices, fr: Derniers choix, pt: Últimas escolhas}
    page: {en: '^News', fr: '^Nouveautés', pt: '^Novidades'}
"""
MONDAY = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)


def site_with(folder: Path, dialect: str = "mediawiki", job: str = JOB, people: int = 2) -> Site:
    site = make(folder, dialect, people)
    (site.folder / "jobs" / "meetings.yml").unlink()
    (site.folder / "meetings.yml").unlink()
    (site.folder / "jobs" / "feeds.yml").write_text(job.replace("^", ""), encoding="utf-8")
    return site


def feeds(*lines: str, head: str = "") -> str:
    return f"kind: feeds\n{head}feeds:\n" + "".join(f"  - {{{line}}}\n" for line in lines)


def call(title: str, dialect: str = "mediawiki", **fields: str) -> str:
    parts = {"title": title, **fields}
    if dialect == "tiki":
        return "{CHOICE(" + " ".join(f'{name}="{value}"' for name, value in parts.items()) + ")/}"
    return "{{Choice" + "".join(f"|{name}={value}" for name, value in parts.items()) + "}}"


def write(site: Site, title: str, text: str, when: datetime = MONDAY) -> None:
    """Somebody saved a page at that time."""
    with closing(FolderWiki(site.folder / "wiki", user="citizen", dialect=site.settings.wiki.dialect)) as wiki:
        wiki.receive(title, text, editor="citizen", summary="", time=when)


def files(site: Site) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted((site.folder / "feeds").glob("*"))}


def valid(data: bytes) -> Any:
    """A feed as another program reads it, by the grammar of the standard and what that says besides."""
    tree = etree.fromstring(data)
    assert SCHEMA.validate(tree), SCHEMA.error_log
    found = feedparser.parse(data)
    assert not found.bozo, found.bozo_exception
    ids = [each.id for each in found.entries]
    assert len(set(ids)) == len(ids)
    assert tree.xpath("a:author/a:name/text()", namespaces=NAMES), "or every entry must have one"
    assert all(each.xpath("a:content | a:link[@rel='alternate']", namespaces=NAMES) for each in tree.iterfind("a:entry", NAMES))
    assert [each.updated for each in found.entries] == sorted((each.updated for each in found.entries), reverse=True)
    assert all(each.updated <= found.feed.updated for each in found.entries)
    return found


def read(site: Site, name: str = "choices.en.atom") -> Any:
    return valid(files(site)[name])


@pytest.mark.parametrize("dialect", ["mediawiki", "tiki"])
def test_files_and_pages_are_made_and_a_second_run_touches_nothing(tmp_path: Path, dialect: str) -> None:
    site = site_with(tmp_path / "site", dialect)
    assert run(site).created == 2 and not (site.folder / "feeds").exists(), "nothing to tell yet"
    citizen(site, "P/Person 00", page(site, "P/Person 00") + "\n\n" + call("Less meat", dialect, theme="food", result="We & they walk"))
    assert run(site).created == 3
    before = {path: path.stat().st_mtime_ns for path in (site.folder / "feeds").iterdir()}
    assert [path.name for path in sorted(before)] == ["choices.en.atom", "choices.fr.atom", "choices.pt.atom"]
    for language, label in {"en": "food", "fr": "alimentation", "pt": "alimentação"}.items():
        found = read(site, f"choices.{language}.atom")
        (entry,) = found.entries
        assert (entry.title, entry.author, entry.tags[0].term, entry.tags[0].label) == ("Less meat", "Person 00", "food", label)
        assert found.feed.language == language and "We &amp; they walk" in entry.content[0].value and "links" not in entry
    for title, words in {"News": "· food", "Nouveautés": "· alimentation", "Novidades": "· alimentação"}.items():
        assert re.search(rf"\d – (\[\[:|\(\()P/Person 00\|Less meat(\]\]|\)\)) – Person 00 {words}\n", page(site, title))
    for _ in range(3):
        again = run(site)
        assert (again.created, again.changed, again.failed) == (0, 0, [])
    assert {path: path.stat().st_mtime_ns for path in (site.folder / "feeds").iterdir()} == before


def test_a_plan_writes_no_file(tmp_path: Path) -> None:
    site = site_with(tmp_path / "site")
    citizen(site, "P/Person 00", call("Less meat"))
    done(cli("plan", folder=site.folder), 0, "News")
    assert not (site.folder / "feeds").exists()


def test_only_what_is_new_makes_another_file(tmp_path: Path) -> None:
    site = site_with(tmp_path / "site")
    person = "{{Participant|name=Person 00|language=pt}}\n"
    choices = [call("Walk"), call("Less meat", theme="food")]
    write(site, "P/Person 00", person + "\n".join(choices))
    run(site)
    first, old = read(site), files(site)
    assert [each.updated for each in first.entries] == ["2026-11-02T09:30:00+00:00"] * 2

    def told_after(text: str, days: int) -> Any:
        write(site, "P/Person 00", text, MONDAY + timedelta(days=days))
        run(site)
        return read(site)

    told_after(f"{person}Something else, and the choices the other way round.\n" + "\n".join(reversed(choices)), 1)
    assert files(site) == old
    changed = told_after(person + "\n".join([choices[0], call("Less meat", theme="food", result="We feel better")]), 2)
    assert {each.id for each in changed.entries} == {each.id for each in first.entries}
    assert [(each.title, each.updated[:10], each.published[:10]) for each in changed.entries] == [
        ("Less meat", "2026-11-04", "2026-11-02"), ("Walk", "2026-11-02", "2026-11-02")]
    assert changed.feed.updated[:10] == "2026-11-04"
    more = told_after(person + "\n".join([*choices, call("A garden")]), 3)
    assert [each.title for each in more.entries] == ["A garden", "Less meat", "Walk"]
    fewer = told_after(person + choices[0], 4)
    assert [each.title for each in fewer.entries] == ["Walk"] and fewer.feed.updated == more.feed.updated
    told_after(person, 5)
    empty = read(site)
    assert (len(empty.entries), empty.feed.id, empty.feed.title) == (0, first.feed.id, "Latest choices")
    assert "Nothing that fits" in page(site, "News") and run(site).changed == 0


def test_who_renames_a_page_or_a_choice_makes_no_news_of_the_others(tmp_path: Path) -> None:
    site = site_with(tmp_path / "site")
    write(site, "P/Person 00", "{{Participant|name=Person 00}}\n" + call("Walk") + call("Less meat", theme="food", level="family"))
    run(site)
    first = read(site)
    path = next((site.folder / "wiki").rglob("*Person 00*"))
    path.rename(path.with_name(path.name.replace("Person 00", "Zoé")))
    run(site)
    assert [(each.id, each.updated) for each in read(site).entries] == [(each.id, each.updated) for each in first.entries]
    assert "P/Zoé|Walk" in page(site, "News")
    write(site, "P/Zoé", "{{Participant|name=Person 00}}\n" + call("Walk") + call("No meat", theme="food", level="family"),
          MONDAY + timedelta(days=1))
    run(site)
    assert {each.id for each in read(site).entries} == {each.id for each in first.entries}


@pytest.mark.parametrize("edited", [False, True])
def test_a_mirror_filled_anew_makes_no_news(tmp_path: Path, edited: bool) -> None:
    site = site_with(tmp_path / "site")
    write(site, "P/Person 00", "{{Participant|name=Person 00}}\n" + call("Walk") + call("Less meat"))
    run(site)
    if edited:  # then its key is no longer the one of what it says
        write(site, "P/Person 00", "{{Participant|name=Person 00}}\n" + call("Walk") + call("Less meat", theme="food"), MONDAY + timedelta(days=1))
        run(site)
    write(site, "P/Person 00", "Hello.\n{{Participant|name=Person 00}}\n" + page(site, "P/Person 00").partition("\n")[2], MONDAY + timedelta(days=2))
    run(site)
    before = files(site)
    for path in site.state.glob("mirror.db*"):
        path.unlink()
    run(site)
    assert files(site) == before
    (site.folder / "feeds" / "choices.en.atom").unlink()
    run(Site(site.folder))
    assert read(site).entries, "a file that somebody deleted is made again"


def test_a_file_that_somebody_wrote_in_is_made_anew(tmp_path: Path) -> None:
    site = site_with(tmp_path / "site")
    write(site, "P/Person 00", call("Walk"))
    run(site)
    before = files(site)
    for text in ("", "no feed", "<feed/>", "<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", "<feed xmlns='http://www.w3.org/2005/Atom'><entry/></feed>"):
        (site.folder / "feeds" / "choices.en.atom").write_text(text)
        run(site)
        assert files(site) == before


def test_feeds_by_theme_by_group_and_by_language(tmp_path: Path) -> None:
    site = site_with(tmp_path / "site", job=feeds(
        "name: themes, title: {en: 'Choices: $1', fr: 'Choix : $1'}, page: {en: 'News of $1'}, each: theme",
        "name: groups, title: {en: 'Choices of $1'}, page: {en: 'News of the group $1'}, each: group",
        "name: spoken, title: {en: 'Choices in $1'}, each: language",
        "name: own, title: {fr: Ici, pt: Aqui}, language: own",
        "name: schools, title: {en: Schools}, where: 'kind: school'"))
    write(site, "P/Person 00", "{{Participant|name=Person 00|language=pt|group=Jeunes / été|kind=school}}\n" + call("Walk", theme="transport, health"))
    write(site, "P/Person 01", "{{Participant|name=Person 01|language=fr|group=Ä ö|kind=citizen}}\n" + call("Cook", theme="food"))
    assert run(site).failed == []
    named = {name: [each.title for each in valid(data).entries] for name, data in files(site).items()}
    marked = next(name for name in named if re.fullmatch(r"groups\.a-o(-[0-9a-f]{8})?\.en\.atom", name))
    assert named == {
        marked: ["Cook"], "groups.jeunes-ete.en.atom": ["Walk"], "own.fr.atom": ["Cook"], "own.pt.atom": ["Walk"],
        "spoken.fr.en.atom": ["Cook"], "spoken.pt.en.atom": ["Walk"], "schools.en.atom": ["Walk"],
        **{f"themes.{theme}.{language}.atom": [title] for theme, title in (("food", "Cook"), ("health", "Walk"), ("transport", "Walk"))
           for language in ("en", "fr")}}
    assert read(site, "themes.food.fr.atom").feed.title == "Choix : Alimentation"
    assert "Walk" in page(site, "News of the group Jeunes - été") and "Cook" in page(site, "News of Food")
    write(site, "P/Person 01", "{{Participant|name=Person 01|language=fr}}\n" + call("Cook"), MONDAY + timedelta(days=1))
    run(site)
    emptied = read(site, "themes.food.fr.atom")
    assert (emptied.entries, emptied.feed.title) == ([], "Choix : Alimentation")
    assert "Nothing that fits" in page(site, "News of Food")
    gone = next(title for title in (f"News of the group {name}" for name in ("Ä ö", "A o")) if page(site, title))
    assert "Nothing that fits" in page(site, gone) and "Cook" not in page(site, gone)
    assert run(site).changed == 0


def test_words_that_no_name_of_a_file_can_tell_apart_have_files_of_their_own(tmp_path: Path) -> None:
    site = site_with(tmp_path / "site", job=feeds("name: groups, title: {en: 'Choices of $1'}, each: group"), people=0)
    for number, group in enumerate(("Ελλάδα", "日本", "x" * 60, "x" * 61, "../../etc/passwd", "a b", "a-b")):
        write(site, f"P/{number}", f"{{{{Participant|name={number}|group={group}}}}}\n" + call(f"Choice {number}"))
    run(site)
    made = files(site)
    assert len(made) == 6 and all(re.fullmatch(r"groups\.[a-z0-9-]+\.en\.atom", name) for name in made)
    assert sorted(each.title for data in made.values() for each in valid(data).entries) == [f"Choice {number}" for number in range(7)]


def test_results_are_choices_that_tell_what_came_of_them(tmp_path: Path) -> None:
    site = site_with(tmp_path / "site", job=feeds(
        "name: choices, title: {en: Choices}, limit: 3", "name: results, title: {en: Results}, of: result",
        "name: proposals, title: {en: Proposals}, of: proposal"))
    for number in range(5):
        write(site, f"P/Person {number:02}", call(f"Choice {number}", **({"result": "Good"} if number == 0 else {})),
              MONDAY + timedelta(minutes=number))
    write(site, "P/Person 09", "{{Proposal|title=Shorter forms|proposed by=The school|status=discussed}}")
    run(site)
    assert [each.title for each in read(site).entries] == ["Choice 4", "Choice 3", "Choice 2"]
    (result,) = read(site, "results.en.atom").entries
    (proposal,) = read(site, "proposals.en.atom").entries
    assert result.title == "Choice 0" and (proposal.title, proposal.author) == ("Shorter forms", "The school")
    write(site, "P/Person 01", call("Choice 1", result="Late, but well"), MONDAY + timedelta(days=200))
    run(site)
    late = read(site, "results.en.atom").entries[0]
    assert late.title == "Choice 1" and late.id not in {each.id for each in read(site).entries}, "a result is news of its own"


@pytest.mark.parametrize("dialect", ["mediawiki", "tiki"])
def test_sessions_of_meetings_are_news_and_so_are_their_conclusions(tmp_path: Path, dialect: str) -> None:
    site = make(tmp_path / "site", dialect)
    (site.folder / "jobs" / "feeds.yml").write_text(feeds(
        "name: meetings, title: {en: Sessions, fr: Sessions}, of: meeting, page: {en: Sessions}",
        "name: spoken, title: {en: 'Sessions in $1'}, of: meeting, each: language",
        "name: conclusions, title: {en: Conclusions}, of: conclusion"), encoding="utf-8")
    assert run(site).failed == []
    first = read(site, "meetings.en.atom")
    assert len(first.entries) == len(SESSIONS) and run(site).changed == 0
    climate = next(each for each in first.entries if each.title == "Citizens for the climate")
    assert "Monday 2 November 2020, 15:00–17:00 (Brussels)" in climate.content[0].value and "rooms.example.org" not in str(files(site))
    assert "2 November 2020 – " in page(site, "Sessions") and "Citizens for the climate" in page(site, "Sessions")
    assert {"meetings.fr.atom", "spoken.pt.en.atom"} <= files(site).keys()
    plan = site.folder / "meetings.yml"
    plan.write_text(plan.read_text(encoding="utf-8").replace("Citizens for the climate", "Climate and citizens"), encoding="utf-8")
    minutes = "Compte rendu : Citoyens pour le climat – 4e Rencontre internationale"
    conclusion = "{{Conclusion|titre=Des jardins pour tous}}" if dialect == "mediawiki" else '{CONCLUSION(titre="Des jardins pour tous")/}'
    citizen(site, minutes, f"{page(site, minutes)}\n\n{conclusion}\n")
    run(site)
    second = read(site, "meetings.en.atom")
    renamed = next(each for each in second.entries if each.title == "Climate and citizens")
    assert renamed.id == climate.id and {each.id for each in second.entries} == {each.id for each in first.entries}
    others = {each.id: each.updated for each in first.entries if each.id != climate.id}
    assert {each.id: each.updated for each in second.entries if each.id != climate.id} == others
    (found,) = read(site, "conclusions.en.atom").entries
    assert found.title == "Des jardins pour tous" and "author" not in found


def test_whoever_is_forgotten_is_so_in_feeds(tmp_path: Path) -> None:
    site = site_with(tmp_path / "site")
    for number in range(2):
        write(site, f"P/Person {number:02}", f"{{{{Participant|name=Person {number:02}}}}}\n" + call(f"Choice {number}"))
    run(site)
    done(cli("forget", "P/Person 01", "--yes", folder=site.folder), 0)
    assert b"Person 01" not in b"".join(files(site).values())
    run(site)
    assert [each.author for each in read(site).entries] == ["Person 00"]


@pytest.mark.parametrize(("job", "words"), [
    (feeds("name: a, title: {en: A}, of: chioce"), ("jobs/feeds.yml, block “a”", "chioce")),
    (feeds("name: a, title: {en: A}, where: 'them: food'"), ("jobs/feeds.yml, block “a”", "them")),
    (feeds("name: a, title: {en: A}, each: theme"), ("jobs/feeds.yml, line 3", "$1 for the word")),
    (feeds("name: a, title: {en: 'A $1'}, page: {en: '$1 news'}, each: group"), ("jobs/feeds.yml, line 3", "a few letters and then $1")),
    (feeds("name: a, title: {en: 'A $1'}, each: month"), ("jobs/feeds.yml, feed “a”, each", "theme, group or language")),
    (feeds("name: a, title: {en: 'A $1'}, each: participant"), ("jobs/feeds.yml, feed “a”, each",)),
    (feeds("name: a, title: {en: 'A $1'}, each: 'theme, kind'"), ("jobs/feeds.yml, feed “a”, each",)),
    (feeds("name: a, title: {en: A}, of: meeting, where: 'theme: food'"), ("no “where” in a feed of meetings",)),
    (feeds("name: a, title: {en: 'A $1'}, of: meeting, each: group"), ("one of theme, language, kind",)),
    (feeds("name: a, title: {en: A}", "name: a, title: {fr: A}"), ("“a” is there twice",)),
    (feeds("name: a, title: {en: A}", head="address: feeds.example.org\n"), ("jobs/feeds.yml, line 2", "https://www.example.org/feeds/")),
    (feeds("name: a, title: {en: A}", head="folder: ../x\n"), ("jobs/feeds.yml, line 2", "folder", "a name without slashes")),
    (feeds("name: ../etc, title: {en: A}"), ("jobs/feeds.yml, line 3, feeds.0.name: expected a name of small letters",)),
    ("kind: feeds\nfeeds: choices\n", ("jobs/feeds.yml, line 2, feeds: expected a list.",)),
    ("kind: feeds\nfeeds: []\n", ("jobs/feeds.yml, line 2, feeds: expected a list of at least 1.",)),
    ("kind: assessment\nfrom: 2021-05-06\nto: 2020-11-06\n", ("jobs/feeds.yml, line 1: expected “to” to be no earlier",)),
    ("kind: charters\npage: A\nthreshold: 66%\n", ("jobs/feeds.yml, line 3, threshold: expected a number such as 0.5.",)),
    ("kind: catalogue\ntools: ['']\n", ("jobs/feeds.yml, line 2", "expected a text.")),
    ("kind: charters\npage: A\nquorum: few\n", ("jobs/feeds.yml, line 3, quorum: expected a whole number.",)),
])
def test_a_mistake_in_the_job_file_is_told(tmp_path: Path, job: str, words: tuple[str, ...]) -> None:
    site = site_with(tmp_path / "site")
    write(site, "P/Person 00", call("Walk"))
    (site.folder / "jobs" / "feeds.yml").write_text(job, encoding="utf-8")
    ended = cli("run", "feeds", folder=site.folder)
    assert ended.returncode in (2, 3)
    done(ended, ended.returncode, *words)


def test_two_jobs_do_not_write_the_same_files(tmp_path: Path) -> None:
    site = site_with(tmp_path / "site")
    write(site, "P/Person 00", call("Walk"))
    first = site.folder / "jobs" / "feeds.yml"
    (site.folder / "jobs" / "other.yml").write_text(first.read_text(encoding="utf-8"), encoding="utf-8")
    ended = run(Site(site.folder))
    assert ended.jobs["feeds"] == "done" and ended.jobs["other"] == "failed"
    assert "jobs/other.yml: the feed “choices” has the same files as that of jobs/feeds.yml" in ended.failed[0]
    told = first.read_text(encoding="utf-8").replace("kind: feeds\n", "kind: feeds\nfolder: others\n").replace(": News", ": Others")
    (site.folder / "jobs" / "other.yml").write_text(told, encoding="utf-8")
    assert run(Site(site.folder)).jobs["other"] == "done" and read(site)


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    site = site_with(tmp_path / "site")
    write(site, "P/Person 00", call("Walk"))
    (site.folder / "feeds").write_text("a file")
    ended = run(site)
    assert ended.jobs["feeds"] == "failed" and "feeds" in ended.failed[0] and ended.created == 4


# Laws

SIGNS = st.lists(st.one_of(
    st.characters(), st.characters(exclude_categories=()),
    st.sampled_from("\x00\x08\x0b\x1f\x7f\x85\ufffe\uffff\ud800\u202e\u2066<>&\"']\r\n\u2028😀👩\u200d"),
    st.sampled_from(["]]>", "<b>", "&amp;", "<!--", "--", "<?x", "{{x}}"])), max_size=20).map("".join)
MOMENTS = st.datetimes(datetime(2001, 1, 1), datetime(2090, 1, 1), timezones=st.just(UTC))


@st.composite
def items(draw: st.DrawFn) -> Item:
    return Item(
        draw(st.uuids()).urn, draw(SIGNS), draw(SIGNS), draw(st.sampled_from(["", "https://example.org/?a=b&c=%3C"])), draw(SIGNS),
        draw(MOMENTS), draw(MOMENTS), date(2026, 11, 2), tuple(draw(st.lists(st.tuples(SIGNS, SIGNS), max_size=2))),
        tuple(draw(st.lists(st.builds(Said, SIGNS, SIGNS, st.booleans()), max_size=3))), draw(st.sampled_from(["", "fr"])))


@settings(max_examples=300, deadline=None)
@given(title=SIGNS, author=SIGNS, several=st.lists(items(), max_size=4, unique_by=lambda item: item.id))
def test_whatever_people_typed_it_is_a_feed(title: str, author: str, several: list[Item]) -> None:
    feed = Feed("urn:uuid:x", title, "en", f"A{author}", tuple(several), "https://example.org/", "https://example.org/a.en.atom")
    made = atom(feed)
    found = valid(made)
    assert {each.id for each in found.entries} == {each.id for each in several}
    tree = etree.fromstring(made)
    allowed = {"feed", "id", "title", "updated", "author", "name", "link", "generator", "entry", "published", "category", "content",
               "div", "p", "strong", "span", "br"}
    assert {etree.QName(each).localname for each in tree.iter()} <= allowed, "nobody's text is markup"
    assert not re.search("[\u202a-\u202e\u2066-\u2069]", made.decode())
    assert atom(feed, made) == made


@settings(max_examples=100, deadline=None)
@given(several=st.lists(items(), min_size=1, max_size=4, unique_by=lambda item: item.id), data=st.data())
def test_of_several_items_those_keep_their_times_that_say_the_same(several: list[Item], data: st.DataObject) -> None:
    from dataclasses import replace

    feed = Feed("urn:uuid:x", "A", "en", "B", tuple(several))
    before = atom(feed)
    other = data.draw(st.sampled_from(several))
    later = [replace(item, updated=item.updated + timedelta(days=40_000), said=(*item.said, Said("", "new")) if item is other else item.said)
             for item in several]
    after = atom(replace(feed, items=tuple(later)), before)
    first, second = ({each.id: each.updated for each in valid(text).entries} for text in (before, after))
    assert {name for name in first if first[name] != second[name]} == {other.id}
    assert valid(after).feed.updated == second[other.id] and b"".join(sorted(after.split(b"\n"))) != before


@settings(max_examples=12, deadline=None)
@given(edits=st.lists(st.tuples(st.sampled_from(["prose", "add", "change", "turn", "drop"]), st.integers(0, 5)), min_size=1, max_size=5))
def test_an_edit_makes_news_of_what_it_changes_and_of_nothing_else(edits: list[tuple[str, int]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        site = site_with(Path(folder) / "site", job=feeds("name: choices, title: {en: A}"), people=0)
        choices = {f"Choice {number}": 0 for number in range(3)}
        prose = 0

        def saved(day: int) -> dict[str, tuple[str, str]]:
            calls = "\n".join(call(title, result=f"Result {version}") for title, version in choices.items())
            write(site, "P/Ana", f"{{{{Participant|name=Ana}}}}\n{'Hello. ' * prose}\n{calls}", MONDAY + timedelta(days=day))
            run(site)
            return {each.title: (each.id, each.updated) for each in read(site).entries}

        before = saved(0)
        for day, (what, number) in enumerate(edits, 1):
            title = sorted(choices)[number % len(choices)] if choices else ""
            touched = set()
            if what == "prose" or not choices:
                prose += 1
            elif what == "turn":
                choices = dict(reversed(choices.items()))
            elif what == "drop":
                del choices[title]
            else:
                title = title if what == "change" else f"Choice {day + 10}"
                choices[title] = choices.get(title, 0) + 1
                touched = {title}
            after = saved(day)
            assert after.keys() == choices.keys()
            for each in after.keys() & before.keys():
                assert after[each][0] == before[each][0] and (after[each][1] != before[each][1]) == (each in touched)
            before = after


def test_the_same_on_every_machine() -> None:
    assert identity("https://wiki.example.org/api.php", "choice", 7, "abc") == "urn:uuid:a66f11a0-b66e-5957-92e7-5727bbd5f37d"


# On real wikis

def test_on_a_wiki(place: Place) -> None:
    folder = place.site.folder
    (folder / "jobs" / "feeds.yml").write_text(JOB.replace("^", place.prefix) + "address: https://www.example.org/feeds\n", encoding="utf-8")
    assert place.run().failed == []
    title = f"{place.prefix}P/École verte"
    place.type(title, lambda text: f"{text}\n\n{{{{Choix|titre=Un ''potager'' & {{{{PAGENAME}}}} <b>|thème=alimentation|résultat=Des légumes}}}}")
    assert place.run().failed == [] and place.run().changed == 0
    (entry,) = read(place.site, "choices.fr.atom").entries
    assert entry.author == "École verte" and entry.title.startswith("Un potager")
    shown = place.page(f"{place.prefix}Nouveautés").text
    assert "École verte · alimentation" in shown and "https://www.example.org/feeds/choices.fr.atom" in shown and "<b>" not in shown
    if address := place.site.settings.wiki.address:
        assert entry.link.startswith(address.removesuffix("api.php")) and unquote(entry.link).endswith(title.replace(" ", "_"))
    old, first = files(place.site), place.page(f"{place.prefix}News")
    page = place.page(title)
    place.citizen.write(Edit(title, f"Bonjour.\n\n{page.text}", "", Head(page.id, page.title, page.revision)))
    assert place.run().changed == 0 and files(place.site) == old and place.page(f"{place.prefix}News") == first


@pytest.mark.live
def test_how_it_looks(
    mediawiki: MediaWikiServer, browser: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mediawiki_doors: Callable[..., Any],
) -> None:
    monkeypatch.setenv("WIKIBRIDGE_PASSWORD", mediawiki.bot.password)
    prefix = f"Corner {uuid.uuid4().hex[:8]}/"
    site = make(tmp_path / "site", prefix=prefix, wiki=f"kind: mediawiki, address: '{mediawiki.address}api.php', account: {mediawiki.bot.name}")
    (site.folder / "jobs" / "feeds.yml").write_text(
        JOB.replace("^", prefix) + f"  - {{name: meetings, title: {{en: Sessions}}, page: {{en: '{prefix}Sessions'}}, of: meeting}}\n"
        "address: https://www.example.org/feeds\n", encoding="utf-8")
    run(site)
    door = mediawiki_doors("Citizen")
    for number in range(2):
        (there,) = door.read(titles=[f"{prefix}P/Person {number:02}"])
        calls = "\n\n".join(call(f"{words} {number}", theme="food, transport") for words in (
            "Less meat, more vegetables", "מים ‮ for all [[x]] {{y}}", "Andar a pé todos os dias até à escola com os nossos vizinhos " + "x" * 90))
        door.write(Edit(there.title, f"{there.text}\n\n{calls}", "", Head(there.id, there.title, there.revision)))
    assert run(site).failed == [] and run(site).changed == 0
    read(site)
    for name in ("News", "Nouveautés", "Novidades", "Sessions"):
        for width in WIDTHS:
            seen = look(browser, mediawiki.address, f"{prefix}{name}", width, f"feed-{name}", typed=("{{", "}}", "[[", "]]"))
            assert seen.points == [1] * (13 if name == "Sessions" else 6)
