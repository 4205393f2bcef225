from __future__ import annotations

import base64
import gzip
import io
import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st
from moto.core import set_initial_no_auth_action_count
from pysequoia import Tsk, decrypt

from emulator.adobe import exporter

from .conftest import ACCESS_KEY, BUCKET, PLANES, S3_SPEC, SECRET_KEY, Adobe, body, flow_body, keys

Rows = list[dict[str, Any]]


def run(adobe: Adobe, flow: str, count: int = 1) -> dict[str, Any]:
    adobe.advance(600)
    answer = adobe.run_now(flow)
    assert answer.status_code == 200, answer.text
    return adobe.finished_runs(flow, count)[-1]


def parts(s3: Any, suffix: str, prefix: str = "") -> list[str]:
    return [key for key in keys(s3, prefix) if "/part-" in key and key.endswith(suffix)]


def read_json(s3: Any, suffix: str, unpack: Callable[[bytes], bytes] = bytes) -> Rows:
    return [json.loads(line) for key in parts(s3, suffix) for line in unpack(body(s3, key)).splitlines()]


def read_parquet(s3: Any, suffix: str) -> Rows:
    return [row for key in parts(s3, suffix) for row in pq.read_table(io.BytesIO(body(s3, key))).to_pylist()]


def codecs(s3: Any, key: str) -> set[str]:
    group = pq.ParquetFile(io.BytesIO(body(s3, key))).metadata.row_group(0)
    return {group.column(index).compression for index in range(group.num_columns)}


@pytest.mark.parametrize(
    ("file_type", "compression", "suffix"),
    [
        ("JSON", "NONE", "-c000.json"),
        ("JSON", "GZIP", "-c000.json.gz"),
        ("PARQUET", "NONE", "-c000.parquet"),
        ("PARQUET", "GZIP", "-c000.gz.parquet"),
    ],
)
def test_every_type_and_compression_can_be_read_back(
    adobe: Adobe, s3: Any, file_type: str, compression: str, suffix: str
) -> None:
    flow = adobe.flow(datasetFileType=file_type, compression=compression)
    metrics = run(adobe, flow)["metrics"]
    folder = f"exports/planes/{PLANES}/exportTime=202701010010/"
    assert len(parts(s3, suffix, folder)) == 2
    assert keys(s3, folder) == keys(s3)
    assert s3.head_object(Bucket=BUCKET, Key=f"{folder}_SUCCESS")["ContentLength"] == 0
    if file_type == "JSON":
        found = read_json(s3, suffix, gzip.decompress if compression == "GZIP" else bytes)
        assert found == [{"tailnum": f"N{number}", "engine": {"count": number}} for number in range(3)]
    else:
        found = read_parquet(s3, suffix)
        assert found == [{"tailnum": f"N{n}", "engine": {"count": n, "kind": None}} for n in range(3)]
        assert codecs(s3, parts(s3, suffix)[0]) == {"GZIP" if compression == "GZIP" else "SNAPPY"}
    assert metrics["recordSummary"]["outputRecordCount"] == 3
    assert metrics["fileSummary"]["outputFileCount"] == 2
    assert metrics["sizeSummary"]["outputBytes"] == sum(len(body(s3, key)) for key in parts(s3, suffix))


def test_timestamps_are_printed_in_utc(adobe: Adobe, s3: Any) -> None:
    (adobe.lake / "planes" / "a.jsonl").unlink()
    (adobe.lake / "planes" / "b.csv").write_text("id,at\n1,2013-01-01 05:00:00\n2,NA\n")
    run(adobe, adobe.flow())
    assert read_json(s3, ".json") == [{"id": 1, "at": "2013-01-01T05:00:00.000Z"}, {"id": 2}]


def test_a_folder_template_and_the_manifest(adobe: Adobe, s3: Any) -> None:
    start = int(adobe.emulator.world.clock.now().timestamp()) + 3600
    schedule = {
        "interval": 3,
        "timeUnit": "hour",
        "startTime": start,
        "foldernameTemplate": "%DESTINATION%/%DATASET_NAME%",
    }
    flow = adobe.flow(schedule=schedule, includeFileManifest=True)
    finished = run(adobe, flow)
    target = adobe.item(f"/flows/{flow}")["targetConnectionIds"][0]
    manifest = json.loads(body(s3, f"exports/planes/Amazon-S3/Planes/manifest-{target}-{finished['id']}.json"))
    assert manifest["flowRunId"] == finished["id"]
    assert manifest["scheduledTime"] == "2027-01-01T00:10:10Z"
    listed = {(f"{item['sinkPath'].strip('/')}/{item['name']}", item["size"]) for item in manifest["exportResults"]}
    assert listed == {(key, len(body(s3, key))) for key in parts(s3, ".json")}
    assert finished["metrics"]["fileSummary"]["manifest"] == manifest


