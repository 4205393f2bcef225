"""What the functions load when they start: nothing that most of their calls have no use for."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[4]
HEAVY = {"boto3", "httpx", "asyncssh", "azure.storage.blob", "ruamel.yaml", "cramjam", "jinja2"}


def loaded(function: str) -> set[str]:
    code = f"import runpy, sys; runpy.run_path('functions/{function}/handler.py'); print(*sys.modules)"
    environment = {**os.environ, "PYTHONPATH": "shared"}
    told = subprocess.run(  # noqa: S603
        [sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    return set(told.stdout.split())


@pytest.mark.parametrize("function", ["verify_delivery", "check_files", "judge_files", "acquire_lock"])
def test_a_step_that_does_not_ask_adobe_loads_no_http_client(function: str) -> None:
    assert not HEAVY & loaded(function)
