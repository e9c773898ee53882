"""What is left when the journal was torn or set back, and when pages went elsewhere: nothing twice, nothing lost."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from tests.admin import Admin
from tests.places import Place, make_corner
from wikibridge import Session
from wikibridge.demo.mediawiki_server import MediaWikiServer
from wikibridge.errors import Unreachable
from wikibridge.model import Edit, Head, Saved
from wikibridge.wikis.folder import FolderWiki

CHOICE = "\n\n{{Choice|title=Walking|date=2021|theme=transport}}"


def test_a_journal_set_back_to_before_the_run_writes_nothing_twice(place: Place) -> None:
    with Session(place.site) as session:
        session.sync()
    kept = place.site.state / "kept"
    shutil.copy(place.site.state / "journal.db", kept)
    place.run()
    for file in place.site.state.glob("journal.db*"):
        file.unlink()
    shutil.move(kept, place.site.state / "journal.db")
    again = place.run()
    assert (again.created, again.changed, again.failed) == (0, 0, [])


@pytest.mark.parametrize("part", [0.0, 0.15, 0.3, 0.45, 0.7, 0.95])
def test_a_journal_torn_by_a_power_cut(tmp_path: Path, part: float) -> None:
    site = make_corner(tmp_path / "site", "kind: folder", "Corner/")
    with Session(site) as session:
        session.run()
        # While the run's files are open: what a power cut leaves is the file and a part of its log.
        state = tmp_path / "torn"
        shutil.copytree(site.state, state)
    log = state / "journal.db-wal"
    os.truncate(log, int(log.stat().st_size * part))
    shutil.rmtree(site.state)
    state.rename(site.folder / ".wikibridge")
    with Session(site) as session:
        again = session.run()
    assert (again.created, again.changed, again.failed) == (0, 0, [])


def test_a_write_that_arrives_when_it_was_given_up_is_ours_all_the_same(place: Place) -> None:
    kept: list[Edit] = []
    for _ in range(2):
        with Session(place.site) as session:
            def write(edit: Edit) -> Saved:
                kept.append(edit)
                raise Unreachable("unreachable", "the wiki", "cut")

            session.wiki.write = write  # type: ignore[method-assign]
            with pytest.raises(Unreachable):
                session.run()
    late = kept[0]
    with Session(place.site) as session:
        assert late.title not in session.journal.created()
        session.wiki.write(late)
    with Session(place.site) as session:
        session.run()
        (page,) = place.citizen.read(titles=[late.title])
        assert session.journal.created()[late.title] == page.id


@pytest.mark.live
def test_a_page_moved_to_another_namespace_and_on_again_is_followed(
    mediawiki: MediaWikiServer, place: Place,
) -> None:
    if isinstance(place.citizen, FolderWiki):
        pytest.skip("a folder's moves are in tests/test_participants.py")
    place.run()
    admin, title = Admin(mediawiki), f"{place.prefix}P/Ana Silva"
    admin.move(title, f"Project:{title}")
    admin.move(f"Project:{title}", f"{place.prefix}Elsewhere")
    page = place.page(f"{place.prefix}Elsewhere")
    place.citizen.write(Edit(page.title, page.text + CHOICE, "", Head(page.id, page.title, page.revision)))
    for _ in range(20):
        result = place.run()
        assert (result.created, result.failed) == (0, [])
        if "Walking" in place.page(place.summary()).text:
            break
    assert "Walking" in place.page(place.summary()).text
    assert place.page(title).text.startswith("#REDIRECT")
