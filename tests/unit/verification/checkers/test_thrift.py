from __future__ import annotations

import pytest

from aep_delivery.verification.checkers.thrift import (
    CompactReader,
    Struct,
    ThriftEndError,
    ThriftError,
    integer,
    optional_integer,
    struct_field,
    structs,
    text,
)


def decode(data: bytes, max_values: int = 100) -> Struct:
    return CompactReader(data, max_values=max_values).read_struct()


def test_values_of_every_kind() -> None:
    data = bytes.fromhex(
        "11 12 13 7f 15 01 18 03616263 1c 15 02 00 19 25 02 04 14 03 17 0000000000000000".replace(" ", "")
    )
    fields = decode(data + b"\x00")
    assert fields == {
        1: True,
        2: False,
        3: b"\x7f",
        4: -1,
        5: b"abc",
        6: {1: 1},
        7: [1, 2],
        8: -2,
        9: bytes(8),
    }


def test_long_field_ids_and_long_lists() -> None:
    assert decode(b"\x05\xc8\x01\x02\x00") == {100: 1}
    assert decode(b"\x19\xf5\x10" + b"\x02" * 16 + b"\x00") == {1: [1] * 16}
    assert decode(b"\x19\x21\x01\x02\x00") == {1: [True, False]}


@pytest.mark.parametrize(
    "data",
    [b"", b"\x15", b"\x15\x80", b"\x18\x05abc", b"\x19\xf5\xff\x7f\x02", b"\x1c\x15\x02", b"\x17\x00"],
)
def test_bytes_that_end_inside_a_value(data: bytes) -> None:
    with pytest.raises(ThriftEndError):
        decode(data)


@pytest.mark.parametrize(
    "data",
    [
        b"\x15" + b"\xff" * 11 + b"\x00",
        b"\x1c" * 100,
        b"\x19\x19" * 100,
        b"\x1b\x00\x00",
        b"\x10\x00",
        b"\x15\x02\x05\x02\x02\x00",
        b"\x19\x1e\x00\x00",
    ],
)
def test_bytes_that_break_the_protocol(data: bytes) -> None:
    with pytest.raises(ThriftError) as caught:
        decode(data)
    assert type(caught.value) is ThriftError


def test_a_list_of_empty_structs_is_bounded_before_it_is_made() -> None:
    with pytest.raises(ThriftError, match="too many values"):
        decode(b"\x19\xfc\xe8\x07" + bytes(1000) + b"\x00", max_values=500)


def test_fields_of_another_kind_than_asked_for() -> None:
    fields: Struct = {1: True, 2: b"x", 3: 5, 4: {}, 5: [{}], 6: [1]}
    assert (integer(fields, 3), text(fields, 2), struct_field(fields, 4), structs(fields, 5)) == (5, "x", {}, [{}])
    assert optional_integer(fields, 9) is None
    for call in (
        lambda: integer(fields, 1),
        lambda: integer(fields, 9),
        lambda: text(fields, 3),
        lambda: struct_field(fields, 5),
        lambda: structs(fields, 4),
        lambda: structs(fields, 6),
        lambda: optional_integer(fields, 2),
    ):
        with pytest.raises(ThriftError):
            call()
