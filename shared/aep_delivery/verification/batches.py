"""What is to be opened, how far, and in which bounded portions: one function has fifteen minutes, and so many bytes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Self

from pydantic import BaseModel, ConfigDict

from aep_delivery.storage.reader import StoredObject
from aep_delivery.verification.checking import levels_of
from aep_delivery.verification.estimate import bytes_per_second, estimate
from aep_delivery.verification.expectation import Expectation
from aep_delivery.verification.inventory import FileSet
from aep_delivery.verification.level import Level
from aep_delivery.verification.report import Estimate, Finding, Severity

BATCH_FILES = 250
"""Files of one batch: with two requests each, some seconds' work however small they are."""
BATCH_BYTES = 1 << 30
"""Stored bytes of one batch, unless a single file has more."""
MAX_BATCHES = 1000
"""About as many one delivery has at most. More files or bytes make larger batches, not more of them."""
FUNCTION_SECONDS = 600.0
"""How long the check of one file may be expected to take: two thirds of the longest time a Lambda function has."""


class FileTask(BaseModel):
    """One file to look at."""

    model_config = ConfigDict(frozen=True)

    stored: StoredObject
    level: Level


class Listing(BaseModel):
    """What lies in storage for one run, before a file is opened."""

    model_config = ConfigDict(frozen=True)

    started_at: datetime
    inventory: tuple[FileSet, ...]
    estimate: Estimate
    """Of looking into all of it."""

    @classmethod
    def of(cls, expectation: Expectation, inventory: Sequence[FileSet], started_at: datetime) -> Self:
        """The listing with what its check will take."""
        tasks = tasks_of(expectation, inventory)
        objects = sum(len(files.judged) for files in inventory)
        batches = len(batches_of(tasks))
        return cls(
            started_at=started_at,
            inventory=tuple(inventory),
            estimate=estimate(expectation, tasks, batches=batches, objects=objects),
        )


def tasks_of(expectation: Expectation, inventory: Sequence[FileSet]) -> list[FileTask]:
    """How far each data file is to be looked at: as far as the delivery's level says, but the structure alone of those
    outside of the sample, and of a file so large that no function could read it to its end in its time.
    """
    levels = _wanted(expectation, inventory)
    large = too_large_of(expectation, inventory)
    return [
        FileTask(stored=stored, level=Level.STRUCTURE if stored.key in large else levels[stored.key])
        for files in inventory
        for stored in files.data
    ]


def too_large_of(expectation: Expectation, inventory: Sequence[FileSet]) -> dict[str, Finding]:
    """The files that should be read to their end, and are not, because that takes longer than a function has.

    A part of such a file could only be given to another function where its format says where rows begin.
    """
    levels = _wanted(expectation, inventory)
    most = int(FUNCTION_SECONDS * bytes_per_second(expectation))
    return {
        stored.key: Finding(
            code="file.too-large-to-check",
            message=f"The file has {stored.size:,} bytes, more than one function reads in its time ({most:,}): "
            "only its structure was looked at.",
            severity=Severity.WARNING,
            path=stored.key,
        )
        for files in inventory
        for stored in files.data
        if stored.size > most and levels[stored.key] is Level.CONTENT
    }


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


def _wanted(expectation: Expectation, inventory: Sequence[FileSet]) -> dict[str, Level]:
    return levels_of(expectation, [stored.key for files in inventory for stored in files.data])
