"""The door to a MediaWiki, through its action API; mwclient carries the connection, retries and ``maxlag``.

Every request asserts the account, reads too: limits and hidden pages depend on it. A write is bound to the revision it
was computed from with ``baserevid``, never with ``basetimestamp``, which would switch the protection off within a
second and against one's own account (seen on 1.39; docs/mediawiki.md).
https://www.mediawiki.org/wiki/API:Main_page
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from typing import Any
from urllib.parse import urlsplit

import mwclient
import requests
from mwclient.errors import APIDisabledError, InvalidResponse, MaximumRetriesExceeded

from wikibridge.errors import (
    LoginFailed,
    NotSuchAWiki,
    RateLimited,
    Rejected,
    TooLong,
    Unreachable,
    Unsure,
    WikibridgeError,
)
from wikibridge.model import Changes, Edit, Head, Page, Saved, Selection, WikiInfo
from wikibridge.wikis.base import batches, checked_title, normal
from wikibridge.wikis.mediawiki_errors import LOGIN_AGAIN, edit_error, network_error, read_error

OVERLAP = timedelta(minutes=10)
"""Rows of recent changes are written after the edit's answer, and later still by replicas: look back this far."""
OLDEST = timedelta(days=25)
"""Recent changes are purged after 30 days or more: a cursor older than this tells nothing reliable."""
_LOGS = frozenset({"delete", "move", "import", "merge", "contentmodel", "suppress"})
_LONG = 2000
"""Bytes of parameters above which a request goes by POST: servers take addresses of 8 KB, proxies less."""
_SUMMARY = 500
_FIRST_LIMIT = 50


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def _joined(values: Iterable[object]) -> str:
    # U+001F in front makes it the separator, so that a "|" in a title does not make two of it.
    # https://www.mediawiki.org/wiki/API:Data_formats#Multivalue_parameters
    return "".join("\x1f" + str(value).replace("\x1f", "\ufffd") for value in values)


class _Connection(requests.Session):
    """A session that counts requests and goes nowhere else: a redirected POST would lose its body, or tell its password."""

    def __init__(self, address: str) -> None:
        super().__init__()
        self.address = address
        self.sent = 0

    def request(self, *args: Any, **kwargs: Any) -> requests.Response:
        self.sent += 1
        answer = super().request(*args, **{**kwargs, "allow_redirects": False})
        if answer.is_redirect or answer.is_permanent_redirect:
            raise NotSuchAWiki("redirected", self.address, str(answer.headers["location"]).partition("?")[0])
        if "x-database-lag" in answer.headers and not answer.headers.get("retry-after", "").isdigit():
            # mwclient takes a number of seconds for granted here.
            answer.headers["retry-after"] = "5"
        return answer


def _parts(address: str) -> tuple[str, str, str]:
    """Scheme, host and path of the API's address. Raises NotSuchAWiki for one that cannot be right."""
    try:
        parts = urlsplit(address)
        host, _ = parts.hostname, parts.port
    except ValueError as error:
        raise NotSuchAWiki("not-a-mediawiki", address) from error
    if parts.scheme not in ("http", "https") or not host or not parts.path.endswith("/api.php") or parts.query:
        raise NotSuchAWiki("not-a-mediawiki", address)
    if parts.username or parts.password:
        raise NotSuchAWiki("address-secret", host)
    if parts.scheme == "http" and not _loopback(host):
        raise NotSuchAWiki("plain-http", address)
    return parts.scheme, parts.netloc, parts.path.removesuffix("api.php")


