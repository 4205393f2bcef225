"""The requests that Adobe's tutorials print, and the same requests as a config of ``configs/`` makes them.

``tutorial/`` holds every body that the five editions at hand of two tutorials print for a POST or a PATCH: comments and
trailing commas removed, alternatives told apart, everything else as printed, placeholders too. Two editions of the
second tutorial print the same requests. What a config cannot say literally, since a placeholder is no bucket and no
key, is given a value of the documented form by ``PLACEHOLDERS``.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from aep_delivery.adobe.catalogue import load_catalogue
from aep_delivery.adobe.patches import JsonPatchOperation
from aep_delivery.applying.requests import (
    new_base_connection,
    new_dataflow,
    new_source_connection,
    new_target_connection,
)
from aep_delivery.config.load import load_config_files
from aep_delivery.config.models import DeliveryConfig
from aep_delivery.planning.activation import compare_activation, wanted_activation
from aep_delivery.planning.activation_patch import activation_operations
from aep_delivery.planning.audiences import ResolvedAudience, audiences_to_export
from aep_delivery.planning.declared import DatasetToExport, Declaration
from aep_delivery.planning.schedule import DEFAULT_LIFETIME, resolve_schedule
from aep_delivery.planning.transformation import Transformation
from aep_delivery.runtime.secrets import MemorySecrets
from aep_delivery.workflow.destination_access import destination_access

Json = Any
HERE = Path(__file__).parent
CONFIGS = HERE / "configs"
OWNER = "the-stack"
NOW = datetime(2021, 12, 19, tzinfo=UTC)
"""Before everything that the tutorials schedule."""
DATASET = DatasetToExport(id="5ef3e3259ad2a1191ab7dd7d", name="AAM Devices Data")
AUDIENCES = ("9f7d37fd-7039-4454-94ef-2b0cd6c3206a", "25768be6-ebd5-45cc-8913-12fb3f348613")
"""The tutorial adds one placeholder twice, in two forms of a schedule; here these are two audiences."""
CAMPAIGN_FLOW_SPEC = "c0ffee00-0000-4000-8000-000000000000"
"""Stands for what a look-up of ``upsToCampaign`` finds."""
HOST_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJz5K2vGvQ1e0b7x9m4sF1oWkYpWQ8uO6bqv0d3Qm7nE"
"""Stands in the secret of an SFTP server for reading back; Adobe never gets it."""

_CONNECTION_STRING = "DefaultEndpointsProtocol=https;AccountName=crm;AccountKey=a2V5;EndpointSuffix=core.windows.net"
PLACEHOLDERS: Mapping[str, str] = {
    # What the texts beside the samples say: the profile store.
    "{CONNECTION_SPEC_ID}": "8a9c3494-9708-43d7-ae3f-cda01e5030e1",
    "{FLOW_SPEC_ID}": CAMPAIGN_FLOW_SPEC,
    "{PROFILE_ATTRIBUTE}": "person.lastName",
    # Places.
    "{BUCKET_NAME}": "your-bucket-name",
    "{CONTAINER}": "your-container-name",
    "{FILEPATH}": "folder/subfolder",
    "{REMOTE_PATH}": "folder/subfolder",
    # Credentials.
    "{ACCESS_ID}": "AKIAIOSFODNN7EXAMPLE",
    "{SECRET_KEY}": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    "{AMAZON_S3_ACCESS_KEY}": "AKIAIOSFODNN7EXAMPLE",
    "{AMAZON_S3_SECRET_KEY}": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    "<Add access key>": "AKIAIOSFODNN7EXAMPLE",
    "<Add secret key>": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    "{AZURE_BLOB_CONNECTION_STRING}": _CONNECTION_STRING,
    "<Add Azure Blob connection string>": _CONNECTION_STRING,
    "<Add url>": "abfss://crm@account.dfs.core.windows.net",
    "<Add tenant>": "72f988bf-86f1-41af-91ab-2d7cd011db47",
    "<Add servicePrincipalId>": "9d0b1c35-7a3e-4b61-8a25-1d6e5f3c2b10",
    "<Add servicePrincipalKey>": "principal-key",
    "<Add accessKeyId>": "GOOG1EXAMPLE",
    "<Add secret Access Key>": "google-secret",
    "{DOMAIN}": "sftp.example.com",
    "{HOST}": "sftp.example.com",
    "{USERNAME}": "adobe",
    "{PASSWORD}": "sftp-password",
    "{SSH_KEY}": "a2V5",
    "<Add domain>": "sftp.example.com",
    "<Add username>": "adobe",
    "<Add password>": "sftp-password",
    "<Add SSH key>": "a2V5",
}


@dataclass(frozen=True)
class Links:
    """The ids that a request refers to: placeholders, until somebody has created the entities."""

    profile_store: str
    base: str
    source: str
    target: str
    flow_spec: str = CAMPAIGN_FLOW_SPEC

    @classmethod
    def printed(cls, tutorial: str) -> Links:
        """As the tutorial writes them."""
        if tutorial.startswith("datasets"):
            return cls("", *(f"<FROM_STEP_CREATE_{step}_CONNECTION>" for step in ("TARGET_BASE", "SOURCE", "TARGET")))
        return cls("{BASE_CONNECTION_ID}", "{BASE_CONNECTION_ID}", "{SOURCE_CONNECTION_ID}", "{TARGET_CONNECTION_ID}")


@dataclass(frozen=True)
class Printed:
    """One request of a tutorial, its placeholders filled in, ids of other entities excepted."""

    tutorial: str
    id: str
    method: str
    path: str
    config: str
    """The file in ``configs/`` that makes the same request."""
    body: Json

    def __str__(self) -> str:
        return f"{self.tutorial}: {self.id}"


def printed_requests() -> list[Printed]:
    """Everything in ``tutorial/``, in its order."""
    found = []
    for path in sorted((HERE / "tutorial").glob("*.json")):
        for request in json.loads(path.read_text(encoding="utf-8"))["requests"]:
            body = _filled(request["body"], iter(AUDIENCES))
            found.append(Printed(path.stem, **{**request, "body": body}))
    return found


def _filled(value: Json, audiences: Iterator[str]) -> Json:
    if isinstance(value, dict):
        return {name: _filled(member, audiences) for name, member in value.items()}
    if isinstance(value, list):
        return [_filled(member, audiences) for member in value]
    if value == "{SEGMENT_ID}":
        return next(audiences)
    return PLACEHOLDERS.get(value, value) if isinstance(value, str) else value


def load(request: Printed) -> DeliveryConfig:
    """The request's config. A tutorial describes each entity in words of its own, a config all of them in its own: so
    what the request says of itself is added to the file as its ``description``.
    """
    words = printed_description(request)
    line = "" if words is None else f"description: {json.dumps(words)}\n"

    def read(name: str) -> bytes:
        return ((CONFIGS / name).read_text(encoding="utf-8") + (line if name == request.config else "")).encode()

    return load_config_files(request.config, read)[1]


def printed_description(request: Printed) -> str | None:
    return request.body.get("description") if isinstance(request.body, dict) else None


def built(request: Printed, links: Links | None = None) -> Json:
    """The body that the request's config makes of it."""
    config = load(request)
    at = links or Links.printed(request.tutorial)
    declared = declaration(config, at.flow_spec)
    match request.path:
        case "/connections" if request.id == "base-profile-store":
            return new_base_connection(declared.profile_store_connection().body, None).body()
        case "/connections":
            return new_base_connection(declared.base_connection().body, _auth(config, request)).body()
        case "/sourceConnections":
            return new_source_connection(declared.source_connection(at.profile_store).body).body()
        case "/targetConnections":
            return new_target_connection(declared.target_connection(at.base).body).body()
        case "/flows":
            return new_dataflow(declared.dataflow(at.source, at.target).body).body()
        case _:
            return _activation(config, new_dataflow(declared.dataflow(at.source, at.target).body).body())


