from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, TypeVar, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aep_delivery.adobe.errors import EntityNotFoundError
from aep_delivery.adobe.flow_service import FlowService
from aep_delivery.adobe.models import Connection, Dataflow, SourceConnection, TargetConnection
from aep_delivery.adobe.problem import AdobeProblem
from aep_delivery.config.models import DeliveryConfig
from aep_delivery.planning.adopting import Adoptable, NotAdoptable, find_adoptable
from aep_delivery.planning.ownership import OwnerMarker
from aep_delivery.state.records import ResourceKind

DATASETS_SPEC = "269ba276-16fc-47db-92b0-c1049a3c131f"
AUDIENCES_SPEC = "1a0514a6-33d4-4c7f-aff8-594799c47549"
T = TypeVar("T")
NOW = datetime(2027, 1, 1, tzinfo=UTC)
PARAMS = {
    "mode": "Server-to-server",
    "bucketName": "delivered",
    "path": "exports/",
    "datasetFileType": "PARQUET",
    "compression": "NONE",
}
SCHEDULE = {"interval": 3, "timeUnit": "hour", "startTime": 1798765200}


def uuid(number: int) -> str:
    return f"00000000-0000-0000-0000-{number:012x}"


def marked(kind: ResourceKind, delivery_id: str = "prod/other") -> str:
    return OwnerMarker(owner="the-stack", delivery_id=delivery_id, kind=kind).describe("Theirs")


class Adobe:
    """What Flow Service answers to reads; there is nothing here to write with."""

    def __init__(self) -> None:
        self.flows: list[Dataflow] = []
        self.sources: dict[str, SourceConnection] = {}
        self.targets: dict[str, TargetConnection] = {}
        self.connections: dict[str, Connection] = {uuid(1): Connection(id=uuid(1))}

    def add(
        self,
        name: str = "Planes",
        *,
        params: dict[str, Any] | None = None,
        schedule: dict[str, Any] | None = None,
        source: dict[str, Any] | None = None,
        target: dict[str, Any] | None = None,
        **flow: Any,
    ) -> str:
        """A dataflow with its connections; returns its id."""
        number = 16 * (len(self.flows) + 1)
        ids = uuid(number), uuid(number + 1), uuid(number + 2)
        listed = {"datasets": [{"dataSetId": "5ef3e324052581191aa6a466", "name": "Planes"}]}
        self.sources[ids[1]] = SourceConnection.model_validate(
            {"id": ids[1], "name": "In", "params": listed, **(source or {})}
        )
        self.targets[ids[2]] = TargetConnection.model_validate(
            {
                "id": ids[2],
                "name": "Out",
                "baseConnectionId": uuid(1),
                "params": {**PARAMS, **(params or {})},
                **(target or {}),
            }
        )
        body = {
            "id": ids[0],
            "name": name,
            "state": "enabled",
            "flowSpec": {"id": DATASETS_SPEC, "version": "1.0"},
            "sourceConnectionIds": [ids[1]],
            "targetConnectionIds": [ids[2]],
            "scheduleParams": {**SCHEDULE, **(schedule or {})},
        }
        self.flows.append(Dataflow.model_validate({**body, **flow}))
        return ids[0]

    def find_dataflows(self) -> Iterator[Dataflow]:
        return iter(self.flows)

    def get_source_connection(self, entity_id: str) -> SourceConnection:
        return _there(self.sources, entity_id)

    def get_target_connection(self, entity_id: str) -> TargetConnection:
        return _there(self.targets, entity_id)

    def get_connection(self, entity_id: str) -> Connection:
        return _there(self.connections, entity_id)

    def server_time(self) -> datetime:
        return NOW

    def found(self, matching: str = "") -> list[Adoptable | NotAdoptable]:
        return [*find_adoptable(cast("FlowService", self), "prod", matching=matching)]

    def config(self) -> dict[str, Any]:
        (found,) = self.found()
        assert isinstance(found, Adoptable), found
        return found.config

    def reason(self) -> str:
        (found,) = (one for one in self.found() if isinstance(one, NotAdoptable))
        return found.reason


