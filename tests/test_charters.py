"""Charters on a wiki: articles from conclusions, approvals and what they hold for. On a folder in both dialects, on a MediaWiki."""

from __future__ import annotations

import itertools
import re
import sqlite3
import time as clock
import uuid
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html import unescape
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Browser

from tests.admin import Admin
from tests.reading import WIDTHS, Seen, look
from tests.test_cli import cli, told
from tests.test_problems import put, text
from tests.tikis import SETUPS
from wikibridge import Session, Site
from wikibridge.charters import articles
from wikibridge.demo import mediawiki_server
from wikibridge.demo.mediawiki_server import MediaWikiServer
from wikibridge.demo.tiki import TikiServer
from wikibridge.errors import PageProtected, Rejected
from wikibridge.jobs.result import Result
from wikibridge.markup import regions
from wikibridge.model import WikiInfo
from wikibridge.resources import shipped
from wikibridge.wikis.base import Guarantees, Wiki
from wikibridge.wikis.folder import FolderWiki

CHARTER = "Charter of Cork"
RESULTS = "Approvals: Charter of Cork"
JOB = """kind: charters
page: '{prefix}Charter of Cork'
results: {{en: '{prefix}Approvals: $1', fr: '{prefix}Approbations : $1'}}
threshold: 0.66
{more}
"""
PEOPLE = [(f"P{n:02}", "citizen" if n < 7 else "school" if n < 11 else "company") for n in range(13)]
CONCLUSIONS = (("Shared gardens", "Each neighbourhood has a garden: open to ''all''.", "food"),
               ("Slow streets", "Cars go at 30 km/h.", "transport"), ("Listening", "Young people are heard.", ""))


def make(folder: Path, dialect: str = "mediawiki", more: str = "", prefix: str = "", wiki: str = "", owner: str = "") -> Site:
    (folder / "jobs").mkdir(parents=True)
    (folder / "wikibridge.yml").write_text(
        f"wiki: {{{wiki or f'kind: folder, dialect: {dialect}'}}}\nlanguages: [en, fr]\ntime_zone: Europe/Brussels\n"
        f"participants: '{prefix}P/'\nsources: {{prefixes: ['{prefix}Minutes']}}\n", encoding="utf-8")
    rows = "\n".join(f"{name},{kind},en,{owner or f'User{name}'}" for name, kind in PEOPLE)
    (folder / "participants.csv").write_text(f"name,kind,language,user\n{rows}\n", encoding="utf-8")
    for job in shipped("jobs").glob("*.yml"):
        if job.stem != "participants":
            (folder / "jobs" / job.name).write_text("# not here\n")
    again(Site(folder), more, prefix)
    return Site(folder)


def again(site: Site, more: str, prefix: str = "") -> Site:
    (site.folder / "jobs" / "charters.yml").write_text(JOB.format(prefix=prefix, more=more), encoding="utf-8")
    return Site(site.folder)


def run(site: Site) -> Result:
    with Session(site) as session:
        return session.run()


def page(site: Site, title: str) -> str:
    with closing(FolderWiki(site.folder / "wiki", dialect=site.settings.wiki.dialect)) as wiki:
        return text(wiki, title)


def citizen(site: Site, title: str, words: str, user: str = "citizen") -> None:
    with closing(FolderWiki(site.folder / "wiki", user=user, dialect=site.settings.wiki.dialect)) as wiki:
        put(wiki, title, words)


def call(site: Site, name: str, fields: Mapping[str, str]) -> str:
    return site.dialect.call(name, dict(fields))


def minutes(site: Site, *more: str) -> None:
    calls = [call(site, "Conclusion", {"title": title, "text": said, "theme": theme, "for the charter": "yes"})
             for title, said, theme in CONCLUSIONS]
    calls.append(call(site, "Conclusion", {"title": "Not chosen", "text": "x"}))
    citizen(site, "Minutes of Monday", "\n\n".join([site.dialect.heading("Conclusions", 2), *calls, *more]))


def vote(site: Site, name: str, user: str = "", **fields: str) -> None:
    """A vote below what stands on a page."""
    title = name if "/" in name or " " in name else f"P/{name}"
    said = call(site, "Approval", {"charter": CHARTER, **fields})
    citizen(site, title, f"{page(site, title)}\n\n{said}".strip(), user or f"User{name}")


