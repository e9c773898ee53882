"""Who may do what: users, groups, rights, tokens and sessions of the server."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Collection
from dataclasses import dataclass, field

from wikibridge.demo.tiki.php import same

ANONYMOUS = ""
"""The user of a request that names none."""
VISITOR = frozenset({"view", "view_trackers"})
MEMBER = VISITOR | {"edit", "lock", "wiki_view_source", "wiki_view_history", "create_tracker_items", "modify_tracker_items",
                    "view_file_gallery", "upload_files"}
ADMIN = frozenset({"admin"})


@dataclass(frozen=True, slots=True)
class Token:
    """An API token: every call with it acts as its user, with that user's rights."""

    user: str
    expires: float = 0
    """Seconds since 1970; 0 is never."""


@dataclass(slots=True)
class People:
    """Users by name; "Anonymous" is everybody's group, "Registered" that of all users."""

    clock: Callable[[], float]
    groups: dict[str, set[str]] = field(default_factory=lambda: {
        "Anonymous": set(VISITOR), "Registered": set(MEMBER), "Admins": set(ADMIN)})
    users: dict[str, set[str]] = field(default_factory=dict)
    tokens: dict[str, Token] = field(default_factory=dict)
    sessions: dict[str, str] = field(default_factory=dict)
    _passwords: dict[str, str] = field(default_factory=dict)
    _objects: dict[tuple[str, str], dict[str, set[str]]] = field(default_factory=dict)

    def add(self, name: str, groups: Collection[str] = (), password: str = "") -> str:
        """A user, and more groups and a new password for one that is there; its name."""
        self.users.setdefault(name, set()).update(groups)
        for group in groups:
            self.groups.setdefault(group, set())
        if password:
            self._passwords[name] = password
        return name

    def token(self, user: str, expires: float = 0) -> str:
        """A new token for a user, who is made when there is none."""
        self.add(user)
        text = hashlib.sha256(secrets.token_bytes()).hexdigest()
        self.tokens[text] = Token(user, expires)
        return text

    def bearer(self, token: str) -> str | None:
        """The user of a token, for which the database knows no case; None for one that is unknown or too old."""
        found = self.tokens.get(token.lower())
        return found.user if found and (not found.expires or self.clock() < found.expires) else None

    def log_in(self, name: str, password: str) -> str | None:
        """A session for a user with this password."""
        if not password or self._passwords.get(name) != password:
            return None
        session = secrets.token_hex(16)
        self.sessions[session] = name
        return session

    def allow(self, kind: str, name: str, groups: dict[str, Collection[str]]) -> None:
        """Rights of groups on one page, tracker or category in place of the site's; of no groups: the site's again."""
        self._objects[kind, same(name)] = {group: set(rights) for group, rights in groups.items()}
        if not groups:
            del self._objects[kind, same(name)]

    def may(self, user: str, right: str, kind: str = "", name: str = "") -> bool:
        """Whether a user has a right, on the site or on one object."""
        groups = {"Anonymous"} | (self.users.get(user, set()) | {"Registered"} if user else set())
        site: set[str] = set().union(*(self.groups.get(group, ()) for group in groups))
        if "admin" in site:
            return True
        own = self._objects.get((kind, same(name))) if kind else None
        rights = site if own is None else set().union(*(own.get(group, ()) for group in groups))
        return right in rights or ("tracker" in right and "admin_trackers" in rights)
