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
        changes.extend(_differences(field, live.body.get(field), declared.body[field]))
    return changes


def patch_operations(
    declared: DeclaredResource, live: LiveResource, changes: list[FieldChange]
) -> list[dict[str, Any]]:
    """The JSON Patch for these changes: one ``replace`` (or ``add``) per top-level field.

    A whole object is sent where one of its fields changes, with the foreign fields it has (Adobe: replacing ``/params``
    replaces everything). Without ``test`` operations, which Flow Service does not know.
    """
    operations = []
    for field in dict.fromkeys(change.path.split(".")[0] for change in changes):
        wanted, there = declared.body[field], live.body.get(field)
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


def _differences(path: str, before: Any, after: Any) -> Iterator[FieldChange]:
    if isinstance(after, dict) and isinstance(before, dict):
        for key in sorted(after):
            yield from _differences(f"{path}.{key}", before.get(key), after[key])
    elif before != after:
        yield FieldChange(path=path, before=before, after=after)
