"""A view of pages as static HTML, to look at in a browser without a wiki, a server or a script.

This is no MediaWiki: it shows the markup that our own pages and their editors use, and anything else as the text that
was typed. Pages hold whatever anybody wrote, so every element and attribute of the result is made here; nothing is
copied. One pass hides comments and puts template calls, innermost first, in place of marks; a second goes line by line.
Both take linear time, since nesting has a limit.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC
from html import escape, unescape
from pathlib import Path
from urllib.parse import quote

from jinja2 import Environment
from markupsafe import Markup

from wikibridge.entries.spelling import without_accents
from wikibridge.model import Page

_DEPTH = 20
_TABLES = 5
_OPEN_GROUP = 60
_BRACES = 9

# U+0000 stands around the number of a finished piece of HTML, U+0001 for a magic word that leaves nothing.
_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
_GONE = "\x01"
_TOKENS = re.compile(
    r"<!--|<(?P<tag>nowiki|pre|templatedata)(?=[\s/>])[^<>]*>|</?(?:noinclude|onlyinclude|includeonly)\s*/?>"
    r"|\{\{+|\}\}+|\||\[\[[^\[\]{}<>\n]{0,600}\]\]",
    re.IGNORECASE,
)
_CLOSING = {name: re.compile(rf"</{name}\s*>", re.IGNORECASE) for name in ("nowiki", "pre", "templatedata")}
_MAGIC = re.compile(
    r"(?i:#\w|(?:fullurle?|localurle?|canonicalurle?|filepath|padleft|padright|urlencode|anchorencode|lc|uc|lcfirst|ucfirst"
    r"|ns|nse|formatnum|plural|gender|grammar|bidi|int|tag|displaytitle|defaultsort|special)\s*:)"
    r"|(?:(?:FULL|BASE|SUB|ROOT|TALK|SUBJECT)?PAGENAMEE?|NAMESPACEE?|SITENAME|SERVER|SERVERNAME|SCRIPTPATH"
    r"|PAGEID|REVISION[A-Z0-9]+|(?:CURRENT|LOCAL|NUMBEROF)[A-Z0-9]+)\Z"
)
_CHARACTERS = {"!": "|", "=": "="}
_TAGS = {"b": "strong", "strong": "strong", "i": "em", "em": "em"} | {
    name: name for name in ("bdi", "blockquote", "code", "del", "div", "ins", "s", "small", "span", "sub", "sup", "u")
}
_ENTITY = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_INLINE = re.compile(
    r"(?P<piece>\x00\d+\x00)|(?P<gone>\x01|__(?:NO|FORCE)?TOC__|__NOEDITSECTION__|__NEWSECTIONLINK__|__(?:NO)?INDEX__)"
    r"|(?P<line>\n)|(?P<quotes>'{2,})"
    r"|(?P<link>\[\[(?P<target>[^\[\]|\n<>\x00\x01]{1,300})(?:\|(?P<label>[^\[\]\n]*+))?\]\])"
    r"|(?P<address>\[(?P<to>(?i:https?://|mailto:)[^\s\[\]<>\"\x00\x01]++)(?:[ \t]++(?P<words>[^\[\]\n]*+))?\])"
    r"|(?P<dead>\[\x01[^\s\[\]]*+[ \t]*+(?P<rest>[^\[\]\n]*+)\])"
    r"|(?P<bare>\b(?i:https?://)[^\s\[\]<>\"'|\x00\x01]++)"
    rf"|(?P<tag><(?P<slash>/?)(?P<name>(?i:br|{'|'.join(_TAGS)}))(?=[\s/>])[^<>]*>)"
    rf"|(?P<entity>{_ENTITY.pattern})"
)
_CATEGORY = re.compile(r"(?:category|catégorie|categoria)\s*:\s*(.+)", re.IGNORECASE)
_BLOCK = re.compile(r"<(?:div|pre|blockquote)\b")
_NUMBER = re.compile(r"[-+−]?\d[\d\s.,]*%?")
_LISTS = {"*": ("ul", "li"), "#": ("ol", "li"), ":": ("dl", "dd"), ";": ("dl", "dt")}


def _normal(title: str) -> str:
    title = " ".join(title.replace("_", " ").split())
    return title[:1].upper() + title[1:]


def _decoded(raw: str) -> str:
    return _ENTITY.sub(lambda match: unescape(match[0]), raw)


def _text(raw: str) -> str:
    return escape(_decoded(raw), quote=False)


@dataclass(slots=True)
class _Open:
    """Braces opened and not yet closed, with what follows them, split at the bars."""

    count: int
    parts: list[list[str]] = field(default_factory=lambda: [[]])

    def typed(self) -> list[str]:
        """All of it as it was typed."""
        out = ["{" * self.count]
        for number, part in enumerate(self.parts):
            out += ["|", *part] if number else part
        return out


class _Renderer:
    """One page on its way to HTML. ``files`` gives the address of each page of the set by its normal title."""

    def __init__(self, title: str, files: Mapping[str, str]) -> None:
        self.title = title
        self.files = files
        self.categories: dict[str, None] = {}
        self.pieces: list[str] = []

    def page(self, text: str) -> str:
        """The HTML of a whole page."""
        return self.blocks(self.prepare(_CONTROLS.sub("", text.replace("\r\n", "\n"))))

    def piece(self, made: str) -> str:
        """Keep finished HTML; answers the mark that stands for it."""
        self.pieces.append(made)
        return f"\x00{len(self.pieces) - 1}\x00"

    def prepare(self, text: str) -> str:
        """The text with marks in place of calls and of what is not to be read as markup, and without comments."""
        root: list[str] = []
        stack: list[_Open] = []
        unclosed: set[str] = set()
        at = 0
        while match := _TOKENS.search(text, at):
            begin, token = match.start(), match[0]
            out = stack[-1].parts[-1] if stack else root
            out.append(text[at:begin])
            at = match.end()
            if token == "<!--":
                end = text.find("-->", at)
                at = len(text) if end < 0 else end + 3
                if text.startswith("\n", at) and (begin == 0 or text[begin - 1] == "\n"):
                    at += 1
            elif match["tag"]:
                name = match["tag"].lower()
                if token.endswith("/>"):
                    continue
                close = None if name in unclosed else _CLOSING[name].search(text, at)
                if close is None:
                    unclosed.add(name)
                    out.append(token)
                    continue
                inner = _text(text[at : close.start()])
                out.append(self.piece(inner if name == "nowiki" else f"<pre>{inner.strip(chr(10))}</pre>"))
                at = close.end()
            elif token[0] == "{" and len(token) <= _BRACES:
                if len(stack) == _DEPTH:
                    root += stack.pop(0).typed()
                stack.append(_Open(len(token)))
            elif token[0] == "}" and stack:
                top = stack.pop()
                count = min(len(token), top.count, 3)
                at = begin + count
                made = self.closed(count, ["".join(part) for part in top.parts])
                if top.count - count >= 2:
                    stack.append(_Open(top.count - count, [[made]]))
                else:
                    (stack[-1].parts[-1] if stack else root).extend(("{" * (top.count - count), made))
            elif token == "|" and stack:
                stack[-1].parts.append([])
            elif token[0] != "<":
                out.append(token)
        for left in stack:
            root += left.typed()
        return "".join([*root, text[at:]])

    def closed(self, count: int, parts: list[str]) -> str:
        """What a call, a parameter (three braces) or a magic word becomes in the text."""
        name = parts[0].strip()
        if count == 3:
            return self.piece(f"{{{{{{{self.inline(name)}}}}}}}")
        if name in _CHARACTERS and len(parts) == 1:
            return self.piece(_CHARACTERS[name])
        if _MAGIC.match(name):
            return _GONE
        pairs: list[tuple[str, str]] = []
        unnamed = 0
        for part in parts[1:]:
            key, equals, value = part.partition("=")
            if not equals or "[[" in key:
                unnamed += 1
                key, value = str(unnamed), part
            pairs.append((key.strip(), value.strip()))
        shown = [pair for pair in pairs if pair[1]] or pairs
        rows = [f'<dt dir="auto">{self.inline(key)}</dt><dd dir="auto">{self.value(value)}</dd>' for key, value in shown]
        list_ = f"<dl>{''.join(rows)}</dl>" if rows else ""
        return self.piece(f'<div class="call"><div class="name" dir="auto">{self.inline(name)}</div>{list_}</div>')

    def value(self, text: str, depth: int = 0) -> str:
        """A value of one line as it stands, one of several in paragraphs."""
        return self.blocks(text, depth) if "\n" in text else self.inline(text)

    def blocks(self, text: str, depth: int = 0) -> str:
        """Headings, lists, tables and paragraphs."""
        out: list[str] = []
        paragraph: list[str] = []
        levels: list[tuple[str, str]] = []
        lines = text.split("\n")
        at = 0

        def flush(keep: int = 0) -> None:
            made = self.inline("\n".join(paragraph)).strip()
            paragraph.clear()
            if made:
                tag = "div" if _BLOCK.search(made) else "p"
                out.append(f'<{tag} dir="auto">{made}</{tag}>')
            while len(levels) > keep:
                out.append("</{1}></{0}>".format(*levels.pop()))

        while at < len(lines):
            line = lines[at].strip()
            at += 1
            signs = line[: min(_DEPTH, len(line) - len(line.lstrip("*#:;")))]
            if depth < _TABLES and line.lstrip(": ").startswith("{|"):
                flush()
                made, at = self.table(lines, at, depth)
                out.append(made)
            elif signs:
                new = [_LISTS[sign] for sign in signs]
                same = 0
                while same < min(len(new), len(levels)) and new[same][0] == levels[same][0]:
                    same += 1
                flush(same)
                if same == len(new):
                    out.append(f'</{levels[-1][1]}><{new[-1][1]} dir="auto">')
                    levels[-1] = new[-1]
                for list_, item in new[same:]:
                    out.append(f'<{list_}><{item} dir="auto">')
                    levels.append((list_, item))
                out.append(self.inline(line[len(signs) :].strip()))
            elif len(line) > 2 and line[0] == line[-1] == "=":
                flush()
                level = min(6, len(line) - len(line.lstrip("=")), len(line) - len(line.rstrip("=")), (len(line) - 1) // 2)
                tag = f"h{max(2, level)}"
                out.append(f'<{tag} dir="auto">{self.inline(line[level:-level].strip())}</{tag}>')
            elif line.startswith("----"):
                flush()
                out.append("<hr>")
            elif line:
                if levels:
                    flush()
                paragraph.append(line)
            else:
                flush()
        flush()
        return "\n".join(out)

    def table(self, lines: list[str], at: int, depth: int) -> tuple[str, int]:
        """The table whose first line stands before ``lines[at]``, and the place of the line after it."""
        rows: list[list[tuple[str, list[str]]]] = [[]]
        caption: list[str] = []
        cell: list[str] | None = None
        inner = 0
        while at < len(lines):
            line = lines[at].strip()
            at += 1
            if line.startswith("{|"):
                inner += 1
            elif line.startswith("|}"):
                if not inner:
                    lines[at - 1] = line[2:]
                    at -= 1
                    break
                inner -= 1
            elif not inner and line.startswith("|-"):
                rows.append([])
                cell = None
                continue
            elif not inner and line.startswith(("|", "!")):
                title = line.startswith("|+")
                for part in re.split(r"\|\||!!" if line[0] == "!" else r"\|\|", line[2 if title else 1 :]):
                    attributes, bar, content = part.partition("|")
                    cell = [content if bar and "[[" not in attributes else part]
                    if title:
                        caption = cell
                    else:
                        rows[-1].append(("th" if line[0] == "!" else "td", cell))
                continue
            if cell is None and line:
                cell = []
                rows[-1].append(("td", cell))
            if cell is not None:
                cell.append(lines[at - 1])
        made = [f'<caption dir="auto">{self.value(chr(10).join(caption).strip(), _TABLES)}</caption>'] if caption else []
        for row in filter(None, rows):
            made.append("<tr>")
            for tag, content in row:
                text = "\n".join(content).strip()
                number = ' class="number"' if tag == "td" and _NUMBER.fullmatch(_decoded(text[:40])) else ""
                made.append(f'<{tag}{number} dir="auto">{self.value(text, depth + 1)}</{tag}>')
            made.append("</tr>")
        return f'<div class="scroll"><table>{"".join(made)}</table></div>', at

    def inline(self, text: str, links: bool = True) -> str:
        """What stands within a line: bold and italic, links, the tags that are let through, entities and marks."""
        out: list[str] = []
        stack: list[str] = []  # "b" and "i" are those of apostrophes only

        def shut(mark: str) -> None:
            while stack[-1] != mark:
                out.append(f"</{stack.pop()}>")
            out.append(f"</{stack.pop()}>")

        def toggle(mark: str) -> None:
            other = "i" if mark == "b" else "b"
            if mark in stack[-1:] or (stack[-1:] == [other] and mark in stack[-2:-1]):
                again = stack[-1] == other
                shut(mark)
                mark = other if again else ""
            if mark:
                stack.append(mark)
                out.append(f"<{mark}>")

        at = 0
        for match in _INLINE.finditer(text):
            out.append(escape(text[at : match.start()], quote=False))
            at = match.end()
            token = match[0]
            match match.lastgroup:
                case "piece":
                    out.append(self.pieces[int(token[1:-1])])
                case "line":
                    while stack and stack[-1] in ("b", "i"):
                        out.append(f"</{stack.pop()}>")
                    out.append("\n")
                case "quotes":
                    size = len(token)
                    out.append("'" * (1 if size == 4 else max(0, size - 5)))
                    order = "ib" if stack[-1:] == ["i"] else "bi"
                    for mark in "i" if size == 2 else "b" if size < 5 else order:
                        toggle(mark)
                case "link":
                    out.append(self.link(match["target"], match["label"], links))
                case "address":
                    out.append(self.address(match["to"], self.inline(match["words"] or "", False), links))
                case "dead":
                    out.append(self.inline(match["rest"], links))
                case "bare":
                    kept = token.rstrip(".,;:!?)")
                    kept += ";" if _ENTITY.search(token[: len(kept) + 1], max(0, len(kept) - 34), len(kept) + 1) else ""
                    out.append(self.address(kept, "", links) + escape(token[len(kept) :], quote=False))
                case "tag":
                    name = match["name"].lower()
                    made = _TAGS.get(name, "br")
                    if made == "br":
                        out.append("<br>")
                    elif match["slash"]:
                        if made in stack:
                            shut(made)
                    elif len(stack) >= _DEPTH:
                        out.append(escape(token, quote=False))
                    elif not token.endswith("/>"):
                        stack.append(made)
                        out.append(f"<{made}>")
                case "entity":
                    out.append(_text(token))
        out.append(escape(text[at:], quote=False))
        out += [f"</{name}>" for name in reversed(stack)]
        return "".join(out)

    def link(self, target: str, label: str | None, links: bool) -> str:
        """A link to a page of the set; the label alone when there is none; nothing for a category, which is kept."""
        target = _decoded(target).strip()
        category = _CATEGORY.fullmatch(target)
        if category:
            self.categories.setdefault(_normal(category[1]))
            return ""
        shown = self.inline(label, False).strip() if label else ""
        shown = shown or escape(target.removeprefix(":"), quote=False)
        title = self.title + target.rstrip("/") if target.startswith("/") else target.removeprefix(":")
        file = self.files.get(_normal(title.partition("#")[0]))
        return f'<a href="{escape(file)}">{shown}</a>' if file and links else shown

    def address(self, to: str, words: str, links: bool) -> str:
        """A link out of the view."""
        words = words.strip() or _text(to)
        return f'<a class="out" rel="noopener noreferrer" href="{escape(_decoded(to))}">{words}</a>' if links else words


_STYLE = """
:root { color-scheme: light dark; --line: #a2a9b1; --soft: #5f6670; --back: #f5f7f5; --green: #3a7d44; --link: #1f5fbf; }
@media (prefers-color-scheme: dark) {
  :root { --line: #4c535b; --soft: #a3abb5; --back: #1d231e; --green: #6cb878; --link: #8ab4f8; }
  body { background: #14171a; color: #e4e6e8; }
}
body { font: 1rem/1.55 system-ui, sans-serif; margin: 0 auto; max-width: 52rem; padding: 1rem; overflow-wrap: anywhere; }
a { color: var(--link); text-decoration: none; } a:hover { text-decoration: underline; }
nav, footer, .note { color: var(--soft); font-size: .875rem; }
footer { border-top: 1px solid var(--line); margin-top: 2.5rem; }
h1 { font-size: 1.75rem; line-height: 1.25; margin: .6rem 0; }
h2 { border-bottom: 1px solid var(--line); font-size: 1.35rem; margin: 1.8rem 0 .6rem; }
h3 { font-size: 1.15rem; } h4, h5, h6 { font-size: 1rem; }
.scroll { overflow-x: auto; margin: 1rem 0; }
table { border-collapse: collapse; overflow-wrap: normal; }
th, td { border: 1px solid var(--line); padding: .3rem .65rem; vertical-align: top; }
th { background: var(--back); } td.number { text-align: end; font-variant-numeric: tabular-nums; white-space: nowrap; }
td > span { color: var(--green); }
pre { background: var(--back); border: 1px solid var(--line); border-radius: 4px; max-height: 24rem; overflow: auto;
  padding: .6rem .8rem; }
dd { margin-inline-start: 1.6rem; }
.call { border: 1px solid var(--line); border-inline-start: 4px solid var(--green); border-radius: 4px; padding: .4rem .8rem;
  margin: .7rem 0; max-width: 42rem; }
.call .name { color: var(--green); font-size: .8rem; font-weight: 600; letter-spacing: .03em; }
.call > dl { display: grid; grid-template-columns: minmax(5rem, max-content) 1fr; gap: .1rem .9rem; margin: .2rem 0; }
.call > dl > dt { color: var(--soft); font-size: .875rem; line-height: 1.77; max-width: 12rem; }
.call > dl > dd { margin: 0; min-width: 0; } .call p { margin: 0 0 .4rem; }
.first { list-style: none; padding: 0; display: grid; gap: .6rem; grid-template-columns: repeat(auto-fill, minmax(14rem, 1fr)); }
.first a { border: 1px solid var(--line); border-inline-start: 4px solid var(--green); border-radius: 4px; display: block;
  font-weight: 600; padding: .7rem .9rem; }
summary { cursor: pointer; font-weight: 600; padding: .35rem 0; }
details ul { columns: 14rem; list-style: none; margin: .2rem 0 1rem; padding: 0 0 0 1.1rem; }
details li { break-inside: avoid; padding: .1rem 0; }
"""
_DIGEST = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
_POLICY = f"default-src 'none'; style-src 'sha256-{_DIGEST}'; base-uri 'none'; form-action 'none'"
_HEAD = """<!DOCTYPE html>
<html>
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{{ policy }}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>{{ title }}</title>
<style>{{ style }}</style>
</head>
<body>
"""
_PAGE = _HEAD + """<nav><a href="index.html">← {{ site }}</a></nav>
<main>
<h1 dir="auto">{{ title }}</h1>
{{ body }}
</main>
<footer>
{%- if categories %}
<p>Categories: {% for name in categories %}<bdi>{{ name }}</bdi>{{ "" if loop.last else " · " }}{% endfor %}</p>
{%- endif %}
<p>Revision {{ page.revision }}{% if page.editor %} by <bdi>{{ page.editor }}</bdi>{% endif %}, {{ time }} UTC</p>
</footer>
</body>
</html>
"""
_INDEX = _HEAD + """<main>
<h1 dir="auto">{{ title }}</h1>
<p class="note">{{ count }} {{ "page" if count == 1 else "pages" }}</p>
{%- if first %}
<ul class="first">{% for name, file in first %}<li><a href="{{ file }}" dir="auto">{{ name }}</a></li>{% endfor %}</ul>
{%- endif %}
{%- for name, links in groups %}
<details{% if links | length <= limit %} open{% endif %}>
<summary><bdi>{{ name or "Other pages" }}</bdi> <span class="note">{{ links | length }}</span></summary>
<ul>{% for label, file in links %}
<li><a href="{{ file }}" dir="auto">{{ label }}</a></li>{% endfor %}
</ul></details>
{%- endfor %}
</main>
</body>
</html>
"""


def _file(title: str) -> str:
    """A file name: readable at its beginning, and told apart by a digest on any disk."""
    digest = hashlib.sha256(title.encode("utf-8", "surrogatepass")).hexdigest()[:16]
    return f"{quote(title[:60], safe='', errors='replace').replace('.', '%2E')[:100]}-{digest}.html"


def _order(title: str) -> tuple[str, str]:
    return re.sub(r"[0-9]{1,12}", lambda match: match[0].zfill(12), without_accents(title).casefold()), title


def _groups(titles: Iterable[str], links: Mapping[str, str]) -> list[tuple[str, list[tuple[str, str]]]]:
    """Links by the part of their titles before the slash; the group without a name, of those alone, comes last."""
    ordered = sorted(titles, key=_order)
    parents = {title.partition("/")[0] for title in ordered if "/" in title}
    found: dict[str, list[tuple[str, str]]] = {}
    for title in ordered:
        parent, slash, rest = title.partition("/")
        found.setdefault(parent if parent in parents else "", []).append((rest if slash and rest else title, links[title]))
    return sorted(found.items(), key=lambda group: (not group[0], _order(group[0])))


def write(pages: Iterable[Page], folder: Path, *, title: str, first: Sequence[str] = ()) -> Path:
    """Write one HTML file a page and an index into ``folder`` (made anew); answers the path of the index.

    HTML files that stand in the folder are removed first, other files stay. ``first`` are the titles that the index
    shows before all others; those that are not among the pages are left out. Any text can be shown; raises OSError
    when the disk refuses.
    """
    by_title = {page.title: page for page in pages}
    names = {name: _file(name) for name in by_title}
    links = {name: quote(file) for name, file in names.items()}
    by_link = {_normal(name): link for name, link in links.items()}
    environment = Environment(autoescape=True, keep_trailing_newline=True)
    environment.globals.update(policy=_POLICY, style=Markup(_STYLE), limit=_OPEN_GROUP)
    frame, index = environment.from_string(_PAGE), environment.from_string(_INDEX)
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.html"):
        old.unlink()

    def save(name: str, text: str) -> Path:
        path = folder / name
        path.write_text(_CONTROLS.sub("", text), encoding="utf-8")
        return path

    for page in by_title.values():
        renderer = _Renderer(page.title, by_link)
        body = Markup(renderer.page(page.text))
        time = (page.time.astimezone(UTC) if page.time.tzinfo else page.time).strftime("%Y-%m-%d %H:%M")
        categories = sorted(renderer.categories, key=_order)
        text = frame.render(title=page.title, site=title, body=body, categories=categories, page=page, time=time)
        save(names[page.title], text)
    shown = [name for name in dict.fromkeys(map(_normal, first)) if name in by_link]
    others = [name for name in by_title if _normal(name) not in shown]
    return save("index.html", index.render(
        title=title, count=len(by_title), first=[(name, by_link[name]) for name in shown], groups=_groups(others, links)))
