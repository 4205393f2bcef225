"""The union schema of a sandbox's profiles, and whether an attribute is in it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from difflib import get_close_matches

from pydantic import JsonValue

from aep_delivery.adobe.answers import JsonObject
from aep_delivery.runtime.errors import UserError

_MAPS = ("identityMap", "segmentMembership")
"""Their keys are namespaces and audiences, which no schema lists."""
_DEEPEST = 20


def refuse_unknown(sources: Sequence[str], schema: JsonObject) -> None:
    """See that every source of a column is in a schema.

    Raises:
        UserError: ``attribute.unknown``: all that are not, each with what may have been meant.
    """
    unknown = [source for source in sources if not _is_in(schema, source.split("."))]
    if not unknown:
        return
    known = sorted(path for path in _paths(schema) if path not in _MAPS)
    raise UserError(
        f"The profile schema of this sandbox does not have {', '.join(repr(source) for source in unknown)}.",
        code="attribute.unknown",
        hint="Give the path as the union schema of the profile shows it; identities are written identityMap.Email.",
        place="activation.attributes",
        details=[_unknown_line(source, known) for source in unknown],
    )


def _unknown_line(source: str, known: Sequence[str]) -> str:
    close = get_close_matches(source, known, n=1, cutoff=0.6)
    return f"{source}: did you mean {close[0]}?" if close else source


def _is_in(schema: JsonValue, steps: Sequence[str]) -> bool:
    if steps[0] in _MAPS:
        return len(steps) > 1
    for step in steps:
        properties = _properties(schema)
        if properties is None:
            # A map has keys of its own, and what is described elsewhere can't be judged here.
            return isinstance(schema, dict) and ("additionalProperties" in schema or "$ref" in schema)
        name = re.sub(r"\[.*\]$", "", step)
        if name not in properties:
            return False
        schema = properties[name]
    return True


def _properties(schema: JsonValue) -> JsonObject | None:
    if isinstance(schema, dict) and isinstance(schema.get("items"), dict):
        schema = schema["items"]
    properties = schema.get("properties") if isinstance(schema, dict) else None
    return properties if isinstance(properties, dict) else None


def _paths(schema: JsonValue, depth: int = 0) -> Iterator[str]:
    for name, inner in (_properties(schema) or {}).items():
        below = list(_paths(inner, depth + 1)) if depth < _DEEPEST else []
        yield from (f"{name}.{path}" for path in below)
        if not below:
            yield name
