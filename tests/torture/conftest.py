"""What the tests of safe writing share, and the table that they end with."""

from __future__ import annotations

import os
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from tests.places import make_corner
from tests.torture.proxy import Proxy, started
from wikibridge import Session, Site
from wikibridge.demo.mediawiki_server import MediaWikiServer
from wikibridge.errors import EditConflict
from wikibridge.jobs.runner import Result
from wikibridge.model import Edit, Head
from wikibridge.wikis.base import Wiki
from wikibridge.wikis.mediawiki import MediaWikiWiki

LONG = os.environ.get("WIKIBRIDGE_TORTURE") == "1"
TALLY: Counter[str] = Counter()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if not LONG:
        return
    failed = len(terminalreporter.stats.get("failed", ()))
    for name in ("trials", *sorted(key for key in TALLY if key.startswith("fault ")), "kills", "user edits", "lost", "doubled"):
        terminalreporter.write_line(f"{name:24}{TALLY[name]:>8}")
    terminalreporter.write_line(f"{'unexplained':24}{failed:>8}")


@dataclass
class Trial:
    """A corner of the real MediaWiki behind a proxy."""

    site: Site
    proxy: Proxy
    server: MediaWikiServer
    prefix: str
    citizen: Wiki

    def text(self, title: str) -> str:
        (page,) = self.citizen.read(titles=[title])
        return page.text

    def type(self, title: str, more: str, before: str = "") -> None:
        """A citizen adds text, at the end or before some other text; edited meanwhile, they try again."""
        while True:
            (page,) = self.citizen.read(titles=[title])
            text = page.text.replace(before, more + before, 1) if before and before in page.text else page.text + more
            try:
                self.citizen.write(Edit(page.title, text, "", Head(page.id, page.title, page.revision)))
            except EditConflict:
                continue
            TALLY["user edits"] += 1
            return

    def wiki(self, timeout: float = 30) -> MediaWikiWiki:
        bot = self.server.bot
        return MediaWikiWiki(self.proxy.address, bot.name, bot.password, timeout=timeout, retries=2, pause=0.01,
                             session=self.site.state / "session.json")

    def session(self, timeout: float = 30) -> Session:
        return Session(self.site, wiki=self.wiki(timeout))

    def run(self, timeout: float = 30) -> Result:
        with self.session(timeout) as session:
            return session.run()

    def settle(self) -> None:
        """Run undisturbed until two runs in a row write nothing: the list of changes follows the edits by a moment."""
        self.proxy.reset()
        quiet = 0
        for _ in range(20):
            result = self.run()
            assert not result.failed, result
            quiet = 0 if result.created or result.changed else quiet + 1
            if quiet == 2:
                return
        raise AssertionError("it goes on writing")

    def history(self) -> dict[str, list[tuple[str, str]]]:
        """Editor and text of all revisions of the corner's pages, latest first."""
        with self.session() as session:
            assert isinstance(session.wiki, MediaWikiWiki)
            found: dict[str, list[tuple[str, str]]] = {}
            for head in list(session.wiki.list(session._selection())):
                if head.title.startswith(self.prefix):
                    pages: list[dict[str, Any]] = list(session.wiki._api.pages(
                        pageids=str(head.id), prop="revisions", rvprop="user|content", rvslots="main", rvlimit="max"))
                    found[head.title] = [(row["user"], row["slots"]["main"]["content"]) for row in pages[0]["revisions"]]
            return found

    def doubled(self, history: dict[str, list[tuple[str, str]]]) -> list[str]:
        """Pages on which we saved the same text twice in a row, or a participant's page more than once."""
        found = []
        for title, rows in history.items():
            ours = [text for user, text in reversed(rows) if user == self.server.bot.name.partition("@")[0]]
            if any(one == other for one, other in pairwise(ours)) or ("/P/" in title and len(ours) != 1):
                found.append(title)
        return found


@pytest.fixture
def trial(
    mediawiki: MediaWikiServer, mediawiki_doors: Callable[[str], Wiki], tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Trial]:
    monkeypatch.setenv("WIKIBRIDGE_PASSWORD", mediawiki.bot.password)
    prefix = f"Torture {uuid.uuid4().hex[:8]}/"
    with started(mediawiki.address) as proxy:
        site = make_corner(tmp_path / "site", f"kind: mediawiki, address: '{proxy.address}', account: {mediawiki.bot.name}", prefix)
        yield Trial(site, proxy, mediawiki, prefix, mediawiki_doors("Citizen"))
        TALLY.update({f"fault {kind}": count for kind, count in proxy.injected.items() if kind})
