"""Charts as SVG files, of what is shown and no more: what small groups hide, a chart hides too.

Drawn by hand, so that the same answer gives the same bytes on any machine. Text stays text: a server or a browser finds letters
of any script, a reader can search them. One colour by lightness, and every number is written: nothing rests on a colour.
https://www.w3.org/TR/SVG11/
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from unicodedata import category, east_asian_width
from xml.sax.saxutils import escape, quoteattr

from wikibridge.entries.types import Schema
from wikibridge.i18n import message
from wikibridge.markup.wikitext import one_line
from wikibridge.summaries.compute import OTHER, UNSAID, Answer
from wikibridge.summaries.paint import tint
from wikibridge.summaries.question import Question
from wikibridge.summaries.show import Cell, Shown, show
from wikibridge.summaries.text import part_text

WIDTH = 336
"""Units: with its edges as many as a page on a phone has pixels, so that letters are of their size there."""
MOST_ROWS, MOST_COLUMNS = 25, 12
"""What a chart shows of a table at most; the table has all."""
_EDGE = 10
"""Units around the drawing."""
_FONT = "'DejaVu Sans', Verdana, 'Noto Sans', Arial, sans-serif"
_SIZE, _SMALL = 13, 11
_INK, _SOFT, _GROUND, _LINE = "#202122", "#54595d", "#eaecf0", "#a2a9b1"
_BAR, _LESS = "#0072b2", "#d55e00"
"""Blue, and vermilion for what is below nothing, which is hollow besides: colours that everybody tells apart.

