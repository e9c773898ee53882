"""Uploading files to a MediaWiki.

The API binds no upload to the version that it was computed from, as it does for edits. So the file is looked at in the request
before: what somebody else uploaded is never covered. A new file is sent without ``ignorewarnings``, so that the wiki says when
there is one already.
https://www.mediawiki.org/wiki/API:Upload, https://www.mediawiki.org/wiki/API:Imageinfo
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Mapping
from typing import Any

from wikibridge.errors import FileChanged, Rejected, Unreachable, Unsure
from wikibridge.model import File, Upload, sha1
from wikibridge.wikis.base import batches, checked_title
from wikibridge.wikis.mediawiki_api import MediaWikiApi, joined, sense
from wikibridge.wikis.mediawiki_changes import title as title_of
from wikibridge.wikis.mediawiki_errors import upload_error

_BATCH = 50
_COMMENT = 500
_HARMLESS = frozenset({"duplicate", "duplicate-archive", "page-exists", "large-file"})
"""Warnings that say nothing against a new file: the same picture under another name, a description that came before it."""

_SAME_SECOND = "backend-fail-alreadyexists"


class MediaWikiFiles:
    """The files of the wiki that is asked through ``api``."""

    def __init__(self, api: MediaWikiApi) -> None:
        self._api = api

    def _infos(self, names: list[str], limit: int, what: str) -> dict[str, list[dict[str, Any]]]:
        """The versions of files, the latest first, by name."""
        answer = self._api.ask("query", {"titles": joined(f"File:{name}" for name in names), "prop": "imageinfo",
                                         "iiprop": what, "iilimit": str(limit)})
        with sense(self._api.address, "imageinfo"):
            # A file of the wiki's shared store, such as Wikimedia Commons, is not on this wiki.
            return {title_of(page).partition(":")[2]: page["imageinfo"] for page in answer["query"].get("pages", ())
                    if page.get("imageinfo") and page.get("imagerepository", "local") == "local"}

    def files(self, names: Iterable[str]) -> dict[str, File]:
        """The files of these names that the wiki holds, 50 a request."""
        found: dict[str, File] = {}
        for part in batches(dict.fromkeys(names), _BATCH):
            for name, (info, *_) in self._infos(part, 1, "sha1|user").items():
                editor = str(info.get("user", ""))
                found[name] = File(name, str(info.get("sha1", "")), editor, editor == self._api.user)
        return found

    def upload(self, upload: Upload) -> None:
        """Upload a file, or a new version of one of ours."""
        checked_title(f"File:{upload.name}")
        if upload.base:
            there = self.files([upload.name]).get(upload.name)
            if there is None or not there.ours or there.sha1 != upload.base:
                raise FileChanged("file-changed", upload.name)
        params = {"filename": upload.name, "comment": upload.comment[:_COMMENT], "text": upload.text}
        result = self._sent("upload", upload.name, sha1(upload.data), params | ({"ignorewarnings": "1"} if upload.base else {}),
                            upload.data)
        if result.get("result") == "Warning":
            warnings = set(result.get("warnings", ()))
            if "was-deleted" in warnings:
                raise Rejected("file-deleted", upload.name)
            if not warnings <= _HARMLESS:
                there = self.files([upload.name]).get(upload.name)
                if there and there.ours and there.sha1 == sha1(upload.data):
                    return
                raise FileChanged("file-changed", upload.name) if there else Rejected(
                    "file-rejected", upload.name, ", ".join(sorted(warnings)))
            result = self._sent("upload", upload.name, sha1(upload.data), params | {"ignorewarnings": "1"}, upload.data)
        self._succeeded(upload.name, result)

    def restore(self, name: str, base: str, digest: str, comment: str) -> None:
        """Let an earlier version count again. https://www.mediawiki.org/wiki/API:Filerevert"""
        versions = self._infos([name], _BATCH, "sha1|user|archivename").get(name, [{}])
        with sense(self._api.address, "imageinfo"):
            if versions[0].get("sha1") != base or versions[0].get("user") != self._api.user:
                raise FileChanged("file-changed", name)
            archived = [str(each["archivename"]) for each in versions[1:] if each.get("sha1") == digest]
        if not archived:
            raise Rejected("file-no-version", name)
        self._succeeded(name, self._sent(
            "filerevert", name, digest, {"filename": name, "archivename": archived[0], "comment": comment[:_COMMENT]}))

    def _sent(
        self, action: str, name: str, digest: str, params: Mapping[str, str], data: bytes | None = None,
    ) -> dict[str, Any]:
        """What the wiki answers to a write. After a lost answer the wiki is looked at: Unsure when it does not hold the file.

        The wiki names an earlier version by the second in which it was replaced, and takes no second one in the same second.
        """
        for again in (True, False):
            try:
                answer = self._api.write(action, params, data)
            except Unreachable:
                return self._looked(name, digest)
            if not (again and _SAME_SECOND in json.dumps(answer)):
                break
            time.sleep(1)
        error = answer.get("error")
        if error is None:
            with sense(self._api.address, action):
                return dict(answer[action])
        code = str(error.get("code"))
        if code == "fileexists-no-change":
            return {"result": "Success"}
        if code.startswith("internal_api_error"):
            return self._looked(name, digest)
        raise upload_error(error, name) or self._api.error(error)

    def _looked(self, name: str, digest: str) -> dict[str, Any]:
        there = self.files([name]).get(name)
        if there and there.ours and there.sha1 == digest:
            return {"result": "Success"}
        raise Unsure("file-unsure", name)

    def _succeeded(self, name: str, result: Mapping[str, Any]) -> None:
        if result.get("result") != "Success":
            raise Rejected("file-rejected", name, ", ".join(f"{key}: {value}" for key, value in result.items()))
