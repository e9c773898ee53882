"""State on a PostgreSQL: what several machines share, who may write, what is told when it cannot be, and the way there and back."""

from __future__ import annotations

import os
import shutil
import socket
import sys
import uuid
import zlib
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.places import make_corner, with_state
from tests.postgres import Cluster
from wikibridge import Session, Site
from wikibridge.demo.people import choices, people
from wikibridge.entries.read import read
from wikibridge.entries.types import shipped
from wikibridge.errors import LeaseLost, LockHeld, SettingsError, StateUnreachable
from wikibridge.jobs.base import Context
from wikibridge.jobs.forget import forget, held
from wikibridge.jobs.kinds import load_jobs
from wikibridge.jobs.summaries import Summaries
from wikibridge.mirror import lease
from wikibridge.mirror.postgresql import Server
from wikibridge.mirror.state import CARRIED, JOURNAL, bring_back, open_journal
from wikibridge.mirror.store import Mirror
from wikibridge.mirror.tables import folds, past_folds, present
from wikibridge.model import Edit, Page, Saved, WikiInfo
from wikibridge.pages.render import Templates

pytestmark = pytest.mark.live
SCHEMA = shipped()


@pytest.fixture
def password(postgres: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WIKIBRIDGE_STATE_PASSWORD", postgres.password)


@pytest.fixture
def site(tmp_path: Path, postgres: Cluster, password: None) -> Site:
    return with_state(make_corner(tmp_path / "site", "kind: folder", "Corner/"), postgres.shared)


def other(site: Site) -> Site:
    """The folder of another machine for the same wiki, with the same files."""
    folder = site.folder.parent / "other"
    folder.mkdir()
    for path in site.folder.iterdir():
        if path.name != ".wikibridge":
            (folder / path.name).symlink_to(path)
    for name in ("wiki", "page_templates"):
        if not (folder / name).is_symlink():
            (folder / name).symlink_to(site.folder / name)
    (site.folder / "wiki").mkdir(exist_ok=True)
    return Site(folder)


# What both kinds of databases say


def rows(mirror: Mirror) -> dict[str, list[tuple[Any, ...]]]:
    """All that a mirror holds, but what only a server needs."""
    with mirror.engine.connect() as connection:
        return {table.name: sorted(map(tuple, connection.execute(sa.select(table))), key=repr) for table in present(connection)
                if table not in (folds, past_folds)}


def summaries(site: Site, mirror: Mirror) -> dict[str, str]:
    context = Context(site, SCHEMA, Templates(site.template_folders(), site.dialect.escape), lambda: WikiInfo("w", "1", "bot", "mediawiki"), str)
    jobs = [job for job in load_jobs(site).values() if isinstance(job, Summaries)]
    return {page.title: "\n".join(page.regions.values()) for job in jobs for page in job.wanted(context, mirror)}


@settings(max_examples=2, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(1, 1000))
def test_what_people_wrote_is_kept_and_summed_up_alike(make_site: Callable[..., Site], postgres: Cluster, seed: int) -> None:
    place = Server(postgres.shared, f"wikibridge_{uuid.uuid4().hex[:12]}", postgres.password)
    site, mirrors = make_site(), (Mirror(place), Mirror(None))
    for number, person in enumerate(people(25, seed), 1):
        text = "\n\n".join([f"{{{{Participant|name={person.name}|kind=citizen}}}}", *choices(person, 5, seed)])
        page = Page(number, f"Participants/{person.name}", number, text, datetime(2021, 1, 1, tzinfo=UTC))
        found = read(text, SCHEMA, "en")
        for mirror in mirrors:
            mirror.save([(page, found.entries, found.problems)], SCHEMA.units)
    assert rows(mirrors[0]) == rows(mirrors[1])
    assert mirrors[0].problems() == mirrors[1].problems() and mirrors[0].fields("choice") == mirrors[1].fields("choice")
    texts = summaries(site, mirrors[0])
    assert texts == summaries(site, mirrors[1]) and len(texts) > 30
    for mirror in mirrors:
        mirror.close()


# One writer


def test_of_two_machines_one_writes(site: Site) -> None:
    there = other(site)
    with Session(site) as one, Session(there) as another:
        with one.lock(), pytest.raises(LockHeld) as caught:
            another.run()
        assert caught.value.exit_code == 4 and f"process {os.getpid()} on {socket.gethostname()}" in str(caught.value)
        assert 0 <= caught.value.age < 600
        assert another.run().created == 7
        again = one.run()
        assert (again.created, again.changed, again.failed) == (0, 0, [])
        assert one.due() == another.due() and len(one.journal.runs()) == 2


def test_jobs_that_are_due_are_done_by_one_of_two_machines(site: Site) -> None:
    with Session(site) as one, Session(other(site)) as another:
        assert one.run_due() is not None and another.run_due() is None and another.due() == {}


def test_who_lost_the_lease_writes_nothing_more(site: Site) -> None:
    there = other(site)
    written: list[str] = []
    with Session(site) as slow:
        real = slow.wiki.write

        def write(edit: Edit) -> Saved:
            saved = real(edit)
            written.append(edit.title)
            if len(written) == 2:
                # The machine sleeps for longer than its lease lasts.
                assert slow.journal.lease
                with slow.journal.engine.begin() as connection:
                    connection.execute(slow.journal.lease.table.update().values(until=sa.func.clock_timestamp()))
                with Session(there) as quick:
                    assert quick.run().created == 7 - 2
            return saved

        slow.wiki.write = write  # type: ignore[method-assign]
        with pytest.raises(LeaseLost) as caught:
            slow.run()
        assert caught.value.exit_code == 75 and len(written) == 2
        assert not slow.journal.writes(unknown_since=None)[7:], "nothing was tried twice"
        with slow.lock():
            pass
    with Session(site) as session:
        assert (session.run().created, session.mirror.counts()["pages"] >= 7) == (0, True)


def test_a_lease_is_renewed_while_it_is_held(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lease, "SECONDS", 0.4)
    there = other(site)
    with Session(site) as one, one.lock():
        assert one.journal.lease
        table = one.journal.lease.table

        def until() -> Any:
            with one.journal.engine.connect() as connection:
                return connection.scalar(sa.select(table.c.until))

        first = until()
        while until() == first:
            pass
        with Session(there) as another, pytest.raises(LockHeld):
            another.run()


def test_a_lease_that_a_killed_process_left_is_free_at_once_for_its_folder_and_later_for_others(site: Site) -> None:
    there = other(site)
    with Session(site) as session:
        assert session.journal.lease
        session.journal.lease._take("left by the killed", site.folder, site.state / "lease")
    with Session(there) as another, pytest.raises(LockHeld):
        another.run()
    with Session(site) as again:
        assert again.run().created == 7
        assert again.journal.lease
        again.journal.lease._take("left by another one", site.folder, site.state / "lease")
        with again.journal.engine.begin() as connection:
            connection.execute(again.journal.lease.table.update().values(until=sa.func.clock_timestamp()))
    with Session(there) as another:
        assert another.run().created == 0


# The way there and back


def test_a_journal_is_carried_over_and_brought_back(site: Site) -> None:
    path = site.folder / "wikibridge.yml"
    with_server = path.read_text(encoding="utf-8")
    without = "".join(line for line in with_server.splitlines(keepends=True) if not line.startswith("state:"))
    path.write_text(without, encoding="utf-8")
    with Session(Site(site.folder)) as session:
        assert session.run().created == 7
        before = (session.journal.name, session.journal.runs(), session.journal.created(), session.journal.writes())

    path.write_text(with_server, encoding="utf-8")
    with Session(site) as session:
        assert (session.journal.name, session.journal.runs(), session.journal.created(), session.journal.writes()) == before
        done = session.run()
        assert (done.created, done.changed, done.run) == (0, 0, 2) and any("carried over" in note for note in done.notes)
    assert (site.state / CARRIED).exists() and not (site.state / JOURNAL).exists()

    path.write_text(without, encoding="utf-8")
    with pytest.raises(SettingsError, match="is on postgresql://") as caught:
        Session(Site(site.folder))
    assert caught.value.exit_code == 2

    assert bring_back(site) == 2
    with Session(Site(site.folder)) as session:
        assert session.run().run == 3
    path.write_text(with_server, encoding="utf-8")
    with Session(site) as session:
        assert [run for run, *_ in session.journal.runs()] == [3, 2, 1] and session.run().created == 0


def test_two_journals_are_one_too_many(site: Site, tmp_path: Path) -> None:
    path = site.folder / "wikibridge.yml"
    with_server = path.read_text(encoding="utf-8")
    path.write_text(with_server.replace("state:", "#"), encoding="utf-8")
    with Session(Site(site.folder)) as session:
        session.run()
    shutil.copy(site.state / JOURNAL, tmp_path / "kept")
    path.write_text(with_server, encoding="utf-8")
    with Session(site) as session:
        session.run()
    # Copied, and cut off before its file was put away: no news.
    shutil.copy(tmp_path / "kept", site.state / JOURNAL)
    with Session(site) as session:
        assert len(session.journal.runs()) == 2
    shutil.copy(tmp_path / "kept", site.state / JOURNAL)
    made = sa.create_engine(f"sqlite:///{site.state / JOURNAL}")
    with made.begin() as connection:
        connection.execute(sa.text("UPDATE meta SET name = 'other'"))
    made.dispose()
    with pytest.raises(SettingsError, match="two journals"):
        open_journal(site, "")


# What is told


def refused(folder: Path, address: str) -> SettingsError | StateUnreachable:
    with pytest.raises((SettingsError, StateUnreachable)) as caught:
        Session(with_state(make_corner(folder, "kind: folder", "Corner/"), address))
    return caught.value


def test_what_is_wrong_with_the_server_is_told(
    tmp_path: Path, postgres: Cluster, password: None, monkeypatch: pytest.MonkeyPatch, make_site: Callable[..., Site],
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    away = refused(tmp_path / "away", f"postgresql://owner@127.0.0.1:{port}/x")
    assert away.exit_code == 75 and "cannot be reached" in str(away)
    missing = refused(tmp_path / "missing", postgres.address("no_such_database"))
    assert missing.exit_code == 2 and "no_such_database" in str(missing)
    with postgres.connected() as connection:
        connection.execute(f"CREATE ROLE guest LOGIN PASSWORD '{postgres.password}'")
    right = refused(tmp_path / "right", postgres.shared.replace("owner@", "guest@"))
    assert right.exit_code == 2 and "GRANT CREATE" in str(right)
    monkeypatch.setenv("WIKIBRIDGE_STATE_PASSWORD", "wrong")
    wrong = refused(tmp_path / "wrong", postgres.shared)
    assert wrong.exit_code == 2 and "refuses" in str(wrong) and postgres.password not in str(wrong)
    monkeypatch.delenv("WIKIBRIDGE_STATE_PASSWORD")
    monkeypatch.setenv("PGPASSFILE", str(tmp_path / "none"))
    none = refused(tmp_path / "none-given", postgres.shared)
    assert none.exit_code == 2 and "asks for a password" in str(none)
    secret = tmp_path / "wrong" / "state-password"
    secret.write_text(postgres.password)
    secret.chmod(0o644)
    with pytest.raises(SettingsError, match="chmod 600"):
        Session(Site(secret.parent))
    secret.chmod(0o600)
    with Session(Site(secret.parent)) as session:
        assert session.run().created == 7
    monkeypatch.setitem(sys.modules, "psycopg", None)
    extra = refused(tmp_path / "extra", postgres.shared)
    assert extra.exit_code == 2 and "wikibridge[postgresql]" in str(extra)


@pytest.mark.parametrize("address", ["postgresql://me:geheim@h/d", "postgresql://me@h/d?password=geheim", "mysql://me@h/d", "postgresql://me@h"])
def test_an_address_that_cannot_be(make_site: Callable[..., Site], address: str) -> None:
    site = make_site()
    with pytest.raises(SettingsError, match="line 4") as caught:
        with_state(site, address)
    assert "geheim" not in str(caught.value)


def test_a_server_that_goes_away_in_the_middle_of_a_run(site: Site, postgres: Cluster) -> None:
    with Session(site) as session:
        real, written = session.wiki.write, []

        def write(edit: Edit) -> Saved:
            written.append(edit.title)
            if len(written) == 3:
                with postgres.connected() as connection:
                    connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'wikibridge'")
            return real(edit)

        session.wiki.write = write  # type: ignore[method-assign]
        with pytest.raises(StateUnreachable) as caught:
            session.run()
        assert caught.value.exit_code == 75
    with Session(site) as session:
        again = session.run()
    assert (again.created, again.failed) == (7 - 3, [])


def test_psycopg_takes_the_password_from_its_own_file(
    tmp_path: Path, postgres: Cluster, monkeypatch: pytest.MonkeyPatch,
) -> None:
    path = tmp_path / "pgpass"
    path.write_text(f"127.0.0.1:{postgres.port}:*:owner:{postgres.password}\n")
    path.chmod(0o600)
    monkeypatch.setenv("PGPASSFILE", str(path))
    with Session(with_state(make_corner(tmp_path / "site", "kind: folder", "Corner/"), postgres.shared)) as session:
        assert session.run().created == 7


def test_who_is_forgotten_is_in_no_table_of_the_server_nor_in_the_journal_before_it(site: Site) -> None:
    path = site.folder / "wikibridge.yml"
    with_server = path.read_text(encoding="utf-8")
    path.write_text(with_server.replace("state:", "#"), encoding="utf-8")
    with Session(Site(site.folder)) as session:
        session.run()
    path.write_text(with_server, encoding="utf-8")
    with Session(site) as session:
        session.run()
        assert (site.state / CARRIED).exists() and any("École verte" in str(row) for row in whole(session))
        with session.lock():
            session.sync()
            forget(session, held(session, "École verte"))
        session.run()
        assert not [row for row in whole(session) if "École verte" in str(row) or "ecole verte" in str(row)]
    for file in site.state.rglob("*"):
        assert file.is_dir() or "École verte".encode() not in file.read_bytes(), file


def whole(session: Session) -> list[Any]:
    """All rows of the tables of mirror and journal, packed texts unpacked."""
    def plain(cell: Any) -> Any:
        return zlib.decompress(cell).decode() if isinstance(cell, bytes) and cell else cell

    found: list[Any] = []
    for engine in (session.mirror.engine, session.journal.engine):
        with engine.connect() as connection:
            for name in sa.inspect(connection).get_table_names():
                table = sa.Table(name, sa.MetaData(), autoload_with=connection)
                found += [list(map(plain, row)) for row in connection.execute(sa.select(table))]
    return found
