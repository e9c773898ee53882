"""The documentation: it builds without a warning, asks nothing of the network, and says what is so."""

from __future__ import annotations

import inspect
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser
from pydantic import BaseModel

from tests.guides import ROOT, commands, secretariat
from wikibridge.cli.main import cli
from wikibridge.i18n import LANGUAGES, messages
from wikibridge.jobs.kinds import KINDS
from wikibridge.site import Settings

MAKING = str(ROOT / "docs" / "making")


@pytest.fixture(scope="module")
def making() -> Iterator[None]:
    """The programs that make pages of the documentation can be imported."""
    sys.path.insert(0, MAKING)
    yield
    sys.path.remove(MAKING)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The documentation, built without a network."""
    folder = tmp_path_factory.mktemp("docs")
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "-d", str(folder)], cwd=ROOT, text=True, capture_output=True, check=False,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1", "http_proxy": "http://127.0.0.1:9", "https_proxy": "http://127.0.0.1:9"})
    assert done.returncode == 0 and "WARNING" not in done.stderr, done.stderr
    return folder


class Loaded(HTMLParser):
    """What a browser loads by itself when it shows a page, and the language that the page says it is in."""

    def __init__(self) -> None:
        super().__init__()
        self.addresses: list[str] = []
        self.language = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        if tag == "html":
            self.language = found.get("lang", "")
        names = {"a": (), "link": ("href",) if found.get("rel") not in ("canonical", "prev", "next") else ()}.get(
            tag, ("src", "srcset", "data", "poster"))
        self.addresses += [found[name] for name in names if name in found]


def test_no_page_makes_a_browser_ask_elsewhere(built: Path) -> None:
    pages = list(built.rglob("*.html"))
    assert len(pages) > 20
    for path in pages:
        loaded = Loaded()
        loaded.feed(path.read_text(encoding="utf-8"))
        assert loaded.addresses and not [each for each in loaded.addresses if "//" in each], path
        folder = path.relative_to(built).parts[0]
        assert loaded.language == (folder if folder in LANGUAGES else "en"), path
    for path in built.rglob("*.css"):
        assert not re.search(r"(url\(|@import)\s*[\"']?(https?:)?//", path.read_text(encoding="utf-8")), path


@pytest.mark.live
def test_a_phone_shows_every_page_and_asks_nothing(built: Path, browser: Browser) -> None:
    page = browser.new_context(viewport={"width": 390, "height": 844}).new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    wide = []
    for path in sorted(built.rglob("*.html")):
        if path.name == "404.html":
            continue
        page.goto(path.as_uri())
        if page.evaluate("document.documentElement.scrollWidth") > 390:
            wide.append(path.name)
    page.context.close()
    assert asked and not [each for each in asked if not each.startswith(("file:", "data:", "blob:"))]
    assert not wide


def test_the_reference_has_every_setting_every_kind_of_job_and_every_command(built: Path) -> None:
    text = {name: (built / "reference" / f"{name}.html").read_text(encoding="utf-8") for name in ("settings", "jobs", "commands")}
    for name, field in Settings.model_fields.items():
        assert f"<code>{field.alias or name}</code>" in text["settings"], name
    for kind, job in KINDS.items():
        assert f"<code>{kind}</code>" in text["jobs"]
        assert all(f"<code>{field.alias or name}</code>" in text["jobs"] for name, field in job.model.model_fields.items()), kind
    for name, command in cli.commands.items():
        assert f"wikibridge {name}" in text["commands"]
        for option in command.params:
            assert option.param_type_name == "argument" or option.opts[0] in text["commands"], (name, option.opts)
    assert "<code>15 min</code>" in text["settings"] and "from 1 to 100" in text["settings"] and "<td>75</td>" in text["commands"]


def below(model: type[BaseModel], making: Any) -> Iterator[type[BaseModel]]:
    yield model
    for key in making.keys(model):
        if key.model:
            yield from below(key.model, making)


def test_every_key_of_a_file_says_what_it_means(making: None) -> None:
    import models

    silent = [f"{each.__name__}.{key.name}" for top in (Settings, *(job.model for job in KINDS.values()))
              for each in below(top, models) for key in models.keys(each) if not key.meaning]
    assert not silent, "put a text below each of these fields: the reference is made of it"


def test_every_command_and_option_says_what_it_does() -> None:
    assert not [name for name, command in cli.commands.items() if not command.help]
    # "demo" alone has an option that needs no words.
    assert [(name, option.name) for name, command in cli.commands.items() for option in command.params
            if option.param_type_name == "option" and not getattr(option, "help", "")] in ([], [("demo", "participants")])


@pytest.mark.parametrize("language", ["fr", "pt"])
def test_the_guides_tell_the_same_commands(language: str) -> None:
    assert commands(secretariat(language)) == commands(secretariat("en"))
    levels = [re.findall(r"^#+", secretariat(each), re.MULTILINE) for each in ("en", language)]
    assert levels[0] == levels[1]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_guide_quotes_messages_as_they_are(language: str) -> None:
    start = {"en": "| It says |", "fr": "| Il dit |", "pt": "| Diz |"}[language]
    rows = secretariat(language).partition(start)[2].partition("\n\n")[0].splitlines()[2:]
    assert len(rows) == 9
    texts = [re.sub(r"\{\{PLURAL:[^|]*\|([^|}]*)\|[^}]*\}\}", r"\1", text) for text in messages(language).values()]
    for row in rows:
        said = [part.strip() for part in row.split("|")[1].split("…") if part.strip()]
        assert any(all(part in text for part in said) for text in texts), said


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_guides_name_commands_and_options_that_exist(language: str) -> None:
    for line in commands(secretariat(language)):
        words = line.removeprefix("~/wikibridge-program/bin/").split()
        if words[0] == "wikibridge" and not words[1].startswith("-"):
            known = {name for option in cli.commands[words[1]].params for name in option.opts}
            assert {word for word in words[2:] if word.startswith("--")} <= known, line


def test_french_keeps_its_punctuation_with_the_word_before_it() -> None:
    for path in (ROOT / "docs" / "fr" / "secretariat.md", ROOT / "page_templates" / "guide" / "fr.md"):
        prose = re.sub(r"^```.*?^```|`[^`\n]*`|<[%#].*?[%#]>|https?://\S+", "", path.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
        assert "\u00a0:" in prose
        assert not re.findall(r".{10} [:;?!»]|«[^\u00a0].{5}|\w[;?!»](?=\s)|\w:(?=\s)", prose)


# The manual page


def manual() -> str:
    import man_page

    return man_page.page()


@pytest.mark.live
def test_the_manual_page_is_right_and_complete(making: None, tmp_path: Path) -> None:
    path = tmp_path / "wikibridge.1"
    path.write_text(manual(), encoding="utf-8")
    done = subprocess.run(["man", "--warnings", "-l", str(path)], text=True, capture_output=True, check=False,
                          env={**os.environ, "LC_ALL": "C.UTF-8", "MANWIDTH": "100", "MANPAGER": "cat"})
    assert done.returncode == 0 and not done.stderr, done.stderr
    shown = done.stdout
    for name, command in cli.commands.items():
        assert f"wikibridge {name}" in shown
        first = " ".join(inspect.cleandoc(command.help or "").split()[:4])
        assert first in " ".join(shown.split()), first
    for words in ("EXIT STATUS", "try later", "WIKIBRIDGE_SITE", "--yes-many"):
        assert words in shown
