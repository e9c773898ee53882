"""What MkDocs is given beside the files of this folder: the reference, and the editors' guide as it is written on wikis.

https://www.mkdocs.org/user-guide/configuration/#hooks
"""

from __future__ import annotations

import re

import reference
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

from wikibridge.i18n import LANGUAGES, message
from wikibridge.pages.render import Markup, Templates
from wikibridge.resources import shipped


def _guide(language: str) -> str:
    """The guide for editors, in Markdown, for wikis of both kinds."""
    text = Templates((shipped("page_templates"),), str).render(f"guide/{language}.md", {
        "where": "docs", "help": Markup("../typing.md"), "stop": Markup("`User:Secretariat/Stop`"), "least": 3})
    title = message("guide-title", language).partition(":")[2]
    return f"# {title}\n\n{text}"


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages that are made."""
    made = {address: make() for address, make in reference.PAGES.items()}
    made |= {f"{language}/editors.md": _guide(language) for language in LANGUAGES}
    for address, text in made.items():
        files.append(File.generated(config, address, content=text))
    return files


def on_post_page(output: str, page: Page, config: MkDocsConfig) -> str:
    """Say in which language a page is, to programs that read it aloud."""
    folder = page.file.src_uri.partition("/")[0]
    return re.sub('<html lang="[^"]*"', f'<html lang="{folder}"', output, count=1) if folder in LANGUAGES else output
