"""A PostgreSQL from Debian's packages on a free loopback port and a socket, for tests."""

from __future__ import annotations

import os
import secrets
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import psycopg

BINARIES = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
_SETTINGS = """
listen_addresses = '127.0.0.1'
fsync = off
full_page_writes = off
synchronous_commit = off
max_connections = 50
"""


@dataclass
class Cluster:
    """A server; ``address`` and ``password`` are those of its first account, which may do everything."""

    folder: Path
    port: int
    password: str

    def command(self, name: str, *words: str) -> None:
        # The server refuses to be root. What root may do with files it keeps: there are machines on which nobody else may write
        # to /dev/null, as initdb does.
        before = ["setpriv", "--reuid", "postgres", "--regid", "postgres", "--init-groups", "--inh-caps", "+dac_override",
                  "--ambient-caps", "+dac_override"] if os.getuid() == 0 else []
        with open(self.folder / "command.log", "w", encoding="utf-8") as log:
            done = subprocess.run([*before, str(BINARIES[-1] / name), *words], cwd=self.folder, stdout=log, stderr=log, timeout=120, check=False)
        assert done.returncode == 0, (self.folder / "command.log").read_text(encoding="utf-8")

    def start(self) -> None:
        self.command("pg_ctl", "-D", str(self.folder / "data"), "-w", "-l", str(self.folder / "log"), "-o",
                     f"-p {self.port} -k {self.folder}", "start")

    def stop(self, mode: str = "fast") -> None:
        self.command("pg_ctl", "-D", str(self.folder / "data"), "-w", "-m", mode, "stop")

    def address(self, database: str, user: str = "owner") -> str:
        return f"postgresql://{user}@127.0.0.1:{self.port}/{database}"

    @contextmanager
    def connected(self, database: str = "postgres") -> Iterator[psycopg.Connection[Any]]:
        with psycopg.connect(self.address(database), password=self.password, autocommit=True) as connection:
            yield connection

    def database(self) -> str:
        """The address of a new database."""
        name = f"t{secrets.token_hex(6)}"
        with self.connected() as connection:
            connection.execute(f"CREATE DATABASE {name} STRATEGY file_copy")
        return self.address(name)


    @cached_property
    def shared(self) -> str:
        """The address of a database for all wikis that have names of their own."""
        return self.database()


@contextmanager
def started() -> Iterator[Cluster]:
    """A cluster in a folder of its own, gone at the end. Its texts are in the order of English, not of their code points."""
    folder = Path(tempfile.mkdtemp(prefix="wikibridge-postgres-"))
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    cluster = Cluster(folder, port, secrets.token_hex(8))
    try:
        (folder / "password").write_text(cluster.password, encoding="utf-8")
        if os.getuid() == 0:
            for path in (folder, folder / "password"):
                shutil.chown(path, "postgres", "postgres")
        cluster.command("initdb", "-D", str(folder / "data"), "-U", "owner", "--pwfile", str(folder / "password"), "-A", "scram-sha-256",
                        "-E", "UTF8", "--locale", "C.UTF-8", "--locale-provider", "icu", "--icu-locale", "en", "-N")
        with open(folder / "data" / "postgresql.conf", "a", encoding="utf-8") as settings:
            settings.write(_SETTINGS)
        cluster.start()
        yield cluster
    finally:
        if (folder / "data" / "postmaster.pid").exists():
            cluster.stop("immediate")
        shutil.rmtree(folder, ignore_errors=True)
