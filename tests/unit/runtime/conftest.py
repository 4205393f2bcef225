from __future__ import annotations

from types import SimpleNamespace

import pytest


@pytest.fixture
def context():
    """What Lambda tells a handler of its invocation."""
    return SimpleNamespace(
        function_name="stack-Double",
        memory_limit_in_mb=512,
        invoked_function_arn="arn:aws:lambda:eu-west-1:123456789012:function:stack-Double",
        aws_request_id="r-1",
        get_remaining_time_in_millis=lambda: 60_000,
    )
