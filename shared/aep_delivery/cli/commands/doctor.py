"""``aep-delivery doctor``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel

from aep_delivery.cli.checkup.adobe import check_adobe
from aep_delivery.cli.checkup.aws import check_aws
from aep_delivery.cli.checkup.checks import Checked, Checkup, State
from aep_delivery.cli.checkup.destination import check_config, check_destination
from aep_delivery.cli.exits import Exit
from aep_delivery.cli.options import DEFAULT_STACK, Debug, Json, Stack
from aep_delivery.cli.screen import Screen
from aep_delivery.runtime.errors import UserError

_STYLES = {State.OK: "green", State.FAILED: "bold red", State.SKIPPED: "dim"}
_WIDTH = 26


class DoctorDocument(BaseModel):
    """What ``--json`` prints."""

    model_config = ConfigDict(frozen=True, alias_generator=to_camel, populate_by_name=True)

    healthy: bool
    """Whether no check has failed."""
    checks: list[Checked]


def doctor(
    config: Annotated[Path | None, typer.Argument(metavar="CONFIG", help="Also check what this config needs.")] = None,
    *,
    sandbox: Annotated[
        str | None,
        typer.Option("--sandbox", metavar="NAME", help="The sandbox to look at. Default: those of known deliveries."),
    ] = None,
    stack: Stack = DEFAULT_STACK,
    as_json: Json = False,
    debug: Debug = False,
) -> int:
    """Check all that deliveries rest on, and say how to mend it.

    Your AWS credentials, the stack and what is in it, Adobe's credential, sandbox and clock; with a config also its
    secret, its destination, and Adobe's side of it. Nothing is changed anywhere, and no secret is shown.

    Each check is a line: ✓ well, ✗ not; a dash stands for what was not checked, with the reason.

    Exit codes:
      0  nothing is wrong
      1  something is; or an error

    Examples:
      aep-delivery doctor
      aep-delivery doctor flights.yaml
      aep-delivery doctor --sandbox dev --json | jq -r '.checks[].remedy'
    """
    if config is not None and sandbox is not None:
        raise UserError("The config names its sandbox.", code="cli.usage", hint="Leave --sandbox out.")
    screen = Screen(as_json=as_json, debug=debug)
    checkup = Checkup(lambda one: _tell(screen, one))
    with screen.busy("Looking ..."):
        found = check_aws(checkup, stack)
        services = found.services if found is not None else None
        wanted = check_config(checkup, config) if config is not None else None
        named = wanted.sandbox if wanted is not None else sandbox
        check_adobe(checkup, services, [named] if named is not None else None)
        check_destination(checkup, services, wanted)
    failed = sum(one.state is State.FAILED for one in checkup.done)
    screen.text("")
    screen.text(_ended(failed, len(checkup.done)), style="bold red" if failed else "green")
    screen.document(DoctorDocument(healthy=checkup.healthy, checks=checkup.done))
    return Exit.OK if checkup.healthy else Exit.ERROR


def _tell(screen: Screen, one: Checked) -> None:
    code = f" [{one.code}]" if one.code else ""
    screen.text(f"{one.state.sigil} {one.name:<{_WIDTH}} {one.message}{code}", style=_STYLES[one.state])
    for detail in one.details:
        screen.text(f"    {detail}")
    if one.remedy:
        screen.text(f"  → {one.remedy}")


def _ended(failed: int, checks: int) -> str:
    if not failed:
        return "Nothing is wrong."
    return f"{failed} of {checks} checks failed: mend the first one first."
