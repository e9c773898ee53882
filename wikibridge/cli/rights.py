"""What people may ask for: to be forgotten, and to be told what is held about them."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

import click

from wikibridge.cli import completing
from wikibridge.cli.base import cli, say, session, visible

if TYPE_CHECKING:
    from wikibridge.jobs.forget import Held
    from wikibridge.jobs.runner import Session


@cli.command()
@click.argument("participant", shell_complete=completing.participants)
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--json", "as_json", is_flag=True, help="Print what was removed, and what is left to do on the wiki, as JSON.")
@click.pass_context
def forget(context: click.Context, participant: str, yes: bool, as_json: bool) -> None:
    """Remove a PARTICIPANT (the title of the page, or the name on it) from all that is kept here.

    Then lists the pages and the versions that an administrator of the wiki must delete or hide.
    """
    with session(context, as_json) as opened:
        from wikibridge.jobs.forget import forget as do

        if not yes:
            with opened.lock():
                found = _look(opened, participant)
            for line in _before(found):
                click.echo(visible(line), err=as_json)
            # Runs go on while somebody thinks it over.
            if not _confirmed(as_json):
                click.echo(say("forget-not"), err=as_json)
                sys.exit(1)
        with opened.lock():
            found = _look(opened, participant)
            do(opened, found)
        if as_json:
            click.echo(json.dumps(_facts(found, opened), ensure_ascii=False, indent=1))
            return
        for line in (*(_before(found) if yes else ()), *_after(found, opened)):
            click.echo(visible(line))


def _confirmed(as_json: bool) -> bool:
    try:
        return click.confirm(say("forget-ask"), err=as_json)
    except click.Abort:
        # Nobody is there to answer.
        click.echo(err=True)
        return False


def _look(opened: Session, participant: str) -> Held:
    from wikibridge.jobs.forget import held
    from wikibridge.jobs.forgetting import finish

    finish(opened)
    opened.sync()
    return held(opened, participant)


def _before(found: Held) -> list[str]:
    """What will be done here."""
    lines = [say("forget-again" if found.again else "forget-head", found.title)]
    if found.pages:
        lines.append("  " + say("forget-pages", len(found.pages), ", ".join(page.title for page in found.pages)))
    if found.writes:
        lines.append("  " + say("forget-writes", found.writes))
    lines += ["  " + say("forget-row", source, row, "; ".join(filter(None, cells))) for source, row, cells in found.rows]
    lines += ["  " + say("forget-file-removed" if whole else "forget-file-rewritten", path)
              for path, whole in found.files]
    return lines


def _after(found: Held, opened: Session) -> list[str]:
    """What is done, and what is left to be done by people."""
    lines = [say("forget-waits" if opened.forgotten.waiting() else "forget-done")]
    if found.mentions:
        lines += ["", say("forget-mentions"), *("  " + say("forget-mention", each.title, each.line) for each in found.mentions)]
    if found.to_remove:
        lines += ["", say("forget-todo")]
        for each in found.to_remove:
            if each.what == "page":
                lines.append("  " + say("forget-delete", each.title))
            else:
                lines.append("  " + say("forget-hide", each.title, ", ".join(map(str, each.revisions))))
            if each.address:
                lines.append(f"    {each.address}")
            if each.now:
                lines.append("    " + say("forget-run-first"))
        lines += ["", say(_how(opened))]
    return [*lines, "", say("forget-elsewhere")]


def _how(opened: Session) -> str:
    wiki = opened.site.settings.wiki
    keys = {"mediawiki": "forget-how-mediawiki", "tiki": "forget-how-tiki", "folder": "forget-how-folder"}
    return keys.get(wiki.kind) or keys[wiki.dialect]


def _facts(found: Held, opened: Session) -> dict[str, object]:
    return {
        "participant": found.title, "again": found.again,
        "removed": {
            "pages": [page.title for page in found.pages], "writes": found.writes,
            "rows": [{"file": source, "row": row} for source, row, _ in found.rows],
            "files": [{"file": str(path), "whole": whole} for path, whole in found.files]},
        "mentions": [{"page": each.title, "line": each.line} for each in found.mentions],
        "to_remove": [
            {"what": each.what, "title": each.title, "address": each.address, "revisions": list(each.revisions), "now": each.now}
            for each in found.to_remove],
        "how": say(_how(opened))}
