"""The mirror after any history, synced at any moment, is what a full read of the wiki gives."""

from __future__ import annotations

import contextlib
import json
import shutil
import sqlite3
import uuid
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.admin import Admin
from wikibridge.demo.mediawiki_server import MediaWikiServer
from wikibridge.entries.types import shipped
from wikibridge.mirror.store import Mirror
from wikibridge.mirror.sync import Reader, Synced, sync
from wikibridge.model import Edit, Head, Selection
from wikibridge.wikis.base import Wiki
from wikibridge.wikis.file_names import file_name
from wikibridge.wikis.folder import FolderWiki
from wikibridge.wikis.mediawiki import MediaWikiWiki

READER = Reader(shipped(), "en", Selection())
State = dict[int, tuple[str, int, str]]


def mirrored(mirror: Mirror) -> State:
    return {page.id: (page.title, page.revision, page.text) for page in mirror.every()}


def held(wiki: Wiki, selection: Selection) -> State:
    """The slow way: everything listed and read."""
    return {page.id: (page.title, page.revision, page.text) for page in wiki.read(ids=[head.id for head in wiki.list(selection)])}


def head_of(wiki: Wiki, title: str) -> Head | None:
    page = next(iter(wiki.read(titles=[title])), None)
    return None if page is None else Head(page.id, page.title, page.revision)


