from __future__ import annotations

import gzip
import io
import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from aep_delivery.running.models import RunOutcome, RunStatus
from aep_delivery.runtime.clock import FixedClock
from aep_delivery.storage.memory import MemoryReader
from aep_delivery.verification import splits
from aep_delivery.verification.expectation import Expectation, Rules
from aep_delivery.verification.level import Level
from aep_delivery.verification.report import FileState, Finding, Severity, Verdict, VerificationReport
from aep_delivery.verification.verify import verify_delivery

SLOT = datetime(2027, 1, 1, 6, 0, tzinfo=UTC)
COLUMNS = ("email", "person_name_firstName")
GOLD, SILVER = ({"id": "a1", "name": "Gold"}, {"id": "a2", "name": "Silver"})
TIME = "20270101_060500"


def named(audience: dict[str, str], template: str = "%SEGMENT_NAME%_%DATETIME(YYYYMMdd_HHmmss)%") -> dict[str, str]:
    return {**audience, "filename_template": template}


def csv_of(people: Iterable[str], columns: Iterable[str] = COLUMNS) -> bytes:
    lines = [",".join(columns), *(f"{person}@example.com,{person}" for person in people)]
    return "".join(f"{line}\n" for line in lines).encode()


def expectation(*audiences: dict[str, str], **values: Any) -> Expectation:
    return Expectation.model_validate(
        {
            "location": "sftp:",
            "path": "crm",
            "audiences": audiences or [named(GOLD)],
            "file_type": "CSV",
            "compression": "NONE",
            "columns": COLUMNS,
            **values,
        }
    )


def outcome(by_audience: dict[str, int] | None = None, **values: Any) -> RunOutcome:
    return RunOutcome.model_validate(
        {
            "status": RunStatus.SUCCESS,
            "flow_id": "f",
            "slot": SLOT,
            "run_ids": ["r1"],
            "completed_at": SLOT + timedelta(minutes=10),
            "audience_records": by_audience or {},
            **values,
        }
    )


def storage(**files: bytes) -> MemoryReader:
    """Files below ``crm``, by their name before the time."""
    memory = MemoryReader()
    for name, content in files.items():
        base, _, number = name.partition("__")
        memory.put(f"crm/{base}_{TIME}{f'_{number}' if number else ''}.csv", content)
    return memory


def verify(
    reader: MemoryReader,
    expected: Expectation | None = None,
    ended: RunOutcome | None = None,
    rules: Rules | None = None,
    last: VerificationReport | None = None,
) -> VerificationReport:
    clock = FixedClock(SLOT + timedelta(hours=1))
    return verify_delivery(expected or expectation(), ended or outcome(), rules or Rules(), reader, clock, last=last)


def every(report: VerificationReport) -> list[Finding]:
    return report.findings + [item for export in report.exports for file in export.files for item in file.findings]


def codes(report: VerificationReport) -> list[str]:
    return [item.code for item in every(report)]


def test_each_audience_has_its_own_files() -> None:
    reader = storage(Gold=csv_of(["ann", "bob"]), Silver=csv_of(["eve"]))
    reader.put("crm/Gold_20261231_060500.csv", b"of another run")
    reader.put("crm/readme.txt", b"of somebody else")
    reader.put("crm/other_20270101_060500.csv", b"of another delivery")
    report = verify(reader, expectation(named(GOLD), named(SILVER)), outcome({"a1": 2, "a2": 1}, records=3, files=2))
    assert (report.verdict, codes(report)) == (Verdict.VERIFIED, [])
    assert report.reason == "3 rows in 2 files are all there, whole, and equal what Adobe reports."
    assert (report.location, report.datasets) == ("sftp:/crm", [])
    assert [(item.audience_id, item.rows, item.reported_rows, item.folder) for item in report.audiences] == [
        ("a1", 2, 2, "crm"),
        ("a2", 1, 1, "crm"),
    ]
    assert [column.name for column in report.audiences[0].columns] == list(COLUMNS)


