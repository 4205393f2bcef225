"""Builders of receipts and of the parts that tests vary."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Literal

from aep_delivery.running.models import RunOutcome, RunStatus, RunTrigger
from aep_delivery.runtime.errors import ErrorDocument
from aep_delivery.verification.receipt.models import (
    Asked,
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
    Comparison,
    DatasetReport,
    FileReport,
    FileState,
    Finding,
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
