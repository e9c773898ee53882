"""Job kind ``feeds``: what is new, as Atom files that people subscribe to, and as lists on wiki pages.

A feed tells of entries, those first that people changed last, or of the sessions of meetings. It is made in each language that it
has a title in; with ``each`` there is one for each theme, group, language or whatever field is named.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field, model_validator

from wikibridge.entries.types import Language, Schema
from wikibridge.errors import SettingsError
from wikibridge.feeds import atom
from wikibridge.feeds.values import Feed, Item, Said, identity
from wikibridge.i18n import message
from wikibridge.jobs import meetings
from wikibridge.jobs.base import Context, JobOptions, LocalFiles, SiteJob
from wikibridge.jobs.folders import read_all
from wikibridge.markup import regions
from wikibridge.meetings import zones
from wikibridge.meetings.file import FILE, slug
from wikibridge.meetings.values import Meeting, Session
from wikibridge.mirror.facts import key
from wikibridge.mirror.store import Mirror
from wikibridge.model import Page, Selection, WantedPage
from wikibridge.pages.render import Markup
from wikibridge.summaries.compute import OTHER, UNSAID, answer
from wikibridge.summaries.grammar import QuestionError, parse
from wikibridge.summaries.newest import Newest, newest
from wikibridge.summaries.question import ROWS, Asked, Condition, Question
from wikibridge.summaries.show import TITLE, called, show
from wikibridge.summaries.text import capital, day_text, weekday_text
from wikibridge.summaries.told import told
from wikibridge.yaml_text import Strict

LONG = 1000
"""Characters of a text that a feed tells: nobody's entry may fill a reader's screen."""
RESULT, MEETING = "result", "meeting"
"""What a feed may be of beside types of entries: choices of which a result is told, and sessions of meetings."""
_OF_SESSIONS: Mapping[str, Callable[[Session], tuple[str, ...]]] = {
    "theme": lambda each: each.themes, "language": lambda each: each.languages, "kind": lambda each: each.kinds}


def _address(value: str) -> str:
    parts = urlsplit(value)
    plain = value.isprintable() and not set(value) & set(" []{}|<>\"'")
    if value and not (plain and parts.scheme in ("http", "https") and parts.netloc and not parts.query):
        raise ValueError("an address such as https://www.example.org/feeds/")
    return f"{value.rstrip('/')}/" if value else ""


class FeedOptions(Strict):
    """One feed, in each language that it has a title in."""

    name: Annotated[str, Field(pattern=r"^[a-z0-9-]{1,40}$")]
    """What its files are called: small letters, digits, hyphens. Under another name it is another feed."""
    title: Annotated[dict[Language, Annotated[str, Field(min_length=1)]], Field(min_length=1)]
    """What it is called in each language."""
    page: dict[Language, Annotated[str, Field(min_length=1)]] = Field(default_factory=dict)
    """The title of a page with the same list in each language; without it there are files alone."""
    of: str = "choice"
    """What it tells of: ``choice``, ``result`` (choices of which a result is told), ``proposal``, ``conclusion`` or another type
    of entries; ``meeting`` for the sessions of meetings."""
    where: str = ""
    """Conditions, in the words of questions: docs/questions.md"""
    each: str = ""
    """A field, of the entries or of their participants, such as ``theme``, ``group`` or ``language``: then there is a feed for
    each word that stands there, and ``$1`` in titles is the word."""
    language: Literal["all", "own"] = "all"
    """Whether all entries are told in every language, or in each those alone of the participants who write in it."""
    limit: Annotated[int, Field(ge=1, le=ROWS)] = 30
    """How many entries it tells of at most."""

    @model_validator(mode="after")
    def _fits(self) -> FeedOptions:
        if self.each and (plain := [title for title in (*self.title.values(), *self.page.values()) if "$1" not in title]):
            raise ValueError(f"titles with $1 for the word of “each” (not “{plain[0]}”)")
        # A word that people type must not choose the namespace.
        if self.each and (bare := [title for title in self.page.values() if len(title.partition("$1")[0].strip()) < 3]):
            raise ValueError(f"titles of pages of a few letters and then $1 for the word of “each” (not “{bare[0]}”)")
        if self.of == MEETING and self.where:
            raise ValueError("no “where” in a feed of meetings")
        if self.of == MEETING and self.each and self.each not in _OF_SESSIONS:
            raise ValueError(f"in a feed of meetings one of {', '.join(_OF_SESSIONS)} as “each” (not “{self.each}”)")
        return self

    def question(self, job: str, schema: Schema) -> Question:
        """The question whose entries it tells of. Raises SettingsError naming job and feed."""
        parts = {"of": self.of, "where": self.where, "by": self.each}
        if self.of == RESULT:
            parts |= {"of": "choice", "where": "; ".join(filter(None, [self.where, "result: any"]))}
        try:
            made = parse(parts, schema, "en")
        except QuestionError as error:
            raise SettingsError("question-in-job", job, self.name, error.say()) from error
        if len(made.by) > 1 or any(by.ordered or not by.field.name for by in made.by):
            raise SettingsError("feed-each", job, self.name, self.each)
        return made


def _names_once(feeds: tuple[FeedOptions, ...]) -> tuple[FeedOptions, ...]:
    names = [feed.name for feed in feeds]
    if twice := [name for name in names if names.count(name) > 1]:
        raise ValueError(f"each feed to have a name of its own (“{twice[0]}” is there twice)")
    return feeds


class Options(JobOptions):
    """What is new, as Atom files that people subscribe to, and as lists on wiki pages: docs/feeds.md"""

    kind: Literal["feeds"]
    """The kind of job."""
    folder: Annotated[str, Field(pattern=r"^[^/\\\x00.][^/\\\x00]*$")] = "feeds"
    """The folder of the site folder in which the files are: show it to readers with any web server."""
    address: Annotated[str, AfterValidator(_address)] = ""
    """The address at which readers find that folder, if they do: the feeds name themselves then, and the pages link to them."""
    author: str = ""
    """Who publishes the feeds, such as the name of the network; the name of the wiki's machine, if empty."""
    feeds: Annotated[tuple[FeedOptions, ...], Field(min_length=1), AfterValidator(_names_once)]
    """The feeds."""


