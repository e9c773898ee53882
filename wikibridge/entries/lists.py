"""Entries typed as a heading and a list of fields, ``* Date : 3 nov.``, in any of the ways in which people make lists."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator
from dataclasses import dataclass, field

from wikibridge.entries.components import VOCABULARY as COMPONENT
from wikibridge.entries.fields import read_field
from wikibridge.entries.found import Found, Source, near_field, unnumbered
from wikibridge.entries.spelling import fold
from wikibridge.markup.parts import Argument, Heading

# Possessive throughout: no line, however long and odd, is looked at twice.
_BLANK = r"(?:[ \t\xa0\xad\u2000-\u200f\u202f\ufeff\x00]|&nbsp;|&\#160;)"
# Bold, italics, the tags that word processors leave, blanks: what may stand around the name of a field.
_AROUND = rf"(?:'{{2,5}}|__|\*\*|</?(?:b|strong|i|em|u|p|ul|ol|li|big|small|span|font|div)\b[^<>\n]{{0,80}}>|{_BLANK})*+"
_NAME = r"(?P<name>[^\W\d_][^\n:：=|{}\[\]<>\x00\x01]{0,58}?)"
_FIELD = rf"(?P<bullet>(?:{_BLANK}|[*#:;•·‣▪●○–—>-])*+){_AROUND}{_NAME}{_AROUND}(?P<colon>[:：=])(?P<after>{_AROUND})"
_LINE = re.compile(_FIELD, re.IGNORECASE)
_LINES = re.compile(rf"(?:^|<br\s*+/?>){_FIELD}", re.MULTILINE | re.IGNORECASE)
_BARE = re.compile(rf"{_BLANK}*+(?:;|'{{3}}|__|\*\*){_AROUND}{_NAME}{_AROUND}$", re.IGNORECASE)
_BARES = re.compile(rf"^{_BARE.pattern}", re.MULTILINE | re.IGNORECASE)
_MEANING = re.compile(rf":{_BLANK}*+")
_MARK = re.compile(rf"(?:[*#]++(?={_BLANK})|:){_BLANK}*+")
# The semicolon of a blank is none: from each one all blanks behind it would be looked at anew.
_INLINE = re.compile(
    rf"(?:(?<!&nbsp)(?<!&\#160);|[,.•|(]|{_BLANK}[-–—]){_AROUND}([^\W\d_][^\n:：=|;,.{{}}\[\]<>\x00\x01]{{0,40}}?){_AROUND}[:：]")
_BREAK = re.compile(r"\n|<br\s*/?>", re.IGNORECASE)
_NOTHING = re.compile(rf"{_AROUND}(?:-{{4,}})?{_AROUND}$", re.IGNORECASE)
_TAKEN = re.compile(rf"(?:{_BLANK}*+\x01++)++{_BLANK}*+$")
_FREE = ("text", "long_text", "page", "user", "url")
"""Kinds that any text fits."""


@dataclass(slots=True)
class _Draft:
    """An entry that is being gathered; ``parts`` are [name, start, end] of its fields, in the page's text."""

    type: str
    language: str
    title: str
    start: int
    declared: bool
    parts: list[tuple[str, int, int]] = field(default_factory=list)
    body: list[tuple[int, int]] = field(default_factory=list)
    open: bool = False


def find(source: Source, blanked: str) -> Iterator[Found]:
    """The entries of a page's sections, in order. ``blanked`` is the text without calls, tables and hidden parts."""
    heads = source.scan.headings
    words = source.schema.field_words
    lines = (m["name"] for pattern in (_LINES, _BARES) for m in pattern.finditer(blanked))
    if not any(fold(name) in words for name in lines) and not any(fold(head.text) in words for head in heads):
        return
    index = -1
    while index < len(heads):
        head = heads[index] if index >= 0 else None
        following = index + 1
        typed = source.typed(head.text) if head else None
        inner: list[Heading] = []
        # Headings below the entry's own that name its fields belong to it.
        while typed and head and following < len(heads) and heads[following].level > head.level and fold(
                heads[following].text) in source.schema.types[typed[0]].lookup:
            inner.append(heads[following])
            following += 1
        end = heads[following].start if following < len(heads) else len(blanked)
        yield from _Section(source, blanked, {each.start: each.text for each in inner}).entries(
            head, typed, head.end if head else 0, end)
        index = following


