"""The commands that bring in and take out: tables, dumps, exported pages."""

from __future__ import annotations

import json
import sys
from contextlib import nullcontext
from pathlib import Path

import click

from wikibridge.cli import completing
from wikibridge.cli.base import cli, many, report, say, session, visible


@cli.command("import")
@click.argument("files", nargs=-1, required=True, metavar="FILE...", type=click.Path(path_type=Path))
@many
@click.option("--dask", metavar="ADDRESS", help="Let the workers of a Dask cluster read a dump: the address of its scheduler.")
@click.option("--json", "as_json", is_flag=True, help="Print the figures as JSON, for a table or pages of a Tiki.")
@click.pass_context
def import_(context: click.Context, files: tuple[Path, ...], yes_many: bool, dask: str | None, as_json: bool) -> None:
    """Put the entries of a table on the participants' pages (.csv, .xlsx), or fill the mirror from an XML dump.

    “wikibridge plan --import FILE” shows what a table would write. A dump (.xml, .xml.gz, .xml.bz2) writes nothing on the
    wiki: what has changed since it was made is read from there.

    For a Tiki without its API, of which the wiki in the folder is a copy: bring that up to date from exported pages, or from
    sources pasted into files that are called as the pages (PAGE.txt), one by one or in folders.
    """
    from wikibridge.errors import SettingsError
    from wikibridge.jobs.tables import SUFFIXES

    with session(context, as_json) as opened:
        from wikibridge.cli import offline

        pages = offline.all_pages(files, opened)
        if dask and (pages or files[0].suffix.casefold() in SUFFIXES):
            raise SettingsError("dump-not-one", files[0])
        if pages:
            done = offline.bring(files, opened)
            click.echo(json.dumps(done.figures) if as_json else say("offline-read", *done.figures.values()))
            for line in done.notes:
                click.echo(f"  {visible(line)}", err=as_json)
            for line in done.left:
                click.echo(f"  {visible(say('not-taken', line))}", err=True)
            if done.left:
                sys.exit(3)
            return
        (file,) = files
        if file.suffix.casefold() in SUFFIXES:
            from wikibridge.jobs.imports import Import

            report(opened.run((Import(file),), many=yes_many), as_json, False)
            return
        from wikibridge.mirror.cluster import Cluster

        with opened.lock(), Cluster(dask) if dask else nullcontext() as cluster:
            filled = opened.fill(file, cluster)
            click.echo(say("dump-read", filled.read, filled.taken))
            click.echo(say("dump-synced", opened.sync()))


@cli.command()
@click.argument("target", type=click.Path(path_type=Path))
@click.option("--format", "format_", type=click.Choice(["csv", "jsonl", "parquet"]), help="Of the tables. [default: csv]")
@click.option("--bom", is_flag=True, help="Begin CSV files with a byte order mark, by which Excel knows that they are UTF-8.")
@click.option("--about", "participant", metavar="PARTICIPANT", shell_complete=completing.participants,
              help="All that is held about one participant (title of the page, or the name on it), to give to that person.")
@click.pass_context
def export(context: click.Context, target: Path, format_: str | None, bom: bool, participant: str | None) -> None:
    """Write entries, participants and problems as tables into the folder TARGET, with a description of their columns.

    Where TARGET is a file (.xml, .xml.gz, .xml.bz2): the pages that jobs read and write, as a dump that MediaWiki can import.
    """
    with session(context) as opened:
        from wikibridge.errors import SettingsError
        from wikibridge.export import formats, package
        from wikibridge.export.tables import tables
        from wikibridge.mirror import dumps

        if participant is not None:
            from wikibridge.cli import about

            if bom or format_:
                raise SettingsError("about-format")
            with opened.lock():
                opened.sync()
                name = about.write(target, opened, participant)
            click.echo(visible(say("about-written", name, target / about.PAGE)))
            return
        if bom and format_ not in (None, "csv"):
            raise SettingsError("export-bom")
        formats.ready(format_ or "csv")
        with opened.lock():
            opened.sync()
            if format_ is None and target.suffix in (".xml", ".gz", ".bz2", ".7z"):
                click.echo(say("dump-written", dumps.write(opened.mirror.every(), target, opened.wiki.identity), target))
                return
            wiki = opened.site.settings.wiki
            made = tables(opened.mirror, opened.schema, opened.context.title(opened.site.settings.participants))
            counts = package.write(target, made, wiki.address or wiki.path, format_ or "csv", bom)
            click.echo(say("export-written", sum(counts.values()), len(counts), target))
