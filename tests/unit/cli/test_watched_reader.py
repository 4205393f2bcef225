from __future__ import annotations

from aep_delivery.cli.watched_reader import WatchedReader
from aep_delivery.storage.memory import MemoryReader


def test_it_passes_everything_on_and_tells_how_much():
    memory, told = MemoryReader(), []
    first, second = memory.put("a/1", b"x" * 1024), memory.put("a/2", b"y" * 2048)
    watched = WatchedReader(memory, told.append)
    assert list(watched.list_objects("a/")) == [first, second]
    assert told == ["Listing: 1 file", "Listing: 2 files"]
    assert watched.stat("a/1") == first
    assert watched.read_range("a/1", 0, 1024, etag=first.etag) == b"x" * 1024
    assert b"".join(watched.stream("a/2", etag=second.etag)) == b"y" * 2048
    assert watched.read_range("a/2", 0, 512, etag=second.etag) == b"y" * 512
    assert told[-1] == "Verifying: 2 files opened, 3.5 KiB read"


def test_a_second_listing_says_nothing_once_files_are_opened():
    memory, told = MemoryReader(), []
    stored = memory.put("a", b"x")
    watched = WatchedReader(memory, told.append)
    watched.read_range("a", 0, 1, etag=stored.etag)
    list(watched.list_objects(""))
    assert told == ["Verifying: 1 file opened, 1 byte read"]
