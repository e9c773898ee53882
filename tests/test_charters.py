"""Charters on a wiki: articles from conclusions, approvals and what they hold for. On a folder in both dialects, on a MediaWiki."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

import pytest

from tests.test_problems import put, text
from wikibridge import Session, Site
from wikibridge.jobs.result import Result
from wikibridge.resources import shipped
from wikibridge.wikis.folder import FolderWiki

CHARTER = "Charter of Cork"
JOB = """kind: charters
page: '{prefix}Charter of Cork'
results: {{en: '{prefix}Approvals: $1', fr: '{prefix}Approbations : $1'}}
threshold: 0.66
{more}
"""
PEOPLE = [(f"P{n:02}", "citizen" if n < 7 else "school" if n < 11 else "company") for n in range(13)]
CONCLUSIONS = (("Shared gardens", "Each neighbourhood has a garden: open to ''all''.", "food"),
               ("Slow streets", "Cars go at 30 km/h.", "transport"), ("Listening", "Young people are heard.", ""))


def make(folder: Path, dialect: str = "mediawiki", more: str = "", prefix: str = "", wiki: str = "") -> Site:
    (folder / "jobs").mkdir(parents=True)
    (folder / "wikibridge.yml").write_text(
        f"wiki: {{{wiki or f'kind: folder, dialect: {dialect}'}}}\nlanguages: [en, fr]\ntime_zone: Europe/Brussels\n"
        f"participants: '{prefix}P/'\nsources: {{prefixes: ['{prefix}Minutes']}}\n", encoding="utf-8")
    rows = "\n".join(f"{name},{kind},en,{prefix[:6]}User{name}" for name, kind in PEOPLE)
    (folder / "participants.csv").write_text(f"name,kind,language,user\n{rows}\n", encoding="utf-8")
    for job in shipped("jobs").glob("*.yml"):
        if job.stem != "participants":
            (folder / "jobs" / job.name).write_text("# not here\n")
    again(Site(folder), more, prefix)
    return Site(folder)


def again(site: Site, more: str, prefix: str = "") -> Site:
    (site.folder / "jobs" / "charters.yml").write_text(JOB.format(prefix=prefix, more=more), encoding="utf-8")
    return Site(site.folder)


def run(site: Site) -> Result:
    with Session(site) as session:
        return session.run()


def page(site: Site, title: str) -> str:
    with closing(FolderWiki(site.folder / "wiki", dialect=site.settings.wiki.dialect)) as wiki:
        return text(wiki, title)


def citizen(site: Site, title: str, words: str, user: str = "citizen") -> None:
    with closing(FolderWiki(site.folder / "wiki", user=user, dialect=site.settings.wiki.dialect)) as wiki:
        put(wiki, title, words)


def call(site: Site, name: str, fields: Mapping[str, str]) -> str:
    return site.dialect.call(name, dict(fields))


def minutes(site: Site, *more: str) -> None:
    calls = [call(site, "Conclusion", {"title": title, "text": said, "theme": theme, "for the charter": "yes"})
             for title, said, theme in CONCLUSIONS]
    calls.append(call(site, "Conclusion", {"title": "Not chosen", "text": "x"}))
    citizen(site, "Minutes of Monday", "\n\n".join([site.dialect.heading("Conclusions", 2), *calls, *more]))


def vote(site: Site, name: str, user: str = "", **fields: str) -> None:
    """A vote below what stands on a page."""
    title = name if "/" in name or " " in name else f"P/{name}"
    said = call(site, "Approval", {"charter": CHARTER, **fields})
    citizen(site, title, f"{page(site, title)}\n\n{said}".strip(), user or f"User{name}")


@pytest.mark.parametrize("dialect", ["mediawiki", "tiki"])
def test_look(tmp_path: Path, dialect: str) -> None:
    site = make(tmp_path / "site", dialect)
    print(run(site))
    minutes(site)
    print(run(site))
    print(page(site, CHARTER))
    print(run(site))
    vote(site, "P01", article="1", vote="yes")
    vote(site, "P02", article="1", vote="yes with reservation", comment="Only <b>if</b> schools [[x]]")
    vote(site, "P03", article="2", vote="no")
    vote(site, "P04", vote="yes")
    vote(site, "P05", user="Mallory", article="1", vote="no")
    print(run(site))
    citizen(site, CHARTER, page(site, CHARTER).replace("30 km/h", "20 km/h"))
    print(run(site))
    print(page(site, CHARTER))
    print(page(site, "Approvals: " + CHARTER))
    print(run(site))
    assert 0
