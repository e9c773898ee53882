"""Reading a real MediaWiki, beside its peers in one go: requests, seconds, memory, and the ratio to the floor.

``floor`` is a hand-tuned script of raw requests that keeps nothing; ``mwclient`` and ``pywikibot`` are written as their
users write them. Requests are counted in the server's log, log-in left out: it comes before the clock starts.
"""

from __future__ import annotations

import json
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from measure import Measured, median, of_tools, task
from peers import bare, mwclient_site, pywikibot_site
from rich.console import Console
from rich.table import Table

PAGES = 2000
REPEATS = 5
PREFIX = "Participants/"
TOOLS = ("floor", "texts", "wikibridge", "pywikibot", "mwclient")
TASKS = {"first": f"first read of {PAGES} pages", "quiet": "nothing new", "20": "20 changes", "1000": "1,000 changes"}
PAGE_BY_PAGE = {("mwclient", "first"), ("mwclient", "1000"), ("pywikibot", "1000")}
"""Tasks that ask page by page: measured once, they take minutes."""


# The tools, each in a process of its own


def floor(state: dict[str, str], name: str) -> Callable[[], dict[str, float]]:
    """The fewest requests that can be."""
    session = bare(state)
    base = {"format": "json", "formatversion": "2", "action": "query", "prop": "revisions",
            "rvprop": "ids|timestamp|user|content", "rvslots": "main", "assertuser": state["user"]}

    def answers(params: dict[str, str]) -> Iterator[dict[str, Any]]:
        more: dict[str, str] = {}
        while True:
            answer = session.get(state["api"], params={**base, **params, **more}).json()
            yield answer
            more = answer.get("continue", {})
            if not more:
                return

    def work() -> dict[str, float]:
        found = set()
        params = {"generator": "allpages", "gapprefix": PREFIX, "gaplimit": "500"} if name == "first" else {
            "generator": "recentchanges", "grcdir": "newer", "grcstart": state["since"], "grctoponly": "1", "grclimit": "500",
            "list": "logevents", "lestart": state["since"], "ledir": "newer", "lelimit": "max"}
        for answer in answers(params):
            found |= {page["pageid"] for page in answer.get("query", {}).get("pages", ()) if page.get("revisions")}
        return {"pages": len(found)}

    return work


def texts(state: dict[str, str], name: str) -> Callable[[], dict[str, float]]:
    """wikibridge without the reading of entries, which no peer does: the texts into a mirror."""
    return wikibridge({**state, "mirror": state["mirror"] + ".texts"}, name, others=("",))


def wikibridge(state: dict[str, str], name: str, others: tuple[str, ...] = ()) -> Callable[[], dict[str, float]]:
    """Into a mirror, five entries a page read too: as a run does it."""
    from wikibridge.entries.types import shipped
    from wikibridge.mirror.store import Mirror
    from wikibridge.mirror.sync import Reader, sync
    from wikibridge.model import Selection
    from wikibridge.wikis.mediawiki import MediaWikiWiki

    work_in = Path(tempfile.mkdtemp())
    if name != "first":
        shutil.copytree(state["mirror"], work_in, dirs_exist_ok=True)
    elif Path(state["mirror"]).exists():
        shutil.copy(Path(state["mirror"]) / "session.json", work_in)
    selection, reader = Selection((PREFIX,)), Reader(shipped(), "en", Selection(others))
    wiki = MediaWikiWiki(state["api"], state["account"], state["password"], session=work_in / "session.json")
    mirror = Mirror(work_in / "mirror.db")

    def work() -> dict[str, float]:
        done = sync(wiki, mirror, selection, reader)
        wiki.close()
        mirror.close()
        if not Path(state["mirror"]).exists():
            shutil.copytree(work_in, state["mirror"])
        return {"pages": done.read}

    return work


def mwclient(state: dict[str, str], name: str) -> Callable[[], dict[str, float]]:
    """As in its documentation."""
    site = mwclient_site(state)

    def work() -> dict[str, float]:
        if name == "first":
            return {"pages": sum(1 for page in site.allpages(prefix=PREFIX) if page.text())}
        titles = {change["title"] for change in site.recentchanges(start=state["since"], dir="newer", prop="title", toponly=True)}
        return {"pages": sum(1 for title in titles if site.pages[title].text())}

    return work


