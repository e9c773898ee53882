"""What a MediaWiki, or the network before it, answers when something is wrong: as errors with a sentence.

Codes: https://www.mediawiki.org/wiki/API:Errors_and_warnings and https://www.mediawiki.org/wiki/API:Edit, seen on 1.39.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from wikibridge.errors import (
    Blocked,
    EditConflict,
    FileChanged,
    InvalidTitle,
    NoUploads,
    PageExists,
    PageMissing,
    PageProtected,
    RateLimited,
    ReadOnly,
    Rejected,
    TooLong,
    Unreachable,
    WikibridgeError,
    WikiError,
)
from wikibridge.wikis.base import no_kind

LOGIN_AGAIN = frozenset({"badtoken", "assertuserfailed", "assertnameduserfailed", "assertbotfailed"})
"""The session is over; nothing was done."""

_BLOCKED = frozenset({"blocked", "autoblocked", "systemblocked", "blocked-email"})
_PROTECTED = frozenset({
    "cascadeprotected", "cantcreate", "customcssprotected", "customjsprotected", "customjsonprotected", "noedit",
    "nocreate-loggedin", "noimageredirect-logged", "permissiondenied", "protectedpage", "protectedtitle", "sitejsonprotected",
    "sitecssprotected", "sitejsprotected", "cantedit",
})
_TITLE = frozenset({"invalidtitle", "invalid-title", "pagecannotexist", "badtitle", "immobile-target-namespace"})


def read_error(code: str, info: str, error: Mapping[str, Any], address: str, account: str) -> WikiError:
    """The error for a code that any request can get."""
    if code in _BLOCKED:
        block = error.get("blockinfo") or {}
        return Blocked("blocked", account, " ".join(str(block.get("blockreason") or info).split()))
    if code == "readonly":
        return ReadOnly("read-only", address, str(error.get("readonlyreason") or info))
    if code in ("ratelimited", "maxlag"):
        return RateLimited("rate-limited", address)
    return Unreachable("refused-request", address, f"{code}: {info}")


def edit_error(code: str, info: str, title: str, limit: int) -> WikibridgeError | None:
    """The error for a code that concerns the one page that was to be edited; None when it concerns more."""
    if code == "articleexists":
        return PageExists("page-exists", title)
    if code in ("editconflict", "pagedeleted", "nosuchrevid"):
        return EditConflict("edit-conflict", title)
    if code in ("missingtitle", "nosuchpageid"):
        return PageMissing("page-missing", title)
    if code in _PROTECTED or code.startswith("protectednamespace"):
        return PageProtected("page-protected", title)
    if code == "contenttoobig":
        return TooLong("text-too-long", title, limit)
    if code in _TITLE:
        return InvalidTitle("title-invalid", title)
    if code in _BLOCKED or code in ("readonly", "ratelimited", "maxlag"):
        return None
    # Filters come under many codes (spamblacklist, abusefilter-*, titleblacklist-*, hookaborted, those of extensions).
    return Rejected("rejected", title, f"{info} ({code})")


def upload_error(error: Mapping[str, Any], name: str) -> WikibridgeError | None:
    """The error for an answer that concerns the one file that was to be uploaded, or uploads; None when it concerns more.

    What is found when a file is examined comes as ``verification-error``, its own code among the details.
    """
    code, info = str(error.get("code")), str(error.get("info"))
    details = error.get("details")
    detail = str(details[0]) if isinstance(details, list) and details else ""
    if code in _BLOCKED or code in ("readonly", "ratelimited", "maxlag"):
        return None
    if code == "uploaddisabled":
        return NoUploads("files-off")
    if code in ("permissiondenied", "badaccess-groups", "badaccess-group0", "mustbeloggedin"):
        return NoUploads("files-no-right")
    if code.startswith("filetype") or detail.startswith("filetype"):
        return no_kind(name.rpartition(".")[2].casefold())
    if code.startswith("fileexists"):
        return FileChanged("file-changed", name)
    if code in _PROTECTED or code in ("titleprotected", "namespaceprotected"):
        return PageProtected("file-protected", name)
    if code in _TITLE or code.startswith("filename") or code == "illegal-filename":
        return InvalidTitle("title-invalid", name)
    if code == "file-too-large":
        return TooLong("file-too-large", name, info)
    return Rejected("file-rejected", name, f"{info} ({detail or code})")
