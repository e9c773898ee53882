"""Writing pages of a Tiki, whose API knows no revision that an edit was computed from.

A page is read right before it is written, the time between measured, and what the write made of it compared with what was
sent. Who saves in between is told from the version: Tiki counts one for each text. What others saved a short while ago, and
what is locked, is left alone.
"""

from __future__ import annotations

import hashlib
import time
from datetime import timedelta
from http import HTTPStatus

from wikibridge.errors import (
    EditConflict,
    InvalidTitle,
    LoginFailed,
    PageBusy,
    PageExists,
    PageMissing,
    PageProtected,
    RateLimited,
    Rejected,
    Unreachable,
    Unsure,
)
from wikibridge.model import Head, Saved
from wikibridge.wikis import tiki_text
from wikibridge.wikis.base import checked_title, normal
from wikibridge.wikis.tiki_api import Answer, Row, row, sense
from wikibridge.wikis.tiki_pages import Pages, head, moment, revision

TITLE = 158
"""Bytes of a title."""
WINDOW = 1.0
"""Seconds that may pass between asking for a page and sending what replaces it."""
_TRIES = 3
_NOBODY = frozenset({"", "anonymous"})


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()[:16]


class Writing:
    """Writes as ``account``; what somebody else edited within ``quiet`` is left alone. ``window`` as ``WINDOW``."""

    def __init__(self, pages: Pages, account: str, quiet: timedelta, window: float) -> None:
        self.pages = pages
        self.api = pages.api
        self.account = account
        self.quiet = quiet
        self.window = window
        self.slowest = 0.0

    def create(self, title: str, text: str, summary: str) -> Saved:
        """Make a page. It is looked for first: some versions are said to overwrite one that is there."""
        title = checked_title(title, tiki_text.title, TITLE)
        if tiki_text.fault(title):
            raise InvalidTitle("title-invalid", title)
        self._sendable(title, text, 0)
        if self.pages.find(title):
            raise PageExists("page-exists", title)
        comment = tiki_text.summary(summary)
        answer = self._sent("wiki", {"pageName": title, "data": text, "comment": comment})
        made = self._made(answer)
        if made is None and answer is not None and answer.code == HTTPStatus.FORBIDDEN:
            raise LoginFailed("tiki-no-right", self.account, self.api.address, answer.message)
        if made is None:
            # An error that has no code of its own may come before the page is made or after.
            made = self.pages.find(title)
            if made is None or (made.user, made.comment, made.version) != (self.account, comment, 1):
                if answer is None or answer.code is None:
                    raise Unsure("unsure", title)
                if made:
                    raise PageExists("page-exists", title)
                raise Rejected("rejected", title, answer.message)
        self._ours(made)
        if made.data != text or made.html:
            self._sent("wiki/delete", {"items[]": made.name})
            left = self.pages.find(made.name)
            raise Rejected("tiki-left" if left and left.id == made.id else "tiki-changed", title, *_difference(text, made.data))
        return Saved(head(made), moment(made))

    def change(self, base: Head, text: str, summary: str) -> Saved:
        """Replace the text of the page that is still the one at ``base``."""
        for _ in range(_TRIES):
            begun = time.monotonic()
            before = self.pages.find(base.title)
            if before is None or before.id != base.id:
                raise PageMissing("page-missing", base.title)
            if normal(before.data) == text:
                return Saved(head(before), moment(before), merged=revision(before) != base.revision)
            self._writable(before, base)
            raw = tiki_text.fitted(text, before.data)
            self._sendable(before.name, raw, before.id)
            passed = time.monotonic() - begun
            if passed <= self.window:
                break
        else:
            raise RateLimited("tiki-slow", self.api.address, f"{passed:.1f}", f"{self.window:g}")
        self.slowest = max(self.slowest, passed)
        comment = tiki_text.summary(summary)
        answer = self._put(before, raw, comment)
        made = self._made(answer)
        if made is None or (made.id, made.version, made.data, made.user, made.html) != (
                before.id, before.version + 1, raw, self.account, False):
            made = self._judged(before, raw, comment, answer, made)
        overwrote = made.version - 1 if made.version > before.version + 1 else 0
        return Saved(head(made), moment(made), parent=base.revision, overwrote=overwrote)

    # Before the write

    def _writable(self, before: Row, base: Head) -> None:
        """Raises what is against writing the page."""
        if revision(before) != base.revision:
            raise EditConflict("edit-conflict", before.name)
        if before.locked:
            raise PageProtected("page-locked", before.name)
        if not before.editable:
            raise PageProtected("page-protected", before.name)
        if before.html or tiki_text.markdown(before.data):
            raise Rejected("tiki-markup", before.name, "HTML" if before.html else "Markdown")
        if tiki_text.fault(before.name) or tiki_text.fault(before.description):
            raise Rejected("tiki-name", before.name)
        left = self.quiet - (self.api.clock - moment(before))
        if before.user != self.account and left > timedelta():
            raise PageBusy("page-busy", before.name, max(1, -(-int(left.total_seconds()) // 60)))

    def _sendable(self, title: str, raw: str, number: int) -> None:
        """Raises Rejected for a text that would not survive, as far as is known."""
        wrong = tiki_text.fault(raw)
        if wrong:
            raise Rejected("tiki-text", title, wrong.line, wrong.excerpt)
        if number and self.api.abilities.refused.get(str(number)) == _digest(raw):
            raise Rejected("tiki-again", title)

    # The write

    def _sent(self, route: str, params: dict[str, str]) -> Answer | None:
        """The answer to a write; None when none came: it may have been done or not."""
        try:
            return self.api.send(route, params)
        except (RateLimited, Unreachable):
            return None

    def _put(self, before: Row, raw: str, comment: str) -> Answer | None:
        """Replace a page's text, its other fields as they are: each that is not sent would be emptied.

        Whether edits must be declared minor, the first one finds out that is refused without that.
        """
        fields = {"page": before.name, "data": raw, "comment": comment, "lang": before.lang, "description": before.description,
                  "comments_enabled": before.comments or "n", "wiki_authors_style": before.style, "lock_it": "n", "is_html": "0"}
        minor = self.api.abilities.minor
        answer = self._sent("wiki/page/_", fields | ({"is_minor": "y"} if minor else {}))
        if not minor and answer and answer.code == 0 and self.pages.find(before.name) == before:
            answer = self._sent("wiki/page/_", fields | {"is_minor": "y"})
            if self._made(answer):
                self.api.learn(minor=True)
        return answer

    def _made(self, answer: Answer | None) -> Row | None:
        """The page that an answer says was made; None when it says nothing of the kind."""
        if answer is None or not isinstance(answer.data, dict) or not isinstance(answer.data.get("info"), dict):
            return None
        with sense(self.api.address, "wiki/page"):
            made = row(answer.data["info"])
        self.pages.names[made.id] = made.name
        return made

    # After the write

    def _ours(self, made: Row) -> None:
        """Raises LoginFailed when what we wrote shows that the wiki takes us for somebody else."""
        if made.user in _NOBODY:
            raise LoginFailed("tiki-anonymous", self.api.address, made.name)
        if made.user != self.account:
            raise LoginFailed("tiki-account", self.account, made.user, made.name)

    def _judged(self, before: Row, raw: str, comment: str, answer: Answer | None, made: Row | None) -> Row:
        """The page after a write whose answer is not simply the page as it was to be, when it holds our text.

        Raises EditConflict when somebody else's text stands there, Rejected when the wiki changed or refused ours, and
        PageMissing, PageProtected, LoginFailed, Unsure.
        """
        if answer and answer.code == HTTPStatus.NOT_FOUND:
            raise PageMissing("page-missing", before.name)
        if answer and answer.code == HTTPStatus.FORBIDDEN:
            raise PageProtected("page-protected", before.name)
        if made and (made.version, made.data) == (before.version + 1, raw):
            self._ours(made)
        found = self.pages.find(before.name)
        if found is None or found.id != before.id:
            raise PageMissing("page-missing", before.name)
        if found.user == self.account and found.comment == comment and found.version > before.version:
            if found.data == raw and not found.html:
                return found
            self._restore(before, raw, found)
            raise Rejected("tiki-changed", before.name, *_difference(raw, found.data))
        if revision(found) == revision(before):
            if answer is None or answer.code is None:
                raise Unsure("unsure", before.name)
            raise Rejected("rejected", before.name, answer.message)
        raise EditConflict("edit-conflict", before.name)

    def _restore(self, before: Row, raw: str, found: Row) -> None:
        """Put back the text that was there before the wiki changed ours, which is not sent again.

        Raises Rejected where it cannot be put back through the API either.
        """
        self.api.learn(refused={**self.api.abilities.refused, str(before.id): _digest(raw)})
        made = None if tiki_text.fault(before.data) else self._made(self._put(before, before.data, found.comment))
        if made is None or (made.data, made.html) != (before.data, before.html):
            raise Rejected("tiki-unrestored", before.name, before.version)


def _difference(sent: str, stored: str) -> tuple[int, str]:
    """The line at which a text came back otherwise, from 1, and what was sent there."""
    ours, theirs = sent.splitlines(), stored.splitlines()
    line = next((at for at, each in enumerate(ours) if theirs[at : at + 1] != [each]), len(ours) - 1)
    return line + 1, ours[line][:80]