def pywikibot(state: dict[str, str], name: str) -> Callable[[], dict[str, float]]:
    """As in its documentation, its throttle off."""
    site = pywikibot_site(state)
    import pywikibot as bot
    from pywikibot import pagegenerators

    def work() -> dict[str, float]:
        if name == "first":
            pages = pagegenerators.PreloadingGenerator(site.allpages(prefix=PREFIX))
            return {"pages": sum(1 for page in pages if page.text)}
        changes = site.recentchanges(start=bot.Timestamp.fromISOformat(state["since"]), reverse=True, top_only=True)
        pages = pagegenerators.PreloadingGenerator(bot.Page(site, change["title"]) for change in changes)
        return {"pages": sum(1 for page in pages if page.text)}

    return work


# The bench


def main() -> None:
    """The table."""
    from wikibridge.demo import mediawiki_server
    from wikibridge.demo.people import choices, people
    from wikibridge.mirror import dumps
    from wikibridge.model import Edit, Head, Page
    from wikibridge.wikis.mediawiki import MediaWikiWiki

    with tempfile.TemporaryDirectory() as temporary, mediawiki_server.start(Path(temporary) / "server") as server:
        crowd = people(PAGES)
        dumps.write((Page(number, f"{PREFIX}{who.name}", number, "\n\n".join(choices(who, 5)), datetime(2020, 11, 3, tzinfo=UTC))
                     for number, who in enumerate(crowd, 1)), Path(temporary) / "pages.xml", "bench")
        server.maintenance("importDump", "--no-updates", str(Path(temporary) / "pages.xml"))
        log = Path(server.folder) / "server.log"
        file = Path(temporary) / "state.json"
        api = server.address + "api.php"
        state = {"api": api, "account": server.bot.name, "password": server.bot.password, "user": "Wikibridge",
                 "mirror": str(Path(temporary) / "kept"), "since": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")}

        def measure(tool: str, name: str) -> tuple[Measured, int]:
            file.write_text(json.dumps(state))
            several, asked = [], 0
            for _ in range(1 if (tool, name) in PAGE_BY_PAGE else REPEATS):
                before = log.read_text().count("api.php")
                several.append(task(__file__, "--tool", tool, "--task", name, "--state", file))
                asked = log.read_text().count("api.php") - before
            return median(several), asked

        wiki = MediaWikiWiki(api, server.bot.name, server.bot.password)
        changed = 0

        def change(upto: int) -> None:
            nonlocal changed
            for page in list(wiki.read(titles=[f"{PREFIX}{who.name}" for who in crowd[changed:upto]])):
                wiki.write(Edit(page.title, page.text + "\n\nOne more line.", "", Head(page.id, page.title, page.revision)))
            changed = upto
            time.sleep(1)  # the list of changes follows the edits by a moment

        table = Table("task", "tool", "requests", "seconds", "x floor", "MB", title="reading")
        file.write_text(json.dumps(state))
        # Once before: log-in, session and mirror are there as on any day.
        for tool in ("texts", "wikibridge"):
            task(__file__, "--tool", tool, "--task", "first", "--state", file)
        for name, label in TASKS.items():
            if name.isdigit():
                change(int(name))
            least = 0.0
            for tool in TOOLS:
                one, asked = measure(tool, name)
                least = least or one.seconds
                login = {"floor": 2, "mwclient": 4, "pywikibot": 1}.get(tool, 0)
                once = " (once)" if (tool, name) in PAGE_BY_PAGE else ""
                table.add_row(label if tool == TOOLS[0] else "", tool + once, str(asked - login), f"{one.seconds:.3f}",
                              f"{one.seconds / least:.1f}", f"{one.memory:.0f}", end_section=tool == TOOLS[-1])
        Console(width=100).print(table)


if __name__ == "__main__":
    of_tools(globals(), main)
