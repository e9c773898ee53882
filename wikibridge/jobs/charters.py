"""Job kind ``charters``: a charter page made from the conclusions that people chose, approvals of its articles, their results.

The page is made once and is people's from then on; what they choose later is put at its end while the vote is open. Approvals
stand on participants' pages and hold for the exact wording of an article (charters/votes.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Literal

import sqlalchemy as sa
from pydantic import AfterValidator, Field

from wikibridge.assessment.values import Chartered
from wikibridge.charters import articles
from wikibridge.charters.articles import Adopted, Draft
from wikibridge.charters.results import Terms, count, short, state
from wikibridge.charters.show import Teller, Vote, difference
from wikibridge.charters.votes import Rules, Standing, Verdict, between, since, user_name, verdicts
from wikibridge.entries.types import Language
from wikibridge.errors import SettingsError
from wikibridge.i18n import message
from wikibridge.jobs.ballots import ASKED, Ballots, marks, participants
from wikibridge.jobs.base import Context, Followed, JobOptions, SiteJob
from wikibridge.jobs.notices import declined, region_name
from wikibridge.markup import regions, wikitext
from wikibridge.mirror import pasts
from wikibridge.mirror.pasts import Past
from wikibridge.mirror.store import Mirror
from wikibridge.model import Entry, Page, Selection, WantedPage
from wikibridge.pages.render import Markup
from wikibridge.publish.exclusion import excluded
from wikibridge.summaries.grammar import QuestionError, parse
from wikibridge.summaries.question import Condition
from wikibridge.summaries.select import Select
from wikibridge.summaries.text import capital, own_name

REGION, RESULTS = "charter", "approvals"
_NOT_YET = datetime.max.replace(tzinfo=UTC)
"""The time of a text that is about to be written: no vote is as late as that."""
_NOTICES = 100
"""How many notices one run puts, changes or takes away: the others follow in the next, so that no run comes to its limits."""
PAGE: dict[Language, str] = {"en": "Approvals: $1", "fr": "Approbations : $1", "pt": "Aprovações: $1"}


def _named(page: dict[Language, str]) -> dict[Language, str]:
    if wrong := [title for title in page.values() if "$1" not in title]:
        raise ValueError(f"titles with $1 for the title of the charter (not “{wrong[0]}”)")
    if len(set(page.values())) < len(page):
        raise ValueError("another title in each language")
    return page


class Options(JobOptions):
    """A charter from the conclusions that people chose, and the approvals of its articles: docs/charters.md"""

    kind: Literal["charters"]
    """The kind of job."""
    page: Annotated[str, Field(min_length=1)]
    """The title of the charter."""
    language: Language | Literal[""] = ""
    """The language of the charter; the first of the site, if empty."""
    where: str = ""
    """Which of the conclusions that are for the charter, as conditions of a question: docs/questions.md"""
    results: Annotated[dict[Language, str], AfterValidator(_named)] = PAGE
    """The title of the page of results in each language; ``$1`` is the title of the charter."""
    threshold: Annotated[float, Field(gt=0, le=1)] = 0.66
    """The share of yes, with reservation or without, that each article needs among those who voted on it."""
    quorum: Annotated[int, Field(ge=0)] = 0
    """How many participants must have voted on each article in its present wording."""
    until: date | None = None
    """The last day to vote, in the site's time zone; open without an end, if empty."""
    source: str = "participants.csv"
    """The table of participants, which says what users they are on the wiki."""


@dataclass(frozen=True, slots=True)
class _Conclusion:
    """A conclusion for the charter: by what it is known, where it stands, what it says."""

    key: str
    title_digest: str
    page: Page
    entry: Entry


@dataclass(frozen=True, slots=True)
class _Found:
    """The charter's page, if there is one, its past, its texts since the beginning, its text now, what was adopted."""

    page: Page | None
    past: Past
    standings: tuple[Standing, ...]
    draft: Draft
    adopted: Adopted | None


