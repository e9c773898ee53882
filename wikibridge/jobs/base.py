"""What every kind of job is given, and what it must answer."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, Any, ClassVar, Protocol

from pydantic import BeforeValidator

from wikibridge.entries.types import Language, Schema
from wikibridge.every import Every
from wikibridge.every import read as read_every
from wikibridge.markup import regions
from wikibridge.markup.parts import Dialect
from wikibridge.mirror.past import Work
from wikibridge.mirror.store import Mirror
from wikibridge.model import Entry, Selection, WantedPage, WikiInfo
from wikibridge.pages.render import Markup, Templates
from wikibridge.site import Site
from wikibridge.summaries.tally import Kept, Tallies
from wikibridge.summaries.text import own_name
from wikibridge.wikis.addresses import Address, nowhere
from wikibridge.wikis.base import title_part
from wikibridge.yaml_text import Strict


@dataclass(frozen=True, slots=True)
class History:
    """What runs did: the latest one that wrote something (None: none has yet), how many began in the last 24 hours, and what day
    it is in the site's time zone.
    """

    work: Work | None
    runs: int
    day: date


def _no_history(_: Collection[str]) -> History:
    return History(None, 0, datetime.now(UTC).date())


@dataclass(frozen=True, slots=True)
class Context:
    """What a job may look at. ``note`` tells the secretariat something: a message key and its parameters.

    ``title`` gives the normal form of a title on the wiki; ``language`` is the secretariat's. ``left`` are what was asked
    for and cannot be done: a run is then done in part. ``history`` tells what runs did, but for what they wrote for the jobs
    named. ``forgotten`` tells whether a title is that of somebody whom the site was asked to forget. ``jobs`` are those of
    the site; ``address`` gives the web addresses of pages.
    """

    site: Site
    schema: Schema
    templates: Templates
    info: Callable[[], WikiInfo]
    title: Callable[[str], str]
    notes: list[tuple[str, ...]] = field(default_factory=list)
    kept: Kept = field(default_factory=dict)
    left: list[tuple[str, ...]] = field(default_factory=list)
    language: str = "en"
    history: Callable[[Collection[str]], History] = _no_history
    forgotten: Callable[[str], bool] = lambda title: False
    jobs: Callable[[], Iterable[Job]] = tuple
    address: Address = nowhere

    @property
    def dialect(self) -> Dialect:
        """How the wiki's pages are written."""
        return self.site.dialect

    def region(self, name: str, content: str) -> str:
        """A managed region in the wiki's dialect."""
        return regions.region(name, content, self.dialect)

    def render(self, template: str, language: str, values: Mapping[str, object]) -> str:
        """A page template of the wiki's dialect in a language, filled in."""
        return self.templates.render(f"{self.dialect.NAME}/{language}/{template}.wiki", values)

    def title_part(self, text: str) -> str:
        """A text as a part of a title, without what no title can hold and what links of this kind of wiki stumble over."""
        return title_part(self.dialect.titled(text))

    def titles(self, page: Mapping[Language, str]) -> dict[Language, str]:
        """A page's titles by language, in their normal form, for the languages of the site."""
        return {language: self.title(title) for language, title in page.items() if language in self.site.settings.languages}

    def others(self, titles: Mapping[Language, str], language: Language) -> list[Markup]:
        """Links to a page in the other languages that it has, each by the language's own name; ``titles`` are all of them."""
        return [Markup(self.dialect.link(title, own_name(each))) for each, title in titles.items() if each != language]

    def spoken(self, mirror: Mirror, languages: Sequence[Language]) -> Callable[[str], Language]:
        """The language of a page by its title: its participant's, if that is among ``languages``, else the first of these."""
        said = {title: str(fields.get("language", "")) for title, fields in mirror.fields("participant").items()}
        return lambda title: next((language for language in languages if language == said.get(title)), languages[0])

    def tallies(self, mirror: Mirror) -> Tallies:
        """The sums of the mirror as it stands; those asked for are kept after the run."""
        return Tallies(mirror, self.kept)

    def note(self, key: str, *params: object) -> None:
        """Tell the secretariat something that no plan would show."""
        self.notes.append((key, *(str(param) for param in params)))

    def leave(self, key: str, *params: object) -> None:
        """Tell the secretariat what is not done, and how it can be."""
        self.left.append((key, *(str(param) for param in params)))


