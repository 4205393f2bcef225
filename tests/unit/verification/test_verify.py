from __future__ import annotations

import gzip
import io
import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from aep_delivery.running.models import RunOutcome, RunStatus
from aep_delivery.runtime.clock import FixedClock
from aep_delivery.runtime.errors import UserError
from aep_delivery.storage.memory import MemoryReader
from aep_delivery.storage.reader import StoredObject
from aep_delivery.verification.expectation import Expectation, Rules
from aep_delivery.verification.level import Level
from aep_delivery.verification.report import FileState, Severity, Verdict, VerificationReport
from aep_delivery.verification.verify import verify_delivery

SLOT = datetime(2027, 1, 1, 6, 0, tzinfo=UTC)
FOLDER = "exports/d1/exportTime=202701010600"
OTHER = "exports/d2/exportTime=202701010600"
ROWS = b'{"city":"new york","country":"usa"}\n' * 3
FILE = gzip.compress(ROWS)


def expectation(**values: Any) -> Expectation:
    return Expectation.model_validate(
        {
            "location": "s3://bucket",
            "path": "exports",
            "datasets": [{"id": "d1", "name": "Flights"}],
            "file_type": "JSON",
            "compression": "GZIP",
            **values,
        }
    )


def outcome(**values: Any) -> RunOutcome:
    return RunOutcome.model_validate(
        {
            "status": RunStatus.SUCCESS,
            "flow_id": "f",
            "slot": SLOT,
            "run_ids": ["r1"],
            "completed_at": SLOT + timedelta(minutes=10),
            "records": 6,
            "files": 2,
            "bytes": 1,
            **values,
        }
    )


def verify(
    reader: MemoryReader,
    expected: Expectation | None = None,
    ended: RunOutcome | None = None,
    rules: Rules | None = None,
) -> VerificationReport:
    return verify_delivery(
        expected or expectation(), ended or outcome(), rules or Rules(), reader, FixedClock(SLOT + timedelta(hours=1))
    )


def codes(report: VerificationReport) -> list[str]:
    of_files = [item.code for dataset in report.datasets for file in dataset.files for item in file.findings]
    return [item.code for item in report.findings] + of_files


@pytest.fixture
def reader() -> MemoryReader:
    memory = MemoryReader()
    for number in range(2):
        memory.put(f"{FOLDER}/part-{number}-c000.json.gz", gzip.compress(ROWS, mtime=number))
    return memory


REPORT = Rules(record_count="report", file_count="report")


def test_t65_whole_files_beside_markers_are_verified(reader: MemoryReader) -> None:
    reader.put(f"{FOLDER}/_SUCCESS", b"")
    reader.put(f"{FOLDER}/", b"")
    reader.put("exports/d1/exportTime=202612310600/part-9-c000.json.gz", b"of another run")
    report = verify(reader)
    assert report.verdict is Verdict.VERIFIED
    assert report.reason == "6 rows in 2 files are all there, whole, and equal what Adobe reports."
    assert (report.rows, report.file_count, report.bytes, report.location) == (
        6,
        2,
        2 * len(FILE),
        "s3://bucket/exports",
    )
    [dataset] = report.datasets
    assert (dataset.folder, dataset.rows) == (FOLDER, 6)
    assert [file.state for file in dataset.files] == [FileState.WHOLE] * 2
    assert all(file.sha256 and file.checksummed for file in dataset.files)
    assert report.findings == []


def test_parquet_is_verified_too() -> None:
    memory = MemoryReader()
    buffer = io.BytesIO()
    pq.write_table(pa.table({"a": [1, 2, 3]}), buffer, compression="gzip")
    memory.put(f"{FOLDER}/part-0-c000.gz.parquet", buffer.getvalue())
    report = verify(memory, expectation(file_type="PARQUET"), outcome(records=3, files=1))
    assert report.verdict is Verdict.VERIFIED
    assert report.rows == 3


def test_bytes_are_shown_but_never_judged(reader: MemoryReader) -> None:
    [comparison] = [item for item in verify(reader).comparisons if item.figure == "bytes"]
    assert (comparison.reported, comparison.agrees, comparison.judged) == (1, False, False)


