"""What the pages of a charter tell: how to vote, how the vote stands, its results. Pure; all that people typed is escaped."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from wikibridge.charters.articles import CODE, Adopted, Article, Draft, record
from wikibridge.charters.results import OTHER, Shortfall, State, Tally, Terms, folded
from wikibridge.charters.votes import ANSWERS, Standing, Verdict, Voter, between
from wikibridge.entries.types import Schema
from wikibridge.i18n import message
from wikibridge.markup import wikitext
from wikibridge.markup.parts import Dialect
from wikibridge.summaries.show import QUOTE, called
from wikibridge.summaries.text import capital, day_text, number_text, share_text
from wikibridge.wikis.tiki_pages import version

LINES = 300
"""Lines that one list of results shows; the rest is counted."""
_TITLE = 80
"""Characters of an article's title in a table."""


@dataclass(frozen=True, slots=True)
class Vote:
    """A vote as a whole: the charter's page, its texts since the beginning, what became of each ballot, what they come to."""

    title: str
    standings: tuple[Standing, ...]
    draft: Draft
    voters: Mapping[str, Voter]
    verdicts: tuple[Verdict, ...]
    tallies: Mapping[int, Mapping[str, Tally]]
    missing: tuple[Shortfall, ...]
    terms: Terms
    state: State

    def total(self, article: int) -> Tally:
        """What all kinds of actors together said of an article."""
        return sum(self.tallies.get(article, {}).values(), Tally())


