"""What Tiki needs to show entries as boxes and to offer a form: a profile, on a page that the API can write.

Its plugin aliases make plugins of the entries' names, its content templates are what an editor picks to start from.

An administrator applies it once. Without it entries are read all the same, and shown as the text that was typed.
Profiles and plugin aliases: https://doc.tiki.org/Profiles, https://doc.tiki.org/Plugin-Alias; seen on a Tiki 24.1.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import yaml

from wikibridge.entries.types import EntryType, Language
from wikibridge.i18n import message
from wikibridge.jobs.base import Context
from wikibridge.markup import tikitext
from wikibridge.summaries.grammar import parts

FORM = "choice"
"""The type of entry of which there is a form."""
TITLE = "Wikibridge profile"
"""The page that holds the profile, and the name by which it is applied."""


class _Dumper(yaml.SafeDumper):
    """Tiki's reader of YAML knows texts of several lines as blocks only."""


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_Dumper.add_representer(str, _text)


def pages(context: Context) -> dict[str, tuple[str, Callable[[], str]]]:
    """The page with the profile: its language and what makes its text, by its title."""
    return {TITLE: (context.site.settings.languages[0], partial(_profile, context))}


def _profile(context: Context) -> str:
    languages = context.site.settings.languages
    named: dict[str, tuple[EntryType, Language]] = {}
    for kind in context.schema.types.values():
        for language in languages:
            named.setdefault(tikitext.plugin_name(kind.names[language][0]), (kind, language))
    aliases = [_entry(name, kind, language) for name, (kind, language) in named.items()]
    forms = [_form(context.schema.types[FORM], language) for language in languages]
    profile = {"preferences": {"feature_wiki_templates": "y"}, "objects": [*aliases, _question(languages[0]), *forms]}
    text = yaml.dump(profile, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=1000).strip()
    # Else "tiki://local" becomes a link, and takes the quotation mark behind it along.
    notes = [tikitext.escape(message("profile-note", language, TITLE)) for language in languages]
    return "\n\n".join([*notes, f'{{CODE(caption="YAML")}}\n{text}\n{{CODE}}'])


def _entry(name: str, kind: EntryType, language: Language) -> dict[str, Any]:
    """An entry's box: its title, then what was said of it in the order of the type, then the text."""
    fields = {field.names[language][0]: field.names[language][0].capitalize() for field in kind.fields}
    title, *others = fields
    shown = " ".join(f"%{field}%" for field in others)
    body: dict[str, Any] = {
        "input": "use", "default": f"__%{title}%__\n''{shown}''\n%body%",
        "params": {field: {"input": field, "default": "", "encoding": "none"} for field in fields}}
    # Where no text stands between the braces, Tiki would show the place of it.
    body["params"]["body"] = {"input": "body", "default": "", "encoding": "none"}
    return _alias(name, kind.label[language], fields, body, "border rounded p-3 mb-3")


def _form(kind: EntryType, language: Language) -> dict[str, Any]:
    """The empty form of an entry, as a heading and a list."""
    lines = [f"* {field.names[language][0].capitalize()}:" for field in kind.fields if field.name != "title"]
    content = "\n".join([tikitext.heading(f"{kind.names[language][0]}: ", 2), *lines, ""])
    return {"type": "template", "ref": f"wikibridge_form_{language}", "data": {
        "name": kind.label[language], "sections": ["wiki"], "content": content}}


def _question(language: Language) -> dict[str, Any]:
    """A question shows nothing: its answer stands behind it."""
    return _alias("WIKIBRIDGE", message("question-about", language), {part: part for part in parts()},
                  {"input": "ignore", "default": " "}, "d-none")


def _alias(name: str, label: str, fields: dict[str, str], body: dict[str, Any], look: str) -> dict[str, Any]:
    """A plugin of this name, shown as a box with the classes ``look`` of Tiki's own style sheet.

    No "card": words in bold or links would each stand on a line of their own there.
    """
    described = {field: {"required": False, "name": shown, "description": shown} for field, shown in fields.items()}
    return {"type": "plugin_alias", "ref": f"wikibridge_{name.lower()}", "data": {
        "name": name.lower(), "implementation": "div",
        "description": {"name": label, "description": label, "prefs": [], "body": label, "params": described},
        "body": body, "params": {"class": look}}}
