"""Categories of the server and the API's calls about them."""

from __future__ import annotations

from dataclasses import dataclass, field

from wikibridge.demo.tiki.call import Call, Refusal, World
from wikibridge.demo.tiki.php import same

Thing = tuple[str, str]
"""What is in a category: its kind ("wiki page", "tracker") and the key of its name."""


@dataclass(slots=True)
class Category:
    """A category and what is in it."""

    id: int
    name: str
    parent: int = 0
    description: str = ""
    things: dict[Thing, str] = field(default_factory=dict)

    def as_json(self) -> dict[str, object]:
        """As the API shows it."""
        return {"categId": self.id, "name": self.name, "parentId": self.parent, "description": self.description,
                "objects": len(self.things), "hits": 0, "rootId": 0, "categpath": self.name}


class Categories:
    """What the API does with categories."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._by_id: dict[int, Category] = {}
        self._last_id = 0

    @property
    def jail(self) -> bool:
        """Whether lists leave out what is in no category."""
        return self._world.profile.category_jail and bool(self._by_id)

    def of(self, kind: str, name: str) -> set[int]:
        """The ids of the categories that something is in."""
        thing = kind, same(name)
        return {category.id for category in self._by_id.values() if thing in category.things}

    def put(self, kind: str, name: str, ids: set[int]) -> None:
        """Put something into these categories and no others; those that do not exist are left out."""
        for category in self._by_id.values():
            category.things.pop((kind, same(name)), None)
            if category.id in ids:
                category.things[kind, same(name)] = name

    def add(self, name: str, parent: int = 0, description: str = "") -> Category:
        """A new category."""
        self._last_id += 1
        category = Category(self._last_id, name, parent, description)
        self._by_id[category.id] = category
        return category

    def every(self, call: Call) -> object:
        """Categories by id; nothing is an empty list, as PHP writes an empty array."""
        kind, parent, every = call.text("type"), call.number("parentId"), call.number("descends")
        if kind not in ("all", "roots") and not parent:
            raise Refusal(409, f"<!--field[parentId]-->{call.say('required')}")
        wanted = {"roots": {0}, "all": None}.get(kind or "", {parent})
        if every and wanted:
            for category in self._by_id.values():
                wanted |= {category.id} if category.parent in wanted else set()
        return {str(category.id): category.as_json() for category in self._by_id.values()
                if wanted is None or category.parent in wanted} or []

    def create(self, call: Call) -> object:
        """A new category."""
        call.need("admin_categories")
        name = call.text("name") or ""
        if any(other.name == name and other.parent == call.number("parentId") for other in self._by_id.values()):
            raise Refusal(0, call.say("duplicate"))
        return self.add(name, call.number("parentId"), call.text("description") or "").as_json()

    def _category(self, call: Call) -> Category:
        category = self._by_id.get(call.number("categId"))
        if category is None:
            raise Refusal(404, call.say("missing"), page=None)
        return category

    def update(self, call: Call) -> object:
        """Another name, place or description."""
        category = self._category(call)
        call.need("admin_categories")
        category.name = call.text("name") or category.name
        category.description = call.text("description") or category.description
        category.parent = call.number("parentId") or category.parent
        return category.as_json()

    def remove(self, call: Call) -> object:
        """Remove a category; what was in it stays."""
        category = self._category(call)
        call.need("admin_categories")
        del self._by_id[category.id]
        return category.as_json()

    def categorize(self, call: Call) -> object:
        """Put things into a category, or take them out."""
        return self._change(call, True)

    def uncategorize(self, call: Call) -> object:
        """Take things out of a category."""
        return self._change(call, False)

    def _change(self, call: Call, put: bool) -> object:
        call.need("add_objects" if put else "remove_objects", "category", call.raw("categId") or "")
        category = self._category(call)
        objects = [each for each in call.array("objects").values() if isinstance(each, str)]
        changed: list[dict[str, object]] = []
        for each in objects:
            kind, _, name = each.partition(":")
            thing = kind, same(name)
            if (thing in category.things) != put:
                if put:
                    category.things[thing] = name
                else:
                    del category.things[thing]
                changed.append({"type": kind, "id": name, "catObjectId": len(category.things)})
        if not changed:
            return {"categId": category.id, "objects": objects, "count": "unchanged"}
        return {"categId": category.id, "count": len(category.things), "objects": changed}
