"""What the tests of safe writing share, and the table that they end with."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.places import make_corner
from tests.torture.proxy import Proxy, started
from wikibridge import Session, Site
from wikibridge.demo.mediawiki_server import MediaWikiServer
from wikibridge.errors import EditConflict
from wikibridge.jobs.result import Result
from wikibridge.model import Edit, Head, Selection
from wikibridge.summaries import show
from wikibridge.wikis.base import Wiki
from wikibridge.wikis.folder import FolderWiki
from wikibridge.wikis.mediawiki import MediaWikiWiki

LONG = os.environ.get("WIKIBRIDGE_TORTURE") == "1"
ROOT = Path(__file__).parents[2]
TALLY: Counter[str] = Counter()
PHASES = ("create", "update", "undo", "upgrade")
"""A first run; one after people wrote; one that takes back such a run; one after the page template was improved."""
CHOICE = "\n\n{{Choice|title=%s|date=2021|theme=transport}}"
WORDS = ("Walking", "Cycling", "preface")

_HASH = re.compile("hash=[0-9a-f]+")
State = dict[str, tuple[str, int]]
"""Text and number of our revisions of each page."""


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if not LONG:
        return
    wrong = sum(len(terminalreporter.stats.get(kind, ())) for kind in ("failed", "error"))
    faults = sorted(key for key in TALLY if key.startswith("fault "))
    TALLY["faults"] = sum(TALLY[key] for key in faults)
    for name in ("trials", "faults", *faults, "kills", "user edits", "lost", "doubled"):
        terminalreporter.write_line(f"{name:24}{TALLY[name]:>8}")
    terminalreporter.write_line(f"{'unexplained':24}{wrong:>8}")


def template(site: Site, number: int) -> None:
    """Give the site a page template of its own, of this version."""
    for language in ("en", "fr", "pt"):
        path = site.folder / "page_templates" / "mediawiki" / language / "participant.wiki"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("{{Participant\n|name=<< name >>\n|territory=<< territory >>\n|group=<< group >>\n}}\n\n"
                        f"Line of version {number}.\n\n== Choices ==\n\nThe end.", encoding="utf-8")


@dataclass
class Trial:
    """A corner of a wiki, and the phases of its life."""

    site: Site
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

    def session(self, timeout: float = 30) -> Session:
        return Session(self.site)

    def shown(self, title: str) -> None:
        """Wait until the wiki lists the latest change of a page."""

    def settle(self) -> None:
        """Run undisturbed until two runs in a row write nothing: the list of changes follows the edits by a moment."""
        quiet = 0
        for _ in range(20):
            with self.session() as session:
                result = session.run()
            assert not result.failed, result
            quiet = 0 if result.created or result.changed else quiet + 1
            if quiet == 2:
                return
        raise AssertionError("it goes on writing")

    def prepare(self, phase: str) -> tuple[str, ...]:
        """What comes before a phase; its command."""
        ana, summary = f"{self.prefix}P/Ana Silva", f"{self.prefix}Summary en"
        if phase == "update":
            self.type(summary, "A preface of the class.\n", "What participants")
            self.type(ana, CHOICE % "Walking")
            self.shown(summary)
            self.shown(ana)
        elif phase == "undo":
            self.type(ana, CHOICE % "Cycling")
            self.shown(ana)
            with self.session() as session:
                result = session.run()
            assert result.changed, result
            return ("undo", str(result.run))
        elif phase == "upgrade":
            template(self.site, 1)
        return ("run",)

    def do(self, command: tuple[str, ...], timeout: float = 30) -> Result:
        """A command in this process."""
        with self.session(timeout) as session:
            return session.undo(int(command[1])) if command[0] == "undo" else session.run()

    def live(self, disturb: Callable[[str, tuple[str, ...]], None]) -> Iterator[tuple[str, State]]:
        """The phases, each disturbed and then brought to its end; what is there after each."""
        (self.site.folder / "jobs" / "participants.yml").write_text("kind: participants\nupgrade: yes\n", encoding="utf-8")
        template(self.site, 0)
        for phase in PHASES:
            command = self.prepare(phase)
            disturb(phase, command)
            self.calm()
            assert not self.do(command).failed
            self.settle()
            yield phase, self.state()
        with self.session() as session:
            known = session.journal.created()
        # Whose page we know as ours, we never make a second time.
        assert {title for title, rows in self.history() if rows[-1][0] == self.us} <= known.keys()

    def calm(self) -> None:
        """End all disturbance."""

    def history(self) -> Iterator[tuple[str, list[tuple[str, str]]]]:
        """Pages with the editor and text of each revision, latest first."""
        assert isinstance(self.citizen, FolderWiki)
        for head in self.citizen.list(Selection((self.prefix,))):
            yield head.title, [(editor, text) for _, editor, _, text in reversed(self.citizen.history(head.title))]

    us = "wikibridge"

    def state(self) -> State:
        """What tells one end from another: the titles tell nothing of the corner, nor hashes."""
        def told(text: str) -> str:
            return _HASH.sub("…", text.replace(self.prefix, "Corner/"))

        return {told(title): (told(rows[0][1]), sum(user == self.us for user, _ in rows)) for title, rows in self.history()}


@dataclass
class LiveTrial(Trial):
    """A corner of the real MediaWiki behind a proxy."""

    proxy: Proxy
    server: MediaWikiServer
    us: str = field(default="Wikibridge")

    def session(self, timeout: float = 30) -> Session:
        bot = self.server.bot
        return Session(self.site, wiki=MediaWikiWiki(
            self.proxy.address, bot.name, bot.password, timeout=timeout, retries=2, pause=0.01,
            session=self.site.state / "session.json"))

    def shown(self, title: str) -> None:
        assert isinstance(self.citizen, MediaWikiWiki)
        (page,) = self.citizen.read(titles=[title])
        while True:
            answer = self.citizen._api.ask("query", {"list": "recentchanges", "rctitle": title, "rcprop": "ids", "rclimit": "1"})
            if any(row["revid"] == page.revision for row in answer["query"]["recentchanges"]):
                return

    def calm(self) -> None:
        self.proxy.release.set()
        self.proxy.seen = lambda number: None
        self.proxy.reset()

    def settle(self) -> None:
        super().settle()
        # Whatever is on its way still arrives when nobody waits for it any more.
        self.proxy.deliver()
        super().settle()

    def history(self) -> Iterator[tuple[str, list[tuple[str, str]]]]:
        assert isinstance(self.citizen, MediaWikiWiki)
        for head in self.citizen.list(Selection((self.prefix,))):
            pages: list[dict[str, Any]] = list(self.citizen._api.pages(
                pageids=str(head.id), prop="revisions", rvprop="user|content", rvslots="main", rvlimit="max"))
            yield head.title, [(row["user"], row["slots"]["main"]["content"]) for row in pages[0]["revisions"]]


def check(phase: str, state: State, wanted: State) -> None:
    """The same pages with the same texts, each written by us as often, as if nothing had happened."""
    TALLY["doubled"] += sum(count > wanted[title][1] if title in wanted else 1 for title, (_, count) in state.items())
    TALLY["lost"] += sum(word in text and word not in state.get(title, ("",))[0] for title, (text, _) in wanted.items() for word in WORDS)
    assert state == wanted, phase


@contextmanager
def corner(server: MediaWikiServer, citizen: Wiki, folder: Path) -> Iterator[LiveTrial]:
    """A new corner of the real MediaWiki. Its name has no letter that an address would show otherwise."""
    prefix = f"Torture{uuid.uuid4().hex[:8]}/"
    with started(server.address) as proxy:
        site = make_corner(folder, f"kind: mediawiki, address: '{proxy.address}', account: {server.bot.name}", prefix)
        yield LiveTrial(site, prefix, citizen, proxy, server)
        TALLY.update({f"fault {kind}": count for kind, count in proxy.injected.items() if kind})


@contextmanager
def folder_corner(folder: Path) -> Iterator[Trial]:
    """A new wiki in a folder."""
    site = make_corner(folder, "kind: folder", "Corner/")
    with closing(FolderWiki(site.folder / "wiki", user="citizen")) as citizen:
        yield Trial(site, "Corner/", citizen)


@pytest.fixture(scope="session", autouse=True)
def timeless() -> Iterator[None]:
    """Summaries tell the time of their data: one life may go on into another minute, and write once more, and one not."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(show, "time_text", lambda *_: "now")
        yield


