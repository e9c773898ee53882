"""Carrying out what was decided to be forgotten: in the order in which it can be cut off anywhere and gone on with.

That nothing of the person is taken in again comes first, the names in the list of what is to be done go last, with those in the
journal: as long as they are there, what is left can be found.
"""

from __future__ import annotations

from typing import Protocol

from wikibridge.jobs import own_files
from wikibridge.mirror import scrub
from wikibridge.mirror.forgotten import Doing, Forgotten
from wikibridge.mirror.journal import Journal
from wikibridge.mirror.state import CARRIED
from wikibridge.mirror.store import Mirror
from wikibridge.site import Site


class Holder(Protocol):
    """A session, as far as it holds what people may ask to be forgotten."""

    site: Site
    mirror: Mirror
    journal: Journal
    forgotten: Forgotten
    held: dict[str, str]

    @property
    def prefix(self) -> str:
        """What titles of participants' pages begin with."""
        ...


def finish(session: Holder) -> int:
    """Finish what is waiting, if anything is; answers for how many people. The lock is held by who calls."""
    waiting = session.forgotten.waiting()
    for who, doing in waiting.items():
        if doing is not None:
            _remove(session, who, doing)
        swept = [scrub.sweep(engine) for engine in (session.mirror.engine, session.journal.engine)]
        if all(swept):
            session.forgotten.swept(who)
    if waiting:
        scrub.sweep(session.journal.engine)
    return len(waiting)


def _remove(session: Holder, who: str, doing: Doing) -> None:
    own_files.apply(session.site, doing)
    # What was the journal before it was carried to a server names whom it always did.
    (session.site.state / CARRIED).unlink(missing_ok=True)
    scrub.from_mirror(session.mirror, doing)
    session.held.clear()
    scrub.from_journal(session.journal, who, doing, session.prefix)
