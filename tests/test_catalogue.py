"""The catalogue of tools and proposals: on a folder in both dialects, and on a real MediaWiki."""

from __future__ import annotations

import random
import re
import uuid
from collections.abc import Callable
from contextlib import closing
from decimal import Decimal
from itertools import permutations
from pathlib import Path

import pytest
import yaml
from playwright.sync_api import Browser

from tests.reading import WIDTHS, look
from tests.test_cli import cli, told
from tests.test_meetings import citizen, page, run
from tests.test_problems import text
from wikibridge import Session, Site
from wikibridge.catalogue.tools import Described, merge, named, near
from wikibridge.demo.mediawiki_server import MediaWikiServer
from wikibridge.entries import types
from wikibridge.mirror.facts import key
from wikibridge.model import Edit, Entry
from wikibridge.resources import shipped
from wikibridge.summaries.text import number_text
from wikibridge.wikis.base import Wiki
from wikibridge.wikis.folder import FolderWiki

JOB = """kind: catalogue
page: {{en: '{0}Catalogue of tools', fr: '{0}Catalogue des outils', pt: '{0}Catálogo de ferramentas'}}
tool_pages: {{en: '{0}Tool: ', fr: '{0}Outil : ', pt: '{0}Ferramenta: '}}
proposals: {{en: '{0}Proposals for tools', fr: '{0}Propositions d’outils', pt: '{0}Propostas de ferramentas'}}
tools: [SPIRAL, {{en: Shared calendar, fr: Agenda partagé}}]
"""
CATALOGUE = "Catalogue of tools"
LANGUAGES = {"en": "Catalogue of tools", "fr": "Catalogue des outils", "pt": "Catálogo de ferramentas"}


def make(folder: Path, dialect: str = "mediawiki", prefix: str = "", wiki: str = "", job: str = JOB) -> Site:
    (folder / "jobs").mkdir(parents=True)
    (folder / "wikibridge.yml").write_text(
        f"wiki: {{{wiki or f'kind: folder, dialect: {dialect}'}}}\nlanguages: [en, fr, pt]\nparticipants: '{prefix}P/'\n", encoding="utf-8")
    (folder / "participants.csv").write_text("name,language\n", encoding="utf-8")
    for each in shipped("jobs").glob("*.yml"):
        if each.stem != "participants":
            (folder / "jobs" / each.name).write_text("# not here\n")
    if job:
        (folder / "jobs" / "catalogue.yml").write_text(job.format(prefix), encoding="utf-8")
    return Site(folder)


def call(dialect: str, name: str, /, **fields: str) -> str:
    """An entry as people type it in a dialect."""
    said = {each.replace("_", " "): value for each, value in fields.items()}
    if dialect == "mediawiki":
        return f"{{{{{name}|" + "|".join(f"{each}={value}" for each, value in said.items()) + "}}"
    return f"!! {name}\n" + "\n".join(f"* {each}: {value}" for each, value in said.items())


def region(site: Site, title: str, name: str) -> str:
    """What a region of a page holds."""
    begin, end = (f"wikibridge:{each} {name} " for each in ("begin", "end"))
    return page(site, title).partition(begin)[2].partition("\n")[2].rpartition(end)[0]


def card(site: Site, title: str, tool: str) -> str:
    """What the catalogue tells of one tool."""
    (found,) = [part for part in region(site, title, "tools").split(site.dialect.wrapped("\0").partition("\0")[0])[1:]
                if tool in part.splitlines()[0]]
    return found


def everything(site: Site) -> list[tuple[str, Entry]]:
    """All entries with the titles of their pages, as they stand on the pages."""
    with Session(site) as session:
        session.sync()
        return [(each.title, entry) for each in session.mirror.pages(session.mirror.titles())
                for _, _, entry in session.mirror.entries(each.id)]


