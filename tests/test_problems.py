"""The list of pages that need a hand, and the notices, on the embedded wiki and on a real MediaWiki."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
import requests

from wikibridge import Session, Site
from wikibridge.demo.mediawiki_server import MediaWikiServer
from wikibridge.entries.read import read
from wikibridge.entries.types import shipped
from wikibridge.jobs.problems import shown
from wikibridge.jobs.result import Result
from wikibridge.markup import wikitext
from wikibridge.model import Edit, Head
from wikibridge.wikis.base import Wiki
from wikibridge.wikis.folder import FolderWiki

WRONG = "{{Participante|nome=Ana|língua=pt}}\n\n== Um ==\n{{Escolha|data=2020}}\n\n== Dois ==\n{{Escolha|data=31/02/2020}}"
MENDED = WRONG.replace("31/02", "3/02")
Place = tuple[Callable[..., Result], Wiki]


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    folder = tmp_path / "site"
    (folder / "jobs").mkdir(parents=True)
    (folder / "wikibridge.yml").write_text("wiki: {kind: folder}\nlanguages: [en, pt]\n", encoding="utf-8")
    (folder / "participants.csv").write_text("name,language\n", encoding="utf-8")

    def run(notice: str = "none") -> Result:
        (folder / "jobs" / "problems.yml").write_text(
            f"kind: problems\npage: {{en: Mend, pt: Rever}}\nnotice: {notice}\n", encoding="utf-8")
        with Session(Site(folder)) as session:
            return session.run(("problems",))

    with closing(FolderWiki(folder / "wiki")) as wiki:
        yield run, wiki


def text(wiki: Wiki, title: str) -> str:
    """The text of a page, empty when there is none."""
    return next((page.text for page in wiki.read(titles=[title])), "")


def put(wiki: Wiki, title: str, text: str) -> None:
    old = next(iter(wiki.read(titles=[title])), None)
    wiki.write(Edit(title, text, "", Head(old.id, old.title, old.revision) if old else None))


def test_a_list_comes_in_the_language_of_the_page_and_goes_when_it_is_mended(place: Place) -> None:
    run, wiki = place
    assert run().created == 0
    put(wiki, "Participants/Ana", WRONG)
    assert run().created == 1 and not text(wiki, "Mend")
    assert "«31/02/2020» não existe" in text(wiki, "Rever")
    # The second section is meant, where MediaWiki counts from 1.
    assert "{{fullurl:Participants/Ana|action=edit&section=2}}" in text(wiki, "Rever")
    assert run().changed == 0
    put(wiki, "Participants/Ana", MENDED)
    assert run().changed == 1
    assert "De momento não há nada a corrigir" in text(wiki, "Rever") and "Ana" not in text(wiki, "Rever")


def test_a_notice_on_the_page_leaves_the_text_of_people_alone_and_is_emptied(place: Place) -> None:
    run, wiki = place
    put(wiki, "Participants/Ana", WRONG)
    run("page")
    told = text(wiki, "Participants/Ana")
    assert told.endswith("\n\n" + WRONG) and "não existe" in told
    # Once more at most: with the notice on the page, the lines that it names are further down.
    run("page")
    assert run("page").changed == 0
    put(wiki, "Participants/Ana", text(wiki, "Participants/Ana").replace("31/02/2020}}", "3/02/2020}}"))
    run("page")
    assert re.fullmatch(r"<!-- wikibridge:begin notice hash=\w+ -->\s*<!-- wikibridge:end notice -->\s*" + re.escape(MENDED),
                        text(wiki, "Participants/Ana"))
    assert run("page").changed == 0


def test_a_notice_on_the_talk_page(place: Place) -> None:
    run, wiki = place
    put(wiki, "Participants/Ana", WRONG)
    put(wiki, "Talk:Participants/Ana", "Olá!")
    assert run("talk").failed == []
    assert text(wiki, "Talk:Participants/Ana").endswith("\n\nOlá!") and "não existe" in text(wiki, "Talk:Participants/Ana")
    assert text(wiki, "Participants/Ana") == WRONG
    put(wiki, "Participants/Ana", MENDED)
    run("talk")
    assert "não existe" not in text(wiki, "Talk:Participants/Ana") and text(wiki, "Talk:Participants/Ana").endswith("Olá!")


def test_what_people_typed_is_shown_as_text(place: Place) -> None:
    run, wiki = place
    put(wiki, "Participants/Ana", "{{Choice|title=A|date={{Evil}}[[Category:X]]<script>alert(1)</script>~~~~|rating='''9'''}}")
    run()
    assert text(wiki, "Mend") and not re.search(r"\{\{(?!fullurl:)|\[\[(?!:Participants)|<script|~~~", text(wiki, "Mend"))


@pytest.mark.live
def test_the_links_open_the_very_section_on_a_real_mediawiki(
    mediawiki: MediaWikiServer, mediawiki_doors: Callable[[str], Wiki],
) -> None:
    door = mediawiki_doors("Citizen")
    title = 'Participants/Sections & "more" = 100'
    door.write(Edit(title, WRONG, "", None))
    (found,) = door.read(titles=[title])
    listed = "\n".join(shown(found, list(read(found.text, shipped(), "pt").problems), "pt", wikitext))
    answer = requests.post(mediawiki.address + "api.php", timeout=60, data={
        "action": "parse", "format": "json", "formatversion": "2", "text": listed, "contentmodel": "wikitext", "prop": "text"}).json()
    # The last problem is that of the date; the others are of titles.
    address = html.unescape(re.findall(r'href="([^"]*action=edit[^"]*)"', answer["parse"]["text"])[-1])
    form = requests.get(address, timeout=60).text
    assert "31/02/2020" in form and "data=2020" not in form
