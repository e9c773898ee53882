"""Bringing the items of trackers that the settings name into the mirror, as entries of its pages.

An item is written down as the entry that it is, in the wiki's own markup, and read by the reader of pages: so problems, units,
terms and what must not be shown are treated alike, wherever somebody wrote.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation
from difflib import get_close_matches
from zoneinfo import ZoneInfo

from wikibridge.entries.read import hide
from wikibridge.entries.spelling import fold
from wikibridge.entries.write import as_call
from wikibridge.errors import LoginFailed, PageMissing, SettingsError
from wikibridge.mirror import items
from wikibridge.mirror.store import Mirror
from wikibridge.mirror.sync import Progress, Reader, settle, silent
from wikibridge.model import PartialDate, Tracker, TrackerField, TrackerItem, Value
from wikibridge.site import FILE, Site, TrackerSource
from wikibridge.wikis.base import Trackers, Wiki

READABLE = {
    "t": "text", "a": "text area", "n": "number", "d": "dropdown", "D": "dropdown with other", "R": "radio buttons",
    "M": "multiselect", "c": "checkbox", "f": "date and time", "j": "date and time (calendar)", "u": "user", "k": "page",
    "L": "address", "m": "e-mail", "y": "country", "b": "currency", "q": "number counted up"}
"""The types of fields whose stored values say something by themselves, by Tiki's letters."""
_DATES, _SEVERAL = "fj", "M"
_FULL = 86_400
"""Seconds after which a tracker is read as a whole all the same: that an option was given another label shows no other way."""
_NAME = 80
_OPEN = "o"
"""The status of items that everybody is meant to see; pending and closed ones count for nothing."""


def sync(wiki: Wiki, mirror: Mirror, site: Site, reader: Reader, progress: Progress = silent) -> None:
    """Make the mirror hold what the trackers of the settings hold: one request when nothing happened in any of them.

    Raises SettingsError for what the settings have wrong.
    """
    sources = site.settings.sources.trackers
    known = items.trackers(mirror)
    if not (sources or known):
        return
    concerned: set[int] = set()
    for number in known - {each.id for each in sources}:
        concerned |= items.drop(mirror, number)
        mirror.put({_key(number): ""})
    if sources:
        if not isinstance(wiki, Trackers):
            raise SettingsError("tracker-other-wiki", FILE, site.line("sources", "trackers"))
        for place, source in enumerate(sources):
            _check(site, place, source, reader)
        now = wiki.trackers()
        for place, source in enumerate(sources):
            progress("progress-trackers", place + 1, len(sources))
            concerned |= _Tracker(wiki, mirror, site, place, source, reader).sync(now)
    settle(mirror, reader, concerned)


def _key(tracker: int) -> str:
    return f"tracker {tracker}"


def _check(site: Site, place: int, source: TrackerSource, reader: Reader) -> None:
    """Raises SettingsError for a type or a field that there is not."""
    types = reader.schema.types
    if source.type not in types:
        raise SettingsError("tracker-type", FILE, site.line("sources", "trackers", place, "type"), source.type, ", ".join(types))
    for name, field in source.fields.items():
        if field not in types[source.type].by_name:
            raise SettingsError("tracker-entry-field", FILE, site.line("sources", "trackers", place, "fields", name), field,
                                source.type, ", ".join(types[source.type].by_name))


