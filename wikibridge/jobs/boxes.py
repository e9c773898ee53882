"""What MediaWiki needs to show entries as boxes: templates of their names, with forms to start from and categories.

The templates use no parser function of any extension: a row hides itself with ``padright``, which gives ``none`` for an
empty value and no valid CSS for any other (https://www.mediawiki.org/wiki/Help:Magic_words).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from functools import partial

from wikibridge.entries.spelling import without_accents
from wikibridge.entries.types import EntryType
from wikibridge.i18n import LANGUAGES, message
from wikibridge.jobs.base import Context
from wikibridge.summaries.grammar import parts

_BOX = (
    "border:1px solid #a2a9b1;border-left:4px solid #3a7d44;border-radius:4px;"
    "padding:.4em .8em;margin:.6em 0;max-width:42em;overflow-wrap:anywhere"
)


def form_title(kind: EntryType, language: str) -> str:
    """The page that holds the empty form of an entry type."""
    return f"Template:{kind.names[language][0]}/{message('form-name', language)}"


def intro_title(kind: EntryType, language: str) -> str:
    """The page that stands above the edit box when a form is opened (``editintro``)."""
    return f"Template:{kind.names[language][0]}/{message('intro-name', language)}"


def _parameter(names: list[str]) -> str:
    """The value of the first of several parameters that is given."""
    text = ""
    for name in reversed(names):
        text = f"{{{{{{{name}|{text}}}}}}}"
    return text


def _shown_if(value: str) -> str:
    """The CSS that hides a row without a value. ``urlencode`` leaves no first letter that could be CSS or end it."""
    return f"display:{{{{padright:none|5|{{{{urlencode:{value}}}}}}}}}"


def _row(label: str, value: str, block: bool) -> str:
    """A label and a value; in a block of its own a value may hold paragraphs and lists."""
    shown = f"<div>\n{value}\n</div>" if block else f"<span>{value}</span>"
    return f'<div style="{_shown_if(value)}"><small><b>{label}</b></small> {shown}</div>'


def _spellings(names: Iterable[str]) -> list[str]:
    """Names as people type them: MediaWiki's parameters know no difference between accents and capitals by themselves."""
    found = []
    for name in names:
        for form in (name, without_accents(name)):
            found += [form, form.capitalize()]
    return list(dict.fromkeys(found))


def template(kind: EntryType, name: str, languages: list[str], tags: frozenset[str]) -> str:
    """The page of a template that shows an entry. ``languages`` are those that call the type by this name.

    Where several languages share the name, each row stands once a language, so that the labels come in the language
    of the parameter names that were typed.
    """
    others = [language for language in LANGUAGES if language not in languages]
    rows, head, taken = [], [], set[str]()
    for index, field in enumerate(kind.fields):
        for language in languages:
            asked = [language, *(others if language == languages[0] else ())]
            elsewhere = taken | set(_spellings(field.names[each][0] for each in languages if each != language))
            elsewhere -= set(_spellings(field.names[language][:1])) - taken
            names = [n for n in _spellings(n for each in asked for n in field.names[each]) if n not in elsewhere]
            names += [str(index + 1)] if language == languages[0] else []
            taken |= set(names)
            if not names:
                continue
            value = _parameter(names)
            if index == 0:
                head.append(f'<div style="{_shown_if(value)};font-size:110%"><b>{value}</b></div>')
            else:
                rows.append(_row(field.names[language][0].capitalize(), value, field.kind == "long_text"))
    box = f'<div style="{_BOX}">{"".join(head)}{"".join(rows)}</div>[[Category:{kind.plural[languages[0]]}]]'
    notes = [message("template-note", language, kind.label[language], message("help-title", language)) for language in languages]
    # Shown where the template is called, not on its own page, and without the line ends around it.
    text = f"<onlyinclude><includeonly>{box}</includeonly></onlyinclude><noinclude>\n" + "\n\n".join(notes) + "\n"
    if "templatedata" in tags:
        data = json.dumps(_template_data(kind, languages), ensure_ascii=False, indent=1)
        text += f"<templatedata>\n{data}\n</templatedata>\n"
    return text + "</noinclude>"


