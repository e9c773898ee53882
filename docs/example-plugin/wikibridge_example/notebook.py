"""A door to a toy: a wiki in one JSON file. All that a door must do is in it, in the simplest way.

    # wikibridge.yml
    wiki:
      kind: notebook
      options: {file: notebook.json}
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from wikibridge.errors import EditConflict, PageExists, PageMissing, SettingsError, WikibridgeError
from wikibridge.extend import (
    Changes,
    Contribution,
    Door,
    Edit,
    Guarantees,
    Head,
    Page,
    Saved,
    Selection,
    WikiInfo,
    normal,
    normal_title,
)


def open_notebook(door: Door) -> Notebook:
    """The door, as the settings say. What they lack is told with the place, as everywhere in wikibridge."""
    if not isinstance(door.options.get("file"), str):
        raise SettingsError("settings-missing", "wikibridge.yml", 1, "wiki.options.file")
    return Notebook(door.folder / door.options["file"], door.account)


class Notebook:
    """A list of revisions in a file, each with all of its text. Pages are neither renamed nor deleted in it."""

    guarantees = Guarantees()
    unreadable: tuple[WikibridgeError, ...] = ()

    def __init__(self, path: Path, account: str) -> None:
        self.path, self.account, self.requests = path, account, 0

    @property
    def identity(self) -> str:
        """The file: page ids of another one mean other pages."""
        return f"notebook {self.path}"

    def _revisions(self) -> list[dict[str, Any]]:
        self.requests += 1
        found: list[dict[str, Any]] = json.loads(self.path.read_text(encoding="utf-8")) if self.path.exists() else []
        return found

    @staticmethod
    def _page(row: dict[str, Any]) -> Page:
        return Page(row["page"], row["title"], row["revision"], row["text"], datetime.fromisoformat(row["time"]), row["editor"])

    def _pages(self) -> dict[int, Page]:
        """The latest revision of each page."""
        return {row["page"]: self._page(row) for row in self._revisions()}

    def info(self) -> WikiInfo:
        """Who we are, and how pages are written."""
        return WikiInfo("Notebook", "1", self.account, "mediawiki")

    def title(self, text: str) -> str:
        """As MediaWiki writes titles."""
        return normal_title(text)

    def changes(self, since: str | None, selection: Selection) -> Changes:
        """The cursor is the number of the latest revision."""
        pages = self._pages().values()
        touched = [page for page in pages if page.revision > int(since or 0) and selection.holds(page.title, page.id)]
        return Changes(tuple(Head(page.id, page.title, page.revision) for page in touched), frozenset(),
                       str(max((page.revision for page in pages), default=0)), since is not None, tuple(touched))

    def list(self, selection: Selection) -> Iterator[Head]:
        """Selected pages without their texts."""
        for page in self._pages().values():
            if selection.holds(page.title, page.id):
                yield Head(page.id, page.title, page.revision)

    def read(self, ids: Iterable[int] = (), titles: Iterable[str] = ()) -> Iterator[Page]:
        """Pages with their texts."""
        wanted_ids, wanted_titles = set(ids), set(map(normal_title, titles))
        return (page for page in self._pages().values() if page.id in wanted_ids or page.title in wanted_titles)

    def redirects(self, titles: Sequence[str]) -> dict[str, str]:
        """There are none."""
        return {}

    def revisions(self, ids: Iterable[int]) -> Iterator[Page]:
        """Pages as they stood then."""
        wanted = set(ids)
        return (self._page(row) for row in self._revisions() if row["revision"] in wanted)

    def contributions(self, since: datetime) -> Iterator[Contribution]:
        """Our own edits, by which a run that was cut off finds out what was saved."""
        before: dict[int, int] = {}
        ours = []
        for row in self._revisions():
            if row["editor"] == self.account and datetime.fromisoformat(row["time"]) >= since:
                ours.append(Contribution(row["page"], row["title"], row["revision"], before.get(row["page"], 0), row["summary"]))
            before[row["page"]] = row["revision"]
        return reversed(ours)

    def removed(self, title: str, since: datetime) -> bool:
        """Nothing ever is."""
        return False

    def diff_address(self, revision: int) -> str:
        """No browser shows it."""
        return ""

    def write(self, edit: Edit) -> Saved:
        """Create a page, or change the very revision that the edit was computed from."""
        rows = self._revisions()
        title, now = normal_title(edit.title), datetime.now(UTC)
        latest = {row["page"]: row for row in rows}
        by_title = {row["title"]: row for row in latest.values()}
        parent = 0
        if edit.base is None:
            if title in by_title:
                raise PageExists("page-exists", title)
            page = len(latest) + 1
        else:
            page = edit.base.id
            if page not in latest:
                raise PageMissing("page-missing", title)
            if latest[page]["revision"] != edit.base.revision:
                raise EditConflict("edit-conflict", title)
            title, parent = latest[page]["title"], edit.base.revision
        revision = len(rows) + 1
        rows.append({"page": page, "title": title, "revision": revision, "text": normal(edit.text), "time": now.isoformat(),
                     "editor": self.account, "summary": edit.summary})
        draft = self.path.with_suffix(".new")
        draft.write_text(json.dumps(rows, ensure_ascii=False, indent=1), encoding="utf-8")
        os.replace(draft, self.path)
        return Saved(Head(page, title, revision), now, parent=parent)

    def close(self) -> None:
        """No file stays open."""
