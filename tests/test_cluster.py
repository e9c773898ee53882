"""A dump read on a Dask cluster: the mirror is the same, row by row, whatever happens to workers; faults are told in sentences."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from distributed import Client, LocalCluster
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.test_cli import cli, told
from wikibridge.entries.types import load, shipped
from wikibridge.errors import SettingsError, Unreachable, WorkersDied
from wikibridge.mirror import cluster as clusters
from wikibridge.mirror import dumps
from wikibridge.mirror.cluster import Cluster, spoken
from wikibridge.mirror.store import Mirror
from wikibridge.mirror.sync import Reader
from wikibridge.mirror.tables import metadata
from wikibridge.model import Page, Selection

TIME = datetime(2020, 11, 3, 10, tzinfo=UTC)
READER = Reader(shipped(), "en", Selection(titles=frozenset({"P/Not read"})), people="P/")
SELECTION = Selection(("P/",), categories=("Category:In",))
TEXTS = [
    "{{Choice|title=Less meat|date=3 Nov. 2020|theme=food|level=family}}", "{{Choix|titre=Vélo|date=31/02/2020|thème=transports}}",
    "== Choice: A garden ==\n* Date: 2021\n* Theme: food\n* Before: 12,5 km\n* After: 3 km", "{{Participant|name=Ana|kind=citizen|territory=Namur}}",
    "{{Wikibridge|of=choice|by=theme}}", "words [[Category:In]] é 🌱", "{{Choice|title=cut", "",
]


@pytest.fixture(scope="module")
def two() -> Iterator[str]:
    """The address of a cluster of two worker processes on this machine."""
    with start() as cluster:
        yield str(cluster.scheduler_address)


def start(**options: Any) -> Any:
    return LocalCluster(n_workers=2, threads_per_worker=1, processes=True, dashboard_address="127.0.0.1:0", host="127.0.0.1", **options)


def rows(mirror: Mirror) -> dict[str, list[tuple[Any, ...]]]:
    """All that a mirror holds."""
    with mirror.engine.connect() as connection:
        there = [table for table in metadata.sorted_tables if sa.inspect(connection).has_table(table.name)]
        return {table.name: sorted(map(tuple, connection.execute(sa.select(table))), key=repr) for table in there}


PAGES = st.lists(
    st.builds(Page, st.integers(1, 9), st.sampled_from([f"P/{name}" for name in "ABCDE"] + ["P/Not read", "Q", "Help:R"]), st.integers(1, 50),
              st.lists(st.sampled_from(TEXTS), max_size=4).map("\n".join), st.just(TIME), st.sampled_from(["Ana", ""])), max_size=30)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(PAGES, PAGES, st.booleans())
def test_the_mirror_is_the_same_row_by_row(two: str, tmp_path: Path, known: list[Page], pages: list[Page], broken: bool) -> None:
    path = tmp_path / "d.xml"
    dumps.write(pages, path, "x")
    if broken:
        path.write_bytes(path.read_bytes()[: path.stat().st_size * 2 // 3])
    came = []
    with pytest.MonkeyPatch.context() as patch, Cluster(two) as cluster:
        # So that a page comes again while the batch with the same one is under way.
        patch.setattr(dumps, "BATCH", 3)
        for reads in (dumps.here, cluster.read):
            mirror = Mirror(None)
            mirror.save([(page, (), ()) for page in known])
            try:
                filled = dumps.fill(mirror, path, SELECTION, READER, reads=reads)
            except SettingsError as error:
                filled = str(error)
            came.append((filled, rows(mirror)))
    assert came[0] == came[1]


def many(path: Path, count: int, text: str = TEXTS[0]) -> Path:
    dumps.write((Page(n, f"P/{n}", n, f"{text}\n{n}", TIME, "A") for n in range(1, count + 1)), path, "x")
    return path


def test_the_sites_own_entry_types_travel_with_the_work(two: str, tmp_path: Path) -> None:
    own = load({"tree.yml": """\
