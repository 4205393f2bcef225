"""The program: one line a command."""

from __future__ import annotations

import os
import sys
from importlib import import_module
from typing import Annotated, cast

import typer

from aep_delivery.cli.boundary import ChecksAlone, Command, Commands
from aep_delivery.cli.options import FLAG

_COMMANDS: dict[str, type[Command]] = {
    "init": Command,
    "validate": Command,
    "plan": Command,
    "apply": Command,
    "run": Command,
    "drift": Command,
    "status": Command,
    "runs": Command,
    "receipt": Command,
    "verify": ChecksAlone,
    "check": ChecksAlone,
    "adopt": Command,
    "remove": Command,
    "doctor": Command,
    "demo": Command,
    "explain": ChecksAlone,
    "schema": Command,
}
"""Name → class. Each is the function of its name in the module of its name."""

_COMPLETE = "_AEP_DELIVERY_COMPLETE"
"""Set where a shell asks for completions."""


def program(*names: str) -> typer.Typer:
    """The program with these commands. Only their modules are imported: most of them take long."""
    app = typer.Typer(
        name="aep-delivery",
        cls=Commands,
        rich_markup_mode="rich",
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback(invoke_without_command=True)(_start)
    for name in names:
        command = getattr(import_module(f"aep_delivery.cli.commands.{name}"), name)
        app.command(name, cls=_COMMANDS[name])(command)
    return app


def __getattr__(name: str) -> typer.Typer:
    """``app``: the program with all commands, imported when somebody asks for it."""
    if name != "app":
        raise AttributeError(name)
    globals()[name] = program(*_COMMANDS)
    return cast("typer.Typer", globals()[name])


def _show_version(wanted: bool) -> None:  # noqa: FBT001 - typer's callbacks get the value alone
    if wanted:
        typer.echo(_version())
        raise typer.Exit


def _start(
    ctx: typer.Context,
    *,
    _: Annotated[
        bool, typer.Option("--version", metavar=FLAG, callback=_show_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Files from Adobe Experience Platform, declared in a config, delivered and proven.

    It works on what your AWS credentials see: a stack in AWS, or the embedded cloud of `make cloud`.

    A first tour:
      aep-delivery demo                             see it work, on this machine
      aep-delivery init                             write a first config
      aep-delivery validate flights.yaml            is the config right?
      aep-delivery demo --keep                      an embedded cloud to work on
      aep-delivery doctor flights.yaml              is all there that it needs?
      aep-delivery plan flights.yaml                what would change in Adobe?
      aep-delivery apply flights.yaml               change it
      aep-delivery run flights.yaml --now --follow  deliver, and prove it
      aep-delivery status                           how do all deliveries stand?
      aep-delivery receipt prod/nyc-flights         what was proven?
      aep-delivery verify flights.yaml              is it all still there?
      aep-delivery check exports/                   are these files whole?

    Exit codes:
      0    done, nothing to change, verified
      1    an error; also in the command line, but for check, verify and explain
      2    plan: there are changes; drift: something is not as applied;
           check, verify, explain: an error in the command line, or what is
           named is not there
      3    run, verify, check, demo: the files are not all there and whole
      130  interrupted
    """
    if ctx.invoked_subcommand is None:
        typer.echo(ctx.get_help())


def _version() -> str:
    from importlib.metadata import PackageNotFoundError, version  # noqa: PLC0415 - 30 ms that nobody else pays

    try:
        return version("aep-delivery")
    except PackageNotFoundError:
        return "(from a clone)"


def _wanted() -> list[str]:
    """The commands that have to be imported: the one that is called or completed, or all where that is open."""
    completing = os.environ.get("COMP_WORDS") or os.environ.get("_TYPER_COMPLETE_ARGS")
    words = completing.split(" ")[1:] if _COMPLETE in os.environ and completing else [*sys.argv[1:], ""]
    # A word that is not ended may still become another command: run, runs.
    return [words[0]] if len(words) > 1 and words[0] in _COMMANDS else [*_COMMANDS]


def run() -> None:
    """The console script ``aep-delivery``. Ends the process."""
    program(*_wanted())(prog_name="aep-delivery", complete_var=_COMPLETE)
