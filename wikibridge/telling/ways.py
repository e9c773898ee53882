"""The ways out: mail, a webhook, a ping. The one place that sends.

What is sent goes nowhere else. No secret address is told, nor what servers answer: they could send secrets back.
"""

from __future__ import annotations

import base64
import json
import smtplib
import ssl
import urllib.error
import urllib.request
from contextlib import suppress
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from http.client import HTTPException
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from wikibridge.errors import WikibridgeError
from wikibridge.site import Site
from wikibridge.tell_settings import PORTS, Mail
from wikibridge.telling.texts import Message
from wikibridge.wikis.base import open_way

TIMEOUT = 20
"""Seconds that a server may take for each step."""


class NotSent(WikibridgeError):
    """A message could not be sent."""


class MaybeSent(NotSent):
    """A message may have arrived: what the server answered was lost. It is not sent again, better never than twice."""


def send(way: str, site: Site, message: Message) -> NotSent | None:
    """Send a message by ``mail`` or ``webhook``; answers what is wrong where some have got it and others not.

    Raises NotSent, or SettingsError where a secret is missing.
    """
    if way == "mail":
        assert site.settings.tell.mail is not None
        return mail(site.settings.tell.mail, site, message)
    post(site.secret("webhook"), payload(message, site))
    return None


# Mail

def letter(settings: Mail, message: Message, now: datetime) -> EmailMessage:
    """A message as a mail: plain text, marked as written by a program (https://www.rfc-editor.org/rfc/rfc3834)."""
    made = EmailMessage()
    made["From"] = f"wikibridge <{settings.sender}>"
    made["To"] = ", ".join(settings.to)
    # A line break would begin another header.
    made["Subject"] = " ".join("".join(each if each.isprintable() else " " for each in message.subject).split())
    made["Date"] = format_datetime(now.astimezone(UTC))
    made["Message-ID"] = make_msgid(domain=settings.sender.rpartition("@")[2])
    made["Auto-Submitted"] = "auto-generated"
    made.set_content(message.text.encode(errors="replace").decode(), cte="quoted-printable")
    return made


def mail(settings: Mail, site: Site, message: Message) -> NotSent | None:
    """Send a message as a mail; answers which recipients were refused where others were not.

    Raises NotSent with what the server did, or SettingsError where the password is missing.
    """
    return deliver(settings, site, letter(settings, message, datetime.now(UTC)))


def deliver(settings: Mail, site: Site, made: EmailMessage) -> NotSent | None:
    """Send a mail as it is to whom it says; answers and raises as ``mail`` does."""
    password = site.secret("mail-password") if settings.user else ""
    where = f"{settings.server}:{settings.port or PORTS[settings.security]}"
    try:
        server = _server(settings)
    except (OSError, smtplib.SMTPException) as error:
        raise NotSent("tell-mail-failed", where, _reason(error)) from None
    kind: type[NotSent] = NotSent
    try:
        if settings.security == "starttls":
            server.starttls(context=ssl.create_default_context())
        if settings.user:
            _login(server, settings.user, password)
        kind = MaybeSent
        refused = server.send_message(made)
    except smtplib.SMTPAuthenticationError as error:
        raise NotSent("tell-mail-login", where, settings.user, error.smtp_code) from None
    except smtplib.SMTPRecipientsRefused as error:
        raise NotSent("tell-mail-refused", where, ", ".join(error.recipients)) from None
    except smtplib.SMTPNotSupportedError:
        raise NotSent("tell-mail-cannot", where) from None
    except smtplib.SMTPResponseException as error:
        raise NotSent("tell-mail-failed", where, error.smtp_code) from None
    except (OSError, smtplib.SMTPException) as error:
        raise kind("tell-mail-failed", where, _reason(error)) from None
    finally:
        with suppress(OSError, smtplib.SMTPException):
            server.quit()
    return NotSent("tell-mail-refused", where, ", ".join(refused)) if refused else None


