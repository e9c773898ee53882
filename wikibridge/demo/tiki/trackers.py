"""Trackers of the server, their fields and items, and the API's calls about them."""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from html import escape

from wikibridge.demo.tiki.call import Answer, Broken, Call, Refusal, World
from wikibridge.demo.tiki.categories import Categories
from wikibridge.demo.tiki.php import number, true

TYPES = {"t": "Text Field", "a": "Text Area", "n": "Numeric", "d": "Dropdown", "c": "Checkbox", "f": "Date and Time",
         "L": "URL", "u": "User", "M": "Multiselect", "k": "Page", "r": "Item Link", "q": "Auto-Increment"}
LONGEST = 65_535
"""Bytes of a value."""


@dataclass(slots=True)
class Field:
    """A field of a tracker."""

    id: int
    name: str
    perm_name: str
    type: str = "t"
    mandatory: bool = False
    description: str | None = None
    main: bool = False
    options: dict[str, str] = field(default_factory=dict)

    def as_json(self, tracker: int) -> dict[str, object]:
        """As the API shows it."""
        return {"fieldId": self.id, "trackerId": tracker, "name": self.name, "permName": self.perm_name, "type": self.type,
                "options": "", "options_map": self._map(), "isMandatory": "ny"[self.mandatory], "isHidden": "n",
                "description": self.description, "isSearchable": "n", "isTblVisible": "n", "isPublic": "y",
                "isMain": "ny"[self.main]}


    def _map(self) -> object:
        """The options by name; those of a list are apart already."""
        return {key: value.split(",") if key == "options" else value for key, value in self.options.items()} or []


@dataclass(slots=True)
class Item:
    """An item of a tracker; ``values`` by permanent name, as stored."""

    id: int
    status: str
    values: dict[str, str]
    created: int
    creator: str
    modified: int
    modifier: str


@dataclass(slots=True)
class Tracker:
    """A tracker: a table that anybody with the right can make."""

    id: int
    name: str
    description: str | None
    created: int
    fields: list[Field] = field(default_factory=list)
    items: dict[int, Item] = field(default_factory=dict)
    settings: dict[str, str] = field(default_factory=dict)
    modified: int = 0

    def named(self, name: str) -> Field | None:
        """The field with a permanent name."""
        return next((each for each in self.fields if each.perm_name == name), None)


