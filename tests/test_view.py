"""The static view: what it shows, and that nothing typed on a page gets out of its text."""

from __future__ import annotations

import re
import time
from datetime import UTC, datetime, timedelta, timezone
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wikibridge.markup import wikitext
from wikibridge.model import Page
from wikibridge.report import view

ELEMENTS = frozenset(
    {
        "html", "head", "meta", "title", "style", "body", "nav", "main", "footer", "details", "summary", "h1", "h2", "h3",
        "h4", "h5", "h6", "p", "div", "span", "br", "hr", "a", "b", "i", "strong", "em", "small", "bdi", "s", "u", "del",
        "ins", "sub", "sup", "code", "pre", "blockquote", "ul", "ol", "li", "dl", "dt", "dd", "table", "caption", "tr", "th",
        "td",
    }
)  # fmt: skip
ATTRIBUTES = frozenset({"charset", "http-equiv", "content", "name", "href", "class", "rel", "dir", "open"})
VOID = frozenset({"meta", "br", "hr"})


class Reader(HTMLParser):
    """Fails on any element, attribute or address that the view does not make, and on tags that do not match."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.links: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in ELEMENTS
        for name, value in attrs:
            assert name in ATTRIBUTES
            if name == "href":
                assert value is not None
                assert re.match(r"(?:https?://|mailto:)|[A-Za-z0-9%_.~-]+\.html\Z", value, re.IGNORECASE), value
                self.links.append(value)
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open[-1:] != ["style"]:
            self.text += data

    def handle_comment(self, data: str) -> None:
        raise AssertionError("a comment got through")

    def handle_pi(self, data: str) -> None:
        raise AssertionError("a processing instruction got through")


def read(html: str) -> Reader:
    reader = Reader()
    reader.feed(html)
    reader.close()
    assert not reader.open
    return reader


def page(title: str, text: str = "", number: int = 1, editor: str = "") -> Page:
    return Page(number, title, number, text, datetime(2024, 5, 17, 9, 30, tzinfo=UTC), editor)


def body(text: str, files: dict[str, str] | None = None) -> str:
    made = view._Renderer("Here", files or {}).page(text)
    read(made)
    return re.sub(r' dir="auto"', "", made)


SHOWN = {
    "paragraphs": ("a\nb\n\nc", "<p>a\nb</p>\n<p>c</p>"),
    "bold and italic": ("'''a''' ''b'' '''''c'' d'''", "<p><b>a</b> <i>b</i> <b><i>c</i> d</b></p>"),
    "crossed quotes": ("''a '''b'' c'''", "<p><i>a <b>b</b></i><b> c</b></p>"),
    "heading": ("== A ''b'' ==", "<h2>A <i>b</i></h2>"),
    "nested lists": ("* a\n** b\n* c", "<ul><li>\na\n<ul><li>\nb\n</li></ul>\n</li><li>\nc\n</li></ul>"),
    "indent": (": a", "<dl><dd>\na\n</dd></dl>"),
    "link within": ("[[:Who/Ann|Ann]]", '<p><a href="ann.html">Ann</a></p>'),
    "link with underscore and section": ("[[who/Ann#x]]", '<p><a href="ann.html">who/Ann#x</a></p>'),
    "link to nowhere": ("[[Nobody|them]]", "<p>them</p>"),
    "link out": ("[https://a.org/?b=1&c=2 d]", '<p><a class="out" rel="noopener noreferrer" href="https://a.org/?b=1&amp;c=2">d</a></p>'),
    "address with references": ("https://a.org/?a=1&copy=2&amp;", '<p><a class="out" rel="noopener noreferrer" href="https://a.org/?a=1&amp;copy=2&amp;">https://a.org/?a=1&amp;copy=2&amp;</a></p>'),
    "bare address": ("(https://a.org/b).", '<p>(<a class="out" rel="noopener noreferrer" href="https://a.org/b">https://a.org/b</a>).</p>'),
    "other schemes": ("[javascript:alert(1) x] [data:a b]", "<p>[javascript:alert(1) x] [data:a b]</p>"),
    "dead link keeps its label": ("[{{fullurl:{{FULLPAGENAME}}|action=edit}} Add a choice]", "<p>Add a choice</p>"),
    "comments": ("a<!-- b -->c", "<p>ac</p>"),
    "comment that fills a line": ("a\n<!-- b -->\nc", "<p>a\nc</p>"),
    "nowiki": ("<nowiki>[[a]] '''&lt;</nowiki>", "<p>[[a]] '''&lt;</p>"),
    "pre": ("<pre>\n{{a}}\n</pre>", "<div><pre>{{a}}</pre></div>"),
    "entity": ("&#123;&#123;a&#125;&#125; &lt;b&gt;", "<p>{{a}} &lt;b&gt;</p>"),
    "attributes are dropped": ('<span style="color:red" onclick="x">a</span>', "<p><span>a</span></p>"),
    "unknown tags are text": ("<script>a</script>", "<p>&lt;script&gt;a&lt;/script&gt;</p>"),
    "open tags are closed": ("<small>a", "<p><small>a</small></p>"),
    "transclusion tags": ("<onlyinclude>a</onlyinclude><noinclude>b</noinclude>", "<p>ab</p>"),
    "parameter": ("{{{title|{{{titre|}}}}}}", "<p>{{{title}}}</p>"),
    "unclosed call": ("{{Choice|a=b", "<p>{{Choice|a=b</p>"),
    "call": (
        "{{Choice\n|title=[[Nobody|x]]\n|unit=\n|y}}",
        '<div><div class="call"><div class="name">Choice</div><dl><dt>title</dt><dd>x</dd><dt>1</dt><dd>y</dd></dl></div></div>',
    ),
}


@pytest.mark.parametrize(("text", "html"), SHOWN.values(), ids=SHOWN)
def test_markup_is_shown(text: str, html: str) -> None:
    assert body(text, {"Who/Ann": "ann.html"}) == html


def test_nested_calls_are_boxes_in_boxes() -> None:
    made = body("{{A|x={{B|y={{C}}}}}}")
    assert made.count('class="call"') == 3
    assert read(made).text == "AxByC"


def test_a_table_of_a_summary() -> None:
    rows = ((wikitext.escape("<|[x"), "1 204"), (wikitext.link("Who/Ann", "Ann"), "3"))
    made = body(wikitext.table(("Theme", "Choices"), rows, frozenset({1})) + "\nafter", {"Who/Ann": "ann.html"})
    assert "<th>Theme</th><th>Choices</th>" in made
    assert '<td>&lt;|[x</td><td class="number">1 204</td>' in made
    assert '<td><a href="ann.html">Ann</a></td><td class="number">3</td>' in made
    assert made.endswith("<p>after</p>")


def test_a_table_in_a_table() -> None:
    made = body("{|\n|+ c\n| a\n{|\n| b\n|}\n|-\n| d || e\n|}")
    assert made.count("<table>") == 2
    assert "<caption>c</caption>" in made
    assert "<td>d</td><td>e</td>" in made


@given(st.text(max_size=300))
def test_what_is_escaped_is_shown_as_it_is(text: str) -> None:
    escaped = wikitext.escape(text)
    expected = " ".join(view._CONTROLS.sub("", wikitext.html.unescape(escaped)).split())
    assert " ".join(read(view._Renderer("Here", {}).page(escaped)).text.split()) == expected


PIECES = st.sampled_from(
    [
        "{{", "}}", "{{{", "}}}", "[[", "]]", "[", "]", "|", "||", "!", "!!", "=", "==", "\n", "\n\n", "*", "#", ":", ";",
        "{|", "|}", "|-", "|+", "''", "'''", "'''''", "<!--", "-->", "<nowiki>", "</nowiki>", "<pre>", "</pre>", "<br>",
        "<small>", "</small>", "<div>", "</div>", "<span", "</span>", "<script>", "<img/src=x", "onerror=alert(1)>", "<", ">",
        "&", "&lt;", "&#123;", "&#0;", "&quot;", "\"", "'", "/", "\\", "http://a", "javascript:b", "[data:c", "mailto:d@e",
        "fullurl:", "#if:", "PAGENAME", "", "\u0000", "\u00001\u0000", "\u0001", "\ud800", "\r\t", "Category:A",
        "[[Category:A]]", "a", "Here", "__TOC__", "onclick=", "----", " ",
    ]
)  # fmt: skip


@settings(max_examples=400, deadline=None)
@given(st.one_of(st.text(), st.lists(PIECES, max_size=60).map("".join)))
def test_any_text_is_shown_and_stays_text(text: str) -> None:
    read(view._Renderer("Here", {"Here": "here.html", "A": "a.html"}).page(text))


@settings(max_examples=60, deadline=None)
@given(text=st.lists(PIECES, max_size=20).map("".join), title=st.text(st.characters(), min_size=1, max_size=300))
def test_any_title_and_text_can_be_written(tmp_path_factory: pytest.TempPathFactory, text: str, title: str) -> None:
    folder = tmp_path_factory.mktemp("view")
    view.write([page(title, text, editor=text)], folder, title=text, first=[title, text])
    assert len(list(folder.iterdir())) == 2
    for path in folder.iterdir():
        read(path.read_text(encoding="utf-8"))


LONG = [
    "[[", "{{", "'''", "'''a ", "{{a|", "[[a|", "[http://a ", "http://a", "<!--", "<nowiki>", "<pre ", "<span ", "<small>", "{|\n", "|\n",
    "{|\n|", "}}", "]]", "{{{", "=", "\n=", "*", "*\n", "#*\n", "&", "&#", "<", "|", "{{a}}", "{{a|b", " ", "\n ", "[{{fullurl:a}}", "''<small>",
    "__", "{{{{{{a", "[[Category:a]]", "|a=b", "-", "[mailto:", "<br",
]  # fmt: skip


@pytest.mark.parametrize("unit", LONG)
def test_long_pages_take_linear_time(unit: str) -> None:
    count = 200_000 // len(unit)
    half = count // 2
    for text in (unit * count, unit * half + "}}" * half, unit * half + "]]" * half, "{{a|" + unit * count + "}}"):
        begun = time.process_time()
        made = view._Renderer("Here", {}).page(text)
        assert time.process_time() - begun < 3
        assert len(made) < 80 * len(text)


def test_an_index_and_a_page(tmp_path: Path) -> None:
    pages = [
        page("Summary", "[[Category:Counts]] [[Who/Ann]]"),
        page("Who/Ann", "{{Choice|title=x}}", 7, "Ann <b>"),
        page("Who/Émile"),
        page("Who"),
        page("Help"),
    ]
    index = view.write(iter(pages), tmp_path / "new" / "html", title="A & B", first=["Summary", "Lost"])
    assert index == tmp_path / "new" / "html" / "index.html"
    html = index.read_text(encoding="utf-8")
    reader = read(html)
    assert "A & B" in reader.text
    assert "5 pages" in reader.text
    assert reader.text.split()[-10:] == ["Summary", "Who", "3", "Who", "Ann", "Émile", "Other", "pages", "1", "Help"]
    assert "default-src 'none'" in html.replace("&#39;", "'")
    for link in reader.links:
        assert (index.parent / unquote(link)).is_file()
    assert len(reader.links) == 5
    ann = next(index.parent / unquote(link) for link in reader.links if "Ann" in link)
    shown = read(ann.read_text(encoding="utf-8"))
    assert "Revision 7 by Ann <b>, 2024-05-17 09:30 UTC" in shown.text
    assert shown.links == ["index.html"]
    summary = next(index.parent / unquote(link) for link in reader.links if "Summary" in link)
    assert "Categories: Counts" in read(summary.read_text(encoding="utf-8")).text


def test_times_are_told_in_utc(tmp_path: Path) -> None:
    east = Page(1, "A", 1, "", datetime(2024, 1, 1, 1, 0, tzinfo=timezone(timedelta(hours=2))))
    view.write([east], tmp_path, title="t")
    assert any("2023-12-31 23:00 UTC" in path.read_text(encoding="utf-8") for path in tmp_path.iterdir())


def test_the_folder_is_made_anew_and_other_files_stay(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    view.write([page("A"), page("B")], tmp_path, title="t")
    view.write([page("A")], tmp_path, title="t")
    assert len(list(tmp_path.glob("*.html"))) == 2
    assert (tmp_path / "notes.txt").read_text() == "mine"


def test_file_names_are_safe_and_never_collide() -> None:
    titles = ["index", "Index", "INDEX", "con", "../../etc/passwd", "..", ".", "a/b", "a\\b", "é", "e\u0301", "x" * 300, "x" * 299 + "y", "\ud800", "\ud801", ""]
    names = [view._file(title) for title in titles]
    assert len({name.casefold() for name in names}) == len(titles)
    for name in names:
        assert re.fullmatch(r"[A-Za-z0-9%_~-]*-[0-9a-f]{16}\.html", name)
        assert len(name) < 140


def test_the_style_is_the_one_that_the_policy_allows(tmp_path: Path) -> None:
    import base64
    import hashlib

    html = view.write([], tmp_path, title="t").read_text(encoding="utf-8")
    style = html.partition("<style>")[2].partition("</style>")[0]
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert f"'sha256-{digest}'" in wikitext.html.unescape(html)
