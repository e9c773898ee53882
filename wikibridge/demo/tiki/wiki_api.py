"""The API's calls about wiki pages: list, create, read, update, delete, lock, unlock, title, and some of newer versions."""

from __future__ import annotations

import re
from dataclasses import replace

from wikibridge.demo.tiki.call import Answer, Broken, Call, Feedback, Refusal, World
from wikibridge.demo.tiki.categories import Categories
from wikibridge.demo.tiki.pages import BLANKS, COMMENT, DESCRIPTION, LANG, Draft, Page, stored
from wikibridge.demo.tiki.php import like, same, true, unaccented
from wikibridge.demo.tiki.render import render

LONGEST_NAME = 158
"""Bytes."""
LONGEST = 16_777_215
_COLUMNS = frozenset(Page(0, "", 0, "", "", None, 0, "", 0).row())
_AD_HOC = ("versions", "links", "backlinks")
_TRI = {"y": True, "on": True, "n": False, "0": False}
"""What ``lock_it`` says; anything else leaves the lock as it is."""
_SURROGATE = re.compile("[\ud800-\udfff]")
"""A byte that is no UTF-8."""
_POISON = re.compile("(?:\udced[\udca0-\udcbf][\udc80-\udcbf])+")
"""Halves of characters: the database takes them, but no list that has them can be written any more."""
_RIGHTS = ("view", "edit", "remove", "lock", "admin_wiki", "wiki_view_history", "wiki_view_source")


