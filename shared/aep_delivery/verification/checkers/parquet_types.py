"""The names of Parquet's types.

Apache Parquet: ``parquet.thrift``, Type, ConvertedType and LogicalType. Files of older writers have converted types
only; they get the same names, so that two files compare whoever wrote them.
"""

from __future__ import annotations

from aep_delivery.verification.checkers.thrift import Struct, ThriftError, integer, optional_integer

_PHYSICAL = ("BOOLEAN", "INT32", "INT64", "INT96", "FLOAT", "DOUBLE", "BYTE_ARRAY", "FIXED_LEN_BYTE_ARRAY")
_CONVERTED = (
    *("STRING", "MAP", "MAP", "LIST", "ENUM", "DECIMAL", "DATE", "TIME", "TIME", "TIMESTAMP", "TIMESTAMP"),
    *(["INTEGER"] * 8),
    *("JSON", "BSON", "INTERVAL"),
)
_LOGICAL = dict(enumerate(("", "STRING", "MAP", "LIST", "ENUM", "DECIMAL", "DATE", "TIME", "TIMESTAMP"))) | dict(
    enumerate(("INTEGER", "UNKNOWN", "JSON", "BSON", "UUID", "FLOAT16"), start=10)
)


def type_name(element: Struct) -> str:
    """The type of a column's SchemaElement: ``INT64 TIMESTAMP``, ``BYTE_ARRAY DECIMAL(38,9)``.

    Raises:
        ThriftError: Its physical type is none.
    """
    number = integer(element, 1)
    if not 0 <= number < len(_PHYSICAL):
        raise ThriftError("a column is of an unknown type")
    logical = _logical(element)
    if logical == "DECIMAL":
        logical += f"({optional_integer(element, 8) or 0},{optional_integer(element, 7) or 0})"
    return f"{_PHYSICAL[number]} {logical}".strip()


def _logical(element: Struct) -> str:
    union = element.get(10)
    if isinstance(union, dict):
        return next((_LOGICAL[field] for field in union if field in _LOGICAL), "")
    converted = optional_integer(element, 6)
    return _CONVERTED[converted] if converted is not None and 0 <= converted < len(_CONVERTED) else ""
