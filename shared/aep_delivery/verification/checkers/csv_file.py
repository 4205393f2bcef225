"""CSV files, plain or gzip."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from aep_delivery.verification.checkers.csv_rows import CsvRows
from aep_delivery.verification.checkers.text_file import TextChecker
from aep_delivery.verification.dialect import RFC_4180, CsvDialect
from aep_delivery.verification.level import Level


class CsvChecker(TextChecker):
    """Checks CSV.

    Args:
        gzip: True where the file is gzip, of one or more members.
        dialect: The form of the file.
        columns: The columns there must be, in their order; None where that is not known.
        level: How much to prove.
    """

    def __init__(
        self,
        *,
        gzip: bool,
        dialect: CsvDialect = RFC_4180,
        columns: Sequence[str] | None = None,
        level: Level = Level.CONTENT,
    ) -> None:
        super().__init__(gzip=gzip, rows=partial(CsvRows, dialect, expected=columns), level=level)
