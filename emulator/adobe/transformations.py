"""The one transformation of an audience dataflow: which audiences and attributes it carries, and what the service adds.

Adobe: "Connect to batch destinations and activate data by using the Flow Service API", activate data, and "Activate
audiences to file-based destinations by using the Flow Service API".
"""

from __future__ import annotations

import copy
from collections.abc import Collection
from datetime import datetime
from typing import Any

from emulator.adobe import problems, selectors
from emulator.adobe.dataprep import Mapping
from emulator.adobe.http import Json

NAME = "GeneralTransform"
Selected = Json
"""The ``value`` of an audience's selector: id, file name, export mode, schedule, and the service's own times."""
_FIRST_GENERATION = frozenset({"segmentSelectors", "profileSelectors"})
_PROFILE_SELECTORS = frozenset({"selectors", "mandatoryFields", "primaryFields"})
# A mapping-set destination takes profileSelectors without a word, and exports nothing by them.
_CURRENT = frozenset({"segmentSelectors", "profileSelectors", "profileMapping", "mandatoryFields", "primaryFields"})
_TIMES = ("createTime", "updateTime")


def check(document: Json, *, current: bool, rare: bool, mappings: Collection[Mapping] | None) -> None:
    """Raise :class:`Problem` unless the flow's transformations are ones Adobe documents for its generation.

    Args:
        document: of an audience flow.
        current: whether its destination is of the current generation.
        rare: whether the destination takes weekly and monthly exports.
        mappings: of the flow's mapping set, None without one.
    """
    transformations = document["transformations"]
    if not transformations:
        return
    only = transformations[0]
    if len(transformations) != 1 or not isinstance(only, dict) or only.get("name") != NAME:
        raise problems.plain(f"transformations must hold {NAME} alone, or nothing")
    params = _object(only.get("params"), "params")
    if unknown := sorted(set(params) - (_CURRENT if current else _FIRST_GENERATION)):
        raise problems.plain(f"{NAME} has no params {', '.join(unknown)} at this destination")
    found = _selectors(params, "segmentSelectors", {"selectors"})
    for selector in found:
        selectors.check_audience(selector, current=current, rare=rare)
    ids = [selector["value"]["id"] for selector in found]
    if len(set(ids)) != len(ids):
        raise problems.plain("Each segment may be selected once")
    attributes = [
        selectors.check_attribute(item) for item in _selectors(params, "profileSelectors", _PROFILE_SELECTORS)
    ]
    if not current:
        selectors.check_keys(params.get("profileSelectors", {}), attributes)
    else:
        named = None if mappings is None else {name for item in mappings for name in (item.source, item.destination)}
        selectors.check_keys(params, named)


def params_of(document: Json) -> Json:
    """The transformation's params; empty where the flow was made without one."""
    transformations = document.get("transformations") or [{}]
    params: Json = transformations[0].get("params", {})
    return params


def selected(document: Json) -> list[Selected]:
    """The audiences of a flow, in order."""
    return [item["value"] for item in params_of(document).get("segmentSelectors", {}).get("selectors", ())]


def attributes(document: Json) -> list[str]:
    """The attribute paths of a first-generation flow, in order."""
    return [item["value"]["path"] for item in params_of(document).get("profileSelectors", {}).get("selectors", ())]


def complete(before: Json | None, after: Json, now: datetime) -> Json:
    """`after` with what the service adds: times on audiences, operator and mapping on attributes.

    Args:
        before: the flow as it was, None for a new one. An audience that hasn't changed keeps its times.
        after: the flow as a client wants it. Times a client sends are not heeded.
        now: the present; the times are epoch seconds, as text.
    """
    stored = copy.deepcopy(after)
    known = {value["id"]: value for value in selected(before or {})}
    stamp = str(int(now.timestamp()))
    for value in selected(stored):
        old = known.get(value["id"], {})
        value["createTime"] = old.get("createTime", stamp)
        value["updateTime"] = old.get("updateTime", stamp) if _own(old) == _own(value) else stamp
    for item in params_of(stored).get("profileSelectors", {}).get("selectors", ()):
        item["value"] = {**_mapped(item["value"]["path"]), **item["value"]}
    return stored


def _own(value: Selected) -> Selected:
    return {name: item for name, item in value.items() if name not in _TIMES}


def _mapped(path: str) -> Json:
    mapping = {
        "sourceType": "text/x.schema-path",
        "source": path,
        "destination": path,
        "identity": False,
        "primaryIdentity": False,
        "functionVersion": 0,
        "copyModeMapping": False,
        "sourceAttribute": path,
        "destinationXdmPath": path,
    }
    return {"path": path, "operator": "EXISTS", "mapping": mapping}


def _selectors(params: Json, name: str, known: Collection[str]) -> list[Any]:
    holder = _object(params.get(name, {}), name)
    if unknown := sorted(set(holder) - set(known)):
        raise problems.plain(f"{name} has no {', '.join(unknown)} at this destination")
    found = holder.get("selectors", [])
    if not isinstance(found, list):
        raise problems.plain(f"{name}.selectors must be an array")
    return found


def _object(value: Any, what: str) -> Json:
    if not isinstance(value, dict):
        raise problems.plain(f"{what} must be an object")
    return value
