"""A Tiki that answers as the real one does, for tests and for the demo: its API, and pages to look at and to edit.

Everything is in memory and on this machine's loopback. Nothing of Tiki is needed and nothing of it is in here: the behaviour
was observed on Tiki 24.1 and read up for later versions. The server is a WSGI application (``TikiServer`` can be called as
one) that the ``with`` statement starts on a free port.
"""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from socketserver import ThreadingMixIn
from types import TracebackType
from urllib.parse import parse_qsl, quote
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer
from wsgiref.types import StartResponse, WSGIEnvironment

from wikibridge.demo.tiki.api import Api
from wikibridge.demo.tiki.browse import Browse
from wikibridge.demo.tiki.call import HTML, Answer, Request
from wikibridge.demo.tiki.categories import Categories
from wikibridge.demo.tiki.galleries import Galleries
from wikibridge.demo.tiki.pages import Page, Pages
from wikibridge.demo.tiki.people import People
from wikibridge.demo.tiki.php import Param, Params, from_json, nested
from wikibridge.demo.tiki.profile import PROFILES, Profile
from wikibridge.demo.tiki.trackers import Trackers

FRONT = "tiki-api.php"
_NOT_FOUND = Answer(404, b"<!DOCTYPE html><html><body><h1>Not Found</h1></body></html>", HTML)


@dataclass(frozen=True, slots=True)
class Fault:
    """What goes wrong with one request. By itself: the connection ends without an answer and without anything done."""

    acts: bool = False
    """Whether the server does what it was asked to before it fails."""
    status: int = 0
    """Answer with this status and a web page instead of ending the connection."""
    headers: Mapping[str, str] = field(default_factory=dict)
    cut: bool = False
    """Send the first half of the true answer only."""
    seconds: float = 0
    """Wait before the true answer."""


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True
    request_queue_size = 128

    def server_bind(self) -> None:
        # The original asks for the name of the machine, which can take long.
        self.socket.bind(self.server_address)
        self.server_address = self.socket.getsockname()
        self.server_name, self.server_port = "127.0.0.1", int(self.server_address[1])
        self.setup_environ()


