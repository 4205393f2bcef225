"""Every example arrives in a real storage of its kind, and is read back and proven there."""

from __future__ import annotations

from pathlib import Path

import pytest

from aep_delivery.adobe.catalogue import load_catalogue
from emulator.installation import install
from tests.workflow.destinations.conftest import EXAMPLES, SPEED, Delivered, configs

pytestmark = [pytest.mark.workflow, pytest.mark.timeout(1200)]


def test_the_examples_cover_the_catalogue(documents) -> None:
    told = {(d["destination"]["type"], "audiences" if "audiences" in d else "datasets") for d in documents.values()}
    rows = {(row.name, "audiences") for row in load_catalogue().destinations}
    rows |= {(row.name, "datasets") for row in load_catalogue().destinations if row.flow_specs.datasets}
    assert len(rows) == 19
    assert told == rows


def test_the_landing_zone_of_the_other_form(flights_lake: Path, documents) -> None:
    name = "data-landing-zone-audiences"
    wanted = [documents[name]["destination"]]
    with install(flights_lake, destinations=wanted, zone_form="s3", wait_scale=1 / SPEED) as installation:
        installation.drop(f"{name}.yaml", (EXAMPLES / f"{name}.yaml").read_bytes())
        state = installation.finished(installation.execution_of(f"{name}.yaml", seconds=60), seconds=200)
        files = installation.cloud.client("s3").list_objects_v2(Bucket="adobe-landing-zone")["Contents"]
    assert state["status"] == "SUCCEEDED", state.get("cause")
    assert any(item["Key"].startswith("dlz-destination/adobe/audiences/") for item in files)


@pytest.mark.parametrize("name", list(configs()))
def test_an_example_ends_verified(delivered: dict[str, Delivered], name: str) -> None:
    ended = delivered[name]
    assert ended.status == "SUCCEEDED", ended.error
    assert ended.receipt["verdict"] == "VERIFIED"
    verification = ended.receipt["verification"]
    assert verification["fileCount"] > 0
    if "encryption" not in ended.document["destination"]:
        assert verification["rows"] > 0
