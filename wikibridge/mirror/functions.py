"""What SQLite and PostgreSQL say in different words, for queries that run on both."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from wikibridge.mirror.postgresql import SERVER


class said(FunctionElement[str]):
    """What an entry says in a field, as text; NULL when it says nothing. ``said(fields, name)``, ``fields`` as JSON text."""

    type = sa.Text()
    inherit_cache = True

    def __init__(self, fields: sa.ColumnElement[Any], name: str) -> None:
        super().__init__(fields, sa.literal(f'$."{name}"'), sa.literal(name))


@compiles(said)
def _said(element: said, compiler: Any, **kw: Any) -> str:
    fields, path, _ = element.clauses
    return f"json_extract({compiler.process(fields, **kw)}, {compiler.process(path, **kw)})"


@compiles(said, SERVER)
def _said_server(element: said, compiler: Any, **kw: Any) -> str:
    fields, _, name = element.clauses
    return f"(CAST({compiler.process(fields, **kw)} AS JSON) ->> {compiler.process(name, **kw)})"


class folded(FunctionElement[str]):
    """What an entry says in a field, folded (entries/spelling.py). ``folded(entries, folds, name)``, both tables.

    SQLite calls our own function; on a server, which knows none of ours, the folded texts are kept besides.
    """

    type = sa.Text()
    inherit_cache = True

    def __init__(self, entries: Any, folds: sa.Table, name: str) -> None:
        kept = sa.select(said(folds.c.texts, name)).where(folds.c.page == entries.c.page, folds.c.number == entries.c.number)
        super().__init__(sa.func.wikibridge_fold(said(entries.c.fields, name)), kept.correlate_except(folds).scalar_subquery())


@compiles(folded)
def _folded(element: folded, compiler: Any, **kw: Any) -> str:
    return str(compiler.process(next(iter(element.clauses)), **kw))


@compiles(folded, SERVER)
def _folded_server(element: folded, compiler: Any, **kw: Any) -> str:
    return str(compiler.process(list(element.clauses)[1], **kw))


class thursday(FunctionElement[str]):
    """The Thursday of a day's week, by which ISO 8601 says which year the week belongs to; days as ``2020-11-03``."""

    type = sa.Text()
    inherit_cache = True


@compiles(thursday)
def _thursday(element: thursday, compiler: Any, **kw: Any) -> str:
    return f"date({compiler.process(element.clauses, **kw)}, '-3 days', 'weekday 4')"


@compiles(thursday, SERVER)
def _thursday_server(element: thursday, compiler: Any, **kw: Any) -> str:
    day = compiler.process(element.clauses, **kw)
    return f"to_char(date_trunc('week', CAST({day} AS TIMESTAMP)) + INTERVAL '3 days', 'YYYY-MM-DD')"
