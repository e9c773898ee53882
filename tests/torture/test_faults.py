"""Every kind of fault at every step of a run: what an undisturbed run would have brought is there in the end, once."""

from __future__ import annotations

import random

import pytest

from tests.torture.conftest import LONG, TALLY, Trial
from tests.torture.proxy import KINDS
from wikibridge.errors import WikibridgeError

pytestmark = pytest.mark.live
STEPS = range(1, 22)
ALL = [(kind, step) for kind in KINDS for step in STEPS]
SOME = [*random.Random(5).sample(ALL, 10), ("lost", 12), ("504 after", 10), ("token", 9), ("twice", 11)]
CHOICE = "\n\n{{Choice|title=Walking|date=2021|theme=transport}}"


def disturbed(trial: Trial, kind: str, step: int, what: str) -> None:
    """A run or an undo with one fault; it ends well, or with an error that has a sentence."""
    TALLY["trials"] += 1
    trial.proxy.reset({step: kind})
    if kind == "late":
        trial.proxy.release.clear()
    try:
        with trial.session(1 if kind == "late" else 30) as session:
            if what == "run":
                session.run()
            else:
                last = next(number for number, _, result in session.journal.runs() if result and result["changed"])
                session.undo(last)
    except WikibridgeError as error:
        assert len(error.say("fr")) > 10
    finally:
        trial.proxy.release.set()


def check(trial: Trial, *words: str) -> None:
    history = trial.history()
    doubled = trial.doubled(history)
    TALLY["doubled"] += len(doubled)
    assert not doubled
    assert len([title for title in history if "/P/" in title]) == 4
    lost = [word for word in words if not any(word in rows[0][1] for rows in history.values())]
    TALLY["lost"] += len(lost)
    assert not lost


@pytest.mark.parametrize(("kind", "step"), ALL if LONG else SOME)
def test_a_fault_leaves_no_trace(trial: Trial, kind: str, step: int) -> None:
    disturbed(trial, kind, step, "run")
    trial.settle()
    check(trial)
    trial.type(f"{trial.prefix}P/Ana Silva", CHOICE)
    disturbed(trial, kind, (step - 1) % 8 + 1, "run")
    trial.settle()
    check(trial, "Walking")
    assert "Walking" in trial.text(f"{trial.prefix}Summary en")
    disturbed(trial, kind, (step - 1) % 10 + 1, "undo")
    trial.settle()
    check(trial, "Walking")
