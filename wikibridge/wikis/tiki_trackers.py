"""Trackers of a Tiki: tables whose items people fill in, read and written through its API.

Only administrators of all trackers may list items. Others get them as CSV, where they may export the tracker, or find them with
the search and read what is new one by one. Values are what Tiki stores: of a date the seconds since 1970, of a box y or n, of
several values one text with commas. https://doc.tiki.org/Trackers; what was seen of the API: docs/tiki.md
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from http import HTTPStatus
from typing import Any

from wikibridge.errors import EditConflict, LoginFailed, PageBusy, PageMissing, RateLimited, Rejected, Unreachable, Unsure
from wikibridge.model import Tracker, TrackerField, TrackerItem, TrackerItems
from wikibridge.wikis import tiki_text
from wikibridge.wikis.tiki_api import Answer, TikiApi, sense

CHUNK = 1000
"""Items of one request."""
DATE = "f"
"""The type of fields whose plain values Tiki takes for new items only."""
SETTLED = 5
"""Seconds after which a change has its place in time: what was changed later may have been followed by another one."""
_HEAD = re.compile(r"itemId,status,created,lastModif,")
_ROW = re.compile(r'(?:"(?:[^"\\]|\\.)*",?)*+\n*', re.DOTALL)
_CSV = re.compile(r'"((?:[^"\\]|\\.)*)",?', re.DOTALL)
_COLUMN = re.compile(r" -- (\d+)\Z")
_FOUND = "{object_id} {tracker_status} {modification_date}"
_MARK = re.compile(r"(\d+) ([opc]) (\S.*)")


class TrackersDoor:
    """The trackers behind an API, as ``account``."""

    def __init__(self, api: TikiApi, account: str) -> None:
        self.api = api
        self.account = account
        self._fields: dict[int, dict[str, TrackerField]] = {}

    # Reading

    def trackers(self) -> dict[int, Tracker]:
        """The trackers that the account may see, by id: one request."""
        answer = self.api.ask("trackers", {})
        with sense(self.api.address, "trackers"):
            found = [Tracker(int(each["trackerId"]), str(each["name"]), int(each["items"] or 0), int(each["lastModif"] or 0))
                     for each in answer.data["data"]]
        latest = self.api.clock.timestamp() - SETTLED
        return {each.id: each if each.changed <= latest else replace(each, changed=0) for each in found}

    def fields(self, tracker: int) -> dict[str, TrackerField]:
        """The fields of a tracker by their permanent names. Raises PageMissing for no such tracker, LoginFailed for no right."""
        answer = self._asked(tracker, "/fields", {})
        if answer.code == HTTPStatus.FORBIDDEN:
            raise self._no_right(tracker)
        with sense(self.api.address, "trackers/fields"):
            found = {str(each["permName"]): TrackerField(
                int(each["fieldId"]), str(each["name"]), str(each["type"]), _options(each)) for each in answer.data["fields"]}
        self._fields[tracker] = found
        return found

    def items(self, tracker: int, known: Mapping[int, str] | None = None, since: int = 0) -> TrackerItems:
        """The items, by whichever way is open to the account: listed, exported as CSV, or searched for.

        ``known`` are the marks of items that the reader has, by id, and ``since`` the time of the latest change that it knows
        of (seconds since 1970): then only others are read, as far as the way allows. The search shows nobody more than what
        they may see. Raises PageMissing for no such tracker, LoginFailed where no way is open.
        """
        known = known or {}
        names = self._fields.get(tracker) or self.fields(tracker)
        return (self._listed(tracker, names, known, since) or self._exported(tracker, names, known)
                or self._searched(tracker, known))

    def item(self, tracker: int, item: int) -> TrackerItem:
        """One item. Raises PageMissing for none, LoginFailed for one that the account may not see."""
        answer = self._asked(tracker, f"/items/{item}", {}, item)
        if answer.code == HTTPStatus.FORBIDDEN:
            raise self._no_right(tracker)
        return self._one(answer, tracker, item)

    def _one(self, answer: Answer, tracker: int, item: int) -> TrackerItem:
        with sense(self.api.address, "trackers/items"):
            about = answer.data.get("item_info") or answer.data["info"]
            if int(about["trackerId"]) != tracker:
                raise PageMissing("tracker-item-missing", item, tracker, self.api.address)
            types = {str(each["permName"]): str(each["type"]) for each in answer.data["fields"]}
            values = {str(each["permName"]): each.get("value") for each in answer.data["fields"]}
            return TrackerItem(item, tracker, str(about["status"]), self._values(values, types), int(about["lastModif"] or 0))

    def _asked(self, tracker: int, route: str, params: Mapping[str, str], item: int = 0) -> Answer:
        """An answer, which may be that the account has no right. Raises PageMissing for what is not there."""
        def judge(answer: Answer, route: str) -> Answer:
            fine = answer.code in (HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND) or (
                answer.status == HTTPStatus.OK and _HEAD.search(answer.text) is not None)
            return answer if fine else self.api.told(answer, route)

        answer = self.api.ask(f"trackers/{tracker}{route}", params, judge)
        if answer.code == HTTPStatus.NOT_FOUND:
            raise (PageMissing("tracker-item-missing", item, tracker, self.api.address) if item
                   else PageMissing("tracker-missing", tracker, self.api.address))
        return answer

    def _no_right(self, tracker: int) -> LoginFailed:
        return LoginFailed("tracker-no-right", self.account, tracker, self.api.address)

    def _values(self, values: Mapping[str, Any], types: Mapping[str, str]) -> dict[str, str]:
        return {name: self._text(value, types.get(name, "")) for name, value in values.items()}

    def _text(self, value: Any, type_: str) -> str:
        """A value as text. Where a date was left empty, Tiki tells the present time: as a number, what is stored as text."""
        if value is None or value is False:
            return ""
        if isinstance(value, (list, tuple)):
            return ",".join(map(str, value))
        now = self.api.clock.timestamp()
        if type_ == DATE and (isinstance(value, int) or (str(value).isdecimal() and abs(int(value) - now) <= SETTLED)):
            return ""
        return str(value).replace("\r\n", "\n").replace("\r", "\n")

    def _listed(
        self, tracker: int, names: Mapping[str, TrackerField], known: Mapping[int, str], since: int,
    ) -> TrackerItems | None:
        """What the list of items tells; None where the account may not ask for it."""
        types = {name: each.type for name, each in names.items()}
        found: dict[int, TrackerItem] = {}
        offset = 0
        newer = {"modifiedSince": str(since - SETTLED)} if known and since else {}
        while True:
            answer = self._asked(tracker, "", {"offset": str(offset), "maxRecords": str(CHUNK), "format": "raw", **newer})
            if answer.code == HTTPStatus.FORBIDDEN:
                return None
            with sense(self.api.address, "trackers/items"):
                rows = answer.data["result"]
                found |= {int(each["itemId"]): TrackerItem(
                    int(each["itemId"]), tracker, str(each["status"]), self._values(dict(each["fields"] or {}), types))
                    for each in rows}
            offset += len(rows)
            if len(rows) < CHUNK:
                ids = frozenset(found) | frozenset(known if newer else ())
                return TrackerItems(tuple(found.values()), ids, whole=not newer)

    def _exported(self, tracker: int, names: Mapping[str, TrackerField], known: Mapping[int, str]) -> TrackerItems | None:
        """What the CSV of a tracker tells; None where the account may not export it."""
        answer = self._asked(tracker, "/dump", {})
        if answer.code == HTTPStatus.FORBIDDEN:
            return None
        begin = _HEAD.search(answer.text)
        with sense(self.api.address, "trackers/dump"):
            head, *lines = answer.text[begin.start() if begin else 0 :].replace("\r\n", "\n").split("\n")
            columns = [_COLUMN.search(each[1]) for each in _CSV.finditer(head)]
            by_id = {each.id: name for name, each in names.items()}
            order = [by_id.get(int(each[1]), "") if each else "" for each in columns]
            read, ids = [], set[int]()
            for line in _joined(lines):
                number, status, _, time, rest = line.split(",", 4)
                ids.add(int(number))
                values = [each[1] for each in _CSV.finditer(rest)]
                if len(values) != len(order) or not _ROW.fullmatch(rest):
                    # A value that ends in a backslash hides where it ends.
                    read.append(self.item(tracker, int(number)))
                    continue
                told = {name: _unescaped(value, names[name].type) for name, value in zip(order, values, strict=True) if name}
                if known.get(int(number)) != time:
                    read.append(TrackerItem(int(number), tracker, status, told, int(time), time))
        return TrackerItems(tuple(read), frozenset(ids))

    def _searched(self, tracker: int, known: Mapping[int, str]) -> TrackerItems:
        """The items that the search finds, each one that is new read by itself."""
        marks: dict[int, str] = {}
        offset = total = 0
        while True:
            answer = self.api.ask("search/lookup", {
                "filter[type]": "trackeritem", "filter[tracker_id]": str(tracker), "format": _FOUND,
                "sort_order": "object_id_asc", "offset": str(offset), "maxRecords": str(CHUNK)}, self._search_open(tracker))
            with sense(self.api.address, "search/lookup"):
                result = answer.data["resultset"]
                rows, total = result["result"], int(result["count"])
                for each in rows:
                    match = _MARK.fullmatch(str(each["title"]).strip())
                    number = int(each["object_id"])
                    marks[number] = f"{match[2]} {match[3]}" if match else ""
            offset += len(rows)
            if not rows or offset >= total:
                break
        read = []
        for number, mark in marks.items():
            if not mark or known.get(number) != mark:
                found = self.item(tracker, number)
                read.append(TrackerItem(number, tracker, found.status, found.values, found.time, mark))
        return TrackerItems(tuple(read), frozenset(marks))

    def _search_open(self, tracker: int) -> Callable[[Answer, str], Answer]:
        def judge(answer: Answer, route: str) -> Answer:
            if answer.code in (HTTPStatus.FORBIDDEN, HTTPStatus.METHOD_NOT_ALLOWED):
                raise self._no_right(tracker)
            return self.api.told(answer, route)

        return judge

    # Writing

    def add_item(self, tracker: int, values: Mapping[str, str], status: str = "o") -> TrackerItem:
        """Make an item with these values; the others are empty.

        Raises Rejected for an unknown field, for one of date and time, for a value that Tiki would change or does not take;
        PageMissing for no such tracker, LoginFailed for no right, Unsure when no answer came.
        """
        names = self._writable(tracker, values)
        answer = self._sent(tracker, f"trackers/{tracker}/items", {"status": status, **_form(values, "fields")}, 0)
        if answer.code == HTTPStatus.NOT_FOUND:
            raise PageMissing("tracker-missing", tracker, self.api.address)
        if answer.code == HTTPStatus.FORBIDDEN:
            raise self._no_right(tracker)
        with sense(self.api.address, "trackers/items"):
            number = 0 if answer.code is not None else int(answer.data.get("itemId") or 0)
            if number <= 0:
                raise Rejected("tracker-refused", tracker, answer.message)
            stored = self._values(dict(answer.data["fields"] or {}), {name: each.type for name, each in names.items()})
        for name, value in values.items():
            if _normal(stored.get(name, "")) != _normal(value):
                raise Rejected("tracker-changed", number, tracker, name, value[:80])
        return TrackerItem(number, tracker, status, stored)

    def change_item(self, item: TrackerItem, values: Mapping[str, str]) -> TrackerItem:
        """Put these values into an item that is still as it was read; the others stay.

        Raises EditConflict when it is not, PageBusy while somebody has its form open, and as ``add_item`` does.
        """
        tracker, number = item.tracker, item.id
        names = self._writable(tracker, values)
        before = self.item(tracker, number)
        if before.values != item.values or before.status != item.status:
            raise EditConflict("tracker-item-changed", number, tracker)
        # Tiki fills in the present time where a date is empty, unless it is forced to leave it so.
        empty = {name: "" for name, each in names.items() if each.type == DATE and not before.values.get(name)}
        params = {**_form(values, "fields"), **_form(empty, "forced")}
        answer = self._sent(tracker, f"trackers/{tracker}/items/{number}", params, number)
        if answer.code == HTTPStatus.FORBIDDEN:
            again = self._asked(tracker, f"/items/{number}", {}, number)
            free = isinstance(again.data, dict) and again.data.get("canModify") is True
            raise PageBusy("tracker-item-busy", number, tracker) if free else self._no_right(tracker)
        if answer.code is not None:
            raise Rejected("tracker-refused", tracker, answer.message)
        after = self.item(tracker, number)
        wrong = [name for name, value in values.items() if _normal(after.values.get(name, "")) != _normal(value)]
        if wrong and after.values == before.values:
            raise Rejected("tracker-refused", tracker, f"{names[wrong[0]].name}: {values[wrong[0]][:80]}")
        if wrong:
            back = _form({name: before.values.get(name, "") for name in values}, "fields")
            self._sent(tracker, f"trackers/{tracker}/items/{number}", {**back, **_form(empty, "forced")}, number)
            raise Rejected("tracker-restored", number, tracker, wrong[0], values[wrong[0]][:80])
        return after

    def _writable(self, tracker: int, values: Mapping[str, str]) -> Mapping[str, TrackerField]:
        names = self._fields.get(tracker) or self.fields(tracker)
        if not values:
            raise Rejected("tracker-nothing", tracker)
        for name, value in values.items():
            if name not in names:
                raise Rejected("tracker-no-field", tracker, name, ", ".join(names))
            if names[name].type == DATE:
                raise Rejected("tracker-date", tracker, name)
            if wrong := tiki_text.item_fault(value):
                raise Rejected("tracker-text", tracker, name, wrong.line, wrong.excerpt)
        return names

    def _sent(self, tracker: int, route: str, params: Mapping[str, str], item: int) -> Answer:
        with self.api.discreetly():
            try:
                answer = self.api.send(route, params)
            except (RateLimited, Unreachable) as error:
                raise Unsure("tracker-unsure", item, tracker) from error
        if not isinstance(answer.data, dict):
            raise Unsure("tracker-unsure", item, tracker)
        if item and answer.code == HTTPStatus.NOT_FOUND:
            raise PageMissing("tracker-item-missing", item, tracker, self.api.address)
        return answer


def _options(found: Mapping[str, Any]) -> dict[str, str]:
    """The labels of a field's options by the value that is stored: "1=Food", or one word for both."""
    options = found.get("options_map")
    given = options.get("options") if isinstance(options, dict) else None
    listed = given.split(",") if isinstance(given, str) else given if isinstance(given, list) else []
    pairs = (str(each).partition("=") for each in listed if str(each).strip())
    return {value.strip(): (label if equals else value).strip() for value, equals, label in pairs}


def _joined(lines: Iterable[str]) -> Iterator[str]:
    """The lines of a CSV that are an item each: one that begins otherwise belongs to the one before."""
    line = ""
    for each in lines:
        if line and not re.match(r"\d+,[a-z]?,\d*,\d*,", each):
            line += "\n" + each
            continue
        if line:
            yield line
        line = each
    if line:
        yield line


def _unescaped(value: str, type_: str) -> str:
    """A value of the CSV, in which text areas have Tiki's mark for their line ends."""
    value = value.replace('\\"', '"')
    return value.replace("%%%", "\n") if type_ == "a" else value


def _form(values: Mapping[str, str], name: str) -> dict[str, str]:
    return {f"{name}[{key}]": value for key, value in values.items()}


def _normal(value: str) -> str:
    return value.replace("\r\n", "\n").replace("\r", "\n").strip()
