"""The articles of a charter page: what they are known by, and the exact wording of each. Pure.

An article is a section with a mark in a comment, ``wikibridge article NUMBER KEY TITLE``, or without one by the number in its
heading. Its wording is its title and all that stands below it up to the next article, as markup: white space, comments, the word
and number before the title and a last line that names the source do not count. https://en.wikipedia.org/wiki/Text_normalization
"""

from __future__ import annotations

import hashlib
import json
import re
from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass, field

from wikibridge.entries.spelling import fold
from wikibridge.i18n import LANGUAGES, message
from wikibridge.markup import regions, wikitext
from wikibridge.markup.parts import Dialect, Heading

CODE = 8
"""Digits of the code by which people name a wording."""
_MARK = re.compile(r"\s*wikibridge[ :]article (\d{1,4}) ([0-9a-f]{1,64}) ([0-9a-f]{1,64})\s*")
_NUMBERED = re.compile(r"(?:article|artigo)\s+(?:n[.º°o]*\s*)?(\d{1,4})(?:\.?º|°|er\b)?\s*[.:–—-]?\s*", re.IGNORECASE)
_BLANKS = re.compile(r"\s+")
_SOURCE = {
    "mediawiki": re.compile(r"\[\[:([^\[\]|#\n]+)(?:#([^\[\]|#\n]*))?\|([^\[\]|\n]*)\]\]"),
    "tiki": re.compile(r"\(\(([^|\n]+?)(?:\|((?:(?!\)\)).)*))?\)\)|\[tiki-index\.php\?page=[^\[\]|\n]+\|[^\[\]|\n]+\]"),
}


@dataclass(frozen=True, slots=True)
class Article:
    """An article as it stands on the page.

    ``id`` is the number that it keeps, ``number`` the one that its heading shows; ``title`` is plain text; ``digest`` that of the
    wording; ``origin`` the key and the digest of the title of the conclusion that it was made from, where it was. ``shows`` tells
    that it shows what stands on other pages, which may change unseen.
    """

    id: int
    number: int
    title: str
    digest: str
    origin: tuple[str, str] = ("", "")
    shows: bool = False

    @property
    def code(self) -> str:
        """The code by which people name this wording."""
        return self.digest[:CODE]


@dataclass(frozen=True, slots=True)
class Draft:
    """A charter as it stands: its articles in their order, and the digest of what stands outside of them.

    ``doubled`` are headings of articles whose number another one has already: these are none.
    """

    articles: tuple[Article, ...] = ()
    rest: str = ""
    doubled: tuple[str, ...] = ()
    by_id: Mapping[int, Article] = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "by_id", {article.id: article for article in self.articles})

    @property
    def digest(self) -> str:
        """That of all wordings together, in the order of the articles' own numbers."""
        return digest(" ".join(f"{number} {self.by_id[number].digest}" for number in sorted(self.by_id)))

    @property
    def code(self) -> str:
        """The code by which people name the charter in this wording."""
        return self.digest[:CODE]


def digest(text: str) -> str:
    """The hash by which a wording is known: 32 hexadecimal digits of SHA-256."""
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()[:32]


def wording(title: str, body: str) -> str:
    """The digest of a title and a text, in both of which white space counts for nothing but a blank."""
    return digest("\0".join(_BLANKS.sub(" ", each).strip() for each in (title, body)))


def read(text: str, dialect: Dialect = wikitext) -> Draft:
    """The articles of a page. What stands in regions that are generated is no part of it."""
    text = regions.without(text, dialect)
    scan = dialect.scan(text)
    begin, end = dialect.COMMENT
    marks: dict[int, re.Match[str]] = {}
    starts = [head.start for head in scan.headings]
    for note in scan.comments:
        found = _MARK.fullmatch(text[note.start + len(begin) : note.end - len(end)])
        above = bisect_left(starts, note.start) - 1
        if found and above >= 0:
            marks.setdefault(above, found)
    numbered = {index: found for index, head in enumerate(scan.headings) if (found := _NUMBERED.match(head.text.strip()))}
    heads = sorted(marks.keys() | numbered)
    taken = {int(mark[1]) for mark in marks.values()}
    articles: list[Article] = []
    doubled: list[str] = []
    spans: list[tuple[int, int]] = []
    seen: set[int] = set()
    for index in heads:
        head, mark, shown = scan.headings[index], marks.get(index), numbered.get(index)
        number = int(mark[1]) if mark else int(shown[1]) if shown else 0
        if number in seen or (mark is None and number in taken):
            doubled.append(head.text.strip()[:100])
            continue
        seen.add(number)
        stop = _stop(scan.headings, index, heads, len(text))
        spans.append((head.start, stop))
        raw = _bare(text, head.start, head.end, scan.comments).strip().strip("=" if dialect is wikitext else "!").strip()
        label = _NUMBERED.match(raw)
        body, _, last = _bare(text, head.end, stop, scan.comments).strip().rpartition("\n")
        body = body if is_source(last, dialect) else f"{body}\n{last}"
        articles.append(Article(
            number, int(shown[1]) if shown else number, head.text.strip()[shown.end() if shown else 0 :].strip(),
            wording(raw[label.end() if label else 0 :], body), (mark[2], mark[3]) if mark else ("", ""),
            any(head.start <= call.start < stop for call in scan.calls)))
    at, rest = 0, ""
    for start, stop in [*spans, (len(text), len(text))]:
        rest += _bare(text, at, start, scan.comments) + " "
        at = stop
    return Draft(tuple(articles), digest(_BLANKS.sub(" ", rest).strip()), tuple(doubled))