def test_t68_later_runs_carry_only_new_data(adobe: Adobe, s3: Any) -> None:
    folder = adobe.lake / "planes"
    flow = adobe.flow()

    def records(count: int) -> int:
        return run(adobe, flow, count)["metrics"]["recordSummary"]["outputRecordCount"]

    assert records(1) == 3
    before = keys(s3)
    assert records(2) == 0
    assert keys(s3) == before
    (folder / "b.jsonl").write_text('{"tailnum":"new file"}\n')
    assert records(3) == 1
    with (folder / "a.jsonl").open("a") as file:
        file.write('{"tailnum":"appended 1"}\n{"tailnum":"appended 2"}\n')
    assert records(4) == 2
    (folder / "b.jsonl").write_text('{"tailnum":"replaced"}\n')
    os.utime(folder / "b.jsonl", (1, 1))
    assert records(5) == 1
    tails = sorted(row["tailnum"] for row in read_json(s3, ".json"))
    assert tails == ["N0", "N1", "N2", "appended 1", "appended 2", "new file", "replaced"]


def test_each_flow_has_its_own_first_full_export(adobe: Adobe, s3: Any) -> None:
    flows = [adobe.flow(name="a"), adobe.flow(name="b")]
    assert [run(adobe, flow)["metrics"]["recordSummary"]["outputRecordCount"] for flow in flows] == [3, 3]


def test_an_empty_run_succeeds_with_zeros_and_writes_nothing(adobe: Adobe, s3: Any) -> None:
    (adobe.lake / "planes" / "a.jsonl").write_text("")
    metrics = run(adobe, adobe.flow())["metrics"]
    assert metrics["statusSummary"]["status"] == "success"
    assert metrics["recordSummary"]["outputRecordCount"] == 0
    assert metrics["fileSummary"]["outputFileCount"] == 0
    assert keys(s3) == []


def test_t72_a_failed_run_names_the_cause_and_lacks_sizes_and_files(adobe: Adobe, s3: Any) -> None:
    flow = adobe.flow(bucketName="not-there")
    metrics = run(adobe, flow)["metrics"]
    assert metrics["statusSummary"]["status"] == "failed"
    assert metrics["statusSummary"]["errors"] == [
        {"code": "ACTIVATION_BATCH-0000-FAILED", "message": "Job aborted."},
        {"code": "CONNECTOR-2001-500", "message": "Amazon S3 refused to write to bucket not-there: NoSuchBucket"},
    ]
    assert {"sizeSummary", "fileSummary"}.isdisjoint(metrics)
    s3.create_bucket(Bucket="not-there")
    assert run(adobe, flow, 2)["metrics"]["recordSummary"]["outputRecordCount"] == 3


def test_a_broken_data_file_fails_the_run(adobe: Adobe, s3: Any) -> None:
    (adobe.lake / "planes" / "b.parquet").write_bytes(b"broken")
    metrics = run(adobe, adobe.flow())["metrics"]
    assert metrics["statusSummary"]["status"] == "failed"
    assert "b.parquet" in metrics["statusSummary"]["errors"][1]["message"]


def test_an_adhoc_run_may_name_some_of_the_datasets(adobe: Adobe, s3: Any) -> None:
    other = adobe.lake / "other"
    other.mkdir()
    (other / "dataset.yaml").write_text("id: 5ef3e3259ad2a1191ab7dd7d\n")
    (other / "x.csv").write_text("a\n1\n")
    flow = adobe.flow(PLANES, "5ef3e3259ad2a1191ab7dd7d")
    adobe.advance(600)
    adobe.run_now(flow, "5ef3e3259ad2a1191ab7dd7d")
    (finished,) = adobe.finished_runs(flow)
    assert {key.split("/")[2] for key in keys(s3)} == {"5ef3e3259ad2a1191ab7dd7d"}
    (source,) = finished["metrics"]["recordSummary"]["sourceSummaries"]
    assert [entity["id"] for entity in source["entitySummaries"]] == ["dataset:5ef3e3259ad2a1191ab7dd7d"]


