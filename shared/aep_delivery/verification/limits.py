"""How much one check may take, whatever a file claims about itself."""

from __future__ import annotations

from dataclasses import dataclass

MIB = 1 << 20


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one file's check. Whatever exceeds one ends in a finding, never in an exhausted function."""

    chunk_bytes: int = MIB
    """Bytes asked of the storage at once, and the most one inflate call may give."""
    max_line_bytes: int = 16 * MIB
    """The longest row of a JSON file."""
    max_ratio: int = 500
    """Inflated bytes per stored byte. DEFLATE itself ends at 1,032; real rows stay far below."""
    ratio_floor_bytes: int = 64 * MIB
    """The ratio is not judged below this many inflated bytes: small files of equal rows are no bombs."""
    max_footer_bytes: int = 64 * MIB
    """The longest footer of a Parquet file."""
    max_footer_values: int = 4_000_000
    """The most values a footer may hold: a list of empty structs takes 1 byte a piece, but 64 once decoded."""
    max_page_header_bytes: int = 16 * MIB
    """The longest header of a Parquet page; statistics of long strings make them long."""
    max_page_bytes: int = 128 * MIB
    """The largest Parquet page of a codec other than gzip and none."""
    max_inflated_page_bytes: int = 4 * MIB
    """The largest Parquet page of snappy or LZ4 that is inflated whole. Larger ones are walked without the content,
    which takes longer; 1 MB is usual."""
    max_held_page_bytes: int = 128 * MIB
    """The largest Parquet page of zstd, brotli or Hadoop's LZ4, which cannot be walked and is held whole. A lower bound
    would save memory and take sound pages for damaged ones."""
    max_findings: int = 20
    """Findings listed per file; the rest is counted."""
    max_counted_findings: int = 100_000
    """Findings counted per file behind those; then reading stops."""
    max_manifest_bytes: int = 64 * MIB
    """The largest manifest."""
    max_manifest_files: int = 100_000
    """Files that a manifest may list: a line of 20 bytes takes a thousand once it is read."""
