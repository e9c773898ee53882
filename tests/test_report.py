"""The report against the answers that it shows, its periods, and how it looks and what it does in a browser."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, date, datetime
from decimal import Decimal
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from playwright.sync_api import Browser

from tests.test_attacks import ATTACKS, DROPPED, TITLES, Watched, stored
from tests.test_cli import cli, told
from wikibridge import Session, Site
from wikibridge.demo.people import choices, people
from wikibridge.demo.show import type_pages
from wikibridge.entries.types import shipped
from wikibridge.errors import SettingsError
from wikibridge.i18n import message
from wikibridge.mirror.facts import key
from wikibridge.mirror.store import Mirror
from wikibridge.model import Entry, Page, PartialDate, Problem, Quantity, Term, Value
from wikibridge.report import choices as report
from wikibridge.report.chart import trend
from wikibridge.report.choices import page
from wikibridge.report.paint import html
from wikibridge.report.shell import Source
from wikibridge.summaries import compared
from wikibridge.summaries.compute import OTHER, UNSAID
from wikibridge.summaries.period import Span, read
from wikibridge.summaries.show import HIDDEN, Cell, Line, Shown, show
from wikibridge.wikis.folder import FolderWiki

SCHEMA = shipped()
CROWD = people(40)
PROPOSAL = "{{Proposal|title=A tool library|description=Lend <b>drills</b>, not buy them.|date=2021-05}}"


class Seen(HTMLParser):
    """What stands in each section, by its id: the texts of tables, cell by cell, of lines and of notes; all elements."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tables: dict[str, list[list[str]]] = {}
        self.lines: dict[str, list[str]] = {}
        self.text: dict[str, str] = {"": ""}
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str]] = []
        self.section = self.within = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes += [(name, value or "") for name, value in attrs]
        if tag == "section":
            self.section = dict(attrs)["id"] or ""
            self.tables[self.section], self.lines[self.section], self.text[self.section] = [], [], ""
        elif tag == "tr":
            self.tables[self.section].append([])
        elif tag in ("td", "th"):
            self.tables[self.section][-1].append("")
        elif tag == "li" and self.section:
            self.lines[self.section].append("")
        if tag in ("td", "th", "li", "style"):
            self.within = tag

    def handle_endtag(self, tag: str) -> None:
        if tag == self.within:
            self.within = ""

    def handle_data(self, data: str) -> None:
        if self.within == "style":
            return
        self.text[self.section] += data
        if self.within in ("td", "th"):
            self.tables[self.section][-1][-1] += data
        elif self.within == "li" and self.section:
            self.lines[self.section][-1] += data


@pytest.fixture
def site(make_site: Callable[..., Site]) -> Site:
    """A site whose forty participants typed choices, and one of them a proposal."""
    rows = "".join(f'"{who.name}",{who.kind},{who.language},"{who.territory}"\n' for who in CROWD)
    made = make_site(f"name,kind,language,territory\n{rows}")
    with (made.folder / "wikibridge.yml").open("a", encoding="utf-8") as file:
        file.write("min_group: 2\n")
    made = Site(made.folder)
    with Session(made) as session:
        session.run()
    with closing(FolderWiki(made.folder / "wiki", user="citizen")) as editor:
        def typed(who: object, text: str) -> str:
            return "\n\n".join([text, *choices(who, 4), *([PROPOSAL] if who is CROWD[0] else [])])  # type: ignore[arg-type]

        type_pages(editor, CROWD, typed, lambda *_: None)
    return made


def answers(session: Session, question: str, language: str) -> list[list[str]]:
    """An answer as a table of texts, without bars."""
    settings = session.site.settings
    shown = show(session.ask(question), session.schema, language, settings.time_zone, settings.min_group)
    return [[" ".join(cell.text.split()) for cell in row if cell.bar is None] for row in shown.rows]