def declaration(config: DeliveryConfig, campaign_flow_spec: str = CAMPAIGN_FLOW_SPEC) -> Declaration:
    """What a config declares, as the plan of a new delivery would."""
    if config.exports_audiences:
        known = load_catalogue().destination(config.destination.type).flow_specs.audiences.id
        return Declaration(config, owner=OWNER, flow_spec_id=None if known else campaign_flow_spec)
    schedule = resolve_schedule(config.dataset_schedule, None, NOW, place="scheduleParams")
    return Declaration(config, owner=OWNER, datasets=[DATASET], schedule=schedule)


def _auth(config: DeliveryConfig, request: Printed) -> dict[str, Any] | None:
    """From a secret that holds what the tutorial sends, and a host key where there is a host."""
    params = dict(request.body.get("auth", {}).get("params", {}))
    if "username" in params:
        params["hostKey"] = HOST_KEY
    auth = config.destination.auth
    name = auth.secret_name if auth is not None else None
    access = destination_access(config, MemorySecrets({name: json.dumps(params)} if name else {}), "")
    return access.auth() if access is not None else None


def _activation(config: DeliveryConfig, dataflow: dict[str, Any]) -> list[Json]:
    word = "segment" if "segments" in dataflow["name"] else "audience"
    listed = [ResolvedAudience(id=one, name=f"Name of the {word} that you are activating") for one in AUDIENCES]
    first = load_catalogue().destination(config.destination.type).generation == "first"
    wanted = wanted_activation(config, audiences_to_export(config, listed))
    difference = compare_activation(wanted, Transformation.of(dataflow, first_generation=first), ours=())
    return [JsonPatchOperation.model_validate(one).body() for one in activation_operations(difference, None)]