def _there(entities: dict[str, T], entity_id: str) -> T:
    if entity_id not in entities:
        problem = AdobeProblem(shape="H", http_status=404, code=None, message="nothing")
        raise EntityNotFoundError("nothing", code="adobe.entity-not-found", problem=problem, place=entity_id)
    return entities[entity_id]


@pytest.fixture
def adobe() -> Adobe:
    return Adobe()


def test_config_says_what_is_there_and_nothing_more(adobe: Adobe) -> None:
    flow = adobe.add("Planes, daily")

    assert adobe.config() == {
        "version": 1,
        "name": "planes-daily",
        "sandbox": "prod",
        "adopt": {"dataflow": flow},
        "names": {"sourceConnection": "In", "targetConnection": "Out", "dataflow": "Planes, daily"},
        "destination": {
            "type": "amazon-s3",
            "auth": {"type": "existing-connection", "baseConnectionId": uuid(1)},
            "bucketName": "delivered",
            "path": "exports",
            "datasetFileType": "PARQUET",
            "compression": "NONE",
        },
        "datasets": [{"id": "5ef3e324052581191aa6a466"}],
        "scheduleParams": {
            "exportMode": "FIRST_FULL_THEN_INCREMENTAL",
            "interval": 3,
            "timeUnit": "hour",
            "startTime": "2027-01-01T01:00:00Z",
        },
    }


@pytest.mark.parametrize(
    ("schedule", "written"),
    [
        ({"endTime": 1814317200}, {"endTime": "2027-06-30T01:00:00Z"}),
        ({"endTime": None}, {}),
        ({"foldernameTemplate": "%DATASET_ID%"}, {"foldernameTemplate": "%DATASET_ID%"}),
        (
            {"exportMode": "DAILY_FULL_EXPORT", "interval": 0, "timeUnit": "day"},
            {"exportMode": "DAILY_FULL_EXPORT", "interval": 0, "timeUnit": "day"},
        ),
        ({"createTime": 1675901210}, {}),
    ],
)
def test_every_form_of_schedule(adobe: Adobe, schedule: dict[str, Any], written: dict[str, Any]) -> None:
    adobe.add()
    plain = adobe.config()["scheduleParams"]
    adobe.flows.clear()
    adobe.add(schedule=schedule)

    assert adobe.config()["scheduleParams"] == {**plain, **written}


@pytest.mark.parametrize(
    ("params", "written"),
    [
        ({"includeFileManifest": True}, {"includeFileManifest": True}),
        ({"includeFileManifest": False}, {}),
        ({"datasetFileType": "JSON"}, {"datasetFileType": "JSON", "allowUncompressedJson": True}),
        ({"datasetFileType": "JSON", "compression": "GZIP"}, {"datasetFileType": "JSON", "compression": "GZIP"}),
        ({"path": "a/b//"}, {"path": "a/b"}),
    ],
)
def test_every_form_of_target(adobe: Adobe, params: dict[str, Any], written: dict[str, Any]) -> None:
    adobe.add()
    plain = adobe.config()["destination"]
    adobe.flows.clear()
    adobe.add(params=params)

    assert adobe.config()["destination"] == {**plain, **written}


