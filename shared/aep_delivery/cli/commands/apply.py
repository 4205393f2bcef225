"""``aep-delivery apply``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel

from aep_delivery.cli import connection
from aep_delivery.cli.exits import Exit, UserInterruptError
from aep_delivery.cli.local import LocalExecution
from aep_delivery.cli.options import DEFAULT_STACK, FLAG, ConfigFile, Debug, Json, Stack
from aep_delivery.cli.plan_view import read_plan, show_plan
from aep_delivery.cli.screen import Screen
from aep_delivery.planning.plan import Plan
from aep_delivery.runtime.errors import DeliveryError, UserError
from aep_delivery.verification.receipt.figures import plural
from aep_delivery.workflow.messages import EnsuredResource


class AppliedDocument(BaseModel):
    """What ``--json`` prints."""

    model_config = ConfigDict(frozen=True, alias_generator=to_camel, populate_by_name=True)

    delivery_id: str
    execution: str
    changes: int
    """How many resources the plan changed."""
    resources: list[EnsuredResource]
    """What was done to each; none where there was nothing to do."""
    plan: Plan


def apply(
    file: ConfigFile,
    *,
    plan_file: Annotated[
        Path | None,
        typer.Option("--plan", metavar="PLAN", help="Apply exactly this plan, or nothing where it is stale."),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", metavar=FLAG, help="Do not ask.")] = False,
    stack: Stack = DEFAULT_STACK,
    as_json: Json = False,
    debug: Debug = False,
) -> int:
    """Make Adobe as a config declares.

    The plan is shown, you are asked, and exactly that plan is carried out. Nothing is exported by it.

    The delivery is locked meanwhile, also against the workflow. Ctrl-C gives the lock back; to apply again goes on
    where this one ended.

    Exit codes:
      0  Adobe is as declared
      1  an error, or you said no

    Examples:
      aep-delivery apply flights.yaml
      aep-delivery plan flights.yaml --out plan.json
      aep-delivery apply flights.yaml --plan plan.json --yes
    """
    screen = Screen(as_json=as_json, debug=debug)
    installation = connection.connect(stack)
    execution = LocalExecution(installation, file, tell=screen.note)
    if plan_file is None:
        with screen.busy("Comparing with Adobe ..."):
            plan = execution.plan()
    else:
        plan = read_plan(plan_file, delivery_id=execution.delivery_id, owner=installation.settings.owner)
    show_plan(screen, plan)
    resources: list[EnsuredResource] = []
    if plan.does_something:
        if not yes:
            _ask(screen)
        screen.text("")
        resources = _carry_out(execution, plan, screen)
        if plan.activation and plan.activation.changes:
            screen.text(f"  {'update':<7} {'activation':<17} {plural(len(plan.activation.changes), 'change')}")
        screen.text(f"Applied. Config and plan are kept in the work bucket under {execution.folder}/.", style="green")
    screen.document(
        AppliedDocument(
            delivery_id=execution.delivery_id,
            execution=execution.name,
            changes=plan.changes,
            resources=resources,
            plan=plan,
        )
    )
    return Exit.OK


def _carry_out(execution: LocalExecution, plan: Plan, screen: Screen) -> list[EnsuredResource]:
    done: list[EnsuredResource] = []

    try:
        with screen.busy("Applying ...", total=len(plan.resources)) as busy:

            def tell(resource: EnsuredResource) -> None:
                done.append(resource)
                screen.text(f"  {resource.action:<7} {resource.kind:<17} {resource.id}")
                busy.advance()

            return execution.apply(plan, tell)
    except DeliveryError as error:
        error.details = [*error.details, *_so_far(done, plan)]
        raise
    except KeyboardInterrupt:
        raise UserInterruptError(
            "Interrupted; the lock is given back.",
            code="cli.interrupted",
            details=_so_far(done, plan),
            hint="Apply again to go on.",
        ) from None


def _so_far(done: list[EnsuredResource], plan: Plan) -> list[str]:
    lines = [f"done: {resource.action} {resource.kind} {resource.id}" for resource in done]
    return [*lines, f"{len(done)} of {len(plan.resources)} resources are as planned"]


def _ask(screen: Screen) -> None:
    if not screen.asks:
        raise UserError(
            "There are changes, and nobody to ask whether to make them.",
            code="cli.not-confirmed",
            hint="--yes applies without asking.",
        )
    if not typer.confirm("Apply this plan?"):
        raise UserError("Not applied: you said no.", code="cli.not-confirmed")
