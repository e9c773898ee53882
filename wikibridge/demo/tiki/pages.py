"""The pages of the server and their history, as Tiki keeps them: the newest version is in both."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from wikibridge.demo.tiki.php import same, unaccented

BLANKS = " \t\n\r\0\x0b"
LANG, DESCRIPTION, COMMENT = 16, 200, 255
"""Characters that a language, a page's description and an edit's comment may have."""


_SAME_LABEL = re.compile(r"(?<!\[)\[([^\[\]|]+)\|\1\]|(?<!\w)\(\(([^()|]+)\|\2\)\)")


def stored(text: str) -> str:
    """What is saved of a text: links whose label is their target have none, even where links are not looked for."""
    return _SAME_LABEL.sub(lambda match: f"[{match[1]}]" if match[1] else f"(({match[2]}))", text) if "|" in text else text


@dataclass(frozen=True, slots=True)
class Version:
    """What a page was."""

    number: int
    data: str | None
    user: str
    comment: str | None
    description: str | None
    modified: int
    is_html: int = 0
    minor: int = 0


@dataclass(slots=True)
class Page:
    """A page as its row in the database has it."""

    id: int
    name: str
    version: int
    data: str | None
    user: str
    comment: str | None
    modified: int
    creator: str
    created: int
    description: str | None = None
    lang: str | None = None
    locked: bool = False
    locked_by: str | None = ""
    is_html: int = 0
    minor: int = 0
    comments_enabled: str | None = None
    authors_style: str | None = None
    hits: int = 0
    tags: tuple[str, ...] = ()
    seo: dict[str, str] = field(default_factory=dict)
    history: list[Version] = field(default_factory=list)
    cached: int | None = None
    editing: str = ""
    """Who has the form open."""

    @property
    def text(self) -> str:
        """The source; a page that was saved without any has none."""
        return self.data or ""

    def row(self) -> dict[str, object]:
        """All columns that the API shows of the row itself."""
        return {
            "page_id": self.id, "pageName": self.name, "pageSlug": unaccented(self.name).replace(" ", "-"), "hits": self.hits,
            "data": self.data, "description": self.description, "lastModif": self.modified, "comment": self.comment,
            "version": self.version, "version_minor": self.minor, "user": self.user, "ip": "127.0.0.1",
            "flag": "L" if self.locked else "", "points": None, "votes": None, "cache": None, "wiki_cache": None,
            "cache_timestamp": self.cached, "pageRank": None, "creator": self.creator,
            "page_size": len(self.text.encode(errors="surrogateescape")), "lang": self.lang, "lockedby": self.locked_by,
            "is_html": self.is_html, "created": self.created, "wysiwyg": "y",
            "wiki_authors_style": self.authors_style, "comments_enabled": self.comments_enabled, "keywords": None,
        }


@dataclass(frozen=True, slots=True)
class Draft:
    """What is to be saved; ``None`` is what the request did not name."""

    data: str | None = None
    comment: str | None = None
    description: str | None = None
    lang: str | None = None
    is_html: int | None = None
    minor: bool = False
    lock: bool | None = False
    """Locked, unlocked, or left as it is."""
    comments_enabled: bool | None = None
    authors_style: str | None = None


def _yes(value: bool | None) -> str | None:
    return None if value is None else "ny"[value]


@dataclass(slots=True)
class Pages:
    """All pages by the key under which the database finds them."""

    clock: Callable[[], float]
    _by_key: dict[str, Page] = field(default_factory=dict)
    _last_id: int = 0

    def __iter__(self) -> Iterator[Page]:
        return iter(sorted(self._by_key.values(), key=lambda page: page.id))

    def get(self, name: str) -> Page | None:
        """The page that the database finds for a name: case, accents and blanks behind it do not count."""
        return self._by_key.get(same(name))

    def create(self, name: str, user: str, draft: Draft) -> Page:
        """A new page; nothing of that name may exist."""
        name, now = name.strip(BLANKS), int(self.clock())
        assert self.get(name) is None, name
        self._last_id += 1
        author = user or "anonymous"
        page = Page(self._last_id, name, 1, draft.data, author, draft.comment, now, author, now, draft.description,
                    draft.lang or None, bool(draft.lock), author if draft.lock else "", draft.is_html or 0, 0,
                    _yes(draft.comments_enabled), draft.authors_style)
        self._by_key[same(name)] = page
        self.record(page)
        return page

    def next_version(self, page: Page, draft: Draft) -> int:
        """The number that a save takes: the next one where text, description or comment change, else the present one."""
        description = page.description if draft.description is None else draft.description
        changed = page.text != (draft.data or "") or (page.description or "") != (description or "") or (
            (page.comment or "") != (draft.comment or ""))
        return max([page.version, *(old.number for old in page.history)]) + changed

    def update(self, page: Page, user: str, draft: Draft, version: int) -> None:
        """The new text under a number that was taken before; the history has it only after ``record``."""
        if draft.description is not None:
            page.description = draft.description
        if draft.is_html is not None:
            page.is_html = draft.is_html
        if draft.lock is not None:
            page.locked, page.locked_by = draft.lock, page.user if draft.lock else ""
        page.comments_enabled = page.comments_enabled if draft.comments_enabled is None else _yes(draft.comments_enabled)
        page.cached = 0
        page.data, page.comment, page.lang = draft.data, draft.comment, draft.lang
        page.authors_style, page.minor = draft.authors_style, int(draft.minor)
        page.version, page.user, page.modified = version, user or "anonymous", int(self.clock())

    def record(self, page: Page) -> None:
        """The page as it is now into its history, unless that has its number already; that of the sandbox is not kept."""
        if page.name.lower() != "sandbox" and all(old.number != page.version for old in page.history):
            page.history.append(Version(page.version, page.data, page.user, page.comment, page.description, page.modified,
                                        page.is_html, page.minor))

    def save(self, name: str, data: str, user: str, comment: str = "") -> Page:
        """What a person does in the browser: the page as they leave it, made when there is none. What else it has stays."""
        page = self.get(name)
        if page is None:
            return self.create(name, user, Draft(data, comment, ""))
        draft = Draft(data, comment, None, page.lang, None, False, page.locked, None, page.authors_style)
        self.update(page, user, draft, self.next_version(page, draft))
        self.record(page)
        return page

    def lock(self, page: Page, user: str, comment: str, locked: bool) -> None:
        """Locking and unlocking make a version; the time of the last change stays."""
        page.locked = locked
        if locked:
            page.locked_by = user or None
        if user:
            page.version, page.user, page.comment = page.version + 1, user, comment
            self.record(page)

    def delete(self, page: Page) -> None:
        """The page and its history; whoever makes it anew gets another id and version 1."""
        del self._by_key[same(page.name)]

    def restore_last(self, page: Page) -> None:
        """Take the newest version away, or the first of several of the same second; the newest that is left is the page."""
        if not page.history:
            self.delete(page)
            return
        page.history.remove(max(page.history, key=lambda old: old.modified))
        if not page.history:
            return
        old = max(page.history, key=lambda old: old.number)
        page.version, page.data, page.user, page.comment = old.number, old.data, old.user, old.comment
        page.description, page.modified, page.is_html = old.description, old.modified, old.is_html

    def rename(self, page: Page, name: str) -> None:
        """What a person does with "rename": another name, in the history too; id, version and time stay.

        So do those of the pages that link to it, whose links get the new name.
        """
        assert same(name) == same(page.name) or self.get(name) is None
        del self._by_key[same(page.name)]
        links = re.compile(rf"(?<=\(\(){re.escape(page.name)}(?=\)\)|\|)", re.IGNORECASE)
        page.name = name
        self._by_key[same(name)] = page
        for other in self:
            if other.data:
                other.data = links.sub(lambda _: name, other.data)
