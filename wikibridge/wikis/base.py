"""The protocol that every door to a wiki keeps, and the rule of text that all share."""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any, Literal, Protocol, TypeVar, runtime_checkable
from urllib.parse import urlsplit

from wikibridge.errors import InvalidTitle, NoUploads, WikibridgeError
from wikibridge.model import (
    Changes,
    Contribution,
    Edit,
    File,
    Head,
    Page,
    Saved,
    Selection,
    Tracker,
    TrackerField,
    TrackerItems,
    Upload,
    WikiInfo,
)


@dataclass(frozen=True, slots=True)
class Guarantees:
    """What a wiki can promise. All of it, unless its door names what it cannot: nothing is promised less without a name.

    ``atomic``: the wiki itself refuses a write when the page has changed since the edit was computed. Without it the door
    looks right before and right after; who saves in the moment between may be overwritten (``Saved.overwrote``).
    ``any_text``: what ``normal`` makes of a text is stored. Without it the door raises Rejected for what the wiki would change.
    ``history``: past revisions can be read, and all our edits and all deletions are known. Without it only what pages hold
    now, with their latest edit; the journal keeps the texts.
    ``exact_titles``: titles that differ in accents or in capitals are those of different pages.
    ``all_changes``: changes tell of pages moved or turned back to an older revision at once. Without it within a day.
    ``redirects``: a page can stand for another one, templates too.
    """

    atomic: bool = True
    any_text: bool = True
    history: bool = True
    exact_titles: bool = True
    all_changes: bool = True
    redirects: bool = True


@runtime_checkable
class Wiki(Protocol):
    """A wiki that can be read in batches and written one page at a time.

    Doors never follow redirects: reading or writing a redirect's title means the redirect page itself. They raise the
    errors of ``wikibridge.errors`` and nothing else for what a network or a server can do.
    """

    @property
    def requests(self) -> int:
        """Requests sent so far (for a folder: visits of the disk that a server would have to answer)."""
        ...

    @property
    def identity(self) -> str:
        """What tells this wiki from any other, without asking it: page ids mean nothing on another one."""
        ...

    @property
    def guarantees(self) -> Guarantees:
        """What this kind of wiki can promise."""
        ...

    @property
    def unreadable(self) -> tuple[WikibridgeError, ...]:
        """What the last look had to leave out, told in sentences."""
        ...

    def info(self) -> WikiInfo:
        """What the wiki says of itself and of our account; asked once, then remembered."""
        ...

    def title(self, text: str) -> str:
        """The normal form of a title on this wiki: the form in which all its answers give it."""
        ...

    def changes(self, since: str | None, selection: Selection) -> Changes:
        """What happened to selected pages since a cursor that an earlier call gave (None: nothing is known yet)."""
        ...

    def list(self, selection: Selection) -> Iterator[Head]:
        """The heads of all selected pages that exist, without text, each once."""
        ...

    def read(self, ids: Iterable[int] = (), titles: Iterable[str] = ()) -> Iterator[Page]:
        """Pages with text, in batches as large as the server allows; pages that do not exist are left out."""
        ...

    def redirects(self, titles: Sequence[str]) -> dict[str, str]:
        """Pages that only lead on to one of these titles, at most 50: their titles, and where each leads."""
        ...

    def revisions(self, ids: Iterable[int]) -> Iterator[Page]:
        """Pages as they stood at these revisions, under their present titles; revisions that cannot be seen are left out."""
        ...

    def contributions(self, since: datetime) -> Iterator[Contribution]:
        """The edits that our account made since a time, latest first; those of deleted pages are left out."""
        ...

    def removed(self, title: str, since: datetime) -> bool:
        """Whether a page of this title was deleted, or moved to another title, since a time."""
        ...

    def diff_address(self, revision: int) -> str:
        """The web address at which a browser shows what a revision changed; empty where there is none."""
        ...

    def write(self, edit: Edit) -> Saved:
        """Create a page, or change the revision that ``edit.base`` names and no other.

        Raises PageExists, EditConflict, PageMissing, PageProtected, PageBusy, InvalidTitle, TooLong, Rejected, Unsure (one page),
        or Blocked, ReadOnly, RateLimited, Unreachable, LoginFailed (the whole run).
        """
        ...

    def close(self) -> None:
        """Let go of connections and files."""
        ...


