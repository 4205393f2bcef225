"""What Adobe's run did, and what lies in storage, becomes the right verdict."""

from __future__ import annotations

import gzip
import json
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from tests.workflow.bench import BUCKET, ONE_OF_EACH, Bench, Ended

pytestmark = pytest.mark.workflow


def assert_not_good(ended: Ended, verdict: str, event: str) -> None:
    assert (ended.status, ended.error, ended.verdict) == ("FAILED", verdict, verdict)
    assert ended.receipt["reason"] in ended.cause
    assert ended.cause.endswith(f"Receipt: {ended.event['detail']['receiptPage']}")
    assert (ended.event["detail-type"], ended.event["detail"]["verdict"]) == (event, verdict)
    assert ended.event["detail"]["reason"] == ended.receipt["reason"]
    assert ended.states[-1] == "NotVerified"


def test_a_run_that_failed_at_adobe(bench: Bench) -> None:
    config = bench.config()
    error = {"code": "CONNECTOR-2001-500", "message": "Disk full at the far end"}
    bench.control("POST", "run-faults", {"outcome": "fail", "errors": [error]})
    ended = bench.deliver(config)
    assert_not_good(ended, "RUN_FAILED", "Delivery Failed")
    assert "Disk full at the far end" in json.dumps(ended.receipt["run"]["errors"])
    assert "Disk full at the far end" in ended.page
    again = bench.deliver(config)
    assert again.verdict == "VERIFIED"
    assert bench.counts(config) == ONE_OF_EACH


def test_a_run_that_exported_a_part(bench: Bench) -> None:
    config = bench.config()
    error = {"code": "DEST-1001", "message": "some rows were left out"}
    bench.control("POST", "run-faults", {"outcome": "partial", "errors": [error]})
    assert_not_good(bench.deliver(config), "RUN_PARTIAL", "Delivery Mismatch Found")


def test_no_run_before_the_deadline(bench: Bench) -> None:
    config = bench.config(run__deadlineMinutes=3)
    with bench.fault("GET", "/flowservice/runs", times=None, type="respond", status=200, body={"items": []}):
        ended = bench.deliver(config)
    assert_not_good(ended, "NO_RUN", "Delivery Failed")
    assert ended.attempts["check_run"] > 1


def test_a_run_that_does_not_end_before_the_deadline(bench: Bench) -> None:
    config = bench.config(run__deadlineMinutes=3)
    bench.control("POST", "run-faults", {"outcome": "stall"})
    ended = bench.deliver(config)
    assert_not_good(ended, "NO_RUN", "Delivery Failed")
    assert ended.receipt["run"]["runIds"] == [run["id"] for run in bench.runs(config)]


def test_a_run_with_nothing_new_is_empty_and_good(bench: Bench) -> None:
    config = bench.config()
    first = bench.deliver(config)
    second = bench.deliver(config)
    assert (first.verdict, second.status, second.verdict) == ("VERIFIED", "SUCCEEDED", "EMPTY")
    assert second.event["detail-type"] == "Delivery Verified"
    assert (second.event["detail"]["rows"], second.event["detail"]["files"]) == (0, 0)
    assert {resource["action"] for resource in second.receipt["resources"]} == {"KEEP"}


def test_a_dataflow_that_is_not_ready_for_export_yet_is_asked_again(bench: Bench) -> None:
    config = bench.config()
    refusal = {"message": "Following order ID(s) are not ready for dataset export"}
    with bench.fault("POST", "/adhocrun$", times=2, type="respond", status=400, body=refusal):
        ended = bench.deliver(config)
    assert ended.verdict == "VERIFIED"
    assert ended.attempts["start_run"] == 3
    assert len(bench.runs(config)) == 1


def test_adobe_asks_to_come_back_later(bench: Bench) -> None:
    config = bench.config()
    with bench.fault("GET", "/flowservice/runs", times=4, type="respond", status=503, body={}):
        ended = bench.deliver(config)
    assert ended.verdict == "VERIFIED"


def _delete(s3: Any, key: str) -> None:
    s3.delete_object(Bucket=BUCKET, Key=key)


def _truncate(s3: Any, key: str) -> None:
    body = s3.get_object(Bucket=BUCKET, Key=key)["Body"].read()
    s3.put_object(Bucket=BUCKET, Key=key, Body=body[: len(body) // 2])


def _empty(s3: Any, key: str) -> None:
    s3.put_object(Bucket=BUCKET, Key=key, Body=b"")


def _drop_a_row(s3: Any, key: str) -> None:
    rows = gzip.decompress(s3.get_object(Bucket=BUCKET, Key=key)["Body"].read()).splitlines(keepends=True)
    s3.put_object(Bucket=BUCKET, Key=key, Body=gzip.compress(b"".join(rows[:-1])))


def _add_a_file(s3: Any, key: str) -> None:
    body = s3.get_object(Bucket=BUCKET, Key=key)["Body"].read()
    s3.put_object(Bucket=BUCKET, Key=re.sub(r"/part-\d+", "/part-00099", key), Body=body)


@pytest.mark.parametrize(
    ("file_type", "harm", "verdict"),
    [
        ("JSON", _delete, "INCOMPLETE"),
        ("JSON", _truncate, "CORRUPT"),
        ("PARQUET", _truncate, "CORRUPT"),
        ("JSON", _empty, "CORRUPT"),
        ("JSON", _drop_a_row, "COUNT_MISMATCH"),
        ("JSON", _add_a_file, "UNEXPECTED_FILES"),
    ],
)
def test_harm_between_the_run_and_its_verification_is_found(
    bench: Bench, file_type: str, harm: Callable[[Any, str], None], verdict: str
) -> None:
    config = bench.config(datasets=("Orders", "Stores"), destination__datasetFileType=file_type)
    with _hidden_runs(bench):
        arn = bench.drop(config)
        victim = _largest_file_of_the_ended_run(bench, config)
        harm(bench.installation.cloud.client("s3"), victim)
    ended = bench.ended(arn)
    assert_not_good(ended, verdict, "Delivery Mismatch Found")
    assert bench.counts(config) == ONE_OF_EACH


@contextmanager
def _hidden_runs(bench: Bench) -> Iterator[None]:
    """The workflow does not see that a run has ended before the context is left."""
    with bench.fault("GET", "/flowservice/runs", times=None, type="respond", status=200, body={"items": []}):
        yield


def _has_ended(run: dict[str, Any]) -> bool:
    # Adobe's pages do not agree on the name, so the emulated one takes turns.
    return not {"completedAtUTC", "stoppedAtUTC"}.isdisjoint((run.get("metrics") or {}).get("durationSummary", {}))


def _largest_file_of_the_ended_run(bench: Bench, config: dict[str, Any]) -> str:
    end = time.monotonic() + 30
    while not any(_has_ended(run) for run in bench.runs(config)):
        assert time.monotonic() < end, "the run did not end"
        time.sleep(0.05)
    s3 = bench.installation.cloud.client("s3")
    files = [key for key in bench.files(config) if "/part-" in key]
    return max(files, key=lambda key: int(s3.head_object(Bucket=BUCKET, Key=key)["ContentLength"]))
