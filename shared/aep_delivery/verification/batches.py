"""What is to be opened, how far, and in which bounded portions: one function has fifteen minutes, and so many bytes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from pydantic import BaseModel, ConfigDict

from aep_delivery.storage.reader import StoredObject
from aep_delivery.verification.checking import levels_of
from aep_delivery.verification.expectation import Expectation
from aep_delivery.verification.inventory import FileSet
from aep_delivery.verification.level import Level
from aep_delivery.verification.throughput import bytes_per_second

BATCH_FILES = 100
"""Files of one batch: with two requests each, some seconds' work however small they are."""
BATCH_BYTES = 1 << 30
"""Stored bytes of one batch, unless a single file has more."""
MAX_BATCHES = 1000
"""Of one delivery. More files or bytes make larger batches, not more of them."""
FUNCTION_SECONDS = 600.0
"""How long the check of one file may be expected to take: two thirds of the longest time a Lambda function has."""


class FileTask(BaseModel):
    """One file to look at."""

    model_config = ConfigDict(frozen=True)

    stored: StoredObject
    level: Level


def tasks_of(expectation: Expectation, inventory: Sequence[FileSet]) -> list[FileTask]:
    """How far each data file is to be looked at: as far as the delivery's level says, but the structure alone of those
    outside of the sample, and of a file so large that no function could read it to its end in its time.
    """
    data = [stored for files in inventory for stored in files.data]
    levels = levels_of(expectation, [stored.key for stored in data])
    return [FileTask(stored=stored, level=_possible(levels[stored.key], stored, expectation)) for stored in data]


def is_too_large(stored: StoredObject, expectation: Expectation) -> bool:
    """True where reading the file to its end would take longer than one function has.

    Its content could be split only where the format says where rows begin without reading on from the start.
    """
    rate = bytes_per_second(expectation.file_type, expectation.compression, encrypted=expectation.encrypted)
    return stored.size > FUNCTION_SECONDS * rate


def batches_of(tasks: Iterable[FileTask]) -> list[list[FileTask]]:
    """The tasks in portions of bounded count and bytes, in their order. Files that are not opened are in none."""
    opened = [task for task in tasks if task.level is not Level.LISTING]
    most_files = max(BATCH_FILES, -(-2 * len(opened) // MAX_BATCHES))
    most_bytes = max(BATCH_BYTES, -(-2 * sum(map(_bytes_to_read, opened)) // MAX_BATCHES))
    batches: list[list[FileTask]] = []
    room = 0
    for task in opened:
        size = _bytes_to_read(task)
        if not batches or room < size or len(batches[-1]) == most_files:
            batches.append([])
            room = most_bytes
        batches[-1].append(task)
        room -= size
    return batches


def _bytes_to_read(task: FileTask) -> int:
    return task.stored.size if task.level is Level.CONTENT else 0


def _possible(level: Level, stored: StoredObject, expectation: Expectation) -> Level:
    return Level.STRUCTURE if level is Level.CONTENT and is_too_large(stored, expectation) else level
