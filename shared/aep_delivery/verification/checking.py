"""Checking data files, some at a time: each call is a batch of its own, wherever it runs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import closing

from pydantic import BaseModel, ConfigDict

from aep_delivery.storage.reader import ObjectChangedError, StorageReader, StoredObject
from aep_delivery.verification.ahead import Look, ahead
from aep_delivery.verification.checkers import checker_for
from aep_delivery.verification.checkers.base import EMPTY_FILE, Checker, FileCheck
from aep_delivery.verification.expectation import Expectation
from aep_delivery.verification.level import Level
from aep_delivery.verification.limits import Limits
from aep_delivery.verification.sample import choose


class CheckedFile(BaseModel):
    """One file that could be read as listed."""

    model_config = ConfigDict(frozen=True)

    key: str
    check: FileCheck
    storage_checksum: str | None = None
    """The storage's own, where the object is still the one that was checked."""


def levels_of(expectation: Expectation, keys: Iterable[str]) -> dict[str, Level]:
    """How much of each file to look at: of a sample as much as is asked for, of the others the structure."""
    every = list(keys)
    chosen = choose(every, expectation.sample)
    others = min(expectation.level, Level.STRUCTURE, key=lambda level: level.rank)
    return {key: expectation.level if key in chosen else others for key in every}


def check_files(
    expectation: Expectation,
    files: Iterable[tuple[StoredObject, Level]],
    reader: StorageReader,
    limits: Limits,
    *,
    sparing: bool = False,
) -> list[CheckedFile]:
    """Check each file at its level, in their order, with many requests in flight. One that changes meanwhile has no
    check.

    Args:
        expectation: For the form of the files.
        files: What to check, and how far.
        reader: The destination's storage.
        limits: Bounds of each check.
        sparing: Whether the storage is not asked for its checksum of a file whose own was made of all its bytes: for
            small files that is half of all requests.

    Raises:
        UserError: The storage denies access.
        TransientError: The storage asks to come back.
    """
    opening = (Level.STRUCTURE, Level.CONTENT)
    checkers = {level: _checker(expectation, level) for level in opening}
    every = list(files)
    looks = (_look(expectation, stored, level, reader, sparing=sparing) for stored, level in every)
    checked = []
    with closing(ahead(looks)) as fetched:
        for (stored, level), coming in zip(every, fetched, strict=True):
            try:
                here = coming.result()
                check = _check(stored, level, checkers, here, limits)
            except ObjectChangedError:
                continue
            spared = level is Level.LISTING or (sparing and check.sha256 is not None)
            now = None if spared else here.stat(stored.key)
            same = now if now and now.etag == stored.etag else None
            checked.append(CheckedFile(key=stored.key, check=check, storage_checksum=same.checksum if same else None))
    return checked


def _look(
    expectation: Expectation, stored: StoredObject, level: Level, reader: StorageReader, *, sparing: bool
) -> Look:
    return Look(
        stored=stored,
        level=level,
        reader=reader,
        parquet=expectation.file_type == "PARQUET" and not expectation.encrypted,
        ask=not (sparing and level is Level.CONTENT),
    )


def _check(
    stored: StoredObject, level: Level, checkers: Mapping[Level, Checker], reader: StorageReader, limits: Limits
) -> FileCheck:
    if level is Level.LISTING:
        findings = () if stored.size else (EMPTY_FILE.finding(stored.key),)
        return FileCheck(rows=None, sha256=None, findings=findings, level=level)
    return checkers[level].check(stored, reader, limits)


def _checker(expectation: Expectation, level: Level) -> Checker:
    # The header is judged beside those of the other files, by names that Adobe may have spelled otherwise.
    return checker_for(
        expectation.file_type,
        expectation.compression,
        level=level,
        dialect=expectation.dialect,
        encrypted=expectation.encrypted,
    )
