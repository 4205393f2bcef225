"""Credentials of a destination: how they are replaced, and what happens where they are wrong."""

from __future__ import annotations

import json
from typing import Any

import pytest

from aep_delivery.runtime.errors import UserError
from tests.faults.harness import FLOW_SERVICE, Installation

NEW = {"s3AccessKey": "AKIAIOSFODNN7EXAMPL2", "s3SecretKey": "Zz" * 20}


def test_t37_rotation_replaces_both_keys_of_the_base_connection(stack: Installation) -> None:
    stack.deliver()
    (connection,) = stack.adobe.entities("connections")
    stack.adobe.forget_requests()
    stack.services.secrets.put("planes-destination", json.dumps(NEW))

    stack.deliver()

    (patch,) = [entry for entry in stack.adobe.requests() if entry["method"] == "PATCH"]
    assert patch["path"] == f"{FLOW_SERVICE}/connections/{connection['id']}"
    assert [(operation["op"], operation["path"]) for operation in patch["body"]] == [("replace", "/auth/params")]
    kept = stack.adobe.emulator.world.sandboxes["prod"].entities["connections"][connection["id"]].document
    assert kept["auth"] == {"specName": "Access Key", "params": NEW}


def test_t38_credentials_that_adobe_cannot_use_end_the_delivery(
    stack: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    sinks: Any = stack.adobe.emulator.world.sinks
    monkeypatch.setattr(type(sinks), "accepts", lambda *_: False)

    with pytest.raises(UserError) as caught:
        stack.deliver()

    assert caught.value.code == "destination.connection-refused"
    tested = [call for call in stack.adobe.calls() if call.endswith("/test")]
    assert tested == [f"GET {FLOW_SERVICE}/connections/{{id}}/test"]
    assert stack.adobe.counts() == {"connections": 1, "sourceConnections": 0, "targetConnections": 0, "flows": 0}
