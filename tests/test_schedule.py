"""``wikibridge schedule``: what it shows works as pasted, what it installs is found again and taken away."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from wikibridge.cli import schedule
from wikibridge.every import read
from wikibridge.jobs.runner import Session
from wikibridge.site import Site

NAMES = ["plain", "with blank", "50%", "o'clock", 'say "so"', "$HOME `id` #x", "Élan – ação", "back\\slash"]


@pytest.fixture(params=NAMES)
def site(request: pytest.FixtureRequest, make_site: Callable[..., Site], tmp_path: Path) -> Site:
    made = make_site("name\nAna\n")
    folder = tmp_path / request.param
    made.folder.rename(folder)
    return Site(folder)


def cli(*words: str, site: Site, **environment: str) -> subprocess.CompletedProcess[str]:
    plain = {name: value for name, value in os.environ.items() if not name.startswith(("LC_", "LANG"))}
    return subprocess.run([sys.executable, "-m", "wikibridge", "--site", str(site.folder), *words], text=True, capture_output=True,
                          env={**plain, "PYTHONUTF8": "1", **environment}, timeout=120, check=False)


def ran(site: Site) -> int:
    with Session(site) as session:
        return len(session.journal.runs())


def test_the_line_works_as_cron_reads_it(site: Site) -> None:
    shown = cli("schedule", site=site, LANG="fr_FR.UTF-8").stdout.splitlines()
    assert len(shown) == 2 and shown[0].startswith("# Collez")
    when, command = re.fullmatch(r"((?:\S+ ){5})(.*)", shown[1]).groups()  # type: ignore[union-attr]
    assert when == "*/15 * * * * " and not re.search(r"(?<!\\)%", command)
    done = subprocess.run(["/bin/sh", "-c", command.replace(r"\%", "%")], env={"PATH": "/usr/bin:/bin", "HOME": "/"}, cwd="/",
                          capture_output=True, timeout=120, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"") and ran(site) == 1


def test_the_units_are_what_systemd_understands(site: Site, tmp_path: Path) -> None:
    texts = schedule.units(site.folder, 15, "system")
    for name, text in texts.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    if shutil.which("systemd-analyze"):
        checked = subprocess.run(["systemd-analyze", "verify", "--man=no", *(str(tmp_path / name) for name in texts)],
                                 capture_output=True, text=True, timeout=60, check=False)
        assert "wikibridge" not in checked.stderr, checked.stderr
    (service,) = (text for name, text in texts.items() if name.endswith(".service"))
    start = next(line for line in service.splitlines() if line.startswith("ExecStart="))
    words = [re.sub(r"\\(.)", r"\1", word).replace("%%", "%").replace("$$", "$") for word in re.findall(r'"((?:[^"\\]|\\.)*)"', start)]
    assert words[-5:] == ["--site", str(site.folder), "run", "--due", "--quiet"]


def test_two_sites_of_one_name_have_units_of_their_own(tmp_path: Path) -> None:
    assert schedule.unit_name(tmp_path / "a" / "wiki") != schedule.unit_name(tmp_path / "b" / "wiki")


def test_systemd_is_asked_and_its_files_go_again(make_site: Callable[..., Site], tmp_path: Path) -> None:
    site, programs, calls = make_site(), tmp_path / "bin", tmp_path / "calls"
    programs.mkdir()
    # No systemd runs where tests do.
    (programs / "systemctl").write_text(f'#!/bin/sh\necho "$@" >> {calls}\n')
    (programs / "systemctl").chmod(0o755)
    there = {"PATH": f"{programs}:{os.environ['PATH']}", "XDG_CONFIG_HOME": str(tmp_path / "config")}
    done = cli("schedule", "--systemd", "--install", site=site, **there)
    name = schedule.unit_name(site.folder)
    assert done.returncode == 0 and f"{name}.timer" in done.stdout and "enable-linger" in done.stdout
    assert calls.read_text().splitlines() == ["--user daemon-reload", f"--user enable --now {name}.timer"]
    assert {path.name for path in (tmp_path / "config" / "systemd" / "user").iterdir()} == {f"{name}.timer", f"{name}.service"}
    assert f"{name}.timer" in cli("schedule", "--remove", site=site, **there).stdout
    assert not list((tmp_path / "config" / "systemd" / "user").iterdir())
    assert "Nothing was installed" in cli("schedule", "--remove", site=site, **there).stdout


def test_without_cron_or_systemd_the_remedy_is_told(make_site: Callable[..., Site], tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    for words, program in ((("--install",), "crontab"), (("--install", "--systemd"), "systemctl")):
        done = cli("schedule", *words, site=make_site(), PATH=str(tmp_path / "empty"), XDG_CONFIG_HOME=str(tmp_path / "config"))
        assert done.returncode == 2 and f"“{program}" in done.stderr and "Traceback" not in done.stderr
    assert cli("schedule", "--install", "--remove", site=make_site()).returncode == 2


@pytest.mark.parametrize(("ways", "minutes"), [
    (["15 min"], 15), (["1 h", "daily 03:30"], 15), (["daily 03:07"], 1), (["daily 03:10"], 10), (["20 min"], 10), (["7 min"], 1),
    (["weekly Mon 06:00"], 15), ([], 15), (["5 min", "daily 06:00"], 5)])
def test_nothing_is_late(ways: list[str], minutes: int) -> None:
    every = [found for way in ways if (found := read(way))]
    assert schedule.step(every) == minutes
    for each in every:
        from zoneinfo import ZoneInfo

        slot = datetime(2026, 3, 1, tzinfo=UTC)
        for _ in range(50):
            slot = each.next(slot, ZoneInfo("Europe/Brussels"))
            assert (slot - slot.replace(minute=0)) % timedelta(minutes=minutes) == timedelta(0)


@pytest.fixture
def crontab() -> Iterator[None]:
    """The user's crontab, as it was before again in the end."""
    if shutil.which("crontab") is None:
        pytest.fail("this test needs Debian's package cron; set WIKIBRIDGE_SKIP_LIVE=1 to do without")
    before = subprocess.run(["crontab", "-l"], capture_output=True, check=False)
    subprocess.run(["crontab", "-"], input=b"# mine\n5 4 * * * true wikibridge\n", check=True)
    yield
    if before.returncode == 0:
        subprocess.run(["crontab", "-"], input=before.stdout, check=True)
    else:
        subprocess.run(["crontab", "-r"], check=True)