def test_an_audience_is_held_against_its_own_figure() -> None:
    reader = storage(Gold=csv_of(["ann"]), Silver=csv_of(["eve", "zoe"]))
    expected = expectation(named(GOLD), named(SILVER))
    # The total adds up, and still two audiences are wrong.
    report = verify(reader, expected, outcome({"a1": 2, "a2": 1}, records=3, files=2))
    assert report.verdict is Verdict.COUNT_MISMATCH
    assert codes(report) == ["set.count-mismatch"] * 2
    assert "Gold: Adobe reports 2 records, its files have 1." in [item.message for item in report.findings]
    shown = verify(reader, expected, outcome({"a1": 2, "a2": 1}), Rules(record_count="report"))
    assert shown.verdict is Verdict.VERIFIED


@pytest.mark.parametrize(
    ("by_audience", "records", "verdict", "code"),
    [
        ({"a1": 1, "a2": 0}, 1, Verdict.VERIFIED, None),
        ({"a1": 1, "a2": 5}, 6, Verdict.INCOMPLETE, "set.audience-missing"),
        ({}, 1, Verdict.VERIFIED, "set.audience-empty"),
        ({}, 6, Verdict.INCOMPLETE, "set.audience-missing"),
    ],
)
def test_an_audience_without_a_file(
    by_audience: dict[str, int], records: int, verdict: Verdict, code: str | None
) -> None:
    report = verify(
        storage(Gold=csv_of(["ann"])),
        expectation(named(GOLD), named(SILVER)),
        outcome(by_audience, records=records),
    )
    assert report.verdict is verdict
    assert [item for item in codes(report) if item != "set.count-mismatch"] == ([code] if code else [])


def test_an_audience_that_is_not_due_is_not_judged_by_its_older_files() -> None:
    audiences = [named(item, "%SEGMENT_NAME%") for item in (GOLD, SILVER)]
    reader = MemoryReader()
    reader.put("crm/Gold.csv", csv_of(["ann"]))
    reader.put("crm/Silver.csv", b"of another slot")
    report = verify(reader, expectation(*audiences), outcome({"a1": 1}, records=1, files=1, audiences=["a1"]))
    assert (report.verdict, codes(report)) == (Verdict.VERIFIED, [])
    assert [(item.due, item.files) for item in report.audiences[1:]] == [(False, [])]


def test_after_segmentation_the_run_says_when_in_the_day_it_was() -> None:
    reader = storage(Gold=csv_of(["ann"]))
    reader.put("crm/Gold_20270101_010000.csv", csv_of(["of", "an", "ad-hoc", "run"]))
    ended = outcome(
        {"a1": 1},
        slot=SLOT.replace(hour=0),
        slot_kind="DAY",
        started_at=SLOT + timedelta(minutes=4),
        records=1,
        files=1,
    )
    assert verify(reader, ended=ended).verdict is Verdict.VERIFIED


def test_audiences_no_template_tells_apart_are_taken_together() -> None:
    audiences = [named(item, "all_%DATETIME(YYYYMMdd_HHmmss)%") for item in (GOLD, SILVER)]
    reader = MemoryReader()
    reader.put("crm/all_20270101_060500.csv", csv_of(["ann"]))
    reader.put("crm/all_20270101_060501.csv", csv_of(["eve", "ann"]))
    report = verify(reader, expectation(*audiences), outcome({"a1": 1, "a2": 2}, records=3, files=2))
    assert report.verdict is Verdict.VERIFIED
    [together] = report.audiences
    assert (together.audience_id, together.name, together.rows, together.reported_rows) == (
        "a1, a2",
        "Gold, Silver",
        3,
        3,
    )


def test_of_two_templates_that_fit_the_one_that_says_more_has_the_file() -> None:
    audiences = [named(GOLD, "Gold"), named(SILVER, "Gold_2")]
    reader = MemoryReader()
    for name in ("Gold.csv", "Gold_2.csv", "Gold_2_2.csv"):
        reader.put(f"crm/{name}", csv_of([name]))
    report = verify(reader, expectation(*audiences))
    assert [[file.key for file in item.files] for item in report.audiences] == [
        ["crm/Gold.csv"],
        ["crm/Gold_2.csv", "crm/Gold_2_2.csv"],
    ]