@dataclass(frozen=True, slots=True)
class Teller:
    """Tells of a vote in a language."""

    language: str
    schema: Schema
    dialect: Dialect

    def say(self, key: str, *params: object) -> str:
        """A message of the language."""
        return message(key, self.language, *params)

    # The region on the charter's page

    def region(self, vote: Vote, results: Mapping[str, str]) -> str:
        """How to vote and how the vote stands, while it is not adopted. ``results`` are the pages of results by their names."""
        parts = [self._state(vote), self._links(results)]
        if vote.state == "open" and vote.draft.articles:
            parts += [self.say("charter-edit"), self.say("charter-how"), self.dialect.code("\n".join(self._calls(vote)))]
        parts.append(self._overview(vote))
        return "\n\n".join(filter(None, parts))

    def adopted(self, made: Adopted, changed: Sequence[str], results: Mapping[str, str]) -> str:
        """What is told once a charter is adopted, and what was changed since."""
        day = day_text(date.fromisoformat(made.day), self.language)
        told = f"{self.dialect.STRONG}{self.say('charter-passed', day)}{self.dialect.STRONG}"
        told += " " + self.say("charter-code", self.dialect.typed(made.digest[:CODE]))
        if made.revision:
            told += " " + self.say("charter-revision", version(made.revision))
        lines = [f"{self.dialect.STRONG}{self.say('charter-changed')}{self.dialect.STRONG}", *(f"* {each}" for each in changed)]
        parts = [told, "\n".join(lines) if changed else "", self._links(results)]
        return "\n\n".join(filter(None, parts)) + "\n" + record(made, self.dialect)

    def _links(self, results: Mapping[str, str]) -> str:
        links = " · ".join(self.dialect.link(title, name) for name, title in results.items())
        return f"{self.say('charter-results')} {links}" if links else ""

    def _state(self, vote: Vote) -> str:
        terms = vote.terms
        last = day_text(terms.until, self.language) if terms.until else ""
        if vote.state == "open":
            told = self.say("charter-open-until", last) if last else self.say("charter-open")
        else:
            told = self.say("charter-failed", last) if vote.state == "failed" else self.say("charter-passed", last)
        told = f"{self.dialect.STRONG}{told}{self.dialect.STRONG}"
        share = share_text(terms.threshold, self.language)
        rule = self.say("charter-rule-quorum", share, terms.quorum) if terms.quorum > 1 else self.say("charter-rule", share)
        short = [f"* {self._shortfall(each, vote)}" for each in vote.missing] if vote.state == "failed" else []
        return "\n".join([f"{told} {rule}", *([""] if short else []), *short])

    def _shortfall(self, missing: Shortfall, vote: Vote) -> str:
        tally = vote.total(missing.article)
        name = self.article(vote.draft.by_id[missing.article])
        if missing.why == "votes":
            return self.say("charter-short-votes", name, tally.votes, max(1, vote.terms.quorum))
        return self.say("charter-short-share", name, share_text(tally.share or Decimal(0), self.language))

    def _calls(self, vote: Vote) -> Iterable[str]:
        kind = self.schema.types["approval"]
        names = {field.name: field.names[self.language][0] for field in kind.fields}
        yes = self.schema.label("vote", "yes", self.language)

        def one(values: Mapping[str, str]) -> str:
            arguments = {names[key]: value for key, value in {**values, "vote": yes, "comment": ""}.items()}
            return self.dialect.call(kind.names[self.language][0], arguments).replace("\n", "")

        for article in vote.draft.articles:
            yield one({"charter": vote.title, "article": str(article.number), "wording": article.code})
        if len(vote.draft.articles) > 1:
            yield ""
            yield one({"charter": vote.title, "wording": vote.draft.code})

    def _overview(self, vote: Vote) -> str:
        if not vote.draft.articles:
            return ""
        header = tuple(self.say(key) for key in ("charter-column-article", "charter-column-code", *_FIGURES[:4]))
        rows = []
        for article in vote.draft.articles:
            tally = vote.total(article.id)
            rows.append((self.article(article), self.dialect.typed(article.code), *self._figures(tally)[:4]))
        return self._table(header, tuple(rows), frozenset(range(2, 6)))

    def _table(self, header: tuple[str, ...], rows: tuple[tuple[str, ...], ...], numbers: frozenset[int]) -> str:
        wiki = self.dialect is wikitext
        return self.dialect.scrolled(wikitext.table(header, rows, numbers) if wiki else self.dialect.table(header, rows))

    def article(self, article: Article) -> str:
        """The number and title of an article."""
        title = article.title if len(article.title) <= _TITLE else article.title[:_TITLE].rstrip() + "…"
        return self.say("charter-article", article.number, self.dialect.escape(title)).rstrip(" .")

    def difference(self, standings: Sequence[Standing], number: int, digest: str, label: str = "charter-difference") -> str:
        """A link to what became of the wording of an article; empty where the wiki shows no differences."""
        revisions = between(standings, number, digest) if self.dialect is wikitext else None
        return f"[[{difference(*revisions)}|{self.say(label)}]]" if revisions else ""

    # The notice on a participant's page

    def asked(self, vote: Vote, earlier: Iterable[Verdict]) -> list[str]:
        """The articles that a participant answered to in an earlier wording, each with what became of it since."""
        return [self._changed(each, vote, "asked-again-difference") for each in earlier]

    def _changed(self, verdict: Verdict, vote: Vote, label: str) -> str:
        link = self.difference(vote.standings, verdict.article, verdict.digest, label)
        name = self.article(vote.draft.by_id[verdict.article])
        return f"{name} ({link})" if link else name

    # The page of results

    def results(self, vote: Vote, min_group: int) -> str:
        """Tables by article and kind of actor, reservations, approvals of earlier wordings, votes that do not count."""
        link = self.dialect.link(vote.title, vote.title)
        parts = [f"{link}{self._colon()}{self._state(vote)}"]
        if vote.draft.articles and vote.voters:
            parts += [self.dialect.heading(self.say("charter-by-kind"), 2), self._by_kind(vote, min_group)]
        for key, lines in (("charter-reservations", self._reservations(vote)), ("charter-again", self._again(vote)),
                           ("charter-void", self._void(vote))):
            if lines:
                more = [self.say("charter-more", number_text(len(lines) - LINES, self.language))] if len(lines) > LINES else []
                about = [self.say("charter-again-please")] if key == "charter-again" else []
                parts += [self.dialect.heading(self.say(key), 2), *about]
                parts.append(self.dialect.wrapped("\n".join([*lines[:LINES], *more])))
        parts.append(self._foot(vote))
        return "\n\n".join(parts)

    def _colon(self) -> str:
        return "\u00a0: " if self.language == "fr" else ": "

    def _foot(self, vote: Vote) -> str:
        voted = {each.vote.page for each in vote.verdicts if each.state != "void"}
        unsure = {each.vote.page for each in vote.verdicts if each.state == "counts" and not each.checked}
        told = self.say("charter-foot", len(vote.voters), len(voted))
        if unsure:
            told += " " + self.say("charter-unchecked", len(unsure))
        return f"{self.dialect.SLANTED}{told}{self.dialect.SLANTED}"

    def _by_kind(self, vote: Vote, min_group: int) -> str:
        people: dict[str, int] = {}
        for voter in vote.voters.values():
            people[voter.kind] = people.get(voter.kind, 0) + 1
        shown = folded(people, min_group)
        order = [*self.schema.vocabularies["kind"], *sorted(set(people) - set(self.schema.vocabularies["kind"]))]
        kinds = [kind for kind in order if shown.get(kind) == kind]
        kinds += [OTHER] if OTHER in shown.values() else []
        header = (self.say("charter-column-article"), self.say("charter-column-kind"), *map(self.say, _FIGURES))
        rows: list[tuple[str, ...]] = []
        for article in vote.draft.articles:
            name = self.article(article)
            of = vote.tallies.get(article.id, {})
            for kind in kinds if len(kinds) > 1 else ():
                tally = sum((each for was, each in of.items() if shown[was] == kind), Tally())
                rows.append((name, self._kind(kind), *self._figures(tally)))
            strong = self.dialect.STRONG
            names = (f"{strong}{each}{strong}" for each in (name, self.say("group-all")))
            rows.append((*names, *self._figures(vote.total(article.id))))
        return self._table(header, tuple(rows), frozenset(range(2, 7)))

    def _kind(self, kind: str) -> str:
        if kind == OTHER:
            return self.say("group-other")
        return capital(self.schema.label("kind", kind, self.language)) if kind else self.say("group-unsaid")

    def _figures(self, tally: Tally) -> tuple[str, ...]:
        figures = (tally.yes, tally.reservation, tally.no, tally.again, tally.none)
        return tuple(number_text(each, self.language) for each in figures)

    def _reservations(self, vote: Vote) -> list[str]:
        before, _, after = self.say("quoted", "\0").partition("\0")
        lines = []
        for article in vote.draft.articles:
            for each in vote.verdicts:
                if each.article == article.id and each.state == "counts" and each.vote.answer == ANSWERS[1]:
                    text = " ".join(each.vote.comment.split())
                    text = text if len(text) <= QUOTE else text[:QUOTE].rstrip() + "…"
                    said = f"{before}{self.dialect.escape(text)}{after}" if text else self.say("charter-no-words")
                    lines.append(f"* {self.article(article)}{self._colon()}{said} – {self._page(each)}")
        return lines

    def _page(self, verdict: Verdict) -> str:
        return self.dialect.link(verdict.vote.page, called(verdict.vote.page))

    def _again(self, vote: Vote) -> list[str]:
        pages: dict[str, list[str]] = {}
        for each in vote.verdicts:
            if each.state == "earlier":
                pages.setdefault(self._page(each), []).append(self._changed(each, vote, "charter-difference"))
        return [f"* {page}{self._colon()}{', '.join(names)}" for page, names in pages.items()]

    def _void(self, vote: Vote) -> list[str]:
        lines = []
        for each in vote.verdicts:
            if each.state != "void" or each.reason == "replaced":
                continue  # whoever answered again has done what was asked
            known = vote.draft.by_id.get(each.article)
            typed = self.dialect.escape(each.vote.article[:_TITLE])
            name = self.article(known) if known else self.say("quoted", typed) if typed else self.say("charter-whole")
            owner = vote.voters[each.vote.page].owner if each.vote.page in vote.voters else ""
            params: Mapping[str, tuple[str, ...]] = {
                "stranger": (self.dialect.escape(each.vote.origin.editor), self.dialect.escape(owner)),
                "late": (day_text(vote.terms.until, self.language),) if vote.terms.until else (),
                "wording": (self.dialect.escape(each.vote.wording[:40]),)}
            told = self.say(f"charter-void-{each.reason}", *params.get(each.reason, ()))
            lines.append(f"* {self._page(each)}, {name}{self._colon()}{told}")
        return lines


_FIGURES = (
    "charter-column-yes", "charter-column-reservation", "charter-column-no", "charter-column-again", "charter-column-none")


def difference(old: int, new: int) -> str:
    """The page that shows what became of a page from one revision to another. https://www.mediawiki.org/wiki/Help:Diff"""
    return f"Special:Diff/{old}/{new}"
