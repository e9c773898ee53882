"""The demo: a site folder, invented participants who type choices, runs, edits, runs again, and what came of it."""

from __future__ import annotations

import csv
import shutil
import signal
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import click

from wikibridge.demo.people import Person, choices, edits, people
from wikibridge.errors import SettingsError
from wikibridge.jobs.runner import Result, Session
from wikibridge.mirror.sync import Progress
from wikibridge.model import Edit, Head
from wikibridge.site import FILE, Site
from wikibridge.wikis.base import Wiki, normal_title

MARK = "demo.txt"
EACH = 5



def _site(folder: Path, settings: str, crowd: tuple[Person, ...]) -> Site:
    """A fresh site folder. Only a folder that an earlier demo made is replaced."""
    if folder.exists() and any(folder.iterdir()) and not (folder / MARK).exists():
        raise SettingsError("demo-folder", folder)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    (folder / MARK).write_text("Made by wikibridge demo, which replaces this folder each time.\n")
    (folder / FILE).write_text(settings + 'languages: [en, fr, pt]\ntime_zone: Europe/Brussels\nparticipants: "Participants/"\n')
    with open(folder / "participants.csv", "w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(asdict(crowd[0])))
        writer.writeheader()
        writer.writerows(asdict(person) for person in crowd)
    return Site(folder)


def _run(site: Site, progress: Progress, said: str, jobs: tuple[str, ...] = ()) -> Result:
    with Session(site, progress=progress) as session:
        result = session.run(jobs)
    click.echo(
        f"{said:<34} {result.created:>4} created {result.changed:>3} changed {result.pages_read:>4} read "
        f"{result.entries:>5} entries {result.problems:>4} problems {result.requests:>4} requests {result.seconds:>6.2f} s"
    )
    for line in result.failed:
        click.echo(f"  not written: {line}")
    return result


def _type(wiki: Wiki, crowd: tuple[Person, ...], change: Callable[[Person, str], str], progress: Progress) -> None:
    """What citizens do in their browsers: each changes their own page."""
    by_title = {normal_title(f"Participants/{person.name}"): person for person in crowd}
    for number, page in enumerate(wiki.read(titles=by_title), 1):
        text = change(by_title[page.title], page.text)
        wiki.write(Edit(page.title, text, "", Head(page.id, page.title, page.revision)))
        progress("progress-write", number, len(by_title))


def _story(site: Site, editor: Wiki, crowd: tuple[Person, ...], progress: Progress) -> None:
    """The runs and edits that the demo shows."""
    begun = time.monotonic()
    _run(site, progress, "set-up on the wiki", ("install",))
    _run(site, progress, "participants' pages")
    _type(editor, crowd, lambda who, text: text + "\n\n" + "\n\n".join(choices(who, EACH)), progress)
    click.echo(f"{len(crowd)} participants typed {len(crowd) * EACH} choices.")
    _run(site, progress, "first reading, summaries")
    _type(editor, crowd[:: max(1, len(crowd) // 10)][:10], lambda who, text: edits(who, text, 1), progress)
    click.echo("Ten of them edited their pages.")
    _run(site, progress, "after their edits")
    last = _run(site, progress, "once more: nothing to do")
    assert not last.created + last.changed, "a second run must write nothing"
    click.echo(f"All in {time.monotonic() - begun:.1f} s. Site folder: {site.folder}")


def demo(folder: Path, kind: str, count: int, progress: Progress) -> None:
    """Run the demo in ``folder``. Raises SettingsError when the folder holds something else."""
    crowd = people(count)
    if kind == "folder":
        from wikibridge.report.view import write
        from wikibridge.wikis.folder import FolderWiki

        site = _site(folder, "wiki:\n  kind: folder\n  path: wiki\n", crowd)
        editor = FolderWiki(site.folder / "wiki", user="A citizen")
        _story(site, editor, crowd, progress)
        editor.close()
        with Session(site) as session:
            first = [page for page in ("Summary of choices", "Synthèse des choix", "Síntese das escolhas")]
            index = write(session.mirror.pages(), site.folder / "html", title="wikibridge demo", first=first)
        click.echo(f"Pages as text:    {site.folder / 'wiki'} (edit any of them, then: wikibridge --site {folder} run)")
        click.echo(f"To look at:       {index}")
        return
    _mediawiki(folder, crowd, progress)


def _mediawiki(folder: Path, crowd: tuple[Person, ...], progress: Progress) -> None:
    from wikibridge.demo import mediawiki_server
    from wikibridge.wikis.mediawiki import MediaWikiWiki

    lacking = mediawiki_server.missing()
    if lacking:
        raise SettingsError("demo-missing", " ".join(lacking))
    site = _site(folder, "wiki:\n  kind: folder\n", crowd)
    with mediawiki_server.start(folder.resolve() / "server") as server:
        api = server.address + "api.php"
        settings = (site.folder / FILE).read_text()
        (site.folder / FILE).write_text(settings.replace(
            "  kind: folder\n", f"  kind: mediawiki\n  address: {api}\n  account: {server.bot.name}\n"))
        secret = site.folder / "password"
        secret.touch(mode=0o600)
        secret.write_text(server.bot.password)
        server.user("Citizen")
        citizen = server.bot_password("Citizen")
        editor = MediaWikiWiki(api, citizen.name, citizen.password)
        _story(Site(site.folder), editor, crowd, progress)
        editor.close()
        click.echo(f"To look at:       {server.address}index.php?title=Summary_of_choices")
        click.echo(f"Administrator:    {server.admin.name} / {server.admin.password}")
        click.echo("Ctrl-C ends the wiki.")
        try:
            signal.pause()
        except KeyboardInterrupt:
            click.echo("Ended.")
