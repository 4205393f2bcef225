"""The files of the corpus, each as the file of a delivery; those in zip, which no delivery is, as `check` sees them."""

from __future__ import annotations

import time
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import IO

import pyarrow as pa
import pytest

from aep_delivery.cli.places import LocalPlace
from aep_delivery.running.models import RunStatus
from aep_delivery.verification.expectation import Compression
from aep_delivery.verification.loose_files.gathering import Asked
from aep_delivery.verification.loose_files.judging import judge
from aep_delivery.verification.report import Verdict
from tests.corpus.case import Case
from tests.corpus.make_corpus import DAMAGED, SOUND
from tests.proof.corruption.deliveries import Delivery, by_others
from tests.proof.corruption.forms import Form
from tests.proof.corruption.verifying import errors, remarks, seconds_to_divide, told, verify
from tests.proof.figures import PROOF, write_figures

pytestmark = pytest.mark.usefixtures("silence")
_COLUMNS = (("id", "personID"), ("name", "person.name.lastName"), ("city", "homeAddress.city"))
_HEADER = b"id,name,city"
_LARGE = 1 << 20


@cache
def _base(form: Form) -> Delivery:
    """A delivery of one file, of which Adobe reports no figures."""
    table = pa.table({"id": ["1"], "name": ["a"], "city": ["b"]})
    made = by_others(form, [[table]], _write_nothing)
    return made.having({}, records=None, audience_records={}, bytes=None, status=RunStatus.SUCCESS)


def _write_nothing(_: pa.Table, spool: IO[bytes]) -> None:
    spool.write(b"-")


def _delivery(case: Case) -> Delivery:
    compression: Compression = "GZIP" if case.compression == "GZIP" else "NONE"
    form = Form("datasets", case.file_type, compression, count=1)
    if case.file_type == "CSV":
        given = case.dialect
        options = ("delimiter", given.delimiter), ("quote", given.quote), ("escape", given.escape or "\\")
        form = replace(form, exports="audiences", csv=options, columns=_COLUMNS, encrypted=case.encrypted)
    base = _base(form)
    return base.having({base.data[0]: case.data})


def _can_be_delivered(case: Case) -> bool:
    """True where a config can ask for such a file."""
    is_csv = case.file_type == "CSV" and case.compression == "NONE" and not case.encrypted
    # No `csvOptions` are without an escape character.
    means_itself = is_csv and not case.dialect.escape and b"\\" in case.data
    return case.compression != "ZIP" and case.columns is None and not means_itself


def _is_mapped(case: Case) -> bool:
    """True where the columns are those of the audience."""
    header = case.data[:20].replace(case.dialect.delimiter.encode(), b",")
    return case.file_type != "CSV" or case.encrypted or header.startswith(_HEADER)


_DELIVERED = [case for case in DAMAGED if _can_be_delivered(case)]
_ZIPPED = [case for case in (*DAMAGED, *SOUND) if case.compression == "ZIP"]
_SOUND = [case for case in SOUND if _can_be_delivered(case) and _is_mapped(case)]


def _wrong(case: Case) -> str | None:
    delivery = _delivery(case)
    report = verify(delivery)
    found = errors(report)
    if case.code is None:
        fine = report.verdict in (Verdict.VERIFIED, Verdict.EMPTY) and not found
        fine = fine and (case.rows is None or report.rows == case.rows)
    else:
        fine = report.verdict is Verdict.CORRUPT and any(code.startswith(case.code) for code in found)
    # Where a row has no end within 16 MiB, each part is read on for as long.
    if fine and 0 < len(case.data) < _LARGE:
        shared = verify(delivery, seconds_to_divide(delivery))
        fine = "file.too-large-to-check" in remarks(shared) or told(shared) == told(report)
    return None if fine else f"{case.name}: {report.verdict} for {sorted(found)}"


def test_the_corpus_as_deliveries() -> None:
    started = time.monotonic()
    damaged, sound = ([case for case in cases if PROOF or len(case.data) < _LARGE] for cases in (_DELIVERED, _SOUND))
    missed, alarms = ([wrong for case in cases if (wrong := _wrong(case))] for cases in (damaged, sound))

    assert (missed, alarms) == ([], [])
    assert len(damaged) > 80
    if PROOF:
        seconds = time.monotonic() - started
        write_figures(
            "corpus", corpus=len(damaged), found=len(damaged) - len(missed), sound=len(sound), seconds=seconds
        )


@pytest.mark.parametrize("case", _ZIPPED, ids=lambda case: case.name)
def test_zip_as_check_sees_it(case: Case, tmp_path: Path) -> None:
    path = tmp_path / case.file_name
    path.write_bytes(case.data)
    report = judge([LocalPlace(str(path), tmp_path, case.file_name)], Asked())
    found = {finding.code for finding in report.findings}
    assert report.verdict == case.verdict
    assert bool(found) == (case.code is not None)
    assert case.code is None or any(code.startswith(case.code) for code in found)
