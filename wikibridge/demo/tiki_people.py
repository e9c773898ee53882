"""What the invented participants type on a Tiki: the same choices, as headings with lists or as plugins."""

from __future__ import annotations

from wikibridge.demo.people import Person, choices
from wikibridge.entries.read import read
from wikibridge.entries.types import shipped
from wikibridge.entries.write import as_call, as_list
from wikibridge.markup import tikitext

_PLUGINS = 3
"""Of so many choices one is typed as a plugin."""
_WRONG = 10
"""Of so many people one writes a day that does not exist."""


def tiki_choices(person: Person, number: int, seed: int = 1) -> str:
    """So many choices, as a person types them."""
    schema = shipped()
    kind, language = schema.types["choice"], person.language
    found = read("\n\n".join(choices(person, number, seed)), schema, language).entries
    pieces = []
    for place, entry in enumerate(entry for entry in found if entry.type == "choice"):
        make = as_call if place % _PLUGINS == _PLUGINS - 1 else as_list
        pieces.append(make(kind, entry.fields, schema, language, tikitext))
    if sum(person.name.encode()) % _WRONG == 0:
        pieces.append(as_list(kind, {"title": pieces[0].partition(": ")[2].partition("\n")[0]}, schema, language, tikitext)
                      + f"\n* {kind.by_name['date'].names[language][0]}: 31/02/2021")
    return "\n\n".join(pieces)


def tiki_edits(person: Person, text: str, seed: int) -> str:
    """The page after its owner came back to it: with one choice more."""
    return f"{text.rstrip()}\n\n{tiki_choices(person, 1, seed + 1)}\n"
