from __future__ import annotations

import gzip
import io
import json
from collections.abc import Callable
from typing import Any

import pyarrow.parquet as pq
import pytest

from .activation import GOLD, HOUR, READERS, activate, activate_current, files, full, profile, rows, write_profiles
from .conftest import Adobe, body, keys

COLUMNS = {"mail": "personalEmail.address", "points": "loyalty.points", "nickname": "identityMap.Nick"}
EXPECTED = [{"mail": f"p{number}@example.com", "points": number * 500} for number in (1, 2, 3)]


def deliver(adobe: Adobe, *selectors: dict[str, Any], hours: int = 2, **params: Any) -> dict[str, Any]:
    flow = activate_current(adobe, *(selectors or (full(),)), columns=COLUMNS, **params)
    adobe.advance(hours * HOUR)
    return adobe.finished_runs(flow)[-1]


@pytest.mark.parametrize(("compression", "suffix"), [("NONE", ".json"), ("GZIP", ".json.gz")])
def test_json(adobe: Adobe, s3: Any, compression: str, suffix: str) -> None:
    write_profiles(adobe.lake)
    deliver(adobe, fileType="JSON", compression=compression)
    (key,) = files(s3)
    assert key.endswith(f"010001{suffix}")
    content = gzip.decompress(body(s3, key)) if compression == "GZIP" else body(s3, key)
    assert [json.loads(line) for line in content.splitlines()] == EXPECTED


@pytest.mark.parametrize(("compression", "suffix"), [("NONE", ".parquet"), ("GZIP", ".gz.parquet")])
def test_parquet(adobe: Adobe, s3: Any, compression: str, suffix: str) -> None:
    write_profiles(adobe.lake)
    deliver(adobe, fileType="PARQUET", compression=compression)
    (key,) = files(s3)
    assert key.endswith(f"010001{suffix}")
    assert pq.read_table(io.BytesIO(body(s3, key))).to_pylist() == [{**row, "nickname": None} for row in EXPECTED]


def test_csv_with_its_options_and_gzip(adobe: Adobe, s3: Any) -> None:
    write_profiles(adobe.lake, [profile(1, person={}, personalEmail={"address": 'a";b'})])
    options = {"nullValue": "", "delimiter": ";", "quote": '"', "escape": "\\", "emptyValue": ""}
    deliver(adobe, csvOptions=options, compression="GZIP")
    (key,) = files(s3)
    assert key.endswith(".csv.gz")
    assert gzip.decompress(body(s3, key)).decode() == 'mail;points;nickname\n"a\\";b";500;\n'


def test_t57_long_audiences_are_split(start_adobe: Callable[..., Adobe], s3: Any) -> None:
    adobe = start_adobe(rows_per_file=2)
    write_profiles(adobe.lake, [profile(number) for number in range(5)])
    run = deliver(adobe, full(filenameTemplate="x"), includeFileManifest=True)
    assert files(s3) == ["audiences/x.csv", "audiences/x_2.csv", "audiences/x_3.csv"]
    assert [len(rows(s3, key)) for key in files(s3)] == [2, 2, 1]
    assert run["metrics"]["fileSummary"]["outputFileCount"] == 3
    assert run["metrics"]["sizeSummary"]["outputBytes"] == sum(len(body(s3, key)) for key in files(s3))


def test_a_manifest_lies_beside_the_files_of_each_folder(adobe: Adobe, s3: Any) -> None:
    write_profiles(adobe.lake)
    run = deliver(adobe, full(GOLD), full(READERS), path="audiences/%SEGMENT_ID%", includeFileManifest=True)
    manifests = [key for key in keys(s3, "audiences/") if "manifest-" in key]
    assert {key.split("/")[1] for key in manifests} == {GOLD, READERS}
    for key in manifests:
        manifest = json.loads(body(s3, key))
        (result,) = manifest["exportResults"]
        assert manifest["flowRunId"] == run["id"]
        assert len(body(s3, f"{result['sinkPath'].lstrip('/')}/{result['name']}")) == result["size"]


def test_a_static_name_is_overwritten(adobe: Adobe, s3: Any) -> None:
    write_profiles(adobe.lake)
    flow = activate_current(adobe, full(filenameTemplate="members"), columns=COLUMNS)
    adobe.advance(2 * HOUR)
    adobe.finished_runs(flow)
    adobe.post("/_emulator/profiles", {"identity": {"CRMID": "C-4"}, "set": {"loyalty.tier": "gold"}})
    adobe.advance(24 * HOUR)
    adobe.finished_runs(flow, 2)
    assert files(s3) == ["audiences/members.csv"]
    assert len(rows(s3, "audiences/members.csv")) == 4


def test_without_a_template_a_file_has_adobes_name(adobe: Adobe, s3: Any) -> None:
    write_profiles(adobe.lake)
    deliver(adobe, full(filenameTemplate=None))
    assert files(s3) == [f"audiences/Amazon-S3_segment{GOLD}_20270101010001.csv"]


def test_values_of_several_types_become_text(adobe: Adobe, s3: Any) -> None:
    write_profiles(adobe.lake, [profile(1, loyalty={"tier": "gold", "points": points}) for points in ("many", 1, None)])
    deliver(adobe, fileType="PARQUET")
    found = pq.read_table(io.BytesIO(body(s3, files(s3)[0])))
    assert found.column("points").to_pylist() == ["many", "1", None]


def test_whole_and_broken_numbers_are_numbers(adobe: Adobe, s3: Any) -> None:
    write_profiles(adobe.lake, [profile(1, loyalty={"tier": "gold", "points": points}) for points in (1, 2.5)])
    deliver(adobe, fileType="PARQUET")
    found = pq.read_table(io.BytesIO(body(s3, files(s3)[0])))
    assert found.column("points").to_pylist() == [1.0, 2.5]


def test_the_first_generation_names_columns_by_path(adobe: Adobe, s3: Any) -> None:
    write_profiles(adobe.lake)
    paths = ["person.name.lastName", "identityMap.CRMID", "segmentMembership.lastQualificationTime"]
    flow = activate(adobe, full(), paths=paths)
    adobe.advance(2 * HOUR)
    adobe.finished_runs(flow)
    (key,) = files(s3)
    first = rows(s3, key)[0]
    assert list(first) == paths
    assert list(first.values()) == ["Last", "C-1", "2027-01-01T00:00:00.000Z"]
