"""The dialects by name."""

from __future__ import annotations

from wikibridge.markup import tikitext, wikitext
from wikibridge.markup.parts import Dialect

DIALECTS: dict[str, Dialect] = {dialect.NAME: dialect for dialect in (wikitext, tikitext)}
