"""The guide for editors on the wiki: installed, linked from the help page, shown as it was written, on a phone too."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from urllib.parse import quote

import pytest
from markdown_it import MarkdownIt
from playwright.sync_api import Browser

from tests.reading import ARTEFACTS
from tests.tiki_client import StartTiki
from wikibridge import Session, Site
from wikibridge.demo.mediawiki_server import MediaWikiServer
from wikibridge.i18n import LANGUAGES, message
from wikibridge.markup import tikitext, wikitext
from wikibridge.markup.dialects import DIALECTS
from wikibridge.pages.prose import literal, painted
from wikibridge.pages.render import Markup, Templates
from wikibridge.resources import shipped

RAW = ("{{!", "}}}", "[[", "]]", "'''", "wikibridge:begin page", "<!--", "&#", "<code", "**", "<%", "<<")


def source(where: str, language: str) -> str:
    return Templates((shipped("page_templates"),), str).render(f"guide/{language}.md", {
        "where": where, "help": Markup(f"<{message('help-title', language)}>"), "stop": Markup("[Stop](<Stop>)"), "least": 3})


def paragraphs(markdown: str) -> list[str]:
    """What a reader of the Markdown sees, a paragraph each."""
    shown = MarkdownIt("commonmark").render(markdown)
    return [" ".join(html.unescape(re.sub(r"<[^>]*>", "", part)).split()) for part in re.findall(r"<(?:p|h2|li)>(.*?)</(?:p|h2|li)>", shown)]


def shown_on_a_phone(title: str) -> str:
    return f"index.php?title={quote(title.replace(' ', '_'))}&useskin=minerva"


@pytest.mark.live
def test_the_guide_on_a_mediawiki_reads_as_it_was_written(
    mediawiki: MediaWikiServer, make_site: Callable[..., Site], browser: Browser, monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("WIKIBRIDGE_PASSWORD", mediawiki.bot.password)
    site = make_site("", f"kind: mediawiki, address: '{mediawiki.address}api.php', account: {mediawiki.bot.name}")
    with Session(site) as session:
        assert not session.run(("install",)).failed
    ARTEFACTS.mkdir(exist_ok=True)
    page = browser.new_context(viewport={"width": 390, "height": 844}, base_url=mediawiki.address).new_page()
    for language in LANGUAGES:
        link = page.locator(f"#mw-content-text a:text-is('{message('help-guide', language)}')")
        for _ in range(50):
            page.goto(shown_on_a_phone(message("help-title", language)))
            if link.get_attribute("title") == message("guide-title", language):
                break  # MediaWiki knows the page behind a link a moment after it was made
        assert link.get_attribute("title") == message("guide-title", language)
        page.goto(shown_on_a_phone(message("guide-title", language)))
        shown = " ".join(page.inner_text("#mw-content-text").split())
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        page.screenshot(path=ARTEFACTS / f"guide-{language}.png", full_page=True)
        wanted = paragraphs(source("mediawiki", language).replace("[Stop](<Stop>)", "User:Wikibridge/Stop"))
        assert len(wanted) > 30
        assert not [text for text in wanted if text not in shown]
        assert not [raw for raw in RAW if raw in shown]
        assert page.locator("#mw-content-text ol > li").count() == 4 and page.locator("#mw-content-text pre").count() == 2
        # What the stop page is called, and where the lines are explained, are links.
        assert page.locator("#mw-content-text a:has-text('User:Wikibridge/Stop')").count() == 1
        (label,) = re.findall(r"\[([^\]]+)\]\(<Help:", source("mediawiki", language))
        page.click(f"#mw-content-text a:text-is('{label}')")
        assert message("help-title", language).partition(":")[2] in page.inner_text("h1")
    page.context.close()
    with Session(site) as session:
        again = session.run(("install",))
    assert (again.created, again.changed) == (0, 0), "people's lines in the guide are no entries and no questions"


def test_the_guide_on_a_tiki_is_taken_as_it_is(start_tiki: StartTiki, make_site: Callable[..., Site], monkeypatch: pytest.MonkeyPatch) -> None:
    tiki = start_tiki()
    monkeypatch.setenv("WIKIBRIDGE_TOKEN", tiki.bot.token or "")
    site = make_site("", f"kind: tiki, address: '{tiki.server.address}', account: bot")
    with Session(site) as session:
        assert not session.run(("install",)).failed
        (page,) = session.wiki.read(titles=[message("guide-title", "fr")])
    assert "-+~123~NOBOTS()/~125~+-" in page.text and "((Help:Choix|" in page.text


def test_a_site_may_have_a_guide_of_its_own(make_site: Callable[..., Site]) -> None:
    site = make_site(files={"page_templates/guide/en.md": "## Ours\n\nAsk **Ana**, at << stop >>."})
    with Session(site) as session:
        session.run(("install",))
        (page,) = session.wiki.read(titles=[message("guide-title", "en")])
    assert "== Ours ==\n\nAsk '''Ana''', at [[:User:Wikibridge/Stop|" in page.text


@pytest.mark.parametrize("dialect", DIALECTS.values(), ids=list(DIALECTS))
@pytest.mark.parametrize("language", LANGUAGES)
def test_no_line_of_the_guide_means_something_to_a_wiki(dialect: object, language: str) -> None:
    text = painted(source(dialect.NAME, language), dialect)  # type: ignore[attr-defined, arg-type]
    scan = dialect.scan(text)  # type: ignore[attr-defined]
    assert not [call for call in scan.calls if call.name.casefold() not in ("code",)]
    assert len(scan.headings) == len(re.findall("^## ", source("docs", language), re.MULTILINE))


@pytest.mark.parametrize(("markdown", "mediawiki", "tiki"), [
    ("## A b\n\nOne *two* **three**\nfour.", "== A b ==\n\nOne ''two'' '''three''' four.", "!!A b\n\nOne ''two'' __three__ four."),
    ("- one\n- two\n    1. deep\n\nNext", "* one\n* two\n*# deep\n\nNext", "* one\n* two\n*# deep\n\nNext"),
    ("See [our page](<Help:A b>).", "See [[:Help:A b|our page]].", "See ((Help:A b|our page))."),
    ("```\n{{X|a=1}}\n```", "<pre>\n{{X|a=1}}\n</pre>", "{CODE()}\n{{X|a=1}}\n{CODE}"),
    ("Type `{{x}}` here", "Type <code>&#123;&#123;x&#125;&#125;</code> here", "Type -+~123~~123~~120~~125~~125~+- here"),
    ("{{it}} and 1 \\< 2", "&#123;&#123;it&#125;&#125; and 1 &#60; 2", "~123~~123~~105~~116~~125~~125~ and 1 ~lt~ 2"),
])
def test_prose_in_each_dialect(markdown: str, mediawiki: str, tiki: str) -> None:
    assert painted(markdown, wikitext) == mediawiki
    assert painted(markdown, tikitext) == tiki


@pytest.mark.parametrize("text", ["a_b*c*", "[x](y)", "`code`", "1 < 2 & 3", "User:A_b/Stop", "**", "-", "# x", "&amp;", "<b>", "a\\b"])
def test_a_literal_text_is_shown_as_it_is(text: str) -> None:
    assert html.unescape(MarkdownIt("commonmark").renderInline(literal(text))) == text
