"""The command line: which commands there are, and what becomes of an error that none of them dealt with."""

from __future__ import annotations

import codecs
import importlib
import json
import os
import sys
from collections.abc import Sequence

import click

from migrator.model.errors import MappingError, MigratorError
from migrator.model.version import VERSION

COMMANDS = {
    "demo": "The whole story on an embedded tenant: nothing to sign in to.",
    "check": "Every finding in a mapping, offline.",
    "plan": "What would change, as plan.xlsx; changes nothing.",
    "run": "Plan, ask, apply, verify, report.",
    "apply": "Carry out a saved plan.",
    "resume": "Go on after a crash, an interrupt or failures.",
    "verify": "Compare the tenant with what was intended; changes nothing.",
    "rollback": "Put back what stood before a run.",
    "report": "Write the reports of a run again.",
    "runs": "The runs so far.",
    "where": "Everything that groups are assigned to, over all kinds.",
    "export": "The tenant's assignments as a mapping to fill in.",
    "template": "A blank mapping with instructions and drop-downs.",
    "doctor": "Sign-in, permissions, reachability, clock, limits.",
    "simulate": "Serve the embedded tenant, for every other command to talk to.",
}


class LazyGroup(click.Group):
    """Imports a command's file when the command is used, so that `--help` is there at once."""

    def list_commands(self, _: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, _: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        module = importlib.import_module(f"migrator.cli.commands.{name}")
        command: click.Command = module.command
        return command

    def format_commands(self, _: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(VERSION, prog_name="migrator")
def cli() -> None:
    """Moves Microsoft 365 policy assignments from group to group, and proves it.

    Start with `migrator demo`; then `migrator doctor`, `migrator plan MAPPING` and `migrator run MAPPING`.
    """


_YES = ("1", "true", "t", "yes", "y", "on")  # click's words


def run_command_line(arguments: Sequence[str]) -> int:
    """Runs one command; every failure becomes one line on standard error and an exit status."""
    as_json = "--json" in arguments or os.environ.get("MIGRATOR_JSON", "").strip().casefold() in _YES
    _unbreakable(sys.stdout)
    _unbreakable(sys.stderr)
    try:
        status = cli.main(list(arguments), prog_name="migrator", standalone_mode=False)
    except click.exceptions.Abort:
        return _say("interrupted", 130)
    except click.exceptions.Exit as leaving:
        return leaving.exit_code
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except MappingError as error:
        from migrator.cli.answer import show_findings

        where = str(error.missing_file or "")
        show_findings(
            error.findings, as_json=as_json, more={"error": str(error), **({"missing": where} if where else {})}
        )
        if where and not as_json:
            click.echo(f"Missing       {where} (what to create, and how)")
        return _say(str(error), error.exit_code)
    except MigratorError as error:
        if as_json:
            click.echo(json.dumps({"error": str(error)}))
        return _say(str(error), error.exit_code)
    except KeyboardInterrupt:
        return _say("interrupted", 130)
    except BrokenPipeError:  # whoever read our output has gone
        return 1
    except Exception as error:  # noqa: BLE001 - the last resort: a person gets one line, the log gets everything
        from migrator.cli.unexpected import keep

        return _say(f"Unexpected: {type(error).__name__}. The details are in {keep(error)}", 1)
    return int(status or 0)


def _say(text: str, status: int) -> int:
    click.echo(f"migrator: {text}", err=True)
    return status


def _unbreakable(stream: object) -> None:
    """A console that cannot show a character shows a substitute instead of ending the run."""
    reconfigure = getattr(stream, "reconfigure", None)
    if reconfigure is not None:
        codecs.register_error("migrator.plainer", _plainer)
        reconfigure(errors="migrator.plainer")


_PLAIN = {"–": "-", "—": "-", "…": "...", "“": '"', "”": '"', "‘": "'", "’": "'", "→": "->", "›": ">", "\u00a0": " "}


def _plainer(error: UnicodeError) -> tuple[str | bytes, int]:
    """Dashes and quotation marks as older consoles know them; anything else as an escape."""
    if isinstance(error, UnicodeEncodeError) and error.object[error.start] in _PLAIN:
        return _PLAIN[error.object[error.start]], error.start + 1
    return codecs.backslashreplace_errors(error)