@pytest.mark.parametrize(
    ("status", "verdict", "reason"),
    [
        (RunStatus.FAILED, Verdict.RUN_FAILED, "Adobe reports the run as failed. X-FAILED: Job aborted."),
        (RunStatus.NO_RUN, Verdict.NO_RUN, "There was no run before the deadline."),
    ],
)
def test_t72_t76_without_a_good_run_storage_is_not_read(status: RunStatus, verdict: Verdict, reason: str) -> None:
    class Untouchable(MemoryReader):
        def list_objects(self, prefix: str) -> Iterator[StoredObject]:
            raise AssertionError("storage was read")

    report = verify(Untouchable(), ended=outcome(status=status, errors=["X-FAILED: Job aborted."], records=None))
    assert (report.verdict, report.reason) == (verdict, reason)
    assert report.datasets[0].folder.startswith("exports/d1/exportTime=<year>")


@pytest.mark.parametrize("status", [RunStatus.RUNNING, RunStatus.UNKNOWN])
def test_an_unfinished_run_is_incomplete_however_whole_its_files(reader: MemoryReader, status: RunStatus) -> None:
    assert verify(reader, ended=outcome(status=status)).verdict is Verdict.INCOMPLETE


def test_a_partial_run_with_whole_files(reader: MemoryReader) -> None:
    report = verify(reader, ended=outcome(status=RunStatus.PARTIAL, errors=["CONNECTOR-2001-500: x"]))
    assert report.verdict is Verdict.RUN_PARTIAL


def test_a_cut_file_is_corrupt_before_it_is_anything_else(reader: MemoryReader) -> None:
    reader.alter(f"{FOLDER}/part-0-c000.json.gz", FILE[:-3])
    report = verify(reader, ended=outcome(status=RunStatus.PARTIAL, files=3))
    assert report.verdict is Verdict.CORRUPT
    assert report.reason == f"{FOLDER}/part-0-c000.json.gz: The file ends inside a gzip member."
    assert [file.state for file in report.datasets[0].files] == [FileState.DAMAGED, FileState.WHOLE]
    assert "set.count-mismatch" not in codes(report)


def test_a_zero_length_data_file_is_corrupt(reader: MemoryReader) -> None:
    reader.alter(f"{FOLDER}/part-0-c000.json.gz", b"")
    report = verify(reader)
    assert (report.verdict, "file.empty" in codes(report)) == (Verdict.CORRUPT, True)


def test_a_missing_file_is_incomplete(reader: MemoryReader) -> None:
    reader.remove(f"{FOLDER}/part-0-c000.json.gz")
    report = verify(reader)
    assert report.verdict is Verdict.INCOMPLETE
    assert report.reason == "Adobe reports 2 files, storage has 1."
    assert "set.count-mismatch" in codes(report)
    [found] = [item for item in report.findings if item.code == "set.files-missing"]
    assert found.message == (
        f"{report.reason} Adobe does not say which. With includeFileManifest: true the receipt names it."
    )


def test_one_file_more_than_reported_is_unexpected(reader: MemoryReader) -> None:
    assert verify(reader, ended=outcome(files=1)).verdict is Verdict.UNEXPECTED_FILES


def test_t67_a_wrong_suffix_is_not_accepted(reader: MemoryReader) -> None:
    reader.put(f"{FOLDER}/part-2-c000.json", ROWS)
    report = verify(reader)
    assert (report.verdict, report.rows) == (Verdict.UNEXPECTED_FILES, 6)
    assert report.datasets[0].files[-1].state is FileState.UNEXPECTED


def test_a_foreign_data_file_is_unexpected(reader: MemoryReader) -> None:
    reader.put(f"{FOLDER}/copy.json.gz", FILE)
    assert verify(reader).verdict is Verdict.UNEXPECTED_FILES


def test_a_different_row_count_is_a_mismatch_or_only_shown(reader: MemoryReader) -> None:
    assert verify(reader, ended=outcome(records=7)).verdict is Verdict.COUNT_MISMATCH
    report = verify(reader, ended=outcome(records=7), rules=Rules(record_count="report"))
    assert report.verdict is Verdict.VERIFIED
    assert report.reason == (
        "6 rows in 2 files are all there, whole, but differ from the records Adobe reports, "
        "which this config does not judge."
    )
    assert [item.severity for item in report.findings] == [Severity.WARNING]


