"""Credentials of each kind of storage: wrong ones end in a clear error and nothing in Adobe, and none is ever told."""

from __future__ import annotations

import base64
import json
import re
from dataclasses import dataclass
from typing import Any

import asyncssh
import pytest

from tests.workflow.audiences.conftest import AZURE, CAMPAIGN, LAKE, SFTP, ZONE
from tests.workflow.audiences.stage import Stage
from tests.workflow.bench import NONE, Ended

pytestmark = pytest.mark.workflow

FILES = {"fileType": "CSV", "compression": "NONE"}
ANOTHER_KEY = asyncssh.generate_private_key("ssh-ed25519")
WRONG_KEY = base64.b64encode(b"canary of an account's key, sixty-four bytes long as the real one").decode()


@dataclass(frozen=True)
class Refusal:
    """A destination whose secret is changed, and the error this leads to."""

    destination: dict[str, Any]
    change: dict[str, str | None]
    code: str
    hint: str


REFUSALS = {
    "s3": Refusal(
        {"type": "amazon-s3", "auth": {"type": "access-key"}, "bucketName": "warehouse"},
        {"s3AccessKey": "ABCDEFGHIJ234567ABCD", "s3SecretKey": "canary/of/a/secret/key/of/forty/chars/12"},
        "storage.credentials-rejected",
        "",
    ),
    "google": Refusal(
        {"type": "google-cloud-storage", "auth": {"type": "hmac-key"}, "bucketName": "warehouse"},
        {"accessKeyId": "GOOGABCDEFGHIJ234567ABCD", "secretAccessKey": "canary-of-an-hmac-key"},
        "storage.credentials-rejected",
        "",
    ),
    "sftp password": Refusal(SFTP, {"password": "canary-of-a-password"}, "storage.credentials-rejected", "secret"),
    "sftp host key": Refusal(
        SFTP, {"hostKey": ANOTHER_KEY.export_public_key().decode().strip()}, "destination.host-key-changed", "owner"
    ),
    "sftp no host key": Refusal(SFTP, {"hostKey": None}, "secret.invalid", "hostKey"),
    "sftp ssh key": Refusal(
        CAMPAIGN,
        {"sshKey": base64.b64encode(ANOTHER_KEY.export_private_key()).decode()},
        "storage.credentials-rejected",
        "secret",
    ),
    "azure": Refusal(AZURE, {"connectionString": WRONG_KEY}, "storage.credentials-rejected", "."),
    "data lake": Refusal(
        LAKE, {"servicePrincipalKey": "canary-of-a-principal-key"}, "storage.credentials-rejected", "."
    ),
}


def _destination(destination: dict[str, Any], secret: str | None = None) -> dict[str, Any]:
    """With what else a config must say."""
    folder = "remotePath" if destination.get("auth", {}).get("type", "").startswith("sftp") else "path"
    made = {**destination, **({} if destination["type"] == "adobe-campaign" else FILES), folder: "credentials"}
    if secret is not None:
        made["auth"] = {**made["auth"], "secret": f"secret://{secret}"}
    return made


def _config(stage: Stage, destination: dict[str, Any]) -> dict[str, Any]:
    if destination["type"] != "adobe-campaign":
        return stage.config(destination=destination, run__trigger="NOW")
    return stage.config(
        destination=destination,
        run__trigger="NOW",
        activation__attributes=[{"source": "personalEmail.address"}],
        activation__filenameTemplate=None,
    )


def _held(stage: Stage, name: str) -> dict[str, str]:
    secrets, prefix = stage.installation.cloud.client("secretsmanager"), stage.installation.outputs
    found = secrets.get_secret_value(SecretId=f"{prefix['DestinationSecretPrefix']}{name}")["SecretString"]
    return dict(json.loads(found))


def _wrong_secret(stage: Stage, refusal: Refusal) -> dict[str, str]:
    right = refusal.destination["auth"].get("secret")
    held = _held(stage, right.removeprefix("secret://")) if right else {}
    if "connectionString" in refusal.change:
        changed = re.sub(r"AccountKey=[^;]+", f"AccountKey={WRONG_KEY}", held["connectionString"])
        return {"connectionString": changed}
    merged = {**held, **refusal.change}
    return {name: value for name, value in merged.items() if value is not None}


