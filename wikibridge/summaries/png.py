"""A chart as PNG, for wikis that take no SVG: drawn from the SVG by resvg, with the fonts of this machine.

The fonts are chosen here, a letter after the other, and no others are loaded: a letter that no font has would become an empty box
without a word. Needs the extra ``charts``. https://github.com/linebender/resvg
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from unicodedata import category

from wikibridge.errors import SettingsError, WikibridgeError

ZOOM = 2
"""Dots for each unit, in each direction: sharp on a phone."""
_PLAIN = ("DejaVuSans", "NotoSans-Regular", "LiberationSans-Regular", "Arial")
"""Fonts with many letters, which are taken where they are there."""


class NoLetters(WikibridgeError):
    """No font of this machine has some letters of a chart."""


def png(svg: str, name: str) -> bytes:
    """The picture. Raises NoLetters, which names the chart; SettingsError where the extra is not installed."""
    try:
        import resvg_py
        from fontTools.ttLib import TTFont  # noqa: F401
    except ImportError as error:
        raise SettingsError("extra-missing", "resvg-py, fonttools", "charts") from error
    letters = {letter for text in re.findall(r"<text[^>]*>([^<]*)<", svg) for letter in text if not letter.isspace()}
    fonts, lacking = _fonts(frozenset(letters))
    # Of pictures among the letters, such as emoji, none is better than an empty box.
    missed = {letter for letter in lacking if category(letter) not in ("So", "Sk", "Cf", "Co", "Cn") and not _varies(letter)}
    if missed or not fonts:
        raise NoLetters("chart-letters", name, " ".join(sorted(missed)[:10]))
    for letter in lacking:
        svg = svg.replace(letter, "")
    family = _family(fonts[0])
    return bytes(resvg_py.svg_to_bytes(
        svg_string=svg, zoom=ZOOM, skip_system_fonts=True, font_files=[str(path) for path in fonts], font_family=family,
        sans_serif_family=family))


def _varies(letter: str) -> bool:
    """Whether a letter only says how the one before it is drawn."""
    return 0xFE00 <= ord(letter) <= 0xFE0F or 0xE0100 <= ord(letter) <= 0xE01EF


def _fonts(letters: frozenset[str]) -> tuple[list[Path], frozenset[str]]:
    """As few fonts as have these letters, the plainest first, and the letters that none has."""
    chosen: list[Path] = []
    for path in _installed():
        found = _letters(path)
        if chosen and not letters & found:
            continue
        if not chosen and "a" not in found:
            continue
        chosen.append(path)
        bold = path.with_name(f"{path.stem.removesuffix('-Regular')}-Bold{path.suffix}")
        if len(chosen) == 1 and bold.exists():
            chosen.append(bold)
        letters -= found
        if not letters:
            break
    return chosen, letters


@cache
def _installed() -> tuple[Path, ...]:
    """The fonts of this machine, those that are wanted first in front, serifs and monospaced ones last."""
    def rank(path: Path) -> tuple[int, bool, bool, str]:
        plain = _PLAIN.index(path.stem) if path.stem in _PLAIN else len(_PLAIN)
        odd = re.search("serif|mono|italic|oblique|condensed|bold|light|black|thin", path.stem, re.IGNORECASE) is not None
        return plain, odd, "sans" not in path.stem.casefold(), str(path)

    found = {path for folder in _folders() for path in folder.rglob("*") if path.suffix.casefold() in (".ttf", ".otf", ".ttc")}
    return tuple(sorted(found, key=rank))


def _folders() -> Iterator[Path]:
    """Where systems keep fonts."""
    home = Path.home()
    if sys.platform == "win32":
        yield Path(os.environ.get("WINDIR", "C:/Windows")) / "Fonts"
    elif sys.platform == "darwin":
        yield from (Path("/System/Library/Fonts"), Path("/Library/Fonts"), home / "Library/Fonts")
    else:
        yield from (Path("/usr/share/fonts"), Path("/usr/local/share/fonts"), home / ".local/share/fonts", home / ".fonts")


@cache
def _letters(path: Path) -> frozenset[str]:
    """The letters that a font has; none where it cannot be read."""
    from fontTools.ttLib import TTFont

    try:
        with TTFont(path, lazy=True, fontNumber=0) as font:
            return frozenset(map(chr, font.getBestCmap() or ()))
    except Exception:
        # A broken font raises whatever its parts do.
        return frozenset()


@cache
def _family(path: Path) -> str:
    from fontTools.ttLib import TTFont

    with TTFont(path, lazy=True, fontNumber=0) as font:
        return str(font["name"].getBestFamilyName())
