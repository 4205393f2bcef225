"""The request bodies of Adobe's tutorial "Export datasets by using the Flow Service API", sent to the emulator in order.

The bodies are retyped with their comments removed; placeholders are replaced by values of the documented form, times lie in
the emulated future.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from emulator.adobe import server
from emulator.adobe.settings import DEFAULT_CLIENT_ID, DEFAULT_CLIENT_SECRET, DEFAULT_ORG

FLOW_SERVICE = "/data/foundation/flowservice"
START = datetime(2023, 2, 8, tzinfo=UTC)
DATASET = {"dataSetId": "5ef3e3259ad2a1191ab7dd7d", "name": "AAM Devices Data"}

TOKEN = {
    "grant_type": "client_credentials",
    "client_id": DEFAULT_CLIENT_ID,
    "client_secret": DEFAULT_CLIENT_SECRET,
    "scope": "openid,AdobeID,read_organizations,additional_info.projectedProductContext,session",
}
SOURCE: dict[str, Any] = {
    "name": "Connecting to Data Lake",
    "description": "Data Lake source connection to export datasets",
    "connectionSpec": {"id": "23598e46-f560-407b-88d5-ea6207e49db0", "version": "1.0"},
    "params": {"datasets": [DATASET]},
}
SCHEDULE = {"interval": 3, "timeUnit": "hour", "startTime": 1675901210}
S3 = "4fce964d-3f37-408f-9778-e597338a21ee"

# name: connection spec, flow spec, auth, target params
DESTINATIONS: dict[str, tuple[str, str, dict[str, Any] | None, dict[str, str]]] = {
    "Amazon S3": (
        S3,
        "269ba276-16fc-47db-92b0-c1049a3c131f",
        {
            "specName": "Access Key",
            "params": {
                "s3SecretKey": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
                "s3AccessKey": "AKIAIOSFODNN7EXAMPLE",
            },
        },
        {"bucketName": "bucket", "path": "folder/subfolder"},
    ),
    "Azure Blob Storage": (
        "6d6b59bf-fb58-4107-9064-4d246c0e5bb2",
        "95bd8965-fc8a-4119-b9c3-944c2c2df6d2",
        {
            "specName": "ConnectionString",
            "params": {"connectionString": "DefaultEndpointsProtocol=https;AccountName=x"},
        },
        {"container": "container", "path": "folder/subfolder"},
    ),
    "Azure Data Lake Gen 2": (
        "be2c3209-53bc-47e7-ab25-145db8b873e1",
        "17be2013-2549-41ce-96e7-a70363bec293",
        {
            "specName": "Azure Service Principal Auth",
            "params": {
                "servicePrincipalKey": "key",
                "url": "https://x.dfs.core.windows.net",
                "tenant": "tenant",
                "servicePrincipalId": "id",
            },
        },
        {"path": "folder/subfolder"},
    ),
    # The tutorial's body has a name alone, but no connection can be told from another by that; clients send the spec.
    "Data Landing Zone": (
        "10440537-2a7b-4583-ac39-ed38d4b848e8",
        "cd2fc47e-e838-4f38-a581-8fff2f99b63a",
        None,
        {"path": "folder/subfolder"},
    ),
    "Google Cloud Storage": (
        "c5d93acb-ea8b-4b14-8f53-02138444ae99",
        "585c15c4-6cbf-4126-8f87-e26bff78b657",
        {
            "specName": "Google Cloud Storage authentication credentials",
            "params": {"accessKeyId": "GOOG1EXAMPLE", "secretAccessKey": "secret"},
        },
        {"bucketName": "bucket", "path": "folder/subfolder"},
    ),
    "SFTP with password": (
        "36965a81-b1c6-401b-99f8-22508f1e6a26",
        "354d6aad-4754-46e4-a576-1b384561c440",
        {"specName": "SFTP with Password", "params": {"domain": "sftp.example.com", "username": "u", "password": "p"}},
        {"remotePath": "folder/subfolder"},
    ),
    "SFTP with SSH key": (
        "36965a81-b1c6-401b-99f8-22508f1e6a26",
        "354d6aad-4754-46e4-a576-1b384561c440",
        {"specName": "SFTP with SSH Key", "params": {"domain": "sftp.example.com", "username": "u", "sshKey": "a2V5"}},
        {"remotePath": "folder/subfolder"},
    ),
}


class Tutorial:
    """Sends the bodies and keeps the ids, as a reader of the tutorial would."""

    def __init__(self, http: httpx.Client) -> None:
        token = http.post("/ims/token/v3", data=TOKEN)
        assert token.status_code == 200, token.text
        self._http = http
        self._headers = {
            "accept": "application/json",
            "x-api-key": DEFAULT_CLIENT_ID,
            "x-gw-ims-org-id": DEFAULT_ORG,
            "x-sandbox-name": "prod",
            "Authorization": f"Bearer {token.json()['access_token']}",
        }

    def post(self, kind: str, body: object) -> httpx.Response:
        return self._http.post(f"{FLOW_SERVICE}/{kind}", json=body, headers=self._headers)

    def get(self, path: str) -> Any:
        return self._http.get(FLOW_SERVICE + path, headers=self._headers).json()

    def create(self, kind: str, body: object) -> str:
        answer = self.post(kind, body)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])


@pytest.fixture
def tutorial(tmp_path: Path) -> Iterator[Tutorial]:
    folder = tmp_path / "devices"
    folder.mkdir()
    (folder / "dataset.yaml").write_text(f"id: {DATASET['dataSetId']}\nname: {DATASET['name']}\n")
    (folder / "devices.json").write_text('{"city":"new york","country":"usa"}\n')
    with (
        server.start(tmp_path, start=START, speed=0.0) as emulator,
        httpx.Client(base_url=emulator.base_url, trust_env=False) as http,
    ):
        yield Tutorial(http)


def base_body(name: str) -> dict[str, Any]:
    spec, _, auth, _ = DESTINATIONS[name]
    body = {"name": f"{name} Base Connection", "connectionSpec": {"id": spec, "version": "1.0"}}
    return body if auth is None else {**body, "auth": auth}


def target_body(name: str, base: str) -> dict[str, Any]:
    spec, _, _, location = DESTINATIONS[name]
    params = {"mode": "Server-to-server", **location, "compression": "NONE", "datasetFileType": "JSON"}
    connection_spec = {"id": spec, "version": "1.0"}
    return {
        "name": f"{name} Target Connection",
        "baseConnectionId": base,
        "params": params,
        "connectionSpec": connection_spec,
    }


def flow_body(name: str, source: str, target: str) -> dict[str, Any]:
    return {
        "name": f"Activate datasets to an {name} cloud storage destination",
        "description": f"This operation creates a dataflow to export datasets to an {name} cloud storage destination",
        "flowSpec": {"id": DESTINATIONS[name][1], "version": "1.0"},
        "sourceConnectionIds": [source],
        "targetConnectionIds": [target],
        "transformations": [],
        "scheduleParams": SCHEDULE,
    }


@pytest.mark.parametrize("name", DESTINATIONS)
def test_t25_the_tutorials_requests_are_accepted_in_order(tutorial: Tutorial, name: str) -> None:
    spec, flow_spec, auth, _ = DESTINATIONS[name]
    described = tutorial.get(f"/connectionSpecs/{spec}")["items"][0]
    assert auth is None or auth["specName"] in [offered["name"] for offered in described["authSpec"]]
    assert tutorial.get(f"/flowSpecs/{flow_spec}")["items"][0]["targetConnectionSpecIds"] == [spec]
    listed = tutorial.get(
        "/connectionSpecs/23598e46-f560-407b-88d5-ea6207e49db0/configs"
        "?outputType=activationDatasets&outputField=datasets&start=0&limit=20&properties=name,state"
    )
    assert [(item["id"], item["name"]) for item in listed["items"]] == [(DATASET["dataSetId"], DATASET["name"])]
    assert listed["pageInfo"] == {"start": 0, "end": 0, "total": 1, "hasNext": False}

    source = tutorial.create("sourceConnections", SOURCE)
    base = tutorial.create("connections", base_body(name))
    target = tutorial.create("targetConnections", target_body(name, base))
    flow = tutorial.create("flows", flow_body(name, source, target))

    stored = tutorial.get(f"/flows/{flow}")["items"][0]
    assert stored["scheduleParams"] == SCHEDULE
    assert stored["inheritedAttributes"]["targetConnections"][0]["baseConnection"]["id"] == base
    assert tutorial.get(f"/runs?property=flowId=={flow}") == {"items": [], "_links": {}}


def without(body: dict[str, Any], *path: str) -> dict[str, Any]:
    changed = copy.deepcopy(body)
    place = changed
    for part in path[:-1]:
        place = place[part]
    del place[path[-1]]
    return changed


def replaced(body: dict[str, Any], value: object, *path: str) -> dict[str, Any]:
    changed = copy.deepcopy(body)
    place = changed
    for part in path[:-1]:
        place = place[part]
    place[path[-1]] = value
    return changed


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (replaced(base_body("Amazon S3"), "<Add access key>", "auth", "params", "s3AccessKey"), 400),
        (replaced(base_body("Amazon S3"), "ConnectionString", "auth", "specName"), 400),
        (without(base_body("Amazon S3"), "auth"), 400),
        (without(base_body("Data Landing Zone"), "connectionSpec"), 400),
        (replaced(base_body("Amazon S3"), "3567r537-0000-0000-0000-000000000000", "connectionSpec", "id"), 400),
        (without(base_body("Amazon S3"), "connectionSpec", "version"), 422),
    ],
)
def test_t27_malformed_base_connections_are_refused(tutorial: Tutorial, body: object, status: int) -> None:
    assert tutorial.post("connections", body).status_code == status


@pytest.mark.parametrize(
    "dataset",
    [
        {"datasetId": DATASET["dataSetId"], "name": "x"},
        {"dataSetId": DATASET["dataSetId"]},
        {"dataSetId": "other", "name": "x"},
    ],
)
def test_t64_malformed_source_connections_are_refused(tutorial: Tutorial, dataset: object) -> None:
    assert tutorial.post("sourceConnections", replaced(SOURCE, [dataset], "params", "datasets")).status_code == 400


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("fileType", "CSV"),
        ("container", "container"),
        ("datasetFileType", "CSV"),
        ("mode", "S3"),
        ("bucketName", "A_B"),
    ],
)
def test_t32_malformed_target_connections_are_refused(tutorial: Tutorial, field: str, value: str) -> None:
    base = tutorial.create("connections", base_body("Amazon S3"))
    body = replaced(target_body("Amazon S3", base), value, "params", field)
    assert tutorial.post("targetConnections", body).status_code == 400


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("startTime", 1675901210000),
        ("startTime", "1675901210"),
        ("interval", 8),
        ("interval", "3"),
        ("timeUnit", "day"),
    ],
)
def test_t59_t61_malformed_schedules_are_refused(tutorial: Tutorial, field: str, value: object) -> None:
    source = tutorial.create("sourceConnections", SOURCE)
    target = tutorial.create(
        "targetConnections", target_body("Amazon S3", tutorial.create("connections", base_body("Amazon S3")))
    )
    body = replaced(flow_body("Amazon S3", source, target), value, "scheduleParams", field)
    assert tutorial.post("flows", body).status_code == 400