@runtime_checkable
class Files(Protocol):
    """What a door besides does to a wiki that takes files; ``WikiInfo.files`` says which it takes from us.

    Names are without namespace, in their normal form.
    """

    def files(self, names: Iterable[str]) -> dict[str, File]:
        """The files of these names that the wiki holds, by name, 50 a request."""
        ...

    def upload(self, upload: Upload) -> None:
        """Upload a new file, or a new version of the one that ``upload.base`` names: of no other, and of nobody else's.

        Raises FileChanged, NoUploads, InvalidTitle, PageProtected, TooLong, Rejected, Unsure (after a lost answer the wiki was
        looked at), or as ``Wiki.write`` does what concerns the whole run.
        """
        ...

    def restore(self, name: str, base: str, sha1: str, comment: str) -> None:
        """Let an earlier version of a file of ours count again in place of ``base``; both are digests. Raises as ``upload``."""
        ...


@runtime_checkable
class Trackers(Protocol):
    """What a door besides does to a wiki whose people fill in tables: a Tiki with trackers."""

    def trackers(self) -> dict[int, Tracker]:
        """The trackers that the account may see, by id."""
        ...

    def fields(self, tracker: int) -> dict[str, TrackerField]:
        """The fields of a tracker by their permanent names. Raises PageMissing for no such tracker, LoginFailed for no right."""
        ...

    def items(self, tracker: int, known: Mapping[int, str] | None = None, since: int = 0) -> TrackerItems:
        """The items of a tracker that may be new to a reader who knows others by their marks, up to a time.

        Raises as ``fields`` does.
        """
        ...


@runtime_checkable
class Histories(Protocol):
    """What a door besides does where all revisions of a page can be read."""

    def all_revisions(self, page: int) -> Iterator[Page]:
        """All revisions of a page that can be seen, under its present title; none for a page that is gone."""
        ...


@runtime_checkable
class Protects(Protocol):
    """What a door besides does where pages can be protected; ``WikiInfo.protects`` says whether we may."""

    def protect(self, title: str, comment: str) -> None:
        """Let administrators alone edit and move a page from now on. Raises as ``Wiki.write`` does."""
        ...


@runtime_checkable
class Addresses(Protocol):
    """What a door besides knows where the address in the settings does not tell those of pages."""

    def page_address(self, title: str) -> str:
        """The web address of a page by its title, as a browser opens it."""
        ...


@runtime_checkable
class Removals(Protocol):
    """Where a browser does to pages what a door never does: an administrator of the wiki follows these addresses."""

    def delete_address(self, title: str) -> str:
        """The form that deletes a page."""
        ...

    def hide_address(self, title: str, revisions: Sequence[int]) -> str:
        """The form that hides revisions of a page, or the list of its revisions where single ones are removed from there."""
        ...


@dataclass(frozen=True, slots=True)
class Door:
    """What a door is opened with: the settings below ``wiki`` of a site, and where it may keep things.

    ``options`` are those of this kind of wiki alone; ``folder`` is the site folder, ``state`` the one for what may be lost.
    ``secret`` gives the password; it raises SettingsError when there is none.
    """

    address: str
    account: str
    contact: str
    timeout: float
    options: Mapping[str, Any]
    folder: Path
    state: Path
    secret: Callable[[], str]


Right = Literal["yes", "no", "grant", "unknown"]
"""Whether an account has a right; ``grant``: it has, but the password that it is let in with has not."""


@dataclass(frozen=True, slots=True)
class Account:
    """What a wiki says of our account. ``may`` tells its rights by our own names for them: ``edit``, ``create``, ``bot``,
    ``limits`` (more pages a request), ``upload``, ``tags``; one that means nothing on that kind of wiki is left out.

    ``pace`` is how many edits a minute the wiki allows (0: as many as we like), ``blocked`` why it blocked the account, if so.
    """

    name: str
    groups: tuple[str, ...]
    may: Mapping[str, Right]
    pace: int = 0
    blocked: str = ""


@runtime_checkable
class Accounts(Protocol):
    """What a door besides does to a wiki where one logs in."""

    def account(self) -> Account:
        """What the wiki says of our account, once it has let us in. Raises LoginFailed."""
        ...


Item = TypeVar("Item")


