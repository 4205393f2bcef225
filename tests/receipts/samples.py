"""Sample receipts, one of each kind."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from aep_delivery.running.models import RunOutcome, RunStatus
from aep_delivery.runtime.errors import ErrorDocument
from aep_delivery.verification.level import Level
from aep_delivery.verification.receipt.models import (
    Asked,
    AskedActivation,
    AskedAttribute,
    AskedAudience,
    AskedCsvOptions,
    AskedDestination,
    Delivery,
    EarlierRun,
    Receipt,
    Request,
    ResourceAction,
    TimelineStep,
)
from aep_delivery.verification.report import (
    AudienceReport,
    ChangeKind,
    ColumnChange,
    ColumnReport,
    Comparison,
    FileState,
    Finding,
    Severity,
    Verdict,
)
from tests.receipts.parts import FLIGHTS, PROFILES, START, dataset, outcome, part, receipt, verification

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
    not_due = AudienceReport(
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
            "audiences": [gold, not_due],
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
            AskedAudience(id=not_due.audience_id, name=not_due.name),
        ],
        activation=AskedActivation(
            attributes=[AskedAttribute(source="personalEmail.address", column="email")],
            primary_fields=["personalEmail.address"],
        ),
    )
    return receipt(report=report, run=outcome(records=7_000, files=1)).model_copy(update={"asked": asked})


def later() -> Receipt:
    """One of many: earlier ones of every kind, and columns that are not as they were."""
    base = verified()
    assert base.verification is not None
    flights, profiles = base.verification.datasets
    changed = flights.model_copy(
        update={
            "columns": [
                ColumnReport(name="flight", type="INT64"),
                ColumnReport(name="tail_number", type="BYTE_ARRAY STRING"),
                ColumnReport(name="delay", type="DOUBLE"),
            ],
            "column_changes": [
                ColumnChange(name="tail_number", kind=ChangeKind.ADDED, after="BYTE_ARRAY STRING"),
                ColumnChange(name="tailnum", kind=ChangeKind.REMOVED, before="BYTE_ARRAY STRING"),
                ColumnChange(name="delay", kind=ChangeKind.RETYPED, before="INT64", after="DOUBLE"),
            ],
        }
    )
    same = profiles.model_copy(update={"columns": [ColumnReport(name="id", type="INT64")], "column_changes": []})
    report = base.verification.model_copy(update={"datasets": [changed, same]})
    assert base.run is not None
    run = base.run.model_copy(update={"backfill": False})
    return base.model_copy(
        update={
            "verification": report,
            "run": run,
            "earlier": earlier(report.rows, report.bytes),
            "resources": [each.model_copy(update={"action": ResourceAction.KEEP}) for each in base.resources],
        }
    )


def earlier(rows: int, size: int) -> list[EarlierRun]:
    """Nine runs, the newest first: usual ones, one failed, one corrupt, one empty, and first of all a full export."""
    return [
        EarlierRun(
            execution=f"d-{number}",
            verdict=verdict,
            finished_at=START - timedelta(hours=3 * number),
            backfill=share > 2,
            files=None if verdict == "FAILED" else 13,
            rows=None if verdict in ("FAILED", "CORRUPT") else round(rows * share),
            bytes=None if verdict == "FAILED" else round(size * share),
        )
        for number, (verdict, share) in enumerate(
            [
                ("VERIFIED", 0.9),
                ("VERIFIED", 1.1),
                ("FAILED", 0),
                ("VERIFIED", 0.8),
                ("CORRUPT", 0.5),
                ("EMPTY", 0),
                ("VERIFIED", 1.2),
                ("A_VERDICT_TO_COME", 1),
                ("VERIFIED", 12),
            ],
            start=1,
        )
    ]


def run_failed() -> Receipt:
    report = verification(
        [],
        verdict=Verdict.RUN_FAILED,
        reason="Adobe reports the run as failed.",
        findings=[Finding(code="run.failed", message="Adobe reports the run as failed. DOWNSTREAM-7001")],
    )
    return receipt(verdict=Verdict.RUN_FAILED, reason=report.reason, report=report, run=outcome(RunStatus.FAILED))


def partial() -> Receipt:
    files = [part(FLIGHTS_FOLDER, number) for number in range(3)]
    report = verification(
        [dataset(files)],
        verdict=Verdict.RUN_PARTIAL,
        reason="Adobe reports the run as partly failed; what arrived is whole.",
        findings=[Finding(code="run.partial", message="Adobe reports the run as partly failed.")],
    )
    return receipt(verdict=Verdict.RUN_PARTIAL, reason=report.reason, report=report, run=outcome(records=90_000))


SAMPLES: dict[str, Callable[[], Receipt]] = {
    "verified": verified,
    "corrupt": corrupt,
    "failed-early": failed_early,
    "failed-in-adobe": failed_in_adobe,
    "empty": empty,
    "audiences": audiences,
    "no-run": no_run,
    "large": large,
    "later": later,
    "run-failed": run_failed,
    "partial": partial,
}

NAMES_WITH_MARKUP = [
    "<script>alert(1)</script>",
    "</style></script><img src=x onerror=alert(1)>",
    "\"><svg onload='alert(1)'>",
    "{{ 7 * 191 }}{% raw %}",
    "&lt;b&gt;",
    "' onmouseover='alert(1)",
    "\u202egnp.exe",
    "\u05e8\u05db\u05d1\u05ea.parquet",
]


def named(name: str) -> tuple[Receipt, Receipt]:
    """A receipt and one of a failure, with `name` wherever a name from outside can stand."""
    finding = Finding(code=name, message=name, path=name, where=name)
    file = part("f", 1).model_copy(update={"key": f"f/{name}", "findings": [finding]})
    exported = dataset([file, file], name=name).model_copy(
        update={
            "columns": [ColumnReport(name=name, type=name)],
            "column_changes": [
                ColumnChange(name=name, kind=ChangeKind.RETYPED, before=name, after=name),
                ColumnChange(name=f"{name} of old", kind=ChangeKind.REMOVED, before=name),
            ],
        }
    )
    told = receipt(
        report=verification([exported], reason=name, findings=[finding]), reason=name, warnings=[name], name=name
    )
    before = [run.model_copy(update={"verdict": name}) for run in earlier(1_000, 10_000)[:1]]
    failed = failed_early()
    assert failed.failure is not None
    failure = failed.failure.model_copy(
        update={"message": name, "hint": name, "place": name, "details": [name], "code": name, "error": name}
    )
    return told.model_copy(update={"earlier": before}), failed.model_copy(update={"failure": failure})
