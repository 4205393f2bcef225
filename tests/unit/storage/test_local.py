from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from aep_delivery.runtime.errors import UserError
from aep_delivery.storage.local import LocalReader
from aep_delivery.storage.reader import ObjectChangedError

CONTENT = bytes(range(256)) * 40


@pytest.fixture
def reader(tmp_path: Path) -> LocalReader:
    (tmp_path / "root").mkdir()
    return LocalReader(tmp_path / "root")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "root"


def _put(root: Path, key: str, data: bytes = CONTENT) -> Path:
    path = root / key
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def _etag(reader: LocalReader, key: str = "k") -> str:
    found = reader.stat(key)
    assert found is not None
    return found.etag


def test_lists_what_starts_with_the_prefix_in_key_order(reader: LocalReader, root: Path) -> None:
    for key in ("a/2", "a/10", "a/b/c", "a.csv", "ab", "b/1"):
        _put(root, key, key.encode())
    assert [found.key for found in reader.list_objects("")] == ["a.csv", "a/10", "a/2", "a/b/c", "ab", "b/1"]
    assert [(found.key, found.size) for found in reader.list_objects("a/")] == [("a/10", 4), ("a/2", 3), ("a/b/c", 5)]
    assert [found.key for found in reader.list_objects("a/1")] == ["a/10"]
    assert list(reader.list_objects("nowhere/")) == list(reader.list_objects("a.csv/")) == []
    assert all(found.last_modified.tzinfo for found in reader.list_objects(""))


def test_stat_says_what_the_listing_says(reader: LocalReader, root: Path) -> None:
    _put(root, "d/k")
    assert [reader.stat("d/k")] == list(reader.list_objects(""))
    assert reader.stat("missing") is reader.stat("d") is reader.stat("d/k/x") is None


@pytest.mark.parametrize(
    ("start", "length", "expected"),
    [(0, 10, CONTENT[:10]), (len(CONTENT) - 3, 100, CONTENT[-3:]), (len(CONTENT) + 9, 5, b""), (3, 0, b"")],
)
def test_reads_a_range(reader: LocalReader, root: Path, start: int, length: int, expected: bytes) -> None:
    _put(root, "k")
    assert reader.read_range("k", start, length, etag=_etag(reader)) == expected


@pytest.mark.parametrize("chunk_size", [1000, 1 << 20])
def test_streams_the_whole_file(reader: LocalReader, root: Path, chunk_size: int) -> None:
    _put(root, "k")
    chunks = list(reader.stream("k", etag=_etag(reader), chunk_size=chunk_size))
    assert b"".join(chunks) == CONTENT
    assert max(map(len, chunks)) <= chunk_size
    _put(root, "k", b"")
    assert list(reader.stream("k", etag=_etag(reader))) == []


def test_a_rewritten_or_removed_file_is_an_error_and_not_a_mix(reader: LocalReader, root: Path) -> None:
    path = _put(root, "k")
    before = _etag(reader)
    os.utime(path, ns=(1, 1))
    for read in (lambda: reader.read_range("k", 0, 4, etag=before), lambda: list(reader.stream("k", etag=before))):
        with pytest.raises(ObjectChangedError):
            read()
    path.unlink()
    with pytest.raises(ObjectChangedError):
        reader.read_range("k", 0, 4, etag=before)


def test_a_file_that_grows_while_it_is_read_is_an_error(reader: LocalReader, root: Path) -> None:
    path = _put(root, "k")
    chunks = reader.stream("k", etag=_etag(reader), chunk_size=4096)
    next(chunks)
    path.write_bytes(CONTENT * 2)
    with pytest.raises(ObjectChangedError):
        list(chunks)


def test_a_replaced_file_of_the_same_size_and_time_is_another_one(reader: LocalReader, root: Path) -> None:
    path = _put(root, "k")
    before, times = _etag(reader), path.stat()
    other = _put(root, "other", CONTENT[::-1])
    os.utime(other, ns=(times.st_atime_ns, times.st_mtime_ns))
    other.replace(path)
    assert _etag(reader) != before


def test_links_are_neither_listed_nor_followed(reader: LocalReader, root: Path) -> None:
    _put(root, "a/k")
    outside = _put(root.parent, "outside/secret")
    (root / "in").symlink_to("a/k")
    (root / "in-folder").symlink_to("a")
    (root / "out").symlink_to(outside)
    (root / "out-folder").symlink_to(outside.parent)
    (root / "gone").symlink_to("nowhere")
    (root / "loop").symlink_to("loop")
    assert [found.key for found in reader.list_objects("")] == ["a/k"]
    assert list(reader.links()) == ["gone", "loop", "out", "out-folder"]
    assert reader.stat("out") is None
    with pytest.raises((UserError, ObjectChangedError)):
        reader.read_range("out", 0, 4, etag="x")


@pytest.mark.parametrize(
    "key", ["../outside/secret", "a/../../outside/secret", "out-folder/secret", "..", "/etc/passwd"]
)
def test_no_key_leads_out(reader: LocalReader, root: Path, key: str) -> None:
    _put(root, "a/k")
    outside = _put(root.parent, "outside/secret")
    (root / "out-folder").symlink_to(outside.parent)
    for ask in (lambda: reader.stat(key), lambda: reader.read_range(key, 0, 4, etag="x")):
        with pytest.raises(UserError) as caught:
            ask()
        assert caught.value.code == "storage.path-refused"


def test_special_files_are_none(reader: LocalReader, root: Path) -> None:
    os.mkfifo(root / "pipe")
    assert list(reader.list_objects("")) == []
    assert reader.stat("pipe") is None
    with pytest.raises(ObjectChangedError):
        reader.read_range("pipe", 0, 1, etag="x")


def test_a_name_that_is_not_utf8_is_shown_and_read(reader: LocalReader, root: Path) -> None:
    for name in (b"caf\xe9", rb"back\xslash", rb"literal\xe9"):
        with open(os.fsencode(root) + b"/" + name, "wb") as file:  # noqa: PTH123
            file.write(name)
    listed = {found.key: b"".join(_all(reader, found.key, found.etag)) for found in reader.list_objects("")}
    assert listed == {r"caf\xe9": b"caf\xe9", r"back\xslash": rb"back\xslash", r"literal\xe9": rb"literal\xe9"}


def _all(reader: LocalReader, key: str, etag: str) -> Iterator[bytes]:
    return reader.stream(key, etag=etag)


def test_what_may_not_be_read_is_told(reader: LocalReader, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _put(root, "a/k")
    etag = _etag(reader, "a/k")

    def refuse(*_: object) -> int:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "open", refuse)
    monkeypatch.setattr(os, "scandir", refuse)
    for ask in (lambda: list(reader.list_objects("")), lambda: reader.read_range("a/k", 0, 1, etag=etag)):
        with pytest.raises(UserError) as caught:
            ask()
        assert caught.value.code == "storage.access-denied"
        assert caught.value.message == "The file or folder cannot be read: Permission denied."
