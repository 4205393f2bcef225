"""Field by field, what an update would change, and the JSON Patch that does it.

Only what is declared is compared, and what is declared as None must not be there. Fields that Adobe adds
(``createTime``, ``mode`` defaults, unknown keys) are neither differences nor lost.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel, ConfigDict

from aep_delivery.planning.declared import DeclaredResource
from aep_delivery.planning.live import LiveResource
from aep_delivery.state.records import ResourceKind

DISABLED = "disabled"
_FOLDERS = frozenset({"params.path", "params.remotePath"})
_DEFAULTS: dict[str, Any] = {
    "params.includeFileManifest": False,
    # Without a mode Adobe exports incrementally after a first full export (first edition of its tutorial).
    "scheduleParams.exportMode": "FIRST_FULL_THEN_INCREMENTAL",
}


class FieldChange(BaseModel):
    """One field that is not as declared."""

    model_config = ConfigDict(frozen=True)

    path: str
    """Dotted: ``scheduleParams.interval``."""
    before: Any
    after: Any


def changed_fields(declared: DeclaredResource, live: LiveResource) -> list[FieldChange]:
    """The managed fields in which an entity differs from what is declared, in a stable order."""
    changes: list[FieldChange] = []
    for field in declared.managed:
        if field == "description" and not declared.describes:
            continue
        there = live.body.get(field)
        if field == "description" and not declared.marker.marks(there):
            # Taking somebody's entity over adds the marker and is told as that.
            there = declared.marker.describe(there or "")
        changes.extend(_differences(field, there, declared.body[field]))
    if declared.kind is ResourceKind.DATAFLOW and live.body.get("state") == DISABLED:
        changes.append(FieldChange(path="state", before=DISABLED, after="enabled"))
    return changes


def lacks_marker(declared: DeclaredResource, live: LiveResource) -> bool:
    """Whether the entity has yet to be marked as the delivery's."""
    return not declared.marker.marks(live.body.get("description"))


def marking_operation(declared: DeclaredResource, live: LiveResource) -> dict[str, Any]:
    """The operation that adds the owner marker and leaves the rest of a description as it is."""
    there = live.body.get("description")
    text = declared.marker.describe(there or "").strip()
    return {"op": "add" if there is None else "replace", "path": "/description", "value": text}


def patch_operations(
    declared: DeclaredResource, live: LiveResource, changes: list[FieldChange]
) -> list[dict[str, Any]]:
    """The JSON Patch for these changes: one ``replace`` (or ``add``) per top-level field.

    A whole object is sent where one of its fields changes, with the foreign fields it has (Adobe: replacing ``/params``
    replaces everything). Without ``test`` operations, which Flow Service does not know.
    """
    operations = []
    fields = dict.fromkeys(change.path.split(".")[0] for change in changes)
    for field in (field for field in fields if field in declared.managed):
        wanted, there = declared.body.get(field), live.body.get(field)
        if wanted is None:
            operations.append({"op": "remove", "path": f"/{field}"})
            continue
        operation = "add" if there is None else "replace"
        operations.append({"op": operation, "path": f"/{field}", "value": _merged(there, wanted)})
    return operations


def _merged(there: Any, wanted: Any) -> Any:
    """What is wanted, and of what is there the fields that nobody declares."""
    if not isinstance(wanted, dict):
        return wanted
    there = there if isinstance(there, dict) else {}
    merged = {**there, **{key: _merged(there.get(key), value) for key, value in wanted.items()}}
    return {key: value for key, value in merged.items() if key not in wanted or value is not None}


def _value(path: str, value: Any) -> Any:
    """A value as it counts: what is left out counts as Adobe's default, a path with or without its last slash."""
    if value is None:
        return _DEFAULTS.get(path)
    return value.rstrip("/") if path in _FOLDERS and isinstance(value, str) else value


def _differences(path: str, before: Any, after: Any) -> Iterator[FieldChange]:
    if isinstance(after, dict) and isinstance(before, dict):
        for key in sorted(after):
            yield from _differences(f"{path}.{key}", before.get(key), after[key])
    elif _value(path, before) != _value(path, after):
        yield FieldChange(path=path, before=before, after=after)
