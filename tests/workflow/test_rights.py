"""The functions have the rights of the template and no others: one taken away is missed, with a clear error."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from tests.workflow.bench import KINDS, NONE, ONE_OF_EACH, Bench

pytestmark = pytest.mark.workflow

TAKEN = [
    ("LoadConfig", "s3:GetObject", "config.not-found", NONE),
    ("AcquireLock", "dynamodb:PutItem", None, NONE),
    ("PlanChanges", "secretsmanager:GetSecretValue", "secret.access-denied", NONE),
    ("EnsureBaseConnection", "dynamodb:ConditionCheckItem", None, NONE),
    ("VerifyDelivery", "s3:PutObject", "aws.refused", ONE_OF_EACH),
]


@pytest.mark.parametrize(("function", "action", "code", "created"), TAKEN)
def test_a_right_less_is_missed(
    bench: Bench, function: str, action: str, code: str | None, created: dict[str, int]
) -> None:
    config = bench.config()
    with _without(bench, function, action):
        ended = bench.deliver(config)
    assert ended.status == "FAILED"
    assert ended.error == (code or ended.error)
    assert ended.receipt["failure"]["error"] in {"UserError", "InternalError"}
    assert ended.receipt["failure"]["hint"]
    assert ended.event["detail-type"] == "Delivery Failed"
    assert bench.counts(config) == created
    again = bench.deliver(config)
    assert again.status == "SUCCEEDED"
    assert again.attempts["acquire_lock"] == 1


@pytest.mark.parametrize("kind", KINDS)
def test_what_adobe_refuses_to_create_is_announced_no_longer(bench: Bench, kind: str) -> None:
    """The one use of a right to delete items but in a removal."""
    config = bench.config()
    with bench.fault("POST", f"/flowservice/{kind}$", type="respond", status=400, body={"message": "refused"}):
        assert bench.deliver(config).status == "FAILED"
    assert bench.counts(config)[kind] == 0
    again = bench.deliver(config)
    assert again.status == "SUCCEEDED"
    assert bench.counts(config) == ONE_OF_EACH


def test_where_a_config_lies_decides_on_its_sandbox(bench: Bench) -> None:
    config = bench.config()
    with _variable(bench, "LoadConfig", "ALLOWED_SANDBOXES", "deliveries/=dev"):
        ended = bench.deliver(config)
    assert (ended.status, ended.error) == ("FAILED", "sandbox.not-allowed-here")
    assert re.match(rf"{config['name']}\.yaml:4:\d+: sandbox$", ended.receipt["failure"]["place"])
    assert bench.counts(config) == NONE
    assert bench.deliver(config).status == "SUCCEEDED"


@contextmanager
def _variable(bench: Bench, function: str, name: str, value: str) -> Iterator[None]:
    """Deploy a function with another value of a variable of its environment."""
    functions = bench.installation.cloud.client("lambda")
    before = functions.get_function_configuration(FunctionName=_function(bench, function)["FunctionName"])
    variables = before["Environment"]["Variables"]
    changed = {**variables, name: value}
    functions.update_function_configuration(FunctionName=before["FunctionName"], Environment={"Variables": changed})
    try:
        yield
    finally:
        functions.update_function_configuration(
            FunctionName=before["FunctionName"], Environment={"Variables": variables}
        )


@contextmanager
def _without(bench: Bench, function: str, action: str) -> Iterator[None]:
    """Take one action out of the policies of a function's role."""
    iam = bench.installation.cloud.client("iam")
    role = _function(bench, function)["Role"].rpartition("/")[2]
    before = {
        name: iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]
        for name in iam.list_role_policies(RoleName=role)["PolicyNames"]
    }
    assert action in json.dumps(before), f"{role} has no right to {action}"
    for name, document in before.items():
        iam.put_role_policy(RoleName=role, PolicyName=name, PolicyDocument=json.dumps(_reduced(document, action)))
    try:
        yield
    finally:
        for name, document in before.items():
            iam.put_role_policy(RoleName=role, PolicyName=name, PolicyDocument=json.dumps(document))


def _function(bench: Bench, name: str) -> dict[str, Any]:
    functions = bench.installation.cloud.client("lambda").get_paginator("list_functions").paginate()
    (found,) = [f for page in functions for f in page["Functions"] if f"{name}Function" in f["FunctionName"]]
    return dict(found)


def _reduced(document: dict[str, Any], action: str) -> dict[str, Any]:
    statements = []
    for statement in document["Statement"]:
        actions = statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]]
        left = [other for other in actions if other != action]
        if left:
            statements.append({**statement, "Action": left})
    return {**document, "Statement": statements}
