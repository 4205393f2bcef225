from __future__ import annotations

from datetime import UTC, datetime

import pytest

from aep_delivery.adobe.answers import json_object, read_model
from aep_delivery.adobe.errors import AdobeInternalError
from aep_delivery.adobe.models import (
    Answer,
    Connection,
    Created,
    Dataflow,
    ExportableDataset,
    Run,
    SourceConnection,
    TargetConnection,
)

CANARY = "canary-secret"
FLOW = {
    "id": "f1",
    "createdAt": 1640016962000,
    "updatedAt": 1640016962001,
    "sandboxName": "prod",
    "name": "flow",
    "description": "words",
    "flowSpec": {"id": "269ba276", "version": "1.0"},
    "state": "enabled",
    "version": '"v1"',
    "etag": '"e1"',
    "sourceConnectionIds": ["s1"],
    "targetConnectionIds": ["t1"],
    "inheritedAttributes": {"targetConnections": [{"baseConnection": {"auth": {"params": {"x": CANARY}}}}]},
    "transformations": [],
    "scheduleParams": {"interval": 3},
    "lastOperation": {
        "percentCompleted": 50,
        "status": {"value": "inProgress", "errors": [{"code": "X-1", "message": "no"}]},
        "operation": "update",
    },
    "lastRunDetails": {"id": "r", "state": "success"},
}


def test_a_dataflow_in_full() -> None:
    flow = Dataflow.model_validate(FLOW)

    assert (flow.name, flow.state, flow.flow_spec_id, flow.etag) == ("flow", "enabled", "269ba276", '"e1"')
    assert flow.source_connection_ids == ["s1"]
    assert flow.schedule_params == {"interval": 3}
    assert flow.created == datetime(2021, 12, 20, 16, 16, 2, tzinfo=UTC)
    assert flow.last_operation is not None
    assert flow.last_operation.percent_completed == 50
    assert flow.last_operation.status is not None
    assert [error.text for error in flow.last_operation.status.errors or []] == ["X-1: no"]


@pytest.mark.parametrize("model", [Connection, SourceConnection, TargetConnection, Dataflow, Run, Created])
def test_an_id_is_all_an_entity_needs(model: type[Created]) -> None:
    assert model.model_validate({"id": "1", "newField": {"a": [1]}}).etag is None


def test_t14_a_tag_is_normalised_wherever_it_comes_from() -> None:
    assert Created.model_validate({"id": "1", "etag": "bare"}).etag == '"bare"'
    assert Created.model_validate({"id": "1", "etag": ""}).etag is None
    assert Connection.model_validate({"id": "1", "version": '\\"v\\"'}).etag == '"v"'


def test_credentials_in_an_answer_are_dropped() -> None:
    entity = {"id": "1", "auth": {"specName": "Access Key", "params": {"s3AccessKey": CANARY, "x": CANARY}}}

    for model in (Connection.model_validate(entity), Dataflow.model_validate(FLOW)):
        assert CANARY not in f"{model!r} {model.model_dump_json()} {model.model_extra}"


def test_the_datasets_of_a_source_connection() -> None:
    source = SourceConnection.model_validate(
        {"id": "1", "params": {"datasets": [{"dataSetId": "a", "name": "A"}, {"odd": 1}, "odd", {"dataSetId": "b"}]}}
    )

    assert source.dataset_ids == ["a", "b"]
    assert SourceConnection(id="1").dataset_ids == []


def test_the_format_of_a_dataset_is_optional() -> None:
    listed = ExportableDataset.model_validate({"id": "1", "name": "n", "fileDescription": {"format": "parquet"}})

    assert listed.format == "parquet"
    assert ExportableDataset(id="1", name="n").format is None


def test_an_answer_that_does_not_fit_is_named_and_not_quoted() -> None:
    with pytest.raises(AdobeInternalError) as caught:
        read_model(Dataflow, {"id": "1", "flowSpec": CANARY, "createdAt": CANARY}, place="GET /flows/1")

    error = caught.value
    assert error.code == "adobe.answer-unreadable"
    assert "createdAt, flowSpec" in error.message
    assert CANARY not in error.document().model_dump_json()
    assert error.__context__ is None


@pytest.mark.parametrize("content", [b"", b"<html>", b"[]", b"null", b"[" * 100_000])
def test_an_answer_that_is_no_object_is_an_error(content: bytes) -> None:
    import httpx

    with pytest.raises(AdobeInternalError):
        json_object(httpx.Response(200, content=content), place="GET /x")


def test_every_answer_tolerates_new_fields() -> None:
    assert Answer.model_config["extra"] == "allow"
