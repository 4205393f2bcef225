from __future__ import annotations

import gzip
import io
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aep_delivery.verification.loose_files.kinds import (
    Kind,
    is_hidden,
    is_paper,
    kind_of_content,
    kind_of_name,
)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("a.json", Kind("JSON", "NONE")),
        ("A.JSON.GZ", Kind("JSON", "GZIP")),
        ("a.ndjson.gzip", Kind("JSON", "GZIP")),
        ("a.csv", Kind("CSV", "NONE")),
        ("a.b.csv.gz", Kind("CSV", "GZIP")),
        ("a.csv.zip", Kind("CSV", "ZIP")),
        ("a.zip", Kind("CSV", "ZIP")),
        ("a.tsv.gz", Kind("CSV", "GZIP", tabs=True)),
        ("part-0.parquet", Kind("PARQUET", "NONE")),
        ("part-0.gz.parquet", Kind("PARQUET", "NONE")),
        ("part-0-c000.snappy.parquet", Kind("PARQUET", "NONE")),
        ("a.parquet.gz", Kind("PARQUET", "GZIP")),
        ("a.csv.pgp", Kind("CSV", "NONE", encrypted=True)),
        ("a.csv.gz.gpg", Kind("CSV", "GZIP", encrypted=True)),
        ("a.gz", Kind(None, "GZIP")),
        ("a", Kind()),
        ("json", Kind()),
        ("a.txt", Kind()),
        ("a.json.zst", Kind(unknown_codec=True)),
        ("a.csv.bz2", Kind(unknown_codec=True)),
        ("a.tar.gz", Kind(None, "GZIP")),
        ("a.tgz", Kind(unknown_codec=True)),
        ("a.bz2", Kind()),
    ],
)
def test_what_a_name_says(name: str, kind: Kind) -> None:
    assert kind_of_name(name) == kind


def _zip() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("a.csv", "a,b\n")
    return file.getvalue()


@pytest.mark.parametrize(
    ("head", "kind", "expected"),
    [
        (b'{"a": 1}', Kind(), Kind("JSON", "NONE")),
        (b'\xef\xbb\xbf {"a": 1}', Kind(), Kind("JSON", "NONE")),
        (b"PAR1rest", Kind(), Kind("PARQUET", "NONE")),
        (gzip.compress(b'{"a": 1}'), Kind(), Kind("JSON", "GZIP")),
        (gzip.compress(b"a,b\n"), Kind(None, "GZIP"), Kind("CSV", "GZIP")),
        (b"\x1f\x8bbroken", Kind(None, "GZIP"), Kind("JSON", "GZIP")),
        (_zip(), Kind(), Kind("CSV", "ZIP")),
        (b"-----BEGIN PGP MESSAGE-----\n", Kind(), Kind(encrypted=True)),
        (b"hello", Kind(), Kind(None, "NONE")),
        (b"", Kind(), Kind(None, "NONE")),
        (b"PAR1", Kind("CSV", None), Kind("CSV", "NONE")),
        (gzip.compress(b"x"), Kind("CSV", None), Kind("CSV", "GZIP")),
    ],
)
def test_what_the_first_bytes_add(head: bytes, kind: Kind, expected: Kind) -> None:
    assert kind_of_content(head, kind) == expected


@given(
    st.binary(max_size=200), st.sampled_from(["JSON", "CSV", "PARQUET", None]), st.sampled_from(["NONE", "GZIP", None])
)
def test_what_is_known_already_is_never_changed(head: bytes, file_type: object, packing: object) -> None:
    known = Kind(file_type, packing)  # type: ignore[arg-type]
    found = kind_of_content(head, known)
    assert file_type in (None, found.file_type)
    assert packing in (None, found.packing)


@pytest.mark.parametrize("key", ["_SUCCESS", "_temporary/0/a.json", "x/.hidden/a.json", ".a.crc", "x/_committed_1"])
def test_markers_are_hidden(key: str) -> None:
    assert is_hidden(key)


@pytest.mark.parametrize("key", ["a.json", "_date=2027-01-01/a.json", "a_b/c_d", "exportTime=20270101/part-0"])
def test_data_is_not(key: str) -> None:
    assert not is_hidden(key)


def test_papers() -> None:
    assert all(map(is_paper, ["README.MD", "a.json.crc", "a.log"]))
    assert not any(map(is_paper, ["a.json", "a.txt", "a", "a.csv.gz"]))
