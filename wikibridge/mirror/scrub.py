"""Taking a person out of the mirror and out of the journal, so that no byte of the files names them."""

from __future__ import annotations

import json
import zlib
from collections.abc import Collection

import sqlalchemy as sa

from wikibridge.entries.naming import Naming
from wikibridge.mirror import forgotten, journal, tables
from wikibridge.mirror.database import Fenced, Rehearsal
from wikibridge.mirror.forgotten import SWEEP, Doing
from wikibridge.mirror.journal import Journal
from wikibridge.mirror.postgresql import SERVER
from wikibridge.mirror.store import REMEMBER, Mirror
from wikibridge.wikis.base import batches

_PART = 500
_OF_PAGES = (tables.entries, tables.facts, tables.folds, tables.problems, tables.asking)
_PAST = (tables.past_pages, tables.past_entries, tables.past_facts, tables.past_folds, tables.past_problems, tables.tallies)
_KNOWN_BY_PAGE = ("writes", "created", "added", "kept", "uploads", "runs", "schedule", "meta", "leases", "versions")
"""The tables of a journal that are looked through by what they hold, or hold no names; any other one text by text."""


def from_mirror(mirror: Mirror, doing: Doing) -> None:
    """Drop the person's pages, and those of ours that name the person: the next sync reads these anew.

    Sums are dropped too: their groups may be called after the person. So are the cursor, what is known of files, and what a
    quiet run would tell again.
    """
    with mirror.engine.begin() as connection:
        drop = {*doing.ids, *doing.again}
        there = tables.present(connection)
        for owners in batches(doing.owners, _PART):
            held = tables.items.c.owner.in_(owners)
            drop |= set(connection.scalars(sa.select(tables.items.c.page).where(held, tables.items.c.page < 0)))
            connection.execute(tables.items.delete().where(held))
        for part in batches(sorted(drop), _PART):
            connection.execute(tables.pages.delete().where(tables.pages.c.id.in_(part)))
            connection.execute(tables.items.delete().where(tables.items.c.page.in_([each for each in part if each in doing.ids])))
            for table in filter(there.__contains__, _OF_PAGES):
                connection.execute(table.delete().where(table.c.page.in_(part)))
        for editors in batches(sorted(doing.names), _PART):
            connection.execute(tables.pages.update().where(tables.pages.c.editor.in_(editors)).values(editor=""))
        for table in filter(there.__contains__, _PAST):
            connection.execute(table.delete())
        if tables.pasts in there:
            _pasts(connection, doing)
        meta = tables.meta
        connection.execute(meta.delete().where(meta.c.key.in_(["cursor", "settled", "files", REMEMBER])))
        changed = int(connection.scalar(sa.select(meta.c.value).where(meta.c.key == "changed")) or 0)
        connection.execute(meta.delete().where(meta.c.key == "changed"))
        connection.execute(meta.insert().values(key="changed", value=str(changed + 1)))


def _pasts(connection: sa.Connection, doing: Doing) -> None:
    """What became of the person's pages, and who the person was on those of others: what is known of these, a wiki that has no
    history could not tell again.
    """
    pasts, naming = tables.pasts, Naming((*doing.titles, *doing.names), doing.others)
    names = frozenset(doing.names)
    for row in connection.execute(sa.select(pasts)).all():
        versions = []
        for revision, time, editor, marks, editors, last in json.loads(row.versions):
            known = sorted({"" if each in names else each for each in editors})
            versions.append([revision, time, "" if editor in names else editor, marks, known, last])
        this = sa.and_(pasts.c.what == row.what, pasts.c.page == row.page)
        text = json.dumps(versions, ensure_ascii=False)
        if row.page in doing.ids or text in naming:
            connection.execute(pasts.delete().where(this))
        elif text != row.versions:
            connection.execute(pasts.update().where(this).values(versions=text))


