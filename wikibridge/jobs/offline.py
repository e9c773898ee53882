"""A Tiki without its API: a folder holds the secretariat's copy of it, fed by exports, and answers with texts to paste.

What the folder knows of the Tiki stands beside its pages in ``.tiki.json``: of each page its name there, and which revision of
the folder is the text that the Tiki was last seen to hold. What the folder holds beyond that is yet to be pasted.
docs/tiki-offline.md
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from wikibridge.errors import PageError, SettingsError
from wikibridge.i18n import message
from wikibridge.jobs.runner import Session
from wikibridge.markup import regions
from wikibridge.markup.parts import Dialect
from wikibridge.mirror import tiki_exports
from wikibridge.mirror.journal import SAVED
from wikibridge.mirror.tiki_exports import ENDINGS, Source, cut
from wikibridge.model import Edit, Head, Page, Step
from wikibridge.publish.merge import three_way
from wikibridge.report.checklist import MARK, Paste
from wikibridge.wikis import tiki_text
from wikibridge.wikis.folder import FolderWiki
from wikibridge.wikis.folder_disk import put_whole

RECORD = ".tiki.json"
_HEAD = 8192
"""Bytes by which an export is known."""
_NO_NEW = frozenset("/?#[]@$&+;=<>")
"""Characters with which a browser can create no page on a Tiki (lib/wiki/wikilib.php of 24.1)."""


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a page on the Tiki. ``revision`` is the folder's that holds its text; the rest as in ``Source``."""

    name: str
    revision: int
    seen: datetime
    modified: datetime | None
    version: int
    author: str

    def newer(self, source: Source) -> bool:
        """Whether this is known from a later time than a source tells of."""
        if self.modified and source.modified:
            return (source.modified, source.version) < (self.modified, self.version)
        return source.seen < self.seen

    def older(self, source: Source) -> bool:
        """Whether a source is of a later edit than what is known."""
        mine = (self.modified, self.version) if self.modified else (self.seen, 0)
        return (source.modified or source.seen, source.version) > mine


@dataclass
class Brought:
    """What an import came to: numbers of pages, and what was left, as keys of messages with their parameters."""

    new: int = 0
    changed: int = 0
    same: int = 0
    left: list[tuple[str, ...]] = field(default_factory=list)
    notes: list[tuple[str, ...]] = field(default_factory=list)


def copy_of(session: Session) -> FolderWiki:
    """The folder that is a copy of a Tiki. Raises SettingsError where the site's wiki is none."""
    wiki = session.wiki
    if not isinstance(wiki, FolderWiki) or session.site.settings.wiki.dialect != "tiki":
        raise SettingsError("offline-other-wiki")
    return wiki


def is_pages(path: Path) -> bool:
    """Whether a file or folder is one to read pages from: an export by what it holds, a pasted source by its name.

    Raises SettingsError where nothing can be read.
    """
    return path.is_dir() or path.suffix.casefold() in ENDINGS or tiki_exports.is_export(_bytes(path, _HEAD))


def _bytes(path: Path, most: int = -1) -> bytes:
    try:
        with open(path, "rb") as file:
            return file.read(most)
    except OSError as error:
        raise SettingsError("file-unreadable", path, error.strerror or "?") from error


def sources(paths: Iterable[Path], brought: Brought) -> Iterator[Source]:
    """The pages in these files and folders, all their versions; what cannot be read is put into ``brought.left``."""
    for path in paths:
        folder = path.is_dir()
        if (path if folder else path.parent).joinpath(MARK).exists():
            brought.left.append(("export-checklist", str(path)))
            continue
        files = sorted(each for each in path.rglob("*") if each.is_file()) if folder else [path]
        for file in files:
            below = file.relative_to(path) if folder else Path(file.name)
            if any(part.startswith(".") for part in below.parts):
                continue
            try:
                data, saved = _bytes(file), datetime.fromtimestamp(file.stat().st_mtime, UTC)
                if file.suffix.casefold() in ENDINGS and not tiki_exports.is_export(data):
                    yield tiki_exports.pasted(data, below.as_posix(), str(file), saved)
                else:
                    yield from tiki_exports.read(data, str(file), saved)
            except SettingsError as error:
                brought.left.append((error.key, *map(str, error.params)))