@dataclass(frozen=True, slots=True)
class _Part:
    """A feed, or one of those that ``each`` makes of it: ``term`` is the word as it is compared, ``labels`` as it is shown."""

    feed: FeedOptions
    term: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    asked: Asked | None = None

    @property
    def name(self) -> str:
        """What its files are called, without language and ending."""
        if not self.term:
            return self.feed.name
        plain = slug(self.term, "other")
        # What a name of a file cannot hold would make two words one.
        lossy = plain.replace("-", " ") != self.term.replace("_", " ").replace("-", " ")
        return f"{self.feed.name}.{plain}{'-' + hashlib.sha256(self.term.encode()).hexdigest()[:8] if lossy else ''}"

    def called(self, title: str, language: str, form: Callable[[str], str] = str) -> str:
        """A title with the word in its place, in the form that it has there."""
        return title.replace("$1", form(self.labels.get(language, self.term))) if self.term else title

    def titles(self, context: Context) -> dict[Language, str]:
        """The titles of its pages by language."""
        return context.titles({code: self.called(title, code, context.title_part) for code, title in self.feed.page.items()})


def _word(feed: FeedOptions, term: str, vocabulary: str, context: Context) -> _Part:
    """The feed of a word of a vocabulary."""
    label, languages = context.schema.label, context.site.settings.languages
    return _Part(feed, term, {code: capital(label(vocabulary, term, code)) for code in languages})


