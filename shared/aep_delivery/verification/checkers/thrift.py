"""Reading Thrift's compact protocol, as far as Parquet needs it, from untrusted bytes.

Structs become dicts by field number. Depth and the number of values are bounded, and a length is believed only as far
as there are bytes. Apache Thrift: "Thrift Compact protocol encoding".
"""

from __future__ import annotations

from typing import TypeAlias

Value: TypeAlias = "bool | int | bytes | list[Value] | dict[int, Value]"
Struct: TypeAlias = "dict[int, Value]"

_MAX_DEPTH = 24
"""Parquet's own structures end at 6."""
_TRUE, _FALSE, _BYTE, _I16, _I32, _I64, _DOUBLE, _BINARY, _LIST, _SET, _MAP, _STRUCT, _UUID = range(1, 14)
_FIXED = {_BYTE: 1, _DOUBLE: 8, _UUID: 16}
"""Bytes of values nobody here asks for; they stay as they are."""


class ThriftError(ValueError):
    """The bytes are not what they should be. Raised for bytes that break the protocol or a bound."""


class ThriftEndError(ThriftError):
    """The bytes end inside a value. Raised where more of them might help."""


class CompactReader:
    """Decodes values from `data`.

    Args:
        data: The bytes.
        max_values: The most values to decode, over all calls.
    """

    def __init__(self, data: bytes, *, max_values: int) -> None:
        self._data = data
        self._values_left = max_values
        self.position = 0
        """Bytes read so far."""

    def read_struct(self, depth: int = 0) -> Struct:
        """Decode a struct from the current position.

        Raises:
            ThriftError: The bytes are no struct, too deep, or hold too many values.
            ThriftEndError: The bytes end before the struct does.
        """
        if depth > _MAX_DEPTH:
            raise ThriftError("nested too deeply")
        fields: Struct = {}
        number = 0
        while head := self._byte():
            kind, delta = head & 0x0F, head >> 4
            number = number + delta if delta else self._zigzag()
            if number in fields:
                raise ThriftError("a field is there twice")
            fields[number] = kind == _TRUE if _TRUE <= kind <= _FALSE else self._value(kind, depth)
        return fields

    def _value(self, kind: int, depth: int) -> Value:
        self._values_left -= 1
        if self._values_left < 0:
            raise ThriftError("too many values")
        # Footers are integers for the most part, and most of those take a byte.
        if _I16 <= kind <= _I64:
            byte = self._byte()
            return (byte >> 1) ^ -(byte & 1) if byte < 0x80 else self._long_zigzag(byte)
        if kind == _BINARY:
            return self._take(self._varint())
        if kind == _STRUCT:
            return self.read_struct(depth + 1)
        if kind in (_LIST, _SET):
            return self._list(depth + 1)
        if kind in (_TRUE, _FALSE):
            return self._byte() == _TRUE
        if kind in _FIXED:
            return self._take(_FIXED[kind])
        # Parquet's own structures have no maps.
        raise ThriftError("a value is of an unknown type")

    def _list(self, depth: int) -> list[Value]:
        if depth > _MAX_DEPTH:
            raise ThriftError("nested too deeply")
        head = self._byte()
        kind, size = head & 0x0F, head >> 4
        if size == 15:
            size = self._varint()
        if size > len(self._data) - self.position:
            raise ThriftEndError("a list is longer than its bytes")
        if size > self._values_left:
            raise ThriftError("too many values")
        return [self._value(kind, depth) for _ in range(size)]

    def _byte(self) -> int:
        try:
            value = self._data[self.position]
        except IndexError:
            raise ThriftEndError("the bytes end") from None
        self.position += 1
        return value

    def _take(self, size: int) -> bytes:
        end = self.position + size
        if end > len(self._data):
            raise ThriftEndError("a value is longer than its bytes")
        value = self._data[self.position : end]
        self.position = end
        return value

    def _varint(self) -> int:
        byte = self._byte()
        return byte if byte < 0x80 else self._long_varint(byte)

    def _long_varint(self, byte: int) -> int:
        value, shift = byte & 0x7F, 7
        while True:
            byte = self._byte()
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                return value
            shift += 7
            if shift > 63:
                raise ThriftError("a number is too long")

    def _zigzag(self) -> int:
        value = self._varint()
        return (value >> 1) ^ -(value & 1)

    def _long_zigzag(self, byte: int) -> int:
        value = self._long_varint(byte)
        return (value >> 1) ^ -(value & 1)


def integer(fields: Struct, number: int) -> int:
    """The integer in field `number`. Raises ``ThriftError`` where it is missing or something else."""
    value = fields.get(number)
    if type(value) is not int:
        raise ThriftError(f"field {number} is not an integer")
    return value


def optional_integer(fields: Struct, number: int) -> int | None:
    """The integer in field `number`, or None where it is missing."""
    return integer(fields, number) if number in fields else None


def text(fields: Struct, number: int) -> str:
    """The text in field `number`. Raises ``ThriftError`` where it is missing or something else."""
    value = fields.get(number)
    if not isinstance(value, bytes):
        raise ThriftError(f"field {number} is not a text")
    return value.decode("utf-8", "replace")


def struct_field(fields: Struct, number: int) -> Struct:
    """The struct in field `number`. Raises ``ThriftError`` where it is missing or something else."""
    value = fields.get(number)
    if not isinstance(value, dict):
        raise ThriftError(f"field {number} is not a struct")
    return value


def structs(fields: Struct, number: int) -> list[Struct]:
    """The structs in the list in field `number`. Raises ``ThriftError`` where they are something else."""
    value = fields.get(number)
    if not isinstance(value, list):
        raise ThriftError(f"field {number} is not a list")
    found = [item for item in value if isinstance(item, dict)]
    if len(found) != len(value):
        raise ThriftError(f"field {number} holds something else than structs")
    return found
