"""Servers on loopback that take what is told: mail, with and without TLS, and web addresses."""

from __future__ import annotations

import http.server
import json
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

USER, PASSWORD = "secretary", "mail/canary+ é"


def certificate(folder: Path) -> Path:
    """A certificate for localhost that nobody vouches for, with its key."""
    path = folder / "localhost.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
                    "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout", path, "-out", folder / "cert.pem"],
                   check=True, capture_output=True)
    path.write_bytes(path.read_bytes() + (folder / "cert.pem").read_bytes())
    return path


@dataclass
class Office:
    """A mail server: its port, what it took in, and to whom; ``refuse`` are recipients that it does not want."""

    port: int = 0
    letters: list[EmailMessage] = field(default_factory=list)
    envelopes: list[Envelope] = field(default_factory=list)
    refuse: set[str] = field(default_factory=set)
    answer: str = "250 OK"
    arrived: threading.Event = field(default_factory=threading.Event)

    async def handle_RCPT(self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]) -> str:
        if address in self.refuse:
            return "550 no such person"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        if self.answer.startswith("250"):
            assert isinstance(envelope.content, bytes)
            self.letters.append(message_from_bytes(envelope.content, policy=policy.default))  # type: ignore[arg-type]
            self.envelopes.append(envelope)
            self.arrived.set()
        return self.answer


def _right(server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any) -> AuthResult:
    right = isinstance(data, LoginPassword) and (data.login, data.password) == (USER.encode(), PASSWORD.encode())
    return AuthResult(success=right, handled=False)


class _AnyPort(Controller):
    """On a free port, which it learns when it listens."""

    def _trigger_server(self) -> None:
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


@contextmanager
def office(security: str, pem: Path | None = None, login: bool = False) -> Iterator[Office]:
    """A mail server on loopback: ``starttls``, ``tls`` or ``none``; it asks who you are where ``login`` says so."""
    made = Office()
    context = None
    if pem:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(pem)
    options: dict[str, Any] = {"authenticator": _right, "auth_required": True, "auth_require_tls": security != "none"} if login else {}
    if security == "starttls":
        options |= {"tls_context": context, "require_starttls": True}
    # Over TLS from the first byte the server does not know that it is safe.
    if security == "tls" and login:
        options["auth_require_tls"] = False
    controller = _AnyPort(made, hostname="127.0.0.1", port=0, ssl_context=context if security == "tls" else None, **options)
    controller.start()
    try:
        made.port = controller.port
        yield made
    finally:
        controller.stop()


@dataclass
class Hook:
    """A web server: its address, what was asked of it, and what it answers."""

    address: str = ""
    paths: list[str] = field(default_factory=list)
    bodies: list[Any] = field(default_factory=list)
    status: int = 200
    location: str = ""


@contextmanager
def hook(pem: Path | None = None) -> Iterator[Hook]:
    """A web server on loopback, with TLS where there is a certificate."""
    made = Hook()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            made.paths.append(f"{self.command} {self.path}")
            if body:
                made.bodies.append(json.loads(body))
            self.send_response(made.status)
            if made.location:
                self.send_header("location", made.location)
            self.end_headers()
            # What it was asked for, secrets and all.
            self.wfile.write(self.path.encode() + body)

        do_POST = do_GET

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    if pem:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(pem)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    made.address = f"{'https' if pem else 'http'}://localhost:{server.server_port}"
    try:
        yield made
    finally:
        server.shutdown()
        server.server_close()


def secret(folder: Path, name: str, value: str, mode: int = 0o600) -> None:
    """Put a secret into its file in the site folder."""
    (folder / name).write_text(value, encoding="utf-8")
    (folder / name).chmod(mode)
