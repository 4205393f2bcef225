"""What a config asks for, as the four resources of Flow Service, without secrets."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict

from aep_delivery.adobe.catalogue import load_catalogue
from aep_delivery.config.models import DeliveryConfig
from aep_delivery.planning.ownership import OwnerMarker
from aep_delivery.state.records import ResourceKind

KNOWN_AFTER_APPLY = "(known after apply)"
"""Stands in a plan for the id of something that is still to be created."""


class DatasetToExport(BaseModel):
    """A dataset as Adobe lists it."""

    model_config = ConfigDict(frozen=True)

    id: str
    name: str


class DeclaredResource(BaseModel):
    """One resource as it should be.

    Attributes:
        body: The body of the request that would create it, without ``auth``. None stands for a field that must not be
            there.
        managed: The top-level fields that an update may change; all others are fixed at creation.
    """

    model_config = ConfigDict(frozen=True)

    kind: ResourceKind
    name: str
    body: dict[str, Any]
    managed: tuple[str, ...]
    marker: OwnerMarker
    describes: bool = True
    """Whether the config says what the description is; else people may write what they like beside the marker."""
    adopts: str | None = None
    """The entity of somebody else's that is to be taken over, where there is none of ours."""

    @property
    def fingerprint(self) -> str:
        """Of the body, without secrets: equal bodies, equal fingerprints."""
        canonical = json.dumps(self.body, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(canonical.encode()).hexdigest()[:32]


class Declaration:
    """The resources of one delivery.

    Args:
        config: What the user wrote.
        owner: The installation.
        datasets: The datasets of the config as Adobe lists them.
        schedule: ``scheduleParams`` as they shall be sent, with start and end.
        adopts: Entities of somebody else's to take over, by kind.
    """

    def __init__(
        self,
        config: DeliveryConfig,
        *,
        owner: str,
        datasets: list[DatasetToExport],
        schedule: dict[str, Any],
        adopts: Mapping[ResourceKind, str] | None = None,
    ) -> None:
        self._config = config
        self._owner = owner
        self._datasets = sorted(datasets, key=lambda dataset: dataset.id)
        self._schedule = schedule
        self._adopts = adopts or {}
        self._row = load_catalogue().destination(config.destination.type)

    def marker(self, kind: ResourceKind) -> OwnerMarker:
        return OwnerMarker(owner=self._owner, delivery_id=self._config.delivery_id, kind=kind)

    def base_connection(self) -> DeclaredResource:
        """The credentialed connection to the destination."""
        return self._resource(
            ResourceKind.BASE_CONNECTION,
            self._config.names.base_connection or f"{self._config.name}: {self._row.title}",
            {"connectionSpec": self._spec},
        )

    def source_connection(self) -> DeclaredResource:
        """The datasets to export. Adobe lets no one change them afterwards."""
        return self._resource(
            ResourceKind.SOURCE_CONNECTION,
            self._config.names.source_connection or f"{self._config.name}: data lake",
            {
                "connectionSpec": {"id": load_catalogue().data_lake.connection_spec.id, "version": "1.0"},
                "params": {"datasets": [{"dataSetId": d.id, "name": d.name} for d in self._datasets]},
            },
        )

    def target_connection(self, base_connection_id: str | None) -> DeclaredResource:
        """Where and how files are written."""
        destination = self._config.destination
        return self._resource(
            ResourceKind.TARGET_CONNECTION,
            self._config.names.target_connection
            or f"{self._config.name}: {destination.bucket_name}/{destination.path}",
            {
                "baseConnectionId": base_connection_id or KNOWN_AFTER_APPLY,
                "connectionSpec": self._spec,
                "params": {
                    "mode": "Server-to-server",
                    "bucketName": destination.bucket_name,
                    "path": destination.path,
                    "compression": str(destination.compression),
                    "datasetFileType": str(destination.dataset_file_type),
                    "includeFileManifest": destination.include_file_manifest,
                },
            },
            managed=("params",),
        )

    def dataflow(self, source_connection_id: str | None, target_connection_id: str | None) -> DeclaredResource:
        """The dataflow with its one schedule for all datasets."""
        return self._resource(
            ResourceKind.DATAFLOW,
            self._config.names.dataflow or self._config.name,
            {
                "flowSpec": {"id": self._row.flow_specs.datasets.id, "version": "1.0"},
                "sourceConnectionIds": [source_connection_id or KNOWN_AFTER_APPLY],
                "targetConnectionIds": [target_connection_id or KNOWN_AFTER_APPLY],
                "transformations": [],
                # Left out of the config, the template is Adobe's own: one set earlier has to go.
                "scheduleParams": {"foldernameTemplate": None, **self._schedule},
            },
            managed=("sourceConnectionIds", "targetConnectionIds", "scheduleParams"),
        )

    @property
    def _spec(self) -> dict[str, str]:
        return {"id": self._row.connection_spec.id, "version": "1.0"}

    def _resource(
        self, kind: ResourceKind, name: str, body: dict[str, Any], managed: tuple[str, ...] = ()
    ) -> DeclaredResource:
        text = self._config.description or "Managed by AEP Delivery."
        named = {"name": name, "description": self.marker(kind).describe(text), **body}
        return DeclaredResource(
            kind=kind,
            name=name,
            body=named,
            managed=("name", "description", *managed),
            marker=self.marker(kind),
            describes=self._config.description is not None,
            adopts=self._adopts.get(kind),
        )
