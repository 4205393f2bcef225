from __future__ import annotations

import json

import pytest

from aep_delivery.adobe.credentials import DEFAULT_SCOPES, AdobeCredentials
from aep_delivery.runtime.errors import UserError

CANARY = "p8e-canary"
GOOD = {"client_id": "client-1", "client_secret": CANARY, "org_id": "0123ABC@AdobeOrg"}


def test_a_complete_secret_is_read_and_its_secret_is_hidden() -> None:
    credentials = AdobeCredentials.from_secret(json.dumps(GOOD | {"rotated": "last week"}), name="adobe")

    assert credentials.client_secret.get_secret_value() == CANARY
    assert credentials.scopes == DEFAULT_SCOPES
    assert CANARY not in f"{credentials!r} {credentials} {credentials.model_dump_json()}"


@pytest.mark.parametrize("key", ["client_id", "client_secret", "org_id"])
def test_a_missing_key_is_named(key: str) -> None:
    incomplete = {name: value for name, value in GOOD.items() if name != key}

    with pytest.raises(UserError) as caught:
        AdobeCredentials.from_secret(json.dumps(incomplete), name="adobe-secret")

    assert caught.value.code == "credentials.adobe-secret-invalid"
    assert caught.value.place == "adobe-secret"
    assert f"{key}: Field required" in caught.value.details
    assert CANARY not in caught.value.document().as_text()


@pytest.mark.parametrize(
    "text",
    [
        CANARY,
        json.dumps([CANARY]),
        json.dumps(CANARY),
        json.dumps(GOOD | {"org_id": CANARY}),
        json.dumps(GOOD | {"org_id": f"{CANARY}@AdobeOrg\nx-evil: 1"}),
        json.dumps(GOOD | {"client_id": f"{CANARY} with space"}),
        json.dumps(GOOD | {"client_secret": [CANARY]}),
        "",
    ],
)
def test_a_wrong_secret_is_refused_without_its_values(text: str) -> None:
    with pytest.raises(UserError) as caught:
        AdobeCredentials.from_secret(text, name="adobe")

    error = caught.value
    assert error.code == "credentials.adobe-secret-invalid"
    assert error.__context__ is None
    assert CANARY not in error.document().model_dump_json()
