"""People who edit the same pages while runs, undos and template upgrades go on: every word that was saved is there."""

from __future__ import annotations

import random
import threading

import pytest

from tests.torture.conftest import LONG, TALLY, Trial
from wikibridge.errors import WikibridgeError

EDITS = 2_000 if LONG else 40
PAGES = ("P/Ana Silva", "P/École verte", "Summary en", "Summary fr")


def template(trial: Trial, number: int) -> None:
    for language in ("en", "fr", "pt"):
        path = trial.site.folder / "page_templates" / "mediawiki" / language / "participant.wiki"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("{{Participant\n|name=<< name >>\n|territory=<< territory >>\n|group=<< group >>\n}}\n\n"
                        f"Line of version {number}.\n\n== Choices ==\n\nThe end.", encoding="utf-8")


@pytest.mark.live
def test_no_word_of_anybody_is_lost(trial: Trial) -> None:
    moments = random.Random(7)
    (trial.site.folder / "jobs" / "participants.yml").write_text("kind: participants\nupgrade: yes\n", encoding="utf-8")
    template(trial, 0)
    trial.settle()
    typed: list[tuple[str, str]] = []
    broken: list[BaseException] = []

    def people() -> None:
        try:
            for number in range(EDITS):
                title = trial.prefix + moments.choice(PAGES)
                word = f"word{number}x"
                how = moments.randrange(4)
                if how == 0 and "/P/" in title:
                    trial.type(title, f"\n\n{{{{Choice|title={word}|date=2021|theme=transport}}}}")
                elif how == 1:
                    # Inside a region, or before the end where there is none.
                    trial.type(title, f"{word}\n", "<!-- wikibridge:end")
                elif how == 2:
                    trial.type(title, f"{word}\n\n", "== ")
                else:
                    trial.type(title, f"\n\n{word}")
                typed.append((title, word))
        except BaseException as error:
            broken.append(error)

    editor = threading.Thread(target=people)
    editor.start()
    rounds = 0
    while editor.is_alive():
        rounds += 1
        if rounds % 5 == 0:
            template(trial, rounds)
        try:
            with trial.session() as session:
                result = session.run()
                if rounds % 7 == 0 and result.changed:
                    session.undo(result.run)
        except WikibridgeError as error:
            broken.append(error)
    editor.join()
    assert not broken
    trial.settle()
    texts = {title: trial.text(title) for title in {title for title, _ in typed}}
    lost = [(title, word) for title, word in typed if word not in texts[title]]
    TALLY["lost"] += len(lost)
    TALLY["trials"] += rounds
    assert not lost