class Feeds(SiteJob):
    """The job."""

    model = Options
    order = 25
    options: Options

    def selection(self, context: Context) -> Selection:
        """The pages with lists, but for those of words that people type: who makes these knows them by their ids."""
        return Selection(titles=frozenset(
            title for feed in self.options.feeds for part in self._foreseen(feed, context)
            for title in part.titles(context).values()))

    def _foreseen(self, feed: FeedOptions, context: Context) -> list[_Part]:
        if not feed.each:
            return [_Part(feed)]
        if feed.of == MEETING:
            vocabulary = feed.each
        else:
            question = feed.question(self.name, context.schema)
            asked = question.by[0].field
            vocabulary = context.schema.types["participant" if asked.owner else question.of].by_name[asked.name].vocabulary
        return [_word(feed, term, vocabulary, context) for term in context.schema.vocabularies.get(vocabulary, ())]

    def files(self, context: Context) -> tuple[Path, ...]:
        """The files of before, which are the memory of what was told, and the meetings."""
        return (context.site.folder / FILE, *sorted((context.site.folder / self.options.folder).glob("*.atom")))

    def wanted(self, context: Context, mirror: Mirror) -> list[WantedPage]:
        """The page of each feed in each language. A page is made when there is something to tell."""
        self._check(context)
        news = _News(self.name, context, mirror)
        wanted: list[WantedPage] = []
        for feed in self.options.feeds:
            region = f"feed-{feed.name}"
            for part in news.parts(feed) if feed.page else ():
                titles = part.titles(context)
                for language, title in titles.items():
                    items = news.items(part, language)
                    if len(title.encode()) > 255 or not (items or mirror.pages([title])):
                        continue
                    content = _list(items, language, context)
                    others = context.others(titles, language)
                    text = context.render("feed", language, {
                        "others": others, "address": Markup(self._place(part, language)),
                        "region": Markup(context.region(region, content))})
                    wanted.append(WantedPage(title, text, self.name, message("edit-feed", language), {region: content}))
            done = {want.title for want in wanted}
            for language, page in _of_words(feed, context, mirror):
                if page.title not in done and regions.stands(page.text, region):
                    nothing = {region: _list((), language, context)}
                    wanted.append(WantedPage(page.title, "", self.name, message("edit-feed", language), nothing))
        return wanted

    def local_files(self, context: Context, mirror: Mirror) -> tuple[LocalFiles, ...]:
        """The feeds as files. One with nothing to tell any more stays, and is empty."""
        self._check(context)
        before = read_all(context.site.folder / self.options.folder)
        news = _News(self.name, context, mirror)
        made: dict[str, bytes | None] = {}
        for feed in self.options.feeds:
            for part in news.parts(feed):
                for language, title in feed.title.items():
                    items = news.items(part, language) if language in context.site.settings.languages else ()
                    name = _file(part.name, language)
                    if items:
                        home = context.address(part.titles(context).get(language, ""))
                        made[name] = self._feed(context, mirror, name, part.called(title, language), home, items, before)
            made |= {name: self._feed(context, mirror, name, title, context.address(""), (), before)
                     for name, data in before.items() if name not in made and _of(name, feed) and (title := atom.title(data))}
        return (LocalFiles(self.options.folder, made),)

    def _check(self, context: Context) -> None:
        """Raises SettingsError where another job before this one has a feed of the same files."""
        for job in context.jobs():
            if isinstance(job, Feeds) and job.name < self.name and job.options.folder == self.options.folder:
                for name in {feed.name for feed in job.options.feeds} & {feed.name for feed in self.options.feeds}:
                    raise SettingsError("feed-twice", self.name, name, job.name)

    def _place(self, part: _Part, language: str) -> str:
        return f"{self.options.address}{_file(part.name, language)}" if self.options.address else ""

    def _feed(
        self, context: Context, mirror: Mirror, name: str, title: str, home: str, items: Iterable[Item],
        before: Mapping[str, bytes],
    ) -> bytes:
        author = self.options.author or urlsplit(home).hostname or context.site.folder.name
        made = Feed(identity(_wiki(mirror), "feed", name), title, name.split(".")[-2], author, tuple(items), home,
                    f"{self.options.address}{name}" if self.options.address else "")
        return atom.atom(made, before.get(name, b""))