names: {en: [Tree], fr: [Arbre], pt: [Árvore]}
label: {en: Tree, fr: Arbre, pt: Árvore}
plural: {en: Trees, fr: Arbres, pt: Árvores}
fields:
- {name: height, kind: number, names: {en: [height], fr: [hauteur], pt: [altura]}, help: {en: x, fr: x, pt: x}, example: {en: '1', fr: '1', pt: '1'}}
"""}, shipped())
    mirror = Mirror(None)
    with Cluster(two) as cluster:
        dumps.fill(mirror, many(tmp_path / "d.xml.bz2", 3, "{{Arbre|hauteur=4,5}}"), SELECTION, Reader(own, "fr", Selection()), reads=cluster.read)
    assert [entry.type for _, _, entry in mirror.entries(2)] == ["tree"]


def test_only_a_window_of_the_dump_is_under_way(two: str) -> None:
    given_out = 0

    def batches() -> Iterator[list[Page]]:
        nonlocal given_out
        for number in range(1, 200):
            given_out += 1
            yield [Page(number, f"P/{number}", number, TEXTS[0], TIME)]

    with Cluster(two) as cluster:
        ahead = []
        for back, batch in enumerate(cluster.read(batches(), READER), 1):
            assert [page.id for page, _ in batch] == [back]
            ahead.append(given_out - back)
        assert back == 199 and max(ahead) < 8


def test_no_batch_is_too_large_to_travel() -> None:
    pages = [Page(n, f"P/{n}", n, "x" * 300_000, TIME) for n in range(10)]
    assert [len(batch) for batch in dumps._batches(pages)] == [4, 4, 2]


def test_a_worker_that_dies_has_its_batches_done_again(tmp_path: Path) -> None:
    path = many(tmp_path / "d.xml", 3000)
    alone, mirror = Mirror(None), Mirror(None)
    dumps.fill(alone, path, SELECTION, READER)
    with start() as running, Cluster(running.scheduler_address) as cluster:
        def killing(pages: Any, reader: Reader) -> Iterator[Any]:
            for number, batch in enumerate(cluster.read(pages, reader)):
                if number in (2, 9):  # the second time both, and with them all that they held
                    for nanny in list(running.workers.values())[: 1 + number // 9]:
                        os.kill(nanny.pid, signal.SIGKILL)
                yield batch

        dumps.fill(mirror, path, SELECTION, READER, reads=killing)
    assert rows(mirror) == rows(alone)


def _deadly(pages: list[Page], reader: Reader, wanted: str) -> list[Any]:
    os.kill(os.getpid(), signal.SIGKILL)
    return []


def test_pages_that_kill_every_worker_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clusters, "_read", _deadly)
    with start() as running, Cluster(running.scheduler_address) as cluster, pytest.raises(WorkersDied, match="“P/1” to “P/7”"):
        dumps.fill(Mirror(None), many(tmp_path / "d.xml", 7), SELECTION, READER, reads=cluster.read)


def test_a_cluster_whose_workers_are_gone_is_told(tmp_path: Path) -> None:
    mirror = Mirror(None)
    with start() as running, Cluster(running.scheduler_address, patience=0.5) as cluster:
        def leaving(pages: Any, reader: Reader) -> Iterator[Any]:
            for number, batch in enumerate(cluster.read(pages, reader)):
                if number == 1:
                    running.scale(0)
                yield batch

        with pytest.raises(Unreachable, match=f"{re.escape(running.scheduler_address)} has no workers"):
            dumps.fill(mirror, many(tmp_path / "d.xml", 20_000), SELECTION, READER, reads=leaving)
    assert mirror.counts()["pages"] >= 100


@contextmanager
def scheduler(folder: Path) -> Iterator[tuple[str, list[subprocess.Popen[bytes]], Callable[..., None]]]:
    """A scheduler in a process of its own: its address, what runs (the scheduler first), and what starts more."""
    running: list[subprocess.Popen[bytes]] = []
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]

    def begin(module: str, *options: str, **more: str) -> None:
        running.append(subprocess.Popen([sys.executable, "-m", f"distributed.cli.{module}", *options], cwd=folder,
                                        env={**os.environ, **more}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))

    begin("dask_scheduler", "--host", "127.0.0.1", "--port", str(port), "--no-dashboard")
    try:
        yield f"tcp://127.0.0.1:{port}", running, begin
    finally:
        for process in reversed(running):
            process.kill()
        for process in running:
            process.wait()


def corner(folder: Path) -> Path:
    folder.mkdir()
    (folder / "wikibridge.yml").write_text("wiki: {kind: folder}\nlanguages: [en]\nparticipants: P/\n", encoding="utf-8")
    return folder


def test_the_command(tmp_path: Path, two: str) -> None:
    site = corner(tmp_path / "site")
    many(site / "d.xml.gz", 250)
    done = cli("import", "d.xml.gz", "--dask", two, folder=site)
    assert (done.returncode, done.stderr) == (0, "") and "250 pages in the dump, 250 taken." in done.stdout
    (site / "t.csv").write_text("participant,title\n", encoding="utf-8")
    told(cli("import", "t.csv", "--dask", two, folder=site), 2, "--dask", "t.csv")


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:1", "nonsense", "http://127.0.0.1:8786"])
def test_no_scheduler_at_the_address(tmp_path: Path, address: str) -> None:
    site = corner(tmp_path / "site")
    many(site / "d.xml", 3)
    told(cli("import", "d.xml", "--dask", address, folder=site, DASK_DISTRIBUTED__COMM__TIMEOUTS__CONNECT="1s"), 75, address, "Dask")


def test_something_else_at_the_address(tmp_path: Path) -> None:
    with start() as running, pytest.raises(Unreachable, match=r"(Worker|Nanny)\."), Cluster(next(iter(running.workers.values())).worker_address):
        pass


WORKER = ("dask_worker", "--no-dashboard", "--no-nanny", "--nthreads", "1", "--host", "127.0.0.1")


def test_a_scheduler_without_workers_then_one_that_dies(tmp_path: Path) -> None:
    path = many(tmp_path / "d.xml", 9000)
    with scheduler(tmp_path) as (address, running, begin):
        with pytest.raises(Unreachable, match="no workers"), Cluster(address):
            pass
        begin(*WORKER, address)
        with Client(address, set_as_default=False) as client:
            client.wait_for_workers(1, timeout=60)
        mirror = Mirror(None)
        with Cluster(address) as cluster:
            def dying(pages: Any, reader: Reader) -> Iterator[Any]:
                for number, batch in enumerate(cluster.read(pages, reader)):
                    if number == 1:
                        for process in reversed(running):
                            process.kill()
                    yield batch

            with pytest.raises(Unreachable, match=f"{address} was lost"):
                dumps.fill(mirror, path, SELECTION, READER, reads=dying)
    assert 100 <= mirror.counts()["pages"] < 9000


def test_workers_with_another_wikibridge(tmp_path: Path) -> None:
    other = tmp_path / "other" / "wikibridge"
    (other / "entries").mkdir(parents=True)
    (other.parent / "wikibridge-0.0.9.dist-info").mkdir()
    (other.parent / "wikibridge-0.0.9.dist-info" / "METADATA").write_text("Metadata-Version: 2.1\nName: wikibridge\nVersion: 0.0.9\n")
    (other / "__init__.py").write_text("")
    (other / "entries" / "__init__.py").write_text("")
    (other / "entries" / "types.py").write_text("READING = 3\n")
    with scheduler(tmp_path) as (address, _, begin), Client(address, set_as_default=False) as client:
        begin(*WORKER, address, PYTHONPATH=str(other.parent))
        client.wait_for_workers(1, timeout=60)
        with pytest.raises(SettingsError, match=r"\(0\.0\.9, reading 3\)") as caught, Cluster(address):
            pass
        assert caught.value.exit_code == 2 and spoken() in str(caught.value)


def test_a_worker_that_came_later_is_asked_for_its_version_too(two: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with Cluster(two) as cluster:
        monkeypatch.setattr(clusters, "spoken", lambda: "9.9.9, reading 99")
        with pytest.raises(SettingsError, match=r"9\.9\.9"):
            dumps.fill(Mirror(None), many(tmp_path / "d.xml", 3), SELECTION, READER, reads=cluster.read)


def test_without_dask_it_is_told_how_to_install_it(tmp_path: Path) -> None:
    site = corner(tmp_path / "site")
    many(site / "d.xml", 3)
    (tmp_path / "hidden").mkdir()
    (tmp_path / "hidden" / "distributed.py").write_text("raise ImportError('no')")
    told(cli("import", "d.xml", "--dask", "tcp://127.0.0.1:1", folder=site, PYTHONPATH=os.pathsep.join([str(tmp_path / "hidden"), *sys.path])),
         2, 'pip install "wikibridge[cluster]"')