class Copy:
    """The folder and what is known of the Tiki that it is a copy of. Raises SettingsError when that cannot be read."""

    def __init__(self, wiki: FolderWiki) -> None:
        self.wiki = wiki
        self.path = wiki.path / RECORD
        self.known: dict[str, Known] = {}
        if not self.path.exists():
            return
        try:
            for title, each in json.loads(_bytes(self.path)).items():
                times = {key: datetime.fromisoformat(each[key]) if each[key] else None for key in ("seen", "modified")}
                self.known[title] = Known(**{**each, **times})
        except (ValueError, TypeError, AttributeError, KeyError) as error:
            raise SettingsError("offline-record", self.path) from error

    def save(self) -> None:
        """Write down what is known, whole or not at all."""
        text = json.dumps({title: asdict(each) for title, each in sorted(self.known.items())}, ensure_ascii=False, indent=0,
                          default=datetime.isoformat)
        try:
            put_whole(self.path, text.encode())
        except OSError as error:
            raise SettingsError("file-unwritable", self.path, error.strerror or "?") from error

    def bring(self, found: Iterable[Source], dialect: Dialect, brought: Brought) -> None:
        """Take pages of the Tiki into the folder, as edits of their authors: those that are newer and different.

        What the folder holds beyond what the Tiki was last seen to hold is merged into the new text; where that cannot be,
        the Tiki's text counts. Nothing is lost: what the folder held stays in its history.
        """
        by_title: dict[str, list[Source]] = {}
        for source in found:
            by_title.setdefault(source.title, []).append(source)
        present = {page.title: page for page in self.wiki.read(titles=by_title)}
        bases = dict(self._texts([self.known[title].revision for title in by_title if title in self.known]))
        try:
            for title, versions in by_title.items():
                versions.sort(key=lambda each: (each.modified or each.seen, each.version))
                try:
                    self._page(versions, present.get(title), bases, dialect, brought)
                except PageError as error:
                    brought.left.append((error.key, *map(str, error.params)))
        finally:
            self.save()

    def _texts(self, revisions: Iterable[int]) -> Iterator[tuple[int, str]]:
        return ((page.revision, page.text) for page in self.wiki.revisions(revisions))

    def _page(
        self, versions: Sequence[Source], page: Page | None, bases: dict[int, str], dialect: Dialect, brought: Brought,
    ) -> None:
        latest = versions[-1]
        title, known = latest.title, self.known.get(latest.title)
        names = {each.name for each in versions if each.modified} | ({known.name} if known and latest.modified else set())
        if len(set(map(tiki_text.key, names))) > 1:
            brought.left.append(("offline-same-title", title, *sorted(names)[:2]))
            return
        if known and known.newer(latest):
            brought.left.append(("offline-older", latest.name))
            return
        if page and cut(page.text) == latest.text:
            brought.same += 1
            self._know(latest, known, page.revision)
            return
        base = bases.get(known.revision) if known else None
        head = None
        for each in versions:
            if known is None or known.older(each) or each is latest:
                head = self.wiki.receive(title, each.text, editor=each.author or "?", summary=each.summary,
                                         time=each.modified or each.seen).head
        assert head is not None, "the latest is never older than what is known"
        self._know(latest, None, head.revision)
        if page is None:
            brought.new += 1
            return
        brought.changed += 1
        if base is not None and page.text == base:
            return
        merged = None if base is None else three_way(base, latest.text, page.text, dialect)
        if merged is None:
            brought.notes.append(("offline-merge", title))
        elif merged.strip() and cut(merged) != latest.text:
            self.wiki.write(Edit(title, merged, "", Head(head.id, title, head.revision)))

    def _know(self, source: Source, known: Known | None, revision: int) -> None:
        """Remember what a source tells; one without a version tells only that what is known is still so."""
        if known and not source.modified:
            self.known[source.title] = replace(known, revision=revision, seen=source.seen)
        else:
            self.known[source.title] = Known(
                source.name, revision, source.seen, source.modified, source.version, source.author)

    def there(self, pages: Iterable[Head], session: Session) -> dict[str, str | None]:
        """What the Tiki holds, as far as is known, of those of the pages where the folder holds another text.

        None for a page that was made here and is not there yet.
        """
        created = set(session.journal.created().values())
        first: dict[int, int] = {}
        for write in session.journal.writes():
            if write.outcome == SAVED and write.base:
                first.setdefault(write.page, write.base)
        asked: dict[str, int] = {}
        found: dict[str, str | None] = {}
        for page in pages:
            known = self.known.get(page.title)
            if known is None and page.id in created:
                found[page.title] = None
            elif (revision := known.revision if known else first.get(page.id, page.revision)) != page.revision:
                asked[page.title] = revision
        texts = dict(self._texts(asked.values()))
        return found | {title: texts[revision] for title, revision in asked.items() if revision in texts}


def to_paste(session: Session, steps: Iterable[Step]) -> tuple[tuple[Paste, ...], list[tuple[str, ...]]]:
    """What to paste so that the Tiki holds what the folder will after these steps, and what cannot be pasted.

    That is what the steps would write and what runs wrote into the folder before. Raises SettingsError for another wiki.
    """
    copy, language = Copy(copy_of(session)), session.site.settings.languages[0]
    there = copy.there(session.mirror.heads().values(), session)
    texts: dict[str, str] = {}
    summaries: dict[str, dict[str, None]] = {}
    for step in steps:
        if step.writes:
            texts[step.title] = step.text
            summaries.setdefault(step.title, {})[step.wanted.summary] = None
    before = {page.title: page.text for page in session.mirror.pages({*texts, *there})}
    names = {tiki_text.key(copy.known[title].name if title in copy.known else title): title
             for title in (*session.mirror.titles(), *copy.known)}
    pastes: list[Paste] = []
    left: list[tuple[str, ...]] = []
    for title in dict.fromkeys((*texts, *there)):
        held = there[title] if title in there else before.get(title)
        text = _pasteable(texts.get(title, before.get(title, "")), session.site.dialect)
        known = copy.known.get(title)
        name = known.name if known else title
        if not text or text == (None if held is None else cut(held)):
            continue
        if held is None and (other := names.setdefault(tiki_text.key(name), title)) != title:
            left.append(("offline-same-name", title, other))
            continue
        summary = "; ".join(filter(None, summaries.get(title, ()))) or message("edit-offline", language)
        pastes.append(Paste(
            name, text, tiki_text.summary(summary), held is None, known.modified or known.seen if known else None,
            known.version if known else 0, known.author if known else "",
            "".join(sorted(_NO_NEW & set(name))) if held is None else ""))
    return tuple(pastes), left


def _pasteable(text: str, dialect: Dialect) -> str:
    """A text that an export gives back as it is: no blanks at the ends of lines, and hashes that fit."""
    cuts = {each.name: cut(each.content) for each in regions.find(text, dialect)[0]
            if each.ours and cut(each.content) != each.content}
    return cut(regions.replace(text, cuts, dialect) if cuts else text)
