"""The program that asks the system's keyring, run by ``keys.py``: a question as JSON on its input, an answer on its output.

Keyrings may wait for somebody to type something, on a terminal or in a window. Nobody sits at a nightly run: this program has no
terminal, asks no window to open, and is ended when it takes too long. https://keyring.readthedocs.io/
"""

from __future__ import annotations

import contextlib
import json
import sys


def answer(question: dict[str, str]) -> dict[str, str]:
    """What the keyring says. ``state`` is ``found``, ``none`` (no such secret), ``absent`` (no usable keyring) or ``broken``."""
    try:
        import keyring
        from keyring.backends import chainer, fail, null
    except ImportError:
        return {"state": "absent"}
    try:
        backend = keyring.get_keyring()
        if isinstance(backend, (fail.Keyring, null.Keyring)) or (
                isinstance(backend, chainer.ChainerBackend) and not backend.backends):
            return {"state": "absent"}
        if "secret" in question:
            backend.set_password(question["service"], question["account"], question["secret"])
        else:
            _no_windows()
        found = backend.get_password(question["service"], question["account"])
    except Exception as error:
        # Backends raise whatever they like.
        return {"state": "broken", "reason": " ".join(str(error).split())[:200] or type(error).__name__}
    return {"state": "found", "secret": found} if found else {"state": "none"}


def _no_windows() -> None:
    """A keyring of the desktop that is locked stays so: unlocking it would open a window and wait for an answer."""
    with contextlib.suppress(ImportError):
        from secretstorage import Collection, Item

        for kind in (Collection, Item):
            setattr(kind, "unlock", lambda *_, **__: True)  # noqa: B010


if __name__ == "__main__":
    out = sys.stdout
    # What a backend prints is no part of the answer.
    sys.stdout = sys.stderr
    print(json.dumps(answer(json.load(sys.stdin))), file=out)
