"""Every example arrives in a real storage of its kind, and is read back and proven there."""

from __future__ import annotations

import pytest

from aep_delivery.adobe.catalogue import load_catalogue
from tests.workflow.destinations.conftest import BY_HAND, Delivered

pytestmark = [pytest.mark.workflow, pytest.mark.timeout(1200)]


def test_the_examples_cover_the_catalogue(documents) -> None:
    told = {(d["destination"]["type"], "audiences" if "audiences" in d else "datasets") for d in documents.values()}
    rows = {(row.name, "audiences") for row in load_catalogue().destinations}
    rows |= {(row.name, "datasets") for row in load_catalogue().destinations if row.flow_specs.datasets}
    assert len(rows) == 19
    assert told == rows


@pytest.mark.parametrize("name", [path.stem for path in BY_HAND])
def test_an_example_ends_verified(delivered: dict[str, Delivered], name: str) -> None:
    ended = delivered[name]
    assert ended.status == "SUCCEEDED", ended.error
    assert ended.receipt["verdict"] == "VERIFIED"
    verification = ended.receipt["verification"]
    assert verification["fileCount"] > 0
    if "encryption" not in ended.document["destination"]:
        assert verification["rows"] > 0