@dataclass(slots=True)
class _Section:
    """One section; ``below`` are the headings of fields in it by their places."""

    source: Source
    blanked: str
    below: dict[int, str]

    def entries(self, head: Heading | None, typed: tuple[str, str, str] | None, begin: int, end: int) -> Iterator[Found]:
        """The entries between two places."""
        draft: _Draft | None = None
        if typed and head:
            draft = _Draft(*typed, head.start, True)
        elif type_ := self._guessed(begin, end):
            language = self.source.spoken(type_, (m["name"] for m in _LINES.finditer(self.blanked, begin, end)))
            draft = _Draft(type_, language, head.text if head else "", head.start if head else begin, False)
        elif not any(fold(unnumbered(m["name"])) in self.source.schema.names for m in _LINES.finditer(self.blanked, begin, end)):
            return
        at = begin
        while at < end:
            edge = _BREAK.search(self.blanked, at, end)
            done, draft = self._line(draft, at, edge.start() if edge else end)
            if done:
                yield from self._finished(done)
            at = edge.end() if edge else end
        if draft:
            yield from self._finished(draft)

    def _guessed(self, begin: int, end: int) -> str:
        """The type that the fields of a section without a type's name speak of; empty when it may be about anything.

        "Date" and "Note" stand in any report: a field whose value cannot be read, or that any text would fit, proves nothing.
        """
        pairs = []
        for match in _LINES.finditer(self.blanked, begin, end):
            if fold(match["name"]) in self.source.schema.field_words:
                edge = _BREAK.search(self.blanked, match.end(), end)
                parts = self._split(match["name"], match.end(), edge.start() if edge else end, self.source.schema.field_words)
                pairs += [(name, self.source.text[first:last]) for name, first, last in parts]
        type_ = self.source.voted(name for name, _ in pairs)
        proved = set()
        for name, value in pairs if type_ else ():
            kind = self.source.schema.types[type_]
            wanted = kind.by_name.get(kind.lookup.get(fold(name), ""))
            # "C3" is a component of many a thing.
            if wanted and wanted.kind not in _FREE and wanted.vocabulary != COMPONENT:
                found, _ = read_field(self.source.dialect.plain(value), wanted, self.source.schema, self.source.language)
                proved |= {wanted.name} if found is not None else set()
        return type_ if len(proved) > 1 or proved - {"date"} else ""

    def _line(self, draft: _Draft | None, start: int, stop: int) -> tuple[_Draft | None, _Draft | None]:
        """Take in one line. Answers the entry that it ends, if any, and the one that goes on."""
        done = None
        types = self.source.schema.types
        if start in self.below and draft:
            draft.parts.append((self.below[start], stop, stop))
            draft.open = True
            return None, draft
        match = _LINE.match(self.blanked, start, stop)
        if match:
            word = fold(match["name"])
            known = self.source.schema.names.get(fold(unnumbered(match["name"])))
            if known and (draft is None or word not in types[draft.type].lookup):
                # "Choice: Less meat" on a line of its own begins an entry as a heading would.
                typed = self.source.typed(match["name"]) or (*known, "")
                begun = _Draft(known[0], typed[1], "", start, True)
                first = types[known[0]].fields[0].name
                begun.parts += self._split(first, match.end(), stop, types[known[0]].lookup)
                return draft, begun
            if draft and self._is_field(draft, match, word):
                lookup = types[draft.type].lookup
                if lookup.get(word) == "title" and any(lookup.get(fold(name)) == "title" for name, _, _ in draft.parts):
                    done, draft = draft, _Draft(draft.type, draft.language, "", start, draft.declared)
                draft.parts += self._split(match["name"], match.end(), stop, lookup)
                draft.open = True
                return done, draft
        if draft is None or _TAKEN.match(self.blanked, start, stop):
            # A plugin, template or table on a line of its own is no text of the entry, nor does it end one.
            return None, draft
        bare = _BARE.match(self.blanked, start, stop)
        if bare and fold(bare["name"]) in types[draft.type].lookup:
            draft.parts.append((bare["name"], stop, stop))
            draft.open = True
        elif _NOTHING.match(self.blanked, start, stop):
            # Below a heading a field goes on over paragraphs; in a list an empty line ends it.
            draft.open = draft.open and (bool(self.below) or draft.parts[-1][1] == draft.parts[-1][2])
        elif draft.open:
            name, begin, end = draft.parts[-1]
            if end <= begin:
                # "; Date" and below it ": 2020": the colon is the list's; so is the mark of a text of one line.
                kind = types[draft.type]
                one = kind.by_name[kind.lookup[fold(name)]].kind == "text" if fold(name) in kind.lookup else False
                meaning = (_MARK if one else _MEANING).match(self.blanked, start, stop)
                begin = meaning.end() if meaning else start
            draft.parts[-1] = (name, begin, stop)
        elif draft.declared:
            draft.body.append((start, stop))
        return None, draft

    def _is_field(self, draft: _Draft, match: re.Match[str], word: str) -> bool:
        """Whether a line with a colon is a field of the entry, be it one that nobody knows."""
        kind = self.source.schema.types[draft.type]
        if word in kind.lookup:
            return True
        marked = bool(match["bullet"].strip() or "'''" in match[0] or "__" in match[0])
        if not (marked or draft.parts) or not 2 < len(word) < 40 or match["colon"] == "=":
            return False
        return (draft.declared and marked and bool(draft.parts)) or bool(near_field(match["name"], kind))

    def _split(self, name: str, start: int, stop: int, known: Container[str]) -> list[tuple[str, int, int]]:
        """The fields of one line: mostly one, sometimes ``Date : 3 nov. ; Thème : santé``."""
        found, begin = [], start
        for match in _INLINE.finditer(self.blanked, start, stop):
            if fold(match[1]) in known and match.start() >= begin:
                found.append((name, begin, match.start()))
                name, begin = match[1], match.end()
        return [*found, (name, begin, stop)]

    def _finished(self, draft: _Draft) -> Iterator[Found]:
        if not draft.parts:
            return
        text, kind = self.source.text, self.source.schema.types[draft.type]
        fields = [Argument(name, text[start:end], start) for name, start, end in draft.parts]
        last = max(end for _, _, end in draft.parts)
        if draft.body and kind.body:
            begin, stop = draft.body[0][0], draft.body[-1][1]
            if begin < draft.parts[0][1] < stop:
                # Text above the list; what stands below it too is left to the page.
                stop = max(end for _, end in draft.body if end <= draft.parts[0][1])
            fields.append(Argument("", text[begin:stop], begin))
            last = max(last, stop)
        yield Found(draft.type, draft.language, draft.title, tuple(fields), draft.start,
                    draft.start + len(text[draft.start : last].rstrip()))
