"""The page that tells people what they can type: every form on it is read just as it says."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from wikibridge.cli.check import facts
from wikibridge.entries.fields import read_field
from wikibridge.entries.read import read
from wikibridge.entries.types import EntryField, shipped
from wikibridge.markup import wikitext

PAGE = (Path(__file__).parent.parent / "docs" / "typing.md").read_text(encoding="utf-8")
SCHEMA = shipped()
PAIRS = re.findall(r"```wiki\n(.*?)\n```\s+```json\n(.*?)\n```", PAGE, re.DOTALL)
KINDS = re.findall(r"^### [^\n]*\(`(\w+)`\)\n(.*?)(?=^##)", PAGE, re.DOTALL | re.MULTILINE)
ROWS = [(kind, *row) for kind, text in KINDS for row in re.findall(r"^\| `([^`]+)` \| (\w\w) \| `([^`]+)` \|$", text, re.MULTILINE)]
OTHERS = [(kind, typed, "en", read_as) for kind, typed, read_as in re.findall(r"^\| (url|page|user) \| `([^`]+)` \| `([^`]+)` \|$", PAGE, re.MULTILINE)]
SLIPS = re.findall(r"^\| `(\{+Choi[^`]+)` \| `([a-z-]+)` \|$", PAGE, re.MULTILINE)


def test_the_page_was_understood() -> None:
    assert len(PAIRS) == PAGE.count("```wiki") >= 8 and len(SLIPS) >= 12 and len(OTHERS) >= 4
    assert len(ROWS) + len(OTHERS) + len(SLIPS) == sum(line.startswith("| ") and "`" in line for line in PAGE.splitlines())


@pytest.mark.parametrize(("text", "expected"), PAIRS)
def test_ways_to_write_an_entry(text: str, expected: str) -> None:
    found = facts(read(text, SCHEMA, "en"), "en")
    assert [{"type": entry["type"], "fields": entry["fields"]} for entry in found["entries"]] == json.loads(expected)
    assert found["problems"] == [] and all(not entry["unknown"] for entry in found["entries"])


@pytest.mark.parametrize(("kind", "typed", "language", "read_as"), ROWS + OTHERS)
def test_values(kind: str, typed: str, language: str, read_as: str) -> None:
    sample = SCHEMA.types["choice"].by_name["level"]
    field = EntryField.model_validate({
        "name": "x", "kind": kind, "names": dict(sample.names), "help": dict(sample.help), "example": dict(sample.example),
        "vocabulary": "theme" if kind == "term" else ""})
    value, faults = read_field(wikitext.plain(typed) if kind != "page" else typed, field, SCHEMA, language)
    if re.fullmatch(r"[a-z]+(-[a-z]+)+", read_as):
        assert [fault.code for fault in faults] == [read_as]
    else:
        assert faults == [] and value is not None
        from wikibridge.cli.check import plain

        assert plain(value) == json.loads(read_as)


@pytest.mark.parametrize(("typed", "code"), SLIPS)
def test_slips(typed: str, code: str) -> None:
    found = read(typed.replace("\\|", "|"), SCHEMA, "en")
    (entry,) = found.entries
    assert [problem.code for problem in found.problems] == [code]
    assert str(entry.fields["date"]) == "2020" and entry.fields.get("title", "A") == "A"
