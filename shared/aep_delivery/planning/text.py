"""The plan as a person reads it."""

from __future__ import annotations

from collections.abc import Iterator

from aep_delivery.planning.plan import (
    ActivationAction,
    ActivationChange,
    Plan,
    PlannedAction,
    PlannedResource,
    Severity,
)

_SIGILS = {
    PlannedAction.CREATE: "+",
    PlannedAction.UPDATE: "~",
    PlannedAction.REPLACE: "±",
    PlannedAction.ADOPT: "&",
    PlannedAction.KEEP: "=",
    PlannedAction.USE: ".",
}
_ACTIVATION_SIGILS = {ActivationAction.ADD: "+", ActivationAction.UPDATE: "~", ActivationAction.REMOVE: "-"}
_NARROWEST = 17


def plan_text(plan: Plan) -> str:
    """The plan, one line a resource and one a changed field, then the warnings and a sum."""
    return "\n".join(_lines(plan))


def _lines(plan: Plan) -> Iterator[str]:
    yield f"Plan for {plan.delivery_id}"
    width = max([_NARROWEST, *(len(resource.kind) for resource in plan.resources)])
    for resource in plan.resources:
        yield from _resource(resource, width)
    for change in plan.activation.changes if plan.activation else []:
        yield from _activation(change, width)
    for other in plan.left_alone:
        yield f"  . leave   {other.kind:<{width}} {other.name} ({other.id}): it is not this delivery's"
    for audience in plan.activation.left_alone if plan.activation else []:
        yield f"  . leave   {'audience':<{width}} {audience.name} ({audience.id}): somebody else has put it there"
    for warning in plan.warnings:
        mark = "!" if warning.severity is Severity.WARNING else "i"
        yield f"  {mark} {warning.message} [{warning.code}]"
    if plan.changes == 0:
        yield "No changes: Adobe is as declared."
    else:
        yield _sum(plan)


def _sum(plan: Plan) -> str:
    activated = len(plan.activation.changes) if plan.activation else 0
    resources = f"{plan.changes - activated} of {len(plan.resources)} resources change"
    if plan.activation is None:
        return f"{resources}."
    return f"{resources}, and {activated} {'thing' if activated == 1 else 'things'} of the activation."


def _activation(change: ActivationChange, width: int) -> Iterator[str]:
    words = [change.name, *([change.summary] if change.summary else [])]
    yield f"  {_ACTIVATION_SIGILS[change.action]} {change.action:<7} {change.subject:<{width}} {'  '.join(words)}"
    for field in change.changes:
        yield f"        {field.path}: {field.before!r} -> {field.after!r}"


def _resource(resource: PlannedResource, width: int) -> Iterator[str]:
    identifier = f" ({resource.id})" if resource.id else ""
    yield f"  {_SIGILS[resource.action]} {resource.action:<7} {resource.kind:<{width}} {resource.name}{identifier}"
    for change in resource.changes:
        yield f"        {change.path}: {change.before!r} -> {change.after!r}"
    if resource.takes_ownership:
        yield "        will be marked as this delivery's"
    # A role is no secret: which one it was and becomes stands among the changes.
    if resource.rotates_credentials and not any(change.path.startswith("auth.") for change in resource.changes):
        yield "        credentials: another version of the secret"
    for old in resource.supersedes:
        yield f"      - remove {old} once nothing refers to it"
