"""``wikibridge schedule``: a line for cron or a timer of systemd that runs whatever is due, and what is installed of these.

https://man7.org/linux/man-pages/man5/crontab.5.html, https://www.freedesktop.org/software/systemd/man/systemd.timer.html
"""

from __future__ import annotations

import hashlib
import math
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Literal

from wikibridge.errors import SettingsError
from wikibridge.every import Every

Way = Literal["cron", "systemd", "system"]
"""By the user's crontab, the user's systemd, or the system's."""
MARK = "# wikibridge:"
"""What the line in a crontab ends with, before the site folder."""
_STEPS = (15, 12, 10, 6, 5, 4, 3, 2, 1)
_SECONDS = 60


def step(ways: Iterable[Every]) -> int:
    """Every how many minutes to look what is due, so that nothing is late: at most 15, a part of an hour."""
    apart = math.gcd(60, *(int(way.interval.total_seconds()) // 60 or way.at.minute for way in ways))
    return next(minutes for minutes in _STEPS if apart % minutes == 0)


def program() -> list[str]:
    """The command that runs this very wikibridge, whatever the PATH of cron is."""
    beside = Path(sys.executable).with_name("wikibridge")
    return [str(beside)] if beside.is_file() else [sys.executable, "-m", "wikibridge"]


def environment() -> dict[str, str]:
    """What messages depend on: the language of whoever sets this up, which cron would not know."""
    return {name: os.environ[name] for name in ("LC_ALL", "LANG") if os.environ.get(name)}


def _command(folder: Path) -> list[str]:
    return [*program(), "--site", str(folder), "run", "--due", "--quiet"]


def crontab_line(folder: Path, minutes: int) -> str:
    """The line for a crontab, in which ``%`` would be a line break. Raises SettingsError for a folder that none can name."""
    if re.search(r"[\x00-\x1f\x7f]", str(folder)):
        raise SettingsError("schedule-folder", repr(str(folder)))
    when = "*" if minutes == 1 else f"*/{minutes}"
    words = [*(f"{name}={shlex.quote(value)}" for name, value in environment().items()), *map(shlex.quote, _command(folder))]
    return f"{when} * * * * {' '.join(words)} {MARK}{folder}".replace("%", r"\%")


def unit_name(folder: Path) -> str:
    """What the units of a site folder are called: its name, and a few letters that tell it from others of that name."""
    name = re.sub(r"[^A-Za-z0-9]+", "-", folder.name).strip("-")[:40]
    return "-".join(filter(None, ["wikibridge", name, hashlib.sha256(str(folder).encode()).hexdigest()[:6]]))


def _quoted(word: str) -> str:
    """A word of a unit file. https://www.freedesktop.org/software/systemd/man/systemd.syntax.html#Quoting"""
    for sign, written in (("\\", "\\\\"), ('"', '\\"'), ("%", "%%"), ("$", "$$")):
        word = word.replace(sign, written)
    return f'"{word}"'


def units(folder: Path, minutes: int, way: Way) -> dict[str, str]:
    """The texts of the unit files, by their names. Raises as ``crontab_line`` does."""
    crontab_line(folder, minutes)
    name = unit_name(folder)
    service = [
        "[Unit]", f"Description=wikibridge: what is due in {str(folder).replace('%', '%%')}",
        *(["Wants=network-online.target", "After=network-online.target"] if way == "system" else []), "",
        "[Service]", "Type=oneshot",
        *(f"Environment={_quoted(f'{name}={value}').replace('$$', '$')}" for name, value in environment().items()),
        *([f"User={_user()}"] if way == "system" else []),
        f"ExecStart={' '.join(map(_quoted, _command(folder)))}",
        # Another run was at work: no failure.
        "SuccessExitStatus=4", "TimeoutStopSec=120", ""]
    timer = ["[Unit]", f"Description=wikibridge: every {minutes} min", "", "[Timer]", f"OnCalendar=*:0/{minutes}",
             "AccuracySec=1s", "Persistent=true", "", "[Install]", "WantedBy=timers.target", ""]
    return {f"{name}.service": "\n".join(service), f"{name}.timer": "\n".join(timer)}


def _user() -> str:
    import pwd

    return pwd.getpwuid(os.getuid()).pw_name


def pasted(folder: Path, minutes: int, way: Way) -> str:
    """What to paste: a line into a crontab, or commands into a shell."""
    if way == "cron":
        return crontab_line(folder, minutes)
    made = units(folder, minutes, way)
    home = str(_SYSTEM) if way == "system" else "~/.config/systemd/user"
    lines = [f"mkdir -p {home}"]
    for name, text in made.items():
        lines.append(f"cat > {home}/{name} <<'END'\n{text}END")
    control = "systemctl" if way == "system" else "systemctl --user"
    return "\n".join([*lines, f"{control} daemon-reload", f"{control} enable --now {unit_name(folder)}.timer"])


_SYSTEM = Path("/etc/systemd/system")


def _home(way: Way) -> Path:
    if way == "system":
        return _SYSTEM
    return Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config") / "systemd" / "user"


def installed(folder: Path) -> str | None:
    """Where a schedule for the site folder is installed: a line of the user's crontab, or the path of a timer. None: nowhere.

    A crontab that somebody wrote by hand counts when it names the folder and runs wikibridge.
    """
    for line in _crontab():
        if _ours(line, folder) or ("wikibridge" in line and _names(line, folder)):
            return line.strip()
    for way in ("systemd", "system"):
        path = _home(way) / f"{unit_name(folder)}.timer"
        if path.is_file():
            return str(path)
    return None


def _names(line: str, folder: Path) -> bool:
    """Whether a line that somebody wrote names the folder, and not only one whose name begins like it."""
    try:
        words = shlex.split(line.replace(r"\%", "%"), comments=True)
    except ValueError:
        words = line.split()
    return any(re.search(rf"(?:^|=){re.escape(str(folder))}/?;?$", word) for word in words)


def _ours(line: str, folder: Path) -> bool:
    return line.rstrip().endswith(f"{MARK}{folder}".replace("%", r"\%"))


def _crontab() -> list[str]:
    """The lines of the user's crontab; none when there is none, or no cron."""
    if shutil.which("crontab") is None:
        return []
    done = subprocess.run(["crontab", "-l"], capture_output=True, timeout=_SECONDS, check=False)
    return done.stdout.decode(errors="surrogateescape").splitlines() if done.returncode == 0 else []


def _call(*command: str, given: str = "") -> None:
    """Run a command. Raises SettingsError with what it said when it is not there or fails."""
    try:
        done = subprocess.run(command, input=given.encode(errors="surrogateescape"), capture_output=True, timeout=_SECONDS,
                              check=False)
    except FileNotFoundError as error:
        raise SettingsError("schedule-no-program", command[0]) from error
    except (OSError, subprocess.SubprocessError) as error:
        raise SettingsError("schedule-refused", shlex.join(command), error) from error
    if done.returncode:
        raise SettingsError("schedule-refused", shlex.join(command), " ".join(done.stderr.decode(errors="replace").split())[:300])


def install(folder: Path, minutes: int, way: Way) -> str:
    """Install a schedule, in place of an earlier one of the same way; answers where. Raises SettingsError when it cannot be."""
    if way == "cron":
        line = crontab_line(folder, minutes)
        if shutil.which("crontab") is None:
            raise SettingsError("schedule-no-program", "crontab")
        lines = [each for each in _crontab() if not _ours(each, folder)]
        _call("crontab", "-", given="\n".join([*lines, line, ""]))
        return line
    home = _home(way)
    try:
        home.mkdir(parents=True, exist_ok=True)
        for name, text in units(folder, minutes, way).items():
            (home / name).write_text(text, encoding="utf-8", errors="surrogateescape")
    except OSError as error:
        raise SettingsError("file-unwritable", home, error.strerror or "?") from error
    _control(way, "daemon-reload")
    _control(way, "enable", "--now", f"{unit_name(folder)}.timer")
    return str(home / f"{unit_name(folder)}.timer")


def remove(folder: Path) -> list[str]:
    """Remove all that was installed for the site folder by ``install``; answers what. Lines written by hand stay."""
    removed = []
    lines = _crontab()
    if ours := [line for line in lines if _ours(line, folder)]:
        rest = [line for line in lines if line not in ours]
        _call("crontab", "-", given="\n".join([*rest, ""]))
        removed += ours
    for way in ("systemd", "system"):
        name, home = unit_name(folder), _home(way)
        if (home / f"{name}.timer").is_file():
            # Where systemd does not answer, no timer runs either: its files go all the same.
            with suppress(SettingsError):
                _control(way, "disable", "--now", f"{name}.timer")
            try:
                for ending in ("timer", "service"):
                    (home / f"{name}.{ending}").unlink(missing_ok=True)
            except OSError as error:
                raise SettingsError("file-unwritable", home, error.strerror or "?") from error
            with suppress(SettingsError):
                _control(way, "daemon-reload")
            removed.append(str(home / f"{name}.timer"))
    return removed


def _control(way: Way, *words: str) -> None:
    _call("systemctl", *(["--user"] if way == "systemd" else []), *words)
