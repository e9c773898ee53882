"""XML dumps: what MediaWiki writes is read, what we write it takes, and a broken one is told with its place."""

from __future__ import annotations

import bz2
import gzip
import subprocess
import sys
import tracemalloc
import uuid
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from wikibridge import Session, Site
from wikibridge.demo.mediawiki_server import MediaWikiServer
from wikibridge.entries.types import shipped
from wikibridge.errors import SettingsError
from wikibridge.mirror import dumps
from wikibridge.mirror.store import Mirror
from wikibridge.mirror.sync import Reader
from wikibridge.model import Edit, Page, Selection
from wikibridge.wikis.base import Wiki, normal
from wikibridge.wikis.mediawiki import MediaWikiWiki

TIME = datetime(2020, 11, 3, 10, tzinfo=UTC)
READER = Reader(shipped(), "en", Selection())
WORDS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=60).map(normal)


def dump(*pages: str) -> str:
    return f'<mediawiki xmlns="{dumps.NAMESPACE}"><siteinfo><sitename>x</sitename></siteinfo>{"".join(pages)}</mediawiki>'


def page(number: int, title: str, *revisions: str, ns: int = 0) -> str:
    return f"<page><title>{title}</title><ns>{ns}</ns><id>{number}</id>{''.join(revisions)}</page>"


def revision(number: int, text: str, time: str = "2020-01-01T00:00:00Z") -> str:
    return f"<revision><id>{number}</id><timestamp>{time}</timestamp><contributor><username>A</username><id>9</id></contributor>{text}</revision>"


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.builds(Page, st.integers(1, 10**9), st.sampled_from(["A", "Help:B & <c>", "Template:Ä"]), st.integers(1, 10**9), WORDS,
                          st.just(TIME), st.sampled_from(["Ana", "by hand"])), max_size=4), st.sampled_from(["x.xml", "x.xml.gz", "x.xml.bz2"]))
def test_what_is_written_is_read(tmp_path: Path, pages: list[Page], name: str) -> None:
    assert dumps.write(pages, tmp_path / name, "x") == len(pages)
    assert list(dumps.read(tmp_path / name)) == pages


def test_the_newest_revision_counts_whatever_the_order(tmp_path: Path) -> None:
    (tmp_path / "d.xml").write_text(dump(
        page(1, "A", revision(5, "<text>new</text>", "2021-01-01T00:00:00Z"), revision(4, "<text>old</text>")),
        page(2, "Hilfe:B", revision(6, "<text/>"), ns=12), page(3, "Hidden", revision(7, '<text deleted="deleted"/>')), page(4, "No revision")))
    assert [(p.id, p.title, p.revision, p.text) for p in dumps.read(tmp_path / "d.xml")] == [(1, "A", 5, "new"), (2, "Help:B", 6, "")]


BOMB = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]>' + dump(page(1, "&b;"))
BROKEN = {
    "truncated": dump(page(1, "A", revision(1, "<text>x</text>")), page(2, "B"))[:-40].encode(), "not XML": b"hello", "empty": b"", "HTML": b"<html><body/></html>",
    "an entity bomb": BOMB.encode(), "wrong encoding": dump(page(1, "\u00e9")).encode("latin-1"), "no number": dump(page(1, "A", "<revision><id>x</id><text/></revision>")).encode(),
    "truncated.bz2": bz2.compress(dump(page(1, "A" * 5000)).encode())[:-20], "truncated.gz": gzip.compress(dump(page(1, "A" * 5000)).encode())[:-20],
    "not packed.gz": b"<mediawiki/>", "packed.7z": b"7z",
}


@pytest.mark.parametrize("case", BROKEN)
def test_broken_dumps_are_told_with_their_place(tmp_path: Path, case: str) -> None:
    path = tmp_path / case
    path.write_bytes(BROKEN[case])
    with pytest.raises(SettingsError) as caught:
        list(dumps.read(path))
    assert str(path) in str(caught.value) and ("byte" in str(caught.value) or case.endswith("7z"))


