"""Reading an XML dump on a Dask cluster: batches of pages go to its workers, what they read comes back in order.

The dump stays a stream here, and so does the mirror: only a window of batches is under way. Workers need the same wikibridge,
and nothing of the site: the entry types travel with the work. A worker that dies has its batches done again by others.
https://distributed.dask.org
"""

from __future__ import annotations

import asyncio
import logging
import warnings
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import CancelledError, ThreadPoolExecutor
from importlib.metadata import version
from types import TracebackType
from typing import Any, Self

from wikibridge.entries.read import Reading
from wikibridge.entries.types import READING
from wikibridge.errors import SettingsError, Unreachable, WorkersDied
from wikibridge.mirror.sync import Reader
from wikibridge.model import Page

_PATIENCE = 60.0
"""Seconds after which it is asked whether any worker is left."""
_WINDOW = 64
"""Batches under way at most, however many workers there are: this machine, which keeps what was read, holds their pages."""


def spoken() -> str:
    """What reads entries here: the version of wikibridge, and that of reading alone, which changes within versions too."""
    return f"{version('wikibridge')}, reading {READING}"


def _asks() -> Callable[[], str]:
    # A function within a function travels as it is, so that a worker without this module can answer too.
    def answers() -> str:
        try:
            from importlib.metadata import version

            from wikibridge.entries.types import READING

            return f"{version('wikibridge')}, reading {READING}"
        except ImportError:
            return "-"

    return answers


def _same(reader: Reader) -> Reader:
    return reader


def _read(pages: list[Page], reader: Reader, wanted: str) -> list[Reading] | str:
    """On a worker: what was read from each page; the version there where it is another, as of one that came later."""
    return [reader.read(page) for page in pages] if spoken() == wanted else spoken()


class Cluster:
    """A Dask cluster by the address of its scheduler, such as ``tcp://127.0.0.1:8786``. Use as a context manager.

    Raises SettingsError where Dask is not installed, or another wikibridge on a worker; Unreachable where no scheduler or no
    worker is there. ``patience`` is the seconds after which a cluster that does nothing is asked whether it has workers left.
    """

    def __init__(self, address: str, patience: float = _PATIENCE) -> None:
        self.address = address
        self._patience = patience
        self._log = logging.getLogger("distributed")
        self._client: Any = None

    def __enter__(self) -> Self:
        try:
            from distributed import Client
        except ImportError as error:
            raise SettingsError("extra-missing", "Dask", "cluster") from error
        self._level = self._log.level
        # What it says of lost connections, we say in a sentence.
        self._log.setLevel(logging.CRITICAL)
        try:
            with ThreadPoolExecutor(1) as apart:  # where we are called a loop may run already, as in a notebook
                apart.submit(asyncio.run, self._greet()).result()
            with warnings.catch_warnings(action="ignore"):
                self._client = Client(self.address, set_as_default=False, name="wikibridge")
        except (OSError, ValueError) as error:
            self._log.setLevel(self._level)
            raise Unreachable("cluster-unreachable", self.address, error) from error
        try:
            self._check(self._client.run(_asks(), on_error="return"))
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the cluster, which goes on without us; what is under way for us ends."""
        self._client.close()
        self._log.setLevel(self._level)

    async def _greet(self) -> None:
        """Raises OSError or ValueError where no scheduler answers: before a client is made, whose failure would be loud."""
        from distributed.comm import connect
        from distributed.security import Security

        way = Security().get_connection_args("client")
        comm = await connect(self.address, **way)
        try:
            await comm.write({"op": "identity", "reply": True})
            said = await comm.read()
        finally:
            await comm.close()
        if not isinstance(said, dict) or said.get("type") != "Scheduler":
            raise ValueError(str(said.get("type", "?")) if isinstance(said, dict) else "?")

    def _check(self, versions: dict[str, object]) -> None:
        if not versions:
            raise Unreachable("cluster-empty", self.address)
        if other := {worker: said for worker, said in versions.items() if said != spoken()}:
            told = "; ".join(f"{worker} ({said})" for worker, said in sorted(other.items()))
            raise SettingsError("cluster-version", self.address, spoken(), told, version("wikibridge"))

    def read(self, pages: Iterable[list[Page]], reader: Reader) -> Iterator[list[tuple[Page, Reading]]]:
        """Read batches of pages on the workers: ``mirror.dumps.Reads``. An error in ``pages`` is raised after what came before.

        Raises Unreachable when scheduler or workers are lost, WorkersDied when a batch ends one worker after the other.
        """
        # A task and not data: were the workers that hold it to die, it would be made again.
        shared = self._client.submit(_same, reader, pure=False)
        window = min(_WINDOW, 2 * sum(self._client.nthreads().values()) + 2)
        flying: deque[tuple[list[Page], Any]] = deque()
        todo = iter(pages)
        broken: SettingsError | None = None
        more = True
        while more or flying:
            while more and len(flying) < window:
                try:
                    batch = next(todo)
                    flying.append((batch, self._client.submit(_read, batch, shared, spoken(), pure=False)))
                except StopIteration:
                    more = False
                except SettingsError as error:
                    more, broken = False, error
            if flying:
                batch, future = flying.popleft()
                yield list(zip(batch, self._result(future, batch), strict=True))
        if broken:
            raise broken

    def _result(self, future: Any, batch: list[Page]) -> list[Reading]:
        from distributed import KilledWorker

        while True:
            try:
                found: list[Reading] | str = future.result(timeout=self._patience)
            except TimeoutError as error:
                if not self._client.nthreads():
                    raise Unreachable("cluster-empty", self.address) from error
                continue
            except CancelledError as error:
                raise Unreachable("cluster-lost", self.address) from error
            except KilledWorker as error:
                raise WorkersDied("cluster-died", self.address, batch[0].title, batch[-1].title) from error
            except ImportError as error:
                raise SettingsError(
                    "cluster-version", self.address, spoken(), f"{error.name} (-)", version("wikibridge")) from error
            if isinstance(found, str):
                raise SettingsError("cluster-version", self.address, spoken(), f"? ({found})", version("wikibridge"))
            return found
