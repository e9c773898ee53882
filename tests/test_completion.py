"""The Tab key in a real bash: commands, options, jobs, runs and participants, without a question to the wiki."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from wikibridge import Session, Site

SCRIPT = """
set -e
eval "$(wikibridge completion bash)"
complete -p wikibridge >/dev/null
COMP_WORDS=("$@")
COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
compopt() { FILES=$*; }
_wikibridge_completion wikibridge
printf '%s\\n' "${COMPREPLY[@]}" $FILES
"""


@pytest.fixture
def tab(make_site: Callable[..., Site], tmp_path: Path) -> Callable[..., list[str]]:
    """What bash offers behind words typed in the folder of a site of two people, one run and a wiki that is gone."""
    site = make_site("name\nAna Silva\nZoé O'Neil\n", files={"jobs/summary-themes.yml": ""})
    with Session(site) as session:
        session.run()
    (site.folder / "wiki").rename(tmp_path / "gone")
    program = tmp_path / "bin" / "wikibridge"
    program.parent.mkdir()
    program.write_text(f"#!/bin/sh\nexec '{sys.executable}' -m wikibridge \"$@\"\n")
    program.chmod(0o755)

    def press(*words: str) -> list[str]:
        done = subprocess.run(
            ["bash", "--norc", "-c", SCRIPT, "bash", "wikibridge", *words], cwd=site.folder, text=True, capture_output=True, check=False,
            env={**os.environ, "PATH": f"{program.parent}:{os.environ['PATH']}", "PYTHONPATH": str(Path(__file__).parent.parent)})
        assert done.returncode == 0 and not done.stderr, done.stderr
        return [line for line in done.stdout.splitlines() if line]

    return press


def test_commands_and_options(tab: Callable[..., list[str]]) -> None:
    assert {"plan", "participants"} & set(tab("p")) == {"plan"} and "undo" in tab("")
    assert "--yes-many" in tab("run", "--")


def test_jobs_of_the_site_that_are_not_named_yet(tab: Callable[..., list[str]]) -> None:
    offered = tab("run", "")
    assert {"participants", "summaries", "answers", "problems"} <= set(offered) and "summary-themes" not in offered
    assert "participants" not in tab("run", "participants", "")
    assert tab("plan", "SUMM") and all(name.startswith("summ") for name in tab("plan", "SUMM"))


def test_runs_and_pages(tab: Callable[..., list[str]]) -> None:
    assert tab("undo", "") == tab("log", "") == ["1"]
    assert tab("undo", "1", "--page", "Participants/") == ["Participants/Ana\\ Silva", "Participants/Zoé\\ O\\'Neil"]
    assert tab("forget", "") == tab("export", "--about", "") == ["Ana\\ Silva", "Zoé\\ O\\'Neil"]
    assert tab("check", '"Participants/A') == ["Participants/Ana Silva"], "in quotes a blank is a blank"
    assert tab("check", "nothing such") == ["-o", "default"], "then files"


def test_what_is_offered_is_read_by_bash_as_it_was_meant(tab: Callable[..., list[str]]) -> None:
    (offered,) = tab("check", "Participants/Z")
    said = subprocess.run(["bash", "-c", f"printf %s {offered}"], text=True, capture_output=True, check=True).stdout
    assert said == "Participants/Zoé O'Neil"


def test_no_site_and_no_words_between_the_letters(tab: Callable[..., list[str]], tmp_path: Path) -> None:
    assert tab("--site", str(tmp_path / "nowhere"), "run", "") == []


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_other_shells_get_a_script(shell: str) -> None:
    done = subprocess.run([sys.executable, "-m", "wikibridge", "completion", shell], text=True, capture_output=True, check=True)
    assert re.search(rf"_WIKIBRIDGE_COMPLETE={shell}_complete", done.stdout)
