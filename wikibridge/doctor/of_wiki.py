"""Checks of the wiki: the way to it, its clock, the account, and what ``install`` wrote there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from wikibridge.doctor.patient import Finding, Patient
from wikibridge.errors import Blocked, ReadOnly, SettingsError, Unreachable, Untrusted
from wikibridge.jobs.install import Install
from wikibridge.mirror.store import Mirror
from wikibridge.model import Action
from wikibridge.publish.plan import Past, plan
from wikibridge.setup import account as accounts
from wikibridge.site import Site, open_wiki
from wikibridge.wikis.base import Account, Wiki, open_way
from wikibridge.wikis.finding import identify
from wikibridge.wikis.web import within

_SOON = timedelta(days=14)
_SKEW, _WRONG = 60.0, 900.0
"""Seconds by which clocks may differ before it is told, and before it is an error."""
_NAMED = 5
"""Pages that are named before the rest is only counted."""


def address(patient: Patient) -> Iterator[Finding]:
    """Whether a wiki of the kind that the settings name answers at their address."""
    wiki = patient.site.settings.wiki
    if not patient.remote:
        path = patient.site.folder / wiki.path
        yield patient.ok("doctor-folder" if path.is_dir() else "doctor-folder-new", path)
        return
    before = datetime.now(UTC)
    try:
        found = patient.found = identify(wiki.kind, wiki.address, insecure_http=wiki.insecure_http)
    except Untrusted as error:
        patient.untrusted = error
        yield patient.ok("doctor-answers", urlsplit(wiki.address).netloc)
        return
    if moment := found.page.moment:
        patient.skew = (moment - before).total_seconds()
        # The header has whole seconds, and the answer took a while.
        if 0 <= patient.skew <= (datetime.now(UTC) - before).total_seconds() + 1:
            patient.skew = 0
    yield patient.ok("doctor-address", found.name, found.version, found.address)


def tls(patient: Patient) -> Iterator[Finding]:
    """Whether what is sent to the wiki can be read or changed on its way."""
    wiki = patient.site.settings.wiki
    if not patient.remote:
        return
    if patient.untrusted:
        yield patient.failed(patient.untrusted)
        return
    assert patient.found
    expires = patient.found.page.expires
    if open_way(wiki.address):
        yield patient.warning("doctor-plain", wiki.address, remedy=("doctor-plain-remedy",))
    elif not wiki.address.startswith("https:"):
        yield patient.ok("doctor-here", urlsplit(wiki.address).netloc)
    elif expires is None:
        yield patient.ok("doctor-tls-valid")
    else:
        days = (expires - patient.now).days
        said = (days, expires.date().isoformat())
        yield (patient.ok("doctor-tls", *said) if expires - patient.now > _SOON else
               patient.warning("doctor-tls", *said, remedy=("doctor-tls-soon",)))


def clock(patient: Patient) -> Iterator[Finding]:
    """Whether this machine's clock and the wiki's show the same time."""
    if not patient.remote:
        return
    if patient.skew is None:
        yield patient.ok("doctor-clock-none")
    elif abs(patient.skew) <= _SKEW:
        yield patient.ok("doctor-clock")
    else:
        key = "doctor-clock-behind" if patient.skew > 0 else "doctor-clock-ahead"
        tell = patient.error if abs(patient.skew) > _WRONG else patient.warning
        yield tell(key, f"{abs(patient.skew):.0f}", remedy=("doctor-clock-remedy",))


def account(patient: Patient) -> Iterator[Finding]:
    """Whether the wiki lets the account in. It is tried once: wikis lock accounts."""
    if not patient.remote:
        return
    if patient.found and patient.found.read_only:
        # Nor does it let anybody in, since that would be written down.
        yield patient.failed(ReadOnly("read-only", patient.found.address, patient.found.read_only))
        return
    door, us = within(accounts.SECONDS, patient.site.settings.wiki.address, lambda: _entered(patient.site))
    patient.door, patient.account = door, us
    if us.blocked:
        yield patient.failed(Blocked("blocked", us.name, us.blocked))
        return
    yield patient.ok("init-account", us.name, ", ".join(us.groups) or "–")


def _entered(site: Site) -> tuple[Wiki, Account]:
    """The wiki's door and our account behind it: let in anew, since a session of before would not tell of a wrong password."""
    wiki = site.settings.wiki
    door = accounts.door(wiki.kind, wiki.address, wiki.account, site.password(), wiki.insecure_http)
    return door, door.account()


