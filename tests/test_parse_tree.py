"""MediaWiki is the judge: calls, their arguments and places are those of its own parse tree, on realistic pages and on nasty ones."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest
import requests

from tests.test_markup import NASTY
from wikibridge.demo.mediawiki_server import MediaWikiServer
from wikibridge.demo.people import choices, people
from wikibridge.markup import wikitext

NASTIER = [
    "{{Choice|a={{!}}|b=c}}", "{{Choice|a=b|a=c}}", "{{choice|a}}", "{{Choice |a}}", "{{ Choice\n|a=1\n}}", "{{Choice|a=1|}}", "{{Choice||}}",
    "{{Choice|=x}}", "{{Choice|a==b}}", "{{Choice|a=b=c}}", "{{Choice|<!-- a -->=b}}", "{{Choice|a<!-- = -->=b}}", "{{Choice|a=b<!--}}-->}}",
    "{{Choice|a=<!-- unclosed}}", "{{Cho<nowiki/>ice|a}}", "{{Choice|a=<nowiki>|}}</nowiki>|b=c}}", "{{Choice|a=<ref>|x=y</ref>|b=c}}",
    "{{Choice|a=<ref name=\"x|y\"/>|b=c}}", "{{Choice|a=<pre>}}</pre>}}", "{{Choice|a=<gallery>x|y</gallery>}}", "<ref>{{Choice|a=b}}</ref>",
    "{{Choice|a=[[x|y}}", "{{Choice|a=[[x|y]|b=c}}", "{{Choice|a=[http://x.y a|b]|c}}", "{{Choice|a=[[File:x.jpg|thumb|[[y]]]]|b=c}}",
    "[[{{Choice|a=b}}|c]]", "[[x|{{Choice|a=b}}]]", "{{Choice|a={{{1|x}}}|b=c}}", "{{{a|{{Choice|b=c}}}}}", "{{{{{Choice}}}}}", "{{{{{{Choice}}}}}}",
    "{{{{{{{Choice}}}}}}}", "{{{Choice}}", "{{Choice}}}", "{{{{Choice}}", "{{Choice|a={b}|c={{d}}}}", "{{Choice|a={{b}|c}}", "{{Choice|a=}}}}",
    "{{#if:x|{{Choice|a=b}}|{{Choice|c=d}}}}", "{{subst:Choice|a=b}}", "{{:Choice|a=b}}", "{{Template:Choice|a=b}}", "{{TEMPLATE: choice|a=b}}",
    "{{Choice|a=b\n== c ==\n|d=e}}", "{{Choice|a\n=b}}", "{{Choice\n=a|b=c}}", "{{Choice|a\n==b==\n}}", "== {{Choice|a=b}} ==", "=={{Choice|a\n=b}}==",
    "= a {{Choice|b=c\n= }}", "\n={{Choice|a=b}}", "-{zh:{{Choice|a=b}}}-", "{{Choice|a=-{b|c}-|d=e}}", "{{Choice|a=-{{b}}|c=d}}", "-{{Choice|a=b}}-",
    "{{Choice|a=}-|b=c}}", "<includeonly>{{Choice|a=b}}", "<noinclude>{{Choice|a=b}}", "<onlyinclude>{{Choice|a=b}}</onlyinclude>x{{Choice|c=d}}",
    "<NOWIKI>{{Choice}}</nowiki>", "<nowiki >{{Choice}}</nowiki >", "<nowiki foo>{{Choice}}</nowiki>", "<nowikix>{{Choice}}</nowikix>",
    "<pre{{Choice|a=b}}>", "{{Choice|a=b}}<!-- {{Choice|c=d}} --> {{Choice|e=f}}", "<!-{{Choice|a=b}}-->", "<!-- a -- {{Choice}} -->{{Choice|b}}",
    "{{Choice|a=\n\n|b=c}}", "{{Choice|á=é|ü=ñ|日=本}}", "{{Choice|a=مرحبا|b=שלום}}", "{{\x7fChoice|a=b}}", "{{Choice|a=b}}" * 30, "{{Choice|" * 20 + "}}" * 20,
    "{{Choice|a=~~~~|b=--[[User:X|X]] ([[User talk:X|t]]) 10:00, 3 November 2020 (UTC)}}", "{|\n! a !! b\n|-\n| {{Choice|a=b}} || c\n|}",
    "* Date : {{Choice|a=b}}\n* [[x]]\n", "<math>{{Choice}}</math>", "<source>{{Choice}}</source>", "{{Choice|a=<b>x</b>|b=<br/>y<br>z}}",
]


def realistic() -> list[str]:
    """Pages as people write them: entries in a page's prose, lists, tables, notes of neighbours."""
    crowd = people(300)
    kinds = ("== {0} ==\n{1}\n\n----\n''{2}'' <!-- noted -->\n", "{1}\n* [[{0}|see]]\n* {{{{note|{2}}}}}\n", "{{|\n| {0} || {1}\n|}}\n[[File:x.jpg|thumb|{2}]]\n",
             "<small>{2}</small>\n{1}<ref>{0}</ref>\n[http://example.org {0}]\n")
    pages = []
    for number, who in enumerate(crowd):
        kind = kinds[number % len(kinds)]
        pages.append("".join(kind.format(who.name, choice, who.territory) for choice in choices(who, 1 + number % 4)))
    return pages


