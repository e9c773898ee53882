"""What MediaWiki itself makes of our markup: its parser is the judge of what is a call, and of what is only text."""

from __future__ import annotations

import json
import re
import unicodedata
import urllib.parse
import urllib.request
import xml.etree.ElementTree as ET
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from wikibridge.demo.mediawiki_server import MediaWikiServer
from wikibridge.entries.types import shipped
from wikibridge.jobs.boxes import template
from wikibridge.markup import wikitext
from wikibridge.model import Edit
from wikibridge.wikis.mediawiki import MediaWikiWiki

pytestmark = pytest.mark.live
LIVE = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def ask(server: MediaWikiServer, **params: str) -> Any:
    data = urllib.parse.urlencode({**params, "format": "json", "formatversion": "2"}).encode()
    with urllib.request.urlopen(server.address + "api.php", data) as answer:
        return json.load(answer)


class _Shown(HTMLParser):
    """The text of HTML, without what CSS hides, and the names of its elements."""

    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []
        self.tags: list[str] = []
        self.stack: list[bool] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        if tag not in ("br", "img", "hr"):
            hidden = re.search(r"display:\s*none\s*(;|$)", dict(attrs).get("style") or "")
            self.stack.append(bool(hidden) or bool(self.stack and self.stack[-1]))

    def handle_endtag(self, tag: str) -> None:
        self.stack.pop()

    def handle_data(self, data: str) -> None:
        if not (self.stack and self.stack[-1]):
            self.parts.append(data)


def render(server: MediaWikiServer, text: str) -> _Shown:
    answer = ask(server, action="parse", text=text, title="Sandbox", prop="text|categories|links|templates|images|iwlinks|externallinks",
                 disablelimitreport="1", wrapoutputclass="")["parse"]
    shown = _Shown()
    shown.feed(answer["text"])
    for kind in ("categories", "links", "templates", "images", "iwlinks", "externallinks"):
        shown.tags += [kind] * len(answer[kind])
    return shown


HOSTILE = (
    "{{Choice|title=x}}", "{{{1}}}", "{{PAGENAME}}", "{{subst:CURRENTTIME}}", "{{#if:x|y}}", "~~~~", "~~~~~", "__NOTOC__", "__TOC__",
    "_" "_NOTOC_" "_", "<script>alert(1)</script>", "<b onclick=x>b</b>", "<nowiki>''x''</nowiki>", "<ref>x</ref>", "<!-- x", "<pre>", "</div>",
    "[[Category:X]]", "[[File:X.png]]", "[[fr:Page]]", "[http://example.org x]", "http://example.org", "https://a.b/c?d=e", "mailto:a@b.c", "//x.y",
    "'''''bold", "''i''", "'", "a'b''c'''d", "* list", "# list", "; term : x", ": indent", "== h ==", "=", "{| t", "|}", "|-", "| cell || b", "! h !! i",
    "----", " pre", "RFC 2119", "PMID 12345", "ISBN 978-0-306-40615-7", "ISBN\u00a0978-0-306-40615-7", "&lt;&amp;&nbsp;&#91;", "&notanentity;",
    "-{zh:x}-", "-{", "#REDIRECT [[X]]", "<!-- wikibridge:begin a hash= -->", "<!-- wikibridge:end a -->", "\u202eright to left\u202c", "\u2067x",
    "\x7fUNIQ-item-1--QINU\x7f", "'\"`UNIQ--item-0--QINU`\"'", "news:x irc://x ftp://x urn:x tel:+1 geo:1,2", "a:b", "::", "_x_", "__", "a__b__c", "!!", "||",
    "<br>", "<references/>", "\\", "\u0000", "\ufffe", "x\u2028y", "{", "}", "[", "]", "]]", "}}", "ﷺ مرحبا", "👩‍🌾", "می‌خواهم", "e\u0301", "A" * 500,
)


DROPPED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufffe\uffff]")


def shows_as_typed(server: MediaWikiServer, text: str) -> None:
    shown = render(server, f"* a<bdi>{wikitext.escape(text)}</bdi>z")
    wanted = unicodedata.normalize("NFC", " ".join(DROPPED.sub("", text).split()))
    # MediaWiki puts the no-break spaces of French typography before signs such as ":" by itself.
    assert "".join(shown.parts).strip("\n").replace("\xa0", " ") == f"a{wanted}z".replace("\xa0", " "), shown.parts
    assert set(shown.tags) <= {"ul", "li", "bdi"}, shown.tags


@pytest.mark.parametrize("text", HOSTILE)
def test_what_people_typed_is_shown_as_text(mediawiki: MediaWikiServer, text: str) -> None:
    shows_as_typed(mediawiki, text)


PIECES = st.lists(st.one_of(st.sampled_from(HOSTILE), st.sampled_from(list("[]{}|=<>'~_:;*#-!&/\n\t ax1")), st.text(max_size=3)), max_size=6).map("".join)


