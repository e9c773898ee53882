"""The tables of the mirror."""

from __future__ import annotations

import sqlalchemy as sa

from wikibridge.mirror.database import NUMBER, TEXT
from wikibridge.mirror.postgresql import SERVER

metadata = sa.MetaData()
pages = sa.Table(
    "pages", metadata,
    sa.Column("id", NUMBER, primary_key=True),
    sa.Column("title", TEXT, nullable=False, index=True),
    sa.Column("revision", NUMBER, nullable=False),
    sa.Column("time", TEXT, nullable=False, index=True),
    sa.Column("editor", TEXT, nullable=False),
    sa.Column("text", sa.LargeBinary, nullable=False),
    sa.Column("hash", TEXT, nullable=False),
    sa.Column("theirs", TEXT, nullable=False, server_default=""),
)
"""``theirs`` is the time of the latest revision known that was not our account's; empty where none is."""
entries = sa.Table(
    "entries", metadata,
    sa.Column("page", NUMBER, primary_key=True),
    sa.Column("number", NUMBER, primary_key=True),
    sa.Column("type", TEXT, nullable=False),
    sa.Column("line", NUMBER, nullable=False),
    sa.Column("begin", NUMBER, nullable=False),
    sa.Column("end", NUMBER, nullable=False),
    sa.Column("date", TEXT, nullable=False),
    sa.Column("fields", TEXT, nullable=False),
    sa.Column("unknown", TEXT, nullable=False),
    sa.Column("section", TEXT, nullable=False),
    sa.Column("key", TEXT, nullable=False),
    sa.Column("seen", TEXT, nullable=False),
    sa.Column("source", TEXT, nullable=False, server_default=""),
    sa.Column("changed", TEXT, nullable=False, server_default=""),
    sa.Index("entries_by_page", "type", "page"),
    sa.Index("entries_by_date", "type", "date", "page", "number"),
)
"""``seen`` is the time of the revision in which an entry was first seen, ``changed`` of that since which it says what it says."""
facts = sa.Table(
    "facts", metadata,
    sa.Column("page", NUMBER, primary_key=True),
    sa.Column("number", NUMBER, primary_key=True),
    sa.Column("field", TEXT, primary_key=True),
    sa.Column("term", TEXT, primary_key=True),
    sa.Column("type", TEXT, nullable=False),
    sa.Column("first", TEXT, nullable=False),
    sa.Column("micro", sa.BigInteger, nullable=True),
    sa.Column("unit", TEXT, nullable=False),
    sa.Column("label", TEXT, nullable=False),
    sa.Index("facts_by_term", "type", "field", "term", "page", "number"),
    sqlite_with_rowid=False,
)
folds = sa.Table(
    "folds", metadata,
    sa.Column("page", NUMBER, primary_key=True),
    sa.Column("number", NUMBER, primary_key=True),
    sa.Column("texts", TEXT, nullable=False),
)
"""On a server only: the texts of entries folded, by field, since SQL cannot fold them (mirror/functions.py)."""
problems = sa.Table(
    "problems", metadata,
    sa.Column("page", NUMBER, nullable=False, index=True),
    sa.Column("code", TEXT, nullable=False),
    sa.Column("line", NUMBER, nullable=False),
    sa.Column("column", NUMBER, nullable=False),
    sa.Column("params", TEXT, nullable=False),
    sa.Column("excerpt", TEXT, nullable=False),
    sa.Column("suggestion", TEXT, nullable=False),
    sa.Column("source", TEXT, nullable=False, server_default=""),
)
items = sa.Table(
    "items", metadata,
    sa.Column("tracker", NUMBER, primary_key=True),
    sa.Column("item", NUMBER, primary_key=True),
    sa.Column("owner", TEXT, nullable=False),
    sa.Column("name", TEXT, nullable=False),
    sa.Column("text", TEXT, nullable=False),
    sa.Column("mark", TEXT, nullable=False),
    sa.Column("time", NUMBER, nullable=False),
    sa.Column("page", NUMBER, nullable=False),
    sa.Index("items_by_page", "page"),
    sa.Index("items_by_owner", "owner", "page"),
)
"""Items of trackers: whose each is, what it says as an entry, and the page among whose entries it is counted."""
meta = sa.Table("meta", metadata, sa.Column("key", TEXT, primary_key=True), sa.Column("value", TEXT, nullable=False))
asking = sa.Table("asking", metadata, sa.Column("page", NUMBER, primary_key=True))
"""Pages with questions, or with answers to questions that are gone."""
pasts = sa.Table(
    "pasts", metadata,
    sa.Column("what", TEXT, primary_key=True),
    sa.Column("page", NUMBER, primary_key=True),
    sa.Column("revision", NUMBER, nullable=False),
    sa.Column("reading", TEXT, nullable=False),
    sa.Column("versions", TEXT, nullable=False),
)
"""The past of pages up to a revision, as far as a job asks what became of them (mirror/pasts.py)."""
tallies = sa.Table(
    "tallies", metadata, sa.Column("key", TEXT, primary_key=True), sa.Column("value", TEXT, nullable=False))
past_pages = sa.Table(
    "past_pages", metadata, sa.Column("id", NUMBER, primary_key=True), sa.Column("title", TEXT, nullable=False))
past_entries, past_facts, past_folds, past_problems = (
    table.to_metadata(metadata, name=f"past_{table.name}") for table in (entries, facts, folds, problems))
"""Pages that have changed since the tallies were kept, and what was read from them then."""
for _table in (past_entries, past_facts, past_folds, past_problems):
    for _index in tuple(_table.indexes):
        # Few rows; and the names of indexes are those of the whole database.
        _table.indexes.discard(_index)


def present(connection: sa.Connection) -> list[sa.Table]:
    """The tables that there are on this kind of database."""
    server = connection.dialect.name == SERVER
    return [table for table in metadata.sorted_tables if server or table not in (folds, past_folds)]
