from __future__ import annotations

import pytest

from aep_delivery.verification.expectation import Expectation
from aep_delivery.verification.key_pattern import Place
from aep_delivery.verification.names import NameKind, kind_of, kind_of_named, looks_like_data, suffixes


def expectation(file_type: str, compression: str, *, encrypted: bool = False) -> Expectation:
    return Expectation.model_validate(
        {
            "location": "s3://b",
            "datasets": [{"id": "d", "name": "D"}],
            "file_type": file_type,
            "compression": compression,
            "encrypted": encrypted,
        }
    )


PART = "part-00000-tid-253136349007858095-a93bcf2e-d8c5-4dd6-8619-5c662e261097-672704-1-c000"
SUFFIXES = {
    ("JSON", "NONE"): ".json",
    ("JSON", "GZIP"): ".json.gz",
    ("PARQUET", "NONE"): ".parquet",
    ("PARQUET", "GZIP"): ".gz.parquet",
    ("CSV", "NONE"): ".csv",
    ("CSV", "GZIP"): ".csv.gz",
}
PARQUET = expectation("PARQUET", "GZIP")
JSON = expectation("JSON", "GZIP")


@pytest.mark.parametrize("wanted", SUFFIXES)
@pytest.mark.parametrize("written", SUFFIXES)
def test_a_part_file_is_data_only_with_the_suffix_of_its_type_and_compression(
    wanted: tuple[str, str], written: tuple[str, str]
) -> None:
    kind = kind_of(PART + SUFFIXES[written], 10, expectation(*wanted))
    assert kind is (NameKind.DATA if wanted == written else NameKind.WRONG_TYPE)


def test_t67_gzip_parquet_is_gz_dot_parquet_and_not_the_other_way_round() -> None:
    assert kind_of(f"{PART}.parquet.gz", 10, PARQUET) is NameKind.WRONG_TYPE
    assert kind_of(f"{PART}.gz.parquet", 10, PARQUET) is NameKind.DATA


def test_a_codec_in_front_of_the_type_is_another_compression() -> None:
    assert kind_of(f"{PART}.snappy.parquet", 10, expectation("PARQUET", "NONE")) is NameKind.WRONG_TYPE


@pytest.mark.parametrize(
    "name", ["_SUCCESS", "_committed_1", ".part-0.json.crc", "", "readme.txt", "part-0.parquet.tmp"]
)
def test_t65_markers_are_ignored(name: str) -> None:
    assert kind_of(name, 0, expectation("PARQUET", "NONE")) is NameKind.IGNORED


def test_a_data_file_no_export_writes_is_foreign() -> None:
    assert kind_of("copy.json.gz", 10, JSON) is NameKind.FOREIGN
    assert kind_of("old.csv", 10, JSON) is NameKind.FOREIGN
    assert kind_of("copy.json.gz.pgp", 10, JSON) is NameKind.FOREIGN
    assert kind_of("readme.txt", 10, JSON) is NameKind.IGNORED


def test_a_manifest_is_no_data_file() -> None:
    assert kind_of("manifest-d-r.json", 10, expectation("JSON", "NONE")) is NameKind.MANIFEST


def test_an_empty_part_file_is_data_all_the_same() -> None:
    assert kind_of(f"{PART}.json", 0, expectation("JSON", "NONE")) is NameKind.DATA


@pytest.mark.parametrize("suffix", [".json.gz", ".json.gz.pgp", ".json.gz.gpg"])
def test_an_encrypted_file_may_have_the_suffix_of_its_encryption(suffix: str) -> None:
    assert kind_of(PART + suffix, 10, expectation("JSON", "GZIP", encrypted=True)) is NameKind.DATA
    assert suffix in suffixes(expectation("JSON", "GZIP", encrypted=True))


def test_an_encrypted_file_nobody_asked_for_is_of_the_wrong_type() -> None:
    assert kind_of(f"{PART}.json.gz.pgp", 10, JSON) is NameKind.WRONG_TYPE
    assert kind_of(f"{PART}.json.pgp", 10, expectation("JSON", "GZIP", encrypted=True)) is NameKind.WRONG_TYPE


@pytest.mark.parametrize(
    ("split", "suffix", "size", "kind"),
    [
        (None, ".csv", 10, NameKind.DATA),
        ("2", ".csv", 0, NameKind.DATA),
        ("1", ".csv", 10, NameKind.FOREIGN),
        ("02", ".csv", 10, NameKind.FOREIGN),
        ("1", ".csv", 0, NameKind.IGNORED),
        (None, ".csv.gz", 10, NameKind.WRONG_TYPE),
        (None, ".json", 10, NameKind.WRONG_TYPE),
        (None, ".csv.gz", 0, NameKind.IGNORED),
        (None, "", 10, NameKind.IGNORED),
    ],
)
def test_a_file_named_by_a_template(split: str | None, suffix: str, size: int, kind: NameKind) -> None:
    place = Place(folder="f", name="x", moment=(), stem="x", split=split, suffix=suffix)
    assert kind_of_named(place, size, expectation("CSV", "NONE")) is kind


@pytest.mark.parametrize(
    ("name", "data"),
    [("a.csv", True), ("a.csv.gz", True), ("a.gz.parquet.pgp", True), ("a.txt", False), ("a", False)],
)
def test_what_looks_like_data(name: str, *, data: bool) -> None:
    assert looks_like_data(name) is data