def test_what_stands_in_a_report_is_what_the_questions_answer(site: Site) -> None:
    for language in ("en", "fr", "pt"):
        done = cli("report", f"{language}.html", "--language", language, "--from", "2021", "--to", "december 2021", folder=site.folder)
        assert done.returncode == 0 and f"{language}.html" in done.stdout, done
        seen = Seen((site.folder / f"{language}.html").read_text(encoding="utf-8"))
        assert list(seen.text)[1:] == [
            "overview", "compared", "theme", "level", "month", "kind", "territory", "matrix", "change", "result", "quotes", "problems"]
        where = "of=choice|where=date: 2021"
        with Session(site) as session:
            for name, question in {
                "overview": f"{where}|by=status|show=count, participants, share",
                "theme": f"{where}|by=theme|show=count, participants, mean rating|limit=30",
                "level": f"{where}|by=level|show=count, participants, mean rating",
                "month": f"{where}|by=month|show=count, participants|as=trend",
                "kind": f"{where}|by=participant.kind|show=count, participants, mean rating",
                "territory": f"{where}|by=participant.territory|show=count, participants, mean rating|limit=30",
                "matrix": f"{where}|by=theme, level|show=count|limit=30",
            }.items():
                expected = answers(session, question, language)
                told_ = [[" ".join(cell.split()) for cell in row] for row in seen.tables[name][1:]]
                assert told_ == [row for row in expected if name in ("kind", "territory", "matrix") or row[0] != message("group-all", language)], name
            whole, before = session.ask(where), session.ask("of=choice|where=date: 2020")
            assert seen.tables["compared"][1][1:] == [
                str(whole.total.entries), str(before.total.entries), f"{whole.total.entries - before.total.entries:+}".replace("-", "−")]
            problems = session.mirror.counts()["problems"]
        assert f": {problems}, " in seen.text["problems"].replace("\xa0", " ") and len(seen.lines["problems"]) == min(15, problems)
        assert "Lend drills, not buy them." in seen.text["quotes"]
        for name in ("report-title", "report-small", "report-compared", "report-change", "report-result", "report-problems"):
            assert message(name, language, 2) in "".join(seen.text.values()), name


def test_sections_for_which_there_is_nothing_are_left_out(make_site: Callable[..., Site]) -> None:
    site = make_site("name\nAna\n")
    with Session(site) as session:
        session.run()
    assert cli("report", folder=site.folder, LANG="pt_PT.UTF-8").returncode == 0
    seen = Seen((site.folder / "report.html").read_text(encoding="utf-8"))
    assert list(seen.text) == [""] and "Ainda nada foi escrito." in seen.text[""]
    (site.folder / "wiki" / "Participants" / "Ana.wiki").write_text("{{Choice|title=X|date=31/02/2020}}", encoding="utf-8")
    assert cli("report", folder=site.folder).returncode == 0
    assert list(Seen((site.folder / "report.html").read_text(encoding="utf-8")).text) == ["", "overview", "problems"]


def test_a_report_is_the_same_twice(site: Site) -> None:
    for name in ("a.html", "b.html"):
        cli("report", name, folder=site.folder)
    assert (site.folder / "a.html").read_bytes() == (site.folder / "b.html").read_bytes()


@pytest.mark.parametrize(("options", "words"), [
    (("--from", "31/02/2020"), ("“31/02/2020” does not exist",)),
    (("--to", "last month"), ("“last month” depends on the day of writing",)),
    (("--from", "soonish", "--to", "2021"), ("“soonish” cannot be read as a date",)),
    (("--from", "2020-"), ("“2020-” cannot be read as a date",)),
    (("--from", "since 2020"), ("“since 2020” cannot be read as a date",)),
    (("--from", "2021", "--to", "2020"), ("2021 – 2020", "ends before it begins")),
    (("nowhere/report.html",), ("nowhere/report.html",)),
])
def test_what_cannot_be_is_a_sentence(make_site: Callable[..., Site], options: tuple[str, ...], words: tuple[str, ...]) -> None:
    folder = make_site("name\nAna\n").folder
    told(cli("report", *options, folder=folder), 2, *words)
    assert not (folder / "report.html").exists()


