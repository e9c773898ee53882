"""``wikibridge report``: the page into a file."""

from __future__ import annotations

from pathlib import Path

from wikibridge.errors import SettingsError
from wikibridge.jobs.runner import Session
from wikibridge.report.choices import page
from wikibridge.report.shell import Source
from wikibridge.summaries.period import Span


def source(session: Session) -> Source:
    """The wiki by its name, with the addresses of its pages where it has any."""
    address = session.context.address
    return Source(session.wiki.info().name, address(""), address) if address("") else Source(session.site.folder.name)


def write(path: Path, session: Session, language: str, span: Span) -> None:
    """Write the report on the mirror as it stands. Raises SettingsError when the file cannot be written."""
    settings = session.site.settings
    text = page(session.mirror, session.schema, language, source=source(session), span=span, zone=settings.time_zone,
                min_group=settings.min_group)
    try:
        path.write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        raise SettingsError("file-unwritable", path, error.strerror or "?") from error