def test_without_figures_the_files_speak_for_themselves(reader: MemoryReader) -> None:
    report = verify(reader, ended=outcome(records=None, files=None, bytes=None))
    assert (report.verdict, report.reason) == (
        Verdict.VERIFIED,
        "6 rows in 2 files are all there, whole, and Adobe reports no figure to compare.",
    )


@pytest.mark.parametrize(
    "ended",
    [
        outcome(records=0, files=0),
        outcome(records=0, files=None),
        outcome(status=RunStatus.EMPTY, records=None, files=None),
    ],
)
def test_nothing_promised_and_nothing_there_is_empty(ended: RunOutcome) -> None:
    report = verify(MemoryReader(), expectation(manifest=True), ended)
    assert (report.verdict, report.findings) == (Verdict.EMPTY, [])


@pytest.mark.parametrize("level", Level)
def test_where_nothing_is_there_to_look_at_the_level_is_what_was_asked_for(level: Level) -> None:
    assert verify(MemoryReader(), expectation(level=level), outcome(records=0, files=0)).level is level


def test_rows_that_nobody_counted_are_not_claimed() -> None:
    memory = MemoryReader()
    # Too large to be read whole where only its frame is looked at.
    rows = b"".join(b'{"a":%d}\n' % (number * 7919 % 1_000_003) for number in range(100_000))
    memory.put(f"{FOLDER}/part-0-c000.json.gz", gzip.compress(rows, compresslevel=1))
    report = verify(memory, expectation(level="structure"), outcome(records=None, files=1))
    assert (report.verdict, report.uncounted_files) == (Verdict.VERIFIED, 1)
    assert "row" not in report.reason


@pytest.mark.parametrize("ended", [outcome(), outcome(records=None, files=None)])
def test_something_promised_and_nothing_there_is_incomplete(ended: RunOutcome) -> None:
    report = verify(MemoryReader(), ended=ended, rules=REPORT)
    assert report.verdict is Verdict.INCOMPLETE
    assert report.reason.startswith("Flights has no data file in exports/d1/exportTime=")


def test_without_a_date_in_the_folder_an_empty_run_is_not_blamed_for_older_files() -> None:
    memory = MemoryReader()
    memory.put("exports/d1/part-0-c000.json.gz", FILE)
    expected = expectation(foldername_template="%DATASET_ID%")
    assert verify(memory, expected, outcome(records=0, files=0)).verdict is Verdict.EMPTY
    assert verify(memory, expected, outcome(records=3, files=1)).verdict is Verdict.VERIFIED


def test_rows_where_adobe_reports_none_are_a_mismatch(reader: MemoryReader) -> None:
    ended = outcome(status=RunStatus.EMPTY, records=0, files=None)
    assert verify(reader, ended=ended).verdict is Verdict.COUNT_MISMATCH


TWO = [{"id": "d1", "name": "Flights"}, {"id": "d2", "name": "Planes"}]


@pytest.mark.parametrize(
    ("values", "rules", "verdict", "code"),
    [
        ({}, Rules(), Verdict.VERIFIED, "set.dataset-empty"),
        ({"backfill": True}, Rules(), Verdict.VERIFIED, "set.dataset-empty"),
        ({"records": 8, "files": 3}, Rules(), Verdict.INCOMPLETE, "set.dataset-missing"),
        ({"records": 8, "files": None}, Rules(), Verdict.INCOMPLETE, "set.dataset-missing"),
        ({"records": None, "files": None}, Rules(), Verdict.VERIFIED, "set.dataset-empty"),
        ({"records": 8, "files": 3}, REPORT, Verdict.VERIFIED, "set.dataset-empty"),
        ({"records": None, "files": None, "backfill": True}, Rules(), Verdict.INCOMPLETE, "set.dataset-missing"),
    ],
)
def test_a_dataset_without_files_is_judged_by_the_totals(
    reader: MemoryReader, values: dict[str, Any], rules: Rules, verdict: Verdict, code: str
) -> None:
    report = verify(reader, expectation(datasets=TWO), outcome(**values), rules)
    assert report.verdict is verdict
    assert code in codes(report)


def test_datasets_that_share_a_folder_are_reported_together(reader: MemoryReader) -> None:
    memory = MemoryReader()
    memory.put("exports/part-0-c000.json.gz", FILE)
    report = verify(memory, expectation(datasets=TWO, foldername_template="/"), outcome(records=3, files=1))
    assert report.verdict is Verdict.VERIFIED
    assert [(item.dataset_id, item.name, item.folder) for item in report.datasets] == [
        ("d1, d2", "Flights, Planes", "exports")
    ]


