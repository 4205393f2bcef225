from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aep_delivery.storage.reader import StoredObject
from aep_delivery.verification.batches import (
    BATCH_BYTES,
    BATCH_FILES,
    MAX_BATCHES,
    FileTask,
    Listing,
    batches_of,
    tasks_of,
    too_large_of,
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


def test_a_file_no_function_can_read_in_its_time_is_looked_at_for_its_structure_and_it_is_said() -> None:
    found = inventory(1, HUGE, 2)
    assert [each.level for each in tasks_of(expectation(), found)] == [Level.CONTENT, Level.STRUCTURE, Level.CONTENT]
    [(key, finding)] = too_large_of(expectation(), found).items()
    assert (key, finding.path) == ("f/part-000001", "f/part-000001")
    assert (finding.code, finding.severity) == ("file.too-large-to-check", Severity.WARNING)
    assert f"{HUGE:,} bytes" in finding.message


@pytest.mark.parametrize("level", [Level.STRUCTURE, Level.LISTING])
def test_nothing_is_too_large_for_what_does_not_read_it(level: Level) -> None:
    assert too_large_of(expectation(level=level), inventory(HUGE)) == {}
    assert [each.level for each in tasks_of(expectation(level=level), inventory(HUGE))] == [level]


def test_what_the_sample_leaves_out_is_not_too_large() -> None:
    sampled = expectation(sample=0.0001)
    levels = [each.level for each in tasks_of(sampled, inventory(*[HUGE] * 20))]
    assert levels == [Level.STRUCTURE] * 20
    assert len(too_large_of(sampled, inventory(*[HUGE] * 20))) == 1


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
