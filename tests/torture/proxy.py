"""A proxy before a real MediaWiki that breaks what passes through it, as networks and servers do."""

from __future__ import annotations

import http.client
import re
import socket
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

KINDS = ("cut", "lost", "late", "500", "502", "503", "429", "504 after", "truncated", "twice", "token", "session", "stray")
"""Cut before the request, its answer lost, its answer too late; refused by a gateway, or told to have failed when it had not;
an answer cut short; a request delivered twice; an edit token and a session that the wiki does not know any more; a request
that arrives when its sender has long given it up ("stray:4": with the fourth one after it)."""
STRAY = 4
_PASSED = ("content-type", "cookie", "user-agent", "accept", "accept-encoding")


class Proxy:
    """Forwards to a server. ``plan`` says what to do to the n-th request, counted from 1.

    ``seen`` is told each number before the request is forwarded, and its negative when it was answered.
    """

    def __init__(self, target: str) -> None:
        self.target = urlsplit(target)
        self.plan: dict[int, str] = {}
        self.seen: Callable[[int], None] = lambda number: None
        self.requests = 0
        self.injected: Counter[str] = Counter()
        self.release = threading.Event()
        self._strays: list[tuple[int, tuple[str, str, dict[str, str], bytes]]] = []
        self._total = 0
        self._lock = threading.Lock()
        proxy = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def _pass(self) -> None:
                proxy.handle(self)

            do_GET = do_POST = _pass

            def log_message(self, *_: object) -> None:
                """Nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.address = f"http://127.0.0.1:{self.server.server_address[1]}/api.php"

    def reset(self, plan: dict[int, str] | None = None) -> None:
        """Count from 1 again, with another plan."""
        with self._lock:
            self.requests, self.plan = 0, plan or {}

    def deliver(self, *, all_of_them: bool = True) -> None:
        """Let the strays arrive that are due, or all of them."""
        with self._lock:
            due = [request for when, request in self._strays if all_of_them or when <= self._total]
            self._strays = [stray for stray in self._strays if stray[1] not in due]
        for request in due:
            self._forward(*request)

    def handle(self, request: BaseHTTPRequestHandler) -> None:
        """One request."""
        with self._lock:
            self.requests += 1
            self._total += 1
            number = self.requests
            kind, _, after = self.plan.pop(number, "").partition(":")
        body = request.rfile.read(int(request.headers.get("content-length") or 0))
        headers = {name: value for name, value in request.headers.items() if name.lower() in _PASSED}
        if kind == "token" and b"token=" in body:
            body = re.sub(rb"(^|&)token=[^&]*", rb"\1token=expired%2B%5C", body)
        elif kind == "token":
            kind = ""
        if kind == "session":
            headers.pop("Cookie", None)
        self.injected[kind] += bool(kind)
        self.deliver(all_of_them=False)
        sent = (request.command, request.path, headers, body)
        if kind == "stray":
            with self._lock:
                self._strays.append((self._total + int(after or STRAY), sent))
            return self._close(request)
        if kind == "cut":
            return self._close(request)
        if kind in ("500", "502", "503", "429"):
            return self._answer(request, int(kind), [("Retry-After", "1" if kind == "503" else "0")], b"<html>try later</html>")
        self.seen(number)
        status, given, data = self._forward(*sent)
        if kind == "twice":
            self._forward(*sent)
        if kind == "late":
            self.release.wait(5)
        if kind in ("lost", "late"):
            return self._close(request)
        if kind == "504 after":
            return self._answer(request, 504, [], b"gateway time-out")
        self.seen(-number)
        self._answer(request, status, given, data[: len(data) // 2] if kind == "truncated" else data)

    def _forward(self, command: str, path: str, headers: dict[str, str], body: bytes) -> tuple[int, list[tuple[str, str]], bytes]:
        connection = http.client.HTTPConnection(self.target.hostname or "", self.target.port or 80, timeout=60)
        connection.request(command, path, body or None, headers)
        answer = connection.getresponse()
        data = answer.read()
        connection.close()
        kept = [(name, value) for name, value in answer.getheaders()
                if name.lower() in ("content-type", "set-cookie", "content-encoding", "retry-after", "mediawiki-api-error")]
        return answer.status, kept, data

    @staticmethod
    def _answer(request: BaseHTTPRequestHandler, status: int, headers: list[tuple[str, str]], data: bytes) -> None:
        with suppress(OSError):
            request.send_response(status)
            for name, value in headers:
                request.send_header(name, value)
            request.send_header("Content-Length", str(len(data)))
            request.end_headers()
            request.wfile.write(data)

    @staticmethod
    def _close(request: BaseHTTPRequestHandler) -> None:
        request.close_connection = True
        with suppress(OSError):
            request.connection.shutdown(socket.SHUT_RDWR)


@contextmanager
def started(target: str) -> Iterator[Proxy]:
    """A proxy at work on a free port of loopback."""
    proxy = Proxy(target)
    thread = threading.Thread(target=proxy.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield proxy
    finally:
        proxy.release.set()
        proxy.server.shutdown()
        proxy.server.server_close()
        thread.join()