def test_t75_the_folders_of_several_runs_are_added_up(reader: MemoryReader) -> None:
    reader.put("exports/d1/exportTime=202701010605/part-5-c000.json.gz", FILE)
    reader.put("exports/d1/exportTime=202701010300/part-6-c000.json.gz", FILE)
    report = verify(reader, ended=outcome(run_ids=["r1", "r2"], records=9, files=3))
    assert (report.verdict, report.rows) == (Verdict.VERIFIED, 9)
    assert report.datasets[0].folder == f"{FOLDER}, exports/d1/exportTime=202701010605"


class Restless(MemoryReader):
    """Storage that changes once while it is read."""

    def __init__(self, change: str) -> None:
        super().__init__()
        self.change = change

    def read_range(self, key: str, start: int, length: int, *, etag: str) -> bytes:
        change, self.change = self.change, ""
        first = f"{FOLDER}/part-0-c000.json.gz"
        if change == "append-later":
            data = super().read_range(key, start, length, etag=etag)
            self.alter(first, FILE + FILE)
            return data
        if change == "rewrite-now":
            self.alter(first, FILE + FILE)
        elif change == "remove-other":
            self.remove(f"{FOLDER}/part-1-c000.json.gz")
        elif change == "appear":
            self.put(f"{FOLDER}/part-2-c000.json.gz", FILE)
        return super().read_range(key, start, length, etag=etag)


@pytest.mark.parametrize("change", ["append-later", "rewrite-now", "remove-other", "appear"])
def test_files_that_change_meanwhile_are_unstable(change: str) -> None:
    memory = Restless(change)
    for number in range(2):
        memory.put(f"{FOLDER}/part-{number}-c000.json.gz", FILE)
    report = verify(memory)
    assert report.verdict is Verdict.UNSTABLE
    assert {"file.changed", "set.changed"} & set(codes(report))


def put_manifest(reader: MemoryReader, *entries: tuple[str, int], run: str = "r1") -> None:
    lines = [{"sinkPath": f"/{FOLDER}", "name": name, "size": size} for name, size in entries]
    document = {"flowRunId": run, "scheduledTime": "2027-01-01T06:00:00Z", "exportResults": lines}
    reader.put(f"{FOLDER}/manifest-dest-{run}.json", json.dumps(document).encode())


NAMES = ("part-0-c000.json.gz", "part-1-c000.json.gz")
WITH_MANIFEST = expectation(manifest=True)


def test_a_manifest_that_agrees(reader: MemoryReader) -> None:
    put_manifest(reader, *((name, len(FILE)) for name in NAMES))
    report = verify(reader, WITH_MANIFEST)
    assert (report.verdict, report.file_count, codes(report)) == (Verdict.VERIFIED, 2, [])


def test_t77_a_file_the_manifest_lists_is_missing(reader: MemoryReader) -> None:
    put_manifest(reader, *((name, len(FILE)) for name in NAMES))
    reader.remove(f"{FOLDER}/{NAMES[1]}")
    report = verify(reader, WITH_MANIFEST, rules=REPORT)
    assert report.verdict is Verdict.INCOMPLETE
    assert report.datasets[0].files[-1].state is FileState.MISSING
    assert report.datasets[0].files[-1].key == f"{FOLDER}/{NAMES[1]}"
    assert report.bytes == len(FILE)


def test_t77_the_name_of_a_missing_file_says_more_than_the_count(reader: MemoryReader) -> None:
    put_manifest(reader, *((name, len(FILE)) for name in NAMES))
    reader.remove(f"{FOLDER}/{NAMES[1]}")
    report = verify(reader, WITH_MANIFEST)
    assert report.reason == (
        f"{FOLDER}/{NAMES[1]}: The manifest lists a file that is not there (1 more finding of this kind)."
    )
    [counted] = [item for item in report.findings if item.code == "set.files-missing"]
    assert counted.message == "Adobe reports 2 files, storage has 1."


def test_t77_a_size_differs_from_the_manifest(reader: MemoryReader) -> None:
    put_manifest(reader, (NAMES[0], len(FILE)), (NAMES[1], len(FILE) + 1))
    report = verify(reader, WITH_MANIFEST)
    assert report.verdict is Verdict.SIZE_MISMATCH
    assert report.datasets[0].files[1].state is FileState.DIFFERS