@pytest.mark.live
@pytest.mark.usefixtures("crontab")
def test_a_crontab_gets_the_line_once_and_keeps_all_others(site: Site) -> None:
    def lines() -> list[str]:
        return subprocess.run(["crontab", "-l"], capture_output=True, text=True, check=True).stdout.splitlines()

    mine = lines()
    assert schedule.installed(site.folder) is None
    for _ in range(2):
        done = cli("schedule", "--install", site=site)
        assert done.returncode == 0 and lines()[:-1] == mine
    assert schedule.installed(site.folder) == lines()[-1]
    assert cli("schedule", "--remove", site=site).returncode == 0
    assert lines() == mine and schedule.installed(site.folder) is None


@pytest.mark.parametrize(("line", "found"), [
    ("*/15 * * * * wikibridge --site '{}' run --due", True), ("*/15 * * * * cd '{}'; wikibridge run --due", True),
    ("0 3 * * * wikibridge --site='{}/' run", True), ("# 0 3 * * * wikibridge --site '{}' run", False),
    ("0 3 * * * wikibridge --site '{} 2' run", False), ("0 3 * * * wikibridge --site '{}-old' run", False),
    ("0 3 * * * backup '{}'", False), ("0 3 * * * wikibridge --site '/srv{}' run", False), ("0 3 * * * wikibridge 'unfinished {}", False),
])
def test_a_line_written_by_hand_counts_when_it_names_this_very_folder(
    line: str, found: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(schedule, "_crontab", lambda: [line.format(tmp_path / "my wiki")])
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    assert (schedule.installed(tmp_path / "my wiki") is not None) is found