def _stop(headings: tuple[Heading, ...], index: int, articles: list[int], length: int) -> int:
    """Where the text of an article ends: at the next one, or at a heading that is no part of it."""
    level = headings[index].level
    return next((head.start for number, head in enumerate(headings[index + 1 :], index + 1)
                 if number in articles or head.level <= level), length)


def _bare(text: str, start: int, end: int, comments: tuple[tuple[int, int], ...]) -> str:
    """A part of a text without its comments."""
    pieces, at = [], start
    for first, last in comments:
        if at <= first < end:
            pieces.append(text[at:first])
            at = last
    return "".join([*pieces, text[min(at, end) : end]])


def source_line(title: str, section: str, language: str, dialect: Dialect) -> str:
    """The line below an article that names the page, and the section, of the conclusion that it was made from."""
    linked = _linked(title, section, dialect)
    return f"{dialect.SLANTED}{message('charter-source', language)} {linked}{dialect.SLANTED}"


def _linked(title: str, section: str, dialect: Dialect) -> str:
    if dialect is wikitext and section and not set(section) & set("[]{}|<>#\n&"):
        return f"[[:{title}#{section}|{wikitext.escape(title)}]]"
    return dialect.link(title, title)


def is_source(line: str, dialect: Dialect) -> bool:
    """Whether a line names a source and says nothing else: a word, and a link that shows the title of the page it leads to."""
    line = line.strip()
    for language in LANGUAGES:
        before, after = f"{dialect.SLANTED}{message('charter-source', language)} ", dialect.SLANTED
        if line.startswith(before) and line.endswith(after):
            inner = line[len(before) : len(line) - len(after)]
            found = _SOURCE[dialect.NAME].fullmatch(inner)
            if found and dialect is wikitext:
                return inner in (_linked(found[1], found[2] or "", dialect), _linked(found[1], "", dialect))
            return found is not None and dialect.aimed(inner) == dialect.plain(inner)
    return False


def written(number: int, title: str, text: str, origin: tuple[str, str], source: str, language: str, dialect: Dialect) -> str:
    """An article as it is put on the page. ``title`` and ``text`` are what somebody typed; ``source`` is the line below."""
    begin, end = dialect.COMMENT
    head = message("charter-article", language, number, dialect.escape(title)).rstrip(" .")
    paragraphs = "\n\n".join(filter(None, (dialect.escape(part) for part in text.split("\n"))))
    mark = f"{begin} wikibridge article {number} {origin[0]} {origin[1]} {end}"
    return "\n".join([dialect.heading(head, 3), mark, *filter(None, [paragraphs and f"{paragraphs}\n", source])])


def title_digest(page: int, title: str) -> str:
    """What a conclusion is known by when its key is lost: the page that it stands on, and its title."""
    return hashlib.sha256(f"{page} {fold(title) or title}".encode(errors="surrogatepass")).hexdigest()[:8]


# Drafts of the past, and the text that was adopted

def to_mark(draft: Draft) -> str:
    """A draft as a mark by which a version of a page is known (mirror/pasts.py)."""
    each = [[a.id, a.number, a.title, a.digest, *a.origin, a.shows] for a in draft.articles]
    return json.dumps([each, draft.rest, draft.doubled], ensure_ascii=False)


def from_mark(mark: str) -> Draft:
    """The draft of a mark."""
    articles, rest, doubled = json.loads(mark)
    return Draft(tuple(Article(id, number, title, digest, (key, of), shows)
                       for id, number, title, digest, key, of, shows in articles), rest, tuple(doubled))


@dataclass(frozen=True, slots=True)
class Adopted:
    """What was adopted: the last day of the vote in ISO 8601, the digests of all wordings together and of each, and of what
    stands outside of the articles; ``revision`` of the page is the first that had this text.
    """

    day: str
    digest: str
    revision: int
    articles: Mapping[int, str]
    rest: str


_ADOPTED = re.compile(
    r"wikibridge adopted (\d{4}-\d\d-\d\d) ([0-9a-f]{32}) (\d{1,18}) ([0-9a-f]{32})((?: \d{1,4}:[0-9a-f]{32})*) ")


def record(made: Adopted, dialect: Dialect) -> str:
    """What was adopted, as a comment that stands in the region on the page."""
    begin, end = dialect.COMMENT
    each = " ".join(f"{number}:{of}" for number, of in sorted(made.articles.items()))
    return f"{begin} wikibridge adopted {made.day} {made.digest} {made.revision} {made.rest} {each} {end}"


def adopted(region: str) -> Adopted | None:
    """The record of an adoption in the content of a region; None where there is none."""
    found = _ADOPTED.search(region)
    if not found:
        return None
    each = (part.split(":") for part in found[5].split())
    return Adopted(found[1], found[2], int(found[3]), {int(number): of for number, of in each}, found[4])
