"""Makes the manual page when the wheel is built, so that none lies about that tells of older commands.

https://hatch.pypa.io/latest/plugins/build-hook/custom/
"""

from __future__ import annotations

import sys
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class ManPage(BuildHookInterface[Any]):
    """The hook: ``share/man/man1/wikibridge.1`` below wherever the wheel is installed."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Called before the wheel is put together."""
        sys.path[:0] = [self.root, str(Path(__file__).parent)]
        import man_page

        made = Path(mkdtemp()) / "wikibridge.1"
        made.write_text(man_page.page(), encoding="utf-8")
        build_data["shared_data"][str(made)] = "share/man/man1/wikibridge.1"
