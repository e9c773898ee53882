"""A problem of an entry, told in words."""

from __future__ import annotations

from wikibridge.i18n import message
from wikibridge.model import Problem


def sentence(problem: Problem, language: str) -> str:
    """What is wrong and what may have been meant."""
    text = message(f"problem-{problem.code}", language, *problem.params)
    if not problem.suggestion or problem.suggestion in problem.params:
        return text
    return message("problem-near", language, text, problem.suggestion)


def tell(problem: Problem, title: str, language: str) -> str:
    """The same with its place."""
    return message("problem-place", language, problem.source or title, problem.line, sentence(problem, language))
