"""Every title has one file name, every disk can hold it, and it stays inside the folder."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from wikibridge.wikis.base import normal_title
from wikibridge.wikis.file_names import file_name, title_of

titles = st.text(st.characters(blacklist_categories=("Cs",)), min_size=1, max_size=120).map(normal_title).filter(bool)


@given(titles, st.booleans())
@example("../../etc/passwd", False)
@example("A.wiki/B.wiki", False)
@example("Con/aux.txt/ nul", True)
@example("/a//b/", False)
@example("100%/b", False)
@example("Com¹", False)
def test_there_and_back(title: str, strict: bool) -> None:
    name = file_name(title, strict=strict)
    assert title_of(name) == title
    assert not name.startswith("/")
    for part in name.split("/"):
        assert part and part not in (".", "..") and not part.startswith((".", " ")) and len(part.encode()) <= 255
        assert not re.search(r'[\x00-\x1f<>:"\\|?*]', part) and not part.endswith((".", " "))


@given(titles, titles)
def test_two_titles_two_files(one: str, other: str) -> None:
    assert (file_name(one) == file_name(other)) == (one == other)


@pytest.mark.parametrize(("one", "other"), [("Ana", "ANA"), ("AnA/B", "ANA/B"), ("Éa", "ÉA"), ("Aé", "AÉ"), ("Ass", "Aß")])
def test_titles_that_differ_by_capitals_only_have_a_strict_name(one: str, other: str) -> None:
    assert file_name(one).casefold() != file_name(other, strict=True).casefold()


def test_a_folder_and_a_page_do_not_collide() -> None:
    assert file_name("A.wiki/B").split("/")[0] != file_name("A")
