"""One checker for each file format, behind one Protocol. Formats are imported when they are asked for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from aep_delivery.verification.checkers.base import Checker
from aep_delivery.verification.dialect import RFC_4180, CsvDialect
from aep_delivery.verification.level import Level


def checker_for(
    file_type: Literal["JSON", "PARQUET", "CSV"],
    compression: Literal["NONE", "GZIP", "ZIP"],
    *,
    level: Level = Level.CONTENT,
    dialect: CsvDialect = RFC_4180,
    columns: Sequence[str] | None = None,
    encrypted: bool = False,
) -> Checker:
    """The checker of a type and compression.

    Args:
        file_type: What the files hold.
        compression: What is around it. Parquet says in its own footer how its pages are compressed; only CSV is
            looked for in zip files.
        level: How much to prove: ``structure`` or ``content``. For ``listing`` no file is opened, so none is needed.
        dialect: The form of CSV files.
        columns: The columns CSV files must have, in their order; None where that is not known.
        encrypted: True where the files are OpenPGP messages, whatever is inside.

    Raises:
        ValueError: No checker proves so little as ``listing``.
    """
    if level is Level.LISTING:
        raise ValueError("the listing is checked without opening a file")
    if encrypted:
        from aep_delivery.verification.checkers.openpgp import OpenPgpChecker  # noqa: PLC0415 - loads what it needs

        return OpenPgpChecker(level)
    if file_type == "PARQUET":
        from aep_delivery.verification.checkers.parquet import ParquetChecker  # noqa: PLC0415

        return ParquetChecker(level)
    if compression == "ZIP":
        from aep_delivery.verification.checkers.zip_file import ZipChecker  # noqa: PLC0415

        return ZipChecker(dialect=dialect, columns=columns, level=level)
    if file_type == "CSV":
        from aep_delivery.verification.checkers.csv_file import CsvChecker  # noqa: PLC0415

        return CsvChecker(gzip=compression == "GZIP", dialect=dialect, columns=columns, level=level)
    from aep_delivery.verification.checkers.ndjson import NdjsonChecker  # noqa: PLC0415

    return NdjsonChecker(gzip=compression == "GZIP", level=level)
