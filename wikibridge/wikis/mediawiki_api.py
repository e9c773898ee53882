"""Asking a MediaWiki: one account, one request at a time, with what can go wrong turned into errors with a sentence.

mwclient builds and sends the requests. Every request asserts the account, reads too: limits and hidden pages depend on
it, and a session that the wiki forgot would edit anonymously. The session is kept between runs in a file that only its
owner can read, so that a run needs no log-in.
https://www.mediawiki.org/wiki/API:Main_page
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import mwclient
import requests
from mwclient.errors import APIDisabledError, InvalidResponse, MaximumRetriesExceeded

from wikibridge.errors import BadAnswer, LoginFailed, NotSuchAWiki, RateLimited, Unreachable, WikibridgeError
from wikibridge.wikis.mediawiki_errors import LOGIN_AGAIN, read_error
from wikibridge.wikis.network import PATIENCE, checked_address, discreet, network_error

_LONG = 2000
"""Bytes of parameters above which a request goes by POST: servers take addresses of 8 KB, proxies less."""

_IN_PARTS = frozenset({"categories", "templates", "links"})

# What mwclient has to say about repeats is no concern of the secretariat; the errors tell what came of them.
logging.getLogger("mwclient").addHandler(logging.NullHandler())


def moment(text: str) -> datetime:
    """A time as the API writes it."""
    return datetime.fromisoformat(text).astimezone(UTC)


def joined(values: Iterable[object]) -> str:
    """Several values of one parameter. U+001F in front makes it the separator, so that a "|" in a title makes no two of it.

    https://www.mediawiki.org/wiki/API:Data_formats#Multivalue_parameters
    """
    return "".join("\x1f" + str(value).replace("\x1f", "\ufffd") for value in values)


@contextmanager
def sense(address: str, call: str) -> Iterator[None]:
    """Read an answer; raises BadAnswer that names the call when it has not the shape that the API promises."""
    try:
        yield
    except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
        raise BadAnswer("bad-answer", address, call, f"{type(error).__name__} {error}") from error


def _parts(address: str, insecure_http: bool) -> tuple[str, str, str]:
    """Scheme, host and path of the API's address. Raises NotSuchAWiki for one that cannot be right."""
    parts = checked_address(address, "not-a-mediawiki", insecure_http)
    if not parts.path.endswith("/api.php") or parts.query:
        raise NotSuchAWiki("not-a-mediawiki", address)
    return parts.scheme, parts.netloc, parts.path.removesuffix("api.php")


FACTS = {"meta": "siteinfo|userinfo|tokens",
         "siprop": "general|statistics|namespaces|namespacealiases|extensiontags|fileextensions",
         "uiprop": "rights|registrationdate"}
"""What is asked of the wiki itself and of our account. https://www.mediawiki.org/wiki/API:Siteinfo"""


class _Connection(requests.Session):
    """A session that counts requests and goes nowhere else: a redirected POST would lose its body, or tell its password."""

    def __init__(self, address: str) -> None:
        super().__init__()
        self.address = address
        self.sent = 0
        self.wait = 0.0
        """Seconds that the last answer asked to wait."""

    def request(self, *args: Any, **kwargs: Any) -> requests.Response:
        self.sent += 1
        self.wait = 0.0
        answer = super().request(*args, **{**kwargs, "allow_redirects": False})
        if answer.is_redirect or answer.is_permanent_redirect:
            raise NotSuchAWiki("redirected", self.address, str(answer.headers["location"]).partition("?")[0])
        # JSON is UTF-8 (RFC 8259): another encoding would put wrong letters into the mirror without a word.
        answer.encoding = "utf-8"
        try:
            answer.content.decode()
        except UnicodeDecodeError as error:
            raise requests.exceptions.ContentDecodingError(str(error)) from error
        asked = answer.headers.get("retry-after", "")
        self.wait = float(asked) if asked.isdigit() else 0.0
        # mwclient takes a number of seconds for granted beside this header; the error in the body says the same.
        answer.headers.pop("x-database-lag", None)
        return answer


