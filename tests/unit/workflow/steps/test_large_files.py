"""One file that takes longer than a function has: divided, checked and judged as if one function had checked it."""

from __future__ import annotations

import gzip
import io
import random
from datetime import timedelta

import pyarrow as pa
import pytest
from pyarrow import parquet

from aep_delivery.config.load import load_config
from aep_delivery.planning.declared import DatasetToExport
from aep_delivery.planning.plan import Plan
from aep_delivery.running.models import RunOutcome, RunStatus
from aep_delivery.storage.memory import MemoryReader
from aep_delivery.verification.report import VerificationReport
from aep_delivery.workflow.config_document import ConfigDocument
from aep_delivery.workflow.documents import write_document
from aep_delivery.workflow.messages import CheckFiles, DeliveryRef, JudgeFiles, PlanRef, VerifyDelivery
from aep_delivery.workflow.steps.check_files import check_files
from aep_delivery.workflow.steps.judge_files import judge_files
from aep_delivery.workflow.steps.verify_delivery import verify_delivery

DATASET = "5ef3e324052581191aa6a466"
DELIVERY = DeliveryRef(delivery_id="prod/nyc-flights", config="config.json")
GIVEN = {
    "execution": "e-1",
    "delivery": DELIVERY,
    "plan": PlanRef(plan="plan.json", changes=0, warnings=0),
    "outcome": "run.json",
}
ROWS = 60_000
RANDOM = random.Random(3)  # noqa: S311 - test data


def table() -> bytes:
    target = io.BytesIO()
    columns = {"id": range(ROWS), "v": [RANDOM.getrandbits(60) for _ in range(ROWS)]}
    parquet.write_table(pa.table(columns), target, row_group_size=5_000, compression="gzip")
    return target.getvalue()


def rows() -> bytes:
    return gzip.compress(b"".join(b'{"id":%d,"v":"%x"}\n' % (n, RANDOM.getrandbits(64)) for n in range(ROWS)))


FILES = {"PARQUET": (table(), "gz.parquet"), "JSON": (rows(), "json.gz")}


@pytest.fixture
def judged(services, config_text, monkeypatch):
    """The report of one file, as functions with so many seconds come to it."""

    def judge(form: str, body: bytes, seconds: float) -> VerificationReport:
        files = MemoryReader()
        text = config_text.replace(b"PARQUET", form.encode())
        config = load_config(text, "flights.yaml")
        document = ConfigDocument(source="flights.yaml", positions={}, config=config.document())
        slot = services.clock.now() - timedelta(hours=1)
        plan = Plan(
            config_fingerprint=config.fingerprint,
            delivery_id=config.delivery_id,
            owner="o",
            serial=0,
            datasets=[DatasetToExport(id=DATASET, name="Flights")],
            schedule={},
            resources=[],
            warnings=[],
        )
        outcome = RunOutcome(
            status=RunStatus.SUCCESS, flow_id="f", slot=slot, completed_at=slot + timedelta(minutes=1), records=ROWS
        )
        for key, kept in (("config.json", document), ("plan.json", plan), ("run.json", outcome)):
            write_document(services.documents, key, kept)
        suffix = FILES[form][1]
        files.put(f"exports/{DATASET}/exportTime={slot:%Y%m%d%H%M}/part-00000-c000.{suffix}", body)
        monkeypatch.setattr(services, "reader", lambda _: files)
        services.settings = services.settings.model_copy(update={"check_seconds": seconds})
        verified = verify_delivery(VerifyDelivery(**GIVEN), services)
        assert verified.estimate is not None
        assert verified.estimate.bytes == len(body)
        key = verified.report
        if key is None:
            for number in range(verified.batches):
                batch: CheckFiles | None = CheckFiles(execution="e-1", delivery=DELIVERY, batch=number)
                while batch:
                    batch = batch.following(check_files(batch, services))
            key = judge_files(JudgeFiles(**GIVEN, batches=verified.batches), services).report
        return VerificationReport.model_validate_json(services.documents.get(key))

    return judge


def told(report: VerificationReport) -> VerificationReport:
    """All but how it was read: by how many, and when."""
    [dataset] = report.datasets
    [file] = dataset.files
    alike = file.model_copy(update={"sha256": None, "parts": []})
    datasets = [dataset.model_copy(update={"files": [alike]})]
    same = {"estimate": None, "datasets": datasets, "started_at": report.finished_at}
    return report.model_copy(update=same)


@pytest.mark.parametrize("form", FILES)
def test_the_report_is_the_same_but_for_the_parts(judged, form):
    body = FILES[form][0]
    alone = judged(form, body, 600.0)
    divided = judged(form, body, 0.001)
    assert (alone.verdict, alone.datasets[0].files[0].parts) == ("VERIFIED", [])
    assert len(divided.datasets[0].files[0].parts) > 2
    assert told(divided) == told(alone)


@pytest.mark.parametrize("form", FILES)
def test_damage_in_one_part_is_told_the_same(judged, form):
    body = bytearray(FILES[form][0])
    body[len(body) * 3 // 4] ^= 0xFF
    alone = judged(form, bytes(body), 600.0)
    divided = judged(form, bytes(body), 0.001)
    assert alone.verdict == "CORRUPT"
    assert told(divided) == told(alone)


def test_a_column_chunk_that_is_too_large_leaves_the_structure(judged):
    report = judged("PARQUET", FILES["PARQUET"][0], 0.0001)
    assert (report.verdict, report.level, report.rows) == ("VERIFIED", "structure", ROWS)
    [file] = report.datasets[0].files
    assert [finding.code for finding in file.findings] == ["file.too-large-to-check"]
