"""Requests of the door to Tiki: of a quiet look, of looks after changes, of writes.

On the server that answers as a Tiki 24.1 (wikibridge.demo.tiki); with WIKIBRIDGE_TIKI_URL and WIKIBRIDGE_TIKI_TOKEN on a real
one to scratch on too, whose pages ``Bench/...`` are made and stay. Seconds are mostly the server's.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from rich.console import Console
from rich.table import Table

from wikibridge.demo.tiki import PROFILES, TikiServer
from wikibridge.model import Edit, Head, Selection
from wikibridge.wikis.tiki import TikiWiki

PAGES = 300
CHANGES = (0, 5, 20, 200)
WRITES = 20
ALL = Selection(("Bench/",))


def timed(wiki: TikiWiki, work: Callable[[], object]) -> tuple[int, float]:
    """Requests and seconds of something."""
    before, begun = wiki.requests, time.perf_counter()
    work()
    return wiki.requests - before, time.perf_counter() - begun


def change(wiki: TikiWiki, heads: list[Head], mark: str) -> list[Head]:
    """Another text on each of these pages."""
    return [wiki.write(Edit(head.title, f"Bench {mark}", "bench", head)).head for head in heads]


def table(address: str, bot: tuple[str, str], citizen: tuple[str, str]) -> Table:
    """The figures of one Tiki."""
    none = timedelta()
    wiki, editor = TikiWiki(address, *bot, quiet=none), TikiWiki(address, *citizen, quiet=none)
    made = Table("task", "requests", "a page", "seconds", title=f"{wiki.info().version}, {PAGES} pages")
    there = {head.title: head for head in editor.list(ALL)}
    names = [f"Bench/{n:04}" for n in range(PAGES)]
    heads = [there.get(name) or editor.write(Edit(name, "Bench", "bench", None)).head for name in names]

    def row(task: str, requests: int, seconds: float, pages: int) -> None:
        made.add_row(task, str(requests), f"{requests / pages:.2f}" if pages else "", f"{seconds:.3f}")

    first = timed(wiki, lambda: (wiki.changes(None, ALL), list(wiki.list(ALL)), list(wiki.read(ids=[head.id for head in heads]))))
    row("first read", *first, PAGES)
    # The look after so many new pages takes two requests more.
    cursor = wiki.changes(wiki.changes(None, ALL).cursor, ALL).cursor
    for number in CHANGES:
        heads = change(editor, heads[:number], f"{number} {time.time()}") + heads[number:]
        answers = []

        def look(since: str = cursor, answers: list[str] = answers) -> None:
            answers.append(wiki.changes(since, ALL).cursor)

        row(f"a look after {number} changes" if number else "a quiet look", *timed(wiki, look), number)
        cursor = answers[0]
    row(f"{WRITES} updates", *timed(wiki, lambda: change(wiki, heads[:WRITES], str(time.time()))), WRITES)
    wiki.close()
    editor.close()
    return made


def main() -> None:
    """The tables."""
    tables = []
    with TikiServer(replace(PROFILES["24.1"], category_jail=False)) as server:
        people = [(name, server.people.token(name)) for name in ("Bot", "Citizen")]
        tables.append(table(server.address, people[0], people[1]))
    if real := os.environ.get("WIKIBRIDGE_TIKI_URL"):
        bot = os.environ.get("WIKIBRIDGE_TIKI_ACCOUNT", "Bot"), os.environ["WIKIBRIDGE_TIKI_TOKEN"]
        tables.append(table(real, bot, bot))
    for each in tables:
        Console(width=100).print(each)


if __name__ == "__main__":
    main()
