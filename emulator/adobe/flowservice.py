"""The Flow Service's endpoints: connections, source and target connections, flows, runs and specs."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from emulator.adobe import gateway, paging, patching, problems, transformations
from emulator.adobe.entities import KINDS, SERVICE_USER, Entity, Operation, Sandbox
from emulator.adobe.http import Call, Json, Reply
from emulator.adobe.specs import DATA_LAKE
from emulator.adobe.world import World

BASE = "/data/foundation/flowservice"
_IF_MATCH = re.compile(r'"[^"\\]+"')


class FlowService:
    """Answers calls whose headers the gateway has let pass. Every refusal is a :class:`Problem`."""

    def __init__(self, world: World) -> None:
        self._world = world

    def handle(self, call: Call, sandbox: Sandbox) -> Reply:  # noqa: PLR0911  a table of routes
        parts = call.path.removeprefix(BASE).strip("/").split("/")
        if call.method == "GET" and parts[0] == "connections" and parts[2:] == ["test"]:
            return self._test(sandbox, parts[1])
        with self._world.lock:
            match call.method, parts:
                case "GET", [kind] if kind in KINDS:
                    return paging.listing(kind, self._views(sandbox, kind), call)
                case "POST", [kind] if kind in KINDS:
                    return self._create(sandbox, kind, call)
                case "GET", [kind, entity_id] if kind in KINDS:
                    entity = self._entity(sandbox, kind, entity_id)
                    return Reply(200, {"items": [self._world.view(entity, sandbox)]})
                case "PATCH", [kind, entity_id] if kind in KINDS:
                    return self._patch(sandbox, self._entity(sandbox, kind, entity_id), call)
                case "DELETE", [kind, entity_id] if kind in KINDS:
                    return self._delete(sandbox, self._entity(sandbox, kind, entity_id))
                case "POST", ["flows", flow_id, "action"]:
                    return self._act(sandbox, self._entity(sandbox, "flows", flow_id), call)
                case _, ["runs", *rest]:
                    return self._runs(sandbox, call, rest)
                case "GET", ["connectionSpecs" | "flowSpecs" as kind, *rest]:
                    return self._spec(sandbox, kind, call, rest)
        raise problems.empty(404)

    def _views(self, sandbox: Sandbox, kind: str) -> list[Json]:
        return [self._world.view(entity, sandbox) for entity in sandbox.entities[kind].values()]

    def _entity(self, sandbox: Sandbox, kind: str, entity_id: str) -> Entity:
        entity = sandbox.entities[kind].get(entity_id)
        if entity is None:
            raise problems.not_found(kind, entity_id)
        return entity

    def _create(self, sandbox: Sandbox, kind: str, call: Call) -> Reply:
        world = self._world
        document = gateway.json_object(call)
        world.validator.check(kind, document, sandbox)
        entity = sandbox.create(kind, document, world.user)
        body = {"id": entity.id, "etag": entity.etag}
        if kind == "flows":
            entity.document = transformations.complete(None, document, entity.created_at)
            # A slot in the very second of the creation still counts.
            entity.settled_until = entity.created_at.replace(microsecond=0) - timedelta(microseconds=1)
            self._finish_later(
                sandbox, entity, "create", document=entity.document, state="enabled", errors=call.operation_errors
            )
        else:
            self._settle_later(sandbox, entity)
            # Older replies to these three hold the id alone.
            if world.turn(f"create-{kind}", 2):
                del body["etag"]
        return Reply(201, body, {"Location": f"{BASE}/{kind}/{entity.id}"} if kind == "connections" else {})

    def _patch(self, sandbox: Sandbox, entity: Entity, call: Call) -> Reply:
        world = self._world
        wanted = call.header("if-match")
        if not wanted:
            raise problems.flow(
                "1403-400", "Missing header", "The If-Match header is missing", entity_id=entity.id, kind=entity.kind
            )
        operations = gateway.json_body(call)
        self._refuse_busy(entity)
        if _IF_MATCH.fullmatch(wanted) is None or wanted != entity.etag:
            raise self._stale(entity, wanted)
        patched = patching.apply(entity.document, operations)
        world.validator.check_change(entity, patched, sandbox)
        sandbox.touch(entity, world.user)
        if entity.kind == "flows":
            patched = transformations.complete(entity.document, patched, entity.updated_at)
            world.forget_exports(entity.id, {value["id"] for value in transformations.selected(patched)})
            self._finish_later(
                sandbox, entity, "update", document=patched, state=entity.state, errors=call.operation_errors
            )
        else:
            entity.document = patched
            self._settle_later(sandbox, entity)
        # Adobe's pages answer 200 with a body, its tutorials 202 without one.
        match world.turn(f"patch-{entity.kind}", 3):
            case 0:
                return Reply(200, {"id": entity.id, "etag": entity.etag})
            case 1:
                return Reply(202)
            case _:
                return Reply(204)

    def _stale(self, entity: Entity, wanted: str) -> problems.Problem:
        if self._world.turn("stale", 2):
            detail = f"Supplied version {wanted} does not match the current version"
            return problems.flow("1404-412", "Precondition failed", detail, entity_id=entity.id, kind=entity.kind)
        message = f"Supplied version=[{wanted}] does not match the current version on entity=[{entity.etag}]"
        return problems.legacy(412, message)

    def _delete(self, sandbox: Sandbox, entity: Entity) -> Reply:
        if entity.deleting:
            raise problems.flow("1458-400", "Deletion in progress", "The entity is being deleted", entity_id=entity.id)
        users = [
            other
            for kind, field in (
                ("sourceConnections", "baseConnectionId"),
                ("targetConnections", "baseConnectionId"),
                ("flows", "sourceConnectionIds"),
                ("flows", "targetConnectionIds"),
            )
            for other in sandbox.entities[kind].values()
            if entity.id == other.document.get(field) or entity.id in (other.document.get(field) or ())
        ]
        if users and entity.kind == "connections":
            raise problems.flow(
                "1418-400", "Connection in use", f"Base connection is in use by [{users[0].id}]", entity_id=entity.id
            )
        if users:
            raise problems.flow("1447-400", "Active flows exist", f"Used by flow [{users[0].id}]", entity_id=entity.id)
        if entity.kind == "flows":
            entity.deleting, entity.state = True, "delete-finalizing"
            sandbox.later(self._soon(), lambda: sandbox.discard(entity))
        else:
            sandbox.discard(entity)
        return Reply(204 if self._world.turn(f"delete-{entity.kind}", 2) else 202)

    def _act(self, sandbox: Sandbox, flow: Entity, call: Call) -> Reply:
        operation = (call.param("op") or "").lower()
        if operation not in {"enable", "disable"}:
            raise problems.plain("op must be one of enable, disable")
        self._refuse_busy(flow)
        sandbox.touch(flow, self._world.user)
        final = f"{operation}d"
        if flow.state != final:
            flow.state = f"{operation.removesuffix('e')}ing"
            self._finish_later(
                sandbox, flow, operation, document=flow.document, state=final, errors=call.operation_errors
            )
        return Reply(200, {"id": flow.id, "etag": flow.etag})

    def _refuse_busy(self, entity: Entity) -> None:
        if entity.deleting:
            raise problems.flow("1457-400", "Deletion in progress", "The entity is being deleted", entity_id=entity.id)
        operation = entity.operation
        if operation is not None and operation.running and operation.name != "create":
            code = {"update": "1420-400", "enable": "1421-400", "disable": "1422-400"}[operation.name]
            detail = f"Not allowed while the flow's {operation.name} is in progress"
            raise problems.flow(code, "Operation in progress", detail, entity_id=entity.id, kind=entity.kind)

    def _soon(self, share: float = 1.0) -> datetime:
        return self._world.clock.now() + timedelta(seconds=self._world.settings.settle_after * share)

    def _settle_later(self, sandbox: Sandbox, entity: Entity) -> None:
        """The service itself touches what was written, a moment later: the ETag of the reply is already old then."""
        sandbox.later(self._soon(), lambda: sandbox.touch(entity, SERVICE_USER))

    def _finish_later(
        self, sandbox: Sandbox, flow: Entity, name: str, *, document: Json, state: str, errors: tuple[Json, ...]
    ) -> None:
        """The asynchronous half of a change to a flow: what was asked for shows when it has completed, if it does."""
        started = self._world.clock.now()
        operation = Operation(name, started, started, errors=errors)
        before = flow.state if name in {"create", "update"} else {"enable": "disabled", "disable": "enabled"}[name]
        flow.operation = operation

        def halfway() -> None:
            operation.percent, operation.updated = 50, self._world.clock.now()

        def complete() -> None:
            operation.percent, operation.updated = 100, self._world.clock.now()
            if not flow.deleting:
                flow.state = before if errors else state
            if not errors:
                flow.document = document
            sandbox.touch(flow, SERVICE_USER)

        sandbox.later(self._soon(0.5), halfway)
        sandbox.later(self._soon(), complete)

    def _test(self, sandbox: Sandbox, connection_id: str) -> Reply:
        with self._world.lock:
            document = self._entity(sandbox, "connections", connection_id).document
            auth, spec_id = document.get("auth", {}), document["connectionSpec"]["id"]
        # The storage is asked without the lock, so a slow one doesn't stop everybody.
        return Reply(200, {"result": self._world.sinks.accepts(spec_id, auth)})

    def _runs(self, sandbox: Sandbox, call: Call, rest: list[str]) -> Reply:
        match call.method, rest:
            case "GET", []:
                # A run's state can be filtered on, but is not shown.
                items = [self._world.run_view(run, sandbox) | {"state": run.status} for run in sandbox.runs.values()]
                reply = paging.listing("runs", items, call)
                for item in items:
                    del item["state"]
                return reply
            case "GET", [run_id]:
                run = sandbox.runs.get(run_id)
                if run is None:
                    raise problems.not_found("runs", run_id)
                return Reply(200, {"items": [self._world.run_view(run, sandbox)]})
            case "POST", [] | [_, "action"]:
                raise problems.flow(
                    "1427-400", "Run creation not allowed", "Runs are not created by clients", kind="runs"
                )
        raise problems.empty(404)

    def _spec(self, sandbox: Sandbox, kind: str, call: Call, rest: list[str]) -> Reply:
        known = self._world.specs.connections if kind == "connectionSpecs" else self._world.specs.flows
        match rest:
            case []:
                return paging.listing(kind, list(known.values()), call)
            case [spec_id] if spec_id in known:
                return Reply(200, {"items": [known[spec_id]]})
            case [spec_id, "configs"] if kind == "connectionSpecs" and spec_id in known:
                if spec_id != DATA_LAKE:
                    raise problems.plain("Configs are available for the data lake's connection spec only")
                if call.param("outputType") != "activationDatasets" or call.param("outputField") != "datasets":
                    raise problems.plain("outputType=activationDatasets and outputField=datasets are both required")
                datasets = sorted(self._world.lake.exportable(sandbox.name), key=lambda dataset: dataset.id)
                return paging.configs([dataset.catalog_entry() for dataset in datasets], call)
            case [spec_id, *_]:
                raise problems.not_found(kind, spec_id)
        raise problems.empty(404)
