"""What only shows when all files are looked at together: manifests, counts, gaps and doubles."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from aep_delivery.storage.reader import StoredObject
from aep_delivery.verification.checkers.base import FileCheck
from aep_delivery.verification.loose_files.gathering import LooseFile
from aep_delivery.verification.manifest import Manifest, ManifestComparison, compare
from aep_delivery.verification.report import Finding, Severity

_PART = re.compile(r"part-\d+")
_COPY = re.compile(r"[ ._-]*(?:\(\d+\)|copy.*)", re.IGNORECASE)
_SPLIT = re.compile(r"(.+?)(?:_([1-9][0-9]{0,2}))?((?:\.(?:csv|gz|gzip|zip|pgp|gpg|asc))+)", re.IGNORECASE)
_GAPS = 3
"""Missing numbers that are told one by one."""

Checks = Mapping[str, FileCheck | None]
"""By path."""


def compare_manifests(
    files: Sequence[LooseFile], found: Mapping[str, Sequence[Manifest]], given: Manifest | None
) -> ManifestComparison:
    """Hold manifests against files; the keys of what is answered are paths.

    Args:
        files: All data files.
        found: Manifests that lie among the files, by folder: they speak of what is in it and below.
        given: The one that the caller holds all files against; the others then do not count.
    """
    if given is None and not found:
        return ManifestComparison()
    stored = {file.path: file.stored.model_copy(update={"key": file.path}) for file in files}
    if given is not None:
        return compare([given], stored.values())
    every = [compare(manifests, _below(folder, stored)) for folder, manifests in found.items()]
    return ManifestComparison(
        missing=tuple(entry for one in every for entry in one.missing),
        sizes={path: size for one in every for path, size in one.sizes.items()},
        unlisted=tuple(path for one in every for path in one.unlisted),
        misplaced=tuple(path for one in every for path in one.misplaced),
        unsafe=sum(one.unsafe for one in every),
    )


def count_finding(files: Sequence[LooseFile], checks: Checks, records: int | None) -> Iterator[Finding]:
    """Where the rows of all files are not as many as there must be. Not judged where some could not be counted: that
    has a finding of its own.
    """
    counted = [check.rows if (check := checks[file.path]) else None for file in files]
    rows = sum(count for count in counted if count is not None)
    if records is not None and rows != records and None not in counted:
        message = f"The files have {rows:,} rows, and there should be {records:,}."
        yield Finding(code="set.count-mismatch", message=message)


def gaps(files: Sequence[LooseFile]) -> Iterator[Finding]:
    """Missing numbers in ``name.csv``, ``name_2.csv``, ``name_3.csv``.

    A number may as well be a part of the name, so only what begins as Adobe's numbers do is judged: with ``name.csv``
    or with ``name_2.csv``, and without ``name_1.csv``, which Adobe never writes.
    """
    for numbers in _numbered(files).values():
        if 1 in numbers or not ({2} & numbers.keys() or (0 in numbers and len(numbers) > 1)):
            continue
        yield from _missing(numbers)


def doubles(files: Sequence[LooseFile], checks: Checks, records: int | None) -> Iterator[Finding]:
    """Each file that equals an earlier one byte for byte.

    Equal rows may happen to lie in two files, so it decides only where there are too many rows, or the names say it:
    two parts of one number, as a task that was tried twice leaves them, or ``a (1).csv`` beside ``a.csv``.
    """
    counted = [check for check in checks.values() if check is not None and check.sha256 is not None and check.rows]
    too_many = records is not None and sum(check.rows or 0 for check in counted) > records
    first: dict[tuple[int, str], LooseFile] = {}
    for file in files:
        check = checks[file.path]
        if check is None or check.sha256 is None or not check.rows:
            continue
        earlier = first.setdefault((file.stored.size, check.sha256), file)
        if earlier is not file:
            decides = too_many or (earlier.folder == file.folder and _are_one(earlier.name, file.name))
            yield Finding(
                code="set.duplicate-file",
                message=f"The file is the same as {earlier.name}, byte for byte.",
                severity=Severity.ERROR if decides else Severity.WARNING,
                path=file.path,
            )


def _are_one(name: str, other: str) -> bool:
    numbers = [_PART.match(each) for each in (name, other)]
    if numbers[0] and numbers[1] and numbers[0][0] == numbers[1][0]:
        return True
    short, long = sorted((name.partition(".")[0], other.partition(".")[0]), key=len)
    return long.startswith(short) and _COPY.fullmatch(long[len(short) :]) is not None


def _below(folder: str, stored: Mapping[str, StoredObject]) -> list[StoredObject]:
    return [found for path, found in stored.items() if not folder or path.startswith(f"{folder}/")]


def _numbered(files: Sequence[LooseFile]) -> dict[tuple[str, str], dict[int, LooseFile]]:
    """CSV files by folder, name and suffix, and by their number: 0 has none."""
    stems: dict[tuple[str, str], dict[int, LooseFile]] = {}
    for file in files:
        match = _SPLIT.fullmatch(file.name)
        if match:
            stem = f"{file.folder}/{match[1]}", match[3]
            stems.setdefault(stem, {})[int(match[2] or 0)] = file
    return stems


def _missing(numbers: Mapping[int, LooseFile]) -> Iterator[Finding]:
    ordered = sorted({max(number, 1): file for number, file in numbers.items()}.items())
    expected = 1
    for number, file in ordered:
        for missing in range(expected, min(number, expected + _GAPS)):
            told = "the first one, without a number," if missing == 1 else f"number {missing}"
            yield Finding(
                code="set.split-gap",
                message=f"Not all files before it are there: {told} is missing.",
                path=file.path,
            )
        expected = number + 1
