"""The commands to begin with."""

from __future__ import annotations

from pathlib import Path

import click

from wikibridge.cli.base import cli, language, progress, told


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