@pytest.mark.parametrize(("begin", "end", "span", "before"), [
    ("2021", "2021", (date(2021, 1, 1), date(2021, 12, 31)), (date(2020, 1, 1), date(2020, 12, 31))),
    ("nov. 2020", "janeiro de 2021", (date(2020, 11, 1), date(2021, 1, 31)), (date(2020, 8, 1), date(2020, 10, 31))),
    ("2020-02", "29/02/2020", (date(2020, 2, 1), date(2020, 2, 29)), (date(2020, 1, 1), date(2020, 1, 31))),
    ("3 Nov 2020", "12 Nov 2020", (date(2020, 11, 3), date(2020, 11, 12)), (date(2020, 10, 24), date(2020, 11, 2))),
    ("2020-11-03", "2020-11-03", (date(2020, 11, 3), date(2020, 11, 3)), (date(2020, 11, 2), date(2020, 11, 2))),
    ("2019-2020", "2020", (date(2019, 1, 1), date(2020, 12, 31)), (date(2017, 1, 1), date(2018, 12, 31))),
    (None, "2020", (None, date(2020, 12, 31)), None),
    ("2020", None, (date(2020, 1, 1), None), None),
    ("1900", "1900", (date(1900, 1, 1), date(1900, 12, 31)), None),
    ("2100", "2100", (date(2100, 1, 1), date(2100, 12, 31)), (date(2099, 1, 1), date(2099, 12, 31))),
])
def test_a_period_and_the_one_before(
    begin: str | None, end: str | None, span: tuple[date | None, date | None], before: tuple[date, date] | None,
) -> None:
    made = read(begin, end)
    assert (made.first, made.last) == span
    assert made.before() == (before and Span(*before))


def test_the_day_comes_second_where_the_site_says_so() -> None:
    assert read("02/03/2020", None, day_first=False).first == date(2020, 2, 3)
    with pytest.raises(SettingsError):
        read("30/03/2020", None, day_first=False)


@given(st.dates(date(1900, 1, 1), date(2100, 12, 31)), st.integers(0, 900))
def test_the_period_before_ends_where_this_one_begins_and_is_as_long(first: date, days: int) -> None:
    last = date.fromordinal(first.toordinal() + days)
    before = Span(first, last).before()
    if before and before.first and before.last:
        assert before.last.toordinal() + 1 == first.toordinal()
        # Months differ by three days, a quarter or half a year by as many.
        assert abs((before.last - before.first).days - days) <= 3


# What is shown of few people

def entry(number: int, type_: str = "choice", **fields: Value) -> Entry:
    return Entry(type_, number, number, (0, 0), fields)


def filled(pages: dict[str, list[Entry]], problems: tuple[Problem, ...] = ()) -> Mirror:
    mirror = Mirror(None)
    rows = [(Page(n, title, n, "text", datetime(2022, 1, 1, tzinfo=UTC)), tuple(found), problems) for n, (title, found) in enumerate(pages.items(), 1)]
    mirror.save(rows, SCHEMA.units)
    return mirror


def made(mirror: Mirror, **options: object) -> Seen:
    return Seen(page(mirror, SCHEMA, "en", source=Source("A wiki"), **options))  # type: ignore[arg-type]


def test_few_people_are_not_told_apart() -> None:
    pages = {
        f"P/{n}": [entry(1, "participant", name="x", kind=Term("citizen"), territory="Rare" if n < 2 else "Cork" if n < 9 else "Namur"),
                   entry(2, title="t", date=PartialDate(2021 if n % 2 else 2020), theme=(Term("food" if n > 4 else "work" if n else "housing"),), rating=Decimal(5),
                         indicator="cups" if n > 4 else "laps" if n else "secret", before=Quantity(Decimal(4), ""), after=Quantity(Decimal(n + 1), ""))]
        for n in range(14)}
    mirror = filled(pages)
    whole = made(mirror, min_group=1)
    assert ["Rare", "2", "2", "5 (2)"] in whole.tables["territory"] and ["secret", "1", "4 (1)", "1 (1)", "−3 (1)"] in whole.tables["change"]
    seen = made(mirror, min_group=3, span=Span(date(2020, 1, 1), date(2021, 12, 31)))
    text = "".join(seen.text.values())
    assert "Rare" not in text and "secret" not in text and "Housing" not in text and "Others" in text
    assert [row[0] for row in seen.tables["change"]] == ["Indicator", "cups"] and seen.tables["territory"][1][0] == "Cork"


