from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from pydantic import ValidationError

from aep_delivery import __version__
from aep_delivery.verification.receipt.models import Receipt
from aep_delivery.verification.report import Verdict, VerificationReport


def keys_of(document: object) -> set[str]:
    if isinstance(document, dict):
        return set(document).union(*(keys_of(value) for value in document.values()))
    if isinstance(document, list):
        return set().union(*(keys_of(item) for item in document))
    return set()


def test_json_and_back_is_the_same_receipt(sample: Receipt) -> None:
    assert Receipt.from_json(sample.to_json()) == sample


def test_the_same_receipt_gives_the_same_text(samples: dict[str, Callable[[], Receipt]]) -> None:
    assert samples["corrupt"]().to_json() == samples["corrupt"]().to_json()


def test_every_key_is_camel_case_however_deep(sample: Receipt) -> None:
    keys = keys_of(json.loads(sample.to_json()))
    assert not {key for key in keys if "_" in key}
    assert {"schemaVersion", "requestedAt", "finishedAt"} <= keys


def test_keys_of_files_are_spelled_as_published(samples: dict[str, Callable[[], Receipt]]) -> None:
    document = json.loads(samples["verified"]().to_json())
    file = document["verification"]["datasets"][0]["files"][0]
    assert {"key", "state", "size", "rows", "sha256", "storageChecksum", "lastModified", "findings"} <= set(file)


def test_a_receipt_starts_with_whose_it_is_and_its_verdict(samples: dict[str, Callable[[], Receipt]]) -> None:
    document = json.loads(samples["verified"]().to_json())
    assert list(document)[:6] == ["schemaVersion", "delivery", "request", "verdict", "reason", "finishedAt"]
    assert document["schemaVersion"] == "1"
    assert document["product"] == {"name": "aep-delivery", "version": __version__}
    assert document["finishedAt"].endswith("Z")


def test_a_newer_release_may_have_written_more(samples: dict[str, Callable[[], Receipt]]) -> None:
    receipt = samples["verified"]()
    document = json.loads(receipt.to_json())
    document["freshness"] = {"late": False}
    document["delivery"]["owner"] = "planning"
    assert Receipt.from_json(json.dumps(document)) == receipt


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"schemaVersion": "2"}'])
def test_what_is_no_receipt_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"\S"):
        Receipt.from_json(text)


def test_failed_needs_a_failure(make_receipt: Callable[..., Receipt]) -> None:
    with pytest.raises(ValidationError, match="exactly where there is a failure"):
        make_receipt(verdict="FAILED")


def test_a_failure_allows_no_other_verdict(samples: dict[str, Callable[[], Receipt]]) -> None:
    document = json.loads(samples["failed-early"]().to_json())
    document["verdict"] = "VERIFIED"
    with pytest.raises(ValidationError, match="exactly where there is a failure"):
        Receipt.from_json(json.dumps(document))


def test_the_verdict_is_the_one_verification_found(
    make_receipt: Callable[..., Receipt], make_verification: Callable[..., VerificationReport]
) -> None:
    with pytest.raises(ValidationError, match="verification says CORRUPT"):
        make_receipt(verdict=Verdict.VERIFIED, report=make_verification([], verdict=Verdict.CORRUPT))


@pytest.mark.parametrize(
    ("name", "good"),
    [("verified", True), ("empty", True), ("corrupt", False), ("no-run", False), ("failed-early", False)],
)
def test_only_verified_and_empty_are_good(
    samples: dict[str, Callable[[], Receipt]],
    name: str,
    good: bool,
) -> None:
    assert samples[name]().is_good is good