@pytest.mark.parametrize("dialect", ["mediawiki", "tiki"])
def test_pages_of_tools_are_made_once_and_a_second_run_writes_nothing(tmp_path: Path, dialect: str) -> None:
    site = make(tmp_path / "site", dialect)
    made = run(site)
    assert not made.failed and not made.refused and made.created == 5 + 3 + 3
    assert (made.problems, made.entries) == (0, 5), "a fresh page of a tool is an entry without a mistake"
    assert run(site).changed == 0
    assert "Agenda partagé" in card(site, LANGUAGES["fr"], "Agenda partagé")
    assert "Tool: Shared calendar" in card(site, LANGUAGES["fr"], "Agenda partagé"), "one tool, whose pages are in two languages"
    assert region(site, CATALOGUE, "themes").count("Outil : ") == 0, "a reader gets the page in the language of the catalogue"
    citizen(site, "Tool: SPIRAL", call(dialect, "Tool", title="SPIRAL", theme="participation", level="citizen, school"))
    assert run(site).changed == 3
    assert page(site, "Tool: SPIRAL") == call(dialect, "Tool", title="SPIRAL", theme="participation", level="citizen, school")
    assert region(site, CATALOGUE, "themes").index("Participation") < region(site, CATALOGUE, "themes").index("Not stated")


def test_summaries_of_tools_tell_of_pages_that_the_same_run_makes(tmp_path: Path) -> None:
    site = make(tmp_path / "site")
    (site.folder / "jobs" / "summary-tools.yml").unlink()  # the shipped one is used again
    citizen(site, "P/Ana", "{{Participant|name=Ana}}{{Choice|title=Walks|tool=SPIRAL}}{{Tool|title=Bicycle}}")
    run(site)
    assert "Tool: SPIRAL" in page(site, "Tools used") and "Tool: Shared calendar" in page(site, "Tools used")
    again = run(site)
    assert (again.created, again.changed) == (0, 0)


def test_a_plan_tells_the_very_pages_that_the_run_makes(tmp_path: Path) -> None:
    """Pages that several jobs make are all known to the summaries of the same plan."""
    site = make(tmp_path / "site")
    for name in ("participants", "summary-tools"):
        (site.folder / "jobs" / f"{name}.yml").unlink(missing_ok=True)
    (site.folder / "participants.csv").write_text("name,language\n" + "".join(f"Person {n},en\n" for n in range(6)), encoding="utf-8")
    with Session(site) as session:
        session.sync()
        planned = {step.title: step.text for step in session.plan() if step.writes}
    run(site)
    assert "Tool: Shared calendar" in planned["Tools used"]
    clock = re.compile(r"<time.*?</time>|hash=\S+")
    assert {title: clock.sub("", text) for title, text in planned.items()} == {
        title: clock.sub("", page(site, title)) for title in planned}


def fill(site: Site, dialect: str, pages: int = 12) -> None:
    """A crowd whose choices name tools in several spellings, by chance but always the same."""
    chance = random.Random(7)
    for number in range(pages):
        said = [call(dialect, "Participant", name=f"Person {number}", kind="citizen", language="en")]
        for each in range(3):
            tool = chance.choice(["SPIRAL", "spiral ", "Shared calendar", "agenda partage", "SPIRAL; Shared calendar", "Bicycle", "Bicycle", ""])
            said.append(call(dialect, "Choice", title=f"Choice {each}", tool=tool, rating=str(chance.randint(1, 5)),
                             result=f"Result {number}.{each} of {tool.strip() or 'nothing'}", date=f"{number + 1} March 2021"))
        citizen(site, f"P/Person {number}", "\n\n".join(said))


@pytest.mark.parametrize("dialect", ["mediawiki", "tiki"])
def test_figures_are_those_of_a_question_and_of_a_plain_count(tmp_path: Path, dialect: str) -> None:
    site = make(tmp_path / "site", dialect)
    run(site)
    fill(site, dialect)
    assert run(site).failed == []
    found = everything(site)
    for names in (["SPIRAL"], ["Shared calendar", "Agenda partagé"], ["Bicycle"]):
        wanted = set(map(key, names))
        using = [(title, entry) for title, entry in found if entry.type == "choice"
                 and wanted & set(map(key, entry.fields.get("tool", ())))]
        choices, people = len(using), len({title for title, _ in using})
        with Session(site) as session:
            asked = session.ask(f"of=choice|where=tool: {', '.join(names)}|show=count, participants, mean rating")
        assert asked.total.figures[:2] == (choices, people) and choices > 3
        if names == ["Bicycle"]:
            (row,) = region(site, CATALOGUE, "other-names").split("Bicycle")[1:]
            assert re.findall(r"\|\s*(\d+)", row)[:2] == [str(choices), str(people)]
            continue
        ratings = [entry.fields["rating"] for _, entry in using]
        mean = sum(each for each in ratings if isinstance(each, Decimal)) / len(ratings)
        shown = card(site, CATALOGUE, names[0])
        plain = site.dialect.plain(shown)
        assert f"Choices: {choices} · Participants: {people} · Rating (mean): {number_text(mean, 'en')} ({len(ratings)})" in plain
        quoted = [line for line in plain.splitlines() if "Result " in line]
        assert len(quoted) == 3 and len({line.rpartition("Person")[2] for line in quoted}) == 3, "of three people"
        assert shown.count("P/Person") == 3
    again = run(site)
    assert again.changed == 0 and again.created == 0


