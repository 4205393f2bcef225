"""Promises of the NDJSON checkers, over all inputs."""

from __future__ import annotations

import gzip
import json
import zlib
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from aep_delivery.storage.memory import MemoryReader
from aep_delivery.verification.checkers.base import FileCheck
from aep_delivery.verification.checkers.ndjson import NdjsonChecker
from aep_delivery.verification.limits import Limits

CHUNKS = st.sampled_from([1, 3, 64, 1 << 20])
HEADER_OF_NO_EFFECT = range(4, 10)
"""Time, extra flags and system of a gzip member: nothing in the format protects them, and no content depends on them."""

text = st.text(st.characters(codec="utf-8"), max_size=12)
scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | text
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(text, inner, max_size=3), max_leaves=8
)
objects = st.dictionaries(text, values, max_size=4)


@st.composite
def rows(draw: st.DrawFn) -> tuple[bytes, int]:
    drawn: list[dict[str, Any]] = draw(st.lists(objects, min_size=1, max_size=8))
    lines = [json.dumps(row, ensure_ascii=draw(st.booleans())).encode() for row in drawn]
    return b"\n".join(lines) + draw(st.sampled_from([b"", b"\n"])), len(lines)


@st.composite
def members(draw: st.DrawFn) -> bytes:
    """Sound gzip of some rows, by one of several writers."""
    content, _ = draw(rows())
    level = draw(st.integers(0, 9))
    if draw(st.booleans()):
        return gzip.compress(content, level, mtime=0)
    compressor = zlib.compressobj(level, wbits=31, strategy=draw(st.sampled_from([0, 2, 4])))
    half = len(content) // 2
    return (
        compressor.compress(content[:half])
        + compressor.flush(zlib.Z_FULL_FLUSH)
        + compressor.compress(content[half:])
        + compressor.flush()
    )


def check(data: bytes, *, gz: bool, chunk: int = 1 << 20) -> FileCheck:
    reader = MemoryReader()
    return NdjsonChecker(gzip=gz).check(reader.put("part-0", data), reader, Limits(chunk_bytes=chunk))


@settings(max_examples=100, deadline=None)
@given(rows(), CHUNKS, st.sampled_from(["plain", "gzip"]))
def test_sound_rows_are_counted_in_chunks_of_any_size(drawn: tuple[bytes, int], chunk: int, form: str) -> None:
    content, count = drawn
    result = check(gzip.compress(content) if form == "gzip" else content, gz=form == "gzip", chunk=chunk)
    assert (result.findings, result.rows) == ((), count)


@settings(max_examples=100, deadline=None)
@given(members(), st.data())
def test_any_flipped_byte_of_a_member_is_found(member: bytes, data: st.DataObject) -> None:
    position = data.draw(st.integers(0, len(member) - 1))
    assume(position not in HEADER_OF_NO_EFFECT)
    # Bit 0 of the flags says "probably text": a hint no reader heeds.
    mask = data.draw(st.integers(1, 255).filter(lambda drawn: position != 3 or drawn != 1))
    flipped = bytearray(member)
    flipped[position] ^= mask
    assume(_differs(bytes(flipped), member))
    assert check(bytes(flipped), gz=True).findings


@settings(max_examples=100, deadline=None)
@given(members(), st.data(), CHUNKS)
def test_a_cut_anywhere_is_found(member: bytes, data: st.DataObject, chunk: int) -> None:
    size = data.draw(st.integers(0, len(member) - 1))
    assert check(member[:size], gz=True, chunk=chunk).findings


@settings(max_examples=60, deadline=None)
@given(st.lists(rows(), min_size=1, max_size=4), st.data(), CHUNKS)
def test_any_concatenation_of_sound_members_is_sound(
    drawn: list[tuple[bytes, int]], data: st.DataObject, chunk: int
) -> None:
    content = b"".join(part.removesuffix(b"\n") + b"\n" for part, _ in drawn)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(content)), max_size=4)))
    edges = [0, *cuts, len(content)]
    whole = b"".join(gzip.compress(content[a:b]) for a, b in pairwise(edges))
    result = check(whole, gz=True, chunk=chunk)
    assert (result.findings, result.rows) == ((), sum(count for _, count in drawn))


@settings(max_examples=100, deadline=None)
@given(members(), st.binary(min_size=1, max_size=20))
def test_garbage_behind_the_last_member_is_found(member: bytes, garbage: bytes) -> None:
    assert check(member + garbage, gz=True).findings


@settings(max_examples=100, deadline=None)
@given(rows(), st.data())
def test_the_grammar_is_that_of_an_independent_judge(drawn: tuple[bytes, int], data: st.DataObject) -> None:
    """Any edit of one byte of plain rows is judged as the standard library's parser judges it, line by line."""
    content = bytearray(drawn[0])
    assume(content)
    content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    lines = bytes(content).split(b"\n")
    if not lines[-1]:
        lines.pop()
    assume(lines)
    assert bool(check(bytes(content), gz=False).findings) == any(not _is_object(line) for line in lines)


def _is_object(line: bytes) -> bool:
    def refuse(constant: str) -> None:
        raise ValueError(constant)

    try:
        value = json.loads(line.decode("utf-8"), parse_constant=refuse)
        json.dumps(value, ensure_ascii=False).encode("utf-8")
    except ValueError:
        return False
    return isinstance(value, dict)


def _differs(damaged: bytes, sound: bytes) -> bool:
    """False for the few bits behind the last block that only fill up a byte."""
    try:
        return gzip.decompress(damaged) != gzip.decompress(sound)
    except (OSError, EOFError, zlib.error):
        return True


def test_the_judge_judges() -> None:
    assert _is_object(b'{"a":1}')
    assert not _is_object(b'{"a":NaN}')
    assert not _is_object(b'{"a":"\\ud800"}')


@pytest.mark.parametrize("chunk", [1, 1 << 20])
def test_content_that_outgrows_the_pieces_is_drained(chunk: int) -> None:
    content = b'{"a":1}\n' * 50_000
    result = check(gzip.compress(content, 9), gz=True, chunk=max(chunk, 100))
    assert (result.findings, result.rows) == ((), 50_000)
