"""Drafts of mails to people: made as files, which mail programs open; sent by a command when it is told to, never by a run."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from email import policy
from email.message import EmailMessage
from email.utils import formataddr


@dataclass(frozen=True, slots=True)
class Draft:
    """A draft: its file's name, and the mail, which has no date and no identifier until it is sent.

    ``about`` is what is told once, in whatever words; empty where other words are to be sent again.
    """

    name: str
    mail: EmailMessage
    about: str = ""

    @property
    def data(self) -> bytes:
        """The file."""
        return self.mail.as_bytes(policy=policy.SMTP)


def letter(sender: str, name: str, address: str, subject: str, lines: Iterable[str]) -> EmailMessage:
    """A mail to somebody as plain text. The same words are the same bytes."""
    mail = EmailMessage(policy=policy.SMTP)
    mail["From"] = sender
    mail["To"] = formataddr((name, address))
    mail["Subject"] = subject
    mail["X-Unsent"] = "1"  # mail programs open it as a draft
    mail.set_content("\n".join(lines), cte="quoted-printable")
    return mail
