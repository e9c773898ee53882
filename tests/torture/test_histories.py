"""Any history of edits, moves, deletions, runs, crashes, undos and new templates, on a folder, against a simple model."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from tests.places import make_corner
from tests.torture.conftest import LONG, TALLY
from wikibridge import Session
from wikibridge.errors import Unreachable
from wikibridge.model import Edit, Head, Page, Saved
from wikibridge.wikis.folder import FolderWiki

PARTICIPANTS = ("Corner/P/Ana Silva", "Corner/P/École verte")
PAGES = (*PARTICIPANTS, "Corner/Summary en")


class Histories(RuleBasedStateMachine):
    """``words`` are those that people typed, by page id; ``gone`` the ids of deleted pages."""

    @initialize()
    def begin(self) -> None:
        self.folder = Path(tempfile.mkdtemp())
        self.site = make_corner(self.folder / "site", "kind: folder", "Corner/")
        (self.site.folder / "jobs" / "participants.yml").write_text("kind: participants\nupgrade: yes\n", encoding="utf-8")
        self.version(0)
        self.citizen = FolderWiki(self.site.folder / "wiki", user="citizen")
        self.words: dict[int, list[str]] = {}
        self.gone: set[int] = set()
        self.typed = 0
        self.ids: dict[str, int] = {}

    def teardown(self) -> None:
        if hasattr(self, "folder"):
            self.citizen.close()
            shutil.rmtree(self.folder)

    def page(self, title: str) -> Page | None:
        """The page that was first seen under a title, however it is called now."""
        if title not in self.ids:
            for page in self.citizen.read(titles=[title]):
                self.ids[title] = page.id
        return next(iter(self.citizen.read(ids=[self.ids[title]])), None) if title in self.ids else None

    def version(self, number: int) -> None:
        for language in ("en", "fr", "pt"):
            path = self.site.folder / "page_templates" / "mediawiki" / language / "participant.wiki"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(f"{{{{Participant\n|name=<< name >>\n|territory=<< territory >>\n}}}}\n\nVersion {number}.\n\nThe end.",
                            encoding="utf-8")

    @rule(title=st.sampled_from(PAGES), how=st.sampled_from(["end", "top", "choice", "inside"]))
    def edit(self, title: str, how: str) -> None:
        page = self.page(title)
        if page is None:
            return
        self.typed += 1
        TALLY["user edits"] += 1
        word = f"word{self.typed}x"
        text = {
            "end": f"{page.text}\n\n{word}", "top": f"{word}\n\n{page.text}",
            "choice": f"{page.text}\n\n{{{{Choice|title={word}|date=2021|theme=transport}}}}",
            "inside": page.text.replace("<!-- wikibridge:end", f"{word}\n<!-- wikibridge:end", 1)}[how]
        if word in text:
            self.citizen.write(Edit(page.title, text, "", Head(page.id, page.title, page.revision)))
            self.words.setdefault(page.id, []).append(word)

    @rule(title=st.sampled_from(PARTICIPANTS))
    def move(self, title: str) -> None:
        page = self.page(title)
        if page:
            self.typed += 1
            (file,) = (self.site.folder / "wiki").rglob(f"{page.title.rpartition('/')[2]}.wiki")
            file.rename(file.with_name(f"Moved {self.typed}.wiki"))

    @rule(title=st.sampled_from(PARTICIPANTS))
    def delete(self, title: str) -> None:
        page = self.page(title)
        if page:
            (file,) = (self.site.folder / "wiki").rglob(f"{page.title.rpartition('/')[2]}.wiki")
            file.unlink()
            self.gone.add(page.id)
            self.words.pop(page.id, None)

    @rule(number=st.integers(1, 3))
    def new_template(self, number: int) -> None:
        self.version(number)

    @rule()
    def run(self) -> None:
        TALLY["trials"] += 1
        with Session(self.site) as session:
            assert not session.run().failed

    @rule(at=st.integers(1, 6), saved=st.booleans())
    def crash(self, at: int, saved: bool) -> None:
        """A run whose answers stop coming at one of its writes, which was saved or not."""
        with Session(self.site) as session:
            real, count = session.wiki.write, 0

            def write(edit: Edit) -> Saved:
                nonlocal count
                count += 1
                if count < at:
                    return real(edit)
                if saved and count == at:
                    real(edit)
                raise Unreachable("unreachable", "the wiki", "cut")

            session.wiki.write = write  # type: ignore[method-assign]
            try:
                session.run()
            except Unreachable:
                TALLY["fault crash"] += 1

    @rule()
    def undo(self) -> None:
        with Session(self.site) as session:
            runs = [number for number, _, result in session.journal.runs() if result and (result["changed"] or result["created"])]
            if runs:
                session.undo(runs[0], many=True)

    @invariant()
    def nothing_is_lost_or_doubled(self) -> None:
        if not hasattr(self, "words"):
            return
        pages = {page.id: page for page in self.citizen.read(ids=self.words)}
        for number, words in self.words.items():
            assert number in pages and all(word in pages[number].text for word in words)
        names = [page.text for page in self.citizen.read(titles=PARTICIPANTS) if page.id in self.gone]
        assert not names
        for title, number in self.ids.items():
            if number in self.gone:
                assert not list(self.citizen.read(titles=[title])), "created again"

    @rule()
    def two_quiet_runs(self) -> None:
        for _ in range(2):
            with Session(self.site) as session:
                last = session.run()
        assert (last.created, last.changed) == (0, 0)


Histories.TestCase.settings = settings(max_examples=400 if LONG else 15, stateful_step_count=20, deadline=None)
TestHistories = Histories.TestCase