@dataclass(frozen=True)
class Deviation:
    """Where our body is not the tutorial's, and why. ``change`` makes the one from the other."""

    reason: str
    concerns: Callable[[Printed], bool]
    change: Callable[[Printed], Json]


def _after(body: Json, name: str, added: Mapping[str, Json]) -> Json:
    """A copy of a body with members added after one of its own."""
    changed: dict[str, Json] = {}
    for member, value in body.items():
        changed[member] = value
        if member == name:
            changed.update(added)
    return changed


def _kind(request: Printed) -> str:
    if request.id == "base-profile-store":
        return "profile-store-connection"
    return {
        "/connections": "base-connection",
        "/sourceConnections": "source-connection",
        "/targetConnections": "target-connection",
        "/flows": "dataflow",
    }[request.path]


def _marked(request: Printed) -> Json:
    words = printed_description(request) or "Managed by AEP Delivery."
    delivery = request.config.removesuffix(".yaml")
    description = f"{words} [aep-delivery owner={OWNER} delivery=prod/{delivery} kind={_kind(request)}]"
    if "description" in request.body:
        return {**request.body, "description": description}
    return _after(request.body, "name", {"description": description})


def _selectors(request: Printed) -> Json:
    changed = []
    for operation in request.body:
        selector = operation["value"]["value"]
        if "id" in selector:
            rest = {name: value for name, value in selector.items() if name not in ("id", "name", "description")}
            schedule = _after(selector["schedule"], "frequency", {"triggerType": "SCHEDULED"})
            selector = {"id": selector["id"], "name": selector["name"], **rest, "schedule": schedule}
        changed.append({**operation, "value": {**operation["value"], "value": selector}})
    return changed


def _full_schedule(request: Printed) -> Json:
    schedule = request.body["scheduleParams"]
    end = schedule["startTime"] + int(DEFAULT_LIFETIME.total_seconds())
    return {
        **request.body,
        "scheduleParams": {"exportMode": "FIRST_FULL_THEN_INCREMENTAL", **schedule, "endTime": end},
    }


def _is_dataset(request: Printed, path: str) -> bool:
    return request.tutorial.startswith("datasets") and request.path == path


DEVIATIONS: Mapping[str, Deviation] = {
    "owner marker": Deviation(
        "What a delivery owns is found again by a marker at the end of the description; an entity that the tutorial "
        "does not describe is described in its place.",
        lambda request: request.method == "POST",
        _marked,
    ),
    "name of the connection to the profile store": Deviation(
        "A config names four entities; this connection, which people never choose, is named after the delivery.",
        lambda request: request.id == "base-profile-store",
        lambda request: {**request.body, "name": f"{request.config.removesuffix('.yaml')}: profile store"},
    ),
    "landing zone": Deviation(
        "The later editions print a name alone, by which Adobe cannot tell a landing zone from anything else; the "
        "earlier one prints the connection specification.",
        lambda request: request.id == "base-data-landing-zone" and "connectionSpec" not in request.body,
        lambda request: {
            **request.body,
            "connectionSpec": {"id": "10440537-2a7b-4583-ac39-ed38d4b848e8", "version": "1.0"},
        },
    ),
    "includeFileManifest": Deviation(
        "Younger than the tutorial. Always said, so that switching it off is a change like any other.",
        lambda request: _is_dataset(request, "/targetConnections"),
        lambda request: {**request.body, "params": {**request.body["params"], "includeFileManifest": False}},
    ),
    "exportMode and endTime": Deviation(
        "Younger than the tutorial, too: its exports were incremental without saying so, and a dataflow without an end "
        "now ends after six months in silence.",
        lambda request: _is_dataset(request, "/flows"),
        _full_schedule,
    ),
    "selectors": Deviation(
        "An audience's description is its own and optional here, so it is not repeated. Its id comes first, as in the "
        "dataflow that the tutorial gets back, and triggerType, which the tutorial calls required and leaves out once, "
        "is always said.",
        lambda request: request.method == "PATCH",
        _selectors,
    ),
}


def deviations_of(request: Printed) -> list[str]:
    """Which of them concern a request."""
    return [name for name, deviation in DEVIATIONS.items() if deviation.concerns(request)]


def expected(request: Printed) -> Json:
    """What the tutorial prints, with the deviations made to it and nothing else."""
    changed = request
    for name in deviations_of(request):
        changed = replace(changed, body=DEVIATIONS[name].change(changed))
    return changed.body
