"""What tells one Tiki from another: its version, its settings and the machine it runs on."""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Profile:
    """How a server behaves; ``dataclasses.replace`` makes another one of it."""

    version: str
    api: bool = True
    """There is such a thing as an API (24 and later)."""
    enabled: bool = True
    """The preference auth_api_tokens is on."""

    # What the version does.
    count: bool = False
    """Lists give their total as "count", not as "cant"."""
    page_info: bool = False
    """A single page comes with all that is known of it, and only to those who may view it."""
    raw: bool = False
    """``raw=1`` gives a page's source."""
    patch: bool = False
    json_bodies: bool = False
    galleries: bool = False
    preview: bool = False
    strips_tags: bool = True
    """Of names, texts, comments and descriptions, whatever is between < and > is lost."""
    lock_right: bool = False
    """Locking needs the right to lock, not only to view."""
    boolean_minor: bool = False
    """``is_minor`` reaches the database as a truth value, which it takes only when lenient, or when true."""
    stumbles: bool = False
    """PHP 8 stumbles over 24.1: a new tracker without ``orderAttachments`` is an empty 500, and so on."""
    typed_version: bool = True
    """/version says that it is JSON."""

    # How the site is set up.
    language: str = "en"
    """Of all messages: en, fr, pt or de."""
    rewrite: bool = True
    """The web server knows the addresses /api/... and /Page."""
    decodes_twice: bool = False
    """The web server decodes the path before Tiki does (Apache may): a "%" in a path needs to be encoded twice."""
    drops_authorization: bool = False
    """The web server keeps the header from PHP, so that everybody is anonymous."""
    wiki: bool = True
    trackers: bool = True
    categories: bool = True
    locks: bool = True
    page_comments: bool = False
    """Each page says whether it may be commented."""
    wiki_export: bool = False
    closed: bool = False
    """An administrator closed the site."""
    warn_on_edit: bool = True
    """Whoever opens the form keeps others out of it for a while."""
    category_jail: bool = False
    """Once a category exists, lists show only what is in one (24.1 on PHP 8, unless a preference is set)."""

    # How the machine is set up.
    strict_sql: bool = False
    """The database refuses what does not fit a column; a lenient one cuts or converts it."""
    loses_history: bool = True
    """Two saves at the same time take one version number, and one of the texts is nowhere to be found."""
    text_numbers: bool = False
    """Numbers arrive as text."""
    overwrites: bool = False
    """Creating a page that exists overwrites it without a word."""
    noise: bool = False
    """PHP's warnings are shown, before the JSON."""
    html_errors: bool = False
    """Whatever the database refuses is told as a web page with status 500."""


_NEW = Profile("29.1", count=True, page_info=True, raw=True, patch=True, json_bodies=True, galleries=True, strips_tags=False,
               lock_right=True)

PROFILES = {
    "24.1": Profile("24.1", boolean_minor=True, strict_sql=True, stumbles=True, category_jail=True, typed_version=False),
    "mid": Profile("27.0", page_info=True, galleries=True, preview=True),
    "new": _NEW,
    "off": replace(_NEW, enabled=False),
    "23": Profile("23.1", api=False),
}
"""The first version with an API, as its defaults are on PHP 8 and MariaDB; one between; the newest known; and two without."""
