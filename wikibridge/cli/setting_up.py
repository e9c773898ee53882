"""The commands to begin with, and the one that looks whether all is well."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from wikibridge.cli.base import cli, language, open_site, progress, say, told, visible

if TYPE_CHECKING:
    from wikibridge.errors import WikibridgeError
    from wikibridge.setup.account import Told


@cli.command()
@click.option("--wiki", type=click.Choice(["folder", "mediawiki", "tiki"]), default="folder", show_default=True,
              help="The embedded wiki, a real MediaWiki started from Debian's packages, or a server that answers as a Tiki.")
@click.option("--folder", type=click.Path(path_type=Path), default=Path("wikibridge-demo"), show_default=True,
              help="Where the demo's site folder is made anew.")
@click.option("--participants", type=click.IntRange(1, 100_000), default=300, show_default=True)
@click.pass_context
def demo(context: click.Context, wiki: str, folder: Path, participants: int) -> None:
    """The whole round trip with invented participants, to look at."""
    with told(context.obj["debug"]):
        from wikibridge.demo.show import demo as run_demo

        with progress(False) as bar:
            run_demo(folder, wiki, participants, bar, language())


class _Terminal:
    """Somebody who types the answers, or a script (``silent``) that gave them all as options."""

    def __init__(self, silent: bool) -> None:
        self.silent = silent
        self.language = language()

    def say(self, key: str, *params: object) -> None:
        click.echo(visible(say(key, *params)))

    def tell(self, error: WikibridgeError) -> None:
        click.secho(visible(error.say(self.language)), fg="red", err=True)

    def right(self, told: Told) -> None:
        mark, colour = {"error": ("✗", "red"), "warning": ("!", "yellow")}.get(told.weight, ("✓" if told.has else "–", "green"))
        click.echo(f"  {click.style(mark, fg=colour)} {visible(say(told.name))}")
        if told.remedy:
            click.echo(f"      {visible(say(*told.remedy))}")

    def _typed(self, option: str, words: str, default: str | None, hidden: bool) -> str:
        if self.silent:
            from wikibridge.errors import SettingsError

            if default is None:
                raise SettingsError("init-missing", option)
            return default
        try:
            return str(click.prompt(words, default=default, show_default=bool(default), hide_input=hidden))
        except click.Abort as error:
            raise KeyboardInterrupt from error

    def ask(self, option: str, key: str, default: str | None = None, *params: object) -> str:
        return self._typed(option, visible(say(key, *params)), default, hidden=False)

    def secret(self, option: str, key: str, *params: object) -> str:
        return self._typed(option, visible(say(key, *params)), None, hidden=True)

    def agree(self, key: str, *params: object) -> bool:
        try:
            return not self.silent and click.confirm(visible(say(key, *params)), default=False)
        except click.Abort as error:
            raise KeyboardInterrupt from error


def _secret(path: str | None) -> str | None:
    """A password or token from a file, or from standard input for ``-``: never from the command line, which others can see."""
    from wikibridge.site import read_text

    if path is None:
        return None
    return (sys.stdin.read() if path == "-" else read_text(Path(path))).strip()


@cli.command()
@click.argument("folder", type=click.Path(path_type=Path), required=False)
@click.option("--wiki", metavar="ADDRESS", help="The address of any page of the wiki, or “folder” to rehearse without a wiki.")
@click.option("--account", help="The name with which wikibridge logs in: User@app of a bot password; on a Tiki the token's user.")
@click.option("--password-file", metavar="FILE",
              help="A file that holds the bot password or API token, “-” for standard input. "
                   "WIKIBRIDGE_PASSWORD and WIKIBRIDGE_TOKEN serve as well.")
@click.option("--languages", metavar="en,fr,pt", help="The languages of participants; the first is the wiki's own.")
@click.option("--time-zone", metavar="ZONE", help="Such as Europe/Brussels. [default: that of this machine]")
@click.option("--participants", metavar="PREFIX", help="What the titles of participants' pages begin with.")
@click.option("--contact", metavar="ADDRESS", help="An e-mail address at which the wiki's administrators reach you.")
@click.option("--yes", is_flag=True, help="Ask nothing: what is not given and cannot be guessed is an error.")
@click.pass_context
def init(
    context: click.Context, folder: Path | None, wiki: str | None, account: str | None, password_file: str | None,
    languages: str | None, time_zone: str | None, participants: str | None, contact: str | None, yes: bool,
) -> None:
    """Set up a site FOLDER: find the wiki's API, try the account, write the settings. Changes nothing that is there already."""
    with told(context.obj["debug"]):
        from wikibridge.setup.begin import Given, begin
        from wikibridge.site import FILE

        context.obj["site"] = folder or context.obj["site"]
        if (context.obj["site"] / FILE).is_file():
            open_site(context)
        begin(context.obj["site"], Given(wiki, account, languages, time_zone, participants, contact, _secret(password_file)),
              _Terminal(yes))


