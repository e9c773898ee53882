"""Runs that nobody watches: what is due is done, what fails leaves the rest, an end asked for is an end in good order."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from wikibridge.errors import Interrupted, JobFailed, LockHeld
from wikibridge.jobs import logs
from wikibridge.jobs.problems import Problems
from wikibridge.jobs.runner import Session
from wikibridge.mirror.journal import Journal
from wikibridge.mirror.lock import hold, owner
from wikibridge.site import Site

PEOPLE = "name\n" + "".join(f"Person {number}\n" for number in range(40))
EMPTY = {f"jobs/{name}.yml": "" for name in (
    "summary-actors", "summary-criteria", "summary-difficulties", "summary-each-theme", "summary-latest", "summary-levels",
    "summary-results", "summary-territories", "summary-themes", "summary-tools")}

MakeSite = Callable[..., Site]


def long_ago(session: Session, *jobs: str) -> None:
    """As if these jobs had been done last a year ago."""
    slot = (datetime.now(UTC) - timedelta(days=365)).isoformat()
    session.journal.end(session.journal.begin(slot), {}, dict.fromkeys(jobs, slot))


@contextmanager
def command(folder: Path, *words: str) -> Iterator[subprocess.Popen[str]]:
    environment = {**os.environ, "LANG": "C.UTF-8", "PYTHONUNBUFFERED": "1"}
    environment.pop("LC_ALL", None)
    with subprocess.Popen([sys.executable, "-m", "wikibridge", "--site", str(folder), *words], text=True, env=environment,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        try:
            yield process
        finally:
            process.kill()


def test_what_is_due_is_done_once_in_its_slot(make_site: MakeSite) -> None:
    site = make_site("name\nAna\n", files={**EMPTY, "jobs/problems.yml": "kind: problems\nevery: daily 03:30\npage: {en: Hands}\n"})
    with Session(site) as session:
        first = session.run_due()
        assert first and first.created and set(first.jobs.values()) == {"done"} and set(first.jobs) == set(session.jobs)
        before = session.wiki.requests
        assert session.run_due() is None and session.due() == {} and session.wiki.requests == before
        long_ago(session, "answers", "problems")
        assert set(session.due()) == {"answers", "problems"} and set(session.due(("problems", "summaries"))) == {"problems"}
        second = session.run_due(("problems",))
        assert second and second.jobs == {"problems": "done"} and set(session.due()) == {"answers"}
        assert session.next_due() <= datetime.now(UTC) < session.next_due(("problems",))


def test_a_clock_that_was_set_back_holds_nothing_up(make_site: MakeSite) -> None:
    with Session(make_site()) as session:
        slot = (datetime.now(UTC) + timedelta(days=400)).isoformat()
        session.journal.end(session.journal.begin(slot), {}, dict.fromkeys(session.jobs, slot))
        assert session.due().keys() == session.jobs.keys()


def test_a_site_may_have_jobs_that_are_never_due_by_themselves(make_site: MakeSite) -> None:
    site = make_site(files={"jobs/problems.yml": "kind: problems\nevery: 1 h\npage: {en: Hands}\n"})
    with open(site.folder / "wikibridge.yml", "a", encoding="utf-8") as file:
        file.write("every: ''\n")
    with Session(Site(site.folder)) as session:
        assert session.due().keys() == {"problems"}
        session.run_due()
        assert session.next_due(("answers",)) is None


def test_a_job_that_fails_leaves_the_others_and_stays_due(make_site: MakeSite) -> None:
    site = make_site("no such column\nAna\n")
    with Session(site) as session:
        result = session.run_due()
        assert result and result.exit_code == 3 and result.jobs["participants"] == "failed" and result.created
        assert set(result.jobs) == set(session.jobs) and [line for line in result.failed if "participants.csv" in line]
        assert set(session.due()) == {"participants"}
    (site.folder / "participants.csv").write_text("name\nAna\n", encoding="utf-8")
    with Session(site) as session:
        mended = session.run_due()
        assert mended and mended.created == 1 and session.due() == {}


@pytest.mark.parametrize("method", ["wanted", "selection", "files"])
def test_a_job_that_blows_up_is_contained(make_site: MakeSite, monkeypatch: pytest.MonkeyPatch, method: str) -> None:
    def explode(*_: object) -> None:
        raise ZeroDivisionError("a bug\nin two lines")

    monkeypatch.setattr(Problems, method, explode)
    site = make_site("name\nAna\n")
    with Session(site) as session:
        result = session.run()
        assert result.exit_code == 3 and result.created == 4 and result.jobs["problems"] == "failed"
        assert len(result.failed) == 1 and "“problems”" in result.failed[0] and "ZeroDivisionError" in result.failed[0]
    log = (site.state / "logs" / "wikibridge.log").read_text(encoding="utf-8")
    assert "Traceback" in log and "a bug" in log and all(line[0] in "2 " for line in log.splitlines())
    with Session(site) as session:
        assert session.run(("participants",)).exit_code in (0, 3)
    with Session(site) as session, pytest.raises(JobFailed):
        session.run(("problems",))


def test_who_holds_the_lock_is_told(make_site: MakeSite) -> None:
    site = make_site()
    path = site.state / "lock"
    assert owner(path) is None
    with hold(path, site.folder):
        with command(site.folder, "run") as process:
            out, err = process.communicate(timeout=60)
            assert process.returncode == 4 and f"process {os.getpid()} on " in err and not out
        with command(site.folder, "run", "--due", "--quiet") as process:
            assert process.communicate(timeout=60) == ("", "") and process.returncode == 4
        found = owner(path)
        assert found and found.process == os.getpid() and 0 <= found.age < 600
        with pytest.raises(LockHeld) as caught, hold(path, site.folder):
            pass
        assert caught.value.age == pytest.approx(found.age, abs=60)
        path.write_text(path.read_text().replace(found.since, (datetime.now(UTC) - timedelta(hours=7)).isoformat()))
        with command(site.folder, "run", "--due", "--quiet") as process:
            assert "process" in process.communicate(timeout=60)[1], "a run that does not end is news"
    assert owner(path) is None


def test_asked_to_end_a_run_finishes_its_write_and_the_next_one_goes_on(make_site: MakeSite) -> None:
    site = make_site(PEOPLE)
    with open(site.folder / "wikibridge.yml", "a", encoding="utf-8") as file:
        file.write("limits: {edits_per_minute: 600}\n")
    pages = site.folder / "wiki" / "Participants"
    with command(site.folder, "run") as process:
        while process.poll() is None and not (pages.is_dir() and list(pages.glob("Person*.wiki"))):
            pass
        process.send_signal(signal.SIGTERM)
        _, err = process.communicate(timeout=60)
    assert process.returncode == 3 and "Ended on request" in err and "Traceback" not in err, err
    made = len(list(pages.glob("Person*.wiki")))
    assert 0 < made < 40
    with Session(site) as session:
        assert not session.journal.writes(unknown_since=datetime.now(UTC)), "no write is left in the air"
        session.run()
    assert len(list(pages.glob("Person*.wiki"))) == 40


def test_an_end_before_the_plan_writes_nothing(make_site: MakeSite) -> None:
    with Session(make_site(PEOPLE)) as session:
        session.halt.set()
        with pytest.raises(Interrupted):
            session.run()
        assert not session.journal.writes()


def test_watching_runs_what_is_due_and_ends_when_asked(make_site: MakeSite) -> None:
    site = make_site("name\nAna\n")
    with command(site.folder, "run", "--watch", "--json") as process:
        assert process.stdout
        assert json.loads(process.stdout.readline())["created"] == 4
        process.send_signal(signal.SIGTERM)
        _, err = process.communicate(timeout=60)
    assert process.returncode == 0 and "Ended." in err and "Traceback" not in err


def test_watching_goes_on_after_an_error_and_tells_it_once(make_site: MakeSite, monkeypatch: pytest.MonkeyPatch) -> None:
    from click.testing import CliRunner

    from wikibridge.cli import watch
    from wikibridge.cli.main import cli

    site = make_site("name\nAna\n")
    settings = site.folder / "wikibridge.yml"
    good = settings.read_text(encoding="utf-8")
    settings.write_text(good + "pfad: x\n", encoding="utf-8")
    pauses: list[float] = []

    class Halt:
        def is_set(self) -> bool:
            return len(pauses) > 3

        def wait(self, pause: float) -> None:
            pauses.append(pause)
            if len(pauses) == 3:
                settings.write_text(good, encoding="utf-8")

    @contextmanager
    def halting() -> Iterator[Halt]:
        yield Halt()

    monkeypatch.setattr(watch, "halting", halting)
    done = CliRunner().invoke(cli, ["--site", str(site.folder), "run", "--watch"])
    assert done.stderr.count("pfad") == 1 and "4 pages created" in done.stdout
    assert pauses[:3] == [60, 120, 240] and pauses[3] <= 60


def test_the_log_tells_each_write_with_the_run(make_site: MakeSite) -> None:
    site = make_site("name\nAna\n")
    with open(site.folder / "wikibridge.yml", "a", encoding="utf-8") as file:
        file.write("log: json\n")
    site = Site(site.folder)
    with Session(site) as session:
        number = session.run().run
        session.run()
    path = site.state / "logs" / "wikibridge.log"
    assert path.stat().st_mode & 0o777 == 0o600
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    written = [line for line in lines if line.get("outcome") == "create"]
    assert {line["title"] for line in written} >= {"Participants/Ana"} and {line["run"] for line in written} == {number}
    assert [line["run"] for line in lines if "requests" in line] == [number, number + 1]


@pytest.mark.parametrize("form", ["text", "json"])
def test_the_log_stays_small_and_a_line_is_a_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, form: str) -> None:
    monkeypatch.setattr(logs, "_BYTES", 2000)
    for number in range(300):
        with logs.logged(tmp_path, form, number):  # type: ignore[arg-type]
            logs.LOG.info("first\nsecond\u2028third %s", number)
    files = sorted((tmp_path / "logs").iterdir())
    assert len(files) == 6 and all(file.stat().st_size <= 2000 for file in files)
    last = (tmp_path / "logs" / "wikibridge.log").read_text(encoding="utf-8").splitlines()[-1]
    assert "299" in last and "first" in last and "third" in last


def test_quiet_runs_of_long_ago_are_forgotten_and_others_are_kept(make_site: MakeSite) -> None:
    with Session(make_site("name\nAna\n")) as session:
        wrote = session.run().run
        old = (datetime.now(UTC) - timedelta(days=100)).isoformat(timespec="seconds")
        quiet = [session.journal.begin(old) for _ in range(120)]
        for number in quiet:
            session.journal.end(number, {"created": 0})
        late = session.run().run
        kept = {number for number, *_ in session.journal.runs()}
        assert {wrote, late} <= kept and quiet[0] not in kept and len(kept) < 30
        assert session.journal.begin(old) > late > quiet[-1], "no number comes twice"


def test_runs_leave_no_handles_open(make_site: MakeSite) -> None:
    site = make_site("name\nAna\n")

    def runs(count: int) -> int:
        for _ in range(count):
            with Session(site) as session:
                session.run()
        return len(os.listdir("/proc/self/fd"))

    assert runs(3) == runs(10)


def test_status_tells_when_jobs_are_due(make_site: MakeSite) -> None:
    site = make_site("name\nAna\n", files=EMPTY)
    with command(site.folder, "run", "--due", "--quiet") as process:
        assert process.communicate(timeout=60) == ("", "")
    with command(site.folder, "status", "--json") as process:
        facts = json.loads(process.communicate(timeout=60)[0])
    assert {job["job"] for job in facts["schedule"]} == {"participants", "summaries", "catalogue", "answers", "problems"}
    assert all(job["run"] == facts["run"] and job["done"] <= job["next"] and job["every"] == "15 min" for job in facts["schedule"])
    with command(site.folder, "status") as process:
        assert "participants 15 min" in process.communicate(timeout=60)[0]
    with command(site.folder, "run", "--due") as process:
        assert process.communicate(timeout=60)[0] == "Nothing is due.\n"
    with command(site.folder, "run", "--all", "answers") as process:
        assert "“answers”" in process.communicate(timeout=60)[1] and process.returncode == 2


def test_the_journal_of_another_wiki_tells_nothing_of_this_one(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    first, second = Journal(path, "one"), Journal(path, "two")
    first.end(first.begin("2026-01-01"), {}, {"answers": "2026-01-01"})
    assert first.scheduled() and not second.scheduled()
    first.close()
    second.close()