def test_a_file_no_manifest_lists_is_unexpected(reader: MemoryReader) -> None:
    put_manifest(reader, (NAMES[0], len(FILE)))
    assert verify(reader, WITH_MANIFEST).verdict is Verdict.UNEXPECTED_FILES


def test_a_missing_or_foreign_manifest_is_incomplete(reader: MemoryReader) -> None:
    assert verify(reader, WITH_MANIFEST).verdict is Verdict.INCOMPLETE
    put_manifest(reader, *((name, len(FILE)) for name in NAMES), run="another")
    report = verify(reader, WITH_MANIFEST)
    assert (report.verdict, codes(report)) == (Verdict.INCOMPLETE, ["manifest.missing"])


def test_an_unreadable_manifest_is_corrupt(reader: MemoryReader) -> None:
    reader.put(f"{FOLDER}/manifest-dest-r1.json", b"{")
    assert verify(reader, WITH_MANIFEST).verdict is Verdict.CORRUPT


def test_manifest_names_that_leave_the_folder_are_incomplete(reader: MemoryReader) -> None:
    put_manifest(reader, *((name, len(FILE)) for name in NAMES), ("../../secret", 1))
    report = verify(reader, WITH_MANIFEST)
    assert (report.verdict, codes(report)) == (Verdict.INCOMPLETE, ["manifest.unsafe-name"])
    assert "secret" not in report.model_dump_json()


def test_denied_storage_is_the_authors_error_and_no_verdict() -> None:
    class Denied(MemoryReader):
        def list_objects(self, prefix: str) -> Iterator[StoredObject]:
            raise UserError("no", code="storage.access-denied")

    with pytest.raises(UserError):
        verify(Denied())


def test_several_findings_are_counted_in_the_reason(reader: MemoryReader) -> None:
    for name in NAMES:
        reader.alter(f"{FOLDER}/{name}", b"{}")
    assert verify(reader).reason.endswith("The file is not gzip (1 more finding of this kind).")


def test_the_step_does_not_import_what_it_may_not_need() -> None:
    code = (
        "import sys, aep_delivery.verification.verify\n"
        "heavy = {'boto3', 'botocore', 'pyarrow', 'msgspec', 'cramjam', 'isal', 'httpx'} & set(sys.modules)\n"
        "assert not heavy, heavy"
    )
    source = Path(__file__).parents[3] / "shared"
    subprocess.run(  # noqa: S603 - our own interpreter with our own code
        [sys.executable, "-c", code], check=True, env={"PYTHONPATH": str(source)}
    )


