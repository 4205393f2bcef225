from __future__ import annotations

import json
import shutil
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import boto3
import httpx
import pytest
from moto import mock_aws

from emulator.adobe import server
from emulator.adobe.settings import (
    DEFAULT_CLIENT_ID,
    DEFAULT_CLIENT_SECRET,
    DEFAULT_ORG,
    DEFAULT_SCOPES,
    Options,
)

FLOW_SERVICE = "/data/foundation/flowservice"
START = datetime(2027, 1, 1, 0, 0, tzinfo=UTC)
S3_SPEC = {"id": "4fce964d-3f37-408f-9778-e597338a21ee", "version": "1.0"}
LAKE_SPEC = {"id": "23598e46-f560-407b-88d5-ea6207e49db0", "version": "1.0"}
DATASET_FLOW_SPEC = {"id": "269ba276-16fc-47db-92b0-c1049a3c131f", "version": "1.0"}
ACCESS_KEY = "AKIAIOSFODNN7EXAMPLE"
SECRET_KEY = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
BUCKET = "delivered"
PLANES = "5ef3e324052581191aa6a466"
STANDARD: Options = {"speed": 0.0, "start": START, "vary": False, "token_lifetime": 30 * 86400}
NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""The emulator speaks plain HTTP; a ready context spares each client the loading of certificates."""


@dataclass
class Adobe:
    """A client with valid headers, and the shortest ways to the usual entities."""

    emulator: server.Emulator
    http: httpx.Client
    lake: Path
    sandbox: str = "prod"
    headers: dict[str, str] = field(default_factory=dict)

    def call(self, method: str, path: str, **kwargs: Any) -> httpx.Response:
        headers = {**self.headers, "x-sandbox-name": self.sandbox, **kwargs.pop("headers", {})}
        base = "" if path.startswith(("/_emulator", "/ims", "/data")) else FLOW_SERVICE
        return self.http.request(method, base + path, headers={k: v for k, v in headers.items() if v}, **kwargs)

    def get(self, path: str, **kwargs: Any) -> httpx.Response:
        return self.call("GET", path, **kwargs)

    def post(self, path: str, body: object = None, **kwargs: Any) -> httpx.Response:
        return self.call("POST", path, json=body, **kwargs)

    def patch(self, path: str, operations: object, etag: str | None, **kwargs: Any) -> httpx.Response:
        return self.call("PATCH", path, json=operations, headers={"If-Match": etag or ""}, **kwargs)

    def item(self, path: str) -> dict[str, Any]:
        return self.get(path).json()["items"][0]

    def advance(self, seconds: float) -> None:
        assert self.post("/_emulator/clock", {"advance": seconds}).status_code == 200

    def create(self, kind: str, body: object) -> str:
        answer = self.post(f"/{kind}", body)
        assert answer.status_code == 201, answer.text
        return answer.json()["id"]

    def base(self, name: str = "base", secret: str = SECRET_KEY) -> str:
        auth = {"specName": "Access Key", "params": {"s3AccessKey": ACCESS_KEY, "s3SecretKey": secret}}
        return self.create("connections", {"name": name, "connectionSpec": S3_SPEC, "auth": auth})

    def source(self, *dataset_ids: str) -> str:
        datasets = [{"dataSetId": dataset_id, "name": "any"} for dataset_id in dataset_ids or (PLANES,)]
        return self.create(
            "sourceConnections", {"name": "s", "connectionSpec": LAKE_SPEC, "params": {"datasets": datasets}}
        )

    def target(self, base: str, **params: Any) -> str:
        return self.create(
            "targetConnections",
            {"name": "t", "baseConnectionId": base, "connectionSpec": S3_SPEC, "params": target_params(**params)},
        )

    def flow(self, *dataset_ids: str, schedule: dict[str, Any] | None = None, name: str = "f", **params: Any) -> str:
        source, target = self.source(*dataset_ids), self.target(self.base(), **params)
        flow = self.create("flows", flow_body(source, target, schedule=schedule, name=name))
        self.advance(10)
        return flow

    def run_now(self, flow: str, *dataset_ids: str) -> httpx.Response:
        datasets = [{"id": dataset_id} for dataset_id in dataset_ids or (PLANES,)]
        return self.post(
            "/data/core/activation/disflowprovider/adhocrun",
            {"activationInfo": {"destinations": [{"flowId": flow, "datasets": datasets}]}},
            headers={"Accept": "application/vnd.adobe.adhoc.dataset.activation+json; version=1"},
        )

    def finished_runs(self, flow: str, count: int = 1) -> list[dict[str, Any]]:
        """The flow's runs, oldest first, once `count` of them have ended."""
        for _ in range(1000):
            runs = self.get("/runs", params={"property": f"flowId=={flow}", "limit": 100}).json()["items"]
            if len([run for run in runs if "activities" in run]) >= count:
                return runs
            time.sleep(0.01)
        raise AssertionError(f"no {count} finished runs of {flow}: {runs}")

    def requests(self) -> list[dict[str, Any]]:
        return self.get("/_emulator/requests").json()["requests"]


