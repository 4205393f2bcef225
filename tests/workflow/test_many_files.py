"""A delivery of many files is checked by many functions, and a damaged one among them is found and named."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest

from emulator.installation import install
from tests.workflow.bench import BUCKET, SECRET, Bench, Ended

pytestmark = [pytest.mark.workflow, pytest.mark.timeout(900)]

FILES, FEWER = 10_000, 600
SPEED = 60


@pytest.fixture(scope="module")
def crowd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    """An installation whose Adobe writes a file for every row."""
    lake = tmp_path_factory.mktemp("lake-of-many")
    for name, rows in (("Orders", FILES), ("Stores", FEWER)):
        (lake / name).mkdir()
        (lake / name / "dataset.json").write_text(json.dumps({"name": name}))
        (lake / name / "part-1.json").write_text("".join(f'{{"id":{n}}}\n' for n in range(rows)))
    with install(lake, wait_scale=1 / SPEED, adhoc_ready_after=0.0, rows_per_part=1) as running:
        running.add_destination(BUCKET, SECRET)
        bench = Bench(running, lake)
        yield bench
        bench.close()


def seconds_of(ended: Ended) -> dict[str, float]:
    """How long the steps of the verification took."""
    steps = ("verify_delivery", "check_files", "judge_files")
    return {
        entry["step"]: (
            datetime.fromisoformat(entry["leftAt"]) - datetime.fromisoformat(entry["enteredAt"])
        ).total_seconds()
        for entry in ended.receipt["timeline"]
        if entry["step"] in steps
    }


def map_run(bench: Bench, ended: Ended) -> dict[str, Any]:
    client = bench.installation.cloud.client("stepfunctions")
    [run] = client.list_map_runs(executionArn=ended.arn)["mapRuns"]
    return dict(client.describe_map_run(mapRunArn=run["mapRunArn"]))


def test_ten_thousand_files_are_checked_side_by_side(crowd: Bench, capsys: pytest.CaptureFixture[str]) -> None:
    ended = crowd.ended(crowd.drop(crowd.config()), seconds=600)
    with capsys.disabled():
        print(f"\n{FILES:,} files verified in {sum(seconds_of(ended).values()):.1f} s: {seconds_of(ended)}")
    assert (ended.status, ended.verdict) == ("SUCCEEDED", "VERIFIED")
    found = ended.receipt["verification"]
    assert (found["fileCount"], found["rows"], found["level"]) == (FILES, FILES, "content")
    assert found["estimate"]["batches"] == FILES / 250
    assert [state for state in ended.states if state in ("VerifyDelivery", "CheckFiles", "JudgeFiles")] == [
        "VerifyDelivery",
        "CheckFiles",
        "JudgeFiles",
    ]
    run = map_run(crowd, ended)
    assert (run["maxConcurrency"], run["itemCounts"]["succeeded"], run["itemCounts"]["total"]) == (2, 40, 40)


def test_the_damaged_one_of_many_is_named(crowd: Bench) -> None:
    config = crowd.config(datasets=("Stores",))
    with crowd.fault("GET", "/flowservice/runs", times=None, type="respond", status=200, body={"items": []}):
        arn = crowd.drop(config)
        victim = _last_of(crowd, config, FEWER)
        s3 = crowd.installation.cloud.client("s3")
        body = s3.get_object(Bucket=BUCKET, Key=victim)["Body"].read()
        s3.put_object(Bucket=BUCKET, Key=victim, Body=body[:-3])
    ended = crowd.ended(arn, seconds=120)
    assert (ended.status, ended.verdict) == ("FAILED", "CORRUPT")
    assert victim in ended.receipt["reason"]
    states = [file["state"] for file in ended.receipt["verification"]["datasets"][0]["files"]]
    assert sorted(states) == ["damaged", *["whole"] * (FEWER - 1)]


def test_a_batch_that_cannot_be_checked_fails_the_delivery_under_its_own_code(crowd: Bench) -> None:
    with crowd.without_rights("CheckFiles"):
        ended = crowd.ended(crowd.drop(crowd.config(datasets=("Stores",))), seconds=120)
    assert (ended.status, ended.error) == ("FAILED", "aws.refused")
    assert ended.receipt["failure"]["code"] == "aws.refused"
    assert map_run(crowd, ended)["status"] == "FAILED"
    assert "JudgeFiles" not in ended.states


def _last_of(bench: Bench, config: dict[str, Any], files: int) -> str:
    """The last data file of a run, once the run has written so many."""
    end = time.monotonic() + 60
    while time.monotonic() < end:
        found = sorted(key for key in bench.files(config) if "/part-" in key)
        if len(found) == files:
            return found[-1]
        time.sleep(0.1)
    raise TimeoutError(f"{len(found)} of {files} files were written")
