"""Refuses to do what the plan did not show."""

from __future__ import annotations

from aep_delivery.config.models import DeliveryConfig
from aep_delivery.planning.plan import Plan, PlannedAction, PlannedActivation, PlannedResource
from aep_delivery.runtime.errors import UserError

_CREATING = frozenset({PlannedAction.CREATE, PlannedAction.REPLACE})


def refuse_stale(planned: PlannedResource, needed: PlannedResource) -> None:
    """Compare what would have to be done now with what the plan showed.

    Less than planned is fine: an earlier attempt may have ended half-way. More is not: somebody changed Adobe since.

    Args:
        planned: What the plan shows.
        needed: The same resource, planned anew.

    Raises:
        UserError: ``plan.stale``.
    """
    shown = [(change.path, change.before) for change in planned.changes]
    # By path and former value alone: what it becomes may have been an id that was not known yet.
    unplanned = [change for change in needed.changes if (change.path, change.before) not in shown]
    creates = needed.id is None
    rotates = needed.rotates_credentials and not planned.rotates_credentials
    if not unplanned and (planned.action in _CREATING or not (creates or rotates)):
        return
    details = [f"{change.path}: {change.before!r} -> {change.after!r}" for change in unplanned]
    if creates:
        details.append("it is not there any more")
    elif rotates:
        details.append("its credentials: the secret has another version")
    raise UserError(
        f"The {needed.kind} is not as the plan found it; the plan was to {planned.action} it.",
        code="plan.stale",
        place=needed.id or planned.id,
        details=details,
        hint="Something changed since the plan was made: start the delivery again for a new plan.",
    )


def refuse_other_config(plan: Plan, config: DeliveryConfig) -> None:
    """Refuse a plan that was made from another config.

    Raises:
        UserError: ``plan.stale``.
    """
    if plan.config_fingerprint != config.fingerprint:
        raise UserError(
            "The plan was made from another version of the config.",
            code="plan.stale",
            place=config.delivery_id,
            hint="Make a new plan from the config as it is now.",
        )


def refuse_older_journal(plan: Plan, serial: int) -> None:
    """Refuse a kept plan where the delivery was applied, or changed in any other way by us, since it was made.

    Args:
        plan: The plan that was kept.
        serial: Of the journal as it is now, read under the lock and before the first change.

    Raises:
        UserError: ``plan.stale``.
    """
    if plan.serial != serial:
        raise UserError(
            "The delivery has been worked on since the plan was made.",
            code="plan.stale",
            place=plan.delivery_id,
            details=[f"serial of the plan: {plan.serial}, of the journal: {serial}"],
            hint="Make a new plan.",
        )


def refuse_stale_activation(planned: PlannedActivation, needed: PlannedActivation, flow_id: str) -> None:
    """Compare what of an activation would have to be changed now with what the plan showed. Less than that is fine.

    Raises:
        UserError: ``plan.stale``.
    """
    shown = {(change.subject, change.action, change.id): change for change in planned.changes}
    details: list[str] = []
    for change in needed.changes:
        known = shown.get((change.subject, change.action, change.id))
        if known is None and not change.changes:
            details.append(f"{change.action} {change.subject} {change.name} {change.summary}".rstrip())
        before = [(field.path, field.before) for field in known.changes] if known is not None else []
        unplanned = [field for field in change.changes if (field.path, field.before) not in before]
        details += [f"{change.name}: {field.path}: {field.before!r} -> {field.after!r}" for field in unplanned]
    if details:
        raise UserError(
            "The audiences and attributes of the dataflow are not as the plan found them.",
            code="plan.stale",
            place=flow_id,
            details=details,
            hint="Something changed since the plan was made: start the delivery again for a new plan.",
        )
