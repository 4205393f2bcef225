"""The functions have the rights of the template and no others: one taken away is missed, with a clear error."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from tests.workflow.bench import NONE, ONE_OF_EACH, Bench

pytestmark = pytest.mark.workflow


@pytest.mark.parametrize(
    ("function", "action", "code", "created"),
    [
        ("LoadConfig", "s3:GetObject", "config.not-found", NONE),
        ("AcquireLock", "dynamodb:PutItem", None, NONE),
        ("PlanChanges", "secretsmanager:GetSecretValue", "secret.access-denied", NONE),
        ("EnsureBaseConnection", "dynamodb:ConditionCheckItem", None, NONE),
        ("VerifyDelivery", "s3:PutObject", "aws.refused", ONE_OF_EACH),
    ],
)
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


@contextmanager
def _without(bench: Bench, function: str, action: str) -> Iterator[None]:
    """Take one action out of the policies of a function's role."""
    iam = bench.installation.cloud.client("iam")
    functions = bench.installation.cloud.client("lambda").get_paginator("list_functions").paginate()
    (role,) = [
        f["Role"].rpartition("/")[2]
        for page in functions
        for f in page["Functions"]
        if f"{function}Function" in f["FunctionName"]
    ]
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


def _reduced(document: dict[str, Any], action: str) -> dict[str, Any]:
    statements = []
    for statement in document["Statement"]:
        actions = statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]]
        left = [other for other in actions if other != action]
        if left:
            statements.append({**statement, "Action": left})
    return {**document, "Statement": statements}
