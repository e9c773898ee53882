"""Mail addresses of people: from the tables of the site folder that the secretariat keeps, and from nowhere else."""

from __future__ import annotations

from collections.abc import Iterable

from wikibridge.entries.spelling import fold
from wikibridge.jobs.base import Context
from wikibridge.jobs.tables import HIDDEN, csv_rows
from wikibridge.tell_settings import is_mail_address

COLUMN = frozenset(map(fold, (
    "e-mail", "email", "mail", "mail address", "e-mail address", "email address", "courriel", "adresse électronique",
    "adresse e-mail", "adresse courriel", "correio eletrónico",
    "endereço eletrónico", "endereço de correio eletrónico", "endereço de e-mail")))
"""What the column of addresses is called, folded."""


def addresses(tables: Iterable[str], context: Context) -> dict[str, str]:
    """The mail addresses in tables of the site folder, by the folded names beside them. A table that is not there has none.

    Where a name has several, nobody knows whose they are: it has none, and that is told. Raises SettingsError where a table
    is none.
    """
    lookup = context.schema.types["participant"].lookup
    found: dict[str, set[str]] = {}
    where: dict[str, dict[str, None]] = {}
    for table in dict.fromkeys(tables):
        path = context.site.folder / table
        rows = csv_rows(path.read_bytes(), table, context) if path.is_file() else []
        header = ["mail" if fold(cell) in COLUMN else lookup.get(fold(cell), "") for cell in rows[0]] if rows else []
        if "mail" not in header or "name" not in header:
            continue
        for row in rows[1:]:
            said: dict[str, str] = {}
            for column, cell in zip(header, row, strict=False):
                said[column] = said.get(column) or " ".join(HIDDEN.sub("", cell).split())
            name, mail = fold(said.get("name", "")), said.get("mail", "")
            if name and is_mail_address(mail):
                found.setdefault(name, set()).add(mail)
                where.setdefault(name, {})[table] = None
    for name, mails in found.items():
        if len({each.casefold() for each in mails}) > 1:
            # What they are is not told: notes are kept in the journal and in logs.
            context.note("reminders-several", name, ", ".join(where[name]))
    return {name: min(mails) for name, mails in found.items() if len({each.casefold() for each in mails}) == 1}
