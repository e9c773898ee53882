"""What editors need on the wiki: help, and what shows entries as boxes, made of what the wiki has for it.

Everything is made from the entry types, so that a field is named in one place.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

from wikibridge.i18n import message
from wikibridge.jobs import boxes, profile
from wikibridge.jobs.base import Context
from wikibridge.jobs.guide import guide_page
from wikibridge.mirror.store import Mirror
from wikibridge.model import Selection, WantedPage

REGION = "page"


def help_page(context: Context, language: str) -> str:
    """How to write entries: every type with its fields, their meaning, examples and the words that are understood."""
    dialect, tiki = context.dialect, context.dialect.NAME == "tiki"
    guide = dialect.link(message("guide-title", language), message("help-guide", language))
    lines = [message("help-intro-tiki" if tiki else "help-intro", language), "", guide]
    columns = tuple(message(f"help-column-{column}", language) for column in ("field", "meaning", "example"))
    for kind in context.schema.types.values():
        title = f": {kind.fields[0].example[language]}" if kind.fields[0].name == "title" else ""
        rows, listed = [], [dialect.heading(f"{kind.names[language][0]}{title}", 2)]
        for field in kind.fields:
            words = field.help[language]
            if field.vocabulary and (terms := context.schema.vocabularies[field.vocabulary]):
                words += " " + message("help-words", language, ", ".join(
                    context.schema.label(field.vocabulary, term, language) for term in terms))
            rows.append(tuple(map(dialect.escape, (field.names[language][0], words, field.example[language]))))
            if field.name != "title":
                listed.append(f"* {field.names[language][0].capitalize()}: {field.example[language]}")
        call = dialect.call(kind.names[language][0], {field.names[language][0]: field.example[language] for field in kind.fields})
        first, second = ("\n".join(listed), call) if tiki else (call, "\n".join(listed))
        lines += ["", dialect.heading(kind.label[language], 2), "", dialect.scrolled(dialect.table(columns, tuple(rows))), "",
                  message("help-example", language), "", dialect.code(first), "",
                  message("help-plugins" if tiki else "help-lists", language), "", dialect.code(second)]
    return "\n".join(lines)


class Install:
    """The pages on the wiki's side, as a job of its own (``wikibridge install``)."""

    name = "install"

    def _pages(self, context: Context, tags: frozenset[str]) -> Mapping[str, tuple[str, Callable[[], str]]]:
        """The language of each page and what makes its text: every run asks for the titles, hardly any for the texts."""
        languages = context.site.settings.languages
        made = profile.pages(context) if context.dialect.NAME == "tiki" else boxes.pages(context, tags)
        # Guide and help link to each other. Pages made within one second keep such links red on a MediaWiki: one first, one last.
        return ({message("guide-title", each): (each, partial(guide_page, context, each)) for each in languages} | made
                | {message("help-title", each): (each, partial(help_page, context, each)) for each in languages})

    def selection(self, context: Context) -> Selection:
        """The titles of all these pages."""
        return Selection(titles=frozenset(self._pages(context, frozenset())))

    def files(self, context: Context) -> tuple[Path, ...]:
        """None."""
        return ()

    def wanted(self, context: Context, mirror: Mirror) -> list[WantedPage]:
        """All these pages; each is one managed region, so that a page that somebody changed is left alone."""
        if context.dialect.NAME == "tiki":
            context.note("profile-steps", profile.TITLE)
        texts = {title: (language, make()) for title, (language, make) in self._pages(context, context.info().tags).items()}
        return [WantedPage(title, context.region(REGION, text), self.name, message("edit-install", language), {REGION: text})
                for title, (language, text) in texts.items()]
