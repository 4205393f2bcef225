"""What a file is: said by whoever asks, else by its name, and by its first bytes where the name is silent."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from isal import isal_zlib

from aep_delivery.verification.expectation import FileType

Packing = Literal["NONE", "GZIP", "ZIP"]

LOOK = 4096
"""First bytes that tell a file's type, where its name does not."""
_TYPES: dict[str, FileType] = {
    ".json": "JSON",
    ".jsonl": "JSON",
    ".ndjson": "JSON",
    ".csv": "CSV",
    ".tsv": "CSV",
    ".parquet": "PARQUET",
}
_PACKINGS: dict[str, Packing] = {".gz": "GZIP", ".gzip": "GZIP", ".zip": "ZIP"}
_ENCRYPTIONS = (".pgp", ".gpg", ".asc")
_ARMOR = b"-----BEGIN PGP MESSAGE-----"
_FOREIGN_CODECS = (".bz2", ".zst", ".zstd", ".xz", ".lz4", ".br", ".snappy", ".deflate", ".7z", ".tar", ".tgz")
"""Codecs around a file that nobody exports with."""
_PAPERS = (
    ".crc", ".md5", ".sha1", ".sha256", ".sha512", ".sum", ".sig",
    ".md", ".rst", ".html", ".pdf", ".log", ".xml", ".yaml", ".yml", ".toml", ".ini", ".sql", ".py", ".sh", ".tmp",
)  # fmt: skip
"""What people and tools lay beside data."""


@dataclass(frozen=True, slots=True)
class Kind:
    """Type and compression of one file, each None where it is not known."""

    file_type: FileType | None = None
    packing: Packing | None = None
    encrypted: bool = False
    tabs: bool = False
    """True for ``.tsv``: its delimiter is a tab where nobody says otherwise."""
    unknown_codec: bool = False
    """True where the name says it is packed in a way that no checker reads."""

    @property
    def is_known(self) -> bool:
        """True where a checker can be chosen."""
        return self.encrypted or (self.file_type is not None and self.packing is not None)


def kind_of_name(name: str) -> Kind:
    """What a name says, whatever its case: ``orders.csv.gz``, ``part-0.snappy.parquet``, ``rows.ndjson``.

    A codec in front of ``.parquet`` is that of the pages, about which the file itself knows best.
    """
    rest = name.lower()
    encrypted = rest.endswith(_ENCRYPTIONS)
    if encrypted:
        rest = rest.rpartition(".")[0]
    stem, suffix = _cut(rest)
    packing = _PACKINGS.get(suffix)
    if packing:
        suffix = _cut(stem)[1]
    file_type = _TYPES.get(suffix)
    if file_type is not None and packing is None:
        # A reader goes by the name, too: gzip in rows.json is as bad as no gzip in rows.json.gz.
        packing = "NONE"
    if packing == "ZIP" and file_type is None:
        file_type = "CSV"
    return Kind(
        file_type=file_type,
        packing=packing,
        encrypted=encrypted,
        tabs=suffix == ".tsv",
        unknown_codec=file_type is None and _is_packed_unknown(rest),
    )


def kind_of_content(head: bytes, kind: Kind) -> Kind:
    """Fill in what the name leaves open.

    Args:
        head: The first bytes of the file, :data:`LOOK` of them or all.
        kind: What is known already.
    """
    if kind.encrypted or head.startswith(_ARMOR):
        return replace(kind, encrypted=True)
    if kind.file_type is None and kind.packing in (None, "NONE") and head.startswith(b"PAR1"):
        return replace(kind, file_type="PARQUET", packing="NONE")
    packing = kind.packing or _packing(head)
    if kind.file_type is not None:
        return replace(kind, packing=packing)
    if packing == "ZIP":
        return replace(kind, file_type="CSV", packing=packing)
    content = _inflated(head) if packing == "GZIP" else head
    return replace(kind, file_type=_type(content, packed=packing == "GZIP"), packing=packing)


def is_paper(name: str) -> bool:
    """True where a file is for people or tools, by its name."""
    return name.lower().endswith(_PAPERS)


def is_hidden(key: str) -> bool:
    """True for markers and what is being written: ``_SUCCESS``, ``_temporary/…``, ``.part-0.crc`` (Spark's own rule, by
    which ``_date=2027-01-01`` is a folder of data).
    """
    parts = key.split("/")
    return any(part.startswith(".") or (part.startswith("_") and "=" not in part) for part in parts)


def _cut(name: str) -> tuple[str, str]:
    stem, dot, suffix = name.rpartition(".")
    return stem, dot + suffix


def _is_packed_unknown(name: str) -> bool:
    stem, suffix = _cut(name)
    return suffix in _FOREIGN_CODECS and (suffix in (".tgz", ".7z") or _cut(stem)[1] in {*_TYPES, ".tar"})


def _packing(head: bytes) -> Packing:
    if head.startswith(b"\x1f\x8b"):
        return "GZIP"
    return "ZIP" if head.startswith((b"PK\x03\x04", b"PK\x05\x06")) else "NONE"


def _inflated(head: bytes) -> bytes:
    try:
        return isal_zlib.decompressobj(31).decompress(head, LOOK)
    except isal_zlib.error:  # type: ignore[misc]  # the stub declares the class as an instance
        return b""


def _type(content: bytes, *, packed: bool) -> FileType | None:
    text = content.removeprefix(b"\xef\xbb\xbf").lstrip(b" \t\r\n")
    if text.startswith(b"{"):
        return "JSON"
    if not packed:
        return None
    # Whatever else is gzip is one of two forms of text; a head that cannot be inflated is damaged in either.
    return "CSV" if text else "JSON"
