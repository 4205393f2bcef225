from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator.adobe import patching
from emulator.adobe.problems import Problem

DOCUMENT = {"name": "a", "params": {"x/y": 1}, "list": [{"id": 1}, {"id": 2}, {"id": 3}]}


@pytest.mark.parametrize(
    ("operations", "expected"),
    [
        ([{"op": "replace", "path": "/name", "value": "b"}], {"name": "b"}),
        ([{"op": "REPLACE", "path": "/name", "value": "b"}], {"name": "b"}),
        ([{"op": "add", "path": "/params/new", "value": 2}], {"params": {"x/y": 1, "new": 2}}),
        ([{"op": "replace", "path": "/params/x~1y", "value": 2}], {"params": {"x/y": 2}}),
        ([{"op": "add", "path": "/list/-", "value": 4}], {"list": [*DOCUMENT["list"], 4]}),
        ([{"op": "add", "path": "/list/1", "value": 4}], {"list": [{"id": 1}, 4, {"id": 2}, {"id": 3}]}),
        ([{"op": "replace", "path": "/list/0/id", "value": 9}], {"list": [{"id": 9}, {"id": 2}, {"id": 3}]}),
        ([{"op": "remove", "path": "/list/0"}, {"op": "remove", "path": "/list/1"}], {"list": [{"id": 2}]}),
    ],
)
def test_operations_are_applied_in_order(operations: list[Any], expected: dict[str, Any]) -> None:
    assert patching.apply(DOCUMENT, operations) == {**DOCUMENT, **expected}


@pytest.mark.parametrize(
    ("operation", "code"),
    [
        ({"op": "move", "from": "/name", "path": "/list"}, "1434"),
        ({"op": "test", "path": "/name", "value": "a"}, "1434"),
        ({"op": "copy", "from": "/name", "path": "/x"}, "1434"),
        ({"op": "replace", "path": "/missing", "value": 1}, "1455"),
        ({"op": "remove", "path": "/missing"}, "1455"),
        ({"op": "add", "path": "/missing/x", "value": 1}, "1455"),
        ({"op": "replace", "path": "/list/3", "value": 1}, "1455"),
        ({"op": "replace", "path": "/list/-", "value": 1}, "1455"),
        ({"op": "add", "path": "/list/01", "value": 1}, "1455"),
        ({"op": "add", "path": "/name/x", "value": 1}, "1455"),
        ({"op": "add", "path": "/name"}, "1455"),
        ({"op": "add", "value": 1}, "1455"),
        ({"path": "/name", "value": 1}, "1455"),
        ("replace", "1455"),
    ],
)
def test_other_operations_and_missing_paths_are_refused(operation: object, code: str) -> None:
    with pytest.raises(Problem) as raised:
        patching.apply(DOCUMENT, [operation])
    assert f"FLOW-{code}-400" in raised.value.reply.body["type"]


def test_an_empty_patch_is_refused() -> None:
    with pytest.raises(Problem, match="FLOW-1405-400"):
        patching.apply(DOCUMENT, [])


@given(st.lists(st.integers(0, 4), min_size=1, max_size=5))
def test_a_failing_patch_changes_nothing(indices: list[int]) -> None:
    document: dict[str, Any] = {"list": [0, 1, 2]}
    operations = [{"op": "remove", "path": f"/list/{index}"} for index in indices]
    try:
        patched = patching.apply(document, operations)
    except Problem:
        assert document == {"list": [0, 1, 2]}
    else:
        assert len(patched["list"]) == 3 - len(indices)
