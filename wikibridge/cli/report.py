"""``wikibridge report``: the page into a file."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

from wikibridge.errors import SettingsError
from wikibridge.jobs.runner import Session
from wikibridge.report.choices import page
from wikibridge.report.shell import Source
from wikibridge.summaries.period import Span
from wikibridge.wikis.tiki import TikiWiki


def source(session: Session) -> Source:
    """The wiki by its name, with the addresses of its pages where it has any."""
    address = session.site.settings.wiki.address
    if not address.casefold().startswith(("https://", "http://")):
        return Source(session.site.folder.name)
    if isinstance(session.wiki, TikiWiki):
        return Source(session.wiki.info().name, session.wiki.page_address(""), session.wiki.page_address)
    index = f"{address.removesuffix('api.php')}index.php"

    def page_address(title: str) -> str:
        return f"{index}?title={quote(title.replace(' ', '_'), safe='/:', errors='replace')}"

    return Source(session.wiki.info().name, index, page_address)


def write(path: Path, session: Session, language: str, span: Span) -> None:
    """Write the report on the mirror as it stands. Raises SettingsError when the file cannot be written."""
    settings = session.site.settings
    text = page(session.mirror, session.schema, language, source=source(session), span=span, zone=settings.time_zone,
                min_group=settings.min_group)
    try:
        path.write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        raise SettingsError("file-unwritable", path, error.strerror or "?") from error
