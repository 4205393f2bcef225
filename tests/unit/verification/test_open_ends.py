"""A cut inside of the last value of CSV leaves a row with all its fields: only its line end is not there."""

from __future__ import annotations

import gzip
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from aep_delivery.running.models import RunOutcome, RunStatus
from aep_delivery.runtime.clock import FixedClock
from aep_delivery.storage.memory import MemoryReader
from aep_delivery.verification.expectation import Expectation, Rules
from aep_delivery.verification.report import FileState, Finding, Severity, Verdict, VerificationReport
from aep_delivery.verification.verify import verify_delivery

SLOT = datetime(2027, 1, 1, 6, 0, tzinfo=UTC)
CUT, WHOLE = b"a,b\n1,on", b"a,b\n1,one\n"


def verified(*bodies: bytes, **values: Any) -> VerificationReport:
    """Each body is the file of an audience of its own."""
    reader = MemoryReader()
    suffix = "csv.gz" if values.get("compression") == "GZIP" else "csv"
    for number, body in enumerate(bodies):
        reader.put(f"crm/A{number}_20270101_060500.{suffix}", body)
    template = "%SEGMENT_NAME%_%DATETIME(YYYYMMdd_HHmmss)%"
    expected = Expectation.model_validate(
        {
            "location": "sftp:",
            "path": "crm",
            "audiences": [
                {"id": str(number), "name": f"A{number}", "filename_template": template}
                for number in range(len(bodies))
            ],
            "file_type": "CSV",
            "compression": "NONE",
            "columns": ["a", "b"],
            **values,
        }
    )
    ended = RunOutcome(
        status=RunStatus.SUCCESS, flow_id="f", slot=SLOT, completed_at=SLOT + timedelta(minutes=9), records=len(bodies)
    )
    return verify_delivery(expected, ended, Rules(), reader, FixedClock(SLOT + timedelta(hours=1)))


def found(report: VerificationReport) -> list[Finding]:
    return [item for export in report.exports for file in export.files for item in file.findings]


def test_beside_a_file_that_ends_its_last_line_it_was_cut() -> None:
    report = verified(WHOLE, CUT)
    [finding] = found(report)
    assert (report.verdict, finding.code, finding.severity) == (Verdict.CORRUPT, "csv.last-line-open", Severity.ERROR)
    assert finding.path == "crm/A1_20270101_060500.csv"
    assert report.audiences[1].files[0].state is FileState.DIFFERS


@pytest.mark.parametrize("bodies", [(CUT,), (CUT, CUT)])
def test_where_no_file_does_it_may_be_the_writers_habit(bodies: tuple[bytes, ...]) -> None:
    report = verified(*bodies)
    assert report.verdict is Verdict.VERIFIED
    assert [(item.code, item.severity) for item in found(report)] == [("csv.last-line-open", Severity.WARNING)] * len(
        bodies
    )


def test_a_file_that_is_damaged_says_nothing_of_habits() -> None:
    report = verified(gzip.compress(WHOLE)[:-4], gzip.compress(CUT), compression="GZIP")
    assert {item.code: item.severity for item in found(report)} == {
        "file.truncated": Severity.ERROR,
        "csv.last-line-open": Severity.WARNING,
    }


@pytest.mark.parametrize("end", [b"", b"\n"])
def test_json_needs_none(end: bytes) -> None:
    reader = MemoryReader()
    for number, body in enumerate((b'{"a":1}' + end, b'{"a":1}\n')):
        reader.put(f"exports/d1/exportTime=202701010600/part-{number}-c000.json", body)
    expected = Expectation.model_validate(
        {
            "location": "s3://bucket",
            "path": "exports",
            "datasets": [{"id": "d1", "name": "D"}],
            "file_type": "JSON",
            "compression": "NONE",
        }
    )
    ended = RunOutcome(status=RunStatus.SUCCESS, flow_id="f", slot=SLOT, completed_at=SLOT, records=2)
    report = verify_delivery(expected, ended, Rules(), reader, FixedClock(SLOT + timedelta(hours=1)))
    codes = {item.code for file in report.datasets[0].files for item in file.findings}
    assert report.verdict is Verdict.VERIFIED
    assert "csv.last-line-open" not in codes
