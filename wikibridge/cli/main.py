"""The commands: thin, words only. Exit codes: 0 done, 1 failed, 2 usage, 3 done in part, 4 lock held, 75 try later."""

from __future__ import annotations

import io
import json
import os
import re
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from wikibridge import __version__

if TYPE_CHECKING:
    from wikibridge.jobs.runner import Result, Session
    from wikibridge.mirror.sync import Progress

SHOWN = 20
"""Problems that ``status`` lists before it only counts the rest."""


def language() -> str:
    """The language to speak to the secretariat in: of the locale, else English."""
    code = (os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG") or "")[:2]
    return code if code in ("en", "fr", "pt") else "en"


def say(key: str, *params: object) -> str:
    """A message in the secretariat's language."""
    from wikibridge.i18n import message

    return message(key, language(), *params)


@contextmanager
def told(debug: bool) -> Iterator[None]:
    """Turn an error into its sentence and exit code; a traceback only with --debug."""
    from wikibridge.errors import WikibridgeError

    try:
        yield
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


@contextmanager
def session(context: click.Context, quiet: bool = False) -> Iterator[Session]:
    """The site of the command line, opened."""
    with told(context.obj["debug"]):
        from wikibridge.jobs.runner import Session
        from wikibridge.site import Site

        site = Site(context.obj["site"])
        with progress(quiet) as show, Session(site, progress=show, language=language()) as opened:
            yield opened


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


@cli.command()
@click.argument("jobs", nargs=-1)
@many
@click.option("--json", "as_json", is_flag=True, help="Print the figures as JSON.")
@click.option("--quiet", is_flag=True, help="Say nothing unless something was not written.")
@click.pass_context
def run(context: click.Context, jobs: tuple[str, ...], yes_many: bool, as_json: bool, quiet: bool) -> None:
    """Read what changed and write what the JOBS want (all of them, when none is named)."""
    with session(context, quiet or as_json) as opened:
        report(opened.run(jobs, many=yes_many), as_json, quiet)


@cli.command()
@click.argument("question")
@click.option("--json", "as_json", is_flag=True, help="Print the answer as JSON.")
@click.pass_context
def ask(context: click.Context, question: str, as_json: bool) -> None:
    """Answer a QUESTION such as “of=choice|by=theme”, in the words that serve on wiki pages too. Writes nothing on the wiki."""
    with session(context, True) as opened:
        from rich.console import Console

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
            Console(markup=False, highlight=False).print(grid)
        for line in answers.lines(shown):
            click.echo(visible(line))


@cli.command()
@many
@click.option("--json", "as_json", is_flag=True, help="Print the figures as JSON.")
@click.pass_context
def install(context: click.Context, yes_many: bool, as_json: bool) -> None:
    """Write what editors need on the wiki: templates, forms, help pages, categories."""
    with session(context, as_json) as opened:
        report(opened.run(("install",), many=yes_many), as_json, False)


@cli.command()
@click.argument("jobs", nargs=-1)
@click.option("--undo", "run_", type=int, help="What taking back this run would write, in place of what jobs want.")
@click.option("--page", help="With --undo: this page only.")
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
@click.argument("run_", metavar="RUN", type=int)
@click.option("--page", help="This page only.")
@many
@click.option("--json", "as_json", is_flag=True, help="Print the figures as JSON.")
@click.pass_context
def undo(context: click.Context, run_: int, page: str | None, yes_many: bool, as_json: bool) -> None:
    """Take back what a RUN wrote. What others wrote since stays. “wikibridge plan --undo RUN” shows it before."""
    with session(context, as_json) as opened:
        report(opened.undo(run_, page, many=yes_many), as_json, False)


@cli.command()
@click.argument("run_", metavar="[RUN]", type=int, required=False)
@click.option("--json", "as_json", is_flag=True, help="Print the facts as JSON.")
@click.pass_context
def log(context: click.Context, run_: int | None, as_json: bool) -> None:
    """List the latest runs, or the pages that one RUN wrote, with links to the differences."""
    with session(context, as_json) as opened:
        from wikibridge.cli import log as shown

        facts = shown.runs(opened.journal) if run_ is None else shown.pages(opened.journal, run_, opened.wiki.diff_address)
        if as_json:
            click.echo(json.dumps(facts, ensure_ascii=False))
            return
        for line in shown.told(facts, language(), run_ is not None):
            click.echo(visible(line))


def visible(text: str) -> str:
    """Text of a page for a terminal: what would steer the terminal, or turn the direction of the text, is shown as a code."""
    return re.sub("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]",
                  lambda m: f"\\u{ord(m[0]):04x}", text)


@cli.command()
@click.option("--json", "as_json", is_flag=True, help="Print the figures as JSON.")
@click.pass_context
def status(context: click.Context, as_json: bool) -> None:
    """Say what the last run did, and what on the pages could not be read. Asks nothing of the wiki."""
    with told(context.obj["debug"]):
        from wikibridge.entries.problems import tell
        from wikibridge.jobs.runner import Result
        from wikibridge.mirror.journal import Journal
        from wikibridge.mirror.store import Mirror
        from wikibridge.site import Site

        state = Site(context.obj["site"]).state
        with closing(Journal(state / "journal.db")) as journal:
            last = journal.runs(1)
        if not last:
            click.echo("{}" if as_json else say("status-none"))
            return
        number, started, figures = last[0]
        if as_json:
            facts = {"run": number, "started": started, "cut_off": figures is None, **(figures or {})}
            click.echo(json.dumps(facts, ensure_ascii=False))
            return
        if figures is None:
            click.echo(say("status-cut", number, started))
        else:
            click.echo(say("status-last", started))
            show(Result(**figures))
            for line in figures["failed"]:
                click.echo(f"  {visible(say('not-written', line))}")
        with closing(Mirror(state / "mirror.db")) as mirror:
            problems = mirror.problems()
        for title, problem in problems[:SHOWN]:
            click.echo(f"  {visible(tell(problem, title, language()))}")
        if problems[SHOWN:]:
            click.echo(f"  {say('status-more', len(problems) - SHOWN)}")


@cli.command()
@click.argument("page")
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
        from wikibridge.report.period import read

        span = read(begin, end, opened.site.settings.day_first)
        with opened.lock():
            opened.sync()
        shown.write(file, opened, spoken or language(), span)
        click.echo(say("report-written", file))


@cli.command("import")
@click.argument("files", nargs=-1, required=True, metavar="FILE...", type=click.Path(path_type=Path))
@many
@click.option("--json", "as_json", is_flag=True, help="Print the figures as JSON, for a table or pages of a Tiki.")
@click.pass_context
def import_(context: click.Context, files: tuple[Path, ...], yes_many: bool, as_json: bool) -> None:
    """Put the entries of a table on the participants' pages (.csv, .xlsx), or fill the mirror from an XML dump.

    “wikibridge plan --import FILE” shows what a table would write. A dump (.xml, .xml.gz, .xml.bz2) writes nothing on the
    wiki: what has changed since it was made is read from there.

    For a Tiki without its API, of which the wiki in the folder is a copy: bring that up to date from exported pages, or from
    sources pasted into files that are called as the pages (PAGE.txt), one by one or in folders.
    """
    from wikibridge.jobs.tables import SUFFIXES

    with session(context, as_json) as opened:
        from wikibridge.cli import offline

        if offline.all_pages(files, opened):
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
        with opened.lock():
            filled = opened.fill(file)
            click.echo(say("dump-read", filled.read, filled.taken))
            click.echo(say("dump-synced", opened.sync()))


@cli.command()
@click.argument("target", type=click.Path(path_type=Path))
@click.option("--format", "format_", type=click.Choice(["csv", "jsonl", "parquet"]), help="Of the tables. [default: csv]")
@click.option("--bom", is_flag=True, help="Begin CSV files with a byte order mark, by which Excel knows that they are UTF-8.")
@click.pass_context
def export(context: click.Context, target: Path, format_: str | None, bom: bool) -> None:
    """Write entries, participants and problems as tables into the folder TARGET, with a description of their columns.

    Where TARGET is a file (.xml, .xml.gz, .xml.bz2): the pages that jobs read and write, as a dump that MediaWiki can import.
    """
    with session(context) as opened:
        from wikibridge.errors import SettingsError
        from wikibridge.export import formats, package
        from wikibridge.export.tables import tables
        from wikibridge.mirror import dumps

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


def main() -> None:
    """The entry point."""
    for stream in (sys.stdout, sys.stderr):
        # A terminal that cannot show a letter shows its code.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    cli(prog_name="wikibridge")