def target_params(**params: Any) -> dict[str, Any]:
    defaults = {"mode": "Server-to-server", "bucketName": BUCKET, "path": "exports/planes", "compression": "NONE"}
    return {key: value for key, value in {**defaults, "datasetFileType": "JSON", **params}.items() if value is not None}


def flow_body(source: str, target: str, *, schedule: dict[str, Any] | None = None, **fields: Any) -> dict[str, Any]:
    start = int(START.timestamp()) + 3600
    hourly = {"exportMode": "FIRST_FULL_THEN_INCREMENTAL", "interval": 3, "timeUnit": "hour", "startTime": start}
    return {
        "name": "f",
        "flowSpec": DATASET_FLOW_SPEC,
        "sourceConnectionIds": [source],
        "targetConnectionIds": [target],
        "transformations": [],
        "scheduleParams": schedule or {**hourly, "endTime": start + 30 * 86400},
        **fields,
    }


@pytest.fixture
def lake(tmp_path: Path) -> Path:
    """One small NDJSON dataset of three nested rows."""
    return fill(tmp_path / "lake")


@pytest.fixture
def running() -> Iterator[ExitStack]:
    """The emulators that a test has started for itself."""
    with ExitStack() as stack:
        yield stack


@pytest.fixture
def start_adobe(lake: Path, running: ExitStack) -> Callable[..., Adobe]:
    """Starts emulators whose clock stands still at START; a token is fetched already."""

    def start(**options: Any) -> Adobe:
        emulator = running.enter_context(server.start(lake, **{**STANDARD, **options}))
        return signed_in(emulator, running, lake)

    return start


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[server.Emulator]:
    """One emulator for all tests that ask for nothing special: starting and stopping takes longer than most tests."""
    with server.start(tmp_path_factory.mktemp("lake"), **STANDARD) as emulator:
        yield emulator


@pytest.fixture
def adobe(shared: server.Emulator) -> Iterator[Adobe]:
    lake = shared.world.settings.lake
    shutil.rmtree(lake)
    fill(lake)
    with ExitStack() as stack:
        yield signed_in(shared, stack, lake)
    settle_down(shared)
    # A new world begins with the profiles it finds, and those of this test are not the next one's.
    shutil.rmtree(lake / "_profiles", ignore_errors=True)
    shared.world.ims.revoke_all()
    shared.world.clock.set(START)
    shared.world.clock.set_speed(0)
    shared.scheduler.clear_planted()
    shared.world.reset()


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch, shared: server.Emulator, running: ExitStack) -> Iterator[Any]:
    """Amazon's S3 in this process, with one bucket. It outlives every export, so that none reaches the real one."""
    for name in ("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3", "AWS_PROFILE", "AWS_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)
    with mock_aws():
        client = boto3.client("s3", region_name="us-east-1")
        client.create_bucket(Bucket=BUCKET)
        yield client
        running.close()
        settle_down(shared)


def fill(lake: Path) -> Path:
    folder = lake / "planes"
    folder.mkdir(parents=True)
    rows = [{"tailnum": f"N{number}", "engine": {"count": number, "kind": None}} for number in range(3)]
    (folder / "a.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    (folder / "dataset.yaml").write_text(f"name: Planes\nid: {PLANES}\n")
    return lake


def signed_in(emulator: server.Emulator, stack: ExitStack, lake: Path) -> Adobe:
    client = stack.enter_context(httpx.Client(base_url=emulator.base_url, trust_env=False, timeout=10, verify=NO_TLS))
    headers = {"x-api-key": DEFAULT_CLIENT_ID, "x-gw-ims-org-id": DEFAULT_ORG}
    headers["Authorization"] = f"Bearer {fetch_token(client)}"
    return Adobe(emulator, client, lake, headers=headers)


def settle_down(emulator: server.Emulator) -> None:
    """Wait until no export is under way."""
    for _ in range(2000):
        if not emulator.scheduler.busy:
            return
        time.sleep(0.005)
    raise AssertionError("an export does not end")


def fetch_token(client: httpx.Client, **changes: str | None) -> str:
    return client.post("/ims/token/v3", data=token_form(**changes)).json()["access_token"]


def token_form(**changes: str | None) -> dict[str, str]:
    form: dict[str, str | None] = {
        "grant_type": "client_credentials",
        "client_id": DEFAULT_CLIENT_ID,
        "client_secret": DEFAULT_CLIENT_SECRET,
        "scope": ",".join(DEFAULT_SCOPES),
        **changes,
    }
    return {name: value for name, value in form.items() if value is not None}


def keys(s3: Any, prefix: str = "") -> list[str]:
    return [item["Key"] for item in s3.list_objects_v2(Bucket=BUCKET, Prefix=prefix).get("Contents", [])]


def body(s3: Any, key: str) -> bytes:
    return s3.get_object(Bucket=BUCKET, Key=key)["Body"].read()
