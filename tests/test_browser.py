"""A citizen with a browser on the real MediaWiki: "Add a choice", fill in, save; the next run puts it on the summary page."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, Page

from tests.reading import ARTEFACTS
from wikibridge import Session, Site
from wikibridge.demo.mediawiki_server import MediaWikiServer

pytestmark = pytest.mark.live
SKIN = "minerva"
"""The skin that phones are shown."""
WORDS: dict[str, dict[str, Any]] = {
    "en": {"link": "Add a choice", "intro": "All the lines explained", "summary": "Summary of choices", "name": "Bo \"Browser\" O'Neil & Sons", "title": "Less meat",
           "fields": {"date": "3 Nov 2020", "theme": "food, health", "level": "family"}, "shown": "3 Nov 2020 – Less meat"},
    "fr": {"link": "Ajouter un choix", "intro": "Toutes les lignes expliquées", "summary": "Synthèse des choix", "name": "Zoé Navigatrice", "title": "L'eau « du robinet »",
           "fields": {"date": "nov. 2020", "thème": "alimentation", "niveau": "citoyen"}, "shown": "nov. 2020 – L'eau « du robinet »"},
    "pt": {"link": "Acrescentar uma escolha", "intro": "Todas as linhas explicadas", "summary": "Síntese das escolhas", "name": "João Navegador", "title": "Andar a pé",
           "fields": {"data": "2020", "tema": "transportes", "nível": "família"}, "shown": "2020 – Andar a pé"},
}


@pytest.fixture
def site(mediawiki: MediaWikiServer, make_site: Callable[..., Site], monkeypatch: pytest.MonkeyPatch) -> Site:
    monkeypatch.setenv("WIKIBRIDGE_PASSWORD", mediawiki.bot.password)
    quoted = {language: words["name"].replace('"', '""') for language, words in WORDS.items()}
    people = "name,language\n" + "".join(f'"{name}",{language}\n' for language, name in quoted.items())
    return make_site(people, f"kind: mediawiki, address: '{mediawiki.address}api.php', account: {mediawiki.bot.name}")


@pytest.fixture
def citizen(browser: Browser, mediawiki: MediaWikiServer, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A browser in which an ordinary user is logged in, as wide as a phone."""
    account = mediawiki.user("Browsing citizen")
    page = browser.new_context(viewport={"width": 412, "height": 900}, base_url=mediawiki.address).new_page()
    page.goto("index.php?title=Special:UserLogin")
    page.fill("#wpName1", account.name)
    page.fill("#wpPassword1", account.password)
    page.click("#wpLoginAttempt")
    page.wait_for_selector("#pt-userpage, #ca-nstab-main")
    yield page
    page.context.close()


def seen(page: Page) -> str:
    """The text of the page, with the no-break spaces of MediaWiki's French typography as plain ones."""
    return page.inner_text("#mw-content-text").replace("\xa0", " ")


def shot(page: Page, name: str) -> None:
    ARTEFACTS.mkdir(exist_ok=True)
    page.screenshot(path=ARTEFACTS / f"{name}.png", full_page=True)


def open_page(page: Page, title: str) -> None:
    page.goto(f"index.php?title={quote(title.replace(' ', '_'), safe='/:')}&useskin={SKIN}")


def run(site: Site, *jobs: str) -> tuple[int, int]:
    with Session(site) as session:
        result = session.run(jobs)
    assert not result.failed
    return result.created + result.changed, result.entries


@pytest.mark.parametrize("language", WORDS)
def test_add_a_choice_in_one_click(language: str, citizen: Page, site: Site) -> None:
    words = WORDS[language]
    run(site, "install")
    run(site)
    open_page(citizen, f"Participants/{words['name']}")
    shot(citizen, f"{language}-1-participant")
    citizen.click(f"text={words['link']}")
    form = citizen.input_value("#wpTextbox1")
    assert words["intro"] in seen(citizen)
    shot(citizen, f"{language}-2-form")
    for name, value in words["fields"].items():
        assert f"\n|{name}=\n" in form
        form = form.replace(f"\n|{name}=\n", f"\n|{name}={value}\n")
    citizen.fill("#wpTextbox1", form)
    citizen.fill("#wpSummary", words["title"])
    citizen.click("#wpSave")
    citizen.wait_for_selector(f".mw-headline >> text={words['title']}")
    assert words["fields"][next(iter(words["fields"]))] in seen(citizen)
    shot(citizen, f"{language}-3-saved")

    entries = 0
    for _ in range(20):
        # A server's list of changes follows the answer to an edit by a moment.
        _, entries = run(site)
        open_page(citizen, words["summary"])
        if words["shown"] in seen(citizen):
            break
    shot(citizen, f"{language}-4-summary")
    assert words["shown"] in seen(citizen) and entries >= 4
    link = citizen.locator(f"li:has-text(\"{words['title']}\") a").first
    link.click()
    assert words["name"] in citizen.inner_text("h1")
    assert run(site)[0] == 0


def test_pages_fit_a_phone(citizen: Page, site: Site) -> None:
    run(site, "install")
    run(site)
    for number, title in enumerate(("Summary of choices", "Help:Choix", "Participants/João Navegador", "Template:Choix")):
        open_page(citizen, title)
        shot(citizen, f"phone-{number}")
        if not title.startswith("Template:"):
            assert citizen.evaluate("document.documentElement.scrollWidth") <= 412, title
