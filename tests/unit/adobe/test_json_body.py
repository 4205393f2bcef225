from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aep_delivery.adobe.json_body import MAX_DEPTH, MAX_VALUES, read_json

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("ab\u00e9"), inner, max_size=4),
    max_leaves=10,
)


@given(VALUES, st.booleans())
def test_what_is_written_is_read(value: object, ascii_only: bool) -> None:
    assert read_json(json.dumps(value, ensure_ascii=ascii_only).encode()) == value


def test_a_mark_in_front_of_it_is_none_of_it() -> None:
    assert read_json(b"\xef\xbb\xbf{}") == {}


def nested(depth: int) -> bytes:
    return b"[" * depth + b"]" * depth


def test_it_may_be_as_deep_as_an_answer_is() -> None:
    assert read_json(nested(MAX_DEPTH))


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"<html>",
        b'{"a": NaN}',
        b"[-Infinity]",
        b'"\\ud800"',
        b'{"\\udfff": 1}',
        b'"\xed\xa0\x80"',
        b"\xff\xfe{\0}\0",
        b"9" * 5000,
        nested(MAX_DEPTH + 1),
        nested(900),
        nested(100_000),
        b"[" + b"0," * MAX_VALUES + b"0]",
    ],
)
def test_what_could_not_be_walked_or_written_again_is_refused(body: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - the parsers' words differ
        read_json(body)
