from __future__ import annotations

from pathlib import Path

import pytest
from pysequoia import Tsk, encrypt_file

from aep_delivery.storage.memory import MemoryReader
from aep_delivery.verification.checkers import checker_for
from aep_delivery.verification.checkers.base import FileCheck
from aep_delivery.verification.level import Level
from aep_delivery.verification.limits import Limits
from aep_delivery.verification.report import Severity


def check(data: bytes, level: Level = Level.CONTENT, chunk: int = 1 << 20) -> FileCheck:
    reader = MemoryReader()
    checker = checker_for("CSV", "NONE", level=level, encrypted=True)
    return checker.check(reader.put("part-0.csv.pgp", data), reader, Limits(chunk_bytes=chunk))


@pytest.fixture(scope="module", params=["binary", "armored"])
def message(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    folder: Path = tmp_path_factory.mktemp("pgp")
    (folder / "plain").write_bytes(b"id,name\n" * 20_000)
    recipient = Tsk.generate("reader").extract_certificate()
    encrypt_file(folder / "plain", folder / "out", [recipient], armor=request.param == "armored")
    return (folder / "out").read_bytes()


def test_a_real_message_is_whole_and_says_what_it_cannot_prove(message: bytes) -> None:
    result = check(message)
    assert [(finding.code, finding.severity) for finding in result.findings] == [("file.encrypted", Severity.WARNING)]
    assert "public-key encrypted session key, encrypted and integrity protected data" in result.findings[0].message
    assert (result.rows, result.checksummed, result.level) == (None, False, Level.STRUCTURE)
    assert result.sha256 is not None


@pytest.mark.parametrize("share", [0.01, 0.3, 0.7, 0.99])
def test_a_cut_of_a_real_message_is_found(message: bytes, share: float) -> None:
    assert "file.encrypted" not in [finding.code for finding in check(message[: int(len(message) * share)]).findings]


def test_chunks_of_any_size(message: bytes) -> None:
    assert [finding.code for finding in check(message, chunk=1).findings] == ["file.encrypted"]


def test_the_structure_is_proven_by_the_first_packets(message: bytes) -> None:
    result = check(message[: len(message) // 2], Level.STRUCTURE, chunk=4096)
    assert [finding.code for finding in result.findings] == ["file.encrypted"]
    assert result.bytes_read < len(message) // 2
    assert result.sha256 is None