@LIVE
@given(PIECES)
def test_any_text_is_shown_as_text(mediawiki: MediaWikiServer, text: str) -> None:
    shows_as_typed(mediawiki, text)


MARKS = ("{{", "}}", "{{{", "}}}", "{", "}", "[[", "]]", "[", "]", "|", "=", "\n", "==", "\n== ", " ==\n", "<!--", "-->", "<nowiki>", "</nowiki>", "-{", "}-",
         "Choice", "a", " ", "<pre>", "</pre>", "<includeonly>", "</includeonly>", "<noinclude>", "</noinclude>", "<onlyinclude>", "</onlyinclude>", "<ref>",
         "</ref>", "<ref/>", "{{Choice|title=x}}", "{{Choice\n|a=b", "<nowiki/>", "Template:", "_", "<gallery>", "<b>", "é")


def calls(tree: str) -> list[tuple[str, list[tuple[str | None, str]]]]:
    """The calls of MediaWiki's own parse tree: names and arguments, in the order of their starts."""

    def text(node: ET.Element) -> str:
        out = [node.text or ""]
        for child in node:
            if child.tag == "comment":
                out.append("")
            elif child.tag == "ext":
                out.append("<" + "".join((part.text or "") for part in child if part.tag in ("name", "attr")) + ">")
            elif child.tag == "ignore":
                out.append(child.text or "")
            elif child.tag == "template":
                out.append("{{" + "".join(text(part) for part in child) + "}}")
            else:
                out.append(text(child))
            out.append(child.tail or "")
        return "".join(out)

    found = []
    for node in ET.fromstring(tree).iter("template"):
        title = node.find("title")
        assert title is not None
        arguments: list[tuple[str | None, str]] = []
        for part in node.findall("part"):
            name, value = part.find("name"), part.find("value")
            assert name is not None and value is not None
            arguments.append((None if "index" in name.attrib else "", text(value)))
        found.append((text(title), arguments))
    return found


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from(MARKS), max_size=14).map("".join))
def test_calls_are_those_of_mediawikis_own_parse_tree(mediawiki: MediaWikiServer, text: str) -> None:
    answer = ask(mediawiki, action="expandtemplates", text=text or " ", prop="parsetree", title="Sandbox")
    expected = calls(answer["expandtemplates"]["parsetree"])
    found = wikitext.calls(text)
    assert len(found) == len(expected), (text, expected, found)
    assert [[argument.name is None for argument in call.arguments] for call in found] == [
        [name is None for name, _ in arguments] for _, arguments in expected], (text, expected, found)


VALUES = {
    "Moins de viande": "Moins de viande", "\"quoted\"": "\"quoted\"", "; semicolon": "semicolon", "; display:none": "none", "''italic''": "italic",
    "[[Main Page|a link]]": "a link", "https://example.org": "https://example.org", "'apostrophe": "'apostrophe", "/slash": "/slash", "-5": "-5",
    "0": "0", "none": "none", "!": "!", "\\": "\\", "&quot;x": "\"x", "« guillemets »": "« guillemets »", "مرحبا": "مرحبا", "* one\n* two": "two",
    "line one\n\nline two": "line two", "<small>x</small>": "x", "{{PAGENAME}}": "Sandbox",
}


@pytest.mark.parametrize(("value", "seen"), VALUES.items())
@pytest.mark.parametrize("field", ["titre", "Description", "resultat", "Nivel", "date"])
def test_the_box_shows_what_was_typed_and_hides_what_was_not(
    mediawiki: MediaWikiServer, mediawiki_doors: Any, field: str, value: str, seen: str
) -> None:
    bot: MediaWikiWiki = mediawiki_doors("bot")
    if not list(bot.read(titles=["Template:Boxed"])):
        bot.write(Edit("Template:Boxed", template(shipped().types["choice"], "Boxed", ["fr"], frozenset({"templatedata"})), "", None))
    shown = "".join(render(mediawiki, "{{Boxed|" + field + "=" + value + "}}").parts).replace("\xa0", " ")
    assert seen in shown.removeprefix("Date"), shown
    assert not {"Thème", "Outil", "État"} & set(shown.split())


def test_the_visual_editor_is_given_a_form_in_three_languages(mediawiki: MediaWikiServer, mediawiki_doors: Any) -> None:
    bot: MediaWikiWiki = mediawiki_doors("bot")
    kind = shipped().types["choice"]
    bot.write(Edit("Template:Formed", template(kind, "Formed", ["pt"], frozenset({"templatedata"})), "", None))
    (data,) = ask(mediawiki, action="templatedata", titles="Template:Formed")["pages"].values()
    assert list(data["params"]) == [field.names["pt"][0] for field in kind.fields] == data["paramOrder"]
    assert data["params"]["título"]["label"] == {"en": "Title", "fr": "Titre", "pt": "Título"} and data["params"]["título"]["required"]
    assert {"titre", "Titulo", "title"} <= set(data["params"]["título"]["aliases"])