class MediaWikiApi:
    """The API at ``address``, as one account.

    ``account`` and ``password`` are those of a bot password (``User@app``). ``timeout`` is in seconds; reads are tried
    again ``retries`` times with a growing ``pause`` (seconds). ``kept`` is the file that keeps the session between runs.
    ``insecure_http`` lets the password be sent over plain http.
    Nothing is sent before the first question. Raises NotSuchAWiki for an address that cannot be one.
    """

    def __init__(
        self, address: str, account: str, password: str, *, contact: str, timeout: float, retries: int, pause: float,
        kept: Path | None, insecure_http: bool = False,
    ) -> None:
        scheme, host, path = _parts(address, insecure_http)
        self.address = address
        self.user = ""
        """The name under which the wiki knows us; empty before the first log-in."""
        self.started = ""
        """The server's clock at our first question."""
        self._login = (account, password)
        self._timeout = timeout
        self._retries = retries
        self._pause = pause
        self._kept = kept
        self._token = ""
        self._lock = threading.RLock()
        self._connection = _Connection(address)
        agent = f"wikibridge/{version('wikibridge')} ({contact or account.partition('@')[0]}) mwclient/{version('mwclient')}"
        # A header holds ASCII only.
        self._connection.headers["User-Agent"] = agent.encode("ascii", "replace").decode()
        self._site = mwclient.Site(
            host, path, scheme=scheme, pool=self._connection, do_init=False, max_retries=0,
            connection_options={"timeout": timeout})
        self._take_up()

    @property
    def requests(self) -> int:
        """Requests sent so far, log-in and repeats included."""
        return self._connection.sent

    def close(self) -> None:
        """Let go of the connection."""
        self._connection.close()

    # The session between runs

    def _take_up(self) -> None:
        """Go on with the session of an earlier run, if it is ours."""
        if self._kept is None:
            return
        # A file that cannot be read costs a log-in, nothing else.
        with contextlib.suppress(OSError, ValueError, KeyError, TypeError, AttributeError):
            data = json.loads(self._kept.read_text(encoding="utf-8"))
            if (data["address"], data["account"]) == (self.address, self._login[0]):
                self._connection.cookies.update({str(key): str(value) for key, value in data["cookies"].items()})
                self.user = str(data["user"])

    def _keep(self) -> None:
        if self._kept is None:
            return
        data = {"address": self.address, "account": self._login[0], "user": self.user,
                "cookies": self._connection.cookies.get_dict()}
        draft = self._kept.with_suffix(".new")
        with contextlib.suppress(OSError):
            draft.unlink(missing_ok=True)
            with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
                json.dump(data, file)
            draft.replace(self._kept)

    # Asking

    def _raw(self, action: str, method: str, params: Mapping[str, Any], file: bytes | None) -> Any:
        if file is None:
            return self._site.raw_api(action, method, False, formatversion="2", **params)
        answer = self._site.raw_call(
            "api", {"action": action, "format": "json", "formatversion": "2", **params}, {"file": ("file", file)}, False)
        try:
            return json.loads(answer)
        except ValueError as error:
            raise InvalidResponse(answer) from error

    def _once(self, action: str, method: str, params: Mapping[str, Any], file: bytes | None) -> dict[str, Any]:
        try:
            answer = self._raw(action, method, params, file)
        except requests.RequestException as error:
            status = error.response.status_code if error.response is not None else 0
            if status in (404, 410) and not self.user:
                raise NotSuchAWiki("not-a-mediawiki", self.address) from error
            raise network_error(error, self.address, self._timeout) from error
        except MaximumRetriesExceeded as error:
            raise RateLimited("rate-limited", self.address) from error
        except APIDisabledError as error:
            raise NotSuchAWiki("not-a-mediawiki", self.address) from error
        except InvalidResponse as error:
            if not self.user:
                raise NotSuchAWiki("not-a-mediawiki", self.address) from error
            raise BadAnswer("bad-answer", self.address, action, "no JSON") from error
        if not isinstance(answer, dict) or not isinstance(answer.get("error", {}), dict):
            raise NotSuchAWiki("not-a-mediawiki", self.address)
        if answer.get("error", {}).get("code") == "maxlag":
            raise RateLimited("rate-limited", self.address)
        return answer

    def send(
        self, action: str, method: str, again: bool, params: Mapping[str, Any], file: bytes | None = None,
    ) -> dict[str, Any]:
        """One request, repeated for a while when ``again``.

        Raises Unreachable, RateLimited or NotSuchAWiki when no answer of a MediaWiki came.
        """
        for attempt in range(self._retries + 1):
            try:
                return self._once(action, method, params, file)
            except (Unreachable, RateLimited):
                wait = max(self._connection.wait, self._pause * (attempt + 1))
                if not again or attempt == self._retries or wait > PATIENCE:
                    raise
                time.sleep(wait)
        raise AssertionError("the last attempt returns or raises")

    def _enter(self) -> None:
        """Log in. One try: wikis lock accounts that guess (which is why mwclient's ``login`` is not used: it tries again)."""
        account, password = self._login
        self.user = ""
        self._connection.cookies.clear()
        # Not repeated either: who has a wrong address should know at once.
        answer = self.send("query", "GET", False, {"meta": "tokens", "type": "login"})
        try:
            token = answer["query"]["tokens"]["logintoken"]
        except (KeyError, TypeError) as error:
            if "error" in answer:
                raise self.error(answer["error"]) from error
            raise NotSuchAWiki("not-a-mediawiki", self.address) from error
        with discreet(password):
            self._log_in(account, password, str(token))
        self._keep()

    def _log_in(self, account: str, password: str, token: str) -> None:
        answer = self.send("login", "POST", False, {"lgname": account, "lgpassword": password, "lgtoken": token})
        if "error" in answer:
            raise self.error(answer["error"])
        with sense(self.address, "login"):
            result = answer.get("login", {})
            if result.get("result") == "Throttled":
                raise LoginFailed("login-throttled", account, result.get("wait", "?"))
            if result.get("result") != "Success":
                reason = result.get("reason", result.get("result", "?"))
                if isinstance(reason, dict):
                    reason = reason.get("text") or reason.get("code")
                raise LoginFailed("login-failed", account, self.address, str(reason).rstrip("."))
            self.user = str(result["lgusername"])

    def error(self, error: dict[str, Any]) -> WikibridgeError:
        """The error for an answer that is one."""
        return read_error(str(error.get("code")), str(error.get("info")), error, self.address, self.user or self._login[0])

    def ask(
        self, action: str, params: Mapping[str, Any], *, write: bool = False, file: bytes | None = None,
    ) -> dict[str, Any]:
        """One request as our account; the log-in is repeated once when the wiki has forgotten it.

        Raises the error of the answer, except for a write, whose error is in the answer.
        """
        with self._lock:
            return self._ask(action, params, write, file)

    def write(self, action: str, params: Mapping[str, Any], file: bytes | None = None) -> dict[str, Any]:
        """One write, tried again while the wiki turns it away for its pace; any other error is in the answer.

        Raises Unreachable when what became of it is not known, RateLimited when the wiki keeps turning it away.
        """
        for attempt in range(self._retries + 1):
            try:
                answer = self.ask(action, params, write=True, file=file)
            except RateLimited:
                # Turned away before anything was done.
                answer = {"error": {"code": "ratelimited"}}
            if answer.get("error", {}).get("code") != "ratelimited":
                return answer
            if attempt < self._retries:
                time.sleep(2 * self._pause * (attempt + 1))
        raise RateLimited("rate-limited", self.address)

    def _ask(self, action: str, params: Mapping[str, Any], write: bool, file: bytes | None) -> dict[str, Any]:
        answer: dict[str, Any] = {}
        for attempt in (1, 2):
            if not self.user:
                self._enter()
            if write and not self._token:
                self.facts()
            full = {**params, "assertuser": self.user, "maxlag": "5", "curtimestamp": "1"}
            if write:
                full["token"] = self._token
            length = sum(len(str(value).encode()) for value in full.values())
            answer = self.send(action, "POST" if write or length > _LONG else "GET", not write, full, file)
            if answer.get("error", {}).get("code") in LOGIN_AGAIN and attempt == 1:
                self.user = self._token = ""
                continue
            break
        if "error" in answer and not write:
            raise self.error(answer["error"])
        self.started = self.started or str(answer.get("curtimestamp", ""))
        with sense(self.address, "tokens"):
            self._token = answer.get("query", {}).get("tokens", {}).get("csrftoken") or self._token
        return answer

    def facts(self) -> dict[str, Any]:
        """What the wiki says of itself and of our account, as the API puts it; keeps the edit token."""
        with sense(self.address, "siteinfo"):
            found: dict[str, Any] = self.ask("query", FACTS)["query"]
        return found

    def answers(self, **params: Any) -> Iterator[dict[str, Any]]:
        """The answers of a query, one for each continuation. Raises BadAnswer when the continuation goes in a circle.

        https://www.mediawiki.org/wiki/API:Continue
        """
        more: dict[str, Any] = {}
        seen: set[str] = set()
        while True:
            answer = self.ask("query", {**params, **more})
            more = answer.get("continue") or {}
            yield answer
            if not more:
                return
            place = json.dumps(more, sort_keys=True)
            if place in seen or not isinstance(more, dict):
                raise BadAnswer("bad-answer", self.address, "continue", place[:80])
            seen.add(place)

    def pages(self, **params: Any) -> Iterator[dict[str, Any]]:
        """The pages of a query, merged over its continuations, as each is complete.

        A page comes several times when its parts (its text) come in a later answer, and some parts come twice.
        """
        found: dict[int, dict[str, Any]] = {}
        for answer in self.answers(**params):
            with sense(self.address, str(params.get("prop", "pages"))):
                for page in answer.get("query", {}).get("pages", ()):
                    if "pageid" in page and "missing" not in page:
                        kept = found.setdefault(page["pageid"], {})
                        for key, value in page.items():
                            # Lists (categories, templates) come in parts; a revision is the same one each time.
                            kept[key] = kept[key] + value if key in kept and key in _IN_PARTS else value
            if "batchcomplete" in answer or not answer.get("continue"):
                yield from found.values()
                found = {}

    def pages_of(self, queries: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
        """The pages of several queries, each next one asked while the pages of the one before are looked at."""
        def ask(query: dict[str, Any]) -> list[dict[str, Any]]:
            return list(self.pages(**query))

        with ThreadPoolExecutor(1) as pool:
            before: Future[list[dict[str, Any]]] | None = None
            for query in queries:
                following = pool.submit(ask, query)
                if before:
                    yield from before.result()
                before = following
            if before:
                yield from before.result()
