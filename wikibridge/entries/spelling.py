"""What two spellings of the same word have in common."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache


def without_accents(text: str) -> str:
    """The text with bare letters in place of accented ones."""
    if text.isascii():
        return text
    return "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))


_NO_WORD = re.compile(r"[\W_]+")


def fold(text: str) -> str:
    """Text without accents, case, punctuation: what two spellings of the same word have in common."""
    # The same few names of fields and terms come again and again; whole texts do not.
    return _folded(text) if len(text) <= 50 else _fold(text)


def _fold(text: str) -> str:
    return _NO_WORD.sub(" ", without_accents(text).casefold()).strip()


_folded = lru_cache(maxsize=8192)(_fold)
