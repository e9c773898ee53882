"""A plan for people: as lines of a terminal, or as a page for a browser."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from wikibridge.errors import SettingsError, WikibridgeError
from wikibridge.i18n import message
from wikibridge.model import Action, Step
from wikibridge.publish.files import line as file_line
from wikibridge.publish.plan import diff

_COLOURS = {"+": "green", "-": "red", "@": "cyan"}


def lines(steps: tuple[Step, ...], language: str) -> Iterator[tuple[str, str | None, bool]]:
    """The steps that do something, with their differences: each line, its colour, whether it is bold."""
    for step in steps:
        for file in step.files:
            yield file_line(file, language), None, True
        if step.action is Action.NOTHING:
            continue
        what = "upgrade" if step.wanted.upgrade and step.action is Action.UPDATE else step.action
        yield message(f"plan-{what}", language, step.title), None, True
        if step.reason:
            yield f"  {WikibridgeError(*step.reason).say(language)}", None, False
        if step.writes:
            for line in diff(step.page.text if step.page else "", step.text, step.title)[2:]:
                yield f"  {line}", _COLOURS.get(line[:1]), False


def counts(steps: tuple[Step, ...], language: str) -> str:
    """How many steps of each kind a plan has."""
    number = {action: sum(step.action is action for step in steps) for action in Action}
    line = message("plan-counts", language, *(
        number[action] for action in (Action.CREATE, Action.UPDATE, Action.REFUSED, Action.NOTHING)))
    files = sum(len(step.uploads) for step in steps)
    return f"{line} {message('plan-files', language, files)}" if files else line


def page(path: Path, steps: tuple[Step, ...], wiki: str, language: str) -> None:
    """Write the plan as a web page. Raises SettingsError when the file cannot be written."""
    from wikibridge.report.plan import html

    try:
        path.write_text(html(steps, wiki, language), encoding="utf-8")
    except OSError as error:
        raise SettingsError("file-unwritable", path, error.strerror or "?") from error
