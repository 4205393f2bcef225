from __future__ import annotations

from typing import Any

import pytest

from aep_delivery.planning.plan import PlannedAction, PlannedResource, Severity
from aep_delivery.planning.traps import counts_as_new_destination, destination_traps, plan_traps
from aep_delivery.state.records import ResourceKind
from tests.unit.planning.declarations import config


def planned(kind: ResourceKind, entity_id: str | None) -> PlannedResource:
    action = PlannedAction.KEEP if entity_id else PlannedAction.CREATE
    return PlannedResource(kind=kind, action=action, name="planes", id=entity_id)


def codes(entity_id: str | None = "live", destinations: int | None = None, **changes: Any) -> list[str]:
    traps = plan_traps(
        config(**{"destination": {"compression": "GZIP"}, **changes}),
        planned(ResourceKind.DATAFLOW, entity_id),
        planned(ResourceKind.SOURCE_CONNECTION, entity_id),
    )
    further = destination_traps(config(**changes), destinations)
    return [trap.code for trap in (*traps, *further)]


def test_what_runs_already_and_holds_no_trap_is_told_nothing() -> None:
    assert codes() == []


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"destination": {"compression": "NONE"}}, ["destination.uncompressed-limit"]),
        (
            {"destination": {"datasetFileType": "JSON", "compression": "NONE", "allowUncompressedJson": True}},
            ["destination.uncompressed-json"],
        ),
        ({"scheduleParams": {"foldernameTemplate": "%DATASET_ID%"}}, ["folder.same-every-time"]),
        ({"scheduleParams": {"foldernameTemplate": "%DATASET_ID%/%EXPORT_TIME%"}}, []),
        ({"scheduleParams": {"foldernameTemplate": "%DATASET_ID%/%DATETIME(YYYYMMdd_HHmmss)%"}}, []),
        (
            {
                "scheduleParams": {
                    "exportMode": "DAILY_FULL_EXPORT",
                    "interval": 0,
                    "timeUnit": "day",
                    "foldernameTemplate": "%DATASET_ID%",
                }
            },
            [],
        ),
        (
            {
                "datasets": [{"name": "Planes"}, {"name": "Airports"}],
                "scheduleParams": {"foldernameTemplate": "%EXPORT_TIME%"},
            },
            ["folder.datasets-mixed"],
        ),
    ],
)
def test_traps_of_files_and_folders(changes: dict[str, Any], expected: list[str]) -> None:
    assert codes(**changes) == expected


def test_what_a_first_delivery_should_know() -> None:
    assert codes(None) == ["dataset.events-of-a-year"]
    assert codes(None, run={"trigger": "NOW"}) == ["dataset.events-of-a-year", "run.not-ready-at-once"]
    assert codes("live", run={"trigger": "NOW"}) == []


@pytest.mark.parametrize(("destinations", "warned"), [(None, False), (89, False), (90, True), (99, True)])
def test_a_sandbox_that_is_nearly_full(destinations: int | None, warned: bool) -> None:
    assert ("sandbox.nearly-full" in codes("live", destinations)) is warned


def test_every_trap_names_its_source_and_how_bad_it_is() -> None:
    traps = plan_traps(
        config(destination={"compression": "NONE"}, run={"trigger": "NOW"}),
        planned(ResourceKind.DATAFLOW, None),
        planned(ResourceKind.SOURCE_CONNECTION, None),
    )
    traps = [*traps, *destination_traps(config(destination={"encryption": {"publicKey": "a2V5"}}), 95)]
    assert [(trap.code, trap.severity) for trap in traps] == [
        ("destination.uncompressed-limit", Severity.WARNING),
        ("dataset.events-of-a-year", Severity.INFO),
        ("run.not-ready-at-once", Severity.INFO),
        ("destination.encrypted", Severity.WARNING),
        ("sandbox.nearly-full", Severity.WARNING),
    ]
    assert all(trap.source.startswith("Adobe: ") for trap in traps)


@pytest.mark.parametrize(
    ("action", "counts"), [(PlannedAction.CREATE, True), (PlannedAction.USE, False), (PlannedAction.KEEP, False)]
)
def test_only_a_new_base_connection_is_a_further_destination(action: PlannedAction, counts: bool) -> None:
    base = PlannedResource(kind=ResourceKind.BASE_CONNECTION, action=action, name="b", id=None)
    assert counts_as_new_destination(base) is counts
