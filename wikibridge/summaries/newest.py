"""The entries that a question means by when people wrote them, the newest first: what feeds tell of."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from wikibridge.mirror.store import Mirror, unpack_fields
from wikibridge.mirror.tables import entries, pages
from wikibridge.model import Value
from wikibridge.summaries.question import Question
from wikibridge.summaries.select import Select


@dataclass(frozen=True, slots=True)
class Newest:
    """An entry with the page it stands on. ``key`` is the same as long as the entry is, whatever becomes of both.

    ``seen`` is when it was first there, ``changed`` since when it says what it says (UTC). ``source`` as the entry's.
    """

    page: int
    title: str
    key: str
    seen: datetime
    changed: datetime
    fields: dict[str, Value]
    source: str = ""


def newest(question: Question, mirror: Mirror, limit: int) -> list[Newest]:
    """So many entries that meet the conditions of a question, those first that changed last. Periods are fixed already.

    Those of one time are in an order that does not depend on where they stand on their page.
    """
    select = Select(question.of, question.where)
    each = entries.alias()
    same = sa.and_(each.c.page == select.driver.c.page, each.c.number == select.driver.c.number)
    query = sa.select(each, pages.c.title.label("of")).select_from(
        select.joined.join(each, same).join(pages, pages.c.id == each.c.page)).where(*select.where).order_by(
        each.c.changed.desc(), each.c.seen.desc(), each.c.page.desc(), each.c.key).limit(limit)
    with mirror.engine.connect() as connection:
        return [Newest(row.page, row.of, row.key, datetime.fromisoformat(row.seen), datetime.fromisoformat(row.changed),
                       unpack_fields(row.fields), row.source) for row in connection.execute(query)]
