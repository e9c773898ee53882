"""From a page's text to entries and problems. Never raises: what cannot be read becomes a Problem."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from dataclasses import dataclass

from wikibridge.entries import values
from wikibridge.entries.types import EntryField, EntryType, Schema, fold
from wikibridge.markup import wikitext
from wikibridge.model import Entry, Problem, Value


@dataclass(frozen=True, slots=True)
class Reading:
    """The entries of a page and what could not be read."""

    entries: tuple[Entry, ...]
    problems: tuple[Problem, ...]


_PRIVATE = re.compile(
    r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+|(?<![\w/.-])(?:\+|00)[0-9][0-9 .()-]{7,16}[0-9](?!\w)"
    r"|(?<![\w/.-])0[0-9](?:[ .-]?[0-9]{2}){4}(?!\w)"
)
_FIGURES = re.compile(r"[0-9][ .()-]{0,3}[0-9][ .()-]{0,3}[0-9]")


def _hide(value: str) -> str:
    """The value without addresses and telephone numbers."""
    return _PRIVATE.sub("…", value) if "@" in value or _FIGURES.search(value) else value


def read(text: str, schema: Schema, language: str) -> Reading:
    """All entries of a page. ``language`` is the page's: it counts where the name of a template does not tell."""
    return _Reader(text, schema, language).run()


class _Reader:
    def __init__(self, text: str, schema: Schema, language: str) -> None:
        self.text, self.schema, self.language = text, schema, language
        self.breaks = [m.start() for m in re.finditer("\n", text)]
        self.entries: list[Entry] = []
        self.problems: list[Problem] = []

    def problem(self, code: str, at: int, *params: str, excerpt: str = "", suggestion: str = "") -> None:
        row = bisect_left(self.breaks, at)
        column = at - (self.breaks[row - 1] if row else -1)
        short = " ".join((excerpt or self.text[at : at + 60]).split())[:60]
        # An excerpt must not spread what the value hides.
        short = _hide(short)
        self.problems.append(Problem(code, row + 1, column, params, short, suggestion))

    def run(self) -> Reading:
        open_ = {c.start: c for c in wikitext.unclosed(self.text)}
        every = sorted({c.start: c for c in (*open_.values(), *wikitext.calls(self.text))}.values(),
                       key=lambda c: c.start)
        heads = wikitext.headings(self.text)
        starts = [h.start for h in heads]
        last: dict[str, int] = {}
        for call in every:
            name = self.name(call)
            if not name:
                continue
            kind, language = self.schema.names[name]
            if fold(call.name) in map(fold, self.schema.types[kind].names[self.language]):
                language = self.language
            if call.start in open_:
                self.problem("entry-unclosed", call.start, call.name)
            at = bisect_right(starts, call.start) - 1
            # A heading names the first entry below it only.
            title = heads[at].text if at >= 0 and last.get(kind, -1) < starts[at] else ""
            last[kind] = call.start
            self.entry(call, kind, language, title)
        return Reading(tuple(self.entries), tuple(sorted(self.problems, key=lambda p: (p.line, p.column))))

    def name(self, call: wikitext.Call) -> str:
        """The folded name of the entry type that a call means; empty when it is some other template."""
        bare = fold(call.name)
        if call.name.startswith(":"):
            return ""
        if bare in self.schema.names:
            return bare
        if not any(argument.name for argument in call.arguments):
            return ""
        from rapidfuzz import fuzz, process

        near = process.extractOne(bare[:80], list(self.schema.names), scorer=fuzz.ratio, score_cutoff=80)
        lookup = self.schema.types[self.schema.names[near[0]][0]].lookup if near else {}
        # Another template may have a name that is near; it does not have the fields too.
        if near is None or not any(argument.name and fold(argument.name) in lookup for argument in call.arguments):
            return ""
        self.problem("entry-misspelt", call.start, call.name, near[0].capitalize())
        return str(near[0])

    def entry(self, call: wikitext.Call, type_: str, language: str, title: str) -> None:
        kind = self.schema.types[type_]
        fields: dict[str, Value] = {}
        unknown: dict[str, str] = {}
        raw: dict[str, tuple[str, int]] = {}
        for argument in call.arguments:
            value = wikitext.plain(argument.value)
            if not value:
                if "{{" in argument.value:
                    self.problem("value-template", argument.start, argument.value.strip()[:60])
                continue
            at = argument.start + len(argument.value) - len(argument.value.lstrip())
            if (hidden := _hide(value)) != value:
                self.problem("private-data", at, excerpt="…")
                value = hidden
            if argument.name is None:
                self.problem("text-without-field", at, value[:60])
                continue
            name = self.field(argument.name, kind, language, at)
            if not name:
                unknown[argument.name] = value
                continue
            if name in raw:
                self.problem("field-twice", at, argument.name)
            raw[name] = (value, at)
        if not raw and not unknown and not any(wikitext.plain(a.value) for a in call.arguments):
            self.problem("entry-empty", call.start, call.name)
            return
        for name, (value, at) in raw.items():
            read = self.value(value, kind.by_name[name], at, language)
            if read is not None:
                fields[name] = read
        if "title" in kind.by_name and "title" not in fields:
            if title and fold(title) not in kind.headings:
                fields["title"] = _hide(title)
            else:
                self.problem("title-missing", call.start)
        line = bisect_left(self.breaks, call.start) + 1
        number = len(self.entries) + 1
        self.entries.append(Entry(type_, number, line, (call.start, call.end), fields, unknown))

    def field(self, typed: str, kind: EntryType, language: str, at: int) -> str:
        bare = fold(typed)
        if bare in kind.lookup:
            return kind.lookup[bare]
        from rapidfuzz import fuzz, process

        near = process.extractOne(bare[:80], list(kind.lookup), scorer=fuzz.ratio, score_cutoff=85)
        if near is None:
            self.problem("field-unknown", at, typed)
            return ""
        name = kind.lookup[near[0]]
        names = kind.by_name[name].names
        self.problem("field-misspelt", at, typed, names[language][0])
        return name

    def value(self, text: str, field: EntryField, at: int, language: str) -> Value | None:
        read: Value | values.Fault
        faults: list[values.Fault] = []
        if field.kind == "date":
            read = values.read_date(text)
        elif field.kind in ("number", "quantity"):
            read = values.read_number(text, language, unit=True)
        elif field.kind == "rating":
            read = values.read_rating(text)
        elif field.kind == "term" and field.several:
            read, faults = values.read_terms(text, field.vocabulary, self.schema, language)
        elif field.kind == "term":
            read = values.read_term(text, field.vocabulary, self.schema, language)
        elif field.several:
            read = tuple(part.strip(" *#") for part in re.split(r"[;\n]", text) if part.strip(" *#"))
        else:
            read = text if field.kind == "long_text" else " ".join(text.split())
        if isinstance(read, values.Fault):
            faults.append(read)
        for fault in faults:
            self.problem(fault.code, at, *fault.params, suggestion=fault.suggestion)
        return None if isinstance(read, values.Fault) or (not read and read != 0) else read
