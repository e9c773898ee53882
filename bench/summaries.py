"""All shipped summary pages over a generated mirror: computed anew, and after 20 pages changed.

``anew`` is the first run. ``changed`` is a run after 20 pages were edited, the sums brought up to date by what these said
before and say now; ``all again`` the same run without that, as tools do that recompute everything (such as ListeriaBot).
Pages written are those that say something else, and, as such tools write, those on which but the time of the data differs.
"""

from __future__ import annotations

import argparse
import random
import tempfile
import time
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from measure import report, task
from rich.console import Console
from rich.table import Table

from wikibridge.entries.types import shipped
from wikibridge.jobs.base import Context
from wikibridge.jobs.kinds import load_jobs
from wikibridge.jobs.summaries import Summaries
from wikibridge.markup.regions import timeless
from wikibridge.mirror.database import Place
from wikibridge.mirror.store import Mirror
from wikibridge.model import Entry, Page, PartialDate, Quantity, Term, WikiInfo
from wikibridge.pages.render import Templates
from wikibridge.site import FILE, Site
from wikibridge.summaries.tally import Kept, begin, keep

SIZES = (10_000, 100_000, 1_000_000)
EACH = 10
SCHEMA = shipped()


def fields(rng: random.Random, page: int) -> dict[str, Any]:
    """An entry as people fill them: hardly any fills all fields."""
    def one(vocabulary: str) -> Term:
        return Term(rng.choice(list(SCHEMA.vocabularies[vocabulary])))

    themes = {str(one("theme")): None for _ in range(rng.randint(1, 2))}
    made: dict[str, Any] = {"title": f"Choice {rng.randrange(5000)}", "theme": tuple(themes)}
    if rng.random() < 0.7:
        made["level"] = one("level")
    if rng.random() < 0.8:
        made["date"] = PartialDate(2020 + rng.randrange(3), rng.randint(1, 12), rng.randint(1, 28))
    if rng.random() < 0.4:
        made |= {"rating": Decimal(rng.randint(1, 5)), "status": one("status")}
    if rng.random() < 0.3:
        made |= {"indicator": f"indicator {rng.randrange(300)}", "before": Quantity(Decimal(rng.randrange(100)), "kg"),
                 "after": Quantity(Decimal(rng.randrange(100)), "kg")}
    if rng.random() < 0.2:
        made |= {"result": "It went well.", "difficulties": "Little time.", "tool": (f"Tool {rng.randrange(50)}",)}
    return made


def page(number: int, revision: int) -> tuple[Page, tuple[Entry, ...], tuple[Any, ...]]:
    """A participant's page: who they are, and their choices."""
    rng = random.Random(number * 1000 + revision)
    kinds, places = list(SCHEMA.vocabularies["kind"]), 400
    who = {"name": f"P{number}", "kind": Term(kinds[number % len(kinds)]), "territory": f"Place {number % places}"}
    found = [Entry("participant", 1, 1, (0, 1), who)]
    found += [Entry("choice", n, n, (n, n + 1), fields(rng, number)) for n in range(2, EACH + 2)]
    time = datetime(2021, 1, 1, 0, revision, tzinfo=UTC)
    return Page(number, f"Participants/P{number}", revision, "x", time), tuple(found), ()


def fill(mirror: Mirror, entries: int) -> None:
    """So many choices."""
    pages = entries // EACH
    for first in range(1, pages + 1, 2000):
        mirror.save([page(n, 1) for n in range(first, min(first + 2000, pages + 1))], SCHEMA.units)


def wanted(site: Site, mirror: Mirror, kept: Kept) -> dict[str, str]:
    """The regions of every shipped summary page, by title."""
    info = WikiInfo("generated", "1", "bench", "mediawiki")
    context = Context(site, SCHEMA, Templates(site.template_folders(), site.dialect.escape), lambda: info, str, [], kept)
    jobs = [job for job in load_jobs(site).values() if isinstance(job, Summaries)]
    return {page.title: "\n".join(page.regions.values()) for job in jobs for page in job.wanted(context, mirror)}


def run(size: int, place: Place = None) -> dict[str, float]:
    """The three runs over a mirror of so many entries, in a file or at another place."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / FILE).write_text("wiki: {kind: folder}\n", encoding="utf-8")
        site, mirror = Site(Path(folder)), Mirror(place or Path(folder) / "mirror.db")
        begun = time.perf_counter()
        fill(mirror, size)
        filled = time.perf_counter() - begun
        kept: Kept = {}
        begin(mirror)
        begun = time.perf_counter()
        before = wanted(site, mirror, kept)
        keep(mirror, kept)
        anew = time.perf_counter() - begun
        mirror.save([page(n, 2) for n in range(1, 21)], SCHEMA.units)
        begun = time.perf_counter()
        after = wanted(site, mirror, kept)
        changed = time.perf_counter() - begun
        keep(mirror, {})
        begun = time.perf_counter()
        again = wanted(site, mirror, {})
        whole = time.perf_counter() - begun
        assert after == again
        mirror.close()
    written = sum(timeless(text) != timeless(before.get(title, "")) for title, text in after.items())
    told = sum(text != before.get(title) for title, text in after.items())
    return {"fill": filled, "anew": anew, "changed": changed, "again": whole, "pages": len(after), "written": written,
            "told": told}


def main(sizes: list[int]) -> None:
    """The table."""
    columns = ("entries", "anew s", "changed s", "all again s", "pages", "written", "with the time", "MB")
    table = Table(*columns, title="shipped summaries")
    for size in sizes:
        one = task(__file__, "--size", size)
        seconds = (f"{one.facts[name]:.2f}" for name in ("anew", "changed", "again"))
        counts = (f"{one.facts[name]:.0f}" for name in ("pages", "written", "told"))
        table.add_row(f"{size:,}", *seconds, *counts, f"{one.memory:.0f}")
    Console(width=100).print(table)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--size", type=int)
    parser.add_argument("sizes", nargs="*", type=int)
    given = parser.parse_args()
    if given.size:
        report(lambda: run(given.size))
    else:
        main(given.sizes or list(SIZES))
