"""Charts as SVG, of what is shown: every number is in the table beside. One colour, so that nothing rests on it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from markupsafe import Markup

from wikibridge.i18n import message
from wikibridge.report.paint import text
from wikibridge.summaries.chart import fitted, marks
from wikibridge.summaries.show import Cell, Shown

WIDTH = 360
"""Units: as many as a phone has pixels, so that letters are of their size there."""
_BAR, _STEP, _LABEL = 12, 34, 280
_HEIGHT, _BASE, _TOP = 190, 160, 24
_LETTERS, _BROADEST = 13, 56
"""The size of letters, and of a trend the width of a column at most."""

Row = tuple[Cell, ...]


def without_bars(shown: Shown) -> Shown:
    """The same without the column of bars, for the table beside a chart."""
    if not any(cell.bar is not None for row in shown.rows for cell in row):
        return shown
    return replace(shown, header=shown.header[:-1], rows=tuple(row[:-1] for row in shown.rows))


def _size(row: Row) -> float:
    return row[-1].bar or 0.0


def _svg(name: str, title: str, about: str, height: int, shapes: list[Markup]) -> Markup:
    return Markup(
        '<svg class="chart" role="img" viewBox="0 0 {0} {1}" aria-labelledby="{2}-title {2}-desc">\n'
        '<title id="{2}-title">{3}</title>\n<desc id="{2}-desc">{4}</desc>\n{5}\n</svg>'
    ).format(WIDTH, height, name, text(title), text(about), Markup("\n").join(shapes))


def bars(shown: Shown, name: str, title: str, language: str) -> Markup:
    """A bar for each row: its label and first figure above it. ``name`` is unique on the page."""
    shapes = []
    for number, row in enumerate(shown.rows):
        top = number * _STEP
        # A piece of its own, so that a label without end stays left of the figure.
        label = text(fitted(row[0].text, _LABEL))
        shapes.append(Markup('<svg y="{}" width="{}" height="18"><text y="14">{}</text></svg>').format(top, _LABEL, label))
        shapes.append(Markup('<text class="figure" x="{}" y="{}">{}</text>').format(WIDTH, top + 14, text(row[1].text)))
        shapes.append(Markup('<rect class="ground" y="{}" width="{}" height="{}"/>').format(top + 18, WIDTH, _BAR))
        shapes.append(Markup('<rect y="{}" width="{:.1f}" height="{}"/>').format(top + 18, WIDTH * _size(row), _BAR))
    most = max(shown.rows, key=_size)
    about = message("report-bars", language, most[0].text, most[1].text)
    return _svg(name, title, about, len(shown.rows) * _STEP, shapes)


def trend(shown: Shown, name: str, title: str, language: str, apart: Collection[str] = ()) -> Markup:
    """A column for each row but those whose label is one of ``apart``; empty where there are not two."""
    rows = [row for row in shown.rows if row[0].text not in apart]
    while rows and not _size(rows[0]):
        del rows[0]
    while rows and not _size(rows[-1]):
        del rows[-1]
    if len(rows) < 2:
        return Markup("")
    most = max(rows, key=_size)
    width = WIDTH / len(rows)
    shapes = [Markup('<line x2="{0}" y1="{1}" y2="{1}"/>').format(WIDTH, y) for y in (_TOP, (_TOP + _BASE) / 2)]
    shapes.append(Markup('<text y="{}">{}</text>').format(_TOP - 6, text(most[1].text)))
    broad = min(width * 0.8, _BROADEST)
    for number, row in enumerate(rows):
        height = (_BASE - _TOP) * _size(row) / _size(most)
        shapes.append(Markup('<rect x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}"/>').format(
            (number + 0.5) * width - broad / 2, _BASE - height, broad, height))
    shapes.append(Markup('<line class="base" x2="{0}" y1="{1}" y2="{1}"/>').format(WIDTH, _BASE))
    for begin, label in marks([row[0].text for row in rows], _LETTERS, WIDTH):
        shapes.append(Markup('<text x="{:.1f}" y="{}">{}</text>').format(begin, _BASE + 18, text(label)))
    about = message("report-columns", language, rows[0][0].text, rows[-1][0].text, most[0].text, most[1].text)
    return _svg(name, title, about, _HEIGHT, shapes)

