"""The commands that only look: what ran, what is on the pages, what comes of it."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path

import click

from wikibridge.cli import completing
from wikibridge.cli.base import cli, language, open_site, print_table, say, session, show, told, visible

SHOWN = 20
"""Problems that ``status`` lists before it only counts the rest."""


@cli.command()
@click.argument("question")
@click.option("--json", "as_json", is_flag=True, help="Print the answer as JSON.")
@click.pass_context
def ask(context: click.Context, question: str, as_json: bool) -> None:
    """Answer a QUESTION such as “of=choice|by=theme”, in the words that serve on wiki pages too. Writes nothing on the wiki."""
    with session(context, True) as opened:
        from wikibridge.cli import ask as answers
        from wikibridge.summaries.show import show

        with opened.lock():
            opened.sync()
        found = opened.ask(question)
        if as_json:
            click.echo(json.dumps(answers.data(found, opened.schema), ensure_ascii=False, indent=1))
            return
        settings = opened.site.settings
        spoken = found.question.language or language()
        shown = show(found, opened.schema, spoken, settings.time_zone, settings.min_group)
        if grid := answers.table(shown, visible):
            print_table(grid)
        for line in answers.lines(shown):
            click.echo(visible(line))


@cli.command()
@click.argument("run_", metavar="[RUN]", type=int, required=False, shell_complete=completing.runs)
@click.option("--json", "as_json", is_flag=True, help="Print the facts as JSON.")
@click.pass_context
def log(context: click.Context, run_: int | None, as_json: bool) -> None:
    """List the latest runs, or the pages that one RUN wrote, with links to the differences."""
    with session(context, as_json) as opened:
        from wikibridge.cli import log as shown

        facts = shown.runs(opened.journal) if run_ is None else shown.pages(opened.journal, run_, opened.wiki.diff_address)
        if as_json:
            click.echo(json.dumps(facts, ensure_ascii=False))
        elif run_ is not None:
            for line in shown.told(facts, language()):
                click.echo(visible(line))
        elif not facts:
            click.echo(say("log-none"))
        else:
            print_table(shown.table(facts, language(), opened.site.settings.time_zone))
            for line in shown.sentences(facts, language()):
                click.echo(visible(line))


@cli.command()
@click.option("--json", "as_json", is_flag=True, help="Print the figures as JSON.")
@click.pass_context
def status(context: click.Context, as_json: bool) -> None:
    """Say what the last run did, when jobs are due, and what waits for a person. Asks nothing of the wiki."""
    with told(context.obj["debug"]):
        from wikibridge.cli import status as shown
        from wikibridge.cli.log import when
        from wikibridge.entries.problems import tell
        from wikibridge.jobs.kinds import load_jobs
        from wikibridge.jobs.result import Result
        from wikibridge.mirror.state import open_journal, open_mirror

        site = open_site(context)
        with closing(open_mirror(site)) as mirror:
            problems, wiki = mirror.problems(), mirror.get("wiki") or ""
        with closing(open_journal(site, wiki)) as journal:
            last, jobs = shown.last(journal), shown.schedule(site, load_jobs(site), journal)
        if as_json:
            click.echo(json.dumps({**last, "schedule": jobs} if last else {}, ensure_ascii=False))
            return
        if not last:
            click.echo(say("status-none"))
            return
        started = last.pop("started")
        if last.pop("cut_off"):
            click.echo(say("status-cut", last["run"], started))
        else:
            click.echo(say("status-last", when(started, site.settings.time_zone)))
            show(Result(**last))
            for line in last["failed"]:
                click.secho(f"  {visible(say('not-written', line))}", fg="red")
        print_table(shown.table(jobs, last.get("jobs", {}), language(), site.settings.time_zone))
        for title, problem in problems[:SHOWN]:
            click.echo(f"  {visible(tell(problem, title, language()))}")
        if problems[SHOWN:]:
            click.echo(f"  {say('status-more', len(problems) - SHOWN)}")


@cli.command()
@click.argument("page", shell_complete=completing.titles_or_files)
@click.option("--dialect", type=click.Choice(["mediawiki", "tiki"]), default="mediawiki", show_default=True,
              help="The markup of the page.")
@click.option("--language", "spoken", type=click.Choice(["en", "fr", "pt"]),
              help="The language of the page and of the messages. [default: yours]")
@click.option("--json", "as_json", is_flag=True, help="Print entries and problems as JSON.")
@click.pass_context
def check(context: click.Context, page: str, dialect: str, spoken: str | None, as_json: bool) -> None:
    """Read a PAGE (a file, or a page of the wiki when no file has the name) and tell what could not be read on it."""
    with told(context.obj["debug"]):
        from wikibridge.cli import check as shown
        from wikibridge.entries.read import read
        from wikibridge.entries.types import shipped
        from wikibridge.errors import SettingsError
        from wikibridge.markup.dialects import DIALECTS

        spoken = spoken or language()
        schema = shipped()
        try:
            text = shown.file_text(Path(page)) if Path(page).is_file() else None
        except OSError as error:
            raise SettingsError("file-unreadable", page, error.strerror or "?") from error
        if text is None:
            if not (context.obj["site"] / "wikibridge.yml").is_file():
                raise SettingsError("check-nothing", page)
            with session(context, quiet=True) as opened:
                schema, found = opened.schema, next(iter(opened.wiki.read(titles=[page])), None)
            if found is None:
                raise SettingsError("check-nothing", page)
            text = found.text
        reading = read(text, schema, spoken, DIALECTS[dialect])
        if as_json:
            click.echo(json.dumps(shown.facts(reading, spoken), ensure_ascii=False))
            return
        for line in shown.told(reading, page, spoken):
            click.echo(visible(line))
        count, entries = len(reading.problems), len(reading.entries)
        click.echo(say("check-some", page, count, entries) if count else say("check-none", page, entries))


@cli.command("report")
@click.argument("file", type=click.Path(path_type=Path), default=Path("report.html"))
@click.option("--language", "spoken", type=click.Choice(["en", "fr", "pt"]), help="The language of the report. [default: yours]")
@click.option("--from", "begin", metavar="DATE", help="Choices from this day, month or year on.")
@click.option("--to", "end", metavar="DATE", help="Choices up to this day, month or year. [default: that of the latest edit]")
@click.pass_context
def report_(context: click.Context, file: Path, spoken: str | None, begin: str | None, end: str | None) -> None:
    """Write a report on the choices into FILE (report.html): figures, charts, tables, quotations, to read and to print."""
    with session(context) as opened:
        from wikibridge.cli import report as shown
        from wikibridge.summaries.period import read

        span = read(begin, end, opened.site.settings.day_first)
        with opened.lock():
            opened.sync()
        shown.write(file, opened, spoken or language(), span)
        click.echo(say("report-written", file))
