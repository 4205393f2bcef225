"""Hostile names and manifests at the destination: the verdict, the receipt, its page, the terminal and the log."""

from __future__ import annotations

import io
import json
import logging
import re
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest

from aep_delivery.running.models import RunOutcome, RunStatus
from aep_delivery.runtime.clock import FixedClock
from aep_delivery.runtime.log import logger
from aep_delivery.storage.memory import MemoryReader
from aep_delivery.verification.expectation import Expectation, Rules
from aep_delivery.verification.receipt.models import Receipt
from aep_delivery.verification.receipt.page import render_page
from aep_delivery.verification.receipt.text import summary
from aep_delivery.verification.report import Verdict, VerificationReport
from aep_delivery.verification.verify import verify_delivery
from tests.proof.figures import PROOF, write_figures
from tests.proof.hostile.judging import Tally, faults_of_text, peak_memory
from tests.proof.hostile.object_names import as_key, hostile_manifests, hostile_names
from tests.receipts.parts import receipt
from tests.unit.verification.receipt.test_page import Page

SLOT = datetime(2027, 1, 1, 6, 0, tzinfo=UTC)
FOLDER = "exports/d1/exportTime=202701010600"
ROWS = b'{"city":"new york"}\n' * 3
SECONDS = 2.0
LONGEST_PAGE = 40 << 20
_OWN = {"script", "style"}


def expectation(**values: object) -> Expectation:
    return Expectation.model_validate(
        {
            "location": "s3://bucket",
            "path": "exports",
            "datasets": [{"id": "d1", "name": "Flights"}],
            "file_type": "JSON",
            "compression": "NONE",
            "manifest": True,
            **values,
        }
    )


def outcome() -> RunOutcome:
    return RunOutcome.model_validate(
        {
            "status": RunStatus.SUCCESS,
            "flow_id": "f",
            "slot": SLOT,
            "run_ids": ["r1"],
            "completed_at": SLOT + timedelta(minutes=10),
            "records": 3,
            "files": 1,
        }
    )


def verify(reader: MemoryReader) -> VerificationReport:
    """The report, as it is kept and read again."""
    clock = FixedClock(SLOT + timedelta(hours=1))
    report = verify_delivery(expectation(), outcome(), Rules(), reader, clock)
    return VerificationReport.model_validate_json(report.model_dump_json())


def with_manifest(content: bytes) -> VerificationReport:
    reader = MemoryReader()
    reader.put(f"{FOLDER}/part-0.json", ROWS)
    reader.put(f"{FOLDER}/manifest-d-r1.json", content)
    report = verify(reader)
    assert report.rows == 3
    assert {file.key for each in report.datasets for file in each.files if file.rows} == {f"{FOLDER}/part-0.json"}
    return report


def with_name(name: str) -> VerificationReport:
    reader = MemoryReader()
    reader.put(as_key(FOLDER, name, ".json"), ROWS)
    reader.put(f"{FOLDER}/manifest-d-r1.json", b'{"flowRunId":"r1","exportResults":[]}')
    return verify(reader)


def faults_of_report(report: VerificationReport) -> Iterator[str]:
    """What is wrong with all that shows a report."""
    told: Receipt = receipt(report=report, reason=report.reason, verdict=report.verdict)
    kept = Receipt.model_validate_json(told.model_dump_json(by_alias=True))
    if kept != told:
        yield "the receipt is not read as it was written"
    yield from (f"terminal: {one}" for one in faults_of_text(summary(kept)))
    yield from (f"page: {one}" for one in faults_of_page(render_page(kept)))
    yield from (f"log: {one}" for one in faults_of_log(report))


