"""What went wrong and is not over, and who was told of it when: so that nobody is told twice. Kept in the journal's database."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

import sqlalchemy as sa

from wikibridge.mirror.database import NUMBER, TEXT

metadata = sa.MetaData()
troubles = sa.Table(
    "troubles", metadata,
    sa.Column("wiki", TEXT, primary_key=True),
    sa.Column("cause", TEXT, primary_key=True),
    sa.Column("since", TEXT, nullable=False),
    sa.Column("runs", NUMBER, nullable=False),
    sa.Column("jobs", TEXT, nullable=False),
)
told = sa.Table(
    "told", metadata,
    sa.Column("wiki", TEXT, primary_key=True),
    sa.Column("cause", TEXT, primary_key=True),
    sa.Column("way", TEXT, primary_key=True),
    sa.Column("time", TEXT, nullable=False),
    sa.Column("owed", TEXT, nullable=False),
)


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something that goes wrong: since which run (a time in UTC), in how many runs in a row, and which jobs have not been
    done without it since. No jobs: it concerns the whole run.
    """

    since: str
    runs: int
    jobs: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Told:
    """When a cause was last told by a way. ``owed`` is since when it went wrong, as long as its end is to be told; else empty."""

    time: str
    owed: str = ""


class Memory:
    """The tables, as they concern one wiki. They are made when they are first needed."""

    def __init__(self, engine: sa.Engine, wiki: str) -> None:
        self.engine = engine
        self.wiki = wiki
        metadata.create_all(engine)

    def troubles(self) -> dict[str, Trouble]:
        """What goes wrong, by its cause."""
        with self.engine.connect() as connection:
            rows = connection.execute(sa.select(troubles).where(troubles.c.wiki == self.wiki)).all()
        return {row.cause: Trouble(row.since, row.runs, frozenset(json.loads(row.jobs))) for row in rows}

    def keep(self, found: Mapping[str, Trouble]) -> None:
        """These are what goes wrong from now on."""
        rows = [{"wiki": self.wiki, "cause": cause, "since": each.since, "runs": each.runs,
                 "jobs": json.dumps(sorted(each.jobs))} for cause, each in found.items()]
        with self.engine.begin() as connection:
            connection.execute(troubles.delete().where(troubles.c.wiki == self.wiki))
            if rows:
                connection.execute(troubles.insert(), rows)

    def told(self, way: str) -> dict[str, Told]:
        """What was told by a way, by its cause."""
        with self.engine.connect() as connection:
            rows = connection.execute(sa.select(told).where(told.c.wiki == self.wiki, told.c.way == way)).all()
        return {row.cause: Told(row.time, row.owed) for row in rows}

    def claim(self, way: str, cause: str, before: Told | None, now: Told) -> bool:
        """Put down that a cause is told now; False when another run did so in the meantime.

        It is put down before it is sent: who dies in between has told nothing, which is better than twice.
        """
        key = (told.c.wiki == self.wiki, told.c.way == way, told.c.cause == cause)
        with self.engine.begin() as connection:
            if before is not None:
                same = told.c.time == before.time, told.c.owed == before.owed
                done = connection.execute(told.update().where(*key, *same).values(time=now.time, owed=now.owed))
            else:
                values = {"wiki": self.wiki, "cause": cause, "way": way, "time": now.time, "owed": now.owed}
                done = connection.execute(told.insert().from_select(list(values), sa.select(
                    *(sa.literal(value).label(name) for name, value in values.items())).where(
                        ~sa.exists(sa.select(told.c.time).where(*key)))))
            return done.rowcount == 1

    def release(self, way: str, cause: str, before: Told | None) -> None:
        """Take back a claim: it could not be sent."""
        key = (told.c.wiki == self.wiki, told.c.way == way, told.c.cause == cause)
        with self.engine.begin() as connection:
            if before is None:
                connection.execute(told.delete().where(*key))
            else:
                connection.execute(told.update().where(*key).values(time=before.time, owed=before.owed))

    def forget(self, before: str, besides: str) -> None:
        """Forget what was last told before a time and whose end is not to be told; not what is told of one cause."""
        with self.engine.begin() as connection:
            connection.execute(told.delete().where(
                told.c.wiki == self.wiki, told.c.time < before, told.c.owed == "", told.c.cause != besides))
