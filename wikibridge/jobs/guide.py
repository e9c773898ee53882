"""The guide for those who write on the wiki: one text a language (page_templates/guide), for wiki and documentation."""

from __future__ import annotations

from wikibridge.i18n import message
from wikibridge.jobs.base import Context
from wikibridge.pages.prose import literal, painted
from wikibridge.pages.render import Markup


def link(title: str) -> Markup:
    """A page of the wiki as a link, in Markdown. No title has an angle bracket."""
    return Markup(f"[{literal(title)}](<{title}>)")


def guide_page(context: Context, language: str) -> str:
    """The guide as a page of the site's wiki. What is said depends on the kind of wiki (``where``)."""
    stop = context.title(context.site.stop_page)
    text = context.templates.render(f"guide/{language}.md", {
        "where": context.dialect.NAME, "help": Markup(f"<{message('help-title', language)}>"), "stop": link(stop),
        "least": context.site.settings.min_group})
    return painted(text, context.dialect)