class Trackers:
    """What the API does with trackers."""

    def __init__(self, world: World, categories: Categories) -> None:
        self._world = world
        self._categories = categories
        self._by_id: dict[int, Tracker] = {}
        self._last = {"tracker": 0, "field": 0, "item": 0}

    def _next(self, kind: str) -> int:
        self._last[kind] += 1
        return self._last[kind]

    @property
    def _now(self) -> int:
        return int(self._world.pages.clock())

    # By hand.

    def add(self, name: str, fields: Mapping[str, str] | None = None, mandatory: frozenset[str] = frozenset()) -> Tracker:
        """A new tracker; ``fields`` are types by permanent name."""
        tracker = Tracker(self._next("tracker"), name, None, self._now)
        for perm_name, kind in (fields or {}).items():
            tracker.fields.append(Field(self._next("field"), perm_name, perm_name, kind, perm_name in mandatory))
        self._by_id[tracker.id] = tracker
        return tracker

    def put(self, tracker: Tracker, values: Mapping[str, str], user: str, item: Item | None = None, status: str = "o") -> Item:
        """A new item, or other values in one that is there."""
        if item is None:
            now = self._now
            item = Item(self._next("item"), status, {}, now, user, now, user)
            tracker.items[item.id] = item
        item.values.update(values)
        item.status, item.modified, item.modifier = status, self._now, user
        tracker.modified = self._now
        return item

    def take_away(self, tracker: Tracker, item: Item) -> None:
        """Remove an item."""
        del tracker.items[item.id]
        tracker.modified = self._now

    # The API.

    def _tracker(self, call: Call) -> Tracker:
        tracker = self._by_id.get(call.number("trackerId"))
        if tracker is None:
            raise Refusal(404, call.say("missing"), page=None)
        return tracker

    def _item(self, call: Call) -> tuple[Tracker, Item]:
        tracker = self._tracker(call)
        item = tracker.items.get(call.number("itemId"))
        if item is None:
            raise Refusal(404, call.say("item-missing"), page=None)
        return tracker, item

    def every(self, call: Call) -> object:
        """All trackers that the user may see; offsets do nothing."""
        seen = [each for each in self._by_id.values() if call.may(call.user, "view_trackers", "tracker", str(each.id))
                and (not self._categories.jail or self._categories.of("tracker", str(each.id)))]
        return {"list": {str(each.id): each.name for each in seen} or [],
                "data": [{"trackerId": each.id, "name": each.name, "description": each.description, "descriptionIsParsed": "n",
                          "created": each.created, "lastModif": max(each.created, each.modified),
                          "items": len(each.items)} for each in seen],
                "count" if self._world.profile.count else "cant": len(self._by_id)}

    def create(self, call: Call) -> object:
        """A new tracker, or all settings of one anew."""
        call.need("admin_trackers", message="trackers-admin")
        name = call.text("name") or ""
        if not name:
            raise Refusal(409, f"<!--field[name]-->{call.say('required')}")
        if self._world.profile.stumbles and not call.array("orderAttachments"):
            raise Broken("")
        tracker = self._by_id.get(call.number("trackerId")) or self.add(name)
        tracker.name, tracker.description = name, call.text("description")
        tracker.settings = {key: value for key, value in call.params.items() if isinstance(value, str)}
        info = {"trackerId": tracker.id, "name": name, "description": tracker.description}
        return {"trackerId": str(tracker.id), "info": info}

    def remove(self, call: Call) -> object:
        """Remove a tracker with all that is in it."""
        tracker = self._tracker(call)
        call.need("admin_trackers", message="trackers-admin")
        del self._by_id[tracker.id]
        return {"trackerId": 0}

    def clear(self, call: Call) -> object:
        """Remove all items."""
        tracker = self._tracker(call)
        call.need("admin_trackers", message="trackers-admin")
        tracker.items.clear()
        tracker.modified = self._now
        return {"trackerId": 0}

    def items(self, call: Call) -> object:
        """All items in the order of the database; for administrators of all trackers only."""
        call.need("admin_trackers", message="trackers-admin")
        tracker, status = self._tracker(call), call.raw("status") or ""
        offset, most = call.number("offset", -1), call.number("maxRecords", -1)
        found = [item for item in tracker.items.values()
                 if item.modified > call.number("modifiedSince") and (not status or item.status in status)]
        shown = found if most < 0 else found[max(offset, 0) :][:most]
        values = self._values if call.raw("format") == "raw" else self._shown
        result = [{"itemId": item.id, "status": item.status, "fields": values(tracker, item)} for item in shown]
        return {"trackerId": tracker.id, "offset": offset, "maxRecords": most, "result": result}

    def _value(self, each: Field, item: Item) -> object:
        """A value as stored; where nothing is, a box is not ticked and a date is now."""
        return item.values.get(each.perm_name) or {"c": "n", "f": self._now}.get(each.type, "")

    def _values(self, tracker: Tracker, item: Item) -> object:
        return {each.perm_name: self._value(each, item) for each in tracker.fields} or []

    def _shown(self, tracker: Tracker, item: Item) -> object:
        """Values as a page shows them."""
        return {each.perm_name: _as_shown(each.type, str(self._value(each, item))) for each in tracker.fields} or []

    def fields(self, call: Call) -> object:
        """The fields of a tracker and the types that there are."""
        tracker = self._tracker(call)
        call.need("view_trackers", "tracker", str(tracker.id))
        return {"fields": [each.as_json(tracker.id) for each in tracker.fields],
                "types": self._types(), "typesDisabled": [], "duplicates": []}

    @staticmethod
    def _types() -> dict[str, dict[str, str]]:
        return {key: {"name": name} for key, name in TYPES.items()}

    def add_field(self, call: Call) -> object:
        """A new field."""
        tracker = self._tracker(call)
        call.need("admin_trackers", message="trackers-admin")
        name, kind, id_ = call.text("name") or "", call.text("type") or "t", self._last["field"] + 1
        perm_name = call.text("permName") or f"f_{id_}"
        if kind not in TYPES:
            raise Refusal(400, call.say("argument"))
        if not name:
            raise Refusal(409, f"<!--field[name]-->{call.say('required')}")
        if any(each.name == name for each in tracker.fields):
            if self._world.profile.count:
                return {"title": call.say("error"), "message": call.say("duplicate")}
            raise Refusal(409, f"<!--field[name]-->{call.say('duplicate')}")
        if tracker.named(perm_name):
            # The name is taken: it gets a number that makes it another.
            perm_name = f"{perm_name}_{secrets.randbelow(9000) + 1000}"
        made = Field(self._next("field"), name, perm_name, kind, False, call.text("description"))
        tracker.fields.append(made)
        return {"title": "", "trackerId": tracker.id, "fieldId": made.id, "name": name,
                "permName": perm_name if call.text("permName") else None, "type": kind, "description": made.description,
                "types": self._types(), "modal": None}

    def edit_field(self, call: Call) -> object:
        """All settings of a field anew; without a type they are saved, and told not to be."""
        tracker = self._tracker(call)
        call.need("admin_trackers", message="trackers-admin")
        found = next((each for each in tracker.fields if each.id == call.number("fieldId")), None)
        if found is None:
            raise Refusal(404, call.say("missing"), page=None)
        options = call.array("option")
        if any(isinstance(value, dict) for value in options.values()):
            raise Broken("")
        found.name, found.description = call.text("name") or found.name, call.text("description") or found.description
        found.mandatory, found.main = call.number("is_mandatory") != 0, call.number("is_main") != 0
        found.options = {key: value for key, value in options.items() if isinstance(value, str)}
        kind = call.text("type")
        if kind not in TYPES:
            raise Refusal(400, call.say("argument"))
        found.type = kind
        if self._world.profile.stumbles and not options:
            raise Broken("")
        return {"field": found.as_json(tracker.id), "trackerId": tracker.id, "status": "DONE"}

    def remove_fields(self, call: Call) -> object:
        """Remove fields with what items have in them."""
        tracker = self._tracker(call)
        call.need("admin_trackers", message="trackers-admin")
        gone = {int(each) for each in call.texts("fields") if each.isdecimal()}
        tracker.fields = [each for each in tracker.fields if each.id not in gone]
        return {"status": "DONE", "trackerId": tracker.id, "fields": sorted(gone)}

    @staticmethod
    def _need(call: Call, right: str, tracker: Tracker, item: Item) -> None:
        """Pending and closed items have rights of their own."""
        call.need(right + {"p": "_pending", "c": "_closed"}.get(item.status, ""), "tracker", str(tracker.id))

    def item(self, call: Call) -> object:
        """One item with all fields."""
        # Of which tracker the item is asked for is not looked at.
        tracker, item = next(((one, one.items[call.number("itemId")]) for one in self._by_id.values()
                              if call.number("itemId") in one.items), (None, None))
        if tracker is None or item is None:
            raise Refusal(404, call.say("item-missing"), page=None)
        self._need(call, "view_trackers", tracker, item)
        info = {"itemId": item.id, "trackerId": tracker.id, "created": item.created, "createdBy": item.creator,
                "status": item.status, "lastModif": item.modified, "lastModifBy": item.modifier}
        fields = [{**each.as_json(tracker.id), "ins_id": f"ins_{each.id}", "value": self._value(each, item)}
                  for each in tracker.fields]
        can_modify = call.may(call.user, "modify_tracker_items", "tracker", str(tracker.id))
        return {"title": self._title(tracker, item), "format": None, "itemId": item.id, "trackerId": tracker.id,
                "fields": fields, "canModify": can_modify, "item_info": info, "info": info}

    @staticmethod
    def _title(tracker: Tracker, item: Item) -> str:
        return item.values.get(tracker.fields[0].perm_name, "") if tracker.fields else ""

    @staticmethod
    def _given(tracker: Tracker, call: Call, lists: bool) -> dict[str, str]:
        """Values by permanent name: ``fields[name]`` or ``ins_<id>``. Of a list a new item has only the word "Array"."""
        given = {}
        for key, value in call.array("fields").items():
            if tracker.named(key):
                listed = ",".join(map(str, value.values())) if lists and isinstance(value, dict) else "Array"
                given[key] = value if isinstance(value, str) else listed
        numbered = {each.perm_name: text for each in tracker.fields if (text := call.raw(f"ins_{each.id}")) is not None}
        return {**numbered, **given}

    def insert(self, call: Call) -> object:
        """A new item. Where no field is recognised a form comes back, and nothing is made."""
        tracker = self._tracker(call)
        call.need("create_tracker_items", "tracker", str(tracker.id))
        given = self._given(tracker, call, lists=False)
        if not given and call.array("fields"):
            return {"title": "", "trackerId": tracker.id, "trackerName": tracker.name, "itemId": 0,
                    "fields": [each.as_json(tracker.id) for each in tracker.fields], "forced": None,
                    "status": call.raw("status")}
        given |= self._forced(tracker, call)
        self._fits(given)
        if self._wrong(tracker, given):
            raise Refusal(400, call.say("invalid"))
        item = self.put(tracker, given, call.user, status=call.raw("status") or "o")
        return {"itemId": item.id, "status": item.status, "fields": self._values(tracker, item),
                "itemTitle": self._title(tracker, item), "processedFields": self._shown(tracker, item),
                "nextTicket": secrets.token_hex(16)}

    @staticmethod
    def _forced(tracker: Tracker, call: Call) -> dict[str, str]:
        return {key: value for key, value in call.array("forced").items() if isinstance(value, str) and tracker.named(key)}

    def _fits(self, values: Mapping[str, str]) -> None:
        if self._world.profile.strict_sql and any(len(value.encode(errors="replace")) > LONGEST for value in values.values()):
            raise Refusal(0, "Data too long for column 'value' at row 1")

    @staticmethod
    def _wrong(tracker: Tracker, values: Mapping[str, str]) -> bool:
        return any((each.mandatory and not values.get(each.perm_name, "").strip())
                   or (each.type == "n" and not _numeric(values.get(each.perm_name, ""))) for each in tracker.fields)

    def change(self, call: Call) -> object:
        """Other values in an item; what does not fit changes nothing, and the answer is 200 with the old values."""
        tracker, item = self._item(call)
        self._need(call, "modify_tracker_items", tracker, item)
        values = dict(item.values)
        given = self._given(tracker, call, lists=True)
        for each in tracker.fields:
            if each.type != "f":
                values[each.perm_name] = given.get(each.perm_name, values.get(each.perm_name, ""))
            elif not values.get(each.perm_name) and not true(each.options.get("blankdate")):
                # A date wants year, month and day apart; none at all is now.
                values[each.perm_name] = str(self._now)
        values |= self._forced(tracker, call)
        self._fits(values)
        wrong = self._wrong(tracker, values)
        if not wrong:
            self.put(tracker, values, call.user, item, call.raw("status") or item.status)
        said = {"mes": [call.say("success")], "type": "feedback", "icon": "success", "title": call.say("success")}
        return {"feedback": False if wrong else {"default": [said]}, "itemId": item.id, "status": item.status,
                "fields": self._values(tracker, item), "nextTicket": secrets.token_hex(16)}

    def remove_item(self, call: Call) -> object:
        """Remove an item."""
        tracker, item = self._item(call)
        self._need(call, "remove_tracker_items", tracker, item)
        self.take_away(tracker, item)
        return {"title": "", "trackerId": tracker.id, "itemId": item.id, "affectedCount": 0}

    def status(self, call: Call) -> object:
        """Open, pending or closed; the answer tells of the screen that would come next."""
        tracker, item = self._item(call)
        self._need(call, "modify_tracker_items", tracker, item)
        self.put(tracker, {}, call.user, item, call.raw("status") or item.status)
        return {"FORWARD": {"controller": "tracker", "action": "update_item_status", "status": "DONE", "redirect": None}}

    def clone(self, call: Call) -> object:
        """The item once more, which is switched off by default."""
        raise Refusal(403, call.say("disabled", "tracker_clone_item"))

    def dump(self, call: Call) -> Answer:
        """All items as CSV, with line breaks as Tiki writes them on pages."""
        tracker = self._tracker(call)
        call.need("export_tracker", "tracker", str(tracker.id))
        head = ["itemId,status,created,lastModif", *(_quoted(f"{each.name} -- {each.id}") for each in tracker.fields), ""]
        lines = [",".join(head)]
        for item in tracker.items.values():
            values = [_quoted(item.values.get(each.perm_name, "").replace("\r\n", "\n").replace("\n", "%%%"))
                      for each in tracker.fields]
            lines.append(",".join([f"{item.id},{item.status},{item.created},{item.modified}", *values, ""]))
        return Answer(200, "".join(f"{line}\n" for line in lines).encode(errors="replace"),
                      "text/comma-separated-values; charset:UTF-8;charset=UTF-8",
                      {"Content-Disposition": f"attachment; filename=tracker_{tracker.id}.csv"})

    def lookup(self, call: Call) -> list[dict[str, object]]:
        """Items of a tracker as the search finds them, with the fields that the format names."""
        tracker = self._by_id.get(number(call.array("filter").get("tracker_id")))
        if tracker is None or not call.may(call.user, "view_trackers", "tracker", str(tracker.id)):
            return []
        form = call.raw("format") or "{title}"
        rows: list[dict[str, object]] = []
        for item in tracker.items.values():
            right = "view_trackers" + {"p": "_pending", "c": "_closed"}.get(item.status, "")
            if call.may(call.user, right, "tracker", str(tracker.id)):
                named = {f"tracker_field_{key}": value for key, value in item.values.items()}
                changed = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(item.modified))
                named |= {"object_id": str(item.id), "tracker_status": item.status, "modification_date": changed}
                named["title"] = self._title(tracker, item)
                shown = "".join(escape(named.get(each, "")) if odd % 2 else each
                                for odd, each in enumerate(re.split(r"\{(\w+)\}", form)))
                rows.append({"object_type": "trackeritem", "object_id": str(item.id), "parent_id": None, "title": shown})
        return sorted(rows, key=lambda row: str(row["title"]))


def _as_shown(kind: str, value: str) -> str:
    if kind == "a":
        text = escape(value, quote=False).replace("\r\n", "\n")
        return "<p>" + text.replace("\n", "\n<br />") + "</p>" if "\n" in text else text
    if kind == "c":
        return "Yes" if value == "y" else "No"
    if kind == "M":
        return value.replace(",", ", ")
    if kind == "n" and value and _numeric(value):
        return f"{float(value):.0f}"
    if kind == "f" and value.isdecimal():
        return time.strftime("%Y-%m-%d %H:%M", time.gmtime(int(value)))
    if kind == "L" and value:
        return f'<a rel="external" href="{escape(value)}">{escape(value)}</a>'
    return value


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '\\"') + '"'


def _numeric(text: str) -> bool:
    try:
        float(text or "0")
    except ValueError:
        return False
    return True


