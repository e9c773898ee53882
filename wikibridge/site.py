"""The site folder: settings, job files, secrets, overrides of templates. Read once, checked at once, immutable after."""

from __future__ import annotations

import hashlib
import os
import re
import stat
from collections.abc import Iterable
from contextlib import suppress
from datetime import timedelta
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator, Field
from pydantic_core import PydanticCustomError

from wikibridge import keys, plugins, resources
from wikibridge.entries.types import Language
from wikibridge.errors import InvalidTitle, SettingsError
from wikibridge.every import Every
from wikibridge.every import read as read_every
from wikibridge.markup.dialects import DIALECTS
from wikibridge.markup.parts import Dialect
from wikibridge.model import Selection
from wikibridge.tell_settings import Tell
from wikibridge.wikis.base import Door, Wiki, checked_title, normal_title, open_way
from wikibridge.yaml_text import Strict, checked, load

FILE = "wikibridge.yml"
STATE = ".wikibridge"
MISSING = {
    "password": "password-missing", "token": "token-missing", "mail-password": "mail-password-missing",
    "webhook": "webhook-missing", "ping": "ping-missing", "state-password": "state-password-empty",
}
"""The secrets that a site may have, and the messages for where one is missing."""


def _known_zone(name: object) -> object:
    try:
        ZoneInfo(str(name))
    except (KeyError, ValueError, OSError) as error:
        raise ValueError("a time zone such as Europe/Brussels") from error
    return name


def _title_begins(prefix: str) -> str:
    """A beginning of page titles. Raises ValueError for one that no title can begin with."""
    try:
        checked_title(f"{prefix}X")
    except InvalidTitle as error:
        raise ValueError("a beginning of page titles, such as Participants/ (without [ ] { } | # < >)") from error
    if not normal_title(prefix):
        raise ValueError("a beginning of page titles, such as Participants/")
    return prefix


KINDS = ("folder", "mediawiki", "tiki")


def _known_kind(kind: str) -> str:
    if kind not in KINDS and kind not in plugins.names(plugins.WIKIS):
        known = [repr(each) for each in (*KINDS, *plugins.names(plugins.WIKIS))]
        raise PydanticCustomError("literal_error", "Input should be {expected}", {
            "expected": f"{', '.join(known[:-1])} or {known[-1]}"})
    return kind


def _database(address: str) -> str:
    """The address of a database, or nothing. Raises ValueError for what is none."""
    if address and not re.fullmatch(r"postgres(ql)?://[^/\s]*/[^/?\s]+(\?\S*)?", address):
        raise ValueError("an address such as postgresql://user@host/database")
    return address


class WikiSettings(Strict):
    """Which wiki, and which account. The password never stands here."""

    kind: Annotated[str, AfterValidator(_known_kind)]
    """A ``mediawiki``, a ``tiki``, a ``folder`` of text files with a history (for trying out, and for a Tiki without its API), or
    a kind that another package brings."""
    path: Annotated[str, Field(pattern=r"^[^\x00]+$")] = "wiki"
    """Of a folder: where it is, within the site folder."""
    dialect: Literal["mediawiki", "tiki"] = "mediawiki"
    """Of a folder: how its pages are written."""
    address: str = ""
    """``https://…/api.php`` of a MediaWiki, any page of a Tiki; of a folder the address of the wiki that it is a copy of."""
    account: str = "wikibridge"
    """The bot password's name (``User@name``) on a MediaWiki, on a Tiki the user to whom the API token belongs."""
    contact: str = ""
    """Where the wiki's administrators can reach you, such as an e-mail address. It is sent to the wiki with each request."""
    timeout: Annotated[float, Field(gt=0, le=600)] = 30
    """Seconds to wait for an answer of the wiki."""
    insecure_http: bool = False
    """Lets the password be sent over plain http to another machine, where others on the way can read it."""
    quiet_minutes: Annotated[float, Field(ge=0, le=1440)] = 10
    """On a Tiki: for so long a page that somebody edited is left alone."""
    options: dict[str, Any] = Field(default_factory=dict)
    """What a kind of wiki that another package brings wants to know besides."""


Titles = tuple[Annotated[str, Field(min_length=1)], ...]


