"""One face for all kinds of entity, so that exactly-once is written once."""

from __future__ import annotations

from typing import Any

from aep_delivery.adobe.flow_service import FlowService
from aep_delivery.adobe.patches import JsonPatchOperation
from aep_delivery.applying.requests import (
    new_base_connection,
    new_dataflow,
    new_source_connection,
    new_target_connection,
)
from aep_delivery.planning.declared import DeclaredResource
from aep_delivery.planning.live import LiveResource, LiveResources, find_live, get_live
from aep_delivery.planning.ownership import OwnerMarker
from aep_delivery.runtime.clock import Clock
from aep_delivery.runtime.errors import InternalError, TransientError
from aep_delivery.state.records import JournalEntry, ResourceKind

OPERATION_POLLS = 10
FIRST_POLL_SECONDS, LONGEST_POLL_SECONDS = 0.2, 2.0


class ResourceGateway:
    """Flow Service's calls for one kind.

    Args:
        kind: Which.
        flow_service: Adobe, in the delivery's sandbox.
        clock: For the waits between two looks at an asynchronous update.
        auth: For the base connection: the ``auth`` of its body, with the secret inside.
    """

    def __init__(
        self, kind: ResourceKind, flow_service: FlowService, clock: Clock, *, auth: dict[str, Any] | None = None
    ) -> None:
        self.kind = kind
        self._flow_service = flow_service
        self._clock = clock
        self._auth = auth

    def find(self, declared: DeclaredResource, marker: OwnerMarker, entry: JournalEntry | None) -> LiveResources:
        """What the delivery owns of this kind. Raises as :func:`find_live`."""
        return find_live(self._flow_service, declared, marker, entry)

    def get(self, entity_id: str) -> LiveResource | None:
        """One entity, or None where it is gone."""
        return get_live(self._flow_service, self.kind, entity_id)

    def get_surely(self, entity_id: str) -> LiveResource | None:
        """One entity, or None where it is gone for sure: asked for twice, since what is forgotten stays in Adobe.

        Adobe's reads lag behind its writes, so that one 404 alone proves nothing.
        """
        live = self.get(entity_id)
        if live is None:
            self._clock.sleep(LONGEST_POLL_SECONDS)
            live = self.get(entity_id)
        return live

    def create(self, declared: DeclaredResource) -> str:
        """POST the entity and return its id. Raises ``OutcomeUnknownError`` where the answer was lost."""
        adobe, body = self._flow_service, declared.body
        match self.kind:
            case ResourceKind.BASE_CONNECTION | ResourceKind.PROFILE_STORE_CONNECTION:
                return adobe.create_connection(new_base_connection(body, self._auth)).id
            case ResourceKind.SOURCE_CONNECTION:
                return adobe.create_source_connection(new_source_connection(body)).id
            case ResourceKind.TARGET_CONNECTION:
                return adobe.create_target_connection(new_target_connection(body)).id
            case ResourceKind.DATAFLOW:
                return adobe.create_dataflow(new_dataflow(body)).id

    def rotation(self) -> dict[str, Any]:
        """The operation that replaces all credentials. Adobe overwrites every parameter, so every one is sent."""
        if self._auth is None:
            raise InternalError(f"A {self.kind} has no credentials.", code="apply.no-credentials")
        return {"op": "replace", "path": "/auth/params", "value": self._auth["params"]}

    def patch(self, entity_id: str, operations: list[dict[str, Any]], etag: str) -> None:
        """PATCH the entity. Raises ``EtagMismatchError`` where it has changed since it was read."""
        patch = {
            ResourceKind.BASE_CONNECTION: self._flow_service.patch_connection,
            ResourceKind.PROFILE_STORE_CONNECTION: self._flow_service.patch_connection,
            ResourceKind.SOURCE_CONNECTION: self._flow_service.patch_source_connection,
            ResourceKind.TARGET_CONNECTION: self._flow_service.patch_target_connection,
            ResourceKind.DATAFLOW: self._flow_service.patch_dataflow,
        }[self.kind]
        patch(entity_id, [JsonPatchOperation.model_validate(operation) for operation in operations], etag)

    def enable(self, entity_id: str) -> None:
        """Enable a dataflow; that it is enabled already is fine."""
        self._flow_service.set_dataflow_state(entity_id, enable=True)

    def delete(self, entity_id: str) -> None:
        """DELETE the entity; that it is gone already is fine."""
        delete = {
            ResourceKind.BASE_CONNECTION: self._flow_service.delete_connection,
            ResourceKind.PROFILE_STORE_CONNECTION: self._flow_service.delete_connection,
            ResourceKind.SOURCE_CONNECTION: self._flow_service.delete_source_connection,
            ResourceKind.TARGET_CONNECTION: self._flow_service.delete_target_connection,
            ResourceKind.DATAFLOW: self._flow_service.delete_dataflow,
        }[self.kind]
        delete(entity_id)

    def idle(self, entity_id: str) -> LiveResource:
        """The entity once Adobe has nothing left to do to it, however that ended.

        Raises:
            TransientError: ``adobe.operation-pending``; Adobe is at it still, or does not show the entity yet.
        """
        for poll in range(OPERATION_POLLS):
            if poll:
                self._clock.sleep(min(FIRST_POLL_SECONDS * 2 ** (poll - 1), LONGEST_POLL_SECONDS))
            live = self.get(entity_id)
            if live is not None and not in_progress(live):
                return live
        raise TransientError(
            f"Adobe is still working on the {self.kind} {entity_id}.", code="adobe.operation-pending", place=entity_id
        )

    def settled(self, entity_id: str) -> LiveResource:
        """The entity once its last operation has succeeded.

        A 2xx for a write says that it was taken, not that it worked: Adobe works it in asynchronously and reports under
        ``lastOperation`` (Adobe: Flow Service, update a dataflow).

        Raises:
            InternalError: ``adobe.operation-failed``; the operation ended with errors.
            TransientError: As :meth:`idle`.
        """
        live = self.idle(entity_id)
        if errors := _operation_status(live).get("errors"):
            raise InternalError(
                f"Adobe took a change to the {self.kind} {entity_id}, but could not carry it out.",
                code="adobe.operation-failed",
                place=entity_id,
                details=[_error_line(error) for error in errors],
                hint="Adobe's words above are all there is. A dataflow that was never made right is best deleted in "
                "Adobe; the next delivery makes a new one.",
            )
        return live


def in_progress(live: LiveResource) -> bool:
    """Whether Adobe is still working in an earlier change."""
    percent = (live.body.get("lastOperation") or {}).get("percentCompleted")
    if percent is None:
        return _operation_status(live).get("value") == "inProgress"
    return bool(percent < 100)


def _operation_status(live: LiveResource) -> dict[str, Any]:
    return (live.body.get("lastOperation") or {}).get("status") or {}


def _error_line(error: Any) -> str:
    if isinstance(error, dict):
        return ": ".join(str(error[key]) for key in ("code", "message") if error.get(key)) or "unspecified"
    return str(error)
