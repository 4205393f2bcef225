from __future__ import annotations

import gzip
import json
import zipfile
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from emulator.adobe import sources
from emulator.adobe.lake import LakeError


def rows(*paths: Path) -> list[dict[str, Any]]:
    schema = sources.schema_of(paths)
    return [row for path in paths for table in sources.read(path, schema) for row in table.to_pylist()]


def write(path: Path, *records: object) -> Path:
    data = "".join(json.dumps(record) + "\n" for record in records).encode()
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)
    return path


@pytest.mark.parametrize("name", ["x.csv", "x.csv.gz", "x.csv.zip"])
def test_csv_types_are_inferred(tmp_path: Path, name: str) -> None:
    text, path = b'a,b,c\n1,x,0.5\n2,"y\nz",NA\n', tmp_path / name
    if name.endswith(".zip"):
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("inner/x.csv", text)
    else:
        path.write_bytes(gzip.compress(text) if name.endswith(".gz") else text)
    assert rows(path) == [{"a": 1, "b": "x", "c": 0.5}, {"a": 2, "b": "y\nz", "c": None}]


def test_a_column_that_changes_its_type_late_is_widened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "BLOCK_BYTES", 64)
    lines = [f"{number},,{number},7" for number in range(50)] + ["1.5,3,text,8"]
    (tmp_path / "x.csv").write_text("a,b,c,d\n" + "\n".join(lines) + "\n")
    found = rows(tmp_path / "x.csv")
    assert found[0] == {"a": 0.0, "b": None, "c": "0", "d": 7}
    assert found[-1] == {"a": 1.5, "b": 3, "c": "text", "d": 8}
    assert len(found) == 51


@pytest.mark.parametrize("name", ["x.json", "x.jsonl", "x.ndjson.gz"])
def test_json_keeps_nested_objects_and_the_text_of_dates(
    tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sources, "BLOCK_BYTES", 32)
    first = {"at": "2013-01-01T05:00:00Z", "person": {"name": "x"}, "tags": [{"id": 1}], "never": None, "hollow": {}}
    later = {"at": "soon", "person": {"name": "y", "age": 1.5}, "tags": [], "number": 1}
    found = rows(write(tmp_path / name, *[first] * 5, *[later] * 5))
    assert len(found) == 10
    assert found[0] == {
        "at": "2013-01-01T05:00:00Z",
        "person": {"name": "x", "age": None},
        "tags": [{"id": 1}],
        "never": None,
        "number": None,
    }
    assert found[9]["person"] == {"name": "y", "age": 1.5}


def test_files_of_a_dataset_share_one_schema(tmp_path: Path) -> None:
    pq.write_table(pa.table({"a": [1], "s": [{"x": 1}]}), tmp_path / "1.parquet")
    pq.write_table(pa.table({"a": [1.5], "s": [{"x": 2, "y": "z"}], "b": ["new"]}), tmp_path / "2.parquet")
    (tmp_path / "3.csv").write_text("b\n7\n")
    assert rows(*(tmp_path / name for name in ("1.parquet", "2.parquet", "3.csv"))) == [
        {"a": 1.0, "s": {"x": 1, "y": None}, "b": None},
        {"a": 1.5, "s": {"x": 2, "y": "z"}, "b": "new"},
        {"a": None, "s": None, "b": "7"},
    ]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("x.parquet", b"PAR1 not really"),
        ("x.csv", b"a,b\nsecret-row-content,1,2\n"),
        ("x.json", b'{"a": "secret-row-content"\n'),
        ("x.json", b'{"a": "secret-row-content"}\n{"a": 1}\n'),
        ("x.csv.gz", b"not gzip"),
        ("x.csv.zip", b"not a zip file"),
    ],
)
def test_a_broken_file_is_told_by_name_and_not_by_content(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(LakeError, match=name) as raised:
        rows(tmp_path / name)
    assert "secret-row-content" not in str(raised.value)


_ROW = "secret-row-content"
_JSON_LINES = "each line must be one"


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("x.json", f'[\n {{"a": "{_ROW}"}},\n {{"a": 2}}\n]\n', f"is one JSON array; {_JSON_LINES} object"),
        ("x.json", f'[{{"a": "{_ROW}"}}]', f"is one JSON array; {_JSON_LINES} object"),
        ("x.json", f'{{"a": 1}}\n\n{{"a": {_ROW}}}\n', f"is not JSON at line 3: {_JSON_LINES} object"),
        ("x.json", f'{{"a": 1}}\n"{_ROW}"\n', f"has no object in line 2: {_JSON_LINES}"),
        (
            "x.json",
            f'{{"a": "{_ROW}"}}\n{{"a": {{}}}}\n',
            "has a field a that is string in one row and object in another",
        ),
        ("x.csv", "", "is empty: it has not even a line of names"),
        ("x.csv", "\n\n", "is empty: it has not even a line of names"),
        ("x.csv", f"a;b\n1;{_ROW}\n", "is separated by semicolons;"),
        ("x.csv", f"a;b\n1;{_ROW},3\n", "is separated by semicolons;"),
        ("x.csv", f"a\tb\n1\t{_ROW}\n", "is separated by tabs;"),
        ("x.csv", f'a,b\n1,"x\ny"\n{_ROW}\n', "has a row of 1 value that ends in line 4; the first line names 2"),
        ("x.csv", f"a,b\n1,2\n{_ROW},2,3\n", "has a row of 3 values that ends in line 3; the first line names 2"),
        ("x.parquet", "", "is empty"),
        ("x.parquet", f"PAR1{_ROW}", "is not a Parquet file, or not a whole one"),
        ("x.csv.gz", _ROW, "is not compressed with gzip, though its name ends in .gz"),
        ("x.csv.zip", _ROW, "is not a ZIP archive, though its name ends in .zip"),
    ],
)
def test_why_a_file_cannot_be_read_is_said_in_words_of_our_own(
    tmp_path: Path, name: str, content: str, why: str
) -> None:
    (tmp_path / name).write_text(content)
    with pytest.raises(LakeError) as raised:
        rows(tmp_path / name)
    assert str(raised.value).startswith(f"{name} {why}")
    assert _ROW not in str(raised.value)


@pytest.mark.parametrize(("damage", "why"), [("cut", "ends too early"), ("bits", "damaged")])
def test_damaged_compression_is_told_apart(tmp_path: Path, damage: str, why: str) -> None:
    packed = bytearray(gzip.compress(b"a,b\n" + b"".join(b"%d,%d\n" % (n, n * n) for n in range(500))))
    if damage == "cut":
        del packed[-40:]
    else:
        packed[20:60] = bytes(40)
    (tmp_path / "x.csv.gz").write_bytes(packed)
    with pytest.raises(LakeError, match=why):
        rows(tmp_path / "x.csv.gz")


def test_a_file_that_may_not_be_read_says_what_the_system_says(tmp_path: Path) -> None:
    with pytest.raises(LakeError, match=r"x.csv cannot be read: No such file or directory"):
        rows(tmp_path / "x.csv")
