from __future__ import annotations

from typing import TypeAlias

import pytest

from aep_delivery.verification.checkers.base import Damage
from aep_delivery.verification.checkers.parquet_footer import Footer, read_footer
from aep_delivery.verification.limits import Limits

Field: TypeAlias = "int | str | list[dict[int, Field]] | dict[int, Field]"
Fields: TypeAlias = "dict[int, Field]"
DATA_ENDS = 1000


def varint(value: int) -> bytes:
    out = b""
    while value > 0x7F:
        out += bytes([value & 0x7F | 0x80])
        value >>= 7
    return out + bytes([value])


def encoded(fields: Fields) -> bytes:
    """The compact protocol, as far as footers need it; numbers are i64."""
    out, last = b"", 0
    for number, value in fields.items():
        kind = {int: 6, str: 8, list: 9, dict: 12}[type(value)]
        out += bytes([(number - last) << 4 | kind])
        last = number
        if isinstance(value, int):
            out += varint(value << 1 if value >= 0 else (-value << 1) - 1)
        elif isinstance(value, str):
            out += varint(len(value)) + value.encode()
        elif isinstance(value, list):
            out += b"\xfc" + varint(len(value)) + b"".join(map(encoded, value))
        else:
            out += encoded(value)
    return out + b"\x00"


def column(*, values: int = 10, start: int = 4, length: int = 100, dictionary: int | None = None) -> Fields:
    meta: Fields = {1: 1, 4: 2, 5: values, 7: length, 9: start}
    if dictionary is not None:
        meta[11] = dictionary
    return {3: meta}


ROOT: Fields = {4: "schema", 5: 1}
FLAT: Fields = {1: 1, 3: 1, 4: "a"}


def footer(
    columns: list[Fields], *, rows: int = 10, schema: list[Fields] | None = None, group_rows: int = 10
) -> Footer:
    fields: Fields = {1: 1, 2: schema or [ROOT, FLAT], 3: rows, 4: [{1: columns, 3: group_rows}]}
    return read_footer(encoded(fields), DATA_ENDS, Limits())


def code_of(columns: list[Fields], **values: int) -> str:
    with pytest.raises(Damage) as caught:
        footer(columns, **values)  # type: ignore[arg-type]
    return caught.value.code


def test_a_sound_footer() -> None:
    found = footer([column(dictionary=0)])
    assert (found.rows, [(chunk.start, chunk.length) for chunk in found.chunks]) == (10, [(4, 100)])
    assert found.chunks[0].where == "row group 0, column a"


def test_the_dictionary_comes_first() -> None:
    assert footer([column(start=50, dictionary=20)]).chunks[0].start == 20


def test_nested_columns_are_named_by_their_path() -> None:
    schema: list[Fields] = [
        {4: "schema", 5: 2},
        {3: 1, 4: "person", 5: 2},
        {1: 1, 3: 1, 4: "name"},
        {3: 2, 4: "ages", 5: 1},
        {1: 1, 3: 0, 4: "y"},
        {1: 1, 3: 0, 4: "id"},
    ]
    columns = [column(), column(start=104, values=99), column(start=204)]
    found = footer(columns, schema=schema)
    assert [(chunk.leaf.path, chunk.leaf.repeated) for chunk in found.chunks] == [
        ("person.name", False),
        ("person.ages.y", True),
        ("id", False),
    ]


def test_rows_that_do_not_add_up() -> None:
    assert code_of([column()], rows=11) == "parquet.row-count"
    assert code_of([column(values=11)]) == "parquet.value-count"
    assert code_of([column(values=-10)], rows=-10, group_rows=-10) == "parquet.row-count"


@pytest.mark.parametrize(
    "wrong",
    [column(start=3), column(start=950), column(length=-1), column(length=0), column(start=-5), column(dictionary=2)],
)
def test_columns_that_lie_where_no_data_is(wrong: Fields) -> None:
    assert code_of([wrong]) == "parquet.layout"


def test_columns_that_overlap() -> None:
    schema: list[Fields] = [{4: "schema", 5: 2}, FLAT, {1: 1, 3: 1, 4: "b"}]
    with pytest.raises(Damage) as caught:
        footer([column(), column(start=103)], schema=schema)
    assert (caught.value.code, caught.value.where) == ("parquet.layout", "row group 0, column b")


@pytest.mark.parametrize(
    ("columns", "schema"),
    [
        ([column(), column()], [ROOT, FLAT]),
        ([], [ROOT, FLAT]),
        ([column()], [ROOT]),
        ([column()], [ROOT, FLAT, FLAT]),
        ([{1: "elsewhere.parquet", **column()}], [ROOT, FLAT]),
        ([{2: 0}], [ROOT, FLAT]),
    ],
)
def test_a_footer_against_its_own_schema(columns: list[Fields], schema: list[Fields]) -> None:
    with pytest.raises(Damage) as caught:
        footer(columns, schema=schema)
    assert caught.value.code == "parquet.footer"


@pytest.mark.parametrize("data", [b"", b"\x00", b"\xff" * 50, encoded({3: 10})])
def test_bytes_that_are_no_footer(data: bytes) -> None:
    with pytest.raises(Damage) as caught:
        read_footer(data, DATA_ENDS, Limits())
    assert caught.value.code == "parquet.footer"
