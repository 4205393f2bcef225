# ruff: noqa: INP001 - scripts, not a package
"""Are the delivered files all there, and have they the rows that Adobe's run reports? With boto3 and pyarrow."""

from __future__ import annotations

import io
import os
from typing import Any

import boto3
import pyarrow as pa
from pyarrow import csv, parquet
from pyarrow import json as pa_json


def problems(delivery: dict[str, Any], run: dict[str, Any]) -> list[str]:
    """What is wrong with the files; every one of them is read to its end.

    Args:
        delivery: What was asked for.
        run: Adobe's run, with its metrics.
    """
    s3 = boto3.client(
        "s3",
        aws_access_key_id=os.environ["S3_ACCESS_KEY"],
        aws_secret_access_key=os.environ["S3_SECRET_KEY"],
    )
    found: list[str] = []
    rows = files = 0
    for page in s3.get_paginator("list_objects_v2").paginate(
        Bucket=delivery["bucketName"], Prefix=f"{delivery['path']}/"
    ):
        for item in page.get("Contents", []):
            key = item["Key"]
            if key.endswith("/_SUCCESS"):
                continue
            body = s3.get_object(Bucket=delivery["bucketName"], Key=key)["Body"].read()
            files += 1
            try:
                rows += _rows(body, delivery["fileType"])
            except (pa.ArrowException, OSError) as error:
                found.append(f"{key} cannot be read: {error}")
    metrics = run["metrics"]
    reported = metrics["recordSummary"]["outputRecordCount"], metrics["fileSummary"]["outputFileCount"]
    if (rows, files) != reported:
        found.append(f"{rows} rows in {files} files, Adobe reports {reported[0]} in {reported[1]}")
    return found


def _rows(body: bytes, file_type: str) -> int:
    if file_type == "PARQUET":
        return parquet.read_table(io.BytesIO(body)).num_rows
    if file_type == "CSV":
        return csv.read_csv(io.BytesIO(body)).num_rows
    with pa.CompressedInputStream(io.BytesIO(body), "gzip") as lines:
        return pa_json.read_json(lines).num_rows
