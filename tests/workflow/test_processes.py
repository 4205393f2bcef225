"""The embedded cloud leaves nothing behind, however it ends."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from emulator.cloud import start
from emulator.cloud.deploy import deploy
from emulator.cloud.engine import ROOT
from tests.workflow.sandboxes import processes

pytestmark = pytest.mark.workflow


def test_nothing_is_left_when_the_context_ends() -> None:
    with start() as cloud:
        deploy(cloud, ROOT / "template.yaml", "short-lived")
        lambdas = cloud.client("lambda")
        (name,) = [
            f["FunctionName"] for f in lambdas.list_functions()["Functions"] if "LoadConfig" in f["FunctionName"]
        ]
        assert lambdas.invoke(FunctionName=name, Payload=b"{}")["FunctionError"]
        assert processes(cloud.endpoint, "LoadConfig")
        assert len(processes(cloud.endpoint)) >= 2
    assert processes(cloud.endpoint) == []
    assert not cloud.folder.exists()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_nothing_is_left_when_the_demo_is_stopped(number: signal.Signals) -> None:
    demo = subprocess.Popen(
        [sys.executable, "-m", "demo"],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": f"{ROOT / 'shared'}{os.pathsep}{ROOT}", "COLUMNS": "200"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    with demo:
        assert demo.stdout is not None
        endpoint = next(match[0] for line in demo.stdout if (match := re.search(r"http://127\.0\.0\.1:\d+", line)))
        _wait_until(lambda: bool(processes(endpoint, "LoadConfig")))
        demo.send_signal(number)
        demo.wait(20)
    assert demo.returncode != 0
    _wait_until(lambda: processes(endpoint) == [], seconds=5)


def test_the_demo_leaves_no_folder_behind_when_it_is_stopped(tmp_path: Path) -> None:
    demo = subprocess.Popen(
        [sys.executable, "-m", "demo"],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": f"{ROOT / 'shared'}{os.pathsep}{ROOT}", "TMPDIR": str(tmp_path)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    with demo:
        _wait_until(lambda: any(tmp_path.glob("aep-delivery-cloud-*")))
        demo.send_signal(signal.SIGINT)
        demo.wait(20)
    assert list(tmp_path.iterdir()) == []


def _wait_until(true: Callable[[], bool], *, seconds: float = 40) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not come to that"
        time.sleep(0.05)
