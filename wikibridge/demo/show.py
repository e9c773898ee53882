"""The demo: a site folder, invented participants who type choices, runs, edits, runs again, and what came of it."""

from __future__ import annotations

import csv
import shutil
import signal
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote

import click

from wikibridge.demo.people import Person, choices, edits, people
from wikibridge.entries.problems import tell
from wikibridge.errors import SettingsError
from wikibridge.i18n import message
from wikibridge.jobs.result import Result
from wikibridge.jobs.runner import Session
from wikibridge.mirror.sync import Progress
from wikibridge.model import Edit, Head
from wikibridge.site import FILE, Site
from wikibridge.wikis.base import Wiki, title_part

MARK = "demo.txt"
EACH = 5
EDITORS = 10
SAMPLES = 6

def make_site(folder: Path, settings: str, crowd: tuple[Person, ...]) -> Site:
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


@dataclass(frozen=True, slots=True)
class _Teller:
    """How the demo speaks: in a language, with progress bars."""

    language: str
    progress: Progress

    def say(self, key: str, *params: object) -> None:
        click.echo(message(key, self.language, *params))

    def run(self, site: Site, label: str, jobs: tuple[str, ...] = ()) -> Result:
        """One run of the site's jobs and its figures on a line."""
        with Session(site, progress=self.progress, language=self.language) as session:
            result = session.run(jobs)
        self.say("demo-row", message(label, self.language).ljust(32), f"{result.created:4}", f"{result.changed:2}",
                 f"{result.pages_read:4}", f"{result.entries:5}", f"{result.problems:4}", f"{result.requests:4}",
                 f"{result.seconds:6.2f}")
        for line in result.failed:
            self.say("not-written", line)
        return result

    def problems(self, site: Site) -> None:
        """A few of the problems found, as their authors will be told."""
        with Session(site) as session:
            found = session.mirror.problems()
        self.say("demo-problems")
        kinds = {problem.code: (title, problem) for title, problem in reversed(found)}
        for title, problem in sorted(kinds.values(), key=lambda item: item[0])[:SAMPLES]:
            click.echo(f"  {tell(problem, title, self.language)}")


def type_pages(wiki: Wiki, crowd: tuple[Person, ...], change: Callable[[Person, str], str], progress: Progress) -> None:
    """What citizens do in their browsers: each changes their own page."""
    by_title = {wiki.title(f"Participants/{title_part(person.name)}"): person for person in crowd}
    for number, page in enumerate(wiki.read(titles=by_title), 1):
        text = change(by_title[page.title], page.text)
        wiki.write(Edit(page.title, text, "", Head(page.id, page.title, page.revision)))
        progress("progress-write", number, len(by_title))


def _story(
    site: Site, editor: Wiki, crowd: tuple[Person, ...], teller: _Teller,
    typed: Callable[[Person, int], str] = lambda who, number: "\n\n".join(choices(who, number)),
    edited: Callable[[Person, str, int], str] = edits,
) -> None:
    """The runs and edits that the demo shows; ``typed`` are choices as people type them, ``edited`` a page as they leave it."""
    begun = time.monotonic()
    teller.run(site, "demo-install", ("install",))
    teller.run(site, "demo-pages")
    type_pages(editor, crowd, lambda who, text: f"{text}\n\n{typed(who, EACH)}", teller.progress)
    teller.say("demo-typed", len(crowd), len(crowd) * EACH)
    teller.run(site, "demo-first")
    some = crowd[:: max(1, len(crowd) // EDITORS)][:EDITORS]
    type_pages(editor, some, lambda who, text: edited(who, text, 1), teller.progress)
    teller.say("demo-edited", len(some))
    teller.run(site, "demo-second")
    last = teller.run(site, "demo-third")
    assert not last.created + last.changed, "a second run must write nothing"
    teller.problems(site)
    teller.say("demo-time", f"{time.monotonic() - begun:.1f}")


def _summaries(site: Site) -> list[str]:
    """The titles of the summary pages, in the order of the site's languages."""
    with Session(site) as session:
        titles = [step.wanted.title for step in session.plan(("summaries",))]
    return titles


def demo(folder: Path, kind: str, count: int, progress: Progress, language: str) -> None:
    """Run the demo in ``folder``. Raises SettingsError when the folder holds something else."""
    crowd, teller = people(count), _Teller(language, progress)
    if kind != "folder":
        (_mediawiki if kind == "mediawiki" else _tiki)(folder, crowd, teller)
        return
    from wikibridge.report.view import write
    from wikibridge.wikis.folder import FolderWiki

    site = make_site(folder, "wiki:\n  kind: folder\n  path: wiki\n", crowd)
    with closing(FolderWiki(site.folder / "wiki", user="A citizen")) as editor:
        _story(site, editor, crowd, teller)
    with Session(site) as session:
        index = write(session.mirror.every(), site.folder / "html", title="wikibridge demo", first=_summaries(site))
    teller.say("demo-folder-paths", site.folder, site.folder / "wiki", folder, index)


def _mediawiki(folder: Path, crowd: tuple[Person, ...], teller: _Teller) -> None:
    from wikibridge.demo import mediawiki_server
    from wikibridge.wikis.mediawiki import MediaWikiWiki

    lacking = mediawiki_server.missing()
    if lacking:
        raise SettingsError("demo-missing", " ".join(lacking))
    site = make_site(folder, "wiki:\n  kind: folder\n", crowd)
    with mediawiki_server.start(folder.resolve() / "server") as server:
        api = server.address + "api.php"
        settings = (site.folder / FILE).read_text()
        (site.folder / FILE).write_text(settings.replace(
            "  kind: folder\n", f"  kind: mediawiki\n  address: {api}\n  account: {server.bot.name}\n"))
        site = Site(site.folder)
        secret = site.folder / "password"
        secret.touch(mode=0o600)
        secret.write_text(server.bot.password)
        server.user("Citizen")
        citizen = server.bot_password("Citizen")
        with closing(MediaWikiWiki(api, citizen.name, citizen.password)) as editor:
            _story(site, editor, crowd, teller)
        title = quote(_summaries(site)[0].replace(" ", "_"))
        teller.say("demo-mediawiki-paths", site.folder, f"{server.address}index.php?title={title}",
                   server.admin.name, server.admin.password)
        _wait(teller)


def _tiki(folder: Path, crowd: tuple[Person, ...], teller: _Teller) -> None:
    from wikibridge.demo.tiki import PROFILES, TikiServer
    from wikibridge.demo.tiki_people import tiki_choices, tiki_edits
    from wikibridge.wikis.tiki import TikiWiki

    # A site whose administrator saw to what the API needs (docs/tiki.md).
    with TikiServer(replace(PROFILES["24.1"], category_jail=False)) as server:
        site = make_site(folder, f"wiki:\n  kind: tiki\n  address: {server.address}\n  account: wikibridge\n", crowd)
        secret = site.folder / "token"
        secret.touch(mode=0o600)
        secret.write_text(server.people.token("wikibridge"))
        with closing(TikiWiki(server.address, "Citizen", server.people.token("Citizen"), quiet=timedelta())) as editor:
            _story(site, editor, crowd, teller, tiki_choices, tiki_edits)
        title = quote(_summaries(site)[0])
        teller.say("demo-tiki-paths", site.folder, f"{server.address}tiki-index.php?page={title}")
        _wait(teller)


def _wait(teller: _Teller) -> None:
    try:
        signal.pause()
    except KeyboardInterrupt:
        teller.say("demo-ended")