https://jfly.uni-koeln.de/color/
"""
_WHOLE = {"year": re.compile(r"[0-9]{4}"), "month": re.compile(r"[0-9]{4}-(?:0[1-9]|1[0-2])"),
          "quarter": re.compile(r"[0-9]{4}-Q[1-4]"), "week": re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")}

Row = tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """A drawing: the SVG, what it shows in a sentence, and how wide it is."""

    svg: str
    about: str
    width: int


def can_be_drawn(question: Question) -> bool:
    """Whether answers to a question can have a chart: of groups, by one field or as a matrix."""
    return bool(question.by) and question.shape in (("matrix",) if len(question.by) == 2 else ("table", "bars", "trend"))


def draw(found: Answer, schema: Schema, language: str, title: str, min_group: int) -> Chart | None:
    """The chart of an answer; None where there is nothing to draw. ``title`` stands above it."""
    question = found.question
    if not can_be_drawn(question) or not found.rows:
        return None
    flat = replace(question, shape="trend" if question.shape == "trend" else "bars")
    listed = show(replace(found, question=flat), schema, language, "UTC", min_group)
    title, measure = one_line(title), one_line(listed.header[len(question.by)].text)
    if question.shape == "matrix":
        return _matrix(show(found, schema, language, "UTC", min_group), title, measure, language)
    if question.shape == "trend":
        away = apart(found, language)
        return _trend([row for row in listed.rows if row[0].text not in away], title, measure, language)
    return _bars(listed.rows, title, measure, language)


def apart(found: Answer, language: str) -> frozenset[str]:
    """The labels of rows that have no place in a trend: of no date, or of one that is not known as exactly."""
    part = found.question.by[0].part
    labels = {part_text(row.keys[0], part, language) for row in found.rows
              if row.keys[0] not in (OTHER, UNSAID) and not _WHOLE[part].fullmatch(row.keys[0])}
    return frozenset(labels | {message("group-other", language), message("group-unsaid", language)})


# Words

def _broad(letter: str) -> float:
    """The width of a letter in a broad font, in parts of its size."""
    if category(letter) in ("Mn", "Me", "Cf"):
        return 0.0
    if east_asian_width(letter) in "WF":
        return 1.0
    if letter in "mwMW%@—…" or ord(letter) > 0x2000:
        return 0.95
    return 0.35 if letter in " .,;:!|'()ijlIft·" else 0.74 if letter.isupper() else 0.64


def breadth(text: str, size: float = _SIZE) -> float:
    """The units that a text takes, rather more than less, whatever the font."""
    return size * sum(map(_broad, text))


def fitted(text: str, room: float, size: float = _SIZE) -> str:
    """The text, or as much of its beginning as there is room for."""
    text = one_line(text)
    if breadth(text, size) <= room:
        return text
    while text and breadth(text + "…", size) > room:
        text = text[:-1]
    return text.rstrip() + "…"


def _clean(text: str) -> str:
    """Text as XML can hold it, on one line."""
    return escape(one_line(text))


def _said(rows: Iterable[tuple[str, str]]) -> str:
    return "; ".join(f"{name}: {figure}" for name, figure in rows)


def _cut(number: int, most: int, language: str) -> str:
    """Says that a chart shows the first of them only; nothing where it shows all."""
    return f" – {message('chart-first', language, most, number)}" if number > most else ""


# Shapes

def _text(x: float, y: float, text: str, *, end: str = "start", size: int = _SIZE, ink: str = _INK, more: str = "") -> str:
    anchor = "" if end == "start" else f' text-anchor="{end}"'
    return f'<text x="{x:.4g}" y="{y:.5g}" font-size="{size}" fill="{ink}"{anchor}{more}>{_clean(text)}</text>'


def _box(x: float, y: float, width: float, height: float, fill: str, more: str = "") -> str:
    return f'<rect x="{x:.5g}" y="{y:.5g}" width="{width:.5g}" height="{height:.5g}" fill="{fill}"{more}/>'


def _filled(x: float, y: float, width: float, height: float, figure: str) -> str:
    """A bar as large as a figure; what is less than nothing is hollow."""
    if figure.startswith("−"):
        width, height = max(4.0, width - 2), max(4.0, height - 2)
        return _box(x + 1, y + 1, width, height, "#ffffff", f' stroke="{_LESS}" stroke-width="2"')
    return _box(x, y, width, height, _BAR)


def _chart(
    title: str, measure: str, about: str, data: str, width: int, height: float, shapes: Sequence[str], language: str,
) -> Chart:
    """The file: title and measure above the shapes, which begin below ``_TOP``."""
    whole = (width + 2 * _EDGE, round(height) + 2 * _EDGE)
    about = one_line(f"{title}. {about}")
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{whole[0]}" height="{whole[1]}" viewBox="0 0 {whole[0]} {whole[1]}"'
        f' role="img" aria-labelledby="title desc" xml:lang={quoteattr(language)} font-family="{_FONT}">',
        f'<title id="title">{_clean(title)}</title>',
        f'<desc id="desc">{_clean(f"{about} {measure}: {data}")}</desc>',
        _box(0, 0, *whole, "#ffffff"),
        f'<g transform="translate({_EDGE} {_EDGE})">',
        _text(0, 14, fitted(title, width / 1.1, 15), size=15, more=' font-weight="bold"'),
        _text(0, 32, fitted(measure, width, _SMALL), size=_SMALL, ink=_SOFT),
        *shapes, "</g>", "</svg>"]
    return Chart("\n".join(lines) + "\n", about, whole[0])


_TOP = 44
_STEP, _THICK = 38, 12
"""Of bars: from one to the next, and how thick each is, below its label."""


def _size(row: Row) -> float:
    return row[-1].bar or 0.0


def _bars(rows: Sequence[Row], title: str, measure: str, language: str) -> Chart | None:
    """A bar for each row: its label and first figure above it."""
    measure += _cut(len(rows), MOST_ROWS, language)
    rows = rows[:MOST_ROWS]
    if not any(map(_size, rows)):
        return None
    place = next(number for number, cell in enumerate(rows[0]) if cell.number)
    shapes = []
    for number, row in enumerate(rows):
        top = _TOP + number * _STEP
        figure = fitted(row[place].text, WIDTH / 2)
        shapes.append(_text(0, top + 12, fitted(row[0].text, WIDTH - breadth(figure) - 10)))
        shapes.append(_text(WIDTH, top + 12, figure, end="end"))
        shapes.append(_box(0, top + 18, WIDTH, _THICK, _GROUND))
        if _size(row):
            shapes.append(_filled(0, top + 18, max(2.0, WIDTH * _size(row)), _THICK, figure))
    most = max(rows, key=_size)
    about = message("report-bars", language, most[0].text, most[place].text)
    data = _said((row[0].text, row[place].text) for row in rows)
    return _chart(title, measure, about, data, WIDTH, _TOP + len(rows) * _STEP - 8, shapes, language)


_HIGH, _MARKS = 130, 4
"""Of a trend: the height of its columns, and how many labels stand below them."""


def _trend(rows: Sequence[Row], title: str, measure: str, language: str) -> Chart | None:
    """A column for each row, from the first that is something to the last; nothing where there are not two."""
    known = [number for number, row in enumerate(rows) if _size(row)]
    rows = rows[known[0] : known[-1] + 1] if known else ()
    if len(rows) < 2:
        return None
    most = max(rows, key=_size)
    step = WIDTH / len(rows)
    base = _TOP + 18 + _HIGH
    broad = min(step * 0.8, 56)
    # Each column says its figure where there is room, else the highest one only.
    each = all(breadth(row[1].text, _SMALL) <= step for row in rows)
    shapes = []
    for y in () if each else (base - _HIGH, base - _HIGH / 2):
        shapes.append(f'<path d="M0 {y:.5g}H{WIDTH}" stroke="{_LINE}" stroke-dasharray="2 3"/>')
    for number, row in enumerate(rows):
        height, middle = _HIGH * _size(row), (number + 0.5) * step
        if height:
            shapes.append(_filled(middle - broad / 2, base - height, broad, height, row[1].text))
        if each:
            shapes.append(_text(middle, base - height - 4, row[1].text, end="middle", size=_SMALL))
    if not each:
        shapes.append(_text(0, base - _HIGH - 4, fitted(most[1].text, WIDTH), size=_SMALL))
    shapes.append(f'<path d="M0 {base:.5g}H{WIDTH}" stroke="{_INK}"/>')
    for begin, label in marks([row[0].text for row in rows], _SMALL, WIDTH):
        shapes.append(_text(begin, base + 16, label, size=_SMALL))
    about = message("report-columns", language, rows[0][0].text, rows[-1][0].text, most[0].text, most[1].text)
    data = _said((row[0].text, row[1].text) for row in rows)
    return _chart(title, measure, about, data, WIDTH, base + 22, shapes, language)


def marks(labels: Sequence[str], size: float, width: float) -> list[tuple[float, str]]:
    """The labels of some columns, the first and last among them, and where they begin: as many as do not touch.

    The columns share ``width``; ``size`` is that of letters.
    """
    made: list[tuple[float, str]] = []
    for count in range(min(_MARKS, len(labels)), 1, -1):
        made = []
        for place in (round(mark * (len(labels) - 1) / (count - 1)) for mark in range(count)):
            long = breadth(labels[place], size)
            made.append((max(0.0, min(width - long, (place + 0.5) * width / len(labels) - long / 2)), labels[place]))
        if all(one[0] + breadth(one[1] + "m", size) <= other[0] for one, other in pairwise(made)):
            break
    return made


_CELL, _HEAD = 22, 130
"""Of a matrix: the height of a cell, and the most that a label of a column takes."""


def _matrix(shown: Shown, title: str, measure: str, language: str) -> Chart | None:
    """A field for each cell, the darker the more, its figure in it; the label of a row above its fields."""
    rows = [row for row in shown.rows if not row[0].strong]
    measure += _cut(len(rows), MOST_ROWS, language) or _cut(len(shown.header) - 2, MOST_COLUMNS, language)
    rows = rows[:MOST_ROWS]
    heads = shown.header[1:-1][:MOST_COLUMNS]
    cells = [row[1 : len(heads) + 1] for row in rows]
    if not any(cell.shade for row in cells for cell in row):
        return None
    room = max(WIDTH / len(heads), *(min(80.0, breadth(cell.text, _SMALL) + 6) for row in cells for cell in row))
    width = round(room * len(heads))
    labels = [fitted(head.text, _HEAD, _SMALL) for head in heads]
    top = _TOP + max(breadth(label, _SMALL) for label in labels) + 4
    shapes = []
    for number, label in enumerate(labels):
        x = (number + 0.5) * room + 4
        shapes.append(_text(x, top, label, size=_SMALL, ink=_SOFT, more=f' transform="rotate(-90 {x:.4g} {top:.5g})"'))
    for line, (row, across) in enumerate(zip(rows, cells, strict=True)):
        y = top + 8 + line * (_CELL + 20)
        shapes.append(_text(0, y + 11, fitted(row[0].text, width), size=_SMALL + 1))
        for number, cell in enumerate(across):
            fill = tint(cell.shade) if cell.shade else "#f8f9fa"
            shapes.append(_box(number * room + 0.5, y + 16, room - 1, _CELL, fill))
            if cell.text:
                middle, figure = (number + 0.5) * room, fitted(cell.text, room - 2, _SMALL)
                shapes.append(_text(middle, y + 31, figure, end="middle", size=_SMALL))
    most = max(((cell.shade, line, number) for line, across in enumerate(cells) for number, cell in enumerate(across)),
               key=lambda each: (each[0], -each[1], -each[2]))
    about = message("chart-matrix", language, rows[most[1]][0].text, heads[most[2]].text, cells[most[1]][most[2]].text)
    data = _said((f"{row[0].text}, {head.text}", cell.text)
                 for row, across in zip(rows, cells, strict=True) for head, cell in zip(heads, across, strict=True) if cell.text)
    return _chart(title, measure, about, data, width, top + 8 + len(rows) * (_CELL + 20), shapes, language)
