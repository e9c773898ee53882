"""YAML as people mean it: text stays text (``no`` is no boolean, ``03-11`` no date), and every value has a line.

No tags, no aliases (they can explode), no key twice. Only true/false, whole and decimal numbers and null are not text.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from wikibridge.errors import SettingsError

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
Place = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Document:
    """What a YAML text says, and the line (from 1) of each place in it."""

    data: Any
    lines: dict[Place, int]

    def line(self, place: Place) -> int:
        """The line of a place, or of the nearest place around it."""
        while place and place not in self.lines:
            place = place[:-1]
        return self.lines.get(place, 1)


_SCALARS: tuple[tuple[re.Pattern[str], Any], ...] = (
    (re.compile(r"null|~|"), lambda text: None),
    (re.compile(r"true|false"), lambda text: text == "true"),
    (re.compile(r"-?(0|[1-9][0-9]{0,15})"), int),
    (re.compile(r"-?(0|[1-9][0-9]{0,15})\.[0-9]+"), float),
)


def load(text: str, name: str) -> Document:
    """Read one YAML document. Raises SettingsError naming the file, the line and what is wrong."""
    lines: dict[Place, int] = {}

    def value(node: yaml.Node, place: Place) -> Any:
        line = node.start_mark.line + 1
        lines.setdefault(place, line)
        if isinstance(node, yaml.ScalarNode):
            if node.style is None:
                for pattern, make in _SCALARS:
                    if pattern.fullmatch(node.value):
                        return make(node.value)
            return node.value
        if isinstance(node, yaml.SequenceNode):
            return [value(item, (*place, index)) for index, item in enumerate(node.value)]
        result: dict[str, Any] = {}
        assert isinstance(node, yaml.MappingNode)
        for key_node, item in node.value:
            key_line = key_node.start_mark.line + 1
            if not isinstance(key_node, yaml.ScalarNode):
                raise SettingsError("yaml-wrong", name, key_line, "a key must be a word")
            key = str(key_node.value)
            if key in result:
                raise SettingsError("yaml-twice", name, key_line, key)
            lines[(*place, key)] = key_line
            result[key] = value(item, (*place, key))
        return result

    try:
        event: Any
        for event in yaml.parse(text, Loader=_LOADER):
            if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
                raise SettingsError("yaml-alias", name, event.start_mark.line + 1)
        root = yaml.compose(text, Loader=_LOADER)
        return Document({} if root is None else value(root, ()), lines)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise SettingsError("yaml-wrong", name, mark.line + 1 if mark else 1, str(error.problem)) from error
    except yaml.YAMLError as error:
        raise SettingsError("yaml-wrong", name, 1, str(error)) from error
    except RecursionError as error:
        raise SettingsError("yaml-wrong", name, 1, "nested too deeply") from error


class Strict(BaseModel):
    """A part of a settings file: unknown keys are mistakes, values do not change after, no traceback shows a secret."""

    model_config = ConfigDict(extra="forbid", frozen=True, coerce_numbers_to_str=True, hide_input_in_errors=True)


Model = TypeVar("Model", bound=BaseModel)


def checked(model: type[Model], text: str, name: str) -> Model:
    """A settings text as the model says. Raises SettingsError with file, line, key, what was expected, nearest key."""
    document = load(text, name)
    try:
        return model.model_validate(_mapping(document, name))
    except ValidationError as error:
        raise _told(model, document, name, error.errors(include_url=False)[0]) from error


def mistakes(model: type[BaseModel], text: str, name: str) -> list[SettingsError]:
    """All that ``checked`` would find fault with, in the order of the lines, as far as a text can be read at all."""
    try:
        document = load(text, name)
        model.model_validate(_mapping(document, name))
    except SettingsError as error:
        return [error]
    except ValidationError as error:
        found = sorted(error.errors(include_url=False), key=lambda each: document.line(tuple(each["loc"])))
        return [_told(model, document, name, each) for each in found]
    return []


def _mapping(document: Document, name: str) -> Mapping[str, Any]:
    if not isinstance(document.data, Mapping):
        raise SettingsError("yaml-wrong", name, 1, "expected lines of the form key: value")
    return document.data


def _told(model: type[BaseModel], document: Document, name: str, first: Mapping[str, Any]) -> SettingsError:
    """The error for one mistake that pydantic found."""
    place = tuple(first["loc"])
    key = ".".join(str(part) for part in place) or "?"
    line = document.line(place)
    if first["type"] == "extra_forbidden":
        near = difflib.get_close_matches(str(place[-1]), _keys(model, place[:-1]), 1, 0.5)
        if near:
            return SettingsError("settings-unknown-near", name, line, key, near[0])
        return SettingsError("settings-unknown", name, line, key)
    if first["type"] == "missing":
        return SettingsError("settings-missing", name, line, key)
    expected = _expected(first)
    if not place:
        return SettingsError("yaml-wrong", name, line, f"expected {expected}")
    allowed = first.get("ctx", {}).get("expected", "")
    near = difflib.get_close_matches(str(first["input"]), [a.strip("'") for a in allowed.split(" or ")[-1:]
                                     + allowed.replace(" or ", ", ").split(", ")], 1, 0.5) if allowed else []
    if near:
        return SettingsError("settings-wrong-near", name, line, key, expected, near[0].strip("'"))
    return SettingsError("settings-wrong", name, line, key, expected)


_SAID = {
    "tuple_type": "a list",
    "too_short": "a list of at least {min_length}",
    "dict_type": "lines of the form key: value",
    "string_too_short": "a text",
    "int_parsing": "a whole number",
    "float_parsing": "a number such as 0.5",
    "model_type": "lines of the form key: value",
    r"^[a-z0-9-]{1,40}$": "a name of small letters a to z, digits and hyphens, 40 at most",
    r"^[^/\\\x00.][^/\\\x00]*$": "a name without slashes that does not begin with a dot",
}
"""For people who know no programming, by kind of mistake or by pattern: pydantic speaks of tuples and of regular expressions."""


def _expected(mistake: Mapping[str, Any]) -> str:
    context = mistake.get("ctx", {})
    if said := _SAID.get(context.get("pattern", mistake["type"])):
        return said.replace("{min_length}", str(context.get("min_length", "")))
    return str(mistake["msg"]).removeprefix("Value error, ").removeprefix("Input should be ")


def _keys(model: type[BaseModel], place: tuple[Any, ...]) -> list[str]:
    """The keys that a model knows at a place in it."""
    for part in place:
        known = model.model_fields.get(str(part))
        annotation = known.annotation if known else None
        while annotation is not None and not (isinstance(annotation, type) and issubclass(annotation, BaseModel)):
            arguments = [a for a in getattr(annotation, "__args__", ()) if a is not Ellipsis]
            annotation = arguments[-1] if arguments else None
        if annotation is not None:
            model = annotation
    return list(model.model_fields)