def own_type(site: Site, name: str, *without: str) -> None:
    """A type of entries of the site's own, which is the shipped one without some fields."""
    said = yaml.safe_load((Path(types.__file__).parent / f"{name}.yml").read_text(encoding="utf-8"))
    said["fields"] = [each for each in said["fields"] if each["name"] not in without]
    (site.folder / "entries").mkdir(exist_ok=True)
    (site.folder / "entries" / f"{name}.yml").write_text(yaml.safe_dump(said, allow_unicode=True), encoding="utf-8")


@pytest.mark.parametrize(("name", "without"), [
    ("tool", ("theme", "level", "language", "use", "offered_by", "links", "other_names")),
    ("choice", ("rating", "result")),
    ("proposal", ("status", "tool", "proposed_by", "date"))])
def test_a_type_of_the_sites_own_may_be_without_fields(tmp_path: Path, name: str, without: tuple[str, ...]) -> None:
    site = make(tmp_path / "site")
    own_type(site, name, *without)
    citizen(site, "P/Ana", "{{Participant|name=Ana}}{{Choice|title=Walks|tool=Bicycle}}{{Tool|title=Bicycle}}{{Proposal|title=A bell}}")
    assert run(site).failed == []
    assert "Choices: 1 · Participants: 1" in site.dialect.plain(card(site, CATALOGUE, "Bicycle"))
    assert "A bell" in region(site, CATALOGUE, "proposals") and "Bicycle" in region(site, CATALOGUE, "themes")


def test_no_mean_is_told_of_few_and_nothing_of_a_name_of_few(tmp_path: Path) -> None:
    site = make(tmp_path / "site")
    for name in ("Ana", "Bo"):
        citizen(site, f"P/{name}", f"{{{{Choice|title=A|tool=SPIRAL; Ana’s diary|rating=5}}}}{{{{Participant|name={name}}}}}")
    run(site)
    shown = card(site, CATALOGUE, "SPIRAL")
    assert "Choices: 2 · Participants: 2 · Rating (mean): ·" in shown and "fewer than 3 participants" in region(site, CATALOGUE, "tools")
    assert "diary" not in page(site, CATALOGUE)


@pytest.mark.parametrize("dialect", ["mediawiki", "tiki"])
def test_proposals_stand_by_tool_and_state_with_who_made_them(tmp_path: Path, dialect: str) -> None:
    site = make(tmp_path / "site", dialect)
    run(site)
    for title in ("Proposals for tools", "Propositions d’outils", "Propostas de ferramentas"):
        first, second, *_ = page(site, title).split("\n\n")
        assert "\n" not in first and first.endswith(".") and not second.startswith("\n"), "how to propose is a paragraph of its own"
    citizen(site, "P/Ana", "\n\n".join([
        call(dialect, "Participant", name="Ana Silva", language="pt"),
        call(dialect, "Proposta", título="Mais curto", ferramenta="spiral", estado="em discussão", data="3 nov. 2020"),
        call(dialect, "Proposta", título="Feito já", ferramenta="SPIRAL", estado="realizada")]))
    citizen(site, "Proposals for tools", "\n\n".join([
        call(dialect, "Proposal", title="A map of gardens", proposed_by="ana silva", description="For walks."),
        call(dialect, "Proposal", title="A better one", tool="Spirale", proposed_by="The neighbours")]))
    citizen(site, "Tool: SPIRAL", "\n\n".join([
        call(dialect, "Tool", title="SPIRAL"), call(dialect, "Proposal", title="In Creole too", proposed_by="Ana")]))
    made = run(site)
    assert not made.failed
    link, plain = site.dialect.link, site.dialect.plain
    shown = region(site, CATALOGUE, "proposals")
    new, about = shown.split(link("Tool: SPIRAL", "SPIRAL"))
    assert f"{link('Proposals for tools', 'A map of gardens')} – proposed by {link('P/Ana', 'ana silva')} – For walks." in new
    assert f"{link('Proposals for tools', 'A better one')} (Spirale) – proposed by The neighbours" in new, "nearly a name is no name"
    states = [line.strip("'") for line in about.splitlines() if re.match("''\\w", line)]
    assert states == ["Proposed", "Discussed", "Done"] or states == ["Proposed", "Under discussion", "Done"]
    assert f"{link('P/Ana', 'Mais curto')} – proposed by {link('P/Ana', 'Ana')}" in about and "3 Nov 2020" in about
    assert link("Tool: SPIRAL", "In Creole too") in about, "on the page of a tool, it is about that tool"
    of_tool = plain(card(site, CATALOGUE, "SPIRAL"))
    assert "Mais curto" in of_tool and "In Creole too" in of_tool and "Feito já" not in of_tool, "done is not open"
    assert run(site).changed == 0


