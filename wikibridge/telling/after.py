"""After a run: what is to be told is told, to whom the site's settings say. Nothing that goes wrong here breaks a run."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

from wikibridge.errors import Interrupted, SettingsError, StateError, WikibridgeError
from wikibridge.jobs.logs import LOG, logged
from wikibridge.jobs.result import Result
from wikibridge.mirror import past
from wikibridge.mirror.journal import Journal
from wikibridge.mirror.state import open_journal, open_mirror
from wikibridge.mirror.told import Memory, Told, Trouble
from wikibridge.site import STATE, Site
from wikibridge.telling import metrics, texts, ways
from wikibridge.telling.causes import Ended, Fault, broken, done, judge, may, mistake, ripe
from wikibridge.telling.texts import Happened, Message
from wikibridge.wikis.folder_disk import put_whole

DIGEST = "digest"
"""The cause of digests: when one was last told is since when the next one tells."""
_KEPT = timedelta(days=7)
_BACK = 1000
"""Runs among which the last one that did all is looked for."""
Clock = Callable[[], datetime]


def _now() -> datetime:
    return datetime.now(UTC)


@contextmanager
def telling(site: Site, language: str, clock: Clock = _now) -> Iterator[Callable[[Result | None], None]]:
    """Whatever becomes of a run within is told as the site's settings say; what is yielded is called with its result.

    Errors are passed on. A run that was not called for (None), that was interrupted, or that found another one at work is no run.
    """
    results: list[Result] = []
    ended: Ended | None = None
    begun = clock()
    try:
        yield lambda result: results.extend([result] if result else [])
    except (Interrupted, BrokenPipeError):
        raise
    except WikibridgeError as error:
        ended = broken(error, language)
        raise
    except Exception as error:
        ended = mistake(error, language)
        raise
    finally:
        if site.settings.tell and (ended or results):
            After(site, language, begun, clock()).run(ended, results[-1] if results else None)


@dataclass(frozen=True, slots=True)
class After:
    """What is done after one run of a site that began and ended at these times."""

    site: Site
    language: str
    begun: datetime
    now: datetime

    def run(self, ended: Ended | None, result: Result | None) -> None:
        """Tell. ``ended`` is how an error cut the run off; else its result counts. Never raises."""
        try:
            with logged(self.site.state, self.site.settings.log, result.run if result else 0):
                self._guarded(ended, result)
        except WikibridgeError:
            # Not even a log can be kept.
            self._guarded(ended, result)

    def _guarded(self, ended: Ended | None, result: Result | None) -> None:
        try:
            try:
                self._run(ended, result)
            except (SettingsError, StateError) as error:
                LOG.warning("%s", error.say(self.language))
                if ended:
                    self._unkept(ended)
        except Exception as error:
            # Its words may be those of a server.
            LOG.warning("telling: %s", type(error).__name__)

    def _run(self, ended: Ended | None, result: Result | None) -> None:
        settings = self.site.settings.tell
        with closing(open_journal(self.site)) as journal:
            if ended is None:
                assert result is not None
                ended = done(result, past.left(journal, result.run))
            memory = Memory(journal.engine, name(self.site))
            before = memory.troubles()
            troubles = judge(before, ended, self.site.job_files(), self.now)
            if troubles != before:
                memory.keep(troubles)
            faults = ripe(ended.faults, troubles, settings.failures, self.now)
            for way in settings.ways:
                told = _Way(self, way, memory)
                told.failed(faults, troubles, ended.exit_code)
                if ended.done is not None and not troubles:
                    told.again()
                if settings.digest:
                    told.digest(settings.digest.slot(self.now, self.zone), partial(
                        happened, journal, self.site, self.now, [fault.sentence for fault in ended.faults]))
            memory.forget(_text(self.now - _KEPT), DIGEST)
            self._measure(journal, ended.exit_code)
        self._ping(ended, not faults)

    @property
    def zone(self) -> ZoneInfo:
        """The site's time zone."""
        return ZoneInfo(self.site.settings.time_zone)

    @property
    def setting(self) -> texts.Setting:
        """What the messages have in common."""
        return texts.setting(self.site, self.language, socket.gethostname())

    def sent(self, way: str, message: Message) -> bool:
        """Send a message; whether it went out, or may have."""
        try:
            warning = ways.send(way, self.site, message)
        except WikibridgeError as error:
            LOG.warning("%s", error.say(self.language))
            return isinstance(error, ways.MaybeSent)
        if warning:
            LOG.warning("%s", warning.say(self.language))
        return True

    def _ping(self, ended: Ended, well: bool) -> None:
        # A wiki that is away for a moment is for the watch to judge, by the time at which it hears of us again.
        if self.site.settings.tell.ping and (ended.done is not None or not well):
            try:
                ways.ping(self.site.secret("ping"), well)
            except WikibridgeError as error:
                LOG.warning("%s", error.say(self.language))

    def _measure(self, journal: Journal, exit_code: int) -> None:
        if path := self.site.settings.tell.metrics:
            try:
                values = figures(journal, self.begun, self.now, exit_code)
                measure(self.site.folder / path, metrics.text(values, str(self.site.folder)))
            except WikibridgeError as error:
                LOG.warning("%s", error.say(self.language))

    def _unkept(self, ended: Ended) -> None:
        """Tell that nothing can be kept, as far as that is what went wrong: a file's time tells that it was told today."""
        self._ping(ended, False)
        mark = self.site.folder / STATE / "told"
        troubles = judge({}, ended, (), self.now)
        faults = ripe(ended.faults, troubles, 1, self.now)
        with suppress(OSError):
            told = Told(_text(datetime.fromtimestamp(mark.stat().st_mtime, UTC))) if mark.exists() else None
            if faults and may(told, self.now, self.zone):
                mark.touch()
                os.utime(mark, (self.now.timestamp(),) * 2)
                for way in self.site.settings.tell.ways:
                    self.sent(way, texts.failed(faults, 0, troubles, ended.exit_code, self.now, self.setting))


