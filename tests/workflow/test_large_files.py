"""One file that takes longer than a function has is read by several, and judged as if one had read it."""

from __future__ import annotations

import gzip
import hashlib
import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from aep_delivery.storage.memory import MemoryReader
from aep_delivery.verification.checkers import checker_for
from aep_delivery.verification.checkers.base import FileCheck
from aep_delivery.verification.limits import Limits
from emulator.installation import install
from tests.workflow.audiences.stage import SPEED, Stage, wait_until
from tests.workflow.bench import BUCKET, SECRET, Bench, Ended

pytestmark = [pytest.mark.workflow, pytest.mark.timeout(900)]

ROWS, PEOPLE = 80_000, 1_500
SECONDS = "0.008"
"""What a function may take for a file: 480 kB of what is read at full speed, 200 kB of JSON in gzip."""
RANDOM = random.Random(1)  # noqa: S311 - test data


def person(number: int) -> dict[str, Any]:
    # With line ends, so that some begin in the middle of a quoted field wherever the file is cut.
    name = f"Zoë,\n{number}" * 80
    return {
        "identityMap": {"CRMID": [{"id": f"C-{number}", "primary": True}]},
        "person": {"name": {"firstName": name}},
        "personalEmail": {"address": f"person.{number}@example.com"},
        "loyalty": {"tier": "gold"},
    }


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("large-lake")
    (folder / "Orders").mkdir()
    (folder / "Orders" / "dataset.json").write_text(json.dumps({"name": "Orders"}))
    rows = (
        {"id": n, **{name: f"{RANDOM.getrandbits(48):x}" for name in ("sku", "ean", "lot", "bin")}} for n in range(ROWS)
    )
    (folder / "Orders" / "part-1.json").write_text("".join(json.dumps(row) + "\n" for row in rows))
    store = folder / "_profiles"
    store.mkdir()
    (store / "profiles.ndjson").write_text("".join(json.dumps(person(n)) + "\n" for n in range(PEOPLE)))
    audience = {"id": "25768be6-ebd5-45cc-8913-12fb3f348601", "name": "Gold", "where": {"loyalty.tier": "gold"}}
    (store / "audiences.yaml").write_text(json.dumps({"audiences": [audience]}))
    return folder


@pytest.fixture(scope="module")
def stage(lake: Path) -> Iterator[Stage]:
    with install(
        lake,
        wait_scale=1 / SPEED,
        adhoc_ready_after=0.0,
        adhoc_audience_ready_after=30.0,
        rows_per_part=ROWS,
        parameters={"CheckSeconds": SECONDS},
    ) as running:
        running.add_destination(BUCKET, SECRET)
        stage = Stage(running, lake)
        yield stage
        stage.close()


FORMS = {"JSON": 1, "CSV": 1, "JSON-GZIP": 2, "PARQUET-GZIP": 2}
"""How many files there are. Those of audiences are plain, those of datasets are not."""


def config_of(stage: Stage, form: str) -> dict[str, Any]:
    file_type, _, compression = form.partition("-")
    if not compression:
        # Before noon, when the schedule of the audience begins.
        stage.morning()
        return stage.config(audiences=("Gold",), run__trigger="NOW", destination__fileType=file_type)
    return Bench.config(stage, destination__datasetFileType=file_type, destination__compression=compression)


def whole(form: str, body: bytes) -> FileCheck:
    """What one reader says of a file."""
    file_type, _, compression = form.partition("-")
    reader = MemoryReader()
    checker: Any = checker_for(file_type, compression or "NONE")  # type: ignore[arg-type]
    check: FileCheck = checker.check(reader.put("file", body), reader, Limits())
    return check


def files_of(ended: Ended) -> list[dict[str, Any]]:
    found = ended.receipt["verification"]
    exports = found.get("datasets") or found["audiences"]
    return list(exports[0]["files"])


def data_files(stage: Stage, config: dict[str, Any]) -> list[str]:
    return sorted(key for key in stage.files(config) if "/part-" in key or "/Gold_" in key)


def stored(stage: Stage, key: str) -> bytes:
    return bytes(stage.installation.cloud.client("s3").get_object(Bucket=BUCKET, Key=key)["Body"].read())


@pytest.mark.parametrize("form", FORMS)
def test_a_large_file_is_whole_in_its_parts_as_it_is_in_one(stage: Stage, form: str) -> None:
    ended = stage.ended(stage.drop(config_of(stage, form)), seconds=180)
    assert (ended.status, ended.verdict) == ("SUCCEEDED", "VERIFIED"), ended.receipt["reason"]
    assert "CheckFiles" in ended.states
    assert len(files_of(ended)) == FORMS[form]
    for file in files_of(ended):
        body = stored(stage, file["key"])
        alone = whole(form, body)
        assert (file["rows"], file["level"], file["findings"]) == (alone.rows, "content", [])
        assert (file["checksummed"], file["sha256"], file["state"]) == (alone.checksummed, None, "whole")
        assert len(file["parts"]) > 2
        start = 0
        for part in file["parts"]:
            assert part["start"] == start
            assert part["sha256"] == hashlib.sha256(body[start : part["end"]]).hexdigest()
            start = part["end"]
        assert start == len(body)
    assert ended.receipt["verification"]["rows"] == (ROWS if "-" in form else PEOPLE)
    sizes = [file["size"] for file in files_of(ended)]
    assert ended.receipt["verification"]["estimate"]["bytes"] == sum(sizes)


@pytest.mark.parametrize("form", FORMS)
def test_one_damaged_part_is_found_where_one_reader_finds_it(stage: Stage, form: str) -> None:
    config = config_of(stage, form)
    with stage.fault("GET", "/flowservice/runs", times=None, type="respond", status=200, body={"items": []}):
        arn = stage.drop(config)
        wait_until(lambda: len(data_files(stage, config)) == FORMS[form], seconds=90)
        key = data_files(stage, config)[-1]
        body = bytearray(stored(stage, key))
        for at in range(len(body) * 2 // 3, len(body) * 2 // 3 + 8):
            body[at] ^= 0xFF
        stage.installation.cloud.client("s3").put_object(Bucket=BUCKET, Key=key, Body=bytes(body))
    ended = stage.ended(arn, seconds=180)
    assert (ended.status, ended.verdict) == ("FAILED", "CORRUPT")
    alone = whole(form, bytes(body))
    [file] = [file for file in files_of(ended) if file["key"] == key]
    told = [(finding["code"], finding["where"]) for finding in file["findings"]]
    assert told == [(finding.code, finding.where) for finding in alone.findings]
    assert file["rows"] == alone.rows


def test_no_content_of_a_file_is_kept_where_one_function_goes_on_for_another(stage: Stage) -> None:
    ended = stage.ended(stage.drop(config_of(stage, "JSON-GZIP")), seconds=180)
    assert ended.verdict == "VERIFIED"
    content = gzip.decompress(stored(stage, files_of(ended)[0]["key"]))
    values = {row["sku"] for row in map(json.loads, content.splitlines()) if len(row["sku"]) > 9}
    kept = [key for key in stage.installation.documents("batches/") if ".leg-" in key]
    assert kept
    for key in kept:
        document = stage.installation.document(key)
        assert not any(value in document for value in values)
