"""What the commands share: the group, the site of the command line, errors as sentences, figures of a run.

Commands import what they need when they are called: ``wikibridge --help`` starts in a quarter of a second.
"""

from __future__ import annotations

import json
import os
import re
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from threading import Event, current_thread, main_thread
from typing import TYPE_CHECKING

import click

from wikibridge import __version__

if TYPE_CHECKING:
    from rich.table import Table

    from wikibridge.jobs.result import Result
    from wikibridge.jobs.runner import Session
    from wikibridge.mirror.sync import Progress
    from wikibridge.site import Site

LONG = 6 * 3600
"""Seconds after which a person should look at a run that has not ended."""


def language() -> str:
    """The language to speak to the secretariat in: as the site's settings say, else of the locale, else English."""
    context = click.get_current_context(silent=True)
    if context and context.obj and (chosen := context.obj.get("language")):
        return str(chosen)
    code = (os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG") or "")[:2]
    return code if code in ("en", "fr", "pt") else "en"


def say(key: str, *params: object) -> str:
    """A message in the secretariat's language."""
    from wikibridge.i18n import message

    return message(key, language(), *params)


def visible(text: str) -> str:
    """Text of a page for a terminal: what would steer the terminal, or turn the direction of the text, is shown as a code."""
    return re.sub("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]",
                  lambda m: f"\\u{ord(m[0]):04x}", text)


@contextmanager
def told(debug: bool, quiet: bool = False) -> Iterator[None]:
    """Turn an error into its sentence and exit code; a traceback only with --debug.

    With ``quiet`` it is no news that another run is at work, unless it has been for very long.
    """
    from wikibridge.errors import LockHeld, WikibridgeError

    try:
        yield
    except LockHeld as error:
        if debug:
            raise
        if not quiet or error.age > LONG:
            click.echo(f"wikibridge: {visible(error.say(language()))}", err=True)
        sys.exit(error.exit_code)
    except WikibridgeError as error:
        if debug:
            raise
        click.echo(f"wikibridge: {visible(error.say(language()))}", err=True)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        click.echo(f"wikibridge: {say('stopped')}", err=True)
        sys.exit(130)
    except BrokenPipeError:
        # Whoever read our output (a pager, "head") has seen enough.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(141)
    except Exception as error:
        if debug:
            raise
        click.echo(f"wikibridge: {say('program-mistake', type(error).__name__)}", err=True)
        sys.exit(1)


@contextmanager
def progress(quiet: bool) -> Iterator[Progress]:
    """Progress bars on a terminal, silence elsewhere."""
    from wikibridge.mirror.sync import silent

    if quiet or not sys.stderr.isatty():
        yield silent
        return
    from rich.console import Console
    from rich.progress import Progress as Bars

    with Bars(console=Console(stderr=True), transient=True) as bars:
        tasks: dict[tuple[str, int], int] = {}

        def show(what: str, done: int, total: int) -> None:
            key = (what, total)
            if key not in tasks:
                tasks[key] = bars.add_task(say(what), total=total)
            bars.update(tasks[key], completed=done)  # type: ignore[arg-type]

        yield show


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__)
@click.option("--site", type=click.Path(path_type=Path), envvar="WIKIBRIDGE_SITE", default=Path("."),
              help="The site folder: the one that holds wikibridge.yml. [default: here]")
@click.option("--debug", is_flag=True, help="Show the traceback of an error.")
@click.pass_context
def cli(context: click.Context, site: Path, debug: bool) -> None:
    """Participant pages, entries and summaries on a wiki that people edit as they always did."""
    context.obj = {"site": site, "debug": debug}


def open_site(context: click.Context) -> Site:
    """The site of the command line; from now on its language is spoken."""
    from wikibridge.site import Site

    site = Site(context.obj["site"])
    context.obj["language"] = site.settings.language
    return site


@contextmanager
def halting() -> Iterator[Event]:
    """What is set when this process is asked to end (SIGTERM), so that it can do so in good order."""
    halt = Event()
    if current_thread() is not main_thread():
        yield halt
        return
    before = signal.signal(signal.SIGTERM, lambda *_: halt.set())
    try:
        yield halt
    finally:
        signal.signal(signal.SIGTERM, before)


@contextmanager
def session(context: click.Context, quiet: bool = False) -> Iterator[Session]:
    """The site of the command line, opened; errors are told, and end the command."""
    with told(context.obj["debug"]), open_session(context, quiet) as opened:
        yield opened


@contextmanager
def open_run(
    context: click.Context, quiet: bool = False, halt: Event | None = None,
) -> Iterator[tuple[Session, Callable[[Result | None], None]]]:
    """The site of the command line, opened for a run, and what is called with its result.

    What becomes of it, or what is raised, is told to whom the settings say.
    """
    from wikibridge.telling.after import telling

    site = open_site(context)
    with telling(site, language()) as tell, open_session(context, quiet, halt, site) as opened:
        yield opened, tell


@contextmanager
def open_session(
    context: click.Context, quiet: bool = False, halt: Event | None = None, site: Site | None = None,
) -> Iterator[Session]:
    """The site, or that of the command line, opened. Raises what is wrong with it."""
    from wikibridge.jobs.runner import Session

    site = site or open_site(context)
    with (nullcontext(halt) if halt else halting()) as end, progress(quiet) as show, \
            Session(site, progress=show, language=language(), halt=end) as opened:
        yield opened


def print_table(table: Table) -> None:
    """A table, in colours on a terminal; elsewhere as wide as it needs to be."""
    from rich.console import Console

    console = Console(highlight=False)
    if not console.is_terminal:
        console.width = 200
    console.print(table)


def report(result: Result, as_json: bool, quiet: bool) -> None:
    """Say what a run came to, and end with its exit code."""
    if as_json:
        click.echo(json.dumps(result.__dict__, ensure_ascii=False))
    else:
        if not quiet:
            show(result)
        for line in result.failed:
            click.echo(f"  {visible(say('not-written', line))}", err=True)
    if result.exit_code:
        sys.exit(result.exit_code)


def show(result: Result) -> None:
    """The figures of a run, what was refused and what the secretariat should know."""
    click.echo(say("run-line", result.run, result.created, result.changed, result.pages_read, result.entries,
                   result.problems, result.requests, f"{result.seconds:.2f}"))
    if result.uploaded:
        click.echo(f"  {say('run-files', result.uploaded)}")
    for line in (*result.notes, *result.refused, *result.waiting):
        click.echo(f"  {visible(line)}")


many = click.option("--yes-many", is_flag=True, help="For this once, write more than the limits of wikibridge.yml allow.")
