"""What a shell offers when somebody presses Tab: names of jobs, numbers of runs, participants. Asks nothing of the wiki."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from wikibridge.site import Site

Source = Callable[["Site", str], Iterator[tuple[str, str]]]
"""What there is to offer of a site behind what was typed: values, each with a few words on it."""


def _completion(
    source: Source, files: bool = False,
) -> Callable[[click.Context, click.Parameter, str], list[CompletionItem[Any]]]:
    """What click asks for; with ``files`` names of files where the site has nothing of the kind.

    Whatever is wrong with the site is told by the command itself, not between two letters.
    """

    def complete(context: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem[Any]]:
        from click.shell_completion import CompletionItem

        from wikibridge.site import Site

        found = []
        with suppress(Exception):
            said = context.params.get(param.name or "") or ()
            taken = said if isinstance(said, tuple) else ()
            folder = context.find_root().params.get("site") or Path(".")
            found = [CompletionItem(value, help=words or None) for value, words in source(Site(folder), incomplete)
                     if value.casefold().startswith(incomplete.casefold()) and value not in taken]
        return found or ([CompletionItem(incomplete, type="file")] if files else [])

    return complete


def _jobs(site: Site, typed: str) -> Iterator[tuple[str, str]]:
    from wikibridge.jobs.kinds import load_jobs

    for name, job in load_jobs(site).items():
        yield name, job.options.title


def _kept(site: Site, name: str) -> Path:
    """A file of the state folder. Where the state is on a server it is not there, and nothing is offered: no server is asked."""
    from wikibridge.site import STATE

    return site.folder / STATE / name


def _runs(site: Site, typed: str) -> Iterator[tuple[str, str]]:
    from wikibridge.mirror.journal import Journal

    if (path := _kept(site, "journal.db")).is_file():
        with closing(Journal(path)) as journal:
            for number, started, _ in journal.runs():
                yield str(number), started


def _titles(site: Site, typed: str) -> Iterator[tuple[str, str]]:
    from wikibridge.mirror.store import Mirror

    if (path := _kept(site, "mirror.db")).is_file():
        with closing(Mirror(path)) as mirror:
            for title in sorted(mirror.titles()):
                yield title, ""


def _participants(site: Site, typed: str) -> Iterator[tuple[str, str]]:
    prefix = site.settings.participants
    for title, words in _titles(site, typed):
        if title.startswith(prefix):
            yield title if typed.startswith(prefix) else title.removeprefix(prefix), words


jobs = _completion(_jobs)
runs = _completion(_runs)
titles = _completion(_titles)
titles_or_files = _completion(_titles, files=True)
participants = _completion(_participants)
