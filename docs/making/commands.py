"""What click knows of the commands, as plain facts: the reference and the manual page are made of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

import click

from wikibridge import errors
from wikibridge.cli.main import cli

NAME = "wikibridge"


@dataclass(frozen=True, slots=True)
class Option:
    """An option as it is typed, such as ``--page TEXT``, and what it does."""

    typed: str
    does: str


@dataclass(frozen=True, slots=True)
class Command:
    """A command: how it is called, its paragraphs, its options."""

    name: str
    usage: str
    paragraphs: tuple[str, ...]
    options: tuple[Option, ...]


def _described(command: click.Command, name: str) -> Command:
    context = click.Context(command, info_name=name, help_option_names=["-h", "--help"])
    usage = " ".join([name, *command.collect_usage_pieces(context)])
    paragraphs = tuple(" ".join(part.split()) for part in (command.help or "").split("\n\n"))
    options = tuple(Option(*record) for param in command.get_params(context)
                    if isinstance(param, click.Option) and (record := param.get_help_record(context)))
    return Command(name, usage, paragraphs, options)


def program() -> Command:
    """The program itself, with the options that stand before a command."""
    return _described(cli, NAME)


def _its_own(command: Command) -> Command:
    """The command without the option that every one has."""
    return replace(command, options=tuple(option for option in command.options if not option.typed.endswith("--help")))


def commands() -> Iterator[Command]:
    """All commands, by name."""
    for name, command in sorted(cli.commands.items()):
        if not command.hidden:
            yield _its_own(_described(command, f"{NAME} {name}"))


def exit_codes() -> list[tuple[str, str]]:
    """The numbers that the program ends with, and what they mean, as errors.py tells them."""
    told = " ".join((errors.__doc__ or "").split()).partition("ends with:")[2]
    return re.findall(r"(\d+) ([a-z][^,.]*)", told)