@dataclass(frozen=True, slots=True)
class Followed:
    """Pages to follow, by their titles; the one that we made under a title is meant, whatever it is called now.

    ``what`` is the name under which their pasts are kept, ``marks`` what is looked for in a version: in its text, and in the
    entries that are read from it. ``reading`` is to change when ``marks`` would find something else.
    """

    what: str
    titles: Collection[str]
    marks: Callable[[str, Sequence[Entry]], Sequence[str]]
    reading: str = ""


@dataclass(frozen=True, slots=True)
class LocalFiles:
    """Files that a job wants in a folder of the site folder, by name; None is one that is not to be there any more.

    ``private`` ones are for their owner alone to read. Others of the folder are left alone.
    """

    folder: str
    files: Mapping[str, bytes | None]
    private: bool = False


class JobOptions(Strict):
    """What every job file may say."""

    kind: str
    """The kind of job."""
    title: str = ""
    """A title for people."""
    every: Annotated[Every | None, BeforeValidator(read_every)] = None
    """When the job is due; as ``every`` of wikibridge.yml says, if empty."""


class Job(Protocol):
    """One job of a site, its options checked."""

    name: str

    def selection(self, context: Context) -> Selection:
        """The pages that the job reads or writes, beside those of the participants."""
        ...

    def files(self, context: Context) -> tuple[Path, ...]:
        """The files that the job reads, beside its job file, the settings and the templates."""
        ...

    def wanted(self, context: Context, mirror: Mirror) -> list[WantedPage]:
        """The pages that the job wants, computed from the mirror."""
        ...


class SiteJob:
    """A job that a job file describes: the base class of all kinds of jobs.

    ``model`` is what its job file may say; ``order`` is its place among the jobs of a run, since one may need what another
    writes: participants 10, meetings 15, charters 18, catalogue 19, summaries 20, groups 22, feeds 25, answers 30, problems
    40, reminders 45, assessment 60, status 90. A job that only reads needs ``wanted`` alone.
    """

    model: ClassVar[type[JobOptions]] = JobOptions
    order: ClassVar[int] = 50

    def __init__(self, name: str, options: Any) -> None:
        self.name = name
        self.options = options

    def selection(self, context: Context) -> Selection:
        """The pages that the job reads or writes, beside those of the participants."""
        return Selection()

    def hosts(self, context: Context) -> Selection:
        """Pages on which people write entries, beside those of participants and of the site's ``sources``, by their names.

        What stands on them counts, also where the job made them.
        """
        return Selection()

    def followed(self, context: Context, mirror: Mirror, history: bool) -> tuple[Followed, ...]:
        """Pages of which the job wants to know since when they have said what: mirror/pasts.py tells it then.

        Without ``history`` the wiki does not tell of the past: what is not followed from the beginning is not known later.
        """
        return ()

    def files(self, context: Context) -> tuple[Path, ...]:
        """The files that the job reads, beside its job file, the settings and the templates."""
        return ()

    def wanted(self, context: Context, mirror: Mirror) -> list[WantedPage]:
        """The pages that the job wants, computed from the mirror. The same mirror gives the same pages, to the byte."""
        raise NotImplementedError

    @property
    def at_most(self) -> int | None:
        """How many pages one run writes for this job, where the others can wait for the next run; None where they cannot.

        Where they can, no run comes to a limit of the site because of them.
        """
        return None

    def local_files(self, context: Context, mirror: Mirror) -> tuple[LocalFiles, ...]:
        """Files beside the wiki, such as feeds. They are written at the end of the job's part of a run, and never by ``plan``.

        What it reads of them it names in ``files``.
        """
        return ()