def test_a_difference_from_which_a_hidden_number_followed_is_hidden() -> None:
    def side(*rows: tuple[str, str, int]) -> compared.Side:
        from wikibridge.summaries.compute import Answer, Row
        from wikibridge.summaries.question import Question

        found = Answer(Question("choice"), Row((), 9, 9), tuple(Row((key,), n, n, (n,)) for key, _, n in rows))
        return compared.Side(found, Shown(header=(Cell("Theme"),), rows=tuple((Cell(label), Cell(str(n))) for _, label, n in rows)))

    now = side(("food", "Food", 5), ("work", "Work", 4), (UNSAID, "Not stated", 2))
    before = side(("food", "Food", 7), (OTHER, "Others", 3), (UNSAID, "Not stated", 2))
    rows = [[cell.text for cell in row] for row in compared.groups(now, before, "en").rows]
    assert rows == [["Food", "5", "7", "−2"], ["Work", "4", HIDDEN, HIDDEN], ["Others", "0", "3", HIDDEN], ["Not stated", "2", "2", "0"]]
    assert [cell.text for cell in compared.groups(now, side(("food", "Food", 7)), "en").rows[1]] == ["Work", "4", "0", "+4"]


def test_a_trend_draws_the_months_that_are_known() -> None:
    cells = [("2020", 1.0), ("Jan 2020", 0.0), ("Feb 2020", 0.25), ("Mar 2020", 0.0), ("Apr 2020", 0.5), ("May 2020", 0.0)]
    shown = Shown(rows=tuple((Cell(label), Cell(str(int(size * 40)), number=True), Cell("", bar=size)) for label, size in cells))
    drawn = str(trend(shown, "m", "T & T", "en", {"2020"}))
    heights = [float(height) for height in re.findall(r'<rect [^>]*height="([0-9.]+)"', drawn)]
    assert len(heights) == 3 and heights[1] == 0 and abs(heights[2] - 2 * heights[0]) < 0.1
    assert '<title id="m-title">T &amp; T</title>' in drawn and "Columns from Feb 2020 to Apr 2020" in drawn and "Apr 2020 (20)" in drawn
    assert not trend(shown, "m", "T", "en", {label for label, _ in cells[:4]})


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=60) | st.sampled_from(["<script>alert(1)</script>", "\" onclick=x", "'", "{time}", "&lt;", "]]>", "<!--", "\ud800", "\u202e"]))
def test_what_people_typed_is_text(typed: str) -> None:
    cell = Cell(typed, typed)
    shown = Shown(typed, (cell, cell), ((cell, Cell("1", number=True, shade=1)), (cell, Cell("", bar=0.5))), (Line(typed, cell, typed),), ((typed, typed),))
    seen = Seen(f"<section id=s>{html(shown, typed, lambda title: 'https://wiki.example.org/x')}</section>")
    plain = re.sub(r"[^\S\xa0\u202f]+", " ", re.sub("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufffe\uffff]", "", re.sub("[\ud800-\udfff]", "\ufffd", typed))).strip()
    assert seen.tags <= {"section", "p", "strong", "div", "table", "thead", "tbody", "tr", "th", "td", "bdi", "a", "svg", "rect", "dl", "dt", "dd", "ul", "li", "span"}
    assert seen.tables["s"][0] == [plain, plain] and seen.tables["s"][1] == [plain, "1"]
    assert not [name for name, _ in seen.attributes if name.startswith("on") or name == "style"]
    html(shown).encode()


# In a browser

TAGS = {"A", "BDI", "BODY", "DD", "DESC", "DIV", "DL", "DT", "FIGURE", "H1", "H2", "H3", "HEAD", "HEADER", "HTML", "LI", "LINE", "MAIN", "META", "NAV", "P",
        "RECT", "SECTION", "SPAN", "STRONG", "STYLE", "SVG", "TABLE", "TBODY", "TD", "TEXT", "TH", "THEAD", "TIME", "TITLE", "TR", "UL"}


def attacked() -> Mirror:
    """Whatever can be typed or be a title, raw, in each field that a report shows; each of them by three, so that groups show it."""
    pages: dict[str, list[Entry]] = {}
    typed = [text for text in ATTACKS if text == stored(text)]  # a page cannot hold the others
    for number, text in enumerate(typed * 3):
        place = number % len(typed)
        short = text[:100]
        pages[f"Participants/{TITLES[place % len(TITLES)]} {number}"] = [
            entry(1, "participant", name=text, kind=short, territory=short, language=Term("en")),
            entry(2, title=text, date=PartialDate(2021, place % 12 + 1), theme=(short, Term("food")), level=short, status=short, rating=Decimal(place % 5 + 1),
                  indicator=short, before=Quantity(Decimal(3), short[:30]), after=Quantity(Decimal(9), short[:30]), result=text, difficulties=text),
            entry(3, title=text, date=PartialDate(2020, 7), theme=short, result=text[::-1]),
            entry(4, "proposal", title=text, description=text)]
    return filled(pages, tuple(Problem("term-unknown", 1, 1, (text[:80],), text, text[:80]) for text in ATTACKS[:3]))


