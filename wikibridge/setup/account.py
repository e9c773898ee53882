"""Whether an account is let in, and which rights that matter it lacks, with who can give them and how."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from wikibridge.wikis.base import Account
from wikibridge.wikis.finding import Found
from wikibridge.wikis.mediawiki import MediaWikiWiki
from wikibridge.wikis.tiki import TikiWiki
from wikibridge.wikis.web import within

SECONDS = 120.0
"""For logging in and asking for rights: a server that answers otherwise than a wiki should hold nobody up."""
_MUST = frozenset({"edit", "create"})
_NICE = frozenset({"tags"})
_GRANTS = {"edit": "right-grant-edit", "create": "right-grant-create", "bot": "right-grant-volume",
           "limits": "right-grant-volume", "upload": "right-grant-upload", "tags": "right-grant-edit"}
_GIVEN = {"edit": "right-ask-edit", "create": "right-ask-create", "bot": "right-ask-bot", "limits": "right-ask-bot",
          "upload": "right-ask-upload", "tags": "right-ask-tags"}
_NAMES = {"edit": "right-edit", "create": "right-create", "bot": "right-bot", "limits": "right-limits", "upload": "right-upload",
          "tags": "right-tags"}


@dataclass(frozen=True, slots=True)
class Told:
    """One right: the key of its name, whether it is there, and the message that tells how to get it (none when it is).

    ``weight`` is ``error`` for a lack with which nothing works, ``warning`` for one with which something does not.
    """

    name: str
    has: bool
    weight: Literal["ok", "warning", "error"]
    remedy: tuple[str, ...]


def let_in(found: Found, account: str, secret: str) -> Account:
    """What the wiki says of the account, once it has let us in with the secret: tried once, since wikis lock accounts.

    Raises LoginFailed, or what a wiki that does not answer as one leads to.
    """
    tried = door(found.kind, found.address, account, secret)
    try:
        return within(SECONDS, found.address, tried.account)
    finally:
        tried.close()


def door(kind: str, address: str, account: str, secret: str, insecure_http: bool = False) -> MediaWikiWiki | TikiWiki:
    """The door to a wiki for somebody who waits: with no session of before, and without much patience."""
    made = TikiWiki if kind == "tiki" else MediaWikiWiki
    return made(address, account, secret, retries=1, insecure_http=insecure_http)


def rights(kind: str, account: Account, address: str) -> list[Told]:
    """The rights that matter on this kind of wiki, those it has and those it lacks. ``address`` is that of its API or site."""
    return [_right(kind, name, account, address) for name in account.may]


def _right(kind: str, name: str, account: Account, address: str) -> Told:
    has = account.may[name]
    if has in ("yes", "unknown"):
        return Told(_NAMES[name], True, "ok", ())
    weight: Literal["ok", "warning", "error"] = "error" if name in _MUST else "ok" if name in _NICE else "warning"
    if kind == "tiki":
        return Told(_NAMES[name], False, weight, ("right-ask-tiki", account.name))
    if has == "grant":
        return Told(_NAMES[name], False, weight, (_GRANTS[name], secrets_page(kind, address)))
    return Told(_NAMES[name], False, weight, (_GIVEN[name], account.name, user_rights(address)))


def secrets_page(kind: str, address: str) -> str:
    """Where on the wiki bot passwords are made, or API tokens."""
    return f"{address}tiki-admin.php?page=security" if kind == "tiki" else _special(address, "Special:BotPasswords")


def user_rights(address: str) -> str:
    """Where an administrator of a MediaWiki puts accounts into groups."""
    return _special(address, "Special:UserRights")


def _special(address: str, title: str) -> str:
    return f"{address.removesuffix('api.php')}index.php?title={title}"
