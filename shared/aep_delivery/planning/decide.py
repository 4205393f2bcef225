"""The one rule for what a resource needs; planning and applying both ask it."""

from __future__ import annotations

from aep_delivery.planning.declared import DeclaredResource
from aep_delivery.planning.diff import FieldChange, changed_fields, lacks_marker
from aep_delivery.planning.live import LiveResources
from aep_delivery.planning.plan import PlannedAction, PlannedResource
from aep_delivery.state.records import DoneRecord, JournalEntry


def decide(
    declared: DeclaredResource,
    live: LiveResources,
    entry: JournalEntry | None,
    credential_version: str | None = None,
) -> PlannedResource:
    """What must happen so that Adobe has exactly this resource.

    Args:
        declared: As it should be.
        live: What the delivery owns of this kind.
        entry: What the journal knows.
        credential_version: Of the destination's secret, for the base connection, or the role that is assumed. Adobe
            never shows what it has, so what was last sent is compared.
    """
    superseded = {old.id for old in live.superseded} | set(entry.superseded if entry else ())
    if live.current is None:
        return PlannedResource(
            kind=declared.kind,
            action=PlannedAction.REPLACE if live.superseded else PlannedAction.CREATE,
            name=declared.name,
            id=None,
            supersedes=sorted(superseded),
        )
    known = entry.done if entry is not None and entry.done and entry.done.resource_id == live.current.id else None
    changes = [*changed_fields(declared, live.current), *_changed_role(declared, known)]
    rotates = credential_version is not None and (known is None or known.credential_version != credential_version)
    if known is None:
        action = PlannedAction.ADOPT
    elif changes or rotates:
        action = PlannedAction.UPDATE
    else:
        action = PlannedAction.KEEP
    return PlannedResource(
        kind=declared.kind,
        action=action,
        name=declared.name,
        id=live.current.id,
        changes=changes,
        takes_ownership=lacks_marker(declared, live.current),
        rotates_credentials=rotates,
        supersedes=sorted(superseded - {live.current.id}),
    )


def _changed_role(declared: DeclaredResource, known: DoneRecord | None) -> list[FieldChange]:
    """Another role than the one last sent: no secret, so that the plan can show it."""
    if declared.role is None or known is None or known.credential_version in (None, declared.role):
        return []
    before = known.credential_version if known.credential_version.startswith("arn:") else "(a secret)"
    return [FieldChange(path="auth.params", before=before, after=declared.role)]
