"""The storages that ``check`` reads, from the words of a command line."""

from __future__ import annotations

import json
from collections.abc import Iterator

import boto3
import pytest
from moto import mock_aws
from pydantic import SecretStr
from typer.testing import CliRunner

from aep_delivery.cli.exits import MisuseError
from aep_delivery.cli.main import app
from aep_delivery.cli.places import (
    CONNECTION_STRING,
    HMAC_KEY,
    HMAC_SECRET,
    PASSWORD,
    SAS_TOKEN,
    SftpOptions,
    place_of,
)
from aep_delivery.runtime.aws import aws_client
from aep_delivery.storage import s3_client
from aep_delivery.storage.s3_direct import DirectReads
from emulator.cloud.engine import Cloud, start
from emulator.storage.sftp import SftpServer, start_sftp
from tests.azure_server import azure, container

__all__ = ["azure", "container"]

ROWS = b'{"id": 1}\n{"id": 2}\n'
CANARY = "canary-of-a-secret"


def check(*words: str) -> tuple[int, dict]:
    result = CliRunner().invoke(app, ["check", *words, "--json"])
    assert CANARY not in result.output
    return result.exit_code, json.loads(result.stdout)


@pytest.fixture(autouse=True)
def _nothing_set(monkeypatch):
    for name in (PASSWORD, CONNECTION_STRING, SAS_TOKEN, HMAC_KEY, HMAC_SECRET, "AWS_ENDPOINT_URL"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="module")
def cloud() -> Iterator[Cloud]:
    with start(iam=False) as running:
        yield running


@pytest.fixture
def bucket(monkeypatch) -> Iterator[object]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    # The mock stands in for boto3's connections, not for those beside them.
    monkeypatch.setattr(DirectReads, "read", lambda *_, **__: None)
    with mock_aws():
        aws_client.cache_clear()
        client = boto3.client("s3")
        client.create_bucket(Bucket="lake")
        yield lambda key, data: client.put_object(Bucket="lake", Key=key, Body=data)
    aws_client.cache_clear()


def test_s3(bucket):
    bucket("out/a.json", ROWS)
    bucket("out/deep/b?#%20.json", ROWS)
    bucket("out/", b"")
    bucket("out/_SUCCESS", b"")
    bucket("outside/c.json", b"{")
    code, document = check("s3://lake/out")
    assert (code, document["rows"]) == (0, 4)
    paths = ["s3://lake/out/a.json", "s3://lake/out/deep/b?#%20.json"]
    assert [file["path"] for file in document["files"]] == paths
    for path in paths:
        code, document = check(path, "--records", "2")
        assert (code, [file["path"] for file in document["files"]]) == (0, [path])
    assert check("s3://lake/out", "s3://lake/out/a.json", "--records", "4")[0] == 0
    assert check("s3://lake")[0] == 3
    entry = {"name": "a.json", "size": len(ROWS), "sinkPath": "out"}
    bucket("listed/manifest-1-2.json", json.dumps({"exportResults": [entry]}).encode())
    assert check("s3://lake/out/a.json", "--manifest", "s3://lake/listed/manifest-1-2.json")[0] == 0


def test_google_by_an_hmac_key(cloud, monkeypatch):
    monkeypatch.setattr(s3_client, "GCS_ENDPOINT", cloud.endpoint)
    assert check("gs://lake/out")[1]["code"] == "cli.no-credential"
    monkeypatch.setenv(HMAC_KEY, "test")
    monkeypatch.setenv(HMAC_SECRET, CANARY)
    client = s3_client.s3_client("test", SecretStr(CANARY), None, cloud.endpoint)
    client.create_bucket(Bucket="lake")
    client.put_object(Bucket="lake", Key="out/a.json", Body=ROWS)
    code, document = check("gs://lake/out")
    assert (code, document["rows"], document["files"][0]["path"]) == (0, 2, "gs://lake/out/a.json")
    assert check("gs://lake/out/a.json")[0] == 0
    assert check("gs://lake/none")[1]["code"] == "cli.path-not-found"


def test_s3_where_nothing_is(bucket):
    bucket("out/a.json", ROWS)
    for path in ("s3://lake/ou", "s3://lake/out/b.json"):
        code, document = check(path)
        assert (code, document["code"]) == (2, "cli.path-not-found")
    code, document = check("s3://no-such-bucket/x")
    assert (code, document["code"]) == (1, "storage.bucket-not-found")
    assert "secret" not in document["hint"]


