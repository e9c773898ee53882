"""Wanted files compared with what the wiki holds. Pure.

Of a file the wiki's digest is compared, never its bytes. What somebody else uploaded under the name of a file of ours is not
covered, and what was deleted is not put back. A page shows only what the wiki has or takes.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace

from wikibridge.errors import WikibridgeError
from wikibridge.i18n import message
from wikibridge.markup import regions
from wikibridge.mirror.journal import SAVED, Sent
from wikibridge.model import Action, File, FileStep, Step, WantedFile, WantedPage, WikiInfo
from wikibridge.wikis.base import no_kind


@dataclass(frozen=True, slots=True)
class Held:
    """What is known of files on the wiki, by name.

    ``known`` are the digests of what was uploaded last, which are not asked for again; ``there`` the files that the wiki was
    asked for. ``sent`` are the names that we ever uploaded, ``undone`` the names and digests that somebody took back.
    """

    known: Mapping[str, str] = field(default_factory=dict)
    there: Mapping[str, File] = field(default_factory=dict)
    sent: Collection[str] = ()
    undone: Collection[tuple[str, str]] = ()


def step(wanted: WantedFile, held: Held) -> FileStep:
    """What to do for one wanted file."""
    there = held.there.get(wanted.name)
    if (wanted.name, wanted.sha1) in held.undone:
        return FileStep(Action.REFUSED, wanted, reason=("file-undone", wanted.name))
    base = there.sha1 if there else held.known.get(wanted.name, "")
    if there and not there.ours:
        return FileStep(Action.REFUSED, wanted, base, ("file-changed", wanted.name))
    if not base and wanted.name in held.sent:
        return FileStep(Action.REFUSED, wanted, "", ("file-deleted", wanted.name))
    if base == wanted.sha1:
        return FileStep(Action.NOTHING, wanted, base)
    return FileStep(Action.UPDATE if base else Action.CREATE, wanted, base)


def refused(found: FileStep, info: WikiInfo, takes: bool) -> tuple[str, ...]:
    """Why a wiki would take no file of this kind from us, as a message key and its parameters; empty when it would.

    ``takes`` tells whether the door can upload at all.
    """
    ending = found.wanted.name.rpartition(".")[2].casefold()
    if not found.writes or (takes and ending in info.files):
        return ()
    if takes and info.files:
        error = no_kind(ending)
        return (error.key, *map(str, error.params))
    return (info.no_files if takes else "files-none",)


def without(wanted: WantedPage, file: WantedFile) -> WantedPage:
    """The page without this picture in its regions."""
    changed = {name: content.replace(f"{file.markup}\n", "") for name, content in wanted.regions.items()
               if file.markup and file.markup in content}
    if not changed:
        return wanted
    return replace(wanted, regions={**wanted.regions, **changed}, text=regions.replace(wanted.text, changed))


def shown(wanted: WantedPage, files: Mapping[str, FileStep]) -> WantedPage:
    """The page without the pictures that the wiki will not have. A version that was taken back leaves the one before it."""
    for picture in wanted.pictures:
        found = files[picture.name]
        if found.action is Action.REFUSED and found.reason[:1] != ("file-undone",):
            wanted = without(wanted, picture)
    return wanted


def carried(made: Step, files: Mapping[str, FileStep]) -> Step:
    """The step with the files that its page will show and the wiki has not yet, and those that are refused."""
    if made.action is Action.REFUSED:
        return made
    found = [files[picture.name] for picture in made.wanted.pictures]
    return replace(made, files=tuple(
        each for each in found if each.reason or (each.writes and each.wanted.markup in made.text)))


def line(file: FileStep, language: str) -> str:
    """A file of a plan in a sentence, with its size or the reason why it is left alone."""
    if file.reason:
        return WikibridgeError(*file.reason).say(language)
    what = "restore" if file.wanted.restores else file.action
    return message(f"plan-file-{what}", language, file.wanted.name, f"{len(file.wanted.data) / 1024:.1f}")


def take_back(sent: Iterable[Sent], there: Mapping[str, File]) -> tuple[dict[str, list[FileStep]], list[str]]:
    """The steps that let the versions before a run count again, by the title of the page; and the names of new files, which stay.

    What somebody uploaded since is left alone. Uploads come in the order in which they were made.
    """
    first: dict[str, Sent] = {}
    last: dict[str, Sent] = {}
    for each in sent:
        if each.outcome == SAVED:
            first.setdefault(each.name, each)
            last[each.name] = each
    steps: dict[str, list[FileStep]] = {}
    stays = []
    for name, each in last.items():
        before = first[name].base
        now = there.get(name)
        if now and not before:
            stays.append(name)
        if now is None or not before or now.sha1 == before:
            continue
        wanted = WantedFile(name, b"", restores=before, undoes=each.id)
        same = now.ours and now.sha1 == each.sha1
        steps.setdefault(each.page, []).append(
            FileStep(Action.UPDATE, wanted, each.sha1) if same else
            FileStep(Action.REFUSED, wanted, now.sha1, ("file-changed", name)))
    return steps, stays