def source(node: ET.Element) -> str:
    """The text of which the parser made this node; raises AssertionError for a node of a kind unknown here."""
    if node.tag == "ext":
        inner, close = node.find("inner"), node.find("close")
        start = "<" + "".join(part.text or "" for part in node if part.tag in ("name", "attr"))
        if inner is None:
            return start + "/>"
        return start + ">" + (inner.text or "") + ((close.text or "") if close is not None else "")
    inside = (node.text or "") + "".join(source(child) + (child.tail or "") for child in node)
    if node.tag == "template":
        return "{{" + inside + "}}"
    if node.tag == "tplarg":
        return "{{{" + inside + "}}}"
    if node.tag == "part":
        return "|" + inside
    assert node.tag in ("root", "title", "name", "equals", "value", "comment", "ignore", "h", "possible-h"), node.tag
    return inside


def judged(root: ET.Element) -> list[tuple[int, int, list[tuple[int, str]]]]:
    """Start, end and arguments (start of the value, value) of the calls of a parse tree, in order."""
    found: list[tuple[int, int, list[tuple[int, str]]]] = []

    def walk(node: ET.Element, at: int) -> None:
        opening = {"template": 2, "tplarg": 3, "part": 1}.get(node.tag, 0)
        if node.tag == "ext":
            return
        arguments: list[tuple[int, str]] = []
        if node.tag == "template":
            found.append((at, at + len(source(node)), arguments))
        place = at + opening + len(node.text or "")
        for child in node:
            if node.tag == "template" and child.tag == "part":
                value = child.find("value")
                assert value is not None
                text = source(value)
                arguments.append((place + len(source(child)) - len(text), text))
            walk(child, place)
            place += len(source(child)) + len(child.tail or "")

    walk(root, 0)
    return sorted(found)


def compare(server: MediaWikiServer, text: str) -> None:
    """Raises AssertionError where the scanner and MediaWiki differ."""
    answer = requests.post(server.address + "api.php", timeout=60, data={
        "action": "expandtemplates", "format": "json", "formatversion": "2", "text": text, "prop": "parsetree", "title": "Sandbox"}).json()
    root = ET.fromstring(answer["expandtemplates"]["parsetree"])
    assert source(root) == text, "the judge's own text is whole"
    found = [(call.start, call.end, [(argument.start, argument.value) for argument in call.arguments]) for call in wikitext.calls(text)]
    assert found == judged(root), text


@pytest.mark.live
def test_realistic_pages(mediawiki: MediaWikiServer) -> None:
    pages = realistic()
    assert len(pages) >= 300
    for text in pages:
        compare(mediawiki, text)


@pytest.mark.live
@pytest.mark.parametrize("text", [text for text, _ in NASTY.values()] + NASTIER)
def test_nasty_pages(mediawiki: MediaWikiServer, text: str) -> None:
    compare(mediawiki, text)
