"""The site that is looked over: what one check found out of it for those after it, and how findings are told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

from wikibridge.entries.types import Schema, of_site
from wikibridge.errors import WikibridgeError
from wikibridge.i18n import message
from wikibridge.jobs.base import Context
from wikibridge.mirror.journal import Journal
from wikibridge.mirror.state import JOURNAL, places
from wikibridge.model import WikiInfo
from wikibridge.pages.render import Templates
from wikibridge.site import STATE, Site
from wikibridge.wikis.base import Account, Wiki, normal_title
from wikibridge.wikis.finding import Found

State = Literal["ok", "warning", "error", "skipped"]


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check found, in a sentence, and the remedy where the sentence itself does not say it.

    ``code`` is the exit code that an error leads to.
    """

    state: State
    sentence: str
    remedy: str = ""
    code: int = 0


@dataclass
class Patient:
    """A site folder under examination, in the language of whoever asked. ``now`` is this machine's clock.

    ``scheduled`` tells where runs for a folder are set down on this machine; None for nowhere.
    """

    folder: Path
    language: str
    scheduled: Callable[[Path], str | None]
    site_: Site | None = None
    found: Found | None = None
    untrusted: WikibridgeError | None = None
    """Why the certificate of the address proves nothing."""
    skew: float | None = None
    """Seconds by which the wiki's clock is ahead of this machine's."""
    door: Wiki | None = None
    account: Account | None = None
    now: datetime = field(default_factory=lambda: datetime.now(UTC))

    @property
    def site(self) -> Site:
        """The site; checks that need it come after the one of its settings."""
        assert self.site_ is not None
        return self.site_

    @cached_property
    def schema(self) -> Schema:
        """The entry types and vocabularies of the site. Raises SettingsError."""
        return of_site(self.site.entry_files(), self.site.settings.day_first)

    @property
    def remote(self) -> bool:
        """Whether the wiki is on a server."""
        return self.site.settings.wiki.kind != "folder"

    def context(self) -> Context:
        """What jobs may look at, with the wiki behind it once it has let us in. Raises SettingsError."""
        site = self.site
        wiki = site.settings.wiki
        unknown = WikiInfo("", "", wiki.account, site.dialect.NAME)
        info, title = (self.door.info, self.door.title) if self.door else (lambda: unknown, normal_title)
        return Context(site, self.schema, self.templates(), info, title, language=self.language)

    def journal(self, wiki: str = "") -> Journal | None:
        """The journal as it concerns a wiki; None where none was begun. Raises as the database does."""
        if self.site.settings.state:
            # Not as a run opens it: who only looks carries no journal to the server.
            return Journal(places(self.site, wiki)[1], wiki)
        path = self.site.folder / STATE / JOURNAL
        return Journal(path, wiki) if path.is_file() else None

    def time(self, moment: str) -> str:
        """A time of the journal, as clocks show it in the site's time zone."""
        return f"{datetime.fromisoformat(moment).astimezone(ZoneInfo(self.site.settings.time_zone)):%Y-%m-%d %H:%M}"

    def templates(self) -> Templates:
        """The page templates of the site."""
        return Templates(self.site.template_folders(), self.site.dialect.escape)

    def say(self, key: str, *params: object) -> str:
        """A message in the language of whoever asked."""
        return message(key, self.language, *params)

    def ok(self, key: str, *params: object) -> Finding:
        """All is well."""
        return Finding("ok", self.say(key, *params))

    def warning(self, key: str, *params: object, remedy: tuple[object, ...] = ()) -> Finding:
        """Something to see to that stops nothing."""
        return Finding("warning", self.say(key, *params), self._remedy(remedy))

    def error(self, key: str, *params: object, remedy: tuple[object, ...] = (), code: int = 1) -> Finding:
        """Something with which no run can do what it should."""
        return Finding("error", self.say(key, *params), self._remedy(remedy), code)

    def _remedy(self, remedy: tuple[object, ...]) -> str:
        return self.say(str(remedy[0]), *remedy[1:]) if remedy else ""

    def failed(self, error: WikibridgeError) -> Finding:
        """The same for an error that has its own sentence, remedy included."""
        return Finding("error", error.say(self.language), "", error.exit_code)

    def skipped(self, check: str) -> Finding:
        """What cannot be looked at because of another check."""
        return Finding("skipped", self.say("doctor-because", self.say(f"doctor-name-{check}")))

    def close(self) -> None:
        """Let go of the wiki."""
        if self.door is not None:
            self.door.close()
