"""A plan as a web page to look at: counts, filters, differences side by side. One file, no script; user text is text."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from jinja2 import Environment, PackageLoader
from markupsafe import Markup, escape

from wikibridge.errors import WikibridgeError
from wikibridge.i18n import message
from wikibridge.model import Action, Step
from wikibridge.publish.files import line

_AROUND = 2
"""Lines that are shown around a change."""
_LONG = 400
"""Characters of a line up to which the changed words in it are marked."""
_STEER = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
"""Controls, those of direction too, and half letters, which no file can hold: shown as codes, so that a line cannot pretend to
be another one.
"""


class Row(NamedTuple):
    """A line of a difference: what stands left and right (None: nothing), or the number of lines left out."""

    left: Markup | None = None
    right: Markup | None = None
    changed: bool = False
    same: str = ""


@dataclass(frozen=True, slots=True)
class _Page:
    action: str
    job: int
    label: str
    reason: str
    rows: tuple[Row, ...]
    files: tuple[str, ...] = ()


def html(steps: tuple[Step, ...], wiki: str, language: str) -> str:
    """The page for a plan. ``wiki`` says which wiki it is for; ``language`` is that of the secretariat."""
    shown = [step for step in steps if step.action is not Action.NOTHING or step.files]
    jobs = list(dict.fromkeys(step.wanted.job for step in shown))
    pages = []
    for step in shown:
        # A page of which only the files change counts as changed.
        action = Action.UPDATE if step.action is Action.NOTHING else step.action
        what = "upgrade" if step.wanted.upgrade and action is Action.UPDATE else action
        before = step.page.text if step.page else ""
        pages.append(_Page(
            str(action), jobs.index(step.wanted.job), visible(message(f"plan-{what}", language, step.title)),
            visible(WikibridgeError(*step.reason).say(language)) if step.reason else "",
            tuple(rows(before, step.text, language)) if step.writes else (),
            tuple(visible(line(file, language)) for file in step.files if file.writes or file.reason)))
    counts = {action: sum(page.action == action for page in pages) for action in ("create", "update", "refused")}

    def say(key: str, *params: object) -> str:
        return message(key, language, *params)

    shelf = Environment(loader=PackageLoader("wikibridge", "report"), autoescape=True, trim_blocks=True, lstrip_blocks=True)
    return shelf.get_template("plan.html").render(
        pages=pages, jobs=[visible(job) for job in jobs], counts=counts, wiki=visible(wiki), language=language, say=say)


def rows(before: str, after: str, language: str) -> Iterator[Row]:
    """The difference of two texts, side by side; unchanged lines far from a change are counted, not shown."""
    left, right = before.split("\n") if before else [], after.split("\n")
    matcher = difflib.SequenceMatcher(None, left, right, autojunk=False)
    end = 0
    for group in matcher.get_grouped_opcodes(_AROUND):
        if group[0][1] > end:
            yield Row(same=message("plan-page-same", language, group[0][1] - end))
        for tag, a, b, c, d in group:
            if tag == "equal":
                yield from (Row(_line(line), _line(line)) for line in left[a:b])
                continue
            for number in range(max(b - a, d - c)):
                old = left[a + number] if a + number < b else None
                new = right[c + number] if c + number < d else None
                yield Row(*_words(old, new, language), changed=True)
        end = group[-1][2]
    if len(left) > end and left != right:
        yield Row(same=message("plan-page-same", language, len(left) - end))


def visible(text: str) -> str:
    """The text with controls as codes: nothing in it can steer, or turn round, what stands beside it."""
    return _STEER.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def _line(text: str) -> Markup:
    return escape(visible(text))


def _words(old: str | None, new: str | None, language: str) -> tuple[Markup | None, Markup | None]:
    """Two lines, the words that differ marked."""
    if old is None or new is None or max(len(old), len(new)) > _LONG:
        return (None if old is None else _marked("del", [old], language),
                None if new is None else _marked("ins", [new], language))
    one, other = (re.findall(r"\w+|\W", visible(line)) for line in (old, new))
    left = right = Markup("")
    for tag, a, b, c, d in difflib.SequenceMatcher(None, one, other, autojunk=False).get_opcodes():
        if tag == "equal":
            left += "".join(one[a:b])
            right += "".join(other[c:d])
        else:
            left += _marked("del", one[a:b], language)
            right += _marked("ins", other[c:d], language)
    return left, right


def _marked(tag: str, words: list[str], language: str) -> Markup:
    text = visible("".join(words))
    name = message("plan-page-removed" if tag == "del" else "plan-page-added", language)
    return Markup("<{0}><span class=aloud>{1}: </span>{2}</{0}>").format(Markup(tag), name, text) if text else Markup("")
