"""What every door to a wiki must do, asked of the embedded wiki, of a real MediaWiki and of Tikis of several versions alike.

What a wiki cannot promise, its door names (``Guarantees``); where that shows, the test says what is promised in its place.
"""

from __future__ import annotations

import unicodedata
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.admin import Admin
from tests.tikis import PREFIX, REAL, SETUPS, TikiPlace, real_place
from wikibridge.demo.mediawiki_server import MediaWikiServer
from wikibridge.demo.tiki import TikiServer
from wikibridge.errors import (
    EditConflict,
    FileChanged,
    InvalidTitle,
    NoUploads,
    PageExists,
    PageMissing,
    PageProtected,
    Rejected,
    TooLong,
)
from wikibridge.model import Edit, File, Head, Page, Selection, Upload, sha1
from wikibridge.wikis.base import Files, Wiki, normal, normal_title
from wikibridge.wikis.file_names import file_name
from wikibridge.wikis.folder import FolderWiki
from wikibridge.wikis.tiki_text import fault


@dataclass(frozen=True)
class World:
    """A wiki with two accounts, and what only its administrator can do."""

    bot: Wiki
    citizen: Wiki
    protect: Callable[[str], None]
    delete: Callable[[str], None]
    rename: Callable[[str, str], None] | None
    cover: Callable[[str, bytes], None] | None = None
    """Put another version over a file, as an administrator may."""
    categorize: Callable[[str, str, str], None] | None = None
    """Where categories are not in the text: a page, its category, the category's parent."""

    @property
    def tiki(self) -> bool:
        return self.bot.info().dialect == "tiki"

    def renamed(self, old: str, new: str) -> None:
        if self.rename is None:
            pytest.skip("pages of a real Tiki cannot be renamed through its API")
        self.rename(old, new)

    def storable(self, text: str) -> bool:
        return self.bot.guarantees.any_text or fault(normal(text)) is None


def _folder_world(folder: Path) -> Iterator[World]:
    bot, citizen = FolderWiki(folder, user="bot"), FolderWiki(folder, user="citizen")

    def path(title: str) -> Path:
        return folder / file_name(title, ".wiki")

    def rename(old: str, new: str) -> None:
        path(new).parent.mkdir(exist_ok=True, parents=True)
        path(old).rename(path(new))

    yield World(bot, citizen, lambda title: path(title).chmod(0o444), lambda title: path(title).unlink(), rename,
                lambda name, data: (folder / "Files" / file_name(name, "")).write_bytes(data) and None)
    bot.close()
    citizen.close()


def _mediawiki_world(server: MediaWikiServer, doors: Callable[[str], Wiki], folder: Path) -> World:
    def listed(*lines: str) -> str:
        file = folder / f"{uuid.uuid4().hex}.txt"
        file.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return str(file)

    def cover(name: str, data: bytes) -> None:
        site = Admin(server).site
        site.raw_call("api", {"action": "upload", "filename": name, "ignorewarnings": "1", "format": "json", "token": site.get_token("csrf")},
                      files={"file": ("file", data)})

    return World(
        doors("bot"), doors("Citizen"),
        lambda title: server.maintenance("protect", "--user", "Admin", "--", title) and None,
        lambda title: server.maintenance("deleteBatch", "-u", "Admin", "--", listed(title)) and None,
        lambda old, new: server.maintenance("moveBatch", "--u", "Admin", "--noredirects", "--", listed(f"{old}|{new}")) and None,
        cover,
    )


def _tiki_world(place: TikiPlace) -> World:
    return World(place.door("bot", quiet=timedelta()), place.door("citizen", quiet=timedelta()), place.lock, place.delete, place.rename,
                 categorize=place.categorize)


@pytest.fixture(scope="session", params=[
    "folder", pytest.param("mediawiki", marks=pytest.mark.live), *(f"Tiki {name}" for name in SETUPS),
    pytest.param("a real Tiki", marks=pytest.mark.skipif(not REAL, reason="WIKIBRIDGE_TIKI_URL is not set"))])
