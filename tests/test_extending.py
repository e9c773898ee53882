"""Packages that bring kinds of jobs and doors, and wikibridge used from Python, as the documentation shows them."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

import wikibridge
from wikibridge import Site, extend

ROOT = Path(__file__).parent.parent
EXAMPLE = ROOT / "docs" / "example-plugin"
THANKS = "kind: thanks\npage: Thank you\nwords: Merci {{beaucoup}}\n"
MakeSite = Callable[..., Site]
# What builds a package comes from the registry, as for any newcomer.
pytestmark = pytest.mark.live


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the example package installed."""
    folder = tmp_path_factory.mktemp("packages")
    subprocess.run([sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--target", str(folder),
                    str(EXAMPLE)], check=True, capture_output=True, timeout=300)
    return folder


def wrong(packages: Path, tmp_path: Path, points: Mapping[str, str]) -> Path:
    """A folder with a package whose entry points are these, beside the example."""
    info = tmp_path / "wrong-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: wrong\nVersion: 1.0\n")
    groups = "\n".join(f"[{group}]\n{point}" for group, point in points.items())
    (info / "entry_points.txt").write_text(groups + "\n")
    (tmp_path / "wrong_module.py").write_text("raise RuntimeError('no luck')\n")
    return tmp_path


def cli(site: Site, *words: str, path: list[Path]) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("LC_", "LANG"))}
    environment |= {"PYTHONPATH": os.pathsep.join([*map(str, path), str(ROOT)]), "PYTHONUTF8": "1"}
    return subprocess.run([sys.executable, "-m", "wikibridge", "--site", str(site.folder), *words], env=environment, text=True,
                          capture_output=True, timeout=120, check=False)


def test_a_kind_of_job_of_another_package(packages: Path, make_site: MakeSite) -> None:
    site = make_site("name\nAna\n", files={"jobs/thanks.yml": THANKS})
    assert cli(site, "run", path=[packages]).returncode == 0
    page = site.folder / "wiki" / "Participants" / "Ana.wiki"
    page.write_text(page.read_text(encoding="utf-8") + "\n{{Choice|title=Walking}}\n", encoding="utf-8")
    assert json.loads(cli(site, "run", "--json", path=[packages]).stdout)["jobs"]["thanks"] == "done"
    text = (site.folder / "wiki" / "Thank you.wiki").read_text(encoding="utf-8")
    assert "[[:Participants/Ana" in text and "{{beaucoup}}" not in text and "beaucoup" in text
    again = json.loads(cli(site, "run", "--json", path=[packages]).stdout)
    assert (again["created"], again["changed"]) == (0, 0)
    done = cli(site, "run", path=[])
    assert done.returncode == 2 and "thanks" in done.stderr and "participants" in done.stderr


def test_a_mistake_in_its_job_file_is_told_as_for_shipped_kinds(packages: Path, make_site: MakeSite) -> None:
    site = make_site(files={"jobs/thanks.yml": "kind: thanks\npage: X\nwrods: Y\n"})
    done = cli(site, "run", path=[packages])
    assert done.returncode == 2 and "jobs/thanks.yml, line 3" in done.stderr and "words" in done.stderr


def test_a_door_of_another_package(packages: Path, make_site: MakeSite) -> None:
    site = make_site("name\nAna\nBo\n")
    (site.folder / "wikibridge.yml").write_text("wiki: {kind: notebook, options: {file: notes.json}}\nlanguages: [en]\n", encoding="utf-8")
    first = json.loads(cli(site, "run", "--json", path=[packages]).stdout)
    assert first["created"] == 3
    path = site.folder / "notes.json"
    rows = json.loads(path.read_text(encoding="utf-8"))
    (ana,) = [row for row in rows if row["title"] == "Participants/Ana"]
    rows.append({**ana, "revision": len(rows) + 1, "text": ana["text"] + "\n{{Choice|title=Walking|theme=transport}}", "editor": "Ana"})
    path.write_text(json.dumps(rows), encoding="utf-8")
    second = json.loads(cli(site, "run", "--json", path=[packages]).stdout)
    assert second["pages_read"] == 1 and second["changed"] and second["entries"] == 3
    third = json.loads(cli(site, "run", "--json", path=[packages]).stdout)
    assert (third["created"], third["changed"], third["requests"]) == (0, 0, 1)
    undone = json.loads(cli(site, "undo", str(second["run"]), "--json", path=[packages]).stdout)
    assert undone["changed"] == second["changed"] + second["created"]


