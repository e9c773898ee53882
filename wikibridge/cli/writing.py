"""The commands that write on the wiki, or show what would be written."""

from __future__ import annotations

from pathlib import Path

import click

from wikibridge.cli import completing
from wikibridge.cli.base import cli, language, many, open_run, report, say, session, told, visible


@cli.command()
@click.argument("jobs", nargs=-1, shell_complete=completing.jobs)
@click.option("--all", "all_", is_flag=True, help="Run all jobs, which is what happens when none is named.")
@click.option("--due", is_flag=True, help="Run only those that are due: see “every” in the job files and in wikibridge.yml.")
@click.option("--watch", is_flag=True, help="Go on, and run whatever becomes due, until this is ended: where there is no cron.")
@many
@click.option("--json", "as_json", is_flag=True, help="Print the figures as JSON.")
@click.option("--quiet", is_flag=True, help="Say nothing unless a person is needed.")
@click.pass_context
def run(
    context: click.Context, jobs: tuple[str, ...], all_: bool, due: bool, watch: bool, yes_many: bool, as_json: bool, quiet: bool,
) -> None:
    """Read what changed and write what the JOBS want (all of them, when none is named)."""
    if all_ and jobs:
        raise click.UsageError(say("run-all-or-some", jobs[0]), context)
    if watch:
        from wikibridge.cli.watch import watch as keep_on

        keep_on(context, jobs, yes_many, as_json, quiet)
        return
    with told(context.obj["debug"], quiet), open_run(context, quiet or as_json) as (opened, tell):
        result = opened.run_due(jobs, many=yes_many) if due else opened.run(jobs, many=yes_many)
        tell(result)
        if result:
            report(result, as_json, quiet)
        elif as_json:
            click.echo("{}")
        elif not quiet:
            click.echo(say("run-none-due"))


@cli.command()
@many
@click.option("--json", "as_json", is_flag=True, help="Print the figures as JSON.")
@click.pass_context
def install(context: click.Context, yes_many: bool, as_json: bool) -> None:
    """Write what editors need on the wiki: templates, forms, help pages, categories."""
    with session(context, as_json) as opened:
        report(opened.run(("install",), many=yes_many), as_json, False)


@cli.command()
@click.argument("jobs", nargs=-1, shell_complete=completing.jobs)
@click.option("--undo", "run_", type=int, shell_complete=completing.runs,
              help="What taking back this run would write, in place of what jobs want.")
@click.option("--page", shell_complete=completing.titles, help="With --undo: this page only.")
@click.option("--import", "table", type=click.Path(path_type=Path), help="What “wikibridge import” of this table would write.")
@click.option("--json", "as_json", is_flag=True, help="Print the plan as JSON, for “wikibridge apply”.")
@click.option("--html", type=click.Path(path_type=Path), help="Write the plan into this FILE, to look at in a browser.")
@click.option("--files", type=click.Path(path_type=Path),
              help="For a Tiki without its API: write the pages into this FOLDER as texts to paste, with a checklist.")
@click.pass_context
def plan(
    context: click.Context, jobs: tuple[str, ...], run_: int | None, page: str | None, table: Path | None, as_json: bool,
    html: Path | None, files: Path | None,
) -> None:
    """Print what a run would write, with the differences. Writes nothing on the wiki."""
    with session(context, as_json) as opened:
        from wikibridge.cli import plan as shown
        from wikibridge.publish.plan_file import PlanFile, dumps

        with opened.lock():
            opened.sync()
            if table is not None:
                from wikibridge.jobs.imports import Import

                steps = opened.plan((Import(table),))
            else:
                steps = opened.plan(jobs) if run_ is None else opened.plan_undo(run_, page)
        for left in dict.fromkeys(opened.context.left):
            click.echo(f"  {visible(say('not-written', say(*left)))}", err=True)
        if html:
            shown.page(html, steps, opened.site.settings.wiki.address or opened.site.settings.wiki.path, language())
        pasted = None
        if files:
            from wikibridge.cli import offline

            pasted = offline.write(files, opened, steps, language())
            for line in pasted.left:
                click.echo(f"  {visible(say('not-written', line))}", err=True)
        if as_json:
            click.echo(dumps(PlanFile(opened.wiki.identity, steps)))
            return
        if html:
            click.echo(say("plan-html", html))
        elif pasted:
            click.echo(say("paste-written", pasted.count, pasted.checklist))
        else:
            for line, colour, bold in shown.lines(steps, language()):
                click.secho(visible(line), fg=colour, bold=bold)
        for note in dict.fromkeys(opened.context.notes):
            click.echo(visible(say(*note)))
        click.echo(shown.counts(steps, language()))


@cli.command()
@click.argument("file", type=click.Path(path_type=Path))
@many
@click.option("--json", "as_json", is_flag=True, help="Print the figures as JSON.")
@click.pass_context
def apply(context: click.Context, file: Path, yes_many: bool, as_json: bool) -> None:
    """Write the plan in FILE, as “wikibridge plan --json” made it; pages that changed since are left alone."""
    with session(context, as_json) as opened:
        from wikibridge.publish.plan_file import load

        report(opened.apply(load(file), many=yes_many), as_json, False)


@cli.command()
@click.argument("run_", metavar="RUN", type=int, shell_complete=completing.runs)
@click.option("--page", shell_complete=completing.titles, help="This page only.")
@many
@click.option("--json", "as_json", is_flag=True, help="Print the figures as JSON.")
@click.pass_context
def undo(context: click.Context, run_: int, page: str | None, yes_many: bool, as_json: bool) -> None:
    """Take back what a RUN wrote. What others wrote since stays. “wikibridge plan --undo RUN” shows it before."""
    with session(context, as_json) as opened:
        report(opened.undo(run_, page, many=yes_many), as_json, False)
