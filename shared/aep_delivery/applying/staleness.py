"""Refuses to do what the plan did not show."""

from __future__ import annotations

from aep_delivery.planning.plan import PlannedAction, PlannedResource
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