@pytest.fixture(scope="module")
def refused(session_stage: Stage) -> dict[str, Ended]:
    """How each delivery with a wrong secret ended; whoever asks first waits for all."""
    stage = session_stage
    ended: dict[str, Ended] = {}
    stage.forget()
    stage.morning()
    stage.control("DELETE", "requests")
    for name, refusal in REFUSALS.items():
        secret = f"wrong-{name.replace(' ', '-')}"
        stage.installation.put_secret(secret, _wrong_secret(stage, refusal))
        config = _config(stage, _destination(refusal.destination, secret))
        ended[name] = stage.deliver(config)
        assert stage.counts(config) == NONE
    return ended


@pytest.mark.parametrize("name", REFUSALS)
def test_a_wrong_credential_is_found_before_anything_is_made(refused: dict[str, Ended], name: str) -> None:
    ended, refusal = refused[name], REFUSALS[name]
    failure = ended.receipt["failure"]
    assert (ended.status, ended.error, failure["code"]) == ("FAILED", refusal.code, refusal.code)
    assert failure["hint"], failure
    assert re.search(refusal.hint, failure["hint"]), failure["hint"]
    assert failure["hint"] in ended.cause
    assert "PlanChanges" in ended.states
    assert not any(state.startswith("Ensure") for state in ended.states)
    assert ended.event["detail"]["error"]["code"] == refusal.code


def test_adobe_has_no_landing_zone(stage: Stage) -> None:
    config = _config(stage, _destination(ZONE))
    body = {"message": "No landing zone is provisioned for the sandbox prod"}
    with stage.fault("GET", "/landingzone/credentials", times=None, type="respond", status=404, body=body):
        ended = stage.deliver(config)
    failure = ended.receipt["failure"]
    assert (ended.status, ended.error) == ("FAILED", failure["code"])
    assert "landing zone" in failure["message"].lower(), failure
    assert "prod has no Data Landing Zone" in failure["hint"]
    assert stage.counts(config) == NONE


def test_no_secret_is_told_anywhere(stage: Stage, refused: dict[str, Ended]) -> None:
    good = [stage.deliver(_config(stage, _destination(place))) for place in (SFTP, CAMPAIGN, AZURE, LAKE, ZONE)]
    assert [ended.verdict for ended in good] == ["VERIFIED"] * len(good), [ended.receipt["reason"] for ended in good]
    installation = stage.installation
    ends = [*good, *refused.values()]
    canaries = {"a signature of the landing zone": "sig=", "a profile": "person.6@example.com"}
    for name in (
        "sftp-login",
        "sftp-key",
        "azure-blob",
        "adls",
        *(f"wrong-{one.replace(' ', '-')}" for one in REFUSALS),
    ):
        canaries |= {f"{field} of {name}": value for field, value in _canaries(_held(stage, name)).items()}
    table = installation.cloud.client("dynamodb").scan(TableName=installation.outputs["StateTableName"])["Items"]
    places = {
        **{f"document {key}": installation.document(key) for key in installation.documents()},
        "the log of the cloud and its functions": installation.cloud.log.read_text(errors="replace"),
        "the events": json.dumps([ended.event for ended in ends], ensure_ascii=False),
        "the histories": json.dumps([ended.history for ended in ends], default=str, ensure_ascii=False),
        "the table": json.dumps(table, ensure_ascii=False),
    }
    found = [(what, where) for what, canary in canaries.items() for where, text in places.items() if canary in text]
    assert found == []
    assert len(canaries) > 12
    # The search would find something: the name of a secret is none.
    assert any("secret://sftp-login" in text for text in places.values())


def _canaries(held: dict[str, str]) -> dict[str, str]:
    """What of a secret is secret, as short as it can be told from everything else."""
    found = {}
    for field, value in held.items():
        if field == "connectionString":
            found[field] = value.partition("AccountKey=")[2].partition(";")[0]
        elif field == "sshKey":
            found[field] = value[120:180]
        elif field in {"password", "servicePrincipalKey", "s3SecretKey", "secretAccessKey"}:
            found[field] = value
    return found
