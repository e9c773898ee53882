"""Which wiki an address belongs to, and where its API is: from any page of it that somebody pastes.

A page of a MediaWiki names its API in its head (``<link rel="EditURI">``), or at least the folder of its scripts; a Tiki's is
looked for by its usual names (docs/tiki.md). Where the page tells nothing, the usual places are tried. Whatever is found is asked
what it is before it counts. Two different wikis are never chosen between. Nothing secret is sent.
https://www.mediawiki.org/wiki/API:Main_page#Endpoint, https://www.mediawiki.org/wiki/Manual:Short_URL
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from typing import Literal
from urllib.parse import urljoin, urlsplit

from wikibridge.errors import NotSuchAWiki, Unreachable, Untrusted, WikibridgeError, WikiError
from wikibridge.wikis.base import open_way
from wikibridge.wikis.network import checked_address
from wikibridge.wikis.tiki_api import Answer, json_of, search, site_of
from wikibridge.wikis.web import SECONDS, Allowed, Visit, Visitor

_PLACES = ("api.php", "w/api.php", "wiki/api.php", "mediawiki/api.php")
"""Where a MediaWiki's API usually is, below the address of a folder."""
_DEPTH = 4
_TAG = re.compile(r"<(?:link|meta)\b([^<>]{1,2000})>", re.IGNORECASE)
_PART = re.compile(r"""([\w:-]+)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'<>]+))""")
_LANGUAGE = re.compile(r"<html\b[^<>]{0,500}?\blang\s*=\s*[\"']?([A-Za-z]{2,3})\b", re.IGNORECASE)
_SCRIPT_PATH = re.compile(r'"wgScriptPath"\s*:\s*"([^"\\<>]{0,200})"')
_SCRIPT = re.compile(r"(.*/)(?:api|load|opensearch_desc|rest)\.php(?:/v1/search)?")
"""MediaWiki's entry points, which lie in one folder."""
_GENERAL = {"action": "query", "meta": "siteinfo", "siprop": "general", "format": "json", "formatversion": "2"}


_TELLING = frozenset({"plain-http", "other-host", "tiki-off", "redirected", "read-only"})
"""What is worth telling of places that were only tried."""


@dataclass(frozen=True, slots=True)
class Found:
    """A wiki. ``address`` is what ``wikibridge.yml`` holds of it; ``language`` that of its contents, empty where it does not say.

    ``read_only`` is why it takes no edits at present, ``own`` what it calls itself: one wiki may have several addresses.
    ``page`` is the answer that told, with the server's clock and certificate.
    """

    kind: Literal["mediawiki", "tiki"]
    address: str
    name: str
    version: str
    language: str
    read_only: str
    own: str
    page: Visit


@dataclass(frozen=True, slots=True)
class _Clues:
    """What the head of a page tells: addresses of a MediaWiki's API, and whether a Tiki made it."""

    apis: tuple[str, ...]
    tiki: bool


def find(typed: str, allowed: Allowed = lambda _: False, seconds: float = 3 * SECONDS) -> Found:
    """The wiki that an address belongs to. ``allowed`` says whether another host may be asked, if the address leads to one.

    Raises NotSuchAWiki where no wiki answers, or several do, or one only by plain http; Unreachable or Untrusted where nothing
    does. It takes no longer than ``seconds``.
    """
    addresses = completed(typed)
    with Visitor(addresses[0], allowed, seconds) as visitor:
        page = _first(visitor, addresses)
        clues = _clues(page)
        tiki = partial(_tiki, visitor, page)
        named = [tiki] if clues.tiki else [partial(_mediawiki, visitor, api) for api in clues.apis]
        usual = [] if clues.tiki else [*(partial(_mediawiki, visitor, api) for api in _usual(page.address)), tiki]
        failed: list[WikibridgeError] = []
        for asks in (named, [partial(_mediawiki, visitor, api) for api in _beside(page.address)], usual):
            found, errors = _answers(asks)
            if len(found) > 1:
                raise NotSuchAWiki("find-several", addresses[0], ", ".join(each.address for each in found))
            if found:
                return found[0]
            failed += errors if asks is named else (error for error in errors if error.key in _TELLING)
        if page.status == HTTPStatus.UNAUTHORIZED:
            raise NotSuchAWiki("find-basic", page.address)
        raise next(iter(failed), NotSuchAWiki("find-nothing", page.address, _described(page)))


def identify(kind: str, address: str, *, insecure_http: bool = False) -> Found:
    """The wiki whose address settings name. Raises as ``find``, also where it is not of that kind, or is led away from there."""
    with Visitor(address) as visitor:
        if kind == "tiki":
            return _tiki(visitor, visitor.visit(address), insecure_http)
        found = _mediawiki(visitor, address, insecure_http)
        if found.address != address:
            raise NotSuchAWiki("redirected", address, found.address)
        return found


def completed(typed: str) -> list[str]:
    """The addresses that somebody may mean, the safest first. Raises NotSuchAWiki for what is none."""
    text = typed.strip().strip("<>\"'“”«» \u00a0").partition("#")[0]
    if not re.match(r"[A-Za-z][A-Za-z0-9+.-]*://", text):
        text = f"http://{text.lstrip('/')}"
    checked_address(text, "address-wrong", insecure_http=True)
    return [f"https:{text.partition(':')[2]}", text] if open_way(text) else [text]


def _first(visitor: Visitor, addresses: list[str]) -> Visit:
    """The page at the first address where something answers. Where nothing does, the error of the first is the one to tell."""
    first: WikibridgeError | None = None
    for address in addresses:
        try:
            return visitor.visit(address)
        except (Unreachable, Untrusted) as error:
            first = first or error
    assert first
    raise first


