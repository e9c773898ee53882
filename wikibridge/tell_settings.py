"""The part ``tell`` of a site's settings: whom to tell what became of runs, and how. docs/telling.md

No secret stands there: passwords and addresses that are secrets come from the environment or from files (``Site.secret``).
"""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from wikibridge.every import Every
from wikibridge.every import read as read_every
from wikibridge.yaml_text import Strict

PORTS = {"starttls": 587, "tls": 465, "none": 25}
"""Where a mail server listens: https://www.rfc-editor.org/rfc/rfc8314#section-7.3, https://www.rfc-editor.org/rfc/rfc5321"""
_MAIL = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63})*")
_HOST = re.compile(r"[A-Za-z0-9._-]{1,255}|[0-9A-Fa-f:.]{2,45}")
_LOOPBACK = re.compile(r"localhost|127\.[0-9.]+|::1")


def is_mail_address(text: str) -> bool:
    """Whether a text is an e-mail address by itself, without a name beside it."""
    return bool(_MAIL.fullmatch(text))


def _address(text: str) -> str:
    if not is_mail_address(text):
        raise ValueError("an e-mail address such as secretariat@example.org")
    return text


def _host(text: str) -> str:
    if not _HOST.fullmatch(text):
        raise ValueError("the name of a mail server, such as mail.example.org")
    return text


def _switch(name: str) -> BeforeValidator:
    def check(value: object) -> object:
        if str(value).casefold() not in ("true", "false", "yes", "no"):
            raise ValueError(
                f"true or false: the address itself is a secret and goes into the file {name} (mode 600) or "
                f"WIKIBRIDGE_{name.upper()}")
        return value

    return BeforeValidator(check)


MailAddress = Annotated[str, AfterValidator(_address)]


class Mail(Strict):
    """Messages by e-mail."""

    to: Annotated[tuple[MailAddress, ...], Field(min_length=1)]
    """Who gets them."""
    sender: Annotated[MailAddress, Field(alias="from")]
    """Who sends them."""
    server: Annotated[str, AfterValidator(_host)]
    """The mail server."""
    port: Annotated[int, Field(ge=0, le=65535)] = 0
    """Where it listens; 0 is the usual one for ``security``."""
    security: Literal["starttls", "tls", "none"] = "starttls"
    """How the way to it is protected. With ``none`` a user is only spoken of to this machine itself."""
    user: str = ""
    """Who we are to the server; nobody, if empty. The password is in WIKIBRIDGE_MAIL_PASSWORD or the file ``mail-password``."""

    @model_validator(mode="after")
    def _no_password_in_the_open(self) -> Mail:
        if self.user and self.security == "none" and not _LOOPBACK.fullmatch(self.server):
            raise ValueError("security: starttls or tls where there is a user: anybody on the way could read the password")
        return self


class Tell(Strict):
    """Whom to tell what became of runs, and how: docs/telling.md"""

    mail: Mail | None = None
    """Messages by e-mail."""
    webhook: Annotated[bool, _switch("webhook")] = False
    """Whether to tell a chat or a program. Its address is a secret: it is in WIKIBRIDGE_WEBHOOK or the file ``webhook``."""
    ping: Annotated[bool, _switch("ping")] = False
    """Whether to tell a watch that runs come. Its address is a secret: it is in WIKIBRIDGE_PING or the file ``ping``."""
    metrics: Annotated[str, Field(pattern=r"^[^\x00]*$")] = ""
    """A file for Prometheus' node exporter; none, if empty."""
    digest: Annotated[Every | None, BeforeValidator(read_every)] = None
    """When a digest is due; never, if empty."""
    failures: Annotated[int, Field(ge=1, le=100)] = 1
    """How many runs in a row must fail before anybody is told."""

    @property
    def ways(self) -> tuple[str, ...]:
        """How messages reach people: ``mail``, ``webhook``."""
        return tuple(way for way, there in (("mail", self.mail), ("webhook", self.webhook)) if there)

    def __bool__(self) -> bool:
        return bool(self.ways or self.ping or self.metrics)
