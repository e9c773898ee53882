"""Pages that ask bots to stay away: https://en.wikipedia.org/wiki/Template:Bots. Pure."""

from __future__ import annotations

from wikibridge.markup import wikitext
from wikibridge.markup.parts import Dialect


def excluded(text: str, account: str, dialect: Dialect = wikitext) -> bool:
    """Whether a page asks the bot of this name to leave it alone, by ``{{nobots}}`` or ``{{bots|...}}``.

    Known are ``allow`` and ``deny`` with names, ``all`` and ``none``. What a bot is allowed by name, no "all" takes away.
    """
    if "bots" not in text.casefold():
        return False
    name = account.partition("@")[0].casefold()
    for call in dialect.scan(text).calls:
        template = call.name.casefold()
        said = {(argument.name or "").casefold(): {part.strip().casefold() for part in argument.value.split(",")}
                for argument in call.arguments}
        if template == "nobots" or (template == "bots" and name in said.get("deny", ())):
            return True
        if template != "bots" or name in said.get("allow", ()) or said.get("allow") == {"all"}:
            continue
        if "allow" in said or "all" in said.get("deny", ()):
            return True
    return False
