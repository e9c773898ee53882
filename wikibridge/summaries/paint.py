"""What is shown, as wiki markup. Everything that people typed is escaped on the way."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType

from wikibridge.markup import tikitext, wikitext
from wikibridge.summaries.show import Cell, Line, Shown

BAR = 10
"""Characters of the longest bar: most of it fits beside its numbers on a phone."""


def wiki(shown: Shown) -> str:
    """MediaWiki's."""
    return _painted(shown, wikitext, _wiki_line, _wiki_table, "'''", "''", '<time class="wikibridge">{}</time>')


def tiki(shown: Shown) -> str:
    """Tiki's; tables with bars only, as its tables align and colour nothing."""
    return _painted(shown, tikitext, _tiki_line, _tiki_table, "__", "''", "~tc~time~/tc~{}~tc~/time~/tc~")


def _painted(
    shown: Shown, dialect: ModuleType, line: Callable[[Line], str], table: Callable[[Shown], str], strong: str, slanted: str,
    time: str,
) -> str:
    parts = [f"{strong}{dialect.escape(shown.title)}{strong}\n"] if shown.title else []
    if shown.rows:
        parts.append(table(shown))
    if shown.figures:
        pairs = ((dialect.escape(name), dialect.escape(figure)) for name, figure in shown.figures)
        parts.append(" · ".join(f"{name}{shown.colon}{strong}{figure}{strong}" for name, figure in pairs))
    if shown.lines:
        parts.append(_listed(shown, dialect, line))
    # Nobody but the project and the site wrote these.
    foot = " ".join([*shown.notes, shown.foot]).replace("{time}", time.format(shown.time))
    parts.append(f"\n{slanted}{foot}{slanted}")
    return "\n".join(parts)


def _listed(shown: Shown, dialect: ModuleType, line: Callable[[Line], str]) -> str:
    lines = "\n".join(map(line, shown.lines))
    # A word without an end does not make the page wider than a screen.
    return f'<div style="overflow-wrap:anywhere">\n{lines}\n</div>' if dialect is wikitext else lines


# MediaWiki

def _wiki_cell(cell: Cell) -> str:
    if cell.bar is not None:
        return f'<span aria-hidden="true">{_bar(cell.bar)}</span>'
    text = wikitext.link(cell.page, cell.text) if cell.page else wikitext.escape(cell.text)
    return f"'''{text}'''" if cell.strong and text else text


def _wiki_style(cell: Cell) -> str:
    styles = ["text-align:right"] if cell.number else []
    if cell.shade:
        # The lightest to a blue on which black stays readable; the number says the same.
        light = [round(255 - part * cell.shade) for part in (105, 65, 15)]
        styles.append(f"background:#{light[0]:02x}{light[1]:02x}{light[2]:02x};color:#000")
    return f'style="{";".join(styles)}" | ' if styles else ""


def _wiki_table(shown: Shown) -> str:
    names = " !! ".join(f"{_wiki_style(cell)}{_wiki_cell(Cell(cell.text))}" for cell in shown.header)
    lines = ['{| class="wikitable sortable"', f"! {names}"]
    for row in shown.rows:
        # The row of all stays at the foot, however a reader sorts.
        lines.append('|- class="sortbottom"' if row[0].strong else "|-")
        lines += [f"| {_wiki_style(cell)}{_wiki_cell(cell)}" for cell in row]
    # A wide table scrolls by itself on a phone.
    return '<div style="overflow-x:auto">\n' + "\n".join([*lines, "|}"]) + "\n</div>"


def _wiki_line(line: Line) -> str:
    when = f"{wikitext.escape(line.date)} – " if line.date else ""
    text = f"<bdi>{line.marks[0]}{wikitext.escape(line.text) or wikitext.escape(line.instead)}{line.marks[1]}</bdi>"
    source = wikitext.link(line.source.page, line.source.text)
    return f"* {when}{text} ({source})"


# Tiki

def _tiki_cell(cell: Cell) -> str:
    if cell.bar is not None:
        return _bar(cell.bar)
    text = tikitext.link(cell.page, cell.text) if cell.page else tikitext.escape(cell.text)
    return f"__{text}__" if cell.strong and text else text


def _tiki_table(shown: Shown) -> str:
    header = tuple(tikitext.escape(cell.text) for cell in shown.header)
    return tikitext.table(header, tuple(tuple(map(_tiki_cell, row)) for row in shown.rows))


def _tiki_line(line: Line) -> str:
    when = f"{tikitext.escape(line.date)} – " if line.date else ""
    source = tikitext.link(line.source.page, line.source.text)
    text = f"{line.marks[0]}{tikitext.escape(line.text) or tikitext.escape(line.instead)}{line.marks[1]}"
    return f"* {when}{text} ({source})"


def _bar(size: float) -> str:
    return "█" * max(1, round(BAR * size)) if size > 0 else ""
