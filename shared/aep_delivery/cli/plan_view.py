"""The plan on a screen, and as a file between ``plan --out`` and ``apply --plan``."""

from __future__ import annotations

from pathlib import Path

from pydantic import ValidationError

from aep_delivery.cli.screen import Screen
from aep_delivery.planning.plan import Plan
from aep_delivery.planning.text import plan_text
from aep_delivery.runtime.errors import UserError

_STYLES = {"+": "green", "~": "yellow", "±": "magenta", "-": "red", "&": "cyan", "!": "yellow", "=": "dim"}


def show_plan(screen: Screen, plan: Plan) -> None:
    """Write the plan for people, each line in the colour of its sigil."""
    for line in plan_text(plan).splitlines():
        sigil, _, rest = line.lstrip().partition(" ")
        screen.text(line, style=_STYLES.get(sigil, "") if rest else "")


def write_plan(path: Path, plan: Plan) -> None:
    """Write the plan as JSON. Raises ``UserError`` ``cli.file-unwritable``."""
    try:
        path.write_text(plan.model_dump_json(by_alias=True, indent=2) + "\n", encoding="utf-8")
    except OSError as error:
        raise UserError(
            f"The plan cannot be written: {error.strerror}.", code="cli.file-unwritable", place=str(path)
        ) from None


def read_plan(path: Path, *, delivery_id: str, owner: str) -> Plan:
    """A plan that was written before.

    Raises:
        UserError: ``cli.file-unreadable``, ``cli.plan-invalid``, ``cli.plan-foreign``.
    """
    try:
        plan = Plan.model_validate_json(path.read_bytes())
    except OSError as error:
        raise UserError(
            f"This plan cannot be read: {error.strerror}.", code="cli.file-unreadable", place=str(path)
        ) from None
    except ValidationError:
        raise UserError(
            "This is not a plan of this version.",
            code="cli.plan-invalid",
            place=str(path),
            hint="Write one with `aep-delivery plan FILE --out plan.json`, and do not edit it.",
        ) from None
    if (plan.delivery_id, plan.owner) != (delivery_id, owner):
        raise UserError(
            f"This plan is for {plan.delivery_id} in the stack {plan.owner}, not for {delivery_id} in {owner}.",
            code="cli.plan-foreign",
            place=str(path),
        )
    return plan