class FolderHands:
    """People with editors and file managers."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.wiki = FolderWiki(folder, user="somebody")

    def path(self, title: str) -> Path:
        return self.folder / file_name(title)

    def edit(self, title: str, text: str) -> None:
        self.path(title).parent.mkdir(parents=True, exist_ok=True)
        self.path(title).write_text(text, encoding="utf-8")

    def write(self, title: str, text: str) -> None:
        with contextlib.suppress(Exception):
            self.wiki.write(Edit(title, text, "", head_of(self.wiki, title)))

    def move(self, old: str, new: str) -> None:
        if self.path(old).exists():
            self.path(new).parent.mkdir(parents=True, exist_ok=True)
            self.path(old).replace(self.path(new))

    def swap(self, one: str, other: str) -> None:
        if one != other and self.path(one).exists() and self.path(other).exists():
            self.path(one).rename(self.folder / "between")
            self.path(other).rename(self.path(one))
            (self.folder / "between").rename(self.path(other))

    def delete(self, title: str) -> None:
        self.path(title).unlink(missing_ok=True)


TITLES = ("In/a", "In/b", "In/c", "Out/a", "Out/b")
STEPS = st.one_of(
    st.tuples(st.sampled_from(["edit", "write"]), st.sampled_from(TITLES), st.sampled_from(["x", "y", "{{Choice|title=z}}"])),
    st.tuples(st.sampled_from(["move", "swap"]), st.sampled_from(TITLES), st.sampled_from(TITLES)),
    st.tuples(st.just("delete"), st.sampled_from(TITLES)),
    st.tuples(st.just("sync")), st.tuples(st.just("reopen")),
)


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(STEPS, max_size=14))
def test_any_history_of_a_folder(tmp_path: Path, history: list[tuple[str, ...]]) -> None:
    folder = tmp_path / uuid.uuid4().hex
    hands, wiki, mirror = FolderHands(folder), FolderWiki(folder), Mirror(None)
    selection = Selection(("In/",))
    for name, *arguments in [*history, ("sync",)]:
        if name == "sync":
            sync(wiki, mirror, selection, READER)
            assert mirrored(mirror) == held(wiki, selection)
        elif name == "reopen":
            wiki = FolderWiki(folder)
        else:
            getattr(hands, name)(*arguments)
    assert sync(wiki, mirror, selection, READER) == Synced(0, 0)
    shutil.rmtree(folder)


# From here on, a real MediaWiki.


class Corner:
    """A part of the real MediaWiki for one test: its doors, its administrator, its mirror."""

    def __init__(self, server: MediaWikiServer, admin: Admin, folder: Path) -> None:
        self.server, self.admin, self.folder = server, admin, folder
        self.prefix = f"Corner {uuid.uuid4().hex[:10]}/"
        self.selection = Selection((self.prefix,))
        self.mirror = Mirror(None)
        self.session = folder / "session.json"
        self.requests = 0

    @contextlib.contextmanager
    def door(self) -> Iterator[MediaWikiWiki]:
        wiki = MediaWikiWiki(self.server.address + "api.php", self.server.bot.name, self.server.bot.password, session=self.session)
        with contextlib.closing(wiki):
            yield wiki

    def title(self, name: str) -> str:
        return self.prefix + name

    def sync(self) -> Synced:
        """As a run does it: a new door, the kept session."""
        with self.door() as wiki:
            done = sync(wiki, self.mirror, self.selection, READER)
            self.requests = wiki.requests
        return done

    def held(self) -> State:
        with self.door() as wiki:
            return held(wiki, self.selection)

    def settles(self) -> bool:
        """Whether the mirror becomes what the wiki holds. Lists of changes follow the answer to an edit by a moment."""
        full = self.held()
        for _ in range(60):
            self.sync()
            if mirrored(self.mirror) == full:
                return True
        return False


@pytest.fixture(scope="session")
def admin(mediawiki: MediaWikiServer) -> Admin:
    mediawiki.settings("import", "$wgGroupPermissions['sysop']['importupload'] = $wgGroupPermissions['sysop']['mergehistory'] = true;"
                       "$wgGroupPermissions['sysop']['deleterevision'] = $wgGroupPermissions['sysop']['editcontentmodel'] = true;")
    return Admin(mediawiki)


@pytest.fixture
def corner(mediawiki: MediaWikiServer, admin: Admin, tmp_path: Path) -> Corner:
    made = Corner(mediawiki, admin, tmp_path)
    for name in "abc":
        admin.edit(made.title(name), f"text of {name} {{{{Choice|title={name}}}}}")
    admin.edit(f"Outside of {made.prefix}", "outside")
    made.sync()
    assert made.settles()
    return made


def _dump(title: str) -> str:
    return (f'<mediawiki xmlns="http://www.mediawiki.org/xml/export-0.11/" version="0.11" xml:lang="en"><page><title>{title}</title><ns>0</ns>'
            "<id>1</id><revision><id>2</id><timestamp>2015-01-01T00:00:00Z</timestamp><contributor><username>Old</username><id>3</id>"
            '</contributor><model>wikitext</model><format>text/x-wiki</format><text xml:space="preserve">imported</text></revision></page></mediawiki>')


EVENTS: dict[str, Callable[[Corner, Admin], object]] = {
    "edit": lambda c, a: a.edit(c.title("a"), "new"),
    "created": lambda c, a: a.edit(c.title("new"), "new"),
    "moved with a redirect": lambda c, a: a.move(c.title("a"), c.title("z")),
    "moved without a redirect": lambda c, a: a.move(c.title("a"), c.title("z"), redirect=False),
    "moved out of the selection": lambda c, a: a.move(c.title("a"), f"Gone from {c.prefix}", redirect=False),
    "moved out, leaving a redirect": lambda c, a: a.move(c.title("a"), f"Gone from {c.prefix}"),
    "moved into the selection": lambda c, a: a.move(f"Outside of {c.prefix}", c.title("in"), redirect=False),
    "moved to another namespace": lambda c, a: a.move(c.title("a"), f"Help:{c.prefix}a", redirect=False),
    "moved over another page": lambda c, a: a.move_over(c.title("a"), c.title("b")),
    "moved back over its redirect": lambda c, a: (a.move(c.title("a"), c.title("z")), c.sync(), a.move(c.title("z"), c.title("a"))),
    "two titles swapped": lambda c, a: a.swap(c.title("a"), c.title("b")),
    "moved and edited": lambda c, a: (a.move(c.title("a"), c.title("z")), a.edit(c.title("z"), "edited after")),
    "edited and moved": lambda c, a: (a.edit(c.title("a"), "edited before"), a.move(c.title("a"), c.title("z"))),
    "deleted": lambda c, a: a.delete(c.title("a")),
    "deleted and made anew": lambda c, a: (a.delete(c.title("a")), a.edit(c.title("a"), "another page")),
    "deleted and restored": lambda c, a: (a.delete(c.title("a")), a.restore(c.title("a"))),
    "deleted, seen, restored": lambda c, a: (a.delete(c.title("a")), c.settles(), a.restore(c.title("a"))),
    "protected": lambda c, a: a.protect(c.title("a")),
    "made a redirect": lambda c, a: a.edit(c.title("a"), f"#REDIRECT [[{c.title('b')}]]"),
    "another content model": lambda c, a: (a.edit(c.title("a"), "{}"), a.model(c.title("a"), "json")),
    "an old revision hidden": lambda c, a: (lambda old: (a.edit(c.title("n"), "two"), a.hide(c.title("n"), old)))(a.edit(c.title("n"), "one")),
    "imported new": lambda c, a: a.bring_in(_dump(c.title("imported"))),
    "imported below": lambda c, a: a.bring_in(_dump(c.title("a"))),
    "histories merged": lambda c, a: (a.edit(c.title("m"), "merged away"), a.edit(c.title("target"), "target"), a.merge(c.title("m"), c.title("target"))),
}


@pytest.mark.live
@pytest.mark.parametrize("event", EVENTS)
def test_what_happens_to_pages_is_mirrored(corner: Corner, event: str) -> None:
    EVENTS[event](corner, corner.admin)
    assert corner.settles(), (mirrored(corner.mirror), corner.held())
    identities = {entry: fields for entry, fields in corner.mirror.fields("choice").items()}
    assert set(identities) <= {title for title, _, _ in mirrored(corner.mirror).values()}
    for _ in range(2):
        assert corner.sync() == Synced(0, 0)
    assert corner.requests == 1, "what was taken in once is not asked for again"


HISTORY = st.lists(st.tuples(st.sampled_from(["edit", "edit", "move", "gone", "swap", "delete", "restore", "over", "sync", "sync"]),
                             st.sampled_from("abcd"), st.sampled_from("abcd")), min_size=2, max_size=9)


@pytest.mark.live
@settings(max_examples=12, deadline=None, phases=[Phase.explicit, Phase.reuse, Phase.generate],
          suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(HISTORY, st.randoms(use_true_random=False))
def test_any_history_of_a_mediawiki(
    mediawiki: MediaWikiServer, admin: Admin, tmp_path: Path, history: list[tuple[str, str, str]], chance: Random
) -> None:
    corner = Corner(mediawiki, admin, tmp_path)
    corner.mirror = Mirror(None)
    for step, one, other in history:
        # A page that is not there cannot be moved: the administrator is told so, and that is all.
        with contextlib.suppress(Exception):
            if step == "edit":
                admin.edit(corner.title(one), f"text {chance.random()}")
            elif step == "move":
                admin.move(corner.title(one), corner.title(other), redirect=chance.random() < 0.5)
            elif step == "gone":
                admin.move(corner.title(one), f"Elsewhere {corner.prefix}{one}", redirect=chance.random() < 0.5)
            elif step == "over":
                admin.move_over(corner.title(one), corner.title(other))
            elif step in ("swap", "delete", "restore"):
                getattr(admin, step)(*(corner.title(name) for name in ((one, other) if step == "swap" else (one,))))
        if step == "sync":
            corner.sync()
    assert corner.settles(), (history, mirrored(corner.mirror), corner.held())


@pytest.mark.live
def test_requests_are_at_the_floor(corner: Corner) -> None:
    assert (corner.sync(), corner.requests) == (Synced(0, 0), 1)
    for number in range(20):
        corner.admin.edit(corner.title(f"twenty/{number}"), f"text {number}")
    counts = []
    while len(mirrored(corner.mirror)) < 23:
        corner.sync()
        counts.append(corner.requests)
    assert sum(counts) - (len(counts) - 1) <= 2, counts
    assert (corner.sync(), corner.requests) == (Synced(0, 0), 1)
    for number in range(60):
        corner.admin.edit(corner.title(f"sixty/{number}"), f"text {number}")
    corner.settles()
    corner.mirror = Mirror(None)
    corner.sync()
    assert corner.requests <= 3 and len(mirrored(corner.mirror)) == 83


@pytest.mark.live
def test_changes_larger_than_one_answer_may_be(corner: Corner, mediawiki_doors: Callable[[str], Wiki]) -> None:
    for name in "abcdef":
        title = corner.title(name)
        mediawiki_doors("bot").write(Edit(title, f"{name} " + "x" * 2_000_000, "", head_of(mediawiki_doors("bot"), title)))
    assert corner.settles() and sum(len(text) for _, _, text in mirrored(corner.mirror).values()) > 12_000_000
    assert (corner.sync(), corner.requests) == (Synced(0, 0), 1)


@pytest.mark.live
def test_a_change_that_shows_late_is_found(corner: Corner) -> None:
    corner.admin.edit(corner.title("a"), "shows late")
    revision = corner.held()
    assert corner.settles()
    with contextlib.closing(sqlite3.connect(corner.server.folder / "data" / "wiki.sqlite", timeout=30)) as database:
        late = corner.admin.edit(corner.title("b"), "shows later still")
        for _ in range(1000):
            rows = database.execute("SELECT * FROM recentchanges WHERE rc_this_oldid = ?", (late,)).fetchall()
            if rows:
                break
        database.execute("DELETE FROM recentchanges WHERE rc_this_oldid = ?", (late,))
        database.commit()
        corner.admin.edit(f"Elsewhere {corner.prefix}", "so that time goes on")
        corner.sync()
        assert mirrored(corner.mirror) == revision
        database.executemany(f"INSERT INTO recentchanges VALUES ({','.join('?' * len(rows[0]))})", rows)
        database.commit()
    assert corner.settles() and "shows later still" in str(mirrored(corner.mirror))


def _cursor(corner: Corner, **changed: object) -> None:
    data = json.loads(corner.mirror.get("cursor") or "")
    corner.mirror.put({"cursor": json.dumps({**data, **changed})})


@pytest.mark.live
@pytest.mark.parametrize("changed", [
    {"time": "2020-01-01T00:00:00Z"}, {"full": "2020-01-01T00:00:00Z"}, {"wiki": "another wiki"}, {"edits": 10**9},
    {"time": "2099-01-01T00:00:00Z"},
], ids=["too old", "a day without comparison", "another wiki at the address", "a restored backup", "a clock that went back"])
def test_when_the_list_of_changes_cannot_be_trusted_all_is_compared(corner: Corner, changed: dict[str, object]) -> None:
    """And only the text that differs is read."""
    corner.admin.edit(corner.title("a"), "changed while nobody looked")
    assert corner.settles()
    with contextlib.closing(sqlite3.connect(corner.server.folder / "data" / "wiki.sqlite", timeout=30)) as database:
        database.execute("DELETE FROM recentchanges WHERE rc_title LIKE ?", (corner.prefix.replace(" ", "_") + "%",))
        database.commit()
    corner.mirror.forget([next(iter(mirrored(corner.mirror)))])
    assert corner.sync() == Synced(0, 0)
    _cursor(corner, **changed)
    assert corner.sync() == Synced(1, 0) and corner.settles()


@pytest.mark.live
def test_the_session_is_kept_for_its_owner_only_and_renewed(corner: Corner) -> None:
    assert corner.session.stat().st_mode & 0o777 == 0o600
    text = corner.session.read_text()
    assert corner.server.bot.password not in text
    corner.session.write_text(text.replace("Wikibridge", "Somebody else"))
    assert corner.sync() == Synced(0, 0) and corner.requests == 3
    data = json.loads(corner.session.read_text())
    corner.session.write_text(json.dumps({**data, "cookies": {}}))
    assert corner.sync() == Synced(0, 0) and corner.requests == 4, "refused, two to log in, answered"
    corner.session.write_text("{not json")
    assert corner.sync() == Synced(0, 0) and corner.requests == 3
    assert corner.sync() == Synced(0, 0) and corner.requests == 1


def test_a_local_name_of_a_template_is_learned_from_its_redirect(tmp_path: Path) -> None:
    with closing(FolderWiki(tmp_path / "wiki")) as wiki, closing(Mirror(None)) as mirror:
        for title, text in (("Template:Choix", "x"), ("Template:Mon action", "#REDIRECTION [[Modèle:Choix]]"),
                            ("Template:Geste", "#REDIRECT [[Template:Choix]]"), ("P/A", "{{Geste|titre=Vélo}}{{Mon action|titre=B}}")):
            wiki.write(Edit(title, text, "", None))
        sync(wiki, mirror, Selection(("P/",)), READER)
        assert mirror.counts()["entries"] == 1
        assert list(mirror.fields("choice").values()) == [{"title": "Vélo"}]
        # A name that is learned later counts on the pages that were read before.
        wiki.write(Edit("Template:Mon geste", "#REDIRECT [[Template:Choix]]", "", None))
        wiki.write(Edit("P/B", "{{Mon geste|titre=C}}", "", None))
        sync(wiki, mirror, Selection(("P/",)), READER)
        assert mirror.counts()["entries"] == 1
        mirror.put({"cursor": "lost"})
        sync(wiki, mirror, Selection(("P/",)), READER)
        assert mirror.counts()["entries"] == 2
        # And one that is no redirect any more counts no longer.
        (page,) = wiki.read(titles=["Template:Mon geste"])
        wiki.write(Edit(page.title, "x", "", Head(page.id, page.title, page.revision)))
        mirror.put({"cursor": "lost"})
        sync(wiki, mirror, Selection(("P/",)), READER)
        assert mirror.counts()["entries"] == 1
