"""What to paste into a Tiki by hand, as a web page and as a text to tick off. Pure; no script; user text is text."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote, urljoin, urlsplit

from jinja2 import Environment, PackageLoader

from wikibridge.i18n import message
from wikibridge.report.plan import visible
from wikibridge.summaries.text import time_text

MARK = ".checklist.json"
"""The file by which a folder with a checklist is known; it lists the others."""
PAGE, TEXT = "checklist.html", "checklist.txt"


@dataclass(frozen=True, slots=True)
class Paste:
    """A page to paste: its name on the Tiki, its whole text, the edit summary, whether it is new there.

    ``modified``, ``version`` and ``author`` say from which version the text was computed (None, 0 and empty: not known);
    ``forbidden`` are the characters of a new page's name with which a browser cannot create it.
    """

    name: str
    text: str
    summary: str
    new: bool
    modified: datetime | None = None
    version: int = 0
    author: str = ""
    forbidden: str = ""


@dataclass(frozen=True, slots=True)
class _Shown:
    """A page as the checklist shows it: everything in words."""

    number: int
    title: str
    what: str
    new: bool
    file: str
    address: str
    base: str
    steps: tuple[str, ...]
    summary: str
    warning: str
    text: str


def files(pastes: Sequence[Paste], address: str, language: str, zone: str) -> dict[str, str]:
    """The files of a checklist by name: the texts in the order of pasting, the page and the text to tick off.

    ``address`` is that of any page of the Tiki, or empty; times are told in ``zone``.
    """
    shown = [_shown(number, paste, len(pastes), address, language, zone) for number, paste in enumerate(pastes, 1)]

    def say(key: str, *params: object) -> str:
        return message(key, language, *params)

    shelf = Environment(loader=PackageLoader("wikibridge", "report"), autoescape=True, trim_blocks=True, lstrip_blocks=True)
    html = shelf.get_template("checklist.html").render(pages=shown, language=language, say=say)
    return {each.file: each.text + "\n" for each in shown} | {PAGE: html, TEXT: _text(shown, language)}


def file_name(number: int, count: int, title: str) -> str:
    """The name of the file for a page: plain letters of ASCII, so that any disk, mail and archive takes it."""
    bare = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode()
    words = re.sub(r"[^A-Za-z0-9]+", "-", bare)[:60].strip("-")
    return f"{number:0{max(3, len(str(count)))}}{words and '-'}{words}.txt"


def edit_address(address: str, name: str) -> str:
    """The address of the form in which a page of a Tiki is edited; empty without an address of the web."""
    try:
        if urlsplit(address).scheme not in ("http", "https") or not urlsplit(address).hostname:
            return ""
    except ValueError:
        return ""
    return urljoin(address, f"tiki-editpage.php?page={quote(name, safe='', errors='replace')}")


def _shown(number: int, paste: Paste, count: int, address: str, language: str, zone: str) -> _Shown:
    file = file_name(number, count, paste.name)
    form = edit_address(address, paste.name)
    base = ""
    if not paste.new:
        when = time_text(paste.modified, language, zone) if paste.modified else ""
        base = (message("paste-base-version", language, paste.version, when, visible(paste.author)) if when and paste.version
                else message("paste-base-time", language, when) if when else message("paste-base-none", language))
    opened = "paste-open-new" if paste.new else "paste-open"
    steps = (message(opened, language), message("paste-text", language, file), message("paste-save", language))
    warning = message("paste-forbidden", language, " ".join(paste.forbidden)) if paste.forbidden else ""
    what = message("paste-new" if paste.new else "paste-changed", language)
    return _Shown(
        number, visible(paste.name), what, paste.new, file, form, base, steps, visible(paste.summary), warning, paste.text)


def _text(shown: Sequence[_Shown], language: str) -> str:
    """The checklist as plain text."""
    def say(key: str, *params: object) -> str:
        return message(key, language, *params)

    lines = [say("paste-title"), "=" * len(say("paste-title")), "", say("paste-count", len(shown)), say("paste-hint"), ""]
    for each in shown:
        lines += [f"[ ] {each.number}. {each.title} ({each.what})", f"    {each.file}"]
        lines += [f"    {line}" for line in (each.address, each.base, each.warning) if line]
        steps = (each.steps[0], say("paste-text-file", each.file), each.steps[2])
        lines += [f"    {number}. {step}" for number, step in enumerate(steps, 1)]
        lines += [f"       {each.summary}", ""]
    lines.append(say("paste-then" if shown else "paste-nothing"))
    return "\n".join(lines) + "\n"
