"""``wikibridge init``: from an address that somebody pastes to a site folder that is ready to work.

Everything is found out, asked and tried before the first file is written; ``wikibridge.yml``, without which a folder is no site,
is written last. Where it is there already nothing is changed, and at most the secret is asked for.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeVar

from pydantic import ValidationError

from wikibridge import keys
from wikibridge.errors import LoginFailed, NotSuchAWiki, ReadOnly, SettingsError, Unreachable, Untrusted, WikibridgeError
from wikibridge.i18n import LANGUAGES
from wikibridge.setup import account as accounts
from wikibridge.setup import folder as folders
from wikibridge.setup import guess
from wikibridge.setup.folder import Facts
from wikibridge.site import FILE, Settings, Site, read_text
from wikibridge.wikis.base import Account
from wikibridge.wikis.finding import Found, find, identify

REHEARSAL = "folder"
"""What is answered in place of an address by who wants a folder of pages to rehearse with."""
_TRIES = 3
"""How often another secret may be typed after one was refused: wikis lock accounts that guess."""
Made = TypeVar("Made")


class Talk(Protocol):
    """Whoever answers: somebody at a terminal, or nobody (``silent``), where what is not known is an error."""

    language: str
    silent: bool

    def say(self, key: str, *params: object) -> None:
        """Tell something."""
        ...

    def tell(self, error: WikibridgeError) -> None:
        """Tell what went wrong."""
        ...

    def right(self, told: accounts.Told) -> None:
        """Tell of a right that the account has or lacks."""
        ...

    def ask(self, option: str, key: str, default: str | None = None, *params: object) -> str:
        """The answer to a question, or the default where there is one and nobody answers.

        Raises SettingsError, which names the option, where there is none.
        """
        ...

    def secret(self, option: str, key: str, *params: object) -> str:
        """The same for what nobody may see being typed."""
        ...

    def agree(self, key: str, *params: object) -> bool:
        """Whether somebody says yes; nobody says no."""
        ...


@dataclass(frozen=True, slots=True)
class Given:
    """What the options say; None for what they do not. ``secret`` is a password or token from a file or from standard input."""

    wiki: str | None = None
    account: str | None = None
    languages: str | None = None
    time_zone: str | None = None
    participants: str | None = None
    contact: str | None = None
    secret: str | None = None


def begin(folder: Path, given: Given, talk: Talk) -> None:
    """Make a site folder, or what is missing of it. Raises WikibridgeError with a sentence; then nothing was written."""
    folder = folder.absolute()
    if (folder / FILE).exists():
        _go_on(folder, given, talk)
        return
    folders.usable(folder)
    found = _wiki(given, talk)
    secret = ""
    if found is None:
        facts = _facts(given, talk, REHEARSAL, "", "", "")
    else:
        talk.say("init-found", found.name, found.version, found.address)
        if found.read_only:
            raise ReadOnly("read-only", found.address, found.read_only)
        name, secret = _account(folder, given, talk, found)
        facts = _facts(given, talk, found.kind, found.address, name, found.language)
    text = folders.settings(facts, _said(talk))
    files = {folders.TABLE: folders.table(talk.language), FILE: text.encode()}
    folders.make(folder)
    if found:
        _store(folder, found.kind, found.address, facts.account, secret, talk)
    folders.fill(folder, files)
    talk.say("init-done", folder)


def _said(talk: Talk) -> folders.Say:
    from wikibridge.i18n import message

    return lambda key, *params: message(key, talk.language, *params)


def _go_on(folder: Path, given: Given, talk: Talk) -> None:
    """A folder that is set up stays as it is, but for the secret where that is missing."""
    site = Site(folder)
    wiki = site.settings.wiki
    talk.say("init-already", folder / FILE)
    if wiki.kind != REHEARSAL:
        try:
            site.password()
        except SettingsError as error:
            if error.key not in ("password-missing", "token-missing"):
                raise
        else:
            return
        talk.say("init-only-secret")
        found = identify(wiki.kind, wiki.address)
        _, secret = _account(folder, Given(account=wiki.account, secret=given.secret), talk, found)
        _store(folder, wiki.kind, wiki.address, wiki.account, secret, talk)


# The wiki


def _wiki(given: Given, talk: Talk) -> Found | None:
    """The wiki that is meant; None for a folder of pages to rehearse with."""
    def allowed(host: str) -> bool:
        return talk.agree("init-other-host", host)

    def read(typed: str) -> Found | None:
        if typed.strip().casefold() == REHEARSAL:
            return None
        talk.say("init-looking")
        return find(typed, allowed)

    return _fact(talk, "--wiki", given.wiki, read, lambda: talk.ask("--wiki", "init-ask-wiki"),
                 (NotSuchAWiki, Unreachable, Untrusted))


def _fact(
    talk: Talk, option: str, given: str | None, read: Callable[[str], Made], ask: Callable[[], str],
    mistakes: tuple[type[WikibridgeError], ...] = (SettingsError,),
) -> Made:
    """A fact as an option gives it, or as somebody types it, who is told of a mistake and asked again."""
    if given is not None:
        return read(given)
    while True:
        typed = ask()
        try:
            return read(typed)
        except mistakes as error:
            if talk.silent:
                raise
            talk.tell(error)


# The account


def _account(folder: Path, given: Given, talk: Talk, found: Found) -> tuple[str, str]:
    """Name and secret of an account that the wiki lets in."""
    tiki = found.kind == "tiki"
    name, secret = given.account, given.secret or _there(folder, found, given.account)
    if not (name and secret) and not talk.silent:
        talk.say("init-token" if tiki else "init-bot-password", accounts.secrets_page(found.kind, found.address))
    for left in range(_TRIES - 1, -1, -1):
        name = name or _fact(talk, "--account", None, _one_line("--account"), lambda: talk.ask("--account", "init-ask-account"))
        secret = secret or _there(folder, found, name) or talk.secret(
            "--password-file", "init-ask-token" if tiki else "init-ask-password", name)
        secret = secret.strip()
        if not secret or any(letter < " " for letter in secret):
            raise SettingsError("init-secret-odd")
        try:
            us = accounts.let_in(found, name, secret)
        except LoginFailed as error:
            # Never tried again by itself.
            if talk.silent or not left or error.key == "login-throttled":
                raise
            talk.tell(error)
            if not talk.agree("init-again"):
                raise
            name = talk.ask("--account", "init-ask-account", name)
            secret = talk.secret("--password-file", "init-ask-token" if tiki else "init-ask-password", name)
            continue
        _shown(talk, found, us)
        return name, secret
    raise AssertionError("the last try returns or raises")


def _there(folder: Path, found: Found, name: str | None) -> str:
    """A secret that is there already: in the environment, or kept by a run of this command that was cut off."""
    kind = "token" if found.kind == "tiki" else "password"
    if from_environment := os.environ.get(f"WIKIBRIDGE_{kind.upper()}"):
        return from_environment
    with suppress(SettingsError):
        if (folder / kind).is_file():
            return read_text(folder / kind).strip()
        return keys.get(found.address, name, folder / kind) if name else ""
    return ""


def _shown(talk: Talk, found: Found, us: Account) -> None:
    """Tell who we are on the wiki, and what we may do."""
    talk.say("init-account", us.name, ", ".join(us.groups) or "–")
    if us.blocked:
        talk.say("blocked", us.name, us.blocked)
    for each in accounts.rights(found.kind, us, found.address):
        talk.right(each)


def _store(folder: Path, kind: str, address: str, name: str, secret: str, talk: Talk) -> None:
    """Keep the secret: in the system's keyring where there is one, else in a file for its owner alone."""
    path = folder / ("token" if kind == "tiki" else "password")
    # A file that is there already is what counts.
    if not path.exists() and keys.put(address, name, secret):
        talk.say("init-in-keyring")
        return
    folders.put(path, secret.encode() + b"\n", 0o600)
    talk.say("init-in-file", path)