def _one_each(fields: dict[str, str]) -> dict[str, str]:
    named = list(fields.values())
    if twice := [name for name in named if named.count(name) > 1]:
        raise ValueError(f"each field of the entry once (“{twice[0]}” is there twice)")
    return fields


class TrackerSource(Strict):
    """A tracker of a Tiki whose open items are entries of a type."""

    id: Annotated[int, Field(gt=0)]
    """Its number, as in ``tiki-view_tracker.php?trackerId=3``."""
    type: str = "choice"
    """The type of entry that its items are."""
    fields: Annotated[dict[str, str], Field(min_length=1), AfterValidator(_one_each)]
    """Which field of the tracker, by its permanent name, is which field of the entry."""
    participant: str = ""
    """The field of the tracker that names whose an item is. Without it all items are one participant's."""

    @property
    def names(self) -> tuple[str, ...]:
        """The permanent names of all fields that are read."""
        return tuple(dict.fromkeys([*self.fields, *filter(None, [self.participant])]))


def _once(trackers: tuple[TrackerSource, ...]) -> tuple[TrackerSource, ...]:
    ids = [each.id for each in trackers]
    if twice := [str(number) for number in ids if ids.count(number) > 1]:
        raise ValueError(f"each tracker once ({twice[0]} is there twice)")
    return trackers


class Sources(Strict):
    """Pages beside those of the participants on which entries are read: any of these."""

    prefixes: Titles = ()
    """Pages whose titles begin so."""
    categories: Titles = ()
    """Pages in these categories and in their subcategories."""
    templates: Titles = ()
    """Pages that call one of these templates."""
    namespaces: tuple[str, ...] = ()
    """All pages of these namespaces; the main one is ``""``."""
    lists: Titles = ()
    """Pages that one of these pages links to."""
    trackers: Annotated[tuple[TrackerSource, ...], AfterValidator(_once)] = ()
    """Trackers of a Tiki: what their items say counts among the entries of the participants' pages."""

    def selection(self) -> Selection:
        """The same as a selection, the titles in their normal form."""
        return Selection(
            prefixes=tuple(map(normal_title, self.prefixes)), namespaces=self.namespaces,
            categories=_in("Category", self.categories), templates=_in("Template", self.templates),
            lists=tuple(map(normal_title, self.lists)))


def _in(namespace: str, names: tuple[str, ...]) -> tuple[str, ...]:
    """Titles of a namespace, from names with or without its prefix."""
    return tuple(normal_title(name if name.casefold().startswith(f"{namespace.casefold()}:") else f"{namespace}:{name}")
                 for name in names)


class Limits(Strict):
    """What one run may do before somebody looks: over a limit it writes nothing and says so."""

    created: Annotated[int, Field(ge=0)] = 1000
    """Pages created."""
    changed: Annotated[int, Field(ge=0)] = 1000
    """Pages changed; and as many files uploaded."""
    removed: Annotated[int, Field(ge=0)] = 100_000
    """Characters by which pages become shorter, in all."""
    removed_percent: Annotated[int, Field(ge=0, le=100)] = 90
    """How many per cent shorter one page may become."""
    edits_per_minute: Annotated[float, Field(ge=0)] = 0
    """The pace of writing; 0 is as fast as the wiki answers."""


