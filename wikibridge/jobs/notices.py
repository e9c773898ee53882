"""Notices on the pages of participants: a region of ours on top, and the word by which somebody declines them."""

from __future__ import annotations

import hashlib
import re
from functools import cache

from wikibridge.entries.spelling import fold
from wikibridge.i18n import LANGUAGES, message
from wikibridge.markup import regions
from wikibridge.markup.parts import Dialect


def region_name(kind: str, job: str) -> str:
    """What the notices of a job are called on pages: those of another such job are none of its business."""
    plain = re.sub(r"[^a-zA-Z0-9-]+", "-", job)
    # What a marker cannot hold would make two names one.
    return f"{kind}-{plain}" if plain == job else f"{kind}-{plain}-{hashlib.sha256(job.encode()).hexdigest()[:8]}"


@cache
def _words() -> re.Pattern[str]:
    """The words by which somebody declines, in any of the languages, folded: blanks between them and an s at their end or not."""
    said = (" ?".join(re.escape(word) for word in fold(message("reminder-word", language)).removesuffix("s").split(" "))
            for language in LANGUAGES)
    return re.compile(rf"(?:^| )(?:{'|'.join(said)})s?(?: |$)")


def declined(text: str, dialect: Dialect) -> bool:
    """Whether somebody wrote on a page that no reminder is wanted: where readers see it, and not in a notice of ours."""
    text = regions.without(text, dialect)
    for note in sorted(dialect.scan(text).comments, reverse=True):
        text = f"{text[: note.start]} {text[note.end :]}"
    return _words().search(fold(text)) is not None
