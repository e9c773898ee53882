"""The command that tells what came of a period: web pages and data in the site folder, and pages on the wiki when told to."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

from wikibridge.cli.base import cli, many, report, say, session, visible

if TYPE_CHECKING:
    from wikibridge.assessment.values import Assessment, Participation
    from wikibridge.entries.types import Schema
    from wikibridge.summaries.period import Span

FOLDER = "assessments"
"""Where the files are put, in the site folder."""


@cli.command()
@click.option("--from", "begin", metavar="DATE", required=True, help="The first day, month or year of the period.")
@click.option("--to", "end", metavar="DATE", help="Its last day, month or year. [default: the day of the latest edit]")
@click.option("--publish", is_flag=True, help="Write the pages on the wiki too.")
@many
@click.pass_context
def assessment(context: click.Context, begin: str, end: str | None, publish: bool, yes_many: bool) -> None:
    """Tell what came of a period: who took part, what was chosen and done, what changed since the period before.

    Makes a web page in each language and the figures as data, in the folder “assessments” of the site folder.
    """
    with session(context) as opened:
        from datetime import date

        from wikibridge.cli.report import source
        from wikibridge.jobs.assessment import AssessmentJob, Options
        from wikibridge.jobs.folders import write_all
        from wikibridge.report.assessment import page
        from wikibridge.summaries.period import Span, read

        site, settings = opened.site, opened.site.settings
        span = read(begin, end, settings.day_first)
        with opened.lock():
            opened.sync()
        newest = opened.ask("of=choice").time
        span = span.until(newest.date() if newest else date.today())
        if span.first is None or span.last is None:
            span = Span(span.first, span.first)
        job = next((job for job in opened.jobs.values() if isinstance(job, AssessmentJob) and job.options.span == span), None)
        if job is None:
            made_for = Options.model_validate({"kind": "assessment", "from": span.first, "to": span.last})
            job = AssessmentJob(f"assessment {span.first} {span.last}", made_for)
            job.kept = False
        made = job.assessment(opened.context, opened.mirror)
        name = f"{span.first}_{span.last}"
        files = {f"{name}.json": json.dumps(data(made, opened.schema), ensure_ascii=False, indent=1).encode()}
        for code in settings.languages:
            told = job.sections(opened.context, made, code)
            files[f"{name}.{code}.html"] = page(job.heading(code), told, code, source(opened)).encode()
        write_all(site.folder / FOLDER, files)
        for note in dict.fromkeys(opened.context.notes):
            click.echo(f"  {visible(say(*note))}")
        click.echo(say("assessment-written", FOLDER, ", ".join(sorted(files))))
        if publish:
            opened.jobs[job.name] = job
            report(opened.run((job.name,), many=yes_many), False, False)


def data(made: Assessment, schema: Schema) -> dict[str, Any]:
    """The figures as data: those of ``wikibridge ask --json`` for each question, and what no question asks."""
    from dataclasses import asdict

    from wikibridge.assessment.compute import asked
    from wikibridge.cli.ask import data as answered
    from wikibridge.jobs.assessment import DATA_KIND

    def days(span: Span | None) -> dict[str, str] | None:
        return {"from": str(span.first), "to": str(span.last)} if span else None

    def people(took: Participation | None) -> dict[str, int] | None:
        return {**asdict(took), "silent": took.silent} if took else None

    questions = asked(made.span, made.previous, schema)
    return {
        "kind": DATA_KIND, "period": days(made.span), "previous": days(made.previous),
        "participation": people(made.participation), "participation_before": people(made.before),
        "meetings": [asdict(each) for each in made.meetings], "charters": [asdict(each) for each in made.charters],
        "problems": made.problems, "pages_with_problems": made.damaged,
        "answers": {name: {"question": questions[name], **answered(found, schema)} for name, found in made.answers.items()}}
