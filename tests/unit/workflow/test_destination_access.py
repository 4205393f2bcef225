from __future__ import annotations

import json

import pytest

from aep_delivery.config.load import load_config
from aep_delivery.runtime.errors import UserError
from aep_delivery.workflow.destination_access import destination_access

KEY = "AKIAIOSFODNN7EXAMPLE"
SECRET = "canary" + "A" * 34


@pytest.fixture
def config(config_text):
    return load_config(config_text, "crm.yaml")


def test_the_secret_becomes_adobes_auth(services, config):
    services.secrets.put("stack/destinations/warehouse", json.dumps({"s3AccessKey": KEY, "s3SecretKey": SECRET}))
    access = destination_access(config, services.secrets, "stack/destinations/")
    assert access.auth() == {"specName": "Access Key", "params": {"s3AccessKey": KEY, "s3SecretKey": SECRET}}
    assert "canary" not in repr(access)
    assert "canary" not in access.model_dump_json()


@pytest.mark.parametrize(
    "text",
    [
        SECRET,
        json.dumps([SECRET]),
        json.dumps({"s3AccessKey": KEY, "s3SecretKey": {"nested": SECRET}}),
        json.dumps({"s3AccessKey": KEY}),
        json.dumps({"s3AccessKey": KEY, "s3SecretKey": SECRET, "secret": "canary"}),
        json.dumps({"s3AccessKey": KEY[:-1], "s3SecretKey": SECRET}),
        json.dumps({"s3AccessKey": KEY.replace("7", "8"), "s3SecretKey": SECRET}),
        json.dumps({"s3AccessKey": KEY, "s3SecretKey": SECRET[:-1]}),
    ],
    ids=["bare", "list", "nested", "half", "more", "t27-19-characters", "t27-digit-8", "t27-39-characters"],
)
def test_a_secret_that_adobe_would_not_take_is_refused_without_showing_it(services, config, text):
    services.secrets.put("stack/destinations/warehouse", text)
    with pytest.raises(UserError) as caught:
        destination_access(config, services.secrets, "stack/destinations/")
    document = caught.value.document()
    assert document.code == "secret.invalid"
    assert document.place == "destination.auth.secret"
    assert "canary" not in document.model_dump_json()
    assert KEY[:10] not in document.model_dump_json()
