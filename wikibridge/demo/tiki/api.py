"""The API itself: who asks, for what, and how it is answered when it cannot be."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from html import escape
from urllib.parse import quote, unquote

from wikibridge.demo.tiki.call import HTML, Answer, Broken, Call, Refusal, Request, World, encoded
from wikibridge.demo.tiki.categories import Categories
from wikibridge.demo.tiki.galleries import Galleries
from wikibridge.demo.tiki.messages import say
from wikibridge.demo.tiki.people import ANONYMOUS
from wikibridge.demo.tiki.php import Params, against_scripts, filtered
from wikibridge.demo.tiki.profile import Profile
from wikibridge.demo.tiki.render import plain_text
from wikibridge.demo.tiki.trackers import Trackers
from wikibridge.demo.tiki.wiki_api import WikiCalls

Action = Callable[[Call], object]
NOT_ENABLED = "Service not enabled."
"""The one message that no language translates."""
_BAD_TOKEN = "The resource owner or authorization server denied the request."


@dataclass(frozen=True, slots=True)
class Route:
    """What a method and a path lead to; ``{name}`` in the path is a parameter without slashes."""

    methods: str
    path: str
    action: Action
    defaults: Params = field(default_factory=dict)

    @property
    def pattern(self) -> re.Pattern[str]:
        """The path as a pattern."""
        return re.compile(re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>[^/]+)", re.escape(self.path)))


class Api:
    """Answers requests below /api/."""

    def __init__(self, world: World, between: Callable[[str, Request], None]) -> None:
        self._world = world
        self._between = between
        self.categories = Categories(world)
        self.trackers = Trackers(world, self.categories)
        self.galleries = Galleries(world)
        self._wiki = WikiCalls(world, self.categories)
        self._routes = [(route, route.pattern) for route in self._table(world.profile)]

    def _table(self, profile: Profile) -> list[Route]:
        wiki, trackers, categories, galleries = self._wiki, self.trackers, self.categories, self.galleries
        tracker, item = "trackers/{trackerId}", "trackers/{trackerId}/items/{itemId}"
        routes = [
            Route("GET", "categories", categories.every), Route("POST", "categories", categories.create),
            Route("POST", "categories/{categId}", categories.update),
            Route("DELETE", "categories/{categId}", categories.remove),
            Route("POST", "categorize", categories.categorize), Route("POST", "uncategorize", categories.uncategorize),
            Route("GET", "search/lookup", self._lookup),
            Route("GET", "trackers", trackers.every), Route("POST", "trackers", trackers.create),
            Route("GET", tracker, trackers.items, {"offset": "-1", "maxRecords": "-1"}),
            Route("POST", tracker, trackers.create), Route("DELETE", tracker, trackers.remove),
            Route("POST", f"{tracker}/clear", trackers.clear), Route("GET", f"{tracker}/dump", trackers.dump),
            Route("GET", f"{tracker}/fields", trackers.fields), Route("POST", f"{tracker}/fields", trackers.add_field),
            Route("POST", f"{tracker}/fields/{{fieldId}}", trackers.edit_field),
            Route("DELETE", f"{tracker}/fields", trackers.remove_fields),
            Route("GET", item, trackers.item), Route("POST", f"{item}/clone", trackers.clone),
            Route("POST", f"{tracker}/items", trackers.insert), Route("POST", item, trackers.change),
            Route("DELETE", item, trackers.remove_item), Route("POST", f"{item}/status", trackers.status),
            Route("GET", "wiki", wiki.every), Route("POST", "wiki", wiki.create),
            Route("GET", "wiki/page/{page}", wiki.page), Route("POST", "wiki/page/{page}", wiki.update),
            Route("POST", "wiki/delete", wiki.delete), Route("POST", "wiki/title", wiki.title),
            Route("POST", "wiki/lock", wiki.lock), Route("POST", "wiki/unlock", wiki.unlock),
            Route("POST", "wiki/page/{page}/delete" if profile.patch else "wiki/{page}/delete", wiki.delete_versions),
        ]
        if profile.patch:
            routes.append(Route("PATCH", "wiki/page/{page}", wiki.patch))
        if profile.preview:
            routes.append(Route("POST", "wiki/preview", wiki.preview))
        if profile.galleries:
            routes += [
                Route("GET", "galleries", galleries.every), Route("POST", "galleries", galleries.create),
                Route("POST", "galleries/upload", galleries.upload), Route("GET", "galleries/{galleryId}", galleries.gallery),
                Route("GET", "galleries/{galleryId}/list_files", galleries.list_files),
                Route("GET", "galleries/{fileId}/download", galleries.download),
                Route("GET", "galleries/files/{fileId}", galleries.file),
                Route("POST", "galleries/files/{fileId}/update", galleries.upload),
                Route("POST", "galleries/files/{fileId}/delete", galleries.delete),
            ]
        return routes

    def answer(self, request: Request) -> Answer:
        """What the API says to a request; never raises."""
        profile = self._world.profile
        try:
            return self._answer(request, profile)
        except Refusal as refusal:
            return self._refused(refusal)
        except Broken as broken:
            if not str(broken):
                return Answer(500, b"", HTML)
            page = f"<html><title>System error.</title><body><pre>{escape(str(broken))}</pre></body></html>"
            return Answer(500 if profile.html_errors else 200, page.encode(errors="replace"), HTML)

    def _refused(self, refusal: Refusal) -> Answer:
        status, message = refusal.code or 403, refusal.message
        shown = message + " (404)" if status == 404 else message
        detail = {"code": refusal.code, "errortitle": message, "message": shown, **refusal.more}
        headers = {"X-Tiki-Feedback": quote(message, errors="replace")}
        return Answer(status, encoded(detail, self._world.profile), headers=headers)

    def _answer(self, request: Request, profile: Profile) -> Answer:
        if not profile.enabled:
            raise Refusal(403, NOT_ENABLED)
        user = self._user(request)
        if profile.closed and not self._world.people.may(user, "admin"):
            if profile.stumbles and request.route != "version":
                raise Broken("")
            message = say("closed", profile.language)
            return Answer(200, encoded({"error": message, "title": message}, profile))
        path = unquote(request.route or "")
        if request.method in ("GET", "HEAD"):
            if not path:
                return Answer(200, b"<html><body><h1>Tiki API</h1></body></html>", HTML)
            if re.fullmatch(r"docs/[^/]+\.yaml", path):
                return Answer(200, self._docs().encode(), HTML)
            if path == "version":
                kind = "application/json" if profile.typed_version else HTML
                return Answer(200, encoded({"version": profile.version}, profile), kind)
        route, found = self._route(request, path)
        if route is None:
            # An error of the router comes as a page when the method was wrong, with nothing in it.
            return Answer(400, b"<html><body><div class=\"alert\"></div></body></html>", HTML)
        feature = path.partition("/")[0]
        if not {"wiki": profile.wiki, "trackers": profile.trackers, "categories": profile.categories}.get(feature, True):
            raise Refusal(403, say("disabled", profile.language, f"feature_{feature}"))
        sent = {**request.query, **request.form}
        params = {key: filtered(value, against_scripts) for key, value in {**route.defaults, **found, **sent}.items()}
        call = Call(request, user, profile.language, profile.strips_tags, self._world.people.may,
                    lambda point: self._between(point, request), params)
        result = route.action(call)
        return result if isinstance(result, Answer) else Answer(200, encoded(result, profile))

    def _user(self, request: Request) -> str:
        header = request.headers.get("authorization", "")
        scheme, _, token = header.partition(" ")
        if scheme.lower() != "bearer" or not token.strip():
            return ANONYMOUS
        user = self._world.people.bearer(token.strip())
        if user is None:
            raise Refusal(403, _BAD_TOKEN)
        return user

    def _route(self, request: Request, path: str) -> tuple[Route | None, Params]:
        """The first route that fits; none when only the method was wrong. Raises Refusal when there is no such path."""
        method = "GET" if request.method == "HEAD" else request.method
        known = path in ("", "version")
        for route, pattern in self._routes:
            if match := pattern.fullmatch(path):
                known = True
                if route.methods == method:
                    return route, dict(match.groupdict())
        if known:
            return None, {}
        raise Refusal(404, f'No routes found for "/{path}".', page="API")

    def _docs(self) -> str:
        paths: dict[str, list[str]] = {}
        for route, _ in self._routes:
            paths.setdefault(route.path, []).append(route.methods.lower())
        lines = ["openapi: 3.0.0", "info:", "  title: Tiki API", f"  version: \"{self._world.profile.version}\"", "paths:"]
        for path, methods in paths.items():
            lines += [f"  /{path}:", *(f"    {method}: {{}}" for method in methods)]
        return "\n".join(lines) + "\n"

    def _lookup(self, call: Call) -> object:
        """The search: pages whose text has all words; titles are escaped for HTML."""
        filters = call.array("filter")
        words = str(filters.get("content", "")).casefold().split()
        kind = filters.get("type", "wiki page")
        if kind == "trackeritem":
            rows = self.trackers.lookup(call)
        else:
            pages = [page for page in self._world.pages if call.may(call.user, "view", "wiki page", page.name)
                     and all(len(word) > 3 and word in f"{page.name} {plain_text(page.text)}".casefold() for word in words)]
            pages.sort(key=lambda page: page.name.casefold(), reverse=call.text("sort_order") == "title_desc")
            rows = [{"object_type": "wiki page", "object_id": page.name, "parent_id": None, "title": escape(page.name)}
                    for page in pages]
        offset, most = call.number("offset"), call.number("maxRecords") or 25
        shown = rows[offset : offset + most]
        return {"title": "", "resultset": {"count": len(rows), "offset": offset, "maxRecords": most, "result": shown}}
