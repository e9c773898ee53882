"""Whom a name means: the participants' pages by what they are called."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable

from wikibridge.entries.spelling import fold
from wikibridge.jobs.base import Context
from wikibridge.mirror.store import Mirror


class People:
    """The participants' pages by the names that they go by: what the page says, or its title."""

    def __init__(self, mirror: Mirror, prefix: str) -> None:
        self.prefix = prefix
        self.said = mirror.fields("participant")
        self.titles = {title for title in mirror.titles() if title.startswith(prefix)}
        self.exact: dict[str, set[str]] = {}
        self.folded: dict[str, set[str]] = {}
        for title in self.titles | self.said.keys():
            for name in {title.removeprefix(prefix), str(self.said.get(title, {}).get("name", ""))} - {""}:
                self.exact.setdefault(name, set()).add(title)
                self.folded.setdefault(fold(name) or name, set()).add(title)

    def find(self, name: str) -> tuple[str, ...]:
        """The titles of the pages that a name may mean; a participant's own page before any other that speaks of them."""
        if name in self.titles or name in self.said:
            return (name,)
        for found in (self.exact.get(name), self.folded.get(fold(name) or name)):
            if found:
                return tuple(sorted(found & self.titles or found))
        return ()

    def exactly(self, name: str, form: Callable[[str], str]) -> tuple[str, ...]:
        """The titles of the pages that are called so to the letter, whichever way its accents are stored.

        ``form`` gives the normal form of titles on the wiki.
        """
        plain = " ".join(unicodedata.normalize("NFC", name).split())
        if (title := form(plain)) in self.titles or title in self.said:
            return (title,)
        found = {title for each, titles in self.exact.items() if unicodedata.normalize("NFC", each) == plain for title in titles}
        below = form(self.prefix + plain)
        return tuple(sorted(found | ({below} & self.titles)))

    def nearest(self, name: str) -> list[str]:
        """The names that are most like this one, at most five, the nearest first."""
        from rapidfuzz import fuzz, process

        found = process.extract(name[:80], list(self.exact), scorer=fuzz.WRatio, processor=fold, score_cutoff=70, limit=5)
        return [str(each[0]) for each in found]

    def near(self, name: str) -> str:
        """The name that a misspelt one may mean; empty when none is near."""
        from rapidfuzz import fuzz, process

        near = process.extractOne(name[:80], list(self.exact), scorer=fuzz.ratio, processor=fold, score_cutoff=80)
        return str(near[0]) if near else ""

    def language(self, title: str, context: Context) -> str:
        """The language of a participant's page."""
        languages = context.site.settings.languages
        said = str(self.said.get(title, {}).get("language", ""))
        return said if said in languages else languages[0]
