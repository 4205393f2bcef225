"""The names of the files an export writes, and what else may lie beside them.

Part names are Spark's (``part-00000-tid-…-c000.json.gz``): random, so only their frame can be judged. For compressed
Parquet Spark puts the codec before the type, because it compresses pages and not the file: ``.gz.parquet``. The files
of audiences are named by a template. Encryption adds a suffix that Adobe does not document.
"""

from __future__ import annotations

from enum import StrEnum

from aep_delivery.verification.expectation import Expectation
from aep_delivery.verification.key_pattern import Place

_SUFFIXES = {
    ("CSV", "NONE"): ".csv",
    ("CSV", "GZIP"): ".csv.gz",
    ("JSON", "NONE"): ".json",
    ("JSON", "GZIP"): ".json.gz",
    ("PARQUET", "NONE"): ".parquet",
    ("PARQUET", "GZIP"): ".gz.parquet",
}
_OF_ENCRYPTION = (".pgp", ".gpg")
_CODECS = (".gz", ".snappy", ".zstd", ".lz4", ".br", ".lzo")
_TYPES = (".parquet", ".json", ".csv")


class NameKind(StrEnum):
    """What an object is by its name and size."""

    DATA = "data"
    MANIFEST = "manifest"
    IGNORED = "ignored"
    """A marker of Spark or of a folder, or a file that is no data at all."""
    WRONG_TYPE = "wrong-type"
    """A file with the suffix of another type or compression."""
    FOREIGN = "foreign"
    """A data file that no export names like this."""


def suffixes(expectation: Expectation) -> tuple[str, ...]:
    """What the names of data files may end with.

    An encrypted file is accepted without a suffix of its own, too: whether it is encrypted, its content says.
    """
    plain = _SUFFIXES[expectation.file_type, expectation.compression]
    return (plain, *(plain + more for more in _OF_ENCRYPTION)) if expectation.encrypted else (plain,)


def is_manifest(name: str) -> bool:
    """True for ``manifest-<destination id>-<run id>.json``."""
    return name.startswith("manifest-") and name.endswith(".json")


def kind_of(name: str, size: int, expectation: Expectation) -> NameKind:
    """What the object `name` (without its folder) of `size` bytes is in the folder of a dataset."""
    if not name or name.startswith(("_", ".")):
        return NameKind.IGNORED
    if is_manifest(name):
        return NameKind.MANIFEST
    is_part = name.startswith("part-")
    if is_part and any(_has_suffix(name, suffix) for suffix in suffixes(expectation)):
        return NameKind.DATA
    if is_part and size:
        return NameKind.WRONG_TYPE
    if size and looks_like_data(name):
        return NameKind.FOREIGN
    return NameKind.IGNORED


def kind_of_named(place: Place, size: int, expectation: Expectation) -> NameKind:
    """What an object of `size` bytes is whose name fits the file name template of an audience."""
    if place.split is not None and (place.split.startswith("0") or place.split == "1"):
        # Adobe numbers from 2 on, without zeros.
        return NameKind.FOREIGN if size else NameKind.IGNORED
    if place.suffix in suffixes(expectation):
        return NameKind.DATA
    return NameKind.WRONG_TYPE if size and place.suffix else NameKind.IGNORED


def looks_like_data(name: str) -> bool:
    """True where a name ends as data files do, encrypted ones included."""
    for suffix in _OF_ENCRYPTION:
        name = name.removesuffix(suffix)
    return any(f".{part}" in _TYPES for part in name.split(".")[-2:])


def _has_suffix(name: str, suffix: str) -> bool:
    """True where `name` ends in `suffix` and no further codec stands before it.

    ``part-0.gz.parquet`` ends in ``.parquet`` too, but is not what was asked for where no compression was.
    """
    return name.endswith(suffix) and not name.removesuffix(suffix).endswith(_CODECS)
