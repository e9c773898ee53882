"""What a MediaWiki says of our account: its groups, and which of the rights that matter it has, itself or with its bot password.

https://www.mediawiki.org/wiki/API:Userinfo, https://www.mediawiki.org/wiki/Manual:Bot_passwords, seen on 1.39.
"""

from __future__ import annotations

from wikibridge.wikis.base import Account, Right
from wikibridge.wikis.mediawiki_api import MediaWikiApi, sense

_RIGHTS: dict[str, tuple[frozenset[str], ...]] = {
    "edit": (frozenset({"edit"}),),
    "create": (frozenset({"createpage"}),),
    "bot": (frozenset({"bot"}),),
    "limits": (frozenset({"apihighlimits"}),),
    "upload": (frozenset({"upload"}), frozenset({"reupload", "reupload-own"})),
    "tags": (frozenset({"applychangetags"}),),
}
"""What each right of ours takes: one of each set of MediaWiki's."""


def account(api: MediaWikiApi) -> Account:
    """Our account, in one request once it is let in.

    Rights are those that both the account and the grants of its bot password give; what the account alone has, its groups tell.
    """
    answer = api.ask("query", {
        "meta": "userinfo|siteinfo", "uiprop": "rights|groups|ratelimits|blockinfo", "siprop": "usergroups"})
    with sense(api.address, "userinfo"):
        us = answer["query"]["userinfo"]
        held, groups = frozenset(us["rights"]), frozenset(us.get("groups", ()))
        own = held.union(*(group["rights"] for group in answer["query"].get("usergroups", ()) if group["name"] in groups))
        limits = us.get("ratelimits") or {}
        paces = [int(each["hits"]) * 60 // max(1, int(each["seconds"])) for each in (limits.get("edit") or {}).values()]
        return Account(
            str(us["name"]), tuple(str(group) for group in us.get("groups", ()) if group != "*"),
            {name: _right(needs, held, own) for name, needs in _RIGHTS.items()},
            max(1, min(paces)) if paces else 0, str(us.get("blockreason") or "…") if "blockid" in us else "")


def _right(needs: tuple[frozenset[str], ...], held: frozenset[str], own: frozenset[str]) -> Right:
    if all(need & held for need in needs):
        return "yes"
    return "grant" if all(need & own for need in needs) else "no"