@given(sizes=st.lists(st.integers(1, 30), max_size=10), rows_per_part=st.integers(1, 40))
def test_parts_hold_all_rows_in_order_and_are_several(sizes: list[int], rows_per_part: int) -> None:
    def tables() -> Iterator[pa.Table]:
        first = 0
        for size in sizes:
            yield pa.table({"n": list(range(first, first + size))})
            first += size

    found = list(exporter._parts(tables(), rows_per_part))
    assert [row for part in found for row in part.column("n").to_pylist()] == list(range(sum(sizes)))
    assert all(0 < len(part) <= rows_per_part for part in found)
    assert len(found) >= min(2, sum(sizes))


def test_large_data_is_cut_into_parts_of_the_asked_size(start_adobe: Callable[..., Adobe], s3: Any, lake: Path) -> None:
    (lake / "planes" / "b.csv").write_text("tailnum\n" + "".join(f"N{n}\n" for n in range(3, 2500)))
    adobe = start_adobe(rows_per_part=1000)
    assert run(adobe, adobe.flow())["metrics"]["fileSummary"]["outputFileCount"] == 3
    assert [row["tailnum"] for row in read_json(s3, ".json")] == [f"N{n}" for n in range(2500)]


def test_t38_keys_that_amazon_does_not_know_fail_the_test_and_the_run(adobe: Adobe, s3: Any) -> None:
    base, flow = adobe.base(), adobe.flow()
    enforced: Callable[..., Any] = set_initial_no_auth_action_count(0)

    @enforced
    def asked() -> tuple[Any, dict[str, Any]]:
        return adobe.get(f"/connections/{base}/test").json(), run(adobe, flow)["metrics"]["statusSummary"]

    tested, status = asked()
    assert tested == {"result": False}
    assert status["status"] == "failed"
    assert status["errors"][1]["message"] == "Amazon S3 refused to write to bucket delivered: InvalidAccessKeyId"


def sealed_target(adobe: Adobe, public_key: bytes, **params: Any) -> str:
    """A target connection on a base connection that has files encrypted."""
    auth = {"specName": "Access Key", "params": {"s3AccessKey": ACCESS_KEY, "s3SecretKey": SECRET_KEY}}
    key = {"encryptionAlgo": "PGP/GPG", "publicKey": base64.b64encode(public_key).decode()}
    sealing = {"specName": "File Encryption", "params": key}
    base = adobe.create("connections", {"name": "b", "connectionSpec": S3_SPEC, "auth": auth, "encryption": sealing})
    return adobe.target(base, **params)


def test_data_files_are_encrypted_where_the_base_connection_says_so(adobe: Adobe, s3: Any) -> None:
    private = Tsk.generate("reader")
    target = sealed_target(adobe, bytes(private.extract_certificate()), includeFileManifest=True, compression="GZIP")
    flow = adobe.create("flows", flow_body(adobe.source(), target))
    finished = run(adobe, flow)
    sealed = parts(s3, ".json.gz.pgp")
    opened = [decrypt(body(s3, key), private.decryptor()).bytes for key in sealed]
    rows = [json.loads(line) for plain in opened if plain for line in gzip.decompress(plain).splitlines()]
    assert [row["tailnum"] for row in rows] == ["N0", "N1", "N2"]
    (manifest_key,) = [key for key in keys(s3) if "/manifest-" in key]
    manifest = json.loads(body(s3, manifest_key))
    listed = {f"{item['sinkPath'].strip('/')}/{item['name']}": item["size"] for item in manifest["exportResults"]}
    assert listed == {key: len(body(s3, key)) for key in sealed}
    assert finished["metrics"]["sizeSummary"]["outputBytes"] == sum(listed.values())


def test_a_run_fails_on_a_key_that_is_none(adobe: Adobe, s3: Any) -> None:
    flow = adobe.create("flows", flow_body(adobe.source(), sealed_target(adobe, b"not a key")))
    status = run(adobe, flow)["metrics"]["statusSummary"]
    assert status["status"] == "failed"
    assert status["errors"][1]["message"] == "The public key of the base connection is not an OpenPGP key"
    assert keys(s3) == []
