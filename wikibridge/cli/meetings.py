"""The command that makes the files of meetings: calendars, lists of sign-ups, invitations; it sends these when told to."""

from __future__ import annotations

import sys

import click

from wikibridge.cli.base import cli, say, session, visible


@cli.command()
@click.option("--send", is_flag=True, help="Send the invitations that were not sent yet as they are now.")
@click.pass_context
def meetings(context: click.Context, send: bool) -> None:
    """Make the files of meetings in the site folder: calendars, who signed up for which session, drafts of invitations.

    Nothing of this goes onto the wiki, and without --send nothing goes anywhere.
    """
    with session(context) as opened:
        from datetime import UTC, datetime

        from wikibridge.errors import SettingsError
        from wikibridge.jobs import meeting_files as made
        from wikibridge.jobs import signups
        from wikibridge.jobs.folders import read_all, write_all
        from wikibridge.jobs.meetings import of as meetings_of

        site, settings = opened.site, opened.site.settings
        mail = settings.tell.mail
        if send and mail is None:
            raise SettingsError("drafts-no-mail", made.INVITATIONS)
        with opened.lock():
            opened.sync()
            jobs = meetings_of(opened.jobs.values())
            held = {each.id: each for job in jobs for each, _ in job.meetings(opened.context, opened.mirror)}
            found = tuple(held.values())
            if not found:
                raise SettingsError("meetings-none")
            table = site.folder / signups.FILE
            people = signups.read(table.read_bytes() if table.is_file() else None, found, opened.context, opened.mirror)
            before = read_all(site.folder / made.CALENDARS)
            calendars, lists, drafts = {}, {}, {}
            for meeting in found:
                by_language = made.calendars(meeting, settings.languages, opened.wiki.identity, before, datetime.now(UTC))
                for code, each in by_language.items():
                    calendars[made.calendar_name(meeting, code)] = each.meeting
                    calendars |= {made.calendar_name(meeting, code, name): data for name, data in each.sessions.items()}
                for sitting in meeting.sessions:
                    if signups.of(sitting, meeting, people):
                        lists[f"{meeting.id}.{sitting.id}.csv"] = made.listed(
                            sitting, meeting, people, opened.schema, settings.languages[0])
                sender = mail.sender if mail else settings.wiki.contact
                for person in people:
                    draft = made.invitation(person, meeting, by_language, sender, settings.languages)
                    if draft:
                        drafts[draft.name] = draft
            changed = write_all(site.folder / made.CALENDARS, calendars)
            write_all(site.folder / made.LISTS, lists, private=True)
            new = write_all(site.folder / made.INVITATIONS, {name: each.data for name, each in drafts.items()}, private=True)
            for note in dict.fromkeys(opened.context.notes):
                click.echo(f"  {visible(say(*note))}")
            click.echo(say("meetings-done", len(calendars), changed, len(lists), len(people), len(drafts), new))
            if drafts and not send:
                click.echo(say("meetings-send-hint"))
            if send:
                from wikibridge.cli.sending import send as send_all

                if not send_all(site, drafts, "invitations.json"):
                    sys.exit(3)
