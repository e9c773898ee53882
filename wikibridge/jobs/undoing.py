"""Taking back a run: what it wrote is looked up in the journal and in the wiki's history."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from wikibridge.errors import SettingsError
from wikibridge.i18n import message
from wikibridge.jobs.base import Context
from wikibridge.mirror.forgotten import Forgotten
from wikibridge.mirror.journal import Journal, Sent
from wikibridge.model import Action, Step, WantedPage
from wikibridge.publish import files, undo
from wikibridge.publish.apply import Replan
from wikibridge.wikis.base import Files, Wiki


def undoing(
    wiki: Wiki, journal: Journal, forgotten: Forgotten, context: Context, run: int, title: str | None = None,
) -> tuple[tuple[Step, ...], Replan]:
    """What takes back a run, or what it wrote to one page, and how to plan that anew on a page edited meanwhile.

    What would bring back the name of somebody who was forgotten is left as it is.

    Raises SettingsError when there is no such run, or when it wrote no such page.
    """
    if not journal.has(run):
        raise SettingsError("run-unknown", run)
    writes = undo.by_page(journal.writes(run=run))
    sent = journal.uploads(run=run)
    present = {page.id: page for page in wiki.read(ids=writes)} if writes else {}
    if title is not None:
        wanted = wiki.title(title)
        writes = {number: some for number, some in writes.items()
                  if wanted in (some[0].title, present[number].title if number in present else "")}
        sent = [each for each in sent if each.page in {wanted, *(some[0].title for some in writes.values())}]
        if not (writes or sent):
            raise SettingsError("undo-no-page", run, title)
    every = undo.by_page(journal.writes(pages=writes))
    for number in [each for each, some in writes.items() if any(forgotten.brings_back(one, every.get(each, ())) for one in some)]:
        context.note("undo-forgotten", (present[number].title if number in present else writes[number][0].title))
        del writes[number]
    # Two revisions of a page are not asked for at once: their texts may come in two answers.
    texts: dict[int, str | None] = {0: None}
    for which in ("base", "revision"):
        for number in range(max(map(len, writes.values()), default=0)):
            asked = [getattr(some[number], which) for some in writes.values() if len(some) > number]
            texts |= {page.revision: page.text for page in wiki.revisions([each for each in asked if each])}
            texts |= journal.texts(each for each in asked if each not in texts)
    taken = {}
    for number, some in writes.items():
        if all(write.base in texts and texts.get(write.revision) is not None for write in some):
            taken[number] = undo.Taken(some[0], tuple((texts[w.base], texts[w.revision] or "") for w in some))
        elif number in present:
            context.note("undo-no-history", present[number].title)
        else:
            context.note("undo-gone", some[0].title)
    language = context.site.settings.languages[0]
    instead = context.site.settings.taken_back or message("taken-back", language, run)
    steps = _with_files(
        undo.plan(taken, present, message("edit-undo", language, run), instead, context.site.dialect), sent, taken, wiki, context)
    by_write = {one.write.id: one for one in taken.values()}
    return steps, lambda step, page: undo.step(step.wanted, page, by_write[step.wanted.undoes], context.site.dialect)


def _with_files(
    steps: tuple[Step, ...], sent: list[Sent], taken: Mapping[int, undo.Taken], wiki: Wiki, context: Context,
) -> tuple[Step, ...]:
    """The steps of an undo with the files that the run uploaded, at the pages that show them."""
    there = wiki.files(each.name for each in sent) if sent and isinstance(wiki, Files) else {}
    found, stays = files.take_back(sent, there)
    for name in stays:
        context.note("undo-file-stays", name)
    titles = {one.write.id: one.write.title for one in taken.values()}
    made = [replace(step, files=tuple(found.pop(titles[step.wanted.undoes], ()))) for step in steps]
    summary = message("edit-undo", context.site.settings.languages[0], sent[0].run) if sent else ""
    # Of some pages the run wrote no more than what they show.
    made += [Step(Action.NOTHING, WantedPage(title, "", undo.JOB, summary), None, "", files=tuple(some))
             for title, some in found.items()]
    return tuple(made)
