from __future__ import annotations

from typing import Any

import pytest

from aep_delivery.planning.activation_traps import activation_traps
from aep_delivery.planning.audiences import ResolvedAudience, audiences_to_export
from aep_delivery.planning.plan import (
    ActivationAction,
    ActivationChange,
    ActivationSubject,
    AudienceLeftAlone,
    PlannedActivation,
)
from tests.unit.planning.activations import (
    CURRENT_DESTINATION,
    FIRST_DESTINATION,
    GOLD,
    INCREMENTAL,
    TEMPLATE,
    audience_config,
)

ADDED = PlannedActivation(
    changes=[
        ActivationChange(subject=ActivationSubject.AUDIENCE, action=ActivationAction.ADD, id=GOLD.id, name=GOLD.name)
    ]
)
QUIET: dict[str, Any] = {
    "primaryFields": [{"identityNamespace": "Email"}],
    "attributes": [{"source": "personalEmail.address"}, {"source": "segmentMembership.status"}],
}
WEEKLY = {**INCREMENTAL, "frequency": "WEEKLY"}
SFTP = {"type": "sftp-password", "secret": "secret://crm"}


def codes(
    *audiences: dict[str, Any], planned: PlannedActivation | None = None, loud: bool = False, **changes: Any
) -> list[str]:
    config = audience_config(*audiences, **({} if loud else QUIET), **changes)
    resolved = [ResolvedAudience(id=str(one.id), name=str(one.id)) for one in config.audiences]
    exported = audiences_to_export(config, resolved)
    return [one.code for one in activation_traps(config, exported, planned or PlannedActivation())]


def test_what_holds_no_trap_is_told_nothing() -> None:
    assert codes() == []


def test_without_keys_and_status() -> None:
    assert codes(loud=True) == ["activation.no-deduplication-key", "activation.exited-members-left-out"]
    assert codes(loud=True, exportMode="DAILY_FULL_EXPORT", schedule={**INCREMENTAL, "frequency": "DAILY"}) == [
        "activation.no-deduplication-key"
    ]


def test_t49_a_file_name_without_a_time_is_warned_of() -> None:
    current = {"destination": CURRENT_DESTINATION}
    assert codes(filenameTemplate="%SEGMENT_ID%", **current) == ["filename.same-every-time"]
    assert codes({"id": "a", "filenameTemplate": "gold"}, {"id": "b"}, **current) == ["filename.same-every-time"]
    assert codes(filenameTemplate=TEMPLATE) == []


@pytest.mark.parametrize(
    ("destination", "expected"),
    [(FIRST_DESTINATION, ["activation.frequency-not-offered"]), (CURRENT_DESTINATION, [])],
)
def test_t45_rare_exports_of_the_first_generation(destination: dict[str, Any], expected: list[str]) -> None:
    assert codes(destination=destination, exportMode="DAILY_FULL_EXPORT", schedule=WEEKLY) == expected


def test_mode_s3_with_sftp_credentials() -> None:
    bucket = {"mode": "S3", "bucketName": "delivered", "path": "crm"}
    assert codes(destination={"type": "oracle-eloqua", "auth": SFTP, **bucket}) == ["destination.mode-undocumented"]
    assert codes(destination={"type": "oracle-eloqua", "auth": SFTP, "remotePath": "crm"}) == []


@pytest.mark.parametrize(("count", "left", "warned"), [(250, 0, False), (251, 0, True), (200, 51, True)])
def test_t54_many_audiences(count: int, left: int, *, warned: bool) -> None:
    planned = PlannedActivation(left_alone=[AudienceLeftAlone(id=str(number), name="x") for number in range(left)])
    told = codes(*({"id": f"audience-{number}"} for number in range(count)), planned=planned)
    assert told == (["activation.many-audiences"] if warned else [])


@pytest.mark.parametrize(("count", "warned"), [(50, False), (51, True)])
def test_t54_many_attributes(count: int, *, warned: bool) -> None:
    attributes = [{"source": "segmentMembership.status"}, *({"source": f"x.a{number}"} for number in range(count - 1))]
    told = codes(loud=True, attributes=attributes, primaryFields=[{"identityNamespace": "Email"}])
    assert told == (["activation.many-attributes"] if warned else [])


def test_an_export_by_hand_needs_an_hour_after_the_first_activation() -> None:
    assert codes(planned=ADDED, run={"trigger": "NOW"}) == ["run.not-ready-for-an-hour"]
    assert codes(planned=ADDED) == []
    assert codes(run={"trigger": "NOW"}) == []
