"""A report on choices as one web page: figures, charts, tables, quotations. One file, no script; every number is an answer.

Sections for which there is nothing, or whose fields a site's own types do not have, are left out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from functools import cached_property

from markupsafe import Markup

from wikibridge.entries.problems import sentence
from wikibridge.entries.types import Schema
from wikibridge.i18n import message
from wikibridge.markup.tikitext import label_of
from wikibridge.mirror.store import Mirror
from wikibridge.report.paint import html
from wikibridge.report.shell import Section, Source, charted, web_page
from wikibridge.summaries import compared
from wikibridge.summaries.compute import OTHER, UNSAID, Answer, answer
from wikibridge.summaries.grammar import QuestionError, parse
from wikibridge.summaries.period import Span, months
from wikibridge.summaries.question import ROWS
from wikibridge.summaries.show import Cell, Line, Shown, show
from wikibridge.summaries.tally import Tallies
from wikibridge.summaries.text import capital, number_text

MONTHS = 24
"""Months that a chart shows, the latest."""
PROBLEMS, PAGES, QUOTES, GROUPS = 15, 10, 12, 30
"""Problems that are told, pages with problems, texts that are quoted, and groups of a table."""
_FIGURES = "count, participants, mean rating"


def page(
    mirror: Mirror, schema: Schema, language: str, *, source: Source, span: Span | None = None, zone: str = "UTC",
    min_group: int = 1,
) -> str:
    """The page, in a language, times in a time zone. A ``span`` that is open at its end ends at the day of the data."""
    maker = _Report(mirror, schema, language, source, span or Span(), zone, min_group)
    return web_page(maker.say("report-title"), language, source, maker.rests(), maker.sections())


class _Report:
    def __init__(
        self, mirror: Mirror, schema: Schema, language: str, source: Source, span: Span, zone: str, min_group: int,
    ) -> None:
        self.mirror = mirror
        self.schema = schema
        self.language = language
        self.source = source
        self.zone = zone
        self.min_group = min_group
        self.tallies = Tallies(mirror)
        self.span = Span()
        time = self.answer(span, of="choice").time
        self.today = time.date() if time else date.today()
        self.span = span.until(self.today)

    # Questions and their answers

    def answer(self, span: Span | None = None, where: str = "", **parts: str) -> Answer:
        """The answer to a question about a period; that of the report, unless another is given."""
        conditions = "; ".join(filter(None, ((self.span if span is None else span).condition, where)))
        question = parse({"where": conditions, **{name.rstrip("_"): part for name, part in parts.items()}}, self.schema, "en")
        return answer(question, self.tallies, self.schema, self.min_group)

    def ask(self, span: Span | None = None, where: str = "", **parts: str) -> Answer | None:
        """The same; None where nothing was written, or the site's types of entries know no such field."""
        try:
            found = self.answer(span, where, **parts)
        except QuestionError:
            return None
        return found if found.total.entries else None

    def shown(self, found: Answer) -> Shown:
        """What is shown of an answer. What it rests on is told where that is not what the whole report rests on."""
        made = show(found, self.schema, self.language, self.zone, self.min_group)
        return replace(made, foot="") if made.foot == self.foot and self.foot else made

    @cached_property
    def whole(self) -> Answer:
        """The figures of all choices of the period."""
        found = self.ask(of="choice", show="count, participants, mean rating")
        return found or self.answer(of="choice", show="count, participants")

    @cached_property
    def foot(self) -> str:
        """What the whole report rests on."""
        return show(self.whole, self.schema, self.language, self.zone, self.min_group).foot

    def say(self, key: str, *params: object) -> str:
        """A message in the language of the report."""
        return message(key, self.language, *params)

    def html(self, shown: Shown, heading: str) -> Markup:
        """An answer as HTML, page names as links."""
        return html(shown, heading, self.source.page)

    # The page

    def rests(self) -> Iterator[str]:
        """What the report rests on, a sentence each."""
        time = show(self.whole, self.schema, self.language, self.zone, self.min_group).time
        yield self.say("report-period", self.span.words(self.language)) if self.span else self.say("report-all")
        yield self.foot.replace("{time}", time)
        if not self.whole.total.entries:
            return
        yield self.say("report-dates")
        yield self.say("report-brackets")
        if self.min_group > 1:
            yield self.say("report-small", self.min_group)

    def sections(self) -> Iterator[Section]:
        """All that there is something for."""
        if self.whole.total.entries:
            for made in (self.overview(), self.comparison(), *self.charts(), *self.tables(), self.matrix(), self.changes(),
                         *self.quotations()):
                if made and any(made.parts):
                    yield made
        elif made := self.proposals():
            yield made
        if made := self.problems():
            yield made

    def overview(self) -> Section:
        """The figures, and where the choices stand."""
        parts = [self.html(self.shown(self.whole), "")]
        heading = self.say("report-status")
        found = self.ask(of="choice", by="status", show="count, participants, share", limit=str(GROUPS), as_="bars")
        if found and _said(found):
            parts.append(Markup("<h3>{}</h3>").format(heading) + self.charted(found, "status", heading))
        return Section("overview", self.say("report-overview"), (Markup("\n").join(parts),))

    def charted(self, found: Answer, name: str, heading: str) -> Markup:
        """A chart beside its table."""
        return charted(found, self.shown(found), name, heading, self.language, self.source.page)

    def charts(self) -> Iterator[Section]:
        """Bars by theme and by level, trends by year and by month."""
        for name in ("theme", "level"):
            found = self.ask(of="choice", by=name, show=_FIGURES, limit=str(GROUPS), as_="bars")
            if found and _said(found):
                heading = self.say(f"report-{name}")
                yield Section(name, heading, (self.charted(found, name, heading),))
        found = self.ask(of="choice", by="year", as_="trend", show="count, participants", limit=str(ROWS))
        if found and len(_said(found)) > 1:
            yield Section("year", self.say("report-year"), (self.charted(found, "year", self.say("report-year")),))
        span = self.latest()
        if span is None:
            return
        found = self.ask(span, of="choice", by="month", as_="trend", show="count, participants", limit=str(ROWS))
        if found and _said(found):
            heading = self.say("report-month")
            yield Section("month", heading, (self.charted(found, "month", heading),),
                          self.say("report-month-intro", span.words(self.language)))

    def latest(self) -> Span | None:
        """The latest months of the period in which there are choices."""
        found = self.ask(Span(self.span.first, min(self.span.last or self.today, self.today)), of="choice", show="latest date")
        figure = found.total.figures[0] if found else None
        if not isinstance(figure, str):
            return None
        month = int(figure[5:7] or 12)
        last = months(date(int(figure[:4]), min(month, 12), 1), 1)  # a season may be that of the other half of the earth
        end = min(date.fromordinal(last.toordinal() - 1), self.span.last or self.today, self.today)
        begin = months(end, 1 - MONTHS)
        return Span(max(begin, self.span.first) if self.span.first else begin, end)

    def tables(self) -> Iterator[Section]:
        """Who chooses, and where."""
        for name in ("kind", "territory"):
            found = self.ask(of="choice", by=f"participant.{name}", show=_FIGURES, limit=str(GROUPS))
            if found and _said(found):
                heading = self.say(f"report-{name}")
                yield Section(name, heading, (self.html(self.shown(found), heading),))

    def matrix(self) -> Section | None:
        """Themes by levels."""
        found = self.ask(of="choice", by="theme, level", show="count", limit=str(GROUPS), as_="matrix")
        heading = self.say("report-matrix")
        if found is None or not found.rows:
            return None
        return Section("matrix", heading, (self.html(self.shown(found), heading),), self.say("report-matrix-intro"))

    def changes(self) -> Section | None:
        """What changed, by indicator, where it is known; nothing of several indicators together, which mean nothing."""
        found = self.ask(where="indicator: any", of="choice", by="indicator", limit=str(ROWS),
                         show="count, mean before, mean after, change")
        rows = [row for row in found.rows if row.figures[-1] is not None and row.keys[0] != OTHER] if found else []
        if found is None or not rows:
            return None
        shown = self.shown(replace(found, rows=tuple(rows[:GROUPS]), more=max(0, len(rows) - GROUPS)))
        shown = replace(shown, rows=tuple(row for row in shown.rows if not row[0].strong))
        heading = self.say("report-change")
        return Section("change", heading, (self.html(shown, heading),), self.say("report-change-intro"))

    def quotations(self) -> Iterator[Section | None]:
        """Results; difficulties beside proposals."""
        if made := self.quotes("result"):
            yield Section("result", self.say("report-result"), (made,))
        beside = [Markup("<h3>{}</h3>\n{}").format(self.say(f"report-{name}"), made)
                  for name, made in (("difficulties", self.quotes("difficulties")), ("proposals", self.proposed())) if made]
        if beside:
            yield Section("quotes", self.say("report-quotes"), tuple(beside))

    def quotes(self, name: str) -> Markup:
        """What choices say in a field."""
        found = self.ask(where=f"{name}: any", of="choice", show=name, limit=str(QUOTES), as_="quotes")
        return self.html(self.shown(found), "") if found and found.items else Markup("")

    def proposed(self) -> Markup:
        """What is proposed."""
        found = self.ask(of="proposal", show="description, title", limit=str(QUOTES), as_="quotes")
        return self.html(self.shown(found), "") if found and found.items else Markup("")

    def proposals(self) -> Section | None:
        """Proposals by themselves, where there are no choices."""
        made = self.proposed()
        return Section("quotes", self.say("report-proposals"), (made,)) if made else None

    def comparison(self) -> Section | None:
        """The period beside the one before it."""
        span = self.span.before()
        old = self.ask(span, of="choice", show="count, participants, mean rating") if span else None
        if span is None or old is None or len(old.question.show) != len(self.whole.question.show):
            return None
        heading = self.say("report-compared")
        parts = [self.html(compared.figures(self.side(self.whole), self.side(old), self.language), heading)]
        new = self.ask(of="choice", by="theme", show="count", limit=str(ROWS), as_="table")
        old = self.ask(span, of="choice", by="theme", show="count", limit=str(ROWS), as_="table")
        if new and old:
            shown = compared.groups(self.side(new), self.side(old), self.language)
            more = self.more(len(shown.rows) - GROUPS)
            parts.append(self.html(replace(shown, rows=shown.rows[:GROUPS], notes=more), self.say("report-theme")))
        intro = self.say("report-compared-intro", self.span.words(self.language), span.words(self.language))
        return Section("compared", heading, tuple(parts), intro)

    def side(self, found: Answer) -> compared.Side:
        """An answer with what is shown of it."""
        return compared.Side(found, self.shown(found))

    def more(self, number: int) -> tuple[str, ...]:
        """The note that so many rows are not shown."""
        return (self.say("summary-more", number_text(number, self.language)),) if number > 0 else ()

    def problems(self) -> Section | None:
        """How many details could not be read, on which pages, and the first of them."""
        found = self.mirror.problems()
        if not found:
            return None
        pages = Counter(title for title, _ in found)
        header = (Cell(self.say("report-page")), Cell(self.say("report-details"), number=True))
        most = sorted(pages.items(), key=lambda item: (-item[1], item[0]))
        rows = tuple((Cell(label_of(title) or title, title), Cell(number_text(count, self.language), number=True))
                     for title, count in most[:PAGES])
        lines = tuple(Line(capital(sentence(problem, self.language)), Cell(label_of(title) or title, problem.source or title))
                      for title, problem in found[:PROBLEMS])
        heading = self.say("report-problems")
        intro = self.say("report-problems-intro", number_text(len(found), self.language), number_text(len(pages), self.language))
        return Section("problems", heading, (
            self.html(Shown(header=header, rows=rows, notes=self.more(len(most) - PAGES)), heading),
            Markup("<h3>{}</h3>\n{}").format(self.say("report-first"), self.html(Shown(lines=lines), ""))), intro)


def _said(found: Answer) -> set[str]:
    """The groups of an answer that have a name."""
    return {row.keys[0] for row in found.rows} - {UNSAID, OTHER}
