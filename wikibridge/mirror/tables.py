"""The tables of the mirror."""

from __future__ import annotations

import sqlalchemy as sa

metadata = sa.MetaData()
pages = sa.Table(
    "pages", metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("title", sa.Text, nullable=False, index=True),
    sa.Column("revision", sa.Integer, nullable=False),
    sa.Column("time", sa.Text, nullable=False, index=True),
    sa.Column("editor", sa.Text, nullable=False),
    sa.Column("text", sa.LargeBinary, nullable=False),
    sa.Column("hash", sa.Text, nullable=False),
)
entries = sa.Table(
    "entries", metadata,
    sa.Column("page", sa.Integer, primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("type", sa.Text, nullable=False),
    sa.Column("line", sa.Integer, nullable=False),
    sa.Column("begin", sa.Integer, nullable=False),
    sa.Column("end", sa.Integer, nullable=False),
    sa.Column("date", sa.Text, nullable=False),
    sa.Column("fields", sa.Text, nullable=False),
    sa.Column("unknown", sa.Text, nullable=False),
    sa.Column("section", sa.Text, nullable=False),
    sa.Column("key", sa.Text, nullable=False),
    sa.Column("seen", sa.Text, nullable=False),
    sa.Column("source", sa.Text, nullable=False, server_default=""),
    sa.Index("entries_by_page", "type", "page"),
    sa.Index("entries_by_date", "type", "date", "page", "number"),
)
facts = sa.Table(
    "facts", metadata,
    sa.Column("page", sa.Integer, primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("field", sa.Text, primary_key=True),
    sa.Column("term", sa.Text, primary_key=True),
    sa.Column("type", sa.Text, nullable=False),
    sa.Column("first", sa.Text, nullable=False),
    sa.Column("micro", sa.BigInteger, nullable=True),
    sa.Column("unit", sa.Text, nullable=False),
    sa.Column("label", sa.Text, nullable=False),
    sa.Index("facts_by_term", "type", "field", "term", "page", "number"),
    sqlite_with_rowid=False,
)
problems = sa.Table(
    "problems", metadata,
    sa.Column("page", sa.Integer, nullable=False, index=True),
    sa.Column("code", sa.Text, nullable=False),
    sa.Column("line", sa.Integer, nullable=False),
    sa.Column("column", sa.Integer, nullable=False),
    sa.Column("params", sa.Text, nullable=False),
    sa.Column("excerpt", sa.Text, nullable=False),
    sa.Column("suggestion", sa.Text, nullable=False),
    sa.Column("source", sa.Text, nullable=False, server_default=""),
)
items = sa.Table(
    "items", metadata,
    sa.Column("tracker", sa.Integer, primary_key=True),
    sa.Column("item", sa.Integer, primary_key=True),
    sa.Column("owner", sa.Text, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("mark", sa.Text, nullable=False),
    sa.Column("time", sa.Integer, nullable=False),
    sa.Column("page", sa.Integer, nullable=False),
    sa.Index("items_by_page", "page"),
    sa.Index("items_by_owner", "owner", "page"),
)
"""Items of trackers: whose each is, what it says as an entry, and the page among whose entries it is counted."""
meta = sa.Table("meta", metadata, sa.Column("key", sa.Text, primary_key=True), sa.Column("value", sa.Text, nullable=False))
asking = sa.Table("asking", metadata, sa.Column("page", sa.Integer, primary_key=True))
"""Pages with questions, or with answers to questions that are gone."""
tallies = sa.Table(
    "tallies", metadata, sa.Column("key", sa.Text, primary_key=True), sa.Column("value", sa.Text, nullable=False))
past_pages = sa.Table(
    "past_pages", metadata, sa.Column("id", sa.Integer, primary_key=True), sa.Column("title", sa.Text, nullable=False))
past_entries, past_facts, past_problems = (
    table.to_metadata(metadata, name=f"past_{table.name}") for table in (entries, facts, problems))
"""Pages that have changed since the tallies were kept, and what was read from them then."""
for _table in (past_entries, past_facts, past_problems):
    for _index in tuple(_table.indexes):
        # Few rows; and the names of indexes are those of the whole database.
        _table.indexes.discard(_index)
