"""Every call to Adobe fails in every way there is, and still there is exactly one of each."""

from __future__ import annotations

from typing import Any

import pytest

from aep_delivery.runtime.errors import TransientError
from emulator.adobe import problems
from tests.faults.harness import CONFIG, Installation, config

BASE = "/data/foundation/flowservice"
CHANGED = config(
    description="For the warehouse",
    destination={"path": "exports/both", "compression": "GZIP"},
    datasets=[{"name": "Planes"}, {"name": "Airports"}],
)

_PLAN = [
    # Whether the destination is what the catalogue says.
    f"GET {BASE}/flowSpecs/{{id}}",
    f"GET {BASE}/connectionSpecs/{{id}}",
    f"GET {BASE}/connectionSpecs/{{id}}/configs",
    f"GET {BASE}/flows",
    f"GET {BASE}/connections",
    f"GET {BASE}/sourceConnections",
    f"GET {BASE}/targetConnections",
]
CREATING = [
    "POST /ims/token/v3",
    *_PLAN,
    # How many destinations there are already.
    f"GET {BASE}/connections",
    f"GET {BASE}/connections",
    f"POST {BASE}/connections",
    f"GET {BASE}/connections/{{id}}",
    f"GET {BASE}/connections/{{id}}/test",
    f"GET {BASE}/sourceConnections",
    f"POST {BASE}/sourceConnections",
    f"GET {BASE}/sourceConnections/{{id}}",
    f"GET {BASE}/targetConnections",
    f"POST {BASE}/targetConnections",
    f"GET {BASE}/targetConnections/{{id}}",
    f"GET {BASE}/flows",
    f"POST {BASE}/flows",
    # Its creation is worked in asynchronously: looked at until it is through.
    *[f"GET {BASE}/flows/{{id}}"] * 5,
    f"GET {BASE}/runs",
    "POST /data/core/activation/disflowprovider/adhocrun",
]
CHANGING = [
    *_PLAN,
    f"GET {BASE}/connections",
    f"GET {BASE}/connections/{{id}}",
    f"PATCH {BASE}/connections/{{id}}",
    f"GET {BASE}/connections/{{id}}",
    f"GET {BASE}/connections/{{id}}/test",
    f"GET {BASE}/sourceConnections",
    f"POST {BASE}/sourceConnections",
    f"GET {BASE}/sourceConnections/{{id}}",
    # Whether the one that was replaced is still there.
    f"GET {BASE}/sourceConnections/{{id}}",
    f"GET {BASE}/targetConnections",
    f"GET {BASE}/targetConnections/{{id}}",
    f"PATCH {BASE}/targetConnections/{{id}}",
    f"GET {BASE}/targetConnections/{{id}}",
    f"GET {BASE}/flows",
    f"GET {BASE}/flows/{{id}}",
    f"PATCH {BASE}/flows/{{id}}",
    *[f"GET {BASE}/flows/{{id}}"] * 5,
    f"GET {BASE}/sourceConnections/{{id}}",
    f"DELETE {BASE}/sourceConnections/{{id}}",
]

UNAVAILABLE = {"type": "respond", "status": 503, "body": {"message": "Service unavailable"}}
Fault = tuple[dict[str, Any], int]
READ_FAULTS: dict[str, Fault] = {
    # Three times each is more than the client repeats by itself: the step has to be repeated.
    "silent": ({"type": "drop"}, 3),
    "throttled-for-long": ({"type": "respond", "status": 429, "headers": {"Retry-After": "120"}}, 1),
}
WRITE_FAULTS: dict[str, Fault] = {
    "lost-before-effect": ({"type": "drop"}, 1),
    "lost-after-effect": ({"type": "lose-answer"}, 1),
    "unavailable": (UNAVAILABLE, 1),
    "unavailable-for-long": (UNAVAILABLE, 4),
    "throttled": ({"type": "respond", "status": 429, "headers": {"Retry-After": "3"}}, 1),
    "throttled-for-long": READ_FAULTS["throttled-for-long"],
}


def answers(code: str) -> dict[str, Any]:
    """Flow Service refuses, in its own words."""
    reply = problems.flow(code, "Planted", "A planted refusal").reply
    return {"type": "respond", "status": reply.status, "body": reply.body}


