"""JSON Patch as the Flow Service takes it: add, replace and remove, and none of RFC 6902's other operations."""

from __future__ import annotations

import copy
import re
from typing import Any

from emulator.adobe import problems
from emulator.adobe.http import Json

_INDEX = re.compile(r"0|[1-9]\d*")


def apply(document: Json, operations: object) -> Json:
    """A patched copy of `document`. Operations are applied in order; a failing one leaves nothing changed.

    Adobe's pages spell the operations in lower case, its OpenAPI file in upper case: both are taken.

    Raises:
        Problem: FLOW-1405-400 without operations, FLOW-1434-400 for an unsupported one, FLOW-1455-400 for a path that
            doesn't exist.
    """
    if not isinstance(operations, list):
        raise problems.framework("The body must be an array of patch operations")
    if not operations:
        raise problems.flow("1405-400", "Empty body", "The patch request must hold at least one operation")
    patched = copy.deepcopy(document)
    for operation in operations:
        _apply_one(patched, operation)
    return patched


def _apply_one(document: Json, operation: object) -> None:
    if not isinstance(operation, dict) or not isinstance(operation.get("op"), str):
        raise _invalid("Missing field [op]")
    op = operation["op"].lower()
    if op not in {"add", "replace", "remove"}:
        raise problems.flow(
            "1434-400", "Unsupported patch operation", f"The operation [{operation['op']}] is unsupported"
        )
    path = operation.get("path")
    if not isinstance(path, str) or not path.startswith("/"):
        raise _invalid("Missing field [path]")
    if op != "remove" and "value" not in operation:
        raise _invalid("Missing field [value]")
    *parents, last = [part.replace("~1", "/").replace("~0", "~") for part in path[1:].split("/")]
    target: Any = document
    for part in parents:
        target = _step(target, part, path)
    value = copy.deepcopy(operation.get("value"))
    if isinstance(target, dict):
        _change_object(target, last, op, value, path)
    elif isinstance(target, list):
        _change_array(target, last, op, value, path)
    else:
        raise _missing(path)


def _step(target: Any, part: str, path: str) -> Any:
    if isinstance(target, dict) and part in target:
        return target[part]
    if isinstance(target, list):
        return target[_position(part, len(target) - 1, path)]
    raise _missing(path)


def _change_object(target: Json, key: str, op: str, value: object, path: str) -> None:
    if op != "add" and key not in target:
        raise _missing(path)
    if op == "remove":
        del target[key]
    else:
        target[key] = value


def _change_array(target: list[Any], key: str, op: str, value: object, path: str) -> None:
    if op == "add":
        target.insert(len(target) if key == "-" else _position(key, len(target), path), value)
    elif op == "replace":
        target[_position(key, len(target) - 1, path)] = value
    else:
        del target[_position(key, len(target) - 1, path)]


def _position(part: str, highest: int, path: str) -> int:
    if _INDEX.fullmatch(part) is None or int(part) > highest:
        raise _missing(path)
    return int(part)


def _missing(path: str) -> problems.Problem:
    return _invalid(f"Missing field [{path}]")


def _invalid(detail: str) -> problems.Problem:
    return problems.flow("1455-400", "Patch validation failed", detail)
