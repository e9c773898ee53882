"""Secrets in the system's keyring, for those who have one: the optional package ``keyring`` (extra ``[keyring]``).

The keyring is asked by a program of its own (``keyring_asked.py``), so that one that is locked, broken or waiting for somebody
leads to a sentence and never holds up a run.
"""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

from wikibridge.errors import SettingsError

PATIENCE = 20
"""Seconds until a keyring counts as one that does not answer."""


def get(address: str, account: str, instead: Path) -> str:
    """The secret of an account on the wiki at an address; empty where there is no keyring, or no such secret in it.

    Raises SettingsError for a keyring that is locked or broken, which names the file to use ``instead``.
    """
    if find_spec("keyring") is None:
        return ""
    answer = _asked({"service": _service(address), "account": account}, PATIENCE)
    if answer["state"] == "broken":
        raise SettingsError("keyring-broken", answer["reason"], instead)
    return answer.get("secret", "")


def put(address: str, account: str, secret: str) -> bool:
    """Keep a secret in the keyring. False where there is none, or where it does not give back what it was given."""
    if find_spec("keyring") is None:
        return False
    # Somebody is there to unlock it.
    answer = _asked({"service": _service(address), "account": account, "secret": secret}, 3 * PATIENCE)
    return answer.get("secret") == secret


def _service(address: str) -> str:
    """What an entry of the keyring is called."""
    return f"wikibridge {address}"


def _asked(question: dict[str, str], seconds: float) -> dict[str, str]:
    # -P: a file called keyring.py in the folder of the run is not the keyring.
    program = [sys.executable, "-P", str(Path(__file__).with_name("keyring_asked.py"))]
    try:
        done = subprocess.run(program, input=json.dumps(question), capture_output=True, text=True, encoding="utf-8",
                              timeout=seconds, check=False, start_new_session=True)
        answer = json.loads(done.stdout)
        return {str(key): str(value) for key, value in answer.items()} if "state" in answer else {"state": "absent"}
    except subprocess.TimeoutExpired:
        return {"state": "broken", "reason": f"no answer within {seconds:g} s"}
    except (OSError, ValueError, AttributeError) as error:
        return {"state": "broken", "reason": type(error).__name__}
