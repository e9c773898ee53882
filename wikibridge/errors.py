"""What can go wrong, one type for each kind of answer that a caller can give.

Every error carries the key of a message in ``i18n/*.json`` and its parameters, so that the same fault is told in the
language of whoever reads it. ``str(error)`` is the English sentence. ``exit_code`` is what the command line ends with:
0 done, 1 failed, 2 usage or configuration, 3 done in part, 4 another run holds the lock, 75 try later.
"""

from __future__ import annotations

from typing import Any

from wikibridge.i18n import message


class Sentence(str):
    """What an error says, in some language, and what it was made of: the key of the message and its parameters."""

    key: str
    language: str
    params: tuple[object, ...]

    def __new__(cls, key: str, language: str, *params: object) -> Sentence:
        """The message in the language."""
        made = super().__new__(cls, message(key, language, *params))
        made.key, made.language, made.params = key, language, params
        return made

    def __getnewargs__(self) -> tuple[Any, ...]:
        return (self.key, self.language, *self.params)


class WikibridgeError(Exception):
    """An error that a person can do something about: a sentence with place and remedy."""

    exit_code = 1

    def __init__(self, key: str, *params: object) -> None:
        self.key = key
        self.params = params
        super().__init__(key, *params)

    def say(self, language: str = "en") -> Sentence:
        """The sentence in a language."""
        return Sentence(self.key, language, *self.params)

    def __str__(self) -> str:
        return self.say()


class SettingsError(WikibridgeError):
    """A mistake in the site folder: settings, job files, templates, participants."""

    exit_code = 2


class LockHeld(WikibridgeError):
    """Another run is at work on this site, for ``age`` seconds now."""

    exit_code = 4
    age = 0.0


class StateError(WikibridgeError):
    """Mirror and journal cannot be worked with at present, which passes: concerns the whole run, which stops."""

    exit_code = 75


class StateUnreachable(StateError):
    """The database server is out of reach, starts or stops, or has too little of something."""


class LeaseLost(StateError):
    """Another machine took over the wiki while this one was away: nothing more is written."""


class WikiError(WikibridgeError):
    """The wiki, the account or the way to it: concerns the whole run, which stops."""


class LoginFailed(WikiError):
    """The wiki refused the account. Never tried again by itself: wikis lock accounts that guess."""


class Blocked(WikiError):
    """An administrator blocked the account."""


class ReadOnly(WikiError):
    """The wiki takes no edits at present."""

    exit_code = 75


class RateLimited(WikiError):
    """The wiki asks for a slower pace than it was given."""

    exit_code = 75


class Stopped(WikiError):
    """Somebody filled the page that stops us."""


class LimitExceeded(WikibridgeError):
    """The plan would write more than a run may without being looked at."""


class Unreachable(WikiError):
    """No answer, or an answer that is not from such a wiki."""

    exit_code = 75


class Untrusted(WikiError):
    """The certificate of the address proves nothing: who answers there is not known."""


class BadAnswer(Unreachable):
    """The wiki answered with something that the API does not promise."""


class NotSuchAWiki(WikiError):
    """Something answers at the address, but not the kind of wiki that the settings name."""

    exit_code = 2


class PageError(WikibridgeError):
    """One page could not be written; the others can."""


class EditConflict(PageError):
    """The page has a newer revision than the one that the edit was computed from."""


class PageExists(PageError):
    """The edit was to create the page, and it is there."""


class PageMissing(PageError):
    """The edit was to change the page, and it is gone."""


class PageProtected(PageError):
    """The account may not edit this page."""


class PageBusy(PageError):
    """Somebody edited the page a short while ago, and may be about to save again: a later run writes it."""


class Overwrote(PageError):
    """The page was written, and in that very moment somebody else's edit was replaced: it must be put back by hand."""


class Unprotected(PageError):
    """The page was written and could not be protected."""


class InvalidTitle(PageError):
    """The wiki can have no page of that title."""


class TooLong(PageError):
    """The text is longer than the wiki allows."""


class Rejected(PageError):
    """A filter of the wiki (spam list, abuse filter, captcha) refused the edit."""


class FileChanged(PageError):
    """The file on the wiki is not the one that the upload was to take the place of, or not ours."""


class NoUploads(PageError):
    """The wiki takes no files from us, or none of this kind: no other one either."""


class WorkersDied(WikibridgeError):
    """Machines that were to read pages for us ended, one after the other, over the same ones."""


class JobFailed(WikibridgeError):
    """A job could not be done, for a reason that nobody foresaw; the others can."""


class Interrupted(WikibridgeError):
    """Somebody asked for an end: the write under way was finished, and nothing was begun after it."""

    exit_code = 3


class Unsure(PageError):
    """The answer to an edit was lost: it may or may not have been saved. Look at the page before doing it again."""
