"""The reference table of components as data (``components.yml``): codes, their names, and where each name was read."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator, Mapping
from functools import cached_property
from typing import Annotated

from pydantic import AfterValidator, Field

from wikibridge.entries.spelling import fold
from wikibridge.errors import SettingsError
from wikibridge.i18n import LANGUAGES
from wikibridge.yaml_text import Strict, checked
from wikibridge.yaml_text import load as load_yaml

FILE = "components.yml"
VOCABULARY = "component"
DIMENSION = "dimension"
Word = Annotated[str, Field(min_length=1)]


def _code(text: str) -> str:
    if not re.fullmatch("[A-Z][0-9]{2}", text):
        raise ValueError("a capital letter and two figures, such as A01")
    return text


Code = Annotated[str, AfterValidator(_code)]


class Source(Strict):
    """A publication: ``year`` as it gives it, ``where`` an address, an ISBN or pages."""

    title: Word
    publisher: Word
    year: Word
    where: Word


class Name(Strict):
    """What a component is called in a language, after the source of that key; ``page`` where the source has several.

    ``verified`` says that a person held the name against the publication itself.
    """

    name: Word
    source: Word
    page: str = ""
    verified: bool = False


class Component(Strict):
    """A component; its names where one is known, ``aliases`` are other spellings, of any language."""

    en: Name | None = None
    fr: Name | None = None
    pt: Name | None = None
    aliases: tuple[Word, ...] = ()

    @property
    def names(self) -> Mapping[str, Name]:
        """The names that are known, by language."""
        return {language: found for language in LANGUAGES if isinstance(found := getattr(self, language), Name)}

    def label(self, code: str, language: str) -> str:
        """Code and name, in another language where this one has none; the code alone where none has."""
        known = self.names.get(language) or next(iter(self.names.values()), None)
        return f"{code} {known.name}" if known else code


class Components(Strict):
    """The table. ``complete`` says that there are no other codes."""

    sources: dict[str, Source] = Field(default_factory=dict)
    complete: bool = True
    components: dict[Code, Component] = Field(default_factory=dict)

    @property
    def closed(self) -> bool:
        """Whether a code that is not here is a mistake."""
        return self.complete and bool(self.components)

    @cached_property
    def lookup(self) -> dict[str, str]:
        """The code by any folded spelling, parts of "housing / furniture" too where they name one component only."""
        whole = {fold(word): code for word, code, _ in self.words()}
        parts: dict[str, set[str]] = {}
        for word, code, _ in self.words():
            for part in word.split("/") if "/" in word else ():
                parts.setdefault(fold(part), set()).add(code)
        return {**{part: min(codes) for part, codes in parts.items() if part and len(codes) == 1}, **whole}

    def words(self) -> Iterator[tuple[str, str, tuple[str | int, ...]]]:
        """Each spelling with its code and its place in the file."""
        for code, each in self.components.items():
            yield code, code, ("components", code)
            for language, name in each.names.items():
                yield name.name, code, ("components", code, language, "name")
            for index, alias in enumerate(each.aliases):
                yield alias, code, ("components", code, "aliases", index)


def table(text: str, letters: Container[str]) -> Components:
    """The table of a text. ``letters`` are the folded ones of the dimensions.

    Raises SettingsError naming file, line and what is wrong.
    """
    found = checked(Components, text, FILE)
    line = load_yaml(text, FILE).line

    def wrong(place: tuple[str | int, ...], expected: str) -> SettingsError:
        return SettingsError("settings-wrong", FILE, line(place), ".".join(map(str, place)), expected)

    taken: dict[str, str] = {}
    for code, each in found.components.items():
        if fold(code[0]) not in letters:
            raise wrong(("components", code), f"the letter of a dimension of vocabularies.yml (not “{code[0]}”)")
        for language, name in each.names.items():
            if name.source not in found.sources:
                known = ", ".join(found.sources) or "none yet"
                raise wrong(("components", code, language, "source"), f"one of the sources of this file: {known}")
    for word, code, place in found.words():
        if taken.setdefault(fold(word), code) != code:
            raise wrong(place, f"each word once (“{word}” stands for both {taken[fold(word)]} and {code})")
    return found


_CODE = re.compile(r"([a-z]) ?(o?[0-9]|[0-9]{2})|([a-z])([0-9]{2}) .*")


def code(folded: str) -> str:
    """The code that a folded text is, or begins with ("a01 food", "a01 11 p15"); empty when it is none."""
    if not (found := _CODE.fullmatch(folded)):
        return ""
    letter, figures = (found[1], found[2]) if found[1] else (found[3], found[4])
    return letter.upper() + figures.replace("o", "0").zfill(2)
