"""``aep-delivery plan``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from aep_delivery.cli import connection
from aep_delivery.cli.exits import Exit
from aep_delivery.cli.local import LocalExecution
from aep_delivery.cli.options import DEFAULT_STACK, ConfigFile, Debug, Json, Stack
from aep_delivery.cli.plan_view import show_plan, write_plan
from aep_delivery.cli.screen import Screen


def plan(
    file: ConfigFile,
    *,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="PLAN", help="Also write the plan, for apply --plan.")
    ] = None,
    stack: Stack = DEFAULT_STACK,
    as_json: Json = False,
    debug: Debug = False,
) -> int:
    """Show what applying a config would change in Adobe.

    Nothing is changed by it, and no lock is taken.

    Exit codes:
      0  nothing would change
      1  an error
      2  something would change

    Examples:
      aep-delivery plan flights.yaml
      aep-delivery plan flights.yaml --out plan.json
      aep-delivery plan flights.yaml --json | jq '.resources[] | {kind, action}'
    """
    screen = Screen(as_json=as_json, debug=debug)
    execution = LocalExecution(connection.connect(stack), file, tell=screen.note)
    with screen.busy("Comparing with Adobe ..."):
        made = execution.plan()
    show_plan(screen, made)
    if out is not None:
        write_plan(out, made)
        screen.text(f"The plan is kept: aep-delivery apply {file} --plan {out}")
    screen.document(made)
    return Exit.CHANGES if made.changes else Exit.OK
