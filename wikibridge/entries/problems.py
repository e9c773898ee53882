"""A problem of an entry, told in words."""

from __future__ import annotations

from wikibridge.i18n import message
from wikibridge.model import Problem


def tell(problem: Problem, title: str, language: str) -> str:
    """One sentence with the place, what is wrong and what may have been meant."""
    sentence = message(f"problem-{problem.code}", language, *problem.params)
    if problem.suggestion:
        sentence = message("problem-near", language, sentence, problem.suggestion)
    return message("problem-place", language, title, problem.line, sentence)