def rights(patient: Patient) -> Iterator[Finding]:
    """Whether the account may do what runs do."""
    wiki = patient.site.settings.wiki
    if patient.account is None:
        return
    told = accounts.rights(wiki.kind, patient.account, wiki.address)
    if has := ", ".join(patient.say(each.name) for each in told if each.has):
        yield patient.ok("doctor-rights", has)
    for each in told:
        if not each.has:
            yield Finding(each.weight, patient.say("doctor-right-lacks", patient.say(each.name)), patient.say(*each.remedy),
                          int(each.weight == "error"))


def limits(patient: Patient) -> Iterator[Finding]:
    """Whether what the wiki and the settings allow a run fit together."""
    ours = patient.site.settings.limits
    if not ours.created or not ours.changed:
        yield patient.warning("doctor-limits-none", remedy=("doctor-limits-none-remedy",))
    if patient.account is None or patient.door is None:
        return
    pace, batch = patient.account.pace, patient.door.info().batch
    if pace and not 0 < ours.edits_per_minute <= pace:
        yield patient.warning("doctor-pace", pace, batch, remedy=("doctor-pace-remedy", pace))
    else:
        yield patient.ok("doctor-limits", batch, f"{ours.edits_per_minute:g}" if ours.edits_per_minute else "–")


def installed(patient: Patient) -> Iterator[Finding]:
    """Whether the wiki has what ``install`` writes, as it would write it now."""
    if not patient.remote and not (patient.site.folder / patient.site.settings.wiki.path).is_dir():
        yield patient.warning("doctor-installed-none", remedy=("doctor-installed-remedy",))
        return
    try:
        context = patient.context()
    except SettingsError:
        yield patient.skipped("vocabularies")
        return
    wiki = patient.door or _folder(patient)
    wanted = Install().wanted(context, Mirror(None))
    present = {page.title: page for page in wiki.read(titles=[want.title for want in wanted])}
    try:
        steps = plan(wanted, present, _past(patient, wiki), ())
    except (SettingsError, Unreachable):
        yield patient.skipped("journal")
        return
    missing = [step.title for step in steps if step.action is Action.CREATE]
    old = [step.title for step in steps if step.action is Action.UPDATE]
    if len(missing) == len(steps):
        yield patient.warning("doctor-installed-none", remedy=("doctor-installed-remedy",))
        return
    if missing:
        yield patient.warning("doctor-installed-missing", len(missing), _some(missing), remedy=("doctor-installed-remedy",))
    if old:
        yield patient.warning("doctor-installed-old", len(old), _some(old), remedy=("doctor-installed-remedy",))
    for step in steps:
        if step.action is Action.REFUSED:
            yield Finding("warning", patient.say(*step.reason))
    if not missing and not old:
        yield patient.ok("doctor-installed", sum(step.action is Action.NOTHING for step in steps))


def _folder(patient: Patient) -> Wiki:
    patient.door = open_wiki(patient.site)
    return patient.door


def _past(patient: Patient, wiki: Wiki) -> Past:
    """What the journal knows of pages that install made, where there is a journal that can be read."""
    account, dialect = patient.site.settings.wiki.account, patient.site.dialect
    journal = patient.journal(wiki.identity)
    if journal is None:
        return Past(account=account, dialect=dialect)
    with closing(journal):
        return Past(journal.created(), {}, journal.undone(), account, {}, dialect)


def _some(titles: list[str]) -> str:
    return ", ".join(titles[:_NAMED]) + (", …" if titles[_NAMED:] else "")
