"""The workflows besides ``deliver``, on both engines."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.second_engine.conftest import SPEED
from tests.second_engine.engines import Engines
from tests.workflow.test_watches import EVERY, MINUTE, set_state, travel

pytestmark = [pytest.mark.workflow, pytest.mark.timeout(600)]


def removal(delivery_id: str) -> dict[str, Any]:
    """What the intake gives a removal."""
    return {
        "deliveryId": delivery_id,
        "trigger": "event",
        "occasion": "one",
        "requestedAt": "2026-01-01T00:00:00Z",
    }


def delivered(engines: Engines, **changes: Any) -> tuple[dict[str, Any], str]:
    """A delivery that has come once: its config and its id."""
    config = engines.bench.config(**changes)
    outcome = engines.first.outcome(engines.start(engines.first, config))
    assert outcome.status == "SUCCEEDED", outcome.cause
    return config, f"{config['sandbox']}/{config['name']}"


def test_remove(engines: Engines) -> None:
    ids = [delivered(engines)[1] for _ in engines.all]
    ended = engines.each("Remove", [removal(delivery_id) for delivery_id in ids]).assert_same()
    assert (ended.status, ended.errors) == ("SUCCEEDED", [])


def test_a_removal_that_is_not_allowed(engines: Engines) -> None:
    with engines.bench.without_rights("DisableDataflow"):
        ended = engines.each("Remove", [removal("prod/nobody")] * 2).assert_same()
    assert (ended.status, ended.errors) == ("FAILED", ["InternalError"])


def test_detect_drift_and_watch_freshness(engines: Engines) -> None:
    config, _ = delivered(engines)
    set_state(engines.bench, config, "disabled")
    drift = engines.each("DetectDrift", [{}, {}]).assert_same()
    assert any(found.get("drifted") for found in drift.output["deliveries"])
    # What is new is told once: the first look tells it.
    engines.first.outcome(engines.first.start(engines.machine("WatchFreshness"), "told", {}))
    fresh = engines.each("WatchFreshness", [{}, {}]).assert_same()
    assert any(found.get("findings") for found in fresh.output["deliveries"])


def test_a_watch_that_cannot_look(engines: Engines) -> None:
    delivered(engines)
    with engines.bench.without_rights("WatchFreshness"):
        both = engines.each("WatchFreshness", [{}, {}])
    ended = both.assert_same("cause", "errors on the way")
    assert (ended.status, ended.error) == ("FAILED", "freshness.not-watched")
    # The one passes a function's answer on as it came, the other as it would have written it.
    first, second = (one.cause.partition('"requestId"')[0] for one in (both.first, both.second))
    assert '{"errorMessage": "' in first
    assert second == first.replace('": "', '":"').replace('", ', '",')


def test_verify_run_and_find_runs(engines: Engines) -> None:
    bench = engines.bench
    first = bench.adobe_time().replace(minute=0, second=0) + timedelta(hours=12)
    schedule = {"scheduleParams__interval": 3, "scheduleParams__startTime": first.isoformat()}
    config, delivery_id = delivered(engines, destination__includeFileManifest=True, **schedule)
    try:
        travel(bench, first + EVERY + 30 * MINUTE)
        runs = sorted(bench.runs(config), key=lambda run: run["createdAt"])[1:]
        given = [{"deliveryId": delivery_id, "runId": run["id"]} for run in runs]
        ended = engines.each("VerifyRun", given).assert_same()
        assert (ended.status, ended.output["verdict"]) == ("SUCCEEDED", "EMPTY")
        again = engines.each("VerifyRun", given).assert_same()
        assert again.output["skipped"]
        engines.each("FindRuns", [{}, {}]).assert_same()
    finally:
        bench.control("POST", "clock", {"speed": SPEED})
        set_state(bench, config, "disabled")
