"""How much one run may write before somebody looks: a mistake in a template must not rewrite a wiki. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from wikibridge.model import Action, Step
from wikibridge.site import Limits


def exceeded(steps: Iterable[Step], limits: Limits) -> tuple[str, ...] | None:
    """The first limit that a plan is over, as a message key and its parameters; None when it is within all.

    A page loses as many characters as it becomes shorter. What takes back a run may take away whole pages. Files count by
    themselves, up to as many as pages may be changed.
    """
    created = changed = removed = files = 0
    for step in steps:
        files += len(step.uploads)
        created += step.action is Action.CREATE
        if step.action is not Action.UPDATE or step.page is None:
            continue
        changed += 1
        lost = max(0, len(step.page.text) - len(step.text))
        removed += lost
        share = 100 * lost / (len(step.page.text) or 1)
        if share > limits.removed_percent and not step.wanted.undoes:
            return ("limit-percent", step.page.title, f"{share:.0f}", str(limits.removed_percent))
    for name, count, most in (("created", created, limits.created), ("changed", changed, limits.changed),
                              ("removed", removed, limits.removed), ("files", files, limits.changed)):
        if count > most:
            return (f"limit-{name}", str(count), str(most))
    return None


def within(steps: tuple[Step, ...], others: Iterable[Step], limits: Limits, at_most: int) -> tuple[Step, ...]:
    """The steps of a job without those that have to wait: beyond so many, or with which the plan would be over a limit.

    ``others`` are the steps of all other jobs.
    """
    rest = list(others)
    writing = [step for step in steps if step.writes][:at_most]
    if exceeded([*rest, *writing], limits):
        fitting: list[Step] = []
        for step in writing:
            if exceeded([*rest, *fitting, step], limits) is None:
                fitting.append(step)
        writing = fitting
    kept = set(map(id, writing))
    return tuple(step for step in steps if not step.writes or id(step) in kept)
