from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from aep_delivery.runtime.log import where_from

ROOT = Path(__file__).parents[3]
HANDLER = """
import sys
from types import SimpleNamespace
from aep_delivery.runtime.invocation import concerning, concerns, invocation
from aep_delivery.runtime.log import logger
from aep_delivery.runtime.metrics import count

@invocation
def handler(event, context):
    logger.debug("before", extra={})
    if event.get("delivery"):
        concerns(delivery=event["delivery"], execution="e-1")
    with concerning(execution="e-2"):
        logger.info("within")
    logger.info("after")
    count(Rows=3)

context = SimpleNamespace(
    function_name="stack-Double",
    memory_limit_in_mb=512,
    invoked_function_arn="arn:aws:lambda:eu-west-1:123456789012:function:stack-Double",
    aws_request_id="r-1",
)
handler({"delivery": "prod/orders", "secret": "canary"}, context)
handler({}, context)
"""


def run(**environment):
    """What two invocations of one process write, line by line: every one is JSON."""
    told = subprocess.run(  # noqa: S603 - the code above
        [sys.executable, "-c", HANDLER],
        env={**os.environ, "PYTHONPATH": "shared", "POWERTOOLS_SERVICE_NAME": "stack", **environment},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert "canary" not in told.stdout + told.stderr
    return [json.loads(line) for line in told.stdout.splitlines()]


@pytest.fixture(scope="module")
def lines():
    return run(POWERTOOLS_LOGGER_LOG_EVENT="true")


def logged(lines, message):
    return [line for line in lines if line.get("message") == message]


def figures(lines):
    return [line for line in lines if "_aws" in line]


def test_a_line_says_which_function_request_and_stack_it_is_of(lines):
    for line in logged(lines, "after"):
        assert (line["service"], line["function_name"], line["function_request_id"]) == ("stack", "stack-Double", "r-1")
        assert line["timestamp"].endswith("+0000")


def test_a_line_says_which_delivery_and_execution_it_is_of(lines):
    after, _ = logged(lines, "after")
    # What the inner context has replaced does not come back, as Powertools has it: nobody nests the two.
    assert after["delivery"] == "prod/orders"
    within, _ = logged(lines, "within")
    assert (within["delivery"], within["execution"], within["correlation_id"]) == ("prod/orders", "e-2", "e-2")


def test_a_process_forgets_what_an_earlier_invocation_was_about(lines):
    _, after = logged(lines, "after")
    assert not {"delivery", "execution", "correlation_id"} & set(after)


def test_the_figures_say_what_they_are_of(lines):
    first, second = figures(lines)
    assert (first["function"], first["delivery"], first["execution"]) == ("stack-Double", "prod/orders", "e-1")
    assert "delivery" not in second


def test_only_the_first_invocation_of_a_process_starts_cold(lines):
    first, second = figures(lines)
    assert first["ColdStarts"] == [1.0]
    assert "ColdStarts" not in second


@pytest.mark.parametrize(("level", "count"), [("DEBUG", 2), ("INFO", 0)])
def test_the_level_comes_from_the_environment(level, count):
    assert len(logged(run(POWERTOOLS_LOG_LEVEL=level), "before")) == count


def test_errors_alone_leave_the_figures_in_the_log():
    lines = run(POWERTOOLS_LOG_LEVEL="ERROR")
    assert lines == figures(lines)


def inner():
    raise KeyError("canary of the cause")


def test_where_a_defect_came_from_is_told_without_its_words():
    try:
        try:
            inner()
        except KeyError as error:
            raise RuntimeError("canary") from error
    except RuntimeError as error:
        told = where_from(error)
    assert told[0] == "RuntimeError"
    assert "KeyError" in told
    assert told[-1].startswith("test_invocation.py:")
    assert told[-1].endswith(" inner")
    assert "canary" not in "".join(told)


def test_what_an_error_hides_of_its_origin_stays_hidden():
    try:
        try:
            inner()
        except KeyError:
            raise RuntimeError from None
    except RuntimeError as error:
        told = where_from(error)
    assert "KeyError" not in told
