"""A dropped config ends with files that are proven to be there."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.workflow.bench import ONE_OF_EACH, Bench
from tests.workflow.conftest import ORDERS, STORES

pytestmark = pytest.mark.workflow

STEPS = [
    "LoadConfig",
    "AcquireLock",
    "PlanChanges",
    "EnsureBaseConnection",
    "EnsureSourceConnection",
    "EnsureTargetConnection",
    "EnsureDataflow",
    "StartRun",
    "ReleaseLock",
    "CheckRun",
    "VerifyDelivery",
    "RecordOutcome",
]


@pytest.mark.parametrize(
    ("file_type", "compression", "suffix"),
    [("JSON", "GZIP", ".json.gz"), ("PARQUET", "GZIP", ".gz.parquet"), ("PARQUET", "NONE", ".parquet")],
)
def test_a_dropped_config_ends_verified(bench: Bench, file_type: str, compression: str, suffix: str) -> None:
    config = bench.config(
        datasets=("Orders", "Stores"),
        destination__datasetFileType=file_type,
        destination__compression=compression,
        destination__includeFileManifest=True,
    )
    ended = bench.deliver(config)
    assert (ended.status, ended.verdict) == ("SUCCEEDED", "VERIFIED")
    assert bench.counts(config) == ONE_OF_EACH
    parts = [key for key in bench.files(config) if "/part-" in key]
    assert parts
    assert all(key.endswith(suffix) for key in parts)
    assert ended.event["detail-type"] == "Delivery Verified"
    assert ended.event["detail"]["rows"] == ended.receipt["verification"]["rows"] == ORDERS + STORES
    assert ended.event["detail"]["files"] == len(parts)
    # A run that takes its time is looked at more than once.
    assert list(dict.fromkeys(state for state in ended.states if state in STEPS)) == STEPS
    assert "HandleFailure" not in ended.states
    assert ended.receipt["timeline"][0]["step"] == "load_config"
    assert config["name"] in ended.page
    assert json.loads(bench.installation.describe(ended.arn)["output"])["verdict"] == "VERIFIED"
    assert_the_log_tells_of(ended.receipt, bench.function_logs())


def assert_the_log_tells_of(receipt: dict[str, Any], log: list[str]) -> None:
    """Every line and figure of a step is of its delivery and execution, and the verdict was counted once."""
    execution, delivery = receipt["request"]["execution"], receipt["delivery"]["id"]
    lines = [json.loads(text) for text in log if text.startswith("{") and execution in text]
    assert {line["execution"] for line in lines} == {execution}
    # The intake knows the config alone, not what is in it.
    assert {line.get("delivery") for line in lines} == {None, delivery}
    assert {line["key"] for line in lines if "delivery" not in line} == {receipt["request"]["key"]}
    assert [line["Rows"] for line in lines if "VerdictVerified" in line] == [[float(receipt["verification"]["rows"])]]
    assert sum(sum(line.get("AdobeCalls", [])) for line in lines) > 0
    assert [line for line in lines if "message" in line and line["correlation_id"] != execution] == []
