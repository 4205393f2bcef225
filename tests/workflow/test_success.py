"""A dropped config ends with files that are proven to be there."""

from __future__ import annotations

import json

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
    assert [state for state in ended.states if state in STEPS] == [s for s in STEPS if s in ended.states]
    assert set(STEPS) <= set(ended.states)
    assert "HandleFailure" not in ended.states
    assert ended.receipt["timeline"][0]["step"] == "load_config"
    assert config["name"] in ended.page
    assert json.loads(bench.installation.describe(ended.arn)["output"])["verdict"] == "VERIFIED"
