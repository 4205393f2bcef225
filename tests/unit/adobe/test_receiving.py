from __future__ import annotations

import gzip
import itertools
import zlib
from collections.abc import Iterator

import httpx
import pytest

from aep_delivery.adobe.receiving import MAX_BYTES, take_no_more

MIB = 1 << 20


class Pieces(httpx.SyncByteStream):
    """A body that counts what was taken of it."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self.taken = 0
        self.closed = False

    def __iter__(self) -> Iterator[bytes]:
        for piece in self._pieces:
            self.taken += len(piece)
            yield piece

    def close(self) -> None:
        self.closed = True


def get(body: Pieces, **headers: str) -> httpx.Response:
    spelled = {name.replace("_", "-"): value for name, value in headers.items()}
    transport = httpx.MockTransport(lambda _: httpx.Response(200, headers=spelled, stream=body))
    with httpx.Client(transport=transport, event_hooks={"response": [take_no_more]}) as client:
        return client.get("https://example.com")


def zeros(times: int) -> Iterator[bytes]:
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    for _ in range(times):
        yield packer.compress(bytes(MIB))
    yield packer.flush()


def test_a_body_is_taken_as_it_is() -> None:
    assert get(Pieces(iter([b'{"a"', b": 1}"]))).json() == {"a": 1}


def test_a_body_is_unpacked() -> None:
    packed = gzip.compress(b'{"a": 1}')
    answer = get(Pieces(bytes([byte]) for byte in packed), Content_Encoding="GZIP")
    assert answer.json() == {"a": 1}


def test_an_answer_without_a_body_may_be_said_to_be_packed() -> None:
    assert get(Pieces(iter([b""])), Content_Encoding="gzip").content == b""


def test_no_more_is_taken_than_an_answer_may_have() -> None:
    body = Pieces(itertools.repeat(bytes(MIB), 100))
    with pytest.raises(httpx.DecodingError, match="more than 16 MiB"):
        get(body)
    assert body.taken == MAX_BYTES + MIB
    assert body.closed


def test_what_unpacks_without_end_is_not_unpacked() -> None:
    body = Pieces(zeros(200))
    with pytest.raises(httpx.DecodingError, match="more than 16 MiB"):
        get(body, Content_Encoding="gzip")
    assert body.closed


@pytest.mark.parametrize(
    ("encoding", "body", "said"),
    [
        ("br", b"x", "nobody asked for"),
        ("gzip, gzip", gzip.compress(gzip.compress(b"{}")), "nobody asked for"),
        ("gzip", b"{}", "damaged"),
        ("gzip", gzip.compress(b"{}")[:-9], "half"),
    ],
)
def test_what_cannot_be_unpacked_is_no_answer(encoding: str, body: bytes, said: str) -> None:
    with pytest.raises(httpx.DecodingError, match=said):
        get(Pieces(iter([body])), Content_Encoding=encoding)
