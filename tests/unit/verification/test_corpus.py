from __future__ import annotations

import json
from pathlib import Path

import pytest

from aep_delivery.storage.memory import MemoryReader
from aep_delivery.verification.checkers import checker_for
from aep_delivery.verification.checkers.base import FileCheck
from aep_delivery.verification.level import Level
from aep_delivery.verification.limits import Limits
from aep_delivery.verification.report import Finding, Severity
from tests.corpus.case import Case
from tests.corpus.make_corpus import CASES, DAMAGED, SOUND, write


def check(case: Case, limits: Limits | None = None, level: Level = Level.CONTENT) -> FileCheck:
    checker = checker_for(
        case.file_type,
        case.compression,
        level=level,
        dialect=case.dialect,
        columns=case.columns,
        encrypted=case.encrypted,
    )
    reader = MemoryReader()
    return checker.check(reader.put(case.file_name, case.data), reader, limits or Limits())


def deciding(result: FileCheck) -> list[Finding]:
    return [finding for finding in result.findings if finding.severity is Severity.ERROR]


def test_the_corpus_is_large_enough_and_its_names_are_unique() -> None:
    assert len(SOUND) >= 40
    assert len(DAMAGED) >= 60
    assert len({case.file_name for case in CASES}) == len(CASES)


@pytest.mark.parametrize("case", SOUND, ids=lambda case: case.name)
def test_sound_files_are_never_flagged(case: Case) -> None:
    result = check(case)
    assert deciding(result) == []
    assert result.rows == case.rows
    assert result.sha256 is not None
    assert result.bytes_read == len(case.data)


@pytest.mark.parametrize("case", DAMAGED, ids=lambda case: case.name)
def test_damage_is_found_with_its_code_and_place(case: Case) -> None:
    found = deciding(check(case))
    assert found
    assert found[0].code.startswith(case.code or "")
    if case.where is not None:
        assert found[0].where == case.where


@pytest.mark.parametrize("case", [case for case in CASES if len(case.data) < 20_000], ids=lambda case: case.name)
def test_what_is_found_does_not_depend_on_how_the_storage_cuts_its_chunks(case: Case) -> None:
    whole, cut = check(case), check(case, Limits(chunk_bytes=61))
    assert (whole.rows, whole.sha256) == (cut.rows, cut.sha256)
    if case.code is None:
        assert whole.columns == cut.columns
    # Rows that were read before a checksum failed may have findings of their own.
    assert [found.code for found in whole.findings[-1:]] == [found.code for found in cut.findings[-1:]]


@pytest.mark.parametrize("case", SOUND, ids=lambda case: case.name)
def test_a_sound_file_has_a_sound_structure(case: Case) -> None:
    assert deciding(check(case, level=Level.STRUCTURE)) == []


def test_the_script_writes_every_case_and_the_table(tmp_path: Path) -> None:
    write(tmp_path)
    table = json.loads((tmp_path / "cases.json").read_text())
    assert [row["file"] for row in table] == [case.file_name for case in CASES]
    assert {row["verdict"] for row in table} == {"VALID", "INVALID"}
    assert all((tmp_path / row["file"]).exists() for row in table)