class _Tracker:
    """One tracker of the settings."""

    def __init__(
        self, wiki: Trackers, mirror: Mirror, site: Site, place: int, source: TrackerSource, reader: Reader,
    ) -> None:
        self.wiki, self.mirror, self.site, self.place, self.source, self.reader = wiki, mirror, site, place, source, reader
        self.zone = ZoneInfo(site.settings.time_zone)

    def line(self, *place: str) -> int:
        return self.site.line("sources", "trackers", self.place, *place)

    def sync(self, there: Mapping[int, Tracker]) -> set[int]:
        """Take in what changed; answers the pages among whose entries something was counted that no longer is."""
        number = self.source.id
        head = there.get(number)
        picture = f"{self.source!r} {self.reader.version} {self.site.settings.time_zone}"
        state = json.loads(self.mirror.get(_key(number)) or "{}")
        time = int(datetime.now().timestamp())
        same = head is not None and state.get("picture") == picture and 0 <= time - state["full"] <= _FULL
        if same and head and head.changed and (state["changed"], state["items"]) == (head.changed, head.items):
            return set()
        try:
            fields = self.wiki.fields(number)
            self._check(fields)
            known = items.marks(self.mirror, number) if same else {}
            found = self.wiki.items(number, known, state["changed"] if same else 0)
            if not found.whole and head and len(found.ids) != head.items:
                # Of those that changed, deletions do not show.
                same, found = False, self.wiki.items(number)
        except PageMissing as error:
            names = ", ".join(f"{each.id} ({each.name})" for each in there.values()) or "–"
            raise SettingsError("tracker-unknown", FILE, self.line("id"), number, names) from error
        except LoginFailed as error:
            raise SettingsError("tracker-right", FILE, self.line("id"), number, self.site.settings.wiki.account) from error
        head = head or Tracker(number, str(number), -1, 0)
        concerned = items.drop(self.mirror, number, found.ids)
        concerned |= items.put(self.mirror, (
            self._row(each, fields, head.name, each.time or head.changed or time) for each in found.read))
        self.mirror.put({_key(number): json.dumps({
            "picture": picture, "changed": head.changed, "items": head.items, "full": state["full"] if same else time})})
        return concerned

    def _check(self, fields: Mapping[str, TrackerField]) -> None:
        """Raises SettingsError for a field that the tracker has not, or whose values say nothing by themselves."""
        for name in self.source.names:
            line = self.line("fields", name) if name in self.source.fields else self.line("participant")
            if name not in fields:
                near = get_close_matches(name, fields, 1, 0.5)
                if near:
                    raise SettingsError("tracker-field-near", FILE, line, name, self.source.id, near[0])
                raise SettingsError("tracker-field", FILE, line, name, self.source.id, ", ".join(fields))
            if fields[name].type not in READABLE:
                raise SettingsError("tracker-field-type", FILE, line, name, fields[name].type, ", ".join(READABLE.values()))

    def _row(self, item: TrackerItem, fields: Mapping[str, TrackerField], tracker: str, time: int) -> items.Row:
        owner = label = ""
        if self.source.participant:
            said = item.values.get(self.source.participant, "")
            said = said.partition(",")[0] if fields[self.source.participant].type == "u" else said
            label = " ".join(hide(str(_said(said, fields[self.source.participant], self.reader, self.zone))).split())[:_NAME]
            owner = fold(label)
        if owner and self.reader.unnamed(owner):
            return items.Row(item.tracker, item.id, "", tracker, "", item.mark, time)
        text = self._text(item, fields) if item.status == _OPEN else ""
        return items.Row(item.tracker, item.id, owner, label if owner else tracker, text, item.mark, time)

    def _text(self, item: TrackerItem, fields: Mapping[str, TrackerField]) -> str:
        return as_entry(item.values, self.source.fields, fields, self.source.type, self.reader, self.zone)


def as_entry(
    values: Mapping[str, str], names: Mapping[str, str], fields: Mapping[str, TrackerField], type_: str, reader: Reader,
    zone: ZoneInfo,
) -> str:
    """An item as an entry of a type, in the markup of the wiki. ``names`` are fields of the entry by those of the tracker."""
    kind = reader.schema.types[type_]
    said: dict[str, Value] = {}
    for name, of in names.items():
        value = _said(values.get(name, ""), fields[name], reader, zone, kind.by_name[of].several)
        if value not in ("", ()):
            said[of] = value
    return as_call(kind, said, reader.schema, reader.language, reader.dialect)


def _said(stored: str, field: TrackerField, reader: Reader, zone: ZoneInfo, several: bool = False) -> Value:
    """A stored value as the value that it means; what is not understood stays text, of which the reader says so."""
    # The mark that Tiki puts into what looks like a script to it.
    text = stored.replace("<x>", "").strip()
    if not text:
        return ""
    if field.type in _DATES and text.lstrip("-").isdecimal():
        return _date(int(text), zone)
    if field.type == "c" and text in ("y", "n"):
        return text == "y"
    if field.type == "n":
        try:
            return Decimal(text) if Decimal(text).is_finite() else text
        except InvalidOperation:
            return text
    if field.type == _SEVERAL:
        labels = tuple(label for each in text.split(",") if (label := field.options.get(each.strip(), each.strip())))
        return labels if several else ", ".join(labels)
    return reader.dialect.plain(text) if field.type == "a" else field.options.get(text, text)


def _date(seconds: int, zone: ZoneInfo) -> Value:
    """The day of a moment, since entries know no hours."""
    try:
        day = datetime.fromtimestamp(seconds, zone)
    except (ValueError, OSError, OverflowError):
        return str(seconds)
    return PartialDate(day.year, day.month, day.day) if seconds else ""
