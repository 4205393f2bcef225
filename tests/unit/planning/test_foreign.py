from __future__ import annotations

from typing import Any, cast

import pytest

from aep_delivery.adobe.errors import AdobeProblem, EntityNotFoundError
from aep_delivery.adobe.flow_service import FlowService
from aep_delivery.adobe.models import Connection
from aep_delivery.planning.foreign import adopted_dataflow, connections_of, used_base_connection
from aep_delivery.planning.live import LiveResource
from aep_delivery.planning.plan import PlannedAction
from aep_delivery.runtime.errors import UserError
from aep_delivery.state.records import ResourceKind
from tests.unit.planning.declarations import config

SOURCE, TARGET = ResourceKind.SOURCE_CONNECTION, ResourceKind.TARGET_CONNECTION
FLOW_ID = "9f7d37fd-7039-4454-94ef-2b0cd6c3206a"
THEIRS = "25768be6-ebd5-45cc-8913-12fb3f348613"
USING = config(destination={"auth": {"type": "existing-connection", "baseConnectionId": THEIRS}})


class OneConnection:
    """Flow Service with one base connection, if any."""

    def __init__(self, connection: Connection | None) -> None:
        self._connection = connection

    def get_connection(self, connection_id: str) -> Connection:
        if self._connection is None or self._connection.id != connection_id:
            problem = AdobeProblem(shape="H", http_status=404, code=None, message="gone")
            raise EntityNotFoundError("gone", code="adobe.entity-not-found", problem=problem)
        return self._connection

    get_source_connection = get_target_connection = get_dataflow = None


def adobe(connection: Connection | None) -> FlowService:
    return cast("FlowService", OneConnection(connection))


def test_only_what_the_config_says_is_adopted() -> None:
    assert adopted_dataflow(config()) == {}
    assert adopted_dataflow(config(adopt={"dataflow": FLOW_ID})) == {ResourceKind.DATAFLOW: FLOW_ID}


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ({"sourceConnectionIds": ["s"], "targetConnectionIds": ["t"]}, {SOURCE: "s", TARGET: "t"}),
        ({"sourceConnectionIds": ["s"]}, {SOURCE: "s"}),
        ({"sourceConnectionIds": None, "targetConnectionIds": ["t"]}, {TARGET: "t"}),
        ({"sourceConnectionIds": ["s", "s2"], "targetConnectionIds": ["t", "t2"]}, {}),
        ({}, {}),
    ],
)
def test_with_a_dataflow_go_the_connections_that_it_has_one_of(
    body: dict[str, Any], found: dict[ResourceKind, str]
) -> None:
    assert connections_of(LiveResource(id="f", etag="", body=body)) == found


@pytest.mark.parametrize("name", ["Theirs", None])
def test_a_base_connection_of_somebody_elses_is_used_and_nothing_more(name: str | None) -> None:
    used = used_base_connection(USING, adobe(Connection(id=THEIRS, name=name)))

    assert used is not None
    assert (used.kind, used.action) == (ResourceKind.BASE_CONNECTION, PlannedAction.USE)
    assert (used.id, used.name) == (THEIRS, name or "")
    assert not used.does_something


def test_where_the_config_brings_its_own_none_is_looked_for() -> None:
    assert used_base_connection(config(), adobe(None)) is None


def test_a_base_connection_that_is_not_there_is_told_by_the_line_of_the_config() -> None:
    with pytest.raises(UserError) as caught:
        used_base_connection(USING, adobe(None))

    document = caught.value.document()
    assert (document.code, document.place) == ("destination.connection-not-found", "destination.auth.baseConnectionId")
    assert THEIRS in document.message
    assert document.hint
