"""What it takes to prove a terabyte of files, by the product's own estimate."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import NamedTuple

from aep_delivery.storage.reader import StoredObject
from aep_delivery.verification.batches import FileTask, batches_of
from aep_delivery.verification.estimate import bytes_per_second, estimate
from aep_delivery.verification.expectation import Compression, Expectation, ExpectedDataset, FileType
from aep_delivery.verification.level import Level
from benchmarks.cost.bill import Amounts, Prices

TERABYTE = 10**12
FILE_BYTES = 256_000_000
MEMORY = 1769
"""MB of the functions that read files: one processor."""
TRANSITIONS_PER_BATCH = 3
"""``CheckBatch``, ``BatchIsChecked`` and ``Checked`` of a child."""
_DOCUMENTS_PER_BATCH = 3
FORMS: tuple[tuple[FileType, Compression], ...] = (
    ("PARQUET", "GZIP"),
    ("PARQUET", "NONE"),
    ("JSON", "GZIP"),
    ("JSON", "NONE"),
    ("CSV", "GZIP"),
    ("CSV", "NONE"),
)


class Proof(NamedTuple):
    """Of a terabyte in files of one form."""

    form: str
    megabytes_per_second: float
    """Stored bytes that one function proves."""
    requests: int
    batches: int
    amounts: Amounts
    hours: float
    """On the clock, with so many functions at a time as the stack's default allows."""


def proof(file_type: FileType, compression: Compression, prices: Prices, *, at_a_time: int) -> Proof:
    """Reckon for one form."""
    expectation = Expectation(
        location="s3://bucket",
        datasets=(ExpectedDataset(id="1", name="one"),),
        file_type=file_type,
        compression=compression,
    )
    at = datetime(2026, 1, 1, tzinfo=UTC)
    tasks = [
        FileTask(stored=StoredObject(key=f"{number}", size=FILE_BYTES, etag="e", last_modified=at), level=Level.CONTENT)
        for number in range(-(-TERABYTE // FILE_BYTES))
    ]
    batches = len(batches_of(tasks))
    said = estimate(expectation, tasks, batches=batches, objects=len(tasks))
    rate = bytes_per_second(expectation)
    seconds = TERABYTE / rate + said.requests * prices.assumed["storage_request_seconds"]
    return Proof(
        form=f"{file_type}, {compression}",
        megabytes_per_second=rate / 1e6,
        requests=said.requests,
        batches=batches,
        amounts=Amounts(
            {
                "gb_second": seconds * MEMORY / 1024,
                "invocation": batches + 2,
                "s3_read": said.requests + _DOCUMENTS_PER_BATCH * batches,
                "s3_write": _DOCUMENTS_PER_BATCH * batches,
                "transition": TRANSITIONS_PER_BATCH * batches,
            }
        ),
        hours=seconds / at_a_time / 3600,
    )
