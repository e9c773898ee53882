"""A request of the API, what it may ask of the server, and what it can be answered."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from wikibridge.demo.tiki.messages import say
from wikibridge.demo.tiki.pages import Pages
from wikibridge.demo.tiki.people import People
from wikibridge.demo.tiki.php import Param, Params, number, without_tags
from wikibridge.demo.tiki.profile import Profile

JSON = "application/json"
HTML = "text/html; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Request:
    """What a client sent. ``route`` is what the API is asked for, None for the pages of the site."""

    method: str
    path: str
    """Decoded once, as web servers do."""
    query: Params
    form: Params
    headers: Mapping[str, str]
    """Names in small letters."""
    route: str | None = None
    files: Mapping[str, tuple[str, str, bytes]] = field(default_factory=dict)
    """Uploaded files: name, type and contents."""
    number: int = 0
    """Of this request, from 1."""

    def __str__(self) -> str:
        return f"{self.method} {self.path if self.route is None else self.route}"


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes back."""

    status: int
    body: bytes
    kind: str = JSON
    headers: Mapping[str, str] = field(default_factory=dict)


class Refusal(Exception):
    """An exception of Tiki: code 0 is one that has none, which arrives as 403."""

    def __init__(self, code: int, message: str, **more: object) -> None:
        super().__init__(message)
        self.code, self.message, self.more = code, message, more


class Broken(Exception):
    """PHP ended half-way: 500 and nothing else; with a message a web page that says it, and that all is well (200)."""


Between = Callable[[str], None]
"""Told of each point of a save at which others can come between."""


class World(Protocol):
    """All that the server holds, and what its parts need of each other."""

    profile: Profile
    lock: threading.RLock
    people: People
    pages: Pages


@dataclass(slots=True)
class Call:
    """A request of the API on its way: its parameters after the filters, its user."""

    request: Request
    user: str
    language: str
    strips: bool
    may: Callable[..., bool]
    between: Between
    params: Params = field(default_factory=dict)

    def param(self, name: str) -> Param | None:
        """A parameter as it came through the first filter."""
        return self.params.get(name)

    def raw(self, name: str) -> str | None:
        """A text that no tags are taken from; None where there is none."""
        value = self.param(name)
        return value if isinstance(value, str) else None

    def text(self, name: str) -> str | None:
        """A text without tags, where this version takes them; None where the request names none."""
        value = self.param(name)
        if isinstance(value, dict):
            raise Broken("")
        return value if value is None or not self.strips else without_tags(value)

    def number(self, name: str, default: int = 0) -> int:
        """A number; 0 where it is none, ``default`` where the request names none."""
        return number(self.param(name), default)

    def texts(self, name: str) -> list[str]:
        """The values of an array, or of a single text, as names are filtered."""
        value = self.param(name)
        values = list(value.values()) if isinstance(value, dict) else [] if value is None else [value]
        return [without_tags(each) if self.strips else each for each in values if isinstance(each, str)]

    def array(self, name: str) -> Params:
        """The values of a map; nothing where the request names none."""
        value = self.param(name)
        return value if isinstance(value, dict) else {}

    def need(self, right: str, kind: str = "", name: str = "", message: str = "denied") -> None:
        """Raises Refusal when the user has not this right."""
        if not self.may(self.user, right, kind, name):
            raise Refusal(403, self.say(message))

    def say(self, key: str, *params: object) -> str:
        """A message in the language of the site."""
        return say(key, self.language, *params)


@dataclass(slots=True)
class Feedback:
    """What a bulk action says: groups of messages, or nothing, which is false."""

    call: Call
    said: list[dict[str, object]] = field(default_factory=list)
    links: list[dict[str, object]] = field(default_factory=list)

    def add(self, kind: str, key: str, *params: object, items: list[str] | None = None) -> None:
        """One message; ``kind`` is success, error or note."""
        entry: dict[str, object] = {"type": "feedback" if kind == "success" else kind, "icon": kind,
                                    "title": self.call.say(kind), "mes": [self.call.say(key, *params)]}
        if items is not None:
            entry["items"] = items
        self.said.append(entry)

    def link(self, key: str, page: str) -> None:
        """A note that names another page."""
        self.links.append({"type": "note", "icon": "information", "title": self.call.say("note"), "mes": [self.call.say(key)],
                           "items": page})

    def answer(self) -> dict[str, object]:
        """The answer of the action."""
        said = {key: group for key, group in (("action", self.said), ("link", self.links)) if group}
        return {"feedback": said or False}


_HALF = re.compile(r"(?<!\\ud[89ab][0-9a-f]{2})\\udced")
"""Half a character, as JSON writes it: not behind the other half."""


def as_text(value: object) -> object:
    """The value with all its numbers as text."""
    if isinstance(value, dict):
        return {key: each if key == "code" else as_text(each) for key, each in value.items()}
    if isinstance(value, list):
        return [as_text(each) for each in value]
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else value


def encoded(value: object, profile: Profile) -> bytes:
    """JSON as PHP writes it, with what this profile does to it."""
    text = json.dumps(as_text(value) if profile.text_numbers else value, separators=(",", ":")).replace("/", "\\/")
    if _HALF.search(text):
        raise Refusal(0, "json_encode - Malformed UTF-8 characters, possibly incorrectly encoded")
    noise = "<br />\n<b>Warning</b>:  Undefined array key &quot;{0}&quot; in <b>index.php</b> on line <b>1</b><br />\n"
    return (noise * profile.noise + text).encode()
