"""All that is held about one person, as data for that person: nothing that is other people's."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import sqlalchemy as sa

from wikibridge.entries.problems import sentence
from wikibridge.entries.write import typed
from wikibridge.jobs.forget import Held
from wikibridge.jobs.own_files import ABOUT_KIND
from wikibridge.jobs.runner import Session
from wikibridge.jobs.tables import csv_rows
from wikibridge.markup import regions
from wikibridge.mirror.tables import items
from wikibridge.model import Entry, Value

Row = dict[str, Any]


def language(session: Session, found: Held) -> str:
    """The person's language, as the page tells it; else the secretariat's."""
    said = session.mirror.fields("participant").get(found.title, {}).get("language", "")
    return str(said) if said in session.site.settings.languages else session.language


def about(session: Session, found: Held, spoken: str) -> Row:
    """What is held, by kind, each a list of rows, in words of a language where there are words.

    Where the person is talked about, and pages of other people that name the person, are told by their places alone.
    """
    own = [page for page in found.pages if page.title == found.title or page.title.startswith(f"{found.title}/")]
    names = {page.id: page.title for page in own}
    journal = session.journal
    writes = journal.writes(pages=names)
    made = {title: page for title, page in journal.created().items() if page in names}
    skeletons = journal.skeletons(made)
    kept = journal.texts({each for write in writes for each in (write.base, write.revision) if each})
    # Answers on the page tell of other people.
    theirs = partial(regions.without, dialect=session.site.dialect)
    entries = [(page.title, key, seen, entry) for page in own for key, seen, entry in session.mirror.entries(page.id)]
    return {
        "kind": ABOUT_KIND, "participant": found.title, "language": spoken, "wiki": session.wiki.identity,
        "page_ids": list(names), "files": [],
        "pages": [{"page": page.title, "page_id": page.id, "revision": page.revision, "time": page.time.isoformat(),
                   "text": theirs(page.text)} for page in own],
        "entries": [{"page": title, "type": entry.type, "line": entry.line, "key": key, "seen": seen.isoformat(),
                     "section": entry.section, "source": entry.source, "fields": _fields(session, entry, spoken),
                     "unknown": dict(entry.unknown)} for title, key, seen, entry in entries],
        "problems": [{"page": title, "line": problem.line, "column": problem.column, "message": sentence(problem, spoken),
                      "excerpt": problem.excerpt, "suggestion": problem.suggestion}
                     for title, problem in session.mirror.problems() if title in names.values()],
        "writes": [{"time": write.time, "run": write.run, "page": write.title, "job": write.job, "outcome": write.outcome,
                    "revision": write.revision} for write in writes],
        "kept_texts": [*({"page": title, "revision": 0, "text": theirs(text)}
                         for title, text in sorted(skeletons.items())),
                       *({"page": names[write.page], "revision": number, "text": theirs(kept[number])} for write in writes
                         for number in dict.fromkeys((write.base, write.revision)) if number in kept)],
        "sign_ups": [{"file": source, "row": number, "values": _signed(session, source, cells)}
                     for source, number, cells in found.rows],
        "items": _items(session, found),
        "places": [*({"page": page.title, "line": 0} for page in found.pages if page.id not in names),
                   *({"page": each.title, "line": each.line} for each in found.mentions),
                   *({"page": each.title, "line": 0} for each in found.to_remove if each.what == "revisions")],
    }


def _signed(session: Session, source: str, cells: Sequence[str]) -> dict[str, str]:
    names = csv_rows((session.site.folder / source).read_bytes(), source, session.context)[0]
    return {name or str(number): cell for number, (name, cell) in enumerate(zip(names, cells, strict=False), 1)}


def _fields(session: Session, entry: Entry, spoken: str) -> dict[str, str]:
    kind = session.schema.types[entry.type]

    def words(value: Value, vocabulary: str) -> str:
        if isinstance(value, tuple):
            return "; ".join(words(each, vocabulary) for each in value)
        return session.schema.label(vocabulary, str(value), spoken) if vocabulary else typed(value, spoken)

    return {field.names[spoken][0]: words(entry.fields[field.name], field.vocabulary)
            for field in kind.fields if field.name in entry.fields}


def _items(session: Session, found: Held) -> list[Row]:
    """Items of trackers, as entries of the wiki's markup."""
    with session.mirror.engine.connect() as connection:
        rows = connection.execute(sa.select(items.c.tracker, items.c.item, items.c.text).where(
            items.c.owner.in_(found.doing.owners)).order_by(items.c.tracker, items.c.item)).all()
    return [{"tracker": row.tracker, "item": row.item, "text": row.text} for row in rows]
