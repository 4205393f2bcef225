"""Parts of Parquet files: whole column chunks, each proven by itself."""

from __future__ import annotations

from aep_delivery.storage.reader import StorageReader, StoredObject
from aep_delivery.verification.checkers.base import Damage
from aep_delivery.verification.checkers.byte_cursor import ByteCursor
from aep_delivery.verification.checkers.digest import Digested
from aep_delivery.verification.checkers.parquet import columns_of, footer_of, walk_chunks
from aep_delivery.verification.checkers.parquet_footer import Footer
from aep_delivery.verification.limits import Limits
from aep_delivery.verification.parts.models import Part, PartCheck, Run
from aep_delivery.verification.parts.ranges import pieces
from aep_delivery.verification.report import FilePart


class ParquetParts:
    """Checks parts of Parquet files. A column chunk belongs to the part it begins in, a row group's rows to the part
    its first column chunk begins in.

    Args:
        most: Bytes of the largest column chunk that one function can prove in its time.
    """

    def __init__(self, most: int) -> None:
        self._most = most

    def check(self, stored: StoredObject, part: Part, reader: StorageReader, limits: Limits) -> PartCheck:
        """Check the column chunks that begin in one part, with the bytes between them.

        Raises:
            ObjectChangedError: The object was rewritten while it was read.
            UserError: The storage denies access.
            TransientError: The storage asks to come back.
        """
        try:
            footer = footer_of(stored, reader, limits)
        except Damage as damage:
            run = Run(start=part.start, end=part.end, rows=None, damage=damage.finding(stored.key))
            return PartCheck(key=stored.key, part=part, runs=(run,))
        if max((chunk.length for chunk in footer.chunks), default=0) > self._most:
            return PartCheck(key=stored.key, part=part, too_large=True)
        own = [chunk for chunk in footer.chunks if part.start <= chunk.start < part.end]
        columns = None if part.start else columns_of(footer)
        if part.start and not own:
            return PartCheck(key=stored.key, part=part)
        start = own[0].start if part.start else 0
        end = min((chunk.start for chunk in footer.chunks if chunk.start >= part.end), default=stored.size)
        source = Digested(pieces(stored, reader, start, end, chunk=limits.chunk_bytes))
        cursor = ByteCursor(iter(source), start)
        walked = walk_chunks(own, cursor, stored.key, limits)
        cursor.drain()
        whole = not walked.findings
        run = Run(
            start=start,
            end=end,
            rows=_rows(footer, part) if whole else None,
            findings=tuple(walked.findings),
            checksummed=walked.covered and whole,
        )
        digest = FilePart(start=start, end=start + source.size, sha256=source.hexdigest())
        return PartCheck(key=stored.key, part=part, runs=(run,), digest=digest, bytes_read=source.size, columns=columns)


def _rows(footer: Footer, part: Part) -> int:
    """The rows of the row groups that begin in the part."""
    first: dict[int, int] = {}
    rows: dict[int, int] = {}
    for chunk in reversed(footer.chunks):
        first[chunk.row_group] = chunk.start
        rows[chunk.row_group] = chunk.rows
    own = sum(rows[group] for group, start in first.items() if part.start <= start < part.end)
    # A row group without any page lies nowhere.
    return own if part.start else own + footer.rows - sum(rows.values())
