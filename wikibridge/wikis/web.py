"""Visits of pages that nothing is known of yet: bounded in size and time, without any secret, each redirect looked at.

What answers at an address that somebody typed may be anything: a page without end, one that comes a letter a minute, one that
leads round in a circle, to a file of this machine or to somebody else's server.
"""

from __future__ import annotations

import re
import ssl
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import partial
from importlib.metadata import version
from ipaddress import ip_address
from typing import Any, TypeVar, cast
from urllib.parse import urljoin, urlsplit

import requests
import urllib3

from wikibridge.errors import NotSuchAWiki, Unreachable, Untrusted
from wikibridge.wikis.base import open_way
from wikibridge.wikis.network import checked_address, network_error, reason

BYTES = 2_000_000
"""Of a page, once unpacked: none of a wiki's is larger by far, and what is looked for stands at its beginning."""
SECONDS = 30.0
"""For a page; thrice that for all."""
_REDIRECTS = 6
_CHUNK = 16_384
_PORTS = {"http": 80, "https": 443}

Allowed = Callable[[str], bool]
"""Whether another host than the one that was named may be asked too; it is given as ``https://host``."""
Made = TypeVar("Made")


@dataclass(frozen=True, slots=True)
class Visit:
    """What came from ``address``, after redirects. ``text`` is cut off where it was too long; ``moment`` is the server's clock.

    ``expires`` is until when its certificate is valid, where there is one.
    """

    address: str
    status: int
    kind: str
    text: str
    moment: datetime | None = None
    expires: datetime | None = None

    @property
    def title(self) -> str:
        """What a page calls itself, for people to read."""
        found = re.search(r"<title[^<>]{0,200}>([^<]{0,200})", self.text, re.IGNORECASE)
        return " ".join(found[1].split()) if found else ""


def host(address: str) -> str:
    """The server that an address names, as ``https://host`` or ``https://host:port``."""
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2].lower()}"


def related(first: str, second: str) -> bool:
    """Whether two addresses are of the same people as far as names tell: the same host, or one below the other.

    ``example.org`` and ``www.example.org`` are; ``a.example.org`` and ``b.example.org`` need not be. Ports must be the usual ones
    or the same: what answers at another one may be anybody's.
    """
    one, two = urlsplit(first), urlsplit(second)
    names = (one.hostname or "").rstrip("."), (two.hostname or "").rstrip(".")
    ports = [parts.port or _PORTS.get(parts.scheme, 0) for parts in (one, two)]
    if ports[0] != ports[1] and not set(ports) <= set(_PORTS.values()):
        return False
    if names[0] == names[1]:
        return True
    if any(map(_machine, names)):
        return False
    short, long = sorted(names, key=len)
    return "." in short and long.endswith(f".{short}")


def _machine(name: str) -> bool:
    """Whether a host is given by its number: nothing is below one."""
    try:
        return bool(ip_address(name))
    except ValueError:
        return False


def within(seconds: float, address: str, work: Callable[[], Made]) -> Made:
    """What ``work`` answers, if it does within a time. Raises Unreachable otherwise; what goes on then ends with the program.

    The time of single reads cannot bound a server that sends a letter of a header each time.
    """
    done: list[Made] = []
    failed: list[BaseException] = []

    def run() -> None:
        try:
            done.append(work())
        except BaseException as error:
            failed.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(seconds)
    if failed:
        raise failed[0]
    if not done:
        raise Unreachable("timeout", address, f"{seconds:g}")
    return done[0]