@pytest.mark.live
@pytest.mark.parametrize("min_group", [1, 3])
def test_texts_that_attack_do_nothing_in_a_browser(
    browser: Browser, tmp_path: Path, min_group: int, monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(report, "GROUPS", 500)
    spelt = Counter(key(text) for text in ATTACKS if len(text) <= 100)
    attack = "<script>alert(1)</script>\u202e"
    source = Source(attack, "https://wiki.example.org/w/index.php", lambda title: f"https://wiki.example.org/w/index.php?title={len(title)}")
    text = page(attacked(), SCHEMA, "en", source=source, span=Span(date(2021, 1, 1), date(2021, 12, 31)), min_group=min_group)
    (tmp_path / "report.html").write_text(text, encoding="utf-8")
    for width in (390, 1280):
        watched = Watched(browser, (tmp_path / "report.html").as_uri(), width)
        shown = watched.page
        shown.goto(watched.address)
        assert shown.evaluate("document.documentElement.scrollWidth") <= width
        assert set(shown.evaluate("[...document.querySelectorAll('*')].map(e => e.tagName.toUpperCase())")) <= TAGS
        assert not shown.evaluate("[...document.querySelectorAll('*')].flatMap(e => [...e.attributes]).filter(a => /^on|^style$|^src/.test(a.name)).length")
        assert shown.evaluate("[...document.querySelectorAll('a')].every(a => /^#|^https:..wiki.example.org.w.index.php/.test(a.getAttribute('href')))")
        said = stored(shown.evaluate("document.body.textContent"))
        assert "<script>alert(1)</script>" in shown.inner_text("header")
        for typed in (text for text in ATTACKS if spelt[key(text)] == 1 and text == stored(text)):
            # Spellings of one text are one group, shown as most of them.
            assert " ".join(DROPPED.sub("", typed).split()) in said, typed
        watched.shot(f"report-attacks-{min_group}-{width}")
        shown.emulate_media(media="print")
        assert shown.evaluate("getComputedStyle(document.querySelector('nav')).display") == "none"
        shown.context.close()
        assert not watched.happened


@pytest.mark.live
@pytest.mark.parametrize("language", ["en", "fr", "pt"])
def test_a_report_is_readable_on_a_phone_and_on_a_desk(browser: Browser, site: Site, language: str) -> None:
    assert cli("report", "--language", language, "--from", "2021", "--to", "2021", folder=site.folder).returncode == 0
    for width in (390, 1280):
        watched = Watched(browser, (site.folder / "report.html").as_uri(), width)
        shown = watched.page
        shown.goto(watched.address)
        assert shown.evaluate("document.documentElement.scrollWidth") <= width
        # Tables of a few columns are seen whole; those with many scroll by themselves.
        wide = shown.evaluate("[...document.querySelectorAll('.scroll')].filter(e => e.scrollWidth > e.clientWidth).map(e => e.closest('section').id)")
        assert set(wide) <= ({"matrix", "change"} if width == 390 else set()), wide
        charts = shown.evaluate("""[...document.querySelectorAll('svg.chart')].map(s => [s.querySelector('title').textContent,
            s.querySelector('desc').textContent, s.getAttribute('role'), s.getBoundingClientRect().width,
            Math.min(...[...s.querySelectorAll('text')].map(t => t.getBoundingClientRect().height))])""")
        assert len(charts) == 4 and all(title and about and role == "img" and 300 < size <= width and height >= 12
                                        for title, about, role, size, height in charts)
        # No letters of a chart lie on others.
        assert not shown.evaluate("""[...document.querySelectorAll('svg.chart')].flatMap(s => {
            const boxes = [...s.querySelectorAll('text')].map(t => t.getBoundingClientRect());
            return boxes.flatMap((a, i) => boxes.slice(i + 1).filter(b => a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 3 && b.top < a.bottom - 3)); })""")
        watched.shot(f"report-{language}-{width}")
        shown.context.close()
        assert not watched.happened


def test_a_proposal_alone_is_shown() -> None:
    assert list(made(filled({"P/1": [entry(1, "proposal", title="T")]})).text) == ["", "quotes"]
