from __future__ import annotations

import os
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import asyncssh
import pytest
from pydantic import SecretStr

from aep_delivery.runtime.errors import DeliveryError, TransientError, UserError
from aep_delivery.storage.reader import ObjectChangedError
from aep_delivery.storage.sftp import SftpReader
from aep_delivery.storage.sftp_client import SftpAccess, sftp_reader
from emulator.storage.sftp import SftpServer, start_sftp

CONTENT = bytes(range(256)) * 40
LARGE = os.urandom(1 << 20) * 20


@pytest.fixture(scope="module", params=[3, 4], ids=["seconds", "nanoseconds"])
def server(request: pytest.FixtureRequest) -> Iterator[SftpServer]:
    with start_sftp(protocol=request.param) as running:
        yield running


class Place:
    """A user's folder with the reader over it."""

    def __init__(self, server: SftpServer, reader: SftpReader, folder: Path) -> None:
        self.server = server
        self.reader = reader
        self.folder = folder
        self._written = 0

    def put(self, key: str, data: bytes) -> None:
        """Write in place; each time a second later than before, so that every server can tell."""
        path = self.folder / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        self._written += 1
        os.utime(path, (1_800_000_000 + self._written, 1_800_000_000 + self._written))

    def etag(self, key: str) -> str:
        found = self.reader.stat(key)
        assert found is not None
        return found.etag


@pytest.fixture
def place(server: SftpServer) -> Iterator[Place]:
    name = f"user-{len(list(server.root.iterdir()))}"
    password = SecretStr(server.add_user(name))
    with sftp_reader(
        SftpAccess(server.host, server.port, name, password=password, host_key=server.host_key, allow_loopback=True)
    ) as reader:
        yield Place(server, reader, server.folder(name))
    server.faults.drop_after, server.faults.refuse, server.faults.delay = None, frozenset(), 0


def test_lists_what_starts_with_the_prefix_in_key_order(place: Place) -> None:
    for key in ("a/2", "a/10", "ab", "b/1", "a.csv", "a/10.d/x", "a/100/x"):
        place.put(key, key.encode())
    listed = list(place.reader.list_objects("a"))
    assert [item.key for item in listed] == ["a.csv", "a/10", "a/10.d/x", "a/100/x", "a/2", "ab"]
    assert [item.size for item in listed] == [len(item.key) for item in listed]
    assert all(item.last_modified.tzinfo for item in listed)
    assert [item.key for item in place.reader.list_objects("a/1")] == ["a/10", "a/10.d/x", "a/100/x"]
    assert [item.key for item in place.reader.list_objects("a/10.d/")] == ["a/10.d/x"]


def test_lists_more_than_one_page(place: Place) -> None:
    for number in range(1005):
        place.put(f"many/{number:05}", b"")
    assert sum(1 for _ in place.reader.list_objects("many/")) == 1005


def test_a_missing_folder_is_an_empty_listing(place: Place) -> None:
    place.put("file", b"")
    assert list(place.reader.list_objects("nowhere/at/all/")) == []
    assert list(place.reader.list_objects("file/below")) == []


