"""Entry types and vocabularies as data: what kinds of entry there are, their fields, and the words people use.

One YAML file an entry type (its name is the type's), ``vocabularies.yml``, ``units.yml`` and ``components.yml``.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache, cached_property
from importlib.resources import files
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, RootModel, model_validator

from wikibridge.entries import components
from wikibridge.entries.components import Component, Components
from wikibridge.entries.spelling import fold
from wikibridge.entries.units import Units
from wikibridge.errors import SettingsError
from wikibridge.i18n import LANGUAGES
from wikibridge.yaml_text import Strict, checked
from wikibridge.yaml_text import load as load_yaml

Language = Literal["en", "fr", "pt"]
VOCABULARIES = "vocabularies.yml"
UNITS = "units.yml"
READING = 12
"""Raised when the same text is read otherwise than before: every mirror then reads its pages' entries anew."""


def _every_language(texts: dict[str, object]) -> dict[str, object]:
    if set(texts) != set(LANGUAGES):
        raise ValueError(f"a text in each of {', '.join(LANGUAGES)}")
    return texts


def _index(words: list[tuple[str, str]]) -> dict[str, str]:
    """Folded word to what it stands for. Raises ValueError when one word stands for two."""
    found: dict[str, str] = {}
    for word, target in words:
        if found.setdefault(fold(word), target) != target:
            raise ValueError(f"each word once (“{word}” stands for both {found[fold(word)]} and {target})")
    return found


Word = Annotated[str, Field(min_length=1)]
Texts = Annotated[dict[str, Word], AfterValidator(_every_language)]
Words = Annotated[dict[str, Annotated[tuple[Word, ...], Field(min_length=1)]], AfterValidator(_every_language)]


Kind = Literal[
    "text", "long_text", "date", "number", "quantity", "rating", "yes_no", "term", "page", "user", "url", "language"]
"""What a field holds: see docs/typing.md for what people may type for each."""


class EntryField(Strict):
    """A field; of its names in a language the first is the label and parameter name, the others aliases.

    ``several`` values stand in one field, separated; ``vocabulary`` names the one that a term is of.
    """

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,30}$")]
    kind: Kind = "text"
    several: bool = False
    vocabulary: str = ""
    required: bool = False
    names: Words
    help: Texts
    example: Texts


