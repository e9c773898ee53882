"""The command that tries out how people are told what became of runs."""

from __future__ import annotations

import sys
from contextlib import closing

import click

from wikibridge.cli.base import cli, language, open_site, say, told, visible


@cli.command()
@click.option("--test", is_flag=True, help="Send a test message by every way, and say what came of it.")
@click.pass_context
def tell(context: click.Context, test: bool) -> None:
    """Print what the next digest would say at present, or try every way of telling with --test. Asks nothing of the wiki."""
    with told(context.obj["debug"]):
        from wikibridge.errors import SettingsError
        from wikibridge.telling import trying

        site = open_site(context)
        if test:
            if not site.settings.tell:
                raise SettingsError("tell-nobody")
            tried = list(trying.test(site, language()))
            for what, error in tried:
                click.echo(visible(say("tell-works-not", what, error.say(language())) if error else say("tell-works", what)))
            if any(error for _, error in tried):
                sys.exit(1)
            return
        from wikibridge.mirror.state import open_journal

        with closing(open_journal(site)) as journal:
            message = trying.digest(site, journal, language())
        click.echo(visible(f"{message.subject}\n\n{message.text}"))