PATCH_FAULTS: dict[str, Fault] = {
    **WRITE_FAULTS,
    "etag-conflict": (answers("1404-412"), 1),
    # More than one attempt at the step stands.
    "etag-conflicts": (answers("1404-412"), 6),
    "busy": (answers("1420-400"), 1),
}


def every_fault(calls: list[str]) -> list[Any]:
    """Each call of a clean run with each fault it may meet."""
    cases = []
    for index, call in enumerate(calls):
        method = call.partition(" ")[0]
        faults = {"PATCH": PATCH_FAULTS, "GET": READ_FAULTS}.get(method, WRITE_FAULTS)
        nth = calls[: index + 1].count(call)
        short = call.replace(BASE, "").replace(" /", "-").replace("/", "-").replace("{id}", "id")
        cases += [
            pytest.param(call, nth, *fault, id=f"{index:02}-{short}-{name}")
            for name, fault in faults.items()
            # A token is asked for again and again, and costs nothing.
            if not ("ims" in call and name == "unavailable-for-long")
        ]
    return cases


def test_clean_run_makes_the_calls_that_are_made_to_fail(stack: Installation) -> None:
    stack.deliver(run=True)

    assert stack.adobe.calls() == CREATING
    stack.assert_exactly_once(runs=1)


def test_clean_change_makes_the_calls_that_are_made_to_fail(stack: Installation) -> None:
    stack.deliver()
    stack.adobe.forget_requests()
    stack.rotate_secret()

    stack.deliver(CHANGED)

    assert stack.adobe.calls() == CHANGING
    stack.assert_exactly_once(CHANGED)


@pytest.mark.parametrize(("call", "nth", "action", "times"), every_fault(CREATING))
def test_created_once_whatever_call_fails(
    stack: Installation, call: str, nth: int, action: dict[str, Any], times: int
) -> None:
    stack.adobe.plant(call, action, nth=nth, times=times)

    stack.deliver(run=True)

    assert stack.adobe.hits() >= 1
    stack.adobe.control("DELETE", "faults")
    stack.assert_exactly_once(runs=1)


@pytest.mark.parametrize(("call", "nth", "action", "times"), every_fault(CHANGING))
def test_changed_once_whatever_call_fails(
    stack: Installation, call: str, nth: int, action: dict[str, Any], times: int
) -> None:
    stack.deliver()
    secret = stack.rotate_secret()
    stack.adobe.plant(call, action, nth=nth, times=times)

    stack.deliver(CHANGED)

    assert stack.adobe.hits() >= 1
    stack.adobe.control("DELETE", "faults")
    stack.assert_exactly_once(CHANGED)
    assert stack.adobe.secret_of(stack.adobe.only("connections")["id"]) == secret
    assert len(stack.adobe.only("sourceConnections")["params"]["datasets"]) == 2
    assert stack.adobe.only("targetConnections")["params"]["path"] == "exports/both"


@pytest.mark.parametrize("config", [CONFIG, CHANGED], ids=["one-dataset", "two-datasets"])
def test_same_config_ten_times_posts_once(stack: Installation, config: dict[str, Any]) -> None:
    stack.deliver(config)
    made = {kind: stack.adobe.only(kind)["id"] for kind in ("connections", "sourceConnections", "flows")}
    stack.adobe.forget_requests()

    plans = [stack.deliver(config) for _ in range(9)]

    assert stack.adobe.writes() == []
    assert [plan.changes for plan in plans] == [0] * 9
    assert {kind: stack.adobe.only(kind)["id"] for kind in made} == made
    stack.assert_exactly_once(config)


@pytest.mark.parametrize("collection", ["connections", "sourceConnections", "targetConnections", "flows"])
def test_throttled_creation_has_certainly_not_happened_and_leaves_no_intent(
    stack: Installation, collection: str
) -> None:
    action, times = WRITE_FAULTS["throttled-for-long"]
    stack.adobe.plant(f"POST {BASE}/{collection}", action, times=times)
    execution = stack.execution()
    execution.take_lock()
    execution.make_plan()
    execution.repeat = lambda act: act()

    with pytest.raises(TransientError, match="HTTP 429"):
        execution.apply()

    assert stack.pending() == []
