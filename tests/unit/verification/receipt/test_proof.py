from __future__ import annotations

from collections.abc import Callable

import pytest

from aep_delivery.verification.level import Level
from aep_delivery.verification.receipt.models import Receipt
from aep_delivery.verification.receipt.page import render_page
from aep_delivery.verification.receipt.proof import proof_of, rows_of, trouble_first
from aep_delivery.verification.receipt.text import summary
from aep_delivery.verification.receipt.verdicts import SENSES, Tone, sense_of
from aep_delivery.verification.report import (
    AudienceReport,
    Comparison,
    DatasetReport,
    FileReport,
    FileState,
    Finding,
    Verdict,
    VerificationReport,
)


def audience(file: FileReport, name: str = "Gold", **values: object) -> AudienceReport:
    return AudienceReport.model_validate(
        {
            "audience_id": "a1",
            "name": name,
            "folder": "crm",
            "rows": file.rows or 0,
            "bytes": file.size,
            "files": [file],
            **values,
        }
    )


@pytest.fixture
def encrypted(
    make_receipt: Callable[..., Receipt],
    make_verification: Callable[..., VerificationReport],
    make_part: Callable[..., FileReport],
) -> Receipt:
    file = make_part("crm", 0, rows=None).model_copy(update={"level": Level.STRUCTURE, "sha256": None})
    report = make_verification([]).model_copy(
        update={
            "audiences": [audience(file, reported_rows=7)],
            "encrypted": True,
            "level": Level.STRUCTURE,
            "file_count": 1,
            "uncounted_files": 1,
            "comparisons": [Comparison(figure="records", reported=7, found=None, judged=True)],
        }
    )
    return make_receipt(report=report)


def test_of_an_encrypted_delivery_it_is_said_what_was_not_proven(encrypted: Receipt) -> None:
    assert encrypted.verification is not None
    proof = proof_of(encrypted.verification)
    assert proof is not None
    assert proof.proven == "names and sizes, the frame of the encryption and that nothing changed meanwhile"
    assert proof.not_proven == "content and rows, which only the private key opens"
    assert rows_of(encrypted.verification) == "rows not counted"
    for shown in (summary(encrypted), render_page(encrypted)):
        assert "content and rows, which only the private key opens" in shown
        assert "not counted" in shown
        assert "Adobe reports 7 records" in shown


def test_it_does_not_look_as_good_as_one_that_was_read(encrypted: Receipt) -> None:
    sense = sense_of(encrypted)
    assert (sense.title, sense.tone) == ("Verified", Tone.CALM)
    assert sense.advice != SENSES[Verdict.VERIFIED].advice
    assert sense.advice in summary(encrypted)


def test_what_was_read_to_its_end_leaves_nothing_open(samples: dict[str, Callable[[], Receipt]]) -> None:
    receipt = samples["verified"]()
    assert receipt.verification is not None
    proof = proof_of(receipt.verification)
    assert proof is not None
    assert proof.not_proven is None
    assert sense_of(receipt) == SENSES[Verdict.VERIFIED]
    assert "not proven" not in summary(receipt)


@pytest.mark.parametrize(
    ("level", "read", "uncounted", "told"),
    [
        (Level.LISTING, 0, 3, "anything inside of the files"),
        (Level.STRUCTURE, 0, 0, "what lies between the frames, and that the rows are those the frames claim"),
        (Level.STRUCTURE, 1, 2, "what lies between the frames, and rows"),
    ],
)
def test_a_level_below_content_leaves_something_open(
    level: Level,
    read: int,
    uncounted: int,
    told: str,
    *,
    make_verification: Callable[..., VerificationReport],
    make_dataset: Callable[..., DatasetReport],
    make_part: Callable[..., FileReport],
) -> None:
    files = [
        make_part("f", number).model_copy(update={"level": Level.CONTENT if number < read else level})
        for number in range(3)
    ]
    report = make_verification([make_dataset(files)]).model_copy(
        update={"level": level, "uncounted_files": uncounted, "file_count": 3}
    )
    proof = proof_of(report)
    assert proof is not None
    assert proof.not_proven == told
    assert ("every byte of 1 of 3 files" in proof.proven) is bool(read)


def test_what_is_in_trouble_comes_first(
    make_receipt: Callable[..., Receipt],
    make_verification: Callable[..., VerificationReport],
    make_dataset: Callable[..., DatasetReport],
    make_part: Callable[..., FileReport],
) -> None:
    sound = make_dataset([make_part("f", 0)], name="sound")
    broken = make_dataset([make_part("g", 0, rows=None, state=FileState.DAMAGED)], name="broken")
    absent = make_dataset([], name="absent", dataset_id="d9")
    report = make_verification(
        [sound, broken, absent],
        verdict=Verdict.CORRUPT,
        findings=[Finding(code="set.dataset-missing", message="It is missing.", path=absent.folder)],
    )
    assert [export.name for export in trouble_first(report)] == ["broken", "absent", "sound"]
    page = render_page(make_receipt(verdict=Verdict.CORRUPT, report=report))
    assert page.index("<bdi>broken</bdi>") < page.index("<bdi>sound</bdi>")


def test_an_audience_that_was_not_due_is_not_said_to_lack_files(
    make_receipt: Callable[..., Receipt],
    make_verification: Callable[..., VerificationReport],
    make_part: Callable[..., FileReport],
) -> None:
    later = audience(make_part("crm", 0), files=[], due=False)
    receipt = make_receipt(report=make_verification([]).model_copy(update={"audiences": [later]}))
    assert "not due in this slot" in summary(receipt)
    assert "This audience had no export in this slot." in render_page(receipt)


def test_ids_of_audiences_are_not_respelled_in_json(
    make_receipt: Callable[..., Receipt], samples: dict[str, Callable[[], Receipt]]
) -> None:
    run = samples["verified"]().run
    assert run is not None
    receipt = make_receipt(run=run.model_copy(update={"audience_records": {"ext_Audience_one": 3}}))
    assert '"ext_Audience_one": 3' in receipt.to_json()
    assert Receipt.from_json(receipt.to_json()) == receipt


@pytest.mark.parametrize(("verdict", "said"), [(Verdict.CORRUPT, "Looked at:"), (Verdict.EMPTY, "Proven:")])
def test_nothing_is_called_proven_of_a_delivery_that_is_not_good(
    verdict: Verdict,
    said: str,
    make_receipt: Callable[..., Receipt],
    make_verification: Callable[..., VerificationReport],
) -> None:
    page = render_page(make_receipt(verdict=verdict, report=make_verification([], verdict=verdict)))
    assert said in page
    assert page.count("Proven:") + page.count("Looked at:") == 1


@pytest.mark.parametrize("verdict", [Verdict.RUN_FAILED, Verdict.NO_RUN])
def test_where_storage_was_not_looked_at_nothing_is_claimed(
    verdict: Verdict, make_verification: Callable[..., VerificationReport]
) -> None:
    assert proof_of(make_verification([], verdict=verdict)) is None
