"""What Adobe takes of audiences is accepted, beside what it refuses of them: the numbered cases, both sides."""

from __future__ import annotations

from typing import Any

import pytest

from aep_delivery.config.audience_schedule import Frequency, Trigger
from aep_delivery.config.errors import ConfigError
from aep_delivery.config.models import DeliveryConfig
from tests.unit.planning.activations import CURRENT_DESTINATION, FIRST_DESTINATION, audience_config

FULL, INCREMENTAL = "DAILY_FULL_EXPORT", "FIRST_FULL_THEN_INCREMENTAL"
START = {"startDate": "2021-12-22", "startTime": "17:00"}
MONTHLY = {"frequency": "MONTHLY", **START, "endDate": "2022-12-22"}
ADLS = {
    "type": "adls-gen2",
    "auth": {"type": "service-principal", "secret": "secret://lake"},
    "path": "crm",
    "fileType": "CSV",
    "compression": "NONE",
}
BLOB = {"type": "azure-blob", "auth": {"type": "connection-string", "secret": "secret://blob"}, "path": "crm"}
CSV = {"fileType": "CSV", "compression": "NONE"}


def refusals(**changes: Any) -> list[str]:
    """The codes of what is wrong; none where it is accepted."""
    try:
        audience_config(**changes)
    except ConfigError as error:
        return [diagnostic.code for diagnostic in error.diagnostics]
    return []


def schedule_of(config: DeliveryConfig) -> dict[str, Any]:
    schedule = config.audience_activation.schedule
    assert schedule is not None
    return schedule.model_dump(mode="json", by_alias=True, exclude_none=True)


@pytest.mark.parametrize(
    ("container", "expected"),
    [("abc", []), ("My_Container", ["config.container-name"]), ("a--b", ["config.container-name"])],
)
def test_t33_containers(container: str, expected: list[str]) -> None:
    assert refusals(destination={**BLOB, **CSV, "container": container}) == expected


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("a/b/%SEGMENT_NAME%/", []),
        ("a/b/%SEGMENT_NAME%/%SEGMENT_ID%", []),
        ("a b", ["config.path-space"]),
        ("a/%SEGMENT_X%", ["config.path-macro"]),
    ],
)
def test_t34_paths_of_audiences(path: str, expected: list[str]) -> None:
    assert refusals(destination={**CURRENT_DESTINATION, "path": path}) == expected


def test_t40_a_single_full_export_at_an_hour() -> None:
    config = audience_config(
        exportMode=FULL, schedule={"frequency": "ONCE", "startDate": "2021-12-20", "startTime": "17:00"}
    )
    schedule = config.audience_activation.schedule
    assert schedule is not None
    assert (schedule.frequency, schedule.trigger_type, schedule.end_date) == (Frequency.ONCE, Trigger.SCHEDULED, None)
    assert schedule_of(config) == {
        "frequency": "ONCE",
        "triggerType": "SCHEDULED",
        "startDate": "2021-12-20",
        "startTime": "17:00",
    }


def test_t41_but_not_with_an_end() -> None:
    schedule = {"frequency": "ONCE", **START, "endDate": "2021-12-31"}
    assert refusals(exportMode=FULL, schedule=schedule) == ["config.schedule-end"]


def test_t43_first_full_then_incremental_every_six_hours() -> None:
    schedule = {"frequency": "EVERY_6_HOURS", **START, "endDate": "2021-12-31"}
    config = audience_config(exportMode=INCREMENTAL, schedule=schedule)
    assert schedule_of(config) == {**schedule, "triggerType": "SCHEDULED"}


@pytest.mark.parametrize(
    ("mode", "frequency"),
    [
        *[(INCREMENTAL, one) for one in ("ONCE", "WEEKLY", "MONTHLY")],
        *[(FULL, f"EVERY_{hours}_HOURS") for hours in (3, 6, 8, 12)],
    ],
)
def test_t44_modes_and_frequencies_that_exclude_each_other(mode: str, frequency: str) -> None:
    assert refusals(exportMode=mode, schedule={"frequency": frequency, **START}) == ["config.schedule-frequency"]


@pytest.mark.parametrize(
    ("destination", "expected"),
    [(CURRENT_DESTINATION, []), (FIRST_DESTINATION, []), (ADLS, ["config.schedule-frequency"])],
    ids=["amazon-s3", "first generation", "adls"],
)
def test_t45_monthly_exports(destination: dict[str, Any], expected: list[str]) -> None:
    assert refusals(destination=destination, exportMode=FULL, schedule=MONTHLY) == expected


def test_t45_monthly_exports_do_not_follow_the_segmentation() -> None:
    schedule = {"frequency": "MONTHLY", "triggerType": "AFTER_SEGMENT_EVAL", "startDate": "2021-12-22"}
    assert refusals(destination=CURRENT_DESTINATION, exportMode=FULL, schedule=schedule) == ["config.schedule-trigger"]


@pytest.mark.parametrize("hour", ["17:30", "5:00", "24:00"])
def test_t46_hours(hour: str) -> None:
    schedule = {"frequency": "DAILY", "startDate": "2021-12-22", "startTime": hour}
    assert refusals(exportMode=FULL, schedule=schedule) == ["config.start-time"]


@pytest.mark.parametrize("template", ["%DESTINATION_NAME%", "crm"])
def test_t49_only_the_first_generation_insists_on_the_audience(template: str) -> None:
    assert refusals(filenameTemplate=template) == ["config.template-needs-macro"]
    assert refusals(destination=CURRENT_DESTINATION, filenameTemplate=template.replace("_NAME", "")) == []


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ([{"identityNamespace": "Email"}], []),
        ([{"attributePath": "person.name.lastName"}, {"attributePath": "personalEmail.address"}], []),
        ([{"identityNamespace": "Email"}, {"attributePath": "personalEmail.address"}], ["config.primary-fields"]),
        (
            [{"attributePath": f"person.name.{one}"} for one in ("firstName", "middleName", "lastName")],
            ["config.primary-fields"],
        ),
    ],
)
def test_t55_deduplication_keys(fields: list[dict[str, str]], expected: list[str]) -> None:
    assert refusals(primaryFields=fields) == expected