@cli.command()
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON.")
@click.pass_context
def doctor(context: click.Context, as_json: bool) -> None:
    """Look whether all is well, from the settings to the schedule, and say what to do where it is not. Writes nothing."""
    with told(context.obj["debug"]):
        from contextlib import suppress

        from wikibridge.cli.schedule import installed
        from wikibridge.doctor.examine import examine, exit_code
        from wikibridge.errors import SettingsError

        with suppress(SettingsError):
            # For its language; what is wrong with it is the first thing that is told.
            open_site(context)
        facts, findings = [], []
        for check, found in examine(context.obj["site"], language(), installed):
            findings.append(found)
            facts.append({"check": check, "state": found.state, "sentence": found.sentence, "remedy": found.remedy})
            if not as_json:
                colour = {"ok": "green", "warning": "yellow", "error": "red", "skipped": "bright_black"}[found.state]
                label = click.style(say(f"doctor-state-{found.state}").ljust(10), fg=colour)
                click.echo(f"{label} {visible(say('doctor-line', say(f'doctor-name-{check}'), found.sentence))}")
                if found.remedy:
                    click.echo(f"{' ' * 11}→ {visible(found.remedy)}")
        if as_json:
            click.echo(json.dumps(facts, ensure_ascii=False, indent=1))
        elif not any(found.state in ("error", "warning") for found in findings):
            click.secho(say("doctor-well"), fg="green")
        if code := exit_code(findings):
            sys.exit(code)


@cli.command()
@click.option("--systemd", "way", flag_value="systemd", help="A timer of your systemd, in place of a line for your crontab.")
@click.option("--system", "way", flag_value="system", help="A timer of the machine's systemd, which needs root.")
@click.option("--install", is_flag=True, help="Put it where it belongs.")
@click.option("--remove", is_flag=True, help="Take away whatever was installed for this site.")
@click.pass_context
def schedule(context: click.Context, way: Literal["systemd", "system"] | None, install: bool, remove: bool) -> None:
    """Show what to paste so that jobs run when they are due: a line for crontab, or commands for systemd."""
    if install and remove:
        raise click.UsageError(say("schedule-one"), context)
    with told(context.obj["debug"]):
        from wikibridge.cli import schedule as plans
        from wikibridge.jobs.kinds import load_jobs

        site = open_site(context)
        if remove:
            removed = plans.remove(site.folder)
            for each in removed:
                click.echo(say("schedule-removed", visible(each)))
            if not removed:
                click.echo(say("schedule-none"))
            return
        ways = [job.options.every or site.settings.every for job in load_jobs(site).values()]
        minutes = plans.step(every for every in ways if every)
        if install:
            click.echo(say("schedule-installed", visible(plans.install(site.folder, minutes, way or "cron"))))
            if way == "systemd":
                click.echo(say("schedule-linger", "loginctl enable-linger"))
            return
        click.echo("# " + say("schedule-paste-cron" if way is None else "schedule-paste-shell"))
        click.echo(plans.pasted(site.folder, minutes, way or "cron"))