@pytest.fixture(scope="module")
def server() -> Iterator[SftpServer]:
    with start_sftp() as running:
        yield running


def test_sftp_with_a_password(server, monkeypatch):
    monkeypatch.setenv(PASSWORD, server.add_user("ann"))
    folder = server.folder("ann") / "out"
    folder.mkdir()
    (folder / "a.json").write_bytes(ROWS)
    url = f"sftp://ann@{server.host}:{server.port}"
    code, document = check(f"{url}/out", "--host-key", server.host_key)
    assert (code, document["rows"], document["files"][0]["path"]) == (0, 2, f"{url}/out/a.json")
    (folder / "b.json").write_bytes(b"{")
    assert check(f"{url}/out/a.json", "--host-key", server.host_key)[0] == 0
    assert check(f"{url}/", "--host-key", server.host_key)[0] == 3
    assert check(f"{url}/nowhere", "--host-key", server.host_key)[1]["code"] == "cli.path-not-found"
    monkeypatch.setenv(PASSWORD, "wrong")
    code, document = check(f"{url}/out", "--host-key", server.host_key)
    assert (code, document["code"]) == (1, "storage.credentials-rejected")
    assert PASSWORD in document["hint"]


def test_sftp_with_a_key_and_the_users_own_known_hosts(server, tmp_path, monkeypatch):
    key = tmp_path / "id"
    key.write_text(server.add_key_user("bob"))
    (server.folder("bob") / "a.json").write_bytes(ROWS)
    monkeypatch.setenv("HOME", str(tmp_path))
    url = f"sftp://bob@{server.host}:{server.port}/a.json"
    code, document = check(url, "--ssh-key", str(key))
    assert (code, document["code"]) == (2, "cli.host-key-unknown")
    (tmp_path / ".ssh").mkdir()
    (tmp_path / ".ssh" / "known_hosts").write_text(f"[{server.host}]:{server.port} {server.host_key}\n")
    assert check(url, "--ssh-key", str(key))[0] == 0


@pytest.mark.parametrize(
    ("path", "code"),
    [
        (f"sftp://ann:{CANARY}@host/x", "cli.usage"),
        ("sftp://host/x", "cli.usage"),
        ("sftp://ann@host/x", "cli.no-credential"),
        ("azure://container/x", "cli.no-credential"),
        ("https://account.blob.core.windows.net/container", "cli.no-credential"),
        ("gs://bucket/x", "cli.no-credential"),
    ],
)
def test_what_is_missing_is_told_before_anything_is_sent(path, code):
    assert check(path)[1]["code"] == code


def test_a_web_address_that_is_not_azures_is_refused():
    code, document = check(f"https://example.com/container/x?sig={CANARY}")
    assert (code, document["code"]) == (1, "destination.endpoint-refused")


def test_azure_by_connection_string_and_by_signature(azure, container, monkeypatch):
    client = azure.client.get_container_client(container)
    client.upload_blob("out/a b.json", ROWS)
    client.upload_blob("out/_SUCCESS", b"")
    monkeypatch.setenv(CONNECTION_STRING, azure.connection_string)
    code, document = check(f"azure://{container}/out")
    assert (code, document["rows"], document["files"][0]["path"]) == (0, 2, f"azure://{container}/out/a b.json")
    monkeypatch.delenv(CONNECTION_STRING)
    signed = azure.sas_url(container, permissions="rl")
    base, _, signature = signed.partition("?")
    code, document = check(f"{base}/out?{signature}")
    assert (code, document["files"][0]["path"]) == (0, f"{base}/out/a b.json")
    assert signature not in json.dumps(document)
    monkeypatch.setenv(SAS_TOKEN, signature)
    assert check(f"{base}/out/a%20b.json")[0] == 0
    assert check(f"{base}/nowhere")[1]["code"] == "cli.path-not-found"


def test_a_place_is_sent_to_other_processes_without_a_connection():
    import pickle

    place = place_of(__file__, SftpOptions())
    assert pickle.loads(pickle.dumps(place)) == place  # noqa: S301 - made here
    with pytest.raises(MisuseError):
        place_of("nowhere", SftpOptions())