def _wiki(mirror: Mirror) -> str:
    return mirror.get("wiki") or ""


def _file(name: str, language: str) -> str:
    return f"{name}.{language}.atom"


def _of(name: str, feed: FeedOptions) -> bool:
    """Whether a file is of a feed, by its name: of any word that it once had."""
    parts = name.split(".")
    return parts[0] == feed.name and parts[-1] == "atom" and len(parts) == (4 if feed.each else 3) and parts[-2] in feed.title


def _of_words(feed: FeedOptions, context: Context, mirror: Mirror) -> Iterator[tuple[Language, Page]]:
    """The pages of words, of those too that are there no more, by their titles."""
    for language, title in context.titles(feed.page).items() if feed.each else ():
        before, _, behind = title.partition("$1")
        found = [each for each in mirror.titles() if each.startswith(before) and each.endswith(behind)]
        yield from ((language, page) for page in mirror.pages(found))


def _list(items: Iterable[Item], language: str, context: Context) -> str:
    """The news as a list in the wiki's markup."""
    dialect = context.dialect
    lines = []
    for item in items:
        rest = [item.author, ", ".join(label for _, label in item.themes)]
        said = " · ".join(dialect.escape(each) for each in rest if each)
        link = dialect.link(item.page, item.title)
        lines.append(f"* {dialect.escape(day_text(item.day, language))} – {link}{f' – {said}' if said else ''}")
    return dialect.wrapped("\n".join(lines)) if lines else message("summary-none-such", language)


