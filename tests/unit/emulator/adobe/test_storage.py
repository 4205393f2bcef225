from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from moto.core import set_initial_no_auth_action_count

from .conftest import Adobe


def in_the_end(adobe: Adobe, flow: str) -> dict[str, Any]:
    adobe.advance(600)
    adobe.run_now(flow)
    return adobe.finished_runs(flow)[0]["metrics"]["statusSummary"]


def test_t38_keys_that_amazon_does_not_know_fail_the_test_and_the_run(adobe: Adobe, s3: Any) -> None:
    base, flow = adobe.base(), adobe.flow()
    enforced: Callable[..., Any] = set_initial_no_auth_action_count(0)

    @enforced
    def asked() -> tuple[Any, dict[str, Any]]:
        return adobe.get(f"/connections/{base}/test").json(), in_the_end(adobe, flow)

    tested, status = asked()
    assert tested == {"result": False}
    assert status["status"] == "failed"
    assert status["errors"][1]["message"] == "Amazon S3 refused to write to bucket delivered: InvalidAccessKeyId"


@pytest.mark.usefixtures("s3")
def test_a_role_cannot_be_assumed_by_the_emulator(adobe: Adobe) -> None:
    auth = {"specName": "Assumed Role", "params": {"s3Role": "arn:aws:iam::800873819705:role/x"}}
    spec = {"id": "4fce964d-3f37-408f-9778-e597338a21ee", "version": "1.0"}
    base = adobe.create("connections", {"name": "b", "connectionSpec": spec, "auth": auth})
    assert adobe.get(f"/connections/{base}/test").json() == {"result": False}
