"""Any history of edits, moves, deletions, runs, crashes, undos and new templates, on a folder, against a simple model."""

from __future__ import annotations

import shutil
import tempfile
from contextlib import suppress
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from tests.places import make_corner
from tests.torture.conftest import CHOICE, LONG, TALLY, template
from wikibridge import Session
from wikibridge.errors import Unreachable
from wikibridge.model import Edit, Head, Page, Saved, Selection
from wikibridge.wikis.folder import FolderWiki

PARTICIPANTS = ("Corner/P/Ana Silva", "Corner/P/École verte")
PAGES = (*PARTICIPANTS, "Corner/Summary en")


class Killed(BaseException):
    """Nothing that the program could tell of."""


class Histories(RuleBasedStateMachine):
    """``words`` are those that people typed and did not take out since, by page id; ``removed`` those that they took out.

    ``ids`` are the pages that were first seen under a title, ``gone`` the ids of deleted ones.
    """

    @initialize()
    def begin(self) -> None:
        self.folder = Path(tempfile.mkdtemp())
        self.site = make_corner(self.folder / "site", "kind: folder", "Corner/")
        (self.site.folder / "jobs" / "participants.yml").write_text("kind: participants\nupgrade: yes\n", encoding="utf-8")
        template(self.site, 0)
        self.citizen = FolderWiki(self.site.folder / "wiki", user="citizen")
        self.words: dict[int, list[str]] = {}
        self.removed: dict[int, list[str]] = {}
        self.gone: set[int] = set()
        self.typed = 0
        self.ids: dict[str, int] = {}
        self.run()

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

    def file(self, page: Page) -> Path:
        (file,) = (self.site.folder / "wiki").rglob(f"{page.title.rpartition('/')[2]}.wiki")
        return file

    @rule(title=st.sampled_from(PAGES), how=st.sampled_from(["end", "top", "choice", "inside"]), by_hand=st.booleans())
    def edit(self, title: str, how: str, by_hand: bool) -> None:
        page = self.page(title)
        if page is None:
            return
        self.typed += 1
        TALLY["user edits"] += 1
        word = f"word{self.typed}x"
        text = {
            "end": f"{page.text}\n\n{word}", "top": f"{word}\n\n{page.text}", "choice": page.text + CHOICE % word,
            "inside": page.text.replace("<!-- wikibridge:end", f"{word}\n<!-- wikibridge:end", 1)}[how]
        if word in text:
            self.save(page, text, by_hand)
            self.words.setdefault(page.id, []).append(word)

    def save(self, page: Page, text: str, by_hand: bool) -> None:
        if by_hand:
            self.file(page).write_text(text, encoding="utf-8")
        else:
            self.citizen.write(Edit(page.title, text, "", Head(page.id, page.title, page.revision)))

    @precondition(lambda self: any(self.words.values()))
    @rule(data=st.data(), by_hand=st.booleans())
    def take_out(self, data: st.DataObject, by_hand: bool) -> None:
        number = data.draw(st.sampled_from(sorted(page for page, words in self.words.items() if words)))
        word = data.draw(st.sampled_from(self.words[number]))
        (page,) = self.citizen.read(ids=[number])
        TALLY["user edits"] += 1
        self.save(page, "\n".join(line for line in page.text.split("\n") if word not in line), by_hand)
        self.words[number].remove(word)
        self.removed.setdefault(number, []).append(word)

    @rule(title=st.sampled_from(PAGES))
    def move(self, title: str) -> None:
        page = self.page(title)
        if page:
            self.typed += 1
            self.file(page).rename(self.file(page).with_name(f"Moved {self.typed}.wiki"))

    @rule(title=st.sampled_from(PAGES))
    def delete(self, title: str) -> None:
        page = self.page(title)
        if page:
            self.file(page).unlink()
            self.gone.add(page.id)
            self.words.pop(page.id, None)

    @rule(number=st.integers(1, 3))
    def new_template(self, number: int) -> None:
        template(self.site, number)

    @rule()
    def run(self) -> None:
        TALLY["trials"] += 1
        with Session(self.site) as session:
            assert not session.run().failed
        for title in PAGES:
            self.page(title)

    def disturb(self, session: Session, at: int, saved: bool, kind: str) -> None:
        """Let the answers stop, or the program, at one of the writes, which is saved or not."""
        real, count = session.wiki.write, 0

        def write(edit: Edit) -> Saved:
            nonlocal count
            count += 1
            if count < at:
                return real(edit)
            if saved and count == at:
                real(edit)
            TALLY[f"fault {kind}"] += count == at
            raise Unreachable("unreachable", "the wiki", "cut") if kind == "crash" else Killed

        session.wiki.write = write  # type: ignore[method-assign]

    @rule(at=st.integers(1, 6), saved=st.booleans(), kind=st.sampled_from(["crash", "stop"]))
    def crash(self, at: int, saved: bool, kind: str) -> None:
        with Session(self.site) as session:
            self.disturb(session, at, saved, kind)
            with suppress(Unreachable, Killed):
                session.run()

    @rule(back=st.integers(0, 2), at=st.integers(0, 3), saved=st.booleans(), kind=st.sampled_from(["crash", "stop"]))
    def undo(self, back: int, at: int, saved: bool, kind: str) -> None:
        """Take back one of the latest runs that wrote, undos too; cut off at a write, or (0) not."""
        with Session(self.site) as session:
            runs = [number for number, _, result in session.journal.runs() if result and (result["changed"] or result["created"])]
            if at:
                self.disturb(session, at, saved, kind)
            if len(runs) > back:
                with suppress(Unreachable, Killed):
                    session.undo(runs[back], many=True)

    @invariant()
    def nothing_is_lost_or_doubled(self) -> None:
        if not hasattr(self, "words"):
            return
        pages = {page.id: page for page in self.citizen.read(ids={*self.words, *self.removed})}
        for number, words in self.words.items():
            if words:
                assert number in pages
                assert all(word in pages[number].text for word in words), "lost"
        for number, words in self.removed.items():
            assert number not in pages or not any(word in pages[number].text for word in words), "put back"
        for title, number in self.ids.items():
            found = [page.id for page in self.citizen.read(titles=[title])]
            assert found in ([], [number]) and not (found and number in self.gone), "created again"
        assert len(list(self.citizen.list(Selection(("Corner/",))))) <= 9, "more pages than the first run made"

    @rule()
    def two_quiet_runs(self) -> None:
        for _ in range(2):
            with Session(self.site) as session:
                last = session.run()
        assert (last.created, last.changed) == (0, 0)


Histories.TestCase.settings = settings(max_examples=400 if LONG else 8, stateful_step_count=20, deadline=None, print_blob=True)
TestHistories = Histories.TestCase