class WikiCalls:
    """What the API does with pages."""

    def __init__(self, world: World, categories: Categories) -> None:
        self._world = world
        self._pages = world.pages
        self._categories = categories
        self._locked_nothing: set[str] = set()

    # Reading.

    def every(self, call: Call) -> dict[str, object]:
        """Rows of pages with their sources. The total knows nothing of rights, the rows do."""
        profile = self._world.profile
        if profile.page_info:
            call.need("view")
        mode = call.text("sortMode") or ""
        found = self._sorted([page for page in self._pages if self._wanted(page, call)], mode)
        total = len(found)
        visible = [page for page in found if call.may(call.user, "view", "wiki page", page.name)]
        if initial := call.text("initial"):
            visible = [page for page in visible if unaccented(page.name).lower().startswith(initial.lower())]
        begin, most = max(0, call.number("offset")), call.number("maxRecords") or -1
        if most < -1:
            raise Broken("You have an error in your SQL syntax")
        shown = visible[begin:] if most < 0 else visible[begin : begin + most]
        if mode.rpartition("_")[0] in _AD_HOC:
            # These are sorted after the reading, and nobody cuts what was read.
            read = visible if most < 0 else visible[: most * -(-(begin + most) // most)]
            by_versions = mode.startswith("versions")
            shown = sorted(read, key=lambda page: by_versions * len(page.history), reverse=mode.endswith("_desc"))
        only = call.text("onlyCount" if profile.count else "onlyCant") == "y"
        rows = [] if only else [self._row(page, call) for page in shown]
        return {"data": rows, "count" if profile.count else "cant": total}

    def _wanted(self, page: Page, call: Call) -> bool:
        find, initial, filters = call.text("find"), call.text("initial"), call.array("filter")
        if find and find != "0":
            patterns = [find] if true(call.text("exactMatch")) else [f"%{word}%" for word in find.split()] or [f"%{find}%"]
            if not all(like(page.name, pattern) for pattern in patterns):
                return False
        if initial and initial != "0" and not like(page.name, initial + "%"):
            return False
        lang = filters.get("lang")
        if isinstance(lang, str) and lang and same(page.lang or "") != same(lang):
            return False
        of_page = self._categories.of("wiki page", page.name)
        if any(key in filters for key in ("categId", "andCategId", "notCategId")) or true(filters.get("noCateg")):
            one, every, none = (_ids(filters.get(key)) for key in ("categId", "andCategId", "notCategId"))
            return (not one or bool(of_page & one)) and every <= of_page and not of_page & none and not (
                true(filters.get("noCateg")) and of_page)
        return bool(of_page) or not self._categories.jail

    @staticmethod
    def _sorted(pages: list[Page], mode: str) -> list[Page]:
        """Pages in the order of one or more columns, of which the first counts most; by id when there is none."""
        for sort in reversed([each for each in re.sub("[^A-Za-z_,.]", "", mode).split(",") if each]):
            column, _, direction = sort.rpartition("_")
            if direction not in ("asc", "desc"):
                column, direction = sort, "asc"
            column = "user" if column in _AD_HOC else {"size": "page_size"}.get(column, column)
            if column not in _COLUMNS:
                raise Broken(f"Unknown column '{column}' in 'order clause'")
            pages = sorted(pages, key=lambda page: _sort_key(page.row()[column]), reverse=direction == "desc")
        return pages

    def _row(self, page: Page, call: Call) -> dict[str, object]:
        row = page.row()
        row["len"] = row.pop("page_size")
        row["versions"] = len(page.history)
        row["flag"] = "locked" if page.locked else "unlocked"
        row["perms"] = {f"tiki_p_{right}": "ny"[call.may(call.user, right, "wiki page", page.name)] for right in _RIGHTS}
        return row

    def _info(self, name: str) -> dict[str, object] | bool:
        page = self._pages.get(name)
        if page is None:
            return False
        return {**page.row(), "baseName": page.name, "prettyName": page.name, "namespace": False, "namespace_parts": [],
                "outputType": ""}

    def page(self, call: Call) -> dict[str, object]:
        """One page: its HTML, on the newest versions its source as well; the first version forgot to look at rights."""
        profile, name = self._world.profile, call.text("page") or ""
        page = self._pages.get(name)
        if page is None:
            raise Refusal(404, call.say("page-missing", name), page=None)
        if profile.page_info:
            call.need("view", "wiki page", page.name)
        shown = page.data if profile.raw and true(call.text("raw")) else render(page.text, self._source)
        info = self._info(name) if profile.page_info else {}
        assert isinstance(info, dict)
        return {**info, "data": shown}

    def preview(self, call: Call) -> dict[str, object]:
        """A text as a page would show it."""
        return {"parsed": render(call.raw("content") or "", self._source)}

    def _source(self, name: str) -> str | None:
        page = self._pages.get(name)
        return page.text if page else None

    # Writing.

    def _sql(self, message: str) -> None:
        """An error of the database, as this machine tells it."""
        if self._world.profile.html_errors:
            raise Broken(message)
        raise Refusal(0, message)

    def _fits(self, draft: Draft) -> Draft:
        if self._world.profile.strict_sql:
            columns = {"comment": (draft.comment, COMMENT), "description": (draft.description, DESCRIPTION),
                       "lang": (draft.lang, LANG), "data": (draft.data, LONGEST)}
            for column, (text, most) in columns.items():
                if _SURROGATE.search(_POISON.sub("", text or "")):
                    self._sql(f"Incorrect string value for column `tiki`.`tiki_pages`.`{column}` at row 1")
                if len(text or "") > most:
                    self._sql(f"Data too long for column '{column}' at row 1")
        return draft

    def _draft(self, call: Call) -> Draft:
        comment, description, lang, data = (call.text(name) for name in ("comment", "description", "lang", "data"))
        if not self._world.profile.strict_sql:
            # A lenient database keeps what fits, and of a text what stands before the first byte that is no UTF-8.
            comment, description, lang = (text and text[:most] for text, most in (
                (comment, COMMENT), (description, DESCRIPTION), (lang, LANG)))
            data = data and _SURROGATE.split(data)[0]
        is_html = None if call.param("is_html") is None else int(call.number("is_html") != 0)
        return self._fits(Draft(
            data and stored(data), comment, description, lang, is_html, call.text("is_minor") == "y",
            _TRI.get(call.text("lock_it") or "0"),
            call.text("comments_enabled") == "y" if self._world.profile.page_comments else None,
            call.text("wiki_authors_style")))

    def create(self, call: Call) -> dict[str, object]:
        """A new page. One that exists is left alone, and the answer is as for any other mistake."""
        name = call.text("pageName") or ""
        if not true(name):
            raise Refusal(0, call.say("name"))
        call.need("edit")
        name = _SURROGATE.sub("\ufffd", name)
        if len(name.encode()) > LONGEST_NAME:
            raise Refusal(0, call.say("long", LONGEST_NAME))
        draft, trimmed = self._draft(call), name.strip(BLANKS)
        with self._world.lock:
            page = self._pages.get(trimmed)
            if page is None:
                self._pages.create(trimmed, call.user, replace(draft, is_html=0))
        if page is not None:
            if not self._world.profile.overwrites:
                raise Refusal(0, call.say("exists", name))
            self._save(page.name, call, draft)
        call.between("saved")
        return {"info": self._info(name)}

    def update(self, call: Call) -> dict[str, object]:
        """The whole page anew: what the request does not name is reset, save description and is_html. A lock stops nobody."""
        if call.number("create"):
            return self.create(call)
        page = self._pages.get(call.text("page") or "")
        if page is None:
            raise Refusal(404, call.say("missing"), page=None)
        call.need("edit", "wiki page", page.name)
        draft = self._draft(call)
        if self._world.profile.strict_sql and self._world.profile.boolean_minor and not draft.minor:
            self._sql("Incorrect integer value: '' for column `tiki`.`tiki_pages`.`version_minor` at row 1")
        self._save(page.name, call, draft)
        call.between("saved")
        return {"info": self._info(page.name)}

    def _save(self, name: str, call: Call, draft: Draft) -> None:
        """Three steps that nothing holds together: the number is taken, the page is written, the history is written."""
        pages, lock = self._pages, self._world.lock
        if not self._world.profile.loses_history:
            with lock:
                if page := pages.get(name):
                    pages.update(page, call.user, draft, pages.next_version(page, draft))
                    pages.record(page)
            return
        with lock:
            page = pages.get(name)
            version = pages.next_version(page, draft) if page else 1
            changes = page is not None and version != page.version
        call.between("numbered")
        with lock:
            if page := pages.get(name):
                pages.update(page, call.user, draft, version)
        call.between("written")
        with lock:
            if changes and (page := pages.get(name)):
                pages.record(page)

    def delete(self, call: Call) -> dict[str, object] | Answer:
        """Pages and their history; what the user may not remove is left out without a word."""
        names = [name for name in call.texts("items") if call.may(call.user, "remove", "wiki page", name)]
        last = call.text("last") == "on"
        feedback, missing, pages = Feedback(call), False, []
        with self._world.lock:
            for name in names:
                page = self._pages.get(name)
                pages.append(page)
                if page is None:
                    missing = True
                    feedback.add("error", "not-deleted", name)
                elif last:
                    self._pages.restore_last(page)
                else:
                    self._pages.delete(page)
        if not missing:
            feedback.add("success", "deleted", items=names)
            self._redirect(call, names, feedback)
        # Where the visitor came from is searched for the page's name; that of a missing one is nothing, found anywhere.
        only = pages[0] if len(names) == 1 else None
        came_from = call.request.headers.get("referer", "")
        if len(names) == 1 and not last and (only is None or only.name in came_from):
            return Answer(302, b"", "text/html; charset=utf-8", {"Location": "/tiki-index.php"})
        return feedback.answer()

    def _redirect(self, call: Call, names: list[str], feedback: Feedback) -> None:
        target = call.text("destpage")
        if call.text("create_redirect") != "y" or not target or not names:
            return
        aliases = "".join(f"\r\n~tc~ (alias({name})) ~/tc~" for name in names)
        old = self._pages.get(target)
        self._pages.save(target, (old.text if old else "") + aliases, call.user, call.say("redirected"))
        feedback.link("redirected", target)

    def delete_versions(self, call: Call) -> dict[str, object]:
        """Single versions of a page. On a locked page nothing happens, which the older versions call a success."""
        name = call.text("page") or ""
        page = self._pages.get(name)
        call.need("remove", "wiki page", name)
        feedback, items = Feedback(call), call.texts("items")
        locked = page is not None and page.locked
        if not items or (self._world.profile.lock_right and (page is None or locked)):
            feedback.add("error", "not-deleted", name)
        else:
            if page is not None and not locked:
                page.history = [old for old in page.history if str(old.number) not in items]
            feedback.add("success", "versions-deleted", name, items=items)
        return feedback.answer()

    def _switch(self, call: Call, locked: bool) -> dict[str, object]:
        if not self._world.profile.locks:
            raise Refusal(403, call.say("disabled", "feature_wiki_usrlock"))
        names = call.texts("items")
        if not names and self._world.profile.lock_right:
            raise Refusal(400, call.say("nothing-chosen"))
        right = "lock" if self._world.profile.lock_right else "view"
        done: list[str] = []
        for name in names:
            page = self._pages.get(name)
            if page is None:
                done += self._lock_nothing(name) if locked else []
            elif locked and call.may(call.user, right, "wiki page", name):
                self._pages.lock(page, call.user, call.say("page-locked"), True)
                done.append(name)
            elif not locked and page.locked and (call.may(call.user, "admin_wiki") or page.locked_by == call.user):
                self._pages.lock(page, call.user, call.say("page-unlocked"), False)
                done.append(name)
        feedback = Feedback(call)
        if done:
            feedback.add("success", "locked" if locked else "unlocked", items=done)
        return feedback.answer()

    def _lock_nothing(self, name: str) -> list[str]:
        """A page that is not there is locked with success, once: a second time its version exists already."""
        if same(name) in self._locked_nothing:
            raise Broken(f"Duplicate entry '{name}-1' for key 'pageName'")
        self._locked_nothing.add(same(name))
        return [name]

    def lock(self, call: Call) -> dict[str, object]:
        """Lock pages; each gets a new version."""
        return self._switch(call, True)

    def unlock(self, call: Call) -> dict[str, object]:
        """Unlock what the user locked; an administrator all."""
        return self._switch(call, False)

    def title(self, call: Call) -> dict[str, object]:
        """The name as a heading above the text, without a new version."""
        call.need("admin")
        feedback = Feedback(call)
        done: list[str] = []
        failed: list[str] = []
        for name in call.texts("items"):
            page = self._pages.get(name)
            if page is not None:
                page.data = f"!{name}\r\n{page.text}"
            (failed if page is None else done).append(name)
        if failed:
            feedback.add("error", "missing", items=failed)
        if done:
            feedback.add("success", "titled", items=done)
        return feedback.answer()

    def patch(self, call: Call) -> dict[str, object]:
        """What is told about a page: title and description for search engines, categories and tags, but not its text."""
        page = self._pages.get(call.text("page") or "")
        if page is None:
            raise Refusal(404, call.say("missing"), page=None)
        call.need("edit", "wiki page", page.name)
        updated = []
        for field, most in (("seo_title", 160), ("seo_description", 200)):
            if (text := call.text(field)) is not None:
                if len(text) > most:
                    raise Refusal(400, call.say("invalid"))
                page.seo[field] = text
                updated.append(field)
        if "categories" in call.params:
            self._categories.put("wiki page", page.name, _ids(call.param("categories")))
            updated.append("categories")
        if "tags" in call.params:
            page.tags = tuple(call.texts("tags"))
            updated.append("tags")
        return {"status": "success", "page": page.name, "updated_fields": updated}


def _sort_key(value: object) -> tuple[int, str]:
    return (value, "") if isinstance(value, int) else (0, same(str(value or "")))


def _ids(value: object) -> set[int]:
    values = value.values() if isinstance(value, dict) else [] if value is None else [value]
    return {int(each) for each in values if isinstance(each, str) and each.isdecimal()}
