"""What is to be opened, how far, and in which bounded portions: one function has fifteen minutes, and so many bytes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from enum import StrEnum
from itertools import pairwise
from typing import Self

from pydantic import BaseModel, ConfigDict

from aep_delivery.storage.reader import StoredObject
from aep_delivery.verification.checking import levels_of
from aep_delivery.verification.estimate import bytes_per_second, estimate
from aep_delivery.verification.expectation import Expectation
from aep_delivery.verification.inventory import FileSet
from aep_delivery.verification.level import Level
from aep_delivery.verification.parts.models import Part
from aep_delivery.verification.report import Estimate, Finding, Severity

BATCH_FILES = 250
"""Files of one batch: with two requests each, some seconds' work however small they are."""
BATCH_BYTES = 1 << 30
"""Stored bytes of one batch, unless a single file or part has more."""
MAX_BATCHES = 1000
"""About as many one delivery has at most. More files or bytes make larger batches, not more of them."""
FUNCTION_SECONDS = 600.0
"""How long the check of one file may be expected to take: two thirds of the longest time a Lambda function has."""
_PARTS = 5
"""What one function can read in its time is that many parts: they are read side by side, and tried again sooner."""


class Large(StrEnum):
    """How a file is read that is more than one function reads in its time."""

    IN_PARTS = "in-parts"
    """By several functions side by side."""
    IN_LEGS = "in-legs"
    """By several functions, one after another."""
    NOT = "not"
    """Not to its end: only its structure is looked at."""


class FileTask(BaseModel):
    """One file to look at, or a part of one."""

    model_config = ConfigDict(frozen=True)

    stored: StoredObject
    level: Level
    large: Large | None = None
    """None where one function reads it in its time."""
    part: Part | None = None
    """Where the file is read in parts, which."""

    @property
    def size(self) -> int:
        """Bytes to read to the end."""
        if self.level is not Level.CONTENT:
            return 0
        return self.part.end - self.part.start if self.part else self.stored.size


class Listing(BaseModel):
    """What lies in storage for one run, before a file is opened."""

    model_config = ConfigDict(frozen=True)

    started_at: datetime
    inventory: tuple[FileSet, ...]
    estimate: Estimate
    """Of looking into all of it."""

    @classmethod
    def of(
        cls,
        expectation: Expectation,
        inventory: Sequence[FileSet],
        started_at: datetime,
        *,
        seconds: float | None = FUNCTION_SECONDS,
    ) -> Self:
        """The listing with what its check will take; `seconds` as in :func:`tasks_of`."""
        tasks = tasks_of(expectation, inventory, seconds=seconds)
        objects = sum(len(files.judged) for files in inventory)
        batches = len(batches_of(tasks))
        return cls(
            started_at=started_at,
            inventory=tuple(inventory),
            estimate=estimate(expectation, tasks, batches=batches, objects=objects),
        )


def tasks_of(
    expectation: Expectation, inventory: Sequence[FileSet], *, seconds: float | None = FUNCTION_SECONDS
) -> list[FileTask]:
    """How far each data file is to be looked at: as far as the delivery's level says, but the structure alone of those
    outside of the sample.

    Args:
        expectation: For the level, and the form of the files.
        inventory: The files.
        seconds: How long one function may be expected to take for one file. Larger ones are read in parts, or in legs;
            where neither can be, their structure is looked at. None where no function's time is short.
    """
    levels = levels_of(expectation, [stored.key for files in inventory for stored in files.data])
    return [
        task
        for files in inventory
        for stored in files.data
        for task in _tasks(expectation, stored, levels[stored.key], seconds)
    ]


def most_bytes(expectation: Expectation, seconds: float) -> int:
    """The largest file that one function reads in its time."""
    return max(1, int(seconds * bytes_per_second(expectation)))


def too_large(stored: StoredObject) -> Finding:
    """What is said of a file that should be read to its end, and is not."""
    return Finding(
        code="file.too-large-to-check",
        message=f"The file has {stored.size:,} bytes, more than one function reads in its time, and cannot be divided: "
        "only its structure was looked at.",
        severity=Severity.WARNING,
        path=stored.key,
    )


def batches_of(tasks: Iterable[FileTask]) -> list[list[FileTask]]:
    """The tasks in portions of bounded count and bytes, in their order. Files that are not opened are in none, and what
    is read of a large file is alone.
    """
    opened = [task for task in tasks if task.level is not Level.LISTING]
    files = max(BATCH_FILES, -(-2 * len(opened) // MAX_BATCHES))
    size = max(BATCH_BYTES, -(-2 * sum(task.size for task in opened) // MAX_BATCHES))
    batches: list[list[FileTask]] = []
    room = 0
    alone = False
    for task in opened:
        before, alone = alone, task.large in (Large.IN_PARTS, Large.IN_LEGS)
        if not batches or room < task.size or len(batches[-1]) == files or alone or before:
            batches.append([])
            room = size
        batches[-1].append(task)
        room -= task.size
    return batches


def _tasks(expectation: Expectation, stored: StoredObject, level: Level, seconds: float | None) -> Iterator[FileTask]:
    if level is not Level.CONTENT or seconds is None or stored.size <= (most := most_bytes(expectation, seconds)):
        yield FileTask(stored=stored, level=level)
        return
    large = _how(expectation)
    if large is Large.IN_PARTS:
        count = -(-stored.size * _PARTS // most)
        bounds = [stored.size * number // count for number in range(count + 1)]
        for start, end in pairwise(bounds):
            yield FileTask(stored=stored, level=level, large=large, part=Part(start=start, end=end))
    else:
        yield FileTask(stored=stored, level=level if large is Large.IN_LEGS else Level.STRUCTURE, large=large)


def _how(expectation: Expectation) -> Large:
    if expectation.encrypted:
        return Large.NOT
    if expectation.file_type == "PARQUET" or expectation.compression == "NONE":
        return Large.IN_PARTS
    return Large.IN_LEGS
