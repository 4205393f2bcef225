"""One checker for each file format, behind one Protocol. Formats are imported when they are asked for."""

from __future__ import annotations

from aep_delivery.verification.checkers.base import Checker
from aep_delivery.verification.expectation import Compression, FileType


def checker_for(file_type: FileType, compression: Compression) -> Checker:
    """The checker of a type and compression. Parquet says in its own footer how its pages are compressed."""
    if file_type == "PARQUET":
        from aep_delivery.verification.checkers.parquet import ParquetChecker  # noqa: PLC0415 - loads what it needs

        return ParquetChecker()
    from aep_delivery.verification.checkers.ndjson import NdjsonChecker  # noqa: PLC0415 - loads what it needs

    return NdjsonChecker(gzip=compression == "GZIP")