@pytest.mark.parametrize(
    ("flow", "reason"),
    [
        ({"description": marked(ResourceKind.DATAFLOW)}, "is managed already, as prod/other by the-stack"),
        ({"state": "disabled"}, "is disabled; applying a config would enable it"),
        ({"state": "delete-finalizing"}, "is delete-finalizing; applying a config would enable it"),
        ({"sourceConnectionIds": []}, "has not exactly one source and one target connection"),
        ({"targetConnectionIds": [uuid(7), uuid(8)]}, "has not exactly one source and one target connection"),
        ({"sourceConnectionIds": [uuid(7)]}, f"refers to a connection that is not there: {uuid(7)}"),
        ({"targetConnectionIds": [uuid(7)]}, f"refers to a connection that is not there: {uuid(7)}"),
        ({"target": {"baseConnectionId": uuid(7)}}, f"refers to a connection that is not there: {uuid(7)}"),
        ({"target": {"baseConnectionId": None}}, "has a target connection without a base connection"),
        ({"target": {"name": None}}, "has a target connection without a name"),
        (
            {"source": {"description": marked(ResourceKind.SOURCE_CONNECTION)}},
            "has a source connection that is managed already, as prod/other by the-stack",
        ),
        ({"source": {"params": None}}, "has settings that a config cannot hold: datasets"),
        ({"params": {"path": "/"}}, "has settings that a config cannot hold: destination.path"),
        ({"params": {"compression": "ZIP"}}, "has settings that a config cannot hold: destination.compression"),
        ({"schedule": {"interval": 8}}, "has settings that a config cannot hold: scheduleParams.interval"),
        (
            {"schedule": {"startTime": 1798765200000}},
            "has settings that a config cannot hold: scheduleParams.startTime",
        ),
        ({"schedule": {"startTime": "1798765200"}}, "has settings that a config cannot hold: scheduleParams.startTime"),
        (
            {"schedule": {"startTime": 1788765200, "endTime": 1798761600}},
            "has settings that a config cannot hold: The schedule ended at 2027-01-01 00:00 UTC.",
        ),
    ],
)
def test_what_a_config_cannot_describe_is_left_alone_with_a_reason(
    adobe: Adobe, flow: dict[str, Any], reason: str
) -> None:
    adobe.add(**flow)

    assert adobe.reason() == reason


@pytest.mark.parametrize("spec", [DATASETS_SPEC, AUDIENCES_SPEC])
def test_connection_that_another_dataflow_uses_is_not_taken(adobe: Adobe, spec: str) -> None:
    flow = adobe.add()
    other = adobe.add(
        "Another", sourceConnectionIds=adobe.flows[0].source_connection_ids, flowSpec={"id": spec, "version": "1.0"}
    )

    found = {one.flow_id: one for one in adobe.found()}

    taken = found[flow]
    assert isinstance(taken, NotAdoptable)
    assert taken.reason == f"shares its source connection with the dataflow {other}"
    assert isinstance(found[other], NotAdoptable)


def test_dataflows_to_destinations_that_are_not_in_the_catalogue_are_not_looked_at(adobe: Adobe) -> None:
    adobe.add(flowSpec={"id": uuid(99), "version": "1.0"})

    assert adobe.found() == []


def test_filter_is_by_part_of_the_name_in_any_case_and_changes_no_name(adobe: Adobe) -> None:
    for name in ("Planes", "planes", "Airports"):
        adobe.add(name)

    assert [one.flow_name for one in adobe.found("AIR")] == ["Airports"]
    everything = {one.flow_id: one for one in adobe.found()}
    assert {one.flow_id: one for one in adobe.found("p")} == everything
    (second,) = (one for one in adobe.found("planes") if one.flow_name == "planes")
    assert second == everything[second.flow_id]


def test_name_of_a_delivery_that_is_there_already_is_not_taken(adobe: Adobe) -> None:
    adobe.add("Planes")
    adobe.add("Something else", description=marked(ResourceKind.DATAFLOW, "prod/planes"))

    (found,) = (one for one in adobe.found() if isinstance(one, Adoptable))

    assert found.name == "planes-2"


@given(
    names=st.lists(
        st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=255), min_size=1, max_size=5
    )
)
def test_every_name_gives_a_config_and_no_two_the_same(names: list[str]) -> None:
    adobe = Adobe()
    for name in [*names, *names]:
        adobe.add(name)

    configs = [DeliveryConfig.from_document(one.config) for one in adobe.found() if isinstance(one, Adoptable)]

    assert len({config.name for config in configs}) == len(adobe.flows)
