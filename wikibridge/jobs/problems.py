"""Job kind ``problems``: a page a language of the pages that need a hand, with links to the very sections.

Where the site wants it, a notice besides: on the page itself or on its talk page, in a managed region that is emptied
when all is mended.
"""

from __future__ import annotations

from bisect import bisect_right
from itertools import groupby
from typing import Literal

from pydantic import Field

from wikibridge.entries.problems import sentence
from wikibridge.entries.types import Language
from wikibridge.i18n import message
from wikibridge.jobs.base import Context, JobOptions, SiteJob
from wikibridge.markup import regions, tikitext
from wikibridge.markup.parts import Dialect
from wikibridge.mirror.items import wiki_has
from wikibridge.mirror.store import Mirror
from wikibridge.model import Page, Problem, Selection, WantedPage
from wikibridge.pages.render import Markup
from wikibridge.wikis.base import talk_title

LIST, NOTICE = "problems", "notice"
LINES = 500
"""Problems that one page lists: more help nobody, and a page has a limit."""


class Options(JobOptions):
    """A page a language of what could not be read, with links to the sections to mend."""

    kind: Literal["problems"]
    """The kind of job."""
    page: dict[Language, str]
    """The title of the list in each language."""
    notice: Literal["none", "page", "talk"] = "none"
    """Where else participants are told: on top of their page, on its talk page, or nowhere."""
    lines: int = Field(LINES, ge=1, le=5000)
    """Problems that a list shows; the rest is counted."""


class Problems(SiteJob):
    """The job."""

    model = Options
    order = 40
    options: Options

    def selection(self, context: Context) -> Selection:
        """The lists, and the talk pages where notices stand there."""
        prefixes = (talk_title(context.title(context.site.settings.participants)),) if self.options.notice == "talk" else ()
        return Selection(prefixes, frozenset(context.titles(self.options.page).values()))

    def wanted(self, context: Context, mirror: Mirror) -> list[WantedPage]:
        """The list of each language, then the notices."""
        titles = context.titles(self.options.page)
        if not titles:
            return []
        languages = list(titles)
        spoken = context.spoken(mirror, languages)
        found = {title: [problem for _, problem in rows] for title, rows in groupby(mirror.problems(), lambda row: row[0])}
        pages = {page.title: page for page in mirror.pages(found)}
        language_of: dict[str, str] = {title: spoken(title) for title in found}
        wanted = []
        for language, title in titles.items():
            own = [(pages[of], found[of]) for of in found if language_of[of] == language]
            if not own and not mirror.pages([title]):
                continue  # a page is made when there is something to tell
            filled = self._list(own, language, context.dialect)
            text = context.render("problems", language, {"region": Markup(context.region(LIST, filled))})
            wanted.append(WantedPage(title, text, self.name, message("edit-problems", language), {LIST: filled}))
        if self.options.notice != "none":
            wanted += self._notices(context, mirror, pages, found, language_of, languages[0])
        return wanted

    def _list(self, pages: list[tuple[Page, list[Problem]]], language: str, dialect: Dialect) -> str:
        lines, left = [], self.options.lines
        for page, problems in pages:
            link = dialect.link(page.title, tikitext.label_of(page.title) or page.title)
            lines += [f"{dialect.STRONG}{link}{dialect.STRONG}", *shown(page, problems[:left], language, dialect), ""]
            left -= len(problems)
            if left <= 0:
                break
        count = sum(len(problems) for _, problems in pages)
        if count > self.options.lines:
            lines.append(message("problems-more", language, count - self.options.lines))
        if not lines:
            return message("problems-none", language)
        return dialect.wrapped("\n".join(lines))

    def _notices(
        self, context: Context, mirror: Mirror, pages: dict[str, Page], found: dict[str, list[Problem]],
        language_of: dict[str, str], first: str,
    ) -> list[WantedPage]:
        talk = self.options.notice == "talk"
        wanted = []
        for title, problems in found.items():
            if not wiki_has(pages[title].id):
                continue  # somebody who has items in a tracker and no page
            language = language_of[title]
            lines = shown(pages[title], problems[: self.options.lines], language, context.dialect)
            text = "\n".join([message("problems-notice", language), *lines])
            target = talk_title(title) if talk else title
            wanted.append(WantedPage(
                target, context.region(NOTICE, text), self.name, message("edit-problems", language), {NOTICE: text}, "top"))
        # Where a notice stands and nothing is wrong any more, it is emptied.
        done = {want.title for want in wanted}
        for page in mirror.every():
            if page.title not in done and regions.stands(page.text, NOTICE):
                wanted.append(WantedPage(page.title, "", self.name, message("edit-problems", first), {NOTICE: ""}, "top"))
        return wanted


def shown(page: Page, problems: list[Problem], language: str, dialect: Dialect) -> list[str]:
    """A line a problem, with a link that opens the section for editing."""
    heads = [head.start for head in dialect.scan(page.text).headings]
    begins = [0, *(i + 1 for i, letter in enumerate(page.text) if letter == "\n")]
    lines = []
    for problem in problems:
        # Counted as MediaWiki counts sections: 0 is what stands above the first heading.
        section = bisect_right(heads, begins[min(problem.line, len(begins)) - 1] + problem.column - 1)
        edit = message("problems-edit", language)
        link = dialect.link(problem.source, edit) if problem.source else dialect.edit_link(page.title, section, edit)
        lines.append(f"* {dialect.escape(sentence(problem, language))} ({link})")
    return lines