class EntryType(Strict):
    """A kind of entry: the names of its template, its label, its fields in the order in which forms show them.

    ``plain_headings`` are headings that are never the title of the entry below them. ``body`` is the field that takes free
    text: that of a plugin, or below a list of fields.
    """

    names: Words
    label: Texts
    plural: Texts
    plain_headings: tuple[str, ...] = ()
    body: str = ""
    fields: Annotated[tuple[EntryField, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _no_word_twice(self) -> Self:
        _index(self._words())
        if self.body and (self.body not in self.by_name or self.by_name[self.body].kind != "long_text"):
            raise ValueError(f"body: the name of a long_text field (not “{self.body}”)")
        return self

    def _words(self) -> list[tuple[str, str]]:
        return [(word, f.name) for f in self.fields for word in (f.name, *(w for words in f.names.values() for w in words))]

    @cached_property
    def by_name(self) -> dict[str, EntryField]:
        """Fields by canonical name."""
        return {field.name: field for field in self.fields}

    @cached_property
    def lookup(self) -> dict[str, str]:
        """The canonical name of a field by any folded spelling."""
        return _index(self._words())

    @cached_property
    def exact(self) -> dict[str, str]:
        """The canonical name of a field by the spellings of the type itself: most people type no other."""
        return dict(self._words())

    @cached_property
    def called(self) -> frozenset[str]:
        """The folded names of the type where they name its title too: "Choice" above the titles of a table of choices."""
        words = (word for each in self.names.values() for word in each) if self.fields[0].name == "title" else ()
        return frozenset(map(fold, words))

    @cached_property
    def spoken(self) -> dict[str, frozenset[str]]:
        """The languages of which a folded name of a field is one."""
        found: dict[str, set[str]] = {}
        for each in self.fields:
            for language, words in each.names.items():
                for word in words:
                    found.setdefault(fold(word), set()).add(language)
        return {word: frozenset(languages) for word, languages in found.items()}

    @cached_property
    def required(self) -> tuple[str, ...]:
        """The names of the fields without which an entry lacks something."""
        return tuple(field.name for field in self.fields if field.required)

    @cached_property
    def classes(self) -> tuple[str, str]:
        """The names of the fields that hold one component and its dimension; empty where the type has none."""
        found = {field.vocabulary: field.name for field in self.fields if not field.several}
        return found.get(components.VOCABULARY, ""), found.get(components.DIMENSION, "")

    @cached_property
    def headings(self) -> frozenset[str]:
        """``plain_headings``, folded."""
        return frozenset(map(fold, self.plain_headings))


class Term(Strict):
    """One term of a vocabulary: its label in each language; ``aliases`` are other spellings, of any language."""

    en: Word
    fr: Word
    pt: Word
    aliases: tuple[Word, ...] = ()

    def label(self, key: str, language: str) -> str:
        """What it is called in a language."""
        return str(getattr(self, language))


class Vocabularies(RootModel[dict[str, dict[str, Term]]]):
    """``vocabularies.yml``: terms by id, by vocabulary."""

    @model_validator(mode="after")
    def _no_word_twice(self) -> Self:
        for name in self.root:
            self.lookup(name)
        return self

    def lookup(self, name: str) -> dict[str, str]:
        """The id of a term by any folded spelling."""
        return _index([(word, key) for key, t in self.root[name].items() for word in (key, t.en, t.fr, t.pt, *t.aliases)])


class Unit(Strict):
    """A unit: its other spellings, and what it is in pint's words (https://pint.readthedocs.io)."""

    names: tuple[Word, ...] = ()
    pint: Word


class UnitTable(RootModel[dict[str, Unit]]):
    """``units.yml``: units by the symbol that is kept and shown."""


@dataclass(frozen=True, eq=False)
class Schema:
    """All types and vocabularies; ``names`` maps a folded template name to (type, language).

    ``lookups`` finds a term's id by vocabulary and folded spelling. ``version`` changes with any of the texts.
    ``components`` is the table behind the vocabulary of that name.
    """

    types: Mapping[str, EntryType]
    vocabularies: Mapping[str, Mapping[str, Term | Component]]
    names: Mapping[str, tuple[str, str]]
    lookups: Mapping[str, Mapping[str, str]]
    version: str
    units: Units
    components: Components
    day_first: bool = True

    @cached_property
    def words(self) -> Mapping[tuple[str, str], frozenset[str]]:
        """The folded template names of a type in a language."""
        return {(name, language): frozenset(map(fold, words))
                for name, kind in self.types.items() for language, words in kind.names.items()}

    def also(self, names: Mapping[str, str]) -> Schema:
        """The schema with more names of templates, each by a name that is known; others are left out."""
        added = {fold(name): self.names[fold(of)] for name, of in names.items() if fold(of) in self.names}
        version = hashlib.sha256(f"{self.version} {sorted(added.items())}".encode()).hexdigest()[:16]
        return replace(self, names={**added, **self.names}, version=version) if added else self

    @cached_property
    def plain_headings(self) -> Mapping[str, str]:
        """The type that a folded heading of a whole section speaks of."""
        return {heading: name for name, kind in self.types.items() for heading in kind.headings}

    @cached_property
    def field_words(self) -> frozenset[str]:
        """The folded names of all fields of all types."""
        return frozenset(word for kind in self.types.values() for word in kind.lookup)

    def label(self, vocabulary: str, term: str, language: str) -> str:
        """A term's label in a language; the id itself when the vocabulary no longer has the term."""
        known = self.vocabularies[vocabulary].get(term)
        return known.label(term, language) if known else term

    def dimension(self, component: str) -> str:
        """The id of the dimension whose letter a code begins with; empty when no dimension has it."""
        return self.lookups.get(components.DIMENSION, {}).get(fold(component[:1]), "")


def load(texts: Mapping[str, str], base: Schema | None = None, day_first: bool = True) -> Schema:
    """A schema from YAML texts by file name, each in place of what ``base`` has of the same name, or beside it.

    ``day_first`` says how 3/11/2020 is meant. Raises SettingsError naming file, line and what is wrong.
    """
    own = checked(Vocabularies, texts.get(VOCABULARIES, "{}"), VOCABULARIES)
    if components.VOCABULARY in own.root:
        line = load_yaml(texts[VOCABULARIES], VOCABULARIES).line((components.VOCABULARY,))
        raise SettingsError("settings-wrong", VOCABULARIES, line, components.VOCABULARY, f"this table in {components.FILE}")
    lookups = {**(base.lookups if base else {}), **{name: own.lookup(name) for name in own.root}}
    table = base.components if base else Components()
    if components.FILE in texts:
        table = components.table(texts[components.FILE], lookups.get(components.DIMENSION, {}))
    lookups[components.VOCABULARY] = table.lookup
    vocabularies = {**(base.vocabularies if base else {}), **own.root, components.VOCABULARY: table.components}
    types: dict[str, EntryType] = {**base.types} if base else {}
    for file, text in texts.items():
        if file in (VOCABULARIES, UNITS, components.FILE):
            continue
        types[file.removesuffix(".yml")] = kind = checked(EntryType, text, file)
        for field in kind.fields:
            if (field.kind == "term") != bool(field.vocabulary) or field.vocabulary not in {"", *vocabularies}:
                raise SettingsError("entry-vocabulary", file, field.name, ", ".join(vocabularies))
    known = {symbol: (unit.names, unit.pint) for symbol, unit in checked(UnitTable, texts.get(UNITS, "{}"), UNITS).root.items()}
    units = Units({**(base.units.known if base else {}), **known}) if known or not base else base.units
    names: dict[str, tuple[str, str]] = {}
    for name, kind in types.items():
        for language, words in kind.names.items():
            for word in words:
                # English and French share "Participant": the first language keeps it.
                if names.setdefault(fold(word), (name, language))[0] != name:
                    raise SettingsError("entry-name-twice", f"{name}.yml", word, names[fold(word)][0])
    parts = [base.version if base else "", str(day_first), str(READING)]
    parts += [part for item in sorted(texts.items()) for part in item]
    version = hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]
    return Schema(types, vocabularies, names, lookups, version, units, table, day_first)


@cache
def shipped() -> Schema:
    """The schema that comes with the program."""
    folder = files("wikibridge.entries")
    # Choices and participants first: where a text may be of several types, it is of these.
    names = sorted((item.name for item in folder.iterdir() if item.name.endswith(".yml")),
                   key=lambda name: (name not in ("choice.yml", "participant.yml"), name))
    return load({name: (folder / name).read_text(encoding="utf-8") for name in names})


def of_site(own: Mapping[str, str], day_first: bool) -> Schema:
    """The shipped schema with a site's own files. Raises SettingsError naming file, line and what is wrong."""
    return load(own, shipped(), day_first) if own or not day_first else shipped()
