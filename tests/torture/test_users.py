"""People who edit the same pages while runs, undos and template upgrades go on: every word that was saved is there."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from tests.torture.conftest import LONG, TALLY, LiveTrial, template
from wikibridge.demo.mediawiki_server import MediaWikiServer

EDITS = 1_000 if LONG else 20
"""By each of two people."""


@pytest.mark.live
def test_no_word_of_anybody_is_lost(trial: LiveTrial, mediawiki: MediaWikiServer, tmp_path: Path) -> None:
    (trial.site.folder / "jobs" / "participants.yml").write_text("kind: participants\nupgrade: yes\n", encoding="utf-8")
    template(trial.site, 0)
    trial.settle()
    people = []
    for number, name in enumerate(("Citizen", "Neighbour")):
        account = mediawiki.bot_password(mediawiki.user(name).name)
        with open(tmp_path / name, "w", encoding="utf-8") as told:
            people.append(subprocess.Popen([sys.executable, "-m", "tests.torture.people", f"{mediawiki.address}api.php", account.name,
                                            account.password, trial.prefix, str(number), str(EDITS)], stdout=told))
    done: Counter[str] = Counter()
    rounds = 0
    while any(one.poll() is None for one in people) or rounds < 4:
        rounds += 1
        if rounds % 3 == 1:
            template(trial.site, rounds)
        with trial.session() as session:
            result = session.run()
            done["written"] += result.created + result.changed
            if rounds % 3 == 2 and result.changed:
                done["undone"] += session.undo(result.run).changed
    assert [one.returncode for one in people] == [0, 0] and done["undone"] and done["written"]
    trial.settle()
    lines = [line.split("\t") for name in ("Citizen", "Neighbour") for line in (tmp_path / name).read_text(encoding="utf-8").splitlines()]
    removed = {word for what, _, word in lines if what == "removed"}
    texts = {title: trial.text(title) for title in {title for _, title, _ in lines}}
    # A choice stands on its page once, however often in summaries.
    lost = [(title, word) for what, title, word in lines if what == "typed" and word not in removed and word not in texts[title]]
    back = [(title, word) for what, title, word in lines if what == "removed" and word in texts[title]]
    doubled = [(title, word) for what, title, word in lines if what == "typed" and "/P/" in title and texts[title].count(word) > 1]
    TALLY["user edits"] += len(lines)
    TALLY["lost"] += len(lost)
    TALLY["doubled"] += len(doubled) + len(back)
    TALLY["trials"] += rounds
    assert not lost and not back and not doubled
