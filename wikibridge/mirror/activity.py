"""When participants last wrote something, as far as the mirror knows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from wikibridge.mirror.store import Mirror
from wikibridge.mirror.tables import entries, pages


@dataclass(frozen=True, slots=True)
class Activity:
    """A participant's page by its id and title; since when it is there, and when its people last wrote something (UTC).

    ``latest`` is None where nobody but our account is known to have written: on a page that nobody touched yet, or in a mirror
    that was filled after we wrote on it.
    """

    page: int
    title: str
    begun: datetime
    latest: datetime | None


def activity(mirror: Mirror) -> list[Activity]:
    """The pages with an entry of their participant, by title.

    Whatever anybody edited on a page counts, and entries of all kinds that are new or say something else, such as those from
    a workshop's table: not the participant's own, which follows ``participants.csv``.
    """
    own = entries.c.type == "participant"
    query = sa.select(
        pages.c.id, pages.c.title, pages.c.theirs, sa.func.min(entries.c.seen).label("begun"),
        sa.func.max(sa.case((own, ""), else_=entries.c.changed)).label("wrote"),
    ).join(entries, entries.c.page == pages.c.id).where(pages.c.id >= 0).group_by(
        pages.c.id, pages.c.title, pages.c.theirs).having(sa.func.max(sa.case((own, 1), else_=0)) == 1).order_by(pages.c.title)
    with mirror.engine.connect() as connection:
        return [Activity(row.id, row.title, datetime.fromisoformat(row.begun), _latest(row.theirs, row.wrote, row.begun))
                for row in connection.execute(query)]


def _latest(theirs: str, wrote: str, begun: str) -> datetime | None:
    # What was there when the page was first seen, in a revision of ours, may be of any time before.
    times = [datetime.fromisoformat(each) for each in (theirs, wrote if wrote > begun else "") if each]
    return max(times, default=None)
