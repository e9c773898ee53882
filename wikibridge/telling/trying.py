"""Trying out how people are told: a message by every way, and what the next digest would say."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from socket import gethostname

from wikibridge.errors import WikibridgeError
from wikibridge.mirror.journal import Journal
from wikibridge.mirror.told import Memory
from wikibridge.site import Site
from wikibridge.telling import texts, ways
from wikibridge.telling.after import DIGEST, happened, measure, name
from wikibridge.telling.texts import Message

_USUAL = timedelta(days=7)
"""What a digest tells of where none was told yet."""


def test(site: Site, language: str) -> Iterator[tuple[str, WikibridgeError | None]]:
    """Send a test message by each way that the settings name; what each is called, and the error where it did not go out.

    A ping tells its watch that all is well; the file of metrics is written as it was.
    """
    tell = site.settings.tell
    message = texts.test(texts.setting(site, language, gethostname()))
    if tell.mail:
        yield _tried(f"mail ({', '.join(tell.mail.to)})", lambda: ways.send("mail", site, message))
    if tell.webhook:
        yield _tried("webhook", lambda: ways.send("webhook", site, message))
    if tell.ping:
        yield _tried("ping", lambda: ways.ping(site.secret("ping"), True))
    if tell.metrics:
        path = site.folder / tell.metrics
        yield _tried(f"metrics ({path})", lambda: measure(path, None))


def _tried(what: str, send: Callable[[], WikibridgeError | None]) -> tuple[str, WikibridgeError | None]:
    try:
        return what, send()
    except WikibridgeError as error:
        return what, error


def digest(site: Site, journal: Journal, language: str) -> Message:
    """What the next digest would say at present."""
    now = datetime.now(UTC)
    memory = Memory(journal.engine, name(site))
    begun = [told[DIGEST].time for way in site.settings.tell.ways if DIGEST in (told := memory.told(way))]
    since = min(begun, default=(now - _USUAL).isoformat(timespec="seconds"))
    latest = next(iter(journal.runs(1)), None)
    undone = latest[2]["failed"] if latest and latest[2] else []
    return texts.digest(happened(journal, site, now, undone, since), now, texts.setting(site, language, gethostname()))
