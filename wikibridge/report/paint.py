"""What is shown, as HTML, beside the wiki markup of summaries/paint.py. Everything that people typed is escaped on the way."""

from __future__ import annotations

from markupsafe import Markup, escape

from wikibridge.markup.wikitext import one_line
from wikibridge.summaries.show import Cell, Line, Shown
from wikibridge.wikis.addresses import Address, nowhere

SHADES = 8
"""Steps from the lightest cell of a matrix to the darkest; report.css has a class for each."""
_SHORT = 20
"""Characters of a figure that stays on one line."""

def text(typed: str) -> Markup:
    """Text on one line, without controls that would change the direction of what follows."""
    return escape(one_line(typed))


def html(shown: Shown, name: str = "", address: Address = nowhere) -> Markup:
    """An answer as HTML: table, figures, lines, then what is noted. ``name`` is what a screen reader calls its table."""
    parts = [Markup("<p><strong>{}</strong></p>").format(text(shown.title))] if shown.title else []
    if shown.rows:
        parts.append(_table(shown, name or shown.title, address))
    if shown.figures:
        pairs = (Markup("<div><dt>{}</dt><dd>{}</dd></div>").format(text(head), text(figure)) for head, figure in shown.figures)
        parts.append(Markup('<dl class="figures">{}</dl>').format(Markup("").join(pairs)))
    if shown.lines:
        lines = (_line(line, address) for line in shown.lines)
        parts.append(Markup('<ul class="lines">{}</ul>').format(Markup("").join(lines)))
    if foot := " ".join(filter(None, [*shown.notes, shown.foot])):
        time = Markup("<time>{}</time>").format(text(shown.time))
        # Nobody but the project and the site wrote these.
        parts.append(Markup('<p class="foot">{}</p>').format(text(foot).replace("{time}", time)))
    return Markup("\n").join(parts)


def _link(cell: Cell, address: Address) -> Markup:
    if cell.several:
        return Markup(", ").join(_link(each, address) for each in cell.several)
    said = Markup("<bdi>{}</bdi>").format(text(cell.text))
    to = address(cell.page) if cell.page else ""
    return Markup('<a href="{}" rel="noopener noreferrer">{}</a>').format(to, said) if to else said


def _classes(cell: Cell) -> Markup:
    names = ["n" if len(cell.text) <= _SHORT else "n long"] if cell.number else []
    names += ["all"] if cell.strong else []
    names += [f"s{max(1, round(SHADES * cell.shade))}"] if cell.shade else []
    return Markup(' class="{}"').format(" ".join(names)) if names else Markup("")


def _cell(cell: Cell, first: bool, address: Address) -> Markup:
    if cell.bar is not None:
        size = Markup('<rect width="{:.1f}" height="10"/>').format(100 * cell.bar)
        return Markup('<td><svg class="bar" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">{}</svg></td>'
                      ).format(size)
    tag = Markup('th scope="row"') if first else Markup("td")
    return Markup("<{}{}>{}</{}>").format(tag, _classes(cell), _link(cell, address), Markup("th" if first else "td"))


def _table(shown: Shown, name: str, address: Address) -> Markup:
    heads = (Markup('<th scope="col"{}>{}</th>').format(_classes(cell), text(cell.text)) for cell in shown.header)
    rows = (Markup("<tr>{}</tr>").format(Markup("").join(_cell(cell, not place, address) for place, cell in enumerate(row)))
            for row in shown.rows)
    # A wide table scrolls by itself, with the keyboard too.
    return Markup('<div class="scroll" role="region" tabindex="0" aria-label="{}"><table>\n<thead><tr>{}</tr></thead>\n'
                  "<tbody>\n{}\n</tbody></table></div>").format(text(name), Markup("").join(heads), Markup("\n").join(rows))


def _line(line: Line, address: Address) -> Markup:
    source = _link(line.source, address)
    if line.date:
        source = Markup("{}, {}").format(source, text(line.date))
    return Markup('<li><bdi>{}</bdi> <span class="source">{}</span></li>\n').format(text(line.words), source)
