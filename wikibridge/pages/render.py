"""Page templates: Jinja2 in its immutable sandbox, with delimiters that no wiki markup uses.

``<< value >>`` shows a value, escaped for the wiki; ``<% ... %>`` is logic; ``<# ... #>`` a remark. Values that are
markup already are wrapped in ``Markup``.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable, Mapping
from pathlib import Path

from jinja2 import FileSystemLoader, StrictUndefined, TemplateError, TemplateNotFound, TemplateSyntaxError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from wikibridge.errors import SettingsError


class Markup(str):
    """A text that is wiki markup on purpose: not escaped when a template shows it."""

    __slots__ = ()


class Templates:
    """The page templates of a site: its own folder first, the shipped ones behind it."""

    def __init__(self, folders: tuple[Path, ...], escape: Callable[[str], str]) -> None:
        def shown(value: object) -> str:
            return str(value) if isinstance(value, Markup) else escape("" if value is None else str(value))

        self._environment = ImmutableSandboxedEnvironment(
            loader=FileSystemLoader([str(folder) for folder in folders]),
            block_start_string="<%", block_end_string="%>",
            variable_start_string="<<", variable_end_string=">>",
            comment_start_string="<#", comment_end_string="#>",
            trim_blocks=True, lstrip_blocks=True, undefined=StrictUndefined, finalize=shown, auto_reload=False,
        )

    def render(self, name: str, values: Mapping[str, object]) -> str:
        """A template filled in. Raises SettingsError that names the file and the line of a mistake in it."""
        try:
            return self._environment.get_template(name).render(values)
        except TemplateNotFound as error:
            raise SettingsError("template-missing", error.name or name) from error
        except TemplateSyntaxError as error:
            raise SettingsError("template-wrong", error.name or name, error.lineno, error.message) from error
        except OSError as error:
            raise SettingsError("file-unreadable", name, error.strerror or "?") from error
        except (TemplateError, ArithmeticError, LookupError, TypeError, ValueError, RuntimeError) as error:
            places = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if name in frame.filename]
            raise SettingsError("template-wrong", name, places[-1] if places else "?", error) from error
