"""Runs on a wiki whose door says that it cannot promise all: no history to read, and pages that must be left alone for a while."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.places import Place, make_corner
from wikibridge import Session
from wikibridge.errors import PageBusy
from wikibridge.jobs.result import Result
from wikibridge.model import Edit, Page, Saved
from wikibridge.wikis.base import Guarantees
from wikibridge.wikis.folder import FolderWiki


class Weaker(FolderWiki):
    """A wiki that does not give past revisions. ``busy`` are titles of pages that somebody is editing."""

    busy: frozenset[str] = frozenset()
    over = 0

    @property
    def guarantees(self) -> Guarantees:
        return replace(super().guarantees, history=False, atomic=False)

    def revisions(self, ids: Iterable[int]) -> Iterator[Page]:
        return iter(())

    def write(self, edit: Edit) -> Saved:
        if edit.title in self.busy:
            raise PageBusy("page-busy", edit.title, 7)
        return replace(super().write(edit), overwrote=self.over)


@pytest.fixture
def corner(tmp_path: Path) -> Place:
    site = make_corner(tmp_path / "site", "kind: folder", "Corner/")
    return Place(site, FolderWiki(site.folder / "wiki", user="citizen"), "Corner/")


def run(place: Place, busy: Iterable[str] = (), undo: int = 0, over: int = 0) -> Result:
    wiki = Weaker(place.site.folder / "wiki")
    wiki.busy, wiki.over = frozenset(busy), over
    with Session(place.site, wiki=wiki) as session:
        return session.undo(undo) if undo else session.run()


def test_a_page_that_somebody_edits_waits_for_the_next_run_without_a_failure(corner: Place) -> None:
    title = corner.summary()
    first = run(corner, [title])
    assert first.exit_code == 0 and not first.failed and "7" in first.waiting[0] and title in first.waiting[0]
    assert not list(corner.citizen.read(titles=[title]))
    second = run(corner, [title])
    assert second.waiting == first.waiting
    third = run(corner)
    assert third.created == 1 and not third.waiting and list(corner.citizen.read(titles=[title]))


def test_a_replaced_edit_is_told_as_not_well(corner: Place) -> None:
    result = run(corner, over=3)
    assert result.exit_code == 3 and any("3" in line and "history" in line for line in result.failed)
    # What was written was written.
    assert run(corner).changed == run(corner).created == 0


def test_an_undo_takes_the_texts_from_the_journal(corner: Place) -> None:
    run(corner)
    title = f"{corner.prefix}P/Ana Silva"
    before = corner.page(corner.summary()).text
    corner.type(title, lambda text: text + "\n\n{{Choice|title=Walking|date=2021|theme=transport}}")
    made = run(corner)
    assert "Walking" in corner.page(corner.summary()).text
    undone = run(corner, undo=made.run)
    assert undone.changed and corner.page(corner.summary()).text == before
