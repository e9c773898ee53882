"""The messages, made of facts. Pure. No text of a page is in them but titles, and nothing private."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from wikibridge.entries.read import hide
from wikibridge.errors import Sentence
from wikibridge.i18n import message
from wikibridge.mirror.told import Trouble
from wikibridge.site import Site
from wikibridge.summaries.text import number_text, time_text
from wikibridge.telling.causes import Fault

MOST = 15
"""Lines of a kind in a message; the rest is counted."""
_LONG = 600
"""Characters of a sentence: some hold what a server said."""
_WITHHELD = {"stopped-by-page": "tell-stopped-by-page"}
"""Sentences with more of a page in them than its title, and those that say the same without."""


@dataclass(frozen=True, slots=True)
class Message:
    """A message: what about (``failed``, ``again``, ``digest``, ``test``), its subject, its text, and facts for programs."""

    event: str
    subject: str
    text: str
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Setting:
    """Of which site is told, in which language and time zone, from which machine."""

    wiki: str
    folder: Path
    machine: str
    language: str
    zone: str

    def say(self, key: str, *params: object) -> str:
        """A message in the language."""
        return message(key, self.language, *params)

    def when(self, time: str | datetime) -> str:
        """A time in words."""
        return time_text(datetime.fromisoformat(time) if isinstance(time, str) else time, self.language, self.zone)

    def number(self, value: int) -> str:
        """A number as the language writes it."""
        return number_text(value, self.language)


def setting(site: Site, language: str, machine: str) -> Setting:
    """What the messages of a site have in common."""
    wiki = site.settings.wiki
    return Setting(urlsplit(wiki.address).hostname or site.folder.name, site.folder, machine, language, site.settings.time_zone)


def plain(sentence: str, language: str) -> str:
    """A sentence on one line, without what is nobody's business."""
    if isinstance(sentence, Sentence) and sentence.key in _WITHHELD:
        sentence = message(_WITHHELD[sentence.key], language, *sentence.params[:1])
    words = hide(" ".join(sentence.split()))
    return words if len(words) <= _LONG else words[:_LONG] + "…"


def listed(lines: Iterable[str], of: Setting) -> list[str]:
    """Lines of a list; of a long one the beginning, and how many more there are."""
    every = [f"- {plain(line, of.language)}" for line in lines]
    rest = len(every) - MOST
    return [*every[:MOST], f"- {of.say('status-more', of.number(rest))}"] if rest > 1 else every


def _where(of: Setting, *commands: str) -> list[str]:
    folder = shlex.quote(str(of.folder))
    return [of.say("tell-where", of.machine), *(f"    wikibridge --site {folder} {command}" for command in commands)]


def failed(
    faults: Sequence[Fault], others: int, troubles: Mapping[str, Trouble], exit_code: int, now: datetime, of: Setting,
) -> Message:
    """That a run failed, or left something undone: why, since when, what to do. ``others`` are causes told before."""
    part = exit_code == 3
    lines = []
    for fault in faults:
        trouble = troubles[fault.cause]
        lines.append(plain(fault.sentence, of.language) + (
            f" {of.say('tell-since', of.when(trouble.since), of.number(trouble.runs))}" if trouble.runs > 1 else ""))
    shown = listed(lines, of)
    if others:
        shown.append(f"- {of.say('tell-others', of.number(others))}")
    text = [of.say("tell-part" if part else "tell-failed", of.wiki, of.when(now)), "", *shown, "",
            *_where(of, "log", "doctor"), "", of.say("tell-once")]
    facts = {"exit_code": exit_code, "causes": [
        {"text": plain(fault.sentence, of.language), "since": troubles[fault.cause].since, "runs": troubles[fault.cause].runs}
        for fault in faults[:MOST]]}
    return Message("failed", of.say("tell-subject-part" if part else "tell-subject-failed", of.wiki), "\n".join(text), facts)


def again(since: str, now: datetime, of: Setting) -> Message:
    """That all is well again after what was told."""
    text = of.say("tell-again", of.wiki, of.when(now), of.when(since))
    return Message("again", of.say("tell-subject-again", of.wiki), text, {"since": since})


def test(of: Setting) -> Message:
    """That messages arrive."""
    return Message("test", of.say("tell-subject-test", of.wiki), of.say("tell-test", of.wiki, of.machine))


@dataclass(frozen=True, slots=True)
class Happened:
    """What happened since a time: runs, and how many of them failed; pages created and changed, files uploaded; new entries.

    ``problems`` are details on the pages that cannot be read at present. ``undone`` and ``refused`` wait for a person: what could
    not be written, what was left alone.
    """

    since: str
    runs: int
    failed: int
    created: int
    changed: int
    uploaded: int
    entries: int
    problems: int
    undone: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()


def digest(found: Happened, now: datetime, of: Setting) -> Message:
    """What happened since the last digest."""
    names = ("runs", "failed", "created", "changed", "uploaded", "entries", "problems")
    figures = {name: int(getattr(found, name)) for name in names}
    rows = [of.say(f"tell-digest-{name}", of.number(value)) for name, value in figures.items()
            if value or name not in ("failed", "uploaded")]
    waits = listed([*found.undone, *found.refused], of)
    text = [of.say("tell-digest", of.wiki, of.when(found.since), of.when(now)), "", *(f"- {row}" for row in rows), "",
            *([of.say("tell-digest-waits"), "", *waits, ""] if waits else [of.say("tell-digest-nothing"), ""]),
            *_where(of, "status", "log")]
    subject = of.say("tell-subject-digest", of.wiki, of.number(found.created + found.changed), of.number(found.entries))
    return Message("digest", subject, "\n".join(text), {
        "since": found.since, **figures, "waits": [plain(each, of.language) for each in (*found.undone, *found.refused)][:MOST]})
