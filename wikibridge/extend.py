"""What a package needs that brings a kind of job or a door to another kind of wiki. Stable: docs/versions.md says how.

A kind of job is a subclass of ``SiteJob``, named by an entry point of the group ``wikibridge.jobs``; a door is a function of a
``Door`` that gives a ``Wiki``, named by one of ``wikibridge.wikis``. docs/extending.md shows both.
"""

from __future__ import annotations

from wikibridge.entries.types import Schema
from wikibridge.jobs.base import Context, JobOptions, LocalFiles, SiteJob
from wikibridge.mirror.store import Mirror
from wikibridge.model import (
    Changes,
    Contribution,
    Edit,
    Entry,
    Head,
    Page,
    Problem,
    Saved,
    Selection,
    WantedPage,
    WikiInfo,
)
from wikibridge.wikis.base import Door, Guarantees, Wiki, normal, normal_title

__all__ = [
    "Changes", "Context", "Contribution", "Door", "Edit", "Entry", "Guarantees", "Head", "JobOptions", "LocalFiles", "Mirror",
    "Page", "Problem", "Saved", "Schema", "Selection", "SiteJob", "WantedPage", "Wiki", "WikiInfo", "normal", "normal_title",
]
