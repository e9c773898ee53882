"""Finding template calls and reading entries, beside whole-page parsers, on one core in one run: pages a second.

``calls`` is what every tool does here: the template calls of a page with their arguments. ``entries`` is the whole reading
of wikibridge, values and problems included, which no peer does. Nothing is kept between pages.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable

from measure import median, report, task
from rich.console import Console
from rich.table import Table

PAGES = 2000
REPEATS = 5
HOSTILE = {
    "ten thousand open calls": lambda: "{{Choice|a=" * 10_000,
    "2 MB of open braces": lambda: "{" * 2_000_000,
    "2 MB of nested calls": lambda: "{{Choice|" * 180_000 + "}}" * 180_000,
    "2 MB of open links": lambda: "[[" * 1_000_000,
    "2 MB of headings": lambda: "== a ==\n" * 250_000,
    "2 MB of field lines": lambda: "* Date : 3 nov. 2020\n" * 95_000,
    "2 MB of entries": lambda: "{{Choice|title=A|date=2020}}\n" * 69_000,
    "2 MB of one line": lambda: "* '''Date" * 222_000,
    "2 MB of table rows": lambda: "{|\n! Title !! Date\n" + "|-\n| A || 2020\n" * 125_000,
}


def texts() -> list[str]:
    """Pages of invented participants: prose, headings, three to five entries."""
    from wikibridge.demo.people import choices, people

    return ["\n\n".join(choices(who, 5)) for who in people(PAGES)]


def calls() -> Callable[[str], int]:
    """The scanner."""
    from wikibridge.markup import wikitext

    return lambda text: sum(len(call.arguments) for call in wikitext.scan(text).calls)


def entries() -> Callable[[str], int]:
    """Entries, values, problems."""
    from wikibridge.entries.read import read
    from wikibridge.entries.types import shipped

    schema = shipped()
    return lambda text: len(read(text, schema, "en").entries)


def mwparserfromhell() -> Callable[[str], int]:
    """As in its documentation."""
    import mwparserfromhell as parser

    return lambda text: sum(len(call.params) for call in parser.parse(text).filter_templates())


def wikitextparser() -> Callable[[str], int]:
    """As in its documentation."""
    import wikitextparser as parser

    return lambda text: sum(len(call.arguments) for call in parser.parse(text).templates)


def main() -> None:
    """The tables."""
    table = Table("tool", "pages/s", "x mwparserfromhell", title=f"{PAGES} realistic pages")
    speed = {}
    for tool in ("calls", "entries", "mwparserfromhell", "wikitextparser"):
        speed[tool] = PAGES / median([task(__file__, "--tool", tool) for _ in range(REPEATS)]).seconds
    for tool, figure in speed.items():
        table.add_row(tool, f"{figure:,.0f}", f"{figure / speed['mwparserfromhell']:.1f}")
    Console(width=100).print(table)
    table = Table("page", "seconds", "MB", title="hostile pages, entries read")
    for name in HOSTILE:
        one = task(__file__, "--tool", "entries", "--hostile", name)
        table.add_row(name, f"{one.seconds:.2f}", f"{one.memory:.0f}")
    Console(width=100).print(table)


if __name__ == "__main__":
    options = argparse.ArgumentParser()
    options.add_argument("--tool", choices=["calls", "entries", "mwparserfromhell", "wikitextparser"])
    options.add_argument("--hostile")
    given = options.parse_args()
    if given.tool:
        tool: Callable[[str], int] = globals()[given.tool]()
        pages = [HOSTILE[given.hostile]()] if given.hostile else texts()
        tool("{{Choice|title=A|date=3 Nov 2020|theme=food}}")  # what is imported on the first page is no part of the speed
        report(lambda: {"found": sum(map(tool, pages))})
    else:
        main()
