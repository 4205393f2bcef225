"""The program: one line a command."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version
from typing import Annotated

import typer

from aep_delivery.cli.boundary import Command, Commands
from aep_delivery.cli.commands.adopt import adopt
from aep_delivery.cli.commands.apply import apply
from aep_delivery.cli.commands.drift import drift
from aep_delivery.cli.commands.plan import plan
from aep_delivery.cli.commands.remove import remove
from aep_delivery.cli.commands.run import run as run_delivery
from aep_delivery.cli.commands.schema import schema
from aep_delivery.cli.commands.status import status
from aep_delivery.cli.commands.validate import validate
from aep_delivery.cli.options import FLAG

app = typer.Typer(
    name="aep-delivery",
    cls=Commands,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

app.command("validate", cls=Command)(validate)
app.command("plan", cls=Command)(plan)
app.command("apply", cls=Command)(apply)
app.command("run", cls=Command)(run_delivery)
app.command("drift", cls=Command)(drift)
app.command("status", cls=Command)(status)
app.command("adopt", cls=Command)(adopt)
app.command("remove", cls=Command)(remove)
app.command("schema", cls=Command)(schema)


def _show_version(wanted: bool) -> None:  # noqa: FBT001 - typer's callbacks get the value alone
    if wanted:
        typer.echo(_version())
        raise typer.Exit


@app.callback(invoke_without_command=True)
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
      aep-delivery validate flights.yaml            is the config right?
      aep-delivery plan flights.yaml                what would change in Adobe?
      aep-delivery apply flights.yaml               change it
      aep-delivery run flights.yaml --now --follow  deliver, and prove it
      aep-delivery status                           how do all deliveries stand?

    Exit codes:
      0    done, nothing to change, verified
      1    an error, also in the command line
      2    plan: there are changes; drift: something is not as applied
      3    run: the delivered files are not all there and whole
      130  interrupted
    """
    if ctx.invoked_subcommand is None:
        typer.echo(ctx.get_help())


def _version() -> str:
    try:
        return version("aep-delivery")
    except PackageNotFoundError:
        return "(from a clone)"


def run() -> None:
    """The console script ``aep-delivery``. Ends the process."""
    app(prog_name="aep-delivery")
