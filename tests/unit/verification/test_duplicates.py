from __future__ import annotations

from typing import Any

import pytest

from aep_delivery.verification import duplicates
from aep_delivery.verification.checkers.base import FileCheck
from aep_delivery.verification.report import FilePart, Severity
from tests.unit.verification.seen import check, figures, file_set, stored


def found(files: Any, rows: dict[str, Any], **reported: Any) -> list[tuple[str | None, Severity]]:
    return [(one.path, one.severity) for one in duplicates.findings(files, figures(files, rows=rows, **reported))]


def parts(*digests: str) -> tuple[FilePart, ...]:
    return tuple(FilePart(start=at, end=at + 1, sha256=digest) for at, digest in enumerate(digests))


SAME = check(2, "aa")


def test_each_file_that_equals_an_earlier_one_is_told_and_the_first_is_not() -> None:
    files = file_set("out/x/a", "out/x/b", "out/x/c", "out/x/d")
    rows = {"out/x/a": check(2, "bb"), "out/x/b": SAME, "out/x/c": SAME, "out/x/d": SAME}

    told = list(duplicates.findings(files, figures(files, rows=rows)))

    assert [(one.code, one.path) for one in told] == [
        ("set.duplicate-file", "out/x/c"),
        ("set.duplicate-file", "out/x/d"),
    ]
    assert all(" b, " in one.message for one in told)


@pytest.mark.parametrize(
    ("records", "severity"), [(4, Severity.WARNING), (3, Severity.ERROR), (None, Severity.WARNING)]
)
def test_it_decides_where_there_are_too_many_rows(records: int | None, severity: Severity) -> None:
    assert found(file_set("out/a", "out/b"), {"out/a": SAME, "out/b": SAME}, records=records) == [("out/b", severity)]


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(check(2, "bb"), id="another hash"),
        pytest.param(check(0, "aa"), id="no rows"),
        pytest.param(check(2, None), id="no hash"),
        pytest.param(None, id="not read"),
    ],
)
def test_what_cannot_be_told_to_be_the_same_is_not(other: FileCheck | None) -> None:
    rows = {"out/a": SAME, "out/c": SAME} | ({"out/b": other} if other else {})
    assert found(file_set("out/a", "out/b", "out/c"), rows) == [("out/c", Severity.WARNING)], "and those after it are"


def test_another_size_is_another_file_and_empty_ones_are_none() -> None:
    files = file_set(stored("out/a", 1), stored("out/b", 2), stored("out/c", 0), stored("out/d", 0))
    assert found(files, dict.fromkeys(("out/a", "out/b", "out/c", "out/d"), SAME)) == []


def test_files_that_were_read_in_parts_are_compared_part_by_part() -> None:
    rows = {
        "out/a": check(2, parts=parts("1", "2")),
        "out/b": check(2, parts=parts("1", "3")),
        "out/c": check(2, parts=parts("1", "2")),
    }
    assert found(file_set("out/a", "out/b", "out/c"), rows) == [("out/c", Severity.WARNING)]


def test_where_nothing_was_hashed_the_storages_checksums_are_compared() -> None:
    files = file_set("out/a", "out/b", "out/c")
    seen = figures(files, rows={"out/a": 2, "out/b": 2, "out/c": 2})
    sums = {"out/a": "x", "out/b": "y", "out/c": "x"}
    evidence = type(seen.evidence)(inventory=[files], checks=seen.evidence.checks, storage_checksums=sums)
    told = duplicates.findings(files, type(seen)(seen.outcome, evidence, seen.rules))

    assert [one.path for one in told] == ["out/c"]
