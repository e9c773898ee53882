"""A program that calls a Tiki's API with plain requests, to look at what the server answers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import requests

from wikibridge.demo.tiki import TikiServer


@dataclass
class Client:
    """Somebody's program: calls the API with a token, or as anonymous."""

    server: TikiServer
    token: str | None

    def call(self, method: str, route: str, data: Any = None, form: str = "api", **options: Any) -> requests.Response:
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        headers |= options.pop("headers", {})
        if form == "api":
            address, params = f"{self.server.address}api/{route}", options.pop("params", {})
        else:
            address, params = f"{self.server.address}tiki-api.php", {"route": route, **options.pop("params", {})}
        return requests.request(method, address, params=params, data=data, headers=headers, timeout=20, allow_redirects=False, **options)

    def get(self, route: str, **params: Any) -> Any:
        return self.call("GET", route, params=params).json()

    def row(self, name: str) -> dict[str, Any] | None:
        found = self.get("wiki", find=name, exactMatch="1", **{"filter[lang]": ""})["data"]
        return next((row for row in found if row["pageName"] == name), None)

    def create(self, name: str, data: str = "text", **more: str) -> requests.Response:
        return self.call("POST", "wiki", {"pageName": name, "data": data, **more})

    def update(self, name: str, data: str | None = "new", **more: str) -> requests.Response:
        return self.call("POST", "wiki/page/_", {"page": name, "is_minor": "y", **({} if data is None else {"data": data}), **more})

    def items(self, action: str, *names: str, **more: str) -> requests.Response:
        return self.call("POST", f"wiki/{action}", {"items[]": list(names), **more})


@dataclass
class Tiki:
    """A running server and the programs of three users: a bot that may all but administer, Ann, who may edit, and nobody."""

    server: TikiServer

    def __post_init__(self) -> None:
        people = self.server.people
        people.groups["Bots"] = {"view", "edit", "remove", "lock"}
        people.add("bot", ["Bots"])
        people.add("admin", ["Admins"])
        self.bot, self.ann, self.admin = (Client(self.server, people.token(name)) for name in ("bot", "ann", "admin"))
        self.nobody = Client(self.server, None)


StartTiki = Callable[..., Tiki]
