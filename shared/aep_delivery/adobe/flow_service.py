"""Adobe's Flow Service: base, source and target connections, dataflows and their runs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from http import HTTPStatus
from typing import TypeVar
from urllib.parse import quote

from pydantic import ValidationError

from aep_delivery.adobe.answers import items_of, json_object, read_model
from aep_delivery.adobe.endpoints import FLOW_SERVICE
from aep_delivery.adobe.errors import AdobeProblem, AdobeTransientError, EntityNotFoundError, OutcomeUnknownError
from aep_delivery.adobe.models import (
    Answer,
    Connection,
    Created,
    Dataflow,
    Entity,
    Run,
    SourceConnection,
    Specification,
    TargetConnection,
)
from aep_delivery.adobe.paging import pages
from aep_delivery.adobe.patches import JsonPatchOperation
from aep_delivery.adobe.request_model import RequestModel
from aep_delivery.adobe.requests import (
    NewBaseConnection,
    NewDataflow,
    NewFirstGenerationBaseConnection,
    NewFirstGenerationProfileSource,
    NewFirstGenerationTargetConnection,
    NewProfileSource,
    NewSourceConnection,
    NewTargetConnection,
)
from aep_delivery.adobe.transport import AdobeTransport

A = TypeVar("A", bound=Answer)
E = TypeVar("E", bound=Entity)

_CONNECTIONS = "/connections"
_SOURCE_CONNECTIONS = "/sourceConnections"
_TARGET_CONNECTIONS = "/targetConnections"
_FLOWS = "/flows"
_RUNS = "/runs"
_SERVER_TIME_GOOD_FOR = 60.0


class FlowService:
    """Flow Service of one sandbox.

    Every method may raise what :meth:`AdobeTransport.request` raises; a read of what does not exist raises
    :class:`EntityNotFoundError`. What a write answered says little (202 without a body, 204, 200 with a tag that is
    stale a moment later), so a patch returns nothing: read the entity to learn its state.

    Args:
        transport: The way to Adobe.
    """

    def __init__(self, transport: AdobeTransport) -> None:
        self._transport = transport

    # Creating. None of these is safe to repeat: OutcomeUnknownError means, look before creating again.

    def create_connection(self, body: NewBaseConnection | NewFirstGenerationBaseConnection) -> Created:
        """Create a base connection."""
        return self._create(_CONNECTIONS, body)

    def create_source_connection(
        self, body: NewSourceConnection | NewProfileSource | NewFirstGenerationProfileSource
    ) -> Created:
        """Create a source connection."""
        return self._create(_SOURCE_CONNECTIONS, body)

    def create_target_connection(self, body: NewTargetConnection | NewFirstGenerationTargetConnection) -> Created:
        """Create a target connection."""
        return self._create(_TARGET_CONNECTIONS, body)

    def create_dataflow(self, body: NewDataflow) -> Created:
        """Create a dataflow; it is enabled at once."""
        return self._create(_FLOWS, body)

    # Reading one

    def get_connection(self, connection_id: str) -> Connection:
        """Read a base connection."""
        return self._get(_CONNECTIONS, connection_id, Connection)

    def get_source_connection(self, connection_id: str) -> SourceConnection:
        """Read a source connection."""
        return self._get(_SOURCE_CONNECTIONS, connection_id, SourceConnection)

    def get_target_connection(self, connection_id: str) -> TargetConnection:
        """Read a target connection."""
        return self._get(_TARGET_CONNECTIONS, connection_id, TargetConnection)

    def get_dataflow(self, flow_id: str) -> Dataflow:
        """Read a dataflow."""
        return self._get(_FLOWS, flow_id, Dataflow)

    def get_run(self, run_id: str) -> Run:
        """Read a run."""
        return self._get(_RUNS, run_id, Run)

    def connection_spec(self, spec_id: str) -> Specification:
        """Read a connection specification."""
        return self._get("/connectionSpecs", spec_id, Specification)

    def flow_spec(self, spec_id: str) -> Specification:
        """Read a flow specification."""
        return self._get("/flowSpecs", spec_id, Specification)

    def find_flow_specs(self, name: str) -> Iterator[Specification]:
        """Flow specifications of this name, all pages. Adobe documents no filter for them."""
        for page in pages(self._transport, "/flowSpecs"):
            for item in page:
                spec = read_model(Specification, item, place="GET /flowSpecs")
                if spec.name == name:
                    yield spec

    # Finding. Names are not unique in Adobe: several may come back.

    def find_connections(
        self, *, name: str | None = None, connection_spec_id: str | None = None
    ) -> Iterator[Connection]:
        """Base connections by name and connection specification, all pages."""
        found = self._find(_CONNECTIONS, Connection, {"name": _sole(name), "connectionSpec.id": connection_spec_id})
        return _named(found, name)

    def find_source_connections(self, *, connection_spec_id: str | None = None) -> Iterator[SourceConnection]:
        """Source connections by connection specification, all pages. Adobe can't filter them by name."""
        return self._find(_SOURCE_CONNECTIONS, SourceConnection, {"connectionSpec.id": connection_spec_id})

    def find_target_connections(
        self, *, base_connection_id: str | None = None, connection_spec_id: str | None = None
    ) -> Iterator[TargetConnection]:
        """Target connections by base connection and connection specification, all pages. Not by name, either."""
        filters = {"baseConnectionId": base_connection_id, "connectionSpec.id": connection_spec_id}
        return self._find(_TARGET_CONNECTIONS, TargetConnection, filters)

    def find_dataflows(
        self,
        *,
        name: str | None = None,
        flow_spec_id: str | None = None,
        source_connection_id: str | None = None,
        target_connection_id: str | None = None,
    ) -> Iterator[Dataflow]:
        """Dataflows by name, flow specification and connections, all pages."""
        filters = {
            "name": _sole(name),
            "flowSpec.id": flow_spec_id,
            "sourceConnectionIds[]": source_connection_id,
            "targetConnectionIds[]": target_connection_id,
        }
        return _named(self._find(_FLOWS, Dataflow, filters), name)

    # Changing

    def patch_connection(self, connection_id: str, operations: Sequence[JsonPatchOperation], etag: str) -> None:
        """Change a base connection. Replacing ``/auth/params`` replaces all of them."""
        self._patch(_CONNECTIONS, connection_id, operations, etag)

    def patch_source_connection(self, connection_id: str, operations: Sequence[JsonPatchOperation], etag: str) -> None:
        """Change a source connection; its datasets can't be changed."""
        self._patch(_SOURCE_CONNECTIONS, connection_id, operations, etag)

    def patch_target_connection(self, connection_id: str, operations: Sequence[JsonPatchOperation], etag: str) -> None:
        """Change a target connection."""
        self._patch(_TARGET_CONNECTIONS, connection_id, operations, etag)

    def patch_dataflow(self, flow_id: str, operations: Sequence[JsonPatchOperation], etag: str) -> None:
        """Change a dataflow. Adobe says yes first and works afterwards: see ``last_operation`` of the dataflow."""
        self._patch(_FLOWS, flow_id, operations, etag)

    def set_dataflow_state(self, flow_id: str, enable: bool) -> None:  # noqa: FBT001 - the second half of the name
        """Enable or disable a dataflow."""
        # Takes no If-Match, and doing it twice comes to the same.
        self._transport.request(
            "POST",
            _path(_FLOWS, flow_id, "action"),
            params=[("op", "enable" if enable else "disable")],
            repeatable=True,
        )

    # Removing. What is gone already, or on its way, is fine.

    def delete_connection(self, connection_id: str) -> None:
        """Delete a base connection. Adobe refuses while something uses it."""
        self._delete(_CONNECTIONS, connection_id)

    def delete_source_connection(self, connection_id: str) -> None:
        """Delete a source connection."""
        self._delete(_SOURCE_CONNECTIONS, connection_id)

    def delete_target_connection(self, connection_id: str) -> None:
        """Delete a target connection."""
        self._delete(_TARGET_CONNECTIONS, connection_id)

    def delete_dataflow(self, flow_id: str) -> None:
        """Delete a dataflow; Adobe takes a while, it is gone when reading it finds nothing."""
        self._delete(_FLOWS, flow_id)

    # Further

    def test_connection(self, connection_id: str) -> bool:
        """Whether Adobe gets into the storage. Wrong credentials are a plain ``{"result": false}``, no error."""
        path = _path(_CONNECTIONS, connection_id, "test")
        body = json_object(self._transport.request("GET", path), place=f"GET {_CONNECTIONS}/{connection_id}/test")
        return body.get("result") is True

    def runs(self, flow_id: str, created_after: datetime | None = None) -> list[Run]:
        """The runs of a dataflow, newest first.

        Args:
            flow_id: The dataflow.
            created_after: Only runs created at this moment or later, by Adobe's clock.
        """
        filters = [("property", f"flowId=={flow_id}"), ("orderby", "-createdAt")]
        found: list[Run] = []
        for page in pages(self._transport, _RUNS, filters):
            runs = [read_model(Run, item, place=f"GET {_RUNS}") for item in page]
            recent = [run for run in runs if _not_before(run, created_after)]
            found += recent
            if runs and not recent:
                break
        return sorted(found, key=lambda run: run.created_at or 0, reverse=True)

    def server_time(self) -> datetime:
        """Adobe's clock, not older than a minute; costs one small call where nothing was answered lately."""
        clock = self._transport.clock
        seen = self._transport.answered_at
        if seen is None or abs((clock.now() - seen).total_seconds()) > _SERVER_TIME_GOOD_FOR:
            self._transport.request("GET", FLOW_SERVICE + _FLOWS, params=[("limit", "1")])
        return self._transport.server_time() or clock.now()

    def _create(self, path: str, body: RequestModel) -> Created:
        response = self._transport.request("POST", FLOW_SERVICE + path, json=body.body())
        try:
            return Created.model_validate_json(response.content)
        except ValidationError:
            problem = AdobeProblem(
                shape="H", http_status=response.status_code, code=None, message="an answer without an id"
            )
        raise OutcomeUnknownError(
            f"Adobe took POST {path} and answered without an id; something may have been created.",
            problem=problem,
            place=f"POST {path}",
        )

    def _get(self, path: str, entity_id: str, model: type[A]) -> A:
        place = f"GET {path}/{entity_id}"
        items = items_of(json_object(self._transport.request("GET", _path(path, entity_id)), place=place), place=place)
        if not items:
            raise EntityNotFoundError(
                f"Adobe has nothing at {path}/{entity_id} in sandbox {self._transport.sandbox}.",
                code="adobe.entity-not-found",
                problem=AdobeProblem(shape="H", http_status=HTTPStatus.OK, code=None, message="an empty list of items"),
                place=place,
            )
        return read_model(model, items[0], place=place)

    def _find(self, path: str, model: type[E], filters: dict[str, str | None]) -> Iterator[E]:
        params = [("property", f"{name}=={value}") for name, value in filters.items() if value is not None]
        for page in pages(self._transport, path, params):
            for item in page:
                yield read_model(model, item, place=f"GET {path}")

    def _patch(self, path: str, entity_id: str, operations: Sequence[JsonPatchOperation], etag: str) -> None:
        body = [operation.body() for operation in operations]
        self._transport.request("PATCH", _path(path, entity_id), json=[*body], etag=etag)

    def _delete(self, path: str, entity_id: str) -> None:
        # Its reads lag behind its writes: one 404 does not yet say that there is nothing to delete.
        for _ in range(2):
            try:
                self._transport.request("DELETE", _path(path, entity_id))
            except EntityNotFoundError:
                continue
            except AdobeTransientError as error:
                # A repeated DELETE finds the first one at work.
                if error.code != "adobe.being-deleted":
                    raise
            return


def _path(collection: str, entity_id: str, *rest: str) -> str:
    """The path of one entity. An empty id would address the whole collection."""
    if not entity_id.strip() or entity_id in {".", ".."}:
        raise ValueError(f"an id is needed below {collection}")
    return "/".join([FLOW_SERVICE + collection, quote(entity_id, safe=""), *rest])


def _sole(name: str | None) -> str | None:
    """A name to filter by; None for one with a comma, which to Adobe means "or"."""
    return None if name is None or "," in name else name


def _named(entities: Iterator[E], name: str | None) -> Iterator[E]:
    """Those of exactly this name, whatever Adobe makes of the filter."""
    return (entity for entity in entities if name is None or entity.name == name)


def _not_before(run: Run, moment: datetime | None) -> bool:
    return moment is None or (run.created is not None and run.created >= moment)
