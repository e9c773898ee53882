"""Tiki's markup as plain HTML for whoever looks at the demo: the common signs, everything else as it was typed.

All text is escaped before anything is made of it; addresses of links are of the web or of this wiki.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from html import escape
from urllib.parse import quote

from wikibridge.markup import tikitext
from wikibridge.markup.parts import Call

Source = Callable[[str], str | None]
"""The text of a page by its name."""

_DEPTH = 5
_MARK = "\ufdd1"
"""Stands, twice with a number between, for HTML that is ready; no character, so on no page."""
_PLACE = re.compile(f"{_MARK}(\\d+){_MARK}")
_HIDDEN = re.compile(r"~tc~.*?~/tc~|~hc~.*?~/hc~", re.DOTALL)
_UNPARSED = re.compile(r"~(np|pp)~(.*?)~/\1~", re.DOTALL)
_NAMED = {"lt": "<", "gt": ">", "amp": "&", "bs": "\\", "hs": "\u00a0", "c": "©", "--": "—", "lsq": "‘", "rsq": "’", "ldq": "“",
          "rdq": "”"}
_CODE = re.compile(rf"~(\d{{1,7}}|{'|'.join(_NAMED)})~")
_ADDRESS = re.compile(r"https?://|mailto:|tiki-|#")
_WIKI_LINK = re.compile(r"\(\(([^()|]+)(?:\|([^()|]*))?\)\)")
_WEB_LINK = re.compile(r"(?<!\[)\[([^\[\]|\n]+)(?:\|([^\[\]|\n]*))?[^\[\]\n]*\]")
_STYLES = (
    (re.compile(r"__(.+?)__"), r"<strong>\1</strong>"), (re.compile(r"&#x27;&#x27;(.+?)&#x27;&#x27;"), r"<em>\1</em>"),
    (re.compile(r"===(.+?)==="), r"<u>\1</u>"), (re.compile(r"(?<![\w-])--(\S[^\n]*?\S)--(?![\w-])"), r"<s>\1</s>"),
    (re.compile(r"-\+(.+?)\+-"), r"<code>\1</code>"),
    (re.compile(r"~~(#?\w+):([^~\n]*)~~"), r'<span style="color:\1">\2</span>'),
)


class _Page:
    """One rendering: pieces of HTML that are ready are put aside."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._ready: list[str] = []

    def aside(self, html: str) -> str:
        self._ready.append(html)
        return f"{_MARK}{len(self._ready) - 1}{_MARK}"

    def whole(self, html: str) -> str:
        """The pieces put back; one may hold another that was put aside before it."""
        for _ in range(2 * _DEPTH + 2):
            if _MARK not in html:
                break
            html = _PLACE.sub(lambda match: self._ready[int(match[1])] if int(match[1]) < len(self._ready) else "", html)
        return html.replace(_MARK, "")

    def text(self, text: str, depth: int = 0) -> str:
        """Blocks of HTML for a text."""
        text = text.replace("\r\n", "\n").replace("\r", "\n").replace(_MARK, "")
        pieces, at = [], 0
        calls = tikitext.scan(text).calls if depth < _DEPTH else ()
        end = 0
        for call in calls:
            if call.start < end:
                continue
            end = call.end
            pieces += [text[at : call.start], self.aside(self._plugin(call, depth))]
            at = end
        text = "".join([*pieces, text[at:]])
        text = _HIDDEN.sub("", text)
        text = _UNPARSED.sub(lambda match: self.aside(f"<pre>{escape(match[2])}</pre>" if match[1] == "pp" else
                                                      escape(match[2]).replace("\n", "<br>")), text)
        text = _CODE.sub(lambda match: self.aside(escape(_letter(match[1]))), text)
        return self._blocks(self._tables(text))

    def _plugin(self, call: Call, depth: int) -> str:
        named = {argument.name: argument.value for argument in call.arguments if argument.name}
        body = next((argument.value for argument in call.arguments if argument.name == ""), "")
        if call.name == "MAKETOC":
            return ""
        if call.name == "CODE":
            return f"<pre>{escape(body)}</pre>"
        if call.name == "FANCYTABLE":
            return self._fancy_table(named.get("head", ""), body)
        if call.name in ("DIV", "BOX", "CENTER", "SPLIT", "FADE", "TABS", "REMARKSBOX"):
            title = f"<b>{escape(named['title'])}</b>" if named.get("title") else ""
            return f'<div class="box">{title}{self.text(body, depth + 1)}</div>'
        if call.name == "INCLUDE":
            found = self._source(named.get("page", ""))
            if found is None:
                return f'<p class="missing">{escape(named.get("page", ""))}</p>'
            start, stop = named.get("start", ""), named.get("stop", "")
            if start and start in found:
                found = found.partition(start)[2]
            if stop:
                found = found.partition(stop)[0]
            return self.text(found, depth + 1)
        rows = "".join(f"<dt>{escape(name)}</dt><dd>{self.line(escape(value))}</dd>" for name, value in named.items())
        shown = self.text(body, depth + 1) if body.strip() else ""
        return f'<div class="plugin"><b>{escape(call.name)}</b><dl>{rows}</dl>{shown}</div>'

    def _table(self, rows: Sequence[Sequence[str]], head: Sequence[str] = ()) -> str:
        top = "".join(f"<th>{self.line(escape(cell.strip()))}</th>" for cell in head)
        cells = ("".join(f"<td>{self.line(escape(cell.strip()))}</td>" for cell in row) for row in rows)
        lines = "".join(f"<tr>{row}</tr>" for row in cells)
        return f"<table>{f'<tr>{top}</tr>' if top else ''}{lines}</table>"

    def _fancy_table(self, head: str, body: str) -> str:
        bar = "~|~" if "~|~" in head + body else "|"
        hidden = self._hide_links(body)
        rows = [line.split(bar) for line in hidden.strip("\n").split("\n") if line.strip()]
        return self._table(rows, head.split(bar) if head else ())

    def _hide_links(self, text: str) -> str:
        text = _UNPARSED.sub(lambda match: self.aside(escape(match[2])), _HIDDEN.sub("", text))
        text = _CODE.sub(lambda match: self.aside(escape(_letter(match[1]))), text)
        return _WEB_LINK.sub(self._web_link, _WIKI_LINK.sub(self._wiki_link, text))

    def _tables(self, text: str) -> str:
        pieces, at = [], 0
        # Bars in links separate nothing.
        text = _WIKI_LINK.sub(self._wiki_link, text)
        text = _WEB_LINK.sub(self._web_link, text)
        for table in tikitext.tables(text):
            html = self._table([[cell.text for cell in row] for row in table.rows])
            pieces += [text[at : table.start], "\n", self.aside(html), "\n"]
            at = table.end
        return "".join([*pieces, text[at:]])

    def _wiki_link(self, match: re.Match[str]) -> str:
        name, label = match[1], match[2] or match[1]
        missing = "" if self._source(name) is not None else ' class="missing"'
        return self.aside(f'<a{missing} href="/tiki-index.php?page={quote(name, safe="")}">{self.style(escape(label))}</a>')

    def _web_link(self, match: re.Match[str]) -> str:
        if not _ADDRESS.match(match[1]):
            return match[0]
        return self.aside(f'<a href="{escape(match[1])}">{self.style(escape(match[2] or match[1]))}</a>')

    @staticmethod
    def style(line: str) -> str:
        for pattern, html in _STYLES:
            line = pattern.sub(html, line)
        return line

    def line(self, line: str) -> str:
        """One line of escaped text with its styles."""
        return self.style(line.replace("[[", "[")).replace("%%%", "<br>")

    def _blocks(self, text: str) -> str:
        html: list[str] = []
        lists = ""
        paragraph: list[str] = []

        def close(signs: str = "") -> None:
            nonlocal lists
            if paragraph:
                html.append(f"<p>{'<br>'.join(paragraph)}</p>")
                paragraph.clear()
            while lists and not signs.startswith(lists):
                html.append("</ul>" if lists[-1] == "*" else "</ol>")
                lists = lists[:-1]
            for sign in signs[len(lists) :]:
                html.append("<ul>" if sign == "*" else "<ol>")
                lists += sign

        for raw in text.split("\n"):
            line = escape(raw.rstrip())
            heading = re.match(r"(!{1,6})(?:[-+]#?|#[-+]?)?(.*)", line)
            item = re.match(r"([*#]{1,6})[-+]?(.*)", line)
            term = re.match(r";([^:]*):(.*)", line)
            if heading:
                close()
                level = min(len(heading[1]) + 1, 6)
                html.append(f"<h{level}>{self.line(heading[2].strip())}</h{level}>")
            elif item:
                close(item[1])
                html.append(f"<li>{self.line(item[2].strip())}</li>")
            elif term:
                close()
                html.append(f"<dl><dt>{self.line(term[1])}</dt><dd>{self.line(term[2])}</dd></dl>")
            elif re.fullmatch(r"-{3,}", line):
                close()
                html.append("<hr>")
            elif not line:
                close()
            elif _PLACE.fullmatch(line):
                close()
                html.append(line)
            else:
                if lists:
                    close()
                paragraph.append(self.line(line))
        close()
        return "\n".join(html)


def _letter(code: str) -> str:
    if not code.isdigit():
        return _NAMED[code]
    number = int(code)
    return chr(number) if 31 < number < 0x110000 and not 0xD800 <= number < 0xE000 else ""


def render(text: str, source: Source) -> str:
    """A page as HTML; ``source`` finds the pages that it includes or links to."""
    page = _Page(source)
    return page.whole(page.text(text))


def plain_text(text: str) -> str:
    """The words of a page."""
    return _HIDDEN.sub("", text)
