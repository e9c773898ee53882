"""Every shipped summary page on the real MediaWiki, filled by a crowd, as a phone and a desk show it."""

from __future__ import annotations

import uuid
from pathlib import Path
from urllib.parse import quote

import pytest
import yaml
from playwright.sync_api import Browser

from tests.reading import ARTEFACTS
from wikibridge import Session, Site
from wikibridge.demo.mediawiki_server import MediaWikiServer
from wikibridge.demo.people import choices, people
from wikibridge.model import Edit
from wikibridge.resources import shipped
from wikibridge.wikis.base import Wiki, title_part

pytestmark = pytest.mark.live
CRITERIA = (
    "{{Criterion|text=Clean water|dimension=A|component=A01|situation=good|group=Elders|territory=Namur|date=2020}}"
    "{{Criterion|text=Being heard|dimension=E|situation=bad|group=Young people|territory=Cork|date=2021}}")
LOOK = """() => ({
    width: document.documentElement.scrollWidth,
    text: document.querySelector('#mw-content-text').innerText,
    tables: [...document.querySelectorAll('#mw-content-text table.wikitable')].map(
        table => [...table.rows].map(row => row.cells.length)),
    bare: [...document.querySelectorAll('#mw-content-text h2')].filter(
        head => !head.nextElementSibling || head.nextElementSibling.tagName === 'H2').map(head => head.innerText)
})"""
RAW = ("{{", "}}", "[[", "]]", "'''", "{|", "|}", "|-", "wikibridge:", "<!--", "&lt;", "&#", "<div", "<bdi", "style=", "$1", "⧼")


def corner(folder: Path, server: MediaWikiServer, prefix: str) -> Site:
    (folder / "jobs").mkdir(parents=True)
    (folder / "wikibridge.yml").write_text(
        f"wiki: {{kind: mediawiki, address: '{server.address}api.php', account: {server.bot.name}}}\n"
        f"participants: '{prefix}P/'\ntime_zone: Europe/Brussels\n", encoding="utf-8")
    for path in sorted(shipped("jobs").glob("*.yml")):
        job = yaml.safe_load(path.read_text(encoding="utf-8"))
        wanted = job["kind"] == "summaries"
        if wanted:
            job["page"] = {language: f"{prefix}{title}" for language, title in job["page"].items()}
        (folder / "jobs" / path.name).write_text(yaml.safe_dump(job, allow_unicode=True) if wanted else "# not here\n", encoding="utf-8")
    return Site(folder)


def test_no_page_is_broken_or_wider_than_a_screen(
    mediawiki: MediaWikiServer, browser: Browser, mediawiki_doors: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("WIKIBRIDGE_PASSWORD", mediawiki.bot.password)
    prefix = f"Corner {uuid.uuid4().hex[:8]}/"
    citizen: Wiki = mediawiki_doors("Citizen")  # type: ignore[operator]
    for person in people(40):
        said = (f"{{{{Participant|name={person.name}|kind={person.kind}|language={person.language}|territory={person.territory}}}}}")
        citizen.write(Edit(f"{prefix}P/{title_part(person.name)}", "\n\n".join([said, *choices(person, 4), CRITERIA]), "", None))
    site = corner(tmp_path / "site", mediawiki, prefix)
    with Session(site) as session:
        made = session.run()
        assert not made.failed
        titles = [title for title in session.mirror.titles() if title.startswith(prefix) and "/P/" not in title]
    assert len(titles) >= 40
    ARTEFACTS.mkdir(exist_ok=True)
    faults = []
    for width, height in ((390, 844), (1280, 900)):
        page = browser.new_context(viewport={"width": width, "height": height}, base_url=mediawiki.address).new_page()
        for number, title in enumerate(sorted(titles)):
            page.goto(f"index.php?title={quote(title.replace(' ', '_'), safe='/:')}&useskin={'minerva' if width < 500 else 'vector'}")
            if number % 6 == 0:
                page.screenshot(path=ARTEFACTS / f"shipped-{width}-{number:02}.png", full_page=True)
            seen = page.evaluate(LOOK)
            if seen["width"] > width:
                faults.append((title, width, "wider than the screen", seen["width"]))
            faults += [(title, width, "raw markup", raw) for raw in RAW if raw in seen["text"]]
            faults += [(title, width, "rows of unequal length", cells) for cells in seen["tables"] if len(set(cells)) != 1 or len(cells) < 2]
            faults += [(title, width, "a heading with nothing below", head) for head in seen["bare"]]
        page.context.close()
    assert not faults