@pytest.fixture
def on(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Lets it be so many days after today, in all that tells what a run has to do."""
    ahead = [0]
    history, inputs = Session._history, Session._inputs
    monkeypatch.setattr(Session, "_history", lambda self, besides: replace(
        history(self, besides), day=history(self, besides).day + timedelta(days=ahead[0])))
    monkeypatch.setattr(Session, "_inputs", lambda self: [*inputs(self), str(ahead[0])])
    return lambda days: ahead.__setitem__(0, days)


@pytest.fixture(params=["mediawiki", "tiki"])
def site(request: pytest.FixtureRequest, tmp_path: Path) -> Site:
    """A site on which a charter was just made."""
    made = make(tmp_path / "site", request.param)
    assert not run(made).failed
    minutes(made)
    assert run(made).created == 3
    return made


def plain(site: Site, title: str) -> str:
    """What somebody reads on a page, more or less."""
    return " ".join(unescape(site.dialect.plain(re.sub(r"\{DIV.*?\}", "", page(site, title)))).split())


def quiet(site: Site) -> None:
    done = run(site)
    assert (done.created, done.changed, done.failed, done.refused) == (0, 0, [], []), done


def test_a_charter_is_made_of_what_was_chosen_and_a_second_run_writes_nothing(site: Site) -> None:
    shown = page(site, CHARTER)
    heads = [head.text for head in site.dialect.scan(shown).headings]
    assert heads == ["Food", "Article 1. Shared gardens", "Transport", "Article 2. Slow streets", "Other conclusions", "Article 3. Listening"]
    assert "Not chosen" not in shown and "Each neighbourhood has a garden" in shown
    draft = articles.read(shown, site.dialect)
    assert all(code in shown for code in (draft.code, *(article.code for article in draft.articles)))
    assert shown.count("Minutes of Monday") >= 3
    quiet(site)
    with Session(site) as session:
        requests = session.wiki.requests
        assert session.run().requests + requests <= 3
        assert not [entry for each in session.mirror.pages([CHARTER]) for entry in session.mirror.entries(each.id)], "examples are no votes"


def test_an_approval_holds_for_the_words_that_it_was_given_to(site: Site) -> None:
    vote(site, "P01", article="1", vote="yes")
    vote(site, "P02", article="2", vote="yes with reservation", comment="Only <b>if</b> {{schools}} [[x]] agree")
    vote(site, "P03", article="Slow streets", vote="no")
    vote(site, "P04", vote="yes")
    assert run(site).changed == 3
    results = plain(site, RESULTS)
    assert "4 have answered" in results and "[[x]]" not in page(site, RESULTS) and "<b>" not in page(site, RESULTS)
    quiet(site)
    # White space and comments are no change; words are.
    before = page(site, CHARTER)
    note = "".join((site.dialect.COMMENT[0], " ask Ana ", site.dialect.COMMENT[1]))
    citizen(site, CHARTER, before.replace("Cars go", f"Cars  \n{note}go"))
    quiet(site)
    citizen(site, CHARTER, before.replace("30 km/h", "20 km/h"))
    assert run(site).changed == 6
    shown = page(site, RESULTS)
    assert f"{site.dialect.heading('Answers to an earlier wording', 2)}\n" in shown
    asked = shown.partition("Answers to an earlier wording")[2]
    assert [name for name in ("P01", "P02", "P03", "P04") if f"P/{name}" in asked] == ["P02", "P03", "P04"]
    assert ("Special:Diff/" in asked) == (site.dialect.NAME == "mediawiki")
    assert "Reservations" not in shown, "a reservation on other words is none on these"
    quiet(site)
    # Whoever answers again counts again; words that come back are approved still.
    vote(site, "P02", article="2", vote="no")
    assert run(site).changed == 4
    asked = page(site, RESULTS).partition("Answers to an earlier wording")[2]
    assert "P/P03" in asked and "P/P02" not in asked and "Answers that do not count" not in asked, "what was asked for is no mistake"
    vote(site, "P02", article="2", vote="yes")
    run(site)
    assert "a later answer to the same article counts" in page(site, RESULTS)
    citizen(site, CHARTER, page(site, CHARTER).replace("20 km/h", "30 km/h"))
    run(site)
    asked = page(site, RESULTS).partition("Answers to an earlier wording")[2].partition("Answers that do not count")[0]
    assert [name for name in ("P01", "P02", "P03", "P04") if f"P/{name}" in asked] == ["P02"]


ASKED = {"en": "Since you answered", "fr": "Depuis votre réponse", "pt": "Depois da sua resposta"}


def test_who_answered_to_an_earlier_wording_is_asked_again_on_the_own_page(site: Site) -> None:
    def asked() -> list[str]:
        return [name for name in ("P01", "P02", "P03", "P04", "P05") if any(said in page(site, f"P/{name}") for said in ASKED.values())]

    def change(before: str, after: str) -> None:
        citizen(site, CHARTER, page(site, CHARTER).replace(before, after))
        run(site)

    citizen(site, "P/P02", re.sub(r"(?<=anguage[=:]) ?\w+", "fr", page(site, "P/P02")))
    vote(site, "P01", article="2", vote="yes")
    vote(site, "P02", vote="yes")
    vote(site, "P03", article="1", vote="no")
    vote(site, "P04", article="2", vote="no")
    vote(site, "P05", user="Mallory", article="2", vote="no")
    citizen(site, "P/P04", page(site, "P/P04") + "\n\nNo reminders, please.")
    run(site)
    assert asked() == []
    change("30 km/h", "20 km/h")
    assert asked() == ["P01", "P02"]
    shown = page(site, "P/P02")
    assert shown.index(ASKED["fr"]) < shown.index("Article 2. Slow streets") and "Article 1" not in shown
    quiet(site)
    change("20 km/h", "10 km/h")
    shown = page(site, "P/P02")
    assert shown.count(ASKED["fr"]) == 1
    # Who answers is not asked any more, nor whoever takes the notice away, until the charter changes again.
    vote(site, "P01", article="2", vote="no")
    citizen(site, "P/P02", regions.without(shown, site.dialect))
    run(site)
    assert asked() == []
    quiet(site)
    change("10 km/h", "5 km/h")
    assert asked() == ["P01", "P02"]
    for file in site.state.glob("mirror.db*"):
        file.unlink()
    quiet(site)
    # Words that come back need no answer.
    change("5 km/h", "10 km/h")
    assert asked() == ["P02"]


def test_who_is_asked_again_is_led_below_the_note_in_which_nothing_is_read(site: Site) -> None:
    vote(site, "P01", article="2", vote="yes")
    run(site)
    citizen(site, CHARTER, page(site, CHARTER).replace("30 km/h", "20 km/h"))
    run(site)
    note = page(site, "P/P01")[: page(site, "P/P01").index("wikibridge:end")]
    assert "below this note" in note
    if site.dialect.NAME == "mediawiki":
        assert "action=edit&section=new}} Answer on this page]" in note
    vote(site, "P01", article="2", vote="no")
    run(site)
    assert ASKED["en"] not in page(site, "P/P01")


def test_no_notice_of_a_change_is_left_once_a_charter_is_adopted(site: Site, on: Callable[[int], None]) -> None:
    again(site, f"until: {datetime.now(UTC).date()}")
    vote(site, "P01", vote="yes")
    vote(site, "P02", article="2", vote="no")
    vote(site, "P03", vote="yes")
    run(site)
    citizen(site, CHARTER, page(site, CHARTER).replace("30 km/h", "20 km/h"))
    vote(site, "P04", article="2", vote="yes")
    run(site)
    assert ASKED["en"] in page(site, "P/P01")
    on(1)
    run(site)
    assert "adopted" in plain(site, CHARTER).lower()
    assert not any(ASKED["en"] in page(site, f"P/P0{number}") for number in (1, 2, 3))
    quiet(site)


def test_what_is_told_is_told_again_when_the_mirror_is_lost(site: Site) -> None:
    vote(site, "P01", article="1", vote="yes")
    run(site)
    citizen(site, CHARTER, page(site, CHARTER).replace("open to", "kept by"))
    vote(site, "P02", article="1", vote="yes")
    vote(site, "P03", user="Mallory", article="1", vote="no")
    run(site)
    before = page(site, CHARTER), page(site, RESULTS)
    for file in site.state.glob("mirror.db*"):
        file.unlink()
    quiet(site)
    assert (page(site, CHARTER), page(site, RESULTS)) == before and "earlier wording" in before[1]


def test_votes_that_do_not_count_are_told_with_the_reason(site: Site) -> None:
    citizen(site, "Minutes elsewhere", "Nobody's page")
    vote(site, "P01", article="1", vote="yes")
    vote(site, "P01", article="1", vote="no")
    vote(site, "P02", user="Mallory", article="1", vote="no")
    vote(site, "P03", article="9", vote="no")
    vote(site, "P04", article="1", vote="perhaps")
    vote(site, "P05", article="1", vote="yes", wording="deadbeef")
    vote(site, "Minutes elsewhere", article="1", vote="yes")
    vote(site, "P06", charter="Charter of Corc", article="1", vote="yes")
    vote(site, "P07", charter="charter_of cork", article="1", vote="yes")
    citizen(site, "P/P08", f"{page(site, 'P/P08')}\n\n{call(site, 'Approval', {'charter': 'Charter of Namur', 'vote': 'yes'})}", "UserP08")
    assert not run(site).failed
    void = plain(site, RESULTS).partition("Answers that do not count")[2]
    for name, why in (("P01", "a later answer"), ("P02", "written by Mallory, but the page belongs to UserP02"), ("P03", "no such article"),
                      ("P04", "none of yes, no"), ("P05", "no wording has the code “deadbeef”"), ("Minutes elsewhere", "participant’s page"),
                      ("P06", "no charter has that title"), ("P08", "no charter has that title")):
        assert re.search(rf"{name}[^*]*{re.escape(why)}", void), (name, why)
    assert "P07" not in void and "2 have answered" in void
    quiet(site)


def test_who_writes_another_ones_vote_is_found_whatever_the_page_says(tmp_path: Path) -> None:
    site = make(tmp_path / "site")
    run(site)
    minutes(site)
    run(site)
    # The table says whose page it is: Mallory's word on the page does not count.
    citizen(site, "P/P01", page(site, "P/P01").replace("UserP01", "Mallory"), "Mallory")
    vote(site, "P01", user="Mallory", article="1", vote="no")
    # What its owner took back and somebody puts there again is not the owner's.
    vote(site, "P02", article="1", vote="yes")
    kept = page(site, "P/P02")
    citizen(site, "P/P02", kept.replace("vote=yes", "vote=no"), "UserP02")
    citizen(site, "P/P02", kept, "Mallory")
    # What a vandal took away and somebody put back is.
    vote(site, "P03", article="1", vote="yes")
    kept = page(site, "P/P03")
    citizen(site, "P/P03", "Nonsense", "Mallory")
    citizen(site, "P/P03", kept, "Admin")
    # Somebody saves their page, in which another one has put a vote.
    vote(site, "P04", user="Mallory", article="1", vote="no")
    citizen(site, "P/P04", page(site, "P/P04") + "\n\nHello", "UserP04")
    run(site)
    void = plain(site, RESULTS).partition("Answers that do not count")[2]
    assert [name for name in ("P01", "P02", "P03", "P04") if name in void] == ["P01", "P02", "P04"]
    assert void.count("written by Mallory") == 3 and "1 has answered" in void


def test_whose_page_it_is_may_not_be_known(tmp_path: Path) -> None:
    site = make(tmp_path / "site")
    (site.folder / "participants.csv").write_text("name,kind,language\nAna,citizen,en\nBo,citizen,en\n", encoding="utf-8")
    run(site)
    minutes(site)
    run(site)
    vote(site, "Ana", user="Somebody", article="1", vote="yes")
    # The page said first that it is Bo's: later anybody may say anything.
    citizen(site, "P/Bo", page(site, "P/Bo").replace("|user=", "|user=Bo"), "Bo")
    citizen(site, "P/Bo", page(site, "P/Bo").replace("|user=Bo", "|user=Mallory"), "Mallory")
    vote(site, "Bo", user="Mallory", article="1", vote="no")
    run(site)
    shown = plain(site, RESULTS)
    assert "1 participant whose answers count, it is not known who wrote them" in shown
    assert "written by Mallory, but the page belongs to Bo" in shown


def test_what_is_chosen_later_is_added_and_what_was_taken_out_stays_out(site: Site) -> None:
    later = call(site, "Conclusion", {"title": "Water <b>", "text": "Rivers are [[clean]].", "theme": "food", "for the charter": "yes"})
    edited = page(site, CHARTER).replace("Young people are heard.", "Young people decide too.")
    citizen(site, CHARTER, edited)
    minutes(site, later)
    assert run(site).changed == 3
    shown = page(site, CHARTER)
    draft = articles.read(shown, site.dialect)
    assert [(each.id, each.title) for each in draft.articles][-1][0] == 4 and "Water" in draft.articles[-1].title
    assert "Young people decide too." in shown and draft.articles[-1].code in shown
    quiet(site)
    # A conclusion that is put otherwise is no new one; an article that people take out is not put back.
    citizen(site, "Minutes of Monday", page(site, "Minutes of Monday").replace("Rivers are", "All rivers are"))
    head, tail = (shown.index(site.dialect.heading(words, level)) for words, level in (
        ("Article 2. Slow streets", 3), ("Other conclusions", 2)))
    citizen(site, CHARTER, shown[:head] + shown[tail:])
    run(site)
    assert [each.id for each in articles.read(page(site, CHARTER), site.dialect).articles] == [1, 3, 4]
    quiet(site)
    for file in site.state.glob("mirror.db*"):
        file.unlink()
    quiet(site)


def test_an_article_that_is_taken_out_and_one_that_is_added_by_hand(site: Site) -> None:
    vote(site, "P01", vote="yes")
    run(site)
    text = page(site, CHARTER)
    start = text.index(site.dialect.heading("Other conclusions", 2))
    citizen(site, CHARTER, text[:start] + site.dialect.heading("Article 12. By hand", 3) + "\nWe plant trees.\n")
    vote(site, "P02", article="12", vote="yes")
    run(site)
    assert [each.id for each in articles.read(page(site, CHARTER), site.dialect).articles] == [1, 2, 12]
    assert "the article has been taken out" in plain(site, RESULTS)
    quiet(site)


def adopt(site: Site, on: Callable[[int], None]) -> Site:
    for name, _ in PEOPLE[:6]:
        vote(site, name, vote="yes")
    vote(site, "P06", article="1", vote="no")
    until = datetime.now(ZoneInfo("Europe/Brussels")).date()
    site = again(site, f"until: {until}\nquorum: 5")
    run(site)
    assert "open until" in plain(site, CHARTER)
    quiet(site)
    on(1)
    return site


def test_a_charter_is_adopted_and_what_is_changed_after_is_told(site: Site, on: Callable[[int], None]) -> None:
    site = adopt(site, on)
    done = run(site)
    assert done.changed == 3 and any("ask an administrator" in note for note in done.notes)
    shown = page(site, CHARTER)
    draft = articles.read(shown, site.dialect)
    assert "Adopted by the vote that ended on" in shown and draft.code in shown
    assert "Adopted by the vote" in page(site, RESULTS)
    done = run(site)
    assert done.changed == 0 and not done.notes
    # Votes after it change nothing.
    results = page(site, RESULTS)
    on(2)
    vote(site, "P07", article="1", vote="no")
    minutes(site, call(site, "Conclusion", {"title": "Late", "for the charter": "yes"}))
    quiet(site)
    assert page(site, RESULTS) == results
    # What is changed is told, in the region and to the secretariat, and no more when it is put right.
    citizen(site, CHARTER, page(site, CHARTER).replace("30 km/h", "90 km/h"), "Mallory")
    done = run(site)
    assert done.changed == 1 and any("article 2 was changed" in note for note in done.notes)
    told = page(site, CHARTER)
    assert "Changed since it was adopted:" in told and "article 2 was changed" in told
    if site.dialect.NAME == "mediawiki":
        assert re.search(r"\[\[Special:Diff/\d+/\d+\|difference\]\]", told) and any("Special:Diff/" in note for note in done.notes)
    assert run(site).changed == 0
    for file in site.state.glob("mirror.db*"):
        file.unlink()
    assert run(site).changed == 0
    citizen(site, CHARTER, page(site, CHARTER).replace("90 km/h", "30 km/h").replace("chosen for it", "dreamt up"))
    assert any("outside the articles" in note for note in run(site).notes)
    citizen(site, CHARTER, page(site, CHARTER).replace("dreamt up", "chosen for it"))
    run(site)
    assert page(site, CHARTER) == shown


class Guarded(FolderWiki):
    """A wiki whose pages can be protected, or that says so and then refuses."""

    protected: list[str]
    refuses = False

    def info(self) -> WikiInfo:
        return replace(super().info(), protects=True)

    def protect(self, title: str, comment: str) -> None:
        self.protected.append(title)
        if self.refuses:
            raise Rejected("rejected", title, "no")


@pytest.mark.parametrize("refuses", [False, True])
def test_an_adopted_charter_is_protected_once_and_never_by_a_plan(tmp_path: Path, on: Callable[[int], None], refuses: bool) -> None:
    site = make(tmp_path / "site")
    minutes(site)
    run(site)
    site = adopt(site, on)
    wiki = Guarded(site.folder / "wiki")
    wiki.protected, wiki.refuses = [], refuses
    with Session(site, wiki=wiki) as session:
        session.sync()
        assert [step.wanted.protect for step in session.plan() if step.writes] == [True, False, False] and not wiki.protected
        done = session.run()
    assert wiki.protected == [CHARTER] and done.changed == 3 and "Adopted by" in page(site, CHARTER)
    assert bool(done.failed) == refuses and not any("ask an administrator" in note for note in done.notes)
    assert not refuses or "could not be protected" in done.failed[0]
    again_there = Guarded(site.folder / "wiki")
    again_there.protected = []
    with Session(site, wiki=again_there) as session:
        assert session.run().changed == 0 and not again_there.protected


def test_a_charter_that_falls_short_says_of_which_articles(site: Site, on: Callable[[int], None]) -> None:
    site = adopt(site, on)
    on(0)
    citizen(site, CHARTER, page(site, CHARTER).replace("30 km/h", "20 km/h"))
    for name in ("P07", "P08", "P09", "P10"):
        vote(site, name, article="1", vote="no")
    run(site)
    on(1)
    run(site)
    shown = plain(site, CHARTER)
    assert "Not adopted by the vote" in shown and "Article 2. Slow streets: 0 answers to the present wording, 5 needed" in shown
    assert "Article 1. Shared gardens: only 55% of yes" in shown and "Article 3. Listening:" not in shown
    quiet(site)


def test_nobody_else_can_adopt_a_charter_nor_take_that_back(site: Site, on: Callable[[int], None]) -> None:
    shown = page(site, CHARTER)
    draft = articles.read(shown, site.dialect)
    forged = articles.Adopted("2021-01-01", draft.digest, 1, {each.id: each.digest for each in draft.articles}, draft.rest)
    found = {region.name: region for region in regions.find(shown, site.dialect)[0]}["charter"]
    words = regions.region("charter", f"Adopted!\n\n{articles.record(forged, site.dialect)}", site.dialect)
    citizen(site, CHARTER, shown[: found.start] + words + shown[found.end :], "Mallory")
    run(site)
    assert page(site, CHARTER) == shown
    site = adopt(site, on)
    run(site)
    adopted = page(site, CHARTER)
    citizen(site, CHARTER, shown, "Mallory")
    run(site)
    assert page(site, CHARTER) == adopted


def test_an_adoption_can_be_undone(site: Site, on: Callable[[int], None]) -> None:
    site = adopt(site, on)
    before = page(site, CHARTER)
    made = run(site)
    with Session(site) as session:
        assert session.undo(made.run).failed == []
    assert page(site, CHARTER) == before
    done = run(site)
    assert page(site, CHARTER) == before and done.refused, "what was taken back is not written again by itself"


def test_a_renamed_charter_is_followed(site: Site) -> None:
    vote(site, "P01", article="1", vote="yes")
    run(site)
    ending = ".wiki" if site.dialect.NAME == "mediawiki" else ".tiki"
    (old,) = [path for path in (site.folder / "wiki").glob(f"*{ending}") if path.name.startswith("Charter of Cork")]
    old.rename(old.with_name(old.name.replace("Cork", "Munster")))
    vote(site, "P02", article="1", vote="yes")
    done = run(site)
    assert any("is called “Charter of Munster” now" in note for note in done.notes)
    assert page(site, CHARTER) == "" and "2 have answered" in plain(site, RESULTS)
    vote(site, "P03", charter="Charter of Munster", article="1", vote="yes")
    run(site)
    assert "3 have answered" in plain(site, RESULTS) and run(site).changed == 0


def test_marks_that_are_gone_forged_or_doubled(site: Site) -> None:
    vote(site, "P01", article="2", vote="yes")
    run(site)
    begin, end = site.dialect.COMMENT
    text = re.sub(rf"{re.escape(begin)} wikibridge article 2 \w+ \w+ {re.escape(end)}\n", "", page(site, CHARTER))
    citizen(site, CHARTER, text)
    quiet(site)  # known by its heading
    forged = f"\n\n{site.dialect.heading('Article 2. Money', 3)}\n{begin} wikibridge article 1 aa bb {end}\nAll our money."
    citizen(site, CHARTER, text + forged)
    done = run(site)
    assert any("has the number of another one" in note for note in done.notes) and "1 has answered" in plain(site, RESULTS)
    # A participant's page is no place for articles.
    citizen(site, "P/P02", page(site, "P/P02") + forged, "UserP02")
    run(site)
    assert len(articles.read(page(site, CHARTER), site.dialect).articles) == 3


def test_articles_renumbered_by_hand_are_told_of(site: Site) -> None:
    citizen(site, CHARTER, page(site, CHARTER).replace("Article 2. Slow", "Article 5. Slow"))
    assert any("(2 at first)" in note for note in run(site).notes)
    vote(site, "P01", article="5", vote="no")
    run(site)
    assert "1 has answered" in plain(site, RESULTS)


def test_an_article_that_shows_another_page_is_told_of(tmp_path: Path) -> None:
    site = make(tmp_path / "site")
    minutes(site)
    run(site)
    citizen(site, CHARTER, page(site, CHARTER).replace("Young people are heard.", "{{:User:Mallory}}"))
    assert any("shows text of another page" in note for note in run(site).notes)


def test_five_hundred_votes(tmp_path: Path) -> None:
    site = make(tmp_path / "site")
    (site.folder / "participants.csv").write_text("name,kind\n", encoding="utf-8")
    minutes(site)
    run(site)
    for number in range(500):
        path = site.folder / "wiki" / "P" / f"Q{number:03}.wiki"
        path.parent.mkdir(exist_ok=True)
        kind, said = ("citizen", "yes") if number % 2 else ("school", "yes with reservation")
        path.write_text(f"{{{{Participant|name=Q{number}|kind={kind}}}}}\n{{{{Approval|charter={CHARTER}|vote={said}|comment=c{number}}}}}\n")
    done = run(site)
    assert not done.failed and "500 have answered" in plain(site, RESULTS)
    assert re.search(r"All''' ?\|.*?\| 250 .*?\| 250 ", " ".join(page(site, RESULTS).split()).replace('style="text-align:right" | ', "| "))
    assert "And 450 more." in page(site, RESULTS)
    quiet(site)


class Forgetful(FolderWiki):
    """A wiki that tells of no history, as a Tiki."""

    @property
    def guarantees(self) -> Guarantees:
        return replace(super().guarantees, history=False)


def test_on_a_wiki_without_history_what_was_seen_counts_and_codes_outlast_it(tmp_path: Path) -> None:
    site = make(tmp_path / "site", "tiki")

    def once() -> Result:
        with Session(site, wiki=Forgetful(site.folder / "wiki", dialect="tiki")) as session:
            return session.run()

    once()
    minutes(site)
    once()
    once()
    draft = articles.read(page(site, CHARTER), site.dialect)
    vote(site, "P01", article="1", vote="yes")
    vote(site, "P02", article="1", wording=draft.articles[0].code, vote="yes")
    vote(site, "P03", user="Mallory", article="1", vote="no")
    once()
    assert "written by Mallory" in plain(site, RESULTS) and "2 have answered" in plain(site, RESULTS)
    citizen(site, CHARTER, page(site, CHARTER).replace("open to", "kept by"))
    once()
    asked = plain(site, RESULTS).partition("Answers to an earlier wording")[2]
    assert "P01" in asked and "P02" in asked
    assert once().changed == 0
    # With the cache what was seen is lost: what has no code does not count for the words of now, what has the code of these does.
    vote(site, "P04", article="1", wording=articles.read(page(site, CHARTER), site.dialect).articles[0].code, vote="no")
    for file in site.state.glob("mirror.db*"):
        file.unlink()
    once()
    shown = plain(site, RESULTS)
    assert "no wording has the code" in shown and "before the first known text" in shown and "1 has answered" in shown
    assert once().changed == 0


def test_what_others_approved_on_a_wiki_without_history_outlasts_who_is_forgotten(tmp_path: Path) -> None:
    site = make(tmp_path / "site", "tiki")

    def once() -> Result:
        with Session(site, wiki=Forgetful(site.folder / "wiki", dialect="tiki")) as session:
            return session.run()

    once()
    minutes(site)
    once()
    once()
    vote(site, "P01", article="1", vote="yes")
    vote(site, "P02", article="1", vote="yes")
    vote(site, "P03", user="Mallory", article="1", vote="no")
    once()
    citizen(site, CHARTER, page(site, CHARTER).replace("open to", "kept by"), "UserP01")
    once()
    before = plain(site, RESULTS)
    assert "written by Mallory" in before and "P02" in before.partition("Answers to an earlier wording")[2]
    assert cli("forget", "P/P01", "--yes", folder=site.folder).returncode == 0
    assert not [path.name for path in site.state.glob("mirror.db*") if b"UserP01" in path.read_bytes()]
    once()
    after = plain(site, RESULTS)
    assert "written by Mallory" in after and "P02" in after.partition("Answers to an earlier wording")[2] and "P01" not in after


@pytest.mark.parametrize("setup", ["24.1", "29"])
def test_a_charter_on_a_tiki(setup: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # A Tiki tells times to the second: here each look at its clock takes one.
    seconds = itertools.count(clock.time() - 36_000)
    with TikiServer(SETUPS[setup], lambda: next(seconds)) as server:
        monkeypatch.setenv("WIKIBRIDGE_TOKEN", server.people.token("Bot"))
        site = make(tmp_path / "site", "tiki", wiki=f"kind: tiki, address: '{server.address}HomePage', account: Bot", owner="ann")

        def read(title: str) -> str:
            found = server.pages.get(title)
            return found.text.replace("\r\n", "\n") if found else ""

        run(site)
        calls = [call(site, "Conclusion", {"title": title, "text": said, "theme": theme, "for the charter": "yes"})
                 for title, said, theme in CONCLUSIONS]
        server.edit("Minutes of Monday", "\n\n".join(["!!Conclusions", *calls]).replace("\n", "\r\n"), "ann")
        done = run(site)
        assert (done.created, done.failed, done.refused) == (3, [], [])
        assert (run(site).changed, run(site).requests) == (0, 1)
        draft = articles.read(read(CHARTER), site.dialect)
        for name, user, fields in (("P01", "ann", {"article": "1", "vote": "yes"}), ("P02", "eve", {"article": "2", "vote": "no"}),
                                   ("P03", "ann", {"wording": draft.code, "vote": "yes"})):
            said = call(site, "Approval", {"charter": CHARTER, **fields})
            server.edit(f"P/{name}", f"{read(f'P/{name}')}\n\n{said}".replace("\n", "\r\n"), user)
        done = run(site)
        assert (done.changed, done.failed) == (3, []) and run(site).requests == 1
        assert "2 have answered" in read(RESULTS) and "it was written by eve" in read(RESULTS).replace("Eve", "eve")
        server.edit(CHARTER, read(CHARTER).replace("open to", "kept by").replace("\n", "\r\n"), "ann")
        # The charter, both pages of results, and a notice on the pages of the two who had answered.
        assert run(site).changed == 5 and "Answers to an earlier wording" in read(RESULTS)
        assert all("Since you answered" in read(f"P/{name}") for name in ("P01", "P03"))
        assert (run(site).changed, run(site).requests) == (0, 1)


def test_nobody_who_is_forgotten_stays_in_what_is_known_of_the_past(tmp_path: Path) -> None:
    site = make(tmp_path / "site")
    run(site)
    minutes(site)
    run(site)
    vote(site, "P01", article="1", vote="yes")
    vote(site, "P02", article="1", vote="yes")
    citizen(site, CHARTER, page(site, CHARTER).replace("open to", "kept by"), "UserP01")
    run(site)
    with closing(sqlite3.connect(site.state / "mirror.db")) as connection:
        assert "UserP01" in str(connection.execute("SELECT * FROM pasts").fetchall())
    assert cli("forget", "P/P01", "--yes", folder=site.folder).returncode == 0
    run(site)
    assert not [path.name for path in site.state.glob("mirror.db*") if b"UserP01" in path.read_bytes()]
    with closing(sqlite3.connect(site.state / "mirror.db")) as connection:
        assert "UserP02" in str(connection.execute("SELECT * FROM pasts").fetchall())
    assert "12 participants; 1 has answered" in page(site, RESULTS)


@pytest.mark.parametrize(("change", "words"), [
    (("Approvals: $1", "Approvals"), ("jobs/charters.yml", "$1 for the title of the charter")),
    (("Approbations : $1", "Approvals: $1"), ("another title in each language",)),
    (("0.66", "66"), ("jobs/charters.yml, line 4", "threshold")),
    (("0.66", "0.66\nquorum: -1"), ("line 5", "quorum")),
    (("0.66", "0.66\nuntil: soon"), ("line 5", "until")),
    (("0.66", "0.66\nwhere: 'colour: red'"), ("colour",)),
])
def test_a_mistake_in_the_job_file_is_told(tmp_path: Path, change: tuple[str, str], words: tuple[str, ...]) -> None:
    site = make(tmp_path / "site")
    path = site.folder / "jobs" / "charters.yml"
    path.write_text(path.read_text(encoding="utf-8").replace(*change), encoding="utf-8")
    minutes(site)
    done = cli("run", "charters", folder=site.folder)
    told(done, 2, *words)


def test_conditions_choose_among_the_conclusions(tmp_path: Path) -> None:
    site = make(tmp_path / "site", more="where: 'theme: food'\nlanguage: fr")
    minutes(site)
    run(site)
    shown = page(site, CHARTER)
    assert [each.title for each in articles.read(shown).articles] == ["Shared gardens"]
    assert "{{Approbation|charte=Charter of Cork|article=1|version=" in shown and "Le vote est ouvert." in shown


@pytest.mark.parametrize("dialect", ["mediawiki", "tiki"])
def test_a_page_of_somebody_elses_under_the_title_is_left_alone(tmp_path: Path, dialect: str) -> None:
    site = make(tmp_path / "site", dialect)
    citizen(site, CHARTER, "What we wrote by ourselves.")
    minutes(site)
    run(site)
    done = run(site)
    assert page(site, CHARTER) == "What we wrote by ourselves." and CHARTER in done.refused[0]


def test_no_charter_without_a_conclusion(tmp_path: Path) -> None:
    site = make(tmp_path / "site")
    assert run(site).created == len(PEOPLE)
    citizen(site, "P/P01", page(site, "P/P01") + f"\n{{{{Approval|charter={CHARTER}|vote=yes}}}}", "UserP01")
    assert run(site).created == 0
    minutes(site)
    run(site)
    assert "before the first known text of the charter" in page(site, RESULTS)
    quiet(site)


@pytest.mark.live
@pytest.mark.parametrize("may", [False, True], ids=["without the right to protect", "with the right to protect"])
def test_a_charter_on_a_real_wiki(
    may: bool, mediawiki: MediaWikiServer, browser: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, on: Callable[[int], None],
    mediawiki_doors: Callable[[str], Wiki],
) -> None:
    bot = mediawiki.bot
    if may:
        monkeypatch.setattr(mediawiki_server, "GRANTS", f"{mediawiki_server.GRANTS},protect")
        mediawiki.user("Keeper", ("sysop", "bot"))
        bot = mediawiki.bot_password("Keeper", "protecting")
    monkeypatch.setenv("WIKIBRIDGE_PASSWORD", bot.password)
    prefix = f"Corner {uuid.uuid4().hex[:8]}/"
    site = make(tmp_path / "site", prefix=prefix, owner="Citizen",
                wiki=f"kind: mediawiki, address: '{mediawiki.address}api.php', account: {bot.name}")
    citizen, mallory = mediawiki_doors("Citizen"), mediawiki_doors("Mallory")
    charter, results = f"{prefix}{CHARTER}", f"{prefix}Approvals: {prefix}{CHARTER}"

    def say(name: str, door: Wiki = citizen, **fields: str) -> None:
        title = f"{prefix}P/{name}"
        put(door, title, f"{text(door, title)}\n\n{call(site, 'Approval', {'charter': charter, **fields})}")

    assert run(site).failed == []
    calls = [call(site, "Conclusion", {"title": title, "text": said, "theme": theme, "for the charter": "yes"})
             for title, said, theme in CONCLUSIONS]
    put(citizen, f"{prefix}Minutes of Monday", "\n\n".join(["== Conclusions ==", *calls]))
    assert run(site).created == 3
    done = run(site)
    assert (done.changed, done.created, done.failed) == (0, 0, [])
    for name, _ in PEOPLE[:9]:
        say(name, vote="yes")
    draft = articles.read(text(citizen, charter))
    say("P09", article="1", wording=draft.articles[0].code, vote="yes with reservation", comment="Only <b>if</b> schools are {{heard}}")
    say("P10", article="1", vote="no")
    say("P11", mallory, article="1", vote="no")
    say("P12", article="7", vote="no")
    assert run(site).changed == 3
    put(citizen, charter, text(citizen, charter).replace("30 km/h", "20 km/h"))
    assert run(site).changed == 3 + 9, "nine are asked again on their pages"
    done = run(site)
    assert (done.changed, done.failed) == (0, [])
    assert run(site).requests <= 3, "a quiet run asks for no history"
    before = text(citizen, results)
    for file in site.state.glob("mirror.db*"):
        file.unlink()
    assert run(site).changed == 0 and text(citizen, results) == before

    def diffs(seen: Seen) -> list[str]:
        return [link for link in seen.links if "Special:Diff" in link]

    def seen_of(title: str, width: int, name: str, *typed: str) -> Seen:
        return look(browser, mediawiki.address, title, width, name, typed)

    for width in WIDTHS:
        seen = seen_of(charter, width, "charter")
        assert [head for head in seen.heads if head.startswith("Article")] == [
            "Article 1. Shared gardens", "Article 2. Slow streets", "Article 3. Listening"]
        assert seen.tables[0][1:] == [["Article 1. Shared gardens", draft.articles[0].code, "9", "1", "1", "0"],
                                    ["Article 2. Slow streets", articles.read(text(citizen, charter)).articles[1].code, "0", "0", "0", "9"],
                                    ["Article 3. Listening", draft.articles[2].code, "9", "0", "0", "0"]]
        seen = seen_of(results, width, "approvals", "{{", "}}")
        assert "“Only if schools are {{heard}}” – P09" in seen.text or "“Only if schools are” – P09" in seen.text
        assert "written by Mallory, but the page belongs to Citizen" in seen.text and "there is no such article" in seen.text
        assert len(diffs(seen)) == 9
        asked = seen_of(f"{prefix}P/P00", width, "charter-asked-again")
        assert "Article 2. Slow streets (what has changed)" in asked.text and len(diffs(asked)) == 1
    with browser.new_context(base_url=mediawiki.address) as context:
        shown = context.new_page()
        for link in (diffs(seen)[0], *diffs(asked)):
            shown.goto(link)
            assert [shown.inner_text(f".diff-{which}line .diffchange").strip() for which in ("deleted", "added")] == ["30", "20"]

    for name, _ in PEOPLE[:9]:
        say(name, article="2", vote="yes")
    site = again(site, f"until: {datetime.now(ZoneInfo('Europe/Brussels')).date()}\nquorum: 9", prefix)
    run(site)
    assert "Since you answered" not in text(citizen, f"{prefix}P/P00")
    on(1)
    done = run(site)
    assert done.failed == [] and done.changed == 3
    assert any("ask an administrator" in note for note in done.notes) != may
    assert run(site).changed == 0
    for width in WIDTHS:
        assert "Adopted by the vote that ended on" in seen_of(charter, width, "charter-adopted").text
    if may:
        with pytest.raises(PageProtected):
            put(citizen, charter, text(citizen, charter) + "x")
    door = mediawiki_doors("Keeper") if may else citizen
    words = text(door, charter).replace("20 km/h", "50 km/h")
    if may:
        Admin(mediawiki).edit(charter, words)
    else:
        put(citizen, charter, words)
    done = run(site)
    assert done.changed == 1 and any(
        "article 2 was changed" in note and f"{mediawiki.address}index.php?title=Special:Diff/" in note for note in done.notes)
    assert "Changed since it was adopted:" in seen_of(charter, 390, "charter-changed").text
    assert run(site).changed == 0
