"""Every text exists in every language, with the same parameters, and is documented for translators."""

from __future__ import annotations

import copy
import json
import pickle
import re
from pathlib import Path

import pytest

from wikibridge.errors import PageProtected
from wikibridge.i18n import LANGUAGES, message, messages

PACKAGE = Path(__file__).parent.parent / "wikibridge"


@pytest.mark.parametrize("language", [*LANGUAGES, "qqq"])
def test_the_same_keys_everywhere(language: str) -> None:
    assert messages(language).keys() == messages("en").keys()


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_same_parameters_everywhere(language: str) -> None:
    for key, text in messages("en").items():
        assert set(re.findall(r"\$\d", messages(language)[key])) == set(re.findall(r"\$\d", text)), key


def test_every_message_is_used_somewhere() -> None:
    code = "\n".join(path.read_text(encoding="utf-8") for path in PACKAGE.rglob("*.py"))
    made = re.compile(r"problem-|tell-digest-|help-|plan-|limit-|season-|measure-|part-|column-|question-shape-|question-part-|report-|paste-|doctor-name-|doctor-state-|about-|assessment-|charter-void-")
    assert not [key for key in messages("en") if not re.search(rf"['\"]{key}['\"]", code) and not made.match(key)]


@pytest.mark.parametrize(("language", "number", "text"), [
    ("en", 0, "0 pages"), ("en", 1, "1 page"), ("fr", 0, "0 page créée"), ("fr", 1, "1 page créée"), ("fr", 2, "2 pages"),
    ("pt", 1, "1 página criada"), ("pt", 2, "2 páginas"),
])
def test_numbers_choose_the_form(language: str, number: int, text: str) -> None:
    assert text in message("run-line", language, 1, number, 0, 0, 0, 0, 0, 0)


@pytest.mark.parametrize(("language", "number", "text"), [
    ("en", "+1", "+1 point"), ("en", "−0.5", "−0.5 points"), ("fr", "+1,5", "+1,5\u00a0point"), ("fr", "−2", "−2\u00a0points"),
    ("pt", "−1", "−1 ponto"), ("pt", "+1,5", "+1,5 pontos"),
])
def test_shown_numbers_choose_the_form_too(language: str, number: str, text: str) -> None:
    assert message("points", language, number) == text


def test_french_has_no_blank_at_which_a_line_could_break_before_its_punctuation() -> None:
    assert not [key for key, text in messages("fr").items() if re.search(r" [:;?!»%]|« |(?<!')'\w", text)]


def test_a_sentence_is_a_text_that_remembers_what_it_says_wherever_it_is_taken() -> None:
    said = PageProtected("page-protected", "Ana").say("fr")
    assert said == message("page-protected", "fr", "Ana") and json.dumps([said], ensure_ascii=False) == f'["{said}"]'
    for taken in (copy.deepcopy(said), pickle.loads(pickle.dumps(said))):
        assert (taken, taken.key, taken.params) == (said, "page-protected", ("Ana",))


def test_a_parameter_that_looks_like_one_is_shown_as_it_is() -> None:
    assert message("page-exists", "en", "$1 {{PLURAL:$2|a|b}}").startswith("“$1 {{PLURAL:$2|a|b}}”")
