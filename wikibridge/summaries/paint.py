"""What is shown, as wiki markup. Everything that people typed is escaped on the way."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from wikibridge.markup import regions, tikitext, wikitext
from wikibridge.markup.parts import Dialect
from wikibridge.summaries.show import Cell, Line, Shown

BAR = 10
"""Characters of the longest bar: most of it fits beside its numbers on a phone."""


def paint(shown: Shown, dialect: Dialect) -> str:
    """The markup. Tables of Tiki show bars only, as they align and colour nothing."""
    parts = [f"{dialect.STRONG}{dialect.escape(shown.title)}{dialect.STRONG}\n"] if shown.title else []
    if shown.rows:
        parts.append(grid(shown.header, shown.rows, dialect))
    if shown.figures:
        pairs = ((dialect.escape(name), dialect.escape(figure)) for name, figure in shown.figures)
        parts.append(" · ".join(f"{name}{shown.colon}{dialect.STRONG}{figure}{dialect.STRONG}" for name, figure in pairs))
    if shown.lines:
        parts.append(dialect.wrapped("\n".join(line(each, dialect) for each in shown.lines)))
    if shown.notes or shown.foot:
        parts.append(f"\n{foot(shown.notes, shown, dialect)}")
    return "\n".join(parts)


def foot(notes: Iterable[str], shown: Shown, dialect: Dialect) -> str:
    """Notes, then what an answer rests on, its time marked as such."""
    # Nobody but the project and the site wrote these.
    text = " ".join(filter(None, [*notes, shown.foot])).replace("{time}", regions.timed(shown.time, dialect))
    return f"{dialect.SLANTED}{text}{dialect.SLANTED}"


def grid(header: Sequence[Cell], rows: Sequence[Sequence[Cell]], dialect: Dialect) -> str:
    """A table that scrolls by itself where it is wider than the screen."""
    return dialect.scrolled(_wiki_table(header, rows) if dialect is wikitext else _tiki_table(header, rows))


def picture(name: str, width: int, about: str, dialect: Dialect) -> str:
    """What shows a file of the wiki, ``width`` pixels wide; ``about`` is for those who do not see it. Nothing in Tiki."""
    if dialect is not wikitext:
        return ""
    return wikitext.scrolled(f"[[File:{name}|frameless|{width}px|alt={wikitext.escape(about)}]]")


def line(told: Line, dialect: Dialect) -> str:
    """An item of a list: an entry or a quotation, with a link to where it stands."""
    when = f"{dialect.escape(told.date)} – " if told.date else ""
    text = f"{told.marks[0]}{dialect.escape(told.text) or dialect.escape(told.instead)}{told.marks[1]}"
    # A text from right to left is not to turn round what stands behind it.
    text = f"<bdi>{text}</bdi>" if dialect is wikitext else text
    source = dialect.link(told.source.page, told.source.text)
    # Tiki reads three brackets in a row otherwise.
    return f"* {when}{text} ({source})" if dialect is wikitext else f"* {when}{text} – {source}"


# MediaWiki

def _wiki_cell(cell: Cell) -> str:
    if cell.bar is not None:
        return f'<span aria-hidden="true">{_bar(cell.bar)}</span>'
    if cell.several:
        return ", ".join(map(_wiki_cell, cell.several))
    text = wikitext.link(cell.page, cell.text) if cell.page else wikitext.escape(cell.text)
    return f"'''{text}'''" if cell.strong and text else text


def _wiki_style(cell: Cell) -> str:
    styles = ["text-align:right"] if cell.number else []
    if cell.shade:
        styles.append(f"background:{tint(cell.shade)};color:#000")
    return f'style="{";".join(styles)}" | ' if styles else ""


def _wiki_table(header: Sequence[Cell], rows: Sequence[Sequence[Cell]]) -> str:
    names = " !! ".join(f"{_wiki_style(cell)}{_wiki_cell(Cell(cell.text))}" for cell in header)
    lines = ['{| class="wikitable sortable"', f"! {names}"]
    for row in rows:
        # The row of all stays at the foot, however a reader sorts.
        lines.append('|- class="sortbottom"' if row[0].strong else "|-")
        lines += [f"| {_wiki_style(cell)}{_wiki_cell(cell)}" for cell in row]
    return "\n".join([*lines, "|}"])


# Tiki

def _tiki_cell(cell: Cell) -> str:
    if cell.bar is not None:
        return _bar(cell.bar)
    if cell.several:
        return ", ".join(map(_tiki_cell, cell.several))
    text = tikitext.link(cell.page, cell.text) if cell.page else tikitext.escape(cell.text)
    return f"__{text}__" if cell.strong and text else text


def _tiki_table(header: Sequence[Cell], rows: Sequence[Sequence[Cell]]) -> str:
    names = tuple(tikitext.escape(cell.text) for cell in header)
    return tikitext.table(names, tuple(tuple(map(_tiki_cell, row)) for row in rows))


def tint(shade: float) -> str:
    """From white to a blue on which black stays readable; the number beside says the same."""
    light = [round(255 - part * shade) for part in (105, 65, 15)]
    return f"#{light[0]:02x}{light[1]:02x}{light[2]:02x}"


def _bar(size: float) -> str:
    return "█" * max(1, round(BAR * size)) if size > 0 else ""