def _template_data(kind: EntryType, languages: list[str]) -> dict[str, object]:
    """TemplateData, from which the visual editor makes a form: https://www.mediawiki.org/wiki/Help:TemplateData"""
    parameters = {}
    for field in kind.fields:
        main = field.names[languages[0]][0]
        parameters[main] = {
            "label": {language: field.names[language][0].capitalize() for language in LANGUAGES},
            "description": dict(field.help),
            "example": dict(field.example),
            "aliases": [name for name in _spellings(n for each in LANGUAGES for n in field.names[each]) if name != main],
            "type": "content" if field.kind == "long_text" else "string",
            **({"required": True} if field.required else {"suggested": True}),
        }
    label = {language: message("template-about", language, kind.label[language]) for language in LANGUAGES}
    return {"description": label, "params": parameters, "paramOrder": list(parameters), "format": "block"}


_EXAMPLES = {
    "en": "{{Wikibridge|of=choice|by=theme}}", "fr": "{{Wikibridge|de=choix|par=thème}}",
    "pt": "{{Wikibridge|de=escolha|por=tema}}"}


def question(languages: Iterable[str], tags: frozenset[str]) -> str:
    """The page of the template that a question is a call of: it shows nothing, the answer stands behind the call."""
    notes = [message("question-note", language, f"<code><nowiki>{_EXAMPLES[language]}</nowiki></code>") for language in languages]
    text = "<onlyinclude></onlyinclude><noinclude>\n" + "\n\n".join(notes) + "\n"
    if "templatedata" in tags:
        described = {
            part: {"description": {language: message(f"question-part-{part}", language) for language in LANGUAGES},
                   "aliases": [word for word in words if word != part], "type": "string",
                   **({"required": True} if part == "of" else {"suggested": True})} for part, words in parts().items()}
        about = {language: message("question-about", language) for language in LANGUAGES}
        data = json.dumps({"description": about, "params": described, "format": "inline"}, ensure_ascii=False, indent=1)
        text += f"<templatedata>\n{data}\n</templatedata>\n"
    return text + "</noinclude>"


def form(kind: EntryType, language: str) -> str:
    """The empty form: what a new section starts with. The title is the section's subject, so it has no line here."""
    lines = [f"|{field.names[language][0]}=" for field in kind.fields if field.name != "title"]
    return "<onlyinclude>{{" + kind.names[language][0] + "\n" + "\n".join(lines) + "\n}}</onlyinclude>"


def intro(key: str, languages: Iterable[str]) -> str:
    """What stands above an empty form, in each of the languages: what its first box is for, and how to fill in the rest."""
    return "\n\n".join(message(key, language, message("help-title", language)) for language in languages)


def pages(context: Context, tags: frozenset[str]) -> dict[str, tuple[str, Callable[[], str]]]:
    """The pages of templates, forms and categories: the language of each and what makes its text, by its title."""
    settings = context.site.settings
    found: dict[str, tuple[str, Callable[[], str]]] = {}
    for type_, kind in context.schema.types.items():
        by_name: dict[str, list[str]] = {}
        for language in settings.languages:
            by_name.setdefault(kind.names[language][0], []).append(language)
        for name, languages in by_name.items():
            found[f"Template:{name}"] = (languages[0], partial(template, kind, name, languages, tags))
            found[f"Category:{kind.plural[languages[0]]}"] = (
                languages[0], partial(message, "category-text", languages[0], kind.plural[languages[0]]))
        key = "form-intro" if type_ == "choice" else "form-intro-titled" if "title" in kind.by_name else "form-intro-untitled"
        for language in settings.languages:
            found[form_title(kind, language)] = (language, partial(form, kind, language))
            # English and French share a title where they share the name of the type: the page speaks both.
            alike = [each for each in settings.languages if intro_title(kind, each) == intro_title(kind, language)]
            found[intro_title(kind, language)] = (alike[0], partial(intro, key, alike))
    found["Template:Wikibridge"] = (settings.languages[0], partial(question, settings.languages, tags))
    return found
