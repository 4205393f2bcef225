# ruff: noqa: INP001, T201 - scripts, not a package
"""What is compared: one function for each reader. Run as ``python contestants.py NAME PATH…`` in a process of its own;
prints the rows it counted.

Each reads every byte and touches every value, as far as it can be asked to; what it does not notice all the same is in
README.md. Imports stand in the functions: a contestant pays only for its own.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

_CHUNK = 1 << 20
_BUCKET = "bench"


class LocalReader:
    """Local files as the checkers see a storage."""

    def read_range(self, key: str, start: int, length: int, *, etag: str) -> bytes:  # noqa: ARG002 - nobody writes here
        with Path(key).open("rb") as file:
            file.seek(start)
            return file.read(length)

    def stream(self, key: str, *, etag: str, chunk_size: int = _CHUNK) -> Iterator[bytes]:  # noqa: ARG002
        with Path(key).open("rb", buffering=0) as file:
            while chunk := file.read(chunk_size):
                yield chunk


def _ours(path: str, level: str = "content") -> int:
    from aep_delivery.storage.reader import StoredObject  # noqa: PLC0415
    from aep_delivery.verification.checkers import checker_for  # noqa: PLC0415
    from aep_delivery.verification.level import Level  # noqa: PLC0415
    from aep_delivery.verification.limits import Limits  # noqa: PLC0415

    kind = "PARQUET" if "parquet" in path else "CSV" if "csv" in path else "JSON"
    checker = checker_for(kind, "GZIP" if path.endswith(".gz") else "NONE", level=Level(level))
    stored = StoredObject(
        key=path, size=Path(path).stat().st_size, etag="", last_modified=datetime.fromtimestamp(0, UTC)
    )
    result = checker.check(stored, LocalReader(), Limits())  # type: ignore[arg-type]  # a reader of what it needs
    if result.findings:
        raise SystemExit(f"{path}: {result.findings}")
    return result.rows or 0


def ours(*paths: str) -> int:
    """On one core, or on two where there are several files."""
    if len(paths) == 1:
        return _ours(paths[0])
    with ProcessPoolExecutor(2) as pool:
        return sum(pool.map(_ours, paths))


def ours_structure(*paths: str) -> int:
    return sum(_ours(path, "structure") for path in paths)


def page_crc(path: str) -> int:
    """The checksum of every byte and nothing else: what comparing page checksums costs."""
    from isal import isal_zlib  # noqa: PLC0415

    crc = 0
    for chunk in LocalReader().stream(path, etag=""):
        crc = isal_zlib.crc32(chunk, crc)
    return 0


def inflate_only(path: str) -> int:
    """Igzip's own inflating, which no check of gzip can outrun."""
    from isal import isal_zlib  # noqa: PLC0415

    inflater = isal_zlib.decompressobj(31)
    for chunk in LocalReader().stream(path, etag="", chunk_size=1 << 17):
        inflater.decompress(chunk)
    return 0


def csv_reader(path: str) -> int:
    import csv  # noqa: PLC0415
    import gzip  # noqa: PLC0415

    opened = gzip.open if path.endswith(".gz") else open
    with opened(path, "rt", encoding="utf-8", newline="") as file:
        rows = csv.reader(file, strict=True)
        width = len(next(rows))
        return sum(len(row) == width for row in rows)


def json_loads(path: str) -> int:
    import gzip  # noqa: PLC0415
    import json  # noqa: PLC0415

    opened = gzip.open if path.endswith(".gz") else open
    with opened(path, "rb") as file:
        return sum(isinstance(json.loads(line), dict) for line in file)


def duckdb(*paths: str) -> int:
    import duckdb as engine  # noqa: PLC0415

    kind = "parquet" if "parquet" in paths[0] else "csv" if "csv" in paths[0] else "json"
    options = {"csv": ", header = true, strict_mode = true", "json": ", format = 'newline_delimited'", "parquet": ""}
    source = f"read_{kind}({list(paths)!r}{options[kind]})"
    query = f"select count(*), bit_xor(hash(columns(*))) from {source}"  # noqa: S608 - paths of our own
    return int(engine.sql(query).fetchall()[0][0])


def polars(*paths: str) -> int:
    import polars as pl  # noqa: PLC0415

    files = list(paths)
    if "parquet" in files[0]:
        frame = pl.scan_parquet(files)
    elif "csv" in files[0]:
        frame = pl.scan_csv(files)
    else:
        frame = pl.scan_ndjson(files)
    return int(frame.collect(engine="streaming").height)


def pyarrow(*paths: str) -> int:
    return sum(map(_pyarrow, paths))


def _pyarrow(path: str) -> int:
    if "parquet" in path:
        import pyarrow.parquet as pq  # noqa: PLC0415

        return sum(batch.num_rows for batch in pq.ParquetFile(path, page_checksum_verification=True).iter_batches())
    if "csv" in path:
        import pyarrow.csv as pc  # noqa: PLC0415

        with pc.open_csv(path, parse_options=pc.ParseOptions(newlines_in_values=True)) as batches:
            return sum(batch.num_rows for batch in batches)
    import pyarrow as pa  # noqa: PLC0415
    import pyarrow.json as pj  # noqa: PLC0415

    with pa.input_stream(path) as stream, pj.open_json(stream) as batches:
        return sum(batch.num_rows for batch in batches)


