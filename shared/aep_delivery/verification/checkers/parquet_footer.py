"""The footer of a Parquet file: how many rows it claims and where its column chunks lie.

Apache Parquet: ``parquet.thrift``, FileMetaData. Field numbers below are those of that file.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from aep_delivery.verification.checkers.base import Damage
from aep_delivery.verification.checkers.parquet_types import type_name
from aep_delivery.verification.checkers.thrift import (
    CompactReader,
    Struct,
    ThriftError,
    integer,
    optional_integer,
    struct_field,
    structs,
    text,
)
from aep_delivery.verification.limits import Limits

_REQUIRED, _REPEATED = 0, 2


@dataclass(frozen=True, slots=True)
class Leaf:
    """A column as the schema declares it."""

    path: str
    repeated: bool
    """True where a row may hold several values of it."""
    type: str = ""
    """``INT64``, ``BYTE_ARRAY STRING``: the physical type and, where there is one, the logical one."""
    nullable: bool = True
    """False where every row has a value."""
    depth: int = 0
    """How many of its groups, and itself, may be missing or repeated: its highest definition level."""


@dataclass(frozen=True, slots=True)
class ColumnChunk:
    """The pages of one column in one row group."""

    row_group: int
    leaf: Leaf
    codec: int
    start: int
    """The byte of its first page."""
    length: int
    """Bytes of all its pages with their headers."""
    values: int
    """Values it claims, nulls included."""
    rows: int
    """Rows its row group claims."""

    @property
    def where(self) -> str:
        return f"row group {self.row_group}, column {self.leaf.path}"


@dataclass(frozen=True, slots=True)
class Footer:
    """What a file claims of itself."""

    rows: int
    chunks: tuple[ColumnChunk, ...]
    """Those with pages, in the order they lie in the file."""
    leaves: tuple[Leaf, ...] = ()
    """All columns, in the order of the schema."""


def read_footer(data: bytes, start: int, limits: Limits) -> Footer:
    """Decode a footer and judge it against itself.

    Args:
        data: The footer's bytes.
        start: Where it begins in the file: no page may reach behind that.
        limits: Bounds of what is decoded.

    Raises:
        Damage: ``parquet.footer``, ``parquet.row-count``, ``parquet.value-count`` or ``parquet.layout``.
    """
    try:
        fields = CompactReader(data, max_values=limits.max_footer_values).read_struct()
        rows = integer(fields, 3)
        leaves = _leaves(structs(fields, 2))
        groups = structs(fields, 4)
        counts = [integer(group, 3) for group in groups]
        chunks = [chunk for number, group in enumerate(groups) for chunk in _chunks(number, group, leaves)]
    except ThriftError as error:
        raise Damage("parquet.footer", f"The footer cannot be read: {error}.", "footer") from error
    if sum(counts) != rows or min(counts, default=0) < 0:
        raise Damage(
            "parquet.row-count", f"The row groups add up to {sum(counts):,} rows, the file claims {rows:,}.", "footer"
        )
    ordered = sorted((chunk for chunk in chunks if chunk.length or chunk.values), key=lambda chunk: chunk.start)
    end = len(b"PAR1")
    for chunk in ordered:
        if chunk.length <= 0 or chunk.start < end or chunk.start + chunk.length > start:
            raise Damage(
                "parquet.layout", "A column chunk overlaps another one or lies outside of the data.", chunk.where
            )
        end = chunk.start + chunk.length
    return Footer(rows=rows, chunks=tuple(ordered), leaves=tuple(leaves))


def _chunks(number: int, group: Struct, leaves: list[Leaf]) -> Iterator[ColumnChunk]:
    columns = structs(group, 1)
    rows = integer(group, 3)
    if len(columns) != len(leaves):
        raise ThriftError(f"row group {number} has {len(columns)} columns, the schema has {len(leaves)}")
    for column, leaf in zip(columns, leaves, strict=True):
        if 1 in column:
            raise ThriftError("a column lies in another file")
        meta = struct_field(column, 3)
        values = integer(meta, 5)
        if not leaf.repeated and values != rows:
            raise Damage(
                "parquet.value-count",
                f"A column has {values:,} values in a row group of {rows:,} rows.",
                f"row group {number}, column {leaf.path}",
            )
        # An offset of 0 stands for "no such page": some writers have no dictionary, a group without rows has no data.
        offsets = [offset for offset in (integer(meta, 9), optional_integer(meta, 11)) if offset]
        yield ColumnChunk(
            row_group=number,
            leaf=leaf,
            codec=integer(meta, 4),
            start=min(offsets, default=0),
            length=integer(meta, 7),
            values=values,
            rows=rows,
        )


def _leaves(elements: list[Struct]) -> list[Leaf]:
    """The columns of a schema, which lies flat, each element followed by its children."""
    leaves: list[Leaf] = []
    open_groups: list[tuple[int, str, bool, int]] = []
    """Of each group we are in: children still to come, path, repeated, depth."""
    for index, element in enumerate(elements):
        children = optional_integer(element, 5) or 0
        if index == 0:
            open_groups.append((children, "", False, 0))
            continue
        if not open_groups:
            raise ThriftError("the schema has more elements than its groups")
        left, parent, repeated, depth = open_groups.pop()
        if left > 1:
            open_groups.append((left - 1, parent, repeated, depth))
        path = f"{parent}.{text(element, 4)}" if parent else text(element, 4)
        repetition = optional_integer(element, 3)
        repeated = repeated or repetition == _REPEATED
        depth += repetition != _REQUIRED
        if children > 0:
            open_groups.append((children, path, repeated, depth))
        elif 1 in element:
            leaves.append(Leaf(path=path, repeated=repeated, type=type_name(element), nullable=depth > 0, depth=depth))
    if any(group[0] for group in open_groups):
        raise ThriftError("the schema has fewer elements than its groups")
    return leaves
