"""What a newcomer installs: a wheel, in an empty environment, away from the sources, that runs the demo."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
# Packages come from the registry, as for any newcomer: with the servers' tests, not among the quick ones.
pytestmark = pytest.mark.live


def call(*command: str | Path, folder: Path) -> str:
    plain = {key: value for key, value in os.environ.items() if not key.startswith(("PYTHON", "VIRTUAL_ENV", "LC_", "LANG"))}
    done = subprocess.run([str(part) for part in command], cwd=folder, env=plain, text=True, capture_output=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The ``bin`` folder of an empty environment into which a wheel of this checkout was installed."""
    folder = tmp_path_factory.mktemp("wheel")
    call(sys.executable, "-m", "build", "--wheel", "--outdir", folder, ROOT, folder=folder)
    (wheel,) = folder.glob("*.whl")
    call(sys.executable, "-m", "venv", folder / "venv", folder=folder)
    call(folder / "venv" / "bin" / "pip", "install", "-q", "-c", ROOT / "constraints.txt", wheel, folder=folder)
    return folder / "venv" / "bin"


def test_the_demo_runs_from_a_wheel(environment: Path, tmp_path: Path) -> None:
    said = call(environment / "wikibridge", "demo", "--participants", "30", folder=tmp_path)
    assert "30 participants typed 150 choices." in said and "nothing to do" in said
    for path in re.findall(rf"{re.escape(str(tmp_path))}\S+", said):
        assert Path(path).exists(), path
    again = call(environment / "wikibridge", "--site", "wikibridge-demo", "run", folder=tmp_path)
    assert "0 pages created, 0 changed" in again


def test_the_readmes_python_works(environment: Path, tmp_path: Path) -> None:
    call(environment / "wikibridge", "demo", "--participants", "6", folder=tmp_path)
    (example,) = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL)
    assert len(example.strip().splitlines()) <= 10
    said = call(environment / "python", "-c", example, folder=tmp_path)
    assert re.search(r"Summary of choices \d+ \d+\n\d+ entries, 0 pages changed", said)
