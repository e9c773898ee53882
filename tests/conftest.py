"""Fixtures for all tests; the live ones share one real MediaWiki, started when the first of them asks."""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.places import Place, make_corner, with_state
from tests.postgres import BINARIES, Cluster, started
from tests.tiki_client import StartTiki, Tiki
from tests.tikis import REAL
from wikibridge.demo import mediawiki_server
from wikibridge.demo.tiki import PROFILES, TikiServer
from wikibridge.mirror.postgresql import Server
from wikibridge.mirror.store import Mirror
from wikibridge.site import Site
from wikibridge.wikis.base import Wiki
from wikibridge.wikis.folder import FolderWiki
from wikibridge.wikis.mediawiki import MediaWikiWiki

CHROMIUM = Path("/usr/bin/chromium")
SKIP = os.environ.get("WIKIBRIDGE_SKIP_LIVE") == "1"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if SKIP:
        for item in items:
            if item.get_closest_marker("live"):
                item.add_marker(pytest.mark.skip(reason="WIKIBRIDGE_SKIP_LIVE=1"))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    passed = [r for r in terminalreporter.stats.get("passed", []) if r.when == "call" and "live" in r.keywords]
    if SKIP:
        terminalreporter.write_line("live tests: skipped, because WIKIBRIDGE_SKIP_LIVE=1")
    else:
        terminalreporter.write_line(f"live tests that ran (a real MediaWiki, Chromium, the wheel): {len(passed)}")
    if REAL:
        terminalreporter.write_line(f"the Tiki door was tested on the real Tiki at {REAL} too")
    else:
        terminalreporter.write_line("a real Tiki: not tested, because WIKIBRIDGE_TIKI_URL is not set (tests/tikis.py)")


@pytest.fixture(scope="session")
def mediawiki(tmp_path_factory: pytest.TempPathFactory) -> Iterator[mediawiki_server.MediaWikiServer]:
    """A real MediaWiki on a free loopback port; it is empty when the tests begin and shared by them."""
    lacking = mediawiki_server.missing()
    if lacking:
        pytest.fail(f"live tests need Debian's packages: {' '.join(lacking)}; set WIKIBRIDGE_SKIP_LIVE=1 to do without")
    with mediawiki_server.start(tmp_path_factory.mktemp("mediawiki")) as server:
        yield server


@pytest.fixture(scope="session")
def mediawiki_doors(mediawiki: mediawiki_server.MediaWikiServer) -> Iterator[Callable[[str], Wiki]]:
    """Doors to the real MediaWiki: "bot" is the secretariat's account, any other name an ordinary user's."""
    doors: dict[str, MediaWikiWiki] = {}

    def door(name: str) -> Wiki:
        if name not in doors:
            if name == "bot":
                account = mediawiki.bot
            else:
                mediawiki.user(name)
                account = mediawiki.bot_password(name)
            doors[name] = MediaWikiWiki(mediawiki.address + "api.php", account.name, account.password)
        return doors[name]

    yield door
    for each in doors.values():
        each.close()


@pytest.fixture
def make_site(tmp_path: Path) -> Callable[..., Site]:
    """A site folder with an embedded wiki, ``participants.csv`` and more files as given."""

    def make(people: str = "", wiki: str = "kind: folder", files: Mapping[str, str] | None = None) -> Site:
        folder = tmp_path / "site"
        folder.mkdir(exist_ok=True)
        (folder / "wikibridge.yml").write_text(
            f"wiki: {{{wiki}}}\nlanguages: [en, fr, pt]\ntime_zone: Europe/Brussels\n", encoding="utf-8")
        (folder / "participants.csv").write_text(people, encoding="utf-8")
        for name, text in (files or {}).items():
            path = folder / name
            path.parent.mkdir(exist_ok=True, parents=True)
            path.write_text(text, encoding="utf-8")
        return Site(folder)

    return make


@pytest.fixture
def start_tiki() -> Iterator[StartTiki]:
    """Starts Tikis in memory, which end with the test: of a profile, with other switches, with a clock."""
    running: list[TikiServer] = []

    def begin(profile: str = "24.1", clock: Callable[[], float] | None = None, **switches: Any) -> Tiki:
        made = replace(PROFILES[profile], **switches)
        server = TikiServer(made, clock) if clock else TikiServer(made)
        running.append(server.start())
        return Tiki(server)

    yield begin
    for server in running:
        server.stop()


@pytest.fixture
def tiki(start_tiki: StartTiki) -> Tiki:
    """A Tiki 24.1 in memory."""
    return start_tiki()


@pytest.fixture(scope="session")
def postgres() -> Iterator[Cluster]:
    """A PostgreSQL of our own."""
    if not BINARIES:
        pytest.fail("live tests need Debian's package postgresql; set WIKIBRIDGE_SKIP_LIVE=1 to do without")
    with started() as cluster:
        yield cluster


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.live)])
def make_mirror(request: pytest.FixtureRequest) -> Iterator[Callable[[], Mirror]]:
    """Makes empty mirrors, in memory or on a PostgreSQL. Those of before are not used any more."""
    made: list[Mirror] = []
    if request.param == "postgresql":
        cluster: Cluster = request.getfixturevalue("postgres")
        address = cluster.shared

    def make() -> Mirror:
        if request.param == "sqlite":
            made.append(Mirror(None))
        else:
            made.append(Mirror(Server(address, f"wikibridge_{uuid.uuid4().hex[:12]}", cluster.password)))
        return made[-1]

    yield make
    for each in made:
        each.close()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Some modules run on a third place: the embedded wiki again, the state on a PostgreSQL."""
    named = [mark.args[0] for mark in metafunc.definition.iter_markers("parametrize")]
    own = any("place" in (names.split(",") if isinstance(names, str) else names) for names in named)
    if "place" in metafunc.fixturenames and not own:
        live = [pytest.param(name, marks=pytest.mark.live) for name in ("mediawiki", "postgresql")]
        metafunc.parametrize("place", ["folder", *live[:2 if getattr(metafunc.module, "STATE_ON_POSTGRESQL", False) else 1]], indirect=True)


@pytest.fixture
def place(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    prefix = f"Corner {uuid.uuid4().hex[:8]}/"
    if request.param in ("folder", "postgresql"):
        site = make_corner(tmp_path / "site", "kind: folder", prefix)
        citizen: Wiki = FolderWiki(site.folder / "wiki", user="citizen")
        if request.param == "postgresql":
            cluster: Cluster = request.getfixturevalue("postgres")
            monkeypatch.setenv("WIKIBRIDGE_STATE_PASSWORD", cluster.password)
            site = with_state(site, cluster.shared)
    else:
        server: mediawiki_server.MediaWikiServer = request.getfixturevalue("mediawiki")
        monkeypatch.setenv("WIKIBRIDGE_PASSWORD", server.bot.password)
        site = make_corner(
            tmp_path / "site", f"kind: mediawiki, address: '{server.address}api.php', account: {server.bot.name}", prefix)
        citizen = request.getfixturevalue("mediawiki_doors")("Citizen")
    yield Place(site, citizen, prefix)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium, as Debian has it."""
    if not CHROMIUM.exists():
        pytest.fail("the browser tests need Debian's package chromium; set WIKIBRIDGE_SKIP_LIVE=1 to do without")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
        yield opened
        opened.close()
