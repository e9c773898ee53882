"""Where a site keeps its mirror and its journal: in files of its state folder, or on the PostgreSQL of its settings.

A journal is never begun anew in silence: of two places, the one that the site leaves is looked at first.
"""

from __future__ import annotations

import json
from contextlib import closing

import sqlalchemy as sa

from wikibridge.errors import SettingsError
from wikibridge.mirror import forgotten, told
from wikibridge.mirror.database import Place, engine
from wikibridge.mirror.journal import Journal, metadata, runs, writes
from wikibridge.mirror.journal import meta as names
from wikibridge.mirror.lock import hold
from wikibridge.mirror.postgresql import Server, alone, schemas
from wikibridge.mirror.store import Mirror
from wikibridge.site import FILE, Site, open_wiki

MIRROR, JOURNAL, CARRIED, ELSEWHERE = "mirror.db", "journal.db", "journal-carried.db", "journal-elsewhere.json"
"""Files of the state folder. The third is what was the journal before it was carried to a server; the fourth says to which."""
_ROWS = 1000
_BESIDES = (told.metadata, forgotten.metadata)
_TABLES = tuple(table for each in (metadata, *_BESIDES) for table in each.sorted_tables)


def places(site: Site, wiki: str = "") -> tuple[Place, Place]:
    """The places of mirror and journal. ``wiki`` is the wiki's identity; where it is needed and not given, it is asked."""
    if not site.settings.state:
        return site.state / MIRROR, site.state / JOURNAL
    if not wiki:
        with closing(open_wiki(site)) as opened:
            wiki = opened.identity
    address, password = site.settings.state, site.state_password()
    mirror, journal = (Server(address, schema, password) for schema in schemas(wiki))
    return mirror, journal


def open_mirror(site: Site, wiki: str = "") -> Mirror:
    """The site's mirror."""
    return Mirror(places(site, wiki)[0], site.settings.wiki.account.partition("@")[0])


def open_journal(site: Site, wiki: str = "") -> Journal:
    """The site's journal. ``carried`` of it tells how many runs were taken over from a file just now.

    Raises SettingsError where there are two, or where it would begin anew although there was one elsewhere.
    """
    place, file, note = places(site, wiki)[1], site.state / JOURNAL, site.state / ELSEWHERE
    if not isinstance(place, Server):
        if note.exists() and not file.exists():
            raise SettingsError("journal-elsewhere", FILE, json.loads(note.read_text(encoding="utf-8"))["state"], note)
        return Journal(place, wiki)
    carried = 0
    if file.exists():
        with hold(site.state / "lock", site.folder):
            carried = carry(file, place)
            file.rename(site.state / CARRIED)
            # What was in the log is in the file since it was closed; the mirror is filled again on the server.
            for rest in (*(file.with_name(f"{JOURNAL}{end}") for end in ("-wal", "-shm")), *site.state.glob(f"{MIRROR}*")):
                rest.unlink(missing_ok=True)
    journal = Journal(place, wiki)
    journal.carried = carried
    if not note.exists():
        note.write_text(json.dumps({"state": place.address, "schema": place.schema}), encoding="utf-8")
    return journal


def bring_back(site: Site) -> int:
    """Move the journal from the server of the settings into the file of the state folder; answers how many runs it has.

    The settings can do without ``state`` then. Raises SettingsError when there is a file already, or nothing on the server.
    """
    source, file = places(site)[1], site.state / JOURNAL
    with hold(site.state / "lock", site.folder):
        if not isinstance(source, Server) or file.exists():
            raise SettingsError("journal-two", source, file)
        runs_ = carry(source, file)
        (site.state / ELSEWHERE).unlink(missing_ok=True)
        _empty(source)
    return runs_


def carry(source: Place, target: Place) -> int:
    """Copy a journal to a place where there is none, with its name and all numbers; answers how many runs it has.

    Nothing is copied where nothing was written, or where it is there already. Raises SettingsError when there is another one.
    """
    old, new = _engine(source), _engine(target)
    try:
        with old.connect() as reading, new.begin() as writing:
            alone(writing, target)
            before, there = _latest(reading), _latest(writing)
            if not any(before):
                return 0
            if any(there):
                # What was cut off between its copy and its end is there as a whole.
                if reading.scalar(sa.select(names.c.name)) == writing.scalar(sa.select(names.c.name)) and before <= there:
                    return 0
                raise SettingsError("journal-two", source, target)
            for table in _TABLES:
                writing.execute(table.delete())
                for rows in reading.execute(sa.select(table)).mappings().partitions(_ROWS):
                    writing.execute(table.insert(), [dict(row) for row in rows])
            if isinstance(target, Server):
                _count_on(writing)
            return int(reading.scalar(sa.select(sa.func.count()).select_from(runs)) or 0)
    finally:
        old.dispose()
        new.dispose()


def _engine(place: Place) -> sa.Engine:
    """An engine for a journal whose tables are there, and those of the latest version."""
    Journal(place).close()
    made = engine(place, "FULL")
    with made.begin() as connection:
        alone(connection, place)
        for each in _BESIDES:
            each.create_all(connection)
    return made


def _latest(connection: sa.Connection) -> tuple[int, int]:
    """The numbers of the latest run and write."""
    latest = (connection.scalar(sa.select(sa.func.max(table.c.id))) or 0 for table in (runs, writes))
    run, write = map(int, latest)
    return run, write


def _empty(place: Place) -> None:
    made = _engine(place)
    with made.begin() as connection:
        for table in _TABLES:
            connection.execute(table.delete())
    made.dispose()


def _count_on(connection: sa.Connection) -> None:
    """New rows are numbered from the greatest number on, as SQLite does by itself."""
    for table in metadata.sorted_tables:
        if "id" in table.c:
            latest = sa.select(sa.func.coalesce(sa.func.max(table.c.id), 0) + 1).scalar_subquery()
            connection.execute(sa.select(sa.func.setval(sa.func.pg_get_serial_sequence(table.name, "id"), latest, False)))
