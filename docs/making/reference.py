"""The pages of the reference: settings, job files and commands, made anew whenever the documentation is built."""

from __future__ import annotations

import commands
import models

from wikibridge.jobs.kinds import KINDS
from wikibridge.site import Settings

_SETTINGS = """\
# Settings

What may stand in `wikibridge.yml`. Only `wiki` must be there. `wikibridge init` writes the file; a mistake in it is told with
its line. "By itself" is what counts where a key is missing.
"""
_JOBS = """\
# Job files

What may stand in the files of the folder `jobs`. A file there takes the place of the shipped one of the same name; an empty file
switches that job off.
"""
_COMMANDS = """\
# Commands

`wikibridge COMMAND --help` shows the same. Where wikibridge was installed with its manual page, `man wikibridge` does too.
"""


def settings() -> str:
    """wikibridge.yml."""
    return "\n".join([_SETTINGS, *models.table(Settings), "",
                      *(line for key in models.keys(Settings) if key.model for line in models.sections(key.model, key.name))])


def jobs() -> str:
    """Job files, a section a kind."""
    return "\n".join([_JOBS, *(line for kind, made in KINDS.items() for line in models.sections(made.model, f"`{kind}`"))])


def all_commands() -> str:
    """Commands, their options and exit codes."""
    lines = [_COMMANDS]
    for command in (commands.program(), *commands.commands()):
        words = "\n\n".join(map(_escaped, command.paragraphs))
        lines += [f"## {command.name}", "", "```text", command.usage, "```", "", words, ""]
        if command.options:
            lines += ["| Option | |", "|---|---|",
                      *(f"| `{option.typed}` | {_escaped(option.does)} |".replace("[en|fr|pt]", "[en\\|fr\\|pt]")
                        for option in command.options), ""]
    codes = [f"| {code} | {words} |" for code, words in commands.exit_codes()]
    lines += ["## Exit codes", "", "| Code | Meaning |", "|---|---|", *codes, ""]
    return "\n".join(lines)


def _escaped(words: str) -> str:
    return words.replace("|", "\\|").replace("<", "&lt;").replace("*", "\\*").replace("_", "\\_")


PAGES = {"reference/settings.md": settings, "reference/jobs.md": jobs, "reference/commands.md": all_commands}
