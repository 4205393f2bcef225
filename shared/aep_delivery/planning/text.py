"""The plan as a person reads it."""

from __future__ import annotations

from collections.abc import Iterator

from aep_delivery.planning.plan import Plan, PlannedAction, PlannedResource, Severity

_SIGILS = {
    PlannedAction.CREATE: "+",
    PlannedAction.UPDATE: "~",
    PlannedAction.REPLACE: "±",
    PlannedAction.ADOPT: "&",
    PlannedAction.KEEP: "=",
    PlannedAction.USE: ".",
}


def plan_text(plan: Plan) -> str:
    """The plan, one line a resource and one a changed field, then the warnings and a sum."""
    return "\n".join(_lines(plan))


def _lines(plan: Plan) -> Iterator[str]:
    yield f"Plan for {plan.delivery_id}"
    for resource in plan.resources:
        yield from _resource(resource)
    for other in plan.left_alone:
        yield f"  . leave   {other.kind:<17} {other.name} ({other.id}): it is not this delivery's"
    for warning in plan.warnings:
        mark = "!" if warning.severity is Severity.WARNING else "i"
        yield f"  {mark} {warning.message} [{warning.code}]"
    if plan.changes == 0:
        yield "No changes: Adobe is as declared."
    else:
        yield f"{plan.changes} of {len(plan.resources)} resources change."


def _resource(resource: PlannedResource) -> Iterator[str]:
    identifier = f" ({resource.id})" if resource.id else ""
    yield f"  {_SIGILS[resource.action]} {resource.action:<7} {resource.kind:<17} {resource.name}{identifier}"
    for change in resource.changes:
        yield f"        {change.path}: {change.before!r} -> {change.after!r}"
    if resource.takes_ownership:
        yield "        will be marked as this delivery's"
    if resource.rotates_credentials:
        yield "        credentials: another version of the secret"
    for old in resource.supersedes:
        yield f"      - remove {old} once nothing refers to it"
