"""Sample receipts: one of each kind, and builders for the parts the tests vary."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Literal

import pytest

from aep_delivery.running.models import RunOutcome, RunStatus, RunTrigger
from aep_delivery.runtime.errors import ErrorDocument
from aep_delivery.verification.level import Level
from aep_delivery.verification.receipt.models import (
    Asked,
    AskedActivation,
    AskedAttribute,
    AskedAudience,
    AskedCsvOptions,
    AskedDataset,
    AskedDestination,
    AskedSchedule,
    Delivery,
    Receipt,
    Request,
    Resource,
    ResourceAction,
    ResourceKind,
    TimelineStep,
)
from aep_delivery.verification.report import (
    AudienceReport,
    ColumnReport,
    Comparison,
    DatasetReport,
    FileReport,
    FileState,
    Finding,
    Severity,
    Verdict,
    VerificationReport,
)

START = datetime(2027, 1, 1, 3, 0, tzinfo=UTC)
BUCKET = "analytics-landing"
FLIGHTS = "5ef3e324052581191aa6a466"
PROFILES = "5f2c1b7d9a1e4b194b7c3d21"
STEPS = (
    ("load_config", 0.4, 1),
    ("plan_changes", 3.1, 1),
    ("ensure_base_connection", 1.9, 1),
    ("ensure_source_connection", 2.2, 1),
    ("ensure_target_connection", 1.7, 3),
    ("ensure_dataflow", 4.6, 1),
    ("start_run", 2.4, 2),
    ("check_run", 181.0, 7),
    ("verify_delivery", 41.5, 1),
    ("record_outcome", 0.8, 1),
)


def part(folder: str, number: int, *, rows: int | None = 28_000, state: FileState = FileState.WHOLE) -> FileReport:
    """One file; sizes and rows vary with the number, so that charts have something to show."""
    counted = None if rows is None else rows + number * 7919 % 9001
    return FileReport(
        key=f"{folder}/part-{number:05d}-tid-81-c000.gz.parquet",
        state=state,
        size=0 if state is FileState.MISSING else (rows or 11_000) * 42 + number * 104_729 % 300_000,
        rows=None if state is FileState.MISSING else counted,
        etag=f"{number:032x}",
        sha256=None
        if state is FileState.MISSING
        else f"{(number + 7) * 0x9E3779B97F4A7C15F39CC0605CEDC8341082276BF3A27251F86C6A11D0C18E95 % 2**256:064x}",
        checksummed=None if rows is None or state is FileState.MISSING else True,
        last_modified=START + timedelta(seconds=90 + number),
    )


def dataset(files: Sequence[FileReport], *, name: str = "Flights 2013", dataset_id: str = FLIGHTS) -> DatasetReport:
    return DatasetReport(
        dataset_id=dataset_id,
        name=name,
        folder=files[0].key.rpartition("/")[0] if files else f"exports/flights/{dataset_id}/*",
        rows=sum(file.rows or 0 for file in files),
        bytes=sum(file.size for file in files),
        files=list(files),
    )


def verification(
    datasets: Sequence[DatasetReport],
    *,
    verdict: Verdict = Verdict.VERIFIED,
    reason: str = "All files are there, whole, and add up.",
    comparisons: Sequence[Comparison] = (),
    findings: Sequence[Finding] = (),
) -> VerificationReport:
    return VerificationReport(
        verdict=verdict,
        reason=reason,
        location=f"s3://{BUCKET}/exports/flights",
        rows=sum(each.rows for each in datasets),
        bytes=sum(each.bytes for each in datasets),
        file_count=sum(file.state is not FileState.MISSING for each in datasets for file in each.files),
        datasets=list(datasets),
        comparisons=list(comparisons),
        findings=list(findings),
        started_at=START + timedelta(seconds=200),
        finished_at=START + timedelta(seconds=241),
    )


def receipt(
    *,
    verdict: Verdict | Literal["FAILED"] = Verdict.VERIFIED,
    reason: str = "All files are there, whole, and add up.",
    report: VerificationReport | None = None,
    run: RunOutcome | None = None,
    failure: ErrorDocument | None = None,
    warnings: Sequence[str] = (),
    steps: int = len(STEPS),
    resources: bool = True,
    name: str = "nyc-flights",
) -> Receipt:
    timeline, at = [], START + timedelta(seconds=1)
    for step, seconds, attempts in STEPS[:steps]:
        left = at + timedelta(seconds=seconds)
        timeline.append(TimelineStep(step=step, entered_at=at, left_at=left, attempts=attempts))
        at = left + timedelta(seconds=0.3)
    return Receipt(
        delivery=Delivery(
            id=f"prod/{name}", name=name, sandbox="prod", description="Departures from New York, for the planning team"
        ),
        request=Request(
            bucket="aep-delivery-config",
            key=f"deliveries/{name}.yaml",
            version_id="3sL4kqtJlcpXroDTDmJ-rmSpXd3dIbrHY-MTRCxf3vjVBH40Nr8X8gdRQBpUMLUo",
            trigger="config dropped",
            execution="arn:aws:states:eu-central-1:123456789012:execution:deliver:d-5f0d3c9a4e1b7762",
            requested_at=START,
        ),
        verdict=verdict,
        reason=reason,
        finished_at=at + timedelta(seconds=0.5),
        asked=Asked(
            destination=AskedDestination(
                type="amazon-s3",
                bucket_name=BUCKET,
                path="exports/flights",
                dataset_file_type="PARQUET",
                compression="GZIP",
            ),
            datasets=[
                AskedDataset(id=FLIGHTS, name="Flights 2013"),
                AskedDataset(id=PROFILES, name="Loyalty Profiles"),
            ],
            schedule=AskedSchedule(
                export_mode="FIRST_FULL_THEN_INCREMENTAL",
                interval=3,
                time_unit="hour",
                start_time=START,
                end_time=START + timedelta(days=151),
                foldername_template="%DESTINATION%/%DATASET_ID%/%DATETIME(YYYYMMdd_HHmmss)%",
            ),
            trigger=RunTrigger.NOW,
        ),
        resources=[
            Resource(
                kind=ResourceKind.BASE_CONNECTION,
                id="b1a0f8a2-2d4b-4a39-9c61-1f0f6a8f1c11",
                action=ResourceAction.KEEP,
                name="nyc-flights base",
            ),
            Resource(
                kind=ResourceKind.SOURCE_CONNECTION,
                id="5c1f6c52-8f0e-4a4c-b0de-6f4c7a0c2d22",
                action=ResourceAction.REPLACE,
                name="nyc-flights source",
            ),
            Resource(
                kind=ResourceKind.TARGET_CONNECTION,
                id="77d2c1de-0a8b-4d3e-8d4a-2b9f3e5a3f33",
                action=ResourceAction.ADOPT,
            ),
            Resource(
                kind=ResourceKind.DATAFLOW,
                id="f7b1a9cc-39f4-4f59-a2a5-9b5dd1e84e44",
                action=ResourceAction.CREATE,
                name="nyc-flights",
            ),
        ]
        if resources
        else [],
        warnings=list(warnings),
        run=run,
        verification=report,
        timeline=timeline,
        failure=failure,
    )


def outcome(status: RunStatus = RunStatus.SUCCESS, **figures: int | None) -> RunOutcome:
    return RunOutcome(
        status=status,
        flow_id="f7b1a9cc-39f4-4f59-a2a5-9b5dd1e84e44",
        slot=START + timedelta(seconds=17),
        run_ids=["65b7cfcc-6b2e-47c8-8194-13005b792752"],
        started_at=START + timedelta(seconds=20),
        completed_at=START + timedelta(seconds=196),
        backfill=True,
        errors=["DOWNSTREAM-7001: the export stopped"] if status is RunStatus.FAILED else [],
        **figures,
    )


FLIGHTS_FOLDER = f"exports/flights/nyc-flights/{FLIGHTS}/20270101_030000"
PROFILES_FOLDER = f"exports/flights/nyc-flights/{PROFILES}/20270101_030000"


def verified() -> Receipt:
    flights = dataset([part(FLIGHTS_FOLDER, number) for number in range(12)])
    profiles = dataset([part(PROFILES_FOLDER, 0, rows=412)], name="Loyalty Profiles", dataset_id=PROFILES)
    total = flights.rows + profiles.rows
    report = verification(
        [flights, profiles],
        comparisons=[
            Comparison(figure="records", reported=total, found=total, judged=True),
            Comparison(figure="files", reported=13, found=13, judged=True),
            Comparison(figure="bytes", reported=None, found=flights.bytes + profiles.bytes, judged=False),
        ],
    )
    reason = f"All 13 files are there, whole, and add up to the {total:,} records of the run."
    return receipt(reason=reason, report=report, run=outcome(records=total, files=13))


def corrupt() -> Receipt:
    files = [part(FLIGHTS_FOLDER, number) for number in range(9)]
    truncated = part(FLIGHTS_FOLDER, 9, rows=None, state=FileState.DAMAGED).model_copy(
        update={
            "findings": [
                Finding(
                    code="file.truncated",
                    message="The file ends before its footer; 4,096 bytes or more are missing.",
                    path=f"{FLIGHTS_FOLDER}/part-00009-tid-81-c000.gz.parquet",
                    where="byte 462000",
                ),
                Finding(code="parquet.no-crc", message="Pages carry no checksums.", severity=Severity.WARNING),
            ]
        }
    )
    missing = part(FLIGHTS_FOLDER, 10, state=FileState.MISSING)
    extra = part(FLIGHTS_FOLDER, 11, rows=3, state=FileState.UNEXPECTED)
    differs = part(FLIGHTS_FOLDER, 12, state=FileState.DIFFERS)
    flights = dataset([*files, truncated, missing, extra, differs])
    nothing = dataset([], name="Loyalty Profiles", dataset_id=PROFILES)
    report = verification(
        [flights, nothing],
        verdict=Verdict.CORRUPT,
        reason="1 of 12 files cannot be read to its end.",
        comparisons=[
            Comparison(figure="records", reported=flights.rows + 28_431, found=flights.rows, judged=True),
            Comparison(figure="files", reported=13, found=12, judged=False),
            Comparison(figure="bytes", reported=None, found=flights.bytes, judged=False),
        ],
        findings=[
            Finding(code="set.count-mismatch", message="The files hold 28,431 rows fewer than the run reports."),
            Finding(
                code="set.leftover",
                message="A file is older than the run.",
                severity=Severity.WARNING,
                path=f"{FLIGHTS_FOLDER}/part-00011-tid-81-c000.gz.parquet",
            ),
        ],
    )
    return receipt(
        verdict=Verdict.CORRUPT,
        reason=report.reason,
        report=report,
        run=outcome(records=flights.rows + 28_431, files=13),
        warnings=["The schedule ends in 12 days; nothing is exported after that."],
    )


def failed_early() -> Receipt:
    """The config could not be read: nothing but whose it is, what set it going, and the error."""
    return Receipt(
        delivery=Delivery(id="?/crm", name="crm"),
        request=Request(
            bucket="aep-delivery-config",
            key="deliveries/crm.yaml",
            trigger="config dropped",
            execution="d-07aa1f",
            requested_at=START,
        ),
        verdict="FAILED",
        reason="The config is not valid.",
        finished_at=START + timedelta(seconds=1.4),
        timeline=[TimelineStep(step="load_config", entered_at=START + timedelta(seconds=0.9))],
        failure=ErrorDocument(
            error="UserError",
            code="config.unknown-field",
            message="destination.bucketNam: not a known field, did you mean bucketName?",
            hint="Write bucketName instead of bucketNam and drop the config again.",
            place="crm.yaml:12:9",
            details=["crm.yaml:12:9: destination.bucketNam: not a known field", "crm.yaml:20:3: datasets: missing"],
        ),
    )


def failed_in_adobe() -> Receipt:
    """An error after the plan: some resources are there, some are not."""
    base = receipt(
        verdict="FAILED",
        reason="Adobe refuses the dataset: it cannot be exported.",
        failure=ErrorDocument(
            error="UserError",
            code="dataset.not-exportable",
            message="The dataset Flights 2013 cannot be exported to this destination.",
            hint="Enable the dataset for exports in Adobe, or leave it out.",
            place="POST /sourceConnections",
        ),
        steps=4,
        warnings=["This is the first full export: it carries all existing data."],
    )
    return base.model_copy(update={"resources": base.resources[:1]})


def empty() -> Receipt:
    report = verification(
        [dataset([])],
        verdict=Verdict.EMPTY,
        reason="The run had nothing to export, and nothing arrived.",
        comparisons=[Comparison(figure="records", reported=0, found=0, judged=True)],
    )
    return receipt(verdict=Verdict.EMPTY, reason=report.reason, report=report, run=outcome(RunStatus.EMPTY, records=0))


def no_run() -> Receipt:
    run = RunOutcome(status=RunStatus.NO_RUN, flow_id="f7b1a9cc-39f4-4f59-a2a5-9b5dd1e84e44", slot=START)
    return receipt(verdict=Verdict.NO_RUN, reason="No run began within 240 minutes of its slot.", run=run, steps=8)


def large(files: int = 2000) -> Receipt:
    parts = [part(FLIGHTS_FOLDER, number) for number in range(files)]
    parts[1234 % files] = part(FLIGHTS_FOLDER, 1234 % files, rows=None, state=FileState.DAMAGED)
    report = verification([dataset(parts)], verdict=Verdict.CORRUPT, reason="1 of 2,000 files cannot be read.")
    return receipt(verdict=Verdict.CORRUPT, reason=report.reason, report=report, run=outcome(records=None))


def audiences() -> Receipt:
    """Encrypted files of two audiences, of which one was not due."""
    file = part("crm", 0, rows=None).model_copy(
        update={"key": "crm/gold_20270101.csv.pgp", "sha256": None, "level": Level.STRUCTURE}
    )
    gold = AudienceReport(
        audience_id="9f7d37fd-7039-4454-94ef-2b0cd6c3206a",
        name="Loyalty gold",
        folder="crm",
        rows=0,
        reported_rows=7_000,
        bytes=file.size,
        columns=[ColumnReport(name="email"), ColumnReport(name="last_name", type="string")],
        files=[file],
    )
    later = AudienceReport(
        audience_id="1c0d37fd-7039-4454-94ef-2b0cd6c3206b",
        name="Churned",
        folder="crm/churned",
        due=False,
        rows=0,
        bytes=0,
        files=[],
    )
    comparisons = [Comparison(figure="records", reported=7_000, found=None, judged=True)]
    report = verification([], comparisons=comparisons).model_copy(
        update={
            "location": "sftp:/crm",
            "audiences": [gold, later],
            "encrypted": True,
            "level": Level.STRUCTURE,
            "file_type": "CSV",
            "file_count": 1,
            "uncounted_files": 1,
        }
    )
    asked = Asked(
        destination=AskedDestination(
            type="oracle-eloqua",
            mode="FTP",
            remote_path="crm",
            file_type="CSV",
            csv_options=AskedCsvOptions(delimiter="|", quote="", escape="\\", null_value="null", empty_value=""),
            encryption=True,
        ),
        audiences=[
            AskedAudience(
                id=gold.audience_id,
                name=gold.name,
                export_mode="DAILY_FULL_EXPORT",
                frequency="DAILY",
                trigger_type="SCHEDULED",
                start_date=START.date(),
                start_time="06:00",
                end_date=(START + timedelta(days=30)).date(),
                filename_template="%SEGMENT_NAME%_%DATETIME(YYYYMMdd)%",
            ),
            AskedAudience(id=later.audience_id, name=later.name),
        ],
        activation=AskedActivation(
            attributes=[AskedAttribute(source="personalEmail.address", column="email")],
            primary_fields=["personalEmail.address"],
        ),
    )
    return receipt(report=report, run=outcome(records=7_000, files=1)).model_copy(update={"asked": asked})


SAMPLES: dict[str, Callable[[], Receipt]] = {
    "verified": verified,
    "corrupt": corrupt,
    "failed-early": failed_early,
    "failed-in-adobe": failed_in_adobe,
    "empty": empty,
    "audiences": audiences,
    "no-run": no_run,
    "large": large,
}


@pytest.fixture(params=SAMPLES)
def sample(request: pytest.FixtureRequest) -> Receipt:
    """Each of the sample receipts in turn."""
    return SAMPLES[request.param]()


@pytest.fixture(scope="session")
def samples() -> dict[str, Callable[[], Receipt]]:
    """The makers of all sample receipts, by name."""
    return SAMPLES


@pytest.fixture(scope="session")
def make_receipt() -> Callable[..., Receipt]:
    return receipt


@pytest.fixture(scope="session")
def make_dataset() -> Callable[..., DatasetReport]:
    return dataset


@pytest.fixture(scope="session")
def make_part() -> Callable[..., FileReport]:
    return part


@pytest.fixture(scope="session")
def make_verification() -> Callable[..., VerificationReport]:
    return verification