def test_a_name_that_is_nearly_one_is_shown_and_not_counted(tmp_path: Path) -> None:
    site = make(tmp_path / "site")
    citizen(site, "P/Ana", "{{Participant|name=Ana}}{{Choice|title=A|tool=Shared calender}}")
    run(site)
    names = region(site, CATALOGUE, "other-names")
    assert "| Shared calender" in names and "[[:Tool: Shared calendar|Shared calendar]]" in names
    assert "Choices: 0" in card(site, CATALOGUE, "Shared calendar")
    citizen(site, "Tool: Shared calendar", "{{Tool|title=Shared calendar|other names=Shared calender; none}}")
    run(site)
    assert "Choices: 1" in card(site, CATALOGUE, "Shared calendar")


def test_a_tool_that_a_participant_described_before_the_job_file_lists_it(tmp_path: Path) -> None:
    site = make(tmp_path / "site", job="kind: catalogue\n")
    citizen(site, "P/Ana", "{{Participant|name=Ana|language=en}}{{Tool|title=Shared calendar|description=Who is free.}}")
    run(site)
    (site.folder / "jobs" / "catalogue.yml").write_text("kind: catalogue\ntools: [Shared calendar]\ntool_pages: {en: 'Tool – '}\n")
    assert run(Site(site.folder)).created == 1
    assert "[[:Tool – Shared calendar|" in page(site, "Catalogue of tools")
    assert run(Site(site.folder)).changed == 0, "the page that this run made was foreseen"


def test_without_tools_and_proposals_nothing_is_made(tmp_path: Path) -> None:
    site = make(tmp_path / "site", job="")
    (site.folder / "jobs" / "catalogue.yml").write_text((shipped("jobs") / "catalogue.yml").read_text(encoding="utf-8"))
    citizen(site, "P/Ana", "{{Participant|name=Ana}}{{Choice|title=A|tool=Bicycle}}")
    assert run(site).created == 0
    citizen(site, "P/Ana", "{{Participant|name=Ana}}{{Proposal|title=A map}}")
    assert run(site).created == 3 + 3
    assert "[[:P/Ana|A map]]" in page(site, "Catalogue of tools")


def test_a_site_whose_choices_have_no_tools_hears_nothing_of_it_unless_its_job_lists_some(tmp_path: Path) -> None:
    site = make(tmp_path / "site", job="")
    job = site.folder / "jobs" / "catalogue.yml"
    job.write_text((shipped("jobs") / "catalogue.yml").read_text(encoding="utf-8"))
    own_type(site, "choice", "tool")
    citizen(site, "P/Ana", "{{Participant|name=Ana}}{{Proposal|title=A map}}")
    ended = run(Site(site.folder))
    assert (ended.failed, ended.notes, ended.created) == ([], [], 0)
    job.write_text(f"{job.read_text(encoding='utf-8')}tools: [SPIRAL]\n", encoding="utf-8")
    assert "There is no field “tool”" in run(Site(site.folder)).failed[0]


def test_what_people_type_does_nothing_in_the_catalogue(tmp_path: Path) -> None:
    evil = "<b>x</b> [[Category:Bad]] &#123;&#123;Delete&#125;&#125; == y == ~~~~"
    for dialect in ("mediawiki", "tiki"):
        site = make(tmp_path / dialect, dialect)
        said = [call(dialect, "Participant", name="Ana"), call(dialect, "Choice", title="A", tool="SPIRAL", result=evil)]
        said += [call(dialect, "Tool", title=f"Evil {evil}", description=evil, offered_by=evil, other_names=evil),
                 call(dialect, "Proposal", title=evil, tool="SPIRAL", description=evil, proposed_by=evil)]
        citizen(site, "P/Ana", "\n\n".join(said))
        assert run(site).failed == []
        shown = page(site, CATALOGUE)
        calls = {each.name for each in site.dialect.scan(shown).calls}
        assert calls <= {"DIV", "Div"} and "[[Category" not in shown and "~~~~" not in shown and "<b>" not in shown.replace("<bdi>", "")
        assert run(site).changed == 0


