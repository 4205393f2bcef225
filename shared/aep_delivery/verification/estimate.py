"""What a check will cost, said before it starts: bytes, requests, seconds, money."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from aep_delivery.verification.expectation import Expectation
from aep_delivery.verification.level import Level
from aep_delivery.verification.parts.ranges import REQUEST
from aep_delivery.verification.report import Estimate

if TYPE_CHECKING:
    from aep_delivery.verification.batches import FileTask

_MB = 1_000_000
_STORED_MB_PER_SECOND = {
    ("CSV", "NONE"): 230,
    ("CSV", "GZIP"): 55,
    ("JSON", "NONE"): 300,
    ("JSON", "GZIP"): 50,
    ("PARQUET", "NONE"): 250,
    ("PARQUET", "GZIP"): 170,
}
"""Stored bytes proven per second of CPU, in MB, as ``benchmarks/`` makes and measures them."""
_ENCRYPTED_MB_PER_SECOND = 400
_SECONDS_PER_FILE = 0.006
"""CPU of a file's requests, whatever its size."""
_FUNCTION_SHARE = 0.5
"""How fast a function of one processor is beside the machine that the rates were measured on."""
_NETWORK_MB_PER_SECOND = 60
"""What one stream from a storage brings, at least."""
_LATENCY = 0.03
"""Seconds a function waits for one request."""
_REQUESTS = {("PARQUET", Level.CONTENT): 4, ("PARQUET", Level.STRUCTURE): 3}
_TEXT_REQUESTS = {Level.CONTENT: 2, Level.STRUCTURE: 3, Level.LISTING: 0}
"""For one file, with the look whether it is still the same. The storage answers a listing in pages of this length:"""
_PAGE = 1000
# AWS: list prices of us-east-1, for arm64.
_USD_PER_SECOND = 1.769 / 1.024 * 0.0000133334
_USD_PER_REQUEST = 0.0000004
_USD_PER_LISTING = 0.000005
_USD_PER_BATCH = 3 * 0.000025 + 3 * 0.000005
"""Three transitions, and three documents in the work bucket."""


def bytes_per_second(expectation: Expectation) -> float:
    """Stored bytes that one function proves per second, or that reach it, whatever is less."""
    return min(_rate(expectation) * _FUNCTION_SHARE, _NETWORK_MB_PER_SECOND * _MB)


def estimate(expectation: Expectation, tasks: Sequence[FileTask], *, batches: int, objects: int) -> Estimate:
    """What these files will take.

    Args:
        expectation: For the form of the files.
        tasks: The files, and how far each is looked at.
        batches: How many portions they are checked in.
        objects: How many objects one listing shows; it is taken twice.
    """
    opened = [task for task in tasks if task.level is not Level.LISTING]
    size = sum(task.size for task in tasks)
    requests = sum(_requests(task, expectation) for task in tasks)
    if batches > 1:
        # The storage is then asked for no checksum of a file that was read to its end, and in one go.
        requests -= sum(task.level is Level.CONTENT and task.part is None for task in tasks)
    pages = 2 * max(1, -(-objects // _PAGE))
    cpu_seconds = size / _rate(expectation) + len(opened) * _SECONDS_PER_FILE
    busy = size / bytes_per_second(expectation) + requests * _LATENCY
    cost = busy * _USD_PER_SECOND + requests * _USD_PER_REQUEST + pages * _USD_PER_LISTING
    if batches > 1:
        cost += batches * _USD_PER_BATCH
    return Estimate(
        files=len({task.stored.key for task in opened}),
        bytes=size,
        requests=requests + pages,
        batches=batches,
        cpu_seconds=round(cpu_seconds, 2),
        cost_usd=round(cost, 6),
    )


def _rate(expectation: Expectation) -> float:
    if expectation.encrypted:
        return _ENCRYPTED_MB_PER_SECOND * _MB
    return _STORED_MB_PER_SECOND[expectation.file_type, expectation.compression] * _MB


def _requests(task: FileTask, expectation: Expectation) -> int:
    """Of a file, or of its part: there every few megabytes are asked for by themselves, behind the header or footer."""
    own = _REQUESTS.get((expectation.file_type, task.level), _TEXT_REQUESTS[task.level])
    return own + -(-task.size // REQUEST) if task.part else own