class Settings(Strict):
    """``wikibridge.yml``."""

    wiki: WikiSettings
    """Which wiki, and which account."""
    languages: Annotated[tuple[Language, ...], Field(min_length=1)] = ("en", "fr", "pt")
    """The languages of the pages that are written. The first counts where a participant's is none of them."""
    time_zone: Annotated[str, BeforeValidator(_known_zone)] = "UTC"
    """The time zone of days and times that are shown, and of ``every``."""
    participants: Annotated[str, AfterValidator(_title_begins)] = "Participants/"
    """How the titles of participants' pages begin."""
    sources: Sources = Sources()
    """More pages on which entries are read."""
    limits: Limits = Limits()
    """What one run may do before somebody looks."""
    stop_page: str = ""
    """The page that stops wikibridge once anybody writes on it: if empty ``User:<account>/Stop``, on a Tiki ``Stop <account>``.
    """
    taken_back: str = ""
    """What an undone page holds in place of its text, such as your wiki's deletion template; a note, if empty."""
    day_first: bool = True
    """Whether 3/11/2020 is the third of November, and not the eleventh of March."""
    every: Annotated[Every | None, BeforeValidator(read_every)] = Every(timedelta(minutes=15))
    """When jobs are due that do not say it themselves; never, if empty."""
    language: Language | None = None
    """The language of messages to the secretariat; that of the machine, if empty."""
    log: Literal["text", "json"] = "text"
    """How the log in ``.wikibridge/logs`` is written: as text, or as a JSON object a line."""
    min_group: Annotated[int, Field(ge=1, le=100)] = 3
    """The least number of participants of whom a summary shows a group by itself."""
    tell: Tell = Tell()
    """Whom to tell what became of runs."""
    state: Annotated[str, AfterValidator(_database)] = ""
    """The PostgreSQL in which mirror, journal and schedule are kept, for several machines; files in ``.wikibridge``, if empty."""


def read_text(path: Path) -> str:
    """A file of the site folder as UTF-8 text. Raises SettingsError with the remedy."""
    try:
        return path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise SettingsError("file-not-utf8", path.name) from error
    except OSError as error:
        raise SettingsError("file-unreadable", path, error.strerror or "?") from error


def _holds_password(address: str) -> bool:
    """Whether the address of a database tells a password."""
    parts = urlsplit(address)
    asked = re.search(r"(?:^|&)(?:ssl)?password=", parts.query, re.IGNORECASE)
    return ":" in parts.netloc.rpartition("@")[0] or asked is not None


