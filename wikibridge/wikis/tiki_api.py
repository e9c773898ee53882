"""Asking a Tiki: where its API is, one request at a time, and what its answers say.

The API is at ``/api/`` where the web server knows such addresses, else behind ``tiki-api.php?route=``; it is looked for from any
address of the site, and what was found is kept between runs in a file. Bodies are forms; a page is named by a parameter, which
wins over the path. Answers are told apart by status, ``code`` and fields, never by their words, which are in the site's language.
Rows of pages carry addresses of people and copies of the page: of each only what ``Row`` holds is kept. docs/tiki.md
"""

from __future__ import annotations

import contextlib
import json
import re
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from importlib.metadata import version
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import requests

from wikibridge.errors import BadAnswer, LoginFailed, NotSuchAWiki, RateLimited, ReadOnly, Unreachable, WikibridgeError
from wikibridge.wikis.network import PATIENCE, checked_address, discreet, network_error

ROUTED = "tiki-api.php?route="
"""The form of addresses that needs no help of the web server."""
_HTML = re.compile(r"<[^<>]*>")
_OURS = re.compile(r"(?:^|/)(?:tiki-[\w-]+\.php.*|api(?:/.*)?|index\.php)$")
"""The part of an address that is not the way to the site."""


@dataclass(frozen=True, slots=True)
class Abilities:
    """What is known of one Tiki, where versions and set-ups differ."""

    base: str
    """The address before a route: ``https://.../api/`` or ``https://.../tiki-api.php?route=``."""
    version: str = ""
    minor: bool = False
    """Updates must be declared minor: a strict database refuses what 24.1 makes of any other edit."""
    refused: Mapping[str, str] = field(default_factory=dict)
    """Of texts that came back otherwise than they were sent, the hash by the page's id: they are not sent again."""

    @property
    def routed(self) -> bool:
        """Whether the route is a parameter and not a path."""
        return self.base.endswith(ROUTED)

    @property
    def root(self) -> str:
        """The address of the site, with a slash at its end."""
        return self.base.removesuffix(ROUTED) if self.routed else self.base.removesuffix("api/")


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: the status, the JSON of the body (None when it is none), and the body."""

    status: int
    data: Any
    text: str = ""

    @property
    def code(self) -> int | None:
        """The code of an error; None for what is no error as Tiki tells them. 0 is one that has none of its own."""
        if isinstance(self.data, dict) and "code" in self.data and "message" in self.data:
            with contextlib.suppress(TypeError, ValueError):
                return int(self.data["code"] or 0)
        return None

    @property
    def message(self) -> str:
        """What the wiki says, in its language, for people to read."""
        said = self.data.get("message") or self.data.get("error") or "" if isinstance(self.data, dict) else ""
        return " ".join(_HTML.sub("", str(said)).split())[:300] or f"HTTP {self.status}"


@dataclass(frozen=True, slots=True)
class Row:
    """A page as a list or a write tells of it. ``data`` is the source as it is stored; ``time`` in seconds since 1970."""

    id: int
    name: str
    version: int
    data: str
    time: int
    user: str
    comment: str
    lang: str
    description: str
    style: str
    comments: str
    locked: bool
    html: bool
    editable: bool


def row(found: Mapping[str, Any]) -> Row:
    """The row, whether its numbers come as numbers or as text. Raises what a missing or odd field raises."""
    def text(name: str) -> str:
        return str(found.get(name) or "")

    return Row(
        int(found["page_id"]), str(found["pageName"]), int(found["version"]), text("data"), int(found["lastModif"] or 0),
        text("user"), text("comment"), text("lang"), text("description"), text("wiki_authors_style"),
        text("comments_enabled"), locked=text("flag") in ("L", "locked"), html=text("is_html") not in ("", "0"),
        editable=(found.get("perms") or {}).get("tiki_p_edit", "y") == "y")


@contextlib.contextmanager
def sense(address: str, route: str) -> Iterator[None]:
    """Read an answer; raises BadAnswer that names the route when it has not the shape that the API promises."""
    try:
        yield
    except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
        raise BadAnswer("bad-answer", address, route, f"{type(error).__name__} {error}") from error


def json_of(text: str) -> Any:
    """The JSON of a body, behind whatever PHP wrote before it; None when there is none."""
    decoder = json.JSONDecoder()
    places = [match.start() for match in re.finditer(r"\{", text)][:20]
    for place in places:
        with contextlib.suppress(ValueError):
            found, end = decoder.raw_decode(text, place)
            # Of an answer that was cut off, a part is not the whole.
            return None if text[end : end + 20].lstrip()[:1] in (",", "]", "}") else found
    # An empty object is an empty list to PHP.
    return [] if text.rstrip().endswith("[]") else None


def site_of(address: str) -> str:
    """The site as far as an address of one of its pages tells; the API may be further up."""
    parts = urlsplit(address)
    path = _OURS.sub("", parts.path)
    return f"{parts.scheme}://{parts.netloc}{path.rstrip('/')}/"


def search(site: str, ask: Callable[[str, str, Mapping[str, str]], Answer]) -> Abilities:
    """Where the API answers: both forms of its address, at the address of a site and at each one above it.

    ``ask`` sends a request without a token: to an address before a route, with the route and parameters. Raises NotSuchAWiki
    where none answers: no Tiki, one before 24, or one whose API is switched off.
    """
    off = moved = ""
    path = urlsplit(site).path.strip("/").split("/")
    top = site[: len(site) - len("/".join(path)) - bool(path[0])]
    for depth in range(len(path) if path[0] else 0, -1, -1):
        root = top + "".join(f"{part}/" for part in path[:depth])
        for base in (f"{root}api/", f"{root}{ROUTED}"):
            try:
                answer = ask(base, "version", {})
            except NotSuchAWiki as error:
                moved = moved or str(error.params[-1])
                continue
            data = answer.data
            if isinstance(data, dict) and "version" in data:
                return Abilities(base, str(data["version"]))
            if answer.code == HTTPStatus.FORBIDDEN:
                # Off, or its version is nobody's business: then the list of pages answers.
                with contextlib.suppress(WikibridgeError, AttributeError):
                    if isinstance(ask(base, "wiki", {"maxRecords": "1"}).data.get("data"), list):
                        return Abilities(base)
                off = off or base
            elif isinstance(data, dict) and "error" in data:
                raise ReadOnly("read-only", site, answer.message)
    if off:
        raise NotSuchAWiki("tiki-off", off)
    if moved and urlsplit(moved)[:2] not in (("", ""), urlsplit(site)[:2]):
        raise NotSuchAWiki("redirected", site, moved)
    raise NotSuchAWiki("not-a-tiki", site)


class _Bearer(requests.auth.AuthBase):
    """The token in each request; requests would put a password of ~/.netrc in its place."""

    def __init__(self, token: str) -> None:
        self.token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        if self.token:
            request.headers["Authorization"] = f"Bearer {self.token}"
        return request


class TikiApi:
    """The API of the Tiki at ``address``: any address of the site.

    ``token`` is that of one account. ``timeout`` is in seconds; reads are tried again ``retries`` times with a growing
    ``pause`` (seconds). ``kept`` is a file that keeps what was found out, no secrets. Nothing is sent before the first
    question. Raises NotSuchAWiki for an address that cannot be one.
    """

    def __init__(
        self, address: str, token: str, *, contact: str, timeout: float, retries: int, pause: float, kept: Path | None,
        insecure_http: bool = False,
    ) -> None:
        checked_address(address, "not-a-tiki", insecure_http)
        self.address = site_of(address)
        """The site as far as the address tells; the API may be further up."""
        self.requests = 0
        self.clock = datetime.now(UTC)
        """The server's clock at its last answer."""
        self._token = token
        self._timeout = timeout
        self._retries = retries
        self._pause = pause
        self._kept = kept
        self._wait = 0.0
        self._session = requests.Session()
        self._session.headers["User-Agent"] = (
            f"wikibridge/{version('wikibridge')} ({contact or 'no contact'}) requests/{requests.__version__}"
        ).encode("ascii", "replace").decode()
        self._session.headers["Accept"] = "application/json"
        self._abilities = self._take_up()
        self._remembered = self._abilities is not None

    def close(self) -> None:
        """Let go of the connection."""
        self._session.close()

    # What is known of the wiki

    @property
    def known(self) -> Abilities | None:
        """What is known so far; None before the API was found."""
        return self._abilities

    @property
    def abilities(self) -> Abilities:
        """What is known of this Tiki; the first time, its API is looked for."""
        if self._abilities is None:
            self._keep(search(self.address, lambda base, route, params: self._once("GET", base, route, params, token="")))
        assert self._abilities is not None
        return self._abilities

    def learn(self, **facts: Any) -> None:
        """Keep what has shown."""
        self._keep(replace(self.abilities, **facts))

    def _take_up(self) -> Abilities | None:
        # A file that cannot be read costs two requests, nothing else.
        with contextlib.suppress(OSError, ValueError, KeyError, TypeError, AttributeError):
            if self._kept is not None:
                data = json.loads(self._kept.read_text(encoding="utf-8"))
                if data.pop("address") == self.address and urlsplit(data["base"]).netloc == urlsplit(self.address).netloc:
                    return Abilities(**data)
        return None

    def _keep(self, abilities: Abilities) -> None:
        self._abilities = abilities
        if self._kept is not None:
            data = {"address": self.address, **{name: getattr(abilities, name) for name in abilities.__slots__}}
            draft = self._kept.with_suffix(".new")
            with contextlib.suppress(OSError):
                draft.write_text(json.dumps(data), encoding="utf-8")
                draft.replace(self._kept)

    # Asking

    def discreetly(self) -> contextlib.AbstractContextManager[None]:
        """Within it no error shows the token."""
        return discreet(self._token)

    def _once(self, method: str, base: str, route: str, params: Mapping[str, str], token: str | None = None) -> Answer:
        """One request. Raises what the network can do, and RateLimited; any other status is an answer."""
        self.requests += 1
        self._wait = 0.0
        token = self._token if token is None else token
        with self.discreetly():
            try:
                answer = self._session.request(
                    method, base + route, timeout=self._timeout, allow_redirects=False, auth=_Bearer(token),
                    params=params if method == "GET" else None, data=params if method == "POST" else None)
                text = answer.content.decode("utf-8", "replace")
            except requests.RequestException as error:
                raise network_error(error, self.address, self._timeout) from error
            # A Tiki leads away from a page that it was to delete and that is not there.
            if answer.is_redirect and method == "GET":
                raise NotSuchAWiki("redirected", self.address, answer.headers["location"].partition("?")[0])
            asked = answer.headers.get("retry-after", "")
            self._wait = float(asked) if asked.isdigit() else 0.0
            if answer.status_code == HTTPStatus.TOO_MANY_REQUESTS:
                raise RateLimited("rate-limited", self.address)
            self.clock = datetime.now(UTC)
            with contextlib.suppress(ValueError):
                self.clock = parsedate_to_datetime(answer.headers.get("date", "")).astimezone(UTC)
            return Answer(answer.status_code, json_of(text), text)

    def ask(self, route: str, params: Mapping[str, str], judge: Callable[[Answer, str], Answer] | None = None) -> Answer:
        """A reading request, repeated for a while when nothing sensible comes. Raises the error of an answer that is one.

        ``judge`` decides that in place of ``told``.
        """
        for attempt in range(self._retries + 1):
            try:
                with self.discreetly():
                    return (judge or self.told)(self._once("GET", self.abilities.base, route, params), route)
            except (Unreachable, RateLimited) as error:
                if isinstance(error, BadAnswer) and self._remembered:
                    # The API may have moved since it was found.
                    self._abilities, self._remembered = None, False
                    continue
                wait = max(self._wait, self._pause * (attempt + 1))
                if attempt == self._retries or wait > PATIENCE:
                    raise
                time.sleep(wait)
        raise AssertionError("the last attempt returns or raises")

    def told(self, answer: Answer, route: str) -> Answer:
        """The answer, when it is one. Raises what it says otherwise."""
        if answer.code == HTTPStatus.FORBIDDEN:
            raise LoginFailed("tiki-refused", self.address, answer.message)
        if answer.code is not None:
            raise Unreachable("refused-request", self.address, f"{answer.status} {answer.message}")
        if isinstance(answer.data, dict) and "error" in answer.data and "data" not in answer.data:
            raise ReadOnly("read-only", self.address, answer.message)
        if answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise Unreachable("unreachable", self.address, f"HTTP {answer.status}")
        if not isinstance(answer.data, (dict, list)):
            raise BadAnswer("bad-answer", self.address, route, "no JSON")
        return answer

    def send(self, route: str, params: Mapping[str, str]) -> Answer:
        """A writing request, sent once. Its answer may be an error; raises Unreachable when none came, or ReadOnly."""
        answer = self._once("POST", self.abilities.base, route, params)
        if isinstance(answer.data, dict) and "error" in answer.data and "info" not in answer.data:
            raise ReadOnly("read-only", self.address, answer.message)
        return answer

    def rows(self, **params: str) -> tuple[list[Row], int]:
        """The rows of a list of pages, and how many pages fit it in all, hidden ones too.

        The empty filter keeps 24.1 from warning into its own answer.
        """
        answer = self.ask("wiki", {**params, "filter[lang]": ""})
        with sense(self.address, "wiki"):
            total = answer.data["cant"] if "cant" in answer.data else answer.data["count"]
            return [row(found) for found in answer.data["data"]], int(total)