class _Handler(WSGIRequestHandler):
    timeout = 60

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: ``requests`` has it all."""


class TikiServer:
    """A Tiki on loopback, from ``start`` or the beginning of a ``with`` block on until ``stop`` or its end.

    ``profile`` is one of ``PROFILES`` by name, or any other one. ``between`` is called with a point and the request: "before"
    anything is done, "numbered" (a save has taken its version number), "written" (the page is saved, its history not yet),
    "saved" (the history too, the answer is not made yet) and "after" (the answer is made, but not sent). What it does then,
    through ``edit`` for example, is what another person did at that moment.
    """

    def __init__(self, profile: Profile | str = "24.1", clock: Callable[[], float] = time.time) -> None:
        self.profile = PROFILES[profile] if isinstance(profile, str) else profile
        self.lock = threading.RLock()
        self.people = People(clock)
        self.pages = Pages(clock)
        self.between: Callable[[str, Request], None] | None = None
        self.requests: list[Request] = []
        self._faults: list[tuple[re.Pattern[str], Fault]] = []
        self._api = Api(self, self._point)
        self._browse = Browse(self)
        self._server: _Server | None = None
        self._thread: threading.Thread | None = None
        self._ended = threading.Event()

    # What is on the server.

    @property
    def categories(self) -> Categories:
        """The categories."""
        return self._api.categories

    @property
    def trackers(self) -> Trackers:
        """The trackers."""
        return self._api.trackers

    @property
    def galleries(self) -> Galleries:
        """The files."""
        return self._api.galleries

    def edit(self, name: str, text: str, user: str = "ann", comment: str = "") -> Page:
        """What a person does in the browser: the page as they leave it."""
        with self.lock:
            return self.pages.save(name, text, user, comment)

    # What tests ask for.

    def fail(self, fault: Fault, on: str = "", times: int = 1) -> None:
        """Let the next requests whose method and route fit the pattern ``on`` ("POST wiki") go wrong."""
        self._faults += [(re.compile(on), fault)] * times

    def count(self, on: str = "") -> int:
        """How many requests came whose method and route fit the pattern."""
        return sum(re.search(on, str(request)) is not None for request in self.requests)

    # Running.

    @property
    def address(self) -> str:
        """Where it is, with a slash at the end."""
        assert self._server is not None, "not started"
        return f"http://127.0.0.1:{self._server.server_port}/"

    def start(self, port: int = 0) -> TikiServer:
        """Serve on a port, a free one by default, until ``stop``."""
        self._ended.clear()
        self._server = _Server(("127.0.0.1", port), _Handler)
        self._server.set_app(self)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()
        return self

    def stop(self) -> None:
        """End it; nothing happens when it has ended before."""
        if self._server is None or self._thread is None:
            return
        self._ended.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
        self._server = self._thread = None

    def __enter__(self) -> TikiServer:
        return self.start()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()

    # Answering.

    def _point(self, point: str, request: Request) -> None:
        if self.between is not None:
            self.between(point, request)

    def _fault(self, request: Request) -> Fault | None:
        with self.lock:
            for place, (pattern, fault) in enumerate(self._faults):
                if pattern.search(str(request)):
                    del self._faults[place]
                    return fault
        return None

    def _answer(self, request: Request) -> Answer:
        self._point("before", request)
        answer = self._routed(request)
        self._point("after", request)
        return answer

    def _routed(self, request: Request) -> Answer:
        if request.route is not None and self.profile.api:
            return self._api.answer(request)
        if request.path.startswith(f"/{FRONT}"):
            return _NOT_FOUND
        with self.lock:
            return self._browse.answer(request)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """The WSGI application."""
        request = self._request(environ)
        fault = self._fault(request)
        if fault is None:
            return _sent(self._answer(request), start_response)
        if fault.seconds:
            self._ended.wait(fault.seconds)
        if fault.acts or fault.cut or fault.seconds:
            answer = self._answer(request)
        if fault.status:
            return _sent(Answer(fault.status, b"<html><body><h1>Error</h1></body></html>", HTML, fault.headers), start_response)
        if fault.cut or fault.seconds:
            return _sent(answer, start_response, fault.cut)
        # wsgiref takes this for a client that has gone, and closes the connection without a word.
        raise ConnectionResetError("a fault that was asked for")

    def _request(self, environ: WSGIEnvironment) -> Request:
        path = _decoded(str(environ.get("PATH_INFO", "/")))
        query = nested(parse_qsl(str(environ.get("QUERY_STRING", "")), keep_blank_values=True, errors="replace"))
        headers = {key[5:].replace("_", "-").lower(): str(value) for key, value in environ.items() if key.startswith("HTTP_")}
        if self.profile.drops_authorization:
            headers.pop("authorization", None)
        method, kind = str(environ.get("REQUEST_METHOD", "GET")), str(environ.get("CONTENT_TYPE", ""))
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        form, files = _form(method, kind, body, self.profile.json_bodies)
        route: Param | None = None
        if path == f"/{FRONT}":
            route = query.pop("route", "")
        elif self.profile.rewrite and path.startswith("/api/"):
            route = path.removeprefix("/api/")
            if not self.profile.decodes_twice:
                # Tiki decodes what it gets.
                route = quote(route, safe="/ ")
        with self.lock:
            request = Request(method, path, query, form, headers, route if isinstance(route, str) else None, files,
                              len(self.requests) + 1)
            self.requests.append(request)
        return request


def _decoded(text: str) -> str:
    """WSGI hands the bytes of a path on as letters of Latin-1."""
    return text.encode("latin-1", "replace").decode(errors="replace")


Files = dict[str, tuple[str, str, bytes]]
_HEADER = re.compile(rb'(name|filename)="([^"]*)"')
_TYPE = re.compile(rb"content-type: *([^\r\n;]+)", re.IGNORECASE)


def _form(method: str, kind: str, body: bytes, json_bodies: bool) -> tuple[Params, Files]:
    """The parameters and files of a body: PHP reads forms, of POST only; JSON only newer versions of Tiki.

    Bytes that are no UTF-8 become surrogates, of which the database knows what to think.
    """
    if kind.startswith("application/json"):
        try:
            value = from_json(json.loads(body)) if json_bodies else {}
        except ValueError:
            value = {}
        return (value, {}) if isinstance(value, dict) else ({}, {})
    if method != "POST":
        return {}, {}
    if kind.startswith("multipart/form-data"):
        return _parts(kind, body)
    text = body.decode("ascii", "surrogateescape")
    return nested(parse_qsl(text, keep_blank_values=True, errors="surrogateescape")), {}


def _parts(kind: str, body: bytes) -> tuple[Params, Files]:
    boundary = re.search(r'boundary="?([^";]+)', kind)
    pairs: list[tuple[str, str]] = []
    files: Files = {}
    for part in body.split(b"--" + boundary[1].encode())[1:-1] if boundary else ():
        head, _, data = part.partition(b"\r\n\r\n")
        data = data.removesuffix(b"\r\n")
        named = {key.decode(): value.decode(errors="replace") for key, value in _HEADER.findall(head)}
        found = _TYPE.search(head)
        if "filename" in named:
            files[named.get("name", "")] = (named["filename"], found[1].decode() if found else "", data)
        else:
            pairs.append((named.get("name", ""), data.decode(errors="surrogateescape")))
    return nested(pairs), files


def _sent(answer: Answer, start_response: StartResponse, cut: bool = False) -> list[bytes]:
    try:
        reason = HTTPStatus(answer.status).phrase
    except ValueError:
        reason = "Unknown"
    headers = {"Content-Type": answer.kind, "Content-Length": str(len(answer.body)), **answer.headers}
    start_response(f"{answer.status} {reason}", list(headers.items()))
    return [answer.body[: len(answer.body) // 2] if cut else answer.body]