@pytest.fixture
def password(mediawiki: MediaWikiServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WIKIBRIDGE_PASSWORD", mediawiki.bot.password)


@pytest.fixture
def trial(mediawiki: MediaWikiServer, mediawiki_doors: Callable[[str], Wiki], tmp_path: Path, password: None) -> Iterator[LiveTrial]:
    with corner(mediawiki, mediawiki_doors("Citizen"), tmp_path / "site") as made:
        yield made


@dataclass(frozen=True)
class Undisturbed:
    """What a life without disturbance came to: the state after each phase, and how many requests (or steps) each took."""

    states: dict[str, State]
    steps: dict[str, int]


@pytest.fixture(scope="session")
def undisturbed(
    timeless: None, mediawiki: MediaWikiServer, mediawiki_doors: Callable[[str], Wiki], tmp_path_factory: pytest.TempPathFactory,
) -> Undisturbed:
    steps: dict[str, int] = {}
    with pytest.MonkeyPatch.context() as patch, corner(mediawiki, mediawiki_doors("Citizen"), tmp_path_factory.mktemp("twin") / "site") as twin:
        patch.setenv("WIKIBRIDGE_PASSWORD", mediawiki.bot.password)

        def count(phase: str, command: tuple[str, ...]) -> None:
            twin.proxy.reset()
            twin.do(command)
            steps[phase] = twin.proxy.requests

        return Undisturbed(dict(twin.live(count)), steps)


class Runs:
    """``wikibridge`` in processes of its own, at once: see ``tests.torture.runs``."""

    def __init__(self, environment: dict[str, str]) -> None:
        self._process = subprocess.Popen([sys.executable, "-m", "tests.torture.runs"], text=True, env={**os.environ, **environment}, cwd=ROOT,
                                         stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def start(self, site: Site, *command: str, kill: int = 0, count: str = "") -> int:
        """The number of a process that does the command."""
        assert self._process.stdin and self._process.stdout
        job = {"arguments": ["--site", str(site.folder), *command], "kill": kill, "count": count}
        self._process.stdin.write(json.dumps(job) + "\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline())

    def end(self) -> int:
        """The status of the process when it has ended; negative: the signal."""
        assert self._process.stdout
        return int(self._process.stdout.readline())

    def close(self) -> None:
        assert self._process.stdin
        self._process.stdin.close()
        self._process.wait()


@pytest.fixture(scope="session")
def runs() -> Iterator[Runs]:
    with closing(Runs({})) as made:
        yield made


@pytest.fixture(scope="session")
def live_runs(mediawiki: MediaWikiServer) -> Iterator[Runs]:
    with closing(Runs({"WIKIBRIDGE_PASSWORD": mediawiki.bot.password})) as made:
        yield made
