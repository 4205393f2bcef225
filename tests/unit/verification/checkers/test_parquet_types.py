from __future__ import annotations

import decimal
import io

import pyarrow as pa
import pyarrow.parquet as pq

from aep_delivery.storage.memory import MemoryReader
from aep_delivery.verification.checkers import checker_for
from aep_delivery.verification.level import Level
from aep_delivery.verification.limits import Limits

TABLE = pa.table(
    {
        "id": pa.array([1], pa.int64()),
        "name": ["x"],
        "at": pa.array([0], pa.timestamp("ms")),
        "price": pa.array([decimal.Decimal("1.23")], pa.decimal128(38, 9)),
        "tags": [["a"]],
        "person": [{"age": 1.5, "alive": True}],
    },
    schema=pa.schema(
        [
            pa.field("id", pa.int64(), nullable=False),
            ("name", pa.string()),
            ("at", pa.timestamp("ms")),
            ("price", pa.decimal128(38, 9)),
            ("tags", pa.list_(pa.string())),
            ("person", pa.struct([pa.field("age", pa.float64(), nullable=False), ("alive", pa.bool_())])),
        ]
    ),
)


def test_columns_have_their_names_types_and_nullability() -> None:
    buffer = io.BytesIO()
    pq.write_table(TABLE, buffer)
    reader = MemoryReader()
    stored = reader.put("part-0.parquet", buffer.getvalue())
    for level in (Level.STRUCTURE, Level.CONTENT):
        result = checker_for("PARQUET", "NONE", level=level).check(stored, reader, Limits())
        assert (result.findings, result.rows, result.level) == ((), 1, level)
        assert [(column.name, column.type, column.nullable) for column in result.columns or ()] == [
            ("id", "INT64", False),
            ("name", "BYTE_ARRAY STRING", True),
            ("at", "INT64 TIMESTAMP", True),
            ("price", "FIXED_LEN_BYTE_ARRAY DECIMAL(38,9)", True),
            ("tags.list.element", "BYTE_ARRAY STRING", True),
            ("person.age", "DOUBLE", True),
            ("person.alive", "BOOLEAN", True),
        ]
        assert (result.sha256 is None) is (level is Level.STRUCTURE)
