"""What a workflow ends with does not depend on the engine: success and each class of failure, on both."""

from __future__ import annotations

import pytest

from tests.second_engine.engines import Both, Engines
from tests.workflow import sandboxes

pytestmark = [pytest.mark.workflow, pytest.mark.timeout(600)]


def test_a_delivery_that_is_verified(engines: Engines) -> None:
    ended = engines.deliver(engines.bench.config).assert_same()
    assert (ended.status, ended.output["verdict"]) == ("SUCCEEDED", "VERIFIED")


def test_files_that_many_functions_check(engines: Engines) -> None:
    ended = engines.deliver(lambda: engines.bench.config(datasets=("Stores",))).assert_same()
    assert (ended.status, ended.output["verdict"]) == ("SUCCEEDED", "VERIFIED")
    assert {"CheckFiles", "JudgeFiles"} <= set(ended.states)


def test_user_error_at_the_first_step(engines: Engines) -> None:
    ended = engines.deliver(lambda: b"version: 1\nname: [\n").assert_same()
    assert (ended.status, ended.error, ended.errors) == ("FAILED", "config.syntax", ["UserError"])


def test_user_error_at_the_plan(engines: Engines) -> None:
    ended = engines.deliver(lambda: engines.bench.config(datasets=("Nobody's",))).assert_same()
    assert (ended.status, ended.error, ended.errors) == ("FAILED", "dataset.not-exportable", ["UserError"])


def test_transient_error_that_goes_away(engines: Engines) -> None:
    refusal = {"message": "Following order ID(s) are not ready for dataset export"}
    outcomes = []
    for engine in engines.all:
        with engines.bench.fault("POST", "/adhocrun$", times=2, type="respond", status=400, body=refusal):
            outcomes.append(engine.outcome(engines.start(engine, engines.bench.config())))
    ended = Both(*outcomes).assert_same()
    assert (ended.status, ended.errors) == ("SUCCEEDED", ["TransientError"] * 2)


def test_transient_error_that_stays(engines: Engines) -> None:
    ended = engines.deliver(engines.locked_config).assert_same()
    assert (ended.status, ended.error) == ("FAILED", "state.delivery-locked")
    # The first attempt, and the 30 that the definition grants to who waits for a lock.
    assert ended.errors == ["TransientError"] * 31


def test_a_lock_that_comes_free(engines: Engines) -> None:
    configs = [engines.locked_config() for _ in engines.all]
    started = [engines.start(engine, config) for engine, config in zip(engines.all, configs, strict=True)]
    for engine, execution in zip(engines.all, started, strict=True):
        engines.wait_until(lambda: "TransientError" in engine.so_far(execution).errors)  # noqa: B023 - asked at once
    for config in configs:
        engines.unlock(config)
    outcomes = [engine.outcome(execution) for engine, execution in zip(engines.all, started, strict=True)]
    ended = Both(*outcomes).assert_same("errors on the way")
    assert (ended.status, ended.output["verdict"]) == ("SUCCEEDED", "VERIFIED")


def test_delivery_mismatch(engines: Engines) -> None:
    engines.bench.control("POST", "run-faults", {"outcome": "partial", "errors": [], "times": 2})
    ended = engines.deliver(engines.bench.config).assert_same()
    assert (ended.status, ended.error, ended.errors) == ("FAILED", "RUN_PARTIAL", [])


def test_internal_error(engines: Engines) -> None:
    with engines.bench.without_rights("VerifyDelivery"):
        ended = engines.deliver(engines.bench.config).assert_same()
    assert (ended.status, ended.error, ended.errors) == ("FAILED", "aws.refused", ["InternalError"])


def test_a_sandbox_that_dies_is_replaced(engines: Engines) -> None:
    bench, outcomes = engines.bench, []
    for engine in engines.all:
        with bench.fault("POST", "/flowservice/flows$", type="delay", seconds=1.0):
            execution = engines.start(engine, bench.config())
            engines.wait_until(lambda: bench.hits() == 1)
            sandboxes.kill(bench.installation.cloud.endpoint, "EnsureDataflow")
            outcomes.append(engine.outcome(execution))
    ended = Both(*outcomes).assert_same()
    assert (ended.status, ended.output["verdict"]) == ("SUCCEEDED", "VERIFIED")
    assert ended.errors[0] == "Runtime.ExitError"
