from __future__ import annotations

import gzip
import io

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from emulator.adobe import writers

TABLE = pa.table({"a": [1, None], "b": ["x", 'y"z']})
TEXTS = {
    "CSV": 'a,b\n1,x\nnull,"y\\"z"\n',
    "JSON": '{"a":1,"b":"x"}\n{"b":"y\\"z"}\n',
}


def written(file_type: str, compression: str) -> bytes:
    sink = io.BytesIO()
    writers.write(TABLE, sink, file_type, compression, {"quote": '"'})
    assert not sink.closed
    return sink.getvalue()


@pytest.mark.parametrize("file_type", TEXTS)
def test_text_is_the_same_plain_and_with_gzip(file_type: str) -> None:
    assert written(file_type, "NONE").decode() == TEXTS[file_type]
    assert gzip.decompress(written(file_type, "GZIP")).decode() == TEXTS[file_type]


@pytest.mark.parametrize(("compression", "codec"), [("NONE", "SNAPPY"), ("GZIP", "GZIP")])
def test_the_pages_of_parquet_are_compressed_not_the_file(compression: str, codec: str) -> None:
    file = pq.ParquetFile(io.BytesIO(written("PARQUET", compression)))
    assert file.read().equals(TABLE)
    assert file.metadata.row_group(0).column(0).compression == codec


def test_each_type_and_compression_has_its_extension() -> None:
    types, compressions = {"CSV", "JSON", "PARQUET"}, {"NONE", "GZIP"}
    assert set(writers.EXTENSIONS) == {(kind, packed) for kind in types for packed in compressions}
    assert sorted(writers.EXTENSIONS.values()) == [
        ".csv",
        ".csv.gz",
        ".gz.parquet",
        ".json",
        ".json.gz",
        ".parquet",
    ]
