"""What happened on a MediaWiki since a cursor, in one request when nothing or little did.

The request carries the account's check, the list of changes, the log (moves, deletions and their like leave no edit),
the wiki's identity and its count of edits, and the texts of the pages changed since the last look. Recent changes are
written a moment after the edit's answer, later still by replicas, and have one second: the list looks back further
than the cursor (``OVERLAP``), and what is found again is known by its revision or log number. docs/cursor.md

https://www.mediawiki.org/wiki/API:RecentChanges, https://www.mediawiki.org/wiki/API:Logevents
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

OVERLAP = timedelta(minutes=10)
"""How far before the cursor changes are asked for again."""
OLDEST = timedelta(days=25)
"""Recent changes are purged after 30 days or more: a cursor older than this tells nothing reliable."""
FULL_EVERY = timedelta(days=1)
"""How often everything is compared all the same: what no list of changes told is found then."""
ALONG = "20"
"""Pages whose text comes along with the changes. They are of the whole wiki: more would be wasted on busy ones."""

NAMESPACES = {number: name for number, name in enumerate((
    "", "Talk", "User", "User talk", "Project", "Project talk", "File", "File talk", "MediaWiki", "MediaWiki talk",
    "Template", "Template talk", "Help", "Help talk", "Category", "Category talk")) if name}
"""Canonical names, understood by every MediaWiki: https://www.mediawiki.org/wiki/Manual:Namespace"""

# What changes a page's revision, title or existence without an edit in recent changes.
_LOGS = frozenset({"delete", "move", "import", "merge", "contentmodel", "suppress", "protect", "upload"})


@dataclass(frozen=True, slots=True)
class Cursor:
    """Up to where a wiki was read. ``logs`` are the log entries of the last ``OVERLAP`` that were taken in already.

    ``edits`` is the wiki's count of edits, which only a restored backup takes back; ``full`` when all was compared last;
    ``categories`` those that count as selected, subcategories included.
    """

    wiki: str
    time: str
    full: str
    edits: int
    logs: tuple[int, ...] = ()
    categories: tuple[str, ...] = ()

    def __str__(self) -> str:
        return json.dumps({name: getattr(self, name) for name in self.__slots__}, ensure_ascii=False)


def cursor(text: str | None) -> Cursor | None:
    """The cursor that a text says; None for one that says nothing to us."""
    try:
        data = json.loads(text or "")
        return Cursor(str(data["wiki"]), str(data["time"]), str(data["full"]), int(data["edits"]),
                      tuple(map(int, data["logs"])), tuple(map(str, data["categories"])))
    except (ValueError, KeyError, TypeError):
        return None


def title(row: Mapping[str, Any]) -> str:
    """The title of a page, revision or log row, the namespace by its canonical name: every wiki calls it differently."""
    text = str(row["title"])
    name = NAMESPACES.get(int(row.get("ns", 0)))
    return f"{name}:{text.partition(':')[2]}" if name else text


def identity(address: str, account: Mapping[str, Any]) -> str:
    """What tells one wiki from another at the same address: our account's number and its moment of registration.

    The wiki's own id would do as well, but costs the server a fifth of a quiet run.
    """
    return f"{address} {account['id']} {account.get('registrationdate')}"


def parameters(since: datetime, seen: datetime) -> dict[str, str]:
    """The parameters of the request: changes from ``since`` on, texts of what changed from ``seen`` on."""
    begin, along = (moment.strftime("%Y-%m-%dT%H:%M:%SZ") for moment in (since, seen))
    return {
        "list": "recentchanges|logevents", "rcdir": "newer", "rcstart": begin, "rctoponly": "1", "rctype": "edit|new",
        "rcprop": "ids|title", "rclimit": "max", "ledir": "newer", "lestart": begin, "leprop": "ids|title|type|details",
        "lelimit": "max", "meta": "siteinfo|userinfo|tokens", "siprop": "statistics", "uiprop": "rights|registrationdate",
        "generator": "recentchanges", "grcdir": "newer", "grcstart": along, "grctoponly": "1", "grctype": "edit|new",
        "grclimit": ALONG, "prop": "revisions", "rvprop": "ids|timestamp|user|content", "rvslots": "main"}


def continued(params: Mapping[str, str], more: Mapping[str, Any]) -> dict[str, str] | None:
    """The request that goes on with the lists alone; None when both are at their end.

    What continues of the texts is left: the pages are read by their ids, with all others that changed.
    """
    lists = {name: key for name, key in (("recentchanges", "rccontinue"), ("logevents", "lecontinue")) if key in more}
    if not lists:
        return None
    kept = {key: value for key, value in params.items() if key[:2] in ("rc", "le")}
    return {**kept, "list": "|".join(lists), **{key: str(more[key]) for key in lists.values()}}


def logged(rows: list[dict[str, Any]], known: frozenset[int]) -> tuple[set[str], set[int], list[int]]:
    """Titles and page ids that new log entries name, and the numbers of all log entries that concern pages."""
    titles: set[str] = set()
    pages: set[int] = set()
    numbers = []
    for row in rows:
        # An entry that was hidden from us has no title; the daily comparison finds what it did.
        if row.get("type") not in _LOGS or "title" not in row:
            continue
        numbers.append(int(row["logid"]))
        if numbers[-1] in known:
            continue
        details = row.get("params", {})
        titles |= {title(row), *(str(details[key]) for key in ("target_title", "dest_title") if key in details)}
        pages |= {int(row.get("pageid", 0)), int(row.get("logpage", 0))} - {0}
    return titles, pages, numbers
