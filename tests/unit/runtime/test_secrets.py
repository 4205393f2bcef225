from __future__ import annotations

import boto3
import pytest
from botocore.stub import Stubber
from moto import mock_aws

from aep_delivery.runtime.errors import TransientError, UserError
from aep_delivery.runtime.secrets import MemorySecrets, SecretsManagerSecrets


class _Manager:
    """AWS Secrets Manager, filled as the twin is."""

    def __init__(self) -> None:
        self._client = boto3.client("secretsmanager", region_name="us-east-1")
        self._secrets = SecretsManagerSecrets(self._client)
        self.get = self._secrets.get

    def put(self, name: str, value: str) -> None:
        try:
            self._client.create_secret(Name=name, SecretString=value)
        except self._client.exceptions.ResourceExistsException:
            self._client.put_secret_value(SecretId=name, SecretString=value)


@pytest.fixture(params=["memory", "secrets-manager"])
def secrets(request, monkeypatch):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    if request.param == "memory":
        yield MemorySecrets()
    else:
        with mock_aws():
            yield _Manager()


def test_a_secret_has_a_version_that_changes_with_its_value(secrets):
    secrets.put("stack/destinations/x", "canary-1")
    first = secrets.get("stack/destinations/x")
    assert secrets.get("stack/destinations/x") == first
    secrets.put("stack/destinations/x", "canary-2")
    second = secrets.get("stack/destinations/x")
    assert second.version != first.version
    assert second.text.get_secret_value() == "canary-2"
    assert "canary" not in repr(second)


def test_a_missing_secret_is_the_users_to_make(secrets):
    with pytest.raises(UserError) as caught:
        secrets.get("stack/destinations/none")
    assert caught.value.code == "secret.not-found"
    assert caught.value.place == "stack/destinations/none"


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        ({}, TransientError),
        ({"SecretString": "canary"}, TransientError),
        ({"SecretBinary": b"canary", "VersionId": "1" * 32}, UserError),
    ],
    ids=["nothing", "no version", "binary"],
)
def test_half_an_answer_is_not_taken_for_a_binary_secret(answer, error):
    client = boto3.client("secretsmanager", region_name="us-east-1")
    with Stubber(client) as stub:
        stub.add_response("get_secret_value", answer, {"SecretId": "x"})
        with pytest.raises(error) as caught:
            SecretsManagerSecrets(client).get("x")
    assert "canary" not in str(caught.value)