def world(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("contract")
    if request.param == "folder":
        yield from _folder_world(folder)
    elif request.param == "a real Tiki":
        with real_place() as place:
            yield _tiki_world(place)
    elif request.param.startswith("Tiki "):
        with TikiServer(SETUPS[request.param.removeprefix("Tiki ")]) as server, TikiPlace.of(server) as place:
            yield _tiki_world(place)
    else:
        yield _mediawiki_world(request.getfixturevalue("mediawiki"), request.getfixturevalue("mediawiki_doors"), folder)


def fresh(name: str = "Page") -> str:
    """A title that no other test has."""
    return f"{PREFIX}{name} {uuid.uuid4().hex[:12]}"


def the(wiki: Wiki, title: str) -> Page:
    (page,) = wiki.read(titles=[title])
    return page


def head(page: Page) -> Head:
    return Head(page.id, page.title, page.revision)


def test_a_created_page_reads_back_as_it_was_saved(world: World) -> None:
    title = fresh()
    saved = world.bot.write(Edit(title, "one\n\ntwo", "made", None))
    page = the(world.citizen, title)
    assert (page.id, page.title, page.revision) == (saved.head.id, saved.head.title, saved.head.revision)
    assert page.text == "one\n\ntwo" and page.time == saved.time and not saved.merged
    assert page.editor.casefold() in world.bot.info().account.casefold()


def test_creating_never_touches_a_page_that_exists(world: World) -> None:
    title = fresh()
    world.citizen.write(Edit(title, "a citizen's words", "", None))
    before = the(world.bot, title)
    with pytest.raises(PageExists):
        world.bot.write(Edit(title, "ours", "", None))
    assert the(world.bot, title) == before


def test_an_update_changes_the_revision_that_it_was_computed_from(world: World) -> None:
    title = fresh()
    first = world.bot.write(Edit(title, "one", "", None))
    second = world.bot.write(Edit(title, "two", "", first.head))
    assert second.head.id == first.head.id and second.head.revision > first.head.revision
    assert the(world.bot, title).text == "two"


@pytest.mark.parametrize("who", ["citizen", "bot"])
def test_an_update_of_an_older_revision_is_a_conflict_even_with_oneself_and_within_a_second(world: World, who: str) -> None:
    title = fresh()
    base = world.bot.write(Edit(title, "one", "", None)).head
    getattr(world, who).write(Edit(title, "one, changed meanwhile", "", base))
    with pytest.raises(EditConflict):
        world.bot.write(Edit(title, "one, changed by us", "", base))
    assert the(world.bot, title).text == "one, changed meanwhile"


def test_the_same_text_again_makes_no_revision(world: World) -> None:
    title = fresh()
    first = world.bot.write(Edit(title, "same", "", None))
    world.bot.write(Edit(title, "same", "", first.head))
    assert the(world.bot, title).revision == first.head.revision


def test_a_page_deleted_meanwhile_is_not_made_again(world: World) -> None:
    title = fresh()
    base = world.bot.write(Edit(title, "one", "", None)).head
    world.delete(title)
    with pytest.raises((PageMissing, EditConflict)):
        world.bot.write(Edit(title, "two", "", base))
    assert not list(world.bot.read(titles=[title])) and not list(world.bot.read(ids=[base.id]))


def test_a_page_deleted_and_made_anew_by_others_is_another_page(world: World) -> None:
    title = fresh()
    base = world.bot.write(Edit(title, "one", "", None)).head
    world.delete(title)
    world.citizen.write(Edit(title, "a new page of mine", "", None))
    with pytest.raises((PageMissing, EditConflict)):
        world.bot.write(Edit(title, "two", "", base))
    assert the(world.bot, title).text == "a new page of mine"


def test_a_renamed_page_keeps_its_identity_and_is_written_under_its_new_title(world: World) -> None:
    old, new = fresh("Old"), fresh("New")
    base = world.bot.write(Edit(old, "one", "", None)).head
    world.renamed(old, new)
    (page,) = world.bot.read(ids=[base.id])
    assert page.title == new and page.text == "one"
    world.bot.write(Edit(old, "two", "", head(page)))
    assert the(world.bot, new).text == "two" and not list(world.bot.read(titles=[old]))


def test_a_protected_page_is_told_and_not_touched(world: World) -> None:
    title = fresh()
    base = world.bot.write(Edit(title, "one", "", None)).head
    world.protect(title)
    page = the(world.bot, title)
    with pytest.raises(PageProtected):
        world.bot.write(Edit(title, "two", "", head(page)))
    assert the(world.bot, title).text == "one" and page.id == base.id


@pytest.mark.parametrize("title", ["", " ", "A [bracket]", "A|B", "A#b", "A<b>", "{{A}}", "A ~~~~", "A%41", "../A", "A/./b", "A/.."])
def test_titles_that_no_page_can_have(world: World, title: str) -> None:
    with pytest.raises(InvalidTitle):
        world.bot.write(Edit(title, "text", "", None))


def test_a_title_that_is_too_long(world: World) -> None:
    with pytest.raises(InvalidTitle):
        world.bot.write(Edit("é" * 128, "text", "", None))
    title = fresh() + "x"
    title += "é" * ((world.bot.info().title_limit - len(title)) // 2)
    world.bot.write(Edit(title, "text", "", None))
    assert the(world.bot, title).text == "text"


@pytest.mark.parametrize("text", ["", " \n\t\n"])
def test_an_empty_text_is_refused(world: World, text: str) -> None:
    with pytest.raises(Rejected):
        world.bot.write(Edit(fresh(), text, "", None))


def test_a_text_that_is_too_long(world: World) -> None:
    limit = world.bot.info().text_limit
    title = fresh()
    with pytest.raises(TooLong):
        world.bot.write(Edit(title, "é" * (limit // 2) + "x", "", None))
    assert not list(world.bot.read(titles=[title]))


def test_titles_and_texts_are_composed(world: World) -> None:
    title = fresh("Élise ñ")
    world.bot.write(Edit(unicodedata.normalize("NFD", title), unicodedata.normalize("NFD", "é à ç ệ"), "", None))
    page = the(world.bot, unicodedata.normalize("NFD", title))
    assert page.title == title and page.text == "é à ç ệ"
    with pytest.raises(PageExists):
        world.bot.write(Edit(title, "again", "", None))


@pytest.mark.parametrize("name", ["ünï", "Ελλάδα", "Участник", "日本", "العربية", "עברית", "emoji 🌱", "a/b/c", "dot.", "CON", "Ca: b", "é'“", "می‌خواهم", "👩‍🌾"])
def test_titles_of_any_script(world: World, name: str) -> None:
    title = fresh(name)
    saved = world.bot.write(Edit(title, name, "", None))
    assert saved.head.title == world.bot.title(title) == (normal_title(title) if world.bot.guarantees.exact_titles else title)
    assert the(world.bot, title).text == name


@pytest.mark.parametrize("text", ["a\r\nb\rc", "end \n\n \t", "  lead", "a\n \nb  \nc", "nb\u00a0sp\u200bzw\u2028ls 🌱", "tab\tx", "bell\x07"])
def test_a_text_is_stored_as_the_rule_says(world: World, text: str) -> None:
    title = fresh()
    world.bot.write(Edit(title, text, "", None))
    assert the(world.bot, title).text == normal(text)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=60).map(lambda t: "x" + t.replace("~~~", "").replace("{", "").replace("[", "")))
def test_any_text_is_stored_as_the_rule_says(world: World, text: str) -> None:
    title = fresh()
    if not world.storable(text):
        with pytest.raises(Rejected):
            world.bot.write(Edit(title, text, "", None))
        assert not list(world.bot.read(titles=[title]))
        return
    world.bot.write(Edit(title, text, "", None))
    assert the(world.bot, title).text == normal(text)


def test_a_redirect_is_a_page_of_its_own(world: World) -> None:
    target, title = fresh("Target"), fresh("Redirect")
    world.bot.write(Edit(target, "target", "", None))
    base = world.bot.write(Edit(title, f"#REDIRECT [[{target}]]", "", None)).head
    assert the(world.bot, title).text.startswith("#REDIRECT")
    world.bot.write(Edit(title, f"#REDIRECT [[{target}]]\nmore", "", base))
    assert the(world.bot, target).text == "target" and the(world.bot, title).text.endswith("more")


def test_reading_by_batches_leaves_out_what_is_not_there(world: World) -> None:
    prefix = fresh("Many")
    limit = world.citizen.info().batch
    heads = [world.bot.write(Edit(f"{prefix}/{n:03}", f"text {n}" + "x" * n, "", None)).head for n in range(60)]
    wanted = [h.title for h in heads] + [f"{prefix}/missing", "A|B"]
    for wiki in (world.bot, world.citizen):
        before = wiki.requests
        assert {page.title: page.text for page in wiki.read(titles=wanted)} == {
            h.title: f"text {n}" + "x" * n for n, h in enumerate(heads)}
        assert {page.id for page in wiki.read(ids=[h.id for h in heads] + [10**9])} == {h.id for h in heads}
        assert wiki.requests - before <= 2 * -(-62 // wiki.info().batch)
    assert limit >= 50


def test_listing_a_selection_gives_each_page_once(world: World) -> None:
    prefix = fresh("Listed")
    inside = [world.bot.write(Edit(f"{prefix}/{n}", "x", "", None)).head for n in range(5)]
    alone = world.bot.write(Edit(fresh("Alone"), "x", "", None)).head
    known = world.bot.write(Edit(fresh("Known"), "x", "", None)).head
    selection = Selection((f"{prefix}/",), frozenset({alone.title, inside[0].title, fresh("Nowhere")}), frozenset({known.id, inside[1].id}))
    found = list(world.bot.list(selection))
    assert sorted(found, key=lambda h: h.id) == [*inside, alone, known]


def test_changes_tell_of_everything_since_the_cursor(world: World) -> None:
    prefix = fresh("Changing")
    kept, edited, gone, old = (world.bot.write(Edit(f"{prefix}/{n}", "one", "", None)).head for n in range(4))
    selection = Selection((f"{prefix}/",))
    start = world.bot.changes(None, selection)
    assert not start.complete
    assert set(world.bot.list(selection)) == {kept, edited, gone, old}
    edited = world.citizen.write(Edit(edited.title, "two", "", edited)).head
    new = world.citizen.write(Edit(f"{prefix}/new", "new", "", None)).head
    elsewhere = world.citizen.write(Edit(fresh("Elsewhere"), "x", "", None)).head
    world.delete(gone.title)
    if not world.bot.guarantees.all_changes:
        # A page is missing: all is to be compared.
        assert not world.bot.changes(start.cursor, selection).complete
        assert set(world.bot.list(selection)) == {kept, edited, new, old}
    world.renamed(old.title, f"{prefix}/renamed")
    wanted = {edited.id: edited.title, new.id: new.title, old.id: f"{prefix}/renamed"}

    def seen() -> bool:
        changes = world.bot.changes(start.cursor, selection)
        if not world.bot.guarantees.all_changes:
            assert not changes.complete
            return wanted.items() <= {h.id: h.title for h in world.bot.list(selection)}.items()
        assert changes.complete and elsewhere.id not in {h.id for h in changes.touched}
        touched = {h.id: h for h in changes.touched}
        return (gone.id in changes.gone and wanted.items() <= {h.id: h.title for h in changes.touched}.items()
                and touched[edited.id].revision == edited.revision)

    # A server's list of changes follows the answer to an edit by a moment: asked until it is there, else the test ends.
    assert any(seen() for _ in range(100))


def test_a_cursor_of_another_wiki_tells_nothing(world: World) -> None:
    assert not world.bot.changes("elsewhere 2020-01-01T00:00:00Z", Selection(("X",))).complete


def test_what_is_listed_can_be_read(world: World) -> None:
    prefix = fresh("Same")
    for n in range(3):
        world.bot.write(Edit(f"{prefix}/{n}", f"{n}", "", None))
    heads = list(world.bot.list(Selection((prefix,))))
    pages = list(world.bot.read(ids=[h.id for h in heads]))
    assert {head(p) for p in pages} == set(heads)
    assert {replace(p, text="") for p in pages} == {replace(p, text="") for p in world.bot.read(titles=[h.title for h in heads])}


@pytest.mark.parametrize("kind", ["category", "template", "list", "namespace"])
def test_selections_by_what_pages_hold(world: World, kind: str) -> None:
    name = fresh("Sel").replace(" ", "-")

    def put(title: str, text: str) -> Head:
        if world.tiki:
            text = text.replace("<nowiki>", "~np~").replace("</nowiki>", "~/np~").replace("[[", "((").replace("]]", "))").replace("((:", "((")
        base = next(iter(world.bot.read(titles=[title])), None)
        return world.citizen.write(Edit(title, text, "", head(base) if base else None)).head

    inside, outside, later = f"{name}/inside", f"{name}/outside", f"{name}/later"
    if kind == "category" and world.tiki:
        if world.categorize is None:
            pytest.skip("categories of a real Tiki need an administrator")
        selection = Selection(categories=(f"Category:{name}",))
        text = deep = "in a category"
        put(outside, "in none")
        expected = {inside, f"{name}/deep"}
    elif kind == "template" and world.tiki:
        selection = Selection(templates=(f"Template:{name}",))
        called = name.replace("-", "").replace("/", "").upper()
        text, deep = f"{{{called}(a=b)/}}", f"x {{{called}()}}y{{{called}}}"
        put(outside, f"~tc~ {{{called}()/}} ~/tc~")
        expected = {inside, f"{name}/deep"}
    elif kind == "category":
        selection = Selection(categories=(f"Category:{name}",))
        put(f"Category:{name} below", f"x [[Category:{name}]]")
        text, deep = f"x [[Category:{name}]]", f"[[Category:{name} below]]"
        put(outside, f"<nowiki>[[Category:{name}]]</nowiki> [[:Category:{name}]]")
        expected = {inside, f"{name}/deep", f"Category:{name} below"}
    elif kind == "template":
        selection = Selection(templates=(f"Template:{name}",))
        put(f"Template:{name}", "a box")
        text, deep = f"{{{{{name}|a=b}}}}", f"x {{{{template:{name}}}}}"
        put(outside, f"<!-- {{{{{name}}}}} -->")
        expected = {inside, f"{name}/deep"}
    elif kind == "list":
        selection = Selection(lists=(f"{name}/list",))
        text, deep = "in the list", "in the list too"
        put(outside, "not in the list")
        put(f"{name}/list", f"* [[{inside}]]\n* [[:{name}/deep|label]] <nowiki>[[{outside}]]</nowiki>")
        expected = {inside, f"{name}/deep"}
    else:
        selection = Selection((name,), namespaces=("Help",))
        inside, outside, later = f"Help:{name}/inside", f"Help talk:{name}", f"Help:{name}/later"
        text, deep = "x", "x"
        put(outside, "x")
        expected = {inside, f"{name}/deep"}
    put(inside, text)
    put(f"{name}/deep", deep)
    if kind == "category" and world.categorize:
        world.categorize(inside, name, "")
        world.categorize(f"{name}/deep", f"{name} below", name)

    def listed() -> set[str]:
        return {h.title for h in world.bot.list(selection) if name in h.title}

    # Indexes of what pages hold follow the answer to an edit by a moment.
    assert any(listed() == expected for _ in range(100)), listed()
    start = world.bot.changes(None, selection).cursor
    put(later, text)
    if kind == "category" and world.categorize:
        world.categorize(later, name, "")
    put(outside, "x" if kind == "namespace" else "still not")
    if kind == "list":
        put(f"{name}/list", f"[[{later}]]")
        expected = {later}
    else:
        expected |= {later}

    def seen() -> bool:
        changes = world.bot.changes(start, selection)
        told = {h.title for h in changes.touched}
        return (not changes.complete and listed() == expected) or (changes.complete and later in told and outside not in told)

    assert any(seen() for _ in range(100))


def test_redirects_to_a_template_are_known(world: World) -> None:
    if not world.bot.guarantees.redirects:
        assert world.bot.redirects(["Template:X"]) == {}
        return
    other, target = (f"Template:Contract {name}" for name in ("Mon choix", "Choix"))
    for title, text in ((target, "x"), (other, f"#REDIRECT [[{target}]]"), (f"{other} bis", f"see [[{target}]]")):
        world.bot.write(Edit(title, text, "", None))
    assert world.bot.redirects([target, f"{target} none"]) == {world.bot.title(other): world.bot.title(target)}


# Files, where a wiki takes them from us

SQUARE = '<svg xmlns="http://www.w3.org/2000/svg" width="{0}" height="{0}"><rect width="{0}" height="{0}"/></svg>'


@pytest.fixture
def shelf(world: World) -> World:
    """A wiki that takes files."""
    if not isinstance(world.bot, Files):
        pytest.skip("this kind of wiki takes no files from us")
    return world


def square(size: int) -> bytes:
    return SQUARE.format(size).encode()


def sent(wiki: Wiki, name: str, data: bytes, base: str = "", text: str = "What it is.") -> None:
    assert isinstance(wiki, Files) and "svg" in wiki.info().files
    wiki.upload(Upload(name, data, text, "why", base))


def file(wiki: Wiki, name: str) -> File | None:
    assert isinstance(wiki, Files)
    return wiki.files([name]).get(name)


@pytest.mark.parametrize("name", ["Chart", "Été – ünï", "日本 العربية", "A & B (c), d's \"e\""])
def test_an_uploaded_file_is_known_by_its_digest_and_described(shelf: World, name: str) -> None:
    name = fresh(name) + ".svg"
    assert file(shelf.bot, name) is None
    sent(shelf.bot, name, square(8))
    found = file(shelf.bot, name)
    assert found and (found.name, found.sha1, found.ours) == (name, sha1(square(8)), True)
    seen = file(shelf.citizen, name)
    assert seen and (seen.sha1, seen.ours) == (found.sha1, False) and seen.editor == found.editor
    assert the(shelf.citizen, f"File:{name}").text == "What it is."


def test_a_new_version_takes_the_place_of_the_one_it_names_and_of_no_other(shelf: World) -> None:
    name = fresh("Version") + ".svg"
    sent(shelf.bot, name, square(1))
    sent(shelf.bot, name, square(2), sha1(square(1)))
    for base in ("", sha1(square(1)), "0" * 40):
        with pytest.raises(FileChanged):
            sent(shelf.bot, name, square(3), base)
    found = file(shelf.bot, name)
    assert found and found.sha1 == sha1(square(2))


def test_the_same_file_again_is_no_mistake_and_under_another_name_too(shelf: World) -> None:
    name, other = (fresh("Same") + ".svg" for _ in range(2))
    sent(shelf.bot, name, square(4))
    sent(shelf.bot, other, square(4))
    sent(shelf.bot, name, square(4), sha1(square(4)))
    assert file(shelf.bot, name) and file(shelf.bot, other)


def test_the_description_that_somebody_wrote_stays(shelf: World) -> None:
    name = fresh("Described") + ".svg"
    shelf.citizen.write(Edit(f"File:{name}", "A citizen's words.", "", None))
    sent(shelf.bot, name, square(5))
    sent(shelf.bot, name, square(6), sha1(square(5)))
    assert the(shelf.bot, f"File:{name}").text == "A citizen's words."


def test_a_file_of_somebody_else_is_not_covered(shelf: World) -> None:
    name = fresh("Theirs") + ".svg"
    sent(shelf.citizen, name, square(1))
    for base in ("", sha1(square(1))):
        with pytest.raises(FileChanged):
            sent(shelf.bot, name, square(2), base)
    # Nor is ours after somebody put another version over it.
    name = fresh("Ours") + ".svg"
    sent(shelf.bot, name, square(1))
    shelf.cover(name, square(7))
    with pytest.raises(FileChanged):
        sent(shelf.bot, name, square(2), sha1(square(7)))
    found = file(shelf.bot, name)
    assert found and (found.sha1, found.ours) == (sha1(square(7)), False)


def test_an_earlier_version_counts_again(shelf: World) -> None:
    name = fresh("Back") + ".svg"
    assert isinstance(shelf.bot, Files)
    for size in (1, 2, 3):
        sent(shelf.bot, name, square(size), sha1(square(size - 1)) if size > 1 else "")
    shelf.bot.restore(name, sha1(square(3)), sha1(square(1)), "back")
    found = file(shelf.bot, name)
    assert found and (found.sha1, found.ours) == (sha1(square(1)), True)
    for base, wanted in ((sha1(square(3)), sha1(square(2))), (sha1(square(1)), "0" * 40)):
        with pytest.raises((FileChanged, Rejected)):
            shelf.bot.restore(name, base, wanted, "")
    found = file(shelf.bot, name)
    assert found and found.sha1 == sha1(square(1))


@pytest.mark.parametrize(("name", "error"), [
    ("A.exe", NoUploads), ("no ending", (NoUploads, Rejected)), ("A|B.svg", InvalidTitle), ("é" * 130 + ".svg", InvalidTitle)])
def test_files_that_no_wiki_takes(shelf: World, name: str, error: type[Exception] | tuple[type[Exception], ...]) -> None:
    with pytest.raises(error):
        sent(shelf.bot, name, square(1))


def test_many_files_are_asked_for_at_once(shelf: World) -> None:
    kept = [fresh("Many") + ".svg" for _ in range(3)]
    for number, name in enumerate(kept):
        sent(shelf.bot, name, square(20 + number))
    assert isinstance(shelf.bot, Files)
    before = shelf.bot.requests
    found = shelf.bot.files([*kept, *(f"Missing {n}.svg" for n in range(60)), "Bad|name.svg"])
    assert found.keys() == set(kept) and shelf.bot.requests - before <= 2
