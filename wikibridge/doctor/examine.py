"""The checks in their order, what each needs, and what comes of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from wikibridge.doctor import of_files, of_state, of_wiki
from wikibridge.doctor.patient import Finding, Patient
from wikibridge.errors import WikibridgeError


@dataclass(frozen=True, slots=True)
class Check:
    """One check. ``needs`` are those without which it cannot be made."""

    name: str
    needs: tuple[str, ...]
    look: Callable[[Patient], Iterator[Finding]]


CHECKS = (
    Check("settings", (), of_files.settings),
    Check("address", ("settings",), of_wiki.address),
    Check("tls", ("address",), of_wiki.tls),
    Check("clock", ("address", "tls"), of_wiki.clock),
    Check("secret", ("settings",), of_files.secret),
    Check("account", ("address", "tls", "secret"), of_wiki.account),
    Check("rights", ("account",), of_wiki.rights),
    Check("limits", ("account",), of_wiki.limits),
    Check("installed", ("account",), of_wiki.installed),
    Check("jobs", ("settings",), of_files.jobs),
    Check("templates", ("settings",), of_files.templates),
    Check("vocabularies", ("settings",), of_files.vocabularies),
    Check("participants", ("settings", "vocabularies"), of_files.participants),
    Check("mirror", ("settings",), of_state.mirror),
    Check("journal", ("settings",), of_state.journal),
    Check("lock", ("settings",), of_state.lock),
    Check("disk", (), of_state.disk),
    Check("runs", ("settings", "journal"), of_state.runs),
    Check("schedule", ("settings",), of_state.schedule),
)


def examine(folder: Path, language: str, scheduled: Callable[[Path], str | None]) -> Iterator[tuple[str, Finding]]:
    """All findings with the names of their checks, as they come. ``scheduled`` is as ``Patient`` has it."""
    patient = Patient(folder.resolve(), language, scheduled)
    broken: set[str] = set()
    try:
        for check in CHECKS:
            missing = [name for name in check.needs if name in broken]
            for finding in [patient.skipped(missing[0])] if missing else _looked(check, patient):
                if finding.state in ("error", "skipped"):
                    broken.add(check.name)
                yield check.name, finding
    finally:
        patient.close()


def _looked(check: Check, patient: Patient) -> Iterator[Finding]:
    """What a check finds, its own failure included: it leaves the others."""
    try:
        yield from check.look(patient)
    except WikibridgeError as error:
        yield patient.failed(error)
    except Exception as error:
        yield patient.error("doctor-mistake", patient.say(f"doctor-name-{check.name}"), f"{type(error).__name__}: {error}"[:200])


def exit_code(findings: list[Finding]) -> int:
    """2 for settings to put right, else 1 for any other error, 75 where only the wiki is not there; 0 for warnings too."""
    codes = {finding.code for finding in findings if finding.state == "error"}
    return next((code for code in (2, 1, 75) if code in codes), 1 if codes else 0)
