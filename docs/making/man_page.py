"""The manual page ``wikibridge.1``, made from the commands: https://man7.org/linux/man-pages/man7/man-pages.7.html"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

import commands

from wikibridge import __version__

FILES = (
    ("wikibridge.yml", "The settings. A folder that holds it is a site folder: commands work in it, or in that of --site."),
    ("participants.csv", "Sign-ups, kept by the secretariat."),
    ("jobs/, page_templates/, entries/", "What the site wants other than shipped."),
    ("password, token", "The secret of the account on the wiki; its owner alone may read it (mode 600)."),
    (".wikibridge/", "What is kept between runs. All but journal.db can be deleted: it is made again."),
)
ENVIRONMENT = (
    ("WIKIBRIDGE_SITE", "The site folder, in place of --site."),
    ("WIKIBRIDGE_PASSWORD, WIKIBRIDGE_TOKEN", "The secret of the account, in place of the file."),
    ("LC_ALL, LC_MESSAGES, LANG", "The language of messages (en, fr or pt), where the settings name none."),
)


def _text(words: str) -> str:
    """Words as roff shows them, letter by letter."""
    escaped = words.replace("\\", "\\e").replace("-", "\\-").replace("`", "\\(ga").replace("^", "\\(ha").replace("~", "\\(ti")
    return re.sub(r"^(?=[.'])", r"\\&", escaped)


def _bold(words: str) -> str:
    return f'.B "{_text(words).replace(chr(34), chr(34) * 2)}"'


def _listed(items: Iterable[tuple[str, str]]) -> Iterator[str]:
    for name, meaning in items:
        yield from (".TP", _bold(name), _text(meaning))


def _paragraphs(words: Iterable[str]) -> Iterator[str]:
    for number, paragraph in enumerate(words):
        yield from ([] if not number else [".PP"])
        yield _text(paragraph)


def page() -> str:
    """The source of the page."""
    whole = commands.program()
    lines = [
        f'.TH WIKIBRIDGE 1 "" "wikibridge {__version__}" "User Commands"',
        ".SH NAME", _text("wikibridge - participant pages, entries and summaries on a wiki"),
        ".SH SYNOPSIS", _bold(whole.usage), ".SH DESCRIPTION", *_paragraphs(whole.paragraphs),
        ".SH OPTIONS", *_listed((option.typed, option.does) for option in whole.options), ".SH COMMANDS",
    ]
    for command in commands.commands():
        lines += [f".SS {_text(command.name)}", _bold(command.usage), ".PP", *_paragraphs(command.paragraphs),
                  *_listed((option.typed, option.does) for option in command.options)]
    lines += [".SH FILES", *_listed(FILES), ".SH ENVIRONMENT", *_listed(ENVIRONMENT),
              ".SH EXIT STATUS", *_listed(commands.exit_codes())]
    return "\n".join(lines) + "\n"