class Site:
    """A site folder. Raises SettingsError when it is none, or when its settings hold a mistake."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.resolve()
        try:
            found = (self.folder / FILE).is_file()
        except OSError as error:
            raise SettingsError("file-unreadable", self.folder, error.strerror or "?") from error
        if not found:
            raise SettingsError("site-missing", self.folder, FILE)
        text = read_text(self.folder / FILE)
        self.settings = checked(Settings, text, FILE)
        wiki = self.settings.wiki
        if wiki.options and wiki.kind in KINDS:
            raise SettingsError("settings-unknown", FILE, load(text, FILE).line(("wiki", "options")), "wiki.options")
        if wiki.kind in ("mediawiki", "tiki") and not wiki.address:
            raise SettingsError("settings-missing", FILE, 1, "wiki.address")
        if wiki.kind != "folder" and open_way(wiki.address) and not wiki.insecure_http:
            raise SettingsError("settings-plain-http", FILE, load(text, FILE).line(("wiki", "address")))

        if _holds_password(self.settings.state):
            raise SettingsError("state-secret", FILE, load(text, FILE).line(("state",)))

    def line(self, *place: str | int) -> int:
        """The line of a place in the settings, or of the nearest place around it."""
        return load(read_text(self.folder / FILE), FILE).line(place)

    @property
    def dialect(self) -> Dialect:
        """How the wiki's pages are written."""
        wiki = self.settings.wiki
        return DIALECTS["tiki" if wiki.kind == "tiki" else wiki.dialect]

    @property
    def stop_page(self) -> str:
        """The title of the page that stops wikibridge when it holds anything."""
        account = self.settings.wiki.account.partition("@")[0]
        # Nobody can create a page with a slash in a browser on a Tiki.
        usual = f"Stop {account}" if self.settings.wiki.kind == "tiki" else f"User:{account}/Stop"
        return self.settings.stop_page or usual

    @property
    def state(self) -> Path:
        """The folder for what wikibridge keeps; only the journal in it is not a cache. Raises SettingsError if it cannot be."""
        path = self.folder / STATE
        try:
            path.mkdir(mode=0o700, exist_ok=True)
        except OSError as error:
            raise SettingsError("state-broken", path, error.strerror or error) from error
        return path

    def entry_files(self) -> dict[str, str]:
        """The texts of the site's own entry types and vocabularies by file name."""
        return {path.name: read_text(path) for path in sorted((self.folder / "entries").glob("*.yml"))}

    def job_files(self) -> dict[str, str]:
        """The texts of the job files by name, the site's own in place of shipped ones of the same name."""
        found: dict[str, str] = {}
        for folder in (resources.shipped("jobs"), self.folder / "jobs"):
            for path in sorted(folder.glob("*.y*ml")):
                found[path.stem] = read_text(path)
        return found

    def fingerprint(self, more: Iterable[Path] = ()) -> str:
        """Changes with anything that jobs are computed from: settings, jobs, templates, and the files given."""
        digest = hashlib.sha256(version("wikibridge").encode())
        files = [self.folder / FILE, *more, *self.folder.glob("page_templates/**/*")]
        for path in sorted(files):
            # What cannot be read is told by the job that needs it.
            with suppress(OSError):
                digest.update(f"\0{path}\0".encode() + path.read_bytes())
        return hashlib.sha256(digest.digest() + repr(self.job_files()).encode()).hexdigest()

    def template_folders(self) -> tuple[Path, ...]:
        """Where page templates are looked up, the site's own first."""
        return (self.folder / "page_templates", resources.shipped("page_templates"))

    @property
    def lets_in(self) -> Literal["password", "token"]:
        """What the account is let in with, which is also what the file is called that holds it."""
        return "token" if self.settings.wiki.kind == "tiki" else "password"

    def password(self) -> str:
        """The account's password, or on a Tiki its API token: the first there is of three.

        The variable WIKIBRIDGE_PASSWORD (WIKIBRIDGE_TOKEN), the file ``password`` (``token``) of the site folder (mode 600), the
        system's keyring, which is asked for nothing where one of the others is there.
        """
        return self.secret(self.lets_in)

    def state_password(self) -> str:
        """The password of the database in ``state``, from WIKIBRIDGE_STATE_PASSWORD or the file ``state-password``.

        Empty where there is neither: PostgreSQL's own ways are tried then (PGPASSWORD, ~/.pgpass, the user's own name).
        """
        name = "state-password"
        return self.secret(name) if "WIKIBRIDGE_STATE_PASSWORD" in os.environ or (self.folder / name).exists() else ""

    def secret(self, name: str) -> str:
        """One of the secrets of ``MISSING``, from WIKIBRIDGE_<NAME> or the file of its name (mode 600) in the site folder.

        That of the wiki's account may be in the keyring too. Raises SettingsError where it is missing, or the file can be read by
        others.
        """
        given = os.environ.get(f"WIKIBRIDGE_{name.upper().replace('-', '_')}")
        if given:
            return given
        path, wiki, found = self.folder / name, self.settings.wiki, ""
        if path.is_file():
            if stat.S_IMODE(path.stat().st_mode) & 0o077:
                raise SettingsError("password-open", path)
            found = read_text(path).strip()
        elif name == self.lets_in:
            found = keys.get(wiki.address, wiki.account, path)
        if not found:
            raise SettingsError(MISSING[name], path)
        return found


def open_wiki(site: Site) -> Wiki:
    """The site's wiki through its door. Nothing is sent yet; raises SettingsError when the password is missing."""
    settings = site.settings.wiki
    if settings.kind == "folder":
        from wikibridge.wikis.folder import FolderWiki

        return FolderWiki(site.folder / settings.path, user=settings.account, dialect=settings.dialect)
    if settings.kind == "tiki":
        from wikibridge.wikis.tiki import TikiWiki

        return TikiWiki(
            settings.address, settings.account, site.password(), contact=settings.contact, timeout=settings.timeout,
            quiet=timedelta(minutes=settings.quiet_minutes), kept=site.state / "tiki.json", insecure_http=settings.insecure_http,
        )
    if settings.kind not in KINDS:
        brought = plugins.load(plugins.WIKIS, settings.kind)
        wiki = brought(Door(settings.address, settings.account, settings.contact, settings.timeout, settings.options, site.folder,
                            site.state, site.password))
        if not isinstance(wiki, Wiki):
            raise SettingsError("plugin-no-wiki", settings.kind, type(wiki).__name__)
        return wiki
    from wikibridge.wikis.mediawiki import MediaWikiWiki

    return MediaWikiWiki(
        settings.address, settings.account, site.password(), contact=settings.contact, timeout=settings.timeout,
        session=site.state / "session.json", insecure_http=settings.insecure_http,
    )
