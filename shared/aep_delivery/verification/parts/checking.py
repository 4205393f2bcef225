"""Checking what one function is given: files, parts of files, or one leg of a file."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from pydantic import BaseModel, ConfigDict

from aep_delivery.storage.reader import ObjectChangedError, StorageReader, StoredObject
from aep_delivery.verification.batches import FileTask, Large, most_bytes, too_large
from aep_delivery.verification.checkers.base import FileCheck
from aep_delivery.verification.checkers.gzip_stream import inflate
from aep_delivery.verification.checking import CheckedFile, check_files
from aep_delivery.verification.expectation import Expectation
from aep_delivery.verification.level import Level
from aep_delivery.verification.limits import Limits
from aep_delivery.verification.parts.join import join, join_legs
from aep_delivery.verification.parts.legs import CannotBeLeftError, Handover, Leg
from aep_delivery.verification.parts.models import PartCheck
from aep_delivery.verification.parts.parquet import ParquetParts
from aep_delivery.verification.parts.ranges import pieces
from aep_delivery.verification.parts.text import LOOK, CsvParts, NdjsonParts


def check_tasks(
    expectation: Expectation, tasks: Iterable[FileTask], reader: StorageReader, limits: Limits, *, sparing: bool = False
) -> list[CheckedFile]:
    """Check files that are read by one function each; see :func:`~aep_delivery.verification.checking.check_files`."""
    whole = {task.stored.key: task for task in tasks if task.part is None}
    pairs = [(task.stored, task.level) for task in whole.values()]
    return [
        _said(file, whole[file.key].stored) if whole[file.key].large is Large.NOT else file
        for file in check_files(expectation, pairs, reader, limits, sparing=sparing)
    ]


def check_parts(
    expectation: Expectation, tasks: Iterable[FileTask], reader: StorageReader, limits: Limits, *, seconds: float
) -> list[PartCheck]:
    """Check parts of files. What of a file that changes meanwhile is read has no check.

    Args:
        expectation: For the form of the files.
        tasks: Which parts; other tasks are passed over.
        reader: The destination's storage.
        limits: Bounds of each check.
        seconds: How long one function may be expected to take.

    Raises:
        UserError: The storage denies access.
        TransientError: The storage asks to come back.
    """
    checker = _checker(expectation, seconds)
    checked = []
    for task in tasks:
        if task.part is None:
            continue
        try:
            checked.append(checker.check(task.stored, task.part, reader, limits))
        except ObjectChangedError:
            continue
    return checked


def joined_files(
    expectation: Expectation,
    files: Iterable[StoredObject],
    parts: Iterable[PartCheck],
    reader: StorageReader,
    limits: Limits,
) -> Iterator[CheckedFile]:
    """The files that were read in parts; one of which a part is missing has changed, and is none of them.

    Raises:
        UserError: The storage denies access.
        TransientError: The storage asks to come back.
    """
    of_file: dict[str, list[PartCheck]] = {}
    for part in parts:
        of_file.setdefault(part.key, []).append(part)
    for stored in files:
        own = sorted(of_file.get(stored.key, ()), key=lambda part: part.part.start)
        ends = [0, *(part.part.end for part in own)]
        if not own or [part.part.start for part in own] != ends[:-1] or ends[-1] != stored.size:
            continue
        if any(part.too_large for part in own):
            yield from structure_only(expectation, stored, reader, limits)
            continue
        counts = expectation.file_type != "PARQUET"
        yield with_checksum(stored, join(stored, own, limits, counts_findings=counts), reader)


def structure_only(
    expectation: Expectation, stored: StoredObject, reader: StorageReader, limits: Limits
) -> list[CheckedFile]:
    """Look at the structure of a file that cannot be read to its end, and say so. Empty where it has changed."""
    files = check_files(expectation, [(stored, Level.STRUCTURE)], reader, limits)
    return [_said(file, stored) for file in files]


def with_checksum(stored: StoredObject, check: FileCheck, reader: StorageReader) -> CheckedFile:
    """A check with the storage's own checksum, where the object is still the same."""
    now = reader.stat(stored.key)
    checksum = now.checksum if now and now.etag == stored.etag else None
    return CheckedFile(key=stored.key, check=check, storage_checksum=checksum)


class LegOutcome(BaseModel):
    """What came of one leg."""

    model_config = ConfigDict(frozen=True)

    legs: tuple[PartCheck, ...]
    """All so far."""
    handover: Handover | None = None
    """Where the next one begins; None where there is none."""
    files: tuple[CheckedFile, ...] = ()
    """The file, after the last leg; none where it has changed."""


def check_leg(
    expectation: Expectation,
    stored: StoredObject,
    legs: Sequence[PartCheck],
    after: Handover | None,
    reader: StorageReader,
    *,
    limits: Limits,
    is_over: Callable[[int], bool],
) -> LegOutcome:
    """Check one leg of a gzip file.

    Args:
        expectation: For the form of the file.
        stored: The file.
        legs: What the legs before have shown.
        after: Where the last of them has ended.
        reader: The destination's storage.
        limits: Bounds of the check.
        is_over: Whether time is over, after so many bytes.

    Raises:
        UserError: The storage denies access.
        TransientError: The storage asks to come back.
    """
    form = _text(expectation)
    first = form.beginning(limits)
    try:
        head = inflate(pieces(stored, reader, 0, stored.size, chunk=LOOK, request=LOOK), limits)
        make = form.following(stored.key, head, limits)[1] if after else first.make
        leg, handover = Leg(stored, reader, limits, make, after).run(is_over)
    except ObjectChangedError:
        return LegOutcome(legs=tuple(legs))
    except CannotBeLeftError:
        return LegOutcome(legs=tuple(legs), files=tuple(structure_only(expectation, stored, reader, limits)))
    if not after:
        leg = leg.model_copy(update={"columns": first.columns()})
    every = (*legs, leg)
    if handover:
        return LegOutcome(legs=every, handover=handover)
    return LegOutcome(legs=every, files=(with_checksum(stored, join_legs(stored, every, limits), reader),))


def _checker(expectation: Expectation, seconds: float) -> ParquetParts | NdjsonParts | CsvParts:
    if expectation.file_type == "PARQUET":
        return ParquetParts(most_bytes(expectation, seconds))
    return _text(expectation)


def _text(expectation: Expectation) -> NdjsonParts | CsvParts:
    # The header is judged beside those of the other files, by names that Adobe may have spelled otherwise.
    return CsvParts(dialect=expectation.dialect) if expectation.file_type == "CSV" else NdjsonParts()


def _said(file: CheckedFile, stored: StoredObject) -> CheckedFile:
    check = file.check.model_copy(update={"findings": (*file.check.findings, too_large(stored))})
    return file.model_copy(update={"check": check})
