"""Wanted against present: what is created, changed, left alone, refused."""

from __future__ import annotations

from datetime import UTC, datetime

from wikibridge.markup.regions import region
from wikibridge.model import Action, Page, WantedPage
from wikibridge.publish.plan import Past, plan

TIME = datetime(2020, 11, 3, tzinfo=UTC)


def want(title: str = "S", content: str = "new", skeleton: str = "intro\n") -> WantedPage:
    return WantedPage(title, skeleton + region("a", content), "job", "summary", {"a": content})


def page(text: str, title: str = "S") -> Page:
    return Page(7, title, 1, text, TIME)


def one(wanted: WantedPage, present: Page | None, created: dict[str, int] | None = None):  # type: ignore[no-untyped-def]
    (step,) = plan([wanted], {wanted.title: present} if present else {}, Past(created or {}))
    return step


def test_missing_page_is_created_whole() -> None:
    step = one(want(), None)
    assert step.action is Action.CREATE and step.text.startswith("intro\n<!-- wikibridge:begin a")


def test_update_touches_the_region_only_and_twice_is_nothing() -> None:
    before = "people's words \n\n" + region("a", "old") + "\nmore words"
    step = one(want(), page(before))
    assert step.action is Action.UPDATE
    assert step.text == before.replace(region("a", "old"), region("a", "new"))
    assert one(want(), page(step.text)).action is Action.NOTHING


def test_edited_region_missing_region_and_deleted_page_are_refused() -> None:
    assert one(want(), page(region("a", "old").replace("old", "mine"))).reason[0] == "refused-edited"
    assert one(want(), page("nothing here")).reason[0] == "refused-no-region"
    assert one(want(), None, {"S": 7}).reason[0] == "refused-deleted"


def test_page_without_regions_is_never_overwritten() -> None:
    assert one(WantedPage("S", "new", "job", ""), page("what a person wrote")).action is Action.NOTHING


def test_second_wish_for_one_title_is_refused() -> None:
    steps = plan([want(), want(content="other")], {}, Past())
    assert [s.action for s in steps] == [Action.CREATE, Action.REFUSED]