class Visitor:
    """Visits pages. ``named`` is the address that a person gave: other hosts are asked only if ``allowed`` says so, each once.

    All visits together take at most ``seconds``. A visit raises NotSuchAWiki for an address that is none or must not be followed,
    Untrusted for a certificate that proves nothing, Unreachable where no answer comes in time.
    """

    def __init__(self, named: str, allowed: Allowed = lambda _: False, seconds: float = 3 * SECONDS) -> None:
        self.named = named
        self._allowed = allowed
        self._end = time.monotonic() + seconds
        self._asked: dict[str, bool] = {}
        self._session = requests.Session()
        self._session.headers["User-Agent"] = f"wikibridge/{version('wikibridge')} requests/{requests.__version__}"
        self._session.headers["Accept-Encoding"] = "identity"

    def __enter__(self) -> Visitor:
        return self

    def __exit__(self, *_: object) -> None:
        self._session.close()

    def may(self, address: str) -> bool:
        """Whether the host of an address is the one that was named, or was allowed. Waiting for that takes none of the time."""
        if related(self.named, address):
            return True
        where = host(address)
        if where not in self._asked:
            begun = time.monotonic()
            self._asked[where] = self._allowed(where)
            self._end += time.monotonic() - begun
        return self._asked[where]

    def visit(self, address: str, params: Mapping[str, str] | None = None, *, follow: bool = True) -> Visit:
        """One page. Without ``follow`` a redirect is an error too."""
        asked = {} if params is None else params
        for _ in range(_REDIRECTS):
            # Plain http is fine for looking: nothing secret is sent.
            checked_address(address, "address-wrong", insecure_http=True)
            if not self.may(address):
                raise NotSuchAWiki("other-host", self.named, host(address))
            left = min(SECONDS, self._end - time.monotonic())
            if left <= 0:
                raise Unreachable("too-slow", self.named)
            found, to = within(left, address, partial(self._once, address, asked, left))
            if not to:
                return found
            target = urljoin(found.address, to)
            if not follow:
                raise NotSuchAWiki("redirected", address, target.partition("?")[0][:200])
            if urlsplit(target).scheme not in _PORTS or (address.startswith("https:") and open_way(target)):
                raise NotSuchAWiki("redirect-odd", address, target[:200])
            # A redirect says itself what is asked of its target.
            address, asked = target, {}
        raise NotSuchAWiki("redirect-many", self.named)

    def _once(self, address: str, params: Mapping[str, str], seconds: float) -> tuple[Visit, str]:
        """The page, or where its server leads on to."""
        try:
            with self._session.get(address, params=params, timeout=seconds, stream=True, allow_redirects=False,
                                   auth=_nobody) as answer:
                # No cookie is carried from one page to another.
                self._session.cookies.clear()
                to = answer.headers.get("location", "") if answer.is_redirect else ""
                expires = _expires(answer)
                kind = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
                text = "" if to else _read(answer).decode("utf-8", "replace")
                return Visit(answer.url, answer.status_code, kind, text, _moment(answer.headers.get("date", "")), expires), to
        except requests.exceptions.SSLError as error:
            raise Untrusted("untrusted", address, reason(error)) from error
        except requests.RequestException as error:
            raise network_error(error, address, seconds) from error
        except (urllib3.exceptions.HTTPError, OSError) as error:
            raise Unreachable("unreachable", address, reason(error)) from error
        except ValueError as error:
            raise NotSuchAWiki("address-wrong", address) from error


def _nobody(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """No password of ~/.netrc either."""
    return request


def _read(answer: requests.Response) -> bytes:
    """The body, or its beginning. What is packed to be tiny is unpacked a piece at a time."""
    found = bytearray()
    while len(found) < BYTES and (part := answer.raw.read(_CHUNK, decode_content=True)):
        found += part
    return bytes(found[:BYTES])


def _moment(text: str) -> datetime | None:
    try:
        return parsedate_to_datetime(text).astimezone(UTC)
    except ValueError:
        return None


def _expires(answer: requests.Response) -> datetime | None:
    """Until when the certificate is valid of the connection that an answer comes through."""
    socket, raw = None, cast(Any, answer.raw)
    with suppress(AttributeError):
        # Where the server is to end the connection, the answer has the socket to itself.
        socket = raw.connection.sock or raw._original_response.fp.raw._sock
    if not isinstance(socket, ssl.SSLSocket):
        return None
    until = (socket.getpeercert() or {}).get("notAfter")
    return datetime.fromtimestamp(ssl.cert_time_to_seconds(until), UTC) if isinstance(until, str) else None
