"""Files of audiences that are split, damaged on their way, or encrypted: what the receipt says of each."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest

from aep_delivery.config.load import load_config
from tests.workflow.audiences.stage import Stage, by_audience, codes, wait_until
from tests.workflow.bench import BUCKET
from tests.workflow.destinations.conftest import EXAMPLES

pytestmark = pytest.mark.workflow

SPLIT = ("Everyone",)
SHORT_PARTS = {"set.split-not-full"}
"""The emulated Adobe begins another file after 25 rows; the real one after 5,000,000, which the product knows."""


def _delete(part: str) -> Callable[[Stage, list[str]], None]:
    def harm(stage: Stage, keys: list[str]) -> None:
        (key,) = [key for key in keys if key.endswith(part)]
        stage.installation.cloud.client("s3").delete_object(Bucket=BUCKET, Key=key)

    return harm


def _cut(rows: float) -> Callable[[Stage, list[str]], None]:
    """Leave all but the last so many rows of the only CSV; half a row where it is 0.5."""

    def harm(stage: Stage, keys: list[str]) -> None:
        (key,) = [key for key in keys if key.endswith(".csv")]
        lines = stage.body(key).splitlines(keepends=True)
        body = b"".join(lines[:-1]) + (b"" if rows >= 1 else lines[-1][:5])
        stage.installation.cloud.client("s3").put_object(Bucket=BUCKET, Key=key, Body=body)

    return harm


HARMS: dict[str, tuple[tuple[str, ...], bool, Callable[[Stage, list[str]], None], str, str]] = {
    "a part is gone": (SPLIT, False, _delete("_2.csv"), "INCOMPLETE", "set.split-gap"),
    "a part is gone, says the manifest": (SPLIT, True, _delete("_2.csv"), "INCOMPLETE", "manifest.file-missing"),
    "the last part is gone": (SPLIT, False, _delete("_3.csv"), "INCOMPLETE", "set.files-missing"),
    "half a row": (("Spenders",), False, _cut(0.5), "CORRUPT", "csv."),
    "half a row, and a manifest": (("Spenders",), True, _cut(0.5), "CORRUPT", "manifest.size-mismatch"),
    "a row is gone": (("Spenders",), False, _cut(1), "COUNT_MISMATCH", "set.count-mismatch"),
    "a row is gone, and a manifest": (("Spenders",), True, _cut(1), "SIZE_MISMATCH", "manifest.size-mismatch"),
}


@pytest.mark.parametrize("name", HARMS)
def test_damage_between_the_run_and_its_verification_is_found(stage: Stage, name: str) -> None:
    audiences, manifest, harm, verdict, code = HARMS[name]
    config = stage.config(audiences=audiences, destination__includeFileManifest=manifest, run__trigger="NOW")
    # The workflow does not see that the run has ended before the harm is done.
    with stage.fault("GET", "/flowservice/runs", times=None, type="respond", status=200, body={"items": []}):
        arn = stage.drop(config)
        wait_until(lambda: _has_ended(stage, config), seconds=60)
        harm(stage, stage.files(config))
    ended = stage.ended(arn)
    told = f"{ended.receipt['reason']} {codes(ended)}"
    assert (ended.status, ended.verdict) == ("FAILED", verdict), told
    assert any(found.startswith(code) for found in codes(ended)), told
    assert ended.event["detail-type"] == "Delivery Mismatch Found"


def test_split_files_are_counted_together(stage: Stage) -> None:
    config = stage.config(
        audiences=("Everyone", "Nobody"),
        destination__includeFileManifest=True,
        destination__compression="GZIP",
        run__trigger="NOW",
    )
    ended = stage.deliver(config)
    assert ended.verdict == "VERIFIED", ended.receipt["reason"]
    names = sorted(key.rpartition("/")[2] for key in stage.files(config) if key.endswith(".csv.gz"))
    assert [re.sub(r"\d{8}_\d{6}", "", name) for name in names] == [
        "Everyone_.csv.gz",
        "Everyone__2.csv.gz",
        "Everyone__3.csv.gz",
    ]
    assert (by_audience(ended)["Everyone"]["rows"], ended.event["detail"]["files"]) == (60, 3)
    assert by_audience(ended)["Nobody"]["rows"] == 0
    assert codes(ended) <= SHORT_PARTS


def test_of_encrypted_files_the_receipt_claims_no_more_than_is_proven(stage: Stage) -> None:
    example = load_config((EXAMPLES / "encrypted-audiences.yaml").read_bytes(), "encrypted.yaml").document()
    config = stage.config(destination__encryption=example["destination"]["encryption"], run__trigger="NOW")
    ended = stage.deliver(config)
    assert (ended.status, ended.verdict) == ("SUCCEEDED", "VERIFIED")
    verification = ended.receipt["verification"]
    assert verification["encrypted"] is True
    assert (verification["fileCount"], verification["uncountedFiles"], verification["rows"]) == (1, 1, 0)
    assert "as far as encrypted files show: what is inside was not read" in ended.receipt["reason"]
    (key,) = stage.files(config)
    assert key.endswith(".csv.pgp")
    assert b"example.com" not in stage.body(key)
    # The public key is no secret, but it is long, and no receipt needs it.
    assert example["destination"]["encryption"]["publicKey"] not in json.dumps(ended.receipt) + ended.page


def _has_ended(stage: Stage, config: dict[str, Any]) -> bool:
    # Adobe's pages do not agree on the name, so the emulated one takes turns.
    summaries = [(run.get("metrics") or {}).get("durationSummary", {}) for run in stage.runs(config)]
    return bool(summaries) and not {"completedAtUTC", "stoppedAtUTC"}.isdisjoint(summaries[0])
