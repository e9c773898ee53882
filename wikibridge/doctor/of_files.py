"""Checks of the site folder's own files: settings, secret, jobs, page templates, vocabularies, participants."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from typing import Any

from wikibridge import resources
from wikibridge.doctor.patient import Finding, Patient
from wikibridge.errors import SettingsError
from wikibridge.jobs.base import Context
from wikibridge.jobs.kinds import load_job
from wikibridge.jobs.participants import COLUMNS, Participants
from wikibridge.mirror.store import Mirror
from wikibridge.pages.render import Markup
from wikibridge.site import FILE, MISSING, Settings, Site, read_text
from wikibridge.yaml_text import mistakes

_SHOWN = 10
"""Remarks on a table that are told before the rest is only counted."""
_SAMPLE: Mapping[str, Mapping[str, Any]] = {
    "participant": dict.fromkeys(COLUMNS, "Ana"),
    "guide": {"where": "mediawiki", "help": Markup("<x>"), "stop": Markup("x"), "least": 3},
    "problems": {"region": Markup("x")},
    "status": {"region": Markup("x")},
    "summary": {"blocks": [{"heading": "A", "region": Markup("x")}, {"heading": "B", "region": Markup("y")}],
                "others": [Markup("[[A]]"), Markup("[[B]]")]},
    "assessment": {"blocks": [{"heading": "A", "region": Markup("x")}], "others": [Markup("[[A]]")], "kept": True},
    "programme": {"meeting": "A", "others": [Markup("[[A]]")], "place": "A", "city": "A", "contact": Markup("[[A]]"),
                  "regions": {"programme": Markup("x"), "your-time": Markup("y")}},
    "minutes": {"mark": Markup("x"), "title": "A", "when": "A", "facilitators": "A", "back": Markup("[[A]]")},
    "catalogue": {"others": [Markup("[[A]]")], "propose": Markup("[[A]]"), "regions": dict.fromkeys(
        ("themes", "levels", "tools", "proposals", "other-names"), Markup("x"))},
    "tool": {"title": "A", "back": Markup("[[A]]")},
    "proposals": {"back": Markup("[[A]]")},
    "feed": {"others": [Markup("[[A]]")], "address": Markup("https://example.org/a.en.atom"), "region": Markup("x")},
    "group": {"mark": Markup("x"), "what": "A", "name": "A", "field": "A", "others": [Markup("[[A]]")], "members": Markup("x"),
              "blocks": [{"heading": "A", "region": Markup("y")}]},
    "reminder": {"edit": Markup("[x]"), "word": "no reminders"},
    "groups": {"meeting": "A", "groups": [{"heading": "A", "members": [Markup("[[A]]")]}], "left": [Markup("[[B]]")]},
    "charter": {"sections": [{"heading": "A", "articles": [Markup("x"), Markup("y")]}], "region": Markup("x")},
    "approvals": {"region": Markup("x")},
    "asked-again": {"charter": Markup("[[A]]"), "articles": [Markup("x")], "edit": Markup("[x]"), "word": "no reminders"},
}
"""What each page template is filled in with, to see whether it can be."""


def settings(patient: Patient) -> Iterator[Finding]:
    """All mistakes in ``wikibridge.yml``."""
    path = patient.folder / FILE
    found = mistakes(Settings, read_text(path), FILE) if path.is_file() else []
    yield from map(patient.failed, found)
    if found:
        return
    patient.site_ = Site(patient.folder)
    yield patient.ok("doctor-settings", path)


def secret(patient: Patient) -> Iterator[Finding]:
    """Whether there is a password or token, where from, and that nobody else can read it, nor any other secret."""
    site = patient.site
    for name in MISSING:
        # Whether another one is missing, who needs it tells.
        if name != site.lets_in and (site.folder / name).is_file():
            site.secret(name)
    if not patient.remote:
        return
    site.password()
    path = site.folder / site.lets_in
    if variable := os.environ.get(f"WIKIBRIDGE_{site.lets_in.upper()}"):
        yield patient.ok("doctor-secret-variable", f"WIKIBRIDGE_{site.lets_in.upper()}")
        if path.is_file() and read_text(path).strip() != variable:
            yield patient.warning("doctor-secret-two", path)
    elif path.is_file():
        yield patient.ok("doctor-secret-file", path)
    else:
        yield patient.ok("doctor-secret-keyring")


def jobs(patient: Patient) -> Iterator[Finding]:
    """Each job file, and the questions in it."""
    context = _context(patient)
    good, off = [], []
    for name, text in patient.site.job_files().items():
        try:
            job = load_job(name, text)
            if job is None:
                off.append(name)
                continue
            if context and not isinstance(job, Participants):
                job.selection(context)
                job.wanted(context, Mirror(None))
        except SettingsError as error:
            # Templates are looked at by themselves.
            if not error.key.startswith("template-"):
                yield patient.failed(error)
                continue
        good.append(name)
    for note in dict.fromkeys([*(context.notes if context else ()), *(context.left if context else ())]):
        yield Finding("warning", patient.say(*note))
    yield patient.ok("doctor-jobs", len(good), ", ".join(good))
    if off:
        yield patient.ok("doctor-jobs-off", ", ".join(off))


def _context(patient: Patient) -> Context | None:
    """What jobs may look at; none where the entry types are broken, which is told by itself."""
    try:
        return patient.context()
    except SettingsError:
        return None


def templates(patient: Patient) -> Iterator[Finding]:
    """Each page template of the wiki's dialect in each language of the site, filled in with samples."""
    site = patient.site
    shelf, dialect = patient.templates(), site.dialect.NAME
    names = sorted(path.stem for path in (resources.shipped("page_templates") / dialect / "en").glob("*.wiki"))
    kinds = {f"{dialect}/{language}/{name}.wiki": name for language in site.settings.languages for name in names}
    kinds |= {f"guide/{language}.md": "guide" for language in site.settings.languages}
    used = set(kinds)
    failed = 0
    for name, kind in sorted(kinds.items()):
        try:
            shelf.render(name, _SAMPLE.get(kind, {}))
        except SettingsError as error:
            failed += 1
            yield patient.failed(error)
    own = {path.relative_to(site.folder / "page_templates").as_posix()
           for path in (site.folder / "page_templates").rglob("*") if path.is_file()}
    if stray := sorted(name for name in own - used if not name.startswith(".")):
        from rapidfuzz import process

        meant = [str(each[0]) for each in process.extract(stray[0], sorted(kinds), limit=3)]
        yield patient.warning("doctor-templates-stray", ", ".join(stray[:_SHOWN]), remedy=(
            "doctor-templates-stray-remedy", ", ".join(meant) + ", …"))
    if not failed:
        yield patient.ok("doctor-templates", len(used), len(own & used))


def vocabularies(patient: Patient) -> Iterator[Finding]:
    """The entry types, vocabularies and units of the site."""
    schema = patient.schema
    yield patient.ok("doctor-vocabularies", len(schema.types), len(schema.vocabularies), len(patient.site.entry_files()))


def participants(patient: Patient) -> Iterator[Finding]:
    """The tables of participants, with whatever of them is not as it should be."""
    for name, text in patient.site.job_files().items():
        try:
            job = load_job(name, text)
        except SettingsError:
            continue
        if isinstance(job, Participants):
            context = patient.context()
            try:
                count = len(job.wanted(context, Mirror(None)))
            except SettingsError as error:
                if error.key.startswith("template-"):
                    continue
                raise
            for note in context.notes[:_SHOWN]:
                yield Finding("warning", patient.say(*note))
            if context.notes[_SHOWN:]:
                yield Finding("warning", patient.say("status-more", len(context.notes) - _SHOWN))
            if not any(note[0] == "csv-missing" for note in context.notes):
                yield patient.ok("doctor-participants", job.options.source, count)