@pytest.fixture
def small_files(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(splits, "MAX_ROWS", 2)


@pytest.mark.usefixtures("small_files")
class TestSplits:
    """With two rows a file in the place of five million."""

    FULL, REST = csv_of(["ann", "bob"]), csv_of(["eve"])

    def test_t57_an_export_in_three_files(self) -> None:
        reader = storage(Gold=self.FULL, Gold__2=csv_of(["cat", "dan"]), Gold__3=self.REST)
        report = verify(reader, ended=outcome({"a1": 5}, records=5, files=3))
        assert (report.verdict, codes(report), report.audiences[0].rows) == (Verdict.VERIFIED, [], 5)

    @pytest.mark.parametrize("present", [("Gold", "Gold__3"), ("Gold__2", "Gold__3")])
    def test_a_gap_is_incomplete(self, present: tuple[str, str]) -> None:
        contents = (self.FULL, self.REST)
        report = verify(storage(**dict(zip(present, contents, strict=True))))
        assert report.verdict is Verdict.INCOMPLETE
        [finding] = [item for item in every(report) if item.code == "set.split-gap"]
        missing = f"Gold_{TIME}" + ("" if "Gold" not in present else "_2")
        assert finding.message == f"The file comes after {missing}, which is not there."

    def test_there_is_no_one(self) -> None:
        reader = storage(Gold=self.FULL, Gold__1=self.REST)
        report = verify(reader)
        assert (report.verdict, codes(report)) == (Verdict.UNEXPECTED_FILES, ["set.unexpected-file"])

    def test_a_file_of_too_many_rows(self) -> None:
        report = verify(storage(Gold=csv_of(["ann", "bob", "eve"])))
        assert (report.verdict, codes(report)) == (Verdict.UNEXPECTED_FILES, ["file.too-many-rows"])

    @pytest.mark.parametrize(
        ("reported", "verdict", "severity"),
        [(3, Verdict.VERIFIED, Severity.WARNING), (None, Verdict.INCOMPLETE, Severity.ERROR)],
    )
    def test_a_part_that_is_not_full_though_another_follows(
        self, reported: int | None, verdict: Verdict, severity: Severity
    ) -> None:
        report = verify(storage(Gold=self.REST, Gold__2=self.FULL), ended=outcome(records=reported))
        [finding] = every(report)
        assert (report.verdict, finding.code, finding.severity) == (verdict, "set.split-not-full", severity)


def test_a_static_name_belongs_to_the_newest_run() -> None:
    reader = MemoryReader()
    reader.put("crm/Gold.csv", csv_of(["ann"]), last_modified=SLOT)
    reader.put("crm/Gold_2.csv", csv_of(["old"]), last_modified=SLOT - timedelta(days=1))
    report = verify(reader, expectation(named(GOLD, "Gold")), outcome({"a1": 1}, records=1, files=1))
    assert [file.key for file in report.audiences[0].files] == ["crm/Gold.csv"]
    [finding] = report.findings
    assert (report.verdict, finding.code, finding.path) == (Verdict.VERIFIED, "set.leftover-file", "crm/Gold_2.csv")


def test_an_empty_run_is_not_blamed_for_an_older_static_file() -> None:
    reader = MemoryReader()
    reader.put("crm/Gold.csv", csv_of(["ann"]))
    report = verify(reader, expectation(named(GOLD, "Gold")), outcome({"a1": 0}, records=0, files=0))
    assert report.verdict is Verdict.EMPTY


def test_a_file_of_another_type_or_without_a_byte() -> None:
    reader = storage(Gold=csv_of(["ann"]))
    reader.put(f"crm/Gold_{TIME}.json", b"{}")
    reader.put(f"crm/Gold_{TIME}.csv.gz", b"")
    assert codes(verify(reader)) == ["set.wrong-type"]
    empty = verify(storage(Gold=b""))
    assert (empty.verdict, codes(empty)) == (Verdict.CORRUPT, ["file.empty"])


def test_a_file_in_the_folder_of_another_audience_is_misplaced() -> None:
    expected = expectation(named(GOLD), named(SILVER), path="crm/%SEGMENT_NAME%")
    reader = MemoryReader()
    reader.put(f"crm/Gold/Gold_{TIME}.csv", csv_of(["ann"]))
    reader.put(f"crm/Gold/Silver_{TIME}.csv", csv_of(["eve"]))
    reader.put(f"crm/Silver/Silver_{TIME}.csv", csv_of(["zoe"]))
    report = verify(reader, expected)
    assert (report.verdict, codes(report)) == (Verdict.UNEXPECTED_FILES, ["set.misplaced-file"])
    assert [file.state for file in report.audiences[1].files] == [FileState.WHOLE, FileState.UNEXPECTED]


def test_manifests_of_other_runs_in_the_same_folder_are_not_opened() -> None:
    reader = storage(Gold=csv_of(["ann"]))
    reader.put("crm/manifest-t-r0.json", b"not even JSON")
    line = {"sinkPath": "/crm", "name": f"Gold_{TIME}.csv", "size": len(csv_of(["ann"]))}
    reader.put("crm/manifest-t-r1.json", json.dumps({"flowRunId": "r1", "exportResults": [line]}).encode())
    report = verify(reader, expectation(manifest=True))
    assert (report.verdict, codes(report)) == (Verdict.VERIFIED, [])


def test_a_file_the_manifest_lists_is_missing_from_the_audience_it_is_named_after() -> None:
    reader = storage(Gold=csv_of(["ann"]))
    lines = [
        {"sinkPath": "/crm", "name": f"Gold_{TIME}.csv", "size": len(csv_of(["ann"]))},
        {"sinkPath": "/crm", "name": f"Silver_{TIME}.csv", "size": 9},
    ]
    reader.put("crm/manifest-t-r1.json", json.dumps({"flowRunId": "r1", "exportResults": lines}).encode())
    report = verify(reader, expectation(named(GOLD), named(SILVER), manifest=True))
    assert report.verdict is Verdict.INCOMPLETE
    [lost] = report.audiences[1].files
    assert (lost.key, lost.state) == (f"crm/Silver_{TIME}.csv", FileState.MISSING)


class TestColumns:
    @pytest.mark.parametrize(
        ("columns", "verdict", "told"),
        [
            (("email", "person.name.firstName"), Verdict.VERIFIED, None),
            (("person_name_firstName", "email"), Verdict.VERIFIED, "in another order"),
            (("email", "person_name_firstName", "ssn"), Verdict.VERIFIED, "not mapped: 1 of them"),
            (("email",), Verdict.UNEXPECTED_FILES, "not there: person_name_firstName"),
            (("canary@example.com", "canary"), Verdict.UNEXPECTED_FILES, "not there: email, person_name_firstName"),
        ],
    )
    def test_of_csv_against_the_mapping(self, columns: tuple[str, ...], verdict: Verdict, told: str | None) -> None:
        lines = [",".join(columns), ",".join("x" for _ in columns)]
        report = verify(storage(Gold="".join(f"{line}\n" for line in lines).encode()))
        assert report.verdict is verdict
        messages = [item.message for item in every(report) if item.code == "schema.columns-differ"]
        assert bool(messages) == bool(told)
        assert any((told or "") in message for message in [*messages, ""])
        assert "canary" not in report.model_dump_json()

    def test_they_can_be_shown_only(self) -> None:
        report = verify(storage(Gold=b"email\nx\n"), rules=Rules(columns="report"))
        assert (report.verdict, codes(report)) == (Verdict.VERIFIED, ["schema.columns-differ"])

    def test_of_json_what_is_not_seen_may_be_there(self) -> None:
        reader = MemoryReader()
        reader.put(f"crm/Gold_{TIME}.json", b'{"email":"x"}\n')
        assert verify(reader, expectation(file_type="JSON")).verdict is Verdict.VERIFIED
        reader.put(f"crm/Gold_{TIME}.json", b'{"carrier":"x"}\n')
        assert verify(reader, expectation(file_type="JSON")).verdict is Verdict.UNEXPECTED_FILES

    def test_of_one_file_of_several(self) -> None:
        reader = storage(
            Gold=csv_of(["ann"]), Gold__2=csv_of(["bob"]), Gold__3=b"email,person_name_firstName,a\n1,2,3\n"
        )
        report = verify(reader, ended=outcome(records=3))
        [finding] = [item for item in every(report) if item.code == "schema.files-differ"]
        assert (report.verdict, finding.path) == (Verdict.UNEXPECTED_FILES, f"crm/Gold_{TIME}_3.csv")


def parquet(table: pa.Table) -> bytes:
    buffer = io.BytesIO()
    pq.write_table(table, buffer, compression="gzip")
    return buffer.getvalue()


class TestLastDelivery:
    EXPECTED = expectation(file_type="PARQUET", compression="GZIP", columns=())

    def report(
        self, last: VerificationReport | None = None, rules: Rules | None = None, **columns: Any
    ) -> VerificationReport:
        reader = MemoryReader()
        reader.put(f"crm/Gold_{TIME}.gz.parquet", parquet(pa.table(columns)))
        return verify(reader, self.EXPECTED, rules=rules, last=last)

    def test_the_same_columns_are_no_news(self) -> None:
        assert codes(self.report(self.report(a=[1], b=["x"]), a=[2], b=["y"])) == []

    def test_added_removed_and_retyped_columns_are_told(self) -> None:
        before = self.report(a=[1], b=["x"], c=[1.5])
        report = self.report(before, a=["1"], c=[2.5], d=[True])
        assert {item.code: item.severity for item in report.findings} == {
            "schema.column-added": Severity.INFO,
            "schema.column-removed": Severity.WARNING,
            "schema.column-retyped": Severity.WARNING,
        }
        assert "Gold lacks columns that were there in the last delivery: b." in [f.message for f in report.findings]
        [gold] = report.audiences
        assert gold.column_changes is not None
        assert [(change.kind.sigil, change.name) for change in gold.column_changes] == [
            ("+", "d"),
            ("-", "b"),
            ("*", "a"),
        ]
        assert (gold.column_changes[-1].before, gold.column_changes[-1].after) == ("INT64", "BYTE_ARRAY STRING")
        assert before.audiences[0].column_changes is None
        assert report.verdict is Verdict.VERIFIED

    def test_they_decide_where_they_must(self) -> None:
        report = self.report(self.report(a=[1], b=[1]), Rules(columns="require"), a=[1])
        assert report.verdict is Verdict.UNEXPECTED_FILES
        assert self.report(self.report(a=[1]), Rules(columns="require"), a=[1], b=[1]).verdict is Verdict.VERIFIED

    def test_another_type_of_file_is_not_compared(self) -> None:
        assert codes(self.report(verify(storage(Gold=csv_of(["ann"]))), a=[1])) == []


class TestKeys:
    def test_a_key_in_two_files_is_found_and_not_told(self) -> None:
        reader = storage(Gold=csv_of(["ann", "canary"]), Gold__2=csv_of(["canary"]))
        report = verify(reader, expectation(key_columns=("email",)), outcome(records=3))
        [finding] = [item for item in report.findings if item.code == "set.duplicate-keys"]
        assert (report.verdict, finding.message) == (
            Verdict.COUNT_MISMATCH,
            "Gold has rows with the deduplication key of an earlier row: 1.",
        )
        assert "canary" not in report.model_dump_json()

    def test_two_columns_are_one_key(self) -> None:
        content = b"email,person_name_firstName\nx,1\nx,2\n"
        expected = expectation(key_columns=("email", "person.name.firstName"))
        assert verify(storage(Gold=content), expected).verdict is Verdict.VERIFIED

    def test_rows_without_a_key_may_be_many(self) -> None:
        content = b"email,person_name_firstName\nnull,1\nnull,2\n,3\n,4\n"
        expected = expectation(key_columns=("email",), dialect={"null_value": "null"})
        assert verify(storage(Gold=content), expected).verdict is Verdict.VERIFIED

    def test_quoted_values_and_gzip(self) -> None:
        content = b'email;person_name_firstName\n"a;b";1\n"a;\nb";2\n"a;b";3\n'
        reader = MemoryReader()
        reader.put(f"crm/Gold_{TIME}.csv.gz", gzip.compress(content))
        expected = expectation(compression="GZIP", key_columns=("email",), dialect={"delimiter": ";", "escape": "\\"})
        assert codes(verify(reader, expected)) == ["set.duplicate-keys"]

    def test_of_json(self) -> None:
        reader = MemoryReader()
        reader.put(f"crm/Gold_{TIME}.json", b'{"email":"x"}\n{"email":"x"}\n{}\n{}\n')
        expected = expectation(file_type="JSON", key_columns=("email",))
        assert codes(verify(reader, expected)) == ["set.duplicate-keys"]

    def test_of_parquet(self) -> None:
        reader = MemoryReader()
        reader.put(f"crm/Gold_{TIME}.gz.parquet", parquet(pa.table({"email": ["x", "x", None, None]})))
        expected = expectation(file_type="PARQUET", compression="GZIP", columns=(), key_columns=("email",))
        assert "set.duplicate-keys" in codes(verify(reader, expected))

    def test_what_cannot_be_read_is_told(self) -> None:
        reader = MemoryReader()
        reader.put(f"crm/Gold_{TIME}.gz.parquet", parquet(pa.table({"email": [1.5, 1.5]})))
        expected = expectation(file_type="PARQUET", compression="GZIP", columns=(), key_columns=("email",))
        report = verify(reader, expected)
        [finding] = report.findings
        assert (report.verdict, finding.code, finding.severity) == (
            Verdict.VERIFIED,
            "set.keys-not-checked",
            Severity.INFO,
        )

    def test_of_a_damaged_file_they_are_not_looked_at(self) -> None:
        report = verify(storage(Gold=b"email,a\n1,2,3\n1,2,3\n"), expectation(key_columns=("email",)))
        assert report.verdict is Verdict.CORRUPT
        assert "set.duplicate-keys" not in codes(report)


class TestLevels:
    PGP = bytes([0xC1, 3, 3, 0, 0, 0xD2, 4, 1, 2, 3, 4])
    """A session key and encrypted data, as packets of RFC 9580 have them."""

    def test_a_listing_opens_no_file(self) -> None:
        class Closed(MemoryReader):
            def stream(self, *_: Any, **__: Any) -> Any:
                raise AssertionError("a file was opened")

            read_range = stream

        reader = Closed()
        reader.put(f"crm/Gold_{TIME}.csv", b"anything")
        report = verify(reader, expectation(level=Level.LISTING), outcome(records=5, files=1))
        assert (report.verdict, report.level, report.uncounted_files) == (Verdict.VERIFIED, Level.LISTING, 1)
        assert report.reason == (
            "1 file is all there by name and size: no file was opened, and the files equal what Adobe reports."
        )
        [records] = [item for item in report.comparisons if item.figure == "records"]
        assert (records.reported, records.found, records.agrees) == (5, None, None)

    def test_encrypted_files_are_verified_as_far_as_they_show(self) -> None:
        reader = MemoryReader()
        reader.put(f"crm/Gold_{TIME}.csv.pgp", self.PGP)
        report = verify(reader, expectation(encrypted=True), outcome(records=5, files=1))
        assert (report.verdict, report.level, report.encrypted) == (Verdict.VERIFIED, Level.STRUCTURE, True)
        assert report.reason == (
            "1 file is all there, as far as encrypted files show: what is inside was not read, "
            "and the files equal what Adobe reports."
        )

    def test_a_file_in_the_clear_that_should_be_encrypted_is_no_delivery(self) -> None:
        report = verify(storage(Gold=csv_of(["ann"])), expectation(encrypted=True))
        assert report.verdict is Verdict.CORRUPT

    def test_of_a_sample_the_rest_is_only_framed(self) -> None:
        rows = "".join(f"person{number},x\n" for number in range(20_000)).encode()
        reader = storage(
            **{
                f"Gold__{number}": b"email,person_name_firstName\n" + rows + b"%d,x\n" % number
                for number in range(2, 12)
            },
            Gold=b"email,person_name_firstName\n" + rows,
        )
        report = verify(reader, expectation(sample=0.2), outcome(files=11, records=220_010))
        levels = [file.level for file in report.audiences[0].files]
        assert 0 < levels.count(Level.CONTENT) < 11
        assert (report.verdict, report.level) == (Verdict.VERIFIED, Level.STRUCTURE)
        assert "not all content was read" in report.reason
