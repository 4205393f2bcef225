from __future__ import annotations

from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aep_delivery.storage.reader import StoredObject
from aep_delivery.verification.batches import (
    BATCH_BYTES,
    BATCH_FILES,
    MAX_BATCHES,
    FileTask,
    Large,
    Listing,
    batches_of,
    most_bytes,
    tasks_of,
    too_large,
)
from aep_delivery.verification.estimate import bytes_per_second
from aep_delivery.verification.expectation import Expectation
from aep_delivery.verification.inventory import FileSet
from aep_delivery.verification.level import Level
from aep_delivery.verification.report import Severity

NOW = datetime(2027, 1, 1, tzinfo=UTC)
HUGE = 1 << 40


def expectation(**values: Any) -> Expectation:
    return Expectation.model_validate(
        {
            "location": "s3://bucket",
            "datasets": [{"id": "d", "name": "D"}],
            "file_type": "JSON",
            "compression": "GZIP",
            **values,
        }
    )


def stored(number: int, size: int = 1) -> StoredObject:
    return StoredObject(key=f"f/part-{number:06}", size=size, etag="e", last_modified=NOW)


def task(number: int, size: int = 1, level: Level = Level.CONTENT) -> FileTask:
    return FileTask(stored=stored(number, size), level=level)


def inventory(*sizes: int) -> list[FileSet]:
    data = tuple(stored(number, size) for number, size in enumerate(sizes))
    return [FileSet(ids=("d",), names=("D",), folder="f", found=True, data=data)]


