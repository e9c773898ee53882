"""What doors to servers share: addresses, what a network can do, and secrets that no error may show."""

from __future__ import annotations

import html
import json
import re
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import SplitResult, quote, quote_plus, urlsplit

import requests

from wikibridge.errors import NotSuchAWiki, RateLimited, Unreachable, WikibridgeError, WikiError
from wikibridge.wikis.base import open_way

PATIENCE = 60
"""Seconds that a server may ask to wait (``Retry-After``) before a run gives up and leaves it to the next one."""


def checked_address(address: str, wrong: str, insecure_http: bool) -> SplitResult:
    """The parts of a wiki's address. Raises NotSuchAWiki for one that cannot be right, with the message ``wrong``."""
    if "@" in re.split(r"[/?#]", address.rpartition("//")[2], maxsplit=1)[0]:
        # Not shown again: it holds a password, most likely.
        raise NotSuchAWiki("address-secret", address.rpartition("@")[2].partition("/")[0])
    try:
        parts = urlsplit(address)
        host, _ = parts.hostname, parts.port
    except ValueError as error:
        raise NotSuchAWiki(wrong, address) from error
    if parts.scheme not in ("http", "https") or not host:
        raise NotSuchAWiki(wrong, address)
    if open_way(address) and not insecure_http:
        raise NotSuchAWiki("plain-http", address)
    return parts


@contextmanager
def discreet(password: str) -> Iterator[None]:
    """Tell of an error without the password: some servers send back what they were sent, in their errors too.

    What led to the error is not kept, since it may hold the answer.
    """
    try:
        yield
    except WikibridgeError as error:
        forms = {password, quote(password), quote(password, safe=""), quote_plus(password), html.escape(password),
                 json.dumps(password)[1:-1]}
        params = [str(param) for param in error.params]
        for form in sorted(filter(None, forms), key=len, reverse=True):
            params = [param.replace(form, "…") for param in params]
        raise type(error)(error.key, *params) from None


def network_error(error: requests.RequestException, address: str, timeout: float) -> WikiError:
    """The error for a request that got no answer, or one that is no success."""
    if isinstance(error, requests.Timeout):
        return Unreachable("timeout", address, f"{timeout:g}")
    if error.response is not None:
        if error.response.status_code == 429:
            return RateLimited("rate-limited", address)
        return Unreachable("unreachable", address, f"HTTP {error.response.status_code} {error.response.reason}".strip())
    return Unreachable("unreachable", address, reason(error))


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        inner = getattr(error, "reason", None) or (error.args[0] if error.args else None)
        error = inner if isinstance(inner, BaseException) else error.__cause__ or error.__context__


def reason(error: BaseException) -> str:
    """The plainest words that the exceptions below a network error hold: those of the system or of TLS."""
    causes = list(_causes(error))
    for cause in reversed(causes):
        if isinstance(cause, ssl.SSLCertVerificationError):
            return cause.verify_message
        if isinstance(cause, OSError) and cause.strerror:
            return cause.strerror
    return str(causes[-1]) or type(causes[-1]).__name__
