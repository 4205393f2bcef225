# ruff: noqa: INP001 - Python loads it by its name
"""Counts in the embedded cloud and its sandboxes: Python loads it by itself where its folder is in ``PYTHONPATH``.

The cloud's process writes a line for each AWS call of a function's role, a sandbox one for each invocation.
"""

from __future__ import annotations

import functools
import json
import os
import re
import sys
import time
from pathlib import Path
from typing import Any

_FOLDER = "COST_PROBE"
_ROLE = re.compile(r":assumed-role/(?:[^/]*-)?(\w+)Role(?:-[^/]*)?/")


def _note(**line: Any) -> None:
    with (Path(os.environ[_FOLDER]) / f"{os.getpid()}.jsonl").open("a") as file:
        file.write(json.dumps({"at": time.time(), **line}) + "\n")


def _listen_to_calls() -> None:
    from ministack import app  # noqa: PLC0415 - only in the cloud's own process
    from ministack.core import iam_actions, iam_evaluator, router  # noqa: PLC0415

    dispatch = app._dispatch_service_request  # noqa: SLF001 - ministack has no other seam; its version is pinned

    @functools.wraps(dispatch)
    async def counting(
        method: str, path: str, headers: dict[str, str], body: bytes, query: dict[str, Any], *rest: Any
    ) -> Any:
        answer = await dispatch(method, path, headers, body, query, *rest)
        key = router.extract_access_key_id(headers, query)
        role = _ROLE.search(str(getattr(iam_evaluator.resolve_credential(key), "principal_arn", "")))
        if role:
            service = app.detect_service(method, path, headers, query)
            action = iam_actions.extract_iam_action(service, method, path, headers, body, query)
            units = _units(body, answer[2]) if service == "dynamodb" else {}
            _note(call=action, function=role[1], sent=len(body), status=answer[0], **units)
        return answer

    app._dispatch_service_request = counting  # noqa: SLF001


def _units(body: bytes, answer: bytes | str) -> dict[str, float]:
    """What DynamoDB bills: a write for each begun KB, a strongly consistent read for each begun 4 KB, twice in a
    transaction. Items are taken for as long as their JSON, which is a little too much.
    """
    asked = json.loads(body)
    if "TransactItems" in asked:
        items = [next(iter(item.items())) for item in asked["TransactItems"]]
        if items[0][0] == "Get":
            return {"reads": 2.0 * len(items)}
        return {"writes": sum(2.0 * _begun(len(json.dumps(item.get("Item", {}))), 1024) for _, item in items)}
    if "Item" in asked:
        return {"writes": _begun(len(json.dumps(asked["Item"])), 1024)}
    if "KeyConditionExpression" in asked or "Key" in asked:
        return {"reads": _begun(len(answer), 4096) * (1.0 if asked.get("ConsistentRead") else 0.5)}
    # A scan reads the table, whose size is known elsewhere.
    return {}


def _begun(size: int, unit: int) -> float:
    return float(max(1, -(-size // unit)))


def _peak() -> float:
    """MB. Not what ``getrusage`` says, which remembers the process that this one was forked from."""
    [line] = [line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM")]
    return int(line.split()[1]) / 1024


def _listen_to_invocations() -> None:
    from awslambdaric.lambda_runtime_client import LambdaRuntimeClient  # noqa: PLC0415 - only in a sandbox

    began: dict[str, float] = {}
    awaits, answers, fails = (
        LambdaRuntimeClient.wait_next_invocation,
        LambdaRuntimeClient.post_invocation_result,
        LambdaRuntimeClient.post_invocation_error,
    )

    def awaiting(self: LambdaRuntimeClient) -> Any:
        start = "wall" not in began
        if start:
            began["init"] = time.process_time()
        event = awaits(self)
        began["wall"], began["cpu"] = time.perf_counter(), time.process_time()
        return event

    def ended() -> None:
        _note(
            invoked=os.environ["AWS_LAMBDA_FUNCTION_NAME"],
            memory=int(os.environ["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"]),
            cpu=time.process_time() - began["cpu"],
            wall=time.perf_counter() - began["wall"],
            init=began.pop("init", None),
            peak=_peak(),
        )

    def answering(self: LambdaRuntimeClient, *given: Any, **named: Any) -> Any:
        ended()
        return answers(self, *given, **named)

    def failing(self: LambdaRuntimeClient, *given: Any, **named: Any) -> Any:
        ended()
        return fails(self, *given, **named)

    LambdaRuntimeClient.wait_next_invocation = awaiting
    LambdaRuntimeClient.post_invocation_result = answering
    LambdaRuntimeClient.post_invocation_error = failing


if _FOLDER in os.environ:
    if "emulator.cloud.leash" in sys.orig_argv:
        _listen_to_calls()
    elif "emulator.cloud.sandbox" in sys.orig_argv:
        _listen_to_invocations()
