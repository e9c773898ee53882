"""What is held about one person, as a web page to read. Pure; no script; what people typed is text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jinja2 import Environment, PackageLoader

from wikibridge.i18n import message
from wikibridge.report.plan import visible

PARTS = ("sign_ups", "entries", "problems", "pages", "kept_texts", "items", "writes", "places")
"""The kinds of what is held, in the order in which they are told."""
HEADINGS = {
    "sign_ups": "about-sign-ups", "entries": "about-entries", "problems": "about-problems", "pages": "about-pages",
    "kept_texts": "about-kept", "items": "about-items", "writes": "about-writes", "places": "about-places"}


def html(data: Mapping[str, Any], language: str) -> str:
    """The page for what ``jobs/about.py`` found."""
    def say(key: str, *params: object) -> str:
        return message(key, language, *params)

    shelf = Environment(loader=PackageLoader("wikibridge", "report"), autoescape=True, trim_blocks=True, lstrip_blocks=True)
    shelf.filters["visible"] = lambda value: visible(str(value))
    headings = {part: say(HEADINGS[part]) for part in PARTS}
    return shelf.get_template("about.html").render(data=data, parts=PARTS, headings=headings, language=language, say=say)
