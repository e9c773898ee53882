"""Texts of the interface and of generated pages: one JSON file a language, in MediaWiki's own message format.

``$1`` stands for the first parameter, ``{{PLURAL:$1|one|many}}`` chooses by number.
Format: https://www.mediawiki.org/wiki/Help:System_message
"""

from __future__ import annotations

import json
import re
from functools import cache
from importlib.resources import files

LANGUAGES = ("en", "fr", "pt")

_PLURAL = re.compile(r"\{\{PLURAL:([^|{}]*)\|([^|{}]*)\|([^|{}]*)\}\}")


@cache
def messages(language: str) -> dict[str, str]:
    """All messages of a language, by key, without the ``@metadata``."""
    data = json.loads((files(__name__) / f"{language}.json").read_text(encoding="utf-8"))
    return {key: text for key, text in data.items() if not key.startswith("@")}


def _one(number: str, language: str) -> bool:
    """Whether a number as it is shown takes the singular: "1" and "−1"; in French all that is less than two, "0" and "+1,5" too.

    Source: the plural rules of Unicode CLDR.
    """
    whole, _, rest = number.lstrip("+-−").replace(",", ".").partition(".")
    return whole in ("0", "1") if language == "fr" else whole == "1" and not rest


def message(key: str, language: str, *params: object) -> str:
    """The message ``key`` in ``language`` (English where that language has none), parameters filled in.

    Raises KeyError when no language has the key: a mistake of the program, found by the tests.
    """
    text = messages(language).get(key) if language in LANGUAGES else None
    if text is None:
        text = messages("en")[key]
    values = [str(value) for value in params]

    def plural(found: re.Match[str]) -> str:
        index = found[1].strip()
        number = values[int(index[1:]) - 1] if index.startswith("$") else index
        return found[2] if _one(number, language) else found[3]

    text = _PLURAL.sub(plural, text)
    # One pass, so that a parameter that holds "$2" is shown as it is.
    return re.sub(r"\$(\d)", lambda m: values[int(m[1]) - 1] if int(m[1]) <= len(values) else m[0], text)
