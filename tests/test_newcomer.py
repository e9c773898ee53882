"""A newcomer who has the guide for the secretariat and nothing else, from the wheel to nightly runs on a real MediaWiki.

Every command of the guide is typed in its order; a wiki's address, an account and its password are what the newcomer brings along.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.guides import ROOT, Block, blocks, secretariat
from wikibridge.demo.mediawiki_server import Account, MediaWikiServer
from wikibridge.i18n import LANGUAGES
from wikibridge.model import Edit, Head
from wikibridge.wikis.base import Wiki

pytestmark = pytest.mark.live
PREFIX = "Newcomers/"
CRONTAB = """#!/bin/sh
# What cron's own program does with a file of lines; that it takes ours is tested with the real one.
case "$1" in -l) cat "$HOME/crontab" ;; -) cat > "$HOME/crontab" ;; *) cp "$1" "$HOME/crontab" ;; esac
"""


class Desk:
    """A home folder and a terminal, in which nothing is installed."""

    def __init__(self, home: Path) -> None:
        self.home = self.folder = home
        programs = home / "programs"
        programs.mkdir()
        (programs / "crontab").write_text(CRONTAB)
        (programs / "crontab").chmod(0o755)
        pipx = Path(sys.executable).with_name("pipx")
        (programs / "pipx").write_text(f"#!/bin/sh\nexec '{pipx}' \"$@\"\n")
        (programs / "pipx").chmod(0o755)
        kept = {key: value for key, value in os.environ.items() if key.startswith(("PIP_", "SSL_", "http", "HTTP", "no_proxy", "NO_PROXY"))}
        self.environment = {
            **kept, "HOME": str(home), "PATH": f"{home}/.local/bin:{programs}:/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8",
            "PIP_CONSTRAINT": str(ROOT / "constraints.txt"), "PIPX_DEFAULT_PYTHON": sys.executable}

    def type(self, command: str, answers: str = "") -> str:
        """What a command says; it must end well. A ``cd`` counts for the commands after it."""
        done = subprocess.run(
            ["bash", "-c", f"{command} || exit\npwd > '{self.home}/where'"], cwd=self.folder, env=self.environment, input=answers, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False, start_new_session=True)
        assert done.returncode == 0, f"$ {command}\n{done.stdout}"
        self.folder = Path((self.home / "where").read_text().strip())
        return done.stdout


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    subprocess.run([sys.executable, "-m", "build", "--wheel", "--outdir", str(tmp_path), str(ROOT)], check=True, capture_output=True)
    return Desk(tmp_path)


@pytest.fixture
def account(mediawiki: MediaWikiServer) -> Account:
    return mediawiki.bot_password(mediawiki.user("Secretariat", ("bot",)).name, "wikibridge")


def do(block: Block, desk: Desk, answers: dict[str, str]) -> dict[str, str]:
    """Follow a block of the guide; what its commands said."""
    said: dict[str, str] = {}
    if block.kind == "sh":
        for command in block.text.splitlines():
            said[command] = desk.type(command, answers.get(command, ""))
    elif block.kind == "csv":
        header, _, rows = block.text.partition("\n")
        table = desk.folder / "participants.csv"
        there = table.read_text(encoding="utf-8-sig")
        assert re.split("[;,]", there.strip()) == re.split("[;,]", header), "the first row is there already"
        table.write_text(f"\ufeff{there.rstrip()}\n{rows}", encoding="utf-8")
    elif block.kind == "yaml":
        with open(desk.folder / "wikibridge.yml", "a", encoding="utf-8") as settings:
            settings.write(block.text)
    return said


def test_the_guide_leads_from_nothing_to_nightly_summaries(
    desk: Desk, mediawiki: MediaWikiServer, account: Account, mediawiki_doors: Callable[[str], Wiki],
) -> None:
    citizen = mediawiki_doors("Citizen")
    answers = {
        "wikibridge init my-wiki": "\n".join([
            f"{mediawiki.address}index.php/Main_Page", account.name, account.password, "en,fr,pt", "Europe/Brussels", PREFIX,
            "secretariat@example.org", ""]),
        'wikibridge forget "Ana Silva"': "y\n"}
    said: dict[str, list[str]] = {}
    for block in blocks(secretariat("en")):
        for command, text in do(block, desk, answers).items():
            said.setdefault(command, []).append(text)
            if command == "wikibridge run" and len(said[command]) == 1:
                # Meanwhile, in a browser: what people write stays, whatever is taken back.
                (page,) = citizen.read(titles=[f"{PREFIX}The Green School"])
                choice = page.text + "\n== Choice: Less meat ==\n* Date: 3 Nov 2020\n* Theme: food\n"
                citizen.write(Edit(page.title, choice, "", Head(page.id, page.title, page.revision)))
            if command == "wikibridge plan --html plan.html":
                assert "École verte" in (desk.folder / "plan.html").read_text(encoding="utf-8")
            if command.startswith("wikibridge report"):
                assert (desk.folder / command.split()[2]).is_file()
            if command == "wikibridge schedule --install":
                assert "run --due --quiet" in (desk.home / "crontab").read_text()
            if command == "wikibridge undo 2":
                (page,) = citizen.read(titles=[f"{PREFIX}The Green School"])
                assert "Less meat" in page.text

    assert said["wikibridge --version"] and "OK" in said["wikibridge doctor"][0]
    first, second, *_ = said["wikibridge doctor"]
    assert "ERROR" not in first + second
    # What is not installed is named; nothing else is left to do.
    assert not [line for line in second.splitlines() if line.startswith("warning") and "scikit-learn" not in line], second
    assert "To create: 0." not in said["wikibridge plan"][0]
    assert account.password not in "".join(text for texts in said.values() for text in texts)
    assert "Participants/" not in said["wikibridge log 2"][0] and f"{PREFIX}Ana Silva" in said["wikibridge log 2"][0]
    titles = [f"{PREFIX}{name}" for name in ("The Green School", "École verte")]
    assert {page.title for page in citizen.read(titles=titles) if "{{Participant" in page.text} == set(titles), "the undo was taken back"
    assert (desk.folder / "data" / "choice.csv").is_file()
    assert "Ana Silva" not in (desk.folder / "participants.csv").read_text(encoding="utf-8")
    assert (desk.home / "my-wiki-copy.tar.gz").is_file() and "run --due" not in (desk.home / "crontab").read_text()
    assert (desk.home / ".local" / "share" / "man" / "man1" / "wikibridge.1").exists(), "man wikibridge"
    # Somebody writes, the line of the crontab comes by: the summary follows, and nothing is said.
    settings = desk.folder / "wikibridge.yml"
    settings.write_text(settings.read_text(encoding="utf-8").replace("every: daily 03:30", "every: 1 min"), encoding="utf-8")
    (page,) = citizen.read(titles=[f"{PREFIX}École verte"])
    citizen.write(Edit(page.title, page.text + "\n{{Choix|titre=Le potager de la cour|date=2021|thème=alimentation}}", "", Head(
        page.id, page.title, page.revision)))
    for _ in range(100):
        assert desk.type("wikibridge run --due --quiet") == ""
        if any("Le potager de la cour" in found.text for found in citizen.read(titles=["Summary of choices"])):
            break
    else:
        pytest.fail("the summary did not follow")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_guide_names_what_the_wiki_shows_in_each_language(
    language: str, mediawiki: MediaWikiServer, account: Account, browser: Browser,
) -> None:
    """The boxes to tick and the button, on the page where a bot password is made."""
    (steps,) = re.findall(r"\*\*Special:BotPasswords\*\*.*?\n4\. ", secretariat(language), re.DOTALL)
    create, *grants, again = [" ".join(bold.split()) for bold in re.findall(r"\*\*([^*]+)\*\*", steps)][1:]
    assert create == again and len(grants) == 4
    user = mediawiki.user("Secretariat")
    page = browser.new_context(base_url=mediawiki.address).new_page()
    page.goto("index.php?title=Special:UserLogin")
    page.fill("#wpName1", user.name)
    page.fill("#wpPassword1", user.password)
    page.click("#wpLoginAttempt")
    # The address names the language at each step: forms forget it.
    page.goto(f"index.php?title=Special:BotPasswords&uselang={language}")
    if page.locator("#wpPassword1").count():
        page.fill("#wpPassword1", user.password)
        page.click("#wpLoginAttempt")
        page.goto(f"index.php?title=Special:BotPasswords&uselang={language}")
    assert page.locator(f"button:has-text('{create}')").count() == 1
    page.goto(f"index.php?title=Special:BotPasswords/other-{language}&uselang={language}")
    shown = page.inner_text("#mw-content-text")
    assert not [grant for grant in grants if grant not in shown]
    assert page.locator(f"button:has-text('{create}')").count() == 1
    page.context.close()
