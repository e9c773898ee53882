"""From a page's text to entries and problems. Never raises: what cannot be read becomes a Problem.

Three spellings are understood, freely mixed on a page: template calls (or Tiki's plugins), a heading with a list of
fields, and tables. Whatever they are, ``found`` tells what was typed where; this module says what it means.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice

from wikibridge.entries import lists, rows
from wikibridge.entries.fields import read_field
from wikibridge.entries.found import Found, Source, near_field
from wikibridge.entries.spelling import fold
from wikibridge.entries.types import EntryType, Schema
from wikibridge.markup import regions, wikitext
from wikibridge.markup.parts import Argument, Call, Dialect
from wikibridge.model import Entry, Problem, Term, Value


@dataclass(frozen=True, slots=True)
class Reading:
    """The entries of a page and what could not be read."""

    entries: tuple[Entry, ...]
    problems: tuple[Problem, ...]


_NO_DATE = r"(?![0-9]{1,2}[ ./-][0-9]{1,2}[ ./-](?:[0-9]{4}|[0-9]{2}(?![ ./-]?[0-9])))"
_ALONE = r"(?<![\w/.,-])(?<![0-9] )"
_PRIVATE = re.compile(
    r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+|(?<![\w/.-])(?:\+|00)[0-9][0-9 .()-]{7,16}[0-9](?!\w)"
    rf"|(?<![\w/.-]){_NO_DATE}0[0-9](?:[ .-]?[0-9]{{2}}){{4}}(?!\w)"
    # "087 123 4567", "081/22.33.44"; mobile telephones of Portugal; any number behind the word for one.
    rf"|{_ALONE}{_NO_DATE}(?=(?:[ ./-]?[0-9]){{9,11}}(?![ ./-]?[0-9]))0[0-9]{{1,4}}(?:[ ./-][0-9]{{2,4}}){{2,4}}(?!\w)"
    rf"|{_ALONE}9[1236][0-9](?:[ .-][0-9]{{3}}){{2}}(?![ .-]?[0-9]|\w)"
    r"|\b((?:t[eé]l[eé]?(?:fone|phone|f|m|em[oó]vel)?|tlm|tlf|gsm|phone|mobile|fax|whatsapp)[ .:°º]{1,4})"
    r"[0-9](?:[ ./-]?[0-9]){6,11}(?!\w)",
    re.IGNORECASE)
_HALF = re.compile("[\ud800-\udfff]")
_FIGURES = re.compile(r"[0-9][ .()-]{0,3}[0-9][ .()-]{0,3}[0-9]")
_MOST = 20_000
"""Entries of a page: far more than people type, few enough for a hostile page to take no more than seconds."""
_FIELDS = 1000
"""Fields of an entry that are looked at, for the same reason."""
_SHORT = 80
"""Characters of a value up to which it may well come again."""
_AIMED = ("page", "user", "url")
"""Kinds of which a link says the value by where it leads, whatever its label."""
_COLON = re.compile(r"\s*([^\W\d_][^\n:：|=]{0,58}?)\s*[:：]\s*")
_SIGNED = re.compile(
    r"[\s–—-]*\[\[ *:?(?:user|utilisateur|utilisatrice|utilizador|utilizadora|usuário|usuária|special|spécial|especial)[ _]*:"
    r"[^\[\]]*\]\](?:[^\[\]]|\[\[[^\[\]]*\]\]){0,200}?\d{1,2}[:h]\d{2}[^\[\]\n]{0,60}\([A-Z]{2,5}\)\s*$",
    re.IGNORECASE)


def hide(value: str) -> str:
    """The value without addresses and telephone numbers."""
    return _PRIVATE.sub(lambda match: f"{match[1] or ''}…", value) if "@" in value or _FIGURES.search(value) else value


def read(
    text: str, schema: Schema, language: str, dialect: Dialect = wikitext, tags: frozenset[str] = wikitext.TAGS,
) -> Reading:
    """All entries of a page.

    ``language`` is the page's: it counts where the name of a template does not tell. ``tags`` are the wiki's extension
    tags, whose content is no markup.
    """
    # Half a letter can be neither kept nor shown; a sign in its place moves nothing.
    return _Reader(text if text.isascii() else _HALF.sub("\ufffd", text), schema, language, dialect, tags).run()


@lru_cache(maxsize=2048)
def _near_type(name: str, schema: Schema) -> str:
    """The folded name of the entry type that a misspelt one means; empty when none is near."""
    from rapidfuzz import fuzz, process

    near = process.extractOne(name[:80], list(schema.names), scorer=fuzz.ratio, score_cutoff=80)
    return str(near[0]) if near else ""


@lru_cache(maxsize=8192)  # what is kept costs time too, in every collection of garbage
def _usual(typed: str, value: str, type_: str, language: str, schema: Schema, dialect: Dialect) -> tuple[str, str, Value] | None:
    """The field, text and value of an argument in which nothing is unusual, None for any other.

    Short values, dates, terms and ratings above all, come again and again: these are read once.
    """
    name = schema.types[type_].exact.get(typed)
    if name is None or ("[[" in value and "(" in value):
        return None
    if ("[" in value or "((" in value) and schema.types[type_].by_name[name].kind in _AIMED:
        return None
    text = dialect.plain(value)
    if not text or hide(text) != text:
        return None
    read, faults = read_field(text, schema.types[type_].by_name[name], schema, language)
    return None if faults or read is None else (name, text, read)


class _Reader:
    def __init__(self, text: str, schema: Schema, language: str, dialect: Dialect, tags: frozenset[str]) -> None:
        self.text, self.schema, self.language, self.dialect = text, schema, language, dialect
        self.narrow = dialect.narrow(text)
        self.source = Source(text, schema, language, dialect, dialect.scan(self.narrow, tags))
        self.breaks = [m.start() for m in re.finditer("\n", text)]
        self.entries: list[Entry] = []
        self.problems: list[Problem] = []
        self.unclosed: set[int] = set()

    def problem(self, code: str, at: int, *params: str, excerpt: str = "", suggestion: str = "") -> None:
        row = bisect_left(self.breaks, at)
        column = at - (self.breaks[row - 1] if row else -1)
        # An excerpt must not spread what the value hides, nor half of it.
        short = " ".join(hide(excerpt or self.text[at : at + 200])[:60].split())
        self.problems.append(Problem(code, row + 1, column, tuple(map(hide, params)), short, suggestion))

    def run(self) -> Reading:
        scan = self.source.scan
        found, taken = [], list(scan.calls)
        # What stands in our own regions nobody typed, save what was brought in from elsewhere.
        ours = [each for each in regions.find(self.text, self.dialect)[0] if not each.name.startswith(regions.TYPED)] if (
            "wikibridge:begin" in self.text) else []
        taken += [Call("", (), region.start, region.end) for region in ours]
        self.unclosed = {call.start for call in scan.unclosed}
        for call in (*scan.calls, *scan.unclosed):
            name = "" if ours and any(r.start <= call.start < r.end for r in ours) else self.name(call)
            if not name:
                continue
            if call.start in self.unclosed:
                self.problem("entry-unclosed", call.start, *self.dialect.marks(call.name))
                taken.append(call)
            found.append(self.called(call, name))
        # A heading in the body of a plugin is none of the page's sections.
        blanked = self.source.blanked(taken)
        heads = tuple(head for head in scan.headings if blanked[head.start] != "\x01")
        self.source.scan = scan._replace(headings=heads)
        starts = [head.start for head in heads]
        if "{" in blanked:
            whole = len(taken)
            for call in self.dialect.damaged(self.narrow, blanked):
                if fold(call.name) in self.schema.names:
                    self.problem("entry-unclosed", call.start, *self.dialect.marks(call.name))
                    taken.append(call)
                    found.append(self.called(call, fold(call.name)))
            if len(taken) > whole:
                blanked = self.source.blanked(taken)
        tables = self.dialect.tables(blanked)
        if tables:
            found += islice(rows.find(self.source, tables), _MOST + 1)
            blanked = self.source.blanked([*taken, *(Call("", (), table.start, table.end) for table in tables)])
        listed = list(lists.find(self.source, blanked))
        found += listed
        # A heading names the first entry below it only.
        last: dict[str, int] = {each.type: -1 for each in found}
        used = {each.start for each in listed}
        for number, each in enumerate(sorted(found, key=lambda each: each.start)):
            if number == _MOST:
                self.problem("entry-too-many", each.start, str(_MOST))
                break
            at = bisect_right(starts, each.start) - 1
            title = each.title
            if (each.call or (each.alone and not title)) and at >= 0 and last[each.type] < starts[at] and starts[at] not in used:
                typed = self.source.typed(heads[at].text)
                title = typed[2] if typed else heads[at].text
            last[each.type] = each.start
            self.entry(each, title, heads[at].text if at >= 0 else "")
        return Reading(tuple(self.entries), tuple(sorted(self.problems, key=lambda p: (p.line, p.column))))

    def name(self, call: Call) -> str:
        """The folded name of the entry type that a call means; empty when it is some other template."""
        bare = fold(call.name)
        if call.name.startswith(":"):
            return ""
        if bare in self.schema.names:
            return bare
        if not any(argument.name for argument in call.arguments):
            return ""
        near = _near_type(bare, self.schema)
        lookup = self.schema.types[self.schema.names[near][0]].lookup if near else {}
        # Another template may have a name that is near; it does not have the fields too.
        if not any(argument.name and fold(argument.name) in lookup for argument in call.arguments):
            return ""
        self.problem("entry-misspelt", call.start, call.name, near.capitalize())
        return near

    def called(self, call: Call, name: str) -> Found:
        known = self.schema.names[name]
        if self.narrow is not self.text:
            self.slip(call)
        return Found(known[0], self.source.language_of(known, call.name), "", call.arguments, call.start, call.end, True)

    def slip(self, call: Call) -> None:
        """Tell the first sign of a call, its body aside, that was read as another one."""
        body = next((range(a.start, a.start + len(a.value)) for a in call.arguments if a.name == ""), range(0))
        at = next((i for i in range(call.start, call.end) if self.narrow[i] != self.text[i] and i not in body), -1)
        if at < 0:
            return
        typed, meant = self.text[at], self.narrow[at]
        opening, closing = self.dialect.marks(call.name)
        if typed in "｜｛｝＝":
            self.problem("full-width", at, typed, suggestion=meant)
        elif at <= call.start + len(call.name):
            self.problem("entry-misspelt", call.start, self.text[call.start : call.start + len(opening)].rstrip(), opening)
        elif typed in ":：":
            name = re.split(r"[(,\s]", self.text[call.start : at].rstrip())[-1]
            self.problem("colon-for-equals", at, name, suggestion=f"{name}=")
        elif typed in "“”„«»″":
            self.problem("curly-quote", at, typed, suggestion='"')
        elif '"' in (typed, meant) or at < max((a.start for a in call.arguments), default=0):
            self.problem("quote-missing", at, " ".join(self.text[at : at + 30].split()), suggestion='"')
        elif call.start not in self.unclosed:
            self.problem("entry-unclosed", call.start, opening, closing)

    def entry(self, found: Found, title: str, section: str) -> None:
        kind = self.schema.types[found.type]
        fields: dict[str, Value] = {}
        raw: dict[str, tuple[str, int]] = {}
        unknown: dict[str, str] = {}
        sources: dict[str, str] = {}
        empty, position, last = True, 0, ""
        exact = kind.exact
        for argument in found.fields[:_FIELDS]:
            typed, value, at = argument
            if typed and len(value) <= _SHORT and (
                    usual := _usual(typed, value, found.type, found.language, self.schema, self.dialect)):
                last, value, fields[usual[0]] = usual
                if last in raw:
                    self.problem("field-twice", at, typed)
                raw[last] = (value, at)
                empty = False
                continue
            if "[[" in value and "(" in value:
                value = _SIGNED.sub("", value)
            source = value
            value = self.dialect.plain(value)
            if not value:
                # A template below a list, at the foot of a page say, was never meant as a value.
                if "{{" in argument.value and typed != "":
                    self.problem("value-template", argument.start, hide(argument.value.strip())[:60])
                continue
            empty = False
            if argument.value[0].isspace():
                at += len(argument.value) - len(argument.value.lstrip())
            if (hidden := hide(value)) is not value and hidden != value:
                self.problem("private-data", at, excerpt="…")
                value = hidden
            if "[" in source or "((" in source:
                sources[value] = source
            if typed is None:
                position += found.call
                last = self.unnamed(argument, value, at, kind, raw, position, last)
                fields.pop(last, None)
            elif typed == "" and kind.body:
                before = raw.get(kind.body, ("", at))
                raw[kind.body] = (f"{before[0]}\n{value}".strip(), before[1])
                fields.pop(kind.body, None)
            else:
                last = exact.get(typed) or self.field(typed, kind, found.language, at, found.call)
                if not last:
                    unknown[hide(typed)] = value
                    continue
                if last in raw:
                    self.problem("field-twice", at, typed)
                raw[last] = (value, at)
                fields.pop(last, None)
        for argument in found.fields[_FIELDS : _FIELDS + 1]:
            self.problem("text-without-field", argument.start, hide(argument.value.strip())[:60])
        if empty:
            self.problem("entry-empty", found.start, kind.label[self.language])
            return
        for name, (value, at) in raw.items():
            if name in fields:
                continue
            if kind.by_name[name].kind in _AIMED and value in sources:
                value = hide(self.dialect.plain(self.dialect.aimed(sources[value])))
            read, faults = read_field(value, kind.by_name[name], self.schema, found.language)
            for fault in faults:
                self.problem(fault.code, at, *fault.params, suggestion=fault.suggestion)
            if read is None and name == kind.classes[0]:
                read = " ".join(value.split())
            if read is not None:
                fields[name] = read
        self.classed(kind, found.language, fields, raw)
        first = kind.fields[0]
        if first.name == "title" and "title" not in fields and title and fold(title) not in kind.headings:
            fields["title"] = hide(title)
        elif first.kind == "text" and first.name not in fields and title and (typed_as := self.source.typed(section)) and (
                typed_as[0] == found.type and typed_as[2] == title):
            # "Sign-up: Mary Byrne" names Mary; any other heading need not.
            fields[first.name] = hide(title)
        for each in kind.required:
            if each not in fields and each not in raw:
                if each == "title":
                    self.problem("title-missing", found.start)
                else:
                    self.problem("field-missing", found.start, kind.by_name[each].names[found.language][0])
        line = bisect_left(self.breaks, found.start) + 1
        number = len(self.entries) + 1
        self.entries.append(Entry(found.type, number, line, (found.start, found.end), fields, unknown, hide(section)))

    def classed(self, kind: EntryType, language: str, fields: dict[str, Value], raw: dict[str, tuple[str, int]]) -> None:
        """The dimension follows from the component where none was read; where another was typed, both stay and it is told."""
        component, dimension = kind.classes
        code = fields.get(component)
        of = self.schema.dimension(code) if dimension and isinstance(code, Term) else ""
        typed = str(fields.setdefault(dimension, Term(of))) if of else ""
        if typed != of:
            names = kind.by_name[component].vocabulary, kind.by_name[dimension].vocabulary
            self.problem("component-dimension", raw[component][1], self.schema.label(names[0], str(code), language),
                         *(self.schema.label(names[1], each, language) for each in (of, typed)))

    def unnamed(
        self, argument: Argument, value: str, at: int, kind: EntryType, raw: dict[str, tuple[str, int]], position: int,
        last: str,
    ) -> str:
        """A value without a name: "name: value", the rest of a value with a bar in it, or the field at its place."""
        colon = _COLON.match(argument.value)
        if colon and fold(colon[1]) in kind.lookup:
            name = kind.lookup[fold(colon[1])]
            self.problem("colon-for-equals", at, colon[1], suggestion=f"{colon[1]}=")
            if name in raw:
                self.problem("field-twice", at, colon[1])
            raw[name] = (hide(self.dialect.plain(argument.value[colon.end():])), argument.start + colon.end())
            return name
        if last and kind.by_name[last].kind in ("text", "long_text") and last in raw:
            self.problem("bar-in-value", at, value[:60], suggestion=self.dialect.BAR)
            raw[last] = (f"{raw[last][0]} | {value}", raw[last][1])
            return last
        if not last and 0 < position <= len(kind.fields):
            name = kind.fields[position - 1].name
            raw.setdefault(name, (value, at))
            return ""
        self.problem("text-without-field", at, value[:60])
        return last

    def field(self, typed: str, kind: EntryType, language: str, at: int, call: bool) -> str:
        """The canonical name of a field; empty when it is none."""
        bare = fold(typed)
        if bare in kind.lookup:
            return kind.lookup[bare]
        if call and bare.isdecimal() and len(bare) < 4 and 1 <= int(bare) <= len(kind.fields):
            return kind.fields[int(bare) - 1].name
        if bare in kind.called:
            return "title"
        near = near_field(typed, kind)
        if not near:
            self.problem("field-unknown", at, typed)
            return ""
        name = kind.lookup[near]
        label = kind.by_name[name].names[language][0]
        self.problem("field-misspelt", at, typed, label, suggestion=label)
        return name
