"""Settings and job files as the models of the program have them: keys, what may stand there, what does by itself, meaning."""

from __future__ import annotations

import ast
import inspect
import json
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from wikibridge.every import FORMS, Every

_WORDS = {str: "text", bool: "`true` or `false`", int: "whole number", float: "number", NoneType: "nothing"}


@dataclass(frozen=True, slots=True)
class Key:
    """A key of a file. ``model`` is the model of what stands below it, if it has keys of its own."""

    name: str
    takes: str
    default: str
    meaning: str
    model: type[BaseModel] | None


@cache
def meanings(model: type[BaseModel]) -> dict[str, str]:
    """What is said of each field of a model: the text that stands below it in the source, inherited ones included."""
    found: dict[str, str] = {}
    for each in reversed(model.__mro__):
        if issubclass(each, BaseModel) and each is not BaseModel:
            (parsed,) = ast.parse(textwrap.dedent(inspect.getsource(each))).body
            assert isinstance(parsed, ast.ClassDef)
            for field, text in zip(parsed.body, parsed.body[1:], strict=False):
                if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name) and isinstance(text, ast.Expr) \
                        and isinstance(text.value, ast.Constant) and isinstance(text.value.value, str):
                    found[field.target.id] = " ".join(text.value.value.split())
    return found


def _code(words: str) -> str:
    """Words of a docstring in Markdown: what is code there has two strokes."""
    return words.replace("``", "`")


def _inner(annotation: Any) -> type[BaseModel] | None:
    """The model that an annotation is of, alone or several of it."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next(filter(None, map(_inner, get_args(annotation))), None)


def _or(words: list[str]) -> str:
    return " or ".join(filter(None, [", ".join(words[:-1]), words[-1]]))


def _takes(annotation: Any) -> str:
    """What may stand there, in words."""
    if hasattr(annotation, "__metadata__"):
        return _takes(get_args(annotation)[0])
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Literal:
        return _or([f"`{each}`" if each else "nothing" for each in arguments])
    if origin in (Union, UnionType):
        return _or(list(dict.fromkeys(map(_takes, arguments))))
    if origin is tuple:
        return f"a list, each: {_takes(arguments[0])}"
    if origin is dict:
        return f"for each {_takes(arguments[0])}: {_takes(arguments[1])}"
    if annotation is Every:
        return f"a time such as {FORMS}"
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return "keys, see below"
    return _WORDS.get(annotation, getattr(annotation, "__name__", str(annotation)))


def _bounds(field: FieldInfo) -> str:
    signs = {"ge": "from {}", "gt": "above {}", "le": "to {}", "lt": "below {}"}
    return " ".join(words.format(value) for name, words in signs.items() for rule in field.metadata
                    if (value := getattr(rule, name, None)) is not None)


def _default(field: FieldInfo) -> str:
    """What counts where the key is not there, as it would be written; empty where it must be there."""
    value = field.get_default(call_default_factory=True, validated_data={})
    if field.is_required() or value in (None, "", (), {}) or isinstance(value, BaseModel):
        return "" if not field.is_required() else "**must be there**"
    return f"`{json.dumps(value, ensure_ascii=False) if not isinstance(value, str | Every) else value}`"


def keys(model: type[BaseModel]) -> Iterator[Key]:
    """The keys of a model in their order."""
    for name, field in model.model_fields.items():
        takes = " ".join(filter(None, [_takes(field.annotation), _bounds(field)]))
        yield Key(field.alias or name, takes, _default(field), _code(meanings(model).get(name, "")), _inner(field.annotation))


def table(model: type[BaseModel]) -> Iterator[str]:
    """A table of keys in Markdown."""
    yield from ("| Key | Takes | By itself | Meaning |", "|---|---|---|---|")
    for key in keys(model):
        cells = (f"`{key.name}`", key.takes, key.default, key.meaning)
        yield "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def sections(model: type[BaseModel], name: str, level: int = 2) -> Iterator[str]:
    """A heading, what the model is for, and a table; then the same of the models below it."""
    first = _code(inspect.cleandoc(model.__doc__ or "").split("\n\n")[0]).replace("\n", " ")
    yield from (f"{'#' * level} {name}", "", first, "", *table(model), "")
    for key in keys(model):
        if key.model:
            yield from sections(key.model, f"{name.strip('`')}: {key.name}" if level > 2 else key.name, level + 1)
