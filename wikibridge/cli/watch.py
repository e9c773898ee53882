"""``wikibridge run --watch``: what cron does, where there is none, such as in a container."""

from __future__ import annotations

import sys
from datetime import UTC, datetime

import click

from wikibridge.cli.base import halting, language, open_run, report, say, visible
from wikibridge.errors import WikibridgeError

LOOK = 60
"""Seconds after which settings and job files are looked at again, at the latest."""
_LONGEST = 3600


def watch(context: click.Context, jobs: tuple[str, ...], many: bool, as_json: bool, quiet: bool) -> None:
    """Run whatever becomes due until SIGTERM comes; the site is opened anew each time, so that its files may be edited.

    An error is told once, however often it comes again; the pauses after it grow to an hour.
    """
    said, pause = "", 0.0
    with halting() as halt:
        if not quiet:
            click.echo(say("watch-begins"), err=True)
        while not halt.is_set():
            error = ""
            try:
                with open_run(context, True, halt) as (session, tell):
                    result = session.run_due(jobs, many=many)
                    tell(result)
                    due = session.next_due(jobs)
                    pause = min(LOOK, (due - datetime.now(UTC)).total_seconds()) if due else LOOK
                if result:
                    report(result, as_json, quiet)
            except WikibridgeError as caught:
                error = caught.say(language())
            except SystemExit:
                # Done in part, and told.
                pass
            except Exception as caught:
                if context.obj["debug"]:
                    raise
                error = say("program-mistake", type(caught).__name__)
            if error:
                pause = min(_LONGEST, 2 * max(pause, LOOK / 2))
                if error != said and not halt.is_set():
                    click.echo(f"wikibridge: {visible(error)}", err=True)
            said = error
            sys.stdout.flush()
            halt.wait(max(0.0, pause))
        if not quiet:
            click.echo(say("watch-ends"), err=True)
