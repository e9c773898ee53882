"""An assessment as one web page."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from wikibridge.assessment.sections import Part
from wikibridge.assessment.sections import Section as Told
from wikibridge.report.paint import html
from wikibridge.report.shell import Section, Source, charted, web_page
from wikibridge.wikis.addresses import Address

_DRAWN = ("bars", "trend")


def page(title: str, sections: Sequence[Told], language: str, source: Source) -> str:
    """The page of these sections, under a title."""
    made = [Section(each.name, each.heading, (_painted(each, language, source.page),)) for each in sections if each]
    return web_page(title, language, source, (), made)


def _painted(section: Told, language: str, address: Address) -> Markup:
    points = Markup("").join(Markup("<li>{}</li>\n").format(point) for point in section.points)
    pieces = [Markup('<ul class="rests">\n{}</ul>').format(points)] if points else []
    for part in section.parts:
        heading = Markup("<h3>{}</h3>\n").format(part.heading) if part.heading else ""
        pieces.append(Markup("{}{}").format(heading, _part(part, language, address)))
    return Markup("\n").join(pieces)


def _part(part: Part, language: str, address: Address) -> Markup:
    if part.found and part.found.question.shape in _DRAWN and part.shown.rows:
        return charted(part.found, part.shown, part.name, part.heading, language, address)
    return html(part.shown, part.heading, address)
