"""One web page in one file: no script, no picture from elsewhere, to read and to print."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.resources import files

from jinja2 import Environment, PackageLoader
from markupsafe import Markup

from wikibridge.i18n import message
from wikibridge.report import chart
from wikibridge.report.paint import html, text
from wikibridge.summaries.chart import apart
from wikibridge.summaries.compute import Answer
from wikibridge.summaries.show import Shown
from wikibridge.wikis.addresses import Address, nowhere


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the page. Of several ``parts`` two stand side by side where there is room."""

    name: str
    heading: str
    parts: tuple[Markup, ...]
    intro: str = ""


@dataclass(frozen=True, slots=True)
class Source:
    """Where the entries stand: the name of the wiki, its address, and those of its pages."""

    name: str
    address: str = ""
    page: Address = nowhere


def web_page(title: str, language: str, source: Source, rests: Iterable[str], sections: Iterable[Section]) -> str:
    """The page: what it rests on in sentences, then its sections."""
    style = (files(__package__) / "report.css").read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    shelf = Environment(loader=PackageLoader("wikibridge", "report"), autoescape=True, trim_blocks=True, lstrip_blocks=True)
    return shelf.get_template("report.html").render(
        title=title, contents=message("report-contents", language), language=language, style=Markup(style), digest=digest,
        name=text(source.name), address=source.address, rests=[text(line) for line in rests], sections=list(sections))


def charted(found: Answer, shown: Shown, name: str, heading: str, language: str, address: Address) -> Markup:
    """A table, beside its chart where bars or columns can be drawn of it."""
    if found.question.shape == "trend":
        drawn = chart.trend(shown, name, heading, language, apart(found, language))
    else:
        drawn = chart.bars(shown, name, heading, language)
    table = html(chart.without_bars(shown), heading, address)
    beside = Markup('<div class="pair">\n<figure>\n{}\n</figure>\n<div>{}</div>\n</div>')
    return beside.format(drawn, table) if drawn else table