@pytest.mark.parametrize(("settings", "words"), [
    ("kind: notebook", ("wiki.options.file",)), ("kind: notbook", ("wiki.kind", "folder", "“notebook”")),
    ("kind: folder, options: {file: x}", ("wiki.options",)), ("kind: broken", ("“broken”", "wrong", "no luck")),
    ("kind: nothing", ("“nothing”", "docs/extending.md")),
])
def test_mistakes_with_doors(packages: Path, make_site: MakeSite, tmp_path: Path, settings: str, words: tuple[str, ...]) -> None:
    site = make_site()
    (site.folder / "wikibridge.yml").write_text(f"wiki: {{{settings}}}\n", encoding="utf-8")
    other = wrong(packages, tmp_path / "wrong", {"wikibridge.wikis": "broken = wrong_module:x\nnothing = builtins:repr"})
    done = cli(site, "run", path=[packages, other])
    assert done.returncode == 2 and all(word in done.stderr for word in words) and "Traceback" not in done.stderr, done.stderr


@pytest.mark.parametrize(("kind", "words"), [
    ("broken", ("“broken”", "wrong", "no luck")), ("number", ("“number”", "docs/extending.md")), ("thanks", ("wikibridge-example", "wrong"))])
def test_mistakes_with_kinds(packages: Path, make_site: MakeSite, tmp_path: Path, kind: str, words: tuple[str, ...]) -> None:
    site = make_site(files={"jobs/x.yml": f"kind: {kind}\npage: X\n"})
    other = wrong(packages, tmp_path / "wrong", {
        "wikibridge.jobs": "broken = wrong_module:x\nnumber = math:pi\nthanks = math:tau\nsummaries = math:e"})
    done = cli(site, "run", path=[packages, other])
    assert done.returncode == 2 and all(word in done.stderr for word in words) and "Traceback" not in done.stderr, done.stderr
    (site.folder / "jobs" / "x.yml").unlink()
    assert cli(site, "run", path=[packages, other]).returncode == 0, "shipped kinds are ours"


def test_the_python_of_the_documentation_works(make_site: MakeSite) -> None:
    site = make_site("name\nAna\nBo\n")
    parts = re.findall(r"```python\n(.*?)```", (ROOT / "docs" / "python.md").read_text(encoding="utf-8"), re.DOTALL)
    assert len(parts) == 4
    code = "\n".join(parts).replace('Path("my-wiki")', f"Path({str(site.folder)!r})")
    done = subprocess.run([sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    assert all(words in done.stdout for words in ("5 created, 0 changed, 2 entries", "Participants/Ana 1 ", "participant {'name': 'Ana'",
                                                  "nothing Summary of choices", "{'participants': '20"))


def test_the_public_names_are_there() -> None:
    for module in (wikibridge, extend):
        assert all(getattr(module, name) is not None for name in module.__all__)
    shown = "".join((ROOT / "docs" / name).read_text(encoding="utf-8") for name in ("python.md", "extending.md", "versions.md"))
    assert all(re.search(rf"\b{name}\b", shown) for name in ("Session", "Site", "Result", "SiteJob", "JobOptions", "Door", "Wiki"))


def test_types_are_seen_from_outside(tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text("from pathlib import Path\nfrom wikibridge import Session, Site\n"
                       "def count(folder: Path) -> int:\n    with Session(Site(folder)) as session:\n        return session.run().created\n"
                       "wrong: str = count(Path('.'))\n", encoding="utf-8")
    done = subprocess.run([sys.executable, "-m", "mypy", "--strict", "--follow-imports=silent", "--config-file=", str(program), str(EXAMPLE / "wikibridge_example")],
                          capture_output=True, text=True, cwd=tmp_path, timeout=300, check=False)
    errors = [line for line in done.stdout.splitlines() if ": error:" in line]
    assert len(errors) == 1 and "program.py:6" in errors[0] and '"int"' in errors[0], done.stdout
