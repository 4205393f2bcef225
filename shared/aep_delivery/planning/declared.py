"""What a config asks for, as the resources of Flow Service, without secrets."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict

from aep_delivery.adobe.catalogue import load_catalogue
from aep_delivery.config.models import DeliveryConfig
from aep_delivery.planning.declaring import connections, flows, sources, targets
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
    role: str | None = None
    """Of a base connection: the role that Adobe is to assume. No secret, unlike all other credentials."""
    auth_spec: str | None = None
    """Of a base connection: Adobe's name for the way it authenticates."""
    other_auth_specs: tuple[str, ...] = ()
    """The other ways there are at this destination."""

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
        datasets: The datasets of the config as Adobe lists them; none for audiences.
        schedule: ``scheduleParams`` as they shall be sent, with start and end; empty for audiences.
        adopts: Entities of somebody else's to take over, by kind.
        flow_spec_id: Of the dataflow, where the catalogue has its name alone.
    """

    def __init__(
        self,
        config: DeliveryConfig,
        *,
        owner: str,
        datasets: Sequence[DatasetToExport] = (),
        schedule: dict[str, Any] | None = None,
        adopts: Mapping[ResourceKind, str] | None = None,
        flow_spec_id: str | None = None,
    ) -> None:
        self._config = config
        self._owner = owner
        self._datasets = sorted(datasets, key=lambda dataset: dataset.id)
        self._schedule = schedule or {}
        self._adopts = adopts or {}
        self._flow_spec_id = flow_spec_id
        self._row = load_catalogue().destination(config.destination.type)

    @property
    def needs_profile_store(self) -> bool:
        """Whether there is a second base connection: the first generation reads audiences through one."""
        return self._row.generation == "first"

    @property
    def needs_credentials(self) -> bool:
        """Whether Adobe needs a credential for the base connection."""
        return bool(self._row.auth_specs)

    def marker(self, kind: ResourceKind) -> OwnerMarker:
        return OwnerMarker(owner=self._owner, delivery_id=self._config.delivery_id, kind=kind)

    def base_connection(self) -> DeclaredResource:
        """The connection to the destination, its credentials left out."""
        name = self._config.names.base_connection or f"{self._config.name}: {self._row.title}"
        body = connections.destination_connection(self._config, self._row)
        declared = self._resource(ResourceKind.BASE_CONNECTION, name, body, managed=("encryption",))
        auth_spec = connections.auth_spec_name(self._config, self._row)
        return declared.model_copy(
            update={
                "role": connections.assumed_role(self._config),
                "auth_spec": auth_spec,
                "other_auth_specs": tuple(spec.name for spec in self._row.auth_specs if spec.name != auth_spec),
            }
        )

    def profile_store_connection(self) -> DeclaredResource:
        """The connection to the profile store. Adobe needs no credential for it."""
        return self._resource(
            ResourceKind.PROFILE_STORE_CONNECTION,
            f"{self._config.name}: profile store",
            connections.profile_store_connection(),
        )

    def source_connection(self, profile_store_connection_id: str | None = None) -> DeclaredResource:
        """What is exported from: the datasets, or the profile store.

        Args:
            profile_store_connection_id: Where :attr:`needs_profile_store`; None for one that is yet to be made.
        """
        if not self._config.exports_audiences:
            place, body = "data lake", sources.data_lake_source(self._datasets)
        elif self.needs_profile_store:
            found = profile_store_connection_id or KNOWN_AFTER_APPLY
            place, body = "profile store", sources.first_generation_profile_source(found)
        else:
            place, body = "profile store", sources.profile_source()
        name = self._config.names.source_connection or f"{self._config.name}: {place}"
        return self._resource(ResourceKind.SOURCE_CONNECTION, name, body)

    def target_connection(self, base_connection_id: str | None) -> DeclaredResource:
        """Where and how files are written."""
        return self._resource(
            ResourceKind.TARGET_CONNECTION,
            self._config.names.target_connection or f"{self._config.name}: {targets.place_name(self._config)}",
            targets.target(self._config, self._row, base_connection_id or KNOWN_AFTER_APPLY),
            managed=("params",),
        )

    def dataflow(self, source_connection_id: str | None, target_connection_id: str | None) -> DeclaredResource:
        """The dataflow: with its one schedule for all datasets, or as it is before audiences are activated."""
        links = {
            "sourceConnectionIds": [source_connection_id or KNOWN_AFTER_APPLY],
            "targetConnectionIds": [target_connection_id or KNOWN_AFTER_APPLY],
        }
        if self._config.exports_audiences:
            body, managed = flows.audience_flow(self._row, self._flow_spec_id), tuple(links)
        else:
            body, managed = flows.dataset_flow(self._row, self._schedule), (*links, "scheduleParams")
        name = self._config.names.dataflow or self._config.name
        return self._resource(ResourceKind.DATAFLOW, name, {**links, **body}, managed=managed)

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