@pytest.mark.parametrize(("change", "words"), [
    (("tools: [SPIRAL", "tools: [''"), ("jobs/catalogue.yml, line 5",)),
    (("tools: [SPIRAL", "quotes: 50\ntools: [SPIRAL"), ("jobs/catalogue.yml, line 5", "quotes", "20")),
    (("tool_pages:", "pages:"), ("jobs/catalogue.yml, line 3", "“pages”")),
])
def test_a_mistake_in_the_job_file_is_told(tmp_path: Path, change: tuple[str, str], words: tuple[str, ...]) -> None:
    site = make(tmp_path / "site")
    path = site.folder / "jobs" / "catalogue.yml"
    path.write_text(path.read_text(encoding="utf-8").replace(*change), encoding="utf-8")
    told(cli("run", folder=site.folder), 2, *words)


# Tools as values

def tool(page: str, title: str, *others: str, language: str = "en") -> Described:
    return Described(page, language, {"title": title, "other_names": others})


def test_the_same_pages_in_any_order_make_the_same_tools() -> None:
    said = [tool("A", "Shared calendar"), tool("B", "agenda PARTAGÉ", "Shared  calendar", language="fr"), tool("C", "Bicycle", "none"),
            tool("D", "Bus", "none"), tool("E", "Agenda partilhada", "Agenda partage", language="pt")]
    tools = merge(said)
    assert all(merge(order) == tools for order in permutations(said))
    assert [[each.page for each in one.described] for one in tools] == [["A", "B", "E"], ["C"], ["D"]]
    assert tools[0].title("pt") == "Agenda partilhada" and tools[1].title("fr") == "Bicycle"
    assert named("NONE", tools) is None, "what several tools are said to be called as well is no name"
    assert named("shared calendar!", tools) is tools[0] and named("", tools) is None
    assert near("Shared calender", tools) is tools[0] and near("Car", tools) is None
    assert len(merge(said[:1] + said[2:3], [["Bicycle", "Shared calendar"]])) == 1


@pytest.mark.live
def test_the_catalogue_on_a_real_wiki(
    mediawiki: MediaWikiServer, browser: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mediawiki_doors: Callable[..., Wiki],
) -> None:
    monkeypatch.setenv("WIKIBRIDGE_PASSWORD", mediawiki.bot.password)
    prefix = f"Corner {uuid.uuid4().hex[:8]}/"
    site = make(tmp_path / "site", prefix=prefix, wiki=f"kind: mediawiki, address: '{mediawiki.address}api.php', account: {mediawiki.bot.name}")
    door = mediawiki_doors("Citizen")
    crowd = make(tmp_path / "crowd")
    fill(crowd, "mediawiki")
    with closing(FolderWiki(crowd.folder / "wiki")) as wiki:
        for number in range(12):
            door.write(Edit(f"{prefix}P/Person {number}", text(wiki, f"P/Person {number}"), "", None))
    door.write(Edit(f"{prefix}P/Ana", "{{Participant|name=Ana}}\n{{Proposal|title=A shorter form|tool=SPIRAL|date=3 Nov 2020|status=discussed}}\n"
                    "{{Proposal|title=A map of gardens|description=Where to walk to.}}\n{{Choice|title=A|tool=Shared calender}}"
                    "{{Tool|title=Key box|theme=transport, energy|level=family|offered by=The neighbours|language=pt, fr"
                    "|description=A box for the keys of a shared car.|use=act}}", "", None))
    assert run(site).failed == [] and run(site).changed == 0
    for width in WIDTHS:
        for title in (*LANGUAGES.values(), "Tool: SPIRAL", "Proposals for tools"):
            name = f"catalogue-{title.replace(' ', '-').replace(':', '')}"
            seen = look(browser, mediawiki.address, f"{prefix}{title}", width, name)
            if title in LANGUAGES.values():
                # A page made within the same second may be red until it is looked at again.
                assert set(seen.red) <= {"English", "Français", "Português"} and all(len({len(row) for row in table}) == 1 for table in seen.tables)
                assert {"SPIRAL", "Key box"} <= {row[0] for table in seen.tables for row in table}
