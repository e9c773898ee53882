"""Items of trackers in the mirror: what they say as entries, and among whose entries they are counted.

Summaries count a participant by the page. So the items of somebody who has a page are read as a part of that page; those of
anybody else are the whole of a page that stands for one and that the wiki does not have: its id is far below zero, its title
the address of the tracker. Nobody is counted twice for writing in two places.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

import sqlalchemy as sa

from wikibridge.entries.spelling import fold
from wikibridge.markup import tikitext
from wikibridge.mirror.store import Mirror
from wikibridge.mirror.tables import items, pages
from wikibridge.model import Page
from wikibridge.wikis.base import batches

_FIRST = -(1 << 40)
"""Pages that stand for one have lower ids; above it are those of the wiki, and those that a rehearsal makes."""
_PART = 500


@dataclass(frozen=True, slots=True)
class Row:
    """An item: ``owner`` is its participant's folded name, ``name`` the name as it is shown, ``text`` the entry as a call.

    ``text`` is empty for an item that counts for nothing. ``mark`` and ``time`` as those of a TrackerItem.
    """

    tracker: int
    item: int
    owner: str
    name: str
    text: str
    mark: str
    time: int


@dataclass(frozen=True, slots=True)
class Part:
    """An item as a part of a page: its entry as a call, its address within the wiki, and the time of its latest change."""

    text: str
    source: str
    time: datetime


def there(mirror: Mirror) -> bool:
    """Whether any item is known."""
    with mirror.engine.connect() as connection:
        return connection.scalar(sa.select(items.c.item).limit(1)) is not None


def marks(mirror: Mirror, tracker: int) -> dict[int, str]:
    """The known items of a tracker with their marks."""
    with mirror.engine.connect() as connection:
        rows = connection.execute(sa.select(items.c.item, items.c.mark).where(items.c.tracker == tracker))
        return {row.item: row.mark for row in rows}


def trackers(mirror: Mirror) -> frozenset[int]:
    """The trackers of which items are known."""
    with mirror.engine.connect() as connection:
        return frozenset(connection.scalars(sa.select(items.c.tracker).distinct()))


def owners(mirror: Mirror) -> set[str]:
    """The folded names of those whose items are known."""
    with mirror.engine.connect() as connection:
        return set(connection.scalars(sa.select(items.c.owner).where(items.c.owner != "").distinct()))


def put(mirror: Mirror, rows: Iterable[Row]) -> set[int]:
    """Keep items; answers the pages among whose entries changed ones were counted. They are shared out anew."""
    rows = list(rows)
    changed: set[int] = set()
    with mirror.engine.begin() as connection:
        for part in batches(rows, _PART):
            known = {(row.tracker, row.item): row for row in connection.execute(
                sa.select(items).where(items.c.item.in_([each.item for each in part])))}
            fresh = []
            for each in part:
                was = known.get((each.tracker, each.item))
                same = was is not None and (was.owner, was.name, was.text) == (each.owner, each.name, each.text)
                if was is not None and not same:
                    changed.add(was.page)
                values = {name: getattr(each, name) for name in each.__slots__}
                # An item that says the same as before is as old as it was: that it was read again is no change.
                fresh.append({**values, "page": was.page if same and was else 0, "time": was.time if same and was else each.time})
            for each in part:
                connection.execute(items.delete().where(items.c.tracker == each.tracker, items.c.item == each.item))
            connection.execute(items.insert(), fresh)
    return changed - {0}


def drop(mirror: Mirror, tracker: int, but: Collection[int] = ()) -> set[int]:
    """Forget the items of a tracker except some; answers the pages among whose entries they were counted."""
    with mirror.engine.begin() as connection:
        rows = connection.execute(sa.select(items.c.item, items.c.page).where(items.c.tracker == tracker)).all()
        gone = [row for row in rows if row.item not in but]
        for part in batches([row.item for row in gone], _PART):
            connection.execute(items.delete().where(items.c.tracker == tracker, items.c.item.in_(part)))
    return {row.page for row in gone} - {0}


def of_pages(mirror: Mirror, ids: Iterable[int]) -> dict[int, list[Part]]:
    """The items that are counted among the entries of pages, by page, in their order."""
    found: dict[int, list[Part]] = {}
    with mirror.engine.connect() as connection:
        for part in batches(ids, _PART):
            for row in connection.execute(sa.select(items).where(items.c.page.in_(part), items.c.text != "").order_by(
                    items.c.tracker, items.c.item)):
                found.setdefault(row.page, []).append(
                    Part(row.text, tikitext.item_address(row.item), datetime.fromtimestamp(row.time, UTC)))
    return found


def share_out(mirror: Mirror, people: str) -> set[int]:
    """Count every item among the entries of its participant's page, or of one that stands for it.

    ``people`` is what titles of participants' pages begin with. A participant is known by the page's title, by what it has
    behind ``people``, or by the account that the page names, if only one names it. Answers the pages concerned.
    """
    claims = _claims(mirror, people)
    concerned: set[int] = set()
    with mirror.engine.begin() as connection:
        query = sa.select(items.c.owner, items.c.page).where(items.c.text != "").distinct()
        for row in connection.execute(query).all():
            target = claims.get(row.owner) if row.owner else None
            target = _stand_in(row.owner) if target is None else target
            if row.page != target:
                connection.execute(items.update().where(items.c.owner == row.owner, items.c.page == row.page, items.c.text != "")
                                   .values(page=target))
                concerned |= {row.page, target}
    return concerned - {0}


def stand_ins(mirror: Mirror, ids: Collection[int]) -> tuple[list[Page], list[int]]:
    """Of the pages of these ids, those that stand for one, and those of them with which it is over."""
    made, over = [], []
    with mirror.engine.connect() as connection:
        for number in sorted(each for each in ids if each <= _FIRST):
            rows = connection.execute(sa.select(items.c.tracker, items.c.name, items.c.time).where(
                items.c.page == number, items.c.text != "").order_by(items.c.tracker, items.c.item)).all()
            if rows:
                newest = datetime.fromtimestamp(max(row.time for row in rows), UTC)
                made.append(Page(number, tikitext.tracker_title(rows[0].tracker, rows[0].name), 0, "", newest))
            else:
                over.append(number)
    return made, over


def standing(mirror: Mirror) -> set[int]:
    """All pages that stand for one."""
    with mirror.engine.connect() as connection:
        return set(connection.scalars(sa.select(items.c.page).where(items.c.page <= _FIRST).distinct()))


def wiki_has(number: int) -> bool:
    """Whether an id is that of a page that the wiki has, or will have, and not of one that stands for it."""
    return number > _FIRST


def _stand_in(owner: str) -> int:
    """The same for the same participant in every mirror, so that exports keep their order."""
    return _FIRST - int.from_bytes(hashlib.sha256(owner.encode()).digest()[:6])


def _claims(mirror: Mirror, people: str) -> dict[str, int]:
    """The pages of participants by the folded names under which items may be theirs."""
    with mirror.engine.connect() as connection:
        rows = connection.execute(sa.select(pages.c.id, pages.c.title).where(
            pages.c.id > _FIRST, sa.func.substr(pages.c.title, 1, len(people)) == people).order_by(pages.c.id.desc())).all()
    titles = {row.title: row.id for row in rows}
    accounts = [(fold(str(said["user"])), titles[title]) for title, said in mirror.fields("participant").items()
                if said.get("user") and title in titles]
    counts = Counter(account for account, _ in accounts)
    claims = {account: number for account, number in accounts if counts[account] == 1}
    for title, number in titles.items():
        claims |= {fold(title): number, fold(title.removeprefix(people)): number}
    return claims
