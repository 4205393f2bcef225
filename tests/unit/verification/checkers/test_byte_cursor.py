from __future__ import annotations

import pytest

from aep_delivery.verification.checkers.base import Damage
from aep_delivery.verification.checkers.byte_cursor import ByteCursor


def cursor(*chunks: bytes) -> ByteCursor:
    return ByteCursor(iter(chunks))


def test_peeking_takes_nothing() -> None:
    stream = cursor(b"ab", b"cd", b"ef")
    assert (stream.peek(3), stream.peek(5), stream.position) == (b"abc", b"abcde", 0)
    assert b"".join(stream.pieces(6)) == b"abcdef"


def test_peeking_past_the_end_gives_what_there_is() -> None:
    assert cursor(b"ab").peek(9) == b"ab"


def test_pieces_come_over_chunk_borders() -> None:
    stream = cursor(b"ab", b"cd", b"ef")
    stream.skip(1)
    assert list(stream.pieces(4)) == [b"b", b"cd", b"e"]
    assert stream.position == 5


def test_a_stream_that_ends_early_is_damage_with_its_place() -> None:
    stream = cursor(b"ab")
    with pytest.raises(Damage) as caught:
        stream.skip(3)
    assert (caught.value.code, caught.value.where) == ("file.truncated", "byte 2")


def test_draining_takes_the_rest() -> None:
    stream = cursor(b"ab", b"cd")
    stream.skip(1)
    stream.drain()
    assert (stream.position, stream.peek(1)) == (4, b"")
