from __future__ import annotations

from datetime import UTC, datetime

import asyncssh
import pytest

from aep_delivery.runtime.errors import UserError
from aep_delivery.storage.sftp_version import is_complete, is_version, stored_object

REGULAR = asyncssh.FILEXFER_TYPE_REGULAR


def attributes(size: int | None = 10, mtime: int | None = 1_800_000_000, ns: int | None = None) -> asyncssh.SFTPAttrs:
    return asyncssh.SFTPAttrs(type=REGULAR, size=size, mtime=mtime, mtime_ns=ns)


def etag(found: asyncssh.SFTPAttrs) -> str:
    return stored_object("k", found, place="p").etag


@pytest.mark.parametrize("other", [attributes(size=11), attributes(mtime=1_800_000_001), attributes(ns=1)])
def test_another_size_or_time_is_another_version(other: asyncssh.SFTPAttrs) -> None:
    assert etag(other) != etag(attributes())
    assert not is_version(attributes(), etag(other))


def test_an_etag_without_nanoseconds_holds_where_another_answer_has_them() -> None:
    assert is_version(attributes(ns=5), etag(attributes()))
    assert not is_version(attributes(ns=5), etag(attributes(ns=6)))


def test_the_time_is_utc_with_microseconds() -> None:
    found = stored_object("k", attributes(ns=123_456_789), place="p")
    assert found.last_modified == datetime(2027, 1, 15, 8, 0, 0, 123_456, tzinfo=UTC)


@pytest.mark.parametrize("missing", [attributes(size=None), attributes(mtime=None)])
def test_a_file_without_size_or_time_cannot_be_pinned(missing: asyncssh.SFTPAttrs) -> None:
    assert not is_complete(missing)
    with pytest.raises(UserError) as caught:
        etag(missing)
    assert caught.value.code == "storage.no-file-times"


def test_what_has_no_type_is_incomplete() -> None:
    assert is_complete(attributes())
    assert not is_complete(asyncssh.SFTPAttrs(size=1, mtime=1))
