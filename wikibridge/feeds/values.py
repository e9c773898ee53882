"""A feed and what it tells of. Texts are as people typed them: whoever writes them escapes them."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class Said:
    """What an entry says in a field: the field's label, and the text. ``typed`` are somebody's own words, not a label of ours."""

    label: str
    text: str
    typed: bool = False


@dataclass(frozen=True, slots=True)
class Item:
    """One piece of news: an entry, or a session of a meeting.

    ``id`` stays the same whatever becomes of title, page and text. ``page`` is the title of the page that it stands on, ``link``
    the web address of that (empty where there is none), ``author`` the participant (empty: nobody is named). ``published`` is
    when it was first there, ``updated`` since when it says what it says. ``day`` is the one by which people know it. ``themes``
    are terms with their labels. ``language`` is that of what was typed, where it is known.
    """

    id: str
    title: str
    page: str
    link: str
    author: str
    published: datetime
    updated: datetime
    day: date
    themes: tuple[tuple[str, str], ...] = ()
    said: tuple[Said, ...] = ()
    language: str = ""


@dataclass(frozen=True, slots=True)
class Feed:
    """News in a language. ``home`` is the address of a page about them, ``address`` that of the feed; both may be empty."""

    id: str
    title: str
    language: str
    author: str
    items: tuple[Item, ...]
    home: str = ""
    address: str = ""


def identity(wiki: str, *parts: object) -> str:
    """The name of something in all feeds of the world: the same for the same wiki and parts.

    https://www.rfc-editor.org/rfc/rfc4122#section-4.3
    """
    return uuid.uuid5(uuid.NAMESPACE_URL, f"{wiki}#{'/'.join(map(str, parts))}").urn
