from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator.adobe import filters
from emulator.adobe.problems import Problem

SEGMENT = "metrics.recordSummary.targetSummaries[].entitySummaries[].id"


def run(identifier: str, started: int, *entities: str) -> dict[str, Any]:
    summaries = [{"entitySummaries": [{"id": entity} for entity in entities]}]
    return {
        "id": identifier,
        "flowId": f"flow-{identifier}",
        "metrics": {"durationSummary": {"startedAtUTC": started}, "recordSummary": {"targetSummaries": summaries}},
    }


RUNS = [run("a", 100, "segment:1"), run("b", 200, "segment:1", "segment:2"), run("c", 300), {"id": "d", "flowId": "x"}]


def ids(*expressions: str) -> str:
    return "".join(item["id"] for item in filters.select("runs", RUNS, expressions))


@pytest.mark.parametrize(
    ("expressions", "expected"),
    [
        ((), "abcd"),
        (("flowId==flow-a",), "a"),
        (("flowId==flow-a,x",), "ad"),
        (("flowId==flow-a,flow-b", "metrics.durationSummary.startedAtUTC>100"), "b"),
        (("metrics.durationSummary.startedAtUTC>=200",), "bc"),
        (("metrics.durationSummary.startedAtUTC<200",), "a"),
        (("metrics.durationSummary.startedAtUTC<=200", f"{SEGMENT}==segment:2"), "b"),
        ((f"{SEGMENT}==segment:1",), "ab"),
        (("flowId==a==b",), ""),
    ],
)
def test_repeating_means_and_a_comma_means_or(expressions: tuple[str, ...], expected: str) -> None:
    assert ids(*expressions) == expected


@pytest.mark.parametrize(
    ("kind", "expression", "code"),
    [
        ("sourceConnections", "name==x", "FLOW-1440-400"),
        ("targetConnections", "name==x", "FLOW-1440-400"),
        ("connections", "auth.params.s3AccessKey==x", "FLOW-1440-400"),
        ("flows", "sourceConnectionIds==x", "FLOW-1440-400"),
        ("runs", "flowId=x", "FLOW-1448-400"),
        ("runs", "flowId!=x", "FLOW-1448-400"),
        ("runs", "metrics.durationSummary.startedAtUTC>soon", "FLOW-1443-400"),
    ],
)
def test_what_cannot_be_filtered_is_refused(kind: str, expression: str, code: str) -> None:
    with pytest.raises(Problem) as raised:
        filters.select(kind, RUNS, [expression])
    assert raised.value.reply.body["type"].endswith(code)


def test_booleans_are_spelled_as_in_json() -> None:
    flow = {"inheritedAttributes": {"properties": {"isDestinationFlow": True}}}
    assert filters.select("flows", [flow], ["inheritedAttributes.properties.isDestinationFlow==true"]) == [flow]


@given(st.lists(st.integers(), max_size=20))
def test_descending_is_the_reverse_of_ascending(numbers: list[int]) -> None:
    items = [{"createdAt": number} for number in numbers]
    assert [item["createdAt"] for item in filters.sort(items, "+createdAt")] == sorted(numbers)
    assert [item["createdAt"] for item in filters.sort(items, "-createdAt")] == sorted(numbers, reverse=True)
    assert filters.sort(items, "createdAt") == filters.sort(items, "+createdAt")


@pytest.mark.parametrize(("orderby", "code"), [(" createdAt", "1432"), ("-auth.params", "1432"), ("secret", "1433")])
def test_orderby_is_checked(orderby: str, code: str) -> None:
    with pytest.raises(Problem) as raised:
        filters.sort([], orderby)
    assert f"FLOW-{code}-400" in raised.value.reply.body["type"]
