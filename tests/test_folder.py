"""The folder wiki under the hands of people with editors, and of several programs."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from wikibridge.errors import EditConflict
from wikibridge.model import Edit, Head, Page, Selection
from wikibridge.wikis.folder import BY_HAND, FolderWiki


def only(wiki: FolderWiki, title: str) -> Page:
    (page,) = wiki.read(titles=[title])
    return page


def told(wiki: FolderWiki) -> list[str]:
    list(wiki.list(Selection(("",))))
    return [str(error) for error in wiki.unreadable]


@pytest.mark.parametrize("atomic", [True, False])
def test_what_was_saved_by_hand_at_the_last_moment_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, atomic: bool) -> None:
    wiki = FolderWiki(tmp_path)
    saved = wiki.write(Edit("A", "one", "", None))
    real = os.fsync

    def while_we_write(handle: int) -> None:
        real(handle)
        (tmp_path / "A.wiki").write_text("PRECIOUS")

    monkeypatch.setattr(os, "fsync", while_we_write)
    if not atomic:
        monkeypatch.setattr("ctypes.CDLL", lambda *_, **__: object())
    with pytest.raises(EditConflict):
        wiki.write(Edit("A", "two", "", saved.head))
    monkeypatch.undo()
    assert only(wiki, "A").text == "PRECIOUS" and (tmp_path / "A.wiki").read_text() == "PRECIOUS"
    assert [(editor, text) for _, editor, _, text in wiki.history("A")] == [("wikibridge", "one"), (BY_HAND, "PRECIOUS")]
    assert not list(tmp_path.glob("*.spare")) and not list(tmp_path.glob(".*.tmp"))


def test_a_file_changed_by_hand_is_a_new_revision_of_the_same_page(tmp_path: Path) -> None:
    wiki = FolderWiki(tmp_path)
    head = wiki.write(Edit("A", "one", "", None)).head
    (tmp_path / "A.wiki").write_text("two\n\n")
    page = only(wiki, "A")
    assert (page.id, page.text, page.editor) == (head.id, "two", BY_HAND) and page.revision > head.revision
    assert only(wiki, "A") == page


def test_two_programs_do_not_take_each_others_writes_for_hand_edits(tmp_path: Path) -> None:
    one, other = FolderWiki(tmp_path, user="one"), FolderWiki(tmp_path, user="other")
    head = one.write(Edit("A", "0", "", None)).head
    for number in range(1, 30):
        head = (one if number % 2 else other).write(Edit("A", str(number), "", head)).head
        only(other if number % 2 else one, "A")
    assert BY_HAND not in {editor for _, editor, _, _ in one.history("A")}
    assert [text for *_, text in one.history("A")] == [str(number) for number in range(30)]


def test_files_that_hold_no_page_are_told_and_stop_nothing(tmp_path: Path) -> None:
    wiki = FolderWiki(tmp_path)
    wiki.write(Edit("Good", "x", "", None))
    (tmp_path / "Latin.wiki").write_bytes("é".encode("latin-1"))
    (tmp_path / "x]]{{Evil}}<script>[[a.wiki").write_text("x")
    (tmp_path / "~~~~.wiki").write_text("x")
    (tmp_path / "Good_.wiki").write_text("again")
    with open(os.fsencode(tmp_path) + b"/Caf\xe9.wiki", "w") as file:
        file.write("x")
    said = told(wiki)
    assert len(said) == 5 and all(str(tmp_path) in line for line in said), said
    assert [head.title for head in wiki.list(Selection(("",)))] == ["Good"]


def test_a_title_given_to_another_file_later_is_the_same_page(tmp_path: Path) -> None:
    wiki = FolderWiki(tmp_path)
    head = wiki.write(Edit("A", "text", "", None)).head
    (tmp_path / "A.wiki").rename(tmp_path / "B.wiki")
    assert only(wiki, "B").id == head.id
    wiki.write(Edit("B", "more", "", Head(head.id, "B", only(wiki, "B").revision)))
    assert (tmp_path / "B.wiki").read_text() == "more\n" and not (tmp_path / "A.wiki").exists()


@pytest.mark.parametrize("exists", [False, True])
def test_a_write_cut_off_before_its_history_is_still_known_as_whose_it_was(tmp_path: Path, exists: bool) -> None:
    class Killed(BaseException):
        pass

    def killed(*_: object) -> None:
        raise Killed

    wiki = FolderWiki(tmp_path)
    base = wiki.write(Edit("Page", "one", "first", None)).head if exists else None
    wiki._revise = killed  # type: ignore[assignment]
    with pytest.raises(Killed):
        wiki.write(Edit("Page", "two", "second", base))
    again = FolderWiki(tmp_path)
    assert [(editor, summary, text) for _, editor, summary, text in again.history("Page")][-1] == ("wikibridge", "second", "two")
    (tmp_path / "Page.wiki").write_text("two", encoding="utf-8")
    (tmp_path / "Page.wiki").write_text("three", encoding="utf-8")
    assert again.history("Page")[-1][1] == "by hand"
