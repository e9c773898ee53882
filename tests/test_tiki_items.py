"""Items of trackers through the door: read in each way, made and changed; on servers of our own, and on a real Tiki."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

import pytest

from tests.tikis import ADMIN, REAL, SETUPS, TikiPlace, real_place
from wikibridge.demo.tiki import TikiServer
from wikibridge.demo.tiki.call import Request
from wikibridge.demo.tiki.server import Fault
from wikibridge.errors import EditConflict, LoginFailed, PageBusy, PageMissing, Rejected, Unsure
from wikibridge.wikis.tiki import TikiWiki

FIELDS = {"wbTitle": "t", "wbText": "a", "wbDone": "c", "wbNumber": "n", "wbKinds": "M", "wbWhen": "f", "wbWho": "u"}
FULL = {"wbTitle": 'p < 0.05 & "q" \\ 50 %', "wbText": "one\ntwo ((a|b)) {CODE()}x{CODE} \\\\ \"three\"\n\nfour", "wbDone": "y",
        "wbNumber": "1.5", "wbKinds": "food,health", "wbWho": "ann"}


@dataclass
class Bench:
    """A Tiki with a tracker. ``who`` are the accounts by the way in which they may read it; "worker" may write too."""

    doors: dict[str, TikiWiki]
    tracker: int
    server: TikiServer | None = None
    remove: Callable[[int], object] = field(default=lambda item: None)


def _own(setup: str) -> Iterator[Bench]:
    with TikiServer(SETUPS[setup]) as server, TikiPlace.of(server) as place:
        people = server.people
        people.groups |= {"Lists": {"admin_trackers"}, "Exports": {"export_tracker"}}
        people.groups["Registered"] -= {"modify_tracker_items", "create_tracker_items"}
        people.groups["Workers"] = {"modify_tracker_items", "create_tracker_items", "remove_tracker_items"}
        for name, group in (("list", "Lists"), ("csv", "Exports"), ("search", "Registered"), ("worker", "Workers")):
            people.add(name, {group})
            place.tokens[name] = (name, people.token(name))
        tracker = server.trackers.add("Items", FIELDS)
        yield Bench({name: place.door(name) for name in ("list", "csv", "search", "worker")}, tracker.id, server,
                    lambda item: server.trackers.take_away(tracker, tracker.items[item]))


def _real() -> Iterator[Bench]:
    """The real Tiki, with a tracker that is made and removed."""
    with real_place() as place:
        place.tokens["list"] = ("admin", ADMIN)
        api = place.door("list")._api
        made = api.send("trackers", {"name": f"DoorTest {time.time()}", "orderAttachments[]": "x"})
        tracker = int(made.data["trackerId"])
        try:
            for name, kind in FIELDS.items():
                api.send(f"trackers/{tracker}/fields", {"name": name, "permName": name, "type": kind})
            worker = place.door("bot")

            def remove(item: int) -> None:
                worker._api._once("DELETE", worker._api.abilities.base, f"trackers/{tracker}/items/{item}", {})

            yield Bench({"list": place.door("list"), "search": place.door("bot"), "worker": worker}, tracker, remove=remove)
        finally:
            api._once("DELETE", api.abilities.base, f"trackers/{tracker}", {})


@pytest.fixture(params=[*SETUPS, *(["real"] if REAL and ADMIN else [])])
def bench(request: pytest.FixtureRequest) -> Iterator[Bench]:
    yield from _real() if request.param == "real" else _own(request.param)


@pytest.fixture
def own() -> Iterator[Bench]:
    yield from _own("24.1")


def test_each_way_tells_the_same(bench: Bench) -> None:
    worker = bench.doors["worker"]
    values = {**FULL, "wbWho": worker._account}
    made = worker.add_item(bench.tracker, values)
    assert {name: made.values[name] for name in values} == values
    slash = worker.add_item(bench.tracker, {"wbTitle": "ends in \\", "wbText": "x"})
    bare = worker.add_item(bench.tracker, {"wbTitle": "bare"})
    for way, door in bench.doors.items():
        found = door.items(bench.tracker)
        assert found.ids == {made.id, slash.id, bare.id}, way
        by_id = {each.id: each for each in found.read}
        assert {name: by_id[made.id].values[name] for name in values} == values, way
        assert by_id[slash.id].values["wbTitle"] == "ends in \\", way
        assert by_id[bare.id].values["wbWhen"] == "" and by_id[bare.id].status == "o", way
        head = door.trackers()[bench.tracker]
        assert head.items == 3 and door.fields(bench.tracker)["wbText"].type == "a"
    bench.remove(slash.id)
    assert all(door.items(bench.tracker).ids == {made.id, bare.id} for door in bench.doors.values())
    assert worker.trackers()[bench.tracker].items == 2


def test_of_known_items_only_those_that_changed_are_read(own: Bench) -> None:
    worker, server = own.doors["worker"], own.server
    assert server
    items = [worker.add_item(own.tracker, {"wbTitle": str(number)}) for number in range(5)]
    tracker = server.trackers._by_id[own.tracker]
    for each in tracker.items.values():
        each.modified -= 2000
    tracker.modified -= 1000
    tracker.created -= 1_000_000
    for way in ("list", "csv", "search"):
        door = own.doors[way]
        known = {each.id: each.mark for each in door.items(own.tracker).read}
        since = door.trackers()[own.tracker].changed
        assert since > 0
        server.trackers.put(tracker, {"wbTitle": way}, "ann", tracker.items[items[2].id])
        # So short a while after a change, another one may follow within the same second.
        assert door.trackers()[own.tracker].changed == 0
        before = len(server.requests)
        found = door.items(own.tracker, known, since)
        assert way in [each.values["wbTitle"] for each in found.read] and len(found.read) == 1
        assert len(server.requests) - before == {"list": 1, "csv": 2, "search": 4}[way]
        assert found.ids == known.keys() and found.whole == (way != "list")
        tracker.items[items[2].id].modified -= 1000
        tracker.modified -= 1000


def test_a_change_leaves_the_other_values_and_empty_dates(bench: Bench) -> None:
    worker = bench.doors["worker"]
    made = worker.add_item(bench.tracker, {"wbTitle": "one", "wbText": "text"})
    read = worker.item(bench.tracker, made.id)
    after = worker.change_item(read, {"wbTitle": 'two < 3 "q"', "wbKinds": "food,health", "wbDone": "y"})
    assert {name: after.values[name] for name in ("wbTitle", "wbText", "wbKinds", "wbDone", "wbWhen")} == {
        "wbTitle": 'two < 3 "q"', "wbText": "text", "wbKinds": "food,health", "wbDone": "y", "wbWhen": ""}
    with pytest.raises(EditConflict):
        worker.change_item(read, {"wbTitle": "three"})
    emptied = worker.change_item(after, {"wbText": ""})
    assert emptied.values["wbText"] == "" and worker.item(bench.tracker, made.id).values == emptied.values


@pytest.mark.parametrize(("values", "told"), [
    ({}, "No values"), ({"nothing": "x"}, "no field with the permanent name “nothing”"), ({"wbWhen": "1604361600"}, "as 2020-11-03"),
    ({"wbText": "a\nb onclick=c"}, "line 2: Tiki would change “onclick=c”"), ({"wbText": "&#8217;"}, "would change"),
    ({"wbText": "<script>"}, "would change"), ({"wbTitle": "x", "wbNumber": "1,5"}, "did not take"),
])
def test_what_is_not_taken_is_told_and_changes_nothing(bench: Bench, values: dict[str, str], told: str) -> None:
    worker = bench.doors["worker"]
    made = worker.add_item(bench.tracker, {"wbTitle": "one", "wbNumber": "2"})
    before = worker.item(bench.tracker, made.id)
    with pytest.raises(Rejected, match=told):
        worker.add_item(bench.tracker, values)
    with pytest.raises(Rejected, match=told):
        worker.change_item(before, values)
    assert worker.item(bench.tracker, made.id).values == before.values
    assert worker.items(bench.tracker).ids == {made.id}


def test_rights_and_what_is_not_there(bench: Bench) -> None:
    worker = bench.doors["worker"]
    made = worker.item(bench.tracker, worker.add_item(bench.tracker, {"wbTitle": "one"}).id)
    with pytest.raises(PageMissing, match="no tracker 987654"):
        worker.items(987654)
    with pytest.raises(PageMissing, match="no tracker 987654"):
        worker.add_item(987654, {"wbTitle": "x"})
    with pytest.raises(PageMissing, match="no item 987654"):
        worker.item(bench.tracker, 987654)
    with pytest.raises(PageMissing, match="no item 987654"):
        worker.change_item(replace(made, id=987654), {"wbTitle": "x"})
    if reader := bench.doors.get("csv"):
        for attempt in (lambda: reader.add_item(bench.tracker, {"wbTitle": "x"}), lambda: reader.change_item(made, {"wbTitle": "x"})):
            with pytest.raises(LoginFailed, match="has not the right"):
                attempt()


def test_an_item_of_another_tracker_is_none_of_this_one(own: Bench) -> None:
    assert own.server
    other = own.server.trackers.add("Other", {"wbTitle": "t"})
    item = own.server.trackers.put(other, {"wbTitle": "x"}, "ann")
    with pytest.raises(PageMissing):
        own.doors["worker"].item(own.tracker, item.id)


@pytest.mark.parametrize("acts", [False, True])
def test_a_lost_answer_is_told(own: Bench, acts: bool) -> None:
    assert own.server
    worker = own.doors["worker"]
    made = worker.item(own.tracker, worker.add_item(own.tracker, {"wbTitle": "one"}).id)
    for attempt, route in ((lambda: worker.add_item(own.tracker, {"wbTitle": "x"}), "items"),
                           (lambda: worker.change_item(made, {"wbTitle": "x"}), f"items/{made.id}")):
        own.server.fail(Fault(acts=acts), f"^POST trackers/.*{route}$")
        with pytest.raises(Unsure):
            attempt()


@pytest.mark.parametrize("fault", [Fault(cut=True), Fault(status=500), Fault()])
@pytest.mark.parametrize("way", ["list", "csv", "search"])
def test_readings_are_tried_again(own: Bench, way: str, fault: Fault) -> None:
    assert own.server
    for number in range(20):
        own.doors["worker"].add_item(own.tracker, {"wbTitle": f"title {number}", "wbText": "text\n" * 20})
    door = own.doors[way]
    whole = door.items(own.tracker)
    for route in ("fields", "lookup", "dump", f"trackers/{own.tracker}$", "items"):
        own.server.fail(fault, f"^GET .*{route}")
        assert {each.id: each.values for each in door.items(own.tracker).read} == {each.id: each.values for each in whole.read}


def test_while_somebody_has_the_form_open_the_item_is_busy(own: Bench) -> None:
    """Tiki keeps others out for a while with the answer of a missing right; that the right is there shows in the item."""
    server, worker = own.server, own.doors["worker"]
    assert server
    made = worker.item(own.tracker, worker.add_item(own.tracker, {"wbTitle": "one"}).id)

    def keep_out(point: str, request: Request) -> None:
        if request.method == "POST":
            server.people.groups["Workers"] ^= {"modify_tracker_items"}

    server.between = keep_out
    with pytest.raises(PageBusy, match="editing item"):
        worker.change_item(made, {"wbTitle": "x"})
    assert worker.item(own.tracker, made.id) == made
