"""The command that makes the files of meetings: calendars, lists of sign-ups, invitations; it sends these when told to."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from wikibridge.cli.base import cli, language, say, session, visible

if TYPE_CHECKING:
    from wikibridge.jobs.meeting_files import Draft
    from wikibridge.site import Site


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
        from wikibridge.jobs.meetings import Meetings, Options

        site, settings = opened.site, opened.site.settings
        mail = settings.tell.mail
        if send and mail is None:
            raise SettingsError("meetings-no-mail")
        with opened.lock():
            opened.sync()
            jobs = [job for job in opened.jobs.values() if isinstance(job, Meetings)] or [
                Meetings("meetings", Options(kind="meetings"))]
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
            if send and not _send(site, drafts):
                sys.exit(3)


def _send(site: Site, drafts: dict[str, Draft]) -> bool:
    """Send what was not sent yet as it is now; answers whether all went out."""
    import copy
    import hashlib
    import json
    from datetime import UTC, datetime
    from email.utils import format_datetime, make_msgid

    from wikibridge.jobs.folders import write_all
    from wikibridge.telling.ways import MaybeSent, NotSent, deliver

    mail = site.settings.tell.mail
    assert mail is not None
    path = site.state / "invitations.json"
    sent: dict[str, str] = json.loads(path.read_bytes()) if path.is_file() else {}
    count = before = 0
    well = True
    for name, draft in drafts.items():
        # Digests: what is kept of who got what names nobody.
        whom, mark = (hashlib.sha256(data).hexdigest() for data in (name.encode(), draft.data))
        if sent.get(whom) == mark:
            before += 1
            continue
        letter = copy.deepcopy(draft.mail)
        del letter["X-Unsent"]
        letter["Date"] = format_datetime(datetime.now(UTC))
        letter["Message-ID"] = make_msgid(domain=mail.sender.rpartition("@")[2])
        try:
            refused: NotSent | None = deliver(mail, site, letter)
        except NotSent as error:
            refused = error
        if refused:
            well = False
            click.echo(f"  {visible(say('meetings-not-sent', name, refused.say(language())))}", err=True)
        if refused is None or isinstance(refused, MaybeSent):
            # What may have arrived is not sent again: better never than twice.
            sent[whom] = mark
            count += refused is None
            write_all(path.parent, {path.name: json.dumps(sent, indent=0).encode()}, private=True)
    click.echo(say("meetings-sent", count, before))
    return well


