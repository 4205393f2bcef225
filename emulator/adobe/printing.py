"""How values look as text, in JSON and CSV files alike."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pyarrow.compute as pc


def printable(table: pa.Table) -> pa.Table:
    """Timestamps as Spark prints them: UTC with milliseconds."""
    for index, field in enumerate(table.schema):
        if pa.types.is_timestamp(field.type):
            utc: Any = table.column(index).cast(pa.timestamp("ms", tz="UTC"), safe=False)
            table = table.set_column(index, field.name, pc.strftime(utc, format="%Y-%m-%dT%H:%M:%SZ"))
    return table


def without_nulls(value: Any) -> Any:
    """Spark leaves fields without a value out of the object."""
    if isinstance(value, dict):
        return {key: without_nulls(part) for key, part in value.items() if part is not None}
    if isinstance(value, list):
        return [without_nulls(part) for part in value]
    return value
