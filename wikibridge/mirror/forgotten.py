"""Who was forgotten: known again by page ids and by keyed hashes of names, never by the names themselves.

The key is made at random and kept in the journal: whoever has the hashes alone cannot try names on them.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
import unicodedata
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime

import sqlalchemy as sa

from wikibridge.entries.spelling import fold
from wikibridge.mirror.database import TEXT
from wikibridge.mirror.journal import SAVED, Journal, Write
from wikibridge.mirror.postgresql import alone

metadata = sa.MetaData()
people = sa.Table(
    "forgotten", metadata,
    sa.Column("id", TEXT, primary_key=True),
    sa.Column("wiki", TEXT, nullable=False),
    sa.Column("time", TEXT, nullable=False),
    sa.Column("doing", TEXT, nullable=False),
)
"""Forgotten people. ``doing`` is what is still to be done for one, names included; empty as soon as it is done."""
marks = sa.Table(
    "forgotten_marks", metadata,
    sa.Column("who", TEXT, primary_key=True),
    sa.Column("mark", TEXT, primary_key=True),
)
"""By what each is known: ``page ID``, ``title HASH``, ``name HASH``; and ``named ID WRITE``, the pages of ours that named one,
with the latest write of the journal at that time.
"""
keys = sa.Table("keys", metadata, sa.Column("name", TEXT, primary_key=True), sa.Column("value", TEXT, nullable=False))
_KEY = "forgotten"


@dataclass(frozen=True, slots=True)
class Doing:
    """What there is to remove.

    ``ids`` and ``titles`` of the person's pages, also those that they had; ``names`` that nobody else bears, ``others`` those of
    other people that hold one of these; ``owners`` folded names that are nobody else's either; ``rows`` of tables of sign-ups, by
    the file's path in the site folder; ``naming`` pages on which we wrote and that name or named the person, ``again`` those of
    them that are ours.
    """

    ids: tuple[int, ...]
    titles: tuple[str, ...]
    names: tuple[str, ...]
    others: tuple[str, ...] = ()
    rows: tuple[tuple[str, tuple[str, ...]], ...] = ()
    owners: tuple[str, ...] = ()
    naming: tuple[int, ...] = ()
    again: tuple[int, ...] = ()


class Forgotten:
    """The forgotten people of the wiki that a journal concerns."""

    def __init__(self, journal: Journal) -> None:
        self.journal = journal
        with journal.engine.begin() as connection:
            alone(connection, journal.place)
            metadata.create_all(connection)
        self._load()

    def _load(self) -> None:
        with self.journal.engine.connect() as connection:
            self._key = str(connection.scalar(sa.select(keys.c.value).where(keys.c.name == _KEY)) or "")
            rows = connection.execute(sa.select(marks.c.who, marks.c.mark).join(people, people.c.id == marks.c.who).where(
                people.c.wiki == self.journal.wiki)).all()
        self._marks: dict[str, str] = {row.mark: row.who for row in rows}
        named = [row.mark.split() for row in rows if row.mark.startswith("named ")]
        self._named: dict[int, int] = {}
        for _, page, write in named:
            self._named[int(page)] = max(int(write), self._named.get(int(page), 0))

    def _hash(self, what: str, text: str) -> str:
        plain = unicodedata.normalize("NFC", text)
        return f"{what} {hmac.new(self._key.encode(), plain.encode(errors='surrogatepass'), hashlib.sha256).hexdigest()}"

    def who(self, *, title: str = "", name: str = "") -> str:
        """The number under which somebody is remembered, by the title of the page or by the name; empty for nobody."""
        if not self._marks:
            return ""
        found = self._marks.get(self._hash("title", title), "") if title else ""
        return found or (self._marks.get(self._hash("name", fold(name) or name), "") if name else "")

    def title(self, title: str) -> bool:
        """Whether a title is that of a forgotten person's page, or of a page below it."""
        if not self._marks:
            return False
        parts = title.split("/")
        return any(self.who(title="/".join(parts[:count])) for count in range(1, len(parts) + 1))

    def page(self, number: int, title: str) -> bool:
        """Whether a page is a forgotten person's, whatever it is called by now."""
        return bool(self._marks) and (f"page {number}" in self._marks or self.title(title))

    def name(self, name: str) -> bool:
        """Whether a name, or an account, is a forgotten person's."""
        return bool(self.who(name=name))

    def pages(self, who: str) -> list[int]:
        """The ids of a forgotten person's pages."""
        own = (mark for mark, of in self._marks.items() if of == who)
        return sorted(int(mark.removeprefix("page ")) for mark in own if mark.startswith("page "))

    def brings_back(self, write: Write, earlier: Iterable[Write]) -> bool:
        """Whether what was on a page before a write may name a forgotten person. ``earlier`` are the saved writes on that page.

        That is so up to the first write after the forgetting: it is the one that took the name away.
        """
        last = self._named.get(write.page)
        if last is None:
            return False
        first = min((each.id for each in earlier if each.id > last), default=write.id)
        return write.id <= max(last, first)

    def unkept(self, page: int) -> bool:
        """Whether what a page holds now may name a forgotten person: that text is not to be kept when it is overwritten."""
        last = self._named.get(page)
        return last is not None and not any(
            write.id > last and write.outcome == SAVED for write in self.journal.writes(pages=[page]))

    def remember(self, doing: Doing, latest: int) -> str:
        """Somebody is to be forgotten: from now on nothing of theirs is taken in. The number under which that is remembered.

        ``latest`` is the number of the latest write in the journal.
        """
        with self.journal.engine.begin() as connection:
            key = connection.scalar(sa.select(keys.c.value).where(keys.c.name == _KEY))
            if key is None:
                key = secrets.token_hex(32)
                connection.execute(keys.insert().values(name=_KEY, value=key))
            self._key = str(key)
            who = next((found for title in doing.titles if (found := self.who(title=title))), "") or secrets.token_hex(8)
            mine = {f"page {each}" for each in doing.ids} | {self._hash("title", each) for each in doing.titles}
            mine |= {self._hash("name", each) for each in doing.owners}
            mine |= {f"named {each} {latest}" for each in doing.naming}
            connection.execute(people.delete().where(people.c.id == who))
            connection.execute(people.insert().values(
                id=who, wiki=self.journal.wiki, time=datetime.now(UTC).isoformat(timespec="seconds"),
                doing=json.dumps(asdict(doing))))
            known = set(connection.scalars(sa.select(marks.c.mark).where(marks.c.who == who)))
            if fresh := sorted(mine - known):
                connection.execute(marks.insert(), [{"who": who, "mark": each} for each in fresh])
        self._load()
        return who

    def waiting(self) -> dict[str, Doing | None]:
        """Who is not forgotten to the end, and what is to be done; None where only the files' free space is to be swept."""
        with self.journal.engine.connect() as connection:
            rows = connection.execute(sa.select(people.c.id, people.c.doing).where(
                people.c.wiki == self.journal.wiki, people.c.doing != "")).all()
        return {row.id: _doing(row.doing) for row in rows}

    def swept(self, who: str) -> None:
        """All is done for somebody."""
        with self.journal.engine.begin() as connection:
            connection.execute(people.update().where(people.c.id == who).values(doing=""))


SWEEP = "sweep"
"""What is still to be done when the names are gone."""


def _doing(text: str) -> Doing | None:
    if text == SWEEP:
        return None
    data = json.loads(text)
    rows = tuple((str(name), tuple(cells)) for name, cells in data.pop("rows"))
    return Doing(rows=rows, **{name: tuple(values) for name, values in data.items()})