def _answers(asks: Iterable[Callable[[], Found]]) -> tuple[list[Found], list[WikibridgeError]]:
    """The wikis that answer, each once, and the errors of the others."""
    found: dict[str, Found] = {}
    errors: list[WikibridgeError] = []
    for ask in asks:
        try:
            one = ask()
            found.setdefault(one.own, one)
        except WikiError as error:
            errors.append(error)
    return list(found.values()), errors


# What pages tell


def _clues(page: Visit) -> _Clues:
    """What the head of a page tells. What stands in its body anybody may have written there."""
    head = re.split(r"<body\b", page.text, maxsplit=1, flags=re.IGNORECASE)[0]
    tags = [{name.lower(): html.unescape(double or single or bare) for name, double, single, bare in _PART.findall(tag[1])}
            for tag in _TAG.finditer(head)]
    made_by = next((tag.get("content", "") for tag in tags if tag.get("name", "").lower() == "generator"), "")
    named = [tag.get("href", "") for tag in tags if tag.get("rel", "").lower() == "edituri"]
    if not named:
        named = [f"{found[1]}/api.php" for found in _SCRIPT_PATH.finditer(head)]
        named += [tag.get("href", "") for tag in tags if tag.get("rel", "").lower() in ("search", "stylesheet")]
    return _Clues(tuple(dict.fromkeys(filter(None, (_api(page.address, link) for link in named)))),
                  made_by.lower().startswith("tiki"))


def _api(address: str, link: str) -> str:
    """The address of the API beside a script that a page links to; empty for any other link."""
    try:
        to = urlsplit(urljoin(address, link))
    except ValueError:
        return ""
    found = _SCRIPT.fullmatch(to.path)
    return f"{to.scheme}://{to.netloc}{found[1]}api.php" if found and to.scheme in ("http", "https") else ""


def _beside(address: str) -> Iterator[str]:
    """The API beside the script that an address itself names."""
    parts = urlsplit(address)
    if found := re.fullmatch(r"(.*/)(?:api|index)\.php(?:/.*)?", parts.path):
        yield f"{parts.scheme}://{parts.netloc}{found[1]}api.php"


def _usual(address: str) -> Iterator[str]:
    """Where a MediaWiki's API may be, from the folder of a page upwards."""
    parts = urlsplit(address)
    folders = parts.path.split("/")[1:-1][:_DEPTH]
    for depth in range(len(folders), -1, -1):
        above = "/".join(["", *folders[:depth]])
        yield from (f"{parts.scheme}://{parts.netloc}{above}/{place}" for place in _PLACES)


def _described(page: Visit) -> str:
    """What answered, for people: status, kind, title."""
    return ", ".join(filter(None, (f"HTTP {page.status}", page.kind, f"“{page.title}”" if page.title else "")))


# What wikis say of themselves


def _mediawiki(visitor: Visitor, api: str, insecure_http: bool = False) -> Found:
    """The MediaWiki whose API is at an address. https://www.mediawiki.org/wiki/API:Siteinfo"""
    answer = visitor.visit(api, _GENERAL)
    address = answer.address.partition("?")[0]
    if address != api and json_of(answer.text) is None and address.endswith("/api.php"):
        # Led on without the question.
        answer = visitor.visit(address, _GENERAL, follow=False)
    data = json_of(answer.text)
    data = data if isinstance(data, dict) else {}
    query, error = data.get("query"), data.get("error")
    general = query.get("general") if isinstance(query, dict) else None
    if isinstance(error, dict) and error.get("code") == "readapidenied":
        # Only who has logged in may read it.
        general = {"generator": "MediaWiki"}
    if not (address.endswith("/api.php") and isinstance(general, dict) and str(general.get("generator")).startswith("MediaWiki")):
        raise NotSuchAWiki("find-api-closed", api, _described(answer))
    if open_way(address) and not insecure_http:
        raise NotSuchAWiki("plain-http", address)
    own = [str(general.get(key, "")) for key in ("server", "scriptpath", "wikiid")]
    return Found(
        "mediawiki", address, _short(general.get("sitename")) or urlsplit(address).netloc, _short(general["generator"]),
        _short(general.get("lang")), (_short(general.get("readonlyreason")) or "…") if general.get("readonly") else "",
        "|".join(own) if any(own) else address, answer)


def _tiki(visitor: Visitor, page: Visit, insecure_http: bool = False) -> Found:
    """The Tiki whose API answers for a page of it."""
    answers: list[Visit] = []

    def ask(base: str, route: str, params: Mapping[str, str]) -> Answer:
        answers.append(visitor.visit(base + route, params, follow=False))
        return Answer(answers[-1].status, json_of(answers[-1].text), answers[-1].text)

    known = search(site_of(page.address), ask)
    # Other programs tell their version too.
    pages = ask(known.base, "wiki", {"maxRecords": "1", "filter[lang]": ""})
    if pages.code is None and not (isinstance(pages.data, dict) and isinstance(pages.data.get("data"), list)):
        raise NotSuchAWiki("not-a-tiki", page.address)
    if open_way(known.root) and not insecure_http:
        raise NotSuchAWiki("plain-http", known.root)
    language = _LANGUAGE.search(page.text)
    return Found("tiki", known.root, urlsplit(known.root).netloc, _short(f"Tiki {known.version}"),
                 language[1].lower() if language else "", "", known.root, answers[-1])


def _short(text: object) -> str:
    """A fact that a server tells of itself, fit for a line."""
    return " ".join(str(text or "").split())[:100]