class TestTheSet:
    """Files looked at together."""

    def test_a_copy_is_told_and_decides_where_there_are_too_many_rows(self) -> None:
        memory = MemoryReader()
        for number in range(2):
            memory.put(f"{FOLDER}/part-{number}-c000.json.gz", FILE)
        report = verify(memory)
        assert (report.verdict, codes(report)) == (Verdict.VERIFIED, ["set.duplicate-file"])
        doubled = verify(memory, ended=outcome(records=3, files=None))
        assert doubled.verdict is Verdict.UNEXPECTED_FILES
        [first, second] = doubled.datasets[0].files
        assert (first.state, second.state) == (FileState.WHOLE, FileState.DIFFERS)

    def test_empty_frames_are_alike(self) -> None:
        memory = MemoryReader()
        for number in range(2):
            memory.put(f"{FOLDER}/part-{number}-c000.json.gz", gzip.compress(b""))
        report = verify(memory, ended=outcome(records=0, files=None))
        assert (report.verdict, codes(report)) == (Verdict.EMPTY, [])

    def test_a_part_of_another_dataset_shows_by_its_columns(self) -> None:
        memory = MemoryReader()
        for number, names in enumerate([("a", "b"), ("a", "b"), ("x",)]):
            buffer = io.BytesIO()
            pq.write_table(pa.table({name: [number] for name in names}), buffer)
            memory.put(f"{FOLDER}/part-{number}-c000.gz.parquet", buffer.getvalue())
        report = verify(memory, expectation(file_type="PARQUET"), outcome(records=3, files=3))
        [finding] = report.datasets[0].files[2].findings
        assert (report.verdict, finding.code) == (Verdict.UNEXPECTED_FILES, "schema.files-differ")
        assert finding.message == "The file has other columns than the others beside it. Different are a, b, x."

    def test_t77_what_the_manifest_misses_is_looked_for(self, reader: MemoryReader) -> None:
        put_manifest(reader, *((name, len(FILE)) for name in NAMES))
        reader.remove(f"{FOLDER}/{NAMES[1]}")
        reader.put(f"exports/other/{NAMES[1]}", FILE)
        report = verify(reader, WITH_MANIFEST)
        assert report.verdict is Verdict.INCOMPLETE
        [stray] = [item for item in report.findings if item.code == "set.misplaced-file"]
        assert (stray.path, stray.severity) == (f"exports/other/{NAMES[1]}", Severity.ERROR)

    def test_a_file_in_the_folder_of_another_dataset_than_its_line_says(self, reader: MemoryReader) -> None:
        put_manifest(reader, *((name, len(FILE)) for name in NAMES))
        reader.put(f"{OTHER}/part-9-c000.json.gz", gzip.compress(ROWS, mtime=9))
        lines = [{"sinkPath": f"/{FOLDER}", "name": "part-9-c000.json.gz", "size": len(FILE)}]
        reader.put(f"{OTHER}/manifest-dest-r1.json", json.dumps({"flowRunId": "r1", "exportResults": lines}).encode())
        report = verify(reader, expectation(manifest=True, datasets=TWO), outcome(records=9, files=3))
        assert (report.verdict, codes(report)) == (Verdict.UNEXPECTED_FILES, ["set.misplaced-file"])

    @pytest.mark.parametrize(
        ("key", "told"),
        [
            ("exports/d1/part-1-c000.json.gz", True),
            ("exports/d1/exportTime=202701010900/part-1-c000.json.gz", True),
            ("exports/part-1-c000.json.gz", True),
            ("exports/of-another-delivery/part-1-c000.json.gz", False),
            ("exports/d1/notes.txt", False),
            ("exports/d1/manifest-1.json", False),
        ],
    )
    def test_where_files_are_missing_new_ones_elsewhere_are_told(
        self, reader: MemoryReader, key: str, *, told: bool
    ) -> None:
        reader.remove(f"{FOLDER}/{NAMES[1]}")
        reader.put(key, FILE, last_modified=SLOT + timedelta(minutes=5))
        report = verify(reader)
        assert report.verdict is Verdict.INCOMPLETE
        found = [(item.path, item.severity) for item in report.findings if item.code == "set.misplaced-file"]
        assert found == ([(key, Severity.WARNING)] if told else [])

    def test_files_of_earlier_runs_are_not(self, reader: MemoryReader) -> None:
        reader.remove(f"{FOLDER}/{NAMES[1]}")
        old = SLOT - timedelta(hours=3)
        reader.put("exports/d1/exportTime=202701010300/part-1-c000.json.gz", FILE, last_modified=old)
        assert "set.misplaced-file" not in codes(verify(reader))

    @pytest.mark.parametrize(
        ("change", "told"),
        [
            ("append-later", f"grew from {len(FILE):,} to {2 * len(FILE):,} bytes"),
            ("remove-other", "was removed"),
            ("appear", "appeared"),
        ],
    )
    def test_it_is_told_what_changed(self, change: str, told: str) -> None:
        memory = Restless(change)
        for number in range(2):
            memory.put(f"{FOLDER}/part-{number}-c000.json.gz", FILE)
        report = verify(memory)
        of_files = [item for file in report.datasets[0].files for item in file.findings]
        assert f"The file {told} while" in " ".join(item.message for item in [*report.findings, *of_files])

    def test_a_claim_of_a_frame_is_not_called_content(self) -> None:
        memory = MemoryReader()
        buffer = io.BytesIO()
        pq.write_table(pa.table({"a": [1, 2, 3]}), buffer, compression="gzip")
        memory.put(f"{FOLDER}/part-0-c000.gz.parquet", buffer.getvalue())
        report = verify(memory, expectation(file_type="PARQUET", level="structure"), outcome(records=3, files=1))
        assert (report.verdict, report.level) == (Verdict.VERIFIED, Level.STRUCTURE)
        assert report.reason == (
            "1 file is all there with a sound frame that claims 3 rows: not all content was read, "
            "and equal what Adobe reports."
        )
