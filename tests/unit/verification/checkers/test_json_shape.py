from __future__ import annotations

from aep_delivery.verification.checkers.base import Column
from aep_delivery.verification.checkers.json_shape import ROWS, JsonShape


def shape(*lines: bytes) -> dict[str, tuple[str | None, bool]]:
    found = JsonShape()
    for line in lines:
        found.add(line)
    return {column.name: (column.type, column.nullable) for column in found.columns()}


def test_kinds_are_united_over_rows() -> None:
    assert shape(b'{"a":1,"b":"x","c":true,"d":null}', b'{"a":"1","b":"y","d":2}') == {
        "a": ("number|string", False),
        "b": ("string", False),
        "c": ("boolean", True),
        "d": ("number", True),
    }


def test_nested_names_are_dotted() -> None:
    assert shape(b'{"a":{"b":{"c":1}},"t":[{"n":1},{"m":"x"}],"e":{},"l":[1]}') == {
        "a.b.c": ("number", False),
        "t": ("array", False),
        "t[].n": ("number", False),
        "t[].m": ("string", False),
        "e": ("object", False),
        "l": ("array", False),
    }


def test_keys_that_are_values_do_not_become_names() -> None:
    assert shape(b'{"byMail":{"canary@example.com":{"n":1},"2027-01-01":{"n":2}}}') == {"byMail.*.n": ("number", False)}


def test_rows_that_are_none_are_passed_over() -> None:
    assert shape(b"", b"[1]", b"{", b'{"a":"\xff"}', b'{"a":' + b"[" * 100_000) == {}


def test_depth_and_number_are_bounded() -> None:
    deep = b'{"a":' * 100 + b"1" + b"}" * 100
    assert [name.count(".") for name in shape(deep)] == [23]
    wide = b"{" + b",".join(b'"c%d":1' % number for number in range(9000)) + b"}"
    assert len(shape(wide)) == 5000


def test_it_is_full_after_some_rows() -> None:
    found = JsonShape()
    for _ in range(ROWS):
        assert not found.is_full
        found.add(b'{"a":1}')
    assert found.is_full
    assert found.columns() == (Column(name="a", type="number", nullable=False),)
