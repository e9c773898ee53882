"""What an administrator of the real MediaWiki does to pages, through the API: the door does none of it."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import mwclient

from wikibridge.demo.mediawiki_server import MediaWikiServer


class Admin:
    """An administrator logged in. All answers are the API's; errors are raised as mwclient's."""

    def __init__(self, server: MediaWikiServer) -> None:
        self.site = mwclient.Site(urlsplit(server.address).netloc, path="/", scheme="http", max_retries=2, retry_timeout=1)
        self.site.login(server.admin.name, server.admin.password)

    def post(self, action: str, **params: Any) -> Any:
        return self.site.api(action, http_method="POST", token=self.site.get_token("csrf"), **params)

    def edit(self, title: str, text: str) -> int:
        return int(self.post("edit", title=title, text=text)["edit"].get("newrevid", 0))

    def move(self, old: str, new: str, redirect: bool = True) -> None:
        self.post("move", **{"from": old, "to": new, "ignorewarnings": "1"}, **({} if redirect else {"noredirect": "1"}))

    def move_over(self, old: str, new: str) -> None:
        """As the form "delete and move" does it."""
        self.delete(new)
        self.move(old, new, redirect=False)

    def swap(self, one: str, other: str) -> None:
        between = f"{one} between"
        self.move(one, between, redirect=False)
        self.move(other, one, redirect=False)
        self.move(between, other, redirect=False)

    def delete(self, title: str) -> None:
        self.post("delete", title=title)

    def restore(self, title: str) -> None:
        self.post("undelete", title=title)

    def protect(self, title: str) -> None:
        self.post("protect", title=title, protections="edit=sysop", expiry="never")

    def model(self, title: str, model: str) -> None:
        self.post("changecontentmodel", title=title, model=model, summary="changed")

    def merge(self, source: str, target: str) -> None:
        self.post("mergehistory", **{"from": source, "to": target})

    def hide(self, title: str, revision: int) -> None:
        self.post("revisiondelete", type="revision", target=title, ids=str(revision), hide="content")

    def bring_in(self, xml: str) -> None:
        """Import a dump."""
        self.site.raw_call("api", {"action": "import", "interwikiprefix": "x", "format": "json", "token": self.site.get_token("csrf")},
                           files={"xml": ("dump.xml", xml.encode(), "application/xml")})
