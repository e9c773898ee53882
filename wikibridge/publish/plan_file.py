"""A plan as a file: looked at today, written tomorrow, exactly as it was or not at all."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from wikibridge.errors import SettingsError
from wikibridge.model import PLANNED, Action, FileStep, Page, Step, WantedPage
from wikibridge.wikis.base import normal

FORMAT = 1


@dataclass(frozen=True, slots=True)
class PlanFile:
    """The steps of a plan and the wiki that they are for, by its identity."""

    wiki: str
    steps: tuple[Step, ...]


def dumps(plan: PlanFile) -> str:
    """The plan as JSON: ``{"format", "wiki", "steps": [{"action", "title", "job", "reason", "before", "after", ...}]}``.

    ``page`` and ``revision`` are those that the step was planned on, null for a creation. The bytes of ``files`` are in Base64.
    """
    def one(step: Step) -> dict[str, Any]:
        page = step.page
        return {
            "action": str(step.action), "title": step.title, "job": step.wanted.job,
            "reason": list(step.reason), "page": page.id if page else None, "revision": page.revision if page else None,
            "before": page.text if page else "", "after": step.text,
            # What a page shows stands among its files, where there is something to do.
            "wanted": asdict(replace(step.wanted, pictures=())), "files": [asdict(file) for file in step.files]}

    return json.dumps({"format": FORMAT, "wiki": plan.wiki, "steps": [one(step) for step in plan.steps]},
                      ensure_ascii=False, indent=1, default=lambda data: b64encode(data).decode())


def load(path: Path) -> PlanFile:
    """A plan from its file. Raises SettingsError for a file that is none."""
    try:
        data = json.loads(path.read_bytes().decode())
    except OSError as error:
        raise SettingsError("file-unreadable", path, error.strerror or "?") from error
    except ValueError as error:
        raise SettingsError("plan-file-wrong", path, error) from error
    try:
        if data["format"] != FORMAT:
            raise SettingsError("plan-file-wrong", path, f"format: {data['format']}")
        return PlanFile(str(data["wiki"]), tuple(map(_step, data["steps"])))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise SettingsError("plan-file-wrong", path, f"{type(error).__name__}: {error}") from error


def _step(data: dict[str, Any]) -> Step:
    wanted = TypeAdapter(WantedPage).validate_python(data["wanted"])
    page = None
    if data["page"] is not None:
        page = Page(int(data["page"]), str(data["title"]), int(data["revision"]), str(data["before"]), datetime.min)
    files = tuple(map(_file, data.get("files", ())))
    return Step(Action(data["action"]), wanted, page, str(data["after"]), tuple(data["reason"]), files)


def _file(data: dict[str, Any]) -> FileStep:
    wanted = {**data["wanted"], "data": b64decode(data["wanted"]["data"], validate=True)}
    return TypeAdapter(FileStep).validate_python({**data, "wanted": wanted})


def current(steps: Iterable[Step], present: dict[int, Page], titles: dict[str, Page]) -> tuple[Step, ...]:
    """The steps with those refused whose page is not as it was when they were planned.

    ``present`` and ``titles`` are the wiki's pages now, by id and by title.
    """
    made = []
    for step in steps:
        was, now = step.page, present.get(step.page.id) if step.page else titles.get(step.wanted.title)
        same = was.revision == PLANNED or (now is not None and now.revision == was.revision) if was else now is None
        made.append(step if same or not step.writes else refuse(step, now))
    return tuple(made)


def as_planned(step: Step, page: Page | None) -> Step:
    """The step on the page that an earlier one made, if that has become as planned; any other change refuses it."""
    if step.page and step.page.revision == PLANNED and page and normal(page.text) == normal(step.page.text):
        return replace(step, page=page)
    return refuse(step, page)


def refuse(step: Step, page: Page | None) -> Step:
    """The step, refused: it is not what somebody looked at any more."""
    return Step(Action.REFUSED, step.wanted, page, step.text, ("refused-stale", page.title if page else step.title))