def no_kind(ending: str) -> NoUploads:
    """The error for a kind of files that a wiki does not take, with the remedy."""
    return NoUploads("files-no-svg" if ending == "svg" else "files-no-kind", ending)


def batches(values: Iterable[Item], size: int) -> Iterator[list[Item]]:
    """The values in lists of at most ``size``."""
    rest = iter(values)
    while part := list(islice(rest, size)):
        yield part


def open_way(address: str) -> bool:
    """Whether what is sent to an address can be read on its way: by plain http to another machine."""
    try:
        parts = urlsplit(address)
        host = parts.hostname or ""
    except ValueError:
        return False
    if parts.scheme != "http" or host == "localhost":
        return False
    try:
        return not ipaddress.ip_address(host).is_loopback
    except ValueError:
        return True


_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\ufffe\uffff]")


def normal(text: str) -> str:
    """The text as a wiki stores it: NFC, LF line ends, no control characters, no white space at the end of the page.

    The same rule on both sides of a comparison keeps a second run from "changing" pages.
    Source: MediaWiki's WikiPage save path, seen on 1.39 (see docs/mediawiki.md).
    """
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    text = _CONTROLS.sub("\ufffd", text)
    return text.rstrip(" \t\n")


NAMESPACES = frozenset(
    name for subject in ("user", "project", "file", "mediawiki", "template", "help", "category", "module")
    for name in (subject, f"{subject} talk")) | {"talk", "special", "media"}
_NO_TITLE = frozenset("[]{}<>|#\ufffd")
_NO_PART = re.compile(r"~~~|%[0-9A-Fa-f]{2}|(?:^|/)\.{1,2}(?:/|$)")
"""Signatures, encoded letters and relative paths, which MediaWiki refuses in titles."""


def normal_title(title: str) -> str:
    """A title as MediaWiki writes it: NFC, blanks and underscores one blank, first letter a capital.

    Only a wiki itself knows all its namespaces; the standard English ones are known here.
    https://www.mediawiki.org/wiki/Manual:Page_title
    """
    title = unicodedata.normalize("NFC", title).replace("\u200e", "").replace("\u200f", "")
    title = " ".join(title.replace("_", " ").split())
    space, colon, rest = title.partition(":")
    if colon and space.strip().casefold() in NAMESPACES:
        return f"{_capital(space.strip())}:{_capital(rest.strip())}"
    return _capital(title)


def namespace_of(title: str) -> str:
    """The name of a title's namespace where only the standard ones are known; empty for the main one."""
    space, colon, _ = title.partition(":")
    return space if colon and space.casefold() in NAMESPACES else ""


def talk_title(title: str) -> str:
    """The title of the page where a page is talked about. https://www.mediawiki.org/wiki/Help:Talk_pages"""
    space, colon, rest = title.partition(":")
    if colon and space.casefold() in NAMESPACES:
        return title if space.casefold().endswith("talk") else f"{space} talk:{rest}"
    return f"Talk:{title}"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


_REPLACED = str.maketrans({
    "[": "(", "]": ")", "{": "(", "}": ")", "|": "-", "/": "-", "_": " ", "~": "-", "<": None, ">": None, "#": None, "%": None,
    "\ufffd": None, **{chr(code): None for code in (*range(0x20), *range(0x7F, 0xA0)) if not chr(code).isspace()}})
_ENTITY = re.compile(r"(&\w+);")
"""Without its semicolon it is none; MediaWiki refuses titles that hold one."""


def title_part(text: str) -> str:
    """A text as a part of a title, without what no title can hold."""
    return " ".join(_ENTITY.sub(r"\1", text.translate(_REPLACED)).split())


def checked_title(title: str, form: Callable[[str], str] = normal_title, limit: int = 255) -> str:
    """The title in its normal form, which ``form`` makes. ``limit`` is in bytes.

    Raises InvalidTitle for one that no page can have, which a server may cut silently.
    """
    normalised = form(title)
    # Invisible letters (Cf) are not refused: Persian and emoji are written with them.
    if not normalised or any(c in _NO_TITLE or unicodedata.category(c) in ("Cc", "Cs") for c in normalised) \
            or _NO_PART.search(normalised):
        raise InvalidTitle("title-invalid", title)
    if len(normalised.encode()) > limit:
        raise InvalidTitle("title-too-long", title)
    return normalised