# The rest


def _facts(given: Given, talk: Talk, kind: str, address: str, name: str, spoken: str) -> Facts:
    """What is left to know, each with what is most likely."""
    likely = guess.languages(spoken, talk.language)
    languages = _fact(talk, "--languages", given.languages, _languages,
                      lambda: talk.ask("--languages", "init-ask-languages", ",".join(likely)))
    zone = _fact(talk, "--time-zone", given.time_zone, _setting("--time-zone", "time_zone"),
                 lambda: talk.ask("--time-zone", "init-ask-zone", guess.time_zone()))
    prefix = {"pt": "Participantes/"}.get(languages[0], "Participants/")
    participants = _fact(talk, "--participants", given.participants, _setting("--participants", "participants"),
                         lambda: talk.ask("--participants", "init-ask-participants", prefix))
    contact = "" if kind == REHEARSAL else _fact(
        talk, "--contact", given.contact, _one_line("--contact", empty=True),
        lambda: talk.ask("--contact", "init-ask-contact", ""))
    return Facts(kind, address, name, contact, languages, zone, participants, talk.language)


def _languages(typed: str) -> tuple[str, ...]:
    codes = tuple(dict.fromkeys(typed.replace(",", " ").casefold().split()))
    if not codes or set(codes) - set(LANGUAGES):
        raise SettingsError("init-wrong", "--languages", ", ".join(LANGUAGES))
    return codes


def _one_line(option: str, *, empty: bool = False) -> Callable[[str], str]:
    def read(typed: str) -> str:
        text = typed.strip()
        if (not text and not empty) or any(letter < " " for letter in text):
            raise SettingsError("init-wrong", option, "abc")
        return text

    return read


def _setting(option: str, name: str) -> Callable[[str], str]:
    """Reads what is a setting, by the rules of the settings."""
    def read(typed: str) -> str:
        try:
            return str(getattr(Settings.model_validate({"wiki": {"kind": REHEARSAL}, name: typed.strip()}), name))
        except ValidationError as error:
            said = error.errors(include_url=False)[0]["msg"].removeprefix("Value error, ")
            raise SettingsError("init-wrong", option, said) from error

    return read
