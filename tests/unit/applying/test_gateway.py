from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, cast

import pytest

from aep_delivery.adobe.errors import AdobeProblem, EntityNotFoundError
from aep_delivery.adobe.flow_service import FlowService
from aep_delivery.adobe.models import Dataflow
from aep_delivery.adobe.requests import JsonPatchOperation, NewBaseConnection
from aep_delivery.applying.gateway import OPERATION_POLLS, ResourceGateway
from aep_delivery.runtime.clock import FixedClock
from aep_delivery.runtime.errors import InternalError, TransientError
from aep_delivery.state.records import ResourceKind
from tests.unit.planning.declarations import declaration

CANARY = "canary/S3secret+0123456789012345678901ab"
AUTH = {"specName": "Access Key", "params": {"s3AccessKey": "AKIAIOSFODNN7EXAMPLE", "s3SecretKey": CANARY}}
GONE = EntityNotFoundError(
    "gone",
    code="adobe.entity-not-found",
    problem=AdobeProblem(shape="H", http_status=404, code=None, message="gone"),
)


class FakeFlows:
    """Answers reads of one dataflow from a script; the last answer repeats."""

    def __init__(self, *answers: dict[str, Any] | Exception) -> None:
        self._answers = [*answers]
        self.sent: list[Any] = []

    def get_dataflow(self, flow_id: str) -> Dataflow:
        answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        if isinstance(answer, Exception):
            raise answer
        return Dataflow.model_validate({"id": flow_id, "etag": '"1"', **answer})

    def create_connection(self, body: NewBaseConnection) -> Any:
        self.sent.append(body)
        return Dataflow(id="new")

    def __getattr__(self, name: str) -> Any:
        return lambda *args: self.sent.append((name, *args))


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(datetime(2027, 1, 1, tzinfo=UTC))


def gateway(clock: FixedClock, flows: FakeFlows, kind: ResourceKind = ResourceKind.DATAFLOW) -> ResourceGateway:
    return ResourceGateway(kind, cast("FlowService", flows), clock, auth=AUTH)


def operation(percent: int | None, value: str | None = None, *errors: dict[str, str]) -> dict[str, Any]:
    status = {"value": value, "errors": [*errors]}
    return {"lastOperation": {"operation": "update", "percentCompleted": percent, "status": status}}


@pytest.mark.parametrize(
    ("answers", "looks"),
    [
        ([{}], 1),
        ([{"lastOperation": None}], 1),
        ([operation(100, "completed")], 1),
        ([operation(0, "inProgress"), operation(50, "inProgress"), operation(100, "completed")], 3),
        ([operation(None, "inProgress"), operation(None, "completed")], 2),
        # A read may be behind the write it follows.
        ([GONE, operation(100, "completed")], 2),
    ],
)
def test_settled_waits_for_the_operation(
    clock: FixedClock, answers: list[dict[str, Any] | Exception], looks: int
) -> None:
    assert gateway(clock, FakeFlows(*answers)).settled("f-1").id == "f-1"
    assert len(clock.slept) == looks - 1


def test_operation_that_takes_too_long_is_for_the_workflow_to_wait_for(clock: FixedClock) -> None:
    with pytest.raises(TransientError) as caught:
        gateway(clock, FakeFlows(operation(50, "inProgress"))).settled("f-1")

    assert caught.value.code == "adobe.operation-pending"
    assert len(clock.slept) == OPERATION_POLLS - 1


def test_failed_operation_is_told_with_adobes_words(clock: FixedClock) -> None:
    flows = FakeFlows(operation(100, "failed", {"code": "FLOW-1", "message": "No"}, {"message": "Never"}, {}))
    with pytest.raises(InternalError) as caught:
        gateway(clock, flows).settled("f-1")

    assert caught.value.code == "adobe.operation-failed"
    assert caught.value.details == ["FLOW-1: No", "Never", "unspecified"]


def test_failure_of_an_earlier_operation_does_not_stop_the_next(clock: FixedClock) -> None:
    flows = FakeFlows(operation(50, "inProgress"), operation(100, "failed", {"code": "FLOW-1"}))
    assert gateway(clock, flows).idle("f-1").id == "f-1"


def test_credentials_are_sent_and_shown_nowhere(clock: FixedClock) -> None:
    flows = FakeFlows({})
    base = gateway(clock, flows, ResourceKind.BASE_CONNECTION)

    base.create(declaration().base_connection())
    base.patch("b-1", [base.rotation()], '"1"')

    created, (_, _, operations, _) = flows.sent
    assert created.body()["auth"]["params"]["s3SecretKey"] == CANARY
    assert operations[0].body()["value"] == AUTH["params"]
    assert isinstance(operations[0], JsonPatchOperation)
    assert CANARY not in repr(flows.sent)


def test_rotation_without_credentials_is_a_defect(clock: FixedClock) -> None:
    bare = ResourceGateway(ResourceKind.DATAFLOW, cast("FlowService", FakeFlows({})), clock)
    with pytest.raises(InternalError, match="has no credentials"):
        bare.rotation()


@pytest.mark.parametrize(
    ("kind", "collection"),
    [
        (ResourceKind.BASE_CONNECTION, "connection"),
        (ResourceKind.SOURCE_CONNECTION, "source_connection"),
        (ResourceKind.TARGET_CONNECTION, "target_connection"),
        (ResourceKind.DATAFLOW, "dataflow"),
    ],
)
def test_each_kind_has_its_own_calls(clock: FixedClock, kind: ResourceKind, collection: str) -> None:
    flows = FakeFlows({})
    one = gateway(clock, flows, kind)

    one.patch("x-1", [{"op": "replace", "path": "/name", "value": "n"}], '"1"')
    one.delete("x-1")

    assert [sent[0] for sent in flows.sent] == [f"patch_{collection}", f"delete_{collection}"]


def test_one_404_does_not_prove_that_an_entity_is_gone(clock: FixedClock) -> None:
    behind = ResourceGateway(
        ResourceKind.DATAFLOW, cast("FlowService", FakeFlows(GONE, {"state": "enabled"}, GONE)), clock
    )
    assert behind.get_surely("f1") is not None
    assert behind.get_surely("f1") is None