def test_a_server_that_lists_bare_names_is_asked_about_each(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    for key in ("a/b/c", "a/d"):
        place.put(key, key.encode())
    whole = list(place.reader.list_objects("a/"))
    monkeypatch.setattr("aep_delivery.storage.sftp.is_complete", lambda _: False)
    assert list(place.reader.list_objects("a/")) == whole
    scandir = asyncssh.SFTPClient.scandir

    async def with_ghost(client: asyncssh.SFTPClient, path: bytes) -> AsyncIterator[asyncssh.SFTPName]:
        yield asyncssh.SFTPName(b"ghost", attrs=asyncssh.SFTPAttrs())
        async for entry in scandir(client, path):
            yield entry

    monkeypatch.setattr(asyncssh.SFTPClient, "scandir", with_ghost)
    assert list(place.reader.list_objects("a/")) == whole


def test_links_are_neither_listed_nor_followed(place: Place) -> None:
    place.put("a/file", b"1")
    (place.folder / "a/link").symlink_to(place.folder / "a/file")
    (place.folder / "a/loop").symlink_to(place.folder / "a")
    os.mkfifo(place.folder / "a/pipe")
    assert [item.key for item in place.reader.list_objects("")] == ["a/file"]
    assert place.reader.stat("a/link") is None


def test_a_name_that_is_not_utf_8_is_shown_and_not_in_the_way(place: Place) -> None:
    place.put("a/file", b"1")
    (Path(os.fsdecode(os.fsencode(place.folder) + b"/a/caf\xe9"))).write_bytes(b"")
    assert [item.key for item in place.reader.list_objects("a/")] == ["a/caf\\xe9", "a/file"]


def test_stat_says_what_the_listing_says(place: Place) -> None:
    place.put("folder/ünïcode 名 <&>.csv", CONTENT)
    listed = next(iter(place.reader.list_objects("")))
    assert place.reader.stat("folder/ünïcode 名 <&>.csv") == listed


@pytest.mark.parametrize("key", ["missing", "folder", "folder/missing", "folder/file/below"])
def test_stat_of_what_is_no_file_is_none(place: Place, key: str) -> None:
    place.put("folder/file", b"")
    assert place.reader.stat(key) is None


@pytest.mark.parametrize("key", ["", "/etc/passwd", "../other/file", "a/../../b", "a//b", "./a", "a/", "a\0b"])
def test_a_path_that_leaves_the_directory_is_refused(place: Place, key: str) -> None:
    for call in (
        place.reader.stat,
        lambda key: place.reader.read_range(key, 0, 1, etag="e"),
        lambda key: list(place.reader.stream(key, etag="e")),
    ):
        with pytest.raises(UserError) as caught:
            call(key)
        assert caught.value.code == "storage.path-refused"


@pytest.mark.parametrize("prefix", ["/", "../", "a/../b", "a//b"])
def test_a_prefix_that_leaves_the_directory_is_refused(place: Place, prefix: str) -> None:
    with pytest.raises(UserError) as caught:
        list(place.reader.list_objects(prefix))
    assert caught.value.code == "storage.path-refused"


@pytest.mark.parametrize(
    ("start", "length", "expected"),
    [
        (0, 10, CONTENT[:10]),
        (0, len(CONTENT), CONTENT),
        (len(CONTENT) - 3, 100, CONTENT[-3:]),
        (len(CONTENT), 5, b""),
        (len(CONTENT) + 9, 5, b""),
        (3, 0, b""),
    ],
)
def test_reads_a_range(place: Place, start: int, length: int, expected: bytes) -> None:
    place.put("k", CONTENT)
    assert place.reader.read_range("k", start, length, etag=place.etag("k")) == expected


@pytest.mark.parametrize("chunk_size", [1000, 1 << 20, 30 << 20])
def test_streams_the_whole_file_in_chunks(place: Place, chunk_size: int) -> None:
    place.put("k", LARGE)
    chunks = list(place.reader.stream("k", etag=place.etag("k"), chunk_size=chunk_size))
    assert b"".join(chunks) == LARGE
    assert max(len(chunk) for chunk in chunks) <= chunk_size


def test_an_empty_file_streams_nothing(place: Place) -> None:
    place.put("k", b"")
    assert list(place.reader.stream("k", etag=place.etag("k"))) == []
    assert place.reader.read_range("k", 0, 1, etag=place.etag("k")) == b""


def test_a_rewritten_file_is_an_error_and_not_a_mix(place: Place) -> None:
    place.put("k", CONTENT)
    before = place.etag("k")
    place.put("k", CONTENT[::-1])
    with pytest.raises(ObjectChangedError):
        place.reader.read_range("k", 0, 4, etag=before)
    with pytest.raises(ObjectChangedError):
        list(place.reader.stream("k", etag=before))


def test_a_file_that_is_rewritten_while_it_is_streamed_is_an_error(place: Place) -> None:
    place.put("k", LARGE)
    chunks = place.reader.stream("k", etag=place.etag("k"))
    got = [next(chunks)]
    place.put("k", LARGE[::-1])
    with pytest.raises(ObjectChangedError):
        got.extend(chunks)
    assert LARGE.startswith(b"".join(got))


def test_a_file_whose_name_another_one_takes_is_streamed_to_its_end(place: Place) -> None:
    place.put("k", LARGE)
    chunks = place.reader.stream("k", etag=place.etag("k"))
    got = [next(chunks)]
    place.put("new", LARGE[::-1])
    (place.folder / "new").rename(place.folder / "k")
    assert b"".join([*got, *chunks]) == LARGE


def test_a_removed_file_is_an_error(place: Place) -> None:
    place.put("k", CONTENT)
    before = place.etag("k")
    (place.folder / "k").unlink()
    with pytest.raises(ObjectChangedError):
        place.reader.read_range("k", 0, 4, etag=before)
    with pytest.raises(ObjectChangedError):
        list(place.reader.stream("k", etag=before))


def test_a_broken_stream_goes_on_where_it_stopped(place: Place) -> None:
    place.put("k", LARGE)
    etag = place.etag("k")
    got = bytearray()
    for number, chunk in enumerate(place.reader.stream("k", etag=etag)):
        got += chunk
        if number in (2, 11):
            place.server.faults.drop_after = 1 << 20
    assert bytes(got) == LARGE


def test_a_broken_stream_does_not_go_on_in_another_version(place: Place) -> None:
    place.put("k", LARGE)
    chunks = place.reader.stream("k", etag=place.etag("k"))
    next(chunks)
    place.server.faults.drop_after = 0
    place.put("new", LARGE[::-1])
    (place.folder / "new").rename(place.folder / "k")
    with pytest.raises(ObjectChangedError):
        list(chunks)


def test_a_stream_that_keeps_breaking_is_transient(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    place.put("k", LARGE)
    etag = place.etag("k")
    monkeypatch.setattr("aep_delivery.storage.sftp._RESUMES", 2)
    with pytest.raises(TransientError) as caught:
        _drain_while(place, etag, lambda: setattr(place.server.faults, "drop_after", 0))
    assert caught.value.code == "storage.connection-failed"


def _drain_while(place: Place, etag: str, fault: Callable[[], None]) -> None:
    """Read on with the connection torn at every read."""
    ended = threading.Event()

    def keep() -> None:
        while not ended.wait(0.0005):
            fault()

    thread = threading.Thread(target=keep)
    thread.start()
    try:
        list(place.reader.stream("k", etag=etag))
    finally:
        ended.set()
        thread.join()


def test_other_calls_survive_one_broken_connection(place: Place) -> None:
    place.put("k", CONTENT)
    etag = place.etag("k")
    place.server.faults.drop_after = 0
    assert place.reader.read_range("k", 0, 5, etag=etag) == CONTENT[:5]


def test_a_stream_that_is_left_early_leaves_nothing_open(place: Place) -> None:
    place.put("k", LARGE)
    chunks = place.reader.stream("k", etag=place.etag("k"))
    next(chunks)
    chunks.close()  # type: ignore[attr-defined]
    held = [os.path.realpath(descriptor) for descriptor in Path("/proc/self/fd").iterdir()]
    assert str(place.folder / "k") not in held


@pytest.mark.parametrize(
    ("operation", "call"),
    [
        ("list", lambda reader: list(reader.list_objects("a/"))),
        ("stat", lambda reader: reader.stat("a/k")),
        ("open", lambda reader: reader.read_range("a/k", 0, 1, etag="e")),
        ("open", lambda reader: list(reader.stream("a/k", etag="e"))),
    ],
)
def test_a_denied_call_says_so(place: Place, operation: str, call: Callable[[SftpReader], object]) -> None:
    place.put("a/k", CONTENT)
    place.server.faults.refuse = frozenset({operation})  # type: ignore[arg-type]
    with pytest.raises(DeliveryError) as caught:
        call(place.reader)
    assert isinstance(caught.value, UserError)
    assert caught.value.code == "storage.access-denied"
    assert caught.value.place is not None
    assert caught.value.place.startswith(f"sftp://127.0.0.1:{place.server.port}/a")


def test_times_are_as_fine_as_the_server_tells_them(place: Place) -> None:
    place.put("k", b"")
    os.utime(place.folder / "k", ns=(0, 1_800_000_000_123_456_789))
    found = place.reader.stat("k")
    assert found is not None
    assert (found.last_modified.microsecond, found.etag) in [
        (0, '"0-1800000000"'),
        (123456, '"0-1800000000.123456789"'),
    ]


def test_an_absolute_path_starts_at_the_servers_root(server: SftpServer) -> None:
    name = "absolute"
    password = SecretStr(server.add_user(name))
    (server.folder(name) / "exports").mkdir()
    (server.folder(name) / "exports" / "a").write_bytes(b"1")
    with sftp_reader(
        SftpAccess(
            server.host,
            server.port,
            name,
            password=password,
            host_key=server.host_key,
            allow_loopback=True,
            absolute=True,
        )
    ) as reader:
        # Its users are shut in their folders, so that the root is the login directory.
        assert reader._path("exports/a") == b"/exports/a"
        assert [item.key for item in reader.list_objects("")] == ["exports/a"]
        stored = next(reader.list_objects("exports/"))
        assert b"".join(reader.stream(stored.key, etag=stored.etag)) == b"1"
