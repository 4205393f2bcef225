"""One installation for all tests of audiences: a few people, some audiences, and each kind of storage beside it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from emulator.installation import Installation, install
from tests.workflow.audiences.stage import SPEED, Stage
from tests.workflow.bench import BUCKET, SECRET

PEOPLE = 60
ROWS_PER_FILE = 25
OTHER_POLICY = "ef006bbe-750e-4e81-85f0-0c6902192dcc"
AUDIENCES: list[dict[str, Any]] = [
    {"name": "Everyone", "where": {"loyalty.points": {"atLeast": 0}}},
    {"name": "Loyalty Gold", "where": {"loyalty.tier": "gold"}},
    {"name": "Readers", "where": {"consents.marketing.email.val": "y"}},
    {"name": "Spenders", "mergePolicyId": OTHER_POLICY, "where": {"loyalty.points": {"atLeast": 50}}},
    {"name": "Nobody", "where": {"loyalty.tier": "unobtainium"}},
]
AUDIENCE_IDS = {one["name"]: f"25768be6-ebd5-45cc-8913-12fb3f34860{n}" for n, one in enumerate(AUDIENCES)}
SFTP: dict[str, Any] = {"type": "sftp", "auth": {"type": "sftp-password", "secret": "secret://sftp-login"}}
CAMPAIGN: dict[str, Any] = {
    "type": "adobe-campaign",
    "auth": {"type": "sftp-ssh-key", "secret": "secret://sftp-key"},
}
AZURE: dict[str, Any] = {
    "type": "azure-blob",
    "auth": {"type": "connection-string", "secret": "secret://azure-blob"},
    "container": "exports",
}
LAKE: dict[str, Any] = {"type": "adls-gen2", "auth": {"type": "service-principal", "secret": "secret://adls"}}
ZONE: dict[str, Any] = {"type": "data-landing-zone"}


def _profile(number: int) -> dict[str, Any]:
    """Ten of gold, twenty who read, ten who spend."""
    email = f"person.{number}@example.com"
    return {
        "identityMap": {"Email": [{"id": email, "primary": True}], "CRMID": [{"id": f"C-{number}"}]},
        "person": {"name": {"firstName": f"Zoë {number}"}},
        "personalEmail": {"address": email},
        "loyalty": {"tier": "gold" if number % 6 == 0 else "silver", "points": number},
        "consents": {"marketing": {"email": {"val": "y" if number % 3 == 1 else "n"}}},
    }


@pytest.fixture(scope="session")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("people-lake")
    store = folder / "_profiles"
    store.mkdir()
    (store / "profiles.ndjson").write_text("".join(json.dumps(_profile(n)) + "\n" for n in range(PEOPLE)))
    audiences = [{"id": AUDIENCE_IDS[one["name"]], **one} for one in AUDIENCES]
    # YAML reads JSON.
    (store / "audiences.yaml").write_text(json.dumps({"audiences": audiences}))
    return folder


@pytest.fixture(scope="session")
def installation(lake: Path) -> Iterator[Installation]:
    places = [SFTP, CAMPAIGN, AZURE, LAKE, ZONE]
    with install(
        lake,
        destinations=places,
        wait_scale=1 / SPEED,
        rows_per_file=ROWS_PER_FILE,
        adhoc_audience_ready_after=30.0,
    ) as running:
        running.add_destination(BUCKET, SECRET)
        for place in places:
            running.provide(place)
        yield running


@pytest.fixture(scope="session")
def session_stage(installation: Installation, lake: Path) -> Iterator[Stage]:
    stage = Stage(installation, lake)
    yield stage
    stage.close()


@pytest.fixture
def stage(session_stage: Stage) -> Iterator[Stage]:
    session_stage.forget()
    session_stage.morning()
    yield session_stage
    session_stage.control("DELETE", "faults")
    session_stage.control("DELETE", "run-faults")
