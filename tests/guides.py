"""The guides as their readers use them: commands to type, files to write."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent
_BLOCK = re.compile(r"^``` ?([^\n]+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Block:
    """A block of a guide: ``kind`` is what stands behind its marks, such as ``sh`` or ``csv``."""

    kind: str
    text: str


def secretariat(language: str) -> str:
    return (ROOT / "docs" / language / "secretariat.md").read_text(encoding="utf-8")


def blocks(text: str) -> list[Block]:
    return [Block(found[1].strip(), found[2]) for found in _BLOCK.finditer(text)]


def commands(text: str) -> list[str]:
    """The commands, those that a test cannot run too: the order is the guide's."""
    return [line for block in blocks(text) if block.kind in ("sh", "{ .sh .not-tested }", "powershell") for line in block.text.splitlines()]
