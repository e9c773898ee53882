"""Pages as citizens type them, in ``tests/corpus/*.yml``: ``wikibridge check FILE --json`` prints what each case says.

A case has a ``name``, the page (``dialect``, ``language``, ``text``) and what is read from it: ``entries`` (``type``, ``line``,
``fields`` by canonical name, ``unknown`` where there are any) and ``problems`` (``line``, ``column``, ``code``, ``suggestion``
where there is one). Texts that YAML would take for something else are quoted: "2020" is a date, 4 a rating.
"""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner

from wikibridge.cli.main import cli

FILES = sorted((Path(__file__).parent / "corpus").glob("*.yml"))
CASES: list[dict[str, Any]] = [case for file in FILES for case in yaml.safe_load(file.read_text(encoding="utf-8"))]


def test_the_cases_are_many_and_well_formed() -> None:
    assert Counter(case["dialect"] for case in CASES)["mediawiki"] >= 100
    assert [name for name, count in Counter(case["name"] for case in CASES).items() if count > 1] == []
    assert {frozenset(case) for case in CASES} == {frozenset(("name", "dialect", "language", "text", "entries", "problems"))}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_a_page_is_read_as_a_careful_person_would(case: dict[str, Any], tmp_path: Path) -> None:
    page = tmp_path / "page.txt"
    page.write_bytes(case["text"].encode())
    result = CliRunner().invoke(cli, ["check", str(page), "--dialect", case["dialect"], "--language", case["language"], "--json"])
    assert result.exit_code == 0, result.output
    found = json.loads(result.stdout)
    for entry in found["entries"]:
        if not entry["unknown"]:
            del entry["unknown"]
    for problem in found["problems"]:
        assert problem.pop("message")
        if not problem["suggestion"]:
            del problem["suggestion"]
    assert found == {"entries": case["entries"], "problems": case["problems"]}
