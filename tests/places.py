"""A site on a corner of a wiki, for tests that run jobs on the embedded wiki and on a real MediaWiki alike."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from wikibridge import Session, Site
from wikibridge.jobs.result import Result
from wikibridge.mirror.database import engine
from wikibridge.mirror.postgresql import Server
from wikibridge.mirror.state import places
from wikibridge.model import Edit, Head, Page
from wikibridge.resources import shipped
from wikibridge.wikis.base import Wiki

PEOPLE = """\
name,kind,language,territory,group,user
Ana Silva,cidadã,pt,Covilhã,,
Ana Silva,cidadã,pt,Praia,,
École verte,école,français,Namur,,
D'Arcy "Bo" O'Neil & Sons | Ltd,company,English,Cork,Young people,Bo
"""
CHOICES = {
    "Ana Silva": "{{Escolha|título=Menos carne|data=3 nov. 2020|tema=alimentação, saúde|nível=família}}",
    "Ana Silva (Praia)": "{{Escolha\n|Título=Andar a pé\n|data=ontem\n|tema=Transportes\n}}",
    "École verte": "== Le potager ==\n{{Choix|date=2021|thème=nourriture|niveau=organisation}}",
    "D'Arcy \"Bo\" O'Neil & Sons - Ltd": "{{Choice|title=''Fewer'' {{PAGENAME}} [[flights]] <b>x</b>|theme=transport|level=company}}",
}


@dataclass
class Place:
    """A site on a wiki of its own corner, and a citizen's way to that wiki."""

    site: Site
    citizen: Wiki
    prefix: str

    def run(self, *jobs: str) -> Result:
        with Session(self.site) as session:
            return session.run(jobs)

    def page(self, title: str) -> Page:
        (page,) = self.citizen.read(titles=[title])
        return page

    def type(self, title: str, change: Callable[[str], str]) -> None:
        page = self.page(title)
        self.citizen.write(Edit(page.title, change(page.text), "", Head(page.id, page.title, page.revision)))

    def lose_mirror(self) -> None:
        """The mirror is gone."""
        place = places(self.site)[0]
        if isinstance(place, Server):
            made = engine(place, "NORMAL")
            with made.begin() as connection:
                connection.execute(sa.text(f"DROP SCHEMA {place.schema} CASCADE"))
            made.dispose()
        else:
            for file in self.site.state.glob("mirror.db*"):
                file.unlink()

    def summary(self, language: str = "en") -> str:
        return f"{self.prefix}Summary {language}"


def with_state(site: Site, address: str) -> Site:
    """The same site, its state on a PostgreSQL."""
    with open(site.folder / "wikibridge.yml", "a", encoding="utf-8") as file:
        file.write(f"state: {address}\n")
    return Site(site.folder)


def make_corner(folder: Path, wiki: str, prefix: str) -> Site:
    folder.mkdir()
    (folder / "jobs").mkdir()
    (folder / "wikibridge.yml").write_text(
        f"wiki: {{{wiki}}}\nlanguages: [en, fr, pt]\ntime_zone: Europe/Brussels\nmin_group: 1\nparticipants: \"{prefix}P/\"\n", encoding="utf-8")
    (folder / "participants.csv").write_text(PEOPLE, encoding="utf-8")
    for path in shipped("jobs").glob("*.yml"):
        # Corners share a wiki: what is not of the corner stays out of it.
        (folder / "jobs" / path.name).write_text("# not here\n", encoding="utf-8")
    (folder / "jobs" / "participants.yml").unlink()
    job = (shipped("jobs") / "summaries.yml").read_text(encoding="utf-8")
    for language, title in {"en": "Summary of choices", "fr": "Synthèse des choix", "pt": "Síntese das escolhas"}.items():
        job = job.replace(f"{language}: {title}", f"{language}: {prefix}Summary {language}")
    (folder / "jobs" / "summaries.yml").write_text(job, encoding="utf-8")
    (folder / "jobs" / "problems.yml").write_text(
        f"kind: problems\npage: {{en: '{prefix}Problems en', pt: '{prefix}Problems pt'}}\n", encoding="utf-8")
    return Site(folder)
