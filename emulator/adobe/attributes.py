"""Attribute paths into profiles, such as ``person.name.firstName`` and ``identityMap.Email``."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Mapping
from typing import Any

from emulator.adobe.http import Json

IDENTITY_MAP = "identityMap"
SEGMENT_MEMBERSHIP = "segmentMembership"
_DOT = re.compile(r"(?<!//)\.")


def split(path: str) -> list[str]:
    """The steps of a path. A dot inside a step, as in the namespace ``Phone_E.164``, is written ``//.``."""
    return [step.replace("//.", ".") for step in _DOT.split(path)]


def identity_path(namespace: str) -> str:
    """The path of an identity namespace."""
    return f"{IDENTITY_MAP}.{namespace.replace('.', '//.')}"


def value_at(profile: Mapping[str, Any], path: str) -> Any:
    """What `profile` holds at `path`, None where it holds nothing.

    Of an identity namespace it is the first identity, which is what Adobe exports; any other object or array is given
    as JSON text, as it would stand in a column.
    """
    steps = split(path)
    found: Any = profile
    for step in steps:
        found = found.get(step) if isinstance(found, Mapping) else None
    if steps[0] == IDENTITY_MAP and isinstance(found, list):
        return found[0].get("id") if found else None
    return json.dumps(found, separators=(",", ":")) if isinstance(found, dict | list) else found


def changed(profile: Json, values: Mapping[str, Any]) -> Json:
    """A copy of `profile` with `values` set at their paths; None removes."""
    result = copy.deepcopy(profile)
    for path, value in values.items():
        *parents, last = split(path)
        target = result
        for step in parents:
            following = target.get(step)
            if not isinstance(following, dict):
                following = target[step] = {}
            target = following
        if value is None:
            target.pop(last, None)
        else:
            target[last] = value
    return result


def identities(profile: Mapping[str, Any]) -> list[tuple[str, str]]:
    """All identities of a profile, as namespace and id."""
    namespaces = profile.get(IDENTITY_MAP) or {}
    return [(namespace, str(item["id"])) for namespace, items in namespaces.items() for item in items]


def is_status(path: str) -> bool:
    """Whether `path` is the membership's status, in the tutorials' short form or with namespace and audience."""
    steps = split(path)
    return steps[0] == SEGMENT_MEMBERSHIP and steps[-1] == "status"
