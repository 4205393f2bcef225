from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from aep_delivery.runtime.errors import TransientError
from aep_delivery.storage.local import LocalReader
from aep_delivery.storage.memory import MemoryReader
from aep_delivery.storage.reader import ObjectChangedError, StorageReader, StoredObject
from aep_delivery.verification.ahead import IN_FLIGHT, Look, ahead
from aep_delivery.verification.level import Level

MIB = 1 << 20
KIB = 1 << 10


class Counted(MemoryReader):
    """Notes what it is asked, and lets nobody go before so many ask at once."""

    def __init__(self, together: int = 1) -> None:
        super().__init__()
        self.asked: list[tuple[str, str, int, int]] = []
        self._together = threading.Barrier(together)

    def read_range(self, key: str, start: int, length: int, *, etag: str) -> bytes:
        self._together.wait(5)
        self.asked.append(("range", key, start, length))
        return super().read_range(key, start, length, etag=etag)

    def stream(self, key: str, *, etag: str, chunk_size: int = MIB) -> Iterator[bytes]:
        self.asked.append(("stream", key, 0, chunk_size))
        return super().stream(key, etag=etag, chunk_size=chunk_size)

    def stat(self, key: str) -> StoredObject | None:
        self.asked.append(("stat", key, 0, 0))
        return super().stat(key)


def look(
    reader: StorageReader,
    stored: StoredObject,
    level: Level = Level.CONTENT,
    *,
    parquet: bool = False,
    ask: bool = True,
) -> Look:
    return Look(stored=stored, level=level, reader=reader, parquet=parquet, ask=ask)


def test_requests_of_many_files_are_in_flight_together_and_answered_in_order() -> None:
    # The barrier only opens where so many requests wait at once.
    reader = Counted(IN_FLIGHT)
    stored = [reader.put(f"{number:03}", b"%d" % number) for number in range(4 * IN_FLIGHT)]
    looks = [look(reader, each, ask=False) for each in stored]
    read = [
        b"".join(coming.result().stream(each.key, etag="x")) for each, coming in zip(stored, ahead(looks), strict=True)
    ]
    assert read == [b"%d" % number for number in range(len(stored))]
    assert len(reader.asked) == len(stored)


def test_a_small_file_takes_one_request_and_a_look_afterwards() -> None:
    reader = Counted()
    stored = reader.put("a", bytes(range(256)) * 4000)
    [coming] = ahead([look(reader, stored)])
    fetched = coming.result()
    assert fetched.read_range("a", 10, 20, etag=stored.etag) == bytes(range(10, 30))
    assert fetched.read_range("a", stored.size - 3, 10, etag=stored.etag) == bytes([253, 254, 255])
    assert len(next(fetched.stream("a", etag=stored.etag, chunk_size=MIB // 2))) == MIB // 2
    assert fetched.stat("a") == stored
    assert [asked[0] for asked in reader.asked] == ["range", "stat"]


@pytest.mark.parametrize(("parquet", "head"), [(True, 4), (False, 64 * KIB)])
def test_of_a_large_file_both_ends_are_there_and_the_rest_is_asked_for(parquet: bool, head: int) -> None:
    reader = Counted()
    stored = reader.put("a", b"x" * MIB)
    [coming] = ahead([look(reader, stored, Level.STRUCTURE, parquet=parquet)])
    fetched = coming.result()
    assert len(fetched.read_range("a", stored.size - 64 * KIB, 64 * KIB, etag=stored.etag)) == 64 * KIB
    assert len(fetched.read_range("a", 0, 4, etag=stored.etag)) == 4
    assert [asked[2:] for asked in reader.asked] == [(stored.size - 64 * KIB, 64 * KIB), (0, head), (0, 0)]
    assert len(fetched.read_range("a", 100 * KIB, 5, etag=stored.etag)) == 5
    assert reader.asked[-1] == ("range", "a", 100 * KIB, 5)


def test_a_large_content_is_streamed_when_its_turn_comes_and_asked_for_after_it() -> None:
    reader = Counted()
    stored = reader.put("a", b"x" * (2 * MIB))
    [coming] = ahead([look(reader, stored)])
    fetched = coming.result()
    assert reader.asked == []
    assert sum(map(len, fetched.stream("a", etag=stored.etag))) == stored.size
    reader.alter("a", b"y")
    now = fetched.stat("a")
    assert now is not None
    assert now.etag != stored.etag


def test_what_is_held_ahead_is_bounded() -> None:
    reader = Counted()
    stored = [reader.put(f"{number:03}", b"x" * MIB) for number in range(40)]
    fetched = ahead([look(reader, each, ask=False) for each in stored])
    next(fetched).result()
    # Those of the eight MiB, and what came in while the first was waited for.
    assert len(reader.asked) <= 9
    fetched.close()


def test_an_error_is_that_of_its_own_file_and_the_others_go_on() -> None:
    class Busy(Counted):
        def read_range(self, key: str, start: int, length: int, *, etag: str) -> bytes:
            if key == "b":
                raise TransientError("Later.", code="storage.busy")
            return super().read_range(key, start, length, etag=etag)

    reader = Busy()
    stored = [reader.put(key, b"x") for key in "abc"]
    reader.alter("c", b"y")
    first, second, third = ahead([look(reader, each) for each in stored])
    assert first.result().stat("a") == stored[0]
    with pytest.raises(TransientError):
        second.result()
    with pytest.raises(ObjectChangedError):
        third.result()


def test_nothing_is_fetched_of_what_is_near_empty_or_only_listed(tmp_path) -> None:
    reader = Counted()
    (tmp_path / "near").write_bytes(b"x")
    local = LocalReader(tmp_path)
    [near] = local.list_objects("")
    looks = [
        look(reader, reader.put("empty", b"")),
        look(reader, reader.put("listed", b"x"), Level.LISTING),
        look(local, near),
    ]
    empty, listed, here = (coming.result() for coming in ahead(looks))
    assert reader.asked == []
    assert here.read_range("near", 0, 1, etag=near.etag) == b"x"
    assert [found.key for found in listed.list_objects("l")] == ["listed"]
    assert b"".join(empty.stream("empty", etag=looks[0].stored.etag)) == b""
