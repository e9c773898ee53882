"""Completion in a shell, by click's own mechanism: https://click.palletsprojects.com/en/stable/shell-completion/"""

from __future__ import annotations

import os
import re
from typing import Any

import click
from click.shell_completion import BashComplete, CompletionItem, add_completion_class, get_completion_class

from wikibridge.cli.base import cli

VARIABLE = "_WIKIBRIDGE_COMPLETE"


@add_completion_class
class Bash(BashComplete):
    """Bash, to which click gives values as they are: blanks and other signs of the shell are escaped, unless in quotes."""

    def format_completion(self, item: CompletionItem[Any]) -> str:
        """A line for the script."""
        words = os.environ["COMP_WORDS"].split("\n")
        place = int(os.environ["COMP_CWORD"])
        quoted = place < len(words) and words[place][:1] in ("'", '"')
        # Two strokes: click's script reads its lines with "read", which takes one of them away.
        value = item.value if quoted else re.sub(r"([^\w\-./:=+@,%])", r"\\\\\1", str(item.value))
        return f"{item.type},{value}"


@cli.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> None:
    """Print what makes the Tab key complete commands, jobs, runs and participants in your SHELL.

    For bash, add to ~/.bashrc: eval "$(wikibridge completion bash)". For zsh, add to ~/.zshrc, behind compinit: eval
    "$(wikibridge completion zsh)". For fish: wikibridge completion fish > ~/.config/fish/completions/wikibridge.fish
    """
    found = get_completion_class(shell)
    assert found is not None
    click.echo(found(cli, {}, "wikibridge", VARIABLE).source())