def _loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class MediaWikiWiki:
    """The door to the MediaWiki whose API is at ``address`` (``https://.../api.php``).

    ``account`` and ``password`` are those of a bot password (``User@app``). ``timeout`` is in seconds; reads are tried
    again ``retries`` times with a growing ``pause`` (seconds). Nothing is sent before the first question.
    Raises NotSuchAWiki for an address that cannot be one.
    """

    def __init__(
        self, address: str, account: str, password: str, *,
        contact: str = "", timeout: float = 30, retries: int = 3, pause: float = 2,
    ) -> None:
        scheme, host, path = _parts(address)
        self.address = address
        self._login = (account, password)
        self._timeout = timeout
        self._pause = pause
        self._connection = _Connection(address)
        self._connection.headers["User-Agent"] = (
            f"wikibridge/{version('wikibridge')} ({contact or account.partition('@')[0]}) mwclient/{version('mwclient')}")
        self._site = mwclient.Site(
            host, path, scheme=scheme, pool=self._connection, do_init=False, max_retries=retries, retry_timeout=pause,
            connection_options={"timeout": timeout})
        self._user = ""
        self._token = ""
        self._started = ""
        self._info: WikiInfo | None = None
        self._namespaces: dict[str, int] = {}

    @property
    def requests(self) -> int:
        """Requests sent so far, log-in and repeats included."""
        return self._connection.sent

    def close(self) -> None:
        """Let go of the connection."""
        self._connection.close()

    # Asking

    def _send(self, action: str, method: str, again: bool, params: dict[str, Any]) -> dict[str, Any]:
        """One request. Raises Unreachable, RateLimited or NotSuchAWiki when no answer of a MediaWiki came."""
        try:
            answer = self._site.raw_api(action, method, again, formatversion="2", **params)
        except requests.RequestException as error:
            status = error.response.status_code if error.response is not None else 0
            if status in (404, 410) and not self._user:
                raise NotSuchAWiki("not-a-mediawiki", self.address) from error
            raise network_error(error, self.address, self._timeout) from error
        except MaximumRetriesExceeded as error:
            raise RateLimited("rate-limited", self.address) from error
        except APIDisabledError as error:
            raise NotSuchAWiki("not-a-mediawiki", self.address) from error
        except InvalidResponse as error:
            if not self._user:
                raise NotSuchAWiki("not-a-mediawiki", self.address) from error
            raise Unreachable("unreachable", self.address, "no JSON") from error
        if not isinstance(answer, dict):
            raise NotSuchAWiki("not-a-mediawiki", self.address)
        return answer

    def _enter(self) -> None:
        """Log in. One try: wikis lock accounts that guess (which is why mwclient's ``login`` is not used: it tries again)."""
        account, password = self._login
        self._user = ""
        # Not repeated either: who has a wrong address should know at once.
        answer = self._send("query", "GET", False, {"meta": "tokens", "type": "login"})
        try:
            token = answer["query"]["tokens"]["logintoken"]
        except (KeyError, TypeError) as error:
            if "error" in answer:
                raise self._error(answer["error"]) from error
            raise NotSuchAWiki("not-a-mediawiki", self.address) from error
        answer = self._send("login", "POST", False, {"lgname": account, "lgpassword": password, "lgtoken": token})
        if "error" in answer:
            raise self._error(answer["error"])
        result = answer.get("login", {})
        if result.get("result") == "Throttled":
            raise LoginFailed("login-throttled", account, result.get("wait", "?"))
        if result.get("result") != "Success":
            reason = result.get("reason", result.get("result", "?"))
            if isinstance(reason, dict):
                reason = reason.get("text") or reason.get("code")
            raise LoginFailed("login-failed", account, self.address, str(reason).rstrip("."))
        self._user = str(result["lgusername"])

    def _error(self, error: dict[str, Any]) -> WikibridgeError:
        return read_error(str(error.get("code")), str(error.get("info")), error, self.address, self._user or self._login[0])

    def _ask(self, action: str, params: dict[str, Any], *, write: bool = False) -> dict[str, Any]:
        """One request as our account; the log-in is repeated once when the wiki has forgotten it.

        Raises the error of the answer, except for a write, whose error is in the answer.
        """
        for attempt in (1, 2):
            if not self._user:
                self._enter()
            if write and not self._token:
                self._facts()
            full = {**params, "assertuser": self._user, "maxlag": "5", "curtimestamp": "1"}
            if write:
                full["token"] = self._token
            length = sum(len(str(value).encode()) for value in full.values())
            answer = self._send(action, "POST" if write or length > _LONG else "GET", not write, full)
            code = answer.get("error", {}).get("code")
            if code in LOGIN_AGAIN and attempt == 1:
                self._user = self._token = ""
                continue
            break
        if "error" in answer and not write:
            raise self._error(answer["error"])
        return answer

    def _pages(self, **params: Any) -> Iterator[dict[str, Any]]:
        """The pages of a query, merged over all its continuations, as each is complete.

        A page comes several times when its parts (its text) come in a later answer, and some parts come twice.
        """
        more: dict[str, Any] = {}
        found: dict[int, dict[str, Any]] = {}
        while True:
            answer = self._ask("query", {**params, **more})
            for page in answer.get("query", {}).get("pages", ()):
                if "pageid" in page and "missing" not in page:
                    found.setdefault(page["pageid"], {}).update(page)
            more = answer.get("continue", {})
            if not more or "batchcomplete" in answer:
                yield from found.values()
                found = {}
            if not more:
                return

    def _facts(self) -> WikiInfo:
        """Wiki, account, limits and edit token, in one request."""
        answer = self._ask("query", {
            "meta": "siteinfo|userinfo|tokens", "siprop": "general|namespaces|namespacealiases|extensiontags",
            "uiprop": "rights"})
        self._started = self._started or answer["curtimestamp"]
        found = answer["query"]
        self._token = found["tokens"]["csrftoken"]
        rights = found["userinfo"]["rights"]
        self._namespaces = {
            name.casefold(): space["id"] for space in found["namespaces"].values()
            for name in (space["name"], space.get("canonical", "")) if name}
        self._namespaces |= {space["alias"].casefold(): space["id"] for space in found["namespacealiases"]}
        general = found["general"]
        self._info = WikiInfo(
            general["sitename"], general["generator"], self._user, "mediawiki", bot="bot" in rights,
            batch=500 if "apihighlimits" in rights else _FIRST_LIMIT,
            text_limit=int(general.get("maxarticlesize", 2_097_152)),
            tags=frozenset(tag.strip("<>") for tag in found["extensiontags"]))
        return self._info

    # The protocol

    def info(self) -> WikiInfo:
        """What the wiki says of itself and of our account."""
        return self._info or self._facts()

    def changes(self, since: str | None, selection: Selection) -> Changes:
        """What happened since a cursor, in one request (two when pages were moved, deleted, restored or imported).

        A cursor is the address and the server's time. https://www.mediawiki.org/wiki/API:RecentChanges
        """
        place, _, moment = (since or "").rpartition(" ")
        if place != self.address:
            self.info()
            return Changes((), frozenset(), f"{self.address} {self._started}", complete=False)
        begin = (_time(moment) - OVERLAP).strftime("%Y-%m-%dT%H:%M:%SZ")
        params = {
            "list": "recentchanges|logevents", "rcdir": "newer", "rcstart": begin, "rctoponly": "1", "rctype": "edit|new",
            "rcprop": "ids|title", "rclimit": "max", "ledir": "newer", "lestart": begin, "leprop": "ids|title|type|details",
            "lelimit": "max"}
        touched: dict[int, Head] = {}
        titles: set[str] = set()
        logged: set[int] = set()
        more: dict[str, Any] = {}
        now = ""
        while True:
            answer = self._ask("query", {**params, **more})
            now = now or answer["curtimestamp"]
            if _time(now) - _time(moment) > OLDEST:
                return Changes((), frozenset(), f"{self.address} {now}", complete=False)
            for row in answer["query"].get("recentchanges", ()):
                if row.get("pageid"):
                    touched[row["pageid"]] = Head(row["pageid"], row["title"], row["revid"])
            for row in answer["query"].get("logevents", ()):
                if row.get("type") in _LOGS and "title" in row:
                    details = row.get("params", {})
                    titles |= {row["title"], *(details[key] for key in ("target_title", "dest_title") if key in details)}
                    logged |= {row["pageid"], row["logpage"]} - {0}
            more = answer.get("continue", {})
            if not more:
                break
        if titles:
            found = {head.id: head for head in self._heads("titles", titles)}
            touched = {page: head for page, head in touched.items() if page not in logged} | found
        kept = {page: head for page, head in touched.items() if selection.holds(head.title, page)}
        return Changes(tuple(kept.values()), frozenset((logged | set(touched)) - set(kept)), f"{self.address} {now}")

    def _heads(self, by: str, values: Iterable[object]) -> Iterator[Head]:
        for part in batches(values, self.info().batch):
            for page in self._pages(**{by: _joined(part), "prop": "info"}):
                yield Head(page["pageid"], page["title"], page["lastrevid"])

    def list(self, selection: Selection) -> Iterator[Head]:
        """The heads of all selected pages: of a prefix, thousands a request. https://www.mediawiki.org/wiki/API:Allpages"""
        self.info()
        seen: set[int] = set()

        def heads() -> Iterator[Head]:
            for prefix in selection.prefixes:
                space, colon, rest = prefix.partition(":")
                known = self._namespaces.get(space.strip().replace("_", " ").casefold()) if colon else None
                for page in self._pages(
                    generator="allpages", gapnamespace=str(known or 0), gapprefix=rest if known is not None else prefix,
                    gaplimit="max", prop="info",
                ):
                    yield Head(page["pageid"], page["title"], page["lastrevid"])
            yield from self._heads("titles", sorted(selection.titles))
            yield from self._heads("pageids", sorted(selection.ids - seen))

        for head in heads():
            if head.id not in seen:
                seen.add(head.id)
                yield head

    def read(self, ids: Iterable[int] = (), titles: Iterable[str] = ()) -> Iterator[Page]:
        """Pages with text, 50 or 500 a request. https://www.mediawiki.org/wiki/API:Revisions"""
        for by, values in (("pageids", ids), ("titles", titles)):
            wanted: Iterable[object] = dict.fromkeys(values)
            for part in batches(wanted, self.info().batch):
                for page in self._pages(**{
                    by: _joined(part), "prop": "revisions", "rvprop": "ids|timestamp|user|content", "rvslots": "main",
                }):
                    for revision in page.get("revisions", ()):
                        text = revision["slots"]["main"].get("content")
                        # A hidden text is not an empty one: the page is left as it was last seen.
                        if text is not None:
                            yield Page(page["pageid"], page["title"], revision["revid"], text,
                                       _time(revision["timestamp"]), revision.get("user", ""))

    def write(self, edit: Edit) -> Saved:
        """Create a page or change the revision that the edit was computed from. https://www.mediawiki.org/wiki/API:Edit"""
        text = normal(edit.text)
        title = checked_title(edit.title)
        if not text:
            raise Rejected("text-empty", edit.title)
        if len(text.encode()) > self.info().text_limit:
            raise TooLong("text-too-long", edit.title, self.info().text_limit)
        params = {"text": text, "summary": edit.summary[:_SUMMARY], "bot": "1"}
        if edit.base is None:
            params |= {"title": title, "createonly": "1"}
        else:
            params |= {"pageid": str(edit.base.id), "baserevid": str(edit.base.revision), "nocreate": "1",
                       "starttimestamp": self._started}
        sleeper = self._site.sleepers.make()
        while True:
            try:
                answer = self._ask("edit", params, write=True)
            except (Unreachable, RateLimited):
                return self._look(edit, text)
            if answer.get("error", {}).get("code") != "ratelimited":
                break
            try:
                sleeper.sleep(2 * self._pause)
            except MaximumRetriesExceeded as error:
                raise RateLimited("rate-limited", self.address) from error
        if "error" in answer:
            code, info = str(answer["error"].get("code")), str(answer["error"].get("info"))
            if code.startswith("internal_api_error"):
                return self._look(edit, text)
            raise edit_error(code, info, edit.title, self.info().text_limit) or self._error(answer["error"])
        return self._saved(edit, answer.get("edit", {}))

    def _saved(self, edit: Edit, result: dict[str, Any]) -> Saved:
        """What the answer says was saved. Success is the word ``Success``: a captcha comes without an error."""
        if result.get("result") != "Success":
            if "captcha" in result:
                raise Rejected("captcha", edit.title)
            raise Rejected("rejected", edit.title, ", ".join(f"{key}: {value}" for key, value in result.items()))
        if "nochange" in result:
            # The page held this text already: as which revision, the answer does not say.
            revision = edit.base.revision if edit.base else 0
            return Saved(Head(result["pageid"], result["title"], revision), datetime.now(UTC), merged=True)
        merged = edit.base is not None and result.get("oldrevid") != edit.base.revision
        return Saved(Head(result["pageid"], result["title"], result["newrevid"]), _time(result["newtimestamp"]), merged)

    def _look(self, edit: Edit, text: str) -> Saved:
        """After a lost answer: whether the page holds our text. Raises Unsure when it does not (yet: it may still come)."""
        found = self.read(ids=[edit.base.id]) if edit.base else self.read(titles=[edit.title])
        page = next(iter(found), None)
        if page and page.text == text and page.editor == self._user:
            return Saved(Head(page.id, page.title, page.revision), page.time)
        raise Unsure("unsure", edit.title)
