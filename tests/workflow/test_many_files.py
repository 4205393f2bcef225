"""A delivery of ten thousand files is checked by many functions, and a damaged one among them is found and named."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest

from emulator.installation import install
from tests.workflow.bench import BUCKET, SECRET, Bench, Ended

pytestmark = [pytest.mark.workflow, pytest.mark.timeout(900)]

FILES = 10_000
SPEED = 60


@pytest.fixture(scope="module")
def crowd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    """An installation whose Adobe writes a file for every row."""
    lake = tmp_path_factory.mktemp("lake-of-many")
    (lake / "Orders").mkdir()
    (lake / "Orders" / "dataset.json").write_text(json.dumps({"name": "Orders"}))
    (lake / "Orders" / "part-1.json").write_text("".join(f'{{"orderID":{n}}}\n' for n in range(FILES)))
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
    assert found["estimate"]["batches"] == FILES / 100
    assert [state for state in ended.states if state in ("VerifyDelivery", "CheckFiles", "JudgeFiles")] == [
        "VerifyDelivery",
        "CheckFiles",
        "JudgeFiles",
    ]
    run = map_run(crowd, ended)
    assert (run["maxConcurrency"], run["itemCounts"]["succeeded"], run["itemCounts"]["total"]) == (2, 100, 100)