def from_journal(own: Journal, who: str, doing: Doing, prefix: str) -> None:
    """Drop what was written on the person's pages, texts that name the person, and the names in what runs came to.

    In the same step the names in the list of what is to be done. ``prefix`` is what titles of participants' pages begin with.
    """
    naming = Naming((*doing.titles, *doing.names), doing.others)
    with own.engine.begin() as connection:
        # By the titles of pages, not by the bare name: what else is called so is no page of theirs.
        titles = Naming(doing.titles, doing.others)
        _writes(connection, own.wiki, doing, titles)
        created, kept = journal.created, journal.kept
        for row in connection.execute(sa.select(created).where(created.c.wiki == own.wiki)).all():
            this = sa.and_(created.c.wiki == own.wiki, created.c.title == row.title)
            if row.page in doing.ids or row.title in titles:
                connection.execute(created.delete().where(this))
            elif not row.title.startswith(prefix) and row.skeleton and zlib.decompress(row.skeleton).decode() in naming:
                connection.execute(created.update().where(this).values(skeleton=b""))
        for number in connection.scalars(sa.select(kept.c.revision).where(kept.c.wiki == own.wiki)).all():
            this = sa.and_(kept.c.wiki == own.wiki, kept.c.revision == number)
            text = zlib.decompress(connection.scalar(sa.select(kept.c.text).where(this)) or b"")
            if text.decode(errors="surrogatepass") in naming:
                connection.execute(kept.delete().where(this))
        for row in connection.execute(sa.select(journal.runs.c.id, journal.runs.c.result)).all():
            made = naming.without_json(row.result) if row.result else ""
            if made != row.result:
                connection.execute(journal.runs.update().where(journal.runs.c.id == row.id).values(result=made))
        _others(connection, naming)
        people = forgotten.people
        connection.execute(people.update().where(people.c.id == who).values(doing=SWEEP))


def _writes(connection: sa.Connection, wiki: str, doing: Doing, titles: Naming) -> None:
    writes, added, uploads, kept = journal.writes, journal.added, journal.uploads, journal.kept
    rows = connection.execute(sa.select(
        writes.c.id, writes.c.page, writes.c.title, writes.c.base, writes.c.revision).where(writes.c.wiki == wiki)).all()
    gone = [row for row in rows if row.page in doing.ids or row.title in titles]
    for part in batches(gone, _PART):
        ids, revisions = [row.id for row in part], [each for row in part for each in (row.base, row.revision) if each]
        connection.execute(added.delete().where(added.c.write.in_(ids)))
        connection.execute(writes.delete().where(writes.c.id.in_(ids)))
        connection.execute(kept.delete().where(kept.c.wiki == wiki, kept.c.revision.in_(revisions)))
    for row in connection.execute(sa.select(uploads.c.id, uploads.c.page, uploads.c.name).where(uploads.c.wiki == wiki)).all():
        if row.page in titles or row.name in titles:
            connection.execute(uploads.delete().where(uploads.c.id == row.id))


def _others(connection: sa.Connection, naming: Naming) -> None:
    """Names in tables that other parts of wikibridge keep in the journal."""
    inspector = sa.inspect(connection)
    ours: Collection[str] = {*_KNOWN_BY_PAGE, *forgotten.metadata.tables, *tables.metadata.tables}
    for name in inspector.get_table_names():
        if name in ours or name.startswith("sqlite_"):
            continue
        table = sa.Table(name, sa.MetaData(), autoload_with=connection)
        texts = [column for column in table.c if isinstance(column.type, sa.String)]
        key = list(table.primary_key.columns)
        if not texts or not key:
            continue
        for row in connection.execute(sa.select(*{*key, *texts})).mappings().all():
            made = {column.name: new for column in texts
                    if isinstance(was := row[column.name], str) and (new := naming.without_json(was)) != was}
            this = [column == row[column.name] for column in key]
            if any(column.name in made for column in key):
                # What is known by the name is not known any more.
                connection.execute(table.delete().where(*this))
            elif made:
                connection.execute(table.update().where(*this).values(**made))


def sweep(engine: sa.Engine | Rehearsal | Fenced) -> bool:
    """Leave nothing of what was deleted in the free space of a database file, nor beside it; on a server in that of our tables.

    Answers whether that could be: who reads the file in this moment keeps the old pages in it.
    https://www.sqlite.org/lang_vacuum.html https://www.sqlite.org/pragma.html#pragma_wal_checkpoint
    """
    if isinstance(engine, Rehearsal):
        return True
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        if connection.dialect.name == SERVER:
            for name in sa.inspect(connection).get_table_names():
                connection.execute(sa.text(f'VACUUM (FULL) "{name}"'))
            return True
        connection.execute(sa.text("VACUUM")).close()
        # Its first column tells that somebody was in the way.
        return not connection.execute(sa.text("PRAGMA wal_checkpoint(TRUNCATE)")).one()[0]