def faults_of_page(html: str) -> Iterator[str]:
    page = Page(html)
    if [len(page.of(tag)) for tag in sorted(_OWN)] != [1, 1]:
        yield "a script or a style that is not its own"
    for tag, attributes in page.elements:
        if tag in {"img", "iframe", "object", "embed", "base", "form"} or any(
            name.startswith("on") for name in attributes
        ):
            yield f"an element <{tag}> with {sorted(attributes)}"
        if re.match(r"(?i)\s*(javascript|data:text|https?):", attributes.get("href", "")):
            yield f"a way to {attributes['href'][:80]!r}"
        yield from (fault for value in attributes.values() for fault in faults_of_text(value.replace("\t", " ")))
    yield from faults_of_text("".join(page.text).replace("\t", " "))
    if len(html) > LONGEST_PAGE:
        yield f"{len(html):,} characters"


def faults_of_log(report: VerificationReport) -> Iterator[str]:
    """The product's log, were it told all that was found."""
    stream, handler = io.StringIO(), logger.registered_handler
    assert isinstance(handler, logging.StreamHandler)
    before = handler.setStream(stream)
    try:
        logger.info(
            "files judged",
            extra={"files": [file.model_dump(mode="json") for each in report.datasets for file in each.files[:20]]},
        )
    finally:
        handler.setStream(before)
    yield from faults_of_text(stream.getvalue().rstrip("\n"))
    if stream.getvalue().count("\n") != 1:
        yield "not one line"
    json.loads(stream.getvalue())


def try_out(names: Iterator[str], manifests: Iterator[bytes]) -> Tally:
    tally = Tally()
    for name in names:
        report = tally.judge(f"name {name[:200]!r}", partial(with_name, name), seconds=SECONDS)
        tally.wrong += [f"name {name[:200]!r}: {one}" for one in (faults_of_report(report) if report else ())]
    for content in manifests:
        what = f"manifest {content[:300]!r}"
        report = tally.judge(what, partial(with_manifest, content), seconds=SECONDS)
        tally.wrong += [f"{what}: {one}" for one in (faults_of_report(report) if report else ())]
    return tally


@pytest.mark.timeout(120)
def test_a_sample_of_names_and_manifests() -> None:
    names = [name for index, name in enumerate(hostile_names(1, 80)) if index % 6 == 0]
    manifests = [content for index, content in enumerate(hostile_manifests(1, 120)) if index % 6 == 0]

    tally = try_out(iter(names), iter(manifests))

    assert tally.wrong == []
    assert set(tally.ends) == {"accepted"}


@pytest.mark.skipif(not PROOF, reason="takes minutes: make proof")
@pytest.mark.timeout(3600)
def test_a_thousand_names_and_manifests() -> None:
    started = time.monotonic()

    tally = try_out(hostile_names(1, 700), hostile_manifests(1, 500))

    write_figures(
        "hostile-objects",
        hostile="Names and manifests at the destination",
        tried=tally.total,
        accepted=tally.accepted,
        refused=tally.total - tally.accepted,
        wrong=len(tally.wrong),
        slowest=round(tally.slowest, 2),
        mebibytes=peak_memory(),
        seconds=time.monotonic() - started,
        ends=dict(tally.ends.most_common()),
    )
    assert tally.wrong == []


def test_no_manifest_leads_out_of_its_folder() -> None:
    """What a manifest lists elsewhere is neither looked up nor counted."""
    reader = MemoryReader()
    reader.put(f"{FOLDER}/part-0.json", ROWS)
    reader.put("other/part-1.json", ROWS)
    lines = [{"name": "part-0.json", "size": len(ROWS)}, {"name": "../../../other/part-1.json", "size": len(ROWS)}]
    reader.put(f"{FOLDER}/manifest-d-r1.json", json.dumps({"flowRunId": "r1", "exportResults": lines}).encode())

    report = verify(reader)

    assert report.verdict is not Verdict.VERIFIED
    assert [item.code for item in report.findings] == ["manifest.unsafe-name"]
    assert report.rows == 3


def test_names_that_look_alike_stay_two_files() -> None:
    reader = MemoryReader()
    for name in ("part-\u00e1.json", "part-a\u0301.json"):
        reader.put(f"{FOLDER}/{name}", ROWS)

    report = verify(reader)

    assert report.file_count == 2
    assert report.rows == 6
