"""Tikis to test against: servers of our own as several versions and set-ups answer, and a real one where there is one.

A real one is a site to scratch on: pages below ``PREFIX`` are made and removed there. WIKIBRIDGE_TIKI_URL is its address,
WIKIBRIDGE_TIKI_TOKEN a token of an account that may edit and delete pages, WIKIBRIDGE_TIKI_ACCOUNT its name ("Bot" by default);
WIKIBRIDGE_TIKI_OTHER_TOKEN and WIKIBRIDGE_TIKI_OTHER_ACCOUNT those of another account that may edit, where there is one;
WIKIBRIDGE_TIKI_ADMIN_TOKEN one of an administrator's, without which no trackers are made to test with.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta

from wikibridge.demo.tiki import PROFILES, Profile, TikiServer
from wikibridge.model import Selection
from wikibridge.wikis.tiki import TikiWiki

REAL = os.environ.get("WIKIBRIDGE_TIKI_URL", "")
ADMIN = os.environ.get("WIKIBRIDGE_TIKI_ADMIN_TOKEN", "")
PREFIX = "DoorTest/" if REAL else ""
SETUPS: dict[str, Profile] = {
    "24.1": replace(PROFILES["24.1"], category_jail=False),
    "24.1 lenient": replace(PROFILES["24.1"], category_jail=False, strict_sql=False, text_numbers=True, noise=True, rewrite=False, language="fr"),
    "27": PROFILES["mid"],
    "29": replace(PROFILES["new"], language="pt"),
}
"""Versions and set-ups that differ in all that the door must cope with."""


@dataclass
class TikiPlace:
    """A Tiki with the accounts "bot" and "citizen", and what its administrator can do."""

    address: str
    tokens: dict[str, tuple[str, str]]
    rename: Callable[[str, str], None] | None = None
    categorize: Callable[[str, str, str], None] | None = None
    opened: list[TikiWiki] = field(default_factory=list)

    def door(self, who: str, **options: object) -> TikiWiki:
        account, token = self.tokens[who]
        wiki = TikiWiki(self.address, account, token, **{"pause": 0, "retries": 1, **options})  # type: ignore[arg-type]
        self.opened.append(wiki)
        return wiki

    def _do(self, route: str, title: str) -> None:
        answer = self.opened[0]._api.send(route, {"items[]": title})
        assert answer.data["feedback"], answer

    def lock(self, title: str) -> None:
        self._do("wiki/lock", title)

    def delete(self, title: str) -> None:
        self._do("wiki/delete", title)

    @classmethod
    @contextmanager
    def of(cls, server: TikiServer) -> Iterator[TikiPlace]:
        """A server of our own."""
        server.people.groups["Registered"] |= {"remove"}

        def rename(old: str, new: str) -> None:
            page = server.pages.get(old)
            assert page
            server.pages.rename(page, new)

        made: dict[str, int] = {}

        def categorize(title: str, category: str, parent: str) -> None:
            if category not in made:
                made[category] = server.categories.add(category, made.get(parent, 0)).id
            server.categories.put("wiki page", title, {made[category]})

        place = cls(server.address, {"bot": ("bot", server.people.token("bot")), "citizen": ("citizen", server.people.token("citizen"))},
                    rename, categorize)
        yield place
        for each in place.opened:
            each.close()


@contextmanager
def real_place() -> Iterator[TikiPlace]:
    """The real Tiki of WIKIBRIDGE_TIKI_URL; what the tests made is removed from it."""
    bot = os.environ.get("WIKIBRIDGE_TIKI_ACCOUNT", "Bot"), os.environ["WIKIBRIDGE_TIKI_TOKEN"]
    citizen = (os.environ.get("WIKIBRIDGE_TIKI_OTHER_ACCOUNT", bot[0]), os.environ.get("WIKIBRIDGE_TIKI_OTHER_TOKEN", bot[1]))
    place = TikiPlace(REAL, {"bot": bot, "citizen": citizen})
    keeper = place.door("bot", quiet=timedelta())
    yield place
    for head in list(keeper.list(Selection((PREFIX, f"Help:{PREFIX}", f"Help talk:{PREFIX}")))):
        place.delete(head.title)
    for each in place.opened:
        each.close()
