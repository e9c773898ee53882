"""The commands to begin with."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import click

from wikibridge.cli.base import cli, language, open_site, progress, say, told, visible


@cli.command()
@click.option("--wiki", type=click.Choice(["folder", "mediawiki", "tiki"]), default="folder", show_default=True,
              help="The embedded wiki, a real MediaWiki started from Debian's packages, or a server that answers as a Tiki.")
@click.option("--folder", type=click.Path(path_type=Path), default=Path("wikibridge-demo"), show_default=True,
              help="Where the demo's site folder is made anew.")
@click.option("--participants", type=click.IntRange(1, 100_000), default=300, show_default=True)
@click.pass_context
def demo(context: click.Context, wiki: str, folder: Path, participants: int) -> None:
    """The whole round trip with invented participants, to look at."""
    with told(context.obj["debug"]):
        from wikibridge.demo.show import demo as run_demo

        with progress(False) as bar:
            run_demo(folder, wiki, participants, bar, language())


@cli.command()
@click.option("--systemd", "way", flag_value="systemd", help="A timer of your systemd, in place of a line for your crontab.")
@click.option("--system", "way", flag_value="system", help="A timer of the machine's systemd, which needs root.")
@click.option("--install", is_flag=True, help="Put it where it belongs.")
@click.option("--remove", is_flag=True, help="Take away whatever was installed for this site.")
@click.pass_context
def schedule(context: click.Context, way: Literal["systemd", "system"] | None, install: bool, remove: bool) -> None:
    """Show what to paste so that jobs run when they are due: a line for crontab, or commands for systemd."""
    if install and remove:
        raise click.UsageError(say("schedule-one"), context)
    with told(context.obj["debug"]):
        from wikibridge.cli import schedule as plans
        from wikibridge.jobs.kinds import load_jobs

        site = open_site(context)
        if remove:
            removed = plans.remove(site.folder)
            for each in removed:
                click.echo(say("schedule-removed", visible(each)))
            if not removed:
                click.echo(say("schedule-none"))
            return
        ways = [job.options.every or site.settings.every for job in load_jobs(site).values()]
        minutes = plans.step(every for every in ways if every)
        if install:
            click.echo(say("schedule-installed", visible(plans.install(site.folder, minutes, way or "cron"))))
            if way == "systemd":
                click.echo(say("schedule-linger", "loginctl enable-linger"))
            return
        click.echo("# " + say("schedule-paste-cron" if way is None else "schedule-paste-shell"))
        click.echo(plans.pasted(site.folder, minutes, way or "cron"))
