"""The command that makes the drafts of reminders, and sends them when told to."""

from __future__ import annotations

import sys

import click

from wikibridge.cli.base import cli, say, session, visible


@cli.command()
@click.option("--send", is_flag=True, help="Send the reminders that were not sent yet.")
@click.pass_context
def reminders(context: click.Context, send: bool) -> None:
    """Make drafts of mails to participants who have not written for a while, in the site folder.

    Nothing of this goes onto the wiki, and without --send nothing goes anywhere.
    """
    with session(context) as opened:
        from wikibridge.errors import SettingsError
        from wikibridge.jobs.folders import write_local
        from wikibridge.jobs.reminders import FOLDER, Reminders

        jobs = [job for job in opened.jobs.values() if isinstance(job, Reminders) and job.options.by == "mail"]
        if not jobs:
            raise SettingsError("reminders-none")
        if send and opened.site.settings.tell.mail is None:
            raise SettingsError("drafts-no-mail", FOLDER)
        with opened.lock():
            opened.sync()
            drafts = {draft.name: draft for job in jobs for draft in job.drafts(opened.context, opened.mirror)}
            changed = sum(write_local(job, opened.context, opened.mirror) for job in jobs)
            for note in dict.fromkeys(opened.context.notes):
                click.echo(f"  {visible(say(*note))}")
            click.echo(say("reminders-done", len(drafts), changed))
            if drafts and not send:
                click.echo(say("reminders-send-hint"))
            if send:
                from wikibridge.cli.sending import send as send_all

                if not send_all(opened.site, drafts, "reminders.json"):
                    sys.exit(3)
