"""Writing to a real MediaWiki, beside its peers in one go: requests and seconds for m pages created, m pages changed.

``floor`` is a hand-written loop of raw edits that keeps nothing and looks at nothing. ``wikibridge`` writes a plan: every
edit bound to its revision, journalled on disk before and after. Log-in and the reading before the writes are left out.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from measure import of_tools, task
from peers import bare, mwclient_site, pywikibot_site
from rich.console import Console
from rich.table import Table

PAGES = 100
REPEATS = 3
TOOLS = ("floor", "wikibridge", "mwclient", "pywikibot")
TEXT = "{{{{Choice\n|title=Walking {0}\n|date=2021\n|theme=transport\n}}}}\n\nSome words."


def titles(state: dict[str, str]) -> list[str]:
    """Pages of one run of one tool."""
    return [f"{state['prefix']}{number}" for number in range(PAGES)]


def floor(state: dict[str, str], name: str) -> Callable[[], dict[str, float]]:
    """The fewest requests that can be."""
    session = bare(state)
    token = session.get(state["api"], params={"action": "query", "meta": "tokens", "format": "json"}).json()
    how = {"action": "edit", "format": "json", "bot": "1", "token": token["query"]["tokens"]["csrftoken"]}

    def work() -> dict[str, float]:
        saved = 0
        for title in titles(state):
            answer = session.post(state["api"], {**how, "title": title, "text": TEXT.format(name), "summary": "bench"}).json()
            saved += answer["edit"]["result"] == "Success"
        return {"pages": saved}

    return work


def wikibridge(state: dict[str, str], name: str) -> Callable[[], dict[str, float]]:
    """The one place that writes, with its journal on disk."""
    from wikibridge.mirror.journal import Journal
    from wikibridge.model import Action, Step, WantedPage
    from wikibridge.publish.apply import Writer
    from wikibridge.wikis.base import normal
    from wikibridge.wikis.mediawiki import MediaWikiWiki

    wiki = MediaWikiWiki(state["api"], state["account"], state["password"])
    journal = Journal(Path(tempfile.mkdtemp()) / "journal.db", wiki.identity)
    account = wiki.info().account
    present = {page.title: page for page in wiki.read(titles=titles(state))}
    action = Action.UPDATE if present else Action.CREATE
    steps = tuple(
        Step(action, WantedPage(title, TEXT.format(name), "bench", "bench"), present.get(title), normal(TEXT.format(name)))
        for title in titles(state))

    def work() -> dict[str, float]:
        saved = []
        run = journal.begin(datetime.now(UTC).isoformat())
        writer = Writer(wiki, journal, run, account, "User:Bench/Stop")
        writer.apply(steps, lambda step, page: step, lambda outcome, number, total: saved.append(outcome.page))
        return {"pages": len(list(filter(None, saved)))}

    return work


def mwclient(state: dict[str, str], name: str) -> Callable[[], dict[str, float]]:
    """As in its documentation."""
    site = mwclient_site(state)

    def work() -> dict[str, float]:
        answers = (site.pages[title].save(TEXT.format(name), "bench") for title in titles(state))
        return {"pages": sum(answer["result"] == "Success" for answer in answers)}

    return work


def pywikibot(state: dict[str, str], name: str) -> Callable[[], dict[str, float]]:
    """As in its documentation, its throttle off."""
    site = pywikibot_site({**state, "write": "yes"})
    import pywikibot as bot

    def work() -> dict[str, float]:
        saved = 0
        for title in titles(state):
            page = bot.Page(site, title)
            page.text = TEXT.format(name)
            page.save("bench", quiet=True)
            saved += page.exists()
        return {"pages": saved}

    return work


def main() -> None:
    """The table."""
    from wikibridge.demo import mediawiki_server

    with tempfile.TemporaryDirectory() as temporary, mediawiki_server.start(Path(temporary) / "server") as server:
        log = Path(server.folder) / "server.log"
        file = Path(temporary) / "state.json"
        state = {"api": server.address + "api.php", "account": server.bot.name, "password": server.bot.password}
        figures: dict[tuple[str, str], list[float]] = {}
        asked: dict[tuple[str, str], int] = {}
        # In turn, so that a slower minute of the machine is everybody's.
        for number in range(REPEATS):
            for tool in TOOLS:
                file.write_text(json.dumps({**state, "prefix": f"Bench {tool} {number}/"}))
                for name in ("created", "changed"):
                    before = log.read_text().count("api.php")
                    one = task(__file__, "--tool", tool, "--task", name, "--state", file)
                    assert one.facts["pages"] == PAGES, (tool, name, one.facts)
                    figures.setdefault((name, tool), []).append(one.seconds)
                    asked[name, tool] = log.read_text().count("api.php") - before
        table = Table("task", "tool", "requests", "seconds", "x floor", title=f"writing {PAGES} pages")
        for name in ("created", "changed"):
            least = sorted(figures[name, "floor"])[REPEATS // 2]
            for tool in TOOLS:
                middle = sorted(figures[name, tool])[REPEATS // 2]
                table.add_row(name if tool == TOOLS[0] else "", tool, str(asked[name, tool]), f"{middle:.2f}",
                              f"{middle / least:.2f}", end_section=tool == TOOLS[-1])
        Console(width=100).print(table)


if __name__ == "__main__":
    of_tools(globals(), main)