class Charters(SiteJob):
    """The job."""

    model = Options
    order = 18
    options: Options

    def _title(self, context: Context) -> str:
        return context.title(self.options.page)

    def _language(self, context: Context) -> Language:
        languages = context.site.settings.languages
        return self.options.language if self.options.language and self.options.language in languages else languages[0]

    def _results(self, context: Context) -> dict[Language, str]:
        title = self._title(context)
        return context.titles({language: page.replace("$1", title) for language, page in self.options.results.items()})

    def selection(self, context: Context) -> Selection:
        """The charter and its pages of results."""
        return Selection(titles=frozenset({self._title(context), *self._results(context).values()}))

    def files(self, context: Context) -> tuple[Path, ...]:
        """The table of participants."""
        return (context.site.folder / self.options.source,)

    # What is followed

    def followed(self, context: Context, mirror: Mirror, history: bool) -> tuple[Followed, ...]:
        """The charter, and the participants' pages with approvals; of a wiki without history all participants' pages."""
        dialect = context.dialect

        def charter(text: str, entries: Sequence[Entry]) -> tuple[str, ...]:
            found = {region.name: region.content for region in regions.find(text, dialect)[0]}
            return articles.to_mark(articles.read(text, dialect)), found.get(REGION, "") if articles.adopted(
                found.get(REGION, "")) else ""

        voters = participants(context, mirror)
        voting = [title for title in mirror.fields("approval") if title in voters] if history else list(voters)
        return (Followed(self._kept(REGION), (self._title(context),), charter, f"{dialect.NAME} 1"),
                Followed(self._kept(RESULTS), voting, partial(marks, notice=self._notice), "2"))

    @property
    def _notice(self) -> str:
        """What its notices on participants' pages are called."""
        return region_name(REGION, self.name)

    def _kept(self, what: str) -> str:
        return f"{what} {self.name}"

    def _find(self, context: Context, mirror: Mirror) -> _Found:
        known = pasts.of(mirror, self._kept(REGION))
        page = next(iter(mirror.pages(ids=known) or mirror.pages([self._title(context)])), None)
        if page is None:
            return _Found(None, (), (), Draft(), None)
        draft = articles.read(page.text, context.dialect)
        past = known[page.id].past if page.id in known else ()
        standings: list[Standing] = []
        for version in past:
            then = articles.from_mark(version.marks[0])
            if standings and standings[-1].draft == then:
                standings[-1] = replace(standings[-1], last=version.last)
            else:
                standings.append(Standing(then, version.revision, version.time, version.last))
        if not standings or standings[-1].draft != draft:
            # Made or changed by this very run.
            standings.append(Standing(draft, page.revision, page.time, page.revision))
        return _Found(page, past, tuple(standings), draft, self._adopted(context, page, past))

    def _adopted(self, context: Context, page: Page, past: Past) -> Adopted | None:
        """What was adopted, as we wrote it last: what others write into the region is no adoption, nor does it end one."""
        us = user_name(context.site.settings.wiki.account.partition("@")[0])
        ours = [version for version in past if us in map(user_name, version.editors)]
        if ours:
            return articles.adopted(ours[-1].marks[1])
        if past and "" in past[-1].editors:
            # Of a wiki without history it is not known who wrote it.
            return articles.adopted(past[-1].marks[1])
        return None

    # Conclusions

    def _conclusions(self, context: Context, mirror: Mirror) -> list[_Conclusion]:
        """The conclusions that are for the charter, by theme, then by page and place."""
        meant = self._meant(context, mirror)
        order = list(context.schema.vocabularies["theme"])
        found = []
        for page in mirror.pages(mirror.fields("conclusion")):
            for key, _, entry in mirror.entries(page.id):
                if entry.type == "conclusion" and entry.fields.get("charter") is True and (
                        meant is None or (page.id, entry.number) in meant):
                    digest = articles.title_digest(page.id, str(entry.fields.get("title", "")))
                    found.append(_Conclusion(key, digest, page, entry))
        return sorted(found, key=lambda each: (
            order.index(_theme(each.entry)) if _theme(each.entry) in order else len(order), each.page.title, each.entry.number))

    def _meant(self, context: Context, mirror: Mirror) -> set[tuple[int, int]] | None:
        """The pages and numbers of the conclusions that meet the conditions; None when there are none to meet."""
        if not self.options.where.strip():
            return None
        try:
            question = parse({"of": "conclusion", "where": self.options.where}, context.schema, "en")
        except QuestionError as error:
            raise SettingsError("question-in-job", self.name, "where", error.say()) from error
        where: tuple[Condition, ...] = question.at(context.history(()).day).where
        found = Select("conclusion", where)
        query = sa.select(found.driver.c.page, found.driver.c.number).select_from(found.joined).where(*found.where)
        with mirror.engine.connect() as connection:
            return {(row.page, row.number) for row in connection.execute(query)}

    def _written(self, context: Context, number: int, of: _Conclusion) -> str:
        language = self._language(context)
        fields = of.entry.fields
        section = context.dialect.plain(of.entry.section)
        return articles.written(
            number, str(fields.get("title", "")) or message("untitled", language), str(fields.get("text", "")),
            (of.key, of.title_digest), articles.source_line(of.page.title, section, language, context.dialect), language,
            context.dialect)

    # Pages

    def wanted(self, context: Context, mirror: Mirror) -> list[WantedPage]:
        """The charter, then its results in each language."""
        found = self._find(context, mirror)
        page = found.page
        if page is None:
            return self._first(context, mirror)
        self._notes(context, found)
        teller = Teller(self._language(context), context.schema, context.dialect)
        results = {own_name(language): title for language, title in self._results(context).items()}
        if found.adopted:
            changed = list(self._changed(context, found.adopted, found, teller))
            return [self._charter(context, page, teller.adopted(found.adopted, changed, results)),
                    *self._notices(context, mirror, participants(context, mirror), None)]
        more: dict[str, str] = {}
        if not self._over(context) and self._made(found):
            more = self._more(context, mirror, found)
            found = self._with(context, found, more)
        vote = self._vote(context, mirror, found, page.title)
        wanted = []
        if vote.state == "adopted":
            made = self._adoption(found)
            may = context.info().protects
            if not may:
                context.note("charter-ask-protect", page.title)
            wanted.append(replace(self._charter(context, page, teller.adopted(made, (), results)), protect=may))
        else:
            wanted.append(self._charter(context, page, teller.region(vote, results), more))
        return [*wanted, *self._pages(context, vote), *self._notices(context, mirror, vote.voters, vote)]

    def _over(self, context: Context) -> bool:
        """Whether the vote has ended."""
        return self.options.until is not None and context.history(()).day > self.options.until

    @staticmethod
    def _made(found: _Found) -> bool:
        """Whether the page is a charter that we made: a page of somebody else's under its title gets no articles."""
        assert found.page is not None
        return regions.stands(found.page.text, REGION) or any(
            article.origin[0] for each in found.standings for article in each.draft.articles)

    def _with(self, context: Context, found: _Found, more: Mapping[str, str]) -> _Found:
        """The charter as it will be with more articles."""
        if not more or found.page is None:
            return found
        added = "\n\n".join(context.region(name, content) for name, content in more.items())
        draft = articles.read(f"{found.page.text}\n\n{added}", context.dialect)
        return replace(found, draft=draft, standings=(*found.standings, Standing(draft, 0, _NOT_YET)))

    def _charter(self, context: Context, page: Page, region: str, more: Mapping[str, str] | None = None) -> WantedPage:
        return WantedPage(page.title, "", self.name, message("edit-charter", self._language(context)),
                          {REGION: region, **(more or {})}, "end" if more else "")

    def _adoption(self, found: _Found) -> Adopted:
        assert self.options.until is not None
        return Adopted(self.options.until.isoformat(), found.draft.digest, found.standings[-1].revision,
                       {article.id: article.digest for article in found.draft.articles}, found.draft.rest)

    def _first(self, context: Context, mirror: Mirror) -> list[WantedPage]:
        """The charter as it is made, when there are conclusions for it and the vote is not over."""
        conclusions = self._conclusions(context, mirror)
        if not conclusions or self._over(context):
            return []
        language, title = self._language(context), self._title(context)
        sections: dict[str, list[Markup]] = {}
        for number, each in enumerate(conclusions, 1):
            theme = _theme(each.entry)
            heading = capital(context.schema.label("theme", theme, language)) if theme else message("charter-no-theme", language)
            sections.setdefault(heading, []).append(Markup(self._written(context, number, each)))
        shown = [{"heading": heading, "articles": some} for heading, some in sections.items()]

        def page(region: str) -> str:
            return context.render("charter", language, {"sections": shown, "region": Markup(context.region(REGION, region))})

        draft = articles.read(page(""), context.dialect)
        found = _Found(None, (), (Standing(draft, 0, _NOT_YET),), draft, None)
        vote = self._vote(context, mirror, found, title)
        results = {own_name(code): of for code, of in self._results(context).items()}
        region = Teller(language, context.schema, context.dialect).region(vote, results)
        made = WantedPage(title, page(region), self.name, message("edit-charter", language), {REGION: region})
        return [made, *self._pages(context, vote)]

    def _pages(self, context: Context, vote: Vote) -> Iterator[WantedPage]:
        for language, title in self._results(context).items():
            filled = Teller(language, context.schema, context.dialect).results(vote, context.site.settings.min_group)
            text = context.render("approvals", language, {"region": Markup(context.region(RESULTS, filled))})
            yield WantedPage(title, text, self.name, message("edit-approvals", language), {RESULTS: filled})

    def _vote(self, context: Context, mirror: Mirror, found: _Found, title: str) -> Vote:
        options = self.options
        kept = pasts.of(mirror, self._kept(RESULTS))
        known = {head.title: kept[number].past for number, head in mirror.heads(kept).items()}
        ballots = Ballots(context, mirror, options.source, known)
        voters = ballots.voters()
        votes = ballots.votes(list(dict.fromkeys((title, self._title(context)))), voters)
        judged = verdicts(votes, voters, found.standings, Rules(options.until, context.site.settings.time_zone))
        tallies = count(judged, voters, found.draft)
        terms = Terms(Decimal(str(options.threshold)), options.quorum, options.until)
        vote = Vote(title, found.standings if found.page else (), found.draft, voters, judged, tallies, (), terms, "open")
        missing = short({article.id: vote.total(article.id) for article in found.draft.articles}, terms)
        return replace(vote, missing=missing, state=state(found.draft, missing, terms, context.history(()).day))

    def _more(self, context: Context, mirror: Mirror, found: _Found) -> dict[str, str]:
        """Articles for the conclusions that were chosen since, as regions at the end of the page."""
        # What was an article once and was taken out stays out. A conclusion is known by its key, or else by its page and title.
        ever = [article for standing in found.standings for article in standing.draft.articles]
        origins = dict.fromkeys(article.origin for article in ever)
        conclusions = self._conclusions(context, mirror)
        present = {each.key for each in conclusions}
        taken = {key for key, _ in origins}
        spare = [of for key, of in origins if key not in present]
        made = {}
        number = max((article.id for article in ever), default=0)
        for each in conclusions:
            if each.key in taken:
                continue
            if each.title_digest in spare:
                spare.remove(each.title_digest)
                continue
            number += 1
            made[f"{regions.TYPED}article-{number}"] = self._written(context, number, each)
        return made

    def stands(self, context: Context, mirror: Mirror) -> Chartered | None:
        """How the charter stands; None where there is none yet."""
        found = self._find(context, mirror)
        if found.page is None:
            return None
        vote = self._vote(context, mirror, found, found.page.title)
        voters = {each.vote.page for each in vote.verdicts if each.state != "void"}
        until = found.adopted.day if found.adopted else str(self.options.until or "")
        state = "adopted" if found.adopted else vote.state
        return Chartered(found.page.title, len(vote.draft.articles), len(voters), state, until)

    # Participants who are asked again

    def _notices(self, context: Context, mirror: Mirror, voters: Iterable[str], vote: Vote | None) -> Iterator[WantedPage]:
        """A notice on the page of each whose answer was to an earlier wording, while the vote is open; the others' go."""
        name, dialect = self._notice, context.dialect
        asked = self._asked(mirror, vote) if vote and vote.state == "open" else {}
        spoken = context.spoken(mirror, context.site.settings.languages)
        left = _NOTICES
        for page in mirror.pages(voters):
            stands = regions.stands(page.text, name)
            if not (stands or page.title in asked) or excluded(page.text, context.site.settings.wiki.account, dialect):
                continue
            language, text = spoken(page.title), ""
            if vote and page.title in asked and not declined(page.text, dialect):
                told = Teller(language, context.schema, dialect).asked(vote, asked[page.title])
                text = context.render("asked-again", language, {
                    "charter": Markup(dialect.link(vote.title, vote.title)), "word": message("reminder-word", language),
                    "articles": [Markup(each) for each in told],
                    "edit": Markup(dialect.edit_link(page.title, None, message("asked-again-edit", language)))})
            now = {region.name: region.content for region in regions.find(page.text, dialect)[0]}
            if now.get(name, "").strip() != text.strip():
                yield WantedPage(page.title, text, self.name, message("edit-asked-again", language), {name: text}, "top")
                left -= 1
                if not left:
                    return

    def _asked(self, mirror: Mirror, vote: Vote) -> dict[str, list[Verdict]]:
        """The answers to earlier wordings of those who are asked again, by their pages; who took the notice away is not, until
        the charter changes once more.
        """
        kept = pasts.of(mirror, self._kept(RESULTS))
        gone = {head.title: [after.order for before, after in pairwise(kept[number].past)
                             if ASKED in before.marks and ASKED not in after.marks]
                for number, head in mirror.heads(kept).items()}
        earlier: dict[str, list[Verdict]] = {}
        for each in vote.verdicts:
            if each.state == "earlier":
                earlier.setdefault(each.vote.page, []).append(each)
        return {page: some for page, some in earlier.items() if any(
            all(since(vote.standings, each.article).order > order for order in gone.get(page, ())) for each in some)}

    # What the secretariat is told

    def _notes(self, context: Context, found: _Found) -> None:
        assert found.page is not None
        title = found.page.title
        if title != self._title(context):
            context.note("charter-renamed", self._title(context), title)
        for heading in found.draft.doubled:
            context.note("charter-doubled", title, heading)
        for article in found.draft.articles:
            if article.number != article.id:
                context.note("charter-renumbered", title, article.number, article.id)
            if article.shows:
                context.note("charter-shows", title, article.number)

    def _changed(self, context: Context, adopted: Adopted, found: _Found, teller: Teller) -> Iterator[str]:
        """What is not as it was adopted, with links; the secretariat is told too."""
        assert found.page is not None
        now = found.draft.by_id
        for number in sorted(adopted.articles.keys() | now.keys()):
            was, article = adopted.articles.get(number), now.get(number)
            if was == (article.digest if article else None):
                continue
            key = "charter-changed-gone" if article is None else "charter-changed-new" if was is None else "charter-changed-text"
            link = teller.difference(found.standings, number, was or "")
            shown = article.number if article else number
            told = teller.say(key, shown)
            context.note("charter-note-changed", found.page.title, message(key, context.language, shown),
                         self._place(context, found.standings, number, was or ""))
            yield f"{told} ({link})" if link else told
        if found.draft.rest != adopted.rest:
            context.note("charter-note-changed", found.page.title, message("charter-changed-rest", context.language), "")
            yield teller.say("charter-changed-rest")

    def _place(self, context: Context, standings: Sequence[Standing], number: int, digest: str) -> str:
        revisions = between(standings, number, digest) if context.dialect is wikitext else None
        title = difference(*revisions) if revisions else ""
        return (context.address(title) or title) if title else ""


def _theme(entry: Entry) -> str:
    value = entry.fields.get("theme", ())
    return str(value[0]) if isinstance(value, tuple) and value else "" if isinstance(value, tuple) else str(value)