@given(
    sizes=st.lists(
        st.one_of(st.integers(0, 100), st.integers(BATCH_BYTES // 4, 3 * BATCH_BYTES)), min_size=0, max_size=400
    )
)
def test_every_file_is_in_one_batch_and_no_batch_is_too_large(sizes: list[int]) -> None:
    tasks = [task(number, size) for number, size in enumerate(sizes)]
    batches = batches_of(tasks)
    assert [each for batch in batches for each in batch] == tasks
    for batch in batches:
        assert 0 < len(batch) <= BATCH_FILES
        assert len(batch) == 1 or sum(each.stored.size for each in batch) <= BATCH_BYTES


def test_only_bytes_that_are_read_count() -> None:
    tasks = [task(number, HUGE, Level.STRUCTURE) for number in range(BATCH_FILES)]
    assert len(batches_of(tasks)) == 1


def test_files_that_are_not_opened_are_in_no_batch() -> None:
    assert batches_of([task(number, level=Level.LISTING) for number in range(3)]) == []


@pytest.mark.parametrize(("files", "size"), [(400_000, 1), (20_000, BATCH_BYTES)])
def test_a_vast_delivery_has_larger_batches_instead_of_more(files: int, size: int) -> None:
    each = task(0, size)
    batches = batches_of([each] * files)
    assert MAX_BATCHES / 4 < len(batches) <= 1.5 * MAX_BATCHES + 1
    assert sum(map(len, batches)) == files


FORMS = [("JSON", "NONE"), ("CSV", "NONE"), ("PARQUET", "GZIP"), ("PARQUET", "NONE")]


@settings(deadline=None)
@given(size=st.integers(0, HUGE), seconds=st.floats(0.001, 720), form=st.sampled_from(FORMS))
def test_parts_follow_each_other_and_none_is_more_than_a_function_reads(
    size: int, seconds: float, form: tuple[str, str]
) -> None:
    expected = expectation(file_type=form[0], compression=form[1])
    most = most_bytes(expected, seconds)
    size = min(size, 100 * most)
    tasks = tasks_of(expected, inventory(size), seconds=seconds)
    if size <= most:
        assert [(each.part, each.large) for each in tasks] == [(None, None)]
        return
    parts = [each.part for each in tasks if each.part]
    assert (len(parts), {each.level for each in tasks}) == (len(tasks), {Level.CONTENT})
    assert (parts[0].start, parts[-1].end) == (0, size)
    assert all(before.end == after.start for before, after in pairwise(parts))
    assert all(0 < part.end - part.start <= most for part in parts)
    assert sum(each.size for each in tasks) == size
    assert [len(batch) for batch in batches_of(tasks)] == [1] * len(tasks)


def test_a_large_gzip_file_is_read_in_legs_and_is_alone_in_its_batch() -> None:
    tasks = tasks_of(expectation(), inventory(1, HUGE, 2, 3))
    assert [each.large for each in tasks] == [None, Large.IN_LEGS, None, None]
    assert [len(batch) for batch in batches_of(tasks)] == [1, 1, 2]
    assert [len(batch) for batch in batches_of(tasks_of(expectation(), inventory(1, 9, 2), seconds=1e-7))] == [1, 1, 1]


def test_of_a_large_file_that_nothing_can_divide_the_structure_is_looked_at() -> None:
    tasks = tasks_of(expectation(encrypted=True), inventory(1, HUGE, 2))
    assert [each.level for each in tasks] == [Level.CONTENT, Level.STRUCTURE, Level.CONTENT]
    assert [each.large for each in tasks] == [None, Large.NOT, None]


def test_where_no_function_is_short_of_time_nothing_is_large() -> None:
    [each] = tasks_of(expectation(encrypted=True), inventory(HUGE), seconds=None)
    assert (each.level, each.large, each.size) == (Level.CONTENT, None, HUGE)


@pytest.mark.parametrize("level", [Level.STRUCTURE, Level.LISTING])
def test_nothing_is_too_large_for_what_does_not_read_it(level: Level) -> None:
    [each] = tasks_of(expectation(level=level), inventory(HUGE))
    assert (each.level, each.large) == (level, None)


def test_what_the_sample_leaves_out_is_not_too_large() -> None:
    tasks = tasks_of(expectation(sample=0.0001), inventory(*[HUGE] * 20))
    assert sorted(each.level for each in tasks) == [Level.CONTENT, *[Level.STRUCTURE] * 19]
    assert sum(each.large is Large.IN_LEGS for each in tasks) == 1


def test_what_is_said_of_a_file_that_is_too_large() -> None:
    finding = too_large(stored(1, HUGE))
    assert (finding.code, finding.severity, finding.path) == (
        "file.too-large-to-check",
        Severity.WARNING,
        "f/part-000001",
    )
    assert f"{HUGE:,} bytes" in finding.message


def test_a_file_in_parts_is_one_file_of_many_batches_and_costs_more_requests() -> None:
    listing = Listing.of(expectation(compression="NONE"), inventory(60_000_000_000), NOW)
    assert (listing.estimate.files, listing.estimate.bytes) == (1, 60_000_000_000)
    assert listing.estimate.batches == 9
    # Every eight mebibytes, with two requests a part and a listing twice.
    assert listing.estimate.requests == pytest.approx(60e9 / (8 << 20) + 9 * 2 + 2, abs=9)


def test_the_estimate_adds_up() -> None:
    listing = Listing.of(expectation(), inventory(*[5_000_000] * 1500), NOW)
    estimate = listing.estimate
    assert (estimate.files, estimate.bytes, estimate.batches) == (1500, 7_500_000_000, 8)
    # One for each file, and two pages twice.
    assert estimate.requests == 1500 + 4
    assert estimate.cpu_seconds == pytest.approx(7500 / 50 + 1500 * 0.006)
    assert 0.001 < estimate.cost_usd < 0.1


def test_one_function_alone_asks_for_the_storages_checksums_too() -> None:
    assert Listing.of(expectation(), inventory(1, 2, 3), NOW).estimate.requests == 2 * 3 + 2


def test_what_is_not_opened_costs_the_listing_alone() -> None:
    estimate = Listing.of(expectation(level=Level.LISTING), inventory(HUGE), NOW).estimate
    assert (estimate.files, estimate.bytes, estimate.requests, estimate.batches) == (0, 0, 2, 0)
    assert estimate.cpu_seconds == 0


@pytest.mark.parametrize("compression", ["NONE", "GZIP"])
@pytest.mark.parametrize("file_type", ["CSV", "JSON", "PARQUET"])
def test_every_form_has_a_speed_that_a_function_reaches(file_type: str, compression: str) -> None:
    rate = bytes_per_second(expectation(file_type=file_type, compression=compression))
    assert 20e6 <= rate <= 60e6
    assert bytes_per_second(expectation(file_type=file_type, compression=compression, encrypted=True)) == 60e6


def test_a_listing_survives_its_document() -> None:
    listing = Listing.of(expectation(), inventory(1, 2), NOW)
    assert Listing.model_validate_json(listing.model_dump_json(exclude_defaults=True)) == listing
