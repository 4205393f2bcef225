from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from aep_delivery.storage.memory import MemoryReader
from aep_delivery.storage.reader import StoredObject
from aep_delivery.verification.limits import Limits
from aep_delivery.verification.manifest import Manifest, compare, read_manifest
from aep_delivery.verification.report import Finding

ADOBE_SAMPLE = {
    "flowRunId": "r-1",
    "scheduledTime": "2023-08-18T01:00:00Z",
    "exportResults": [
        {"sinkPath": "/destination/output001", "name": "amazon-s3_segment-name_20230818_010718.json", "size": 145854}
    ],
}


def stored(key: str, size: int) -> StoredObject:
    return StoredObject(key=key, size=size, etag="e", last_modified=datetime(2027, 1, 1, tzinfo=UTC))


def manifest(*entries: tuple[str, int] | tuple[str, int, str]) -> Manifest:
    lines = [{"name": entry[0], "size": entry[1], "sinkPath": entry[2] if len(entry) > 2 else ""} for entry in entries]
    return Manifest.model_validate({"flowRunId": "r", "exportResults": lines})


def read(data: bytes, limits: Limits | None = None) -> Manifest | Finding:
    reader = MemoryReader()
    return read_manifest(reader.put("d/manifest-a-b.json", data), reader, limits or Limits())


def test_adobes_sample_is_read() -> None:
    found = read(json.dumps(ADOBE_SAMPLE).encode())
    assert isinstance(found, Manifest)
    assert (found.flow_run_id, found.results[0].size) == ("r-1", 145854)


@pytest.mark.parametrize(
    "data",
    [b"", b"{", b"[]", b"{}", b'{"exportResults":[{"name":"canary","size":-1}]}', b'{"exportResults":[{"size":1}]}'],
)
def test_what_is_no_manifest_is_a_finding_without_its_content(data: bytes) -> None:
    found = read(data)
    assert isinstance(found, Finding)
    assert found.code == "manifest.invalid"
    assert "canary" not in found.model_dump_json()


def test_a_huge_manifest_is_not_read() -> None:
    assert isinstance(read(b" " * 20, Limits(max_manifest_bytes=10)), Finding)


def test_both_ways_and_sizes() -> None:
    result = compare(
        [manifest(("a", 1), ("b", 2)), manifest(("c", 3))], [stored("d/a", 1), stored("d/b", 9), stored("d/x", 4)]
    )
    assert [entry.name for entry in result.missing] == ["c"]
    assert result.sizes == {"d/b": 2}
    assert result.unlisted == ("d/x",)


def test_all_that_agrees_is_silent() -> None:
    result = compare([manifest(("a", 1), ("a", 1))], [stored("d/a", 1)])
    assert (result.missing, result.sizes, result.unlisted, result.unsafe) == ((), {}, (), 0)


def test_a_name_that_is_there_twice_is_told_apart_by_its_path() -> None:
    files = [stored("x/one/a", 1), stored("x/two/a", 2)]
    result = compare([manifest(("a", 2, "/two"), ("a", 1, "/one"))], files)
    assert (result.missing, result.sizes, result.unlisted) == ((), {}, ())


@pytest.mark.parametrize("name", ["../a", "/a", "b/a", "..", "."])
def test_names_that_leave_the_folder_are_not_looked_up(name: str) -> None:
    result = compare([manifest((name, 1))], [stored("d/a", 1)])
    assert (result.unsafe, result.unlisted) == (1, ("d/a",))


def test_a_manifest_of_too_many_files_is_not_read() -> None:
    lines = b",".join([b'{"name":"a","size":1}'] * 4)
    found = read(b'{"exportResults":[' + lines + b"]}", Limits(max_manifest_files=3))
    assert isinstance(found, Finding)
    assert found.message == "The manifest lists more than 3 files."


@pytest.mark.parametrize(
    "line", [b'{"name":"a","size":' + b"9" * 30 + b"}", b'{"name":"' + b"a" * 5_000 + b'","size":1}']
)
def test_what_no_storage_holds_is_in_no_manifest(line: bytes) -> None:
    assert isinstance(read(b'{"exportResults":[' + line + b"]}"), Finding)
