"""No secret and no row leaves the places it belongs to."""

from __future__ import annotations

import json

import pytest

from emulator.adobe.settings import DEFAULT_CLIENT_SECRET
from tests.workflow.bench import SECRET, Bench

pytestmark = pytest.mark.workflow


def test_no_document_log_or_history_holds_a_secret_or_a_row(bench: Bench) -> None:
    installation = bench.installation
    good = bench.deliver(bench.config())
    # Errors are where secrets slip out.
    bench.installation.put_secret("refused", {"s3AccessKey": "REFUSED2345672345672", "s3SecretKey": "canary-of-a-key"})
    refused = bench.deliver(bench.config(destination__auth__secret="secret://refused"))
    assert (good.status, refused.status) == ("SUCCEEDED", "FAILED")
    secrets = installation.cloud.client("secretsmanager")
    prefix = installation.outputs["DestinationSecretPrefix"]
    destination = json.loads(secrets.get_secret_value(SecretId=f"{prefix}{SECRET}")["SecretString"])
    canaries = {
        "Adobe's client secret": DEFAULT_CLIENT_SECRET,
        "the destination's secret key": destination["s3SecretKey"],
        "a refused secret key": "canary-of-a-key",
        "a token": "Bearer ey",
        "a row": "Zürich",
    }
    table = installation.cloud.client("dynamodb").scan(TableName=installation.outputs["StateTableName"])["Items"]
    places = {
        **{f"document {key}": installation.document(key) for key in installation.documents()},
        "the log of the cloud": installation.cloud.log.read_text(errors="replace"),
        "the log of the functions": "\n".join(bench.function_logs()),
        "the history of the good execution": json.dumps(good.history, default=str, ensure_ascii=False),
        "the history of the refused execution": json.dumps(refused.history, default=str, ensure_ascii=False),
        "the events": json.dumps([good.event, refused.event], ensure_ascii=False),
        "the table": json.dumps(table, ensure_ascii=False),
    }
    assert "REFUSED2345672345672" not in json.dumps(refused.receipt)
    found = [(what, where) for what, canary in canaries.items() for where, text in places.items() if canary in text]
    assert found == []
    # The search would find something: the name of the secret is no secret.
    assert any(f"destinations/{SECRET}" in text or f"secret://{SECRET}" in text for text in places.values())