def _server(settings: Mail) -> smtplib.SMTP:
    # Who we say that we are: looking up this machine's own name may take long, and often leads to none that is known outside.
    port, name = settings.port or PORTS[settings.security], settings.sender.rpartition("@")[2]
    if settings.security == "tls":
        return smtplib.SMTP_SSL(settings.server, port, name, timeout=TIMEOUT, context=ssl.create_default_context())
    return smtplib.SMTP(settings.server, port, name, timeout=TIMEOUT)


def _login(server: smtplib.SMTP, user: str, password: str) -> None:
    if (user + password).isascii():
        server.login(user, password)
        return
    # The library knows ASCII only; the standard says UTF-8: https://www.rfc-editor.org/rfc/rfc4616
    server.ehlo_or_helo_if_needed()
    if "PLAIN" not in server.esmtp_features.get("auth", "").upper().split():
        raise smtplib.SMTPNotSupportedError
    code, _ = server.docmd("AUTH", f"PLAIN {base64.b64encode(f'{chr(0)}{user}{chr(0)}{password}'.encode()).decode()}")
    if code != 235:
        raise smtplib.SMTPAuthenticationError(code, b"")


# Web addresses

def payload(message: Message, site: Site) -> dict[str, Any]:
    """What a webhook gets: ``text`` for people, as chats show it, and the facts for programs (docs/telling.md)."""
    return {"text": harmless(f"{message.subject}\n\n{message.text}"), "event": message.event, "subject": message.subject,
            "site": str(site.folder), "wiki": site.settings.wiki.address or site.settings.wiki.path, **message.facts}


def harmless(text: str) -> str:
    """The text, in which no title can call everybody in a chat (``@all``, ``<!channel>``)."""
    return text.replace("@", "@\u200b").replace("<", "<\u200b")


def post(address: str, facts: dict[str, Any]) -> None:
    """Send facts to the address of a webhook. Raises NotSent."""
    _check("webhook", address)
    data = json.dumps(facts, ensure_ascii=False).encode(errors="replace")
    _ask("webhook", address, data=data, method="POST",
         headers={"Content-Type": "application/json; charset=utf-8"})


def ping(address: str, well: bool) -> None:
    """Tell a watch that a run ended: its address is asked for, or ``/fail`` below it. Raises NotSent."""
    _check("ping", address)
    parts = urlsplit(address)
    _ask("ping", address if well else urlunsplit(parts._replace(path=f"{parts.path.rstrip('/')}/fail")))


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """Who is sent elsewhere takes the secret along."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None


def _ask(what: str, address: str, **request: Any) -> None:
    opener = urllib.request.build_opener(_NoRedirect, urllib.request.HTTPSHandler(context=ssl.create_default_context()))
    try:
        asked = urllib.request.Request(address, **request)
        asked.add_header("User-Agent", "wikibridge")
        opener.open(asked, timeout=TIMEOUT).close()
    except urllib.error.HTTPError as error:
        error.close()
        raise NotSent("tell-web-answer", what, error.code) from None
    except (urllib.error.URLError, ValueError) as error:
        raise NotSent("tell-web-failed", what, _reason(error)) from None
    except (OSError, HTTPException) as error:
        # It was sent, and no answer came.
        raise MaybeSent("tell-web-failed", what, _reason(error)) from None


def _check(what: str, address: str) -> None:
    with suppress(ValueError):
        parts = urlsplit(address)
        if parts.scheme in ("http", "https") and parts.hostname and address.isascii() and not open_way(address):
            return
    raise NotSent("tell-address", what)


def _reason(error: Exception) -> str:
    """What went wrong on the way, in the system's words; never those of a server, nor an address."""
    inner = getattr(error, "reason", None)
    error = inner if isinstance(inner, Exception) else error
    if isinstance(error, ssl.SSLCertVerificationError):
        return error.verify_message
    if isinstance(error, TimeoutError):
        return f"{TIMEOUT} s"
    return (error.strerror if isinstance(error, OSError) else "") or type(error).__name__