class _News:
    """What there is to tell in a mirror: asked once, whichever feeds and languages tell it."""

    def __init__(self, job: str, context: Context, mirror: Mirror) -> None:
        self.job = job
        self.context = context
        self.mirror = mirror
        self.zone = ZoneInfo(context.site.settings.time_zone)
        self.about = mirror.fields("participant")
        self._questions: dict[str, Question] = {}
        self._rows: dict[tuple[str, str, str], list[Newest]] = {}
        self._sessions: list[tuple[meetings.Meetings, Meeting, Mapping[str, str]]] | None = None

    @property
    def sessions(self) -> Iterator[tuple[Meeting, Session, Mapping[Language, str]]]:
        """All sessions, those that are held last first, with the titles of the programmes that they stand in."""
        if self._sessions is None:
            self._sessions = [(job, meeting, called) for job in self.context.jobs() if isinstance(job, meetings.Meetings)
                              for meeting, called in job.meetings(self.context, self.mirror)]
        found: list[tuple[Meeting, Session, Mapping[Language, str]]] = [
            (meeting, session, job.programmes(self.context, called)) for job, meeting, called in self._sessions
            for session in meeting.sessions]
        return iter(sorted(found, key=lambda each: (each[1].order, each[0].id), reverse=True))

    def parts(self, feed: FeedOptions) -> list[_Part]:
        """The feeds that are made of one: itself, or one for each word that there is, at most ``ROWS``."""
        if not feed.each:
            return [_Part(feed)]
        schema, languages = self.context.schema, self.context.site.settings.languages
        if feed.of == MEETING:
            terms = sorted({term for _, session, _ in self.sessions for term in _OF_SESSIONS[feed.each](session)})
            return [_word(feed, term, feed.each, self.context) for term in terms]
        question = replace(self._question(feed), limit=ROWS)
        found = answer(question, self.context.tallies(self.mirror), schema)
        shown = {code: show(found, schema, code, "UTC").rows for code in languages}
        return [_Part(feed, row.keys[0], {code: rows[place][0].text for code, rows in shown.items()}, question.by[0].field)
                for place, row in enumerate(found.rows) if row.keys[0] not in (UNSAID, OTHER)]

    def items(self, part: _Part, language: Language) -> tuple[Item, ...]:
        """What a feed tells in a language."""
        if part.feed.of == MEETING:
            return tuple(self._of_meetings(part, language))
        own = language if part.feed.language == "own" else ""
        rows = self._rows.get(place := (part.feed.name, part.term, own))
        if rows is None:
            rows = self._rows[place] = self._newest(part, own)
        return tuple(self._of_entry(part.feed, row, language) for row in rows)

    # Entries

    def _question(self, feed: FeedOptions) -> Question:
        if feed.name not in self._questions:
            self._questions[feed.name] = feed.question(self.job, self.context.schema)
        return self._questions[feed.name]

    def _newest(self, part: _Part, own: str) -> list[Newest]:
        question = self._question(part.feed)
        time = self.context.tallies(self.mirror).time(question.of)
        if time is None:
            return []
        also = [Condition(part.asked, terms=(part.term,))] if part.asked else []
        also += [Condition(Asked("language", True), terms=(key(own),))] if own else []
        return newest(replace(question, where=(*question.where, *also)).at(time.date()), self.mirror, part.feed.limit)

    def _of_entry(self, feed: FeedOptions, row: Newest, language: str) -> Item:
        schema, address = self.context.schema, self.context.address
        of = self._question(feed).of
        kind = schema.types[of]
        owner = self.about.get(row.title, {})
        first, *rest = kind.fields
        title = " ".join(str(row.fields.get(first.name, "")).split())
        themes = row.fields.get("theme")
        page = row.source or row.title
        colon = "\u00a0:" if language == "fr" else ":"
        said = tuple(
            Said(f"{capital(each.names[language][0])}{colon}", _cut(text, LONG), each.kind in ("text", "long_text"))
            for each, text in told(row.fields, kind, schema, language) if each in rest)
        return Item(
            identity(_wiki(self.mirror), RESULT if feed.of == RESULT else of, row.page, row.key),
            _cut(title, TITLE) or message("untitled", language), page, address(page),
            str(owner.get("name") or (called(row.title) if owner else row.fields.get("proposed_by", ""))),
            row.seen, row.changed, row.changed.astimezone(self.zone).date(),
            tuple((term, schema.label("theme", term, language)) for term in (themes if isinstance(themes, tuple) else ())),
            said, str(owner.get("language", "")))

    # Meetings

    def _of_meetings(self, part: _Part, language: Language) -> Iterator[Item]:
        left = part.feed.limit
        for meeting, session, programmes in self.sessions:
            if part.term and part.term not in _OF_SESSIONS[part.feed.each](session):
                continue
            if part.feed.language == "own" and language not in session.languages:
                continue
            # The programme is written when a session is new or another: its time is that of the news.
            page = next(iter(self.mirror.pages([programmes[language]] if language in programmes else [])), None)
            if page is None or not left:
                continue
            left -= 1
            label = self.context.schema.label
            clock = zones.span(meeting, session, meeting.zone, language)
            when = f"{weekday_text(session.day, language)}, {clock or message('programme-no-time', language)}"
            lines = [meeting.title(language), f"{when} ({zones.city(meeting.zone, language)})", session.room or meeting.place,
                     ", ".join(label("language", each, language) for each in session.languages),
                     message("programme-cancelled", language) if session.cancelled else "", session.conclusions]
            yield Item(
                identity(_wiki(self.mirror), MEETING, meeting.id, session.id), _cut(session.title(language), TITLE), page.title,
                self.context.address(page.title), "", page.time, page.time, session.day,
                tuple((term, label("theme", term, language)) for term in session.themes),
                tuple(Said("", _cut(line, LONG)) for line in lines if line))


def _cut(text: str, length: int) -> str:
    return text if len(text) <= length else f"{text[:length].rstrip()}…"