@dataclass(frozen=True, slots=True)
class _Way:
    """What is told by one way after a run."""

    after: After
    way: str
    memory: Memory

    def failed(self, faults: Sequence[Fault], troubles: Mapping[str, Trouble], exit_code: int) -> None:
        """Tell what went wrong, save what was told today."""
        after = self.after
        known = self.memory.told(self.way)
        due = {fault.cause: fault for fault in faults if may(known.get(fault.cause), after.now, after.zone)}
        self._send(known, {cause: Told(_text(after.now), troubles[cause].since) for cause in due}, lambda causes: texts.failed(
            [due[cause] for cause in causes], len(faults) - len(causes), troubles, exit_code, after.now, after.setting))

    def again(self) -> None:
        """Tell that all is well, where it was told that it was not."""
        known = self.memory.told(self.way)
        owed = {cause: Told(told.time) for cause, told in known.items() if told.owed}
        self._send(known, owed, lambda causes: texts.again(
            min(known[cause].owed for cause in causes), self.after.now, self.after.setting))

    def digest(self, slot: datetime, happened: Callable[[str], Happened]) -> None:
        """Tell what happened since the last digest, where the next one is due. The first run of all only begins to count."""
        known = self.memory.told(self.way)
        last, now = known.get(DIGEST), _text(self.after.now)
        if last is None or last.time > now:
            self.memory.claim(self.way, DIGEST, last, Told(now))
        elif last.time < _text(slot):
            self._send(known, {DIGEST: Told(now)}, lambda _: texts.digest(
                happened(last.time), self.after.now, self.after.setting))

    def _send(self, known: Mapping[str, Told], claims: Mapping[str, Told], make: Callable[[list[str]], Message]) -> None:
        """Send a message on those causes that no other run tells at this moment; put down that they are told, if it went out."""
        ours = [cause for cause, now in claims.items() if self.memory.claim(self.way, cause, known.get(cause), now)]
        if ours and not self.after.sent(self.way, make(ours)):
            for cause in ours:
                self.memory.release(self.way, cause, known.get(cause))


def name(site: Site) -> str:
    """What tells a site's wiki from others, known without asking it."""
    wiki = site.settings.wiki
    return f"{wiki.kind} {wiki.address or wiki.path}"


def happened(journal: Journal, site: Site, now: datetime, undone: Sequence[str], since: str) -> Happened:
    """What happened since a time, for a digest; ``undone`` is what the last run could not do."""
    runs = past.since(journal, since)
    known = [run for run in runs if run]
    created, changed, uploaded = (sum(run.get(each, 0) for run in known) for each in ("created", "changed", "uploaded"))
    with closing(open_mirror(site)) as mirror:
        entries, problems = past.figures(mirror, since)[1], mirror.counts()["problems"]
    # A job may be done once a day only: what it leaves alone is known from then.
    lately = past.since(journal, _text(now - timedelta(days=1)))
    refused = dict.fromkeys(line for run in lately if run for line in run.get("refused", ()))
    failed = sum(1 for run in runs if run is None or run.get("failed"))
    return Happened(since, len(runs), failed, created, changed, uploaded, entries, problems, tuple(undone), tuple(refused))


def figures(journal: Journal, begun: datetime, now: datetime, exit_code: int) -> dict[str, float]:
    """The figures of a run that began and ended at these times, for metrics."""
    found: dict[str, float] = {"last_run_timestamp_seconds": now.timestamp(), "exit_code": exit_code}
    latest = next(iter(journal.runs(1)), None)
    if latest and latest[2] and latest[1] >= _text(begun):
        result = latest[2]
        found |= {"run_duration_seconds": result["seconds"], "requests": result["requests"], "pages_read": result["pages_read"],
                  "pages_created": result["created"], "pages_changed": result["changed"], "files_uploaded": result["uploaded"],
                  "not_written": len(result["failed"]), "left_alone": len(result["refused"]), "entries": result["entries"],
                  "problems": result["problems"]}
    if exit_code == 0:
        found["last_success_timestamp_seconds"] = now.timestamp()
    else:
        good = ((start, result) for _, start, result in journal.runs(_BACK) if result and not result["failed"])
        if last := next(good, None):
            found["last_success_timestamp_seconds"] = datetime.fromisoformat(last[0]).timestamp() + last[1]["seconds"]
    return found


def measure(path: Path, text: str | None) -> None:
    """Write the file of metrics, at once or not at all; for None, as it is. Raises SettingsError where it cannot be."""
    try:
        data = (path.read_bytes() if path.exists() else b"") if text is None else text.encode(errors="replace")
        put_whole(path, data, 0o644)
    except OSError as error:
        raise SettingsError("tell-metrics", path, error.strerror or error) from error


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds")