def pyarrow_structure(*paths: str) -> int:
    import pyarrow.parquet as pq  # noqa: PLC0415

    return sum(pq.read_metadata(path).num_rows for path in paths)


def polars_structure(*paths: str) -> int:
    import polars as pl  # noqa: PLC0415

    return int(pl.scan_parquet(list(paths)).select(pl.len()).collect().item())


def duckdb_structure(*paths: str) -> int:
    import duckdb as engine  # noqa: PLC0415

    query = f"select count(*) from read_parquet({list(paths)!r})"  # noqa: S608
    return int(engine.sql(query).fetchall()[0][0])


def ours_s3(*paths: str) -> int:
    """Footers over S3, as the workflow's step reads them but for the look whether a file is still the same, which no
    peer takes.
    """
    import boto3  # noqa: PLC0415
    from botocore import UNSIGNED  # noqa: PLC0415
    from botocore.config import Config  # noqa: PLC0415

    from aep_delivery.storage.s3 import S3Reader  # noqa: PLC0415
    from aep_delivery.storage.s3_direct import DirectReads  # noqa: PLC0415
    from aep_delivery.verification.ahead import Look, ahead  # noqa: PLC0415
    from aep_delivery.verification.checkers import checker_for  # noqa: PLC0415
    from aep_delivery.verification.level import Level  # noqa: PLC0415
    from aep_delivery.verification.limits import Limits  # noqa: PLC0415

    config = Config(signature_version=UNSIGNED, s3={"addressing_style": "path"})
    client = boto3.client("s3", endpoint_url=_endpoint(), region_name="us-east-1", config=config)
    reader = S3Reader(client, _BUCKET, direct=DirectReads(client, _BUCKET))
    checker = checker_for("PARQUET", "NONE", level=Level.STRUCTURE)
    names = {Path(path).name for path in paths}
    looks = [
        Look(stored=stored, level=Level.STRUCTURE, reader=reader, parquet=True, ask=False)
        for stored in reader.list_objects("part-")
        if stored.key in names
    ]
    results = [
        checker.check(look.stored, coming.result(), Limits()) for look, coming in zip(looks, ahead(looks), strict=True)
    ]
    if any(result.findings for result in results):
        raise SystemExit("a sound file has findings")
    return sum(result.rows or 0 for result in results)


def pyarrow_s3(*paths: str) -> int:
    from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415

    import pyarrow.parquet as pq  # noqa: PLC0415

    storage = _pyarrow_s3()
    with ThreadPoolExecutor(32) as pool:
        rows = pool.map(lambda path: pq.read_metadata(_key(path), filesystem=storage).num_rows, paths)
        return sum(rows)


def dataset_s3(*paths: str) -> int:
    import pyarrow.dataset as ds  # noqa: PLC0415

    return int(ds.dataset(list(map(_key, paths)), filesystem=_pyarrow_s3(), format="parquet").count_rows())


def polars_s3(*paths: str) -> int:
    import polars as pl  # noqa: PLC0415

    options = {
        "aws_endpoint_url": _endpoint(),
        "aws_skip_signature": "true",
        "aws_region": "us-east-1",
        "aws_allow_http": "true",
    }
    files = [f"s3://{_key(path)}" for path in paths]
    return int(pl.scan_parquet(files, storage_options=options).select(pl.len()).collect().item())


def _pyarrow_s3() -> Any:
    from pyarrow.fs import S3FileSystem  # noqa: PLC0415

    endpoint = _endpoint().removeprefix("http://")
    return S3FileSystem(anonymous=True, endpoint_override=endpoint, scheme="http", region="us-east-1")


def _endpoint() -> str:
    return os.environ["BENCH_S3"]


def _key(path: str) -> str:
    return f"{_BUCKET}/{Path(path).name}"


def our_handler(*_: str) -> int:
    """Starting up as Lambda does: the handler of the step that reads the files."""
    import runpy  # noqa: PLC0415

    folder = Path(__file__).resolve().parent.parent / "functions" / "check_files"
    runpy.run_path(str(folder / "handler.py"))
    return 0


def plain_handler(*_: str) -> int:
    """What a handler imports that is written the plain way, but for Tracer, whose SDK is not installed here."""
    import boto3  # noqa: PLC0415
    import httpx  # noqa: PLC0415
    from aws_lambda_powertools import Logger, Metrics  # noqa: PLC0415
    from aws_lambda_powertools.utilities import parameters  # noqa: F401, PLC0415
    from pydantic import BaseModel  # noqa: PLC0415

    class Message(BaseModel):
        run: str
        files: list[str]

    Logger(service="plain")
    Metrics(namespace="plain", service="plain")
    boto3.client("s3", region_name="us-east-1")
    httpx.Client()
    Message(run="1", files=[])
    return 0


def bare_python(*_: str) -> int:
    """Python itself, which both handlers pay for."""
    return 0


if __name__ == "__main__":
    run: Callable[..., int] = globals()[sys.argv[1]]
    print(run(*sys.argv[2:]))
