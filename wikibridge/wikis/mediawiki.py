"""The door to a MediaWiki, through its action API.

A write is bound to the revision it was computed from with ``baserevid``, never with ``basetimestamp``, which would switch
the protection off within a second and against one's own account (seen on 1.39; docs/mediawiki.md).
https://www.mediawiki.org/wiki/API:Main_page
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from wikibridge.errors import Rejected, TooLong, Unreachable, Unsure, WikibridgeError
from wikibridge.model import Changes, Contribution, Edit, File, Head, Page, Saved, Selection, Upload, WikiInfo
from wikibridge.wikis import mediawiki_account, mediawiki_changes
from wikibridge.wikis.base import Account, Guarantees, batches, checked_title, normal, normal_title
from wikibridge.wikis.contents import SUBCATEGORIES
from wikibridge.wikis.mediawiki_api import FACTS, MediaWikiApi, joined, moment, sense
from wikibridge.wikis.mediawiki_changes import FULL_EVERY, NAMESPACES, OLDEST, OVERLAP, Cursor
from wikibridge.wikis.mediawiki_changes import title as title_of
from wikibridge.wikis.mediawiki_errors import edit_error
from wikibridge.wikis.mediawiki_files import MediaWikiFiles

_SHORT = 50_000
"""Characters: texts up to here are within every limit that a wiki would set, and are not measured before sending."""
_SUMMARY = 500
_FIRST_LIMIT = 50
_GONE = frozenset({("delete", "delete"), ("delete", "delete_redir"), ("move", "move"), ("move", "move_redir")})
"""What the log says when a title has lost its page."""


def _page(found: dict[str, Any]) -> Iterator[Page]:
    """The page with its text; none when the text is hidden or has not come: that is not an empty text."""
    for revision in found.get("revisions", ()):
        text = revision["slots"]["main"].get("content")
        if isinstance(text, str):
            yield Page(int(found["pageid"]), title_of(found), int(revision["revid"]), text,
                       moment(revision["timestamp"]), str(revision.get("user", "")))


def _head(found: dict[str, Any]) -> Head:
    return Head(int(found["pageid"]), title_of(found), int(found["lastrevid"]))


class MediaWikiWiki:
    """The door to the MediaWiki whose API is at ``address`` (``https://.../api.php``).

    ``account`` and ``password`` are those of a bot password (``User@app``). ``timeout`` is in seconds; reads are tried
    again ``retries`` times with a growing ``pause`` (seconds). ``session`` is a file that keeps the log-in between runs.
    ``insecure_http`` lets the password be sent to another machine over plain http. Nothing is sent before the first
    question. Raises NotSuchAWiki for an address that cannot be one.
    """

    def __init__(
        self, address: str, account: str, password: str, *,
        contact: str = "", timeout: float = 30, retries: int = 3, pause: float = 2, session: Path | None = None,
        insecure_http: bool = False,
    ) -> None:
        self.address = address
        self._api = MediaWikiApi(address, account, password, contact=contact, timeout=timeout, retries=retries, pause=pause,
                                 kept=session, insecure_http=insecure_http)
        self._files = MediaWikiFiles(self._api)
        self._facts: dict[str, Any] = {}
        self._namespaces: dict[str, int] = {}

    @property
    def requests(self) -> int:
        """Requests sent so far, log-in and repeats included."""
        return self._api.requests

    def close(self) -> None:
        """Let go of the connection."""
        self._api.close()

    @property
    def identity(self) -> str:
        """The address of the API."""
        return self.address

    @property
    def guarantees(self) -> Guarantees:
        """All of them."""
        return Guarantees()

    @property
    def unreadable(self) -> tuple[WikibridgeError, ...]:
        """Nothing: what is hidden from us is not ours to tell of."""
        return ()

    # What the wiki says of itself

    def _learn(self, found: dict[str, Any]) -> dict[str, Any]:
        """Keep what an answer tells of the wiki and the account."""
        with sense(self.address, "siteinfo"):
            self._facts |= {key: found[key] for key in ("general", "statistics", "userinfo", "namespaces", "extensiontags",
                                              "fileextensions")
                            if key in found}
            for space in found.get("namespaces", {}).values():
                self._namespaces |= {
                    name.casefold(): int(space["id"]) for name in (space["name"], space.get("canonical", ""))}
            self._namespaces |= {alias["alias"].casefold(): int(alias["id"]) for alias in found.get("namespacealiases", ())}
        return found

    def info(self) -> WikiInfo:
        """What the wiki says of itself and of our account."""
        if "extensiontags" not in self._facts:
            self._learn(self._api.facts())
        with sense(self.address, "siteinfo"):
            general = self._facts["general"]
            # What could be uploaded once and never again would soon contradict the table below it.
            may = self._right("upload") and (self._right("reupload") or self._right("reupload-own"))
            none = "files-off" if not general.get("uploadsenabled") else "" if may else "files-no-right"
            kinds = () if none else self._facts.get("fileextensions", ())
            return WikiInfo(
                str(general["sitename"]), str(general["generator"]), self._api.user, "mediawiki", bot=self._right("bot"),
                batch=self._batch, text_limit=self._text_limit,
                tags=frozenset(tag.strip("<>") for tag in self._facts["extensiontags"]),
                files=frozenset(str(kind["ext"]).casefold() for kind in kinds), no_files=none,
                protects=self._right("protect") and self._right("editprotected"))

    def account(self) -> Account:
        """What the wiki says of our account."""
        return mediawiki_account.account(self._api)

    def _right(self, name: str) -> bool:
        if "userinfo" not in self._facts:
            self._learn(self._api.facts())
        with sense(self.address, "userinfo"):
            return name in self._facts["userinfo"]["rights"]

    @property
    def _batch(self) -> int:
        """Pages that one request may name."""
        return 500 if self._right("apihighlimits") else _FIRST_LIMIT

    @property
    def _text_limit(self) -> int:
        if "general" not in self._facts:
            self._learn(self._api.facts())
        with sense(self.address, "siteinfo"):
            return int(self._facts["general"].get("maxarticlesize", 2_097_152))

    def title(self, text: str) -> str:
        """The normal form of a title, its namespace by the canonical name, whatever the wiki's own language calls it."""
        text = normal_title(text)
        space, colon, rest = text.partition(":")
        if colon and "/" not in space and space not in NAMESPACES.values():
            self.info()
            number = self._namespaces.get(space.casefold(), 0)
            if number in NAMESPACES:
                return normal_title(f"{NAMESPACES[number]}:{rest}")
        return text

    # Reading

    def _cursor(self, now: str, categories: tuple[str, ...], logs: Iterable[int] = (), full: str = "") -> str:
        with sense(self.address, "siteinfo"):
            return str(Cursor(
                mediawiki_changes.identity(self.address, self._facts["userinfo"]), now, full or now,
                int(self._facts["statistics"]["edits"]), tuple(logs), categories))

    def changes(self, since: str | None, selection: Selection) -> Changes:
        """What happened since a cursor, in one request (one or two more when pages were moved, deleted or restored)."""
        known = mediawiki_changes.cursor(since)
        if known is None:
            if "statistics" not in self._facts:
                self._learn(self._api.facts())
            return self._everything(self._api.started, selection)
        then = moment(known.time)
        params = mediawiki_changes.parameters(then - OVERLAP, then)
        answer = self._api.ask("query", params)
        found = self._learn(answer["query"])
        now = str(answer["curtimestamp"])
        with sense(self.address, "recentchanges"):
            age, since_full = moment(now) - then, moment(now) - moment(known.full)
            if (known.wiki != mediawiki_changes.identity(self.address, found["userinfo"]) or age < -OVERLAP or age > OLDEST
                    or since_full > FULL_EVERY or int(found["statistics"]["edits"]) < known.edits):
                return self._everything(now, selection)
            along = {page.id: page for each in found.get("pages", ()) for page in _page(each)}
            rows, log = list(found.get("recentchanges", ())), list(found.get("logevents", ()))
            following = mediawiki_changes.continued(params, answer.get("continue") or {})
            if following:
                for part in self._api.answers(**following):
                    rows += part["query"].get("recentchanges", ())
                    log += part["query"].get("logevents", ())
            touched = {int(row["pageid"]): Head(int(row["pageid"]), title_of(row), int(row["revid"]))
                       for row in rows if row.get("pageid") and "title" in row}
            titles, logged, numbers = mediawiki_changes.logged(log, frozenset(known.logs))
        if titles:
            heads = {head.id: head for head in self._heads("titles", sorted(titles))}
            # A page that only its id names was moved on by somebody since: it is asked for by the id.
            heads |= {head.id: head for head in self._heads("pageids", sorted(logged - heads.keys()))}
            touched = {page: head for page, head in touched.items() if page not in logged} | heads
        changed = {head.title for head in touched.values()} | titles
        if changed & {*selection.lists, *known.categories}:
            return self._everything(now, selection)
        kept = self._selected(touched.values(), selection, known.categories)
        return Changes(
            tuple(kept.values()), frozenset((logged | touched.keys()) - kept.keys()),
            self._cursor(now, known.categories, numbers, known.full),
            pages=tuple(page for page in along.values() if page.id in kept))

    def _everything(self, now: str, selection: Selection) -> Changes:
        """The answer that all must be listed, with the cursor for what happens from now on."""
        return Changes((), frozenset(), self._cursor(now, self._with_subcategories(selection.categories)), complete=False)

    def _with_subcategories(self, categories: Iterable[str]) -> tuple[str, ...]:
        """Categories and those below them, at most ``SUBCATEGORIES`` for each one."""
        found: dict[str, None] = {}
        for top in categories:
            tree, todo = {top: None}, [top]
            while todo and len(tree) < SUBCATEGORIES:
                for page in self._api.pages(generator="categorymembers", gcmtitle=todo.pop(0), gcmtype="subcat", gcmlimit="max"):
                    if title_of(page) not in tree and len(tree) < SUBCATEGORIES:
                        tree[title_of(page)] = None
                        todo.append(title_of(page))
            found |= tree
        return tuple(found)

    def _selected(self, heads: Iterable[Head], selection: Selection, categories: tuple[str, ...]) -> dict[int, Head]:
        """Those of the pages that are selected, by their names or by what they hold."""
        spaces = self._spaces(selection)
        kept = {head.id: head for head in heads
                if selection.holds(head.title, head.id) or self._space(head.title) in spaces}
        others = {head.id: head for head in heads if head.id not in kept}
        if others and selection.by_content:
            members: set[int] = set()
            for part in batches(sorted(others), self._batch):
                asked = [{"prop": "categories", "clcategories": joined(some), "cllimit": "max"}
                         for some in batches(categories, self._batch)]
                if selection.templates:
                    asked.append({"prop": "templates", "tltemplates": joined(selection.templates), "tllimit": "max"})
                for params in asked:
                    members |= {page["pageid"] for page in self._api.pages(pageids=joined(part), **params)
                                if params["prop"] in page}
            for title in selection.lists:
                members |= {page["pageid"] for page in self._api.pages(generator="links", titles=joined([title]), gpllimit="max")}
            kept |= {page: head for page, head in others.items() if page in members}
        return kept

    def _spaces(self, selection: Selection) -> set[int]:
        """The numbers of the selected namespaces; names that the wiki does not know select nothing."""
        if selection.namespaces and not self._namespaces:
            self.info()
        return {self._namespaces[name.casefold()] for name in selection.namespaces if name.casefold() in self._namespaces}

    def _space(self, title: str) -> int:
        """The number of a title's namespace."""
        space, colon, _ = title.partition(":")
        return self._namespaces.get(space.strip().replace("_", " ").casefold(), 0) if colon else 0

    def _heads(self, by: str, values: Iterable[object]) -> Iterator[Head]:
        for part in batches(values, self._batch):
            for page in self._api.pages(**{by: joined(part), "prop": "info"}):
                with sense(self.address, "info"):
                    yield _head(page)

    def list(self, selection: Selection) -> Iterator[Head]:
        """The heads of all selected pages: of a prefix, thousands a request. https://www.mediawiki.org/wiki/API:Allpages"""
        self.info()
        generators: list[dict[str, str]] = []
        for prefix in selection.prefixes:
            space, rest = self._space(prefix), prefix.partition(":")[2]
            generators.append({"generator": "allpages", "gapnamespace": str(space), "gapprefix": rest if space else prefix,
                               "gaplimit": "max"})
        for number in sorted(self._spaces(selection)):
            generators.append({"generator": "allpages", "gapnamespace": str(number), "gaplimit": "max"})
        for category in self._with_subcategories(selection.categories):
            generators.append({"generator": "categorymembers", "gcmtitle": category, "gcmlimit": "max"})
        for template in selection.templates:
            generators.append({"generator": "embeddedin", "geititle": template, "geilimit": "max"})
        for title in selection.lists:
            generators.append({"generator": "links", "titles": joined([title]), "gpllimit": "max"})
        seen: set[int] = set()

        def heads() -> Iterator[Head]:
            for generator in generators:
                for page in self._api.pages(**generator, prop="info"):
                    with sense(self.address, "info"):
                        yield _head(page)
            yield from self._heads("titles", sorted(selection.titles))
            yield from self._heads("pageids", sorted(selection.ids - seen))

        for head in heads():
            if head.id not in seen:
                seen.add(head.id)
                yield head

    def read(self, ids: Iterable[int] = (), titles: Iterable[str] = ()) -> Iterator[Page]:
        """Pages with text, 50 or 500 a request. https://www.mediawiki.org/wiki/API:Revisions"""
        queries = [
            {by: joined(part), "prop": "revisions", "rvprop": "ids|timestamp|user|content", "rvslots": "main"}
            for by, wanted in (("pageids", list(dict.fromkeys(ids))), ("titles", list(dict.fromkeys(titles))))
            for part in batches(wanted, self._batch if len(wanted) > _FIRST_LIMIT else _FIRST_LIMIT)]
        for found in self._api.pages_of(queries):
            with sense(self.address, "revisions"):
                yield from _page(found)

    def redirects(self, titles: Sequence[str]) -> dict[str, str]:
        """Redirects to pages, with what the wiki says of itself if that was not asked yet: of all, the first question.

        https://www.mediawiki.org/wiki/API:Redirects
        """
        facts = {} if "extensiontags" in self._facts else FACTS
        found: dict[str, str] = {}
        for answer in self._api.answers(titles=joined(titles), prop="redirects", rdprop="title", rdlimit="max", **facts):
            with sense(self.address, "redirects"):
                if facts:
                    self._learn(answer["query"])
                found |= {title_of(row): title_of(page) for page in answer["query"].get("pages", ())
                          for row in page.get("redirects", ())}
        return found

    def revisions(self, ids: Iterable[int]) -> Iterator[Page]:
        """Pages as they stood at these revisions, 50 or 500 a request. https://www.mediawiki.org/wiki/API:Revisions"""
        queries = ({"revids": joined(part), "prop": "revisions", "rvprop": "ids|timestamp|user|content", "rvslots": "main"}
                   for part in batches(ids, self._batch))
        for found in self._api.pages_of(queries):
            with sense(self.address, "revisions"):
                yield from _page(found)

    def all_revisions(self, page: int) -> Iterator[Page]:
        """All revisions of a page, as many a request as the wiki allows. https://www.mediawiki.org/wiki/API:Revisions"""
        for answer in self._api.answers(pageids=str(page), prop="revisions", rvprop="ids|timestamp|user|content",
                                        rvslots="main", rvlimit="max"):
            with sense(self.address, "revisions"):
                for found in answer.get("query", {}).get("pages", ()):
                    yield from _page(found)

    def contributions(self, since: datetime) -> Iterator[Contribution]:
        """Our edits since a time, latest first. https://www.mediawiki.org/wiki/API:Usercontribs"""
        self.info()
        for answer in self._api.answers(list="usercontribs", ucuser=self._api.user, ucend=since.astimezone(UTC).isoformat(),
                                        ucprop="ids|title|comment", uclimit="max"):
            with sense(self.address, "usercontribs"):
                for row in answer["query"]["usercontribs"]:
                    yield Contribution(int(row["pageid"]), title_of(row), int(row["revid"]), int(row["parentid"]),
                                       str(row.get("comment", "")))

    def removed(self, title: str, since: datetime) -> bool:
        """Whether the log knows of a deletion or a move. https://www.mediawiki.org/wiki/API:Logevents"""
        for answer in self._api.answers(list="logevents", letitle=title, leend=since.astimezone(UTC).isoformat(), leprop="type",
                                        lelimit="max"):
            with sense(self.address, "logevents"):
                if any((row["type"], row["action"]) in _GONE for row in answer["query"]["logevents"]):
                    return True
        return False

    def diff_address(self, revision: int) -> str:
        """The page of a difference. https://www.mediawiki.org/wiki/Help:Diff"""
        return f"{self._index}?diff={revision}"

    def delete_address(self, title: str) -> str:
        """The form that deletes a page. https://www.mediawiki.org/wiki/Help:Deletion_and_undeletion"""
        return f"{self._index}?{urlencode({'title': title.replace(' ', '_'), 'action': 'delete'})}"

    def hide_address(self, title: str, revisions: Sequence[int]) -> str:
        """The form that hides revisions. https://www.mediawiki.org/wiki/Help:RevisionDelete"""
        words = {"title": "Special:RevisionDelete", "type": "revision", "target": title.replace(" ", "_"),
                 "ids": ",".join(map(str, revisions))}
        return f"{self._index}?{urlencode(words, safe=':,')}"

    @property
    def _index(self) -> str:
        return f"{self.address.removesuffix('api.php')}index.php"

    def write(self, edit: Edit) -> Saved:
        """Create a page or change the revision that the edit was computed from. https://www.mediawiki.org/wiki/API:Edit"""
        text = normal(edit.text)
        title = checked_title(edit.title)
        if not text:
            raise Rejected("text-empty", edit.title)
        if len(text) > _SHORT and len(text.encode()) > self._text_limit:
            raise TooLong("text-too-long", edit.title, self._text_limit)
        params = {"text": text, "summary": edit.summary[:_SUMMARY], "bot": "1"}
        if edit.base is None:
            params |= {"title": title, "createonly": "1"}
        else:
            params |= {"pageid": str(edit.base.id), "baserevid": str(edit.base.revision), "nocreate": "1",
                       "starttimestamp": self._api.started}
        try:
            answer = self._api.write("edit", params)
        except Unreachable:
            return self._look(edit, text)
        if "error" in answer:
            code, info = str(answer["error"].get("code")), str(answer["error"].get("info"))
            if code.startswith("internal_api_error"):
                return self._look(edit, text)
            raise edit_error(code, info, edit.title, self._text_limit) or self._api.error(answer["error"])
        return self._saved(edit, answer.get("edit", {}))

    def files(self, names: Iterable[str]) -> dict[str, File]:
        """The files of these names that the wiki holds, 50 a request."""
        return self._files.files(names)

    def upload(self, upload: Upload) -> None:
        """Upload a file in one request, a new version of one of ours in two."""
        self._files.upload(upload)

    def restore(self, name: str, base: str, sha1: str, comment: str) -> None:
        """Let an earlier version of a file of ours count again."""
        self._files.restore(name, base, sha1, comment)

    def protect(self, title: str, comment: str) -> None:
        """Let administrators alone edit and move a page. https://www.mediawiki.org/wiki/API:Protect"""
        answer = self._api.write("protect", {
            "title": checked_title(title), "protections": "edit=sysop|move=sysop", "reason": comment[:_SUMMARY]})
        if "error" in answer:
            code, info = str(answer["error"].get("code")), str(answer["error"].get("info"))
            raise edit_error(code, info, title, self._text_limit) or self._api.error(answer["error"])

    def _saved(self, edit: Edit, result: dict[str, Any]) -> Saved:
        """What the answer says was saved. Success is the word ``Success``: a captcha comes without an error."""
        if result.get("result") != "Success":
            if "captcha" in result:
                raise Rejected("captcha", edit.title)
            raise Rejected("rejected", edit.title, ", ".join(f"{key}: {value}" for key, value in result.items()))
        title = str(result["title"])
        space, colon, _ = checked_title(edit.title).partition(":")
        if colon and space in NAMESPACES.values():
            # The wiki answers with its own name of the namespace.
            title = f"{space}:{title.partition(':')[2]}"
        if "nochange" in result:
            # The page held this text already: as which revision, the answer does not say.
            revision = edit.base.revision if edit.base else 0
            return Saved(Head(result["pageid"], title, revision), datetime.now(UTC), merged=True)
        parent = int(result.get("oldrevid", 0))
        merged = edit.base is not None and parent != edit.base.revision
        return Saved(Head(result["pageid"], title, result["newrevid"]), moment(result["newtimestamp"]), merged, parent)

    def _look(self, edit: Edit, text: str) -> Saved:
        """After a lost answer: whether the page holds our text. Raises Unsure when it does not (yet: it may still come)."""
        found = self.read(ids=[edit.base.id]) if edit.base else self.read(titles=[edit.title])
        page = next(iter(found), None)
        if page and page.text == text and page.editor == self._api.user:
            return Saved(Head(page.id, page.title, page.revision), page.time)
        raise Unsure("unsure", edit.title)
