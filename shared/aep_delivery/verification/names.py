"""The names of the files a dataset export writes, and what else may lie beside them.

Part names are Spark's (``part-00000-tid-…-c000.json.gz``): random, so only their frame can be judged. For compressed
Parquet Spark puts the codec before the type, because it compresses pages and not the file: ``.gz.parquet``.
"""

from __future__ import annotations

from enum import StrEnum

from aep_delivery.verification.expectation import Compression, FileType

SUFFIXES: dict[tuple[FileType, Compression], str] = {
    ("JSON", "NONE"): ".json",
    ("JSON", "GZIP"): ".json.gz",
    ("PARQUET", "NONE"): ".parquet",
    ("PARQUET", "GZIP"): ".gz.parquet",
}
_CODECS = (".gz", ".snappy", ".zstd", ".lz4", ".br", ".lzo")
_TYPES = (".parquet", ".json", ".csv")


class NameKind(StrEnum):
    """What an object is by its name and size."""

    DATA = "data"
    MANIFEST = "manifest"
    IGNORED = "ignored"
    """A marker of Spark or of a folder, or a file that is no data at all."""
    WRONG_TYPE = "wrong-type"
    """A part file with the suffix of another type or compression."""
    FOREIGN = "foreign"
    """A data file that no export names like this."""


def kind_of(name: str, size: int, file_type: FileType, compression: Compression) -> NameKind:
    """What the object `name` (without its folder) of `size` bytes is in a folder of this type and compression."""
    if not name or name.startswith(("_", ".")):
        return NameKind.IGNORED
    if name.startswith("manifest-") and name.endswith(".json"):
        return NameKind.MANIFEST
    is_part = name.startswith("part-")
    if is_part and _has_suffix(name, SUFFIXES[file_type, compression]):
        return NameKind.DATA
    if is_part and size:
        return NameKind.WRONG_TYPE
    if size and any(end in _TYPES for end in _endings(name)):
        return NameKind.FOREIGN
    return NameKind.IGNORED


def _has_suffix(name: str, suffix: str) -> bool:
    """True where `name` ends in `suffix` and no further codec stands before it.

    ``part-0.gz.parquet`` ends in ``.parquet`` too, but is not what was asked for where no compression was.
    """
    return name.endswith(suffix) and not name.removesuffix(suffix).endswith(_CODECS)


def _endings(name: str) -> list[str]:
    return [f".{part}" for part in name.split(".")[-2:]]
