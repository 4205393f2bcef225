from __future__ import annotations

import pytest

from aep_delivery.storage.memory import MemoryReader
from aep_delivery.verification.level import Level
from aep_delivery.verification.loose_files.foreseen import foresee
from aep_delivery.verification.loose_files.gathering import Asked, LooseFile
from aep_delivery.verification.loose_files.kinds import Kind

GB = 1_000_000_000
NDJSON_GZIP = Kind(file_type="JSON", packing="GZIP")


def files(count: int, size: int, kind: Kind = NDJSON_GZIP, place: int = 0) -> list[LooseFile]:
    stored = MemoryReader().put("a", b"").model_copy(update={"size": size})
    return [LooseFile(place, stored, f"{number}", kind) for number in range(count)]


def test_more_processes_take_less_time_and_more_memory() -> None:
    one, four = (foresee(files(8, GB), Asked(), remote=(), processes=number) for number in (1, 4))
    assert one.bytes == four.bytes == 8 * GB
    assert one.seconds == pytest.approx(4 * four.seconds)
    assert (one.memory_mb, four.memory_mb) == (64, 256)
    assert one.requests == 0


def test_what_is_far_is_asked_for_and_waited_for() -> None:
    near = foresee(files(100, GB // 1000), Asked(), remote=(), processes=64)
    far = foresee(files(100, GB // 1000, place=1), Asked(), remote=[1], processes=64)
    assert far.requests >= 100
    assert far.seconds >= near.seconds


@pytest.mark.parametrize("level", [Level.STRUCTURE, Level.LISTING])
def test_a_lower_level_reads_no_content(level: Level) -> None:
    foreseen = foresee(files(3, GB), Asked(level=level), remote=(), processes=1)
    assert foreseen.bytes == 0
    assert foreseen.files == (3 if level is Level.STRUCTURE else 0)
    assert foreseen.seconds < 1


@pytest.mark.parametrize(
    "kind",
    [
        Kind(),
        Kind(encrypted=True),
        Kind("CSV", "ZIP"),
        Kind("PARQUET", "NONE"),
        Kind("CSV", "NONE"),
        Kind("JSON", "GZIP"),
    ],
)
def test_every_kind_has_a_rate(kind: Kind) -> None:
    mixed = [*files(1, GB, kind), *files(1, GB)]
    assert foresee(mixed, Asked(), remote=(), processes=1).seconds > 1
