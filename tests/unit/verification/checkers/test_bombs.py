"""What a bomb costs: each is checked in a process of its own, whose memory the kernel bounds and measures."""

from __future__ import annotations

import gzip
import io
import json
import os
import struct
import subprocess
import sys
import zipfile
import zlib
from pathlib import Path

import pytest

SCRIPT = """
import json, resource, sys
from pathlib import Path
from aep_delivery.storage.memory import MemoryReader
from aep_delivery.verification.checkers import checker_for
from aep_delivery.verification.limits import Limits
def peak():
    # Not ru_maxrss alone: on Linux it begins with what the process that forked this one had.
    status = Path("/proc/self/status")
    if status.exists():
        return next(int(line.split()[1]) for line in status.read_text().splitlines() if line.startswith("VmHWM:"))
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
resource.setrlimit(resource.RLIMIT_AS, (1 << 30, 1 << 30))
resource.setrlimit(resource.RLIMIT_CPU, (60, 60))
path, kind, compression = sys.argv[1:]
reader = MemoryReader()
checker = checker_for(kind, compression)
if kind == "PARQUET":
    import cramjam
before = peak()
result = checker.check(reader.put("bomb", Path(path).read_bytes()), reader, Limits())
print(json.dumps([[found.code for found in result.findings], before, peak()]))
"""
MEGABYTE = 1 << 20
ROOT = Path(__file__).parents[4]


def deflated(block: bytes, times: int) -> bytes:
    compressor = zlib.compressobj(9, zlib.DEFLATED, 31)
    return b"".join(compressor.compress(block) for _ in range(times)) + compressor.flush()


def zipped(content: bytes, times: int) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as target, target.open("a.csv", "w") as member:
        for _ in range(times):
            member.write(content)
    return buffer.getvalue()


def lying_zip() -> bytes:
    """Claims a byte and inflates to a gigabyte."""
    data = bytearray(zipped(b"a,b\n" * (MEGABYTE // 4), 1024))
    entry = data.rindex(b"PK\x01\x02")
    struct.pack_into("<L", data, 22, 1)
    struct.pack_into("<L", data, entry + 24, 1)
    return bytes(data)


BOMBS = {
    "json-of-rows": ("JSON", "GZIP", lambda: deflated(b"{}\n" * 349_525, 120), "file.ratio-exceeded"),
    "json-one-row": ("JSON", "GZIP", lambda: deflated(b" " * MEGABYTE, 120), "json.line-too-long"),
    "json-deep": ("JSON", "GZIP", lambda: deflated(b"[" * MEGABYTE, 120), "json.line-too-long"),
    "csv-of-rows": (
        "CSV",
        "GZIP",
        lambda: b"".join([deflated(b"a,b\n", 1), deflated(b"1,2\n" * 262_144, 120)]),
        "file.ratio-exceeded",
    ),
    "csv-one-row": ("CSV", "GZIP", lambda: deflated(b"," * MEGABYTE, 120), "csv.row-too-long"),
    "csv-quotes": ("CSV", "GZIP", lambda: deflated(b'"' * MEGABYTE, 120), "csv.row-too-long"),
    "csv-open-quote": ("CSV", "GZIP", lambda: deflated(b'a,"' + b"\n" * MEGABYTE, 120), "csv."),
    "zip": ("CSV", "ZIP", lambda: zipped(b"a,b\n" + b"1,2\n" * 262_143, 120), "file.ratio-exceeded"),
    "zip-lies": ("CSV", "ZIP", lying_zip, "zip.size"),
    "zip-nested": ("CSV", "ZIP", lambda: zipped(zipped(b"0" * MEGABYTE, 120), 1), "csv."),
    "gzip-nested": ("JSON", "GZIP", lambda: gzip.compress(deflated(b"{}\n" * 349_525, 120)), "json."),
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_costs_little_and_ends_in_a_finding(name: str, tmp_path: Path) -> None:
    kind, compression, build, code = BOMBS[name]
    path = tmp_path / "bomb"
    path.write_bytes(build())
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "shared")}
    done = subprocess.run(  # noqa: S603 - our own script
        [sys.executable, "-c", SCRIPT, str(path), kind, compression],
        env=environment,
        capture_output=True,
        check=False,
        timeout=100,
    )
    assert done.returncode == 0, done.stderr.decode()[-2000:]
    codes, before, peak = json.loads(done.stdout)
    assert any(found.startswith(code) for found in codes)
    assert peak < 256 * 1024
    assert peak - before < 128 * 1024
