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
