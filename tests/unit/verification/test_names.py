from __future__ import annotations

import pytest

from aep_delivery.verification.expectation import Compression, FileType
from aep_delivery.verification.names import SUFFIXES, NameKind, kind_of

PART = "part-00000-tid-253136349007858095-a93bcf2e-d8c5-4dd6-8619-5c662e261097-672704-1-c000"


@pytest.mark.parametrize("wanted", SUFFIXES)
@pytest.mark.parametrize("written", SUFFIXES)
def test_a_part_file_is_data_only_with_the_suffix_of_its_type_and_compression(
    wanted: tuple[FileType, Compression], written: tuple[FileType, Compression]
) -> None:
    kind = kind_of(PART + SUFFIXES[written], 10, *wanted)
    assert kind is (NameKind.DATA if wanted == written else NameKind.WRONG_TYPE)


def test_t67_gzip_parquet_is_gz_dot_parquet_and_not_the_other_way_round() -> None:
    assert kind_of(f"{PART}.parquet.gz", 10, "PARQUET", "GZIP") is NameKind.WRONG_TYPE
    assert kind_of(f"{PART}.gz.parquet", 10, "PARQUET", "GZIP") is NameKind.DATA


def test_a_codec_in_front_of_the_type_is_another_compression() -> None:
    assert kind_of(f"{PART}.snappy.parquet", 10, "PARQUET", "NONE") is NameKind.WRONG_TYPE


@pytest.mark.parametrize(
    "name", ["_SUCCESS", "_committed_1", ".part-0.json.crc", "", "readme.txt", "part-0.parquet.tmp"]
)
def test_t65_markers_are_ignored(name: str) -> None:
    assert kind_of(name, 0, "PARQUET", "NONE") is NameKind.IGNORED


def test_a_data_file_no_export_writes_is_foreign() -> None:
    assert kind_of("copy.json.gz", 10, "JSON", "GZIP") is NameKind.FOREIGN
    assert kind_of("old.csv", 10, "JSON", "GZIP") is NameKind.FOREIGN
    assert kind_of("readme.txt", 10, "JSON", "GZIP") is NameKind.IGNORED


def test_a_manifest_is_no_data_file() -> None:
    assert kind_of("manifest-d-r.json", 10, "JSON", "NONE") is NameKind.MANIFEST


def test_an_empty_part_file_is_data_all_the_same() -> None:
    assert kind_of(f"{PART}.json", 0, "JSON", "NONE") is NameKind.DATA
