"""Sending drafts: what was not sent yet as it is now, each once."""

from __future__ import annotations

import copy
import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import format_datetime, make_msgid

import click

from wikibridge.cli.base import language, say, visible
from wikibridge.jobs.drafts import Draft
from wikibridge.jobs.folders import write_all
from wikibridge.site import Site
from wikibridge.telling.ways import MaybeSent, NotSent, deliver


def send(site: Site, drafts: Mapping[str, Draft], memory: str) -> bool:
    """Send drafts through the server of ``tell.mail``; answers whether all went out. ``memory`` is a file of the state folder.

    Raises SettingsError where the password is missing.
    """
    mail = site.settings.tell.mail
    assert mail is not None
    path = site.state / memory
    sent: dict[str, str] = json.loads(path.read_bytes()) if path.is_file() else {}
    count = before = 0
    well = True
    for name, draft in drafts.items():
        # Digests: what is kept of who got what names nobody.
        whom, mark = (hashlib.sha256(data).hexdigest() for data in (name.encode(), draft.about.encode() or draft.data))
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
            click.echo(f"  {visible(say('drafts-not-sent', name, refused.say(language())))}", err=True)
        if refused is None or isinstance(refused, MaybeSent):
            # What may have arrived is not sent again: better never than twice.
            sent[whom] = mark
            count += refused is None
            write_all(path.parent, {path.name: json.dumps(sent, indent=0).encode()}, private=True)
    click.echo(say("drafts-sent", count, before))
    return well
