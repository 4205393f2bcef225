"""Columns of the files of one run, held against each other."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from aep_delivery.running.models import RunOutcome, RunStatus
from aep_delivery.runtime.clock import FixedClock
from aep_delivery.storage.memory import MemoryReader
from aep_delivery.verification.expectation import Expectation, Rules
from aep_delivery.verification.report import Verdict, VerificationReport
from aep_delivery.verification.verify import verify_delivery

SLOT = datetime(2027, 1, 1, 6, 0, tzinfo=UTC)
FOLDER = "exports/d1/exportTime=202701010600"


def verified(*tables: Any) -> VerificationReport:
    reader = MemoryReader()
    for number, table in enumerate(tables):
        target = io.BytesIO()
        pq.write_table(table, target, compression="gzip")
        reader.put(f"{FOLDER}/part-{number}-c000.gz.parquet", target.getvalue())
    expected = Expectation.model_validate(
        {
            "location": "s3://bucket",
            "path": "exports",
            "datasets": [{"id": "d1", "name": "Flights"}],
            "file_type": "PARQUET",
            "compression": "GZIP",
        }
    )
    rows = sum(map(len, tables))
    ended = RunOutcome(
        status=RunStatus.SUCCESS, flow_id="f", slot=SLOT, completed_at=SLOT + timedelta(minutes=9), records=rows
    )
    return verify_delivery(expected, ended, Rules(), reader, FixedClock(SLOT + timedelta(hours=1)))


def ids(kind: Any, first: int = 1) -> Any:
    return pa.table({"id": pa.array([first, first + 1], pa.int64()).cast(kind), "name": ["a", "b"]})


def test_a_file_whose_column_is_of_another_type_cannot_be_read_with_the_others() -> None:
    report = verified(ids(pa.int64()), ids(pa.int64(), 3), ids(pa.string()))
    [finding] = [item for file in report.datasets[0].files for item in file.findings]
    assert (report.verdict, finding.code) == (Verdict.UNEXPECTED_FILES, "schema.files-differ")
    assert finding.path == f"{FOLDER}/part-2-c000.gz.parquet"
    assert finding.message == "The file has other columns than the others beside it. Of another type are id."


def test_files_of_the_same_types_are_one_table() -> None:
    assert verified(ids(pa.int64()), ids(pa.int64(), 3)).verdict is Verdict.VERIFIED


def test_of_files_with_other_columns_the_columns_are_told_before_the_types() -> None:
    other = ids(pa.string()).append_column("more", pa.array([1, 2]))
    report = verified(ids(pa.int64()), ids(pa.int64(), 3), other)
    [finding] = [item for file in report.datasets[0].files for item in file.findings]
    assert finding.message.endswith("Different are more.")