def test_what_came_before_a_break_is_kept_and_the_rest_read_from_the_wiki(make_site: Callable[..., Site]) -> None:
    site = make_site("name\nAna\nEva\n")
    with Session(site) as session:
        session.run()
        dumps.write(session.mirror.every(), site.folder / "whole.xml", "x")
        session.mirror.empty()
        text = (site.folder / "whole.xml").read_text(encoding="utf-8")
        (site.folder / "cut.xml").write_text(text[: len(text) * 3 // 4], encoding="utf-8")
        with pytest.raises(SettingsError):
            session.fill(site.folder / "cut.xml")
        assert session.sync() <= 5
        assert len(session.mirror.heads()) == 5


def test_an_older_dump_takes_nothing_back_and_only_what_is_selected_comes_in(tmp_path: Path) -> None:
    mirror = Mirror(None)
    mirror.put({"cursor": "x"})
    mirror.save([(Page(1, "P/A", 9, "newer", TIME), (), ())])
    (tmp_path / "d.xml").write_text(dump(page(1, "P/A", revision(5, "<text>old</text>")), page(2, "P/B", revision(6, "<text>b</text>")),
                                         page(3, "Q", revision(7, "<text>q [[Category:In]]</text>")), page(4, "R", revision(8, "<text>r</text>"))))
    filled = dumps.fill(mirror, tmp_path / "d.xml", Selection(("P/",), categories=("Category:In",)), READER)
    assert (filled.read, filled.taken) == (4, 2) and mirror.get("cursor") == ""
    assert {p.title: p.text for p in mirror.every()} == {"P/A": "newer", "P/B": "b", "Q": "q [[Category:In]]"}


def test_memory_stays_flat(tmp_path: Path) -> None:
    def peak(pages: int) -> int:
        path = tmp_path / f"{pages}.xml"
        dumps.write((Page(n, f"P/{n}", n, "word " * 200, TIME) for n in range(pages)), path, "x")
        tracemalloc.start()
        assert sum(1 for _ in dumps.read(path)) == pages
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return most

    assert peak(3000) < 1.5 * peak(300)


@pytest.mark.live
def test_mediawiki_takes_what_we_write_and_we_what_it_writes(
    mediawiki: MediaWikiServer, mediawiki_doors: Callable[[str], Wiki], tmp_path: Path
) -> None:
    prefix = f"Dump {uuid.uuid4().hex[:8]}/"
    texts = {f"{prefix}A & <b>".replace("<b>", "b"): "one <b>&amp;</b> é\n\n* two", f"Help:{prefix}ü": "[[x]] {{y|z}}", f"{prefix}c": "🌱"}
    path = tmp_path / "ours.xml"
    dumps.write([Page(n, title, n, text, TIME, "Somebody") for n, (title, text) in enumerate(texts.items(), 10**6)], path, "x")
    mediawiki.maintenance("importDump", str(path))
    bot = mediawiki_doors("bot")
    assert {p.title: p.text for p in bot.read(titles=texts)} == texts
    theirs = tmp_path / "theirs.xml"
    mediawiki.maintenance("dumpBackup", "--full", f"--output=file:{theirs}")
    found = {p.title: p for p in dumps.read(theirs) if prefix in p.title}
    assert found == {p.title: p for p in bot.read(titles=texts)}


@pytest.mark.live
def test_a_mirror_filled_from_a_dump_needs_few_requests(mediawiki: MediaWikiServer, mediawiki_doors: Callable[[str], Wiki], tmp_path: Path) -> None:
    prefix = f"Dump {uuid.uuid4().hex[:8]}/"
    bot = mediawiki_doors("bot")
    for number in range(60):
        bot.write(Edit(f"{prefix}{number}", f"text {number}", "", None))
    mediawiki.maintenance("dumpBackup", "--current", f"--output=bzip2:{tmp_path / 'd.xml.bz2'}")
    bot.write(Edit(f"{prefix}later", "later", "", None))
    (tmp_path / "wikibridge.yml").write_text(
        f"wiki: {{kind: mediawiki, address: '{mediawiki.address}api.php', account: {mediawiki.bot.name}}}\nparticipants: \"{prefix}\"\n")
    (tmp_path / "password").write_text(mediawiki.bot.password)
    (tmp_path / "password").chmod(0o600)
    # Questions are looked for on every page that anybody edits, which others do here.
    (tmp_path / "jobs").mkdir()
    (tmp_path / "jobs" / "answers.yml").write_text("", encoding="utf-8")
    done = subprocess.run([sys.executable, "-m", "wikibridge", "import", "d.xml.bz2"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    taken = int(done.stdout.partition(" in the dump, ")[2].partition(" ")[0])
    assert taken >= 60
    with Session(Site(tmp_path)) as session:
        assert session.sync() == 0
        assert f"{prefix}later" in {head.title for head in session.mirror.heads().values()}
    # That look took in what the log says of the last minutes, on this shared wiki; from now on there is nothing new.
    with Session(Site(tmp_path)) as session:
        assert session.sync() == 0 and session.wiki.requests == 1
    assert subprocess.run([sys.executable, "-m", "wikibridge", "export", "out.xml.gz"], cwd=tmp_path, check=False).returncode == 0
    with closing(MediaWikiWiki(mediawiki.address + "api.php", mediawiki.bot.name, mediawiki.bot.password)) as wiki:
        assert {p.title: p for p in dumps.read(tmp_path / "out.xml.gz")} == {p.title: p for p in wiki.read(
            titles=[p.title for p in dumps.read(tmp_path / "out.xml.gz")])}
