"""Sample receipts, and builders for the parts the tests vary."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from aep_delivery.verification.receipt.models import Receipt
from aep_delivery.verification.report import DatasetReport, FileReport, VerificationReport
from tests.receipts.parts import dataset, part, receipt, verification
from tests.receipts.samples import SAMPLES


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
